"""The folder of an attributed gap or of a swap matrix: its table, its manifest and its figure, written aside and renamed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd

from simulator.answers.attribute import STORED, Answer, Attribution, Figure, Swap
from simulator.folders import MANIFEST, new_folder, sealed, table_of
from simulator.results import csv_bytes, run_folder, versions

PARTS = ("kind", "name", "mean", "se", "low", "high", "order_low", "order_high", "differs", "warning")
MATRIX = ("people", "rules", "mean", "se", "low", "high", "difference", "difference_se", "difference_low", "difference_high",
         "warning")


def stored(figure: Figure) -> str:
    """A stored mean as a decimal number with six places."""
    return f"{Decimal(figure.millionths) / STORED.denominator:.6f}"


def attribution_frame(found: Attribution) -> pd.DataFrame:
    """The first side, each part and the second side, a row each, in the measure's unit; the means add up to the last digit."""
    a, b = found.question.regions
    sides = [("side", name, stored(figure), figure.se, figure.low, figure.high, float("nan"), float("nan"), "", figure.warning)
             for name, figure in ((a, found.a), (b, found.b))]
    parts = [("part", part.block, stored(part.figure), part.figure.se, part.figure.low, part.figure.high, part.order_low,
              part.order_high, str(part.differs).lower(), part.figure.warning) for part in found.parts]
    gap = ("gap", f"{b} less {a}", stored(found.gap), found.gap.se, found.gap.low, found.gap.high, float("nan"), float("nan"), "",
           found.gap.warning)
    return pd.DataFrame([sides[0], *parts, sides[1], gap], columns=PARTS)


def swap_frame(found: Swap) -> pd.DataFrame:
    """The matrix, a row a cell, with its paired difference to the same people under their own region's rules."""
    rows = [(cell.people, cell.rules, stored(cell.figure), cell.figure.se, cell.figure.low, cell.figure.high,
             stored(cell.difference), cell.difference.se, cell.difference.low, cell.difference.high, cell.figure.warning)
            for cell in found.cells]
    return pd.DataFrame(rows, columns=MATRIX)


def manifest(answer: Answer, verb: str) -> dict:
    """What the answer was asked and made from: enough to ask again."""
    return {"verb": verb, "question": answer.question.as_dict(), "unit": answer.unit, "worlds": answer.worlds,
            "settled": answer.settled, "result_digest": answer.digest, "versions": versions(),
            "levels": [level.as_dict() for level in answer.levels]}


def write_answer(answer: Attribution | Swap, out: Path, lang: str) -> Path:
    """Write a folder `<verb>-<regions>-<year>/<run-id>` of `out` with the table, manifest.json and the figure in a language."""
    from simulator.report.attribution_figures import heat_map, waterfall
    from simulator.report.style import write as write_figure

    asked = answer.question
    verb = "attribute" if isinstance(answer, Attribution) else "swap"
    scenario = asked.scenario(f"{verb}-{'-'.join(asked.regions)}-{asked.year}", asked.regions)

    with new_folder(run_folder(out, scenario, answer.digest)) as aside:
        if isinstance(answer, Attribution):
            (aside.path / "attribution.csv").write_bytes(csv_bytes(attribution_frame(answer)))
            write_figure(lambda: waterfall(answer, lang), aside.path, "waterfall")
        else:
            (aside.path / "swap-matrix.csv").write_bytes(csv_bytes(swap_frame(answer)))
            write_figure(lambda: heat_map(answer, lang), aside.path, "swap-matrix")
        (aside.path / MANIFEST).write_bytes(sealed(manifest(answer, verb), table_of(aside.path)))
    return aside.final
