"""How often people claim: hazards of admissions, visits and listed illnesses for every row of a roster.

Relative rates by age, sex and risk class come from surveys; their level is set so that the members of the start year have the
published rate on average. Published admission rates include admissions for listed illnesses, which every scheme's members fall
ill with and which are simulated apart: their expected number is taken off first. Whether a list pays them is the plan's matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulator.care.paths import grown
from simulator.care.walk import HAZARD
from simulator.parameters.catalogue import AGE_BANDS, ILLNESSES, SURVEY_AGE_BANDS
from simulator.parameters.values import Read
from simulator.tables import Roster

OLDEST = 120


def by_single_age(bands: dict, names: tuple[str, ...]) -> np.ndarray:
    """Spread a mapping over age bands ("45-54", "85+") over single ages, float64[121]."""
    values = np.zeros(OLDEST + 1)
    for name in names:
        low, _, high = name.partition("-")
        low_age = int(low.rstrip("+"))
        high_age = OLDEST if name.endswith("+") else int(high)
        values[low_age:high_age + 1] = float(bands[name])
    return values


@dataclass(frozen=True)
class IllnessCourse:
    """The course of the twenty listed illnesses: I illnesses, ages 0-120, Y years of the longest course."""

    onset: np.ndarray          # float64[2 sexes, 121, I], new cases that claim, per person and year
    survival: np.ndarray       # float64[I, Y]: share still in treatment k years after onset (0 beyond the course)
    bills: np.ndarray          # float64[I, 2]: mean bills in the first and in a later year

    @property
    def years(self) -> int:
        return self.survival.shape[1]


def illness_courses(read: Read, scheme: str, year: int) -> IllnessCourse:
    """Onset, survival and bills of the listed illnesses, from `illness.*` in force in `year`.

    A stated rate of onset is the mean over the scheme's members of the stated ages and sex; by age it rises and falls in a
    triangle.
    """
    members = by_single_age(read(f"population.{scheme}.age_shares", year).value, AGE_BANDS)
    onset = np.zeros((2, OLDEST + 1, len(ILLNESSES)))
    lengths = [int(read(f"illness.{name}.course_years", year).value) for name in ILLNESSES]
    survival = np.zeros((len(ILLNESSES), max(lengths)))
    bills = np.zeros((len(ILLNESSES), 2))
    for i, name in enumerate(ILLNESSES):
        def number(key: str, name: str = name) -> float:
            return float(read(f"illness.{name}.{key}", year).value)
        low, mode, high = int(number("onset_age_from")), int(number("onset_age_mode")), int(number("onset_age_to"))
        ages = np.arange(low, high + 1)
        rising = (ages - low + 1) / (mode - low + 1)
        falling = (high - ages + 1) / (high - mode + 1)
        weight = np.minimum(rising, falling)
        people = members[ages] if members[ages].any() else np.ones(len(ages))
        shape = weight / (np.sum(weight * people) / np.sum(people))       # mean one over the members of these ages
        rate = number("onset_rate") / 1e5 * number("access_factor")
        sex = read(f"illness.{name}.onset_sex", year).value
        for s, label in enumerate(("male", "female")):
            if sex in ("both", label):
                onset[s, low:high + 1, i] = rate * shape
        survive = number("one_year_survival") / 100.0
        level = 1.0
        for k in range(lengths[i]):
            survival[i, k] = level
            level = level * survive
        bills[i] = number("first_year_bills"), number("later_bills")
    return IllnessCourse(onset, survival, bills)


@dataclass(frozen=True)
class Rates:
    """Expected claims of each row in each year, float64[Y, R], on the central path, before the draw's multiplier of use."""

    admissions: np.ndarray         # ordinary admissions
    visits: np.ndarray             # of everybody; only the visits of sampled households are simulated
    onsets: np.ndarray             # float64[K + Y, R], from K = course years - 1 before the start year on
    first_onset_year: int
    course: IllnessCourse


def expected_rates(read: Read, roster: Roster, years: range) -> Rates:
    """The rates of every row of a roster in every year."""
    scheme, start = roster.scheme, years[0]
    course = illness_courses(read, scheme, start)
    history = course.years - 1
    first_onset_year = start - history
    onset_years = range(first_onset_year, years[-1] + 1)
    onsets = np.zeros((len(onset_years), roster.rows))
    per_person = course.onset.sum(axis=2)
    for k, year in enumerate(onset_years):
        age = roster.age(year)
        exposed = roster.present(max(year, start)) & (age >= 0)
        onsets[k] = np.where(exposed, per_person[roster.sex, np.clip(age, 0, OLDEST)], 0.0)
    admissions_by_age = by_single_age(read(f"care.{scheme}.admission_by_age", start).value, SURVEY_AGE_BANDS)
    female = float(read(f"care.{scheme}.admission_female_ratio", start).value)
    shares = np.array([float(x) for x in read(f"care.{scheme}.risk_shares", start).value])
    multipliers = np.array([float(x) for x in read(f"care.{scheme}.risk_multipliers", start).value])
    multipliers = multipliers / (np.sum(shares * multipliers) / np.sum(shares))
    visits_by_age = by_single_age(read(f"care.{scheme}.visit_by_age", start).value, SURVEY_AGE_BANDS)

    def relative(year: int, ages: np.ndarray, by_sex: float) -> np.ndarray:
        age = roster.age(year)
        rate = ages[np.clip(age, 0, OLDEST)] * np.where(roster.sex == 1, by_sex, 1.0) * multipliers[roster.risk]
        return np.where(roster.present(year) & (age >= 0), rate, 0.0)

    members = np.sum(roster.present(start))
    listed = float(listed_bills_expected(roster, course, start, start, np.zeros(roster.rows, dtype=np.int64), 1).sum())
    rates = []
    for path, growth, ages, by_sex, apart, scale in (
            ("admission_rate", "use_growth", admissions_by_age, female, listed, 100.0),
            ("visit_rate", "visit_growth", visits_by_age, 1.0, 0.0, 1.0)):
        rate = f"care.{scheme}.{growth}"
        level = grown(read, rate, read(f"care.{scheme}.{path}", start), start) / scale
        at_start = relative(start, ages, by_sex)
        wanted = max(level * members - apart, 0.0)
        unit = wanted / max(math.fsum(at_start.tolist()), 1e-300)
        rows = np.empty((len(years), roster.rows))
        for y, year in enumerate(years):
            step = grown(read, rate, read(f"care.{scheme}.{path}", year), year) / scale / level if level > 0 else 0.0
            rows[y] = relative(year, ages, by_sex) * (unit * step)
        rates.append(rows)
    return Rates(rates[0], rates[1], onsets, first_onset_year, course)


def people_by_age(roster: Roster, year: int, code: np.ndarray, codes: int, rows: np.ndarray) -> np.ndarray:
    """Count the persons of some `rows` (bool[R]) by code, sex and single age in `year`, int64[codes, 2, 121]."""
    age = roster.age(year)
    counted = rows & (age >= 0)
    index = (code.astype(np.int64) * 2 + roster.sex) * (OLDEST + 1) + np.clip(age, 0, OLDEST)
    return np.bincount(index[counted], minlength=codes * 2 * (OLDEST + 1)).reshape(codes, 2, OLDEST + 1)


def listed_bills_expected(roster: Roster, course: IllnessCourse, year: int, start: int, code: np.ndarray,
                          codes: int, keep: np.ndarray | None = None) -> np.ndarray:
    """Expected bills of listed illnesses in `year` by illness, first or later year of the course, and code, float64[I, 2, codes].

    A course that began in an earlier year counts if its row was a member then (for onsets before the start year: in the start
    year). `code` int64[R] sorts the rows; `keep` float64[I] is the share of the onsets from `start` on that a policy leaves.
    """
    expected = np.zeros((len(ILLNESSES), 2, codes))
    present, onset = roster.present(year), course.onset.reshape(-1, len(ILLNESSES))
    for back in range(course.years):
        members = people_by_age(roster, year - back, code, codes, present & roster.present(max(year - back, start)))
        members = members.reshape(codes, -1)
        own, age = np.nonzero(members)
        cases = members[own, age][:, None] * onset[age]                                              # [own, I]
        place = own[:, None] * len(ILLNESSES) + np.arange(len(ILLNESSES))
        # Summed in the order of ages, the same bits everywhere.
        of_codes = np.bincount(place.ravel(), cases.ravel(), codes * len(ILLNESSES)).reshape(codes, -1)
        later = 0 if back == 0 else 1
        bills = course.survival[:, back] * course.bills[:, later]
        if keep is not None and year - back >= start:
            bills = bills * keep
        expected[:, later] += (of_codes * bills).T
    return expected


def hazard(rate: np.ndarray) -> np.ndarray:
    """The cumulative hazard int64[R + 1] of yearly rates float64[R]."""
    units = np.floor(rate * HAZARD + 0.5).astype(np.int64)
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(units)])
