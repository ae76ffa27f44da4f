"""Whether a change does anything in a run, and if not, why: no change is silent.

A change acts where a value that the run reads differs by it and nothing keeps that value from acting (`required.py`). Terms of
settlement are moreover worked out with the change and without it: a share may come to the same number of counties, and the
better of two rule books may be the other one's.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from simulator.money import UNLIMITED
from simulator.parameters.beside import Run, See
from simulator.parameters.catalogue import MERGED, SCHEMES
from simulator.parameters.days import DAY_OF_A_MONTH
from simulator.parameters.effective import FIXED
from simulator.parameters.errors import InputError
from simulator.parameters.merged import APART, OF_BOTH, origins, rule_book, stand_together
from simulator.parameters.plans import Asked, neutral, term_of
from simulator.parameters.regions import Reader, Region
from simulator.parameters.required import OWN_NEEDS, needs, read_as
from simulator.parameters.reuse import Parts
from simulator.parameters.rules_in_force import file_of, has_local_tiers, plan_in_force, states_admissions
from simulator.parameters.steps import growth_path, holds_by_month
from simulator.parameters.values import quantity_at
from simulator.plan import PILOT, TERMS, Plan, pack

Place = tuple[str | int, ...]
LOOKED_AHEAD = 2100                # a date after it is never reached by any run
OF_WAGES = ("average_wage", "wage_growth")           # which contributions are paid on
CHAPTER = {"better": "the better of the rules of urbmi and nrcms in every term (merger.benefit: better)",
           "stated": "the merged scheme's own rules (merger.benefit: stated)",
           APART: "the rules of urbmi and nrcms, each for its own members"}


class Idle:
    """Looks for changes that do nothing in a region under a scenario; what is worked out of the region is kept for all of them.

    `region` carries the changes for everybody, if there are any."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self._parts: dict[tuple[str, int, str], Parts] = {}

    def reason(self, path: str, under: Region, without: Region, run: Run) -> str | None:
        """Why a change does nothing; None where it does something, or states what holds anyway. `under` is the region with all
        changes, `without` the same but for this one."""
        own, _, _ = quantity_at(path)
        topic, *middle, name = own.split(".")
        scheme = middle[0] if middle and middle[0] in SCHEMES else None
        years = list(_differing(own, under, without, run.years))
        if not years and holds_by_month(own) and any(_differ_within(own, under, without, year) for year in run.years):
            return None
        if not years:
            last = run.years[-1]
            if under.value(own, last, required=False) != without.value(own, last, required=False):
                return None                                        # it is in force, and states what holds anyway
            later = next(_differing(own, under, without, range(last + 1, LOOKED_AHEAD)), None)
            return None if later is None else f"it begins in {later}, and the run ends with {last}"
        found: list[str] = []
        for simulated in run.schemes:
            for origin in origins(simulated):
                together = "plan" in read_as(topic, name) and scheme in origins(simulated)     # the better of all rule books
                if scheme not in (None, simulated, origin) and not together:
                    continue
                for year in years:
                    why = self._why_not(own, topic, name, scheme, See(under, run, simulated, origin, scheme or origin, year,
                                                                     self.region), without)
                    if why is None:
                        return None
                    found.append(why)
        return found[0] if found else f"none of {', '.join(run.schemes)} reads it"

    def idle(self, path: str, changes: Mapping[str, object], plain: Region, run: Run, also: Mapping[str, object]) -> str | None:
        """Why one of the changes of the region `plain` does nothing, with a policy's changes on top (`also`). What cannot be left
        out alone, for the others need it, does something."""
        left = {other: data for other, data in changes.items() if other != path}
        try:
            since = run.years[0]
            without = plain.with_changes(left, "", since) if left else plain
            under = plain.with_changes(changes, "", since)
            if also:
                without, under = without.with_changes(also, "", since), under.with_changes(also, "", since)
        except InputError:
            return None
        return self.reason(path, under, without, run)

    def _why_not(self, own: str, topic: str, name: str, scheme: str | None, see: See, without: Region) -> str | None:
        """Why a change does nothing in one year for the people of one scheme."""
        ways = read_as(topic, name)
        if topic == "income" and not see.run.everybody:    # a policy's people are the baseline's, with their incomes
            ways = ("own",) if name in OF_WAGES and see.own == "uebmi" else ("plan",)
        if not self._is_read(own, ways, scheme, see):
            if topic == "payment":
                return f"{see.own} is simulated, whose fund pays hospitals by its own value"
            if "plan" in ways or "level" in ways:
                return f"bills of {see.own} are settled in {see.year} by {CHAPTER[rule_book(see.region.value, see.year)]}"
            return (f"the people of {see.own} are those of {' and '.join(origins(see.own))}, whose values are read"
                    if scheme == see.own else f"{see.own} is simulated, whose own value is read")
        for need in needs(topic, name):
            if not need.holds(see) and not need.holds(replace(see, region=without)):
                return need.lacks
        if without.value(own, see.year, required=False) is None and self._stated(see.region, see) == self._stated(without, see):
            return None                                    # it says what follows anyway, as a cap that is the law's floor
        of_own = "own" in ways and scheme in (None, see.own)
        lacks = OWN_NEEDS.get(f"{topic}.{name}")
        if of_own and (lacks is None or lacks.holds(see) or lacks.holds(replace(see, region=without))):
            return None
        if name in FIXED and any(verb == "value" for _, verb, _ in see.region.value(own, see.year).steps):
            return None                                    # a stated ratio is paid as stated, where the written one is at a level
        if "plan" in ways and np.array_equal(self._acting(see.region, see), self._acting(without, see)):
            if see.own == MERGED:
                book = rule_book(see.region.value, see.year)
                return f"bills of {see.own} are settled in {see.year} by {CHAPTER[book]}, and these are the same with it"
            if lacks is not None:
                return lacks.lacks
            return SAME_INCOMES if topic == "income" else "the terms of settlement that follow from it are the same as without it"
        return None

    def _is_read(self, own: str, ways: tuple[str, ...], scheme: str | None, see: See) -> bool:
        if scheme is None or see.own != MERGED:
            return True
        book, merged = rule_book(see.region.value, see.year), own.replace(f".{scheme}.", f".{MERGED}.")
        both = merged.replace(MERGED, "{scheme}") in (*OF_BOTH, "funding.{scheme}.funding_growth")
        if both and stand_together(see.region.value, merged, see.year):
            return scheme != MERGED
        found = see.region.value(merged, see.year, required=False)
        if own.startswith("payment."):                     # bills are paid by the fund that has them, whatever rules settle them
            return found is not None and found.path == own
        return ("own" in ways and found is not None and found.path == own or "origin" in ways and scheme == see.origin
                or ("plan" in ways or "level" in ways) and (scheme == see.own) == (book == "stated"))

    def _plan(self, region: Region, scheme: str, see: See) -> Plan:
        asked = scheme, see.year, see.own
        if asked not in self._parts:
            self._parts[asked] = Parts(TERMS, Reader(self.region), lambda of, name: term_of(
                Asked(of, scheme, see.year, payer=see.own), name))
        parts = self._parts[asked]
        return Plan(**{**parts.first, **(parts.otherwise(Reader(region)) if region is not self.region else {})})

    def _acting(self, region: Region, see: See) -> np.ndarray:
        plan = plan_in_force(region.value, see.own, see.year, lambda scheme: self._plan(region, scheme, see), see.origin)
        return pack([acting(plan)])[0]

    def _stated(self, region: Region, see: See) -> bytes:
        return pack([self._plan(region, see.stated, see)]).tobytes()


def _differing(own: str, under: Region, without: Region, years: range) -> Iterator[int]:
    """The years in which two regions have other values of a parameter, or of one that grows from other dates. A year's rules
    read incomes of the year before it."""
    back, grows = own.startswith("income."), growth_path(own) is not None
    for year in years:
        pairs = [(region.value(own, at, required=False) for region in (under, without)) for at in range(year - back, year + 1)]
        if any(_said(one, grows) != _said(other, grows) for one, other in pairs):
            yield year


def _differ_within(own: str, under: Region, without: Region, year: int) -> bool:
    """Whether two regions have other values of a rule of settlement in some month of a year."""
    return any(_said(under.value(own, day, required=False), False) != _said(without.value(own, day, required=False), False)
               for month in range(1, 13) for day in (datetime.date(year, month, DAY_OF_A_MONTH),))


def _said(value: Any, grows: bool) -> Any:
    return None if value is None else (value.value, value.from_ if grows else None)


def acting(plan: Plan) -> Plan:
    """A plan in which every term that nothing can act through is neutral."""
    for lies_idle, names in GATES:
        if lies_idle(plan):
            plan = _without(plan, names)
    return plan._replace(account_use=0)


def _without(plan: Plan, names: Iterable[str]) -> Plan:
    values: dict[str, Any] = {name: neutral(TERMS[name]) for name in names}
    return plan._replace(**values)


LISTS = ("listed", "listed_ratio", "quota", "quota_kind", "listed_better", "listed_outside_cap", "pilot_counties")
MA_LISTED = ("ma_listed_basis", "ma_listed_waives_deductible", "ma_listed_outside_cap")
PRICES = ("case_level", "day_price", "patient_share_base", "payment_counties")


def _no(name: str) -> Any:
    return lambda plan: not np.any(getattr(plan, name))


def _one_band(plan: Plan) -> bool:
    return plan.ratio.shape[-1] == 1 or bool((plan.ratio == plan.ratio[..., :1]).all())


SAME_INCOMES = ("all policies have the baseline's people and incomes, and no cap or threshold of theirs is a multiple of this "
                "one; put it under `changes` of the scenario")

# Where a plan is so, these terms of it cannot act.
GATES = (
    (_no("listed"), (*LISTS, "ma_listed_ratio", *MA_LISTED)),
    (lambda plan: not (plan.listed == PILOT).any(), ("pilot_counties",)),
    (_no("ma_listed_ratio"), MA_LISTED), (_no("ma_deductible"), ("ma_listed_waives_deductible",)),
    (_one_band, ("band_basis", "band_period")),
    (_no("guaranteed_share"), ("guaranteed_basis",)),
    (lambda plan: (plan.annual_cap >= UNLIMITED).all(), ("cap_basis", "cap_counts_outpatient")),
    (lambda plan: not plan.payment_counties or not np.any(plan.case_level) and not np.any(plan.day_price), PRICES),
    (_no("consultation_fee"), ("consultation_share",)),
    (_no("outpatient_ratio"), ("outpatient_deductible", "outpatient_visit_limit")),
    (_no("chronic_list"), ("chronic_deductible", "chronic_ratio", "chronic_year_limit")),
    (_no("supplement_ratio"), ("supplement_tops", "supplement_ratio", "supplement_cap")),
    (_no("ma_second_ratio"), ("ma_second_threshold", "ma_second_cap")),
    (lambda plan: plan.cii_threshold >= UNLIMITED or not np.any(plan.cii_ratio),
     ("cii_threshold", "cii_tops", "cii_ratio", "cii_cap", "cii_counts_outpatient", "cii_listed_only", "cii_excluded_share")),
    (lambda plan: bool(plan.cii_listed_only), ("cii_counts_outpatient",)),            # no visit is for a listed illness
    (lambda plan: not plan.commercial_share or not plan.commercial_ratio,
     ("commercial_share", "commercial_deductible", "commercial_ratio", "commercial_cap", "commercial_scope")),
    (lambda plan: not (np.any(plan.ma_inpatient_ratio) or np.any(plan.ma_outpatient_ratio) or np.any(plan.ma_listed_ratio)),
     ("ma_deductible", "ma_cap")),
    (lambda plan: not (np.any(plan.ma_inpatient_ratio) or np.any(plan.ma_outpatient_ratio) or np.any(plan.ma_listed_ratio)
                       or np.any(plan.ma_second_ratio)), ("ma_take_up",)),
    (lambda plan: not plan.relief_ratio or not np.any(plan.relief_groups), ("relief_groups", "relief_ability", "relief_ratio")),
)


def silent(scenario: Any, regions: Mapping[str, Region]) -> Iterator[tuple[Place, InputError]]:
    """The changes of a `Scenario` that do nothing in any of its regions, and its regions whose head count is another region's,
    each with its place. All its changes have been tried."""
    plain = [regions[name] for name in scenario.regions]
    looks = [Idle(scenario.changed(region)) for region in plain]
    for nth, look in enumerate(looks):
        yield from _borrowed_heads(scenario.schemes, scenario.year, nth, look.region)
    run = Run(scenario.schemes, scenario.years, scenario.systematic, scenario.demand, scenario.response, len(scenario.policies))
    yield from _over_files(scenario, plain)
    for path in scenario.changes:
        why = _in_no_region(why for region, look in zip(plain, looks, strict=True) for policy in scenario.policies
                            if not (why := look.idle(path, scenario.changes, region, run._replace(level=policy.level),
                                                     policy.changes)) or policy.name == scenario.policies[0].name)
        if why:
            yield ("changes", path), _fault(path, why)
    for policy in scenario.policies:
        own = run._replace(level=policy.level, everybody=False)
        for path in policy.changes:
            why = _in_no_region(look.idle(path, policy.changes, look.region, own, {}) for look in looks)
            if why:
                yield ("policies", policy.name, "changes", path), _fault(path, why)


def _in_no_region(reasons: Iterable[str | None]) -> str | None:
    """The first reason, if there is one everywhere."""
    first = None
    for why in reasons:
        if why is None:
            return None
        first = first or why
    return first


def _fault(path: str, why: str) -> InputError:
    return InputError("a change that does nothing here:", value=path, expected="one that moves something", next_step=why)


def _over_files(scenario: Any, regions: Iterable[Region]) -> Iterator[tuple[Place, InputError]]:
    """Policies that ask for a level of their own where a region's plan file states what admissions are paid, or for a plan where
    that file has local tiers."""
    for region in regions:
        files = {(scheme, found.from_): found for scheme in scenario.schemes for part in {scheme, *origins(scheme)}
                 for year in scenario.years if (found := file_of(region.value, part, year))}
        for policy in scenario.policies if files else ():
            for (scheme, _), own in files.items():
                if policy.level in ("own", "target") and states_admissions(own):
                    yield ("policies", policy.name, "level"), InputError(
                        f"level: {own.path} of {region.name} is paid as written:", value=policy.level, expected="region or none")
                if scheme in policy.plans and has_local_tiers(own):
                    yield ("policies", policy.name, "plans", scheme), InputError(
                        f"a plan of a policy where {own.path} of {region.name} has local tiers:", value=policy.name,
                        expected="one of the two without local tiers")


def _borrowed_heads(schemes: tuple[str, ...], year: int, nth: int, region: Region) -> Iterator[tuple[Place, InputError]]:
    """A region that would be simulated with the head count of its parent."""
    for scheme in schemes:
        for origin in origins(scheme):
            path = f"population.{origin}.participants"
            heads = region.value(path, year, required=False)
            if heads is not None and heads.region != region.name:
                yield ("regions", nth), InputError(
                    f"{region.name} has no head count of its own:", value=f"{heads.value} insured in {origin}",
                    expected=f"its own number; this one is that of {heads.region}",
                    next_step=f"state {path} in params/{region.name}/population.yaml, or tell it with --set {path}=NUMBER")
