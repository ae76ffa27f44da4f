"""Exposure: person-years at risk by calendar year, age band, sex and class, with the number and cost of claims of each.

A row is a person in a calendar year. Without a members file everybody is insured all the time, so that those without any claim
are one row a year that stands for as many persons.
"""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass

import numpy as np

from simulator.fitting.bills import Bills, calendar
from simulator.fitting.members import NOT_STATED, Members
from simulator.parameters.catalogue import SURVEY_AGE_BANDS
from simulator.parameters.errors import InputError
from simulator.tables import Fact

EPOCH = datetime.date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Window:
    """The days that are looked at, first and last, counted from 1970-01-01."""

    first: int
    last: int

    @property
    def years(self) -> range:
        return range(self.date(self.first).year, self.date(self.last).year + 1)

    @staticmethod
    def date(day: int) -> datetime.date:
        return datetime.date.fromordinal(day + EPOCH)

    def within(self, year: int) -> tuple[int, int]:
        """Its first and last day of a year."""
        return (max(self.first, datetime.date(year, 1, 1).toordinal() - EPOCH),
                min(self.last, datetime.date(year, 12, 31).toordinal() - EPOCH))

    def share(self, year: int) -> float:
        """The part of a year that it holds."""
        first, last = self.within(year)
        return (last - first + 1) / days_in(year)

    def __str__(self) -> str:
        return f"{self.date(self.first)} .. {self.date(self.last)}"


def days_in(year: int) -> int:
    """The days of a calendar year."""
    return 366 if datetime.date(year, 12, 31).timetuple().tm_yday == 366 else 365


def window_of(bills: Bills, first: datetime.date | None, last: datetime.date | None) -> Window:
    """The time that is looked at: as stated, else the whole months from the first claim to the last."""
    _, months = calendar(np.array([bills.day.min(), bills.day.max()]))
    begin, end = (np.datetime64(int(month), "M") for month in (months[0], months[1] + 1))
    found = Window(begin.astype("datetime64[D]").astype(int) if first is None else first.toordinal() - EPOCH,
                   end.astype("datetime64[D]").astype(int) - 1 if last is None else last.toordinal() - EPOCH)
    if found.first > found.last:
        raise InputError("--from: after the last day", value=Window.date(found.first),
                         expected=f"at most {Window.date(found.last)}")
    return found


@dataclass
class PersonYears:
    """R rows, a person in a year each: `cluster` int64[R] is the person, `times` float64[R] how many such persons there are,
    `years` float64[R] the exposure in person-years. `counts` and `costs` (yuan) float64[R] by kind of care: inpatient,
    outpatient. `age` is a place among SURVEY_AGE_BANDS; age, sex and class are NOT_STATED where not stated."""

    cluster: np.ndarray
    times: np.ndarray
    year: np.ndarray
    years: np.ndarray
    age: np.ndarray
    sex: np.ndarray
    member_class: np.ndarray
    counts: dict[str, np.ndarray]
    costs: dict[str, np.ndarray]

    @property
    def exposure(self) -> np.ndarray:
        """Person-years of each row, of all that it stands for."""
        return self.years * self.times


def age_bands(age: np.ndarray) -> np.ndarray:
    """The place of ages in whole years among SURVEY_AGE_BANDS."""
    starts = np.array([int(name.split("-")[0].rstrip("+")) for name in SURVEY_AGE_BANDS])
    return np.where(age < 0, NOT_STATED, np.searchsorted(starts, age, side="right") - 1)


def of_members(bills: Bills, members: Members, window: Window, done: Counter[str]) -> tuple[PersonYears, np.ndarray]:
    """The person-years of a members file, and which bills fall into them (bool[n]); the others are counted."""
    rows = []
    for year in window.years:
        first, last = window.within(year)
        days = np.maximum(np.minimum(members.last, last) - np.maximum(members.first, first) + 1, 0)
        insured = np.bincount(members.person, days, minlength=len(members))
        those = np.flatnonzero(insured)
        rows.append((those, np.full(len(those), year), insured[those] / days_in(year)))
    person, of_year, years = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    if not len(person):
        raise InputError("no member was insured in the time that is looked at:", value=str(window),
                         expected="spans in the members file that meet it")
    member = np.array([members.places.get(name, NOT_STATED) for name in bills.names], dtype=np.int64)[bills.person]
    within = (bills.day >= window.first) & (bills.day <= window.last)
    insured_then = _insured(member, bills.day, members)
    done["outside the time looked at"] += int((~within).sum())
    done["of persons who are no members"] += int((within & (member == NOT_STATED)).sum())
    done["of days without insurance"] += int((within & (member != NOT_STATED) & ~insured_then).sum())
    kept = within & (member != NOT_STATED) & insured_then
    if not kept.any():
        raise InputError("no claim is of an insured member:", value=f"{len(bills)} claims, {len(members)} members",
                         expected="the same names of persons in both files")
    age = age_bands(np.where(members.birth[person] == NOT_STATED, NOT_STATED, np.maximum(of_year - members.birth[person], 0)))
    made = PersonYears(person, np.ones(len(person)), of_year, years, age, members.sex[person], members.member_class[person],
                       {}, {})
    _count(made, bills.only(kept), member[kept])
    return made, kept


def _insured(member: np.ndarray, day: np.ndarray, members: Members) -> np.ndarray:
    """Whether each member was insured on a day, bool[n]: the last span that began by then has not ended. (Spans are in order of
    person and first day.)"""
    scale = 10**8
    at = np.searchsorted(members.person * scale + members.first, member * scale + day, side="right") - 1
    found = np.maximum(at, 0)
    return (at >= 0) & (members.person[found] == member) & (members.last[found] >= day)


def of_heads(bills: Bills, heads: float, window: Window, done: Counter[str]) -> tuple[PersonYears, np.ndarray]:
    """The person-years of so many heads, all of them insured all the time, and which bills fall into them (bool[n])."""
    kept = (bills.day >= window.first) & (bills.day <= window.last)
    done["outside the time looked at"] += int((~kept).sum())
    if not kept.any():
        raise InputError("no claim in the time that is looked at:", value=str(window),
                         expected="claims between --from and --until")
    within = bills.only(kept)
    claimants, which = np.unique(within.person, return_inverse=True)
    if heads < len(claimants):
        raise InputError("fewer insured than claimants:", value=f"{heads:,.0f}",
                         expected=f"at least {len(claimants):,}, who claim",
                         next_step="state --exposure N, the mean number of insured, or a --members file")
    years, count = list(window.years), len(claimants) + 1
    cluster = np.tile(np.arange(count), len(years))
    times = np.tile(np.concatenate([np.ones(count - 1), [heads - len(claimants)]]), len(years))
    unknown = np.full(len(cluster), NOT_STATED)
    made = PersonYears(cluster, times, np.repeat(years, count), np.repeat([window.share(year) for year in years], count), unknown,
                       unknown, unknown, {}, {})
    _count(made, within, which)
    return made, kept


def _count(made: PersonYears, bills: Bills, cluster: np.ndarray) -> None:
    """Enter the number and the cost of the bills of each row."""
    year, _ = calendar(bills.day)
    keys = made.cluster * 10_000 + made.year
    order = np.argsort(keys)
    row = order[np.searchsorted(keys[order], cluster * 10_000 + year)]
    for kind, those in (("inpatient", bills.inpatient), ("outpatient", ~bills.inpatient)):
        made.counts[kind] = np.bincount(row[those], minlength=len(keys)).astype(float)
        made.costs[kind] = np.bincount(row[those], bills.facts[Fact.BILLED][those] / 100.0, minlength=len(keys))
