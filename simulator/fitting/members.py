"""A members file: who was insured from when to when, with year of birth, sex and class; the exposure to claims.

Columns are known by these titles: person as in a claims file; from, to (first and last day insured, empty: from or to the end of
the time that is looked at); birth (a day or a year) or age; sex; class.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from simulator.claims.cells import RowFault, count, read_cell, tidy_count, tidy_day, tidy_word, word_of
from simulator.claims.cells import begins as first_day
from simulator.claims.cells import ends as last_day
from simulator.claims.columns import BY_NAME, CLASS_WORDS, title_key
from simulator.claims.files import Opening, open_claims
from simulator.claims.identities import tidy_identities
from simulator.fitting.bills import MOST_FAULTS_TOLD, days_of
from simulator.parameters.catalogue import CLASSES
from simulator.parameters.errors import InputError, nearest, one_of

MALE, FEMALE = 0, 1
NOT_STATED = -1
SEX_WORDS = {**dict.fromkeys(("male", "m", "男", "男性", "1"), MALE), **dict.fromkeys(("female", "f", "女", "女性", "2"), FEMALE)}
MEMBER_TITLES = {
    "person": BY_NAME["person"].chinese,
    "from": ("insured_from", "参保开始日期", "参保起始日期", "待遇开始日期", "参保日期", "start"),
    "to": ("until", "insured_until", "参保结束日期", "待遇结束日期", "停保日期", "end"),
    "birth": ("birth_date", "born", "出生日期", "出生年月", "出生年份", "生日"),
    "age": ("年龄",), "sex": ("gender", "性别"),
    "class": ("member_class", "人员类别", "参保人员类别")}
MEMBER_COLUMNS = {title_key(title): name for name, titles in MEMBER_TITLES.items() for title in (name, *titles)}
OLDEST_BORN, OLDEST_AGE = 1850, 120
END_OF_DAYS = 10**7                 # a day after every other, counted from 1970-01-01


@dataclass
class Members:
    """Persons and their insured spans. Of P persons: `birth` (year), `sex`, `member_class`, NOT_STATED where unknown; of S spans:
    `person` (place among the persons), `first` and `last` day, counted from 1970-01-01."""

    places: dict[str, int]
    birth: np.ndarray
    sex: np.ndarray
    member_class: np.ndarray
    person: np.ndarray
    first: np.ndarray
    last: np.ndarray
    rows: int = 0
    passed: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.places)


def birth_year(text: str) -> int:
    """The year of birth of a day or a year. RowFault for anything else."""
    found = re.fullmatch(r"([0-9]{4})(?:[-/.年]?[0-9]{1,2}[-/.月]?(?:[0-9]{1,2}日?)?|年)?(?: .*|T.*)?", text)
    if not found or not OLDEST_BORN <= int(found[1]) <= 2100:
        raise RowFault("not a day of birth", f"a day as 1962-03-05, or a year, from {OLDEST_BORN} to 2100")
    return int(found[1])


def age_of(text: str) -> int:
    """An age in whole years. RowFault for what is none."""
    found = 0 if text == "0" else count(text)
    if found > OLDEST_AGE:
        raise RowFault("not an age", f"a whole number from 0 to {OLDEST_AGE}")
    return found


READERS = {"from": (first_day, tidy_day), "to": (last_day, tidy_day), "birth": (birth_year, tidy_word),
           "age": (age_of, tidy_count),
           "sex": (word_of(SEX_WORDS, ("male", "female", "男", "女")), tidy_word),
           "class": (word_of(CLASS_WORDS, CLASSES), tidy_word)}


def read_members(path: Path, lenient: bool = False, columns: dict[str, str] | None = None) -> Members:
    """The members in a CSV file, workbook or Parquet file; `columns` says what the file calls a column.

    InputError with file and line for rows that cannot be read or whose span ends before it begins, and for a file without
    persons. Spans of a person that meet are one; where rows of a person differ in birth, sex or class the first is taken. Both
    are counted.
    """
    renamed = columns or {}
    for name in renamed:
        if name not in MEMBER_TITLES:
            raise InputError("--member-column: no column", value=name, expected=one_of(MEMBER_TITLES),
                             suggestion=nearest(name, MEMBER_TITLES))
    source = open_claims(path, Opening(known=lambda title: title_key(title) in MEMBER_COLUMNS or title in renamed.values()))
    try:
        return _read(source, lenient, renamed)
    finally:
        source.close()


def _columns(source, renamed: dict[str, str]) -> dict[str, int]:
    """Where each column stands. InputError for one that is missing or there twice."""
    at: dict[str, int] = {}
    line = source.header_line or 1
    for name, title in renamed.items():
        if title not in source.header:
            raise InputError(f"no column for {name}:", value=title, expected=one_of(source.header),
                             suggestion=nearest(title, source.header), file=source.file, line=line)
        at[name] = source.header.index(title)
    for place, title in enumerate(source.header):
        name = MEMBER_COLUMNS.get(title_key(title), "")
        if not name or name in renamed or place in at.values():
            continue
        if name in at:
            raise InputError(f"two columns for {name}:", value=title, expected=f"one; the other is '{source.header[at[name]]}'",
                             next_step=f"say which by --member-column {name}=HEADER", file=source.file, line=line)
        at[name] = place
    if "person" not in at:
        raise InputError("no column person in the header", value=", ".join(source.header), expected="person (参保人)",
                         next_step="or say --member-column person=HEADER", file=source.file, line=line)
    return at


def _read(source, lenient: bool, renamed: dict[str, str]) -> Members:
    at = _columns(source, renamed)
    faults: list[InputError] = []
    places: dict[str, int] = {}
    done: Counter[str] = Counter()
    parts: dict[str, list[np.ndarray]] = {name: [] for name in ("person", *READERS)}
    rows = 0

    def fault(line: int, name: str, cell: str, found: RowFault) -> None:
        faults.append(InputError(f"{source.header[at[name]]}: {found.problem}:", value=cell, expected=found.expected,
                                 suggestion=found.suggestion, next_step=found.next_step, file=source.file, line=line))

    for block in source.blocks():
        texts = {name: pc.utf8_trim_whitespace(pc.fill_null(block.text(place), "")).dictionary_encode()
                 for name, place in at.items()}
        person, which = texts["person"].dictionary, texts["person"].indices.to_numpy(zero_copy_only=False)
        empty = pc.equal(person, "").to_numpy(zero_copy_only=False)[which]
        if empty.any():
            blank = [row for row in np.flatnonzero(empty).tolist() if not any(cell.strip() for cell in block.row(row))]
            done["empty rows"] += len(blank)
            empty[blank] = False
            keep = np.setdiff1d(np.arange(len(which)), blank)
        else:
            keep = np.arange(len(which))
        rows += len(keep)
        person, tidied, wrong = tidy_identities(person, True)
        done["persons' names tidied"] += sum(int(np.isin(which, list(those)).sum()) for those in tidied.values())
        for row in np.flatnonzero(np.isin(which, list(wrong))).tolist():
            if row in set(keep.tolist()):
                fault(int(block.lines[row]), "person", person[int(which[row])].as_py(), wrong[int(which[row])])
        parts["person"].append(np.array([places.setdefault(name, len(places)) for name in person.to_pylist()])[which][keep])
        values: dict[str, np.ndarray] = {}
        for name, (read, tidy) in READERS.items():
            values[name] = np.full(len(which), 0 if name in ("from", "to") else NOT_STATED, dtype=np.int64)
            if name not in at:
                continue
            indices = texts[name].indices.to_numpy(zero_copy_only=False)
            for place, cell in enumerate(texts[name].dictionary.to_pylist()):
                if not cell:
                    done[f"{name} not stated"] += int((indices[keep] == place).sum()) if name not in ("from", "to") else 0
                    continue
                try:
                    values[name][indices == place] = read_cell(cell, read, tidy, lenient, None)[0]
                except RowFault as found:
                    for row in np.flatnonzero(indices == place).tolist():
                        fault(int(block.lines[row]), name, cell, found)
        for row in np.flatnonzero((values["to"] > 0) & (values["from"] > values["to"])).tolist():
            fault(int(block.lines[row]), "to", str(values["to"][row]),
                  RowFault("the span ends before it begins", f"a day from {values['from'][row]} on"))
        for name in READERS:
            parts[name].append(values[name][keep])
        if len(faults) >= MOST_FAULTS_TOLD:
            break
    if faults:
        first, *others = sorted(faults, key=lambda one: one.line or 0)
        first.others = tuple(others)
        raise first
    if not rows:
        raise InputError("no members below the header", expected="a row for each insured span", file=source.file)
    columns = {name: np.concatenate(values) for name, values in parts.items()}
    passed = [title for place, title in enumerate(source.header) if place not in at.values()]
    return _of_columns(columns, places, rows, passed, done)


def _of_columns(columns: dict[str, np.ndarray], places: dict[str, int], rows: int, passed: list[str],
                done: Counter[str]) -> Members:
    person = columns["person"]
    first = np.where(columns["from"] > 0, days_of(columns["from"]), -END_OF_DAYS)
    endless = (columns["to"] == 0) | (columns["to"] >= 99_000_000)
    last = np.where(endless, END_OF_DAYS, days_of(np.where(endless, 0, columns["to"])))
    birth = columns["birth"]
    if (columns["age"] != NOT_STATED).any():
        year = np.where(columns["from"] > 0, columns["from"] // 10000, NOT_STATED)
        by_age = (birth == NOT_STATED) & (columns["age"] != NOT_STATED)
        done["ages without a day that they are of"] += int((by_age & (year == NOT_STATED)).sum())
        birth = np.where(by_age & (year != NOT_STATED), year - columns["age"], birth)
    facts = {}
    for name, values in (("birth", birth), ("sex", columns["sex"]), ("class", columns["class"])):
        found = np.full(len(places), NOT_STATED, dtype=np.int64)
        known = np.flatnonzero(values != NOT_STATED)
        found[person[known][::-1]] = values[known][::-1]              # the first row of a person is put in last
        done[f"rows that differ in {name}"] += int((values[known] != found[person[known]]).sum())
        facts[name] = found
    kept, first, last = _apart(person, first, last)
    done["spans that meet"] += len(person) - len(kept)
    return Members(places, facts["birth"], facts["sex"], facts["class"], kept, first, last, rows, passed, +done)


def _apart(person: np.ndarray, first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spans of which none of one person meets another: person, first and last day of each."""
    order = np.lexsort((first, person))
    person, first, last = person[order], first[order], last[order]
    reach = last + person * (4 * END_OF_DAYS)                    # so that a running maximum begins anew with each person
    before = np.concatenate([[-(10**18)], np.maximum.accumulate(reach)[:-1]])
    new = first + person * (4 * END_OF_DAYS) > before + 1
    begins = np.flatnonzero(new)
    return person[begins], first[begins], np.maximum.reduceat(last, begins)
