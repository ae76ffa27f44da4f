"""The rules of each policy: the parameters it reads, its plans at their levels, and its variant of care."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from copy import copy
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from simulator.care.conduct import OF_BILLED, OF_DAYS, Variant, alike
from simulator.care.pressure import pressed, response_of
from simulator.care.reforms import Reform, reform_of
from simulator.care.walk import PRICE
from simulator.engine.bill_rows import MONTHS, Rows, Times, leave_diseases, local_shares, policy_rows, shares_of_tiers
from simulator.engine.demand import advance_of, elasticities, net_prices, rate_cap, reformed, respond, thinned, with_advance
from simulator.engine.enrolment import GroupYear
from simulator.engine.level import (
    EVIDENCE_PATHS,
    SCHEDULE_PATHS,
    Level,
    LevelBook,
    book_of_evidence,
    book_of_same,
    book_to_target,
    level_of,
)
from simulator.engine.prepare import SchemePeople
from simulator.engine.readers import Readers
from simulator.engine.rungs import Settling, rows_of_rungs, settling_of
from simulator.engine.settle_year import PolicyYear
from simulator.fund.ladder import uses_ladder
from simulator.fund.terms import FundTerms
from simulator.kernel.rows import PolicyRows
from simulator.money import ONE, fen
from simulator.parameters.catalogue import CLASSES as CLASS_NAMES
from simulator.parameters.errors import InputError
from simulator.parameters.ladder import NO_LADDER, ladder_of
from simulator.parameters.plans import Asked, annual_cap_floor, term_of
from simulator.parameters.regions import Reader, Region
from simulator.parameters.reuse import Parts, of_each
from simulator.parameters.rules_in_force import file_in_force, plans_in_force
from simulator.parameters.steps import holds_by_month, is_of_bills
from simulator.parameters.values import quantity_at
from simulator.plan import (
    ACCOUNT_BALANCE,
    FACTOR,
    N_CLASSES,
    OFFSETS,
    SHAPES,
    TERMS,
    Plan,
    pack,
    places,
)
from simulator.scenario import Policy, Scenario


class PlanRows(NamedTuple):
    """The Q plans that are settled in a year: the usual row of each, int64[Q, TERMS], and all rows of those that have several."""

    usual: np.ndarray
    rows: list[Rows | None]


class Rules:
    """The plans and the variants of care of all policies, for each group of a scheme's people. `share` multiplies every level k
    (rule_books.py)."""

    def __init__(self, scenario: Scenario, scheme: str, people: Sequence[SchemePeople], readers: Sequence[Reader],
                 share: Decimal = Decimal(1)) -> None:
        self.scenario, self.scheme, self.people, self.readers, self.share = scenario, scheme, people, readers, share
        self.unchanged = readers.unchanged if isinstance(readers, Readers) else people[0].region
        self._books: dict[tuple[str, str, str], LevelBook] = {}              # by scheme, kind and policy
        # The terms of a scheme's first plan in the year, and on each day on which it changes: at a level, and those that no level
        # moves.
        self._firsts = firsts(scenario.policies) if isinstance(readers, Readers) and not readers.whole else range(len(readers))
        self._known: dict[tuple[int, str, datetime.date | None, tuple[Decimal, ...]], Parts] = {}

    def at_share(self, share: Decimal) -> Rules:
        """The same rules with every level multiplied by another share; what they are worked out of they have in common."""
        other = copy(self)
        other.share = share
        return other

    def book(self, scheme: str, p: int) -> LevelBook:
        """The levels of a scheme's schedule as policy p asks for them: the region's by its evidence, which only a change of that
        evidence moves, or the policy's own (`level: own`, `level: target`)."""
        policy, place = self.scenario.policies[p], self.people[0].region
        asked = scheme, "region", policy.name if self._evidence(scheme, policy.changes) else ""
        if asked not in self._books:
            self._books[asked] = book_of_evidence(self._of_evidence(scheme, p), scheme, asked[2])
        if policy.level == "region":
            return self._books[asked]
        own = scheme, policy.level, policy.name
        if own not in self._books:
            self._books[own] = (
                book_to_target(place, self.readers[p], scheme, self._books[asked], policy.name) if policy.level == "target" else
                book_of_same(place, self.readers[0], self.readers[p], scheme, self._books[asked], policy.name))
        return self._books[own]

    def _evidence(self, scheme: str, changes: Mapping[str, object]) -> dict[str, object]:
        """What changes state of the evidence on a scheme's level."""
        paths = [path.format(scheme=scheme) for path in EVIDENCE_PATHS if path not in SCHEDULE_PATHS]
        return {path: changes[path] for path in paths if path in changes}

    def _of_evidence(self, scheme: str, p: int) -> Region:
        """The region whose schedule and evidence decide a scheme's level under policy p."""
        region = self.unchanged
        for changes in (self.scenario.changes, self.scenario.policies[p].changes):
            if stated := self._evidence(scheme, changes):
                region = self.scenario.under(region, stated)
        return region

    def plan(self, scheme: str, p: int, year: int) -> Plan:
        """The plan of a scheme under policy p, at its level."""
        k = over = Decimal(1)
        if self.scenario.policies[p].level != "none":
            self.readers[p].value(f"inpatient.{scheme}.outcome_ratio", year, required=False)       # is used, and so recorded
            found = self.book(scheme, p).level(year)
            k, over = found.k * self.share, found.over
        return self._at_level(scheme, k, over, self.readers[p], year)

    def _at_level(self, scheme: str, k: Decimal, over: Decimal, reader: Reader, year: int,
                  day: datetime.date | None = None) -> Plan:
        """The plan of a scheme at a level, as the `reader` has it in the year, or on a day of it."""
        if self._known and next(iter(self._known))[0] != year:
            self._known.clear()

        def terms(names: tuple[str, ...], *level: Decimal) -> dict[str, Any]:
            asked = year, scheme, day, level
            if asked not in self._known:
                k, over = level or (Decimal(1), Decimal(1))
                self._known[asked] = Parts(names, reader, lambda region, name: term_of(
                    Asked(region, scheme, year, k, over, self.scheme), name))
            return {**self._known[asked].first, **self._known[asked].otherwise(reader)}

        return Plan(**terms(AT_NO_LEVEL), **terms(AT_LEVEL, k, over))

    def plans(self, number: int, year: int) -> list[Plan]:
        """The plans of all policies for group `number`, with prices of a day as for unchanged bills."""
        origin, found = self.people[number].scheme, list[Plan]()
        for p, first in enumerate(self._firsts):
            found.append(self._plan_of(origin, p, year) if first == p else found[first])
        return found

    def _plan_of(self, origin: str, p: int, year: int) -> Plan:
        """The plan under policy p of the people who came from scheme `origin`; the first of a plan file's with local tiers."""
        return self._of_file(p, self._regions_plans(origin, p, year))[0]

    def _of_file(self, p: int, region: list[Plan]) -> list[Plan]:
        """The region's plans, or a plan file's in their place where policy p has one: one for each row of local tiers. InputError
        where the region has local tiers and the policy a plan."""
        text = self.scenario.policies[p].plans.get(self.scheme)
        if text is None:
            return region
        if len(region) > 1:
            raise InputError(f"a plan of a policy where the region's own of {self.scheme} has local tiers:",
                             value=self.scenario.policies[p].name, expected="one of the two without local tiers")
        from simulator.parameters.overlay import plans_over  # needs pydantic, which other policies do not
        return plans_over(region[0], text)

    def _regions_plans(self, origin: str, p: int, year: int) -> list[Plan]:
        return plans_in_force(self.readers[p].value, self.scheme, year, lambda scheme: self.plan(scheme, p, year), origin)

    def of_year(self, number: int, mean_price: float, year: int) -> tuple[list[Plan], list[Variant]]:
        """Each policy's plan, with prices of a day that follow its own bills, and its variant of care, where the mean bill is
        `mean_price` of the first year's. The first policy's net prices are the baseline of demand."""
        plans, reforms = self._reformed(number, year)
        own = settling_of([NO_LADDER] * len(plans))
        found = self._on_rungs(number, packed(plans), year, own)
        return plans, self._variants(number, (mean_price, year), reforms, found, own)

    def _reformed(self, number: int, year: int) -> tuple[list[Plan], list[Reform]]:
        people = self.people[number]
        reforms = of_each(self.readers, lambda region: reform_of(region.value, people.reader.value, self.scheme, people.scheme,
                                                                 year, self.scenario.year))
        first: dict[tuple[int, int], np.ndarray] = {}              # prices of a day that policies have in common stay one array
        plans = self.plans(number, year)
        for p, (plan, reform) in enumerate(zip(list(plans), reforms, strict=True)):
            asked = id(plan.day_price), id(reform)
            if asked not in first:
                first[asked] = day_prices(plan.day_price, reform)
            plans[p] = plan._replace(day_price=first[asked])
        return plans, reforms

    def _variants(self, number: int, at: tuple[float, int], reforms: Sequence[Reform], plans: PlanRows,
                  settling: Settling) -> list[Variant]:
        """The variants of care of the plans that are settled, `at` a mean price and year. The net prices of the first policy's
        own plan are the baseline of demand."""
        people, cap, named = self.people[number], rate_cap(self.scenario.demand), self.scenario.policies
        if not self.scenario.demand:
            made: dict[int, Variant] = {}
            for reform, one in zip(reforms, named, strict=True):
                if id(reform) not in made:
                    made[id(reform)] = thinned(*reformed(people.first_bills, reform, cap), cap, one.name)
            return [made[id(reforms[p])] for p in settling.policy]
        price = int(at[0] * PRICE + 0.5)
        responses = of_each(self.readers, lambda region: (elasticities(region.value, self.scheme, at[1]),
                                                          advance_of(region.value, self.scheme, at[1])))
        care = [reformed(people.first_bills, reforms[p], cap) for p in settling.policy]
        net = [with_advance(self._net_prices(number, usual, rows, variant, price), variant, responses[p][1])
               for p, usual, rows, (variant, _) in zip(settling.policy, plans.usual, plans.rows, care, strict=True)]
        variants = []
        for p, (variant, rates), own in zip(settling.policy, care, net, strict=True):
            variant, moved = respond(variant, own, net[settling.own[0]], responses[p][0])
            variants.append(thinned(variant, rates * moved, cap, named[p].name))
        return variants

    def _net_prices(self, number: int, usual: np.ndarray, own: Rows | None, variant: Variant, price: int) -> np.ndarray:
        """`net_prices` of a plan, over the local tiers of each care tier by their shares."""
        people = self.people[number]
        rows = policy_rows([own])
        if rows is None or rows.locals[0] < 2:
            return net_prices(people.first_bills, usual, variant, price, people.scheme)
        shares = local_shares(rows, 0)
        of_tiers = [share * net_prices(people.first_bills, row, variant, price, people.scheme)
                    for share, row in zip(shares, rows.first[0, :rows.locals[0]], strict=True)]
        return np.cumsum(of_tiers, axis=0)[-1]

    def settling(self, year: int, terms: Sequence[FundTerms], apart: bool = False) -> Settling:
        """The plans to settle in a year under funds of these terms, one of each policy; `apart` as `Settling` has it."""
        if self.scenario.response != "stated" or not any(map(uses_ladder, terms)):
            return settling_of([NO_LADDER] * len(terms), apart)
        stated = of_each(self.readers, lambda region: ladder_of(region.value, self.scheme, year))
        return settling_of([ladder if uses_ladder(of) else NO_LADDER for ladder, of in zip(stated, terms, strict=True)], apart)

    def in_force(self, number: int, group_year: GroupYear, factor: np.ndarray, account_per_head: np.ndarray,
                 settling: Settling | None = None) -> PolicyYear:
        """What all policies ask of the year of group `number`, under the control `factor` and the individual accounts (fen a
        member) that the fund's earlier years have left: int64[D, P], or [D, Q] for the plans that are `settling`."""
        settling = settling or settling_of([NO_LADDER] * len(self.readers))
        usual, variants, rows = self._asked(number, group_year.price, group_year.year, settling)
        terms = terms_by_draw(usual, factor, account_per_head, [self.readers[p] for p in settling.policy], self.scheme,
                              group_year.year, group_year.active)
        return PolicyYear(terms, variants, rate_cap(self.scenario.demand), rows)

    def responding(self, policies: PolicyYear, pressure: np.ndarray, year: int, settling: Settling) -> PolicyYear:
        """The same under the `pressure` on hospitals (int64[D, Q, 2], 1/10,000, of the plans that are settled) that the fund's
        earlier years have left: each plan has the care of hospitals that respond to theirs."""
        if not pressure.any():
            return policies
        responses = of_each(self.readers, lambda region: response_of(region.value, self.scheme, year))
        found: list[Variant] = []
        number = np.empty(pressure.shape[:2], dtype=np.int64)
        for q, (variant, p) in enumerate(zip(policies.variants, settling.policy, strict=True)):
            steps, which = np.unique(pressure[:, q], axis=0, return_inverse=True)        # few, for it moves by steps
            number[:, q] = len(found) + which.reshape(-1)
            found += [pressed(variant, responses[p], *step) for step in steps.tolist()]
        different, place = alike(found)
        return policies._replace(variants=different, variant=place[number])

    def _asked(self, number: int, mean_price: float, year: int,
               settling: Settling) -> tuple[np.ndarray, list[Variant], PolicyRows | None]:
        """The plans' rows, the variants of care, and the further rows of plans whose bills are not all under one."""
        def asked() -> tuple[np.ndarray, list[Variant], PolicyRows | None]:
            plans, reforms = self._reformed(number, year)
            found = self._on_rungs(number, packed(plans), year, settling)
            return found.usual, self._variants(number, (mean_price, year), reforms, found, settling), policy_rows(found.rows)

        if not isinstance(self.readers, Readers):
            return asked()
        people = self.people[number]                           # which a batch keeps, and their tables with them
        size = self.scenario.people, self.scenario.year, self.scenario.horizon, self.scenario.seed
        return self.readers.once(("asked", self.scheme, self.share, number, year, mean_price, id(people.first_bills), size,
                                  self.scenario.response, settling.apart), asked)

    def _on_rungs(self, number: int, usual: np.ndarray, year: int, settling: Settling) -> PlanRows:
        """The rows of the plans that are settled, from the usual ones of the policies' own plans int64[P, TERMS]."""
        found, rows = list[np.ndarray](), list[Rows | None]()
        usual = leave_diseases(usual, self.people[number].tables)
        own = list[Rows | None]()
        for p, first in enumerate(self._firsts):
            same = first != p and np.array_equal(usual[p], usual[first])
            own.append(own[first] if same else self._rows(number, p, year, usual[p]))
        for p, ladder in enumerate(settling.ladders):
            lower = (ladder.cap < ONE).any()
            floor = fen(annual_cap_floor(self.readers[p], self.scheme, year)[0]) if lower else 0
            found.append(rows_of_rungs(usual[p], ladder, floor))
            several = own[p]
            rows += [None] * ladder.rungs if several is None else [
                several._replace(terms=of_rung) for of_rung in rows_of_rungs(several.terms, ladder, floor)]
        return PlanRows(np.concatenate([*found, usual] if settling.apart else found), rows + own * settling.apart)

    def _rows(self, number: int, p: int, year: int, usual: np.ndarray) -> Rows | None:
        """The rows of policy p, whose `usual` one is int64[TERMS], where rules change within the year or a plan file has local
        tiers; None where neither is so."""
        region, people = self.readers[p].region, self.people[number].scheme
        times, text = Times.of(region, year), self.scenario.policies[p].plans.get(self.scheme)
        views = [region] if times is None else [region.on(day) for day in times.begin]
        texts = [text or file_in_force(view.value, self.scheme, year, people) for view in views]
        if times is None and not texts[0]:
            return None
        plans = ([self._regions_plans(people, p, year)] if times is None else
                 [self.plans_on(people, p, day) for day in times.begin])
        local, of_times = shares_of_tiers(texts), [self._of_file(p, of_time) for of_time in plans]
        rows = np.stack([pack(of_time if len(of_time) > 1 else of_time * local.shape[1]) for of_time in of_times])
        months, now = (times.months, times.usual) if times else ((0,) * MONTHS, 0)
        rows = leave_diseases(rows, self.people[number].tables)
        rows[..., OF_A_YEAR], rows[now, 0] = usual[OF_A_YEAR], usual
        return Rows(rows, months, now, local)

    def plans_on(self, origin: str, p: int, day: datetime.date) -> list[Plan]:
        """The plans under policy p of the people who came from scheme `origin`, on a day, without the policy's plan file. The
        level is that of the day by the evidence, or where the policy has a level of its own that of the year."""
        reader, year = Reader(self.readers[p].region.on(day)), day.year

        def stated(scheme: str) -> Plan:
            k = over = Decimal(1)
            if self.scenario.policies[p].level == "region":
                k = level_of(self._of_evidence(scheme, p).on(day), scheme, year).k
            elif self.scenario.policies[p].level != "none":
                found = self.book(scheme, p).level(year)
                k, over = found.k, found.over
            return self._at_level(scheme, k, over, reader, year, day)

        plans = plans_in_force(reader.value, self.scheme, year, stated, origin)
        self.readers[p].take_of_day(reader)
        return plans

    def levels(self) -> list[Level]:
        """Every level, scheme by scheme in order of years: the region's own, then those that policies have asked for."""
        return [level for (_, _, policy), book in sorted(self._books.items(), key=lambda known: known[0][2] != "")
                for level in book.levels()]


AT_LEVEL = ("ratio",)                    # the terms that hang on the level, and all others
AT_NO_LEVEL = tuple(name for name in TERMS if name not in AT_LEVEL)
OF_EVIDENCE = {path.rpartition(".")[2] for path in EVIDENCE_PATHS if path not in SCHEDULE_PATHS}
# Where the terms stand that are read once a year, whatever takes effect within it.
OF_A_YEAR = places(*(name for name, term in TERMS.items() if term.path and not holds_by_month(term.path)))


def firsts(policies: Sequence[Policy]) -> list[int]:
    """For each policy the first one under which bills are settled by the same rules at the region's own levels, whatever their
    funds have."""
    known, found = dict[str, int](), list[int]()
    for p, policy in enumerate(policies):
        own = {path: quantity_at(path)[0] for path in policy.changes}
        alone = policy.level != "region" or any(path.rpartition(".")[2] in OF_EVIDENCE for path in own.values())
        of_bills = {path: policy.changes[path] for path in own if is_of_bills(own[path])}
        found.append(known.setdefault(repr((p if alone else "", policy.plans, of_bills)), p))
    return found


def packed(plans: Sequence[Plan]) -> np.ndarray:
    """`pack`: int64[P, TERMS], of plans that have most of their terms in common with the first, as the same objects."""
    rows = np.repeat(pack(list(plans[:1])), len(plans), axis=0)
    for row, plan in zip(rows[1:], plans[1:], strict=True):
        for name, own, common in zip(Plan._fields, plan, plans[0], strict=True):
            if own is not common:
                value, shape = np.asarray(own, dtype=np.int64), SHAPES[name]
                place = row[OFFSETS[name]:OFFSETS[name] + int(np.prod(shape))].reshape(shape)
                place[...] = TERMS[name].neutral
                if value.shape[-1:] > shape[-1:]:
                    pack([plan])                                   # says what does not fit
                place[(..., slice(value.shape[-1])) if shape else ...] = value
    return rows


def day_prices(prices: np.ndarray, reform: Reform) -> np.ndarray:
    """The prices of a day, int64[T], in proportion to the policy's own bills and days, rounded half up to the fen."""
    ratio = reform.bill[0, :, OF_BILLED] / reform.bill[0, :, OF_DAYS] / reform.grown         # which the prices know already
    return np.floor(np.asarray(prices) * ratio + 0.5).astype(np.int64)


def terms_by_draw(terms: np.ndarray, factor: np.ndarray, account_per_head: np.ndarray, readers: Sequence[Reader], scheme: str,
                  year: int, active_share: np.ndarray | float) -> np.ndarray:
    """Each draw's terms int64[D, P, TERMS], from the plans' int64[P, TERMS]: with its control factor, and with individual
    accounts by member class that are `account_per_head` (int64[D, P], fen) in the mean over the members, of whom `active_share`
    (float64[D]) are active."""
    result = np.repeat(terms[None], len(factor), axis=0)
    result[..., FACTOR] = factor
    active = np.floor(np.asarray(active_share) * ONE + 0.5).astype(np.int64)
    for p, reader in enumerate(readers):
        if not account_per_head[:, p].any():
            continue
        relative = reader.value(f"account.{scheme}.class_ratio", year).value
        weights = [int(relative[name] * 100) for name in CLASS_NAMES]
        mean = np.maximum(weights[3] * active + weights[4] * (ONE - active), 1)               # active and retired members
        for c in range(N_CLASSES):
            result[:, p, ACCOUNT_BALANCE + c] = account_per_head[:, p] * weights[c] * ONE // mean
    return result
