"""Parameters: the files of a region's values, checked, inherited along the tree of regions, dated and cited.

Read catalogue.py first, which lists every parameter, then regions.py, which finds the value in force in a year; plans.py makes
the plan that bills are settled under. This wing may not know people or simulated results: it knows what is stated, not what
comes of it.
"""
