"""Provider payment: what hospitals are paid for a year of care, compared with what was claimed for it.

A *segment* is the inpatient or the outpatient care of one hospital tier. In the share of counties that pay by global budget or
capitation, its claims are settled at year end against a sum agreed beforehand. Fee for service, case and per-diem payment are
in the bills and leave nothing to settle. Amounts are int64 fen, ratios are in 1/10,000, and terms are stacked over C columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.fund.amounts import portion, split
from simulator.fund.columns import Columns
from simulator.fund.payment_terms import BUDGET_BASES
from simulator.fund.terms import PAYMENT_METHODS, FundTerms
from simulator.money import ONE

GLOBAL_BUDGET, CAPITATION = PAYMENT_METHODS.index("global_budget"), PAYMENT_METHODS.index("capitation")
PRICED = tuple(PAYMENT_METHODS.index(name) for name in ("case", "per_diem"))
PRESSURE_STEP = 50               # of pressure, 1/10,000: so few values that worlds share what is worked out for them
OUTPATIENT_CARE = 1              # index of outpatient care among a year's segments


@dataclass(frozen=True)
class Budgets:
    """The budgets of a year, and what the next year's rest on."""

    amounts: np.ndarray            # int64 [D, C, 2, T]
    claims: np.ndarray             # [D, C, 2, T], of the year
    first_claims: np.ndarray       # [D, C, 2, T]
    followed: np.ndarray           # [D, C, 2, T]: the first year's claims, grown every year
    first_heads: np.ndarray        # [D, C] persons


def budgets_of(before: Budgets | None, terms: FundTerms, segments: np.ndarray, heads: np.ndarray, target: np.ndarray) -> Budgets:
    """The budgets of a year, from last year's (None: the first year) and the spending `target` int64 [D, C] (0: none).

    By `budget_base` a budget is last year's, or last year's claims, raised by `budget_growth`; or the target is split over the
    segments as last year's claims were. The first year's is a stated sum a head, split as its claims are, or these claims. Where
    there is a target, budgets that pass it are cut to it in proportion.
    """
    growth, base = ONE + np.asarray(terms.budget_growth)[:, None, None], np.asarray(terms.budget_base)[:, None, None]
    claims = np.maximum(segments, 0)
    if before is None:
        rolled = np.where(np.asarray(terms.budget_per_head)[:, None, None] > 0,
                          over_segments(heads * terms.budget_per_head, claims), segments)
        weights, followed, first, first_heads = claims, segments, segments, heads
    else:
        rolled = portion(np.where(base == BUDGET_BASES.index("last_claims"), before.claims, before.amounts), growth)
        weights, followed = before.claims, portion(before.followed, growth)
        first, first_heads = before.first_claims, before.first_heads
    bounds = (target > 0) & (rolled.sum(axis=(2, 3)) > target)
    amounts = np.where(bounds[..., None, None], over_segments(target, np.maximum(rolled, 0)), rolled)
    amounts = np.where(base == BUDGET_BASES.index("revenue"), over_segments(target, weights), amounts)
    return Budgets(amounts, claims, first, followed, first_heads)


class BudgetYears:
    """The budgets of one year after the other. As long as no care is paid by a sum that is agreed beforehand they are not worked
    out, but what they follow from is kept."""

    def __init__(self) -> None:
        self._latest: Budgets | None = None
        self._waiting: list[tuple[FundTerms, np.ndarray, np.ndarray, np.ndarray]] = []

    def of_year(self, terms: FundTerms, segments: np.ndarray, heads: np.ndarray, target: np.ndarray) -> Budgets | None:
        """The budgets of the next year, as `budgets_of` has them; None where nothing is agreed."""
        self._waiting.append((terms, segments, heads, target))
        return self._worked_out() if agreed(terms) else None

    def merge(self, added: Callable[[np.ndarray], np.ndarray]) -> None:
        """Merge units, whose amounts are `added`."""
        if (latest := self._worked_out()) is not None:
            self._latest = Budgets(*(added(amount) for amount in vars(latest).values()))

    def _worked_out(self) -> Budgets | None:
        for year in self._waiting:
            self._latest = budgets_of(self._latest, *year)
        self._waiting = []
        return self._latest


def over_segments(amount: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Split amounts [D, C] over segments in proportion to weights [D, C, 2, T] from zero up; inpatient care comes first."""
    return split(amount, weights.reshape(*weights.shape[:2], -1)).reshape(weights.shape)


def spending_target(terms: FundTerms, due: np.ndarray, spent: np.ndarray) -> np.ndarray:
    """The year's spending target, int64 [D, C]: a share of the pooled funding that is `due` less what is `spent` on other things
    than claims, both known in January."""
    return portion(np.maximum(due - spent, 0), terms.spending_target)


def methods(terms: FundTerms) -> np.ndarray:
    """How inpatient and outpatient care of each tier is paid, int64 [C, 2, T], indices into PAYMENT_METHODS."""
    return np.stack([terms.inpatient_methods, terms.outpatient_methods], axis=1)


def agreed(terms: FundTerms) -> bool:
    """Whether any care is paid by a sum that is agreed beforehand."""
    return bool(np.isin(methods(terms), (GLOBAL_BUDGET, CAPITATION)).any())


def settlement(budgets: Budgets | None, terms: FundTerms, segments: np.ndarray, heads: np.ndarray) -> np.ndarray:
    """What the fund pays beyond the year's inpatient and outpatient claims, int64 [D, C, 2]; below zero hospitals bear it.

    Under a global budget the fund bears `overrun_share` of the claims above it, and hospitals keep `saving_share` of what they
    save below it. Under capitation the agreed sum is paid, whatever was claimed. Where nothing is agreed (None) it is zero.
    """
    if budgets is None:
        return np.zeros((*heads.shape, 2), dtype=np.int64)
    method = methods(terms)                                                                    # [C, 2, T]
    counties = np.stack([terms.payment_share, terms.outpatient_share], axis=1)[..., None]      # [C, 2, 1]
    claimed, budget = portion(segments, counties), portion(budgets.amounts, counties)
    over, under = np.maximum(claimed - budget, 0), np.maximum(budget - claimed, 0)
    shared = (portion(over, np.asarray(terms.overrun_share)[:, None, None]) - over
              + portion(under, np.asarray(terms.saving_share)[:, None, None]))
    sums = portion(capitation_sums(budgets, terms, heads), counties[:, OUTPATIENT_CARE])                   # [D, C, T]
    paid = np.where(method == GLOBAL_BUDGET, shared, 0).sum(axis=3)
    capitated = method[:, OUTPATIENT_CARE] == CAPITATION
    paid[:, :, OUTPATIENT_CARE] += np.where(capitated, sums - claimed[:, :, OUTPATIENT_CARE], 0).sum(axis=2)
    return paid


def borne(terms: FundTerms, settled: np.ndarray, on_bills: np.ndarray) -> np.ndarray:
    """What hospitals bear of the year, int64 [D, C, 2]: by settlement, and on bills under case and per-diem prices."""
    priced = np.isin(terms.inpatient_methods, PRICED).any(axis=-1)
    if not priced.any():
        return -settled
    return np.stack([on_bills[..., 0] * priced, np.zeros_like(on_bills[..., 1])], axis=-1) - settled


def next_pressure(pressure: np.ndarray, terms: FundTerms, carried: np.ndarray, billed: np.ndarray) -> np.ndarray:
    """Next year's pressure on hospitals, int64 [D, C, 2] in 1/10,000 of what they bill.

    What they have borne of the year, as a share of what they billed and in steps of PRESSURE_STEP, is added; what they have
    gained is taken off. It stays between zero and `response_limit`, and is zero where every tier is paid fee for service.
    """
    method = methods(terms).any(axis=-1)                   # [C, 2]
    if not method.any():
        return np.zeros_like(pressure)
    share = np.where(billed > 0, portion(np.zeros_like(billed) + ONE, carried, np.maximum(billed, 1)), 0)
    moved = pressure + portion(np.clip(share, -ONE, ONE), 1, PRESSURE_STEP) * PRESSURE_STEP
    return np.where(method, np.clip(moved, 0, np.asarray(terms.response_limit)[:, None]), 0)


def mean_pressure(pressure: np.ndarray, units: Columns, heads: np.ndarray) -> np.ndarray:
    """The pressure of units together, int64 [D, P, 2]: their mean by members `heads` [D, C], in steps of PRESSURE_STEP; a unit
    alone keeps its own."""
    if units.whole:
        return pressure
    together = np.stack([portion(units.mean(pressure[..., care], heads), 1, PRESSURE_STEP) * PRESSURE_STEP for care in range(2)],
                        axis=-1)
    return np.where((units.counts == 1)[:, None], pressure[:, units.starts], together)


def capitation_sums(budgets: Budgets, terms: FundTerms, heads: np.ndarray) -> np.ndarray:
    """The sum agreed for the outpatient care of each tier if all counties were under capitation, int64 [D, C, T].

    Where a capitation is stated, capitation x heads is split over the tiers in proportion to their claims of the first year.
    Otherwise the sum is the first year's payment a head, grown by `budget_growth`, times heads.
    """
    before = budgets.first_claims[:, :, OUTPATIENT_CARE]
    stated = split(heads * terms.capitation, np.maximum(before, 0))
    first = budgets.first_heads[..., None]
    followed = np.where(first > 0, portion(budgets.followed[:, :, OUTPATIENT_CARE], heads[..., None], np.maximum(first, 1)), 0)
    return np.where(np.asarray(terms.capitation)[:, None] > 0, stated, followed)


class ContractFees(NamedTuple):
    """General practitioners' fees for members under contract by who pays them, int64 [D, C]."""

    fund: np.ndarray
    health: np.ndarray             # public health money
    patients: np.ndarray


def contract_fees(terms: FundTerms, heads: np.ndarray) -> ContractFees:
    """The year's contract fees: the fund's part, public health money's, and what is left to the members themselves."""
    fees = portion(heads * terms.gp_fee, terms.gp_signed_share)
    fund, health = portion(fees, terms.gp_fund_share), portion(fees, terms.gp_health_share)
    health = np.minimum(health, fees - fund)
    return ContractFees(fund, health, fees - fund - health)
