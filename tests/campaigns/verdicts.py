"""Do the verdicts of `solve` hold? `python -m tests.campaigns.verdicts` (long); ends with 1 if not.

Questions over regions, schemes, levers and conditions are fixed beforehand, seeds too. Each policy that `solve` calls an answer
is simulated in 10,000 worlds that neither its search nor its proof has seen. A verdict is *refuted* where these worlds are 95%
sure that a condition is missed: at most 5% of the verdicts may be.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from simulator.answers.conditions import Condition, Latent
from simulator.answers.emulator import Emulator
from simulator.answers.outcomes import figure_of, interval_of
from simulator.answers.question import Question, Simulated, read_question
from simulator.answers.solve import ANSWER, Answer, Evaluated, solve
from simulator.parameters.regions import Regions, load_regions
from simulator.scenario import Scenario

JUDGES = 50                      # the batch of the worlds that judge; a search and its proofs have 0 to 3
TOGETHER = 500                   # worlds simulated at once
MOST_REFUTED = 0.05
PREMIUM, RATE = "funding.{scheme}.premium=x0.8:x2", "funding.{scheme}.contribution_rate=x0.8:x1.5"
DEDUCTIBLE, RATIO = "inpatient.{scheme}.deductible=x0.5:x2", "inpatient.{scheme}.ratio=-10:+5"
FACTOR: dict[str, object] = {"control.{scheme}.surplus_response": "factor", "control.{scheme}.deficit_response": ["factor"]}


class Family(NamedTuple):
    """Questions about the same people and levers."""

    region: str
    scheme: str
    levers: tuple[str, ...]
    year: int = 2012
    changes: dict[str, object] = {}


FAMILIES = (
    Family("linyi", "nrcms", (PREMIUM, DEDUCTIBLE)),
    Family("linyi", "nrcms", (PREMIUM,), changes=FACTOR),
    Family("jiangsu", "nrcms", (PREMIUM, RATIO)),
    Family("jiangsu", "urbmi", (PREMIUM, DEDUCTIBLE), 2013),
    Family("jiangsu", "uebmi", (RATE, DEDUCTIBLE)),
    Family("linyi", "urbmi", (PREMIUM, RATIO)),
    Family("national", "nrcms", (PREMIUM, DEDUCTIBLE)),
)
EVENTS = (("P(deficit in {year}) <= {bound}%", (5, 10, 20, 30)), ("P(exhausted by {year}) <= {bound}%", (5, 10)),
          ("P(months_held in {year} < 3) <= {bound}%", (5, 10, 20)), ("P(surplus_rate in {year} < 5) <= {bound}%", (10, 20)),
          ("P(expenditure_over_revenue in {year} > 105) <= {bound}%", (5, 10)))
GOALS = ("funding_per_head", "net_burden_per_head")


@dataclass
class Shared:
    """An `Evaluate` that surveys once for all questions of a family."""

    of: Simulated
    known: dict[int, tuple[Evaluated, Emulator]] = field(default_factory=dict)

    def __call__(self, points: np.ndarray, draws: int, batch: int) -> Evaluated:
        return self.of(points, draws, batch)

    def surveyed(self, points: np.ndarray, fitted: int, draws: int) -> tuple[Evaluated, Emulator]:
        if draws not in self.known:
            self.known[draws] = self.of.surveyed(points, fitted, draws)
        return self.known[draws]


class Verdict(NamedTuple):
    """A condition of an answer, as stated and as it is in the worlds that judge."""

    asked: str
    stated: float                # the one-sided 95% bound of the proof
    found: float                 # in the worlds that judge
    beyond: bool                 # whether that is beyond the bound asked
    refuted: bool                # whether it is surely so


def questions_of(family: Family, size: Scenario, regions: Regions) -> list[Question]:
    """Every question of a family."""
    scenario = size.but(regions=(family.region,), schemes=(family.scheme,), year=family.year,
                        changes={path.format(scheme=family.scheme): value for path, value in family.changes.items()})
    levers = [lever.format(scheme=family.scheme) for lever in family.levers]
    asked = [text.format(year=scenario.years[-1], bound=bound) for text, bounds in EVENTS for bound in bounds]
    found = read_question(scenario, regions, levers, asked, GOALS[0], None)
    goals = [found.goal, read_question(scenario, regions, levers, asked[:1], GOALS[1], None).goal]
    return [Question(found.scenario, found.box, (condition,), goals[number % 2])
            for number, condition in enumerate(found.conditions)]


def answered(family: Family, size: Scenario, confirm: int, regions: Regions,
             most: int) -> tuple[int, list[tuple[Question, Answer]]]:
    """How many questions of a family were asked, and those that `solve` answers."""
    questions = questions_of(family, size, regions)[:most]
    latents = latents_of(questions)
    shared = Shared(Simulated(questions[0].scenario, regions, questions[0].box, latents, None))
    answers = [(one, solve(one.box, one.goal, one.conditions, shared, size.draws, confirm, size.seed)) for one in questions]
    return len(questions), [(one, found) for one, found in answers if found.verdict == ANSWER]


def latents_of(questions: Sequence[Question]) -> tuple[Latent, ...]:
    """What the figures of the questions are made of."""
    figures = [figure for one in questions for figure in (*(condition.figure for condition in one.conditions), one.goal.figure)]
    return tuple(dict.fromkeys(latent for figure in figures for latent in figure.latents()))


def judged(answers: Sequence[tuple[Question, Answer]], worlds: int, regions: Regions) -> Iterator[Verdict]:
    """The answers of a family in so many fresh worlds, all in the same."""
    question = answers[0][0]
    points = np.stack([found.point for _, found in answers])
    simulated = Simulated(question.scenario, regions, question.box, latents_of([one for one, _ in answers]), None)
    parts = [simulated(points, min(TOGETHER, worlds - first), JUDGES + first // TOGETHER).outcomes
             for first in range(0, worlds, TOGETHER)]
    outcomes = {latent: np.concatenate([part[latent] for part in parts]) for latent in parts[0]}
    for number, (one, found) in enumerate(answers):
        own = {latent: values[:, number:number + 1] for latent, values in outcomes.items()}
        for c, condition in enumerate(one.conditions):
            yield verdict_of(condition, found, c, own)


def verdict_of(condition: Condition, found: Answer, c: int, outcomes: dict[Latent, np.ndarray]) -> Verdict:
    """What the outcomes of an answer in other worlds say of its condition `c`."""
    value, interval = float(figure_of(condition.figure, outcomes)[0]), interval_of(condition.figure, outcomes)
    stated = found.fresh[c].at_most if condition.sense > 0 else found.fresh[c].at_least
    surely = interval.at_least if condition.sense > 0 else -interval.at_most
    return Verdict(condition.text, stated, value, condition.sense * value > condition.sense * condition.bound,
                   surely > condition.sense * condition.bound)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=10_000, help="that judge")
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--horizon", type=int, default=3)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--confirm", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20120321)
    parser.add_argument("--most", type=int, default=100, help="questions of each family")
    parser.add_argument("--families", type=int, default=len(FAMILIES))
    asked = parser.parse_args()
    began, processor, regions = time.monotonic(), time.process_time(), load_regions()
    size = Scenario("verdicts", ("linyi",), horizon=asked.horizon, draws=asked.draws, people=asked.people, seed=asked.seed)
    count, verdicts = 0, list[Verdict]()
    for family in FAMILIES[:asked.families]:
        questions, answers = answered(family, size, asked.confirm, regions, asked.most)
        own = list(judged(answers, asked.worlds, regions)) if answers else []
        for verdict in own:
            judgement = " REFUTED" if verdict.refuted else " beyond" if verdict.beyond else ""
            print(f"  {family.region} {family.scheme} {verdict.asked}: 95% sure of {100 * verdict.stated:.2f}%, "
                  f"in {asked.worlds:,} worlds {100 * verdict.found:.2f}%{judgement}")
        print(f"{family.region} {family.scheme} {' '.join(family.levers)}: {len(answers)} of {questions} questions answered; "
              f"{time.process_time() - processor:.0f} s of processor", flush=True)
        count, verdicts = count + questions, verdicts + own
    beyond, refuted = sum(verdict.beyond for verdict in verdicts), sum(verdict.refuted for verdict in verdicts)
    print(f"{len(verdicts)} verdicts of {count} questions: {beyond} beyond their bound in {asked.worlds:,} fresh worlds, "
          f"{refuted} refuted; {time.monotonic() - began:.0f} s, {time.process_time() - processor:.0f} s of processor")
    return 0 if verdicts and refuted <= MOST_REFUTED * len(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
