"""The fund: the accounts of a scheme month by month, and its year end with tests of surplus limits and responses.

Read calendar.py first, which sets out the annual cycle, then year_end.py and accounts.py; docs/fund.md has the rules in words.
The fund is given a year's claims in all and may not know persons or single bills.
"""
