"""Bills that meet the thresholds of the layers behind basic insurance, from the supplement to emergency relief."""

from __future__ import annotations

import numpy as np

from simulator import plan as at
from simulator.law.year import YearState
from simulator.money import LARGEST_BILL, UNLIMITED
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.tables import INPATIENT, OUTPATIENT_VISIT, Fact, Paid
from tests.support.bill_arrays import BILL, POLICY
from tests.support.threshold_bills import MISS, USUAL, Years, aimed, finite, grid, own, reach, with_amount, years_of


def _bills_of_all_kinds(terms, groups) -> np.ndarray:
    """Ordinary admissions and visits at every tier, and a listed bill of every third illness, for the groups."""
    policies, kinds = (POLICY, range(len(terms))), (Fact.KIND, [INPATIENT, OUTPATIENT_VISIT])
    return np.concatenate([grid(policies, kinds, (Fact.TIER, range(len(TIERS))), (Fact.GROUP, groups), MISS),
                           grid(policies, (Fact.TIER, [2]), (Fact.ILLNESS, range(0, len(ILLNESSES), 3)),
                                (Fact.GROUP, groups), MISS)])


def supplement_caps(terms: np.ndarray) -> list[Years]:
    """The cap of the supplement, met where the annual cap counts expense, and crossed where it counts payments.

    What is cut off of a payment is counted in ten-thousandths, so the supplement rises in steps; there the bill
    at which it reaches its cap is taken a fen smaller and larger.
    """
    shapes = grid((POLICY, range(len(terms))), (Fact.TIER, range(len(TIERS))), (Fact.MEMBER_CLASS, range(len(CLASSES))), MISS)
    pays = terms[:, at.places("supplement_ratio")].any(axis=1)[shapes[:, POLICY]]
    shapes = shapes[pays & finite(own(terms, shapes, at.ANNUAL_CAP + shapes[:, Fact.MEMBER_CLASS]))]
    annual_cap = own(terms, shapes, at.ANNUAL_CAP + shapes[:, Fact.MEMBER_CLASS])
    cap, lifted = own(terms, shapes, at.SUPPLEMENT_CAP), (at.SUPPLEMENT_CAP,)

    def used(paid, after, bills):
        return after[:, YearState.SUPPLEMENT_USED]

    result = []
    for begin in ([], [with_amount(shapes, np.minimum(annual_cap, LARGEST_BILL))]):
        result.append(aimed(terms, lifted, shapes, begin, used, cap, at.SUPPLEMENT_CAP))
        crossing, _ = reach(terms, lifted, shapes, begin, used, cap)
        last = with_amount(shapes, np.minimum(crossing[:, Fact.ELIGIBLE] + shapes[:, BILL], LARGEST_BILL))
        result.append(years_of(shapes, at.SUPPLEMENT_CAP, finite(cap), begin, last))
    return result


def cii_thresholds(terms: np.ndarray) -> list[Years]:
    """The threshold, the band tops and the cap of CII, on self-pay or payment, by one bill and by the second of a year."""
    shapes, result = _bills_of_all_kinds(terms, [0]), []
    for place in (at.CII_THRESHOLD, *range(at.CII_TOPS, at.CII_TOPS + at.BANDS)):
        amount = own(terms, shapes, place)
        here = shapes[finite(amount) & (own(terms, shapes, at.CII_THRESHOLD) < UNLIMITED)]
        for begin in ([], [with_amount(here, USUAL, 31)]):
            result.append(aimed(terms, (), here, begin, lambda paid, after, bills: after[:, YearState.SELF_PAY_YEAR],
                                own(terms, here, place), place, margin=31))
    return result


def cii_caps(terms: np.ndarray) -> list[Years]:
    """The cap on what CII pays in a year."""
    shapes = _bills_of_all_kinds(terms, [0])
    shapes = shapes[finite(own(terms, shapes, at.CII_CAP)) & (own(terms, shapes, at.CII_THRESHOLD) < UNLIMITED)]
    return [aimed(terms, (at.CII_CAP,), shapes, [], lambda paid, after, bills: paid[:, Paid.CII],
                  own(terms, shapes, at.CII_CAP), at.CII_CAP)]


def assistance_deductibles(terms: np.ndarray) -> list[Years]:
    """The year's deductible of medical assistance used up by one bill, and by a second."""
    shapes = _bills_of_all_kinds(terms, range(1, len(GROUPS)))
    shapes = shapes[finite(own(terms, shapes, at.MA_DEDUCTIBLE + shapes[:, Fact.GROUP]))]
    place = at.MA_DEDUCTIBLE + shapes[:, Fact.GROUP]
    lifted = tuple(at.places("ma_deductible").tolist())
    return [aimed(terms, lifted, shapes, begin, lambda paid, after, bills: after[:, YearState.MA_DEDUCTIBLE_USED],
                  own(terms, shapes, place), place)
            for begin in ([], [with_amount(shapes, 1_234)])]


def assistance_caps(terms: np.ndarray) -> list[Years]:
    """The cap on medical assistance, met by the first bill of a year and by the second."""
    shapes = _bills_of_all_kinds(terms, range(1, len(GROUPS)))
    shapes = shapes[finite(own(terms, shapes, at.MA_CAP + shapes[:, Fact.GROUP]))]
    place = at.MA_CAP + shapes[:, Fact.GROUP]
    lifted = tuple(at.places("ma_cap").tolist())
    return [aimed(terms, lifted, shapes, begin, lambda paid, after, bills: after[:, YearState.MA_PAID],
                  own(terms, shapes, place), place)
            for begin in ([], [with_amount(shapes, USUAL)])]


def _covered(terms) -> np.ndarray:
    """Bills of all kinds of persons with commercial cover."""
    shapes = _bills_of_all_kinds(terms, [0])
    shapes[:, Fact.COVER_RANK] = 0
    return shapes[(own(terms, shapes, at.COMMERCIAL_SHARE) > 0) & (own(terms, shapes, at.COMMERCIAL_RATIO) > 0)]


def commercial_deductibles(terms: np.ndarray) -> list[Years]:
    """The year's deductible of commercial cover used up by one bill, and by a second."""
    shapes = _covered(terms)
    amount = own(terms, shapes, at.COMMERCIAL_DEDUCTIBLE)
    return [aimed(terms, (at.COMMERCIAL_DEDUCTIBLE,), shapes, begin,
                  lambda paid, after, bills: after[:, YearState.COMMERCIAL_DEDUCTIBLE_USED], amount,
                  at.COMMERCIAL_DEDUCTIBLE, margin=31)
            for begin in ([], [with_amount(shapes, 1_234)])]


def commercial_caps(terms: np.ndarray) -> list[Years]:
    """The cap on commercial cover, met by the first bill of a year and by the second."""
    shapes = _covered(terms)
    cap = own(terms, shapes, at.COMMERCIAL_CAP)
    return [aimed(terms, (at.COMMERCIAL_CAP,), shapes, begin, lambda paid, after, bills: after[:, YearState.COMMERCIAL_PAID],
                  cap, at.COMMERCIAL_CAP, margin=31) for begin in ([], [with_amount(shapes, USUAL)])]


def account_balances(terms: np.ndarray) -> list[Years]:
    """The balance of every class's account used up by one bill, and by a second."""
    shapes = grid((POLICY, range(len(terms))), (Fact.KIND, [INPATIENT, OUTPATIENT_VISIT]), (Fact.TIER, range(len(TIERS))),
                  (Fact.MEMBER_CLASS, range(len(CLASSES))), MISS)
    place = at.ACCOUNT_BALANCE + shapes[:, Fact.MEMBER_CLASS]
    shapes, place = shapes[finite(own(terms, shapes, place))], place[finite(own(terms, shapes, place))]
    lifted = tuple(range(at.ACCOUNT_BALANCE, at.ACCOUNT_BALANCE + len(CLASSES)))
    return [aimed(terms, lifted, shapes, begin, lambda paid, after, bills: after[:, YearState.ACCOUNT_USED],
                  own(terms, shapes, place), place, margin=17) for begin in ([], [with_amount(shapes, 1_234, 56)])]


def relief_abilities(terms: np.ndarray) -> list[Years]:
    """What a patient without means can pay of an emergency's bill himself."""
    shapes = _bills_of_all_kinds(terms, range(len(GROUPS)))
    shapes[:, Fact.EMERGENCY] = 1
    helped = own(terms, shapes, at.RELIEF_GROUPS + shapes[:, Fact.GROUP]) == 1
    shapes = shapes[helped & (own(terms, shapes, at.RELIEF_RATIO) > 0)]
    return [aimed(terms, (), shapes, [], lambda paid, after, bills: paid[:, Paid.CASH] + paid[:, Paid.RELIEF],
                  own(terms, shapes, at.RELIEF_ABILITY), at.RELIEF_ABILITY, margin=17)]
