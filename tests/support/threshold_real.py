"""Bills that meet the thresholds of the terms that real schedules need: shares, limits, fixed sums, units, groups."""

from __future__ import annotations

import numpy as np

from simulator import plan as at
from simulator.law.year import YearState
from simulator.money import LARGEST_BILL, ONE, UNLIMITED
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.tables import INPATIENT, OUTPATIENT_VISIT, Fact, Paid
from tests.support.bill_arrays import BILL, POLICY
from tests.support.threshold_bills import (
    MISS,
    USUAL,
    Years,
    aimed,
    deductible_of,
    deductible_of_visits,
    finite,
    grid,
    own,
    reach,
    with_amount,
    years_of,
)

UNITS = (1, 10, 100)                   # fen, by the words of rounding_unit


def _stays(terms, *axes) -> np.ndarray:
    """Admissions at every tier, of a person of every class."""
    tiers, classes = (Fact.TIER, range(len(TIERS))), (Fact.MEMBER_CLASS, range(len(CLASSES)))
    return grid((POLICY, range(len(terms))), tiers, classes, *axes, MISS)


def _out_of_area(terms, shapes, deductible: np.ndarray) -> np.ndarray:
    """The deductible of an admission at home, filed out of area, or not filed."""
    factors = [np.full(len(shapes), ONE), own(terms, shapes, at.OUT_OF_AREA_DEDUCTIBLE_FACTOR),
               own(terms, shapes, at.UNFILED_DEDUCTIBLE_FACTOR)]
    return (np.minimum(deductible, LARGEST_BILL) * np.choose(shapes[:, Fact.OUT_OF_AREA], factors) + ONE // 2) // ONE


def deductible_shares(terms: np.ndarray) -> list[Years]:
    """An admission whose share meets the least and the most deductible, at every order; and one of as much as either."""
    result = []
    for order in range(at.ORDERS + 1):
        shapes = grid((POLICY, range(len(terms))), (Fact.TIER, range(len(TIERS))), MISS)
        share = own(terms, shapes, at.DEDUCTIBLE_SHARE + shapes[:, Fact.TIER] * at.ORDERS + min(order, at.ORDERS - 1))
        shapes, share = shapes[share > 0], share[share > 0]
        for place in (at.DEDUCTIBLE_LEAST, at.DEDUCTIBLE_MOST):
            bound = np.minimum(own(terms, shapes, place), LARGEST_BILL)
            there = finite(own(terms, shapes, place))
            for eligible in ((bound * ONE - ONE // 2) // share, bound):                # least amount whose share is the bound
                last = with_amount(shapes, eligible + shapes[:, BILL], 7)
                result.append(years_of(shapes, place, there, [with_amount(shapes, USUAL)] * order, last))
    return result


def deductible_year_limits(terms: np.ndarray) -> list[Years]:
    """The most that deductibles take in a year, met by the first to the fourth admission."""
    shapes = _stays(terms)
    shapes = shapes[finite(own(terms, shapes, at.DEDUCTIBLE_YEAR_LIMIT))]
    limit, part = own(terms, shapes, at.DEDUCTIBLE_YEAR_LIMIT), own(terms, shapes, at.DEDUCTIBLE_YEAR_LIMIT) // 3
    result = []
    for begun in range(4):
        first = with_amount(shapes, np.minimum(part, LARGEST_BILL)) if begun else None
        earlier = [first] * begun if first is not None else []
        result.append(aimed(terms, (at.DEDUCTIBLE_YEAR_LIMIT,), shapes, earlier,
                            lambda paid, after, bills: after[:, YearState.DEDUCTIBLE_USED], limit, at.DEDUCTIBLE_YEAR_LIMIT))
    return result


def shared_deductibles(terms: np.ndarray) -> list[Years]:
    """An admission of as much as a visit has left of the deductible that both share, and a visit after an admission."""
    shapes = _stays(terms)
    shapes = shapes[own(terms, shapes, at.DEDUCTIBLE_SHARED) == 1]
    stay, visit = deductible_of(terms, shapes, 0), own(terms, shapes, deductible_of_visits(shapes))
    result = []
    for begin, kind, whole in ((OUTPATIENT_VISIT, INPATIENT, stay), (INPATIENT, OUTPATIENT_VISIT, visit)):
        part = np.minimum(np.minimum(stay, visit) // 3, LARGEST_BILL)
        first, last = with_amount(shapes, part), with_amount(shapes, np.minimum(whole - part + shapes[:, BILL], LARGEST_BILL))
        first[:, Fact.KIND], last[:, Fact.KIND] = begin, kind
        result.append(years_of(shapes, at.DEDUCTIBLE_SHARED, finite(whole), [first], last))
    return result


def admission_copays(terms: np.ndarray) -> list[Years]:
    """An admission of as much as its deductible and its fixed sum, at home and out of area."""
    shapes = _stays(terms, (Fact.OUT_OF_AREA, range(3)))
    shapes = shapes[finite(own(terms, shapes, at.ADMISSION_COPAY + shapes[:, Fact.TIER]))]
    place = at.ADMISSION_COPAY + shapes[:, Fact.TIER]
    copay = own(terms, shapes, place)
    deducted = _out_of_area(terms, shapes, deductible_of(terms, shapes, 0))
    last = with_amount(shapes, np.minimum(deducted + copay + shapes[:, BILL], LARGEST_BILL))
    return [years_of(shapes, place, finite(copay), [], last)]


def deductibles_out_of_area(terms: np.ndarray) -> list[Years]:
    """An admission of as much as its deductible, filed out of area or not."""
    shapes = _stays(terms, (Fact.OUT_OF_AREA, [1, 2]))
    place = np.where(shapes[:, Fact.OUT_OF_AREA] == 1, at.OUT_OF_AREA_DEDUCTIBLE_FACTOR, at.UNFILED_DEDUCTIBLE_FACTOR)
    stated = deductible_of(terms, shapes, 0)
    deducted = _out_of_area(terms, shapes, stated)
    last = with_amount(shapes, np.minimum(deducted + shapes[:, BILL], LARGEST_BILL))
    return [years_of(shapes, place, finite(stated), [], last)]


def outpatient_copays(terms: np.ndarray) -> list[Years]:
    """A visit of as much as fee, deductible and fixed sum, the first of the year and a later one."""
    shapes = grid((POLICY, range(len(terms))), (Fact.KIND, [OUTPATIENT_VISIT]), (Fact.TIER, range(len(TIERS))), MISS)
    shapes = shapes[finite(own(terms, shapes, at.OUTPATIENT_COPAY + shapes[:, Fact.TIER]))]
    place = at.OUTPATIENT_COPAY + shapes[:, Fact.TIER]
    fee = np.where(shapes[:, Fact.TIER] == 0, own(terms, shapes, at.CONSULTATION_FEE), 0)
    deductible = own(terms, shapes, deductible_of_visits(shapes))
    by_visit = own(terms, shapes, at.OUTPATIENT_DEDUCTIBLE_PERIOD) == 1
    copay = own(terms, shapes, place)
    alone = with_amount(shapes, np.minimum(fee + deductible + copay + shapes[:, BILL], LARGEST_BILL))
    later = with_amount(shapes, np.minimum(fee + np.where(by_visit, deductible, 0) + copay + shapes[:, BILL], LARGEST_BILL))
    return [years_of(shapes, place, finite(copay), [], alone),
            years_of(shapes, place, finite(copay), [with_amount(shapes, LARGEST_BILL // 100)], later)]


def rounding_units(terms: np.ndarray) -> list[Years]:
    """A payment on half a unit, and on a whole one: measured to the fen, then settled to the unit."""
    kinds = (Fact.KIND, [INPATIENT, OUTPATIENT_VISIT])
    shapes = grid((POLICY, range(len(terms))), kinds, (Fact.TIER, range(len(TIERS))), (Fact.CHRONIC, [0, 1]), MISS)
    unit = np.array(UNITS)[own(terms, shapes, at.ROUNDING_UNIT)]
    shapes, unit = shapes[unit > 1], unit[unit > 1]
    to_the_fen = terms.copy()
    to_the_fen[:, at.ROUNDING_UNIT] = 0

    def paid_to_the_fen(paid, after, bills):
        return paid[:, Paid.BASIC] + paid[:, Paid.OUTPATIENT]

    result = []
    for target in (unit // 2, unit, 37 * unit + unit // 2, 38 * unit):
        crossing, _ = reach(to_the_fen, (), shapes, [], paid_to_the_fen, target)
        last = with_amount(shapes, np.clip(crossing[:, Fact.ELIGIBLE] + shapes[:, BILL], 0, LARGEST_BILL))
        result.append(years_of(shapes, at.ROUNDING_UNIT, unit > 1, [], last))
    return result


def smallest_bills(terms: np.ndarray) -> list[Years]:
    """Bills of no more than two units, whose payments round up to more than there is."""
    shapes = grid((POLICY, range(len(terms))), (Fact.KIND, [INPATIENT, OUTPATIENT_VISIT]), (Fact.TIER, range(len(TIERS))),
                  (Fact.CHRONIC, [0, 1]), MISS)
    unit = np.array(UNITS)[own(terms, shapes, at.ROUNDING_UNIT)]
    fee = np.where(shapes[:, Fact.TIER] == 0, own(terms, shapes, at.CONSULTATION_FEE), 0)
    return [years_of(shapes, at.ROUNDING_UNIT, unit > 1, [], with_amount(shapes, np.minimum(amount, LARGEST_BILL)))
            for tenth in range(1, 20, 2) for amount in (unit * tenth // 10 + shapes[:, BILL],
                                                        fee + unit * tenth // 10 + shapes[:, BILL])]


def prices_of_nothing(terms: np.ndarray) -> list[Years]:
    """A case of a price that rounds to 0: the bill was above 0 all the same, so that the next admission is a later one."""
    shapes = _stays(terms, (Fact.CASE_PRICE, [1, 3]), (Fact.PAYMENT_RANK, [0]))
    level = own(terms, shapes, at.CASE_LEVEL + shapes[:, Fact.TIER])
    there = (level > 0) & (own(terms, shapes, at.PAYMENT_COUNTIES) > 0)
    years = years_of(shapes, at.CASE_LEVEL, there, [], with_amount(shapes, USUAL + shapes[:, BILL]))
    years.bills[:, -1, Fact.CASE_PRICE], years.bills[:, -1, Fact.DAYS] = 0, 1_000           # large enough to show its deductible
    years.bills[:, -1, [Fact.ELIGIBLE, Fact.BILLED]] = LARGEST_BILL // 100
    return [years]


def first_payments(terms: np.ndarray) -> list[Years]:
    """What is paid before the rules is all that is in scope, a fen of it is left, or a fen more was to be paid."""
    policies = (POLICY, range(len(terms)))
    shapes = np.concatenate([
        grid(policies, (Fact.KIND, [INPATIENT, OUTPATIENT_VISIT]), (Fact.TIER, range(len(TIERS))), MISS),
        grid(policies, (Fact.TIER, [2]), (Fact.ILLNESS, range(0, len(ILLNESSES), 3)), MISS)])
    price = own(terms, shapes, at.REFERENCE_PRICE)
    last = with_amount(shapes, 2 * USUAL, 31)
    last[:, Fact.FIRST_PAY] = np.minimum(2 * USUAL, 2 * USUAL - shapes[:, BILL])
    beside_a_drug = with_amount(shapes, np.minimum(price, LARGEST_BILL // 2) + 2 * USUAL, 31)
    beside_a_drug[:, Fact.NEW_DRUG] = np.minimum(price, LARGEST_BILL // 2) + USUAL
    beside_a_drug[:, Fact.FIRST_PAY] = beside_a_drug[:, Fact.ELIGIBLE] - USUAL + shapes[:, BILL]
    whole = np.ones(len(shapes), dtype=bool)
    return [years_of(shapes, at.CII_COUNTS_FIRST_PAY, whole, [], last),
            years_of(shapes, at.REFERENCE_PRICE, finite(price) & (price < LARGEST_BILL // 2), [], beside_a_drug)]


def _of_groups(terms) -> np.ndarray:
    """Admissions of ordinary illnesses, and bills of listed ones, of a person of every group."""
    policies, groups = (POLICY, range(len(terms))), (Fact.GROUP, range(len(GROUPS)))
    return np.concatenate([grid(policies, (Fact.TIER, [1, 3]), groups, MISS),
                           grid(policies, (Fact.TIER, [2]), (Fact.ILLNESS, range(0, len(ILLNESSES), 4)), groups, MISS)])


def cii_thresholds_of_groups(terms: np.ndarray) -> list[Years]:
    """A group's threshold of CII, and tops counted from it, met by one bill and by the second of a year."""
    shapes, result = _of_groups(terms), []
    shapes = shapes[finite(own(terms, shapes, at.CII_THRESHOLD))]
    threshold = own(terms, shapes, at.CII_THRESHOLD)
    share = own(terms, shapes, at.CII_THRESHOLD_SHARE + shapes[:, Fact.GROUP])
    threshold = (threshold * share + ONE // 2) // ONE
    above = own(terms, shapes, at.CII_TOPS_FROM) == 1
    for place in (at.CII_THRESHOLD_SHARE, *range(at.CII_TOPS, at.CII_TOPS + at.BANDS - 1)):
        there = own(terms, shapes, place) < UNLIMITED
        if place != at.CII_THRESHOLD_SHARE:
            there &= above
        here = shapes[there]
        top = 0 if place == at.CII_THRESHOLD_SHARE else own(terms, here, place)
        for begin in ([], [with_amount(here, USUAL, 31)]):
            result.append(aimed(terms, (), here, begin, lambda paid, after, bills: after[:, YearState.SELF_PAY_YEAR],
                                threshold[there] + top, place, margin=31))
    return result


def cii_tops_of_listed_bills(terms: np.ndarray) -> list[Years]:
    """The tops of CII's own schedule for listed bills, met by one bill and by the second of a year."""
    shapes = grid((POLICY, range(len(terms))), (Fact.TIER, [2]), (Fact.ILLNESS, range(len(ILLNESSES))),
                  (Fact.KIND, [INPATIENT, OUTPATIENT_VISIT]), MISS)
    result = []
    for place in range(at.CII_LISTED_TOPS, at.CII_LISTED_TOPS + at.BANDS - 1):
        here = shapes[finite(own(terms, shapes, place))]
        for begin in ([], [with_amount(here, USUAL, 31)]):
            result.append(aimed(terms, (), here, begin, lambda paid, after, bills: after[:, YearState.LISTED_SELF_PAY_YEAR],
                                own(terms, here, place), place, margin=31))
    return result


def _civil_servants(terms) -> np.ndarray:
    """Admissions, visits and listed bills of civil servants, with and without commercial cover."""
    policies = (POLICY, range(len(terms)))
    shapes = np.concatenate([
        grid(policies, (Fact.KIND, [INPATIENT, OUTPATIENT_VISIT]), (Fact.TIER, range(len(TIERS))), MISS),
        grid(policies, (Fact.TIER, [2]), (Fact.ILLNESS, range(0, len(ILLNESSES), 3)), (Fact.COVER_RANK, [0]), MISS)])
    shapes[:, Fact.CIVIL_SERVANT] = 1
    return shapes[own(terms, shapes, at.CIVIL_RATIO) > 0]


def civil_deductibles(terms: np.ndarray) -> list[Years]:
    """The year's deductible of the civil servants' supplement used up by one bill, and by a second."""
    shapes = _civil_servants(terms)
    return [aimed(terms, (at.CIVIL_DEDUCTIBLE,), shapes, begin,
                  lambda paid, after, bills: after[:, YearState.CIVIL_DEDUCTIBLE_USED],
                  own(terms, shapes, at.CIVIL_DEDUCTIBLE), at.CIVIL_DEDUCTIBLE, margin=31)
            for begin in ([], [with_amount(shapes, 1_234)])]


def civil_caps(terms: np.ndarray) -> list[Years]:
    """The cap on the civil servants' supplement, met by the first bill of a year and by the second."""
    shapes = _civil_servants(terms)
    return [aimed(terms, (at.CIVIL_CAP,), shapes, begin, lambda paid, after, bills: after[:, YearState.CIVIL_PAID],
                  own(terms, shapes, at.CIVIL_CAP), at.CIVIL_CAP, margin=31)
            for begin in ([], [with_amount(shapes, USUAL)])]
