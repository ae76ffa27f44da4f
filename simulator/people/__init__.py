"""People: a scheme's members as whole persons in households with incomes, year by year, made from published shares.

Read roster.py first; cells.py, households.py and incomes.py are its steps, and apportion.py the arithmetic that keeps every
share exact. This wing may not know care, rules or funds: the same people live under every policy and in every draw.
"""
