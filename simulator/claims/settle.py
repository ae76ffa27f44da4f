"""Settle a claims file: any claims through any plan, with each person's year carried along (docs/claims.md).

A file is settled as it is read, block by block. Where a row speaks of another one, or the rows are to be sorted, all of it is
looked at first, settled in one, and then written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from simulator.claims.cells import RowFault, amount
from simulator.claims.columns import BY_NAME, KEYS_OF_TITLES, chronic_groups, local_tiers, title_key
from simulator.claims.facts import Facts, Reader
from simulator.claims.files import OUTPUT_ENDINGS, Block, Opening, Source, open_claims, suffix
from simulator.claims.header import Found, find_columns, known_titles
from simulator.claims.life import (
    EMPTY_ROW,
    FATES,
    LEFT_OUT,
    REPEATED_ROW,
    REPLACED_ROW,
    TOTAL_ROW,
    UNINSURED,
    LookAhead,
    Numbers,
    Rows,
    SeenNumbers,
    arrange,
    order_of,
    takes_part,
    together,
)
from simulator.claims.mapping import ClaimsMap
from simulator.claims.outputs import Listed, Written, output_of
from simulator.claims.rows import Register, refuse_columns, remarks_on
from simulator.claims.rule_books import RuleBooks
from simulator.claims.totals import Totals
from simulator.law.rows import BACKWARDS, NOT_SEEN, REFUSED, SETTLED, Mark, Row, settle_rows
from simulator.law.year import STATE
from simulator.output import check_place
from simulator.parameters.errors import InputError
from simulator.plan import PLAN_WIDTH
from simulator.slip.unstated import unstated_of
from simulator.slip.words import LABELS
from simulator.tables import FACTS, LEFT, PAYERS, Fact, Paid

SHOWN = 20                      # faults told of before the reading stops
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Asked:
    """What is asked beside the rules: how the file is read, what is done with bad rows, what may be replaced.

    `explain_line`: of which row, by its line, the slip is kept.
    """

    mapping: ClaimsMap = field(default_factory=ClaimsMap)
    on_error: str = "refuse"
    lang: str = "en"
    defaults: dict[str, int] = field(default_factory=dict)
    force: bool = False
    explain_line: int | None = None


@dataclass
class Watched:
    """A row of which the slip is asked: the terms, the state before and the bill, of each part in which it was settled."""

    line: int
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
    tier: str = ""                  # as the file writes it


def settle(claims: Path, books: RuleBooks, out: Path, asked: Asked,
           tell: Progress = lambda what, done, steps: None,
           remarks: Callable[[Totals], list[str]] = lambda totals: []) -> tuple[Totals, Watched | None]:
    """Settle every row of `claims` under its rule book and write it with the eleven payments to `out`.

    InputError with file and line for bad rows, and no output at all, unless `on_error` is `skip`: then bad rows go to
    `<out>.bad.csv`. Rows that are repeated or replaced go to `<out>.left-out.csv`. `remarks` are asked for when all is settled,
    before anything has its place.
    """
    suffix(out, "--out", OUTPUT_ENDINGS)
    listed = [out.with_name(f"{out.stem}.{ending}.csv") for ending in ("bad", "left-out")]
    for place in (out, *listed) if asked.on_error == "skip" else (out, listed[1]):
        check_place(place, "--out", asked.force, (claims,))
    try:
        return Settling(claims, books, out, asked, tell).run(remarks)
    except LookAhead:
        return Settling(claims, books, out, asked, tell, whole=True).run(remarks)


class Settling:
    """One reading of a claims file, by block or, where rows hang on those behind them, as a whole."""

    def __init__(self, claims: Path, books: RuleBooks, out: Path, asked: Asked, tell: Progress, whole: bool = False) -> None:
        mapping = asked.mapping
        self.claims, self.books, self.out, self.asked, self.tell = claims, books, out, asked, tell
        self.whole = whole or mapping.sort or asked.explain_line is not None
        titles = known_titles(mapping.stated)
        self.opening = Opening(mapping.encoding or "auto", mapping.sheet, mapping.header_line,
                               lambda title: title in titles or title_key(title) in KEYS_OF_TITLES)
        self.totals = Totals()
        self.watched: Watched | None = None
        self.seen = NOT_SEEN

    def _open(self) -> Source:
        return open_claims(self.claims, self.opening)

    def _facts(self, block: Block) -> Facts:
        return self.reader.facts(block)

    def run(self, remarks: Callable[[Totals], list[str]]) -> tuple[Totals, Watched | None]:
        source = self._open()
        try:
            self._begin(source)
            payers = [LABELS[payer][1] if self.asked.lang == "zh" else f"paid_{payer}" for payer in PAYERS]
            for name in payers:
                if name in source.header:
                    raise InputError("a column that the settlement itself writes:", value=name,
                                     expected="claims without payments", next_step="rename the column", file=source.file,
                                     line=source.header_line or 1)
            written = self._output(source, payers)
            try:
                self._settle(source, written)
                if self.faults:
                    first = self.faults[0]
                    first.others = tuple(self.faults[1:])
                    raise first
                self._sum_up(source, written)
                self.totals.remarks += remarks(self.totals)
                for listed in (self.bad_file, self.left_out):
                    if listed is not None:
                        listed.finish()
                written.finish()
            except BaseException:
                for output in (written, self.bad_file, self.left_out):
                    if output is not None:
                        output.discard()
                raise
        finally:
            source.close()
        return self.totals, self.watched

    def _output(self, source: Source, payers: list[str]) -> Written:
        """The file to write, by its ending."""
        parts = {place for own in self.found.parts.values() for side in own for place in side}
        amounts = frozenset({place for name, place in self.found.at.items() if BY_NAME[name].read is amount} | parts)
        return output_of(self.out, source.schema, payers, amounts, self.asked.force)

    def _begin(self, source: Source) -> None:
        """What is made once the header is known."""
        asked, books, out = self.asked, self.books, self.out
        self.found: Found = find_columns(source.header, asked.mapping.stated, asked.mapping.passed, source.file,
                                         source.header_line or 1)
        refuse_columns(self.found, books.claims, source.header, source.file)
        own = {"chronic": chronic_groups(books.claims.chronic_groups)}
        if books.claims.tiers:
            own["tier"] = local_tiers(books.claims.tiers)
        self.reader = Reader(self.found, asked.defaults, own, asked.mapping.lenient, asked.mapping.file)
        self.register, self.numbers, self.hashes = Register(books.claims, self.found), Numbers(), SeenNumbers()
        self.header, self.file = source.header, source.file
        self.untitled = [] if "" in asked.mapping.passed else [at for at, title in enumerate(source.header) if not title]
        self.faults: list[InputError] = []
        self.bad_file = None if asked.on_error == "refuse" else Listed(
            out.with_name(f"{out.stem}.bad.csv"), source.header, asked.force)
        self.left_out = Listed(out.with_name(f"{out.stem}.left-out.csv"), source.header, asked.force)

    # --- by block, or as a whole ------------------------------------------------------------------

    def _settle(self, source: Source, written: Written | None) -> None:
        if self.whole:
            self._settle_whole(source, written)
            return
        for block in source.blocks():
            facts, part = self._prepared(block)
            if takes_part(facts) or len(facts.claims) and self.hashes.twice(facts.claims, facts.claim):
                raise LookAhead
            self._end(block, part, self._paid(part, facts), facts.more.get("weight"), written)
            if self._stop():
                break
            self.tell("settle", source.done(), source.size)

    def _settle_whole(self, source: Source, written: Written | None) -> None:
        """Read all rows, arrange and settle them, then read the file again to write it."""
        parts, weights, opening = [], [], []
        for block in source.blocks():
            facts, part = self._prepared(block)
            parts.append(part)
            weights.append(facts.more.get("weight", np.zeros(0, dtype=np.int64)))
            opening.append(facts.more)
            self.tell("read", source.done(), source.size)
        if not parts:
            return
        file = together(parts)
        mapping = self.asked.mapping
        arrange(file, mapping.repeated or "refuse", mapping.lenient, self.totals.done)
        order = order_of(file, mapping.sort, self.totals.done)
        more = {name: np.concatenate([one[name] for one in opening]) for name in opening[0]}
        self._watch(file)
        paid = self._paid(file, None, order, more)
        weight = np.concatenate(weights) if "weight" in more else None
        start = 0
        again = self._open()
        try:
            for block in again.blocks():
                end = start + len(block.lines)
                self._end(block, file.part(start, end), paid[start:end], None if weight is None else weight[start:end], written)
                start = end
                if self._stop():
                    break
                self.tell("settle", again.done(), again.size)
        finally:
            again.close()

    def _stop(self) -> bool:
        return len(self.faults) >= SHOWN

    # --- a block ------------------------------------------------------------------------------------

    def _prepared(self, block: Block) -> tuple[Facts, Rows]:
        """The facts of a block, and its rows with what is wrong or left out."""
        self._refuse_untitled(block)
        facts, books = self._facts(block), self.books
        size = len(block.lines)
        for row, cells in block.ragged.items():
            if row not in facts.no_data:
                facts.faults[row] = ("", f"{cells} cells", RowFault("the row has", f"{len(self.header)}, as in the header"))
        good = np.ones(size, dtype=bool)
        good[[*facts.faults, *facts.no_data]] = False                # a day that cannot be read asks for no rules
        places = np.zeros(size, dtype=np.int64)
        places[good], unknown = books.find((facts.when if "date" in self.found else places)[good])
        for n, error in unknown.items():
            row = int(np.flatnonzero(good)[n])
            facts.fault(row, "date", str(facts.when[row]), RowFault("no rules are known", error.expected or str(error)))
        rows = self.register.rows(facts, places)
        if books.claims.unstated:
            readable = np.setdiff1d(np.arange(size), [*facts.faults, *facts.no_data])
            without = unstated_of(books.claims, books.terms(), rows[readable, Row.TERMS], facts.bills[readable])
            for n, (column, value, expected) in without.items():
                facts.fault(int(readable[n]), column, value, RowFault("the plan states no ratio for", expected))
        fate = np.full(size, SETTLED, dtype=np.int64)
        fate[list(facts.faults)] = REFUSED
        for row, kind in facts.no_data.items():
            fate[row] = EMPTY_ROW if kind == "empty" else TOTAL_ROW
        flagged = facts.more.get("reversal", np.zeros(size, dtype=np.int64)) == 1
        claim, original = self.numbers.of(facts) if self.whole else (np.full(size, -1), np.full(size, -1))
        faults = {row: fault for row, fault in facts.faults.items() if row not in facts.no_data}
        part = Rows(rows, facts.bills, fate, block.lines, facts.minus, flagged, claim, original, _uninsured(facts), faults)
        return facts, part

    def _refuse_untitled(self, block: Block) -> None:
        """InputError for cells in a column without a title, which nobody could account for."""
        for column in self.untitled:
            cells = pc.utf8_trim_whitespace(pc.fill_null(block.text(column), ""))
            if pc.any(pc.not_equal(cells, "")).as_py():
                row = cells.to_pylist().index(next(cell for cell in cells.to_pylist() if cell))
                raise InputError("cells in a column without a title:", value=cells[row].as_py(),
                                 expected="a title for every column",
                                 next_step="--pass-through '' leaves such columns as they are", file=self.file,
                                 line=int(block.lines[row]))

    def _paid(self, part: Rows, facts: Facts | None, order: np.ndarray | None = None,
              more: dict[str, np.ndarray] | None = None) -> np.ndarray:
        """What is paid of each row, int64[n, LEFT]; fates move on."""
        register = self.register
        more = facts.more if facts is not None else more or {}
        if order is None:
            order = np.arange(len(part.fate))
        part.fate[part.uninsured & (part.fate == SETTLED)] = UNINSURED          # what is left out, or takes back, stays so
        self.totals.done["", "opened"] += register.open(part.rows, part.fate, more, order)
        rows, bills, fate = part.rows[order], part.bills[order], part.fate[order]
        paid = np.zeros((len(fate), LEFT), dtype=np.int64)
        settle_rows(self.books.terms(), register.rules, rows, bills, register.people.years, register.families.years,
                    register.stays, paid, fate, self.seen)
        part.fate[order], back = fate, np.empty_like(paid)
        back[order] = paid
        outside = part.fate == UNINSURED
        if outside.any():
            back[outside, Paid.CASH] = part.bills[outside, Fact.BILLED]
            part.fate[outside] = SETTLED
            self.totals.done["", "uninsured"] += int(outside.sum())
        for row, bill in part.takes_back.items():
            if part.fate[bill] == SETTLED:
                back[row] = -back[bill]
                part.fate[row] = SETTLED
            else:
                part.fate[row] = REFUSED
                part.faults[row] = ("billed", "", RowFault(f"takes back the bill of line {part.lines[bill]}, which is refused",
                                                           "that bill settled"))
        if self.watched is not None:
            self.watched.parts += [(one[:PLAN_WIDTH], one[PLAN_WIDTH:PLAN_WIDTH + STATE], one[PLAN_WIDTH + STATE:])
                                  for one in self.seen if one.any()]
        return back

    def _end(self, block: Block, part: Rows, paid: np.ndarray, weight: np.ndarray | None,
             written: Written | None) -> None:
        """Write the rows of a block and count them."""
        totals, fate = self.totals, part.fate
        kept = fate == SETTLED
        if not kept.all():
            self._list(block, part)
        data = (fate != EMPTY_ROW) & (fate != TOTAL_ROW)
        totals.rows += int(data.sum())
        totals.left_out += int(((fate == REPEATED_ROW) | (fate == REPLACED_ROW)).sum())
        for kind, number in (("empty rows", EMPTY_ROW), ("total rows", TOTAL_ROW)):
            totals.done["", kind] += int((fate == number).sum())
        if written is not None and not self.faults:
            written.write(block, kept, paid[:, :len(PAYERS)])
        billed = part.bills[:, Fact.BILLED]
        if self.whole:
            billed = np.where(paid[:, :len(PAYERS)].sum(axis=1) < 0, -billed, billed)            # what takes a bill back
        totals.add(part.rows, billed, kept, paid, self.books)
        if weight is not None:
            totals.weigh(weight[kept], billed[kept], paid[kept])

    def _list(self, block: Block, part: Rows) -> None:
        """Note the rows that are not settled, in their order: faults, and what is left out."""
        for row in np.flatnonzero(part.fate != SETTLED).tolist():
            fate = int(part.fate[row])
            if fate in LEFT_OUT:
                self.left_out.add(int(part.lines[row]), LEFT_OUT[fate][self.asked.lang == "zh"], block.row(row))
            if fate in LEFT_OUT or fate == EMPTY_ROW:
                continue
            error = self._error(block, part, row, fate)
            if self.bad_file is not None:
                line, error.file, error.line = error.line, None, None
                self.bad_file.add(line or 0, str(error), block.row(row))
            else:
                self.faults.append(error)
                if self._stop():
                    return

    def _error(self, block: Block, part: Rows, row: int, fate: int) -> InputError:
        found = self.found
        if fate in FATES:
            columns, problem, expected, step = FATES[fate]
            name = next((column for column in columns if column in found.at), columns[-1])
            cell = (str(part.rows[row, Row.WHEN]) if name in ("date", "order")
                    else block.slice(row).text(found.at[name])[0].as_py())
            if fate == BACKWARDS:
                last = int(self.register.people.years.marks[part.rows[row, Row.PERSON], Mark.LAST])
                expected = f"{expected}: one of {last} stands before"
            fault = RowFault(problem, expected, None, step)
        else:
            name, cell, fault = part.faults[row]
            if not cell and name in found.at:
                cell = block.slice(row).text(found.at[name])[0].as_py() or ""
        title = self.header[found.at[name]] if name in found.at else name
        return InputError(f"{title}: {fault.problem}:" if title else fault.problem, value=cell, expected=fault.expected,
                          suggestion=fault.suggestion, next_step=fault.next_step, file=self.file, line=int(part.lines[row]))

    # --- the end --------------------------------------------------------------------------------------

    def _watch(self, file: Rows) -> None:
        """Keep more of the row whose slip is asked. InputError where no bill stands in that line."""
        line = self.asked.explain_line
        if line is None:
            return
        rows = np.flatnonzero((file.lines == line) & (file.fate == SETTLED))
        if not len(rows):
            raise InputError("--explain-row: no bill that is settled in line", value=line, expected="the line of a bill",
                             file=self.file)
        file.rows[rows[0], Row.WATCHED] = 1
        self.watched = Watched(line, [])
        self.seen = np.zeros((2, PLAN_WIDTH + STATE + FACTS), dtype=np.int64)

    def _sum_up(self, source: Source, written: Written) -> None:
        """What is said of the file as a whole."""
        totals, lang = self.totals, self.asked.lang
        people = self.register.people.names
        totals.persons = people.count - (people.empty >= 0)
        totals.over_new_year = self.register.over_new_year
        totals.remarks = [zh if lang == "zh" else en for en, zh in self.found.remarks]
        totals.remarks += remarks_on(self.found, self.books, totals.over_new_year, lang)
        totals.done.update(self.reader.done)
        totals.done["", "formulas"] += written.formulas
        totals.done = +totals.done
        totals.passed, totals.encoding = self.found.passed, source.encoding


def _uninsured(facts: Facts) -> np.ndarray:
    """Which bills are of a day on which the person was not insured, bool[n]."""
    outside = np.zeros(len(facts.when), dtype=bool)
    if "insured_from" in facts.more:
        outside |= facts.when < facts.more["insured_from"]
    if "insured_until" in facts.more:
        until = facts.more["insured_until"]
        outside |= (until > 0) & (facts.when > until)
    return outside
