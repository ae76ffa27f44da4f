"""The reference job by a kernel of its own: Poisson claims, lognormal bills, plans of a deductible, a ratio and an annual cap.

Nobody runs it but the benchmarks: it is a bound for what the simulation's kernel, which knows all rules, could reach on a job so
simple (docs/performance.md has the ratio). `fundsim losses` does the same job by the simulation's kernel.

A chunk of person-years is walked claim by claim through exponential gaps, so persons without a claim cost nothing. Claims
are drawn in blocks and settled plan by plan; every pass over a block is free of branches and vectorises. Three facts keep it
exact: a chunk is one replica of the counter layout (no order of chunks or threads matters), payments are whole fen, and sums
are integers. A person's claims never straddle a block: those of the last person wait for the next one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from scipy import stats

from simulator.chance.quantiles import QuantileTable, table_of
from simulator.chance.random import ADMISSION, amount_at, philox, survival_cell
from simulator.compiling.compiled import compiled, lean

BLOCK = 1024                       # claims drawn at once, two to a counter
ROOM = 2 * BLOCK                   # a block and the claims that waited for it
HALF = BLOCK // 2
PERSON = 24                        # a person-year is 2^24 units of the walk
CLAIMS = 1 << 19                   # about so many of a walk: it costs 40 microseconds whatever its length
ROUND = 2.0**52                    # adding it leaves the nearest integer in a float's low bits
ROUND_BITS = int(np.float64(ROUND).view(np.int64))
MEAN, CV = 5000.0, 2.0             # yuan


class Plan(NamedTuple):
    """Terms of a plan: deductible of a claim and annual cap in fen, ratio in 1/10,000."""

    deductible: int
    ratio: int
    cap: int


REFERENCE = Plan(500_00, 7500, 80_000_00)


def plans(count: int) -> np.ndarray:
    """float64[count, 3]: the reference plan and others around it, in whole fen and 1/10,000."""
    rows = [REFERENCE]
    for p in range(1, count):
        rows.append(Plan(200_00 + 37_00 * (p % 29), 5000 + 125 * (p % 33), 50_000_00 + 2_500_00 * (p % 41)))
    return np.array(rows, dtype=np.float64)


@lean
def draw_words(seed, first, replica, gap_word, amount_word):
    """Fill uint32[BLOCK] twice: each counter's four words are the gap and the amount of two claims.

    The arguments are uint32: only if the compiler knows that does it multiply eight counters at once.
    """
    stream = np.uint32(ADMISSION)
    for i in range(HALF):
        w0, w1, w2, w3 = philox(seed, np.uint32(0), np.uint32(first + i), replica, np.uint32(0), stream)
        gap_word[i], amount_word[i], gap_word[HALF + i], amount_word[HALF + i] = w0, w1, w2, w3


@lean
def draw_cells(words, cells):
    """The table cell of each survival word and its place in the cell, cell << 17 | odd place: `quantile`'s first half."""
    for i in range(BLOCK):
        cells[i] = survival_cell(words[i])


@lean
def look_up(base, width, cells, amounts, start):
    """Amounts at the cells, whole numbers: `quantile`'s second half. Apart, the first vectorises: 0.6 ns a word, together 2.0."""
    for i in range(BLOCK):
        amounts[start + i] = amount_at(base, width, cells[i])


@lean
def round_bits(amount, deductible, ratio):
    """Half-up fen of what a plan pays of a bill, as the bits of a float64 above 2^52 (`ROUND_BITS` is nothing).

    `ratio` is a float64 from 0 to 1. Amount x ratio lies 1/10,000 apart, so half a step more leaves no ties, and errors of
    rounding (3e-6 for the largest bill) change nothing: the result is money.share's to the fen.
    """
    return np.float64((max(amount - deductible, 0.0) * ratio + 0.00005) + ROUND).view(np.int64)


@lean
def pay_all(amounts, count, deductible, ratio):
    """What a plan pays of a block's claims before the annual cap, fen."""
    total = np.int64(0)
    for i in range(count):
        total += round_bits(amounts[i], deductible, ratio)
    return total - count * ROUND_BITS


@lean
def above_cap(amounts, first, last, totals, heavy, deductible, ratio, cap):
    """What the annual cap keeps from the persons whose bills exceed some plan's cap, fen; their claims are first .. last."""
    cut = np.int64(0)
    for h in range(heavy):
        if totals[h] > cap:
            paid = np.int64(0)
            for i in range(first[h], last[h]):
                paid += round_bits(amounts[i], deductible, ratio) - ROUND_BITS
            cut += max(paid - np.int64(cap), 0)
    return cut


@lean
def walk(steps, amounts, waiting, place, end, least_cap, first, last, totals):
    """Give each claim its person: (claims of complete persons, claims in all, persons in `first`, `last`, `totals`).

    `amounts` has `waiting` claims of one person, then BLOCK new ones; `place` (position, row) moves on. Persons whose bills
    exceed `least_cap` are noted. Claims beyond `end` are none of this chunk's.
    """
    position, row = place[0], place[1]
    begin, heavy, total = 0, 0, 0.0
    for i in range(waiting):
        total += amounts[i]
    if total > least_cap:
        first[0], last[0], totals[0], heavy = 0, waiting, total, 1
    for i in range(BLOCK):
        position += steps[i]
        if position >= end:
            place[0] = position
            return waiting + i, waiting + i, heavy
        own, at = position >> PERSON, waiting + i
        begin = begin if own == row else at
        total = amounts[at] + (total if own == row else 0.0)
        row = own
        if total > least_cap:
            heavy += 1 if heavy == 0 or first[heavy - 1] != begin else 0
            first[heavy - 1], last[heavy - 1], totals[heavy - 1] = begin, at + 1, total
    place[0], place[1] = position, row
    return begin, waiting + BLOCK, heavy - 1 if heavy > 0 and first[heavy - 1] == begin else heavy


@compiled
def run_chunk(seed, replica, years, plans, severity_base, severity_width, gap_base, gap_width, paid):
    """Settle one chunk of `years` person-years under float64[P, 3] `plans`, added to int64[P] `paid`; returns (claims, billed).

    ValueError if a person has more claims than a block.
    """
    # Bills are whole fen in float64, far below 2^53.
    gap_word, amount_word = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    cells, steps, amounts = np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64), np.empty(ROOM)
    first, last, totals = np.empty(ROOM, np.int64), np.empty(ROOM, np.int64), np.empty(ROOM)
    sums = np.zeros(len(plans), np.int64)                  # the thread's own: `paid` lies beside what other threads write
    place = np.array([0, -1], dtype=np.int64)
    end, least_cap = np.int64(years) << PERSON, plans[:, 2].min()
    claims, billed, waiting, counter = 0, np.int64(0), 0, 0
    while place[0] < end:
        draw_words(np.uint32(seed), np.uint32(counter), np.uint32(replica), gap_word, amount_word)
        counter += HALF
        draw_cells(gap_word, cells)
        look_up(gap_base, gap_width, cells, steps, 0)
        draw_cells(amount_word, cells)
        look_up(severity_base, severity_width, cells, amounts, waiting)
        complete, count, heavy = walk(steps, amounts, waiting, place, end, least_cap, first, last, totals)
        for p in range(len(plans)):
            deductible, ratio, cap = plans[p, 0], plans[p, 1] * 1e-4, plans[p, 2]
            sums[p] += (pay_all(amounts, complete, deductible, ratio)
                        - above_cap(amounts, first, last, totals, heavy, deductible, ratio, cap))
        billed += pay_all(amounts, complete, 0.0, 1.0)
        claims += complete
        waiting = count - complete
        if waiting > BLOCK:
            raise ValueError("a person has more claims than a block holds")
        for i in range(waiting):
            amounts[i] = amounts[complete + i]
    for p in range(len(plans)):
        paid[p] += sums[p]
    return claims, billed


class Tables(NamedTuple):
    """What is drawn from: bills in fen, distances between claims in units of the walk, and the person-years of a walk."""

    severity: QuantileTable
    gap: QuantileTable
    chunk: int


def tables(rate: float) -> Tables:
    """Lognormal bills, mean 5,000 yuan and coefficient of variation 2, at `rate` claims a person-year."""
    sigma2 = np.log(1 + CV * CV)
    return Tables(table_of(stats.lognorm(np.sqrt(sigma2), scale=MEAN * np.exp(-sigma2 / 2)), 100),
                  table_of(stats.expon(), 2.0**PERSON / rate), 1 << max(int(np.log2(CLAIMS / rate)), 0))


def simulate(years: int, drawn_from: Tables, terms: np.ndarray, threads: int = 1,
             seed: int = 2012) -> tuple[int, list[int], np.ndarray]:
    """`years` person-years: (claims, billed fen of each chunk, paid fen int64[chunks, P]); threads never change a result."""
    chunks = [min(drawn_from.chunk, years - start) for start in range(0, years, drawn_from.chunk)]
    paid = np.zeros((len(chunks), len(terms)), dtype=np.int64)

    def one(chunk: int) -> tuple[int, int]:
        return run_chunk(seed, chunk, chunks[chunk], terms, *drawn_from.severity, *drawn_from.gap, paid[chunk])

    with ThreadPoolExecutor(max_workers=threads) as pool:
        done = list(pool.map(one, range(len(chunks))))
    return sum(claims for claims, _ in done), [billed for _, billed in done], paid
