"""What the claims kernel leaves: sums of integers by policy, so that no order of work can change a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.care.blocks import BILL_COUNT, LISTED_FROM, VISITS_FROM
from simulator.compiling.compiled import lean
from simulator.compiling.types import Ints, Ints2, Ints3, Ints4
from simulator.tables import PAYERS, Fact, Paid

if TYPE_CHECKING:
    from simulator.care.blocks import Block

LAYERS = ("before", "basic", "cii", "assistance", "account")  # what a household pays after each layer; the last is cash alone
BURDENS = ("catastrophic_10", "catastrophic_25", "catastrophic_40_capacity", "impoverished")
# What the control variate corrects; self_pay: above the threshold of secondary reimbursement.
ACCOUNTS = ("pooled", "supplement", "cii", "assistance", "self_pay")
N_ACCOUNTS = len(ACCOUNTS)
HISTOGRAM = 640                                               # 16 bins an octave, 40 octaves of fen
HALVINGS = 7                                                  # of the threshold of secondary reimbursement that is found
PERSON_SUMS = ("secondary_base", "users", "capped", "over_cap", "negative",
               *(f"secondary_base_{n}" for n in range(1, HALVINGS + 1)))
SECONDARY_BASE, USERS, CAPPED, OVER_CAP, NEGATIVE, LOWER_BASES = range(6)
PAID = len(PAYERS) + 1                                        # the payers, and what the patient is entitled to
COLUMN_OF = np.array([*range(len(PAYERS)), Paid.ENTITLED])    # where `settle_bill` leaves each of them
DRAWN = 3                                                     # billed, eligible, bills
SHAPE = (6, 3, 12, 4)                                         # not sampled or the income quintile, source, month, tier
PLACES = 6 * 3 * 12 * 4


class Sums(NamedTuple):
    """What one draw leaves: integers by policy P; columns are tables.SUMMED."""

    month: np.ndarray              # int64[P, 3 kinds, 12, columns]
    tier: np.ndarray               # int64[P, 3, 4, columns]
    quintile: np.ndarray           # int64[P, 5, columns], sampled households only
    illness: np.ndarray            # int64[P, 20, columns]
    first_bill: np.ndarray         # int64[P, 3, ACCOUNTS]: each bill settled as its person's first of the year
    person: np.ndarray             # int64[P, 5 quintiles, PERSON_SUMS]
    household: np.ndarray          # int64[P, 5 layers, 4 burdens, 5 quintiles], sampled households only
    histogram: np.ndarray          # int64[P, 5 quintiles, 640]: account and cash of a person in the year, sampled households


class PolicySums(NamedTuple):
    """The sums of P policies while they are being added up: what each payer pays by place (of SHAPE); other fields as in Sums."""

    place: Ints3                   # [P, PAID, PLACES]
    illness: Ints3                 # [P, 20, PAID]
    first_bill: Ints3
    person: Ints3
    household: Ints4
    histogram: Ints3


class OnePolicySums(NamedTuple):
    """`PolicySums` of one policy."""

    place: Ints2
    illness: Ints2
    first_bill: Ints2
    person: Ints2
    household: Ints3
    histogram: Ints2


class DrawnSums(NamedTuple):
    """Billed, eligible and bills by variant of care V."""

    place: Ints3                   # [V, PLACES, DRAWN]: those of a bill in one line of the cache
    illness: Ints3                 # [V, 20, DRAWN]


class DrawSums(NamedTuple):
    """What a call of the kernel adds to: what is paid by policy, what was drawn by variant of care."""

    paid: PolicySums
    drawn: DrawnSums


def empty_sums(policies: int, variants: int = 1) -> DrawSums:
    """All-zero sums for P policies and V variants of care."""
    def zeros(*shape: int) -> np.ndarray:
        return np.zeros(shape, dtype=np.int64)

    return DrawSums(PolicySums(zeros(policies, PAID, PLACES), zeros(policies, 20, PAID), zeros(policies, 3, N_ACCOUNTS),
                               zeros(policies, 5, len(PERSON_SUMS)), zeros(policies, len(LAYERS), len(BURDENS), 5),
                               zeros(policies, 5, HISTOGRAM)),
                    DrawnSums(zeros(variants, PLACES, DRAWN), zeros(variants, 20, DRAWN)))


@lean
def add_drawn(block: Block, places: Ints2, illnesses: Ints2) -> None:
    """Add up what of a block is the same under every policy: `places` int64[PLACES, DRAWN], `illnesses` int64[20, DRAWN]."""
    bills, place, admissions, inpatients = block.bills, block.place, block.count[LISTED_FROM], block.count[VISITS_FROM]
    billed, eligible = bills[Fact.BILLED], bills[Fact.ELIGIBLE]
    for i in range(block.count[BILL_COUNT]):
        at = np.uint64(place[i])
        places[at, 0] += billed[i]
        places[at, 1] += eligible[i]
        places[at, 2] += 1
    for i in range(admissions, inpatients):
        target = illnesses[bills[Fact.ILLNESS, i]]
        target[0] += billed[i]
        target[1] += eligible[i]
        target[2] += 1


@lean
def add_payer(values: Ints, place: Ints, first: int, last: int, target: Ints) -> int:
    """Add what one payer pays of the bills from `first` on to int64[PLACES]; returns a negative number if one is negative."""
    signs = np.int64(0)
    for i in range(np.uint64(first), np.uint64(last)):
        target[np.uint64(place[i])] += values[i]
        signs |= values[i]
    return signs


@lean
def add_cash(own: Ints, account: Ints, place: Ints, count: int, cash: Ints, accounts: Ints) -> int:
    """`add_payer` for accounts and what they leave to cash."""
    signs = np.int64(0)
    for i in range(np.uint64(count)):
        at, left = np.uint64(place[i]), own[i] - account[i]
        accounts[at] += account[i]
        cash[at] += left
        signs |= account[i] | left
    return signs


@lean
def add_two(one: Ints, other: Ints, place: Ints, first: int, last: int, target: Ints, other_target: Ints) -> int:
    """`add_payer` for two payers at once."""
    signs = np.int64(0)
    for i in range(np.uint64(first), np.uint64(last)):
        at = np.uint64(place[i])
        target[at] += one[i]
        other_target[at] += other[i]
        signs |= one[i] | other[i]
    return signs


@lean
def histogram_bin(amount: int) -> int:
    """Bin of a positive amount: 16 to the octave."""
    return min((np.float64(amount).view(np.int64) >> 48) - (1023 << 4), HISTOGRAM - 1)
