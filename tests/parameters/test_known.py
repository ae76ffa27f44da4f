"""When a value could be known, what it might be instead, and which value of an ancestor holds in a descendant."""

from __future__ import annotations

import datetime
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from simulator.parameters.regions import load_regions
from simulator.parameters.show import show_rows

TOY = Path(__file__).resolve().parents[1] / "toy_country"
SUBSIDY = """nrcms:
  subsidy:
    unit: CNY/person/year
    values:
"""


def entry(start: int, value: int, *lines: str, status: str = "assumption") -> str:
    said = [f"from: {start}-01-01", f'value: "{value}"', f"status: {status}", 'source: "assumption: a toy"', *lines]
    return "      - " + "\n        ".join(said) + "\n"


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """Writes the subsidies that the toy country and its province state, and gives out the province."""
    monkeypatch.setenv("FUNDSIM_CACHE", str(tmp_path / "cache"))
    folder = Path(shutil.copytree(TOY, tmp_path / "params"))

    def stated(national: str, province: str):
        for region, text in (("national", national), ("province", province)):
            (folder / region / "funding.yaml").write_text(SUBSIDY + text, encoding="utf-8")
        return load_regions(folder)["province"]

    return stated


def test_a_later_standard_of_the_state_displaces_an_older_value_of_a_province(toy):
    province = toy(entry(2013, 280, "standard: true"), entry(2012, 240))
    assert [province.value("funding.nrcms.subsidy", year).value for year in (2012, 2013, 2014)] == [240, 280, 280]
    assert list(province.series("funding.nrcms.subsidy")) == [2012, 2013]


def test_a_value_that_is_no_standard_a_younger_one_and_a_local_one_displace_nothing(toy):
    for national, province in ((entry(2013, 280), entry(2012, 300)),
                               (entry(2013, 280, "standard: true"), entry(2013, 300)),
                               (entry(2013, 280, "standard: true"), entry(2012, 300, "local: true"))):
        assert toy(national, province).value("funding.nrcms.subsidy", 2013).value == 300


def test_a_scenario_s_change_stands_above_a_standard(toy):
    province = toy(entry(2013, 280, "standard: true"), entry(2012, 240))
    assert province.with_changes({"funding.nrcms.subsidy": "100"}, "less").value("funding.nrcms.subsidy", 2014).value == 100


def test_known_by_a_day_leaves_out_what_became_known_later(toy):
    province = toy(entry(2011, 200, "known_from: 2011-06-30", status="statistic"),
                   entry(2012, 240, "known_from: 2013-06-30", status="statistic"))
    assert province.value("funding.nrcms.subsidy", 2012).value == 240
    earlier = province.known_by(datetime.date(2012, 12, 31))
    assert earlier.value("funding.nrcms.subsidy", 2012).value == 200
    assert province.known_by(datetime.date(2013, 6, 30)).value("funding.nrcms.subsidy", 2012).value == 240
    assert province.known_by(datetime.date(2011, 1, 1), ("funding",)).value("funding.nrcms.subsidy", 2012).value == 240


def test_nobody_is_said_to_have_known_a_statistic_without_a_day(toy):
    province = toy(entry(2011, 200), entry(2012, 240, status="statistic"))
    assert province.value("funding.nrcms.subsidy", 2011).known == datetime.date(2011, 1, 1)
    assert province.known_by(datetime.date(2100, 1, 1)).value("funding.nrcms.subsidy", 2012).value == 200


def test_alternatives_are_read_with_their_weights_and_shown(toy):
    others = 'alternatives: [{name: low, value: "200", weight: "25", source: "a like place"}]'
    province = toy(entry(2011, 200), entry(2012, 240, others))
    other, = province.value("funding.nrcms.subsidy", 2012).alternatives
    assert (other.name, other.value, other.weight, other.source) == ("low", Decimal(200), Decimal(25), "a like place")
    row = next(row for row in show_rows(province, 2012) if row.path == "funding.nrcms.subsidy")
    assert (row.known_from, row.alternatives) == ("2012-01-01", "low 25%: 200 (a like place)")


def test_every_shipped_statistic_and_estimate_says_when_it_could_be_known():
    regions = load_regions()
    assert [f"{e.file}:{e.line}" for region in regions.values() for dated in region.layers[0].entries.values() for e in dated
            if e.status in ("statistic", "estimate") and not e.known_from] == []


def test_a_shipped_law_is_known_from_the_day_of_its_document():
    issued: dict[str, str] = {}
    regions = load_regions()
    entries = [e for region in regions.values() for dated in region.layers[0].entries.values() for e in dated]
    for e in entries:
        if e.issued:
            issued[e.source.split(" ")[0]] = e.issued
    laws = [e for e in entries if e.status == "law" and not e.path.startswith("law.") and e.source.split(" ")[0] in issued]
    assert len(laws) > 50 and [f"{e.file}:{e.line}" for e in laws if e.known_from != issued[e.source.split(" ")[0]]] == []


def test_a_statement_that_ends_with_its_plan_is_not_in_force_after_it():
    kinds = {year: {s.name for s in load_regions()["linyi"].statements(year) if s.scheme == "nrcms"} for year in (2011, 2012)}
    ended = {"annual_surplus_rate_of_pooled_fund", "cumulative_surplus_share_of_pooled_fund"}
    assert ended <= kinds[2011] and not ended & kinds[2012]


def test_no_limit_is_made_up_where_a_plan_says_only_reasonable():
    said = {s.name: s for s in load_regions()["jiangsu"].statements(2012) if s.scheme == "uebmi"}
    assert said["surplus_at_reasonable_level"].text == "职工医保基金结余控制在合理水平"
    assert not [s for s in said.values() if s.unit == "CNY" and s.value == 0]
