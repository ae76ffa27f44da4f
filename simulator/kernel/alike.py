"""Who is paid alike: assistance groups and member classes that a plan does not tell apart, settled once for the expectation."""

from __future__ import annotations

import numpy as np

from simulator import plan as t
from simulator.compiling.compiled import lean
from simulator.compiling.types import Ints

ASSISTANCE_TERMS = (t.MA_INPATIENT_RATIO, t.MA_OUTPATIENT_RATIO, t.MA_LISTED_RATIO, t.MA_DEDUCTIBLE, t.MA_CAP, t.MA_SECOND_RATIO,
                    t.MA_SECOND_THRESHOLD, t.MA_SECOND_CAP)         # that have a value for each group


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


@lean
def find_twins(terms: Ints, twin: Ints) -> None:
    """Fill twin int64[G] with the first group that is paid as each group is, of a first bill, in assistance too."""
    for group in range(t.N_GROUPS):
        first = 0
        while not (alike(terms, first, group) and assisted_alike(terms, first, group)):
            first += 1
        twin[group] = first


@lean
def assisted_alike(terms: Ints, group: int, other: int) -> bool:
    """Whether two assistance groups have the same assistance; the first group has none."""
    for term in ASSISTANCE_TERMS:
        if terms[term + group] != terms[term + other]:
            return False
    return (group == 0) == (other == 0)


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
