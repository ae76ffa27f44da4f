"""The settlement slip: explain one bill step by step, and settle a claims file, by the same rules as the simulation.

Read words.py first for one bill, settle.py for a file. This wing words what the rules decide; it may not work out a payment of
its own, and it knows no fund and no simulated result.
"""
