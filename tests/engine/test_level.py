"""The level of an operating schedule: solved to the law's ratio at central values, whatever a policy changes elsewhere."""

from decimal import Decimal

import numpy as np
import pytest

from simulator.engine import level as level_module
from simulator.engine.level import HIGHEST_K, in_scope_ratios, solve_level
from simulator.engine.policies import LevelBook, Rules, policy_reader
from simulator.engine.prepare import prepare
from simulator.parameters.catalogue import TIERS
from simulator.parameters.regions import load_regions
from simulator.plan import TERMS
from simulator.scenario import BASELINE, Policy, Scenario

YEAR = 2012


@pytest.fixture(scope="module")
def people():
    return prepare(load_regions()["jiangsu"], "nrcms", YEAR, 1, 5_000, (1, 8), 2012)


@pytest.fixture(scope="module")
def level(people):
    return solve_level(people, YEAR)


def test_the_solved_schedule_meets_the_laws_ratio(people, level):
    assert level.met and level.target == people.reader.value("inpatient.nrcms.target_ratio", YEAR).value
    assert level.reached == pytest.approx(float(level.target), abs=0.05)
    assert 0 < level.k <= HIGHEST_K and level.k == level.k.quantize(Decimal("0.000001"))


def test_the_ratio_falls_as_the_patients_share_rises(people):
    grid = [Decimal(k) / 4 for k in range(0, 9)]
    assert np.all(np.diff(in_scope_ratios(people, people.reader, "nrcms", YEAR, grid)) < 0)


def test_case_and_day_prices_control_and_conduct_do_not_move_the_level(people, level):
    """They are what a policy changes; the schedule the law speaks of is settled without them."""
    tiers = dict.fromkeys(TIERS, "case")
    changed = people.region.with_changes({
        "payment.nrcms.inpatient_method": tiers, "payment.nrcms.counties_share": "100", "payment.nrcms.case_level": "70",
        "conduct.nrcms.retention": "80", "conduct.nrcms.fraud_share_removed": "10",
        "conduct.nrcms.zero_markup_share": dict.fromkeys(TIERS, "100")}, "a test")
    assert solve_level(people, YEAR, changed, "nrcms").k == level.k


def test_a_target_out_of_reach_is_answered_with_the_end_of_the_range_and_said_to_be_missed(people):
    dear = solve_level(people, YEAR, people.region.with_changes({"inpatient.nrcms.target_ratio": "100"}, "a test"), "nrcms")
    assert dear.k == 0 and not dear.met
    low = solve_level(people, YEAR, people.region.with_changes({"inpatient.nrcms.target_ratio": "5"}, "a test"), "nrcms")
    assert low.k == HIGHEST_K and low.reached == pytest.approx(
        float(in_scope_ratios(people, people.reader, "nrcms", YEAR, [HIGHEST_K])[0]))


def test_a_schedule_that_is_law_is_not_solved(people):
    stated = solve_level(people, YEAR, people.region.with_changes({"inpatient.nrcms.solve_level": False}, "a test"), "nrcms")
    assert stated.k == 1 and stated.reached == stated.unsolved


def test_a_book_solves_once_until_the_schedule_or_its_target_changes():
    people = prepare(load_regions()["jiangsu"], "nrcms", YEAR, 3, 500, (1, 8), 2012)
    book = LevelBook(people, people.reader, "nrcms")
    ks = [book.k(year) for year in range(YEAR, YEAR + 3)]
    dates = {tuple(getattr(people.reader.value(path.format(scheme="nrcms"), year, required=False), "from_", None)
                   for path in LevelBook.WATCHED)
             for year in range(YEAR, YEAR + 3)}
    assert len(book.solved()) == len(dates) and book.k(YEAR) == ks[0]


def test_a_book_watches_the_target_and_every_parameter_of_the_schedule():
    schedule = {"ratio", "class_bonus", "deductible", "deductible_class_ratio", "waived_groups", "band_tops", "band_basis",
                "band_period", "primary_bonus", "outside_penalty", "unreferred_penalty", "tcm_bonus", "guaranteed_share",
                "guaranteed_basis", "annual_cap", "cap_basis"}
    assert set(LevelBook.WATCHED) >= {f"inpatient.{{scheme}}.{name}" for name in schedule | {"target_ratio", "solve_level"}}
    others = {path for term in TERMS.values() if not term.level for path in (term.path, *term.also)}
    assert not others & set(LevelBook.WATCHED) and len(set(LevelBook.WATCHED)) == len(LevelBook.WATCHED)


def test_a_policys_changes_are_not_solved_away_unless_it_asks_for_it(people):
    higher = {"inpatient.nrcms.deductible": {tier: ["1500"] for tier in TIERS}}
    named = (Policy(BASELINE), Policy("kept", higher), Policy("solved anew", higher, "own"), Policy("as written", higher, "none"))
    asked = Scenario("levels", ("jiangsu",), YEAR, ("nrcms",), 1, 1, 5_000, policies=named)
    rules = Rules(asked, "nrcms", [people], [policy_reader(people.region, policy, "levels") for policy in named])
    baseline, kept, anew, written = rules.plans(0, YEAR)
    assert np.array_equal(kept.ratio, baseline.ratio) and not np.array_equal(kept.deductible, baseline.deductible)
    assert (anew.ratio[:, 0, 0] > baseline.ratio[:, 0, 0]).all()                 # paid back in the ratios
    full = people.reader.value("inpatient.nrcms.ratio", YEAR).value
    assert written.ratio[:, 0, 0].tolist() == [int(full[tier][0] * 100) for tier in TIERS]


def test_a_level_once_solved_is_found_again(people, level, monkeypatch):
    def refuse(*_):
        raise AssertionError("settled again")

    monkeypatch.setattr(level_module, "run_draw", refuse)
    assert solve_level(people, YEAR) == level
    with pytest.raises(AssertionError, match="settled again"):
        in_scope_ratios(people, people.reader, "nrcms", YEAR, [Decimal("0.123457")])


def test_a_level_is_kept_by_its_people_bills_schedule_year_and_seed(people, monkeypatch):
    asked = []
    monkeypatch.setattr(level_module, "PERSON_YEARS", 1)
    monkeypatch.setattr(level_module, "cached_array", lambda made_of, make: asked.append(made_of) or make())

    def ask(year=YEAR, seed=2012, rows=700, changes=None):
        region = people.region.with_changes(changes, "a test") if changes else people.region
        here = prepare(region, "nrcms", YEAR, 2, rows, (1, 8), seed)
        in_scope_ratios(here, here.reader, "nrcms", year, [Decimal(1)])

    for one in ({}, {"year": YEAR + 1}, {"seed": 1}, {"rows": 701}, {"changes": {"inpatient.nrcms.deductible.county": ["1"]}},
                {"changes": {"care.nrcms.bill_mean.county": "4000"}}):
        ask(**one)
    assert len(set(asked)) == len(asked) == 6
    ask()
    assert asked[-1] == asked[0]
