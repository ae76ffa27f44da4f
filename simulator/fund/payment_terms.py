"""Terms of a fund that need not be stated: how insurers rate their covers, and what budgets of hospitals rest on.

A parameter that is absent is neutral. Units are those of `FundTerms`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.money import ONE
from simulator.parameters.errors import InputError

NO_BOUND = 100 * ONE           # of a loss ratio: claims of a hundred times the premium


@dataclass(frozen=True, kw_only=True)
class OptionalTerms:
    """The optional terms of one scheme and year, with their neutral values."""

    cii_loss_ratio_low: int = 0        # claims over premium, 1/10,000
    cii_loss_ratio_high: int = NO_BOUND
    cii_rerate_step: int = 0           # of the premium, a year
    supplement_loss_ratio_low: int = 0
    supplement_loss_ratio_high: int = NO_BOUND
    supplement_rerate_step: int = 0


def _share(path: str, neutral: int) -> Callable[[Any], int]:
    """Read an optional percentage in 1/10,000."""
    return lambda of: neutral if of.optional(path) is None else of.share(path)


def _high(topic: str) -> Callable[[Any], int]:
    """Read the upper bound of a loss ratio. InputError for one below the lower bound or for zero."""
    def read(of: Any) -> int:
        low, high = (_share(f"{topic}.{{scheme}}.{name}", neutral)(of)
                     for name, neutral in (("loss_ratio_low", 0), ("loss_ratio_high", NO_BOUND)))
        if high < max(low, 1):
            raise InputError(f"{of.path(f'{topic}.{{scheme}}.loss_ratio_high')} in {of.year}:", value=f"{high / 100:g}%",
                             expected=f"above zero, and not below loss_ratio_low ({low / 100:g}%)")
        return high
    return read


OPTIONAL_READERS: dict[str, Callable[[Any], Any]] = {
    **{f"{topic}_{name}": read for topic in ("cii", "supplement") for name, read in (
        ("loss_ratio_low", _share(f"{topic}.{{scheme}}.loss_ratio_low", 0)),
        ("loss_ratio_high", _high(topic)),
        ("rerate_step", _share(f"{topic}.{{scheme}}.rerate_step", 0)))},
}
