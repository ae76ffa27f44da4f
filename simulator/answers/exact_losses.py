"""Exact means of what a plan pays for a Poisson number of bills a year, or the terms that keep them from being known.

The plan is asked, not read: bills are settled by the rules, and what is paid is found to be straight between knots
(`straight_line`). A year's payment follows where its terms look at one sum alone: of the bills, of what basic insurance would
pay, or of what it leaves to the patient. Random years must then come out as the rules settle them, or nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from simulator.answers.person_years import Insured
from simulator.chance.compound import Limited, Line, expected_in_place, mean_of_year
from simulator.money import LARGEST_BILL, UNLIMITED
from simulator.parameters.catalogue import TIERS
from simulator.parameters.plans import plan_of
from simulator.tables import INPATIENT, PAYERS, Fact, Paid

ROUNDING = 1.01                 # fen that a value may lie off the line between two others: each is rounded once
OFF = 2.5                       # fen a bill that several roundings may come to
NARROW = 16                     # fen: a piece as short as that is the rounding of a knot
STEPS, SAMPLES = 8, 256         # points at which a piece is looked for, and is fitted
YEARS_TRIED, BILLS_TRIED = 500, 6
EVERY_BILL = Line(np.zeros(1), np.ones(1))
LIMITS = ("annual_cap", "outpatient_year_limit")
CII_TERMS = ("cii_threshold", "cii_tops", "cii_tops_from", "cii_ratio", "cii_cap", "cii_counts_outpatient")

Pays = Callable[[np.ndarray], np.ndarray]              # int64[n] billed -> int64[n] paid, fen


@dataclass(frozen=True)
class Exact:
    """Exact mean of what each payer pays in a person-year, yuan, and the points of the lattice of the Fourier transform (0:
    limited expected values were enough). None where it is not known: `between` are the plan's terms that look at more sums of
    the year than one."""

    means: np.ndarray | None                           # float64[payers]
    points: int = 0
    between: tuple[str, ...] = ()


@dataclass(frozen=True)
class Structure:
    """What a year comes to: `bill` tells what a payer pays of the first bill, the second, ...; `year` what it pays of the sum of
    the year's `summed`, likewise by place. Cash, where neither says it, is the rest of the bills."""

    bill: dict[int, list[Line]]
    year: dict[int, Line]
    summed: list[Line]

    def means(self, rate: float, limited: Limited) -> tuple[np.ndarray, int]:
        """Expected fen of each payer, float64[payers], and the most points of a lattice."""
        means, most = np.zeros(len(PAYERS)), 0
        for payer, lines in self.bill.items():
            means[payer] = expected_in_place(rate, len(lines)) @ [line.mean(limited) for line in lines]
        for payer, line in self.year.items():
            means[payer], points = mean_of_year(rate, self.summed, limited, line)
            most = max(most, points)
        if Paid.CASH not in {**self.bill, **self.year}:
            means[Paid.CASH] = rate * EVERY_BILL.mean(limited) - means.sum()
        return means, most

    def of_years(self, billed: np.ndarray) -> np.ndarray:
        """What the payers pay, float64[n, payers], of years of as many bills each, int64[n, bills]."""
        def total(lines: list[Line]) -> np.ndarray:
            return sum((lines[min(place, len(lines) - 1)].at(bills) for place, bills in enumerate(billed.T)),
                       np.zeros(len(billed)))

        paid = np.zeros((len(billed), len(PAYERS)))
        for payer, lines in self.bill.items():
            paid[:, payer] = total(lines)
        for payer, line in self.year.items():
            paid[:, payer] = line.at(total(self.summed))
        if Paid.CASH not in {**self.bill, **self.year}:
            paid[:, Paid.CASH] = billed.sum(axis=1) - paid.sum(axis=1)
        return paid


def exact_means(insured: Insured, rate: float, limited: Limited) -> Exact:
    """The exact means for bills with these limited expected values; `limited` is in yuan."""
    if insured.plan.rounding_unit != 0:                # payments in steps are straight nowhere
        return Exact(None, between=("rounding_unit",))
    between = tuple(sorted(terms_of_year(insured) - {"deductible"})) or ("deductible",)
    try:
        structure = structure_of(insured)
        if structure is None or not holds(structure, insured):
            return Exact(None, between=between)
        means, points = structure.means(rate, lambda limit: 100.0 * limited(limit / 100.0))
    except ArithmeticError:                            # a payment that jumps, or a lattice that would have to be finer
        return Exact(None, between=between)
    return Exact(means / 100.0, points)


# --------------------------------------------------------------------------------------------------
# Which sums a year looks at
# --------------------------------------------------------------------------------------------------

def terms_of_year(insured: Insured) -> set[str]:
    """The plan's terms by which one bill of these persons' years changes what another is paid."""
    plan, inpatient = insured.plan, insured.kind == INPATIENT
    ratio = plan.ratio[insured.tier, insured.member_class]
    capped = plan.annual_cap[insured.member_class] < UNLIMITED and (inpatient or plan.cap_counts_outpatient == 1)
    assisted = insured.group > 0 and (plan.ma_inpatient_ratio if inpatient else plan.ma_outpatient_ratio)[insured.group] > 0
    covered = insured.commercial and plan.commercial_ratio > 0
    found = {
        "deductible": inpatient and orders(insured) > 1,
        "deductible_year_limit": inpatient and deductibles(insured) != [] and plan.deductible_year_limit < UNLIMITED,
        "deductible_shared": inpatient and deductibles(insured) != [] and plan.deductible_shared == 1,
        "band_period": inpatient and plan.band_period == 1 and (ratio != ratio[0]).any(),
        "annual_cap": capped and plan.cap_basis == 0,
        "cap_basis": capped and inpatient and plan.cap_basis == 1,
        "supplement_ratio": capped and inpatient and plan.supplement_ratio.any(),
        "outpatient_deductible": (not inpatient and plan.outpatient_deductible[insured.tier, insured.member_class] > 0
                                  and plan.outpatient_deductible_period == 0),
        "outpatient_year_limit": not inpatient and plan.outpatient_year_limit[insured.member_class] < UNLIMITED,
        "cii_threshold": (plan.cii_threshold < UNLIMITED and plan.cii_ratio.any() and plan.cii_listed_only == 0
                          and (inpatient or plan.cii_counts_outpatient == 1)),
        "commercial_deductible": covered and plan.commercial_deductible > 0,
        "commercial_cap": covered and plan.commercial_cap < UNLIMITED,
        "ma_deductible": assisted and plan.ma_deductible[insured.group] > 0,
        "ma_cap": assisted and plan.ma_cap[insured.group] < UNLIMITED,
        "ma_second_ratio": insured.group > 0 and plan.ma_second_ratio[insured.group] > 0,
        "account_balance": plan.account_balance[insured.member_class] > 0 and (not inpatient or plan.account_use == 0),
    }
    return {name for name, there in found.items() if there}


def deductibles(insured: Insured) -> list[tuple[int, int]]:
    """Of the first, the second and later admissions: fen, or 1/10,000 of the admission. Empty where there are none."""
    plan, tier = insured.plan, insured.tier
    found = [(int(amount), int(part)) for amount, part in zip(plan.deductible[tier, :, insured.member_class],
                                                              plan.deductible_share[tier], strict=True)]
    return [] if plan.deductible_waived[insured.group] == 1 or set(found) == {(0, 0)} else found


def orders(insured: Insured) -> int:
    """How many admissions there are before deductibles stay the same."""
    found = deductibles(insured) or [(0, 0)]
    while len(found) > 1 and found[-2] == found[-1]:
        found.pop()
    return len(found)


def adds_up(insured: Insured) -> bool:
    """Whether a year is settled as one bill of all its bills together would be."""
    plan, ratio = insured.plan, insured.plan.ratio[insured.tier, insured.member_class]
    if insured.kind == INPATIENT:
        flat = (ratio == ratio[0]).all() or (plan.band_period == 1 and plan.guaranteed_share[insured.tier] == 0)
        return (bool(flat) and not deductibles(insured) and plan.admission_copay[insured.tier] == 0
                and not plan.band_own_least.any()
                and "supplement_ratio" not in terms_of_year(insured))
    no_fee = plan.consultation_fee == 0 or insured.tier != TIERS.index("township")
    return (no_fee and plan.outpatient_visit_limit[insured.tier] >= UNLIMITED and plan.outpatient_copay[insured.tier] == 0
            and plan.outpatient_deductible_period == 0)


def structure_of(insured: Insured) -> Structure | None:
    """How a year of these persons' bills is paid, None where it looks at more sums than one. ArithmeticError if what is paid of a
    bill jumps."""
    terms, plan = terms_of_year(insured), insured.plan
    places = orders(insured) if "deductible" in terms else 1
    basic = Paid.BASIC if insured.kind == INPATIENT else Paid.OUTPATIENT

    def by_place(person: Insured, payer: int) -> list[Line]:
        return [straight_line(partial(paid_by, person, payer, place)) for place in range(places)]

    beyond = terms - {"deductible"}
    if not beyond:
        return Structure({payer: by_place(insured, payer) for payer in range(len(PAYERS))}, {}, [])
    if adds_up(insured):
        return Structure({}, {payer: by_place(insured, payer)[0] for payer in range(len(PAYERS))}, [EVERY_BILL])
    alone = insured.under(cii_threshold=UNLIMITED, annual_cap=np.full_like(plan.annual_cap, UNLIMITED),
                          outpatient_year_limit=np.full_like(plan.outpatient_year_limit, UNLIMITED))
    if insured.settle_after(np.array([LARGEST_BILL]))[0, [*set(range(len(PAYERS))) - {basic, Paid.CII, Paid.CASH}]].any():
        return None                                    # later layers follow from what the limit or CII leaves of each bill
    if beyond <= set(LIMITS):
        limits = {name: int(getattr(plan, name)[insured.member_class]) for name in LIMITS}
        limit = min(limits[name] for name in beyond)
        return Structure({}, {basic: Line(np.array([0.0, limit]), np.array([1.0, 0.0]))}, by_place(alone, basic))
    if beyond == {"cii_threshold"}:
        cii = Insured(plan_of({})._replace(**{name: getattr(plan, name) for name in CII_TERMS}), insured.kind)
        summed = [straight_line(partial(self_pay, alone, place)) for place in range(places)]
        return Structure({basic: by_place(alone, basic)}, {Paid.CII: by_place(cii, Paid.CII)[0]}, summed)
    return None


def paid_by(insured: Insured, payer: int, place: int, billed: np.ndarray) -> np.ndarray:
    """What a payer pays of bills, int64[n], each after `place` others in its year."""
    return insured.settle_after(billed, place)[:, payer]


def self_pay(insured: Insured, place: int, billed: np.ndarray) -> np.ndarray:
    """The part of each bill that counts towards CII, int64[n]: the expense in scope that basic insurance leaves, and the excluded
    share."""
    eligible = insured.bills(billed)[:, Fact.ELIGIBLE]
    excluded = ((billed - eligible) * insured.plan.cii_excluded_share + 5000) // 10_000
    return eligible - insured.settle_after(billed, place)[:, :Paid.CII].sum(axis=1) + excluded


def holds(structure: Structure, insured: Insured) -> bool:
    """Whether random years are settled by the rules as the structure says, to the rounding of each bill."""
    lines = [*structure.year.values(), *structure.summed, *(line for lines in structure.bill.values() for line in lines)]
    largest = min(3.0 * max(max(line.knots[-1] for line in lines), 1e6), LARGEST_BILL)
    random = np.random.default_rng(1)
    billed = np.exp(random.uniform(np.log(100.0), np.log(largest), (YEARS_TRIED, BILLS_TRIED))).astype(np.int64)
    billed[::2] //= BILLS_TRIED
    paid = insured.settle(np.repeat(np.arange(YEARS_TRIED), BILLS_TRIED), billed.ravel())
    settled = paid.reshape(YEARS_TRIED, BILLS_TRIED, -1).sum(axis=1)
    return bool((np.abs(settled - structure.of_years(billed)) <= OFF * BILLS_TRIED).all())


# --------------------------------------------------------------------------------------------------
# The straight pieces of a payment
# --------------------------------------------------------------------------------------------------

def straight_line(pays: Pays) -> Line:
    """What is paid of bills from 0 to the largest, in fen, as straight pieces, each fitted to many amounts, for every payment is
    rounded to the fen. ArithmeticError if it jumps."""
    edges = _edges(pays)
    values = pays(edges).astype(np.float64)
    knots, slopes, constants, first = [0.0], list[float](), list[float](), 0
    while first < len(edges) - 1:
        last = first + 1
        while last + 1 < len(edges) and _is_straight(edges[first:last + 2], values[first:last + 2]):
            last += 1
        if edges[last] - edges[first] >= NARROW:
            slope, constant = _fitted(pays, edges[first], edges[last], through_nothing=first == 0)
            if slopes and abs(slope - slopes[-1]) > 1e-9:
                knots.append((constants[-1] - constant) / (slope - slopes[-1]))
            if not slopes or len(knots) > len(slopes):
                slopes.append(slope)
                constants.append(constant)
        first = last
    line = Line(np.array(knots), np.array(slopes))
    if (np.diff(line.knots) <= 0).any() or (np.abs(line.at(edges) - values) > OFF).any():
        raise ArithmeticError("what is paid of a bill is not straight between knots, or jumps")
    return line


def _edges(pays: Pays) -> np.ndarray:
    """Amounts between which what is paid is straight, int64: every interval that is not is halved."""
    edges = np.append(0, 1 << np.arange(LARGEST_BILL.bit_length()))
    edges[-1] = LARGEST_BILL
    while True:
        low, high = edges[:-1, None], edges[1:, None]
        points = low + (high - low) * np.arange(STEPS + 1) // STEPS
        values = pays(points.ravel()).reshape(points.shape).astype(np.float64)
        chord = values[:, :1] + (values[:, -1:] - values[:, :1]) * ((points - low) / (high - low))
        bent = (np.abs(values - chord) > ROUNDING).any(axis=1) & (high - low > 1)[:, 0]
        if not bent.any():
            return edges
        edges = np.union1d(edges, ((low + high) // 2)[bent, 0])


def _is_straight(edges: np.ndarray, values: np.ndarray) -> bool:
    chord = values[0] + (values[-1] - values[0]) * ((edges - edges[0]) / (edges[-1] - edges[0]))
    return bool((np.abs(values - chord) <= ROUNDING).all())


def _fitted(pays: Pays, low: int, high: int, through_nothing: bool) -> tuple[float, float]:
    """Slope and constant of the line through what is paid from `low` to `high`, by least squares."""
    x = low + (high - low) * np.arange(SAMPLES + 1) // SAMPLES
    y = pays(x).astype(np.float64)
    if through_nothing:
        return float(x @ y / (x.astype(np.float64) @ x)), 0.0
    middle = x.mean()
    slope = float((x - middle) @ y / ((x - middle) @ (x - middle)))
    return slope, float(y.mean() - slope * middle)
