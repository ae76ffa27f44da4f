"""Designs: one scenario file that stands for many policies and scenarios, by a grid or by sampled points (docs/scenarios.md).

`expand` reads the file, counts what it asks for, and only then makes the scenarios. Changes of the rules multiply the policies of
a scenario, which share the people and their claims; changes under `people` multiply the scenarios.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.parameters.catalogue import is_percent
from simulator.parameters.change import VERBS, in_a_list, overriding, plain_text, rounded_to, smallest_part
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.files import or_example
from simulator.parameters.percent import marked
from simulator.parameters.ranges import of_own_growth
from simulator.parameters.read import Mapping, Node
from simulator.parameters.read import Sequence as Listed
from simulator.parameters.values import quantity_at
from simulator.scenario import BASELINE, POLICY_LEVELS, SAFE_NAME, Policy, Scenario, faults, of_people, read_base, safe_name

if TYPE_CHECKING:
    from simulator.parameters.form import Form
    from simulator.parameters.regions import Regions

LARGEST_DESIGN = 100_000           # of all scenarios of a design together
LONGEST_NAME = 64
OF_PEOPLE = "policies cannot change the people or their illnesses:"
UNDER_PEOPLE = "such a change under `people` of the design"
FINEST = Decimal("0.0001")        # step of sampled factors, and of sampled values whose unit has no smallest part
SAMPLERS = ("sobol", "lhs")


@dataclass(frozen=True)
class Steps:
    """The numbers from `first` in steps of `step`, `size` of them, as text; none is made before it is asked for."""

    first: Decimal
    step: Decimal
    size: int

    def __iter__(self) -> Iterator[str]:
        return (plain_text(self.first + nth * self.step) for nth in range(self.size))


@dataclass(frozen=True)
class Axis:
    """One direction of a design: a parameter and its values, or a name and the names of sets.

    `name` is the path or the axis's own name, `place` the line and column of it. `verb` says what the values do.
    """

    name: str
    place: tuple[int, int]
    verb: str
    values: Sequence[object] | Steps
    sets: dict[str, dict[str, object]] | None = None

    @property
    def size(self) -> int:
        """The number of its values."""
        return self.values.size if isinstance(self.values, Steps) else len(self.values)

    @property
    def paths(self) -> set[str]:
        """The parameters that the axis changes."""
        return {self.name} if self.sets is None else {path for word in self.values for path in self.sets[str(word)]}

    def change(self, value: object) -> dict[str, object]:
        """The change at one value of the axis."""
        if self.sets is not None:
            return self.sets[str(value)]
        if self.verb != "value":
            return {self.name: {self.verb: value}}
        own, quantity, key = quantity_at(self.name)
        if is_percent(own.rpartition(".")[2], quantity) and not isinstance(self.values, list):      # worked out, not written
            value = marked(value)
        return {self.name: in_a_list(value, quantity, key)}

    def label(self, value: object) -> str:
        """The value as a part of a name."""
        text = {"value": "", "times": "x", "plus": "plus"}[self.verb] + _words(value)
        return re.sub(r"[^A-Za-z0-9\u4e00-\u9fff.-]+", ".", text.replace("plus-", "minus")).strip(".")


def expand(path: Path | str, regions: Regions | None = None) -> list[Scenario]:
    """The scenarios that a file stands for: itself alone, or those of its design, in the order of the axes.

    The baseline comes first in every scenario, then the file's policies, then each of these at each point of the design. Names
    are of the axes and their values (`deductible-300_ratio-70`), or numbered where these are too long. Sampled points depend on
    the scenario's seed alone. Changes are tried on `regions` (default: `load_regions()`).
    InputError with file, line and column, before anything is made where there would be too many.
    """
    from simulator.parameters.regions import load_regions
    regions = regions or load_regions()
    base, form = read_base(Path(path), regions)
    items = form.root.items
    if "design" not in items:
        if "sets" in items:
            raise form.fault_at(form.root.keys["sets"], "sets without a design that uses them", None, "a `design`")
        return [base]
    sets = _sets(form)
    given = form.mapping(items["design"], "design", ("level", "grid", *SAMPLERS, "people"))
    kinds = [kind for kind in ("grid", *SAMPLERS) if kind in given.items]
    if len(kinds) > 1:
        raise form.fault_at(given.keys[kinds[1]], "two designs of the rules:", " and ".join(kinds), "one of grid, sobol and lhs")
    level = form.known(given.items["level"], "level", POLICY_LEVELS) if "level" in given.items else "region"
    people = list(_axes(form, given, "people", sets))
    axes = list(_axes(form, given, kinds[0], sets)) if kinds == ["grid"] else []
    ranges = _Ranges(form, given, kinds[0]) if kinds and kinds != ["grid"] else None
    _refuse_twice(form, [*people, *axes, *(ranges.axes if ranges else ())])

    # Counted before anything is made.
    points = prod(axis.size for axis in axes) if axes else ranges.n if ranges else 0
    policies, scenarios = len(base.policies) * (1 + points), prod(axis.size for axis in people)
    if policies * scenarios > LARGEST_DESIGN:
        raise form.fault(items["design"], "the design is too large:",
                         f"{policies:,} policies in {scenarios:,} scenario{'s' * (scenarios > 1)}",
                         f"at most {LARGEST_DESIGN:,} policies in all scenarios together")

    named = list(_points(axes)) if axes else list(ranges.points(base.seed)) if ranges else []
    policies_of_all = (*base.policies, *_crossed(base.policies, named, level))
    worlds = list(_points(people)) if people else [([], {})]
    names = _names([[base.name, *parts] for parts, _ in worlds], {})
    made = [base.but(name=name, changes=overriding(base.changes, changes), policies=policies_of_all)
            for name, (_, changes) in zip(names, worlds, strict=True)]
    every = [*people, *axes, *(ranges.axes if ranges else ())]
    for scenario in made:
        for place, fault in faults(scenario, regions):
            at = next((axis.place for axis in every if place[-1] in axis.paths), (items["design"].line, items["design"].column))
            raise form.fault_at(at, f"{' '.join(map(str, place[:2]))}: {fault.problem}", fault.value, fault.expected,
                                fault.suggestion, fault.next_step)
    return made


def scenarios_of(asked: Iterable[Scenario | Path | str], regions: Regions | None = None) -> list[Scenario]:
    """The scenarios of files and folders, designs expanded, in the order of their names; scenarios stand for themselves.
    InputError for two of one name."""
    found: dict[str, Scenario] = {}
    for one in asked:
        if not isinstance(one, Scenario | Path | str):
            raise InputError("not a scenario:", value=type(one).__name__, expected="a Scenario, or the path of a file or folder")
        for file, scenario in ([(None, one)] if isinstance(one, Scenario) else _of_place(Path(one), regions)):
            name = safe_name("name", scenario.name)
            if name in found:
                raise InputError("two scenarios have the name", value=name, file=file, line=1 if file else None,
                                 column=1 if file else None, expected="a name of its own for each scenario of a batch")
            found[name] = scenario
    return list(found.values())


def _of_place(place: Path, regions: Regions | None) -> Iterator[tuple[Path, Scenario]]:
    """The scenarios of a file, or of the files of a folder, each with its file."""
    place = or_example(place)
    inside = sorted(place.glob("*.yaml")) if place.is_dir() else [place]
    if not inside:
        raise InputError("no scenario file in", value=str(place), expected="a folder with files *.yaml")
    for path in inside:
        for scenario in expand(path, regions):
            yield path, scenario


def _sets(form: Form) -> dict[str, dict[str, object]]:
    """The named sets of changes."""
    found: dict[str, dict[str, object]] = {}
    if "sets" in form.root.items:
        named = form.mapping(form.root.items["sets"], "sets")
        for name, node in named.items.items():
            if not SAFE_NAME.fullmatch(name):
                raise form.fault_at(named.keys[name], "name of a set:", name, "letters, digits, - _ and .")
            found[name] = dict(form.mapping(node, f"set {name}").data())
    return found


def _axes(form: Form, given: Mapping, part: str, sets: dict[str, dict[str, object]]) -> Iterator[Axis]:
    """The axes of `grid` or `people`."""
    if part not in given.items:
        return
    axes = form.mapping(given.items[part], part)
    if not axes.items:
        raise form.fault(axes, f"{part}: no axis", None, "path: [values]")
    for name, node in axes.items.items():
        place = axes.keys[name]
        if "." in name:
            _check_path(form, name, place, part)
            verb, values = _values(form, node, name)
            yield Axis(name, place, verb, values)
            continue
        words, items = form.words(node, f"axis {name}", "[generous, strict], names of `sets`"), listed(node)
        for item, word in zip(items, words, strict=True):
            if word not in sets:
                raise form.fault(item, f"axis {name}: no such set:", word, one_of(sets) if sets else "`sets` in the file",
                                 nearest(word, sets))
            if part == "grid" and (path := next(filter(shared_by_policies, sets[word]), None)):
                raise form.fault(item, OF_PEOPLE, path, UNDER_PEOPLE)
        _refuse_repeats(form, node, name)
        yield Axis(name, place, "value", words, sets)


def shared_by_policies(path: str) -> bool:
    """Whether all policies of a scenario have a parameter in common."""
    return of_people(path) and not of_own_growth(path)


def listed(node: Node) -> list[Node]:
    """The items of a list; none of what is no list."""
    return node.items if isinstance(node, Listed) else []


def _check_path(form: Form, path: str, place: tuple[int, int], part: str) -> None:
    """Refuse a path that leads nowhere, or that policies cannot change."""
    try:
        quantity_at(path)
    except InputError as error:
        raise form.fault_at(place, error.problem, error.value, error.expected, error.suggestion) from error
    if part != "people" and shared_by_policies(path):
        raise form.fault_at(place, OF_PEOPLE, path, UNDER_PEOPLE)


def _verb(node: Node) -> tuple[str, Node]:
    """The verb before the values of an axis, `value` where there is none, and the values."""
    if isinstance(node, Mapping) and len(node.items) == 1:
        (key, behind), = node.items.items()
        if key in VERBS:
            return key, behind
    return "value", node


def _values(form: Form, node: Node, name: str) -> tuple[str, Sequence[object] | Steps]:
    """The verb and the values of an axis: a list, or from, to and step; either may stand behind a verb."""
    verb, node = _verb(node)
    dated = next((key for key in node.items if key in VERBS), None) if isinstance(node, Mapping) else None
    if dated is not None:
        raise form.fault_at(node.keys[dated], f"{name}: an axis with a date, beside which no range of values can stand:",  # type: ignore[union-attr]
                            dated, "values, or {from: 100, to: 500, step: 100}",
                            next_step="name dated changes under `sets`, and give their names as the values of an axis")
    if isinstance(node, Mapping):
        ends = form.mapping(node, name, ("from", "to", "step")).items
        for key in ("from", "to", "step"):
            if key not in ends:
                raise form.fault(node, f"{name}: no `{key}`", None, "{from: 100, to: 500, step: 100}")
        first, last, step = (form.number(ends[key], f"{name}: {key}") for key in ("from", "to", "step"))
        if step <= 0 or last < first:
            raise form.fault(node, f"{name}: no values", f"from {first} to {last} by {step}", "a step above 0, `from` below `to`")
        return verb, Steps(first, step, int((last - first) // step) + 1)
    if not listed(node):
        raise form.fault(node, f"{name}: not a list:", node.data(), "a list of values, or {from: 100, to: 500, step: 100}")
    _refuse_repeats(form, node, name)
    return verb, [item.data() for item in listed(node)]


def _refuse_repeats(form: Form, node: Node, name: str) -> None:
    items = listed(node)
    for nth, item in enumerate(items):
        if any(item.data() == other.data() for other in items[:nth]):
            raise form.fault(item, f"{name}: a value stands twice:", item.data(), "each once")


def _refuse_twice(form: Form, axes: list[Axis]) -> None:
    """Refuse a parameter on two axes, or all of one on an axis and its key on another."""
    for nth, axis in enumerate(axes):
        for other in axes[:nth]:
            for path in sorted(axis.paths):
                if any(f"{path}.".startswith(f"{one}.") or f"{one}.".startswith(f"{path}.") for one in other.paths):
                    raise form.fault_at(axis.place, "a parameter on two axes of the design:", path, "it on one",
                                        next_step=f"it is on axis '{other.name}' too")


class _Ranges:
    """Ranges that a Sobol sequence or a Latin hypercube fills."""

    def __init__(self, form: Form, given: Mapping, kind: str) -> None:
        self.kind = kind
        own = form.mapping(given.items[kind], kind, ("n", "ranges"))
        for key in ("n", "ranges"):
            if key not in own.items:
                raise form.fault(own, f"{kind}: no `{key}`", None, "{n: 64, ranges: {path: [low, high]}}")
        expected = f"a whole number from 1 to {LARGEST_DESIGN}" + (", a power of two" if kind == "sobol" else "")
        self.n = form.integer(own.items["n"], "n", expected)
        if not 1 <= self.n <= LARGEST_DESIGN or (kind == "sobol" and self.n & (self.n - 1)):
            raise form.fault(own.items["n"], "n:", self.n, expected)
        ranges = form.mapping(own.items["ranges"], "ranges")
        if not ranges.items:
            raise form.fault(ranges, "ranges: none", None, "path: [low, high]")
        self.axes: list[Axis] = []
        self.ends: list[tuple[Decimal, Decimal]] = []
        for path, node in ranges.items.items():
            _check_path(form, path, ranges.keys[path], kind)
            verb, range_ = _verb(node)
            if len(listed(range_)) != 2:
                raise form.fault(node, f"{path}: not a range:", node.data(), "[low, high] or {times: [low, high]}")
            low, high = (form.number(end, path) for end in listed(range_))
            if low >= high:
                raise form.fault(node, f"{path}: an empty range:", f"{low} to {high}", "the lower end first")
            self.axes.append(Axis(path, ranges.keys[path], verb, ()))
            self.ends.append((low, high))

    def points(self, seed: int) -> Iterator[tuple[list[str], dict[str, object]]]:
        """The name and the changes of each point, rounded to the smallest part of each unit."""
        import numpy as np
        from scipy.stats import qmc
        sampler = {"sobol": qmc.Sobol, "lhs": qmc.LatinHypercube}[self.kind](len(self.axes), seed=np.random.default_rng(seed))
        width = len(str(self.n))
        for nth, row in enumerate(sampler.random(self.n), 1):
            changes: dict[str, object] = {}
            for axis, (low, high), share in zip(self.axes, self.ends, row, strict=True):
                part = FINEST if axis.verb == "times" else smallest_part(quantity_at(axis.name)[1]) or FINEST
                changes |= axis.change(plain_text(rounded_to(low + Decimal(float(share)) * (high - low), part)))
            yield [f"{self.kind}-{nth:0{width}}"], changes


def _points(axes: list[Axis]) -> Iterator[tuple[list[str], dict[str, object]]]:
    """The parts of the name and the changes of each point of a grid, the last axis running fastest."""
    shorts = _short_names([axis.name for axis in axes])
    for values in product(*(axis.values for axis in axes)):
        changes: dict[str, object] = {}
        for axis, value in zip(axes, values, strict=True):
            changes |= axis.change(value)
        yield [f"{short}-{axis.label(value)}" for short, axis, value in zip(shorts, axes, values, strict=True)], changes


def _short_names(paths: list[str]) -> list[str]:
    """The shortest endings of the paths that tell them apart: parameter, with key, with scheme, all."""
    def endings(path: str) -> list[str]:
        if "." not in path:
            return [path] * 4
        own, _, key = quantity_at(path)
        *topic, name = own.split(".")
        keyed = [name, key] if key else [name]
        return [name, "-".join(keyed), "-".join([*topic[1:], *keyed]), "-".join([*topic, *keyed])]

    for named in zip(*map(endings, paths), strict=True):
        if len(set(named)) == len(named):
            break
    return list(named)


def _crossed(policies: tuple[Policy, ...], points: list[tuple[list[str], dict[str, object]]], level: str) -> list[Policy]:
    """Every policy at every point."""
    crossed = [(policy, parts, changes) for policy in policies for parts, changes in points]
    names = _names([parts if policy.name == BASELINE else [policy.name, *parts] for policy, parts, _ in crossed],
                   {policy.name for policy in policies})
    return [replace(policy, name=name, changes=overriding(policy.changes, changes),
                    level=level if policy.name == BASELINE else policy.level)
            for name, (policy, _, changes) in zip(names, crossed, strict=True)]


def _names(many: list[list[str]], taken: set[str] | dict[str, object]) -> list[str]:
    """A name for each list of parts: the parts joined, and numbered where a name would be too long, twice or taken."""
    joined = ["_".join(parts) for parts in many]
    if len(set(joined)) == len(joined) and not set(joined) & set(taken) and all(len(name) <= LONGEST_NAME for name in joined):
        return joined
    width = len(str(len(joined)))
    return [f"{name[:LONGEST_NAME - 1 - width]}-{nth:0{width}}" for nth, name in enumerate(joined, 1)]


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ".".join(f"{ {'times': 'x'}.get(key, key) }{_words(item)}" for key, item in value.items())
    return "-".join(map(_words, value)) if isinstance(value, list) else str(value)
