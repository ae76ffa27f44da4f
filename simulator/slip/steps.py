"""What a settlement slip is made of: a bill in words, its steps, and the writer that sets them down in one language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from simulator import plan as t
from simulator.law.year import Trace
from simulator.money import ONE, UNLIMITED, yuan
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.tables import BEHIND_ALL, FACTS, INPATIENT, NO_ILLNESS, OUTPATIENT_VISIT, Fact

Labels = Mapping[str, tuple[str, str]]          # of the steps: name -> English, Chinese


@dataclass(frozen=True)
class Bill:
    """One bill of one person; amounts in fen. `in_scope`, in 1/10,000, is only shown: the share that `eligible` was made with.

    `pilot_area` and `payment_area`: the person's county takes part (True), does not (False), or does where any does (None).
    """

    tier: str
    billed: int
    eligible: int
    kind: str = "inpatient"
    illness: str | None = None
    units: int = 1
    days: int = 1
    tcm: int = 0
    case_price: int = 0
    new_drug: int = 0
    unreferred: bool = False
    chronic: int = 0                       # group of diseases on the chronic list, 0: none
    emergency: bool = False
    first_pay: int = 0
    out_of_area: int = 0                   # 1: filed or referred, 2: not filed
    civil_servant: bool = False
    essential: int = 0                     # the part of `eligible` on a favoured list
    quota_price: int = 0                   # the price of the illness's own type, 0: the plan's
    insured_years: int = 0                 # years of insurance before this one
    member_class: str = "adult"
    group: str = "none"
    pilot_area: bool | None = None
    payment_area: bool | None = None
    commercial: bool = False
    in_scope: int | None = None
    local_tier: str = ""                       # what the plan calls the tier, where it has tiers of its own

    def facts(self) -> np.ndarray:
        """The bill as the rules read it, int64[FACTS]."""
        row = np.zeros(FACTS, dtype=np.int64)
        row[Fact.KIND] = OUTPATIENT_VISIT if self.kind == "outpatient" else INPATIENT
        row[Fact.TIER], row[Fact.MEMBER_CLASS] = TIERS.index(self.tier), CLASSES.index(self.member_class)
        row[Fact.GROUP] = GROUPS.index(self.group)
        row[Fact.PILOT_RANK], row[Fact.PAYMENT_RANK] = rank_of(self.pilot_area), rank_of(self.payment_area)
        row[Fact.COVER_RANK] = rank_of(self.commercial)
        row[Fact.ILLNESS] = ILLNESSES.index(self.illness) if self.illness else NO_ILLNESS
        row[Fact.UNITS], row[Fact.DAYS] = self.units, self.days
        row[Fact.BILLED], row[Fact.ELIGIBLE], row[Fact.TCM] = self.billed, self.eligible, self.tcm
        row[Fact.CASE_PRICE], row[Fact.NEW_DRUG] = self.case_price, self.new_drug
        row[Fact.UNREFERRED], row[Fact.CHRONIC], row[Fact.EMERGENCY] = self.unreferred, self.chronic, self.emergency
        row[Fact.FIRST_PAY], row[Fact.OUT_OF_AREA], row[Fact.CIVIL_SERVANT] = self.first_pay, self.out_of_area, self.civil_servant
        row[Fact.ESSENTIAL], row[Fact.QUOTA_PRICE] = self.essential, self.quota_price
        row[Fact.INSURED_YEARS] = self.insured_years
        return row


def rank_of(takes_part: bool | None) -> int:
    """The rank of who takes part (before all), does not (behind all), or does where anybody does (the first)."""
    return 0 if takes_part is None else -1 if takes_part else BEHIND_ALL


@dataclass(frozen=True)
class Step:
    """A line of the slip: what, in both languages; how; how much (fen, or None); on what ground; whether it pays the bill."""

    name: str
    en: str
    zh: str
    formula: str
    amount: int | None
    source: str = ""
    payer: bool = False


class Slip:
    """Sets down the steps of one bill, formulas in one language.

    `terms` is the plan's row, `before` the person's year before the bill, `facts` the bill's row, `trace` and `paid` what
    `law.settle` left of it: lists of whole numbers. `labels` names the steps in both languages.
    """

    def __init__(self, terms: list[int], before: list[int], facts: list[int], trace: list[int], paid: list[int],
                 cite: Callable[[str], str], labels: Labels, lang: str) -> None:
        self.terms, self.before, self.facts, self.trace, self.paid = terms, before, facts, trace, paid
        self.steps: list[Step] = []
        self._cite, self._labels, self._lang = cite, labels, lang
        self.prefix = ("", "")              # before the label: a bill settled for comparison only
        self.local_tier = ""                # what the plan calls the bill's tier, where it has tiers of its own

    def say(self, en: str, zh: str) -> str:
        """The words in the slip's language."""
        return zh if self._lang == "zh" else en

    def add(self, name: str, amount: int | None, formula: str = "", source: str = "", payer: bool = False) -> None:
        """One more line; `source` is the parameter that is its ground, such as `inpatient.deductible`."""
        en, zh = self._labels[name]
        self.steps.append(Step(name, self.prefix[0] + en, self.prefix[1] + zh, formula, amount,
                               self._cite(source) if source else "", payer))

    def limited(self, name: str, amount: int, wanted: int, limit: int, used: int, source: str) -> None:
        """A line that says that `amount` is what was wanted, at most what is left of a limit, where the limit exists."""
        if limit < UNLIMITED:
            self.add(name, amount, f"min({yuan(wanted)}, {self.left(limit, used)})", source)

    def left(self, limit: int, used: int) -> str:
        """What is left of a limit, as a sum, or the limit itself where nothing was used."""
        return yuan(limit) if not used else f"{yuan(limit)} - {yuan(used)}" if used <= limit else "0.00"


def area_in_words(slip: Slip) -> str:
    """Steps 3a.4, 3b and 3c: the factor of a bill out of area."""
    area = slip.trace[Trace.AREA]
    return "" if area == ONE else f" x {percent(area)}" + slip.say(" out of area", " 异地")


def rounding_in_words(slip: Slip) -> str:
    """ROUND of steps 3a to 3c, where it is not half up to the fen."""
    unit, mode = slip.terms[t.ROUNDING_UNIT], slip.terms[t.ROUNDING_MODE]
    if unit == 0 and mode == 0:
        return ""
    name = t.TERMS["rounding_unit"].words[unit]
    return slip.say(f", {'cut off' if mode == t.CUT_OFF else 'rounded'} to the {name}",
                    f", {'舍去尾数' if mode == t.CUT_OFF else '四舍五入'}到{('分', '角', '元')[unit]}")


def percent(ratio: int) -> str:
    """A ratio in 1/10,000 as a percentage without needless zeros."""
    return f"{ratio / 100:.2f}".rstrip("0").rstrip(".") + "%"


def product(amount: int, ratio: int) -> str:
    """Fen times 1/10,000 in yuan, exactly: two decimals, more where they are needed."""
    text = f"{Decimal(amount * ratio) / 1_000_000:.6f}"
    return text[:-4] + text[-4:].rstrip("0")
