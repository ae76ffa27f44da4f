"""Positions of uncertain values that a scenario gives to its worlds (`given`): which of them there can be.

A key is that of a value with a distribution which some region of the scenario has in force (`REGION:PATH`), that of a choice
among rule books (`REGION:rules.SCHEME`), or that of a starting level or a year's shock of the economy (`economy:price.start`,
`economy:use.2011`; care/paths.py). A position is one of 65,536 equal parts of probability.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from simulator.care.paths import economy_keys
from simulator.engine.rule_books import RuleBook, key_of_books, rule_books
from simulator.parameters.catalogue import PER
from simulator.parameters.distribution_tables import POSITIONS
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.regions import Regions
from simulator.parameters.uncertain import key_of
from simulator.parameters.values import Value
from simulator.scenario import Scenario, parts_of


def refuse_given(scenario: Scenario, regions: Regions) -> None:
    """InputError for a key that names nothing uncertain here, and for what is no position."""
    if not scenario.given:
        return
    if not scenario.systematic:
        raise InputError("given: of a scenario in which nothing is uncertain:", value=next(iter(scenario.given)),
                         expected="systematic: true")
    acting = acting_here(scenario.given, scenario, regions)
    for key, places in scenario.given.items():
        if key not in acting:
            known = names_of_uncertain(scenario, regions)
            raise InputError("given: nothing uncertain of this name acts here:", value=key,
                             expected=one_of(sorted(known), most=10), suggestion=nearest(key, known))
        several = isinstance(places, list | tuple)
        if several and not places:
            raise InputError(f"given: {key}: no positions", expected="one, or a list of some")
        for place in places if several else (places,):
            if type(place) is not int or not 0 <= place < POSITIONS:
                raise InputError(f"given: {key}:", value=repr(place), expected=f"a whole number from 0 to {POSITIONS - 1}")


def names_of_uncertain(scenario: Scenario, regions: Regions, of: Collection[str] | None = None) -> set[str]:
    """The keys of all that is uncertain in a scenario; of the choices those `of` these names alone, since it takes a schedule's
    level to know whether there is a choice."""
    return {*uncertain_values(scenario, regions), *choices(scenario, regions, of), *economy_keys(scenario.years)}


def acting_here(given: Mapping[str, Any], scenario: Scenario, regions: Regions) -> dict[str, Any]:
    """Those of some given positions that are of what is uncertain in a scenario: of a run's, where a part of it is asked."""
    known = names_of_uncertain(scenario, regions, given) if given else ()
    return {key: places for key, places in given.items() if key in known}


def uncertain_values(scenario: Scenario, regions: Regions) -> dict[str, Value]:
    """The values with a distribution that the scenario's regions have in force in its years, by key, as they are first."""
    found: dict[str, Value] = {}
    schemes = parts_of(scenario.schemes)
    for name in scenario.regions:
        region = scenario.changed(regions[name])
        for path in region.paths():
            for year in scenario.years:
                value = region.value(path, year, required=False)
                if value is not None and value.distribution is not None and _of_schemes(path, schemes):
                    found.setdefault(key_of(value), value)
                    break
    return found


def _of_schemes(path: str, schemes: set[str]) -> bool:
    """Whether a path is of one of these schemes, or of none."""
    topic, *within = path.split(".")
    return PER[topic] != "scheme" or within[0] in schemes


def choices(scenario: Scenario, regions: Regions, of: Collection[str] | None = None) -> dict[str, list[RuleBook]]:
    """The choices among several rule books, by key: all, or those `of` these names."""
    books = {key: rule_books(scenario, scenario.changed(regions[name]), scheme)
             for name in scenario.regions for scheme in scenario.schemes
             if (key := key_of_books(name, scheme)) and (of is None or key in of)}
    return {key: found for key, found in books.items() if len(found) > 1}
