"""Small blocks of bills under plans of every kind, and a judge that tells whether a kernel settles them as the rules do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.money import UNLIMITED
from simulator.parameters.regions import load_regions
from simulator.plan import OFFSETS, SHAPES
from simulator.tables import INPATIENT, NO_ILLNESS, OUTPATIENT_VISIT, Fact
from tests.support.bill_arrays import PERSON, POLICY
from tests.support.both_programs import random_policies, random_year, shipped_policies
from tests.support.plain_kernel import PlainBlock, PlainKernel, Settled, plain_block, rules_leave
from tests.support.plain_law import PlainLaw
from tests.support.threshold_families import FAMILIES

# The terms by which the bills of a year can touch each other, or the full rules are asked, in groups, and what they are without.
OFF = {"annual_cap": UNLIMITED, "cap_basis": 0, "cap_counts_outpatient": 0, "band_period": 0, "reference_price": UNLIMITED,
       "outpatient_deductible": 0, "outpatient_year_limit": UNLIMITED, "chronic_list": 0, "chronic_deductible": 0,
       "chronic_year_limit": UNLIMITED, "cii_threshold": UNLIMITED, "cii_counts_outpatient": 0, "cii_listed_only": 0,
       "commercial_share": 0, "ma_deductible": 0, "ma_cap": UNLIMITED, "account_balance": 0, "relief_ratio": 0,
       "payment_counties": 0}
FEATURES = ((), ("annual_cap",), ("annual_cap", "cap_counts_outpatient"), ("annual_cap", "cap_basis"), ("band_period",),
            ("reference_price",), ("outpatient_deductible",), ("outpatient_year_limit",), ("chronic_list", "chronic_deductible"),
            ("chronic_list", "chronic_year_limit", "outpatient_year_limit"), ("cii_threshold",),
            ("cii_threshold", "cii_counts_outpatient"), ("cii_threshold", "cii_listed_only"), ("commercial_share",),
            ("ma_deductible",), ("ma_cap",), ("account_balance",), ("account_balance", "outpatient_year_limit"),
            ("account_balance", "relief_ratio"), ("relief_ratio",), ("payment_counties",))
BLOCK = 45                             # bills, or a few more


@dataclass(frozen=True)
class JudgedBlock:
    """A block, what the rules leave of it, and the bills that the kernel as it is leaves to the full rules."""

    case: PlainBlock
    right: Settled
    exceptions: frozenset[int]


def plans_of_every_kind(rng: np.random.Generator, each: int) -> np.ndarray:
    """Terms int64[P, TERMS]: shipped plans, random ones, and random ones in which few of the FEATURES are left or a single one."""
    shipped = shipped_policies(load_regions()).distinct().terms
    terms = [shipped[rng.choice(len(shipped), 4 * each, replace=False)], random_policies(rng, 3 * each).terms]
    for kept in [*FEATURES, *[None] * 4] * each:
        single = random_policies(rng, 1).terms
        for name, value in OFF.items():
            if name not in kept if kept is not None else rng.random() < 0.85:
                single[:, OFFSETS[name]:OFFSETS[name] + int(np.prod(SHAPES[name], dtype=np.int64))] = value
        terms.append(single)
    return np.concatenate(terms)


def _one_kind_or_a_few(rng: np.random.Generator, bills: np.ndarray) -> np.ndarray:
    """Random bills of persons, of whom many have no illness, one kind of bill only, or one bill, as most persons really do."""
    kept = np.ones(len(bills), dtype=bool)
    for mine in np.split(np.arange(len(bills)), np.flatnonzero(np.diff(bills[:, PERSON])) + 1):
        kind = rng.integers(6)
        if kind < 4:
            bills[mine, Fact.ILLNESS] = NO_ILLNESS
        if kind in (0, 1):
            bills[mine, Fact.KIND] = INPATIENT if kind == 0 else OUTPATIENT_VISIT
        elif kind in (3, 4):                               # a course is of admissions
            bills[mine, Fact.KIND] = np.where(bills[mine, Fact.ILLNESS] >= 0, INPATIENT, bills[mine, Fact.KIND])
        if rng.random() < 0.5:
            kept[mine[rng.integers(1, 4):]] = False
    return bills[kept]


def _aimed(rng: np.random.Generator, terms: np.ndarray, each: int) -> list[np.ndarray]:
    """Years that meet the thresholds of the plans, `each` of every kind for every second plan, with and without the usual last
    bill."""
    result = []
    for family in FAMILIES:
        for years in family(terms):
            for policy in range(int(rng.integers(2)), len(terms), 2):
                mine = np.flatnonzero(years.bills[:, -1, POLICY] == policy)
                for n in rng.choice(mine, min(each, len(mine)), replace=False):
                    result.append(years.bills[n, :-1] if rng.random() < 0.7 else years.bills[n])
    return result


def judged_blocks(seed: int, each: int = 1, persons: int = 8) -> list[JudgedBlock]:
    """Blocks under plans of every kind (`each` of every kind), with at least so many persons a plan."""
    rng = np.random.default_rng(seed)
    terms = plans_of_every_kind(rng, each)
    policies = random_policies(rng, len(terms))            # random bills are asked for by policies
    policies.terms[:] = terms
    random = _one_kind_or_a_few(rng, random_year(rng, policies, len(terms) * persons * 43 // 10))
    years = np.split(random, np.flatnonzero(np.diff(random[:, PERSON])) + 1) + _aimed(rng, terms, 1)
    law, kernel, result = PlainLaw(), PlainKernel(), []
    for policy in range(len(terms)):
        mine = [year for year in years if year[0, POLICY] == policy and len(year) <= BLOCK]
        while mine:
            chosen, size = [], 0
            while mine and size < BLOCK:
                chosen.append(mine.pop())
                size += len(chosen[-1])
            result.append(_judged(law, kernel, terms[policy], chosen))
    return [result[n] for n in rng.permutation(len(result))]


def _judged(law: PlainLaw, kernel: PlainKernel, terms: np.ndarray, years: list[np.ndarray]) -> JudgedBlock:
    """The block of some persons' years, of whom every second one without visits stands for a household that is not sampled."""
    bills, sampled = np.concatenate(years), []
    bills[:, PERSON] = np.repeat(np.arange(len(years)), [len(year) for year in years])
    for n, year in enumerate(years):
        visits = (year[:, Fact.KIND] != INPATIENT) & (year[:, Fact.ILLNESS] < 0)
        sampled += [n % 2 == 0 or bool(visits.any())] * len(year)
    case, _ = plain_block(terms, bills, np.array(sampled))
    return JudgedBlock(case, rules_leave(law, case), frozenset(kernel.settle(case)[1]))


def kill(kernel: PlainKernel, blocks: list[JudgedBlock]) -> str:
    """Who finds the kernel wrong, or nobody: `a payment`, `a year's sum`, `what is left behind`, or `an exception`, where it
    sends bills to the full rules that need them no more than before."""
    for block in blocks:
        left, exceptions, clean = kernel.settle(block.case)
        if left[:2] != block.right[:2]:
            return "a payment"
        if left != block.right:
            return "a year's sum"
        if not clean:
            return "what is left behind"
        if set(exceptions) - block.exceptions:
            return "an exception"
    return ""
