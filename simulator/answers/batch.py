"""Batches: many scenarios, run to the end whatever happens, each part of the work done once and kept.

The questions of all scenarios are sorted by their people. What no part holds yet is done pass by pass: a pass settles one block
of worlds of one people under up to 64 policies over all years, and leaves one part. A policy that fails is a row with its reason;
a pass that dies with its process is done again.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.answers.parts import Label, Part, Store, blocks
from simulator.answers.probe import engine_digest
from simulator.answers.questions import Question, questions_of
from simulator.engine.simulate import simulate_worlds
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Regions, load_regions
from simulator.scenario import BASELINE, Policy, Scenario

POLICIES_A_PASS = 64             # of a pass: memory, and work lost when its process dies
CHECKED_ONE_IN = 100           # parts that are there: simulated again and compared
MOST_TRIES = 3                 # of a pass whose process died
Tell = Callable[[str, int, int], None]
DIED = BrokenProcessPool, CancelledError, ConnectionError, TimeoutError        # what is left of a pass whose process is gone


class OtherEngine(Exception):
    """The engine here leaves other bits than the one that a pass was planned with; its digest is the text."""


class OtherBits(OSError):
    """What a part has kept is not what the engine leaves now, although its probe says so; the text names the part."""


class Pass(NamedTuple):
    """A block of worlds of one people under some policies."""

    scenario: Scenario             # with the policies, behind the baseline that the region's own people live under
    region: str
    scheme: str
    worlds: range
    people: str
    questions: tuple[str, ...]     # content names, in the policies' order
    engine: str
    params: Path


@dataclass(frozen=True)
class Plan:
    """What a batch asks, and what of it is still to be done."""

    scenarios: tuple[Scenario, ...]
    questions: list[Question]
    passes: list[Pass]
    kept: int                      # parts of questions that are there
    missing: int                   # parts of questions that are not
    checks: list[Pass]             # what is there of one in CHECKED_ONE_IN of them, to be simulated again

    @property
    def work(self) -> int:
        """Policy-world-years that the passes settle, their baselines included."""
        return sum(len(of.worlds) * of.scenario.horizon * len(of.scenario.policies) for of in self.passes)


class Failure(NamedTuple):
    """A question that could not be answered, and why."""

    question: str
    reason: str


@dataclass(frozen=True)
class Batch:
    """The answers: for each question its worlds' measures float64[D, Y, M], or the reason why there are none."""

    plan: Plan
    labels: tuple[Label, ...]
    values: dict[str, np.ndarray]      # by content name
    failures: dict[str, str]
    damaged: list[Path]                # parts that were there and not whole

    @property
    def digest(self) -> str:
        """The SHA-256 of every answer, whoever worked it out and when."""
        digest = hashlib.sha256()
        for name in sorted(self.values):
            digest.update(f"{name} {self.values[name].shape}".encode())
            digest.update(np.ascontiguousarray(self.values[name], dtype="<f8").data)
        return digest.hexdigest()

    def answered(self) -> Iterator[tuple[Question, np.ndarray]]:
        """The questions in their order, with their worlds."""
        return ((question, self.values[question.name]) for question in self.plan.questions if question.name in self.values)


def plan_batch(scenarios: Iterable[Scenario], regions: Regions, store: Store, engine: str) -> Plan:
    """Work out what the scenarios ask and what of it the store lacks; nothing is simulated. InputError for bad changes."""
    scenarios = tuple(scenarios)
    questions = questions_of(scenarios, regions)
    asked: dict[tuple[str, range], dict[str, Question]] = {}   # by people and block
    kept: list[tuple[Question, range]] = []
    missing = 0
    simulated = {people: store.worlds(people) for people in dict.fromkeys(question.people for question in questions)}
    for question in {question.name: question for question in _by_draws(questions, scenarios)}.values():
        there = simulated[question.people].get(question.name, set())
        for block in blocks(scenarios[question.scenario].draws):
            left = [world for world in block if world not in there]
            missing += bool(left)
            if not left:
                kept.append((question, block))
            else:
                asked.setdefault((question.people, range(left[0], block.stop)), {})[question.name] = question
    passes: list[Pass] = []
    checks: list[Pass] = []
    todos = [(passes, people, worlds, list(of_block.values())) for (people, worlds), of_block in asked.items()]
    todos += [(checks, question.people, block, [question]) for question, block in _sample(kept)]
    for into, people, worlds, todo in todos:
        for first in range(0, len(todo), POLICIES_A_PASS):
            some = todo[first:first + POLICIES_A_PASS]
            policies = tuple(Policy(f"q{n}", one.policy.changes, one.policy.level) for n, one in enumerate(some))
            scenario = scenarios[some[0].scenario].but(policies=(Policy(BASELINE), *policies), precision=None)
            into.append(Pass(scenario, some[0].region, some[0].scheme, worlds, people, tuple(one.name for one in some), engine,
                             regions.path))
    return Plan(scenarios, questions, passes, len(kept), missing, checks)


def _sample(kept: list[tuple[Question, range]]) -> list[tuple[Question, range]]:
    """One in CHECKED_ONE_IN of what is there, none of few; others in a batch that asks something else."""
    def lot(text: str) -> bytes:
        return hashlib.sha256(text.encode()).digest()

    batch = lot("".join(f"{question.name}{block.start}" for question, block in kept)).hex()
    return sorted(kept, key=lambda one: lot(f"{batch}{one[0].name}{one[1].start}"))[:len(kept) // CHECKED_ONE_IN]


def _by_draws(questions: list[Question], scenarios: tuple[Scenario, ...]) -> list[Question]:
    """The questions, those of most worlds last, so that of one asked twice the larger counts."""
    return sorted(questions, key=lambda question: scenarios[question.scenario].draws)


def settle_pass(one: Pass, threads: int | None = None) -> bytes:
    """Simulate a pass, wherever this is: its part's bytes. InputError where a policy cannot be simulated; OtherEngine if the
    engine here is not the one that the pass was planned with."""
    if _engine_here() != one.engine:
        raise OtherEngine(_engine_here()[:16])
    result = simulate_worlds(one.scenario, _regions_here(one.params), one.worlds, threads, only=(one.region, one.scheme))
    return Part.of(one.people, one.questions, result.schemes[0], first_policy=1).as_bytes()


@cache
def _engine_here() -> str:
    return engine_digest()


@cache
def _regions_here(path: Path) -> Regions:
    return load_regions(path)


def run_batch(scenarios: Iterable[Scenario], regions: Regions, store_folder: Path, threads: int | None = None, jobs: int = 0,
              tell: Tell = lambda what, done, steps: None, pool: Executor | None = None) -> Batch:
    """Answer every question of the scenarios: with the parts there are, and by simulating what is missing.

    `threads` of this process, or `jobs` spawned processes, or `pool` (an executor, such as that of a Dask client) do the passes.
    None of them changes an answer.
    """
    engine = _engine_here()
    store = Store(store_folder, engine)
    scenarios = tuple(scenarios)
    plan = first = plan_batch(scenarios, regions, store, engine)
    for again in range(MOST_TRIES):
        failures = _settled(plan, store, engine, threads, jobs, tell, pool)
        wanted = {question.name: (question.people, plan.scenarios[question.scenario].draws)
                  for question in _by_draws(plan.questions, plan.scenarios) if question.name not in failures}
        values, labels = answers(store, wanted)
        lost = wanted.keys() - values.keys()               # their parts went away, or were damaged, while others were made
        if not lost:
            break
        if again + 1 < MOST_TRIES:
            plan = plan_batch(scenarios, regions, store, engine)
    failures |= dict.fromkeys(lost, f"its parts were removed from {store_folder} while the batch ran, {MOST_TRIES} times")
    for one in first.checks:
        if one.questions[0] in values:
            _compare(one, values[one.questions[0]][one.worlds.start:one.worlds.stop], store, threads)
    return Batch(first, labels, values, failures, store.damaged)


def _settled(plan: Plan, store: Store, engine: str, threads: int | None, jobs: int, tell: Tell,
             pool: Executor | None) -> dict[str, str]:
    """Do a plan's passes and keep their parts: by content name, why a question has no answer."""
    failures: dict[str, str] = {}
    todo, tries, done, steps = list(plan.passes), 0, 0, len(plan.passes)
    while todo and tries < MOST_TRIES:
        died: list[Pass] = []
        with _executor(threads, jobs, pool) as workers:
            waiting: dict[Future, Pass] = {workers.submit(settle_pass, one, 1 if jobs or pool else threads): one for one in todo}
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    one = waiting.pop(future)
                    try:
                        store.put(future.result())
                    except InputError as error:
                        if len(one.questions) == 1:
                            failures[one.questions[0]] = str(error)
                        else:                              # each alone, so that the one at fault fails alone
                            waiting |= {workers.submit(settle_pass, single, 1 if jobs or pool else threads): single
                                        for single in _singly(one)}
                    except OtherEngine as error:
                        raise InputError("a worker has another engine:", value=error, next_step="install the same version there",
                                         expected=f"the engine that is here, {engine[:16]}") from error
                    except DIED:
                        died.append(one)
                    done += 1
                    tell(f"{one.region} {one.scheme} worlds {one.worlds.start}-{one.worlds.stop - 1}", done, max(steps, done))
        todo, tries = died, tries + 1
    return failures | {name: f"the process that simulated it ended {MOST_TRIES} times" for one in todo for name in one.questions}


def _compare(one: Pass, kept: np.ndarray, store: Store, threads: int | None) -> None:
    """Simulate again what was kept. OtherBits, with the part's file, unless every bit is the same."""
    if Part.from_bytes(settle_pass(one, threads)).values.tobytes() != kept.tobytes():
        path = store.holder(one.people, one.questions[0], one.worlds.start)
        raise OtherBits(f"{path} is not what {one.region} {one.scheme} comes to now: the machine, a library or the program works "
                        f"out something else than before; move {store.folder} away")


def answers(store: Store, wanted: dict[str, tuple[str, int]]) -> tuple[dict[str, np.ndarray], tuple[Label, ...]]:
    """The measures of questions in worlds 0 .. draws - 1, float64[D, Y, M] each, put together from their parts, and what the M
    are; `wanted` has their people and draws. A question of which a world is missing is left out."""
    values: dict[str, np.ndarray] = {}
    there = {name: np.zeros(draws, dtype=bool) for name, (_, draws) in wanted.items()}
    labels: tuple[Label, ...] = ()
    for people in dict.fromkeys(people for people, _ in wanted.values()):
        for part in store.parts(people):
            labels = part.labels
            for place, name in enumerate(part.questions):
                draws = wanted.get(name, ("", 0))[1]
                stop = min(part.worlds.stop, draws)
                if stop > part.worlds.start:
                    if name not in values:
                        values[name] = np.full((draws, *part.values.shape[2:]), np.nan)
                    values[name][part.worlds.start:stop] = part.values[place, :stop - part.worlds.start]
                    there[name][part.worlds.start:stop] = True
    return {name: found for name, found in values.items() if there[name].all()}, labels


def _singly(one: Pass) -> list[Pass]:
    baseline, *policies = one.scenario.policies
    return [one._replace(scenario=one.scenario.but(policies=(baseline, policy)), questions=(name,))
            for policy, name in zip(policies, one.questions, strict=True)]


class _executor:
    """The executor that does the passes, ended with the block unless it is the caller's."""

    def __init__(self, threads: int | None, jobs: int, pool: Executor | None) -> None:
        self.own = pool is None
        self.executor = pool or (ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) if jobs
                                 else ThreadPoolExecutor(min(threads or 2, 2)))

    def __enter__(self) -> Executor:
        return self.executor

    def __exit__(self, kind: object, *_: object) -> None:
        if self.own:
            self.executor.shutdown(cancel_futures=kind is not None)


def foretold(plan: Plan) -> tuple[float, int]:
    """Seconds and bytes that what is missing will take on one core, from what such work took (docs/batches.md)."""
    people = {(one.people, one.worlds): one for one in plan.passes}
    rosters = sum(10 * (0.03 + 5e-6 * (one.scenario.people or 50_000) * one.scenario.horizon) for one in people.values())
    settled = sum(len(one.worlds) * one.scenario.horizon * len(one.scenario.policies)
                  * (1e-4 + 1.5e-7 * (one.scenario.people or 50_000)) for one in plan.passes)
    size = sum(len(one.worlds) * one.scenario.horizon * len(one.questions) * 1_000 for one in plan.passes)
    return rosters + settled, math.ceil(size)
