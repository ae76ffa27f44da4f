"""A block of claims as numbers: text read column by column, each different text once, amounts by one pattern for the column.

A row keeps its first fault; the rest of the row is then of no account.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.claims.cells import RowFault, amount, read_cell, tidy_day
from simulator.claims.columns import BY_NAME, COLUMNS, Column
from simulator.claims.files import Block
from simulator.claims.header import Found
from simulator.claims.identities import tidy_identities
from simulator.money import LARGEST_BILL, yuan
from simulator.parameters.errors import InputError, one_of
from simulator.tables import FACTS, Fact

AMOUNT = r"^(?P<yuan>0|[1-9][0-9]{0,8})(?:\.(?P<fen>[0-9]{1,2})0*)?$"
AMOUNTS_OF_A_BILL = tuple(column.fact for column in COLUMNS if column.read is amount and column.fact is not None)
# Columns of names -> where the different names go, and each row's place among them.
NAME_COLUMNS = {"person": ("people", "who"), "family": ("families", "family"), "stay": ("stays", "stay"),
                "transferred_from": ("sources", "source"), "claim": ("claims", "claim"), "original": ("originals", "original")}
LARGEST_PLAIN = 1e6             # yuan: a number below it is never written with an exponent
LARGEST_TYPED = 10**11          # fen: whole numbers and decimals from it on are read as text
UNSTATED = -10**15              # of an amount: the cell is empty
NOT_DATA = re.compile(r"\s*(?:本页|本月|本年)?\s*(?:合\s*计|总\s*计|小\s*计|累\s*计|(?:grand |sub)?total|sum)\s*[::]?\s*"
                      r"|\s*(?:制表|填表|填报|审核|复核|打印|说明|注)[^,]{0,8}[::].*", re.IGNORECASE)


def _none() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


def _no_names() -> pa.Array:
    return pa.array([], pa.string())


@dataclass
class Facts:
    """A block of n rows as numbers, and what is wrong with some of them."""

    bills: np.ndarray              # int64[n, FACTS]; of a row that takes a bill back, that bill's
    when: np.ndarray               # int64[n], date as YYYYMMDD, or order, or 0
    year: np.ndarray               # int64[n], calendar year, or 0
    people: pa.Array               # the different persons, texts
    who: np.ndarray                # int64[n], place in `people`
    faults: dict[int, tuple[str, str, RowFault]]     # row -> column, text, what is wrong
    minus: np.ndarray = field(default_factory=_none)             # bool[n], whether the amounts are below 0
    no_data: dict[int, str] = field(default_factory=dict)        # rows that are no claims -> `empty` or `total`
    # Of columns that the file may lack (then empty or None): the different names, and each row's place among them.
    families: pa.Array = field(default_factory=_no_names)
    family: np.ndarray = field(default_factory=_none)
    stays: pa.Array = field(default_factory=_no_names)
    stay: np.ndarray = field(default_factory=_none)
    sources: pa.Array = field(default_factory=_no_names)
    source: np.ndarray = field(default_factory=_none)
    claims: pa.Array = field(default_factory=_no_names)
    claim: np.ndarray = field(default_factory=_none)
    originals: pa.Array = field(default_factory=_no_names)
    original: np.ndarray = field(default_factory=_none)
    admitted: np.ndarray | None = None               # YYYYMMDD, or 0
    transferred: np.ndarray | None = None            # 0 or 1
    more: dict[str, np.ndarray] = field(default_factory=dict)    # other columns that are no facts of the bill

    def fault(self, row: int, name: str, text: str, fault: RowFault) -> None:
        """Note the first fault of a row."""
        self.faults.setdefault(row, (name, text, fault))


class Reader:
    """Reads blocks into facts.

    `defaults` stand for what file and cell leave out, `own` reads columns whose words are a plan's own: its tiers, its groups of
    diseases. `done` counts, by column and kind, what was taken in another spelling than the strict one.
    """

    def __init__(self, found: Found, defaults: dict[str, int], own: dict[str, Callable[[str], int]], lenient: bool,
                 mapping: str = "") -> None:
        self.found, self.defaults, self.lenient = found, defaults, lenient
        self.done: Counter[tuple[str, str]] = Counter()
        self.readers = {column.name: own.get(column.name, column.read) for column in COLUMNS}
        self.constants: dict[str, int] = {}
        for name, text in found.always.items():
            self.constants[name] = _constant(self.readers[name], text, f"always, of {name}:", found, name, mapping)
        for name, one in found.stated.items():
            if one.words:
                known = {code: _constant(self.readers[name], word, f"a word for {name}:", found, name, mapping)
                         for code, word in one.words.items()}
                self.readers[name] = partial(_coded, known, self.readers[name])

    def facts(self, block: Block) -> Facts:
        """The facts of a block."""
        size = len(block.lines)
        facts = Facts(np.zeros((size, FACTS), dtype=np.int64), np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64),
                      _no_names(), np.zeros(size, dtype=np.int64), {}, np.zeros(size, dtype=bool))
        self._leave_out(block, facts)
        values: dict[str, np.ndarray] = {}
        for column in COLUMNS:
            name = column.name
            if name in self.constants:
                values[name] = np.full(size, self.constants[name], dtype=np.int64)
            elif name in self.found.at:
                values[name] = self._column(column, block, facts)
            elif column.fact is not None and (empty := self._empty(column)) is not None:
                facts.bills[:, column.fact] = empty
            if name in values and column.fact is not None:
                facts.bills[:, column.fact] = values[name]
        self._put(facts, values)
        _take_sides(facts)
        _scope(facts, values, "eligible" in self.found)
        _check_rows(facts)
        return facts

    def _empty(self, column: Column) -> int | None:
        if column.name in ("eligible", "in_scope") and "eligible" in self.found and "in_scope" in self.found:
            return UNSTATED                                                  # the other column may say it
        return self.defaults.get(column.name, column.empty)

    def _column(self, column: Column, block: Block, facts: Facts) -> np.ndarray:
        name = column.name
        plus, less = self.found.parts.get(name, ([self.found.at[name]], []))
        if name in NAME_COLUMNS:
            if len(plus) == 1:
                return self._names(name, *block.different(plus[0]), facts)
            coded = pc.binary_join_element_wise(*(_text(block, place) for place in plus), "/").dictionary_encode()
            return self._names(name, coded.dictionary, coded.indices.to_numpy(zero_copy_only=False).astype(np.int64), facts)
        if column.read is amount:
            total = np.zeros(len(block.lines), dtype=np.int64)
            for sign, places in ((1, plus), (-1, less)):
                for place in places:
                    total += sign * self._amounts(column, block, place, facts, len(plus) + len(less) > 1)
            return total
        different, which = block.different(plus[0])
        return self._repeated(column, different.to_pylist(), which, facts)

    def _names(self, name: str, written: pa.Array, places: np.ndarray, facts: Facts) -> np.ndarray:
        different, done, wrong = tidy_identities(written, name == "person")
        if name == "person" and facts.no_data:
            different = pc.replace_with_mask(different, pa.array(np.isin(np.arange(len(different)), places[list(facts.no_data)])),
                                             pa.scalar(""))
        for kind, those in done.items():
            self.done[name, kind] += int(np.isin(places, list(those)).sum())
        for place, fault in wrong.items():
            for row in np.flatnonzero(places == place).tolist():
                if row not in facts.no_data:
                    facts.fault(row, name, written[place].as_py(), fault)
        for field_name, said in zip(NAME_COLUMNS[name], (different, places), strict=True):
            setattr(facts, field_name, said)
        return places

    def _amounts(self, column: Column, block: Block, place: int, facts: Facts, part: bool) -> np.ndarray:
        """Fen of a column of amounts, of numbers as they are and of text by one pattern; what is neither is read singly."""
        cells = block.batch.column(place)
        read = _reader_of(cells.type)
        text = _text(block, place) if read is None else None
        values, unread = of_texts(text) if read is None else read(cells)
        empty = 0 if part else self._empty(column)
        for row in np.flatnonzero(unread | (values > LARGEST_BILL)).tolist():
            text = _text(block, place) if text is None else text
            cell = text[row].as_py()
            if row in facts.no_data:
                values[row] = 0
            elif cell == "" and empty is not None:
                values[row] = empty
            else:
                values[row] = self._cell(column, cell, [row], facts, empty)
        return values

    def _repeated(self, column: Column, different: list[str], places: np.ndarray, facts: Facts) -> np.ndarray:
        """Values of a column whose cells repeat: each different text is read once."""
        values, empty = np.zeros(len(different), dtype=np.int64), self._empty(column)
        if not len(different):
            return np.zeros(len(places), dtype=np.int64)
        strict, odd = self.readers[column.name], []
        for at, cell in enumerate(different):
            if cell == "" and empty is not None:
                values[at] = empty
                continue
            try:
                values[at] = strict(cell)
            except RowFault:
                odd.append(at)
        for at in odd:
            rows = [row for row in np.flatnonzero(places == at).tolist() if row not in facts.no_data]
            values[at] = self._cell(column, different[at], rows, facts, empty)
        return values[places]

    def _cell(self, column: Column, cell: str, rows: list[int], facts: Facts, empty: int | None) -> int:
        """What the cell of these rows says, counted where it is not in the strict spelling, 0 where it is a fault."""
        written = self.found.stated[column.name].written if column.name in self.found.stated else ""
        tidy = partial(tidy_day, written=written) if written and column.tidy is tidy_day else column.tidy
        try:
            value, done = read_cell(cell, self.readers[column.name], tidy, self.lenient or bool(written), empty)
        except RowFault as fault:
            for row in rows:
                facts.fault(row, column.name, cell, fault)
            return 0
        for kind in done:
            self.done[column.name, kind] += len(rows)
        return value

    def _leave_out(self, block: Block, facts: Facts) -> None:
        """Rows without a person that are empty, or totals or notes below a table: these are no claims."""
        if "person" not in self.found.at:
            return
        names, places = block.different(self.found.at["person"])
        odd = pc.match_substring_regex(names, r"^$|计|[Tt]otal|TOTAL|[Ss]um|[::]")
        for row in np.flatnonzero(odd.to_numpy(zero_copy_only=False)[places] if len(names) else places).tolist():
            cells = [cell for cell in block.row(row) if cell.strip()]
            if not cells:
                facts.no_data[row] = "empty"
            elif NOT_DATA.fullmatch(cells[0]) and (names[int(places[row])].as_py() in ("", cells[0].strip())):
                facts.no_data[row] = "total"

    def _put(self, facts: Facts, values: dict[str, np.ndarray]) -> None:
        for name, found in values.items():
            if name == "date":
                facts.when, facts.year = found, found // 10000
            elif name == "order" and "date" not in values:
                facts.when = found
            elif name == "admitted":
                facts.admitted = found
            elif name == "transferred":
                facts.transferred = found
            elif BY_NAME[name].fact is None and name not in NAME_COLUMNS:
                facts.more[name] = found


def _constant(read: Callable[[str], int], text: str, what: str, found: Found, name: str, mapping: str) -> int:
    try:
        return read(text)
    except RowFault as fault:
        raise InputError(f"{what} {fault.problem}", value=text, expected=fault.expected, suggestion=fault.suggestion,
                         file=mapping or None, line=found.stated[name].line if name in found.stated else None) from None


def _coded(known: dict[str, int], read: Callable[[str], int], text: str) -> int:
    """What a code stands for, by the mapping; what it does not name may be one of the column's own words."""
    if text in known:
        return known[text]
    try:
        return read(text)
    except RowFault:
        raise RowFault("a code that the mapping does not name", one_of(known)) from None


def _text(block: Block, place: int) -> pa.Array:
    text = pc.utf8_trim_whitespace(pc.fill_null(block.text(place), ""))
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def of_texts(text: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Fen of texts, int64[n], and which of them do not fit the pattern, bool[n]."""
    parts = pc.extract_regex(text, AMOUNT)
    whole = pc.cast(pc.fill_null(pc.struct_field(parts, "yuan"), "0"), pa.int64())
    cents = pc.utf8_rpad(pc.fill_null(pc.struct_field(parts, "fen"), ""), 2, "0")
    values = whole.to_numpy(zero_copy_only=False) * 100 + pc.cast(cents, pa.int64()).to_numpy(zero_copy_only=False)
    return values, pc.is_null(parts).to_numpy(zero_copy_only=False)


def of_numbers(cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Fen of numbers, int64[n], and which of them are to be read as text, bool[n]: empty ones, those below 0, those so large that
    they are written with an exponent, and those that are not the number next to any whole number of fen."""
    numbers = pc.fill_null(cells, -1.0).to_numpy(zero_copy_only=False)
    plain = ~np.signbit(numbers) & (numbers < LARGEST_PLAIN)
    values = np.rint(np.where(plain, numbers, 0.0) * 100)
    return values.astype(np.int64), ~plain | (values / 100 != numbers)


def of_decimals(cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The same of decimals with at most two places, and of whole numbers: those below 0 or too large are to be read as text."""
    whole = pa.types.is_integer(cells.type)
    words = pc.fill_null(cells.cast(pa.int64()) if whole else cells.cast(pa.decimal128(38, 2)), -1)
    if whole:
        values = words.to_numpy(zero_copy_only=False)
        plain = (values >= 0) & (values < LARGEST_TYPED // 100)
        return np.where(plain, values, 0) * 100, ~plain
    halves = np.frombuffer(words.buffers()[1], dtype="<i8").reshape(-1, 2)[words.offset:words.offset + len(words)]
    plain = (halves[:, 1] == 0) & (halves[:, 0] >= 0) & (halves[:, 0] < LARGEST_TYPED)
    return np.where(plain, halves[:, 0], 0), ~plain


def _reader_of(kind: pa.DataType) -> Callable[[pa.Array], tuple[np.ndarray, np.ndarray]] | None:
    """What reads a column of amounts of a type; None where they are read as text."""
    if pa.types.is_float64(kind):
        return of_numbers
    typed = pa.types.is_integer(kind) and not pa.types.is_uint64(kind) or pa.types.is_decimal(kind) and 0 <= kind.scale <= 2
    return of_decimals if typed else None


def _take_sides(facts: Facts) -> None:
    """Which rows take a bill back: all their amounts are below 0, and stand as those of the bill. In other rows none may be."""
    bills = facts.bills
    facts.minus = bills[:, Fact.BILLED] < 0
    amounts = bills[:, AMOUNTS_OF_A_BILL]
    wrong = np.where(facts.minus[:, None], amounts > 0, (amounts < 0) & (amounts != UNSTATED))
    for row in np.flatnonzero(wrong.any(axis=1)).tolist():
        fact = Fact.BILLED if facts.minus[row] else AMOUNTS_OF_A_BILL[int(np.flatnonzero(wrong[row])[0])]
        expected = f"a number from 0 to {LARGEST_BILL // 100}" + (
            "; or all amounts of the row below 0, to take a bill back" if facts.minus[row] else "")
        facts.fault(row, Fact(fact).name.lower(), yuan(int(bills[row, fact])), RowFault("out of range", expected))
    if facts.minus.any():
        taken_back = facts.minus[:, None] & (amounts != UNSTATED)
        bills[:, AMOUNTS_OF_A_BILL] = np.where(taken_back, np.abs(amounts), amounts)
    above = np.flatnonzero(bills[:, Fact.BILLED] > LARGEST_BILL)
    for row in above.tolist():
        facts.fault(row, "billed", yuan(int(bills[row, Fact.BILLED])), RowFault("out of range", f"at most {yuan(LARGEST_BILL)}"))


def _scope(facts: Facts, values: dict[str, np.ndarray], some_stated: bool) -> None:
    """E where no amount states it: from the in-scope share, or from what is out of scope."""
    bills = facts.bills
    if "in_scope" in values:
        scope = values["in_scope"]
        unstated = bills[:, Fact.ELIGIBLE] == UNSTATED if some_stated else np.ones(len(bills), dtype=bool)
        for row in np.flatnonzero(unstated & (scope < 0)).tolist():
            facts.fault(row, "eligible", "", RowFault("neither eligible nor in_scope", "one of them"))
        made = (np.maximum(bills[:, Fact.BILLED], 0) * np.maximum(scope, 0) + 5000) // 10000      # money.share, of a column
        bills[unstated, Fact.ELIGIBLE] = made[unstated]
    elif "excluded" in values:
        excluded = np.where(facts.minus, np.abs(values["excluded"]), values["excluded"])
        bills[:, Fact.ELIGIBLE] = bills[:, Fact.BILLED] - excluded
        for row in np.flatnonzero((excluded > bills[:, Fact.BILLED]) | (excluded < 0)).tolist():
            fault = RowFault("more than the bill" if excluded[row] > 0 else "out of range",
                             f"from 0 to {yuan(int(bills[row, Fact.BILLED]))}")
            facts.fault(row, "excluded", yuan(int(excluded[row])), fault)


def _check_rows(facts: Facts) -> None:
    """Step 0 of the settlement: no part is more than its whole, no discharge before the admission, no end before a beginning."""
    if facts.admitted is not None:
        for row in np.flatnonzero((facts.admitted > facts.when) & (facts.when > 0)).tolist():
            fault = RowFault("after the discharge", f"at most {facts.when[row]}")
            facts.fault(row, "admitted", str(facts.admitted[row]), fault)
    if "insured_from" in facts.more and "insured_until" in facts.more:
        begun, ended = facts.more["insured_from"], facts.more["insured_until"]
        for row in np.flatnonzero((ended > 0) & (begun > ended)).tolist():
            facts.fault(row, "insured_until", str(ended[row]), RowFault("before the first day insured", f"at least {begun[row]}"))
    bills = facts.bills
    for part, whole, said in ((Fact.ELIGIBLE, Fact.BILLED, "the bill"), (Fact.TCM, Fact.ELIGIBLE, "the in-scope expense"),
                              (Fact.NEW_DRUG, Fact.ELIGIBLE, "the in-scope expense"),
                              (Fact.FIRST_PAY, Fact.ELIGIBLE, "the in-scope expense"),
                              (Fact.ESSENTIAL, Fact.ELIGIBLE, "the in-scope expense")):
        for row in np.flatnonzero(bills[:, part] > bills[:, whole]).tolist():
            fault = RowFault(f"more than {said}", f"at most {yuan(bills[row, whole])}")
            facts.fault(row, Fact(part).name.lower(), yuan(bills[row, part]), fault)


