"""The slip's lines after the basic insurance: CII, commercial cover, assistance, account, relief, hospital, cash."""

from __future__ import annotations

from dataclasses import dataclass

from simulator import plan as t
from simulator.law.settle import YearState
from simulator.money import UNLIMITED, half_up, share, yuan
from simulator.slip.steps import Slip, percent, product
from simulator.tables import INPATIENT, OUTPATIENT_VISIT, Fact


@dataclass
class Left:
    """What a bill has come to so far, fen. `billed` is the price where one stands in the place of the bill.

    `kept` is what the hospital bears because of a price; `basic` is without it.
    """

    billed: int
    basis: int
    basic: int = 0
    listed: int = 0
    outpatient: int = 0
    supplement: int = 0
    hospital: int = 0
    kept: int = 0
    listed_bill: bool = False

    def insured(self) -> int:
        """Paid before CII."""
        return self.basic + self.listed + self.outpatient + self.supplement

    def paid_text(self) -> str:
        """` - a - b` of what was paid before CII."""
        return "".join(f" - {yuan(x)}" for x in (self.basic, self.listed, self.outpatient, self.supplement) if x)


def later_layers(slip: Slip, bill: Left) -> None:
    """Steps 5 to 9, and what the hospital bears; a line for each layer that concerns the bill."""
    patient = bill.billed - bill.hospital - bill.insured()
    in_scope = max(bill.basis - bill.insured(), 0)
    slip.add("self_pay", in_scope, f"max({yuan(bill.basis)}{bill.paid_text()}, 0)")
    cii = _cii(slip, bill, in_scope, patient)
    patient, in_scope = patient - cii, max(in_scope - cii, 0)
    commercial = _commercial(slip, in_scope, patient)
    patient, in_scope = patient - commercial, max(in_scope - commercial, 0)
    assistance = _assistance(slip, bill, in_scope)
    patient -= assistance
    account = _account(slip, patient)
    relief = _relief(slip, patient - account)
    others = bill.kept + bill.hospital
    if others:
        said = slip.say("above the price" if others > 0 else "below the price: the hospital keeps it",
                        "超出付费标准" if others > 0 else "低于付费标准, 归医院")
        if bill.hospital:
            said = f"{yuan(bill.billed)} - {yuan(bill.basis)}" + slip.say(" (package price)", " (定额包干)")
        slip.add("hospital", others, said, "listed.quota_kind" if bill.hospital else "payment.patient_share_base", payer=True)
    chain = "".join(f" - {yuan(x)}" for x in (bill.hospital, cii, commercial, assistance, account, relief) if x)
    slip.add("cash", patient - account - relief, f"{yuan(bill.billed)}{bill.paid_text()}{chain}", payer=True)


def _cii(slip: Slip, bill: Left, in_scope: int, patient: int) -> int:
    """Step 5: the increase this bill causes in the year's CII payment."""
    terms, before = slip.terms, slip.before[YearState.SELF_PAY_YEAR]
    if terms[t.CII_THRESHOLD] >= UNLIMITED:
        return 0
    compliant, wider = in_scope, terms[t.CII_EXCLUDED_SHARE]
    if wider:
        excluded = bill.billed - bill.basis - bill.hospital
        compliant += share(excluded, wider)
        slip.add("compliant", compliant, f"{yuan(in_scope)} + {yuan(excluded)} x {percent(wider)}", "cii.excluded_share")
    if slip.facts[Fact.KIND] == OUTPATIENT_VISIT and terms[t.CII_COUNTS_OUTPATIENT] == 0:
        slip.add("cii", 0, slip.say("outpatient bills do not count", "门诊费用不计入"), "cii.counts_outpatient", payer=True)
        return 0
    if terms[t.CII_LISTED_ONLY] == 1 and not bill.listed_bill:
        slip.add("cii", 0, slip.say("only listed illnesses count", "仅限重大疾病"), "cii.listed_only", payer=True)
        return 0
    after = before + compliant
    whole, earlier = _cii_of_year(slip, "cii_year", after), _cii_of_year(slip, "cii_before", before)
    payment = min(whole - earlier, patient)
    slip.add("cii", payment, f"{yuan(whole)} - {yuan(earlier)}"
             + slip.say(f", at most {yuan(patient)}", f", 不超过 {yuan(patient)}"), "cii.ratio", payer=True)
    return payment


def _cii_of_year(slip: Slip, name: str, self_pay: int) -> int:
    """F of step 5 with its line: the parts of the year's self-pay above the threshold by band."""
    terms, threshold = slip.terms, slip.terms[t.CII_THRESHOLD]
    year = slip.say(f"self-pay of the year {yuan(self_pay)}, threshold {yuan(threshold)}",
                    f"年度累计自付 {yuan(self_pay)}, 起付标准 {yuan(threshold)}")
    total, floor, parts = 0, 0, []
    for band in range(t.BANDS):
        if floor >= self_pay:
            break
        top = terms[t.CII_TOPS + band]
        part = min(self_pay, top) - max(threshold, floor)
        if part > 0:
            total += part * terms[t.CII_RATIO + band]
            parts.append(f"{yuan(part)} x {percent(terms[t.CII_RATIO + band])} = {product(part, terms[t.CII_RATIO + band])}")
        floor = top
    payment = min(half_up(total), terms[t.CII_CAP])
    if terms[t.CII_CAP] < UNLIMITED and parts:
        parts.append(slip.say(f"at most {yuan(terms[t.CII_CAP])}", f"不超过 {yuan(terms[t.CII_CAP])}"))
    slip.add(name, payment, "; ".join([year, *parts]), "cii.threshold")
    return payment


def _commercial(slip: Slip, in_scope: int, patient: int) -> int:
    """Step 6: commercial cover of a person who holds it."""
    terms = slip.terms
    if slip.facts[Fact.COVER_RANK] >= terms[t.COMMERCIAL_SHARE]:
        return 0
    covered = patient if terms[t.COMMERCIAL_SCOPE] == 1 else in_scope
    used = _used_up(covered, terms[t.COMMERCIAL_DEDUCTIBLE], slip.before[YearState.COMMERCIAL_DEDUCTIBLE_USED])
    cap, paid_before = terms[t.COMMERCIAL_CAP], slip.before[YearState.COMMERCIAL_PAID]
    payment = min(share(covered - used, terms[t.COMMERCIAL_RATIO]), max(cap - paid_before, 0))
    slip.add("commercial", payment, f"({yuan(covered)} - {yuan(used)}) x {percent(terms[t.COMMERCIAL_RATIO])}"
             + _room(slip, cap, paid_before), "commercial.ratio", payer=True)
    return payment


def _assistance(slip: Slip, bill: Left, in_scope: int) -> int:
    """Step 7: medical assistance of the eligible groups."""
    terms, group = slip.terms, slip.facts[Fact.GROUP]
    if group == 0:
        return 0
    inpatient = slip.facts[Fact.KIND] == INPATIENT
    name, place = (("listed_ratio", t.MA_LISTED_RATIO) if bill.listed_bill else
                   ("inpatient_ratio", t.MA_INPATIENT_RATIO) if inpatient else ("outpatient_ratio", t.MA_OUTPATIENT_RATIO))
    ratio, source = terms[place + group], f"assistance.{name}"
    if ratio == 0:
        said = slip.say("nothing for this group and kind of bill", "该类对象此类费用不予救助")
        slip.add("assistance", 0, said, source, payer=True)
        return 0
    waived = bill.listed_bill and terms[t.MA_LISTED_WAIVES_DEDUCTIBLE] == 1
    used = 0 if waived else _used_up(in_scope, terms[t.MA_DEDUCTIBLE], slip.before[YearState.MA_DEDUCTIBLE_USED])
    payment = share(in_scope - used, ratio)
    formula = f"({yuan(in_scope)} - {yuan(used)}) x {percent(ratio)}"
    if terms[t.MA_TAKE_UP] != 10000:
        formula += f" = {yuan(payment)}, x {percent(terms[t.MA_TAKE_UP])}" + slip.say(" really claimed", " 实际申领")
        payment = share(payment, terms[t.MA_TAKE_UP])
    if not (bill.listed_bill and terms[t.MA_LISTED_OUTSIDE_CAP] == 1):
        payment = min(payment, max(terms[t.MA_CAP] - slip.before[YearState.MA_PAID], 0))
        formula += _room(slip, terms[t.MA_CAP], slip.before[YearState.MA_PAID])
    slip.add("assistance", payment, formula, source, payer=True)
    return payment


def _account(slip: Slip, patient: int) -> int:
    """Step 8: the individual account while it lasts."""
    terms, balance = slip.terms, slip.terms[t.ACCOUNT_BALANCE + slip.facts[Fact.MEMBER_CLASS]]
    if balance == 0:
        return 0
    if slip.facts[Fact.KIND] == INPATIENT and terms[t.ACCOUNT_USE] == 1:
        slip.add("account", 0, slip.say("pays outpatient bills only", "仅限门诊"), "account.use", payer=True)
        return 0
    used = slip.before[YearState.ACCOUNT_USED]
    payment = min(patient, max(balance - used, 0))
    slip.add("account", payment, f"min({yuan(patient)}, {slip.left(balance, used)})", "account.use", payer=True)
    return payment


def _relief(slip: Slip, cash: int) -> int:
    """Step 9: what the emergency relief fund takes over of a patient without means."""
    terms = slip.terms
    if slip.facts[Fact.EMERGENCY] == 0 or terms[t.RELIEF_GROUPS + slip.facts[Fact.GROUP]] == 0:
        return 0
    payment = share(max(cash - terms[t.RELIEF_ABILITY], 0), terms[t.RELIEF_RATIO])
    slip.add("relief", payment, f"max({yuan(cash)} - {yuan(terms[t.RELIEF_ABILITY])}, 0) x {percent(terms[t.RELIEF_RATIO])}",
             "relief.ratio", payer=True)
    return payment


def _used_up(amount: int, limit: int, used: int) -> int:
    """What a bill uses up of a deductible of the year."""
    return min(amount, max(limit - used, 0))


def _room(slip: Slip, cap: int, used: int) -> str:
    """`, at most what is left of the cap`, where there is one."""
    if cap >= UNLIMITED:
        return ""
    return slip.say(f", at most {slip.left(cap, used)}", f", 不超过 {slip.left(cap, used)}")
