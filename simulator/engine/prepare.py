"""The people of one scheme and region, prepared for the kernel: roster, rates, bills and the arrays of each year."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Generic, TypeVar

import numpy as np

from simulator.care.levers import Spreads
from simulator.care.rates import Rates, expected_rates, hazard, listed_bills_expected
from simulator.care.severity import bill_spreads, bill_tables, mean_bill
from simulator.care.walk import HAZARD, BillTables, Streams, onsets_of, rows_of
from simulator.chance.quantiles import gap_table, thresholds
from simulator.chance.random import ROSTER_DRAW, philox_words, year_stream
from simulator.engine.measures import Sample
from simulator.kernel.expected import FirstBillTables
from simulator.kernel.people import People, facts_of
from simulator.kernel.quadrature import Nodes, quadrature
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES
from simulator.parameters.plans import series_value
from simulator.parameters.regions import Reader, Region
from simulator.parameters.values import Read
from simulator.people.roster import COVER, build_roster
from simulator.tables import Roster

T = TypeVar("T")


@dataclass(frozen=True)
class YearPeople:
    """One year of one scheme's people, as the kernel and the control variate read them."""

    people: People
    streams: Streams
    sample: Sample                 # of one replica at the central path's incomes (see Sample.walked)
    present: int                   # rows present
    active: float                  # the share of active members
    code: np.ndarray               # int64[R]: member class and assistance group
    admissions: np.ndarray         # int64[R]: expected ordinary admissions of each row, in hazard units
    visits: np.ndarray             # float64[C, G]: expected visits of everybody, sampled or not
    price: float                   # the mean bill relative to the first year's

    def claims(self, payment_counties: int) -> np.ndarray:
        """Expected ordinary admissions by class and group, outside the payment area and in it, float64[C, G, 2]."""
        in_area = self.people.county < payment_counties
        return expected_by(self.code * 2 + in_area, self.admissions, 2).reshape(len(CLASSES), len(GROUPS), 2)


class SpreadBills:
    """Ordinary admissions' bills under each coefficient of variation that worlds choose among, worked out when asked for."""

    def __init__(self, make: Callable[[], Spreads]) -> None:
        self._make = make

    @cached_property
    def tables(self) -> Spreads:
        return self._make()

    @cached_property
    def nodes(self) -> list[Nodes]:
        return [quadrature(*spread) for spread in zip(*self.tables, strict=True)]


@dataclass(frozen=True)
class SchemePeople:
    """A scheme's people over all years of a scenario. `reader` records every parameter value that they are made from."""

    region: Region
    scheme: str
    reader: Reader
    roster: Roster
    rates: Rates
    tables: BillTables
    first_bills: FirstBillTables
    spread_bills: SpreadBills
    gap: tuple[np.ndarray, np.ndarray]
    cover: np.ndarray              # int16[R]: each row's rank for the commercial supplement, 0 .. 9,999
    seed: int
    first_year: int
    number: int = 0                # of the roster
    _latest: dict[int, YearPeople] = field(default_factory=dict, repr=False)

    def onset_hazards(self, year: int) -> np.ndarray:
        """The cumulative onset hazards of `year` and of the years before it, the latest first, int64[Y, R + 1]."""
        last = year - self.rates.first_onset_year
        return np.stack([hazard(self.rates.onsets[k]) for k in range(last, last - self.rates.course.years, -1)])

    def listed_expected(self, year: int, pilot_counties: int, keep: np.ndarray | None = None) -> np.ndarray:
        """Expected bills of listed illnesses, float64[I, 2, C, G, 2]: in the first and in later years of the course, by class and
        group, outside the pilot counties and in them. `keep` float64[I] is the share of onsets that a policy leaves from the
        first year on."""
        shape = (len(ILLNESSES), 2, len(CLASSES), len(GROUPS), 2)
        roster = self.roster
        code = (roster.member_class(year).astype(np.int64) * len(GROUPS) + roster.group) * 2 + (roster.county < pilot_counties)
        return listed_bills_expected(roster, self.rates.course, year, self.first_year, code,
                                     len(CLASSES) * len(GROUPS) * 2, keep).reshape(shape)

    def year(self, year: int) -> YearPeople:
        """The arrays of one year; those of the latest year asked for are kept."""
        made = self._latest.get(year)
        if made is None:
            made = self._year(year)
            self._latest.clear()
            self._latest[year] = made
        return made

    def _year(self, year: int) -> YearPeople:
        roster, read = self.roster, self.reader.value
        y = year - self.first_year
        present = roster.present(year)
        households = int(roster.household.max()) + 1
        member_class = roster.member_class(year)
        line, need = price_lines(read, year)
        factor = income_factor(read, self.scheme, self.first_year, year, roster)
        income = np.floor(roster.income * factor + 0.5).astype(np.int64)
        food = np.floor(income * np.where(roster.urban == 1, *food_shares(read, year)))
        by_household = [np.bincount(roster.household, weights=np.where(present, column, 0), minlength=households).astype(np.int64)
                        for column in (income, np.full(roster.rows, line), np.where(roster.urban == 1, need[0], need[1]), food)]
        first_row = np.searchsorted(roster.household, np.arange(households))
        household_quintile, household_sampled = roster.quintile[first_row], roster.sampled[first_row]
        inhabited = np.bincount(roster.household, weights=present, minlength=households) > 0
        people = People(member_class=member_class, group=roster.group, county=roster.county, cover=self.cover,
                        quintile=roster.quintile,
                        homes=np.stack([*by_household, household_quintile.astype(np.int64)], axis=1)[household_sampled],
                        facts=facts_of(member_class, roster.group, self.cover, roster.county, roster.quintile, roster.sampled,
                                       roster.household))
        admissions, visits = hazard(self.rates.admissions[y]), hazard(self.rates.visits[y])
        walked = hazard(np.where(roster.sampled, self.rates.visits[y], 0.0))
        base, width = self.gap
        streams = Streams(key0=np.uint64(self.seed), key1=np.uint64(roster.people_id), admissions=rows_of(admissions),
                          visits=rows_of(walked),
                          onsets=onsets_of(self.onset_hazards(year)), illness_of=illness_thresholds(self.rates.course.onset),
                          persons=(roster.birth_year << 2 | roster.sex << 1 | present).astype(np.int16),
                          policy_from=self.first_year, gap_base=base, gap_width=width, household=roster.household)
        code = member_class.astype(np.int64) * len(GROUPS) + roster.group
        counted = present & roster.sampled
        sample = Sample(
            persons=np.asarray(present.sum()), visit_weight=np.asarray(visits[-1] / walked[-1] if walked[-1] > 0 else 0.0),
            households=np.bincount(household_quintile[inhabited & household_sampled], minlength=5),
            sampled_persons=np.bincount(roster.quintile[counted], minlength=5),
            income=np.bincount(roster.quintile[counted], weights=income[counted], minlength=5).astype(np.int64),
            groups=np.bincount(roster.quintile[counted].astype(np.int64) * len(GROUPS) + roster.group[counted],
                               minlength=5 * len(GROUPS)).reshape(5, len(GROUPS)),
            income_index=np.ones(1))
        shape = (len(CLASSES), len(GROUPS))
        return YearPeople(
            people=people, streams=streams, sample=sample, present=int(present.sum()),
            active=float((member_class[present] == CLASSES.index("active")).sum()) / max(int(present.sum()), 1),
            code=code, admissions=np.diff(admissions), visits=expected_by(code, np.diff(visits)).reshape(shape),
            price=mean_bill(read, self.scheme, year) / mean_bill(read, self.scheme, self.first_year))


def expected_by(code: np.ndarray, units: np.ndarray, parts: int = 1) -> np.ndarray:
    """Expected claims by code, from hazard units (integer sums below 2^53 are exact in float64)."""
    total = np.bincount(code, weights=units.astype(np.float64), minlength=len(CLASSES) * len(GROUPS) * parts)
    return total / HAZARD


def illness_thresholds(onset: np.ndarray) -> np.ndarray:
    """The cumulative thresholds int64[2, 121, I] that decide, by sex and age, which illness an onset is."""
    return thresholds(np.where(onset.any(axis=2, keepdims=True), onset, 1.0))


def price_lines(read: Read, year: int) -> tuple[int, tuple[int, int]]:
    """The poverty line and the subsistence needs (urban, rural) of a year in fen a head: dated amounts, moved by inflation."""
    def moved(path: str) -> int:
        dated = read(path, year)
        level = float(dated.value)
        for past in range(dated.from_.year + 1, year + 1):
            level = level * (1.0 + float(read("income.cpi", past).value) / 100.0)
        return int(level * 100 + 0.5)
    return moved("income.poverty_line"), (moved("income.subsistence_urban"), moved("income.subsistence_rural"))


def food_shares(read: Read, year: int) -> tuple[float, float]:
    """The shares of food in what households spend, urban and rural."""
    urban, rural = (float(read(f"income.food_share_{place}", year).value) / 100.0 for place in ("urban", "rural"))
    return urban, rural


def income_factor(read: Read, scheme: str, first_year: int, year: int, roster: Roster) -> np.ndarray:
    """Each row's income relative to the first year on the central path, by the series of where it lives (urban or rural)."""
    def growth(path: str) -> float:
        return float(series_value(read, path, year)) / float(series_value(read, path, first_year))
    if scheme == "nrcms":
        return np.full(roster.rows, growth("income.rural_net_income"))
    if scheme in ("uebmi", "urbmi"):
        return np.full(roster.rows, growth("income.urban_disposable_income"))
    return np.where(roster.urban == 1, growth("income.urban_disposable_income"), growth("income.rural_net_income"))


def prepare(region: Region, scheme: str, first_year: int, years: int, rows: int, outpatient_share: tuple[int, int],
            seed: int, roster: int = 0, like: SchemePeople | None = None) -> SchemePeople:
    """Prepare the people of a region's scheme from its parameters, on the roster of that number. `like` are the same people on
    another one, whose tables these share. People who were prepared from equal values are taken again."""
    asked = region.name, scheme, first_year, years, rows, outpatient_share, roster
    reader = like.reader if like else region.reading()
    kept = _kept.find(asked, reader)
    if kept:
        return replace(kept, region=region, seed=seed, reader=reader, _latest={})
    people = _prepare(region, scheme, first_year, years, rows, outpatient_share, seed, roster, like)
    _kept.keep(asked, replace(people, _latest={}), people.reader)
    return people


def _prepare(region: Region, scheme: str, first_year: int, years: int, rows: int, outpatient_share: tuple[int, int],
             seed: int, roster: int, like: SchemePeople | None) -> SchemePeople:
    reader = like.reader if like else region.reading()
    persons = _roster_of(reader, scheme, first_year, years, rows, outpatient_share, roster)
    rates = expected_rates(reader.value, persons, range(first_year, first_year + years))
    cover = cover_ranks(persons, roster)
    if like:
        return replace(like, roster=persons, rates=rates, cover=cover, number=roster, _latest={})
    tables = bill_tables(reader.value, scheme, first_year, rates.course)
    spread_bills = SpreadBills(partial(bill_spreads, reader.value, scheme, first_year, rates.course))
    gap = gap_table(HAZARD)
    return SchemePeople(region, scheme, reader, persons, rates, tables, FirstBillTables(tables), spread_bills,
                        (gap.base, gap.width), cover, seed, first_year, roster)


def _roster_of(reader: Reader, scheme: str, first_year: int, years: int, rows: int, outpatient_share: tuple[int, int],
               number: int) -> Roster:
    """A roster, which people whose care alone is another have in common."""
    asked = reader.name, scheme, first_year, years, rows, outpatient_share, number
    kept = _rosters.find(asked, reader)
    if kept is None:
        own = Reader(reader.region)
        kept = build_roster(own, scheme, first_year, years, rows, outpatient_share, number)
        _rosters.keep(asked, kept, own)
        reader.take(own)
    return kept


class _Kept(Generic[T]):
    """What this process has prepared, by what was asked and by every value that was read for it: a scenario's passes, and
    scenarios that change the rules alone, have their people in common."""

    ROOM = 4_000_000                       # rows x years that are kept in all: of people some 150 MB

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[tuple, list[tuple[Reader, T]]] = {}

    def find(self, asked: tuple, reader: Reader) -> T | None:
        """What was prepared from the values that the reader's region has too, which it is taken to have read; None if there is
        nothing."""
        with self._lock:
            candidates = list(self._made.get(asked, ()))
        for read, made in candidates:
            if read.reads_alike(reader.region):
                reader.take(read)
                return made
        return None

    def keep(self, asked: tuple, made: T, reader: Reader) -> None:
        """Keep what was made with what has been read for it so far, and forget the oldest where there is no room."""
        read = Reader(reader.region)
        read.take(reader)
        with self._lock:
            self._made.setdefault(asked, []).append((read, made))
            while self._made and sum(len(kept) * key[3] * key[4] for key, kept in self._made.items()) > self.ROOM:
                oldest = next(iter(self._made))
                self._made[oldest].pop(0)
                if not self._made[oldest]:
                    del self._made[oldest]


_kept, _rosters = _Kept[SchemePeople](), _Kept[Roster]()


def cover_ranks(roster: Roster, number: int = 0) -> np.ndarray:
    """Each row's fixed rank for the commercial supplement, int16[R], 0 .. 9,999: random, and evenly spread over the ranks."""
    bits = philox_words(number, roster.people_id, np.arange(roster.rows), 0, ROSTER_DRAW, year_stream(0, COVER))[:, 0]
    rank = np.empty(roster.rows, dtype=np.int64)
    rank[np.argsort(bits, kind="stable")] = np.arange(roster.rows)
    return (rank * 10_000 // roster.rows).astype(np.int16)
