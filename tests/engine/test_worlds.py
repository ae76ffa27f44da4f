"""Worlds keep their number, live on one of ten rosters, and their errors hold the chance of which households were simulated."""

import numpy as np
import pytest

from simulator.engine.measures import half_width, standard_errors
from simulator.engine.outcome import joined
from simulator.engine.prepare import prepare
from simulator.engine.simulate import simulate, simulate_worlds
from simulator.engine.worlds import ROSTERS, roster_numbers
from simulator.parameters.regions import load_regions
from simulator.scenario import BASELINE, Policy, Scenario

SMALL = Scenario("worlds", ("linyi",), 2012, ("nrcms",), horizon=2, draws=23, people=400,
                 policies=(Policy(BASELINE), Policy("more", {"funding.nrcms.premium": "120"})))


@pytest.fixture(scope="module")
def whole():
    return simulate(SMALL, load_regions(), threads=2)


def same(one, other) -> bool:
    return all(mine[:3] == theirs[:3] and np.array_equal(mine.values, theirs.values, equal_nan=True)
               for year in one.years for mine, theirs in zip(one.measures[year], other.measures[year], strict=True))


@pytest.mark.parametrize("cut", [1, 7, 12])
def test_worlds_simulated_later_and_put_beside_are_those_of_one_run(whole, cut):
    regions = load_regions()
    parts = [simulate_worlds(SMALL, regions, worlds, threads=1) for worlds in (range(cut), range(cut, SMALL.draws))]
    together = joined(*parts)
    one, other = whole.schemes[0], together.schemes[0]
    assert one.digest == other.digest and same(one, other) and one.worlds == other.worlds
    assert all(np.array_equal(mine, other.ledgers[2013].columns()[name], equal_nan=True)
               for name, mine in one.ledgers[2013].columns().items())
    assert np.array_equal(whole.paths.price, together.paths.price)


def test_worlds_that_do_not_follow_or_ask_something_else_are_not_put_together(whole):
    with pytest.raises(ValueError, match="do not follow"):
        joined(whole, whole)
    other = simulate_worlds(SMALL.but(horizon=1), load_regions(), range(23, 24), threads=1)
    with pytest.raises(ValueError, match="not the same question"):
        joined(whole, other)


def test_world_i_lives_on_roster_i_mod_10(whole):
    assert roster_numbers(range(23, 26)) == ([3, 4, 5], pytest.approx([0, 1, 2]))
    regions = load_regions()
    for number in (0, 3):
        roster = prepare(regions["linyi"], "nrcms", 2012, 2, 400, (1, 1), SMALL.seed, number).roster
        alone = simulate_worlds(SMALL, regions, range(number, number + 1), threads=1).schemes[0].measures[2012]
        twenty_on = next(m.values for m in whole.schemes[0].measures[2012] if m.name == "oop_per_head" and m.group == "")
        found = next(m.values for m in alone if m.name == "oop_per_head" and m.group == "")
        assert np.array_equal(found[0], twenty_on[number])
        assert roster.rows >= 400
    first, other = (prepare(regions["linyi"], "nrcms", 2012, 1, 400, (1, 1), SMALL.seed, number).roster for number in (0, 1))
    assert not np.array_equal(first.income, other.income)
    assert np.bincount(first.group).tolist() == np.bincount(other.group).tolist()        # published shares hold on each


def test_a_quantile_over_persons_has_an_error_of_its_rosters(whole):
    rows = [m for m in whole.schemes[0].measures[2012] if m.group.startswith("quantile:")]
    assert {m.values.shape for m in rows} == {(ROSTERS, 2)}


@pytest.mark.parametrize(("between", "draws"), [(0.0, 200), (1.0, 200), (3.0, 30), (1.0, 7)])
def test_intervals_hold_the_truth_whether_rosters_differ_or_not(between, draws):
    rng = np.random.default_rng(5)
    repeats = 2000
    rosters = between * rng.standard_normal((repeats, ROSTERS))
    values = rosters[:, np.arange(draws) % ROSTERS] + rng.standard_normal((repeats, draws))
    inside = np.abs(values.mean(axis=1)) <= half_width(1.0, draws) * standard_errors(values)
    assert 0.935 <= inside.mean() <= 0.965


def test_premiums_and_what_is_paid_back_are_part_of_the_net_burden(whole):
    scheme = whole.schemes[0]
    for year in scheme.years:
        of = {(m.name, m.group): m.values for m in scheme.measures[year]}
        gap = of["net_burden_per_head", ""] - of["oop_per_head", ""] - of["premium_per_head", ""]
        refunded = scheme.ledgers[year].secondary / scheme.members[year] / 100
        assert gap == pytest.approx(-refunded, abs=1e-9)
        assert (of["premium_per_head", ""][:, 1] > of["premium_per_head", ""][:, 0] * 1.5).all()
        assert (of["net_burden_share_of_income", ""] > of["oop_share_of_income", ""] - 0.2).all()


def test_employees_contributions_are_not_counted_twice():
    result = simulate(SMALL.but(schemes=("uebmi",), draws=2, horizon=1, policies=SMALL.policies[:1]), load_regions(), threads=1)
    of = {(m.name, m.group): m.values for m in result.schemes[0].measures[2012]}
    assert not of["premium_per_head", ""].any()


def test_people_are_prepared_once_for_scenarios_that_change_the_rules_alone(monkeypatch):
    from simulator.engine import prepare as module
    regions, made = load_regions(), []
    monkeypatch.setattr(module, "_kept", module._Kept())
    prepared = module._prepare
    monkeypatch.setattr(module, "_prepare", lambda *asked: made.append(asked[7]) or prepared(*asked))
    first = simulate(SMALL.but(draws=12, horizon=1), regions, threads=1)
    assert sorted(made) == [0, *range(ROSTERS)]            # and the people that the level is solved on
    made.clear()
    again = simulate(SMALL.but(draws=12, horizon=1, changes={"funding.nrcms.subsidy": "300"}), regions, threads=1)
    assert made == [] and {v.path for v in again.schemes[0].used} == {v.path for v in first.schemes[0].used}
    other = simulate(SMALL.but(draws=12, horizon=1, changes={"care.nrcms.bill_growth": "9", "care.nrcms.bill_mean": {
        "township": "1000", "county": "5000", "city": "9000", "outside": "12000"}}), regions, threads=1)
    assert sorted(made) == list(range(ROSTERS))            # what people are made of has moved
    for name in ("_kept", "_rosters"):
        monkeypatch.setattr(module, name, module._Kept())
    alone = simulate(other.scenario, load_regions(), threads=1)
    assert alone.schemes[0].digest == other.schemes[0].digest


def test_rosters_are_made_once_for_people_whose_care_alone_is_another(monkeypatch):
    from simulator.engine import prepare as module
    regions, made = load_regions(), []
    for name in ("_kept", "_rosters"):
        monkeypatch.setattr(module, name, module._Kept())
    build = module.build_roster
    monkeypatch.setattr(module, "build_roster", lambda *asked: made.append(asked[-1]) or build(*asked))
    asked = SMALL.but(draws=4, horizon=1)
    first = simulate(asked.but(changes={"care.nrcms.bill_mean": {"times": "1.1"}}), regions, threads=1)
    assert sorted(made) == [0, 0, 1, 2, 3]                 # and the people that the level is solved on
    made.clear()
    simulate(asked, regions, threads=1)
    assert made == []
    again = simulate(asked.but(changes={"care.nrcms.risk_shares": ["40", "40", "20"], "care.nrcms.risk_multipliers": [
        "0.5", "1", "2"]}), regions, threads=1)
    assert sorted(made) == [0, 1, 2, 3] and {v.path for v in again.schemes[0].used} == {v.path for v in first.schemes[0].used}


def test_no_more_people_are_kept_than_there_is_room_for(monkeypatch):
    from simulator.engine import prepare as module
    kept = module._Kept()
    monkeypatch.setattr(kept, "ROOM", 900)
    people = prepare(load_regions()["linyi"], "nrcms", 2012, 1, 300, (1, 1), 1)
    for number in range(5):
        kept.keep(("linyi", "nrcms", 2012, 1, 300, (1, 1), number), people, people.reader)
    assert [key[6] for key in kept._made] == [2, 3, 4]
