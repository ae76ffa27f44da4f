"""Where the walks of a year are done, and in how large pieces: threads, processes or a cluster.

A *walk* is one replica of one draw in one year; a task is some walks of one draw, or some whole
draws. Tasks leave integers, which add up to the same sums however the walks are shared out.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, Protocol

import numpy as np

from simulator.care.conduct import Conduct, chosen
from simulator.care.levers import Moved, Spreads, tiers_under
from simulator.care.walk import DrawTask
from simulator.engine.bill_rows import has_local_tiers
from simulator.engine.world_sums import Readings, Shared, alone_in_draws, shared_in_draws
from simulator.kernel.draw import YearInputs
from simulator.kernel.programs import policies_of, run_draw
from simulator.kernel.rows import PolicyRows
from simulator.kernel.sums import DrawSums, Sums, empty_sums

_here = threading.local()
TASKS_A_CORE = 64                  # enough for the last ones to end together
EVERY_WALK = 1 << 30               # more than there are: a chunk for whoever walks alone, and waits for nobody


class Pool(Protocol):
    """What does tasks: any executor of `concurrent.futures`, `Client.get_executor()` of Dask, or whatever has such a `map`."""

    def map(self, function: Callable, tasks: Iterable, /) -> Iterable: ...


class Serial:
    """The thread that asks, which does one task after the other."""

    def map(self, function: Callable, tasks: Iterable, /) -> Iterable:
        return map(function, tasks)


@dataclass(frozen=True)
class Workers:
    """`pool` walks, `chunk` walks a task (None: by the number of cores); `here` maps what needs this process's memory.

    Tasks for another process take the year's people and tables with them (some megabytes): the larger the chunk, the fewer.
    """

    pool: Pool
    chunk: int | None = None
    here: Callable = map
    whole: bool = True


class YearWork(NamedTuple):
    """What all walks of a scheme's year read."""

    year: int
    inputs: YearInputs
    conduct: Conduct               # what policies do to care
    needs_extra_bits: bool         # a policy asks for emergencies, new drugs or thinning
    list_price: int                # the central path's price index
    whole: bool = True             # with what the worlds of a roster have together
    rows: PolicyRows | None = None     # of policies whose bills are not all under one row of terms
    spreads: Spreads | None = None     # of bills, where worlds choose among them


class DrawFactors(NamedTuple):
    """How D draws move what the year's walks read."""

    terms: np.ndarray              # int64[D, P, TERMS]
    price: np.ndarray              # int64[D], in 1/65,536 of the start year's prices
    inverse_rate: np.ndarray       # int64[D], 2^20 over the rate multiplier of admissions
    inverse_visit_rate: np.ndarray     # int64[D], the same of visits
    income: np.ndarray             # int64[D], in 1/65,536 of the central path
    variant: np.ndarray | None = None      # int64[D, P]: which of the variants a policy has (None: as `YearWork.conduct` says)
    care: Moved | None = None              # what draws have in place of what is stated (None: all have that)

    def only(self, draws: np.ndarray | slice) -> DrawFactors:
        """Those of some draws."""
        return DrawFactors(self.terms[draws], self.price[draws], self.inverse_rate[draws],
                           self.inverse_visit_rate[draws], self.income[draws],
                           None if self.variant is None else self.variant[draws], self.care and self.care.only(draws))


class Walks(NamedTuple):
    """The walks of a year on one roster."""

    work: YearWork
    factors: DrawFactors
    draws: tuple[int, ...]         # their numbers


class Task(NamedTuple):
    """Some replicas of some draws of a year."""

    work: YearWork
    factors: DrawFactors           # of its draws alone
    draws: tuple[int, ...]
    replicas: range


def walk(task: Task) -> list[Sums]:
    """Do a task: the sums of each of its draws over its replicas."""
    work, factors, results = task.work, task.factors, list[Sums]()
    sums: DrawSums | None = None
    readings: Readings | None = None
    for n, (draw, conduct, shared) in enumerate(zip(task.draws, *rules_in_draws(work, factors), strict=True)):
        settled, variant = shared.own[shared.rows.policy], conduct.variant
        inputs, conduct = care_in_draw(work, factors.care, n, conduct)
        size = len(settled), len(conduct.neutral)
        if sums is None or readings is None or (len(sums.paid.place), len(sums.drawn.place)) != size:
            results += readings.rest() if readings else []
            sums = zero_sums(*size)
            readings = Readings(sums, work.whole)
        run_draw(inputs,
                 policies_of(factors.terms[n][settled], shared.rows.part, conduct._replace(variant=variant[settled]), work.rows),
                 DrawTask(draw, task.replicas.start, len(task.replicas), work.year, factors.price[n], work.list_price,
                          factors.inverse_rate[n], factors.inverse_visit_rate[n], factors.income[n], work.needs_extra_bits,
                          has_local_tiers(work.rows)), sums)
        results += readings.note(shared, variant)
    return results + (readings.rest() if readings else [])


def care_in_draw(work: YearWork, moved: Moved | None, n: int, conduct: Conduct) -> tuple[YearInputs, Conduct]:
    """What the walks of a draw read, and what policies do to its care."""
    if moved is None:
        return work.inputs, conduct
    stated = work.inputs.tables
    tables = moved.tables(stated, n, work.spreads)
    return work.inputs._replace(tables=tables), conduct._replace(tier_of=tiers_under(conduct.tier_of, stated.tier_of,
                                                                                     tables.tier_of))


def rules_in_draws(work: YearWork, factors: DrawFactors) -> tuple[Sequence[Conduct], Iterable[Shared]]:
    """The care of the P policies in each draw, and what they share of settlement."""
    draws, variant, conduct = len(factors.terms), factors.variant, work.conduct
    if variant is None or (variant == variant[:1]).all():
        of_draws = [conduct if variant is None else chosen(conduct, conduct.variant[variant[0]])] * draws
        shared = shared_in_draws(factors.terms, of_draws[0].variant)
    else:
        of_draws = [chosen(conduct, conduct.variant[own]) for own in variant]
        shared = chain.from_iterable(shared_in_draws(factors.terms[n:n + 1], own.variant) for n, own in enumerate(of_draws))
    return of_draws, shared if work.rows is None else alone_in_draws(draws, factors.terms.shape[1])


def zero_sums(rows: int, variants: int) -> DrawSums:
    """This thread's sums, all zero: fresh memory for every draw would cost a tenth of a small one."""
    sums = getattr(_here, "sums", None)
    if sums is None or (len(sums.paid.place), len(sums.drawn.place)) != (rows, variants):
        _here.sums = sums = empty_sums(rows, variants)
    for array in (*sums.paid, *sums.drawn):
        array.fill(0)
    return sums


def walks_a_task(walks: int, chunk: int | None) -> int:
    """How many of so many walks are one task: `chunk`, or as many as leave each core some tasks."""
    return chunk or max(walks // (TASKS_A_CORE * (os.cpu_count() or 1)), 1)


def tasks(walks: Walks, replicas: int, most: int) -> Iterator[Task]:
    """All walks on one roster, at most so many a task: whole draws where they fit in, else replicas of one draw."""
    together, part = max(most // replicas, 1), min(most, replicas)
    for first_draw in range(0, len(walks.draws), together):
        of = slice(first_draw, first_draw + together)
        own = walks.factors.only(of)
        for first in range(0, replicas, part):
            yield Task(walks.work, own, walks.draws[of], range(first, min(first + part, replicas)))


def walk_all(walks: Sequence[Walks], replicas: int, workers: Workers) -> list[list[Sums]]:
    """The sums over all replicas of every draw, roster by roster."""
    most = walks_a_task(sum(len(own.draws) for own in walks) * replicas, workers.chunk)
    todo = [(place, task) for place, own in enumerate(walks) for task in tasks(own, replicas, most)]
    sums: list[dict[int, Sums]] = [{} for _ in walks]
    for (place, task), results in zip(todo, workers.pool.map(walk, [task for _, task in todo]), strict=True):
        for draw, result in zip(task.draws, results, strict=True):
            if draw not in sums[place]:
                sums[place][draw] = result
            else:
                add(sums[place][draw], result)
    return [[found[draw] for draw in own.draws] for own, found in zip(walks, sums, strict=True)]


def add(target: Sums, more: Sums) -> None:
    """Add the sums of further replicas to those of a draw, in place."""
    for mine, theirs in zip(target, more, strict=True):
        np.add(mine, theirs, out=mine)
