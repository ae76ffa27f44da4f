"""A settlement slip for one bill of a region: reads the plan, solves its level, settles, cites."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import numpy as np

from simulator.benefits.explain import Bill, Step, explain
from simulator.benefits.rules import ADMISSIONS, CAP_USED, SELF_PAY_YEAR, STATE
from simulator.benefits.terms import pack
from simulator.level import solve_level
from simulator.money import LARGEST_BILL, fen, ratio, share, yuan
from simulator.parameters.catalogue import GROUPS, ILLNESSES, TIERS
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.plans import annual_cap_floor, region_plan
from simulator.parameters.regions import Region, load_regions
from simulator.scenario import Scenario
from simulator.setup import prepare


def amount(option: str, text: str, largest: int = LARGEST_BILL) -> int:
    """Fen of an amount in yuan given on the command line. InputError unless it is an amount from 0 to the largest bill."""
    try:
        value = fen(Decimal(text))
    except (InvalidOperation, ValueError, OverflowError):
        value = -1
    if not 0 <= value <= largest:
        raise InputError(f"{option}:", value=text,
                         expected=f"an amount in yuan from 0 to {yuan(largest)} with at most two decimals")
    return value


def named(option: str, word: str, known: tuple[str, ...]) -> str:
    """The word itself. InputError with the nearest right name if it is not known."""
    if word not in known:
        raise InputError(f"{option}: unknown name", value=word, expected=one_of(known), suggestion=nearest(word, known))
    return word


def member_class(region: Region, scheme: str, year: int, age: int) -> str:
    """The member class of an age: active or retired in uebmi, child or adult elsewhere."""
    if scheme == "uebmi":
        return "retired" if age >= region.value("population.uebmi.retirement_age_male", year).value else "active"
    return "child" if age < 18 else "adult"


def slip(*, region: str, year: int, scheme: str, tier: str, bill: str, in_scope: str | None = None, illness: str | None = None,
         units: int = 1, age: int = 45, group: str = "none", outpatient: bool = False, unreferred: bool = False, tcm: str = "0",
         admissions: int = 0, paid_so_far: str = "0", self_paid_so_far: str = "0", pilot: bool = True,
         level: str | None = None) -> tuple[list[Step], list[str]]:
    """Steps of the slip and the notes under it. InputError for anything that is not a bill of this region."""
    place = load_regions()[region]
    named("--tier", tier, TIERS)
    named("--income-group", group, GROUPS)
    if illness is not None:
        named("--illness", illness, ILLNESSES)
    billed = amount("--bill", bill)
    kind = "visit_in_scope_share" if outpatient else "in_scope_share"
    scope = place.value(f"care.{scheme}.{kind}", year).value[tier] if in_scope is None else \
        _between("--in-scope", in_scope, 100, "a percentage from 0 to 100")
    eligible = share(billed, ratio(scope.quantize(Decimal("0.01"))))
    medicine = amount("--tcm", tcm)
    if medicine > eligible:
        raise InputError("--tcm:", value=tcm, expected=f"at most the in-scope expense, {yuan(eligible)} yuan")
    notes = []
    if level is None:
        usual = Scenario("explain", (region,), year=year)             # the people of a run with its defaults: the same k
        solved = solve_level(prepare(place, scheme, year, usual.horizon, usual.people or 1, usual.outpatient_share, usual.seed),
                             year)
        k = solved.k
        notes.append(f"level k = {k}: r' = 1 - k (1 - r), solved to the in-scope ratio {solved.target}% "
                     f"({solved.status}: {solved.source})")
    else:
        k = _between("--level", level, 4, "a number from 0 to 4")
    terms = pack([region_plan(place, scheme, year, k)])[0]
    state = np.zeros(STATE, dtype=np.int64)
    state[ADMISSIONS] = admissions
    state[CAP_USED] = amount("--paid-so-far", paid_so_far)
    state[SELF_PAY_YEAR] = amount("--self-paid-so-far", self_paid_so_far)

    def cite(path: str) -> str:
        topic, name = path.split(".")
        where = path if topic == "assistance" else f"{topic}.{scheme}.{name}"
        value = place.value(where, year, required=False)
        if value is None:
            return ""
        return value.source if value.source.startswith(value.status) else f"{value.status}: {value.source}"

    made = Bill(tier=tier, billed=billed, eligible=eligible, kind="outpatient" if outpatient else "inpatient", illness=illness,
                units=units, tcm=medicine, unreferred=unreferred, member_class=member_class(place, scheme, year, age),
                group=group, pilot_area=pilot)
    steps = explain(terms, state, made, cite)
    if place.value(f"inpatient.{scheme}.annual_cap", year, required=False) is None:
        floor, binding = annual_cap_floor(place, scheme, year)
        if binding:
            notes.append(f"annual cap {floor} yuan: the largest floor of the law ({binding.source})")
    return steps, notes


def _between(option: str, text: str, most: int, expected: str) -> Decimal:
    """The number, from 0 to `most`. InputError for anything else."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value <= most:
        raise InputError(f"{option}:", value=text, expected=expected)
    return value


def print_slip(steps: list[Step], notes: list[str], lang: str) -> None:
    """The slip as a table, amounts in yuan; labels in the chosen language."""
    from rich.console import Console
    from rich.table import Table
    zh = lang == "zh"
    table = Table(title="结算单" if zh else "Settlement slip", show_lines=False)
    heads = ("步骤", "金额(元)", "算式", "依据") if zh else ("step", "yuan", "formula", "ground")
    for column, head in enumerate(heads):
        table.add_column(head, justify="right" if column == 1 else "left", overflow="fold")
    for step in steps:
        table.add_row(step.zh if zh else step.en, yuan(step.amount), step.formula, step.source)
    console = Console(width=None if Console().is_terminal else 160)
    console.print(table)
    for note in notes:
        console.print(note)
