"""A dated value as its file states it (`Entry`), and as a region gives it out (`Value`, `StatementValue`)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, Protocol, overload

from .catalogue import CATALOGUE, ILLNESSES, KEYS, PER, SCHEMES
from .distributions import Distribution, distribution_of
from .errors import InputError, nearest, one_of
from .levers import lever_of
from .quantities import Quantity

START_OF_TIME, END_OF_TIME = datetime.date.min, datetime.date.max
KNOWN_WHEN_IN_FORCE = ("law", "assumption")     # statuses of what could be known when it takes effect, if nothing is said
Step = tuple[str | None, str, object]          # of a scenario's change: key (None: all of the parameter), verb, operand


@dataclass(frozen=True, slots=True)
class Entry:
    """One dated value of a file, checked, with its numbers still as text.

    `path` is `topic.section.name` or `topic.name`. `line`, `column` and `file` are those of the value.
    `rule`, `issued`, `until` (its last day) and `text` belong to the statements of law.yaml. `standard` says that from its day
    on the value holds in every descendant whose own value is older and not `local`. An entry that a scenario changed has
    `before`, the unchanged one (None where there was none), and `steps`: what was done to it, key (None: all of it), verb and
    operand each.
    """

    path: str
    unit: str
    from_: datetime.date
    data: Any
    status: str
    source: str
    note: str = ""
    spread: str = ""
    rule: str = ""
    issued: str = ""
    text: str = ""
    line: int = 0
    column: int = 0
    known_from: str = ""
    alternatives: Sequence[Sequence[Any]] = ()        # of each: name, value, weight in percent, source
    local: bool = False
    standard: bool = False
    until: str = ""
    distribution: Mapping[str, str] = field(default_factory=dict)      # law and numbers, as stated
    shares: str = ""
    correlation: str = ""
    begun: bool = False            # by a step of a change, on a day on which no file has a value: growth goes on up to it
    file: str = field(default="", kw_only=True)
    before: Entry | None = field(default=None, kw_only=True)
    steps: tuple[Step, ...] = field(default=(), kw_only=True)

    @property
    def known(self) -> datetime.date:
        """The day from which somebody could have known the value.

        As stated; a statement of the law from the day of its document. Where nothing is stated a law and an assumption could be
        known on the day they take effect, and of a statistic or an estimate nobody can say: the last day there is.
        """
        if stated := self.known_from or self.issued:
            return datetime.date.fromisoformat(stated)
        return self.from_ if self.status in KNOWN_WHEN_IN_FORCE else END_OF_TIME


@dataclass(frozen=True)
class Layer:
    """What one region states itself. `entries`: path -> its dated entries, in rising order."""

    region: str
    entries: Mapping[str, tuple[Entry, ...]]

    @cached_property
    def laws(self) -> tuple[str, ...]:
        """The paths of documents' statements among them."""
        return tuple(path for path in self.entries if path.startswith("law."))

    @cached_property
    def days_within(self) -> frozenset[datetime.date]:
        """The days, other than a 1 January, on which one of its values takes effect."""
        return frozenset(entry.from_ for entries in self.entries.values() for entry in entries
                         if (entry.from_.month, entry.from_.day) != (1, 1))


@dataclass(frozen=True, slots=True)
class Alternative:
    """What an uncertain value might be instead, as likely as `weight` percent; those of one name in a region hold together."""

    name: str
    value: Any
    weight: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter in force in a region in a year.

    `value` by the shape in the catalogue: Decimal, bool, str, list or dict (keys in the catalogue's
    order, absent ones filled with the default). `region` is the region that states it. `spread` is
    the relative standard deviation of the uncertain level in percent, or None; `distribution` what worlds have in its place, or
    None where it is certain. `known` is the day from which somebody could have known it. `before` and `steps` are those of the
    entry: the value without a scenario's change, and the change. `origin` is the region whose file states it, whatever a scenario
    has changed. Take `value` as read-only.
    """

    path: str
    value: Any
    unit: str
    from_: datetime.date
    status: str
    source: str
    region: str
    note: str = ""
    spread: Decimal | None = None
    known: datetime.date = END_OF_TIME
    alternatives: tuple[Alternative, ...] = ()
    before: Value | None = None
    steps: tuple[Step, ...] = ()
    begun: bool = False
    distribution: Distribution | None = None
    origin: str = ""


class Read(Protocol):
    """A way to read parameters, `Region.value` or `Reader.value`: the value of a path that is in force in a year."""

    @overload
    def __call__(self, path: str, year: int, required: Literal[True] = True) -> Value: ...
    @overload
    def __call__(self, path: str, year: int, required: bool) -> Value | None: ...


@dataclass(frozen=True, slots=True)
class StatementValue:
    """A statement of a planning document in force in a region (its own or an ancestor's)."""

    region: str
    scheme: str
    name: str
    rule: str
    value: Decimal
    unit: str
    from_: datetime.date
    status: str
    source: str
    text: str
    note: str = ""
    issued: datetime.date | None = None

    @property
    def path(self) -> str:
        return f"law.{self.scheme}.{self.name}"


def quantity_at(path: str) -> tuple[str, Quantity, str | None]:
    """The parameter that `path` leads to: its own path, its catalogue entry, and the key behind it if any.

    Raises InputError with the nearest right name where the path leaves the catalogue.
    """
    parts = path.split(".")
    topic = _step(parts, 0, tuple(CATALOGUE), "topic", path)
    at = 1
    if PER[topic] is not None:
        _step(parts, 1, SCHEMES if PER[topic] == "scheme" else ILLNESSES, str(PER[topic]), path)
        at = 2
    name = _step(parts, at, tuple(CATALOGUE[topic]), f"parameter of topic {topic}", path)
    quantity = CATALOGUE[topic][name]
    own = ".".join(parts[:at + 1])
    if len(parts) == at + 1:
        return own, quantity, None
    kind, _, rest = quantity.shape.partition(":")
    if kind != "by" or len(parts) > at + 2:
        raise InputError("unknown path", value=path, expected=f"nothing behind '{own}'", suggestion=own)
    return own, quantity, _step(parts, at + 1, KEYS[rest.partition(":")[0]], f"key of {own}", path)


def _step(parts: list[str], at: int, names: tuple[str, ...], what: str, path: str) -> str:
    if at >= len(parts):
        raise InputError("incomplete path", value=path, expected=f"a {what} next, one of {one_of(names)}")
    if parts[at] not in names:
        close = nearest(parts[at], names)
        right = ".".join([*parts[:at], close, *parts[at + 1:]]) if close else None
        raise InputError("unknown path", value=path, expected=f"a {what} in place of '{parts[at]}', one of {one_of(names)}",
                         suggestion=right)
    return parts[at]


def value_of(entry: Entry, quantity: Quantity, region: str, origin: str = "") -> Value:
    """The entry with its numbers parsed and defaults filled in. `entry` has been checked."""
    return Value(entry.path, value_as(entry.data, quantity), entry.unit, entry.from_, entry.status, entry.source,
                 region, entry.note, Decimal(entry.spread) if entry.spread else None, entry.known,
                 tuple(Alternative(name, value_as(data, quantity), Decimal(weight), source)
                       for name, data, weight, source in entry.alternatives),
                 value_of(entry.before, quantity, region) if entry.before else None, entry.steps, entry.begun,
                 distribution_of(lever_of(entry.path), entry.spread, entry.distribution, entry.shares, entry.correlation,
                                 unchanged(entry).data), origin or region)


def origin_of(entry: Entry, layers: Sequence[Layer]) -> str:
    """The region whose file states an entry that a scenario has changed; an empty text of any other entry."""
    stated = unchanged(entry)
    return "" if stated is entry else next((layer.region for layer in layers if any(
        one is stated for one in layer.entries.get(entry.path, ()))), "")


def unchanged(entry: Entry) -> Entry:
    """An entry as its file states it, before all changes of a scenario."""
    return entry if entry.before is None else unchanged(entry.before)


def value_as(data: Any, quantity: Quantity) -> Any:
    """What a file states, with its numbers parsed and defaults filled in, as `Value.value` has it."""
    kind, _, rest = quantity.shape.partition(":")
    if kind == "number":
        return Decimal(data)
    if kind == "flag":
        return data == "true"
    if kind == "numbers":
        return [Decimal(item) for item in data]
    if kind == "names":
        return list(data)
    if kind in ("choice", "plan"):
        return data
    keys, _, item = rest.partition(":")
    known = {key: data.get(key, quantity.default) for key in KEYS[keys]}
    if item == "numbers":
        return {key: [Decimal(number) for number in numbers] for key, numbers in known.items()}
    return known if item == "choice" else {key: Decimal(number) for key, number in known.items()}


def statement_of(entry: Entry, region: str) -> StatementValue:
    """The statement an entry of law.yaml makes. `entry` has been checked."""
    _, scheme, name = entry.path.split(".")
    return StatementValue(region, scheme, name, entry.rule, Decimal(entry.data), entry.unit, entry.from_, entry.status,
                          entry.source, entry.text, entry.note,
                          datetime.date.fromisoformat(entry.issued) if entry.issued else None)


def text_of(value: Any) -> str:
    """A value as one line of text: `0.5`, `true`, `[100, 300]`, `{township: 90, county: 80}`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list):
        return "[" + ", ".join(text_of(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {text_of(item)}" for key, item in value.items()) + "}"
    return value
