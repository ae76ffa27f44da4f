"""Forecasts from past years: what they may read, how they are fitted, and how they are scored."""

import datetime
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from simulator.answers.evidence import read_figures
from simulator.forecasts.knowledge import from_year, known_of, last_accounts
from simulator.forecasts.origins import SCORE_COLUMNS, as_run, open_at, origins, score, shocks
from simulator.forecasts.rivals import ILO, RIVALS
from simulator.parameters.regions import load_regions

CUT = datetime.date(2010, 12, 31)
REGIONS, FIGURES = load_regions(), read_figures()
OF_NRCMS = [f for f in FIGURES if (f.region, f.scheme) == ("national", "nrcms")]


@pytest.fixture(scope="module")
def origin():
    found, = origins(REGIONS, FIGURES, OF_NRCMS, [CUT], draws=6, people=600, threads=1)
    return found


def test_nothing_that_a_forecast_reads_was_known_after_its_cut():
    for cut in (datetime.date(year, 12, 31) for year in (2009, 2010, 2011, 2012)):
        for region, scheme in (("national", "nrcms"), ("national", "uebmi"), ("national", "urbmi"), ("jiangsu", "nrcms")):
            if (known := known_of(REGIONS, FIGURES, region, scheme, cut)) is None:
                continue
            stand_ins = set(known.stand_ins)
            late = [path for layer in known.region.layers for path, entries in layer.entries.items() for entry in entries
                    if entry.known > cut and path.partition(".")[0] not in ("illness", "demand", "risk", "cii", "merger")
                    and not (entry.status == "assumption" and not entry.known_from and path in stand_ins)]
            assert late == []
            assert all(f.known_from <= cut for f in known.figures)


def test_a_forecast_starts_from_the_last_accounts_that_were_published_by_its_cut(origin):
    assert origin.known.start == 2009
    assert last_accounts(f for f in OF_NRCMS if f.known_by(datetime.date(2009, 12, 31))) == 2008
    assert known_of(REGIONS, FIGURES, "national", "nrcms", datetime.date(2004, 12, 31)) is None


def test_the_subsidy_of_2010_was_announced_in_2009_and_that_of_2011_was_not():
    known = known_of(REGIONS, FIGURES, "national", "nrcms", datetime.date(2009, 12, 31)).region
    assert known.value("funding.nrcms.subsidy", 2010).value == 120
    assert known.value("funding.nrcms.subsidy", 2012).value == 120
    assert known.value("income.rural_net_income", 2012).from_.year == 2008


def test_values_stated_for_later_years_stand_in_and_are_named():
    region, moved = from_year(REGIONS["national"], datetime.date(2009, 12, 31), 2008)
    assert "population.nrcms.urban_share" in moved and "population.nrcms.participants" not in moved
    stated = REGIONS["national"].value("population.nrcms.urban_share", 2010)
    assert region.value("population.nrcms.urban_share", 2008).value == stated.value


def test_a_forecast_meets_what_was_known_in_every_world_and_grows_from_there(origin):
    last = origin.last("revenue", 2010)
    assert last.year == 2009
    raw = {year: origin._raw("revenue", year) for year in (2009, 2010)}
    np.testing.assert_allclose(origin.sample("revenue", 2010), last.value * raw[2010] / raw[2009])
    spread = [origin.sample("revenue", year).std() / origin.sample("revenue", year).mean() for year in (2010, 2012)]
    assert 0 < spread[0] < spread[1]


def test_a_balance_is_the_known_one_and_the_surpluses_since(origin):
    held = origin.last("balance", 2011).value + origin.sample("surplus", 2010) + origin.sample("surplus", 2011)
    np.testing.assert_allclose(origin.sample("balance", 2011), held)
    left = origin.sample("revenue", 2011) - origin.sample("expenditure", 2011)
    np.testing.assert_allclose(origin.sample("surplus", 2011), left)


def test_every_figure_that_was_not_known_is_scored_once_and_beside_its_rivals(origin):
    table = score([origin], OF_NRCMS)
    assert tuple(table.columns) == SCORE_COLUMNS
    assert len(table) == sum(open_at(f, CUT) and f.year > 2009 for f in OF_NRCMS) == len(table.drop_duplicates(
        ["year", "measure", "group"]))
    assert (table["year"] >= 2010).all() and (table["crps"] >= 0).all()
    spending = table[table["measure"] == "expenditure"].set_index("year")
    assert spending.loc[2011, [*RIVALS, ILO]].notna().all() and list(spending["lead"]) == [0, 1, 2]


def test_a_figure_of_later_years_changes_no_forecast(origin):
    other = [replace(f, value=3 * f.value) if f.year > 2009 else f for f in FIGURES]
    again, = origins(REGIONS, other, OF_NRCMS, [CUT], draws=6, people=600, threads=1)
    np.testing.assert_array_equal(origin.sample("expenditure", 2012), again.sample("expenditure", 2012))
    mine, theirs = origin.rivals("expenditure", 2012), again.rivals("expenditure", 2012)
    assert all((mine[name] == theirs[name]).all() for name in mine)


def test_employees_funds_have_no_ladder_of_residents():
    assert as_run("uebmi", 2009) == {} and "control.nrcms.ladder_ratio" in as_run("nrcms", 2009)


def test_a_fund_refunds_nothing_in_the_year_whose_accounts_are_known_and_betters_its_benefits_after_it(origin):
    first, second = (origin.result.ledgers[year] for year in (2009, 2010))
    assert (first.secondary == 0).all() and (second.secondary > 0).any() and (second.rung != 0).any()


def known_at(region: str, scheme: str, year: int):
    return known_of(REGIONS, FIGURES, region, scheme, datetime.date(year, 12, 31))


def test_use_and_unannounced_funding_grow_as_unevenly_as_they_had_by_the_cut():
    known = known_at("national", "nrcms", 2009)
    assert [round(change) for change in known.yearly_changes("claims_per_head")] == [-3, -6, 15]
    assert known.announced("nrcms") == 2010                     # 120 yuan, announced in 2009
    assert shocks("nrcms", known, [known]) == {"risk.use_growth_sd": {"from": "2009-01-01", "value": "11.3"},
                                               "risk.funding_growth_sd": {"from": "2011-01-01", "value": "26.6"}}


def test_a_region_with_few_known_years_is_as_uneven_as_the_nation_was_and_employees_as_stated():
    jiangsu, nation = known_at("jiangsu", "nrcms", 2010), known_at("national", "nrcms", 2010)
    assert shocks("nrcms", jiangsu, [jiangsu, nation])["risk.use_growth_sd"]["value"] == "15.4"
    employees = known_at("national", "uebmi", 2012)
    assert shocks("uebmi", employees, [employees]) == {} == shocks("nrcms", jiangsu, [jiangsu])


def test_scores_are_those_of_the_sample(origin):
    row = score([origin], [f for f in OF_NRCMS if (f.measure, f.year) == ("revenue", 2011)]).iloc[0]
    sample = origin.sample("revenue", 2011)
    assert row["p50"] == np.median(sample) and row["in90"] == (row["p05"] <= row["published"] <= row["p95"])
    assert isinstance(row, pd.Series) and row["scale"] == row["published"]
