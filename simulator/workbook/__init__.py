"""Workbooks: a run that a spreadsheet works out again, and parameters that are edited in one.

Read `run_book.py` first, then `calculation.py` for the fund's balance and `control.py` for what holds it to the run. A workbook
adds no figure of its own: it shows what the run folder holds. `parameter_book.py` writes parameters, and `parameter_reader.py`
reads them back.
"""
