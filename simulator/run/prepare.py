"""The people of one scheme and region, made ready for the kernel: roster, rates, bills and yearly arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulator.care.rates import LISTED_SCHEMES, Rates, expected_rates, hazard, listed_bills_expected
from simulator.care.severity import bill_tables, mean_bill
from simulator.care.walk import HAZARD, BillTables, Streams, onsets_of, rows_of
from simulator.chance.quantiles import gap_table, thresholds
from simulator.chance.random import ROSTER_DRAW, philox_words, year_stream
from simulator.kernel.expected import FirstBillTables
from simulator.kernel.people import People, facts_of
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES
from simulator.parameters.plans import series_value
from simulator.parameters.regions import Reader, Region
from simulator.people.roster import COVER, build_roster
from simulator.run.measures import Sample
from simulator.tables import Roster


@dataclass(frozen=True)
class YearPeople:
    """One year of one scheme's people, as the kernel and the control variate read them."""

    people: People
    streams: Streams
    sample: Sample                 # for one replica; income_index is filled in by the caller
    present: int                   # rows present
    active: float                  # share of active members
    code: np.ndarray               # int64[R] member class and assistance group
    admissions: np.ndarray         # int64[R] hazard units of each row
    visits: np.ndarray             # float64[C, G] expected visits of everybody
    price: float                   # mean bill relative to the start year

    def claims(self, payment_counties: int) -> np.ndarray:
        """Expected ordinary admissions by class and group, outside the payment area and in it, float64[C, G, 2]."""
        inside = self.people.county < payment_counties
        return expected_by(self.code * 2 + inside, self.admissions, 2).reshape(len(CLASSES), len(GROUPS), 2)


@dataclass(frozen=True)
class SchemePeople:
    """A scheme's people over all years of a scenario. `reader` has recorded every value they are made of."""

    region: Region
    scheme: str
    reader: Reader
    roster: Roster
    rates: Rates
    tables: BillTables
    first_bills: FirstBillTables
    gap: tuple[np.ndarray, np.ndarray]
    cover: np.ndarray              # int16[R]: place in line for the commercial supplement, 0 .. 9,999
    seed: int
    first_year: int
    _latest: dict[int, YearPeople] = field(default_factory=dict, repr=False)

    def onset_hazards(self, year: int) -> np.ndarray:
        """Cumulative onset hazards of `year` and the years before it, latest first, int64[Y, R + 1]."""
        last = year - self.rates.first_onset_year
        return np.stack([hazard(self.rates.onsets[k]) for k in range(last, last - self.rates.course.years, -1)])

    def listed_expected(self, year: int, pilot_counties: int, keep: np.ndarray | None = None) -> np.ndarray:
        """Expected bills of listed illnesses, float64[I, 2, C, G, 2 (pilot)]; `keep` float64[I] is the share of onsets, from the
        first year on, that a policy leaves."""
        shape = (len(ILLNESSES), 2, len(CLASSES), len(GROUPS), 2)
        if self.scheme not in LISTED_SCHEMES:
            return np.zeros(shape)
        roster = self.roster
        code = (roster.member_class(year).astype(np.int64) * len(GROUPS) + roster.group) * 2 + (roster.county < pilot_counties)
        return listed_bills_expected(roster, self.rates.course, year, self.first_year, code,
                                     len(CLASSES) * len(GROUPS) * 2, keep).reshape(shape)

    def year(self, year: int) -> YearPeople:
        """Arrays of one year; those asked for last are at hand."""
        if year not in self._latest:
            made = self._year(year)
            self._latest.clear()
            self._latest[year] = made
        return self._latest[year]

    def _year(self, year: int) -> YearPeople:
        roster, read = self.roster, self.reader.value
        y = year - self.first_year
        here = roster.present(year)
        households = int(roster.household.max()) + 1
        member_class = roster.member_class(year)
        cpi = float(read("income.cpi", year).value)
        line, need = price_lines(read, year, cpi)
        factor = income_factor(read, self.scheme, self.first_year, year, roster)
        income = np.floor(roster.income * factor + 0.5).astype(np.int64)
        by_household = [np.bincount(roster.household, weights=np.where(here, column, 0), minlength=households).astype(np.int64)
                        for column in (income, np.full(roster.rows, line), np.where(roster.urban == 1, need[0], need[1]))]
        first_row = np.searchsorted(roster.household, np.arange(households))
        household_fifth, household_sampled = roster.fifth[first_row], roster.sampled[first_row]
        living = np.bincount(roster.household, weights=here, minlength=households) > 0
        people = People(member_class=member_class, group=roster.group, county=roster.county, cover=self.cover,
                        quintile=roster.fifth,
                        homes=np.stack([*by_household, household_fifth.astype(np.int64)], axis=1)[household_sampled],
                        facts=facts_of(member_class, roster.group, self.cover, roster.county, roster.fifth, roster.sampled,
                                       roster.household))
        admissions, visits = hazard(self.rates.admissions[y]), hazard(self.rates.visits[y])
        walked = hazard(np.where(roster.sampled, self.rates.visits[y], 0.0))
        base, width = self.gap
        streams = Streams(key0=np.uint64(self.seed), key1=np.uint64(roster.people_id), admissions=rows_of(admissions),
                          visits=rows_of(walked),
                          onsets=onsets_of(self.onset_hazards(year)), illness_of=illness_thresholds(self.rates.course.onset),
                          persons=(roster.birth_year << 2 | roster.sex << 1 | here).astype(np.int16),
                          policy_from=self.first_year, gap_base=base, gap_width=width, household=roster.household)
        code = member_class.astype(np.int64) * len(GROUPS) + roster.group
        counted = here & roster.sampled
        sample = Sample(
            persons=int(here.sum()), visit_weight=float(visits[-1]) / float(walked[-1]) if walked[-1] > 0 else 0.0,
            households=np.bincount(household_fifth[living & household_sampled], minlength=5),
            sampled_persons=np.bincount(roster.fifth[counted], minlength=5),
            income=np.bincount(roster.fifth[counted], weights=income[counted], minlength=5).astype(np.int64),
            income_index=np.ones(1))
        shape = (len(CLASSES), len(GROUPS))
        return YearPeople(
            people=people, streams=streams, sample=sample, present=int(here.sum()),
            active=float((member_class[here] == CLASSES.index("active")).sum()) / max(int(here.sum()), 1),
            code=code, admissions=np.diff(admissions), visits=expected_by(code, np.diff(visits)).reshape(shape),
            price=mean_bill(read, self.scheme, year) / mean_bill(read, self.scheme, self.first_year))


def expected_by(code: np.ndarray, units: np.ndarray, parts: int = 1) -> np.ndarray:
    """Expected claims by code from hazard units: integer sums below 2^53 are exact in float64."""
    total = np.bincount(code, weights=units.astype(np.float64), minlength=len(CLASSES) * len(GROUPS) * parts)
    return total / HAZARD


def illness_thresholds(onset: np.ndarray) -> np.ndarray:
    """Which illness an onset is, by sex and age: cumulative thresholds int64[2, 121, I]."""
    return thresholds(np.where(onset.any(axis=2, keepdims=True), onset, 1.0))


def price_lines(read, year: int, cpi: float) -> tuple[int, tuple[int, int]]:
    """Poverty line and subsistence needs (town, country) of a year in fen a head: prices of their date moved by inflation."""
    def moved(path: str) -> int:
        dated = read(path, year)
        level = float(dated.value)
        for past in range(dated.from_.year + 1, year + 1):
            level = level * (1.0 + float(read("income.cpi", past).value) / 100.0)
        return int(level * 100 + 0.5)
    return moved("income.poverty_line"), (moved("income.subsistence_urban"), moved("income.subsistence_rural"))


def income_factor(read, scheme: str, first_year: int, year: int, roster: Roster) -> np.ndarray:
    """Each row's income relative to the start year on the central path: its own place's series."""
    def growth(path: str) -> float:
        return float(series_value(read, path, year)) / float(series_value(read, path, first_year))
    if scheme == "nrcms":
        return np.full(roster.rows, growth("income.rural_net_income"))
    if scheme in ("uebmi", "urbmi"):
        return np.full(roster.rows, growth("income.urban_disposable_income"))
    return np.where(roster.urban == 1, growth("income.urban_disposable_income"), growth("income.rural_net_income"))


def prepare(region: Region, scheme: str, first_year: int, years: int, rows: int, outpatient_share: tuple[int, int],
            seed: int) -> SchemePeople:
    """The people of a region's scheme, from its parameters."""
    reader = region.reading()
    roster = build_roster(reader, scheme, first_year, years, rows, outpatient_share)
    rates = expected_rates(reader.value, roster, range(first_year, first_year + years))
    tables = bill_tables(reader.value, scheme, first_year, rates.course)
    gap = gap_table(HAZARD)
    return SchemePeople(region, scheme, reader, roster, rates, tables, FirstBillTables(tables), (gap.base, gap.width),
                        places_in_line(roster), seed, first_year)


def places_in_line(roster: Roster) -> np.ndarray:
    """Each row's fixed place in line for the commercial supplement, int16[R], 0 .. 9,999: random, and evenly spread."""
    words = philox_words(0, roster.people_id, np.arange(roster.rows), 0, ROSTER_DRAW, year_stream(0, COVER))[:, 0]
    place = np.empty(roster.rows, dtype=np.int64)
    place[np.argsort(words, kind="stable")] = np.arange(roster.rows)
    return (place * 10_000 // roster.rows).astype(np.int16)
