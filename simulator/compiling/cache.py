"""Arrays that a start need not make again, kept beside the compiled functions that read them.

The folder is named after the sources that make them (`compiled.py`), a file after what its array is made of and the
libraries that made it. So nothing stale can be found, and where nothing can be written every start makes them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from simulator.compiling.compiled import FOLDER

MOST = 4096                       # files kept, of some 16 kB each: sweeps must not fill the disk


@cache
def _libraries() -> tuple[str, ...]:
    return tuple(f"{name} {version(name)}" for name in ("numpy", "scipy"))


def kept(made_of: tuple, make: Callable[[], np.ndarray]) -> np.ndarray:
    """What `make` gives, or gave in an earlier run; `made_of`, of names and numbers, tells one array from another."""
    name = hashlib.sha256(repr((made_of, _libraries())).encode()).hexdigest()[:32]
    path = Path(FOLDER) / "arrays" / f"{name}.npy"
    with contextlib.suppress(OSError, ValueError, EOFError):          # not there, or damaged
        return np.load(path)
    array = make()
    _write(path, array)
    return array


def _write(path: Path, array: np.ndarray) -> None:
    """Write aside and rename, while there is room. A folder that cannot be written is no error."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if len(os.listdir(path.parent)) >= MOST:
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            temporary = file.name
            np.save(file, array)
        os.replace(temporary, path)
    except OSError:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
