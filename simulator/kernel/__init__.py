"""The kernel: draws blocks of bills, settles each block under every policy by the rules of law/, and adds up integers.

Read sums.py first, which says what the kernel leaves, then draw.py, which strings its steps together. It is written for speed
and has no rule of its own: what a bill is paid is decided in law/. It may not know regions, parameters or funds.
"""
