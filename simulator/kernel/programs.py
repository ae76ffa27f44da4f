"""The kernel's programs and the types of their arguments, said beforehand.

A program whose types are known can be compiled before there is anything to call it with (`precompile.py`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numba
from numba import types
from numba.core.typing import signature

from simulator.care.blocks import Block, Walk
from simulator.care.conduct import Conduct
from simulator.care.walk import BillTables, Onsets, Rows, Stream, Streams
from simulator.compiling import precompile
from simulator.compiling.compiled import address
from simulator.kernel.draw import People, Workspace, draw_block, open_workspace, settle_block, settle_draw
from simulator.kernel.expected import expected_slips
from simulator.kernel.persons import Persons
from simulator.kernel.quadrature import Nodes
from simulator.kernel.sums import Drawn, Paid
from simulator.kernel.years import Desk


def said(*words: str | types.Type) -> tuple[types.Type, ...]:
    """Types in words: `int64`, or `int64[2]` for arrays of two axes, in C's order if no other is named; types stand for
    themselves."""
    result = []
    for word in words:
        for each in word.split() if isinstance(word, str) else [word]:
            if isinstance(each, str):
                name, _, axes = each.rstrip("]").partition("[")
                each = getattr(types, name)
                if axes:
                    each = types.Array(each, int(axes[0]), axes[1:] or "C")
            result.append(each)
    return tuple(result)


def named(of: type, *words: str | types.Type) -> types.Type:
    """The type of a NamedTuple's instances."""
    return types.BaseTuple.from_types(said(*words), of)


ROWS = named(Rows, "int64[1] uint32[1] uint32[1] int64")
ONSETS = named(Onsets, "int64[2] uint32[1] uint32[2] int64")
STREAMS = named(Streams, "uint64 uint64", ROWS, ROWS, ONSETS,
                "int64[3] int16[1] int64 int64[1] int64[1]")
TABLES = named(BillTables, "int64[1] int64[2] int64[2] int64[2] int64[1] int64[1] int64[2] int64[2] int64 int64 int64 int64[1]",
               "int64[2] int64[2] int64[1] int64 int64[3] int64[3] int64[2] int64[2] int64[1] int64[2]")
PEOPLE = named(People, "int8[1] int8[1] int16[1] int16[1] int8[1] int32[1] boolean[1]",
               "int64[2] int64[1]")
CONDUCT = named(Conduct, "int64[1] boolean[1] int64[2] int64[2] int64[2] int64[2] int64[4]")
STREAM = named(Stream, "int64[1] int64[2] int64[1]")
WALK = named(Walk, STREAM, STREAM, STREAM, STREAM, "int64[1] int64[1]")
BLOCK = named(Block, "int64[2] int64[1] int64[1] int64[1]")
PERSONS = named(Persons, "int64[1] " * 18, "int64[2]")
DESK = named(Desk, "int64[2] int64[2] int64[1] int64[2] int64[2] int64[2] int64[1] int64[2] int64[1]")
WORKSPACE = named(Workspace, WALK, BLOCK, BLOCK, BLOCK, PERSONS, DESK, "int64[1] int8[1]")
NODES = named(Nodes, "int64[2] float64[1] int64[1] int64[1]")
PAID, DRAWN = named(Paid, "int64[3] int64[3] int64[3] int64[3] int64[4] int64[3]"), named(Drawn, "int64[3] int64[3]")


class Drawing(NamedTuple):
    """Where `draw_block` is, for `settle_draw` to call."""

    place: int


class Settling(NamedTuple):
    """Where `settle_block` is."""

    place: int


Drawing.program = draw_block
Drawing.signature = signature(types.int64, *said(
    WALK, STREAMS, TABLES, "int32[1]", BLOCK, "int64 int64 int64 int64 boolean int64 int64 int64 boolean"))
Settling.program = settle_block
Settling.signature = signature(types.int64, *said("int64[1] int64[1] boolean", BLOCK, PEOPLE, PERSONS, DESK, PAID, "int64"))


@cache
def entries() -> tuple[Callable, Drawing, Settling]:
    """`settle_draw` without a look at the types of its arguments (which takes longer than all else that a call costs), and where
    the programs are that it calls."""
    if numba.config.DISABLE_JIT:
        return settle_draw, Drawing(0), Settling(0)
    start_compiling()
    precompile.finish(PROGRAMS)
    types_said = PROGRAMS[settle_draw]
    settle_draw.compile(types_said)
    return (settle_draw.overloads[types_said].entry_point, Drawing(address(draw_block, Drawing.signature)),
            Settling(address(settle_block, Settling.signature)))


# What a simulation calls, with the types it is called with. Two processes compile them from either end (`precompile.py`),
# the first of which has parameters to read before; the last two have their passes over slips in common.
PROGRAMS = {
    draw_block: Drawing.signature.args,
    settle_draw: said(named(Drawing, "int64"), named(Settling, "int64"), WORKSPACE, "int64 int64 int64 int64", STREAMS, TABLES,
                      PEOPLE, "int64[2] int64[2] boolean[1] int64[1]", CONDUCT, "boolean int64 int64 int64 int64 int64", PAID,
                      DRAWN),
    expected_slips: said("int64[1]", TABLES, "int64[3]", NODES, NODES, NODES,
                         "float64[1] float64[1] float64[2] int64 int64 float64[3] float64[2] float64[5] float64[2]"),
    settle_block: Settling.signature.args,
}


def start_compiling() -> None:
    """Have the programs compiled by a second process, beside what this one does before it calls them."""
    precompile.start(__name__, "PROGRAMS", PROGRAMS)


def run_draw(draw, first_replica, replicas, year_number, streams, tables, people, terms, plain, *others):
    """One draw of one year over replicas of the people, added to `sums` (Paid) and `drawn`; `others` are part, conduct, more,
    price, list_price, inverse_use, inverse_visits, income_index, sums and drawn.

    `replicas` are walked from the `first_replica` on. `terms` int64[P, TERMS], `plain` those of slips (`slip_terms`), `part`
    int64[P] whose bills each row of them pays (`shared.py`); `conduct` what policies do to care; `more` whether a policy asks for
    emergencies, new drugs or thinning. `price` is the draw's, `list_price` the central path's, in 1/65,536 of the start year's
    prices; `inverse_use` and `inverse_visits` are 2^20 over the rate multiplier of the walk; `income_index` in 1/65,536 of the
    central path.
    """
    space = workspace(people)
    try:
        settle, *places = entries()
        settle(*places, space, draw, first_replica, replicas, year_number, streams, tables, people, terms, plain,
               (terms == plain).all(axis=1), *others)
    except BaseException:
        del _here.space                                    # in whatever state it is
        raise


def workspace(people: People) -> Workspace:
    """This thread's workspace, with room for these people."""
    listed_room, households = 4096 + len(people.household) // 2, int(people.household[-1]) + 1
    space = getattr(_here, "space", None)
    if space is None or len(space.walk.order) < listed_room or len(space.marked) < households:
        _here.space = space = open_workspace(listed_room, households)
    return space


_here = threading.local()
