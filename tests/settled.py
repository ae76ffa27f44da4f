"""Settle one person's bills with the compiled rules, for tests: the same mappings as the reference reads."""

from decimal import Decimal

import numpy as np

from simulator.benefits.rules import INPATIENT, OUTPATIENT_VISIT, STATE, settle_bill
from simulator.benefits.terms import pack
from simulator.money import fen, ratio, share
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.parameters.plans import plan_of

PAYERS = ("basic", "listed", "outpatient", "cii", "assistance", "cash", "hospital")


def settle_with_rules(plan: dict, person: dict, bills: list[dict]) -> list[dict[str, int]]:
    """Payments in fen of each bill, payer by payer."""
    terms = pack([plan_of(plan)])[0]
    year = np.zeros(STATE, dtype=np.int64)
    member_class = CLASSES.index(person.get("member_class", "adult"))
    group = GROUPS.index(person.get("group", "none"))
    county = 0 if person.get("pilot_area", False) else 1
    result = []
    for bill in bills:
        billed = fen(Decimal(bill["billed"]))
        eligible = fen(Decimal(bill["eligible"])) if "eligible" in bill else share(billed, ratio(Decimal(bill["in_scope"])))
        illness = ILLNESSES.index(bill["illness"]) if bill.get("illness") else -1
        kind = OUTPATIENT_VISIT if bill.get("kind", "inpatient") == "outpatient" else INPATIENT
        paid = settle_bill(terms, year, kind, TIERS.index(bill["tier"]), member_class, group, county, illness,
                           int(bill.get("units", 1)), billed, eligible, fen(Decimal(bill.get("tcm", "0"))),
                           bool(bill.get("unreferred", False)))
        result.append(dict(zip(PAYERS, (int(x) for x in paid[:7]), strict=True)))
    return result
