"""Reading a file that a user names: only a regular file, only one of a sensible size, and never for longer than that takes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .errors import InputError, display_path, let_through

LARGEST_TEXT = 8 * 2**20           # bytes of a parameter, plan or scenario file; the longest shipped one has some 50,000
EXAMPLES = (("scenarios",), ("docs",))          # folders of examples that help and errors name
NOT_REGULAR = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"),
         (stat.S_ISSOCK, "a socket"))


def or_example(path: Path) -> Path:
    """The path; where nothing has it and it names an example as help does (`scenarios/deductible.yaml`), the one that is shipped:
    package data, or beside the package in a checkout."""
    if path.is_absolute() or path.parts[:1] not in EXAMPLES or ".." in path.parts or os.path.lexists(path):
        return path
    package = Path(__file__).resolve().parent.parent
    shipped = (folder / path for folder in (package / "_examples", package.parent))
    return next((place for place in shipped if place.exists()), path)


def check_regular(path: Path, what: str, expected: str, largest: int | None = None) -> None:
    """Refuse, without opening it, what is not a regular file, or one of more than `largest` bytes. InputError; `what` is what it
    should be (`scenario`), and `expected` an example."""
    shown = display_path(path)
    try:
        found = path.stat()
    except (OSError, ValueError) as error:               # a loop of links too; ValueError: no path at all, with a zero byte
        let_through(error, path)
        raise InputError(f"cannot read the {what}:", value=shown, expected=expected,
                         next_step=getattr(error, "strerror", None) or str(error)) from None
    for is_kind, kind in NOT_REGULAR:
        if is_kind(found.st_mode):
            raise InputError(f"{kind}, not a {what}:", value=shown, expected=expected)
    if largest is not None and found.st_size > largest:
        raise InputError(f"too large for a {what}: {found.st_size:,} bytes:", value=shown, expected=f"at most {largest:,} bytes")


def read_file(path: Path, what: str, expected: str, largest: int = LARGEST_TEXT) -> bytes:
    """The bytes of a regular file of at most `largest` bytes. InputError as check_regular, and where it cannot be read."""
    check_regular(path, what, expected, largest)
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            raw = file.read(largest + 1)                 # it may have grown, or say that it is empty, as files of /proc do
    except OSError as error:
        let_through(error, path)
        raise InputError(f"cannot read the {what}:", value=display_path(path), expected=expected,
                         next_step=error.strerror) from None
    if len(raw) > largest:
        raise InputError(f"too large for a {what}:", value=display_path(path), expected=f"at most {largest:,} bytes")
    return raw
