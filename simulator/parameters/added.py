"""The folder whose regions stand beside or in place of the shipped ones wherever regions are loaded without naming a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_ADDED: ContextVar[Path | None] = ContextVar("added", default=None)


def added_folder() -> Path | None:
    """The folder that is added here and now."""
    return _ADDED.get()


@contextmanager
def adding(params: Path | str | None) -> Iterator[None]:
    """Within this block, in this thread, regions are loaded with those of a folder added, unless another is named; None adds
    none but leaves an outer block's."""
    token = _ADDED.set(Path(params)) if params is not None else None
    try:
        yield
    finally:
        if token is not None:
            _ADDED.reset(token)


def add_from_now_on(params: Path | None) -> None:
    """As `adding`, for the rest of the process: of one beside another, which has the folder added."""
    _ADDED.set(params)
