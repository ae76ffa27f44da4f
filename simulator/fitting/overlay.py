"""What was fitted as the parameter files of a region of its own, which inherits from the one it was held against.

Every value has status `estimate` and says from which file, how many rows and which days it comes, with its 95% interval and how
much it counted beside the region's own value.
"""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from simulator.fitting.credibility import Credible
from simulator.parameters.catalogue import CATALOGUE, PER, is_percent
from simulator.parameters.levers import lever_of
from simulator.parameters.quantities import Quantity

MOST_SPREAD = 200.0             # percent
PLACES_OF_UNITS = {"CNY/admission": 2, "CNY/visit": 2, "CNY/bill": 2, "ratio": 4, "person": 0}


@dataclass(frozen=True)
class Estimate:
    """A parameter as it was fitted, from 1 January of a year: one figure, or one by key; `text` is what stands in the file where
    it is no number (a name of a law by tier)."""

    path: str
    year: int
    parts: Mapping[str, Credible]                  # key -> figure; "" of a single one
    how: str
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def quantity(self) -> Quantity:
        topic, _, rest = self.path.partition(".")
        return CATALOGUE[topic][rest.rpartition(".")[2]]

    @property
    def spread(self) -> float | None:
        """The relative standard error of the value in percent: of several figures that of the one with the most claims."""
        found = [(one.n, 100 * one.weight * one.se / one.value) for one in self.parts.values()
                 if one.weight > 0 and one.value > 0 and math.isfinite(one.se) and one.se > 0]
        return min(max(found)[1], MOST_SPREAD) if found else None

    def data(self) -> str:
        """The value as it stands in a file."""
        if self.names:
            return "{" + ", ".join(f"{key}: {name}" for key, name in self.names.items()) + "}"
        places = PLACES_OF_UNITS.get(self.quantity.unit, 2)
        numbers = {key: min(max(one.value, self.quantity.low), self.quantity.high) for key, one in self.parts.items()}
        if self.quantity.unit == "%" and self.quantity.shape in ("by:tier", "by:age") and self.path.endswith("_shares"):
            numbers = _hundred(numbers)
        signed = is_percent(self.path.rpartition(".")[2], self.quantity)
        texts = {key: f"{number:.{places}f}" + ("%" if signed and 0 < number < 1 else "") for key, number in numbers.items()}
        if "" in texts:
            return json.dumps(texts[""])
        if self.quantity.shape == "numbers":
            return "[" + ", ".join(json.dumps(text) for text in texts.values()) + "]"
        return "{" + ", ".join(f"{json.dumps(key) if key[0].isdigit() else key}: {json.dumps(text)}"
                               for key, text in texts.items()) + "}"


def _hundred(numbers: Mapping[str, float]) -> dict[str, float]:
    """Shares in percent that sum to 100.00 when each has two places: what rounding leaves goes to the largest."""
    total = sum(numbers.values())
    rounded = {key: round(100 * number / total, 2) for key, number in numbers.items()}
    most = max(rounded, key=lambda key: rounded[key])
    rounded[most] += 100 - sum(rounded.values())
    return rounded


def source_of(estimate: Estimate, provenance: str) -> str:
    """What a value's source says."""
    parts = [f"{key + ' ' if key else ''}{_figure(one.estimate)} ({_figure(one.low)} to {_figure(one.high)}, n {one.n:,.0f}, "
             f"counted {100 * one.weight:.0f}%)" for key, one in estimate.parts.items() if math.isfinite(one.estimate) and one.n]
    said = f": 95% {'; '.join(parts)}" if parts and not estimate.names else ""
    return f"{estimate.how}; {provenance}{said}"


def _figure(number: float) -> str:
    return f"{number:.4g}" if abs(number) < 10_000 else f"{number:,.0f}"


def files_of_overlay(name: str, names: tuple[str, str], parent: str, estimates: Sequence[Estimate], provenance: str,
                     known_from: datetime.date) -> dict[str, str]:
    """The files of a region `name` (called so in English and Chinese) below `parent`, file -> text."""
    head = f"name: {{en: {json.dumps(names[0])}, zh: {json.dumps(names[1], ensure_ascii=False)}}}\nparent: {parent}\n"
    files = {"region.yaml": head}
    for topic in CATALOGUE:
        of_topic = [one for one in estimates if one.path.startswith(f"{topic}.")]
        if not of_topic:
            continue
        texts = ["# Written by fundsim fit. A value may be changed here, with its source."]
        sections: dict[str, dict[str, list[Estimate]]] = {}
        for one in of_topic:
            _, *within, parameter = one.path.split(".")
            sections.setdefault(".".join(within), {}).setdefault(parameter, []).append(one)
        for section, parameters in sections.items():
            indent = "  " if PER[topic] else ""
            texts += [f"{section}:"] if indent else []
            for parameter, dated in parameters.items():
                dated = sorted(dated, key=lambda one: one.year)
                texts += _lines(parameter, dated, indent, provenance, known_from)
        files[f"{topic}.yaml"] = "\n".join(texts) + "\n"
    return files


def _lines(parameter: str, dated: Sequence[Estimate], indent: str, provenance: str, known_from: datetime.date) -> list[str]:
    lines: list[str] = [f"{indent}{parameter}:", f"{indent}  unit: {json.dumps(dated[0].quantity.unit)}", f"{indent}  values:"]
    for one in dated:
        lines += [f"{indent}    - from: {one.year}-01-01", f"{indent}      value: {one.data()}",
                  f"{indent}      status: estimate",
                  f"{indent}      source: {json.dumps(source_of(one, provenance), ensure_ascii=False)}",
                  f"{indent}      known_from: {known_from.isoformat()}"]
        if (spread := one.spread) is not None:                     # as a distribution where worlds move the value
            said = f'spread: "{spread:.2f}%"' if lever_of(one.path) else f'note: "relative standard error {spread:.2f}%"'
            lines.append(f"{indent}      {said}")
    return lines
