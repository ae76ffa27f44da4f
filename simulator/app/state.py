"""What a page of the application has, without a browser: the question, what can be moved, the designs, and their address.

A question is one fund of one scenario. A board is what can be moved in it; a design is where the sliders stand. The address of a
page holds all of them as text, so that a page that is closed or loaded again loses nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from simulator.answers.box import Box
from simulator.answers.switches import Switch
from simulator.answers.what_if import Moved, WhatIf, lever_told, one_fund, sliders, switch_told
from simulator.calibration.sets import with_settings
from simulator.parameters.change import plain_text
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.regions import Region, Regions
from simulator.report.what_if_page import slider, switch
from simulator.scenario import Scenario, check

SIZES = {"year": (2010, 2030), "horizon": (1, 30), "draws": (20, 1_000), "people": (200, 20_000)}    # of a question of a page
USUAL = {"region": "linyi", "scheme": "nrcms", "year": "2012", "horizon": "10", "draws": "100", "people": "1000"}
USUAL_SLIDERS = 3                # whose effects fit a survey of a minute; more can be asked for
DESIGNS = ("a", "b")
BETWEEN_RANGES = ";"             # in an address


@dataclass(frozen=True)
class Design:
    """Where the sliders stand, by their steps, and the settings of the switches, 0 being as stated."""

    steps: tuple[int, ...]
    settings: tuple[int, ...] = ()

    def moved_to(self, nth: int, step: int) -> Design:
        return replace(self, steps=(*self.steps[:nth], step, *self.steps[nth + 1:]))

    def set_to(self, nth: int, setting: int) -> Design:
        return replace(self, settings=(*self.settings[:nth], setting, *self.settings[nth + 1:]))

    def written(self) -> str:
        """As it stands in an address: 12.0.40-1."""
        return ".".join(map(str, self.steps)) + (f"-{'.'.join(map(str, self.settings))}" if self.settings else "")


@dataclass(frozen=True)
class Board:
    """What can be moved in a fund: the levers and the switches of its scenario, as plain data too."""

    scenario: Scenario
    box: Box
    switches: tuple[Switch, ...]
    told: tuple[dict[str, Any], ...]
    told_switches: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, scenario: Scenario, moved: Moved) -> Board:
        """A board of a scenario with one fund."""
        region, year = moved.box.region, scenario.year
        return cls(scenario, moved.box, moved.switches, tuple(lever_told(lever, region, year) for lever in moved.box.levers),
                   tuple(switch_told(one, region, year) for one in moved.switches))

    @classmethod
    def of_record(cls, record: WhatIf, scenario: Scenario, regions: Regions) -> Board:
        """The board of a report's sliders, whose record stands in its run."""
        switches = tuple(Switch(one["path"], tuple(one["options"])) for one in record.told["switches"])
        region = scenario.changed(regions[scenario.regions[0]])
        return cls.of(scenario, Moved(Box(record.levers, region, scenario.year), switches))

    def digest(self) -> str:
        """The name of the question and of what can be moved in it."""
        told = json.dumps([self.scenario.as_dict(), self.told, self.told_switches], sort_keys=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def region(self) -> Region:
        return self.box.region

    def sliders(self, lang: str) -> list[dict[str, Any]]:
        """Each lever as a page shows it: name, number of steps, where it stands under the unchanged rules, units in words."""
        return [slider(one, nth, lang) for nth, one in enumerate(self.told)]

    def selects(self, lang: str) -> list[dict[str, Any]]:
        """Each switch as a page shows it."""
        return [switch(one, nth, lang) for nth, one in enumerate(self.told_switches)]

    def unchanged(self) -> Design:
        """The design in which every slider stands at the unchanged rules, or where those are outside of it at the nearest end."""
        return Design(tuple(int(one["start"]) for one in self.sliders("en")), (0,) * len(self.switches))

    def operand(self, nth: int, step: int) -> Decimal:
        """What a lever is at, at a step of its slider. InputError for a step that it does not have."""
        one = self.told[nth]
        found = Decimal(one["low"]) + step * Decimal(one["shown_step"])
        if not Decimal(one["low"]) <= found <= Decimal(one["high"]):
            raise InputError("no step of the slider:", value=step, expected=f"{one['path']} from {one['low']} to {one['high']}")
        return found

    def operands(self, design: Design) -> tuple[Decimal, ...]:
        return tuple(self.operand(nth, step) for nth, step in enumerate(design.steps))

    def point(self, design: Design) -> np.ndarray:
        """The design's place in the box, float64[L]."""
        pairs = zip(self.box.levers, self.operands(design), strict=True)
        return np.array([lever.position(operand) for lever, operand in pairs])

    def state(self, design: Design) -> int:
        """The number of the state in which the switches are."""
        found = 0
        for one, setting in zip(self.switches, design.settings, strict=True):
            found = found * (len(one.options) + 1) + setting
        return found

    def is_moved(self, nth: int, design: Design) -> bool:
        """Whether a lever stands elsewhere than the unchanged rules."""
        return plain_text(self.operand(nth, design.steps[nth])) != self.told[nth]["at"]

    def changes(self, design: Design) -> dict[str, object]:
        """The changes of the design's policy, as a scenario file states them; what stands where the unchanged rules do is left
        out."""
        found = {lever.path: lever.change(self.region, self.scenario.year, self.operand(nth, design.steps[nth]))
                 for nth, lever in enumerate(self.box.levers) if self.is_moved(nth, design)}
        return found | {one.path: one.options[setting - 1]
                        for one, setting in zip(self.switches, design.settings, strict=True) if setting}

    def read(self, text: str | None) -> Design:
        """The design that `Design.written` wrote; the unchanged one for none, and for one of other sliders."""
        usual = self.unchanged()
        try:
            steps, _, settings = (text or "").partition("-")
            found = Design(tuple(map(int, steps.split("."))), tuple(map(int, settings.split("."))) if settings else ())
            self.operands(found)
        except (ValueError, IndexError, InputError):
            return usual
        fits = len(found.steps) == len(usual.steps) and len(found.settings) == len(usual.settings)
        within = fits and all(0 <= one <= len(own.options) for one, own in zip(found.settings, self.switches, strict=True))
        return found if within else usual


def scenario_of(asked: Mapping[str, str], regions: Regions) -> Scenario:
    """The scenario of a page's question, one fund, in the worlds that a run of it has: `asked` has a text for each key of USUAL,
    or lacks it. InputError for an unknown name or a size that no page computes."""
    asked = {**USUAL, **{name: asked[name] for name in USUAL if asked.get(name)}}
    sizes = {name: whole(name, asked[name]) for name in SIZES}
    region = regions.canonical(asked["region"])
    if region not in regions:
        raise InputError("unknown region", value=region, expected=one_of(regions), suggestion=nearest(region, regions))
    scenario = Scenario(f"app-{region}-{asked['scheme']}-{sizes['year']}", (region,), schemes=(asked["scheme"],)).but(**sizes)
    check(scenario, regions)
    return with_settings(one_fund(scenario, regions, None), regions, None)[0]


def whole(name: str, text: str) -> int:
    """A size, by its text. InputError for one that is none, or that a page does not compute."""
    low, high = SIZES[name]
    number = text.removesuffix(".0")
    if not (number.isascii() and number.isdigit() and low <= int(number) <= high):
        raise InputError(f"{name}:", value=text, expected=f"a whole number from {low} to {high}")
    return int(number)


def board_of(scenario: Scenario, regions: Regions, ranges: Sequence[str] = ()) -> Board:
    """What can be moved: the ranges that are asked or, without any, the first USUAL_SLIDERS that the fund can take. InputError
    for a range that the fund cannot take."""
    return Board.of(scenario, sliders(scenario, regions, ranges or possible(scenario, regions)[:USUAL_SLIDERS]))


def possible(scenario: Scenario, regions: Regions) -> list[str]:
    """The ranges that the fund can take, of those that a report moves without being asked; rules of benefits before growth."""
    return [f"{lever.path}={lever.written(lever.low)}:{lever.written(lever.high)}"
            for lever in sliders(scenario, regions, []).box.levers]


def address(asked: Mapping[str, str], ranges: Sequence[str], designs: Sequence[Design], lang: str) -> dict[str, str]:
    """The question, the ranges and the designs as they stand behind a page's address."""
    told = {name: text for name, text in asked.items() if text} | {"lang": lang}
    if ranges:
        told["vary"] = BETWEEN_RANGES.join(ranges)
    return told | {name: design.written() for name, design in zip(DESIGNS, designs, strict=False)}
