"""Numba optimises and translates only what Python calls; a version of Numba that was not tried goes its ordinary way."""

import gc
import tomllib
from pathlib import Path
from typing import NamedTuple

import numba
import numpy as np
import pytest
from numba import types
from numba.core import caching, codegen, config, cpu
from numba.core.codegen import JITCodeLibrary
from numba.core.cpu import CPUContext
from numba.core.dispatcher import Dispatcher
from numba.core.lowering import Lower
from numba.core.registry import cpu_target
from numba.core.types.functions import BaseFunction
from numba.core.typing.context import Context
from numba.extending import intrinsic
from numba.np import arrayobj

from simulator.compiling import compiled as compiled_module
from simulator.compiling import pipeline
from tests.support.newer_numba import newer_numba


def programs():
    """Two programs that share a part, which has a part of its own; the parts' dispatchers."""
    @compiled_module.lean
    def twice(number):
        return 2 * number

    @compiled_module.lean
    def fill(column, number):
        for i in range(len(column)):
            column[i] = twice(number) + i

    @compiled_module.compiled
    def total(count, number):
        column = np.empty(count, np.int64)
        fill(column, number)
        return column.sum() + twice(number)

    @compiled_module.compiled
    def last(count, number):
        column = np.empty(count, np.int64)
        fill(column, number)
        return column[count - 1]

    return total, last, [function.get_overload.__self__ for function in (twice, fill)]


@pytest.mark.parametrize("tried", [pipeline.TRIED, ()], ids=["a version that was tried", "another version"])
def test_programs_take_in_their_parts_whatever_the_version_of_numba(tried, monkeypatch):
    monkeypatch.setattr(pipeline, "TRIED", tried)
    total, last, parts = programs()
    assert (total(4, 5), last(4, 5)) == (56, 13)
    assert (total(3, 1), last(3, 1)) == (11, 4)
    libraries = [result.library for part in parts for result in part.overloads.values()]
    assert len(libraries) == 2
    assert [type(library) is JITCodeLibrary for library in libraries] == [not tried] * 2


def test_the_version_of_numba_that_the_tests_run_with_was_tried():
    assert numba.version_info.short in pipeline.TRIED, f"numba {numba.__version__} has not been tried: see docs/performance.md"


def test_the_package_asks_for_the_versions_of_numba_that_were_tried():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked, = (one for one in project["dependencies"] if one.startswith("numba"))
    (first, *_), (*_, (major, minor)) = sorted(pipeline.TRIED), sorted(pipeline.TRIED)
    assert asked == f"numba>={first[0]}.{first[1]},<{major}.{minor + 1}"


@pytest.mark.parametrize("answer, says", [
    ("numba (0.68.9)\nAvailable versions: 0.68.9", ""), ("", ""), ("ERROR: No matching distribution", ""),
    ("numba (0.67.0)", ""), ("numba (0.69.0rc1)\n", "note: numba (0.69.0rc1) is out"),
    ("numba (1.0)", "note: numba (1.0) is out"),
])
def test_a_newer_numba_is_named(answer, says):
    assert newer_numba(answer).startswith(says) and bool(newer_numba(answer)) == bool(says)


def test_a_part_has_no_machine_code_and_a_program_has_that_of_its_parts():
    total, _, parts = programs()
    total(1, 1)
    program, = (result.library for result in total.overloads.values())
    assert program.get_pointer_to_function(next(iter(total.overloads.values())).fndesc.llvm_cpython_wrapper_name) != 0
    for result in (result for part in parts for result in part.overloads.values()):
        assert result.library.get_pointer_to_function(result.fndesc.llvm_func_name) == 0


class Pair(NamedTuple):
    rows: np.ndarray
    weights: np.ndarray


@pytest.mark.parametrize("tried", [pipeline.TRIED, ()], ids=["a version that was tried", "another version"])
def test_tuples_slices_and_variables_of_several_blocks_are_what_they_are_in_python(tried, monkeypatch):
    """A value is used in blocks behind its own; `chosen`, `last` and `total` are assigned in several."""
    monkeypatch.setattr(pipeline, "TRIED", tried)

    def python(pair, other, wanted, first):
        total, last, weights = 0.0, -1, pair.weights[first:]
        for row in range(len(pair.rows)):
            chosen = pair
            if row in wanted:
                chosen = other
                last = row
            part = chosen.rows[row, first:]
            part[0] += row
            for n in range(len(part)):
                if part[n] < 0:
                    continue
                total += part[n] * weights[n] + chosen.rows.reshape(-1)[row]
        return total, last, weights.shape[0]

    def pairs():
        return [Pair(np.arange(12).reshape(3, 4) * sign, np.array([1.0, 2.0, 4.0, 8.0])) for sign in (1, -1)]

    program, there, here = compiled_module.lean(python), pairs(), pairs()
    assert program(*there, np.array([1]), 1) == python(*here, np.array([1]), 1) == (190.0, 1, 3)
    assert all(np.array_equal(one, other) for x, y in zip(there, here, strict=True) for one, other in zip(x, y, strict=True))


def filled(table, column):
    table[1, :] = 7
    table[2] = column
    table[:, 1] = column[:3]
    table[0, 1:3] = table[1, 2:]
    for row in table:
        row[3] += 1
    for number in column:
        table[0, 0] += number
    return table.shape, len(table), table.T[0, 1], table.reshape(-1)[5], column[-1], column[1:][::2].size


def summed(count):
    zeros, ones, floats = np.zeros((count, 2), np.int64), np.ones(count), np.empty(count)
    floats[:] = ones * 2.5
    floats.fill(floats[0] + 1.0)
    zeros[:, 0] = np.arange(count)
    zeros[zeros[:, 0] > 1, 1] = 3
    order = np.argsort(-zeros[:, 0])
    return zeros.sum(), floats.sum(), order[0], np.searchsorted(zeros[:, 0], 2), zeros.copy().max(), (zeros == 3).any()


@pytest.mark.parametrize("tried", [pipeline.TRIED, ()], ids=["a version that was tried", "another version"])
def test_whatever_is_done_with_arrays_gives_what_python_gives(tried, monkeypatch):
    monkeypatch.setattr(pipeline, "TRIED", tried)
    there, here, column = np.arange(12).reshape(3, 4), np.arange(12).reshape(3, 4), np.arange(10, 14)
    assert compiled_module.compiled(filled)(there, column) == filled(here, column) and np.array_equal(there, here)
    assert compiled_module.compiled(summed)(5) == summed(5)


def globals_of_numba() -> list[dict]:
    """What Numba's modules, classes and contexts that compiling goes through hold."""
    return [dict(vars(thing)) for thing in (
        arrayobj, caching, codegen, config, cpu, BaseFunction, Context, CPUContext, Dispatcher, Lower, types.Function,
        type(cpu_target.typing_context), type(cpu_target.target_context))]


def test_compiling_replaces_nothing_of_numba_not_even_for_a_while():
    during = []

    @intrinsic
    def look(context, number):
        during.append(globals_of_numba())
        return number(number), lambda target, builder, signature, arguments: during.append(globals_of_numba()) or arguments[0]

    total, _, _ = programs()
    before = globals_of_numba()
    program = compiled_module.lean(lambda number: look(number) + 1)
    assert program(1) == 2 and len(during) >= 2
    total(1, 1)
    with pytest.raises(numba.TypingError):
        compiled_module.lean(lambda number: number.nothing)(1)
    assert all(seen == before for seen in [*during, globals_of_numba()])
    assert pipeline._Pipeline.contexts is None


def test_numbas_own_compiler_works_as_before_beside_this_one():
    def python(column):
        return column[1:].sum() + len(column) + max(column[0], 3)

    column, theirs = np.arange(5), numba.njit(python)
    assert compiled_module.compiled(python)(column) == theirs(column) == python(column) == 18
    library, = (result.library for result in theirs.overloads.values())
    assert type(library) is JITCodeLibrary


@pytest.mark.parametrize("collecting", [True, False])
def test_compiling_leaves_the_collection_of_garbage_as_it_was(collecting):
    total, _, _ = programs()
    try:
        gc.enable() if collecting else gc.disable()
        total(1, 1)
        assert gc.isenabled() == collecting
    finally:
        gc.enable()


def test_a_part_that_one_loop_has_taken_in_is_there_for_others_too():
    """`half` is taken into `fill` and into the program after it, whichever is linked first."""
    @compiled_module.lean
    def half(number):
        return max(number, 2) // 2

    @compiled_module.lean
    def fill(column, number):
        for i in range(len(column)):
            column[i] = half(number) + i

    @compiled_module.lean
    def both(number):
        return half(number) + min(number, 7)

    @compiled_module.compiled
    def total(count, number):
        column = np.empty(count, np.int64)
        fill(column, number)
        return column.sum() + both(number)

    assert (total(3, 10), total(1, 1)) == (18 + 12, 1 + 2)
