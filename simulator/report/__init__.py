"""The report: the figures, the tables and the sentences about a run, in English and Chinese.

Read write.py first, the entry point, then select.py, through which every figure and table reads the run. Figures and report are
made from a run folder alone and may not simulate; overview.py alone asks answers/ for the tables that accompany a comparison.
"""
