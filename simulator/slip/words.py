"""One bill as a settlement slip (结算单): every step of docs/settlement.md with its figures, result and clause.

The slip works the bill out again, line by line, in plain whole numbers, so that a reader can follow with a
calculator; what it finds for each payer must be what the compiled rules paid, or it refuses to print.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator import plan as t
from simulator.law import rules
from simulator.law.settle import YearState
from simulator.money import LARGEST_BILL, UNLIMITED, half_up, share, yuan
from simulator.slip.layers import Left, later_layers
from simulator.slip.steps import Bill, Slip, Step, percent, product
from simulator.tables import INPATIENT, PAYERS, Fact


class SlipError(Exception):
    """The slip and the rules differ: a fault of the program."""


def explain(terms: np.ndarray, year: np.ndarray, bill: Bill, cite: Callable[[str], str] = lambda path: "",
            lang: str = "en") -> list[Step]:
    """The steps of one bill under a row of plan terms; `year` is the person's state before the bill and moves on.

    `cite(path)` gives the source of a parameter such as `inpatient.deductible` (no scheme). The amounts of the steps
    that are payers add up to the bill, which the last line says.
    """
    facts, paid, before = bill.facts(), np.zeros(rules.LEFT, dtype=np.int64), year.copy()
    rules.settle_bill(terms, year, facts, paid)
    slip = Slip(terms.tolist(), before.tolist(), facts.tolist(), cite, lang)
    eligible, tcm = _scope(slip, bill)
    left = Left(slip.facts[Fact.BILLED], eligible)
    if _on_the_list(slip):
        _listed(slip, left, tcm, lambda: int(rules.as_ordinary(terms, before.copy(), facts, eligible, tcm)))
    elif slip.facts[Fact.KIND] == INPATIENT:
        _admission(slip, left, tcm)
    else:
        left.outpatient = visit(slip, eligible)
        slip.add("outpatient", left.outpatient, source="outpatient.chronic_ratio" if _is_chronic(slip) else "outpatient.ratio",
                 payer=True)
    later_layers(slip, left)
    _together(slip, bill, paid)
    return slip.steps


def _together(slip: Slip, bill: Bill, paid: np.ndarray) -> None:
    """The last line, and the check of every payer against what the rules paid."""
    found = {step.name: step.amount for step in slip.steps if step.payer}
    for payer, amount in zip(PAYERS, paid.tolist(), strict=False):
        if found.get(payer, 0) != amount:
            raise SlipError(f"{payer}: the slip says {found.get(payer, 0)} fen, the rules {amount} fen, for {bill}")
    parts = " + ".join(yuan(amount) if amount >= 0 else f"({yuan(amount)})" for amount in found.values() if amount)
    slip.add("together", bill.billed, slip.say(f"{parts or yuan(0)} = {yuan(bill.billed)}, the bill",
                                               f"{parts or yuan(0)} = {yuan(bill.billed)}, 与总费用一致"))


def _scope(slip: Slip, bill: Bill) -> tuple[int, int]:
    """Step 0: the bill, its in-scope part, a new drug's reference price; returns E and the TCM in it."""
    facts, reference = slip.facts, slip.terms[t.REFERENCE_PRICE]
    eligible, tcm, drug = facts[Fact.ELIGIBLE], facts[Fact.TCM], facts[Fact.NEW_DRUG]
    slip.add("billed", bill.billed)
    made = "" if bill.in_scope is None else f"{yuan(bill.billed)} x {percent(bill.in_scope)}"
    slip.add("eligible", eligible, made, "care.visit_in_scope_share" if bill.kind == "outpatient" else "care.in_scope_share")
    if drug and reference < UNLIMITED:
        inside = slip.say(f"new drug {yuan(drug)} within its reference price {yuan(reference)}",
                          f"新药 {yuan(drug)} 未超支付标准 {yuan(reference)}")
        cut = max(drug - reference, 0)
        eligible, tcm = eligible - cut, min(tcm, eligible - cut)
        slip.add("reference", eligible, f"{yuan(eligible + cut)} - ({yuan(drug)} - {yuan(reference)})" if cut else inside,
                 "inpatient.reference_price")
    if bill.billed > eligible:
        slip.add("excluded", bill.billed - eligible, f"{yuan(bill.billed)} - {yuan(eligible)}")
    return eligible, tcm


# --------------------------------------------------------------------------------------------------
# Listed illnesses
# --------------------------------------------------------------------------------------------------

def _on_the_list(slip: Slip) -> bool:
    """Step 1, with a line that says what the list says."""
    illness = slip.facts[Fact.ILLNESS]
    if illness < 0:
        return False
    membership, pilot = slip.terms[t.LISTED + illness], slip.facts[Fact.PILOT_RANK] < slip.terms[t.PILOT_COUNTIES]
    if membership == 1:
        said = slip.say("on the list", "列入目录")
    elif membership == 2 and pilot:
        said = slip.say("on the pilot list, and the county takes part", "列入试点目录, 所在县参加试点")
    elif membership == 2:
        said = slip.say("on the pilot list, but the county takes no part: as an ordinary bill",
                        "列入试点目录, 所在县未参加试点: 按普通费用结算")
    else:
        said = slip.say("not on the list: as an ordinary bill", "未列入目录: 按普通费用结算")
    slip.add("list", None, said, "listed.membership")
    return membership == 1 or (membership == 2 and pilot)


def _listed(slip: Slip, left: Left, tcm: int, ordinary: Callable[[], int]) -> None:
    """Step 2: quota price, ratio of the list, better-of, annual cap."""
    terms, facts, illness = slip.terms, slip.facts, slip.facts[Fact.ILLNESS]
    eligible, billed, quota = left.basis, facts[Fact.BILLED], slip.terms[t.QUOTA + illness]
    left.listed_bill = True
    if quota > 0:
        left.basis = min(billed, quota * facts[Fact.UNITS])
        slip.add("quota", left.basis, f"min({yuan(billed)}, {yuan(quota)} x {facts[UNITS]})", "listed.quota")
        if terms[t.QUOTA_KIND + illness] == 1:
            left.hospital = billed - left.basis
    payment = share(left.basis, terms[t.LISTED_RATIO + illness])
    slip.add("share", payment, f"{yuan(left.basis)} x {percent(terms[t.LISTED_RATIO + illness])}"
             + slip.say(", no deductible", ", 不设起付线"), "listed.ratio")
    if terms[t.LISTED_BETTER] == 1:
        slip.prefix = ("as ordinary: ", "按普通费用: ")
        as_ordinary = pooled(slip, billed, eligible, tcm)[0] if facts[Fact.KIND] == INPATIENT else visit(slip, eligible)
        slip.prefix = ("", "")
        if as_ordinary != ordinary():
            raise SlipError(f"as an ordinary bill: the slip says {as_ordinary} fen, the rules {ordinary()} fen")
        better = min(max(payment, as_ordinary), billed - left.hospital)
        slip.add("better", better, slip.say(f"the larger of {yuan(payment)} and {yuan(as_ordinary)}, at most "
                                            f"{yuan(billed - left.hospital)}",
                                            f"{yuan(payment)} 与 {yuan(as_ordinary)} 取高者, "
                                            f"不超过 {yuan(billed - left.hospital)}"),
                 "listed.better_of")
        payment = better
    if terms[t.LISTED_OUTSIDE_CAP] == 0 and terms[t.CAP_BASIS] == 0:
        payment = slip.capped("cap", payment, terms[t.ANNUAL_CAP], slip.before[YearState.CAP_USED], "inpatient.annual_cap")
        said = ""
    else:
        said = slip.say("outside the annual cap", "不受封顶线限制")
    left.listed = payment
    slip.add("listed", payment, said, "listed.outside_cap" if terms[t.LISTED_OUTSIDE_CAP] else "listed.ratio", payer=True)


# --------------------------------------------------------------------------------------------------
# Admissions
# --------------------------------------------------------------------------------------------------

def _price(slip: Slip) -> int:
    """Step 3: the case or per-diem price with its line, -1 under fee for service."""
    terms, facts, tier = slip.terms, slip.facts, slip.facts[Fact.TIER]
    if facts[Fact.PAYMENT_RANK] >= terms[t.PAYMENT_COUNTIES] or facts[Fact.BILLED] == 0:
        return -1
    level, day = terms[t.CASE_LEVEL + tier], terms[t.DAY_PRICE + tier]
    if facts[Fact.CASE_PRICE] > 0 and level > 0:
        price = min(share(facts[Fact.CASE_PRICE], level), LARGEST_BILL)
        slip.add("price", price, slip.say("by case: ", "按病种付费: ") + f"{yuan(facts[CASE_PRICE])} x {percent(level)}",
                 "payment.case_level")
        return price
    if day > 0:
        price = min(day * facts[Fact.DAYS], LARGEST_BILL)
        slip.add("price", price, slip.say("by day: ", "按床日付费: ") + f"{yuan(day)} x {facts[DAYS]}",
                 "payment.day_price_level")
        return price
    return -1


def _admission(slip: Slip, left: Left, tcm: int) -> None:
    """Steps 3, 3a and 4: price, pooled fund, large-sum supplement."""
    true_bill, price = slip.facts[Fact.BILLED], _price(slip)
    on_bill = slip.terms[t.PATIENT_SHARE_BASE] == 1
    if price >= 0 and not on_bill:
        part = left.basis * 10000 // true_bill
        left.billed, left.basis = price, share(price, part)
        tcm = min(tcm, left.basis)
        slip.add("on_price", left.basis, slip.say("settled as if the price had been billed: ", "视同按付费标准收费: ")
                 + f"{yuan(price)} x {percent(part)}", "payment.patient_share_base")
    left.basic, above = pooled(slip, left.billed, left.basis, tcm)
    if price >= 0 and on_bill:
        left.kept = min(true_bill - price, left.basic)
        slip.add("basic", left.basic - left.kept,
                 slip.say("the fund pays the price: ", "基金按付费标准支付: ")
                 + f"{yuan(left.basic)} - min({yuan(true_bill)} - {yuan(price)}, {yuan(left.basic)})",
                 "payment.patient_share_base", payer=True)
    else:
        left.kept = true_bill - left.billed
        slip.add("basic", left.basic, source="inpatient.ratio", payer=True)
    if above > 0 and slip.terms[t.SUPPLEMENT_RATIO] > 0:
        ratio, most = slip.terms[t.SUPPLEMENT_RATIO], left.basis - left.basic
        paid = min(share(above, ratio), max(slip.terms[t.SUPPLEMENT_CAP] - slip.before[YearState.SUPPLEMENT_USED], 0), most)
        said = f"{yuan(above)} x {percent(ratio)}" + slip.say(f", at most {yuan(most)} unpaid", f", 不超过未付 {yuan(most)}")
        if slip.terms[t.SUPPLEMENT_CAP] < UNLIMITED:
            room = slip.left(slip.terms[t.SUPPLEMENT_CAP], slip.before[YearState.SUPPLEMENT_USED])
            said += slip.say(f" and {room} left of its cap", f", 不超过限额余额 {room}")
        slip.add("supplement", paid, said, "supplement.ratio", payer=True)
        left.supplement = paid


def pooled(slip: Slip, billed: int, eligible: int, tcm: int) -> tuple[int, int]:
    """Step 3a: what the pooled fund pays for an ordinary admission, and the in-scope expense above the annual cap."""
    terms, before = slip.terms, slip.before
    cap, on_expense = terms[t.ANNUAL_CAP], terms[t.CAP_BASIS] == 1
    counted = slip.capped("expense", eligible, cap, before[YearState.ELIGIBLE_YEAR], "inpatient.cap_basis") if on_expense else eligible
    deductible = _deductible(slip)
    base = max(counted - deductible, 0)
    slip.add("base", base, f"max({yuan(counted)} - {yuan(deductible)}, 0)")
    payment = _bands(slip, counted, deductible, base, tcm)
    if terms[t.GUARANTEED_SHARE]:
        on = billed if terms[t.GUARANTEED_BASIS] == 1 else counted
        least = share(on, terms[t.GUARANTEED_SHARE])
        better = min(max(payment, least), counted)
        formula = f"max({yuan(payment)}, {yuan(on)} x {percent(terms[t.GUARANTEED_SHARE])} = {yuan(least)})"
        slip.add("minimum", better, formula + slip.say(f", at most {yuan(counted)}", f", 不超过 {yuan(counted)}"),
                 "inpatient.guaranteed_share")
        payment = better
    if terms[t.FACTOR] != 10000:
        worked = min(share(payment, terms[t.FACTOR]), counted)
        slip.add("factor", worked, f"min({yuan(payment)} x {percent(terms[t.FACTOR])}, {yuan(counted)})")
        payment = worked
    above = eligible - counted
    if not on_expense:
        within = slip.capped("cap", payment, cap, before[YearState.CAP_USED], "inpatient.annual_cap")
        if within < payment:
            cut = (payment - within) * 10000 // payment
            above = share(base, cut)
            if terms[t.SUPPLEMENT_RATIO]:
                slip.add("above", above, f"{yuan(base)} x {percent(cut)} [({yuan(payment)} - {yuan(within)}) / {yuan(payment)}]")
        payment = within
    elif above and terms[t.SUPPLEMENT_RATIO]:
        slip.add("above", above, f"{yuan(eligible)} - {yuan(counted)}")
    return payment, above


def _deductible(slip: Slip) -> int:
    """Step 3a.2, with its line."""
    terms, facts = slip.terms, slip.facts
    order = min(slip.before[YearState.ADMISSIONS], 2)
    if terms[t.DEDUCTIBLE_WAIVED + facts[Fact.GROUP]] == 1:
        slip.add("deductible", 0, slip.say("waived for this assistance group", "救助对象免除"), "inpatient.waived_groups")
        return 0
    amount = terms[t.DEDUCTIBLE + (facts[Fact.TIER] * t.ORDERS + order) * t.CLASSES + facts[Fact.MEMBER_CLASS]]
    tier = slip.say(("township", "county", "city", "out of area")[facts[Fact.TIER]], ("乡镇", "县级", "市级", "统筹区外")[facts[Fact.TIER]])
    slip.add("deductible", amount, slip.say(f"{tier}, {('first', 'second', 'third or later')[order]} admission of the year",
                                            f"{tier}, 当年第{('一次', '二次', '三次及以后')[order]}住院"), "inpatient.deductible")
    return amount


def _points(slip: Slip) -> tuple[int, str]:
    """Step 3a.4: points on every band's rate, and what they are for."""
    terms, facts, points, said = slip.terms, slip.facts, 0, ""
    for holds, amount, en, zh in (
            (facts[Fact.TIER] == rules.TOWNSHIP, terms[t.PRIMARY_BONUS], "primary care", "基层"),
            (facts[Fact.TIER] == rules.OUTSIDE, -terms[t.OUTSIDE_PENALTY], "out of area", "统筹区外"),
            (facts[Fact.UNREFERRED] == 1, -terms[t.UNREFERRED_PENALTY], "unreferred", "未经转诊")):
        if holds and amount:
            points += amount
            said += f" {'+' if amount > 0 else '-'} {percent(abs(amount))} {slip.say(en, zh)}"
    return points, said


def _bands(slip: Slip, counted: int, deductible: int, base: int, tcm: int) -> int:
    """Steps 3a.3 and 3a.4: a line a band, the TCM part, their sum rounded once."""
    terms, before, facts = slip.terms, slip.before, slip.facts
    after = terms[t.BAND_BASIS] == 1
    low, high = (0, base) if after else (min(deductible, counted), counted)
    if terms[t.BAND_PERIOD] == 1:
        earlier = before[YearState.BASE_YEAR if after else YearState.ELIGIBLE_YEAR]
        low, high = low + earlier, high + earlier
    points, said = _points(slip)
    rates = t.RATIO + (facts[Fact.TIER] * t.CLASSES + facts[Fact.MEMBER_CLASS]) * t.BANDS
    total, floor, parts = 0, 0, []
    for band in range(t.BANDS):
        if floor >= high:
            break
        top = terms[t.BAND_TOPS + band]
        start, end = max(low, floor), min(high, top)
        if end > start:
            rate = min(max(terms[rates + band] + points, 0), 10000)
            total += (end - start) * rate
            parts.append(product(end - start, rate))
            how = f" ({percent(terms[rates + band])}{said})" if said else ""
            slip.add("band", None, f"{yuan(start)} - {yuan(end)}: {yuan(end - start)} x {percent(rate)}{how} = {parts[-1]}",
                     "inpatient.ratio")
        floor = top
    bonus, medicine = terms[t.TCM_BONUS], min(tcm, base)
    if bonus and medicine:
        total += bonus * medicine
        parts.append(product(medicine, bonus))
        slip.add("tcm", None, f"min({yuan(tcm)}, {yuan(base)}) x {percent(bonus)} = {parts[-1]}", "inpatient.tcm_bonus")
    payment = min(half_up(total), base)
    slip.add("sum", payment, f"{' + '.join(parts) or yuan(0)}"
             + slip.say(f", rounded to the fen, at most {yuan(base)}", f", 四舍五入到分, 不超过 {yuan(base)}"))
    return payment


# --------------------------------------------------------------------------------------------------
# Outpatient visits
# --------------------------------------------------------------------------------------------------

def _is_chronic(slip: Slip) -> bool:
    return slip.terms[t.CHRONIC_LIST] == 1 and slip.facts[Fact.CHRONIC] == 1


def visit(slip: Slip, eligible: int) -> int:
    """Steps 3b and 3c: what is paid for an ordinary outpatient bill, on the chronic list or not."""
    terms, before, tier = slip.terms, slip.before, slip.facts[Fact.TIER]
    if _is_chronic(slip):
        used = _yearly_deductible(slip, eligible, terms[t.CHRONIC_DEDUCTIBLE], before[YearState.CHRONIC_DEDUCTIBLE_USED],
                                  "outpatient.chronic_deductible")
        ratio = terms[t.CHRONIC_RATIO + tier]
        payment = share(eligible - used, ratio)
        slip.add("visit", payment, slip.say("chronic list: ", "门诊慢性病: ")
                 + f"({yuan(eligible)} - {yuan(used)}) x {percent(ratio)}", "outpatient.chronic_ratio")
        payment = slip.capped("limit", payment, terms[t.CHRONIC_YEAR_LIMIT], before[YearState.CHRONIC_PAID],
                              "outpatient.chronic_year_limit")
    else:
        fee = min(terms[t.CONSULTATION_FEE], eligible) if tier == rules.TOWNSHIP else 0
        fixed = share(fee, terms[t.CONSULTATION_SHARE])
        if fee:
            slip.add("consultation", fixed, f"min({yuan(terms[t.CONSULTATION_FEE])}, {yuan(eligible)}) "
                     f"x {percent(terms[t.CONSULTATION_SHARE])}", "outpatient.consultation_share")
        rest = eligible - fee
        used = _yearly_deductible(slip, rest, terms[t.OUTPATIENT_DEDUCTIBLE], before[YearState.OUTPATIENT_DEDUCTIBLE_USED],
                                  "outpatient.deductible")
        ratio, limit = terms[t.OUTPATIENT_RATIO + tier], terms[t.OUTPATIENT_VISIT_LIMIT]
        variable = min(share(rest - used, ratio), limit)
        most = "" if limit >= UNLIMITED else slip.say(f", at most {yuan(limit)} a visit", f", 每次不超过 {yuan(limit)}")
        slip.add("visit", variable, f"({yuan(rest)} - {yuan(used)}) x {percent(ratio)}{most}", "outpatient.ratio")
        payment = slip.capped("limit", fixed + variable, terms[t.OUTPATIENT_YEAR_LIMIT], before[YearState.OUTPATIENT_PAID],
                              "outpatient.year_limit")
    if terms[t.CAP_COUNTS_OUTPATIENT] == 1 and terms[t.CAP_BASIS] == 0:
        payment = slip.capped("cap", payment, terms[t.ANNUAL_CAP], before[YearState.CAP_USED], "inpatient.annual_cap")
    return payment


def _yearly_deductible(slip: Slip, amount: int, limit: int, used: int, source: str) -> int:
    """What this bill uses up of a deductible of the year, with its line."""
    took = min(amount, max(limit - used, 0))
    if limit:
        slip.add("deductible", took, slip.say("of the year: ", "年度: ") + f"min({yuan(amount)}, {slip.left(limit, used)})",
                 source)
    return took
