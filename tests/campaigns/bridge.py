"""The bridge of docs/model-document.md: what each change of the model moved, in figures that add up.

    python -m tests.campaigns.bridge                  # runs every commit of bridge.csv, and this tree, one after the other
    python -m tests.campaigns.bridge --draws 200      # default 100

Each station is a whole state of the program with its own parameters, in a worktree of its own, asked the same question: Jiangsu
and Linyi, NRCMS, from 2012 to 2021. A step is the difference of two stations, so steps add up to the difference of the first and
the last. A station holds whatever had entered by then, named by the largest part of it. A commit that was measured with as many
draws is not run again; this tree is.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tests.support.model_document import write_document

ROOT = Path(__file__).resolve().parent.parent.parent
STATIONS, FIGURES = Path(__file__).with_name("bridge.csv"), Path(__file__).with_name("bridge-figures.csv")
HERE = "this version"


class Asked(NamedTuple):
    """One figure of a station: a region's measure in a year, by its names in summary.csv."""

    name: str
    region: str
    measure: str
    year: int


ASKED = (Asked("spending_jiangsu", "jiangsu", "expenditure_per_head", 2012),
         Asked("spending_linyi", "linyi", "expenditure_per_head", 2012),
         Asked("balance_jiangsu", "jiangsu", "balance", 2021), Asked("balance_linyi", "linyi", "balance", 2021))


def station(tree: Path, draws: int) -> dict[str, float]:
    """What the program in `tree` answers: name -> mean."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "simulator.cli", "compare", "jiangsu", "linyi", "--year", "2012", "--schemes", "nrcms",
                   "--horizon", "10", "--draws", str(draws), "--out", out]
        subprocess.run(command, cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, check=True, stdout=subprocess.DEVNULL)
        summary = pd.read_csv(next(Path(out).rglob("summary.csv")))
    found = {}
    for one in ASKED:
        rows = summary[(summary["region"] == one.region) & (summary["measure"] == one.measure) & (summary["year"] == one.year)
                       & summary["group"].isna()]
        found[one.name] = float(rows["mean"].iloc[0])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=100)
    draws = parser.parse_args().draws
    with open(STATIONS, encoding="utf-8", newline="") as file:
        stations = list(csv.DictReader(file))
    measured = pd.read_csv(FIGURES, dtype={"commit": str}).to_dict("records") if FIGURES.exists() else []
    done = {row["commit"]: row for row in measured if row["draws"] == draws}
    rows = []
    for one in stations:
        if one["commit"] in done:
            rows.append({**done[one["commit"]], **one})
            continue
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder) / "tree"
            subprocess.run(["git", "worktree", "add", "--detach", "--quiet", str(tree), one["commit"]], cwd=ROOT, check=True)
            try:
                rows.append({**one, "draws": draws, **station(tree, draws)})
            finally:
                subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)
        print(rows[-1], flush=True)
        pd.DataFrame(rows).to_csv(FIGURES, index=False)
    rows.append({"commit": HERE, "date": "", "change": "worlds have settings that agree with published figures", "draws": draws,
                 **station(ROOT, draws)})
    print(rows[-1], flush=True)
    pd.DataFrame(rows).to_csv(FIGURES, index=False)
    write_document()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
