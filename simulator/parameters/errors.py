"""The one exception for bad input: where it stands, what it says, what was expected."""

from __future__ import annotations

import difflib
import errno
import re
from collections.abc import Iterable
from pathlib import Path

# What the system says of a name that is wrong, not of itself.
WRONG_NAMES = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ,
               errno.ENXIO)


LONGEST_PART = 1_000               # characters of a problem, of what was expected, of advice


class InputError(Exception):
    """Input that cannot be used; the command ends with exit code 2 and no traceback.

    `problem` is a short phrase; `value` what was found, `expected` what should stand there,
    `suggestion` the nearest right name, `next_step` what to do about it. `line` and `column` count
    from 1. `others` holds further faults found in the same reading, in file order.
    """

    def __init__(self, problem: str, *, value: object = None, expected: str | None = None,
                 suggestion: str | None = None, next_step: str | None = None,
                 file: str | Path | None = None, line: int | None = None,
                 column: int | None = None, others: tuple[InputError, ...] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.value = value
        self.expected = expected
        self.suggestion = suggestion
        self.next_step = next_step
        self.file = None if file is None else str(file)
        self.line = line
        self.column = column
        self.others = others

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        said = shortened(self.problem) if self.value is None else f"{shortened(self.problem)} {quoted(self.value)}"
        parts = [said]
        if self.expected:
            parts.append(f"expected {shortened(self.expected)}")
        if self.suggestion:
            parts.append(f"did you mean {quoted(self.suggestion)}?")
        if self.next_step:
            parts.append(shortened(self.next_step))
        return shown((f"{place}: " if place else "") + "; ".join(parts)).replace("\n", "\\n")

    def __reduce__(self):
        return _rebuild, (self.problem, {k: v for k, v in self.__dict__.items() if k != "problem"})


def _rebuild(problem: str, fields: dict) -> InputError:
    return InputError(problem, **fields)


# Characters that change what a screen shows beside themselves: controls, and those that turn the direction of writing.
UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def shown(text: str) -> str:
    """Text that can be written to a screen or a file: what would steer a terminal, and lone surrogates, as escapes."""
    text = UNSHOWN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
    return text.encode("utf-8", "backslashreplace").decode()


def shortened(text: str, most: int = LONGEST_PART) -> str:
    """A part of an error, shortened where a file's own names make it longer than anybody reads."""
    return text if len(text) <= most else f"{text[:most - 3]}..."


def quoted(value: object) -> str:
    """A value between quotes, cut after sixty characters."""
    try:
        text = str(value).replace("\n", "\\n")
    except ValueError:                                     # a whole number of thousands of digits
        text = "a number too long to show"
    return f"'{shortened(text, 60)}'"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name most like `name`, or None if none is alike; bands of numbers are not names."""
    names = list(names)
    if not any(character.isalpha() for character in name):
        return None
    folded = {n.casefold(): n for n in names}
    if name.casefold() in folded:
        return folded[name.casefold()]
    found = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return found[0] if found else None


def one_of(names: Iterable[str], most: int = 8) -> str:
    """`'a', 'b' or 'c'`, cut after `most` names."""
    names = list(names)
    if len(names) == 1:
        return f"'{names[0]}'"
    if len(names) > most:
        return ", ".join(f"'{n}'" for n in names[:most]) + f" or one of {len(names) - most} more"
    return ", ".join(f"'{n}'" for n in names[:-1]) + f" or '{names[-1]}'"


def let_through(error: BaseException, place: object) -> None:
    """Raise the system's own error, for which the environment has to be mended and not the input, with its place: nothing for an
    error that says of a name, or of what is in a file, that it is wrong."""
    if isinstance(error, OSError) and error.errno is not None and error.errno not in WRONG_NAMES:
        raise OSError(error.errno, error.strerror, str(place)) from None


def display_path(path: Path) -> str:
    """The path as shown to the user: relative to the working directory where it lies below it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError, RuntimeError):          # RuntimeError: links that lead in a circle
        return str(path)
