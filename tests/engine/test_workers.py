"""Who walks and in how large pieces never shows in a result. (The long version: `make check-digest`.)"""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

import simulator.engine.workers as workers_module
from simulator.engine.simulate import simulate
from simulator.engine.workers import DrawFactors, Walks, tasks, walk, walks_a_task
from simulator.scenario import BASELINE, Policy, Scenario
from tests.support.digests import CARE, CARE_FACTS, Serial, digest_of, pool_of, whole_digest

CHUNKS = (None, 1, 2, 3, 4, 7, 12, 100)
MANY = Scenario("many", ("jiangsu",), 2012, ("nrcms",), horizon=2, draws=4, people=200, replicas=3, changes=CARE_FACTS,
                policies=(Policy(BASELINE, level="none"), Policy("care", CARE, "none")))


@pytest.fixture(scope="module")
def expected(regions):
    return whole_digest(simulate(MANY, regions, threads=1, pool=Serial(), chunk=1))


def walks_of(draws: int) -> Walks:
    numbers = np.arange(draws)
    factors = DrawFactors(np.zeros((draws, 1, 1), dtype=np.int64), *4 * [numbers])
    return Walks(None, factors, tuple(range(draws)))


@pytest.mark.parametrize("chunk", CHUNKS)
@pytest.mark.parametrize("draws,replicas", [(1, 1), (1, 12), (5, 1), (5, 3), (2, 7)])
def test_every_walk_is_in_one_task_and_no_task_has_more_than_the_chunk(draws, replicas, chunk):
    todo = list(tasks(walks_of(draws), replicas, chunk or draws * replicas))
    walks = [(draw, replica) for task in todo for draw in task.draws for replica in task.replicas]
    assert sorted(walks) == [(draw, replica) for draw in range(draws) for replica in range(replicas)]
    assert all(len(task.draws) * len(task.replicas) <= (chunk or draws * replicas) for task in todo)
    assert all(task.factors.price.tolist() == list(task.draws) for task in todo)


def test_a_large_simulation_has_some_tasks_a_core_and_not_one_a_walk(monkeypatch):
    monkeypatch.setattr(workers_module, "os", SimpleNamespace(cpu_count=lambda: 2))
    assert len(list(tasks(walks_of(1), 10_000, walks_a_task(10_000, None)))) == 129
    assert len(list(tasks(walks_of(200), 1, walks_a_task(200, None)))) == 200


@pytest.mark.parametrize("chunk", CHUNKS)
def test_the_size_of_chunks_changes_nothing(chunk, regions, expected):
    result = simulate(MANY, regions, threads=2, chunk=chunk)
    assert digest_of([scheme.digest for scheme in result.schemes]) == expected["schemes"]


class Posted(Serial):
    """A pool whose tasks and results go through pickle, as to another process."""

    @staticmethod
    def map(function, todo):
        return [pickle.loads(pickle.dumps(function(pickle.loads(pickle.dumps(task))))) for task in todo]


def test_tasks_can_be_sent_by_post(regions, expected):
    assert whole_digest(simulate(MANY, regions, pool=Posted(), chunk=4)) == expected
    assert pickle.loads(pickle.dumps(walk)) is walk


@pytest.mark.parametrize("kind", ["spawned", pytest.param("dask", marks=pytest.mark.slow)])
def test_other_processes_come_to_the_same_bits(kind, regions, expected):
    with pool_of(kind, 1) as pool:
        assert whole_digest(simulate(MANY, regions, pool=pool, chunk=5)) == expected
