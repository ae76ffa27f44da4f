"""Random plans and bills whose amounts fall where a settlement can go wrong by a fen.

Plans are mappings of docs/plan-example.yaml with any mixture of features. Bills are drawn person by person,
each looking at the person's year so far: an amount is aimed at a threshold of the plan, at what is left
of one, at the amount whose payment or self-pay reaches it, at a product that lies on half a fen, at zero or at
the largest bill, and then often missed by a fen or two.
"""

from __future__ import annotations

from math import gcd

import numpy as np

from simulator import plan as at
from simulator.law.settle import STATE, YearState
from simulator.money import LARGEST_BILL, ONE, yuan
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.tables import INPATIENT, Fact
from tests.support.bill_arrays import BILL, PERSON, POLICY, settle_each

MOST_BILLS = 8
LONGEST_STAY = 10_000                 # days


# ---------------------------------------------------------------------------------------------------------
# Plans
# ---------------------------------------------------------------------------------------------------------

def _amount(rng, low=2.0, high=7.0) -> str:
    """Yuan text, log-uniform between 10^low and 10^high fen, half of the time in round figures."""
    amount = int(10 ** rng.uniform(low, high))
    return yuan(amount // 100 * 100 if rng.random() < 0.5 else amount)


def _limit(rng, low=2.0, high=7.0) -> str:
    return "unlimited" if rng.random() < 0.25 else _amount(rng, low, high)


def _percent(rng, highest=ONE) -> str:
    """Percent text: none, all, fives, or any hundredth of a point."""
    kind = rng.integers(8)
    ratio = 0 if kind == 0 else ONE if kind == 1 else 500 * int(rng.integers(21)) if kind < 4 else int(rng.integers(ONE + 1))
    return yuan(min(ratio, highest))


def _tops(rng) -> list[str]:
    count = int(rng.choice([0, 1, 2, 3, 7], p=[0.2, 0.25, 0.25, 0.2, 0.1]))
    return [yuan(top) for top in np.unique((10 ** rng.uniform(3, 7, count)).astype(np.int64)).tolist()]


def _schedule(rng, draw) -> dict:
    """By tier, in half of the tiers also by member class."""
    return {tier: {member: draw() for member in CLASSES} if rng.random() < 0.5 else draw() for tier in TIERS}


def _deductibles(rng) -> list[str]:
    return ["0.00"] * 3 if rng.random() < 0.2 else [_amount(rng, 2, 5.5) for _ in range(3)]


def random_plan(rng: np.random.Generator) -> dict:
    """A plan with random features; any of them may be off."""
    def flag() -> bool:
        return bool(rng.random() < 0.5)

    def some(draw, neutral="0"):
        return draw() if rng.random() < 0.6 else neutral

    def keyed(keys, draw):
        return {key: draw() for key in keys if rng.random() < 0.8}

    band_tops, cii_tops = _tops(rng), _tops(rng)
    return {
        "deductible": _schedule(rng, lambda: _deductibles(rng)),
        "deductible_waived": [group for group in GROUPS if rng.random() < 0.25],
        "band_tops": band_tops,
        "ratio": _schedule(rng, lambda: [_percent(rng) for _ in range(len(band_tops) + 1)]),
        "band_basis": str(rng.choice(["eligible", "after_deductible"])), "band_period": str(rng.choice(["admission", "year"])),
        **{name: some(lambda: _percent(rng, 3000))
           for name in ("primary_bonus", "outside_penalty", "unreferred_penalty", "tcm_bonus")},
        "guaranteed_share": some(lambda: _percent(rng, 6000)), "guaranteed_basis": str(rng.choice(["eligible", "billed"])),
        "factor": some(lambda: yuan(int(rng.integers(5000, 15001))), "100"),
        "annual_cap": _limit(rng, 4, 7.5), "cap_basis": str(rng.choice(["payment", "expense"], p=[0.7, 0.3])),
        "cap_counts_outpatient": flag(),
        "listed": keyed(ILLNESSES, lambda: str(rng.choice(["full", "pilot", "none"], p=[0.5, 0.3, 0.2]))),
        "listed_ratio": keyed(ILLNESSES, lambda: _percent(rng)),
        "quota": keyed(ILLNESSES, lambda: some(lambda: _amount(rng, 2, 6))),
        "quota_kind": keyed(ILLNESSES, lambda: str(rng.choice(["package", "limit"]))),
        "listed_better": flag(), "listed_outside_cap": flag(), "reference_price": _limit(rng, 2, 5),
        "case_level": keyed(TIERS, lambda: some(lambda: yuan(int(rng.choice([ONE, rng.integers(15_001)]))))),
        "day_price": keyed(TIERS, lambda: some(lambda: _amount(rng, 2, 6))),
        "patient_share_base": str(rng.choice(["price", "billed"])),
        "consultation_fee": some(lambda: _amount(rng, 1, 4)), "consultation_share": _percent(rng),
        "outpatient_deductible": some(lambda: _amount(rng, 2, 5)), "outpatient_ratio": keyed(TIERS, lambda: _percent(rng)),
        "outpatient_visit_limit": _limit(rng, 2, 5), "outpatient_year_limit": _limit(rng, 3, 6),
        "chronic_list": flag(), "chronic_deductible": some(lambda: _amount(rng, 2, 5)),
        "chronic_ratio": keyed(TIERS, lambda: _percent(rng)), "chronic_year_limit": _limit(rng, 3, 6),
        "supplement_ratio": some(lambda: _percent(rng)), "supplement_cap": _limit(rng, 3, 7),
        "cii_threshold": _limit(rng, 2, 6), "cii_tops": cii_tops, "cii_ratio": [_percent(rng) for _ in range(len(cii_tops) + 1)],
        "cii_cap": _limit(rng, 3, 7), "cii_counts_outpatient": flag(), "cii_listed_only": bool(rng.random() < 0.2),
        "cii_excluded_share": some(lambda: _percent(rng)),
        "ma_inpatient_ratio": keyed(GROUPS, lambda: _percent(rng)), "ma_outpatient_ratio": keyed(GROUPS, lambda: _percent(rng)),
        "ma_listed_ratio": keyed(GROUPS, lambda: _percent(rng)), "ma_deductible": some(lambda: _amount(rng, 2, 6)),
        "ma_listed_waives_deductible": flag(), "ma_cap": _limit(rng, 3, 7), "ma_listed_outside_cap": flag(),
        "ma_take_up": some(lambda: _percent(rng), "100"),
        "commercial_deductible": some(lambda: _amount(rng, 2, 6)), "commercial_ratio": some(lambda: _percent(rng)),
        "commercial_cap": _limit(rng, 3, 7), "commercial_scope": str(rng.choice(["in_scope", "all"])),
        "account_balance": keyed(CLASSES, lambda: some(lambda: _amount(rng, 2, 6))),
        "account_use": str(rng.choice(["all", "outpatient"])),
        "relief_groups": [group for group in GROUPS if rng.random() < 0.5],
        "relief_ability": some(lambda: _amount(rng, 2, 6)), "relief_ratio": some(lambda: _percent(rng)),
    }


# ---------------------------------------------------------------------------------------------------------
# Bills
# ---------------------------------------------------------------------------------------------------------

def _half_fen() -> tuple[np.ndarray, np.ndarray]:
    """For each ratio r the least x with x r = 5,000 (mod 10,000) and the step to the next; (0, 1) where there is none."""
    first, step = np.zeros(ONE + 1, dtype=np.int64), np.ones(ONE + 1, dtype=np.int64)
    for r in range(1, ONE):
        common = gcd(r, ONE)
        if 5000 % common == 0:
            step[r] = ONE // common
            first[r] = 5000 // common * pow(r // common, -1, ONE // common) % (ONE // common)
    return first, step


HALF_FIRST, HALF_STEP = _half_fen()
# Where the thresholds of a plan lie in its terms, and the ratios; the places of the bill's own tier, class, group
# and illness are worked out for each bill.
THRESHOLDS = (at.ANNUAL_CAP, at.ANNUAL_CAP, at.CONSULTATION_FEE, at.OUTPATIENT_DEDUCTIBLE, at.OUTPATIENT_VISIT_LIMIT,
              at.OUTPATIENT_YEAR_LIMIT, at.CHRONIC_DEDUCTIBLE, at.CHRONIC_YEAR_LIMIT, at.SUPPLEMENT_CAP, at.CII_THRESHOLD,
              at.CII_CAP, at.COMMERCIAL_DEDUCTIBLE, at.COMMERCIAL_CAP, at.MA_DEDUCTIBLE, at.MA_CAP, at.RELIEF_ABILITY)
TAKING_PART = {Fact.PILOT_RANK: at.PILOT_COUNTIES, Fact.PAYMENT_RANK: at.PAYMENT_COUNTIES, Fact.COVER_RANK: at.COMMERCIAL_SHARE}
SHARES = (at.GUARANTEED_SHARE, at.FACTOR, at.CONSULTATION_SHARE, at.CII_EXCLUDED_SHARE, at.TCM_BONUS, at.SUPPLEMENT_RATIO,
          at.COMMERCIAL_RATIO, at.RELIEF_RATIO)


def _one_of(rng, columns: list[np.ndarray]) -> np.ndarray:
    """From each row one of the columns, all equally likely."""
    stacked = np.stack(columns, axis=1)
    return stacked[np.arange(len(stacked)), rng.integers(len(columns), size=len(stacked))]


def _on_half_fen(amount: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """The amount moved to where its product with `ratio` ends on half a fen."""
    ratio = np.clip(ratio, 0, ONE)
    return amount - amount % HALF_STEP[ratio] + HALF_FIRST[ratio]


def _log_uniform(rng, size: int, high=10.0) -> np.ndarray:
    return (10 ** rng.uniform(0, high, size)).astype(np.int64)


def _miss(rng, size: int) -> np.ndarray:
    return rng.choice([-2, -1, 0, 0, 0, 1, 2], size=size)


def _eligible(rng, rows, bill, years, deductible) -> tuple[np.ndarray, np.ndarray]:
    """In-scope amounts aimed at what the plan and the year so far make critical, and the ratio each was aimed with."""
    size = len(rows)
    band = rng.integers(3, size=size)

    def own(place):
        return rows[np.arange(size), place]

    schedule = own(at.RATIO + (bill[:, Fact.TIER] * len(CLASSES) + bill[:, Fact.MEMBER_CLASS]) * at.BANDS + band)
    ratio = _one_of(rng, [schedule, schedule, own(at.LISTED_RATIO + np.maximum(bill[:, Fact.ILLNESS], 0)),
                          own(at.CII_RATIO + band),
                          own(at.OUTPATIENT_RATIO + bill[:, Fact.TIER]), own(at.CHRONIC_RATIO + bill[:, Fact.TIER]),
                          own(at.MA_INPATIENT_RATIO + bill[:, Fact.GROUP]),
                          *(rows[:, place] for place in SHARES)])
    threshold = np.minimum(_one_of(rng, [deductible, own(at.BAND_TOPS + band), own(at.BAND_TOPS + band),
                                         own(at.CII_TOPS + band), own(at.ACCOUNT_BALANCE + bill[:, Fact.MEMBER_CLASS]),
                                         *(rows[:, place] for place in THRESHOLDS)]), LARGEST_BILL)
    used = np.where(rng.random(size) < 0.6, years[np.arange(size), rng.integers(1, STATE, size=size)], 0)
    left = np.maximum(threshold - used, 0)
    paid, self_paid = np.maximum(ratio, 1), np.maximum(ONE - ratio, 1)
    above = np.where(rng.random(size) < 0.4, deductible, 0)
    usual = np.where(rng.random(size) < 0.8, _log_uniform(rng, size, 6.5), _log_uniform(rng, size))
    amount = _one_of(rng, [left, left, left, left * ONE // paid, left * ONE // self_paid, usual, usual, usual,
                           _on_half_fen(usual, ratio), _on_half_fen(usual, ratio)]) + above + _miss(rng, size)
    extreme = rng.random(size)
    amount = np.where(extreme < 0.01, 0, np.where(extreme < 0.015, LARGEST_BILL - rng.integers(3, size=size), amount))
    return np.clip(amount, 0, LARGEST_BILL), ratio


def _new_drug(rng, bill, reference) -> None:
    """In a quarter of the bills a new drug about as dear as its reference price, or dearer, by which the bill is larger."""
    size = len(bill)
    excess = np.where(rng.random(size) < 0.5, _log_uniform(rng, size, 5.5), rng.integers(-2, 3, size=size))
    there = (rng.random(size) < 0.25) & (bill[:, Fact.ELIGIBLE] + np.maximum(excess,
                                                                             0) <= LARGEST_BILL) & (reference < LARGEST_BILL)
    bill[:, Fact.ELIGIBLE] += np.where(there, np.maximum(excess, 0), 0)
    wholly = np.where(rng.random(size) < 0.2, bill[:, Fact.ELIGIBLE], reference + excess)
    bill[:, Fact.NEW_DRUG] = np.where(there, np.clip(wholly, 0, bill[:, Fact.ELIGIBLE]), 0)


def _traditional(rng, bill, deductible, bonus) -> None:
    """None, all, all above the deductible, or a part that ends on half a fen is traditional medicine."""
    eligible = bill[:, Fact.ELIGIBLE]
    part = (eligible * rng.random(len(bill))).astype(np.int64)
    none = np.zeros_like(eligible)
    tcm = _one_of(rng, [none, none, eligible, eligible - deductible + _miss(rng, len(bill)), part, _on_half_fen(part, bonus)])
    bill[:, Fact.TCM] = np.clip(tcm, 0, eligible)


def _standard_price(rng, bill, level) -> None:
    """None, or a standard price by which the case's price is near the bill, near its in-scope part, or on half a fen."""
    size, billed, eligible = len(bill), bill[:, Fact.BILLED], bill[:, Fact.ELIGIBLE]
    level = np.maximum(level, 1)
    in_scope = eligible * ONE // np.maximum(billed, 1)
    aimed = _one_of(rng, [billed, billed, eligible, _on_half_fen(billed, in_scope), _log_uniform(rng, size, 7)])
    aimed += _miss(rng, size)
    price = np.where(rng.random(size) < 0.7, aimed * ONE // level, aimed)
    price = np.where(rng.random(size) < 0.2, _on_half_fen(price, level), price)
    bill[:, Fact.CASE_PRICE] = np.where(rng.random(size) < 0.5, np.clip(price, 0, LARGEST_BILL), 0)


def _one_bill_each(rng, terms, bill, years) -> None:
    """Fill in the bills' kind, place and amounts, looking at each person's year so far."""
    size = len(bill)
    everyone = np.arange(size)
    rows = terms[bill[:, POLICY]]
    bill[:, Fact.KIND] = rng.random(size) < 0.35
    bill[:, Fact.TIER] = rng.integers(len(TIERS), size=size)
    bill[:, Fact.ILLNESS] = np.where(rng.random(size) < 0.35, rng.integers(len(ILLNESSES), size=size), -1)
    bill[:, Fact.UNITS] = np.where(rng.random(size) < 0.7, 1, rng.integers(1, 30, size=size))
    stay = rng.random(size)
    bill[:, Fact.DAYS] = np.where(stay < 0.4, 1, np.where(stay < 0.99, rng.integers(1, 60, size=size), LONGEST_STAY))
    bill[:, Fact.UNREFERRED] = rng.random(size) < 0.25
    bill[:, Fact.CHRONIC] = rng.random(size) < 0.5
    bill[:, Fact.EMERGENCY] = rng.random(size) < 0.5
    order = np.minimum(years[:, YearState.ADMISSIONS], at.ORDERS - 1)
    place = at.DEDUCTIBLE + (bill[:, Fact.TIER] * at.ORDERS + order) * len(CLASSES) + bill[:, Fact.MEMBER_CLASS]
    on_list = (bill[:, Fact.CHRONIC] == 1) & (rows[:, at.CHRONIC_LIST] == 1)
    of_visit = np.where(on_list, rows[:, at.CHRONIC_DEDUCTIBLE], rows[:, at.OUTPATIENT_DEDUCTIBLE])
    deductible = np.where(bill[:, Fact.KIND] == INPATIENT, rows[everyone, place], of_visit)
    deductible = np.minimum(deductible, LARGEST_BILL)
    bill[:, Fact.ELIGIBLE], ratio = _eligible(rng, rows, bill, years, deductible)
    _new_drug(rng, bill, rows[:, at.REFERENCE_PRICE])
    eligible = bill[:, Fact.ELIGIBLE]
    quota = np.minimum(rows[everyone, at.QUOTA + np.maximum(bill[:, Fact.ILLNESS], 0)] * bill[:, Fact.UNITS], LARGEST_BILL)
    days = np.minimum(rows[everyone, at.DAY_PRICE + bill[:, Fact.TIER]], LARGEST_BILL) * bill[:, Fact.DAYS]
    billed = _one_of(rng, [eligible, eligible + rng.integers(3, size=size), eligible * ONE // np.maximum(ratio, 500),
                           quota + _miss(rng, size), days + _miss(rng, size), eligible + _log_uniform(rng, size, 6.5),
                           _on_half_fen(eligible, rows[:, at.GUARANTEED_SHARE]),
                           eligible + _on_half_fen(_log_uniform(rng, size, 6), rows[:, at.CII_EXCLUDED_SHARE])])
    bill[:, Fact.BILLED] = np.clip(billed, eligible, LARGEST_BILL)
    _traditional(rng, bill, deductible, rows[:, at.TCM_BONUS])
    _standard_price(rng, bill, rows[everyone, at.CASE_LEVEL + bill[:, Fact.TIER]])


def random_bills(rng: np.random.Generator, terms: np.ndarray, people: np.ndarray) -> np.ndarray:
    """One year's bills int64[N, BILL] of persons under the policies `people` (rows of `terms`), 1 to 8 bills each.

    The year so far, at which amounts are aimed, is what the compiled rules make of it.
    """
    size = len(people)
    person = np.zeros((size, BILL), dtype=np.int64)
    person[:, PERSON] = np.arange(size)
    person[:, POLICY] = people
    person[:, Fact.MEMBER_CLASS] = rng.integers(len(CLASSES), size=size)
    person[:, Fact.GROUP] = np.where(rng.random(size) < 0.3, 0, rng.integers(len(GROUPS), size=size))
    for rank, taking_part in TAKING_PART.items():
        person[:, rank] = rng.integers(0, np.maximum(2 * terms[people, taking_part], 1))
    count = rng.integers(1, MOST_BILLS + 1, size=size)
    years = np.zeros((size, STATE), dtype=np.int64)
    rounds = []
    for n in range(MOST_BILLS):
        here = np.flatnonzero(count > n)
        bill = person[here]
        _one_bill_each(rng, terms, bill, years[here])
        _, years[here] = settle_each(terms, bill, years[here])
        rounds.append(bill)
    bills = np.concatenate(rounds)
    return np.ascontiguousarray(bills[np.argsort(bills[:, PERSON], kind="stable")])

