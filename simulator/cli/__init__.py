"""The command `fundsim`: one function for each verb, which reads its options, calls the wing that answers, and prints.

Read main.py first. Heavy imports stand inside the functions, so that `fundsim --help` is instant. Nothing imports this wing.
"""

import os

# The work is spread over threads here; those of the linear algebra would wait for one another, at a hundred times the cost.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from simulator.cli.main import app, main  # noqa: E402

__all__ = ["app", "main"]
