"""What all pages of one server have in common: the processes beside, what has been computed, and what is being computed.

Two pages that ask the same share one task; a page that is closed leaves its task running, and finds the result when it is opened
again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.answers.tables import held_in
from simulator.app.beside import Beside, Heard
from simulator.parameters.errors import InputError

MOST_TASKS = 200                 # whose results are remembered
LANES = ("long", "short")        # surveys and whole runs; exact figures, slips and files, which must not wait for those


@dataclass
class Task:
    """Something that is being computed, or was."""

    future: Future = field(default_factory=Future)
    heard: Heard = ("", 0, 1)

    @property
    def done(self) -> bool:
        return self.future.done()

    def result(self) -> Any:
        """What was found, or None while nothing is, and where it failed."""
        return self.future.result() if self.done and self.error is None else None

    @property
    def error(self) -> BaseException | None:
        return self.future.exception() if self.done else None


class Shared:
    """The processes beside and the tasks of all pages; `out` is the folder for run folders, `uploads` that for files of pages."""

    def __init__(self, out: Path, uploads: Path) -> None:
        self.out, self.uploads, self.made = out, uploads, list[Path]()
        self._lanes = {lane: Beside() for lane in LANES}
        self._tasks: OrderedDict[Hashable, Task] = OrderedDict()
        self._lock = threading.Lock()

    def load(self) -> None:
        """Begin the processes before they are asked for anything."""
        for lane in self._lanes.values():
            lane.load()

    def once(self, key: Hashable, lane: str, function: Callable, *arguments: object) -> Task:
        """The task of a key: begun now unless it was; one that failed is begun anew."""
        with self._lock:
            task = self._tasks.get(key)
            if task is None or task.error is not None:
                task = self._tasks[key] = Task()
                task.future = self._lanes[lane].submit(function, *arguments, hear=_hearing(task))
            self._tasks.move_to_end(key)
            done = [name for name, one in self._tasks.items() if one.done]
            for name in done[:max(len(self._tasks) - MOST_TASKS, 0)]:
                del self._tasks[name]
            return task

    def known(self, key: Hashable) -> Task | None:
        """The task of a key, if there was one and it has not failed."""
        with self._lock:
            task = self._tasks.get(key)
            return task if task is not None and task.error is None else None

    def run_folder(self, name: str) -> Path:
        """The folder of a run in `out`, by its name as `fundsim ls` lists it. InputError for another."""
        if name not in [row["folder"] for row in self.runs()]:
            raise InputError("no such run:", value=name, expected=f"a run in {self.out}")
        return self.out / name

    def runs(self) -> list[dict[str, str]]:
        """The runs in `out`, the newest first."""
        return [row for row in held_in(self.out) if row["kind"] == "run"]

    def running(self) -> Sequence[Task]:
        with self._lock:
            return [task for task in self._tasks.values() if not task.done]

    def end(self) -> None:
        """End the processes beside, whatever they do."""
        for lane in self._lanes.values():
            lane.end()


def _hearing(task: Task) -> Callable[[Heard], None]:
    def hear(heard: Heard) -> None:
        task.heard = heard

    return hear
