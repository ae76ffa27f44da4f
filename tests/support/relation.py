"""A relation between two settlements of the same bill when one thing is changed, and whether bills keep it.

Each relation is held bill by bill, from the same state of the year on both sides; `from_an_empty_year` marks those
that hold only for the first bill. A year as a whole obeys fewer of them: what one bill is paid more can be missing
under a cap for the next. Relations with EITHER are the exceptions worth knowing: both directions occur. ALIKE is said of two ways
to write one rule: no payer pays otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.money import UNLIMITED
from simulator.tables import PAYERS
from tests.support import claimed_for as on
from tests.support import worlds as w

FEWER, MORE, SAME, EITHER, ALIKE = "never more", "never less", "the same", "more or less", "the same for everybody"


@dataclass(frozen=True)
class Relation:
    """`change` makes the payments of `payers` (summed) stand in `order` to those without it.

    `given` is done to both sides first; `where` picks the bills it is claimed for, from the world without, what is
    paid there and what is paid with it: by default those the first payer has to do with.
    """

    payers: tuple[str, ...]
    says: str
    order: str
    change: w.Change
    given: w.Change
    where: Callable[[w.World, np.ndarray, np.ndarray], np.ndarray] | None

    def __str__(self) -> str:
        return f"{'+'.join(self.payers)}: {self.says}"


CONCERNED = {"basic": on.admissions, "listed": on.listed, "outpatient": on.visits, "supplement": on.admissions,
             "cii": on.everywhere, "commercial": on.covered, "assistance": on.assisted, "account": on.everywhere,
             "cash": on.everywhere, "relief": on.emergencies, "hospital": on.listed}


def relation(payers: str, says: str, order: str, change: w.Change, given: w.Change = w.nothing, where=None) -> Relation:
    """A relation of payers joined by `+`."""
    return Relation(tuple(payers.split("+")), says, order, change, given, where)


@dataclass(frozen=True)
class Held:
    """Pairs of bills tried; of how many the payments rose and fell; the most fen by which one broke the relation."""

    pairs: int
    rose: int
    fell: int
    broken: int
    by: int
    really_changed: bool

    def __add__(self, other: Held) -> Held:
        return Held(self.pairs + other.pairs, self.rose + other.rose, self.fell + other.fell, self.broken + other.broken,
                    max(self.by, other.by), self.really_changed or other.really_changed)


def held(claim: Relation, world: w.World) -> Held:
    """Settle the world's bills without and with the change, and count."""
    return _held(claim, world, w.World.paid)


def held_in_years(claim: Relation, world: w.World) -> Held:
    """The same with the persons' years from 1 January in the place of bills; it is claimed for everybody."""
    return _held(claim, world, w.World.paid_in_years)


def _held(claim: Relation, world: w.World, settle: Callable[[w.World], np.ndarray]) -> Held:
    without = world.copy()
    claim.given(without)
    with_it = without.copy()
    claim.change(with_it)
    return _counted(claim, without, with_it, settle(without), settle(with_it))


def _counted(claim: Relation, without: w.World, with_it: w.World, paid: np.ndarray, changed: np.ndarray) -> Held:
    columns = [PAYERS.index(payer) for payer in claim.payers]
    here = (claim.where or CONCERNED[claim.payers[0]])(without, paid, changed)
    each = (changed - paid)[here]
    more = np.abs(each).max(axis=1) if claim.order == ALIKE else each[:, columns].sum(axis=1)
    wrong = {FEWER: more > 0, MORE: more < 0, SAME: more != 0, ALIKE: more != 0,
             EITHER: np.zeros(len(more), dtype=bool)}[claim.order]
    really = any((getattr(with_it, part) != getattr(without, part)).any() for part in ("terms", "bills", "years"))
    return Held(len(more), int((more > 0).sum()), int((more < 0).sum()), int(wrong.sum()),
                int(np.abs(more[wrong]).max(initial=0)), really)


def verdict(claim: Relation, counted: Held, least: int) -> str:
    """Why the relation does not hold, or was not really tried on at least `least` pairs; empty when it holds."""
    if counted.broken:
        return f"broken by {counted.broken} of {counted.pairs} bills, by up to {counted.by} fen"
    if counted.pairs < least:
        return f"only {counted.pairs} pairs of bills"
    if not counted.really_changed:
        return "the change changes nothing"
    if claim.order == EITHER and not (counted.rose and counted.fell):
        return f"rose in {counted.rose} bills and fell in {counted.fell}"
    if claim.order in (FEWER, MORE) and counted.rose + counted.fell < 100:
        return f"the change matters in {counted.rose + counted.fell} bills only"
    return ""


# What several relations change or take for given.
no_cii = w.together(w.to("cii_threshold", UNLIMITED), w.to("cii_listed_ratio", 0))
no_supplement = w.to("supplement_ratio", 0)
assisted_ratios = w.points("ma_inpatient_ratio", "ma_outpatient_ratio", "ma_listed_ratio")
later_layers = w.together(no_cii, w.without_assistance, w.without_account, w.to("commercial_share", 0), w.to("civil_ratio", 0),
                          w.to("relief_ratio", 0))
account_last = w.to("account_order", 0)
to_the_fen = w.together(w.to("rounding_unit", 0), w.to("rounding_step", 0))          # rounding to more can raise a payment
fixed_deductibles = w.to("deductible_share", 0)      # a share of a dearer bill takes more of its first and best paid bands

