"""What the system refuses ends in one line, touches nothing and leaves nothing half-written: the campaign in short form."""

from __future__ import annotations

import pytest

from simulator import folders
from simulator.folders import MANIFEST, Aside, add_to, sealed, table_of
from simulator.output import write_new
from tests.campaigns.faults import VERBS, make_home, mounted, refuse
from tests.support.command import fundsim

QUICK = {verb: VERBS[verb] for verb in ("explain", "settle", "settle skip", "settle force", "claims map")}


def test_what_the_system_refuses_ends_in_one_line_and_leaves_nothing(tmp_path):
    make_home(tmp_path, run=False)
    said: list[str] = []
    count = refuse(tmp_path, QUICK, 20, seed=2, tell=said.append)
    assert said == [] and count["tried"] == 20 and min(count[kind] for kind in ("call", "size", "files")) > 1


def test_a_disk_that_is_full_or_cannot_be_written_is_told_of(tmp_path):
    make_home(tmp_path, run=False)
    said: list[str] = []
    mounted(tmp_path, {verb: QUICK[verb] for verb in ("settle", "settle skip")}, said.append)
    assert said == []


def test_the_campaign_would_see_what_is_left_half_written(tmp_path, monkeypatch):
    make_home(tmp_path, run=False)
    monkeypatch.setattr(Aside, "discard", lambda self: self.release())
    said: list[str] = []
    refuse(tmp_path, {"settle": VERBS["settle"]}, 4, seed=2, tell=said.append)
    assert any("left" in line and ".partial-" in line for line in said)


def refuse_at(monkeypatch, place):
    """Refuse to force the names in one folder to the disk."""
    real = folders.flush_one

    def flush_one(path):
        if path == place:
            raise OSError(5, "the disk reports a fault", str(path))
        real(path)

    monkeypatch.setattr(folders, "flush_one", flush_one)


def test_a_manifest_that_the_disk_does_not_take_is_as_it_was(tmp_path, monkeypatch):
    run, aside = tmp_path / "run", tmp_path / "aside"
    for folder, name in ((run, "old.csv"), (aside, "new.csv")):
        folder.mkdir()
        (folder / name).write_text(name, encoding="utf-8")
        (folder / MANIFEST).write_bytes(sealed({"of": name}, table_of(folder)))
    before, calls = (run / MANIFEST).read_bytes(), []
    real = folders.flush_one

    def second_refused(path):
        calls.append(path)
        if calls.count(run) == 2:                          # after the manifest was put in place
            raise OSError(5, "the disk reports a fault", str(path))
        real(path)

    monkeypatch.setattr(folders, "flush_one", second_refused)
    with pytest.raises(OSError, match="fault"):
        add_to(run, aside)
    assert (run / MANIFEST).read_bytes() == before and sorted(path.name for path in run.iterdir()) == [MANIFEST, "old.csv"]


def test_of_files_that_are_written_together_none_is_left_where_one_fails(tmp_path, monkeypatch):
    files = {tmp_path / "one.json": b"1", tmp_path / "two.json": b"2"}
    (tmp_path / "deep").mkdir()
    files[tmp_path / "deep" / "three.json"] = b"3"
    refuse_at(monkeypatch, tmp_path / "deep")
    with pytest.raises(OSError, match="fault"):
        write_new(files, False)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_was_made_for_nothing_is_removed(tmp_path, monkeypatch):
    place = tmp_path / "made" / "schema"
    refuse_at(monkeypatch, place)
    said = fundsim("params", "schema", place)
    assert said.code == 4 and "fault" in said.err and not (tmp_path / "made").exists()
