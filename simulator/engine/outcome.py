"""What a simulation leaves: the years of each scheme in some worlds, which can be put beside those of other worlds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine.measures import Measure, Pooled, pooled_measures
from simulator.engine.worlds import roster_numbers

if TYPE_CHECKING:
    from simulator.care.paths import Paths
    from simulator.engine.funds import UnitYears
    from simulator.engine.level import Level
    from simulator.engine.precision import Precision
    from simulator.engine.rule_books import RuleBook
    from simulator.engine.settings import Asked
    from simulator.fund.accounts import YearLedger
    from simulator.parameters.values import Value
    from simulator.scenario import Scenario


@dataclass(frozen=True)
class SchemeResult:
    """One region and scheme over all years, in D worlds: measures [D, P] by year, ledgers, levels, and what it was made of."""

    region: str
    scheme: str
    policies: tuple[str, ...]
    years: range
    worlds: range
    of_worlds: dict[int, list[Measure]]        # by year, with a value for each world
    pooled: dict[int, Pooled]                  # what the worlds of a roster have together
    ledgers: dict[int, YearLedger]
    units: dict[int, UnitYears]                # of the pooling units, side by side
    members: dict[int, np.ndarray]             # int64[D, P]
    levels: list[Level]
    used: list[Value]                          # every parameter value that was read
    rows: int                                  # of a roster
    participants: int                          # whom the rows of the first year stand for
    digests: tuple[bytes, ...]                 # of every integer that the years of a world left: sums and ledgers
    settings: dict[str, Asked]                 # of the uncertain values that act, by key
    books: list[RuleBook]
    book: np.ndarray                           # int64[D]: which of them each world has
    shocks: list[Value]                        # how uncertain the economy is, by the scheme's region

    @cached_property
    def measures(self) -> dict[int, list[Measure]]:
        """All measures by year: those of worlds, and those of rosters, which have a row for each roster."""
        return {year: rows + pooled_measures(self.pooled[year]) for year, rows in self.of_worlds.items()}

    @property
    def digest(self) -> str:
        """The SHA-256 of the worlds' digests, in their order."""
        return hashlib.sha256(b"".join(self.digests)).hexdigest()


@dataclass(frozen=True)
class Result:
    """All schemes of all regions of a scenario."""

    scenario: Scenario
    schemes: list[SchemeResult]
    paths: Paths = field(repr=False)
    precision: Precision | None = None         # where one was asked; `scenario` is then that of the draws it took


def joined(result: Result, more: Result) -> Result:
    """The result of both in one: that of their worlds, of which those of `more` are the next. ValueError if they are not."""
    schemes = [_joined_schemes(one, other) for one, other in zip(result.schemes, more.schemes, strict=True)]
    paths = type(result.paths)(*(np.concatenate(columns) for columns in zip(vars(result.paths).values(),
                                                                            vars(more.paths).values(), strict=True)))
    return replace(result, schemes=schemes, paths=paths)


def _joined_schemes(one: SchemeResult, other: SchemeResult) -> SchemeResult:
    if (one.region, one.scheme, one.policies, one.years) != (other.region, other.scheme, other.policies, other.years):
        raise ValueError(f"{one.region} {one.scheme} and {other.region} {other.scheme} are not the same question")
    if one.worlds.stop != other.worlds.start:
        raise ValueError(f"worlds {other.worlds} do not follow {one.worlds}")
    worlds = range(one.worlds.start, other.worlds.stop)
    measures = {year: [Measure(*mine[:3], np.concatenate([mine.values, theirs.values]))
                       for mine, theirs in zip(rows, other.of_worlds[year], strict=True)] for year, rows in one.of_worlds.items()}
    ledgers = {}
    for year, ledger in one.ledgers.items():
        columns: dict[str, Any] = {name: np.concatenate([mine, getattr(other.ledgers[year], name)])
                                   for name, mine in ledger.columns().items()}
        ledgers[year] = replace(ledger, **columns)
    units = {year: type(mine)(mine.columns, *map(np.concatenate, zip(mine[1:], other.units[year][1:], strict=True)))
             for year, mine in one.units.items()}
    settings = {key: mine._replace(settings=np.concatenate([mine.settings, other.settings[key].settings]))
                for key, mine in one.settings.items()}
    return replace(one, worlds=worlds, settings=settings, book=np.concatenate([one.book, other.book]),
                   of_worlds=measures, ledgers=ledgers, units=units, digests=one.digests + other.digests,
                   pooled={year: _joined_pooled(year, one, other, worlds) for year in one.pooled},
                   members={year: np.concatenate([heads, other.members[year]]) for year, heads in one.members.items()})


def _joined_pooled(year: int, one: SchemeResult, other: SchemeResult, worlds: range) -> Pooled:
    rosters = roster_numbers(worlds)[0]
    parts = []
    for mine, theirs in zip(one.pooled[year], other.pooled[year], strict=True):
        whole = np.zeros((len(rosters), *mine.shape[1:]), dtype=np.int64)
        for part, of in ((mine, one.worlds), (theirs, other.worlds)):
            whole[[rosters.index(number) for number in roster_numbers(of)[0]]] += part
        parts.append(whole)
    return Pooled._make(parts)
