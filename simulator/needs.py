"""The memory and the disk that a scenario will take, foretold before it begins.

Fitted to 15 runs without a report (10 to 6,000 draws, 1 to 6 years, 1 to 8 policies, 1 to 3 schemes, 300 to 200,000 people): they
took 0.77 to 1.08 of the memory that is foretold without WITH_REPORT (0.98 to 1.08 with one scheme), and all less than with it.
Memory grows with draws x policies, for the scheme-years that are being settled and for all whose measures are kept, and with the
rows of the rosters; the disk mostly with the fund's paths.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import os
import shutil
from pathlib import Path

from simulator.engine.worlds import ROSTERS
from simulator.scenario import Scenario

PROGRAM = 360e6                    # bytes of memory: the program, its libraries, the parameters
WITH_REPORT = 200e6                # figures, and the analysis beside them
WHILE_SETTLED = 66e3               # a draw and policy while a scheme's year is settled
KEPT_DRAW = 8.2e3                  # a draw and policy of each scheme-year, kept to the end
ROSTER_ROW = 500                   # a person of a roster
AT_ONCE = 2                        # schemes at a time
FIXED_FILES = 20e6                 # bytes of disk: report and figures, parameters
TABLE_ROWS = 90e3                  # summary and comparison of a scheme-year and policy
PATH_ROW = 190                     # a draw, policy and scheme-year in paths.parquet
ALL_ROSTER = 50_000                # rows that everybody is simulated with
WALK, WALKED_PERSON = 1e-4, 3e-8   # seconds of a draw, policy and scheme-year, and of each person in it
WORLDS_A_BLOCK = 50                # that a batch settles together
WRITTEN_DRAW = 10e3                # a draw and year of each question of a batch whose tables are being written
WRITTEN_AT_ONCE = 8, 2_000         # questions and draws of each, at most: fewer questions of more draws
WORTH_A_PROCESS = 2.0              # seconds of work from which on a second process pays
MOST_PROCESSES = 8


def processes_for(scenario: Scenario, threads: int | None) -> int:
    """How many processes are worth their start for a scenario and its report, and fit in the memory; at most one a thread."""
    schemes = len(scenario.schemes) * len(scenario.regions)
    walked = schemes * scenario.horizon * len(scenario.policies) * scenario.draws
    seconds = walked * (WALK + WALKED_PERSON * (scenario.people or ALL_ROSTER))
    if seconds < WORTH_A_PROCESS or schemes == 1:
        return 1
    fit = int((free_memory() - memory_of(scenario)) / PROGRAM) + 1
    return max(min(threads or os.cpu_count() or 1, schemes, MOST_PROCESSES, fit), 1)


def memory_of(scenario: Scenario, draws: int | None = None, processes: int = 1) -> float:
    """The bytes of memory that a scenario takes at its largest, with so many draws (None: its own)."""
    schemes = len(scenario.schemes) * len(scenario.regions)
    at_once = min(schemes, max(AT_ONCE, processes))
    each = WHILE_SETTLED * at_once + KEPT_DRAW * scenario.horizon * schemes
    worlds = scenario.draws if draws is None else draws
    rows = (scenario.people or ALL_ROSTER) * min(scenario.draws, ROSTERS)
    return PROGRAM * processes + WITH_REPORT + ROSTER_ROW * at_once * rows + each * worlds * len(scenario.policies)


def questions_at_once(draws: int) -> int:
    """How many questions of a batch with so many draws have their tables written together."""
    questions, worlds = WRITTEN_AT_ONCE
    return max(min(questions, questions * worlds // max(draws, 1)), 1)


def memory_in_parts(scenario: Scenario) -> float:
    """The bytes of memory of a scenario as a batch, which settles its worlds block by block and keeps them on the disk."""
    questions = len(scenario.policies) * len(scenario.schemes) * len(scenario.regions)
    rows = (scenario.people or ALL_ROSTER) * min(scenario.draws, ROSTERS)
    return (PROGRAM + WITH_REPORT + ROSTER_ROW * AT_ONCE * rows
            + AT_ONCE * WHILE_SETTLED * min(scenario.draws, WORLDS_A_BLOCK) * len(scenario.policies)
            + WRITTEN_DRAW * scenario.draws * scenario.horizon * min(questions, questions_at_once(scenario.draws)))


def disk_of(scenario: Scenario, draws: int | None = None) -> float:
    """The bytes of disk that its run folder takes."""
    parts = scenario.horizon * len(scenario.policies) * len(scenario.schemes) * len(scenario.regions)
    return FIXED_FILES + parts * (TABLE_ROWS + PATH_ROW * (scenario.draws if draws is None else draws))


def free_memory() -> float:
    """The bytes of memory that this process may still take: the system's, or its container's if that is less."""
    found = [float("inf")]
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            found += [float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    except OSError:                                        # another system
        pass
    for most, now in (("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
                      ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes")):
        try:
            found.append(float(Path(most).read_text(encoding="ascii")) - float(Path(now).read_text(encoding="ascii")))
        except (OSError, ValueError):                      # there is none, or its limit is `max`
            pass
    return min(found)


def give_memory_back() -> None:
    """Give the system back what a pass of a batch has used: some 50 MB of a fund's year hold on to each other, which Python finds
    late, and the C library keeps what is freed (where it has no such call, it does so still)."""
    gc.collect(1)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def refuse_too_large(scenario: Scenario, out: Path | None = None, processes: int = 1) -> None:
    """Refuse what does not fit, with what would: fewer draws, or a batch if that is enough. `out` is the folder for run folders,
    if there will be one.

    MemoryError or OSError (no space on the disk), before any work.
    """
    free, needed = free_memory(), memory_of(scenario, None, processes)
    if needed > free:
        raise MemoryError(f"the run needs about {needed / 1e9:.1f} GB, {max(free, 0) / 1e9:.1f} GB are free; "
                          + proposal(scenario, memory_of(scenario, 0, processes), needed, free)
                          + ("; all of it fits as a batch, which keeps its worlds on the disk: fundsim batch FILE"
                             if memory_in_parts(scenario) <= free else ""))
    if out is not None:
        free = shutil.disk_usage(out).free
        if disk_of(scenario) > free:
            text = (f"the run needs about {disk_of(scenario) / 1e9:.2f} GB of disk, {free / 1e9:.2f} GB are free; "
                    + proposal(scenario, disk_of(scenario, 0), disk_of(scenario), free))
            raise OSError(errno.ENOSPC, text, os.fspath(out))


def proposal(scenario: Scenario, fixed: float, all_in_all: float, free: float) -> str:
    """What would fit: so many draws, with two digits; or else less of something."""
    fit = int(scenario.draws * (free - fixed) / (all_in_all - fixed))
    if fit >= 2:
        digits = max(len(str(fit)) - 2, 0)
        return f"{fit // 10**digits * 10**digits} draws fit (--draws, or `draws` in the scenario file)"
    less = {"people": (scenario.people or 0) > ALL_ROSTER, "policies": len(scenario.policies) > 1, "years": scenario.horizon > 1,
            "schemes": True}
    return f"what fits has fewer {', '.join(name for name, many in less.items() if many)}"
