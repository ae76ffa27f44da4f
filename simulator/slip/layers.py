"""The slip's lines after the basic insurance: CII, commercial cover, assistance, account, relief, hospital, cash."""

from __future__ import annotations

from simulator import plan as t
from simulator.law.settle import Trace, YearState
from simulator.money import UNLIMITED, yuan
from simulator.slip.steps import Slip, percent, product
from simulator.tables import INPATIENT, OUTPATIENT_VISIT, Fact, Paid


def word_later_layers(slip: Slip) -> None:
    """Steps 5 to 9, and what the hospital bears; a line for each layer that concerns the bill."""
    trace, paid, charged = slip.trace, slip.paid, slip.trace[Trace.CHARGED]
    basic = paid[Paid.ENTITLED]                            # without what a price changes for the hospital
    before_cii = "".join(f" - {yuan(x)}" for x in (basic, paid[Paid.LISTED], paid[Paid.OUTPATIENT], paid[Paid.SUPPLEMENT]) if x)
    slip.add("self_pay", trace[Trace.SELF_PAY], f"max({yuan(trace[Trace.BASIS])}{before_cii}, 0)")
    package = paid[Paid.HOSPITAL] if trace[Trace.LISTED] else 0
    word_cii(slip, package)
    word_commercial(slip)
    word_assistance(slip)
    word_account(slip)
    word_relief(slip)
    others = paid[Paid.HOSPITAL]
    if others:
        text = slip.say("above the price" if others > 0 else "below the price: the hospital keeps it",
                        "超出付费标准" if others > 0 else "低于付费标准, 归医院")
        if package:
            text = f"{yuan(charged)} - {yuan(trace[Trace.BASIS])}" + slip.say(" (package price)", " (定额包干)")
        slip.add("hospital", others, text, "listed.quota_kind" if package else "payment.patient_share_base", payer=True)
    chain = "".join(f" - {yuan(x)}" for x in (package, paid[Paid.CII], paid[Paid.COMMERCIAL], paid[Paid.ASSISTANCE],
                                              paid[Paid.ACCOUNT], paid[Paid.RELIEF]) if x)
    slip.add("cash", paid[Paid.CASH], f"{yuan(charged)}{before_cii}{chain}", payer=True)


def word_cii(slip: Slip, package: int) -> None:
    """Step 5: the increase this bill causes in the year's CII payment; `package` is what a package price leaves to the
    hospital."""
    terms, trace, before = slip.terms, slip.trace, slip.before[YearState.SELF_PAY_YEAR]
    if terms[t.CII_THRESHOLD] >= UNLIMITED:
        return
    compliant, wider = trace[Trace.COMPLIANT], terms[t.CII_EXCLUDED_SHARE]
    if wider:
        excluded = trace[Trace.CHARGED] - trace[Trace.BASIS] - package
        slip.add("compliant", compliant, f"{yuan(trace[Trace.SELF_PAY])} + {yuan(excluded)} x {percent(wider)}",
                 "cii.excluded_share")
    if not trace[Trace.CII_COUNTS]:
        if slip.facts[Fact.KIND] == OUTPATIENT_VISIT and terms[t.CII_COUNTS_OUTPATIENT] == 0:
            slip.add("cii", 0, slip.say("outpatient bills do not count", "门诊费用不计入"), "cii.counts_outpatient", payer=True)
        else:
            slip.add("cii", 0, slip.say("only listed illnesses count", "仅限重大疾病"), "cii.listed_only", payer=True)
        return
    whole, earlier, patient = trace[Trace.CII_AFTER], trace[Trace.CII_BEFORE], trace[Trace.CII_MOST]
    word_cii_of_year(slip, "cii_year", before + compliant, whole, Trace.CII_PARTS)
    word_cii_of_year(slip, "cii_before", before, earlier, Trace.CII_PARTS_BEFORE)
    slip.add("cii", slip.paid[Paid.CII], f"{yuan(whole)} - {yuan(earlier)}"
             + slip.say(f", at most {yuan(patient)}", f", 不超过 {yuan(patient)}"), "cii.ratio", payer=True)


def word_cii_of_year(slip: Slip, name: str, self_pay: int, payment: int, parts: int) -> None:
    """F of step 5: the parts of the year's self-pay above the threshold by band, which stand in the trace at `parts`."""
    terms, threshold, lines = slip.terms, slip.terms[t.CII_THRESHOLD], []
    year = slip.say(f"self-pay of the year {yuan(self_pay)}, threshold {yuan(threshold)}",
                    f"年度累计自付 {yuan(self_pay)}, 起付标准 {yuan(threshold)}")
    for band in range(slip.trace[parts]):
        part, ratio = slip.trace[parts + 1 + band], terms[t.CII_RATIO + band]
        if part > 0:
            lines.append(f"{yuan(part)} x {percent(ratio)} = {product(part, ratio)}")
    if terms[t.CII_CAP] < UNLIMITED and lines:
        lines.append(slip.say(f"at most {yuan(terms[t.CII_CAP])}", f"不超过 {yuan(terms[t.CII_CAP])}"))
    slip.add(name, payment, "; ".join([year, *lines]), "cii.threshold")


def word_commercial(slip: Slip) -> None:
    """Step 6: commercial cover of a person who holds it."""
    terms, trace = slip.terms, slip.trace
    if slip.facts[Fact.COVER_RANK] >= terms[t.COMMERCIAL_SHARE]:
        return
    slip.add("commercial", slip.paid[Paid.COMMERCIAL],
             f"({yuan(trace[Trace.COVERED])} - {yuan(trace[Trace.COVER_USED])}) x {percent(terms[t.COMMERCIAL_RATIO])}"
             + room(slip, terms[t.COMMERCIAL_CAP], slip.before[YearState.COMMERCIAL_PAID]), "commercial.ratio", payer=True)


def word_assistance(slip: Slip) -> None:
    """Step 7: medical assistance of the eligible groups."""
    terms, trace, listed, ratio = slip.terms, slip.trace, slip.trace[Trace.LISTED], slip.trace[Trace.ASSISTANCE_RATIO]
    if slip.facts[Fact.GROUP] == 0:
        return
    name = "listed_ratio" if listed else "inpatient_ratio" if slip.facts[Fact.KIND] == INPATIENT else "outpatient_ratio"
    source, assistance = f"assistance.{name}", slip.paid[Paid.ASSISTANCE]
    if ratio == 0:
        text = slip.say("nothing for this group and kind of bill", "该类对象此类费用不予救助")
        slip.add("assistance", 0, text, source, payer=True)
        return
    formula = f"({yuan(trace[Trace.ASSISTED])} - {yuan(trace[Trace.ASSISTANCE_USED])}) x {percent(ratio)}"
    if terms[t.MA_TAKE_UP] != 10000:
        formula += (f" = {yuan(trace[Trace.ASSISTANCE_DUE])}, x {percent(terms[t.MA_TAKE_UP])}"
                    + slip.say(" really claimed", " 实际申领"))
    if not (listed and terms[t.MA_LISTED_OUTSIDE_CAP] == 1):
        formula += room(slip, terms[t.MA_CAP], slip.before[YearState.MA_PAID])
    slip.add("assistance", assistance, formula, source, payer=True)


def word_account(slip: Slip) -> None:
    """Step 8: the individual account while it lasts."""
    terms, balance = slip.terms, slip.terms[t.ACCOUNT_BALANCE + slip.facts[Fact.MEMBER_CLASS]]
    if balance == 0:
        return
    text = f"min({yuan(slip.trace[Trace.PATIENT_LEFT])}, {slip.left(balance, slip.before[YearState.ACCOUNT_USED])})"
    if slip.facts[Fact.KIND] == INPATIENT and terms[t.ACCOUNT_USE] == t.OUTPATIENT_ONLY:
        text = slip.say("pays outpatient bills only", "仅限门诊")
    slip.add("account", slip.paid[Paid.ACCOUNT], text, "account.use", payer=True)


def word_relief(slip: Slip) -> None:
    """Step 9: what the emergency relief fund takes over of a patient without means."""
    terms = slip.terms
    if slip.facts[Fact.EMERGENCY] == 0 or terms[t.RELIEF_GROUPS + slip.facts[Fact.GROUP]] == 0:
        return
    cash = slip.paid[Paid.CASH] + slip.paid[Paid.RELIEF]
    slip.add("relief", slip.paid[Paid.RELIEF],
             f"max({yuan(cash)} - {yuan(terms[t.RELIEF_ABILITY])}, 0) x {percent(terms[t.RELIEF_RATIO])}", "relief.ratio",
             payer=True)


def room(slip: Slip, cap: int, used: int) -> str:
    """`, at most what is left of the cap`, where there is one."""
    if cap >= UNLIMITED:
        return ""
    return slip.say(f", at most {slip.left(cap, used)}", f", 不超过 {slip.left(cap, used)}")
