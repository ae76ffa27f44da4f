"""Claims files: any claims through any plan, row by row, with each person's year carried along (docs/claims.md).

Read settle.py first, which leads through the rest: files.py reads and writes, columns.py says what columns and cells mean,
rows.py links bills to persons, stays and families. This wing knows the rules only as numbers: law/ pays, slip/ words.
"""
