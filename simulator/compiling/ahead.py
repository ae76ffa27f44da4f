"""A second process that compiles while this one reads parameters, when the compiled functions are not kept yet.

Both go through the same programs, from either end, and leave to the other what it is at; what one has compiled, the other loads
from the cache. Locks are of files, so they end with the process that holds them. Whatever fails here costs time only: a program
that is not there when it is called is compiled then.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib import import_module
from multiprocessing import parent_process
from pathlib import Path

import numba

from simulator.compiling.compiled import FOLDER

try:
    import fcntl
except ImportError:                                        # not on this system: every process compiles for itself
    fcntl = None

DONE = Path(FOLDER) / f"compiled by numba {numba.__version__}"
OTHER = "import sys; sys.path[:] = {path!r}; from simulator import ahead; ahead.help_out({module!r})"


class _Helper:
    """The second process, while there is one."""

    process: subprocess.Popen | None = None
    lock = threading.Lock()


@contextlib.contextmanager
def claim(name: str, wait: bool) -> Iterator[bool]:
    """Whether the program of that name is ours to compile; if so, for as long as this lasts."""
    path = Path(FOLDER) / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


def share(programs: list[tuple]) -> list[tuple]:
    """Compile the programs (function, types of its arguments) that nobody else is at; returns the others."""
    left = []
    for program, types in programs:
        with claim(program.py_func.__name__, wait=False) as ours:
            if ours:
                program.compile(types)
            else:
                left.append((program, types))
    return left


def begin(module: str) -> None:
    """Start the second process, for PROGRAMS of a module, if they are not kept, there is a core for it, and this process is no
    worker of another."""
    if (fcntl is None or numba.config.DISABLE_JIT or DONE.exists() or (os.cpu_count() or 1) < 2 or parent_process() is not None
            or _Helper.process is not None or not sys.executable):
        return
    with contextlib.suppress(OSError):
        program = OTHER.format(path=sys.path, module=module)
        _Helper.process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL)
        atexit.register(end)


def end() -> None:
    """No second process any more. (If this one is killed the other ends by itself: what it reads has ended.)"""
    process, _Helper.process = _Helper.process, None
    if process is not None:
        process.kill()                                     # the cache's files are written aside and renamed
        process.communicate()


def finish(programs: dict) -> None:
    """Have all programs, compiled here or by the second process, if there is one."""
    if _Helper.process is None:
        return
    with _Helper.lock, contextlib.suppress(OSError):
        if _Helper.process is None:                        # another thread has been here
            return
        for program, types in share(list(programs.items())):
            with claim(program.py_func.__name__, wait=True):
                program.compile(types)
        DONE.touch()
        end()


def help_out(module: str) -> None:
    """What the second process does. It ends without a look at the garbage that it leaves."""
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    gc.disable()
    if not share(list(import_module(module).PROGRAMS.items())[::-1]):
        DONE.touch()
    os._exit(0)


def _end_with_the_first() -> None:
    sys.stdin.read()
    os._exit(1)
