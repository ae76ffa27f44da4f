"""One plan behind every door: what a run settles, explain explains, a claims file is settled under, and the rules of each day."""

import csv
import datetime
from types import SimpleNamespace

import numpy as np
import pytest

from simulator.answers.held import plan_held
from simulator.engine import chosen_plan, doors
from simulator.engine.chosen_plan import choose, plan_of_day, rule_days, within_year
from simulator.engine.doors import explain_bill, rule_books
from simulator.engine.policies import Rules
from simulator.engine.readers import policy_reader
from simulator.money import yuan
from simulator.parameters.catalogue import SCHEMES
from simulator.parameters.errors import InputError
from simulator.parameters.merged import origins
from simulator.parameters.regions import load_regions
from simulator.plan import OFFSETS, TERMS, Plan, pack
from simulator.scenario import BASELINE, Policy, Scenario

YEARS = range(2009, 2016)
NAMES = tuple(load_regions())


@pytest.fixture(autouse=True)
def read_once(regions, monkeypatch):
    """The doors read the parameter files when they are opened; here they are read once."""
    for door in (chosen_plan, doors):
        monkeypatch.setattr(door, "load_regions", lambda: regions)


def simulated(regions, name: str, scheme: str, year: int) -> dict[str, Plan]:
    """The plans that a run of the year settles, by the scheme whose members are looked at, at a level of 1."""
    asked = Scenario("doors", (name,), year, (scheme,), 1, policies=(Policy(BASELINE, level="none"),))
    people = [SimpleNamespace(scheme=origin, region=regions[name]) for origin in origins(scheme)]
    rules = Rules(asked, scheme, people, [policy_reader(regions[name], asked.policies[0], "doors", year)])
    return {origin: rules.plans(number, year)[0] for number, origin in enumerate(origins(scheme))}


def same(one: Plan, other: Plan) -> list[str]:
    """The terms in which two plans differ."""
    return [name for name in TERMS if not np.array_equal(getattr(one, name), getattr(other, name))]


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_of_a_year_is_the_same_behind_every_door(name, regions):
    known = 0
    for scheme in SCHEMES:
        for year in YEARS:
            try:
                plans = simulated(regions, name, scheme, year)
            except InputError as missing:                  # then no door knows it
                with pytest.raises(InputError) as other:
                    choose(name, year, scheme, "1", None)
                assert str(other.value).split(" in ")[0] == str(missing).split(" in ")[0] or scheme == "urrbmi"
                continue
            if len({pack([plan]).tobytes() for plan in plans.values()}) > 1:          # each member has the rules of a scheme
                for origin, plan in plans.items():
                    of_member = plan_of_day(regions[name], scheme, datetime.date(year, 7, 1), level=1, origin=origin)
                    assert same(plan, of_member.plan) == []
                continue
            plan = next(iter(plans.values()))
            explained = choose(name, year, scheme, "1", None)
            books = rule_books(name, year, scheme, "1", None, None, "en")
            assert books.of_day is not None
            settled = books.of_day(0)                                                      # of a bill without a date
            assert same(plan, plan_of_day(regions[name], scheme, datetime.date(year, 7, 1), level=1).plan) == []
            assert np.array_equal(explained.terms, pack([plan])[0]) and np.array_equal(settled.terms, pack([plan]))
            assert same(plan, plan_held(regions[name], year, scheme)) == []                # params check
            known += 1
    assert known > 8


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_of_each_day_on_which_rules_change_is_the_same_for_a_bill_and_a_file(name, regions):
    for scheme in SCHEMES:
        for year in YEARS:
            books = rule_books(name, year, scheme, "1", None, None, "en")
            assert books.of_day is not None
            try:
                books.of_day(0)
            except InputError:
                continue
            for day in rule_days(regions[name], year):
                explained = choose(name, day, scheme, "1", None)
                assert np.array_equal(books.of_day(int(f"{day:%Y%m%d}")).terms, explained.rows)


def test_linyis_employees_have_the_rules_of_the_day(regions):
    """The cap rises from 120,000 to 180,000 yuan on 7 March 2014 (Linyi city government office)."""
    caps = [choose("linyi", datetime.date(2014, 3, day), "uebmi", "1", None).terms[OFFSETS["annual_cap"]] for day in (6, 7)]
    assert [yuan(int(cap)) for cap in caps] == ["120000.00", "180000.00"]
    assert [len(within_year(regions["linyi"], "uebmi", year, "en")) for year in (2013, 2014)] == [0, 1]
    bill = {"tier": "city", "bill": "20000", "in_scope": "100", "region": "linyi", "scheme": "uebmi", "level": "1"}
    assert any("2014-03-07" in note for note in explain_bill(**bill, year=2014)[1])
    assert not any("rules change" in note for note in explain_bill(**bill, date="2014-03-06")[1])


PLAN = """ratio: {甲: ["90"], 乙: ["60"], county: {active: ["70"], retired: ["80"]}}
deductible: {甲: ["100"], 乙: ["300"], county: ["500"]}
tiers: {甲: {of: township, share: 70}, 乙: {of: township, share: 30}, county: {of: county}}
annual_cap: "100000"
cii_threshold: "9000"
cii_ratio: ["55"]
"""


@pytest.mark.parametrize("name", ["linyi", "zibo", "nanjing"])
def test_a_plan_file_over_a_region_is_the_same_in_a_run_on_a_slip_and_in_a_file(name, regions, tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(PLAN, encoding="utf-8")
    known = 0
    for scheme in SCHEMES:
        for year in (2012, 2014):
            policy = Policy("over", level="none", plans={scheme: str(file)})
            asked = Scenario("doors", (name,), year, (scheme,), 1, policies=(policy,))
            people = [SimpleNamespace(scheme=origin, region=regions[name]) for origin in origins(scheme)]
            rules = Rules(asked, scheme, people, [policy_reader(regions[name], policy, "doors", year)])
            try:
                explained = choose(name, year, scheme, "1", file)
            except InputError:
                continue
            simulated = [rules._of_file(0, rules._regions_plans(origin, 0, year)) for origin in origins(scheme)]
            for plans in simulated:
                assert np.array_equal(explained.rows, pack(plans))
            books = rule_books(name, year, scheme, "1", file, None, "en")
            assert books.of_day is not None and np.array_equal(books.of_day(0).terms, explained.rows)
            assert [tier.name for tier in books.claims.tiers] == ["甲", "乙", "county", "city", "outside"]
            assert explained.at("outside")[0] == "outside" and explained.at("乙")[1][OFFSETS["deductible"]] == 30_000
            known += 1
    assert known > 4


def test_a_plan_file_over_a_region_changes_with_the_day_where_the_region_s_rules_do(regions, tmp_path):
    """The file states critical illness insurance; the cap of Linyi's employees rises on 7 March 2014."""
    file = tmp_path / "cii.yaml"
    file.write_text('cii_threshold: "9000"\ncii_ratio: ["55"]\n', encoding="utf-8")
    books = rule_books("linyi", 2014, "uebmi", "1", file, None, "en")
    assert books.of_day is not None
    for day, cap in ((20140306, "120000.00"), (20140307, "180000.00")):
        row = books.of_day(day).terms[0]
        assert (yuan(int(row[OFFSETS["annual_cap"]])), row[OFFSETS["cii_threshold"]]) == (cap, 900_000)
    bill = {"tier": "city", "bill": "20000", "in_scope": "100", "region": "linyi", "scheme": "uebmi", "plan": file, "level": "1"}
    _, notes = explain_bill(**bill, date="2014-03-06")
    assert any("cii.yaml in the place of linyi's rules, by topic: Critical illness insurance" in note for note in notes)
    cite = choose("linyi", datetime.date(2014, 3, 6), "uebmi", "1", file).cite
    assert cite("cii.threshold").endswith("cii.yaml:1 cii_threshold") and cite("cii.cap") == ""
    assert "linyi.gov.cn" in cite("inpatient.annual_cap")


def test_what_cannot_stand_over_a_region_is_refused_and_a_level_that_does_nothing(regions, tmp_path):
    whole = 'ratio: {township: ["90"], county: ["80"], city: ["70"], outside: ["60"]}\n'
    for text, level, words in (
            ('case_level: {county: "90"}\n', None, "case_level: how hospitals are paid is the region's"),
            ('account_balance: {adult: "5"}\n', None, "account_balance: what accounts hold.*expected --account-balance YUAN"),
            ('annual_cap: "70000"\n', None, "rules of admissions without a ratio"),
            (whole, "1", "--level with a plan that states every ratio of admissions")):
        file = tmp_path / "own.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=words):
            choose("linyi", 2012, "nrcms", level, file)


def test_a_day_that_is_none_is_refused():
    for text in ("2014-02-30", "2014", "yesterday"):
        with pytest.raises(InputError, match="--date: .*a day such as"):
            explain_bill(tier="city", bill="100", in_scope="80", region="linyi", date=text, level="1")


def test_zibos_merged_scheme_is_explained_by_the_rules_that_a_run_settles(regions):
    steps, notes = explain_bill(tier="county", bill="20000", in_scope="80", region="zibo", year=2013, scheme="urrbmi", level="1")
    assert any("better of nrcms and urbmi" in note for note in notes)
    plan, = {pack([plan]).tobytes() for plan in simulated(regions, "zibo", "urrbmi", 2013).values()}
    assert choose("zibo", 2013, "urrbmi", "1", None).terms.tobytes() == plan


def test_in_a_year_of_transition_a_member_is_asked_which_scheme_he_comes_from(regions):
    with pytest.raises(InputError, match="keep the rules of the scheme they come from.*--scheme urbmi or --scheme nrcms"):
        plan_of_day(regions["zibo"], "urrbmi", datetime.date(2012, 7, 1), level=1)
    waiting = regions["zibo"].with_changes({"merger.transition_years": "2"}, "a test")
    assert plan_of_day(waiting, "urrbmi", datetime.date(2014, 7, 1), 1, "nrcms").schemes == ("nrcms",)


def test_a_file_has_the_rules_of_the_day_of_discharge(regions, monkeypatch, tmp_path):
    """A deductible of 300 yuan until June 2012 and none from 1 July: 10,000 yuan at 80% in scope and a ratio of 70%."""
    path = "inpatient.nrcms.deductible.county"
    linyi = regions["linyi"].with_changes({path: ["300"], "inpatient.nrcms.ratio.county": ["70"]}, "a test").with_changes(
        {path: {"from": "2012-07-01", "value": ["0"]}}, "a test")
    for door in (chosen_plan, doors):
        monkeypatch.setattr(door, "load_regions", lambda: {"linyi": linyi})
    claims, out = tmp_path / "claims.csv", tmp_path / "settled.csv"
    claims.write_text("person,date,kind,tier,billed,in_scope\nP1,2012-03-10,inpatient,county,10000,80\n"
                      "P2,2012-06-30,inpatient,county,10000,80\nP3,2012-07-01,inpatient,county,10000,80\n")
    doors.settle_file(claims, out, region="linyi", year=2012, scheme="nrcms", plan=None, level="1", account_balance=None,
                      on_error="refuse", encoding="utf-8", columns=[], lang="en", tell=lambda *_: None)
    paid = [row["paid_basic"] for row in csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines())]
    assert paid == ["5390.00", "5390.00", "5600.00"]
    for day, wanted in (("2012-06-30", 539000), ("2012-07-01", 560000)):
        steps, _ = explain_bill(tier="county", bill="10000", in_scope="80", region="linyi", date=day, level="1")
        assert next(step.amount for step in steps if step.name == "basic") == wanted
