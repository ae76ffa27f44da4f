"""Claims files, CSV and Parquet: read in blocks of rows, written aside and renamed when whole."""

from __future__ import annotations

import codecs
import contextlib
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator.folders import Aside
from simulator.parameters.errors import InputError, display_path, one_of
from simulator.parameters.files import check_regular

BLOCK = 32_768                  # rows
ENCODINGS = ("utf-8", "gb18030")
MONEY = pa.decimal128(18, 2)


# --- reading --------------------------------------------------------------------------------------


class Block(Protocol):
    """Some rows of a file; `lines` says where each stands, `ragged` how many cells a row of the wrong length has."""

    lines: np.ndarray
    ragged: dict[int, int]

    def text(self, column: int) -> pa.Array:
        """A column's cells as text."""

    def columns(self) -> list[pa.Array]:
        """Every column as the file has it."""

    def rows(self) -> list[list[str]]:
        """Every row as text."""


@dataclass
class CsvBlock:
    cells: list[list[str]]
    lines: np.ndarray
    ragged: dict[int, int]

    def text(self, column: int) -> pa.Array:
        return pa.array([row[column] for row in self.cells], pa.string())

    def columns(self) -> list[pa.Array]:
        return [self.text(column) for column in range(len(self.cells[0]))] if self.cells else []

    def rows(self) -> list[list[str]]:
        return self.cells


@dataclass
class ParquetBlock:
    batch: pa.RecordBatch
    lines: np.ndarray
    ragged: dict[int, int]

    def text(self, column: int) -> pa.Array:
        cells = self.batch.column(column)
        if pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        return cells if pa.types.is_string(cells.type) else pc.cast(cells, pa.string())

    def columns(self) -> list[pa.Array]:
        return self.batch.columns

    def rows(self) -> list[list[str]]:
        return [list(row) for row in zip(*(pc.fill_null(self.text(c), "").to_pylist() for c in range(self.batch.num_columns)),
                                         strict=True)]


class CsvClaims:
    """A CSV file: its header, then blocks. UTF-8 with or without byte-order mark, or another encoding that is declared."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.file, self.size = display_path(path), path.stat().st_size
        self._raw: BinaryIO = path.open("rb")
        self._encoding = encoding
        self._reader = csv.reader(self._decoded(), strict=True)
        self._line = 0
        self.header = [title.strip() for title in self._next() or []]
        if not any(self.header):
            raise InputError("the file is empty", expected="a header with the names of the columns", file=self.file, line=1)
        self.schema = pa.schema([(title, pa.string()) for title in self.header])

    def done(self) -> int:
        """Bytes read so far."""
        return self._raw.tell()

    def blocks(self) -> Iterator[CsvBlock]:
        """Rows in blocks; empty lines are no rows, rows of the wrong length are filled up and named in `ragged`."""
        width = len(self.header)
        more = True
        while more:
            cells: list[list[str]] = []
            lines: list[int] = []
            ragged: dict[int, int] = {}
            while len(cells) < BLOCK:
                start = self._reader.line_num + 1
                row = self._next()
                if row is None:
                    more = False
                    break
                if not row:
                    continue
                if len(row) != width:
                    ragged[len(cells)] = len(row)
                    row = (row + [""] * width)[:width]
                cells.append(row)
                lines.append(start)
            if cells:
                yield CsvBlock(cells, np.array(lines, dtype=np.int64), ragged)

    def close(self) -> None:
        self._raw.close()

    def _next(self) -> list[str] | None:
        start = self._reader.line_num + 1
        try:
            return next(self._reader, None)
        except csv.Error as error:
            raise InputError(f"not CSV: {error}", expected="cells with commas between them, quotes in pairs", file=self.file,
                             line=start) from None

    def _decoded(self) -> Iterator[str]:
        decode = codecs.getdecoder(self._encoding)
        for number, raw in enumerate(self._raw, 1):
            if number == 1:
                raw = raw.removeprefix(codecs.BOM_UTF8)
            try:
                yield decode(raw)[0]
            except UnicodeDecodeError as error:
                other = "gb18030" if self._encoding == "utf-8" else "utf-8"
                raise InputError(f"not {self._encoding.upper()}: byte", value=f"0x{raw[error.start]:02x}",
                                 expected=f"{self._encoding.upper()} text",
                                 next_step=f"say --encoding {other}, or save the file as UTF-8",
                                 file=self.file, line=number) from None


class ParquetClaims:
    """A Parquet file; a row's line is its number."""

    def __init__(self, path: Path) -> None:
        self.file = display_path(path)
        try:
            self._table = pq.ParquetFile(path)
        except pa.ArrowInvalid as error:
            raise InputError(f"not a Parquet file: {error}", file=self.file) from None
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

    def blocks(self) -> Iterator[ParquetBlock]:
        for batch in self._table.iter_batches(batch_size=BLOCK):
            lines = np.arange(self._done + 1, self._done + 1 + batch.num_rows)
            self._done += batch.num_rows
            yield ParquetBlock(batch, lines, {})

    def close(self) -> None:
        self._table.close()


def open_claims(path: Path, encoding: str) -> CsvClaims | ParquetClaims:
    """The claims in a file, by its ending. InputError if it cannot be read."""
    ending = suffix(path, "CLAIMS")
    check_regular(path, "claims file", "a CSV or Parquet file")
    try:
        return ParquetClaims(path) if ending == ".parquet" else CsvClaims(path, encoding)
    except OSError as error:
        raise InputError("cannot read the claims:", value=str(path), expected="a CSV or Parquet file",
                         next_step=error.strerror or str(error)) from None


def suffix(path: Path, what: str) -> str:
    """`.csv` or `.parquet`. InputError for any other ending."""
    found = path.suffix.casefold()
    if found not in (".csv", ".parquet"):
        raise InputError(f"{what}:", value=str(path), expected=f"a file whose name ends in {one_of(('.csv', '.parquet'))}")
    return found


# --- writing --------------------------------------------------------------------------------------


def money(amounts: np.ndarray) -> pa.Array:
    """Fen, int64[n], as decimals in yuan with two places: the same whole numbers, read with the point moved."""
    wide = np.empty((len(amounts), 2), dtype="<i8")
    wide[:, 0], wide[:, 1] = amounts, amounts >> 63
    return pa.Array.from_buffers(MONEY, len(amounts), [None, pa.py_buffer(wide.tobytes())])


class Output:
    """A file written beside its place and put there, durable, when whole; left unfinished, it is removed."""

    def __init__(self, path: Path) -> None:
        """InputError where the path leads to no folder, OSError where its folder cannot be written."""
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise InputError("--out:", value=str(path), expected="a file that can be written, in a folder that is there")
        self.aside = Aside(path)
        self.stream: Any = self.aside.path.open("wb")

    def finish(self) -> None:
        self.stream.close()
        self.aside.put(replace=True)

    def discard(self) -> None:
        with contextlib.suppress(OSError):                 # of what could not be written before either
            self.stream.close()
        self.aside.discard()


class CsvOut(Output):
    """UTF-8 with byte-order mark, for spreadsheets."""

    def __init__(self, path: Path, header: list[str]) -> None:
        super().__init__(path)
        self.stream.write(codecs.BOM_UTF8)
        self.stream = codecs.getwriter("utf-8")(self.stream)
        self.writer = csv.writer(self.stream, lineterminator="\n")
        self.writer.writerow(header)

    def write(self, block: Block, kept: np.ndarray, paid: np.ndarray) -> None:
        """The kept rows of a block with what was paid, fen int64[n, payers]."""
        rows = block.rows()
        if not kept.all():
            rows, paid = [rows[n] for n in np.flatnonzero(kept).tolist()], paid[kept]
        texts = [pc.cast(money(np.ascontiguousarray(column)), pa.string()).to_pylist() for column in paid.T]
        self.writer.writerows([*row, *amounts] for row, amounts in zip(rows, zip(*texts, strict=True), strict=True))


class ParquetOut(Output):
    """The file's own columns, then decimals with two places."""

    def __init__(self, path: Path, schema: pa.Schema, payers: list[str]) -> None:
        super().__init__(path)
        self.schema = pa.schema([*schema, *((name, MONEY) for name in payers)])
        self.writer = pq.ParquetWriter(self.stream, self.schema)

    def write(self, block: Block, kept: np.ndarray, paid: np.ndarray) -> None:
        """The kept rows of a block with what was paid, fen int64[n, payers]."""
        payments = [money(np.ascontiguousarray(column)) for column in paid.T]
        batch = pa.RecordBatch.from_arrays([*block.columns(), *payments], schema=self.schema)
        self.writer.write_batch(batch if kept.all() else batch.filter(pa.array(kept)))

    def finish(self) -> None:
        self.writer.close()
        super().finish()

    def discard(self) -> None:
        with contextlib.suppress(OSError, ValueError, pa.ArrowException):      # now, not when its file is gone
            self.writer.close()
        super().discard()
