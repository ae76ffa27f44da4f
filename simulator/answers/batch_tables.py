"""What a batch comes to, as tables: every measure of every question, each policy against its baseline, and the worlds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from simulator.answers.batch import Batch
from simulator.answers.parts import column_of
from simulator.answers.questions import Question
from simulator.engine.measures import PROBABILITIES, STATISTICS, half_width, standard_errors
from simulator.scenario import BASELINE

OF_QUESTION = ("question", "scenario", "region", "scheme", "policy")
SUMMARY_COLUMNS = (*OF_QUESTION, "year", "measure", "group", "unit", *STATISTICS, "worlds", "status")
DIFFERENCE_COLUMNS = (*OF_QUESTION, "year", "measure", "group", "unit", "baseline", "value", "difference", "se", "low", "high")


def statistics(values: np.ndarray) -> np.ndarray:
    """Mean, standard error and quantiles over worlds of float64[D, ...], float64[..., 7] in the order of STATISTICS."""
    block = values.reshape(len(values), -1).T
    found = np.stack([block.mean(axis=1), standard_errors(block), *np.quantile(block, PROBABILITIES, axis=1)], axis=1)
    return found.reshape(*values.shape[1:], len(STATISTICS))


def summary_table(batch: Batch) -> pd.DataFrame:
    """Every measure of every question and year over its worlds; questions without an answer have one row, whose status says why.
    Columns are SUMMARY_COLUMNS."""
    years = {number: len(scenario.years) for number, scenario in enumerate(batch.plan.scenarios)}
    found = {name: statistics(values) for name, values in batch.values.items()}            # once, whoever asks
    frames = []
    for question in batch.plan.questions:
        head = _head(batch, question)
        if question.name in found:
            shape = years[question.scenario], len(batch.labels)
            rows = found[question.name].reshape(-1, len(STATISTICS))
            frames.append(pd.DataFrame({
                **head, "year": np.repeat(batch.plan.scenarios[question.scenario].years, shape[1]), **_labelled(batch, shape[0]),
                **{name: rows[:, n] for n, name in enumerate(STATISTICS)},
                "worlds": len(batch.values[question.name]), "status": "done"}))
        else:
            frames.append(pd.DataFrame([{**head, "status": batch.failures[question.name]}]))
    return pd.concat(frames, ignore_index=True).reindex(columns=list(SUMMARY_COLUMNS))


def difference_table(batch: Batch) -> pd.DataFrame:
    """Each policy less its scenario's baseline, paired world by world, with the standard error and the 95% interval of the
    paired difference. Columns are DIFFERENCE_COLUMNS."""
    frames = []
    for question, base in pairs(batch):
        mine, theirs = batch.values[question.name], batch.values[base.name]
        gap = mine - theirs
        block = gap.reshape(len(gap), -1).T
        difference, se = block.mean(axis=1), standard_errors(block)
        half = half_width(1.0, len(gap)) * se
        years = batch.plan.scenarios[question.scenario].years
        frames.append(pd.DataFrame({
            **_head(batch, question), "year": np.repeat(years, len(batch.labels)), **_labelled(batch, len(years)),
            "baseline": theirs.mean(axis=0).ravel(), "value": mine.mean(axis=0).ravel(), "difference": difference, "se": se,
            "low": difference - half, "high": difference + half}))
    if not frames:
        return pd.DataFrame(columns=list(DIFFERENCE_COLUMNS))
    return pd.concat(frames, ignore_index=True).reindex(columns=list(DIFFERENCE_COLUMNS))


def pairs(batch: Batch) -> Iterator[tuple[Question, Question]]:
    """Each answered policy with the baseline of its own scenario, region and scheme."""
    baselines = {(one.scenario, one.region, one.scheme): one for one in batch.plan.questions if one.policy.name == BASELINE}
    for question, _ in batch.answered():
        base = baselines[question.scenario, question.region, question.scheme]
        if question.policy.name != BASELINE and base.name in batch.values:
            yield question, base


def world_tables(batch: Batch) -> Iterator[tuple[str, pd.DataFrame]]:
    """The worlds of each scenario's questions, a row a question, world and year, a column a measure; with the scenario's name."""
    columns = [column_of(label) for label in batch.labels]
    for number, scenario in enumerate(batch.plan.scenarios):
        frames = []
        for question, values in batch.answered():
            if question.scenario == number:
                worlds, years = np.indices(values.shape[:2]).reshape(2, -1)
                frame = pd.DataFrame(values.reshape(-1, len(columns)), columns=columns)
                frames.append(pd.concat([pd.DataFrame({**_head(batch, question), "world": worlds,
                                                       "year": years + scenario.year}, index=frame.index), frame], axis=1))
        if frames:
            yield f"{number:03}-{scenario.name}", pd.concat(frames, ignore_index=True)


def _head(batch: Batch, question: Question) -> dict[str, str]:
    return {"question": question.name[:16], "scenario": batch.plan.scenarios[question.scenario].name, "region": question.region,
            "scheme": question.scheme, "policy": question.policy.name}


def _labelled(batch: Batch, years: int) -> dict[str, list[str]]:
    return {column: [getattr(label, field) for label in batch.labels] * years
            for column, field in (("measure", "name"), ("group", "group"), ("unit", "unit"))}
