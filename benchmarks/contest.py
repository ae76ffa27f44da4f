"""The contest on the reference job: all contestants side by side, in turn, each in its own process."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path

import numpy as np

from benchmarks.contestants import CAP, bills, pay
from simulator.answers.person_years import size_of

FOLDER = Path(__file__).resolve().parent
EXACT = {0.1: (334.38581, 165.61419), 5.0: (16_544.479, 8_455.521)}       # fund and patient, yuan, by FFT and quadrature
PLANS, REFERENCE_PLANS = (1, 10, 50), (1, 10, 50, 200, 1000)
OWN = ("fundsim", "reference", "numpy", "numpy_total")                    # what needs no other package
WARM_UP, ROUNDS = 1, 5


@dataclass
class Entry:
    """A contestant as entered: person-years of one run by rate, threads, plans; then what came of it."""

    name: str
    label: str
    years: dict[float, int]
    threads: int = 1
    plans: int = 1
    rate: float = 0.0
    seconds: list[float] = field(default_factory=list)
    fund: list[float] = field(default_factory=list)
    patient: list[float] = field(default_factory=list)
    memory: int = 0
    versions: str = ""
    failed: str = ""

    @property
    def nanoseconds(self) -> list[float]:
        """Of a person-year, in each counted run."""
        return [1e9 * seconds / self.years[self.rate] for seconds in self.seconds]

    def z(self, which: str, spread: float) -> float | None:
        """Standard errors between the mean of all counted runs and the exact one."""
        means = [mean for mean in getattr(self, which) if mean is not None]
        if not means:
            return None
        exact = EXACT[self.rate][("fund", "patient").index(which)]
        return (statistics.fmean(means) - exact) / (spread / sqrt(len(means) * self.years[self.rate]))


def entries(scale: int = 1) -> list[Entry]:
    """The field; runs take about a second, or 1/scale of it."""
    def size(seldom: int, often: int) -> dict[float, int]:
        return {0.1: max(seldom // scale, 4096), 5.0: max(often // scale, 4096)}

    field = [Entry("numpy", "blocked NumPy, a Poisson count a person", size(1 << 25, 1 << 22)),
             Entry("numpy_total", "blocked NumPy, a Poisson total a block", size(1 << 26, 1 << 22)),
             Entry("polars", "Polars pipeline, draws by NumPy", size(1 << 25, 1 << 22), threads=2),
             Entry("pal", "Proteus PAL", size(1 << 23, 1 << 20)),
             Entry("gemact", "GEMAct, Monte Carlo, fund only", size(1 << 16, 1 << 16))]
    for plans in PLANS:
        for threads in (1, 2):
            years = size(200_000_000 * threads // (1 + plans // 8), 4_000_000 * threads // (1 + plans // 8))
            field.append(Entry("fundsim", "`fundsim losses`", {rate: size_of(number).years for rate, number in years.items()},
                               threads, plans))
    for plans in REFERENCE_PLANS:
        shorter = max(plans // 16, 1)
        for threads in (1, 2):
            field.append(Entry("reference", "reference kernel", size((1 << 30) // shorter, (1 << 26) // shorter), threads, plans))
    return field


def contest(rate: float, field: list[Entry], peers: Path | None, problems: dict[str, str], rounds: int = ROUNDS) -> None:
    """Run the field at one rate, one contestant after the other, round by round; results are written on the entries."""
    running: dict[int, subprocess.Popen] = {}
    try:
        for at, entry in enumerate(field):
            entry.rate = rate
            if entry.name not in OWN:
                entry.failed = "not asked for" if peers is None else problems.get(entry.name, "")
            if not entry.failed:
                python = sys.executable if entry.name in OWN else str(peers / "bin" / "python")
                running[at] = subprocess.Popen(
                    [python, "-m", "benchmarks.contestants", entry.name, str(rate), str(entry.years[rate]), str(entry.threads),
                     str(entry.plans)],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=FOLDER.parent)
        for number in range(-WARM_UP, rounds):
            for at, process in running.items():
                if not field[at].failed:
                    one_run(field[at], process, number)
    finally:
        for process in running.values():
            process.stdin.close()
            process.wait()


def one_run(entry: Entry, process: subprocess.Popen, number: int) -> None:
    """Have a contestant run once; negative numbers are for warming up."""
    try:
        process.stdin.write(f"{2012 + number}\n")
        process.stdin.flush()
    except BrokenPipeError:
        pass
    line = process.stdout.readline()
    if not line:
        entry.failed = f"ended with code {process.wait()}"
        return
    answer = json.loads(line)
    entry.memory, entry.versions = answer["memory"], answer["versions"]
    if number >= 0:
        entry.seconds.append(answer["seconds"])
        entry.fund.append(answer["fund"])
        entry.patient.append(answer["patient"])


def spreads(rate: float, persons: int = 1 << 21) -> tuple[float, float]:
    """Standard deviations of a person-year's fund and patient payment, from a sample."""
    rng = np.random.default_rng(1)
    person = np.repeat(np.arange(persons), rng.poisson(rate, persons))
    amounts = bills(rng, len(person))
    billed = np.bincount(person, amounts, persons)
    fund = np.minimum(np.bincount(person, pay(amounts), persons), CAP)
    return float(fund.std()), float((billed - fund).std())


def ratio(slow: Entry, fast: Entry) -> float | None:
    """Median over the rounds of how many times faster `fast` is a person-year."""
    if slow.failed or fast.failed:
        return None
    return statistics.median(a / b for a, b in zip(slow.nanoseconds, fast.nanoseconds, strict=True))


def prepare_peers(folder: Path) -> dict[str, str]:
    """An environment with the peers; what could not be installed, with the reason: {contestant: reason}."""
    python, problems = folder / "bin" / "python", {}
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    modules = {"polars": "polars", "gemact": "gemact", "proteusllp-actuarial-library": "pal"}
    for line in (FOLDER / "requirements.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        module = modules.get(line, line)
        if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0:
            continue
        installed = subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", line],
                                   capture_output=True, text=True)
        imported = subprocess.run([python, "-c", f"import {module}"], capture_output=True, text=True)
        if imported.returncode != 0:
            wrong = [text for text in (installed.stderr + imported.stderr).splitlines() if "rror" in text]
            problems[module] = wrong[-1][:120] if wrong else "cannot be imported"
    return problems


def peers_folder() -> Path:
    """Where the peers' environment lies by default."""
    base = os.environ.get("FUNDSIM_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "fundsim")
    return Path(base) / "peers"
