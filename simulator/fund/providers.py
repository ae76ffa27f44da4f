"""Provider payment: what hospitals are paid for a year of care, against what was claimed for it.

A *segment* is the inpatient or the outpatient care of one hospital tier. Under a global budget or
capitation, in the share of counties where these hold, its claims are settled at year end against a
sum that was agreed before; fee for service, case and per-diem payment leave nothing to settle, for
they are in the bills. Amounts are int64 fen, ratios in 1/10,000, terms stacked over P policies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.fund.amounts import portion, split
from simulator.fund.terms import PAYMENT_METHODS, FundTerms
from simulator.money import ONE

GLOBAL_BUDGET, CAPITATION = PAYMENT_METHODS.index("global_budget"), PAYMENT_METHODS.index("capitation")
OUTPATIENT_CARE = 1              # index of outpatient care among a year's segments


@dataclass(frozen=True)
class Budgets:
    """The sums of a year: each segment's claims of the first year, grown since, int64 [D, P, 2, T]."""

    amounts: np.ndarray
    first_claims: np.ndarray       # [D, P, 2, T]
    first_heads: np.ndarray        # [D, P] persons

    def grown(self, growth: np.ndarray) -> Budgets:
        """The next year's, `growth` [1 or P] on top; half up to the fen each year."""
        return Budgets(portion(self.amounts, ONE + growth[:, None, None]), self.first_claims, self.first_heads)


def first_budgets(segments: np.ndarray, heads: np.ndarray) -> Budgets:
    """The budgets of the first year: what was claimed in it, so that there is nothing to settle."""
    return Budgets(segments, segments, heads)


def settlement(budgets: Budgets, terms: FundTerms, segments: np.ndarray, heads: np.ndarray) -> np.ndarray:
    """What the fund pays beyond the year's claims, int64 [D, P]; below zero it is what hospitals bear.

    Global budget: above it the fund bears `overrun_share` of the excess, below it hospitals keep
    `saving_share` of what they saved. Capitation: the agreed sum is paid, whatever was claimed.
    """
    method = np.stack([terms.inpatient_methods, terms.outpatient_methods], axis=1)             # [P, 2, T]
    here = np.stack([terms.payment_share, terms.outpatient_share], axis=1)[..., None]          # [P, 2, 1]
    claimed, budget = portion(segments, here), portion(budgets.amounts, here)
    over, under = np.maximum(claimed - budget, 0), np.maximum(budget - claimed, 0)
    shared = (portion(over, np.asarray(terms.overrun_share)[:, None, None]) - over
              + portion(under, np.asarray(terms.saving_share)[:, None, None]))
    sums = portion(capitation_sums(budgets, terms, heads), here[:, OUTPATIENT_CARE])                       # [D, P, T]
    paid = np.where(method == GLOBAL_BUDGET, shared, 0).sum(axis=(2, 3))
    capitated = method[:, OUTPATIENT_CARE] == CAPITATION
    return paid + np.where(capitated, sums - claimed[:, :, OUTPATIENT_CARE], 0).sum(axis=2)


def capitation_sums(budgets: Budgets, terms: FundTerms, heads: np.ndarray) -> np.ndarray:
    """The sum agreed for the outpatient care of each tier, were all counties under capitation, int64 [D, P, T].

    A stated capitation x heads is split over the tiers as their claims were in the first year; without
    one, the first year's payment a head, grown by `budget_growth`, follows the heads.
    """
    before = budgets.first_claims[:, :, OUTPATIENT_CARE]
    stated = split(heads * terms.capitation, np.maximum(before, 0))
    first = budgets.first_heads[..., None]
    followed = np.where(first > 0, portion(budgets.amounts[:, :, OUTPATIENT_CARE], heads[..., None], np.maximum(first, 1)), 0)
    return np.where(np.asarray(terms.capitation)[:, None] > 0, stated, followed)


def gp_fees(terms: FundTerms, heads: np.ndarray) -> np.ndarray:
    """The fund's share of the general practitioners' contract fees of those who signed, int64 [D, P]."""
    return portion(portion(heads * terms.gp_fee, terms.gp_signed_share), terms.gp_fund_share)
