"""`fundsim params new`: the files of a region to be filled in, with what is inherited as comments."""

from __future__ import annotations

import re

import pytest

from simulator.parameters.catalogue import CATALOGUE
from simulator.parameters.new import files_of_new
from simulator.parameters.regions import load_regions
from tests.support.command import fundsim


@pytest.fixture
def made(tmp_path):
    said = fundsim("params", "new", "nanjing2", "--parent", "jiangsu", "--zh", "南京", "--params", tmp_path / "own")
    assert said.code == 0, said
    return tmp_path / "own", said


def uncommented(text):
    """A file as it is when all of it is stated: heads filled in, the lines of the head left out."""
    lines = text.partition("\n#\n")[2].replace('"..."', '"1000"').split("\n")
    return "\n".join(line[2:] if line.startswith("# ") else line.removeprefix("#") for line in lines if "待填" not in line)


def test_a_new_region_inherits_everything_until_something_is_stated(made):
    own, said = made
    assert "population.yaml" in said.out and "参保人数" in said.out
    regions = load_regions(params=own)
    new, parent = regions["nanjing2"], regions["jiangsu"]
    assert new.names == {"en": "Nanjing2", "zh": "南京"} and new.lineage == ("nanjing2", "jiangsu", "national")
    assert not new.layers[0].entries and new.paths() == parent.paths()
    for verb in ("show", "check"):
        assert fundsim("params", verb, "nanjing2", "--params", own).code in (0, 1)
    refused = fundsim("explain", "--region", "nanjing2", "--tier", "city", "--bill", "100", "--params", own)
    assert refused.code in (0, 2) and "Traceback" not in refused.err


@pytest.mark.parametrize("parent", ["nanjing", "zibo"])
def test_what_stands_in_comments_is_what_is_inherited_ready_to_be_stated(parent, tmp_path):
    regions = load_regions()
    home = tmp_path / "own" / "new"
    home.mkdir(parents=True)
    for name, text in files_of_new("new", "New", "新", regions[parent], regions).items():
        if name != "plans.yaml":                           # of which nothing is inherited: how one would be written
            (home / name).write_text(text if name == "region.yaml" else uncommented(text), encoding="utf-8")
    stated = load_regions(params=home.parent)["new"]
    left = [path for path in regions[parent].paths() if path not in stated.layers[0].entries]
    assert all(re.fullmatch(r"pooling\.\w+\.(unit_\w+|city_counties)", path) for path in left)     # of Jiangsu's counties
    assert bool(left) == (parent == "nanjing")
    for path in set(regions[parent].paths()) - {*left}:
        nearest = next(layer for layer in regions[parent].layers if path in layer.entries)
        if not path.endswith("participants"):
            assert [(e.from_, e.data, e.status, e.source, e.note, e.spread) for e in stated.layers[0].entries[path]] == [
                (e.from_, e.data, e.status, e.source, e.note, e.spread) for e in nearest.entries[path]], path


def test_each_value_says_from_whom_it_is_and_heads_are_marked_to_be_filled_in(made):
    home = made[0] / "nanjing2"
    text = (home / "inpatient.yaml").read_text(encoding="utf-8")
    assert re.search(r"# Deductible by tier.* / 住院起付线 \(CNY/admission\); from (jiangsu|national) \(继承自 \1\)", text)
    heads = (home / "population.yaml").read_text(encoding="utf-8")
    assert heads.count("TO FILL IN 待填") == 2 + heads.count("participants:") >= 5
    assert heads.index("TO FILL IN 待填") < heads.index("participation_rate")
    assert {path.stem for path in home.iterdir()} <= {*CATALOGUE, "region"}


def test_one_block_without_its_comment_signs_is_stated(made):
    own, _ = made
    path = own / "nanjing2" / "funding.yaml"
    kept = re.search(r"# nrcms:\n(?:#   .*\n)*?(#   subsidy:\n(?:#     .*\n)+)", path.read_text(encoding="utf-8"))
    path.write_text("nrcms:\n" + kept[1].replace("# ", "", 1).replace("\n# ", "\n"), encoding="utf-8")
    assert load_regions(params=own)["nanjing2"].value("funding.nrcms.subsidy", 2012).region == "nanjing2"


def test_a_new_region_is_told_how_to_name_a_plan_file_of_its_own(made):
    own, _ = made
    text = uncommented((own / "nanjing2" / "plans.yaml").read_text(encoding="utf-8"))
    (own / "nanjing2" / "plans.yaml").write_text(text.replace("NAME", "dezhou-nrcms-2011").replace(
        "status: law", "status: estimate").replace('"1000"', '"estimate: as in Dezhou"'), encoding="utf-8")
    assert '"ratio"' in load_regions(params=own)["nanjing2"].value("plans.nrcms.file", 2012).value


def test_nothing_is_overwritten(made):
    own, _ = made
    (own / "nanjing2" / "funding.yaml").write_text("# mine\n", encoding="utf-8")
    said = fundsim("params", "new", "nanjing2", "--parent", "jiangsu", "--params", own)
    assert said.code == 2 and "已有同名文件夹" in said.err
    assert (own / "nanjing2" / "funding.yaml").read_text(encoding="utf-8") == "# mine\n"
    assert [path.name for path in own.iterdir()] == ["nanjing2"]


def test_a_new_region_may_descend_from_ones_own(made):
    own, _ = made
    assert fundsim("params", "new", "gulou", "--parent", "nanjing2", "--zh", "鼓楼", "--params", own).code == 0
    assert load_regions(params=own)["gulou"].lineage == ("gulou", "nanjing2", "jiangsu", "national")


@pytest.mark.parametrize(("words", "says"), [
    (("南京", "--parent", "jiangsu"), "its Chinese name goes into --zh"), (("plans", "--parent", "jiangsu"), "NAME: 'plans'"),
    (("linyi", "--parent", "shandong"), "there is a region of this name"),
    (("x", "--parent", "jiangsuu"), "did you mean 'jiangsu'?"),
    (("x", "--parent", "jiangsu", "--zh", "a\nb"), "--zh:"), (("../x", "--parent", "jiangsu"), "NAME: '../x'"),
])
def test_what_cannot_be_made_is_refused_and_nothing_written(words, says, tmp_path):
    said = fundsim("params", "new", *words, "--params", tmp_path / "own")
    assert said.code == 2 and says in said.err and not (tmp_path / "own").exists()
