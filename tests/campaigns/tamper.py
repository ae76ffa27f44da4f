"""Is whatever happens to a run folder noticed? `python -m tests.campaigns.tamper`; ends with 1 if something was not.

1. Tampering: two runs of one scenario under two seeds. A file of one, chosen by chance, has a bit flipped, is cut short, is
   deleted, gets a byte more, is exchanged for that of the other run, or a file is added. `fundsim verify` must say no (or that it
   is no run), and `fundsim report` must refuse whatever it would read. Then the file is put back.
2. Kills: `fundsim report --lang zh` and `fundsim run` are killed at a moment chosen by chance. Whatever has the name of a run
   must be whole, the report in the run's language as it was, and the report, asked for again, must be completed.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import typer

from simulator.cli.runs import report, verify
from simulator.engine.simulate import simulate
from simulator.folders import ASIDE_NAME, MANIFEST, files_of
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.report.write import finish_run
from simulator.results import read_run, write_run
from simulator.scenario import Scenario
from tests.support.command import fundsim

ROOT = Path(__file__).resolve().parents[2]
ASKED = Scenario("tamper", ("linyi",), schemes=("nrcms",), horizon=1, draws=2, people=300)
FILE = "name: tamper\nregions: [linyi]\nschemes: [nrcms]\nhorizon: 1\ndraws: 2\npeople: 300\n"


def flip(path: Path, _: Path, chance: random.Random) -> None:
    """One bit turned over."""
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def cut(path: Path, _: Path, chance: random.Random) -> None:
    """Cut short, perhaps to nothing."""
    data = path.read_bytes()
    path.write_bytes(data[:chance.randrange(len(data))])


def grow(path: Path, _: Path, chance: random.Random) -> None:
    """A byte more."""
    path.write_bytes(path.read_bytes() + chance.choice((b"\n", b" ", b"\0", b"x")))


def exchange(path: Path, other: Path, _: random.Random) -> None:
    """The other run's file of this name."""
    shutil.copyfile(other, path)


def delete(path: Path, _: Path, chance: random.Random) -> None:
    """Not there."""
    path.unlink()


def add(path: Path, _: Path, chance: random.Random) -> None:
    """A file beside it that the run has not written."""
    path.with_name(f"{path.stem}-{chance.randrange(10**6)}{path.suffix}").write_bytes(path.read_bytes())


TAMPERINGS: tuple[Callable[[Path, Path, random.Random], None], ...] = (flip, flip, flip, cut, grow, exchange, delete, add)


def make_runs(place: Path) -> tuple[Path, Path]:
    """Two runs with figures and report that differ in nothing but their seeds."""
    one, two = (write_run(simulate(ASKED.but(seed=seed), load_regions(), threads=1), place,
                          lambda folder, run: finish_run(folder, run, "en"), {"language": "en"}) for seed in (1, 2))
    return one, two


def code_of(verb: Callable[..., None], *words: object) -> int:
    """How a verb of the command ends, without the command's own 50 ms."""
    try:
        with redirect_stdout(io.StringIO()):
            verb(*words)
    except typer.Exit as end:
        return end.exit_code
    except InputError:
        return 2
    return 0


def tamper(runs: tuple[Path, Path], tries: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Tamper so many times. Returns how often in which way, and what was not noticed."""
    chance, ways, missed = random.Random(seed), Counter[str](), []
    for _ in range(tries):
        here, other = chance.sample(runs, 2)
        there = {**files_of(here), MANIFEST: here / MANIFEST}
        name, how = chance.choice(sorted(there)), chance.choice(TAMPERINGS)
        if how is exchange and (not (other / name).exists() or (other / name).read_bytes() == there[name].read_bytes()):
            how = flip
        before = there[name].read_bytes()
        how(there[name], other / name, chance)
        verified, reported = code_of(verify, here, None, False, 1), code_of(report, here, None)
        if verified not in (1, 2) or reported != (0 if how is add else 2):
            missed.append(f"{how.__name__} {name}: verify ended with {verified}, report with {reported}")
        ways[how.__name__] += 1
        for added in files_of(here).keys() - there.keys():
            (here / added).unlink()
        there[name].write_bytes(before)
    missed += [f"{run.name}, put back, does not verify" for run in runs if fundsim("verify", run, "--files-only").code]
    return ways, missed


def kill(words: list[str | Path], after: float) -> int:
    """Start a command and kill it after some seconds. Returns its exit code."""
    started = subprocess.Popen([sys.executable, "-m", "simulator.cli", *map(str, words)], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        return started.wait(after)
    except subprocess.TimeoutExpired:
        started.kill()
        return started.wait()


def kills(run: Path, tries: int, seed: int, place: Path) -> list[str]:
    """Kill reports and runs so many times each. Returns what was wrong afterwards."""
    chance, wrong = random.Random(seed), []
    (place / "tamper.yaml").write_text(FILE, encoding="utf-8")
    added = ["report", run, "--lang", "zh"]
    asked = ["run", place / "tamper.yaml", "--threads", "1", "--out", place / "runs"]
    first = (run / "report.html").read_bytes()
    longest = []
    for words in (added, asked):                          # what a whole one takes
        start = time.monotonic()
        folder = shutil.copytree(run, place / "whole") if words is added else run
        if kill([folder if word is run else word for word in words], 600):
            wrong.append(f"{words[0]} does not end well by itself")
        longest.append(time.monotonic() - start)
    for number in range(tries):
        folder = shutil.copytree(run, place / f"copy-{number}")
        kill(["report", folder, "--lang", "zh"], chance.uniform(0.3, 1.1) * longest[0])
        said = fundsim("verify", folder, "--files-only")
        if said.code and not all(line.endswith("is not in the manifest") for line in said.out.strip().split("\n")[:-1]):
            wrong.append(f"report killed: {said.out}")
        if (folder / "report.html").read_bytes() != first:
            wrong.append("report killed: report.html is another")
        if fundsim("report", folder, "--lang", "zh").code or fundsim("verify", folder, "--files-only").code:
            wrong.append("report killed: it cannot be completed")
        shutil.rmtree(folder)
        kill(asked, chance.uniform(0.3, 1.1) * longest[1])
        for made in (place / "runs" / "tamper").iterdir():
            if not ASIDE_NAME.fullmatch(made.name):
                read_run(made)
    return wrong


def main() -> int:
    """Run both parts; 0 if everything was noticed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = make_runs(Path(folder))
        ways, missed = tamper(runs, asked.tries, asked.seed)
        print(f"{sum(ways.values())} tamperings ({', '.join(f'{name} {n}' for name, n in sorted(ways.items()))}): "
              f"{len(missed)} not noticed", flush=True)
        wrong = kills(runs[0], asked.kills, asked.seed, Path(folder))
        print(f"{asked.kills} killed reports and as many killed runs: {len(wrong)} faults")
    print(*missed, *wrong, sep="\n")
    return int(bool(missed or wrong))


if __name__ == "__main__":
    sys.exit(main())
