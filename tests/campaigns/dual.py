"""Both programs, and the kernel, on very many bills: `python -m tests.campaigns.dual --bills 10000000`.

First random bills, then those aimed at every threshold of every shipped plan and of random ones. Chunks are settled
by worker processes; a chunk depends on the seed and its number alone, so a count is the same with any number of
workers. Ends with 1, and the first year that differs, if a fen differs.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

import numpy as np

from simulator.parameters.regions import load_regions
from tests.support.both_programs import (
    Policies,
    differing_fen,
    first_difference,
    joined,
    random_policies,
    random_year,
    reference_pays,
    rules_pay,
    shipped_policies,
)
from tests.support.kernel_pays import as_walked, kernel_knows, kernel_pays
from tests.support.threshold_families import FAMILIES

CHUNK = 100_000          # bills
RANDOM_PLANS = 300       # in a chunk, beside every shipped plan at a random level
AIMED_AT = 120           # random plans whose thresholds are met, beside every shipped plan


def settle_chunk(seed: int, number: int, bills: int) -> tuple[int, int, str]:
    """Bills settled, fen that differ, and the first year that differs."""
    rng = np.random.default_rng([seed, number])
    plain, rare = random_policies(rng, RANDOM_PLANS // 2), random_policies(rng, RANDOM_PLANS // 2, everything=True)
    policies = joined(shipped_policies(load_regions(), rng), joined(plain, rare))
    year = random_year(rng, policies, bills, everything=True)
    return len(year), *differences(policies, year)


def differences(policies: Policies, bills: np.ndarray) -> tuple[int, str]:
    """Fen that the reference and the kernel pay otherwise than the rules, and the first year that differs."""
    paid, reference, walked = rules_pay(policies.terms, bills), reference_pays(policies, bills), as_walked(bills)
    kernel, known = kernel_pays(policies.terms, walked)[0], kernel_knows(walked, rules_pay(policies.terms, walked))
    return (differing_fen(paid, reference) + differing_fen(known, kernel),
            first_difference(policies, bills, paid, reference) or first_difference(policies, walked, kernel, known))


def settle_family(seed: int, number: int) -> tuple[int, int, str]:
    """The same of the bills aimed at one kind of threshold."""
    rng = np.random.default_rng([seed])
    policies = joined(shipped_policies(load_regions()).distinct(), random_policies(rng, AIMED_AT, everything=True))
    settled, differing, first = 0, 0, ""
    for years in FAMILIES[number](policies.terms):
        bills = years.rows()
        if not len(bills):           # no plan of these has a threshold of the kind
            continue
        wrong, case = differences(policies, bills)
        settled, differing, first = settled + len(bills), differing + wrong, first or case
    return settled, differing, first


def main() -> int:
    parser = argparse.ArgumentParser(description="Settle random and aimed bills by the rules, the reference and the kernel.")
    parser.add_argument("--bills", type=int, default=10_000_000, help="random ones; those aimed at thresholds come beside them")
    parser.add_argument("--seed", type=int, default=2012)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    asked = parser.parse_args()

    sizes = [min(CHUNK, asked.bills - begin) for begin in range(0, asked.bills, CHUNK)]
    begun, settled, differing, first = time.monotonic(), {"random": 0, "aimed": 0}, 0, ""
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        chunks = {pool.submit(settle_chunk, asked.seed, number, size): "random" for number, size in enumerate(sizes)}
        chunks |= {pool.submit(settle_family, asked.seed, number): "aimed" for number in range(len(FAMILIES))}
        for done in as_completed(chunks):
            bills, wrong, case = done.result()
            settled[chunks[done]] += bills
            differing, first = differing + wrong, first or case
            speed = sum(settled.values()) / (time.monotonic() - begun)
            print(f"{settled['random']:>12,} random and {settled['aimed']:,} aimed bills settled three times, "
                  f"{differing:,} fen differ, {speed:,.0f} bills/s", flush=True)
    if first:
        print(f"\nThe first year that differs:\n{first}")
    print(f"\n{settled['random']:,} random and {settled['aimed']:,} aimed bills, {differing:,} differing fen, seed {asked.seed}, "
          f"{time.monotonic() - begun:.0f} s")
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
