"""Is everybody affordable, and the same as a sample? `python -m tests.campaigns.everybody`; ends with 1 if not.

1. Time and memory: a year of Jiangsu's NRCMS with 1e5, 1e6, 1e7 and 1e8 simulated persons (replicas of a roster of
   50,000 rows) and with `--people all`, one draw, each in a process of its own. Processor time rises with persons by an
   exponent of at most 1.03; peak memory of `all` is at most 5 MB above that of the fewest persons that two threads walk
   (two replicas of the roster: a thread keeps some megabytes to work in).
2. Chance: `all` and the sample live through the same futures, so what a draw's pooled expenditure differs by is the
   chance of both. The differences of eight draws have mean zero (within 4 standard errors) and the standard deviation
   that both report (`chance_in_expenditure`, and the sample's own error), to a factor of two.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np

from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario

ROWS = 50_000
ONE = Scenario("everybody", ("jiangsu",), 2012, ("nrcms",), horizon=1, draws=1, people=ROWS)
STEEPEST, MEGABYTES, DRAWS = 1.03, 5.0, 8


def child(people: int | None, replicas: int, draws: int) -> None:
    """Simulate in this process and print what it took and what came of it."""
    regions = load_regions()
    simulate(ONE.but(people=500), regions, threads=1)                         # the compiled functions are loaded
    start, clock = time.process_time(), time.monotonic()
    scheme = simulate(ONE.but(people=people, replicas=replicas, draws=draws), regions).schemes[0]
    taken, waited = time.process_time() - start, time.monotonic() - clock
    found = {measure.name: measure.values[:, 0] for measure in scheme.measures[2012]
             if measure.group == "" and measure.name in ("claims", "chance_in_expenditure")}
    print(json.dumps({"seconds": taken, "waited": waited, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                      "persons": replicas * ROWS if people else scheme.participants, "digest": scheme.digest,
                      "claims": found["claims"].tolist(), "chance": found["chance_in_expenditure"].tolist()}))


def measured(people: int | None, replicas: int = 1, draws: int = 1) -> dict:
    """What `child` prints in a process of its own."""
    command = [sys.executable, "-m", "tests.campaigns.everybody", "--child", str(people or 0), str(replicas), str(draws)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(run.stdout.splitlines()[-1])


def check_size() -> bool:
    """Part 1."""
    measured(ROWS)                                                             # compiles where nothing is compiled yet
    sample, everybody = measured(ROWS), measured(None)
    rows = [measured(ROWS, replicas) for replicas in (2, 20, 200, 2000)]
    for what, row in (("a sample", sample), *(("replicas", row) for row in rows), ("all", everybody)):
        print(f"  {what:9} {row['persons']:>11,} persons: processor {row['seconds']:6.2f} s, {row['waited']:6.2f} s by the "
              f"clock, peak {row['megabytes']:.0f} MB", flush=True)
    exponent = np.polyfit(np.log([row["persons"] for row in rows]), np.log([row["seconds"] for row in rows]), 1)[0]
    last = np.log(rows[3]["seconds"] / rows[2]["seconds"]) / np.log(10)
    more = everybody["megabytes"] - rows[0]["megabytes"]
    print(f"  exponent {exponent:.3f}, over the last tenfold {last:.3f} (at most {STEEPEST}); "
          f"all takes {more:+.1f} MB against {rows[0]['persons']:,} (at most {MEGABYTES})")
    return max(exponent, last) <= STEEPEST and more <= MEGABYTES


def check_chance() -> bool:
    """Part 2."""
    sample, everybody = measured(ROWS, draws=DRAWS), measured(None, draws=DRAWS)
    one, other = np.array(sample["claims"]), np.array(everybody["claims"])
    gap = one / other - 1
    error = gap.std(ddof=1) / np.sqrt(DRAWS)
    z = gap.mean() / error
    reported = np.sqrt(np.mean(np.square(sample["chance"]) + np.square(everybody["chance"]))) / 100
    print(f"  {DRAWS} draws: sample / all - 1 = {gap.mean():+.5%} +- {error:.5%}, z {z:+.2f}; standard deviation of a draw "
          f"{gap.std(ddof=1):.4%}, reported chance of both {reported:.4%}")
    return abs(z) <= 4 and 0.5 <= gap.std(ddof=1) / reported <= 2


def main() -> int:
    """Both parts; 0 if they hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--child", nargs=3, type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        people, replicas, draws = asked.child
        child(people or None, replicas, draws)
        return 0
    held = [part() for part in (check_size, check_chance)]
    print("everybody is affordable and no other than a sample" if all(held) else "FAILED")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
