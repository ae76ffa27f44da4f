"""The door for every file that a user names: nothing of hers is replaced unless she says so, and no cell is a formula."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from simulator.folders import Aside, placed_error
from simulator.parameters.errors import InputError, let_through

# Cells that cannot stand in a CSV file as they are: with a quote, comma or line break in them, or that a spreadsheet would take
# for a formula. Written for RE2 and for Python alike.
EXPONENT_OF_NONE = r"[eE](?:[^0-9+\s-]|[+-]?[0-9]+[^0-9\s]|[+-](?:[^0-9]|$)|\s*$)"
FORMULA = rf"^[ \t]*(?:[=@]|[+-](?:[0-9.]*[^0-9.eE\s]|\.*[eE]|[0-9.]+{EXPONENT_OF_NONE}|\s*$))|^[\t]"
TO_BE_QUOTED = rf'[",\r\n]|{FORMULA}'
_formula, _quoted = re.compile(FORMULA), re.compile(r'[",\r\n]')


def check_place(path: Path, option: str, force: bool, sources: Iterable[Path] = ()) -> None:
    """Refuse, before any work, a place where a file cannot be written or where one stands that this command did not write.

    InputError; `force` lets it be replaced, but for `sources`, which the command reads.
    """
    try:
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise InputError(f"{option}:", value=str(path), expected="a file that can be written, in a folder that is there")
        there = _is_there(path)
        if there and any(source.exists() and path.exists() and os.path.samefile(source, path) for source in sources):
            raise InputError(f"{option}:", value=str(path), expected="another file than the one that is read")
    except (OSError, ValueError) as error:                 # a name too long, or with a zero byte; a loop of links
        let_through(error, path)
        raise InputError(f"{option}:", value=str(path), expected="the name of a file",
                         next_step=getattr(error, "strerror", None) or str(error)) from None
    if there and not force:
        raise InputError(f"{option}: it is there already:", value=str(path), expected="a name that nothing has",
                         next_step="--force replaces it")


def check_folder(path: Path, option: str) -> None:
    """Refuse, before any work, a place where no new folder can be made: where anything stands, or beside nothing. InputError."""
    try:
        there = _is_there(path) or not path.absolute().parent.is_dir()
    except (OSError, ValueError) as error:
        let_through(error, path)
        raise InputError(f"{option}:", value=str(path), expected="the name of a folder",
                         next_step=getattr(error, "strerror", None) or str(error)) from None
    if there:
        raise InputError(f"{option}:", value=str(path), expected="a new folder, in a folder that is there",
                         next_step="nothing is overwritten: name another")


def _is_there(path: Path) -> bool:
    """Whether anything has the name, a broken link too. OSError where nothing can have it."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


class NewFile(Aside):
    """A file that a user names, written aside; it takes the place of another only by `force`."""

    def __init__(self, final: Path, force: bool) -> None:
        super().__init__(final)
        self.force = force

    def put(self, replace: bool = False) -> Path:
        """Make it durable and give it its name. OSError where the name is taken meanwhile, and then nothing new stands there."""
        if not self.force and os.path.lexists(self.final):
            raise FileExistsError(17, os.strerror(17), str(self.final))
        return super().put(replace=True)


def write_new(path: Path, data: bytes, force: bool) -> None:
    """Write a file that a user names, whole and durable, or leave all as it was. A file of the same bytes may stand there;
    InputError for another one without `force`."""
    if not force and path.is_file() and path.read_bytes() == data:
        return
    check_place(path, "the file to write", force)
    aside = NewFile(path, force)
    try:
        aside.path.write_bytes(data)
        aside.put()
    except OSError as error:
        raise placed_error(error, path) from None
    finally:
        aside.discard()


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would work a cell out: it begins with `=`, `@`, a tab, or a sign before what is not a number."""
    return _formula.match(cell) is not None


def guarded(cell: object) -> object:
    """A cell of a CSV file as text: a formula with an apostrophe before it; anything but text as it is."""
    return f"'{cell}" if isinstance(cell, str) and is_formula(cell) else cell


def as_cell(cell: str) -> str:
    """The text of a cell in a CSV file: guarded, in quotes where it needs them."""
    cell = str(guarded(cell))
    return '"' + cell.replace('"', '""') + '"' if _quoted.search(cell) else cell
