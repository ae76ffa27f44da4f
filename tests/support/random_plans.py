"""Random plans, derived from the table of terms: unit and shape say in which range a value lies.

A plan is the mapping of a plan file (docs/claims.md). Any term may be at its neutral value, so that any mixture of features
comes about; zero, the whole, what lies beside them, and amounts in round figures are frequent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.dimensions import DIMENSIONS
from simulator.money import ONE, yuan
from simulator.parameters.plans import PLAN_KEYS
from simulator.plan import BANDS, ORDERS, TERMS
from simulator.term import Term

# Powers of ten between which an amount in fen lies, by unit; the most that is paid lies one power higher.
POWERS = {"CNY": (3, 7), "CNY/admission": (2, 5.5), "CNY/visit": (1, 4), "CNY/bill": (2, 6), "CNY/unit": (2, 6),
          "CNY/day": (2, 6), "CNY/person": (2, 6), "CNY/person/year": (2, 5.7)}
BANDS_DRAWN, CHANCES = (1, 2, 3, 4, BANDS), (0.2, 0.25, 0.25, 0.2, 0.1)
TOPS_OF = {"ratio": "band_tops", "band_own_least": "band_tops", "supplement_ratio": "supplement_tops",
           "cii_ratio": "cii_tops", "cii_listed_ratio": "cii_listed_tops"}
# By term or unit, 1/10,000: more would hide what it is added to or holds against.
MOST = {"percentage point": 3_000, "guaranteed_share": 6_000}


# Terms that few schedules have. Tests of what all schedules have in common, and of the kernel's passes, which leave plans with
# such terms to the full rules, draw plans without them, and of terms with several values one for all.
RARE = (
    "deductible_least", "deductible_most", "deductible_kind", "order_counted", "deductible_year_limit", "deductible_shared",
    "admission_copay", "out_of_area_factor", "unfiled_factor", "out_of_area_deductible_factor", "unfiled_deductible_factor",
    "rounding_step", "rounding_unit", "rounding_mode", "outpatient_deductible_period", "outpatient_copay", "cii_tops_from",
    "cii_threshold_share", "cii_ratio_bonus", "cii_listed_tops", "cii_listed_ratio", "cii_counts_first_pay", "civil_deductible",
    "civil_ratio", "civil_cap", "civil_scope", "account_order", "annual_cap_step", "annual_cap_most", "band_own_least",
    "essential_bonus", "outpatient_tcm_bonus", "outpatient_essential_bonus", "supplement_tops", "ma_listed_basis",
    "ma_second_threshold", "ma_second_ratio", "ma_second_cap")
ONE_FOR_ALL = ("annual_cap", "admission_copay", "tcm_bonus", "guaranteed_share", "outpatient_copay", "outpatient_visit_limit",
               "outpatient_deductible", "outpatient_ratio", "outpatient_year_limit", "chronic_deductible", "chronic_ratio",
               "chronic_year_limit", "ma_deductible", "ma_cap")
# What hides other terms is drawn in half of the plans: payments to the yuan, a deductible that nothing is above.
HIDING = ("rounding_unit", "rounding_mode", "rounding_step", "deductible_kind", "deductible_shared", "account_order",
          "outpatient_deductible_period", "deductible_year_limit", "out_of_area_factor", "unfiled_factor", "band_own_least")
DISEASES = ("hypertension", "diabetes", "dialysis", "transplant")


def random_plan(rng: np.random.Generator, neutral: tuple[str, ...] = (), most_bands: int = BANDS, everything: bool = False,
                **stated: Any) -> dict:
    """A plan with random features. Terms in `neutral` are left out, those `stated` have the given value; schedules have at
    most `most_bands` bands. With `everything` there are also terms that few schedules have."""
    plan: dict[str, Any] = {}
    left_out = {*neutral, *(() if everything else RARE)}
    for name in PLAN_KEYS:
        if name in stated:
            plan[name] = stated[name]
        elif name not in left_out and (name not in HIDING or rng.random() < 0.5):
            bands = min(int(rng.choice(BANDS_DRAWN, p=CHANCES)), most_bands)
            if name in TOPS_OF:
                bands = len(plan.get(TOPS_OF[name], ())) + 1
            plan[name] = _stated(rng, name, TERMS[name], bands, everything)
    if everything and rng.random() < 0.3:
        plan["class_own_share"] = {member: _percent(rng) for member in DIMENSIONS["class"] if rng.random() < 0.6}
    if everything and rng.random() < 0.3:
        plan["chronic_groups"] = list(DISEASES)
        plan |= {name: _renamed(plan[name]) for name in plan if name in ONE_FOR_ALL and name.startswith("chronic")}
    return plan


def _stated(rng: np.random.Generator, name: str, term: Term, bands: int, everything: bool) -> Any:
    """A random value of a term as a plan file states it."""
    def one() -> Any:
        return _one(rng, name, term)

    if not term.shape:
        return one()
    first = term.shape[0]
    if name == "deductible":
        return _by_tier(rng, lambda: _orders(rng, term, everything), lambda: _orders(rng, term, everything, everything))
    if name == "ratio":
        return _by_tier(rng, lambda: [_percent(rng) for _ in range(bands)])
    if len(term.shape) > 1 or term.has_one_for_all:
        return _nested(rng, name, term, term.shape, name in ONE_FOR_ALL and not everything)
    if first == "band":
        if term.is_tops:
            return _tops(rng, term, bands)
        values = [one() if term.is_amount else _percent(rng) for _ in range(bands)]
        return values[0] if name == "supplement_ratio" and bands == 1 else values
    if term.unit == "flag":
        return [key for key in DIMENSIONS[first] if rng.random() < 0.4]
    return {key: one() for key in DIMENSIONS[first] if rng.random() < 0.8}


def _one(rng: np.random.Generator, name: str, term: Term) -> Any:
    """One value: a word, a flag, an amount, a limit or a ratio."""
    if term.words:                                       # keys that are left out have the first word
        return str(rng.choice(term.words[1:] if term.shape and rng.random() < 0.5 else term.words))
    if term.unit == "flag":                              # a restriction is rarer than a benefit: it hides others
        return bool(rng.random() < (0.2 if term.better == "smaller" else 0.5))
    if rng.random() < 0.06:
        return yuan(_beside(rng, term))
    if term.is_limit:
        return "unlimited" if rng.random() < 0.25 else _amount(rng, term)
    if term.is_ratio and term.shape and term.most == 100:
        return _percent(rng, MOST.get(name, MOST.get(term.unit, ONE)))
    if rng.random() < 0.4:
        return yuan(term.neutral)
    if term.is_amount:
        return _amount(rng, term)
    if term.most > 100:
        return yuan(ONE if rng.random() < 0.25 else int(rng.integers(ONE * 3 // 2 + 1)))
    return _percent(rng, MOST.get(name, MOST.get(term.unit, ONE)))


def _beside(rng: np.random.Generator, term: Term) -> int:
    """A value beside the whole where that is neutral, else nothing or a value beside it, fen or 1/10,000."""
    return min(ONE + int(rng.integers(-1, 2)), 100 * term.most) if term.neutral == ONE else int(rng.integers(3))


def _amount(rng: np.random.Generator, term: Term) -> str:
    """Yuan text, log-uniform in the range of its unit, half of the time in round figures."""
    low, high = POWERS[term.unit]
    higher = term.is_limit and term.better == "larger"
    amount = int(10 ** (rng.uniform(low, high) + higher))
    return yuan(amount // 100 * 100 if rng.random() < 0.5 else amount)


def _percent(rng: np.random.Generator, most: int = ONE) -> str:
    """Percent text: none, all, fives, or any hundredth of a point."""
    kind = rng.integers(8)
    ratio = 0 if kind == 0 else ONE if kind == 1 else 500 * int(rng.integers(21)) if kind < 4 else int(rng.integers(ONE + 1))
    return yuan(min(ratio, most))


def _tops(rng: np.random.Generator, term: Term, bands: int) -> list[str]:
    """The tops of so many bands, but for the last, which has none; fewer where two coincide."""
    low, high = POWERS[term.unit]
    return [yuan(top) for top in np.unique((10 ** rng.uniform(low, high, bands - 1)).astype(np.int64)).tolist()]


def _orders(rng: np.random.Generator, term: Term, everything: bool, shares: bool = False) -> list[str]:
    """Amounts of the first, the second and later admissions, or none; with `shares` also percentages of the admission."""
    if rng.random() < 0.2:
        return ["0.00"]
    share = shares and rng.random() < 0.7
    return [f"{yuan(int(rng.integers(ONE // 3)))}%" if share and rng.random() < 0.7 else _amount(rng, term)
            for _ in range(int(rng.integers(1, ORDERS + 1)) if everything else 3)]


def _by_tier(rng: np.random.Generator, draw: Callable[[], Any], draw_for_all: Callable[[], Any] | None = None) -> dict:
    """By tier, in half of the tiers also by member class; what holds for all classes may be drawn in another way."""
    return {tier: {member: draw() for member in DIMENSIONS["class"]} if rng.random() < 0.5 else (draw_for_all or draw)()
            for tier in DIMENSIONS["tier"]}


def _nested(rng: np.random.Generator, name: str, term: Term, dimensions: tuple[str, ...], one: bool) -> Any:
    """One value for all, or a mapping by the first of the dimensions to the like of the others; keys may be left out."""
    if not dimensions:
        return _one(rng, name, term)
    first, rest = dimensions[0], dimensions[1:]
    for_all = first in ("class", "chronic") or term.has_one_for_all
    if for_all and (one or rng.random() < 0.5):
        return _nested(rng, name, term, rest, one)
    return {key: _nested(rng, name, term, rest, one) for key in DIMENSIONS[first] if rng.random() < 0.8}


def _renamed(stated: Any) -> Any:
    """What is stated by group of diseases, by the groups' names."""
    if not isinstance(stated, dict) or not set(stated) <= set(DIMENSIONS["chronic"]):
        return stated
    return {DISEASES[int(group) - 1]: value for group, value in stated.items()}
