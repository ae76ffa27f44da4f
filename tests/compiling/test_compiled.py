"""Machine code of the cache is that of the sources, types and versions, or is compiled anew; nothing is kept beside a source."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numba
import pytest
from numba import float64, int64
from numba.core.dispatcher import Dispatcher

from simulator.compiling import cache
from simulator.compiling import compiled as compiled_module
from simulator.compiling.compiled import PROGRAMS, ProgramCache, is_compiled
from tests.campaigns.cache import DAMAGES, another, beside_the_source

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder of programs in a cache of the test's own."""
    monkeypatch.setenv("FUNDSIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_said", set())
    return tmp_path / "cache" / PROGRAMS


def plus_1(number):
    return number + 1


def plus_2(number):
    return number + 2


def fresh(function=plus_1):
    """A program as a new process has it: not compiled, with its cache."""
    program = compiled_module.compiled(function)
    program._cache = ProgramCache(function)
    return program


def hits(program) -> int:
    return sum(program._cache_hits.values())


def test_a_program_is_compiled_once_for_all_processes(folder):
    first, second = fresh(), fresh()
    assert not is_compiled(first, (int64,))
    assert first(5) == second(5) == 6 and (hits(first), hits(second)) == (0, 1)
    assert is_compiled(fresh(), (int64,)) and not is_compiled(fresh(), (float64,))
    assert second(0.5) == 1.5 and hits(second) == 1
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_program_is_compiled_anew_and_replaced(folder, damage):
    assert (fresh(plus_1)(5), fresh(plus_2)(5)) == (6, 7)
    files = sorted(folder.iterdir())
    whole = [file.read_bytes() for file in files]
    for file, data in zip(files, whole, strict=True):
        file.write_bytes(damage(data, whole[files.index(another(file, files))]))
    programs = [fresh(plus_1), fresh(plus_2)]
    assert not any(is_compiled(program, (int64,)) for program in programs)
    assert [program(5) for program in programs] == [6, 7] and [hits(program) for program in programs] == [0, 0]
    programs = [fresh(plus_1), fresh(plus_2)]
    assert [program(5) for program in programs] == [6, 7] and [hits(program) for program in programs] == [1, 1]


@pytest.mark.parametrize("what", ["another processor", "another version", "another module"])
def test_machine_code_of_another_processor_version_or_module_is_not_loaded(what, monkeypatch):
    fresh()(5)
    again = fresh()
    if what == "another processor":
        monkeypatch.setattr(type(again.targetctx.codegen()), "magic_tuple", lambda self: ("x86_64", "a later one", ""))
    elif what == "another version":
        monkeypatch.setattr(compiled_module, "VERSIONS", (*compiled_module.VERSIONS[:-1], "another"))
    else:
        monkeypatch.setattr(plus_1, "__module__", "another")
    assert again(5) == 6 and hits(again) == 0


def test_machine_code_that_is_whole_and_cannot_be_loaded_is_compiled_anew(folder):
    program = fresh()
    cache.write(PROGRAMS, program._cache.name((int64,), program.targetctx.codegen()), b"no code at all")
    assert program(5) == 6 and hits(program) == 0
    assert fresh()(5) == 6


@pytest.mark.parametrize("kind", ["of another package", "with a closure"])
def test_a_function_whose_sources_are_not_all_known_is_not_cached(kind, folder):
    by = 2

    def plus(number):
        return number + by

    def twice(number):
        return number + number

    function = plus if kind == "with a closure" else twice
    if kind == "with a closure":
        function.__module__ = "simulator.toy"
    assert compiled_module.compiled(function)(2) == 4 and not folder.exists()


def test_nothing_is_kept_where_nothing_can_be_written_nor_beside_the_source(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FUNDSIM_CACHE", "/dev/null/none")
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    assert (fresh()(5), fresh()(5)) == (6, 6)
    assert len(capsys.readouterr().err.splitlines()) == 1 and beside_the_source() == []


@pytest.mark.parametrize("already", ["", "import numba"])
def test_compiled_functions_are_cached_in_the_named_folder_whatever_numba_is_told(tmp_path, already):
    """Numba's default folder, beside the sources, would serve rules that have since been edited."""
    program = f"{already}\nfrom simulator.chance.random import philox\nphilox(1, 2, 3, 4, 5, 6)\nprint(philox._cache.cache_path)"
    environment = {**os.environ, "FUNDSIM_CACHE": str(tmp_path), "PYTHONPATH": str(ROOT),
                   "NUMBA_CACHE_DIR": str(tmp_path / "numba"), "NUMBA_CACHE_LOCATOR_CLASSES": "InTreeCacheLocator"}
    environment.pop("NUMBA_DISABLE_JIT", None)
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert Path(run.stdout.strip()).is_relative_to(tmp_path / "kernels")
    assert [path.name for path in tmp_path.iterdir()] == ["kernels"] and beside_the_source() == []


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the package's sources that the folder is named after."""
    package = tmp_path / "simulator"
    shutil.copytree(ROOT / "simulator", package, ignore=lambda folder, names: [n for n in names if "." in n
                                                                               and not n.endswith(".py")])
    monkeypatch.setattr(compiled_module, "__file__", str(package / "compiling" / "compiled.py"))
    return package


def test_editing_any_compiled_file_changes_the_folder(copied):
    seen = {compiled_module._sources_folder()}
    for name in ("law/rules.py", "plan.py", "care/walk.py", "care/conduct.py", "chance/random.py", "money.py",
                 "tables.py"):
        (copied / name).write_text((copied / name).read_text(encoding="utf-8") + "\n", encoding="utf-8")
        assert compiled_module._sources_folder() not in seen, name
        seen.add(compiled_module._sources_folder())


def test_editing_a_report_or_the_readers_of_parameters_keeps_the_folder(copied):
    before = compiled_module._sources_folder()
    (copied / "parameters" / "show.py").write_text("# edited\n", encoding="utf-8")
    (copied / "words.py").write_text("# edited\n", encoding="utf-8")
    assert compiled_module._sources_folder() == before


# --- the sources that the folder is named after

PACKAGE = ROOT / "simulator"
MODULES = {f"simulator.{path.relative_to(PACKAGE).with_suffix('').as_posix().replace('/', '.')}": path
           for path in sorted(PACKAGE.rglob("*.py")) if path.stem not in ("__init__", "__main__")}


def is_source(module: str) -> bool:
    """Whether the folder is named after a module, too."""
    name = MODULES[module].relative_to(PACKAGE).as_posix()
    return any(name == source or name.startswith(f"{source}/") for source in compiled_module.SOURCES)


def names_in(code) -> set[str]:
    """Names that a function asks its module for, those in functions within it included."""
    return {*code.co_names}.union(*(names_in(part) for part in code.co_consts if hasattr(part, "co_names")))


def imported(module: str) -> dict[str, str]:
    """The names that a module imports from another of the package, and from which."""
    tree = ast.parse(MODULES[module].read_bytes())
    return {alias.asname or alias.name: node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith("simulator") for alias in node.names if node.module in MODULES}


@pytest.mark.parametrize("module", MODULES)
def test_compiled_functions_and_what_they_are_made_of_stand_in_the_sources(module):
    functions = [thing.py_func for thing in vars(import_module(module)).values()
                 if isinstance(thing, Dispatcher) and thing.py_func.__module__ == module]
    assert not functions or is_source(module)
    homes = imported(module)
    used = {homes[name] for function in functions for name in names_in(function.__code__) if name in homes}
    assert [home for home in used if not is_source(home)] == []


def test_makers_of_cached_arrays_stand_in_the_sources():
    makers = [module for module, path in MODULES.items() if "cached_array(" in path.read_text(encoding="utf-8")]
    assert len(makers) >= 3 and [module for module in makers if not is_source(module)] == []
