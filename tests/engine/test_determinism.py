"""A result depends on the scenario alone: not on threads, order, chunks, other policies or other draws."""

from pathlib import Path

import numpy as np
import pytest
from numba import int64

import simulator.compiling.compiled as compiled_module
from simulator.care.paths import sample_paths
from simulator.engine.prepare import prepare
from simulator.engine.simulate import simulate, simulate_scheme
from simulator.engine.workers import Workers
from simulator.scenario import BASELINE, Policy, Scenario
from tests.support.digests import CARE, CARE_FACTS, FACTOR

ROOT = Path(__file__).resolve().parents[2]
POOLED = "quantile:"                    # groups of measures that are pooled over all draws

SMALL = Scenario("small", ("jiangsu",), 2012, ("nrcms",), horizon=2, draws=3, people=300,
                 policies=(Policy(BASELINE, level="none"), Policy("the same", level="none"),
                           Policy("lower deductible", {"inpatient.nrcms.deductible.county": ["100"]}, "none")))
FULL = SMALL.but(demand=True, horizon=3, changes=CARE_FACTS, policies=(
    Policy(BASELINE), Policy("care", CARE), Policy("care again", CARE), Policy("factor", FACTOR, "own")))


@pytest.fixture(scope="module")
def result(regions):
    return simulate(SMALL, regions, threads=1)


def figures(result, scheme: int = 0) -> dict[tuple, np.ndarray]:
    """Every measure by year, name and group, float64[D, P]."""
    return {(year, measure.name, measure.group): measure.values
            for year, measures in result.schemes[scheme].measures.items() for measure in measures}


def assert_same(one: dict[tuple, np.ndarray], other: dict[tuple, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for key, values in one.items():
        assert np.array_equal(values, other[key], equal_nan=True), key


def test_two_identical_policies_differ_by_exactly_zero_in_every_measure(result):
    measures = figures(result)
    assert len(measures) > 200
    for key, values in measures.items():
        assert np.array_equal(values[:, 0], values[:, 1], equal_nan=True), key


def test_a_policy_that_differs_does_change_what_its_rule_touches(result):
    claims = figures(result)[2012, "claims", ""]
    assert np.all(claims[:, 2] > claims[:, 0])


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_the_number_of_threads_changes_nothing(result, regions, threads):
    again = simulate(SMALL, regions, threads=threads)
    assert again.schemes[0].digest == result.schemes[0].digest
    assert_same(figures(again), figures(result))


class Backwards:
    """A pool that does its work last first and hands the answers over in order."""

    def map(self, function, work):
        work = list(work)
        return [function(item) for item in reversed(work)][::-1]


def test_the_order_of_work_changes_nothing(result, regions):
    paths = sample_paths(regions["jiangsu"].value, SMALL.seed, range(SMALL.draws), SMALL.year, SMALL.horizon)
    again = simulate_scheme(SMALL, regions["jiangsu"], "nrcms", range(SMALL.draws), paths, Workers(Backwards()),
                            lambda what: None)
    assert again.digest == result.schemes[0].digest


def test_a_draw_does_not_depend_on_how_many_draws_are_run(result, regions):
    one = simulate(SMALL.but(draws=1), regions)
    many = figures(result)
    for key, values in figures(one).items():
        if len(many[key]) == SMALL.draws:
            assert np.array_equal(values[0], many[key][0], equal_nan=True), key
        else:
            assert len(many[key]) == 1 and key[2].startswith(POOLED), key


def test_adding_a_policy_changes_nothing_in_the_others(result, regions):
    alone = simulate(SMALL.but(policies=SMALL.policies[2:]), regions)
    together = figures(result)
    for key, values in figures(alone).items():
        assert np.array_equal(values[:, 0], together[key][:, 2], equal_nan=True), key


def test_the_order_of_policies_changes_nothing(result, regions):
    turned = figures(simulate(SMALL.but(policies=SMALL.policies[::-1]), regions))
    assert_same({key: values[:, ::-1] for key, values in turned.items()}, figures(result))


def test_another_scheme_or_region_in_the_same_run_changes_nothing(result, regions):
    more = simulate(SMALL.but(regions=("linyi", "jiangsu"), schemes=("urbmi", "nrcms"), horizon=1, policies=SMALL.policies[:1]),
                    regions)
    alone = figures(result)
    own = next(at for at, scheme in enumerate(more.schemes) if (scheme.region, scheme.scheme) == ("jiangsu", "nrcms"))
    assert more.paths.price.shape == (SMALL.draws, 1)
    for key, values in figures(more, own).items():
        assert np.array_equal(values[:, 0], alone[key][:, 0], equal_nan=True), key


def test_a_longer_horizon_does_not_change_its_first_year(result, regions):
    shorter = figures(simulate(SMALL.but(horizon=1), regions))
    assert_same(shorter, {key: values for key, values in figures(result).items() if key[0] == 2012})


def test_another_seed_changes_the_result_and_not_the_people(result, regions):
    other = simulate(SMALL.but(seed=SMALL.seed + 1), regions)
    assert other.schemes[0].digest != result.schemes[0].digest
    assert not np.array_equal(figures(other)[2012, "claims", ""], figures(result)[2012, "claims", ""])
    rosters = [prepare(regions["jiangsu"], "nrcms", 2012, 1, 300, (1, 8), seed).roster for seed in (1, 2)]
    assert all(np.array_equal(getattr(rosters[0], name), getattr(rosters[1], name))
               for name in ("birth_year", "income", "household"))


def test_draws_and_replicas_have_random_numbers_of_their_own(regions):
    by_chance = simulate(SMALL.but(systematic=False, policies=SMALL.policies[:1], draws=6), regions)
    assert len(np.unique(figures(by_chance)[2012, "claims", ""])) == 6
    twice = simulate(SMALL.but(systematic=False, policies=SMALL.policies[:1], replicas=2), regions)
    assert twice.schemes[0].digest != by_chance.schemes[0].digest


# --- with everything on that gives a policy claims of its own

@pytest.fixture(scope="module")
def full(regions):
    return simulate(FULL, regions, threads=1)


@pytest.mark.parametrize("threads", [2, 8])
def test_with_all_features_on_the_number_of_threads_changes_nothing(full, regions, threads):
    again = simulate(FULL, regions, threads=threads)
    assert again.schemes[0].digest == full.schemes[0].digest
    assert_same(figures(again), figures(full))


@pytest.mark.slow
def test_with_all_features_on_the_order_of_work_changes_nothing(full, regions):
    paths = sample_paths(regions["jiangsu"].value, FULL.seed, range(FULL.draws), FULL.year, FULL.horizon)
    again = simulate_scheme(FULL, regions["jiangsu"], "nrcms", range(FULL.draws), paths, Workers(Backwards()), lambda what: None)
    assert again.digest == full.schemes[0].digest


def test_with_all_features_on_identical_policies_differ_by_nothing_and_others_do(full):
    measures = figures(full)
    for key, values in measures.items():
        assert np.array_equal(values[:, 1], values[:, 2], equal_nan=True), key
    for name in ("visits_per_head", "mean_bill", "members", "claims"):
        assert not np.array_equal(measures[2012, name, ""][:, 0], measures[2012, name, ""][:, 1]), name


def test_with_all_features_on_a_policy_behind_the_baseline_is_alone_in_the_world(full, regions):
    """Its figures are those it has beside the baseline alone, whatever else is compared and in whatever order."""
    turned = figures(simulate(FULL.but(policies=(FULL.policies[0], *FULL.policies[:0:-1])), regions))
    for p, policy in enumerate(FULL.policies[1:], start=1):
        pair = figures(simulate(FULL.but(policies=(FULL.policies[0], policy)), regions))
        for key, values in figures(full).items():
            assert np.array_equal(values[:, p], pair[key][:, 1], equal_nan=True), (policy.name, key)
            assert np.array_equal(values[:, p], turned[key][:, len(FULL.policies) - p], equal_nan=True), (policy.name, key)
            assert np.array_equal(values[:, 0], pair[key][:, 0], equal_nan=True), (policy.name, key)


def test_with_all_features_on_a_draw_does_not_depend_on_how_many_draws_are_run(full, regions):
    many = figures(full)
    for key, values in figures(simulate(FULL.but(draws=1), regions)).items():
        if len(many[key]) == FULL.draws:
            assert np.array_equal(values[0], many[key][0], equal_nan=True), key


def test_a_merged_scheme_is_the_same_by_any_number_of_threads(regions):
    merged = Scenario("merged", ("zibo",), 2013, ("urrbmi",), 2, 3, 300, changes={"merger.first_year": "2013"})
    one, other = (simulate(merged, regions, threads=threads) for threads in (1, 3))
    assert one.schemes[0].digest == other.schemes[0].digest


# --- compiled functions and their cache


def test_a_function_that_only_compiled_code_calls_has_one_copy_for_all_constants_and_no_entry_for_python():
    @compiled_module.lean
    def step(base, by):
        return base + by

    @compiled_module.compiled
    def steps(count):
        total = step(0, 0)
        for n in range(count):
            total = step(total, n)
        return step(total, 7)

    called = step.get_overload
    assert steps(4) == 13 and step.overloads == {}
    assert list(called.__self__.overloads) == [(int64, int64)]
    assert step(1, 2) == 3                                 # from Python it has one of its own
