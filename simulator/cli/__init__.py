"""The command `fundsim`, one function a verb."""

from simulator.cli.main import app, main

__all__ = ["app", "main"]
