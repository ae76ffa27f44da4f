"""What published figures say of uncertain values: history matching in waves on emulators, then worlds weighed by the evidence.

Read waves.py first, which joins the others: targets.py says what a figure asks of the model and how sure it is, experiment.py
runs worlds, emulators.py emulates what they come to, posterior.py draws worlds that the evidence leaves, contradictions.py finds
figures that cannot be true together, sets.py keeps what is found as a file. Nothing here reads a figure that it was not handed.
"""
