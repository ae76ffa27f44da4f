"""How the command ends: exit codes, interruptions, and one line for what went wrong.

Exit codes: 0 done; 1 the answer is no (a check failed); 2 bad input; 3 interrupted: repeat the command; 4 the environment failed
(disk, memory, permission, worker).
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

DONE, NO, BAD_INPUT, INTERRUPTED, ENVIRONMENT = range(5)
GRACE = 0.8                        # seconds that an interrupted command has to end by itself
WHAT_TO_DO = {
    errno.ENOSPC: "free some space, or name a folder on another disk", errno.EDQUOT: "free some space, or name another folder",
    errno.EACCES: "name a place that you may use, or change its permissions",
    errno.EPERM: "name a place that you may use, or change its permissions",
    errno.EROFS: "name a place that can be written", errno.EIO: "the disk reports a fault: check it, or name another",
    errno.EMFILE: "allow more open files (ulimit -n)", errno.ENFILE: "close other programs: too many files are open",
    errno.EEXIST: "move it away, or name another place", errno.ENOENT: "something removed it meanwhile: run the command again",
}


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM counts as Ctrl-C, and both end the command within 2 seconds, also while it computes or compiles.

    They are raised as KeyboardInterrupt in the main thread. A computation that does not come back to Python meanwhile is ended
    with all it was writing removed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = [kind for kind in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(kind) is not signal.SIG_IGN]
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    wakeup, before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False), {kind: signal.getsignal(kind) for kind in signals}
    ended = threading.Event()
    threading.Thread(target=_watch, args=(reader, ended), daemon=True).start()
    for kind in signals:
        signal.signal(kind, _interrupt)
    try:
        yield
    finally:
        ended.set()
        for kind, handler in before.items():
            signal.signal(kind, handler)
        signal.set_wakeup_fd(wakeup)
        os.close(writer)                                   # the watcher closes its end


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, unless a result is getting its name at this moment: then the watcher ends the command."""
    from simulator.folders import placing
    if not placing():
        raise KeyboardInterrupt


def _watch(reader: int, ended: threading.Event) -> None:
    """Wait for a signal; if the command, or then Python with threads that still compute, has not ended in time, end it."""
    with open(reader, "rb", buffering=0) as signals:
        while data := signals.read(64):
            if not {signal.SIGINT, signal.SIGTERM} & set(data):
                continue
            until = time.monotonic() + GRACE
            if not ended.wait(GRACE):
                from simulator.folders import discard_all
                said = interruption() if discard_all() else "interrupted: what was getting its name is whole if it stands there"
                print(said, file=sys.stderr, flush=True)
                os._exit(INTERRUPTED)
            time.sleep(max(until - time.monotonic(), 0))
            if not threading.main_thread().is_alive():     # Python waits for its threads, and has nothing else to do
                os._exit(INTERRUPTED)


def interruption() -> str:
    """What an interrupted command says: what of it stands, and what to do."""
    from simulator.folders import placed
    if placed:
        return f"interrupted, but what was being written is whole: {', '.join(map(str, placed))}"
    return "interrupted: nothing was written; the same command begins anew"


def failure(error: OSError | MemoryError | RuntimeError) -> str:
    """What failed in the environment, where, and what to do about it, on one line."""
    if isinstance(error, MemoryError):
        said = f"not enough memory{f': {error}' if str(error) else ''}"
        advice = "" if " fit" in said else "ask for fewer draws, people, years or policies"
    elif isinstance(error, OSError):
        said = f"{error.strerror or error}{f': {error.filename!r}' if error.filename is not None else ''}"
        advice = WHAT_TO_DO.get(error.errno or 0, "")
    else:
        said, advice = f"a worker process ended: {error}", "it may have lacked memory: use fewer threads, or ask for less"
    return "; ".join(part.replace("\n", " ") for part in (said, advice) if part)
