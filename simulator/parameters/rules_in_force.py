"""The rules by which a scheme's bills are settled in a year: the one place behind every door.

They are those that the region's parameters state, at their level, with the plan file that the region names (`plans.*.file`) in
their place, topic by topic (`overlay.py`). A plan file may have local tiers: then there are several rows of terms.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.plan import Plan

from .catalogue import MERGED, ORIGINS
from .errors import InputError
from .merged import APART, better, rule_book
from .values import Value


def plan_in_force(read, scheme: str, year: int, stated: Callable[[str], Plan], origin: str) -> Plan:
    """`plans_in_force` of a scheme without local tiers; of one with such the first."""
    return plans_in_force(read, scheme, year, stated, origin)[0]


def plans_in_force(read, scheme: str, year: int, stated: Callable[[str], Plan], origin: str) -> list[Plan]:
    """The plan of a scheme in a year for members who came from `origin`, one for each row of local tiers. `stated` gives the plan
    that a scheme's own parameters state, at its level. InputError where the better is asked for of plans with local tiers."""
    ruled = ruled_by(read, scheme, year, origin)
    if len(ruled) == 1:
        return _in_place(read, ruled[0], year, stated)
    both = [_in_place(read, part, year, stated) for part in ruled]
    if any(len(rows) > 1 for rows in both):
        raise InputError("the better of two plans, of which one has local tiers, in", value=year,
                         expected="merger.benefit: stated, or plan files by the four care tiers")
    return [better(*(rows[0] for rows in both))._replace(payment_counties=stated(origin).payment_counties)]


def ruled_by(read, scheme: str, year: int, origin: str) -> tuple[str, ...]:
    """The scheme whose rules hold for members who came from `origin`; two where they have the better of both."""
    book = rule_book(read, year) if scheme == MERGED else "stated"
    return ORIGINS[::-1] if book == "better" else (origin if book == APART else scheme,)


def file_in_force(read, scheme: str, year: int, origin: str) -> str:
    """The text of the region's plan file for members who came from `origin`; empty where there is none, or no single one."""
    ruled = ruled_by(read, scheme, year, origin)
    found = file_of(read, ruled[0], year) if len(ruled) == 1 else None
    return found.value if found else ""


def file_of(read, scheme: str, year: int) -> Value | None:
    """The plan file that a region names for a scheme itself; None where it names none."""
    found = read(f"plans.{scheme}.file", year, False)
    return found if found is not None and found.value else None


def states_admissions(found: Value) -> bool:
    """Whether a region's plan file states the ratio of every admission, so that the region's own schedule settles none."""
    from .overlay import read, whole
    return whole(read(found.value))


def has_local_tiers(found: Value) -> bool:
    """Whether a region's plan file has several local tiers in a care tier."""
    from .overlay import read
    return read(found.value).claims.rows > 1


def _in_place(read, scheme: str, year: int, stated: Callable[[str], Plan]) -> list[Plan]:
    own, plan = file_of(read, scheme, year), stated(scheme)
    if own is None:
        return [plan]
    from .overlay import plans_over  # needs pydantic, which regions without plan files do not
    return plans_over(plan, own.value)
