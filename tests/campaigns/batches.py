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

from simulator.answers.parts import Store

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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    faults = campaign(asked.kills, asked.seed)
    print(f"{asked.kills} kills: {len(faults)} faults")
    print("\n".join(faults[:20]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
