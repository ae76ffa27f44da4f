"""Where the tasks of a run are done: this process and others beside it, each of which does one task at a time.

A run is some tasks of seconds that do not wait for each other: a scheme of a region, an experiment, some figures. Much of each is
Python, which two threads of one process do in turns; processes do it at once. Where a task is done leaves no trace in a result.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context, parent_process
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Concatenate

from simulator.compiling import cache
from simulator.parameters.added import add_from_now_on
from simulator.parameters.cache import PARAMETERS_FOLDER
from simulator.parameters.regions import Regions, make_known

Hear = Callable[[str], None]
Task = Callable[Concatenate[Hear, Regions, ...], Any]      # a function of a module, which another process finds by its name


RARELY = 50_000, 20, 100       # how often a process of ours looks for garbage: its work makes much and leaves hardly any


class Places:
    """This process and `count - 1` others. All have the same regions, and each its part of the `threads` (default: all cores);
    what a task tells is heard here, by `hear`.

    The others begin and end with the block; they load the program while this one does. They are spawned, so a script that asks
    for them keeps what it does under `if __name__ == "__main__":`. They do no task until the rules are compiled, so that the
    cache has them; where there is no cache, everything is done here.
    """

    def __init__(self, regions: Regions, count: int = 1, threads: int | None = None) -> None:
        self.regions = regions
        self.hear: Hear = lambda what: None
        self.count = count if cache.works(PARAMETERS_FOLDER) else 1
        self.threads = max((threads or os.cpu_count() or 1) // self.count, 1)      # of each place
        self._others: ProcessPoolExecutor | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._free: SimpleQueue[Callable[[Task, tuple], Any]] = SimpleQueue()

    def __enter__(self) -> Places:
        if self.count > 1:
            spawn = get_context("spawn")
            self._told = spawn.SimpleQueue()
            regions = pickle.dumps(self.regions)           # while no task reads them, and with that changes what they remember
            self._others = ProcessPoolExecutor(self.count - 1, spawn, _begin, (regions, self._told))
            for _ in range(self.count - 1):
                self._others.submit(_load)
            from simulator.kernel.programs import start_compiling  # loads Numba, so only now
            start_compiling()
            self._threads = ThreadPoolExecutor(self.count)
            self._listener = threading.Thread(target=self._listen, daemon=True)
            self._listener.start()
            for place in (self._here, *[self._there] * (self.count - 1)):
                self._free.put(place)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._threads is not None and self._others is not None:
            self._threads.shutdown(cancel_futures=kind is not None)
            self._others.shutdown()
            self._told.put(None)
            self._listener.join()

    def submit(self, task: Task, *arguments: object) -> Future:
        """Have a task done by the first place that is free: `task(hear, regions, *arguments)`. Alone, it is done now."""
        if self._threads is not None:
            return self._threads.submit(self._do, task, arguments)
        done: Future = Future()
        done.set_result(self._here(task, arguments))
        return done

    def _do(self, task: Task, arguments: tuple) -> Any:
        place = self._free.get()
        try:
            return place(task, arguments)
        finally:
            self._free.put(place)

    def _here(self, task: Task, arguments: tuple) -> Any:
        return task(self.hear, self.regions, *arguments)

    def _there(self, task: Task, arguments: tuple) -> Any:
        from simulator.kernel.programs import entries
        entries()                                          # compiled once, by this process and its own helper
        assert self._others is not None
        return self._others.submit(_do_here, task, arguments).result()

    def _listen(self) -> None:
        while (what := self._told.get()) is not None:
            self.hear(what)


class _Own:
    """What a process beside was begun with."""

    regions: Regions
    told: Any


def _begin(regions: bytes, told: Any) -> None:
    beside()
    gc.set_threshold(*RARELY)
    _Own.regions, _Own.told = pickle.loads(regions), told
    make_known(_Own.regions)                               # for figures and reports
    add_from_now_on(_Own.regions.added)


def beside() -> None:
    """Make this a process beside another: it leaves Ctrl-C to that one, and ends when that one has ended, however it did."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_first, daemon=True).start()


def _end_with_the_first() -> None:
    first = parent_process()
    if first is not None:
        first.join()
        os._exit(1)


def _load() -> None:
    """Load what most tasks need, before there is one."""
    import simulator.engine.simulate  # noqa: F401


def _do_here(task: Task, arguments: tuple) -> Any:
    return task(_Own.told.put, _Own.regions, *arguments)
