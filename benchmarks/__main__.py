"""`python -m benchmarks` (`make bench`): the contest on the reference job, the full model's profile, and every bar.

    python -m benchmarks --write          put the tables into docs/performance.md
    python -m benchmarks --scale 50       a fiftieth of the work: does it run?
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import contest, full_model
from benchmarks.contest import EXACT, PLANS, REFERENCE_PLANS, Entry, ratio

PAGE = contest.FOLDER.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured: `make bench` writes between these lines -->", "<!-- end of measured -->"
FARTHEST = 4.0                          # standard errors a mean may lie from the exact one


def main() -> int:
    """Run everything, print the tables; 1 if a mean is wrong or a contestant of ours failed."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n")[0])
    options.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    options.add_argument("--scale", type=int, default=1, metavar="N", help="do 1/N of the work (for trying out)")
    options.add_argument("--peers", type=Path, default=contest.peers_folder(), metavar="DIR",
                         help="environment of the peers; made if it does not exist")
    options.add_argument("--no-peers", action="store_true", help="install and run no other packages")
    options.add_argument("--no-model", action="store_true", help="leave the full model out")
    chosen = options.parse_args()
    start = processor_seconds()
    problems = {} if chosen.no_peers else contest.prepare_peers(chosen.peers)
    peers = None if chosen.no_peers else chosen.peers
    fields, wrong, text = {}, [], []
    for rate in EXACT:
        print(f"reference job at {rate:g} claims a person-year ...", file=sys.stderr)
        fields[rate] = contest.entries(chosen.scale)
        contest.contest(rate, fields[rate], peers, problems)
        table, off = contest_table(rate, fields[rate])
        text += [f"### {rate:g} claims a person-year", table]
        wrong += off
    text.insert(0, machine(start))
    text += ["### The same job as users run it", users_table(fields)]
    measured = bars_of_the_contest(fields) + growth(chosen.scale)
    if not chosen.no_model:
        print("full model ...", file=sys.stderr)
        model_text, model_bars = model(chosen.scale)
        text += model_text
        measured += model_bars
    text.append("### The bars\n\n" + markdown(["what", "at least", "stretch", "measured", ""], measured, "lrrrl"))
    text.append("Means that are not within 4 standard errors of the exact ones: " + ("; ".join(wrong) or "none") + ".")
    page = "\n\n".join(text)
    print(page)
    if chosen.write:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{page}\n\n{END}{rest.partition(END)[2]}")
    ours = [entry for field in fields.values() for entry in field if entry.name in ("fundsim", "reference") and entry.failed]
    return 1 if wrong or ours else 0


def processor_seconds() -> tuple[float, float, float]:
    """Now, the seconds all processors have worked, and those they have worked for us and our ended children."""
    user, nice, system = (int(word) for word in open("/proc/stat").readline().split()[1:4])
    return time.monotonic(), (user + nice + system) / os.sysconf("SC_CLK_TCK"), sum(os.times()[:4])


def machine(start: tuple[float, float, float]) -> str:
    """The machine and the day, without its name, and whether it was ours alone since `start`."""
    seconds, worked, ours = (now - before for now, before in zip(processor_seconds(), start, strict=True))
    others = max(worked - ours, 0.0) / seconds
    alone = f"other programs kept {others:.2f} cores busy meanwhile"
    alone += ", so figures of 2 threads are too low" if others > 0.1 else ""
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    flags = next((line for line in open("/proc/cpuinfo") if line.startswith("flags")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "scipy"))
    version_of = f"{platform.system()}, Python {platform.python_version()}, {packages}"
    return (f"{datetime.now(UTC):%d %B %Y}; {os.cpu_count()} cores of {processor}{', AVX-512' if 'avx512dq' in flags else ''}, "
            f"{memory:.0f} GiB; {version_of}; {alone}. "
            f"Warm, medians of {contest.ROUNDS} runs, one thread by the processor's time, two by the clock; the contestants take "
            "turns in one go, each in a process of its own.")


def contest_table(rate: float, field: list[Entry]) -> tuple[str, list[str]]:
    """The contest as markdown, and the means that are off."""
    spread = dict(zip(("fund", "patient"), contest.spreads(rate), strict=True))
    rows, wrong = [], []
    numpy = field[0]
    for entry in field:
        if entry.failed:
            rows.append([entry.label, str(entry.threads), str(entry.plans), entry.failed, *["-"] * 6])
            continue
        off = {which: entry.z(which, spread[which]) for which in spread}
        wrong += [f"{entry.label}, {which}, {rate:g}: {z:+.1f}" for which, z in off.items()
                  if z is not None and abs(z) > FARTHEST]
        each = statistics.median(entry.nanoseconds)
        rows.append([
            entry.label if entry.name in ("fundsim", "reference") else f"{entry.label} ({entry.versions})",
            str(entry.threads), str(entry.plans),
            f"{each:,.2f}", f"{rate * entry.plans / each * 1e3:,.1f}",
            times(ratio(numpy, entry)) if entry.plans == 1 else "",
            times(ratio(entry, found(field, entry.name, entry.threads))) if entry.name in ("fundsim", "reference") else "",
            f"{entry.memory / 1e6:.0f}", *("-" if z is None else f"{z:+.1f}" for z in off.values())])
    head = ["", "threads", "plans", "ns a person-year", "million claim-plans a second", "faster than NumPy",
            "cost against 1 plan", "peak MB", "fund, s.e. off", "patient, s.e. off"]
    return markdown(head, rows, "lrrrrrrrrr"), wrong


def times(number: float | None) -> str:
    """A factor as text: 45.2x, or 1/406 below one."""
    if number is None:
        return "-"
    if number < 1:
        return f"1/{1 / number:,.{0 if number < 0.1 else 1}f}"
    return f"{number:,.{0 if number >= 100 else 1}f}x"


def found(field: list[Entry], name: str, threads: int = 1, plans: int = 1) -> Entry:
    return next(entry for entry in field if (entry.name, entry.threads, entry.plans) == (name, threads, plans))


def users_table(fields: dict[float, list[Entry]]) -> str:
    """`fundsim losses` against the others and the reference kernel, as markdown; medians over the rounds."""
    rows = []
    for rate, field in fields.items():
        others = [entry for entry in field if entry.name not in ("fundsim", "reference") and not entry.failed]
        best = min(others, key=lambda entry: statistics.median(entry.nanoseconds))
        for plans in PLANS:
            for threads in (1, 2):
                mine, reference = (found(field, name, threads, plans) for name in ("fundsim", "reference"))
                against = [times(ratio(field[0], mine)), f"{times(ratio(best, mine))} ({best.label})"] if plans == 1 else ["", ""]
                rows.append([f"{rate:g}", str(threads), str(plans), *against, times(ratio(reference, mine))])
    head = ["bills a person-year", "threads", "plans", "speed against blocked NumPy", "against the best of the others",
            "against the reference kernel"]
    return markdown(head, rows, "rrrrlr")


def bar(what: str, least: float, stretch: float | None, measured: float | None, show=times, larger: bool = True) -> list[str]:
    """A row of the bars' table."""
    if measured is None:
        return [what, show(least), show(stretch) if stretch is not None else "", "-", "not measured"]
    def met(bound):
        return measured >= bound if larger else measured <= bound
    verdict = "**missed**" if not met(least) else "stretch" if stretch is not None and met(stretch) else "met"
    return [what, show(least), show(stretch) if stretch is not None else "", show(measured), verdict]


def bars_of_the_contest(fields: dict[float, list[Entry]]) -> list[list[str]]:
    """The reference kernel's: speed against NumPy, cost of plans, gain of the second thread."""
    rows = []
    for rate, least, stretch in ((0.1, 30, 45), (5.0, 4, 8)):
        field = fields[rate]
        fast = found(field, "reference", 2)
        rows.append(bar(f"reference kernel, {rate:g} a person-year, 2 threads, against blocked NumPy", least, stretch,
                        ratio(found(field, "numpy"), fast)))
    for rate, field in fields.items():
        many = ratio(found(field, "reference", 1, 1000), found(field, "reference", 1, 1))
        rows.append(bar(f"reference kernel, 1,000 plans against 1, {rate:g} a person-year", 150, 60, many, larger=False))
    for rate, field in fields.items():
        for plans in REFERENCE_PLANS[:-1]:
            gain = ratio(found(field, "reference", 1, plans), found(field, "reference", 2, plans))
            rows.append(bar(f"reference kernel, second thread, {plans} plan{'s' * (plans > 1)}, {rate:g} a person-year",
                            1.6 if plans == 1 else 1.8, 1.9, gain, lambda number: f"{number:.2f}x"))
    return rows


def growth(scale: int) -> list[list[str]]:
    """How time and memory of `fundsim losses` grow with the people: 0.1 bills a person-year, one plan, one thread."""
    def run(years: int) -> Entry:
        entry = Entry("fundsim", "fundsim", {0.1: years})
        contest.contest(0.1, [entry], None, {})
        return entry

    sizes = [10**5, 10**6, 10**7, 10**8]
    seconds = [statistics.median(run(years).seconds) for years in sizes]
    exponent = contest.np.polyfit(contest.np.log(sizes), contest.np.log(seconds), 1)[0]
    small, large = run(10**8).memory / 1e6, run(10**9 // scale).memory / 1e6
    whole = "{:.0f}".format
    return [bar("`fundsim losses`, time against person-years, 1e5 to 1e8: exponent", 1.03, None, exponent, "{:.3f}".format,
                larger=False),
            bar("`fundsim losses`, peak memory at 1e8 person-years, MB", 300, None, small, whole, larger=False),
            bar("the same at 1e9", 300, None, large, whole, larger=False)]


def model(scale: int) -> tuple[list[str], list[list[str]]]:
    """The full model: profile, policies, start, and the command with its defaults."""
    draws = max(20 // scale, 1)
    runs = full_model.beside_reference(full_model.compared(draws), 3)
    clocks = [clock for clock, _ in runs]
    share = statistics.median(claim / (clock.kernel / clock.bills) for clock, claim in runs)
    text = [f"### The full model\n\n`compare jiangsu linyi` with {draws} draws and 3 years, one thread, processor time by part:",
            markdown(["part", "ns a bill", "share"], full_model.profile_rows(clocks), "lrr")]
    costs = full_model.policy_costs(draws=max(8 // scale, 1))
    base = costs[1]
    text += ["One year of Jiangsu's NRCMS under policies that differ in deductible, ratio and cap, one thread:",
             markdown(["policies", "kernel, s", "against 1", "simulation, s", "against 1"],
                      [[str(count), f"{kernel:.2f}", times(kernel / base[0]), f"{whole:.2f}", times(whole / base[1])]
                       for count, (kernel, whole) in costs.items()], "lrrrr")]
    cold, warm, whole = command(scale)
    seconds = "{:.1f} s".format
    return text, [
        bar("50 plans against 1, full model, kernel", 10, 5, costs[50][0] / base[0], larger=False),
        bar("the same, whole simulation", 10, 5, costs[50][1] / base[1], larger=False),
        bar("full model's claims a second against the reference kernel's (5 a person-year, 1 thread)", 1 / 8, 1 / 4, share),
        bar("compile, cold cache", 15, 8, cold - warm, seconds, larger=False),
        bar("start to first result, warm cache", 3, 1.5, warm, seconds, larger=False),
        bar("`compare jiangsu linyi` with defaults, warm", 45, 20, None if scale > 1 else whole, seconds, larger=False)]


FIRST_RESULT = """from simulator import Scenario, simulate
from simulator.parameters.regions import load_regions
simulate(Scenario("first", ("jiangsu",), schemes=("nrcms",), horizon=1, draws=1, people=1000), load_regions())"""


def command(scale: int) -> tuple[float, float, float]:
    """Seconds: Python's start to the result of the smallest simulation with a cold and a warm cache (median of 5), then the
    command `compare jiangsu linyi` with its defaults, report and all."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "FUNDSIM_CACHE": str(Path(folder) / "cache")}

        def run(*arguments: str) -> float:
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], env=environment, cwd=contest.FOLDER.parent, check=True,
                           capture_output=True)
            return time.perf_counter() - start

        cold = run("-c", FIRST_RESULT)
        warm = statistics.median(run("-c", FIRST_RESULT) for _ in range(contest.ROUNDS))
        compare = ("-m", "simulator.cli", "compare", "jiangsu", "linyi", "--out", folder)
        if scale > 1:
            return cold, warm, 0.0
        run(*compare, "--draws", "1", "--people", "1000", "--horizon", "1")
        seconds = run(*compare)
        if len(list(Path(folder).glob("*/*/report.html"))) != 2:
            raise RuntimeError("the command has left no report")
        return cold, warm, seconds


def markdown(head: list[str], rows: list[list[str]], sides: str) -> str:
    """A table; `sides` has l or r for each column."""
    lines = [head, [{"l": "---", "r": "---:"}[side] for side in sides], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
