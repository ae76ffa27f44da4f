"""The control of a fund's surplus: its measures, the tests of their limits, and the responses, as pure functions of arrays.

Amounts are int64 fen; limits and shares are integers in 1/10,000 (of a month where the base is months); everything broadcasts
over [D, C]. Each measure's docstring states its base. A limit is turned into an amount in fen, half up, and any amount above it
breaches the limit: no floating-point number decides a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.fund.amounts import Integers, portion
from simulator.money import ONE
from simulator.parameters.catalogue import DEFICIT_RESPONSES

if TYPE_CHECKING:
    from simulator.fund.terms import FundTerms

CUMULATIVE_BASES = ("none", "months_of_expenditure", "share_of_funding", "share_of_pooled_fund")
GREEN, YELLOW, RED = range(3)
COLOURS = ("none", "yellow", "red")            # of a warning that is a trigger
SURPLUS_RESPONSES = ("none", "secondary", "factor", "ladder", "secondary_ladder")
SECONDARY, RAISE_FACTOR = SURPLUS_RESPONSES.index("secondary"), SURPLUS_RESPONSES.index("factor")
REFUNDING = tuple(n for n, name in enumerate(SURPLUS_RESPONSES) if name.startswith("secondary"))
BY_LADDER = tuple(n for n, name in enumerate(SURPLUS_RESPONSES) if name.endswith("ladder"))
USE_RESERVE, TOP_UP, RAISE_PREMIUM, LOWER_FACTOR, USE_LADDER = range(len(DEFICIT_RESPONSES))
UNUSED = -1                      # fills up the order of responses to a deficit


def ratio_of(amount: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Return amount / base as float64; over a base of zero it is plus or minus infinity, and 0 for an amount of zero."""
    amount, base = np.broadcast_arrays(np.asarray(amount, dtype=np.float64), np.asarray(base, dtype=np.float64))
    limitless = np.where(amount == 0, 0.0, np.copysign(np.inf, amount))
    return np.divide(amount, base, out=limitless, where=base > 0)


def surplus_rate(surplus: np.ndarray, revenue: np.ndarray) -> np.ndarray:
    """The annual surplus rate: the year's surplus / the pooled fund's revenue of the year, float64."""
    return ratio_of(surplus, revenue)


def months_held(balance: np.ndarray, expenditure: np.ndarray) -> np.ndarray:
    """The months of average expenditure held: balance / (the year's expenditure / 12), float64."""
    return ratio_of(12.0 * np.asarray(balance, dtype=np.float64), expenditure)


def share_of_funding(balance: np.ndarray, funding: np.ndarray) -> np.ndarray:
    """The cumulative surplus as a share of the year's funding: balance / funding due for the year, float64."""
    return ratio_of(balance, funding)


def annual_test(surplus: np.ndarray, revenue: np.ndarray, limit: Integers, tolerance: Integers) -> tuple[np.ndarray, np.ndarray]:
    """Test the annual surplus limit on the pooled fund's revenue of the year: (breach as bool, excess in fen).

    The limit is breached when the surplus is above (limit + tolerance) x revenue; the excess is then counted from limit x
    revenue: the tolerance decides whether there is a response, the limit how far it goes (Jiangsu 2012: 10%; "balance each
    year": 0% with a tolerance). The excess is 0 where there is no breach.
    """
    breach = surplus > portion(revenue, limit + tolerance)
    return breach, np.where(breach, surplus - portion(revenue, limit), 0)


def cumulative_test(balance: np.ndarray, expenditure: np.ndarray, funding: np.ndarray, pooled_funding: np.ndarray,
                    limit: Integers, base: Integers) -> tuple[np.ndarray, np.ndarray]:
    """Test the cumulative limit on its stated base: (breach as bool, excess in fen, 0 where there is no breach).

    `base` indexes CUMULATIVE_BASES. The most allowed is limit months x (expenditure of the year / 12) for
    months_of_expenditure, limit x total funding of the year for share_of_funding, and limit x its pooled part for
    share_of_pooled_fund; `none` has no limit. The balance is the pooled fund's, without the risk reserve.
    """
    base = np.asarray(base)
    allowed = np.zeros_like(balance)
    for number, whole, parts in ((1, expenditure, 12 * ONE), (2, funding, ONE), (3, pooled_funding, ONE)):
        if (base == number).any():
            allowed = np.where(base == number, portion(whole, limit, parts), allowed)
    breach = (base != 0) & (balance > allowed)
    return breach, np.where(breach, balance - allowed, 0)


def reserve_transfer(revenue: np.ndarray, reserve: np.ndarray, share: Integers, limit: Integers,
                     available: np.ndarray) -> np.ndarray:
    """The year's transfer to the risk reserve: share x revenue of the year while the reserve is below its limit.

    It is at most what the reserve lacks to limit x revenue of the year, and never more than the bank balance (`available`).
    """
    missing = portion(revenue, limit) - reserve
    return np.maximum(np.minimum(np.minimum(portion(revenue, share), missing), available), 0)


def finds_threshold(terms: FundTerms) -> bool:
    """Whether a fund of these terms may come down from its threshold of secondary reimbursement to a lower one."""
    return bool(terms.secondary_least < terms.secondary_threshold)


def thresholds(stated: Integers, least: Integers, count: int) -> np.ndarray:
    """The thresholds of secondary reimbursement among which one is found, int64[..., count]: the stated one, and what is left of
    it after each halving, rounded down and never below the least."""
    stated, least = np.asarray(stated)[..., None], np.asarray(least)[..., None]
    return np.maximum(stated >> np.arange(count), np.minimum(least, stated))


class Refund(NamedTuple):
    """What is refunded to high-cost patients: the share of their self-pay above the threshold (float64), fen (int64), which of
    the thresholds is found (int64), and whether the excess is more than could be paid (bool)."""

    rho: np.ndarray
    paid: np.ndarray
    place: np.ndarray
    short: np.ndarray


def secondary_reimbursement(excess: np.ndarray, bases: np.ndarray, max_share: Integers, available: np.ndarray) -> Refund:
    """Refund the excess to high-cost patients.

    `bases` [..., K] are the sums of their self-pay above K thresholds, from the highest down. The excess is first limited to the
    balance `available`. The threshold found is the highest above which max_share of the self-pay comes to the excess, else the
    lowest; then rho = min(max_share, excess / base), and paid = min(excess, half_up(base x max_share)), which is base x rho
    without passing through a float.
    """
    wanted = np.maximum(np.minimum(excess, available), 0)
    enough = portion(bases, np.asarray(max_share)[..., None]) >= wanted[..., None]
    place = np.where(enough.any(axis=-1), enough.argmax(axis=-1), enough.shape[-1] - 1)
    base = np.take_along_axis(bases, place[..., None], axis=-1)[..., 0]
    paid = np.minimum(wanted, portion(base, max_share))
    share = np.divide(wanted, base, out=np.zeros(base.shape), where=base > 0)
    return Refund(np.minimum(share, np.asarray(max_share) / ONE), paid, place, paid < excess)


def rise_of(missing: np.ndarray, premium: np.ndarray, limit: Integers) -> np.ndarray:
    """The rise of next year's premium that would bring in what is missing on this year's `premium` (fen), rounded up, at most the
    limit (1/10,000)."""
    wanted = np.minimum(missing, portion(premium, limit))
    return np.where(premium > 0, np.minimum(-(-wanted * ONE // np.maximum(premium, 1)), limit), 0)


class Deficit(NamedTuple):
    """How a balance below zero is met: fen from the reserve and the government, next year's rise of the premium, and the rest."""

    reserve_used: np.ndarray
    top_up: np.ndarray
    premium_step: np.ndarray       # 1/10,000 of the premium or contribution
    lower_factor: np.ndarray       # bool: a part was still unmet when the order came to the factor
    lower_rung: np.ndarray         # bool: when it came to the ladder


def meet_deficit(balance: np.ndarray, order: np.ndarray, reserve: np.ndarray, top_up_limit: np.ndarray, premium: np.ndarray,
                 premium_limit: Integers) -> Deficit:
    """Meet the shortfall of an accrued `balance` below zero, response by response in the stated `order` [P, 5].

    Each response meets what it can and leaves the rest to the next: the risk `reserve` up to what it holds, the government up
    to `top_up_limit` fen, next year's premium by a rise that would bring in the rest on this year's `premium` (fen, what is due
    without an earlier rise), rounded up and at most `premium_limit` (1/10,000).
    """
    balance, order = np.asarray(balance), np.asarray(order)
    missing = np.maximum(-balance, 0)
    reserve_used, top_up, step = np.zeros_like(missing), np.zeros_like(missing), np.zeros_like(missing)
    lower = lower_rung = np.zeros(missing.shape, dtype=bool)
    for kind in np.moveaxis(order, -1, 0):
        if (kind == UNUSED).all():
            continue
        reserve_used = np.where(kind == USE_RESERVE, np.minimum(missing, np.maximum(reserve, 0)), reserve_used)
        top_up = np.where(kind == TOP_UP, np.minimum(missing, top_up_limit), top_up)
        if (kind == RAISE_PREMIUM).any():
            step = np.where(kind == RAISE_PREMIUM, rise_of(missing, premium, premium_limit), step)
        lower = lower | ((kind == LOWER_FACTOR) & (missing > 0))
        lower_rung = lower_rung | ((kind == USE_LADDER) & (missing > 0))
        met = np.select([kind == USE_RESERVE, kind == TOP_UP, kind == RAISE_PREMIUM],
                        [reserve_used, top_up, portion(premium, step)], 0)
        missing = np.maximum(missing - met, 0)
    return Deficit(reserve_used, top_up, step, lower, lower_rung)


def next_factor(factor: np.ndarray, up: np.ndarray, down: np.ndarray, step: Integers, low: Integers,
                high: Integers) -> np.ndarray:
    """Next year's control factor on payments, in 1/10,000: up or down by a step, or else a step back towards 100%.

    A deficit (`down`, bool) takes precedence over a surplus (`up`, bool). The bounds limit a step; a factor already beyond one
    is not moved to it.
    """
    raised = np.maximum(factor, np.minimum(factor + step, high))
    lowered = np.minimum(factor, np.maximum(factor - step, low))
    back = np.where(factor > ONE, np.maximum(factor - step, ONE), np.minimum(factor + step, ONE))
    return np.where(down, lowered, np.where(up, raised, back))


def warning(balance: np.ndarray, expenditure: np.ndarray, yellow: Integers, red: Integers) -> np.ndarray:
    """The early warning on months held, int8: RED under `red` months of average expenditure, YELLOW under `yellow` months."""
    under_yellow = balance < portion(expenditure, yellow, 12 * ONE)
    under_red = balance < portion(expenditure, red, 12 * ONE)
    return np.where(under_red, RED, np.where(under_yellow, YELLOW, GREEN)).astype(np.int8)
