"""The same bits whatever the workers, the processor and the past? `python -m tests.campaigns.digest`; ends with 1 if not.

1. Workers: one rich scenario (`tests/support/digests.py`) in 40 configurations of kind of pool, number of workers and size of
   chunk. Compared are the schemes' digests, every measure and ledger, and every byte of the run folder.
2. Processors: the same, each in a process that takes its processor for an older one (NumPy, C library, BLAS and Numba
   are told), with an empty cache; also the people and quantile tables of all shipped regions and schemes.
3. Rules: a copy of the package whose rules are edited and edited back, with one cache of compiled functions throughout.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numba
import numpy as np

from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.scenario import DEFAULT_SCHEMES
from tests.support.digests import RICH, people_digest, pool_of, whole_digest

ROOT = Path(__file__).resolve().parents[2]
ALL = RICH.draws * RICH.replicas            # walks of a year in one task
# kind of pool, workers, chunks (walks a task; None: the program's own choice): 40 configurations.
CONFIGURATIONS = (
    ("serial", 1, (1, 2, 7, ALL)),
    ("threads", 1, (None, 1, 4, ALL)),
    ("threads", 2, (None, 1, 4, ALL)),
    ("threads", 4, (None, 1, 4, ALL)),
    ("threads", 7, (None, 1, 4, ALL)),
    ("spawned", 1, (1, 5)),
    ("spawned", 2, (1, 5, ALL)),
    ("spawned", 4, (1, 5, None)),
    ("spawned", 7, (1, 5)),
    ("dask", 1, (1, 6)),
    ("dask", 2, (1, 6, ALL)),
    ("dask", 4, (1, 6, None)),
    ("dask", 7, (1, 6)),
)
# Older processors: the level of x86-64 that NumPy may use, what the C library must not, LLVM's and OpenBLAS's names.
AVX512 = "AVX512F,AVX512VL,AVX512BW,AVX512DQ,AVX512CD"
PROFILES = {
    "this processor": None,
    "Skylake server, 2017": ("AVX512_SKX", "", "skylake-avx512", "SkylakeX"),
    "Haswell, 2013": ("X86_V3", AVX512, "haswell", "Haswell"),
    "Nehalem, 2008": ("X86_V2", f"{AVX512},AVX2,FMA,FMA4,AVX,BMI1,BMI2,MOVBE,ERMS", "nehalem", "Nehalem"),
    "any x86-64": ("X86_V2", f"{AVX512},AVX2,FMA,FMA4,AVX,BMI1,BMI2,MOVBE,ERMS,SSE4_2,POPCNT", "generic", "Prescott"),
}
NUMPY_LEVELS = ("X86_V2", "X86_V3", "X86_V4", "AVX512_ICL", "AVX512_SPR")         # each holds those before it
RULE, EDITED = "min(max(ratio + points, 0), 10000)", "min(max(ratio + points, 0), 5000)"


def check_workers() -> bool:
    """Part 1."""
    regions, first, agree, done = load_regions(), None, True, 0
    for kind, workers, chunks in CONFIGURATIONS:
        with pool_of(kind, workers) as pool:
            for chunk in chunks:
                start = time.monotonic()
                found = whole_digest(simulate(RICH, regions, workers, pool=pool, chunk=chunk))
                first = first or found
                agree, done = agree and found == first, done + 1
                print(f"  {done:2} {kind:8} {workers} workers, chunk {chunk or 'own':>4}: {found['schemes'][:16]}  "
                      f"{'the same' if found == first else 'ANOTHER ' + differing(first, found)}  "
                      f"{time.monotonic() - start:.1f} s", flush=True)
    return agree


def differing(one: dict, other: dict) -> str:
    return ", ".join(name for name in one if one[name] != other[name])


def environment(profile: tuple[str, str, str, str] | None) -> dict[str, str]:
    """What makes libraries take the processor for an older one."""
    if profile is None:
        return {}
    level, without, llvm, blas = profile
    level = "X86_V4" if level == "AVX512_SKX" else level
    above = [name for name in NUMPY_LEVELS[NUMPY_LEVELS.index(level) + 1:] if numpy_features().get(name)]
    return {"NPY_DISABLE_CPU_FEATURES": " ".join(above), "NUMBA_CPU_NAME": llvm, "NUMBA_CPU_FEATURES": "",
            "OPENBLAS_CORETYPE": blas,
            **({"GLIBC_TUNABLES": "glibc.cpu.hwcaps=" + ",".join(f"-{name}" for name in without.split(","))} if without else {})}


def numpy_features() -> dict[str, bool]:
    """NumPy's list of what the processor has."""
    from numpy._core._multiarray_umath import __cpu_features__
    return dict(__cpu_features__)


def widest_registers() -> str:
    """The widest registers that Numba's compiler uses for a loop over floats."""
    @numba.njit("void(float64[::1], float64[::1])")
    def loop(a, b):
        for i in range(len(a)):
            a[i] = a[i] * b[i] + 1.0

    code = "".join(loop.inspect_asm().values())
    return next((f"{bits}-bit" for name, bits in (("zmm", 512), ("ymm", 256), ("xmm", 128)) if f"%{name}" in code), "none")


def blas_core() -> str:
    """The processor that NumPy's OpenBLAS has chosen its routines for."""
    for library in (Path(np.__file__).parents[1] / "numpy.libs").glob("*openblas*"):
        name = getattr(ctypes.CDLL(str(library)), "scipy_openblas_get_corename64_", None)
        if name is not None:
            name.restype = ctypes.c_char_p
            return name().decode()
    return "unknown"


def library_level() -> str:
    """The highest level of x86-64 that the C library's loader finds here."""
    loader = Path("/lib64/ld-linux-x86-64.so.2")
    if not loader.exists():
        return "unknown"
    text = subprocess.run([loader, "--help"], capture_output=True, text=True, check=False).stdout
    levels = [line.split()[0] for line in text.splitlines() if "x86-64-v" in line and "supported" in line]
    return levels[0] if levels else "x86-64"


def seen() -> dict[str, str]:
    """What the libraries take this process's processor for."""
    from numba.core.registry import cpu_target
    features = numpy_features()
    return {"numpy": next((name for name in reversed(NUMPY_LEVELS) if features.get(name)), "baseline"), "libc": library_level(),
            "llvm": cpu_target.target_context.codegen().magic_tuple()[1], "registers": widest_registers(), "blas": blas_core()}


def child(people: bool) -> None:
    """Run the rich scenario in this process and print what it is and what came of it."""
    regions, start = load_regions(), time.monotonic()
    digests = whole_digest(simulate(RICH, regions))
    seconds = time.monotonic() - start
    if people:
        digests["people"] = people_digest(regions, list(regions), DEFAULT_SCHEMES, (2010, 2012, 2015))
    print(json.dumps({"seen": seen(), "seconds": seconds, "digests": digests}))


def in_child(cache: Path, root: Path = ROOT, people: bool = False, **more: str) -> dict:
    """What `child` prints in a process with this cache, package and environment."""
    variables = {**os.environ, "PYTHONPATH": str(root), "FUNDSIM_CACHE": str(cache), **more}
    run = subprocess.run([sys.executable, "-m", "tests.campaigns.digest", "--child", *(["--people"] if people else [])],
                         cwd=root, env=variables, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"{more}\n{run.stderr}")
    return json.loads(run.stdout.splitlines()[-1])


def check_processors() -> bool:
    """Part 2."""
    if platform.machine() != "x86_64":
        print("  the profiles are of x86-64: nothing to compare here")
        return True
    first, agree, kinds = None, True, set()
    for name, profile in PROFILES.items():
        with tempfile.TemporaryDirectory() as cache:
            found = in_child(Path(cache), people=True, **environment(profile))
        digests = found["digests"]
        first = first or digests
        kinds.add(json.dumps(found["seen"]))
        agree = agree and digests == first
        print(f"  {name:20} {' '.join(f'{what}={word}' for what, word in found['seen'].items())}\n"
              f"  {'':20} {digests['schemes'][:16]} people {digests['people'][:16]}  "
              f"{'the same' if digests == first else 'ANOTHER ' + differing(first, digests)}  "
              f"{found['seconds']:.0f} s with compiling", flush=True)
    if len(kinds) < len(PROFILES):
        print("  two profiles are one and the same here")
    return agree and len(kinds) == len(PROFILES)


def check_rules() -> bool:
    """Part 3."""
    with tempfile.TemporaryDirectory() as folder:
        root, cache = Path(folder) / "copy", Path(folder) / "cache"
        for name in ("simulator", "params", "tests"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        rules = root / "simulator" / "law" / "rules.py"
        text = rules.read_text(encoding="utf-8")
        if text.count(RULE) != 1:
            raise RuntimeError(f"the rule to edit is not in {rules.name} once: {RULE}")
        digests = []
        for what, source in (("as they are", text), ("edited", text.replace(RULE, EDITED)), ("edited back", text),
                             ("as they are, warm", text)):
            if rules.read_text(encoding="utf-8") != source:
                rules.write_text(source, encoding="utf-8")
            found = in_child(cache, root)
            digests.append(found["digests"])
            print(f"  rules {what:18} {digests[-1]['schemes'][:16]}  {found['seconds']:.0f} s", flush=True)
        as_they_are, edited, back, warm = digests
        return as_they_are == back == warm and edited["schemes"] != as_they_are["schemes"]


def main() -> int:
    """Run the three parts; 0 if all digests agree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("workers", "processors", "rules"))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--people", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked.people)
        return 0
    parts = {"workers": check_workers, "processors": check_processors, "rules": check_rules}
    failed = []
    for name, part in parts.items():
        if asked.only in (None, name):
            print(name, flush=True)
            if not part():
                failed.append(name)
    print("the same bits" if not failed else f"FAILED: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
