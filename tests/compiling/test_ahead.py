"""Two processes share the compiling of what is not kept yet; whatever happens to one of them costs time only."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from simulator.compiling import ahead
from simulator.kernel.programs import PROGRAMS
from simulator.parameters.regions import load_regions
from simulator.run.simulate import simulate
from simulator.scenario import Scenario


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A cache folder of the test's own, and no process from before."""
    monkeypatch.setattr(ahead, "FOLDER", str(tmp_path / "kernels"))
    monkeypatch.setattr(ahead, "DONE", tmp_path / "kernels" / "done")
    monkeypatch.setattr(ahead._Helper, "process", None)


class Program:
    """What `share` needs of a compiled function; notes when it is compiled."""

    def __init__(self, name: str, compiled: list):
        self.py_func, self.compile = SimpleNamespace(__name__=name), lambda types: compiled.append((name, types))


def test_programs_are_called_with_the_types_that_they_are_said_to_have():
    simulate(Scenario("types", ("jiangsu",), schemes=("nrcms",), horizon=1, draws=1, people=200), load_regions())
    for function, types in PROGRAMS.items():
        assert [result.signature.args for result in function.overloads.values()] == [types], function.py_func.__name__


def test_each_leaves_to_the_other_what_it_is_at():
    compiled = []
    programs = [(Program(name, compiled), name.upper()) for name in ("one", "two", "three")]
    with ahead.claim("two", wait=False) as ours:
        assert ours
        assert ahead.share(programs) == programs[1:2]
        assert compiled == [("one", "ONE"), ("three", "THREE")]
    assert ahead.share(programs[1:2]) == []
    assert compiled[2:] == [("two", "TWO")]


def test_all_is_compiled_when_the_second_process_is_gone(monkeypatch):
    compiled = []
    monkeypatch.setattr(ahead._Helper, "process", subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE))
    ahead.finish({Program(name, compiled): name.upper() for name in ("one", "two")})
    assert compiled == [("one", "ONE"), ("two", "TWO")]
    assert ahead._Helper.process is None and ahead.DONE.exists()


def test_the_second_process_ends_with_the_first():
    ahead.begin("simulator.kernel.programs")
    process = ahead._Helper.process
    assert process.poll() is None
    process.stdin.close()                                  # as if this process was killed
    assert process.wait(timeout=60) == 1


@pytest.mark.parametrize("why", ["kept", "one core", "a worker", "no compiler", "no locks"])
def test_no_second_process_is_started_where_it_would_be_of_no_use(why, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("started")

    monkeypatch.setattr(ahead.subprocess, "Popen", refuse)
    monkeypatch.setattr(os, "cpu_count", lambda: 1 if why == "one core" else 2)
    monkeypatch.setattr(ahead, "parent_process", lambda: ahead if why == "a worker" else None)
    monkeypatch.setattr(ahead.numba.config, "DISABLE_JIT", why == "no compiler")
    if why == "no locks":
        monkeypatch.setattr(ahead, "fcntl", None)
    if why == "kept":
        ahead.DONE.parent.mkdir(parents=True)
        ahead.DONE.touch()
    ahead.begin("simulator.kernel.programs")
    assert ahead._Helper.process is None
    monkeypatch.undo()


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(ahead, "FOLDER", str(tmp_path / "file"))
    monkeypatch.setattr(ahead._Helper, "process", subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE))
    compiled = []
    ahead.finish({Program("one", compiled): "ONE"})
    assert compiled == []                                   # it will be when it is called
