"""Reference settlement of whole claims files, written from the section "Bills that belong together" of docs/claims.md alone.

One bill is settled by `settlement.py`; what a stay changes of it is brought about from outside: by a plan whose deductible is
what is left of the stay's, and by a year that begins where the stay's bands stand. So the plan may have no cap on expense.

    slips = settle_claims(plan, terms, rows)   # rows in the file's order, each a dict of a bill's facts and of these:
    # person, date (datetime.date), and where the file says so admitted, stay, transferred, transferred_from, family
"""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext

from tests.reference.settlement import EXACT, ZERO, Year, read_bill, read_person, read_plan, rounded, settle_bill

OF_A_BILL = ("kind", "tier", "billed", "eligible", "illness")
SPLIT = ("billed", "eligible")


class Refused(Exception):
    """The row cannot be settled."""


@dataclass
class Stay:
    """What is carried along of a stay."""
    n: int                          # admissions before its first bill
    taken: Decimal                  # T
    eligible: Decimal               # S
    base: Decimal                   # S'
    discharged: date
    tier: str


def settle_claims(plan, terms, rows):
    """The slip of each row, or None where it is refused."""
    with localcontext(EXACT):
        book = Book(read_plan(plan), terms)
        slips = []
        for row in rows:
            try:
                slips.append(book.settle(row))
            except Refused:
                slips.append(None)
        return slips


class Book:
    """Everybody's years, stays and families."""

    def __init__(self, plan, terms):
        self.plan, self.terms = plan, terms
        self.years, self.stays, self.last, self.seen = {}, {}, {}, {}

    def settle(self, row):
        person, family = row["person"], row.get("family") or None
        shared = family and any(self.terms.get(key) == "family" for key in ("inpatient", "outpatient"))
        for who in (("person", person), ("family", family)) if shared else (("person", person),):
            if row["date"] < self.seen.get(who, date.min):
                raise Refused
        said = {key: row[key] for key in OF_A_BILL if key in row}
        bill = read_bill(said)
        listed = bill.illness is not None and self.plan.listed.get(bill.illness, "none") == "full"
        if bill.kind == "outpatient" or bill.billed == 0 or listed:
            slip = self._settle_part(said, person, family, self._year_of(row["date"]), None, "")
        else:
            slip = self._admission(row, said, person, family)
        for who in (("person", person), ("family", family)) if shared else (("person", person),):
            self.seen[who] = row["date"]
        return slip

    # The cases of a stay, in their order.

    def _admission(self, row, said, person, family):
        name = (person, row.get("stay") or None)
        own = self.stays.get(name) if name[1] else None
        admitted = row.get("admitted") or row["date"]
        source, how, begins = None, "new", admitted
        if own:
            begins = max(admitted, own.discharged + timedelta(1))
        if own and own.tier == row["tier"]:
            source, how = own, "continues"
        elif row.get("transferred_from") or row.get("transferred") or own:
            if row.get("transferred_from"):
                source = self.stays.get((person, row["transferred_from"]))
            else:
                source = self.last.get(person) if row.get("transferred") else own
            rule = self.terms.get("transfer_deductible")
            if source is None or rule is None:
                raise Refused
            how = {"full": "new", "difference": "continues", "none": "without"}[rule]
        elif "readmission_days" in self.terms and person in self.last:
            source = self.last[person]
            if admitted <= source.discharged + timedelta(self.terms["readmission_days"]):
                if source.tier == row["tier"]:
                    how = "continues"
                elif self.terms.get("readmission_tier", "any") == "any":
                    how = "without"
        first_day = self._first_day(self._year_of(row["date"]))
        parts = [(said, self._year_of(row["date"]))]
        if begins < first_day:
            rule = self.terms.get("new_year")
            if rule is None or rule == "split" and begins < self._first_day(self._year_of(row["date"]) - 1):
                raise Refused
            if rule == "split":
                days, whole = (first_day - begins).days, (row["date"] - begins).days + 1
                old = {key: rounded(Decimal(said[key]) * days / whole) for key in SPLIT}
                rest = {key: Decimal(said[key]) - old[key] for key in SPLIT}
                parts = [(said | old, parts[0][1] - 1), (said | rest, parts[0][1])]
        stay = replace(source) if how != "new" else None
        slip = {}
        for part, year in parts:
            if stay is None:
                counted = self._state(person, family, year).admissions
                stay = Stay(counted, ZERO, ZERO, ZERO, row["date"], row["tier"])
                paid = self._settle_part(part, person, family, year, stay, "new")
                how = "continues"
            else:
                paid = self._settle_part(part, person, family, year, stay, how)
            slip = {payer: slip.get(payer, ZERO) + amount for payer, amount in paid.items()}
        stay.discharged, stay.tier = row["date"], row["tier"]
        self.last[person] = stay
        if name[1]:
            self.stays[name] = stay
        return slip

    # One bill, or its part in one insured year.

    def _settle_part(self, said, person, family, number, stay, how):
        year = self._state(person, family, number)
        plan, before = self.plan, {field.name: getattr(year, field.name) for field in fields(year)}
        if how in ("continues", "without"):
            by_order = plan.deductible[said["tier"], "adult"]
            stated = by_order[min(stay.n, len(by_order) - 1)]
            left = ZERO if how == "without" else max(stated - stay.taken, ZERO)
            plan = replace(plan, deductible=dict.fromkeys(plan.deductible, (left,) * len(by_order)))
            if plan.band_period == "admission":
                plan = replace(plan, band_period="year")
                year.eligible_year, year.base_year = stay.eligible, stay.base
        begun = year.eligible_year, year.base_year
        slip = settle_bill(plan, read_person({}), year, read_bill(said))
        eligible, base = year.eligible_year - begun[0], year.base_year - begun[1]
        year.eligible_year, year.base_year = before["eligible_year"] + eligible, before["base_year"] + base
        if Decimal(said["billed"]) == 0:
            year.admissions = before["admissions"]
        if stay is not None:
            if how != "new":
                year.admissions = before["admissions"]
            stay.taken, stay.eligible, stay.base = stay.taken + eligible - base, stay.eligible + eligible, stay.base + base
        self._return(family, number, year)
        return slip

    def _state(self, person, family, number):
        """The person's year, with what is the family's in it."""
        year = self.years.setdefault(("person", person, number), Year())
        if family:
            common = self.years.setdefault(("family", family, number), Year())
            if self.terms.get("outpatient") == "family":
                year.outpatient_deductible_used = common.outpatient_deductible_used
            if self.terms.get("inpatient") == "family":
                year.admissions = common.admissions
        return year

    def _return(self, family, number, year):
        if family:
            common = self.years["family", family, number]
            common.outpatient_deductible_used, common.admissions = year.outpatient_deductible_used, year.admissions

    def _year_of(self, day):
        return day.year if day.month >= self.terms.get("year_begins", 1) else day.year - 1

    def _first_day(self, number):
        return date(number, self.terms.get("year_begins", 1), 1)
