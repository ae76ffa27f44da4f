"""Where the full model's time goes, and what policies cost: `python -m benchmarks.full_model` prints it alone.

Parts are timed around the calls that `simulator.engine.simulate` makes, on one thread, by the thread's own clock. How much of the
kernel is drawing is measured by drawing the same claims once more without settling them.
"""

from __future__ import annotations

import statistics
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks import reference_job
from simulator.care.blocks import next_block, start_replica
from simulator.compiling.compiled import compiled
from simulator.fund.calendar import Calendar
from simulator.kernel.programs import workspace
from simulator.parameters.regions import load_regions
from simulator.scenario import BASELINE, Policy, Scenario

PARTS = ("drawing", "settling and adding up", "expectation of first-bill payments", "fund",
         "rest: parameters, people, levels, measures")


@compiled
def only_draw(walk, block, streams, tables, task):
    """Draw and merge all claims that `run_draw` would settle; returns their number."""
    total = 0
    for replica in range(task.first_replica, task.first_replica + task.replicas):
        start_replica(walk, streams, tables, task, replica)
        count = 1
        while count > 0:
            count = next_block(walk, streams, tables, block, task, replica)
            total += count
    return total


@dataclass
class Clock:
    """Seconds by part, and bills settled (under one policy or more)."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    bills: int = 0

    @property
    def kernel(self) -> float:
        return self.seconds[PARTS[0]] + self.seconds[PARTS[1]]


@contextmanager
def timed(clock: Clock):
    """While it lasts, simulate's calls are timed."""
    module = sys.modules["simulator.engine.workers"]
    year = sys.modules["simulator.engine.settle_year"]
    kernel, expected, advance = module.run_draw, year.expected_payments, Calendar.advance

    def run_draw(inputs, policies, task, sums):
        start = time.thread_time()
        kernel(inputs, policies, task, sums)
        settled = time.thread_time()
        space = workspace(inputs.streams)
        clock.bills += only_draw(space.walk, space.block, inputs.streams, inputs.tables, task)
        drawing = time.thread_time() - settled
        clock.seconds[PARTS[0]] += drawing
        clock.seconds[PARTS[1]] += settled - start - drawing

    def around(function, part):
        def call(*arguments, **named):
            start = time.process_time()
            result = function(*arguments, **named)
            clock.seconds[part] += time.process_time() - start
            return result
        return call

    module.run_draw = run_draw
    year.expected_payments, Calendar.advance = around(expected, PARTS[2]), around(advance, PARTS[3])
    try:
        yield
    finally:
        module.run_draw, year.expected_payments, Calendar.advance = kernel, expected, advance


def profile(scenario: Scenario) -> Clock:
    """Simulate on one thread and tell where the time went."""
    from simulator.engine.simulate import simulate
    clock = Clock()
    with timed(clock):
        regions = load_regions()
        start = time.process_time()
        simulate(scenario, regions, threads=1)
        total = time.process_time() - start
    again = clock.seconds[PARTS[0]]                                  # drawn twice
    clock.seconds[PARTS[4]] = max(total - again - sum(clock.seconds.values()), 0.0)
    return clock


def compared(draws: int = 20, people: int = 5_000, horizon: int = 3) -> Scenario:
    """`compare jiangsu linyi`, reduced."""
    return Scenario("benchmark", ("jiangsu", "linyi"), horizon=horizon, draws=draws, people=people)


def with_policies(count: int, draws: int = 8, people: int = 5_000) -> Scenario:
    """One year of Jiangsu's NRCMS under plans that differ in deductible, ratio and cap."""
    policies = [Policy(BASELINE)]
    for p in range(1, count):
        policies.append(Policy(f"plan-{p}", {
            "inpatient.nrcms.deductible.county": [str(300 + 10 * (p % 29))],
            "inpatient.nrcms.ratio.county": [str(60 + p % 23)],
            "inpatient.nrcms.annual_cap": str(80_000 + 1000 * (p % 31))}))
    return Scenario("benchmark-policies", ("jiangsu",), schemes=("nrcms",), horizon=1, draws=draws, people=people,
                    policies=tuple(policies))


def repeated(scenario: Scenario, runs: int) -> list[Clock]:
    """Profiles of warm runs."""
    profile(scenario.but(draws=1, people=2000))
    return [profile(scenario) for _ in range(runs)]


def beside_reference(scenario: Scenario, runs: int) -> list[tuple[Clock, float]]:
    """Profiles of warm runs, and seconds a claim of the reference job (5 a person-year, one thread) just before and after each:
    the machine's speed may change from minute to minute."""
    drawn_from, plan, years = reference_job.tables(5.0), reference_job.plans(1), 1_000_000

    def claim() -> float:
        start = time.process_time()
        reference_job.simulate(years, drawn_from, plan)
        return (time.process_time() - start) / years / 5.0

    profile(scenario.but(draws=1, people=2000))
    claim()
    result = []
    for _ in range(runs):
        before = [claim() for _ in range(3)]
        clock = profile(scenario)
        result.append((clock, statistics.median(before + [claim() for _ in range(3)])))
    return result


def middle(clocks: list[Clock], value) -> float:
    return statistics.median(value(clock) for clock in clocks)


def profile_rows(clocks: list[Clock]) -> list[list[str]]:
    """Part, nanoseconds a bill, share of all."""
    parts = {part: middle(clocks, lambda clock, part=part: clock.seconds[part] / clock.bills * 1e9) for part in PARTS}
    total = sum(parts.values())
    rows = [[part, f"{each:.0f}", f"{100 * each / total:.0f}%"] for part, each in parts.items()]
    return [*rows, ["all", f"{total:.0f}", "100%"]]


def policy_costs(counts: tuple[int, ...] = (1, 10, 50), runs: int = 3, draws: int = 8) -> dict[int, tuple[float, float]]:
    """Seconds by number of policies: (kernel, whole simulation)."""
    result = {}
    for count in counts:
        clocks = repeated(with_policies(count, draws), runs)
        result[count] = (middle(clocks, lambda clock: clock.kernel), middle(clocks, lambda clock: sum(clock.seconds.values())))
    return result


if __name__ == "__main__":
    for row in profile_rows(repeated(compared(), 3)):
        print(*row, sep="\t")
    for policies, (kernel, whole) in policy_costs().items():
        print(f"{policies} policies: kernel {kernel:.2f} s, whole {whole:.2f} s")
