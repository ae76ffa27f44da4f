"""Changes with dates: what a parameter is, from which day on, after the steps of a change.

A change is written bare or with a verb, and then holds from the first year of the run on; or with a date, `{from: 2014-01-01,
times: "1.1"}`; or as a list of such steps, each of which changes what the steps before it have made. A value that is stated
holds as stated from its day on, in place of everything later, and where the parameter grows it grows from then. What is moved
(`times`, `plus`) keeps its own later dates.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from decimal import Context, Decimal
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from .change import VERBS, as_written, changed_data, each_number, rounded_to, smallest_part, verb_of
from .days import day_named, month_of
from .errors import InputError, nearest, one_of
from .values import START_OF_TIME, Entry, quantity_at
from .values import Step as Done

if TYPE_CHECKING:
    from .regions import Region

FROM = "from"
A_STEP = "{from: 2014-01-01, value: X}, or with times or plus in place of value"
# Topics of rules by which bills are settled, each by those of its month of discharge.
BY_MONTH = ("inpatient", "outpatient", "listed", "supplement", "cii", "assistance", "commercial", "relief")
FUNDS_READ = ("funding", "control", "pooling")     # topics that funds read, and bills where a term of settlement says so
DECIMALS = Decimal("1e-12")       # of what has grown and has no smallest part

# What grows after its date, and by which rate; `{scheme}` is that of the path, nrcms where it has none.
GROWS = {
    "funding.subsidy": "funding.{scheme}.funding_growth", "funding.premium": "funding.{scheme}.funding_growth",
    "income.average_wage": "income.wage_growth", "income.urban_disposable_income": "income.income_growth",
    "income.rural_net_income": "income.income_growth", "income.national_rural_net_income": "income.income_growth",
    "income.poverty_line": "income.cpi", "income.subsistence_urban": "income.cpi", "income.subsistence_rural": "income.cpi",
    "care.bill_mean": "care.{scheme}.bill_growth", "care.visit_mean": "care.{scheme}.bill_growth",
    "care.admission_rate": "care.{scheme}.use_growth", "care.visit_rate": "care.{scheme}.visit_growth",
    "illness.first_year_bill": "care.{scheme}.bill_growth", "illness.later_bill": "care.{scheme}.bill_growth",
    "conduct.beds_per_1000": "conduct.{scheme}.beds_growth",
}


class Step(NamedTuple):
    """One step of a change; `from_` None: from the first year of the run on."""

    from_: datetime.date | None
    verb: str
    operand: object


def steps_of(data: object, path: str) -> list[Step]:
    """The steps of a change as a scenario states it. InputError for a step without a date behind another, a day that is none,
    dates that do not rise, for what is neither a value nor a step, and for a plan file."""
    if path.startswith("plans."):
        raise InputError("a plan file is no change of a region:", value=path, expected="`plans: {nrcms: NAME}` of a policy")
    if isinstance(data, (list, tuple)) and any(_is_dated(item) for item in data):
        steps = [_step(item, path) for item in data]
        for before, after in zip(steps, steps[1:], strict=False):
            if after.from_ is None or before.from_ is not None and after.from_ <= before.from_:
                raise InputError(f"{path}: the dates of the steps do not rise:", value=after.from_ or "no date",
                                 expected=f"a day after {before.from_ or 'the first'}")
        return steps
    return [_step(data, path)]


def _is_dated(data: object) -> bool:
    return isinstance(data, Mapping) and FROM in data and len(data) == 2


def _step(data: object, path: str) -> Step:
    if not isinstance(data, Mapping) or FROM not in data:
        verb, operand = verb_of(data, path)
        return Step(None, verb, as_written(operand, path))
    words = [str(word) for word in data if word != FROM]
    if len(words) != 1 or words[0] not in VERBS:
        raise InputError(f"{path}: not a step:", value=", ".join(map(str, data)), expected=A_STEP,
                         suggestion=next((close for word in words if (close := nearest(word, VERBS))), None))
    return Step(day_named(f"{path}: from", data[FROM]), words[0], as_written(data[words[0]], path))


def growth_path(own: str) -> str | None:
    """The rate by which a parameter grows after its date; None where it does not."""
    topic, *middle, name = own.split(".")
    rate = GROWS.get(f"{topic}.{name}")
    return rate and rate.format(scheme=middle[0] if middle and topic != "illness" else "nrcms")


class At(NamedTuple):
    """What a parameter is from a day on: the entry that stood there unchanged, and what the steps have done to it."""

    from_: datetime.date
    data: object
    entry: Entry | None
    done: tuple[Done, ...] = ()


def is_rule(path: str) -> bool:
    """Whether a parameter is of the rules by which bills are settled."""
    return path.partition(".")[0] in BY_MONTH


def is_of_bills(own: str) -> bool:
    """Whether bills may be settled by a parameter: by all but those that funds alone read."""
    topic, *middle, name = own.split(".")
    return topic not in FUNDS_READ or f"{topic}.{'{scheme}.' if middle else ''}{name}" in _settlement_paths()


def holds_by_month(own: str) -> bool:
    """Whether a parameter is a rule by which bills are settled in the months in which it holds, and nothing else reads it."""
    topic, *middle, name = own.split(".")
    return topic in BY_MONTH and f"{topic}.{'{scheme}.' if middle else ''}{name}" in _settlement_paths()


@cache
def _settlement_paths() -> frozenset[str]:
    """The parameters of the terms of settlement; who holds commercial cover also pays a premium for it, by the year."""
    from simulator.plan import TERMS  # the table is long, and a run without steps does not ask
    return frozenset(path for term in TERMS.values() for path in (term.path, *term.also)) - {"commercial.{scheme}.share"}


class Changed:
    """The dated entries of a parameter while steps change it, `touched` from some day on."""

    def __init__(self, own: str, region: Region, rates: Region, since: int | None) -> None:
        self.own, self.region, self.rates, self.quantity = own, region, rates, quantity_at(own)[1]
        self.first = START_OF_TIME if since is None else datetime.date(since, 1, 1)
        self.at = [At(entry.from_, entry.data, entry) for entry in region.entries_of(own)]
        self.dated = {one.from_ for one in self.at}
        self.touched = datetime.date.max

    def take(self, key: str | None, step: Step) -> None:
        """Make one step. InputError where there is nothing to move, or the result has finer parts than its unit."""
        begins, done = self._begins(step), (key, step.verb, step.operand)
        path = self.own if key is None else f"{self.own}.{key}"
        self.touched = min(self.touched, begins)
        before = [one for one in self.at if one.from_ < begins]
        held = next((one for one in reversed(self.at) if one.from_ <= begins), None)
        later = [one for one in self.at if one.from_ > begins]

        def changed(one: At, data: object, from_: datetime.date) -> At:
            return At(from_, changed_data(data, self.quantity, key, step.verb, step.operand, path), one.entry, (*one.done, done))

        if step.verb == "value" and key is None:
            now = At(begins, None, held.entry if held else later[0].entry if later and begins == START_OF_TIME else None)
            self.at = [*before, changed(now, None, begins)]
            return
        if held is None and (step.from_ or not later):
            raise self.region.no_value(self.own, begins.year if step.from_ else datetime.MAXYEAR)
        made = [changed(held, held.data if held.from_ == begins else self._grown(held, begins, last=not later), begins)
                ] if held else []
        self.at = [*before, *made, *(changed(one, one.data, one.from_) for one in later)]

    def _begins(self, step: Step) -> datetime.date:
        """The day from which a step holds. What is moved without a date is so on each of its own dates, but for a sum added to
        what grows, which is added to what it has grown to in the first year."""
        if step.from_:
            return step.from_
        return self.first if step.verb == "value" or step.verb == "plus" and growth_path(self.own) else START_OF_TIME

    def _grown(self, one: At, to: datetime.date, last: bool) -> object:
        """What stood at one date as it has grown to a later one, rounded half up to the smallest part of the unit. Funding grows
        after its last date alone."""
        rate = growth_path(self.own)
        if rate is None or one.from_ == START_OF_TIME or self.own.startswith("funding.") and not last:
            return one.data
        exact = Context(prec=40)
        factor = Decimal(1)
        for year in range(one.from_.year + 1, to.year + 1):
            factor = exact.multiply(factor, 1 + self.rates.value(rate, year).value / 100)
        part = smallest_part(self.quantity) or DECIMALS
        return each_number(one.data, lambda number: rounded_to(exact.multiply(number, factor), part))

    def entries(self, source: str, steps: Mapping[str | None, Sequence[Step]], of_files: bool) -> Iterator[Entry]:
        """What these steps have made, from the first day on which they change something. InputError as a file would be refused;
        values `of_files` have been looked at where they stand."""
        words, moved = told(steps), all(step.verb != "value" for each in steps.values() for step in each)
        if not of_files:
            from .check import check_value  # needs pydantic, which a start without changes does not
        for from_, data, entry, done in self.at:
            if from_ < self.touched:
                continue
            if not of_files:
                check_value(self.own, self.own.rpartition(".")[2], self.quantity, data)
            stated = entry is None or done[0][:2] == (None, "value")
            uncertain = {name: getattr(entry, name) for name in ("spread", "distribution", "shares", "correlation")
                         } if entry and moved else {}
            yield Entry(self.own, self.quantity.unit, from_, data, "assumption",
                        source if stated or entry is None else f"{source} ({words}); else {entry.source}",
                        local=True, before=entry, steps=done, begun=from_ not in self.dated and from_ > START_OF_TIME,
                        **uncertain)


def told(steps: Mapping[str | None, Sequence[Step]]) -> str:
    """The steps in a few words, for the source of what they have made."""
    return ", ".join((f"{key or 'all'} {step.verb} {step.operand}" if step.verb != "value" else str(key or "all"))
                     + (f" from {step.from_}" if step.from_ else "") for key, each in steps.items() for step in each)


def check_days(path: str, steps: Sequence[Step]) -> None:
    """Refuse a step of a simulation on a day on which it cannot begin there. InputError.

    Bills are settled by the rules of their month of discharge, so a rule of settlement may begin on the first of any month; all
    else is read once a year.
    """
    own = quantity_at(path)[0]
    for step in steps:
        if step.from_ is None or (step.from_.month, step.from_.day) == (1, 1):
            continue
        if not holds_by_month(own):
            raise InputError(f"{path}: begins within a year:", value=step.from_, expected=one_of(
                [f"{step.from_.year}-01-01", f"{step.from_.year + 1}-01-01"]),
                next_step="only rules by which bills are settled may begin within a simulated year; this is read once a year")
        if step.from_.day != 1:
            raise InputError(f"{path}: begins within a month:", value=step.from_, expected=one_of(
                [f"{step.from_:%Y-%m}-01", f"{month_of(step.from_.replace(day=28))}"]),
                next_step="a simulated month has one set of rules; explain and settle know the day")
