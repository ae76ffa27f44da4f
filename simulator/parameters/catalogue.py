"""Every parameter there is: its topic, unit, shape, allowed range and its name in both languages.

The files in `params/<region>/<topic>.yaml` may hold these parameters and no others. A topic is
either stated per scheme (`inpatient.nrcms.deductible`), per listed illness
(`illness.esrd.onset_rate`) or once for the region (`income.average_wage`).
"""

from __future__ import annotations

from dataclasses import dataclass

SCHEMES = ("uebmi", "urbmi", "nrcms", "urrbmi")
TIERS = ("township", "county", "city", "outside")
CLASSES = ("adult", "child", "student", "active", "retired")
GROUPS = ("none", "dibao", "wubao", "low_income", "disabled", "elderly")
FIFTHS = ("q1", "q2", "q3", "q4", "q5")
STATUSES = ("law", "statistic", "estimate", "assumption")
RULES = ("at_least", "at_most", "about", "exactly")
AGE_BANDS = ("0-4", "5-9", "10-14", "15-19", "20-24", "25-29", "30-34", "35-39", "40-44", "45-49",
             "50-54", "55-59", "60-64", "65-69", "70-74", "75-79", "80-84", "85+")
SURVEY_AGE_BANDS = ("0-4", "5-14", "15-24", "25-34", "35-44", "45-54", "55-64", "65+")
HOUSEHOLD_SIZES = ("1", "2", "3", "4", "5", "6")
ILLNESSES = (
    "esrd", "childhood-leukaemia", "childhood-congenital-heart-disease", "breast-cancer",
    "cervical-cancer", "severe-mental-illness", "mdr-tb", "aids-opportunistic-infection",
    "lung-cancer", "oesophageal-cancer", "gastric-cancer", "colon-cancer", "rectal-cancer", "cml",
    "acute-myocardial-infarction", "cerebral-infarction", "haemophilia", "type-1-diabetes",
    "hyperthyroidism", "cleft-lip-palate",
)  # the 8 first, then the 12 of the pilot, in the order of 国办发〔2012〕20号 二(一)5(2)

KEYS = {"tier": TIERS, "class": CLASSES, "group": GROUPS, "fifth": FIFTHS, "age": AGE_BANDS,
        "survey_age": SURVEY_AGE_BANDS, "size": HOUSEHOLD_SIZES, "illness": ILLNESSES}


@dataclass(frozen=True)
class Quantity:
    """One parameter. `shape` says how its value is written:

    `number` one number; `flag` true/false; `choice` one of `options`; `numbers` a list of numbers
    (may be empty); `by:K` a mapping from all or some keys of `KEYS[K]` to a number (absent keys: `default`);
    `by:K:numbers` a mapping to lists; `by:K:choice` a mapping to one of `options`; `names:K` a list
    of keys of `KEYS[K]`. `low` and `high` bound every number.
    """

    unit: str
    shape: str
    en: str
    zh: str
    low: float = 0.0
    high: float = 1e12
    options: tuple[str, ...] = ()
    default: str | None = None    # of keys left out of a `by:` mapping; None: every key must be there


def _q(unit: str, shape: str, en: str, zh: str, **kw) -> Quantity:
    return Quantity(unit, shape, en, zh, **kw)


PCT = dict(low=0, high=100)

# topic -> what its first level of keys is: scheme, illness or None (stated once for the region)
PER = {"population": "scheme", "income": None, "care": "scheme", "illness": "illness",
       "funding": "scheme", "inpatient": "scheme", "listed": "scheme", "outpatient": "scheme",
       "cii": "scheme", "assistance": None, "control": "scheme", "risk": None}

CATALOGUE: dict[str, dict[str, Quantity]] = {
    "population": {
        "participants": _q("person", "number", "Insured persons", "参保人数", low=1),
        "participation_rate": _q("%", "number", "Participation rate", "参保率", **PCT),
        "enrolment_growth": _q("%/year", "number", "Growth of enrolment beyond births and deaths", "参保人数增长率", low=-50, high=50),
        "age_shares": _q("%", "by:age", "Shares of the five-year age groups", "年龄构成", **PCT, default="0"),
        "male_share": _q("%", "number", "Men", "男性比例", **PCT),
        "urban_share": _q("%", "number", "Members living in towns", "城镇居住比例", **PCT),
        "student_share": _q("%", "number", "Students among members aged 15-24", "15-24岁学生比例", **PCT),
        "retirement_age_male": _q("year", "number", "Retirement age of men", "男性退休年龄", low=40, high=75),
        "retirement_age_female": _q("year", "number", "Retirement age of women", "女性退休年龄", low=40, high=75),
        "household_size": _q("%", "by:size", "Shares of households by size (6: six and more)", "家庭规模构成", **PCT, default="0"),
        "assisted_shares": _q("%", "by:group", "Shares of members by medical-assistance group (none: the rest)", "救助对象比例", **PCT, default="0"),
        "mortality": _q("1/1000/year", "by:age", "Death rate by age", "死亡率", high=1000),
        "birth_rate": _q("1/1000/year", "number", "Newborn members", "新生儿参保率", high=100),
        "entrants": _q("1/1000/year", "number", "New members of working age", "新增参保劳动年龄人口", high=300),
        "counties": _q("count", "number", "Counties (pooling areas)", "统筹县区数", low=1, high=3000),
    },
    "income": {
        "urban_disposable_income": _q("CNY/person/year", "number", "Urban disposable income per head", "城镇居民人均可支配收入"),
        "rural_net_income": _q("CNY/person/year", "number", "Rural net income per head", "农村居民人均纯收入"),
        "national_rural_net_income": _q("CNY/person/year", "number", "Rural net income per head, whole country", "全国农民人均纯收入"),
        "average_wage": _q("CNY/person/year", "number", "Average wage of urban units", "城镇单位职工年平均工资"),
        "urban_fifths": _q("CNY/person/year", "by:fifth", "Urban income per head by household fifths", "城镇居民五等份收入"),
        "rural_fifths": _q("CNY/person/year", "by:fifth", "Rural income per head by household fifths", "农村居民五等份收入"),
        "income_growth": _q("%/year", "number", "Growth of incomes after the last published year", "居民收入增长率", low=-20, high=40),
        "wage_growth": _q("%/year", "number", "Growth of wages after the last published year", "工资增长率", low=-20, high=40),
        "cpi": _q("%/year", "number", "Consumer price inflation", "居民消费价格涨幅", low=-10, high=30),
        "poverty_line": _q("CNY/person/year", "number", "Rural poverty line at 2010 prices", "农村贫困线(2010年价)"),
        "subsistence_urban": _q("CNY/person/year", "number", "Subsistence need in towns", "城镇基本生活支出"),
        "subsistence_rural": _q("CNY/person/year", "number", "Subsistence need in the country", "农村基本生活支出"),
    },
    "care": {
        "admission_rate": _q("1/100/year", "number", "Admissions per 100 members, all causes", "住院率", high=100),
        "admission_by_age": _q("1/100/year", "by:survey_age", "Hospitalisation rate by age in the survey (used as relative rates)", "分年龄住院率", high=100),
        "admission_female_ratio": _q("ratio", "number", "Women's admissions relative to men's at the same age", "女性相对住院率", low=0.2, high=5),
        "risk_shares": _q("%", "numbers", "Shares of the risk classes", "风险类别构成", **PCT),
        "risk_multipliers": _q("ratio", "numbers", "Relative use of the risk classes (scaled to mean one)", "风险类别相对使用率", low=0.001, high=100),
        "tier_shares": _q("%", "by:tier", "Admissions by hospital tier", "住院机构级别构成", **PCT, default="0"),
        "bill_mean": _q("CNY/admission", "by:tier", "Mean bill of an admission", "次均住院费用", low=1),
        "bill_cv": _q("ratio", "by:tier", "Coefficient of variation of a bill", "住院费用变异系数", low=0.05, high=10),
        "bill_law": _q("name", "by:tier:choice", "Distribution of a bill", "住院费用分布", options=("lognormal", "gamma", "burr")),
        "in_scope_share": _q("%", "by:tier", "In-scope share of an inpatient bill", "住院政策范围内费用比例", **PCT),
        "in_scope_spread": _q("percentage point", "number", "Half-width of the in-scope share around its mean", "政策范围内费用比例离散", high=30),
        "length_of_stay": _q("day", "by:tier", "Mean length of stay", "平均住院日", low=0.5, high=365),
        "drug_share": _q("%", "by:tier", "Drugs in an inpatient bill", "住院药占比", **PCT),
        "tcm_share": _q("%", "by:tier", "Traditional Chinese medicine in the in-scope expense", "中医药费用比例", **PCT),
        "bill_growth": _q("%/year", "number", "Growth of the mean bill after the last published year", "次均费用增长率", low=-20, high=40),
        "use_growth": _q("%/year", "number", "Growth of admissions per head after the last published year", "住院率增长率", low=-20, high=40),
        "visit_rate": _q("1/person/year", "number", "Outpatient visits claimed per member", "人均门诊补偿次数", high=50),
        "visit_by_age": _q("ratio", "by:survey_age", "Relative outpatient use by age", "分年龄相对门诊率", high=20),
        "visit_tier_shares": _q("%", "by:tier", "Outpatient visits by tier", "门诊机构级别构成", **PCT, default="0"),
        "visit_mean": _q("CNY/visit", "by:tier", "Mean outpatient bill", "次均门诊费用", low=1),
        "visit_cv": _q("ratio", "by:tier", "Coefficient of variation of an outpatient bill", "门诊费用变异系数", low=0.05, high=10),
        "visit_in_scope_share": _q("%", "by:tier", "In-scope share of an outpatient bill", "门诊政策范围内费用比例", **PCT),
        "visit_growth": _q("%/year", "number", "Growth of outpatient visits per head after the last published year", "门诊次数增长率", low=-20, high=60),
    },
    "illness": {
        "onset_rate": _q("1/100000/year", "number", "New cases in the age and sex where it occurs", "发病率", high=100000),
        "onset_age_from": _q("year", "number", "Youngest age of onset", "最小发病年龄", high=120),
        "onset_age_to": _q("year", "number", "Oldest age of onset", "最大发病年龄", high=120),
        "onset_age_mode": _q("year", "number", "Age at which the rate peaks (a triangle from the youngest to the oldest age)", "发病高峰年龄", high=120),
        "onset_sex": _q("name", "choice", "Sex in which it occurs", "发病性别", options=("both", "female", "male")),
        "access_factor": _q("ratio", "number", "Share of epidemiological cases that are diagnosed and claim", "就诊报销系数", high=1),
        "one_year_survival": _q("%", "number", "Share of patients still in treatment a year later", "一年存续率", **PCT),
        "course_years": _q("year", "number", "Longest course, years with claims", "病程年数", low=1, high=10),
        "first_year_bills": _q("1/year", "number", "Inpatient bills in the year of onset", "首年住院次数", low=1, high=12),
        "first_year_bill": _q("CNY/bill", "number", "Mean bill in the year of onset", "首年次均费用", low=1),
        "later_bills": _q("1/year", "number", "Bills in each later year", "后续年度次数", high=12),
        "later_bill": _q("CNY/bill", "number", "Mean bill in later years", "后续次均费用", low=1),
        "bill_cv": _q("ratio", "number", "Coefficient of variation of a bill", "费用变异系数", low=0.05, high=10),
        "in_scope_share": _q("%", "number", "In-scope share of a bill", "政策范围内费用比例", **PCT),
        "tier_shares": _q("%", "by:tier", "Bills by hospital tier", "就诊机构级别构成", **PCT, default="0"),
    },
    "funding": {
        "subsidy": _q("CNY/person/year", "number", "Government subsidy", "政府补助标准"),
        "premium": _q("CNY/person/year", "number", "Individual premium (mean over member classes)", "个人缴费标准"),
        "local_top_up": _q("CNY/person/year", "number", "Local funding above the standard", "地方增补筹资", low=-500),
        "collection_ratio": _q("%", "number", "Funding received as a share of the standard", "筹资到位率", low=10, high=120),
        "contribution_rate": _q("%", "number", "Contribution rate on wages, employer and employee", "缴费费率", **PCT),
        "contribution_base_ratio": _q("%", "number", "Contribution base as a share of the average wage", "缴费基数占平均工资比例", low=1, high=300),
        "pooled_share": _q("%", "number", "Share of revenue that goes to the pooled fund", "划入统筹基金比例", **PCT),
        "funding_growth": _q("%/year", "number", "Growth of subsidy and premium after the last dated value", "筹资标准增长率", low=-20, high=60),
        "interest_rate": _q("%/year", "number", "Interest on balances", "基金利率", low=-5, high=20),
        "reserve_share": _q("%", "number", "Share of revenue put into the risk reserve while it is under its limit", "风险基金提取比例", **PCT),
        "reserve_limit": _q("%", "number", "Limit of the risk reserve as a share of the year's revenue", "风险基金规模上限", **PCT),
        "opening_balance": _q("CNY/person", "number", "Pooled fund's balance at the start, per member", "期初统筹基金结余", low=-10000),
        "claim_lag": _q("month", "number", "Months from discharge to the fund's payment", "医疗费用结算滞后", high=6),
        "subsidy_lag": _q("month", "number", "Months a quarter's subsidy arrives late", "补助资金到位滞后", high=12),
    },
    "inpatient": {
        "deductible": _q("CNY/admission", "by:tier:numbers", "Deductible by tier; first, second, third and later admission", "住院起付线"),
        "deductible_class_ratio": _q("%", "by:class", "Deductible of a member class relative to the scheme's", "人群起付线系数", **PCT, default="100"),
        "waived_groups": _q("name", "names:group", "Assistance groups without deductible", "免起付线人群"),
        "band_tops": _q("CNY", "numbers", "Upper boundaries of the bands (the last band has none)", "费用分段上限"),
        "ratio": _q("%", "by:tier:numbers", "Reimbursement ratio by tier and band, before the level is solved", "报销比例", **PCT),
        "class_bonus": _q("percentage point", "by:class", "Points added for a member class", "人群报销比例加点", low=-100, high=100, default="0"),
        "band_basis": _q("name", "choice", "What the bands are counted on", "分段基准", options=("eligible", "after_deductible")),
        "band_period": _q("name", "choice", "Whether bands run over an admission or the year", "分段周期", options=("admission", "year")),
        "primary_bonus": _q("percentage point", "number", "Points added at township and community level", "基层就医加点", **PCT),
        "outside_penalty": _q("percentage point", "number", "Points taken off out of area", "异地就医减点", **PCT),
        "unreferred_penalty": _q("percentage point", "number", "Points taken off without referral", "未转诊减点", **PCT),
        "unreferred_share": _q("%", "number", "City and out-of-area admissions without referral", "未转诊比例", **PCT),
        "tcm_bonus": _q("percentage point", "number", "Points added on traditional Chinese medicine", "中医药加点", **PCT),
        "guaranteed_share": _q("%", "number", "Guaranteed minimum share", "保底补偿比例", **PCT),
        "guaranteed_basis": _q("name", "choice", "Basis of the guaranteed minimum", "保底补偿基准", options=("eligible", "billed")),
        "annual_cap": _q("CNY/person/year", "number", "Annual cap stated as an amount (else: the largest of the law's floors)", "年度最高支付限额"),
        "cap_basis": _q("name", "choice", "Whether the cap limits payments or expense", "封顶线口径", options=("payment", "expense")),
        "cap_counts_outpatient": _q("flag", "flag", "Outpatient payments count towards the cap", "门诊支付计入封顶线"),
        "target_ratio": _q("%", "number", "In-scope inpatient ratio to which the schedule's level is solved", "政策范围内住院支付比例目标", **PCT),
        "solve_level": _q("flag", "flag", "Solve the schedule's level to the target", "是否求解报销水平"),
    },
    "listed": {
        "membership": _q("name", "by:illness:choice", "The catastrophic-illness list", "重大疾病病种", options=("none", "full", "pilot"), default="none"),
        "ratio": _q("%", "by:illness", "Ratio of the list", "重大疾病报销比例", **PCT, default="0"),
        "quota": _q("CNY/unit", "by:illness", "Quota price (0: none)", "定额费用标准", default="0"),
        "quota_kind": _q("name", "by:illness:choice", "Who bears what is above the quota: hospital (package) or patient (limit)", "定额方式", options=("package", "limit"), default="limit"),
        "outside_cap": _q("flag", "flag", "Listed payments stand outside the annual cap", "不受封顶线限制"),
        "pilot_area_share": _q("%", "number", "Counties in which the pilot illnesses are paid", "试点县比例", **PCT),
    },
    "outpatient": {
        "deductible": _q("CNY/person/year", "number", "Outpatient deductible of the year", "门诊起付线"),
        "ratio": _q("%", "by:tier", "Outpatient ratio by tier", "门诊统筹支付比例", **PCT, default="0"),
        "visit_limit": _q("CNY/visit", "number", "Most paid for one visit", "单次门诊限额"),
        "year_limit": _q("CNY/person/year", "number", "Most paid in a year", "年度门诊限额"),
        "consultation_fee": _q("CNY/visit", "number", "General consultation fee", "一般诊疗费"),
        "consultation_share": _q("%", "number", "Fund's share of the consultation fee", "一般诊疗费基金支付比例", **PCT),
    },
    "cii": {
        "threshold": _q("CNY/person/year", "number", "Threshold on the year's in-scope self-pay", "大病保险起付线"),
        "threshold_multiple": _q("x", "number", "Threshold as a multiple of last year's local income (0: the amount holds)", "起付线为人均收入倍数", high=10),
        "tops": _q("CNY", "numbers", "Upper boundaries of the bands, from zero", "分段上限"),
        "ratio": _q("%", "numbers", "Ratio of each band (one more than the tops)", "大病保险支付比例", **PCT),
        "cap": _q("CNY/person/year", "number", "Annual cap", "大病保险封顶线"),
        "counts_outpatient": _q("flag", "flag", "Outpatient self-pay counts", "门诊自付计入"),
        "listed_only": _q("flag", "flag", "Only bills of listed illnesses count", "仅限重大疾病"),
        "excluded_share": _q("%", "number", "Share of out-of-scope expense that counts as compliant", "目录外合规费用比例", **PCT),
        "premium": _q("CNY/person/year", "number", "Premium bought from the basic fund", "大病保险保费"),
        "in_force": _q("flag", "flag", "Whether critical illness insurance is in force", "大病保险是否实施"),
    },
    "assistance": {
        "inpatient_ratio": _q("%", "by:group", "Ratio of in-scope inpatient self-pay", "住院救助比例", **PCT, default="0"),
        "outpatient_ratio": _q("%", "by:group", "Ratio of in-scope outpatient self-pay", "门诊救助比例", **PCT, default="0"),
        "listed_ratio": _q("%", "by:group", "Ratio on listed illnesses", "重大疾病救助比例", **PCT, default="0"),
        "deductible": _q("CNY/person/year", "number", "Deductible", "救助起付线"),
        "listed_waives_deductible": _q("flag", "flag", "No deductible on listed illnesses", "重大疾病取消起付线"),
        "cap": _q("CNY/person/year", "number", "Annual cap", "救助封顶线"),
        "listed_outside_cap": _q("flag", "flag", "Listed illnesses stand outside the cap", "重大疾病不受救助封顶线限制"),
        "premium_help": _q("%", "by:group", "Share of the individual premium paid for the group", "资助参保比例", **PCT, default="0"),
    },
    "control": {
        "annual_limit": _q("%", "number", "Highest annual surplus rate", "当年结余率上限", low=-100, high=100),
        "annual_tolerance": _q("percentage point", "number", "Tolerance around balance, where the law says balance each year", "收支平衡容差", high=100),
        "cumulative_limit": _q("see cumulative_base", "number", "Highest cumulative surplus", "累计结余上限"),
        "cumulative_base": _q("name", "choice", "Base of the cumulative limit", "累计结余口径", options=("none", "months_of_expenditure", "share_of_funding", "share_of_pooled_fund")),
        "secondary_threshold": _q("CNY/person/year", "number", "In-scope self-pay above which secondary reimbursement pays", "二次补偿起付线"),
        "secondary_max_share": _q("%", "number", "Highest share of it that is refunded", "二次补偿最高比例", **PCT),
        "warning_yellow": _q("month", "number", "Months held under which the fund is on yellow", "黄色预警月数", high=120),
        "warning_red": _q("month", "number", "Months held under which the fund is on red", "红色预警月数", high=120),
    },
    "risk": {
        "bill_growth_sd": _q("percentage point", "number", "Yearly s.d. of bill growth", "次均费用增长率标准差", high=30),
        "use_growth_sd": _q("percentage point", "number", "Yearly s.d. of growth of use", "使用率增长率标准差", high=30),
        "income_growth_sd": _q("percentage point", "number", "Yearly s.d. of income and wage growth", "收入增长率标准差", high=30),
        "funding_growth_sd": _q("percentage point", "number", "Yearly s.d. of the funding step", "筹资增长率标准差", high=30),
        "enrolment_growth_sd": _q("percentage point", "number", "Yearly s.d. of enrolment growth", "参保增长率标准差", high=30),
        "bill_level_sd": _q("%", "number", "Uncertainty of the starting level of bills", "费用水平不确定性", high=50),
        "use_level_sd": _q("%", "number", "Uncertainty of the starting level of admissions and visits", "使用水平不确定性", high=50),
        "persistence": _q("ratio", "number", "Share of a year's growth shock carried into the next", "增长冲击持续性", high=0.95),
    },
}
