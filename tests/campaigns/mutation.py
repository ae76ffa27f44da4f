"""Is every line of the law held by a test? `python -m tests.campaigns.mutation` puts small faults into rules.py, one by one.

Each fault (see tests/support/mutants.py) is written into a copy of `simulator/law/rules.py` in a temporary folder, which is
run without the compiler. It is *killed* when a case of tests/cases is settled otherwise than the case says, or one of
some 3,000 random and aimed bills otherwise than the reference settles them, or when the rules break down. What
survives and does not stand in `tests/campaigns/equivalent.yaml` with the reason why it changes nothing is listed; the
command ends with 1 then, or when less than nine in ten are killed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from simulator.parameters.plans import plan_of
from simulator.plan import pack
from tests.law.test_cases import CASES, expected, judged
from tests.support.bill_arrays import COLUMNS, PERSON, POLICY
from tests.support.both_programs import Policies, random_policies, random_year, reference_pays
from tests.support.mutants import Mutant, mutants
from tests.support.settled import bill_rows
from tests.support.threshold_families import FAMILIES

RULES = Path(__file__).resolve().parents[2] / "simulator" / "law" / "rules.py"
EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
RANDOM_BILLS, RANDOM_PLANS = 2_000, 300
AIMED_BILLS, AIMED_PLANS = 50, 40            # bills of each kind of threshold
SEED = 2015

Year = tuple[list[int], list[list[int]], list[list[int]]]        # terms, bills, what they leave


def _aimed_years(rng: np.random.Generator, policies: Policies) -> Iterator[np.ndarray]:
    """Some years of every kind of threshold, about `AIMED_BILLS` bills of each."""
    for family in FAMILIES:
        groups = [years for years in family(policies.terms) if len(years.bills)]
        for years in groups:
            count = max(AIMED_BILLS // len(groups) // years.bills.shape[1], 1)
            yield from years.bills[rng.choice(len(years.bills), min(count, len(years.bills)), replace=False)]


def fixed_years() -> list[Year]:
    """The random and the aimed bills, person by person, and what the reference makes of them."""
    rng = np.random.default_rng(SEED)
    random_plans, aimed_plans = random_policies(rng, RANDOM_PLANS), random_policies(rng, AIMED_PLANS)
    bills = random_year(rng, random_plans, RANDOM_BILLS)
    edges = np.flatnonzero(np.diff(bills[:, PERSON], prepend=-1))[1:]
    asked = [(random_plans, year) for year in np.split(bills, edges)]
    asked += [(aimed_plans, year) for year in _aimed_years(rng, aimed_plans)]
    result = []
    for policies, year in asked:
        year = np.ascontiguousarray(year)
        year[:, PERSON] = 0
        result.append((policies.terms[year[0, POLICY]].tolist(), year.tolist(), reference_pays(policies, year).tolist()))
    return result


class Judges:
    """The cases and the fixed bills, ready for rules that run as plain Python on lists."""

    def __init__(self, years: list[Year]) -> None:
        self.years = years
        self.cases = [(pack([plan_of(case["plan"])])[0].tolist(), bill_rows(case.get("person", {}), case["bills"]).tolist(),
                       case, expected(case)) for case in CASES]

    def kill(self, rules) -> str:
        """Who finds the rules wrong: `a case`, `a bill`, `a breakdown`, or nobody."""
        def settle(terms, bills):
            year, result = [0] * rules.STATE, []
            for bill in bills:
                paid = [0] * rules.LEFT
                rules.settle_bill(terms, year, bill, paid)
                result.append(paid[:len(COLUMNS)])
            return result

        try:
            for terms, bills, case, right in self.cases:
                if judged(case, [dict(zip(COLUMNS, paid, strict=True)) for paid in settle(terms, bills)]) != right:
                    return "a case"
            for terms, bills, right in self.years:
                if settle(terms, bills) != right:
                    return "a bill"
        except (IndexError, ZeroDivisionError, UnboundLocalError, TypeError, ValueError, OverflowError):
            return "a breakdown"
        return ""


def module_of(source: str, folder: str):
    """The rules as written in `source`, run without the compiler."""
    place = Path(folder) / "rules.py"
    place.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("mutated_rules", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def try_mutants(years: list[Year], some: list[Mutant]) -> list[str]:
    """Who kills each of some mutants; first, the rules as they are must please everybody."""
    judges = Judges(years)
    with tempfile.TemporaryDirectory() as folder:
        if judges.kill(module_of(RULES.read_text(encoding="utf-8"), folder)):
            raise SystemExit("the rules as they are do not settle the cases and the fixed bills as they should")
        return [judges.kill(module_of(mutant.source, folder)) for mutant in some]


def known_reasons() -> dict[str, str]:
    """Why a mutant, named as it is printed, changes no settlement."""
    stated = YAML(typ="safe").load(EQUIVALENT.read_text(encoding="utf-8"))
    return {mutant: entry["why"] for entry in stated for mutant in entry["mutants"]}


def main() -> int:
    parser = argparse.ArgumentParser(description="Put small faults into the rules and see whether cases and bills notice.")
    parser.add_argument("--share", type=float, default=1.0, help="try this share of the mutants only")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    asked = parser.parse_args()

    begun = time.monotonic()
    every = mutants(RULES.read_text(encoding="utf-8"), "settle_bill")
    tried = random.Random(SEED).sample(every, round(len(every) * asked.share))
    years = fixed_years()
    print(f"{len(every)} mutants, {len(tried)} tried, on {len(CASES)} cases and {sum(len(rows) for _, rows, _ in years):,} bills")
    os.environ["NUMBA_DISABLE_JIT"] = "1"                  # for the workers, which start anew
    parts = [tried[n::asked.workers * 4] for n in range(asked.workers * 4)]
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        killers = list(pool.map(try_mutants, [years] * len(parts), parts))
    verdicts = [pair for part, named in zip(parts, killers, strict=True) for pair in zip(part, named, strict=True)]
    reasons = known_reasons()
    survivors = sorted((mutant for mutant, killer in verdicts if not killer), key=lambda mutant: mutant.line)
    unexplained = [mutant for mutant in survivors if str(mutant) not in reasons]
    for mutant in survivors:
        print(f"survived  simulator/law/rules.py:{mutant.line}  {mutant}")
        print(f"          {reasons.get(str(mutant), 'UNEXPLAINED')}")
    if asked.share == 1:
        for mutant in reasons.keys() - {str(survivor) for survivor in survivors}:
            print(f"no survivor, though equivalent.yaml has it: {mutant}")
    by = {name: sum(killer == name for _, killer in verdicts) for name in ("a case", "a bill", "a breakdown")}
    killed = len(tried) - len(survivors)
    print(f"{killed} of {len(tried)} killed ({100 * killed / len(tried):.1f}%): "
          + ", ".join(f"{count} by {name}" for name, count in by.items())
          + f"; {len(survivors) - len(unexplained)} equivalent, {len(unexplained)} unexplained, {time.monotonic() - begun:.0f} s")
    return 1 if unexplained or killed < 0.9 * len(tried) else 0


if __name__ == "__main__":
    raise SystemExit(main())
