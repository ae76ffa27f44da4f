"""Published figures for tests."""

from __future__ import annotations

from simulator.answers.evidence import UNITS_OF_MEASURES, Figure


def figure(measure: str, value: float, error: float, *, region: str = "national", scheme: str = "urbmi", year: int = 2012,
           family: str = "", kind: str = "figure", group: str = "") -> Figure:
    """A figure of a measure in its own unit."""
    return Figure(region, scheme, year, measure, group, UNITS_OF_MEASURES[measure], value, error, "accounts", kind, "no",
                  "statistic", family, "a test", None, "")
