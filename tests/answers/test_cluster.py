"""A Dask cluster as the place of work: the same answers, and an end in time where there is nobody left to do it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

import dask
import pytest
from distributed import LocalCluster

from simulator.answers import cluster as module
from simulator.answers.batch import OtherEngine, run_batch
from simulator.answers.cluster import ClusterLost, Patience, pool_of
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario
from tests.campaigns.cluster import cluster
from tests.support.command import fundsim

SMALL = Scenario("small", ("linyi",), 2012, ("nrcms",), horizon=1, draws=60, people=200)


@contextmanager
def local(workers: int, processes: bool = False) -> Iterator[LocalCluster]:
    """A scheduler on the loopback device and workers of one thread, in this process unless told otherwise."""
    with LocalCluster(n_workers=workers, threads_per_worker=1, processes=processes, protocol="tcp", host="127.0.0.1",
                      dashboard_address=":0", silence_logs=50) as cluster:
        yield cluster


@pytest.fixture
def impatient(monkeypatch):
    """The cluster is looked after every twentieth of a second."""
    monkeypatch.setattr(module, "LOOKS", 0.05)


def end_process() -> None:
    """What a worker that lacks memory does."""
    os._exit(9)


def not_there() -> None:
    raise AttributeError("module 'simulator' has no attribute 'settle_pass'")


def test_a_cluster_leaves_the_answers_of_threads(tmp_path):
    regions = load_regions()
    here = run_batch([SMALL], regions, tmp_path / "here", threads=1)
    with local(1) as made, pool_of(made.scheduler_address) as pool:
        there = run_batch([SMALL], regions, tmp_path / "there", pool=pool)
    assert there.digest == here.digest and there.plan.missing == 2 and not there.failures


def test_without_any_worker_a_batch_ends_with_code_4_and_one_line(tmp_path, impatient):
    (tmp_path / "a.yaml").write_text("regions: [linyi]\nschemes: [nrcms]\nhorizon: 1\ndraws: 2\npeople: 200\n", encoding="utf-8")
    with local(0) as made, dask.config.set({"fundsim.no-workers-timeout": "200ms"}):
        said = fundsim("batch", tmp_path / "a.yaml", "--out", tmp_path / "out", "--scheduler", made.scheduler_address)
    lines = said.err.splitlines()
    assert said.code == 4 and len(lines) == 1
    assert "has had no worker for 0.2 s" in lines[0] and "fundsim.no-workers-timeout" in lines[0] and "repeat" in lines[0]


def test_a_worker_that_never_comes_to_an_end_is_not_waited_for_for_ever(impatient):
    with (local(1) as made, dask.config.set({"fundsim.no-progress-timeout": "0.3s"}),
          pool_of(made.scheduler_address) as pool):
        with pytest.raises(ClusterLost, match="no pass has come to its end for 0.3 s"):
            pool.submit(time.sleep, 1).result(timeout=20)
        with pytest.raises(ClusterLost):                   # nor is anything begun after
            pool.submit(time.sleep, 0)


def test_waiting_for_work_is_no_lack_of_progress(impatient):
    with (local(1) as made, dask.config.set({"fundsim.no-progress-timeout": "0.3s"}),
          pool_of(made.scheduler_address) as pool):
        time.sleep(0.6)
        assert pool.submit(max, 1, 2).result(timeout=20) == 2


def test_a_scheduler_that_is_killed_ends_all_that_is_waited_for(tmp_path, impatient):
    with cluster(tmp_path, workers=0) as there, pool_of(there.address) as pool:
        waiting = [pool.submit(time.sleep, 1) for _ in range(3)]
        there.scheduler.kill()
        for future in waiting:
            with pytest.raises(ClusterLost, match="is gone; what is done is kept"):
                future.result(timeout=20)


def test_a_worker_that_cannot_read_the_work_has_another_engine():
    with local(1) as made, pool_of(made.scheduler_address) as pool:
        with pytest.raises(OtherEngine, match="AttributeError"):
            pool.submit(not_there).result(timeout=20)


def test_a_worker_without_fundsim_is_refused_before_the_work(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError("No module named 'simulator'")

    monkeypatch.setattr(module, "import_module", missing)
    with local(1) as made, pytest.raises(InputError, match="cannot load fundsim"), pool_of(made.scheduler_address):
        pass


@pytest.mark.slow
def test_work_that_ends_its_workers_is_no_endless_work():
    with local(1, processes=True) as made, pool_of(made.scheduler_address) as pool:
        with pytest.raises(BrokenProcessPool, match="ended 4 workers"):
            pool.submit(end_process).result(timeout=120)
        assert pool.submit(max, 1, 2).result(timeout=60) == 2


@pytest.mark.parametrize("text", ["{", "{}", "[1]", '{"address": "nowhere"}', '{"address": "tcp://10.0.0.1:port"}'])
def test_a_scheduler_file_that_names_none_is_refused(text, tmp_path):
    (tmp_path / "scheduler.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="scheduler"), pool_of(str(tmp_path / "scheduler.json")):
        pass


def test_patience_is_a_setting_of_dask():
    assert Patience.configured() == Patience(300.0, 3600.0)
    with dask.config.set({"fundsim.no-workers-timeout": "2h", "fundsim.no-progress-timeout": 90}):
        assert Patience.configured() == Patience(7200.0, 90.0)
    with dask.config.set({"fundsim.no-workers-timeout": "soon"}), pytest.raises(InputError, match="no-workers-timeout"):
        Patience.configured()
