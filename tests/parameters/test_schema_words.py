"""Schemas for editors: every description in English and Chinese, and one for scenario files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simulator.parameters.catalogue import CATALOGUE
from simulator.parameters.read import parse_yaml
from simulator.parameters.schema import TOPICS
from simulator.parameters.values import quantity_at
from simulator.scenario import KEYS_OF_A_FILE
from tests.support.command import fundsim

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def schemas(tmp_path_factory):
    folder = tmp_path_factory.mktemp("schema")
    assert fundsim("params", "schema", folder).code == 0
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.iterdir()}


def described(schema):
    """Every description, and the place of each property that has none."""
    if isinstance(schema, list):
        return [one for part in schema for one in described(part)]
    if not isinstance(schema, dict):
        return []
    found = [schema["description"]] if isinstance(schema.get("description"), str) else []
    found += [part.get("description", f"without: {name}") for name, part in schema.get("properties", {}).items()
              if isinstance(part, dict)]
    return found + [one for key, part in schema.items() for one in described(part) if key != "description"]


def test_there_is_a_schema_for_every_topic_for_plans_scenarios_and_mappings(schemas):
    assert set(schemas) == {*TOPICS, "plan", "scenario", "claims-map"}


def test_every_description_is_in_english_and_chinese(schemas):
    for name, schema in schemas.items():
        words = described(schema)
        assert len(words) > 3
        lacking = {said for said in words if not re.search(r"[A-Za-z].* / .*[\u4e00-\u9fff]", said, re.DOTALL)}
        assert not lacking, (name, lacking)


def test_a_scenario_s_schema_has_its_keys_and_every_path(schemas):
    schema = schemas["scenario"]
    assert set(schema["properties"]) == set(KEYS_OF_A_FILE)
    paths = schema["definitions"]["changes"]["properties"]
    assert {(quantity_at(path)[0].split(".")[0], path.rpartition(".")[2]) for path in paths} == {
        (topic, name) for topic, names in CATALOGUE.items() if topic != "plans" for name in names}


def test_the_shipped_scenarios_have_no_key_that_their_schema_lacks(schemas):
    schema = schemas["scenario"]
    for path in sorted((CHECKOUT / "scenarios").rglob("*.yaml")):
        root = parse_yaml(path.read_text(encoding="utf-8"), str(path))
        assert root.items.keys() <= schema["properties"].keys(), path
        for part in (root.items.get("changes"), *(policy.items.get("changes") for policy in getattr(
                root.items.get("policies"), "items", {}).values())):
            for change in getattr(part, "items", {}):
                assert quantity_at(change)[0] in schema["definitions"]["changes"]["properties"], (path, change)
