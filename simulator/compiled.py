"""Numba's compiler, with a cache whose name holds a hash of every compiled source.

Numba's own cache does not notice that a function *called* from another file has changed; a cache
folder named after all sources can never be stale.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numba

# Where compiled functions, and the constants they are compiled with, may stand (tests hold this to the code).
SOURCES = ("compiled.py", "money.py", "tables.py", "bill.py", "random.py", "care", "benefits")


def _cache_folder() -> Path:
    """The cache of the sources as they are now."""
    package = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for name in SOURCES:
        place = package / name
        for source in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(source.relative_to(package).as_posix().encode())
            digest.update(source.read_bytes())
    base = os.environ.get("FUNDSIM_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "fundsim")
    return Path(base) / "kernels" / digest.hexdigest()[:16]


def _kept(**options):
    """A compiling decorator whose cache lies in our folder, whatever the process's other compiled functions use."""
    def compile_it(function):
        others = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = FOLDER
        try:
            return numba.njit(cache=True, nogil=True, error_model="numpy", **options)(function)
        finally:
            numba.config.CACHE_DIR = others
    return compile_it


FOLDER = str(_cache_folder())
compiled = _kept()
# For functions called for every bill: they allocate nothing, so the counting of references to arrays is left out.
lean = _kept(_nrt=False)
# For what vectorises only inside the loop that calls it.
inlined = _kept(_nrt=False, forceinline=True)
