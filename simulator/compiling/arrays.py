"""Arrays that a start need not make again, kept beside the compiled functions that read them.

The folder is named after the sources that make them (`compiled.py`), a file after what its array is made of and the
libraries that made it. So nothing stale can be found.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from functools import cache as once
from importlib.metadata import version

import numpy as np

from simulator.compiling import cache
from simulator.compiling.compiled import FOLDER

ARRAYS = f"{FOLDER}/arrays"


@once
def _libraries() -> tuple[str, ...]:
    return tuple(f"{name} {version(name)}" for name in ("numpy", "scipy"))


def cached_array(made_of: tuple, make: Callable[[], np.ndarray]) -> np.ndarray:
    """The array that `make` returns, or returned in an earlier run; `made_of`, of names and numbers, tells it from all others."""
    name = hashlib.sha256(repr((made_of, _libraries())).encode()).hexdigest()[:32]
    stored = cache.read(ARRAYS, name)
    if stored is not None:
        return np.load(io.BytesIO(stored), allow_pickle=False)
    array, file = make(), io.BytesIO()
    np.save(file, array, allow_pickle=False)
    cache.write(ARRAYS, name, file.getvalue())
    return array
