"""How a dated amount grows: by the rate of each year after its date, so that a rate may have a path of its own."""

from __future__ import annotations

from decimal import Decimal

from .values import START_OF_TIME, Read, Value


def yearly_rates(read: Read, path: str, dated: Value, year: int) -> list[Decimal]:
    """The rates in percent by which a dated amount grows from the year of its date to `year`, year by year. Where the rate has
    not begun, that of `year` holds; what holds from the start of time does not grow."""
    if dated.from_ == START_OF_TIME or dated.from_.year >= year:
        return []
    latest = read(path, year).value
    steps = (read(path, step, False) for step in range(dated.from_.year + 1, year + 1))
    return [latest if step is None else step.value for step in steps]
