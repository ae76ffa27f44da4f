"""The exact expectation of a stateless slip, for the control variate (design, section 4).

A *slip* is a bill settled from an empty year. Its expectation for a person of one class, group and
pilot standing needs no simulation: the quantile tables are summed cell by cell. A sample's sum of
slips minus this expectation is the sample's own chance, which is taken out of the fund's figures.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.bill import (
    BEHIND_ALL,
    BILL,
    BILLED,
    CASE_PRICE,
    CHRONIC,
    DAYS,
    ELIGIBLE,
    GROUP,
    ILLNESS,
    INPATIENT,
    KIND,
    MEMBER_CLASS,
    NEW_DRUG,
    NO_ILLNESS,
    OUTPATIENT_VISIT,
    PAYMENT_RANK,
    PILOT_RANK,
    TCM,
    TIER,
    UNITS,
    UNREFERRED,
)
from simulator.care.conduct import FEE, OF_BILLED, OF_DAYS, OF_ELIGIBLE, UNIT, Variant, multiply
from simulator.care.walk import CASE_GROUPS, CHANCE, LEVELS, BillTables, priced
from simulator.chance.random import CELLS
from simulator.compiling.compiled import compiled, inlined, lean
from simulator.kernel.quadrature import grid_price, price_neighbours, quadrature
from simulator.kernel.sums import SLIPS
from simulator.law.rules import (
    IN_SCOPE_LEFT,
    LEFT,
    MA_DEDUCTIBLE_USED,
    MA_PAID,
    STATE,
    is_listed,
    pay_assistance,
    settle_bill,
)
from simulator.money import UNLIMITED, share
from simulator.plan import (
    CHRONIC_LIST,
    DEDUCTIBLE_WAIVED,
    GROUPS,
    ILLNESSES,
    MA_INPATIENT_RATIO,
    MA_LISTED_RATIO,
    MA_OUTPATIENT_RATIO,
    OFFSETS,
    PAYMENT_COUNTIES,
    REFERENCE_PRICE,
    SECONDARY_THRESHOLD,
    SHAPES,
    UNREFERRED_PENALTY,
)
from simulator.plan import LISTED as LISTED_MEMBERSHIP
from simulator.tables import BASIC, CII, LISTED, OUTPATIENT, SUPPLEMENT

STRAIGHT = 3.0                         # fen by which rounding lets payments under straight rules lie off a straight line
UNSEEN = 0.05                          # fen a bill that a bend of the rules may add to the expectation unseen


class Desk(NamedTuple):
    """Where expected slips are worked out; a stretch has at most n nodes."""

    empty: np.ndarray              # int64[STATE]: a year, empty
    bill: np.ndarray               # int64[BILL]
    own: np.ndarray                # int64[BILL]: the bill, multiplied
    paid: np.ndarray               # int64[LEFT]
    heads: np.ndarray              # float64[G]: bills expected of each assistance group
    amount: np.ndarray             # int64[n]: the nodes at this year's prices
    known: np.ndarray              # bool[n]: whose slip has been settled
    value: np.ndarray              # float64[n, SLIPS]: what it comes to for all groups
    stack: np.ndarray              # int64[n, 2]: runs of nodes that wait
    no_price: np.ndarray           # int64[CASE_GROUPS]: of bills outside case and per-diem prices
    one_day: np.ndarray            # int64[CASE_GROUPS]: their stay


@lean
def empty_bill(bill, kind, member_class, group):
    """A scratch row int64[BILL] as a bill of this kind without amounts, at the first tier."""
    for n in range(len(bill)):                             # a slice assignment compiles its error's text too
        bill[n] = 0
    bill[KIND] = kind
    bill[MEMBER_CLASS] = member_class
    bill[GROUP] = group
    bill[ILLNESS] = NO_ILLNESS
    bill[UNITS] = 1
    bill[DAYS] = 1
    bill[PILOT_RANK] = BEHIND_ALL
    bill[PAYMENT_RANK] = BEHIND_ALL


@inlined
def find_slip(terms, bare, by, in_scope, tcm_share, drug_part, desk, n):
    """Settle the desk's bill, at the amount of node n and multiplied by `by`, from an empty year, for every group.

    The groups differ in assistance alone, so the bill is settled once under the `bare` terms without it. Accounts in the order
    of kernel.ACCOUNTS.
    """
    bill, own, empty, paid, value = desk.bill, desk.own, desk.empty, desk.paid, desk.value[n]
    bill[BILLED] = desk.amount[n]
    bill[ELIGIBLE] = share(bill[BILLED], in_scope)
    bill[TCM] = share(bill[ELIGIBLE], tcm_share)
    bill[NEW_DRUG] = share(bill[ELIGIBLE], drug_part)
    for fact in range(BILL):                               # a slice assignment would allocate
        own[fact] = bill[fact]
    if by[OF_BILLED] != UNIT or by[OF_ELIGIBLE] != UNIT or by[FEE] != 0 or by[OF_DAYS] != UNIT:
        multiply(own, by)
    settle_bill(bare, empty, own, paid)
    for state in range(STATE):
        empty[state] = 0
    listed = is_listed(terms, bill[ILLNESS], bill[PILOT_RANK])
    total, assisted, above = 0.0, 0.0, 0.0
    for g in range(GROUPS):
        if desk.heads[g] > 0.0:
            assistance = pay_assistance(terms, empty, bill[KIND], listed, g, paid[IN_SCOPE_LEFT])
            empty[MA_DEDUCTIBLE_USED] = 0
            empty[MA_PAID] = 0
            total += desk.heads[g]
            assisted += desk.heads[g] * assistance
            above += desk.heads[g] * max(paid[IN_SCOPE_LEFT] - assistance - terms[SECONDARY_THRESHOLD], 0)
    value[0] = total * (paid[BASIC] + paid[LISTED] + paid[OUTPATIENT])
    value[1] = total * paid[SUPPLEMENT]
    value[2] = total * paid[CII]
    value[3] = assisted
    value[4] = above if bill[KIND] == INPATIENT else 0.0
    desk.known[n] = True


@inlined
def lies_straight(desk, a, b, within):
    """Whether the slips of the quarters between nodes a and b lie on a straight line from the one to the other."""
    x, value = desk.amount, desk.value
    whole = max(x[a] - x[b], 1)
    for quarter in range(1, 4):
        n = a + (b - a) * quarter // 4
        for account in range(SLIPS):
            line = value[a, account] + (value[b, account] - value[a, account]) * ((x[a] - x[n]) / whole)
            if abs(value[n, account] - line) > within:
                return False
    return True


@lean
def add_slips(terms, bare, by, in_scope, tcm_share, drug_part, amount, nodes, case_price, stay, price, list_price, times, desk,
              out):
    """Add what bills like the desk's come to, `times` over, to out float64[SLIPS]; amount int64[N] are those of `nodes`.

    What rules pay is made of straight lines. So five nodes of a run are settled; where they lie on a line, so do those between,
    else each half is looked at in turn, down to single nodes.
    """
    heads = 0.0
    for g in range(GROUPS):
        heads += desk.heads[g]
    x, value, stack, weight = desk.amount, desk.value, desk.stack, nodes.weight
    for s in range(len(nodes.group)):
        desk.bill[CASE_PRICE] = priced(case_price[nodes.group[s]], list_price)
        desk.bill[DAYS] = stay[nodes.group[s]]
        start, last = nodes.start[s], nodes.start[s + 1] - nodes.start[s] - 1
        for n in range(last + 1):
            x[n] = priced(amount[start + n], price)
            desk.known[n] = False
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
                if not desk.known[n]:
                    find_slip(terms, bare, by, in_scope, tcm_share, drug_part, desk, n)
            if b - a <= 4:
                for n in range(a + 1, b + 1):
                    for account in range(SLIPS):
                        out[account] += times * weight[start + n] * value[n, account]
            elif lies_straight(desk, a, b, heads * max(STRAIGHT, UNSEEN / mass)):
                way = reach / max(x[a] - x[b], 1)
                for account in range(SLIPS):
                    out[account] += times * (mass * value[a, account] + way * (value[b, account] - value[a, account]))
            else:
                middle = a + (b - a) * 2 // 4
                stack[runs, 0], stack[runs, 1], stack[runs + 1, 0], stack[runs + 1, 1] = a, middle, middle, b
                runs += 2
        for account in range(SLIPS):
            out[account] += times * weight[start] * value[0, account]


@compiled
def expected_slips(terms, tables, by, nodes, visit_nodes, illness_nodes, tier_share, visit_tier_share, illness_tier_share, price,
                   list_price, claims, visits, listed, out):
    """Expected sums of slips of all people under one policy at one price index, added to out float64[3 kinds, SLIPS].

    `by` int64[3, T, 4]: the policy's multipliers of bills. `nodes` of admissions, visits and listed illnesses, [T], [T] and
    [I, 2] tables. `claims` float64[C, 2, G], `visits` float64[C, G]: expected admissions (outside the payment area, in it) and
    visits by member class and group; `listed` float64[I, 2, C, 2, G]: expected bills by illness, first/later year, class, in the
    pilot or not, group.
    """
    bare = terms.copy()
    for g in range(GROUPS):
        bare[MA_INPATIENT_RATIO + g] = 0
        bare[MA_OUTPATIENT_RATIO + g] = 0
        bare[MA_LISTED_RATIO + g] = 0
    longest = max(longest_stretch(nodes), max(longest_stretch(visit_nodes), longest_stretch(illness_nodes)))
    desk = Desk(np.zeros(STATE, np.int64), np.zeros(BILL, np.int64), np.zeros(BILL, np.int64), np.zeros(LEFT, np.int64),
                np.zeros(GROUPS), np.zeros(longest, np.int64), np.zeros(longest, np.bool_), np.zeros((longest, SLIPS)),
                np.zeros((longest, 2), np.int64), np.zeros(CASE_GROUPS, np.int64), np.ones(CASE_GROUPS, np.int64))
    for c in range(visits.shape[0]):
        for waived in range(2):
            group = -1                                   # of the groups with or without deductible, the first stands for all
            for g in range(GROUPS):
                if terms[DEDUCTIBLE_WAIVED + g] == waived and group < 0:
                    group = g
            for inside in range(2):
                if share_heads(claims[c, inside], terms, waived, desk.heads):
                    empty_bill(desk.bill, INPATIENT, c, group)
                    desk.bill[PAYMENT_RANK] = 0 if inside == 1 else BEHIND_ALL
                    add_admissions(terms, bare, tables, by[0], nodes, tier_share, price, list_price, desk, out[0])
            if share_heads(visits[c], terms, waived, desk.heads):
                empty_bill(desk.bill, OUTPATIENT_VISIT, c, group)
                add_visits(terms, bare, tables, by[2], visit_nodes, visit_tier_share, price, list_price, desk, out[2])
            for i in range(listed.shape[0]):
                for later in range(2):
                    for pilot in range(2):
                        if share_heads(listed[i, later, c, pilot], terms, waived, desk.heads):
                            empty_bill(desk.bill, INPATIENT, c, group)
                            desk.bill[PILOT_RANK] = 0 if pilot == 1 else BEHIND_ALL
                            add_listed(terms, bare, tables, by[1], illness_nodes, illness_tier_share, price, list_price, i, later,
                                       desk, out[1])


@lean
def longest_stretch(nodes):
    """How many nodes the longest stretch has."""
    longest = np.int64(0)
    for s in range(len(nodes.group)):
        longest = max(longest, nodes.start[s + 1] - nodes.start[s])
    return longest


@lean
def add_admissions(terms, bare, tables, by, nodes, tier_share, price, list_price, desk, out):
    """Add the slips of ordinary admissions like the desk's bill."""
    drugs = tables.new_drug / CHANCE if terms[REFERENCE_PRICE] < UNLIMITED else 0.0
    for tier in range(len(tier_share)):
        often = tables.unreferred[tier] / CHANCE if terms[UNREFERRED_PENALTY] > 0 else 0.0
        desk.bill[TIER] = tier
        for level in range(LEVELS):
            for sent in range(2):
                desk.bill[UNREFERRED] = sent
                for drug in range(2):
                    times = tier_share[tier] / LEVELS * (often if sent == 1 else 1.0 - often) * (drugs if drug == 1
                                                                                                  else 1.0 - drugs)
                    if times > 0.0:
                        add_slips(terms, bare, by[tier], tables.in_scope[tier, level], tables.tcm_share[tier],
                                  tables.new_drug_part if drug == 1 else 0, nodes.amount[tier], nodes, tables.case_price[tier],
                                  tables.stay[tier], price, list_price, times, desk, out)


@lean
def add_visits(terms, bare, tables, by, nodes, tier_share, price, list_price, desk, out):
    """Add the slips of outpatient visits like the desk's bill."""
    often = tables.chronic / CHANCE if terms[CHRONIC_LIST] == 1 else 0.0
    for tier in range(len(tier_share)):
        desk.bill[TIER] = tier
        for chronic in range(2):
            desk.bill[CHRONIC] = chronic
            times = tier_share[tier] * (often if chronic == 1 else 1.0 - often)
            if times > 0.0:
                add_slips(terms, bare, by[tier], tables.visit_in_scope[tier], 0, 0, nodes.amount[tier], nodes, desk.no_price,
                          desk.one_day, price, list_price, times, desk, out)


@lean
def add_listed(terms, bare, tables, by, nodes, tier_share, price, list_price, illness, later, desk, out):
    """Add the slips of bills of a listed illness like the desk's bill."""
    desk.bill[ILLNESS] = illness
    for tier in range(tier_share.shape[1]):
        desk.bill[TIER] = tier
        if tier_share[illness, tier] > 0.0:
            add_slips(terms, bare, by[tier], tables.illness_in_scope[illness], 0, 0, nodes.amount[2 * illness + later], nodes,
                      desk.no_price, desk.one_day, price, list_price, tier_share[illness, tier], desk, out)


@lean
def share_heads(expected, terms, waived, heads):
    """Put the expected bills of the groups with this waiver of the deductible into heads float64[G]; False if there are none."""
    some = False
    for g in range(GROUPS):
        heads[g] = expected[g] if terms[DEDUCTIBLE_WAIVED + g] == waived else 0.0
        some = some or heads[g] > 0.0
    return some


class SlipTables:
    """Nodes and weights of a scheme's bill tables, made once."""

    def __init__(self, tables: BillTables):
        self.tables = tables
        self.nodes = quadrature(tables.base, tables.width)
        self.visit_nodes = quadrature(tables.visit_base, tables.visit_width, near=5)     # in full: rounding matters
        self.illness_nodes = quadrature(*(table.reshape(-1, CELLS) for table in (tables.illness_base, tables.illness_width)),
                                        grouped=8, near=0, far=32)
        self.illness_tier_share = _shares(tables.illness_tier_of)

    def expected(self, terms: np.ndarray, variant: Variant, prices: np.ndarray, list_price: int, claims: np.ndarray,
                 visits: np.ndarray, listed: np.ndarray, run=map) -> np.ndarray:
        """Expected slips float64[D, kinds, accounts] of one policy (a row of slip terms) and its variant of care, at walked rates
        of one, for int64[D] price indices.

        `claims` float64[C, G, 2], `visits` float64[C, G] and `listed` float64[I, 2, C, G, 2]: expected bills of the year's
        people, admissions and visits before thinning. `run` maps the work over grid points (a thread pool's map).
        """
        if terms[PAYMENT_COUNTIES] == 0:
            claims = np.stack([claims.sum(axis=2), np.zeros(claims.shape[:2])], axis=2)
        everywhere = terms[LISTED_MEMBERSHIP:LISTED_MEMBERSHIP + ILLNESSES] != 2      # paid alike in pilot counties and outside
        listed = np.where(everywhere[:, None, None, None, None],
                          np.stack([listed.sum(axis=4), np.zeros(listed.shape[:4])], axis=4), listed)
        kept = variant.keep / CHANCE
        claims, visits, listed = (alike(terms, part, axis) for part, axis in (
            (claims * kept[0], 0), (visits * kept[2], 0), (listed, 2)))
        claims, listed = (np.ascontiguousarray(np.swapaxes(part, -1, -2)) for part in (claims, listed))      # groups last
        neighbours = [price_neighbours(int(price)) for price in prices]
        points = sorted({point for nearest, _ in neighbours for point in nearest})
        tier_share, visit_tier_share = _shares(variant.tier_of), _shares(variant.visit_tier_of)

        def at(point: int) -> np.ndarray:
            out = np.zeros((3, SLIPS))
            expected_slips(terms, self.tables, variant.bill, self.nodes, self.visit_nodes, self.illness_nodes, tier_share,
                           visit_tier_share, self.illness_tier_share, grid_price(point), list_price, claims, visits, listed, out)
            return out

        grid = dict(zip(points, run(at, points), strict=True))
        result = np.zeros((len(prices), 3, SLIPS))
        for d, (nearest, weights) in enumerate(neighbours):
            for point, weight in zip(nearest, weights, strict=True):
                result[d] += weight * grid[point]
        return result


def alike(terms: np.ndarray, expected: np.ndarray, axis: int) -> np.ndarray:
    """Expected bills with the member classes (`axis`) that one policy treats alike put together."""
    def part(name: str) -> np.ndarray:
        return terms[OFFSETS[name]:OFFSETS[name] + int(np.prod(SHAPES[name]))].reshape(SHAPES[name])

    classes = [(part("deductible")[:, :, c].tobytes(), part("ratio")[:, c].tobytes()) for c in range(expected.shape[axis])]
    result = np.zeros_like(expected)
    where = (slice(None),) * axis
    for c, kind in enumerate(classes):
        result[(*where, classes.index(kind))] += expected[(*where, c)]
    return result


def _shares(thresholds: np.ndarray) -> np.ndarray:
    return np.diff(thresholds, axis=-1, prepend=0) / 2.0**32
