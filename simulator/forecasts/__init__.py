"""How good forecasts were: made from what was known on a day, and scored by what was published afterwards.

scores.py judges a sampled forecast by what came true, rivals.py makes the simple forecasts of the same published series that the
model has to beat, knowledge.py gives what was known on a day, and origins.py the model's forecasts from it beside their rivals'.
summary.py says what the scores come to; ledger.py keeps forecasts of further years as they were made.
"""
