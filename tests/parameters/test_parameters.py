"""Parameter files: read, refused, inherited, dated, cited, changed, shown."""

from __future__ import annotations

import datetime
import json
import os
import pickle
import shutil
import subprocess
import sys
import time
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from simulator.parameters.catalogue import CATALOGUE, PER, SCHEMES, STATUSES
from simulator.parameters.check import check_region, check_topic
from simulator.parameters.errors import InputError
from simulator.parameters.read import decode, parse_yaml
from simulator.parameters.regions import Reader, load_regions, params_path
from simulator.parameters.schema import TOPICS, schema_text, schemas, topic_type
from simulator.parameters.show import as_dicts, coverage, diff_rows, list_rows, show_rows, table
from simulator.plan import TERMS

CHECKOUT = Path(__file__).resolve().parents[2]
TOY = CHECKOUT / "tests" / "toy_country"
BAD, BAD_FOLDERS = (YAML(typ="safe", pure=True).load((CHECKOUT / "tests" / "bad_parameters" / name).read_text(encoding="utf-8"))
                    for name in ("cases.yaml", "folders.yaml"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FUNDSIM_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def shipped(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUNDSIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        return load_regions()


@pytest.fixture
def toy(tmp_path):
    """A copy of the toy country, whose province states its own cpi from 2013 and a cap from July 2012."""
    return Path(shutil.copytree(TOY, tmp_path / "params"))


@pytest.fixture
def province(toy):
    return load_regions(toy)["province"]


def refused(call):
    with pytest.raises(InputError) as caught:
        call()
    return caught.value


# --- files that are refused -----------------------------------------------------------------------


@pytest.mark.parametrize("case", BAD, ids=[case["name"] for case in BAD])
def test_a_bad_file_is_refused_at_its_fault(case):
    before, arrow, after = case["text"].partition("→")
    assert arrow and "→" not in after
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

    def read():
        root = parse_yaml(decode((before + after).encode(), "params/x/t.yaml"), "params/x/t.yaml")
        check = check_region if case["topic"] == "region" else partial(check_topic, case["topic"])
        return check(root, "params/x/t.yaml")

    assert str(refused(read)) == f"params/x/t.yaml:{line}:{column}: {case['says']}"


def test_there_are_at_least_sixty_bad_files():
    assert len(BAD) >= 60 and len({case["name"] for case in BAD}) == len(BAD)


def test_a_file_that_is_not_utf8_is_refused_at_its_byte(toy):
    (toy / "national" / "income.yaml").write_bytes("cpi:\n  # 全国".encode() + "居民".encode("gb18030"))
    error = refused(lambda: load_regions(toy))
    assert (error.line, error.column) == (2, 7) and "not UTF-8" in str(error)


def test_all_faults_of_a_file_are_told_in_file_order():
    text = "cpi: {unit: '%', values: [{from: 2012, value: 3%, status: law, source: x}]}\n"
    error = refused(lambda: check_topic("income", parse_yaml(text, "f"), "f"))
    assert [e.problem for e in (error, *error.others)] == ["wrong unit", "not a date:", "a percent sign in a number:"]


def test_an_error_survives_its_way_between_processes():
    error = InputError("unknown", value="x", file="f", line=2, column=3, expected="y", suggestion="z", next_step="stop")
    assert str(pickle.loads(pickle.dumps(error))) == str(error) == "f:2:3: unknown 'x'; expected y; did you mean 'z'?; stop"


@pytest.mark.parametrize("case", BAD_FOLDERS, ids=[case["name"] for case in BAD_FOLDERS])
def test_a_folder_that_does_not_hang_together_is_refused(toy, case):
    for name, text in case["files"].items():
        (toy / name).parent.mkdir(exist_ok=True)
        (toy / name).write_text(text, encoding="utf-8")
    assert case["says"] in str(refused(lambda: load_regions(toy)))


def test_an_empty_folder_is_refused(tmp_path):
    assert "no regions in the folder" in str(refused(lambda: load_regions(tmp_path)))


# --- inheritance and dates ------------------------------------------------------------------------


def test_a_region_inherits_what_it_does_not_state(toy):
    value = load_regions(toy)["province"].value("inpatient.nrcms.deductible", 2012)
    assert value.region == "national" and value.value["county"] == [Decimal(300), Decimal(150)]


def test_the_nearest_region_whose_value_has_begun_supplies_it(province):
    found = [province.value("income.cpi", year) for year in (2010, 2011, 2012, 2013, 2030)]
    assert [value.value for value in found] == [3, 3, 4, 5, 5]
    assert [value.region for value in found] == ["national"] * 3 + ["province"] * 2


def test_a_value_holds_for_the_year_in_which_it_begins(toy):
    assert load_regions(toy)["province"].value("inpatient.nrcms.annual_cap", 2012).from_ == datetime.date(2012, 7, 1)


def test_a_series_names_the_years_from_which_its_values_hold(toy):
    regions = load_regions(toy)
    assert {y: v.value for y, v in regions["province"].series("income.cpi").items()} == {2010: 3, 2012: 4, 2013: 5}
    assert {y: v.value for y, v in regions["national"].series("income.cpi").items()} == {2010: 3, 2012: 4}


def test_keys_left_out_of_a_mapping_take_the_catalogues_default(toy):
    value = load_regions(toy)["province"].value("inpatient.nrcms.deductible_class_ratio", 2012).value
    assert list(value) == ["adult", "child", "student", "active", "retired"]
    assert value["child"] == 50 and value["adult"] == 100


def test_every_shape_is_parsed_exactly(province):
    assert province.value("inpatient.nrcms.solve_level", 2012).value is True
    assert province.value("inpatient.nrcms.waived_groups", 2012).value == []
    assert province.value("inpatient.nrcms.band_tops", 2012).value == [Decimal(5000)]
    cap = province.value("inpatient.nrcms.annual_cap", 2012)
    assert type(cap.value) is Decimal and (cap.unit, cap.status, cap.spread) == ("CNY/person/year", "estimate", 10)


def test_a_value_that_has_not_begun_says_when_it_begins(province):
    assert province.value("inpatient.nrcms.annual_cap", 2011, required=False) is None
    assert str(refused(lambda: province.value("inpatient.nrcms.annual_cap", 2011))) == (
        "province has no value in 2011 for 'inpatient.nrcms.annual_cap'; expected a year from 2012, when it begins in province; "
        "state it in params/province/inpatient.yaml")
    assert "stated in province or national" in str(refused(lambda: province.value("income.average_wage", 2012)))
    assert "income.average_wage" in str(refused(lambda: province.series("income.average_wage")))


@pytest.mark.parametrize(("path", "meant"), [
    ("inpatient.nrcms.deductable", "inpatient.nrcms.deductible"), ("inpatient.nrmcs.deductible", "inpatient.nrcms.deductible"),
    ("inpatent.nrcms.deductible", "inpatient.nrcms.deductible"), ("income.averagewage", "income.average_wage"),
    ("illness.lung_cancer.bill_cv", "illness.lung-cancer.bill_cv"),
    ("inpatient.nrcms.deductible.county", "inpatient.nrcms.deductible"),
    ("income.cpi.x", "income.cpi"), ("inpatient.nrcms", None), ("", None),
])
def test_an_unknown_path_names_the_nearest(toy, path, meant):
    error = refused(lambda: load_regions(toy)["province"].value(path, 2012))
    assert error.suggestion == meant and error.value == path


def test_an_unknown_region_names_the_nearest(toy):
    regions = load_regions(toy)
    assert str(refused(lambda: regions["provinz"])) == \
        "unknown region 'provinz'; expected 'national' or 'province'; did you mean 'province'?"
    assert "provinz" not in regions and list(regions) == ["national", "province"]


def test_statements_of_all_ancestors_stand_beside_each_other(province):
    said = [(s.region, s.name, s.value, s.rule) for s in province.statements(2012)]
    assert said == [("national", "annual_cap_minimum", 60000, "at_least"), ("province", "annual_cap_minimum", 80000, "at_least")]
    assert [(s.region, s.value) for s in province.statements(2011)] == [("national", 50000)]
    assert province.statements(2010) == []
    own = province.statements(2012)[1]
    assert (own.issued, own.path) == (datetime.date(2012, 3, 21), "law.nrcms.annual_cap_minimum")


def test_a_year_outside_the_calendar_is_refused(province):
    for call in (lambda: province.value("income.cpi", 20122), lambda: province.statements(0)):
        assert "no such year" in str(refused(call))


# --- scenario changes -----------------------------------------------------------------------------


def test_a_change_of_one_key_leaves_the_others_and_their_dates(toy):
    changed = load_regions(toy)["province"].with_changes({"inpatient.nrcms.deductible.county": ["500"]}, "high")
    first, second = changed.value("inpatient.nrcms.deductible", 2012), changed.value("inpatient.nrcms.deductible", 2013)
    assert first.value == {"township": [100], "county": [500], "city": [600], "outside": [800]}
    assert second.value == {"township": [90], "county": [500], "city": [600], "outside": [800]}
    assert second.from_ == datetime.date(2013, 1, 1)
    assert first.status == "assumption" and first.source.startswith("scenario: high (county); else assumption: for the test")


def test_a_whole_change_holds_from_the_start_of_time_or_from_the_year_that_is_said(toy):
    changed = load_regions(toy)["province"].with_changes({"income.cpi": 2.5, "inpatient.nrcms.annual_cap": 90_000}, "b")
    assert [changed.value("income.cpi", y).value for y in (1990, 2011, 2040)] == [Decimal("2.5")] * 3
    assert {changed.value("income.cpi", year).from_ for year in (1990, 2040)} == {datetime.date.min}
    later = load_regions(toy)["province"].with_changes({"income.cpi": 2.5}, "b", 2020)
    assert later.value("income.cpi", 2019) == load_regions(toy)["province"].value("income.cpi", 2019)
    assert later.value("income.cpi", 2040).from_ == datetime.date(2020, 1, 1)       # growth counts from that year
    cap = changed.value("inpatient.nrcms.annual_cap", 2012)
    assert (cap.value, cap.status, cap.source, cap.region) == (90_000, "assumption", "scenario: b", "province")


def test_changes_leave_the_region_they_were_made_to_as_it_was(province):
    changed = province.with_changes({"income.cpi": "1"}, "a").with_changes({"income.cpi": "2"}, "b")
    assert province.value("income.cpi", 2012).value == 4 and changed.value("income.cpi", 2012).value == 2
    assert changed.label == "a, b" and changed.name == "province" and changed.lineage == ("province", "national")


def test_a_whole_change_and_a_change_of_its_key_go_together(toy):
    whole = {"township": 1, "county": 2, "city": 3, "outside": 4}
    changed = load_regions(toy)["province"].with_changes(
        {"inpatient.nrcms.deductible.city": [9], "inpatient.nrcms.deductible": {k: [v] for k, v in whole.items()}}, "x")
    found = changed.value("inpatient.nrcms.deductible", 2012).value
    assert found == {"township": [1], "county": [2], "city": [9], "outside": [4]}


def test_tops_and_ratios_change_together_or_not_at_all(province):
    ratio = {tier: [50, 60, 70] for tier in ("township", "county", "city", "outside")}
    assert "does not fit its bands" in str(refused(lambda: province.with_changes({"inpatient.nrcms.ratio": ratio}, "x")))
    changed = province.with_changes({"inpatient.nrcms.ratio": ratio, "inpatient.nrcms.band_tops": [5000, 10000]}, "x")
    assert len(changed.value("inpatient.nrcms.ratio", 2012).value["city"]) == 3


@pytest.mark.parametrize(("changes", "says"), [
    ({"inpatient.nrcms.ratio.county": ["170", "80"]},
     "inpatient.nrcms.ratio.county.0: out of range: '170'; expected a number from 0 to 100"),
    ({"inpatient.nrcms.ratio.cuonty": ["70"]}, "did you mean 'inpatient.nrcms.ratio.county'?"),
    ({"inpatient.nrcms.solve_level": "NO"},
     "inpatient.nrcms.solve_level: not a flag: 'NO'; expected 'true' or 'false'; did you mean 'false'?"),
    ({"inpatient.nrcms.band_tops": ["5,000"]}, "thousands separators in a number: '5,000'"),
    ({"inpatient.nrcms.annual_cap": float("nan")}, "not a finite number: 'NaN'"),
    ({"inpatient.nrcms.annual_cap": None}, "inpatient.nrcms.annual_cap: not a value: 'None'"),
    ({"inpatient.nrcms.annual_cap": [1]}, "inpatient.nrcms.annual_cap: a list, not a number"),
    ({"care.nrcms.tier_shares": {"township": 60, "county": 30}}, "the shares sum to '90'"),
    ({"care.nrcms.tier_shares.county": 30}, "province has no value in 9999 for 'care.nrcms.tier_shares'"),
])
def test_a_change_is_refused_where_a_file_would_be(province, changes, says):
    assert says in str(refused(lambda: province.with_changes(changes, "x")))


# --- what was read --------------------------------------------------------------------------------


def test_a_reader_keeps_every_value_it_gave_out_once(province):
    reader = province.reading()
    assert isinstance(reader, Reader) and (reader.name, reader.lineage) == (province.name, province.lineage)
    for year in (2012, 2013, 2014):
        reader.value("income.cpi", year)
    reader.value("inpatient.nrcms.band_tops", 2012)
    assert reader.value("inpatient.nrcms.annual_cap", 2000, required=False) is None
    assert [(v.path, v.from_.year, v.region) for v in reader.used] == [
        ("income.cpi", 2012, "national"), ("income.cpi", 2013, "province"), ("inpatient.nrcms.band_tops", 2010, "national")]
    assert reader.series("income.cpi") == province.series("income.cpi") and len(reader.used) == 4


@pytest.mark.parametrize("path", sorted((params_path() / "jiangsu").glob("[i-r]*.yaml")), ids=lambda path: path.name)
def test_both_parsers_read_the_same_tree_at_the_same_places(path, monkeypatch):
    text = path.read_text(encoding="utf-8")
    monkeypatch.setattr("simulator.parameters.read._compose_slowly", None)
    quickly = parse_yaml(text, "f")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert parse_yaml(text, "f") == quickly


# --- the cache ------------------------------------------------------------------------------------


def test_a_second_load_needs_no_yaml_and_says_the_same(toy, monkeypatch):
    first = load_regions(toy)["province"]
    monkeypatch.setattr("simulator.parameters.load.parse_yaml", None)
    second = load_regions(toy)["province"]
    assert second.layers == first.layers


def test_a_changed_file_is_never_answered_from_the_cache(toy):
    load_regions(toy)
    path = toy / "province" / "income.yaml"
    stamp = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace('"5"', '"6"'), encoding="utf-8")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert load_regions(toy)["province"].value("income.cpi", 2013).value == 6
    path.write_text(path.read_text(encoding="utf-8").replace('"6"', '"6%"'), encoding="utf-8")
    assert "percent sign" in str(refused(lambda: load_regions(toy)))


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b"0 0\n{}", "cut"])
def test_a_damaged_cache_is_read_past(toy, tmp_path, damage):
    load_regions(toy)
    (file,) = (tmp_path / "cache" / "parameters").iterdir()
    file.write_bytes(file.read_bytes()[:-9] if damage == "cut" else damage)
    assert load_regions(toy)["province"].value("income.cpi", 2013).value == 5
    assert b"income.cpi" in file.read_bytes()


def test_results_of_other_code_are_not_used(toy, monkeypatch):
    load_regions(toy)
    monkeypatch.setattr("simulator.parameters.cache._code_version", lambda: "another")
    monkeypatch.setattr("simulator.parameters.load.parse_yaml", lambda text, file: (_ for _ in ()).throw(ZeroDivisionError))
    with pytest.raises(ZeroDivisionError):
        load_regions(toy)


def test_a_cache_that_cannot_be_written_is_no_hindrance(toy, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("FUNDSIM_CACHE", str(tmp_path / "file"))
    assert load_regions(toy)["province"].value("income.cpi", 2013).value == 5


def test_many_processes_may_load_at_once(toy, tmp_path):
    code = ("from simulator.parameters.regions import load_regions\n"
            f"print(load_regions({str(toy)!r})['province'].value('income.cpi', 2013).value)")
    runs = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=CHECKOUT) for _ in range(4)]
    assert [run.communicate()[0] for run in runs] == [b"5\n"] * 4
    assert [file.suffix for file in (tmp_path / "cache" / "parameters").iterdir()] == [".json"]


# --- the schema -----------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", CATALOGUE)
def test_the_json_schema_of_a_topic_states_every_parameter_with_its_unit(topic):
    written = json.loads(schema_text(topic))["$defs"]
    assert {name: written[name]["properties"]["unit"]["const"] for name in CATALOGUE[topic]} == \
        {name: quantity.unit for name, quantity in CATALOGUE[topic].items()}


def test_schemas_are_written_for_every_topic():
    made = schemas()
    assert set(made) == set(TOPICS)
    schema = json.loads(made["inpatient"])
    assert schema["title"] == "fundsim parameters: inpatient"


def test_every_shape_of_the_catalogue_has_a_type_and_a_default_that_passes_it():
    shapes = {q.shape for topic in CATALOGUE.values() for q in topic.values()}
    assert {"number", "flag", "choice", "numbers", "names:group", "by:tier", "by:tier:numbers", "by:tier:choice"} <= shapes
    assert {"by:level", "names:response"} <= shapes
    for topic, quantities in CATALOGUE.items():
        assert topic in PER and topic_type(topic)
        for q in quantities.values():
            if q.default is not None and (q.default or not q.shape.endswith("numbers")):       # "" of lists: none
                assert q.default in q.options if q.shape.endswith("choice") else q.low <= float(q.default) <= q.high


# --- the shipped files ----------------------------------------------------------------------------


def test_every_shipped_value_has_a_unit_a_date_a_source_and_a_status(shipped):
    found = coverage(shipped)
    assert found.complete and found.values > 1000 and sum(found.by_status.values()) == found.values


def test_the_shipped_regions_descend_as_the_law_does(shipped):
    assert {name: region.lineage for name, region in shipped.items()} == {
        "national": ("national",), "jiangsu": ("jiangsu", "national"), "shandong": ("shandong", "national"),
        "linyi": ("linyi", "shandong", "national"), "zibo": ("zibo", "shandong", "national"),
        "huantai": ("huantai", "zibo", "shandong", "national"),
        **{city: (city, "jiangsu", "national") for city in ("nanjing", "yancheng")},
        **{city: (city, "shandong", "national") for city in ("heze", "dezhou")}}
    assert shipped["linyi"].names == {"en": "Linyi", "zh": "临沂"}


def test_every_shipped_value_can_be_read_in_the_year_it_begins(shipped):
    for region in shipped.values():
        for path in region.paths():
            for year, value in region.series(path).items():
                assert value == region.value(path, year) and value.status in STATUSES


MAY_BE_ABSENT = {"bill_growth_target", "drug_share_target", "target_ratio", "outcome_ratio", "solve_level",
                 "class_own_share", "class_bonus", "year_limit_class_ratio", "annual_cap_class_ratio", "guaranteed_tier_ratio",
                 "deductible_class_ratio", "chronic_deductible_class_ratio", "chronic_year_limit_class_ratio", "band_ratio",
                 "chronic_group_shares", "chronic_group_deductible", "chronic_group_ratio", "chronic_group_limit",
                 "chronic_class_bonus", "file",
                 "deductible_group_ratio", "cap_group_ratio",
                 "loss_ratio_low", "loss_ratio_high", "rerate_step",
                 "unit_members", "city_counties", "unit_costs", "unit_means", "unit_wages", "unit_openings",
                 "budget_base", "budget_per_head", "spending_target", "response_limit", "gp_health_share",
                 "beds_limit_held", "local_immediate", "later_take_up", "deposit_share", "pay_after", "managed_per_yuan",
                 "advance_cost", "one_stop", "enterprise_entrants", "enterprise_retired_share", "enterprise_base_ratio",
                 "enterprise_payment", "enterprise_use",
                 *(f"{name}_response" for name in ("cost", "volume", "referral", "coding", "stay", "quality")),
                 *(term.path.rpartition(".")[2] for term in TERMS.values() if term.optional)}
SCHEMES_OF = {"zibo": SCHEMES, "huantai": SCHEMES}          # the merged scheme is stated for Zibo and its county only
PILOT_COUNTIES = {"linyi": Decimal("8.3"), "zibo": 25, "huantai": 25}       # percent: Feixian of twelve, two of eight
NEUTRAL = {  # what no document gives a number for, and changes nothing until a scenario says so
    "conduct": ("zero_markup_share", "fee_recovery", "government_recovery", "equipment_price_cut", "bed_days_cut",
                "fraud_share_removed", "in_scope_change", "retention", "outside_price_change", "outside_immediate"),
    "payment": ("gp_contract_fee", "gp_signed_share", "capitation", "inpatient_volume_effect", "inpatient_cost_effect",
                "inpatient_cost_growth_effect", "outpatient_volume_effect", "outpatient_cost_effect"),
    "demand": ("premium_elasticity",), "commercial": ("share",), "pooling": ("adjustment_share",)}


def _paths(scheme: str):
    """Every parameter that must have a value for a scheme."""
    for topic, names in CATALOGUE.items():
        for name in (name for name in names if name not in MAY_BE_ABSENT and PER[topic] != "illness"):
            yield f"{topic}.{scheme}.{name}" if PER[topic] else f"{topic}.{name}"


def test_every_region_has_every_parameter_of_its_schemes_in_every_year_of_a_plan(shipped):
    missing = [(region.name, scheme, year, path) for region in shipped.values()
               for scheme in SCHEMES_OF.get(region.name, SCHEMES[:3])
               for year in ((2013, 2014, 2030) if scheme == "urrbmi" else (2010, 2011, 2012, 2013, 2030))
               for path in _paths(scheme) if region.value(path, year, required=False) is None]
    assert missing == []


def test_what_the_documents_name_without_a_number_changes_nothing_in_the_shipped_files(shipped):
    for region in shipped.values():
        for scheme in SCHEMES_OF.get(region.name, SCHEMES[:3]):
            for path in (f"{topic}.{scheme}.{name}" for topic, names in NEUTRAL.items() for name in names):
                value = region.value(path, 2013).value
                if path.endswith("zero_markup_share"):                 # 0 but where the law says that pilot counties end markups
                    value = {**value, "county": value["county"] - PILOT_COUNTIES.get(region.name, 0)}
                assert not any(value.values()) if isinstance(value, dict) else value == 0, (region.name, path)
        assert region.value("relief.in_force", 2013).value is False


def test_the_neutral_values_quote_a_clause_of_the_region_s_own_plan_where_it_has_one(shipped):
    said = {"jiangsu": "江苏省2012年度医改主要工作安排", "linyi": "临政办发〔2012〕64号", "national": "国办发〔2012〕20号"}
    for region, document in said.items():
        for path in ("conduct.nrcms.zero_markup_share", "conduct.nrcms.fraud_share_removed", "commercial.nrcms.share"):
            assert document in shipped[region].value(path, 2012).source, (region, path)
    assert "淄政办发〔2013〕57号" in shipped["huantai"].value("conduct.urrbmi.zero_markup_share", 2013).source


def test_the_numbers_the_documents_do_state_are_law(shipped):
    jiangsu, zibo, linyi = shipped["jiangsu"], shipped["zibo"], shipped["linyi"]
    stated = {(jiangsu, "payment.nrcms.counties_share", 2012): 50, (jiangsu, "assistance.one_stop", 2012): True,
              (jiangsu, "pooling.uebmi.level", 2012): "city", (jiangsu, "public_health.per_head", 2012): 25,
              (jiangsu, "supplement.uebmi.in_force", 2012): True, (zibo, "public_health.per_head", 2013): 30,
              (linyi, "conduct.nrcms.beds_limit", 2012): 4}
    for (region, path, year), said in stated.items():
        value = region.value(path, year)
        assert (value.value, value.status) == (said, "law"), path


def test_the_subsidy_s_shares_by_level_sum_to_100(province):
    path, key = "funding.nrcms.subsidy_shares", "central"
    assert "the shares sum to '90'" in str(refused(lambda: province.with_changes({path: {"central": 90}}, "x")))
    assert f"did you mean '{path}.{key}'?" in str(refused(lambda: province.with_changes({f"{path}.centrl": 90}, "x")))


def test_responses_to_a_deficit_keep_their_order_and_stand_once(province):
    path = "control.nrcms.deficit_response"
    changed = province.with_changes({path: ["premium", "reserve"]}, "x")
    assert changed.value(path, 2012).value == ["premium", "reserve"]
    assert province.with_changes({path: []}, "x").value(path, 2012).value == []
    assert "the name stands twice: 'reserve'" in str(refused(lambda: province.with_changes({path: ["reserve", "reserve"]}, "x")))
    assert "did you mean 'reserve'?" in str(refused(lambda: province.with_changes({path: ["reserv"]}, "x")))


def test_every_shipped_file_names_its_schema():
    for path in sorted(params_path().glob("*/*.yaml")):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        if path.stem != "region" and path.parent.name != "claims":       # mappings of claims files have none
            kind = "plan" if path.parent.name == "plans" else path.stem
            assert first == f"# yaml-language-server: $schema=../schema/{kind}.json", path


def test_the_floors_on_the_cap_are_those_of_the_documents(shipped):
    def floors(region, year):
        return {(s.region, s.scheme): s.value for s in shipped[region].statements(year) if s.name == "annual_cap_minimum"}

    jiangsu = floors("jiangsu", 2012)
    assert (jiangsu["national", "nrcms"], jiangsu["jiangsu", "nrcms"], jiangsu["jiangsu", "urbmi"]) == (60_000, 80_000, 100_000)
    assert set(floors("national", 2011).values()) == {50_000}


def test_a_warm_load_takes_less_than_half_a_second(shipped, tmp_path):
    load_regions()
    start = time.process_time()                            # other tests may run meanwhile
    load_regions()
    assert time.process_time() - start < 0.5


# --- what is printed ------------------------------------------------------------------------------


def test_the_list_goes_down_the_tree(toy):
    rows = as_dicts(list_rows(load_regions(toy)))
    assert [(row["region"], row["parent"], row["parameters"], row["statements"]) for row in rows] == [
        ("national", "", 9, 2), ("province", "national", 2, 1)]
    assert rows[1]["first_year"] == 2012 and rows[1]["last_year"] == 2013 and rows[0]["assumption"] == 9


def test_show_tells_what_holds_where_it_comes_from_and_what_the_law_says(toy):
    rows = as_dicts(show_rows(load_regions(toy)["province"], 2012))
    by_path = {row["path"]: row for row in rows}
    cpi = by_path["income.cpi"]
    assert list(by_path)[0] == "income.cpi" and (cpi["region"], cpi["from"]) == ("national", "2012-01-01")
    assert by_path["inpatient.nrcms.deductible"]["value"] == "{township: [100], county: [300, 150], city: [600], outside: [800]}"
    assert [row["value"] for row in rows if row["path"].startswith("law.")] == ["≥ 60000", "≥ 80000"]
    assert all(row[key] for row in rows for key in ("unit", "from", "status", "source", "region"))
    assert [row.path for row in show_rows(load_regions(toy)["province"], 2012, topic="income")] == ["income.cpi"]


def test_diff_shows_only_what_differs_and_both_sources(toy):
    regions = load_regions(toy)
    rows = {row["path"]: row for row in as_dicts(diff_rows(regions["national"], regions["province"], 2013))}
    assert set(rows) == {"income.cpi", "inpatient.nrcms.annual_cap", "law.nrcms.annual_cap_minimum"}
    assert (rows["income.cpi"]["a"], rows["income.cpi"]["b"]) == ("4", "5")
    assert (rows["inpatient.nrcms.annual_cap"]["a"], rows["inpatient.nrcms.annual_cap"]["b"]) == ("", "80000")
    law = rows["law.nrcms.annual_cap_minimum"]
    assert (law["a"], law["b"]) == ("national ≥ 60000", "national ≥ 60000; province ≥ 80000")
    assert "《省计划》 (一)2" in law["b_source"]


def test_a_region_does_not_differ_from_itself(shipped):
    assert diff_rows(shipped["jiangsu"], shipped["jiangsu"], 2012) == []


def test_a_table_prints_brackets_as_they_are(toy):
    from rich.console import Console

    rows = show_rows(load_regions(toy)["province"], 2012, topic="inpatient")
    console = Console(width=400)
    with console.capture() as shown:
        console.print(table(rows, ["path", "value", "from_", "status"], "Province 2012"))
    assert "[5000]" in shown.get() and "Province 2012" in shown.get() and "from" in shown.get()
