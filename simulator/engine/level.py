"""The level of an inpatient schedule: the factor k on the patient's share of r' = 1 - k (1 - r), and the evidence it rests on.

A schedule of status law or statistic is paid as written: k is 1. The schedule of a place whose own is not known is an estimate
or an assumption, and k is solved so that in the year of a published outcome the simulated in-scope inpatient ratio is that
outcome; a target of a plan is no outcome. Without an outcome k is not known and is taken as 1. So a level belongs to a region's
schedule: it hangs on no scenario, number of people or seed, and is the same wherever bills are settled.

Only where a policy asks for it is k another one: `own` leaves the ratio where it was before the policy's changes, and `target`
asks what would be if the plan's target were met.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np

from simulator.care.conduct import neutral_variant, stack
from simulator.care.walk import PRICE, RATE, DrawTask, rows_of
from simulator.compiling.arrays import cached_array
from simulator.engine.prepare import SchemePeople, prepare
from simulator.engine.world_sums import Readings, none_shared
from simulator.kernel.draw import YearInputs
from simulator.kernel.programs import policies_of, run_draw
from simulator.kernel.rows import PolicyRows
from simulator.kernel.sums import empty_sums
from simulator.parameters.beside import AS_WRITTEN
from simulator.parameters.catalogue import ILLNESSES, MERGED, ORIGINS
from simulator.parameters.effective import effective, in_words
from simulator.parameters.errors import InputError
from simulator.parameters.plans import at_level, region_plan
from simulator.parameters.regions import Reader, Region
from simulator.parameters.rules_in_force import file_of, states_admissions
from simulator.parameters.values import START_OF_TIME, Layer, Value
from simulator.plan import TERMS, Plan, pack
from simulator.tables import Paid, Summed
from simulator.words import LEVEL_MISSED

SOLVE_DRAW = 0xFFFFFFFE             # the draw number of the random bits; no simulated draw has it
PERSON_YEARS = 600_000              # simulated at least
PEOPLE_ROWS, PEOPLE_SHARE, PEOPLE_SEED = 10_000, (1, 8), 20120321        # of the people whom every level is solved on
HIGHEST_K = Decimal(4)
WRITTEN, OUTCOME, UNKNOWN, TARGET, UNMOVED = BASES = ("written", "outcome", "unknown", "target", "same")


@dataclass(frozen=True)
class Level:
    """The factor k on the written patient's share of one scheme's schedule from a year on, the factor `over` on what is then
    left to patients, where a policy has asked for it, and what they rest on.

    `basis` is one of BASES: paid as written; solved to an outcome; not known, taken as 1; solved to a plan's target; solved so
    that a policy leaves the ratio the same. `status` and `source` are those of the outcome or target, else of the schedule;
    `stated_by` is the region that states it. `solved_in` is the year whose people and schedule k was solved on. Ratios are in
    percent.
    """

    region: str
    scheme: str
    year: int                       # from which it holds
    k: Decimal
    basis: str
    status: str
    source: str
    stated_by: str
    goal: Decimal | None = None     # the ratio k was solved to
    spread: Decimal | None = None   # the goal's relative standard error in percent
    solved_in: int | None = None
    reached: float | None = None    # the in-scope ratio at k
    unsolved: float | None = None   # the in-scope ratio at k = 1
    over: Decimal = Decimal(1)      # on the patient's share that k and a policy's changes leave
    policy: str = ""                # that asked for it; none: the region's own
    written: Mapping[str, list[str]] = field(default_factory=dict)       # ratios by tier and band in percent, as stated
    paid: Mapping[str, list[str]] = field(default_factory=dict)          # the same at k

    @property
    def met(self) -> bool:
        """Whether the goal, if there is one, is reached within half a point."""
        return self.goal is None or self.reached is not None and abs(self.reached - float(self.goal)) <= LEVEL_MISSED

    def as_dict(self) -> dict:
        """Plain data for manifests and for simulator.words.level_said."""
        return {"region": self.region, "scheme": self.scheme, "year": self.year, "k": str(self.k * self.over),
                "basis": self.basis, "status": self.status, "source": self.source, "stated_by": self.stated_by,
                "goal": None if self.goal is None else str(self.goal), "solved_in": self.solved_in,
                "spread": None if self.spread is None else str(self.spread),
                **{name: None if found is None else round(found, 3)
                   for name, found in (("reached", self.reached), ("unsolved", self.unsolved))}, "policy": self.policy,
                "written": dict(self.written), "paid": dict(self.paid)}

    def on(self, schedule: Value) -> Level:
        """The level with the schedule's ratios as they are written and paid."""
        paid = {tier: [100 - self.over * (100 - percent) for percent in bands]
                for tier, bands in effective(schedule, self.k).items()}
        return replace(self, written=in_words(schedule.value), paid=in_words(paid))


def level_of(region: Region | Reader, scheme: str, year: int) -> Level:
    """The level of a scheme's schedule in a year, by the evidence there is: the outcome of the latest year not after it.

    k is solved in the outcome's year, or where no people can be prepared for it in the first year after it for which they can.
    InputError where the region has no schedule.
    """
    place = region.region if isinstance(region, Reader) else region
    asked = place.name, tuple(map(id, place.layers)), scheme, year, place.day_of(year)
    if asked not in _known:
        if len(_known) >= LEVELS_KEPT:
            _known.clear()
        found = _level_of(place, scheme, year)
        own = file_of(place.value, scheme, year)
        in_place = own is not None and states_admissions(own)
        _known[asked] = place.layers, found if in_place else found.on(place.value(f"inpatient.{scheme}.ratio", year))
    return _known[asked][1]


LEVELS_KEPT = 1_000
_known: dict[tuple, tuple[tuple[Layer, ...], Level]] = {}     # with the layers, so that no other has the identity of one of them


def _level_of(place: Region, scheme: str, year: int) -> Level:
    schedule = place.value(f"inpatient.{scheme}.ratio", year)
    outcome = place.value(f"inpatient.{scheme}.outcome_ratio", year, required=False)
    one = Level(place.name, scheme, year, Decimal(1), UNKNOWN, schedule.status, schedule.source, schedule.region)
    own = file_of(place.value, scheme, year)
    if own is not None and states_admissions(own):
        return replace(one, basis=WRITTEN, status=own.status, source=own.source, stated_by=own.region)
    solve_it = place.value(f"inpatient.{scheme}.solve_level", year, required=False)
    if schedule.status in AS_WRITTEN or solve_it is not None and not solve_it.value:
        return replace(one, basis=WRITTEN)
    if outcome is None:
        return one
    first = year if outcome.from_ == START_OF_TIME else outcome.from_.year          # a scenario's, for which no year is stated
    for solved_in in range(first, year + 1):
        ruled = place.value(f"inpatient.{scheme}.ratio", solved_in, required=False)
        people = ruled and people_for(place, scheme, solved_in)
        if not ruled or not people:
            continue
        if ruled.status in AS_WRITTEN:             # the outcome is one of another schedule
            return one
        return solved_to(outcome, OUTCOME, people, place, scheme, solved_in, year)
    return one


def people_for(region: Region, scheme: str, year: int) -> SchemePeople | None:
    """The people whom a level is solved on; None where the region cannot say who they are in that year. Those of the merged
    scheme are the people of nrcms, the larger of its two groups."""
    asked = region.name, tuple(map(id, region.layers)), scheme, year
    if asked not in _people_known:
        if len(_people_known) >= PEOPLE_KEPT:
            _people_known.clear()
        try:
            people = prepare(region, ORIGINS[-1] if scheme == MERGED else scheme, year, 1, PEOPLE_ROWS, PEOPLE_SHARE, PEOPLE_SEED)
        except InputError:
            return None
        _people_known[asked] = region.layers, people
    return _people_known[asked][1]


PEOPLE_KEPT = 20
_people_known: dict[tuple, tuple[tuple[Layer, ...], SchemePeople]] = {}      # with the layers, as in `_known`


def solved_to(goal: Value, basis: str, people: SchemePeople, region: Region | Reader, scheme: str, solved_in: int,
              year: int, under: Decimal | None = None) -> Level:
    """The level that brings the schedule of `region` to a ratio among these people in `solved_in`, and holds from `year` on."""
    k, reached, unsolved = solve(people, region, scheme, solved_in, float(goal.value), under)
    level, over = (k, Decimal(1)) if under is None else (under, k)
    return Level(region.name, scheme, year, level, basis, goal.status, goal.source, goal.region, goal.value, goal.spread,
                 solved_in, reached, unsolved, over)


def solve(people: SchemePeople, region: Region | Reader, scheme: str, year: int, wanted: float,
          under: Decimal | None = None) -> tuple[Decimal, float, float]:
    """k by two rounds of interpolation, for the ratio falls as k rises, and the ratios at k and at 1; k is limited to [0, 4].

    With a k of the written schedule (`under`) it is the factor over it that is solved.
    """
    plan = region_plan(region, scheme, year)

    def paid(levels: list[Decimal]) -> np.ndarray:
        return ratios_under(people, at_levels(plan, region, scheme, year, levels, under), year)[0]

    grid = [Decimal(k) / 4 for k in (0, 2, 4, 6, 8, 16)]
    ratios = paid(grid)
    unsolved = float(ratios[2])
    k = _crossing(grid, ratios, wanted)
    grid = [min(max(k + Decimal(step) / 50, Decimal(0)), HIGHEST_K) for step in (-2, -1, 0, 1, 2)]
    k = _crossing(grid, paid(grid), wanted)
    return k, float(paid([k])[0]), unsolved


def in_scope_ratios(people: SchemePeople, region: Region | Reader, scheme: str, year: int, levels: list[Decimal],
                    under: Decimal | None = None) -> np.ndarray:
    """The in-scope inpatient ratio in percent at each level k, or at each factor over the level `under`, float64."""
    return inpatient_ratios(people, region, scheme, year, levels, under)[0]


def inpatient_ratios(people: SchemePeople, region: Region | Reader, scheme: str, year: int, levels: list[Decimal],
                     under: Decimal | None = None) -> np.ndarray:
    """What the scheme pays of the in-scope expense of inpatients and of their whole bills, in percent at each level,
    float64[2, L].

    The year's people and prices are at central values, and the rules are those of `scheme` without case or per-diem prices.
    """
    return ratios_under(people, at_levels(region_plan(region, scheme, year), region, scheme, year, levels, under), year)


def at_levels(plan: Plan, region: Region | Reader, scheme: str, year: int, levels: list[Decimal],
              under: Decimal | None = None) -> list[Plan]:
    """A region's plan at each level k, or at each factor over the level `under`."""
    return [at_level(plan, region, scheme, year, *((level,) if under is None else (under, level))) for level in levels]


def ratios_under(people: SchemePeople, plans: list[Plan], year: int, rows: PolicyRows | None = None) -> np.ndarray:
    """The same under each of some plans, float64[2, P]; `rows` are those of plans with local tiers."""
    ready = people.year(year)
    replicas = max(-(-PERSON_YEARS // max(ready.present, 1)), 1)
    terms = pack([plan._replace(payment_counties=0) for plan in plans])
    streams = ready.streams._replace(visits=rows_of(np.zeros(1, dtype=np.int64)))
    price = int(ready.price * PRICE + 0.5)
    conduct = stack([neutral_variant(people.tables, len(ILLNESSES))] * len(plans), people.tables)

    def settled() -> np.ndarray:
        sums, alone = empty_sums(len(plans)), none_shared(len(plans))
        readings = Readings(sums, False)
        run_draw(YearInputs(streams, people.tables, ready.people),
                 policies_of(terms, alone.rows.part, conduct, rows),
                 DrawTask(SOLVE_DRAW, 0, replicas, year, price, price, RATE, RATE, 65536, False), sums)
        return (readings.note(alone, conduct.variant) + readings.rest())[0].month

    if getattr(_here, "ready", None) is not ready:                  # the same people, once for all levels that are tried on them
        _here.ready, _here.print = ready, _fingerprint(streams, people.tables, ready.people)
    key = _fingerprint(np.frombuffer(bytes.fromhex(_here.print), np.uint8), terms, conduct, SOLVE_DRAW, replicas, year, price)
    inpatient = cached_array(("levels", key), settled).sum(axis=2)[:, :2].sum(axis=1)
    paid = (inpatient[:, Paid.BASIC] + inpatient[:, Paid.LISTED]) * 100.0
    return np.stack([paid / np.maximum(inpatient[:, column], 1) for column in (Summed.ELIGIBLE, Summed.BILLED)])


_here = threading.local()


def _fingerprint(*parts: object) -> str:
    """The SHA-256 of arrays and numbers, also of those within tuples, with their types and shapes."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, tuple):
            digest.update(_fingerprint(*part).encode())
        else:
            array = np.ascontiguousarray(part)
            digest.update(f"{array.dtype} {array.shape} ".encode())
            digest.update(array.data)
    return digest.hexdigest()


def _crossing(grid: list[Decimal], ratios: np.ndarray, wanted: float) -> Decimal:
    """The k at which a falling curve passes `wanted`, to a millionth, or the end of the grid where it does not pass it."""
    for a in range(len(grid) - 1):
        high, low = ratios[a], ratios[a + 1]
        if high >= wanted >= low and high > low:
            part = Decimal((high - wanted) / (high - low))
            return (grid[a] + (grid[a + 1] - grid[a]) * part).quantize(Decimal("0.000001"))
    return grid[0] if wanted > ratios[0] else grid[-1]


class LevelBook:
    """The level of each year. It is worked out anew only where one of the watched parameters has another value in `regions`."""

    def __init__(self, scheme: str, regions: tuple[Region | Reader, ...], watched: tuple[str, ...],
                 work: Callable[[int], Level]) -> None:
        self._asked = [(region, path.format(scheme=scheme)) for region in regions for path in watched]
        self._work = work
        self._by_terms: dict[tuple, Level] = {}
        self._of_year: dict[int, Level] = {}

    def level(self, year: int) -> Level:
        """The level in force in `year`."""
        if year not in self._of_year:
            terms = tuple((v.region, v.from_) if (v := region.value(path, year, required=False)) else None
                          for region, path in self._asked)
            if terms not in self._by_terms:
                self._by_terms[terms] = self._work(year)
            self._of_year[year] = self._by_terms[terms]
        return self._of_year[year]

    def levels(self) -> list[Level]:
        """Every level so far, in order of years."""
        return sorted(self._by_terms.values(), key=lambda level: level.year)


EVIDENCE_PATHS = ("inpatient.{scheme}.ratio", "inpatient.{scheme}.outcome_ratio", "inpatient.{scheme}.solve_level",
                  "plans.{scheme}.file")
# Every parameter of the terms that a solved level depends on.
SCHEDULE_PATHS = tuple(path for term in TERMS.values() if term.level for path in (term.path, *term.also))


def book_of_evidence(region: Region | Reader, scheme: str, policy: str = "") -> LevelBook:
    """The region's own levels, or those by the evidence that a policy states."""
    return LevelBook(scheme, (region,), EVIDENCE_PATHS, lambda year: replace(level_of(region, scheme, year), policy=policy))


def book_to_target(place: Region, ruled: Region | Reader, scheme: str, evidence: LevelBook, policy: str) -> LevelBook:
    """The levels at which the rules of `ruled` meet the plan's target among the people of `place`; where no plan states a target,
    the levels by the evidence."""
    def met(year: int) -> Level:
        target = ruled.value(f"inpatient.{scheme}.target_ratio", year, required=False)
        if target is None:
            return replace(evidence.level(year), year=year, policy=policy)
        found = solved_to(target, TARGET, _people(place, scheme, year), ruled, scheme, year, year, evidence.level(year).k)
        return replace(found, policy=policy).on(ruled.value(f"inpatient.{scheme}.ratio", year))

    return LevelBook(scheme, (ruled,), ("inpatient.{scheme}.target_ratio", *EVIDENCE_PATHS, *SCHEDULE_PATHS), met)


def book_of_same(place: Region, before: Region | Reader, ruled: Region | Reader, scheme: str, evidence: LevelBook,
                 policy: str) -> LevelBook:
    """The levels at which the rules of `ruled` pay the share that those of `before` pay among the people of `place`."""
    def same(year: int) -> Level:
        known = evidence.level(year)
        if all(ruled.value(path, year, required=False) == before.value(path, year, required=False)
               for path in (path.format(scheme=scheme) for path in SCHEDULE_PATHS)):
            return replace(known, year=year, policy=policy)
        people = _people(place, scheme, year)
        wanted = float(in_scope_ratios(people, before, scheme, year, [known.k])[0])
        over, reached, unsolved = solve(people, ruled, scheme, year, wanted, known.k)
        found = replace(known, year=year, over=over, basis=UNMOVED, goal=Decimal(f"{wanted:.6f}"), spread=None, solved_in=year,
                        reached=reached, unsolved=unsolved, policy=policy)
        return found.on(ruled.value(f"inpatient.{scheme}.ratio", year))

    return LevelBook(scheme, (ruled, before), (*EVIDENCE_PATHS, *SCHEDULE_PATHS), same)


def _people(place: Region, scheme: str, year: int) -> SchemePeople:
    people = people_for(place, scheme, year)
    if people is None:
        raise InputError(f"level: {place.name} does not say who is insured in {scheme}, so no level can be solved in", value=year,
                         expected="level: region or none")
    return people
