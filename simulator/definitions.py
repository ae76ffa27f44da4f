"""What every measure is: its unit, its groups, how it is worked out, and its meaning in English and Chinese.

The names of measures stand in `words.py`. Formulas are written in the names of other measures, of payers
(`simulator.tables.PAYERS`) and of SYMBOLS below, and read the same in both languages. A test holds that names in formulas are
such names, and that a run has these measures in these units and groups.
"""

from __future__ import annotations

from typing import NamedTuple

from simulator.words import Words


class Definition(NamedTuple):
    """The definition of one measure. `groups` are the kinds of groups it is given for (`tier` of `tier:county`); "" is everybody."""

    unit: str
    groups: tuple[str, ...]
    formula: str
    en: str
    zh: str


# What formulas are made of, beside measures and payers.
SYMBOLS: Words = {
    "billed": ("billed amount of the bills counted", "所计费用单据的医疗总费用"),
    "eligible": ("in-scope expense of the bills", "政策范围内费用"),
    "entitled": ("what basic insurance owes by its rules, before a case or per-diem price changes what the hospital gets",
                 "按规则应由基本医保支付的金额（按病种、按床日结算差额之前）"),
    "later": ("supplement + cii + commercial + assistance + relief", "大额补助、大病保险、商业补充保险、医疗救助、应急救助支付之和"),
    "admissions": ("number of inpatient bills, listed illnesses included", "住院单据数（含重大疾病）"),
    "visits": ("number of outpatient visits, of sampled households and weighted for all", "门诊人次（由抽样家庭加权推算）"),
    "bills": ("number of bills of the group", "本组单据数"),
    "persons": ("simulated members in the year", "模拟参保人数"),
    "users": ("members with any bill in the year", "当年有费用的人数"),
    "households": ("households in the sample", "抽样家庭数"),
    "income": ("income of the same people in the year", "同一人群的当年收入"),
    "oop": ("account + cash: what patients pay themselves", "个人账户与现金支付之和，即个人负担"),
    "n": ("number of worlds", "模拟次数"),
}

_ALL, _TIER, _ILLNESS, _INCOME = ("",), ("tier",), ("illness",), ("", "quintile")
_HOUSEHOLD, _UNIT = ("layer", "quintile"), ("units",)
_YUAN, _HEAD, _CHANCE, _MONTH = "1e8 CNY", "CNY/person/year", "probability", "month"


def _fund(formula: str, en: str, zh: str, unit: str = _YUAN) -> Definition:
    """A figure of a fund's year, which has no groups."""
    return Definition(unit, _ALL, formula, en, zh)


DEFINITIONS: dict[str, Definition] = {
    # benefits
    "admissions_per_100": Definition("1/100/year", _ALL, "admissions / persons × 100", "Inpatient bills for 100 members in the year.", "每百名参保人当年住院人次。"),
    "visits_per_head": Definition("1/person/year", _ALL, "visits / persons", "Outpatient visits that are claimed, for each member.", "人均报销门诊人次。"),
    "claims_per_head": Definition("1/person/year", _ALL, "(admissions + visits) / persons", "Inpatient and outpatient bills for each member.", "人均住院与门诊补偿人次。"),
    "pooled_episodes_per_100": Definition("1/100/year", _ALL, "(admissions + visits of chronic diseases) / persons × 100", "Admissions, and visits for a disease on the chronic list, for 100 members.", "每百名参保人住院与门诊慢特病人次。"),
    "in_scope_ratio": Definition("%", ("", "tier"), "(entitled + listed) / eligible × 100", "What basic insurance and the list pay of the in-scope inpatient expense. The planning documents' 75% is this ratio.", "住院政策范围内费用中基本医保（含重大疾病保障）支付的比例。规划文件所称“75%左右”即此比例。"),
    "actual_ratio": Definition("%", _ALL, "(entitled + listed) / billed × 100", "The same of the whole inpatient bill, out-of-scope expense included.", "住院总费用（含政策范围外费用）中基本医保支付的比例。"),
    "actual_ratio_all_layers": Definition("%", _ALL, "(entitled + listed + later) / billed × 100", "As before, with supplement, critical illness insurance, commercial cover, medical assistance and relief.", "住院总费用中基本医保及其后各层保障合计支付的比例。"),
    "mean_bill": Definition("CNY/admission", ("", "tier", "illness"), "billed / bills", "Mean inpatient bill; of a listed illness in yuan a bill.", "次均住院费用；重大疾病为每张单据的平均费用。"),
    "payment_per_admission": Definition("CNY/admission", _ALL, "(basic + listed) / admissions", "What the pooled fund pays for an admission, at the hospital's price.", "统筹基金每次住院的平均支付额。"),
    "payment_per_visit": Definition("CNY/visit", _ALL, "outpatient / visits", "What outpatient pooling pays for a visit.", "门诊统筹每次就诊的平均支付额。"),
    "capped_per_100000": Definition("1/100000/year", _ALL, "members at the annual cap / persons × 100000", "Members whose payments (or expense) reach the annual cap, in 100,000.", "每十万名参保人中当年达到封顶线的人数。"),
    "share_of_admissions": Definition("%", _TIER, "admissions of the tier / admissions × 100", "Where inpatients are treated.", "住院人次按医院级别的构成。"),
    "cash_per_admission": Definition("CNY/admission", _TIER, "cash / admissions", "What patients pay in cash for an admission, after all layers and the individual account.", "各层保障及个人账户支付之后，每次住院的个人现金支付。"),
    # burden
    "oop_per_head": Definition(_HEAD, ("", "quintile", "quantile"), "oop / persons", "What a member pays for care at the point of care, from the individual account or in cash; over persons also its quantiles.", "人均就医个人负担（个人账户与现金），另给出在人群中的分位数。"),
    "oop_per_user": Definition(_HEAD, _ALL, "oop / users", "The same for each member who had any bill.", "当年就诊者的人均个人负担。"),
    "oop_share_of_expense": Definition("%", _ALL, "oop / billed × 100", "What patients pay of all their care, in- and outpatient.", "住院与门诊总费用中由个人负担的比例。"),
    "oop_share_of_income": Definition("%", _INCOME, "oop / income × 100", "What patients pay relative to the income of the same people.", "个人负担占同一人群收入的比例。"),
    "premium_per_head": Definition(_HEAD, _ALL, "premium paid / persons", "The individual premium of residents, less what medical assistance pays of it; employees' contributions are not in it.", "居民个人缴费扣除医疗救助资助后的人均数；不含职工缴费。"),
    "net_burden_per_head": Definition(_HEAD, _INCOME, "oop_per_head + premium_per_head + members' contract fees − secondary_reimbursement / members", "What insurance costs its members in all: care, premium, contract fees, less what is refunded at the year's end.", "参保人总负担：就医自付、个人缴费、签约服务费，扣除年末二次补偿。"),
    "net_burden_share_of_income": Definition("%", _INCOME, "net_burden_per_head × persons / income × 100", "The same relative to income.", "总负担占收入的比例。"),
    "oop_concentration_index": Definition("index", _ALL, "2 Σ (oop_per_head of quintile q × rank of q) / Σ oop_per_head of quintile q − 1", "How out-of-pocket payments lie over income quintiles (rank 0.1 to 0.9): above 0 the rich pay more, below 0 the poor.", "个人负担在收入五等份上的分布（秩0.1至0.9）：大于0表示高收入者付得多，小于0表示低收入者付得多。"),
    "catastrophic_10": Definition("%", _HOUSEHOLD, "(households with oop > 10% of income) / households × 100", "Households whose payments for care exceed 10% of their income: before insurance, after each layer, and by quintile after all.", "医疗自付超过家庭收入10%的家庭比例：保险支付前、各层保障之后，以及各收入组。"),
    "catastrophic_25": Definition("%", _HOUSEHOLD, "(households with oop > 25% of income) / households × 100", "As before at 25%.", "同上，界限为25%。"),
    "catastrophic_40_capacity": Definition("%", _HOUSEHOLD, "(households with oop > 40% of capacity to pay) / households × 100", "Households whose payments exceed 40% of their capacity to pay: income less subsistence need, or less food where less is spent on it (WHO, Xu 2005).", "医疗自付超过家庭支付能力40%的家庭比例；支付能力为收入减基本生活支出，食品支出更低时减食品支出（世界卫生组织口径）。"),
    "impoverished": Definition("%", _HOUSEHOLD, "(households with income ≥ poverty line > income − oop) / households × 100", "Households that payments bring below the poverty line.", "因医疗自付而落到贫困线以下的家庭比例。"),
    "cash_per_head": Definition(_HEAD, _ALL, "cash / persons", "Cash alone, without what individual accounts pay.", "人均现金支付（不含个人账户）。"),
    "payer_share": Definition("%", ("payer",), "amount of the payer / billed × 100", "Who pays all medical expense: eleven payers, 100% together.", "医疗总费用由谁支付：十一个支付方合计100%。"),
    "in_scope_share": Definition("%", _ALL, "eligible / billed × 100", "What of all medical expense is on the lists.", "医疗总费用中政策范围内费用的比例。"),
    "prepaid_by_patients": Definition(_HEAD, _INCOME, "advanced / persons", "What patients advance and get back later: bills not settled on the spot, deposits, layers without one-stop settlement.", "先由患者垫付、以后退还的金额：非即时结算、押金、未“一站式”结算的各层保障。"),
    # listed illnesses
    "cash_per_bill": Definition("CNY/bill", _ILLNESS, "cash / bills", "Cash paid of a bill of the illness.", "该病种每张单据的个人现金支付。"),
    "cash_share": Definition("%", _ILLNESS, "cash / billed × 100", "What of the illness's bills patients pay in cash.", "该病种费用中个人现金支付的比例。"),
    "fund_share": Definition("%", _ILLNESS, "(basic + listed) / billed × 100", "What of them basic insurance and the list pay.", "该病种费用中基本医保支付的比例。"),
    "later_layers_share": Definition("%", _ILLNESS, "later / billed × 100", "What of them the later layers pay.", "该病种费用中其他各层保障支付的比例。"),
    "hospital_share": Definition("%", _ILLNESS, "hospital / billed × 100", "What of them the hospital bears above a package price.", "该病种费用中由医院承担（超过包干定额）的比例。"),
    "account_share": Definition("%", _ILLNESS, "100 − fund_share − later_layers_share − hospital_share − cash_share", "What is left: the individual account's part. In the report alone.", "其余部分，即个人账户支付的比例；仅见于报告。"),
    # fund
    "revenue": _fund("premium + subsidy + local top-up + contributions + enterprise_payments + interest + deficit_top_up", "What the pooled fund received in the year.", "统筹基金当年实际收入。"),
    "expenditure": _fund("claims + provider_settlement + gp_fees + cii_premium + cii_loss_borne + secondary_reimbursement", "What the pooled fund incurred in the year, whenever it is paid.", "统筹基金当年支出（权责发生制）。"),
    "surplus": _fund("revenue − deficit_top_up − expenditure", "Surplus of the year; a top-up does not hide a deficit.", "当年结余；财政弥补不计入，以免掩盖缺口。"),
    "balance": _fund("bank_balance + receivable − payable", "Cumulative surplus at year end, accrued: funding due is counted, claims not yet paid are taken off. The risk reserve is not in it.", "年末累计结余（权责发生制）：计入应收筹资，扣除应付未付费用；不含风险基金。"),
    "balance_tvar95": _fund("mean of the ⌈0.05 n⌉ lowest balance", "What the fund holds on average in the worst 5% of the worlds.", "最差5%模拟结果中累计结余的均值。"),
    "bank_balance": _fund("opening + revenue + cii_clawback − paid − put into the reserve + reserve_used − adjustment_paid + adjustment_received", "What lies in the bank at year end.", "年末基金账面结存。"),
    "claims": _fund("Σ (basic + listed + outpatient)", "What patients were entitled to from the pooled fund, by the day of discharge.", "按出院日期计的统筹基金应付医疗费用。"),
    "cii_premium": _fund("stated premium × members × cii_premium_rate / 100", "Premium that the pooled fund pays for critical illness insurance.", "统筹基金划转的大病保险保费。"),
    "secondary_reimbursement": _fund("secondary_share / 100 × Σ (self-pay above secondary_threshold)", "Surplus above a limit that is refunded to members with high in-scope self-pay.", "超过上限的结余按规定返还给政策范围内自付较高的参保人。"),
    "risk_reserve": _fund("opening + put into the reserve − reserve_used + interest", "The risk reserve at year end.", "年末风险基金余额。"),
    "individual_accounts": _fund("opening + credit + interest − account_payments − other use", "Individual accounts together, at year end.", "年末个人账户合计结余。"),
    "revenue_with_accounts": _fund("revenue + credit and interest of individual accounts", "As published for UEBMI: pooled fund and individual accounts. In back-tests and calibration alone.", "统筹基金与个人账户合计收入（职工医保公布口径）；仅用于回测与校准。"),
    "expenditure_with_accounts": _fund("expenditure + account_payments + other use", "Likewise of expenditure.", "统筹基金与个人账户合计支出，同上。"),
    "balance_with_accounts": _fund("balance + risk_reserve + individual_accounts", "Likewise of the cumulative surplus.", "统筹基金、风险基金与个人账户合计结余，同上。"),
    "cii_payments": _fund("Σ cii", "What critical illness insurance pays.", "大病保险赔付支出。"),
    "cii_balance": _fund("opening + cii_premium + cii_loss_borne − cii_payments − cii_margin − cii_clawback − cii_insurer", "The account of critical illness insurance at year end.", "年末大病保险账户余额。"),
    "assistance": _fund("Σ assistance", "What medical assistance pays on bills.", "医疗救助用于医疗费用的支出。"),
    "funding": _fund("premium + subsidy + local top-up + contributions due", "What is due for the year, the part of individual accounts included, without interest.", "当年应筹资总额（含划入个人账户部分，不含利息）。"),
    "members": _fund("published heads × births, deaths, entrants, enrolment", "Insured persons in the year.", "当年参保（合）人数。", "1e4 persons"),
    "revenue_per_head": _fund("revenue / members", "Revenue for each member.", "人均基金收入。", _HEAD),
    "funding_per_head": _fund("funding / members", "Funding due for each member.", "人均筹资。", _HEAD),
    "expenditure_per_head": _fund("expenditure / members", "Expenditure for each member.", "人均基金支出。", _HEAD),
    "expenditure_over_revenue": _fund("expenditure / revenue × 100", "What of the year's revenue is spent.", "当年支出占收入的比例。", "%"),
    "surplus_rate": _fund("surplus / (revenue − deficit_top_up) × 100", "Annual surplus rate, to which the annual limit applies.", "当年结余率，年度上限即以此衡量。", "%"),
    "months_held": _fund("balance / (expenditure / 12)", "How many months of the year's average expenditure the cumulative surplus pays for.", "累计结余可支付月数：按当年月均支出计。", _MONTH),
    "share_of_funding": _fund("balance / funding × 100", "Cumulative surplus over the year's funding.", "累计结余占当年筹资总额的比例。", "%"),
    "share_of_pooled_fund": _fund("balance / pooled part of funding × 100", "Cumulative surplus over the pooled part of the year's funding. In the report alone.", "累计结余占当年统筹基金的比例；仅见于报告。", "%"),
    "secondary_threshold": _fund("the highest threshold at which the refund is spent", "In-scope self-pay above which secondary reimbursement pays, where it is found from year to year.", "二次补偿起付线（按年测定时的结果）。", _HEAD),
    "secondary_share": _fund("min(refund / Σ self-pay above the threshold, highest share) × 100", "Share of that self-pay which is refunded.", "超过起付线的自付费用的二次补偿比例。", "%"),
    "deficit": _fund("share of worlds with surplus < 0", "Probability that expenditure exceeds revenue in the year.", "当年收不抵支的概率。", _CHANCE),
    "exhausted": _fund("share of worlds with balance < 0 at this or an earlier year end", "Probability that the cumulative surplus has run out by the year's end. By members: of several pooling units the share of members whose unit has run out.", "截至当年末累计结余耗尽概率。按参保人数计：多个统筹单位时，为所在单位已耗尽的参保人比例。", _CHANCE),
    "top_up_needed": _fund("max(−balance, 0)", "What would bring a balance below zero to zero.", "使负结余恢复到零所需的资金。"),
    "breach_annual": _fund("share of worlds with surplus above revenue × (limit + tolerance), before responses", "Probability that the year's surplus exceeds the annual limit, by the test at the year's end.", "年末测算时当年结余率超过上限的概率（调节之前）。", _CHANCE),
    "breach_cumulative": _fund("share of worlds with balance above the cumulative limit, before responses", "Probability that the cumulative surplus exceeds its limit, by the test at the year's end.", "年末测算时累计结余超过上限的概率（调节之前）。", _CHANCE),
    "warning_yellow": _fund("share of worlds with months_held below the yellow level", "Probability of a warning, yellow or red, at the year's end.", "年末黄色及以上预警的概率。", _CHANCE),
    "warning_red": _fund("share of worlds with months_held below the red level", "Probability of a red warning.", "年末红色预警的概率。", _CHANCE),
    "over_annual": _fund("as breach_annual, after the responses", "Probability of being above the annual limit after refunds, ladder and top-ups.", "调节之后仍超过当年结余率上限的概率。", _CHANCE),
    "over_cumulative": _fund("as breach_cumulative, after the responses", "Probability of being above the cumulative limit after them.", "调节之后仍超过累计结余上限的概率。", _CHANCE),
    "top_rung": _fund("share of worlds with rung = the ladder's highest", "Probability of being on the ladder's highest rung.", "处于待遇阶梯最高级的概率。", _CHANCE),
    "at_bounds": _fund("share of worlds over a limit whose responses have no more to give", "Probability of being above a limit although refunds and ladder are used up.", "二次补偿与待遇阶梯均已用尽、仍超上限的概率。", _CHANCE),
    "months_in_one": _fund("expected balance a year later / (expected expenditure / 12)", "Months of expenditure that the fund itself expects to hold a year later.", "基金预计一年后的累计结余可支付月数。", _MONTH),
    "months_in_two": _fund("expected balance two years later / (expected expenditure / 12)", "The same two years later.", "基金预计两年后的累计结余可支付月数。", _MONTH),
    "forecast_yellow": _fund("share of worlds with months_in_one or months_in_two below the yellow level", "Probability of an early warning, yellow or red.", "提前预警（黄色及以上）的概率。", _CHANCE),
    "forecast_red": _fund("share of worlds with months_in_one or months_in_two below the red level", "Probability of an early red warning.", "提前预警（红色）的概率。", _CHANCE),
    "deficit_avoided": _fund("share of worlds with unchanged_balance < 0 ≤ balance", "Probability that the fund's responses keep its balance from falling below zero.", "仅在现行办法不变时年末为负的概率，即调节避免的耗尽。", _CHANCE),
    "deficit_caused": _fund("share of worlds with balance < 0 ≤ unchanged_balance", "Probability that the balance is below zero only because of the responses.", "仅因调节而年末为负的概率。", _CHANCE),
    "false_alarm": _fund("share of worlds warned two years before with unchanged_balance ≥ 0 in both years since", "Probability of a warning that would have proved wrong had nothing been changed.", "误报概率：两年前预警，而现行办法不变时两年内均不为负。", _CHANCE),
    "missed_deficit": _fund("share of worlds with unchanged_balance < 0 that were never warned before", "Probability of a balance below zero without a warning before it.", "漏报概率：现行办法不变时年末为负，而此前从未预警。", _CHANCE),
    "rung": _fund("rungs above (+) or below (−) the plan", "Where benefits stand on the ladder; 0 is the plan itself.", "待遇阶梯级数，0为现行待遇。", "rung"),
    "unchanged_revenue": _fund("revenue of the fund that changes nothing", "Revenue of the same fund in the same worlds without responses, factor, ladder or raised premium.", "同样情形下不作任何调节的基金收入。"),
    "unchanged_expenditure": _fund("expenditure of the fund that changes nothing", "Likewise its expenditure.", "不作任何调节的基金支出。"),
    "unchanged_balance": _fund("balance of the fund that changes nothing", "Likewise its cumulative surplus.", "不作任何调节的累计结余。"),
    "unchanged_surplus_rate": _fund("surplus_rate of the fund that changes nothing", "Likewise its annual surplus rate.", "不作任何调节的当年结余率。", "%"),
    "unchanged_months_held": _fund("months_held of the fund that changes nothing", "Likewise its months of expenditure held.", "不作任何调节的累计结余可支付月数。", _MONTH),
    "unchanged_exhausted": _fund("exhausted of the fund that changes nothing", "Likewise its probability of exhaustion.", "不作任何调节时截至当年末累计结余耗尽概率。", _CHANCE),
    "unchanged_over_annual": _fund("over_annual of the fund that changes nothing", "Likewise for the annual limit.", "不作任何调节时超过当年结余率上限的概率。", _CHANCE),
    "unchanged_over_cumulative": _fund("over_cumulative of the fund that changes nothing", "Likewise for the cumulative limit.", "不作任何调节时超过累计结余上限的概率。", _CHANCE),
    "factor": _fund("last year's factor ± at most the step, within its bounds", "Control factor on ordinary inpatient payments; 100% pays by the rules.", "普通住院支付系数，100%即按规则支付。", "%"),
    "premium_step": _fund("min(what is missing / premium and contributions due, limit) × 100", "Rise of premium and contributions to meet last year's deficit.", "为弥补上年缺口的缴费上调幅度。", "%"),
    "deficit_top_up": _fund("min(what is missing, limit × funding)", "What the government pays to meet a deficit.", "财政弥补基金缺口的资金。"),
    "reserve_used": _fund("min(what is missing, risk_reserve)", "What the risk reserve pays to meet a deficit.", "动用的风险基金。"),
    "subsidy_central": _fund("subsidy received × share of the central government", "Subsidy of the central government received in the year.", "当年到账的中央财政补助。"),
    "subsidy_provincial": _fund("subsidy received × share of the province", "Subsidy of the province.", "当年到账的省级财政补助。"),
    "subsidy_county": _fund("subsidy received × share of city and county", "Subsidy of city and county.", "当年到账的市县财政补助。"),
    "provider_settlement": _fund("Σ over segments (what the payment method owes − claims)", "What hospitals get at year end beyond what they claimed; below zero they bear it.", "年终清算中高于申报额的部分；负数表示由医疗机构承担。"),
    "cii_from_surplus": _fund("min(cii_premium, cumulative surplus at the start)", "The part of the CII premium that earlier surplus pays. A memo: it is expenditure either way.", "由历年结余支付的大病保险保费（备查，仍计入支出）。"),
    "commercial_premiums": _fund("members with cover × premium", "Premiums of commercial supplements, outside the fund.", "商业补充保险保费（基金之外）。"),
    "gp_fees": _fund("fee × members × the fund's share", "Contract fees of family doctors that the fund pays.", "家庭医生签约服务费中基金分担的部分。"),
    "gp_fees_health": _fund("fee × members × share of public health money", "The part that public health money pays.", "家庭医生签约服务费中公共卫生经费分担的部分。"),
    "gp_fees_patients": _fund("fee × members × the members' share", "The part that members pay.", "家庭医生签约服务费中签约居民分担的部分。"),
    "hospital_borne": _fund("Σ hospital − provider_settlement", "What hospitals bear of the year's care: on bills under case and per-diem prices, and by the year-end settlement.", "医疗机构自行承担的费用：按病种、按床日差额及年终清算。"),
    "pressure_inpatient": _fund("last pressure + part of (borne / billed − it), by halves", "How much of inpatient care hospitals have borne in recent years, to which their conduct responds.", "近年医疗机构自行承担的住院费用比例，医疗行为随之反应。", "%"),
    "pressure_outpatient": _fund("likewise of outpatient care", "The same for outpatient care.", "近年医疗机构自行承担的门诊费用比例。", "%"),
    "quality_loss": _fund("pressure_inpatient × response", "Readmissions more under that pressure. A memo that moves nothing else.", "超支压力下再住院的增加（备查，不影响其他指标）。", "%"),
    # other accounts
    "enterprise_payments": _fund("entering retirees × payment", "Paid once for retirees of closed or struggling state enterprises who enter.", "关闭破产和困难国有企业退休人员纳入时的一次性趸缴。"),
    "account_payments": _fund("Σ account", "Bills that individual accounts pay.", "个人账户支付的医疗费用。"),
    "supplement_payments": _fund("Σ supplement", "What the large-sum supplement pays.", "大额医疗费用补助支付。"),
    "supplement_balance": _fund("opening + supplement_premiums − supplement_payments", "The supplement's account at year end.", "年末大额医疗费用补助结余。"),
    "cii_margin": _fund("min(cii_premium × margin, what is left after cii_payments)", "What the CII insurer may keep.", "大病保险承保机构协议盈利。"),
    "cii_premium_rate": _fund("last rate moved towards the claims, at most by the step", "CII premium relative to the stated one, where it follows the claims.", "大病保险保费与规定标准之比（随赔付率调整时）。", "%"),
    "supplement_premium_rate": _fund("last rate moved towards the claims, at most by the step", "Likewise of the large-sum supplement.", "大额补助缴费与规定标准之比。", "%"),
    "cii_clawback": _fund("last year's profit beyond cii_margin × share returned", "Last year's CII profit that returns to the fund; it is no revenue.", "上年大病保险超额盈余返还基金，不计入收入。"),
    "cii_loss_borne": _fund("last year's loss × the fund's share", "Last year's CII loss that the fund bears.", "上年大病保险亏损中由基金分担的部分。"),
    "cii_insurer": _fund("cii_premium − cii_payments − cii_margin − share returned + share borne", "What is left to the insurer beyond its margin; below zero its loss.", "承保机构协议盈利之外的盈亏。"),
    "assistance_appropriation": _fund("max(assistance + premium_help − assistance_donations − what is carried over, 0)", "What the budget gives to medical assistance.", "医疗救助财政拨款。"),
    "premium_help": _fund("Σ over groups (premium due × share helped)", "Premiums that medical assistance pays for the poor.", "医疗救助资助困难群众参保的支出。"),
    "assistance_donations": _fund("donation a head × members", "Donations to medical assistance.", "医疗救助社会捐赠。"),
    "supplement_premiums": _fund("premium × members × supplement_premium_rate / 100", "Premiums of the large-sum supplement.", "大额医疗费用补助缴费。"),
    "relief_funding": _fund("funding a head × members", "Government funding of the emergency relief fund.", "疾病应急救助财政出资。"),
    "relief_donations": _fund("donation a head × members", "Donations to it.", "疾病应急救助社会捐赠。"),
    "relief_payments": _fund("Σ relief", "What emergency relief pays.", "疾病应急救助支出。"),
    "relief_balance": _fund("opening + relief_funding + relief_donations − relief_payments", "Its balance at year end.", "年末疾病应急救助基金结余。"),
    # pooling units
    "units": _fund("number of funds", "Pooling units of the scheme: counties, cities or one.", "统筹单位数：县、市或全地区一个。", "count"),
    "units_exhausted": _fund("units that have run out / units × 100", "Pooling units whose fund has run out, each counted once.", "结余已耗尽的统筹单位比例（每单位计一次）。", "%"),
    "unit_balance_per_head": Definition("CNY/person", _UNIT, "quantile over units of balance / members", "How far apart the units' funds are.", "各统筹单位人均结余的分布。"),
    "unit_months_held": Definition(_MONTH, _UNIT, "quantile over units of balance / (expenditure / 12)", "The same in months of expenditure.", "各统筹单位累计结余可支付月数的分布。"),
    "adjustment_paid": _fund("revenue × share", "What units pay into the adjustment fund.", "各统筹单位上解的调剂金。"),
    "adjustment_received": _fund("what is missing × share met", "What units in deficit get from it.", "缺口单位得到的调剂金补助。"),
    "adjustment_fund": _fund("opening + adjustment_paid − adjustment_received", "The adjustment fund at year end.", "年末调剂金结余。"),
    # hospitals, public health: beside the fund
    "government_compensation": _fund("Σ billed × markup given up × share met / persons × members", "What the government pays hospitals for the drug markup that they give up.", "取消药品加成后财政对医院的补偿。"),
    "public_health_funding": _fund("funding a head × members", "Basic public health funding.", "基本公共卫生服务经费。"),
    "beds_per_1000": _fund("dated beds, grown and held by the limit", "Hospital beds for 1,000 residents.", "每千常住人口床位数。", "1/1000"),
    "chance_in_expenditure": _fund("(expenditure − expenditure expected in the world) / expenditure × 100", "What of the year's expenditure is chance between the members of the real population; its standard deviation over worlds tells how large it is.", "当年支出中由真实人群偶然波动造成的部分；其在各次模拟间的标准差反映波动大小。", "%"),
}
