"""How often: hazards of admissions, visits and listed illnesses for every row of a roster.

Relative rates by age, sex and risk class come from surveys; their level is set so that the members
of the start year have the published rate on average. All-cause admissions include those for listed
illnesses where these are walked apart (NRCMS), so their expected number is taken off first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.care.paths import grown
from simulator.care.walk import HAZARD
from simulator.parameters.catalogue import ILLNESSES, SURVEY_AGE_BANDS
from simulator.tables import Roster

OLDEST = 120
LISTED_SCHEMES = ("nrcms", "urrbmi")


def by_single_age(bands: dict, names: tuple[str, ...]) -> np.ndarray:
    """float64[121]: a mapping over age bands ("45-54", "85+") spread over single ages."""
    values = np.zeros(OLDEST + 1)
    for name in names:
        low, _, high = name.partition("-")
        low_age = int(low.rstrip("+"))
        high_age = OLDEST if name.endswith("+") else int(high)
        values[low_age:high_age + 1] = float(bands[name])
    return values


@dataclass(frozen=True)
class IllnessCourse:
    """The twenty listed illnesses as numbers: I illnesses, ages 0-120, Y years of the longest course."""

    onset: np.ndarray          # float64[2 sexes, 121, I], new claiming cases per person and year
    survival: np.ndarray       # float64[I, Y]: share still in treatment k years after onset (0 beyond the course)
    bills: np.ndarray          # int64[I, 2]: bills in the first and in a later year

    @property
    def years(self) -> int:
        return self.survival.shape[1]


def illness_courses(read, year: int) -> IllnessCourse:
    """Onset, survival and bills of the listed illnesses from `illness.*` in force in `year`."""
    onset = np.zeros((2, OLDEST + 1, len(ILLNESSES)))
    lengths = [int(read(f"illness.{name}.course_years", year).value) for name in ILLNESSES]
    survival = np.zeros((len(ILLNESSES), max(lengths)))
    bills = np.zeros((len(ILLNESSES), 2), dtype=np.int64)
    for i, name in enumerate(ILLNESSES):
        def number(key: str, name: str = name) -> float:
            return float(read(f"illness.{name}.{key}", year).value)
        low, mode, high = int(number("onset_age_from")), int(number("onset_age_mode")), int(number("onset_age_to"))
        ages = np.arange(low, high + 1)
        rising = (ages - low + 1) / (mode - low + 1)
        falling = (high - ages + 1) / (high - mode + 1)
        weight = np.minimum(rising, falling)
        shape = weight / (np.sum(weight) / len(ages))          # mean one over the ages of onset
        rate = number("onset_rate") / 1e5 * number("access_factor")
        sex = read(f"illness.{name}.onset_sex", year).value
        for s, label in enumerate(("male", "female")):
            if sex in ("both", label):
                onset[s, low:high + 1, i] = rate * shape
        stay = number("one_year_survival") / 100.0
        level = 1.0
        for k in range(lengths[i]):
            survival[i, k] = level
            level = level * stay
        bills[i] = int(number("first_year_bills")), int(number("later_bills"))
    return IllnessCourse(onset, survival, bills)


@dataclass(frozen=True)
class Rates:
    """Yearly claims expected of each row, float64[Y, R], on the central path, before the draw's multiplier."""

    admissions: np.ndarray         # ordinary ones
    visits: np.ndarray             # of everybody; the walk takes sampled households only
    onsets: np.ndarray             # float64[K + Y, R], from K = course years - 1 before the start year on
    first_onset_year: int
    course: IllnessCourse


def expected_rates(read, roster: Roster, years: range) -> Rates:
    """Rates of every row and year of a roster."""
    scheme, start = roster.scheme, years[0]
    course = illness_courses(read, start)
    history = course.years - 1
    first_onset_year = start - history
    onset_years = range(first_onset_year, years[-1] + 1)
    onsets = np.zeros((len(onset_years), roster.rows))
    per_person = course.onset.sum(axis=2)
    if scheme in LISTED_SCHEMES:
        for k, year in enumerate(onset_years):
            age = roster.age(year)
            here = roster.present(max(year, start)) & (age >= 0)
            onsets[k] = np.where(here, per_person[roster.sex, np.clip(age, 0, OLDEST)], 0.0)
    survey = by_single_age(read(f"care.{scheme}.admission_by_age", start).value, SURVEY_AGE_BANDS)
    female = float(read(f"care.{scheme}.admission_female_ratio", start).value)
    shares = np.array([float(x) for x in read(f"care.{scheme}.risk_shares", start).value])
    multipliers = np.array([float(x) for x in read(f"care.{scheme}.risk_multipliers", start).value])
    multipliers = multipliers / (np.sum(shares * multipliers) / np.sum(shares))
    visits_by_age = by_single_age(read(f"care.{scheme}.visit_by_age", start).value, SURVEY_AGE_BANDS)

    def relative(year: int, ages: np.ndarray, by_sex: float) -> np.ndarray:
        age = roster.age(year)
        rate = ages[np.clip(age, 0, OLDEST)] * np.where(roster.sex == 1, by_sex, 1.0) * multipliers[roster.risk]
        return np.where(roster.present(year) & (age >= 0), rate, 0.0)

    here = roster.present(start)
    listed_bills = listed_bills_expected(roster, course, onsets, first_onset_year, start)
    rates = []
    for path, growth, ages, by_sex, apart, scale in (
            ("admission_rate", "use_growth", survey, female, np.sum(listed_bills[:, here]), 100.0),
            ("visit_rate", "visit_growth", visits_by_age, 1.0, 0.0, 1.0)):
        percent = float(read(f"care.{scheme}.{growth}", start).value)
        level = grown(read(f"care.{scheme}.{path}", start), percent, start) / scale
        at_start = relative(start, ages, by_sex)
        wanted = max(level * np.sum(here) - apart, 0.0)
        unit = wanted / max(np.sum(at_start), 1e-300)
        rows = np.empty((len(years), roster.rows))
        for y, year in enumerate(years):
            step = grown(read(f"care.{scheme}.{path}", year), percent, year) / scale / level if level > 0 else 0.0
            rows[y] = relative(year, ages, by_sex) * (unit * step)
        rates.append(rows)
    return Rates(rates[0], rates[1], onsets, first_onset_year, course)


def listed_bills_expected(roster: Roster, course: IllnessCourse, onsets: np.ndarray, first_onset_year: int,
                          year: int) -> np.ndarray:
    """Expected bills of each listed illness for each row in `year`, float64[I, R] (people present in that year)."""
    total = np.zeros((len(ILLNESSES), roster.rows))
    here = roster.present(year)
    for back in range(course.years):
        k = year - back - first_onset_year
        if k < 0 or not onsets[k].any():
            continue
        age = np.clip(roster.age(year - back), 0, OLDEST)
        by_illness = course.onset[roster.sex, age].T * (onsets[k] > 0)
        bills = course.bills[:, 0 if back == 0 else 1]
        total += by_illness * (course.survival[:, back] * bills)[:, None] * here
    return total


def hazard(rate: np.ndarray) -> np.ndarray:
    """Cumulative hazard int64[R + 1] of yearly rates float64[R]."""
    units = np.floor(rate * HAZARD + 0.5).astype(np.int64)
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(units)])

