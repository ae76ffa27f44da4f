"""How a dated amount grows: by the rate of each year after its date, so that a rate may have a path of its own."""

from __future__ import annotations

from decimal import Decimal

from .values import START_OF_TIME, Read, Value


def yearly_rates(read: Read, path: str, dated: Value, year: int) -> list[Decimal]:
    """The rates in percent by which a dated amount grows from the year of its date to `year`, year by year."""
    return [rate.value for rate in yearly_values(read, path, dated, year)]


def yearly_values(read: Read, path: str, dated: Value, year: int) -> list[Value]:
    """The rates of `yearly_rates` as they are stated. Where the rate has not begun, that of `year` holds; what holds from the
    start of time does not grow."""
    if dated.from_ == START_OF_TIME or dated.from_.year >= year:
        return []
    latest = read(path, year)
    steps = (read(path, step, False) for step in range(dated.from_.year + 1, year + 1))
    return [step or latest for step in steps]
