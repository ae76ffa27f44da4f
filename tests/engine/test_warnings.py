"""What an early warning is worth, told from funds whose years are written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.engine.two_funds import Warnings
from simulator.fund.columns import Columns

TWO = Columns.of([2])
HEADS = np.array([[100, 300]])


def told(years: list[tuple[str, str, str]], columns: Columns = TWO) -> list[dict[str, float]]:
    """Each year's shares: a year is who is warned, who ends below zero as run and unchanged, as names of the units a and b."""
    def units(names: str) -> np.ndarray:
        return np.array([["a" in names, "b" in names]])

    warnings = Warnings()
    return [{row.name: row.values.item() for row in warnings.measures(columns, HEADS, *map(units, year))} for year in years]


def test_a_false_alarm_is_counted_when_its_two_years_are_over_and_a_missed_deficit_when_it_comes():
    first, second, third, fourth = told([("a", "", ""), ("", "", ""), ("", "", "b"), ("", "", "")])
    assert first["false_alarm"] == second["false_alarm"] == second["missed_deficit"] == 0
    assert third == pytest.approx({"false_alarm": 0.25, "missed_deficit": 0.75, "deficit_avoided": 0.75, "deficit_caused": 0})
    assert not any(fourth.values())


def test_a_warning_before_a_deficit_of_either_year_is_neither_false_nor_the_deficit_missed():
    for deficit in (1, 2):
        years = [("b", "", ""), *(("", "", "b" if year == deficit else "") for year in (1, 2))]
        assert all(found["false_alarm"] == found["missed_deficit"] == 0 for found in told(years))


def test_a_deficit_long_after_a_warning_that_was_answered_is_not_missed():
    assert told([("b", "", ""), *[("", "", "b")] * 4])[-1] == pytest.approx(
        {"false_alarm": 0, "missed_deficit": 0, "deficit_avoided": 0.75, "deficit_caused": 0})


def test_a_deficit_that_only_the_fund_as_run_has_is_caused():
    assert told([("", "ab", "b")])[0] == {"deficit_avoided": 0, "deficit_caused": 0.25, "false_alarm": 0, "missed_deficit": 0}


def test_merged_units_begin_anew():
    warnings, one = Warnings(), np.array([[True, True]])
    for _ in range(2):
        warnings.measures(TWO, HEADS, one, ~one, ~one)
    alone = np.array([[True]])
    found = warnings.measures(Columns.of([1]), np.array([[400]]), alone, ~alone, ~alone)
    assert not any(row.values.any() for row in found)
