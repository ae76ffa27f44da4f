"""What policies share: households that have outpatient visits alone are settled once for all policies that pay visits alike.

Most policies of a comparison differ in what they pay of admissions. The kernel's rows are then the policies, each with the
households in which somebody has an admission or a listed illness, and a row more for every way visits are paid, with the others;
sums are integers, so adding the rows up again gives what each policy would have come to alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.money import UNLIMITED
from simulator.plan import (
    CAP_BASIS,
    CAP_COUNTS_OUTPATIENT,
    CAP_ON_PAYMENT,
    CHRONIC_LIST,
    CII_COUNTS_OUTPATIENT,
    CII_LISTED_ONLY,
    FULL_RULES_FOR,
    GROUPED_IN_FULL,
    TERMS,
    VISITS_IN_FULL,
    YEARS_IN_FULL,
    places,
)

WHOLE, WITH_ADMISSIONS, VISITS_ONLY = range(3)      # which households of a block a row of the kernel settles
FEWEST = 4                                     # settlements of visits saved that make up for dividing a block
# What only admissions and listed illnesses read (a visit is neither), and what CII alone reads.
OF_ADMISSIONS = tuple(name for name, term in TERMS.items() if term.read_by == "admissions")
OF_CII = tuple(name for name, term in TERMS.items() if term.read_by == "cii")


class Rows(NamedTuple):
    """The kernel's R rows for P policies: a policy's own, and behind them those that several share."""

    policy: np.ndarray             # int64[R]: whose terms and variant of care
    part: np.ndarray               # int64[R]: WHOLE, WITH_ADMISSIONS or VISITS_ONLY
    shared: np.ndarray | None      # int64[P]: the row that is to be added to each policy's


def terms_of_visits(terms: np.ndarray) -> np.ndarray:
    """The terms int64[P, PLAN_WIDTH] with nothing in them by which a person without admissions and listed illnesses is not
    paid."""
    own = terms.copy()
    own[:, places(*OF_ADMISSIONS)] = 0
    elsewhere = (terms[:, CII_COUNTS_OUTPATIENT] == 0) | (terms[:, CII_LISTED_ONLY] == 1)
    own[np.ix_(elsewhere, places(*OF_CII))] = 0
    own[:, FULL_RULES_FOR] &= VISITS_IN_FULL | YEARS_IN_FULL | GROUPED_IN_FULL
    most = (terms[:, places("outpatient_year_limit")].max(axis=1)
            + np.where(terms[:, CHRONIC_LIST] == 1, terms[:, places("chronic_year_limit")].max(axis=1), 0))
    counted = np.where((terms[:, CAP_COUNTS_OUTPATIENT] == 1) & (terms[:, CAP_BASIS] == CAP_ON_PAYMENT), most, 0)
    caps = places("annual_cap")
    own[np.ix_(counted < terms[:, caps].min(axis=1), caps)] = UNLIMITED                    # which visits alone never reach
    return own
