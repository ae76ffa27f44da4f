"""Durable folders: flushed in order, whole or not there, each byte under its checksum, whatever is done to them noticed."""

from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator import folders
from simulator.folders import (
    Aside,
    add_to,
    faults,
    leftovers,
    make_folder,
    new_folder,
    read_manifest,
    read_whole,
    sealed,
    table_of,
)
from simulator.parameters.errors import InputError
from tests.campaigns.tamper import make_runs, tamper

ROOT = Path(__file__).resolve().parents[2]
CALLS = ((os, "mkdir"), (os, "open"), (os, "fsync"), (os, "rename"), (os, "replace"), (io, "open"))
LOCK = 5                           # which call locks what is written: after its parent was made and flushed, and it was made
FORCED = """
import sys, time
from pathlib import Path
from simulator.cli.ending import interruptible
from simulator.folders import new_folder
with interruptible(), new_folder(Path(sys.argv[1]) / "made") as aside:
    (aside.path / "half").write_text("half")
    try:
        print("begun", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        time.sleep(60)
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> tuple[Path, Path]:
    """Two runs that differ in nothing but their seeds."""
    return make_runs(tmp_path_factory.mktemp("runs"))


def fill(place: Path) -> None:
    """Write two files and a folder with a third, and the manifest."""
    (place / "a.csv").write_bytes(b"a")
    (place / "b.csv").write_bytes(b"b")
    (place / "figures").mkdir()
    (place / "figures" / "c.svg").write_bytes(b"c")
    (place / folders.MANIFEST).write_bytes(sealed({"asked": 1}, table_of(place)))


def make(final: Path) -> Path:
    with new_folder(final) as aside:
        fill(aside.path)
    return aside.final


# --- durable ---------------------------------------------------------------------------------------


def test_files_then_folders_then_the_name_then_the_folder_of_the_name_reach_the_disk(tmp_path, monkeypatch):
    done: list[tuple[str, str]] = []
    fsync, rename = os.fsync, os.rename

    def flushed(file: int) -> None:
        done.append(("flush", os.readlink(f"/proc/self/fd/{file}")))
        fsync(file)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "rename", lambda old, new: done.append(("rename", str(new))) or rename(old, new))
    with new_folder(tmp_path / "name" / "run") as aside:
        fill(aside.path)
        here = str(aside.path)
    assert done == [("flush", str(tmp_path)), ("flush", f"{here}/figures/c.svg"), ("flush", f"{here}/figures"),
                    ("flush", f"{here}/a.csv"), ("flush", f"{here}/b.csv"), ("flush", f"{here}/manifest.json"), ("flush", here),
                    ("rename", str(tmp_path / "name" / "run")), ("flush", str(tmp_path / "name"))]


def test_names_aside_cannot_be_guessed_and_nothing_that_is_there_is_replaced(tmp_path):
    with new_folder(tmp_path / "run") as one, new_folder(tmp_path / "run") as other:
        assert one.path != other.path and all(len(aside.path.name.rpartition("-")[2]) == 16 for aside in (one, other))
        assert folders.name_of(one.path) == folders.name_of(other.path) == "run"
    assert {one.final.name, other.final.name} == {"run", "run-2"}
    (tmp_path / "run-3").mkdir()
    assert make(tmp_path / "run").name == "run-4"


def failing(monkeypatch, at: int, code: int) -> list[int]:
    """Let the `at`-th call to the system fail; the list counts calls."""
    count = [0]

    def wrapped(call: Callable) -> Callable:
        def instead(*args, **kw):
            count[0] += 1
            if count[0] == at:
                raise OSError(code, os.strerror(code), str(args[0]))
            return call(*args, **kw)
        return instead

    for module, name in CALLS:
        monkeypatch.setattr(module, name, wrapped(getattr(module, name)))
    return count


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS], ids=os.strerror)
def test_each_call_to_the_system_that_fails_leaves_nothing_and_is_told(code, tmp_path, monkeypatch):
    for at in range(1, 100):
        place = tmp_path / str(at)
        place.mkdir()
        with monkeypatch.context() as patch:
            count = failing(patch, at, code)
            try:
                made: Path | None = make(place / "name" / "run")
            except OSError as error:
                made = None
                assert error.errno == code and error.filename
        if made:
            assert read_whole(made) and [path.name for path in made.parent.iterdir()] == ["run"]
            if count[0] < at:
                break
            assert at == LOCK                              # an unlocked folder is as whole
        else:
            assert not (place / "name").exists() or os.listdir(place / "name") == []
    assert at > 20


def test_each_call_that_fails_while_a_report_is_added_leaves_the_folder_as_it_was(tmp_path, monkeypatch):
    for at in range(1, 100):
        folder = make(tmp_path / str(at) / "run")
        before = table_of(folder) | {folders.MANIFEST: folders.digest_of(folder / folders.MANIFEST)}
        aside = Aside(folder, folder=True)
        (aside.path / "figures-zh").mkdir()
        (aside.path / "figures-zh" / "c.svg").write_bytes(b"zh")
        (aside.path / "report.zh.html").write_bytes(b"zh")
        (aside.path / folders.MANIFEST).write_bytes(sealed({"asked": 1}, table_of(folder) | table_of(aside.path)))
        with monkeypatch.context() as patch:
            count = failing(patch, at, errno.EIO)
            try:
                add_to(folder, aside.path)
                failed = False
            except OSError:
                failed = True
        aside.discard()
        assert faults(folder, read_manifest(folder)) == [] and os.listdir(folder.parent) == ["run"]
        if not failed:
            assert count[0] < at
            break
        now = table_of(folder) | {folders.MANIFEST: folders.digest_of(folder / folders.MANIFEST)}
        assert now == before or "report.zh.html" in now        # the last flush alone comes after the manifest has its name
    assert at > 8


def test_a_file_is_replaced_as_a_whole_or_stays(tmp_path, monkeypatch):
    path = tmp_path / "file"
    folders.write_file(path, b"old")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: (_ for _ in ()).throw(OSError(errno.EIO, "fault")))
        with pytest.raises(OSError, match="fault"):
            folders.write_file(path, b"new")
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["file"]
    folders.write_file(path, b"new")
    assert path.read_bytes() == b"new" and os.listdir(tmp_path) == ["file"]


# --- what interrupted writers leave ------------------------------------------------------------------


def test_what_a_writer_that_is_no_more_has_left_is_found_and_what_is_being_written_is_not(tmp_path):
    with new_folder(tmp_path / "run"):
        code = (f"import os; from pathlib import Path; from simulator.folders import Aside\n"
                f"Aside(Path({str(tmp_path)!r}) / 'dead', folder=True); os._exit(0)")
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        (tmp_path / ".partial-old-4711").mkdir()           # of earlier versions, by the number of their process
        (tmp_path / "other").mkdir()
        assert sorted(map(folders.name_of, leftovers(tmp_path))) == ["dead", "old"]
    assert leftovers(tmp_path / "nowhere") == []


def test_a_command_that_does_not_come_back_is_ended_within_two_seconds_and_leaves_nothing(tmp_path):
    def heeding() -> None:                                  # what runs in the background of a shell ignores Ctrl-C
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    started = subprocess.Popen([sys.executable, "-c", FORCED, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, preexec_fn=heeding)
    assert started.stdout.readline() == "begun\n"
    begun = time.monotonic()
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=60)
    assert started.returncode == 3 and said == "interrupted: nothing was written; the same command begins anew\n"
    assert time.monotonic() - begun < 2 * max(os.getloadavg()[0] / (os.cpu_count() or 1), 1) and os.listdir(tmp_path) == []


# --- checked -----------------------------------------------------------------------------------------


def test_sixty_tamperings_with_run_folders_are_noticed(runs):
    ways, missed = tamper(runs, 60, seed=7)
    assert missed == [] and len(ways) == 6


def test_every_bit_of_a_manifest_counts(tmp_path):
    folder = make(tmp_path / "run")
    path = folder / folders.MANIFEST
    data = path.read_bytes()
    for place in range(len(data)):
        for bit in range(8):
            path.write_bytes(data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1:])
            with pytest.raises(InputError):
                read_whole(folder)


def test_a_link_or_a_pipe_in_place_of_a_file_is_named(tmp_path):
    folder = make(tmp_path / "run")
    (folder / "a.csv").unlink()
    os.mkfifo(folder / "a.csv")
    shutil.rmtree(folder / "figures")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "c.svg").write_bytes(b"c")
    (folder / "figures").symlink_to(tmp_path / "figures")
    assert [(fault.file, fault.problem) for fault in faults(folder, read_manifest(folder))] == [
        ("a.csv", "is not a file"), ("figures/c.svg", "is missing")]


def test_a_folder_under_a_file_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        make_folder(tmp_path / "file" / "folder")
