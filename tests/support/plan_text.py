"""A Plan turned back into the mapping of a plan file, so that the reference can settle under it."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.dimensions import DIMENSIONS
from simulator.money import UNLIMITED, yuan
from simulator.parameters.plans import PLAN_KEYS
from simulator.plan import TERMS, Plan
from simulator.term import Term


def text_of(term: Term, value: int) -> Any:
    """One value of a row of terms as a plan file states it. A ratio is as exact: both are hundredths of what is written."""
    if term.words:
        return term.words[value]
    if term.unit == "flag":
        return bool(value)
    return "unlimited" if term.is_limit and value == UNLIMITED else yuan(value)


def nested(term: Term, values: np.ndarray, dimensions: tuple[str, ...]) -> Any:
    """Values by the dimensions of a term, from without; one for all that are equal, where a plan file may say so."""
    if not dimensions:
        return text_of(term, int(values))
    first, rest = dimensions[0], dimensions[1:]
    if (first in ("class", "chronic") or term.has_one_for_all) and (values == values[:1]).all():
        return nested(term, values[0], rest)
    return {key: nested(term, part, rest) for key, part in zip(DIMENSIONS[first], values, strict=True)}


def deductibles(amounts: np.ndarray, shares: np.ndarray) -> dict[str, Any]:
    """Deductibles by tier and class, what holds from some admission on written once; shares stand in the tier's list."""
    def written(values: list[str]) -> list[str]:
        while len(values) > 1 and values[-1] == values[-2]:
            values.pop()
        return values

    found: dict[str, Any] = {}
    for t, tier in enumerate(DIMENSIONS["tier"]):
        texts = [written([f"{yuan(int(part))}%" if part else yuan(int(amount))
                          for amount, part in zip(amounts[t, :, c], shares[t], strict=True)])
                 for c in range(len(DIMENSIONS["class"]))]
        found[tier] = texts[0] if shares[t].any() else dict(zip(DIMENSIONS["class"], texts, strict=True))
    return found


def stated(name: str, value: int | np.ndarray) -> Any:
    """A term as a plan file states it; every schedule of ratios is written out by tier and member class.

    ValueError if the last top is not without limit, which a file cannot say; the places behind it must not be there.
    """
    term = TERMS[name]
    if not term.shape:
        return text_of(term, int(value))
    values = np.asarray(value)
    if name == "deductible":
        return deductibles(values, np.zeros(values.shape[:2], dtype=np.int64))
    if term.shape == ("tier", "class", "band"):
        return {tier: {member: [text_of(term, one) for one in row] for member, row in zip(DIMENSIONS["class"], rows, strict=True)}
                for tier, rows in zip(DIMENSIONS["tier"], values.tolist(), strict=True)}
    if len(term.shape) > 1 or term.has_one_for_all:
        return nested(term, values, term.shape)
    first = term.shape[0]
    if first == "band":
        if term.is_tops and values[-1] != UNLIMITED:
            raise ValueError(f"the last of {name} is {values[-1]} fen, not without limit")
        if name == "supplement_ratio" and len(values) == 1:
            return text_of(term, int(values[0]))
        return [text_of(term, one) for one in (values[:-1] if term.is_tops else values).tolist()]
    pairs = list(zip(DIMENSIONS[first], values.tolist(), strict=True))
    return [key for key, there in pairs if there] if term.unit == "flag" else {key: text_of(term, one) for key, one in pairs}


ONE_A_BAND = ("band_own_least",)                   # neutral, it would still have to have as many values as there are bands


def plan_text(plan: Plan) -> dict[str, Any]:
    """The plan as amounts in yuan and ratios in percent, both text, without loss but for terms that plan files do not state."""
    found = {name: stated(name, getattr(plan, name)) for name in PLAN_KEYS
             if (name not in ONE_A_BAND or np.asarray(getattr(plan, name)).any())}
    return found | {"deductible": deductibles(np.asarray(plan.deductible), np.asarray(plan.deductible_share))}
