"""A block of claims through the rules, each person's year carried from block to block."""

from __future__ import annotations

from simulator.compiling.compiled import compiled
from simulator.law.rules import settle_bill

SETTLED, REFUSED, BACKWARDS = 0, 1, 2          # what became of a row


@compiled
def settle_rows(terms, bills, who, when, calendar_year, states, state_year, last, paid, fate):
    """Settle the rows of a block in their order.

    `bills` int64[n, FACTS]; `who` the person's place in `states` int64[persons, STATE], `state_year` and `last`;
    `when` int64[n] may not fall within a person (fate BACKWARDS, nothing is settled). A state begins empty with
    each new `calendar_year`. `paid` int64[n, LEFT] is filled; rows whose `fate` is not SETTLED on entry are left out.
    """
    for n in range(len(bills)):
        if fate[n] != SETTLED:
            continue
        person = who[n]
        if when[n] < last[person]:
            fate[n] = BACKWARDS
            continue
        last[person] = when[n]
        if calendar_year[n] != state_year[person]:
            state_year[person] = calendar_year[n]
            states[person, :] = 0
        settle_bill(terms, states[person], bills[n], paid[n])
