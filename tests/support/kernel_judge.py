"""Small blocks of bills under plans of every kind, and a judge that tells whether a kernel settles them as the rules do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.law.year import STATE, YearState
from simulator.money import UNLIMITED
from simulator.parameters.catalogue import CLASSES, GROUPS, TIERS
from simulator.parameters.plans import plan_of
from simulator.parameters.regions import load_regions
from simulator.plan import (
    BAND_TOPS,
    FULL_RULES_FOR,
    N_ILLNESSES,
    OFFSETS,
    ORDERS,
    SHAPES,
    TERMS,
    UNEQUAL,
    full_rules_for,
    pack,
)
from simulator.tables import INPATIENT, NO_ILLNESS, OUTPATIENT_VISIT, Fact
from tests.law.test_cases import CASES
from tests.support.bill_arrays import PERSON
from tests.support.both_programs import random_policies, shipped_policies
from tests.support.kernel_pays import as_walked
from tests.support.plain_kernel import PlainBlock, PlainKernel, Settled, plain_block, rules_leave
from tests.support.plain_law import PlainLaw
from tests.support.random_bills import random_bills
from tests.support.random_plans import RARE
from tests.support.settled import bill_rows

# The terms by which the bills of a year can interact, or the full rules are asked, and what a plan without them has.
OFF = {"annual_cap": UNLIMITED, "cap_basis": 0, "cap_counts_outpatient": 0, "band_period": 0, "reference_price": UNLIMITED,
       "outpatient_deductible": 0, "outpatient_year_limit": UNLIMITED, "chronic_list": 0, "chronic_deductible": 0,
       "chronic_year_limit": UNLIMITED, "cii_threshold": UNLIMITED, "cii_counts_outpatient": 0, "cii_listed_only": 0,
       "commercial_share": 0, "ma_deductible": 0, "ma_cap": UNLIMITED, "account_balance": 0, "relief_ratio": 0,
       "payment_counties": 0} | {name: TERMS[name].neutral for name in RARE}
# What a plan must have, and of the above has alone; behind these come plans with a few of them, random plans and shipped ones.
FEATURES = (
    (), ("annual_cap",), ("annual_cap", "cap_counts_outpatient"), ("annual_cap", "cap_counts_outpatient", "chronic_list"),
    ("annual_cap", "cap_counts_outpatient", "reference_price"), ("annual_cap", "cap_counts_outpatient", "listed_better"),
    ("annual_cap", "cap_counts_outpatient", "outpatient_year_limit"), ("annual_cap", "listed_better"),
    ("annual_cap", "listed_better", "listed_outside_cap"),
    ("annual_cap", "cap_counts_outpatient", "listed_better", "listed_outside_cap"),
    ("annual_cap", "cap_basis"), ("annual_cap", "cap_basis", "listed_better"), ("annual_cap", "ma_deductible"),
    ("band_period",), ("reference_price",),
    ("payment_counties",), ("payment_counties", "patient_share_base"), ("annual_cap", "payment_counties"),
    ("outpatient_deductible",), ("chronic_list", "chronic_deductible"),
    ("outpatient_year_limit",), ("outpatient_year_limit", "ma_cap"), ("outpatient_year_limit", "ma_cap", "ma_outpatient_ratio"),
    ("outpatient_year_limit", "reference_price"), ("outpatient_year_limit", "relief_ratio", "relief_groups"),
    ("outpatient_year_limit", "cii_threshold", "cii_counts_outpatient"),
    ("annual_cap", "cap_counts_outpatient", "outpatient_year_limit", "ma_cap"),
    ("chronic_list", "chronic_year_limit", "outpatient_year_limit"), ("chronic_list", "chronic_year_limit"),
    ("cii_threshold",), ("cii_threshold", "cii_counts_outpatient"), ("cii_threshold", "cii_listed_only"),
    ("cii_threshold", "cii_excluded_share"), ("cii_threshold", "commercial_share"),
    ("commercial_share", "commercial_ratio"), ("ma_deductible",), ("ma_deductible", "ma_listed_waives_deductible"), ("ma_cap",),
    ("account_balance",), ("account_balance", "account_use"), ("account_balance", "outpatient_year_limit"),
    ("account_balance", "relief_ratio", "relief_groups"), ("relief_ratio", "relief_groups"))
# The same of terms that few schedules have: of each kind that is left to the full rules one, and those that the passes know.
RARE_FEATURES = (
    ("deductible_share",), ("deductible_kind",), ("order_counted",), ("admission_copay",), ("rounding_unit",),
    ("outpatient_copay",), ("outpatient_deductible_period", "outpatient_deductible"), ("outpatient_deductible", "unequal"),
    ("outpatient_ratio", "unequal"), ("deductible_shared", "outpatient_deductible"), ("account_order", "account_balance"),
    ("cii_listed_ratio", "cii_threshold"), ("cii_threshold", "cii_threshold_share"), ("ma_cap", "unequal"),
    ("chronic_list", "chronic_year_limit"), ("chronic_list", "chronic_deductible"), ("civil_ratio", "outpatient_copay"),
    ("band_period", "deductible_shared", "outpatient_deductible"),
    ("cii_listed_ratio", "cii_threshold", "deductible_shared", "outpatient_deductible"),
    ("cii_threshold", "cii_threshold_share", "cii_counts_outpatient"), ("outpatient_year_limit", "ma_cap", "unequal"))
A_FEW, RANDOM, SHIPPED = 6, 3, 3       # plans
# Limits of the year, and where its state tells how much of them was used.
USED = {"outpatient_year_limit": YearState.OUTPATIENT_PAID, "chronic_year_limit": YearState.CHRONIC_PAID,
        "annual_cap": YearState.CAP_USED, "cii_threshold": YearState.SELF_PAY_YEAR, "ma_cap": YearState.MA_PAID,
        "account_balance": YearState.ACCOUNT_USED}
# Limits of which each class, group or group of diseases has its own, and in how many places it lies: that of the first group of
# diseases, which alone a walk draws, in one of each class.
WHOSE = {"account_balance": (Fact.MEMBER_CLASS, 1), "ma_cap": (Fact.GROUP, 1), "chronic_year_limit": (None, len(CLASSES))}
# Terms that are tried in their least form, a fen or a hundredth of a point.
LEAST = ("guaranteed_share", "consultation_fee", "ma_deductible", "outpatient_deductible", "chronic_deductible", "relief_ratio",
         "account_balance", "commercial_share", "tcm_bonus", "primary_bonus", "payment_counties")
FEWER = "nobody, though fewer bills are left to the full rules"
PERSONS = (1, 2, 6, 12, 12, 12)        # of a block


@dataclass(frozen=True)
class JudgedBlock:
    """A block, what the rules leave of it, and the bills that the kernel as it is leaves to the full rules."""

    case: PlainBlock
    right: Settled
    exceptions: frozenset[int]


def _places(name: str) -> slice:
    """Where a term lies in a row."""
    return slice(OFFSETS[name], OFFSETS[name] + int(np.prod(SHAPES[name], dtype=np.int64)))


def _with(rng: np.random.Generator, features: tuple[str, ...], everything: bool = False) -> np.ndarray:
    """A random plan that has the features, as a row of terms; with `everything` of all that a plan may have."""
    while True:
        row = random_policies(rng, 1, everything).terms[0]
        if all((row[_places(name)] != OFF.get(name, 0)).any() for name in features if name in SHAPES):
            return row


def plans_of_every_kind(rng: np.random.Generator) -> np.ndarray:
    """Terms int64[P, TERMS]: random plans with certain features alone, with a few and with any of them, shipped plans."""
    plans = [_with(rng, features) for features in FEATURES]
    plans += [_with(rng, features, everything=True) for features in RARE_FEATURES]
    for row, features in zip(plans, FEATURES + RARE_FEATURES, strict=True):
        _leave_out(row, [name for name in OFF if name not in features])
        row[_places("deductible_share")] *= "deductible_share" in features
        if "unequal" not in features:
            _make_equal(row)
    for _ in range(A_FEW):
        plans.append(_with(rng, ()))
        _leave_out(plans[-1], [name for name in OFF if rng.random() < 0.8])
    for row in plans:
        if row[OFFSETS["listed_better"]] == 1 and rng.random() < 0.5:      # the ordinary terms are the better ones
            row[_places("listed")] = 1
            row[_places("listed_ratio")] //= 4
        for name in LEAST:
            if rng.random() < 0.15:
                row[_places(name)] = np.minimum(row[_places(name)], 1)
        if rng.random() < 0.15 and row[BAND_TOPS] < UNLIMITED:
            row[BAND_TOPS] = 1
    shipped = shipped_policies(load_regions()).distinct().terms
    return np.concatenate([plans, random_policies(rng, RANDOM).terms, random_policies(rng, RANDOM, everything=True).terms,
                           shipped[rng.choice(len(shipped), SHIPPED, replace=False)]])


def _leave_out(row: np.ndarray, names: list[str]) -> None:
    """Let a row of terms be without these of OFF."""
    for name in names:
        row[_places(name)] = OFF[name]


def _make_equal(row: np.ndarray) -> None:
    """Let what must be the same along a dimension lest the full rules be asked be so."""
    for name, (dimensions, _) in UNEQUAL.items():
        values = row[_places(name)].reshape(SHAPES[name])
        for dimension in dimensions:
            values[...] = values.take([0], TERMS[name].shape.index(dimension))


def years_of(rng: np.random.Generator, terms: np.ndarray) -> list[np.ndarray]:
    """Persons' years of random bills under a plan; many have no illness, bills of one kind only or few, as most really have."""
    bills, result = random_bills(rng, terms[None], np.zeros(rng.choice(PERSONS), dtype=np.int64)), []
    for year in np.split(bills, np.flatnonzero(np.diff(bills[:, PERSON])) + 1):
        kind, size = rng.integers(6), len(year)
        year[:, Fact.ILLNESS] = np.where(rng.random(size) < (0.6 if kind > 3 else 0), rng.integers(N_ILLNESSES, size=size),
                                         NO_ILLNESS)
        if kind in (0, 1):
            year[:, Fact.KIND] = INPATIENT if kind == 0 else OUTPATIENT_VISIT
        elif kind == 4:                                    # a course is of admissions
            year[:, Fact.KIND] = np.where(year[:, Fact.ILLNESS] >= 0, INPATIENT, year[:, Fact.KIND])
        least = rng.random(size) < 0.04                    # a bill of next to nothing
        year[least, Fact.BILLED] = rng.integers(3, size=least.sum())
        for fact in (Fact.ELIGIBLE, Fact.TCM, Fact.NEW_DRUG):
            year[:, fact] = np.minimum(year[:, fact], year[:, Fact.BILLED])
        year[rng.random(size) < 0.1, Fact.CASE_PRICE] = 1
        result.append(year[:rng.integers(1, 5)] if rng.random() < 0.6 else year)
    return result


def _with_limits_met(rng: np.random.Generator, terms: np.ndarray, years: list[np.ndarray], law: PlainLaw) -> np.ndarray:
    """The terms with most of their limits of the year where a person's first bills exactly meet them, or miss by a fen; other
    member classes have no account or a large one."""
    terms = terms.copy()
    for name, used in USED.items():
        there = _places(name)
        if rng.random() < 0.8 and (0 < terms[there]).any() and (terms[there] < UNLIMITED).all():
            terms[there] = UNLIMITED
            year, person = [0] * STATE, years[rng.integers(len(years))]
            law.settle_year(terms.tolist(), person[:rng.integers(1, len(person) + 3)].tolist(), year)
            by_expense = name == "annual_cap" and terms[OFFSETS["cap_basis"]] == 1
            amount = year[YearState.ELIGIBLE_YEAR if by_expense else used] + int(rng.choice([-1, 0, 0, 1]))
            if name in WHOSE:
                terms[there] *= rng.integers(2)
                place, size = WHOSE[name]
                first = there.start + (0 if place is None else person[0, place])
                terms[first:first + size] = max(amount, 1)
            else:
                terms[there] = max(amount, 1)
    return terms


def _with_few_deductibles(rng: np.random.Generator, terms: np.ndarray, years: list[np.ndarray]) -> np.ndarray:
    """The terms with the first admission's deductible for later ones, in half of the cases but for one that a person here has."""
    terms = terms.copy()
    by_order = terms[_places("deductible")].reshape(SHAPES["deductible"])
    by_order[:] = by_order[:, :1]
    person = years[rng.integers(len(years))]
    admissions = person[(person[:, Fact.KIND] == INPATIENT) & (person[:, Fact.ILLNESS] < 0)]
    if len(admissions) > 1 and rng.random() < 0.5:
        later = rng.integers(1, len(admissions))
        by_order[admissions[later, Fact.TIER], min(later, ORDERS - 1), admissions[later, Fact.MEMBER_CLASS]] += 100
    return terms


def _of_cases() -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """The terms of each case, with no commercial cover unless the case speaks of one; and its person's year, behind that of a
    person of another assistance group."""
    for case in CASES:
        person, terms = case.get("person", {}), pack([plan_of(case["plan"])])[0]
        terms[OFFSETS["commercial_share"]] = 1 if "commercial" in person else 0
        year = bill_rows(person, case["bills"])
        other = year.copy()
        other[:, Fact.GROUP] = np.where(year[:, Fact.GROUP] == 0, 1, 0)
        yield terms, [other, year]


def _of_places() -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """Terms in which a single deductible of a later admission, or the account of a single class, is another, and who has it."""
    for tier, order, member_class in np.ndindex(SHAPES["deductible"]):
        person = {"member_class": CLASSES[member_class]}
        terms = pack([plan_of({"ratio": {name: ["50"] for name in TIERS}})])[0]
        by_order = terms[_places("deductible")].reshape(SHAPES["deductible"])
        by_order[:] = 10_000
        if order > 0:
            by_order[tier, order, member_class] = 0
            yield terms, [bill_rows(person, [{"tier": TIERS[tier], "billed": "500", "eligible": "500"}] * ORDERS)]
    for member_class, name in enumerate(CLASSES):
        terms = _bare({})
        terms[_places("account_balance")] = UNLIMITED
        terms[OFFSETS["account_balance"] + member_class] = 10_000
        bills = [{"kind": kind, "tier": "county", "billed": "80", "eligible": "80"} for kind in ("inpatient", "outpatient")]
        yield terms, [bill_rows({"member_class": name}, bills)]


def _of_groups() -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """Terms of a single assistance group or group of diseases that are others, and who meets them."""
    bill = {"tier": "county", "billed": "80", "eligible": "80"}
    visit = {**bill, "kind": "outpatient", "billed": "100", "eligible": "100"}
    for group, name in enumerate(GROUPS):
        other = bill_rows({"group": GROUPS[group - 1]}, [bill])
        terms = _bare({"cii_threshold": "100", "cii_ratio": ["50"]})
        terms[OFFSETS["cii_threshold_share"] + group] = 5_000
        yield terms, [bill_rows({"group": name}, [bill])]
        terms = _bare({})
        terms[_places("ma_inpatient_ratio")] = 5_000
        terms[OFFSETS["ma_cap"] + group] = 5_000
        yield terms, [bill_rows({"group": name}, [bill] * 2), other]
        terms = _bare({"outpatient_ratio": {"county": "100"}, "outpatient_year_limit": "120"})
        terms[_places("ma_outpatient_ratio")] = 5_000
        terms[OFFSETS["ma_cap"] + group] = 6_000
        yield terms, [bill_rows({"group": name}, [bill, visit, visit, visit]), other]
    for name, one in (("chronic_deductible", 5_000), ("chronic_year_limit", 10_000)):
        for first, others in itertools.product((True, False), ("0", "unlimited")):
            terms = _bare({"chronic_list": True, "chronic_ratio": {"county": "80"}, "outpatient_year_limit": others})
            at = _places(name)
            of_first = slice(at.start, at.start + len(CLASSES))
            terms[at] = terms[at] if first else one
            terms[of_first] = one if first else TERMS[name].neutral
            yield terms, [bill_rows({}, [{**visit, "chronic": True}] * 2)]


def _of_later_bills() -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """A later admission that passes the threshold of CII where it would not as the first; listed bills in CII's own bands; and
    bills of which the first uses up something of the others', under terms for which the full rules are asked by several."""
    bill = {"tier": "county", "billed": "600", "eligible": "600"}
    yield _bare({"deductible": {"county": ["0", "500"]}, "ratio": {"county": ["100"]}, "cii_threshold": "300",
                 "cii_ratio": ["50"]}), [bill_rows({}, [bill] * 2)]
    apart = {"listed": {"lung-cancer": "full"}, "cii_threshold": "9000", "cii_listed_tops": ["700"],
             "cii_listed_ratio": ["50", "80"]}
    yield _bare(apart), [bill_rows({}, [{**bill, "illness": "lung-cancer"}] * 2)]
    usual = {"deductible": {"county": ["500"]}, "ratio": {"county": ["50"]}, "outpatient_ratio": {"county": "50"}}
    for also in ({}, {"band_period": "year"}, apart):
        yield _bare(usual | {"outpatient_deductible": "300", "deductible_shared": True} | also), [
            bill_rows({}, [bill, {**bill, "kind": "outpatient"}])]
    for also in ({"outpatient_copay": "10"}, apart):
        yield _bare(usual | {"deductible_year_limit": "600"} | also), [bill_rows({}, [bill] * 2)]


def _bare(plan: dict) -> np.ndarray:
    """The terms of a plan without commercial cover."""
    terms = pack([plan_of(plan)])[0]
    terms[OFFSETS["commercial_share"]] = 0
    return terms


def _of_neighbours() -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """Two persons in one block, of whom the second alone has a visit that the full rules settle."""
    terms = _bare({"outpatient_ratio": {"county": "100"}, "outpatient_year_limit": "120", "reference_price": "10"})
    visit = {"kind": "outpatient", "tier": "county", "billed": "100", "eligible": "100"}
    yield terms, [bill_rows({}, [visit] * 2), bill_rows({}, [{**visit, "new_drug": "60"}])]
    terms = terms.copy()
    terms[_places("ma_outpatient_ratio")] = 5_000
    yield terms, [bill_rows({"group": GROUPS[1]}, [visit, {**visit, "new_drug": "60"}])]


def _at_random(rng: np.random.Generator, each: int, law: PlainLaw) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """So many plans of every kind, and random years under each."""
    for terms in np.concatenate([plans_of_every_kind(rng) for _ in range(each)]):
        years = years_of(rng, terms)
        if rng.random() < 0.6:
            terms = _with_few_deductibles(rng, terms, years)
        yield _with_limits_met(rng, terms, years, law), years


def judged_blocks(seed: int, each: int = 1) -> list[JudgedBlock]:
    """Blocks of the cases and of single places of the terms, then of bills of PERSONS each under so many plans of every kind."""
    law, kernel = PlainLaw(), PlainKernel()
    asked = itertools.chain(_of_cases(), _of_places(), _of_groups(), _of_later_bills(), _of_neighbours(),
                            _at_random(np.random.default_rng(seed), each, law))
    return [_judged(law, kernel, terms, years) for terms, years in asked]


def _judged(law: PlainLaw, kernel: PlainKernel, terms: np.ndarray, years: list[np.ndarray]) -> JudgedBlock:
    """The block of some persons' years, of whom every second one without visits stands for a household that is not sampled."""
    bills, sampled = as_walked(np.concatenate(years)), []
    terms[FULL_RULES_FOR] = full_rules_for(terms)          # terms that `pack` has not seen may stand there
    bills[:, PERSON] = np.repeat(np.arange(len(years)), [len(year) for year in years])
    for n, year in enumerate(years):
        visits = (year[:, Fact.KIND] != INPATIENT) & (year[:, Fact.ILLNESS] < 0)
        sampled += [n % 2 == 0 or bool(visits.any())] * len(year)
    case, _ = plain_block(terms, bills, np.array(sampled))
    return JudgedBlock(case, rules_leave(law, case), frozenset(kernel.settle(case)[1]))


def kill(kernel: PlainKernel, blocks: list[JudgedBlock]) -> str:
    """Who finds the kernel wrong: `a payment`, `a year's sum`, `what is left behind`, or `an exception`, where a bill is left to
    the full rules that the kernel as it is does not leave to them; nobody, or FEWER where it only leaves fewer."""
    fewer = False
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
        fewer = fewer or len(exceptions) < len(block.exceptions)
    return FEWER if fewer else ""
