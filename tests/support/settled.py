"""Settle one person's bills with the compiled rules, for tests: the same mappings as the reference reads."""

from decimal import Decimal

import numpy as np

from simulator.money import fen, ratio, share
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.parameters.plans import plan_of
from simulator.plan import pack
from simulator.tables import INPATIENT, NO_ILLNESS, OUTPATIENT_VISIT, Fact
from tests.support.bill_arrays import BILL, COLUMNS, settle_years

OUT_OF_AREA = ("no", "filed", "unfiled")


def _rank(belongs: bool) -> int:
    """The place in line of a county or a person where a plan takes the first one only."""
    return 0 if belongs else 1


def bill_rows(person: dict, bills: list[dict]) -> np.ndarray:
    """The bills of one person under policy 0, int64[N, BILL]; what a mapping does not say is neutral."""
    rows = np.zeros((len(bills), BILL), dtype=np.int64)
    for row, bill in zip(rows, bills, strict=True):
        billed = fen(Decimal(bill["billed"]))
        eligible = fen(Decimal(bill["eligible"])) if "eligible" in bill else share(billed, ratio(Decimal(bill["in_scope"])))
        outpatient = bill.get("kind", "inpatient") == "outpatient"
        row[Fact.KIND] = OUTPATIENT_VISIT if outpatient else INPATIENT
        row[Fact.TIER] = TIERS.index(bill["tier"])
        row[Fact.MEMBER_CLASS] = CLASSES.index(person.get("member_class", "adult"))
        row[Fact.GROUP] = GROUPS.index(person.get("group", "none"))
        row[Fact.PILOT_RANK] = _rank(person.get("pilot_area", False))
        row[Fact.PAYMENT_RANK] = _rank(person.get("payment_area", False))
        row[Fact.COVER_RANK] = _rank(person.get("commercial", False))
        row[Fact.ILLNESS] = ILLNESSES.index(bill["illness"]) if bill.get("illness") else NO_ILLNESS
        row[Fact.UNITS], row[Fact.DAYS] = int(bill.get("units", 1)), int(bill.get("days", 1))
        row[Fact.BILLED], row[Fact.ELIGIBLE] = billed, eligible
        for place, name in ((Fact.TCM, "tcm"), (Fact.CASE_PRICE, "case_price"), (Fact.NEW_DRUG, "new_drug")):
            row[place] = fen(Decimal(bill.get(name, "0")))
        for place, name in ((Fact.UNREFERRED, "unreferred"), (Fact.EMERGENCY, "emergency")):
            row[place] = bool(bill.get(name, False))
        row[Fact.CHRONIC] = int(bill.get("chronic", 0))                # yes is the first group
        for place, name in ((Fact.ESSENTIAL, "essential"), (Fact.QUOTA_PRICE, "quota_price")):
            row[place] = fen(Decimal(bill.get(name, "0")))
        row[Fact.INSURED_YEARS] = int(bill.get("insured_years", 0))
        row[Fact.FIRST_PAY] = fen(Decimal(bill.get("first_pay", "0")))
        row[Fact.OUT_OF_AREA] = OUT_OF_AREA.index(bill.get("out_of_area", "no"))
        row[Fact.CIVIL_SERVANT] = bool(person.get("civil_servant", False))
    return rows


def settle_with_rules(plan: dict, person: dict, bills: list[dict]) -> list[dict[str, int]]:
    """What each bill leaves, in fen: payer by payer, and `in_scope_left`."""
    paid, _ = settle_years(pack([plan_of(plan)]), bill_rows(person, bills))
    return [dict(zip(COLUMNS, row, strict=True)) for row in paid.tolist()]
