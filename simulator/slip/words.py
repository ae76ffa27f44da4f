"""One bill as a settlement slip (结算单): every step of docs/settlement.md with its figures, result and clause.

The slip words the trace that `law/settle.py` leaves of the bill; it works nothing out. Each figure stands in a formula of the
plan's terms and of figures above it, so that a reader can follow with a calculator.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator import plan as t
from simulator.dimensions import DIMENSIONS
from simulator.law.basic import FILED
from simulator.law.rules import OUTSIDE, TOWNSHIP
from simulator.law.settle import settle_bill
from simulator.law.year import TRACE, Trace, YearState
from simulator.money import UNLIMITED, yuan
from simulator.slip.layers import bands_in_words, word_later_layers
from simulator.slip.steps import Bill, Labels, Slip, Step, area_in_words, percent, product, rounding_in_words
from simulator.slip.visits import is_chronic, word_visit
from simulator.tables import INPATIENT, LEFT, PAYERS, Fact, Paid

# Labels of the steps: name -> English, Chinese. The eleven payers have the names of tables.PAYERS.
LABELS: Labels = {
    "billed": ("Billed", "医疗总费用"), "eligible": ("Eligible (in-scope) expense", "政策范围内费用"),
    "reference": ("In scope after the new drug's price", "扣除新药超支付标准部分后"),
    "excluded": ("Excluded expense", "政策范围外费用"),
    "first_pay": ("In scope after the first payment", "先行自付后政策范围内费用"),
    "list": ("Catastrophic-illness list", "重大疾病目录"), "quota": ("Basis: the quota price", "定额标准"),
    "share": ("Ratio of the list", "按病种比例"), "better": ("At least as an ordinary bill", "就高不就低"),
    "price": ("Price of the admission", "住院付费标准"),
    "on_price": ("In scope of the price", "付费标准内政策范围费用"),
    "expense": ("Within the annual cap on expense", "封顶线内费用"),
    "deductible": ("Deductible", "起付线"),
    "base": ("Above the deductible", "起付线以上费用"),
    "copay": ("Fixed sum of the patient", "定额自付"), "account_first": ("Account before pooling", "个人账户先行支付"),
    "civil": ("Employer's supplement", "公务员补助、企业补充支付"), "cover": ("Commercial cover alone", "商业保险支付"),
    "band": ("Band", "分段"), "tcm": ("Traditional Chinese medicine", "中医药加成"),
    "essential": ("Favoured list", "基本药物等目录加成"), "second": ("Second assistance", "再次救助"),
    "sum": ("Sum of the bands", "分段合计"), "minimum": ("Guaranteed minimum", "保底报销"),
    "factor": ("Control factor", "基金调控系数"),
    "cap": ("Annual cap", "封顶线"), "consultation": ("General consultation fee", "一般诊疗费"),
    "visit": ("Rest of the visit", "其余门诊费用"), "limit": ("Limit", "限额"),
    "basic": ("Pooled fund, basic insurance", "统筹基金支付"), "listed": ("Listed illness", "重大疾病保障支付"),
    "outpatient": ("Outpatient pooling", "门诊统筹支付"),
    "above": ("In scope above the cap", "封顶线以上政策范围内费用"),
    "supplement": ("Large-sum supplement", "大额医疗费用补助支付"), "self_pay": ("In-scope self-pay", "政策范围内自付"),
    "compliant": ("Compliant expense", "合规费用"), "cii_year": ("CII, year with this bill", "大病保险全年应付(含本次)"),
    "cii_before": ("CII, year before it", "大病保险全年应付(本次前)"),
    "cii": ("Critical illness insurance (CII)", "大病保险支付"),
    "commercial": ("Commercial cover", "商业补充保险支付"), "assistance": ("Medical assistance", "医疗救助支付"),
    "account": ("Individual account", "个人账户支付"), "relief": ("Emergency relief fund", "疾病应急救助基金支付"),
    "hospital": ("Borne by the hospital", "医院承担"), "cash": ("Cash paid by the patient", "个人现金支付"),
    "together": ("Together", "合计"),
}


def explain(terms: np.ndarray, year: np.ndarray, bill: Bill, cite: Callable[[str], str] = lambda path: "",
            lang: str = "en") -> list[Step]:
    """The steps of one bill under a row of plan terms; `year` is the person's state before the bill and moves on.

    `cite(path)` gives the source of a parameter such as `inpatient.deductible` (no scheme). The amounts of the steps
    that are payers add up to the bill, which the last line says.
    """
    return explain_facts(terms, year, bill.facts(), lang, cite, bill.in_scope, bill.local_tier)


def explain_facts(terms: np.ndarray, year: np.ndarray, facts: np.ndarray, lang: str = "en",
                  cite: Callable[[str], str] = lambda path: "", in_scope: int | None = None, local_tier: str = "") -> list[Step]:
    """As `explain`, of a bill as the rules read it, int64[FACTS]; `in_scope` and `local_tier` as in `Bill`."""
    before = year.copy()
    paid, trace = np.zeros(LEFT, dtype=np.int64), np.zeros(TRACE, dtype=np.int64)
    settle_bill(terms, year, facts, paid, trace)
    slip = Slip(terms.tolist(), before.tolist(), facts.tolist(), trace.tolist(), paid.tolist(), cite, LABELS, lang)
    slip.local_tier = local_tier
    word_scope(slip, in_scope)
    if slip.facts[Fact.ILLNESS] >= 0:
        word_membership(slip)
    if slip.trace[Trace.LISTED]:
        word_listed(slip)
    elif slip.facts[Fact.KIND] == INPATIENT:
        word_admission(slip)
    else:
        word_visit(slip)
        slip.add("outpatient", slip.paid[Paid.OUTPATIENT],
                 source="outpatient.chronic_ratio" if is_chronic(slip) else "outpatient.ratio", payer=True)
    word_later_layers(slip)
    word_sum(slip)
    return slip.steps


def word_sum(slip: Slip) -> None:
    """The last line: the payers add up to the bill."""
    billed = slip.facts[Fact.BILLED]
    shown = [slip.paid[PAYERS.index(step.name)] for step in slip.steps if step.payer]
    parts = " + ".join(yuan(amount) if amount >= 0 else f"({yuan(amount)})" for amount in shown if amount)
    slip.add("together", billed, slip.say(f"{parts or yuan(0)} = {yuan(billed)}, the bill",
                                          f"{parts or yuan(0)} = {yuan(billed)}, 与总费用一致"))


def word_scope(slip: Slip, in_scope: int | None) -> None:
    """Steps 0 and 2a: the bill, its in-scope part, a new drug's reference price, what is paid first out of area."""
    facts, reference, first, outside = (slip.facts, slip.terms[t.REFERENCE_PRICE], slip.trace[Trace.FIRST_PAID],
                                        slip.trace[Trace.FIRST_OUTSIDE])
    scope = slip.trace[Trace.SCOPE] + first + slip.trace[Trace.ACCOUNT_FIRST]
    billed, eligible, drug = facts[Fact.BILLED], facts[Fact.ELIGIBLE], facts[Fact.NEW_DRUG]
    slip.add("billed", billed)
    made = "" if in_scope is None else f"{yuan(billed)} x {percent(in_scope)}"
    slip.add("eligible", eligible, made, "care.in_scope_share" if facts[Fact.KIND] == INPATIENT else "care.visit_in_scope_share")
    if drug and reference < UNLIMITED:
        inside = slip.say(f"new drug {yuan(drug)} within its reference price {yuan(reference)}",
                          f"新药 {yuan(drug)} 未超支付标准 {yuan(reference)}")
        slip.add("reference", scope, f"{yuan(eligible)} - ({yuan(drug)} - {yuan(reference)})" if scope < eligible else inside,
                 "inpatient.reference_price")
    rest = scope - first + outside
    if first > outside:
        slip.add("first_pay", rest, f"{yuan(scope)} - {yuan(first - outside)}"
                 + slip.say(" (category B, paid first)", " (乙类先行自付)"))
    if outside:
        share = percent(slip.terms[t.OUTSIDE_FIRST_PAY])
        slip.add("first_pay", rest - outside, f"{yuan(rest)} - {yuan(outside)} ({yuan(rest)} x {share})",
                 "inpatient.outside_first_pay")
    if billed > scope - first:
        slip.add("excluded", billed - scope + first, f"{yuan(billed)} - {yuan(scope - first)}")


# --------------------------------------------------------------------------------------------------
# Listed illnesses
# --------------------------------------------------------------------------------------------------

def word_membership(slip: Slip) -> None:
    """Step 1: what the list says of the illness."""
    membership = slip.terms[t.LISTED + slip.facts[Fact.ILLNESS]]
    if membership == t.FULL:
        text = slip.say("on the list", "列入目录")
    elif membership == t.PILOT and slip.trace[Trace.LISTED]:
        text = slip.say("on the pilot list, and the county takes part", "列入试点目录, 所在县参加试点")
    elif membership == t.PILOT:
        text = slip.say("on the pilot list, but the county takes no part: as an ordinary bill",
                        "列入试点目录, 所在县未参加试点: 按普通费用结算")
    else:
        text = slip.say("not on the list: as an ordinary bill", "未列入目录: 按普通费用结算")
    slip.add("list", None, text, "listed.membership")


def word_listed(slip: Slip) -> None:
    """Step 2: quota price, ratio of the list, better-of, annual cap."""
    terms, facts, trace, illness = slip.terms, slip.facts, slip.trace, slip.facts[Fact.ILLNESS]
    own_price, basis = facts[Fact.QUOTA_PRICE], trace[Trace.BASIS]
    billed, quota = facts[Fact.BILLED], own_price or terms[t.QUOTA + illness]
    payment, ordinary, listed = trace[Trace.LIST_RATIO], trace[Trace.ORDINARY], trace[Trace.LIST_WANTED]
    if quota > 0:
        whose = slip.say(" (the price of its type)", " (该分型限价)") if own_price else ""
        slip.add("quota", basis, f"min({yuan(billed)}, {yuan(quota)} x {facts[Fact.UNITS]}){whose}",
                 "" if own_price else "listed.quota")
    slip.add("share", payment, f"{yuan(basis)} x {percent(terms[t.LISTED_RATIO + illness])}"
             + slip.say(", no deductible", ", 不设起付线"), "listed.ratio")
    if terms[t.LISTED_BETTER] == 1:
        slip.prefix = ("as ordinary: ", "按普通费用: ")
        if facts[Fact.KIND] == INPATIENT:
            word_pooled(slip, billed, trace[Trace.SCOPE], ordinary)
        else:
            word_visit(slip)
        slip.prefix = ("", "")
        most = billed - slip.paid[Paid.HOSPITAL]
        slip.add("better", listed, slip.say(f"the larger of {yuan(payment)} and {yuan(ordinary)}, at most {yuan(most)}",
                                            f"{yuan(payment)} 与 {yuan(ordinary)} 取高者, 不超过 {yuan(most)}"),
                 "listed.better_of")
    text = ""
    if terms[t.LISTED_OUTSIDE_CAP] == 0 and terms[t.CAP_BASIS] == t.CAP_ON_PAYMENT:
        slip.limited("cap", slip.paid[Paid.LISTED], listed, trace[Trace.CAP], slip.before[YearState.CAP_USED],
                     "inpatient.annual_cap")
    else:
        text = slip.say("outside the annual cap", "不受封顶线限制")
    slip.add("listed", slip.paid[Paid.LISTED], text, "listed.outside_cap" if terms[t.LISTED_OUTSIDE_CAP] else "listed.ratio",
             payer=True)


# --------------------------------------------------------------------------------------------------
# Admissions
# --------------------------------------------------------------------------------------------------

def word_price(slip: Slip) -> None:
    """Step 3: the case or per-diem price, and what is in scope of it."""
    terms, facts, trace, tier = slip.terms, slip.facts, slip.trace, slip.facts[Fact.TIER]
    price, level = trace[Trace.PRICE], terms[t.CASE_LEVEL + tier]
    if price < 0:
        return
    if facts[Fact.CASE_PRICE] > 0 and level > 0:
        slip.add("price", price, slip.say("by case: ", "按病种付费: ") + f"{yuan(facts[Fact.CASE_PRICE])} x {percent(level)}",
                 "payment.case_level")
    else:
        slip.add("price", price, slip.say("by day: ", "按床日付费: ")
                 + f"{yuan(terms[t.DAY_PRICE + tier])} x {facts[Fact.DAYS]}", "payment.day_price_level")
    if terms[t.PATIENT_SHARE_BASE] == t.SHARE_OF_PRICE:
        slip.add("on_price", trace[Trace.BASIS], slip.say("settled as if the price had been billed: ", "视同按付费标准收费: ")
                 + f"{yuan(price)} x {yuan(trace[Trace.SCOPE])} / {yuan(facts[Fact.BILLED])}", "payment.patient_share_base")


def word_admission(slip: Slip) -> None:
    """Steps 3, 3a and 4: price, pooled fund, large-sum supplement."""
    terms, trace, paid = slip.terms, slip.trace, slip.paid
    price, entitled, basis = trace[Trace.PRICE], paid[Paid.ENTITLED], trace[Trace.BASIS]
    word_price(slip)
    word_pooled(slip, trace[Trace.CHARGED], basis, entitled)
    if price >= 0 and terms[t.PATIENT_SHARE_BASE] == t.SHARE_OF_BILLED:
        slip.add("basic", paid[Paid.BASIC], slip.say("the fund pays the price: ", "基金按付费标准支付: ")
                 + f"{yuan(entitled)} - min({yuan(slip.facts[Fact.BILLED])} - {yuan(price)}, {yuan(entitled)})",
                 "payment.patient_share_base", payer=True)
    else:
        slip.add("basic", paid[Paid.BASIC], source="inpatient.ratio", payer=True)
    above, most = trace[Trace.ABOVE_CAP], basis - entitled
    if above > 0 and has_supplement(terms):
        text = (" + ".join(bands_in_words(slip, Trace.SUPPLEMENT_PARTS, t.SUPPLEMENT_RATIO, 0))
                + slip.say(f", at most {yuan(most)} unpaid", f", 不超过未付 {yuan(most)}"))
        if terms[t.SUPPLEMENT_CAP] < UNLIMITED:
            room = slip.left(terms[t.SUPPLEMENT_CAP], slip.before[YearState.SUPPLEMENT_USED])
            text += slip.say(f" and {room} left of its cap", f", 不超过限额余额 {room}")
        slip.add("supplement", paid[Paid.SUPPLEMENT], text, "supplement.ratio", payer=True)


def has_supplement(terms: list[int]) -> bool:
    """Whether the large-sum supplement pays in any band."""
    return any(terms[t.SUPPLEMENT_RATIO:t.SUPPLEMENT_RATIO + t.BANDS])


def word_pooled(slip: Slip, billed: int, eligible: int, payment: int) -> None:
    """Step 3a: what the pooled fund pays for an ordinary admission, and the in-scope expense above the annual cap."""
    terms, before, trace = slip.terms, slip.before, slip.trace
    tier, cap, on_expense = slip.facts[Fact.TIER], trace[Trace.CAP], terms[t.CAP_BASIS] == t.CAP_ON_EXPENSE
    counted, deductible, base, above = (trace[Trace.COUNTED], trace[Trace.DEDUCTIBLE], trace[Trace.BASE],
                                        trace[Trace.ABOVE_CAP])
    if on_expense:
        slip.limited("expense", counted, eligible, cap, before[YearState.ELIGIBLE_YEAR], "inpatient.cap_basis")
    word_deductible(slip)
    copay = trace[Trace.COPAY]
    if terms[t.ADMISSION_COPAY + tier]:
        slip.add("copay", copay, f"min({yuan(terms[t.ADMISSION_COPAY + tier])}, {yuan(base + copay)})")
    slip.add("base", base, f"max({yuan(counted)} - {yuan(deductible)}, 0)" + (f" - {yuan(copay)}" if copay else ""))
    word_bands(slip)
    bands_paid, guaranteed, wanted = trace[Trace.BANDS_PAID], trace[Trace.GUARANTEED], trace[Trace.AFTER_FACTOR]
    if terms[t.GUARANTEED_SHARE + tier]:
        on = billed if terms[t.GUARANTEED_BASIS] == t.GUARANTEED_OF_BILLED else counted
        unit, share = rounding_in_words(slip), percent(terms[t.GUARANTEED_SHARE + tier])
        least = f"{yuan(on)} x {share}{unit}{':' if unit else ' ='} {yuan(trace[Trace.LEAST])}"
        slip.add("minimum", guaranteed, f"max({yuan(bands_paid)}, {least})"
                 + slip.say(f", at most {yuan(counted)}", f", 不超过 {yuan(counted)}"), "inpatient.guaranteed_share")
    if terms[t.FACTOR] != 10000:
        slip.add("factor", wanted, f"min({yuan(guaranteed)} x {percent(terms[t.FACTOR])}, {yuan(counted)})"
                 + rounding_in_words(slip))
    if not on_expense:
        slip.limited("cap", payment, wanted, cap, before[YearState.CAP_USED], "inpatient.annual_cap")
        if payment < wanted and has_supplement(terms):
            slip.add("above", above, f"{yuan(base)} x ({yuan(wanted)} - {yuan(payment)}) / {yuan(wanted)}")
    elif above and has_supplement(terms):
        slip.add("above", above, f"{yuan(eligible)} - {yuan(counted)}")


def word_deductible(slip: Slip) -> None:
    """Step 3a.2: the deductible, or why there is none."""
    facts, terms, trace, before = slip.facts, slip.terms, slip.trace, slip.before
    if terms[t.DEDUCTIBLE_WAIVED + facts[Fact.GROUP]] == 1:
        slip.add("deductible", 0, slip.say("waived for this assistance group", "救助对象免除"), "inpatient.waived_groups")
        return
    order, stated, used = min(trace[Trace.ORDER], t.ORDERS - 1), trace[Trace.DEDUCTIBLE_STATED], before[YearState.DEDUCTIBLE_USED]
    later = " or later" if order == t.ORDERS - 1 else ""
    tier = slip.local_tier or slip.say(("township", "county", "city", "out of area")[facts[Fact.TIER]],
                                       ("乡镇", "县级", "市级", "统筹区外")[facts[Fact.TIER]])
    where = slip.say(" at this tier", "同级") if terms[t.ORDER_COUNTED] == t.ORDER_BY_TIER else ""
    text = slip.say(f"{tier}, {DIMENSIONS['order'][order]}{later} admission of the year{where}",
                    f"{tier}, 当年第{'一二三四五六'[order]}次{'及以后' if later else ''}{where}住院")
    part = terms[t.DEDUCTIBLE_SHARE + facts[Fact.TIER] * t.ORDERS + order]
    if part:
        text += f": {yuan(trace[Trace.COUNTED])} x {percent(part)}" + slip.say(
            f", at least {yuan(terms[t.DEDUCTIBLE_LEAST])}", f", 不低于 {yuan(terms[t.DEDUCTIBLE_LEAST])}")
        if terms[t.DEDUCTIBLE_MOST] < UNLIMITED:
            text += slip.say(f", at most {yuan(terms[t.DEDUCTIBLE_MOST])}", f", 不超过 {yuan(terms[t.DEDUCTIBLE_MOST])}")
    if facts[Fact.OUT_OF_AREA]:
        factor = t.OUT_OF_AREA_DEDUCTIBLE_FACTOR if facts[Fact.OUT_OF_AREA] == FILED else t.UNFILED_DEDUCTIBLE_FACTOR
        text += f"; x {percent(terms[factor])}" + slip.say(" out of area", " 异地")
    shared = terms[t.DEDUCTIBLE_SHARED] == 1
    if shared or terms[t.DEDUCTIBLE_YEAR_LIMIT] < UNLIMITED:
        text += f"; {yuan(stated)}"
        if shared:
            of_visits = before[YearState.OUTPATIENT_DEDUCTIBLE_USED]
            text += f" - {yuan(used + of_visits)}" + slip.say(" of the year, visits included", " 年度已用(含门诊)")
        if terms[t.DEDUCTIBLE_YEAR_LIMIT] < UNLIMITED:
            left = slip.left(terms[t.DEDUCTIBLE_YEAR_LIMIT], used)
            text += slip.say(f", at most {left} of the year", f", 年度不超过 {left}")
    if terms[t.DEDUCTIBLE_KIND] == t.FRANCHISE:
        text += slip.say("; nothing is deducted from more than it", "; 超过则全额计算")
    slip.add("deductible", trace[Trace.DEDUCTIBLE], text, "inpatient.deductible")


def points_in_words(slip: Slip) -> str:
    """Step 3a.4: what the points on every band's rate are for."""
    terms, facts, text = slip.terms, slip.facts, ""
    for holds, sign, amount, en, zh in (
            (facts[Fact.TIER] == TOWNSHIP, "+", terms[t.PRIMARY_BONUS], "primary care", "基层"),
            (facts[Fact.TIER] == OUTSIDE, "-", terms[t.OUTSIDE_PENALTY], "out of area", "统筹区外"),
            (facts[Fact.UNREFERRED] == 1, "-", terms[t.UNREFERRED_PENALTY], "unreferred", "未经转诊")):
        if holds and amount:
            text += f" {sign} {percent(amount)} {slip.say(en, zh)}"
    return text


def word_bands(slip: Slip) -> None:
    """Steps 3a.3 and 3a.4: a line a band, the TCM part, their sum rounded once."""
    terms, trace, facts = slip.terms, slip.trace, slip.facts
    points, base, parts = points_in_words(slip), trace[Trace.BASE], []
    ratios = t.RATIO + (facts[Fact.TIER] * t.N_CLASSES + facts[Fact.MEMBER_CLASS]) * t.BANDS
    for band in range(trace[Trace.BANDS]):
        start, part, rate = (trace[place + band] for place in (Trace.BAND_FROM, Trace.BAND_PART, Trace.BAND_RATE))
        if part > 0:
            paid, least = trace[Trace.BAND_PAID + band], terms[t.BAND_OWN_LEAST + band]
            parts.append(product(paid, 1))
            how = f" ({percent(terms[ratios + band])}{points})" if points else ""
            text = f"{yuan(part)} x {percent(rate)}{how}"
            if paid != part * rate:
                text = f"max({yuan(part)} - {yuan(least)}, 0)" + slip.say(", the least that the patient pays", ", 个人最低自付")
            slip.add("band", None, f"{yuan(start)} - {yuan(start + part)}: {text} = {parts[-1]}", "inpatient.ratio")
    for name, bonus, whole, counted, source in (
            ("tcm", terms[t.TCM_BONUS + facts[Fact.TIER]], facts[Fact.TCM], trace[Trace.TCM_PART], "inpatient.tcm_bonus"),
            ("essential", terms[t.ESSENTIAL_BONUS + facts[Fact.TIER]], facts[Fact.ESSENTIAL], trace[Trace.ESSENTIAL_PART], "")):
        if bonus and counted:
            parts.append(product(counted, bonus))
            slip.add(name, None, f"min({yuan(whole)}, {yuan(base)}) x {percent(bonus)} = {parts[-1]}", source)
    slip.add("sum", trace[Trace.BANDS_PAID], f"{' + '.join(parts) or yuan(0)}"
             + area_in_words(slip)
             + (slip.say(", band by band", ", 逐段取整") if terms[t.ROUNDING_STEP] == t.BAND_BY_BAND else "")
             + (rounding_in_words(slip) or slip.say(", rounded to the fen", ", 四舍五入到分"))
             + slip.say(f", at most {yuan(base)}", f", 不超过 {yuan(base)}"))
