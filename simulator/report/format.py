"""Numbers for readers: sensible digits, rounded half up, grouped thousands, a true minus sign, and "-" for an absent figure."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

MINUS = "\N{MINUS SIGN}"
NONE = "-"                     # stands for an absent figure
MARK = "\N{DAGGER}"            # marks a mean whose standard error cannot be trusted


def number(value: float | None, places: int = 0) -> str:
    """A number with `places` decimals, a half of the last one up (0.5 is 1, as 0.5% stands in tables); "-" for None, NaN and
    infinity, and never minus zero."""
    if value is None or not math.isfinite(value):
        return NONE
    text = f"{Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def marked(text: str, warning: str) -> str:
    """Add the mark of a heavy tail to a figure for which the run has that warning, or to the dash in place of its interval."""
    return f"{text} {MARK}" if warning else text


def percent(value: float | None, places: int = 1) -> str:
    """A percentage with its sign; `value` is already in percent."""
    text = number(value, places)
    return text if text == NONE else f"{text}%"


def points(value: float) -> str:
    """A limit as its document states it, without needless decimals."""
    return f"{value:g}".replace("-", MINUS)


def amount(value: float | None, unit: str, size: float | None = None) -> str:
    """A measure's value in its unit. `size` (default: the value) sets how many digits are sensible, so that a difference or an
    interval gets the digits of its level."""
    if value is None or not math.isfinite(value):
        return NONE
    return number(value * (100 if unit == "probability" else 1), places_of(value if size is None else size, unit))


def places_of(value: float, unit: str) -> int:
    """The number of decimals of a value of this size in this unit."""
    size = abs(value) if math.isfinite(value) else 0.0
    if unit == "probability":
        return 0
    if unit == "index":
        return 3
    if unit in ("%", "month"):
        return 1 if size >= 0.1 or size == 0 else 2
    if size >= 0.1 or size == 0:
        return 0 if size >= 1000 else 1 if size >= 10 else 2
    return 3 if size >= 0.01 else 4


def interval(value: float, low: float, high: float, unit: str, size: float) -> tuple[str, str, str]:
    """A difference and the ends of its interval, with signs and the digits of values of `size`; they have one digit more where
    the interval would vanish without it, and up to two where an end would lose its sign."""
    scale = 100 if unit == "probability" else 1
    half, places = (high - low) / 2 * scale, places_of(size, unit)
    if 0 < half < 10 ** -places:
        places += 1
    ends = [abs(end) * scale for end in (low, high) if end]
    most = places + 2
    while places < most and any(end < 0.5 * 10 ** -places for end in ends):
        places += 1
    return signed(value * scale, places), signed(low * scale, places), signed(high * scale, places)


def signed(value: float, places: int) -> str:
    """A number with its sign; zero has none."""
    text = number(value, places)
    return text if text == NONE or text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"
