"""What does precision cost, and are intervals and warnings right? `python -m tests.campaigns.precision` (some three minutes);
ends with 1 if one is not.

1. The control variate: variance between draws and processor time of a year of the full model with it and without, and what it
   gains as the ratio of the times to one error (variance x time). Without it, the payments of the sample are raised as they
   are and nothing is expected; the kernel is the same, for slips are how it settles, and adding them up is next to nothing.
2. Intervals: those of few draws (Student's t) have the mean in them as often as those of many; so have those of `--precision`,
   which stops on the draws it has.
3. Warnings of heavy tails: how often they come where there is none, and where variances are infinite.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace

import numpy as np

from simulator.engine.measures import half_width, heavy_tailed, summarise
from simulator.engine.precision import FEWEST_DRAWS, Figure, Precision, more_draws
from simulator.kernel.sums import N_ACCOUNTS
from tests.support import one_year
from tests.support.closed_forms import BOUNDED, COVERS, HEAVY_TAILED, Case, Frequency, coverage, pareto, simulated
from tests.support.one_year import OneYear, simulate_one_year

INFINITE = tuple(Case(9200 + i, Frequency(rate), pareto(3000, 1.5), COVERS[cover])
                 for i, (rate, cover) in enumerate(((0.1, 0), (5, 0), (0.1, 1))))


# --- the control variate ---------------------------------------------------------------------------


def raw_claims(year: OneYear) -> np.ndarray:
    """The sample's pooled payments raised to the members as they are, fen, float64[D]."""
    return year.paid()[..., 0].sum(axis=1) * year.members / year.persons


def timed_year(scheme: str, draws: int, rows: int, systematic: bool, corrected: bool) -> tuple[OneYear, float]:
    """A year, and the processor time it took to walk and settle it in seconds; `corrected`: slips are expected."""
    module = sys.modules["simulator.engine.settle_year"]
    taken, kept = [0.0], (one_year.settle_year, module.expected_payments)

    def settle(*asked, **named):
        began = time.process_time()
        result = kept[0](*asked, **named)
        taken[0] += time.process_time() - began
        return result

    try:
        one_year.settle_year = settle
        if not corrected:
            module.expected_payments = lambda _, terms, *__: np.zeros((*terms.shape[:2], 3, N_ACCOUNTS))
        year = simulate_one_year(scheme, draws, rows, systematic=systematic, threads=1)
    finally:
        one_year.settle_year, module.expected_payments = kept
    return year, taken[0]


def per_head(claims: np.ndarray, year: OneYear) -> np.ndarray:
    """Claims per member, yuan."""
    return claims / year.members / 100


def variances(scheme: str, draws: int, rows: int, systematic: bool) -> tuple[float, float, float]:
    """Relative variance between draws of the fund's claims per member without and with the control variate, and the largest
    difference of the two means in standard errors."""
    year = simulate_one_year(scheme, draws, rows, systematic=systematic)
    plain, corrected = per_head(raw_claims(year), year), per_head(year.claims(), year)
    gap = summarise(plain - corrected)
    return (plain.var(ddof=1) / plain.mean() ** 2, corrected.var(ddof=1) / corrected.mean() ** 2, gap["mean"] / gap["se"])


def gain(scheme: str, draws: int, timed: int, repeats: int, rows: int) -> bool:
    timed_year(scheme, 2, 500, True, True)                                 # compiled
    held = True
    times = {systematic: [min(timed_year(scheme, timed, rows, systematic, with_it)[1] for _ in range(repeats))
                          for with_it in (False, True)] for systematic in (False, True)}
    for systematic, (plain, corrected) in times.items():
        without, with_it, apart = variances(scheme, draws, rows, systematic)
        error, cost = without / with_it, corrected / plain
        print(f"  {scheme}, {rows:,} people, economy {'uncertain' if systematic else 'certain'}: s.d. of a draw "
              f"{100 * without**0.5:.3f}% without, {100 * with_it**0.5:.3f}% with the control variate ({draws:,} draws, variance "
              f"/ {error:.2f}); {1e3 * plain / timed:.2f} and {1e3 * corrected / timed:.2f} ms a draw (x {cost:.2f}, {timed} "
              f"draws); time to one error / {error / cost:.2f}; means {apart:+.2f} s.e. apart")
        held &= abs(apart) < 4 and (systematic or error / cost > 1)
    return bool(held)


# --- intervals -------------------------------------------------------------------------------------


def stopped(values: np.ndarray, asked: float, first: int = FEWEST_DRAWS) -> int:
    """After how many of the draws float64[n] `--precision` stops, of one mean."""
    batches = [first]
    while True:
        of = summarise(values[:batches[-1]])
        width = 100 * half_width(of["se"], batches[-1]) / of["mean"]
        found = Precision(asked, Figure(width, "", "", "", 0), tuple(batches), len(values))
        draws = more_draws(found, lambda *_: None)
        if draws is None:
            return batches[-1]
        batches.append(draws)


def stopped_coverage(cv: float, asked: float, replications: int, seed: int = 8) -> tuple[float, float, float]:
    """Coverage of the 95% intervals of lognormal draws (mean 1) where `--precision` stops, mean number of draws, and that number
    relative to the fewest that would do if the spread were known."""
    rng, sigma = np.random.default_rng(seed), np.sqrt(np.log1p(cv * cv))
    inside, draws = 0, []
    fewest = (196 * cv / asked) ** 2
    for _ in range(replications):
        values = np.exp(sigma * rng.standard_normal(int(3 * fewest) + 3 * FEWEST_DRAWS) - sigma * sigma / 2)
        n = stopped(values, asked)
        of = summarise(values[:n])
        inside += abs(of["mean"] - 1) <= half_width(of["se"], n)
        draws.append(n)
    return inside / replications, float(np.mean(draws)), float(np.mean(draws)) / fewest


def intervals(replications: int) -> bool:
    held = True
    for case in BOUNDED:
        persons = round(100 / case.frequency.mean)
        few = {draws: coverage(case, replications, draws, persons) for draws in (3, 5, 10, 20)}
        held &= min(few.values()) > 0.93
        print(f"  {case}: " + ", ".join(f"{share:.2%} of {draws} draws" for draws, share in few.items()))
    for cv in (0.05, 0.1, 0.2):
        share, draws, times = stopped_coverage(cv, 1.0, replications)
        held &= share > 0.93
        print(f"  stopped by --precision 1% at a spread of {cv:.0%}: {share:.2%} of intervals, {draws:.0f} draws, "
              f"{times:.3f} times the fewest")
    return bool(held)


# --- heavy tails -----------------------------------------------------------------------------------


def warned(case: Case, replications: int, draws: int, persons: int) -> float:
    """Share of replications in which the mean over draws is said to have a heavy tail."""
    means = simulated(case, persons, replications * draws)[0].reshape(replications, draws)
    return float(np.mean([heavy_tailed(values) for values in means]))


def warnings(replications: int) -> bool:
    held = True
    for draws in (20, 50, 200, 1000):
        some = max(replications * 50 // draws, 100)
        false = {str(case): warned(replace(case, seed=case.seed + draws), some, draws, round(200 / case.frequency.mean))
                 for case in BOUNDED}
        hits = {str(case): warned(case, some, draws, round(200 / case.frequency.mean)) for case in INFINITE}
        between = {str(case): warned(case, some, draws, 1000) for case in HEAVY_TAILED}
        worst = max(false, key=lambda name: false[name])
        print(f"  {draws} draws, {some} replications: bounded payments at most {false[worst]:.2%} ({worst}); infinite variance "
              + ", ".join(f"{share:.1%}" for share in hits.values())
              + "; long but finite tails " + ", ".join(f"{share:.1%} ({name})" for name, share in between.items()))
        held &= false[worst] <= 0.01 and (draws < 200 or min(hits.values()) >= 0.8)
    return bool(held)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scheme", default="nrcms")
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--draws", type=int, default=1000, help="for the variances")
    parser.add_argument("--timed", type=int, default=200, help="draws for the processor times")
    parser.add_argument("--repeats", type=int, default=3, help="the least of so many times counts")
    parser.add_argument("--replications", type=int, default=4000)
    asked = parser.parse_args()
    began = time.perf_counter()
    verdicts = {}
    print("1. The control variate")
    verdicts["the control variate pays"] = gain(asked.scheme, asked.draws, asked.timed, asked.repeats, asked.people)
    print("2. 95% intervals with the mean in them")
    verdicts["intervals hold"] = intervals(asked.replications)
    print("3. Warnings of heavy tails")
    verdicts["warnings come where they should"] = warnings(asked.replications // 4)
    for name, holds in verdicts.items():
        print(f"{'yes' if holds else 'NO '}  {name}")
    print(f"{time.perf_counter() - began:.0f} s")
    return 0 if all(verdicts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
