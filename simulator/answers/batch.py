"""Batches: many scenarios, run to the end whatever happens, each part of the work done once and kept.

The questions of all scenarios are sorted by their people. What no part holds yet is done pass by pass: a pass settles one block
of worlds of one people under up to 64 policies over all years, and leaves one part. A policy that fails is a row with its reason;
a pass that dies with its process is done again.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.answers.lanes import Lanes
from simulator.answers.parts import FORMAT, Answers, Label, Part, Store, blocks, world_digests
from simulator.answers.probe import engine_digest
from simulator.answers.questions import Question, questions_of
from simulator.engine.simulate import simulate_scheme
from simulator.engine.workers import Serial, Workers
from simulator.engine.worlds import paths_of
from simulator.kernel.programs import start_compiling
from simulator.needs import give_memory_back
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Regions, load_regions
from simulator.scenario import BASELINE, Policy, Scenario

POLICIES_A_PASS = 32             # of a pass: memory, and work lost when its process dies
CHECKED_ONE_IN = 100           # parts that are there: simulated again and compared
MOST_TRIES = 3                 # of a pass whose process died
BEGINNING = 3.0                    # seconds that a batch takes to begin
PROBE_SECONDS = 0.45            # of processor, on the machine that `foretold` was measured on
OF_FUND = ("funding", "control", "pooling", "income")        # topics that no bill is settled by
MUCH = 20.0                    # seconds on one core that are worth starting processes for
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
    params: tuple[Path, Path | None]     # the folder of the regions, and the one whose regions are added


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


class Outline(NamedTuple):
    """What a question comes to in the mean over its worlds."""

    means: np.ndarray                  # float64[Y, M]
    level: np.ndarray                  # float64[Y]: the cumulative surplus a member, yuan


@dataclass(frozen=True)
class Batch:
    """The answers: for each question its worlds' measures float64[D, Y, M], or the reason why there are none."""

    plan: Plan
    labels: tuple[Label, ...]
    values: Mapping[str, np.ndarray]   # by content name
    failures: dict[str, str]
    damaged: list[Path]                # parts that were there and not whole
    outlines: dict[str, Outline] = field(default_factory=dict)         # by content name, as far as they have been asked for

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of every world of every answer, whoever worked it out and when."""
        known, digest = getattr(self.values, "digests", {}), hashlib.sha256()
        for name in sorted(self.values):
            digest.update(name.encode())
            digest.update(known[name] if name in known else b"".join(world_digests(self.values[name])))
        return digest.hexdigest()

    def outline(self, question: Question, values: np.ndarray | None = None) -> Outline:
        """The means of an answered question, from its `values` where they are at hand."""
        if question.name not in self.outlines:
            values = self.values[question.name] if values is None else values
            at = {label.name: m for m, label in enumerate(self.labels) if label.group == ""}
            level = (values[..., at["balance"]] * 1e4 / values[..., at["members"]]).mean(axis=0)
            self.outlines[question.name] = Outline(values.mean(axis=0), level)
        return self.outlines[question.name]

    def answered(self) -> Iterator[tuple[Question, np.ndarray]]:
        """The questions in their order, with their worlds."""
        return ((question, self.values[question.name]) for question in self.plan.questions if question.name in self.values)

    def outlined(self) -> Iterator[tuple[Question, Outline]]:
        """The questions in their order, with their means."""
        return ((question, self.outline(question)) for question in self.plan.questions if question.name in self.values)


def plan_batch(scenarios: Iterable[Scenario], regions: Regions, store: Store, engine: str) -> Plan:
    """Work out what the scenarios ask and what of it the store lacks; nothing is simulated. InputError for bad changes."""
    scenarios = tuple(scenarios)
    questions = questions_of(scenarios, regions)
    asked: dict[tuple[str, range], dict[str, Question]] = {}   # by people and block
    kept: list[tuple[Question, range]] = []

    def pass_of(some: list[Question], worlds: range) -> Pass:
        policies = tuple(replace(one.policy, name=f"q{n}") for n, one in enumerate(some))
        scenario = scenarios[some[0].scenario].but(policies=(Policy(BASELINE), *policies), precision=None)
        return Pass(scenario, some[0].region, some[0].scheme, worlds, some[0].people, tuple(one.name for one in some), engine,
                    (regions.path, regions.added))

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
    order = {people: n for n, people in enumerate(dict.fromkeys(people for people, _ in asked))}
    passes: list[tuple[tuple[int, int, int], Pass]] = []
    for (people, worlds), of_block in asked.items():
        todo = list(of_block.values())
        for first in range(0, len(todo), POLICIES_A_PASS):
            passes.append(((order[people], first, worlds.start), pass_of(todo[first:first + POLICIES_A_PASS], worlds)))
    passes.sort(key=lambda one: one[0])                            # what has most in common one after the other
    checks = [pass_of([question], block) for question, block in _sample(kept)]
    return Plan(scenarios, questions, [one for _, one in passes], len(kept), missing, checks)


def _sample(kept: list[tuple[Question, range]]) -> list[tuple[Question, range]]:
    """One in CHECKED_ONE_IN of what is there, none of few; others in a batch that asks something else."""
    def lot(text: str) -> bytes:
        return hashlib.sha256(text.encode()).digest()

    batch = lot("".join(f"{question.name}{block.start}" for question, block in kept)).hex()
    return sorted(kept, key=lambda one: lot(f"{batch}{one[0].name}{one[1].start}"))[:len(kept) // CHECKED_ONE_IN]


def _by_draws(questions: list[Question], scenarios: tuple[Scenario, ...]) -> list[Question]:
    """The questions, those of most worlds last, so that of one asked twice the larger counts."""
    return sorted(questions, key=lambda question: scenarios[question.scenario].draws)


def settle_pass(one: Pass, threads: int = 1) -> bytes:
    """Simulate a pass, wherever this is: its part's bytes. InputError where a policy cannot be simulated; OtherEngine if the
    engine here is not the one that the pass was planned with."""
    if engine_here() != one.engine:
        raise OtherEngine(engine_here()[:16])
    start_compiling()
    regions, scenario = _regions_here(*one.params), one.scenario
    paths = paths_of(scenario, regions, one.worlds)
    with ThreadPoolExecutor(threads) as walkers:
        workers = (Workers(Serial(), max(len(one.worlds) * scenario.replicas, 1), whole=False) if threads == 1
                   else Workers(walkers, None, walkers.map, whole=False))
        result = simulate_scheme(scenario, regions[one.region], one.scheme, one.worlds, paths, workers, lambda what: None)
    part = Part.of(one.people, one.questions, result, first_policy=1).as_bytes()
    del result
    give_memory_back()
    return part


@cache
def engine_here() -> str:
    """The engine's digest, with the format of its parts."""
    digest = engine_digest()
    give_memory_back()
    return hashlib.sha256(f"{digest} {FORMAT}".encode()).hexdigest()


@cache
def _regions_here(path: Path, added: Path | None) -> Regions:
    return load_regions(path, added)


def run_batch(scenarios: Iterable[Scenario], regions: Regions, store_folder: Path, threads: int | None = None,
              jobs: int | None = 0, tell: Tell = lambda what, done, steps: None, pool: Executor | None = None) -> Batch:
    """Answer every question of the scenarios: with the parts there are, and by simulating what is missing.

    `threads` of this process, or `jobs` spawned processes (None: as many as there are cores, if there is much to do), or `pool`
    (an executor, such as that of a Dask client) do the passes. None of them changes an answer.
    """
    engine = engine_here()
    store = Store(store_folder, engine)
    scenarios = tuple(scenarios)
    plan = first = plan_batch(scenarios, regions, store, engine)
    for again in range(MOST_TRIES):
        failures = _settled(plan, store, engine, threads, jobs, tell, pool)
        wanted = {question.name: (question.people, plan.scenarios[question.scenario].draws)
                  for question in _by_draws(plan.questions, plan.scenarios) if question.name not in failures}
        values = Answers(store, wanted)
        lost = wanted.keys() - values.keys()               # their parts went away, or were damaged, while others were made
        if not lost:
            break
        if again + 1 < MOST_TRIES:
            plan = plan_batch(scenarios, regions, store, engine)
    failures |= dict.fromkeys(lost, f"its parts were removed from {store_folder} while the batch ran, {MOST_TRIES} times")
    for one in first.checks:
        if one.questions[0] in values:
            _compare(one, values[one.questions[0]][one.worlds.start:one.worlds.stop], store, threads)
    return Batch(first, values.labels, values, failures, store.damaged)


def _settled(plan: Plan, store: Store, engine: str, threads: int | None, jobs: int | None, tell: Tell,
             pool: Executor | None) -> dict[str, str]:
    """Do a plan's passes and keep their parts: by content name, why a question has no answer."""
    failures: dict[str, str] = {}
    cores = threads or os.cpu_count() or 1
    if jobs is None:
        jobs = cores if cores > 1 and foretold(plan)[0] > MUCH else 0
    todo, tries, done, steps = list(plan.passes), 0, 0, len(plan.passes)
    each = 1 if jobs or pool else max(cores // max(steps, 1), 1)
    while todo and tries < MOST_TRIES:
        died: list[Pass] = []
        with _executor(cores, jobs, pool) as workers:
            waiting: dict[Future, Pass] = {workers.submit(settle_pass, one, each): one for one in todo}
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    one = waiting.pop(future)
                    try:
                        store.put(future.result())
                    except InputError as error:
                        if len(one.questions) == 1:
                            failures[one.questions[0]] = str(error)
                        else:                              # each alone, so that the one at fault fails alone
                            waiting |= {workers.submit(settle_pass, single, each): single for single in _singly(one)}
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
    if Part.from_bytes(settle_pass(one, threads or os.cpu_count() or 1)).values.tobytes() != kept.tobytes():
        path = store.holder(one.people, one.questions[0], one.worlds.start)
        raise OtherBits(f"{path} is not what {one.region} {one.scheme} comes to now: the machine, a library or the program works "
                        f"out something else than before; move {store.folder} away")


def _singly(one: Pass) -> list[Pass]:
    baseline, *policies = one.scenario.policies
    return [one._replace(scenario=one.scenario.but(policies=(baseline, policy)), questions=(name,))
            for policy, name in zip(policies, one.questions, strict=True)]


class _executor:
    """The executor that does the passes, ended with the block unless it is the caller's."""

    def __init__(self, cores: int, jobs: int, pool: Executor | None) -> None:
        self.own = pool is None
        self.executor = pool or Lanes(jobs or min(cores, 2), bool(jobs), lambda one: (one.people, one.questions))

    def __enter__(self) -> Executor:
        return self.executor

    def __exit__(self, kind: object, *_: object) -> None:
        if self.own:
            self.executor.shutdown(wait=kind is None, cancel_futures=kind is not None)


def foretold(plan: Plan, slower: float = 1.0) -> tuple[float, int]:
    """Seconds of processor and bytes that what is missing will take, from what such work took on a machine whose probe took
    PROBE_SECONDS; `slower` is how much longer it takes here."""
    seconds, size, rules = 0.0, 0, set[tuple[str, str]]()
    for first, group in groupby(plan.passes, key=lambda one: (one.people, one.questions)):
        passes = list(group)
        scenario, policies = passes[0].scenario, len(first[1]) + 1
        people, years = scenario.people or 50_000, scenario.horizon
        of_rules = {(first[0], repr(sorted((path, str(change)) for path, change in policy.changes.items()
                                           if path.partition(".")[0] not in OF_FUND))) for policy in scenario.policies}
        worlds = sum(len(one.worlds) for one in passes)
        classes = 1 if passes[0].scheme == "nrcms" else 2
        seconds += policies * (0.005 + 0.0014 * years) + len(of_rules - rules) * years * classes * 0.012
        seconds += len(passes) * (0.05 + 10 * years * (0.0005 + 4e-7 * people))
        seconds += worlds * years * (policies * 6e-5 + len(of_rules) * (1e-5 + 1e-8 * people))
        rules |= of_rules
        size += int(worlds * years * (len(first[1]) * 420 + len(of_rules) * 1_050))           # parts, and tables of them
    seconds += len({one.people for one in plan.passes}) * 10 * (0.02 + 4e-6 * max((one.scenario.people or 50_000)
                                                                               for one in plan.passes)) if plan.passes else 0.0
    return BEGINNING + seconds * slower, size


def slowness() -> float:
    """How much longer than on the machine of `foretold` a fixed small simulation takes here."""
    engine_digest()                                            # loads what it needs
    began = time.process_time()
    engine_digest()
    return (time.process_time() - began) / PROBE_SECONDS
