"""A Plan turned back into the mapping of a plan file, so that the reference can settle under it."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.dimensions import DIMENSIONS
from simulator.money import UNLIMITED, yuan
from simulator.parameters.plans import PLAN_KEYS
from simulator.plan import TERMS, Plan, Term


def text_of(term: Term, value: int) -> Any:
    """One value of a row of terms as a plan file states it. A ratio is as exact: both are hundredths of what is written."""
    if term.words:
        return term.words[value]
    if term.unit == "flag":
        return bool(value)
    return "unlimited" if term.is_limit and value == UNLIMITED else yuan(value)


def stated(name: str, value: int | np.ndarray) -> Any:
    """A term as a plan file states it; every schedule is written out by tier and member class.

    ValueError if the last top is not without limit, which a file cannot say; the places behind it must not be there.
    """
    term = TERMS[name]
    if not term.shape:
        return text_of(term, int(value))
    values = np.asarray(value)
    if len(term.shape) > 1:
        by_class = np.moveaxis(values, term.shape.index("class"), 1)
        return {tier: {member: [text_of(term, one) for one in row] for member, row in zip(DIMENSIONS["class"], rows, strict=True)}
                for tier, rows in zip(DIMENSIONS["tier"], by_class.tolist(), strict=True)}
    first = term.shape[0]
    if first == "band":
        if term.is_amount and values[-1] != UNLIMITED:
            raise ValueError(f"the last of {name} is {values[-1]} fen, not without limit")
        return [text_of(term, one) for one in (values[:-1] if term.is_amount else values).tolist()]
    pairs = list(zip(DIMENSIONS[first], values.tolist(), strict=True))
    return [key for key, there in pairs if there] if term.unit == "flag" else {key: text_of(term, one) for key, one in pairs}


def plan_text(plan: Plan) -> dict[str, Any]:
    """The plan as amounts in yuan and ratios in percent, both text, without loss but for terms that plan files do not state."""
    return {name: stated(name, getattr(plan, name)) for name in PLAN_KEYS}
