"""The terms of one scheme's fund in one year, read from the region's parameters.

Amounts are in fen, ratios in 1/10,000, lags in months, months of expenditure in 1/10,000 of a month. These are central values;
a draw's deviation from them is in `YearFlows.economy`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import MAXYEAR, date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.fund.control import COLOURS, CUMULATIVE_BASES, SURPLUS_RESPONSES, UNUSED
from simulator.fund.payment_terms import OPTIONAL_READERS, OptionalTerms
from simulator.money import ONE, UNLIMITED, yuan
from simulator.parameters.catalogue import DEFICIT_RESPONSES, GOVERNMENTS, MERGED, ORIGINS, POOLING_LEVELS, TIERS
from simulator.parameters.errors import InputError, one_of
from simulator.parameters.merged import OF_BOTH, stand_together
from simulator.parameters.quantities import MOST_YUAN_A_HEAD
from simulator.parameters.reuse import Parts
from simulator.parameters.values import START_OF_TIME

if TYPE_CHECKING:
    from simulator.parameters.regions import Reader, Region

ACCOUNT_USES = ("none", "outpatient", "all")
PAYMENT_METHODS = ("fee_for_service", "case", "per_diem", "global_budget", "capitation")        # of providers


PER_MEMBER = ("subsidy", "premium", "local_top_up", "average_wage")        # amounts that grow from year to year


@dataclass(frozen=True)
class FundTerms(OptionalTerms):
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
    # the ladder of benefits
    ladder_step: int = 1            # the most rungs moved in a year
    warning_trigger: int = 0        # index into control.COLOURS
    secondary_least: int = UNLIMITED        # fen a person: the lowest threshold that may be found


@dataclass(frozen=True)
class _Asked:
    """Whose terms are asked for; `{scheme}` in a path is filled in."""

    region: Any                    # Region, Reader or whatever stands for one
    scheme: str
    year: int
    base_year: int

    @property
    def wages(self) -> bool:
        return self.scheme == "uebmi"

    def path(self, path: str) -> str:
        return path.format(scheme=self.scheme)

    def read(self, path: str, at: int | None = None) -> Any:
        return self.region.value(self.path(path), self.year if at is None else at).value

    def optional(self, path: str) -> Any:
        found = self.region.value(self.path(path), self.year, required=False)
        return None if found is None else found.value

    def whole(self, path: str, parts: int, unit: str, at: int | None = None) -> int:
        at = self.year if at is None else at
        return _whole(parts * Fraction(self.read(path, at)), self.path(path), at, unit)

    def fen(self, path: str, at: int | None = None) -> int:
        return self.whole(path, 100, "fen", at)

    def share(self, path: str) -> int:
        return self.whole(path, 100, "hundredths of a percentage point")

    def months(self, path: str) -> int:
        return self.whole(path, 1, "months")

    def fine(self, path: str) -> int:
        return self.whole(path, ONE, "1/10,000 of a month")

    def chosen(self, path: str, options: tuple[str, ...]) -> int:
        return options.index(self.read(path))

    def while_in_force(self, topic: str, amount: str) -> int:
        return self.fen(f"{topic}.{amount}") if self.read(f"{topic}.in_force") else 0

    def grown(self, path: str, growth: str) -> int:
        return _half_up(100 * _grown(self.region, self.path(path), self.path(growth), self.year, self.base_year))


# How each of the terms is read.
TERM_READERS: dict[str, Callable[[_Asked], Any]] = {
    "subsidy": lambda of: 0 if of.wages else of.grown("funding.{scheme}.subsidy", "funding.{scheme}.funding_growth"),
    "premium": lambda of: 0 if of.wages else of.grown("funding.{scheme}.premium", "funding.{scheme}.funding_growth"),
    "local_top_up": lambda of: 0 if of.wages else of.fen("funding.{scheme}.local_top_up"),
    "collection_ratio": lambda of: of.share("funding.{scheme}.collection_ratio"),
    "contribution_rate": lambda of: of.share("funding.{scheme}.contribution_rate") if of.wages else 0,
    "contribution_base_ratio": lambda of: of.share("funding.{scheme}.contribution_base_ratio") if of.wages else 0,
    "average_wage": lambda of: of.grown("income.average_wage", "income.wage_growth") if of.wages else 0,
    "pooled_share": lambda of: of.share("funding.{scheme}.pooled_share"),
    "subsidy_shares": lambda of: (0, 0, ONE) if of.wages else _subsidy_shares(of.read("funding.{scheme}.subsidy_shares"), of),
    "subsidy_lags": lambda of: (0, 0, 0) if of.wages else _subsidy_lags(of.read("funding.{scheme}.subsidy_lags"), of),
    "duplicates": lambda of: (of.share("funding.{scheme}.duplicate_share") if of.read("funding.{scheme}.duplicates_removed")
                              else 0),
    "interest_rate": lambda of: of.share("funding.{scheme}.interest_rate"),
    "reserve_share": lambda of: of.share("funding.{scheme}.reserve_share"),
    "reserve_limit": lambda of: of.share("funding.{scheme}.reserve_limit"),
    "claim_lag": lambda of: of.months("funding.{scheme}.claim_lag"),
    "premium_help": lambda of: 0 if of.wages else _premium_help(of.region, of.scheme, of.year),
    "opening_balance": lambda of: of.fen("funding.{scheme}.opening_balance", of.base_year),
    "account_use": lambda of: of.chosen("account.{scheme}.use", ACCOUNT_USES),
    "account_other_use": lambda of: of.share("account.{scheme}.other_use"),
    "account_opening": lambda of: of.fen("account.{scheme}.opening_balance", of.base_year),
    "supplement_premium": lambda of: of.while_in_force("supplement.{scheme}", "premium"),
    "relief_funding": lambda of: of.while_in_force("relief", "funding"),
    "relief_donations": lambda of: of.while_in_force("relief", "donations"),
    "assistance_donations": lambda of: of.fen("assistance.donations"),
    "cii_premium": lambda of: of.while_in_force("cii.{scheme}", "premium"),
    "cii_surplus_first": lambda of: int(of.read("cii.{scheme}.surplus_first")),
    "cii_margin": lambda of: of.share("cii.{scheme}.margin"),
    "cii_clawback": lambda of: of.share("cii.{scheme}.clawback"),
    "cii_loss_share": lambda of: of.share("cii.{scheme}.loss_share"),
    "inpatient_methods": lambda of: _methods(of.read("payment.{scheme}.inpatient_method")),
    "outpatient_methods": lambda of: _methods(of.read("payment.{scheme}.outpatient_method")),
    "payment_share": lambda of: of.share("payment.{scheme}.counties_share"),
    "outpatient_share": lambda of: of.share("payment.{scheme}.outpatient_counties_share"),
    "budget_growth": lambda of: of.share("payment.{scheme}.budget_growth"),
    "overrun_share": lambda of: of.share("payment.{scheme}.overrun_share"),
    "saving_share": lambda of: of.share("payment.{scheme}.saving_share"),
    "capitation": lambda of: of.fen("payment.{scheme}.capitation"),
    "gp_fee": lambda of: of.fen("payment.{scheme}.gp_contract_fee"),
    "gp_fund_share": lambda of: of.share("payment.{scheme}.gp_fund_share"),
    "gp_signed_share": lambda of: of.share("payment.{scheme}.gp_signed_share"),
    "annual_limit": lambda of: of.share("control.{scheme}.annual_limit"),
    "annual_tolerance": lambda of: of.share("control.{scheme}.annual_tolerance"),
    "cumulative_limit": lambda of: _cumulative_limit(of),
    "cumulative_base": lambda of: of.chosen("control.{scheme}.cumulative_base", CUMULATIVE_BASES),
    "secondary_threshold": lambda of: of.fen("control.{scheme}.secondary_threshold"),
    "secondary_max_share": lambda of: of.share("control.{scheme}.secondary_max_share"),
    "warning_yellow": lambda of: of.fine("control.{scheme}.warning_yellow"),
    "warning_red": lambda of: of.fine("control.{scheme}.warning_red"),
    "surplus_response": lambda of: of.chosen("control.{scheme}.surplus_response", SURPLUS_RESPONSES),
    "deficit_response": lambda of: _responses(of.read("control.{scheme}.deficit_response"), of),
    "factor_step": lambda of: of.share("control.{scheme}.factor_step"),
    "factor_low": lambda of: of.share("control.{scheme}.factor_low"),
    "factor_high": lambda of: of.share("control.{scheme}.factor_high"),
    "premium_step_limit": lambda of: of.share("control.{scheme}.premium_step_limit"),
    "top_up_limit": lambda of: of.share("control.{scheme}.top_up_limit"),
    "pooling_level": lambda of: of.chosen("pooling.{scheme}.level", POOLING_LEVELS),
    "county_cost_sd": lambda of: of.share("pooling.{scheme}.county_cost_sd"),
    "county_shock_sd": lambda of: of.share("pooling.{scheme}.county_shock_sd"),
    "adjustment_share": lambda of: of.share("pooling.{scheme}.adjustment_share"),
    "cities": lambda of: of.whole("pooling.{scheme}.cities", 1, "cities"),
    **OPTIONAL_READERS,
    "ladder_step": lambda of: int(of.optional("control.{scheme}.ladder_step") or 1),
    "warning_trigger": lambda of: COLOURS.index(of.optional("control.{scheme}.warning_trigger") or "none"),
    "secondary_least": lambda of: (UNLIMITED if of.optional("control.{scheme}.secondary_least") is None
                                   else of.fen("control.{scheme}.secondary_least")),
}


# Terms of the merged scheme that are, where it has not begun or none of its own is stated, the mean of those whose people it has.
MEAN_OF_BOTH = {**{path.rpartition(".")[2]: path for path in OF_BOTH if path.startswith("funding.")},
            "duplicates": "funding.{scheme}.duplicate_share", "supplement_premium": "supplement.{scheme}.premium",
            "cii_premium": "cii.{scheme}.premium"}


def _read_term(name: str, of: _Asked) -> Any:
    """One of the terms; of two schemes that stand together their mean, weighted by insured persons, half up."""
    path = MEAN_OF_BOTH.get(name)
    if of.scheme != MERGED or path is None or not stand_together(of.region.value, of.path(path), of.year):
        return TERM_READERS[name](of)
    heads = [int(of.read(f"population.{origin}.participants", of.base_year)) for origin in ORIGINS]
    parts = [TERM_READERS[name](replace(of, scheme=origin)) for origin in ORIGINS]
    return _half_up(Fraction(sum(h * part for h, part in zip(heads, parts, strict=True)), sum(heads)))


def fund_terms(region: Region | Reader, scheme: str, year: int, base_year: int) -> FundTerms:
    """The terms in force in `year`; opening balances are those of `base_year`.

    Subsidy and premium grow by `funding_growth` a year, and the average wage by `wage_growth`, in every year after their last
    dated value; between two dated values, and for every other amount, the value in force is held in nominal terms. What a
    scenario's change states without a date counts as a value of `base_year`. Each is rounded once, half up to the fen.
    InputError if a parameter is missing, is finer than a fen or 1/10,000, or contradicts the others.
    """
    asked = _Asked(region, scheme, year, base_year)
    return FundTerms(region.name, scheme, year, **{name: _read_term(name, asked) for name in TERM_READERS})


def fund_terms_of(readers: Sequence[Reader], scheme: str, year: int, base_year: int) -> list[FundTerms]:
    """The terms under each policy, as `fund_terms` has them; what policies do not state otherwise is read once."""
    parts = Parts(TERM_READERS, readers[0], lambda region, name: _read_term(name, _Asked(region, scheme, year, base_year)))
    first = FundTerms(readers[0].name, scheme, year, **parts.first)
    others = [parts.otherwise(reader) for reader in readers[1:]]
    return [first, *(replace(first, **other) if other else first for other in others)]


def stack_terms(terms: FundTerms | Sequence[FundTerms]) -> FundTerms:
    """Stack the terms of P policies of one scheme and year: every number becomes int64 [P], every tuple [P, n]. InputError for an
    amount a member that has grown so large that the sum of all members might overflow."""
    if isinstance(terms, FundTerms) and np.ndim(terms.subsidy) > 0:                      # they are
        return terms
    terms = [terms] if isinstance(terms, FundTerms) else list(terms)
    if len({(t.scheme, t.year) for t in terms}) != 1:
        raise ValueError(f"terms of {sorted({f'{t.scheme} {t.year}' for t in terms})} in one calendar, "
                         "expected one scheme and one year")
    for one in terms:
        for name in PER_MEMBER:
            if abs(amount := getattr(one, name)) > 100 * MOST_YUAN_A_HEAD:
                raise InputError(f"{one.region}: {name} of {one.scheme} grows in {one.year} beyond what can be summed:",
                                 value=f"{yuan(amount)} yuan a member", expected=f"at most {MOST_YUAN_A_HEAD:,.0f} yuan a member",
                                 next_step="state less growth or fewer years")
    numbers: dict[str, Any] = {f.name: np.array([getattr(t, f.name) for t in terms], dtype=np.int64)
                               for f in fields(FundTerms) if f.name not in ("region", "scheme", "year")}
    return FundTerms(region=", ".join(dict.fromkeys(t.region for t in terms)),
                     scheme=terms[0].scheme, year=terms[0].year, **numbers)


def _subsidy_shares(shares: Mapping[str, Any], of: _Asked) -> tuple[int, ...]:
    """The governments' shares of the subsidy. InputError unless they sum to 100%."""
    path, unit = of.path("funding.{scheme}.subsidy_shares"), "hundredths of a percentage point"
    parts = tuple(_whole(100 * Fraction(shares[level]), path, of.year, unit) for level in GOVERNMENTS)
    if sum(parts) != ONE:
        raise InputError(f"{path} in {of.year} do not make the whole subsidy:", value=f"{sum(parts) / 100:g}%",
                         expected="shares that sum to 100%", next_step="change the shares in the parameter file")
    return parts


def _subsidy_lags(lags: Mapping[str, Any], of: _Asked) -> tuple[int, ...]:
    path = of.path("funding.{scheme}.subsidy_lags")
    return tuple(_whole(Fraction(lags[level]), path, of.year, "months") for level in GOVERNMENTS)


def _cumulative_limit(of: _Asked) -> int:
    """The limit in the unit of its base."""
    base, path = of.read("control.{scheme}.cumulative_base"), "control.{scheme}.cumulative_limit"
    return of.fine(path) if base == "months_of_expenditure" else 0 if base == "none" else of.share(path)


def _methods(by_tier: Mapping[str, str]) -> tuple[int, ...]:
    return tuple(PAYMENT_METHODS.index(by_tier[tier]) for tier in TIERS)


def _responses(names: Sequence[str], of: _Asked) -> tuple[int, ...]:
    """The order of the responses to a deficit. InputError for one that is unknown or named twice."""
    path, year = of.path("control.{scheme}.deficit_response"), of.year
    for place, name in enumerate(names):
        if name not in DEFICIT_RESPONSES or name in names[:place]:
            raise InputError(f"{path} in {year}:", value=name, expected=f"each at most once of {one_of(DEFICIT_RESPONSES)}")
    order = [DEFICIT_RESPONSES.index(name) for name in names]
    return tuple(order + [UNUSED] * (len(DEFICIT_RESPONSES) - len(order)))


def _grown(region: Region | Reader, path: str, growth: str, year: int, base_year: int) -> Fraction:
    """The value of `path` in `year`: the dated one, and after its last date with a step of growth for each year."""
    amount, years = Fraction(region.value(path, year).value), grows_in(region, path, year, base_year)
    return amount * _compounded(tuple(region.value(growth, step).value for step in years)) if years else amount


def grows_in(region: Region | Reader, path: str, year: int, base_year: int) -> range:
    """The years up to `year` in which the dated value of `path` grows: those after its last date."""
    dated = region.value(path, year)
    since = base_year if dated.from_ == START_OF_TIME else dated.from_.year
    last = region.value(path, MAXYEAR)
    grows = dated.from_ == last.from_ or last.begun and _begun_after(region, path, year, dated.from_, last.from_)
    return range(since + 1, year + 1) if grows else range(0)


def _begun_after(region: Region | Reader, path: str, year: int, day: date, last: date) -> bool:
    """Whether of what begins after a day up to the last one, all is begun by steps of a scenario's changes and nothing stands in
    a file: what is before such steps grows up to them."""
    values = (region.value(path, later) for later in range(year + 1, last.year + 1))
    return all(value.begun for value in values if value.from_ > day)


@lru_cache(maxsize=1024)
def _compounded(growths: tuple[Decimal, ...]) -> Fraction:
    """What yearly growths in percent make together."""
    return math.prod((1 + Fraction(growth) / 100 for growth in growths), start=Fraction(1))


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
