"""The funds of a scheme under all policies: its pooling units, each with accounts of its own, and what they are together.

A policy's people bring claims to the scheme as a whole; they are divided among its units, each unit's fund has its year, and what
units have is added up again. So a policy's ledger is that of its units together, to the fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from simulator.engine.enrolment import GroupYear
from simulator.engine.flows import Claims, year_flows
from simulator.engine.openings import open_calendar
from simulator.engine.rungs import Mix, Settling, mix_of
from simulator.fund.accounts import YearLedger
from simulator.fund.columns import Columns
from simulator.fund.control import YELLOW
from simulator.fund.providers import mean_pressure
from simulator.fund.terms import FundTerms, stack_terms
from simulator.fund.unit_terms import unit_terms
from simulator.fund.units import Scheme, Units, UnitsYear
from simulator.fund.whole import of_policies
from simulator.parameters.catalogue import POOLING_LEVELS
from simulator.parameters.fits_of_funds import split_fault
from simulator.parameters.regions import Reader
from simulator.parameters.reuse import of_each
from simulator.scenario import Scenario
from simulator.tables import FundEconomy


class Flows(NamedTuple):
    """What the year's people bring: `members` int64[D, P], and the claims of the Q plans that are settled."""

    year: int
    members: np.ndarray
    claims: Claims
    economy: FundEconomy
    active: np.ndarray


class UnitYears(NamedTuple):
    """What is kept of the units of a year, [D, C]: funded heads, accrued balance, expenditure and needed top-up (int64), and
    whether the fund has run out, and whether a warning is forecast of the colour that is its trigger, or red (bool)."""

    columns: Columns
    heads: np.ndarray
    balance: np.ndarray
    expenditure: np.ndarray
    needed: np.ndarray
    exhausted: np.ndarray
    warned: np.ndarray


class Funds:
    """The funds of one scheme, run year by year: `begin` a year, ask what holds in it, then `advance` through it."""

    def __init__(self, scenario: Scenario, group_years: Sequence[GroupYear], readers: Sequence[Reader]) -> None:
        """Open the funds on 1 January of the first year, of which `group_years` are."""
        first = group_years[0].group
        people = [group_year.group.people.roster for group_year in group_years]
        self._scenario, self._readers = scenario, readers
        counties = group_years[0].group.people.region.value(f"population.{first.scheme}.counties", scenario.year).value
        self._units = Units(Scheme(scenario.seed, people[0].people_id, int(counties),
                                   sum(roster.participants for roster in people), tuple(first.worlds.tolist())))
        self._draws = len(first.worlds)
        self._group_years = group_years
        self._year: UnitsYear | None = None

    def begin(self, terms: Sequence[FundTerms], announced: Sequence[FundTerms]) -> None:
        """Begin a year under each policy's terms, and those `announced` for the next: units that pool at a higher level than
        before are merged. InputError for a level below that of the year before."""
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
                split = terms[int(error.args[0])]
                raise split_fault(split.scheme, split.region, split.year, POOLING_LEVELS[split.pooling_level]) from None
        self._year = year
        self._terms = year.terms(self._stacked)
        self._announced = year.terms(stack_terms(announced))

    @property
    def year(self) -> int:
        return self._stacked.year

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

    def mix(self, settling: Settling) -> Mix:
        """What is shown of each policy: the plans of the rungs that its units are on."""
        return mix_of(settling, self.calendar.rung, self.calendar.heads, self.columns)

    @property
    def pressure(self) -> np.ndarray:
        """The pressure on hospitals under each policy, int64[D, P, 2] in 1/10,000, that of its units by last year's members."""
        return mean_pressure(self.calendar.pressure, self.columns, self.calendar.heads)

    def account_per_head(self, members: np.ndarray, economy: FundEconomy,
                         active_share: np.ndarray | float) -> np.ndarray:
        """What one member can spend from the individual account this year, in fen [D, P], as `Calendar.account_per_head`."""
        members = self.columns.divide(members, self._of_year.members)
        return self.calendar.account_per_head(self._terms, members, economy, active_share)

    def advance(self, flows: Flows, settling: Settling, unchanged: bool = False) -> tuple[YearLedger, UnitYears]:
        """Run the year. `flows` are those of the plans that are `settling`, of which every unit has the one of its rung, or, if
        `unchanged`, its policy's own. Returns the policies' ledger, and what is kept of their units."""
        year, columns = self._of_year, self.columns
        plans = (np.zeros_like(self.calendar.rung) + settling.unchanged[columns.policy] if unchanged
                 else settling.places(self.calendar.rung, columns.policy))
        alike = unchanged or _without_ladder(settling)
        part, claims = columns.divide if alike else columns.part, flows.claims.of(plans[:, columns.starts] if alike else plans)
        claims = Claims({name: part(months, year.claims) for name, months in claims.months.items()},
                        part(claims.segments, year.claims), part(claims.secondary_base, year.claims),
                        columns.spread(claims.chance) if alike else claims.chance,
                        **{name: part(amount, year.claims) for name, amount in claims.known.items()})
        own = year_flows(flows.year, columns.divide(flows.members, year.members), claims, flows.economy, flows.active)
        if not alike:
            months = flows.claims.months["pooled"]                     # divided month by month, as claims are incurred
            by_rung = np.stack([columns.divide(months[:, plans], year.claims).sum(axis=2)
                                for plans in settling.by_rung.T], axis=2)
            own = replace(own, by_rung=(by_rung, settling.below[columns.policy], settling.above[columns.policy]))
        ledger = self.calendar.advance(self._terms, own, self._announced)
        return of_policies(ledger, columns, own.secondary_base), UnitYears(
            columns, ledger.heads, ledger.accrued_closing, ledger.expenditure, ledger.needed_top_up, ledger.exhausted,
            np.where(np.asarray(self._terms.warning_trigger) == YELLOW, ledger.forecast_yellow, ledger.forecast_red))

    def claims_of(self, flows: Flows, settling: Settling) -> Claims:
        """The claims of each policy's people, all units together."""
        plans = settling.places(self.calendar.rung, self.columns.policy)
        if self.columns.whole or _without_ladder(settling):
            return flows.claims.of(plans[:, self.columns.starts])
        claims = flows.claims.of(plans)
        up_to = self._of_year.claims
        months, rest = ({name: self.columns.total(self.columns.part(amount, up_to)) for name, amount in amounts.items()}
                        for amounts in (claims.months, {"segments": claims.segments, "base": claims.secondary_base}))
        return Claims(months, rest["segments"], rest["base"], claims.chance[:, self.columns.starts])


def _without_ladder(settling: Settling) -> bool:
    """Whether all units of a policy have one plan."""
    return settling.by_rung.shape[1] == 1
