"""The rules that the bills of a claims file are settled by: one rule book for all, or that of each bill's day of discharge."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from simulator.parameters.claims_terms import ClaimsTerms
from simulator.parameters.errors import InputError
from simulator.plan import PLAN_WIDTH


@dataclass(frozen=True, eq=False)
class RuleBook:
    """Rules with a name: rows of terms int64[rows, PLAN_WIDTH], several for a plan with hospital tiers of its own."""

    name: str
    terms: np.ndarray
    notes: tuple[str, ...] = ()


@dataclass
class RuleBooks:
    """The rule books of a file. `of_day` gives that of a day (YYYYMMDD; 0: the bill has no date), InputError where none is known;
    without it `usual` holds for all bills.
    """

    claims: ClaimsTerms
    usual: RuleBook | None = None
    of_day: Callable[[int], RuleBook] | None = None
    books: list[RuleBook] = field(default_factory=list)
    _places: dict[int, int | InputError] = field(default_factory=dict)

    @property
    def of_region(self) -> bool:
        """Whether bills have the rules of their day."""
        return self.of_day is not None

    def find(self, days: np.ndarray) -> tuple[np.ndarray, dict[int, InputError]]:
        """For each bill the place of its first row in `terms`, int64[n], and why there are no rules for some bills."""
        if self.of_day is None:
            if not self.books and self.usual is not None:
                self.books.append(self.usual)
            return np.zeros(len(days), dtype=np.int64), {}
        different, which = np.unique(days, return_inverse=True)
        places = np.zeros(len(different), dtype=np.int64)
        unknown: dict[int, InputError] = {}
        for at, day in enumerate(different.tolist()):
            if day not in self._places:
                self._places[day] = self._place(day)
            place = self._places[day]
            if isinstance(place, InputError):
                unknown |= dict.fromkeys(np.flatnonzero(which == at).tolist(), place)
            else:
                places[at] = place
        return places[which], unknown

    def _place(self, day: int) -> int | InputError:
        assert self.of_day is not None
        try:
            book = self.of_day(day)
        except InputError as error:
            return error
        if book not in self.books:
            self.books.append(book)
        return self._begins()[self.books.index(book)]

    def name_at(self, place: int) -> str:
        """The name of the rule book that a row of terms belongs to."""
        return self.books[bisect_right(self._begins(), place) - 1].name

    def _begins(self) -> list[int]:
        return np.cumsum([0, *(len(book.terms) for book in self.books)]).tolist()

    def terms(self) -> np.ndarray:
        """All rows of the books found so far, int64[n, PLAN_WIDTH]."""
        return np.concatenate([book.terms for book in self.books] or [np.zeros((1, PLAN_WIDTH), dtype=np.int64)])
