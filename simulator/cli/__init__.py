"""The command `fundsim`: one function for each verb, which reads its options, calls the wing that answers, and prints.

Read main.py first. Heavy imports stand inside the functions, so that `fundsim --help` is instant. Nothing imports this wing.
"""

from simulator.cli.main import app, main

__all__ = ["app", "main"]
