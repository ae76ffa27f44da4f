"""What is uncertain of a region: a row for each value with a distribution, or whose alternatives are tried one by one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .catalogue import PER
from .levers import CHOICE, ONE_BY_ONE, PLUS
from .regions import Region
from .steps import is_rule
from .values import Value, quantity_at, text_of

# Yearly shocks of the economy, which all regions live through (care/paths.py).
SHOCKS = ("risk.bill_level_sd", "risk.use_level_sd", "risk.bill_growth_sd", "risk.use_growth_sd", "risk.income_growth_sd",
          "risk.funding_growth_sd", "risk.enrolment_growth_sd")
ECONOMY = "economy"            # the lever of these
DIGITS = 6                     # significant ones of what is worked out


@dataclass(frozen=True)
class UncertainRow:
    """An uncertain value as a run and `params uncertain` list it. `key` names its setting; `low` and `high` are what 5% of worlds
    are below and above, as the value is written."""

    key: str
    region: str
    path: str
    scheme: str
    en: str
    zh: str
    status: str
    unit: str
    law: str
    central: str
    low: str
    high: str
    shares: str
    lever: str


def key_of(value: Value) -> str:
    """The name of a value's setting: the region whose file states it, and its path. Values that regions inherit from one place
    have one setting, and so have all dates of a value."""
    return f"{value.origin}:{value.path}"


def row_of(value: Value) -> UncertainRow:
    """The row of a value that has a distribution."""
    law = value.distribution
    assert law is not None, value.path
    low, high = law.ends
    if law.lever == PLUS:
        ends = [text_of(_shown(value.value + Decimal(end))) for end in (low, high)]
    else:
        ends = [text_of(_times(value.value, Decimal(end))) for end in (low, high)]
    return _row(value, law.text, ends[0], ends[1], law.shares, law.lever)


def uncertain_rows(region: Region, year: int) -> list[UncertainRow]:
    """The uncertain values in force in a region in a year, in the catalogue's order: those that worlds move, or choose as part of
    a rule book (`choice`), those that are tried one by one (`tried`), and the shocks of the economy (`economy`)."""
    rows = []
    for path in region.paths():
        value = region.value(path, year, required=False)
        if value is None:
            continue
        if value.distribution is not None:
            rows.append(row_of(value))
        if value.alternatives:
            said = "; ".join(f"{one.name} {one.weight:f}%" for one in value.alternatives)
            rows.append(_row(value, f"choice({said})", "", "", "", CHOICE if is_rule(path) else ONE_BY_ONE))
        if path in SHOCKS:
            rows.append(shock_row(value))
    return rows


def shock_row(value: Value) -> UncertainRow:
    """The row of one of SHOCKS."""
    return _row(value, f"normal(sd={value.value:f})", "", "", "", ECONOMY)


def _row(value: Value, law: str, low: str, high: str, shares: str, lever: str) -> UncertainRow:
    topic, *within, _ = value.path.split(".")
    quantity = quantity_at(value.path)[1]
    return UncertainRow(key_of(value), value.origin, value.path, within[0] if PER[topic] == "scheme" else "", quantity.en,
                        quantity.zh, value.status, value.unit, law, text_of(value.value), low, high, shares, lever)


def _times(data: Any, setting: Decimal) -> Any:
    """Every number of a value, multiplied."""
    if isinstance(data, dict):
        return {key: _times(item, setting) for key, item in data.items()}
    if isinstance(data, list):
        return [_times(item, setting) for item in data]
    return _shown(data * setting)


def _shown(number: Decimal) -> Decimal:
    """A number to DIGITS significant ones, without zeros behind the point."""
    return Decimal(format(number, f".{DIGITS}g")).normalize() + 0
