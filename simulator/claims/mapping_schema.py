"""The JSON Schema of a mapping file, for editors: its keys and columns, described in both languages."""

from __future__ import annotations

import json
from typing import Any

from simulator.claims.cells import ORDERS_OF_DAY, amount, begins, day, ends, identity, weight
from simulator.claims.columns import COLUMNS, Column
from simulator.claims.header import made_from_several
from simulator.claims.mapping import KEYS_OF_A_COLUMN, KEYS_OF_A_MAPPING, REPEATED
from simulator.claims.text import ENCODINGS

MEANINGS = {  # of columns, in English; the Chinese is the column's own name there
    "person": "Whose bill it is", "date": "Day of discharge or visit", "order": "Order of the bills, in place of days",
    "kind": "Inpatient or outpatient", "tier": "Tier of the hospital", "billed": "What was billed, yuan",
    "eligible": "In-scope expense, yuan", "in_scope": "In-scope share of the bill, percent",
    "excluded": "Expense out of scope, yuan", "illness": "Listed illness", "units": "Courses, sessions or days of a quota price",
    "days": "Days in hospital", "tcm": "Traditional Chinese medicine, yuan", "case_price": "Standard price of the case, yuan",
    "new_drug": "New drugs, yuan", "unreferred": "Came without a referral",
    "chronic": "On the chronic outpatient list, or its group",
    "emergency": "An emergency", "member_class": "Class of the member", "group": "Assistance group",
    "pilot_area": "The county takes part in pilot illnesses", "payment_area": "The county pays by case and day",
    "commercial": "Holds commercial cover", "first_pay": "Paid by the patient before the rules (category B), yuan",
    "out_of_area": "Treated out of area: no, filed, unfiled", "essential": "On a favoured list (category A), yuan",
    "quota_price": "Price of the listed illness's own type, yuan", "insured_years": "Years of insurance before this one",
    "civil_servant": "Has the civil servants' supplement", "admitted": "Day of admission", "stay": "Which stay the bill is of",
    "transferred": "Came from the stay before", "transferred_from": "The stay it came from", "family": "Which household",
    "claim": "Number of the bill", "original": "Number of the bill that is taken back or replaced",
    "reversal": "The row takes a bill back", "insured_from": "First day insured", "insured_until": "Last day insured",
    "weight": "Persons the row stands for", "opening_admissions": "Admissions of the year before the file",
    "opening_deductible": "Deductible of the year before the file, yuan",
    "opening_paid": "Paid by the pool before the file, yuan",
    "opening_self_pay": "In-scope self-pay before the file, yuan",
    "opening_outpatient_paid": "Paid of visits by the pool before the file, yuan"}
KEY_DESCRIPTIONS = {
    "about": "What the mapping is, in words / 映射的说明", "columns": "What the file calls its columns / 各列在文件中的名称",
    "pass_through": "Headers that are not read and kept as they are / 不读取、原样保留的列",
    "encoding": "Of a CSV file; found where left out / CSV 文件编码, 缺省自动识别",
    "sheet": "Of a workbook: the sheet with the claims / 工作簿中单据所在的工作表",
    "header_line": "The line of the header; found where left out / 表头所在行, 缺省自动识别",
    "lenient": "Take other spellings that leave no doubt / 读取没有疑义的其他写法",
    "sort": "Settle bills in the order of their days / 按日期顺序结算",
    "repeated": "Bills of one number: refuse them, or take the first or the last / 单据号重复时: 退回, 或取首行、末行"}
COLUMN_KEY_DESCRIPTIONS = {
    "from": "The header / 列名", "words": "What codes of the file stand for / 代码对照",
    "always": "One text for all rows / 各行相同的取值", "plus": "An amount: the sum of these headers / 金额: 这些列之和",
    "minus": "less these / 减去这些列", "join": "A name made from several headers / 由多列合成的编号",
    "written": "Order of day, month and year / 日月年的次序", "optional": "May be missing from the file / 文件中可以没有此列"}


def mapping_schema() -> str:
    """The schema as text. What it cannot say (one way for each column, no header twice) only the reader checks."""
    own: dict[str, dict[str, Any]] = {
        "about": {}, "pass_through": _titles(), "sheet": {"type": "string"}, "encoding": {"enum": list(ENCODINGS)},
        "header_line": {"type": "integer", "minimum": 1, "maximum": 999}, "lenient": _flag(), "sort": _flag(),
        "repeated": {"enum": list(REPEATED)},
        "columns": {"type": "object", "additionalProperties": False,
                    "properties": {column.name: _column(column) for column in COLUMNS}}}
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "fundsim mapping of claims / fundsim 单据映射",
              "type": "object", "additionalProperties": False,
              "properties": {key: {**own[key], "description": KEY_DESCRIPTIONS[key]} for key in KEYS_OF_A_MAPPING}}
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _column(column: Column) -> dict[str, Any]:
    """A header, or a mapping of the ways in which this column can be made."""
    name, several = column.name, made_from_several(column.name)
    able = {"from", "optional"}
    if several:
        able |= {"join"} if column.read is identity else {"plus", "minus"}
    if column.read not in (amount, identity, day, begins, ends, weight):
        able.add("words")
    if column.read is day:
        able.add("written")
    if column.read is not identity and name not in ("date", "order"):
        able.add("always")
    ways: dict[str, dict[str, Any]] = {
        "from": {"type": "string"}, "words": {"type": "object", "additionalProperties": {"type": "string"}},
        "always": {"type": "string"}, "plus": _titles(), "minus": _titles(), "join": _titles(),
        "written": {"enum": list(ORDERS_OF_DAY)}, "optional": _flag()}
    made = {key: {**ways[key], "description": COLUMN_KEY_DESCRIPTIONS[key]} for key in KEYS_OF_A_COLUMN if key in able}
    return {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": False, "properties": made}],
            "description": f"{MEANINGS[name]} / {column.chinese[0]}"}


def _titles() -> dict[str, Any]:
    one = {"type": "string"}
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}]}


def _flag() -> dict[str, Any]:
    return {"enum": [True, False, "yes", "no", "true", "false", "是", "否"]}
