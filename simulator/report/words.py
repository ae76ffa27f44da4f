"""Every label of figures and report in English and Chinese: measures, groups, schemes, units, illnesses, parameters.

A name that is not here is shown as it stands in the run: a report must not fail for want of a word.
A test holds that every measure, group and unit a run produces has words in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from simulator.parameters.catalogue import CATALOGUE
from simulator.parameters.regions import Regions, load_regions
from simulator.parameters.statements import STATEMENTS

LANGUAGES = ("en", "zh")
Words = Mapping[str, tuple[str, str]]

SCHEMES: Words = {
    "uebmi": ("UEBMI (employees)", "职工医保"),
    "urbmi": ("URBMI (urban residents)", "城镇居民医保"),
    "nrcms": ("NRCMS (rural residents)", "新农合"),
    "urrbmi": ("URRBMI (urban and rural residents)", "城乡居民医保"),
    "assistance": ("Medical assistance", "医疗救助"),
    "general": ("General", "综合"),
}
SHORT_SCHEMES: Words = {"uebmi": ("UEBMI", "职工医保"), "urbmi": ("URBMI", "城镇居民医保"), "nrcms": ("NRCMS", "新农合"),
                        "urrbmi": ("URRBMI", "城乡居民医保")}

MEASURES: Words = {
    # benefit
    "admissions_per_100": ("Admissions per 100 members", "住院率"),
    "visits_per_head": ("Outpatient visits per member", "人均门诊人次"),
    "claims_per_head": ("Claims per member", "人均补偿人次"),
    "in_scope_ratio": ("In-scope inpatient ratio", "政策范围内住院费用支付比例"),
    "actual_ratio": ("Actual inpatient ratio (basic insurance)", "住院费用实际支付比例（基本医保）"),
    "actual_ratio_all_layers": ("Actual inpatient ratio (all layers)", "住院费用实际支付比例（含大病保险和医疗救助）"),
    "mean_bill": ("Mean bill", "次均费用"),
    "payment_per_admission": ("Fund payment per admission", "次均住院基金支付"),
    "payment_per_visit": ("Fund payment per outpatient visit", "次均门诊基金支付"),
    "capped_per_100000": ("Members who reach the annual cap, per 100,000", "每十万人达到封顶线人数"),
    "share_of_admissions": ("Share of admissions", "住院人次构成"),
    "cash_per_admission": ("Cash paid per admission", "次均住院个人现金支付"),
    # burden
    "oop_per_head": ("Out-of-pocket payment per member", "人均个人自付费用"),
    "oop_per_user": ("Out-of-pocket payment per user of care", "就诊者人均个人自付费用"),
    "oop_share_of_expense": ("Out-of-pocket share of expense", "个人自付占医疗费用比例"),
    "oop_share_of_income": ("Out-of-pocket share of income", "个人自付占收入比例"),
    "oop_concentration_index": ("Concentration index of out-of-pocket payments", "个人自付费用集中指数"),
    "catastrophic_10": ("Households paying over 10% of income", "灾难性卫生支出发生率（超过收入10%）"),
    "catastrophic_25": ("Households paying over 25% of income", "灾难性卫生支出发生率（超过收入25%）"),
    "catastrophic_40_capacity": ("Households paying over 40% of capacity to pay", "灾难性卫生支出发生率（超过支付能力40%）"),
    "impoverished": ("Households impoverished by payments", "因病致贫发生率"),
    # listed illnesses
    "cash_per_bill": ("Cash paid per bill", "次均个人现金支付"),
    "cash_share": ("Patient's cash", "个人现金支付比例"),
    "fund_share": ("Basic insurance", "基本医保支付比例"),
    "later_layers_share": ("Later layers (CII, assistance)", "大病保险和医疗救助支付比例"),
    "hospital_share": ("Hospital", "医院承担比例"),
    # fund
    "revenue": ("Revenue of the pooled fund", "统筹基金收入"),
    "expenditure": ("Expenditure of the pooled fund", "统筹基金支出"),
    "surplus": ("Surplus of the year", "当年结余"),
    "balance": ("Cumulative surplus (accrued)", "累计结余（权责发生制）"),
    "balance_tvar95": ("Cumulative surplus, mean of the worst 5% of draws", "累计结余（最差5%情形均值）"),
    "bank_balance": ("Balance in the bank", "基金账面结存"),
    "claims": ("Claims incurred", "应付医疗费用"),
    "cii_premium": ("Critical illness insurance premium", "大病保险保费"),
    "secondary_reimbursement": ("Secondary reimbursement", "二次补偿"),
    "risk_reserve": ("Risk reserve", "风险基金"),
    "individual_accounts": ("Individual accounts", "个人账户"),
    "cii_payments": ("Critical illness insurance payments", "大病保险支付"),
    "cii_balance": ("Critical illness insurance balance", "大病保险结余"),
    "assistance": ("Medical assistance payments", "医疗救助支出"),
    "funding": ("Funding of the year", "当年筹资总额"),
    "members": ("Insured persons", "参保（合）人数"),
    "revenue_per_head": ("Revenue per member", "人均基金收入"),
    "funding_per_head": ("Funding per member", "人均筹资"),
    "expenditure_per_head": ("Expenditure per member", "人均基金支出"),
    "expenditure_over_revenue": ("Expenditure over revenue", "基金支出占收入比例"),
    "surplus_rate": ("Annual surplus rate", "当年结余率"),
    "months_held": ("Months of expenditure held", "累计结余可支付月数"),
    "share_of_funding": ("Cumulative surplus over the year's funding", "累计结余占当年筹资比例"),
    "share_of_pooled_fund": ("Cumulative surplus over the year's pooled fund", "累计结余占当年统筹基金比例"),
    "secondary_share": ("Share of high self-pay refunded", "二次补偿比例"),
    "deficit": ("Probability of a deficit in the year", "当年收不抵支概率"),
    "exhausted": ("Probability of exhaustion by the year", "到该年累计结余耗尽概率"),
    "top_up_needed": ("Top-up needed to reach zero", "弥补缺口所需资金"),
    "breach_annual": ("Probability of exceeding the annual limit", "超过当年结余率上限概率"),
    "breach_cumulative": ("Probability of exceeding the cumulative limit", "超过累计结余上限概率"),
    "warning_yellow": ("Probability of a yellow or red warning", "黄色及以上预警概率"),
    "warning_red": ("Probability of a red warning", "红色预警概率"),
    "chance_in_expenditure": ("Part of expenditure due to chance", "支出中的偶然波动"),
}

FUND_HEADINGS: Words = {  # for the narrow columns of the table by year
    "deficit": ("Deficit", "当年收不抵支"), "exhausted": ("Exhausted by then", "累计结余已耗尽"), "breach_annual": ("Over annual limit", "超当年上限"),
    "breach_cumulative": ("Over cumulative limit", "超累计上限"), "warning_red": ("Red warning", "红色预警"),
    "balance": ("Cumulative surplus", "累计结余"), "secondary_reimbursement": ("Secondary refund", "二次补偿"), "months_held": ("Months held", "可支付月数"),
    "members": ("Members", "参保（合）人数"), "expenditure_per_head": ("Spending per member", "人均基金支出"),
}

TIERS: Words = {"township": ("Township, community", "乡镇卫生院及社区"), "county": ("County hospital", "县级医院"),
                "city": ("City hospital", "市级医院"), "outside": ("Out of area", "统筹区外")}
FIFTHS: Words = {"q1": ("Poorest fifth", "低收入户"), "q2": ("Second fifth", "中等偏下户"), "q3": ("Middle fifth", "中等收入户"),
                 "q4": ("Fourth fifth", "中等偏上户"), "q5": ("Richest fifth", "高收入户")}
LAYERS: Words = {"before": ("Before insurance", "保险支付前"), "basic": ("After basic insurance", "基本医保后"),
                 "cii": ("After critical illness insurance", "大病保险后"), "assistance": ("After medical assistance", "医疗救助后")}
QUANTILES: Words = {"p50": ("median", "中位数"), "p90": ("90th percentile", "第90百分位"), "p99": ("99th percentile", "第99百分位"),
                    "p999": ("99.9th percentile", "第99.9百分位")}
ILLNESSES: Words = {  # the names of 国办发〔2012〕20号 二(一)5(2)
    "esrd": ("End-stage renal disease", "终末期肾病"),
    "childhood-leukaemia": ("Childhood leukaemia", "儿童白血病"),
    "childhood-congenital-heart-disease": ("Childhood congenital heart disease", "儿童先天性心脏病"),
    "breast-cancer": ("Breast cancer", "乳腺癌"),
    "cervical-cancer": ("Cervical cancer", "宫颈癌"),
    "severe-mental-illness": ("Severe mental illness", "重性精神疾病"),
    "mdr-tb": ("Multidrug-resistant tuberculosis", "耐多药肺结核"),
    "aids-opportunistic-infection": ("AIDS opportunistic infections", "艾滋病机会性感染"),
    "lung-cancer": ("Lung cancer", "肺癌"),
    "oesophageal-cancer": ("Oesophageal cancer", "食道癌"),
    "gastric-cancer": ("Gastric cancer", "胃癌"),
    "colon-cancer": ("Colon cancer", "结肠癌"),
    "rectal-cancer": ("Rectal cancer", "直肠癌"),
    "cml": ("Chronic myeloid leukaemia", "慢性粒细胞白血病"),
    "acute-myocardial-infarction": ("Acute myocardial infarction", "急性心肌梗塞"),
    "cerebral-infarction": ("Cerebral infarction", "脑梗死"),
    "haemophilia": ("Haemophilia", "血友病"),
    "type-1-diabetes": ("Type 1 diabetes", "Ⅰ型糖尿病"),
    "hyperthyroidism": ("Hyperthyroidism", "甲亢"),
    "cleft-lip-palate": ("Cleft lip and palate", "唇腭裂"),
}
GROUP_KINDS: Mapping[str, Words] = {"tier": TIERS, "fifth": FIFTHS, "layer": LAYERS, "quantile": QUANTILES, "illness": ILLNESSES}

UNITS: Words = {
    "%": ("%", "%"), "CNY/person/year": ("yuan/person/year", "元/人·年"), "CNY/person": ("yuan/person", "元/人"),
    "CNY/admission": ("yuan/admission", "元/次"), "CNY/visit": ("yuan/visit", "元/次"), "CNY/bill": ("yuan/bill", "元/次"),
    "CNY/unit": ("yuan/unit", "元/单位"), "CNY": ("yuan", "元"), "CNY/year": ("yuan/year", "元/年"),
    "1e8 CNY": ("100 million yuan", "亿元"), "1e4 persons": ("10,000 persons", "万人"),
    "1/100/year": ("per 100 a year", "人次/百人·年"), "1/person/year": ("per person a year", "人次/人·年"),
    "1/100000/year": ("per 100,000 a year", "每十万人·年"), "1/1000/year": ("per 1,000 a year", "‰/年"),
    "month": ("months", "个月"), "probability": ("probability", "概率"), "index": ("index", "指数"), "percentage point": ("percentage points", "百分点"),
    "percentage point/year": ("percentage points a year", "百分点/年"), "%/year": ("% a year", "%/年"), "year": ("years", "年"),
    "day": ("days", "天"), "ratio": ("ratio", "比值"), "x": ("times", "倍"), "count": ("number", "个"), "person": ("persons", "人"),
    "name": ("", ""), "flag": ("", ""), "illness": ("illnesses", "种"), "see cumulative_base": ("in its own base", "按各自口径"),
    "1/year": ("a year", "次/年"), "channel": ("channels", "个"), "area": ("areas", "个"), "bed/1000": ("beds per 1,000", "张/千人"),
    "class": ("classes", "类"), "item": ("items", "项"),
}
STATUSES: Words = {"law": ("law", "政策文件"), "statistic": ("statistic", "统计数据"), "estimate": ("estimate", "估计"), "assumption": ("assumption", "假设")}
TOPICS: Words = {
    "population": ("People", "参保人口"), "income": ("Incomes", "收入"), "care": ("Use and prices", "就医与费用"),
    "illness": ("Illnesses", "疾病"), "funding": ("Funding", "筹资"), "inpatient": ("Inpatient rules", "住院待遇"),
    "listed": ("Listed illnesses", "重大疾病保障"), "outpatient": ("Outpatient rules", "门诊待遇"), "cii": ("Critical illness insurance", "大病保险"),
    "assistance": ("Medical assistance", "医疗救助"), "control": ("Surplus control", "结余控制"), "risk": ("Uncertainty", "不确定性"),
    "law": ("Planning documents", "规划文件"),
}
CODES: Words = {  # names that stand inside parameter values
    "true": ("yes", "是"), "false": ("no", "否"), "none": ("none", "无"), "full": ("full", "全面推开"), "pilot": ("pilot", "试点"),
    "package": ("package", "包干"), "limit": ("limit", "限额"), "eligible": ("eligible expense", "政策范围内费用"),
    "year": ("year", "年度累计"), "after_deductible": ("after the deductible", "起付线以上"), "admission": ("admission", "单次住院"), "payment": ("payments", "按支付额"),
    "expense": ("expense", "按费用额"), "billed": ("billed amount", "总费用"), "months_of_expenditure": ("months of expenditure", "月均支出月数"),
    "share_of_funding": ("share of the year's funding", "占当年筹资总额"), "share_of_pooled_fund": ("share of the year's pooled fund", "占当年统筹基金"),
    "adult": ("adult", "成年人"), "child": ("child", "儿童"), "student": ("student", "学生"), "active": ("active", "在职"), "retired": ("retired", "退休"),
    "dibao": ("minimum living allowance", "低保"), "wubao": ("five guarantees", "五保"), "low_income": ("low income", "低收入"),
    "disabled": ("severely disabled", "重度残疾"), "elderly": ("elderly of low income", "低收入老年人"),
    "lognormal": ("lognormal", "对数正态"), "gamma": ("gamma", "伽马"), "burr": ("Burr", "Burr"), "both": ("both sexes", "男女"),
    "female": ("women", "女性"), "male": ("men", "男性"), "baseline": ("baseline", "基线"),
    **{key: TIERS[key] for key in TIERS}, **{key: FIFTHS[key] for key in FIFTHS}, **ILLNESSES,
}


@cache
def regions() -> Regions:
    """The tree of regions, read once: names and lineage of what a run compares."""
    return load_regions()


def word(words: Words, key: str, lang: str) -> str:
    """The label of `key`, or `key` itself where there is none. `lang` is en or zh."""
    found = words.get(key)
    return key if found is None else found[LANGUAGES.index(lang)]


def measure_name(name: str, lang: str) -> str:
    return word(MEASURES, name, lang)


def group_name(group: str, lang: str) -> str:
    """`tier:county` in words; nothing for the whole."""
    kind, _, key = group.partition(":")
    return word(GROUP_KINDS.get(kind, {}), key, lang) if key else ""


def measure_and_group(name: str, group: str, lang: str) -> str:
    """A row's heading: the measure, and its group behind it."""
    label, part = measure_name(name, lang), group_name(group, lang)
    if part and not group.startswith("illness:"):
        part = part[0].lower() + part[1:]
    return f"{label}{'：' if lang == 'zh' else ': '}{part}" if part else label


def scheme_name(scheme: str, lang: str) -> str:
    return word(SCHEMES, scheme, lang)


def short_scheme(scheme: str, lang: str) -> str:
    return word(SHORT_SCHEMES, scheme, lang)


def unit_name(unit: str, lang: str) -> str:
    return word(UNITS, unit, lang)


def region_name(region: str, lang: str) -> str:
    """The name in the region's file; the identifier for a region that is not in the tree."""
    return regions()[region].names[lang] if region in regions() else region


def parameter_name(path: str, lang: str) -> str:
    """`inpatient.nrcms.deductible` in words: topic, scheme or illness, and the catalogue's name; a key behind it stays."""
    topic, *rest = path.split(".")
    known = STATEMENTS if topic == "law" else CATALOGUE.get(topic, {})
    parts = [word(TOPICS, topic, lang)]
    for part in rest:
        named = known.get(part)
        parts.append((named.en if lang == "en" else named.zh) if named else word({**SCHEMES, **SHORT_SCHEMES, **CODES}, part, lang))
    return " · ".join(parts)


def value_text(text: str, lang: str) -> str:
    """A parameter's value with its names in words and long numbers in groups: `{county: 10000}` -> `County hospital: 10,000`."""
    def named(match: re.Match) -> str:
        name = match.group()
        return region_name(name, lang) if name in regions() else word(CODES, name, lang)

    text = re.sub(r"[a-z][a-z0-9_-]*", named, text.strip("{}"))
    return re.sub(r"(?<![\d.])\d{4,}", lambda match: f"{int(match.group()):,}", text)
