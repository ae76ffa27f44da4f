"""From a block of claims to what `law/rows.py` reads beside the bills: persons, families, stays and days, kept from block to
block."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa

from simulator.claims.columns import OPENING_STATE
from simulator.claims.facts import Facts
from simulator.claims.header import Found
from simulator.claims.names import Names
from simulator.claims.rule_books import RuleBooks
from simulator.law.rows import (
    DIFFERENCE,
    FULL_DEDUCTIBLE,
    LAST_STAY,
    NO_DEDUCTIBLE,
    OF_DISCHARGE,
    ROW_FACTS,
    SETTLED,
    SPLIT_BY_DAYS,
    STAY,
    STAY_RULES,
    UNSAID,
    Mark,
    Row,
    StayRule,
    Years,
    empty_years,
)
from simulator.law.year import STATE, YearState
from simulator.money import UNLIMITED
from simulator.parameters.claims_terms import OF_A_REGION, ClaimsTerms
from simulator.parameters.errors import InputError
from simulator.plan import N_TIERS
from simulator.tables import INPATIENT, Fact

TRANSFERS = {None: UNSAID, "full": FULL_DEDUCTIBLE, "difference": DIFFERENCE, "none": NO_DEDUCTIBLE}
NEW_YEARS = {None: UNSAID, "discharge": OF_DISCHARGE, "split": SPLIT_BY_DAYS}
STAY_COLUMNS = ("admitted", "stay", "transferred", "transferred_from")          # columns that say how bills belong together


def stay_rules(claims: ClaimsTerms, families: bool) -> np.ndarray:
    """What a plan says of stays and families as the rules read it, int64[STAY_RULES]."""
    rules = np.zeros(STAY_RULES, dtype=np.int64)
    rules[StayRule.READMISSION_DAYS] = UNSAID if claims.readmission_days is None else claims.readmission_days
    rules[StayRule.READMISSION_SAME_TIER] = claims.readmission_tier == "same"
    rules[StayRule.TRANSFER], rules[StayRule.NEW_YEAR] = TRANSFERS[claims.transfer_deductible], NEW_YEARS[claims.new_year]
    rules[StayRule.FAMILY_VISITS] = families and claims.outpatient_deductible_of == "family"
    rules[StayRule.FAMILY_MOST] = UNLIMITED if claims.family_deductible is None or not families else claims.family_deductible
    rules[StayRule.FAMILY_ADMISSIONS] = families and claims.inpatient_deductible_of == "family"
    return rules


def refuse_columns(found: Found, claims: ClaimsTerms, header: list[str], file: str) -> None:
    """InputError where the file has columns of stays or families that the plan says nothing of, or lacks those it needs."""
    def refuse(problem: str, name: str, expected: str) -> InputError:
        value = header[found.at[name]] if name in found.at else ", ".join(header)
        return InputError(problem, value=value, expected=expected, file=file, line=1)

    whose = {claims.inpatient_deductible_of, claims.outpatient_deductible_of}
    if claims.family_deductible is not None:
        whose.add("family")
    if "family" in found and whose == {None}:
        raise refuse("a column of families, and the plan does not say whose deductibles are:", "family",
                     "`deductible_of: person` or `deductible_of: family` in the plan file")
    if "family" not in found and "family" in whose:
        raise refuse("no column family in the header, and the plan counts deductibles by family:", "family", "family (家庭编号)")
    opening = next((name for name in OPENING_STATE if name in found), "")
    if opening and whose & {"family"}:
        raise refuse("a column of what was before the file, and the plan counts deductibles by family:", opening,
                     "no such column")
    for name in ("transferred", "transferred_from"):
        if name in found and claims.transfer_deductible is None:
            raise refuse("a column of transfers, and the plan does not say their deductible:", name,
                         "`transfer_deductible: full`, `difference` or `none` in the plan file")
    if "date" not in found:
        if claims.readmission_days is not None:
            raise refuse("no column date in the header, and the plan counts days to a readmission:", "date", "date (出院日期)")
        opening = next((name for name in OPENING_STATE if name in found), "")
        if opening:
            raise refuse("a column of what was before the file, without one of days:", opening, "also date (出院日期)")
        if "admitted" in found:
            raise refuse("a column of days of admission without one of days of discharge:", "admitted", "also date (出院日期)")


def remarks_on(found: Found, books: RuleBooks, over_new_year: int, lang: str) -> list[str]:
    """What is said of stays and families that a region's rules or a file without days of admission decide."""
    said: list[tuple[str, str]] = []
    claims = books.claims
    if books.of_region and over_new_year and claims.new_year == OF_A_REGION.new_year:
        said.append((f"{over_new_year} stays over New Year are settled in the year of discharge, as the region's rules have it",
                     f"{over_new_year} 次跨年度住院按出院年度结算 (本地区规则)"))
    if (books.of_region and ("transferred" in found or "transferred_from" in found)
            and claims.transfer_deductible == OF_A_REGION.transfer_deductible):
        said.append(("a transfer has a deductible of its own, as the region's rules have it", "转院另计起付线 (本地区规则)"))
    whose = claims.inpatient_deductible_of, claims.outpatient_deductible_of
    if books.of_region and "family" in found and "family" not in whose:
        said.append(("deductibles are each person's own, as the region's rules have it", "起付线按个人计算 (本地区规则)"))
    if claims.readmission_days is not None and "admitted" not in found:
        said.append(("no column admitted: the days to a readmission are counted from discharge to discharge",
                     "没有入院日期列: 再次住院的间隔按两次出院日期计算"))
    return [zh if lang == "zh" else en for en, zh in said]


class Table:
    """Years of persons or families by name, about 200 bytes each and the name."""

    def __init__(self, before: bool, tiers: int) -> None:
        self.names = Names()
        self.years = empty_years(1024, before, tiers)

    def find(self, names: pa.Array) -> np.ndarray:
        """The places of names, int64; those not seen before get one."""
        found = self.names.find(names)
        while self.names.count > len(self.years.marks):
            self.years = Years(*map(_twice_as_long, self.years))
        return found


def _twice_as_long(table: np.ndarray) -> np.ndarray:
    """The table with as many rows of zeros behind; memory that nobody has written to costs nothing."""
    longer = np.zeros((2 * len(table), table.shape[1]), dtype=table.dtype)
    longer[:len(table)] = table
    return longer


class Register:
    """What is kept of persons, families and stays, and the rows of a block made with it."""

    def __init__(self, claims: ClaimsTerms, found: Found) -> None:
        self.rules = stay_rules(claims, "family" in found)
        split = bool(self.rules[StayRule.NEW_YEAR] == SPLIT_BY_DAYS and "admitted" in found)
        tiers = claims.rows * N_TIERS if claims.tiers else 0
        self.people, self.families = Table(split, tiers), Table(split, tiers)
        self.by_family = bool(self.rules[[StayRule.FAMILY_VISITS, StayRule.FAMILY_ADMISSIONS]].any()
                              or self.rules[StayRule.FAMILY_MOST] < UNLIMITED)
        self.by_stay = claims.readmission_days is not None or any(name in found for name in STAY_COLUMNS)
        self.dated = "date" in found
        self.stays = np.zeros((1024 if self.by_stay else 0, STAY), dtype=np.int64)
        self._opened = np.zeros(0, dtype=bool)
        self.over_new_year = 0                               # stays that began in an earlier insured year
        self._places: dict[int | tuple[int, str], int] = {}
        self._begins = claims.year_begins

    def rows(self, facts: Facts, books: np.ndarray) -> np.ndarray:
        """The rows of a block, int64[n, ROW_FACTS]; `books` int64[n] is where each bill's rule book begins. The tiers of `facts`
        become care tiers."""
        count, tier = len(facts.when), facts.bills[:, Fact.TIER]
        rows = np.full((count, ROW_FACTS), -1, dtype=np.int64)
        rows[:, Row.PERSON] = self.people.find(facts.people)[facts.who]
        rows[:, Row.WHEN], rows[:, Row.YEAR], rows[:, Row.PLACE], rows[:, Row.NAMED] = facts.when, facts.year, tier, 0
        rows[:, Row.TERMS] = books + tier // N_TIERS
        facts.bills[:, Fact.TIER] = tier % N_TIERS
        if self.dated and (self._begins != 1 or self.by_stay):
            self._date(facts, rows)
        if self.by_family:
            rows[:, Row.FAMILY] = self.families.find(facts.families)[facts.family]
            rows[rows[:, Row.FAMILY] == self.families.names.empty, Row.FAMILY] = -1
        if self.by_stay:
            self._link(facts, rows)
        return rows

    def open(self, rows: np.ndarray, fate: np.ndarray, more: dict[str, np.ndarray], order: np.ndarray) -> int:
        """Begin the year of persons with what the row of their first bill, by `order`, says was before it; how many begin so."""
        stated = [name for name in OPENING_STATE if name in more]
        if not stated:
            return 0
        order, years = order[fate[order] == SETTLED], self.people.years
        persons, first = np.unique(rows[order, Row.PERSON], return_index=True)
        if len(self._opened) < len(years.marks):
            self._opened = np.concatenate([self._opened, np.zeros(len(years.marks) - len(self._opened), dtype=bool)])
        new = ~self._opened[persons]
        persons, at = persons[new], order[first[new]]
        self._opened[persons] = True
        begun = np.zeros(len(persons), dtype=bool)
        for name in stated:
            years.state[persons, OPENING_STATE[name]] = more[name][at]
            begun |= more[name][at] > 0
        if "opening_admissions" in stated:
            width, tier = years.state.shape[1], rows[at, Row.PLACE]
            years.state[persons, YearState.ADMISSIONS_AT + tier % N_TIERS] = more["opening_admissions"][at]
            if width > STATE:
                years.state[persons, STATE + tier] = more["opening_admissions"][at]
        years.marks[persons, Mark.YEAR], years.marks[persons, Mark.LAST] = rows[at, Row.YEAR], rows[at, Row.WHEN]
        return int(begun.sum())

    def _date(self, facts: Facts, rows: np.ndarray) -> None:
        """Insured years, and days counted from 1970-01-01."""
        different, which = np.unique(facts.when, return_inverse=True)
        table = np.array([_days_of(day, self._begins) for day in different.tolist()], dtype=np.int64).reshape(-1, 4)
        rows[:, [Row.YEAR, Row.DISCHARGED, Row.TURN, Row.TURN_BEFORE]] = table[which]
        facts.year = rows[:, Row.YEAR].copy()
        rows[:, Row.ADMITTED] = rows[:, Row.DISCHARGED]
        if facts.admitted is not None:
            different, which = np.unique(facts.admitted, return_inverse=True)
            days = np.array([_days_of(day, 1)[1] for day in different.tolist()], dtype=np.int64)[which]
            said = facts.admitted > 0
            rows[said, Row.ADMITTED] = days[said]
            begun_before = said & (days < rows[:, Row.TURN]) & (facts.bills[:, Fact.KIND] == INPATIENT)
            self.over_new_year += int(begun_before.sum())

    def _link(self, facts: Facts, rows: np.ndarray) -> None:
        """Places of stays: that of the stay named, or the person's own; only of admissions."""
        places, stays, sources = self._places, facts.stays.to_pylist(), facts.sources.to_pylist()
        for n in np.flatnonzero(facts.bills[:, Fact.KIND] == INPATIENT).tolist():
            person = int(rows[n, Row.PERSON])
            named = stays[facts.stay[n]] if stays else ""
            rows[n, Row.STAY] = places.setdefault((person, named) if named else person, len(places))
            rows[n, Row.NAMED] = named != ""
            source = sources[facts.source[n]] if sources else ""
            if source:
                rows[n, Row.FROM] = places.setdefault((person, source), len(places))
            elif facts.transferred is not None and facts.transferred[n] == 1:
                rows[n, Row.FROM] = LAST_STAY
        while len(places) > len(self.stays):
            self.stays = np.concatenate([self.stays, np.zeros_like(self.stays)])


def _days_of(day: int, begins: int) -> tuple[int, int, int, int]:
    """The insured year of a day YYYYMMDD, the day, and the first days of that year and of the one before, from 1970-01-01; of 0,
    the day of a row that is refused, zeros."""
    if day == 0:
        return 0, 0, 0, 0
    date = datetime.date(day // 10000, day // 100 % 100, day % 100)
    year = date.year if date.month >= begins else date.year - 1
    turns = [datetime.date(max(turn, 1), begins, 1).toordinal() for turn in (year, year - 1)]
    epoch = datetime.date(1970, 1, 1).toordinal()
    return year, date.toordinal() - epoch, turns[0] - epoch, turns[1] - epoch
