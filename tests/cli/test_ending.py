"""How the command ends: one line and the exit code for what the environment refuses, interruptions, what is foretold."""

from __future__ import annotations

import errno
import os
import re
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from pathlib import Path

import pytest

from simulator import needs
from simulator.needs import disk_of, memory_of, refuse_too_large
from simulator.scenario import Policy, Scenario
from tests.support.command import fundsim

ROOT = Path(__file__).resolve().parents[2]
ASKED = Scenario("asked", ("linyi",), schemes=("nrcms",), horizon=2, draws=100, people=1000)
OUT_OF_THE_ENVIRONMENT = {
    "free some space": OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/results/x"),
    "'/results/x'; name a place that you may use": OSError(errno.EACCES, os.strerror(errno.EACCES), "/results/x"),
    "name a place that can be written": OSError(errno.EROFS, os.strerror(errno.EROFS)),
    "the disk reports a fault": OSError(errno.EIO, os.strerror(errno.EIO)),
    "something without a number": OSError("something without a number"),
    "not enough memory; ask for fewer draws": MemoryError(),
    "not enough memory: 4 GB; ask": MemoryError("4 GB"),
    "a worker process ended: killed; it may have lacked memory": BrokenProcessPool("killed"),
}


def crowd() -> float:
    """How many processes share a processor here: a second of this machine is so many seconds."""
    return max(os.getloadavg()[0] / (os.cpu_count() or 1), 1.0)


@pytest.fixture
def question(tmp_path) -> Path:
    path = tmp_path / "asked.yaml"
    path.write_text("regions: [linyi]\nschemes: [nrcms]\nhorizon: 1\ndraws: 2\npeople: 300\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("said", OUT_OF_THE_ENVIRONMENT)
def test_what_the_environment_refuses_is_one_line_and_exit_code_4(said, question, tmp_path, monkeypatch):
    def fail(*_):
        raise OUT_OF_THE_ENVIRONMENT[said]

    monkeypatch.setattr(import_module("simulator.engine.side_by_side"), "simulate_at", fail)
    ended = fundsim("run", question, "--out", tmp_path / "out")
    assert ended.code == 4 and ended.out == ""
    assert ended.err.startswith("error: ") and ended.err.count("\n") == 1 and said in ended.err


@pytest.mark.parametrize("most", [1_000, 60_000])
def test_a_disk_that_takes_no_more_ends_a_run_with_4_and_leaves_nothing(most, question, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        ended = fundsim("run", question, "--threads", "1", "--out", tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert ended.code == 4 and ended.err.rstrip().rpartition("\n")[2].startswith("error: ") and "Traceback" not in ended.err
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_written_is_found_out_before_any_work(question, tmp_path, monkeypatch):
    monkeypatch.setattr(import_module("simulator.engine.side_by_side"), "simulate_at",
                        lambda *_: pytest.fail("it has begun to work"))
    write = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", lambda path, data: write(path, data[:0]) and None or (_ for _ in ()).throw(
        OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))))
    ended = fundsim("run", question, "--out", tmp_path / "out")
    assert ended.code == 4 and str(tmp_path / "out") in ended.err and not (tmp_path / "out").exists()


def test_what_interrupted_runs_have_left_is_named_at_the_next_start_and_not_deleted(question, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("simulator.engine.side_by_side"), "simulate_at", stop)
    left = [tmp_path / "out" / "asked" / f".partial-run-{number}" for number in range(7)]
    for path in left:
        path.mkdir(parents=True)
    ended = fundsim("run", question, "--out", tmp_path / "out")
    assert ended.code == 3 and ended.err.count("note: an interrupted command has left") == 5
    assert str(left[0]) in ended.err and "and 2 more" in ended.err and all(path.is_dir() for path in left)


def test_a_run_that_is_asked_to_end_does_so_within_two_seconds_and_leaves_nothing(question, tmp_path):
    started = subprocess.Popen([sys.executable, "-m", "simulator.cli", "run", str(question), "--out", str(tmp_path / "out")],
                               cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "FUNDSIM_CACHE": str(tmp_path / "cache")})           # so that it compiles
    while not (tmp_path / "cache" / "kernels").exists() and started.poll() is None:
        time.sleep(0.01)
    begun = time.monotonic()
    started.send_signal(signal.SIGTERM)
    _, said = started.communicate(timeout=60)
    assert started.returncode == 3 and "interrupted: nothing was written; the same command begins anew\n" in said
    assert time.monotonic() - begun < 2 * crowd() and not list((tmp_path / "out").rglob(".partial-*"))


def test_an_interruption_after_a_run_has_its_name_says_so(question, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.report.write.finish_run", lambda *_: None)
    monkeypatch.setattr("simulator.report.overview.print_brief", stop)
    ended = fundsim("run", question, "--threads", "1", "--out", tmp_path / "out")
    made = next((tmp_path / "out" / "asked").iterdir())
    assert ended.code == 3 and ended.err.endswith(f"interrupted, but what was being written is whole: {made}\n")


# --- foretold --------------------------------------------------------------------------------------


def test_what_does_not_fit_into_memory_is_refused_with_what_does(question, tmp_path, monkeypatch):
    monkeypatch.setattr(import_module("simulator.engine.side_by_side"), "simulate_at",
                        lambda *_: pytest.fail("it has begun to work"))
    question.write_text("regions: [linyi, jiangsu]\nhorizon: 50\ndraws: 100000\npeople: 1000\n", encoding="utf-8")
    ended = fundsim("run", question, "--out", tmp_path / "out")
    assert ended.code == 4 and ended.err.count("\n") == 1 and "not enough memory: the run needs about" in ended.err


@pytest.mark.parametrize("free", [1e9, 5e9, 30e9])
def test_the_draws_that_are_proposed_fit_and_a_tenth_more_do_not(free, monkeypatch):
    monkeypatch.setattr(needs, "free_memory", lambda: free)
    with pytest.raises(MemoryError, match=r"\d+ draws fit") as refused:
        refuse_too_large(ASKED.but(draws=100_000, horizon=50))
    draws = int(str(refused.value).split(" draws fit")[0].split()[-1])
    refuse_too_large(ASKED.but(draws=draws, horizon=50))
    with pytest.raises(MemoryError):
        refuse_too_large(ASKED.but(draws=draws + draws // 10 + 1, horizon=50))


def test_a_batch_is_proposed_where_it_fits_and_only_there(monkeypatch):
    asked = ASKED.but(draws=20_000, horizon=5, policies=tuple(Policy(name) for name in ("baseline", *"abcdefgh")))
    for free, fits in ((3e9, True), (1e9, False)):
        monkeypatch.setattr(needs, "free_memory", lambda free=free: free)
        with pytest.raises(MemoryError) as refused:
            refuse_too_large(asked)
        assert ("fundsim batch FILE" in str(refused.value)) is fits is (needs.memory_in_parts(asked) <= free)
    assert [needs.questions_at_once(draws) for draws in (1, 2_000, 4_000, 100_000)] == [8, 8, 4, 1]


def test_where_no_draws_fit_something_else_is_proposed(monkeypatch):
    monkeypatch.setattr(needs, "free_memory", lambda: 1e8)
    with pytest.raises(MemoryError, match="fewer policies, years, schemes"):
        refuse_too_large(ASKED.but(policies=(Policy("baseline"), Policy("other"))))


def test_what_does_not_fit_on_the_disk_is_refused_with_what_does(tmp_path, monkeypatch):
    monkeypatch.setattr(needs.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 30e6}))
    with pytest.raises(OSError, match=r"0.03 GB are free; \d+ draws fit") as refused:
        refuse_too_large(ASKED.but(draws=100_000), tmp_path)
    assert refused.value.errno == errno.ENOSPC


def test_a_run_takes_no_more_than_was_foretold(question, tmp_path):
    asked = ASKED.but(horizon=1, draws=2, people=300)
    # ru_maxrss of a child is at least what its parent had when it was forked, so the child reads its own
    told = ("import atexit, pathlib, runpy, sys; "
            "atexit.register(lambda: print(pathlib.Path('/proc/self/status').read_text(), file=sys.stderr)); "
            "runpy.run_module('simulator.cli', run_name='__main__', alter_sys=True)")
    ended = subprocess.run([sys.executable, "-c", told, "run", str(question), "--threads", "1", "--out", str(tmp_path)],
                           cwd=ROOT, check=True, capture_output=True, text=True)
    taken = re.search(r"VmHWM:\s+(\d+) kB", ended.stderr)
    assert taken and 100e6 < int(taken[1]) * 1024 <= memory_of(asked)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) <= disk_of(asked)
