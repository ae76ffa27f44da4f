"""The run: the model from people to measures, for all regions, schemes, policies and draws of a scenario.

Read course.py first, where a year of the whole model is one function; enrolment.py, policies.py, settle_year.py, flows.py and
measures.py are its steps. This wing joins the wings before it and has no rule of a bill and no account of its own. It may not
know how results are written or reported.
"""
