"""What a batch comes to, as tables: every measure of every question, each policy against its baseline, and the worlds.

A batch may be larger than memory. So files are written some questions at a time, in the batch's order, which is the one that
their parts were done in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.answers.batch import Batch
from simulator.answers.parts import column_of
from simulator.answers.questions import Question
from simulator.engine.measures import STATISTICS, half_width, heavy_rows, quantiles, standard_errors
from simulator.needs import WRITTEN_AT_ONCE, questions_at_once
from simulator.results import HEAVY_TAIL
from simulator.scenario import BASELINE

OF_QUESTION = ("question", "scenario", "region", "scheme", "policy")
OF_LABEL = {"measure": "name", "group": "group", "unit": "unit"}
SUMMARY_COLUMNS = (*OF_QUESTION, "year", "measure", "group", "unit", *STATISTICS, "worlds", "warning", "status")
DIFFERENCE_COLUMNS = (*OF_QUESTION, "year", "measure", "group", "unit", "baseline", "value", "difference", "se", "low", "high",
                      "warning")
QUESTIONS_AT_ONCE = WRITTEN_AT_ONCE[0]         # questions whose rows are made together
WORLD_ROWS = 10_000                      # of worlds, at least, that are written together

Answered = tuple[Question, np.ndarray]


def statistics(values: np.ndarray) -> np.ndarray:
    """Mean, standard error and quantiles over worlds of float64[D, ...], float64[..., 7] in the order of STATISTICS."""
    block = values.reshape(len(values), -1).T
    found = np.stack([block.mean(axis=1), standard_errors(block), *quantiles(block)], axis=1)
    return found.reshape(*values.shape[1:], len(STATISTICS))


def heavy(values: np.ndarray, batch: Batch) -> np.ndarray:
    """Which means over worlds of float64[D, years, labels] have a heavy tail, bool[years * labels]; no probability has one."""
    chances = np.array([label.unit == "probability" for label in batch.labels])
    return heavy_rows(values.reshape(len(values), -1).T) & ~np.tile(chances, values.shape[1])


def summary_table(batch: Batch) -> pd.DataFrame:
    """Every measure of every question and year over its worlds; questions without an answer have one row, whose status says why.
    Columns are SUMMARY_COLUMNS."""
    tables = [*_summaries(batch, batch.answered(), len(batch.plan.questions)), *_failed(batch)]
    return pa.concat_tables(tables).to_pandas()


def difference_table(batch: Batch) -> pd.DataFrame:
    """Each policy less its scenario's baseline, paired world by world, with the standard error and the 95% interval of the
    paired difference. Columns are DIFFERENCE_COLUMNS."""
    found = list(_differences(batch, batch.answered(), {}, len(batch.plan.questions)))
    return pa.concat_tables(found).to_pandas() if found else pd.DataFrame(columns=list(DIFFERENCE_COLUMNS))


def write_tables(batch: Batch, folder: Path) -> pd.DataFrame:
    """Write summary.parquet, differences.parquet and worlds/*.parquet; returns the differences of each scenario's last year."""
    (folder / "worlds").mkdir()
    last: list[pd.DataFrame] = [pd.DataFrame(columns=list(DIFFERENCE_COLUMNS))]
    bases: dict[tuple[int, str, str], Answered] = {}
    with contextlib.ExitStack() as files:
        summary, differences = (_File(folder / f"{name}.parquet", files) for name in ("summary", "differences"))
        worlds = [_File(folder / "worlds" / f"{number:03}-{scenario.name}.parquet", files, WORLD_ROWS)
                  for number, scenario in enumerate(batch.plan.scenarios)]
        draws = max((scenario.draws for scenario in batch.plan.scenarios), default=1)
        for some in batched(batch.answered(), questions_at_once(draws)):
            summary.write(_summaries(batch, some))
            for table in _differences(batch, some, bases):
                differences.write([table])
                rows = table.to_pandas()
                ends = {scenario.name: scenario.years[-1] for scenario in batch.plan.scenarios}
                last.append(rows[rows["year"] == rows["scenario"].map(ends).astype(np.int64)])
            for number in dict.fromkeys(question.scenario for question, _ in some):
                worlds[number].write([_worlds(batch, [one for one in some if one[0].scenario == number])])
            for question, values in some:
                batch.outline(question, values)
        summary.write(_failed(batch))
        if not differences.opened:
            differences.write([pa.Table.from_pandas(last[0])])
    return pd.concat(last[1:] or last, ignore_index=True)


def world_tables(batch: Batch) -> Iterator[tuple[str, pd.DataFrame]]:
    """The worlds of each scenario's questions, a row a question, world and year, a column a measure; with the scenario's name."""
    for number, scenario in enumerate(batch.plan.scenarios):
        own = [one for one in batch.answered() if one[0].scenario == number]
        if own:
            yield f"{number:03}-{scenario.name}", _worlds(batch, own).to_pandas()


class _File:
    """A Parquet file that is written some rows at a time, and only if there are any."""

    def __init__(self, path: Path, files: contextlib.ExitStack, rows: int = 1) -> None:
        self._path, self._rows, self._files = path, rows, files
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        files.callback(self._write)

    @property
    def opened(self) -> bool:
        return self._writer is not None or bool(self._waiting)

    def write(self, tables: Iterable[pa.Table]) -> None:
        """Add rows; they are written when there are enough of them."""
        self._waiting += tables
        if sum(len(table) for table in self._waiting) >= self._rows:
            self._write()

    def _write(self) -> None:
        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting).unify_dictionaries()
        self._waiting = []
        if self._writer is None:
            few = [name for name in table.column_names if not pa.types.is_floating(table.schema.field(name).type)]
            self._writer = self._files.enter_context(pq.ParquetWriter(self._path, table.schema, compression="zstd",
                                                                      use_dictionary=few, write_statistics=few))
            self._files.callback(self._write)
        self._writer.write_table(table)


def _summaries(batch: Batch, answered: Iterable[Answered], at_once: int = QUESTIONS_AT_ONCE) -> Iterator[pa.Table]:
    """The rows of questions with an answer."""
    with ThreadPoolExecutor(2) as pool:                                # which sort beside each other
        questions, worlds, found = list[Question](), list[int](), list[tuple[np.ndarray, np.ndarray]]()
        for some in batched(answered, QUESTIONS_AT_ONCE):
            found += pool.map(lambda one: (statistics(one[1]), heavy(one[1], batch)), some)
            questions += [question for question, _ in some]
            worlds += [len(values) for _, values in some]
            if len(questions) >= at_once:
                yield _summary(batch, questions, worlds, found)
                questions, worlds, found = [], [], []
    if questions:
        yield _summary(batch, questions, worlds, found)


def _summary(batch: Batch, questions: Sequence[Question], worlds: Sequence[int],
             found: Sequence[tuple[np.ndarray, np.ndarray]]) -> pa.Table:
    columns = _heads(batch, questions)
    rows = np.concatenate([of_one.reshape(-1, len(STATISTICS)) for of_one, _ in found])
    columns |= {name: rows[:, n].copy() for n, name in enumerate(STATISTICS)}
    columns["worlds"] = np.repeat(np.array(worlds), [len(marks) for _, marks in found])
    columns["warning"] = _warnings([marks for _, marks in found])
    return pa.table({**columns, "status": _words(["done"], np.zeros(len(rows), dtype=np.int32))})


def _failed(batch: Batch) -> list[pa.Table]:
    """The rows of questions without an answer."""
    failed = [question for question in batch.plan.questions if question.name not in batch.values]
    if not failed:
        return []
    heads = [_head(batch, question) for question in failed]
    codes, nothing = np.arange(len(failed), dtype=np.int32), pa.nulls(len(failed), pa.int32())
    columns: dict[str, Any] = {name: _words([head[name] for head in heads], codes) for name in OF_QUESTION}
    columns["year"] = pa.nulls(len(failed), pa.int64())
    columns |= {name: pa.DictionaryArray.from_arrays(nothing, pa.array([], pa.string())) for name in OF_LABEL}
    columns |= {name: pa.nulls(len(failed), pa.float64()) for name in STATISTICS}
    columns["worlds"] = pa.nulls(len(failed), pa.int64())
    columns["warning"] = _warnings([np.zeros(len(failed), dtype=bool)])
    return [pa.table({**columns, "status": _words([batch.failures[question.name] for question in failed], codes)})]


def _differences(batch: Batch, answered: Iterable[Answered], bases: dict[tuple[int, str, str], Answered],
                 at_once: int = QUESTIONS_AT_ONCE) -> Iterator[pa.Table]:
    """The rows of policies beside a baseline; `bases` keeps the baseline met last from one call to the next."""
    names = {(one.scenario, one.region, one.scheme): one for one in batch.plan.questions if one.policy.name == BASELINE}
    for some in batched(answered, at_once):
        questions, rows = [], []
        for question, values in some:
            of = question.scenario, question.region, question.scheme
            if question.policy.name == BASELINE:
                bases.clear()
                bases[of] = question, values
            elif of in bases or (of in names and names[of].name in batch.values):
                base = bases[of][1] if of in bases else batch.values[names[of].name]
                bases.clear()
                bases[of] = names[of], base
                questions.append(question)
                rows.append(_gap(values, base, heavy(values - base, batch)))
        if questions:
            *columns, marks = zip(*rows, strict=True)
            yield pa.table(_heads(batch, questions) | {name: np.concatenate(column) for name, column in zip(
                DIFFERENCE_COLUMNS[-7:-1], columns, strict=True)} | {"warning": _warnings(marks)})


def _gap(mine: np.ndarray, theirs: np.ndarray, marks: np.ndarray) -> tuple[np.ndarray, ...]:
    """Baseline, value, difference, standard error and interval of every year and measure, and its marks: none has an interval
    where it is marked."""
    gap = mine - theirs
    block = gap.reshape(len(gap), -1).T
    difference, se = block.mean(axis=1), standard_errors(block)
    half = np.where(marks, np.nan, half_width(1.0, len(gap)) * se)
    return theirs.mean(axis=0).ravel(), mine.mean(axis=0).ravel(), difference, se, difference - half, difference + half, marks


def _worlds(batch: Batch, answered: Sequence[Answered]) -> pa.Table:
    places = [np.indices(values.shape[:2]).reshape(2, -1) for _, values in answered]
    lengths = [place.shape[1] for place in places]
    heads = [_head(batch, question) for question, _ in answered]
    codes = np.repeat(np.arange(len(answered), dtype=np.int32), lengths)
    columns: dict[str, Any] = {name: _words([head[name] for head in heads], codes) for name in OF_QUESTION}
    columns["world"] = np.concatenate([place[0] for place in places])
    columns["year"] = np.concatenate([place[1] + batch.plan.scenarios[question.scenario].year
                                      for place, (question, _) in zip(places, answered, strict=True)])
    flat = np.ascontiguousarray(np.concatenate([values.reshape(-1, len(batch.labels)) for _, values in answered]).T)
    return pa.table(columns | {column_of(label): column for label, column in zip(batch.labels, flat, strict=True)})


def batched(items: Iterable[Answered], most: int) -> Iterator[list[Answered]]:
    """The items, so many at a time."""
    left = iter(items)
    while some := list(islice(left, most)):
        yield some


def _head(batch: Batch, question: Question) -> dict[str, str]:
    return {"question": question.name[:16], "scenario": batch.plan.scenarios[question.scenario].name, "region": question.region,
            "scheme": question.scheme, "policy": question.policy.name}


def _heads(batch: Batch, questions: Sequence[Question]) -> dict[str, Any]:
    """The columns that say whose, when and what a row is, for every year and measure of some questions."""
    years = [batch.plan.scenarios[question.scenario].years for question in questions]
    heads, lengths = [_head(batch, question) for question in questions], [len(own) * len(batch.labels) for own in years]
    codes = np.repeat(np.arange(len(questions), dtype=np.int32), lengths)
    columns: dict[str, Any] = {name: _words([head[name] for head in heads], codes) for name in OF_QUESTION}
    columns["year"] = np.repeat(np.concatenate([np.array(own) for own in years]), len(batch.labels))
    labels = np.tile(np.arange(len(batch.labels), dtype=np.int32), sum(map(len, years)))
    return columns | {column: _words([getattr(label, field) for label in batch.labels], labels)
                      for column, field in OF_LABEL.items()}


def _warnings(marks: Sequence[np.ndarray]) -> pa.DictionaryArray:
    """The column of warnings."""
    return pa.DictionaryArray.from_arrays(np.concatenate(marks).astype(np.int32), pa.array(["", HEAVY_TAIL], pa.string()))


def _words(words: Sequence[str], codes: np.ndarray) -> pa.DictionaryArray:
    """A column of words, which are known by number."""
    known = {word: n for n, word in enumerate(dict.fromkeys(words))}
    number = np.array([known[word] for word in words], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(number[codes], pa.array(list(known), pa.string()))
