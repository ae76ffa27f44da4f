"""What a page says of what went wrong, on one line or one line for each fault."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor

from simulator.app.app_words import APP
from simulator.app.computing import faults
from simulator.parameters.errors import InputError
from simulator.report.prose import say

MOST_SHOWN = 20                  # faults of a file, one a line


def told(error: BaseException | None, lang: str) -> str:
    """What went wrong: bad input as the command says it, each fault on its line, MOST_SHOWN of them."""
    if error is None:
        return ""
    if isinstance(error, InputError):
        lines = faults(error)
        return "\n".join(lines[:MOST_SHOWN] + ([f"... +{len(lines) - MOST_SHOWN}"] if len(lines) > MOST_SHOWN else []))
    if isinstance(error, BrokenExecutor):
        return say(APP, "worker_ended", lang)
    if isinstance(error, MemoryError):
        return say(APP, "no_memory", lang, why=str(error))
    return say(APP, "failed", lang, why=f"{type(error).__name__}: {error}")
