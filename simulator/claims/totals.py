"""What a claims file came to: counts, yuan by payer, and what was done to how many rows, in both languages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simulator.claims.rule_books import RuleBooks
from simulator.claims.words import WHAT_WAS_DONE
from simulator.law.rows import Row
from simulator.money import yuan
from simulator.parameters.errors import shown
from simulator.slip.words import LABELS
from simulator.tables import PAYERS

ABOVE_YEARS = 10_000            # more than any year's number


@dataclass
class Totals:
    """What a file came to; amounts in fen. `paid` is by payer, in the order of tables.PAYERS; `done` counts, by column and kind,
    what was done to cells and rows."""

    rows: int = 0                   # without empty ones and totals
    settled: int = 0
    left_out: int = 0               # repeated and replaced ones
    persons: int = 0
    billed: int = 0
    paid: list[int] = field(default_factory=lambda: [0] * len(PAYERS))
    years: set[int] = field(default_factory=set)               # insured years
    books: dict[tuple[str, int], int] = field(default_factory=dict)          # rule book and insured year -> bills
    remarks: list[str] = field(default_factory=list)
    over_new_year: int = 0          # stays that began in an earlier insured year than they ended
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    passed: list[str] = field(default_factory=list)            # columns that are not read
    weighted: list[int] | None = None                          # billed and paid times weight, in fen / 10,000
    encoding: str = ""

    @property
    def refused(self) -> int:
        return self.rows - self.settled - self.left_out

    def add(self, rows: np.ndarray, billed: np.ndarray, kept: np.ndarray, paid: np.ndarray, books: RuleBooks) -> None:
        """Count settled rows: `rows` int64[n, ROW_FACTS], `billed` int64[n] (below 0 where taken back), `kept` bool[n]."""
        self.settled += int(kept.sum())
        self.billed += int(billed[kept].sum())
        self.paid = [a + b for a, b in zip(self.paid, paid[kept, :len(PAYERS)].sum(axis=0).tolist(), strict=True)]
        keys, counts = np.unique(rows[kept, Row.TERMS] * ABOVE_YEARS + rows[kept, Row.YEAR], return_counts=True)
        for key, bills in zip(keys.tolist(), counts.tolist(), strict=True):
            place, year = divmod(key, ABOVE_YEARS)
            counted = (books.name_at(place), year)
            self.books[counted] = self.books.get(counted, 0) + bills
            self.years.add(year)

    def weigh(self, weights: np.ndarray, billed: np.ndarray, paid: np.ndarray) -> None:
        """Add settled rows times their weights, int64[n] in 1/10,000: exact, for high and low digits are summed apart."""
        sums = []
        for amounts in (billed, *paid[:, :len(PAYERS)].T):
            high, low = np.divmod(amounts * weights, 1_000_000)
            sums.append(int(high.sum()) * 1_000_000 + int(low.sum()))
        self.weighted = sums if self.weighted is None else [a + b for a, b in zip(self.weighted, sums, strict=True)]

    def as_dict(self) -> dict:
        """For --json: counts, and amounts in yuan as exact text."""
        weighted = {} if self.weighted is None else {"weighted": {
            name: _weighted(amount) for name, amount in zip(("billed", *PAYERS), self.weighted, strict=True)}}
        return {"rows": self.rows, "settled": self.settled, "refused": self.refused, "left_out": self.left_out,
                "persons": self.persons, "years": sorted(self.years - {0}),
                "books": [{"rules": name, "year": year or None, "bills": bills}
                          for (name, year), bills in sorted(self.books.items())],
                "billed": yuan(self.billed),
                **{payer: yuan(amount) for payer, amount in zip(PAYERS, self.paid, strict=True)}, **weighted,
                "done": [{"column": column, "what": kind, "rows": rows} for (column, kind), rows in sorted(self.done.items())],
                "passed_through": self.passed, "encoding": self.encoding, "remarks": self.remarks}


def _weighted(amount: int) -> str:
    """Yuan of fen in 1/10,000, half away from zero."""
    whole = (abs(amount) + 5000) // 10_000
    return yuan(-whole if amount < 0 else whole)


def print_totals(totals: Totals, out: Path, lang: str) -> None:
    """Counts, yuan by payer, and what was done to cells and rows, one a line."""
    zh = lang == "zh"
    heads = ("结算行数", "退回行数", "参保人数") if zh else ("rows settled", "rows refused", "persons")
    for head, number in zip(heads, (totals.settled, totals.refused, totals.persons), strict=True):
        print(f"{head}\t{number}")
    if totals.left_out:
        print(f"{'略去行数' if zh else 'rows left out'}\t{totals.left_out}")
    weighted: list[int | None] = [None] * (len(PAYERS) + 1) if totals.weighted is None else list(totals.weighted)
    for name, fen, heavy in zip(("billed", *PAYERS), (totals.billed, *totals.paid), weighted, strict=True):
        print(f"{LABELS[name][1] if zh else LABELS[name][0]}\t{yuan(fen)}" + ("" if heavy is None else f"\t{_weighted(heavy)}"))
    for (name, year), bills in sorted(totals.books.items()) if len(totals.books) > 1 else ():
        print(f"{name}{f', {year}' if year else ''}\t{bills}")
    for (column, kind), rows in sorted(totals.done.items()):
        print(f"{column}{': ' if column else ''}{WHAT_WAS_DONE[kind][zh]}\t{rows}")
    if totals.passed:
        print(f"{'未读取、原样保留的列' if zh else 'columns passed through'}\t{shown(', '.join(totals.passed))}")
    if totals.encoding not in ("", "utf-8"):
        print(f"{'文件编码' if zh else 'encoding of the file'}\t{totals.encoding}")
    for count, ending, text in ((totals.refused, "bad", ("refused rows:", "退回的行见")),
                                (totals.left_out, "left-out", ("rows left out:", "略去的行见"))):
        if count:
            print(f"{text[zh]} {out.with_name(f'{out.stem}.{ending}.csv')}")
