"""What figures and tables read from a run: its sides, single numbers, fund paths by draw, and the limits in force.

A side is one region under one policy; it has one colour, panel or column.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import NamedTuple

import numpy as np
import pandas as pd

from simulator.answers.in_force import InForce
from simulator.answers.turns import TURNS_FILE
from simulator.answers.variance import VARIANCE_FILE
from simulator.engine.measures import half_width, ratio
from simulator.folders import name_of, read_checked
from simulator.report.events import Events
from simulator.report.prose import FIGURES, say
from simulator.results import Run
from simulator.words import policy_name, region_name

IF_ANY = ("payer_share", "prepaid_by_patients")      # measures that are shown only where they are not zero
NO_ANNUAL_LIMIT = 100.0       # a parameter file states a limit of 100% of revenue where there is none


class Side(NamedTuple):
    """One region under one policy."""

    region: str
    policy: str


class Number(NamedTuple):
    """One row of the summary."""

    unit: str
    mean: float
    se: float
    p05: float
    p25: float
    p50: float
    p75: float
    p95: float
    warning: str


class Difference(NamedTuple):
    """One row of the comparison: the sides' means, the paired difference and its 95% interval."""

    unit: str
    a: float
    b: float
    difference: float
    se: float
    low: float
    high: float
    warning: str


class Limits(NamedTuple):
    """The surplus limits of a scheme in one year; None where there is no limit. Shares and tolerance are in %."""

    annual: float | None
    tolerance: float
    cumulative: float | None
    base: str


@dataclass(frozen=True, eq=False)
class Selection:
    """The numbers of a run, found by side, scheme, year, measure and group."""

    run: Run

    @property
    def scenario(self) -> dict:
        return self.run.manifest["scenario"]

    @cached_property
    def levels(self) -> list[dict]:
        """The levels of inpatient schedules, as `engine.level.Level.as_dict` has them; those of a run of an earlier version were
        solved to targets."""
        return [row if "basis" in row else {
            **row, "basis": "target", "goal": row["target"], "stated_by": row["region"], "solved_in": row["year"], "policy": "",
            "written": {}, "paid": {}} for row in self.run.manifest.get("levels", ())]

    @property
    def years(self) -> range:
        return range(self.scenario["year"], self.scenario["year"] + self.scenario["horizon"])

    @property
    def schemes(self) -> list[str]:
        return list(self.scenario["schemes"])

    @property
    def run_id(self) -> str:
        """The run folder's final name, even while it is still written under a temporary one."""
        return name_of(self.run.folder)

    @cached_property
    def sides(self) -> list[Side]:
        """The sides of the run: all regions under the baseline first, then under each other policy."""
        policies = [policy["name"] for policy in self.scenario["policies"]]
        return [Side(region, policy) for policy in policies for region in self.scenario["regions"]]

    @cached_property
    def _summary(self) -> dict[tuple, Number]:
        columns = ("region", "scheme", "policy", "year", "measure", "group", *Number._fields)
        rows = zip(*(self.run.summary[name].tolist() for name in columns), strict=True)
        return {row[:6]: Number(*row[6:]) for row in rows}

    @cached_property
    def _comparison(self) -> dict[tuple, Difference]:
        columns = ("side_a", "side_b", "scheme", "year", "measure", "group", *Difference._fields)
        rows = zip(*(self.run.comparison[name].tolist() for name in columns), strict=True)
        return {row[:6]: Difference(*row[6:]) for row in rows}

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The pairs of sides compared, by their names in the comparison: `jiangsu`, `jiangsu: policy`."""
        return list(dict.fromkeys(key[:2] for key in self._comparison))

    @property
    def region_pairs(self) -> list[tuple[str, str]]:
        """The pairs that compare one region with another."""
        return [pair for pair in self.pairs if ": " not in pair[0]]

    @property
    def policy_pairs(self) -> list[tuple[str, str]]:
        """The pairs that compare a policy with its region's baseline."""
        return [pair for pair in self.pairs if ": " in pair[0]]

    @cached_property
    def units(self) -> dict[str, str]:
        """The unit of each measure that has a figure for everybody."""
        return {key[4]: number.unit for key, number in self._summary.items() if not key[5]}

    @cached_property
    def illnesses(self) -> list[str]:
        """The groups of the listed illnesses with bills, in the order of the run."""
        return list(dict.fromkeys(key[5] for key in self._summary if key[5].startswith("illness:")))

    def number(self, side: Side, scheme: str, year: int, measure: str, group: str = "") -> Number | None:
        return self._summary.get((side.region, scheme, side.policy, year, measure, group))

    def half(self, number: Number | None) -> float:
        """Half of the 95% interval of a mean over the run's draws; NaN where there is none, or its error cannot be trusted."""
        return half_width(number.se, self.run.manifest["draws"]) if number and not number.warning else float("nan")

    def difference(self, pair: tuple[str, str], scheme: str, year: int, measure: str, group: str = "") -> Difference | None:
        """A row of the comparison; the interval of a probability stays within what its difference can be."""
        found = self._comparison.get((*pair, scheme, year, measure, group))
        if found is None or found.unit != "probability":
            return found
        return self.events.apart((self.side_of(pair[0]), self.side_of(pair[1])), scheme, year, measure, found)

    @cached_property
    def events(self) -> Events:
        """What happened to the funds in each draw."""
        return Events(self)

    def side_of(self, label: str) -> Side:
        """The side with this name in the comparison."""
        region, _, policy = label.partition(": ")
        return Side(region, policy or self.scenario["policies"][0]["name"])

    def worth_a_row(self, scheme: str, measure: str, group: str) -> bool:
        """Whether a measure deserves a row: its payer pays something, or cash differs from the whole out-of-pocket payment."""
        def values(name: str, of: str) -> list[float]:
            found = [self.number(side, scheme, year, name, of) for side in self.sides for year in self.years]
            return [number.mean for number in found if number]

        if measure in IF_ANY:
            return any(values(measure, group))
        if measure == "cash_per_head":
            return values(measure, group) != values("oop_per_head", group)
        return group != "layer:account" or values(measure, group) != values(measure, "layer:assistance")

    def side_name(self, side: Side, lang: str) -> str:
        """The name of a side: the region, with the policy where the run has several, and the policy alone in one region."""
        policy = policy_name(side.policy, lang)
        if len(self.scenario["policies"]) == 1:
            return region_name(side.region, lang)
        if len(self.scenario["regions"]) == 1:
            return policy
        return say(FIGURES, "side", lang, region=region_name(side.region, lang), policy=policy)

    def label_name(self, label: str, lang: str) -> str:
        """The name of a side in words, from its name in the comparison."""
        region, _, policy = label.partition(": ")
        return self.side_name(Side(region, policy), lang) if policy else region_name(region, lang)

    @cached_property
    def _paths(self) -> pd.DataFrame:
        return self.run.paths

    def fund_path(self, side: Side, scheme: str, measure: str) -> np.ndarray:
        """A fund measure by draw and year, float64 [draws, years].

        `balance_per_head` is in yuan, `surplus_rate` and shares in %, `months_of_expenditure` in months.
        """
        paths = self._paths
        rows = paths[(paths["region"] == side.region) & (paths["scheme"] == scheme) & (paths["policy"] == side.policy)]
        rows = rows.sort_values(["draw", "year"])

        def column(name: str) -> np.ndarray:
            return rows[name].to_numpy(dtype=np.float64).reshape(-1, len(self.years))

        balance = column("accrued_closing")
        if measure == "balance_per_head":
            return ratio(balance, column("members"))
        if measure == "surplus_rate":
            return 100 * ratio(column("surplus"), column("revenue") - column("deficit_top_up"))
        if measure == "months_of_expenditure":
            return 12 * ratio(balance, column("expenditure"))
        if measure == "share_of_funding":
            return 100 * ratio(balance, column("funding"))
        if measure == "share_of_pooled_fund":
            return 100 * ratio(balance, column("pooled_funding"))
        raise ValueError(f"no fund path called {measure!r}")

    @cached_property
    def variance(self) -> pd.DataFrame | None:
        """What the balances of the last year vary with, the run's variance.csv; None where it has none."""
        return self._table(VARIANCE_FILE)

    @cached_property
    def turns(self) -> pd.DataFrame | None:
        """What would turn the run's answer, its turns.csv; None where it has none."""
        return self._table(TURNS_FILE)

    def _table(self, file: str) -> pd.DataFrame | None:
        """A table that some runs have."""
        if file in self.run.manifest.get("files", {}):
            data = read_checked(self.run.folder, self.run.manifest, file)
        elif (self.run.folder / file).is_file():              # of a run that is being written
            data = (self.run.folder / file).read_bytes()
        else:
            return None
        return pd.read_csv(BytesIO(data), encoding="utf-8-sig")

    def in_force(self, side: Side, path: str, year: int) -> str | None:
        """The value of a parameter that a side used in a year, as text.

        A policy's changes come first, then the scenario's, then the values of the region and its ancestors.
        """
        return self._in_force.value(side.region, side.policy, path, year)

    @cached_property
    def _in_force(self) -> InForce:
        return InForce(self.run)

    def limits(self, side: Side, scheme: str, year: int) -> Limits:
        """The surplus limits in force for a side."""
        def read(name: str) -> str | None:
            return self.in_force(side, f"control.{scheme}.{name}", year)

        annual, base = float(read("annual_limit") or NO_ANNUAL_LIMIT), read("cumulative_base") or "none"
        return Limits(annual=None if annual >= NO_ANNUAL_LIMIT else annual, tolerance=float(read("annual_tolerance") or 0),
                      cumulative=None if base == "none" else float(read("cumulative_limit") or 0), base=base)

    def illness_bill(self, side: Side, scheme: str, year: int, illness: str) -> dict[str, float] | None:
        """The mean bill of a listed illness in yuan and its shares in %, over groups of draws with such bills; None without any.

        What the run's four shares leave is paid from individual accounts.
        """
        names = ("fund_share", "later_layers_share", "hospital_share", "cash_share")
        bill = self.number(side, scheme, year, "mean_bill", illness)
        found = {name: self.number(side, scheme, year, name, illness) for name in names}
        shares = {name: share.mean for name, share in found.items() if share}
        if bill is None or len(shares) < len(names) or not bill.mean > 0:
            return None
        left = 100 - sum(shares.values())
        return {"mean_bill": bill.mean, **shares, "account_share": left if left > 1e-6 else 0.0}
