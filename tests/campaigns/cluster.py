"""A batch on a Dask cluster whose processes are killed: `python -m tests.campaigns.cluster` (some eight minutes); ends with 1 if
something is wrong.

A scheduler and two workers run on the loopback device, each a process of its own.

1. Workers: one of the two is killed with SIGKILL at moments chosen by chance and another started in its place, while batches run
   one after the other, each into a new folder. Every batch must end well, with the digest that threads leave, every part whole
   and no world of a question twice.
2. Schedulers: a scheduler is killed while a batch runs. The batch must end with exit code 4 and one line, and the next, on a new
   scheduler, must keep what is there; the last must come to the digest.
3. What waiting does not better: all workers dead, a worker of another engine, a worker without fundsim: an exit code and one
   line in time.
4. The cost: processor and wall time of one batch on the cluster and in threads, in turn.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
from distributed import Client

from tests.campaigns.batches import Held, held_by, wrong

ROOT = Path(__file__).resolve().parent.parent.parent
KILLED = ("name: killed\nregions: [linyi]\nschemes: [uebmi, urbmi, nrcms]\nhorizon: 3\npeople: 400\ndraws: 400\n"
          "design:\n  grid:\n    funding.nrcms.premium: [60, 75, 90]\n")
TIMED = ("name: timed\nregions: [linyi]\nschemes: [nrcms]\nhorizon: 10\npeople: 2000\ndraws: 1000\ndesign:\n  grid:\n"
         "    funding.nrcms.premium: [60, 70, 80, 90]\n    inpatient.nrcms.annual_cap: [20000, 30000, 40000, 50000]\n")
OTHER = "import simulator.answers.batch as b; b.engine_here = lambda: '1' * 64"
WITHOUT = "import sys; sys.modules['simulator'] = None"
IN_TIME = 60                       # seconds in which a batch without a cluster must have ended, on a machine that is busy
MOST_SECONDS = 600                 # of a batch, so that one that hangs is a fault and no endless campaign


class Ended(NamedTuple):
    """How a batch ended."""

    code: int
    out: str
    err: list[str]                 # lines
    seconds: float

    @property
    def said(self) -> dict:
        """What it says of itself, where it ended well."""
        return json.loads(self.out)


class Cluster:
    """A scheduler and its workers, which can be killed one by one."""

    def __init__(self, place: Path) -> None:
        self.place, self.workers, self.numbers = place, {}, iter(range(10**6))
        self.file = place / f"scheduler-{random.randrange(10**9)}.json"
        self.scheduler = self._start("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
                                     "--no-dashboard", "--no-show", "--scheduler-file", str(self.file))
        until = time.monotonic() + 60
        while not self.address and time.monotonic() < until:
            time.sleep(0.05)

    @property
    def address(self) -> str:
        """Where the scheduler answers, once it has told."""
        with contextlib.suppress(OSError, ValueError):
            return json.loads(self.file.read_text())["address"]
        return ""

    def start_worker(self, before: str = "") -> None:
        """Start a worker of one thread, which does `before` first."""
        name = f"w{next(self.numbers)}"
        program = f"{before}\nfrom distributed.cli.dask_worker import main\nmain()"
        self.workers[name] = self._start("-c", program, self.address, "--name", name, "--nthreads", "1", "--no-nanny",
                                         "--no-dashboard", "--host", "127.0.0.1", "--local-directory", str(self.place))

    def kill_worker(self, name: str) -> None:
        """Kill a worker and wait for its end."""
        process = self.workers.pop(name)
        process.kill()
        process.wait()

    def _start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def processor(self) -> np.ndarray:
        """Processor time of the scheduler and of the workers so far, in seconds."""
        each = [sum(psutil.Process(process.pid).cpu_times()[:2]) for process in (self.scheduler, *self.workers.values())]
        return np.array([each[0], sum(each[1:])])

    def close(self) -> None:
        """Kill what is left."""
        for process in (*self.workers.values(), self.scheduler):
            process.kill()
            process.wait()


@contextlib.contextmanager
def cluster(place: Path, workers: int = 2, before: str = "") -> Iterator[Cluster]:
    """A cluster for the block."""
    made = Cluster(place)
    try:
        for _ in range(workers):
            made.start_worker(before)
        yield made
    finally:
        made.close()


# --- batches ---------------------------------------------------------------------------------------


def begin(file: Path, out: Path, *more: str, **environment: str) -> subprocess.Popen:
    """Begin a batch without a report."""
    return subprocess.Popen([sys.executable, "-m", "simulator.cli", "batch", str(file), "--out", str(out), "--json",
                             "--no-report", *more], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, **environment})


def end(process: subprocess.Popen) -> Ended:
    """Wait for a batch; one that hangs is killed and has code -9."""
    began = time.monotonic()
    try:
        out, err = process.communicate(timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    said = [line for line in err.splitlines() if "worlds" not in line]                     # without the progress
    return Ended(process.returncode, out, said, time.monotonic() - began)


def judged(ended: Ended, digest: str, out: Path, before: Held) -> list[str]:
    """What is wrong with a batch that should have ended well."""
    faults = wrong(out, before)[1]
    if ended.code != 0:
        return [*faults, f"ended with {ended.code}: {' '.join(ended.err)[-300:]}"]
    return faults + ([f"digest {ended.said['digest'][:16]}, not {digest[:16]}"] if ended.said["digest"] != digest else [])


def workers_killed(place: Path, file: Path, digest: str, kills: int, rng: random.Random) -> tuple[Counter[str], list[str]]:
    """Kill workers so often while batches run; what they were doing, and what is wrong."""
    died, faults = Counter[str](), []
    with cluster(place) as there, Client(there.address, set_as_default=False) as eye:
        while died.total() < kills:
            died_here, out = 0, place / f"workers-{died.total()}"
            process = begin(file, out, "--scheduler", there.address)
            while True:
                time.sleep(rng.uniform(0.2, 2.5))
                if process.poll() is not None or died.total() >= kills:
                    break
                doing = {worker["name"]: address for address, worker in eye.scheduler_info(n_workers=-1)["workers"].items()}
                at_work = sorted(doing.keys() & there.workers.keys())
                if not at_work:                            # both are starting: some of these are killed too
                    if rng.randrange(10):
                        continue
                    at_work = sorted(there.workers)
                name = rng.choice(at_work)
                busy = bool(eye.processing().get(doing.get(name, ""), ()))
                there.kill_worker(name)
                there.start_worker()
                died["with a pass in hand" if busy else "waiting" if name in doing else "starting"] += 1
                died_here += 1
            ended = end(process)
            faults += [f"after {died_here} workers died: {fault}" for fault in judged(ended, digest, out, Counter())]
    return died, faults


def parts_in(out: Path) -> list[Path]:
    """The parts that are in a folder."""
    return list((out / "parts").glob("*/*/world *.parquet"))


def schedulers_killed(place: Path, file: Path, digest: str, kills: int, rng: random.Random) -> tuple[Counter[str], list[str]]:
    """Kill schedulers so often while a batch runs, each time beginning it again on a new one; what was kept, what is wrong."""
    seen, faults, number = Counter[str](), [], 0
    out, before = place / "schedulers-0", Counter()
    while seen["killed"] < kills:
        with cluster(place) as there:
            process = begin(file, out, "--scheduler", there.address)
            parts, more = len(parts_in(out)), rng.choice((0, 1, 1, 2, 2, 3))              # how many it may leave before
            while process.poll() is None and len(parts_in(out)) < parts + more:
                time.sleep(0.05)
            time.sleep(rng.uniform(0, 1))
            there.scheduler.kill()
            ended = end(process)
        if ended.code == 0:
            faults += judged(ended, digest, out, before)
            number += 1
            out, before = place / f"schedulers-{number}", Counter()
            seen["came to their end"] += 1
            continue
        seen["killed"] += 1
        seen["killed with parts done"] += bool(held_by(out)[0])
        if ended.code not in (2, 4) or len(ended.err) != 1 or ended.seconds > IN_TIME:
            faults.append(f"scheduler killed: code {ended.code} after {ended.seconds:.0f} s: {' / '.join(ended.err)[-400:]}")
        seen[f"code {ended.code}"] += 1
        before, found = wrong(out, before)
        faults += found
    with cluster(place) as there:
        ended = end(begin(file, out, "--scheduler", there.address))
        faults += judged(ended, digest, out, before)
        if ended.code == 0 and before and not ended.said["kept"]:
            faults.append("the last batch kept nothing of what was there")
    return seen, faults


def no_use_waiting(place: Path, file: Path) -> list[str]:
    """Clusters on which nothing can get better: what is wrong with how batches end there."""
    faults = []
    with cluster(place) as there:
        process = begin(file, place / "dead", "--scheduler", there.address, DASK_FUNDSIM__NO_WORKERS_TIMEOUT="4s")
        time.sleep(6)
        for name in list(there.workers):
            there.kill_worker(name)
        ended = end(process)
        if ended.code != 4 or len(ended.err) != 1 or "no worker" not in ended.err[0] or ended.seconds > IN_TIME:
            faults.append(f"all workers dead: {ended}")
        print(f"   all workers dead: code {ended.code} after {ended.seconds:.0f} s: {' / '.join(ended.err)}")
    for what, before in (("another engine", OTHER), ("cannot load fundsim", WITHOUT)):
        with cluster(place, before=before) as there, Client(there.address, set_as_default=False) as eye:
            eye.wait_for_workers(2)
            ended = end(begin(file, place / "other", "--scheduler", there.address))
            if ended.code != 2 or len(ended.err) != 1 or what not in ended.err[0]:
                faults.append(f"{before}: {ended}")
            print(f"   {before}: code {ended.code} after {ended.seconds:.0f} s: {' / '.join(ended.err)}")
    return faults


def cost(place: Path, file: Path, times: int) -> list[str]:
    """Processor and wall time on a cluster that is there and in threads, in turn; a digest that differs is a fault."""
    faults = []
    for number in range(times):
        digests, took = set(), []
        for on_cluster in (False, True):
            out = place / f"timed-{number}-{on_cluster}"
            with cluster(place, workers=2 * on_cluster) as there:
                if on_cluster:
                    with Client(there.address, set_as_default=False) as eye:
                        eye.wait_for_workers(2)
                before, children = there.processor(), resource.getrusage(resource.RUSAGE_CHILDREN)
                began = time.monotonic()
                ended = end(begin(file, out, *(["--scheduler", there.address] if on_cluster else ["--threads", "2"])))
                wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
                own = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
                of_cluster = there.processor() - before
                took.append((wall, own + on_cluster * of_cluster.sum()))
            digests.add(ended.said["digest"] if ended.code == 0 else f"code {ended.code}")
        (wall, processor), (wall_there, processor_there) = took
        print(f"   threads {wall:.1f} s by the clock, {processor:.1f} of processor; cluster {wall_there:.1f} and "
              f"{processor_there:.1f} (scheduler {of_cluster[0]:.1f}, workers {of_cluster[1]:.1f}): {wall_there / wall:.2f} and "
              f"{processor_there / processor:.2f} times", flush=True)
        faults += [f"cost: {digests}"] if len(digests) > 1 else []
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=50, help="worker kills")
    parser.add_argument("--schedulers", type=int, default=10, help="scheduler kills")
    parser.add_argument("--timed", type=int, default=3, help="how often the cost is measured")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng, faults, began = random.Random(asked.seed), [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fundsim-") as temporary:
        place = Path(temporary)
        file, timed = place / "killed.yaml", place / "timed.yaml"
        file.write_text(KILLED, encoding="utf-8")
        timed.write_text(TIMED, encoding="utf-8")
        digest = end(begin(file, place / "threads", "--threads", "2")).said["digest"]
        died, found = workers_killed(place, file, digest, asked.workers, rng)
        print(f"1. {died.total()} workers killed ({dict(died)}): {len(found)} faults", *found, sep="\n   ", flush=True)
        faults += found
        seen, found = schedulers_killed(place, file, digest, asked.schedulers, rng)
        print(f"2. schedulers ({dict(seen)}): {len(found)} faults", *found, sep="\n   ", flush=True)
        faults += found
        print("3. What waiting does not better")
        faults += no_use_waiting(place, file)
        print("4. The cost", flush=True)
        faults += cost(place, timed, asked.timed)
    print(f"{len(faults)} faults, {time.monotonic() - began:.0f} s")
    print("\n".join(faults[:20]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
