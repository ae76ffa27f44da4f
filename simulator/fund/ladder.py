"""What a fund expects of the next two years when it closes one, and the rung of its ladder that it takes (docs/fund.md).

It knows its own year, the claims of that year under every rung, and what has been announced: the terms of the next year. Amounts
are int64 fen [D, C] of worlds and columns, [D, C, R] by rung; everything is element by element.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulator.fund import control
from simulator.fund.amounts import Integers, portion
from simulator.fund.terms import FundTerms
from simulator.money import ONE

LEAST_GROWTH, MOST_GROWTH = 5_000, 20_000      # a year's growth is taken as no less and no more than these, of 1/10,000


class Rungs(NamedTuple):
    """A column's claims of the year under each rung of its ladder."""

    claims: np.ndarray             # int64[D, C, R], the pooled fund's; behind a column's highest rung it stands again
    below: np.ndarray              # int64[C]: rungs below the plan
    above: np.ndarray              # int64[C]

    def place(self, rung: np.ndarray) -> np.ndarray:
        """Where a rung int64[D, C], counted from the plan, stands among the R; one beyond the ladder is its end."""
        return self.below + np.clip(rung, -self.below, self.above)

    def at(self, rung: np.ndarray) -> np.ndarray:
        """The claims under a rung int64[D, C]."""
        return np.take_along_axis(self.claims, self.place(rung)[..., None], axis=2)[..., 0]


class Closed(NamedTuple):
    """What a closed year tells of the next: int64[D, C]."""

    revenue: np.ndarray            # regular
    other: np.ndarray              # expenditure that is neither claims nor refunds
    balance: np.ndarray            # accrued
    heads: np.ndarray
    funding: np.ndarray
    pooled_funding: np.ndarray
    rung: np.ndarray               # in force
    rungs: Rungs

    def merged(self, added: Callable[[np.ndarray], np.ndarray], first: np.ndarray) -> Closed:
        """The same of units that are merged: amounts `added`, ladders those of the `first` units int64[C]."""
        rungs = Rungs(added(self.rungs.claims), self.rungs.below[first], self.rungs.above[first])
        return Closed(added(self.revenue), added(self.other), added(self.balance), added(self.heads), added(self.funding),
                      added(self.pooled_funding), self.rung[:, first], rungs)


class Outlook(NamedTuple):
    """What is expected one year ahead, and of expenditure and balance two years ahead, too."""

    revenue: np.ndarray            # int64[D, C]
    funding: np.ndarray
    pooled_funding: np.ndarray
    expenditure: tuple[np.ndarray, np.ndarray]     # int64[D, C, R]: one and two years ahead
    balance: tuple[np.ndarray, np.ndarray]

    def at(self, place: np.ndarray) -> dict[str, np.ndarray]:
        """Balance and expenditure one and two years ahead at the rungs that stand at `place` int64[D, C], as the ledger names
        them."""
        return {f"{name}_in_{year}": np.take_along_axis(amount, place[..., None], axis=2)[..., 0]
                for name, amounts in (("balance", self.balance), ("spending", self.expenditure))
                for year, amount in zip(("one", "two"), amounts, strict=True)}


def uses_ladder(terms: FundTerms) -> bool:
    """Whether a fund of these terms ever leaves its plan for another rung."""
    return (terms.surplus_response in control.BY_LADDER or control.USE_LADDER in terms.deficit_response
            or terms.warning_trigger > 0)


def growth(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """now / before in 1/10,000, half up, within LEAST_GROWTH and MOST_GROWTH; 10,000 where there was nothing before."""
    found = portion(ONE, np.maximum(now, 0), np.maximum(before, 1))
    return np.where(before > 0, np.clip(found, LEAST_GROWTH, MOST_GROWTH), ONE)


def look_ahead(year: Closed, before: Closed | None, announced: np.ndarray) -> Outlook:
    """What is expected at the end of `year`; `announced` int64[D, C] is the funding due under the terms of the next year relative
    to this year's, for the same heads, in 1/10,000. `before` is the year before it, None for the first."""
    heads = np.full_like(year.heads, ONE) if before is None else growth(year.heads, before.heads)

    def next_year(amount: np.ndarray) -> np.ndarray:
        return portion(portion(amount, announced), heads)

    revenue = next_year(year.revenue)
    cost = portion(announced, heads) if before is None else growth(year.rungs.at(year.rung), before.rungs.at(year.rung))
    cost = np.clip(cost, LEAST_GROWTH, MOST_GROWTH)[..., None]
    claims = portion(year.rungs.claims, cost)
    one, two = (amount + year.other[..., None] for amount in (claims, portion(claims, cost)))
    balance = (year.balance + revenue)[..., None] - one
    later = balance + (2 * revenue - year.revenue)[..., None] - two
    return Outlook(revenue, next_year(year.funding), next_year(year.pooled_funding), (one, two), (balance, later))


def within_limits(ahead: Outlook, terms: FundTerms) -> np.ndarray:
    """Whether the next year is expected to keep both limits under each rung, bool[D, C, R]. `terms` are those of that year."""
    revenue, (spent, _), (balance, _) = ahead.revenue[..., None], ahead.expenditure, ahead.balance
    annual, _ = control.annual_test(revenue - spent, revenue, _by_rung(terms.annual_limit), _by_rung(terms.annual_tolerance))
    cumulative, _ = control.cumulative_test(balance, spent, ahead.funding[..., None], ahead.pooled_funding[..., None],
                                            *(_by_rung(x) for x in (terms.cumulative_limit, terms.cumulative_base)))
    return ~(annual | cumulative)


def clear_of_mark(ahead: Outlook, terms: FundTerms, trigger: np.ndarray) -> np.ndarray:
    """Whether under each rung the next two years are expected to end on no warning of the colour that is the `trigger` (of
    control.COLOURS), bool[D, C, R]; without a trigger, on no balance below zero. `terms` are those of the next year."""
    one, two = _lacking(ahead, terms, trigger)
    return (one <= 0) & (two <= 0)


def lacking(ahead: Outlook, place: np.ndarray, terms: FundTerms, trigger: np.ndarray) -> np.ndarray:
    """What a year is expected to lack to be clear of the mark at the rungs that stand at `place` int64[D, C], fen: what the first
    of the two years lacks, or half of what is lacking at the end of the second."""
    one, two = (np.take_along_axis(amount, place[..., None], axis=2)[..., 0] for amount in _lacking(ahead, terms, trigger))
    return np.maximum(np.maximum(one, portion(two, 1, 2)), 0)


def _lacking(ahead: Outlook, terms: FundTerms, trigger: np.ndarray) -> list[np.ndarray]:
    """What each of the next two years is expected to lack to the trigger's mark under each rung, fen, below zero where none."""
    mark = _by_rung(np.select([trigger == control.YELLOW, trigger == control.RED], [terms.warning_yellow, terms.warning_red], 0))
    return [portion(spent, mark, 12 * ONE) - balance for spent, balance in zip(ahead.expenditure, ahead.balance, strict=True)]


def next_rung(year: Closed, up: np.ndarray, down: np.ndarray, within: np.ndarray, clear: np.ndarray,
              step: Integers) -> np.ndarray:
    """Next year's rung, int64[D, C], counted from the plan.

    Where a fund is to go `down` (bool) it takes the highest rung, up to that in force, which is `clear`, else the lowest. Else,
    where it is to go `up`, the lowest rung from that in force on which is `within` its limits, else the highest. Else a rung
    back towards the plan: of those between, the nearest to it that is within limits (from above) or clear (from below). It
    moves by no more than `step` rungs.
    """
    rungs = year.rungs
    place, plan, top = rungs.place(year.rung), rungs.below, rungs.below + rungs.above
    number = np.arange(rungs.claims.shape[2])
    here, own, last = place[..., None], plan[..., None], top[..., None]
    wanted = np.select(
        [down, up, place > plan],
        [highest(clear & (number <= here), np.zeros_like(place)),
         lowest(within & (number >= here) & (number <= last), np.broadcast_to(top, place.shape)),
         lowest(within & (number >= own) & (number <= here), place)],
        highest(clear & (number >= here) & (number <= own), place))
    return place + np.clip(wanted - place, -step, step) - plan


def lowest(found: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """The first rung found, of bool[D, C, R]."""
    return np.where(found.any(axis=2), found.argmax(axis=2), otherwise)


def highest(found: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """The last rung found, of bool[D, C, R]."""
    return np.where(found.any(axis=2), found.shape[2] - 1 - found[..., ::-1].argmax(axis=2), otherwise)


def _by_rung(term: Integers) -> np.ndarray:
    return np.asarray(term)[..., None]
