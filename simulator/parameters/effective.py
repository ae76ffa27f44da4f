"""A schedule at its level: the ratios that are paid where k scales those that are written, r' = 1 - k (1 - r).

A scenario's change acts on what is paid: five points more are five points at any k, a stated ratio is paid as stated, and a
tenth more is a tenth of what was paid before.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from simulator.parameters.change import as_written, changed_data, each_of
from simulator.parameters.values import Value, quantity_at, value_as

HUNDREDTH = Decimal("0.01")
ALL_PAID, NONE_PAID = Decimal(100), Decimal(0)
FIXED = {"ratio": ALL_PAID, "class_bonus": NONE_PAID}           # the percentage that no k moves: points are scaled with the share


def effective(value: Value, k: Decimal) -> Any:
    """A ratio or the points of a member class as they are paid at level k, in the shape of `value.value`, in percent.

    Scaled numbers are rounded half up to a hundredth of a percent. A scenario's change moves what is paid without it, which is
    taken to lie within 0 and 100% for that, and leaves a ratio within them.
    """
    if k == 1:
        return value.value
    name = value.path.rpartition(".")[2]
    if not value.steps:
        fixed = FIXED[name]
        return each_of(value.value, lambda percent: rounded(fixed - k * (fixed - percent)))
    limited = _within if name == "ratio" else _same
    data = as_written(each_of(effective(value.before, k), limited), value.path) if value.before else None
    quantity = quantity_at(value.path)[1]
    for key, verb, operand in value.steps:
        data = changed_data(data, quantity, key, verb, operand, value.path, rounded=True)
    return each_of(value_as(data, quantity), limited)


def rounded(percent: Decimal) -> Decimal:
    """Half up to a hundredth of a percent."""
    return percent.quantize(HUNDREDTH, ROUND_HALF_UP)


def _within(percent: Decimal) -> Decimal:
    return min(max(percent, NONE_PAID), ALL_PAID)


def _same(percent: Decimal) -> Decimal:
    return percent


def in_words(data: dict[str, list[Decimal]]) -> dict[str, list[str]]:
    """Ratios by tier as text, each within 0 and 100%."""
    return {tier: [f"{_within(percent).normalize():f}" for percent in bands] for tier, bands in data.items()}
