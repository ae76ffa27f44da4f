"""What is asked of a fit, and all that it finds."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from simulator.claims.mapping import ClaimsMap
from simulator.fitting.bills import Bills
from simulator.fitting.completion import Completion
from simulator.fitting.concentration import Concentration, Persistence
from simulator.fitting.exposure import PersonYears, Window
from simulator.fitting.frequency import Rate, RateModel
from simulator.fitting.intervals import Figure
from simulator.fitting.members import Members
from simulator.fitting.scope import Scope
from simulator.fitting.severity import REPEATS, Amounts
from simulator.folders import digest_of
from simulator.parameters.regions import Region

KINDS_OF_CARE = ("inpatient", "outpatient")
SEXES = ("male", "female")


@dataclass(frozen=True)
class Asked:
    """What is asked beside the files. `heads`: the mean number of insured where no members file says who they are; `caps`: kind
    and tier (or either, or neither) -> the amount in yuan at which bills are cut, see `cap_of`."""

    region: Region
    scheme: str
    mapping: ClaimsMap = field(default_factory=ClaimsMap)
    members: Path | None = None
    member_columns: Mapping[str, str] = field(default_factory=dict)
    heads: float | None = None
    first: datetime.date | None = None
    last: datetime.date | None = None
    reported: str | None = None
    valued: datetime.date | None = None
    cap: Mapping[str, float] = field(default_factory=dict)
    skip: bool = False
    repeats: int = REPEATS                        # of the bootstrap by which laws are tested; 0: they are not


@dataclass(frozen=True)
class Trend:
    """Growth a year of a kind of care's rate or mean bill, in percent, with its 95% interval."""

    what: str                    # inpatient rate, inpatient bill ...
    years: int
    growth: float
    se: float
    low: float
    high: float


@dataclass
class Fitted:
    """All that was found. Groups of amounts are by kind, tier and illness; see the parts' own classes."""

    asked: Asked
    file: Path
    sha256: str
    bills: Bills
    members: Members | None
    window: Window
    rows: PersonYears
    heads_from: str                                           # members, exposure or region
    heads: float
    done: Counter[str]
    rates: dict[tuple[str, str, str], Rate] = field(default_factory=dict)       # kind, factor, level
    models: dict[str, RateModel] = field(default_factory=dict)                   # by kind
    amounts: dict[tuple[str, str, str], Amounts] = field(default_factory=dict)  # kind, tier, illness or ""
    yearly: dict[tuple[str, str, int], Figure] = field(default_factory=dict)     # kind, tier, year: the mean bill as it was
    deflator: dict[tuple[str, int], float] = field(default_factory=dict)         # kind, year -> level of prices to the last year
    scope: dict[tuple[str, str, str], Scope] = field(default_factory=dict)       # kind, tier, illness or ""
    monthly: list[tuple[str, int, float, float, float]] = field(default_factory=list)  # kind, month, claims, exposure, mean bill
    completion: Completion | None = None
    completed: dict[int, float] = field(default_factory=dict)                    # year -> factor
    concentration: list[Concentration] = field(default_factory=list)
    persistence: list[Persistence] = field(default_factory=list)
    trends: list[Trend] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)                 # English, Chinese

    @property
    def years(self) -> list[int]:
        """The calendar years of which at least half is looked at, or else all."""
        whole = [year for year in self.window.years if self.window.share(year) >= 0.5]
        return whole or list(self.window.years)


def provenance_of(found: Fitted) -> str:
    """Where the figures come from, in a line."""
    return (f"fundsim fit of {found.file.name} (SHA-256 {found.sha256[:16]}, {found.bills.rows:,} rows, "
            f"{len(found.bills):,} claims, {found.window})")


def summary_of(found: Fitted) -> dict[str, Any]:
    """The run of the fit as plain data: files, counts, exposure."""
    members = found.asked.members
    return {"claims": found.file.name, "sha256": found.sha256, "rows": found.bills.rows, "claims_used": len(found.bills),
            "members": None if members is None else members.name,
            "members_sha256": None if members is None else digest_of(members),
            "region": found.asked.region.name, "scheme": found.asked.scheme, "first": str(found.window.date(found.window.first)),
            "last": str(found.window.date(found.window.last)), "person_years": float(found.rows.exposure.sum()),
            "heads": found.heads, "heads_from": found.heads_from, "done": dict(sorted(found.done.items())),
            "claimants": len(np.unique(found.bills.person)),
            "remarks": [english for english, _ in found.remarks]}
