"""The tables of a run's worlds: what each has in the place of every uncertain value that acts, and what these values are."""

from __future__ import annotations

from dataclasses import asdict, fields

import numpy as np
import pandas as pd

from simulator.engine.outcome import Result
from simulator.engine.rule_books import key_of_books, row_of_books
from simulator.engine.settings import Asked
from simulator.parameters.uncertain import UncertainRow, row_of, shock_row

UNCERTAIN_COLUMNS = tuple(field.name for field in fields(UncertainRow))
OF_ECONOMY, GROWTH = "economy.", "_growth"      # columns of the economy: its level in the first year, and its growth since


def asked_of(result: Result) -> dict[str, Asked]:
    """The uncertain values whose settings act on a result, by key, each once."""
    return {key: asked for scheme in result.schemes for key, asked in sorted(scheme.settings.items())}


def worlds_frame(result: Result) -> pd.DataFrame:
    """The settings of each world: a column for each value by its key (a multiple, points beside it, or the number of a rule
    book), in the first year in which it acts; and how far the economy is from its central path in the first year, and has grown
    from it since."""
    columns = {"world": np.arange(result.scenario.draws), **{key: asked.settings for key, asked in asked_of(result).items()}}
    for scheme in result.schemes:
        if len(scheme.books) > 1:
            columns[key_of_books(scheme.region, scheme.scheme)] = scheme.book.astype(np.float64)
    for name, path in vars(result.paths).items():
        for column, values in ((name, path[:, 0]), (name + GROWTH, path[:, -1] / path[:, 0])):
            if (values != 1.0).any():
                columns[OF_ECONOMY + column] = values
    return pd.DataFrame(columns)


def uncertain_frame(result: Result) -> pd.DataFrame:
    """What the uncertain values are (`parameters/uncertain.py`): those of the columns of `worlds_frame`, then the shocks that the
    economy's paths are made of."""
    rows = [row_of(asked.value) for asked in asked_of(result).values()]
    rows += [row_of_books(scheme.books, scheme.region, scheme.scheme) for scheme in result.schemes if len(scheme.books) > 1]
    rows += [shock_row(value) for value in result.schemes[0].shocks]
    return pd.DataFrame([asdict(row) for row in rows], columns=UNCERTAIN_COLUMNS)
