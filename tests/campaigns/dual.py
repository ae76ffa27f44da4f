"""Both programs on very many random bills: `python -m tests.campaigns.dual --bills 10000000`.

Chunks of bills are settled by worker processes; a chunk depends on the seed and its number alone, so a count
is the same with any number of workers. Ends with 1, and the first year that differs, if a fen differs.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

import numpy as np

from simulator.parameters.regions import load_regions
from tests.both_programs import (
    differing_fen,
    first_difference,
    joined,
    random_policies,
    random_year,
    reference_pays,
    rules_pay,
    shipped_policies,
)

CHUNK = 100_000          # bills
RANDOM_PLANS = 300       # in a chunk, beside every shipped plan at a random level


def settle_chunk(seed: int, number: int, bills: int) -> tuple[int, int, str]:
    """Bills settled, fen that differ, and the first year that differs."""
    rng = np.random.default_rng([seed, number])
    policies = joined(shipped_policies(load_regions(), rng), random_policies(rng, RANDOM_PLANS))
    year = random_year(rng, policies, bills)
    paid, reference = rules_pay(policies.terms, year), reference_pays(policies, year)
    return len(year), differing_fen(paid, reference), first_difference(policies, year, paid, reference)


def main() -> int:
    parser = argparse.ArgumentParser(description="Settle random bills with the compiled rules and with the reference.")
    parser.add_argument("--bills", type=int, default=10_000_000,)
    parser.add_argument("--seed", type=int, default=2012)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    asked = parser.parse_args()

    sizes = [min(CHUNK, asked.bills - begin) for begin in range(0, asked.bills, CHUNK)]
    begun, settled, differing, first = time.monotonic(), 0, 0, ""
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(settle_chunk, asked.seed, number, size) for number, size in enumerate(sizes)]):
            bills, wrong, case = done.result()
            settled, differing, first = settled + bills, differing + wrong, first or case
            speed = settled / (time.monotonic() - begun)
            print(f"{settled:>12,} bills settled twice, {differing:,} fen differ, {speed:,.0f} bills/s", flush=True)
    if first:
        print(f"\nThe first year that differs:\n{first}")
    print(f"\n{settled:,} bills, {differing:,} differing fen, seed {asked.seed}, {time.monotonic() - begun:.0f} s")
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
