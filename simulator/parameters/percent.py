"""Percentages as people write them: `75`, `75%`, and `0.75%` with its sign, because 0.75 may be three quarters as a fraction."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"
MARKED = re.compile(f"{NUMBER}%", re.ASCII)
FRACTION = re.compile(r"-?0\.[0-9]*[1-9][0-9]*", re.ASCII)


def fraction_fault(text: str) -> dict[str, Any]:
    """The fields of the InputError that refuses a fraction where a percentage belongs."""
    return {"problem": "a fraction in place of a percentage?", "value": text, "expected": f"percent, and {text} means {text}%",
            "next_step": f"write {(Decimal(text) * 100).normalize():f}, or {text}% if that is meant"}


def is_fraction(text: object) -> bool:
    """Whether a text is a bare number between 0 and 1, or between -1 and 0."""
    return isinstance(text, str) and FRACTION.fullmatch(text) is not None


def unmarked(data: Any) -> Any:
    """A percentage, or a list or mapping of such, without percent signs."""
    if isinstance(data, dict):
        return {key: unmarked(part) for key, part in data.items()}
    if isinstance(data, list):
        return [unmarked(part) for part in data]
    return data[:-1] if isinstance(data, str) and MARKED.fullmatch(data) else data


def marked(data: Any) -> Any:
    """The opposite of `unmarked`, for percentages that a program has worked out: what is between 0 and 1 gets its sign."""
    if isinstance(data, dict):
        return {key: marked(part) for key, part in data.items()}
    if isinstance(data, list):
        return [marked(part) for part in data]
    return f"{data}%" if is_fraction(data) else data
