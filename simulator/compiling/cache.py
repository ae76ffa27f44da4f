"""The cache: files between runs, each under its SHA-256, so that none can lie.

It lies in `$FUNDSIM_CACHE`, else in `fundsim` in `$XDG_CACHE_HOME` or `~/.cache`, and may be deleted at any time. What a file
holds is found under its place, its name and a checksum of all three: what is damaged, cut short, empty, or was written for
another name is as if it were not there, and is replaced. Compiled programs are code, so a folder or file that belongs to another
user, or that others can write, is not read. Where nothing can be written (no folder, no permission, a full disk) nothing is kept:
standard error says so once, and everything else goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from multiprocessing import parent_process
from pathlib import Path

try:
    import fcntl
except ImportError:                                        # not on this system: every process works for itself
    fcntl = None

CAN_LOCK = fcntl is not None
MOST_FILES = 4096                  # in one folder, of some 16 kB each: sweeps must not fill the disk
MOST_SOURCES = 8                   # folders named after the sources that made what is in them
PROBE = f"probe-{os.getpid()}"
SOURCES_NAME = re.compile("[0-9a-f]{16}")
for_one_run = False                # whether the cache is that of `empty_cache`
_said: set[str] = set()            # what this process has said


def base_folder() -> Path | None:
    """Where the cache lies, whether or not it is there; None for a user without a home."""
    named = os.environ.get("FUNDSIM_CACHE")
    if named:
        return Path(named)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fundsim"
    except RuntimeError:
        return None


def read(folder: str, name: str) -> bytes | None:
    """What was written under a name in a folder (a relative path with slashes); None if it is not there as it was written."""
    place = _place(folder)
    if place is None:
        return None
    try:
        with open(place / name, "rb") as file:
            if _why_not_trusted(os.fstat(file.fileno())):
                return None
            head, body = file.readline(256), file.read()
    except OSError:
        return None
    return body if head == _head(folder, name, body) else None


def write(folder: str, name: str, body: bytes, most: int = MOST_FILES) -> None:
    """Write aside and rename; the folder keeps `most` files, the older half goes when it is full. Never an error."""
    place = _place(folder, make=True)
    if place is None:
        return
    aside = None
    try:
        _make_room(place, most)
        with tempfile.NamedTemporaryFile(dir=place, prefix=".", suffix=".part", delete=False) as file:
            aside = file.name
            file.write(_head(folder, name, body) + body)
        os.replace(aside, place / name)
        aside = None
    except OSError as error:
        _say_not_kept(f"cannot be written ({error.strerror})")
    finally:
        if aside:
            with contextlib.suppress(OSError):
                os.unlink(aside)


def works(folder: str) -> bool:
    """Whether what is written in a folder can be read again."""
    write(folder, PROBE, b"a few bytes")
    found = read(folder, PROBE) is not None
    with contextlib.suppress(OSError):
        os.unlink(os.path.join(base_folder() or "", folder, PROBE))
    return found


@contextlib.contextmanager
def locked(folder: str, name: str, wait: float = 0.0) -> Iterator[bool]:
    """Whether this process alone works at the name, for as long as this lasts; asks for `wait` seconds at most.

    Locks are of files, so they end with the process that holds them. Where nothing can be locked every process works for itself.
    """
    place, until = _place(folder, make=True), time.monotonic() + wait
    try:
        file = open(place / f"{name}.lock", "ab") if place is not None and CAN_LOCK else None
    except OSError:
        file = None
    if file is None:
        yield True
        return
    with file:
        while not (ours := _take(file.fileno())) and time.monotonic() < until:
            time.sleep(0.02)
        yield ours


def _take(file: int) -> bool:
    """Lock an open file unless another process has."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:                                        # a file system without locks
        pass
    return True


@contextlib.contextmanager
def empty_cache() -> Iterator[None]:
    """A cache of its own, empty, for this process and those it starts, for as long as this lasts: nothing earlier is read."""
    global for_one_run
    before = os.environ.get("FUNDSIM_CACHE")
    try:
        empty = tempfile.mkdtemp(prefix="fundsim-")
    except OSError:
        empty = os.path.join(os.devnull, "nothing")        # where nothing can be kept
    os.environ["FUNDSIM_CACHE"], for_one_run = empty, True
    try:
        yield
    finally:
        for_one_run = False
        if before is None:
            del os.environ["FUNDSIM_CACHE"]
        else:
            os.environ["FUNDSIM_CACHE"] = before
        shutil.rmtree(empty, ignore_errors=True)


def _head(folder: str, name: str, body: bytes) -> bytes:
    """The first line of a file."""
    return f"fundsim {hashlib.sha256(f'{folder}/{name} '.encode() + body).hexdigest()}\n".encode()


def _place(folder: str, make: bool = False) -> Path | None:
    """A folder of the cache, if this user alone can write it and all those down to it."""
    place = base_folder()
    if place is None:
        _say_not_kept("is nowhere: this user has no home")
        return None
    try:
        if make:
            place.parent.mkdir(parents=True, exist_ok=True)
        for part in ("", *folder.split("/")):
            place = place / part
            if make:
                _make(place)
            why = _why_not_trusted(os.stat(place))
            if why:
                _say_not_kept(f"is not used: {place} {why}")
                return None
    except FileNotFoundError:                              # nothing is there yet
        return None
    except OSError as error:
        if make:
            _say_not_kept(f"cannot be made ({error.strerror})")
        return None
    return place


def _make(place: Path) -> None:
    """Make a folder that nobody else can write; one that is named after sources takes the place of the oldest such."""
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        return
    if SOURCES_NAME.fullmatch(place.name):
        for old in _by_age(other for other in place.parent.iterdir() if SOURCES_NAME.fullmatch(other.name))[:-MOST_SOURCES]:
            shutil.rmtree(old, ignore_errors=True)


def _make_room(place: Path, most: int) -> None:
    """Delete the older half of the files of a folder that has `most`."""
    if len(os.listdir(place)) >= most:
        for old in _by_age(place.iterdir())[:-(most // 2) or None]:
            with contextlib.suppress(OSError):
                old.unlink()


def _by_age(paths: Iterable[Path]) -> list[Path]:
    """The oldest first."""
    def written(path: Path) -> float:
        try:
            return path.stat().st_mtime
        except OSError:                                    # another process has deleted it
            return 0.0

    return sorted(paths, key=written)


def _why_not_trusted(found: os.stat_result) -> str:
    """Why a file or folder may not be what this user has written; nothing if it is."""
    if not hasattr(os, "geteuid"):                         # Windows says who may write in another way
        return ""
    if found.st_uid != os.geteuid():
        return "belongs to another user"
    return "can be written by others (chmod go-w)" if found.st_mode & 0o022 else ""


def _say_not_kept(why: str) -> None:
    """Say once, in the user's own process, that nothing is kept."""
    if parent_process() is None and "not kept" not in _said:
        _said.add("not kept")
        print(f"note: the cache {base_folder() or ''} {why}; every start compiles the rules anew until FUNDSIM_CACHE names a "
              "folder of your own", file=sys.stderr)
