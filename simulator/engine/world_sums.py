"""From what a thread's walks have added up to the sums of each draw, and which rows the kernel settles them by.

A thread's arrays are not cleared between draws: what a draw leaves is what they fold to now less what they folded to before it.
All are integers, so that takes nothing from a sum.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from simulator.kernel.shared_visits import FEWEST, OF_ADMISSIONS, VISITS_ONLY, WHOLE, WITH_ADMISSIONS, Rows, terms_of_visits
from simulator.kernel.sums import DRAWN, PAID, SHAPE, DrawnSums, DrawSums, PolicySums, Sums
from simulator.plan import PLAN_WIDTH, places

ROWS_AT_ONCE = 8               # of sums read, 0.13 MB each: they stay in the cache


class Shared(NamedTuple):
    """What P policies share in one draw: those that are paid alike are settled once."""

    own: np.ndarray                # int64[Q]: the policies that are settled
    of_policy: np.ndarray          # int64[P]: which of them stands for each policy
    rows: Rows                     # the kernel's, for the Q


def shared_in_draws(terms: np.ndarray, variant: np.ndarray) -> Iterator[Shared]:
    """What policies share in each of D draws: `terms` int64[D, P, PLAN_WIDTH], `variant` int64[P]."""
    if len(variant) == 1:
        yield from [ALONE] * len(terms)
        return
    moved = (terms != terms[:1]).any(axis=(0, 1))                    # by the fund's control and in accounts alone, if at all
    if (moved & ~_MAY_MOVE).any():
        for of_draw in terms:
            yield from shared_in_draws(of_draw[None], variant)
        return
    still = np.column_stack([terms[0], variant])
    still[:, :-1][:, moved] = 0
    before, alike, way = getattr(_here, "numbered", (still[:0], still[:0], still[:0]))
    if not np.array_equal(before, still):                            # as other rosters of the year have them
        alike = _numbers(map(bytes, still))
        way = _numbers(zip(variant.tolist(), map(bytes, terms_of_visits(still[:, :-1])), strict=True))
        _here.numbered = still, alike, way
    same, found = b"", None
    for of_draw in terms:
        own = of_draw[:, moved]
        if found is None or own.tobytes() != same:
            of_policy = _numbers(map(bytes, np.column_stack([alike, own])))
            first = np.unique(of_policy, return_index=True)[1]
            visits = np.column_stack([way, of_draw[:, moved & _READ_BY_VISITS]])[first]
            found, same = Shared(first, of_policy, _rows(_numbers(map(bytes, visits)))), own.tobytes()
        yield found


def none_shared(policies: int) -> Shared:
    """What so many policies share if each is settled for itself: nothing."""
    each = np.arange(policies)
    return Shared(each, each, Rows(each, np.full(policies, WHOLE), None))


ALONE = none_shared(1)


def alone_in_draws(draws: int, policies: int) -> list[Shared]:
    """Of each draw that its policies share nothing."""
    every = np.arange(policies)
    return [Shared(every, every, Rows(every, np.full(policies, WHOLE), None))] * draws


def _numbers(keys: Iterable[Hashable]) -> np.ndarray:
    """Equal keys as equal numbers, in the order in which they are first met, int64."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)


def _rows(way: np.ndarray) -> Rows:
    """The rows of policies that pay visits in the ways int64[P]."""
    policies, first = np.arange(len(way)), np.unique(way, return_index=True)[1]
    if len(way) - len(first) < FEWEST:
        return Rows(policies, np.full(len(way), WHOLE), None)
    part = np.repeat([WITH_ADMISSIONS, VISITS_ONLY], [len(way), len(first)])
    return Rows(np.append(policies, first), part, len(way) + way)


class Readings:
    """What the draws leave that a thread walks one after the other, by what its arrays come to behind each: read for some draws
    at once, which takes little longer than for one. A thread has one of these at a time: they share its room."""

    def __init__(self, sums: DrawSums, whole: bool) -> None:
        """`sums` are the thread's, all zero; those read are without the histogram unless `whole`."""
        self._sums, self._whole = [*sums.paid, *sums.drawn], whole
        self._room = max(ROWS_AT_ONCE // len(sums.paid.place), 1)
        self._stack = [array[None] for array in self._sums] if self._room == 1 else _stack_for(self._sums, self._room)
        self._before: list[np.ndarray] | None = None
        self._shared, self._variant, self._noted = ALONE, np.zeros(0, np.int64), 0

    def note(self, shared: Shared, variant: np.ndarray) -> list[Sums]:
        """A draw has been walked whose policies share this and have the variants int64[P]; returns the sums of the draws that
        are read now, in their order."""
        left = list[Sums]()
        if shared is not self._shared or not np.array_equal(variant, self._variant):
            left = self.rest()
            self._shared, self._variant = shared, variant
        if self._room > 1:
            for stack, array in zip(self._stack, self._sums, strict=True):
                stack[self._noted] = array
        self._noted += 1
        return left + self.rest() if self._noted == self._room else left

    def rest(self) -> list[Sums]:
        """The sums of the draws that were noted and not read."""
        count, self._noted = self._noted, 0
        if count == 0:
            return []
        paid, drawn = [array[:count] for array in self._stack[:len(PolicySums._fields)]], self._stack[len(PolicySums._fields):]
        of_rows, of_variants = folded(DrawSums(PolicySums(*paid), DrawnSums(*(array[:count] for array in drawn))), self._whole)
        now = of_rows + of_variants
        before = self._before or [np.zeros_like(array[:1]) for array in now]
        own = [less(*pair) for pair in zip(now, before, strict=True)]
        self._before = [array[-1:].copy() for array in now]
        whole = of_policies((own[:len(of_rows)], own[len(of_rows):]), self._shared, self._variant)
        return [Sums(*of_draw) for of_draw in zip(*whole, strict=True)]


def _stack_for(arrays: list[np.ndarray], room: int) -> list[np.ndarray]:
    """This thread's room for what so many draws leave."""
    shapes = [(room, *array.shape) for array in arrays]
    stack = getattr(_here, "stack", [])
    if [array.shape for array in stack] != shapes:
        _here.stack = stack = [np.empty(shape, np.int64) for shape in shapes]
    return stack


Folded = tuple[list[np.ndarray], list[np.ndarray]]      # what is paid by row, what was drawn by variant of care


def folded(sums: DrawSums, whole: bool) -> Folded:
    """What the sums of D draws (a leading axis) fold to: by month, by tier, by quintile, and the rest; without the histogram
    unless `whole`."""
    paid, drawn = sums
    place = paid.place.reshape(*paid.place.shape[:2], PAID, *SHAPE)
    everybody = place.sum(axis=3)
    month = everybody[..., 0] + everybody[..., 1] + everybody[..., 2] + everybody[..., 3]
    of_rows = [month, everybody.sum(axis=4), place[:, :, :, 1:].sum(axis=(4, 5, 6)), paid.illness, paid.first_bill, paid.person,
               paid.household, paid.histogram if whole else paid.histogram[..., :0]]
    of_drawn = drawn.place.reshape(*drawn.place.shape[:2], *SHAPE, DRAWN)
    everybody = of_drawn.sum(axis=2)
    of_variants = [everybody.sum(axis=4), everybody.sum(axis=3), of_drawn[:, :, 1:].sum(axis=(3, 4, 5)), drawn.illness]
    return of_rows, of_variants


def less(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """What each draw has added, where `now` [D, ...] is what there was behind it, and `before` [1, ...] what there was behind the
    one before the first."""
    own = now.copy()
    own[1:] -= now[:-1]
    own[:1] -= before
    return own


def of_policies(own: Folded, shared: Shared, variant: np.ndarray) -> Sums:
    """The sums of P policies in D draws, each with the row that it shares; `variant` int64[P] tells whose claims a policy
    paid."""
    paid, drawn, rows = *own, shared.rows
    if rows.shared is not None:
        paid = [array[:, :len(rows.shared)] + array[:, rows.shared] for array in paid]
    if len(shared.own) < len(variant):
        paid = [array[:, shared.of_policy] for array in paid]
    month, tier, quintile = (np.concatenate([np.moveaxis(of_rows, 2, -1), of_variants[:, variant]], axis=-1)
                             for of_rows, of_variants in zip(paid[:3], drawn[:3], strict=True))
    return Sums(month, tier, quintile, np.concatenate([paid[3], drawn[3][:, variant]], axis=-1), *paid[4:])


_here = threading.local()
_PLACES = np.arange(PLAN_WIDTH)
_MAY_MOVE = np.isin(_PLACES, places("factor", "account_balance"))
_READ_BY_VISITS = ~np.isin(_PLACES, places(*OF_ADMISSIONS))
