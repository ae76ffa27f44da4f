"""The life of a claim (docs/claims.md): what is taken back, replaced or there twice, and in which order bills are settled.

These are found over a whole file before any bill of it is settled; a file without them is settled as it is read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.claims.cells import RowFault
from simulator.claims.facts import Facts
from simulator.claims.names import Names, hashes_of
from simulator.law.rows import (
    BACKWARDS,
    FAMILY_BACKWARDS,
    NEW_YEAR_UNSAID,
    NOTHING_BEFORE,
    REFUSED,
    SETTLED,
    TRANSFER_UNSAID,
    TWO_TURNS,
    Row,
)
from simulator.money import yuan
from simulator.tables import Fact

# What becomes of a row that is not settled as a bill; the fates of law/rows.py are below these.
EMPTY_ROW, TOTAL_ROW, REPEATED_ROW, REPLACED_ROW, TAKES_BACK, UNINSURED = range(100, 106)
LEFT_OUT = {TOTAL_ROW: ("a total or a note, not a claim", "合计行或注释行, 非单据"),
            REPEATED_ROW: ("its claim number stands in another row too", "单据号与另一行重复"),
            REPLACED_ROW: ("a later row replaces it", "已被后来的更正行取代")}


# What becomes of a row while it is settled: the columns that may be at fault, what is wrong, what was expected, what to do.
BACK_IN_TIME = "--sort settles bills in the order of their days"
FATES = {
    BACKWARDS: (("date", "order"), "goes backwards within the person", "bills in the order of discharge", BACK_IN_TIME),
    FAMILY_BACKWARDS: (("date", "order"), "goes backwards within the family", "bills of a family in the order of discharge",
                       BACK_IN_TIME),
    NOTHING_BEFORE: (("transferred_from", "transferred"), "no earlier admission to be transferred from",
                     "one of the same person in a row before, paid as an ordinary admission", None),
    TRANSFER_UNSAID: (("tier",), "another tier than earlier in the stay, and the plan does not say a transfer's deductible",
                      "`transfer_deductible: full`, `difference` or `none` in the plan file", None),
    NEW_YEAR_UNSAID: (("admitted",), "a stay over the turn of the insured year, of which the plan says nothing",
                      "`new_year: discharge` or `new_year: split` in the plan file", None),
    TWO_TURNS: (("admitted",), "a stay over more than one turn of the insured year", "interim bills, at least one a year", None),
}


class LookAhead(Exception):
    """A file of which a row cannot be settled without those behind it."""


@dataclass
class Rows:
    """All rows of a file: what the rules read of them, and what links them.

    `claim`, `original`: the number of the claim, and of the one that the row speaks of, as places among all numbers, or -1.
    """

    rows: np.ndarray               # int64[n, ROW_FACTS]
    bills: np.ndarray              # int64[n, FACTS]
    fate: np.ndarray               # int64[n]
    lines: np.ndarray              # int64[n]
    minus: np.ndarray              # bool[n]
    flagged: np.ndarray            # bool[n]
    claim: np.ndarray              # int64[n]
    original: np.ndarray           # int64[n]
    uninsured: np.ndarray          # bool[n]: of a day without insurance
    faults: dict[int, tuple[str, str, RowFault]] = field(default_factory=dict)
    takes_back: dict[int, int] = field(default_factory=dict)             # row -> the row of the bill that it takes back

    def part(self, start: int, end: int) -> Rows:
        """The rows from `start` on, before `end`."""
        return Rows(self.rows[start:end], self.bills[start:end], self.fate[start:end], self.lines[start:end],
                    self.minus[start:end], self.flagged[start:end], self.claim[start:end], self.original[start:end],
                    self.uninsured[start:end],
                    {row - start: fault for row, fault in self.faults.items() if start <= row < end})


class Numbers:
    """Numbers of claims -> places, over all blocks."""

    def __init__(self) -> None:
        self._names = Names()

    def of(self, facts: Facts) -> tuple[np.ndarray, np.ndarray]:
        """The places of a block's numbers of claims and of those that its rows speak of, int64[n] each; -1 for none."""
        size = len(facts.when)
        return self._find(facts.claims, facts.claim, size), self._find(facts.originals, facts.original, size)

    def _find(self, names: pa.Array, which: np.ndarray, size: int) -> np.ndarray:
        if not len(names):
            return np.full(size, -1, dtype=np.int64)
        places = self._names.find(names)
        return np.where(places == self._names.empty, -1, places)[which]


class SeenNumbers:
    """Whether a number of a claim may have been there before, by a hash of each: 8 bytes a claim."""

    def __init__(self) -> None:
        self._sorted: list[np.ndarray] = []

    def twice(self, names: pa.Array, which: np.ndarray) -> bool:
        """Whether a number of a block stands twice in it, or stood in a block before."""
        filled = pc.not_equal(names, "").to_numpy(zero_copy_only=False)
        if (np.bincount(which, minlength=len(names))[filled] > 1).any():
            return True
        hashes = np.unique(hashes_of(names)[filled])
        found = len(hashes) < filled.sum() or any(
            (table[np.minimum(np.searchsorted(table, hashes), len(table) - 1)] == hashes).any() for table in self._sorted)
        if not len(hashes):
            return found
        self._sorted.append(hashes)
        while len(self._sorted) > 1 and len(self._sorted[-2]) <= 2 * len(self._sorted[-1]):
            last = self._sorted.pop()
            self._sorted[-1] = np.union1d(self._sorted[-1], last)
        return found


def takes_part(facts: Facts) -> bool:
    """Whether a row of the block speaks of another one."""
    flagged = facts.more.get("reversal")
    return bool(facts.minus.any() or flagged is not None and flagged.any()
                or pc.any(pc.not_equal(facts.originals, "")).as_py())


def arrange(file: Rows, repeated: str, lenient: bool, done: Counter[tuple[str, str]]) -> None:
    """Decide for the whole file what is taken back, replaced and left out; what cannot be decided is a fault of its row."""
    able = file.fate == SETTLED
    corrects = able & (file.original >= 0) & ~file.minus & ~file.flagged
    reverses = able & file.minus
    flagged = np.flatnonzero(able & file.flagged & ~file.minus)
    bills = able & ~file.minus & ~file.flagged
    _leave_out_repeated(file, np.flatnonzero(bills & (file.claim >= 0)), repeated, done)
    bills &= file.fate == SETTLED
    _take_back(file, np.flatnonzero(reverses), np.concatenate([np.flatnonzero(bills), flagged]), lenient, done)
    taken = set(file.takes_back.values())
    rest = np.array([row for row in flagged.tolist() if row not in taken], dtype=np.int64)
    _take_back(file, rest, np.flatnonzero(bills), lenient, done)
    _replace(file, np.flatnonzero(corrects & (file.fate == SETTLED)), done)
    for row, bill in file.takes_back.items():
        file.fate[row] = TAKES_BACK
        file.rows[bill, Row.UNDONE] = 1
    for row in file.faults:
        if file.fate[row] == SETTLED:
            file.fate[row] = REFUSED


def _leave_out_repeated(file: Rows, rows: np.ndarray, repeated: str, done: Counter[tuple[str, str]]) -> None:
    """Rows with the number of another bill: refused, or left out but for the first or the last."""
    rows = rows[np.argsort(file.claim[rows], kind="stable")]
    numbers = file.claim[rows]
    for group in np.split(rows, 1 + np.flatnonzero(numbers[1:] != numbers[:-1])):
        if len(group) < 2:
            continue
        if repeated == "refuse":
            for row in group[1:].tolist():
                _fault(file, row, "claim", f"the claim of line {file.lines[group[0]]} again",
                       "a number for each bill", "--repeated first or --repeated last settles one of them")
        else:
            others = group[1:] if repeated == "first" else group[:-1]
            file.fate[others] = REPEATED_ROW
            done["claim", f"repeated {repeated}"] += len(others)


def _take_back(file: Rows, rows: np.ndarray, bills: np.ndarray, lenient: bool, done: Counter[tuple[str, str]]) -> None:
    """For each of the rows the bill that it takes back: that of the number it names, or of its own number, or the person's one
    of the same kind and amounts on its day or before."""
    if not len(rows):
        return
    taken = set(file.takes_back.values())
    of_person = bills[np.isin(file.rows[bills, Row.PERSON], file.rows[rows, Row.PERSON])]
    by_number: dict[int, list[int]] = {}
    by_amounts: dict[tuple[int, ...], list[int]] = {}
    for bill in of_person.tolist():
        if file.claim[bill] >= 0:
            by_number.setdefault(int(file.claim[bill]), []).append(bill)
        by_amounts.setdefault(_amounts(file, bill), []).append(bill)
    for row in rows[np.lexsort((rows, file.rows[rows, Row.WHEN]))].tolist():
        number = int(file.original[row])
        named = by_number.get(number if number >= 0 else int(file.claim[row]), [])
        if number >= 0 and not named:
            _fault(file, row, "original", "no bill of this number and person", "a bill of the same file")
            continue
        free = [bill for bill in named or by_amounts.get(_amounts(file, row), [])
                if bill not in taken and bill != row and file.rows[bill, Row.WHEN] <= file.rows[row, Row.WHEN]]
        if named and free and _amounts(file, free[-1]) != _amounts(file, row):
            _fault(file, row, "billed", f"not what the bill of line {file.lines[free[-1]]} came to, which it takes back",
                   f"billed {yuan(int(file.bills[free[-1], Fact.BILLED]))}, in scope "
                   f"{yuan(int(file.bills[free[-1], Fact.ELIGIBLE]))}, and the bill as it is now in a row of its own")
        elif not free:
            _fault(file, row, "billed", "takes back no bill of this file",
                   "a bill of the same person, kind and amounts on this day or before, or its number in a column `original`")
        elif len({file.rows[bill, Row.WHEN] for bill in free}) > 1 and not lenient:
            lines = ", ".join(str(file.lines[bill]) for bill in free[:5])
            _fault(file, row, "billed", f"takes back one of several bills (lines {lines})", "its number in a column `original`",
                   f"--lenient takes the last one, line {file.lines[free[-1]]}")
        else:
            if len({file.rows[bill, Row.WHEN] for bill in free}) > 1:
                done["billed", "latest"] += 1
            bill = max(free, key=lambda n: (file.rows[n, Row.WHEN], n))
            taken.add(bill)
            file.takes_back[row] = bill
            done["billed", "taken back"] += 1


def _replace(file: Rows, rows: np.ndarray, done: Counter[tuple[str, str]]) -> None:
    """Rows that name another bill without taking it back stand in its place."""
    of_number = {int(file.claim[row]): row for row in np.flatnonzero(file.claim >= 0).tolist()
                 if file.fate[row] in (SETTLED, REPLACED_ROW) and not file.minus[row]} if len(rows) else {}
    taken = set(file.takes_back.values())
    for row in rows.tolist():
        bill = of_number.get(int(file.original[row]))
        if bill is None or bill == row or file.rows[bill, Row.PERSON] != file.rows[row, Row.PERSON]:
            _fault(file, row, "original", "no bill of this number and person", "a bill of the same file")
        elif file.fate[bill] == REPLACED_ROW:
            _fault(file, row, "original", f"the bill of line {file.lines[bill]} is replaced already", "one correction of a bill, "
                   "or the number of the correction before")
        elif bill not in taken:
            file.fate[bill] = REPLACED_ROW
            done["original", "replaced"] += 1


def _amounts(file: Rows, row: int) -> tuple[int, ...]:
    return (int(file.rows[row, Row.PERSON]), *file.bills[row, [Fact.BILLED, Fact.ELIGIBLE, Fact.KIND]].tolist())


def _fault(file: Rows, row: int, name: str, problem: str, expected: str, next_step: str | None = None) -> None:
    file.faults.setdefault(row, (name, "", RowFault(problem, expected, None, next_step)))


def order_of(file: Rows, sort: bool, done: Counter[tuple[str, str]]) -> np.ndarray:
    """The order in which the rows are settled, int64[n]: the file's, or that of their days, on one day the file's."""
    count = len(file.fate)
    if not sort:
        return np.arange(count)
    when, person = file.rows[:, Row.WHEN], file.rows[:, Row.PERSON]
    by_person = np.lexsort((np.arange(count), person))
    same = np.concatenate([[False], person[by_person][1:] == person[by_person][:-1]])
    late = same & np.concatenate([[False], when[by_person][1:] < when[by_person][:-1]]) & (file.fate[by_person] == SETTLED)
    if late.any():
        done["date", "sorted"] += int(late.sum())
    return np.lexsort((np.arange(count), when))


def together(blocks: list[Rows]) -> Rows:
    """The rows of a file in one."""
    def all_of(name: str) -> np.ndarray:
        return np.concatenate([getattr(block, name) for block in blocks])

    faults: dict[int, tuple[str, str, RowFault]] = {}
    start = 0
    for block in blocks:
        faults |= {start + row: fault for row, fault in block.faults.items()}
        start += len(block.fate)
    return Rows(all_of("rows"), all_of("bills"), all_of("fate"), all_of("lines"), all_of("minus"), all_of("flagged"),
                all_of("claim"), all_of("original"), all_of("uninsured"), faults)
