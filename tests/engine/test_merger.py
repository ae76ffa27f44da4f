"""The merged residents' scheme: whose people, under which rules, with whose money, and from when."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from simulator.care.paths import sample_paths
from simulator.engine.enrolment import people_of
from simulator.engine.policies import Rules
from simulator.engine.readers import policy_reader
from simulator.engine.simulate import simulate, simulate_scheme
from simulator.engine.workers import Workers
from simulator.law.settle import settle_bill
from simulator.law.year import STATE, TRACE
from simulator.money import UNLIMITED
from simulator.parameters.catalogue import ILLNESSES
from simulator.parameters.errors import InputError
from simulator.parameters.merged import MERGED, ORIGINS, better, merger_terms, on_bands, origins, rule_book
from simulator.parameters.plans import plan_of, region_plan
from simulator.plan import BANDS, TERMS, Plan, pack
from simulator.scenario import BASELINE, Policy, Scenario, check
from simulator.tables import BILL_COLUMNS, LEFT, NO_ILLNESS, Fact, Paid
from tests.support.random_plans import random_plan

# Bases that no comparison by terms can bridge: a plan counted another way is another kind of plan.
BASES = ("band_basis", "band_period", "guaranteed_basis", "cap_basis", "cap_counts_outpatient", "patient_share_base",
         "commercial_scope", "cii_counts_outpatient", "cii_listed_only", "consultation_fee")


# --- the better of two plans

# Terms that are neither better nor worse, or are compared apart: a list, prices of admissions, the fund's factor, the account.
APART = tuple(name for name, term in TERMS.items() if term.better == "kept" and name not in BASES and term.shape != ("band",)
              or term.path.startswith(("listed.", "account.")) or name == "reference_price")


def some_plan(rng: np.random.Generator, bases: dict, **stated) -> Plan:
    """A plan with terms of every layer, on the given bases, but of those that are compared apart."""
    return plan_of(random_plan(rng, APART, 3, chronic_list=True, **bases, **stated))


def random_bills(rng: np.random.Generator, count: int) -> np.ndarray:
    bills = np.zeros((count, BILL_COLUMNS), dtype=np.int64)
    bills[:, Fact.KIND], bills[:, Fact.TIER] = rng.integers(0, 2, count), rng.integers(0, 4, count)
    bills[:, Fact.MEMBER_CLASS], bills[:, Fact.GROUP] = rng.integers(0, 5, count), rng.integers(0, 6, count)
    bills[:, Fact.CHRONIC], bills[:, Fact.ILLNESS] = rng.integers(0, 2, count), NO_ILLNESS
    bills[:, [Fact.UNITS, Fact.DAYS]] = 1
    bills[:, Fact.BILLED] = np.exp(rng.uniform(np.log(1_000), np.log(100_000_000), count)).astype(np.int64)
    bills[:, Fact.ELIGIBLE] = bills[:, Fact.BILLED] * rng.integers(0, 101, count) // 100
    bills[:, Fact.TCM] = bills[:, Fact.ELIGIBLE] * rng.integers(0, 101, count) // 100
    return bills


def first_bills(plan: Plan, bills: np.ndarray) -> np.ndarray:
    """Each bill settled as the first of its year, int64[N, 12]."""
    terms, result, trace = pack([plan])[0], np.zeros((len(bills), LEFT), dtype=np.int64), np.zeros(TRACE, dtype=np.int64)
    for bill, paid in zip(bills, result, strict=True):
        settle_bill(terms, np.zeros(STATE, dtype=np.int64), bill, paid, trace)
    return result


def random_bases(rng: np.random.Generator) -> dict:
    drawn = random_plan(rng)
    return {name: drawn[name] for name in BASES} | {"consultation_fee": "10"}


@pytest.mark.parametrize("supplement", [True, False])
def test_under_the_better_of_two_plans_on_the_same_bases_no_first_bill_is_paid_less(supplement):
    """Basic insurance never pays less; without a supplement the patient never pays more, but for the rounding of the layers."""
    rng = np.random.default_rng(20130101)
    for _ in range(150):
        bases = random_bases(rng)
        one, other = (some_plan(rng, bases) if supplement else some_plan(rng, bases, supplement_ratio="0") for _ in range(2))
        bills = random_bills(rng, 60)
        best, *apart = (first_bills(plan, bills) for plan in (better(one, other), one, other))
        for paid in apart:
            basic = [p[:, [Paid.BASIC, Paid.LISTED, Paid.OUTPATIENT]].sum(axis=1) for p in (best, paid)]
            assert np.all(basic[0] >= basic[1])
            if not supplement:
                assert np.all(best[:, Paid.CASH] <= paid[:, Paid.CASH] + 3)


def test_a_higher_cap_may_cost_a_patient_whose_supplement_pays_better_than_the_schedule():
    """Known and accepted: what the cap cuts off at 50% the supplement pays at 90%."""
    capped = plan_of({"ratio": {"county": ["50"]}, "annual_cap": "1000", "supplement_ratio": "90"})
    roomy = plan_of({"ratio": {"county": ["50"]}, "annual_cap": "5000"})
    bill = random_bills(np.random.default_rng(1), 1)
    bill[0, [Fact.KIND, Fact.TIER, Fact.GROUP, Fact.BILLED, Fact.ELIGIBLE, Fact.TCM]] = 0, 1, 0, 1_000_000, 1_000_000, 0
    assert [first_bills(plan, bill)[0, Paid.CASH] for plan in (capped, roomy, better(capped, roomy))] == [180_000, 500_000,
                                                                                                          500_000]


def test_the_better_of_a_plan_and_itself_is_the_plan():
    rng = np.random.default_rng(7)
    for _ in range(20):
        plan = some_plan(rng, random_bases(rng))
        assert np.array_equal(pack([better(plan, plan)]), pack([plan]))


def test_the_better_of_two_plans_on_the_same_bases_is_the_same_either_way():
    rng = np.random.default_rng(8)
    for _ in range(20):
        bases = random_bases(rng)
        one, other = some_plan(rng, bases), some_plan(rng, bases)
        assert np.array_equal(pack([better(one, other)]), pack([better(other, one)]))


def test_where_plans_count_on_different_bases_the_better_terms_may_pay_less_than_one_of_them():
    """Known and accepted: a ratio that falls from band to band favours bands counted after the deductible."""
    falling = {"band_tops": ["1000"], "ratio": {"county": ["90", "10"]}, "deductible": {"county": ["1000"] * 3}}
    on_eligible, after = plan_of(falling), plan_of({**falling, "band_basis": "after_deductible"})
    bill = random_bills(np.random.default_rng(1), 1)
    bill[0, [Fact.KIND, Fact.TIER, Fact.GROUP, Fact.BILLED, Fact.ELIGIBLE, Fact.TCM]] = 0, 1, 0, 200_000, 200_000, 0
    one, other, best = (first_bills(plan, bill)[0, Paid.BASIC] for plan in (on_eligible, after, better(on_eligible, after)))
    assert (one, other, best) == (10_000, 90_000, 10_000)


def test_a_list_of_one_scheme_pays_no_less_than_the_others_ordinary_rules_in_either_order():
    """An illness on one scheme's list at 70% with a quota, ordinary at 90% in the other."""
    listing = plan_of({"listed": {"esrd": "full"}, "listed_ratio": {"esrd": "70"}, "quota": {"esrd": "500"},
                       "quota_kind": {"esrd": "limit"}})
    ordinary = plan_of({"ratio": {"county": ["90"]}})
    bill = random_bills(np.random.default_rng(1), 1)
    bill[0, [Fact.KIND, Fact.TIER, Fact.GROUP, Fact.BILLED, Fact.ELIGIBLE, Fact.TCM,
             Fact.ILLNESS]] = 0, 1, 0, 100_000, 100_000, 0, ILLNESSES.index("esrd")
    paid = [first_bills(plan, bill)[0, [Paid.BASIC, Paid.LISTED]].sum() for plan in (listing, ordinary, better(listing, ordinary),
                                                                           better(ordinary, listing))]
    assert paid == [35_000, 90_000, 90_000, 90_000]


def test_a_chronic_list_of_one_scheme_pays_no_visit_less_than_the_others_outpatient_rules():
    chronic = plan_of({"chronic_list": True, "chronic_ratio": {"county": "40"}, "chronic_year_limit": "100"})
    ordinary = plan_of({"outpatient_ratio": {"county": "60"}})
    bill = random_bills(np.random.default_rng(1), 1)
    bill[0, [Fact.KIND, Fact.TIER, Fact.GROUP, Fact.BILLED, Fact.ELIGIBLE, Fact.TCM, Fact.ILLNESS,
             Fact.CHRONIC]] = 1, 1, 0, 100_000, 100_000, 0, -1, 1
    paid = [first_bills(plan, bill)[0, Paid.OUTPATIENT] for plan in (chronic, ordinary, better(chronic, ordinary))]
    assert paid == [10_000, 60_000, 60_000]


def test_a_list_in_full_is_better_than_a_pilot_and_a_pilot_than_none():
    def listing(*status: int) -> Plan:
        plan = plan_of({})
        return plan._replace(listed=np.array([*status, *[0] * (20 - len(status))]))
    assert better(listing(0, 1, 2, 0, 2), listing(1, 2, 2, 0, 0)).listed[:5].tolist() == [1, 1, 2, 0, 2]


def test_the_better_of_two_plans_is_in_every_term_what_its_row_says():
    rng = np.random.default_rng(5)
    one, other = (some_plan(rng, random_bases(rng)) for _ in range(2))
    best = better(one, other)
    told_apart = {name for name in TERMS if name.startswith(("listed", "quota", "chronic"))}
    for name in TERMS.keys() - told_apart - {"band_tops", "ratio", "cii_tops", "cii_ratio"}:
        mine, theirs, value = (np.asarray(getattr(plan, name)) for plan in (one, other, best))
        wanted = {"kept": mine, "smaller": np.minimum(mine, theirs), "larger": np.maximum(mine, theirs)}[TERMS[name].better]
        assert np.array_equal(value, wanted), name


def test_a_schedule_on_finer_bands_pays_every_bill_the_same():
    rng = np.random.default_rng(3)
    for _ in range(60):
        plan = some_plan(rng, random_bases(rng))
        fine = plan
        for tops, ratios in (("band_tops", "ratio"), ("cii_tops", "cii_ratio")):
            wanted = np.union1d(getattr(plan, tops), rng.integers(1, 60, 3) * 100_000)
            fine = on_bands(fine, tops, ratios, wanted)
            assert np.array_equal(getattr(fine, tops), wanted) and getattr(fine, ratios).shape[-1] == len(wanted)
        bills = random_bills(rng, 60)
        assert np.array_equal(first_bills(plan, bills), first_bills(fine, bills))


def test_more_bands_than_a_plan_can_hold_are_refused():
    def banded(*tops: int) -> Plan:
        return plan_of({})._replace(band_tops=np.array([*tops, UNLIMITED]), ratio=np.zeros((4, 5, len(tops) + 1), dtype=np.int64))
    with pytest.raises(InputError, match=f"at most {BANDS}"):
        better(banded(1, 3, 5, 7, 9), banded(2, 4, 6, 8, 10))


# --- when, and under which rules

def merged_in(regions, **changes):
    return regions["zibo"].with_changes({f"merger.{name}": value for name, value in changes.items()}, "a test")


def test_only_the_merged_scheme_has_the_people_of_others():
    assert origins(MERGED) == ORIGINS == ("urbmi", "nrcms")
    assert all(origins(scheme) == (scheme,) for scheme in ("uebmi", "urbmi", "nrcms"))


def test_before_the_merger_in_its_transition_and_in_a_region_without_one_each_has_its_own_rules(regions):
    region = merged_in(regions, first_year="2013", transition_years="1", benefit="stated")
    assert merger_terms(region.value, 2013) == (2013, 1, "stated")
    assert [rule_book(region.value, year) for year in (2012, 2013, 2014)] == ["apart", "apart", "stated"]
    assert rule_book(regions["jiangsu"].value, 2015) == "apart"


def scenario(horizon=1, people=400, **changes) -> Scenario:
    return Scenario("merged", ("zibo",), 2013, (MERGED,), horizon, 2, people, systematic=False, changes=changes)


def merger(transition: str, benefit: str) -> dict[str, str]:
    return {"merger.first_year": "2013", "merger.transition_years": transition, "merger.benefit": benefit}


def rules_of(asked: Scenario, regions) -> Rules:
    everywhere = regions["zibo"].with_changes(asked.changes, "a test") if asked.changes else regions["zibo"]
    groups = people_of(asked, everywhere, MERGED, range(1))
    return Rules(asked, MERGED, [group.people for group in groups], [policy_reader(everywhere, Policy(BASELINE), "a test")])


def same(one: Plan, other: Plan) -> bool:
    return np.array_equal(pack([one]), pack([other]))


def test_in_the_years_of_transition_each_keeps_its_own_rules_and_then_all_have_the_same(regions):
    rules = rules_of(scenario(3, **merger("2", "better")), regions)
    for year in (2013, 2014):
        for number, origin in enumerate(ORIGINS):
            assert same(rules.plans(number, year)[0], rules.plan(origin, 0, year))
    town, country = (rules.plans(number, 2015)[0] for number in range(2))
    assert same(town, country)
    assert same(town, better(rules.plan("nrcms", 0, 2015), rules.plan("urbmi", 0, 2015)))


def test_a_stated_benefit_is_the_merged_schemes_own_schedule(regions):
    rules = rules_of(scenario(**merger("0", "stated")), regions)
    for number in range(2):
        assert same(rules.plans(number, 2013)[0], rules.plan(MERGED, 0, 2013))
    assert same(rules.plan(MERGED, 0, 2013), region_plan(rules.readers[0], MERGED, 2013, rules.book(MERGED, 0).level(2013).k))


# --- people and money

@pytest.fixture(scope="module")
def results(regions):
    asked = scenario(2, 1_000, **merger("1", "better"))
    everywhere = regions["zibo"].with_changes(asked.changes, "a test")
    paths = sample_paths(everywhere.value, asked.seed, range(asked.draws), asked.year, asked.horizon, False)
    with ThreadPoolExecutor(2) as pool:
        workers = Workers(pool)
        return {scheme: simulate_scheme(asked.but(schemes=(scheme,)), regions["zibo"], scheme, range(asked.draws), paths, workers,
                                        lambda what: None)
                for scheme in (MERGED, *ORIGINS)}


def test_members_of_the_merged_scheme_are_those_of_the_two(results):
    for year in (2013, 2014):
        parts = sum(results[origin].members[year] for origin in ORIGINS).astype(float)
        assert results[MERGED].members[year] == pytest.approx(parts, rel=2e-3)         # rosters of other sizes
    assert results[MERGED].participants == sum(results[origin].participants for origin in ORIGINS)
    assert results[MERGED].rows <= 1_000 * 1.3


def test_rows_of_both_groups_stand_for_as_many_people(regions):
    groups = people_of(scenario(people=1_000), regions["zibo"], MERGED, range(1))
    weights = [group.people.roster.participants / group.start_rows[0] for group in groups]
    assert weights[0] == pytest.approx(weights[1], rel=0.02)
    assert [group.people.scheme for group in groups] == list(ORIGINS)


def test_opening_balances_join(results):
    first = {scheme: result.ledgers[2013] for scheme, result in results.items()}
    columns = first[MERGED].columns()
    joined = [column for column in columns if "opening" in column]
    assert joined
    for column in joined:
        whole = columns[column].astype(float)
        parts = sum(first[origin].columns()[column] for origin in ORIGINS).astype(float)
        assert whole == pytest.approx(parts, rel=2e-3, abs=1e3), column


def test_in_the_first_year_of_transition_the_merged_claims_are_those_of_the_two(results):
    claims = {scheme: next(m.values for m in result.measures[2013] if (m.name, m.group) == ("claims", ""))
              for scheme, result in results.items()}
    parts = sum(claims[origin] for origin in ORIGINS)
    assert claims[MERGED].mean() == pytest.approx(parts.mean(), rel=0.25)               # 1,000 rows, other random numbers


# --- a region without a merger, and one that merges by a policy

@pytest.fixture(scope="module")
def linyi(regions):
    asked = Scenario("linyi", ("linyi",), 2014, (MERGED, *ORIGINS), 2, 2, 2_000, systematic=False)
    return {result.scheme: result for result in simulate(asked, regions).schemes}


def figure(result, year: int, name: str) -> float:
    return float(next(m.values for m in result.measures[year] if (m.name, m.group) == (name, "")).mean())


def test_where_nothing_merges_the_merged_scheme_is_the_two_side_by_side(linyi):
    for year in (2014, 2015):
        heads = {scheme: float(linyi[scheme].members[year].mean()) for scheme in linyi}
        assert heads[MERGED] == pytest.approx(heads["urbmi"] + heads["nrcms"], rel=3e-3)
        revenue = {scheme: float(linyi[scheme].ledgers[year].columns()["revenue"].mean()) for scheme in linyi}
        assert revenue[MERGED] == pytest.approx(revenue["urbmi"] + revenue["nrcms"], rel=2e-2)
        claims = {scheme: figure(linyi[scheme], year, "claims") for scheme in linyi}
        assert claims[MERGED] == pytest.approx(claims["urbmi"] + claims["nrcms"], rel=0.25)


def test_a_merger_by_a_policy_moves_nothing_before_its_year_and_pays_no_less_after(regions):
    merging = Policy("merging", {"merger.first_year": "2014"})
    asked = Scenario("linyi", ("linyi",), 2013, (MERGED,), 2, 2, 1_000, systematic=False, policies=(Policy(BASELINE), merging))
    check(asked, regions)
    result, = simulate(asked, regions).schemes
    for year, moved in ((2013, False), (2014, True)):
        values = np.stack([m.values for m in result.measures[year]])
        assert np.array_equal(values[:, :, 0], values[:, :, 1], equal_nan=True) != moved
    paid = next(m.values for m in result.measures[2014] if (m.name, m.group) == ("oop_per_head", ""))
    assert (paid[:, 1] <= paid[:, 0]).all()


def test_a_region_that_states_nothing_of_the_merged_scheme_has_what_nrcms_has(regions):
    linyi, zibo = regions["linyi"], regions["zibo"]
    assert linyi.value("control.urrbmi.annual_limit", 2014) == linyi.value("control.nrcms.annual_limit", 2014)
    assert zibo.value("funding.urrbmi.premium", 2013).path == "funding.urrbmi.premium"
    assert linyi.value("population.urrbmi.participants", 2014, required=False) is None
    changed = linyi.with_changes({"control.nrcms.annual_limit": "7"}, "a test")
    assert changed.value("control.urrbmi.annual_limit", 2014).value == 7
    assert "control.urrbmi.annual_limit" in changed.apart_from(linyi)


def test_regions_with_and_without_a_merger_are_compared(regions):
    asked = Scenario("both", ("zibo", "linyi"), 2013, (MERGED,), 1, 1, 400)
    check(asked, regions)
    assert [result.region for result in simulate(asked, regions).schemes] == ["zibo", "linyi"]
