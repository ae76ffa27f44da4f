"""How much of a gap is assumed: alternatives stand where their values stand, and law and statistic are never replaced."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from simulator.answers.assumptions import (
    BOTH_SIDES,
    COUNTED,
    MEASURES,
    MOST_DRAWS,
    OF_TARGETS,
    PEOPLE_AND_CARE,
    TARGETS,
    VARIED,
    FirstYear,
    alternatives,
    at_targets,
    counted,
    first_year,
    gaps,
    unpublished,
    upper_ends,
)
from simulator.answers.followed import follow
from simulator.engine.level import UNKNOWN, level_of
from simulator.engine.measures import summarise
from simulator.engine.outcome import Result, SchemeResult
from simulator.engine.simulate import simulate
from simulator.parameters.regions import Region, load_regions
from simulator.parameters.values import Entry, Layer
from simulator.scenario import Scenario, of_people

A, B, YEAR = "jiangsu", "linyi", 2012
ASKED = Scenario("assumed", (A, B), YEAR, ("nrcms",), horizon=2, draws=20, people=500)


def stating(region: Region, path: str, unit: str, data: object, status: str, **more) -> Region:
    entry = Entry(path, unit, datetime.date(YEAR, 1, 1), data, status, "a test", **more)
    own = region.layers[0]
    return Region(region.name, region.names, (Layer(own.region, {**own.entries, path: (entry,)}), *region.layers[1:]))


@pytest.fixture(scope="module")
def sides() -> tuple[FirstYear, FirstYear]:
    one, other = (first_year(ASKED, load_regions(), name, "nrcms", threads=2) for name in (A, B))
    return one, other


@pytest.fixture(scope="module")
def run() -> Result:
    return simulate(ASKED, load_regions(), threads=2)


@pytest.fixture(scope="module")
def found(sides, run) -> tuple[pd.DataFrame, pd.DataFrame]:
    regions = load_regions()
    return gaps("nrcms", (run.schemes[0], run.schemes[1]), sides), counted((regions[A], regions[B]), "nrcms", YEAR)


def measured(scheme: SchemeResult, name: str, group: str) -> np.ndarray:
    return next(measure.values[:, 0] for measure in scheme.measures[YEAR] if measure[:2] == (name, group))


def test_the_gap_is_the_runs_own_in_all_its_worlds_and_moves_by_what_alternatives_change(found, sides, run):
    for (name, group), rows in found[0].groupby(["measure", "group"]):
        own = measured(run.schemes[0], name, group) - measured(run.schemes[1], name, group)
        assert len(own) == ASKED.draws > MOST_DRAWS and (rows["gap"] == summarise(own)["mean"]).all()
        assert (rows["gap_then"] == rows["gap"] + rows["moved"]).all()


def test_alternatives_are_tried_on_the_runs_own_people_in_its_first_worlds(sides, run):
    for side, scheme in zip(sides, run.schemes, strict=True):
        for (name, group), of_policy in side.values.items():
            if (name, group) in MEASURES:
                assert np.array_equal(of_policy["baseline"], measured(scheme, name, group)[:MOST_DRAWS])


def test_the_people_of_one_year_are_those_of_the_first_of_several(regions):
    worlds = range(4)
    asked = ASKED.but(regions=(A,), draws=4)
    short, long = (next(follow(asked.but(horizon=years), regions, worlds, 1)) for years in (1, 9))
    for one, other in zip(short.care + short.fund + short.net, long.care + long.fund + long.net, strict=True):
        assert one[:2] == other[:2] and np.array_equal(one.values, other.values, equal_nan=True), one[:2]


def test_every_side_is_tried_with_the_plans_target_met(sides, regions):
    for side, name in zip(sides, (A, B), strict=True):
        ratios, target = side.values["in_scope_ratio", ""], regions[name].value("inpatient.nrcms.target_ratio", YEAR).value
        assert abs(ratios[TARGETS].mean() - float(target)) < abs(ratios["baseline"].mean() - float(target))
        assert set(side.values["surplus_rate", ""]) == set(ratios)


def test_what_is_spent_and_kept_with_targets_met_is_the_runs_own_moved_on_its_own_people(sides, run):
    table = at_targets("nrcms", (run.schemes[0], run.schemes[1]), sides).set_index(["measure", "side"])
    for name, group in OF_TARGETS:
        own = [measured(scheme, name, group) for scheme in run.schemes]
        moves = [side.values[name, group][TARGETS] - side.values[name, group]["baseline"] for side in sides]
        for side, worlds, move in ((A, own[0], moves[0]), (B, own[1], moves[1]), ("gap", own[0] - own[1], moves[0] - moves[1])):
            row = table.loc[name, side]
            assert (row["evidence"], row["moved"]) == (worlds.mean(), move.mean())
            assert row["target"] == row["evidence"] + row["moved"]
            assert row["low"] < row["moved"] < row["high"]
    assert table.loc["expenditure_per_head", B]["moved"] > 0 > table.loc["surplus_rate", B]["moved"]


def test_each_measure_has_a_row_for_each_alternative_of_either_side(found, regions):
    rows, counted = found
    assert list(rows) == list(VARIED) and list(counted) == list(COUNTED)
    names = {one.name for name, other in ((A, B), (B, A)) for one in alternatives(regions[name], regions[other], "nrcms", YEAR)}
    assert len(rows) == len(MEASURES) * (len(names) + 1)
    assert (rows["low"] <= rows["moved"]).all() and (rows["moved"] <= rows["high"]).all()
    assert (rows.loc[rows["measure"] == "oop_per_head", "moved"] != 0).any()


def test_law_and_statistic_stay_and_a_regions_value_is_never_put_in_place_of_the_others(regions):
    for name, other in ((A, B), (B, A)):
        for one in alternatives(regions[name], regions[other], "nrcms", YEAR):
            assert all(regions[name].value(path, YEAR).status in ("assumption", "estimate") for path in one.changes)
        theirs = regions[other].value("inpatient.nrcms.ratio", YEAR).value
        mine = [one.changes["inpatient.nrcms.ratio"] for one in alternatives(regions[name], regions[other], "nrcms", YEAR)
                if "inpatient.nrcms.ratio" in one.changes]
        assert mine and all({tier: [Decimal(x) for x in bands] for tier, bands in data.items()} != theirs for data in mine)
    known = stating(regions[A], "inpatient.nrcms.deductible", "CNY/admission", {tier: ["300"] for tier in (
        "township", "county", "city", "outside")}, "statistic", spread="10")
    assert not [one for one in alternatives(known, regions[B], "nrcms", YEAR) if one.what == "inpatient.nrcms.deductible"]


def test_a_value_that_both_inherit_moves_on_both_sides_and_another_where_it_stands(regions):
    sides = {one.what: one.side for one in alternatives(regions[A], regions[B], "nrcms", YEAR)}
    assert sides["payment.nrcms.cost_response"] == BOTH_SIDES and sides["inpatient.nrcms.deductible"] == A


def test_the_ends_of_a_spread_are_its_5_and_95_percent_points(regions):
    place = stating(regions[A], "assistance.cap", "CNY/person/year", "10000", "estimate", spread="10")
    ends = {one.end: one.changes["assistance.cap"] for one in alternatives(place, regions[B], "nrcms", YEAR)
            if one.what == "assistance.cap"}
    assert ends == {"low": "8355.00", "high": "11645.00"}


def test_alternatives_of_one_name_hold_together(regions):
    like = {one.end: one for one in alternatives(regions[B], regions[A], "nrcms", YEAR) if one.what == "like-places"}
    heze = like["heze"].changes
    assert heze["inpatient.nrcms.ratio"]["county"] == ["55"] and "inpatient.nrcms.guaranteed_share" in heze
    assert like["heze"].level == "own"              # Linyi's level is solved to what was paid: so it is under Heze's shape


def test_a_level_that_is_not_known_has_the_target_for_an_alternative(regions):
    assert level_of(regions[A], "nrcms", YEAR).basis == UNKNOWN
    of_levels = [one for one in alternatives(regions[A], regions[B], "nrcms", YEAR) if one.what == "level"]
    assert [(one.end, one.level) for one in of_levels] == [("target", "target")]
    assert not [one for one in alternatives(regions[B], regions[A], "nrcms", YEAR) if one.what == "level"]


def test_people_and_care_move_to_their_upper_ends_together(found, regions):
    ends = upper_ends(regions[A], "nrcms", YEAR)
    assert ends and all(of_people(path) for path in ends)
    rows = found[0][found[0]["what"] == PEOPLE_AND_CARE]
    assert len(rows) == len(MEASURES) and set(rows["side"]) == {BOTH_SIDES}


def test_what_has_no_alternative_is_counted(found, regions):
    counted = found[1].set_index("status")
    values = {(v.region, v.path, v.from_): v for name in (A, B) for v in unpublished(regions[name], "nrcms", YEAR)}
    assert counted[["varied", "fixed"]].to_numpy().sum() == len(values) and (counted["varied"] > 0).all()
