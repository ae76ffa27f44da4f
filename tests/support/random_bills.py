"""Random bills whose amounts fall where a settlement can go wrong by a fen.

Bills are drawn person by person, each looking at the person's year so far: an amount is aimed at a threshold of the plan,
at what is left of one, at the amount whose payment or self-pay reaches it, at a product that lies on half a fen, at zero
or at the largest bill, and then often missed by a fen or two.
"""

from __future__ import annotations

from math import gcd

import numpy as np

from simulator import plan as at
from simulator.law.year import STATE, YearState
from simulator.money import LARGEST_BILL, ONE
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.tables import INPATIENT, Fact
from tests.support.bill_arrays import BILL, PERSON, POLICY, settle_each

MOST_BILLS = 8
LONGEST_STAY = 10_000                 # days


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
THRESHOLDS = (at.CONSULTATION_FEE, at.SUPPLEMENT_CAP, at.CII_THRESHOLD, at.CII_CAP, at.COMMERCIAL_DEDUCTIBLE,
              at.COMMERCIAL_CAP, at.RELIEF_ABILITY,
              at.DEDUCTIBLE_YEAR_LIMIT, at.CIVIL_DEDUCTIBLE, at.CIVIL_CAP)
AT_TIERS = (at.OUTPATIENT_VISIT_LIMIT, at.OUTPATIENT_COPAY, at.ADMISSION_COPAY)
TAKING_PART = {Fact.PILOT_RANK: at.PILOT_COUNTIES, Fact.PAYMENT_RANK: at.PAYMENT_COUNTIES, Fact.COVER_RANK: at.COMMERCIAL_SHARE}
SHARES = (at.FACTOR, at.CONSULTATION_SHARE, at.CII_EXCLUDED_SHARE, at.COMMERCIAL_RATIO, at.RELIEF_RATIO,
          at.OUT_OF_AREA_FACTOR, at.CIVIL_RATIO)


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
    tier, member, group = bill[:, Fact.TIER], bill[:, Fact.MEMBER_CLASS], bill[:, Fact.GROUP]
    diseases, place = np.maximum(bill[:, Fact.CHRONIC] - 1, 0), tier * len(CLASSES) + member
    share = own(at.DEDUCTIBLE_SHARE + tier * at.ORDERS)
    ratio = _one_of(rng, [schedule, schedule, own(at.LISTED_RATIO + np.maximum(bill[:, Fact.ILLNESS], 0)),
                          own(at.CII_RATIO + band), own(at.CII_LISTED_RATIO + band), own(at.OUTPATIENT_RATIO + place), share,
                          own(at.CHRONIC_RATIO + diseases * len(TIERS) * len(CLASSES) + place),
                          own(at.MA_INPATIENT_RATIO + group), own(at.MA_SECOND_RATIO + group),
                          own(at.GUARANTEED_SHARE + tier), own(at.TCM_BONUS + tier), own(at.SUPPLEMENT_RATIO + band),
                          *(rows[:, place] for place in SHARES)])
    of_share = [np.minimum(rows[:, bound], LARGEST_BILL) * ONE // np.maximum(share, 1)            # where a share meets a bound
                for bound in (at.DEDUCTIBLE_LEAST, at.DEDUCTIBLE_MOST)]
    of_group = np.minimum(rows[:, at.CII_THRESHOLD], LARGEST_BILL) * own(at.CII_THRESHOLD_SHARE + group) // ONE
    threshold = np.minimum(_one_of(rng, [deductible, own(at.BAND_TOPS + band), own(at.BAND_TOPS + band), own(at.CII_TOPS + band),
                                         own(at.CII_LISTED_TOPS + band), own(at.ACCOUNT_BALANCE + member),
                                         own(at.OUTPATIENT_DEDUCTIBLE + place), own(at.OUTPATIENT_YEAR_LIMIT + member),
                                         own(at.CHRONIC_DEDUCTIBLE + diseases * len(CLASSES) + member),
                                         own(at.CHRONIC_YEAR_LIMIT + diseases * len(CLASSES) + member),
                                         own(at.ANNUAL_CAP + member), own(at.ANNUAL_CAP + member), own(at.BAND_OWN_LEAST + band),
                                         own(at.SUPPLEMENT_TOPS + band), own(at.MA_SECOND_THRESHOLD + group),
                                         own(at.MA_SECOND_CAP + group), *(own(first + tier) for first in AT_TIERS),
                                         own(at.MA_DEDUCTIBLE + group), own(at.MA_CAP + group), *of_share, of_group,
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


def _first_pay(rng, bill) -> None:
    """In a quarter of the bills the patient pays something before the rules, by which the bill is larger, or a part of it."""
    eligible, size = bill[:, Fact.ELIGIBLE], len(bill)
    beside = np.minimum(_log_uniform(rng, size, 5.5), LARGEST_BILL - eligible)
    kind = rng.random(size)
    bill[:, Fact.ELIGIBLE] += np.where(kind < 0.15, beside, 0)
    part = (eligible * rng.random(size)).astype(np.int64)
    bill[:, Fact.FIRST_PAY] = np.select([kind < 0.15, kind < 0.22, kind < 0.25], [beside, part, eligible], 0)


def _part_with_points(rng, bill, fact, deductible, bonus) -> None:
    """None, all, all above the deductible, or a part that ends on half a fen is traditional medicine, or on a favoured list."""
    eligible = bill[:, Fact.ELIGIBLE]
    part = (eligible * rng.random(len(bill))).astype(np.int64)
    none = np.zeros_like(eligible)
    part_with = _one_of(rng, [none, none, eligible, eligible - deductible + _miss(rng, len(bill)), part,
                              _on_half_fen(part, bonus)])
    bill[:, fact] = np.clip(part_with, 0, eligible)


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


def _one_bill_each(rng, terms, bill, years, everything) -> None:
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
    bill[:, Fact.CHRONIC] = np.where(rng.random(size) < 0.5, rng.integers(1, 5, size=size) if everything else 1, 0)
    bill[:, Fact.OUT_OF_AREA] = rng.choice([0, 0, 0, 1, 2], size=size) if everything else 0
    bill[:, Fact.EMERGENCY] = rng.random(size) < 0.5
    by_tier = rows[:, at.ORDER_COUNTED] == 1
    admissions = np.where(by_tier, years[everyone, YearState.ADMISSIONS_AT + bill[:, Fact.TIER]], years[:, YearState.ADMISSIONS])
    order = np.minimum(admissions, at.ORDERS - 1)
    place = at.DEDUCTIBLE + (bill[:, Fact.TIER] * at.ORDERS + order) * len(CLASSES) + bill[:, Fact.MEMBER_CLASS]
    on_list = (bill[:, Fact.CHRONIC] > 0) & (rows[:, at.CHRONIC_LIST] == 1)
    of_visit = np.where(on_list, rows[everyone, at.CHRONIC_DEDUCTIBLE + np.maximum(bill[:, Fact.CHRONIC] - 1, 0) * len(CLASSES)
                                      + bill[:, Fact.MEMBER_CLASS]],
                        rows[everyone, at.OUTPATIENT_DEDUCTIBLE + bill[:, Fact.TIER] * len(CLASSES) + bill[:, Fact.MEMBER_CLASS]])
    deductible = np.where(bill[:, Fact.KIND] == INPATIENT, rows[everyone, place], of_visit)
    deductible = np.minimum(deductible, LARGEST_BILL)
    bill[:, Fact.ELIGIBLE], ratio = _eligible(rng, rows, bill, years, deductible)
    _new_drug(rng, bill, rows[:, at.REFERENCE_PRICE])
    if everything:
        _first_pay(rng, bill)
    eligible = bill[:, Fact.ELIGIBLE]
    quota = np.minimum(rows[everyone, at.QUOTA + np.maximum(bill[:, Fact.ILLNESS], 0)] * bill[:, Fact.UNITS], LARGEST_BILL)
    days = np.minimum(rows[everyone, at.DAY_PRICE + bill[:, Fact.TIER]], LARGEST_BILL) * bill[:, Fact.DAYS]
    billed = _one_of(rng, [eligible, eligible + rng.integers(3, size=size), eligible * ONE // np.maximum(ratio, 500),
                           quota + _miss(rng, size), days + _miss(rng, size), eligible + _log_uniform(rng, size, 6.5),
                           _on_half_fen(eligible, rows[everyone, at.GUARANTEED_SHARE + bill[:, Fact.TIER]]),
                           eligible + _on_half_fen(_log_uniform(rng, size, 6), rows[:, at.CII_EXCLUDED_SHARE])])
    bill[:, Fact.BILLED] = np.clip(billed, eligible, LARGEST_BILL)
    _part_with_points(rng, bill, Fact.TCM, deductible, rows[everyone, at.TCM_BONUS + bill[:, Fact.TIER]])
    if everything:
        _part_with_points(rng, bill, Fact.ESSENTIAL, deductible, rows[everyone, at.ESSENTIAL_BONUS + bill[:, Fact.TIER]])
        aimed = bill[:, Fact.BILLED] // bill[:, Fact.UNITS] + _miss(rng, size)
        bill[:, Fact.QUOTA_PRICE] = np.where(rng.random(size) < 0.3, np.clip(aimed, 0, LARGEST_BILL), 0)
    _standard_price(rng, bill, rows[everyone, at.CASE_LEVEL + bill[:, Fact.TIER]])


def random_bills(rng: np.random.Generator, terms: np.ndarray, people: np.ndarray, everything: bool = False) -> np.ndarray:
    """One year's bills int64[N, BILL] of persons under the policies `people` (rows of `terms`), 1 to 8 bills each.

    With `everything` also facts that no walk draws: first pay, out of area, civil servants. The year so far, at which
    amounts are aimed, is what the compiled rules make of it.
    """
    size = len(people)
    person = np.zeros((size, BILL), dtype=np.int64)
    person[:, PERSON] = np.arange(size)
    person[:, POLICY] = people
    person[:, Fact.MEMBER_CLASS] = rng.integers(len(CLASSES), size=size)
    person[:, Fact.GROUP] = np.where(rng.random(size) < 0.3, 0, rng.integers(len(GROUPS), size=size))
    person[:, Fact.CIVIL_SERVANT] = rng.random(size) < (0.4 if everything else 0)
    if everything:
        person[:, Fact.INSURED_YEARS] = rng.integers(0, 6, size=size)
    for rank, taking_part in TAKING_PART.items():
        person[:, rank] = rng.integers(0, np.maximum(2 * terms[people, taking_part], 1))
    count = rng.integers(1, MOST_BILLS + 1, size=size)
    years = np.zeros((size, STATE), dtype=np.int64)
    rounds = []
    for n in range(MOST_BILLS):
        here = np.flatnonzero(count > n)
        bill = person[here]
        _one_bill_each(rng, terms, bill, years[here], everything)
        _, years[here] = settle_each(terms, bill, years[here])
        rounds.append(bill)
    bills = np.concatenate(rounds)
    return np.ascontiguousarray(bills[np.argsort(bills[:, PERSON], kind="stable")])

