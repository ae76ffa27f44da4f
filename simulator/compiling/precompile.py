"""Programs compiled before they are called, by two processes where there are two cores.

Both go through the same programs, from either end, and leave to the other what it is at; what one has compiled, the other loads
from the cache. So do any number of processes that begin at once. Whatever fails here costs time only: a program that is not there
when it is called is compiled then.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from importlib import import_module
from multiprocessing import parent_process

import numba
from numba import types
from numba.core.dispatcher import Dispatcher

from simulator.compiling import cache
from simulator.compiling.compiled import FOLDER, is_compiled

Programs = dict[Dispatcher, tuple[types.Type, ...]]        # each with the types of its arguments
Tell = Callable[[str, int, int], None]                     # what is being compiled, programs done, programs in all
LONGEST = 120.0                                            # seconds to wait for another process's program
WORKER = ("import sys; sys.path[:] = {path!r}; from simulator.compiling.precompile import worker_main; "
          "worker_main({module!r}, {name!r})")


class _Worker:
    """The second process, while there is one."""

    process: subprocess.Popen | None = None
    lock = threading.Lock()


def missing(programs: Programs) -> bool:
    """Whether any program is still to be compiled; never where nothing is."""
    return not numba.config.DISABLE_JIT and not all(is_compiled(*program) for program in programs.items())


def start(module: str, name: str, programs: Programs) -> None:
    """If any of the programs, which a module has under a name, is to be compiled, say so and start the second process for it.

    The user's own process alone does: not those that it starts. There is no second process for one core, nor where the two could
    not share what they compile.
    """
    with _Worker.lock:
        if _Worker.process is not None or parent_process() is not None or not missing(programs):
            return
        shared = cache.works(FOLDER)
        how_long = "about 15 s" if shared else "about 30 s"
        print(f"compiling the rules, {'once' if shared and not cache.for_one_run else 'for this run alone'}: {how_long}",
              file=sys.stderr, flush=True)
        if not shared or (os.cpu_count() or 1) < 2 or not cache.CAN_LOCK or not sys.executable:
            return
        code = WORKER.format(path=sys.path, module=module, name=name)
        with contextlib.suppress(OSError):
            _Worker.process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                               stderr=subprocess.DEVNULL)
            atexit.register(end)


def end() -> None:
    """End the second process, if there is one. (If this one is killed the other ends by itself: what it reads has ended.)"""
    process, _Worker.process = _Worker.process, None
    if process is not None:
        process.kill()                                     # the cache's files are written aside and renamed
        process.communicate()


def finish(programs: Programs, tell: Tell = lambda what, done, count: None) -> None:
    """Have all programs compiled: from the cache, by the second process, or here."""
    with _Worker.lock:
        left = share(programs.items(), tell, len(programs))
        for program, arguments in left:
            tell(program.py_func.__name__, len(programs) - len(left), len(programs))
            with cache.locked(FOLDER, program.py_func.__name__, LONGEST):
                program.compile(arguments)
        end()


def share(programs: Iterable[tuple[Dispatcher, tuple[types.Type, ...]]], tell: Tell, count: int) -> list[tuple]:
    """Compile the programs that no other process is at, or load them from the cache; returns the others."""
    left = []
    for done, (program, arguments) in enumerate(programs):
        tell(program.py_func.__name__, done, count)
        with cache.locked(FOLDER, program.py_func.__name__) as ours:
            if ours:
                program.compile(arguments)
            else:
                left.append((program, arguments))
    return left


def worker_main(module: str, name: str) -> None:
    """Compile a module's programs from the last on, and end without a look at the garbage that this leaves."""
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    gc.disable()
    programs: Programs = getattr(import_module(module), name)
    share(list(programs.items())[::-1], lambda what, done, count: None, len(programs))
    os._exit(0)


def _end_with_the_first() -> None:
    """End as soon as the first process has ended, whose end of the pipe is then closed."""
    sys.stdin.read()
    os._exit(1)
