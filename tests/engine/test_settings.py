"""Worlds differ in the uncertain values of a region: each by its own setting, which acts as its lever says and is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.answers.verification import differences
from simulator.care.paths import Economy
from simulator.engine.local_economy import care_levers, of_funds, of_people
from simulator.engine.rule_books import key_of_books, position_of_book
from simulator.engine.settings import Settings
from simulator.engine.simulate import simulate, simulate_worlds
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Region
from simulator.parameters.values import Layer
from simulator.results import UNCERTAIN_FILE, WORLDS_FILE, read_run, write_run
from simulator.scenario import Scenario, from_dict

WORLDS = range(40)
CENTRAL = Economy(*np.ones((5, len(WORLDS))))
SMALL = Scenario("small", ("linyi",), 2012, ("nrcms",), 2, 4, 300, seed=5)


def uncertain(region: Region, *paths: str, **said: object) -> Region:
    """The region with what is said of the uncertainty of some of its values, wherever they are stated, and of no other value."""
    none = {"spread": "", "distribution": {}, "shares": ""}
    layers = (Layer(layer.region, {path: tuple(replace(entry, **{**none, **(said if path in paths else {})}) for entry in entries)
                                   for path, entries in layer.entries.items()}) for layer in region.layers)
    return Region(region.name, region.names, tuple(layers))


def people(region: Region, scheme: str, year: int, seed: int = 1):
    return of_people(CENTRAL, Settings(region, seed, WORLDS), scheme, year, np.ones(len(WORLDS)))


LEVELS = {"care.nrcms.admission_rate": "admissions", "care.nrcms.visit_rate": "visits", "income.rural_net_income": "income",
          "population.nrcms.participants": "members"}


@pytest.mark.parametrize("path", LEVELS)
def test_a_level_is_multiplied_by_its_setting_and_nothing_else_is(path, regions):
    region = uncertain(regions["linyi"], path, spread="10")
    found, settings = people(region, "nrcms", 2012), Settings(region, 1, WORLDS).times(path, 2012)
    assert settings.std() > 0.05
    for name, values in zip(found._fields, found, strict=True):
        assert np.array_equal(values, settings if name == LEVELS[path] else np.ones(len(WORLDS))), name


@pytest.mark.parametrize(("path", "moved"), [("care.nrcms.bill_growth", "price"), ("care.nrcms.use_growth", "admissions"),
                                             ("care.nrcms.visit_growth", "visits"), ("income.income_growth", "income")])
def test_what_deviates_from_a_rate_of_growth_adds_up_over_the_years(path, moved, regions):
    region = uncertain(regions["linyi"], path, distribution={"law": "normal", "sd": "2"})
    near, far = (np.log(getattr(people(region, "nrcms", year), moved)) for year in (2017, 2027))
    assert far.std() > 1.8 * near.std() > 0.02 and np.corrcoef(near, far)[0, 1] > 0.999
    points = Settings(region, 1, WORLDS)
    points.growth(path, region.value("care.nrcms.bill_mean", 2012), 2017)
    assert np.corrcoef(points.asked[next(iter(points.asked))].settings, near)[0, 1] > 0.999


def test_an_uncertain_value_more_changes_no_other(regions):
    one = "care.nrcms.admission_rate"
    alone, beside = (Settings(uncertain(regions["linyi"], *paths, spread="10"), 1, WORLDS) for paths in ((one,), (one, *LEVELS)))
    assert np.array_equal(alone.times(one, 2012), beside.times(one, 2012))


def test_the_settings_of_some_worlds_are_those_they_have_among_others(regions):
    region, path = uncertain(regions["linyi"], *LEVELS, spread="10"), "care.nrcms.visit_rate"
    some, all_worlds = (Settings(region, 1, worlds).times(path, 2012) for worlds in (range(10, 20), WORLDS))
    assert np.array_equal(some, all_worlds[10:20])


def test_a_value_that_two_regions_inherit_moves_both_alike_and_a_region_s_own_does_not(regions):
    shared, own = "care.nrcms.bill_growth", "population.nrcms.participants"
    jiangsu, linyi = (Settings(uncertain(regions[name], shared, own, spread="10"), 1, WORLDS) for name in ("jiangsu", "linyi"))
    assert np.array_equal(jiangsu.growth(shared, jiangsu.region.value("care.nrcms.bill_mean", 2012), 2014),
                          linyi.growth(shared, linyi.region.value("care.nrcms.bill_mean", 2012), 2014))
    assert abs(np.corrcoef(jiangsu.times(own, 2012), linyi.times(own, 2012))[0, 1]) < 0.5
    assert set(jiangsu.asked) != set(linyi.asked)


def test_funds_receive_premium_subsidy_and_contributions_by_settings_of_their_own(regions):
    path = "funding.{}.premium"
    region = uncertain(regions["linyi"], path.format("nrcms"), spread="10")
    found = of_funds(CENTRAL, Settings(region, 1, WORLDS), "nrcms", 2012, 2012)
    assert found.premium.std() > 0.05 and (found.subsidy == 1).all() and (found.wage == 1).all()
    region = uncertain(regions["linyi"], "income.average_wage", "funding.uebmi.contribution_rate", spread="10")
    found = of_funds(CENTRAL, Settings(region, 1, WORLDS), "uebmi", 2012, 2012)
    assert found.wage.std() > 0.1 and (found.premium == 1).all()


def test_funding_grows_in_the_years_after_its_last_date_alone(regions):
    region = uncertain(regions["linyi"], "funding.nrcms.funding_growth", distribution={"law": "normal", "sd": "2"})
    settings = Settings(region, 1, WORLDS)
    last = max(entry.from_.year for layer in region.layers for entry in layer.entries.get("funding.nrcms.subsidy", ()))
    within, after = (of_funds(CENTRAL, settings, "nrcms", year, 2012).subsidy for year in (last, last + 2))
    assert (within == 1).all() and after.std() > 0.02


def test_bills_of_admissions_and_of_visits_have_levels_apart(regions):
    region = uncertain(regions["linyi"], "care.nrcms.visit_mean", spread="10")
    levers = care_levers(Settings(region, 1, WORLDS), "nrcms", 2012)
    assert levers is not None and (levers.bill == 65_536).all() and len(np.unique(levers.visit_bill[:, 0])) == len(WORLDS)
    assert care_levers(Settings(uncertain(regions["linyi"]), 1, WORLDS), "nrcms", 2012) is None


def test_nothing_is_uncertain_where_all_is_to_be_certain(regions):
    settings = Settings(uncertain(regions["linyi"], *LEVELS, spread="10"), 1, WORLDS, certain=True)
    found = of_people(CENTRAL, settings, "nrcms", 2014, np.ones(len(WORLDS)))
    assert all((values == 1).all() for values in found) and not settings.asked


@pytest.fixture(scope="module")
def small(regions):
    return simulate(SMALL, regions, threads=1)


def test_worlds_simulated_apart_are_those_of_one_run(small, regions):
    later = simulate_worlds(SMALL, regions, range(2, 4), threads=2, chunk=1)
    assert later.schemes[0].digests == small.schemes[0].digests[2:]
    for key, asked in small.schemes[0].settings.items():
        assert np.array_equal(later.schemes[0].settings[key].settings, asked.settings[2:])


def test_a_run_folder_keeps_every_world_s_settings_and_what_they_are_of(small, tmp_path):
    run = read_run(write_run(small, tmp_path))
    worlds, table = run.worlds, run.uncertain
    assert {WORLDS_FILE, UNCERTAIN_FILE} <= run.manifest["files"].keys() and worlds["world"].tolist() == [0, 1, 2, 3]
    keys = table.loc[table["lever"].isin(["times", "plus", "choice"]), "key"]
    assert set(keys) == {name for name in worlds if name != "world" and not name.startswith("economy.")} and len(keys) > 3
    assert worlds[list(keys)].std().gt(0).sum() > len(keys) / 2
    assert not differences(run, small).count
    moved = replace(small.schemes[0], settings={key: asked._replace(settings=asked.settings + 1)
                                                for key, asked in small.schemes[0].settings.items()})
    assert any(WORLDS_FILE in said for said in differences(run, replace(small, schemes=[moved])).named)


def test_a_certain_run_keeps_no_settings(regions, tmp_path):
    run = read_run(write_run(simulate(SMALL.but(systematic=False, draws=2, horizon=1), regions, threads=1), tmp_path))
    assert WORLDS_FILE not in run.manifest["files"]
    with pytest.raises(Exception, match="keeps no settings"):
        _ = run.worlds


def test_a_position_that_is_given_holds_its_value_in_every_world_and_moves_no_other(regions):
    free = simulate_worlds(SMALL, regions, range(4), 1).schemes[0]
    key = next(key for key in free.settings if "bill_growth" in key)
    law = free.settings[key].value.distribution
    held = simulate_worlds(SMALL.but(given={key: 60_000}), regions, range(4), 1).schemes[0]
    assert (held.settings[key].settings == law.table[60_000]).all() and (held.book == free.book).all()
    assert all((held.settings[other].settings == asked.settings).all() for other, asked in free.settings.items() if other != key)
    again = simulate_worlds(SMALL.but(given={key: 60_000}), regions, range(2, 4), 1).schemes[0]
    assert held.digests[2:] == again.digests != free.digests[2:]
    own = (100, 60_000, 200, 300)
    by_world = simulate_worlds(SMALL.but(given={key: own}), regions, range(4), 1).schemes[0]
    of_two = simulate_worlds(SMALL.but(given={key: own[:2]}), regions, range(4), 1).schemes[0]
    assert (of_two.settings[key].settings == law.table[[*own[:2], *own[:2]]]).all()
    assert (by_world.settings[key].settings == law.table[list(own)]).all() and by_world.digests[1] == held.digests[1]


def test_a_rule_book_is_given_by_a_position_within_its_stretch(regions):
    free = simulate_worlds(SMALL, regions, range(1), 1).schemes[0]
    for number in (0, len(free.books) - 1):
        given = {key_of_books("linyi", "nrcms"): position_of_book(free.books, number)}
        assert simulate_worlds(SMALL.but(given=given), regions, range(2), 1).schemes[0].book.tolist() == [number, number]


@pytest.mark.parametrize(("given", "said"), [
    ({"linyi:care.nrcms.admission_rat": 1}, "nothing uncertain of this name"), ({"linyi:rules.urbmi": 1}, "nothing uncertain"),
    ({"linyi:rules.nrcms": 65_536}, "a whole number from 0 to 65535"),
    ({"linyi:rules.nrcms": ()}, "no positions")])
def test_a_position_that_cannot_act_is_refused(given, said, regions):
    with pytest.raises(InputError, match=said):
        simulate_worlds(SMALL.but(given=given), regions, range(1), 1)


def test_a_manifest_says_what_was_given_and_only_that(regions):
    assert "given" not in SMALL.as_dict()
    asked = SMALL.but(given={"linyi:rules.nrcms": 7})
    assert from_dict(asked.as_dict(), regions=regions) == asked
