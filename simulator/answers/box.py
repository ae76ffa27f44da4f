"""A box of policies: one to four parameters, each with the range in which it may be moved.

A lever is written `path=60:240` (the value itself), `path=x0.5:x2` (every number of the value multiplied, whatever its tiers and
bands) or `path=+0:+30` (added to each). Within the box a point has a coordinate from -1 (low) to 1 (high) for each lever;
`Box.snapped` moves it to the nearest one that the parameters can state, so that what was simulated is what is printed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from simulator.parameters.catalogue import SCHEMES
from simulator.parameters.change import changed_value, plain_text, smallest_part
from simulator.parameters.errors import InputError
from simulator.parameters.names import canonical_path
from simulator.parameters.percent import NUMBER
from simulator.parameters.regions import Region
from simulator.parameters.values import quantity_at
from simulator.scenario import Scenario, of_people, parts_of

MOST_LEVERS = 4
FORMS = "a range: path=60:240, path=x0.5:x2 (times) or path=+0:+30 (plus)"
FINE = Decimal("0.0001")         # the step of a factor, and of a parameter whose unit has no parts
SIGNS = {"value": "", "times": "x", "plus": "+"}


@dataclass(frozen=True)
class Lever:
    """A parameter that may be moved: the verb of the change and the range of its operand, in steps of `step`."""

    path: str
    verb: str
    low: Decimal
    high: Decimal
    step: Decimal
    unit: str

    def operand(self, position: float) -> Decimal:
        """The operand at a position from -1 (low) to 1 (high), rounded half up to a step within the range."""
        exact = self.low + (self.high - self.low) * (Decimal(repr(float(position))) + 1) / 2
        steps = ((exact - self.low) / self.step).quantize(Decimal(1), ROUND_HALF_UP)
        return min(max(self.low + steps * self.step, self.low), self.high)

    def position(self, operand: Decimal) -> float:
        """The position of an operand, the inverse of `operand`."""
        return float(2 * (operand - self.low) / (self.high - self.low) - 1)

    def written(self, operand: Decimal) -> str:
        """An operand as it is written on the command line: 132.5, x0.85, +12."""
        text = plain_text(operand)
        return text if self.verb == "plus" and operand < 0 else SIGNS[self.verb] + text

    def change(self, region: Region, year: int, operand: Decimal) -> object:
        """The change of the parameter for an operand, as a scenario states it: of every dated value where it is added, and else
        from the first year on. Products are rounded half up to the smallest part of the unit."""
        text = plain_text(operand)
        return {"plus": text} if self.verb == "plus" else changed_value(region, self.path, year, self.verb, text, rounded=True)

    @property
    def is_premium(self) -> bool:
        """Whether it moves what members pay in."""
        return bool(re.match(r"funding\.\w+\.(premium|contribution_rate|contribution_base_ratio)$", self.path))


@dataclass(frozen=True)
class Box:
    """The levers of a question, and the region and year whose values they move."""

    levers: tuple[Lever, ...]
    region: Region
    year: int

    def snapped(self, points: np.ndarray) -> np.ndarray:
        """Points float64[P, L] moved to the nearest ones that the parameters can state."""
        return np.array([[lever.position(lever.operand(at)) for lever, at in zip(self.levers, point, strict=True)]
                         for point in np.atleast_2d(points)])

    def operands(self, point: Sequence[float] | np.ndarray) -> tuple[Decimal, ...]:
        """The operand of every lever at a point."""
        return tuple(lever.operand(at) for lever, at in zip(self.levers, point, strict=True))

    def changes(self, point: Sequence[float] | np.ndarray) -> dict[str, object]:
        """The changes of a policy at a point, as a scenario states them: path -> value."""
        return {lever.path: lever.change(self.region, self.year, operand)
                for lever, operand in zip(self.levers, self.operands(point), strict=True)}

    def corners(self) -> np.ndarray:
        """The corners of the box, float64[2^L, L]."""
        return np.array(list(itertools.product((-1.0, 1.0), repeat=len(self.levers))))

    def check(self, points: np.ndarray) -> None:
        """Raise InputError for a point outside the box, or one with another number of coordinates."""
        points = np.atleast_2d(points)
        if points.shape[1] != len(self.levers):
            raise InputError("a point of other levers:", value=points.shape[1], expected=f"{len(self.levers)} coordinates")
        if not (np.abs(points) <= 1.0 + 1e-9).all():                         # NaN included
            where = int(np.argmax(~(np.abs(points) <= 1.0 + 1e-9).all(axis=0)))
            lever = self.levers[where]
            raise InputError("outside the box of the emulator:", value=lever.path,
                             expected=f"from {lever.written(lever.low)} to {lever.written(lever.high)}",
                             next_step="widen --vary and solve again")


def read_box(texts: Iterable[str], scenario: Scenario, region: Region, most: int = MOST_LEVERS) -> Box:
    """The box of at most `most` levers written in `texts`, for a region under the scenario's changes. InputError with the nearest
    right name for an unknown path, a path that policies share, a range that is none, or a value that its parameter cannot take.
    """
    levers = tuple(read_lever(text, scenario, region) for text in texts)
    if not 1 <= len(levers) <= most:
        raise InputError("--vary:", value=f"{len(levers)} ranges", expected=f"one to {most} of them")
    own = [quantity_at(lever.path)[0] for lever in levers]
    for path in own:
        if own.count(path) > 1:
            raise InputError("--vary: a parameter is moved twice:", value=path, expected="each parameter once")
    box = Box(levers, region, scenario.year)
    for corner in box.corners():
        scenario.under(region, box.changes(corner), "solve")
    return box


def read_lever(text: str, scenario: Scenario, region: Region) -> Lever:
    """One lever, as it is written on the command line. InputError as for `read_box`."""
    path, equals, range_ = (part.strip() for part in text.partition("="))
    path = canonical_path(path)
    low, colon, high = (part.strip() for part in range_.partition(":"))
    if not (path and equals and colon and low and high):
        raise InputError("--vary:", value=text, expected=FORMS)
    own, quantity, _ = quantity_at(path)
    scheme = path.split(".")[1] if path.count(".") > 1 else ""
    if of_people(path):
        raise InputError("--vary: a policy cannot change the people or their illnesses:", value=path,
                         expected="a rule, a payment, or the fund's own terms")
    if scheme in SCHEMES and scheme not in parts_of(scenario.schemes):
        raise InputError("--vary: a change of a scheme that is not simulated:", value=path,
                         expected=f"one of {', '.join(scenario.schemes)}")
    (low_verb, low_text), (high_verb, high_text) = _operand(low), _operand(high)
    if "plus" in (low_verb, high_verb) and "times" not in (low_verb, high_verb):
        low_verb = high_verb = "plus"
    if low_verb != high_verb:
        raise InputError("--vary: two kinds of change in one range:", value=range_, expected=FORMS)
    if not all(re.fullmatch(NUMBER, number, re.ASCII) for number in (low_text, high_text)):
        raise InputError("--vary:", value=text, expected=FORMS)
    least, most = Decimal(low_text), Decimal(high_text)
    if least >= most:
        raise InputError("--vary: the range does not rise:", value=range_, expected="the lower end first")
    step = FINE if low_verb == "times" else smallest_part(quantity) or FINE
    if least % step or most % step:
        raise InputError(f"--vary: finer than {path} can be stated:", value=range_, expected=f"multiples of {step}")
    lever = Lever(path, low_verb, least, most, step, quantity.unit)
    later = [year for year in region.series(own) if scenario.year < year <= scenario.years[-1]]
    if low_verb == "times" and later:
        raise InputError("--vary: a value that changes within the horizon cannot be multiplied:", value=path,
                         expected=f"one that is the same from {scenario.year} to {scenario.years[-1]} (it changes in {later[0]})",
                         next_step="give the value itself (60:240) or add to it (+0:+30)")
    for operand in (least, most):
        scenario.under(region, {path: lever.change(region, scenario.year, operand)}, "solve")
    return lever


def _operand(text: str) -> tuple[str, str]:
    """The verb and the number of one end of a range."""
    if text[0] in "x×*":
        return "times", text[1:]
    return ("plus", text[1:]) if text[0] == "+" else ("value", text)
