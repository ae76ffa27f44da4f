"""The settlement slip: explain one bill step by step, by the same rules as the simulation and the claims files.

Read words.py first. This wing words what the rules decide; it may not work out a payment of its own, and it knows no fund and
no simulated result.
"""
