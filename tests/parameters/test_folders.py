"""Folders of regions: added to the shipped ones, every fault told at once, what editors leave behind passed over."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.parameters.added import adding
from simulator.parameters.errors import InputError
from simulator.parameters.files import LARGEST_TEXT, read_file
from simulator.parameters.read import decode, parse_yaml
from simulator.parameters.regions import known_regions, load_regions
from tests.support.command import fundsim

CHECKOUT = Path(__file__).resolve().parents[2]
TOY = CHECKOUT / "tests" / "toy_country"
CAP = """nrcms:
  annual_cap:
    unit: CNY/person/year
    values:
      - {from: 2012-01-01, value: "200000", status: assumption, source: "assumption: a test"}
"""
HEADS = """nrcms:
  participants:
    unit: person
    values:
      - {from: 2010-01-01, value: "2000000", status: assumption, source: "assumption: a test"}
"""


@pytest.fixture
def own(tmp_path):
    """A folder with one region, nanjing2, that states a cap of its own."""
    return made(tmp_path / "own", "nanjing2", "name: {en: Nanjing, zh: 南京}\nparent: jiangsu\n",
                {"inpatient.yaml": CAP, "population.yaml": HEADS})


def made(folder, name, region, files):
    (folder / name).mkdir(parents=True)
    for file, text in {"region.yaml": region, **files}.items():
        (folder / name / file).write_text(text, encoding="utf-8")
    return folder


def faults(folder, params=None):
    with pytest.raises(InputError) as refused:
        load_regions(folder, params)
    return [str(fault) for fault in (refused.value, *refused.value.others)]


# --- a folder of one's own -------------------------------------------------------------------------


def test_a_region_of_an_added_folder_stands_beside_the_shipped_ones(own):
    regions = load_regions(params=own)
    assert {"nanjing2", "jiangsu", "national"} <= set(regions)
    assert regions["nanjing2"].lineage == ("nanjing2", "jiangsu", "national")
    assert regions["nanjing2"].value("inpatient.nrcms.annual_cap", 2012).value == 200_000
    assert "nanjing2" not in load_regions()


def test_a_region_of_an_added_folder_stands_in_place_of_the_shipped_one_of_its_name(tmp_path):
    own = made(tmp_path / "own", "linyi", "name: {en: Linyi, zh: 临沂}\nparent: shandong\n", {"inpatient.yaml": CAP})
    changed, shipped = load_regions(params=own)["linyi"], load_regions()["linyi"]
    assert changed.value("inpatient.nrcms.annual_cap", 2012).value == 200_000
    assert shipped.value("inpatient.nrcms.annual_cap", 2012, required=False) != changed.value("inpatient.nrcms.annual_cap", 2012)
    assert set(changed.layers[0].entries) == {"inpatient.nrcms.annual_cap"} != set(shipped.layers[0].entries)


def test_within_the_block_of_adding_every_load_has_the_folder_and_behind_it_none(own):
    with adding(own):
        assert "nanjing2" in load_regions() and "nanjing2" in known_regions()
        with adding(None):
            assert "nanjing2" in load_regions()
        assert "nanjing2" not in load_regions(TOY)
    assert "nanjing2" not in load_regions()


def test_the_option_holds_for_one_command(own):
    said = fundsim("params", "show", "nanjing2", "--params", own, "--topic", "inpatient")
    assert said.code == 0 and "200000" in said.out
    said = fundsim("params", "show", "nanjing2")
    assert said.code == 2 and "a region of your own: --params DIR" in said.err


def test_a_folder_that_is_none_is_refused(tmp_path):
    said = fundsim("params", "list", "--params", tmp_path / "nowhere")
    assert said.code == 2 and said.err.startswith("error: --params:") and "a folder with a folder for each region" in said.err


def test_a_run_of_a_region_of_ones_own_is_named_and_verified_with_its_folder(own, tmp_path):
    (tmp_path / "asked.yaml").write_text("name: own\nregions: [nanjing2]\nschemes: [nrcms]\nhorizon: 1\ndraws: 2\npeople: 200\n",
                                         encoding="utf-8")
    said = fundsim("run", tmp_path / "asked.yaml", "--params", own, "--out", tmp_path / "results", "--threads", 1, "--lang", "zh")
    assert said.code == 0 and "南京" in said.out, said
    folder, = (tmp_path / "results" / "own").iterdir()
    assert "南京" in (folder / "report.html").read_text(encoding="utf-8")
    assert fundsim("verify", folder, "--params", own).code == 0
    without = fundsim("verify", folder)
    assert without.code == 2 and "nanjing2" in without.err


def test_spawned_processes_of_a_batch_have_the_folder_too(own, tmp_path):
    (tmp_path / "asked.yaml").write_text("name: own\nregions: [nanjing2]\nschemes: [nrcms]\nhorizon: 1\ndraws: 2\npeople: 200\n",
                                         encoding="utf-8")
    words = "batch", tmp_path / "asked.yaml", "--params", own, "-j", "1", "--no-report", "--out", tmp_path / "results"
    done = subprocess.run([sys.executable, "-m", "simulator.cli", *words], capture_output=True, text=True, cwd=CHECKOUT)
    assert done.returncode == 0, done.stderr


# --- every fault at once ---------------------------------------------------------------------------


def test_every_fault_of_every_file_is_told_in_order(tmp_path):
    toy = Path(shutil.copytree(TOY, tmp_path / "params"))
    (toy / "province" / "income.yaml").write_text(
        "cpi: {unit: '%', values: [{from: 2012, value: 3%, status: law, source: x}]}\nwagee: {}\n", encoding="utf-8")
    (toy / "province" / "inpatients.yaml").write_text("", encoding="utf-8")
    (toy / "national" / "care.yaml").write_text("nrcms: [\n", encoding="utf-8")
    (toy / "orphan").mkdir()
    found = faults(toy)
    assert [text.partition(": ")[0].removeprefix(f"{toy}/") for text in found] == [
        "national/care.yaml:2:1", "orphan", "province/income.yaml:1:13", "province/income.yaml:1:34",
        "province/income.yaml:1:47", "province/income.yaml:2:1", "province/inpatients.yaml"]


def test_a_circle_is_told_once_and_a_fault_that_descendants_inherit_too(tmp_path):
    toy = Path(shutil.copytree(TOY, tmp_path / "params"))
    for name, parent in (("a", "b"), ("b", "a"), ("c", "a"), ("d", "nowhere"), ("e", "d")):
        made(toy, name, f"name: {{en: X, zh: 某}}\nparent: {parent}\n", {})
    found = faults(toy)
    assert len(found) == 2 and "in a circle: 'a > b > a'" in found[0] and "unknown parent region 'nowhere'" in found[1], found


def test_the_command_tells_at_most_fifty_faults_and_counts_the_rest(tmp_path):
    values = "\n".join(f"  {{from: {1900 + n}-01-01, value: x, status: assumption, source: s}}," for n in range(70))
    own = made(tmp_path / "own", "nanjing2", "name: {en: N, zh: 宁}\nparent: jiangsu\n",
               {"income.yaml": f"cpi: {{unit: '%/year', values: [\n{values}]}}\n"})
    said = fundsim("params", "list", "--params", own)
    lines = said.err.splitlines()
    assert said.code == 2 and len(lines) == 52 and lines[-2:] == ["... and 20 more", "70 faults"]
    assert [int(line.split(":")[2]) for line in lines[:50]] == list(range(2, 52))


def test_what_editors_and_desktops_leave_is_passed_over_and_other_files_are_named(own):
    for name in ("income.yaml~", ".#income.yaml", ".income.yaml.swp", "income.swp", "income.yaml.bak", "#income.yaml#",
                 ".DS_Store", "Thumbs.db"):
        (own / "nanjing2" / name).write_text("[", encoding="utf-8")
        (own / name).write_text("[", encoding="utf-8")
    assert "nanjing2" in load_regions(params=own)
    (own / "nanjing2" / "notes.txt").write_text("", encoding="utf-8")
    (own / "nanjing2" / "incomes.yaml").write_text("", encoding="utf-8")
    (own / "funding.yaml").write_text("", encoding="utf-8")
    assert [text.split(": ")[1] for text in faults(None, own)] == [
        "a parameter file beside the regions' folders", "not a parameter file", "not a parameter file"]


def test_a_folder_whose_name_no_region_may_have_is_named(own):
    (own / "南京").mkdir()
    assert any("not a name of a region: '南京'" in text for text in faults(None, own))


# --- what is no file of text -----------------------------------------------------------------------


def pipe(path):
    os.mkfifo(path)


def device(path):
    path.symlink_to("/dev/zero")


def loop(path):
    path.symlink_to(path)


def folder(path):
    path.mkdir()


def socket_of(path):
    import socket
    with socket.socket(socket.AF_UNIX) as made:
        os.chdir(path.parent)
        made.bind(path.name)


def large(path):
    with path.open("wb") as file:
        file.truncate(LARGEST_TEXT + 1)


ODD = {"a pipe": (pipe, "a pipe, not a"), "a device": (device, "a device, not a"), "a loop of links": (loop, "cannot read the"),
       "a folder": (folder, "a folder, not a"), "a socket": (socket_of, "a socket, not a"),
       "a huge file": (large, "too large for a")}


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_file_is_refused_at_once_wherever_a_file_is_named(kind, own, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make, says = ODD[kind]
    for name in ("asked.yaml", "claims.csv", "own/nanjing2/funding.yaml"):
        make((tmp_path / name).absolute())
        monkeypatch.chdir(tmp_path)
    commands = [("run", "asked.yaml"), ("batch", "asked.yaml"), ("solve", "asked.yaml", "--vary", "a", "--until", "b"),
                ("explain", "--plan", "asked.yaml", "--tier", "city", "--bill", "1", "--in-scope", "70"),
                ("losses", "asked.yaml", "--rate", "1", "--severity", "exponential:mean=1"),
                ("attribute", "jiangsu", "linyi", "--blocks", "asked.yaml"), ("params", "list", "--params", "own")]
    if kind != "a huge file":
        commands.append(("settle", "claims.csv", "--region", "jiangsu", "--out", "out.csv"))
    for words in commands:
        start = time.process_time()
        said = fundsim(*words)
        if words[0] == "batch" and kind == "a folder":
            assert said.code == 2 and "no scenario file in" in said.err
            continue
        assert said.code == 2 and says in said.err and said.err.count("\n") == 1, (words, said)
        assert time.process_time() - start < 2, words


def test_a_plan_of_one_word_that_is_a_loop_of_links_is_no_unknown_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    loop(Path("mine"))
    said = fundsim("explain", "--plan", "mine", "--tier", "city", "--bill", "1", "--in-scope", "70")
    assert said.code == 2 and said.err.startswith("error: cannot read the plan: 'mine'")


def test_a_file_that_says_it_is_empty_is_read_no_further_than_the_most():
    with pytest.raises(InputError, match="too large for a scenario"):
        read_file(Path("/proc/self/maps"), "scenario", "x", largest=10)


@pytest.mark.parametrize("text", ["[" * 100_000, "{" * 100_000, "a: " + "[" * 100_000, "- " * 50_000, "{a: " * 30_000,
                                  "? " * 50_000, "[,\u2028" * 50_000, "a: " + "[" * 50_000 + "]" * 50_000,
                                  "\n".join(" " * n + "a:" for n in range(440))], ids=lambda text: text[:6])
def test_nesting_without_end_is_refused_at_once(text):
    start = time.process_time()
    with pytest.raises(InputError, match="nested too deeply|not a name"):
        parse_yaml(decode(text.encode(), "f"), "f")
    assert time.process_time() - start < 1


def test_half_a_character_is_refused_where_it_stands():
    with pytest.raises(InputError, match=r'^f:1:6: half of a character \(a lone surrogate\)'):
        parse_yaml('a: [ "\\ud800"]', "f")


def test_brackets_end_a_command_in_less_than_256_megabytes(tmp_path):
    bomb = tmp_path / "bomb.yaml"
    bomb.write_text("regions: " + "[" * 100_000, encoding="utf-8")
    code = ("import re, sys\nfrom simulator.cli.main import main\nsys.argv = ['fundsim', 'run', sys.argv[1]]\n"
            "try:\n    main()\nexcept SystemExit as end:\n"
            "    print(end.code, re.search('VmHWM: *([0-9]+)', open('/proc/self/status').read().replace(chr(9), ' '))[1])\n")
    done = subprocess.run([sys.executable, "-c", code, bomb], capture_output=True, text=True, cwd=CHECKOUT, check=True)
    ended, kilobytes = map(int, done.stdout.split())
    assert ended == 2 and kilobytes < 256 * 1024 and "nested too deeply" in done.stderr


@pytest.mark.parametrize("words", [
    ("params", "show", "x\udcff"), ("run", "a\udcff.yaml"), ("explain", "--region", "\ud800", "--tier", "city", "--bill", "1"),
    ("compare", "jiangsu", "linyi", "--set", "inpatient.nrcms.annual_cap=\udcff"), ("params", "list", "--params", "/\udcff"),
    ("params", "new", "x", "--parent", "jiangsu", "--zh", "\udcff", "--params", "own"),
], ids=ascii)
def test_half_a_character_in_an_option_is_refused_in_a_line_that_can_be_written(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = fundsim(*words)
    assert said.code == 2 and said.err.count("\n") == 1 and said.err.encode() and list(tmp_path.iterdir()) == []
