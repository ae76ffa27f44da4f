"""Questions in SQL to the tables of a folder: a run's, or a batch's.

DuckDB answers them from the tables alone: no file, no variable and no extension is read, and nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.folders import MANIFEST, read_checked, read_whole
from simulator.parameters.errors import InputError, nearest, one_of, shown
from simulator.parameters.plain_form import misfit
from simulator.results import Run, read_run

if TYPE_CHECKING:
    import pandas as pd

OF_A_RUN = ("summary", "comparison", "parameters", "paths")
OF_A_BATCH = ("summary", "differences", "worlds")
CLOSED: dict[str, Any] = {"enable_external_access": "false", "lock_configuration": "true", "temp_directory": ""}      # of DuckDB


def is_batch(manifest: Mapping[str, Any]) -> bool:
    """Whether a manifest is a batch's."""
    return manifest.get("kind") == "batch"


def read_tables(folder: Path | str) -> dict[str, Any]:
    """The tables of a run's or a batch's folder by name, every byte checked. InputError if it is neither, or is damaged."""
    folder = Path(folder)
    manifest = read_whole(folder)
    return batch_tables(folder, manifest) if is_batch(manifest) else run_tables(read_run(folder))


def run_tables(run: Run) -> dict[str, Any]:
    """The tables of a run that is read already. InputError if its paths are damaged."""
    return {name: getattr(run, name) for name in OF_A_RUN}


def batch_tables(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """The tables of a batch's folder whose manifest has been read and whose files have been checked. `worlds` is that of all its
    scenarios, and stays on the disk: of it a question reads the columns that it names. A batch without answers has none."""
    import pandas as pd
    import pyarrow.dataset as ds
    if not all(isinstance(manifest.get(name), list) for name in ("scenarios", "questions")):
        raise InputError("a batch of another version:", value=str(folder), expected="scenarios and questions in its manifest",
                         next_step="batch its scenarios anew: what was simulated is kept")
    found: dict[str, Any] = {name: pd.read_parquet(BytesIO(read_checked(folder, manifest, f"{name}.parquet")))
                             for name in OF_A_BATCH[:2]}
    files = [str(folder / name) for name in sorted(manifest["files"]) if name.startswith("worlds/")]
    return found | ({"worlds": ds.dataset(files, format="parquet")} if files else {})


def ask(tables: Mapping[str, Any], sql: str) -> pd.DataFrame:
    """The answer to a question in SQL to tables, pandas or Arrow, by their names. InputError without DuckDB
    (`pip install 'fundsim[query]'`), and for what is not SQL of these tables."""
    try:
        import duckdb
    except ImportError as error:
        raise InputError("DuckDB is not installed, which questions in SQL need", expected="pip install 'fundsim[query]'",
                         next_step="or read the folder's tables with pandas") from error
    if not isinstance(sql, str) or not sql.strip():
        raise InputError("no question in SQL:", value=sql, expected="for example: select * from summary limit 5")
    with duckdb.connect(":memory:", config=CLOSED) as connection:
        for name, table in tables.items():
            connection.register(name, table)
        try:
            return connection.execute(sql).df()
        except (duckdb.Error, UnicodeError, ValueError) as error:
            said = " ".join(str(error).partition("\n")[0].split())
            raise InputError("the question cannot be answered:", value=" ".join(sql.split()), next_step=said,
                             expected=f"SQL of the tables {', '.join(tables)}") from error


def narrowed(name: str, frame: pd.DataFrame, where: Mapping[str, object]) -> pd.DataFrame:
    """The rows of a table whose columns have the values of `where` (one value, or a list). InputError for an unknown column."""
    for column, wanted in where.items():
        if column not in frame.columns:
            raise InputError(f"table {name} has no column", value=column, expected=one_of(frame.columns, most=20),
                             suggestion=nearest(column, frame.columns))
        frame = frame[frame[column].isin(wanted if isinstance(wanted, list | tuple | set) else [wanted])]
    return frame.reset_index(drop=True)


def known_table(name: object, known: tuple[str, ...]) -> str:
    """The name of a table, if it is one of those known. InputError with the nearest right name."""
    if not isinstance(name, str) or name not in known:
        raise InputError("no such table:", value=name, expected=one_of(known), suggestion=nearest(str(name), known))
    return name


def held_in(folder: Path) -> list[dict[str, str]]:
    """What a folder of results holds, a row each, the newest first: when it was made, its kind, what was asked, where it lies."""
    rows = (row_of(path, folder) for path in folder.glob(f"*/*/{MANIFEST}"))
    return sorted(rows, key=lambda row: row["made"], reverse=True)


def row_of(path: Path, folder: Path) -> dict[str, str]:
    """What a manifest is of: when it was made, its kind, what was asked, where it lies."""
    try:
        manifest: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        manifest = {}
    place, manifest = path.parent, manifest if isinstance(manifest, dict) else {}
    kind = manifest.get("kind") or manifest.get("verb") or ("solve" if "goal" in manifest else "run" if "scenario" in manifest
                                                            else "damaged")
    scenario = manifest.get("scenario") or {}
    if not isinstance(kind, str) or misfit(scenario, {"regions": [str]} if scenario else dict) or kind == "run" and misfit(
            manifest, {"draws": int, "result_digest": str}):
        kind, scenario = "damaged", {}
    what = ", ".join(scenario.get("regions", ())) or place.parent.name
    if kind == "batch":
        asked = manifest.get("questions")
        what = f"{place.parent.name}: {len(asked) if isinstance(asked, list) else 0} questions"
    elif kind == "run":
        what = f"{scenario.get('name', '')}: {what}, {manifest['draws']} worlds, digest {manifest['result_digest'][:8]}"
    return {name: shown(text) for name, text in (("made", place.name[:15]), ("kind", kind), ("what", what),
                                                 ("folder", place.relative_to(folder).as_posix()))}
