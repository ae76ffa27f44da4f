"""A scenario: the regions, schemes, years and policies that are asked about, and the size of the simulation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.parameters.catalogue import MERGED, ORIGINS, SCHEMES
from simulator.parameters.change import as_written, check_fine
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.fits_of_funds import level_faults
from simulator.parameters.idle import silent
from simulator.parameters.names import canonical, canonical_changes, in_canonical_names
from simulator.parameters.ranges import beyond, of_own_growth
from simulator.parameters.steps import check_days, steps_of
from simulator.parameters.values import quantity_at

if TYPE_CHECKING:
    from simulator.parameters.form import Form
    from simulator.parameters.regions import Region, Regions

DEFAULT_SCHEMES = ("uebmi", "urbmi", "nrcms")
RESPONSES = ("stated", "secondary", "none")    # of the fund to its limits and deficits
POLICY_LEVELS = ("region", "own", "none", "target")      # which level of the inpatient schedule a policy takes
BASELINE = "baseline"
LARGEST_SIZES = {"horizon": 50, "draws": 100_000, "people": 10_000_000, "replicas": 10_000, "max_draws": 100_000}
WHOLE_NUMBERS = {"year": (2010, 2030), "seed": (0, 2**32 - 1), **{name: (1, most) for name, most in LARGEST_SIZES.items()}}
LONGEST_TEXTS = {"title": 200, "description": 4000}
# Names of scenarios and policies become folders and cells of CSV files: nothing in them may lead out of the folder
# or be taken for a formula.
SAFE_NAME = re.compile(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff._-]{0,63}")
A_SAFE_NAME = "letters, digits, - _ and . with a letter or digit first, at most 64"
LEAST_SHARE = 10_000
PRECISIONS = "a percentage of the mean such as 0.5%, from 0.01% to 50%"
A_SHARE = "a share such as 1/8, at most 1/1"
KEYS_OF_A_FILE = ("name", "title", "description", "regions", "schemes", "outpatient_share", "response", "systematic", "demand",
                  "precision", *WHOLE_NUMBERS, "changes", "policies", "sets", "design")
TEXT_KEYS = ("name", "title", "description")   # of a file: what stands there is no name of the catalogue

Place = tuple[str | int, ...]                  # the keys and items that lead to a part of a scenario


@dataclass(frozen=True)
class Policy:
    """A named set of changed parameters: path -> value, as a parameter file would state it, or its verb (`{"times": "1.1"}`).

    A path is `topic.scheme.parameter`, or has a key after it (`inpatient.nrcms.deductible.county`). With `level` `region` the
    schedule's level k is the region's, so that the effect of a change is not solved away; with `own` it is solved anew so
    that the in-scope ratio stays what it was; with `target` so that it is the plan's target; with `none` it is 1.
    `plans` puts a plan file in the place of a scheme's rules (`parameters/overlay.py`): scheme -> name, path or mapping.
    """

    name: str
    changes: dict[str, object] = field(default_factory=dict)
    level: str = "region"
    plans: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put Chinese names in the changes into the catalogue's, and plans into the text that a manifest keeps."""
        object.__setattr__(self, "changes", canonical_changes(self.changes))
        if self.plans:
            from simulator.parameters.overlay import stated_texts  # needs pydantic, which other policies do not
            object.__setattr__(self, "plans", stated_texts(self.plans))


@dataclass(frozen=True)
class Scenario:
    """One question to the model.

    `people` is the number of rows of each of the ten rosters of a scheme and region; None simulates everybody. `changes` apply
    to every policy and to the people themselves. With a `precision` (a percentage), `draws` is the number of the first draws,
    and more are added until the 95% intervals are narrow enough (engine/precision.py) or there are `max_draws`. `given`
    holds worlds to positions of uncertain values (chance/positions.py). Threads and chunks never change a result.
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
    outpatient_share: tuple[int, int] = (1, 2)
    response: str = "stated"
    systematic: bool = True
    demand: bool = False
    policies: tuple[Policy, ...] = (Policy(BASELINE),)
    changes: dict[str, object] = field(default_factory=dict)
    precision: float | None = None
    max_draws: int = 10_000
    title: str = ""
    description: str = ""
    given: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put Chinese names of schemes, and those in the changes, into the catalogue's."""
        object.__setattr__(self, "changes", canonical_changes(self.changes))
        if isinstance(self.schemes, tuple) and all(isinstance(one, str) for one in self.schemes):
            object.__setattr__(self, "schemes", tuple(canonical("scheme", one) for one in self.schemes))

    def in_names_of(self, regions: Regions) -> Scenario:
        """The same scenario with Chinese names of regions in their canonical ones. InputError for a name that several have."""
        names = tuple(map(regions.canonical, self.regions)) if isinstance(self.regions, tuple) else self.regions
        return self if names == self.regions else replace(self, regions=names)

    @property
    def years(self) -> range:
        return range(self.year, self.year + self.horizon)

    def changed(self, region: Region) -> Region:
        """A region under the changes for everybody."""
        return self.under(region, self.changes, self.name)

    def under(self, region: Region, changes: Mapping[str, object], label: str = "") -> Region:
        """A region under changes that hold, where they have no date, from the scenario's first year on."""
        return region.with_changes(changes, label or self.name, self.year) if changes else region

    def but(self, **changes: Any) -> Scenario:
        """The same scenario with some fields changed."""
        return replace(self, **changes)

    def as_dict(self) -> dict:
        """Plain data for the manifest, the numbers of changes as text; `from_dict` reads it back."""
        told = asdict(self) | {"changes": as_written(self.changes, "changes"), "policies": tuple(
            asdict(policy) | {"changes": as_written(policy.changes, policy.name)} for policy in self.policies)}
        return told if self.given else {name: data for name, data in told.items() if name != "given"}


def from_dict(data: dict, file: str = "manifest.json", regions: Regions | None = None) -> Scenario:
    """A scenario from a manifest's plain data. InputError, naming the manifest, if they are those of another version or would
    be refused in a scenario file for these regions (default: the package's)."""
    from simulator.parameters.regions import load_regions
    try:
        scenario = Scenario(**{**data, "regions": tuple(data["regions"]), "schemes": tuple(data["schemes"]),
                               "outpatient_share": tuple(data["outpatient_share"]),
                               "policies": tuple(Policy(**policy) for policy in data["policies"])})
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError("the manifest holds no scenario of this version:", value=error, file=file,
                         next_step="run the scenario anew") from error
    for place, fault in faults(scenario, regions or load_regions()):
        fault = named(fault, (file, *place))
        fault.file = fault.file or file
        raise fault
    return scenario


def read_scenario(path: Path | str, regions: Regions | None = None) -> Scenario:
    """Read a scenario file (docs/scenarios.md). InputError with file, line and column for anything else, or for what does not fit
    these regions (default: `load_regions()`).

    The file is YAML: `name`, `title`, `description`, `regions`, `year`, `schemes`, `horizon`, `draws`, `people` (a number or
    `all`), `replicas`, `seed`, `outpatient_share` ("1/8"), `response`, `systematic`, `demand`, `precision` ("0.5%"),
    `max_draws`, `changes` (path: value, or {times: X}, {plus: X}) and `policies` (name: {changes: {path: value}, level:
    region}). The baseline policy always comes first. A file with a `design` is many scenarios, see `designs.expand`.
    """
    if not isinstance(path, Path | str):
        raise InputError("not a scenario:", value=type(path).__name__, expected="a Scenario, or the path of a scenario file")
    scenario, form = read_base(Path(path), regions)
    for key in ("design", "sets"):
        if key in form.root.items:
            raise form.fault_at(form.root.keys[key], f"a file with `{key}` is not one scenario but a batch of them", None, None,
                                next_step="answer it with: fundsim batch FILE")
    return scenario


def read_base(path: Path, regions: Regions | None = None) -> tuple[Scenario, Form]:
    """The scenario that a file states but for its design, checked, and the file itself."""
    from simulator.parameters.form import Form
    from simulator.parameters.regions import load_regions
    form, regions = Form(path, "scenario", "see scenarios/ for examples"), regions or load_regions()
    try:
        form.root = in_canonical_names(form.root, TEXT_KEYS)
    except InputError as error:
        error.file = str(path)
        raise
    given = form.mapping(form.root, "the scenario", KEYS_OF_A_FILE).items
    if "regions" not in given:
        raise form.fault(form.root, "the scenario names no regions", None, "regions: [jiangsu, linyi]")
    result: dict[str, Any] = {name: form.text(given[name], name, most) for name, most in LONGEST_TEXTS.items() if name in given}
    result["name"] = str(given["name"].data()) if "name" in given else path.stem
    for name in ("regions", "schemes"):
        if name in given:
            result[name] = form.words(given[name], name, "[jiangsu, linyi]" if name == "regions" else "[urbmi, nrcms]")
    for name, (low, high) in WHOLE_NUMBERS.items():
        if name in given:
            everybody = name == "people" and given[name].data() == "all"
            result[name] = None if everybody else form.integer(given[name], name, f"a whole number from {low} to {high}")
    if "outpatient_share" in given:
        result["outpatient_share"] = read_share(str(given["outpatient_share"].data()), lambda text: form.fault(
            given["outpatient_share"], "outpatient_share:", text, A_SHARE))
    if "precision" in given:
        result["precision"] = read_precision(str(given["precision"].data()), lambda text: form.fault(
            given["precision"], "precision:", text, PRECISIONS))
    for name, known in (("response", RESPONSES), ("systematic", ("true", "false")), ("demand", ("true", "false"))):
        if name in given:
            word = form.known(given[name], name, known)
            result[name] = word if name == "response" else word == "true"
    result |= {"changes": form.mapping(given["changes"], "changes").data()} if "changes" in given else {}
    policies = [Policy(BASELINE)]
    for name, node in form.mapping(given["policies"], "policies").items.items() if "policies" in given else ():
        if name == BASELINE:
            raise form.fault(node, "policies:", name, "another name: the baseline is the unchanged region")
        own = form.mapping(node, f"policy {name}", ("changes", "level", "plans")).items
        level = form.known(own["level"], "level", POLICY_LEVELS) if "level" in own else "region"
        changed, stated = (form.mapping(own[key], key).data() if key in own else {} for key in ("changes", "plans"))
        try:
            policies.append(Policy(name, changed, level, stated))
        except InputError as error:
            raise form.moved(error, ("policies", name, "plans"), False) if stated and error.line is None else error from None
    scenario = Scenario(**result, policies=tuple(policies)).in_names_of(regions)
    for place, fault in faults(scenario, regions):
        raise form.moved(fault, place, at_key=place[-2:-1] in (("changes",), ("policies",)))
    return scenario, form


def check(scenario: Scenario, regions: Regions) -> None:
    """Refuse a scenario that would be refused as a file: InputError for its first fault, which names its place.

    All changes are tried on every region as the simulation makes them, before any work begins.
    """
    for place, fault in faults(scenario, regions):
        raise named(fault, place)


def named(fault: InputError, place: Place) -> InputError:
    """A fault that says where it lies, if that is neither the first level nor an item of a list."""
    if isinstance(place[-1], str):
        fault.file = ".".join(str(step) for step in place[:-1]) or None
    return fault


def faults(scenario: Scenario, regions: Regions) -> Iterator[tuple[Place, InputError]]:
    """Every fault of a scenario and the place of each; changes are tried where all else is right."""
    scenario = scenario.in_names_of(regions) if issubclass(type(scenario), Scenario) else scenario
    found = list(_faults_of_fields(scenario, regions))
    yield from found
    if not found:
        yield from _faults_of_changes(scenario, regions)


def _faults_of_fields(scenario: Scenario, regions: Regions) -> Iterator[tuple[Place, InputError]]:
    if not issubclass(type(scenario), Scenario):
        yield ("scenario",), InputError("not a scenario:", value=type(scenario).__name__, expected="a simulator.Scenario")
        return
    if not is_safe(scenario.name):
        yield ("name",), InputError("name:", value=scenario.name, expected=A_SAFE_NAME)
    for name, most in LONGEST_TEXTS.items():
        text = getattr(scenario, name)
        if not isinstance(text, str) or len(text) > most or not re.sub("[\n\u3000]", "", text).isprintable():
            yield (name,), InputError(f"{name}:", value=text, expected=f"printable text of at most {most} characters")
    for name, known in (("regions", tuple(regions)), ("schemes", SCHEMES)):
        words = getattr(scenario, name)
        if not isinstance(words, tuple) or not words:
            yield (name,), InputError(f"{name}: not a list:", value=words, expected=f"names of {name}, at least one")
            continue
        for nth, word in enumerate(words):
            if not _is_one_of(word, known):
                yield (name, nth), InputError(f"{name}: unknown name", value=word, expected=one_of(known),
                                              suggestion=nearest(str(word), known))
        if len(set(map(str, words))) != len(words):
            yield (name,), InputError(f"{name}: a name stands twice in", value=list(words), expected="each name once")
    for name, (low, high) in WHOLE_NUMBERS.items():
        number = getattr(scenario, name)
        if not (name == "people" and number is None) and not (type(number) is int and low <= number <= high):
            yield (name,), InputError(f"{name}:", value=number if isinstance(number, int | float | str) else repr(number),
                                      expected=f"a whole number from {low} to {high}")
    share, precision = scenario.outpatient_share, scenario.precision
    if not (isinstance(share, tuple) and len(share) == 2 and all(type(part) is int for part in share)
            and 1 <= share[0] <= share[1] <= LEAST_SHARE):
        yield ("outpatient_share",), InputError("outpatient_share:", value=share, expected=A_SHARE)
    if precision is not None and not (type(precision) in (float, int) and 0.01 <= precision <= 50):
        yield ("precision",), InputError("precision:", value=precision, expected=PRECISIONS)
    if not _is_one_of(scenario.response, RESPONSES):
        yield ("response",), InputError("response:", value=scenario.response, expected=one_of(RESPONSES),
                                        suggestion=nearest(str(scenario.response), RESPONSES))
    yield from (((name,), InputError(f"{name}:", value=getattr(scenario, name), expected="true or false"))
                for name in ("systematic", "demand") if not isinstance(getattr(scenario, name), bool))
    sizes = scenario.max_draws, scenario.draws
    if all(type(size) is int for size in sizes) and sizes[0] != Scenario.max_draws and sizes[0] < sizes[1]:
        yield ("max_draws",), InputError("max_draws:", value=scenario.max_draws,
                                         expected=f"no fewer than the {scenario.draws} first draws")
    if not isinstance(scenario.policies, tuple) or not scenario.policies:
        yield ("policies",), InputError("policies: none", expected=f"at least Policy('{BASELINE}')")
        return
    for nth, policy in enumerate(scenario.policies):
        if not issubclass(type(policy), Policy):
            yield ("policies", nth), InputError("policies: not a policy:", value=repr(policy), expected="Policy(name, changes)")
            return
    names = [policy.name for policy in scenario.policies]
    for policy in (policy for policy in scenario.policies if policy.plans):
        from simulator.parameters.overlay import misplaced  # needs pydantic, which other policies do not
        yield from ((("policies", policy.name, *place), fault) for place, fault in misplaced(policy, scenario.schemes))
    for policy in scenario.policies:
        if not is_safe(policy.name) or names.count(policy.name) > 1:
            yield ("policies", policy.name), InputError("name:", value=policy.name,
                                                        expected=A_SAFE_NAME if not is_safe(policy.name) else "each name once")
        if not _is_one_of(policy.level, POLICY_LEVELS):
            yield ("policies", policy.name, "level"), InputError("level:", value=policy.level, expected=one_of(POLICY_LEVELS),
                                                                 suggestion=nearest(str(policy.level), POLICY_LEVELS))
        if policy.name == BASELINE and policy.changes and len(names) > 1:       # alone, they are the scenario's own changes
            yield ("policies", policy.name), InputError("policies:", value=policy.name,
                                                        expected="another name: the baseline is the unchanged region")
    if names[0] != BASELINE:
        yield ("policies", 0), InputError("policies: the first is", value=names[0],
                                          expected=f"Policy('{BASELINE}'), the unchanged region, before all others")


def _is_one_of(word: object, known: tuple[str, ...]) -> bool:
    return isinstance(word, str) and word in known


def safe_name(what: str, name: object) -> str:
    """A name that may become a folder. InputError, naming `what`, for any other."""
    if not is_safe(name):
        raise InputError(f"{what}:", value=name, expected=A_SAFE_NAME)
    return str(name)


def is_safe(name: object) -> bool:
    return isinstance(name, str) and SAFE_NAME.fullmatch(name) is not None


def _faults_of_changes(scenario: Scenario, regions: Regions) -> Iterator[tuple[Place, InputError]]:
    """Faults of the changes, which are tried on every region as the simulation makes them."""
    everybody = ("changes",), scenario.changes
    each = [everybody, *((("policies", policy.name, "changes"), policy.changes) for policy in scenario.policies)]
    for place, changes in each:
        if not isinstance(changes, Mapping) or not all(isinstance(path, str) for path in changes):
            yield place, InputError("changes:", value=changes, expected="a mapping from path to value")
            return
        for path in changes:
            if place != everybody[0] and of_people(path) and not of_own_growth(path):
                yield (*place, path), InputError("a policy cannot change the people or their illnesses:", value=path,
                                                 expected="such a change under `changes` of the scenario, for every policy")
            scheme = path.split(".")[1] if path.count(".") > 1 else ""
            if scheme in SCHEMES and scheme not in parts_of(scenario.schemes):
                yield (*place, path), InputError("a change of a scheme that is not simulated:", value=path,
                                                 expected=f"one of {', '.join(scenario.schemes)}")
    for name in scenario.regions:
        region = regions[name]
        for place, changes in each:
            if (error := _refused(scenario, region, changes)) is not None:
                # Changes are made together, for some are valid only together (bands and their ratios). The one at fault is the
                # first that alone is refused with the same message, or else the last.
                culprits = [path for path, value in changes.items()
                            if str(_refused(scenario, region, {path: value})) == str(error)]
                yield (*place, (culprits or list(changes))[0 if culprits else -1]), error
                return
            under = scenario.under(region, changes, "scenario")
            yield from beyond(under, scenario.schemes, scenario.years, changes, place)
            yield from level_faults(under, scenario.schemes, scenario.years, changes, place)
            region = under if place == everybody[0] else region
    yield from silent(scenario, regions)


def _refused(scenario: Scenario, region: Region, changes: Mapping[str, object]) -> InputError | None:
    """The error that refuses these changes of a region, if any."""
    try:
        scenario.under(region, changes, "scenario")
        for path, data in changes.items():
            steps = steps_of(data, path)
            check_days(path, steps)
            for step in steps:
                if step.verb == "value":
                    check_fine(path, quantity_at(path)[1], step.operand)
    except InputError as error:
        return error
    return None


def of_people(path: str) -> bool:
    """Whether a parameter determines the people and their claims, which all policies share."""
    topic, _, rest = path.partition(".")
    return (topic in ("care", "illness", "risk") or (topic == "population" and "participation_rate" not in rest)
            or (topic == "inpatient" and "unreferred_share" in rest))


def parts_of(schemes: tuple[str, ...]) -> set[str]:
    """The schemes, and those from which a merged scheme's people come: changes to all of these have an effect."""
    return {*schemes, *(ORIGINS if MERGED in schemes else ())}


def read_share(text: str, fault: Callable[[str], Exception]) -> tuple[int, int]:
    """Read a share such as 1/8, from 1/10000 to 1/1, as (1, 8). `fault(text)` makes the error for anything else."""
    found = re.fullmatch("([1-9][0-9]{0,4})/([1-9][0-9]{0,4})", text)
    if found is None or not int(found[1]) <= int(found[2]) <= LEAST_SHARE:
        raise fault(text)
    return int(found[1]), int(found[2])


def read_precision(text: str, fault: Callable[[str], Exception]) -> float:
    """Read a precision such as 0.5%, from 0.01 to 50, in percent. `fault(text)` makes the error for anything else."""
    if not (found := re.fullmatch(r"([0-9]{1,2}(?:\.[0-9]{1,4})?)%", text)) or not 0.01 <= float(found[1]) <= 50:
        raise fault(text)
    return float(found[1])
