"""What drawn claims cost: the bills of ordinary admissions and outpatient visits, written into the block they belong to.

A stream keeps of a claim who has it, when, its tier and two words (`walk.py`); what follows from these is found once it is known
which block the bill belongs to, column by column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.care.walk import CASE_GROUPS, FIRST, LEVELS, at_level, first_claim, priced, tier_and_place
from simulator.chance.random import ADMISSION, ADMISSION_MORE, OCTAVES, VISIT, VISIT_MORE, amount_at, philox, philox_columns
from simulator.compiling.compiled import lean
from simulator.compiling.types import Ints, Ints2
from simulator.money import share
from simulator.tables import Fact

if TYPE_CHECKING:
    from simulator.care.walk import BillTables, DrawTask, Stream, Streams


@lean
def by_tier(values: Ints, tiers: Ints, chosen: Ints) -> None:
    """What stands in int64[4] for each bill's tier: a chain of selections vectorises, a look-up does not."""
    zero, one, two, three = values[0], values[1], values[2], values[3]
    for i in range(len(tiers)):
        chosen[i] = three if tiers[i] == 3 else two if tiers[i] == 2 else one if tiers[i] == 1 else zero


@lean
def case_group(cell: int) -> int:
    """Group of a case by the cell of its survival word: 0 the cheaper half, 1 the cheaper half of the rest, and so on."""
    return min(OCTAVES - 1 - ((cell >> 22) & (OCTAVES - 1)), CASE_GROUPS - 1)


@lean
def find_amounts(base: Ints2, width: Ints2, level: Ints, tiers: Ints, places: Ints, price: int, billed: Ints) -> None:
    """Turn places in the tiers' tables (int64[T, 1024]) into amounts at this year's prices and the tiers' levels."""
    base, width = base.reshape(-1), width.reshape(-1)
    zero, one, two, three = (at_level(price, level[0]), at_level(price, level[1]), at_level(price, level[2]),
                             at_level(price, level[3]))
    for i in range(len(places)):
        billed[i] = amount_at(base, width, places[i])
    for i in range(len(places)):
        billed[i] = priced(billed[i], three if tiers[i] == 3 else two if tiers[i] == 2 else one if tiers[i] == 1 else zero)


@lean
def admission_amounts(tables: BillTables, bills: Ints2, first: int, last: int, price: int, list_price: int) -> None:
    """Fill in BILLED (so far the place in the tiers' tables), ELIGIBLE, TCM, UNREFERRED, CASE_PRICE and DAYS of the ordinary
    admissions first .. last of `bills` int64[BILL, n]. Standard case prices follow the central path (`list_price`), not the
    draw's. (Not a slice of all columns: the compiler would not know that its columns are without gaps.)"""
    billed, eligible, tcm = bills[Fact.BILLED, first:last], bills[Fact.ELIGIBLE, first:last], bills[Fact.TCM, first:last]
    unreferred, case_price = bills[Fact.UNREFERRED, first:last], bills[Fact.CASE_PRICE, first:last]
    days, tiers, mix = bills[Fact.DAYS, first:last], bills[Fact.TIER, first:last], bills[Fact.MIX_BITS, first:last]
    for i in range(len(tiers)):                                          # places in the tables, then look-ups one at a time
        days[i] = tiers[i] * CASE_GROUPS + case_group(billed[i])
        eligible[i] = tiers[i] * LEVELS + (mix[i] & (LEVELS - 1))
    prices, lengths, in_scope = tables.case_price.reshape(-1), tables.stay.reshape(-1), tables.in_scope.reshape(-1)
    for i in range(len(tiers)):
        case_price[i] = prices[np.uint64(days[i])]
        days[i] = lengths[np.uint64(days[i])]
        eligible[i] = in_scope[np.uint64(eligible[i])]
    by_tier(tables.tcm_share, tiers, tcm)
    by_tier(tables.unreferred, tiers, unreferred)
    find_amounts(tables.base, tables.width, tables.level, tiers, billed, price, billed)
    for i in range(len(tiers)):
        eligible[i] = share(billed[i], eligible[i])
        tcm[i] = share(eligible[i], tcm[i])
    for i in range(len(tiers)):
        unreferred[i] = 1 if (mix[i] >> 16) < unreferred[i] else 0
        case_price[i] = priced(case_price[i], list_price)


@lean
def visit_amounts(tables: BillTables, tiers: Ints, places: Ints, price: int, billed: Ints, eligible: Ints) -> None:
    """Both amounts of outpatient visits at their tiers, by the places in the tiers' tables."""
    find_amounts(tables.visit_base, tables.visit_width, tables.visit_level, tiers, places, price, billed)
    by_tier(tables.visit_in_scope, tiers, eligible)
    for i in range(len(tiers)):
        eligible[i] = share(billed[i], eligible[i])


@lean
def find_places(tier_of: Ints, tier_words: Ints, amount_words: Ints, tiers: Ints, places: Ints) -> None:
    """Of columns of words: `tier_and_place`."""
    one, two, three = tier_of[0], tier_of[1], tier_of[2]
    for i in range(len(tiers)):
        tiers[i], places[i] = tier_and_place(one, two, three, tier_words[i], amount_words[i])


@lean
def write_admissions(streams: Streams, tables: BillTables, stream: Stream, last: int, bills: Ints2, task: DrawTask,
                     replica: int) -> None:
    """Write the amounts of the admissions that wait, up to the column `last`, into the first columns of `bills`, which have TIER,
    BILLED and MIX_WORD of the stream already. Where the task needs
    extra bits, also those, for emergencies, new drugs and thinning."""
    first, claim = stream.cursor[FIRST], first_claim(stream)
    count = last - first
    admission_amounts(tables, bills, np.int64(0), count, task.price, task.list_price)
    if task.needs_extra_bits:
        spare, key0, key1 = stream.scratch[:count], np.uint32(streams.key0), np.uint32(streams.key1)
        keep, urgent, drug = bills[Fact.KEEP_BITS, :count], bills[Fact.EMERGENCY, :count], bills[Fact.NEW_DRUG, :count]
        philox_columns(key0, key1, claim, np.uint32(replica), np.uint32(task.draw), np.uint32((task.year << 16) | ADMISSION),
                       spare,
                       bills[Fact.TIER_BITS, :count], bills[Fact.AMOUNT_BITS, :count], bills[Fact.MIX_BITS, :count])
        philox_columns(key0, key1, claim, np.uint32(replica), np.uint32(task.draw),
                       np.uint32((task.year << 16) | ADMISSION_MORE), keep,
                       urgent, drug, bills[Fact.LOCAL_BITS, :count])
        for i in range(len(keep)):
            keep[i] = keep[i] >> 16
            urgent[i] = 1 if urgent[i] >> 16 < tables.emergency else 0
            drug[i] = share(bills[Fact.ELIGIBLE, i], tables.new_drug_part) if drug[i] >> 16 < tables.new_drug else 0


@lean
def write_visits(streams: Streams, tables: BillTables, stream: Stream, last: int, bills: Ints2, at: int, task: DrawTask,
                 replica: int) -> None:
    """Write the amounts of the visits that wait, up to the column `last`, into `bills` from the column `at` on, which has TIER
    already, and for which group of chronic diseases they are, 0 for none; also their random bits where the task needs them."""
    first, claim = stream.cursor[FIRST], first_claim(stream)
    end = at + last - first
    visit_amounts(tables, bills[Fact.TIER, at:end], stream.bills[Fact.BILLED, first:last], task.price, bills[Fact.BILLED, at:end],
                  bills[Fact.ELIGIBLE, at:end])
    word, chronic = stream.bills[Fact.MIX_BITS, first:last], bills[Fact.CHRONIC, at:end]
    for i in range(len(word)):
        chronic[i] = 1 if word[i] & 0xFFFF < tables.chronic else 0
    if tables.chronic_groups[0] < tables.chronic:
        for i in range(len(word)):
            for n in range(len(tables.chronic_groups)):
                chronic[i] += 1 if tables.chronic_groups[n] <= word[i] & 0xFFFF < tables.chronic else 0
    if task.needs_extra_bits:
        keep = bills[Fact.KEEP_BITS, at:end]
        philox_columns(np.uint32(streams.key0), np.uint32(streams.key1), claim, np.uint32(replica), np.uint32(task.draw),
                       np.uint32((task.year << 16) | VISIT), bills[Fact.MIX_BITS, at:end], bills[Fact.TIER_BITS, at:end],
                       bills[Fact.AMOUNT_BITS, at:end], keep)
        for i in range(len(keep)):
            keep[i] = keep[i] >> 16
    if task.needs_local_bits:
        local, key0, key1 = bills[Fact.LOCAL_BITS, at:end], np.uint32(streams.key0), np.uint32(streams.key1)
        for i in range(len(local)):
            local[i], _, _, _ = philox(key0, key1, np.uint32(claim + i), np.uint32(replica), np.uint32(task.draw),
                                       np.uint32((task.year << 16) | VISIT_MORE))
