"""The kernel's programs, and how a simulation calls them.

The types of their arguments are written beside them, so they can be compiled before there is anything to call them with
(`compiling/precompile.py`), and are called without a look at what they are called with.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache

import numba
import numpy as np

from simulator.care.conduct import Conduct
from simulator.care.walk import DrawTask, Streams
from simulator.compiling import precompile
from simulator.compiling.compiled import address
from simulator.compiling.types import argument_types
from simulator.kernel.draw import (
    Drawing,
    Policies,
    Programs,
    Settling,
    Workspace,
    YearInputs,
    draw_block,
    open_workspace,
    settle_block,
    settle_draw,
)
from simulator.kernel.expected import expected_first_bills
from simulator.kernel.people import first_bill_terms
from simulator.kernel.rows import PolicyRows, no_rows, rows_of_draw, together
from simulator.kernel.sums import DrawSums

# What a simulation calls, with the types it is called with. Two processes compile them from either end
# (`compiling/precompile.py`), the first of which has parameters to read before; the last two have the columns of first-bill
# payments in common.
PROGRAMS = {program: argument_types(program) for program in (draw_block, settle_draw, expected_first_bills, settle_block)}


@cache
def entries() -> tuple[Callable, Programs]:
    """`settle_draw` without a look at the types of its arguments (which takes longer than all else that a call costs), and where
    the programs are that it calls."""
    if numba.config.DISABLE_JIT:
        return settle_draw, Programs(Drawing(0), Settling(0))
    start_compiling()
    precompile.finish(PROGRAMS)
    types_said = PROGRAMS[settle_draw]
    settle_draw.compile(types_said)
    return (settle_draw.overloads[types_said].entry_point,
            Programs(Drawing(address(draw_block)), Settling(address(settle_block))))


def start_compiling() -> None:
    """Have the programs compiled by a second process, beside what this one does before it calls them."""
    precompile.start(__name__, "PROGRAMS", PROGRAMS)


def policies_of(terms: np.ndarray, part: np.ndarray, conduct: Conduct, rows: PolicyRows | None = None) -> Policies:
    """Rows int64[P, PLAN_WIDTH] of plan terms as the kernel settles under them; `part` int64[P]: whose bills each row pays.
    `rows` are those of policies that have several, whose usual ones in the year are in `terms`."""
    first = first_bill_terms(terms)
    same = (terms == first).all(axis=1)
    if rows is None or not rows.number.any():
        return Policies(terms, first, same, part, conduct, no_rows(len(terms)))
    own = rows_of_draw(rows, terms)
    for p in np.flatnonzero(rows.number):
        size = rows.number[p]
        same[p] = size == rows.locals[p] and np.array_equal(own.terms[p, :size], own.first[p, :size])
    return Policies(together(terms, own), first, same, part, conduct, own)


def run_draw(inputs: YearInputs, policies: Policies, task: DrawTask, sums: DrawSums) -> None:
    """Walk one draw of one year over its replicas of the people; what is drawn and paid is added to `sums`."""
    space = workspace(inputs.streams)
    try:
        settle, programs = entries()
        settle(programs, space, inputs, policies, task, sums)
    except BaseException:
        del _here.space                                    # in whatever state it is
        raise


def workspace(streams: Streams) -> Workspace:
    """This thread's workspace, with room for these people."""
    listed_room, households = 4096 + len(streams.household) // 2, int(streams.household[-1]) + 1
    space = getattr(_here, "space", None)
    if space is None or len(space.walk.order) < listed_room or len(space.marked) < households:
        _here.space = space = open_workspace(listed_room, households)
    return space


_here = threading.local()
