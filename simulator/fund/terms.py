"""The fund's terms of one scheme in one year, from the region's parameters, and the funding they bring.

Amounts in fen, ratios in 1/10,000, lags in months, months of expenditure in 1/10,000 of a month.
Central values only: what a draw makes of them is in `YearFlows.funding_index` and `wage_index`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import MAXYEAR
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.fund.accounts import portion, rounded
from simulator.fund.control import CUMULATIVE_BASES
from simulator.money import ONE
from simulator.parameters.errors import InputError
from simulator.parameters.values import START_OF_TIME
from simulator.tables import YearFlows

if TYPE_CHECKING:
    from simulator.parameters.regions import Reader, Region


@dataclass(frozen=True)
class FundTerms:
    """One scheme, one year, central values, plain ints. Stacked over P policies every number is int64 [P]."""

    region: str
    scheme: str
    year: int
    subsidy: int                    # fen a member; 0 in uebmi
    premium: int                    # fen a member; 0 in uebmi
    local_top_up: int               # fen a member, may be negative
    collection_ratio: int           # of everything due
    contribution_rate: int          # uebmi: of the contribution base, employer and employee; else 0
    contribution_base_ratio: int    # uebmi: of the average wage
    average_wage: int               # uebmi: fen a year
    pooled_share: int               # of funding; the rest goes to individual accounts
    interest_rate: int
    reserve_share: int              # of the year's revenue
    reserve_limit: int              # of the year's revenue
    claim_lag: int                  # months from discharge to payment
    subsidy_lag: int                # months a quarter's subsidy comes late
    cii_premium: int                # fen a member; 0 while CII is not in force
    annual_limit: int               # of the year's revenue
    annual_tolerance: int
    cumulative_limit: int           # of its base; of a month where the base is months
    cumulative_base: int            # index into control.CUMULATIVE_BASES
    secondary_threshold: int        # fen a person
    secondary_max_share: int
    warning_yellow: int             # 1/10,000 month
    warning_red: int
    premium_help: int               # share of the premiums paid by medical assistance
    opening_balance: int            # pooled fund, fen a member, at the start of the base year


def fund_terms(region: Region | Reader, scheme: str, year: int, base_year: int) -> FundTerms:
    """The terms that hold in `year`; the opening balance is that of `base_year`.

    Subsidy and premium grow by `funding_growth` a year, and the average wage by `wage_growth`, for
    every year after their last dated value; between two dated values, and for every other amount,
    the value in force stays nominal. A scenario's change, which has no date, counts as a value of
    `base_year`. Each is rounded once, half up to the fen. InputError if a parameter is missing, or
    has parts that a fen or 1/10,000 cannot hold.
    """
    def number(path: str, at: int = year) -> Fraction:
        return Fraction(_read(region, path, at).value)

    def grown(path: str, growth: str) -> int:
        return _half_up(100 * _grown(region, path, growth, year, base_year))

    def fen(path: str, at: int = year) -> int:
        return _whole(100 * number(path, at), path, at, "fen")

    def share(path: str) -> int:
        return _whole(100 * number(path), path, year, "hundredths of a percentage point")

    def months(path: str) -> int:
        return _whole(number(path), path, year, "months")

    def fine(path: str) -> int:
        return _whole(ONE * number(path), path, year, "1/10,000 of a month")

    funding, control, cii = f"funding.{scheme}", f"control.{scheme}", f"cii.{scheme}"
    wages = scheme == "uebmi"
    base = _read(region, f"{control}.cumulative_base", year).value
    limit = f"{control}.cumulative_limit"
    return FundTerms(
        region=region.name, scheme=scheme, year=year,
        subsidy=0 if wages else grown(f"{funding}.subsidy", f"{funding}.funding_growth"),
        premium=0 if wages else grown(f"{funding}.premium", f"{funding}.funding_growth"),
        local_top_up=0 if wages else fen(f"{funding}.local_top_up"),
        collection_ratio=share(f"{funding}.collection_ratio"),
        contribution_rate=share(f"{funding}.contribution_rate") if wages else 0,
        contribution_base_ratio=share(f"{funding}.contribution_base_ratio") if wages else 0,
        average_wage=grown("income.average_wage", "income.wage_growth") if wages else 0,
        pooled_share=share(f"{funding}.pooled_share"),
        interest_rate=share(f"{funding}.interest_rate"),
        reserve_share=share(f"{funding}.reserve_share"),
        reserve_limit=share(f"{funding}.reserve_limit"),
        claim_lag=months(f"{funding}.claim_lag"),
        subsidy_lag=0 if wages else months(f"{funding}.subsidy_lag"),
        cii_premium=fen(f"{cii}.premium") if _read(region, f"{cii}.in_force", year).value else 0,
        annual_limit=share(f"{control}.annual_limit"),
        annual_tolerance=share(f"{control}.annual_tolerance"),
        cumulative_limit=fine(limit) if base == "months_of_expenditure" else 0 if base == "none" else share(limit),
        cumulative_base=CUMULATIVE_BASES.index(base),
        secondary_threshold=fen(f"{control}.secondary_threshold"),
        secondary_max_share=share(f"{control}.secondary_max_share"),
        warning_yellow=fine(f"{control}.warning_yellow"),
        warning_red=fine(f"{control}.warning_red"),
        premium_help=0 if wages else _premium_help(region, scheme, year),
        opening_balance=fen(f"{funding}.opening_balance", base_year),
    )


def stack_terms(terms: FundTerms | Sequence[FundTerms]) -> FundTerms:
    """Terms of P policies, of one scheme and year, as one whose numbers are int64 [P]."""
    terms = [terms] if isinstance(terms, FundTerms) else list(terms)
    if len({(t.scheme, t.year) for t in terms}) != 1:
        raise ValueError(f"terms of {sorted({f'{t.scheme} {t.year}' for t in terms})} in one calendar, "
                         "expected one scheme and one year")
    numbers: dict[str, Any] = {f.name: np.array([getattr(t, f.name) for t in terms], dtype=np.int64)
                               for f in fields(FundTerms) if f.name not in ("region", "scheme", "year")}
    return FundTerms(region=", ".join(dict.fromkeys(t.region for t in terms)),
                     scheme=terms[0].scheme, year=terms[0].year, **numbers)


def funding_due(terms: FundTerms, flows: YearFlows) -> dict[str, np.ndarray]:
    """What is due for the year by head, pooled or not: premium, subsidy, top_up, contributions, int64 [D, P].

    The draw's standard a head (central standard x funding_index) and the draw's wage (x wage_index)
    are rounded to the fen, then multiplied by members, or active members, in integers. `terms` stacked.
    """
    members = flows.members[:, None]
    funding, wages = flows.funding_index[:, None], flows.wage_index[:, None]
    active = rounded(members * flows.active_share)
    payroll = active * rounded(terms.average_wage * wages)
    due = {
        "premium": members * rounded(terms.premium * funding),
        "subsidy": members * rounded(terms.subsidy * funding),
        "top_up": members * terms.local_top_up,
        "contributions": portion(portion(payroll, terms.contribution_base_ratio), terms.contribution_rate),
    }
    return {head: portion(amount, terms.collection_ratio) for head, amount in due.items()}


def _read(region: Region | Reader, path: str, year: int) -> Any:
    """The Value in force; InputError if there is none."""
    return region.value(path, year)


def _grown(region: Region | Reader, path: str, growth: str, year: int, base_year: int) -> Fraction:
    """The value of `path` in `year`: as dated, or, past its last date, with a step of growth for each year."""
    dated = _read(region, path, year)
    since = base_year if dated.from_ == START_OF_TIME else dated.from_.year
    amount = Fraction(dated.value)
    if since < year and dated.from_ == _read(region, path, MAXYEAR).from_:
        for step in range(since + 1, year + 1):
            amount *= 1 + Fraction(_read(region, growth, step).value) / 100
    return amount


def _premium_help(region: Region | Reader, scheme: str, year: int) -> int:
    """Share of the premiums that medical assistance pays: assisted shares x help by group, in 1/10,000."""
    shares = _read(region, f"population.{scheme}.assisted_shares", year).value
    help_ = _read(region, "assistance.premium_help", year).value
    return _half_up(sum((Fraction(shares.get(group, 0)) * Fraction(part) for group, part in help_.items()), Fraction(0)))


def _half_up(exact: Fraction) -> int:
    return int((2 * exact + 1) // 2)


def _whole(exact: Fraction, path: str, year: int, unit: str) -> int:
    if exact.denominator != 1:
        raise InputError(f"{path} in {year} is not a whole number of {unit}:", value=float(exact),
                         expected=f"whole {unit}", next_step="round the value in the parameter file")
    return int(exact)
