"""Settle a claims file: any claims through any plan, with each person's year carried along (docs/claims.md)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simulator.law.rows import BACKWARDS, NO_STAY_RULES, REFUSED, SETTLED, STAY, Years, empty_years, plain_rows, settle_rows
from simulator.money import yuan
from simulator.parameters.errors import InputError
from simulator.slip.claim_columns import Facts, RowFault, find_columns, read_block
from simulator.slip.claim_files import (
    Block,
    CsvClaims,
    CsvOut,
    ParquetClaims,
    ParquetOut,
    open_claims,
    suffix,
)
from simulator.slip.words import LABELS
from simulator.tables import LEFT, PAYERS, Fact

SHOWN = 20                      # faults told of before the reading stops
Progress = Callable[[str, int, int], None]


@dataclass
class Totals:
    """What a file came to; amounts in fen. `paid` is by payer, in the order of tables.PAYERS."""

    rows: int = 0
    settled: int = 0
    persons: int = 0
    billed: int = 0
    paid: list[int] = field(default_factory=lambda: [0] * len(PAYERS))
    years: set[int] = field(default_factory=set)
    remarks: list[str] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return self.rows - self.settled

    def as_dict(self) -> dict:
        """For --json: counts, and amounts in yuan as exact text."""
        return {"rows": self.rows, "settled": self.settled, "refused": self.refused, "persons": self.persons,
                "years": sorted(self.years - {0}), "billed": yuan(self.billed),
                **{payer: yuan(amount) for payer, amount in zip(PAYERS, self.paid, strict=True)}, "remarks": self.remarks}


class People:
    """Each person's state of the year, kept from block to block: about 150 bytes a person and the name."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.years = empty_years(1024)

    def find(self, names: list[str]) -> np.ndarray:
        """The places of persons, int64; those not seen before get one."""
        places = self.places
        found = np.array([places.setdefault(name, len(places)) for name in names], dtype=np.int64)
        while len(places) > len(self.years.marks):
            self.years = Years(*(np.concatenate([table, np.zeros_like(table)]) for table in self.years))
        return found


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
            elif fate[row] == BACKWARDS:
                name = "date" if "date" in found else "order"
                cell = str(facts.when[row])
                fault = RowFault("goes backwards within the person", "bills in the order of discharge")
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


def settle(claims: Path, terms: np.ndarray, out: Path, *, on_error: str = "refuse", renamed: dict[str, str] | None = None,
           encoding: str = "utf-8", lang: str = "en", defaults: dict[str, int] | None = None,
           tell: Progress = lambda what, done, steps: None) -> Totals:
    """Settle every row of `claims` under a row of plan terms and write it with the eleven payments to `out`.

    InputError with file and line for bad rows, and no output at all, unless `on_error` is `skip`: then bad rows go to
    `<out>.bad.csv`. Rows are settled in the file's order.
    """
    kind = suffix(out, "--out")
    source = open_claims(claims, encoding)
    try:
        if out.exists() and os.path.samefile(claims, out):
            raise InputError("--out:", value=str(out), expected="another file than the claims")
        found, remarks = find_columns(source.header, renamed or {}, source.file)
        payers = [LABELS[payer][1] if lang == "zh" else f"paid_{payer}" for payer in PAYERS]
        for name in payers:
            if name in source.header:
                raise InputError("a column that the settlement itself writes:", value=name, expected="claims without payments",
                                 next_step="rename the column", file=source.file, line=1)
        bad_path = out.with_name(f"{out.stem}.bad.csv")
        bad = BadRows(source.file, source.header, bad_path if on_error == "skip" else None)
        written = CsvOut(out, [*source.header, *payers]) if kind == ".csv" else ParquetOut(out, source.schema, payers)
        try:
            totals = _settle_blocks(source, terms, found, defaults or {}, written, bad, tell)
            if bad.first:
                first = bad.first[0]
                first.others = tuple(bad.first[1:])
                raise first
            totals.remarks = remarks
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


def _settle_blocks(source: CsvClaims | ParquetClaims, terms: np.ndarray, found: dict[str, int], defaults: dict[str, int],
                   written: CsvOut | ParquetOut, bad: BadRows, tell: Progress) -> Totals:
    """Every block in turn; after a fault under `refuse` rows are only read on for further faults."""
    totals, people = Totals(), People()
    for block in source.blocks():
        facts = read_block(block.text, found, len(block.lines), defaults)
        fate = np.full(len(block.lines), SETTLED, dtype=np.int64)
        fate[[*facts.faults, *block.ragged]] = REFUSED
        paid = np.zeros((len(fate), LEFT), dtype=np.int64)
        places = people.find(facts.people)
        settle_rows(terms[None], NO_STAY_RULES, plain_rows(places[facts.who], facts.when, facts.year), facts.bills, people.years,
                    empty_years(0), np.zeros((0, STAY), dtype=np.int64), paid, fate)
        kept = fate == SETTLED
        if not kept.all():
            bad.add(block, facts, found, fate)
            if len(bad.first) == SHOWN:
                break
        if not bad.first:
            written.write(block, kept, paid[:, :len(PAYERS)])
        totals.rows += len(fate)
        totals.settled += int(kept.sum())
        totals.billed += int(facts.bills[kept, Fact.BILLED].sum())
        totals.paid = [a + b for a, b in zip(totals.paid, paid[kept, :len(PAYERS)].sum(axis=0).tolist(), strict=True)]
        totals.years.update(np.unique(facts.year[kept]).tolist())
        tell("settle", source.done(), source.size)
    totals.persons = len(people.places.keys() - {""})
    return totals


def print_totals(totals: Totals, out: Path, lang: str) -> None:
    """Counts, then yuan by payer, one a line."""
    zh = lang == "zh"
    heads = ("结算行数", "退回行数", "参保人数") if zh else ("rows settled", "rows refused", "persons")
    for head, number in zip(heads, (totals.settled, totals.refused, totals.persons), strict=True):
        print(f"{head}\t{number}")
    for name, fen in (("billed", totals.billed), *zip(PAYERS, totals.paid, strict=True)):
        print(f"{LABELS[name][1] if zh else LABELS[name][0]}\t{yuan(fen)}")
    if totals.refused:
        print(f"{'退回的行见' if zh else 'refused rows:'} {out.with_name(out.stem + '.bad.csv')}")
