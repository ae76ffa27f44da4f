"""What the parameter commands print: rows of plain data, and the tables drawn from them."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .catalogue import STATUSES
from .regions import Region, Regions
from .values import END_OF_TIME, StatementValue, Value, text_of

RULE_SIGNS = {"at_least": "≥", "at_most": "≤", "about": "≈", "exactly": "="}


@dataclass(frozen=True)
class RegionRow:
    """A region and what it states itself: entries of each status, and the years they begin in."""

    region: str
    en: str
    zh: str
    parent: str
    parameters: int
    law: int
    statistic: int
    estimate: int
    assumption: int
    statements: int
    first_year: int | None
    last_year: int | None


@dataclass(frozen=True)
class PlanRow:
    """A plan that is shipped, as its file says what it is; the last day is empty where it is not known."""

    plan: str
    title: str
    title_zh: str
    scheme: str
    from_: str
    until: str
    confidence: str


@dataclass(frozen=True)
class ShowRow:
    """A value or statement in force. `region` is the one that states it."""

    path: str
    value: str
    unit: str
    from_: str
    status: str
    region: str
    known_from: str
    source: str
    note: str
    alternatives: str = ""
    uncertain: str = ""


@dataclass(frozen=True)
class DiffRow:
    """A path on which two regions differ; an empty text where one has no value."""

    path: str
    a: str
    b: str
    unit: str
    a_status: str
    b_status: str
    a_source: str
    b_source: str


@dataclass(frozen=True)
class Coverage:
    """How many of the dated values of all regions carry what each must carry, and how many have which status."""

    values: int
    unit: int
    from_: int
    source: int
    status: int
    by_status: Mapping[str, int]

    @property
    def complete(self) -> bool:
        """Whether every value has a unit, a date, a source and a status."""
        return self.values == self.unit == self.from_ == self.source == self.status


def plan_rows(plans: Mapping[str, Path]) -> list[PlanRow]:
    """One row a plan file that says what it is; InputError for a file that is no plan."""
    from .planfile import read_plan  # needs the compiled rules, which regions do not

    found = ((name, read_plan(path).about) for name, path in plans.items())
    return [PlanRow(name, said.title, said.title_zh, said.scheme, str(said.from_), str(said.until or ""), said.confidence)
            for name, said in found if said]


def list_rows(regions: Regions) -> list[RegionRow]:
    """A row a region, the root first, then down the tree."""
    rows = []
    for name in sorted(regions, key=lambda n: (tuple(reversed(regions[n].lineage)))):
        region = regions[name]
        entries = [(path, entry) for path, dated in region.layers[0].entries.items() for entry in dated]
        own = [entry for path, entry in entries if not path.startswith("law.")]
        status = Counter(entry.status for entry in own)
        years = [entry.from_.year for _, entry in entries]
        rows.append(RegionRow(name, region.names["en"], region.names["zh"], regions.parents[name] or "", len(own),
                              status["law"], status["statistic"], status["estimate"], status["assumption"],
                              len(entries) - len(own), min(years, default=None), max(years, default=None)))
    return rows


def show_rows(region: Region, year: int | datetime.date, topic: str | None = None) -> list[ShowRow]:
    """Every parameter and statement in force in a year, or on a day, in the catalogue's order, statements last.

    `topic` keeps one topic of the catalogue, or `law`.
    """
    rows = [ShowRow(v.path, text_of(v.value), v.unit, v.from_.isoformat(), v.status, v.region, _known(v.known), v.source, v.note,
                    "; ".join(f"{o.name} {o.weight:f}%: {text_of(o.value)} ({o.source})" for o in v.alternatives),
                    "" if v.distribution is None else v.distribution.whole_text)
            for v in _in_force(region, year) if topic in (None, _topic(v.path))]
    if topic in (None, "law"):
        rows += [ShowRow(s.path, _said(s), s.unit, s.from_.isoformat(), s.status, s.region, _known(s.issued or s.from_), s.source,
                         "; ".join(part for part in (s.text, s.note) if part)) for s in region.statements(year)]
    return rows


def diff_rows(a: Region, b: Region, year: int, topic: str | None = None) -> list[DiffRow]:
    """The paths on which two regions differ in a year: parameters by value, statements by all in force.

    Statements of one kind from several regions stand in one row, the root's first: floors accumulate.
    """
    rows = []
    left, right = ({v.path: v for v in _in_force(region, year)} for region in (a, b))
    for path in [*left, *(p for p in right if p not in left)]:
        x, y = left.get(path), right.get(path)
        if topic in (None, _topic(path)) and not (x and y and x.value == y.value):
            rows.append(DiffRow(path, text_of(x.value) if x else "", text_of(y.value) if y else "", _unit(x, y),
                                x.status if x else "", y.status if y else "", x.source if x else "", y.source if y else ""))
    if topic not in (None, "law"):
        return rows
    said_a, said_b = _by_path(a.statements(year)), _by_path(b.statements(year))
    for path in [*said_a, *(p for p in said_b if p not in said_a)]:
        xs, ys = said_a.get(path, []), said_b.get(path, [])
        if {(s.rule, s.value) for s in xs} != {(s.rule, s.value) for s in ys}:
            rows.append(DiffRow(path, _each(f"{s.region} {_said(s)}" for s in xs), _each(f"{s.region} {_said(s)}" for s in ys),
                                _unit(*xs, *ys), _each(s.status for s in xs), _each(s.status for s in ys),
                                _each(s.source for s in xs), _each(s.source for s in ys)))
    return rows


def coverage(regions: Regions) -> Coverage:
    """Counts every dated value of every region, statements included, once."""
    entries = [entry for region in regions.values() for dated in region.layers[0].entries.values() for entry in dated]
    return Coverage(len(entries), sum(bool(e.unit) for e in entries), sum(bool(e.from_) for e in entries),
                    sum(bool(e.source.strip()) for e in entries), sum(e.status in STATUSES for e in entries),
                    {status: sum(e.status == status for e in entries) for status in STATUSES})


def as_dicts(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Rows as dictionaries for JSON or a DataFrame; `from_` is called `from`."""
    return [{field.name.rstrip("_"): getattr(row, field.name) for field in fields(row)} for row in rows]


def table(rows: list[Any], columns: Iterable[str], title: str = "") -> Any:
    """A rich Table of the named fields of the rows."""
    from rich.table import Table  # heavy, and JSON output does not need it
    from rich.text import Text

    drawn = Table(title=title or None, title_justify="left", header_style="bold")
    columns = list(columns)
    for name in columns:
        drawn.add_column(name.rstrip("_").replace("_", " "), overflow="fold")
    for row in rows:
        cells = (getattr(row, name) for name in columns)
        drawn.add_row(*(Text("" if cell is None else str(cell)) for cell in cells))
    return drawn


def _in_force(region: Region, year: int | datetime.date) -> list[Value]:
    found = (region.value(path, year, required=False) for path in region.paths())
    return [value for value in found if value is not None]


def _known(day: datetime.date) -> str:
    """The day from which it could be known; an empty text where nobody says."""
    return "" if day == END_OF_TIME else day.isoformat()


def _topic(path: str) -> str:
    return path.split(".")[0]


def _unit(*sides: Value | StatementValue | None) -> str:
    return next(side.unit for side in sides if side)


def _said(statement: StatementValue) -> str:
    return f"{RULE_SIGNS[statement.rule]} {statement.value:f}"


def _each(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


def _by_path(statements: list[StatementValue]) -> dict[str, list[StatementValue]]:
    grouped: dict[str, list[StatementValue]] = {}
    for statement in statements:
        grouped.setdefault(statement.path, []).append(statement)
    return grouped
