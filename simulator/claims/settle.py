"""Settle a claims file: any claims through any plan, with each person's year carried along (docs/claims.md)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simulator.claims.columns import Facts, RowFault, chronic_groups, find_columns, local_tiers, read_block
from simulator.claims.files import (
    Block,
    CsvClaims,
    CsvOut,
    ParquetClaims,
    ParquetOut,
    open_claims,
    suffix,
)
from simulator.claims.rows import Register, refuse_columns, remarks_on
from simulator.claims.rule_books import RuleBooks
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
    settle_rows,
)
from simulator.money import yuan
from simulator.parameters.errors import InputError
from simulator.slip.unstated import unstated_of
from simulator.slip.words import LABELS
from simulator.tables import LEFT, PAYERS, Fact

ABOVE_YEARS = 10_000            # more than any year's number
SHOWN = 20                      # faults told of before the reading stops
# What becomes of a row while it is settled: the columns that may be at fault, what is wrong, what was expected.
FATES = {
    BACKWARDS: (("date", "order"), "goes backwards within the person", "bills in the order of discharge"),
    FAMILY_BACKWARDS: (("date", "order"), "goes backwards within the family", "bills of a family in the order of discharge"),
    NOTHING_BEFORE: (("transferred_from", "transferred"), "no earlier admission to be transferred from",
                     "one of the same person in a row before, paid as an ordinary admission"),
    TRANSFER_UNSAID: (("tier",), "another tier than earlier in the stay, and the plan does not say a transfer's deductible",
                      "`transfer_deductible: full`, `difference` or `none` in the plan file"),
    NEW_YEAR_UNSAID: (("admitted",), "a stay over the turn of the insured year, of which the plan says nothing",
                      "`new_year: discharge` or `new_year: split` in the plan file"),
    TWO_TURNS: (("admitted",), "a stay over more than one turn of the insured year", "interim bills, at least one a year"),
}
Progress = Callable[[str, int, int], None]


@dataclass
class Totals:
    """What a file came to; amounts in fen. `paid` is by payer, in the order of tables.PAYERS."""

    rows: int = 0
    settled: int = 0
    persons: int = 0
    billed: int = 0
    paid: list[int] = field(default_factory=lambda: [0] * len(PAYERS))
    years: set[int] = field(default_factory=set)               # insured years
    books: dict[tuple[str, int], int] = field(default_factory=dict)          # rule book and insured year -> bills
    remarks: list[str] = field(default_factory=list)

    over_new_year: int = 0          # stays that began in an earlier insured year than they ended

    @property
    def refused(self) -> int:
        return self.rows - self.settled

    def add(self, facts: Facts, kept: np.ndarray, paid: np.ndarray, books: RuleBooks, places: np.ndarray) -> None:
        """Count a block: `kept` bool[n] says which rows are settled, `places` int64[n] under which rule book."""
        self.rows += len(kept)
        self.settled += int(kept.sum())
        self.billed += int(facts.bills[kept, Fact.BILLED].sum())
        self.paid = [a + b for a, b in zip(self.paid, paid[kept, :len(PAYERS)].sum(axis=0).tolist(), strict=True)]
        keys, counts = np.unique(places[kept] * ABOVE_YEARS + facts.year[kept], return_counts=True)
        for key, bills in zip(keys.tolist(), counts.tolist(), strict=True):
            place, year = divmod(key, ABOVE_YEARS)
            counted = (books.name_at(place), year)
            self.books[counted] = self.books.get(counted, 0) + bills
            self.years.add(year)

    def as_dict(self) -> dict:
        """For --json: counts, and amounts in yuan as exact text."""
        return {"rows": self.rows, "settled": self.settled, "refused": self.refused, "persons": self.persons,
                "years": sorted(self.years - {0}),
                "books": [{"rules": name, "year": year or None, "bills": bills}
                          for (name, year), bills in sorted(self.books.items())],
                "billed": yuan(self.billed),
                **{payer: yuan(amount) for payer, amount in zip(PAYERS, self.paid, strict=True)}, "remarks": self.remarks}


class BadRows:
    """Faults of rows: told of at once (refuse), or written beside the output (skip)."""

    def __init__(self, file: str, header: list[str], path: Path | None) -> None:
        self.file, self.header, self.path = file, header, path
        self.first: list[InputError] = []
        self.out: CsvOut | None = None

    def add(self, block: Block, facts: Facts, found: dict[str, int], fate: np.ndarray) -> None:
        """The faults of a block, in the order of its rows."""
        rows = np.flatnonzero(fate != SETTLED).tolist()
        texts = block.rows() if rows and self.path else []
        for row in rows:
            if row in block.ragged:
                name, cell = "", f"{block.ragged[row]} cells"
                fault = RowFault("the row has", f"{len(self.header)}, as in the header")
            elif fate[row] in FATES:
                columns, problem, expected = FATES[fate[row]]
                name = next((column for column in columns if column in found), columns[-1])
                cell = str(facts.when[row]) if name in ("date", "order") else block.text(found[name])[row].as_py()
                fault = RowFault(problem, expected)
            else:
                name, cell, fault = facts.faults[row]
            title = self.header[found[name]] if name in found else name
            error = InputError(f"{title}: {fault.problem}:" if title else fault.problem, value=cell, expected=fault.expected,
                               suggestion=fault.suggestion, file=self.file, line=int(block.lines[row]))
            if self.path is None:
                self.first.append(error)
                if len(self.first) == SHOWN:
                    return
            else:
                self._write(error, texts[row])

    def _write(self, error: InputError, row: list[str]) -> None:
        if self.out is None:
            assert self.path is not None
            self.out = CsvOut(self.path, ["line", "fault", *self.header])
        line, error.file, error.line = error.line, None, None
        self.out.writer.writerow([line, str(error), *row])


def settle(claims: Path, books: RuleBooks, out: Path, *, on_error: str = "refuse", renamed: dict[str, str] | None = None,
           encoding: str = "utf-8", lang: str = "en", defaults: dict[str, int] | None = None,
           tell: Progress = lambda what, done, steps: None) -> Totals:
    """Settle every row of `claims` under its rule book and write it with the eleven payments to `out`.

    InputError with file and line for bad rows, and no output at all, unless `on_error` is `skip`: then bad rows go to
    `<out>.bad.csv`. Rows are settled in the file's order.
    """
    kind = suffix(out, "--out")
    source = open_claims(claims, encoding)
    try:
        if out.exists() and os.path.samefile(claims, out):
            raise InputError("--out:", value=str(out), expected="another file than the claims")
        found, remarks = find_columns(source.header, renamed or {}, source.file)
        refuse_columns(found, books.claims, source.header, source.file)
        payers = [LABELS[payer][1] if lang == "zh" else f"paid_{payer}" for payer in PAYERS]
        for name in payers:
            if name in source.header:
                raise InputError("a column that the settlement itself writes:", value=name, expected="claims without payments",
                                 next_step="rename the column", file=source.file, line=1)
        bad_path = out.with_name(f"{out.stem}.bad.csv")
        bad = BadRows(source.file, source.header, bad_path if on_error == "skip" else None)
        written = CsvOut(out, [*source.header, *payers]) if kind == ".csv" else ParquetOut(out, source.schema, payers)
        try:
            totals = _settle_blocks(source, books, found, defaults or {}, written, bad, tell)
            if bad.first:
                first = bad.first[0]
                first.others = tuple(bad.first[1:])
                raise first
            totals.remarks = remarks + remarks_on(found, books, totals.over_new_year, lang)
            if bad.out:
                bad.out.finish()
            elif on_error == "skip":
                bad_path.unlink(missing_ok=True)                # of an earlier run: it would speak of this one
            written.finish()
        except BaseException:
            written.discard()
            if bad.out:
                bad.out.discard()
            raise
    finally:
        source.close()
    return totals


def _settle_blocks(source: CsvClaims | ParquetClaims, books: RuleBooks, found: dict[str, int], defaults: dict[str, int],
                   written: CsvOut | ParquetOut, bad: BadRows, tell: Progress) -> Totals:
    """Every block in turn; after a fault under `refuse` rows are only read on for further faults."""
    totals, register = Totals(), Register(books.claims, found)
    own = {"chronic": chronic_groups(books.claims.chronic_groups)}
    if books.claims.tiers:
        own["tier"] = local_tiers(books.claims.tiers)
    for block in source.blocks():
        facts = read_block(block.text, found, len(block.lines), defaults, own)
        places, good = np.zeros(len(facts.when), dtype=np.int64), np.ones(len(facts.when), dtype=bool)
        good[[*facts.faults, *block.ragged]] = False                 # a day that cannot be read asks for no rules
        places[good], unknown = books.find((facts.when if "date" in found else places)[good])
        for n, error in unknown.items():
            row, fault = int(np.flatnonzero(good)[n]), RowFault("no rules are known", error.expected or str(error))
            facts.faults.setdefault(row, ("date", str(facts.when[row]), fault))
        rows = register.rows(facts, places)
        if books.claims.unstated:
            readable = np.setdiff1d(np.arange(len(block.lines)), [*facts.faults, *block.ragged])
            without = unstated_of(books.claims, books.terms(), rows[readable, Row.TERMS], facts.bills[readable])
            for n, (column, value, expected) in without.items():
                facts.faults.setdefault(int(readable[n]), (column, value, RowFault("the plan states no ratio for", expected)))
        fate = np.full(len(block.lines), SETTLED, dtype=np.int64)
        fate[[*facts.faults, *block.ragged]] = REFUSED
        paid = np.zeros((len(fate), LEFT), dtype=np.int64)
        settle_rows(books.terms(), register.rules, rows, facts.bills, register.people.years, register.families.years,
                    register.stays, paid, fate)
        kept = fate == SETTLED
        if not kept.all():
            bad.add(block, facts, found, fate)
            if len(bad.first) == SHOWN:
                break
        if not bad.first:
            written.write(block, kept, paid[:, :len(PAYERS)])
        totals.add(facts, kept, paid, books, places)
        tell("settle", source.done(), source.size)
    totals.persons = len(register.people.places.keys() - {""})
    totals.over_new_year = register.over_new_year
    return totals


def print_totals(totals: Totals, out: Path, lang: str) -> None:
    """Counts, then yuan by payer, one a line."""
    zh = lang == "zh"
    heads = ("结算行数", "退回行数", "参保人数") if zh else ("rows settled", "rows refused", "persons")
    for head, number in zip(heads, (totals.settled, totals.refused, totals.persons), strict=True):
        print(f"{head}\t{number}")
    for name, fen in (("billed", totals.billed), *zip(PAYERS, totals.paid, strict=True)):
        print(f"{LABELS[name][1] if zh else LABELS[name][0]}\t{yuan(fen)}")
    for (name, year), bills in sorted(totals.books.items()) if len(totals.books) > 1 else ():
        print(f"{name}{f', {year}' if year else ''}\t{bills}")
    if totals.refused:
        print(f"{'退回的行见' if zh else 'refused rows:'} {out.with_name(out.stem + '.bad.csv')}")
