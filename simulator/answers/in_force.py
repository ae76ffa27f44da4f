"""The values that a finished run used: what a region's fund had in force under a policy in a year, read from parameters.csv."""

from __future__ import annotations

from functools import cached_property

from simulator.results import Run
from simulator.words import regions


class InForce:
    """The values in force in a run, found by region, policy, path and year."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def value(self, region: str, policy: str, path: str, year: int) -> str | None:
        """The value of a parameter that a region used in a year, as text; None where the run read none.

        A policy's changes come first, then the scenario's, then the values of the region and its ancestors.
        """
        used = self._by_path.get(path, [])
        label = f"scenario: {self.run.manifest['scenario']['name']}"
        lineage = regions()[region].lineage if region in regions() else (region,)
        of_region = [row for row in used if row["region"] == region]
        layers = [[row for row in of_region if _stated_by(row["source"], f"{label}: {policy}")],
                  [row for row in of_region if _stated_by(row["source"], label)],
                  *([row for row in used if row["region"] == ancestor and not row["source"].startswith("scenario: ")]
                    for ancestor in lineage)]
        for rows in layers:
            begun = [row for row in rows if int(row["from"][:4]) <= year]
            if begun:
                return str(max(begun, key=lambda row: row["from"])["value"])
        return None

    def number(self, region: str, policy: str, path: str, year: int) -> float:
        """The value as a number; NaN where there is none."""
        found = self.value(region, policy, path, year)
        return float("nan") if found is None else float(found)

    @cached_property
    def _by_path(self) -> dict[str, list[dict]]:
        found: dict[str, list[dict]] = {}
        for row in self.run.parameters.astype(str).to_dict("records"):
            found.setdefault(row["path"], []).append(row)
        return found


def _stated_by(source: str, label: str) -> bool:
    """Whether a value's source is this scenario or policy (the source of a change of one key continues in brackets)."""
    return source == label or source.startswith(f"{label} (")
