"""Claims under terms that real schedules need: their columns, names of groups of diseases, and ratios that a plan leaves out."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.command import fundsim

COUNTY = "deductible: {county: ['300', '150']}\nratio: {county: ['75']}\n"


@pytest.fixture
def settled(tmp_path, monkeypatch):
    """Settles claims under a plan by the command; the payments of a payer, or what it says on standard error."""
    monkeypatch.chdir(tmp_path)

    def run(plan: str, claims: str, payer: str = "basic", *more: str) -> list[Decimal] | str:
        Path("plan.yaml").write_text(plan, encoding="utf-8")
        Path("claims.csv").write_text(claims, encoding="utf-8")
        said = fundsim("settle", "claims.csv", "--plan", "plan.yaml", "--out", "out.csv", "--force", *more)
        if said.code:
            assert said.code == 2
            return said.err
        with open("out.csv", encoding="utf-8-sig", newline="") as file:
            return [Decimal(row[f"paid_{payer}"]) for row in csv.DictReader(file)]
    return run


def test_a_bill_out_of_area_keeps_its_own_tier(settled):
    """Linyi: transferred patients get 0.9 of the ratio of the hospital's own tier, others 0.7."""
    plan = ("deductible: {county: ['500'], city: ['800']}\nratio: {county: ['88'], city: ['85']}\nout_of_area_factor: '90'\n"
            "unfiled_factor: '70'\n")
    rows = ("person,date,tier,billed,eligible,out_of_area\nP1,2024-01-10,county,10500,10500,filed\n"
            "P2,2024-01-10,city,10800,10800,转诊\nP3,2024-01-10,county,10500,10500,未备案\nP4,2024-01-10,county,10500,10500,\n")
    assert settled(plan, rows) == [Decimal("7920"), Decimal("7650"), Decimal("6160"), Decimal("8800")]


def test_what_is_paid_first_may_not_be_more_than_what_is_in_scope(settled):
    rows = "person,tier,billed,eligible,先行自付\nA,county,5000,4500,200\nB,county,5000,4500,4500.01\n"
    assert settled(COUNTY, rows).startswith("error: claims.csv:3: 先行自付: more than the in-scope expense: '4500.01'")
    assert settled(COUNTY, rows.replace("4500.01", "4500")) == [Decimal("3000"), Decimal(0)]


def test_groups_of_chronic_diseases_go_by_the_plan_s_names_by_number_and_by_yes(settled):
    plan = ("chronic_list: true\nchronic_groups: [高血压, Cancer]\n"
            "chronic_ratio: {高血压: {county: '60'}, Cancer: {county: '85'}}\noutpatient_ratio: {county: '10'}\n")
    rows = "person,kind,tier,billed,eligible,chronic\n" + "".join(
        f"{n},outpatient,county,100,100,{cell}\n" for n, cell in enumerate(("高血压", "cancer", "1", "2", "yes", "no", "")))
    assert settled(plan, rows, "outpatient") == [60, 85, 60, 85, 60, 10, 10]
    assert "unknown word: 'diabetes'; expected '高血压' or 'Cancer'" in settled(plan, rows.replace("cancer", "diabetes"))


def test_a_civil_servant_has_the_employers_supplement(settled):
    rows = "person,tier,billed,eligible,公务员\nA,county,10300,10300,是\nB,county,10300,10300,\n"
    assert settled(COUNTY + "civil_ratio: '50'\n", rows, "commercial") == [Decimal("1400"), Decimal(0)]


@pytest.mark.parametrize(("plan", "row", "said"), [
    (COUNTY, "B,inpatient,city,8000,8000,adult,", "tier: the plan states no ratio for: 'city'; expected what `ratio` of the plan "
     "states: 'county'"),
    ("ratio: {county: {active: ['75']}}\n", "B,inpatient,county,8000,8000,retired,",
     "member_class: the plan states no ratio for: 'retired'; expected what `ratio` of the plan states: 'active'"),
    ("outpatient_ratio: {county: '50'}\n", "B,outpatient,city,80,80,adult,",
     "tier: the plan states no ratio for: 'city'; expected what `outpatient_ratio`"),
    ("chronic_list: true\nchronic_ratio: {'1': {county: '50'}}\n", "B,outpatient,county,80,80,adult,2",
     "chronic: the plan states no ratio for: '2'; expected what `chronic_ratio` of the plan states: '1'"),
])
def test_a_bill_without_a_ratio_is_refused_where_the_plan_states_that_ratio_for_others(settled, plan, row, said):
    header = "person,kind,tier,billed,eligible,member_class,chronic\n"
    assert said in settled(plan, header + row + "\n")
    assert settled(plan, header + row + "\n", "basic", "--on-error", "skip") == []
    assert fundsim("explain", "--plan", "plan.yaml", "--tier", "outside", "--bill", "100", "--in-scope", "100",
                   *(["--outpatient"] if "outpatient" in row else []), *(["--chronic"] if "chronic" in plan else [])).code == 2


def test_a_layer_that_a_plan_does_not_state_pays_nothing_and_refuses_nobody(settled):
    rows = "person,kind,tier,billed,eligible,illness\nA,outpatient,city,80,80,\nB,inpatient,city,9000,9000,esrd\n"
    assert settled(COUNTY + "listed: {esrd: full}\nlisted_ratio: {esrd: '70'}\n", rows, "listed") == [0, 6300]
    rows = "person,tier,billed,eligible\nA,city,12000,12000\n"
    assert settled("cii_threshold: '10000'\ncii_ratio: ['50']\n", rows, "cii") == [1000]


@pytest.mark.parametrize(("text", "said"), [
    ("ratio: {county: ['0.75']}\n", "a fraction in place of a percentage. '0.75'; expected .*0.75%; write 75, or 0.75% if"),
    ("ratio: {county: ['1']}\n", "a fraction in place of a percentage. '1'; .*write 100, or 1% if"),
    ("outpatient_ratio: {county: {active: '0.5'}}\n", "plan.yaml:1:.*write 50"),
    ("deductible: {county: {adult: ['10%']}}\n", "plan.yaml:1:.*not a number: '10%'|percent"),
    ("deductible: {county: ['101%']}\n", "out of range"),
    ("deductible: {county: ['1', '2', '3', '4', '5', '6', '7']}\n", "too many values: '7'; expected at most 6"),
    ("cii_threshold: '10000'\ncii_tops: ['5000']\ncii_ratio: ['50', '60']\n", "plan.yaml:2:12: a band that CII never pays"),
    ("cii_listed_tops: ['5000']\ncii_listed_ratio: ['50']\n", "expected '?2: one more than cii_listed_tops"),
    ("chronic_groups: [a, b, c, d, e]\n", "too many groups: '5'"),
    ("chronic_groups: [county]\n", "no name for a group of diseases"),
    ("chronic_groups: [cancer]\nchronic_deductible: {cancr: '5'}\n",
     "unknown group of diseases 'cancr'; .*did you mean 'cancer'"),
    ("outpatient_ratio: '50'\n", "a value for each tier"), ("class_own_share: {retird: '50'}\n", "did you mean 'retired'"),
])
def test_what_can_be_read_in_two_ways_is_refused_with_the_place(settled, text, said):
    assert re.search(said, settled(text, "person,tier,billed,eligible\nA,county,1,1\n"))


def test_a_ratio_below_one_percent_is_read_with_its_sign(settled):
    assert settled("ratio: {county: ['0.75%']}\n", "person,tier,billed,eligible\nA,county,10000,10000\n") == [75]
