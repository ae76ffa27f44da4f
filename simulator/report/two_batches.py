"""Finished batches put side by side: which questions both have, and by how much their answers differ.

A question of the one belongs to the question of the other with the same labels (scenario, region, scheme, policy); one that has
none of its labels, to the one that asks the same (the same content name), whatever it is called. Under one seed worlds of one
number have the same random numbers, so a difference is taken world by world; batches of two seeds are independent (Welch).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from simulator.answers.parts import Label, column_of
from simulator.answers.tables import batch_tables, is_batch
from simulator.engine.measures import half_width, heavy_rows, standard_errors
from simulator.folders import read_whole
from simulator.parameters.errors import InputError
from simulator.report.two_runs import INDEPENDENT, PAIRED, apart
from simulator.results import HEAVY_TAIL
from simulator.words import measure_name, policy_name, region_name, short_scheme

ASKED_AS = ("scenario", "region", "scheme", "policy")
GAP_KEYS = ("year", "measure", "group", "unit")
BATCH_GAPS = (*ASKED_AS, "question_a", "question_b", *GAP_KEYS, "a", "b", "difference", "se", "low", "high", "warning", "how")


class Answered(NamedTuple):
    """A question of a batch that has an answer."""

    labels: tuple[str, str, str, str]
    name: str                      # the first letters of its content name
    seed: int


@dataclass(frozen=True)
class OneBatch:
    """A batch's folder, its questions with an answer, and its tables."""

    folder: Path
    questions: tuple[Answered, ...]
    tables: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> OneBatch:
        """InputError if it is no batch, or not as it was written."""
        manifest = read_whole(folder)
        if not is_batch(manifest):
            raise InputError("a batch and a run cannot be compared:", value=str(folder), expected="batches alone, or runs alone")
        tables, found = batch_tables(folder, manifest), []
        for one in manifest["questions"]:
            scenario = manifest["scenarios"][one["scenario"]]
            if not one["failed"]:
                labels = scenario["name"], one["region"], one["scheme"], one["policy"]
                found.append(Answered(labels, one["name"][:16], scenario["seed"]))
        return cls(folder, tuple(found), tables)

    def means(self, question: Answered) -> pd.DataFrame:
        """Mean, error, warning and number of worlds of every year and measure, by GAP_KEYS."""
        table = self.tables["summary"]
        rows = table[table["question"] == question.name]
        for label, value in zip(ASKED_AS, question.labels, strict=True):
            rows = rows[rows[label] == value]
        rows = rows.astype({name: str for name in GAP_KEYS[1:]}).set_index(list(GAP_KEYS))
        return rows[["mean", "se", "warning", "worlds"]]

    def worlds(self, question: Answered, years: Sequence[int]) -> dict[str, np.ndarray]:
        """The measures by world, float64[D, Y], under the names of their columns."""
        import pyarrow.dataset as ds
        chosen = ds.field("year").isin(list(years))
        for label, value in zip(ASKED_AS, question.labels, strict=True):
            chosen &= ds.field(label) == value
        table = self.tables["worlds"].to_table(filter=chosen).to_pandas().sort_values(["world", "year"], kind="stable")
        skipped = ("question", *ASKED_AS, "world", "year")
        return {name: table[name].to_numpy(dtype=np.float64).reshape(-1, len(years)) for name in table if name not in skipped}


@dataclass(frozen=True)
class Batches:
    """Two batches that have a question in common."""

    a: OneBatch
    b: OneBatch

    @classmethod
    def of(cls, folders: Sequence[Path]) -> Batches:
        """InputError unless they are two batches with a question in common."""
        if len(folders) != 2:
            raise InputError("compare takes two batches, got", value=" ".join(map(str, folders)), expected="BATCH BATCH")
        if folders[0].resolve() == folders[1].resolve():
            raise InputError("a batch with itself:", value=str(folders[1]), expected="another batch")
        found = cls(*map(OneBatch.read, folders))
        if not found.pairs:
            raise InputError("the batches have no answered question in common:", value=f"{folders[0]} and {folders[1]}",
                             expected="questions of one scenario, region, scheme and policy, or that ask the same")
        return found

    @cached_property
    def pairs(self) -> list[tuple[Answered, Answered]]:
        """Questions of both, in the first one's order: those with the same labels, else those that ask the same."""
        labelled = {one.labels: one for one in self.b.questions}
        pairs = {one: labelled[one.labels] for one in self.a.questions if one.labels in labelled}
        left = {one.name: one for one in self.b.questions if one not in pairs.values()}
        pairs |= {one: left[one.name] for one in self.a.questions if one not in pairs and one.name in left}
        return [(one, pairs[one]) for one in self.a.questions if one in pairs]

    @property
    def alone(self) -> tuple[int, int]:
        """How many answered questions of either have none in the other."""
        return len(self.a.questions) - len(self.pairs), len(self.b.questions) - len(self.pairs)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every figure that both have, the second's less the first's: the columns BATCH_GAPS."""
        rows = [row for pair in self.pairs for row in self._rows(*pair)]
        return pd.DataFrame(rows, columns=list(BATCH_GAPS))

    def _rows(self, one: Answered, other: Answered) -> Iterator[tuple]:
        means = self.a.means(one).join(self.b.means(other), how="inner", suffixes=("_a", "_b"))
        head = (*one.labels, one.name, other.name)
        if one.seed != other.seed:
            for key, (a, se_a, warning_a, n_a, b, se_b, warning_b, n_b) in zip(means.index, means.to_numpy(), strict=True):
                gap = apart((a, se_a, str(warning_a)), (b, se_b, str(warning_b)), False, (int(n_a), int(n_b)))
                yield (*head, *key, *gap)
            return
        years = sorted(set(means.index.get_level_values("year")))
        a, b = self.a.worlds(one, years), self.b.worlds(other, years)
        for measure, group, unit in dict.fromkeys(key[1:] for key in means.index):
            column = column_of(Label(measure, group, unit))
            n = min(len(a[column]), len(b[column]))
            gap = (b[column][:n] - a[column][:n]).T
            error, half = standard_errors(gap), half_width(1.0, n)
            marks = heavy_rows(gap) if unit != "probability" else np.zeros(len(gap), dtype=bool)
            for y, year in enumerate(years):
                mean, width = float(gap[y].mean()), float("nan") if marks[y] else half * float(error[y])
                yield (*head, year, measure, group, unit, float(a[column][:n, y].mean()), float(b[column][:n, y].mean()), mean,
                       float(error[y]), mean - width, mean + width, HEAVY_TAIL if marks[y] else "", PAIRED)


SHOWN_HEADS = {"scenario": "情景", "region": "地区", "scheme": "制度", "policy": "方案", "year": "年份", "measure": "指标",
         "a": "前者", "b": "后者", "difference": "差", "low": "95%下限", "high": "95%上限"}
SAID_HOW = {PAIRED: ("Paired by world (one seed); 95% intervals of the second less the first.",
                "同一随机种子，按模拟未来配对；差为后者减前者，区间为95%。"),
       INDEPENDENT: ("Independent (two seeds); 95% intervals of the second less the first.",
                     "随机种子不同，相互独立；差为后者减前者，区间为95%。")}
SAID_COUNTS = ("{both} questions that both have answered; {a} of the first and {b} of the second stand alone.",
           "两批共有{both}个已答问题；仅前者有{a}个，仅后者有{b}个。")


def printed(batches: Batches, measures: Sequence[str], lang: str) -> tuple[list[str], pd.DataFrame]:
    """What the terminal shows in a language: sentences, and the differences of some measures in each question's last year."""
    zh = lang == "zh"
    table = batches.table
    table = table[table["measure"].isin(measures) & (table["group"] == "")]
    table = table[table["year"] == table.groupby(list(ASKED_AS))["year"].transform("max")]
    said = [SAID_COUNTS[zh].format(both=len(batches.pairs), a=batches.alone[0], b=batches.alone[1]),
            *(SAID_HOW[how][zh] for how in dict.fromkeys(table["how"]))]
    shown = table[[name for name in SHOWN_HEADS if name not in ASKED_AS or name == "policy" or table[name].nunique() > 1]].copy()
    shown["measure"] = [measure_name(name, lang) for name in shown["measure"]]
    for name, words in (("region", region_name), ("scheme", short_scheme), ("policy", policy_name)):
        if name in shown:
            shown[name] = [words(value, lang) for value in shown[name]]
    return said, shown.rename(columns=SHOWN_HEADS if zh else {})
