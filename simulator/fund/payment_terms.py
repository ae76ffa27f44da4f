"""Terms of a fund that need not be stated: how insurers rate their covers, what budgets of hospitals rest on, how far hospitals
respond, and who pays family doctors.

A parameter that is absent is neutral. Units are those of `FundTerms`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from simulator.money import ONE

BUDGET_BASES = ("last_budget", "last_claims", "revenue")
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
    budget_base: int = 0               # index into BUDGET_BASES
    budget_per_head: int = 0           # fen a member, of the first year; 0: its claims
    spending_target: int = 0           # of what the year's pooled funding leaves for care; 0: none
    response_limit: int = 0            # most that hospitals' pressure comes to; 0: they do not respond
    gp_health_share: int = 0           # of contract fees, from public health money
    public_health: int = 0             # fen a member
    entrant_share: int = 0             # of members, from state enterprises
    entering_share: int = 0            # of members, in this year
    entrant_retired: int = 0           # of the entrants
    entrant_base_ratio: int = 0        # of the average wage
    entry_payment: int = 0             # fen, once for each retiree who enters


def _share(path: str, neutral: int) -> Callable[[Any], int]:
    """Read an optional percentage in 1/10,000."""
    return lambda of: neutral if of.optional(path) is None else of.share(path)


def _base(of: Any) -> int:
    """Read what budgets rest on."""
    stated = of.optional("payment.{scheme}.budget_base")
    return 0 if stated is None else BUDGET_BASES.index(stated)


def entrants(region: Any, scheme: str, year: int, base_year: int) -> Fraction:
    """The share of members in `year` who have come from state enterprises (`funding.*.enterprise_entrants`), beside those whom
    the statistics of the first year count."""
    stated = region.value(f"funding.{scheme}.enterprise_entrants", year, required=False)
    if stated is None or stated.value == 0:
        return Fraction(0)
    number = Fraction(stated.value)
    return number / (Fraction(region.value(f"population.{scheme}.participants", base_year).value) + number)


def _entered(of: Any, year: int) -> int:
    """The entrants' share of members in a year, in 1/10,000, half up."""
    return int((2 * ONE * entrants(of.region, of.scheme, year, of.base_year) + 1) // 2) if of.wages else 0


def _of_entrants(name: str, kind: str, neutral: int) -> Callable[[Any], int]:
    """Read one of the entrants' terms, zero for schemes that have none."""
    path = f"funding.{{scheme}}.{name}"
    return lambda of: 0 if not of.wages else neutral if of.optional(path) is None else getattr(of, kind)(path)


OPTIONAL_READERS: dict[str, Callable[[Any], Any]] = {
    **{f"{topic}_{name}": read for topic in ("cii", "supplement") for name, read in (
        ("loss_ratio_low", _share(f"{topic}.{{scheme}}.loss_ratio_low", 0)),
        ("loss_ratio_high", _share(f"{topic}.{{scheme}}.loss_ratio_high", NO_BOUND)),
        ("rerate_step", _share(f"{topic}.{{scheme}}.rerate_step", 0)))},
    "budget_base": _base,
    "budget_per_head": lambda of: 0 if of.optional("payment.{scheme}.budget_per_head") is None else of.fen(
        "payment.{scheme}.budget_per_head"),
    "spending_target": _share("payment.{scheme}.spending_target", 0),
    "response_limit": _share("payment.{scheme}.response_limit", 0),
    "gp_health_share": _share("payment.{scheme}.gp_health_share", 0),
    "entrant_share": lambda of: _entered(of, of.year),
    "entering_share": lambda of: max(_entered(of, of.year) - _entered(of, of.year - 1), 0),
    "entrant_retired": _of_entrants("enterprise_retired_share", "share", 0),
    "entrant_base_ratio": _of_entrants("enterprise_base_ratio", "share", ONE),
    "entry_payment": _of_entrants("enterprise_payment", "fen", 0),
    "public_health": lambda of: 0 if of.optional("public_health.per_head") is None else of.fen("public_health.per_head"),
}
