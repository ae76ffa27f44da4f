"""Parameters back from a workbook: its rows become the files of a parameter folder, and every fault is told by its cell."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

from simulator.parameters.catalogue import CATALOGUE, PER
from simulator.parameters.errors import InputError, display_path, let_through, nearest, one_of
from simulator.parameters.files import check_regular
from simulator.parameters.load import FILES_OF_A_REGION, NO_REGIONS, REGION_NAME, Faults
from simulator.parameters.regions import Region, Regions
from simulator.parameters.show import DiffRow, diff_rows
from simulator.parameters.statements import STATEMENTS
from simulator.parameters.values import Entry
from simulator.workbook.parameter_book import COLUMNS_OF_REGIONS, COLUMNS_OF_VALUES, OF_A_VALUE, REGIONS_SHEET, VALUES_SHEET
from simulator.workbook.sheets import letter

LARGEST_BOOK = 64 * 2**20      # bytes
MOST_BOOK_ROWS = 200_000
NEEDED = ("region", "path", "from", "value", "unit", "status", "source")
NOT_IN_FILES = {"file", "line", "column", "before", "steps", "begun"}      # fields of an entry that no file states


class Cell(NamedTuple):
    """A cell of a workbook: its sheet, row and column (from 0)."""

    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        return f"{self.sheet}!{letter(self.column)}{self.row + 1}"


@dataclass
class ParameterFiles:
    """The text of each file (`linyi/funding.yaml`), and the cell that each of its lines comes from."""

    book: str
    texts: dict[str, str]
    cells: dict[str, dict[int, Cell]]

    def located(self, error: InputError) -> InputError:
        """A fault of these files, and the `others` of it, told by the cells that they come from."""
        found = [self._of_cell(one) for one in (error, *error.others)]
        found[0].others = tuple(found[1:])
        return found[0]

    def _of_cell(self, error: InputError) -> InputError:
        name = "/".join(Path(error.file).parts[-2:]) if error.file else ""
        cell = self.cells.get(name, {}).get(error.line or 0)
        place = f"{self.book}:{cell}" if cell else f"{self.book}:{VALUES_SHEET}" if name in self.cells else error.file
        return InputError(error.problem, value=error.value, expected=error.expected, suggestion=error.suggestion,
                          next_step=error.next_step, file=place)


def read_parameters(path: Path) -> ParameterFiles:
    """The parameter files that a workbook stands for. InputError, with the cell, for a sheet, a column, a region or a path that
    is none; what the values say is checked when the files are read."""
    from python_calamine import CalamineError, CalamineWorkbook
    check_regular(path, "workbook", "a file that `fundsim params export` has written", LARGEST_BOOK)
    shown = display_path(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=MOST_BOOK_ROWS)
                  for name in book.sheet_names if name in (VALUES_SHEET, REGIONS_SHEET)}
    except (CalamineError, OSError, ValueError) as error:
        let_through(error, shown)
        raise InputError(f"not a workbook: {' '.join(str(error).split())}", file=shown,
                         expected="a file that `fundsim params export` has written") from None
    for name in (VALUES_SHEET, REGIONS_SHEET):
        if name not in sheets:
            raise InputError("no sheet of this name:", value=name, file=shown,
                             expected=f"the sheets {VALUES_SHEET} and {REGIONS_SHEET}")
    faults, found = Faults(), ParameterFiles(shown, {}, {})
    regions = _regions(sheets[REGIONS_SHEET], found, faults)
    _values(sheets[VALUES_SHEET], regions, found, faults)
    faults.refuse()
    return found


def digest_of(layer: Mapping[str, tuple[Entry, ...]]) -> str:
    """A SHA-256 of what a region states, whatever file and line it stands in."""
    names = [field.name for field in fields(Entry) if field.name not in NOT_IN_FILES]
    rows = sorted(json.dumps([str(getattr(entry, name)) for name in names], ensure_ascii=False)
                  for entries in layer.values() for entry in entries)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def changed_rows(before: Region | None, after: Region) -> list[tuple[int, DiffRow]]:
    """What differs between a region and itself as it was, each once, with the first year in which it does."""
    if before is None:
        return []
    years = sorted({entry.from_.year for region in (before, after) for dated in region.layers[0].entries.values()
                    for entry in dated})
    found: dict[tuple[str, str, str], tuple[int, DiffRow]] = {}
    for year in years:
        for row in diff_rows(before, after, year):
            found.setdefault((row.path, row.a, row.b), (year, row))
    return list(found.values())


def digest_of_regions(regions: Regions, names: Iterable[str]) -> str:
    """One SHA-256 over what some regions state and descend from."""
    said = (f"{name} {regions.parents[name]} {sorted(regions[name].names.items())} {digest_of(regions[name].layers[0].entries)}\n"
            for name in sorted(names))
    return hashlib.sha256("".join(said).encode()).hexdigest()


# --- sheets to files --------------------------------------------------------------------------------


def _regions(rows: Sequence[Sequence[object]], found: ParameterFiles, faults: Faults) -> list[str]:
    """The regions of the sheet, each with its region.yaml."""
    header, at = _header(rows, REGIONS_SHEET, COLUMNS_OF_REGIONS, ("region", "en", "zh"), found.book)
    names: list[str] = []
    for row, cells in enumerate(rows[at + 1:], at + 1):
        said = {name: _text(cells[column]) if column < len(cells) else "" for name, column in header.items()}
        if not any(said.values()):
            continue
        name = said["region"]
        if not REGION_NAME.fullmatch(name) or name in NO_REGIONS or name in names:
            faults.take(InputError("not a name of a region, or one that stands twice:", value=name,
                                   expected="small letters, digits, - and _, a letter first, at most 40",
                                   file=f"{found.book}:{Cell(REGIONS_SHEET, row, header['region'])}"))
            continue
        names.append(name)
        file = _File(f"{name}/region.yaml")
        file.add("name:")
        file.add(f"  en: {_quoted(said['en'])}", Cell(REGIONS_SHEET, row, header["en"]))
        file.add(f"  zh: {_quoted(said['zh'])}", Cell(REGIONS_SHEET, row, header["zh"]))
        if said.get("parent"):
            file.add(f"parent: {_quoted(said['parent'])}", Cell(REGIONS_SHEET, row, header["parent"]))
        file.put(found)
    return names


def _values(rows: Sequence[Sequence[object]], regions: list[str], found: ParameterFiles, faults: Faults) -> None:
    """The files of all topics, from the rows of values."""
    header, at = _header(rows, VALUES_SHEET, COLUMNS_OF_VALUES, NEEDED, found.book)
    grouped: dict[str, dict[str, dict[str, list[tuple[int, dict[str, str]]]]]] = {}
    for row, cells in enumerate(rows[at + 1:], at + 1):
        said = {name: _text(cells[column]) if column < len(cells) else "" for name, column in header.items()}
        said.pop("parameter", None)
        if not any(said.values()):
            continue

        def fault(name: str, expected: str, suggestion: str | None = None, row: int = row, said: dict[str, str] = said) -> None:
            faults.take(InputError(f"{name}:", value=said[name], expected=expected, suggestion=suggestion,
                                   file=f"{found.book}:{Cell(VALUES_SHEET, row, header[name])}"))

        if said["region"] not in regions:
            fault("region", f"a region of the sheet {REGIONS_SHEET}: {one_of(regions)}", nearest(said["region"], regions))
            continue
        topic, *inside = said["path"].split(".")
        topics = FILES_OF_A_REGION[:-1]
        if topic not in topics:
            fault("path", f"a topic first, one of {one_of(topics)}", nearest(topic, topics))
            continue
        if len(inside) != (2 if topic not in CATALOGUE or PER[topic] is not None else 1) or not all(map(_is_key, inside)):
            fault("path", "topic.scheme.parameter, or topic.parameter where the topic has no schemes")
            continue
        missing = [name for name in NEEDED if not said[name]]
        for name in missing:
            fault(name, "a value: " + COLUMNS_OF_VALUES[name][0])
        if not missing:
            section = inside[0] if len(inside) == 2 else ""
            of_file = grouped.setdefault(f"{said['region']}/{topic}.yaml", {})
            of_file.setdefault(section, {}).setdefault(inside[-1], []).append((row, said))
    for name, sections in grouped.items():
        file = _File(name)
        for section, parameters in sections.items():
            if section:
                file.add(f"{section}:", Cell(VALUES_SHEET, next(iter(parameters.values()))[0][0], header["path"]))
            for parameter, dated in parameters.items():
                _parameter(file, "  " * bool(section), parameter, dated, header, found, faults)
        file.put(found)


def _parameter(file: _File, indent: str, name: str, dated: list[tuple[int, dict[str, str]]], header: dict[str, int],
               found: ParameterFiles, faults: Faults) -> None:
    """The block of one parameter, in order of its days."""
    first, said = dated[0]
    file.add(f"{indent}{name}:", Cell(VALUES_SHEET, first, header["path"]))
    file.add(f"{indent}  unit: {_quoted(said['unit'])}", Cell(VALUES_SHEET, first, header["unit"]))
    file.add(f"{indent}  values:", Cell(VALUES_SHEET, first, header["path"]))
    unit = _unit_of(said["path"].split(".")[0], name) or said["unit"]
    for row, other in dated:
        if other["unit"] != unit:
            faults.take(InputError("unit:", value=other["unit"], expected=f"'{unit}'",
                                   file=f"{found.book}:{Cell(VALUES_SHEET, row, header['unit'])}"))
        mark = "- "
        for field in OF_A_VALUE:
            if other.get(field):
                written = _as_yaml(other[field]) if field in ("value", "alternatives", "distribution") else _quoted(other[field])
                file.add(f"{indent}    {mark}{field}: {written}", Cell(VALUES_SHEET, row, header[field]))
                mark = "  "


def _unit_of(topic: str, name: str) -> str | None:
    """The unit of a parameter or statement; None where there is none of this name, which the reading of the files tells."""
    if topic == "law":
        return STATEMENTS[name].unit if name in STATEMENTS else None
    return CATALOGUE[topic][name].unit if name in CATALOGUE[topic] else None


class _File:
    """A parameter file while it is put together, line by line."""

    def __init__(self, name: str) -> None:
        self.name, self.lines, self.cells = name, list[str](), dict[int, Cell]()

    def add(self, line: str, cell: Cell | None = None) -> None:
        self.lines.append(line)
        if cell is not None:
            self.cells[len(self.lines)] = cell

    def put(self, found: ParameterFiles) -> None:
        found.texts[self.name] = "\n".join(self.lines) + "\n"
        found.cells[self.name] = self.cells


def _header(rows: Sequence[Sequence[object]], sheet: str, known: Iterable[str], needed: tuple[str, ...],
            book: str) -> tuple[dict[str, int], int]:
    """The column of each name that is known, and the row in which they stand."""
    known = tuple(known)
    for at, cells in enumerate(rows[:20]):
        found = {name: column for column, name in enumerate(map(_text, cells)) if name in known}
        if set(needed) <= set(found):
            return found, at
    raise InputError("no row with the names of the columns:", value=sheet, file=book, expected=one_of(needed, len(needed)))


def _is_key(text: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9_-]*", text) is not None


def _text(cell: object) -> str:
    """A cell as the text that a parameter file would have."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell!r}"
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return cell.strip() if isinstance(cell, str) else str(cell)


def _as_yaml(text: str) -> str:
    """A value: several in brackets as they stand, one in quotes."""
    return " ".join(text.split()) if text[0] in "{[" else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
