"""Whether a region's operating values keep to the floors and targets of the planning documents.

Every statement in force in the region, its ancestors' too, is held against the operating value that
`STATEMENTS[name].meets` names. Floors accumulate down the tree: where several clauses speak of one
value, each is tested, and the note names the strictest, which binds.

- `at_least` and `at_most` as they say; `about` asks to reach the figure (达到…左右): 2% less of an amount
  counts as reached, and more does too.
- An in-scope ratio within half a point of its figure counts as reached, as where its level is solved (simulator/engine/level.py).
- `exactly` asks for equality, save in the subsidy and the counts of listed illnesses: a region that gives more keeps to them.
- Where the residents' schemes are merged, the clauses on URBMI and NRCMS are held against URRBMI, unless a
  clause on URRBMI itself says the same thing at another figure.
- A clause that gives a direction or a principle and no number is recorded, not tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from simulator.money import UNLIMITED
from simulator.parameters.catalogue import ILLNESSES, MERGED, ORIGINS
from simulator.parameters.plans import MULTIPLES, annual_cap, series_value
from simulator.parameters.regions import Region
from simulator.parameters.schema import LAW_SECTIONS
from simulator.parameters.show import RULE_SIGNS
from simulator.parameters.statements import STATEMENTS
from simulator.parameters.values import StatementValue, Value

if TYPE_CHECKING:
    from simulator.engine.level import Level

MET, NOT_MET, STRICTER, NOT_APPLICABLE = "met", "not met", "stricter floor holds", "not applicable"
NO_PARAMETER, RECORDED = "no operating parameter", "recorded"
VERDICTS = {MET: "达到", NOT_MET: "未达到", STRICTER: "另有更严要求", NOT_APPLICABLE: "不适用",
            NO_PARAMETER: "无对应参数", RECORDED: "仅记录"}     # in order of printing, with the Chinese word

RATIO_TOLERANCE = Decimal("0.5")             # percentage points, in-scope ratios
AMOUNT_TOLERANCE = Decimal("0.02")           # of the figure, under `about`
EQUAL_OR_MORE = ("government_subsidy_per_head", "listed_illnesses_full", "listed_illnesses_pilot")
CUMULATIVE_BASE = {"cumulative_surplus_months": "months_of_expenditure",
                   "cumulative_surplus_share_of_funding": "share_of_funding",
                   "cumulative_surplus_share_of_pooled_fund": "share_of_pooled_fund"}
FIRST_EIGHT = ILLNESSES[:8]                  # the illnesses covered everywhere, by the catalogue's order
UNLIMITED_YUAN = Decimal("Infinity")
ROSTER_ROWS = 20_000                                # people behind a solved in-scope ratio


@dataclass(frozen=True)
class Verdict:
    """One statement and the operating value held against it.

    `scheme` is the scheme whose value is tested; `path` (`law.nrcms.annual_cap_minimum`) is the statement's own.
    `floor` in `unit`: a multiple of an income is given as the amount in yuan it comes to. `floor_region` states
    it; `clause` and `quote` are its source and words. `value` is None where there is none, or no limit.
    """

    region: str
    year: int
    scheme: str
    path: str
    rule: str
    floor: Decimal
    unit: str
    floor_region: str
    value: Decimal | None
    verdict: str
    clause: str
    quote: str
    note: str

    @property
    def name(self) -> str:
        """The statement's name in STATEMENTS."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class _Clause:
    """A statement as it is tested: on which scheme, at which amount, and how that amount was found."""

    said: StatementValue
    scheme: str
    floor: Decimal
    unit: str
    arithmetic: str = ""

    @property
    def carried(self) -> bool:
        """Whether it speaks of a scheme that has been merged into the one tested."""
        return self.scheme != self.said.scheme

    @property
    def tests(self) -> tuple[str, str, str, bool]:
        """Which operating value, on which base and from which side: clauses that agree in this are rivals."""
        base = CUMULATIVE_BASE.get(self.said.name, "")
        return self.scheme, STATEMENTS[self.said.name].meets, base, self.said.rule == "at_most"

    def stricter_than(self, other: _Clause) -> bool:
        return self.floor < other.floor if self.said.rule == "at_most" else self.floor > other.floor


@dataclass(frozen=True)
class _Reading:
    """An operating value; `value` None: there is none. `origin` tells a shortfall's reason, `remark` stands in every note."""

    value: Decimal | None
    origin: str = ""
    remark: str = ""
    applies: bool = True


def check_floors(region: Region, year: int, levels: Mapping[str, Level] | None = None) -> list[Verdict]:
    """A verdict on every statement in force in `region` in `year`, by scheme, then by statement, the root's first.

    `levels`: scheme -> its solved level in `year`; None: they are solved here, once for each scheme
    with a statement on its in-scope ratio (about half a second each). InputError where a parameter
    that the people or the plan of such a scheme need is missing.
    """
    merged = region.value(f"population.{MERGED}.participants", year, required=False) is not None
    clauses = [_clause(region, said, year, merged) for said in region.statements(year)]
    names = list(STATEMENTS)
    clauses.sort(key=lambda c: (LAW_SECTIONS.index(c.scheme), names.index(c.said.name), LAW_SECTIONS.index(c.said.scheme)))
    if levels is None:
        levels = solved_levels(region, year, [c.scheme for c in clauses if STATEMENTS[c.said.name].meets == "in_scope_ratio"])
    return [_judge(region, year, clause, clauses, levels) for clause in clauses]


def solved_levels(region: Region, year: int, schemes: Iterable[str]) -> dict[str, Level]:
    """The solved level of each scheme that has people in `region` in `year`."""
    from simulator.engine.level import solve_level  # heavy: brings the compiled kernel
    from simulator.engine.prepare import prepare
    from simulator.scenario import Scenario

    present = [scheme for scheme in dict.fromkeys(schemes)
               if region.value(f"population.{scheme}.participants", year, required=False) is not None]
    return {scheme: solve_level(prepare(region, scheme, year, 1, ROSTER_ROWS, Scenario.outpatient_share, Scenario.seed), year)
            for scheme in present}


def counts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How many of each verdict, in the order of VERDICTS, zeros included."""
    found = [verdict.verdict for verdict in verdicts]
    return {word: found.count(word) for word in VERDICTS}


def rows(verdicts: Iterable[Verdict], lang: str = "en") -> list[dict[str, str]]:
    """Text for printing: region, scheme, statement, floor, unit, value, verdict, clause, note; `lang` en or zh."""
    return [{"region": v.region, "scheme": v.scheme, "statement": getattr(STATEMENTS[v.name], lang),
             "floor": f"{RULE_SIGNS[v.rule]} {_text(v.floor)}", "unit": v.unit,
             "value": "" if v.value is None else _text(v.value),
             "verdict": VERDICTS[v.verdict] if lang == "zh" else v.verdict, "clause": v.clause, "note": v.note}
            for v in verdicts]


# --- the clauses ----------------------------------------------------------------------------------


def _clause(region: Region, said: StatementValue, year: int, merged: bool) -> _Clause:
    meets = STATEMENTS[said.name].meets
    scheme = MERGED if merged and meets and said.scheme in ORIGINS else said.scheme
    if said.name not in MULTIPLES:
        return _Clause(said, scheme, said.value, said.unit)
    series = MULTIPLES[said.name]
    if region.value(series, year - 1, required=False) is None:
        return _Clause(said, scheme, said.value, said.unit)
    income = series_value(region.value, series, year - 1)
    return _Clause(said, scheme, said.value * income, "CNY/person/year",
                   f"{_text(said.value)} x {_text(income)}, {series} of {year - 1}")


def _displaced(clause: _Clause, clauses: list[_Clause]) -> _Clause | None:
    """What the merged scheme has of its own instead of a carried clause that asks for more."""
    return next((c for c in clauses if clause.carried and not c.carried and c.said.name == clause.said.name
                 and c.tests == clause.tests and clause.stricter_than(c)), None)


def _judge(region: Region, year: int, clause: _Clause, clauses: list[_Clause], levels: Mapping[str, Level]) -> Verdict:
    said = clause.said

    def verdict(word: str, *parts: str, value: Decimal | None = None) -> Verdict:
        note = _note(*parts, f"stated for {said.scheme}, which is merged into {MERGED}" if clause.carried else "",
                     clause.arithmetic, said.note)
        return Verdict(region.name, year, clause.scheme, said.path, said.rule, clause.floor, clause.unit, said.region,
                       None if value == UNLIMITED_YUAN else value, word, said.source, said.text, note)

    if not STATEMENTS[said.name].meets:
        return verdict(*_untested(region, year, said))
    if own := _displaced(clause, clauses):
        return verdict(NOT_APPLICABLE, f"{own.said.region} says {_figure(own)} of the merged scheme ({own.said.source})")
    if said.name in MULTIPLES and not clause.arithmetic:
        return verdict(NO_PARAMETER, f"{MULTIPLES[said.name]} has no value in {year - 1}")
    reading = _reading(region, year, clause, levels)
    if reading.value is None:
        return verdict(NO_PARAMETER if reading.applies else NOT_APPLICABLE, reading.remark)
    passed, compared = _compare(said.rule, said.name, reading.value, clause.floor)
    if not passed:
        return verdict(NOT_MET, f"{compared}: {reading.origin or reading.remark}", reading.origin and reading.remark,
                       value=reading.value)
    rivals = [c for c in clauses if c is not clause and c.tests == clause.tests and not _displaced(c, clauses)]
    above = [c for c in rivals if c.stricter_than(clause)]
    if not above:
        binding = "binding: no clause on this value is stricter" if rivals else ""
        return verdict(MET, compared, binding, reading.remark, value=reading.value)
    strictest = max(above, key=lambda c: sum(c.stricter_than(other) for other in above))
    binding = f"binding: {strictest.said.region} {_figure(strictest)} ({strictest.said.source})"
    return verdict(STRICTER, binding, reading.remark, value=reading.value)


def _untested(region: Region, year: int, said: StatementValue) -> tuple[str, str]:
    """A statement without a parameter: recorded where it has no number of its own, else there is nothing to hold against it."""
    if said.value != 0 or said.rule == "exactly":
        return NO_PARAMETER, "nothing in the simulation is held against it"
    if said.name == "annual_surplus_balance":
        limit = region.value(f"control.{said.scheme}.annual_limit", year, required=False)
        return RECORDED, _note("a principle", f"the annual limit is {_text(limit.value)}% ({_origin(limit)})" if limit else "")
    return RECORDED, ""


def _compare(rule: str, name: str, value: Decimal, floor: Decimal) -> tuple[bool, str]:
    """Whether the value keeps to the floor, and a remark where that does not go without saying."""
    reached = STATEMENTS[name].meets == "in_scope_ratio"
    slack = RATIO_TOLERANCE if reached else floor * AMOUNT_TOLERANCE if rule == "about" else Decimal(0)
    if rule == "at_most":
        return value <= floor, "" if value <= floor else f"{_text(value)} is above {_text(floor)}"
    if rule == "exactly" and name not in EQUAL_OR_MORE:
        return value == floor, "" if value == floor else f"{_text(value)} is not {_text(floor)}"
    if value < floor - slack:
        return False, f"{_text(value)} is below {_text(floor)}" + (f" by more than {_text(slack)}" if slack else "")
    if rule in ("about", "exactly") and value > floor + slack:
        return True, f"more than the {_text(floor)} stated: the clause asks to reach it"
    return True, f"within {_text(slack)} of {_text(floor)}" if value < floor else ""


# --- the operating values -------------------------------------------------------------------------


def _reading(region: Region, year: int, clause: _Clause, levels: Mapping[str, Level]) -> _Reading:
    """The operating value that a clause is held against."""
    meets = STATEMENTS[clause.said.name].meets
    if meets == "annual_cap":
        return _cap(region, year, clause.scheme)
    if meets == "in_scope_ratio":
        return _in_scope(levels.get(clause.scheme))
    if meets == "total_funding":
        return _total_funding(region, year, clause.scheme)
    if meets in ("listed_count_full", "listed_count_pilot"):
        return _listed(region, year, clause.scheme, meets)
    if meets == "assistance.inpatient_ratio":
        return _assistance_ratio(region, year)
    path = meets.format(scheme=clause.scheme)
    found = region.value(path, year, required=False)
    if found is None:
        return _Reading(None, remark=f"{region.name} has no value of {path} in {year}")
    if clause.said.name in CUMULATIVE_BASE:
        return _cumulative(region, year, clause, found)
    if path.endswith(".annual_limit"):
        tolerance = region.value(f"control.{clause.scheme}.annual_tolerance", year, required=False)
        room = tolerance.value if tolerance else Decimal(0)     # the fund is in breach above limit + tolerance only
        remark = f"a limit of {_text(found.value)}% with a tolerance of {_text(room)} points" if room else ""
        return _Reading(found.value + room, _origin(found), remark)
    if clause.said.name == "ma_listed_waives_deductible" and not found.value:
        deductible = region.value("assistance.deductible", year, required=False)
        if deductible and deductible.value == 0:
            return _Reading(Decimal(1), _origin(deductible), "assistance has no deductible at all")
    return _Reading(Decimal(found.value), _origin(found))


def _cap(region: Region, year: int, scheme: str) -> _Reading:
    stated = region.value(f"inpatient.{scheme}.annual_cap", year, required=False)
    cap = annual_cap(region, scheme, year)
    if cap >= UNLIMITED:
        return _Reading(UNLIMITED_YUAN,
                        remark="no cap is in force: no text states one for the scheme, so its payments are not limited")
    if stated is None:
        return _Reading(Decimal(cap) / 100, remark="no text states the cap itself: it is set at the largest floor")
    return _Reading(Decimal(cap) / 100, _origin(stated))


def _in_scope(level: Level | None) -> _Reading:
    if level is None:
        return _Reading(None, remark="the scheme has no people here, or no level was given: no ratio is simulated")
    reached = Decimal(level.reached).quantize(Decimal("0.01"))
    target = f"{_text(level.target)}% ({level.status}: {level.source})"
    if level.k == 1 and level.reached == level.unsolved:
        return _Reading(reached, "the schedule as written reaches no more", "the level is not solved, k = 1")
    if not level.met:
        return _Reading(reached, f"no k brings the schedule to its target of {target}", f"k = {_text(level.k)}")
    return _Reading(reached, f"the level is solved to {target}", f"by construction: solved to {target}, k = {_text(level.k)}")


def _total_funding(region: Region, year: int, scheme: str) -> _Reading:
    parts = {name: region.value(f"funding.{scheme}.{name}", year, required=False)
             for name in ("subsidy", "premium", "local_top_up")}
    if parts["subsidy"] is None or parts["premium"] is None:
        return _Reading(None, remark=f"{region.name} states no subsidy or no premium in {year}")
    held = {name: value for name, value in parts.items() if value is not None}
    summed = " + ".join(f"{_text(value.value)} {name}" for name, value in held.items())
    return _Reading(sum((value.value for value in held.values()), Decimal(0)),
                    "; ".join(f"{name} {_origin(value)}" for name, value in held.items()), summed)


def _assistance_ratio(region: Region, year: int) -> _Reading:
    """The least ratio of the groups that are assisted."""
    found = region.value("assistance.inpatient_ratio", year, required=False)
    if found is None:
        return _Reading(None, remark=f"{region.name} has no value of assistance.inpatient_ratio in {year}")
    helped = {group: percent for group, percent in found.value.items() if percent > 0}
    if not helped:
        return _Reading(Decimal(0), _origin(found), "no group is assisted")
    least = min(helped, key=helped.__getitem__)
    return _Reading(helped[least], _origin(found), f"the least of the assisted groups, {least}")


def _listed(region: Region, year: int, scheme: str, which: str) -> _Reading:
    """Illnesses covered everywhere, of the first eight; or all others on the list, which a pilot at least covers."""
    found = region.value(f"listed.{scheme}.membership", year, required=False)
    if found is None:
        return _Reading(None, remark=f"{region.name} has no list of illnesses for {scheme} in {year}")
    full = sum(found.value[name] == "full" for name in FIRST_EIGHT)
    listed = sum(word != "none" for word in found.value.values())
    return _Reading(Decimal(full if which == "listed_count_full" else listed - full), _origin(found))


def _cumulative(region: Region, year: int, clause: _Clause, limit: Value) -> _Reading:
    """A limit on the cumulative surplus, where the region measures it on the clause's own base."""
    asked = CUMULATIVE_BASE[clause.said.name]
    base = region.value(f"control.{clause.scheme}.cumulative_base", year, required=False)
    if base is None or base.value == "none":
        return _Reading(UNLIMITED_YUAN, f"no cumulative limit is in force{f' ({_origin(base)})' if base else ''}")
    if base.value == asked:
        return _Reading(limit.value, _origin(limit))
    remark = f"{limit.region} limits it to {_text(limit.value)} on another base, {base.value} ({limit.source})"
    pooled = region.value(f"funding.{clause.scheme}.pooled_share", year, required=False)
    if (base.value, asked) == ("share_of_funding", "share_of_pooled_fund") and pooled and pooled.value > 0:
        same = (limit.value * 100 / pooled.value).quantize(Decimal("0.1"))
        remark += f"; that is {_text(same)}% of the pooled fund at a pooled share of {_text(pooled.value)}%"
    return _Reading(None, remark=remark, applies=False)


# --- words ----------------------------------------------------------------------------------------


def _origin(value: Value) -> str:
    status = "" if value.source.startswith(value.status) else f"{value.status}: "
    return f"{value.region}, {status}{value.source}"


def _figure(clause: _Clause) -> str:
    return f"{RULE_SIGNS[clause.said.rule]} {_text(clause.floor)} {clause.unit}"


def _note(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _text(number: Decimal) -> str:
    """A number without trailing zeros: 158046, 70.5, 0."""
    if number == UNLIMITED_YUAN:
        return "no limit"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plan_year(region: Region) -> int:
    """The year of the latest planning document in force in a region: its own or its nearest ancestor's."""
    dated = [statement.from_.year for statement in region.statements(LATEST_PLAN)]
    return max(dated)


LATEST_PLAN = 2030        # after every planning document
