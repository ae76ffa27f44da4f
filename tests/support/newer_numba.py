"""Says when there is a Numba that `simulator/compiling/pipeline.py` has not been tried with; `.ci/run` pipes pip's answer in."""

from __future__ import annotations

import re
import sys

from simulator.compiling.pipeline import TRIED


def newer_numba(answer: str) -> str:
    """One line if what `pip index versions numba` printed names a newer minor version than those tried, else nothing."""
    found = re.match(r"numba \((\d+)\.(\d+)\S*\)", answer)
    if found is None or (int(found[1]), int(found[2])) <= max(TRIED):
        return ""
    return (f"note: {found[0]} is out; try it (numba in pyproject.toml, `make constraints`, tests/compiling) and add it to TRIED "
            "in simulator/compiling/pipeline.py\n")


if __name__ == "__main__":
    print(newer_numba(sys.stdin.read()), end="")
