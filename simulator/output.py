"""The door for every file that a user names, and for tables on a terminal: nothing of hers is replaced unless she says so, no
cell is a formula, and no text steers what is printed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from simulator.folders import Aside, placed_error
from simulator.parameters.errors import InputError, let_through

if TYPE_CHECKING:
    from rich.console import Console

# Cells that cannot stand in a CSV file as they are: with a quote, comma or line break in them, or that a spreadsheet would take
# for a formula. Written for RE2 and for Python alike.
EXPONENT_OF_NONE = r"[eE](?:[^0-9+\s-]|[+-]?[0-9]+[^0-9\s]|[+-](?:[^0-9]|$)|\s*$)"
FORMULA = rf"^[ \t]*(?:[=@]|[+-](?:[0-9.]*[^0-9.eE\s]|\.*[eE]|[0-9.]+{EXPONENT_OF_NONE}|\s*$))|^[\t]"
TO_BE_QUOTED = rf'[",\r\n]|{FORMULA}'
_formula, _quoted = re.compile(FORMULA), re.compile(r'[",\r\n]')


def console(width: int | None = None, file: TextIO | None = None) -> Console:
    """A terminal for tables, on which a text stands as it is: no mark of rich in it (`[/b]`, `:smile:`) is followed. `width` is
    in columns, the terminal's own by default."""
    from rich.console import Console
    return Console(width=width, file=file, no_color=True if file else None, markup=False, emoji=False, highlight=False)


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


def write_new(files: Mapping[Path, bytes], force: bool) -> None:
    """Write files that a user names, all of them whole and durable, or leave all as it was, but for those that `force` has
    replaced by then. A file of the same bytes may stand there; InputError for another one without `force`."""
    wanted = {path: data for path, data in files.items() if force or not path.is_file() or path.read_bytes() != data}
    for path in wanted:
        check_place(path, "the file to write", force)
    asides: list[NewFile] = []
    path = Path()
    try:
        for path, data in wanted.items():
            asides.append(NewFile(path, force))
            asides[-1].path.write_bytes(data)
        for aside in asides:
            path = aside.final
            aside.put()
    except BaseException as error:
        for aside in asides:
            aside.withdraw()
        raise placed_error(error, path) if isinstance(error, OSError) else error from None
    finally:
        for aside in asides:
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
