"""Is a run what its manifest says, number by number? It is simulated again and every difference named."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from io import StringIO
from itertools import zip_longest

import numpy as np
import pandas as pd

from simulator.answers.sustainability import SUSTAINABILITY_FILE, sustainability
from simulator.engine.outcome import Result
from simulator.engine.world_tables import uncertain_frame, worlds_frame
from simulator.folders import MANIFEST, read_checked
from simulator.results import (
    UNCERTAIN_FILE,
    WORLDS_FILE,
    Run,
    comparison_frame,
    csv_bytes,
    manifest_of,
    parameters_frame,
    paths_frame,
    summary_frame,
    units_frame,
)

NAMED = 20                         # differences; the rest are counted
ROW_KEYS = {"summary.csv": 6, "comparison.csv": 7, "parameters.csv": 1, "paths.parquet": 5,
            "sustainability.csv": 6, "units.csv": 5, WORLDS_FILE: 1, UNCERTAIN_FILE: 1}       # first columns: they name a row
NOT_RESULTS = {"precision", "versions", "code_digest"}     # how a run came about: they may differ from those of the run again
# Other ones for the first draws alone, which may live under fewer rule books and so read fewer values.
OF_DRAWS = {"scenario", "draws", "result_digest", "digests", "parameter_digest", "values_by_status"}


@dataclass
class Differences:
    """The first differences in words, and how many there are."""

    named: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, place: str, stored: object, found: object) -> None:
        """Add one: where it is, what the folder holds and what was found."""
        self.count += 1
        if len(self.named) < NAMED:
            self.named.append(f"{place}: stored {_short(stored)}, found {_short(found)}")


def differences(run: Run, result: Result) -> Differences:
    """What differs between a run folder and the run again.

    `result` is that of the run's scenario or of its first draws. In that case summary.csv and comparison.csv, which are of all
    draws, are left out, and so are values that these draws do not read.
    """
    found = Differences()
    draws, parameters = result.scenario.draws, parameters_frame(result)
    whole = draws == run.manifest["draws"]
    again = json.loads(json.dumps(manifest_of(result, parameters, {})))
    for key in again.keys() - NOT_RESULTS - (set() if whole else OF_DRAWS):
        if run.manifest.get(key) != again[key]:
            found.add(f"{MANIFEST}, {key}", run.manifest.get(key), again[key])
    tables = {"parameters.csv": parameters}
    if whole:
        tables |= {"summary.csv": summary_frame(result), "comparison.csv": comparison_frame(result)}
        if "units.csv" in run.manifest["files"]:
            tables |= {"units.csv": units_frame(result)}
    if UNCERTAIN_FILE in run.manifest["files"]:
        tables[UNCERTAIN_FILE] = uncertain_frame(result)
    for name, frame in tables.items():
        stored, again = read_checked(run.folder, run.manifest, name), csv_bytes(frame)
        compare_texts(name, stored if whole else rows_alike(stored, again), again, found)
    if SUSTAINABILITY_FILE in run.manifest["files"]:           # worked out from the run's own tables, which are compared too
        compare_texts(SUSTAINABILITY_FILE, read_checked(run.folder, run.manifest, SUSTAINABILITY_FILE),
                      csv_bytes(sustainability(run)), found)
    if UNCERTAIN_FILE in run.manifest["files"]:
        worlds, columns = worlds_frame(result), run.worlds.columns
        own = columns if whole else columns[columns.isin(worlds.columns)]
        compare_frames(WORLDS_FILE, run.worlds.head(draws)[own], worlds, found)
    paths = run.paths
    compare_frames("paths.parquet", paths if whole else _first(paths, draws), paths_frame(result), found)
    return found


def rows_alike(stored: bytes, again: bytes) -> bytes:
    """The head of a stored table of values, and those of its rows that stand in the other one or have the key of a row there that
    does not stand in it: rows of other keys are left out."""
    head, *rows = stored.splitlines(keepends=True)
    others = set(again.splitlines(keepends=True))
    unlike = {row.partition(b",")[0] for row in others - set(rows)}
    return b"".join([head, *(row for row in rows if row in others or row.partition(b",")[0] in unlike)])


def compare_texts(name: str, stored: bytes, again: bytes, found: Differences) -> None:
    """Add the cells in which two CSV files differ."""
    if stored == again:
        return
    before = found.count
    tables = [list(csv.reader(StringIO(data.decode("utf-8-sig", "replace"), newline=""))) for data in (stored, again)]
    head = tables[1][0]
    for number, (mine, other) in enumerate(zip_longest(*tables), start=1):
        if mine is None or other is None:
            found.add(f"{name}, row {number}", "no row" if mine is None else " ".join(mine),
                      "no row" if other is None else " ".join(other))
        elif mine != other:
            key = " ".join(filter(None, other[:ROW_KEYS[name]]))
            for column, a, b in zip_longest(head, mine, other):
                if a != b:
                    found.add(f"{name}, row {number} ({key}), {column or 'one more'}", a, b)
    if found.count == before:                              # quotation marks, the byte-order mark, ends of lines
        found.add(name, "another spelling of the same cells", "its own")


def compare_frames(name: str, stored: pd.DataFrame, again: pd.DataFrame, found: Differences) -> None:
    """Add the cells in which two tables differ."""
    if list(stored.columns) != list(again.columns) or len(stored) != len(again):
        for what, mine, other in (("columns", " ".join(map(str, stored.columns)), " ".join(again.columns)),
                                  ("rows", len(stored), len(again))):
            if mine != other:
                found.add(f"{name}, {what}", mine, other)
        return
    for column in again.columns:
        mine, other = stored[column].to_numpy(), again[column].to_numpy()
        for row in np.flatnonzero(~((mine == other) | (pd.isna(mine) & pd.isna(other)))).tolist():
            key = " ".join(map(str, again.iloc[row, :ROW_KEYS[name]]))
            found.add(f"{name}, row {row + 1} ({key}), {column}", mine[row], other[row])


def _first(paths: pd.DataFrame, draws: int) -> pd.DataFrame:
    return paths[paths["draw"] < draws] if "draw" in paths else paths


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
