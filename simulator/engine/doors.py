"""The doors of `explain` and `settle`: options into a bill or a file, the plan chosen, settled under it.

Both doors read the plan of a region, scheme and day through `chosen_plan.choose`, as a run with its defaults does.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np

from simulator.claims.columns import BY_NAME, OUT_OF_AREA_WORDS
from simulator.claims.files import OUTPUT_ENDINGS, READ, suffix
from simulator.claims.header import Stated
from simulator.claims.mapping import REPEATED, ClaimsMap, read_map
from simulator.claims.rule_books import RuleBook, RuleBooks
from simulator.claims.settle import Asked, Progress, settle
from simulator.claims.text import ENCODINGS
from simulator.claims.totals import Totals
from simulator.claims.unsaid import remarks_on_unsaid
from simulator.engine.chosen_plan import choose, number, percentage, rule_days
from simulator.law.year import STATE, YearState
from simulator.money import LARGEST_BILL, fen, ratio, share, yuan
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, SCHEMES, TIERS
from simulator.parameters.claims_terms import OF_A_REGION, ClaimsTerms
from simulator.parameters.days import day_named
from simulator.parameters.errors import InputError, display_path, nearest, one_of
from simulator.parameters.merged import origins
from simulator.parameters.names import canonical
from simulator.parameters.names import known_name as named
from simulator.parameters.overlay import claims_over
from simulator.parameters.percent import NUMBER
from simulator.parameters.planfile import plan_of_text, read_plan
from simulator.parameters.regions import Region, load_regions
from simulator.plan import N_CHRONIC
from simulator.scenario import WHOLE_NUMBERS
from simulator.slip.steps import Bill, Step
from simulator.slip.unstated import unstated_of
from simulator.slip.words import explain, explain_facts


def amount(option: str, text: str, largest: int = LARGEST_BILL) -> int:
    """Fen of an amount in yuan given on the command line, written as in files. InputError unless it is an amount from 0 to the
    largest bill."""
    try:
        value = fen(Decimal(text)) if re.fullmatch(NUMBER, text, re.ASCII) else -1
    except ValueError:                                   # a part of a fen
        value = -1
    if not 0 <= value <= largest:
        raise InputError(f"{option}:", value=text,
                         expected=f"an amount in yuan from 0 to {yuan(largest)} with at most two decimals")
    return value


def member_class(region: Region | None, scheme: str, year: int, age: int) -> str:
    """The member class of an age: active or retired in a region's uebmi, child or adult elsewhere."""
    if region is not None and scheme == "uebmi":
        return "retired" if age >= region.value("population.uebmi.retirement_age_male", year).value else "active"
    return "child" if age < 18 else "adult"


def explain_bill(*, tier: str, bill: str, region: str | None = None, year: int = 2012, date: str | None = None,
                 scheme: str = "nrcms", plan: Path | None = None,
         in_scope: str | None = None, illness: str | None = None, units: int = 1, days: int = 1, case_price: str = "0",
         new_drug: str = "0", age: int = 45, member: str | None = None, group: str = "none", outpatient: bool = False,
         chronic: bool = False, emergency: bool = False, unreferred: bool = False, tcm: str = "0", admissions: int = 0,
         paid_so_far: str = "0", self_paid_so_far: str = "0", account_balance: str | None = None, commercial: bool = False,
         pilot: bool | None = None, payment_area: bool = False, first_pay: str = "0", out_of_area: str = "no",
         civil_servant: bool = False, essential: str = "0", quota_price: str = "0", insured_years: int = 0,
         chronic_group: str = "1", level: str | None = None,
         lang: str = "en", changes: Sequence[Mapping[str, object]] = ()) -> tuple[list[Step], list[str]]:
    """Steps of the slip and the notes under it, in one language. A `date` of discharge stands in place of the year; `changes` are
    laid over the region, as `choose` does it. InputError for anything that is not a bill of this plan."""
    scheme, group = canonical("scheme", scheme), named("--income-group", group, GROUPS)
    illness = None if illness is None else named("--illness", illness, ILLNESSES)
    member = None if member is None else named("--member-class", member, CLASSES)
    if chronic and not outpatient:
        raise InputError("--chronic without --outpatient", expected="--outpatient --chronic")
    billed = amount("--bill", bill)
    stated = None if in_scope is None else percentage("--in-scope", in_scope)
    if stated is None and region is None:
        raise InputError("--in-scope is needed with --plan", expected="the in-scope share of the bill in percent")
    amounts = {option: amount(option, text) for option, text in (
        ("--tcm", tcm), ("--new-drug", new_drug), ("--case-price", case_price), ("--paid-so-far", paid_so_far),
        ("--self-paid-so-far", self_paid_so_far), ("--first-pay", first_pay), ("--essential", essential),
        ("--quota-price", quota_price))}
    if out_of_area not in OUT_OF_AREA_WORDS:
        raise InputError("--out-of-area:", value=out_of_area, expected=one_of(OUT_OF_AREA_WORDS))
    account = None if account_balance is None else amount("--account-balance", account_balance)
    day = None if date is None else day_named("--date", date)
    if day is not None:
        if region is None:
            raise InputError("--date with --plan:", value=date, expected="no date: a plan file's rules are those of every day")
        year = day.year
    chosen = choose(region, day or year, scheme, level, plan, account, lang, changes)
    care, terms = chosen.at(tier)
    if stated is None:
        assert chosen.place is not None
        mean = "visit_in_scope_share" if outpatient else "in_scope_share"
        stated = chosen.place.value(f"care.{origins(scheme)[-1]}.{mean}", year).value[care]
    part = ratio(stated.quantize(Decimal("0.01")))
    eligible = share(billed, part)
    for option in ("--tcm", "--new-drug", "--first-pay", "--essential"):
        if amounts[option] > eligible:
            raise InputError(f"{option}:", value=yuan(amounts[option]),
                             expected=f"at most the in-scope expense, {yuan(eligible)} yuan")
    state = np.zeros(STATE, dtype=np.int64)
    state[[YearState.ADMISSIONS, YearState.ADMISSIONS_AT + TIERS.index(care)]] = admissions
    state[YearState.CAP_USED], state[YearState.SELF_PAY_YEAR] = amounts["--paid-so-far"], amounts["--self-paid-so-far"]

    def cite(path: str) -> str:
        return "" if in_scope is not None and path.endswith("in_scope_share") else chosen.cite(path)

    local = next((local for local in chosen.claims.tiers if local.name == tier), None)
    made = Bill(tier=care, local_tier="" if local is None or tier == care else tier, billed=billed, eligible=eligible,
                kind="outpatient" if outpatient else "inpatient", illness=illness, units=units, days=days,
                tcm=amounts["--tcm"], case_price=amounts["--case-price"], new_drug=amounts["--new-drug"],
                unreferred=unreferred, chronic=_disease(chosen.claims, chronic_group) if chronic else 0, emergency=emergency,
                first_pay=amounts["--first-pay"], out_of_area=OUT_OF_AREA_WORDS[out_of_area], civil_servant=civil_servant,
                essential=amounts["--essential"], quota_price=amounts["--quota-price"], insured_years=insured_years,
                member_class=member or member_class(chosen.place, scheme, year, age), group=group, pilot_area=pilot,
                payment_area=payment_area, commercial=commercial, in_scope=part)
    row = np.array([0 if local is None else local.row])
    for column, value, expected in unstated_of(chosen.claims, chosen.rows, row, made.facts()[None]).values():
        raise InputError(f"{column}: the plan states no ratio for", value=value, expected=expected, file=str(plan))
    return explain(terms, state, made, cite, lang), chosen.notes


def _disease(claims: ClaimsTerms, group: str) -> int:
    """The number of a group of chronic diseases, by number or by the plan's name for it. InputError for another."""
    known = {**{str(n): n for n in range(1, N_CHRONIC + 1)}, **{name: n for n, name in enumerate(claims.chronic_groups, start=1)}}
    if group not in known:
        raise InputError("--chronic-group:", value=group, expected=one_of(known), suggestion=nearest(group, known))
    return known[group]


def settle_file(claims: Path, out: Path, *, region: str | None, year: int, scheme: str, plan: Path | None, level: str | None,
                account_balance: str | None, on_error: str, encoding: str | None = None, columns: Sequence[str] = (),
                lang: str = "en", tell: Progress = lambda what, done, steps: None, mapping: Path | None = None,
                passed: Sequence[str] = (), lenient: bool = False, sort: bool = False, repeated: str | None = None,
                sheet: str | None = None, header_line: int | None = None, force: bool = False,
                explain_line: int | None = None) -> tuple[Totals, list[list[Step]]]:
    """The verb: chooses the plan, a region's for each bill by its date, and settles; with the slip of the bill in a line, where
    asked, one for each part in which it was settled. InputError for bad options and rows."""
    suffix(claims, "CLAIMS", READ)
    suffix(out, "--out", OUTPUT_ENDINGS)
    stated = ClaimsMap() if mapping is None else read_map(mapping)
    stated.stated |= {name: Stated((title,)) for name, title in map(_renamed, columns)}
    stated.passed = (*stated.passed, *passed)
    stated.encoding, stated.repeated = encoding or stated.encoding, repeated or stated.repeated
    stated.sheet, stated.header_line = sheet or stated.sheet, header_line or stated.header_line
    stated.lenient, stated.sort = lenient or stated.lenient, sort or stated.sort
    if stated.encoding is not None:
        named("--encoding", stated.encoding, ENCODINGS)
    if stated.repeated is not None:
        named("--repeated", stated.repeated, REPEATED)
    account = None if account_balance is None else amount("--account-balance", account_balance)
    scheme = canonical("scheme", scheme)
    books = rule_books(region, year, scheme, level, plan, account, lang)
    defaults = {"member_class": CLASSES.index("active")} if region is not None and scheme == "uebmi" else {}
    asked = Asked(stated, on_error, lang, defaults, force, explain_line)

    def remarks(totals: Totals) -> list[str]:
        notes = [note for book in books.books for note in book.notes]
        if plan is None:
            return notes
        unsaid = remarks_on_unsaid(claims, books, asked, totals.rows) if region is None else []
        return [*notes, *_out_of_force(plan, totals.years, lang), *unsaid]

    totals, watched = settle(claims, books, out, asked, tell, remarks)
    slips = [] if watched is None else [explain_facts(terms, state.copy(), facts, lang) for terms, state, facts in watched.parts]
    return totals, slips


def _out_of_force(plan: Path, years: set[int], lang: str) -> list[str]:
    """A remark on claims of years in which a plan file says that it is not in force; nothing of a file that does not say."""
    about = read_plan(plan).about
    if about is None:
        return []
    others = ", ".join(str(year) for year in sorted(years - {0})
                       if year < about.from_.year or about.until is not None and year > about.until.year)
    if not others:
        return []
    if lang == "zh":
        return [f"{others} 年的单据按不在其施行期内的规则结算: {about.title_zh}"]
    return [f"claims of {others} are settled under rules that were not in force then: {about.title}"]


def rule_books(region: str | None, year: int, scheme: str, level: str | None, plan: Path | None, account: int | None,
               lang: str) -> RuleBooks:
    """The rules of a claims file: a plan file's, a region's of each day, or the one over the other. InputError as `choose` raises
    it."""
    scheme = canonical("scheme", scheme)
    if region is None:
        chosen = choose(region, year, scheme, level, plan, account, lang)
        return RuleBooks(chosen.claims, RuleBook(display_path(plan) if plan else "", chosen.rows))
    named("--scheme", scheme, SCHEMES)
    if level is not None:
        number("--level", level, 4, "a number from 0 to 4")
    made: dict[datetime.date, RuleBook] = {}
    place, (first, last) = load_regions()[region], WHOLE_NUMBERS["year"]
    title = f"{place.name} {scheme}" + (f" + {display_path(plan)}" if plan else "")

    def of_day(day: datetime.date) -> RuleBook:
        if not first <= day.year <= last:
            raise InputError("a year without rules:", value=day.year, expected=f"a day from {first} to {last}")
        begun = [begins for begins in rule_days(place, day.year) if begins <= day][-1]
        if begun not in made:
            found = choose(region, begun, scheme, level, plan, account, lang)
            rows = found.rows if len(found.rows) > 1 else np.repeat(found.rows, claims.rows, axis=0)
            same = next((book for book in made.values() if np.array_equal(book.terms, rows)), None)
            since = begun.year if (begun.month, begun.day) == (1, 1) else begun
            notes = tuple(f"{since}: {note}" for note in found.notes)
            made[begun] = same or RuleBook(f"{title} {since}", rows, notes)
        return made[begun]

    @cache
    def usual() -> RuleBook:
        chosen = choose(region, year, scheme, level, plan, account, lang)
        rows = chosen.rows if len(chosen.rows) > 1 else np.repeat(chosen.rows, claims.rows, axis=0)
        return RuleBook(f"{title} {year}", rows, tuple(f"{year}: {note}" for note in chosen.notes))

    claims = claims_of_region(place, scheme) if plan is None else claims_over(read_plan(plan))
    return RuleBooks(claims, of_day=lambda day: of_day(datetime.date(day // 10_000, day // 100 % 100, day % 100)) if day
                     else usual())


def claims_of_region(place: Region, scheme: str) -> ClaimsTerms:
    """What a region says of whole claims files: with plan files of its own their local tiers and groups of diseases. InputError
    where two of them have others."""
    texts = dict.fromkeys(entry.data for part in (scheme, *origins(scheme)) for entry in place.entries_of(f"plans.{part}.file"))
    found = [claims_over(plan_of_text(text, "plans.yaml")) for text in texts if text]
    if any((one.tiers, one.chronic_groups) != (found[0].tiers, found[0].chronic_groups) for one in found):
        raise InputError(f"plan files of {place.name} with other local tiers or groups of diseases:", value=f"{len(found)} files",
                         expected="--plan FILE with each, on the claims of its days")
    return found[0] if found else OF_A_REGION


def _renamed(text: str) -> tuple[str, str]:
    """NAME=HEADER of --column."""
    name, _, title = text.partition("=")
    if not title:
        raise InputError("--column:", value=text, expected="NAME=HEADER, for example billed=总费用")
    return named("--column", name, tuple(BY_NAME)), title
