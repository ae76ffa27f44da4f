"""The funds of a scheme under all policies: its pooling units, each with accounts of its own, and what they are together.

A policy's people bring claims to the scheme as a whole; they are divided among its units, each unit's fund has its year, and what
units have is added up again. So a policy's ledger is that of its units together, to the fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.engine.enrolment import GroupYear
from simulator.engine.openings import open_calendar
from simulator.fund.accounts import YearLedger
from simulator.fund.columns import Columns
from simulator.fund.terms import POOLING_LEVELS, FundTerms, stack_terms
from simulator.fund.unit_terms import unit_terms
from simulator.fund.units import Scheme, Units, UnitsYear
from simulator.fund.whole import of_policies
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Reader
from simulator.parameters.reuse import of_each
from simulator.scenario import Scenario
from simulator.tables import YearFlows


class UnitYears(NamedTuple):
    """What is kept of the units of a year, [D, C]: funded heads, accrued balance, expenditure and needed top-up (int64), and
    whether the fund has run out (bool)."""

    columns: Columns
    heads: np.ndarray
    balance: np.ndarray
    expenditure: np.ndarray
    needed: np.ndarray
    exhausted: np.ndarray


class Funds:
    """The funds of one scheme, run year by year: `begin` a year, ask what holds in it, then `advance` through it."""

    def __init__(self, scenario: Scenario, group_years: Sequence[GroupYear], readers: Sequence[Reader]) -> None:
        """Open the funds on 1 January of the first year, of which `group_years` are."""
        first = group_years[0].group
        people = [group_year.group.people.roster for group_year in group_years]
        self._scenario, self._readers = scenario, readers
        self._units = Units(Scheme(scenario.seed, people[0].people_id, people[0].counties,
                                   sum(roster.participants for roster in people), tuple(first.worlds.tolist())))
        self._draws = len(first.worlds)
        self._group_years = group_years
        self._year: UnitsYear | None = None

    def begin(self, terms: Sequence[FundTerms]) -> None:
        """Begin a year under each policy's terms: units that pool at a higher level than before are merged. InputError for a
        level below that of the year before."""
        scheme, now = terms[0].scheme, terms[0].year
        stated = of_each(self._readers, lambda region: unit_terms(region, scheme, now, self._scenario.year))
        year = self._units.year(terms, stated, now, self._draws)
        self._stacked = stack_terms(terms)
        if self._year is None:
            self.calendar = open_calendar(self._scenario, self._group_years, self._readers, year)
        elif [counties.ends for counties in year.policies] != [counties.ends for counties in self._year.policies]:
            try:
                self.calendar.merge(year.columns, year.merged_from(self._year))
            except ValueError as error:
                raise self._split(terms[int(error.args[0])]) from None
        self._year = year
        self._terms = year.terms(self._stacked)

    def _split(self, terms: FundTerms) -> InputError:
        return InputError(f"pooling.{terms.scheme}.level of {terms.region} in {terms.year} is below that of the year before:",
                          value=POOLING_LEVELS[terms.pooling_level],
                          expected="the same level or a higher one: units may be merged, and a balance cannot be split again",
                          next_step="state the lower level from the first year on")

    @property
    def columns(self) -> Columns:
        return self._of_year.columns

    @property
    def _of_year(self) -> UnitsYear:
        assert self._year is not None, "begin a year first"
        return self._year

    @property
    def factor(self) -> np.ndarray:
        """The control factor of each policy, int64[D, P] in 1/10,000: the mean of its units by last year's members."""
        return self.columns.mean(self.calendar.factor, self.calendar.heads)

    def set_factor(self, factor: np.ndarray) -> None:
        """Set the control factor of each policy, int64[P], in all worlds and units."""
        self.calendar.factor = np.zeros_like(self.calendar.factor) + self.columns.spread(factor[None])

    @property
    def premium_step(self) -> np.ndarray:
        """The premium step of each policy, int64[D, P] in 1/10,000: the mean of its units by last year's members."""
        return self.columns.mean(self.calendar.premium_step, self.calendar.heads)

    def account_per_head(self, members: np.ndarray, funding_index: np.ndarray, wage_index: np.ndarray,
                         active_share: np.ndarray | float) -> np.ndarray:
        """What one member can spend from the individual account this year, in fen [D, P], as `Calendar.account_per_head`."""
        members = self.columns.divide(members, self._of_year.members)
        return self.calendar.account_per_head(self._terms, members, funding_index, wage_index, active_share)

    def advance(self, flows: YearFlows) -> tuple[YearLedger, UnitYears]:
        """Run the year. `flows` are those of the policies [D, P]. Returns the policies' ledger, and what is kept of their
        units."""
        flows = self._divided(flows)
        ledger = self.calendar.advance(self._terms, flows)
        return of_policies(ledger, self.columns, flows.secondary_base), UnitYears(
            self.columns, ledger.heads, ledger.accrued_closing, ledger.expenditure, ledger.needed_top_up, ledger.exhausted)

    def _divided(self, flows: YearFlows) -> YearFlows:
        """The flows of units: members by their share, claims by what the unit's people claim."""
        year = self._of_year
        if year.columns.whole:
            return flows
        named = {name: value for name, value in vars(flows).items() if name == "members" or name.endswith("_claims")
                 or name in ("segments", "secondary_base")}
        divided = {name: year.columns.divide(value, year.members if name == "members" else year.claims)
                   for name, value in named.items()}
        return YearFlows(**{**vars(flows), **divided})
