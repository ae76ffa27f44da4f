"""The funds of whole runs, recomputed from the run's own claims and terms by the plain program of docs/fund.md: to the fen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from simulator.engine.flows import year_flows
from simulator.engine.funds import Funds
from simulator.engine.simulate import simulate
from simulator.fund.calendar import Calendar
from simulator.fund.terms import fund_terms
from simulator.fund.unit_terms import unit_terms
from simulator.scenario import BASELINE, Policy, Scenario
from tests.campaigns.fund import differing, normals
from tests.reference.fund_plain import Flows, Region, opening_of_units, unit_years


@dataclass
class Course:
    """What one fund of a run was given, and what it left, year by year."""

    terms: list = field(default_factory=list)        # of the policies; behind those of the last year, what was announced then
    given: list = field(default_factory=list)        # (flows, plans that are settled, whether nothing is changed)
    units: list = field(default_factory=list)        # the ledger of the units
    policies: list = field(default_factory=list)     # and of the policies, with the units' columns
    per_head: list = field(default_factory=list)


@pytest.fixture
def courses(monkeypatch) -> dict[Any, Course]:
    """The course of each fund that is run while the test lasts."""
    found: dict[Any, Course] = defaultdict(Course)
    begin, advance, year, per_head = Funds.begin, Funds.advance, Calendar.advance, Funds.account_per_head
    ledgers = {}

    def begun(self, terms, announced):
        found[self].terms[-1:] = [list(terms), list(announced)]
        return begin(self, terms, announced)

    def told(self, *asked):
        found[self].per_head.append(per_head(self, *asked))
        return found[self].per_head[-1]

    def kept(self, *asked):
        ledgers[self] = year(self, *asked)
        return ledgers[self]

    def advanced(self, flows, settling, unchanged=False):
        ledger, units = advance(self, flows, settling, unchanged)
        course = found[self]
        course.given.append((flows, settling, unchanged))
        course.units.append(ledgers[self.calendar].columns())
        course.policies.append((ledger.columns(), units.columns))
        return ledger, units

    for of, name, function in ((Funds, "begin", begun), (Funds, "advance", advanced), (Calendar, "advance", kept),
                               (Funds, "account_per_head", told)):
        monkeypatch.setattr(of, name, function)
    return found


def opening(funds: Funds, p: int, terms, region: Region, world: int) -> list[dict[str, int]]:
    """What each unit of a policy opens with: of the merged scheme what those of the two that it is made of have together, each
    by the world's settings of its opening balances."""
    of_groups = []
    for group_year in funds._group_years:
        scheme, year = group_year.group.people.scheme, terms.year
        usual, own = (fund_terms(reader, scheme, year, year) for reader in (funds._readers[0], funds._readers[p]))
        held = replace(usual, opening_balance=own.opening_balance, account_opening=own.account_opening,
                       pooling_level=terms.pooling_level, cities=terms.cities)
        settings = group_year.group.settings
        times = {name: float(settings.times(f"{topic}.{scheme}.opening_balance", year)[world])
                 for name, topic in (("pooled", "funding"), ("individual", "account"))}
        of_groups.append(opening_of_units(held, int(group_year.members[world]), region, times))
    return [{name: sum(unit[name] for unit in units) for name in units[0]} for units in zip(*of_groups, strict=True)]


def recomputed(funds: Funds, course: Course, response: str, world: int, p: int):
    """The ledgers of a policy and of its units, year by year, by the plain program."""
    first, scheme = course.terms[0][p], funds._units.scheme
    region = Region(scheme.seed, scheme.people_id, scheme.counties, scheme.persons, world,
                    **unit_terms(funds._readers[p], first.scheme, first.year, first.year)._asdict())
    years = []
    for y, (flows, settling, unchanged) in enumerate(course.given):
        own = year_flows(flows.year, flows.members[:, settling.policy], flows.claims, flows.economy, flows.active)
        below = 0 if unchanged else int(settling.below[p])
        plans = ([settling.unchanged[p]] if unchanged else
                 range(settling.first[p], settling.first[p] + below + int(settling.above[p]) + 1))
        years.append((course.terms[y][p], [Flows(own, world, int(q)) for q in plans], below))
    years.append((course.terms[-1][p], *years[-1][1:]))            # announced for a year that is not run
    return unit_years(years, opening(funds, p, first, region, world), response, region, normals())


SHORT = {"funding.{}.subsidy": {"times": "0.1"}, "pooling.{}.adjustment_share": "5",
         "control.{}.deficit_response": ["ladder", "reserve", "premium", "factor"], "control.{}.warning_trigger": "yellow",
         "control.{}.ladder_ratio": ["-20", "-10", "0"], "control.{}.ladder_deductible": ["200", "150", "100"],
         "control.{}.ladder_ratio_low": "20", "control.{}.ladder_ratio_high": "95"}
BUDGETS = {"payment.{}.inpatient_method": dict.fromkeys(("township", "county", "city"), "global_budget"),
           "payment.{}.budget_base": "revenue", "payment.{}.spending_target": "60", "payment.{}.overrun_share": "20"}
CASES = {"payment.{}.inpatient_method": dict.fromkeys(("township", "county", "city"), "case"), "payment.{}.case_level": "90"}
ENTRANTS = {"funding.uebmi.enterprise_entrants": "20000", "funding.uebmi.enterprise_retired_share": "60",
            "funding.uebmi.enterprise_base_ratio": "60", "funding.uebmi.enterprise_payment": "12000"}


def merging(*levels: str) -> dict:
    return {"pooling.{}.level": [{"from": f"{year}-01-01", "value": level} for year, level in zip(
        range(2012, 2015), levels, strict=False)]}


def policies(scheme: str, *changes: dict) -> tuple[Policy, ...]:
    return Policy(BASELINE), *(Policy(f"p{n}", {path.format(scheme): value for path, value in one.items()})
                               for n, one in enumerate(changes))


# Region, scheme -> first year, policies, and ledger columns that none of them leaves at zero.
RUNS = {"jiangsu nrcms": (2012, policies("nrcms", SHORT | BUDGETS | merging("county", "city")), ("rung", "adjustment_received")),
        "linyi uebmi": (2012, policies("uebmi", ENTRANTS | merging("county", "city")), ("entry", "supplement_premium")),
        "linyi nrcms": (2012, policies("nrcms", SHORT | merging("county", "province")), ("rung", "premium_step", "reserve_used")),
        "zibo urrbmi": (2013, policies("urrbmi", CASES, SHORT | BUDGETS), ("hospital_borne", "rung", "cii_clawback"))}


@pytest.mark.parametrize("asked", RUNS)
def test_units_and_policies_of_a_run_have_to_the_fen_what_the_plain_program_makes_of_its_claims(asked, courses, regions):
    year, stated, acting = RUNS[asked]
    name, scheme = asked.split()
    simulate(Scenario("funds", (name,), year, (scheme,), 3, 1, 100, policies=stated), regions)
    assert sorted(course.given[0][2] for course in courses.values()) == [False, True]       # as run, and where nothing is changed
    compared = 0
    for funds, course in courses.items():
        response = "none" if course.given[0][2] else "stated"
        for p in range(len(stated)):
            for y, (whole, ledgers) in zip(range(3), recomputed(funds, course, response, 0, p), strict=False):
                of_policies, columns = course.policies[y]
                start, where = int(columns.starts[p]), f"{asked}, {year + y}, policy {p}, {response}"
                assert len(ledgers) == columns.counts[p]
                for u, ledger in enumerate(ledgers):
                    own = {key: x[0, start + u].item() for key, x in course.units[y].items()}
                    assert differing(own, ledger, exact=True) == {}, f"{where}, unit {u}"
                own = {key: x[0, p].item() for key, x in of_policies.items()}
                own["account_per_head"] = course.per_head[y][0, p].item()
                assert differing(own, whole, exact=len(ledgers) == 1) == {}, where
                compared += len(ledgers)
    assert compared >= 2 * 3 * len(stated)
    for column in acting:
        assert any(ledger[column].any() for course in courses.values() for ledger in course.units), column
