"""Randomness: the generator of random bits, the layout of its counters, and the quantile tables that turn bits into amounts.

Read random.py first. A random number is a function of its counter alone, so that threads, processes and added policies change
none. This wing does not know what the numbers are drawn for; it may not know people, rules or funds.
"""
