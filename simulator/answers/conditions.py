"""What is asked of a policy: conditions such as `P(exhausted by 2021) <= 5%`, and the figure to make least or most.

    condition := figure (<= | >=) number [%]
    figure    := P(event) | mean(measure) | qNN(measure) | measure            a bare measure is its mean
    event     := (exhausted | deficit | within limits | over annual limit | over cumulative limit) [when]
               | measure (< | > | <= | >=) number [%]
    when      := by YEAR | in YEAR | in any year | in all years
    measure   := name [ '[' group ']' ] [in YEAR]                             without a year: the last one

An event is a statement about one world: a margin, and whether it lies below zero. So its probability is never emulated, only
the margin of each world.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, NoReturn

from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.names import canonical_group
from simulator.scenario import Scenario

HALF_WIDTH = str.maketrans({"（": "(", "）": ")", "％": "%", "［": "[", "］": "]", "≤": "<=", "≥": ">=", "：": ":"})
TOKEN = re.compile(r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)(?![\w.])|(?P<name>[A-Za-z_]\w*)|(?P<group>\[[^\]]*\])"
                   r"|(?P<op><=|>=|[<>()%]))")
ANNUAL, CUMULATIVE = "annual_margin", "cumulative_margin"       # what is above a limit of surplus, in percent of revenue


class Latent(NamedTuple):
    """One figure of each world: a measure's group in a year, or what is above a limit."""

    name: str
    group: str
    year: int


class Known(NamedTuple):
    """A measure that a simulation has, with its unit."""

    unit: str
    by_world: bool              # whether every world has its own value


@dataclass(frozen=True)
class Event:
    """A statement about a world, true where its margin is below zero (`strict`) or not above it.

    The margin of a year is the largest of sign x (latent - offset) over `names`; over `years` it is the largest where the
    statement must hold in `every` one, and the smallest where one will do.
    """

    names: tuple[tuple[str, str], ...]
    years: tuple[int, ...]
    every: bool = False
    sign: int = 1
    offset: float = 0.0
    strict: bool = True

    def latents(self) -> tuple[Latent, ...]:
        return tuple(Latent(*name, year) for year in self.years for name in self.names)


@dataclass(frozen=True)
class Figure:
    """A statistic over the worlds: `P` of an event, `mean` or `quantile` (of `level`) of a latent figure."""

    statistic: str
    of: Event | Latent
    unit: str
    text: str
    level: float = 0.0

    def latents(self) -> tuple[Latent, ...]:
        return self.of.latents() if isinstance(self.of, Event) else (self.of,)


@dataclass(frozen=True)
class Condition:
    """A figure that must be at most (sense 1) or at least (sense -1) a bound. Probabilities are from 0 to 1."""

    figure: Figure
    sense: int
    bound: float

    @property
    def text(self) -> str:
        return f"{self.figure.text} {'<=' if self.sense > 0 else '>='} {shown(self.bound, self.figure.unit)}"

    def at(self, bound: float) -> Condition:
        """The same condition with another bound."""
        return replace(self, bound=bound)


@dataclass(frozen=True)
class Goal:
    """The figure to make least (sense 1) or most (sense -1)."""

    figure: Figure
    sense: int


def shown(value: float, unit: str) -> str:
    """A bound as it is written: a probability in percent."""
    return f"{100 * value:.6g}%" if unit == "probability" else f"{value:.6g}%" if unit == "%" else f"{value:.6g}"


def read_condition(text: str, scenario: Scenario, known: Mapping[tuple[str, str], Known]) -> Condition:
    """Read one condition; `known` are the measures of a simulation. InputError with the nearest right name."""
    parser = Parser(text, scenario, known, "--until")
    figure = parser.figure()
    operator = parser.take("op", ("<=", ">="), "<= or >= and a bound")
    bound = parser.bound(figure.unit)
    parser.end()
    return Condition(figure, 1 if operator == "<=" else -1, bound)


def read_goal(least: str | None, most: str | None, scenario: Scenario, known: Mapping[tuple[str, str], Known]) -> Goal:
    """Read the figure to make least or most. InputError unless exactly one is given."""
    if (least is None) == (most is None):
        raise InputError("solve needs one goal:", value="none" if least is None else "two",
                         expected='--least MEASURE or --most MEASURE, for example --least "oop_share_of_income[quintile:q1]"')
    parser = Parser(str(most if least is None else least), scenario, known, "--most" if least is None else "--least")
    figure = parser.figure()
    parser.end()
    return Goal(figure, -1 if least is None else 1)


class Parser:
    """Reads one text of the grammar from left to right; what stands where nothing fits is refused with what was expected."""

    def __init__(self, text: str, scenario: Scenario, known: Mapping[tuple[str, str], Known], option: str) -> None:
        self.text, self.scenario, self.known, self.option = text, scenario, known, option
        self.tokens: list[tuple[str, str]] = []
        narrow, at = text.translate(HALF_WIDTH).strip(), 0
        while at < len(narrow):
            match = TOKEN.match(narrow, at)
            if not match:
                self.refuse(narrow[at:], "a figure, <= or >=, and a bound")
            self.tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
            at = match.end()

    def refuse(self, value: str, expected: str, names: Iterable[str] = ()) -> NoReturn:
        raise InputError(f"{self.option}: '{self.text}':", value=value or "the end", expected=expected,
                         suggestion=nearest(value, names))

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[ahead][1] if len(self.tokens) > ahead else ""

    def take(self, kind: str, words: Collection[str] = (), expected: str = "") -> str:
        """The next token, which must be of a kind and, where words are given, one of them."""
        if not self.tokens or self.tokens[0][0] != kind or words and self.tokens[0][1] not in words:
            self.refuse(self.peek(), expected or one_of(words), words)
        return self.tokens.pop(0)[1]

    def end(self) -> None:
        if self.tokens:
            self.refuse(self.peek(), "nothing more")

    def figure(self) -> Figure:
        """A statistic of an event or a measure."""
        word = self.peek()
        if self.peek(1) != "(":
            return self._mean(self.measure())
        quantile = re.fullmatch(r"q(\d\d?)", word)
        if word not in ("P", "mean") and not quantile:
            self.refuse(word, "P( ), mean( ) or a quantile such as q05( )", ("P", "mean", "q05", "q95"))
        del self.tokens[:2]
        if word == "P":
            event, text = self.event()
            self.take("op", (")",))
            return Figure("P", event, "probability", f"P({text})")
        latent, unit, text = self.measure()
        self.take("op", (")",))
        if not quantile:
            return self._mean((latent, unit, text))
        if int(quantile[1]) == 0:
            self.refuse(word, "a quantile from q01 to q99")
        return Figure("quantile", latent, unit, f"{word}({text})", int(quantile[1]) / 100)

    def _mean(self, measure: tuple[Latent, str, str]) -> Figure:
        """The mean of a measure; that of a probability is the probability of its event."""
        latent, unit, text = measure
        if unit != "probability":
            return Figure("mean", latent, unit, f"mean({text})")
        of_name = {"exhausted": self._exhausted(latent.year), "deficit": _deficit((latent.year,)),
                   "breach_annual": _over(ANNUAL, (latent.year,)), "breach_cumulative": _over(CUMULATIVE, (latent.year,))}
        if latent.name not in of_name:
            self.refuse(latent.name, "an event with a margin, such as P(months_held < 3)", of_name)
        return Figure("P", of_name[latent.name], "probability", f"P({text})")

    def event(self) -> tuple[Event, str]:
        """An event by its name or by a comparison, and how it is written."""
        named = {("exhausted",): "exhausted", ("deficit",): "deficit", ("within", "limits"): "within limits",
                 ("over", "annual", "limit"): "over annual limit", ("over", "cumulative", "limit"): "over cumulative limit"}
        for words, name in named.items():
            if tuple(self.peek(n) for n in range(len(words))) == words and not self.peek(len(words)).startswith(("[", "<", ">")):
                del self.tokens[:len(words)]
                return self._named(name)
        if (self.peek(), self.known.get((self.peek(), ""), Known("", True)).unit) in (("within", ""), ("over", "")):
            self.refuse(f"{self.peek()} {self.peek(1)}", one_of(named.values()), named.values())
        latent, unit, text = self.measure([*named.values()])
        operator = self.take("op", ("<", ">", "<=", ">="))
        bound = self.bound(unit)
        event = Event(((latent.name, latent.group),), (latent.year,), False, 1 if operator[0] == "<" else -1, bound,
                      len(operator) == 1)
        return event, f"{text} {operator} {shown(bound, unit)}"

    def _named(self, name: str) -> tuple[Event, str]:
        years, every, text = self.when(name)
        if name == "exhausted":
            return self._exhausted(years[-1]), f"exhausted by {years[-1]}"
        if name == "deficit":
            return replace(_deficit(years), every=every), f"{name} {text}"
        if name == "within limits":
            return Event(((ANNUAL, ""), (CUMULATIVE, "")), years, every, strict=False), f"{name} {text}"
        return replace(_over(ANNUAL if "annual" in name else CUMULATIVE, years), every=every), f"{name} {text}"

    def when(self, name: str) -> tuple[tuple[int, ...], bool, str]:
        """The years of an event, whether it must hold in each of them, and how this is written."""
        all_years, last = tuple(self.scenario.years), self.scenario.years[-1]
        if self.peek() == "by":
            self.take("name")
            year = self.year()
            if name != "exhausted":
                self.refuse("by", f"'{name} in {year}': only exhaustion is counted by a year")
            return (year,), False, f"by {year}"
        if self.peek() != "in":
            return (last,), False, f"in {last}"
        self.take("name")
        if self.peek() in ("any", "all"):
            every = self.take("name") == "all"
            self.take("name", ("years",) if every else ("year",))
            return all_years, every, "in all years" if every else "in any year"
        year = self.year()
        return (year,), False, f"in {year}"

    def year(self) -> int:
        """A year of the scenario."""
        years = self.scenario.years
        if not self.tokens or self.tokens[0][0] != "number" or self.peek() not in map(str, years):
            self.refuse(self.peek(), f"a year from {years[0]} to {years[-1]}")
        return int(self.take("number"))

    def measure(self, more: Iterable[str] = ()) -> tuple[Latent, str, str]:
        """A measure of the summary, its unit, and how it is written; `more` are other words that could stand here."""
        names = list(dict.fromkeys(name for name, _ in self.known))
        name = self.peek()
        if not self.tokens or self.tokens[0][0] != "name" or name not in names:
            self.refuse(name, "a measure of summary.csv or an event" if more else "a measure of summary.csv", [*names, *more])
        self.take("name")
        group = ""
        if self.tokens and self.tokens[0][0] == "group":
            group = canonical_group(re.sub(r"^quintile:([1-5])$", r"quintile:q\1", self.take("group")[1:-1].replace(" ", "")))
        groups = [of for known, of in self.known if known == name]
        if group not in groups:
            written = [f"{name}[{of}]" if of else name for of in groups]
            self.refuse(f"{name}[{group}]" if group else name, one_of(written), written)
        if not self.known[name, group].by_world:
            self.refuse(f"{name}[{group}]", "a measure of which every world has its own value; this one is pooled over worlds")
        year, text = self.scenario.years[-1], f"{name}[{group}]" if group else name
        if self.peek() == "in":
            self.take("name")
            year = self.year()
        return Latent(name, group, year), self.known[name, group].unit, f"{text} in {year}"

    def bound(self, unit: str) -> float:
        """A number in a unit; a percent sign may follow where the unit is a probability or a percentage."""
        value = float(self.take("number", expected="a number"))
        if self.peek() == "%":
            if unit not in ("probability", "%"):
                self.refuse("%", f"a number in {unit}")
            self.take("op")
            value = value / 100 if unit == "probability" else value
        if unit == "probability" and not 0 <= value <= 1:
            self.refuse(f"{value:g}", "a probability from 0 to 1, or from 0% to 100%")
        return value

    def _exhausted(self, year: int) -> Event:
        """The balance below zero in this or an earlier year."""
        return Event((("balance", ""),), tuple(range(self.scenario.year, year + 1)))


def _deficit(years: tuple[int, ...]) -> Event:
    return Event((("surplus", ""),), years)


def _over(margin: str, years: tuple[int, ...]) -> Event:
    return Event(((margin, ""),), years, sign=-1)
