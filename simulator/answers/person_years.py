"""Years of persons who are all alike, each with a Poisson number of bills: settled by the simulation's kernel, by the million, or
bill by bill by the rules.

Both walk the same claims: a person-year has the same bills to the fen in either (docs/losses.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from simulator.care.conduct import neutral_variant, stack
from simulator.care.levers import levels_as_stated
from simulator.care.walk import CASE_GROUPS, HAZARD, LEVELS, PRICE, RATE, BillTables, Streams, onsets_of, rows_of
from simulator.chance.quantiles import QuantileTable, gap_table
from simulator.chance.random import ADMISSION, VISIT, philox_words, year_stream
from simulator.engine.flows import check
from simulator.engine.workers import DrawFactors, Walks, Workers, YearWork, walk_all
from simulator.kernel.draw import YearInputs
from simulator.kernel.people import People, facts_of
from simulator.law.rows import NO_STAY_RULES, NOT_SEEN, SETTLED, STAY, empty_years, plain_rows, settle_rows
from simulator.law.year import YearState
from simulator.money import LARGEST_BILL
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.plan import N_CHRONIC, Plan, pack
from simulator.tables import BEHIND_ALL, FACTS, INPATIENT, LEFT, NO_ILLNESS, PAYERS, Fact

BATCHES = 200                   # sums of which the standard error is made
PERSONS = 10_000                # most of a replica
YEAR = 2012
EVERY_WORD = 1 << 32                 # a threshold above every word
LAST_COUNTY, LAST_RANK = 4095, 9999               # of a county in no pilot, of a person without commercial cover


@dataclass(frozen=True)
class Insured:
    """A person and the bills they have, under a plan; indices are those of the catalogue."""

    plan: Plan
    kind: int = INPATIENT
    tier: int = TIERS.index("county")
    member_class: int = CLASSES.index("adult")
    group: int = GROUPS.index("none")
    in_scope: int = 10_000          # of a bill, 1/10,000
    commercial: bool = False

    def under(self, **changes: Any) -> Insured:
        """The same person under a plan with other terms."""
        return replace(self, plan=self.plan._replace(**changes))

    def bills(self, billed: np.ndarray) -> np.ndarray:
        """Bills of these amounts in fen as facts, int64[n, FACTS]."""
        rows = np.zeros((len(billed), FACTS), dtype=np.int64)
        rows[:, [Fact.KIND, Fact.TIER, Fact.MEMBER_CLASS, Fact.GROUP]] = self.kind, self.tier, self.member_class, self.group
        rows[:, [Fact.PILOT_RANK, Fact.PAYMENT_RANK]] = BEHIND_ALL
        rows[:, Fact.COVER_RANK] = 0 if self.commercial else BEHIND_ALL
        rows[:, Fact.ILLNESS], rows[:, Fact.UNITS], rows[:, Fact.DAYS] = NO_ILLNESS, 1, 1
        rows[:, Fact.BILLED], rows[:, Fact.ELIGIBLE] = billed, (billed * self.in_scope + 5000) // 10_000
        return rows

    def settle(self, person: np.ndarray, billed: np.ndarray, earlier: int = 0) -> np.ndarray:
        """What each payer pays of each bill, int64[n, payers] in fen: the rules alone, bills in the order they are in.

        `person` int64[n] says whose a bill is, and may be any whole numbers from 0 on. So many `earlier` admissions count.
        """
        bills, persons, count = self.bills(billed), int(person.max(initial=0)) + 1, len(billed)
        paid, fate = np.zeros((count, LEFT), dtype=np.int64), np.full(count, SETTLED, dtype=np.int64)
        nothing = np.zeros(count, dtype=np.int64)
        years = empty_years(persons)
        years.state[:, [YearState.ADMISSIONS, YearState.ADMISSIONS_AT + self.tier]] = earlier
        settle_rows(pack([self.plan]), NO_STAY_RULES, plain_rows(person, nothing, nothing), bills, years,
                    empty_years(0), np.zeros((0, STAY), dtype=np.int64), paid, fate, NOT_SEEN)
        return paid[:, :len(PAYERS)]

    def settle_after(self, billed: np.ndarray, earlier: int = 0) -> np.ndarray:
        """As `settle`, each bill in a year of its own that is empty but for so many earlier admissions."""
        return self.settle(np.arange(len(billed)), billed, earlier)


@dataclass(frozen=True)
class Size:
    """How many person-years: batches of replicas of persons."""

    persons: int
    replicas: int

    @property
    def years(self) -> int:
        return BATCHES * self.batch

    @property
    def batch(self) -> int:
        """Person-years of a batch."""
        return self.replicas * self.persons


def size_of(years: int) -> Size:
    """So many person-years, or as few more as make batches of one size."""
    persons = min(-(-years // BATCHES), PERSONS)
    return Size(persons, -(-years // (BATCHES * persons)))


@dataclass(frozen=True)
class Claims:
    """A Poisson process of bills: `rate` a person-year, amounts from a quantile table in fen."""

    rate: float
    table: QuantileTable
    seed: int

    @property
    def hazard(self) -> int:
        """Of a person, in units of which HAZARD are one expected claim at `inverse`."""
        return max(round(self.rate * HAZARD), 1)

    @property
    def inverse(self) -> int:
        """What the gaps are multiplied by, of RATE: it makes up for the rounding of the hazard."""
        return round(RATE * self.hazard / (self.rate * HAZARD))


def kernel_sums(terms: np.ndarray, insured: Insured, claims: Claims, size: Size, threads: int) -> np.ndarray:
    """What each batch of person-years comes to under each plan, int64[BATCHES, P, tables.COLUMNS] in fen, by the simulation's
    kernel. `terms` int64[P, TERMS]; the insured's own plan is not read. Threads never change a result."""
    tables = bill_tables(claims.table, insured)
    conduct = stack([neutral_variant(tables, len(ILLNESSES))] * len(terms), tables)
    work = YearWork(YEAR, YearInputs(streams(insured, claims, size.persons), tables, people(insured, size.persons)), conduct,
                    False, PRICE)
    each = np.ones(BATCHES, dtype=np.int64)
    factors = DrawFactors(np.broadcast_to(terms, (BATCHES, *terms.shape)), PRICE * each, claims.inverse * each,
                          claims.inverse * each, 65536 * each)
    with ThreadPoolExecutor(threads) as pool:
        try:
            sums, = walk_all([Walks(work, factors, tuple(range(BATCHES)))], size.replicas, Workers(pool))
        except BaseException:
            pool.shutdown(cancel_futures=True)             # or an interruption would wait for all that is left to walk
            raise
    for batch in sums:
        check(type(batch)(*(array[None] for array in batch)), "losses")
    return np.stack([batch.month.sum(axis=(1, 2)) for batch in sums])


def people(insured: Insured, persons: int) -> People:
    """So many alike persons as the kernel reads them, each a household, none of the sample whose burden is measured."""
    def column(value: int, kind: type) -> np.ndarray:
        return np.full(persons, value, dtype=kind)

    member_class, group, quintile = column(insured.member_class, np.int8), column(insured.group, np.int8), column(0, np.int8)
    county, cover = column(LAST_COUNTY, np.int16), column(0 if insured.commercial else LAST_RANK, np.int16)
    household, sampled = np.arange(persons, dtype=np.int32), column(False, np.bool_)
    return People(member_class, group, county, cover, quintile, np.zeros((0, 4), dtype=np.int64),
                  facts_of(member_class, group, cover, county, quintile, sampled, household))


def streams(insured: Insured, claims: Claims, persons: int) -> Streams:
    """The persons' admissions or visits; nobody falls ill of a listed illness."""
    own, none = np.arange(persons + 1, dtype=np.int64) * claims.hazard, np.zeros(persons + 1, dtype=np.int64)
    admissions, visits = (own, none) if insured.kind == INPATIENT else (none, own)
    gap = gap_table(HAZARD)
    return Streams(np.uint64(claims.seed), np.uint64(0), rows_of(admissions), rows_of(visits), onsets_of(none[None]),
                   np.full((2, 121, len(ILLNESSES)), EVERY_WORD), np.zeros(persons, dtype=np.int16), YEAR, gap.base, gap.width,
                   np.arange(persons, dtype=np.int32))


def bill_tables(table: QuantileTable, insured: Insured) -> BillTables:
    """The amounts of a quantile table, for admissions and for visits, all at the insured's tier."""
    tiers, illnesses, in_scope = len(TIERS), len(ILLNESSES), insured.in_scope

    def zeros(*shape: int) -> np.ndarray:
        return np.zeros(shape, dtype=np.int64)

    base, width = np.tile(table.base, (tiers, 1)), np.tile(table.width, (tiers, 1))
    own_tier, nil = np.where(np.arange(tiers) < insured.tier, 0, EVERY_WORD), np.int64(0)
    return BillTables(
        tier_of=own_tier, base=base, width=width, in_scope=np.full((tiers, LEVELS), in_scope), tcm_share=zeros(tiers),
        unreferred=zeros(tiers), case_price=zeros(tiers, CASE_GROUPS), stay=zeros(tiers, CASE_GROUPS) + 1, emergency=nil,
        new_drug=nil, new_drug_part=nil, visit_tier_of=own_tier, visit_base=base, visit_width=width,
        visit_in_scope=np.full(tiers, in_scope), chronic=nil, chronic_groups=zeros(N_CHRONIC - 1),
        illness_base=zeros(illnesses, 2, table.base.size),
        illness_width=zeros(illnesses, 2, table.base.size), illness_bills=zeros(illnesses, 2),
        illness_tier_of=np.full((illnesses, tiers), EVERY_WORD), illness_in_scope=zeros(illnesses), survival=zeros(illnesses, 1),
        **levels_as_stated(tiers, illnesses))


def person_years(insured: Insured, claims: Claims, size: Size, most: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The claims of the first replicas, at most about `most` person-years (one replica at least), drawn once more: whose each
    bill is, from 0 to size.persons - 1, and what is billed in fen, both int64[n] in order of time."""
    stream = year_stream(YEAR, ADMISSION if insured.kind == INPATIENT else VISIT)
    places = ((draw, replica) for draw in range(BATCHES) for replica in range(size.replicas))
    for draw, replica in islice(places, max(most // size.persons, 1)):
        yield drawn_replica(claims, size.persons, (replica, draw, stream))


def drawn_replica(claims: Claims, persons: int, counter: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The claims of one replica: exponential gaps along the persons' hazard, as `care/walk.py` walks them."""
    gap, end = gap_table(HAZARD), persons * claims.hazard
    expected = persons * claims.rate
    count = int(expected + 8 * expected**0.5) + 20
    while True:
        words = philox_words(claims.seed, 0, np.arange(count), *counter)
        position = np.cumsum((gap.at(words[:, 0]) * claims.inverse) >> 20)
        if position[-1] >= end:
            break
        count *= 2
    number = int(np.searchsorted(position, end))
    return position[:number] // claims.hazard, np.minimum(claims.table.at(words[:number, 2]), LARGEST_BILL)
