"""The nouns of the simulation, in the profession's words: Roster, Plan, Payments and YearFlows.

Money is int64 fen, ratios are integers in 1/10,000, a year is a calendar year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

# Who pays a bill, in the order of settlement (docs/settlement.md). The eleven add up to the bill.
PAYERS = ("basic", "listed", "outpatient", "supplement", "cii", "commercial", "assistance",
          "account", "cash", "relief", "hospital")
BASIC, LISTED, OUTPATIENT, SUPPLEMENT, CII, COMMERCIAL, ASSISTANCE, ACCOUNT, CASH, RELIEF, HOSPITAL = range(11)
# What is kept of a bill beside its payers.
# `entitled` is basic before a case or per-diem price changes what the fund pays the hospital.
COLUMNS = (*PAYERS, "entitled", "billed", "eligible", "bills")
ENTITLED, BILLED, ELIGIBLE, BILLS = 11, 12, 13, 14

KINDS = ("inpatient", "listed", "outpatient")     # ordinary admission, listed illness, outpatient visit
INPATIENT_KIND, LISTED_KIND, OUTPATIENT_KIND = range(3)


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
    fifth: np.ndarray             # int8, income fifth of the household, 0 poorest
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


class Plan(NamedTuple):
    """One scheme's settlement terms in one year, as docs/settlement.md names them.

    Shapes: T = 4 tiers, C = 5 member classes, G = 6 assistance groups, I = 20 illnesses, B bands of
    the inpatient schedule, Q bands of CII. Amounts in fen, ratios and points in 1/10,000, flags 0/1.
    """

    deductible: np.ndarray             # [T, 3, C]
    deductible_waived: np.ndarray      # [G]
    band_tops: np.ndarray              # [B], the last UNLIMITED
    ratio: np.ndarray                  # [T, C, B]
    after_deductible: int              # band_basis: 0 eligible, 1 after_deductible
    band_year: int                     # band_period: 0 admission, 1 year
    primary_bonus: int
    outside_penalty: int
    unreferred_penalty: int
    tcm_bonus: int
    guaranteed_share: int
    guaranteed_on_billed: int          # guaranteed_basis: 0 eligible, 1 billed
    factor: int
    annual_cap: int
    cap_on_expense: int                # cap_basis: 0 payment, 1 expense
    cap_counts_outpatient: int
    listed: np.ndarray                 # [I]: 0 none, 1 full, 2 pilot
    listed_ratio: np.ndarray           # [I]
    quota: np.ndarray                  # [I]
    quota_package: np.ndarray          # [I]: 1 package, 0 limit
    listed_better: int                 # 1: at least what an ordinary bill would be paid
    listed_outside_cap: int
    pilot_counties: int                # counties 0 .. pilot_counties-1 take part in the pilot
    reference_price: int               # of new drugs in one bill
    case_level: np.ndarray             # [T], 0 = no case payment
    day_price: np.ndarray              # [T], 0 = no per-diem payment
    price_base_billed: int             # patient_share_base: 0 price, 1 billed
    payment_counties: int              # counties 0 .. payment_counties-1 pay by case and day
    consultation_fee: int
    consultation_share: int
    outpatient_deductible: int
    outpatient_ratio: np.ndarray       # [T]
    outpatient_visit_limit: int
    outpatient_year_limit: int
    chronic_list: int
    chronic_deductible: int
    chronic_ratio: np.ndarray          # [T]
    chronic_year_limit: int
    supplement_ratio: int
    supplement_cap: int
    cii_threshold: int
    cii_tops: np.ndarray               # [Q], the last UNLIMITED
    cii_ratio: np.ndarray              # [Q]
    cii_cap: int
    cii_counts_outpatient: int
    cii_listed_only: int
    cii_excluded_share: int
    commercial_share: int              # persons with a cover rank below it (of 10,000) hold the commercial supplement
    commercial_deductible: int
    commercial_ratio: int
    commercial_cap: int
    commercial_on_all: int             # commercial_scope: 0 in_scope, 1 all
    ma_inpatient_ratio: np.ndarray     # [G]
    ma_outpatient_ratio: np.ndarray    # [G]
    ma_listed_ratio: np.ndarray        # [G]
    ma_deductible: int
    ma_listed_waives_deductible: int
    ma_cap: int
    ma_listed_outside_cap: int
    ma_take_up: int
    account_balance: np.ndarray        # [C] at the start of the year, the year's credit included
    account_outpatient_only: int       # account_use: 0 all, 1 outpatient
    relief_group: np.ndarray           # [G] flags
    relief_ability: int
    relief_ratio: int
    secondary_threshold: int           # self-pay above it can be refunded after year end


@dataclass(frozen=True)
class YearFlows:
    """What the year's people bring to the funds of one scheme: D draws, P policies, population amounts in fen.

    The claims of a month are by month of discharge. `segments` splits the year's pooled claims by who is paid: inpatient
    (basic and listed) and outpatient care by hospital tier.
    """

    year: int
    members: np.ndarray            # int64 [D, P] persons enrolled
    funding_index: np.ndarray      # float64 [D] the draw's subsidy and premium relative to the central path
    wage_index: np.ndarray         # float64 [D] the draw's wages relative to the central path
    active_share: float            # active members among all (uebmi)
    pooled_claims: np.ndarray      # int64 [D, P, 12] basic + listed + outpatient
    supplement_claims: np.ndarray  # int64 [D, P, 12] large-sum supplement
    cii_claims: np.ndarray         # int64 [D, P, 12]
    assistance_claims: np.ndarray  # int64 [D, P, 12]
    account_claims: np.ndarray     # int64 [D, P, 12] paid from individual accounts
    relief_claims: np.ndarray      # int64 [D, P, 12]
    segments: np.ndarray           # int64 [D, P, 2, T] pooled claims of the year: inpatient, outpatient; by tier
    secondary_base: np.ndarray     # int64 [D, P] sum of persons' self-pay above the threshold
