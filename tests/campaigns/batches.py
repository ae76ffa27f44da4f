"""Batches that are killed: `python -m tests.campaigns.batches` (500 kills; some fifteen minutes); ends with 1 if something
is wrong.

Three batches that have questions, people and worlds in common run one after the other into the same folder, and each is begun
again until it comes to its end: most tries are ended by SIGKILL,

1. at a moment chosen by chance, wherever the batch is then, mostly in walks; or
2. before a call to the file system chosen by chance among those that write parts, those that write tables, and those from the
   manifest to the folder's name; a call that writes bytes has written half of them.

After every try each part must be whole, those that were there must be there, no world of a question may be there twice, and what
has the name of a result must be whole. Each batch must end with the digest of one that nobody disturbed. Then a new folder.

A try is a process forked from this one, which has loaded the program and measured the engine's digest before any thread began;
one in twenty-five is the command itself, started anew, in two spawned workers.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, NoReturn

import simulator.report.batch_folder  # noqa: F401 - loaded before the forks, with what it imports
from simulator.answers import batch
from simulator.answers.batch_tables import write_tables
from simulator.answers.parts import Store
from simulator.cli.main import main as command_line
from simulator.folders import ASIDE_NAME, MANIFEST, read_whole
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.scenario import BASELINE, DEFAULT_SCHEMES, Policy, Scenario

ROOT = Path(__file__).resolve().parent.parent.parent
SAME = "regions: [linyi]\nschemes: [urbmi, nrcms]\nhorizon: 2\npeople: 200\n"
BATCHES = {
    "first": SAME + "draws: 60\ndesign:\n  grid:\n    funding.nrcms.premium: [60, 90]\n",
    "more-worlds": SAME + "draws: 110\ndesign:\n  grid:\n    funding.nrcms.premium: [60, 90]\n",
    "more-policies": SAME + "draws: 110\ndesign:\n  grid:\n    funding.nrcms.premium: [60, 75, 90]\n",
}
PHASES = ("parts", "tables", "manifest")
NEW_ONE_IN = 25                    # tries: the command itself, not a fork
Held = Counter[tuple[str, int]]    # question and world, how often


class Trap(NamedTuple):
    """Where a process kills itself: before the call of this number, from 0, in this phase."""

    phase: str
    call: int


@dataclass
class Calls:
    """The calls to the file system that a batch makes below its folder, counted by phase; at the trap's it dies."""

    out: Path
    trap: Trap | None
    seen: Counter[str] = field(default_factory=Counter)
    phase: str = "parts"

    def watch(self) -> None:
        """Count from now on, for as long as the process lasts."""
        write_bytes = pathlib.Path.write_bytes

        def torn(path: Path, data: bytes) -> int:
            if self.counted(path):
                write_bytes(path, data[:len(data) // 2])
                die()
            return write_bytes(path, data)

        def heard(event: str, arguments: tuple) -> None:
            if event in ("open", "os.rename", "os.mkdir", "os.remove") and self.counted(arguments[0]):
                die()

        pathlib.Path.write_bytes = torn                    # type: ignore[assignment, method-assign]
        sys.addaudithook(heard)

    def counted(self, path: object) -> bool:
        """Count a call; whether it is the one to die before."""
        if not isinstance(path, (str, Path)) or not str(path).startswith(str(self.out)):
            return False
        of_parts = Path(path).is_relative_to(self.out / "parts")
        if not of_parts:
            self.phase = "manifest" if self.phase == "manifest" or Path(path).name == MANIFEST else "tables"
        phase = "parts" if of_parts else self.phase
        self.seen[phase] += 1
        return self.trap is not None and self.trap == Trap(phase, self.seen[phase] - 1)


def die() -> NoReturn:
    """End this process as the kernel ends one that lacks memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL was outlived")


# --- tries -----------------------------------------------------------------------------------------


def options(file: Path, out: Path) -> list[str]:
    """The arguments of a batch without a report."""
    return ["batch", str(file), "--out", str(out), "--json", "--no-report"]


def fork(file: Path, out: Path, said: Path, trap: Trap | None) -> int:
    """Begin a batch in a process forked from this one; what it says, and its count of calls, go into files. The process id."""
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        for place, number in ((said, 1), (said.with_suffix(".err"), 2)):
            os.dup2(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.argv = ["fundsim", *options(file, out), "--threads", "1"]
        calls = Calls(out, trap)
        calls.watch()
        try:
            command_line()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        sys.stdout.flush()
        said.with_suffix(".calls").write_text(json.dumps(calls.seen))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def ended(process: int, until: float) -> int | None:
    """Wait for a process until that moment of the monotonic clock; its exit code, or None once it has been killed."""
    while True:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            return None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        if time.monotonic() > until:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return None
        time.sleep(0.002)


def anew(file: Path, out: Path, said: Path, seconds: float) -> int | None:
    """Begin a batch as the command, in two workers, and kill it after so long; its exit code, or None."""
    with open(said, "wb") as file_out:
        process = subprocess.Popen([sys.executable, "-m", "simulator.cli", *options(file, out), "-j", "2"], cwd=ROOT,
                                   stdout=file_out, stderr=subprocess.DEVNULL)
        try:
            return process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return None


# --- what is left ----------------------------------------------------------------------------------


def held_by(out: Path) -> tuple[Held, list[str]]:
    """How often each world of a question is in the parts of a folder, and which parts are not whole."""
    held: Held = Counter()
    faults = []
    for engine in sorted((out / "parts").glob("*")):
        store = Store(out / "parts", engine.name)
        for path in sorted(engine.glob("*/world *.parquet")):
            part = store.read(path)
            if part is not None:
                held.update((question, world) for question in part.questions for world in part.worlds)
        faults += [f"{path.name} is damaged" for path in store.damaged]
    return held, faults


def wrong(out: Path, before: Held) -> tuple[Held, list[str]]:
    """What is there now, and what is wrong with it: `before` was there."""
    held, faults = held_by(out)
    lost, twice = before.keys() - held.keys(), [key for key, times in held.items() if times > 1]
    faults += [f"{len(lost)} worlds of questions were there and are lost"] * bool(lost)
    faults += [f"{len(twice)} worlds of questions are there twice"] * bool(twice)
    for folder in out.glob("batch/*"):
        if not ASIDE_NAME.fullmatch(folder.name):
            try:
                read_whole(folder)
            except InputError as error:
                faults.append(f"{folder.name} is not whole: {error}")
    return held, faults


# --- the campaign ----------------------------------------------------------------------------------


class Undisturbed(NamedTuple):
    """A batch that nobody killed."""

    file: Path
    digest: str
    seconds: float
    calls: dict[str, int]


def undisturbed(place: Path, batches: dict[str, str]) -> Iterator[Undisturbed]:
    """Write the batches' files and run each to its end, into one folder."""
    for name, text in batches.items():
        file, said = place / f"{name}.yaml", place / f"{name}.said"
        file.write_text(f"name: {name}\n{text}", encoding="utf-8")
        began = time.monotonic()
        code = ended(fork(file, place / "whole", said, None), began + 600)
        if code != 0:
            raise RuntimeError(f"{name} ended with {code}: {said.with_suffix('.err').read_text()}")
        yield Undisturbed(file, json.loads(said.read_text())["digest"], time.monotonic() - began,
                          json.loads(said.with_suffix(".calls").read_text()))


def campaign(kills: int, seed: int, tell: Callable[[str], None], batches: dict[str, str]) -> tuple[Counter[str], list[str]]:
    """Kill batches so often; how many died of what, and what is wrong."""
    rng, faults, died = random.Random(seed), [], Counter[str]()
    batch.engine_here()                                   # measured once, as an installation has it; every fork inherits it
    with tempfile.TemporaryDirectory(prefix="fundsim-") as temporary:
        place = Path(temporary)
        whole = list(undisturbed(place, batches))
        tell("; ".join(f"{one.file.stem} {one.seconds:.2f} s, calls {one.calls}" for one in whole))
        folders = 0
        while sum(died[of] for of in ("a moment", *PHASES, "a command's moment")) < kills:
            folders += 1
            out, held, said = place / f"killed-{folders}", Counter[tuple[str, int]](), place / "said"
            for one in whole:
                code: int | None = None
                while code is None:
                    if rng.randrange(NEW_ONE_IN) == 0:
                        of, code = "a command's moment", anew(one.file, out, said, rng.uniform(1.0, 6.0))
                    elif rng.randrange(2):
                        of, until = "a moment", time.monotonic() + rng.uniform(0, 1.2) * one.seconds
                        code = ended(fork(one.file, out, said, None), until)
                    else:
                        of = rng.choice([phase for phase in PHASES if one.calls.get(phase)])
                        trap = Trap(of, rng.randrange(one.calls[of]))
                        code = ended(fork(one.file, out, said, trap), time.monotonic() + 600)
                    died[of if code is None else "none: it came to its end"] += 1
                    held, found = wrong(out, held)
                    faults += [f"folder {folders}, {one.file.stem}, {of}: {fault}" for fault in found]
                    if code:
                        faults.append(f"folder {folders}, {one.file.stem} ended with {code}: "
                                      f"{said.with_suffix('.err').read_text()[-300:]}")
                if code == 0 and (digest := json.loads(said.read_text())["digest"]) != one.digest:
                    faults.append(f"folder {folders}, {one.file.stem}: {digest[:16]} where an undisturbed batch has "
                                  f"{one.digest[:16]}")
        died["folders"] = folders
    return died, faults


def designs() -> dict[str, Scenario]:
    """Batches of different size, each as one scenario."""
    def policies(count: int, path: str, *, first: float, step: float, verb: str | None = None) -> tuple[Policy, ...]:
        changes = (f"{first + step * n:.2f}" for n in range(count))
        return (Policy(BASELINE), *(Policy(f"p{n}", {path: {verb: value} if verb else value}) for n, value in enumerate(changes)))

    def care(scheme: str) -> tuple[Policy, ...]:
        return policies(8, f"inpatient.{scheme}.deductible", first=0.5, step=0.03, verb="times")

    return {
        "care": Scenario("a", ("linyi",), 2012, ("nrcms",), 3, 50, 2000, policies=policies(
            12, "inpatient.nrcms.deductible", first=0.5, step=0.03, verb="times")),
        "fund": Scenario("b", ("linyi",), 2012, ("nrcms",), 6, 100, 2000, policies=policies(
            60, "funding.nrcms.premium", first=60, step=1)),
        "three schemes": Scenario("c", ("jiangsu",), 2012, DEFAULT_SCHEMES, 5, 50, 2000, policies=care("nrcms")),
        "more people": Scenario("d", ("jiangsu",), 2012, ("nrcms",), 5, 50, 10_000, policies=care("nrcms"))}


def foretold_and_taken(scenario: Scenario, slower: float) -> tuple[float, float, float, float]:
    """Seconds of processor foretold and taken, megabytes foretold and taken; the start, which is foretold, is not taken here."""
    regions, engine = load_regions(), batch.engine_here()
    with tempfile.TemporaryDirectory(prefix="fundsim-") as place:
        out = Path(place)
        seconds, size = batch.foretold(batch.plan_batch([scenario], regions, Store(out / "parts", engine), engine), slower)
        began = time.process_time()
        write_tables(batch.run_batch([scenario], regions, out / "parts", threads=1), out)
        took = time.process_time() - began
        return seconds - batch.BEGINNING, took, size / 1e6, sum(path.stat().st_size for path in out.rglob("*.parquet")) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batches", type=int, default=len(BATCHES), help="how many of the batches run after each other")
    parser.add_argument("--foretold", action="store_true", help="measure instead what --dry-run foretells")
    asked = parser.parse_args()
    if asked.foretold:
        slower = batch.slowness()
        for name, scenario in designs().items():
            print(f"{name}: {{:.1f}} s foretold, {{:.1f}} taken; {{:.1f}} MB foretold, {{:.1f}} taken".format(
                *foretold_and_taken(scenario, slower)))
        return 0
    began = time.monotonic()
    died, faults = campaign(asked.kills, asked.seed, print, dict(list(BATCHES.items())[:asked.batches]))
    print("killed at " + ", ".join(f"{of} {times}" for of, times in died.most_common()))
    print(f"at least {asked.kills} kills: {len(faults)} faults, {time.monotonic() - began:.0f} s")
    print("\n".join(faults[:20]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
