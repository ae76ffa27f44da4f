"""The care of worlds: each lever moves what it should and by how much, and the exact expectation follows all of them."""

import numpy as np
import pytest

from simulator.care.levers import (
    ALL_WORDS,
    CVS,
    as_stated,
    moved_by,
    nearest_spread,
    onset_rates,
    onsets_in,
    scopes_in,
    tiers_in,
    tiers_under,
)
from simulator.care.walk import PRICE, RATE
from simulator.chance.random import CELL_WEIGHT
from simulator.engine.local_economy import care_levers
from simulator.engine.settings import Settings
from simulator.kernel.expected import BillNodes, FirstBillTables
from simulator.kernel.people import first_bill_terms
from simulator.kernel.sums import ACCOUNTS as ACCOUNTS_OF_FIRST_BILLS
from simulator.parameters.catalogue import ILLNESSES, TIERS
from simulator.plan import PAYMENT_COUNTIES, PILOT_COUNTIES, pack
from simulator.tables import Summed
from tests.engine.test_settings import uncertain
from tests.support.expected_alone import expected_alone
from tests.support.one_year import YEAR, even_paths, simulate_one_year

LIGHT = {f"care.nrcms.{name}": dict.fromkeys(TIERS, value) for name, value in (("bill_law", "lognormal"), ("bill_cv", "0.8"))}
OFTEN = [ACCOUNTS_OF_FIRST_BILLS.index(name) for name in ("pooled", "assistance")]
STAYS, LISTED, VISITS = range(3)


def planted(draws: int, **columns):
    """Levers of which some columns have other numbers."""
    levers = as_stated(draws)
    return levers._replace(**{name: np.broadcast_to(np.asarray(value, dtype=np.int64), getattr(levers, name).shape).copy()
                              for name, value in columns.items()})


def one_year(levers=None, draws=6, rows=3_000, **asked):
    return simulate_one_year("nrcms", draws=draws, rows=rows, outpatient_share=(1, 1), paths=even_paths(draws), levers=levers,
                             **asked)


@pytest.fixture(scope="module")
def stated():
    return one_year()


def by_tier(year, kind, column, policy=0):
    return year.sums.tier[:, policy, kind, :, column].sum(axis=0)


def test_worlds_as_stated_have_the_bits_of_a_run_without_levers(stated):
    same = one_year(as_stated(6))
    assert all(np.array_equal(a, b) for a, b in zip(stated.sums, same.sums, strict=True))
    assert same.expected == pytest.approx(stated.expected, rel=5e-5)


def test_a_tiers_bills_move_by_their_own_level_and_no_others(stated):
    times = np.array([1.0, 1.5, 1.0, 0.5])
    moved = one_year(planted(6, bill=times * PRICE))
    assert by_tier(moved, STAYS, Summed.BILLED) == pytest.approx(by_tier(stated, STAYS, Summed.BILLED) * times, rel=1e-6)
    assert np.array_equal(by_tier(moved, STAYS, Summed.BILLS), by_tier(stated, STAYS, Summed.BILLS))
    for kind in (LISTED, VISITS):
        assert np.array_equal(by_tier(moved, kind, Summed.BILLED), by_tier(stated, kind, Summed.BILLED))


def test_visits_move_by_the_level_of_their_tier(stated):
    times = np.array([2.0, 1.0, 1.0, 1.0])
    moved = one_year(planted(6, visit_bill=times * PRICE))
    assert by_tier(moved, VISITS, Summed.BILLED) == pytest.approx(by_tier(stated, VISITS, Summed.BILLED) * times, rel=1e-4)
    assert np.array_equal(by_tier(moved, STAYS, Summed.BILLED), by_tier(stated, STAYS, Summed.BILLED))


def test_in_scope_shares_move_by_points(stated):
    moved = one_year(planted(6, in_scope=[500, 0, -1000, 0]))
    shares = [by_tier(year, STAYS, Summed.ELIGIBLE) / by_tier(year, STAYS, Summed.BILLED) for year in (moved, stated)]
    assert shares[0] - shares[1] == pytest.approx([0.05, 0.0, -0.10, 0.0], abs=1e-6)
    assert np.array_equal(scopes_in(np.array([[9_800, 200]]), np.array([300])), [[10_000, 500]])


def test_the_spread_of_bills_moves_and_their_mean_does_not(stated):
    people = stated.people
    spreads = people.spread_bills.tables
    assert np.array_equal(spreads.base[0], people.tables.base)
    middle = spreads.base + spreads.width / 2
    mean = (middle * CELL_WEIGHT).sum(axis=-1)
    assert mean[1:] == pytest.approx(np.broadcast_to(mean[0], mean[1:].shape), rel=1e-6)
    cv = np.sqrt((middle**2 * CELL_WEIGHT).sum(axis=-1) / mean**2 - 1)
    assert (cv[1] < 0.9 * cv[0]).all() and (cv[2] > 1.1 * cv[0]).all() and len(cv) == len(CVS)
    table = moved_by(planted(3, cv=[0, 1, 2]), people.tables).tables(people.tables, 2, spreads)
    assert np.array_equal(table.base, spreads.base[2]) and np.array_equal(table.case_price, people.tables.case_price)


def test_admissions_are_shared_out_by_the_tiers_of_their_world(stated):
    moved = one_year(planted(6, tier=np.array([1.0, 1.0, 3.0, 3.0]) * PRICE))
    weights = np.diff(stated.people.tables.tier_of, prepend=0) * np.array([1, 1, 3, 3])
    bills = by_tier(moved, STAYS, Summed.BILLS)
    assert bills / bills.sum() == pytest.approx(weights / weights.sum(), abs=0.03)
    assert np.array_equal(by_tier(moved, VISITS, Summed.BILLS), by_tier(stated, VISITS, Summed.BILLS))


def test_a_policy_moves_the_same_part_of_each_tiers_claims_in_every_world():
    stated = np.array([40, 70, 90, 100]) * (ALL_WORDS // 100)
    stated[-1] = ALL_WORDS
    policy = np.array([40, 80, 90, 100]) * (ALL_WORDS // 100)          # half of the city's claims go to the county
    world = tiers_in(stated, np.array([[1, 1, 2, 1], [1, 1, 1, 1]]) * PRICE)
    under = np.diff(tiers_under(policy, stated, world), prepend=0) / ALL_WORDS
    assert under[0] == pytest.approx(np.array([40, 50, 20, 10]) / 120, abs=1e-6)
    assert np.array_equal(tiers_under(np.stack([policy, stated]), stated, stated), [policy, stated])
    assert np.array_equal(tiers_under(stated, stated, world), world)


def test_onsets_of_each_illness_are_its_own_multiple_of_those_stated(stated):
    illnesses = stated.sums.illness[:, 0, :, Summed.BILLS].sum(axis=0)
    common = int(illnesses.argmax())
    times = np.ones(len(illnesses))
    times[common] = 3.0
    asked = {"draws": 40, "rows": 4_000}
    before, after = (one_year(levers, **asked).sums.illness[:, 0, :, Summed.BILLS].sum(axis=0)
                     for levers in (as_stated(40), planted(40, onset=times * PRICE)))
    assert after[common] / before[common] == pytest.approx(3.0, rel=0.1)
    assert (after.sum() - after[common]) / (before.sum() - before[common]) == pytest.approx(1.0, rel=0.1)
    gap, kept = onsets_in(np.array([[PRICE, PRICE]]))
    assert gap[0] == RATE and (kept == ALL_WORDS).all()
    assert onset_rates(planted(1, onset=times * PRICE))[0] == pytest.approx(times, rel=1e-5)


def test_listed_bills_move_by_the_level_of_their_year(stated):
    levels = np.array([1.0, 1.8]) * PRICE
    moved = one_year(planted(6, illness_bill=levels))
    first = one_year(planted(6, illness_bill=[PRICE * 2, PRICE]))
    whole = [year.sums.illness[:, 0, :, Summed.BILLED].sum() for year in (stated, moved, first)]
    later, at_first = (whole[1] - whole[0]) / 0.8, whole[2] - whole[0]
    assert later > 0 and at_first > 0
    assert later + at_first == pytest.approx(whole[0], rel=1e-4)


def uneven(draws, seed=1):
    """Worlds that differ in everything."""
    rng = np.random.default_rng(seed)

    def times(spread, *shape):
        return np.floor(rng.uniform(1 - spread, 1 + spread, (draws, *shape)) * PRICE).astype(np.int64)

    plain = as_stated(draws)
    return plain._replace(bill=times(0.3, 4), visit_bill=times(0.3, 4), cv=rng.integers(0, len(CVS), draws), tier=times(0.4, 4),
                          in_scope=rng.integers(-800, 800, (draws, 4)), onset=times(0.5, plain.onset.shape[1]),
                          illness_bill=times(0.4, plain.onset.shape[1], 2))


POLICIES = ({}, {"conduct.nrcms.retention": "30", "conduct.nrcms.in_scope_change": "3"}, {"cii.nrcms.excluded_share": "20"})


@pytest.fixture(scope="module")
def worlds():
    return simulate_one_year("nrcms", draws=120, rows=3_000, replicas=2, outpatient_share=(1, 1), paths=even_paths(120, 1.1),
                             changes=LIGHT, levers=uneven(120), policies=POLICIES)


@pytest.mark.parametrize("policy", range(len(POLICIES)))
def test_the_mean_of_slips_is_their_expectation_in_uneven_worlds_under_every_policy(worlds, policy):
    error = (worlds.first_bills(policy) - worlds.expected_of[:, policy])[..., OFTEN]
    assert worlds.expected_of[:, policy].min(axis=0)[:, 0].min() > 0
    scale = error.std(axis=0, ddof=1) / np.sqrt(len(error))
    t = np.divide(error.mean(axis=0), scale, out=np.zeros(scale.shape), where=scale > 0)
    assert np.abs(t).max() <= 4


def test_slips_follow_the_expectation_world_by_world(worlds):
    slips, expected = worlds.first_bills()[..., 0], worlds.expected[..., 0]
    for kind in (STAYS, VISITS):
        slope = np.cov(slips[:, kind], expected[:, kind])[0, 1] / expected[:, kind].var(ddof=1)
        assert slope == pytest.approx(1.0, abs=0.3)


def at_once(year, world, levers, policy):
    """What a world's slips come to by the sums over its own tables, without a grid of tiers, shares and spreads."""
    people, variant = year.people, year.variants[policy]
    terms = first_bill_terms(pack(year.plans))[policy]
    tables = moved_by(levers, people.tables).tables(people.tables, world, people.spread_bills.tables)
    own = FirstBillTables(tables)
    scaled = [nodes._replace(amount=(nodes.amount * level.reshape(-1, 1) + PRICE // 2) // PRICE) for nodes, level in zip(
        own.nodes, (tables.level, tables.visit_level, tables.illness_level), strict=True)]
    own.nodes = BillNodes(*scaled)
    own.tables = tables._replace(case_price=people.tables.case_price)
    variant = variant._replace(tier_of=tiers_under(variant.tier_of, people.tables.tier_of, tables.tier_of))
    listed = people.listed_expected(YEAR, int(terms[PILOT_COUNTIES])) * onset_rates(levers)[world].reshape(-1, *[1] * 4)
    return expected_alone(own, terms, variant, np.array([int(PRICE * 1.1 + 0.5)]), PRICE, year.ready.claims(
        int(terms[PAYMENT_COUNTIES]))[None], year.ready.visits[None], listed[None], np.zeros(1, np.int64))[0] * 2


@pytest.mark.parametrize("policy", range(len(POLICIES)))
def test_a_worlds_expectation_is_that_of_its_own_tables(worlds, policy):
    """To within a twenty-thousandth of what the pooled fund pays, and a thousandth of what only large bills reach."""
    levers = uneven(120)
    for world in (0, 1, 2, 7):
        alone, found = at_once(worlds, world, levers, policy), worlds.expected_of[world, policy]
        assert found[:, 0] == pytest.approx(alone[:, 0], rel=5e-5)
        assert found == pytest.approx(alone, rel=1e-3, abs=alone[:, 0].sum() * 1e-6)


def test_two_equal_policies_differ_by_nothing_in_uneven_worlds():
    year = one_year(uneven(6), policies=({}, {"conduct.nrcms.retention": "30"}, {"conduct.nrcms.retention": "30"}))
    for array in year.sums[:-1]:
        assert np.array_equal(array[:, 1], array[:, 2])
    assert np.array_equal(year.expected_of[:, 1], year.expected_of[:, 2])


def test_a_worlds_sums_and_expectation_hang_on_no_other_world():
    some, all_ = (one_year(levers, draws=draws) for draws, levers in ((2, uneven(6).only(slice(2))), (6, uneven(6))))
    assert np.array_equal(some.sums.month, all_.sums.month[:2])
    assert np.array_equal(some.expected_of, all_.expected_of[:2])


SETTINGS = {"in_scope": "care.nrcms.in_scope_share", "cv": "care.nrcms.bill_cv", "onset": "illness.lung-cancer.onset_rate",
            "illness_bill": "illness.lung-cancer.later_bill"}


@pytest.mark.parametrize("field", SETTINGS)
def test_a_setting_of_care_or_of_an_illness_moves_its_own_lever_and_no_other(field, regions):
    worlds, path = range(40), SETTINGS[field]
    settings = Settings(uncertain(regions["linyi"], path, spread="20"), 1, worlds)
    levers, times, place = care_levers(settings, "nrcms", 2012), settings.times(path, 2012), ILLNESSES.index("lung-cancer")
    assert levers is not None and times.std() > 0.1
    for name, moved, stated in zip(levers._fields, levers, as_stated(len(worlds)), strict=True):
        assert np.array_equal(moved, stated) == (name != field)
    if field == "in_scope":
        share = float(regions["linyi"].value(path, 2012).value["township"])
        assert levers.in_scope[:, 0] == pytest.approx((times - 1) * share * 100, abs=0.51)
    elif field == "cv":
        assert np.array_equal(levers.cv, nearest_spread(times))
    else:
        moved = getattr(levers, field).reshape(len(worlds), len(ILLNESSES), -1)[:, place, -1]
        assert moved == pytest.approx(times * PRICE, abs=0.51)


def test_a_world_has_the_spread_nearest_to_its_setting():
    assert np.array_equal(nearest_spread(np.array([0.3, 0.89, 0.9, 1.0, 1.1, 1.12, 3.0])), [1, 1, 0, 0, 0, 2, 2])
