"""The kernel's two halves as one: faults get through, and a thread's workspace leaves no trace."""

import os
import pickle
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numba
import numpy as np
import pytest

import simulator.engine.workers as workers
from simulator.engine.simulate import simulate
from simulator.kernel import programs
from simulator.kernel.draw import settle_draw
from simulator.kernel.people import FACT_BITS, fact, facts_of
from simulator.kernel.sums import empty_sums
from simulator.parameters.catalogue import CATALOGUE, CLASSES, GROUPS, QUINTILES
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario

PLAINLY = """
import simulator.engine.level
simulator.engine.level.PERSON_YEARS = 200                     # without a compiler, solving a level must not take minutes
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario
from simulator.engine.simulate import simulate
asked = Scenario("plain", ("jiangsu",), schemes=("nrcms",), horizon=1, draws=1, people=100)
print(simulate(asked, load_regions()).schemes[0].digest)
"""


@pytest.fixture(scope="module")
def asked():
    """What `run_draw` was called with: once for many people, once for few."""
    calls = []

    def noted(*arguments):
        calls.append(arguments)
        programs.run_draw(*arguments)

    regions = load_regions()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "run_draw", noted)
        for people in (5_000, 300):
            simulate(Scenario("asked", ("jiangsu",), schemes=("nrcms",), horizon=1, draws=1, people=people), regions, threads=1)
    return calls


def drawn(asked, **changes) -> list[np.ndarray]:
    """The sums of a call, its task changed."""
    inputs, policies, task, _ = asked
    sums = empty_sums(1)
    programs.run_draw(inputs, policies, task._replace(**changes), sums)
    return [*sums.paid, *sums.drawn]


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_plain_python_comes_to_the_same_bits():
    found = {subprocess.run([sys.executable, "-c", PLAINLY], env={**os.environ, "NUMBA_DISABLE_JIT": plainly},
                            cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True).stdout
             for plainly in ("0", "1")}
    assert len(found) == 1 and len(found.pop()) == 65


def test_programs_take_at_most_six_arguments_each_a_record_or_a_number():
    for program, kinds in programs.PROGRAMS.items():
        assert len(kinds) <= 6, program


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
def test_calls_are_of_the_types_said_beforehand_also_with_arrays_from_elsewhere(asked, monkeypatch):
    """Nobody looks at them when the kernel is called."""
    called, places = [], programs.entries()[1:]
    monkeypatch.setattr(programs, "entries", lambda: (lambda *them: called.append(them), *places))
    for arguments in (*asked, *pickle.loads(pickle.dumps(asked))):
        programs.run_draw(*arguments)
    assert len(called) == 2 * len(asked)
    assert {tuple(map(numba.typeof, them)) for them in called} == {programs.PROGRAMS[settle_draw]}


def test_a_persons_facts_stand_in_one_word_up_to_the_largest_that_parameters_allow():
    most = [len(CLASSES) - 1, len(GROUPS) - 1, 9_999, int(CATALOGUE["population"]["counties"].high) - 1, len(QUINTILES) - 1]
    columns = [np.array([each, 0, each]) for each in most]
    facts = facts_of(*columns, np.array([False, True, True]), np.array([0, 1, 2]))
    parts = [[int(fact(word, begin, end)) for begin, end in pairwise(FACT_BITS)] for word in facts]
    assert parts == [[*most[:2], 0, *most[2:4]], [0, 0, 1, 0, 0], [*most[:2], len(QUINTILES), *most[2:4]]]
    assert (facts[1:] >> FACT_BITS[-1]).tolist() == [0, 1]


@pytest.mark.parametrize(("name", "value"), [("member_class", 8), ("group", 8), ("cover", 1 << 14), ("county", 1 << 12),
                                             ("county", -1)])
def test_a_fact_that_has_no_room_in_the_word_is_refused(name, value):
    columns = {each: np.zeros(2, np.int64) for each in ("member_class", "group", "cover", "county", "quintile", "household")}
    columns[name][1] = value
    with pytest.raises(ValueError, match=str(value)):
        facts_of(**columns, sampled=np.array([True, False]))


def test_a_workspace_leaves_no_trace_in_what_comes_next(asked, monkeypatch):
    many, few = asked
    monkeypatch.setattr(programs, "_here", programs.threading.local())
    fresh = drawn(few)
    monkeypatch.setattr(programs, "_here", programs.threading.local())
    assert fresh[0].any() and not same(drawn(many), fresh)
    space = programs._here.space
    assert same(drawn(few), fresh) and programs._here.space is space
    assert not space.marked.any()


def test_a_workspace_grows_with_the_people(asked, monkeypatch):
    many, few = asked
    monkeypatch.setattr(programs, "_here", programs.threading.local())
    drawn(few)
    small = programs._here.space
    drawn(many)
    assert len(programs._here.space.marked) == many[0].streams.household[-1] + 1 > len(small.marked)


def test_a_fault_while_drawing_is_raised_and_the_next_draw_is_as_ever(asked):
    many, _ = asked
    before = drawn(many)
    with pytest.raises(ValueError, match="more bills in a year than a block"):
        drawn(many, inverse_rate=2**8)
    assert not hasattr(programs._here, "space")
    assert same(drawn(many), before)
