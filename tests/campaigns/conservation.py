"""No fen is lost and no limit is passed, on very many bills: `python -m tests.campaigns.conservation --bills 100000000`.

Bills are drawn and settled in compiled code, person by person, aimed at the limits of their policy and at what is left
of them in the person's year; half of the random plans have terms that few schedules have, and their bills the facts that go
with them. What is held to them is worked out from the payments, not from the state of the rules: the eleven parts make up
the bill, none is negative (but the hospital's under a price), and the year's payments keep every limit of the year. Ends with
1 if one bill breaks one of these.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np

from simulator import plan as at
from simulator.compiling.compiled import compiled
from simulator.law.settle import settle_bill
from simulator.law.year import STATE, TRACE, Trace
from simulator.money import LARGEST_BILL, ONE, UNLIMITED
from simulator.parameters.regions import load_regions
from simulator.tables import BILL_COLUMNS, INPATIENT, LEFT, NO_ILLNESS, PAYERS, Fact, Paid
from tests.support.both_programs import joined, random_policies, shipped_policies

CHUNK = 2_500_000        # bills
RANDOM_PLANS = 400       # in a chunk, beside every shipped plan at a random level
MOST_BILLS = 8           # of a person

# Terms at which an amount is aimed; of those by class, tier, group or diseases the bill's own.
AIMS = ("annual_cap", "annual_cap", "outpatient_deductible", "outpatient_year_limit", "chronic_deductible", "chronic_year_limit",
        "supplement_cap", "cii_threshold", "cii_cap", "commercial_deductible", "commercial_cap", "ma_deductible", "ma_cap",
        "ma_second_threshold", "ma_second_cap", "relief_ability", "account_balance", "deductible_least", "deductible_year_limit",
        "admission_copay", "outpatient_copay", "outpatient_visit_limit", "civil_deductible", "civil_cap", "annual_cap_most",
        *["deductible"] * 5, *["band_tops"] * 2, "band_own_least", "supplement_tops", "cii_tops")
# The place of each, and of each of its dimensions how many values there are and by which fact of a bill it goes: bands and orders
# of admissions are drawn, groups of diseases are counted from 1.
DRAWN, DISEASES = -1, int(Fact.CHRONIC)
BY = {"class": Fact.MEMBER_CLASS, "group": Fact.GROUP, "tier": Fact.TIER, "chronic": DISEASES, "order": DRAWN, "band": DRAWN}
MOST_DIMENSIONS = 3
AIMED_AT = np.array([at.OFFSETS[name] for name in AIMS])
SIZES = np.array([[*at.SHAPES[name], *[1] * MOST_DIMENSIONS][:MOST_DIMENSIONS] for name in AIMS])
FACTS_OF = np.array([[*(BY[key] for key in at.TERMS[name].shape), *[DRAWN] * MOST_DIMENSIONS][:MOST_DIMENSIONS] for name in AIMS])
# Limits of a person's year. Commercial and civil servants' cover are booked together; each is held for who has no other.
# Second assistance is booked with assistance: what it pays of a bill, within that, the rules say.
LIMITS = ("annual_cap", "outpatient_year_limit", "chronic_year_limit", "supplement_cap", "cii_cap", "commercial_cap", "civil_cap",
          "ma_cap", "ma_second_cap", "account_balance")
(CAP, VISITS, CHRONIC_VISITS, OF_SUPPLEMENT, OF_CII, OF_COMMERCIAL, OF_CIVIL, OF_ASSISTANCE, OF_SECOND,
 OF_ACCOUNT) = range(len(LIMITS))
# What is summed has a place for each limit, then one for each further group of diseases: which limit it is held to, and where
# that stands in the terms.
LIMIT_OF = np.array([*range(len(LIMITS)), *[CHRONIC_VISITS] * (at.N_CHRONIC - 1)])
PLACES = np.array([*(at.OFFSETS[name] for name in LIMITS),
                   *(at.CHRONIC_YEAR_LIMIT + n * at.N_CLASSES for n in range(1, at.N_CHRONIC))])
# The fact of a bill by which a limit has several values, -1: it has one.
OWN_FACT = np.array([{("class",): Fact.MEMBER_CLASS, ("group",): Fact.GROUP}.get(at.TERMS[LIMITS[n]].shape[-1:], -1)
                     for n in LIMIT_OF])
GAP, NEGATIVE, OUT_OF_SCOPE, PRICED_BELOW, OVER = range(5)          # of what is counted; then a place for each limit


@compiled
def _up_to(high):
    """An amount of 0 to about 10^high fen, all sizes alike."""
    return int(10 ** (np.random.random() * high))


@compiled
def _target(terms, bill):
    """One of the terms aimed at, as it is for the bill."""
    n = np.random.randint(0, len(AIMED_AT))
    place = 0
    for dimension in range(MOST_DIMENSIONS):
        size, fact = SIZES[n, dimension], FACTS_OF[n, dimension]
        own = np.random.randint(0, size) if fact == DRAWN else max(bill[fact] - 1, 0) if fact == DISEASES else bill[fact]
        place = place * size + own
    return terms[AIMED_AT[n] + place]


@compiled
def _aimed(terms, year, bill):
    """An in-scope amount near a limit of the plan, near what is left of it, or of any size."""
    if np.random.random() < 0.4:
        return min(_up_to(6.5 if np.random.random() < 0.9 else 10.0), LARGEST_BILL)
    target = min(_target(terms, bill), LARGEST_BILL)
    if np.random.random() < 0.5:
        target = max(target - year[np.random.randint(1, STATE)], 0)
    if np.random.random() < 0.4:
        target = target * ONE // np.random.randint(1_000, ONE)
    if np.random.random() < 0.4:
        target += min(terms[at.DEDUCTIBLE + np.random.randint(0, at.N_TIERS * at.ORDERS * at.N_CLASSES)], LARGEST_BILL)
    return min(max(target + np.random.randint(-2, 3), 0), LARGEST_BILL)


@compiled
def _draw_person(terms, bill):
    bill[Fact.MEMBER_CLASS], bill[Fact.GROUP] = np.random.randint(0, at.N_CLASSES), np.random.randint(0, at.N_GROUPS)
    bill[Fact.PILOT_RANK] = np.random.randint(0, 2 * terms[at.PILOT_COUNTIES] + 1)
    bill[Fact.PAYMENT_RANK] = np.random.randint(0, 2 * terms[at.PAYMENT_COUNTIES] + 1)
    bill[Fact.COVER_RANK] = np.random.randint(0, 2 * terms[at.COMMERCIAL_SHARE] + 1)
    bill[Fact.CIVIL_SERVANT] = int(terms[at.CIVIL_RATIO] > 0 and np.random.random() < 0.5)
    bill[Fact.INSURED_YEARS] = np.random.randint(0, 7)


@compiled
def _draw_bill(terms, year, bill):
    chance = np.random.random
    bill[Fact.KIND] = int(chance() < 0.4)
    bill[Fact.TIER] = np.random.randint(0, at.N_TIERS)
    bill[Fact.ILLNESS] = np.random.randint(0, at.N_ILLNESSES) if chance() < 0.25 else NO_ILLNESS
    bill[Fact.UNITS], bill[Fact.DAYS] = np.random.randint(1, 20), np.random.randint(1, 60)
    bill[Fact.UNREFERRED] = int(chance() < 0.25)
    bill[Fact.CHRONIC] = np.random.randint(1, at.N_CHRONIC + 1) if chance() < 0.5 else 0
    bill[Fact.OUT_OF_AREA] = np.random.randint(1, 3) if chance() < 0.3 else 0
    bill[Fact.EMERGENCY] = int(chance() < 0.5)
    eligible = _aimed(terms, year, bill)
    bill[Fact.ELIGIBLE] = eligible
    bill[Fact.BILLED] = min(eligible + (_up_to(6.0) if chance() < 0.6 else 0), LARGEST_BILL)
    bill[Fact.FIRST_PAY] = int(eligible * chance()) if chance() < 0.2 else 0
    bill[Fact.TCM] = int(eligible * chance()) if chance() < 0.5 else 0
    bill[Fact.ESSENTIAL] = int(eligible * chance()) if chance() < 0.5 else 0
    bill[Fact.NEW_DRUG] = int(eligible * chance()) if chance() < 0.3 else 0
    bill[Fact.QUOTA_PRICE] = bill[Fact.BILLED] // bill[Fact.UNITS] + np.random.randint(0, 3) if chance() < 0.2 else 0
    bill[Fact.CASE_PRICE] = 0
    if chance() < 0.5:
        near = bill[Fact.BILLED] * ONE // max(terms[at.CASE_LEVEL + bill[Fact.TIER]], 1) + np.random.randint(-2, 3)
        bill[Fact.CASE_PRICE] = min(max(near if chance() < 0.3 else _up_to(7.0), 0), LARGEST_BILL)


@compiled
def _is_listed(terms, bill):
    if bill[Fact.ILLNESS] == NO_ILLNESS:
        return False
    status = terms[at.LISTED + bill[Fact.ILLNESS]]
    return status == 1 or (status == 2 and bill[Fact.PILOT_RANK] < terms[at.PILOT_COUNTIES])


@compiled
def _has_price(terms, bill):
    """An ordinary admission in a payment county that has a case or a day price."""
    if _is_listed(terms, bill) or bill[Fact.KIND] != INPATIENT or bill[Fact.PAYMENT_RANK] >= terms[at.PAYMENT_COUNTIES]:
        return False
    by_case = bill[Fact.CASE_PRICE] > 0 and terms[at.CASE_LEVEL + bill[Fact.TIER]] > 0
    return bill[Fact.BILLED] > 0 and (by_case or terms[at.DAY_PRICE + bill[Fact.TIER]] > 0)


@compiled
def _add_payments(terms, bill, paid, second, total):
    """What the bill adds to the year's payments under each limit; `second` is what second assistance paid of it."""
    listed_bill, on_expense = _is_listed(terms, bill), terms[at.CAP_BASIS] == 1
    basic = paid[Paid.BASIC]
    if terms[at.PATIENT_SHARE_BASE] == 1 and _has_price(terms, bill):
        basic += paid[Paid.HOSPITAL]                       # before the fund paid the price
    total[CAP] += basic
    if terms[at.LISTED_OUTSIDE_CAP] == 0 and not on_expense:
        total[CAP] += paid[Paid.LISTED]
    if terms[at.CAP_COUNTS_OUTPATIENT] == 1 and not on_expense:
        total[CAP] += paid[Paid.OUTPATIENT]
    visits = VISITS
    if terms[at.CHRONIC_LIST] == 1 and bill[Fact.CHRONIC] > 0:
        visits = CHRONIC_VISITS if bill[Fact.CHRONIC] == 1 else len(LIMITS) + bill[Fact.CHRONIC] - 2
    total[visits] += paid[Paid.OUTPATIENT]
    total[OF_SUPPLEMENT] += paid[Paid.SUPPLEMENT]
    total[OF_CII] += paid[Paid.CII]
    if bill[Fact.CIVIL_SERVANT] == 0:
        total[OF_COMMERCIAL] += paid[Paid.COMMERCIAL]
    elif bill[Fact.COVER_RANK] >= terms[at.COMMERCIAL_SHARE]:
        total[OF_CIVIL] += paid[Paid.COMMERCIAL]
    if not (listed_bill and terms[at.MA_LISTED_OUTSIDE_CAP] == 1):
        total[OF_ASSISTANCE] += paid[Paid.ASSISTANCE] - second
    total[OF_SECOND] += second
    total[OF_ACCOUNT] += paid[Paid.ACCOUNT]


@compiled
def _limit(terms, bill, n):
    limit = terms[PLACES[n] + (bill[OWN_FACT[n]] if OWN_FACT[n] >= 0 else 0)]
    if n == CAP:
        limit = max(limit, min(limit + terms[at.ANNUAL_CAP_STEP] * bill[Fact.INSURED_YEARS], terms[at.ANNUAL_CAP_MOST]))
    return limit


@compiled
def _judge(terms, bill, paid, total, counted):
    """Count what the bill breaks, and that the hospital kept a part of a price."""
    gap = bill[Fact.BILLED]
    for payer in range(len(PAYERS)):
        gap -= paid[payer]
        if paid[payer] < 0:
            counted[PRICED_BELOW if payer == Paid.HOSPITAL and _has_price(terms, bill) else NEGATIVE] += 1
    counted[GAP] += abs(gap)
    if not 0 <= paid[Paid.IN_SCOPE_LEFT] <= paid[Paid.ACCOUNT] + paid[Paid.CASH]:
        counted[OUT_OF_SCOPE] += 1
    for n in range(len(PLACES)):
        if total[n] > _limit(terms, bill, n):
            counted[OVER + LIMIT_OF[n]] += 1


@compiled
def _settle_people(terms, judged, seed, bills, counted, reached):
    np.random.seed(seed)
    year, paid, trace = np.zeros(STATE, dtype=np.int64), np.zeros(LEFT, dtype=np.int64), np.zeros(TRACE, dtype=np.int64)
    bill, total = np.zeros(BILL_COLUMNS, dtype=np.int64), np.zeros(len(PLACES), dtype=np.int64)
    settled = 0
    while settled < bills:
        policy = np.random.randint(0, len(terms))
        year[:], total[:] = 0, 0
        _draw_person(terms[policy], bill)
        for _ in range(min(np.random.randint(1, MOST_BILLS + 1), bills - settled)):
            _draw_bill(terms[policy], year, bill)
            settle_bill(terms[policy], year, bill, paid, trace)
            _add_payments(terms[policy], bill, paid, trace[Trace.SECOND_PAID], total)
            _judge(judged[policy], bill, paid, total, counted)
            settled += 1
        for n in range(len(PLACES)):
            limit = _limit(judged[policy], bill, n)
            reached[LIMIT_OF[n]] += 0 < limit < UNLIMITED and total[n] == limit


@dataclass(frozen=True)
class Counted:
    """What bills broke, and at how many persons each limit of `LIMITS` was reached exactly."""

    gap: int                    # fen, of the identity
    negative: int               # payments, but a hospital's under a price
    out_of_scope: int           # bills with more in scope left to the patient than he pays, or less than nothing
    kept: int                   # bills of which a hospital kept a part of its price: no fault
    over: np.ndarray            # int64[LIMITS] bills after which the year is above the limit
    reached: np.ndarray         # int64[LIMITS]

    @property
    def faults(self) -> int:
        return self.gap + self.negative + self.out_of_scope + int(self.over.sum())

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.gap + other.gap, self.negative + other.negative, self.out_of_scope + other.out_of_scope,
                       self.kept + other.kept, self.over + other.over, self.reached + other.reached)


def count(terms: np.ndarray, seed: int, bills: int, judged: np.ndarray | None = None) -> Counted:
    """Draw and settle `bills` bills under policies int64[P, PLAN_WIDTH] and hold them to the terms `judged` (the same)."""
    counted, reached = np.zeros(OVER + len(LIMITS), dtype=np.int64), np.zeros(len(LIMITS), dtype=np.int64)
    _settle_people(terms, terms if judged is None else judged, seed, bills, counted, reached)
    return Counted(int(counted[GAP]), int(counted[NEGATIVE]), int(counted[OUT_OF_SCOPE]), int(counted[PRICED_BELOW]),
                   counted[OVER:], reached)


def settle_chunk(seed: int, number: int, bills: int) -> Counted:
    """A chunk depends on the seed and its number alone."""
    rng = np.random.default_rng([seed, number])
    policies = joined(shipped_policies(load_regions(), rng), joined(
        random_policies(rng, RANDOM_PLANS // 2), random_policies(rng, RANDOM_PLANS // 2, everything=True)))
    return count(policies.terms, int(rng.integers(2**31)), bills)


def main() -> int:
    parser = argparse.ArgumentParser(description="Settle random bills and look for lost fen, negative parts and limits passed.")
    parser.add_argument("--bills", type=int, default=100_000_000)
    parser.add_argument("--seed", type=int, default=2014)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    asked = parser.parse_args()

    sizes = [min(CHUNK, asked.bills - begin) for begin in range(0, asked.bills, CHUNK)]
    begun, settled = time.monotonic(), 0
    counted = Counted(0, 0, 0, 0, np.zeros(len(LIMITS), dtype=np.int64), np.zeros(len(LIMITS), dtype=np.int64))
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        chunks = {pool.submit(settle_chunk, asked.seed, number, size): size for number, size in enumerate(sizes)}
        for done in as_completed(chunks):
            settled, counted = settled + chunks[done], counted + done.result()
            speed = settled / (time.monotonic() - begun)
            print(f"{settled:>12,} bills, {counted.faults:,} faults, {speed:,.0f} bills/s", flush=True)
    for name, over, reached in zip(LIMITS, counted.over.tolist(), counted.reached.tolist(), strict=True):
        print(f"  {name:22} passed by {over:,} bills, reached exactly by {reached:,} persons")
    print(f"{settled:,} bills: identity gap {counted.gap:,} fen, {counted.negative:,} negative parts, "
          f"{counted.out_of_scope:,} in-scope rests out of range; hospitals kept a part of {counted.kept:,} prices; "
          f"seed {asked.seed}, {time.monotonic() - begun:.0f} s")
    return 1 if counted.faults or not counted.reached.all() else 0


if __name__ == "__main__":
    raise SystemExit(main())
