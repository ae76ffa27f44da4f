"""Numba's compiler, with a cache whose name holds a hash of every compiled source.

Numba's own cache does not notice that a function *called* from another file has changed; a cache
folder named after all sources can never be stale.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def _cache_folder() -> Path:
    package = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        if "report" not in source.parts and "parameters" not in source.parts:
            digest.update(source.relative_to(package).as_posix().encode())
            digest.update(source.read_bytes())
    base = os.environ.get("FUNDSIM_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "fundsim")
    return Path(base) / "kernels" / digest.hexdigest()[:16]


os.environ.setdefault("NUMBA_CACHE_DIR", str(_cache_folder()))

import numba  # noqa: E402

compiled = numba.njit(cache=True, nogil=True, error_model="numpy")
# For functions called for every bill: they allocate nothing, so the counting of references to arrays is left out.
lean = numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
