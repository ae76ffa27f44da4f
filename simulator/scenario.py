"""A scenario: the regions, schemes, years and policies that are asked about, and the size of the simulation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from simulator.parameters.catalogue import MERGED, ORIGINS, SCHEMES

DEFAULT_SCHEMES = ("uebmi", "urbmi", "nrcms")
RESPONSES = ("stated", "secondary", "none")    # of the fund to its limits and deficits
POLICY_LEVELS = ("region", "own", "none")      # whose solved level of the inpatient schedule a policy takes
BASELINE = "baseline"
LARGEST_SIZES = {"horizon": 50, "draws": 100_000, "people": 10_000_000, "replicas": 10_000, "max_draws": 100_000}
# Names of scenarios and policies become folders and cells of CSV files: nothing in them may lead out of the folder
# or be taken for a formula.
SAFE_NAME = re.compile(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff._-]{0,63}")
LEAST_SHARE = 10_000
PRECISIONS = "a percentage of the mean such as 0.5%, from 0.01% to 50%"


@dataclass(frozen=True)
class Policy:
    """A named set of changed parameters: path -> value, as a parameter file would state it.

    A path is `topic.scheme.parameter`, or has a key after it (`inpatient.nrcms.deductible.county`). With `level` `region` the
    schedule's level k is the region's, so that the effect of a change is not solved away; with `own` it is solved anew under
    the changes; with `none` it is 1.
    """

    name: str
    changes: dict[str, object] = field(default_factory=dict)
    level: str = "region"


@dataclass(frozen=True)
class Scenario:
    """One question to the model.

    `people` is the number of rows of each of the ten rosters of a scheme and region; None simulates everybody. `changes` apply
    to every policy and to the people themselves. With a `precision` (a percentage), `draws` is the number of the first draws,
    and more are added until the 95% intervals are narrow enough (run/precision.py) or there are `max_draws`. Threads and chunks
    are not part of a scenario, for they never change a result.
    """

    name: str
    regions: tuple[str, ...]
    year: int = 2012
    schemes: tuple[str, ...] = DEFAULT_SCHEMES
    horizon: int = 10
    draws: int = 200
    people: int | None = 5_000
    replicas: int = 1
    seed: int = 20120321
    outpatient_share: tuple[int, int] = (1, 1)
    response: str = "stated"
    systematic: bool = True
    demand: bool = False
    policies: tuple[Policy, ...] = (Policy(BASELINE),)
    changes: dict[str, object] = field(default_factory=dict)
    precision: float | None = None
    max_draws: int = 10_000

    @property
    def years(self) -> range:
        return range(self.year, self.year + self.horizon)

    def but(self, **changes: Any) -> Scenario:
        """The same scenario with some fields changed."""
        return replace(self, **changes)

    def as_dict(self) -> dict:
        """Plain data for the manifest; `from_dict` reads it back."""
        return asdict(self)


def from_dict(data: dict, file: str = "manifest.json") -> Scenario:
    """A scenario from a manifest's plain data, read as strictly as a scenario file. InputError with the manifest's name."""
    from simulator.parameters.errors import InputError
    from simulator.parameters.read import parse_yaml

    try:
        asked = Scenario(**{**data, "policies": tuple(Policy(**policy) for policy in data["policies"]),
                            **{name: tuple(data[name]) for name in ("regions", "schemes", "outpatient_share")}})
        read = _scenario_of(parse_yaml(json.dumps(_file_form(asked), ensure_ascii=False), file), Path(file))
        policies = [replace(own, changes=given.changes) for own, given in zip(read.policies, asked.policies, strict=True)]
        policies[0] = Policy(BASELINE)
        if asked.policies[0].level in POLICY_LEVELS:       # only Python can ask for another level of the baseline
            policies[0] = Policy(BASELINE, level=asked.policies[0].level)
        if read.but(changes=asked.changes, policies=tuple(policies)) != asked:
            raise ValueError("a value is not as a scenario file has it")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("the manifest holds no scenario of this version:", value=error, file=file,
                         next_step="run the scenario anew") from error
    except InputError as error:
        error.line = error.column = None                   # they are of a text that nobody has
        raise
    return asked


def _file_form(scenario: Scenario) -> dict:
    """A scenario as a scenario file states it."""
    data = scenario.as_dict() | {"outpatient_share": "/".join(map(str, scenario.outpatient_share)),
                                 "policies": {policy.name: {"changes": policy.changes, "level": policy.level}
                                              for policy in scenario.policies[1:]}}
    if scenario.people is None:
        data["people"] = "all"
    if scenario.precision is not None:
        data["precision"] = f"{scenario.precision}%"
    return {name: value for name, value in data.items()
            if value is not None and not (name == "max_draws" and value == 10_000)}


def read_scenario(path: Path | str) -> Scenario:
    """Read a scenario file (docs/scenarios.md). InputError with file, line and column for anything else.

    The file is YAML: `name`, `regions`, `year`, `schemes`, `horizon`, `draws`, `people` (a number or `all`), `replicas`,
    `seed`, `outpatient_share` ("1/8"), `response`, `systematic`, `demand`, `precision` ("0.5%"), `max_draws`, `changes` (path:
    value) and `policies` (name: {changes: {path: value}, level: region}). The baseline policy always comes first.
    """
    from simulator.parameters.errors import InputError
    from simulator.parameters.read import decode, parse_yaml

    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the scenario: {error.strerror}", value=str(path), expected="a scenario file (.yaml)",
                         next_step="see scenarios/ for examples") from error
    return _scenario_of(parse_yaml(decode(raw, str(path)), str(path)), path)


def _scenario_of(root, path: Path) -> Scenario:
    """The scenario that a parsed file states; `path` is named in errors."""
    from simulator.parameters.errors import InputError, nearest, one_of
    from simulator.parameters.read import Mapping

    def fault(node, problem: str, value, expected: str, suggestion: str | None = None) -> InputError:
        return InputError(problem, value=value, expected=expected, suggestion=suggestion, file=path, line=node.line,
                          column=node.column)

    def mapping(node, what: str, known: tuple[str, ...] | None = None) -> Mapping:
        if not isinstance(node, Mapping):
            raise fault(node, f"{what}: not a mapping:", node.data(), "key: value lines")
        for key, (line, column) in node.keys.items():
            if known is not None and key not in known:
                raise InputError(f"unknown key in {what}", value=key, expected=one_of(known), suggestion=nearest(key, known),
                                 file=path, line=line, column=column)
        return node

    def words(node, what: str, known: tuple[str, ...] | None = None) -> tuple[str, ...]:
        data = node.data()
        items = getattr(node, "items", [])
        if not isinstance(data, list) or not data:
            raise fault(node, f"{what}: not a list:", data, "a list such as [jiangsu, linyi]")
        for item, word in zip(items, data, strict=True):
            if not isinstance(word, str):
                raise fault(item, f"{what}: not a name:", word, "a list such as [jiangsu, linyi]")
            if known is not None and word not in known:
                raise fault(item, f"{what}: unknown name", word, one_of(known), nearest(str(word), known))
        if len(set(map(str, data))) != len(data):
            raise fault(node, f"{what}: a name stands twice in", data, "each name once")
        return tuple(data)

    def integer(node, what: str, low: int, high: int) -> int:
        text = str(node.data())
        if not re.fullmatch("0|[1-9][0-9]{0,11}", text) or not low <= int(text) <= high:
            raise fault(node, f"{what}:", text, f"a whole number from {low} to {high}")
        return int(text)

    def safe(place, name: object) -> str:
        if not SAFE_NAME.fullmatch(str(name)):
            line, column = place
            raise InputError("name:", value=name, file=path, line=line, column=column,
                             expected="letters, digits, - _ and . with a letter or digit first, at most 64")
        return str(name)

    fields = ("name", "regions", "year", "schemes", "horizon", "draws", "people", "replicas", "seed", "outpatient_share",
              "response", "systematic", "demand", "precision", "max_draws", "changes", "policies", "description")
    given = mapping(root, "the scenario", fields).items
    if "regions" not in given:
        raise fault(root, "the scenario names no regions", None, "regions: [jiangsu, linyi]")
    named = given.get("name", root)
    result: dict[str, Any] = {"name": safe((named.line, named.column), named.data() if "name" in given else path.stem),
                                 "regions": words(given["regions"], "regions")}
    if "year" in given:
        result["year"] = integer(given["year"], "year", 2010, 2030)
    if "schemes" in given:
        result["schemes"] = words(given["schemes"], "schemes", SCHEMES)
    for name, high in LARGEST_SIZES.items():
        if name in given and not (name == "people" and given[name].data() == "all"):
            result[name] = integer(given[name], name, 1, high)
    if "people" in given and given["people"].data() == "all":
        result["people"] = None
    if "seed" in given:
        result["seed"] = integer(given["seed"], "seed", 0, 2**32 - 1)
    if "outpatient_share" in given:
        result["outpatient_share"] = read_share(str(given["outpatient_share"].data()),
                                                lambda text: fault(given["outpatient_share"], "outpatient_share:", text,
                                                                   "a share such as 1/8, at most 1/1"))
    if "precision" in given:
        result["precision"] = read_precision(str(given["precision"].data()),
                                             lambda text: fault(given["precision"], "precision:", text, PRECISIONS))
    for name, known in (("response", RESPONSES), ("systematic", ("true", "false")), ("demand", ("true", "false"))):
        if name in given:
            word = given[name].data()
            if word not in known:
                raise fault(given[name], f"{name}:", word, one_of(known), nearest(str(word), known))
            result[name] = word if name == "response" else word == "true"
    if "changes" in given:
        result["changes"] = mapping(given["changes"], "changes").data()
    policies = [Policy(BASELINE)]
    if "policies" in given:
        named_policies = mapping(given["policies"], "policies")
        for name, node in named_policies.items.items():
            if name == BASELINE:
                raise fault(node, "policies:", name, "another name: the baseline is the unchanged region")
            safe(named_policies.keys[name], name)
            own = mapping(node, f"policy {name}", ("changes", "level")).items
            level = own["level"].data() if "level" in own else "region"
            if level not in POLICY_LEVELS:
                raise fault(own["level"], "level:", level, one_of(POLICY_LEVELS), nearest(str(level), POLICY_LEVELS))
            policies.append(Policy(name, mapping(own["changes"], "changes").data() if "changes" in own else {}, level))
    result["policies"] = tuple(policies)
    scenario = Scenario(**result)
    if "max_draws" in given and scenario.max_draws < scenario.draws:
        raise fault(given["max_draws"], "max_draws:", scenario.max_draws, f"no fewer than the {scenario.draws} first draws")
    _check_changes(scenario, given, fault)
    return scenario


def _check_changes(scenario: Scenario, given, fault) -> None:
    """Try all changes on every region as the simulation makes them, so that a bad path or value is found, with its line, before
    any work begins."""
    from simulator.parameters.regions import load_regions
    regions = load_regions()
    for name, node in zip(scenario.regions, given["regions"].items, strict=True):
        if name not in regions:
            raise fault(node, "regions: unknown name", name, ", ".join(regions), _nearest(name, regions))
    for node, changes in [(given.get("changes"), scenario.changes), *(
            (given["policies"].items[policy.name].items.get("changes"), policy.changes) for policy in scenario.policies[1:])]:
        for path in changes:
            if node is not given.get("changes") and of_people(path):
                line, column = node.keys[path]
                raise _at(fault(node, "a policy cannot change the people or their illnesses:", path,
                                "such a change under `changes` of the scenario, for every policy"), line, column)
            scheme = path.split(".")[1] if path.count(".") > 1 else ""
            if scheme in SCHEMES and scheme not in parts_of(scenario.schemes):
                line, column = node.keys[path]
                expected = f"one of {', '.join(scenario.schemes)}"
                raise _at(fault(node, "a change of a scheme that is not simulated:", path, expected), line, column)
    for name in scenario.regions:
        everywhere = _changed(regions[name], scenario.changes, given.get("changes"), fault)
        for policy in scenario.policies[1:]:
            _changed(everywhere, policy.changes, given["policies"].items[policy.name].items.get("changes"), fault)


def of_people(path: str) -> bool:
    """Whether a parameter determines the people and their claims, which all policies share."""
    topic, _, rest = path.partition(".")
    return (topic in ("care", "illness", "risk") or (topic == "population" and "participation_rate" not in rest)
            or (topic == "inpatient" and "unreferred_share" in rest))


def parts_of(schemes: tuple[str, ...]) -> set[str]:
    """The schemes, and those from which a merged scheme's people come: changes to all of these have an effect."""
    return {*schemes, *(ORIGINS if MERGED in schemes else ())}


def _at(error, line: int, column: int):
    """Move an error to another place in its file."""
    error.line, error.column = line, column
    return error


def _changed(region, changes: dict[str, object], node, fault):
    """The region under changes. InputError at the line of the change at fault.

    The changes are made together, for some are valid only together (bands and their ratios). The one at fault is the first that
    alone is refused with the same message, or else the last.
    """
    from simulator.parameters.errors import InputError

    def refused(some: dict[str, object]) -> InputError | None:
        try:
            region.with_changes(some, "scenario")
        except InputError as error:
            return error
        return None

    error = refused(changes)
    if error is None:
        return region.with_changes(changes, "scenario") if changes else region
    culprits = [path for path, value in changes.items() if str(refused({path: value})) == str(error)]
    line, column = node.keys[(culprits or list(changes))[0 if culprits else -1]]
    raise InputError(error.problem, value=error.value, expected=error.expected, suggestion=error.suggestion,
                     next_step=error.next_step, file=fault(node, "", None, "").file, line=line, column=column) from error


def _nearest(name: str, names) -> str | None:
    from simulator.parameters.errors import nearest
    return nearest(name, names)


def read_share(text: str, fault: Callable[[str], Exception]) -> tuple[int, int]:
    """Read a share such as 1/8, from 1/10000 to 1/1, as (1, 8). `fault(text)` makes the error for anything else."""
    found = re.fullmatch("([1-9][0-9]{0,4})/([1-9][0-9]{0,4})", text)
    if found is None or not int(found[1]) <= int(found[2]) <= LEAST_SHARE:
        raise fault(text)
    return int(found[1]), int(found[2])


def read_precision(text: str, fault: Callable[[str], Exception]) -> float:
    """Read a precision such as 0.5%, from 0.01 to 50, in percent. `fault(text)` makes the error for anything else."""
    found = re.fullmatch(r"([0-9]{1,2}(?:\.[0-9]{1,4})?)%", text)
    if found is None or not 0.01 <= float(found[1]) <= 50:
        raise fault(text)
    return float(found[1])
