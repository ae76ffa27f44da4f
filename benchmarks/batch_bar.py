"""The batch bar: 1,000 policies x 200 worlds x 10 years at 2,000 people, by the clock, the processor and the memory.

    python -m benchmarks.batch_bar                     the three designs, 1,000 policies each
    python -m benchmarks.batch_bar funding --scale 10  one of them with a tenth of its policies

A design says what its policies differ in, which decides what they share:

- `funding`: premium, subsidy, surplus limit and risk reserve. Every bill is paid alike, so bills are settled once.
- `grid`: ten deductibles x ten caps x ten premiums, so a hundred sets of rules under ten premiums each.
- `rules`: a Latin hypercube of premium, subsidy, deductible, ratio and cap, so that no two policies pay a stay alike.

Each runs as the command, `fundsim batch`, in an empty folder. Memory is that of the command and all its processes together, a
page that several share counted once (PSS), looked at ten times a second. Linux only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
WORLDS, YEARS, PEOPLE = 200, 10, 2_000
SECONDS, MEGABYTES = 90, 1_000         # the bar
LOOK = 0.1                             # seconds between two looks at the memory
HEAD = "name: {name}\nregions: [linyi]\nschemes: [nrcms]\nyear: 2012\ndesign:\n"
DESIGNS = ("funding", "grid", "rules")


class Measured(NamedTuple):
    """What a design took."""

    policies: int
    clock: float                       # seconds
    processor: float                   # seconds, of all processes
    memory: float                      # megabytes at the peak, all processes together
    disk: float                        # megabytes


def design(kind: str, scale: int = 1) -> str:
    """The file of one of DESIGNS, with 1/`scale` of its 1,000 policies: fewer premiums, or fewer points."""
    premiums = f"    funding.nrcms.premium: {{from: 30, to: {30 + 10 * (max(10 // scale, 1) - 1)}, step: 10}}\n"
    axes = {
        "funding": "  grid:\n" + premiums
                   + "    funding.nrcms.subsidy: {from: 200, to: 280, step: 20}\n"
                   + "    control.nrcms.annual_limit: [0, 5, 10, 15]\n"
                   + "    funding.nrcms.reserve_share: [0, 2, 4, 7, 10]\n",
        "grid": "  grid:\n    inpatient.nrcms.deductible.county: {from: 100, to: 1000, step: 100}\n"
                + "    inpatient.nrcms.annual_cap: {from: 50000, to: 140000, step: 10000}\n" + premiums,
        "rules": f"  lhs:\n    n: {max(1_000 // scale, 1)}\n    ranges:\n"
                 + "      funding.nrcms.premium: [30, 120]\n      funding.nrcms.subsidy: [200, 280]\n"
                 + "      inpatient.nrcms.deductible: {times: [0.5, 2]}\n      inpatient.nrcms.ratio: {plus: [-10, 10]}\n"
                 + "      inpatient.nrcms.annual_cap: [50000, 150000]\n"}
    return HEAD.format(name=kind) + axes[kind]


def policies_of(text: str) -> int:
    """How many policies a design makes beside the baseline."""
    from simulator.designs import scenarios_of
    with tempfile.TemporaryDirectory(prefix="fundsim-") as place:
        file = Path(place) / "design.yaml"
        file.write_text(text, encoding="utf-8")
        return sum(len(scenario.policies) - 1 for scenario in scenarios_of([file]))


def measured(kind: str, scale: int = 1, options: tuple[str, ...] = ()) -> Measured:
    """Run a design as the command. CalledProcessError if it fails."""
    text = design(kind, scale)
    with tempfile.TemporaryDirectory(prefix="fundsim-") as place:
        file = Path(place) / f"{kind}.yaml"
        file.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "simulator.cli", "batch", str(file), "--out", str(Path(place) / "out"), "--draws",
                   str(WORLDS), "--horizon", str(YEARS), "--people", str(PEOPLE), "--json", *options]
        began, before, peak = time.monotonic(), os.times(), 0
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None:
                peak = max(peak, memory_of(process.pid))
                time.sleep(LOOK)
        seconds, after = time.monotonic() - began, os.times()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        processor = (after.children_user - before.children_user) + (after.children_system - before.children_system)
        disk = sum(path.stat().st_size for path in Path(place).rglob("*") if path.is_file())
    return Measured(policies_of(text), seconds, processor, peak / 1e6, disk / 1e6)


def memory_of(process: int) -> int:
    """Bytes of memory of a process and its descendants, a page that some of them share counted once; 0 once it has ended."""
    total = 0
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                total += 1024 * int(line.split()[1])
        for task in Path(f"/proc/{process}/task").iterdir():
            total += sum(memory_of(int(child)) for child in (task / "children").read_text(encoding="ascii").split())
    except OSError:                                        # it has ended meanwhile
        pass
    return total


def main() -> int:
    """Measure designs one after the other and print them; 1 if one misses the bar."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.batch_bar", description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("designs", nargs="*", default=DESIGNS, metavar="DESIGN", help=f"some of {', '.join(DESIGNS)}")
    options.add_argument("--scale", type=int, default=1, metavar="N", help="1/N of the policies")
    options.add_argument("--option", action="append", default=[], help="of the command, such as --option=--no-report")
    chosen = options.parse_args()
    if unknown := set(chosen.designs) - set(DESIGNS):
        options.error(f"no such design: {min(unknown)}; expected some of {', '.join(DESIGNS)}")
    missed = 0
    for kind in chosen.designs:
        found = measured(kind, chosen.scale, tuple(chosen.option))
        met = found.clock <= SECONDS and found.memory <= MEGABYTES
        missed += not met
        print(f"{kind}: {found.policies:,} policies, {found.clock:.1f} s by the clock, {found.processor:.1f} of processor, "
              f"{found.memory:,.0f} MB at the peak, {found.disk:,.0f} MB of disk"
              + ("" if chosen.scale > 1 else ": met" if met else ": missed"), flush=True)
    return 1 if missed and chosen.scale == 1 else 0


if __name__ == "__main__":
    sys.exit(main())
