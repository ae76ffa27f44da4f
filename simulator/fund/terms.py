"""The terms of one scheme's fund in one year, read from the region's parameters.

Amounts are in fen, ratios in 1/10,000, lags in months, months of expenditure in 1/10,000 of a month. These are central values;
a draw's deviation from them is in `YearFlows.funding_index` and `wage_index`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import MAXYEAR
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.fund.control import CUMULATIVE_BASES, SURPLUS_RESPONSES, UNUSED
from simulator.money import ONE
from simulator.parameters.catalogue import DEFICIT_RESPONSES, GOVERNMENTS, TIERS
from simulator.parameters.errors import InputError, one_of
from simulator.parameters.values import START_OF_TIME

if TYPE_CHECKING:
    from simulator.parameters.regions import Reader, Region

ACCOUNT_USES = ("none", "outpatient", "all")
POOLING_LEVELS = ("county", "city", "province")
PAYMENT_METHODS = ("fee_for_service", "case", "per_diem", "global_budget", "capitation")        # of providers


@dataclass(frozen=True)
class FundTerms:
    """The terms of one scheme and year as plain ints. Stacked over P policies, a number is int64 [P] and a tuple of n [P, n]."""

    region: str
    scheme: str
    year: int
    # funding; "a member" is a funded one
    subsidy: int                    # fen a member; 0 in uebmi
    premium: int                    # fen a member; 0 in uebmi
    local_top_up: int               # fen a member, may be negative; the county pays it
    collection_ratio: int           # of everything due
    contribution_rate: int          # uebmi: of the contribution base, employer and employee; else 0
    contribution_base_ratio: int    # uebmi: of the average wage
    average_wage: int               # uebmi: fen a year
    pooled_share: int               # of funding; the rest goes to individual accounts
    subsidy_shares: tuple[int, ...]     # of the subsidy, by GOVERNMENTS; they sum to ONE
    subsidy_lags: tuple[int, ...]       # months a quarter's subsidy comes late, by GOVERNMENTS
    duplicates: int                 # of the head count, enrolled twice and funded once
    interest_rate: int
    reserve_share: int              # of the year's revenue
    reserve_limit: int              # of the year's revenue
    claim_lag: int                  # months from discharge to the fund's payment
    premium_help: int               # share of the premiums paid by medical assistance
    opening_balance: int            # pooled fund, fen a member, at the start of the base year
    # accounts beside the pooled fund
    account_use: int                # index into ACCOUNT_USES
    account_other_use: int          # of the year's credit, spent at pharmacies and elsewhere
    account_opening: int            # fen a member, at the start of the base year
    supplement_premium: int         # fen a member; 0 while the supplement is not in force
    relief_funding: int             # fen a member; 0 while relief is not in force
    relief_donations: int
    assistance_donations: int       # fen a member
    cii_premium: int                # fen a member; 0 while CII is not in force
    cii_surplus_first: int          # 1: the premium is met by accumulated surplus first
    cii_margin: int                 # insurer's allowed share of the premium
    cii_clawback: int               # share of a profit beyond it that returns to the fund
    cii_loss_share: int             # share of a loss that the fund bears
    # provider payment
    inpatient_methods: tuple[int, ...]      # by tier, index into PAYMENT_METHODS
    outpatient_methods: tuple[int, ...]
    payment_share: int              # of counties, where the inpatient methods hold
    outpatient_share: int           # of counties, where the outpatient methods hold
    budget_growth: int              # a year, from the first year's payment on
    overrun_share: int              # the fund's share of claims above the budget
    saving_share: int               # the hospital's share of what is saved below it
    capitation: int                 # fen a member; 0: the first year's payment a head
    gp_fee: int                     # fen a signed member
    gp_fund_share: int
    gp_signed_share: int
    # control
    annual_limit: int               # of the year's revenue
    annual_tolerance: int
    cumulative_limit: int           # of its base; of a month where the base is months
    cumulative_base: int            # index into control.CUMULATIVE_BASES
    secondary_threshold: int        # fen a person
    secondary_max_share: int
    warning_yellow: int             # 1/10,000 month
    warning_red: int
    surplus_response: int           # index into control.SURPLUS_RESPONSES
    deficit_response: tuple[int, ...]   # indices into control.DEFICIT_RESPONSES in their order, then UNUSED
    factor_step: int                # 1/10,000 a year
    factor_low: int
    factor_high: int
    premium_step_limit: int         # of next year's premium or contribution
    top_up_limit: int               # of the year's funding
    # pooling
    pooling_level: int              # index into POOLING_LEVELS
    county_cost_sd: int
    county_shock_sd: int
    adjustment_share: int           # of a county's revenue
    cities: int


def fund_terms(region: Region | Reader, scheme: str, year: int, base_year: int) -> FundTerms:
    """The terms in force in `year`; opening balances are those of `base_year`.

    Subsidy and premium grow by `funding_growth` a year, and the average wage by `wage_growth`, in every year after their last
    dated value; between two dated values, and for every other amount, the value in force is held in nominal terms. A scenario's
    change has no date and counts as a value of `base_year`. Each is rounded once, half up to the fen. InputError if a parameter
    is missing, is finer than a fen or 1/10,000, or contradicts the others.
    """
    def read(path: str, at: int = year) -> Any:
        return region.value(path, at).value

    def grown(path: str, growth: str) -> int:
        return _half_up(100 * _grown(region, path, growth, year, base_year))

    def fen(path: str, at: int = year) -> int:
        return _whole(100 * Fraction(read(path, at)), path, at, "fen")

    def share(path: str) -> int:
        return _whole(100 * Fraction(read(path)), path, year, "hundredths of a percentage point")

    def months(path: str) -> int:
        return _whole(Fraction(read(path)), path, year, "months")

    def fine(path: str) -> int:
        return _whole(ONE * Fraction(read(path)), path, year, "1/10,000 of a month")

    def chosen(path: str, options: tuple[str, ...]) -> int:
        return options.index(read(path))

    def while_in_force(topic: str, amount: str) -> int:
        return fen(f"{topic}.{amount}") if read(f"{topic}.in_force") else 0

    funding, control, cii, payment = f"funding.{scheme}", f"control.{scheme}", f"cii.{scheme}", f"payment.{scheme}"
    account, pooling = f"account.{scheme}", f"pooling.{scheme}"
    wages = scheme == "uebmi"
    base = read(f"{control}.cumulative_base")
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
        subsidy_shares=(0, 0, ONE) if wages else _subsidy_shares(read(f"{funding}.subsidy_shares"), funding, year),
        subsidy_lags=(0, 0, 0) if wages else _subsidy_lags(read(f"{funding}.subsidy_lags"), funding, year),
        duplicates=share(f"{funding}.duplicate_share") if read(f"{funding}.duplicates_removed") else 0,
        interest_rate=share(f"{funding}.interest_rate"),
        reserve_share=share(f"{funding}.reserve_share"),
        reserve_limit=share(f"{funding}.reserve_limit"),
        claim_lag=months(f"{funding}.claim_lag"),
        premium_help=0 if wages else _premium_help(region, scheme, year),
        opening_balance=fen(f"{funding}.opening_balance", base_year),
        account_use=chosen(f"{account}.use", ACCOUNT_USES),
        account_other_use=share(f"{account}.other_use"),
        account_opening=fen(f"{account}.opening_balance", base_year),
        supplement_premium=while_in_force(f"supplement.{scheme}", "premium"),
        relief_funding=while_in_force("relief", "funding"),
        relief_donations=while_in_force("relief", "donations"),
        assistance_donations=fen("assistance.donations"),
        cii_premium=0 if wages else while_in_force(cii, "premium"),
        cii_surplus_first=int(read(f"{cii}.surplus_first")),
        cii_margin=share(f"{cii}.margin"),
        cii_clawback=share(f"{cii}.clawback"),
        cii_loss_share=share(f"{cii}.loss_share"),
        inpatient_methods=_methods(read(f"{payment}.inpatient_method")),
        outpatient_methods=_methods(read(f"{payment}.outpatient_method")),
        payment_share=share(f"{payment}.counties_share"),
        outpatient_share=share(f"{payment}.outpatient_counties_share"),
        budget_growth=share(f"{payment}.budget_growth"),
        overrun_share=share(f"{payment}.overrun_share"),
        saving_share=share(f"{payment}.saving_share"),
        capitation=fen(f"{payment}.capitation"),
        gp_fee=fen(f"{payment}.gp_contract_fee"),
        gp_fund_share=share(f"{payment}.gp_fund_share"),
        gp_signed_share=share(f"{payment}.gp_signed_share"),
        annual_limit=share(f"{control}.annual_limit"),
        annual_tolerance=share(f"{control}.annual_tolerance"),
        cumulative_limit=fine(limit) if base == "months_of_expenditure" else 0 if base == "none" else share(limit),
        cumulative_base=CUMULATIVE_BASES.index(base),
        secondary_threshold=fen(f"{control}.secondary_threshold"),
        secondary_max_share=share(f"{control}.secondary_max_share"),
        warning_yellow=fine(f"{control}.warning_yellow"),
        warning_red=fine(f"{control}.warning_red"),
        surplus_response=chosen(f"{control}.surplus_response", SURPLUS_RESPONSES),
        deficit_response=_responses(read(f"{control}.deficit_response"), f"{control}.deficit_response", year),
        factor_step=share(f"{control}.factor_step"),
        factor_low=share(f"{control}.factor_low"),
        factor_high=share(f"{control}.factor_high"),
        premium_step_limit=share(f"{control}.premium_step_limit"),
        top_up_limit=share(f"{control}.top_up_limit"),
        pooling_level=chosen(f"{pooling}.level", POOLING_LEVELS),
        county_cost_sd=share(f"{pooling}.county_cost_sd"),
        county_shock_sd=share(f"{pooling}.county_shock_sd"),
        adjustment_share=share(f"{pooling}.adjustment_share"),
        cities=_whole(Fraction(read(f"{pooling}.cities")), f"{pooling}.cities", year, "cities"),
    )


def stack_terms(terms: FundTerms | Sequence[FundTerms]) -> FundTerms:
    """Stack the terms of P policies of one scheme and year: every number becomes int64 [P], every tuple [P, n]."""
    terms = [terms] if isinstance(terms, FundTerms) else list(terms)
    if len({(t.scheme, t.year) for t in terms}) != 1:
        raise ValueError(f"terms of {sorted({f'{t.scheme} {t.year}' for t in terms})} in one calendar, "
                         "expected one scheme and one year")
    numbers: dict[str, Any] = {f.name: np.array([getattr(t, f.name) for t in terms], dtype=np.int64)
                               for f in fields(FundTerms) if f.name not in ("region", "scheme", "year")}
    return FundTerms(region=", ".join(dict.fromkeys(t.region for t in terms)),
                     scheme=terms[0].scheme, year=terms[0].year, **numbers)


def _subsidy_shares(shares: Mapping[str, Any], funding: str, year: int) -> tuple[int, ...]:
    """The governments' shares of the subsidy. InputError unless they sum to 100%."""
    path = f"{funding}.subsidy_shares"
    parts = tuple(_whole(100 * Fraction(shares[level]), path, year, "hundredths of a percentage point") for level in GOVERNMENTS)
    if sum(parts) != ONE:
        raise InputError(f"{path} in {year} do not make the whole subsidy:", value=f"{sum(parts) / 100:g}%",
                         expected="shares that sum to 100%", next_step="change the shares in the parameter file")
    return parts


def _subsidy_lags(lags: Mapping[str, Any], funding: str, year: int) -> tuple[int, ...]:
    return tuple(_whole(Fraction(lags[level]), f"{funding}.subsidy_lags", year, "months") for level in GOVERNMENTS)


def _methods(by_tier: Mapping[str, str]) -> tuple[int, ...]:
    return tuple(PAYMENT_METHODS.index(by_tier[tier]) for tier in TIERS)


def _responses(names: Sequence[str], path: str, year: int) -> tuple[int, ...]:
    """The order of the responses to a deficit. InputError for one that is unknown or named twice."""
    for place, name in enumerate(names):
        if name not in DEFICIT_RESPONSES or name in names[:place]:
            raise InputError(f"{path} in {year}:", value=name, expected=f"each at most once of {one_of(DEFICIT_RESPONSES)}")
    order = [DEFICIT_RESPONSES.index(name) for name in names]
    return tuple(order + [UNUSED] * (len(DEFICIT_RESPONSES) - len(order)))


def _grown(region: Region | Reader, path: str, growth: str, year: int, base_year: int) -> Fraction:
    """The value of `path` in `year`: the dated one, and after its last date with a step of growth for each year."""
    dated = region.value(path, year)
    since = base_year if dated.from_ == START_OF_TIME else dated.from_.year
    amount = Fraction(dated.value)
    if since < year and dated.from_ == region.value(path, MAXYEAR).from_:
        for step in range(since + 1, year + 1):
            amount *= 1 + Fraction(region.value(growth, step).value) / 100
    return amount


def _premium_help(region: Region | Reader, scheme: str, year: int) -> int:
    """The share of the premiums that medical assistance pays: assisted shares x help by group, in 1/10,000."""
    shares = region.value(f"population.{scheme}.assisted_shares", year).value
    help_ = region.value("assistance.premium_help", year).value
    return _half_up(sum((Fraction(shares.get(group, 0)) * Fraction(part) for group, part in help_.items()), Fraction(0)))


def _half_up(exact: Fraction) -> int:
    return int((2 * exact + 1) // 2)


def _whole(exact: Fraction, path: str, year: int, unit: str) -> int:
    if exact.denominator != 1:
        raise InputError(f"{path} in {year} is not a whole number of {unit}:", value=float(exact),
                         expected=f"whole {unit}", next_step="round the value in the parameter file")
    return int(exact)
