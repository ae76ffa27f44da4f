"""The nouns of the simulation, in the profession's words: the facts of a bill, who pays it, Roster and YearFlows.

Money is int64 fen, ratios are integers in 1/10,000, a year is a calendar year.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np


class Fact(IntEnum):
    """What is known of a bill, int64 each: first the facts the rules read, then where the walk drew it.

    Amounts are fen, flags 0 or 1. A rank is compared with the plan's number of counties or share of persons that take part: it
    is the fixed rank of a county or a person.
    """

    KIND, TIER, MEMBER_CLASS, GROUP, PILOT_RANK, PAYMENT_RANK, COVER_RANK, ILLNESS, UNITS, DAYS = range(10)
    BILLED, ELIGIBLE, TCM, CASE_PRICE, NEW_DRUG, UNREFERRED, CHRONIC, EMERGENCY = range(10, 18)
    FIRST_PAY, OUT_OF_AREA, CIVIL_SERVANT, ESSENTIAL, QUOTA_PRICE, INSURED_YEARS = range(18, 24)     # 0 in a simulation
    KEY, ROW, SOURCE, MONTH = range(24, 28)                            # order in the year, roster row, stream, month
    TIER_BITS, AMOUNT_BITS, MIX_BITS, KEEP_BITS, LOCAL_BITS = range(28, 33)        # the random bits it was drawn with


FACTS = 24                      # of them the rules read
BILL_COLUMNS = len(Fact)
INPATIENT, OUTPATIENT_VISIT = 0, 1                # Fact.KIND
NO_ILLNESS = -1                 # Fact.ILLNESS
BEHIND_ALL = 1 << 40            # a rank behind every county and person: takes part in nothing


class Paid(IntEnum):
    """What a settled bill leaves, fen: the eleven payers in the order of settlement (docs/settlement.md), which add up to the
    bill, and two figures beside them."""

    BASIC, LISTED, OUTPATIENT, SUPPLEMENT, CII, COMMERCIAL, ASSISTANCE, ACCOUNT, CASH, RELIEF, HOSPITAL = range(11)
    IN_SCOPE_LEFT = 11          # the part of the patient's own payment that is in scope
    ENTITLED = 12               # basic, before a case or per-diem price changes what the fund pays the hospital


PAYERS = tuple(payer.name.lower() for payer in Paid)[:11]
LEFT = len(Paid)


class Summed(IntEnum):
    """The columns of sums behind the payers."""

    ENTITLED, BILLED, ELIGIBLE, BILLS = range(11, 15)


SUMMED = (*PAYERS, *(column.name.lower() for column in Summed))


@dataclass(frozen=True)
class Roster:
    """The members of one scheme in one region, one row a person, households in adjacent rows.

    All arrays have length `rows`, future entrants included; a person is present in the years
    entry <= year < exit. `income` is the household's income per head in fen a year at the start
    year's level. `household` rises from row to row; `sampled` is true for the households whose
    outpatient visits are walked. `county` is 0 .. counties-1: the first ones take part in pilots.
    """

    region: str
    scheme: str
    people_id: int
    start_year: int
    participants: int             # persons the rows present in the start year stand for
    counties: int
    retirement_age: tuple[int, int]   # men, women (uebmi only)
    household: np.ndarray         # int32
    birth_year: np.ndarray        # int16
    sex: np.ndarray               # int8, 0 man, 1 woman
    urban: np.ndarray             # int8
    student: np.ndarray           # int8, 1: a student while aged 15-24
    group: np.ndarray             # int8, index into GROUPS
    risk: np.ndarray              # int8, index into the risk classes
    county: np.ndarray            # int16
    quintile: np.ndarray          # int8, the household's income quintile, 0 the poorest
    income: np.ndarray            # int64
    entry: np.ndarray             # int16
    exit: np.ndarray              # int16
    sampled: np.ndarray           # bool

    @property
    def rows(self) -> int:
        return len(self.household)

    def age(self, year: int) -> np.ndarray:
        """Age in completed years at mid-year, int16[rows]; negative before birth."""
        return (year - self.birth_year).astype(np.int16)

    def present(self, year: int) -> np.ndarray:
        """bool[rows]: who is a member in `year`."""
        return (self.entry <= year) & (year < self.exit)

    def member_class(self, year: int) -> np.ndarray:
        """int8[rows], index into CLASSES: adult, child (under 18), student, active, retired."""
        age = self.age(year)
        if self.scheme == "uebmi":
            retired = age >= np.where(self.sex == 1, self.retirement_age[1], self.retirement_age[0])
            return np.where(retired, 4, 3).astype(np.int8)
        member = np.where(age < 18, 1, 0)
        member = np.where((self.student == 1) & (age >= 15) & (age < 25), 2, member)
        return member.astype(np.int8)


class FundEconomy(NamedTuple):
    """What funds receive in a year relative to the central path, float64 [D] each."""

    premium: np.ndarray
    subsidy: np.ndarray
    wage: np.ndarray               # what contributions are paid on


@dataclass(frozen=True)
class YearFlows:
    """What the year's people bring to the funds of one scheme: D draws, P policies, population amounts in fen.

    The claims of a month are by month of discharge. `segments` splits the year's pooled claims by who is paid: inpatient
    (basic and listed) and outpatient care by hospital tier.
    """

    year: int
    members: np.ndarray            # int64 [D, P] persons enrolled
    economy: FundEconomy
    active_share: np.ndarray | float       # float64 [D] active members among all (uebmi)
    pooled_claims: np.ndarray      # int64 [D, P, 12] basic + listed + outpatient
    supplement_claims: np.ndarray  # int64 [D, P, 12] large-sum supplement
    cii_claims: np.ndarray         # int64 [D, P, 12]
    assistance_claims: np.ndarray  # int64 [D, P, 12]
    account_claims: np.ndarray     # int64 [D, P, 12] paid from individual accounts
    relief_claims: np.ndarray      # int64 [D, P, 12]
    segments: np.ndarray           # int64 [D, P, 2, T] pooled claims of the year: inpatient, outpatient; by tier
    secondary_base: np.ndarray     # int64 [D, P] sum of persons' self-pay above the threshold
    # The year's pooled claims under every rung of the ladder, int64 [D, P, R], and the rungs below and above the plan, int64 [P];
    # None: no fund has a ladder.
    by_rung: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
    billed: np.ndarray | None = None       # int64 [D, P, 2] bills of inpatient and outpatient care (None: not known)
    borne: np.ndarray | None = None        # int64 [D, P, 2] what hospitals bear of bills, below zero what they gain
    # The sums above each halving of the threshold, int64 [D, P, n], of funds that find one; None: the stated one holds.
    lower_bases: np.ndarray | None = None
