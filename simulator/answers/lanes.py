"""Lanes: workers of this machine that keep to what they have begun.

What passes of the same questions have in common is kept by the process that works it out. So a lane takes the next pass of the
questions it is at, then questions that no lane is at, and last whatever is left. A process that dies costs its own pass alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any

from simulator.engine.places import beside


class Lanes(Executor):
    """`lanes` threads, each with a spawned process of its own if `processes`; `kin` says of a task which others it goes with."""

    def __init__(self, lanes: int, processes: bool, kin: Callable[[Any], object]) -> None:
        self._processes, self._kin = processes, kin
        self._todo: list[tuple[Future, Callable[..., Any], tuple[Any, ...]]] = []
        self._at: dict[int, object] = {}
        self._changed, self._ended = threading.Condition(), False
        self._threads = [threading.Thread(target=self._work, args=(lane,), daemon=True) for lane in range(lanes)]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        """Have fn(*args) done; the first argument is the task."""
        future: Future = Future()
        with self._changed:
            self._todo.append((future, fn, args))
            self._changed.notify()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Do what there is, or nothing more if `cancel_futures`; wait for the lanes to end."""
        with self._changed:
            self._ended = True
            if cancel_futures:
                for future, _, _ in self._todo:
                    future.cancel()
                self._todo.clear()
            self._changed.notify_all()
        for thread in self._threads if wait else ():
            thread.join()

    def _next(self, lane: int) -> tuple[Future, Callable[..., Any], tuple[Any, ...]] | None:
        with self._changed:
            while not self._todo and not self._ended:
                self._changed.wait()
            if not self._todo:
                return None
            kin = [self._kin(args[0]) for _, _, args in self._todo]
            others = [at for other, at in self._at.items() if other != lane]
            own = [n for n, of in enumerate(kin) if of == self._at.get(lane)]
            free = [n for n, of in enumerate(kin) if of not in others]
            chosen = (own or free or [0])[0]
            self._at[lane] = kin[chosen]
            return self._todo.pop(chosen)

    def _work(self, lane: int) -> None:
        process: ProcessPoolExecutor | None = None
        try:
            while (task := self._next(lane)) is not None:
                future, function, arguments = task
                if not future.set_running_or_notify_cancel():
                    continue
                try:
                    if self._processes:
                        process = process or ProcessPoolExecutor(1, get_context("spawn"), beside)
                        future.set_result(process.submit(function, *arguments).result())
                    else:
                        future.set_result(function(*arguments))
                except BrokenProcessPool as error:
                    process = None                                     # the next task gets a new one
                    future.set_exception(error)
                except BaseException as error:
                    future.set_exception(error)
        finally:
            if process is not None:
                process.shutdown()
