"""Surplus measures, the tests of their limits, and the responses: pure functions of arrays.

Amounts are int64 fen, limits and shares integers in 1/10,000 (of a month where the base is months);
everything broadcasts over [D, P]. Which base a measure stands on is said in its docstring. A limit
becomes an amount in fen, half up, and is broken by any amount above it: no float decides a test.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.fund.amounts import portion
from simulator.money import ONE

CUMULATIVE_BASES = ("none", "months_of_expenditure", "share_of_funding", "share_of_pooled_fund")
GREEN, YELLOW, RED = range(3)
SURPLUS_RESPONSES = ("none", "secondary", "factor")
SECONDARY, RAISE = SURPLUS_RESPONSES.index("secondary"), SURPLUS_RESPONSES.index("factor")
DEFICIT_RESPONSES = ("reserve", "top_up", "premium", "factor")
RESERVE, TOP_UP, PREMIUM, FACTOR = range(4)
UNUSED = -1                      # fills the order of responses to a deficit


def ratio_of(amount: np.ndarray, base: np.ndarray) -> np.ndarray:
    """amount / base as float64; without a base it is plus or minus infinity, or 0 for nothing."""
    amount, base = np.broadcast_arrays(np.asarray(amount, dtype=np.float64), np.asarray(base, dtype=np.float64))
    limitless = np.where(amount == 0, 0.0, np.copysign(np.inf, amount))
    return np.divide(amount, base, out=limitless, where=base > 0)


def surplus_rate(surplus: np.ndarray, revenue: np.ndarray) -> np.ndarray:
    """Annual surplus rate: surplus of the year / pooled fund's revenue of the year, float64."""
    return ratio_of(surplus, revenue)


def months_held(balance: np.ndarray, expenditure: np.ndarray) -> np.ndarray:
    """Months of average expenditure held: balance / (the year's expenditure / 12), float64."""
    return ratio_of(12.0 * np.asarray(balance, dtype=np.float64), expenditure)


def share_of_funding(balance: np.ndarray, funding: np.ndarray) -> np.ndarray:
    """Cumulative surplus as a share of the year's funding: balance / funding due for the year, float64."""
    return ratio_of(balance, funding)


def annual_test(surplus, revenue, limit, tolerance) -> tuple[np.ndarray, np.ndarray]:
    """Breach of the annual surplus limit, on the pooled fund's revenue of the year: (bool, excess in fen).

    Broken when the surplus is above (limit + tolerance) x revenue; the excess is then what is above
    limit x revenue: the tolerance opens the door, the limit says how far to go (Jiangsu 2012: 10%;
    "balance each year": 0% with a tolerance). The excess is 0 where the limit is kept.
    """
    breach = surplus > portion(revenue, limit + tolerance)
    return breach, np.where(breach, surplus - portion(revenue, limit), 0)


def cumulative_test(balance, expenditure, funding, pooled_funding, limit, base) -> tuple[np.ndarray, np.ndarray]:
    """Breach of the cumulative limit in its stated base: (bool, excess in fen; 0 where it is kept).

    `base` indexes CUMULATIVE_BASES. months_of_expenditure: limit months x (expenditure of the year
    / 12); share_of_funding: limit x total funding of the year; share_of_pooled_fund: limit x the
    pooled part of it; none: no limit. The balance is the pooled fund's, risk reserve not counted.
    """
    base = np.asarray(base)
    allowed = np.select([base == 1, base == 2, base == 3],
                        [portion(expenditure, limit, 12 * ONE), portion(funding, limit), portion(pooled_funding, limit)], 0)
    breach = (base != 0) & (balance > allowed)
    return breach, np.where(breach, balance - allowed, 0)


def reserve_transfer(revenue, reserve, share, limit, available) -> np.ndarray:
    """The year's transfer to the risk reserve: share x revenue of the year while the reserve is under its limit.

    At most what is missing to limit x revenue of the year, and never more than is in the bank.
    """
    missing = portion(revenue, limit) - reserve
    return np.maximum(np.minimum(np.minimum(portion(revenue, share), missing), available), 0)


def secondary_reimbursement(excess, base, max_share, available) -> tuple[np.ndarray, np.ndarray]:
    """Refund the excess to high-cost patients: (rho float64, paid int64 fen).

    `base` is the sum of their self-pay above the threshold. The excess is first bounded by the
    balance `available`; rho = min(max_share, excess / base); paid = min(excess, half_up(base x
    max_share)), which is base x rho without passing through a float.
    """
    excess = np.maximum(np.minimum(excess, available), 0)
    paid = np.minimum(excess, portion(base, max_share))
    base = np.asarray(base, dtype=np.float64)
    share = np.divide(excess, base, out=np.zeros(np.broadcast_shapes(excess.shape, base.shape)), where=base > 0)
    return np.minimum(share, max_share / ONE), paid


class Deficit(NamedTuple):
    """How a balance below zero is met: fen from the reserve and the government, the rise of next year's premium, the rest."""

    reserve_used: np.ndarray
    top_up: np.ndarray
    premium_step: np.ndarray       # 1/10,000 of the premium or contribution
    lower_factor: np.ndarray       # bool: something was left when it came to the factor


def meet_deficit(balance, order, reserve, top_up_limit, premium, premium_limit) -> Deficit:
    """Meet what the accrued `balance` is below zero, response by response in the stated `order` [P, 4].

    Each takes what it can and leaves the rest to the next: the risk `reserve` what it holds, the
    government at most `top_up_limit` fen, next year's premium a rise that would bring in the rest on this
    year's `premium` (fen, what is due without an earlier rise), at most `premium_limit` (1/10,000, rounded up).
    """
    balance, order = np.asarray(balance), np.asarray(order)
    missing = np.maximum(-balance, 0)
    reserve_used, top_up, step = np.zeros_like(missing), np.zeros_like(missing), np.zeros_like(missing)
    lower = np.zeros(missing.shape, dtype=bool)
    for kind in np.moveaxis(order, -1, 0):
        reserve_used = np.where(kind == RESERVE, np.minimum(missing, np.maximum(reserve, 0)), reserve_used)
        top_up = np.where(kind == TOP_UP, np.minimum(missing, top_up_limit), top_up)
        wanted = np.minimum(missing, portion(premium, premium_limit))
        rise = np.where(premium > 0, np.minimum(-(-wanted * ONE // np.maximum(premium, 1)), premium_limit), 0)
        step = np.where(kind == PREMIUM, rise, step)
        lower = lower | ((kind == FACTOR) & (missing > 0))
        met = np.select([kind == RESERVE, kind == TOP_UP, kind == PREMIUM], [reserve_used, top_up, portion(premium, step)], 0)
        missing = np.maximum(missing - met, 0)
    return Deficit(reserve_used, top_up, step, lower)


def next_factor(factor, up, down, step, low, high) -> np.ndarray:
    """The factor on payments of the next year, 1/10,000: up or down by a step, or a step back towards 100%.

    A deficit (`down`) goes before a surplus (`up`). The bounds stop a move, they start none.
    """
    raised = np.maximum(factor, np.minimum(factor + step, high))
    lowered = np.minimum(factor, np.maximum(factor - step, low))
    back = np.where(factor > ONE, np.maximum(factor - step, ONE), np.minimum(factor + step, ONE))
    return np.where(down, lowered, np.where(up, raised, back))


def warning(balance, expenditure, yellow, red) -> np.ndarray:
    """Early warning on months held: RED under `red` months of average expenditure, YELLOW under `yellow`, int8."""
    under_yellow = balance < portion(expenditure, yellow, 12 * ONE)
    under_red = balance < portion(expenditure, red, 12 * ONE)
    return np.where(under_red, RED, np.where(under_yellow, YELLOW, GREEN)).astype(np.int8)
