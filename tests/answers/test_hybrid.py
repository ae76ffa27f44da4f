"""Hybrid regions: every path has a block, and a hybrid all of one region is that region to the last bit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from simulator.answers.blocks import (
    DEFAULT_BLOCKS,
    REST,
    default_blocks,
    differs,
    every_path,
    matches,
    read_blocks,
    the_one,
)
from simulator.answers.hybrid import Hybrid, Mixture, at_its_level
from simulator.engine import rules_of_worlds
from simulator.engine.outcome import SchemeResult
from simulator.engine.rule_books import AS_STATED, RuleBook
from simulator.engine.simulate import simulate
from simulator.parameters.errors import InputError
from simulator.parameters.plans import annual_cap_floor, region_plan
from simulator.parameters.regions import Region, Regions
from simulator.parameters.values import Layer
from simulator.plan import pack
from simulator.report.attribution import BLOCK_NAMES
from simulator.scenario import BASELINE, Policy, Scenario

A, B, YEARS = "jiangsu", "linyi", range(2012, 2014)
SMALL = Scenario("small", (A, B), 2012, ("nrcms",), len(YEARS), draws=3, people=500)


# --- blocks ----------------------------------------------------------------------------------------


def test_every_path_of_the_catalogue_and_of_the_law_belongs_to_exactly_one_default_block():
    homes = {path: [name for name, patterns in DEFAULT_BLOCKS.items() if any(matches(path, one) for one in patterns)]
             for path in every_path()}
    assert {path: names for path, names in homes.items() if len(names) != 1} == {}
    assert [block.name for block in default_blocks()] == list(DEFAULT_BLOCKS)               # and nothing is left over


def test_the_table_of_the_documentation_is_the_blocks():
    text = (Path(__file__).resolve().parents[2] / "docs" / "attribution.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \| (`.+`) \|$", text, re.MULTILINE)
    assert {name: tuple(paths.strip("`").split("`, `")) for name, _, paths in rows} == DEFAULT_BLOCKS
    assert [title for _, title, _ in rows] == [BLOCK_NAMES[name][0] for name in DEFAULT_BLOCKS]


def test_every_path_that_a_region_states_is_a_path_of_the_blocks(regions):
    stated = {path for region in regions.values() for layer in region.layers for path in layer.entries}
    assert len(stated) > 500 and stated <= set(every_path())


def test_the_people_and_their_claims_are_made_from_two_of_the_blocks():
    assert [block.name for block in default_blocks() if block.of_people] == ["people-incomes", "use-prices"]
    assert the_one(default_blocks(), "has_the_people").name == "people-incomes"
    assert the_one(default_blocks(), "has_the_schedule").name == "ratio"


def test_what_the_blocks_of_a_user_leave_out_is_the_rest():
    cap, rest = read_blocks("cap=inpatient.*.annual_cap, law")
    assert (cap.name, rest.name) == ("cap", REST) and cap.paths | rest.paths == set(every_path()) and not cap.paths & rest.paths
    assert "inpatient.nrcms.annual_cap" in cap.paths and "law.urbmi.annual_cap_minimum" in cap.paths


def test_a_name_may_have_a_comma_and_a_pattern_may_be_the_beginning_of_paths():
    first, second, _ = read_blocks("deductible,cap=inpatient.*.deductible,law;CII of 新农合=cii.nrcms")
    assert (first.name, second.name) == ("deductible,cap", "CII of 新农合")
    assert second.paths and all(path.startswith("cii.nrcms.") for path in second.paths)


def test_blocks_may_stand_in_a_file(tmp_path):
    path = tmp_path / "blocks.yaml"
    path.write_text("cap: [inpatient.*.annual_cap, law]\ncare: [care]\n", encoding="utf-8")
    assert [block.name for block in read_blocks(str(path))] == ["cap", "care", REST]
    path.write_text("cap: 5\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"blocks.yaml:1:6: block cap: not a list of patterns"):
        read_blocks(str(path))
    with pytest.raises(InputError, match="cannot read the file"):
        read_blocks(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(("text", "said"), [
    ("cap=inpatient.*.anual_cap", r"no parameter is called 'inpatient.\*.anual_cap'.*did you mean 'inpatient.\*.annual_cap'"),
    ("cap=law;law=law.nrcms", "in two blocks, cap and law: 'law.nrcms"), ("law", "not a block: 'law'"), ("", "no block in"),
    ("a=law;a=care", "a name stands twice: 'a'"), ("=law", "the name of a block: ''"),
    ("rest=law", "the name of a block: 'rest'"), ("=law=care", "the name of a block: '=law'"), ("a=law,,care", "not a block"),
    (";".join(f"b{n}={topic}" for n, topic in enumerate(("law", "care", "cii", "account", "funding", "relief", "income",
                                                        "control", "listed", "demand"))), "too many blocks: '11'")])
def test_bad_blocks_are_refused_with_the_reason(text, said):
    with pytest.raises(InputError, match=said):
        read_blocks(text)


def test_people_of_different_schemes_cannot_come_from_different_regions():
    with pytest.raises(InputError, match="in different blocks: ''a' or 'rest''"):
        the_one(read_blocks("a=population.nrcms"), "has_the_people")


def test_blocks_differ_where_a_value_a_date_or_a_floor_differs_and_the_scheme_reads_it(regions):
    a, b = regions[A], regions[B]
    by_name = {block.name: block for block in default_blocks()}
    assert differs(by_name["list"], a, b, "nrcms") and not differs(by_name["list"], a, b, "urbmi")
    assert not differs(by_name["outpatient"], regions["zibo"], b, "urbmi")
    assert not any(differs(block, a, a, "nrcms") for block in by_name.values())
    assert differs(by_name["people-incomes"], a, Region("elsewhere", a.names, a.layers), "nrcms")      # other people
    assert not differs(by_name["use-prices"], a, Region("elsewhere", a.names, a.layers), "nrcms")
    (dated,) = b.layers[0].entries["pooling.nrcms.cities"]
    later = Layer(b.name, {**b.layers[0].entries, dated.path: (replace(dated, from_=dated.from_.replace(year=2014)),)})
    assert differs(by_name["people-incomes"], b, Region(b.name, b.names, (later, *b.layers[1:])), "nrcms")    # the date alone
    fewer = Region(a.name, a.names, a.layers[1:])                                                      # without Jiangsu's floors
    assert differs(by_name["deductible-cap"], a, fewer, "nrcms")


def test_what_is_stated_of_counties_goes_with_their_number_whatever_pattern_meets_it():
    pool, rest = read_blocks("pool=pooling, funding")
    assert "pooling.nrcms.level" in pool.paths and {"pooling.nrcms.unit_members", "pooling.uebmi.cities",
                                                    "pooling.urbmi.city_counties"} <= rest.paths
    _, people = read_blocks("pool=pooling; people=population.*.counties, population.*.age_shares")[:2]
    assert {"pooling.nrcms.unit_openings", "pooling.nrcms.cities"} <= people.paths
    both, *_ = read_blocks("both=pooling, population")
    assert {"pooling.nrcms.level", "pooling.nrcms.unit_members"} <= both.paths
    with pytest.raises(InputError, match="what goes with the number of counties: 'pooling.*.unit_costs'"):
        read_blocks("costs=pooling.*.unit_costs")


# --- hybrids ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def rules_as_stated() -> Iterator[None]:
    """Worlds do not differ in rules, as those of mixtures do not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules_of_worlds, "rule_books", lambda *asked: [RuleBook(AS_STATED, Decimal(0), {})])
        yield


@pytest.fixture(scope="module")
def plain(regions) -> dict[str, SchemeResult]:
    """The two regions as they are, a simulation each."""
    return {name: simulate(SMALL.but(regions=(name,)), regions, threads=1).schemes[0] for name in (A, B)}


@pytest.fixture(scope="module")
def mixture(regions, plain) -> Mixture:
    levels = {name: {"nrcms": {level.year: level.k for level in found.levels}} for name, found in plain.items()}
    return Mixture({name: at_its_level(regions[name], levels[name], "nrcms", YEARS) for name in (A, B)}, default_blocks())


def run(regions: Regions, hybrid: Region, policies: tuple[Policy, ...] = (Policy(BASELINE, level="none"),)) -> SchemeResult:
    tree = Regions({"hybrid": hybrid}, {"hybrid": None}, regions.path)
    return simulate(SMALL.but(regions=("hybrid",), policies=policies), tree, threads=1).schemes[0]


def assert_same(one: SchemeResult, other: SchemeResult, p: int = 0) -> None:
    """Policy p of `one` has every measure and every account of the only policy of `other`, to the last bit."""
    for year in other.years:
        theirs = {(m.name, m.group): m for m in other.measures[year]}
        mine = {(m.name, m.group): m for m in one.measures[year]}
        assert len(theirs) > 150 and mine.keys() == theirs.keys()
        for key, measure in theirs.items():
            assert mine[key].unit == measure.unit
            assert np.array_equal(mine[key].values[:, p], measure.values[:, 0], equal_nan=True), (year, key)
        mine_columns, columns = one.ledgers[year].columns(), other.ledgers[year].columns()
        assert mine_columns.keys() == columns.keys()
        for name, column in columns.items():
            assert np.array_equal(mine_columns[name][:, p], column[:, 0]), (year, name)
    assert (one.rows, one.participants) == (other.rows, other.participants)


@pytest.mark.parametrize("name", [A, B])
def test_a_hybrid_all_of_one_region_has_its_figures_to_the_last_bit(regions, plain, mixture, name):
    whole = run(regions, mixture.region(mixture.all_from(name)))
    assert whole.digest == plain[name].digest and whole.levels == []
    assert_same(whole, plain[name])


@pytest.mark.parametrize(("scheme", "year", "names"), [("uebmi", 2012, (A, B)), ("urbmi", 2012, ("linyi", "zibo")),
                                                       ("urrbmi", 2014, ("zibo", "huantai"))])
def test_so_it_is_in_every_scheme_with_levels_that_change_and_merged_ones(regions, scheme, year, names):
    one, other = names
    small = Scenario("small", (one,), year, (scheme,), 2, draws=2, people=300)
    found = {name: simulate(small.but(regions=(name,)), regions, threads=1).schemes[0] for name in names}
    levels: dict[str, dict[str, dict[int, Decimal]]] = {name: {} for name in names}
    for name, result in found.items():
        for level in result.levels:
            levels[name].setdefault(level.scheme, {})[level.year] = level.k
    mixture = Mixture({name: at_its_level(regions[name], levels[name], scheme, small.years) for name in names}, default_blocks())
    tree = Regions({"hybrid": mixture.region(mixture.all_from(other))}, {"hybrid": None}, regions.path)
    whole = simulate(small.but(regions=("hybrid",), policies=(Policy(BASELINE, level="none"),)), tree, threads=1).schemes[0]
    assert whole.digest == found[other].digest
    assert_same(whole, found[other])
    assert sum(map(len, levels[other].values())) == (1 if scheme == "uebmi" else 2)         # two years, or two schemes


def test_a_policy_that_takes_back_every_block_is_the_region_again(regions, plain, mixture):
    """The pass on the people of A, with use and prices of A: rules of B under a policy change nothing in another policy."""
    rules = [block.name for block in default_blocks() if not block.of_people]
    taken = run(regions, mixture.region(mixture.all_from(A)), (
        Policy(BASELINE, level="none"), Policy("theirs", dict.fromkeys(rules, B), "none"),
        Policy("back", dict.fromkeys(rules, A), "none")))
    assert_same(taken, plain[A], 0)
    assert_same(taken, plain[A], 2)
    (spending,) = [m.values for m in taken.measures[2012] if (m.name, m.group) == ("expenditure_per_head", "")]
    assert np.all(spending[:, 0] != spending[:, 1])


def test_every_block_alone_is_read_along_the_tree_it_comes_from(regions, mixture):
    for block in default_blocks():
        hybrid = mixture.region({**mixture.all_from(A), block.name: B})
        assert hybrid.name == (B if block.name == "people-incomes" else A)
        for path in sorted(every_path()):
            if path.startswith("law."):
                continue
            source = mixture.sources[B if path in block.paths else A]
            for year in (2009, 2012, 2015):
                assert hybrid.value(path, year, required=False) == source.value(path, year, required=False), (block.name, path)
        law = {B if block.name == "deductible-cap" else A}
        assert {said.text for said in hybrid.statements(2012)} == {
            said.text for name in law for said in regions[name].statements(2012)}


def test_what_the_other_region_lacks_is_absent_and_what_it_alone_has_is_there(regions):
    a, b = regions[A], regions[B]
    with_cap = b.with_changes({"inpatient.nrcms.annual_cap": "90000"}, "a test")
    mixture = Mixture({A: a, B: with_cap}, default_blocks())
    gains = mixture.region({**mixture.all_from(A), "deductible-cap": B})
    lacks = mixture.region({**mixture.all_from(B), "deductible-cap": A})
    assert gains.value("inpatient.nrcms.annual_cap", 2012).value == 90_000
    assert lacks.value("inpatient.nrcms.annual_cap", 2012, required=False) is None
    assert (region_plan(lacks, "nrcms", 2012).annual_cap == int(annual_cap_floor(lacks, "nrcms", 2012)[0] * 100)).all()


def test_bands_that_do_not_fit_their_ratios_are_refused(regions):
    b = regions[B].with_changes({"inpatient.nrcms.band_tops": ["5000"], "inpatient.nrcms.ratio": dict.fromkeys(
        ("township", "county", "city", "outside"), ["60", "70"])}, "a test")
    mixture = Mixture({A: regions[A], B: b}, read_blocks("tops=inpatient.*.band_tops"))
    hybrid = mixture.region(mixture.all_from(A))
    assert isinstance(hybrid, Hybrid)
    with pytest.raises(InputError, match="does not fit its bands"):
        hybrid.with_changes({"tops": B}, "a test")


# --- the level -------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", ["0", "0.608649", "1", "1.5", "4"])
@pytest.mark.parametrize("name", ["jiangsu", "zibo"])
def test_ratios_at_their_level_are_those_of_the_rules_at_that_level(regions, name, k):
    for scheme in ("uebmi", "urbmi", "nrcms"):
        level = Decimal(k)
        at_level = at_its_level(regions[name], {scheme: {2012: level}}, scheme, YEARS)
        for year in YEARS:
            one, other = (pack([plan]) for plan in (region_plan(at_level, scheme, year), region_plan(regions[name], scheme, year,
                                                                                                     level)))
            assert np.array_equal(one, other)


@pytest.mark.parametrize("points", [{"child": "5", "adult": "-3"}, {"adult": "-99"}, {"adult": "40"}])
def test_points_of_a_member_class_are_those_of_the_rules_at_that_level_too(regions, points):
    path, level = "inpatient.nrcms.class_bonus", Decimal("0.7")
    bonus = regions[A].with_changes({path: points}, "a test")
    at_level = at_its_level(bonus, {"nrcms": {2012: level}}, "nrcms", YEARS)
    assert np.array_equal(region_plan(at_level, "nrcms", 2012).ratio, region_plan(bonus, "nrcms", 2012, level).ratio)


def test_a_level_holds_from_its_year_on(regions):
    at_level = at_its_level(regions[A], {"nrcms": {2012: Decimal(1), 2013: Decimal("0.5")}}, "nrcms", range(2012, 2015))
    plans = [region_plan(at_level, "nrcms", year).ratio for year in (2012, 2013, 2014)]
    assert np.array_equal(plans[0], region_plan(regions[A], "nrcms", 2012).ratio)
    assert np.array_equal(plans[1], region_plan(regions[A], "nrcms", 2013, Decimal("0.5")).ratio)
    assert np.array_equal(plans[2], plans[1]) and np.all(plans[1] >= plans[0]) and np.any(plans[1] > plans[0])
