"""Every relation on very many pairs of bills, or of persons' years: `python -m tests.campaigns.relations --pairs 1000000`.

Worlds of random bills under random plans are made one after the other, each from the seed and its number alone, until
every relation has its pairs. Ends with 1 if a relation is broken or hardly tried.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from tests.support.bill_arrays import settle_years
from tests.support.both_programs import mixed_year
from tests.support.relation import Held, held, held_in_years, verdict
from tests.support.relations import RELATIONS, YEARS
from tests.support.worlds import World

BILLS, PLANS = 200_000, 1_000           # of one world
EVERY = [*RELATIONS, *YEARS]


def world_of(seed: int, number: int) -> World:
    """Random bills, each with the state its person's year has come to; half of the plans have terms that few schedules have."""
    policies, bills = mixed_year(np.random.default_rng([seed, number]), PLANS, BILLS)
    return World(policies.terms, bills, settle_years(policies.terms, bills)[1])


def try_world(seed: int, number: int, wanted: list[int]) -> list[Held]:
    """The relations numbered `wanted`, tried on one world."""
    world = world_of(seed, number)
    return [(held if n < len(RELATIONS) else held_in_years)(EVERY[n], world) for n in wanted]


def main() -> int:
    parser = argparse.ArgumentParser(description="Try every relation between two settlements on random pairs of bills.")
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=2013)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    asked = parser.parse_args()

    begun, worlds = time.monotonic(), 0
    counted = [Held(0, 0, 0, 0, 0, False)] * len(EVERY)
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        while wanted := [n for n, so_far in enumerate(counted) if so_far.pairs < asked.pairs]:
            numbers = range(worlds, worlds + asked.workers)
            for tried in pool.map(try_world, [asked.seed] * asked.workers, numbers, [wanted] * asked.workers):
                for n, more in zip(wanted, tried, strict=True):
                    counted[n] += more
            worlds += asked.workers
            if any(counted[n].pairs == 0 for n in wanted):
                break                   # a relation that no bill is claimed for would be tried for ever
            print(f"{worlds} worlds, {len(wanted)} relations were wanting, {time.monotonic() - begun:.0f} s", flush=True)
    verdicts = {str(claim): verdict(claim, so_far, asked.pairs) for claim, so_far in zip(EVERY, counted, strict=True)}
    failed = {says: why for says, why in verdicts.items() if why}
    for says, why in failed.items():
        print(f"NO  {says}: {why}")
    pairs = [so_far.pairs for so_far in counted]
    print(f"{len(EVERY)} relations, {len(failed)} do not hold, at least {min(pairs):,} pairs each, {sum(pairs):,} in all, "
          f"seed {asked.seed}, {time.monotonic() - begun:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
