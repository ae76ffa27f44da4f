"""The Chinese half of what schemas say to editors: every description is "English / 中文".

Parameters, statements and the terms that are parameters have their Chinese names in the catalogue.
"""

from __future__ import annotations

from typing import Any

from simulator.plan import TERMS

from .catalogue import CATALOGUE

# name of a plan file's key -> Chinese, where no parameter has its name
KEYS_IN_CHINESE = {
    "deductible_least": "起付线按住院费用比例计算时的最低额", "deductible_most": "起付线按住院费用比例计算时的最高额",
    "deductible_kind": "超过起付线后是否扣除起付线 (ordinary 扣除, franchise 不扣除)",
    "deductible_shared": "住院与门诊共用年度起付线",
    "admission_copay": "起付线之后个人定额自付", "out_of_area_factor": "已备案或转诊异地就医的支付比例系数",
    "unfiled_factor": "未备案异地就医的支付比例系数", "out_of_area_deductible_factor": "已备案或转诊异地就医的起付线系数",
    "unfiled_deductible_factor": "未备案异地就医的起付线系数", "rounding_step": "按合计或按各段取整",
    "rounding_unit": "取整单位",
    "rounding_mode": "取整方式: 四舍五入, 或舍去零头", "factor": "普通住院支付系数, 100% 为不调整",
    "civil_deductible": "公务员或单位补充医疗补助起付线",
    "civil_ratio": "公务员或单位补充医疗补助比例", "civil_cap": "公务员或单位补充医疗补助年度限额",
    "civil_scope": "补助范围: 政策范围内自付, 或全部自付", "account_balance": "年初个人账户余额 (含当年划入)",
    "band_own_least": "各段内个人最低自付 (每次)", "essential_bonus": "基本药物等目录内费用加点",
    "annual_cap_step": "此前每参保一年提高的封顶线", "annual_cap_most": "按参保年限提高后的封顶线上限",
    "outpatient_tcm_bonus": "门诊中医药费用加点", "outpatient_essential_bonus": "门诊基本药物等目录内费用加点",
    "class_own_share": "人群承担住院自付部分的比例", "chronic_groups": "门诊慢性病病种分组名称, 最多四组",
    "tiers": "方案自有的医院级别, 各对应一个就医层级", "about": "方案的说明和来源",
}
# description -> Chinese
IN_CHINESE = {
    "The day it takes effect": "生效日期",
    "Document and clause, table, or the reason of an assumption": "依据: 文件及条款、统计表, 或假设的理由",
    "A remark": "备注", "The day of the document": "文件日期", "The words of the document": "文件原文",
    "The last day on which it holds, where the document says so": "文件规定的最后有效日",
    "The day from which somebody could have known it: a back-test of an earlier day does not read it":
        "最早可知日期: 此日之前的回测不读取",
    "Its own: a later standard of an ancestor does not displace it": "本地数值, 不被上级后来的标准取代",
    "From its day on it holds in every descendant whose own value is older and not local": "自生效日起取代下级更早的非本地数值",
    "Relative standard deviation of the uncertain value, percent: a distribution in short":
        "数值不确定性的相对标准差, %: 分布的简写",
    "The distribution of its settings over the worlds": "各情境世界取值的分布",
    "The law of the settings": "分布类型",
    "The least setting: percent of the value (100: as stated), or points beside a rate of growth":
        "最低取值: 占数值的百分比 (100 为所列数值), 增长率则为加减百分点",
    "The likeliest setting": "最可能取值", "The greatest setting": "最高取值", "The mean setting": "平均取值",
    "Standard deviation of the setting: percent of the value, or points beside a rate of growth":
        "取值的标准差: 占数值的百分比, 增长率则为百分点",
    "The factor that it shares with other values, which move together": "与其他数值共有的因子, 一同变动",
    "With other values of the factor; left out: 1": "与同一因子其他数值的相关系数, 不填为1",
    "What it might be instead; those of one name hold together": "其他可能取值, 同名者同时成立",
    "Percent; the value itself has the rest": "权重, %; 其余归该数值本身",
    "Where it is known from, and why it may hold here": "来源及适用理由",
    "A sentence of a planning document.": "规划文件的一项表述",
    "A sentence of a planning document that states a percentage.": "规划文件中的比例表述",
    "What the plan is: place, members, days in force": "方案: 地区、人群、有效期", "The same in Chinese": "中文",
    "What a plan file says about itself, under `about`: nothing of it is reckoned with.": "方案文件的说明, 不参与计算",
    "What the plan is, and where it comes from": "方案的说明和来源", "Documents with their addresses": "文件及网址",
    "The scheme, or `other` of another country's plan": "制度; 国外方案为 other",
    "The first day on which it is in force": "生效日期",
    "The last day on which it is in force; left out where it is not known": "失效日期, 不详则不填",
    "a: text or news of the time; b: copies, undated or recalled; c: doubtful":
        "可信度: a 当时文件或报道, b 转载、无日期或回忆, c 存疑",
    "What the real schedule has beside these terms: not known, or not writable": "实际办法中未知或无法写入的内容",
    "An admission within so many days after a discharge continues that stay: no second deductible (days)":
        "出院后若干天内再次住院视为同一次, 不再扣起付线 (天)",
    "Most that deductibles take of a family in a year, beside each person's own (CNY/family/year)":
        "家庭年度起付线合计最高额, 与个人起付线并用 (元/户·年)",
    "Month in which the insured year begins; 1, January, if left out": "保险年度起始月份, 默认1月",
    "Whether deductibles are a person's or a family's: one word, or by inpatient and outpatient care": "起付线按个人或家庭计算",
    "A stay over the turn of the insured year: all of it in the year of discharge, or split by days":
        "跨年度住院: 计入出院年度, 或按天分摊",
    "The plan's own hospital tiers, each of one care tier; tiers of the other keys and of claims are then these":
        "方案自有的医院级别, 各对应一个就医层级",
    "After a transfer: a deductible of its own, the difference to what was taken (转院补差额), or none":
        "转院: 另计起付线、补差额, 或不再扣",
    "At which tier: any, or the same as before": "级别: 任意, 或与前次相同",
}
# property -> description, where a schema has none
OF_PROPERTIES = {
    "unit": "The unit, as the catalogue has it / 单位", "values": "Dated values, in rising order / 按日期升序列出的数值",
    "value": "The value / 数值",
    "status": "How it is known: law, statistic, estimate, assumption / 性质: 政策文件、统计数据、估计、假设",
    "rule": "How the document means it: at least, at most, about, exactly / 文件口径: 不低于、不高于、左右、等于",
    "name": "The names / 名称", "en": "In English / 英文", "zh": "In Chinese / 中文",
    "parent": "The region it descends from / 上级地区",
    "care": "The care tier it is one of / 所属就医层级", "schemes": "Schemes / 制度", "illness": "The illness / 病种",
    "from": "The first day / 起始日期", "source": "Where it is known from / 依据", "title": "What it is / 名称",
    "scheme": "The scheme / 制度", "plan": "The name or path of a plan file / 方案文件的名称或路径",
    "weight": "Percent / 权重, %", "inpatient": "Inpatient care / 住院", "outpatient": "Outpatient care / 门诊",
    "of": "The care tier it is one of / 所属就医层级", "share": "Its part of that care tier / 占该层级的比例",
}
TOPICS_IN_CHINESE = "fundsim parameters / fundsim 参数"


def in_both_languages(schema: Any, terms: bool = False) -> Any:
    """A schema whose descriptions are in English and Chinese; what has none and is known by its name gets one. `terms`: the
    properties of its first level are a plan's terms."""
    if isinstance(schema, list):
        return [in_both_languages(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: in_both_languages(part) for key, part in schema.items() if key != "properties"}
    said = made.get("description")
    if isinstance(said, str) and said in IN_CHINESE:
        made["description"] = f"{said} / {IN_CHINESE[said]}"
    if "properties" in schema:
        made["properties"] = {name: _property(name, in_both_languages(part), terms)
                              for name, part in schema["properties"].items()}
    return made


def _property(name: str, schema: Any, terms: bool) -> Any:
    if not isinstance(schema, dict):
        return schema
    said = schema.get("description", "")
    if not said:
        return schema | ({"description": OF_PROPERTIES[name]} if name in OF_PROPERTIES else {})
    chinese = name_of_key(name) if terms and " / " not in said else ""
    return schema | ({"description": f"{said} / {chinese}"} if chinese else {})


def name_of_key(name: str) -> str:
    """The Chinese name of a plan file's key; empty where there is none."""
    topic, _, _ = (TERMS[name].path if name in TERMS else "").partition(".")
    parameter = TERMS[name].path.rpartition(".")[2] if topic else ""
    found = CATALOGUE.get(topic, {}).get(parameter)
    return found.zh if found else KEYS_IN_CHINESE.get(name, "")
