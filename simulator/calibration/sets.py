"""A named set of settings, as a file: positions of uncertain values in K worlds, where they come from, and whom they hold.

World i of a run takes setting i mod K for the values that the set names, all of one setting, so that what the evidence ties
together stays together; every other value is by chance, as without a set. The file is JSON, a value a line. A set holds positions
in laws, so it holds for these laws alone: one whose values have since another law, or that another version wrote, is refused.
Runs for which none is named have the shipped set that knows most of what had happened by the end of their first year
(`default_set`), as far as its laws are theirs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.care.paths import GROWTH_SD, KEY_OF_ECONOMY, LEVEL_SD, STARTING, economy_keys
from simulator.chance.random import LAYOUT_VERSION
from simulator.engine.given import acting_here, choices, uncertain_values
from simulator.engine.rule_books import RuleBook
from simulator.parameters.distribution_tables import POSITIONS
from simulator.parameters.errors import InputError, let_through, nearest, one_of
from simulator.parameters.regions import Regions, params_path
from simulator.scenario import A_SAFE_NAME, Policy, Scenario, is_safe

FORM_OF_SETS = 1                     # of the file
OF_A_SET = ("form", "layout", "name", "provenance", "laws", "positions")
SET_SUFFIX = ".json"
NO_SET = "none"
YEARS_OF_LAWS, THEN = range(2010, 2031), "; then "
UNTIL = "until"                # of a provenance: the last year whose figures count
KNOWN_BY = "known_by"                # of a provenance: the year by whose end all that a set rests on was known


@dataclass(frozen=True)
class SettingsSet:
    """K joint settings: `positions` of each value by its key, and its law as it was. `path` is where the set was read."""

    name: str
    provenance: Mapping[str, Any]
    laws: Mapping[str, str]
    positions: Mapping[str, list[int]]
    path: Path | None = None
    digest: str = ""

    @property
    def worlds(self) -> int:
        return len(next(iter(self.positions.values()), ()))

    def text(self) -> str:
        """The file's text: a value's positions on a line."""
        head = {"form": FORM_OF_SETS, "layout": LAYOUT_VERSION, "name": self.name, "provenance": self.provenance}
        lines = json.dumps(head, ensure_ascii=False, indent=1)[:-2]
        for name, data in (("laws", self.laws), ("positions", self.positions)):
            lines += f',\n "{name}": {{\n' + ",\n".join(
                f"  {json.dumps(key, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
                for key, value in data.items()) + "\n }"
        return lines + "\n}\n"

    def given(self, scenario: Scenario, regions: Regions) -> dict[str, list[int]]:
        """What a scenario's worlds are given: positions of those values of the set that are uncertain there. A choice that has
        other rule books there keeps its own. InputError for a value that has another law than in the set."""
        laws = self._laws_here(scenario, regions)
        for key in self.of_other_laws(laws):
            raise self._fault(f"{key}: the set was made for another law of this value:", self.laws[key], laws[key],
                              "calibrate anew (docs/calibration.md), or use --settings none", key)
        return self._acting(scenario, regions, laws)

    def of_other_laws(self, laws: Mapping[str, str]) -> list[str]:
        """The values that have among `laws` another one than in the set."""
        return [key for key, law in self.laws.items()
                if not _is_choice(key) and key in laws and not set(laws[key].split(THEN)) <= set(law.split(THEN))]

    def _laws_here(self, scenario: Scenario, regions: Regions) -> dict[str, str]:
        """The laws of what is uncertain in a scenario before it changes anything; of choices those that the set makes."""
        stated = scenario.but(changes={}, policies=(Policy(scenario.policies[0].name),))
        return laws_of(stated, regions, scenario.years, self.laws)

    def _acting(self, scenario: Scenario, regions: Regions, laws: Mapping[str, str], left: Sequence[str] = ()) -> dict[str, Any]:
        own = {key: places for key, places in self.positions.items()
               if key not in left and (not _is_choice(key) or laws.get(key) == self.laws[key])}
        return acting_here(own, scenario, regions)

    def by_default(self, scenario: Scenario, regions: Regions) -> tuple[Scenario, list[str]]:
        """The scenario in whose worlds the set holds as far as its laws are theirs, and the values that are left to chance
        because they have other ones."""
        laws = self._laws_here(scenario, regions)
        left = self.of_other_laws(laws)
        return scenario.but(given={**self._acting(scenario, regions, laws, left), **scenario.given}), left

    def held_by(self, scenario: Scenario, regions: Regions) -> Scenario:
        """The scenario in whose worlds the set holds; what is given already stays. InputError as of `given`, and where nothing
        is uncertain."""
        if not scenario.systematic:
            raise InputError("--settings: of a scenario in which nothing is uncertain:", value=self.name,
                             expected="systematic: true, or --settings none")
        return scenario.but(given={**self.given(scenario, regions), **scenario.given})

    def refuse_later(self, cut: int) -> None:
        """InputError where a set may rest on what was not known at the end of the year `cut`."""
        known = self.provenance.get(KNOWN_BY)
        if not isinstance(known, int) or known > cut:
            raise self._fault(f"--settings: {self.name} may rest on what was not known at the end of {cut}: {KNOWN_BY}",
                              "not stated" if known is None else known, f"a year up to {cut}",
                              f"fundsim calibrate --until {cut - 1} --known-by {cut} makes one", KNOWN_BY)

    @property
    def told(self) -> dict[str, Any]:
        """What a manifest keeps of it beside the positions."""
        kept = ("fundsim", "evidence", "evidence_sha256", UNTIL, "known_until", KNOWN_BY)
        return {"name": self.name, "sha256": self.digest, "worlds": self.worlds,
                **{name: self.provenance[name] for name in kept if name in self.provenance}}

    def _fault(self, problem: str, value: object, expected: str, next_step: str, key: str) -> InputError:
        line, column = (place_of(self.path.read_text(encoding="utf-8"), key, False) if self.path is not None else
                        (None, None))
        return InputError(problem, value=value, expected=expected, next_step=next_step, file=self.path, line=line, column=column)


def laws_of(scenario: Scenario, regions: Regions, years: range = YEARS_OF_LAWS,
            of: Collection[str] | None = None) -> dict[str, str]:
    """The laws of what is uncertain in a scenario, in words, by key: those that a value has in some years, first ones first, in
    the region that states it (one that inherits it may have it with another spread); none of a region that is not here. Of
    choices all, or those `of` these names."""
    found: dict[str, list[str]] = {}
    for key in uncertain_values(scenario, regions):
        origin, path = key.split(":", 1)
        values = [regions[origin].value(path, year, required=False) for year in years] if origin in regions else []
        found[key] = [value.distribution.whole_text for value in values if value is not None and value.distribution is not None]
    read = regions[scenario.regions[0]].value
    for key in economy_keys(scenario.years):
        name, part = key.removeprefix(KEY_OF_ECONOMY).split(".")
        found[key] = [f"normal(sd={read(LEVEL_SD[name] if part == STARTING else GROWTH_SD[name], scenario.year).value:f})"]
    told = {key: THEN.join(dict.fromkeys(laws)) for key, laws in found.items() if laws}
    return told | {key: law_of_books(books) for key, books in choices(scenario, regions, of).items()}


def law_of_books(books: list[RuleBook]) -> str:
    """A choice's law in words: where each book begins, in percent."""
    return "; ".join(f"{book.name} {book.begin.normalize():f}" for book in books)


def _is_choice(key: str) -> bool:
    return ":rules." in key


def settings_path() -> Path:
    """The folder of the shipped sets."""
    return params_path() / "settings"


def shipped_sets() -> list[str]:
    """The names of the shipped sets."""
    return sorted(path.stem for path in settings_path().glob(f"*{SET_SUFFIX}"))


def find_set(name: str) -> SettingsSet:
    """A set by its name or the path of its file. InputError where there is none."""
    path = Path(name)
    if path.suffix != SET_SUFFIX and (shipped := settings_path() / f"{name}{SET_SUFFIX}").is_file() and "/" not in name:
        path = shipped
    if not path.is_file():
        raise InputError("--settings: no set of settings:", value=name, suggestion=nearest(name, shipped_sets()),
                         expected=f"the path of a file, or one of {one_of((*shipped_sets(), NO_SET))}",
                         next_step="fundsim calibrate --out FILE makes one")
    return read_set(path)


def chosen_set(name: str | None) -> SettingsSet | None:
    """The set that `--settings` names; None where it is not stated, or NO_SET."""
    return None if name in (None, NO_SET) else find_set(str(name))


def default_set(scenario: Scenario) -> SettingsSet | None:
    """The shipped set that a scenario's worlds have where none is named: of those that rest on no figure of a year after the
    scenario's first one, that which rests on the latest. None where there is no such set, and where nothing is uncertain."""
    sets = [find_set(name) for name in shipped_sets()] if scenario.systematic else []
    fit = [one for one in sets if one.provenance[UNTIL] <= scenario.year]
    return max(fit, key=lambda one: one.provenance[UNTIL], default=None)


def with_settings(scenario: Scenario, regions: Regions, name: str | None) -> tuple[Scenario, dict[str, Any] | None]:
    """A scenario whose worlds have the set of settings of this name, the default one where it is None, and what a manifest keeps
    of the set; none with NO_SET. InputError as of `find_set` and `SettingsSet.held_by`."""
    if name is None and (chosen := default_set(scenario)) is not None:
        held, left = chosen.by_default(scenario, regions)
        return held, {**chosen.told, "by_default": True, "left_to_chance": left}
    chosen = chosen_set(name)
    return (scenario, None) if chosen is None else (chosen.held_by(scenario, regions), chosen.told)


def read_set(path: Path) -> SettingsSet:
    """Read a set. InputError with line and column for what is no set of this version."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except OSError as error:
        let_through(error, path)
        raise InputError("the set of settings cannot be read:", value=str(path), expected=error.strerror) from None
    except UnicodeDecodeError:
        raise InputError("the file is not UTF-8", file=path, line=1, column=1, expected="a set of settings") from None
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError("no set of settings:", value=error.msg, expected="JSON as fundsim calibrate writes it", file=path,
                         line=error.lineno, column=error.colno) from None
    except (ValueError, RecursionError) as error:          # a number of thousands of digits; lists in lists by the thousand
        raise InputError("no set of settings:", value=error, expected="JSON as fundsim calibrate writes it", file=path, line=1,
                         column=1) from None

    def fault(problem: str, key: str, value: object, expected: str) -> InputError:
        line, column = place_of(text, key)
        return InputError(problem, value=value, expected=expected, next_step="make it anew with fundsim calibrate", file=path,
                          line=line, column=column)

    if not isinstance(data, dict):
        raise fault("no set of settings:", "", type(data).__name__, "a mapping")
    for name, wanted in (("form", FORM_OF_SETS), ("layout", LAYOUT_VERSION)):
        if data.get(name) != wanted:
            raise fault(f"a set of settings of another version: {name}", name, data.get(name), str(wanted))
    if unlike := [*(set(data) ^ set(OF_A_SET))]:
        raise fault("keys of a set of settings:", sorted(unlike)[0], sorted(unlike)[0], one_of(OF_A_SET))
    for name in ("provenance", "laws", "positions"):
        if not isinstance(data[name], dict):
            raise fault(f"{name}:", name, data[name], "a mapping")
    if set(data["laws"]) != set(data["positions"]) or not data["positions"]:
        raise fault("laws:", "laws", len(data["laws"]), "those of the values that have positions")
    worlds = {len(places) if isinstance(places, list) else 0 for places in data["positions"].values()}
    for key, places in data["positions"].items():
        if not isinstance(places, list) or len(places) != max(worlds) or not places:
            raise fault(f"{key}: positions:", key, len(places) if isinstance(places, list) else places, f"{max(worlds)} of them")
        for place in places:
            if type(place) is not int or not 0 <= place < POSITIONS:
                raise fault(f"{key}: position:", key, place, f"a whole number from 0 to {POSITIONS - 1}")
    if not is_safe(data["name"]):
        raise fault("name of the set:", "name", data["name"], A_SAFE_NAME)
    return SettingsSet(data["name"], data["provenance"], data["laws"], data["positions"], path,
                       hashlib.sha256(raw).hexdigest())


def place_of(text: str, key: str, last: bool = True) -> tuple[int, int]:
    """The line and column of the last place in a set's text, or the first, where a key is stated; 1, 1 where it is not."""
    stated = f"{json.dumps(key, ensure_ascii=False)}:"
    at = -1 if not key else text.rfind(stated) if last else text.find(stated)
    before = text[:max(at, 0)]
    return before.count("\n") + 1, max(at, 0) - (before.rfind("\n") + 1) + 1
