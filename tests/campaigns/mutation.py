"""Is every line of rules and kernel held by a test? `python -m tests.campaigns.mutation` puts small faults in, one by one.

Each fault (`tests/support/mutants.py`) is written into a copy of a file in a temporary folder, which is run without the compiler:

- `law/rules.py`, `basic.py`, `layers.py`, `settle.py`, `rows.py`: on the cases of tests/cases, on some 4,000 random and aimed
  bills that the reference has settled, on the rows of claims files and on settlement slips (`tests/support/law_judge.py`), and
  the first also as the kernel's passes apply it, in the way of the others:
- `kernel/columns.py`, `first_bill.py`, `years.py`: on small blocks of bills under plans of every kind, whose first-bill payments,
  payments and sums of the year the rules give (`tests/support/kernel_judge.py`). A fault that only sends more bills to the full
  rules pays right; it is found by counting these;
- `kernel/rows.py`, `by_row.py`: the same on blocks under several rows of terms (`tests/support/rows_judge.py`).

What survives and does not stand in `tests/campaigns/equivalent.yaml` with the reason why it changes nothing is listed; the
command ends with 1 then, or when less than nine in ten of the others are killed. With `--equivalents` the reasons are put to the
test: only what the file says changes nothing is tried, on at least 20,000 other bills of the law and of the kernel; the command
ends with 1 where anybody sees a difference.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from tests.support import kernel_judge, rows_judge
from tests.support.kernel_judge import JudgedBlock, judged_blocks
from tests.support.law_judge import LawJudge, Year, fixed_years
from tests.support.mutants import Mutant, mutants
from tests.support.plain_kernel import PlainKernel
from tests.support.plain_law import PlainLaw
from tests.support.rows_judge import JudgedRows, judged_rows

SIMULATOR = Path(__file__).resolve().parents[2] / "simulator"
EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
SEED = 2015
SECONDS, LONGER = 10, 5                # of processor for a mutant, or so many times what the file as it is takes
OTHER_BILLS = 20_000                   # that the mutants said to change nothing meet


Blocks = list[JudgedBlock] | list[JudgedRows]


class File(NamedTuple):
    """A file that is mutated: where it stands, and the functions by which it is entered (all, where none is named)."""

    path: str
    starts: tuple[str, ...] = ()

    def source(self) -> str:
        return (SIMULATOR / self.path).read_text(encoding="utf-8")

    def mutants(self) -> list[Mutant]:
        return mutants(self.source(), *self.starts)


FILES = {
    "rules": File("law/rules.py"),
    "basic": File("law/basic.py", ("pay_listed", "find_price", "pay_inpatient", "pay_visit")),
    "layers": File("law/layers.py"),
    "settle": File("law/settle.py", ("settle_bill",)),
    "rows": File("law/rows.py", ("settle_rows",)),
    "columns": File("kernel/columns.py"),
    "first_bill": File("kernel/first_bill.py", ("settle_first_bills", "settle_alone", "settle_column", "clear")),
    "years": File("kernel/years.py", ("settle_later", "add_years", "settle_years")),
    "kernel_rows": File("kernel/rows.py", ("rows_of_draw", "together", "find_row_of_bills", "put_rows")),
    "by_row": File("kernel/by_row.py"),
}
LAW = ("rules", "basic", "layers", "settle", "rows")
KERNEL = ("rules", "columns", "first_bill", "years")       # some rules are applied by the kernel's passes alone
BY_ROW = ("kernel_rows", "by_row")
SURVIVES = ("", kernel_judge.FEWER)
BREAKDOWNS = (ArithmeticError, LookupError, TypeError, UnboundLocalError, ValueError)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """TimeoutError in what takes longer, in seconds of processor."""
    def stop(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def judge(name: str, source: str, folder: str, law: LawJudge | None, blocks: Blocks, seconds: float = 3600) -> str:
    """Who finds the file `name` wrong if it reads `source`: one of the judges, `a breakdown`, `a time limit` of so many seconds
    of processor, or nobody. The judge of the law is asked where there is one, then that of the kernel where there are blocks."""
    place = Path(folder) / f"{name}.py"
    place.write_text(source, encoding="utf-8")
    try:
        with at_most(seconds), warnings.catch_warnings(action="ignore"):
            killer = law.kill(PlainLaw(**{f"{name}_file": place})) if law is not None else ""
            if killer or not blocks:
                return killer
            kernel = PlainKernel(**{f"{name}_file": place})
            return rows_judge.kill(kernel, blocks) if name in BY_ROW else kernel_judge.kill(kernel, blocks)
    except TimeoutError:
        return "a time limit"
    except BREAKDOWNS:
        return "a breakdown"


def try_mutants(name: str, years: list[Year], blocks: Blocks, slips: int, some: list[Mutant]) -> list[str]:
    """Who kills each of some mutants of a file; first, the file as it is must please everybody."""
    law = LawJudge(years, slips) if name in LAW else None
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        if judge(name, FILES[name].source(), folder, law, blocks):
            raise SystemExit(f"{FILES[name].path} as it is does not settle the cases and the fixed bills as it should")
        seconds = max(SECONDS, LONGER * (time.process_time() - begun))
        return [judge(name, mutant.source, folder, law, blocks, seconds) for mutant in some]


def known_reasons() -> dict[str, dict[str, str]]:
    """Why a mutant of a file, named as it is printed, changes no settlement."""
    stated = YAML(typ="safe").load(EQUIVALENT.read_text(encoding="utf-8"))
    return {name: {mutant: entry["why"] for entry in stated[name] for mutant in entry["mutants"]} for name in FILES}


def report(name: str, verdicts: dict[Mutant, str], reasons: dict[str, str], whole: bool) -> tuple[int, int, int]:
    """Print what came of a file's mutants; returns how many were tried, are equivalent, and survive without a reason."""
    survivors = [mutant for mutant, killer in verdicts.items() if killer in SURVIVES]
    unexplained = [mutant for mutant in survivors if str(mutant) not in reasons]
    for mutant in unexplained:
        print(f"UNEXPLAINED  simulator/{FILES[name].path}:{mutant.line}  {mutant}  {verdicts[mutant]}")
    for mutant, killer in verdicts.items():
        if killer not in SURVIVES and str(mutant) in reasons:
            print(f"killed by {killer}, though equivalent.yaml has it  {mutant}")
    if whole:
        for mutant in reasons.keys() - {str(mutant) for mutant in verdicts}:
            print(f"no such mutant, though equivalent.yaml has it  {mutant}")
    by = Counter(killer for killer in verdicts.values() if killer not in SURVIVES)
    print(f"simulator/{FILES[name].path}: {by.total()} of {len(verdicts)} killed, "
          + ", ".join(f"{count} by {killer}" for killer, count in by.most_common())
          + f"; {len(survivors) - len(unexplained)} equivalent, {len(unexplained)} unexplained", flush=True)
    return len(verdicts), len(survivors) - len(unexplained), len(unexplained)


def main() -> int:
    parser = argparse.ArgumentParser(description="Put small faults into rules and kernel and see whether the tests notice.")
    parser.add_argument("--share", type=float, default=1.0, help="try this share of the mutants only")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--equivalents", action="store_true", help="try only what equivalent.yaml has, on other bills")
    parser.add_argument("--of", default=",".join(FILES), help="files, by name: %(default)s")
    asked = parser.parse_args()
    names = asked.of.split(",")
    if not set(names) <= FILES.keys():
        parser.error(f"--of {asked.of}: expected some of {','.join(FILES)}")

    begun, slips, others = time.monotonic(), 150, asked.equivalents
    seed, bills, each = (SEED + 1, OTHER_BILLS, 15) if others else (SEED, 2_000, 10)
    years = fixed_years(seed, bills=bills, plans=300, aimed_bills=50, aimed_plans=40) if set(names) & set(LAW) else []
    blocks = judged_blocks(seed, each) if set(names) & set(KERNEL) else []
    rows = judged_rows(seed, each=20 * each if others else 3 * each) if set(names) & set(BY_ROW) else []
    print(f"{sum(len(bills) for _, bills, _ in years):,} bills for the law, "
          f"{sum(len(block.case.block.order) for block in blocks):,} in {len(blocks)} blocks for the kernel, "
          f"{len(rows)} blocks under several rows, "
          f"{time.monotonic() - begun:.0f} s", flush=True)
    os.environ["NUMBA_DISABLE_JIT"] = "1"                  # for the workers, which start anew
    reasons, figures = known_reasons(), []
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        for name in names:
            every = [mutant for mutant in FILES[name].mutants() if not others or str(mutant) in reasons[name]]
            tried = random.Random(SEED).sample(every, round(len(every) * asked.share))
            parts = [tried[n::asked.workers * 2] for n in range(asked.workers * 2)]
            several = len(parts)
            killers = pool.map(try_mutants, [name] * several, [years if name in LAW else []] * several,
                               [blocks if name in KERNEL else rows if name in BY_ROW else []] * several, [slips] * several, parts)
            verdicts = {mutant: killer for part, found in zip(parts, killers, strict=True)
                        for mutant, killer in zip(part, found, strict=True)}
            in_order = dict(sorted(verdicts.items(), key=lambda pair: pair[0].line))
            figures.append(report(name, in_order, reasons[name], asked.share == 1))
    tried, equivalent, unexplained = (sum(column) for column in zip(*figures, strict=True))
    killed = tried - equivalent - unexplained
    if others:
        print(f"{equivalent} of {tried} mutants said to change nothing change nothing, {time.monotonic() - begun:.0f} s")
        return 1 if killed else 0
    print(f"{killed} of {tried} killed ({100 * killed / tried:.1f}%, {100 * killed / (tried - equivalent):.1f}% without the "
          f"equivalent); {equivalent} equivalent, {unexplained} unexplained, {time.monotonic() - begun:.0f} s")
    return 1 if unexplained or killed < 0.9 * (tried - equivalent) else 0


if __name__ == "__main__":
    raise SystemExit(main())
