"""`fundsim query`: a question in SQL to the tables of a run or a batch; and tables printed within the terminal's width.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.options import Force, Json

if TYPE_CHECKING:
    import pandas as pd

WIDEST_COLUMN = 40               # columns; a longer text is folded


def query(
    folder: Annotated[Path, typer.Argument(metavar="RUN|BATCH", help="The folder of a run or a batch.")],
    sql: Annotated[str, typer.Argument(metavar="SQL", help="The question. Tables of a run: summary, comparison, parameters, "
                                       "paths; of a batch: summary, differences, worlds.")],
    rows: Annotated[int, typer.Option("--rows", min=1, max=1_000_000, help="Print at most so many rows.")] = 40,
    csv: Annotated[str | None, typer.Option("--csv", metavar="FILE|-", help="Write all rows to a file, or print them.")] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Ask a run or a batch in SQL (DuckDB: pip install 'fundsim[query]'); a folder that is not as it was written is refused.

    Example: fundsim query results/batch/RUN-ID "select policy, mean from summary where measure = 'exhausted' and year = 2021"
    """
    from simulator.answers.tables import ask, read_tables
    from simulator.parameters.errors import InputError
    if csv is not None and as_json:
        raise InputError("--csv and --json:", value=csv, expected="one of the two")
    place = None if csv in (None, "-") else place_of(str(csv), folder, force)
    answer = ask(read_tables(folder), sql)
    if as_json:
        print(json.dumps(as_records(answer), ensure_ascii=False))
    elif place is not None:
        from simulator.output import write_new
        from simulator.results import csv_bytes
        write_new({place: csv_bytes(answer)}, force)
        print(f"{len(answer):,} rows: {place}", file=sys.stderr)
    elif csv:
        sys.stdout.write(answer.to_csv(index=False, lineterminator="\n"))
    else:
        print_frame(answer, rows, "--csv or --json has all")


def place_of(csv: str, folder: Path, force: bool) -> Path:
    """Where the answer is written. InputError where there is no such folder, or where the file would damage a result."""
    from simulator.output import check_place
    from simulator.parameters.errors import InputError
    place = Path(csv)
    if place.is_dir() or not place.parent.is_dir():
        raise InputError("--csv:", value=csv, expected="a file in a folder that is there, or - for standard output")
    if place.resolve().is_relative_to(folder.resolve()):
        raise InputError("--csv:", value=csv, expected="a place outside the folder that is asked, which stays as it was written")
    check_place(place, "--csv", force)
    return place


def as_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table for JSON, numbers whole; what is absent, not a number or infinite is null."""
    return [{str(name): _plain(value) for name, value in zip(frame.columns, row, strict=True)}
            for row in frame.astype(object).itertuples(index=False, name=None)]


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):                   # of NumPy, a number or several
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return None if value != value or str(value) == "NaT" else str(value)


def print_frame(frame: pd.DataFrame, most: int, more: str) -> None:
    """Print a table as wide as the terminal (or COLUMNS): at most so many rows, and the first columns that fit.

    `more` says how to get what is left out, which is counted.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from simulator.output import console
    from simulator.report.style import columns_of
    width, shown = get_terminal_size().columns, frame.head(most)
    cells = {place: [_cell(value) for value in shown.iloc[:, place].astype(object)] for place in range(shown.shape[1])}
    widths = [min(max(map(columns_of, (str(name), *cells[place]))), WIDEST_COLUMN) + 3
              for place, name in enumerate(shown.columns)]
    fitting = max(sum(sum(widths[:count + 1]) - 1 <= width for count in range(len(widths))), min(len(widths), 1))
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, name in enumerate(shown.columns[:fitting]):
        number = frame.iloc[:, place].dtype.kind in "iuf"
        table.add_column(Text(str(name)), justify="right" if number else "left", overflow="fold", max_width=WIDEST_COLUMN)
    for row in zip(*(cells[place] for place in range(fitting)), strict=True):
        table.add_row(*map(Text, row))
    console(width).print(table)
    left = [str(name) for name in shown.columns[fitting:]]
    if left:
        names = ", ".join(left[:4]) + (f" and {len(left) - 4} more" if len(left) > 4 else "")
        console(width).print(f"columns that do not fit: {names}; {more}", soft_wrap=True)
    if len(shown) < len(frame):
        print(f"rows not shown: {len(frame) - len(shown):,} of {len(frame):,}; {more}")


def _cell(value: Any) -> str:
    """A value in a cell: six significant digits of a fraction, nothing for what is absent."""
    plain = _plain(value)
    if isinstance(plain, float):
        return f"{plain:,.0f}" if plain.is_integer() and abs(plain) < 1e15 else f"{plain:.6g}"
    text = "" if plain is None else str(plain)
    return "".join(letter if letter.isprintable() else " " for letter in text)
