"""Care: which claims people make, when, at which hospital, and at what price, before anybody pays for them.

Read rates.py (how often) and severity.py (how much) first, then walk.py, which draws a stream of claims. reforms.py and
conduct.py say what a policy does to care, and paths.py how the economy moves it. This wing may not know how a bill is settled
or what a fund holds.
"""
