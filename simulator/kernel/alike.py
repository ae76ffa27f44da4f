"""Who is paid alike: assistance groups and member classes that a plan does not tell apart, settled once for the expectation."""

from __future__ import annotations

import numpy as np

from simulator import plan as t
from simulator.compiling.compiled import lean
from simulator.compiling.types import Ints


@lean
def alike(terms: Ints, group: int, other: int) -> bool:
    """Whether what two assistance groups are paid of a first bill differs in assistance alone."""
    return (terms[t.DEDUCTIBLE_WAIVED + group] == terms[t.DEDUCTIBLE_WAIVED + other]
            and terms[t.CII_THRESHOLD_SHARE + group] == terms[t.CII_THRESHOLD_SHARE + other]
            and terms[t.CII_RATIO_BONUS + group] == terms[t.CII_RATIO_BONUS + other])


@lean
def stands_for_others(terms: Ints, group: int) -> bool:
    """Whether a group is the first of those that are alike."""
    first = 0
    while not alike(terms, first, group):
        first += 1
    return first == group


def by_kind_of_class(kinds: list[int], expected: np.ndarray, axis: int) -> np.ndarray:
    """Expected bills with the member classes (`axis`) that one policy treats alike put together: each stands where the first of
    its `kinds` does, up to the last of these."""
    where = (slice(None),) * axis
    result = np.zeros_like(expected[(*where, slice(max(kinds) + 1))])
    for c, kind in enumerate(kinds):
        result[(*where, kind)] += expected[(*where, c)]
    return result


def kinds_of_classes(terms: np.ndarray) -> list[int]:
    """For each member class the first that a row of terms treats as it is. (First-bill payments leave accounts out.)"""
    kinds = [b"".join(terms[t.places(name)].reshape(t.SHAPES[name]).take(c, term.shape.index("class")).tobytes()
                      for name, term in t.TERMS.items() if "class" in term.shape and name != "account_balance")
             for c in range(t.N_CLASSES)]
    return [kinds.index(kind) for kind in kinds]
