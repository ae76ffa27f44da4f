"""The level of a schedule: known schedules are paid as written, estimated ones are solved to what was published as paid, never to
a plan's target, and points of a scenario are points of what is paid."""

import datetime
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from simulator.engine import level as level_module
from simulator.engine.level import (
    HIGHEST_K,
    OUTCOME,
    SCHEDULE_PATHS,
    TARGET,
    UNKNOWN,
    UNMOVED,
    WRITTEN,
    in_scope_ratios,
    inpatient_ratios,
    level_of,
    people_for,
    solve,
)
from simulator.engine.policies import Rules
from simulator.engine.prepare import prepare
from simulator.engine.readers import Readers
from simulator.parameters.catalogue import CLASSES, TIERS
from simulator.parameters.plans import region_plan
from simulator.parameters.regions import Region, load_regions
from simulator.parameters.values import Entry, Layer
from simulator.plan import TERMS
from simulator.scenario import BASELINE, Policy, Scenario

YEAR, NRCMS = 2012, "inpatient.nrcms"
ADULT = CLASSES.index("adult")


def stating(region: Region, path: str, data: object, status: str = "statistic", since: int = YEAR, unit: str = "%") -> Region:
    """The region with one value of its own as a file would state it."""
    entry = Entry(path, unit, datetime.date(since, 1, 1), data, status, f"{status}: a test")
    own = region.layers[0]
    layer = Layer(own.region, {**own.entries, path: tuple(sorted((*own.entries.get(path, ()), entry), key=lambda e: e.from_))})
    return Region(region.name, region.names, (layer, *region.layers[1:]))


def without(region: Region, path: str) -> Region:
    """The region without any value of a parameter, its ancestors' too."""
    return Region(region.name, region.names, tuple(
        Layer(layer.region, {own: entries for own, entries in layer.entries.items() if own != path}) for layer in region.layers))


@pytest.fixture(scope="module")
def unknown() -> Region:
    """Jiangsu with an assumed schedule and no outcome of NRCMS."""
    flat = {tier: [share] for tier, share in zip(TIERS, ("85", "75", "60", "50"), strict=True)}
    plain = without(without(load_regions()["jiangsu"], f"{NRCMS}.outcome_ratio"), f"{NRCMS}.ratio")
    return stating(plain, f"{NRCMS}.ratio", flat, "assumption", 2010)


@pytest.fixture(scope="module")
def solved(unknown) -> Region:
    """The same with an outcome of 2011."""
    return stating(unknown, f"{NRCMS}.outcome_ratio", "56.84", since=2011)


@pytest.fixture(scope="module")
def people(solved):
    return people_for(solved, "nrcms", YEAR)


def rules_of(region: Region, *policies: Policy, changes: dict | None = None) -> Rules:
    asked = Scenario("levels", (region.name,), YEAR, ("nrcms",), 1, 1, 500, policies=(Policy(BASELINE), *policies),
                     changes=changes or {})
    readers = Readers(region, asked)
    return Rules(asked, "nrcms", [prepare(readers.region, "nrcms", YEAR, 1, 500, (1, 8), 2012)], readers)


def paid(rules: Rules, year: int = YEAR) -> np.ndarray:
    """The first band's ratio of an adult by policy and tier, in 1/10,000."""
    return np.array([plan.ratio[:, ADULT, 0] for plan in rules.plans(0, year)])


# --- what a level rests on ------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["law", "statistic"])
def test_a_schedule_that_is_known_is_paid_as_written_whatever_outcome_or_target_there_is(solved, status):
    known = stating(solved, f"{NRCMS}.ratio", {tier: ["75"] for tier in TIERS}, status)
    found = level_of(known, "nrcms", YEAR)
    assert (found.k, found.basis, found.goal) == (1, WRITTEN, None) and found.written == found.paid
    assert (paid(rules_of(known)) == 7500).all()


def test_an_estimated_schedule_is_solved_to_the_outcome_in_its_year_and_never_to_the_target(solved):
    found = level_of(solved, "nrcms", YEAR)
    assert (found.basis, found.goal, found.solved_in, found.stated_by) == (OUTCOME, Decimal("56.84"), 2011, "jiangsu")
    assert found.met and found.reached == pytest.approx(56.84, abs=0.05) and 1 < found.k <= HIGHEST_K
    assert found.k == found.k.quantize(Decimal("0.000001"))
    moved = solved.with_changes({f"{NRCMS}.target_ratio": "90"}, "a test")
    assert level_of(moved, "nrcms", YEAR).k == found.k
    then = people_for(solved, "nrcms", 2011)
    assert in_scope_ratios(then, solved, "nrcms", 2011, [found.k])[0] == pytest.approx(found.reached)


def test_the_outcome_of_the_latest_year_not_after_the_years_holds(solved):
    later = stating(solved, f"{NRCMS}.outcome_ratio", "61.03", since=2013)
    goals = [level_of(later, "nrcms", year).goal for year in (2012, 2013, 2020)]
    assert goals == [Decimal("56.84"), Decimal("61.03"), Decimal("61.03")]
    assert level_of(later, "nrcms", 2020).k == level_of(later, "nrcms", 2013).k
    assert level_of(solved, "nrcms", 2010).basis == UNKNOWN


def test_without_an_outcome_k_is_not_known_and_taken_as_one(unknown):
    found = level_of(unknown, "nrcms", YEAR)
    assert (found.k, found.basis, found.status) == (1, UNKNOWN, "assumption")


def test_an_outcome_of_a_year_whose_schedule_was_known_says_nothing_of_a_later_estimate(solved):
    known = stating(solved, f"{NRCMS}.ratio", {tier: ["75"] for tier in TIERS}, "law", 2011)
    later = stating(known, f"{NRCMS}.ratio", {tier: ["70"] for tier in TIERS}, "estimate", 2012)
    assert level_of(later, "nrcms", YEAR).basis == UNKNOWN


def test_an_estimate_may_be_said_to_be_paid_as_written(solved):
    assert level_of(solved.with_changes({f"{NRCMS}.solve_level": False}, "a test"), "nrcms", YEAR).basis == WRITTEN


def test_the_merged_scheme_is_solved_on_the_people_of_nrcms():
    zibo = stating(load_regions()["zibo"], "inpatient.urrbmi.outcome_ratio", "61.03", since=2013)
    found = level_of(zibo, "urrbmi", 2014)
    assert found.met and found.solved_in == 2013 and people_for(zibo, "urrbmi", 2013).scheme == "nrcms"


# --- solving --------------------------------------------------------------------------------------


def test_the_ratio_falls_as_the_patients_share_rises(people, solved):
    grid = [Decimal(k) / 4 for k in range(0, 9)]
    in_scope, actual = inpatient_ratios(people, solved, "nrcms", YEAR, grid)
    assert np.all(np.diff(in_scope) < 0) and np.all(actual < in_scope)


def test_case_and_day_prices_control_and_conduct_do_not_move_the_level(people, solved):
    """They are what a policy changes; the schedule is settled without them."""
    tiers = dict.fromkeys(TIERS, "case")
    changed = solved.with_changes({
        "payment.nrcms.inpatient_method": tiers, "payment.nrcms.counties_share": "100", "payment.nrcms.case_level": "70",
        "conduct.nrcms.retention": "80", "conduct.nrcms.fraud_share_removed": "10",
        "conduct.nrcms.zero_markup_share": dict.fromkeys(TIERS, "100")}, "a test")
    assert solve(people, changed, "nrcms", YEAR, 60.0) == solve(people, solved, "nrcms", YEAR, 60.0)


def test_a_ratio_out_of_reach_is_answered_with_the_end_of_the_range_and_said_to_be_missed(solved):
    dear = level_of(solved.with_changes({f"{NRCMS}.outcome_ratio": "100"}, "a test"), "nrcms", YEAR)
    assert dear.k == 0 and not dear.met
    low = level_of(solved.with_changes({f"{NRCMS}.outcome_ratio": "2"}, "a test"), "nrcms", YEAR)
    assert low.k == HIGHEST_K and not low.met


def test_a_level_hangs_on_no_scenario(solved):
    found = level_of(solved, "nrcms", YEAR)
    for changes in ({f"{NRCMS}.deductible": {"times": "3"}}, {"care.nrcms.bill_mean": {"times": "2"}}):
        rules = rules_of(solved, changes=changes)
        paid(rules)
        assert [replace(level, policy="") for level in rules.levels()] == [found]


def test_a_level_once_solved_is_found_again(solved, monkeypatch):
    known = level_of(solved, "nrcms", YEAR)

    def refuse(*_):
        raise AssertionError("settled again")

    monkeypatch.setattr(level_module, "run_draw", refuse)
    monkeypatch.setattr(level_module, "_known", {})
    assert level_of(solved, "nrcms", YEAR) == known
    with pytest.raises(AssertionError, match="settled again"):
        in_scope_ratios(people_for(solved, "nrcms", YEAR), solved, "nrcms", YEAR, [Decimal("0.123457")])


def test_a_ratio_is_kept_by_its_people_bills_schedule_year_and_seed(solved, monkeypatch):
    asked = []
    monkeypatch.setattr(level_module, "PERSON_YEARS", 1)
    monkeypatch.setattr(level_module, "cached_array", lambda made_of, make: asked.append(made_of) or make())

    def ask(year=YEAR, seed=2012, rows=700, changes=None):
        region = solved.with_changes(changes, "a test") if changes else solved
        here = prepare(region, "nrcms", YEAR, 2, rows, (1, 8), seed)
        in_scope_ratios(here, here.reader, "nrcms", year, [Decimal(1)])

    for one in ({}, {"year": YEAR + 1}, {"seed": 1}, {"rows": 701}, {"changes": {f"{NRCMS}.deductible.county": ["1"]}},
                {"changes": {"care.nrcms.bill_mean.county": "4000"}}):
        ask(**one)
    assert len(set(asked)) == len(asked) == 6
    ask()
    assert asked[-1] == asked[0]


# --- points are points of what is paid ------------------------------------------------------------


def test_five_points_more_are_five_points_at_any_level(solved):
    rules = rules_of(solved, Policy("five", {f"{NRCMS}.ratio": {"plus": 5}}),
                     Policy("county", {f"{NRCMS}.ratio.county": {"plus": 5}}),
                     Policy("class", {f"{NRCMS}.class_bonus.adult": {"plus": 5}}))
    before, five, county, of_class = paid(rules)
    assert (five - before == 500).all() and (of_class - before == 500).all()
    assert (county - before).tolist() == [500 * (tier == "county") for tier in TIERS]
    assert (before != [8500, 7500, 6000, 5000]).all()


def test_a_ratio_that_a_scenario_states_is_paid_as_stated_and_a_tenth_is_a_tenth_of_what_was_paid(solved):
    before, stated, tenth = paid(rules_of(solved, Policy("stated", {f"{NRCMS}.ratio.county": ["80"]}),
                                          Policy("tenth", {f"{NRCMS}.ratio": {"times": "1.1"}})))
    assert stated[TIERS.index("county")] == 8000 and stated[0] == before[0]
    assert tenth.tolist() == [min(int(share * 1.1 + 0.5), 10_000) for share in before.tolist()]


def test_a_scenarios_points_for_every_policy_are_not_solved_away(solved):
    (before,), (after,) = (paid(rules_of(solved, changes=changes)) for changes in (None, {f"{NRCMS}.ratio": {"plus": 5}}))
    assert (after - before == 500).all()
    twice = paid(rules_of(solved, Policy("more", {f"{NRCMS}.ratio": {"plus": 2}}), changes={f"{NRCMS}.ratio": {"plus": 5}}))
    assert (twice[1] - before == 700).all()


def test_points_with_a_date_are_points_of_what_is_paid_from_that_day_on(solved):
    k = level_of(solved, "nrcms", YEAR).k
    changed = solved.with_changes({f"{NRCMS}.ratio": {"from": "2014-01-01", "plus": 5}}, "a test")
    before, after = ([region_plan(place, "nrcms", year, k).ratio[:, ADULT, 0] for year in (2013, 2014, 2015)]
                     for place in (solved, changed))
    assert [(b - a).tolist() for a, b in zip(before, after, strict=True)] == [[0] * 4, [500] * 4, [500] * 4]


def test_points_beyond_the_whole_bill_pay_the_whole_bill(unknown):
    generous = stating(unknown, f"{NRCMS}.outcome_ratio", "90", since=2011)
    before, more = paid(rules_of(generous, Policy("more", {f"{NRCMS}.ratio": {"plus": 12}})))
    assert more.tolist() == np.minimum(before + 1200, 10_000).tolist() and 10_000 in more


def test_points_of_members_are_scaled_with_the_schedule_that_states_them(unknown):
    bonus = stating(unknown, f"{NRCMS}.class_bonus", {"child": "5"}, "assumption", 2010, "percentage point")
    plan = region_plan(bonus, "nrcms", YEAR, Decimal("1.2"))
    assert (plan.ratio[:, CLASSES.index("child"), 0] - plan.ratio[:, ADULT, 0]).tolist() == [600] * len(TIERS)


# --- what a policy may ask for --------------------------------------------------------------------


def test_a_policys_changes_are_not_solved_away_unless_it_asks_for_it(solved):
    higher = {f"{NRCMS}.deductible": {tier: ["1500"] for tier in TIERS}}
    rules = rules_of(solved, Policy("kept", higher), Policy("solved anew", higher, "own"), Policy("as written", higher, "none"))
    baseline, kept, anew, written = rules.plans(0, YEAR)
    assert np.array_equal(kept.ratio, baseline.ratio) and not np.array_equal(kept.deductible, baseline.deductible)
    assert (anew.ratio[:, 0, 0] > baseline.ratio[:, 0, 0]).all()                 # paid back in the ratios
    assert written.ratio[:, ADULT, 0].tolist() == [8500, 7500, 6000, 5000]
    same = next(level for level in rules.levels() if level.policy == "solved anew")
    before = in_scope_ratios(people_for(solved, "nrcms", YEAR), solved, "nrcms", YEAR, [level_of(solved, "nrcms", YEAR).k])[0]
    assert same.basis == UNMOVED and same.reached == pytest.approx(before, abs=0.05)


def test_a_schedule_that_a_policy_states_can_be_solved_anew_and_to_the_target(solved):
    stated = {f"{NRCMS}.ratio": {tier: ["70"] for tier in TIERS}}
    rules = rules_of(solved, Policy("stated", stated), Policy("anew", stated, "own"), Policy("met", stated, "target"))
    baseline, as_stated, anew, met = paid(rules)
    assert (as_stated == 7000).all() and len(set(anew)) == len(set(met)) == 1
    found = {level.policy: level for level in rules.levels()}
    assert found["anew"].met and found["met"].met and found["met"].over != 1


def test_own_without_a_change_of_the_schedule_is_the_regions_level(solved):
    rules = rules_of(solved, Policy("cheap", {"funding.nrcms.premium": "10"}, "own"))
    baseline, own = paid(rules)
    assert baseline.tolist() == own.tolist()


@pytest.mark.parametrize("status", ["assumption", "law"])
def test_the_target_is_met_where_a_policy_asks_what_would_be_if_it_were(solved, status):
    place = stating(solved, f"{NRCMS}.ratio", {tier: ["60"] for tier in TIERS}, status)
    rules = rules_of(place, Policy("met", level="target"))
    baseline, met = paid(rules)
    found = next(level for level in rules.levels() if level.policy == "met")
    assert (found.basis, found.goal, found.solved_in) == (TARGET, Decimal(75), YEAR) and found.met
    assert (met > baseline).all()


def test_a_target_is_not_asked_for_where_no_plan_states_one(solved):
    rules = rules_of(without(solved, f"{NRCMS}.target_ratio"), Policy("met", level="target"))
    baseline, met = paid(rules)
    assert baseline.tolist() == met.tolist()


def test_another_outcome_is_evidence_that_a_policy_may_state(solved):
    rules = rules_of(solved, Policy("more", {f"{NRCMS}.outcome_ratio": "70"}))
    baseline, more = paid(rules)
    assert (more > baseline).all()
    assert [(level.policy, level.goal) for level in rules.levels()] == [("", Decimal("56.84")), ("more", Decimal(70))]


def test_a_book_watches_every_parameter_of_the_schedule():
    schedule = {"ratio", "class_bonus", "deductible", "deductible_class_ratio", "waived_groups", "band_tops", "band_basis",
                "band_period", "primary_bonus", "outside_penalty", "unreferred_penalty", "tcm_bonus", "guaranteed_share",
                "guaranteed_basis", "annual_cap", "cap_basis"}
    assert set(SCHEDULE_PATHS) >= {f"inpatient.{{scheme}}.{name}" for name in schedule}
    others = {path for term in TERMS.values() if not term.level for path in (term.path, *term.also)}
    assert not others & set(SCHEDULE_PATHS) and len(set(SCHEDULE_PATHS)) == len(SCHEDULE_PATHS)
