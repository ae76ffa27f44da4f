"""Every parameter there is: its topic, unit, shape, allowed range and its name in both languages.

The files in `params/<region>/<topic>.yaml` may hold these parameters and no others. A topic is
either stated per scheme (`inpatient.nrcms.deductible`), per listed illness
(`illness.esrd.onset_rate`) or once for the region (`income.average_wage`).
"""

from __future__ import annotations

from simulator.dimensions import DIMENSIONS
from simulator.parameters.quantities import MOST_PERSONS, PCT, Quantity
from simulator.parameters.quantities import quantity as _q
from simulator.parameters.quantities_of_providers import OF_PROVIDERS

SCHEMES = ("uebmi", "urbmi", "nrcms", "urrbmi")
MERGED, ORIGINS = "urrbmi", ("urbmi", "nrcms")       # the merged residents' scheme, and whose people it has
TIERS, CLASSES, GROUPS, ILLNESSES = (DIMENSIONS[name] for name in ("tier", "class", "group", "illness"))
QUINTILES = ("q1", "q2", "q3", "q4", "q5")
STATUSES = ("law", "statistic", "estimate", "assumption")
RULES = ("at_least", "at_most", "about", "exactly")
AGE_BANDS = ("0-4", "5-9", "10-14", "15-19", "20-24", "25-29", "30-34", "35-39", "40-44", "45-49",
             "50-54", "55-59", "60-64", "65-69", "70-74", "75-79", "80-84", "85+")
SURVEY_AGE_BANDS = ("0-4", "5-14", "15-24", "25-34", "35-44", "45-54", "55-64", "65+")
HOUSEHOLD_SIZES = ("1", "2", "3", "4", "5", "6")
GOVERNMENTS = ("central", "provincial", "county")       # the levels of government that pay the subsidy
DEFICIT_RESPONSES = ("reserve", "top_up", "premium", "factor")

SUM_TO_100 = ("age_shares", "household_size", "tier_shares", "visit_tier_shares", "subsidy_shares")    # parameters by name

KEYS = {"tier": TIERS, "class": CLASSES, "group": GROUPS, "quintile": QUINTILES, "age": AGE_BANDS,
        "survey_age": SURVEY_AGE_BANDS, "size": HOUSEHOLD_SIZES, "illness": ILLNESSES, "level": GOVERNMENTS,
        "response": DEFICIT_RESPONSES}

# topic -> what its first level of keys is: scheme, illness or None (stated once for the region)
PER = {"population": "scheme", "income": None, "care": "scheme", "illness": "illness",
       "funding": "scheme", "inpatient": "scheme", "listed": "scheme", "outpatient": "scheme",
       "payment": "scheme", "conduct": "scheme", "demand": "scheme", "supplement": "scheme", "account": "scheme",
       "cii": "scheme", "commercial": "scheme", "assistance": None, "relief": None, "control": "scheme", "pooling": "scheme",
       "merger": None, "public_health": None, "risk": None}

# May be without a value: what simulator/plan.py calls optional (annual_cap, reference_price), bill_growth_target and
# drug_share_target, which then do not limit anything. The documents name the last three without a number:
# 国办发〔2011〕8号 二(五)15(2) asks for one price of a drug new on the list, above which the patient pays;
# 国办发〔2012〕20号 二(四)21(1) for targets of bill growth and of the drug share.

CATALOGUE: dict[str, dict[str, Quantity]] = {
    "population": {
        "participants": _q("person", "number", "Insured persons", "参保人数", low=1, high=MOST_PERSONS),
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
        "urban_fifths": _q("CNY/person/year", "by:quintile", "Urban income per head by household quintile", "城镇居民五等份收入"),
        "rural_fifths": _q("CNY/person/year", "by:quintile", "Rural income per head by household quintile", "农村居民五等份收入"),
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
        "chronic_visit_share": _q("%", "number", "Outpatient visits for a disease on the chronic list", "门诊慢性病就诊比例", **PCT),
        "emergency_share": _q("%", "number", "Emergencies among admissions", "急诊住院比例", **PCT),
        "new_drug_share": _q("%", "number", "Admissions with a drug new on the list", "使用新进目录药品的住院比例", **PCT),
        "new_drug_part": _q("%", "number", "New drug in the in-scope expense of such an admission", "新进目录药品占政策范围内费用比例", **PCT),
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
        "subsidy_shares": _q("%", "by:level", "Subsidy by level of government", "各级财政补助分担比例", **PCT, default="0"),
        "subsidy_lags": _q("month", "by:level", "Months a quarter's subsidy arrives late, by level of government", "各级补助资金到位滞后", high=12, default="0"),
        "duplicate_share": _q("%", "number", "Members counted twice, here and in another scheme", "重复参保比例", **PCT),
        "duplicates_removed": _q("flag", "flag", "Members counted twice are taken off the funded heads", "是否清理重复参保"),
    },
    "inpatient": {
        "deductible": _q("CNY/admission", "by:tier:numbers", "Deductible by tier; first, second, ... sixth and later admission", "住院起付线"),
        "deductible_class_ratio": _q("%", "by:class", "Deductible of a member class relative to the scheme's", "人群起付线系数", **PCT, default="100"),
        "waived_groups": _q("name", "names:group", "Assistance groups without deductible", "免起付线人群"),
        "order_counted": _q("name", "choice", "Whether admissions are counted over all tiers or by tier", "住院次数计算口径", options=("all", "tier")),
        "deductible_year_limit": _q("CNY/person/year", "number", "Most that deductibles of admissions take in a year", "年度起付线累计上限"),
        "class_own_share": _q("%", "by:class", "Share of its own part that a member class bears (50: half of what others bear)", "人群个人负担比例系数", **PCT, default="100"),
        "band_tops": _q("CNY", "numbers", "Upper boundaries of the bands (the last band has none)", "费用分段上限"),
        "ratio": _q("%", "by:tier:numbers", "Reimbursement ratio by tier and band, as written", "报销比例", **PCT),
        "class_bonus": _q("percentage point", "by:class", "Points added for a member class", "人群报销比例加点", low=-100, high=100, default="0"),
        "band_basis": _q("name", "choice", "What the bands are counted on", "分段基准", options=("eligible", "after_deductible")),
        "band_period": _q("name", "choice", "Whether bands run over an admission or the year", "分段周期", options=("admission", "year")),
        "primary_bonus": _q("percentage point", "number", "Points added at township and community level", "基层就医加点", **PCT),
        "outside_penalty": _q("percentage point", "number", "Points taken off out of area", "异地就医减点", **PCT),
        "outside_first_pay": _q("%", "number", "Share of an out-of-area bill that the patient pays first", "异地就医先行自付比例", **PCT),
        "unreferred_penalty": _q("percentage point", "number", "Points taken off without referral", "未转诊减点", **PCT),
        "unreferred_share": _q("%", "number", "City and out-of-area admissions without referral", "未转诊比例", **PCT),
        "tcm_bonus": _q("percentage point", "number", "Points added on traditional Chinese medicine", "中医药加点", **PCT),
        "guaranteed_share": _q("%", "number", "Guaranteed minimum share", "保底补偿比例", **PCT),
        "guaranteed_basis": _q("name", "choice", "Basis of the guaranteed minimum", "保底补偿基准", options=("eligible", "billed")),
        "annual_cap": _q("CNY/person/year", "number", "Annual cap stated as an amount (else: the largest of the law's floors)", "年度最高支付限额"),
        "cap_basis": _q("name", "choice", "Whether the cap limits payments or expense", "封顶线口径", options=("payment", "expense")),
        "cap_counts_outpatient": _q("flag", "flag", "Outpatient payments count towards the cap", "门诊支付计入封顶线"),
        "target_ratio": _q("%", "number", "In-scope inpatient ratio that the planning documents ask for", "政策范围内住院支付比例目标", **PCT),
        "outcome_ratio": _q("%", "number", "Published in-scope inpatient ratio of a year, to which the level of an estimated schedule is solved (absent: unknown)", "政策范围内住院支付比例公布值", **PCT),
        "solve_level": _q("flag", "flag", "Whether an estimated schedule's level is solved (absent: yes); false: it is paid as written", "估计的待遇表是否按公布值求解水平"),
        "reference_price": _q("CNY/admission", "number", "Most of a new drug in one admission that is in scope (absent: no limit)", "新进目录药品统一支付标准"),
    },
    "listed": {
        "membership": _q("name", "by:illness:choice", "The catastrophic-illness list", "重大疾病病种", options=("none", "full", "pilot"), default="none"),
        "ratio": _q("%", "by:illness", "Ratio of the list", "重大疾病报销比例", **PCT, default="0"),
        "quota": _q("CNY/unit", "by:illness", "Quota price (0: none)", "定额费用标准", default="0"),
        "quota_kind": _q("name", "by:illness:choice", "Who bears what is above the quota: hospital (package) or patient (limit)", "定额方式", options=("package", "limit"), default="limit"),
        "outside_cap": _q("flag", "flag", "Listed payments stand outside the annual cap", "不受封顶线限制"),
        "pilot_area_share": _q("%", "number", "Counties in which the pilot illnesses are paid", "试点县比例", **PCT),
        "better_of": _q("flag", "flag", "A listed bill is paid at least what an ordinary one would be", "重大疾病就高不就低"),
    },
    "outpatient": {
        "deductible": _q("CNY/person/year", "number", "Outpatient deductible of the year", "门诊起付线"),
        "ratio": _q("%", "by:tier", "Outpatient ratio by tier", "门诊统筹支付比例", **PCT),
        "class_bonus": _q("percentage point", "by:class", "Points added for a member class, at tiers that are paid", "人群门诊支付比例加点", low=-100, high=100, default="0"),
        "deductible_period": _q("name", "choice", "Whether the outpatient deductible is one of the year or of each visit", "门诊起付线周期", options=("year", "visit")),
        "copay": _q("CNY/visit", "number", "Fixed sum that the patient pays of a visit", "门诊每次定额自付"),
        "year_limit_class_ratio": _q("%", "by:class", "Most paid in a year for a member class relative to the scheme's", "人群年度门诊限额系数", high=1000, default="100"),
        "visit_limit": _q("CNY/visit", "number", "Most paid for one visit", "单次门诊限额"),
        "year_limit": _q("CNY/person/year", "number", "Most paid in a year", "年度门诊限额"),
        "consultation_fee": _q("CNY/visit", "number", "General consultation fee", "一般诊疗费"),
        "consultation_share": _q("%", "number", "Fund's share of the consultation fee", "一般诊疗费基金支付比例", **PCT),
        "chronic_list": _q("flag", "flag", "Visits for chronic diseases on the list have their own terms", "门诊慢性病(特殊病)单独支付"),
        "chronic_deductible": _q("CNY/person/year", "number", "Deductible of the year on chronic visits", "门诊慢性病起付线"),
        "chronic_ratio": _q("%", "by:tier", "Ratio of chronic visits by tier", "门诊慢性病支付比例", **PCT),
        "chronic_year_limit": _q("CNY/person/year", "number", "Most paid on chronic visits in a year", "门诊慢性病年度限额"),
    },
    **{topic: OF_PROVIDERS[topic] for topic in ("payment", "conduct", "demand")},
    "supplement": {
        "in_force": _q("flag", "flag", "Whether the large-sum supplement is in force", "大额医疗费用补助是否实施"),
        "ratio": _q("%", "number", "Ratio on the in-scope expense above the annual cap", "大额补助支付比例", **PCT),
        "cap": _q("CNY/person/year", "number", "Its own annual cap", "大额补助封顶线"),
        "premium": _q("CNY/person/year", "number", "Premium of the insured, into its own account", "大额补助缴费标准"),
        "loss_ratio_low": _q("%", "number", "Claims over premium below which the premium falls (absent: never)", "赔付率下限（低于则下调保费）", high=1000),
        "loss_ratio_high": _q("%", "number", "Claims over premium above which the premium rises (absent: never)", "赔付率上限（高于则上调保费）", high=1000),
        "rerate_step": _q("%/year", "number", "Most that the premium moves in a year by last year's claims (absent: not at all)", "保费年度调整幅度上限", **PCT),
    },
    "account": {
        "use": _q("name", "choice", "What the individual account pays", "个人账户支付范围", options=("none", "outpatient", "all")),
        "class_ratio": _q("%", "by:class", "Account of a member class relative to the mean", "人群个人账户系数", high=1000, default="100"),
        "order": _q("name", "choice", "Whether the account pays last, or visits before outpatient pooling", "个人账户支付次序", options=("last", "first")),
        "other_use": _q("%", "number", "Share of the year's credit spent elsewhere, not on claims", "个人账户其他支出比例", **PCT),
        "opening_balance": _q("CNY/person", "number", "Individual accounts' balance at the start, per member", "期初个人账户结余"),
    },
    "cii": {
        "threshold": _q("CNY/person/year", "number", "Threshold on the year's in-scope self-pay", "大病保险起付线"),
        "threshold_multiple": _q("x", "number", "Threshold as a multiple of last year's local income (0: the amount holds)", "起付线为人均收入倍数", high=10),
        "threshold_income": _q("name", "choice", "Whose income the multiple is of: the scheme's own people's, or townspeople's", "起付线倍数的收入口径", options=("own", "urban")),
        "tops": _q("CNY", "numbers", "Upper boundaries of the bands, from zero or from the threshold (tops_from)", "分段上限"),
        "tops_from": _q("name", "choice", "Whether the bands are counted from zero or from the threshold", "分段起算点", options=("zero", "threshold")),
        "group_threshold": _q("%", "by:group", "Threshold of an assistance group relative to the scheme's", "救助对象起付线系数", **PCT, default="100"),
        "group_bonus": _q("percentage point", "by:group", "Points added for an assistance group", "救助对象支付比例加点", **PCT, default="0"),
        "listed_tops": _q("CNY", "numbers", "Upper boundaries of the bands for listed illnesses, from zero", "重大疾病分段上限"),
        "listed_ratio": _q("%", "numbers", "Ratio of each of these bands, without threshold (absent: listed illnesses are paid as others)", "重大疾病分段支付比例", **PCT),
        "counts_first_pay": _q("flag", "flag", "What the patient pays before the rules counts", "先行自付计入"),
        "ratio": _q("%", "numbers", "Ratio of each band (one more than the tops)", "大病保险支付比例", **PCT),
        "cap": _q("CNY/person/year", "number", "Annual cap", "大病保险封顶线"),
        "counts_outpatient": _q("flag", "flag", "Outpatient self-pay counts", "门诊自付计入"),
        "listed_only": _q("flag", "flag", "Only bills of listed illnesses count", "仅限重大疾病"),
        "excluded_share": _q("%", "number", "Share of out-of-scope expense that counts as compliant", "目录外合规费用比例", **PCT),
        "premium": _q("CNY/person/year", "number", "Premium bought from the basic fund", "大病保险保费"),
        "in_force": _q("flag", "flag", "Whether critical illness insurance is in force", "大病保险是否实施"),
        "surplus_first": _q("flag", "flag", "The premium is taken from the accumulated surplus first", "保费优先从累计结余划转"),
        "margin": _q("%", "number", "Insurer's allowed share of the premium", "承保盈利率", **PCT),
        "clawback": _q("%", "number", "Part of a profit beyond the margin that returns to the fund", "超额盈余返还比例", **PCT),
        "loss_share": _q("%", "number", "Part of a loss that the fund bears", "亏损基金分担比例", **PCT),
        "loss_ratio_low": _q("%", "number", "Claims over premium below which the premium falls (absent: never)", "赔付率下限（低于则下调保费）", high=1000),
        "loss_ratio_high": _q("%", "number", "Claims over premium above which the premium rises (absent: never)", "赔付率上限（高于则上调保费）", high=1000),
        "rerate_step": _q("%/year", "number", "Most that the premium moves in a year by last year's claims (absent: not at all)", "保费年度调整幅度上限", **PCT),
    },
    "commercial": {
        "share": _q("%", "number", "Members who hold commercial cover", "商业补充保险参保比例", **PCT),
        "deductible": _q("CNY/person/year", "number", "Deductible", "商业补充保险免赔额"),
        "ratio": _q("%", "number", "Ratio", "商业补充保险赔付比例", **PCT),
        "cap": _q("CNY/person/year", "number", "Annual cap", "商业补充保险封顶线"),
        "scope": _q("name", "choice", "Whether it pays on in-scope expense left or on all", "商业补充保险赔付范围", options=("in_scope", "all")),
        "premium": _q("CNY/person/year", "number", "Premium (memo)", "商业补充保险保费"),
    },
    "assistance": {
        "inpatient_ratio": _q("%", "by:group", "Ratio of in-scope inpatient self-pay", "住院救助比例", **PCT, default="0"),
        "outpatient_ratio": _q("%", "by:group", "Ratio of in-scope outpatient self-pay", "门诊救助比例", **PCT, default="0"),
        "listed_ratio": _q("%", "by:group", "Ratio on listed illnesses", "重大疾病救助比例", **PCT, default="0"),
        "deductible": _q("CNY/person/year", "number", "Deductible", "救助起付线"),
        "deductible_group_ratio": _q("%", "by:group", "Deductible of a group relative to the general one", "救助对象起付线系数", high=1000, default="100"),
        "cap_group_ratio": _q("%", "by:group", "Annual cap of a group relative to the general one", "救助对象封顶线系数", high=1000, default="100"),
        "listed_waives_deductible": _q("flag", "flag", "No deductible on listed illnesses", "重大疾病取消起付线"),
        "cap": _q("CNY/person/year", "number", "Annual cap", "救助封顶线"),
        "listed_outside_cap": _q("flag", "flag", "Listed illnesses stand outside the cap", "重大疾病不受救助封顶线限制"),
        "premium_help": _q("%", "by:group", "Share of the individual premium paid for the group", "资助参保比例", **PCT, default="0"),
        "one_stop": _q("flag", "flag", "Assistance is settled together with insurance", "医疗救助“一站式”结算"),
        "later_take_up": _q("%", "number", "Assistance claimed where the patient must ask for it later", "事后申请救助比例", **PCT),
        "donations": _q("CNY/person/year", "number", "Donations to medical assistance", "医疗救助社会捐赠"),
    },
    "relief": {
        "in_force": _q("flag", "flag", "Whether the emergency relief fund is in force", "疾病应急救助是否实施"),
        "groups": _q("name", "names:group", "Groups without means, for whom it pays", "应急救助对象"),
        "ability": _q("CNY/bill", "number", "What such a patient pays of a bill himself", "应急救助对象自付能力"),
        "ratio": _q("%", "number", "Fund's share of what is left", "应急救助比例", **PCT),
        "funding": _q("CNY/person/year", "number", "Government funding", "应急救助财政出资"),
        "donations": _q("CNY/person/year", "number", "Donations", "应急救助社会捐赠"),
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
        "surplus_response": _q("name", "choice", "Response to a surplus above its limit: refunds of high self-pay, or next year's factor", "结余超限应对", options=("none", "secondary", "factor")),
        "deficit_response": _q("name", "names:response", "Responses to a deficit, in order: reserve, government top-up, premium, factor", "收不抵支应对次序"),
        "factor_step": _q("percentage point", "number", "Most the factor on ordinary inpatient payments moves in a year", "支付系数年度调整幅度", **PCT),
        "factor_low": _q("%", "number", "Lowest factor", "支付系数下限", high=200),
        "factor_high": _q("%", "number", "Highest factor", "支付系数上限", high=200),
        "premium_step_limit": _q("%/year", "number", "Highest rise of the premium to meet a deficit", "缴费应急上调幅度上限", **PCT),
        "top_up_limit": _q("%", "number", "Highest government top-up as a share of the year's funding", "财政兜底占当年筹资比例上限", **PCT),
    },
    "pooling": {
        "level": _q("name", "choice", "Level at which the fund is pooled", "统筹层次", options=("county", "city", "province")),
        "county_cost_sd": _q("%", "number", "Relative s.d. of lasting cost differences between counties", "县间费用水平差异", high=200),
        "county_shock_sd": _q("%", "number", "Relative s.d. of a county's yearly shock beside chance", "县年度费用波动", high=200),
        "adjustment_share": _q("%", "number", "Share of revenue paid into the adjustment fund", "调剂金提取比例", **PCT),
        "cities": _q("count", "number", "Cities in which the counties are pooled at city level", "地级市数", low=1, high=3000),
    },
    "merger": {
        "benefit": _q("name", "choice", "Benefits of the merged residents' scheme: the better of the two, or as stated", "城乡整合待遇原则", options=("better", "stated")),
        "transition_years": _q("year", "number", "Years until the merged benefits hold in full", "整合过渡年数", high=20),
        "first_year": _q("year", "number", "First year of the merged scheme (0: never)", "整合起始年份", high=9999),
    },
    "public_health": OF_PROVIDERS["public_health"],
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


def is_percent(name: str, quantity: Quantity) -> bool:
    """Whether the parameter called `name` is a percentage of which a fraction such as 0.75 may be a mistake. Shares that have to
    sum to 100 are not: their sum tells."""
    return quantity.unit == "%" and name not in SUM_TO_100
