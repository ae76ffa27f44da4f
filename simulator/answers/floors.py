"""Whether a region's operating values keep to the floors and targets of the planning documents.

Every statement in force in the region, its ancestors' too, is held against the operating value or outcome that
`STATEMENTS[name].meets` names (held.py). Floors accumulate down the tree: where several clauses speak of one
value, each is tested, and the note names the strictest, which binds.

- `at_least` and `at_most` as they say; `about` asks to reach the figure (达到…左右): 2% less of an amount
  counts as reached, and more does too.
- An in-scope ratio is simulated at the level in use (ratios.py) and counts as reached within half a point of its figure.
- A value that was copied from the clause is no test of it, and is not counted as one.
- A direction ("rises", "is lowered") is held against the values of the year before the one that it is dated: they have to move.
- `exactly` asks for equality, save in the subsidy and the counts of listed illnesses: a region that gives more keeps to them.
- Where the residents' schemes are merged, the clauses on URBMI and NRCMS are held against URRBMI, unless a
  clause on URRBMI itself says the same thing at another figure.
- What a clause asks of hospitals, payment and care is held against `conduct`, `payment`, `outpatient`, `listed`, `control` and
  `assistance` (held_care.py): a direction is met where the parameter goes its way at all.
- A number of a whole region (persons, areas, examinations) is not held against a part of it.
- A principle, and a direction about what no parameter says, is recorded, not tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from simulator.answers.held import (
    CHANGE,
    COPY,
    CUMULATIVE_BASE,
    OF_PARAMETERS,
    SIMULATED,
    UNLIMITED_YUAN,
    origin,
    reading_of,
    text,
)
from simulator.answers.held_care import YEARLY
from simulator.answers.ratios import Asked, Ratios, ratios_of
from simulator.parameters.catalogue import MERGED, ORIGINS, SCHEMES
from simulator.parameters.plans import MULTIPLES, series_value
from simulator.parameters.regions import Region
from simulator.parameters.schema import LAW_SECTIONS
from simulator.parameters.show import RULE_SIGNS
from simulator.parameters.statements import STATEMENTS
from simulator.parameters.values import StatementValue

MET, NOT_MET, STRICTER, COPIED, NOT_APPLICABLE = "met", "not met", "stricter floor holds", "copied, no test", "not applicable"
NO_PARAMETER, RECORDED = "no operating parameter", "recorded"
VERDICTS = {MET: "达到", NOT_MET: "未达到", STRICTER: "另有更严要求", COPIED: "抄自该条，不构成检验", NOT_APPLICABLE: "不适用",
            NO_PARAMETER: "无对应参数", RECORDED: "仅记录"}     # in order of printing, with the Chinese word
TESTED = (MET, NOT_MET, STRICTER)
GROUND_WORDS = {"": ("", ""), "value": ("operating value", "运行参数"), "simulated": ("simulated outcome", "模拟结果"),
                "before": ("the year before", "上一年取值"), "copy": ("copy of the clause", "该条的抄录")}

RATIO_TOLERANCE = Decimal("0.5")             # percentage points, in-scope ratios
AMOUNT_TOLERANCE = Decimal("0.02")           # of the figure, under `about`
EQUAL_OR_MORE = ("government_subsidy_per_head", "listed_illnesses_full", "listed_illnesses_pilot",
                 "listed_illnesses_pilot_assistance", "public_health_funding_per_head")
YEAR_OF_PLAN = ("plan_begins", "plan_ends")        # when a document's year runs, which no value can keep to


@dataclass(frozen=True)
class Verdict:
    """One statement and the operating value held against it.

    `scheme` is the scheme whose value is tested; `path` (`law.nrcms.annual_cap_minimum`) is the statement's own.
    `floor` in `unit`: a multiple of an income is given as the amount in yuan it comes to. `floor_region` states
    it; `clause` and `quote` are its source and words. `value` is None where there is none, or no limit. `ground` is what was held
    against it, one of held.GROUNDS; empty where nothing was.
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
    ground: str = ""

    @property
    def name(self) -> str:
        """The statement's name in STATEMENTS."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class _Clause:
    """A statement as it is tested: on which scheme and year, at which amount, and how that amount was found."""

    said: StatementValue
    scheme: str
    year: int
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


def check_floors(region: Region, year: int, ratios: Mapping[Asked, Ratios | None] | None = None) -> list[Verdict]:
    """A verdict on every statement in force in `region` in `year`, by scheme, then by statement, the root's first.

    `ratios`: (scheme, year) -> its simulated ratios; None: they are simulated here, for every scheme and year that a statement
    speaks of (a tenth of a second each). InputError where a parameter that a scheme's plan needs is missing.
    """
    merged = region.value(f"population.{MERGED}.participants", year, required=False) is not None
    clauses = [_clause(region, said, year, merged) for said in region.statements(year)]
    names = list(STATEMENTS)
    clauses.sort(key=lambda c: (LAW_SECTIONS.index(c.scheme), names.index(c.said.name), LAW_SECTIONS.index(c.said.scheme)))
    if ratios is None:
        ratios = ratios_of(region, [one for clause in clauses for one in simulated_for(clause)])
    return [_judge(region, year, clause, clauses, ratios) for clause in clauses]


def simulated_for(clause: _Clause) -> list[Asked]:
    """The schemes and years whose ratios a clause needs."""
    meets, at = STATEMENTS[clause.said.name].meets, clause.year
    years = (at, at - 1) if meets.startswith(CHANGE) else (at,)
    if meets.endswith("primary_advantage"):
        return [(scheme, year) for scheme in SCHEMES for year in years]
    return [(clause.scheme, year) for year in years] if meets in ("in_scope_ratio", f"{CHANGE}gap_of_ratios") else []


def counts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How many of each verdict, in the order of VERDICTS, zeros included."""
    found = [verdict.verdict for verdict in verdicts]
    return {word: found.count(word) for word in VERDICTS}


def rows(verdicts: Iterable[Verdict], lang: str = "en") -> list[dict[str, str]]:
    """Text for printing: region, scheme, statement, floor, unit, value, verdict, clause, note; `lang` en or zh."""
    return [{"region": v.region, "scheme": v.scheme, "statement": getattr(STATEMENTS[v.name], lang),
             "floor": f"{RULE_SIGNS[v.rule]} {text(v.floor)}", "unit": v.unit,
             "value": "" if v.value is None else text(v.value),
             "verdict": VERDICTS[v.verdict] if lang == "zh" else v.verdict, "held against": GROUND_WORDS[v.ground][lang == "zh"],
             "clause": v.clause, "note": v.note}
            for v in verdicts]


# --- the clauses ----------------------------------------------------------------------------------


def _clause(region: Region, said: StatementValue, year: int, merged: bool) -> _Clause:
    meets = STATEMENTS[said.name].meets
    if meets.startswith(CHANGE):
        return _Clause(said, said.scheme, said.from_.year, said.value, said.unit)
    scheme = MERGED if merged and meets and said.scheme in ORIGINS else said.scheme
    if said.name not in MULTIPLES:
        return _Clause(said, scheme, year, said.value, said.unit)
    series = MULTIPLES[said.name]
    if region.value(series, year - 1, required=False) is None:
        return _Clause(said, scheme, year, said.value, said.unit)
    income = series_value(region.value, series, year - 1)
    return _Clause(said, scheme, year, said.value * income, "CNY/person/year",
                   f"{text(said.value)} x {text(income)}, {series} of {year - 1}")


def _displaced(clause: _Clause, clauses: list[_Clause]) -> _Clause | None:
    """What the merged scheme has of its own instead of a carried clause that asks for more."""
    return next((c for c in clauses if clause.carried and not c.carried and c.said.name == clause.said.name
                 and c.tests == clause.tests and clause.stricter_than(c)), None)


def _judge(region: Region, year: int, clause: _Clause, clauses: list[_Clause],
           ratios: Mapping[Asked, Ratios | None]) -> Verdict:
    said = clause.said

    def verdict(word: str, *parts: str, value: Decimal | None = None, ground: str = "") -> Verdict:
        note = _note(*parts, f"stated for {said.scheme}, which is merged into {MERGED}" if clause.carried else "",
                     clause.arithmetic, said.note)
        return Verdict(region.name, year, clause.scheme, said.path, said.rule, clause.floor, clause.unit, said.region,
                       None if value == UNLIMITED_YUAN else value, word, said.source, said.text, note, ground)

    if STATEMENTS[said.name].total and said.region != region.name:
        return verdict(NOT_APPLICABLE, f"a number of {said.region} as a whole, of which {region.name} is a part")
    if not STATEMENTS[said.name].meets:
        return verdict(*_untested(region, year, said))
    if own := _displaced(clause, clauses):
        return verdict(NOT_APPLICABLE, f"{own.said.region} says {_figure(own)} of the merged scheme ({own.said.source})")
    if said.name in MULTIPLES and not clause.arithmetic:
        return verdict(NO_PARAMETER, f"{MULTIPLES[said.name]} has no value in {year - 1}")
    reading = reading_of(region, clause.year, clause.scheme, said, clause.floor, ratios)
    if reading.value is None:
        return verdict(NO_PARAMETER if reading.applies else NOT_APPLICABLE, reading.remark)
    passed, compared = _compare(said.rule, said.name, reading.value, clause.floor)
    if not passed:
        remark = reading.remark if reading.origin and reading.remark != reading.origin else ""
        return verdict(NOT_MET, f"{compared}: {reading.origin or reading.remark}", remark, value=reading.value,
                       ground=reading.ground)
    if reading.ground == COPY:
        return verdict(COPIED, "held against a value that was copied from this clause, or made after it: no test", reading.remark,
                       value=reading.value, ground=reading.ground)
    rivals = [c for c in clauses if c is not clause and c.tests == clause.tests and not _displaced(c, clauses)]
    above = [c for c in rivals if c.stricter_than(clause)]
    if not above:
        binding = "binding: no clause on this value is stricter" if rivals else ""
        return verdict(MET, compared, binding, reading.remark, value=reading.value, ground=reading.ground)
    strictest = max(above, key=lambda c: sum(c.stricter_than(other) for other in above))
    binding = f"binding: {strictest.said.region} {_figure(strictest)} ({strictest.said.source})"
    return verdict(STRICTER, binding, reading.remark, value=reading.value, ground=reading.ground)


def _untested(region: Region, year: int, said: StatementValue) -> tuple[str, str]:
    """A statement without a parameter: recorded where it has no number of its own, else there is nothing to hold against it."""
    if said.name in YEAR_OF_PLAN:
        return RECORDED, ""
    if said.value != 0 or said.rule == "exactly":
        return NO_PARAMETER, "nothing in the simulation is held against it"
    if said.name == "annual_surplus_balance":
        limit = region.value(f"control.{said.scheme}.annual_limit", year, required=False)
        return RECORDED, _note("a principle", f"the annual limit is {text(limit.value)}% ({origin(limit)})" if limit else "")
    return RECORDED, ""


def _compare(rule: str, name: str, value: Decimal, floor: Decimal) -> tuple[bool, str]:
    """Whether the value keeps to the floor, and a remark where that does not go without saying."""
    meets = STATEMENTS[name].meets
    if name.startswith(YEARLY) or meets == "primary_advantage":
        wanted = "a fall" if rule == "at_most" else "a rise" if name.startswith(YEARLY) else "more"
        unit = "by a parameter" if meets.startswith(OF_PARAMETERS) else STATEMENTS[name].unit
        said = f"{_signed(value)} {unit} where {wanted} is asked for"
        return (value < 0 if rule == "at_most" else value > 0), said
    reached = meets == "in_scope_ratio"
    slack = RATIO_TOLERANCE if reached else floor * AMOUNT_TOLERANCE if rule == "about" else Decimal(0)
    if rule == "at_most":
        return value <= floor, "" if value <= floor else f"{text(value)} is above {text(floor)}"
    if rule == "exactly" and name not in EQUAL_OR_MORE:
        return value == floor, "" if value == floor else f"{text(value)} is not {text(floor)}"
    if value < floor - slack:
        return False, f"{text(value)} is below {text(floor)}" + (f" by more than {text(slack)}" if slack else "")
    if rule in ("about", "exactly") and value > floor + slack:
        return True, f"more than the {text(floor)} stated: the clause asks to reach it"
    return True, f"within {text(slack)} of {text(floor)}" if value < floor else ""


def count_tests(verdicts: Iterable[Verdict]) -> tuple[int, int]:
    """How many verdicts are tests, and how many of those rest on simulated outcomes."""
    found = [verdict.ground for verdict in verdicts if verdict.verdict in TESTED]
    return len(found), found.count(SIMULATED)


# --- words ----------------------------------------------------------------------------------------


def _figure(clause: _Clause) -> str:
    return f"{RULE_SIGNS[clause.said.rule]} {text(clause.floor)} {clause.unit}"


def _signed(number: Decimal) -> str:
    return f"+{text(number)}" if number > 0 else text(number)


def _note(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def plan_year(region: Region) -> int:
    """The year of the latest planning document in force in a region: its own or its nearest ancestor's."""
    dated = [statement.from_.year for statement in region.statements(LATEST_PLAN)]
    return max(dated)


LATEST_PLAN = 2030        # after every planning document
