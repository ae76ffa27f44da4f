"""Every label of figures and report in English and Chinese: measures, groups, schemes, units, illnesses.

A name without a label is shown as it stands in the run, so that a report never fails for want of a word; a test holds that
every measure, group and unit of a run has a label in both languages. Parameters are named in report/codes.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:                  # the words alone are read where a shell completes them, which must be instant
    from simulator.parameters.regions import Region

LANGUAGES = ("en", "zh")
Words = Mapping[str, tuple[str, str]]

SCHEME_NAMES: Words = {
    "uebmi": ("UEBMI (employees)", "职工医保"),
    "urbmi": ("URBMI (urban residents)", "城镇居民医保"),
    "nrcms": ("NRCMS (rural residents)", "新农合"),
    "urrbmi": ("URRBMI (urban and rural residents)", "城乡居民医保"),
    "assistance": ("Medical assistance", "医疗救助"),
    "general": ("General", "综合"),
}
SHORT_SCHEME_NAMES: Words = {"uebmi": ("UEBMI", "职工医保"), "urbmi": ("URBMI", "城镇居民医保"), "nrcms": ("NRCMS", "新农合"),
                             "urrbmi": ("URRBMI", "城乡居民医保")}

MEASURE_NAMES: Words = {
    # benefits
    "admissions_per_100": ("Admissions per 100 members", "住院率"),
    "visits_per_head": ("Outpatient visits per member", "人均门诊人次"),
    "claims_per_head": ("Claims per member", "人均补偿人次"),
    "pooled_episodes_per_100": ("Admissions and chronic outpatients, per 100 members", "统筹基金支付住院和门诊慢特病人次率"),
    "in_scope_ratio": ("In-scope inpatient ratio", "政策范围内住院费用支付比例"),
    "actual_ratio": ("Actual inpatient ratio (basic insurance)", "住院费用实际支付比例（基本医保）"),
    "actual_ratio_all_layers": ("Actual inpatient ratio (all layers)", "住院费用实际支付比例（含各层保障）"),
    "mean_bill": ("Mean bill", "次均费用"),
    "payment_per_admission": ("Fund payment per admission", "次均住院基金支付"),
    "payment_per_visit": ("Fund payment per outpatient visit", "次均门诊基金支付"),
    "capped_per_100000": ("Members who reach the annual cap, per 100,000", "每十万人达到封顶线人数"),
    "share_of_admissions": ("Share of admissions", "住院人次构成"),
    "cash_per_admission": ("Cash paid per admission", "次均住院个人现金支付"),
    # burden
    "oop_per_head": ("Out-of-pocket payment per member (account and cash)", "人均个人负担费用（个人账户和现金）"),
    "oop_per_user": ("Out-of-pocket payment per user of care", "就诊者人均个人负担费用"),
    "oop_share_of_expense": ("Out-of-pocket share of expense", "个人负担占医疗费用比例"),
    "oop_share_of_income": ("Out-of-pocket share of income", "个人负担占收入比例"),
    "premium_per_head": ("Premium paid by members, less help", "人均个人缴费（扣除资助）"),
    "net_burden_per_head": ("Burden per member with premiums, less secondary reimbursement", "人均净负担（含个人缴费，扣除二次补偿）"),
    "net_burden_share_of_income": ("Burden with premiums, share of income", "净负担占收入比例（含个人缴费）"),
    "oop_concentration_index": ("Concentration index of out-of-pocket payments", "个人负担费用集中指数"),
    "catastrophic_10": ("Households paying over 10% of income", "灾难性卫生支出发生率（超过收入10%）"),
    "catastrophic_25": ("Households paying over 25% of income", "灾难性卫生支出发生率（超过收入25%）"),
    "catastrophic_40_capacity": ("Households paying over 40% of capacity to pay", "灾难性卫生支出发生率（超过支付能力40%）"),
    "impoverished": ("Households impoverished by payments", "因病致贫发生率"),
    "cash_per_head": ("Cash payment per member", "人均个人现金支付"),
    "payer_share": ("Share of all medical expense", "医疗总费用构成"),
    "in_scope_share": ("In-scope share of all medical expense", "政策范围内费用占医疗总费用比例"),
    "prepaid_by_patients": ("Advanced by patients until refunded", "人均先行垫付费用"),
    # listed illnesses
    "cash_per_bill": ("Cash paid per bill", "次均个人现金支付"),
    "cash_share": ("Patient's cash", "个人现金支付比例"),
    "fund_share": ("Basic insurance", "基本医保支付比例"),
    "later_layers_share": ("Later layers", "其他各层保障支付比例"),
    "hospital_share": ("Hospital", "医院承担比例"),
    "account_share": ("Individual account", "个人账户支付比例"),
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
    "individual_accounts": ("Individual accounts, balance", "个人账户结余"),
    "revenue_with_accounts": ("Revenue, individual accounts included", "基金收入（含个人账户）"),
    "expenditure_with_accounts": ("Expenditure, individual accounts included", "基金支出（含个人账户）"),
    "balance_with_accounts": ("Cumulative surplus, individual accounts included", "累计结余（含个人账户）"),
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
    "secondary_threshold": ("Threshold of secondary reimbursement that is found", "测定的二次补偿起付线"),
    "secondary_share": ("Share of high self-pay refunded", "二次补偿比例"),
    "deficit": ("Probability of a deficit in the year", "当年收不抵支概率"),
    "exhausted": ("Probability of exhaustion by the year", "到该年累计结余耗尽概率"),
    "top_up_needed": ("Top-up needed to reach zero", "弥补缺口所需资金"),
    "breach_annual": ("Probability of exceeding the annual limit", "超过当年结余率上限概率"),
    "breach_cumulative": ("Probability of exceeding the cumulative limit", "超过累计结余上限概率"),
    "warning_yellow": ("Probability of a yellow or red warning", "黄色及以上预警概率"),
    "warning_red": ("Probability of a red warning", "红色预警概率"),
    "over_annual": ("Probability of being over the annual limit after the responses", "调节后仍超过当年结余率上限概率"),
    "over_cumulative": ("Probability of being over the cumulative limit after the responses", "调节后仍超过累计结余上限概率"),
    "top_rung": ("Probability of being on the ladder's highest rung", "处于待遇阶梯最高级概率"),
    "at_bounds": ("Probability of being over a limit although refunds and ladder are at their bounds", "二次补偿与待遇阶梯均已用尽仍超限概率"),
    "months_in_one": ("Months of expenditure held that are expected a year later", "预计一年后累计结余可支付月数"),
    "months_in_two": ("Months of expenditure held that are expected two years later", "预计两年后累计结余可支付月数"),
    "forecast_yellow": ("Probability of an early warning, yellow or red", "提前预警（黄色及以上）概率"),
    "forecast_red": ("Probability of an early warning, red", "提前预警（红色）概率"),
    "deficit_avoided": ("Probability of a deficit that is avoided: below zero only if nothing is changed", "避免耗尽概率（仅在现行办法不变时年末为负）"),
    "deficit_caused": ("Probability of a balance below zero only as the fund is run", "仅因调节而年末为负的概率"),
    "false_alarm": ("Probability of a false alarm: warned two years before, and never below zero if nothing is changed", "误报概率（两年前预警，现行办法不变时两年内年末均不为负）"),
    "missed_deficit": ("Probability of a deficit without a warning: below zero if nothing is changed, never warned before", "漏报概率（现行办法不变时年末为负，此前从未预警）"),
    "rung": ("Rung of the ladder of benefits (0: the plan)", "待遇阶梯级数（0为现行待遇）"),
    "unchanged_revenue": ("Revenue, if nothing is changed", "基金收入（现行办法不变）"),
    "unchanged_expenditure": ("Expenditure, if nothing is changed", "基金支出（现行办法不变）"),
    "unchanged_balance": ("Balance, if nothing is changed", "累计结余（现行办法不变）"),
    "unchanged_surplus_rate": ("Annual surplus rate, if nothing is changed", "当年结余率（现行办法不变）"),
    "unchanged_months_held": ("Months of expenditure held, if nothing is changed", "累计结余可支付月数（现行办法不变）"),
    "unchanged_exhausted": ("Probability of exhaustion by the year, if nothing is changed", "到该年累计结余耗尽概率（现行办法不变）"),
    "unchanged_over_annual": ("Probability of being over the annual limit, if nothing is changed", "超过当年结余率上限概率（现行办法不变）"),
    "unchanged_over_cumulative": ("Probability of being over the cumulative limit, if nothing is changed", "超过累计结余上限概率（现行办法不变）"),
    "factor": ("Control factor on payments", "支付系数"),
    "premium_step": ("Rise of the premium to meet a deficit", "缴费应急上调幅度"),
    "deficit_top_up": ("Government top-up of a deficit", "财政弥补基金缺口"),
    "reserve_used": ("Risk reserve used", "动用风险基金"),
    "subsidy_central": ("Subsidy, central government", "中央财政补助"),
    "subsidy_provincial": ("Subsidy, province", "省级财政补助"),
    "subsidy_county": ("Subsidy, city and county", "市县财政补助"),
    "provider_settlement": ("Settlement with hospitals beyond claims", "医疗机构年终清算（高于申报额为正）"),
    "cii_from_surplus": ("CII premium met by earlier surplus", "由历年结余支付的大病保险保费"),
    "commercial_premiums": ("Premiums of commercial supplements", "商业补充保险保费"),
    "gp_fees": ("Contract fees of family doctors, the fund's part", "家庭医生签约服务费（基金分担）"),
    "gp_fees_health": ("Contract fees of family doctors, public health money's part", "家庭医生签约服务费（公共卫生经费分担）"),
    "gp_fees_patients": ("Contract fees of family doctors, the members' part", "家庭医生签约服务费（签约居民分担）"),
    "hospital_borne": ("Cost that hospitals bear", "医疗机构自行承担费用"),
    "pressure_inpatient": ("Pressure on hospitals, inpatient care", "医疗机构超支压力（住院）"),
    "pressure_outpatient": ("Pressure on hospitals, outpatient care", "医疗机构超支压力（门诊）"),
    "quality_loss": ("Readmissions more under that pressure", "超支压力下再住院增加"),
    # other accounts
    "enterprise_payments": ("Paid once for retirees of state enterprises who enter", "国有企业退休人员一次性趸缴"),
    "account_payments": ("Bills paid from individual accounts", "个人账户支付医疗费用"),
    "supplement_payments": ("Large-sum supplement payments", "大额医疗费用补助支付"),
    "supplement_balance": ("Large-sum supplement balance", "大额医疗费用补助结余"),
    "cii_margin": ("CII insurer's margin", "大病保险承保机构协议盈利"),
    "cii_premium_rate": ("CII premium relative to the stated one", "大病保险保费与规定标准之比"),
    "supplement_premium_rate": ("Large-sum supplement premium relative to the stated one", "大额补助缴费与规定标准之比"),
    "cii_clawback": ("CII profit of last year returned to the fund", "上年大病保险超额盈余返还基金"),
    "cii_loss_borne": ("CII loss of last year borne by the fund", "上年大病保险亏损由基金分担"),
    "cii_insurer": ("Left to the CII insurer (below zero: its loss)", "大病保险承保机构盈亏"),
    "assistance_appropriation": ("Appropriation to medical assistance", "医疗救助财政拨款"),
    "premium_help": ("Premiums paid by medical assistance", "医疗救助资助参保（合）支出"),
    "assistance_donations": ("Donations to medical assistance", "医疗救助社会捐赠"),
    "supplement_premiums": ("Large-sum supplement premiums", "大额医疗费用补助缴费"),
    "relief_funding": ("Government funding of emergency relief", "疾病应急救助财政出资"),
    "relief_donations": ("Donations to emergency relief", "疾病应急救助社会捐赠"),
    "relief_payments": ("Emergency relief payments", "疾病应急救助支出"),
    "relief_balance": ("Emergency relief balance", "疾病应急救助基金结余"),
    # pooling units
    "units": ("Pooling units", "统筹单位数"),
    "units_exhausted": ("Pooling units whose fund has run out", "结余已耗尽的统筹单位比例"),
    "unit_balance_per_head": ("Balance per member of a unit", "统筹单位人均结余"),
    "unit_months_held": ("Months of expenditure held by a unit", "统筹单位可支付月数"),
    "adjustment_paid": ("Paid into the adjustment fund", "上解调剂金"),
    "adjustment_received": ("Got from the adjustment fund", "调剂金补助"),
    "adjustment_fund": ("Balance of the adjustment fund", "调剂金结余"),
    # hospitals, public health: beside the fund
    "government_compensation": ("Government compensation for zero markup", "取消药品加成的财政补偿"),
    "public_health_funding": ("Basic public health funding", "基本公共卫生服务经费"),
    "beds_per_1000": ("Beds per 1,000 residents", "每千常住人口床位数"),
    "chance_in_expenditure": ("Part of expenditure due to chance", "支出中的偶然波动"),
}

FUND_HEADINGS: Words = {  # for the narrow columns of the table by year
    "deficit": ("Deficit", "当年收不抵支"), "exhausted": ("Exhausted by then", "累计结余已耗尽"), "breach_annual": ("Over annual limit", "超当年上限"),
    "breach_cumulative": ("Over cumulative limit", "超累计上限"), "warning_red": ("Red warning", "红色预警"),
    "balance": ("Cumulative surplus", "累计结余"), "secondary_reimbursement": ("Secondary refund", "二次补偿"), "months_held": ("Months held", "可支付月数"),
    "members": ("Members", "参保（合）人数"), "expenditure_per_head": ("Spending per member", "人均基金支出"),
    "factor": ("Control factor", "支付系数"), "premium_step": ("Premium rise", "缴费上调"), "individual_accounts": ("Individual accounts, balance", "个人账户结余"),
    "enterprise_payments": ("Paid at entry", "一次性趸缴"), "account_payments": ("Individual accounts, bills paid", "个人账户支付"), "cii_premium": ("CII premium", "大病保险保费"),
    "cii_payments": ("CII payments", "大病保险支付"), "cii_margin": ("CII insurer's margin", "承保机构协议盈利"),
    "cii_premium_rate": ("CII premium, of stated", "大病保险保费调整"), "supplement_premium_rate": ("Supplement premium, of stated", "大额补助缴费调整"),
    "cii_clawback": ("CII profit returned", "超额盈余返还"), "cii_loss_borne": ("CII loss borne", "亏损基金分担"),
    "cii_insurer": ("Left to CII insurer", "承保机构盈亏"), "cii_balance": ("CII balance", "大病保险结余"),
    "supplement_payments": ("Supplement payments", "大额补助支付"), "supplement_balance": ("Supplement balance", "大额补助结余"),
    "assistance": ("MA payments", "医疗救助支付"), "assistance_appropriation": ("MA appropriation", "医疗救助财政拨款"),
    "premium_help": ("Premiums paid by MA", "资助参保支出"), "relief_payments": ("Relief payments", "应急救助支出"),
    "relief_balance": ("Relief balance", "应急救助结余"), "provider_settlement": ("Hospital settlement", "医疗机构清算"),
    "gp_fees": ("Family doctors", "签约服务费"), "gp_fees_health": ("By public health", "公卫分担"),
    "gp_fees_patients": ("By members", "居民分担"), "hospital_borne": ("Borne by hospitals", "医院承担"),
    "pressure_inpatient": ("Pressure, inpatient", "住院压力"), "pressure_outpatient": ("Pressure, outpatient", "门诊压力"),
    "quality_loss": ("Readmissions", "再住院增加"), "deficit_top_up": ("Deficit top-up", "财政弥补缺口"), "reserve_used": ("Reserve used", "动用风险基金"),
    "risk_reserve": ("Risk reserve", "风险基金"), "units": ("Units", "统筹单位数"), "units_exhausted": ("Units run out", "已耗尽单位比例"),
    "top_up_needed": ("Top-up needed", "弥补缺口所需"), "adjustment_paid": ("Paid into adjustment fund", "上解调剂金"),
    "adjustment_received": ("From adjustment fund", "调剂金补助"), "adjustment_fund": ("Adjustment fund", "调剂金结余"),
    "government_compensation": ("Markup compensation", "药品加成补偿"),
    "public_health_funding": ("Public health", "公共卫生经费"), "beds_per_1000": ("Beds", "床位"),
}
PAYER_NAMES: Words = {  # in the order of settlement, as simulator.tables.PAYERS
    "basic": ("Basic insurance, inpatient", "基本医保住院支付"), "listed": ("Listed illnesses", "重大疾病保障"),
    "outpatient": ("Outpatient pooling", "门诊统筹"), "supplement": ("Large-sum supplement", "大额医疗费用补助"),
    "cii": ("Critical illness insurance", "大病保险"), "commercial": ("Commercial cover", "商业补充保险"),
    "assistance": ("Medical assistance", "医疗救助"), "account": ("Individual account", "个人账户"), "cash": ("Patient's cash", "个人现金"),
    "relief": ("Emergency relief", "疾病应急救助"), "hospital": ("Hospital", "医院承担"),
}

TIER_NAMES: Words = {"township": ("Township, community", "乡镇卫生院及社区"), "county": ("County hospital", "县级医院"),
                     "city": ("City hospital", "市级医院"), "outside": ("Out of area", "统筹区外")}
QUINTILE_NAMES: Words = {"q1": ("Poorest quintile", "低收入户"), "q2": ("Second quintile", "中等偏下户"), "q3": ("Middle quintile", "中等收入户"),
                         "q4": ("Fourth quintile", "中等偏上户"), "q5": ("Richest quintile", "高收入户")}
LAYER_NAMES: Words = {"before": ("Before insurance", "保险支付前"), "basic": ("After basic insurance", "基本医保后"),
                      "cii": ("After critical illness insurance", "大病保险后"), "assistance": ("After medical assistance", "医疗救助后"),
                      "account": ("After individual accounts (cash alone)", "个人账户支付后（仅现金）")}
QUANTILE_NAMES: Words = {"p50": ("median", "中位数"), "p90": ("90th percentile", "第90百分位"), "p99": ("99th percentile", "第99百分位"),
                         "p999": ("99.9th percentile", "第99.9百分位")}
ILLNESS_NAMES: Words = {  # the names of 国办发〔2012〕20号 二(一)5(2)
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
UNIT_SPREAD_NAMES: Words = {"p10": ("a tenth of the units lower", "十分位最低单位"), "p50": ("middle unit", "中位单位"),
                            "p90": ("a tenth of the units higher", "十分位最高单位")}
GROUP_KINDS: Mapping[str, Words] = {"units": UNIT_SPREAD_NAMES, "tier": TIER_NAMES, "quintile": QUINTILE_NAMES, "layer": LAYER_NAMES, "quantile": QUANTILE_NAMES,
                                    "illness": ILLNESS_NAMES, "payer": PAYER_NAMES}

UNIT_NAMES: Words = {
    "%": ("%", "%"), "CNY/person/year": ("yuan/person/year", "元/人·年"), "CNY/person": ("yuan/person", "元/人"),
    "CNY/admission": ("yuan/admission", "元/次"), "CNY/visit": ("yuan/visit", "元/次"), "CNY/bill": ("yuan/bill", "元/次"),
    "CNY/unit": ("yuan/unit", "元/单位"), "CNY": ("yuan", "元"), "CNY/year": ("yuan/year", "元/年"),
    "1e8 CNY": ("100 million yuan", "亿元"), "1e4 persons": ("10,000 persons", "万人"),
    "pathway": ("pathways", "个"), "institution": ("institutions", "家"), "1/village": ("per village", "个/村"),
    "CNY/village/year": ("yuan per village a year", "元/村·年"), "case/year": ("cases a year", "例/年"),
    "person/year": ("persons a year", "人/年"), "year and month": ("year and month", "年月"),
    "1/100/year": ("per 100 a year", "人次/百人·年"), "1/person/year": ("per person a year", "人次/人·年"),
    "1/100000/year": ("per 100,000 a year", "每十万人·年"), "1/1000/year": ("per 1,000 a year", "‰/年"), "1/1000": ("per 1,000", "张/千人"),
    "month": ("months", "个月"), "probability": ("probability", "概率"), "index": ("index", "指数"), "percentage point": ("percentage points", "百分点"),
    "percentage point/year": ("percentage points a year", "百分点/年"), "%/year": ("% a year", "%/年"), "year": ("years", "年"),
    "day": ("days", "天"), "ratio": ("ratio", "比值"), "x": ("times", "倍"), "count": ("number", "个"), "rung": ("rungs", "级"), "person": ("persons", "人"),
    "name": ("", ""), "flag": ("", ""), "illness": ("illnesses", "种"), "see cumulative_base": ("in its own base", "按各自口径"),
    "1/year": ("a year", "次/年"), "channel": ("channels", "个"), "area": ("areas", "个"), "bed/1000": ("beds per 1,000", "张/千人"),
    "class": ("classes", "类"), "item": ("items", "项"),
}
STATUS_NAMES: Words = {"law": ("law", "政策文件"), "statistic": ("statistic", "统计数据"), "estimate": ("estimate", "估计"), "assumption": ("assumption", "假设")}
UNCERTAIN_HEADINGS: Words = {"key": ("key", "标识"), "name": ("name", "名称"), "status": ("status", "依据"), "lever": ("acts", "作用方式"), "law": ("law", "分布"),
                              "central": ("central", "所列数值"), "low": ("5%", "5%分位"), "high": ("95%", "95%分位"), "unit": ("unit", "单位"), "shares": ("shares", "共有因子")}
LEVER_NAMES: Words = {"times": ("times", "乘"), "plus": ("plus", "加"), "choice": ("choice", "择一"), "tried": ("tried one by one", "逐一试算"), "economy": ("yearly shock", "年度冲击")}
LEVEL_WORDS: Words = {     # what a level k of the inpatient schedule rests on (engine/level.py)
    "written": ("paid as written ({status}: {source})", "按文本支付（{status}：{source}）"),
    "unknown": ("no outcome is published, so k is not known and taken as 1; the schedule is {a} {status} ({source})",
                "没有公布的实际比例，系数k未知，取1；待遇表为{status}（{source}）"),
    "outcome": ("k = {k}: r' = 1 - k (1 - r), solved to the {goal}% that were paid in {solved_in} ({status}, {by}: {source})",
                "k = {k}：r' = 1 - k (1 - r)，按{solved_in}年实际支付比例{goal}%求解（{status}，{by}：{source}）"),
    "target": ("k = {k}: r' = 1 - k (1 - r), solved to the {goal}% that the plan asks for ({status}, {by}: {source})",
               "k = {k}：r' = 1 - k (1 - r)，按规划目标{goal}%求解（{status}，{by}：{source}）"),
    "same": ("k = {k}: r' = 1 - k (1 - r), solved so that the in-scope ratio stays at {goal}%",
             "k = {k}：r' = 1 - k (1 - r)，按政策范围内支付比例保持{goal}%求解"),
    "missed": ("; no k reaches it: {reached}%", "；任何k都达不到，实为{reached}%"),
}
TOPIC_NAMES: Words = {
    "population": ("People", "参保人口"), "income": ("Incomes", "收入"), "care": ("Use and prices", "就医与费用"),
    "illness": ("Illnesses", "疾病"), "funding": ("Funding", "筹资"), "plans": ("Plan files", "待遇方案文件"), "inpatient": ("Inpatient rules", "住院待遇"),
    "listed": ("Listed illnesses", "重大疾病保障"), "outpatient": ("Outpatient rules", "门诊待遇"), "cii": ("Critical illness insurance", "大病保险"),
    "assistance": ("Medical assistance", "医疗救助"), "control": ("Surplus control", "结余控制"), "risk": ("Uncertainty", "不确定性"),
    "law": ("Planning documents", "规划文件"), "payment": ("Payment of hospitals", "支付方式"), "conduct": ("Prices and conduct of hospitals", "医药价格与医疗行为"),
    "demand": ("Response of demand", "需求反应"), "supplement": ("Large-sum supplement", "大额医疗费用补助"), "account": ("Individual accounts", "个人账户"),
    "commercial": ("Commercial cover", "商业补充保险"), "relief": ("Emergency relief", "疾病应急救助"), "pooling": ("Pooling", "统筹层次"),
    "merger": ("Merger of the residents' schemes", "城乡居民医保整合"), "public_health": ("Public health", "公共卫生"),
}


def regions() -> Mapping[str, Region]:
    """The regions that this process knows, for the names and the lineage of the regions of a run: the shipped ones, and those of
    folders that were added to them."""
    from simulator.parameters.regions import known_regions
    return known_regions()


def word(words: Words, key: str, lang: str) -> str:
    """The label of a key in a language (en or zh), or the key itself where there is none."""
    found = words.get(key)
    return key if found is None else found[LANGUAGES.index(lang)]


def measure_name(name: str, lang: str) -> str:
    return word(MEASURE_NAMES, name, lang)


def policy_name(policy: str, lang: str) -> str:
    """The name of a policy: the one it was given; the baseline has a name in each language."""
    from simulator.scenario import BASELINE
    return word({BASELINE: ("baseline", "基准方案")}, policy, lang)


def group_name(group: str, lang: str) -> str:
    """A group such as `tier:county` in words; empty for everybody."""
    kind, _, key = group.partition(":")
    return word(GROUP_KINDS.get(kind, {}), key, lang) if key else ""


def measure_and_group(name: str, group: str, lang: str) -> str:
    """The heading of a row: the measure, followed by its group."""
    label, part = measure_name(name, lang), group_name(group, lang)
    if part and not group.startswith("illness:"):
        part = part[0].lower() + part[1:]
    return f"{label}{'：' if lang == 'zh' else ': '}{part}" if part else label


def scheme_name(scheme: str, lang: str) -> str:
    return word(SCHEME_NAMES, scheme, lang)


def short_scheme(scheme: str, lang: str) -> str:
    return word(SHORT_SCHEME_NAMES, scheme, lang)


def unit_name(unit: str, lang: str) -> str:
    return word(UNIT_NAMES, unit, lang)


def region_name(region: str, lang: str) -> str:
    """The name stated in the region's file, or the identifier of a region that is not in the tree."""
    return regions()[region].names[lang] if region in regions() else region


def level_said(level: Mapping[str, Any], lang: str) -> str:
    """What a level rests on in a sentence's part; `level` is `engine.level.Level.as_dict()` or the same from a manifest."""
    status, by = word(STATUS_NAMES, level["status"], lang), region_name(level["stated_by"], lang)
    source = level["source"].removeprefix(level["status"]).removeprefix(": ")
    goal, reached = (None if level[name] is None else f"{float(level[name]):.2f}".rstrip("0").rstrip(".")
                     for name in ("goal", "reached"))
    said = word(LEVEL_WORDS, level["basis"], lang).format(
        status=status, source=source, by=by, k=short_k(level["k"]), goal=goal, solved_in=level["solved_in"],
        a="an" if status[0] in "aeiou" else "a")
    missed = level["goal"] is not None and abs(float(level["goal"]) - float(level["reached"])) > LEVEL_MISSED
    return said + (word(LEVEL_WORDS, "missed", lang).format(reached=reached) if missed else "")


def ratios_said(ratios: Mapping[str, Sequence[str]], lang: str) -> str:
    """Ratios by tier, in percent, of several bands with a stroke between them."""
    if lang == "zh":
        return "，".join(f"{word(TIER_NAMES, tier, lang)}{'/'.join(bands)}" for tier, bands in ratios.items())
    return ", ".join(f"{tier} {'/'.join(bands)}" for tier, bands in ratios.items())


LEVEL_MISSED = 0.5             # percentage points from the ratio that a level was solved to


def short_k(k: str) -> str:
    """A level k as it is printed: four decimals at most."""
    return f"{float(k):.4f}".rstrip("0").rstrip(".")
