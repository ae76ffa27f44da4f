"""The exact expectation of first-bill payments, for the control variate (design, section 4).

A *first-bill payment* is what a bill is paid as if it were its person's first of the year. Its expectation for a person of one
class, group and pilot standing needs no simulation: the quantile tables are summed cell by cell. A sample's sum of first-bill
payments minus this expectation is the sample's own chance, which is taken out of the fund's figures. Rosters of the same people
differ only in how many bills are expected of whom, so a bill is settled once for all of them, and which of them are asked for
changes no figure of the others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator import plan as t
from simulator.care.conduct import FEE, OF_BILLED, OF_CASE, OF_DAYS, OF_ELIGIBLE, UNIT, multiply
from simulator.care.walk import CASE_GROUPS, CHANCE, BillTables, priced
from simulator.chance.quantiles import shares_of
from simulator.chance.random import CELLS
from simulator.compiling.compiled import compiled, inlined, lean
from simulator.compiling.types import Flags, Floats, Floats2, Floats3, Floats4, Floats6, Ints, Ints2, Ints3
from simulator.kernel.alike import alike, find_twins, stands_for_others
from simulator.kernel.quadrature import Nodes, quadrature
from simulator.law.layers import pay_assistance, pay_second_assistance
from simulator.law.settle import settle_bill
from simulator.law.year import STATE, TRACE, Trace, YearState
from simulator.money import UNLIMITED, share
from simulator.tables import BEHIND_ALL, BILL_COLUMNS, INPATIENT, LEFT, NO_ILLNESS, OUTPATIENT_VISIT, Fact, Paid

STRAIGHT = 3.0                         # fen by which rounding lets payments under straight rules lie off a straight line
UNSEEN = 0.05                          # fen a bill that a bend of the rules may add to the expectation unseen


class ExpectedCare(NamedTuple):
    """Bills as a policy's variant of care has them, at given prices; what is told apart has cells of its own in the result."""

    bill: Ints3                    # [3 kinds, T, MULTIPLIERS]
    tier_share: Floats             # [T]: of admissions
    visit_tier_share: Floats       # [T]
    illness_tier_share: Floats2    # [I, T]
    in_scope: Ints2                # [T, L]: equally likely in-scope shares of admissions, 1/10,000
    price: Ints2                   # [3 kinds, T], in 1/PRICE of the start year's prices
    list_price: int                # the price index that prices of cases follow
    cell: Ints                     # [T]: of admissions and of visits
    illness_cell: Ints2            # [I, 2]: of bills in the first year and in later years


class ExpectedBills(NamedTuple):
    """Bills expected of the year's people on each of R rosters; C classes, G groups, I illnesses."""

    admissions: Floats4            # [R, C, 2, G]: ordinary ones, outside the payment area and in it
    visits: Floats3                # [R, C, G]
    listed: Floats6                # [R, I, 2, C, 2, G]: by first or later year, in the pilot or not


class BillNodes(NamedTuple):
    """The nodes that stand for a scheme's quantile tables."""

    admissions: Nodes              # [T]
    visits: Nodes                  # [T]
    illnesses: Nodes               # [2 I]: first year and later years of each illness


class ExpectedSpace(NamedTuple):
    """Where expected payments are worked out; a stretch has at most n nodes."""

    empty: Ints                    # [STATE]: a year, empty
    bill: Ints                     # [BILL_COLUMNS]
    own: Ints                      # [BILL_COLUMNS]: the bill, multiplied
    paid: Ints                     # [LEFT]
    trace: Ints                    # [TRACE]
    heads: Floats2                 # [R, G]: bills expected of each assistance group on each roster
    amount: Ints                   # [n]: the nodes at this year's prices
    known: Flags                   # [n]: whose payment has been worked out
    value: Floats2                 # [n, UNITS]: what it comes to
    total: Floats                  # [UNITS]: what bills of one kind come to, each weighted by how often it is met
    twin: Ints                     # [G]: the first group that is paid as this one is
    paid_apart: Ints               # [1 + G]: how many groups the bill is paid apart for, and which
    place: Ints                    # [G]: which of them is paid as this group is
    stack: Ints2                   # [n, 2]: runs of nodes that wait
    no_price: Ints                 # [CASE_GROUPS]: of bills outside case and per-diem prices
    one_day: Ints                  # [CASE_GROUPS]: their length of stay


# What one bill comes to: three accounts whoever has it; of each group that it is paid apart for the assistance, and what is left
# above the threshold of secondary reimbursement.
POOLED, SUPPLEMENT, CII, ASSISTANCE = range(4)
UNITS = ASSISTANCE + 2 * t.N_GROUPS
ASSISTED = (YearState.MA_DEDUCTIBLE_USED, YearState.MA_PAID, YearState.MA_SECOND_USED, YearState.MA_SECOND_PAID)


class Kind(NamedTuple):
    """Bills of one kind and tier: price index, multipliers, shares in 1/10,000, case prices and lengths of stay by group."""

    price: int
    by: Ints
    in_scope: int
    tcm_share: int
    drug_part: int
    case_price: Ints
    stay: Ints
    times: float                   # how often, relative to the heads of the space


@lean
def empty_bill(bill: Ints, kind: int, member_class: int, group: int) -> None:
    """Make a row int64[BILL_COLUMNS] a bill of this kind without amounts, at the first tier."""
    for n in range(len(bill)):                             # a slice assignment compiles its error's text too
        bill[n] = 0
    bill[Fact.KIND] = kind
    bill[Fact.MEMBER_CLASS] = member_class
    bill[Fact.GROUP] = group
    bill[Fact.ILLNESS] = NO_ILLNESS
    bill[Fact.UNITS] = 1
    bill[Fact.DAYS] = 1
    bill[Fact.PILOT_RANK] = BEHIND_ALL
    bill[Fact.PAYMENT_RANK] = BEHIND_ALL


@inlined
def pay_node(terms: Ints, bare: Ints, kind: Kind, space: ExpectedSpace, n: int) -> None:
    """Settle the space's bill, at the amount of node n and as its kind has it, as a first bill for every group it is paid apart
    for, which differ in assistance alone: so it is settled once under the `bare` terms without it.
    """
    bill, own, empty, paid, value, by = space.bill, space.own, space.empty, space.paid, space.value[n], kind.by
    bill[Fact.BILLED] = space.amount[n]
    bill[Fact.ELIGIBLE] = share(bill[Fact.BILLED], kind.in_scope)
    bill[Fact.TCM] = share(bill[Fact.ELIGIBLE], kind.tcm_share)
    bill[Fact.NEW_DRUG] = share(bill[Fact.ELIGIBLE], kind.drug_part)
    moved = bill
    if by[OF_BILLED] != UNIT or by[OF_ELIGIBLE] != UNIT or by[FEE] != 0 or by[OF_DAYS] != UNIT or by[OF_CASE] != UNIT:
        for fact in range(BILL_COLUMNS):                   # a slice assignment would allocate
            own[fact] = bill[fact]
        multiply(own, by)
        moved = own
    settle_bill(bare, empty, moved, paid, space.trace)
    for state in range(STATE):
        empty[state] = 0
    listed = space.trace[Trace.LISTED]
    value[POOLED] = paid[Paid.BASIC] + paid[Paid.LISTED] + paid[Paid.OUTPATIENT]
    value[SUPPLEMENT] = paid[Paid.SUPPLEMENT]
    value[CII] = paid[Paid.CII]
    for k in range(space.paid_apart[0]):
        g = space.paid_apart[1 + k]
        assistance = pay_assistance(terms, empty, bill[Fact.KIND], listed, g, paid[Paid.IN_SCOPE_LEFT], space.trace)
        assistance += pay_second_assistance(terms, empty, g, paid[Paid.IN_SCOPE_LEFT] - assistance, space.trace)
        for state in ASSISTED:
            empty[state] = 0
        above = max(paid[Paid.IN_SCOPE_LEFT] - assistance - terms[t.SECONDARY_THRESHOLD], 0)
        value[ASSISTANCE + 2 * k] = assistance
        value[ASSISTANCE + 2 * k + 1] = above if bill[Fact.KIND] == INPATIENT else 0
    space.known[n] = True


@inlined
def lies_straight(space: ExpectedSpace, a: int, b: int, within: float) -> bool:
    """Whether the payments of the quarters between nodes a and b lie on a straight line from the one to the other, `within` so
    many fen a bill."""
    x, value = space.amount, space.value
    whole = max(x[a] - x[b], 1)
    for quarter in range(1, 4):
        n = a + (b - a) * quarter // 4
        way = (x[a] - x[n]) / whole
        for unit in range(ASSISTANCE + 2 * space.paid_apart[0]):
            line = value[a, unit] + (value[b, unit] - value[a, unit]) * way
            if abs(value[n, unit] - line) > within:
                return False
    return True


@lean
def add_payments(terms: Ints, bare: Ints, kind: Kind, amount: Ints, nodes: Nodes, care: ExpectedCare, space: ExpectedSpace,
                 out: Floats2) -> None:
    """Add what bills like the space's come to, `kind.times` over, to out float64[R, ACCOUNTS]; amount int64[N] are those of
    `nodes`.

    What rules pay is made of straight lines. So five nodes of a run are settled; where they lie on a line, so do those between,
    else each half is looked at in turn, down to single nodes.
    """
    x, value, stack, weight, total = space.amount, space.value, space.stack, nodes.weight, space.total
    units = ASSISTANCE + 2 * space.paid_apart[0]
    for unit in range(units):
        total[unit] = 0.0
    for s in range(len(nodes.group)):
        space.bill[Fact.CASE_PRICE] = priced(kind.case_price[nodes.group[s]], care.list_price)
        space.bill[Fact.DAYS] = kind.stay[nodes.group[s]]
        start, last = nodes.start[s], nodes.start[s + 1] - nodes.start[s] - 1
        for n in range(last + 1):
            x[n] = priced(amount[start + n], kind.price)
            space.known[n] = False
        stack[0, 0], stack[0, 1], runs = 0, last, 1
        while runs > 0:                                    # the nodes a + 1 .. b of each run
            runs -= 1
            a, b = stack[runs, 0], stack[runs, 1]
            mass, reach = 0.0, 0.0
            for n in range(a + 1, b + 1):
                mass += weight[start + n]
                reach += weight[start + n] * (x[a] - x[n])
            for quarter in range(5):
                n = a + (b - a) * quarter // 4
                if not space.known[n]:
                    pay_node(terms, bare, kind, space, n)
            if b - a <= 4:
                for n in range(a + 1, b + 1):
                    for unit in range(units):
                        total[unit] += weight[start + n] * value[n, unit]
            elif lies_straight(space, a, b, max(STRAIGHT, UNSEEN / mass)):
                way = reach / max(x[a] - x[b], 1)
                for unit in range(units):
                    total[unit] += mass * value[a, unit] + way * (value[b, unit] - value[a, unit])
            else:
                middle = a + (b - a) * 2 // 4
                stack[runs, 0], stack[runs, 1], stack[runs + 1, 0], stack[runs + 1, 1] = a, middle, middle, b
                runs += 2
        for unit in range(units):
            total[unit] += weight[start] * value[0, unit]
    for r in range(len(out)):
        for g in range(t.N_GROUPS):
            heads = kind.times * space.heads[r, g]
            if heads > 0.0:
                for account in range(ASSISTANCE):
                    out[r, account] += heads * total[account]
                for account in range(2):
                    out[r, ASSISTANCE + account] += heads * total[ASSISTANCE + 2 * space.place[g] + account]


@compiled
def expected_first_bills(terms: Ints, tables: BillTables, nodes: BillNodes, care: ExpectedCare, bills: ExpectedBills,
                         out: Floats4) -> None:
    """Expected sums of first-bill payments of all people of each roster under one policy at one price index, added to out
    float64[3 kinds, cells, R, ACCOUNTS]."""
    rosters, bare = len(bills.visits), terms.copy()
    for g in range(t.N_GROUPS):
        bare[t.MA_INPATIENT_RATIO + g] = 0
        bare[t.MA_OUTPATIENT_RATIO + g] = 0
        bare[t.MA_LISTED_RATIO + g] = 0
        bare[t.MA_SECOND_RATIO + g] = 0
    longest = max(longest_stretch(nodes.admissions), max(longest_stretch(nodes.visits), longest_stretch(nodes.illnesses)))
    space = ExpectedSpace(np.zeros(STATE, np.int64), np.zeros(BILL_COLUMNS, np.int64), np.zeros(BILL_COLUMNS, np.int64),
                          np.zeros(LEFT, np.int64), np.zeros(TRACE, np.int64), np.zeros((rosters, t.N_GROUPS)),
                          np.zeros(longest, np.int64), np.zeros(longest, np.bool_), np.zeros((longest, UNITS)), np.zeros(UNITS),
                          np.zeros(t.N_GROUPS, np.int64), np.zeros(1 + t.N_GROUPS, np.int64), np.zeros(t.N_GROUPS, np.int64),
                          np.zeros((longest, 2), np.int64), np.zeros(CASE_GROUPS, np.int64), np.ones(CASE_GROUPS, np.int64))
    find_twins(terms, space.twin)
    for c in range(bills.visits.shape[1]):
        for group in range(t.N_GROUPS):
            if not stands_for_others(terms, group):
                continue
            find_groups(terms, group, space)
            for inside in range(2):
                if share_heads(bills.admissions[:, c, inside], terms, group, space):
                    empty_bill(space.bill, INPATIENT, c, group)
                    space.bill[Fact.PAYMENT_RANK] = 0 if inside == 1 else BEHIND_ALL
                    add_admissions(terms, bare, tables, nodes, care, space, out[0])
            if share_heads(bills.visits[:, c], terms, group, space):
                empty_bill(space.bill, OUTPATIENT_VISIT, c, group)
                add_visits(terms, bare, tables, nodes, care, space, out[2])
            for i in range(bills.listed.shape[1]):
                for later in range(2):
                    for pilot in range(2):
                        if share_heads(bills.listed[:, i, later, c, pilot], terms, group, space):
                            empty_bill(space.bill, INPATIENT, c, group)
                            space.bill[Fact.PILOT_RANK] = 0 if pilot == 1 else BEHIND_ALL
                            space.bill[Fact.ILLNESS] = i
                            add_listed(terms, bare, tables, nodes, care, later, space, out[1])


@lean
def find_groups(terms: Ints, group: int, space: ExpectedSpace) -> None:
    """Put the groups that a bill of this one is paid apart for into the space: those that are alike, but of twins the first."""
    found = np.int64(0)
    for g in range(t.N_GROUPS):
        if alike(terms, g, group) and space.twin[g] == g:
            space.paid_apart[1 + found], space.place[g] = g, found
            found += 1
        elif alike(terms, g, group):
            space.place[g] = space.place[space.twin[g]]
    space.paid_apart[0] = found


@lean
def longest_stretch(nodes: Nodes) -> int:
    """How many nodes the longest stretch has."""
    longest = np.int64(0)
    for s in range(len(nodes.group)):
        longest = max(longest, nodes.start[s + 1] - nodes.start[s])
    return longest


@lean
def add_admissions(terms: Ints, bare: Ints, tables: BillTables, nodes: BillNodes, care: ExpectedCare, space: ExpectedSpace,
                   out: Floats3) -> None:
    """Add the payments of ordinary admissions like the space's bill."""
    levels = care.in_scope.shape[1]
    drugs = tables.new_drug / CHANCE if terms[t.REFERENCE_PRICE] < UNLIMITED else 0.0
    for tier in range(len(care.tier_share)):
        often = tables.unreferred[tier] / CHANCE if terms[t.UNREFERRED_PENALTY] > 0 else 0.0
        space.bill[Fact.TIER] = tier
        for level in range(levels):
            for sent in range(2):
                space.bill[Fact.UNREFERRED] = sent
                for drug in range(2):
                    times = care.tier_share[tier] / levels * (often if sent == 1 else 1.0 - often) * (drugs if drug == 1
                                                                                                      else 1.0 - drugs)
                    if times > 0.0:
                        kind = Kind(care.price[0, tier], care.bill[0, tier], care.in_scope[tier, level], tables.tcm_share[tier],
                                    tables.new_drug_part if drug == 1 else 0, tables.case_price[tier], tables.stay[tier], times)
                        add_payments(terms, bare, kind, nodes.admissions.amount[tier], nodes.admissions, care, space,
                                     out[care.cell[tier]])


@lean
def share_of_group(tables: BillTables, group: int) -> float:
    """The share of visits that are for diseases of a group of the chronic list, from 1 on."""
    first = tables.chronic_groups[group - 2] if group > 1 else np.int64(0)
    last = tables.chronic_groups[group - 1] if group < t.N_CHRONIC else tables.chronic
    return max(min(last, tables.chronic) - first, 0) / CHANCE


@lean
def add_visits(terms: Ints, bare: Ints, tables: BillTables, nodes: BillNodes, care: ExpectedCare, space: ExpectedSpace,
               out: Floats3) -> None:
    """Add the payments of outpatient visits like the space's bill."""
    often = tables.chronic / CHANCE if terms[t.CHRONIC_LIST] == 1 else 0.0
    for tier in range(len(care.visit_tier_share)):
        space.bill[Fact.TIER] = tier
        for chronic in range(t.N_CHRONIC + 1 if often > 0.0 else 1):
            space.bill[Fact.CHRONIC] = chronic
            times = care.visit_tier_share[tier] * (share_of_group(tables, chronic) if chronic > 0 else 1.0 - often)
            if times > 0.0:
                kind = Kind(care.price[2, tier], care.bill[2, tier], tables.visit_in_scope[tier], 0, 0, space.no_price,
                            space.one_day, times)
                add_payments(terms, bare, kind, nodes.visits.amount[tier], nodes.visits, care, space,
                             out[care.cell[tier]])


@lean
def add_listed(terms: Ints, bare: Ints, tables: BillTables, nodes: BillNodes, care: ExpectedCare, later: int,
               space: ExpectedSpace, out: Floats3) -> None:
    """Add the payments of bills of a listed illness like the space's bill, of its first year or a later one."""
    illness = space.bill[Fact.ILLNESS]
    for tier in range(care.illness_tier_share.shape[1]):
        space.bill[Fact.TIER] = tier
        if care.illness_tier_share[illness, tier] > 0.0:
            kind = Kind(care.price[1, tier], care.bill[1, tier], tables.illness_in_scope[illness], 0, 0, space.no_price,
                        space.one_day, care.illness_tier_share[illness, tier])
            add_payments(terms, bare, kind, nodes.illnesses.amount[2 * illness + later], nodes.illnesses, care, space,
                         out[care.illness_cell[illness, later]])


@lean
def share_heads(expected: np.ndarray, terms: Ints, group: int, space: ExpectedSpace) -> bool:
    """Put the expected bills float64[R, G] of the groups that are like this one into the space; False if there are none."""
    some = False
    for g in range(t.N_GROUPS):
        for r in range(space.heads.shape[0]):
            space.heads[r, g] = expected[r, g] if alike(terms, g, group) else 0.0
            if space.heads[r, g] > 0.0:
                some = True
    return some


def together(bill: np.ndarray, tier_share: np.ndarray, visit_tier_share: np.ndarray, illness_tier_share: np.ndarray,
             in_scope: np.ndarray, price: int | np.ndarray, list_price: int) -> ExpectedCare:
    """The care of all tiers and illnesses in one cell, at one price or at those of the tiers [T]."""
    prices, cells = np.broadcast_to(np.asarray(price, np.int64), (3, t.N_TIERS)).copy(), np.zeros((t.N_ILLNESSES, 2), np.int64)
    return ExpectedCare(bill, tier_share, visit_tier_share, illness_tier_share, in_scope, prices, list_price,
                        cells[:t.N_TIERS, 0].copy(), cells)


class FirstBillTables:
    """Nodes and weights of a scheme's bill tables, made once."""

    def __init__(self, tables: BillTables):
        self.tables = tables
        illnesses = (table.reshape(-1, CELLS) for table in (tables.illness_base, tables.illness_width))
        self.nodes = BillNodes(quadrature(tables.base, tables.width),
                               quadrature(tables.visit_base, tables.visit_width, near=5),      # in full: rounding matters
                               quadrature(*illnesses, grouped=8, near=0, far=32))
        self.illness_tier_share = shares_of(tables.illness_tier_of)
