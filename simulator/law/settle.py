"""A person's year, bill by bill: the rules of `law/rules.py` strung together in the order of docs/settlement.md.

`settle_bill` moves the year's state on, fills what the bill leaves (`tables.Paid`) and a *trace*: every figure on the way, which
the settlement slip words (`law/year.py`). The functions are compiled for the simulation and called as they are by `explain` and
`settle`. `terms` is a plan's row of terms (`plan.py`, here `t`), `bill` a row of facts (`tables.Fact`).
"""

from __future__ import annotations

from simulator import plan as t
from simulator.compiling.compiled import lean
from simulator.compiling.types import Ints
from simulator.law import rules
from simulator.law.basic import annual_cap_of, find_price, is_chronic, pay_inpatient, pay_listed, pay_visit
from simulator.law.layers import (
    pay_account,
    pay_assistance,
    pay_cii,
    pay_civil,
    pay_commercial,
    pay_relief,
    pay_second_assistance,
    pay_supplement,
)
from simulator.law.rules import left_of
from simulator.law.year import Trace, YearState
from simulator.tables import INPATIENT, OUTPATIENT_VISIT, Fact, Paid


@lean
def settle_bill(terms: Ints, year: Ints, bill: Ints, paid: Ints, trace: Ints) -> None:
    """One bill through every layer, in the order of docs/settlement.md: `year` int64[STATE] moves on, `paid` int64[LEFT] and
    `trace` int64[TRACE] are filled."""
    kind, group, billed = bill[Fact.KIND], bill[Fact.GROUP], bill[Fact.BILLED]
    basis = rules.within_reference_price(bill[Fact.ELIGIBLE], bill[Fact.NEW_DRUG], terms[t.REFERENCE_PRICE])       # step 0
    first_paid, account_first = min(bill[Fact.FIRST_PAY], basis), 0
    basis -= first_paid
    illness, listed_bill = bill[Fact.ILLNESS], 0
    if illness >= 0 and rules.is_listed(terms[t.LISTED + illness], bill[Fact.PILOT_RANK] < terms[t.PILOT_COUNTIES]):
        listed_bill = 1
    trace[Trace.SCOPE], trace[Trace.LISTED] = basis, listed_bill
    trace[Trace.CAP] = annual_cap_of(terms, bill[Fact.MEMBER_CLASS], bill[Fact.INSURED_YEARS])
    basic, listed, outpatient, supplement, hospital, price = 0, 0, 0, 0, 0, -1
    trace[Trace.FIRST_OUTSIDE] = 0
    if listed_bill == 1:
        listed, hospital = pay_listed(terms, year, bill, trace)
        basis = trace[Trace.BASIS]
    else:
        first = rules.first_payment(basis, bill[Fact.TIER], terms[t.OUTSIDE_FIRST_PAY])                        # step 2a
        basis, first_paid = basis - first, first_paid + first
        if kind == OUTPATIENT_VISIT and terms[t.ACCOUNT_ORDER] == t.ACCOUNT_FIRST and not is_chronic(terms, bill):       # step 2b
            account_first = min(basis, left_of(terms[t.ACCOUNT_BALANCE + bill[Fact.MEMBER_CLASS]], year[YearState.ACCOUNT_USED]))
            year[YearState.ACCOUNT_USED] += account_first
            basis, billed = basis - account_first, billed - account_first
        trace[Trace.SCOPE], trace[Trace.BASIS], trace[Trace.FIRST_OUTSIDE] = basis, basis, first
    trace[Trace.FIRST_PAID], trace[Trace.ACCOUNT_FIRST] = first_paid, account_first
    if listed_bill == 0 and kind == INPATIENT:
        price = find_price(terms, bill)
        if price >= 0 and terms[t.PATIENT_SHARE_BASE] == t.SHARE_OF_PRICE:     # step 3: settled as if the price had been billed
            basis = rules.scope_of_price(price, basis, billed)
            billed = price
            trace[Trace.BASIS] = basis
        basic = pay_inpatient(terms, year, bill, billed, basis, trace)
        if trace[Trace.ABOVE_CAP] > 0:
            supplement = pay_supplement(terms, year, basis - basic, trace)
    elif listed_bill == 0:
        outpatient = pay_visit(terms, year, bill, basis, trace)
    trace[Trace.PRICE], trace[Trace.CHARGED] = price, billed
    left = billed - hospital - basic - listed - outpatient - supplement
    in_scope = max(basis - basic - listed - outpatient - supplement, 0)
    excluded, own = billed - basis - hospital, in_scope + account_first            # the account's part is the patient's own
    compliant = rules.compliant_expense(own, excluded, terms[t.CII_EXCLUDED_SHARE])
    if terms[t.CII_COUNTS_FIRST_PAY] == 1:
        compliant = rules.compliant_with_first_pay(own, excluded, first_paid, terms[t.CII_EXCLUDED_SHARE])
    trace[Trace.SELF_PAY], trace[Trace.COMPLIANT] = in_scope, compliant
    cii = pay_cii(terms, year, kind, group, compliant, left, trace)
    left -= cii
    in_scope = max(in_scope - cii, 0)
    commercial = 0
    if bill[Fact.CIVIL_SERVANT] == 1:
        commercial = pay_civil(terms, year, in_scope, left, trace)
        left -= commercial
        in_scope = max(in_scope - commercial, 0)
    if bill[Fact.COVER_RANK] < terms[t.COMMERCIAL_SHARE]:
        cover = pay_commercial(terms, year, in_scope, left, trace)
        left -= cover
        in_scope = max(in_scope - cover, 0)
        commercial += cover
    assistance = pay_assistance(terms, year, kind, listed_bill, group, in_scope, trace)
    assistance += pay_second_assistance(terms, year, group, in_scope - assistance, trace)
    left -= assistance
    trace[Trace.PATIENT_LEFT] = left
    account = pay_account(terms, year, kind, bill[Fact.MEMBER_CLASS], left)
    relief = pay_relief(terms, bill, left - account)
    paid[Paid.ENTITLED] = basic
    if price >= 0:                                                             # step 3: the fund pays the price, not the bill
        if terms[t.PATIENT_SHARE_BASE] == t.SHARE_OF_PRICE:
            hospital = bill[Fact.BILLED] - price
        else:
            hospital = rules.hospital_bears(billed, price, basic)
            basic -= hospital
    paid[Paid.BASIC] = basic
    paid[Paid.LISTED] = listed
    paid[Paid.OUTPATIENT] = outpatient
    paid[Paid.SUPPLEMENT] = supplement
    paid[Paid.CII] = cii
    paid[Paid.COMMERCIAL] = commercial
    paid[Paid.ASSISTANCE] = assistance
    paid[Paid.ACCOUNT] = account + account_first
    paid[Paid.CASH] = left - account - relief
    paid[Paid.RELIEF] = relief
    paid[Paid.HOSPITAL] = hospital
    paid[Paid.IN_SCOPE_LEFT] = min(in_scope - assistance, left - relief)
