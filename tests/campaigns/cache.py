"""Can the cache lie, or keep a run from starting? `python -m tests.campaigns.cache`; ends with 1 if so.

1. Files: a small simulation fills a cache. Then each of its files in turn has a bit flipped, is emptied, is cut to its half, is
   replaced by another file of the same kind; the simulation runs again, must have the same digest and leave a whole file.
2. Folders: one that cannot be written, is mounted to be read only, belongs to another user, can be written by others, is full,
   has a file in its way, is nowhere (no home). The simulation must have the same digest, and say once that nothing is kept.
3. Rules: in a copy of the package without a folder for a cache, an edited rule must count, and count no more when edited back.

No file may appear beside the source. What this system does not permit (mounting, other users) is said and left out.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SIMULATION = """
from simulator import Scenario, simulate
from simulator.parameters.regions import load_regions
from simulator.results import result_digest
scenario = Scenario("cache", ("jiangsu",), schemes=("nrcms",), horizon=1, draws=2, people=500)
print(result_digest(simulate(scenario, load_regions())))
"""
NOTE = "every start compiles the rules anew"
RULE, EDITED = "min(max(ratio + points, 0), 10000)", "min(max(ratio + points, 0), 5000)"
NOBODY = 65534


def flip(data: bytes, _: bytes) -> bytes:
    """One bit of the data turned over, chosen by chance."""
    place, bit = random.randrange(len(data)), random.randrange(8)
    return data[:place] + bytes([data[place] ^ (1 << bit)]) + data[place + 1:]


def empty(data: bytes, _: bytes) -> bytes:
    """Nothing, as after a power cut."""
    return b""


def halve(data: bytes, _: bytes) -> bytes:
    """The first half."""
    return data[:len(data) // 2]


def swap(data: bytes, other: bytes) -> bytes:
    """Another file's data."""
    return other


DAMAGES: tuple[Callable[[bytes, bytes], bytes], ...] = (flip, empty, halve, swap)


def files_of(cache: Path) -> list[Path]:
    """The files of a cache that hold anything (locks hold nothing)."""
    return sorted(path for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock")


def another(path: Path, files: list[Path]) -> Path:
    """Another file of the same kind: the next in its folder, else any other."""
    kin = [file for file in files if file.parent == path.parent] if sum(f.parent == path.parent for f in files) > 1 else files
    return kin[(kin.index(path) + 1) % len(kin)]


def is_whole(cache: Path, path: Path) -> bool:
    """Whether a file of a cache is what was written under its name."""
    head, _, body = path.read_bytes().partition(b"\n")
    return head.split()[-1:] == [hashlib.sha256(f"{path.relative_to(cache).as_posix()} ".encode() + body).hexdigest().encode()]


class Run(NamedTuple):
    """How a simulation ended."""

    code: int
    digest: str
    said: str
    seconds: float


def simulate(cache: Path | None, root: Path = ROOT, before: tuple[str, ...] = ()) -> Run:
    """Run the simulation of a package in a process of its own with this cache (None: without a home)."""
    variables = {**os.environ, "PYTHONPATH": str(root), "HOME": "/dev/null/none", "FUNDSIM_CACHE": str(cache or "")}
    variables.pop("XDG_CACHE_HOME", None)
    start = time.monotonic()
    run = subprocess.run([*before, sys.executable, "-c", SIMULATION], cwd=root, env=variables, capture_output=True, text=True)
    return Run(run.returncode, run.stdout.strip(), run.stderr, time.monotonic() - start)


def beside_the_source(root: Path = ROOT) -> list[Path]:
    """Files in the package that are neither of its sources nor Python's own bytecode."""
    return [path for path in (root / "simulator").rglob("*")
            if path.suffix in (".nbi", ".nbc", ".lock", ".npy", ".part")
            or path.parent.name == "__pycache__" and not re.search(r"\.pyc(\.\d+)?$", path.name)]


class Count:
    """What came of the runs of a campaign."""

    def __init__(self, digest: str) -> None:
        self.digest, self.runs, self.wrong, self.refused, self.other = digest, 0, 0, 0, 0

    def add(self, what: str, run: Run, whole: bool = True) -> None:
        """Count a run, and show it if something is wrong; `whole` is whatever else was asked of it."""
        self.runs += 1
        self.refused += run.code != 0
        self.wrong += run.code == 0 and run.digest != self.digest
        self.other += not whole
        if run.code != 0 or run.digest != self.digest or not whole:
            print(f"  FAILED {what}: code {run.code}, digest {run.digest[:16]}, whole {whole}\n{run.said[-2000:]}", flush=True)

    @property
    def failed(self) -> bool:
        return bool(self.wrong or self.refused or self.other or beside_the_source())

    def __str__(self) -> str:
        return (f"{self.runs} runs, {self.wrong} wrong results, {self.refused} refusals to start, {self.other} otherwise wrong, "
                f"{len(beside_the_source())} files beside the source")


def damage_files(cache: Path, count: Count) -> None:
    """Part 1."""
    files = files_of(cache)
    whole = {path: path.read_bytes() for path in files}
    print(f"files: {len(files)}, {sum(map(len, whole.values())) / 1e6:.1f} MB", flush=True)
    for damage in DAMAGES:
        start, first = time.monotonic(), count.runs
        for path in files:
            path.write_bytes(damage(whole[path], whole[another(path, files)]))
            run = simulate(cache)
            count.add(f"{damage.__name__} {path.relative_to(cache)}", run, is_whole(cache, path))
            path.write_bytes(whole[path])
        print(f"  {damage.__name__:6} {count.runs - first} runs, {time.monotonic() - start:.0f} s", flush=True)
    everything = random.choice(DAMAGES)
    for path in files:
        path.write_bytes(everything(whole[path], whole[another(path, files)]))
    count.add("all files at once", simulate(cache))


@contextmanager
def mounted(place: Path, options: str) -> Iterator[bool]:
    """A file system in memory at the place; False where that is not permitted."""
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True).returncode == 0
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", str(place)], check=True)


def try_folders(cache: Path, count: Count) -> None:
    """Part 2."""
    print("folders", flush=True)

    def tried(what: str, run: Run, notes: int = 1) -> None:
        count.add(what, run, run.said.count(NOTE) == notes)
        print(f"  {what:42} {run.seconds:.0f} s, {run.said.count(NOTE)} note", flush=True)

    def left_out(what: str, why: str) -> None:
        print(f"  {what:42} NOT TRIED: {why}", flush=True)

    with ExitStack() as stack:
        here = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        locked, foreign, open_to_all, file = (here / name for name in ("locked", "foreign", "open", "file"))
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        setpriv = shutil.which("setpriv")
        locked.mkdir(mode=0o555)
        if not root or setpriv:
            powerless = (setpriv, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all") if root and setpriv else ()
            tried("cannot be written", simulate(locked, before=powerless))
        else:
            left_out("cannot be written", "this is root, who writes everywhere, and there is no setpriv")
        shutil.copytree(cache, foreign)
        if root:
            for path in (foreign, *foreign.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
            tried("belongs to another user", simulate(foreign))
        else:
            left_out("belongs to another user", "only root can give a folder away")
        shutil.copytree(cache, open_to_all)
        open_to_all.chmod(0o777)
        tried("can be written by others", simulate(open_to_all))
        for what, options in (("is full", "size=64k"), ("is mounted to be read only", "ro")):
            place = here / options
            place.mkdir()
            with mounted(place, f"{options},mode=700") as done:
                if done:
                    tried(what, simulate(place))
                else:
                    left_out(what, "mounting is not permitted here")
        file.touch()
        tried("has a file in its way", simulate(file))
        tried("is nowhere", simulate(None))


def edit_rules(count: Count) -> None:
    """Part 3."""
    print("rules", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("simulator", "params"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        rules = root / "simulator" / "law" / "rules.py"
        text = rules.read_text(encoding="utf-8")
        if text.count(RULE) != 1:
            raise RuntimeError(f"the rule to edit is not in {rules.name} once: {RULE}")
        count.add("rules as they are", simulate(None, root))
        rules.write_text(text.replace(RULE, EDITED), encoding="utf-8")
        edited = simulate(None, root)
        count.add("rules edited", edited._replace(digest=count.digest), edited.digest != count.digest)
        rules.write_text(text, encoding="utf-8")
        count.add("rules edited back", simulate(None, root), not beside_the_source(root))


def main() -> int:
    """Run the three parts; 0 if nothing lied or refused."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    random.seed(parser.parse_args().seed)
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        first = simulate(cache)
        if first.code != 0:
            print(first.said)
            return 1
        count = Count(first.digest)
        count.add("the cache just made", simulate(cache))
        for part in (damage_files, try_folders):
            part(cache, count)
        edit_rules(count)
    print(f"{'FAILED: ' if count.failed else ''}{count}")
    return int(count.failed)


if __name__ == "__main__":
    sys.exit(main())
