"""The plan that a slip or a claims file is settled under: a region's of a year at its level, or a plan file's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np

from simulator import plan as t
from simulator import words
from simulator.parameters.catalogue import PER, SCHEMES, TIERS
from simulator.parameters.claims_terms import OF_A_REGION, ClaimsTerms
from simulator.parameters.effective import effective, in_words
from simulator.parameters.errors import InputError
from simulator.parameters.names import known_name as named
from simulator.parameters.planfile import PlanFile, read_plan
from simulator.parameters.plans import annual_cap_floor, region_plan
from simulator.parameters.regions import Region, load_regions
from simulator.plan import pack

# A plan file's key of a parameter, by its path without the scheme.
KEY_OF = {term.path.replace(".{scheme}", ""): name for name, term in t.TERMS.items() if term.path}


@dataclass(frozen=True)
class Chosen:
    """Terms int64[PLAN_WIDTH], notes on how they came about, where a parameter is said, and the region if it is one's plan."""

    terms: np.ndarray
    notes: list[str]
    cite: Callable[[str], str]
    place: Region | None
    rows: np.ndarray                           # int64[n, PLAN_WIDTH]: `terms`, and those of further local tiers
    claims: ClaimsTerms = OF_A_REGION

    def at(self, tier: str) -> tuple[str, np.ndarray]:
        """The care tier of a hospital tier, which may be the plan's own, and its row of terms. InputError for an unknown one."""
        local = {one.name: one for one in self.claims.tiers}
        tier = named("--tier", tier, tuple(local) or TIERS)
        return (TIERS[local[tier].care], self.rows[local[tier].row]) if local else (tier, self.terms)


def choose(region: str | None, year: int, scheme: str, level: str | None, plan: Path | None, account: int | None = None,
           lang: str = "en") -> Chosen:
    """The plan of a region or of a file. InputError unless it is exactly one of the two, and for unknown names.

    `account` fen is what every member's individual account holds on 1 January; None leaves it to the plan.
    """
    if (region is None) == (plan is None):
        raise InputError("--region or --plan: one of the two is needed" if region is None else
                         "--region and --plan: only one of the two", expected="--region jiangsu --year 2012 --scheme nrcms, "
                         "or --plan PLAN.yaml")
    if plan is not None:
        if level is not None:
            raise InputError("--level with --plan:", value=level, expected="no level: a plan file states its ratios")
        made = _from_file(read_plan(plan))
    else:
        assert region is not None
        scheme = named("--scheme", scheme, SCHEMES)
        made = _from_region(load_regions()[region], year, scheme, level, lang)
    if account is not None:
        made.rows[:, t.ACCOUNT_BALANCE:t.ACCOUNT_BALANCE + t.N_CLASSES] = account
    return made


def _from_file(plan: PlanFile) -> Chosen:
    def cite(path: str) -> str:
        return plan.cite(KEY_OF.get(path, ""))
    rows = pack(list(plan.plans))
    return Chosen(rows[0], [], cite, None, rows, plan.claims)


def _from_region(place: Region, year: int, scheme: str, level: str | None, lang: str) -> Chosen:
    zh = lang == "zh"
    if level is None:
        from simulator.engine.level import level_of  # people and tables: heavy, and not needed for a stated level
        found = level_of(place, scheme, year)
        k, said = found.k, words.level_said(found.as_dict(), lang)
    else:
        k = number("--level", level, 4, "a number from 0 to 4")
        said = f"k = {words.short_k(str(k))}, as asked" if not zh else f"k = {words.short_k(str(k))}（按要求）"
    notes = [f"{'住院报销水平: ' if zh else 'inpatient schedule: '}{said}", *_written_and_paid(place, year, scheme, k, zh)]
    rows = pack([region_plan(place, scheme, year, k)])
    if place.value(f"inpatient.{scheme}.annual_cap", year, required=False) is None:
        floor, binding = annual_cap_floor(place, scheme, year)
        if binding:
            notes.append(f"封顶线 {floor} 元: 各级文件规定的最高底线 ({binding.source})" if zh else
                         f"annual cap {floor} yuan: the largest floor of the law ({binding.source})")

    def cite(path: str) -> str:
        topic, name = path.split(".")
        where = f"{topic}.{scheme}.{name}" if PER[topic] == "scheme" else path
        value = place.value(where, year, required=False)
        if value is None:
            return ""
        status = words.word(words.STATUS_NAMES, value.status, lang) if zh else value.status
        return f"{status}: {value.source.removeprefix(value.status).removeprefix(': ')}"

    return Chosen(rows[0], notes, cite, place, rows)


def _written_and_paid(place: Region, year: int, scheme: str, k: Decimal, zh: bool) -> list[str]:
    """The written ratios and those that are paid at level k, tier by tier, where they differ."""
    if k == 1:
        return []
    value = place.value(f"inpatient.{scheme}.ratio", year)
    written, paid = (words.ratios_said(in_words(ratios), "zh" if zh else "en") for ratios in (value.value, effective(value, k)))
    return [f"报销比例(%)文本: {written}; 实际支付: {paid}" if zh else f"ratios in percent, written: {written}; paid: {paid}"]


def number(option: str, text: str, most: int, expected: str) -> Decimal:
    """The number, from 0 to `most`. InputError for anything else."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value <= most:
        raise InputError(f"{option}:", value=text, expected=expected)
    return value
