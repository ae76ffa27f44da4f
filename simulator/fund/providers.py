"""Provider payment: what hospitals are paid for a year of care, compared with what was claimed for it.

A *segment* is the inpatient or the outpatient care of one hospital tier. In the share of counties that pay by global budget or
capitation, its claims are settled at year end against a sum agreed beforehand. Fee for service, case and per-diem payment are
in the bills and leave nothing to settle. Amounts are int64 fen, ratios are in 1/10,000, and terms are stacked over C columns.
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
    """The budgets of a year: each segment's claims of the first year, grown every year since."""

    amounts: np.ndarray            # int64 [D, C, 2, T]
    first_claims: np.ndarray       # [D, C, 2, T]
    first_heads: np.ndarray        # [D, C] persons

    def grown(self, growth: np.ndarray) -> Budgets:
        """Next year's budgets: this year's, raised by `growth` [1 or C], rounded half up to the fen."""
        return Budgets(portion(self.amounts, ONE + growth[:, None, None]), self.first_claims, self.first_heads)


def first_budgets(segments: np.ndarray, heads: np.ndarray) -> Budgets:
    """The budgets of the first year are its claims, so that there is nothing to settle."""
    return Budgets(segments, segments, heads)


def settlement(budgets: Budgets, terms: FundTerms, segments: np.ndarray, heads: np.ndarray) -> np.ndarray:
    """What the fund pays beyond the year's claims, int64 [D, C]; an amount below zero is borne by hospitals.

    Under a global budget the fund bears `overrun_share` of the claims above it, and hospitals keep `saving_share` of what they
    save below it. Under capitation the agreed sum is paid, whatever was claimed.
    """
    method = np.stack([terms.inpatient_methods, terms.outpatient_methods], axis=1)             # [C, 2, T]
    counties = np.stack([terms.payment_share, terms.outpatient_share], axis=1)[..., None]      # [C, 2, 1]
    claimed, budget = portion(segments, counties), portion(budgets.amounts, counties)
    over, under = np.maximum(claimed - budget, 0), np.maximum(budget - claimed, 0)
    shared = (portion(over, np.asarray(terms.overrun_share)[:, None, None]) - over
              + portion(under, np.asarray(terms.saving_share)[:, None, None]))
    sums = portion(capitation_sums(budgets, terms, heads), counties[:, OUTPATIENT_CARE])                   # [D, C, T]
    paid = np.where(method == GLOBAL_BUDGET, shared, 0).sum(axis=(2, 3))
    capitated = method[:, OUTPATIENT_CARE] == CAPITATION
    return paid + np.where(capitated, sums - claimed[:, :, OUTPATIENT_CARE], 0).sum(axis=2)


def capitation_sums(budgets: Budgets, terms: FundTerms, heads: np.ndarray) -> np.ndarray:
    """The sum agreed for the outpatient care of each tier if all counties were under capitation, int64 [D, C, T].

    Where a capitation is stated, capitation x heads is split over the tiers in proportion to their claims of the first year.
    Otherwise the sum is the first year's payment a head, grown by `budget_growth`, times heads.
    """
    before = budgets.first_claims[:, :, OUTPATIENT_CARE]
    stated = split(heads * terms.capitation, np.maximum(before, 0))
    first = budgets.first_heads[..., None]
    followed = np.where(first > 0, portion(budgets.amounts[:, :, OUTPATIENT_CARE], heads[..., None], np.maximum(first, 1)), 0)
    return np.where(np.asarray(terms.capitation)[:, None] > 0, stated, followed)


def gp_fees(terms: FundTerms, heads: np.ndarray) -> np.ndarray:
    """The fund's share of the general practitioners' fees for members under contract, int64 [D, C]."""
    return portion(portion(heads * terms.gp_fee, terms.gp_signed_share), terms.gp_fund_share)
