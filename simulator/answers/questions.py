"""What a scenario asks, as questions with content names: one for each region, scheme and policy.

A name is the SHA-256 of what the answer hangs on: the values that the region states in the years that can be read, under the
changes, the people, the seed and the counter layout - and not the file's name, comments, the order of keys, the number of draws
or of threads. So two spellings of one question have one name, and a change of any value another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from simulator.chance.random import LAYOUT_VERSION
from simulator.parameters.apart import stand_in
from simulator.parameters.catalogue import SCHEMES
from simulator.parameters.change import as_written
from simulator.parameters.effective import FIXED
from simulator.parameters.regions import Region, Regions
from simulator.parameters.values import Value, quantity_at
from simulator.scenario import Policy, Scenario, parts_of

FIRST_READ = 2000              # the first year of which a value may still be read: rates of growth go back to a value's date


class Question(NamedTuple):
    """One policy of one region and scheme of a scenario, by number in a batch."""

    scenario: int
    region: str
    scheme: str
    policy: Policy
    people: str                    # content name of the people, their region under the scenario's changes and its baseline
    name: str                      # content name of the whole question


def questions_of(scenarios: Iterable[Scenario], regions: Regions) -> list[Question]:
    """Every question of the scenarios, in their order. InputError for unknown regions and bad changes."""
    found: list[Question] = []
    stated: dict[tuple[str, int], dict[str, str]] = {}         # by unchanged region and last year
    for number, scenario in enumerate(scenarios):
        last, economy = scenario.years[-1], []
        for name in scenario.regions:
            region = regions[name]
            if (name, last) not in stated:
                stated[name, last] = _all_stated(region, last)
            everywhere = scenario.changed(region)
            base = {**stated[name, last], **_paths_of(everywhere, scenario.changes, last)}
            moved = {}                                         # what each policy states otherwise than its baseline
            for policy in scenario.policies:
                under = scenario.under(everywhere, policy.changes)
                own = _paths_of(under, policy.changes, last)
                moved[policy.name] = {path: text for path, text in own.items() if text != base.get(path)}
            if name == scenario.regions[0]:                    # whose economy all regions live in
                economy = sorted((path, text) for path, text in base.items() if path.startswith("risk."))
            for scheme in scenario.schemes:
                size = [scenario.year, scenario.horizon, scenario.people, scenario.replicas, scenario.seed,
                        scenario.outpatient_share, scenario.response, scenario.systematic, scenario.demand,
                        *([sorted(scenario.given.items())] if scenario.given else [])]
                # The level of the schedule hangs on the region without changes, and on the schedule's status.
                people = _name([LAYOUT_VERSION, name, scheme, size, economy, _read_by(scheme, base),
                                _read_by(scheme, stated[name, last]) if scenario.changes else [], _statuses(region, scheme, last),
                                _paid_otherwise(scheme, scenario.changes)])
                for policy in scenario.policies:
                    unlike = [*_read_by(scheme, moved[policy.name]), *_paid_otherwise(scheme, policy.changes),
                              *((of, text) for of, text in policy.plans.items() if of == scheme)]
                    same = not unlike and policy.level in ("region", "own")
                    found.append(Question(number, name, scheme, policy, people,
                                          people if same else _name([people, unlike, policy.level])))
    return found


def _paid_otherwise(scheme: str, changes: Mapping[str, object]) -> list[tuple[str, str]]:
    """The changes of ratios as they are written: five points more are not the ratio that they make of the written one, for a
    change moves what is paid."""
    return _read_by(scheme, {path: repr(as_written(data, path)) for path, data in changes.items()
                             if path.startswith("inpatient.") and path.split(".")[2] in FIXED})


def _statuses(region: Region, scheme: str, last: int) -> list[tuple[str, str]]:
    """The status of the schedules in each year, which says whether a level is solved."""
    return [(part, value.status if (value := region.value(f"inpatient.{part}.ratio", year, required=False)) else "")
            for part in sorted(parts_of((scheme,))) for year in range(FIRST_READ, last + 1)]


def _all_stated(region: Region, last: int) -> dict[str, str]:
    """What a region states up to a year, by path, and what the law does."""
    own = Region(region.name, region.names, region.layers)     # what is looked up here need not be known for ever
    laws = sorted((path, str(entry.data), str(entry.from_)) for layer in region.layers for path in layer.laws
                  for entry in layer.entries[path])
    return {**{path: _stated(own, path, last) for path in own.paths()}, "law": _name(laws)}


def _paths_of(region: Region, changes: dict[str, object], last: int) -> dict[str, str]:
    return {own: _stated(region, own, last) for own in {quantity_at(path)[0] for path in changes}}


def _stated(region: Region, path: str, last: int) -> str:
    """What is in force of a parameter from FIRST_READ to the year `last`, each value from when on, as text; and on the days
    within these years on which it changes."""
    found: list[tuple[int, str, str]] = []
    for year in range(FIRST_READ, last + 1):
        value = region.value(path, year, required=False)
        said = ("", "") if value is None else (_plain(value), str(max(value.from_.year, FIRST_READ)))
        if not found or found[-1][1:] != said:
            found.append((year, *said))
    within = {entry.from_ for layer in region.layers for known in (path, stand_in(path)) if known
              for entry in layer.entries.get(known, ())
              if (entry.from_.month, entry.from_.day) != (1, 1) and FIRST_READ <= entry.from_.year <= last}
    days = [(str(day), "" if (value := region.value(path, day, required=False)) is None else _plain(value))
            for day in sorted(within)]
    return _name([found, days] if days else found)


def _plain(value: Value) -> str:
    def plain(data: Any) -> Any:
        if isinstance(data, Decimal):
            return format(data.normalize(), "f")
        if isinstance(data, dict):
            return {str(key): plain(item) for key, item in data.items()}
        if isinstance(data, (list, tuple)):
            return [plain(item) for item in data]
        return data
    law, others = value.distribution, [[one.name, plain(one.value), plain(one.weight)] for one in value.alternatives]
    said = plain(value.value) if law is None and not others else [
        plain(value.value), *([] if law is None else [law.whole_text]), *others, value.origin]
    return json.dumps(said, sort_keys=True, ensure_ascii=False, default=str)


def _read_by(scheme: str, values: dict[str, str]) -> list[tuple[str, str]]:
    """What a simulation of the scheme may read: not what is stated of other schemes."""
    known = parts_of((scheme,))
    return sorted((path, text) for path, text in values.items()
                  if (of := path.split(".")[1] if path.count(".") > 1 else "") not in SCHEMES or of in known)


def _name(data: object) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()
