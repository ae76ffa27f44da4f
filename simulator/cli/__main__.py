"""`python -m simulator.cli` is `fundsim`."""

from simulator.cli import main

main()
