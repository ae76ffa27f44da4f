"""The slip's lines of an outpatient bill: account, consultation fee, deductible, fixed sum, ratio, limits, the chronic list."""

from __future__ import annotations

from simulator import plan as t
from simulator.law.year import Trace, YearState
from simulator.money import UNLIMITED, yuan
from simulator.slip.steps import Slip, area_in_words, percent, rounding_in_words
from simulator.tables import Fact, Paid


def is_chronic(slip: Slip) -> bool:
    """Whether the visit has the terms of the chronic list."""
    return slip.terms[t.CHRONIC_LIST] == 1 and slip.facts[Fact.CHRONIC] > 0


def word_account_first(slip: Slip) -> None:
    """Step 2b: what the account pays of a visit before outpatient pooling."""
    first, balance = slip.trace[Trace.ACCOUNT_FIRST], slip.terms[t.ACCOUNT_BALANCE + slip.facts[Fact.MEMBER_CLASS]]
    if first:
        left = slip.left(balance, slip.before[YearState.ACCOUNT_USED])
        slip.add("account_first", first, f"min({yuan(slip.trace[Trace.SCOPE] + first)}, {left})"
                 + slip.say("; pooling settles the rest", "; 其余进入统筹"), "account.order")


def word_visit(slip: Slip) -> None:
    """Steps 3b and 3c: an ordinary outpatient bill, on the chronic list or not."""
    word_account_first(slip)
    if is_chronic(slip):
        word_chronic(slip)
    else:
        word_ordinary(slip)
    if slip.terms[t.CAP_COUNTS_OUTPATIENT] == 1 and slip.terms[t.CAP_BASIS] == t.CAP_ON_PAYMENT:
        payment = slip.trace[Trace.ORDINARY] if slip.trace[Trace.LISTED] else slip.paid[Paid.OUTPATIENT]
        slip.limited("cap", payment, slip.trace[Trace.WITHIN_LIMIT], slip.trace[Trace.CAP], slip.before[YearState.CAP_USED],
                     "inpatient.annual_cap")


def word_chronic(slip: Slip) -> None:
    """Step 3c: the terms of the disease's group."""
    terms, before, trace, disease = slip.terms, slip.before, slip.trace, slip.facts[Fact.CHRONIC] - 1
    eligible, visit = trace[Trace.SCOPE], trace[Trace.VISIT_PAID]
    place = disease * t.N_CLASSES + slip.facts[Fact.MEMBER_CLASS]
    word_deductible_of_visits(slip, eligible, terms[t.CHRONIC_DEDUCTIBLE + place],
                              before[YearState.CHRONIC_DEDUCTIBLE_USED + disease], "outpatient.chronic_deductible")
    ratio = terms[t.CHRONIC_RATIO + (disease * t.N_TIERS + slip.facts[Fact.TIER]) * t.N_CLASSES + slip.facts[Fact.MEMBER_CLASS]]
    group = slip.say(f"chronic list, group {disease + 1}: ", f"门诊慢性病第{disease + 1}组: ") if disease else slip.say(
        "chronic list: ", "门诊慢性病: ")
    slip.add("visit", visit, f"{group}({yuan(eligible)} - {yuan(trace[Trace.DEDUCTIBLE_USED])}) x {percent(ratio)}"
             + area_in_words(slip) + rounding_in_words(slip), "outpatient.chronic_ratio")
    slip.limited("limit", trace[Trace.WITHIN_LIMIT], visit, terms[t.CHRONIC_YEAR_LIMIT + place],
                 before[YearState.CHRONIC_PAID + disease], "outpatient.chronic_year_limit")


def word_ordinary(slip: Slip) -> None:
    """Step 3b: consultation fee, deductible, fixed sum, ratio and limits."""
    terms, before, trace = slip.terms, slip.before, slip.trace
    tier, member_class = slip.facts[Fact.TIER], slip.facts[Fact.MEMBER_CLASS]
    eligible, fee, fixed = trace[Trace.SCOPE], trace[Trace.CONSULTATION], trace[Trace.CONSULTATION_PAID]
    if fee:
        slip.add("consultation", fixed, f"min({yuan(terms[t.CONSULTATION_FEE])}, {yuan(eligible)}) "
                 f"x {percent(terms[t.CONSULTATION_SHARE])}" + rounding_in_words(slip), "outpatient.consultation_share")
    rest, limit, used, copay = (eligible - fee, terms[t.OUTPATIENT_VISIT_LIMIT + tier], trace[Trace.DEDUCTIBLE_USED],
                                trace[Trace.VISIT_COPAY])
    used_before = before[YearState.OUTPATIENT_DEDUCTIBLE_USED]
    if terms[t.DEDUCTIBLE_SHARED] == 1:
        used_before += before[YearState.DEDUCTIBLE_USED]
    place = tier * t.N_CLASSES + member_class
    word_deductible_of_visits(slip, rest, terms[t.OUTPATIENT_DEDUCTIBLE + place], used_before, "outpatient.deductible")
    if terms[t.OUTPATIENT_COPAY + tier]:
        slip.add("copay", copay, f"min({yuan(terms[t.OUTPATIENT_COPAY + tier])}, {yuan(rest - used)})", "outpatient.copay")
    fixed_sum = f" - {yuan(copay)}" if copay else ""
    most = "" if limit >= UNLIMITED else slip.say(f", at most {yuan(limit)} a visit", f", 每次不超过 {yuan(limit)}")
    ratio = percent(terms[t.OUTPATIENT_RATIO + place])
    points = "".join(f" + {yuan(part)} x {percent(bonus)}{slip.say(*what)}" for part, bonus, what in (
        (trace[Trace.VISIT_TCM], terms[t.OUTPATIENT_TCM_BONUS], (" TCM", " 中医药")),
        (trace[Trace.VISIT_ESSENTIAL], terms[t.OUTPATIENT_ESSENTIAL_BONUS], (" favoured list", " 基本药物等"))) if part and bonus)
    slip.add("visit", trace[Trace.VISIT_PAID],
             f"({yuan(rest)} - {yuan(used)}{fixed_sum}) x {ratio}{points}{area_in_words(slip)}{rounding_in_words(slip)}{most}",
             "outpatient.ratio")
    slip.limited("limit", trace[Trace.WITHIN_LIMIT], fixed + trace[Trace.VISIT_PAID],
                 terms[t.OUTPATIENT_YEAR_LIMIT + member_class], before[YearState.OUTPATIENT_PAID], "outpatient.year_limit")


def word_deductible_of_visits(slip: Slip, amount: int, limit: int, used: int, source: str) -> None:
    """What this bill uses up of a deductible of the year, or of its own."""
    if not limit:
        return
    if source == "outpatient.deductible" and slip.terms[t.OUTPATIENT_DEDUCTIBLE_PERIOD] == t.DEDUCTIBLE_OF_VISIT:
        whose, used = slip.say("of the visit: ", "每次: "), 0
    else:
        whose = slip.say("of the year: ", "年度: ")
    slip.add("deductible", slip.trace[Trace.DEDUCTIBLE_USED], f"{whose}min({yuan(amount)}, {slip.left(limit, used)})", source)
