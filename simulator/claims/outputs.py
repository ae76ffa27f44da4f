"""What is written of a claims file: CSV or Parquet, put in its place when whole; no cell of it is a formula."""

from __future__ import annotations

import codecs
import contextlib
import datetime
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator.claims.files import EXACT_DIGITS, Block
from simulator.output import TO_BE_QUOTED, NewFile, as_cell, is_formula
from simulator.parameters.errors import InputError

MONEY = pa.decimal128(18, 2)
SHEET_ROWS = 2**20 - 1          # of a sheet, below its header
PLAIN_AMOUNT = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,2}0*)?", re.ASCII)
FOR_A_DICTIONARY = 8                    # times that the texts of a column stand in it for a dictionary to be worth its while


def money(amounts: np.ndarray) -> pa.Array:
    """Fen, int64[n], as decimals in yuan with two places: the same whole numbers, read with the point moved."""
    wide = np.empty((len(amounts), 2), dtype="<i8")
    wide[:, 0], wide[:, 1] = amounts, amounts >> 63
    return pa.Array.from_buffers(MONEY, len(amounts), [None, pa.py_buffer(wide.tobytes())])


class Output:
    """A file written beside its place and put there, durable, when whole; left unfinished, it is removed."""

    def __init__(self, path: Path, force: bool) -> None:
        """OSError where the folder cannot be written."""
        self.aside = NewFile(path, force)
        self.formulas = 0                                  # cells that would have been formulas
        try:
            self.stream: Any = self.aside.path.open("wb")
            self.begin()
        except BaseException:
            self.discard()
            raise

    def begin(self) -> None:
        """Write what stands before the rows."""

    def finish(self) -> None:
        self.stream.close()
        self.aside.put()

    def discard(self) -> None:
        with contextlib.suppress(OSError, AttributeError):     # of what could not be written before either
            self.stream.close()
        self.aside.discard()
        self.aside.withdraw()                              # what stands beside an output that failed goes with it


class CsvOut(Output):
    """UTF-8 with byte-order mark, for spreadsheets."""

    def __init__(self, path: Path, header: list[str], force: bool) -> None:
        self.header = header
        super().__init__(path, force)

    def begin(self) -> None:
        self.stream.write(codecs.BOM_UTF8)
        self.add(self.header)

    def add(self, row: list[str]) -> None:
        """One row of text."""
        self.formulas += sum(map(is_formula, row))
        self.stream.write((",".join(map(as_cell, row)) + "\n").encode())

    def write(self, block: Block, kept: np.ndarray, paid: np.ndarray) -> None:
        """The kept rows of a block with what was paid, fen int64[n, payers]."""
        if not kept.any():
            return
        mask = None if kept.all() else pa.array(kept)
        cells = [pc.fill_null(block.text(column), "") for column in range(block.batch.num_columns)]
        if mask is not None:
            cells, paid = [column.filter(mask) for column in cells], paid[kept]
        texts = [self._plain(column) for column in cells]
        texts += [pc.cast(money(np.ascontiguousarray(column)), pa.string()) for column in paid.T]
        rows = pc.binary_join_element_wise(*texts, ",")
        whole = pa.ListArray.from_arrays(pa.array([0, len(rows)], pa.int32()), rows)
        self.stream.write(pc.binary_join(whole, "\n")[0].as_buffer())
        self.stream.write(b"\n")

    def _plain(self, cells: pa.Array) -> pa.Array:
        """A column as it stands in the file: quoted where it must be, formulas made text."""
        if not pc.any(pc.match_substring_regex(cells, TO_BE_QUOTED)).as_py():
            return cells
        texts = cells.to_pylist()
        self.formulas += sum(map(is_formula, texts))
        return pa.array(map(as_cell, texts), pa.string())


class ParquetOut(Output):
    """The file's own columns, then decimals with two places."""

    def __init__(self, path: Path, schema: pa.Schema, payers: list[str], force: bool) -> None:
        self.schema = pa.schema([*schema, *((name, MONEY) for name in payers)])
        self.writer: pq.ParquetWriter | None = None
        super().__init__(path, force)

    def _begun(self, batch: pa.RecordBatch) -> pq.ParquetWriter:
        """The writer, made by the first rows: a dictionary costs more than it saves where texts seldom repeat, as amounts do."""
        if self.writer is None:
            few = [column.name for column, cells in zip(batch.schema, batch.columns, strict=True)
                   if pa.types.is_string(column.type) and FOR_A_DICTIONARY * pc.count_distinct(cells).as_py() <= len(cells)]
            self.writer = pq.ParquetWriter(self.stream, self.schema, use_dictionary=few, store_decimal_as_integer=True)
        return self.writer

    def write(self, block: Block, kept: np.ndarray, paid: np.ndarray) -> None:
        """The kept rows of a block with what was paid, fen int64[n, payers]."""
        payments = [money(np.ascontiguousarray(column)) for column in paid.T]
        batch = pa.RecordBatch.from_arrays([*block.batch.columns, *payments], schema=self.schema)
        self._begun(batch).write_batch(batch if kept.all() else batch.filter(pa.array(kept)))

    def finish(self) -> None:
        self._begun(pa.RecordBatch.from_pylist([], self.schema)).close()
        super().finish()

    def discard(self) -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError, pa.ArrowException):  # now, not when its file is gone
            if self.writer is not None:
                self.writer.close()
        super().discard()


class SheetOut(Output):
    """A sheet of a workbook: the file's own cells, of which amounts, numbers, days and flags are such, then yuan with two places.

    `amounts` are the places of columns that were read as amounts. A text is a text, never a formula or a link. InputError for
    more rows than a sheet holds.
    """

    def __init__(self, path: Path, header: list[str], amounts: frozenset[int], force: bool) -> None:
        self.header, self.amounts, self.rows = header, amounts, 0
        super().__init__(path, force)

    def begin(self) -> None:
        from xlsxwriter import Workbook
        self.held = tempfile.TemporaryDirectory(dir=self.aside.path.parent, prefix=".partial-rows-")
        self.book = Workbook(self.stream, {"constant_memory": True, "tmpdir": self.held.name, "strings_to_formulas": False,
                                           "strings_to_urls": False, "strings_to_numbers": False})
        self.sheet = self.book.add_worksheet()
        self.yuan, self.day = self.book.add_format({"num_format": "0.00"}), self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.sheet.freeze_panes(1, 0)
        for column, title in enumerate(self.header):
            self.sheet.write_string(0, column, title)

    def write(self, block: Block, kept: np.ndarray, paid: np.ndarray) -> None:
        """The kept rows of a block with what was paid, fen int64[n, payers]."""
        own = [column.to_pylist() for column in block.batch.filter(pa.array(kept)).columns]
        payments = (paid[kept] / 100).tolist()
        if self.rows + len(payments) > SHEET_ROWS:
            raise InputError("more rows than a sheet of a workbook holds:", value=f"at least {self.rows + len(payments):,}",
                             expected=f"at most {SHEET_ROWS:,}", next_step="name a file .csv or .parquet")
        for *cells, yuan in zip(*own, payments, strict=True):
            self.rows += 1
            for column, cell in enumerate(cells):
                self._put(column, cell)
            for column, amount in enumerate(yuan, start=len(own)):
                self.sheet.write_number(self.rows, column, amount, self.yuan)

    def _put(self, column: int, cell: Any) -> None:
        """One cell as what it is; a number of more digits than a spreadsheet keeps stays a text."""
        row, sheet = self.rows, self.sheet
        if isinstance(cell, bool):
            sheet.write_boolean(row, column, cell)
        elif isinstance(cell, datetime.datetime | datetime.date):
            sheet.write_datetime(row, column, cell, self.day)
        elif isinstance(cell, str):
            if column in self.amounts and PLAIN_AMOUNT.fullmatch(cell.strip()):
                sheet.write_number(row, column, float(cell), self.yuan)
            elif cell:
                sheet.write_string(row, column, cell)
        elif cell is not None:
            if abs(cell) < 10 ** EXACT_DIGITS:
                sheet.write_number(row, column, float(cell), self.yuan if column in self.amounts else None)
            else:
                sheet.write_string(row, column, str(cell))

    def finish(self) -> None:
        from xlsxwriter.exceptions import FileCreateError
        try:
            self.book.close()
        except FileCreateError as error:                   # what the system refused is in it
            raise error.args[0] from None
        self.held.cleanup()
        super().finish()

    def discard(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self.sheet._opt_close()                        # the rows so far, before their folder goes
        super().discard()                                  # first: to remove a folder takes an open file
        with contextlib.suppress(OSError, AttributeError):
            self.held.cleanup()


Written = CsvOut | ParquetOut | SheetOut


def output_of(path: Path, schema: pa.Schema, payers: list[str], amounts: frozenset[int], force: bool) -> Written:
    """The file to write of claims with such columns, by its ending."""
    if path.suffix.casefold() == ".parquet":
        return ParquetOut(path, schema, payers, force)
    header = [*schema.names, *payers]
    return CsvOut(path, header, force) if path.suffix.casefold() == ".csv" else SheetOut(path, header, amounts, force)


class Listed:
    """Rows that are not settled, with the line and the reason of each, in a file that is made with the first of them."""

    def __init__(self, path: Path, header: list[str], force: bool) -> None:
        self.path, self.header, self.force = path, header, force
        self.out: CsvOut | None = None

    def add(self, line: int, why: str, row: list[str]) -> None:
        if self.out is None:
            self.out = CsvOut(self.path, ["line", "fault", *self.header], self.force)
        self.out.add([str(line), why, *row])

    def finish(self) -> None:
        """Put it in place; without rows a file of an earlier run is removed if told, for it would speak of this one."""
        if self.out is not None:
            self.out.finish()
        elif self.force:
            self.path.unlink(missing_ok=True)

    def discard(self) -> None:
        if self.out is not None:
            self.out.discard()

