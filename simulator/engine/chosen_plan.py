"""The plan that a slip or a claims file is settled under: a region's of a day at its level, a plan file's, or the one over the
other."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator import plan as t
from simulator import words
from simulator.parameters.catalogue import MERGED, ORIGINS, PER, SCHEMES, TIERS
from simulator.parameters.claims_terms import OF_A_REGION, ClaimsTerms
from simulator.parameters.days import day_of
from simulator.parameters.effective import effective, in_words
from simulator.parameters.errors import InputError
from simulator.parameters.merged import APART, merger_terms, origins, rule_book
from simulator.parameters.names import known_name as named
from simulator.parameters.percent import NUMBER, fraction_fault, is_fraction, unmarked
from simulator.parameters.planfile import PlanFile, read_plan, text_of_plan
from simulator.parameters.plans import annual_cap_floor, region_plan
from simulator.parameters.regions import Region, load_regions
from simulator.parameters.rules_in_force import file_of, plans_in_force, ruled_by, states_admissions
from simulator.plan import Plan, pack

# A plan file's key of a parameter, by its path without the scheme.
KEY_OF = {term.path.replace(".{scheme}", ""): name for name, term in t.TERMS.items() if term.path}

# What a plan file may state, by topic.
TOPICS_OF_A_FILE = {**words.TOPIC_NAMES, "civil": ("Civil servants' supplement", "公务员医疗补助")}


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


def choose(region: str | None, at: int | datetime.date, scheme: str, level: str | None, plan: Path | None,
           account: int | None = None, lang: str = "en", changes: Sequence[Mapping[str, object]] = ()) -> Chosen:
    """The plan of a region on a day, or in a year as a simulation has it, of a file, or of a file over the region topic by topic,
    as a policy of a simulation has it. InputError where neither is asked for, and for unknown names.

    `account` fen is what every member's individual account holds on 1 January; None leaves it to the plan. `changes` are laid
    over the region one after the other from the year on; its level k is that of the region before the last, as of a policy.
    """
    if region is None and plan is None:
        raise InputError("--region or --plan: one of the two is needed", expected="--region jiangsu --year 2012 --scheme nrcms, "
                         "or --plan PLAN.yaml, or a plan file over a region with both")
    if region is None:
        assert plan is not None
        if level is not None:
            raise InputError("--level with --plan:", value=level, expected="no level: a plan file states its ratios")
        made = _from_file(read_plan(plan))
    else:
        assert region is not None
        scheme = named("--scheme", scheme, SCHEMES)
        place = load_regions()[region]
        before = place
        for change in changes:
            before, place = place, place.with_changes(change, "changes", day_of(at).year)
        made = _from_region(place, day_of(at), scheme, level, lang, before)
        if plan is not None:
            made = _from_both(place, day_of(at), scheme, level, plan, made, lang)
        if isinstance(at, int):
            made.notes.extend(within_year(place, scheme, at, lang))
    if account is not None:
        made.rows[:, t.ACCOUNT_BALANCE:t.ACCOUNT_BALANCE + t.N_CLASSES] = account
    return made


def _from_file(plan: PlanFile) -> Chosen:
    def cite(path: str) -> str:
        return plan.cite(KEY_OF.get(path, ""))
    rows = pack(list(plan.plans))
    return Chosen(rows[0], [], cite, None, rows, plan.claims)


def _from_both(place: Region, day: datetime.date, scheme: str, level: str | None, path: Path, of_region: Chosen,
               lang: str) -> Chosen:
    """A plan file over the plan of a region."""
    from simulator.parameters.overlay import check_over_region, claims_over, laid_over, topics, whole
    plan, data = read_plan(path), json.loads(text_of_plan(path))
    check_over_region(data, "--plan with --region", "a plan without it", "--account-balance YUAN")
    if plan.about is not None and plan.about.scheme in SCHEMES and plan.about.scheme != scheme:
        raise InputError("--plan with --region: the plan says that it is one of", value=plan.about.scheme,
                         expected=f"--scheme {plan.about.scheme}")
    stated, complete = topics(data), whole(plan)
    if complete and level is not None:
        raise InputError("--level with a plan that states every ratio of admissions:", value=level, expected="no level")
    asked = None if level is None else number("--level", level, 4, "a number from 0 to 4")
    of_day = plan_of_day(place, scheme, day, asked).plans
    if len(of_day) > 1:
        raise InputError(f"--plan over {place.name}, whose own plan has local tiers:", value=plan.file,
                         expected="one of the two without local tiers")
    rows = pack(laid_over(of_day[0], plan, stated))

    def cite(path: str) -> str:
        own = plan.cite(KEY_OF.get(path, ""))
        return own if own or path.partition(".")[0] in stated else of_region.cite(path)

    note = _in_place(plan.file, place, stated, lang)
    return Chosen(rows[0], [note, *([] if complete else of_region.notes)], cite, place, rows, claims_over(plan))


def _in_place(file: str, place: Region, stated: set[str], lang: str) -> str:
    """That a plan file stands in the place of a region's rules, and on which topics."""
    names = ("、" if lang == "zh" else ", ").join(words.word(TOPICS_OF_A_FILE, topic, lang) for topic in sorted(stated))
    return (f"{file} 代替{place.name}的规则, 按主题: {names}" if lang == "zh" else
            f"{file} in the place of {place.name}'s rules, by topic: {names}")


def _from_region(place: Region, day: datetime.date, scheme: str, level: str | None, lang: str, before: Region) -> Chosen:
    """The plan of a region; its level, where none is asked for, is that of the region `before` a policy's changes."""
    view, year, zh = place.on(day), day.year, lang == "zh"
    k = None if level is None else number("--level", level, 4, "a number from 0 to 4")
    if k is None and before is not place and len(ks := plan_of_day(before, scheme, day).ks) == 1:
        k = ks[0]
    found = plan_of_day(place, scheme, day, k)
    notes, stated, claims = [], set[str](), OF_A_REGION
    ruled = ruled_by(view.value, scheme, year, scheme)
    own = file_of(view.value, ruled[0], year) if len(ruled) == 1 else None
    if own is not None:
        from simulator.parameters.overlay import claims_over, read, topics
        stated, claims = topics(json.loads(own.value)), claims_over(read(own.value))
        notes.append(_in_place(f"{own.path} ({own.source})", place, stated, lang))
        if level is not None and states_admissions(own):
            raise InputError("--level where the region's plan file states every ratio of admissions:", value=level,
                             expected="no level")
    if len(found.schemes) > 1:
        notes.append("城乡居民医保待遇: 逐项取新农合与城镇居民医保中较优者 (merger.benefit: better)" if zh else
                     f"rules of {scheme}: in every term the better of nrcms and urbmi (merger.benefit: better)")
    for part, k in zip(found.schemes, found.ks, strict=True):
        if level is None:
            from simulator.engine.level import level_of  # people and tables: heavy, and not needed for a stated level
            said = words.level_said(level_of(before.on(day), part, year).as_dict(), lang)
        else:
            said = f"k = {words.short_k(str(k))}, as asked" if not zh else f"k = {words.short_k(str(k))}（按要求）"
        of_part = f" ({part})" if part != scheme else ""
        notes += [f"{'住院报销水平' if zh else 'inpatient schedule'}{of_part}: {said}",
                  *_written_and_paid(view, year, part, k, zh)]
        if "inpatient" not in stated and view.value(f"inpatient.{part}.annual_cap", year, required=False) is None:
            floor, binding = annual_cap_floor(view, part, year)
            if binding:
                notes.append(f"封顶线 {floor} 元: 各级文件规定的最高底线 ({binding.source})" if zh else
                             f"annual cap {floor} yuan: the largest floor of the law ({binding.source})")

    def cite(path: str) -> str:
        topic, name = path.split(".")
        for part in found.schemes:
            value = own if topic in stated else view.value(
                f"{topic}.{part}.{name}" if PER[topic] == "scheme" else path, year, required=False)
            if value is not None:
                status = words.word(words.STATUS_NAMES, value.status, lang) if zh else value.status
                return f"{status}: {value.source.removeprefix(value.status).removeprefix(': ')}"
        return ""

    rows = pack(list(found.plans))
    return Chosen(rows[0], list(dict.fromkeys(notes)), cite, place, rows, claims)


class OfDay(NamedTuple):
    """The plan of a region, scheme and day, the schemes whose rules it is made of, and the level k of each of them."""

    plans: tuple[Plan, ...]        # several where the region's plan file has local tiers
    schemes: tuple[str, ...]
    ks: tuple[Decimal, ...]

    @property
    def plan(self) -> Plan:
        """The plan; of one with local tiers the first row."""
        return self.plans[0]


def plan_of_day(place: Region, scheme: str, day: datetime.date, level: Decimal | None = None,
                origin: str | None = None) -> OfDay:
    """The one plan that every door reads: what a run settles bills by, on a day. `level` in place of the region's. `origin` is
    the scheme that a member of the merged scheme comes from. InputError where each of them keeps the rules of its own, and none
    is named."""
    view, year = place.on(day), day.year
    book = rule_book(view.value, year) if scheme == MERGED else ""
    if book == APART and origin is None:
        first, _, _ = merger_terms(view.value, year)
        raise InputError(f"members of {scheme} in {place.name} keep the rules of the scheme they come from in", value=year,
                         expected=" or ".join(f"--scheme {part}" for part in ORIGINS),
                         next_step=f"the schemes merge in {first}" if first else "the schemes do not merge (merger.first_year)")
    ks: dict[str, Decimal] = {}

    def stated(part: str) -> Plan:
        if level is None:
            from simulator.engine.level import level_of  # people and tables: heavy, and not needed for a stated level
            ks[part] = level_of(view, part, year).k
        else:
            ks[part] = level
        return region_plan(view, part, year, ks[part], scheme)

    plans = plans_in_force(view.value, scheme, year, stated, origin or scheme)
    return OfDay(tuple(plans), tuple(ks), tuple(ks.values()))


def rule_days(place: Region, year: int) -> list[datetime.date]:
    """The days of a year on which its rules may change: 1 January, and the days on which some value takes effect."""
    return [datetime.date(year, 1, 1), *(day for day in place.days() if day.year == year and (day.month, day.day) != (1, 1))]


def within_year(place: Region, scheme: str, year: int, lang: str) -> list[str]:
    """What to say where a year was asked for and its rules change within it."""
    before, changed = None, []
    for day in rule_days(place, year):
        now = b"".join(_at_one(place.on(day), part, year, scheme) for part in origins(scheme))
        if before is not None and now != before:
            changed.append(day)
        before = now
    if not changed:
        return []
    when = ", ".join(map(str, changed))
    return [f"{year} 年内规则有变 ({when}); 此处为 7 月 1 日的规则, 其他日期请用 --date" if lang == "zh" else
            f"rules change within {year} ({when}); these are those of 1 July: --date DAY for those of another day"]


def _at_one(view: Region, scheme: str, year: int, payer: str) -> bytes:
    """A scheme's rows of terms at a level of 1, with hospitals paid as `payer` pays them."""
    rows = plans_in_force(view.value, scheme, year, lambda part: region_plan(view, part, year, payer=payer), scheme)
    return pack(rows).tobytes()


def _written_and_paid(place: Region, year: int, scheme: str, k: Decimal, zh: bool) -> list[str]:
    """The written ratios and those that are paid at level k, tier by tier, where they differ."""
    if k == 1:
        return []
    value = place.value(f"inpatient.{scheme}.ratio", year)
    written, paid = (words.ratios_said(in_words(ratios), "zh" if zh else "en") for ratios in (value.value, effective(value, k)))
    return [f"报销比例(%)文本: {written}; 实际支付: {paid}" if zh else f"ratios in percent, written: {written}; paid: {paid}"]


def number(option: str, text: str, most: int, expected: str) -> Decimal:
    """The number, from 0 to `most`, written as in files: digits without sign, exponent or separators. InputError for anything
    else."""
    if not re.fullmatch(NUMBER, text, re.ASCII) or not 0 <= Decimal(text) <= most:
        raise InputError(f"{option}:", value=text, expected=expected)
    return Decimal(text)


def percentage(option: str, text: str) -> Decimal:
    """The percentage, `80` or `80%`, from 0 to 100. InputError for anything else, also for a fraction, which needs its sign."""
    if is_fraction(text):
        fault = fraction_fault(text)
        raise InputError(f"{option}: {fault.pop('problem')}", **fault)
    expected = "a percentage from 0 to 100 with at most two decimals"
    found = number(option, unmarked(text), 100, expected)
    if found != found.quantize(Decimal("0.01")):
        raise InputError(f"{option}:", value=text, expected=expected)
    return found
