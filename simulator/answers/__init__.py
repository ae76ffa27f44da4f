"""Answers: questions about a region or a run beyond its measures.

floors.py holds operating values against the floors of the planning documents, backtest.py sets simulated beside published
figures, assumptions.py says how much of a gap is assumed, attribute.py what it comes from, batch.py runs many scenarios, and
question.py begins what is solved for; each can be read by itself. An answer simulates through engine/ and may not know how it is
reported.
"""
