"""Two processes share the compiling of what is not cached yet; whatever happens to one of them costs time only."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from simulator.compiling import cache, precompile
from simulator.compiling.compiled import FOLDER
from simulator.engine import warm
from simulator.engine.simulate import simulate
from simulator.kernel.programs import PROGRAMS
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
MODULE = "simulator.kernel.programs", "PROGRAMS"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A cache of the test's own, and no process from before."""
    monkeypatch.setenv("FUNDSIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(precompile._Worker, "process", None)
    monkeypatch.setattr(cache, "_said", set())
    yield tmp_path / "cache"
    precompile.end()


class Program:
    """What `share` needs of a compiled function; notes when it is compiled."""

    def __init__(self, name: str, compiled: list):
        self.py_func, self.overloads = SimpleNamespace(__name__=name), {}
        self._cache, self.targetctx = SimpleNamespace(name=lambda *_: name), SimpleNamespace(codegen=lambda: None)
        self.compiled = compiled

    def compile(self, types: str) -> None:
        self.overloads[types] = self
        self.compiled.append((self.py_func.__name__, types))


def programs_of(compiled: list, *names: str) -> dict:
    return {Program(name, compiled): name.upper() for name in names}


def silent(*_) -> None:
    pass


def test_programs_are_called_with_the_types_that_they_are_declared_with(monkeypatch):
    monkeypatch.undo()                                     # with the programs of the user's own cache
    simulate(Scenario("types", ("jiangsu",), schemes=("nrcms",), horizon=1, draws=1, people=200), load_regions())
    for function, types in PROGRAMS.items():
        assert [result.signature.args for result in function.overloads.values()] == [types], function.py_func.__name__


def test_each_process_leaves_to_the_other_what_it_is_at():
    compiled: list = []
    programs = list(programs_of(compiled, "one", "two", "three").items())
    with cache.locked(FOLDER, "two") as ours:
        assert ours
        assert precompile.share(programs, silent, 3) == programs[1:2]
        assert compiled == [("one", "ONE"), ("three", "THREE")]
    assert precompile.share(programs[1:2], silent, 3) == []
    assert compiled[2:] == [("two", "TWO")]


def test_all_is_compiled_when_the_second_process_is_gone(monkeypatch):
    compiled, told = [], []
    monkeypatch.setattr(precompile._Worker, "process", subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE))
    precompile.finish(programs_of(compiled, "one", "two"), lambda *what: told.append(what))
    assert compiled == [("one", "ONE"), ("two", "TWO")] and told == [("one", 0, 2), ("two", 1, 2)]
    assert precompile._Worker.process is None


def test_a_process_that_never_lets_go_is_waited_for_a_while_only(monkeypatch):
    compiled: list = []
    monkeypatch.setattr(precompile, "LONGEST", 0.1)
    with cache.locked(FOLDER, "one"):
        precompile.finish(programs_of(compiled, "one"))
    assert compiled == [("one", "ONE")]


def test_the_second_process_is_started_once_with_a_line_and_ends_with_the_first(capsys):
    compiled: list = []
    for _ in range(2):
        precompile.start(*MODULE, programs_of(compiled, "one"))
    process = precompile._Worker.process
    assert capsys.readouterr().err == "compiling the rules, once: about 15 s\n"
    assert process.poll() is None and compiled == []
    process.stdin.close()                                  # as if this process was killed
    assert process.wait(timeout=60) == 1


@pytest.mark.parametrize("why", ["compiled", "a worker", "no compiler", "one core", "no locks", "no cache"])
def test_no_second_process_is_started_where_it_would_be_of_no_use(why, monkeypatch, capsys, elsewhere):
    def refuse(*_, **__):
        raise AssertionError("started")

    programs = programs_of([], "one")
    monkeypatch.setattr(precompile.subprocess, "Popen", refuse)
    monkeypatch.setattr(os, "cpu_count", lambda: 1 if why == "one core" else 2)
    monkeypatch.setattr(precompile, "parent_process", lambda: precompile if why == "a worker" else None)
    monkeypatch.setattr(precompile.numba.config, "DISABLE_JIT", why == "no compiler")
    if why == "no locks":
        monkeypatch.setattr(cache, "CAN_LOCK", False)
    if why == "compiled":
        cache.write(f"{FOLDER}/programs", "one", b"machine code")
    if why == "no cache":
        elsewhere.write_text("in the way", encoding="utf-8")
    precompile.start(*MODULE, programs)
    *notes, line = capsys.readouterr().err.splitlines() or [""]
    assert precompile._Worker.process is None
    assert line == {"one core": "compiling the rules, once: about 15 s", "no locks": "compiling the rules, once: about 15 s",
                    "no cache": "compiling the rules, for this run alone: about 30 s"}.get(why, "")
    assert len(notes) == (why == "no cache")
    monkeypatch.undo()


def test_what_verify_compiles_is_said_to_be_for_one_run(capsys, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with cache.empty_cache():
        precompile.start(*MODULE, programs_of([], "one"))
    assert capsys.readouterr().err == "compiling the rules, for this run alone: about 15 s\n"


def test_a_folder_that_cannot_be_written_is_no_error(elsewhere, capsys):
    elsewhere.write_text("in the way", encoding="utf-8")
    compiled: list = []
    precompile.finish(programs_of(compiled, "one"))
    assert compiled == [("one", "ONE")]


def test_an_import_starts_no_process_and_says_nothing():
    code = ("import subprocess\n"
            "def refuse(*_, **__): raise AssertionError('started')\n"
            "subprocess.Popen.__init__ = refuse\n"
            "from simulator import Scenario, load_regions, simulate\n"
            "import simulator.engine.warm, simulator.kernel.programs, simulator.cli.main")
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_warming_fills_the_cache_and_does_nothing_where_it_cannot(elsewhere, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(warm, "simulate", lambda *what: asked.append(what))
    assert warm.main() == 0 and len(asked) == 1
    assert [path.parent.name for path in elsewhere.rglob("*.json")] == ["parameters"]
    monkeypatch.setenv("FUNDSIM_CACHE", "/dev/null/none")
    assert warm.main() == 0 and len(asked) == 1
    assert len([line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]) == 1


def test_warming_shows_each_program(monkeypatch, capsys):
    compiled: list = []
    monkeypatch.setattr(warm, "PROGRAMS", programs_of(compiled, "one", "two"))
    monkeypatch.setattr(warm, "simulate", silent)
    monkeypatch.setattr(warm, "start_compiling", silent)
    assert warm.main() == 0 and len(compiled) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split() for line in lines[:2]] == [["one", "0/2"], ["two", "1/2"]] and lines[2].endswith("2/2")
