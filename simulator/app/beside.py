"""A process beside the page's, which does one thing after the other, so that sliders move while the engine computes.

What it is asked for is a function of a module and plain data. It tells how far it is; it ends when the page's process ends. One
that was ended for lack of memory is replaced when the next is asked.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from simulator.engine.places import RARELY, beside
from simulator.parameters.added import add_from_now_on, added_folder

Heard = tuple[str, int, int]           # what is done, how many steps are done, of how many


class Beside:
    """One process and what is heard from it."""

    def __init__(self) -> None:
        self._spawn, self._numbers, self._lock = get_context("spawn"), count(), threading.Lock()
        self._told = self._spawn.SimpleQueue()
        self._heard: dict[int, Callable[[Heard], None]] = {}
        self._pool: ProcessPoolExecutor | None = None
        threading.Thread(target=self._listen, daemon=True).start()

    def submit(self, function: Callable, *arguments: object, hear: Callable[[Heard], None] = lambda heard: None) -> Future:
        """Have `function(tell, *arguments)` done when all before it is; `hear` hears what it tells, in a thread of its own."""
        with self._lock:
            number = next(self._numbers)
            self._heard[number] = hear
            for _ in range(2):
                if self._pool is None:
                    self._pool = ProcessPoolExecutor(1, self._spawn, _begin, (self._told, added_folder()))
                try:
                    done = self._pool.submit(_do, number, function, arguments)
                except BrokenProcessPool:
                    self._pool = None
                    continue
                done.add_done_callback(lambda one: self._heard.pop(number, None))
                return done
        raise BrokenProcessPool("the process beside cannot be begun")

    def load(self) -> None:
        """Begin the process, and have it load what most need."""
        self.submit(_load)

    def end(self) -> None:
        """End the process now, whatever it does."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            processes = list((pool._processes or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.kill()

    def _listen(self) -> None:
        while True:
            number, heard = self._told.get()
            hear = self._heard.get(number)
            if hear is not None:
                hear(heard)


class _Own:
    told: Any


def _begin(told: Any, added: Path | None) -> None:
    beside()
    gc.set_threshold(*RARELY)
    _Own.told = told
    add_from_now_on(added)


def _load(tell: Callable[[str, int, int], None]) -> None:
    from simulator.kernel.programs import start_compiling
    from simulator.parameters.regions import load_regions
    load_regions()
    start_compiling()


def _do(number: int, function: Callable, arguments: tuple) -> Any:
    def tell(what: str, done: int, steps: int) -> None:
        _Own.told.put((number, (what, done, steps)))

    return function(tell, *arguments)
