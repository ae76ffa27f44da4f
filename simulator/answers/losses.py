"""Losses through a plan: a Poisson number of bills a year, their amounts from a distribution or a sample, settled under any plan.

`losses` simulates so many person-years with the simulation's kernel and sets the exact means beside the simulated ones.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from simulator.answers.exact_losses import exact_means
from simulator.answers.person_years import BATCHES, Claims, Insured, kernel_sums, person_years, size_of
from simulator.answers.severities import Severity, read_severity
from simulator.engine.chosen_plan import percentage
from simulator.engine.measures import heavy_tailed
from simulator.parameters.catalogue import CLASSES, GROUPS, TIERS
from simulator.parameters.claims_terms import CLAIMS_KEYS
from simulator.parameters.errors import InputError
from simulator.parameters.names import known_name as named
from simulator.parameters.planfile import read_plan
from simulator.plan import Plan, pack
from simulator.tables import INPATIENT, OUTPATIENT_VISIT, PAYERS, Paid, Summed

BILL_KINDS = ("inpatient", "outpatient")
RATES, YEARS = (1e-6, 100.0), (1000, 10**10)
RANKED = 1 << 18                # most person-years whose amounts are put in order for quantiles
RANKED_BILLS = 1 << 21
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
INSURED = (Paid.ACCOUNT, Paid.CASH)       # what the insured keeps; the plan pays the rest


@dataclass(frozen=True)
class Amount:
    """What is billed, or one payer's part of it, in a person-year, yuan.

    `se` is the standard error of the simulated mean; `exact` the exact mean, None where it is not known; `heavy_tailed` says that
    the error itself cannot be trusted, so rare and large are the amounts.
    """

    name: str                   # billed, plan, insured; then the payers where more than one of them pays for the plan
    mean: float
    se: float
    exact: float | None
    p50: float
    p95: float
    p99: float
    heavy_tailed: bool


@dataclass(frozen=True)
class LossResult:
    """Simulated person-years of alike persons under a plan."""

    amounts: tuple[Amount, ...]
    rate: float
    severity: str
    cut: float                  # the part of the severity's mean that lies above the largest bill and is left out
    years: int
    seed: int
    bills: int                  # that have been settled
    ranked: int                 # person-years that the quantiles are of
    method: str                 # of the exact means: fft, limited (limited expected values) or none
    points: int                 # of the Fourier transform's lattice
    between: tuple[str, ...]    # plan terms that keep the exact means from being known

    def amount(self, name: str) -> Amount:
        """The row of that name; KeyError if there is none."""
        return {amount.name: amount for amount in self.amounts}[name]

    def as_dict(self) -> dict:
        """Plain data, for --json."""
        return asdict(self)


def plan_of_bills(path: Path) -> Plan:
    """The plan of a file. InputError for one that says how bills of a stay, a family or another insured year belong together: the
    bills here are each a stay of a person without relatives in a calendar year."""
    read = read_plan(path)
    for key in (key for key in CLAIMS_KEYS if key in read.lines and key != "tiers"):
        raise InputError(f"{key}: losses settles single bills of single persons in calendar years, by which this does nothing",
                         expected="a plan without it", file=read.file, line=read.lines[key],
                         next_step="fundsim settle reads it, of a claims file")
    return read.plan


def losses(plan: Plan | str | Path, rate: float | str, severity: Severity | str, years: int = 1_000_000, *, seed: int = 20120321,
           threads: int | None = None, kind: str = "inpatient", tier: str = "county", member_class: str = "adult",
           group: str = "none", in_scope: float | str = 100, commercial: bool = False) -> LossResult:
    """Simulate `years` person-years, each with a Poisson number of bills of mean `rate`, under a plan or a plan file.

    `severity` is text such as `lognormal:mean=8000,cv=2` or `sample:FILE` (docs/losses.md). All bills are of one kind and tier,
    `in_scope` percent of each in scope, and all persons of one member class and assistance group. Years are rounded up to whole
    batches; `threads` (default: all cores) never change a result. InputError for anything that cannot be.
    """
    mean_number = _between("--rate:", rate, RATES, "bills a person-year")
    wanted = int(_between("--years:", years, YEARS, "a whole number of person-years"))
    law = severity if isinstance(severity, Severity) else read_severity(severity)
    insured = Insured(
        plan if isinstance(plan, Plan) else plan_of_bills(Path(plan)),
        kind=(INPATIENT, OUTPATIENT_VISIT)[BILL_KINDS.index(named("--kind", kind, BILL_KINDS))],
        tier=TIERS.index(named("--tier", tier, TIERS)),
        member_class=CLASSES.index(named("--member-class", member_class, CLASSES)),
        group=GROUPS.index(named("--income-group", group, GROUPS)), commercial=commercial,
        in_scope=int(percentage("--in-scope", str(in_scope)) * 100))
    claims, size = Claims(mean_number, law.table, seed), size_of(wanted)
    sums = kernel_sums(pack([insured.plan]), insured, claims, size, threads or os.cpu_count() or 1)[:, 0]
    exact = exact_means(insured, mean_number, law.limited)
    ranked = _ranked(insured, claims, size)
    rows = [_amount(name, columns, sums, size.batch, exact.means, ranked) for name, columns in _rows(sums)]
    return LossResult(tuple(rows), mean_number, law.name, law.cut, size.years, seed, int(sums[:, Summed.BILLS].sum()),
                      len(ranked),
                      "none" if exact.means is None else "fft" if exact.points else "limited", exact.points, exact.between)


def _rows(sums: np.ndarray) -> list[tuple[str, list[int]]]:
    """What is told, and the columns of payers it is made of: what the plan pays payer by payer only where there are several."""
    plan = [payer for payer in range(len(PAYERS)) if payer not in (*INSURED, Paid.HOSPITAL)]
    paying = [payer for payer in plan if sums[:, payer].any()]
    kept = [payer for payer in INSURED if sums[:, payer].any()]
    parts = [payer for group in (paying, kept) if len(group) > 1 for payer in group]
    return [("billed", list(range(len(PAYERS)))), ("plan", plan), ("insured", list(INSURED)),
            *((PAYERS[payer], [payer]) for payer in parts)]


def _amount(name: str, columns: list[int], sums: np.ndarray, batch: int, exact: np.ndarray | None, ranked: np.ndarray) -> Amount:
    """A row from the sums of the batches, the exact means, and the amounts of single person-years, int64[n, payers]."""
    means = sums[:, columns].sum(axis=1) / 100 / batch
    order = np.sort(ranked[:, columns].sum(axis=1))
    quantiles = {key: float(order[min(int(share * len(order)), len(order) - 1)]) / 100 for key, share in SHARES.items()}
    return Amount(name, float(means.mean()), float(means.std(ddof=1) / BATCHES**0.5),
                  None if exact is None else float(exact[columns].sum()), **quantiles, heavy_tailed=heavy_tailed(means))


def _ranked(insured: Insured, claims: Claims, size) -> np.ndarray:
    """What each payer pays in each of the first person-years, int64[n, payers]: the same bills that the kernel settles, settled
    one by one by the rules."""
    most = int(min(RANKED, RANKED_BILLS / claims.rate))
    parts = []
    for person, billed in person_years(insured, claims, size, most):
        paid = insured.settle(person, billed)
        parts.append(np.stack([np.bincount(person, column, size.persons) for column in paid.T.astype(np.float64)], axis=1))
    return np.concatenate(parts).astype(np.int64)


def _between(option: str, value: float | str, bounds: tuple[float, float], what: str) -> float:
    """The number, within bounds. InputError otherwise."""
    try:
        found = float(value) if str(value).isascii() else float("nan")
    except ValueError:
        found = float("nan")
    if not bounds[0] <= found <= bounds[1]:
        low, high = (f"{bound:f}".rstrip("0").rstrip(".") for bound in bounds)
        raise InputError(option, value=value, expected=f"{what}, from {low} to {high}")
    return found
