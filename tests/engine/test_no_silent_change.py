"""No change is silent: every one of a shipped scenario moves something, in each region, or is refused with the reason."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simulator.designs import expand
from simulator.engine.simulate import simulate
from simulator.engine.worlds import paths_of
from simulator.parameters.catalogue import SCHEMES, TIERS
from simulator.parameters.errors import InputError
from simulator.parameters.idle import silent
from simulator.parameters.plans import annual_cap
from simulator.parameters.regions import load_regions
from simulator.parameters.values import quantity_at
from simulator.scenario import BASELINE, Policy, Scenario, of_people

ROOT = Path(__file__).resolve().parents[2]
FILES = {str(path.relative_to(ROOT / "scenarios")): path for path in sorted((ROOT / "scenarios").rglob("*.yaml"))}
# A response, a warning or a cap acts in funds and on bills that come to it; whether any does among so few is chance.
WHEN_IT_COMES_TO_IT = ("control.", "pooling.", "commercial.nrcms.cap", "commercial.urrbmi.cap",
                       *(f"{topic}.{scheme}.{name}" for scheme in SCHEMES for topic, name in (
                           ("cii", "rerate_step"), ("payment", "coding_response"), ("payment", "response_limit"))))


@cache
def of_file(name: str) -> list[Scenario]:
    """The scenarios of a shipped file; not read before a test asks, for every process of the tests collects all of them."""
    return expand(FILES[name], load_regions())


def changes_for(scheme: str, everybody: bool) -> list[tuple[dict, str]]:
    """The changes of the shipped scenarios, each together with those it stands with: (all of them, the one), as for `scheme`.
    A value that stands beside many of one other parameter, as in a grid, is asked for once."""
    found = {}
    for scenario in (scenario for name in FILES for scenario in of_file(name)):
        if scheme not in scenario.schemes and scheme != "urrbmi" or scenario.demand:
            continue
        for policy in ((Policy("all", scenario.changes),) if everybody else scenario.policies):
            changes = {**({} if everybody else {p: v for p, v in scenario.changes.items() if not of_people(p)}), **policy.changes}
            changes = {as_for(path, scheme): value for path, value in changes.items()}
            changes = {path: value for path, value in changes.items() if of_scheme(path) in (None, scheme)}
            for path in changes:
                if of_people(path) == everybody:
                    found[(*sorted(changes), path, str(changes[path]))] = changes, path
    return list(found.values())


def of_scheme(path: str) -> str | None:
    part = path.split(".")[1]
    return part if part in SCHEMES else None


def as_for(path: str, scheme: str) -> str:
    """The change of a residents' scheme as one of the merged scheme."""
    return path.replace(".nrcms.", ".urrbmi.").replace(".urbmi.", ".urrbmi.") if scheme == "urrbmi" else path


def acting(asked: list[tuple[dict, str]], scenario: Scenario, regions) -> list[tuple[dict, str]]:
    """Those that are not refused."""
    fitting = []
    for changes, path in asked:
        try:
            scenario.under(regions[scenario.regions[0]], changes)
        except InputError:
            continue                                       # as its file would be: it does not fit this region
        fitting.append((changes, path))
    policies = (Policy(BASELINE), *(Policy(f"p{n}", changes) for n, (changes, _) in enumerate(fitting)))
    refused = {(place[1], place[-1]) for place, _ in silent(scenario.but(policies=policies), regions)}
    return [(changes, path) for n, (changes, path) in enumerate(fitting)
            if (f"p{n}", path) not in refused and not holds_anyway(changes, path, scenario, regions)]


def rests_on(path: str) -> str:
    """A change that is refused without the one of `path`, and goes with it."""
    return path.replace("spending_target", "budget_base")


def holds_anyway(changes: dict, path: str, scenario: Scenario, regions) -> bool:
    """Whether a change states what the region has without it, as a point of a grid does."""
    own, region = quantity_at(path)[0], regions[scenario.regions[0]]
    less = {other: value for other, value in changes.items() if other != path}
    try:
        without = scenario.under(region, less)
    except InputError:
        return False
    under = scenario.under(region, changes)
    if own.endswith("annual_cap"):
        return all(annual_cap(under, own.split(".")[1], year) == annual_cap(without, own.split(".")[1], year)
                   for year in scenario.years)
    values = [(under.value(own, year, required=False), without.value(own, year, required=False)) for year in scenario.years]
    return all(one and other and one.value == other.value for one, other in values)


def moved(scenario: Scenario, pairs: list[tuple[dict, dict]], regions) -> list[bool]:
    """Whether any measure differs between the two policies of each pair."""
    places: dict[str, int] = {}
    at = [[places.setdefault(repr(sorted(changes.items(), key=str)), len(places)) for changes in pair] for pair in pairs]
    distinct = {n: changes for pair, own in zip(pairs, at, strict=True) for changes, n in zip(pair, own, strict=True)}
    policies = tuple(Policy(f"p{n}", changes) for n, changes in sorted(distinct.items(), key=lambda one: one[0]))
    result = simulate(scenario.but(policies=(Policy(BASELINE), *policies)), regions).schemes[0]
    columns = np.stack([measure.values[0] for rows in result.measures.values() for measure in rows])
    return [not np.allclose(columns[:, 1 + one], columns[:, 1 + other], rtol=1e-9, equal_nan=True) for one, other in at]


@pytest.mark.parametrize("name, year, scheme", [("jiangsu", 2012, "nrcms"), ("jiangsu", 2012, "uebmi"), ("linyi", 2013, "nrcms"),
                                                ("linyi", 2012, "urbmi"), ("zibo", 2013, "urrbmi")])
def test_every_change_of_a_shipped_scenario_moves_something_or_is_refused(name, year, scheme, regions):
    scenario = Scenario("silent", (name,), year, (scheme,), 3, 1, 3000, systematic=False)
    asked = acting(changes_for(scheme, everybody=False), scenario, regions)
    asked = [(changes, path) for changes, path in asked if not path.startswith(WHEN_IT_COMES_TO_IT)]
    pairs = [(changes, {other: value for other, value in changes.items() if other not in (path, rests_on(path))})
             for changes, path in asked]
    found = moved(scenario, pairs, regions)
    assert len(pairs) > 5
    assert [(path, changes[path]) for (changes, path), moves in zip(asked, found, strict=True) if not moves] == []


# What answers a deficit is left out: none may come.
def for_everybody(name: str) -> list[tuple[Scenario, str]]:
    """The changes of a file that all policies have: the scenario and the parameter, those of another scenario's value once."""
    return list({(path, str(value)): (scenario, path) for scenario in of_file(name) for path, value in scenario.changes.items()
                 if str(value) not in ("{'plus': '0'}", "{'times': '1'}") and not path.endswith(".deficit_response")}.values())


def figures(scenario: Scenario, regions) -> np.ndarray:
    return np.concatenate([m.values.ravel() for one in simulate(scenario, regions, threads=1).schemes
                           for rows in one.measures.values() for m in rows])


WITH_CHANGES = [name for name, path in FILES.items() if re.search("^(changes|  people):", path.read_text(encoding="utf-8"), re.M)]


def test_the_files_with_changes_for_everybody_are_found_by_their_text():
    assert [name for name in FILES if for_everybody(name)] == WITH_CHANGES


@pytest.mark.parametrize("name", WITH_CHANGES)
def test_every_change_for_everybody_of_a_shipped_scenario_moves_something(name, regions):
    """In the baseline, or else under the file's policies: a ladder waits for the one that asks for it."""
    known: dict[str, np.ndarray] = {}

    def moves(small: Scenario, path: str) -> bool:
        less = small.but(changes={other: value for other, value in small.changes.items() if other != path})
        for asked in (small, less):
            known[repr(asked)] = known[repr(asked)] if repr(asked) in known else figures(asked, regions)
        return not np.allclose(known[repr(small)], known[repr(less)], rtol=1e-9, equal_nan=True)

    silent = []
    for scenario, path in for_everybody(name):
        few = {"draws": 6, "people": 300} if path.startswith(WHEN_IT_COMES_TO_IT) else {"draws": 1, "people": 1500, "horizon": 2}
        small = scenario.but(**few, regions=scenario.regions[:1], systematic=False)
        if not moves(small.but(policies=small.policies[:1]), path) and not moves(small, path):
            silent.append(path)
    assert silent == []


def test_the_economys_risk_is_that_of_the_scenario(regions):
    """What `changes` say of `risk` reaches the paths of the worlds."""
    asked = Scenario("calm", ("linyi",), 2012, ("nrcms",), 2, 4, 300)
    wild, calm = (paths_of(asked.but(changes=changes), regions, range(4)).price for changes in ({}, {
        "risk.bill_growth_sd": "0", "risk.bill_level_sd": "0"}))
    assert np.ptp(wild) > 0 and np.ptp(calm) == 0


METHODS = {"inpatient": ("case", "per_diem", "global_budget"), "outpatient": ("global_budget", "capitation")}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name, year", [("jiangsu", 2012), ("linyi", 2012), ("zibo", 2013)])
def test_every_way_to_pay_hospitals_moves_something_in_the_scheme_that_pays_so_or_is_refused(name, year, scheme, regions):
    scenario = Scenario("methods", (name,), year, (scheme,), 2, 1, 100)
    asked = [({path: {tier: method for tier in TIERS}}, path) for stated in SCHEMES for kind, methods in METHODS.items()
             for path in (f"payment.{stated}.{kind}_method",) for method in methods]
    kept = acting(asked, scenario, regions)
    assert sum(path.startswith(f"payment.{scheme}.") for _, path in kept) == sum(map(len, METHODS.values()))
    assert all(moved(scenario, [(changes, {}) for changes, _ in kept], regions))
