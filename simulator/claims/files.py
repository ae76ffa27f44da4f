"""Claims files, CSV, Parquet and spreadsheets: the header found, then blocks of rows with the line of each."""

from __future__ import annotations

import csv
import datetime
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from simulator.claims.text import encoding_of, pieces
from simulator.parameters.errors import InputError, display_path, let_through, nearest, one_of
from simulator.parameters.files import check_regular

BLOCK = 32_768                  # rows
HEADER_WITHIN = 20              # lines: titles above the header are no more
SEPARATORS = ",\t;|"
SHEETS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
OUTPUT_ENDINGS = (".csv", ".parquet", ".xlsx")
READ = (".csv", ".txt", ".tsv", ".parquet", *SHEETS)
EXACT_DIGITS = 15               # of a whole number in a spreadsheet: later ones are lost


@dataclass(frozen=True)
class Opening:
    """How a file is opened: what is declared of it, and which titles of columns are known."""

    encoding: str = "auto"
    sheet: str | None = None
    header_line: int | None = None
    known: Callable[[str], bool] = lambda title: False


@dataclass
class Block:
    """Some rows of a file; `lines` says where each stands, `ragged` how many cells a row of the wrong length has."""

    batch: pa.RecordBatch
    lines: np.ndarray
    ragged: dict[int, int]
    _different: dict[int, tuple[pa.Array, np.ndarray]] = field(default_factory=dict)

    def different(self, column: int) -> tuple[pa.Array, np.ndarray]:
        """The different texts of a column without blanks around them, and each row's place among them; cells that are no text are
        told apart before they are made text, and texts that differ in their blanks are named twice."""
        if column not in self._different:
            cells = self.batch.column(column)
            if pa.types.is_string(cells.type):
                cells = pc.utf8_trim_whitespace(pc.fill_null(cells, ""))
            elif not _is_plain(cells.type):
                cells = pc.fill_null(self.text(column), "")
            coded = cells.dictionary_encode(null_encoding="encode")
            texts = pc.utf8_trim_whitespace(pc.fill_null(pc.cast(coded.dictionary, pa.string()), ""))
            self._different[column] = texts, coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        return self._different[column]

    def text(self, column: int) -> pa.Array:
        """A column's cells as text."""
        cells = self.batch.column(column)
        if pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        return cells if pa.types.is_string(cells.type) else pc.cast(cells, pa.string())

    def row(self, row: int) -> list[str]:
        """A row's cells as text."""
        return [self.slice(row).text(column)[0].as_py() or "" for column in range(self.batch.num_columns)]

    def slice(self, row: int) -> Block:
        """One row as a block."""
        return Block(self.batch.slice(row, 1), self.lines[row:row + 1], {})


def _is_plain(kind: pa.DataType) -> bool:
    """Whether cells of a type can be told apart as they are."""
    return pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_integer(kind)


def _of_cells(cells: Sequence[Sequence[str]], width: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([row[column] for row in cells], pa.string()) for column in range(width)],
                                      names=[str(column) for column in range(width)])


def _fitted(row: list[str], width: int, at: int, ragged: dict[int, int]) -> list[str]:
    """A row with as many cells as the header; empty ones behind it count for nothing, others for a row of the wrong length."""
    if any(row[width:]) or len(row) < width and any(row):
        ragged[at] = len(row)
    return (row + [""] * width)[:width]


def _header_among(rows: Sequence[Sequence[str]], known: Callable[[str], bool]) -> tuple[int, int]:
    """Which row is the header: the first with cells, unless a later one has two or more known titles and it has fewer. Also how
    many known titles it has."""
    counts = [len({title for cell in row if known(title := cell.strip())}) for row in rows]
    first = next((at for at, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)
    if counts and counts[first] < 2 <= max(counts):
        first = counts.index(max(counts))
    return first, counts[first] if counts else 0


class CsvClaims:
    """A CSV file: its header, then blocks. Commas, tabs, semicolons or bars between cells, by the header."""

    def __init__(self, path: Path, opening: Opening) -> None:
        self.file, self.size = display_path(path), path.stat().st_size
        self.encoding, skip = encoding_of(path, opening.encoding, self.file)
        self._raw: BinaryIO = path.open("rb")
        self._pieces = pieces(self._raw, self.encoding, skip)
        self._first = next(self._pieces, b"")
        self.separator = max(SEPARATORS, key=lambda separator: self._promise(separator, opening))
        self._line = 1
        self.header = [title.strip() for title in self._take_header(opening)]
        if not any(self.header):
            raise InputError("the file is empty", expected="a header with the names of the columns", file=self.file, line=1)
        self.schema = pa.schema([(title, pa.string()) for title in self.header])
        self.header_line = self._line - 1

    def done(self) -> int:
        """Bytes read so far."""
        return self._raw.tell()

    def _lines(self) -> list[str]:
        text = self._first[:1 << 16].decode("utf-8", "replace")
        return text.splitlines(keepends=True)[:HEADER_WITHIN]

    def _promise(self, separator: str, opening: Opening) -> tuple[int, int]:
        """How much a separator makes of the first lines: known titles, then cells of the header."""
        try:
            rows = list(csv.reader(self._lines(), delimiter=separator))
        except csv.Error:
            return 0, 0
        at, known = _header_among(rows, opening.known)
        return known, min(len(rows[at]), 2) if rows else 0

    def _take_header(self, opening: Opening) -> list[str]:
        """The header's cells; what stands before it, and itself, is cut off from the first piece."""
        lines = self._first.decode("utf-8", "replace").splitlines(keepends=True) if self._first else []
        sniffed = list(csv.reader(self._lines(), delimiter=self.separator))
        wanted = _header_among(sniffed, opening.known)[0]
        reader = csv.reader(lines, delimiter=self.separator, strict=True)
        row: list[str] = []
        for at in range(len(lines)):
            try:
                row = next(reader, [])
            except csv.Error as error:
                raise _no_csv(error, self.file, reader.line_num) from None
            if opening.header_line is not None and reader.line_num >= opening.header_line or (
                    opening.header_line is None and at >= wanted and row):
                break
        cut = sum(len(line.encode()) for line in lines[:reader.line_num])
        self._first, self._line = self._first[cut:], reader.line_num + 1
        return row

    def blocks(self) -> Iterator[Block]:
        """Rows in blocks; empty lines are no rows, rows of the wrong length are filled up and named in `ragged`."""
        piece: bytes | None = self._first
        while piece is not None:
            yield from self._parsed(piece) or self._read_slowly(piece)
            self._line += piece.count(b"\n")
            piece = next(self._pieces, None)

    def _parsed(self, piece: bytes) -> list[Block]:
        """The blocks of a piece without quotes and empty lines, all its rows as wide as the header; none where that is not so."""
        if not piece or b'"' in piece or b"\n\n" in piece or piece.startswith(b"\n"):
            return []
        names = [str(column) for column in range(len(self.header))]
        try:
            table = pacsv.read_csv(
                pa.BufferReader(piece),
                pacsv.ReadOptions(use_threads=False, column_names=names, block_size=len(piece) + 1),
                pacsv.ParseOptions(delimiter=self.separator, quote_char=False, ignore_empty_lines=False),
                pacsv.ConvertOptions(check_utf8=False, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False))
        except pa.ArrowInvalid:
            return []
        found: list[Block] = []
        line = self._line
        for batch in table.combine_chunks().to_batches(max_chunksize=BLOCK):
            found.append(Block(batch, np.arange(line, line + batch.num_rows), {}))
            line += batch.num_rows
        return found

    def _read_slowly(self, piece: bytes) -> Iterator[Block]:
        reader = csv.reader(io.StringIO(piece.decode(), newline=""), delimiter=self.separator, strict=True)
        width, more = len(self.header), True
        while more:
            cells: list[list[str]] = []
            lines: list[int] = []
            ragged: dict[int, int] = {}
            while len(cells) < BLOCK:
                start = self._line + reader.line_num
                try:
                    row = next(reader, None)
                except csv.Error as error:
                    raise _no_csv(error, self.file, start) from None
                if row is None:
                    more = False
                    break
                if row:
                    cells.append(_fitted(row, width, len(cells), ragged))
                    lines.append(start)
            if cells:
                yield Block(_of_cells(cells, width), np.array(lines, dtype=np.int64), ragged)

    def close(self) -> None:
        self._raw.close()


def _no_csv(error: csv.Error, file: str, line: int) -> InputError:
    return InputError(f"not CSV: {error}", expected="cells with commas between them, quotes in pairs", file=file, line=line)


class SheetClaims:
    """A sheet of a workbook; a row's line is its number in the sheet."""

    encoding = "utf-8"

    def __init__(self, path: Path, opening: Opening) -> None:
        from python_calamine import CalamineError, CalamineWorkbook
        self.file = display_path(path)
        try:
            book = CalamineWorkbook.from_path(str(path))
            sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names
                      if opening.sheet in (None, name)}
        except (CalamineError, OSError) as error:
            let_through(error, path)
            raise InputError(f"not a workbook: {' '.join(str(error).split())}", file=self.file) from None
        if opening.sheet is not None and not sheets:
            raise InputError("--sheet:", value=opening.sheet, expected=one_of(book.sheet_names),
                             suggestion=nearest(opening.sheet, book.sheet_names), file=self.file)
        rows = {name: [[_text_of(cell) for cell in row] for row in sheet] for name, sheet in sheets.items()}
        rows = {name: sheet for name, sheet in rows.items() if any(any(row) for row in sheet)}
        if not rows:
            raise InputError("the file is empty", expected="a sheet with a header and rows", file=self.file)
        promise = {name: _header_among(sheet[:HEADER_WITHIN], opening.known) for name, sheet in rows.items()}
        able = [name for name, (_, known) in promise.items() if known >= 2] or list(rows)
        if len(able) > 1:
            raise InputError("several sheets that may hold the claims:", value=", ".join(able), expected="one",
                             next_step=f"say --sheet {able[0]}", file=self.file)
        self.sheet = able[0]
        self._rows = rows[self.sheet]
        at = promise[self.sheet][0] if opening.header_line is None else min(opening.header_line, len(self._rows)) - 1
        titles = [title.strip() for title in self._rows[at]]
        while titles and not titles[-1]:
            titles.pop()
        self.header, self.header_line = titles, at + 1
        self.schema = pa.schema([(title, pa.string()) for title in self.header])
        self.size, self._done = len(self._rows), 0

    def done(self) -> int:
        """Rows read so far."""
        return self._done

    def blocks(self) -> Iterator[Block]:
        width = len(self.header)
        for start in range(self.header_line, len(self._rows), BLOCK):
            ragged: dict[int, int] = {}
            cells = [_fitted(row, width, at, ragged) for at, row in enumerate(self._rows[start:start + BLOCK])]
            self._done = start + len(cells)
            yield Block(_of_cells(cells, width), np.arange(start + 1, start + 1 + len(cells)), ragged)

    def close(self) -> None:
        self._rows = []


def _text_of(cell: object) -> str:
    """A cell of a workbook as text: whole numbers without a point, days as YYYY-MM-DD; a number of so many digits that some are
    lost keeps the exponent that says so."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)) if abs(cell) < 10 ** EXACT_DIGITS else f"{cell:.{EXACT_DIGITS - 1}E}"
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    return cell.strip() if isinstance(cell, str) else str(cell)


class ParquetClaims:
    """A Parquet file; a row's line is its number."""

    encoding, header_line = "utf-8", 0

    def __init__(self, path: Path) -> None:
        self.file = display_path(path)
        try:
            self._table = pq.ParquetFile(path)
        except pa.ArrowException as error:
            raise InputError(f"not a Parquet file: {' '.join(str(error).split())}", file=self.file) from None
        self.schema = self._table.schema_arrow
        self.header = self.schema.names
        self.size = self._table.metadata.num_rows
        self._done = 0
        for column in self.schema:
            if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
                raise InputError("a column of lists or bytes:", value=column.name,
                                 expected="text, numbers, dates or flags", file=self.file)

    def done(self) -> int:
        """Rows read so far."""
        return self._done

    def blocks(self) -> Iterator[Block]:
        batches = self._table.iter_batches(batch_size=BLOCK)
        while True:
            try:
                batch = next(batches, None)
            except (pa.ArrowException, OSError) as error:
                let_through(error, self.file)
                raise InputError(f"a damaged Parquet file: {' '.join(str(error).split())}", file=self.file) from None
            if batch is None:
                return
            lines = np.arange(self._done + 1, self._done + 1 + batch.num_rows)
            self._done += batch.num_rows
            yield Block(batch, lines, {})

    def close(self) -> None:
        self._table.close()


File = CsvClaims | SheetClaims | ParquetClaims


class Remembered:
    """A file whose blocks, once read, are kept for whoever goes through it again."""

    def __init__(self, source: File) -> None:
        self.file, self.encoding, self.size, self.schema = source.file, source.encoding, source.size, source.schema
        self.header, self.header_line, self._source = source.header, source.header_line, source
        self._left, self._read = source.blocks(), list[Block]()

    def done(self) -> int:
        """As of what is read."""
        return self._source.done()

    def blocks(self) -> Iterator[Block]:
        for at in itertools.count():
            if at == len(self._read):
                block = next(self._left, None)
                if block is None:
                    return
                self._read.append(block)
            yield self._read[at]

    def close(self) -> None:
        """It is left open for the next reading."""

    def end(self) -> None:
        """No one reads it again."""
        self._source.close()


Source = File | Remembered


def open_claims(path: Path, opening: Opening) -> File:
    """The claims in a file, by its ending. InputError if it cannot be read."""
    ending = suffix(path, "CLAIMS", READ)
    check_regular(path, "claims file", "a CSV file, a workbook or a Parquet file")
    try:
        if ending in SHEETS:
            return SheetClaims(path, opening)
        return ParquetClaims(path) if ending == ".parquet" else CsvClaims(path, opening)
    except OSError as error:
        let_through(error, path)
        raise InputError("cannot read the claims:", value=str(path), expected="a CSV file, a workbook or a Parquet file",
                         next_step=error.strerror or str(error)) from None


def suffix(path: Path, what: str, known: Sequence[str]) -> str:
    """The ending of a file's name, one of those known. InputError for any other."""
    found = path.suffix.casefold()
    if found not in known:
        raise InputError(f"{what}:", value=str(path), expected=f"a file whose name ends in {one_of(known, most=20)}")
    return found
