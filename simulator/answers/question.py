"""A question to solve as it is asked on the command line, and the simulation that answers it.

`read_question` checks every word before the long work begins: it simulates a few hundred people for a year, at the corners of
the box, to know the measures there are and that the policies can be simulated at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace

import numpy as np

from simulator.answers.batch import engine_here
from simulator.answers.box import Box, read_box
from simulator.answers.certificates import CERTIFICATE_FORMAT, Certificates, Kept
from simulator.answers.conditions import (
    ANNUAL,
    CUMULATIVE,
    Condition,
    Event,
    Figure,
    Goal,
    Known,
    Latent,
    read_condition,
    read_goal,
)
from simulator.answers.emulator import DESIGN, HELD_OUT, Error, certificate, levers_told
from simulator.answers.followed import follow, followed_outcomes, peopled, policies_from
from simulator.answers.ledger_emulator import LedgerEmulator, fit_year, products_of, range_of_factor, rungs
from simulator.answers.outcomes import known_measures, outcomes_of
from simulator.answers.questions import questions_of
from simulator.answers.solve import Answer, Evaluate, Evaluated, solve
from simulator.engine.given import acting_here
from simulator.engine.simulate import Progress, simulate, simulate_worlds
from simulator.fund.control import REFUNDING, finds_threshold
from simulator.fund.ladder import uses_ladder
from simulator.fund.terms import FundTerms, fund_terms
from simulator.parameters.errors import InputError
from simulator.parameters.idle import silent
from simulator.parameters.regions import Regions
from simulator.scenario import BASELINE, Policy, Scenario

PROBE_PEOPLE = 300
BATCH = 1_000_000                # worlds from the first of the search to the first of each set of fresh ones
OF_THE_SUM = frozenset({"balance", "surplus", ANNUAL, CUMULATIVE})
BURDENS_WITHOUT_PREMIUMS = ("oop_", "cash_", "catastrophic_", "impoverished")


@dataclass(frozen=True)
class Question:
    """What is asked: the scenario, what may be moved, what must hold, and what is to be least or most."""

    scenario: Scenario
    box: Box
    conditions: tuple[Condition, ...]
    goal: Goal

    @property
    def premium_is_free(self) -> bool:
        """Whether a premium may be raised while the goal is a burden that does not count it."""
        return (any(lever.is_premium for lever in self.box.levers)
                and any(latent.name.startswith(BURDENS_WITHOUT_PREMIUMS) for latent in self.goal.figure.latents()))

    @property
    def sums_units(self) -> bool:
        """Whether an event of the fund is asked where several units pool: it is about their sum."""
        scheme, region = self.scenario.schemes[0], self.box.region
        asked = (one.of for one in (self.goal.figure, *(condition.figure for condition in self.conditions)))
        if not any(isinstance(of, Event) and {name for name, _ in of.names} & OF_THE_SUM for of in asked):
            return False
        found = [[region.value(f"{path.format(scheme)}", year, required=False) for path in (
            "pooling.{}.level", "population.{}.counties")] for year in self.scenario.years]
        return any(level is not None and level.value != "province" and counties is not None and int(counties.value) > 1
                   for level, counties in found)


def read_question(scenario: Scenario, regions: Regions, vary: Sequence[str], until: Sequence[str], least: str | None,
                  most: str | None) -> Question:
    """Read what is asked. InputError for anything that cannot be simulated, with the nearest right name."""
    if len(scenario.regions) != 1 or len(scenario.schemes) != 1:
        raise InputError("solve looks at one fund:", value=", ".join((*scenario.regions, *scenario.schemes)),
                         expected="one region and one scheme (--schemes nrcms)")
    if len(scenario.policies) > 1:
        raise InputError("solve makes the policies itself:", value=scenario.policies[1].name,
                         expected="a scenario without policies", next_step="put its changes under `changes`")
    if not until:
        raise InputError("solve needs a condition:", value="none", expected='--until "P(exhausted by 2021) <= 5%"')
    scenario = scenario.in_names_of(regions).but(precision=None)
    region = regions[scenario.regions[0]]
    box = read_box(vary, scenario, scenario.changed(region))
    refuse_ladders(scenario, box)
    corners = policies_of(box, box.corners())
    refuse_idle(box, scenario.but(policies=corners), regions)
    small = scenario.but(draws=1, people=PROBE_PEOPLE, replicas=1, horizon=1, policies=corners)
    probe = simulate(small.but(given=acting_here(scenario.given, small, regions)), regions, threads=1)
    known: Mapping[tuple[str, str], Known] = known_measures(probe.schemes[0])
    return Question(scenario, box, tuple(read_condition(text, scenario, known) for text in until),
                    read_goal(least, most, scenario, known))


def refuse_idle(box: Box, corners: Scenario, regions: Regions) -> None:
    """Refuse a lever that does nothing at any corner of the box. InputError with the reason."""
    faults: dict[str, list[InputError]] = {}
    for place, fault in silent(corners, regions):
        faults.setdefault(str(place[-1]), []).append(fault)
    for lever in box.levers:
        found = faults.get(lever.path, [])
        if len(found) == len(corners.policies) - 1:
            raise InputError("--vary: a parameter that does nothing here:", value=lever.path, expected="one that moves something",
                             next_step=found[0].next_step)


def refuse_ladders(scenario: Scenario, box: Box) -> None:
    """Refuse a fund that answers by its ladder of benefits, or finds the threshold of its refunds: InputError. Claims under every
    rung, and self-pay above other thresholds, are not fitted, so neither its balance nor its burden can be followed."""
    scheme = scenario.schemes[0]
    for year in scenario.years if scenario.response != "none" else ():
        terms = fund_terms(box.region, scheme, year, scenario.year)
        if finds_threshold(terms) and (scenario.response == "secondary" or terms.surplus_response in REFUNDING):
            raise InputError(f"solve does not follow a fund that finds the threshold of its refunds in {year}:",
                             value=f"control.{scheme}.secondary_least", expected="one threshold, secondary_threshold",
                             next_step="leave secondary_least out and state as secondary_threshold the one that a run finds")
        if scenario.response == "stated" and uses_ladder(terms):
            raise InputError(f"solve does not follow a fund that answers by its ladder of benefits in {year}:",
                             value=f"control.{scheme}.surplus_response, deficit_response or warning_trigger",
                             expected="a fund with other responses",
                             next_step="change these by --set; `fundsim run` and `batch` simulate ladders")


def answer(question: Question, regions: Regions, confirm: int, threads: int | None = None,
           tell: Progress | None = None, certificates: Certificates | None = None) -> Answer:
    """Solve a question by simulation; `certificates` are those of earlier surveys. InputError where `confirm` fresh worlds could
    prove no condition."""
    figures = (*(condition.figure for condition in question.conditions), question.goal.figure)
    latents = tuple(dict.fromkeys(latent for figure in figures for latent in figure.latents()))
    worlds: Evaluate = (simulated := Simulated(question.scenario, regions, question.box, latents, threads, tell))
    if certificates is not None:
        worlds = Certified(simulated, figures, certificates)
    return solve(question.box, question.goal, question.conditions, worlds, question.scenario.draws, confirm,
                 question.scenario.seed)


def policies_of(box: Box, points: np.ndarray) -> tuple[Policy, ...]:
    """The baseline, and a policy at each of the points float64[P, L]."""
    return (Policy(BASELINE), *(Policy(f"policy-{number}", box.changes(point)) for number, point in enumerate(points, 1)))


def worlds_of(draws: int, batch: int) -> range:
    """The numbers of `draws` worlds: those of the search (batch 0), or others that no other batch has."""
    return range(batch * BATCH, batch * BATCH + draws)


@dataclass(frozen=True)
class Simulated:
    """Evaluates policies by simulating them, all in one pass over the same claims."""

    scenario: Scenario
    regions: Regions
    box: Box
    latents: tuple[Latent, ...]
    threads: int | None = None
    tell: Progress | None = None

    def __call__(self, points: np.ndarray, draws: int, batch: int) -> Evaluated:
        policies = policies_of(self.box, points)
        asked = self.scenario.but(policies=policies)
        result = simulate_worlds(asked, self.regions, worlds_of(draws, batch), self.threads, self.tell).schemes[0]
        found = outcomes_of(result, self.latents, self.terms(policies))
        return Evaluated({latent: values[:, 1:] for latent, values in found.items()},
                         {latent: values[:, :1] for latent, values in found.items()})

    def surveyed(self, points: np.ndarray, fitted: int, draws: int) -> tuple[Evaluated, LedgerEmulator]:
        asked = self.scenario.but(policies=policies_of(self.box, points))
        outcomes: dict[Latent, np.ndarray] = {}
        years, terms = [], []
        for year in follow(asked, self.regions, worlds_of(draws, 0), self.threads, self.tell):
            outcomes |= followed_outcomes(year, self.latents)
            terms += year.terms
            years.append(policies_from(year, 1, fitted, self.latents))
        reach = range_of_factor(terms, asked.response)
        known = [[year] for year in years]
        if reach is not None:                     # claims hang on the factor too: the same policies with factors that are set
            asked = asked.but(policies=asked.policies[:1 + fitted])
            factors = rungs(reach, asked.years, 1 + fitted, asked.seed)
            followed = follow(asked, self.regions, worlds_of(draws, 0), self.threads, self.tell, factors)
            known = [[year, policies_from(other, 1, fitted, self.latents)]
                     for year, other in zip(years, followed, strict=True)]
        emulator = LedgerEmulator(self.box, self.scenario, self.latents,
                                  tuple(fit_year(year, points[:fitted], reach, self.latents) for year in known), reach,
                                  name=self.name(draws))
        return Evaluated({latent: values[:, 1:] for latent, values in outcomes.items()},
                         {latent: values[:, :1] for latent, values in outcomes.items()}), emulator

    def name(self, draws: int) -> str:
        """The content name of what an emulator is measured for: engine, people and their rules, box, figures, worlds."""
        told = [engine_here(), self.people, [astuple(lever) for lever in self.box.levers], self.latents, draws, DESIGN, HELD_OUT]
        return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()

    @property
    def people(self) -> str:
        """The content name of the people and the rules they live under."""
        return questions_of([self.scenario], self.regions)[0].people

    def terms(self, policies: Sequence[Policy]) -> dict[int, list[FundTerms]]:
        """The fund's terms in each year: of every policy where limits of its surplus may be moved, else of the baseline."""
        moved = any(lever.path.startswith("control.") for lever in self.box.levers)
        regions = [self.scenario.under(self.box.region, policy.changes, policy.name)
                   for policy in (policies if moved else policies[:1])]
        return {year: [fund_terms(region, self.scenario.schemes[0], year, self.scenario.year) for region in regions]
                for year in self.scenario.years}


@dataclass(frozen=True)
class Certified:
    """Evaluates policies as `of` does. A survey whose certificate is in the store is read there; any other is certified for the
    figures, and kept."""

    of: Simulated
    figures: tuple[Figure, ...]
    store: Certificates

    def __call__(self, points: np.ndarray, draws: int, batch: int) -> Evaluated:
        return self.of(points, draws, batch)

    def surveyed(self, points: np.ndarray, fitted: int, draws: int) -> tuple[Evaluated, LedgerEmulator]:
        of, people, name = self.of, self.of.people, self.name(points, fitted, draws)
        kept = self.store.find(people, name) or self.store.put(people, self.measured(points, fitted, draws, name))
        outcomes = [kept.arrays[f"outcomes-{n}"] for n in range(len(of.latents))]
        emulator = LedgerEmulator.of_arrays(of.box, of.scenario, peopled(of.scenario, of.regions, worlds_of(draws, 0)), kept.told,
                                            kept.arrays).certified(tuple(Error(**error) for error in kept.told["certificate"]))
        return Evaluated({latent: values[:, 1:] for latent, values in zip(of.latents, outcomes, strict=True)},
                         {latent: values[:, :1] for latent, values in zip(of.latents, outcomes, strict=True)}), emulator

    def measured(self, points: np.ndarray, fitted: int, draws: int, name: str) -> Kept:
        """The certificate of a survey that is made now."""
        (found, baseline), emulator = self.of.surveyed(points, fitted, draws)
        held = {latent: values[:, fitted:] for latent, values in found.items()}
        errors = certificate(emulator, self.figures, points[fitted:], held)
        outcomes = {f"outcomes-{n}": np.concatenate([baseline[latent], found[latent]], axis=1)
                    for n, latent in enumerate(self.of.latents)}
        told = {"levers": levers_told(self.of.box), **replace(emulator, name=name).told}
        return Kept({**told, "certificate": [asdict(error) for error in errors]}, {**emulator.arrays, **outcomes})

    def name(self, points: np.ndarray, fitted: int, draws: int) -> str:
        """The content name of a certificate: of what an emulator is measured for, the policies and the figures."""
        policies = hashlib.sha256(products_of(points).tobytes()).hexdigest()
        told = [CERTIFICATE_FORMAT, self.of.name(draws), policies, fitted, repr(self.figures)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()
