"""The sentence-named cases of tests/cases/fund: fund years judged by both programs, what policies do to care by the simulator.

Both programs of a fund's year are held to docs/fund.md: simulator.fund, and the plain tests/reference/fund_plain.py. They are
also compared on random funds, on very many of them by `make check-fund`.
"""

from __future__ import annotations

import datetime
from dataclasses import fields, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from ruamel.yaml import YAML

from simulator.care.conduct import multiply, neutral_variant
from simulator.care.reforms import reform_of
from simulator.care.walk import CHANCE
from simulator.chance.quantiles import normal_table as compiled_table
from simulator.chance.quantiles import thresholds
from simulator.engine.demand import Elasticities, reformed, respond, thinned
from simulator.engine.enrolment import enrolment_response
from simulator.engine.policies import Rules, terms_by_draw
from simulator.fund.calendar import Calendar, opening_accounts
from simulator.fund.columns import Columns, shares_up_to
from simulator.fund.control import CUMULATIVE_BASES, SURPLUS_RESPONSES, UNUSED
from simulator.fund.payment_terms import BUDGET_BASES
from simulator.fund.terms import ACCOUNT_USES, PAYMENT_METHODS, POOLING_LEVELS, FundTerms, stack_terms
from simulator.fund.whole import of_policies
from simulator.money import fen, ratio
from simulator.parameters.catalogue import CATALOGUE, CLASSES, DEFICIT_RESPONSES, GOVERNMENTS, ILLNESSES, TIERS
from simulator.parameters.errors import InputError
from simulator.parameters.merged import MERGED, better
from simulator.parameters.plans import plan_of
from simulator.plan import ACCOUNT_BALANCE, PLAN_WIDTH, pack
from simulator.tables import BILL_COLUMNS, PAYERS, Fact
from tests.campaigns.fund import compare
from tests.reference.fund_plain import Flows, Region, normal_table, opening_of, plain_years, unit_years
from tests.support.bill_arrays import COLUMNS, settle_years
from tests.support.fund_years import NOBODY_PAYS, flows, one, random_terms
from tests.support.settled import bill_rows

FILES = sorted((Path(__file__).parents[1] / "cases" / "fund").glob("*.yaml"))
CASES = [{**case, "mechanism": file.stem} for file in FILES
         for case in YAML(typ="safe").load(file.read_text(encoding="utf-8"))]
WITHOUT_RULES = replace(NOBODY_PAYS, surplus_response=0)

AMOUNTS = {"subsidy", "premium", "local_top_up", "average_wage", "opening_balance", "account_opening", "supplement_premium",
           "relief_funding", "relief_donations", "assistance_donations", "cii_premium", "capitation", "gp_fee",
           "budget_per_head", "public_health", "entry_payment"}
COUNTS = {"claim_lag", "cities", "cii_surplus_first"}
IN_MONTHS = {"warning_yellow", "warning_red"}
CHOICES = {"account_use": ACCOUNT_USES, "cumulative_base": CUMULATIVE_BASES, "surplus_response": SURPLUS_RESPONSES,
           "pooling_level": POOLING_LEVELS, "budget_base": BUDGET_BASES}
SHARES = {"surplus_rate", "share_of_funding", "rho"}      # float64, written in percent
RATES = {"cii_rate", "supplement_rate", "pressure_inpatient", "pressure_outpatient"}      # 1/10,000, written as a multiple
WARNINGS = ("green", "yellow", "red")


def of_kind(key: str, without: str = ""):
    cases = [case for case in CASES if key in case and without not in case]
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


# --- a fund's year

def term(name: str, value, months: bool):
    """One term as FundTerms has it, from a case's text; `months`: the cumulative limit is in months."""
    if name in CHOICES:
        return CHOICES[name].index(value)
    if name in ("inpatient_methods", "outpatient_methods"):
        return tuple(PAYMENT_METHODS.index(value.get(tier, "fee_for_service")) for tier in TIERS)
    if name == "subsidy_shares":
        return tuple(ratio(value.get(level, "0")) for level in GOVERNMENTS)
    if name == "subsidy_lags":
        return tuple(value.get(level, 0) for level in GOVERNMENTS)
    if name == "deficit_response":
        order = [DEFICIT_RESPONSES.index(response) for response in value]
        return tuple(order + [UNUSED] * (len(DEFICIT_RESPONSES) - len(order)))
    if name in COUNTS:
        return int(value)
    if name in IN_MONTHS or (name == "cumulative_limit" and months):
        return int(Decimal(value) * 10_000)
    return fen(value) if name in AMOUNTS else ratio(value)


def terms_of(case: dict, number: int, year: dict) -> FundTerms:
    stated = {**case["terms"], **year.get("terms", {})}
    months = stated.get("cumulative_base") == "months_of_expenditure"
    return replace(WITHOUT_RULES, scheme=case.get("scheme", "nrcms"), year=2012 + number,
                   **{name: term(name, value, months) for name, value in stated.items()})


def monthly(text) -> list[int] | int:
    """Claims by month: `20.00 a month`, or an amount all of which is January's."""
    amount, each, _ = str(text).partition(" a month")
    return fen(amount) if each else [fen(amount)] + [0] * 11


def flows_of(number: int, year: dict):
    segments = np.array([[fen(year.get(kind, {}).get(tier, "0")) for tier in TIERS] for kind in ("inpatient", "outpatient")])
    claims = monthly(year["claims"]) if "claims" in year else [int(segments.sum())] + [0] * 11
    others = {name: monthly(year[name]) for name in ("cii", "assistance", "supplement", "account", "relief") if name in year}
    for name in ("billed", "borne"):
        if name in year:
            others[name] = [[[fen(year[name].get(kind, "0")) for kind in ("inpatient", "outpatient")]]]
    return flows(2012 + number, claims, year.get("members", 1000), segments=segments,
                 secondary_base=fen(year.get("secondary_base", "0")), active=float(Fraction(year.get("active", "70")) / 100),
                 index=float(year.get("funding_index", "1")), wage=float(year.get("wage_index", "1")), **others)


def years_of(case: dict):
    return [(terms_of(case, n, year), flows_of(n, year)) for n, year in enumerate(case["years"])]


def opening_text(case: dict):
    return {name: fen(amount) for name, amount in case.get("opening", {}).items()}


def with_the_calendar(case: dict) -> list[dict]:
    years = years_of(case)
    if case.get("opening") == "of its terms":
        opening = opening_accounts(years[0][0], years[0][1].members)
    else:
        opening = {name: np.int64(amount) for name, amount in opening_text(case).items()}
    calendar = Calendar(2012, (1, 1), opening, case.get("response", "stated"))
    columns = []
    for terms, year in years:
        per_head = calendar.account_per_head(terms, year.members, year.economy, year.active_share)
        ledger = calendar.advance(terms, year)
        columns.append({**cells(ledger, 0, 0), "account_per_head": one(per_head)})
    return columns


def cells(ledger, d: int, p: int) -> dict:
    """The figures of one draw and policy, with the early warning as one of three colours."""
    found = {name: amount[d, p].item() for name, amount in ledger.columns().items()}
    return with_colour(found)


def with_colour(found: dict) -> dict:
    return {**found, "warning": found["warning_yellow"] + found["warning_red"]}


def with_the_plain_program(case: dict) -> list[dict]:
    years = years_of(case)
    opening = (opening_of(years[0][0], int(years[0][1].members[0, 0])) if case.get("opening") == "of its terms"
               else opening_text(case))
    ledgers = plain_years(years, opening, case.get("response", "stated"))
    return [with_colour(ledger) for ledger in ledgers]


def figure(name: str, value):
    """A figure of a case in the unit of the ledger."""
    if name == "warning":
        return WARNINGS.index(value)
    if isinstance(value, bool) or name == "heads":
        return value
    if name in ("factor", "premium_step"):
        return ratio(value)
    if name in RATES:
        return ratio(str(Decimal(value) * 100))
    if name in SHARES:
        return pytest.approx(float(Decimal(value) / 100), rel=1e-12)
    return pytest.approx(float(value), rel=1e-12) if name == "months_held" else fen(value)


@pytest.mark.parametrize("program", [with_the_calendar, with_the_plain_program])
@of_kind("years", without="units")
def test_the_year_of_the_fund_is_the_case_to_the_fen(case, program):
    found = program(case)
    expected = [{name: figure(name, values[n]) for name, values in case["expect"].items()} for n in range(len(found))]
    assert [{name: year[name] for name in case["expect"]} for year in found] == expected, case["why"]
    assert all(len(values) == len(found) for values in case["expect"].values())


def units_with_the_calendar(case: dict) -> list[tuple[dict, list[dict]]]:
    columns, weights = Columns.of([len(case["units"])]), np.array([[int(cost) for cost in case["units"]]])
    ends, found = np.arange(1, columns.count + 1), []
    members, claims = shares_up_to(np.ones_like(weights), ends), shares_up_to(weights, ends)
    calendar = Calendar(2012, (1, columns.count), response=case.get("response", "stated"), columns=columns)
    for terms, flows_ in years_of(case):
        own = replace(flows_, **{name: columns.divide(value, members if name == "members" else claims)
                                 for name, value in vars(flows_).items() if isinstance(value, np.ndarray) and value.ndim > 1})
        ledger = calendar.advance(columns.spread_terms(stack_terms(terms)), own)
        found.append((cells(of_policies(ledger, columns, own.secondary_base), 0, 0),
                      [cells(ledger, 0, unit) for unit in range(columns.count)]))
    return found


def units_with_the_plain_program(case: dict) -> list[tuple[dict, list[dict]]]:
    region = Region(counties=len(case["units"]), weights=tuple(map(int, case["units"])))
    years = [(replace(terms, pooling_level=POOLING_LEVELS.index("county")), Flows(flows_)) for terms, flows_ in years_of(case)]
    return list(unit_years(years, [{} for _ in case["units"]], case.get("response", "stated"), region))


@pytest.mark.parametrize("program", [units_with_the_calendar, units_with_the_plain_program])
@of_kind("units")
def test_the_year_of_the_units_is_the_case_to_the_fen(case, program):
    for number, (whole, units) in enumerate(program(case)):
        assert {name: whole[name] for name in case["expect"]} == {
            name: float(values[number]) if name in BY_MEMBERS else figure(name, values[number])
            for name, values in case["expect"].items()}, case["why"]
        for name, values in case["each"].items():
            assert [unit[name] for unit in units] == [figure(name, value) for value in values[number]], (name, case["why"])


BY_MEMBERS = ("breach_annual", "breach_cumulative", "exhausted", "in_deficit", "warning_yellow", "warning_red")


# --- two programs on random years

def test_two_programs_agree_on_random_funds_of_four_years():
    assert compare(240, seed=3) > 100_000


def test_two_programs_have_one_table_of_normals():
    assert normal_table() == compiled_table().tolist()


def test_the_opening_balances_of_two_programs_agree():
    random = np.random.default_rng(8)
    for _ in range(100):
        members, terms = int(random.integers(0, 2_000)), random_terms(2012, "nrcms", random)
        terms = replace(terms, opening_balance=int(random.integers(0, 20_000)), account_opening=int(random.integers(0, 900)))
        found = {name: np.asarray(amount).item() for name, amount in opening_accounts(terms, np.array([[members]])).items()}
        assert {**opening_of(terms, members), "payable": 0} == found


# --- what policies do to care

BY_TIER = {"township": "40", "county": "30", "city": "20", "outside": "10"}        # of admissions and visits


def neutral(path: str):
    """A value that does nothing; where a method of payment is asked for, one that is not fee for service holds everywhere."""
    topic, _, name = path.split(".")
    if name in ("tier_shares", "visit_tier_shares"):
        return BY_TIER
    if name.endswith("_method"):
        return dict.fromkeys(TIERS, "case" if name == "inpatient_method" else "capitation")
    shape = CATALOGUE[topic][name].shape
    keys = {"by:tier": TIERS, "by:illness": ILLNESSES}.get(shape)
    nothing = "100" if name in ("counties_share", "outpatient_counties_share") else "0"
    return dict.fromkeys(keys, "0") if keys else nothing


def reader_of(stated: dict):
    """Reads what a case states, by the last part of the path; all else is neutral, and what is optional absent."""
    def read(path: str, year: int, required: bool = True):
        name = path.rsplit(".", 1)[-1]
        if name not in stated and not required:
            return None
        value = stated.get(name)
        if value is None:
            value = neutral(path)
        elif isinstance(value, dict):
            value = neutral(path) | value
        return SimpleNamespace(value=value, from_=datetime.date(2012, 1, 1))
    return read


def slips_of(shares: dict) -> SimpleNamespace:
    tier_of = thresholds([float(shares.get(tier, 0)) for tier in TIERS])
    return SimpleNamespace(tables=SimpleNamespace(tier_of=tier_of, visit_tier_of=tier_of))


def reworked(case: dict):
    """The case's variant and its rates; 40% of admissions are at township, 30% at county, 20% at city, 10% outside."""
    year = 2012 + case.get("years_since_first", 0)
    people = {name: value for name, value in case["parameters"].items() if name == "bill_growth"}       # whose bills grow alike
    base = reader_of(people | case.get("statistics", {}))
    reform = reform_of(reader_of(case["parameters"]), base, "nrcms", "nrcms", year, 2012)
    cap = 2 if case.get("demand") else 1
    variant, rates = reformed(slips_of({"township": 40, "county": 30, "city": 20, "outside": 10}), reform, cap)
    return variant, rates, cap


def shares_of(cumulative: np.ndarray) -> list[float]:
    return (np.diff(cumulative, prepend=0) / 2.0**32).tolist()


@of_kind("bill")
def test_a_bill_becomes_what_prices_and_conduct_make_of_it(case):
    stated = {"tier": "county", "kind": "inpatient", "billed": "1000.00", "eligible": "800.00", "days": 10, **case["bill"]}
    bill = np.zeros(BILL_COLUMNS, dtype=np.int64)
    amounts = {"billed": Fact.BILLED, "eligible": Fact.ELIGIBLE, "tcm": Fact.TCM, "new_drug": Fact.NEW_DRUG}
    for name, at in amounts.items():
        bill[at] = fen(stated.get(name, "0"))
    bill[Fact.DAYS] = stated["days"]
    variant, _, _ = reworked(case)
    multiply(bill, variant.bill[0 if stated["kind"] == "inpatient" else 2, TIERS.index(stated["tier"])])
    expected = {name: value if name == "days" else fen(value) for name, value in case["becomes"].items()}
    assert {name: bill[Fact.DAYS if name == "days" else amounts[name]] for name in expected} == expected, case["why"]


@of_kind("parameters", without="bill")
def test_a_policy_keeps_the_claims_that_the_case_says(case):
    variant, rates, cap = reworked(case)
    if case["becomes"].get("refused"):
        with pytest.raises(InputError, match="admissions would be 1.010 times as many"):
            thinned(variant, rates, cap, "toy")
        return
    variant = thinned(variant, rates, cap, "toy")
    found = {"admissions": variant.keep[0], "visits": variant.keep[2], **dict(zip(ILLNESSES, variant.keep_illness, strict=True))}
    for name, share in case["becomes"].items():
        if name == "tiers":
            wanted = [float(share[tier]) / 100 for tier in TIERS]
            assert shares_of(variant.tier_of) == pytest.approx(wanted, abs=1e-9), case["why"]
        else:
            assert found[name] == int(Fraction(share) / 100 * CHANCE + Fraction(1, 2)), case["why"]


@of_kind("response_to")
def test_use_and_tiers_respond_to_the_price(case):
    asked, visits = case["response_to"], case["response_to"]["kind"] == "visits"
    variant = neutral_variant(slips_of({"township": 50, "county": 30, "city": 20}).tables, len(ILLNESSES), 2)
    here, elsewhere = np.array([float(asked["net"].get(tier, 1)) for tier in TIERS]), np.array([0.4, 0.5, 0.6, 1.0])
    net = np.stack([elsewhere, here] if visits else [here, elsewhere])
    elasticity = float(asked["elasticity"])
    by = Elasticities(0.0 if visits else elasticity, elasticity if visits else 0.0, float(asked["tier_elasticity"]))
    variant, rates = respond(variant, net, np.stack([elsewhere, elsewhere]), by)
    assert rates[1 if visits else 0] == pytest.approx(float(case["becomes"]["rate"]) / 100, rel=1e-6), case["why"]
    assert rates[0 if visits else 1] == pytest.approx(1.0, rel=1e-12)
    tiers = shares_of(variant.visit_tier_of if visits else variant.tier_of)
    assert tiers == pytest.approx([float(case["becomes"]["tiers"].get(tier, 0)) / 100 for tier in TIERS], abs=1e-9), case["why"]


@of_kind("enrolment")
def test_members_and_their_claims_follow_premium_and_participation(case):
    asked = case["enrolment"]

    def policy(premium: str, participation: str | None):
        stated = {"premium_elasticity": asked["elasticity"], "leaver_use": asked["leaver_use"]}
        stated |= {} if participation is None else {"participation_rate": participation}
        apart = {"demand.nrcms.premium_elasticity", "demand.nrcms.leaver_use", "population.nrcms.participation_rate"}
        reader = SimpleNamespace(value=reader_of(stated), apart_from=lambda other: apart)
        return replace(WITHOUT_RULES, premium=fen(premium)), reader

    first, other = policy(asked["first_premium"], asked.get("first_participation")), policy(
        asked["premium"], asked.get("participation"))
    step = np.array([[0, ratio(asked.get("step", "0"))]])
    members, claims = enrolment_response([first[0], other[0]], step, [first[1], other[1]], "nrcms", 2012)
    assert (members[0, 0], claims[0, 0]) == (1.0, 1.0)
    assert np.floor(1_000 * members[0, 1] + 0.5) == case["becomes"]["members"], case["why"]
    assert claims[0, 1] == pytest.approx(float(case["becomes"]["claims"]) / 100, rel=1e-12, abs=1e-12), case["why"]


@of_kind("classes")
def test_accounts_are_shared_out_by_member_class(case):
    asked = case["classes"]
    stated = {"class_ratio": {name: Decimal(asked["class_ratio"].get(name, "100")) for name in CLASSES}}
    reader = SimpleNamespace(value=lambda path, year: SimpleNamespace(value=stated[path.rsplit(".", 1)[-1]]))
    terms = terms_by_draw(np.zeros((1, PLAN_WIDTH), dtype=np.int64), np.array([[10_000]]), np.array([[fen(asked["per_head"])]]),
                          [reader], "uebmi", 2012, float(asked["active"]) / 100)
    found = {name: terms[0, 0, ACCOUNT_BALANCE + CLASSES.index(name)] for name in case["becomes"]}
    assert found == {name: fen(amount) for name, amount in case["becomes"].items()}, case["why"]


@of_kind("nrcms")
def test_the_merged_scheme_settles_as_the_case_says(case):
    plans = {scheme: plan_of(case[scheme]) for scheme in ("nrcms", "urbmi", MERGED) if scheme in case}
    if "merged" in case:
        when = case["merged"]
        read = reader_of({name: when[name] for name in ("benefit", "first_year", "transition_years")})
        rules = SimpleNamespace(scheme=MERGED, plan=lambda scheme, p, year: plans[scheme], readers=[SimpleNamespace(value=read)],
                                people=[SimpleNamespace(region=SimpleNamespace(name="toy"))])
        plan = Rules._regions_plans(rules, when["origin"], 0, when["year"])[0]
    else:
        plan = better(plans["nrcms"], plans["urbmi"])
    paid, _ = settle_years(pack([plan]), bill_rows({}, case["bills"]))
    found = [{name: row[name] for name in PAYERS} for row in (dict(zip(COLUMNS, row, strict=True)) for row in paid.tolist())]
    assert found == [{name: fen(case["payments"].get(name, ["0"] * len(found))[n]) for name in PAYERS}
                     for n in range(len(found))], case["why"]


# --- the cases themselves

def test_every_mechanism_has_five_cases_at_least_and_every_case_says_what_it_rests_on():
    count = {file.stem: sum(case["mechanism"] == file.stem for case in CASES) for file in FILES}
    assert min(count.values()) >= 5 and len(FILES) >= 20, count
    assert len({case["name"] for case in CASES}) == len(CASES)
    assert all(case["source"] and case["why"] for case in CASES)
    kinds = ("years", "bill", "parameters", "response_to", "enrolment", "classes", "nrcms")
    assert all(any(kind in case for kind in kinds) for case in CASES)


def test_every_term_of_a_fund_is_met_in_a_case():
    met = {name for case in CASES for year in (case, *case.get("years", ())) for name in year.get("terms", ())}
    beside = {"region", "scheme", "year",
              "secondary_threshold", "secondary_least",                    # in tests/fund/test_control.py
              "account_opening",                                           # in the random comparison
              "ladder_step", "warning_trigger",                            # in tests/fund/test_ladder.py
              "pooling_level", "cities", "county_cost_sd", "county_shock_sd"}      # of which the units are made (test_units.py)
    assert {f.name for f in fields(FundTerms)} - met == beside
