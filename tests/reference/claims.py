"""Reference settlement of whole claims files, written from the section "Bills that belong together" of docs/claims.md alone.

One bill is settled by `settlement.py`, which is told of the stay that the bill continues.

    slips = settle_claims(plan, rules, rows)   # rows in the file's order

A row has the facts of a bill and of a person, and person, date (datetime.date), and where the file says so admitted, stay,
transferred, transferred_from and family. `rules` are the section's keys: year_begins, new_year, readmission_days,
readmission_tier, transfer_deductible, tiers, and for `deductible_of` its `inpatient` and `outpatient`. What is left out is as
the page's table has it. A row that is refused has the slip None, and changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext

from tests.reference.settlement import (
    BILL_KEYS,
    CHRONIC_GROUPS,
    CLASSES,
    EXACT,
    LARGEST_BILL,
    TIERS,
    ZERO,
    Continued,
    Person,
    Year,
    admissions_before,
    is_listed,
    read_bill,
    read_person,
    read_plan,
    rounded,
    settle_bill,
)

NAMES_OF_A_PERSON = tuple(Person.__dataclass_fields__)


BY_TIER = ("deductible", "admission_copay", "ratio", "tcm_bonus", "essential_bonus", "guaranteed_share", "case_level",
           "day_price", "outpatient_deductible", "outpatient_copay", "outpatient_ratio", "outpatient_visit_limit")
LOCAL = "local "                    # before the name of a local tier, which may be that of a care tier


class Refused(Exception):
    """The row cannot be settled."""


@dataclass
class Stay:
    """What is carried along of a stay."""
    admissions: int = 0             # n, those before its first bill
    taken: Decimal = ZERO           # T, of deductibles
    fixed: Decimal = ZERO           # K, of fixed sums
    eligible: Decimal = ZERO        # S
    base: Decimal = ZERO            # S'
    discharged: date = date.min     # of its last bill, as the tier
    tier: str = ""

    def continued(self, without_deductible):
        return Continued(self.admissions, self.taken, self.fixed, self.eligible, self.base, without_deductible)


@dataclass(frozen=True)
class Link:
    """How an admission belongs to a stay: it begins one (`stay` is None), or continues one."""
    stay: Stay | None
    without_deductible: bool = False


def settle_claims(plan, rules, rows):
    """The slip of each row, or None where it is refused."""
    with localcontext(EXACT):
        file = File(plan, rules)
        return [file.slip_of(row) for row in rows]


def at_tier(plan, local, care):
    """"Local tiers": the plan with what it states for a local tier as that of its care tier."""
    def of(value):
        return {care: value[local]} if local in value else {}

    result = dict(plan)
    for name in BY_TIER:
        stated = plan.get(name)
        if isinstance(stated, dict) and not any(key in CLASSES for key in stated):
            result[name] = of(stated)
    ratio = plan.get("chronic_ratio", {})
    groups = set(plan.get("chronic_groups", CHRONIC_GROUPS)) & set(ratio)
    result["chronic_ratio"] = {group: of(ratio[group]) for group in groups} if groups else of(ratio)
    return result


class File:
    """What is carried along over a file: years, stays by name, everybody's last stay, and how far the rows have come."""

    def __init__(self, plan, rules):
        # each hospital tier with its care tier, and the plan as it is at that tier
        local_tiers = rules.get("tiers") or {tier: {"of": tier} for tier in TIERS}
        self.care_tier = {local: given["of"] for local, given in local_tiers.items()}
        self.plans = {local: read_plan(at_tier(plan, local, care)) for local, care in self.care_tier.items()}
        self.year_begins = rules.get("year_begins", 1)
        self.new_year = rules.get("new_year")
        self.readmission_days = rules.get("readmission_days")
        self.readmission_tier = rules.get("readmission_tier", "any")
        self.transfer_deductible = rules.get("transfer_deductible")
        self.of_family = {kind: rules.get(kind, "person") == "family" for kind in ("inpatient", "outpatient")}
        self.family_deductible = None if "family_deductible" not in rules else Decimal(rules["family_deductible"])
        self.deducted = {}          # (family, insured year) -> what deductibles have come to
        self.years = {}             # (person, insured year) -> Year
        self.family_years = {}      # (family, insured year) -> Year
        self.named = {}             # (person, stay's name) -> Stay
        self.discharged = {}        # the same -> day of the last discharge of a bill with this name
        self.last = {}              # person -> Stay
        self.reached = {}           # person, or family -> day of the last row

    def slip_of(self, row):
        """The row's slip; None, and nothing is changed, where the row is refused."""
        try:
            self._refuse_backwards(row)
            person = read_person({name: row[name] for name in NAMES_OF_A_PERSON if name in row})
            said = {name: row[name] for name in BILL_KEYS if name in row}
            bill = read_bill(said | {"tier": self.care_tier[row["tier"]]})
            if bill.kind == "inpatient" and bill.billed > 0 and not is_listed(self.plans[row["tier"]], person, bill):
                slip = self._admission(row, person, bill)
            else:
                slip = self._settled(row, person, bill, self._insured_year(row["date"]), None)
        except Refused:
            return None
        for who in self._in_order(row):
            self.reached[who] = row["date"]
        return slip

    def _in_order(self, row):
        """Whose rows may not go backwards: the person's, and the family's where a deductible is a family's."""
        who = [("person", row["person"])]
        if row.get("family") and (any(self.of_family.values()) or self.family_deductible is not None):
            who.append(("family", row["family"]))
        return who

    def _refuse_backwards(self, row):
        if any(row["date"] < self.reached.get(who, date.min) for who in self._in_order(row)):
            raise Refused

    # -----------------------------------------------------------------------------------------------------
    # "Insured year"
    # -----------------------------------------------------------------------------------------------------

    def _insured_year(self, day):
        return day.year if day.month >= self.year_begins else day.year - 1

    def _first_day(self, insured_year):
        return date(insured_year, self.year_begins, 1)

    # -----------------------------------------------------------------------------------------------------
    # "Stays"
    # -----------------------------------------------------------------------------------------------------

    def _link(self, row):
        """The four cases, in their order."""
        person, tier = row["person"], row["tier"]
        own = self.named.get((person, row["stay"])) if row.get("stay") else None
        # 1. a further bill
        if own is not None and own.tier == tier:
            return Link(own)
        # 2. a transfer
        if row.get("transferred_from"):
            return self._transfer(self.named.get((person, row["transferred_from"])))
        if row.get("transferred"):
            return self._transfer(self.last.get(person))
        if own is not None:
            return self._transfer(own)
        # 3. a readmission
        last = self.last.get(person)
        if self.readmission_days is not None and last is not None:
            admitted = row.get("admitted") or row["date"]
            if (admitted - last.discharged).days <= self.readmission_days:
                if last.tier == tier:
                    return Link(last)
                if self.readmission_tier == "any":
                    return Link(last, without_deductible=True)
        # 4. a new stay
        return Link(None)

    def _transfer(self, stay):
        if stay is None or self.transfer_deductible is None:
            raise Refused
        if self.transfer_deductible == "full":
            return Link(None)
        return Link(stay, without_deductible=self.transfer_deductible == "none")

    def _admission(self, row, person, bill):
        link = self._link(row)
        parts = self._by_insured_year(row, bill)
        stay = self._stay_of(row, link)
        slips = []
        for number, (part, insured_year) in enumerate(parts):
            if number == 0 and link.stay is None:
                stay.admissions = admissions_before(self.plans[row["tier"]], self._year(row, insured_year), bill.tier)
                continued = None
            else:
                continued = stay.continued(link.without_deductible)
            slips.append(self._settled(row, person, part, insured_year, continued, stay))
        stay.discharged, stay.tier = row["date"], row["tier"]
        self.last[row["person"]] = stay
        if row.get("stay"):
            self.named[row["person"], row["stay"]] = stay
            self.discharged[row["person"], row["stay"]] = row["date"]
        return {payer: sum((slip[payer] for slip in slips), ZERO) for payer in slips[0]}

    def _stay_of(self, row, link):
        """The stay that the bill is one of: a new one, or what the one that it continues has come to.

        Every bill of another name, or of none, goes on by itself.
        """
        return Stay() if link.stay is None else replace(link.stay)

    # -----------------------------------------------------------------------------------------------------
    # "A stay over the turn of the insured year"
    # -----------------------------------------------------------------------------------------------------

    def _begins(self, row):
        if row.get("admitted") is None:
            return row["date"]
        before = self.discharged.get((row["person"], row["stay"])) if row.get("stay") else None
        return row["admitted"] if before is None else max(row["admitted"], before + timedelta(days=1))

    def _by_insured_year(self, row, bill):
        """The bill with its insured year, or its two parts with theirs."""
        insured_year, begins = self._insured_year(row["date"]), self._begins(row)
        turn = self._first_day(insured_year)
        if begins >= turn or self.new_year == "discharge":
            return [(bill, insured_year)]
        if self.new_year is None or begins < self._first_day(insured_year - 1):
            raise Refused
        whole, old = (row["date"] - begins).days + 1, (turn - begins).days

        def first(amount):
            return rounded(amount * old / whole)

        days = (2 * bill.days * old + whole) // (2 * whole)             # half up to the day; a part may have none
        amounts = ("billed", "eligible", "tcm", "essential", "new_drug", "case_price", "first_pay")
        one = replace(bill, days=days, **{name: first(getattr(bill, name)) for name in amounts})
        other = replace(bill, days=bill.days - days,
                        **{name: getattr(bill, name) - getattr(one, name) for name in amounts})
        for part in (one, other):
            assert 0 <= part.tcm <= part.eligible <= part.billed <= LARGEST_BILL
            assert part.new_drug <= part.eligible and part.essential <= part.eligible
        return [(one, insured_year - 1), (other, insured_year)]

    # -----------------------------------------------------------------------------------------------------
    # One bill, or its part in one insured year; "Families"
    # -----------------------------------------------------------------------------------------------------

    def _year(self, row, insured_year):
        """The person's year, with what is the family's in it."""
        year = self.years.setdefault((row["person"], insured_year), self._empty())
        if row.get("family"):
            of_family = self.family_years.setdefault((row["family"], insured_year), self._empty())
            self._hand_over(of_family, year)
        year.admissions_at[self.care_tier[row["tier"]]] = year.admissions_at[LOCAL + row["tier"]]
        return year

    def _empty(self):
        """1 January, or the first day of the insured year, with a count of admissions at each local tier."""
        return Year(admissions_at=dict.fromkeys(TIERS, 0) | {LOCAL + tier: 0 for tier in self.care_tier})

    def _hand_over(self, giver, taker):
        """What is the family's: the deductible used of visits, that of admissions and their counts."""
        if self.of_family["outpatient"]:
            taker.outpatient_deductible_used = giver.outpatient_deductible_used
        if self.of_family["inpatient"]:
            taker.admissions, taker.admissions_at = giver.admissions, dict(giver.admissions_at)
            taker.deductible_used = giver.deductible_used

    def _within_family(self, plan, year, room):
        """`family_deductible`: the plan for a bill whose d is at most so much, in step 3b with period `year` alone."""
        plan = replace(plan, deductible_year_limit=min(plan.deductible_year_limit, year.deductible_used + room))
        if plan.outpatient_deductible_period == "visit":
            return plan
        used = year.outpatient_deductible_used + (year.deductible_used if plan.deductible_shared else ZERO)
        of_visits = {place: min(amount, used + room) for place, amount in plan.outpatient_deductible.items()}
        return replace(plan, outpatient_deductible=of_visits)

    def _settled(self, row, person, bill, insured_year, continued, stay=None):
        year = self._year(row, insured_year)
        before, plan, family = replace(year), self.plans[row["tier"]], (row.get("family"), insured_year)
        if row.get("family") and self.family_deductible is not None:
            plan = self._within_family(plan, year, max(self.family_deductible - self.deducted.get(family, ZERO), ZERO))
        slip = settle_bill(plan, person, year, bill, continued)
        self.deducted[family] = (self.deducted.get(family, ZERO) + year.deductible_used - before.deductible_used
                                 + year.outpatient_deductible_used - before.outpatient_deductible_used)
        year.admissions_at[LOCAL + row["tier"]] = year.admissions_at[bill.tier]
        if stay is not None:
            stay.taken += year.deductible_used - before.deductible_used
            stay.fixed += year.fixed_sums - before.fixed_sums
            stay.eligible += year.eligible_year - before.eligible_year
            stay.base += year.base_year - before.base_year
        if row.get("family"):
            self._hand_over(year, self.family_years[row["family"], insured_year])
        return slip
