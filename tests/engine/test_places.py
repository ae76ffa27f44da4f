"""A run whose tasks are done by two processes is the run of one, and their end is the end of both."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from simulator import api
from simulator.compiling import cache
from simulator.engine.places import Places
from simulator.needs import processes_for
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.scenario import Policy, Scenario

SMALL = Scenario("places", ("jiangsu", "linyi"), schemes=("urbmi", "nrcms"), horizon=2, draws=12, people=200)

WAITING = """
import time
from simulator.engine.places import Places
from simulator.parameters.regions import load_regions
from tests.engine.test_places import sleep_then_say
if __name__ == "__main__":
    with Places(load_regions(), 2) as places:
        places.hear = lambda what: print(what, flush=True)
        futures = [places.submit(sleep_then_say, 60, "begun") for _ in range(2)]
        time.sleep(60)
"""


def sleep_then_say(hear, regions, seconds, text):
    hear(text)
    time.sleep(seconds)
    return os.getpid(), sorted(regions)[:2]


def refuse(hear, regions):
    raise InputError("no such thing:", value="x", expected="y")


def die(hear, regions, here):
    if os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.2)


def test_two_processes_leave_the_files_of_one_but_for_the_runs_own_name(tmp_path):
    heard = []
    alone = api.run(SMALL, out=tmp_path / "one", threads=1)
    apart = api.run(SMALL, out=tmp_path / "two", threads=2, processes=2, tell=lambda *told: heard.append(told))
    assert alone.manifest["result_digest"] == apart.manifest["result_digest"]
    names = sorted(path.relative_to(apart.folder) for path in apart.folder.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(alone.folder) for path in alone.folder.rglob("*") if path.is_file())
    for name in names:
        if name.suffix in (".csv", ".parquet"):
            assert (alone.folder / name).read_bytes() == (apart.folder / name).read_bytes(), name
    counted = [done for what, done, steps in heard if what.startswith(("jiangsu", "linyi"))]
    assert counted == list(range(8)) and heard[-2:] == [("done", 8, 8), ("assumptions", 1, 1)]


def test_tasks_are_done_here_and_there_and_what_they_tell_is_heard_here():
    heard = []
    with Places(load_regions(), 2) as places:
        places.hear = heard.append
        done = [places.submit(sleep_then_say, 1.5, f"task {n}") for n in range(3)]
        found = [future.result() for future in done]
    assert os.getpid() in {pid for pid, _ in found} and len({pid for pid, _ in found}) == 2
    assert {tuple(regions) for _, regions in found} == {tuple(sorted(load_regions())[:2])}
    assert sorted(heard) == ["task 0", "task 1", "task 2"]


def test_what_a_task_raises_there_is_raised_here_and_a_process_that_dies_is_said():
    with Places(load_regions(), 2) as places:
        for future in [places.submit(refuse) for _ in range(3)]:
            with pytest.raises(InputError, match="no such thing"):
                future.result()
    with pytest.raises(BrokenProcessPool), Places(load_regions(), 2) as places:
        for future in [places.submit(die, os.getpid()) for _ in range(3)]:
            future.result()


def test_without_a_cache_everything_is_done_here(monkeypatch):
    monkeypatch.setattr(cache, "works", lambda folder: False)
    with Places(load_regions(), 4) as places:
        assert places.count == 1
        assert places.submit(sleep_then_say, 0, "x").result()[0] == os.getpid()


def test_a_second_process_is_taken_where_it_pays_and_fits(monkeypatch):
    shipped = Scenario("compare", ("jiangsu", "linyi"))
    assert processes_for(shipped, 2) == 2 and processes_for(shipped, 1) == 1 and processes_for(shipped, 64) == 6
    assert processes_for(SMALL, 2) == 1                                              # too little to do
    assert processes_for(shipped.but(regions=("jiangsu",), schemes=("nrcms",)), 2) == 1    # one thing to do
    monkeypatch.setattr("simulator.needs.free_memory", lambda: 1.2e9)
    assert processes_for(shipped, 64) < 3
    assert processes_for(shipped.but(policies=(Policy("baseline"),) * 4, draws=2000), 64) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_killed_run_leaves_no_process_behind(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(WAITING)
    root = Path(__file__).resolve().parents[2]
    run = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, cwd=tmp_path,
                           env=os.environ | {"PYTHONPATH": str(root)})
    assert [run.stdout.readline() for _ in range(2)] == ["begun\n"] * 2
    beside = [int(found) for task in Path(f"/proc/{run.pid}/task").iterdir()
              for found in (task / "children").read_text().split()]
    assert beside
    run.kill()
    run.wait()
    until = time.monotonic() + 10
    while time.monotonic() < until and any(alive(pid) for pid in beside):
        time.sleep(0.05)
    assert not any(alive(pid) for pid in beside)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
