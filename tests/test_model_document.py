"""docs/model-document.md: its figures are those of the pages and of the measured bridge."""

import re

import pandas as pd

from tests.support.model_document import BRIDGE, COLUMNS, PAGE, bar_rows, bridge_table


def numbers(line: str) -> list[float]:
    return [float(cell.strip(" *").replace(",", "")) for cell in line.strip("|").split("|")[1:]]


def test_the_steps_of_the_bridge_add_up_to_the_last_station_in_the_digits_that_are_shown():
    rows = [numbers(line) for line in bridge_table(pd.read_csv(BRIDGE)).splitlines()[2:] if line.startswith("|")]
    for column in range(len(COLUMNS)):
        first, *steps, last = (row[column] for row in rows)
        assert abs(first + sum(steps) - last) < 0.05


def test_the_page_shows_the_bridge_as_measured_and_the_bars_as_validation_has_them():
    text = PAGE.read_text(encoding="utf-8")
    assert bridge_table(pd.read_csv(BRIDGE)) in text
    assert bar_rows() in text and bar_rows().count("\n") >= 8


def test_the_page_has_what_the_profession_asks_of_a_model_document():
    found = re.findall(r"^## \d\. (.+)$", PAGE.read_text(encoding="utf-8"), re.M)
    assert found == ["Purpose and use", "Data", "Assumptions", "Method", "Validation", "Limits", "Changes since the last version",
                     "Governance"]
