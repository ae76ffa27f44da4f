"""A claims file as columns of numbers for fitting: read as `settle` reads it, with every row accounted for.

What another row takes back, replaces or repeats is left out as in a settlement (claims/life.py), interim bills of a stay are one
admission, and each is counted.
"""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from simulator.claims.cells import RowFault, day, read_cell, tidy_day
from simulator.claims.columns import KEYS_OF_TITLES, title_key
from simulator.claims.facts import Facts, Reader
from simulator.claims.files import Block, Opening, Source, open_claims
from simulator.claims.header import Found, find_columns, known_titles
from simulator.claims.life import REPEATED_ROW, REPLACED_ROW, TAKES_BACK, Numbers, Rows, arrange
from simulator.claims.mapping import ClaimsMap
from simulator.law.rows import REFUSED, ROW_FACTS, SETTLED, Row
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.tables import FACTS, INPATIENT, Fact

MOST_FAULTS_TOLD = 20
KEPT_FACTS = (Fact.KIND, Fact.TIER, Fact.BILLED, Fact.ELIGIBLE, Fact.ILLNESS, Fact.DAYS, Fact.CHRONIC, Fact.MEMBER_CLASS)
UNKNOWN_DAY = -1


@dataclass
class Bills:
    """The n bills of a file that count, int64[n] each; amounts in fen, days counted from 1970-01-01.

    `names`: the different persons, of which `person` says the place. `reported` is UNKNOWN_DAY where no day of report is known.
    `done` counts rows and cells by what was done to them, `refused` lists rows that could not be read (line, why).
    """

    names: list[str]
    person: np.ndarray
    day: np.ndarray
    reported: np.ndarray
    facts: dict[Fact, np.ndarray]
    rows: int = 0                                             # of the file, without empty ones and totals
    has: frozenset[str] = frozenset()                         # columns that the file states
    passed: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: list[tuple[int, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.day)

    @property
    def yuan(self) -> np.ndarray:
        """Billed amounts in yuan, float64[n]."""
        return self.facts[Fact.BILLED] / 100.0

    @property
    def inpatient(self) -> np.ndarray:
        """Whether a bill is an admission, bool[n]."""
        return self.facts[Fact.KIND] == INPATIENT

    def only(self, kept: np.ndarray) -> Bills:
        """The bills of `kept` bool[n]."""
        return Bills(self.names, self.person[kept], self.day[kept], self.reported[kept],
                     {fact: values[kept] for fact, values in self.facts.items()}, self.rows, self.has, self.passed, self.done,
                     self.cells, self.refused)


def days_of(stamps: np.ndarray) -> np.ndarray:
    """Days counted from 1970-01-01 of days YYYYMMDD, int64[n]; UNKNOWN_DAY of 0."""
    different, which = np.unique(stamps, return_inverse=True)
    epoch = datetime.date(1970, 1, 1).toordinal()
    known = [UNKNOWN_DAY if stamp == 0 else
             datetime.date(stamp // 10000, stamp // 100 % 100, stamp % 100).toordinal() - epoch for stamp in different.tolist()]
    return np.array(known, dtype=np.int64)[which] if len(known) else np.zeros(0, dtype=np.int64)


def calendar(days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The years and the months counted from 1970-01 of days, int64[n] each."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return 1970 + months // 12, months


def read_bills(path: Path, mapping: ClaimsMap, reported: str | None = None, skip: bool = False) -> Bills:
    """The bills of a claims file; `reported` is the title of the column with the day on which a bill was reported.

    InputError with file and line for rows that cannot be read, unless they are to be skipped; for a file without days, without
    bills, or with weights.
    """
    titles = known_titles(mapping.stated)
    source = open_claims(path, Opening(mapping.encoding or "auto", mapping.sheet, mapping.header_line,
                                       lambda title: title in titles or title_key(title) in KEYS_OF_TITLES))
    try:
        return _Reading(source, mapping, reported, skip).read()
    finally:
        source.close()


class _Reading:
    """One reading of a claims file."""

    def __init__(self, source: Source, mapping: ClaimsMap, reported: str | None, skip: bool) -> None:
        self.source, self.mapping, self.skip = source, mapping, skip
        header = source.header
        if reported is not None and reported not in header:
            raise InputError("--reported: no such column:", value=reported, expected=one_of(header),
                             suggestion=nearest(reported, header), file=source.file, line=source.header_line or 1)
        self.reported = None if reported is None else header.index(reported)
        passed = (*mapping.passed, *([] if reported is None else [reported]))
        self.found: Found = find_columns(header, mapping.stated, passed, source.file, source.header_line or 1)
        if "date" not in self.found:
            raise InputError("no column date in the header", value=", ".join(header),
                             expected="date (出院日期): rates are claims a person-year", file=source.file,
                             line=source.header_line or 1, next_step="or say --column date=HEADER")
        if "weight" in self.found:
            raise InputError("a column of weights:", value=header[self.found.at["weight"]] if "weight" in self.found.at else "1",
                             expected="a row for each claim, as it was filed", file=source.file, line=source.header_line or 1,
                             next_step="--pass-through takes each row as one claim")
        self.reader = Reader(self.found, {}, {}, mapping.lenient, mapping.file)
        self.people: dict[str, int] = {}
        self.stays: dict[tuple[int, str], int] = {}
        self.numbers = Numbers()
        self.faults: list[InputError] = []
        self.done: Counter[str] = Counter()
        self.columns: dict[str, list[np.ndarray]] = {name: [] for name in (
            "person", "when", "reported", "fate", "lines", "minus", "flagged", "claim", "original", "stay", "facts")}
        self.all_faults: dict[int, tuple[str, str, RowFault]] = {}
        self.rows = 0

    def read(self) -> Bills:
        for block in self.source.blocks():
            self._take(block)
            if not self.skip and len(self.faults) >= MOST_FAULTS_TOLD:
                break
        self._refuse()
        if not self.columns["when"]:
            raise InputError("no rows below the header", expected="a row for each claim", file=self.source.file)
        columns = {name: np.concatenate(parts) for name, parts in self.columns.items()}
        kept = self._arranged(columns)
        self._refuse()
        kept = kept & self._joined(columns, kept)
        facts = columns["facts"][kept]
        bills = Bills(list(self.people), columns["person"][kept], days_of(columns["when"][kept]), columns["reported"][kept],
                      {fact: facts[:, n] for n, fact in enumerate(KEPT_FACTS)}, self.rows,
                      frozenset({*self.found.at, *self.found.always}), self.found.passed, +self.done, +self.reader.done,
                      [(error.line or 0, str(error)) for error in self.faults])
        if not len(bills):
            raise InputError("no row that counts as a claim", value=f"{self.rows} rows read", expected="claims",
                             file=self.source.file)
        return bills

    def _refuse(self) -> None:
        """InputError with the faults so far, unless they are skipped."""
        if self.faults and not self.skip:
            first, *others = self.faults
            first.others = tuple(others)
            raise first

    def _fault(self, line: int, name: str, cell: str, fault: RowFault) -> None:
        at = self.found.at.get(name)
        title = self.source.header[at] if at is not None else name
        self.faults.append(InputError(f"{title}: {fault.problem}:" if title else f"{fault.problem}:", value=cell,
                                      expected=fault.expected, suggestion=fault.suggestion, next_step=fault.next_step,
                                      file=self.source.file, line=line))

    def _take(self, block: Block) -> None:
        """Read one block into the columns."""
        facts, size = self.reader.facts(block), len(block.lines)
        for row, cells in block.ragged.items():
            if row not in facts.no_data:
                wanted = f"{len(self.source.header)}, as in the header"
                facts.faults[row] = ("", f"{cells} cells", RowFault("the row has", wanted))
        reported = self._reported(block, facts)
        for kind in facts.no_data.values():
            self.done[f"{kind} rows"] += 1
        fate = np.full(size, SETTLED, dtype=np.int64)
        fate[[*facts.faults, *facts.no_data]] = REFUSED
        for row in sorted(facts.faults):
            if row not in facts.no_data:
                self._fault(int(block.lines[row]), *facts.faults[row])
                self.done["refused"] += 1
        self.rows += size - len(facts.no_data)
        uninsured = (facts.when < facts.more.get("insured_from", facts.when)) | (
            (until := facts.more.get("insured_until", np.zeros(size, dtype=np.int64))) > 0) & (facts.when > until)
        uninsured &= fate == SETTLED
        self.done["uninsured"] += int(uninsured.sum())
        fate[uninsured] = REFUSED
        places = np.array([self.people.setdefault(name, len(self.people)) if name else -1 for name in facts.people.to_pylist()],
                          dtype=np.int64)
        claim, original = self.numbers.of(facts)
        flagged = facts.more.get("reversal", np.zeros(size, dtype=np.int64)) == 1
        person = places[facts.who] if len(places) else np.full(size, -1)
        taken = {"person": person, "when": facts.when, "reported": reported, "fate": fate, "lines": block.lines,
                 "minus": facts.minus, "flagged": flagged, "claim": claim, "original": original,
                 "stay": self._stays(facts, person), "facts": facts.bills[:, KEPT_FACTS]}
        for name, values in taken.items():
            self.columns[name].append(values)

    def _reported(self, block: Block, facts: Facts) -> np.ndarray:
        """Days of report, UNKNOWN_DAY where the cell is empty."""
        stamps = np.zeros(len(block.lines), dtype=np.int64)
        if self.reported is None:
            return days_of(stamps)
        coded = pc.utf8_trim_whitespace(pc.fill_null(block.text(self.reported), "")).dictionary_encode()
        which = coded.indices.to_numpy(zero_copy_only=False)
        for place, cell in enumerate(coded.dictionary.to_pylist()):
            try:
                stamps[which == place] = read_cell(cell, day, tidy_day, self.mapping.lenient, 0)[0] if cell else 0
            except RowFault as fault:
                for row in np.flatnonzero(which == place).tolist():
                    facts.fault(row, self.source.header[self.reported], cell, fault)
        early = (stamps > 0) & (facts.when > 0) & (stamps < facts.when)
        self.done["reported before discharge"] += int(early.sum())
        return days_of(np.where(early, facts.when, stamps))

    def _stays(self, facts: Facts, person: np.ndarray) -> np.ndarray:
        """The place of each admission's stay, -1 where it has none that is named."""
        if not len(facts.stays):
            return np.full(len(person), -1, dtype=np.int64)
        stays = facts.stays.to_pylist()
        named = [(int(who), stays[stay]) for who, stay in zip(person.tolist(), facts.stay.tolist(), strict=True)]
        return np.array([self.stays.setdefault(key, len(self.stays)) if key[1] and kind == INPATIENT else -1
                         for key, kind in zip(named, facts.bills[:, Fact.KIND].tolist(), strict=True)], dtype=np.int64)

    def _arranged(self, columns: dict[str, np.ndarray]) -> np.ndarray:
        """Which rows count, bool[n]: those that no other row takes back, replaces or repeats, and that do none of it."""
        fate, numbers = columns["fate"], columns["claim"][columns["claim"] >= 0]
        if not (columns["minus"].any() or columns["flagged"].any() or (columns["original"] >= 0).any()
                or len(np.unique(numbers)) < len(numbers)):
            return fate == SETTLED
        count = len(fate)
        rows, bills = np.full((count, ROW_FACTS), -1, dtype=np.int64), np.zeros((count, FACTS), dtype=np.int64)
        rows[:, Row.PERSON], rows[:, Row.WHEN], rows[:, Row.UNDONE] = columns["person"], columns["when"], 0
        bills[:, KEPT_FACTS] = columns["facts"]
        file = Rows(rows, bills, fate.copy(), columns["lines"], columns["minus"], columns["flagged"], columns["claim"],
                    columns["original"], np.zeros(count, dtype=bool))
        counted: Counter[tuple[str, str]] = Counter()
        arrange(file, self.mapping.repeated or "refuse", self.mapping.lenient, counted)
        for row, (name, cell, fault) in sorted(file.faults.items()):
            self._fault(int(file.lines[row]), name, cell, fault)
            self.done["refused"] += 1
        undone = rows[:, Row.UNDONE] == 1
        for kind, those in (("taking back", file.fate == TAKES_BACK), ("taken back", undone),
                            ("replaced", file.fate == REPLACED_ROW), ("repeated", file.fate == REPEATED_ROW)):
            self.done[kind] += int(those.sum())
        return (file.fate == SETTLED) & ~undone

    def _joined(self, columns: dict[str, np.ndarray], kept: np.ndarray) -> np.ndarray:
        """Interim bills of a stay become its last: it gets their amounts and days, the others are not counted, bool[n]."""
        stay, keep = columns["stay"], np.ones(len(kept), dtype=bool)
        of_stays = np.flatnonzero(kept & (stay >= 0))
        if not len(of_stays):
            return keep
        order = of_stays[np.lexsort((columns["when"][of_stays], stay[of_stays]))]
        last = np.concatenate([stay[order][1:] != stay[order][:-1], [True]])
        group = np.concatenate([[0], np.cumsum(last)[:-1]])
        for fact in (Fact.BILLED, Fact.ELIGIBLE, Fact.DAYS):
            at = KEPT_FACTS.index(fact)
            columns["facts"][order[last], at] = np.bincount(group, columns["facts"][order, at].astype(float)).astype(np.int64)
        keep[order[~last]] = False
        self.done["interim bills"] += int((~last).sum())
        return keep
