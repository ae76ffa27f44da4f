"""Who is insured: the groups of a scheme's people, their head count in each year and draw, and what a policy moves in it.

A scheme has one group of people, its own; the merged residents' scheme (urrbmi) has two, who came from urbmi and nrcms.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from simulator.care.levers import CareLevers
from simulator.care.paths import Economy
from simulator.care.reforms import power
from simulator.engine.flows import nearest, total_of
from simulator.engine.local_economy import PeopleEconomy, care_levers, of_people
from simulator.engine.measures import Sample
from simulator.engine.prepare import SchemePeople, YearPeople, prepare
from simulator.engine.settings import Settings
from simulator.engine.worlds import roster_numbers
from simulator.fund.terms import FundTerms
from simulator.money import ONE
from simulator.parameters.merged import origins
from simulator.parameters.regions import Reader, Region
from simulator.parameters.reuse import of_each
from simulator.parameters.values import Value
from simulator.scenario import Scenario

ALL_PEOPLE_ROWS = 50_000       # rows of the roster whose replicas make up everybody (`people: all`)
MOST_JOINING = 1.5             # a premium response cannot lift the head count beyond this multiple
LEAST_PREMIUM_RATIO = 0.01     # a premium below this share of the baseline's counts as this share


class Group:
    """The people who came from one scheme, within the scheme that is simulated, on R rosters for D worlds.

    `people` are those whom rules and levels are worked out for, whichever worlds are asked for; `scheme` is the simulated
    scheme (urrbmi for people who came from urbmi); `replicas` says how often a roster is walked in a world; `roster` int64[D] is
    the place of each world's roster among `rosters`; `care` are the levers of the worlds (None: all have what is stated), and
    `settings` what moves the economy of their people (None: nothing does).
    """

    def __init__(self, people: SchemePeople, scheme: str, replicas: int, worlds: Sequence[int], rosters: Sequence[SchemePeople],
                 roster: np.ndarray, care: CareLevers | None = None, settings: Settings | None = None) -> None:
        self.settings = settings or Settings(people.region, people.seed, worlds, certain=True)
        self.people, self.scheme, self.replicas, self.worlds = people, scheme, replicas, np.asarray(worlds, dtype=np.int64)
        self.rosters, self.roster, self.care = tuple(rosters), roster, care
        self.roster_numbers = tuple(own.number for own in self.rosters)
        self.start_rows = [int(own.roster.present(own.first_year).sum()) for own in self.rosters]
        # The head count of the latest year relative to what births and deaths alone would leave, by roster.
        self.enrolment = [1.0] * len(self.rosters)
        self.enrolled = np.ones(len(worlds))       # the same of each world relative to that

    def year(self, year: int, national: Economy) -> GroupYear:
        """The group in `year`, in worlds with this economy; years must be asked for one after the other."""
        people = [own.year(year) for own in self.rosters]
        present = [own.present / start for own, start in zip(people, self.start_rows, strict=True)]
        self.enrolment = [enrolment_factor(own, year, share, before)
                          for own, share, before in zip(self.rosters, present, self.enrolment, strict=True)]
        heads = np.array([own.roster.participants * share * factor
                          for own, share, factor in zip(self.rosters, present, self.enrolment, strict=True)])
        grown = grows_in_members(self.people, year)
        self.enrolled = self.enrolled * self.settings.compound([grown]) if grown else np.ones(len(self.worlds))
        economy = of_people(national, self.settings, self.people.scheme, year, self.enrolled)
        return GroupYear(self, year, people, nearest(heads[self.roster] * economy.members), economy)


@dataclass(frozen=True)
class GroupYear:
    """One group in one year: its people as the kernel reads them, and the head count they stand for."""

    group: Group
    year: int
    people: list[YearPeople]       # on each roster
    members: np.ndarray            # int64[D]: the head count under the baseline's participation and premium
    economy: PeopleEconomy

    @property
    def price(self) -> float:
        """The mean bill relative to the first year's, which hangs on no roster."""
        return self.people[0].price

    @property
    def active(self) -> np.ndarray:
        """The share of active members in each world, float64[D]."""
        return np.array([people.active for people in self.people])[self.group.roster]

    def only(self, worlds: np.ndarray) -> GroupYear:
        """The same people in some worlds, by their places int64. The rosters stay those of all worlds, whose expected bills these
        have in common."""
        group = copy(self.group)
        group.worlds, group.roster = self.group.worlds[worlds], self.group.roster[worlds]
        group.care = None if self.group.care is None else self.group.care.only(worlds)
        return GroupYear(group, self.year, self.people, self.members[worlds],
                         PeopleEconomy(*(part[worlds] for part in self.economy)))

    def sample(self) -> Sample:
        """The people whose care each world's sums add up, at the worlds' incomes."""
        columns = (np.stack(column)[self.group.roster] for column in zip(*(people.sample[:-1] for people in self.people),
                                                                         strict=True))
        return Sample._make([*columns, self.economy.income]).walked(self.group.replicas)


def people_of(scenario: Scenario, region: Region, scheme: str, worlds: Sequence[int]) -> list[Group]:
    """The groups of a scheme's people. A merged scheme's rows are shared out by participants, so that all rows weigh alike."""
    parts = origins(scheme)
    participants = [int(region.value(f"population.{part}.participants", scenario.year).value) for part in parts]
    rows = scenario.people or ALL_PEOPLE_ROWS
    settings = Settings(region.of_settings, scenario.seed, worlds, not scenario.systematic, scenario.given)
    groups = []
    for part, persons in zip(parts, participants, strict=True):
        part_rows = max((2 * rows * persons + sum(participants)) // (2 * sum(participants)), 1)
        size = (scenario.year, scenario.horizon, part_rows, scenario.outpatient_share, scenario.seed)
        people = prepare(region, part, *size)
        replicas = scenario.replicas if scenario.people else -(-people.roster.participants // part_rows)
        numbers, roster = roster_numbers(worlds)
        rosters = [people if number == 0 else prepare(region, part, *size, number, people) for number in numbers]
        groups.append(Group(people, scheme, replicas, worlds, rosters, roster, care_levers(settings, part, scenario.year),
                            settings))
    return groups


def members_of(group_years: Sequence[GroupYear], enrolled: np.ndarray) -> np.ndarray:
    """The members of a scheme, int64[D, P], of whom `enrolled` float64[D, P] are there relative to the baseline."""
    return total_of(nearest(group_year.members[:, None] * enrolled) for group_year in group_years)


def enrolment_factor(people: SchemePeople, year: int, present: float, before: float) -> float:
    """The head count relative to what births and deaths alone would leave, `present` of the first year's rows.

    In the first year it is one. A head count published for `year` sets it; in other years last year's factor (`before`) grows
    by `enrolment_growth`.
    """
    grown = grows_in_members(people, year)
    if grown is not None:
        return before * (1.0 + float(grown.value) / 100.0)
    if year == people.first_year:
        return 1.0
    return float(people.reader.value(f"population.{people.scheme}.participants", year).value) / (
        people.roster.participants * present)


def grows_in_members(people: SchemePeople, year: int) -> Value | None:
    """The rate by which a scheme's members grow in a year beside births and deaths; None in the first year, and in one whose head
    count is published."""
    read, scheme = people.reader.value, people.scheme
    if year == people.first_year or read(f"population.{scheme}.participants", year).from_.year == year:
        return None
    return read(f"population.{scheme}.enrolment_growth", year)


def enrolment_response(terms: Sequence[FundTerms], premium_step: np.ndarray, readers: Sequence[Reader], scheme: str,
                       year: int) -> tuple[np.ndarray, np.ndarray]:
    """Members, and what they claim in all, under each policy relative to the baseline (policy 0), float64[D, P] each.

    Members move with the participation rate, and with (premium / baseline premium)^elasticity; those who leave or join claim
    `leaver_use` of the mean. Those who entered from state enterprises come on top of them, and claim `enterprise_use` of it.
    `premium_step` int64[D, P] is the rise of the premium in force, in 1/10,000.
    """
    def number(region: Reader, name: str) -> float:
        return float(region.value(f"demand.{scheme}.{name}", year).value)

    def participation(region: Reader) -> float:
        stated = region.value(f"population.{scheme}.participation_rate", year, required=False)
        return 1.0 if stated is None else float(stated.value)

    members = np.ones(premium_step.shape)
    rates = of_each(readers, participation)
    elasticities = of_each(readers, lambda region: number(region, "premium_elasticity"))
    leaver_use = np.array(of_each(readers, lambda region: number(region, "leaver_use")))
    members *= np.array(rates) / rates[0]
    baseline_premium = terms[0].premium
    for p, (policy_terms, elasticity) in enumerate(zip(terms, elasticities, strict=True)):
        if elasticity != 0.0 and baseline_premium > 0:
            steps, which = np.unique(premium_step[:, p], return_inverse=True)
            ratios = [policy_terms.premium * (ONE + step) / (baseline_premium * ONE) for step in steps.tolist()]
            moved = [min(power(max(ratio, LEAST_PREMIUM_RATIO), elasticity), MOST_JOINING) for ratio in ratios]
            members[:, p] *= np.array(moved)[which.reshape(-1)]
    claims = np.maximum(1.0 + (members - 1.0) * leaver_use / 100.0, 0.0)
    entered = np.array([one.entrant_share for one in terms]) / ONE
    if entered.any():
        use = np.array(of_each(readers, lambda region: _entrants_use(region, scheme, year)))
        more = members * (entered / (1.0 - entered))
        members, claims = members + more, claims + more * use
    return members, claims


def _entrants_use(region: Reader, scheme: str, year: int) -> float:
    """The claims of those who entered from state enterprises relative to the mean member's."""
    stated = region.value(f"funding.{scheme}.enterprise_use", year, required=False)
    return 1.0 if stated is None else float(stated.value) / 100.0
