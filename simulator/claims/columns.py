"""The columns of a claims file (docs/claims.md): their names, and text to the facts the rules read.

Text is read column by column: what repeats (tiers, dates, persons) once for each different text, amounts by one
pattern for the whole column. A row keeps its first fault; the rest of the row is then of no account.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic_core import PydanticCustomError

from simulator.money import LARGEST_BILL, fen, ratio, yuan
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.parameters.claims_terms import LocalTier
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.names import numbers_of
from simulator.parameters.scalars import parse_number
from simulator.plan import N_CHRONIC, N_TIERS
from simulator.slip.steps import rank_of
from simulator.tables import FACTS, INPATIENT, NO_ILLNESS, OUTPATIENT_VISIT, Fact

AMOUNT = r"^(?P<yuan>0|[1-9][0-9]{0,8})(?:\.(?P<fen>[0-9]{1,2})0*)?$"
MOST_UNITS = 10_000             # also days

KIND_WORDS = {"inpatient": INPATIENT, "住院": INPATIENT, "outpatient": OUTPATIENT_VISIT, "门诊": OUTPATIENT_VISIT}
TIER_WORDS, CLASS_WORDS, GROUP_WORDS = numbers_of("tier"), numbers_of("class"), numbers_of("group")
ILLNESS_WORDS = {"none": -1, "无": -1, **numbers_of("illness")}
OUT_OF_AREA_WORDS = {"no": 0, "否": 0, "0": 0, "filed": 1, "referred": 1, "已备案": 1, "转诊": 1, "unfiled": 2, "未备案": 2}
FLAG_WORDS = {"true": 1, "yes": 1, "1": 1, "是": 1, "false": 0, "no": 0, "0": 0, "否": 0}


class RowFault(Exception):
    """What is wrong with one cell: the fields of an InputError."""

    def __init__(self, problem: str, expected: str, suggestion: str | None = None) -> None:
        super().__init__(problem)
        self.problem, self.expected, self.suggestion = problem, expected, suggestion


# --- cells ----------------------------------------------------------------------------------------


def _number(text: str, low: float, high: float) -> Decimal:
    try:
        return parse_number(text, low, high)
    except PydanticCustomError as error:
        said = error.context or {}
        raise RowFault(said["problem"].rstrip(":"), said["expected"], said["suggestion"]) from None


def amount(text: str) -> int:
    """Fen of an amount in yuan. RowFault unless it is from 0 to the largest bill, with no parts of a fen."""
    number = _number(text, 0, LARGEST_BILL / 100)
    if number != number.quantize(Decimal("0.01")):
        raise RowFault("parts of a fen", "an amount in yuan with at most two decimals")
    return fen(number)


def percentage(text: str) -> int:
    """1/10,000 of a percentage from 0 to 100 with at most two decimals; one above 0 and up to 1 needs its sign."""
    number = _number(text.removesuffix("%"), 0, 100)
    if 0 < number <= 1 and not text.endswith("%"):
        raise RowFault("a fraction in place of a percentage",
                       f"percent, and {text} means {text}%: write {(number * 100).normalize():f}, or {text}% if that is meant")
    if number != number.quantize(Decimal("0.01")):
        raise RowFault("too fine", "a percentage with at most two decimals")
    return ratio(number)


def count(text: str) -> int:
    """A whole number of units or days."""
    if not re.fullmatch(r"[1-9][0-9]{0,4}", text, re.ASCII) or int(text) > MOST_UNITS:
        raise RowFault("not a count", f"a whole number from 1 to {MOST_UNITS}")
    return int(text)


def years(text: str) -> int:
    """A whole number of years of insurance."""
    if not re.fullmatch(r"[0-9]{1,2}|100", text, re.ASCII):
        raise RowFault("not a number of years", "a whole number from 0 to 100")
    return int(text)


def day(text: str) -> int:
    """A day as YYYYMMDD from 2012-03-05, 2012/3/5 or 20120305, a time of day behind it left out."""
    found = re.fullmatch(r"([0-9]{4})(?:[-/]([0-9]{1,2})[-/]([0-9]{1,2})|([0-9]{2})([0-9]{2}))(?:[ T].*)?", text, re.ASCII)
    if found:
        year, month, of_month = (int(part) for part in found.groups() if part is not None)
        try:
            datetime.date(year, month, of_month)
            return year * 10000 + month * 100 + of_month
        except ValueError:
            raise RowFault("no such day", "a day of the calendar, for example 2012-03-05") from None
    raise RowFault("not a date", "a day as 2012-03-05, 2012/3/5 or 20120305")


def order(text: str) -> int:
    """A whole number that does not fall within a person."""
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise RowFault("not an order", "a whole number")
    return int(text)


def person(text: str) -> int:
    """Any text but none; the place of the person is looked up elsewhere."""
    if not text:
        raise RowFault("no person", "who the bill is of")
    return 0


def identity(text: str) -> int:
    """Any text: a stay or a family, looked up elsewhere."""
    return 0


def _word(known: dict[str, int], shown: tuple[str, ...]) -> Callable[[str], int]:
    def read(text: str) -> int:
        found = known.get(text)
        found = known.get(text.casefold()) if found is None else found
        if found is None:
            raise RowFault("unknown word", one_of(shown), nearest(text, known))
        return found
    return read


def _flag(turned: Callable[[bool], int] = int) -> Callable[[str], int]:
    read = _word(FLAG_WORDS, ("yes", "no", "是", "否"))
    return lambda text: turned(bool(read(text)))


def chronic_groups(names: tuple[str, ...]) -> Callable[[str], int]:
    """How cells of `chronic` are read where a plan names the groups of diseases: yes is the first."""
    numbers = {str(group): group for group in range(N_CHRONIC + 1)}
    own = {spelling: n for n, name in enumerate(names, start=1) for spelling in (name, name.casefold())}
    return _word({**FLAG_WORDS, **numbers, **own}, names or ("yes", "no", "是", "否", "1", "2", "3", "4"))


# --- columns --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column: its Chinese names, how a cell is read, where it goes (a fact, or None), what stands for an empty cell."""

    name: str
    chinese: tuple[str, ...]
    read: Callable[[str], int]
    fact: int | None = None
    empty: int | None = None                   # None: a cell must say something


COLUMNS = tuple(Column(*fields) for fields in (
    ("person", ("参保人", "参保人编号", "个人编号", "人员编号"), person),
    ("date", ("日期", "结算日期", "出院日期", "就诊日期"), day),
    ("order", ("次序", "就诊次序"), order),
    ("kind", ("类别", "就诊类别", "医疗类别"), _word(KIND_WORDS, tuple(KIND_WORDS)), Fact.KIND, INPATIENT),
    ("tier", ("医院级别", "机构级别", "医疗机构级别"), _word(TIER_WORDS, (*TIERS, "乡镇", "县级", "市级", "统筹区外")),
     Fact.TIER),
    ("billed", ("医疗总费用", "总费用"), amount, Fact.BILLED),
    ("eligible", ("政策范围内费用",), amount, Fact.ELIGIBLE),
    ("in_scope", ("政策范围内比例",), percentage),
    ("illness", ("重大疾病", "病种"), _word(ILLNESS_WORDS, ILLNESSES), Fact.ILLNESS, NO_ILLNESS),
    ("units", ("数量", "疗程数"), count, Fact.UNITS, 1),
    ("days", ("住院天数", "床日"), count, Fact.DAYS, 1),
    ("tcm", ("中医药费用",), amount, Fact.TCM, 0),
    ("case_price", ("病种标准价", "病种付费标准"), amount, Fact.CASE_PRICE, 0),
    ("new_drug", ("新药费用",), amount, Fact.NEW_DRUG, 0),
    ("unreferred", ("未经转诊", "未转诊"), _flag(), Fact.UNREFERRED, 0),
    ("chronic", ("门诊慢性病", "慢性病"), chronic_groups(()), Fact.CHRONIC, 0),
    ("emergency", ("急诊", "急救"), _flag(), Fact.EMERGENCY, 0),
    ("member_class", ("人员类别", "参保人员类别"), _word(CLASS_WORDS, CLASSES), Fact.MEMBER_CLASS, 0),
    ("group", ("救助类别", "救助对象类别"), _word(GROUP_WORDS, GROUPS), Fact.GROUP, 0),
    ("pilot_area", ("试点地区", "试点县"), _flag(rank_of), Fact.PILOT_RANK, rank_of(None)),
    ("payment_area", ("付费方式改革地区",), _flag(rank_of), Fact.PAYMENT_RANK, rank_of(False)),
    ("commercial", ("商业补充保险", "商业保险"), _flag(rank_of), Fact.COVER_RANK, rank_of(False)),
    ("first_pay", ("先行自付", "乙类先行自付"), amount, Fact.FIRST_PAY, 0),
    ("out_of_area", ("异地就医",), _word(OUT_OF_AREA_WORDS, ("no", "filed", "unfiled", "否", "已备案", "未备案")),
     Fact.OUT_OF_AREA, 0),
    ("essential", ("基本药物费用", "甲类费用"), amount, Fact.ESSENTIAL, 0),
    ("quota_price", ("病种分型限价", "分型定额"), amount, Fact.QUOTA_PRICE, 0),
    ("insured_years", ("连续参保年限", "参保年限"), years, Fact.INSURED_YEARS, 0),
    ("civil_servant", ("公务员", "公务员补助"), _flag(), Fact.CIVIL_SERVANT, 0),
    ("admitted", ("入院日期",), day, None, 0),
    ("stay", ("就诊编号", "就诊ID"), identity, None, 0),
    ("transferred", ("转院",), _flag(), None, 0),
    ("transferred_from", ("转诊前就诊编号", "转诊前就诊ID"), identity, None, 0),
    ("family", ("家庭编号", "户编号"), identity, None, 0),
))
BY_NAME = {column.name: column for column in COLUMNS}
NAMES = {name: column.name for column in COLUMNS for name in (column.name, *column.chinese)}


def find_columns(header: list[str], renamed: dict[str, str], file: str) -> tuple[dict[str, int], list[str]]:
    """Where each column stands in the header, and remarks on columns that are not read.

    `renamed`: column name -> what the file calls it. InputError for a column that is missing, or there twice.
    """
    other: dict[str, str] = {title: name for name, title in renamed.items()}
    for name, title in renamed.items():
        if title not in header:
            raise InputError(f"no column for {name}:", value=title, expected=one_of(header), suggestion=nearest(title, header),
                             file=file, line=1)
    found: dict[str, int] = {}
    remarks: list[str] = []
    for at, title in enumerate(header):
        known = other.get(title) or NAMES.get(title) or NAMES.get(title.casefold())
        if known in renamed and title not in other:
            continue
        if known is None:
            near = nearest(title, [word for word in NAMES if NAMES[word] not in found])
            if near:
                remarks.append(f"column '{title}' is not read; did you mean '{near}'?")
            continue
        if known in found:
            raise InputError(f"two columns for {known}:", value=title, expected=f"one; the other is '{header[found[known]]}'",
                             file=file, line=1)
        found[known] = at
    for name in ("person", "tier", "billed"):
        if name not in found:
            _missing(name, header, file)
    if "eligible" not in found and "in_scope" not in found:
        _missing("eligible", header, file, " or in_scope (政策范围内比例)")
    return found, remarks


def _missing(name: str, header: list[str], file: str, more: str = "") -> None:
    column = BY_NAME[name]
    raise InputError(f"no column {name} in the header", value=", ".join(header), expected=f"{name} ({column.chinese[0]}){more}",
                     suggestion=None, next_step="separate columns by commas; or say --column "
                     f"{name}=HEADER" if len(header) == 1 else f"or say --column {name}=HEADER", file=file, line=1)


# --- blocks ---------------------------------------------------------------------------------------


def _none() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


# Columns of names -> where the different names go, and each row's place among them.
NAME_COLUMNS = {"person": ("people", "who"), "family": ("families", "family"), "stay": ("stays", "stay"),
         "transferred_from": ("sources", "source")}


@dataclass
class Facts:
    """A block of n rows as numbers, and what is wrong with some of them."""

    bills: np.ndarray              # int64[n, FACTS]
    when: np.ndarray               # int64[n], date as YYYYMMDD, or order, or 0
    year: np.ndarray               # int64[n], calendar year, or 0
    people: list[str]              # the different persons
    who: np.ndarray                # int64[n], place in `people`
    faults: dict[int, tuple[str, str, RowFault]]     # row -> column, text, what is wrong
    # Of columns that the file may lack (then empty or None): the different names, and each row's place among them.
    families: list[str] = field(default_factory=list)
    family: np.ndarray = field(default_factory=_none)
    stays: list[str] = field(default_factory=list)
    stay: np.ndarray = field(default_factory=_none)
    sources: list[str] = field(default_factory=list)
    source: np.ndarray = field(default_factory=_none)
    admitted: np.ndarray | None = None               # YYYYMMDD, or 0
    transferred: np.ndarray | None = None            # 0 or 1


def read_block(cells: Callable[[int], pa.Array], found: dict[str, int], size: int, defaults: dict[str, int],
               own: dict[str, Callable[[str], int]] | None = None) -> Facts:
    """The facts of a block; `cells(n)` gives the text of column n. `defaults` stand for what file and cell leave out, `own` reads
    columns whose words are a plan's own: its tiers, its groups of diseases."""
    facts = Facts(np.zeros((size, FACTS), dtype=np.int64), np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64),
                  [], np.zeros(size, dtype=np.int64), {})
    scope = None
    for column in COLUMNS:
        empty = defaults.get(column.name, column.empty)
        if column.name not in found:
            if column.fact is not None and empty is not None:
                facts.bills[:, column.fact] = empty
            continue
        text = pc.utf8_trim_whitespace(pc.fill_null(cells(found[column.name]), ""))
        if column.name in ("eligible", "in_scope") and "eligible" in found and "in_scope" in found:
            empty = -1                                                       # the other column may say it
        if column.read is amount:
            values, faults = _amounts(text, empty)
        else:
            read = (own or {}).get(column.name, column.read)
            values, faults = _repeated(text, read, empty, facts if column.name in NAME_COLUMNS else None, column.name)
        for row, fault in faults.items():
            facts.faults.setdefault(row, (column.name, text[row].as_py(), fault))
        if column.fact is not None:
            facts.bills[:, column.fact] = values
        elif column.name == "in_scope":
            scope = values
        elif column.name == "date":
            facts.when, facts.year = values, values // 10000
        elif column.name == "order" and "date" not in found:
            facts.when = values
        elif column.name == "admitted":
            facts.admitted = values
        elif column.name == "transferred":
            facts.transferred = values
    if scope is not None:
        _share_in_scope(facts, scope, "eligible" in found)
    _check_rows(facts)
    return facts


def _amounts(text: pa.Array, empty: int | None) -> tuple[np.ndarray, dict[int, RowFault]]:
    """Fen of a column of amounts by one pattern; what does not fit it is read singly, for its fault."""
    parts = pc.extract_regex(text, AMOUNT)
    whole = pc.cast(pc.fill_null(pc.struct_field(parts, "yuan"), "0"), pa.int64())
    cents = pc.utf8_rpad(pc.fill_null(pc.struct_field(parts, "fen"), ""), 2, "0")
    values = (pc.cast(whole, pa.int64()).to_numpy(zero_copy_only=False) * 100
              + pc.cast(cents, pa.int64()).to_numpy(zero_copy_only=False))
    faults = {}
    unread = pc.is_null(parts).to_numpy(zero_copy_only=False) | (values > LARGEST_BILL)
    for row in np.flatnonzero(unread).tolist():
        cell = text[row].as_py()
        if cell == "" and empty is not None:
            values[row] = empty
            continue
        try:
            values[row] = amount(cell)
        except RowFault as fault:
            faults[row] = fault
    return values, faults


def _repeated(text: pa.Array, read: Callable[[str], int], empty: int | None,
              facts: Facts | None = None, name: str = "") -> tuple[np.ndarray, dict[int, RowFault]]:
    """Values of a column whose cells repeat: each different text is read once. Of persons and other names, `facts` gets which
    there are."""
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    coded = text.dictionary_encode()
    different, places = coded.dictionary.to_pylist(), coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    values, wrong = np.zeros(len(different), dtype=np.int64), {}
    if facts is not None:
        for field_name, said in zip(NAME_COLUMNS[name], (different, places), strict=True):
            setattr(facts, field_name, said)
        if "" not in different:
            return values, {}
    for at, cell in enumerate(different):
        if cell == "" and empty is not None:
            values[at] = empty
            continue
        try:
            values[at] = read(cell)
        except RowFault as fault:
            wrong[at] = fault
    faults = {}
    if wrong:
        faults = {row: wrong[place] for row, place in enumerate(places.tolist()) if place in wrong}
    return values[places] if len(different) else np.zeros(len(text), dtype=np.int64), faults


def _share_in_scope(facts: Facts, scope: np.ndarray, some_stated: bool) -> None:
    """E from the in-scope share where no amount states it."""
    bills = facts.bills
    unstated = bills[:, Fact.ELIGIBLE] < 0 if some_stated else np.ones(len(bills), dtype=bool)
    for row in np.flatnonzero(unstated & (scope < 0)).tolist():
        facts.faults.setdefault(row, ("eligible", "", RowFault("neither eligible nor in_scope", "one of them")))
    made = (np.maximum(bills[:, Fact.BILLED], 0) * np.maximum(scope, 0) + 5000) // 10000      # money.share, for a whole column
    bills[unstated, Fact.ELIGIBLE] = made[unstated]


def local_tiers(tiers: tuple[LocalTier, ...]) -> Callable[[str], int]:
    """How cells are read by a plan with tiers of its own: row of terms x N_TIERS + care tier."""
    return _word({name: tier.row * N_TIERS + tier.care for tier in tiers for name in (tier.name.casefold(), tier.name)},
                 tuple(tier.name for tier in tiers))


def _check_rows(facts: Facts) -> None:
    """Step 0 of the settlement: no part is more than its whole; no discharge before the admission."""
    if facts.admitted is not None:
        for row in np.flatnonzero((facts.admitted > facts.when) & (facts.when > 0)).tolist():
            fault = RowFault("after the discharge", f"at most {facts.when[row]}")
            facts.faults.setdefault(row, ("admitted", str(facts.admitted[row]), fault))
    bills = facts.bills
    for part, whole, said in ((Fact.ELIGIBLE, Fact.BILLED, "the bill"), (Fact.TCM, Fact.ELIGIBLE, "the in-scope expense"),
                              (Fact.NEW_DRUG, Fact.ELIGIBLE, "the in-scope expense"),
                              (Fact.FIRST_PAY, Fact.ELIGIBLE, "the in-scope expense"),
                              (Fact.ESSENTIAL, Fact.ELIGIBLE, "the in-scope expense")):
        for row in np.flatnonzero(bills[:, part] > bills[:, whole]).tolist():
            fault = RowFault(f"more than {said}", f"at most {yuan(bills[row, whole])}")
            facts.faults.setdefault(row, (Fact(part).name.lower(), yuan(bills[row, part]), fault))
