"""What is asked: regions, schemes, year, horizon, size of the simulation, and the policies compared."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

SCHEMES = ("uebmi", "urbmi", "nrcms")         # the schemes whose people are simulated
RESPONSES = ("secondary", "none")
BASELINE = "baseline"


@dataclass(frozen=True)
class Policy:
    """A named set of changes of parameters: path -> value, as a parameter file would write it.

    A path is `topic.scheme.parameter`, or with a key behind it (`inpatient.nrcms.deductible.county`).
    `solve_level` False leaves the schedule's ratios as written (k = 1).
    """

    name: str
    changes: dict[str, object] = field(default_factory=dict)
    solve_level: bool = True


@dataclass(frozen=True)
class Scenario:
    """One question. `people` rows a scheme and region; None: everybody. `threads` never changes a result."""

    name: str
    regions: tuple[str, ...]
    year: int = 2012
    schemes: tuple[str, ...] = SCHEMES
    horizon: int = 10
    draws: int = 200
    people: int | None = 50_000
    replicas: int = 1
    seed: int = 20120321
    outpatient_share: tuple[int, int] = (1, 8)
    response: str = "secondary"
    systematic: bool = True
    policies: tuple[Policy, ...] = (Policy(BASELINE),)
    changes: dict[str, object] = field(default_factory=dict)     # made to every policy, the baseline too

    @property
    def years(self) -> range:
        return range(self.year, self.year + self.horizon)

    def but(self, **changes) -> Scenario:
        """The same question with some answers changed."""
        return replace(self, **changes)
