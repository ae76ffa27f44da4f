"""The command run in this process, for tests of verbs."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

from simulator.cli.main import main


class Said(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def fundsim(*words: object) -> Said:
    """Run the command in this process."""
    before, out, err = sys.argv, io.StringIO(), io.StringIO()
    sys.argv = ["fundsim", *map(str, words)]
    code: object = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.argv = before
    return Said(int(str(code)), out.getvalue(), err.getvalue())
