"""Batches that are killed: `make check-batch`.

The same batch is begun again and again and ended with SIGKILL at random moments, in walks and in writes, until it comes to its
end. Its digest must be that of a batch nobody disturbed; every part that is there must be whole; nothing is done twice.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from simulator.answers.batch import START, _engine_here, foretold, plan_batch, run_batch, slowness
from simulator.answers.batch_tables import write_tables
from simulator.answers.parts import Store
from simulator.parameters.regions import load_regions
from simulator.scenario import BASELINE, DEFAULT_SCHEMES, Policy, Scenario

ROOT = Path(__file__).resolve().parent.parent.parent
DESIGN = """
name: killed
regions: [linyi]
schemes: [uebmi, urbmi, nrcms]
horizon: 2
draws: 200
people: 300
design:
  grid:
    inpatient.nrcms.annual_cap: [20000, 40000]
    funding.nrcms.premium: [60, 90]
"""


def command(folder: Path, out: Path) -> list[str]:
    """The batch, without a report."""
    return [sys.executable, "-m", "simulator.cli", "batch", str(folder / "killed.yaml"), "--out", str(out), "--json",
            "--no-report", "--threads", "1"]


def ended(folder: Path, out: Path) -> dict:
    """Run the batch to its end; what it says."""
    done = subprocess.run(command(folder, out), cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def campaign(kills: int, seed: int = 1, design: str = DESIGN) -> list[str]:
    """Kill a batch so often, then let it end; returns what is wrong."""
    rng, faults = random.Random(seed), []
    with tempfile.TemporaryDirectory(prefix="fundsim-") as place:
        folder = Path(place)
        (folder / "killed.yaml").write_text(design, encoding="utf-8")
        began = time.monotonic()
        whole = ended(folder, folder / "whole")
        takes = time.monotonic() - began
        out, killed = folder / "killed", 0
        while killed < kills:
            process = subprocess.Popen(command(folder, out), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=rng.uniform(0.2, 1.0) * takes)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                killed += 1
            else:                                          # it came to its end: begin anew elsewhere
                faults += wrong(out, whole)
                out = folder / f"killed-{killed}"
        again = ended(folder, out)
        if again["digest"] != whole["digest"]:
            faults.append(f"digest {again['digest'][:16]} where an undisturbed batch has {whole['digest'][:16]}")
        faults += wrong(out, whole)
    return faults


def wrong(out: Path, whole: dict) -> list[str]:
    """What is wrong with the parts in a folder: damaged ones, and worlds of a question that are there twice."""
    faults = []
    for engine in sorted((out / "parts").iterdir()):
        store = Store(out / "parts", engine.name)
        for people in sorted(engine.iterdir()):
            held: Counter = Counter()
            for path in sorted(people.glob("world *.parquet")):
                part = store.read(path)
                if part is not None:
                    held.update((question, world) for question in part.questions for world in part.worlds)
            twice = [key for key, times in held.items() if times > 1]
            if twice:
                faults.append(f"{people.name}: {len(twice)} worlds of a question are there twice")
        faults += [f"{path.name} is damaged" for path in store.damaged]
    return faults


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
    regions, engine = load_regions(), _engine_here()
    with tempfile.TemporaryDirectory(prefix="fundsim-") as place:
        out = Path(place)
        seconds, size = foretold(plan_batch([scenario], regions, Store(out / "parts", engine), engine), slower)
        began = time.process_time()
        write_tables(run_batch([scenario], regions, out / "parts", threads=1), out)
        took = time.process_time() - began
        return seconds - START, took, size / 1e6, sum(path.stat().st_size for path in out.rglob("*.parquet")) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--foretold", action="store_true", help="measure instead what --dry-run foretells")
    asked = parser.parse_args()
    if asked.foretold:
        slower = slowness()
        for name, scenario in designs().items():
            print(f"{name}: {{:.1f}} s foretold, {{:.1f}} taken; {{:.1f}} MB foretold, {{:.1f}} taken".format(
                *foretold_and_taken(scenario, slower)))
        return 0
    faults = campaign(asked.kills, asked.seed)
    print(f"{asked.kills} kills: {len(faults)} faults")
    print("\n".join(faults[:20]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
