"""One bill as a settlement slip (结算单): each step with its formula, amount, source and clause.

The amounts come from the compiled rules themselves; the slip only says what they did.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.benefits import rules
from simulator.benefits import terms as t
from simulator.benefits.rules import ADMISSIONS, CAP_USED, INPATIENT, OUTPATIENT_VISIT, SELF_PAY_YEAR
from simulator.money import UNLIMITED, yuan
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS


@dataclass(frozen=True)
class Bill:
    """One bill of one person; amounts in fen."""

    tier: str
    billed: int
    eligible: int
    kind: str = "inpatient"
    illness: str | None = None
    units: int = 1
    tcm: int = 0
    unreferred: bool = False
    member_class: str = "adult"
    group: str = "none"
    pilot_area: bool = True


@dataclass(frozen=True)
class Step:
    """A line of the slip: what, in both languages; how; how much (fen); on what ground."""

    en: str
    zh: str
    formula: str
    amount: int
    source: str = ""


def percent(ratio: int) -> str:
    """A ratio in 1/10,000 as a percentage without needless zeros."""
    return f"{ratio / 100:.2f}".rstrip("0").rstrip(".") + "%"


def explain(terms: np.ndarray, year: np.ndarray, bill: Bill, cite=lambda path: "") -> list[Step]:
    """The steps of one bill under a row of plan terms; `year` is the person's state before the bill and is updated.

    `cite(path)` gives the source of a parameter such as `inpatient.deductible` (no scheme). The last step is cash; the
    amounts of the payers (steps with a source or `cash`) add up to the bill.
    """
    before = year.copy()
    tier, member, group = TIERS.index(bill.tier), CLASSES.index(bill.member_class), GROUPS.index(bill.group)
    illness = ILLNESSES.index(bill.illness) if bill.illness else -1
    county = 0 if bill.pilot_area else 1 << 40
    kind = OUTPATIENT_VISIT if bill.kind == "outpatient" else INPATIENT
    basic, listed, outpatient, cii, assistance, cash, hospital, _ = (int(x) for x in rules.settle_bill(
        terms, year, kind, tier, member, group, county, illness, bill.units, bill.billed, bill.eligible, bill.tcm,
        bill.unreferred))
    on_list = bool(rules.is_listed(terms, illness, county))
    steps = [Step("Billed", "医疗总费用", "", bill.billed),
             Step("Eligible (in-scope) expense", "政策范围内费用",
                  f"{percent(round(bill.eligible * 10000 / max(bill.billed, 1)))} of the bill", bill.eligible,
                  cite("care.in_scope_share"))]
    if on_list:
        steps += _listed_steps(terms, before, bill, illness, listed, hospital, cite)
    elif kind == INPATIENT:
        steps += _inpatient_steps(terms, before, bill, tier, member, group, basic, cite)
    else:
        steps += _outpatient_steps(terms, before, bill, tier, outpatient, cite)
    basis = _basis(terms, bill, illness) if on_list else bill.eligible
    in_scope = max(basis - basic - listed - outpatient, 0)
    if terms[t.CII_THRESHOLD] < UNLIMITED:
        steps.append(Step("Critical illness insurance (CII)", "大病保险支付",
                          f"in-scope self-pay of the year {yuan(before[SELF_PAY_YEAR])} -> {yuan(year[SELF_PAY_YEAR])}, "
                          f"above {yuan(terms[t.CII_THRESHOLD])}: {_bands(terms, t.CII_TOPS, t.CII_RATIO)}", cii,
                          cite("cii.ratio")))
    if group > 0:
        ratio = terms[(t.MA_LISTED_RATIO if on_list else t.MA_INPATIENT_RATIO if kind == INPATIENT else t.MA_OUTPATIENT_RATIO)
                      + group]
        steps.append(Step("Medical assistance", "医疗救助", f"({yuan(max(in_scope - cii, 0))} - deductible) x {percent(ratio)}",
                          assistance, cite("assistance.listed_ratio" if on_list else f"assistance.{bill.kind}_ratio")))
    steps.append(Step("Cash paid by the patient", "个人现金支付",
                      " - ".join([yuan(bill.billed), *(yuan(x) for x in (basic, listed, outpatient, cii, assistance, hospital)
                                                       if x)]), cash))
    return steps


def _basis(terms: np.ndarray, bill: Bill, illness: int) -> int:
    quota = int(terms[t.QUOTA + illness]) * bill.units
    return min(bill.billed, quota) if quota else bill.eligible


def _bands(terms: np.ndarray, tops: int, rates: int) -> str:
    """The bands as text: `to 10000.00: 50%, above: 60%`."""
    parts = []
    for b in range(t.BANDS):
        top = int(terms[tops + b])
        last = top >= UNLIMITED
        where = "above" if last and parts else f"to {yuan(top)}" if not last else "all"
        parts.append(f"{where}: {percent(int(terms[rates + b]))}")
        if last:
            break
    return ", ".join(parts)


def _listed_steps(terms, before, bill: Bill, illness: int, listed: int, hospital: int, cite) -> list[Step]:
    quota, basis = int(terms[t.QUOTA + illness]), _basis(terms, bill, illness)
    steps = []
    if quota:
        steps.append(Step("Basis: the quota price", "定额标准", f"min({yuan(bill.billed)}, {yuan(quota)} x {bill.units})", basis,
                          cite("listed.quota")))
    left = yuan(max(int(terms[t.ANNUAL_CAP] - before[CAP_USED]), 0))
    inside = "outside the annual cap" if terms[t.LISTED_OUTSIDE_CAP] else f"at most {left} left of the cap"
    steps.append(Step("Listed illness", "重大疾病保障支付",
                      f"{yuan(basis)} x {percent(int(terms[t.LISTED_RATIO + illness]))}, no deductible, {inside}",
                      listed, cite("listed.ratio")))
    if hospital:
        steps.append(Step("Borne by the hospital", "医院承担", f"{yuan(bill.billed)} - {yuan(basis)} (package price)", hospital,
                          cite("listed.quota_kind")))
    return steps


def _inpatient_steps(terms, before, bill: Bill, tier: int, member: int, group: int, basic: int, cite) -> list[Step]:
    order = int(before[ADMISSIONS])
    deductible = int(rules.deductible_of(terms, tier, order, member, group))
    points = int(rules.points_of(terms, tier, bill.unreferred))
    name = ("first", "second", "third or later")[min(order, 2)]
    rates = _bands(terms, t.BAND_TOPS, t.RATIO + (tier * t.CLASSES + member) * t.BANDS)
    extra = f", {'+' if points > 0 else ''}{points / 100:g} points" if points else ""
    steps = [Step("Deductible", "起付线", f"{bill.tier}, {name} admission of the year"
                  + (" (waived)" if terms[t.DEDUCTIBLE_WAIVED + group] else ""), deductible, cite("inpatient.deductible")),
             Step("Reimbursed part", "进入报销金额", f"{yuan(bill.eligible)} - {yuan(deductible)}",
                  max(bill.eligible - deductible, 0))]
    if terms[t.TCM_BONUS] and bill.tcm:
        extra += f", traditional Chinese medicine {yuan(bill.tcm)} + {percent(int(terms[t.TCM_BONUS]))}"
    if terms[t.GUARANTEED_SHARE]:
        extra += f", at least {percent(int(terms[t.GUARANTEED_SHARE]))}"
    cap = int(terms[t.ANNUAL_CAP])
    limit = "" if cap >= UNLIMITED else f"; cap {yuan(cap)}, used {yuan(before[CAP_USED])}"
    steps.append(Step("Pooled fund, basic insurance", "统筹基金支付", f"x {rates}{extra}{limit}", basic, cite("inpatient.ratio")))
    return steps


def _outpatient_steps(terms, before, bill: Bill, tier: int, outpatient: int, cite) -> list[Step]:
    limit, year_limit = int(terms[t.OUTPATIENT_VISIT_LIMIT]), int(terms[t.OUTPATIENT_YEAR_LIMIT])
    parts = []
    if tier == rules.TOWNSHIP and terms[t.CONSULTATION_FEE]:
        parts.append(f"consultation fee {yuan(min(int(terms[t.CONSULTATION_FEE]), bill.eligible))} "
                     f"x {percent(int(terms[t.CONSULTATION_SHARE]))}")
    parts.append(f"rest above the year's deductible {yuan(terms[t.OUTPATIENT_DEDUCTIBLE])} "
                 f"(used {yuan(before[rules.OUTPATIENT_DEDUCTIBLE_USED])}) x {percent(int(terms[t.OUTPATIENT_RATIO + tier]))}")
    if limit < UNLIMITED:
        parts.append(f"at most {yuan(limit)} a visit")
    if year_limit < UNLIMITED:
        parts.append(f"{yuan(year_limit)} a year, paid {yuan(before[rules.OUTPATIENT_PAID])}")
    return [Step("Outpatient pooling", "门诊统筹支付", ", ".join(parts), outpatient, cite("outpatient.ratio"))]
