"""The table of the rules that were found: each stands in a region's files, or the reason why it does not."""

from __future__ import annotations

import csv
import re

import pytest

from simulator.parameters.regions import load_regions, params_path

WITHOUT_NUMBER = ("true", "false", "none", "full", "half / none", "as active")


@pytest.fixture(scope="module")
def rules():
    with open(params_path() / "tables" / "found_rules.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def said(entry) -> str:
    """All that an entry says, numbers without marks between the thousands."""
    return re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", f"{entry.data} {entry.note} {entry.source} {entry.alternatives}")


def test_every_rule_found_is_entered_or_has_a_reason_why_not(rules):
    assert len(rules) == 283
    for rule in rules:
        assert bool(rule["entered"]) != bool(rule["not_entered"]), rule
        assert rule["confidence"] in "abc" and rule["source"]


def test_what_is_entered_stands_in_the_region_s_own_file_with_its_number(rules):
    regions = load_regions()
    for rule in rules:
        for place in filter(None, rule["entered"].split("; ")):
            name, path = place.split(" ")
            entries = regions[name].layers[0].entries.get(path, ())
            assert entries, place
            numbers = [] if rule["value"] in WITHOUT_NUMBER else re.findall(r"[0-9]+(?:\.[0-9]+)?", rule["value"])
            assert not numbers or any(re.search(rf"(?<![0-9.]){re.escape(number)}(?![0-9])", said(entry))
                                      for number in numbers for entry in entries), (place, rule)


def test_nothing_later_than_2014_is_entered_but_the_end_that_a_document_of_2014_sets(rules):
    later = [rule for rule in rules if int(rule["years"][:4]) > 2014]
    assert [rule["entered"] for rule in later if rule["entered"]] == ["shandong cii.nrcms.listed_ratio"]
    assert all("plan files" in rule["not_entered"] for rule in later if not rule["entered"])
