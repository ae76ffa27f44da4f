"""The part of a block that a policy settles: the bills its variant of care keeps, the households that it does not share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.care.blocks import BILL_COUNT, LISTED_FROM, SAME, SAME_AS, VISITS_FROM, copy, fill
from simulator.care.conduct import rework
from simulator.compiling.compiled import lean
from simulator.compiling.types import Int32s, Ints
from simulator.tables import BILL_COLUMNS, Fact

if TYPE_CHECKING:
    from simulator.care.blocks import Block
    from simulator.care.conduct import Conduct
    from simulator.care.walk import BillTables, DrawTask
    from simulator.kernel.draw import Workspace

# What settling reads of a bill that a walk draws, and what of it differs from visit to visit.
FACTS_SETTLED = np.array([*range(Fact.FIRST_PAY), Fact.ROW])
OF_VISIT = np.array([Fact.ROW, Fact.TIER, Fact.BILLED, Fact.ELIGIBLE, Fact.CHRONIC, Fact.MEMBER_CLASS, Fact.GROUP,
                     Fact.COVER_RANK])


@lean
def rework_block(conduct: Conduct, v: int, tables: BillTables, task: DrawTask, space: Workspace) -> None:
    """The bills of the space's block that variant v of care keeps, as it has them, in the block `space.own`."""
    block, own, kept = space.block, space.own, space.kept
    listed, visits, count = block.count[LISTED_FROM], block.count[VISITS_FROM], block.count[BILL_COUNT]
    number = rework(conduct, v, tables, block.bills, count, task, kept, own.bills)
    own.count[LISTED_FROM], own.count[VISITS_FROM] = 0, 0
    where = own.place                                      # each kept bill's new place, -1 of the others
    for i in range(count):
        where[i] = -1
    for j in range(number):
        where[kept[j]] = j
        own.count[LISTED_FROM] += 1 if kept[j] < listed else 0
        own.count[VISITS_FROM] += 1 if kept[j] < visits else 0
    put_in_order(block, where, number, own)


@lean
def copy_block(block: Block, own: Block) -> None:
    """The bills of a block in another."""
    count, start = block.count[BILL_COUNT], np.int64(0)
    for place in (LISTED_FROM, VISITS_FROM, BILL_COUNT):
        own.count[place] = block.count[place]
    copy(block.order, start, count, own.order, start)
    for column in range(BILL_COLUMNS):
        copy(block.bills[column], start, count, own.bills[column], start)


@lean
def put_in_order(block: Block, where: Ints, number: int, own: Block) -> None:
    """The order of the `number` bills of a block that were kept: `where` tells each bill's new place, -1 of the others."""
    own.count[BILL_COUNT] = number
    order, placed = block.order, np.uint64(0)
    for m in range(np.uint64(block.count[BILL_COUNT])):
        j = where[np.uint64(order[m])]
        own.order[placed] = max(j, 0)
        placed += np.uint64(1 if j >= 0 else 0)


@lean
def part_block(block: Block, household: Int32s, admitted: bool, space: Workspace) -> None:
    """The bills of the households in which somebody has an admission or a listed illness (`admitted`), or those of the others,
    in the block `space.aside`."""
    own, kept, marked = space.aside, space.kept, space.marked
    row, visits, count = block.bills[Fact.ROW], block.count[VISITS_FROM], block.count[BILL_COUNT]
    first, where, wanted = np.uint64(visits if admitted else 0), own.place, 1 if admitted else 0
    for i in range(np.uint64(visits)):
        marked[np.uint64(household[np.uint64(row[i])])] = 1
        where[i] = i if admitted else -1
    number = first
    for i in range(np.uint64(visits), np.uint64(count)):
        taken = 1 if marked[np.uint64(household[np.uint64(row[i])])] == wanted else 0
        kept[number] = i
        where[i] = np.int64(number) * taken + taken - 1
        number += np.uint64(taken)
    for i in range(np.uint64(visits)):
        marked[np.uint64(household[np.uint64(row[i])])] = 0
    own.count[LISTED_FROM], own.count[VISITS_FROM] = block.count[LISTED_FROM] if admitted else 0, first
    put_in_order(block, where, np.int64(number), own)
    if admitted:
        for n in range(len(FACTS_SETTLED)):
            copy(block.bills[FACTS_SETTLED[n]], np.int64(0), visits, own.bills[FACTS_SETTLED[n]], np.int64(0))
        copy(block.place, np.int64(0), visits, own.place, np.int64(0))
    for n in range(len(SAME)):
        fill(own.bills[SAME[n]], np.int64(first), np.int64(number), SAME_AS[n])
    for n in range(len(OF_VISIT)):
        values, target = block.bills[OF_VISIT[n]], own.bills[OF_VISIT[n]]
        for i in range(first, number):
            target[i] = values[np.uint64(kept[i])]
    for i in range(first, number):
        own.place[i] = block.place[np.uint64(kept[i])]
