"""Are the words of *our* layout as good as chance? `python -m tests.campaigns.rng` (some minutes); ends with 1 if not.

0. A small run of the program itself in plain Python, every call of Philox written down: no counter is asked for from two
   places, that is, for two purposes. (The same place asks again when onsets of earlier years are walked anew, or the level
   is solved.)
1. Every counter of a world once, a hundred million of them, as the walk, the courses, the roster and the paths make them:
   no two are the same. (Philox is a bijection of the counter under one key: other counters, other words.)
2. Words in the order of neighbours along each axis of the layout (claims, replicas, draws, years, streams, people, seeds)
   through a battery: bytes, pairs, words with each other, orders of four, weights of differences, correlations, ranks of bit
   matrices, birthday spacings. All p-values together must look uniform, and the smallest be no surprise among so many.
3. Each bit of key and counter moves each bit of the words half of the time.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import time

import numpy as np
from scipy import stats

from simulator.chance.random import (
    ADMISSION,
    ADMISSION_MORE,
    COUNTY,
    COURSE_BILL,
    ONSET,
    ROSTER_DRAW,
    ROSTER_STREAMS,
    SYSTEMATIC,
    VISIT,
    philox,
    year_stream,
)
from simulator.compiling.compiled import compiled
from simulator.people.roster import PEOPLE_ID

WALKED = (ADMISSION, ADMISSION_MORE, VISIT, ONSET)
STREAMS = (*ROSTER_STREAMS, *WALKED, COURSE_BILL, SYSTEMATIC, COUNTY)
SEED, PEOPLE = 20120321, min(PEOPLE_ID.values())
AXES = ("claim", "replica", "draw", "year", "stream", "people", "seed")
# How many neighbours stand side by side before the claim moves on; a claim has no end.
NEIGHBOURS = {"replica": 1000, "draw": 1000, "year": 50, "people": 4, "seed": 1000}


# --------------------------------------------------------------------------------------------------
# Counters
# --------------------------------------------------------------------------------------------------

@compiled
def _hash(people, c0, c1, c2, c3):
    """64 bits of a key's people-id and a counter (splitmix64 over both halves)."""
    z = (np.uint64(c0) << np.uint64(32)) | np.uint64(c1)
    for half in range(3):
        z ^= z >> np.uint64(30)
        z *= np.uint64(0xBF58476D1CE4E5B9)
        z ^= z >> np.uint64(27)
        z *= np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
        if half == 0:
            z += (np.uint64(c2) << np.uint64(32)) | np.uint64(c3)
        elif half == 1:
            z += np.uint64(people) * np.uint64(0x9E3779B97F4A7C15)
    return z


@compiled
def _counters(people, draws, replicas, first_year, years, claims, onsets, back_years, bills, walked, found):
    """Hashes of every counter of one people's walks and courses; returns how many."""
    n = 0
    for draw in range(draws):
        for replica in range(replicas):
            for year in range(first_year, first_year + years):
                for stream in walked:
                    for claim in range(onsets if stream == ONSET else claims):
                        found[n] = _hash(people, claim, replica, draw, (year << 16) | stream)
                        n += 1
                for claim in range(onsets):
                    for back in range(back_years):
                        for bill in range(bills):
                            place = 15 if bill == bills - 1 else bill                # the last place: one bill more by chance
                            packed = (claim << 8) | (back << 4) | place
                            found[n] = _hash(people, packed, replica, draw, (year << 16) | COURSE_BILL)
                            n += 1
    return n


def counters(peoples: int, draws: int, replicas: int, years: int, claims: int, onsets: int) -> np.ndarray:
    """uint64 hashes of every counter of a world, in the order the program comes to them."""
    back_years, bills, roster = 10, 8, 4 * claims
    size = draws * replicas * years * (3 * claims + onsets * (1 + back_years * bills))
    parts = []
    for people in range(PEOPLE, PEOPLE + peoples):
        found = np.empty(size, dtype=np.uint64)
        assert _counters(people, draws, replicas, 2012, years, claims, onsets, back_years, bills, np.array(WALKED), found) == size
        parts.append(found)
        parts.append(np.array([_hash(people, row, 0, ROSTER_DRAW, year_stream(year, stream)) for row in range(roster)
                               for year in (0, 2012) for stream in ROSTER_STREAMS], dtype=np.uint64))
    for people, stream, width in ((0, SYSTEMATIC, 12), (PEOPLE, COUNTY, 40)):
        parts.append(np.array([_hash(people, place, 0, draw, year_stream(year, stream)) for place in range(width)
                               for draw in range(draws) for year in range(2003, 2012 + years)], dtype=np.uint64))
    return np.concatenate(parts)


def repeated(found: np.ndarray) -> int:
    """How many counters have been there before."""
    found.sort()
    return int(np.sum(found[1:] == found[:-1]))


RECORDED = """
import collections, json, sys
import simulator.chance.random as random
asked, philox = collections.defaultdict(set), random.philox
def written_down(*key_and_counter):
    frame = sys._getframe(1)
    while frame.f_globals["__name__"] == "simulator.chance.random" or frame.f_code.co_name == "draw_claims":     # for whom?
        frame = frame.f_back
    place = frame.f_globals["__name__"], frame.f_code.co_name, frame.f_lineno
    asked[tuple(map(int, key_and_counter))].add(place)
    return philox(*key_and_counter)
random.philox = written_down
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario
from simulator.engine.simulate import simulate
import simulator.engine.level
simulator.engine.level.PERSON_YEARS = 2000            # plain Python: solving a level must not take minutes
simulate(Scenario(name="counters", regions=("jiangsu",), year=2012, schemes=("nrcms",), horizon=3, draws=2, people=300),
         load_regions())
streams = sorted({counter[5] & 0xFFFF for counter in asked})
print(json.dumps([len(asked), sum(len(places) > 1 for places in asked.values()), streams]))
"""


def asked_for_twice() -> tuple[int, int, list[int]]:
    """Counters of a small run, how many of them are asked for from two places, and the streams they are of."""
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", RECORDED], env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
                         capture_output=True, text=True, check=True)
    return tuple(json.loads(run.stdout.splitlines()[-1]))


# --------------------------------------------------------------------------------------------------
# Words along an axis, and what they are put through
# --------------------------------------------------------------------------------------------------

@compiled
def _fill(at, words):
    for i in range(len(at)):
        words[i, 0], words[i, 1], words[i, 2], words[i, 3] = philox(at[i, 0], at[i, 1], at[i, 2], at[i, 3], at[i, 4], at[i, 5])


def words_at(keys_and_counters: np.ndarray) -> np.ndarray:
    """uint32[n, 4] of int64[n, 6]: seed, people, and the four words of the counter."""
    words = np.empty((len(keys_and_counters), 4), dtype=np.uint32)
    _fill(np.ascontiguousarray(keys_and_counters, dtype=np.uint64), words)
    return words


def along(axis: str, count: int, block: int = 0) -> np.ndarray:
    """`count` keys and counters, neighbours on `axis` side by side; `block` moves on to other claims, draws and years."""
    step = np.arange(count)
    width = count if axis == "claim" else len(STREAMS) if axis == "stream" else NEIGHBOURS[axis]
    claim, near = step // width, step % width
    value = {"claim": claim + block * count, "replica": 3 * block, "draw": 7 * block, "year": 2005 + block % 40,
             "stream": WALKED[block % len(WALKED)], "people": PEOPLE, "seed": SEED}
    if axis == "claim":
        value["claim"] = near + block * count
    elif axis == "stream":
        value["stream"] = np.array(STREAMS)[near]
    else:
        value[axis] = value[axis] + near
    places = (value["seed"], value["people"], value["claim"], value["replica"], value["draw"],
              np.asarray(value["year"]) * (1 << 16) + value["stream"])
    return np.stack([np.broadcast_to(np.asarray(place, dtype=np.int64), count) for place in places], axis=1)


def chi_square(cells: np.ndarray, count: int) -> float:
    return float(stats.chisquare(np.bincount(cells, minlength=count)).pvalue)


@compiled
def _ranks(words, ranks):
    """Rank of each 32 rows of one word as a bit matrix over GF(2)."""
    rows = np.empty(32, dtype=np.uint32)
    for m in range(len(ranks)):
        rows[:] = words[32 * m:32 * m + 32]
        rank = 0
        for bit in range(32):
            pivot = -1
            for r in range(rank, 32):
                if (rows[r] >> np.uint32(bit)) & np.uint32(1):
                    pivot = r
                    break
            if pivot >= 0:
                rows[pivot], rows[rank] = rows[rank], rows[pivot]
                for r in range(rank + 1, 32):
                    if (rows[r] >> np.uint32(bit)) & np.uint32(1):
                        rows[r] ^= rows[rank]
                rank += 1
        ranks[m] = rank


def rank_chances() -> np.ndarray:
    """Chances of rank 32, 31 and less of a random 32 x 32 bit matrix."""
    factor = 1 - 2.0 ** -np.arange(1, 33)
    full = float(np.prod(factor))
    one_less = float(0.5 * np.prod(factor[1:]) ** 2 / np.prod(factor[:-1]))
    return np.array([full, one_less, 1 - full - one_less])


def battery(words: np.ndarray) -> dict[str, float]:
    """p-values of words uint32[n, 4] in their order; n at least 2^14."""
    found, count = {}, len(words)
    wide = words.astype(np.int64)
    for w in range(4):
        column = wide[:, w]
        for byte in range(4):
            found[f"byte {byte} of word {w}"] = chi_square((column >> (8 * byte)) & 255, 256)
        bits = 6 if count >= 1 << 18 else 4
        top = column >> (32 - bits)
        found[f"neighbours in word {w}"] = chi_square((top[0::2] << bits) + top[1::2], 1 << 2 * bits)
        for lag in (2, 3):
            pairs = (column[:-lag] >> 28 << 4) + (column[lag:] >> 28)
            found[f"word {w}, {lag} apart"] = chi_square(pairs[(np.arange(len(pairs)) // lag) % 2 == 0], 256)
        orders = np.argsort(column[:count // 4 * 4].reshape(-1, 4), axis=1) @ np.array([64, 16, 4, 1])
        found[f"order of four of word {w}"] = chi_square(np.searchsorted(ORDERS, orders), 24)
        weights = np.bitwise_count(words[0::2, w] ^ words[1::2, w]).astype(np.int64)
        expected = stats.binom(32, 0.5).pmf(np.arange(33))
        tally = np.bincount(weights, minlength=33)
        groups = [slice(0, 11), *(slice(k, k + 1) for k in range(11, 22)), slice(22, 33)]
        found[f"weight of differences of word {w}"] = float(stats.chisquare(
            [tally[g].sum() for g in groups], [expected[g].sum() * len(weights) for g in groups]).pvalue)
        centred = (column + 0.5) / 2.0**32 - 0.5
        for lag in (1, 2, 3):
            z = 12 * float(centred[:-lag] @ centred[lag:]) / np.sqrt(count - lag)
            found[f"correlation {lag} apart of word {w}"] = float(2 * stats.norm.sf(abs(z)))
        ranks = np.empty(count // 32, dtype=np.int64)
        _ranks(np.ascontiguousarray(words[:, w]), ranks)
        tally = np.array([np.sum(ranks == 32), np.sum(ranks == 31), np.sum(ranks < 31)])
        found[f"bit ranks of word {w}"] = float(stats.chisquare(tally, rank_chances() * len(ranks)).pvalue)
        birthdays = np.sort(column[:count // 4096 * 4096].reshape(-1, 4096), axis=1)
        spacings = np.sort(np.diff(birthdays, axis=1), axis=1)
        same, mean = int(np.sum(spacings[:, 1:] == spacings[:, :-1])), 4.0 * len(birthdays)      # 4096^3 / (4 x 2^32)
        tail = min(stats.poisson.cdf(same, mean), stats.poisson.sf(same - 1, mean))
        found[f"birthdays of word {w}"] = float(min(1.0, 2 * tail))
    for a, b in itertools.combinations(range(4), 2):
        found[f"words {a} and {b}"] = chi_square((wide[:, a] >> 28 << 4) + (wide[:, b] >> 28), 256)
    for a, b in itertools.permutations(range(4), 2):
        found[f"word {a} and the neighbour's word {b}"] = chi_square((wide[0::2, a] >> 28 << 4) + (wide[1::2, b] >> 28), 256)
    return found


ORDERS = np.sort([int(np.array(order) @ np.array([64, 16, 4, 1])) for order in itertools.permutations(range(4))])


def verdict(p_values: dict[str, float]) -> tuple[float, float, str]:
    """(chance of so small a least p-value among so many, Kolmogorov-Smirnov's p of all, name of the least)."""
    name = min(p_values, key=p_values.__getitem__)
    values = np.array(list(p_values.values()))
    least = float(-np.expm1(len(values) * np.log1p(-min(values.min(), 1 - 1e-16))))
    return least, float(stats.kstest(values, "uniform").pvalue), name


def avalanche(count: int, seed: int = 1, function=words_at) -> tuple[float, float]:
    """Over `count` counters: p of all 192 x 128 pairs of a bit turned and a bit moved, and the largest deviation in s.d."""
    rng = np.random.default_rng(seed)
    at = rng.integers(0, 1 << 32, (count, 6))
    before = function(at)
    moved = np.empty((192, 128))
    for place in range(6):
        for bit in range(32):
            turned = at.copy()
            turned[:, place] ^= 1 << bit
            changed = before ^ function(turned)
            bits = np.unpackbits(np.ascontiguousarray(changed).view(np.uint8), axis=1)
            moved[32 * place + bit] = bits.sum(axis=0)
    z = (moved - count / 2) / np.sqrt(count / 4)
    return float(2 * min(stats.chi2.sf(np.sum(z**2), z.size), stats.chi2.cdf(np.sum(z**2), z.size))), float(np.abs(z).max())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=2_000, help="of each stream in part 1; 2,000 make 10^8 counters")
    parser.add_argument("--blocks", type=int, default=12, help="of 2^20 counters for each axis in part 2")
    asked = parser.parse_args()
    began = time.perf_counter()
    asked_for, twice, streams = asked_for_twice()
    print(f"a run asked for {asked_for:,} counters of streams {streams}: {twice} from two places")
    held = twice == 0 and len(streams) >= 10
    found = counters(4, 100, 2, 10, asked.claims, asked.claims // 20)
    twice = repeated(found)
    print(f"{len(found):,} counters, {twice} repeated")
    held &= twice == 0
    p_values = {f"{axis}, block {block}: {name}": p for axis in AXES for block in range(asked.blocks)
                for name, p in battery(words_at(along(axis, 1 << 20, block))).items()}
    for axis in AXES:
        least, uniform, name = verdict({n: p for n, p in p_values.items() if n.startswith(axis)})
        print(f"  {axis}: least p among so many {least:.3f} ({name}), uniformity p {uniform:.3f}")
    least, uniform, name = verdict(p_values)
    print(f"{len(p_values):,} tests of {4 * len(AXES) * asked.blocks << 20:,} words: least p {min(p_values.values()):.1e} "
          f"({name}), chance of one so small {least:.3f}, all together uniform with p {uniform:.3f}")
    held &= least > 1e-3 and uniform > 1e-3
    p, worst = avalanche(1 << 14)
    print(f"192 x 128 bits turned and moved, {1 << 14:,} counters: p {p:.3f}, largest deviation {worst:.2f} s.d.")
    held &= p > 1e-3 and worst < 6
    print(f"{time.perf_counter() - began:.0f} s; {'all held' if held else 'NOT HELD'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
