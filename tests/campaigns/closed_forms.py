"""Do simulated years have their closed forms? `python -m tests.campaigns.closed_forms` (some two minutes); ends with 1 if not.

1. Two hundred cases and more, each with its own seed, at a million person-years: every mean within 4 standard errors (exact
   ones), the root mean square of all of them between 0.9 and 1.1. FFT and Panjer's recursion agree to 1e-9 on every year.
2. Claims' means integrated at the midpoints of the quantile tables, through the rules: within 1e-6.
3. Standard errors: they fall with the root of the person-years (slope -0.50 +- 0.02), and 95% intervals of payments that are
   bounded have the mean in them in 94% to 96% of 4,000 replications. Heavy tails and few draws are shown, not judged.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from tests.support.closed_forms import BOUNDED, HEAVY_TAILED, all_cases, coverage, midpoint_cases, midpoint_error, score, slopes


def years(persons: int, seed: int, show: bool) -> bool:
    cases = all_cases(seed)
    scores = np.array([score(case, persons) for case in cases])
    if show:
        for case, z in zip(cases, scores, strict=True):
            print(f"  {z:+.2f}  {case}")
    worst, rms = int(np.abs(scores).argmax()), float(np.sqrt(np.mean(scores**2)))
    annual = [case for case in cases if case.cover.annual]
    apart = max(abs(case.with_panjer().moments[k] / case.moments[k] - 1) for case in annual for k in (0, 1))
    print(f"{len(cases)} cases of {persons:,} person-years: worst {scores[worst]:+.2f} standard errors ({cases[worst]}), "
          f"root mean square {rms:.3f}, mean {scores.mean():+.3f}")
    print(f"{len(annual)} annual covers: FFT and Panjer at most {apart:.1e} apart")
    return bool(np.abs(scores).max() < 4 and 0.9 <= rms <= 1.1 and apart <= 1e-9 and len(cases) >= 200)


def midpoints() -> bool:
    errors = [abs(midpoint_error(*case)) for case in midpoint_cases(low=False)]
    low = [abs(midpoint_error(*case)) for case in midpoint_cases(low=True)]
    print(f"{len(errors)} means at midpoints: at most {max(errors):.1e} off; "
          f"{len(low)} with a deductible in a table's four lowest cells: at most {max(low):.1e}")
    return max(errors) <= 1e-6 and len(errors) >= 60


def standard_errors(replications: int, draws: int) -> bool:
    held = True
    for case in BOUNDED:
        persons = round(20 / case.frequency.mean) + 20
        share = coverage(case, replications, draws, persons)
        sizes = np.round(np.array([40, 160, 640, 2560]) / case.frequency.mean).astype(np.int64)
        true, reported = slopes(case, sizes, replications)
        few = [coverage(case, replications, few, persons) for few in (10, 20, 50)]
        held &= 0.94 <= share <= 0.96 and abs(true + 0.5) <= 0.02 and abs(reported + 0.5) <= 0.02
        print(f"  {case}: {share:.2%} of {replications:,} intervals of {draws} draws have the mean in them; slopes {true:+.3f} "
              f"(true), {reported:+.3f} (reported); with 10, 20, 50 draws {few[0]:.2%}, {few[1]:.2%}, {few[2]:.2%}")
    for case in HEAVY_TAILED:
        print(f"  heavy tail, not judged: {case}: {coverage(case, replications, draws, 200):.2%} of intervals")
    return bool(held)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=4000, help="of the first case; the others follow")
    parser.add_argument("--replications", type=int, default=4000)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--show", action="store_true", help="every case")
    asked = parser.parse_args()
    began = time.perf_counter()
    held = [years(asked.persons, asked.seed, asked.show), midpoints(), standard_errors(asked.replications, asked.draws)]
    print(f"{time.perf_counter() - began:.0f} s; {'all held' if all(held) else 'NOT HELD'}")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
