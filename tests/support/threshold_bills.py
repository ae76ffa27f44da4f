"""Bills that meet every threshold of a plan one fen short, exactly, and one fen over: how they are made, and those of care.

A *family* is one kind of threshold: a function from terms int64[P, PLAN_WIDTH] to its years of bills. Where the
threshold lies on the in-scope amount the bill is written down; where it lies on a payment or on a sum of the
year, the last bill is searched for by halving, the compiled rules measuring how far it reaches without the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator import plan as at
from simulator.dimensions import DIMENSIONS
from simulator.law.year import STATE, YearState
from simulator.money import LARGEST_BILL, ONE, UNLIMITED
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.tables import INPATIENT, NO_ILLNESS, OUTPATIENT_VISIT, Fact, Paid
from tests.support.bill_arrays import BILL, NOWHERE, PERSON, POLICY, settle_each

MISSES = (-1, 0, 1)                    # fen short of, on, and over the threshold
USUAL = 123_457                        # fen, a bill that is not aimed at anything


@dataclass(frozen=True)
class Years:
    """Persons' years, all with n bills: bills int64[N, n, BILL], and what the last but one was aimed at.

    `threshold` int64[N] tells the thresholds of one policy apart, `miss` int64[N] is how far the bill is off it.
    """

    bills: np.ndarray
    threshold: np.ndarray
    miss: np.ndarray

    def rows(self) -> np.ndarray:
        """The bills as int64[N n, BILL], numbered person by person."""
        bills = self.bills.copy()
        bills[:, :, PERSON] = np.arange(len(bills))[:, None]
        return bills.reshape(-1, BILL)

    def met(self) -> set[tuple[int, int, int]]:
        """(policy, threshold, miss) of every year here."""
        return set(zip(self.bills[:, -1, POLICY].tolist(), self.threshold.tolist(), self.miss.tolist(), strict=True))


def rows_of(several: Sequence[Years]) -> np.ndarray:
    """The bills of all of them, numbered person by person."""
    rows, persons = [], 0
    for years in several:
        rows.append(years.rows())
        rows[-1][:, PERSON] += persons
        persons += len(years.bills)
    return np.concatenate(rows)


def grid(*axes: tuple[int, object]) -> np.ndarray:
    """Every combination of (column, values): bills int64[N, BILL], ordinary admissions of one unit and one day, amounts zero.

    They are paid fee for service and nobody has commercial cover, unless an axis says so. The place one behind
    the bill's columns, BILL, holds the miss.
    """
    columns = [np.asarray(list(values)) for _, values in axes]
    bills = np.zeros((int(np.prod([len(column) for column in columns])), BILL + 1), dtype=np.int64)
    bills[:, Fact.ILLNESS], bills[:, Fact.UNITS], bills[:, Fact.DAYS] = NO_ILLNESS, 1, 1
    bills[:, Fact.PAYMENT_RANK] = bills[:, Fact.COVER_RANK] = NOWHERE
    for (place, _), column in zip(axes, np.meshgrid(*columns, indexing="ij"), strict=True):
        bills[:, place] = column.ravel()
    return bills


MISS = (BILL, MISSES)


def with_amount(bills: np.ndarray, eligible, margin=0) -> np.ndarray:
    """The bills with this in-scope amount, and `margin` fen beside it out of scope."""
    bills = bills[:, :BILL].copy()
    bills[:, Fact.ELIGIBLE] = eligible
    bills[:, Fact.BILLED] = bills[:, Fact.ELIGIBLE] + margin
    return bills


def years_of(shapes: np.ndarray, threshold, valid: np.ndarray, earlier: list[np.ndarray], last: np.ndarray) -> Years:
    """The valid years: earlier bills, the aimed one, and a usual bill after it that shows what it left behind."""
    valid = valid & (last[:, Fact.ELIGIBLE] >= 0) & (last[:, Fact.BILLED] <= LARGEST_BILL)
    bills = np.stack([*earlier, last, with_amount(last, USUAL, USUAL)], axis=1)
    bills[:, -1, [Fact.TCM, Fact.ESSENTIAL, Fact.NEW_DRUG, Fact.FIRST_PAY]] = 0
    threshold = np.broadcast_to(threshold, len(shapes))        # one for all, or one each
    return Years(bills[valid], threshold[valid], shapes[valid, BILL])


def finite(amount: np.ndarray) -> np.ndarray:
    """bool: a threshold that is there."""
    return (amount > 0) & (amount < UNLIMITED)


def state_after(terms: np.ndarray, earlier: list[np.ndarray], size: int) -> np.ndarray:
    """The year's state int64[N, STATE] after the earlier bills."""
    years = np.zeros((size, STATE), dtype=np.int64)
    for bills in earlier:
        _, years = settle_each(terms, bills, years)
    return years


def reach(terms: np.ndarray, lifted: Sequence[int], shapes: np.ndarray, earlier: list[np.ndarray], measure, target: np.ndarray,
          margin: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The least bills at which `measure` reaches `target`, and whether it is met exactly.

    `lifted` are the limits in the terms' row that the last bill is settled without; `measure` is a function of the payments, the
    state after the bill and the bill.
    """
    without = terms.copy()
    without[:, list(lifted)] = UNLIMITED
    years = state_after(terms, earlier, len(shapes))

    def measured(eligible):
        bills = with_amount(shapes, eligible, margin)
        paid, after = settle_each(without, bills, years)
        return measure(paid, after, bills)

    low, high = np.full(len(shapes), -1), np.full(len(shapes), LARGEST_BILL - margin)
    while (high - low > 1).any():
        middle = (low + high) // 2
        enough = measured(middle) >= target
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return with_amount(shapes, high, margin), measured(high) == target


def aimed(terms, lifted, shapes, earlier, measure, amount, threshold=0, margin=0) -> Years:
    """Years whose last bill brings `measure` to `amount` (int64[N] fen) less, on and more."""
    last, met = reach(terms, lifted, shapes, earlier, measure, amount + shapes[:, BILL], margin)
    return years_of(shapes, threshold, met & finite(amount), earlier, last)


# ---------------------------------------------------------------------------------------------------------
# Thresholds on an ordinary admission
# ---------------------------------------------------------------------------------------------------------

def own(terms, shapes, place) -> np.ndarray:
    return terms[shapes[:, POLICY], place]


def deductible_of(terms, shapes, order) -> np.ndarray:
    last = min(order, at.ORDERS - 1)
    place = at.DEDUCTIBLE + (shapes[:, Fact.TIER] * at.ORDERS + last) * len(CLASSES) + shapes[:, Fact.MEMBER_CLASS]
    waived = own(terms, shapes, at.DEDUCTIBLE_WAIVED + shapes[:, Fact.GROUP]) == 1
    return np.where(waived, 0, own(terms, shapes, place))


def deductibles(terms: np.ndarray) -> list[Years]:
    """Every deductible: tier, order (a seventh admission too) and member class; and for waived groups."""
    result = []
    for admissions in range(at.ORDERS + 1):
        shapes = grid((POLICY, range(len(terms))), (Fact.TIER, range(len(TIERS))), (Fact.MEMBER_CLASS, range(len(CLASSES))), MISS)
        if admissions == 0:
            groups = grid((POLICY, range(len(terms))), (Fact.TIER, range(len(TIERS))), (Fact.GROUP, range(1, len(GROUPS))), MISS)
            shapes = np.concatenate([shapes, groups])
        stated = (at.DEDUCTIBLE + (shapes[:, Fact.TIER] * at.ORDERS + min(admissions, at.ORDERS - 1)) * len(CLASSES)
                  + shapes[:, Fact.MEMBER_CLASS])
        amount = own(terms, shapes, stated)
        last = with_amount(shapes, amount + shapes[:, BILL], 7)
        result.append(years_of(shapes, stated, finite(amount), [with_amount(shapes, USUAL)] * admissions, last))
    return result


def band_tops(terms: np.ndarray) -> list[Years]:
    """Every band top, counted as the plan counts it: in one admission, and as the second of a year."""
    result = []
    for band in range(at.BANDS):
        shapes = grid((POLICY, range(len(terms))), (Fact.TIER, range(len(TIERS))), (Fact.MEMBER_CLASS, range(len(CLASSES))), MISS)
        place = at.BAND_TOPS + band
        top = own(terms, shapes, place)
        shapes, top = shapes[finite(top)], top[finite(top)]
        after = own(terms, shapes, at.BAND_BASIS) == 1
        alone = top + np.where(after, deductible_of(terms, shapes, 0), 0) + shapes[:, BILL]
        result.append(years_of(shapes, place, top > 0, [], with_amount(shapes, alone)))
        first = top // 3 + np.where(after, deductible_of(terms, shapes, 0), 0)
        second = top - top // 3 + np.where(after, deductible_of(terms, shapes, 1), 0) + shapes[:, BILL]
        result.append(years_of(shapes, place, top > 0, [with_amount(shapes, first)], with_amount(shapes, second)))
    return result


def tcm_parts(terms: np.ndarray) -> list[Years]:
    """Where the traditional medicine in a bill is as much as what is above its deductible."""
    shapes = grid((POLICY, range(len(terms))), (Fact.TIER, range(len(TIERS))), (Fact.MEMBER_CLASS, range(len(CLASSES))), MISS)
    last = with_amount(shapes, deductible_of(terms, shapes, 0) + USUAL)
    last[:, Fact.TCM] = np.minimum(USUAL + shapes[:, BILL], last[:, Fact.ELIGIBLE])
    place = at.TCM_BONUS + shapes[:, Fact.TIER]
    return [years_of(shapes, place, own(terms, shapes, place) > 0, [], last)]


def guaranteed_shares(terms: np.ndarray) -> list[Years]:
    """Where the schedule overtakes the guaranteed minimum share: the admission at which both pay the same, or nearly."""
    shapes = grid((POLICY, range(len(terms))), (Fact.TIER, range(len(TIERS))), (Fact.MEMBER_CLASS, range(len(CLASSES))), MISS)
    share = own(terms, shapes, at.GUARANTEED_SHARE + shapes[:, Fact.TIER])
    shapes, share = shapes[share > 0], share[share > 0]
    without = terms.copy()
    without[:, at.places("guaranteed_share")] = 0

    def above_guarantee(paid, after, bills):
        return paid[:, Paid.BASIC] - (bills[:, Fact.BILLED] * share + ONE // 2) // ONE

    crossing, _ = reach(without, (), shapes, [], above_guarantee, np.zeros(len(shapes), dtype=np.int64))
    last = with_amount(shapes, crossing[:, Fact.ELIGIBLE] + shapes[:, BILL])
    return [years_of(shapes, at.GUARANTEED_SHARE + shapes[:, Fact.TIER], share > 0, [], last)]


def annual_caps(terms: np.ndarray) -> list[Years]:
    """The annual cap met by one admission, by the second of a year, by a listed bill, and by a visit where visits count."""
    by_tier = grid((POLICY, range(len(terms))), (Fact.TIER, range(len(TIERS))), (Fact.MEMBER_CLASS, range(len(CLASSES))), MISS)
    by_illness = grid((POLICY, range(len(terms))), (Fact.TIER, [2]), (Fact.ILLNESS, range(len(ILLNESSES))), MISS)
    by_visit = grid((POLICY, range(len(terms))), (Fact.TIER, range(len(TIERS))), (Fact.KIND, [OUTPATIENT_VISIT]),
                    (Fact.MEMBER_CLASS, range(len(CLASSES))), MISS)
    caps, result = tuple(at.places("annual_cap").tolist()), []
    for shapes, begun in ((by_tier, False), (by_tier, True), (by_illness, True), (by_visit, True)):
        place = at.ANNUAL_CAP + shapes[:, Fact.MEMBER_CLASS]
        cap = own(terms, shapes, place)
        on_expense = own(terms, shapes, at.CAP_BASIS) == 1
        first = shapes.copy()
        first[:, Fact.ILLNESS], first[:, Fact.KIND] = -1, INPATIENT
        half = np.minimum(cap // 2, LARGEST_BILL)
        begin = [with_amount(first, half)] if begun else []
        result.append(aimed(terms, caps, shapes[~on_expense], [bills[~on_expense] for bills in begin],
                            lambda paid, after, bills: after[:, YearState.CAP_USED], cap[~on_expense], place[~on_expense]))
        result.append(aimed(terms, caps, shapes[on_expense], [bills[on_expense] for bills in begin],
                            lambda paid, after, bills: after[:, YearState.ELIGIBLE_YEAR], cap[on_expense], place[on_expense]))
    return result


# ---------------------------------------------------------------------------------------------------------
# Thresholds on a visit and on a listed illness
# ---------------------------------------------------------------------------------------------------------

def _visits(terms) -> np.ndarray:
    return grid((POLICY, range(len(terms))), (Fact.KIND, [OUTPATIENT_VISIT]), (Fact.TIER, range(len(TIERS))),
                (Fact.MEMBER_CLASS, range(len(CLASSES))), MISS)


def consultation_fees(terms: np.ndarray) -> list[Years]:
    """A visit of as much as the consultation fee, at each tier."""
    shapes = _visits(terms)
    fee = own(terms, shapes, at.CONSULTATION_FEE)
    return [years_of(shapes, at.CONSULTATION_FEE, finite(fee), [], with_amount(shapes, fee + shapes[:, BILL]))]


def deductible_of_visits(shapes: np.ndarray) -> np.ndarray:
    """Where the outpatient deductible of each bill's tier and class stands."""
    return at.OUTPATIENT_DEDUCTIBLE + shapes[:, Fact.TIER] * len(CLASSES) + shapes[:, Fact.MEMBER_CLASS]


def outpatient_deductibles(terms: np.ndarray) -> list[Years]:
    """The year's outpatient deductible used up by one visit, and by a second."""
    shapes = _visits(terms)
    place = deductible_of_visits(shapes)
    deductible = own(terms, shapes, place)
    fee = np.where(shapes[:, Fact.TIER] == 0, own(terms, shapes, at.CONSULTATION_FEE), 0)
    part = deductible // 3
    alone = with_amount(shapes, deductible + fee + shapes[:, BILL])
    first, second = with_amount(shapes, part + fee), with_amount(shapes, deductible - part + fee + shapes[:, BILL])
    return [years_of(shapes, place, finite(deductible), earlier, last)
            for earlier, last in (([], alone), ([first], second))]


def visit_limits(terms: np.ndarray) -> list[Years]:
    """The most paid for a visit, beside the consultation fee's share."""
    shapes = _visits(terms)

    def beside_the_fee(paid, after, bills):
        fee = np.where(bills[:, Fact.TIER] == 0, np.minimum(own(terms, bills, at.CONSULTATION_FEE), bills[:, Fact.ELIGIBLE]), 0)
        return paid[:, Paid.OUTPATIENT] - (fee * own(terms, bills, at.CONSULTATION_SHARE) + ONE // 2) // ONE

    lifted = tuple(at.places("outpatient_visit_limit", "annual_cap", "outpatient_year_limit").tolist())
    place = at.OUTPATIENT_VISIT_LIMIT + shapes[:, Fact.TIER]
    return [aimed(terms, lifted, shapes, [], beside_the_fee, own(terms, shapes, place), place)]


def outpatient_year_limits(terms: np.ndarray) -> list[Years]:
    """The most paid for visits in a year, met by the first to the fifteenth visit."""
    shapes, result = grid((POLICY, range(len(terms))), (Fact.KIND, [OUTPATIENT_VISIT]), (Fact.TIER, [0, 1]),
                          (Fact.MEMBER_CLASS, range(len(CLASSES))), MISS), []
    place = at.OUTPATIENT_YEAR_LIMIT + shapes[:, Fact.MEMBER_CLASS]
    for visits in range(15):
        large = with_amount(shapes, 100 * USUAL)
        result.append(aimed(terms, tuple(at.places("outpatient_year_limit").tolist()), shapes, [large] * visits,
                            lambda paid, after, bills: after[:, YearState.OUTPATIENT_PAID], own(terms, shapes, place), place))
    return result


def _chronic_visits(terms) -> np.ndarray:
    """Visits for chronic diseases of each group under the policies that have a list of them."""
    shapes = grid((POLICY, range(len(terms))), (Fact.KIND, [OUTPATIENT_VISIT]), (Fact.TIER, range(len(TIERS))),
                  (Fact.CHRONIC, range(1, len(DIMENSIONS["chronic"]) + 1)), (Fact.MEMBER_CLASS, range(len(CLASSES))), MISS)
    return shapes[own(terms, shapes, at.CHRONIC_LIST) == 1]


def chronic_deductibles(terms: np.ndarray) -> list[Years]:
    """The year's deductible of the chronic list used up by one visit, and by a second."""
    shapes = _chronic_visits(terms)
    place = at.CHRONIC_DEDUCTIBLE + (shapes[:, Fact.CHRONIC] - 1) * len(CLASSES) + shapes[:, Fact.MEMBER_CLASS]
    deductible = own(terms, shapes, place)
    part = deductible // 3
    alone = with_amount(shapes, deductible + shapes[:, BILL])
    first, second = with_amount(shapes, part), with_amount(shapes, deductible - part + shapes[:, BILL])
    return [years_of(shapes, place, finite(deductible), earlier, last)
            for earlier, last in (([], alone), ([first], second))]


def chronic_year_limits(terms: np.ndarray) -> list[Years]:
    """The most paid for chronic visits in a year, met by the first to the fourth visit."""
    shapes = _chronic_visits(terms)
    place = at.CHRONIC_YEAR_LIMIT + (shapes[:, Fact.CHRONIC] - 1) * len(CLASSES) + shapes[:, Fact.MEMBER_CLASS]
    lifted = tuple(at.places("annual_cap", "chronic_year_limit").tolist())

    def paid_of_the_group(paid, after, bills):
        return after[np.arange(len(after)), YearState.CHRONIC_PAID + bills[:, Fact.CHRONIC] - 1]

    return [aimed(terms, lifted, shapes, [with_amount(shapes, 10 * USUAL)] * visits, paid_of_the_group,
                  own(terms, shapes, place), place)
            for visits in range(4)]


def quotas(terms: np.ndarray) -> list[Years]:
    """Every quota price, for one unit and for seven, in a pilot county and in another, in scope and partly not."""
    shapes = grid((POLICY, range(len(terms))), (Fact.ILLNESS, range(len(ILLNESSES))), (Fact.UNITS, [1, 7]),
                  (Fact.PILOT_RANK, [0, NOWHERE]), (Fact.KIND, [INPATIENT, OUTPATIENT_VISIT]), MISS)
    place = at.QUOTA + shapes[:, Fact.ILLNESS]
    quota = own(terms, shapes, place)
    price = quota * shapes[:, Fact.UNITS] + shapes[:, BILL]
    return [years_of(shapes, place, finite(quota), [], with_amount(shapes, price - margin, margin)) for margin in (0, 33)]
