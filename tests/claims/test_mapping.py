"""A mapping says what a file calls its columns and words; every other column is accounted for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.claims.columns import COLUMNS
from simulator.claims.mapping import read_map, shipped_maps
from simulator.claims.mapping_schema import mapping_schema
from simulator.parameters.errors import InputError
from simulator.parameters.read import decode, parse_yaml
from tests.claims.test_claims import column, place, rows_of, run, write  # noqa: F401  (a fixture)
from tests.support.command import fundsim

pytestmark = pytest.mark.usefixtures("place")
FILE = ("卡号,离院,方式码,等级码,合计金额,自费部分,乙类部分,姓名\n1,2012-03-05,21,3,8000,1000,500,张三\n"
        "1,2012-03-06,11,1,100,0,0,张三\n")
MAP = """\
columns:
  person: 卡号
  date: 离院
  kind: {from: 方式码, words: {"21": inpatient, "11": 门诊}}
  tier: {from: 等级码, words: {"3": county, "1": township}}
  billed: 合计金额
  eligible: {plus: [合计金额], minus: [自费部分, 乙类部分]}
"""


def mapped(text: str = MAP, claims: str = FILE, **options):
    write(claims)
    Path("map.yaml").write_text(text, encoding="utf-8")
    return run(mapping=Path("map.yaml"), **options)


def test_columns_words_and_parts_are_read_as_the_mapping_says():
    totals = mapped()
    assert [row["paid_basic"] for row in rows_of()] == ["4340.00", "0.00"]                   # (8000 - 1000 - 500 - 300) x 70%
    assert column("outpatient") == ["0.00", "40.00"] and totals.passed == ["姓名"]


def test_one_text_for_all_rows_and_joined_numbers():
    write("who,when,a,b,cost\n1,2012-03-05,x,1,1000\n1,2012-03-06,x,2,1000\n")
    text = ("columns:\n  person: who\n  date: when\n  claim: {join: [a, b]}\n  tier: {always: county}\n  billed: cost\n"
            "  in_scope: {always: '100'}\n")
    Path("map.yaml").write_text(text, encoding="utf-8")
    run(mapping=Path("map.yaml"))
    assert column("basic") == ["490.00", "595.00"]
    Path("map.yaml").write_text(text.replace("[a, b]", "[a]") + "pass_through: [b]\n", encoding="utf-8")
    with pytest.raises(InputError, match="the claim of line 2 again"):
        run(mapping=Path("map.yaml"))


def test_the_order_of_day_and_month_is_as_the_mapping_says():
    write("person,date,tier,billed,eligible\nA,03/05/2012,county,1000,1000\nA,4/5/12,county,1000,1000\n")
    Path("map.yaml").write_text("columns:\n  date: {from: date, written: dmy}\n", encoding="utf-8")
    assert run(mapping=Path("map.yaml")).done == {("date", "order"): 2}


def test_how_the_file_is_read_stands_in_the_mapping_and_options_go_before():
    write("题头,,,,\nperson,date,tier,billed,eligible\nA,2012年3月5日,县级,\"1,000\",1000\nA,2012年2月5日,县级,1000,1000\n".encode("gb18030"))
    Path("map.yaml").write_text("encoding: gb18030\nheader_line: 2\nlenient: yes\nsort: yes\n", encoding="utf-8")
    run(mapping=Path("map.yaml"))
    assert column("basic") == ["595.00", "490.00"]
    with pytest.raises(InputError, match="not UTF-8"):
        run(mapping=Path("map.yaml"), encoding="utf-8")


def test_a_code_that_the_mapping_does_not_name_is_refused():
    with pytest.raises(InputError, match="claims.csv:3: 等级码: a code that the mapping does not name: '1'; expected '3'"):
        mapped(MAP.replace(', "1": township', ""))


@pytest.mark.parametrize(("change", "said"), [
    (("person: 卡号", "persn: 卡号"), "map.yaml:2:3: unknown column 'persn'; .*did you mean 'person'"),
    (("person: 卡号", "person: 卡"), "no column for person: '卡'"), (("from: 等级码", "frm: 等级码"),
                                                                 "unknown key of a column 'frm'"),
    (('"3": county', '"3": conty'), "map.yaml:5: a word for tier: unknown word 'conty'; .*did you mean 'county'"),
    (('"3": county', '"3": "?"'), "tier: not said what a code stands for: '3'"), (("person: 卡号", 'person: "?"'),
                                                                                  "not said yet"),
    (("billed: 合计金额", "billed: {always: x}"), "always, of billed: not a number"), (("date: 离院",
                                                                                    "date: {always: '2012-01-01'}"),
                                                                          "it tells rows apart"),
    (("{plus: [合计金额], minus", "{minus"), "made in '0 ways'"), (("plus: [合计金额]", "plus: [合计金额, 合计金额]"),
                                                               "one twice"),
    (("date: 离院", "date: {plus: [离院, 姓名]}"), "cannot be made by 'plus'"), (("date: 离院",
                                                                            "date: {from: 离院, written: dym}"),
                                                                       "written: 'dym'"),
    (("billed: 合计金额", "billed: {from: 合计金额, words: {a: b}}"), "a column without words"),
    (("date: 离院", "date: 卡号"), "two columns are read from one header: '卡号'"), (("columns:", "colums:"),
                                                                               "did you mean 'columns'"),
    (("columns:", "lenient: maybe\ncolumns:"), "not a flag"), (("columns:", "header_line: x\ncolumns:"),
                                                               "the number of a line"),
    (("columns:", "encoding: ebcdic\ncolumns:"), "encoding: 'ebcdic'")])
def test_a_mapping_that_cannot_be_followed_is_refused_with_its_place(change, said):
    assert change[0] in MAP
    with pytest.raises(InputError, match=said):
        mapped(MAP.replace(*change))


# --- every column is accounted for ------------------------------------------------------------------


@pytest.mark.parametrize("title", ["结帐日期", "就诊年月", "discharge_dt", "医疗方式", "visit_type", "机构分级级别",
                                   "hosp_lv", "人员属性", "险种类型",
                                   "统筹支付金额", "个人自付", "drug_cost", "本年统筹支付累计", "年内住院次数",
                                   "refd_setl_flag", "作废标志", "异地标志",
                                   "参保时间", "停保时间", "甲类", "起付线已付", "copay", "救助金"])
def test_a_title_that_may_decide_what_is_paid_is_refused_and_named_together_with_what_to_say(title):
    write(f"person,tier,billed,eligible,{title},姓名\nA,county,1000,1000,,x\n")
    with pytest.raises(InputError, match=f"'{title}'.*--pass-through {title}"):
        run()
    totals = run(passed=[title])
    assert totals.passed == [title, "姓名"] and column(title) == [""]


@pytest.mark.parametrize("title", ["姓名", "性别", "出生日期", "医院名称", "医疗机构名称", "科室", "主要诊断", "备注",
                                   "remark", "age", "birth_date",
                                   "单位名称", "住院号", "x"])
def test_a_title_that_decides_nothing_is_passed_through_and_named(title):
    write(f"person,tier,billed,eligible,{title}\nA,county,1000,1000,x\n")
    assert run().passed == [title]


def test_titles_are_known_in_other_dress_and_another_unit_is_not():
    write("Person,TIER,医疗总费用(元),政策范围内费用（元）, 出院 日期\nA,county,1000,1000,2012-03-05\n")
    assert run().passed == [] and column("basic") == ["490.00"]
    write("person,tier,billed,政策范围内费用(万元),eligible\nA,county,1000,1,1000\n")
    with pytest.raises(InputError, match="万元"):
        run()


def test_what_is_out_of_scope_and_paid_first_makes_the_in_scope_amount():
    write("person,tier,billed,全自费金额,先行自付金额\nA,county,8000,1000,100\nB,county,100,101,0\n")
    totals = run(on_error="skip")
    assert column("basic") == ["4620.00"] and totals.refused == 1 and "more than the bill" in rows_of("out.bad.csv")[0]["fault"]


# --- proposals and shipped mappings -----------------------------------------------------------------


def test_a_proposal_settles_the_file_once_its_questions_are_answered():
    claims = ("2012年明细,,,,,\n证件号,出院时间,就医方式,医院等级,总费用,范围内,统筹支付\n"
              "1,2012年3月5日,普通住院,二级医院,\"8,000\",6000,0\n")
    write(claims)
    said = fundsim("claims", "map", "claims.csv", "--out", "map.yaml")
    assert said.code == 0 and "0 questions" in said.out
    proposed = Path("map.yaml").read_text(encoding="utf-8")
    assert '"二级医院": county' in proposed and "lenient: yes" in proposed and "header_line: 2" in proposed
    assert '- "统筹支付"      # check: may be eligible' in proposed
    assert run(mapping=Path("map.yaml")).settled == 1 and column("basic") == ["3990.00"]
    assert fundsim("claims", "map", "claims.csv", "--out", "map.yaml").code == 2                   # nothing is replaced unasked


def test_a_proposal_asks_where_it_does_not_know():
    write("x,y\n1,2\n")
    proposed = fundsim("claims", "map", "claims.csv").out
    Path("map.yaml").write_text(proposed, encoding="utf-8")
    assert proposed.count('"?"') == 4
    with pytest.raises(InputError, match="not said yet"):
        read_map(Path("map.yaml"))


def test_shipped_mappings_read_and_settle_files_of_their_kind():
    assert set(shipped_maps()) == {"de-synpuf-inpatient", "setl-d", "synthea"}
    write("psn_no,setl_time,med_type,hosp_lv,psn_type,insutype,medfee_sumamt,inscp_scp_amt,refd_setl_flag\n"
          "1,2012-01-10 08:30:00,21,02,11,310,8000.00,6000.00,0\n1,2012-01-11 08:30:00,21,02,11,310,-8000.00,-6000.00,1\n")
    run(mapping=Path("setl-d"))
    assert column("basic") == ["3990.00", "-3990.00"]
    write("DESYNPUF_ID,CLM_ID,SEGMENT,CLM_FROM_DT,CLM_THRU_DT,CLM_PMT_AMT\nA,1,1,20080101,20080105,1000.00\nA,1,2,20080101,20080106,9\n")
    run(mapping=Path("de-synpuf-inpatient"))
    assert column("basic") == ["240.00", "0.00"]
    write("Id,START,STOP,PATIENT,ENCOUNTERCLASS,TOTAL_CLAIM_COST,CODE\n"
          "b,2012-03-01T08:00:00Z,2012-03-05T08:00:00Z,p,inpatient,1000.005,1\na,2012-01-01T08:00:00Z,2012-01-05T08:00:00Z,p,inpatient,1000,1\n")
    run(mapping=Path("synthea"))
    assert column("basic") == ["595.01", "490.00"]
    with pytest.raises(InputError, match="did you mean 'synthea'"):
        run(mapping=Path("syntea"))


def allowed(schema: dict, found: object) -> bool:
    """Whether what a file says is allowed by the parts of JSON Schema that the schema of mappings uses."""
    if "anyOf" in schema:
        return any(allowed(one, found) for one in schema["anyOf"])
    kinds = {"object": dict, "array": list, "string": str}
    if schema.get("type") in kinds and not isinstance(found, kinds[schema["type"]]):
        return False
    if "enum" in schema and found not in schema["enum"]:
        return False
    if isinstance(found, list):
        return len(found) >= schema.get("minItems", 0) and all(allowed(schema.get("items", {}), one) for one in found)
    if isinstance(found, dict):
        own, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        return all(allowed(own[key], value) if key in own else others is not False and allowed(others, value)
                   for key, value in found.items())
    return True


@pytest.mark.parametrize("name", sorted(shipped_maps()))
def test_a_shipped_mapping_is_allowed_by_the_schema_for_editors(name):
    schema = json.loads(mapping_schema())
    said = parse_yaml(decode(shipped_maps()[name].read_bytes(), name), name).data()
    assert allowed(schema, said) and not allowed(schema, {**said, "colums": {}})
    assert not allowed(schema, {**said, "columns": {"persons": "x"}})
    assert not allowed(schema, {**said, "columns": {"billed": {"join": ["a", "b"]}}})


def test_the_schema_has_every_column_in_both_languages():
    columns = json.loads(mapping_schema())["properties"]["columns"]["properties"]
    assert list(columns) == sorted(column.name for column in COLUMNS)
    assert all(columns[column.name]["description"].endswith(f" / {column.chinese[0]}") for column in COLUMNS)
