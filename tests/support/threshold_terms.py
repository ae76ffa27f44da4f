"""Bills that meet the thresholds of terms by member class, of least amounts and favoured lists, and of second assistance."""

from __future__ import annotations

import numpy as np

from simulator import plan as at
from simulator.law.year import YearState
from simulator.money import LARGEST_BILL, ONE, UNLIMITED
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.tables import INPATIENT, OUTPATIENT_VISIT, Fact
from tests.support.bill_arrays import BILL, COLUMNS, POLICY
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

IN_SCOPE_LEFT = COLUMNS.index("in_scope_left")
MOST_YEARS = 100                       # of insurance


def _stays(terms) -> np.ndarray:
    """Admissions at every tier, of a person of every class."""
    return grid((POLICY, range(len(terms))), (Fact.TIER, range(len(TIERS))), (Fact.MEMBER_CLASS, range(len(CLASSES))), MISS)


def insured_years(terms: np.ndarray) -> list[Years]:
    """The annual cap that years of insurance raise, below the most that they raise it to, at it and behind it."""
    classes, rising = (Fact.MEMBER_CLASS, range(len(CLASSES))), terms[:, at.ANNUAL_CAP_STEP] > 0
    policies = (POLICY, np.flatnonzero(rising))
    shapes = np.concatenate([grid(policies, (Fact.TIER, [1]), classes, MISS),
                             grid(policies, (Fact.TIER, [2]), (Fact.ILLNESS, range(0, len(ILLNESSES), 4)), classes, MISS),
                             grid(policies, (Fact.TIER, [1]), (Fact.KIND, [OUTPATIENT_VISIT]), classes, MISS)])
    cap, step = own(terms, shapes, at.ANNUAL_CAP + shapes[:, Fact.MEMBER_CLASS]), own(terms, shapes, at.ANNUAL_CAP_STEP)
    most, on_expense = own(terms, shapes, at.ANNUAL_CAP_MOST), own(terms, shapes, at.CAP_BASIS) == 1
    caps, result = tuple(at.places("annual_cap").tolist()), []
    for more in (-1, 0, 1):
        bills = shapes.copy()
        bills[:, Fact.INSURED_YEARS] = np.clip((most - cap) // step + more, 0, MOST_YEARS)
        raised = np.maximum(cap, np.minimum(cap + step * bills[:, Fact.INSURED_YEARS], most))
        for here, place in ((~on_expense, YearState.CAP_USED), (on_expense, YearState.ELIGIBLE_YEAR)):
            first = bills[here].copy()
            first[:, Fact.ILLNESS], first[:, Fact.KIND], first[:, Fact.INSURED_YEARS] = -1, INPATIENT, 0
            earlier = with_amount(first, np.minimum(cap[here] // 2, LARGEST_BILL))
            for begin in ([], [earlier]):
                result.append(aimed(terms, caps, bills[here], begin,
                                    lambda paid, after, bills, place=place: after[:, place], raised[here], at.ANNUAL_CAP_STEP))
    return result


def least_amounts(terms: np.ndarray) -> list[Years]:
    """What an admission has in a band is the least that the patient bears there, or so much that the ratio leaves as much."""
    result = []
    for band in range(at.BANDS):
        shapes = _stays(terms)
        shapes = shapes[finite(own(terms, shapes, at.BAND_OWN_LEAST + band))]
        least = own(terms, shapes, at.BAND_OWN_LEAST + band)
        row = shapes[:, Fact.TIER] * len(CLASSES) + shapes[:, Fact.MEMBER_CLASS]
        ratio = own(terms, shapes, at.RATIO + row * at.BANDS + band)
        bottom = own(terms, shapes, at.BAND_TOPS + band - 1) if band else np.zeros_like(least)
        after = own(terms, shapes, at.BAND_BASIS) == 1
        paid_first = deductible_of(terms, shapes, 0) + own(terms, shapes, at.ADMISSION_COPAY + shapes[:, Fact.TIER])
        below = np.where(after, paid_first + bottom, np.maximum(paid_first, bottom))
        there = (bottom < UNLIMITED) & (below < LARGEST_BILL)
        for part in (least, least * ONE // np.maximum(ONE - ratio, 1), least * ONE // np.maximum(ONE - ratio, 1) + 2):
            amount = np.minimum(below + part + shapes[:, BILL], LARGEST_BILL)
            result.append(years_of(shapes, at.BAND_OWN_LEAST + band, there, [], with_amount(shapes, amount)))
    return result


def favoured_parts(terms: np.ndarray) -> list[Years]:
    """What is on a favoured list, or on it and traditional medicine, is as much as an admission or a visit has to be paid."""
    stays, result = _stays(terms), []
    visits = stays.copy()
    visits[:, Fact.KIND] = OUTPATIENT_VISIT
    fee = np.where(visits[:, Fact.TIER] == 0, own(terms, visits, at.CONSULTATION_FEE), 0)
    of_visits = (fee + own(terms, visits, deductible_of_visits(visits))
                 + own(terms, visits, at.OUTPATIENT_COPAY + visits[:, Fact.TIER]))
    of_stays = deductible_of(terms, stays, 0) + own(terms, stays, at.ADMISSION_COPAY + stays[:, Fact.TIER])
    for shapes, below, bonus in ((stays, of_stays, at.ESSENTIAL_BONUS + stays[:, Fact.TIER]),
                                 (visits, of_visits, np.full(len(visits), at.OUTPATIENT_ESSENTIAL_BONUS)),
                                 (visits, of_visits, np.full(len(visits), at.OUTPATIENT_TCM_BONUS))):
        for facts in ((Fact.ESSENTIAL,), (Fact.ESSENTIAL, Fact.TCM), (Fact.TCM,)):
            last = with_amount(shapes, np.minimum(below + USUAL, LARGEST_BILL), 7)
            last[:, list(facts)] = np.minimum(USUAL + shapes[:, BILL], last[:, Fact.ELIGIBLE])[:, None]
            result.append(years_of(shapes, bonus, own(terms, shapes, bonus) > 0, [], last))
    return result


def supplement_tops(terms: np.ndarray) -> list[Years]:
    """The tops of the supplement's bands, by the first admission above the annual cap and by a later one.

    Where the annual cap counts payments, what is above it rises in steps; there the bill is the one that reaches the top.
    """
    result = []
    for band in range(at.BANDS - 1):
        shapes = _stays(terms)
        cap, top = own(terms, shapes, at.ANNUAL_CAP + shapes[:, Fact.MEMBER_CLASS]), own(terms, shapes, at.SUPPLEMENT_TOPS + band)
        there = (cap < UNLIMITED) & finite(top)
        shapes, cap, top = shapes[there], cap[there], top[there]
        for begin in ([], [with_amount(shapes, np.minimum(cap + top // 3, LARGEST_BILL))]):
            crossing, _ = reach(terms, (), shapes, begin, lambda paid, after, bills: after[:, YearState.SUPPLEMENT_BASE], top)
            last = with_amount(shapes, np.minimum(crossing[:, Fact.ELIGIBLE] + shapes[:, BILL], LARGEST_BILL))
            result.append(years_of(shapes, at.SUPPLEMENT_TOPS + band, finite(top), begin, last))
    return result


def _assisted(terms) -> np.ndarray:
    """Admissions, visits and listed bills of a person of every group that may have second assistance."""
    policies, groups = (POLICY, range(len(terms))), (Fact.GROUP, range(len(GROUPS)))
    shapes = np.concatenate([grid(policies, (Fact.KIND, [INPATIENT, OUTPATIENT_VISIT]), (Fact.TIER, [1, 3]), groups, MISS),
                             grid(policies, (Fact.TIER, [2]), (Fact.ILLNESS, range(0, len(ILLNESSES), 4)), groups, MISS)])
    return shapes[own(terms, shapes, at.MA_SECOND_RATIO + shapes[:, Fact.GROUP]) > 0]


def _second(terms, name: str, state: int, first: int) -> list[Years]:
    """A term of second assistance by group, met by the first bill of a year, and by a second after one of `first` fen."""
    shapes, result = _assisted(terms), []
    places = at.places(name)
    place = places[0] + shapes[:, Fact.GROUP]
    for begin in ([], [with_amount(shapes, first, 31)]):
        result.append(aimed(terms, tuple(places.tolist()), shapes, begin, lambda paid, after, bills: after[:, state],
                            own(terms, shapes, place), place, margin=31))
    return result


def second_thresholds(terms: np.ndarray) -> list[Years]:
    """The year's threshold of second assistance used up."""
    return _second(terms, "ma_second_threshold", YearState.MA_SECOND_USED, 1_234)


def second_caps(terms: np.ndarray) -> list[Years]:
    """The cap on second assistance."""
    return _second(terms, "ma_second_cap", YearState.MA_SECOND_PAID, USUAL)


def shares_of_the_basis(terms: np.ndarray) -> list[Years]:
    """A listed bill of which assistance's share of the basis is as much as what is left above its deductible."""
    shapes = grid((POLICY, range(len(terms))), (Fact.TIER, [2]), (Fact.ILLNESS, range(len(ILLNESSES))),
                  (Fact.GROUP, range(1, len(GROUPS))), MISS)
    shapes = shapes[(own(terms, shapes, at.MA_LISTED_BASIS) == 1)
                    & (own(terms, shapes, at.MA_LISTED_RATIO + shapes[:, Fact.GROUP]) > 0)]
    alone = terms.copy()
    for name in ("ma_second_ratio", "account_balance", "relief_ratio"):
        alone[:, at.places(name)] = 0

    def left_above_the_deductible(paid, after, bills):
        return paid[:, IN_SCOPE_LEFT] - after[:, YearState.MA_DEDUCTIBLE_USED]

    crossing, _ = reach(alone, (), shapes, [], left_above_the_deductible, np.ones(len(shapes), dtype=np.int64), margin=31)
    last = with_amount(shapes, np.clip(crossing[:, Fact.ELIGIBLE] + shapes[:, BILL], 0, LARGEST_BILL - 31), 31)
    return [years_of(shapes, at.MA_LISTED_BASIS, np.ones(len(shapes), dtype=bool), [], last)]


def prices_of_the_bill(terms: np.ndarray) -> list[Years]:
    """A listed bill of as much as the price of its own, for one unit and for seven, in scope and partly not."""
    shapes = grid((POLICY, range(len(terms))), (Fact.ILLNESS, range(0, len(ILLNESSES), 3)), (Fact.UNITS, [1, 7]),
                  (Fact.KIND, [INPATIENT, OUTPATIENT_VISIT]), (Fact.QUOTA_PRICE, [1, USUAL]), MISS)
    price, place = shapes[:, Fact.QUOTA_PRICE] * shapes[:, Fact.UNITS] + shapes[:, BILL], at.LISTED + shapes[:, Fact.ILLNESS]
    return [years_of(shapes, place, own(terms, shapes, place) > 0, [], with_amount(shapes, price - margin, margin))
            for margin in (0, 1, 33)]
