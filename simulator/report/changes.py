"""What a scenario and its policies change: each parameter with the value it had before and the value it has after."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.parameters.errors import InputError
from simulator.parameters.read import parse_yaml
from simulator.parameters.values import quantity_at, text_of
from simulator.report.codes import parameter_name, value_text
from simulator.report.format import NONE
from simulator.report.prose import FIGURES, PAGE, REPORT, say
from simulator.report.select import Selection, Side
from simulator.words import policy_name, region_name, regions, scheme_name, unit_name


class Change(NamedTuple):
    """One changed parameter: who changes it (no policy: the scenario, for all of them), where, and from what to what.

    The values are as the run states them, in the first year of the run in which they differ, without keys that agree; None is a
    value that the region does not state, or that the run did not use.
    """

    policy: str
    regions: tuple[str, ...]
    path: str
    year: int
    before: object
    after: object
    unit: str


def changes_of(selection: Selection) -> list[Change]:
    """Every change, the scenario's own first, then policy by policy; regions in which it is the same stand together."""
    scenario, first = selection.scenario, selection.scenario["policies"][0]
    layers = [("", first["name"], scenario["changes"]), *((policy["name"], policy["name"], policy["changes"])
                                                         for policy in scenario["policies"])]
    return [change for who, policy, changed in layers for path, data in changed.items()
            for change in _of_path(selection, who, policy, path, data)]


def _of_path(selection: Selection, who: str, policy: str, path: str, data: object) -> list[Change]:
    """The change of one path, once for each set of regions in which it has the same values."""
    own, quantity, key = quantity_at(path)
    found: dict[str, tuple[Change, list[str]]] = {}
    for region in selection.scenario["regions"]:
        year, old, new = _values(selection, Side(region, policy), own, alone=not who)
        before, after = (old, as_text(data)) if new is None else differing(old, new, key)
        change = Change(who, (), path, year, before, after, quantity.unit)
        found.setdefault(repr(change), (change, []))[1].append(region)
    return [change._replace(regions=tuple(where)) for change, where in found.values()]


def _values(selection: Selection, side: Side, own: str, alone: bool) -> tuple[int, str | None, str | None]:
    """The first year in which a parameter's values before and after differ, and the two; those of the first year if none does.

    What the scenario itself changes (`alone`) is compared with the region's own value, else with the baseline's.
    """
    baseline = Side(side.region, selection.scenario["policies"][0]["name"])
    found = []
    for year in selection.years:
        before = stated(side.region, own, year) if alone or side == baseline else selection.in_force(baseline, own, year)
        after = selection.in_force(side, own, year)
        if after is not None and before != after:
            return year, before, after
        found.append((year, before, after))
    return found[0]


def stated(region: str, own: str, year: int) -> str | None:
    """What a parameter is in a region without the scenario, as the package's files state it."""
    value = regions()[region].value(own, year, required=False) if region in regions() else None
    return None if value is None else text_of(value.value)


def differing(old: str | None, new: str | None, key: str | None = None) -> tuple[object, object]:
    """Two values as the run states them, as data, of a mapping only `key` or else the keys on which they differ; as they stand
    where nothing does."""
    try:
        before, after = (None if text is None else parse_yaml(f"value: {text}", "").items["value"].data() for text in (old, new))
    except InputError:
        return old, new
    if not isinstance(after, Mapping) or not isinstance(before, Mapping | None):
        return old, new
    sides: Sequence[Mapping] = (before or {}, after)
    if key is not None:
        return sides[0].get(key), sides[1].get(key)
    keys = [name for name in {**sides[0], **after} if sides[0].get(name) != after.get(name)]
    if before is None or not keys:
        return old, new
    return tuple({name: data[name] for name in keys if name in data} for data in sides)  # type: ignore[return-value]


def change_rows(selection: Selection, lang: str) -> list[list[str]]:
    """A row for each change in words: who, what, before, after and unit. Regions and years are named where they do not go
    without saying."""
    rows, comma = [], say(REPORT, "comma", lang)
    for change in changes_of(selection):
        who = [policy_name(change.policy, lang) if change.policy else say(PAGE, "everybody", lang)]
        if len(selection.scenario["regions"]) > 1:
            who += [region_name(region, lang) for region in change.regions]
        name = parameter_name(change.path, lang)
        if change.year != selection.years[0]:
            name += f"{comma}{change.year}"
        rows.append([comma.join(who), name, *(in_words(value, lang, change.path) for value in (change.before, change.after)),
                     unit_name(change.unit, lang)])
    for policy in selection.scenario["policies"]:
        for scheme, title in plan_titles(policy, lang).items():
            rows.append([policy_name(policy["name"], lang), say(REPORT, "plan_of", lang, scheme=scheme_name(scheme, lang)),
                         say(REPORT, "regions_rules", lang), title, ""])
    return rows


def plan_titles(policy: Mapping, lang: str) -> dict[str, str]:
    """What the plans of a policy call themselves, by scheme; the beginning of one that does not."""
    said = {scheme: (text, json.loads(text).get("about", {})) for scheme, text in policy.get("plans", {}).items()}
    return {scheme: about.get("title_zh" if lang == "zh" else "title", text[:40]) for scheme, (text, about) in said.items()}


def in_words(value: object, lang: str, path: str) -> str:
    """A changed value in words, a mapping key by key; "-" for one that is not stated."""
    if value is None:
        return NONE
    if isinstance(value, Mapping):
        return say(FIGURES, "joined", lang).join(
            value_text(f"{key}: {_items(item)}", lang, path) for key, item in value.items())
    return value_text(_items(value), lang, path) or NONE


def _items(value: object) -> str:
    """A value on one line, a list of one as its item."""
    if isinstance(value, list | tuple) and len(value) == 1:
        return _items(value[0])
    return as_text(value)


def as_text(value: object) -> str:
    """A changed value as a scenario file would state it, on one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {as_text(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return "[" + ", ".join(as_text(part) for part in value) + "]"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
