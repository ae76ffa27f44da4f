"""Parameters in words: the names of their paths and of what stands inside their values, in English and Chinese.

One name may mean several things: `county` is a hospital, a level of government or a level of pooling. So a name is looked up
among the keys and options of its own parameter first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from simulator.parameters.catalogue import CATALOGUE, PER
from simulator.parameters.quantities import Quantity
from simulator.parameters.statements import STATEMENTS
from simulator.words import (
    ILLNESS_NAMES,
    QUINTILE_NAMES,
    SCHEME_NAMES,
    SHORT_SCHEME_NAMES,
    TIER_NAMES,
    TOPIC_NAMES,
    Words,
    region_name,
    regions,
    word,
)

COMMON: Words = {  # names with one meaning wherever they stand
    "true": ("yes", "是"), "false": ("no", "否"), "none": ("none", "无"),
    "adult": ("adult", "成年人"), "child": ("child", "儿童"), "student": ("student", "学生"),
    "active": ("active", "在职"), "retired": ("retired", "退休"),
    "dibao": ("minimum living allowance", "低保"), "wubao": ("five guarantees", "五保"), "low_income": ("low income", "低收入"),
    "disabled": ("severely disabled", "重度残疾"), "elderly": ("elderly of low income", "低收入老年人"),
    "lognormal": ("lognormal", "对数正态"), "gamma": ("gamma", "伽马"), "burr": ("Burr", "Burr"),
    "eligible": ("in-scope expense", "政策范围内费用"), "billed": ("billed amount", "总费用"),
    **TIER_NAMES, **QUINTILE_NAMES, **ILLNESS_NAMES,
}
KEY_WORDS: Mapping[str, Words] = {  # the keys of a mapping, by kind
    "level": {"central": ("central government", "中央财政"), "provincial": ("province", "省级财政"),
              "county": ("city and county", "市县财政")},
    "response": {"reserve": ("risk reserve", "动用风险基金"), "ladder": ("leaner benefits by the ladder", "按阶梯降低待遇"),
                 "top_up": ("government top-up", "财政弥补"),
                 "premium": ("higher premium", "上调缴费"), "factor": ("lower control factor", "下调支付系数")},
}
METHODS: Words = {"fee_for_service": ("fee for service", "按项目付费"), "case": ("by case", "按病种付费"),
                  "per_diem": ("per diem", "按床日付费"), "capitation": ("capitation", "按人头付费"),
                  "global_budget": ("global budget", "总额预付")}
OPTION_WORDS: Mapping[str, Words] = {  # the options of a choice, by parameter
    "illness.onset_sex": {"both": ("both sexes", "男女"), "female": ("women", "女性"), "male": ("men", "男性")},
    "inpatient.band_basis": {"after_deductible": ("after the deductible", "起付线以上费用")},
    "inpatient.band_period": {"admission": ("admission", "单次住院"), "year": ("year", "年度累计")},
    "inpatient.order_counted": {"all": ("over all tiers", "各级医院合计"), "tier": ("by tier", "按医院级别")},
    "outpatient.deductible_period": {"year": ("of the year", "按年度"), "visit": ("of each visit", "按次")},
    "account.order": {"last": ("after insurance", "统筹支付之后"), "first": ("before outpatient pooling", "门诊统筹支付之前")},
    "cii.threshold_income": {"own": ("the scheme's people's", "本制度人群收入"), "urban": ("urban", "城镇居民收入")},
    "cii.tops_from": {"zero": ("zero", "从零起"), "threshold": ("the threshold", "从起付线起")},
    "inpatient.cap_basis": {"payment": ("payments", "按支付额"), "expense": ("expense", "按费用额")},
    "listed.membership": {"full": ("full", "全面推开"), "pilot": ("pilot", "试点"), "none": ("not listed", "未纳入")},
    "listed.quota_kind": {"package": ("package", "包干"), "limit": ("limit", "限额")},
    "payment.inpatient_method": METHODS, "payment.outpatient_method": METHODS,
    "payment.budget_base": {"last_budget": ("last year's budget", "上年预算"),
                            "last_claims": ("last year's claims", "上年实际费用"),
                            "revenue": ("the spending target", "支出目标")},
    "payment.patient_share_base": {"price": ("the price", "付费标准"), "billed": ("the bill", "实际费用")},
    "account.use": {"none": ("pays no bills", "不支付医疗费用"), "outpatient": ("outpatient bills", "仅门诊费用"),
                    "all": ("all bills", "门诊和住院费用")},
    "assistance.listed_basis": {"self_pay": ("in-scope self-pay left", "政策范围内个人负担"),
                                "basis": ("the list's basis, up to the quota price", "病种支付基数（不超过定额）")},
    "commercial.scope": {"in_scope": ("in-scope expense left", "政策范围内剩余费用"),
                         "all": ("all expense left", "全部剩余费用")},
    "control.cumulative_base": {
        "none": ("no limit", "无上限"), "months_of_expenditure": ("months of expenditure", "月均支出月数"),
        "share_of_funding": ("share of the year's funding", "占当年筹资总额"),
        "share_of_pooled_fund": ("share of the year's pooled fund", "占当年统筹基金")},
    "control.surplus_response": {"none": ("no response", "不调节"), "secondary": ("secondary reimbursement", "二次补偿"),
                                 "factor": ("higher control factor", "上调支付系数"),
                                 "ladder": ("better benefits by the ladder", "按阶梯提高待遇"),
                                 "secondary_ladder": ("secondary reimbursement, and better benefits by the ladder",
                                                      "二次补偿并按阶梯提高待遇")},
    "control.warning_trigger": {"none": ("none", "不触发"), "yellow": ("yellow", "黄色预警"), "red": ("red", "红色预警")},
    "pooling.level": {"county": ("by county", "县级统筹"), "city": ("by city", "市级统筹"),
                      "province": ("by province", "省级统筹")},
    "merger.benefit": {"better": ("the better of the two schemes", "就高不就低"),
                       "stated": ("as the merged scheme states", "按整合后规定")},
}


class PathParts(NamedTuple):
    """The parts of a parameter's path: topic, scheme or illness, parameter, and the keys after it."""

    topic: str
    section: str
    name: str
    keys: tuple[str, ...]


def parts_of_path(path: str) -> PathParts:
    """The parts of `topic.section.name.key` or `topic.name.key`; absent ones are empty."""
    topic, *rest = path.split(".")
    section = rest.pop(0) if rest and (topic == "law" or PER.get(topic)) else ""
    return PathParts(topic, section, rest[0] if rest else "", tuple(rest[1:]))


def words_of(path: str) -> Words:
    """The words for what may stand inside the value of a parameter."""
    parts = parts_of_path(path)
    quantity = CATALOGUE.get(parts.topic, {}).get(parts.name)
    if quantity is None:
        return COMMON
    return {**COMMON, **KEY_WORDS.get(key_kind(quantity), {}), **OPTION_WORDS.get(f"{parts.topic}.{parts.name}", {})}


def key_kind(quantity: Quantity) -> str:
    """The kind of keys of a shape: `tier` of by:tier:numbers or names:tier, and empty for a shape without keys."""
    first, _, rest = quantity.shape.partition(":")
    return rest.split(":")[0] if first in ("by", "names") else ""


def parameter_name(path: str, lang: str) -> str:
    """A path in words: topic, scheme or illness, the catalogue's name of the parameter, and the names of the keys after it."""
    parts = parts_of_path(path)
    known = (STATEMENTS if parts.topic == "law" else CATALOGUE.get(parts.topic, {})).get(parts.name)
    names = [word(TOPIC_NAMES, parts.topic, lang)]
    if parts.section:
        names.append(word({**ILLNESS_NAMES, **SCHEME_NAMES, **SHORT_SCHEME_NAMES}, parts.section, lang))
    if parts.name:
        names.append((known.en if lang == "en" else known.zh) if known else parts.name)
    return " · ".join([*names, *(word(words_of(path), key, lang) for key in parts.keys)])


def value_text(text: str, lang: str, path: str = "") -> str:
    """A parameter's value with its names in words and long numbers grouped: `{county: 10000}` -> `County hospital: 10,000`.

    `path` is the parameter's path; without it, names that mean several things are left as they are.
    """
    words = words_of(path)

    def in_words(match: re.Match) -> str:
        name = match.group()
        return word(words, name, lang) if name in words else region_name(name, lang) if name in regions() else name

    text = re.sub(r"[a-z][a-z0-9_-]*", in_words, text.strip("{}"))
    if path == "merger.first_year":                                # a year, not an amount
        return text
    return re.sub(r"(?<![\d.])\d{4,}", lambda match: f"{int(match.group()):,}", text)
