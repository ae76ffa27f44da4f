"""Fill the cache before the first run: `python -m simulator.engine.warm`, which `make setup` calls.

Compiles what a simulation calls, reads the shipped parameters, and makes the tables of bills that the shipped comparison asks
for. What is there already is left as it is. Where nothing can be kept it says so and does nothing.
"""

from __future__ import annotations

import sys
import time

from simulator.compiling import cache, precompile
from simulator.compiling.compiled import FOLDER
from simulator.engine.simulate import simulate
from simulator.kernel.programs import PROGRAMS, start_compiling
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario

SHIPPED = Scenario("warm", ("jiangsu", "linyi"), horizon=1, draws=1, people=200, demand=True)


def tell(what: str, done: int, count: int) -> None:
    """Show on standard error how far it is: one line on a terminal, else a line each."""
    print(f"{what:30} {done}/{count}", file=sys.stderr, end="\r" if sys.stderr.isatty() else "\n", flush=True)


def main() -> int:
    """Fill the cache; 0 even where it cannot be filled, for everything works without."""
    if not cache.works(FOLDER):
        return 0
    start, cold = time.monotonic(), precompile.missing(PROGRAMS)
    start_compiling()
    regions = load_regions()
    if cold:
        precompile.finish(PROGRAMS, tell)
    simulate(SHIPPED, regions)
    if cold:
        tell(f"compiled in {time.monotonic() - start:.0f} s", len(PROGRAMS), len(PROGRAMS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
