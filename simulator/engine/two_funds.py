"""The fund of a scheme as it is run, and beside it the one that changes nothing: the rules in force for ever, without a response.

Both live on the same claims, settled in one pass (`rungs.py`). Where the scenario asks for no responses there is one fund.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.engine.enrolment import GroupYear, enrolment_response, members_of
from simulator.engine.flows import Claims
from simulator.engine.fund_measures import ledger_measures
from simulator.engine.funds import Flows, Funds, UnitYears
from simulator.engine.measures import Measure
from simulator.engine.rungs import Settling
from simulator.fund.accounts import YearLedger
from simulator.fund.columns import Columns
from simulator.fund.terms import FundTerms
from simulator.money import ONE
from simulator.parameters.regions import Reader
from simulator.scenario import Scenario
from simulator.tables import FundEconomy

# Figures of the fund that are shown of the one that changes nothing, and their names.
UNCHANGED = {name: f"unchanged_{name}" for name in (
    "revenue", "expenditure", "balance", "surplus_rate", "months_held", "exhausted", "over_annual", "over_cumulative")}


HORIZON = 2                    # years that a forecast looks ahead


class Insured:
    """Who is enrolled in a year under each policy, as a fund has left its premium, and what individual accounts may pay."""

    def __init__(self, funds: Funds, terms: Sequence[FundTerms], readers: Sequence[Reader], group_years: Sequence[GroupYear],
                 economy: FundEconomy) -> None:
        enrolled, self.claiming = enrolment_response(terms, funds.premium_step, readers, terms[0].scheme, terms[0].year)
        self.heads = members_of(group_years, enrolled)
        self.account = funds.account_per_head(self.heads, economy, group_years[0].active)


class Warnings:
    """What early warnings were worth against funds that change nothing, judged when a warning's two years are over."""

    def __init__(self) -> None:
        self._columns: Columns | None = None
        self._raised: list[np.ndarray] = []        # bool[D, C]: by the years' ends before this one
        self._short: list[np.ndarray] = []         # whether the fund that changes nothing has ended below zero

    def measures(self, columns: Columns, heads: np.ndarray, raised: np.ndarray, short: np.ndarray,
                 unchanged: np.ndarray) -> list[Measure]:
        """The measures of a year at whose end a warning is `raised`, and the fund as run and the `unchanged` one end `short` of
        money, bool[D, C] each, with the members `heads`. Units that are merged begin anew."""
        if self._columns is None or not np.array_equal(self._columns.counts, columns.counts):
            self._columns, self._raised, self._short = columns, [], []
        self._raised.append(raised)
        self._short.append(unchanged)
        found = {"deficit_avoided": unchanged & ~short, "deficit_caused": short & ~unchanged,
                 "false_alarm": np.zeros_like(raised), "missed_deficit": np.zeros_like(raised)}
        if len(self._raised) > HORIZON:
            warned = self._raised[-1 - HORIZON]
            found["false_alarm"] = warned & ~np.logical_or.reduce(self._short[-HORIZON:])
            found["missed_deficit"] = unchanged & ~np.logical_or.reduce(self._raised[:-1])
        return [Measure(name, "", "probability", columns.share(flag, heads)) for name, flag in found.items()]


class TwoFunds:
    """The funds as they are run, and those that change nothing (None: nothing is asked of them)."""

    def __init__(self, scenario: Scenario, group_years: Sequence[GroupYear], readers: Sequence[Reader], whole: bool) -> None:
        self.readers = readers
        self.run = Funds(scenario, group_years, readers)
        beside = whole and scenario.response != "none"
        self.unchanged = Funds(scenario.but(response="none"), group_years, readers) if beside else None
        self._warnings = Warnings()

    def begin(self, terms: Sequence[FundTerms], announced: Sequence[FundTerms]) -> None:
        """Begin a year of both (`Funds.begin`)."""
        for funds in filter(None, (self.run, self.unchanged)):
            funds.begin(terms, announced)

    def pressure(self, settling: Settling) -> np.ndarray:
        """The pressure on hospitals under each of the plans that are settled, int64[D, Q, 2] in 1/10,000."""
        return settling.of_plans(self.run.pressure, self.run.pressure if self.unchanged is None else self.unchanged.pressure)

    def in_force(self, settling: Settling, terms: Sequence[FundTerms], group_years: Sequence[GroupYear],
                 economy: FundEconomy) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The control factor, individual accounts and relative claims for each of the plans that are settled, [D, Q]."""
        self.insured = Insured(self.run, terms, self.readers, group_years, economy)
        self.insured_unchanged = self.insured if self.unchanged is None else Insured(self.unchanged, terms, self.readers,
                                                                                     group_years, economy)
        of, other = self.insured, self.insured_unchanged
        factor = self.run.factor
        return (settling.of_plans(factor, np.full_like(factor, ONE)), settling.of_plans(of.account, other.account),
                settling.of_plans(of.claiming, other.claiming))

    def advance(self, claims: Claims, settling: Settling, economy: FundEconomy,
                active: np.ndarray) -> tuple[Claims, YearLedger, UnitYears, list[Measure]]:
        """Run the year of both, whose claims are those of the plans that are settled. Returns the policies' claims, their ledger,
        what is kept of their units, and the measures of the fund."""
        year = self.run.year
        flows = Flows(year, self.insured.heads, claims, economy, active)
        whole = self.run.claims_of(flows, settling)
        ledger, units = self.run.advance(flows, settling)
        measures = ledger_measures(ledger, self.insured.heads, whole.chance)
        if self.unchanged is not None:
            heads = self.insured_unchanged.heads
            beside, of_unchanged = self.unchanged.advance(flows._replace(members=heads), settling, unchanged=True)
            measures += [row._replace(name=UNCHANGED[row.name]) for row in ledger_measures(beside, heads, whole.chance)
                         if row.name in UNCHANGED]
            measures += self._warnings.measures(units.columns, units.heads, units.warned, units.balance < 0,
                                                of_unchanged.balance < 0)
        return whole, ledger, units, measures
