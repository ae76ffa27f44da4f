"""The rules that may be in force where a region's own are not known: each world has those of one rule book.

A value of the rules that states alternatives is that of a like place in so many percent of the worlds as its alternative weighs.
Alternatives of one name hold together, so a world has one position between 0 and 100 in all of a scheme's rules: each name has a
stretch of it, of which a value takes as much as its own alternative of that name weighs; elsewhere it is as stated. Where the
level of a schedule rests on nothing, or on an outcome with an error, the worlds that have the schedule as stated have it at three
levels: half of them at the level k, a quarter each at k times one less and one plus sqrt(2) standard deviations, which have the
variance of the whole.

A rule book is a region with other values, so its level is solved to the same outcome anew. A value that the scenario states is in
no book.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from simulator.chance.positions import BY_CHANCE, Given, given_positions, positions
from simulator.engine.level import OUTCOME, UNKNOWN, level_of
from simulator.parameters.catalogue import PER
from simulator.parameters.change import as_written
from simulator.parameters.distribution_tables import POSITIONS
from simulator.parameters.errors import InputError
from simulator.parameters.levers import CHOICE
from simulator.parameters.regions import Region
from simulator.parameters.steps import is_rule
from simulator.parameters.uncertain import UncertainRow
from simulator.parameters.values import Value, quantity_at
from simulator.scenario import Scenario, parts_of

AS_STATED, LOWER, HIGHER = "stated", "level-low", "level-high"
ALL_WORLDS = Decimal(100)
LEVEL_POINTS = ((LOWER, -1, Decimal(25)), (AS_STATED, 0, Decimal(50)), (HIGHER, 1, Decimal(25)))      # name, side, percent
OUTER_POINT = Decimal("1.414214")           # standard deviations from the middle to the outer points


class RuleBook(NamedTuple):
    """What a region's rules are in the worlds whose position lies from `begin` up to the next book's, in percent. `changes` are
    its values in place of the stated ones, path -> dated steps; `share` multiplies the level k."""

    name: str
    begin: Decimal
    changes: Mapping[str, object]
    share: Decimal = Decimal(1)


def rule_books(scenario: Scenario, region: Region, scheme: str) -> list[RuleBook]:
    """The rule books of a region, under the changes for everybody, from the position 0 up. One, as stated, where nothing is
    uncertain, nothing is to be (`systematic: false`), or the rules are another region's (a mixture's)."""
    if not scenario.systematic or region.of_settings is not region:
        return [RuleBook(AS_STATED, Decimal(0), {})]
    dated = list(_uncertain(scenario, region, scheme))
    begins = _begins(dated)
    schedule = f"inpatient.{scheme}.ratio"
    spread = _spread_of_level(scenario, region, scheme)
    ends = {Decimal(0), *((begins[other.name] + weight) % ALL_WORLDS for of_path in dated for value in of_path
                          for other in value.alternatives for weight in (Decimal(0), other.weight))}
    books: list[RuleBook] = []
    for begin, end in zip(sorted(ends), [*sorted(ends)[1:], ALL_WORLDS], strict=True):
        names, changes = _held(dated, begins, begin)
        name = "+".join(names) or AS_STATED
        if spread and schedule not in changes:
            at = begin
            for point, side, percent in LEVEL_POINTS:
                said = point if name == AS_STATED else name if point == AS_STATED else f"{name}+{point}"
                books.append(RuleBook(said, at, changes, 1 + side * OUTER_POINT * spread))
                at += (end - begin) * percent / ALL_WORLDS
        else:
            books.append(RuleBook(name, begin, changes))
    return [book for book in books if _can_hold(region, book)] or [RuleBook(AS_STATED, Decimal(0), {})]


def books_of_worlds(books: Sequence[RuleBook], seed: int, region: str, scheme: str, worlds: Iterable[int],
                    given: Given = BY_CHANCE) -> np.ndarray:
    """The number of the book that each world has, int64[D]. It hangs on the region, the scheme and the world alone, or on the
    positions `given` by key."""
    begins, key, some = _first_positions(books), key_of_books(region, scheme), list(worlds)
    places = given_positions(given, key, some)
    if places is None:
        places = positions(seed, key, some)
    return np.array([bisect_right(begins, position) - 1 for position in places.tolist()], dtype=np.int64)


def position_of_book(books: Sequence[RuleBook], number: int) -> int:
    """A position at which worlds have the book of this number."""
    return _first_positions(books)[number]


def _first_positions(books: Sequence[RuleBook]) -> list[int]:
    return [0, *(int(book.begin * POSITIONS / ALL_WORLDS) for book in books[1:])]


def key_of_books(region: str, scheme: str) -> str:
    """The name of the uncertain choice of a region's rules."""
    return f"{region}:rules.{scheme}"


def row_of_books(books: Sequence[RuleBook], region: str, scheme: str) -> UncertainRow:
    """The row of the choice among rule books, as a run lists what is uncertain: its settings are the numbers of the books."""
    ends = [book.begin for book in books[1:]] + [ALL_WORLDS]
    law = "; ".join(f"{book.name} {end - book.begin:f}%" for book, end in zip(books, ends, strict=True))
    return UncertainRow(key_of_books(region, scheme), region, f"rules.{scheme}", scheme, "Rule book", "待遇规则",
                        "estimate", "number", f"choice({law})", "0", "0", str(len(books) - 1), "", CHOICE)


def _uncertain(scenario: Scenario, region: Region, scheme: str) -> Iterable[list[Value]]:
    """The values of the scheme's rules that have alternatives in some year of the scenario: of each path all of its dates."""
    stated = {quantity_at(path)[0] for path in scenario.changes}
    for path in region.paths():
        topic, *middle, _ = path.split(".")
        if not is_rule(path) or PER[topic] == "scheme" and middle[0] not in parts_of((scheme,)) or path in stated:
            continue
        of_path = {value.from_: value for year in scenario.years
                   if (value := region.value(path, year, required=False)) is not None}
        if any(value.alternatives for value in of_path.values()):
            yield [of_path[day] for day in sorted(of_path)]


def _begins(dated: Iterable[list[Value]]) -> dict[str, Decimal]:
    """Where each name's worlds begin: one behind the other, in the order in which names turn up, as long as they weigh most."""
    longest: dict[str, Decimal] = {}
    for of_path in dated:
        for value in of_path:
            for other in value.alternatives:
                longest[other.name] = max(longest.get(other.name, Decimal(0)), other.weight)
    found, at = {}, Decimal(0)
    for name, weight in longest.items():
        found[name] = at % ALL_WORLDS
        at += weight
    return found


def _held(dated: Iterable[list[Value]], begins: Mapping[str, Decimal], position: Decimal) -> tuple[list[str], dict[str, object]]:
    """The names of the alternatives that hold at a position, and what they change: of each value that has one of them, all of
    its dates."""
    names, found = list[str](), dict[str, object]()
    for of_path in dated:
        chosen = []
        for value in of_path:
            held = next((other for other in value.alternatives
                         if (position - begins[other.name] + ALL_WORLDS) % ALL_WORLDS < other.weight), None)
            names += [held.name] if held is not None and held.name not in names else []
            chosen.append(value.value if held is None else held.value)
        if all(one is value.value for one, value in zip(chosen, of_path, strict=True)):
            continue
        first, *later = (as_written(one, of_path[0].path) for one in chosen)
        found[of_path[0].path] = first if not later else [first, *(
            {"from": value.from_.isoformat(), "value": data} for value, data in zip(of_path[1:], later, strict=True))]
    return names, found


def _spread_of_level(scenario: Scenario, region: Region, scheme: str) -> Decimal:
    """The relative standard deviation of the level k: that of the outcome on what it leaves to patients, or where there is no
    outcome `risk.level_sd`; 0 where the schedule is paid as written."""
    level = level_of(region, scheme, scenario.year)
    if level.basis == OUTCOME and level.goal is not None and level.spread is not None:
        return level.goal * level.spread / ALL_WORLDS / (ALL_WORLDS - level.goal)
    if level.basis == UNKNOWN and (stated := region.value("risk.level_sd", scenario.year, required=False)) is not None:
        return stated.value / ALL_WORLDS
    return Decimal(0)


def _can_hold(region: Region, book: RuleBook) -> bool:
    """Whether the region can state the values of a book together."""
    try:
        region.with_changes(book.changes, book.name, of_files=True)
    except InputError:
        return False
    return True
