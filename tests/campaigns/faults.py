"""Does every verb bear what the system refuses? `python -m tests.campaigns.faults`; ends with 1 if one did not.

Each verb is called in this process in a folder of its own, first as it is, to count what it asks of the system there (opening,
making, renaming, forcing to the disk), then again and again with one of these calls refused (full disk, quota, permission,
read-only, a fault of the disk, too many open files), with every file limited to so many bytes, with few open files allowed and,
where the system lets one be mounted, on a disk that is full or cannot be written. It must end well, or with exit code 4 and one
line; whatever stood there before is as it was, and nothing half-written is left. (Whole parts of a batch stay: they are kept.
What --force was told to replace may be replaced, for only then can the disk fail to say so.)
"""

from __future__ import annotations

import argparse
import builtins
import errno
import io
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.report.write import finish_run
from simulator.results import write_run
from simulator.scenario import Scenario
from tests.campaigns.claims import HEADER, PLAN, random_claims, written
from tests.support.command import Said, fundsim

SMALL = ("--draws", "2", "--people", "200", "--horizon", "1")
SCENARIO = "name: asked\nregions: [linyi]\nschemes: [nrcms]\nhorizon: 1\ndraws: 2\npeople: 200\n"
RUN = "results/faults/RUN"
VERBS: dict[str, tuple[str, ...]] = {
    "explain": ("explain", "--plan", "plan.yaml", "--tier", "county", "--bill", "8000", "--in-scope", "80"),
    "settle": ("settle", "claims.csv", "--plan", "plan.yaml", "--out", "settled.csv"),
    "settle skip": ("settle", "bad.csv", "--plan", "plan.yaml", "--out", "settled.parquet", "--on-error", "skip"),
    "settle xlsx": ("settle", "claims.csv", "--plan", "plan.yaml", "--out", "settled.xlsx"),
    "settle force": ("settle", "claims.csv", "--plan", "plan.yaml", "--out", "old.csv", "--force"),
    "claims map": ("claims", "map", "claims.csv", "--out", "map.yml"),
    "losses": ("losses", "plan.yaml", "--rate", "0.1", "--severity", "lognormal:mean=8000,cv=2", "--years", "1000"),
    "run": ("run", "asked.yaml", "--out", "results"),
    "compare": ("compare", "jiangsu", "linyi", "--schemes", "nrcms", *SMALL, "--out", "made/results"),
    "batch": ("batch", "asked.yaml", "--out", "results", "-j", "0"),
    "report zh": ("report", RUN, "--lang", "zh"),
    "report png": ("report", RUN, "--png"),
    "report xlsx": ("report", RUN, "--xlsx"),
    "verify": ("verify", RUN),
    "ls": ("ls", "results"),
    "query": ("query", RUN, "select * from summary", "--csv", "out.csv"),
    "params list": ("params", "list"),
    "params show": ("params", "show", "linyi", "--topic", "funding"),
    "params diff": ("params", "diff", "jiangsu", "linyi", "--year", "2012"),
    "params plans": ("params", "plans"),
    "params new": ("params", "new", "mine", "--parent", "linyi", "--params", "own"),
    "params export": ("params", "export", "book.xlsx", "--region", "linyi"),
    "params schema": ("params", "schema", "schema"),
}
LONG: dict[str, tuple[str, ...]] = {
    "fit": ("fit", "claims.csv", "--members", "members.csv", "--region", "linyi", "--out", "fitted", "--lenient"),
    "attribute": ("attribute", "jiangsu", "linyi", "--schemes", "nrcms", *SMALL),
    "swap": ("swap", "jiangsu", "linyi", "--schemes", "nrcms", *SMALL),
    "sensitivity": ("sensitivity", RUN, "--measure", "balance", "--year", "2012"),
    "sustain": ("sustain", RUN),
    "params check": ("params", "check", "linyi", "--year", "2012"),
    "params uncertain": ("params", "uncertain", "--region", "linyi"),
    "params import": ("params", "import", "book0.xlsx", "--out", "imported"),
    "solve": ("solve", "linyi", "--vary", "funding.nrcms.premium=60:240", "--until", "P(exhausted by 2012) <= 50%", "--least",
              "oop_per_head", "--draws", "20", "--confirm", "20", "--people", "200", "--horizon", "1", "--out", "results"),
    "calibrate": ("calibrate", "--draws", "60", "--people", "100", "--regions", "jiangsu", "--out", "set.json"),
    "backtest": ("backtest", "--draws", "2"),
}
REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EIO, errno.EMFILE)
CALLS = ("open", "mkdir", "replace", "rename", "fsync")
SIZES = (0, 1, 100, 2_000, 8_192, 40_000)


class Refusing:
    """Calls of the system that touch a folder, of which the n-th is refused."""

    def __init__(self, place: Path, at: int = -1, number: int = 0) -> None:
        self.place, self.at, self.number, self.count, self.refused = str(place), at, number, 0, ""

    def _meets(self, call: str, path: object) -> None:
        if isinstance(path, int | bytes) or not os.path.abspath(os.fspath(path)).startswith(self.place):     # type: ignore[call-overload]
            return
        self.count += 1
        if self.count - 1 == self.at:
            self.refused = f"{call} {os.path.basename(os.fspath(path))}"                                     # type: ignore[call-overload]
            raise OSError(self.number, os.strerror(self.number), os.fspath(path))                           # type: ignore[call-overload]

    @contextmanager
    def patched(self) -> Iterator[None]:
        real = {name: getattr(os, name) for name in CALLS}
        real_open, names = io.open, dict[int, str]()

        def standing(name: str) -> Callable:
            def call(path: object, *others: object, **named: object) -> object:
                self._meets(name, names.get(path, 0) if name == "fsync" and isinstance(path, int) else path)
                found = real[name](path, *others, **named)
                if name == "open" and isinstance(found, int):
                    names[found] = os.fspath(path)                                                         # type: ignore[call-overload]
                return found
            return call

        def opened(path: object, mode: str = "r", *others: object, **named: object) -> object:
            self._meets(f"open {mode}", path)
            return real_open(path, mode, *others, **named)                                                  # type: ignore[call-overload]

        for name in CALLS:
            setattr(os, name, standing(name))
        io.open = builtins.open = opened                                                                    # type: ignore[assignment]
        try:
            yield
        finally:
            for name in CALLS:
                setattr(os, name, real[name])
            io.open = builtins.open = real_open


@contextmanager
def limited(kind: int, most: int) -> Iterator[None]:
    """With a soft limit of this process."""
    before = resource.getrlimit(kind)
    resource.setrlimit(kind, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(kind, before)


def make_home(place: Path, run: bool = True) -> None:
    """A user's folder: claims, members, rules, a scenario, a file that stands in the way, one of no concern, perhaps a run."""
    chance = random.Random(4)
    rows = random_claims(chance)
    for name, kept in (("claims.csv", rows), ("bad.csv", [*rows[:-1], [*rows[-1][:5], "x", *rows[-1][6:]]])):
        (place / name).write_text(written(HEADER, kept), encoding="utf-8")
    persons = sorted({row[1] for row in rows})
    (place / "members.csv").write_text("person,birth,sex\n" + "".join(f"{who},1970,male\n" for who in persons), encoding="utf-8")
    for name, text in (("plan.yaml", PLAN), ("asked.yaml", SCENARIO), ("old.csv", "mine\n"), ("notes.txt", "mine\n")):
        (place / name).write_text(text, encoding="utf-8")
    (place / "own").mkdir()
    if not run:
        return
    asked = Scenario("faults", ("linyi",), schemes=("nrcms",), horizon=1, draws=40, people=200)
    made = write_run(simulate(asked, load_regions(), threads=1), place / "results",
                     lambda folder, run: finish_run(folder, run, "en"), {"language": "en"})
    made.rename(place / RUN)
    assert fundsim("params", "export", place / "book0.xlsx", "--region", "linyi").code == 0


def seen(place: Path) -> dict[str, bytes]:
    """Every file of a folder, folders without a file, by relative path."""
    return {path.relative_to(place).as_posix(): path.read_bytes() if path.is_file() else b"a folder"
            for path in place.rglob("*") if path.is_file() or not any(path.iterdir())}


def judged(said: Said, before: dict[str, bytes], after: dict[str, bytes]) -> str:
    """What is wrong with how a verb ended; empty where nothing is."""
    errors = [line for line in said.err.splitlines() if line.startswith("error: ")]
    changed = [name for name, data in before.items() if after.get(name) != data and data != b"a folder"]
    new = [name for name in after if name not in before]
    half = [name for name in new if ".partial-" in name]
    if half:
        return f"left {half[:3]}"
    if said.code in (0, 1):
        return ""
    if said.code != 4 or len(errors) != 1:
        return f"exit code {said.code}: {said.err[-300:]!r}"
    if set(changed) - {"old.csv"}:
        return f"changed {changed[:3]}"
    left = [name for name in new if not name.startswith("results/parts/")]
    return f"left {left[:3]}" if left else ""


def tried(home: Path, words: tuple[str, ...], at: Path, wrong: Callable[[], object]) -> str:
    """Call a verb in a fresh copy of the user's folder, something being wrong with the system; what of it was not well."""
    shutil.rmtree(at, ignore_errors=True)
    shutil.copytree(home, at)
    before, here = seen(at), os.getcwd()
    os.chdir(at)
    try:
        with wrong():                                                                                       # type: ignore[attr-defined]
            said = fundsim(*words)
    except Exception as error:                             # noqa: BLE001  (what the campaign looks for)
        return f"{type(error).__name__}: {error}"
    finally:
        os.chdir(here)
    return judged(said, before, seen(at))


def refuse(home: Path, verbs: dict[str, tuple[str, ...]], tries: int, seed: int, tell: Callable[[str], None] = print) -> Counter:
    """Refuse single calls and limit sizes, so many times in all, verb by verb. How many were tried, of which kind, and `bad`."""
    chance, count = random.Random(seed), Counter[str]()
    calls: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder).resolve() / "home"
        for verb, words in verbs.items():                  # as it is
            watch = Refusing(at)
            wrong = tried(home, words, at, watch.patched)
            calls[verb] = watch.count
            if wrong:
                tell(f"{verb}, nothing refused: {wrong}")
                count["bad"] += 1
        while count["tried"] < tries:
            for verb, words in verbs.items():
                kind = chance.choice(("call", "call", "call", "size", "files"))
                if kind == "call" and calls[verb]:
                    watch = Refusing(at, chance.randrange(calls[verb]), chance.choice(REFUSALS))
                    wrong = tried(home, words, at, watch.patched)
                    what = f"{watch.refused or 'no call'}: {errno.errorcode[watch.number]}"
                elif kind == "files":
                    most = len(os.listdir("/dev/fd")) + chance.randrange(8)
                    wrong, what = tried(home, words, at, lambda most=most: limited(resource.RLIMIT_NOFILE, most)), f"{most} files"
                else:
                    size = chance.choice(SIZES)
                    wrong, what = tried(home, words, at, lambda size=size: limited(resource.RLIMIT_FSIZE, size)), f"{size} bytes"
                count["tried"] += 1
                count[kind] += 1
                if wrong:
                    tell(f"{verb}, {what}: {wrong}")
                    count["bad"] += 1
                if count["tried"] == tries:
                    break
    return count


def mounted(home: Path, verbs: dict[str, tuple[str, ...]], tell: Callable[[str], None] = print) -> Counter:
    """Every verb on a small disk of its own, which is full, and then cannot be written; nothing where none can be mounted."""
    count = Counter[str]()
    size = sum(len(data) for data in seen(home).values()) + 600 * 4096
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder).resolve()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", place], capture_output=True).returncode:
            return count
        try:
            for verb, words in verbs.items():
                for kind in ("full", "read-only"):
                    at = place / "home"
                    shutil.rmtree(at, ignore_errors=True)
                    shutil.copytree(home, at)
                    wrong = _on_disk(at, place, words, kind == "full")
                    count[kind] += 1
                    if wrong:
                        tell(f"{verb}, {kind} disk: {wrong}")
                        count["bad"] += 1
        finally:
            subprocess.run(["umount", place], check=True)
    return count


def _on_disk(at: Path, place: Path, words: tuple[str, ...], full: bool) -> str:
    filler, here, before = place / "filler", os.getcwd(), seen(at)
    if full:
        try:
            with filler.open("wb", buffering=0) as file:
                while True:
                    file.write(b"\0" * 4096)
        except OSError:
            pass
    else:
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    os.chdir(at)
    try:
        said = fundsim(*words)
    except Exception as error:                             # noqa: BLE001
        return f"{type(error).__name__}: {error}"
    finally:
        os.chdir(here)
        subprocess.run(["mount", "-o", "remount,rw", place], check=True)
        filler.unlink(missing_ok=True)
    return judged(said, before, seen(at))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verb", help="one alone")
    asked = parser.parse_args()
    verbs = {name: words for name, words in (VERBS | LONG).items() if asked.verb in (None, name)}
    start, home = time.process_time(), Path(tempfile.mkdtemp(prefix="faults-")).resolve()
    try:
        make_home(home)
        found = refuse(home, verbs, asked.tries, asked.seed, lambda text: print(text, flush=True))
        print(dict(found), f"{time.process_time() - start:.0f} s", flush=True)
        disks = mounted(home, verbs)
        print(dict(disks), f"{time.process_time() - start:.0f} s")
    finally:
        shutil.rmtree(home)
    return int(bool(found["bad"] or disks["bad"]))


if __name__ == "__main__":
    sys.exit(main())
