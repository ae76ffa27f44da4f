"""Names typed in Chinese: one table behind every door, the catalogue's names inside."""

from __future__ import annotations

import json

import pytest

from simulator import Policy, Scenario, explain, simulate
from simulator.answers.box import read_lever
from simulator.answers.questions import questions_of
from simulator.claims.columns import BY_NAME
from simulator.designs import expand
from simulator.parameters.errors import InputError
from simulator.parameters.names import CHINESE, KNOWN, SPELLINGS, canonical, canonical_group, canonical_path
from simulator.parameters.planfile import read_plan
from simulator.parameters.regions import load_regions
from simulator.scenario import read_scenario
from simulator.words import ILLNESS_NAMES, SCHEME_NAMES, TIER_NAMES
from tests.support.command import fundsim

PLAN = """band_tops: []
deductible: {county: [300], city: [600]}
ratio: {county: [75], city: [60]}
relief_groups: [dibao]
annual_cap: 100000
"""
CHINESE_PLAN = PLAN.replace("county", "县级医院").replace("city", "市级").replace("dibao", "低保")
ASKED = """name: asked
regions: [jiangsu, linyi]
schemes: [nrcms]
horizon: 1
draws: 2
people: 200
changes: {income.cpi: 2}
policies:
  低保:
    changes:
      inpatient.nrcms.deductible: {township: ["100"], county: ["300"], city: ["500"], outside: ["800"]}
      inpatient.nrcms.ratio.county: ["70"]
      inpatient.nrcms.waived_groups: [wubao, dibao]
      listed.nrcms.ratio.breast-cancer: "80"
"""


def in_chinese(text):
    for name, word in (("jiangsu", "江苏"), ("linyi", "临沂市"), ("nrcms", "新农合"), ("township", "乡镇卫生院"),
                       ("county", "县级"), ("city", "市级医院"), ("outside", "统筹区外"), ("wubao", "五保"),
                       ("dibao", "低保对象"), ("breast-cancer", "乳腺癌")):
        text = text.replace(name, word)
    return text


def test_every_chinese_label_of_the_pages_may_be_typed():
    for kind, names in (("illness", ILLNESS_NAMES), ("tier", TIER_NAMES), ("scheme", SCHEME_NAMES)):
        for name in KNOWN[kind]:
            assert canonical(kind, names[name][1]) == name, (kind, name)


def test_every_name_has_a_chinese_one_and_no_word_has_two_meanings_in_one_kind():
    for kind, names in CHINESE.items():
        assert tuple(names) == KNOWN[kind] and all(names.values())
        assert len(SPELLINGS[kind]) == sum(map(len, names.values()))
    of_parts = [word for kind in ("tier", "class", "group", "illness") for word in SPELLINGS[kind]]
    assert len(set(of_parts)) == len(of_parts)


def test_spaces_and_widths_do_not_matter_and_other_words_stay():
    assert canonical("illness", "I型糖尿病") == canonical("illness", " Ⅰ 型糖尿病") == "type-1-diabetes"
    assert canonical("scheme", "新农和") == "新农和" and canonical("scheme", "nrcms") == "nrcms"


def test_paths_and_groups_are_put_into_the_catalogues_names():
    assert canonical_path("inpatient.新农合.deductible.县级") == "inpatient.nrcms.deductible.county"
    assert canonical_path("illness.肺癌.onset_rate") == "illness.lung-cancer.onset_rate"
    assert canonical_path("assistance.inpatient_ratio.低保") == "assistance.inpatient_ratio.dibao"
    assert canonical_path("income.cpi") == "income.cpi" and canonical_path("wages.新农合") == "wages.新农合"
    assert canonical_group("illness:乳腺癌") == "illness:breast-cancer" and canonical_group("quintile:q1") == "quintile:q1"


def test_a_region_is_called_by_its_chinese_name_too():
    regions = load_regions()
    assert regions["江苏"] is regions["江苏省"] is regions["jiangsu"] and regions.canonical("淄博市") == "zibo"
    with pytest.raises(InputError, match="unknown region '北平'"):
        regions["北平"]


def test_a_name_that_two_regions_have_is_refused(tmp_path):
    (tmp_path / "nanjing2").mkdir()
    (tmp_path / "nanjing2" / "region.yaml").write_text("name: {en: Nanjing, zh: 南京}\nparent: jiangsu\n", encoding="utf-8")
    regions = load_regions(params=tmp_path)
    assert regions["nanjing2"].name == "nanjing2"
    with pytest.raises(InputError, match="several regions have the name '南京'; expected 'nanjing' or 'nanjing2'"):
        regions["南京"]


def test_a_scenario_file_in_chinese_is_the_same_question(tmp_path):
    (tmp_path / "asked.yaml").write_text(ASKED, encoding="utf-8")
    (tmp_path / "zh.yaml").write_text(in_chinese(ASKED).replace("低保对象:", "低保:"), encoding="utf-8")
    one, other = read_scenario(tmp_path / "asked.yaml"), read_scenario(tmp_path / "zh.yaml")
    assert one == other and one.policies[1].name == "低保" and json.dumps(one.as_dict()) == json.dumps(other.as_dict())
    regions = load_regions()
    assert [each.name for each in questions_of([one], regions)] == [each.name for each in questions_of([other], regions)]


def test_a_fault_in_a_file_in_chinese_has_its_place(tmp_path):
    (tmp_path / "zh.yaml").write_text("regions: [江苏]\nchanges:\n  inpatient.新农合.ratio.县级: ['170']\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"zh.yaml:3:3: inpatient\.nrcms\.ratio.*out of range"):
        read_scenario(tmp_path / "zh.yaml")


def test_two_spellings_of_one_parameter_are_refused(tmp_path):
    (tmp_path / "zh.yaml").write_text("regions: [江苏]\nchanges:\n  inpatient.新农合.annual_cap: 1\n"
                                      "  inpatient.nrcms.annual_cap: 2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"zh.yaml:4:3: the same name stands twice, in two spellings"):
        read_scenario(tmp_path / "zh.yaml")
    with pytest.raises(InputError, match="in two spellings"):
        Policy("x", {"inpatient.新农合.annual_cap": "1", "inpatient.nrcms.annual_cap": "2"})


def test_a_scenario_made_in_python_in_chinese_is_the_same_question():
    size = {"horizon": 1, "draws": 2, "people": 200}
    change = {"inpatient.新农合.deductible.县级": ["500"]}
    zh = simulate(Scenario("a", ("江苏",), schemes=("新农合",), policies=(Policy("baseline"), Policy("b", change)), **size),
                  threads=1)
    en = simulate(Scenario("a", ("jiangsu",), schemes=("nrcms",), policies=(Policy("baseline"), Policy("b", {
        "inpatient.nrcms.deductible.county": ["500"]})), **size), threads=1)
    assert zh.scenario == en.scenario and zh.schemes[0].digest == en.schemes[0].digest


def test_the_axes_of_a_design_may_be_chinese(tmp_path):
    text = "name: d\nregions: [linyi]\nschemes: [nrcms]\ndesign: {grid: {inpatient.nrcms.deductible.county: [200, 300]}}\n"
    (tmp_path / "d.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "zh.yaml").write_text(in_chinese(text), encoding="utf-8")
    assert expand(tmp_path / "d.yaml") == expand(tmp_path / "zh.yaml")


def test_what_solve_varies_may_be_chinese():
    region, asked = load_regions()["linyi"], Scenario("a", ("linyi",), schemes=("nrcms",))
    assert read_lever("inpatient.新农合.deductible.县级=200:400", asked, region) == read_lever(
        "inpatient.nrcms.deductible.county=200:400", asked, region)


def test_a_plan_file_in_chinese_is_the_same_plan(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "zh.yaml").write_text(CHINESE_PLAN, encoding="utf-8")
    one, other = read_plan(tmp_path / "plan.yaml").plan, read_plan(tmp_path / "zh.yaml").plan
    assert all((a == b).all() if hasattr(a, "all") else a == b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("column", "kind"), [("tier", "tier"), ("member_class", "class"), ("group", "group"),
                                              ("illness", "illness")])
def test_a_claims_column_takes_every_word_of_the_table(column, kind):
    for n, name in enumerate(KNOWN[kind]):
        if (kind, name) != ("group", "none"):
            assert {BY_NAME[column].read(word) for word in (name, *CHINESE[kind][name])} == {n}


def test_a_bill_is_explained_under_either_name():
    facts = {"year": 2012, "bill": 20000, "in_scope": 80, "level": 1, "age": 30}
    zh = explain(region="江苏", scheme="新农合", tier="县级医院", illness="乳腺癌", group="低保", member="成年人", **facts)
    en = explain(region="jiangsu", scheme="nrcms", tier="county", illness="breast-cancer", group="dibao", member="adult", **facts)
    assert str(zh) == str(en)


@pytest.mark.parametrize("words", [
    ("params", "show", "江苏", "--topic", "income"),
    ("params", "diff", "江苏", "临沂", "--topic", "income"),
    ("explain", "--region", "江苏省", "--scheme", "新农合", "--tier", "市级", "--bill", "100", "--in-scope", "80", "--level", "1",
     "--illness", "肺癌", "--income-group", "五保", "--member-class", "成年居民"),
    ("losses", "docs/losses-example.yaml", "--rate", "0.1", "--severity", "exponential:mean=1000", "--years", "1000",
     "--tier", "县级", "--member-class", "退休", "--income-group", "低保", "--threads", "1"),
], ids=" ".join)
def test_options_take_chinese_names(words, monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    said = fundsim(*words)
    assert said.code == 0, said.err


@pytest.mark.parametrize("words", [
    ("compare", "江苏", "jiangsu", "--schemes", "新农合"), ("explain", "--region", "江苏", "--tier", "县里", "--bill", "1"),
    ("attribute", "江苏", "临沂", "--scheme", "新农合", "--measure", "cash_per_bill[illness:乳癌]"),
], ids=" ".join)
def test_a_word_that_is_no_name_is_refused_as_it_was_typed(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = fundsim(*words)
    assert said.code == 2 and said.err.startswith("error: ") and "Traceback" not in said.err
