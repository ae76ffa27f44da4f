"""Reference of "The life of a claim" of docs/claims.md, written from that section alone; each bill is settled by `claims.py`.

    slips = settle_lives(plan, rules, rows, sort=False, repeated=None)     # one for each row, in the file's order

A row is one of `claims.py`, whose amounts may be below 0, and may say claim, original, reversal, insured_from, insured_until
and the five `opening_...`. A row that is refused has None, one that is left out LEFT_OUT.
"""

from copy import deepcopy
from decimal import Decimal, localcontext

from tests.reference.claims import LOCAL, File
from tests.reference.settlement import EXACT, IN_SCOPE_LEFT, PAYERS, ZERO, _yuan

LEFT_OUT = "left out"
AMOUNTS = ("billed", "eligible", "tcm", "essential", "new_drug", "first_pay", "case_price", "quota_price")
CARRIED = ("years", "family_years", "deducted", "named", "discharged", "last", "reached")      # what `File` carries along
OPENING = {"opening_deductible": "deductible_used", "opening_paid": "cap_used", "opening_self_pay": "self_pay_year",
           "opening_outpatient_paid": "outpatient_paid"}


class NotThere(Exception):
    """A row speaks of a bill that is not in the file, or of several."""


def settle_lives(plan, rules, rows, sort=False, repeated=None):
    """The slip of each row, None or LEFT_OUT."""
    with localcontext(EXACT):
        return Lives(plan, rules, rows, sort, repeated).slips()


def of_amounts(row):
    """What names a bill that no number names."""
    return row["person"], row.get("kind", "inpatient"), abs(Decimal(row["billed"])), abs(Decimal(row["eligible"]))


class Lives:
    """A file whose rows speak of each other."""

    def __init__(self, plan, rules, rows, sort, repeated):
        self.file, self.rows = File(plan, rules), rows
        self.order = sorted(range(len(rows)), key=lambda n: rows[n]["date"]) if sort else range(len(rows))
        self.opens = any(column in row for row in rows for column in (*OPENING, "opening_admissions"))
        self.takes_back, self.left_out, self.refused, self.begun = {}, set(), set(), set()
        taking = {n for n, row in enumerate(rows) if row.get("reversal") or Decimal(row["billed"]) < 0}
        bills = [n for n in range(len(rows)) if n not in taking]
        numbered = {}
        for n in bills:
            if rows[n].get("claim"):
                numbered.setdefault(rows[n]["claim"], []).append(n)
        for same in numbered.values():
            kept = same[0] if repeated == "first" else same[-1]
            self.left_out |= set(same) - {kept}
        self.number = {rows[n]["claim"]: n for n in bills if rows[n].get("claim") and n not in self.left_out}
        self.bills = [n for n in bills if n not in self.left_out]
        for n in sorted(taking):
            try:
                self.takes_back[n] = self._taken_back_by(n)
            except NotThere:
                self.refused.add(n)
        self._replace()

    def _taken_back_by(self, n):
        """"Taken back": by the original's number, by its own number, by person and amounts."""
        row = self.rows[n]
        if row.get("original"):
            found = self.number.get(row["original"])
            if found is None:
                raise NotThere
        else:
            found = self.number.get(row.get("claim"))
        if found is not None:
            if of_amounts(self.rows[found]) != of_amounts(row):
                raise NotThere
            return found
        taken = set(self.takes_back.values())
        alike = [m for m in self.bills if m not in taken and of_amounts(self.rows[m]) == of_amounts(row)
                 and self.rows[m]["date"] <= row["date"]]
        if not alike or len({self.rows[m]["date"] for m in alike}) > 1:
            raise NotThere
        return alike[-1]

    def _replace(self):
        """"Replaced": the bill is left out, unless it was taken back."""
        replaced = set()
        for n in self.bills:
            original = self.rows[n].get("original")
            if not original:
                continue
            found = self.number.get(original)
            if found is None or found in replaced or self.rows[found]["person"] != self.rows[n]["person"]:
                self.refused.add(n)
            elif found not in self.takes_back.values():
                replaced.add(found)
        self.left_out |= replaced

    def slips(self):
        result = [None] * len(self.rows)
        for n in self.order:
            if n in self.left_out:
                result[n] = LEFT_OUT
            elif n not in self.refused and n not in self.takes_back:
                result[n] = self._settled(n)
        for n, bill in self.takes_back.items():
            result[n] = None if result[bill] is None else {payer: ZERO - amount for payer, amount in result[bill].items()}
        return result

    def _settled(self, n):
        row = self.rows[n]
        if not (row.get("insured_from") or row["date"]) <= row["date"] <= (row.get("insured_until") or row["date"]):
            slip = dict.fromkeys((*PAYERS, IN_SCOPE_LEFT), ZERO)
            return slip | {"cash": _yuan(row["billed"], "billed")}
        if self.opens and row["person"] not in self.begun:
            self.begun.add(row["person"])
            self._open(row)
        if n not in self.takes_back.values():
            return self.file.slip_of(row)
        before = deepcopy([getattr(self.file, name) for name in CARRIED])
        slip = self.file.slip_of(row)
        for name, carried in zip(CARRIED, before, strict=True):
            setattr(self.file, name, carried)
        return slip

    def _open(self, row):
        """"Begun before": what the year held before the person's first bill, of whose day or later the others are."""
        self.file.reached["person", row["person"]] = row["date"]
        year = self.file._year(row, self.file._insured_year(row["date"]))
        for column, state in OPENING.items():
            setattr(year, state, _yuan(row.get(column) or ZERO, column))
        admissions = row.get("opening_admissions") or 0
        year.admissions = admissions
        for tier in (LOCAL + row["tier"], self.file.care_tier[row["tier"]]):
            year.admissions_at[tier] = admissions
