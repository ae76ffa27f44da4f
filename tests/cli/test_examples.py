"""Examples that help and errors name are found wherever the program was installed and from whatever folder it is called."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from simulator.designs import scenarios_of
from simulator.parameters.errors import InputError
from simulator.parameters.files import or_example
from simulator.parameters.planfile import read_plan
from simulator.scenario import read_scenario

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"\b(?:scenarios|docs)/[a-z0-9/-]+\.yaml\b")
SAID = {name for source in (ROOT / "simulator").rglob("*.py") for name in NAMED.findall(source.read_text(encoding="utf-8"))}


def test_every_example_that_is_named_is_in_the_wheel():
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert len(SAID) >= 4 and wheel["sources"]["scenarios"] == "simulator/_examples/scenarios"
    for name in SAID:
        assert (ROOT / name).is_file(), name
        assert any(name == part or name.startswith(f"{part}/") for part in wheel["only-include"]), name


@pytest.mark.parametrize("name", sorted(SAID))
def test_an_example_is_read_from_any_folder(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (read_plan if name.startswith("docs/") else read_scenario)(Path(name))


def test_a_folder_of_examples_is_read_from_any_folder_and_a_users_own_file_goes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(scenarios_of(["scenarios/gallery"])) >= 18
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "deductible.yaml").write_text("name: mine\nregions: [linyi]\n", encoding="utf-8")
    assert read_scenario("scenarios/deductible.yaml").name == "mine"


@pytest.mark.parametrize("name", ["scenarios/none.yaml", "scenarios/../scenarios/deductible.yaml", "params/linyi/region.yaml"])
def test_what_is_no_example_is_not_looked_for(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert or_example(Path(name)) == Path(name)
    with pytest.raises(InputError):
        read_scenario(name)
