"""Who is insured: the groups of a scheme's people, their head count in each year and draw, and what a policy moves in it.

A scheme has one group of people, its own; the merged residents' scheme (urrbmi) has two, who came from urbmi and nrcms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.care.paths import Economy
from simulator.care.reforms import power
from simulator.fund.terms import FundTerms
from simulator.money import ONE
from simulator.parameters.regions import Reader, Region
from simulator.run.flows import nearest
from simulator.run.merger import merger_terms, origins
from simulator.run.prepare import SchemePeople, YearPeople, prepare
from simulator.scenario import Scenario

ALL_PEOPLE_ROWS = 50_000       # rows of the roster whose replicas make up everybody (`people: all`)
MOST_JOINING = 1.5             # a premium response cannot lift the head count beyond this multiple
LEAST_PREMIUM_RATIO = 0.01     # a premium below this share of the baseline's counts as this share


@dataclass
class Group:
    """The people who came from one scheme, within the scheme that is simulated."""

    people: SchemePeople
    scheme: str                    # the simulated scheme: urrbmi for people who came from urbmi
    replicas: int                  # how often the roster is walked in a draw
    start_rows: int                # rows present in the first year
    enrolment: float = 1.0         # head count of the latest year relative to what births and deaths alone would leave

    def year(self, year: int, economy: Economy) -> GroupYear:
        """The group in `year`; years must be asked for one after the other."""
        year_people = self.people.year(year)
        present = year_people.present / self.start_rows
        self.enrolment = enrolment_factor(self.people, year, present, self.enrolment)
        members = nearest(self.people.roster.participants * present * self.enrolment * economy.enrolment)
        return GroupYear(self, year, year_people, members)


@dataclass(frozen=True)
class GroupYear:
    """One group in one year: its people as the kernel reads them, and the head count they stand for."""

    group: Group
    year: int
    people: YearPeople
    members: np.ndarray            # int64[D]: the head count under the baseline's participation and premium


def people_of(scenario: Scenario, region: Region, scheme: str) -> list[Group]:
    """The groups of a scheme's people. A merged scheme's rows are shared out by participants, so that all rows weigh alike."""
    parts = origins(scheme)
    if len(parts) > 1:
        merger_terms(region.value, region.name, scenario.year)
    participants = [int(region.value(f"population.{part}.participants", scenario.year).value) for part in parts]
    rows = scenario.people or ALL_PEOPLE_ROWS
    groups = []
    for part, persons in zip(parts, participants, strict=True):
        part_rows = max((2 * rows * persons + sum(participants)) // (2 * sum(participants)), 1)
        people = prepare(region, part, scenario.year, scenario.horizon, part_rows, scenario.outpatient_share, scenario.seed)
        replicas = scenario.replicas if scenario.people else -(-people.roster.participants // part_rows)
        groups.append(Group(people, scheme, replicas, int(people.roster.present(scenario.year).sum())))
    return groups


def enrolment_factor(people: SchemePeople, year: int, present: float, before: float) -> float:
    """The head count relative to what births and deaths alone would leave, `present` of the first year's rows.

    In the first year it is one. A head count published for `year` sets it; in other years last year's factor (`before`) grows
    by `enrolment_growth`.
    """
    read, scheme = people.reader.value, people.scheme
    stated = read(f"population.{scheme}.participants", year)
    if year == people.first_year:
        return 1.0
    if stated.from_.year == year:
        return float(stated.value) / (people.roster.participants * present)
    return before * (1.0 + float(read(f"population.{scheme}.enrolment_growth", year).value) / 100.0)


def enrolment_response(terms: Sequence[FundTerms], premium_step: np.ndarray, readers: Sequence[Reader], scheme: str,
                       year: int) -> tuple[np.ndarray, np.ndarray]:
    """Members, and what they claim in all, under each policy relative to the baseline (policy 0), float64[D, P] each.

    Members move with the participation rate, and with (premium / baseline premium)^elasticity; those who leave or join claim
    `leaver_use` of the mean. `premium_step` int64[D, P] is the rise of the premium in force, in 1/10,000.
    """
    def number(reader: Reader, path: str) -> float:
        return float(reader.value(path, year).value)

    def participation(reader: Reader) -> float:
        stated = reader.value(f"population.{scheme}.participation_rate", year, required=False)
        return 1.0 if stated is None else float(stated.value)

    members, claims = np.ones(premium_step.shape), np.ones(premium_step.shape)
    baseline, baseline_premium = participation(readers[0]), terms[0].premium
    for p, (policy_terms, reader) in enumerate(zip(terms, readers, strict=True)):
        elasticity = number(reader, f"demand.{scheme}.premium_elasticity")
        members[:, p] = participation(reader) / baseline
        if elasticity != 0.0 and baseline_premium > 0:
            for d in range(len(members)):
                ratio = policy_terms.premium * (ONE + int(premium_step[d, p])) / (baseline_premium * ONE)
                members[d, p] *= min(power(max(ratio, LEAST_PREMIUM_RATIO), elasticity), MOST_JOINING)
        claims[:, p] = np.maximum(1.0 + (members[:, p] - 1.0) * number(reader, f"demand.{scheme}.leaver_use") / 100.0, 0.0)
    return members, claims
