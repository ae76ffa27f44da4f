"""Figures and report of a run (report/write.py is the way in)."""
