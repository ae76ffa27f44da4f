"""Years of a fund for the tests: terms that do nothing, small schemes, flows, and random years."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from simulator.fund.calendar import Calendar
from simulator.fund.control import SURPLUS_RESPONSES, UNUSED
from simulator.fund.terms import PAYMENT_METHODS, FundTerms
from simulator.money import UNLIMITED
from simulator.parameters.catalogue import DEFICIT_RESPONSES
from simulator.tables import FundEconomy, YearFlows

FEE = PAYMENT_METHODS.index("fee_for_service")
NEUTRAL = {"collection_ratio": 10_000, "pooled_share": 10_000, "subsidy_shares": (0, 0, 10_000), "subsidy_lags": (0, 0, 0),
           "annual_limit": 10_000, "inpatient_methods": (FEE,) * 4, "outpatient_methods": (FEE,) * 4,
           "payment_share": 10_000, "outpatient_share": 10_000,
           "deficit_response": (UNUSED,) * len(DEFICIT_RESPONSES), "factor_high": 20_000, "pooling_level": 2, "cities": 1,
           "surplus_response": SURPLUS_RESPONSES.index("secondary"), "cii_surplus_first": 1, "secondary_least": UNLIMITED}
NOBODY_PAYS = FundTerms(region="test", scheme="nrcms", year=2012,
                        **{f.name: NEUTRAL.get(f.name, 0) for f in fields(FundTerms)
                           if f.name not in ("region", "scheme", "year")})
FARMERS = replace(NOBODY_PAYS, premium=60_00, subsidy=240_00)         # 1,000 of them: 300,000 yuan a year
WORKERS = replace(NOBODY_PAYS, scheme="uebmi", contribution_rate=800, contribution_base_ratio=8_000,
                  average_wage=40_000_00, pooled_share=6_000)
BY_CELL = ("members", "pooled_claims", "supplement_claims", "cii_claims", "assistance_claims", "account_claims",
           "relief_claims", "segments", "secondary_base", "billed", "borne", "lower_bases")    # flows with draws and policies


def late(terms: FundTerms, months: int) -> FundTerms:
    """The terms with every government's subsidy so late."""
    return replace(terms, subsidy_lags=(months,) * 3)


def order(*names: str) -> tuple[int, ...]:
    """Responses to a deficit in their order."""
    return tuple([DEFICIT_RESPONSES.index(name) for name in names] + [UNUSED] * (len(DEFICIT_RESPONSES) - len(names)))


def flows(year=2012, claims=0, members=1000, cii=0, assistance=0, supplement=0, account=0, relief=0, secondary_base=0,
          index=1.0, wage=1.0, subsidy=None, active=0.7, segments=0, shape=(1, 1), billed=None, borne=None) -> YearFlows:
    """Flows with the same `claims` fen in every month, or twelve of them; `segments` [2, 4] or one number for each."""
    def by_month(amount):
        return np.broadcast_to(np.asarray(amount, dtype=np.int64), (*shape, 12)).copy()
    return YearFlows(
        year=year, members=np.full(shape, members), active_share=active, pooled_claims=by_month(claims),
        economy=FundEconomy(*(np.full(shape[0], float(one)) for one in (index, index if subsidy is None else subsidy, wage))),
        supplement_claims=by_month(supplement), cii_claims=by_month(cii), assistance_claims=by_month(assistance),
        account_claims=by_month(account), relief_claims=by_month(relief),
        segments=np.broadcast_to(np.asarray(segments, dtype=np.int64), (*shape, 2, 4)).copy(),
        secondary_base=np.full(shape, secondary_base, dtype=np.int64),
        billed=None if billed is None else np.array(billed, dtype=np.int64),
        borne=None if borne is None else np.array(borne, dtype=np.int64))


def one(amount):
    """The amount of the only draw and policy."""
    assert amount.shape == (1, 1)
    return amount[0, 0].item()


def run(terms, flows_, opening=0, response="stated", **balances):
    """The ledger of a single year."""
    opening_ = {name: np.int64(amount) for name, amount in {"pooled": opening, **balances}.items()}
    return Calendar(2012, (1, 1), opening_, response).advance(terms, flows_)


def run_years(terms, years, opening=0):
    """Ledgers and calendar of several years of one draw and policy; `years` are flows, each of the year after the last."""
    calendar = Calendar(years[0].year, (1, 1), {"pooled": np.int64(opening)})
    return [calendar.advance(replace(terms, year=f.year), f) for f in years], calendar


def random_terms(year: int, scheme: str, random: np.random.Generator) -> FundTerms:
    """Every term at random, and every mechanism on now and then."""
    def between(low, high):
        return int(random.integers(low, high + 1))

    def some(low, high):
        return between(low, high) if random.random() < 0.6 else 0

    def methods(*names):
        return tuple(PAYMENT_METHODS.index(names[i]) for i in random.integers(0, len(names), 4))

    if scheme == "uebmi":
        heads = {"contribution_rate": between(600, 1_000), "contribution_base_ratio": between(6_000, 9_000),
                 "average_wage": between(3_000_000, 6_000_000), "pooled_share": between(5_000, 7_000),
                 "supplement_premium": between(2_000, 9_000), "account_use": between(0, 2), "account_other_use": some(0, 5_000),
                 "entrant_share": some(0, 3_000), "entering_share": some(0, 300), "entrant_retired": between(0, 10_000),
                 "entrant_base_ratio": between(3_000, 10_000), "entry_payment": some(0, 3_000_000)}
    else:
        central, provincial = between(0, 6_000), between(0, 3_000)
        heads = {"premium": between(3_000, 9_000), "subsidy": between(12_000, 32_000), "local_top_up": between(-500, 4_000),
                 "pooled_share": between(9_000, 10_000), "subsidy_lags": (between(0, 12), between(0, 6), between(0, 3)),
                 "subsidy_shares": (central, provincial, 10_000 - central - provincial), "premium_help": between(0, 800)}
    base = between(0, 3)
    responses = random.permutation(len(DEFICIT_RESPONSES))[:between(0, len(DEFICIT_RESPONSES))]
    low, red = between(3_000, 9_500), between(0, 30_000)
    heads |= {f"{name}_{term}": value for name in ("cii", "supplement") if random.random() < 0.6 for term, value in (
        ("loss_ratio_low", low), ("loss_ratio_high", low + between(1, 4_000)), ("rerate_step", between(0, 12_000)))}
    fund_share = between(0, 10_000)
    return replace(
        NOBODY_PAYS, scheme=scheme, year=year, collection_ratio=between(9_500, 10_100), interest_rate=between(-50, 400),
        reserve_share=between(0, 300), reserve_limit=between(0, 1_000), claim_lag=between(0, 6), cii_premium=between(0, 2_000),
        duplicates=some(0, 500), cii_surplus_first=between(0, 1), cii_margin=some(0, 600), cii_clawback=some(0, 10_000),
        cii_loss_share=some(0, 10_000), relief_funding=some(0, 300), relief_donations=some(0, 50),
        assistance_donations=some(0, 3_000), inpatient_methods=methods(*PAYMENT_METHODS[:4]),
        outpatient_methods=methods("fee_for_service", "capitation", "global_budget"),
        payment_share=between(0, 10_000), outpatient_share=between(0, 10_000),
        budget_growth=between(-500, 1_500), overrun_share=between(0, 10_000), saving_share=between(0, 10_000),
        capitation=some(0, 6_000), gp_fee=some(0, 12_000), gp_fund_share=fund_share, gp_signed_share=between(0, 10_000),
        gp_health_share=between(0, 10_000 - fund_share), public_health=some(0, 5_000), budget_base=between(0, 2),
        budget_per_head=some(0, 30_000), spending_target=some(0, 12_000), response_limit=some(0, 3_000),
        annual_limit=between(-500, 1_500), annual_tolerance=between(0, 500), cumulative_base=base,
        cumulative_limit=between(0, 60_000) if base == 1 else between(0, 4_000), secondary_max_share=between(0, 10_000),
        warning_yellow=red + between(-5_000, 60_000), warning_red=red, surplus_response=between(0, len(SURPLUS_RESPONSES) - 1),
        ladder_step=between(1, 7), warning_trigger=between(0, 2), secondary_threshold=between(0, 2_000_000),
        secondary_least=between(0, 1_500_000),
        deficit_response=tuple(map(int, responses)) + (UNUSED,) * (len(DEFICIT_RESPONSES) - len(responses)),
        factor_step=between(0, 800),
        factor_low=between(7_000, 10_000), factor_high=between(10_000, 12_000), premium_step_limit=between(0, 2_000),
        top_up_limit=between(0, 1_000), pooling_level=between(0, 2), county_cost_sd=between(0, 2_500),
        county_shock_sd=between(0, 1_500), adjustment_share=some(0, 1_000), cities=between(1, 5), **heads)


def random_flows(year: int, scheme: str, shape: tuple[int, int], random: np.random.Generator, members=8_000_000) -> YearFlows:
    """About 300 yuan a member, or 1,000 in uebmi, spread over the months; draws and policies apart."""
    month = members * (100_000 if scheme == "uebmi" else 30_000) // 12
    draws = shape[0]
    pooled = random.integers(month // 2, month * 3 // 2, (*shape, 12))
    outpatient = pooled.sum(axis=2)[:, :, None, None] * random.integers(0, 60, (*shape, 1, 4)) // 1_000
    inpatient = pooled.sum(axis=2)[:, :, None, None] * random.integers(100, 200, (*shape, 1, 4)) // 1_000
    billed = pooled.sum(axis=2)[:, :, None] * random.integers(20, 150, (*shape, 2)) // 100
    known = {"billed": billed, "borne": billed * random.integers(0, 15, (*shape, 2)) // 100} if random.random() < 0.9 else {}
    base = random.integers(0, month * 4, shape) // int(random.choice([1, 1, 10, 10**12]))
    if random.random() < 0.95:                                           # of every rung, or they are known of none
        known["lower_bases"] = base[..., None] + random.integers(0, month, (*shape, 7)).cumsum(axis=2)
    return YearFlows(
        year=year, members=random.integers(members, members * 11 // 10, shape),
        economy=FundEconomy(*random.uniform(0.8, 1.3, (3, draws))), active_share=float(random.uniform(0.6, 0.9)),
        pooled_claims=pooled,
        segments=np.concatenate([inpatient, outpatient], axis=2),
        secondary_base=base, **known,
        **{f"{name}_claims": random.integers(0, month // 20, (*shape, 12))
           for name in ("supplement", "cii", "assistance", "account", "relief")})


def ten_years(scheme: str, shape: tuple[int, int], seed: int, members=8_000_000):
    """(terms, flows) of ten random years."""
    random = np.random.default_rng(seed)
    return [(random_terms(year, scheme, random), random_flows(year, scheme, shape, random, members))
            for year in range(2012, 2022)]


def part_of(year: YearFlows, draws: slice, policies: slice) -> YearFlows:
    """The flows of some draws and policies."""
    return replace(year, economy=FundEconomy(*(one[draws] for one in year.economy)),
                   **{name: getattr(year, name)[draws, policies] for name in BY_CELL if getattr(year, name) is not None})
