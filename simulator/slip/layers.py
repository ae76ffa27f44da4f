"""The slip's lines after the basic insurance: CII, commercial cover, assistance, account, relief, hospital, cash."""

from __future__ import annotations

from simulator import plan as t
from simulator.law.year import Trace, YearState
from simulator.money import ONE, UNLIMITED, yuan
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
    slip.add("cash", paid[Paid.CASH], f"{yuan(charged + trace[Trace.ACCOUNT_FIRST])}{before_cii}{chain}", payer=True)


def word_cii(slip: Slip, package: int) -> None:
    """Step 5: the increase this bill causes in the year's CII payment; `package` is what a package price leaves to the
    hospital."""
    terms, trace, facts = slip.terms, slip.trace, slip.facts
    apart = any(terms[t.CII_LISTED_RATIO:t.CII_LISTED_RATIO + t.BANDS])
    if terms[t.CII_THRESHOLD] >= UNLIMITED and not apart:
        return
    compliant, wider, first = trace[Trace.COMPLIANT], terms[t.CII_EXCLUDED_SHARE], 0
    excluded = trace[Trace.CHARGED] - trace[Trace.BASIS] - package
    if terms[t.CII_COUNTS_FIRST_PAY] == 1:
        first = min(trace[Trace.FIRST_PAID], excluded)
    of_account = trace[Trace.ACCOUNT_FIRST]
    if wider or first or of_account:
        paid_first = (f" + {yuan(of_account)}" + slip.say(" of the account", " 个人账户") if of_account else "")
        paid_first += f" + {yuan(first)}" + slip.say(" paid first", " 先行自付") if first else ""
        slip.add("compliant", compliant,
                 f"{yuan(trace[Trace.SELF_PAY])}{paid_first} + {yuan(excluded - first)} x {percent(wider)}",
                 "cii.excluded_share" if wider else "cii.counts_first_pay" if first else "")
    if not trace[Trace.CII_COUNTS]:
        if facts[Fact.KIND] == OUTPATIENT_VISIT and terms[t.CII_COUNTS_OUTPATIENT] == 0:
            slip.add("cii", 0, slip.say("outpatient bills do not count", "门诊费用不计入"), "cii.counts_outpatient", payer=True)
        else:
            slip.add("cii", 0, slip.say("only listed illnesses count", "仅限重大疾病"), "cii.listed_only", payer=True)
        return
    whole, earlier, patient = trace[Trace.CII_AFTER], trace[Trace.CII_BEFORE], trace[Trace.CII_MOST]
    listed, before = apart and trace[Trace.LISTED], slip.before
    ordinary_before, listed_before = before[YearState.SELF_PAY_YEAR], before[YearState.LISTED_SELF_PAY_YEAR]
    ordinary, of_list = ordinary_before + (0 if listed else compliant), listed_before + (compliant if listed else 0)
    word_cii_of_year(slip, "cii_year", (ordinary, of_list), whole, (Trace.CII_PARTS, Trace.CII_LISTED))
    word_cii_of_year(slip, "cii_before", (ordinary_before, listed_before), earlier,
                     (Trace.CII_PARTS_BEFORE, Trace.CII_LISTED_BEFORE))
    slip.add("cii", slip.paid[Paid.CII], f"{yuan(whole)} - {yuan(earlier)}"
             + slip.say(f", at most {yuan(patient)}", f", 不超过 {yuan(patient)}"), "cii.ratio", payer=True)


def word_cii_of_year(slip: Slip, name: str, self_pay: tuple[int, int], payment: int, parts: tuple[int, int]) -> None:
    """H of step 5: the parts by band of the year's self-pay on ordinary and on listed bills, which stand in the trace."""
    terms, trace, lines, group = slip.terms, slip.trace, [], slip.facts[Fact.GROUP]
    threshold, (ordinary, listed) = trace[Trace.CII_THRESHOLD], self_pay
    if threshold < UNLIMITED:
        share = terms[t.CII_THRESHOLD_SHARE + group]
        of_group = f" ({yuan(terms[t.CII_THRESHOLD])} x {percent(share)})" if share != ONE else ""
        lines.append(slip.say(f"self-pay of the year {yuan(ordinary)}, threshold {yuan(threshold)}{of_group}",
                              f"年度累计自付 {yuan(ordinary)}, 起付标准 {yuan(threshold)}{of_group}"))
    paid = bands_in_words(slip, parts[0], t.CII_RATIO, terms[t.CII_RATIO_BONUS + group])
    lines += paid
    if listed:
        lines.append(slip.say(f"of listed illnesses {yuan(listed)}", f"重大疾病累计自付 {yuan(listed)}"))
        of_list = bands_in_words(slip, parts[1], t.CII_LISTED_RATIO, 0)
        lines, paid = lines + of_list, paid + of_list
    if terms[t.CII_CAP] < UNLIMITED and paid:
        lines.append(slip.say(f"at most {yuan(terms[t.CII_CAP])}", f"不超过 {yuan(terms[t.CII_CAP])}"))
    slip.add(name, payment, "; ".join(lines), "cii.threshold")


def bands_in_words(slip: Slip, parts: int, ratios: int, bonus: int) -> list[str]:
    """The parts in each band of CII times their ratios."""
    lines = []
    for band in range(slip.trace[parts]):
        part, ratio = slip.trace[parts + 1 + band], min(slip.terms[ratios + band] + bonus, ONE)
        if part > 0:
            lines.append(f"{yuan(part)} x {percent(ratio)} = {product(part, ratio)}")
    return lines


def word_commercial(slip: Slip) -> None:
    """Steps 5a and 6: employer's supplement and commercial cover of a person who has them, booked together."""
    terms, trace, before = slip.terms, slip.trace, slip.before
    servant, covered = slip.facts[Fact.CIVIL_SERVANT] == 1, slip.facts[Fact.COVER_RANK] < terms[t.COMMERCIAL_SHARE]
    cover = (f"({yuan(trace[Trace.COVERED])} - {yuan(trace[Trace.COVER_USED])}) x {percent(terms[t.COMMERCIAL_RATIO])}"
             + room(slip, terms[t.COMMERCIAL_CAP], before[YearState.COMMERCIAL_PAID])) if covered else ""
    if not servant:
        if covered:
            slip.add("commercial", slip.paid[Paid.COMMERCIAL], cover, "commercial.ratio", payer=True)
        return
    slip.add("civil", trace[Trace.CIVIL_PAID],
             f"({yuan(trace[Trace.CIVIL_COVERED])} - {yuan(trace[Trace.CIVIL_USED])}) x {percent(terms[t.CIVIL_RATIO])}"
             + room(slip, terms[t.CIVIL_CAP], before[YearState.CIVIL_PAID]))
    if covered:
        slip.add("cover", trace[Trace.COVER_PAID], cover, "commercial.ratio")
    together = slip.say(" employer's supplement", " 公务员、企业补充") + (
        f" + {yuan(trace[Trace.COVER_PAID])}" + slip.say(" commercial cover", " 商业保险") if covered else "")
    slip.add("commercial", slip.paid[Paid.COMMERCIAL], f"{yuan(trace[Trace.CIVIL_PAID])}{together}", payer=True)


def word_assistance(slip: Slip) -> None:
    """Step 7: medical assistance of the eligible groups."""
    terms, trace, listed, ratio = slip.terms, slip.trace, slip.trace[Trace.LISTED], slip.trace[Trace.ASSISTANCE_RATIO]
    if slip.facts[Fact.GROUP] == 0:
        return
    name = "listed_ratio" if listed else "inpatient_ratio" if slip.facts[Fact.KIND] == INPATIENT else "outpatient_ratio"
    second = trace[Trace.SECOND_PAID]
    source, assistance = f"assistance.{name}", slip.paid[Paid.ASSISTANCE]
    if ratio == 0 and second:
        word_second_assistance(slip, "")
        return
    if ratio == 0:
        text = slip.say("nothing for this group and kind of bill", "该类对象此类费用不予救助")
        slip.add("assistance", 0, text, source, payer=True)
        return
    left = f"{yuan(trace[Trace.ASSISTED])} - {yuan(trace[Trace.ASSISTANCE_USED])}"
    formula = f"({left}) x {percent(ratio)}"
    if listed and terms[t.MA_LISTED_BASIS] == t.OF_THE_BASIS:
        formula = f"min({yuan(trace[Trace.BASIS])} x {percent(ratio)}, {left})"
    if terms[t.MA_TAKE_UP] != 10000:
        formula += (f" = {yuan(trace[Trace.ASSISTANCE_DUE])}, x {percent(terms[t.MA_TAKE_UP])}"
                    + slip.say(" really claimed", " 实际申领"))
    if not (listed and terms[t.MA_LISTED_OUTSIDE_CAP] == 1):
        formula += room(slip, terms[t.MA_CAP + slip.facts[Fact.GROUP]], slip.before[YearState.MA_PAID])
    if second:
        word_second_assistance(slip, f"{formula} = {yuan(assistance - second)}; ")
        return
    slip.add("assistance", assistance, formula, source, payer=True)


def word_second_assistance(slip: Slip, first: str) -> None:
    """Step 7a: second assistance above its threshold, and both together; `first` is how the first was worked out."""
    terms, trace, group, second = slip.terms, slip.trace, slip.facts[Fact.GROUP], slip.trace[Trace.SECOND_PAID]
    ratio = percent(terms[t.MA_SECOND_RATIO + group])
    formula = f"({yuan(trace[Trace.SECOND_LEFT])} - {yuan(trace[Trace.SECOND_USED])}) x {ratio}"
    if terms[t.MA_TAKE_UP] != ONE:
        formula += f", x {percent(terms[t.MA_TAKE_UP])}" + slip.say(" really claimed", " 实际申领")
    formula += room(slip, terms[t.MA_SECOND_CAP + group], slip.before[YearState.MA_SECOND_PAID])
    slip.add("second", second, formula, "assistance.second_ratio")
    whole = slip.paid[Paid.ASSISTANCE]
    slip.add("assistance", whole, f"{first}{yuan(whole - second)} + {yuan(second)}", "assistance.inpatient_ratio", payer=True)


def word_account(slip: Slip) -> None:
    """Step 8: the individual account while it lasts."""
    terms, balance = slip.terms, slip.terms[t.ACCOUNT_BALANCE + slip.facts[Fact.MEMBER_CLASS]]
    if balance == 0:
        return
    first = slip.trace[Trace.ACCOUNT_FIRST]
    text = f"min({yuan(slip.trace[Trace.PATIENT_LEFT])}, {slip.left(balance, slip.before[YearState.ACCOUNT_USED] + first)})"
    if first:
        text = f"{yuan(first)} + {text}"
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
