"""The rules: how one bill is settled under a plan, each rule a function with its clause, integers in and fen out.

Read rules.py first, beside docs/settlement.md, to which it is written, then settle.py, which applies the rules along a person's
year. The rules know a plan, a bill and a person's year so far; they may not know how bills are drawn, how many there are, or
what the fund holds.
"""
