"""A term with several values as a plan file states it (docs/settlement.md): one value for all, or mappings, or lists."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from simulator.dimensions import DIMENSIONS
from simulator.money import ONE, UNLIMITED, fen, ratio
from simulator.parameters.catalogue import CLASSES, TIERS
from simulator.parameters.percent import unmarked
from simulator.plan import ORDERS, TERMS
from simulator.term import Term


def integer(term: Term, stated: Any) -> int:
    """One value: fen, 1/10,000, 0 or 1, or the number of a word. ValueError for what is too fine or not known."""
    if term.words:
        if stated not in term.words:
            raise ValueError(f"{stated!r}; expected one of {', '.join(term.words)}")
        return term.words.index(stated)
    if term.is_amount:
        return UNLIMITED if stated == "unlimited" else min(fen(Decimal(stated)), UNLIMITED)
    return ratio(Decimal(unmarked(stated))) if term.is_ratio else int(stated)


def index_of(dimension: str, key: str, chronic_groups: Sequence[str] = ()) -> int:
    """The place of a key in its dimension; groups of chronic diseases also go by the names that the file gives them. ValueError
    for a stranger."""
    if dimension == "chronic" and key in chronic_groups:
        return list(chronic_groups).index(key)
    keys = DIMENSIONS[dimension]
    if key not in keys:
        raise ValueError(f"unknown {dimension} {key!r}; expected one of {', '.join([*chronic_groups, *keys])}")
    return keys.index(key)


def by_a_later(said: dict[str, Any], dimensions: Sequence[str]) -> bool:
    """Whether a mapping goes by another than the first of the dimensions. An empty one goes by the first."""
    return bool(said) and any(said.keys() <= set(DIMENSIONS[key]) for key in dimensions[1:] if key in ("tier", "class"))


def spread(term: Term, stated: Any, chronic_groups: Sequence[str] = ()) -> np.ndarray:
    """A term's values int64[its shape] from one value for all or mappings, one within the other; what is absent is neutral.

    A mapping by a later dimension where one by an earlier could stand holds for each of its keys: one by tier for each group of
    chronic diseases, one by member class for each tier.
    """
    result = np.full([len(DIMENSIONS[key]) for key in term.shape], term.neutral, dtype=np.int64)

    def fill(part: np.ndarray, said: Any, dimensions: tuple[str, ...]) -> None:
        if not isinstance(said, dict):
            part[...] = integer(term, said)
        elif by_a_later(said, dimensions):
            for one in part:
                fill(one, said, dimensions[1:])
        else:
            for key, inner in said.items():
                place = index_of(dimensions[0], key, chronic_groups)
                if len(dimensions) > 1:
                    fill(part[place], inner, dimensions[1:])
                else:
                    part[place] = integer(term, inner)
    fill(result, stated, term.shape)
    return result


RATIO_KEYS = ("ratio", "outpatient_ratio", "chronic_ratio")            # a bill has the ratio of one of them


def unstated_ratios(said: dict[str, Any], row: int) -> set[tuple[int, int, int, int, int]]:
    """Of one row of a plan file's terms, what its ratios leave out: (row, place in RATIO_KEYS, group of chronic diseases or 0,
    tier, class). A ratio that is not stated at all is no layer of the plan, and leaves nothing out."""
    missing: set[tuple[int, int, int, int, int]] = set()
    for kind, key in enumerate(RATIO_KEYS):
        stated = said.get(key) or {}
        by_group = kind == 2 and not stated.keys() <= set(TIERS)
        for group in (range(1, len(DIMENSIONS["chronic"]) + 1) if kind == 2 and stated else (0,)):
            names = said.get("chronic_groups") or ()
            own = stated
            if by_group:
                called = [name for name in stated if index_of("chronic", name, names) == group - 1]
                own = stated[called[0]] if called else {}
            for tier, member in itertools.product(TIERS, CLASSES) if stated else ():
                rows = own.get(tier)
                if rows is None or (isinstance(rows, dict) and member not in rows):
                    missing.add((row, kind, group, TIERS.index(tier), CLASSES.index(member)))
    return missing


def is_share(value: Any) -> bool:
    """Whether a deductible is stated as a share of the admission."""
    return isinstance(value, str) and value.endswith("%")


def by_order(values: list) -> list:
    """Values of the first, second, ... admission: the last one stated holds from there on."""
    return values + values[-1:] * (ORDERS - len(values))


def deductibles(stated: dict) -> tuple[np.ndarray, np.ndarray]:
    """The deductibles as amounts int64[tier, order, class] and as shares int64[tier, order], each 0 where the other holds."""
    amounts = np.zeros((len(TIERS), ORDERS, len(CLASSES)), dtype=np.int64)
    shares = np.zeros((len(TIERS), ORDERS), dtype=np.int64)
    for tier, rows in stated.items():
        place = index_of("tier", tier)
        for member, row in (rows if isinstance(rows, dict) else dict.fromkeys(CLASSES, rows)).items():
            if not 1 <= len(row) <= ORDERS:
                raise ValueError(f"{tier} needs 1 to {ORDERS} values, got {len(row)}")
            for order, value in enumerate(by_order(list(row))):
                if not is_share(value):
                    amounts[place, order, index_of("class", member)] = integer(TERMS["deductible"], value)
                elif isinstance(rows, dict):
                    raise ValueError(f"{tier}: a share such as {value} holds for all classes; state it in the tier's list")
                else:
                    shares[place, order] = integer(TERMS["deductible_share"], value)
    return amounts, shares


def inpatient_ratios(stated: dict, bands: int, own_share: dict) -> np.ndarray:
    """The ratios int64[tier, class, band]; a class bears `own_share` of its own part of what is stated (%, 100 where absent)."""
    result = np.zeros((len(TIERS), len(CLASSES), bands), dtype=np.int64)
    for tier, rows in stated.items():
        for member, row in (rows if isinstance(rows, dict) else dict.fromkeys(CLASSES, rows)).items():
            if len(row) != bands:
                raise ValueError(f"{tier} needs {bands} values, got {len(row)}")
            values = np.array([integer(TERMS["ratio"], value) for value in row], dtype=np.int64)
            own = ratio(Decimal(unmarked(own_share.get(member, 100))))
            result[index_of("tier", tier), index_of("class", member)] = ONE - ((ONE - values) * own + ONE // 2) // ONE
    return result
