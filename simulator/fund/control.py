"""Surplus measures, the tests of their limits, and the response: pure functions of arrays.

Amounts are int64 fen, limits and shares integers in 1/10,000 (of a month where the base is months);
everything broadcasts over [D, P]. Which base a measure stands on is said in its docstring. A limit
becomes an amount in fen, half up, and is broken by any amount above it: no float decides a test.
"""

from __future__ import annotations

import numpy as np

from simulator.fund.accounts import portion
from simulator.money import ONE

CUMULATIVE_BASES = ("none", "months_of_expenditure", "share_of_funding", "share_of_pooled_fund")
GREEN, YELLOW, RED = range(3)


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


def warning(balance, expenditure, yellow, red) -> np.ndarray:
    """Early warning on months held: RED under `red` months of average expenditure, YELLOW under `yellow`, int8."""
    under_yellow = balance < portion(expenditure, yellow, 12 * ONE)
    under_red = balance < portion(expenditure, red, 12 * ONE)
    return np.where(under_red, RED, np.where(under_yellow, YELLOW, GREEN)).astype(np.int8)
