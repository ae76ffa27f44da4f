"""What a plan file leaves unsaid and its claims show to matter: the first rows are settled again as the plan might have said.

A key that the plan states, whatever it says, is never spoken of; nor is one under which every row would be paid alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from simulator.claims.facts import Facts
from simulator.claims.files import BLOCK, Block, Remembered, Source, open_claims
from simulator.claims.life import LookAhead, Rows
from simulator.claims.outputs import Written
from simulator.claims.rule_books import RuleBooks
from simulator.claims.settle import Asked, Settling
from simulator.law.rows import SETTLED, Row
from simulator.parameters.catalogue import TIERS
from simulator.parameters.errors import InputError
from simulator.plan import BAND_BY_BAND, FULL_RULES_FOR, ORDER_BY_TIER, full_rules_for, places
from simulator.tables import INPATIENT, PAYERS, Fact

READMITTED, SEPTEMBER = 15, 9                   # what is tried: days to a readmission, month in which the insured year begins


def _term(name: str, value: int) -> Callable[[RuleBooks], RuleBooks]:
    """The rule books with a term set to another value."""
    def otherwise(books: RuleBooks) -> RuleBooks:
        assert books.usual is not None
        terms = books.usual.terms.copy()
        terms[:, places(name)] = value
        terms[:, FULL_RULES_FOR] = [full_rules_for(row) for row in terms]
        return RuleBooks(books.claims, replace(books.usual, terms=terms))
    return otherwise


def _claims(**said: Any) -> Callable[[RuleBooks], RuleBooks]:
    """The rule books with other keys on stays and the insured year."""
    return lambda books: RuleBooks(replace(books.claims, **said), books.usual)


@dataclass(frozen=True)
class Unsaid:
    """A key of plan files, what is tried in its place, and what is said of `n` rows that would be paid otherwise."""

    key: str
    otherwise: Callable[[RuleBooks], RuleBooks]
    en: str
    zh: str
    dated: bool = False                          # only of claims with days
    visits: bool = False                         # only of persons with visits and admissions, where visits have a deductible


OTHERWISE = (
    Unsaid("readmission_days", _claims(readmission_days=READMITTED),
           f"{{n}} bills would be paid otherwise if an admission within {READMITTED} days after a discharge continued that stay; "
           f"each is taken as an admission of its own: state `readmission_days` in the plan file "
           f"({READMITTED}, or 0: on the day of discharge alone)",
           f"若出院后 {READMITTED} 日内再次住院视为同一次住院, 有 {{n}} 张单据的支付将不同; 现均按另一次住院计算: "
           f"请在方案文件中写明 `readmission_days` ({READMITTED}, 或填 0: 仅限出院当日)", dated=True),
    Unsaid("order_counted", _term("order_counted", ORDER_BY_TIER),
           "{n} bills would be paid otherwise if admissions were counted by tier; they are counted over all tiers: state "
           "`order_counted` in the plan file (tier, or all as it is now)",
           "若住院次数按机构级别分别计算, 有 {n} 张单据的支付将不同; 现按各级别合计计算: 请在方案文件中写明 `order_counted` "
           "(tier, 或按现行填 all)"),
    Unsaid("deductible_shared", _term("deductible_shared", 1),
           "{n} bills would be paid otherwise if admissions and visits used up one deductible together; each kind of care "
           "has its own: state `deductible_shared` in the plan file (true, or false as it is now)",
           "若住院与门诊共用一个起付线, 有 {n} 张单据的支付将不同; 现分别计算: 请在方案文件中写明 `deductible_shared` "
           "(true, 或按现行填 false)", visits=True),
    Unsaid("rounding_step", _term("rounding_step", BAND_BY_BAND),
           "{n} bills would be paid otherwise if each band were rounded; their sum is rounded once: state `rounding_step` in the "
           "plan file (band, or bill as it is now)",
           "若逐段四舍五入, 有 {n} 张单据的支付将不同; 现按各段之和一次四舍五入: 请在方案文件中写明 `rounding_step` "
           "(band, 或按现行填 bill)"),
    Unsaid("year_begins", _claims(year_begins=SEPTEMBER),
           "the claims lie within twelve months over New Year, and {n} bills would be paid otherwise if the insured year began "
           "in September; it begins in January: state `year_begins` in the plan file (9, or 1 as it is now)",
           "单据在跨年度的十二个月之内, 若参保年度自 9 月起算, 有 {n} 张单据的支付将不同; 现自 1 月起算: "
           "请在方案文件中写明 `year_begins` (9, 或按现行填 1)", dated=True))
OF_ITS_TIER = ("tiers", "out_of_area_factor", "unfiled_factor")        # keys by which care out of area keeps a tier of its own
OUT_OF_AREA = (
    "{n} admissions at tier outside have one schedule, whatever tier their hospitals are: if the plan pays them a share of their "
    "own tier's rates, give that tier and a column out_of_area, and state `out_of_area_factor` in the plan "
    "file (100 as it is now)",
    "{n} 次异地住院不论机构级别均按同一档支付; 若方案按就医机构本级别比例的一定份额支付, 请在单据中给出该级别与 out_of_area 列, "
    "并在方案文件中写明 `out_of_area_factor` (按现行填 100)")


def remarks_on_unsaid(claims: Path, books: RuleBooks, asked: Asked, rows: int) -> list[str]:
    """What is said of keys that the plan file leaves out, in the order of OTHERWISE; `rows` are those of the file.

    A file of more than a block is settled so far; one whose rows have to be sorted or looked at together is not settled
    again if it is longer than that.
    """
    if books.usual is None or not books.claims.said or asked.mapping.sort and rows > BLOCK:
        return []
    as_is = _First(claims, books, asked, rows)
    try:
        return [] if as_is.paid is None else _remarks(as_is, as_is.paid, books, asked)
    finally:
        as_is.close()


def _remarks(as_is: _First, paid: np.ndarray, books: RuleBooks, asked: Asked) -> list[str]:
    zh = asked.lang == "zh"
    remarks = []
    for one in OTHERWISE:
        if one.key in books.claims.said or one.dated and "date" not in as_is.found:
            continue
        if one.visits and not (as_is.of_both.any() and "outpatient_deductible" in books.claims.said):
            continue
        if one.key == "year_begins" and not as_is.over_new_year:
            continue
        other = _First(as_is.claims, one.otherwise(books), asked, as_is.rows, as_is)
        if other.paid is not None and (
                n := int(((paid != other.paid).any(axis=1) & (as_is.of_both | (not one.visits))).sum())):
            remarks.append((one.zh if zh else one.en).format(n=n))
    if as_is.outside and "out_of_area" not in as_is.found and not books.claims.said.intersection(OF_ITS_TIER):
        remarks.append(OUT_OF_AREA[zh].format(n=as_is.outside))
    return remarks


class _First(Settling):
    """The first block of a file, settled and not written. `paid` int64[n, payers] is None where this cannot be asked of it.

    What `before` has read of the same file is not read again.
    """

    def __init__(self, claims: Path, books: RuleBooks, asked: Asked, rows: int, before: _First | None = None) -> None:
        plain = replace(asked, explain_line=None, on_error="refuse")
        super().__init__(claims, books, claims, plain, lambda what, done, steps: None)
        self.paid: np.ndarray | None = None
        self.days = np.zeros(0, dtype=np.int64)
        self.of_both = np.zeros(0, dtype=bool)               # rows of persons with admissions and visits
        self.outside = 0
        self._parts: list[np.ndarray] = []
        self.rows = rows
        self._source: Remembered = Remembered(open_claims(claims, self.opening)) if before is None else before._source
        self._known: dict[int, Facts] = {} if before is None else before._known        # by the block, which its file keeps
        source = self._open()
        try:
            self._begin(source)
            self._settle(source, None)
            self.paid = np.concatenate(self._parts) if self._parts else None
        except LookAhead:
            self.whole = True
        except InputError:
            return                                  # the file's columns say of it what forbids the question
        if self.paid is None and self.whole and rows <= BLOCK:
            self._again()

    def _again(self) -> None:
        """All of a short file, arranged as a whole."""
        source = self._open()
        try:
            self._begin(source)
            self._parts = []
            self._settle(source, None)
            self.paid = np.concatenate(self._parts) if self._parts else None
        except InputError:
            return

    def _open(self) -> Source:
        return self._source

    def close(self) -> None:
        """Close the file that was read."""
        self._source.end()

    def _facts(self, block: Block) -> Facts:
        """The facts of a block, as what is settled may write on them."""
        if id(block) not in self._known:
            self._known[id(block)] = super()._facts(block)
        facts = self._known[id(block)]
        return replace(facts, bills=facts.bills.copy(), faults=dict(facts.faults))

    @property
    def over_new_year(self) -> bool:
        """Whether all days lie within twelve months that are not those of one year."""
        if not len(self.days):
            return False
        first, last = int(self.days.min()), int(self.days.max())
        return first // 10_000 + 1 == last // 10_000 and last - first < 10_000

    def _stop(self) -> bool:
        return bool(self._parts)

    def _end(self, block: Block, part: Rows, paid: np.ndarray, weight: np.ndarray | None,
             written: Written | None) -> None:
        kept = part.fate == SETTLED
        self._parts.append(np.where(kept[:, None], paid[:, :len(PAYERS)], 0))
        self.days = part.rows[kept, Row.WHEN]
        person, admitted = part.rows[:, Row.PERSON], part.bills[:, Fact.KIND] == INPATIENT
        self.of_both = np.isin(person, person[kept & admitted]) & np.isin(person, person[kept & ~admitted])
        self.outside = int((kept & admitted & (part.bills[:, Fact.TIER] == TIERS.index("outside"))).sum())
