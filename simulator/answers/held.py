"""What a clause of a planning document is held against: an operating value, a simulated ratio, or the value of the year before.

A value that was copied from the clause itself keeps to it and tests nothing: the reading says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from simulator.answers.held_care import FIRST_EIGHT, OF_CARE, YEARLY, numbers, plan_held, rule_schemes
from simulator.answers.ratios import Asked, Ratios
from simulator.money import UNLIMITED
from simulator.parameters.catalogue import CLASSES, ILLNESSES, MERGED, SCHEMES
from simulator.parameters.effective import effective
from simulator.parameters.plans import annual_cap
from simulator.parameters.regions import Region
from simulator.parameters.rules_in_force import file_of
from simulator.parameters.statements import STATEMENTS
from simulator.parameters.values import StatementValue, Value
from simulator.plan import FULL
from simulator.words import level_said

CUMULATIVE_BASE = {"cumulative_surplus_months": "months_of_expenditure",
                   "cumulative_surplus_share_of_funding": "share_of_funding",
                   "cumulative_surplus_share_of_pooled_fund": "share_of_pooled_fund"}
UNLIMITED_YUAN = Decimal("Infinity")
OF_PARAMETERS = "care:"                      # before a name of OF_CARE, in Statement.meets
CHANGE = "change:"                           # before what a direction is about, in Statement.meets
VALUE, SIMULATED, BEFORE, COPY = GROUNDS = ("value", "simulated", "before", "copy")


@dataclass(frozen=True)
class Reading:
    """What a clause is held against; `value` None: there is nothing. `origin` tells a shortfall's reason, `remark` stands in
    every note; `ground` is one of GROUNDS."""

    value: Decimal | None
    origin: str = ""
    remark: str = ""
    applies: bool = True
    ground: str = VALUE


def reading_of(region: Region, year: int, scheme: str, said: StatementValue, floor: Decimal,
               ratios: Mapping[Asked, Ratios | None]) -> Reading:
    """What a statement about a scheme, whose figure comes to `floor`, is held against."""
    meets = STATEMENTS[said.name].meets
    own = in_place_of(region, year, scheme, meets)
    if own is not None:
        return Reading(None, remark=f"{own.path} stands in its place: {own.source}")
    if meets.startswith(CHANGE):
        return change(region, year, scheme, meets.removeprefix(CHANGE), said, ratios)
    if meets == "in_scope_ratio":
        return in_scope(ratios.get((scheme, year)))
    if meets == "primary_advantage":
        return advantage(region, year, ratios)
    found, stated = operating_value(region, year, scheme, said, meets)
    if said.name.startswith(YEARLY):                          # of a direction: what stands still at its 0 is no copy of it
        return found
    copied = found.value == floor and (any(document(said) in value.source and not value.steps for value in stated) if stated else
                                       meets == "annual_cap" and floor < UNLIMITED_YUAN)
    return replace(found, ground=COPY) if copied else found


def in_place_of(region: Region, year: int, scheme: str, meets: str) -> Value | None:
    """The region's plan file where it states the topic of the parameter that a clause would be held against; None where the plan
    itself is read, or there is none."""
    topic, dot, _ = meets.removeprefix(OF_PARAMETERS).removeprefix(CHANGE).partition(".")
    own = file_of(region.value, scheme, year) if dot and scheme in SCHEMES else None
    if own is None:
        return None
    from simulator.parameters.overlay import topics  # needs pydantic, which regions without plan files do not
    return own if topic in topics(json.loads(own.value)) else None


def document(said: StatementValue) -> str:
    """The document that a statement stands in, without the clause."""
    return said.source.partition(" ")[0]


# --- simulated ratios -----------------------------------------------------------------------------


def in_scope(found: Ratios | None) -> Reading:
    """The simulated in-scope ratio, with what its level rests on."""
    if found is None:
        return Reading(None, remark="the scheme has no people or no schedule here: no ratio is simulated")
    said = level_said(found.level.as_dict(), "en")
    return Reading(found.in_scope, f"simulated, {said}", f"simulated, {said}", ground=SIMULATED)


def gap_of_ratios(year: int, scheme: str, ratios: Mapping[Asked, Ratios | None]) -> Reading:
    """The change since the year before of how far the simulated actual ratio lies below the in-scope one."""
    now, before = ratios.get((scheme, year)), ratios.get((scheme, year - 1))
    if now is None or before is None:
        return Reading(None, remark=f"no ratio is simulated in {year if now is None else year - 1}")
    said = f"simulated: {text(now.in_scope)} less {text(now.actual)}, {text(before.in_scope)} less {text(before.actual)} before"
    return Reading(now.gap - before.gap, said, said, ground=SIMULATED)


# --- directions -----------------------------------------------------------------------------------


def change(region: Region, year: int, scheme: str, what: str, said: StatementValue,
           ratios: Mapping[Asked, Ratios | None]) -> Reading:
    """The change of a value since the year before: of several numbers the one that goes least, or furthest back, in the direction
    that the clause asks for; none of them may go back, and one has to move."""
    if what == "gap_of_ratios":
        return gap_of_ratios(year, scheme, ratios)
    if what == "primary_advantage":
        ahead, earlier = advantage(region, year, ratios), advantage(region, year - 1, ratios)
        if ahead.value is None or earlier.value is None:
            return Reading(None, remark=ahead.remark if ahead.value is None else earlier.remark)
        moved = f"{ahead.remark}; {text(earlier.value)} before"
        return Reading(ahead.value - earlier.value, moved, moved, ground=BEFORE)
    path = what.format(scheme=scheme)
    now, before = region.value(path, year, required=False), region.value(path, year - 1, required=False)
    if now is None or before is None:
        return Reading(None, remark=f"{region.name} has no value of {path} in {year if now is None else year - 1}",
                       applies=now is None)
    pairs = list(zip(numbers(now.value), numbers(before.value), strict=True))
    moves = [a - b for a, b in pairs]
    falls = said.rule == "at_most"
    back = [move for move in moves if (move > 0 if falls else move < 0)]
    forth = [move for move in moves if (move < 0 if falls else move > 0)]
    if back:
        found = max(back) if falls else min(back)
    else:
        found = (max if falls else min)(forth, default=Decimal(0))
    nothing_left = falls and not any(a for a, _ in pairs)
    told = (f"{shown(before)} in {year - 1}, {shown(now)} in {year}" if moves and any(moves) else
            f"{shown(now)} since {now.from_.year if now.from_.year > 1 else year - 1}") + f" ({origin(now)})"
    ground = COPY if said.source in now.source else BEFORE                # moved because the clause says so
    if nothing_left and not forth:
        return Reading(Decimal(-1), told, f"nothing is left of it: {told}", ground=ground)
    return Reading(found, told, told, ground=ground)


def advantage(region: Region, year: int, ratios: Mapping[Asked, Ratios | None]) -> Reading:
    """By how many points a township hospital is paid better than a county one, at the level in use: the least of all schemes,
    members and bands."""
    least: tuple[Decimal, str] | None = None
    for scheme in SCHEMES:
        schedule, points = (region.value(f"inpatient.{scheme}.{name}", year, required=False) for name in ("ratio", "class_bonus"))
        known = ratios.get((scheme, year))
        if schedule is None or points is None or known is None:
            continue
        k = known.level.k
        paid, added = effective(schedule, k), effective(points, k)
        bonus = region.value(f"inpatient.{scheme}.primary_bonus", year)
        for member in CLASSES:
            for here, there in zip(paid["township"], paid["county"], strict=True):
                ahead = within(within(here + added[member]) + bonus.value) - within(there + added[member])
                if least is None or ahead < least[0]:
                    least = ahead, scheme
    if least is None:
        return Reading(None, remark=f"no scheme has people and a schedule in {year}")
    told = f"least in {least[1]}: a township hospital's paid ratio less a county hospital's, in {year}"
    return Reading(least[0], told, told)


def within(percent: Decimal) -> Decimal:
    """A ratio as the rules clip it, 0 to 100%."""
    return min(max(percent, Decimal(0)), Decimal(100))


def shown(value: Value) -> str:
    """A value's different numbers, in rising order."""
    return "/".join(text(number) for number in sorted(set(numbers(value.value))))


# --- operating values -----------------------------------------------------------------------------


def operating_value(region: Region, year: int, scheme: str, said: StatementValue, meets: str) -> tuple[Reading, list[Value]]:
    """An operating value, and the parameters that it was read from alone: none where it comes from several, or from the law."""
    if meets == "annual_cap":
        return cap(region, year, scheme)
    if meets == "total_funding":
        return total_funding(region, year, scheme), []
    if meets in ("listed_count_full", "listed_count_pilot"):
        return listed(region, year, scheme, meets)
    if meets == "assistance.inpatient_ratio":
        return assistance_ratio(region, year)
    if meets.startswith(OF_PARAMETERS):
        number, remark, values = OF_CARE[meets.removeprefix(OF_PARAMETERS)](region, year, scheme)
        return Reading(number, "; ".join(origin(value) for value in values), remark), values
    path = meets.format(scheme=scheme)
    found = region.value(path, year, required=False)
    if found is None:
        return Reading(None, remark=f"{region.name} has no value of {path} in {year}"), []
    if said.name in CUMULATIVE_BASE:
        return cumulative(region, year, scheme, said.name, found), [found]
    if path.endswith(".annual_limit"):
        tolerance = region.value(f"control.{scheme}.annual_tolerance", year, required=False)
        room = tolerance.value if tolerance else Decimal(0)     # the fund is in breach above limit + tolerance only
        remark = f"a limit of {text(found.value)}% with a tolerance of {text(room)} points" if room else ""
        return Reading(found.value + room, origin(found), remark), [found]
    if said.name == "ma_listed_waives_deductible" and not found.value:
        deductible = region.value("assistance.deductible", year, required=False)
        if deductible and deductible.value == 0:
            return Reading(Decimal(1), origin(deductible), "assistance has no deductible at all"), [deductible]
    return Reading(Decimal(found.value), origin(found)), [found]


def cap(region: Region, year: int, scheme: str) -> tuple[Reading, list[Value]]:
    """The annual cap: as stated, else as the largest floor of the law sets it."""
    own = file_of(region.value, scheme, year)
    by_plan = scheme == MERGED or own is not None
    in_force = int(plan_held(region, year, scheme).annual_cap.min()) if by_plan else annual_cap(region, scheme, year)
    values = [region.value(f"inpatient.{part}.annual_cap", year, required=False) for part in rule_schemes(region, year, scheme)]
    stated = next((value for value in values if value is not None and value.value * 100 == in_force), None)
    if own is not None and stated is None:
        return Reading(Decimal(in_force) / 100 if in_force < UNLIMITED else UNLIMITED_YUAN, origin(own), f"by {own.path}"), [own]
    if in_force >= UNLIMITED:
        return Reading(UNLIMITED_YUAN,
                       remark="no cap is in force: no text states one for the scheme, so its payments are not limited"), []
    if stated is None:
        return Reading(Decimal(in_force) / 100, remark="no text states the cap itself: it is set at the largest floor"), []
    return Reading(Decimal(in_force) / 100, origin(stated)), [stated]


def total_funding(region: Region, year: int, scheme: str) -> Reading:
    """Subsidy, premium and local top-up together."""
    parts = {name: region.value(f"funding.{scheme}.{name}", year, required=False)
             for name in ("subsidy", "premium", "local_top_up")}
    if parts["subsidy"] is None or parts["premium"] is None:
        return Reading(None, remark=f"{region.name} states no subsidy or no premium in {year}")
    held = {name: value for name, value in parts.items() if value is not None}
    summed = " + ".join(f"{text(value.value)} {name}" for name, value in held.items())
    return Reading(sum((value.value for value in held.values()), Decimal(0)),
                   "; ".join(f"{name} {origin(value)}" for name, value in held.items()), summed)


def assistance_ratio(region: Region, year: int) -> tuple[Reading, list[Value]]:
    """The least ratio of the groups that are assisted."""
    found = region.value("assistance.inpatient_ratio", year, required=False)
    if found is None:
        return Reading(None, remark=f"{region.name} has no value of assistance.inpatient_ratio in {year}"), []
    helped = {group: percent for group, percent in found.value.items() if percent > 0}
    if not helped:
        return Reading(Decimal(0), origin(found), "no group is assisted"), [found]
    least = min(helped, key=helped.__getitem__)
    return Reading(helped[least], origin(found), f"the least of the assisted groups, {least}"), [found]


def listed(region: Region, year: int, scheme: str, which: str) -> tuple[Reading, list[Value]]:
    """Illnesses covered everywhere, of the first eight; or all others on the list, which a pilot at least covers."""
    found = region.value(f"listed.{rule_schemes(region, year, scheme)[0]}.membership", year, required=False)
    if found is None:
        return Reading(None, remark=f"{region.name} has no list of illnesses for {scheme} in {year}"), []
    on_list = dict(zip(ILLNESSES, plan_held(region, year, scheme).listed.tolist(), strict=True))
    full = sum(on_list[name] == FULL for name in FIRST_EIGHT)
    all_listed = sum(on_list[name] > 0 for name in ILLNESSES)
    return Reading(Decimal(full if which == "listed_count_full" else all_listed - full), origin(found)), [found]


def cumulative(region: Region, year: int, scheme: str, name: str, limit: Value) -> Reading:
    """A limit on the cumulative surplus, where the region measures it on the clause's own base."""
    asked = CUMULATIVE_BASE[name]
    base = region.value(f"control.{scheme}.cumulative_base", year, required=False)
    if base is None or base.value == "none":
        return Reading(UNLIMITED_YUAN, f"no cumulative limit is in force{f' ({origin(base)})' if base else ''}")
    if base.value == asked:
        return Reading(limit.value, origin(limit))
    remark = f"{limit.region} limits it to {text(limit.value)} on another base, {base.value} ({limit.source})"
    pooled = region.value(f"funding.{scheme}.pooled_share", year, required=False)
    if (base.value, asked) == ("share_of_funding", "share_of_pooled_fund") and pooled and pooled.value > 0:
        same = (limit.value * 100 / pooled.value).quantize(Decimal("0.1"))
        remark += f"; that is {text(same)}% of the pooled fund at a pooled share of {text(pooled.value)}%"
    return Reading(None, remark=remark, applies=False)


# --- words ----------------------------------------------------------------------------------------


def origin(value: Value) -> str:
    """Who states a value, with its status and source."""
    status = "" if value.source.startswith(value.status) else f"{value.status}: "
    return f"{value.region}, {status}{value.source}"


def text(number: Decimal) -> str:
    """A number without trailing zeros: 158046, 70.5, 0."""
    if number == UNLIMITED_YUAN:
        return "no limit"
    written = f"{number:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
