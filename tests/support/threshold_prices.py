"""Bills that meet the thresholds of prices: reference price, case and per-diem price, and the better of two payments."""

from __future__ import annotations

import numpy as np

from simulator import plan as at
from simulator.money import LARGEST_BILL, ONE
from simulator.parameters.catalogue import CLASSES, ILLNESSES, TIERS
from simulator.tables import INPATIENT, NO_ILLNESS, OUTPATIENT_VISIT, Fact, Paid
from tests.support.bill_arrays import BILL, NOWHERE, POLICY, settle_each
from tests.support.threshold_bills import MISS, USUAL, Years, finite, grid, own, reach, state_after, with_amount, years_of


def reference_prices(terms: np.ndarray) -> list[Years]:
    """A new drug of the reference price: in an admission, a visit and a listed bill, alone and with as much again in scope."""
    policies = (POLICY, range(len(terms)))
    shapes = np.concatenate([
        grid(policies, (Fact.KIND, [INPATIENT, OUTPATIENT_VISIT]), (Fact.TIER, range(len(TIERS))), (Fact.CHRONIC, [0, 1]), MISS),
        grid(policies, (Fact.TIER, [2]), (Fact.ILLNESS, range(0, len(ILLNESSES), 3)), MISS)])
    price = own(terms, shapes, at.REFERENCE_PRICE)
    result = []
    for beside in (0, USUAL):
        last = with_amount(shapes, price + shapes[:, BILL] + beside, 29)
        last[:, Fact.NEW_DRUG] = price + shapes[:, BILL]
        last[:, Fact.TCM] = last[:, Fact.ELIGIBLE]
        result.append(years_of(shapes, at.REFERENCE_PRICE, finite(price), [], last))
    return result


def price_of(terms: np.ndarray, bills: np.ndarray) -> np.ndarray:
    """The price of the admissions int64[N]: by case, else by day; -1 where there is none."""
    level, day = own(terms, bills, at.CASE_LEVEL + bills[:, Fact.TIER]), own(terms, bills, at.DAY_PRICE + bills[:, Fact.TIER])
    by_case = np.where((level > 0) & (bills[:, Fact.CASE_PRICE] > 0), (bills[:, Fact.CASE_PRICE] * level + ONE // 2) // ONE, -1)
    by_day = np.where(day > 0, np.minimum(day, LARGEST_BILL) * bills[:, Fact.DAYS], -1)
    price = np.minimum(np.where(by_case >= 0, by_case, by_day), LARGEST_BILL)
    return np.where(own(terms, bills, at.PAYMENT_COUNTIES) > 0, price, -1)


def _priced(terms) -> tuple[np.ndarray, np.ndarray]:
    """Admissions by case and by day in the payment counties, and where the term that prices them lies."""
    policies, tiers, classes = (POLICY, range(len(terms))), (Fact.TIER, range(len(TIERS))), (Fact.MEMBER_CLASS,
                                                                                             range(len(CLASSES)))
    here = (Fact.PAYMENT_RANK, [0])
    shapes = np.concatenate([grid(policies, tiers, classes, here, (Fact.CASE_PRICE, [1, USUAL, 37 * USUAL + 1, LARGEST_BILL]),
                                  MISS),
                             grid(policies, tiers, classes, here, (Fact.DAYS, [1, 7]), MISS)])
    place = np.where(shapes[:, Fact.CASE_PRICE] > 0, at.CASE_LEVEL + shapes[:, Fact.TIER], at.DAY_PRICE + shapes[:, Fact.TIER])
    there = (own(terms, shapes, place) > 0) & (price_of(terms, shapes) >= 0)
    return shapes[there], place[there]


def prices_of_bills(terms: np.ndarray) -> list[Years]:
    """A bill of as much as its price, all in scope, in scope but for some fen, and a third of it in scope."""
    shapes, place = _priced(terms)
    billed = price_of(terms, shapes) + shapes[:, BILL]
    result = []
    for eligible in (billed, billed - 33, billed // 3):
        last = with_amount(shapes, eligible)
        last[:, Fact.BILLED] = billed
        last[:, Fact.TCM] = np.maximum(eligible, 0) // 2
        result.append(years_of(shapes, place, price_of(terms, shapes) > 0, [], last))
    return result


def hospitals_losses(terms: np.ndarray) -> list[Years]:
    """Where the patient's share is set on the bill: the bill whose loss to the hospital is all that basic would have paid."""
    shapes, place = _priced(terms)
    here = own(terms, shapes, at.PATIENT_SHARE_BASE) == 1
    shapes, place = shapes[here], place[here]
    price = price_of(terms, shapes)

    def loss_above_basic(paid, after, bills):
        return bills[:, Fact.BILLED] - price - (paid[:, Paid.BASIC] + paid[:, Paid.HOSPITAL])

    last, met = reach(terms, (), shapes, [], loss_above_basic, shapes[:, BILL])
    return [years_of(shapes, place, met & (price > 0), [], last)]


def better_terms(terms: np.ndarray) -> list[Years]:
    """A listed bill that the list pays as much as it would be paid as an ordinary one, as the first bill and as the third."""
    shapes = grid((POLICY, range(len(terms))), (Fact.KIND, [INPATIENT, OUTPATIENT_VISIT]), (Fact.TIER, range(len(TIERS))),
                  (Fact.ILLNESS, range(0, len(ILLNESSES), 2)), MISS)
    shapes = shapes[own(terms, shapes, at.LISTED_BETTER) == 1]
    list_alone = terms.copy()
    list_alone[:, at.LISTED_BETTER] = 0
    result = []
    for begun in (0, 2):
        earlier = with_amount(shapes, USUAL)
        earlier[:, Fact.ILLNESS] = NO_ILLNESS
        years = state_after(terms, [earlier] * begun, len(shapes))

        def above_the_list(paid, after, bills, years=years):
            ordinary = bills.copy()
            ordinary[:, Fact.ILLNESS], ordinary[:, Fact.PAYMENT_RANK] = NO_ILLNESS, NOWHERE
            as_ordinary, _ = settle_each(terms, ordinary, years)
            listed, _ = settle_each(list_alone, bills, years)
            return as_ordinary[:, Paid.BASIC] + as_ordinary[:, Paid.OUTPATIENT] - listed[:, Paid.LISTED]

        last, met = reach(terms, (), shapes, [earlier] * begun, above_the_list, shapes[:, BILL])
        result.append(years_of(shapes, at.LISTED_BETTER, met, [earlier] * begun, last))
    return result
