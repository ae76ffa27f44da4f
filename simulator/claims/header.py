"""The header of a claims file: where each column stands, and every other column accounted for.

A column is read, passed through, or refused: one whose title looks like a date, kind, tier, class, amount or flag and that
nothing names would otherwise be left out in silence, and what stands in its place would decide the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from simulator.claims.cells import amount, identity
from simulator.claims.columns import BY_NAME, KEYS_OF_TITLES, NAMES, title_key
from simulator.claims.text import garbled
from simulator.parameters.errors import InputError, nearest, one_of


@dataclass(frozen=True)
class Stated:
    """What a mapping says of a column: the titles it is made from, what its words stand for, or one text for all rows."""

    titles: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()                # of amounts: what is taken off the sum of the titles
    words: Mapping[str, str] = field(default_factory=dict)
    always: str | None = None
    written: str = ""                          # of days: dmy, mdy or ymd
    optional: bool = False
    line: int | None = None                    # in the mapping file


@dataclass
class Found:
    """Where the columns of a file stand. `at`: column -> place in the header, of what is made from several the first."""

    at: dict[str, int] = field(default_factory=dict)
    stated: dict[str, Stated] = field(default_factory=dict)
    parts: dict[str, tuple[list[int], list[int]]] = field(default_factory=dict)    # what is added, what is taken off
    always: dict[str, str] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)                                # titles of columns that are not read
    remarks: list[tuple[str, str]] = field(default_factory=list)                   # English, Chinese

    def __contains__(self, name: object) -> bool:
        return name in self.at or name in self.always


# What a title looks like -> which columns it may be. The first pattern that fits decides; what fits PERSONAL is of no account.
PERSONAL = re.compile(
    r"姓名|性别|年龄|出生|生日|证件类|民族|地址|住址|电话|手机|科室|病区|医师|医生|诊断|疾病名|疾病编|备注|说明|名称|机构编|机构代|医院编|医院代"
    r"|序号|病案|住院号|床号|操作|经办|单位|区划|\bname\b|_name$|\bsex\b|gender|\bage\b|birth|diag|icd|address|phone|provider"
    r"|hospital_?(?:id|no|code)|dept|doctor|physician|zip|remark|note|comment|county_?code|city_?code|^expected_")
TITLES_LOOK = (
    ("reversal", r"退费|冲销|红冲|作废|撤销|有效标志|refd|reversal|cancel|void|adjsmt|adjust"),
    ("opening_admissions", r"住院次数|admissions"),
    ("opening_deductible", r"(?:累计|已付|已用|此前).*起付|起付.*(?:累计|已付|已用)"),
    ("opening_paid", r"累计|此前|已付|已支付|已用|本年.*次数|年内|cumul|accum|ytd|so_?far|to_?date"),
    ("insured_from", r"参保.*(?:日|时间)|停保|待遇.*(?:日|时间)|insured|enrol|cover(?:age|ed)?_|eligib.*(?:dt|date)"),
    ("date", r"日期|时间|年月|年度|date|time|(?:^|_)dt(?:$|_)|_day$|^day$|^year$|month"),
    ("days", r"天数|床日|days|day_cnt"),
    ("weight", r"权重|weight|(?:^|_)wt(?:$|_)"),
    ("eligible", r"金额|费用|[额费价]$|[额费]\(|自付|自费|支付|报销|起付|甲类|乙类|丙类|范围内"
     r"|amount|amt|cost|fee|charge|price|paid|pay|expense|sum(?:$|_)|total|deduct|ddct|ddctbl|copay|coin|liability|cap$"),
    ("in_scope", r"比例|占比|ratio|percent|share"),
    ("kind", r"方式|医疗类|就诊类|费用类|门诊|住院|kind|type|category|visit|encounterclass|med_type"),
    ("tier", r"级别|等级|[一二三]级|level|tier|grade|hosp_?lv"),
    ("member_class", r"人员类|人员属|人员状|身份类|参保类|险种|在职|退休|class|status|psn_type|insutype"),
    ("group", r"救助|低保|五保|特困|贫困|dibao|poverty|assist"),
    ("out_of_area", r"异地|转外|备案|out_?of_?area"),
    ("unreferred", r"转诊|转院|急诊|refer|transfer|emergency"),
    ("units", r"数量|次数|units|quantity|qty"),
)
TITLES_LOOKING = tuple((name, re.compile(pattern)) for name, pattern in TITLES_LOOK)


def looks_like(title: str) -> str:
    """The column that a title looks like, or nothing."""
    low = title.casefold().strip()
    if PERSONAL.search(low):
        return ""
    return next((name for name, pattern in TITLES_LOOKING if pattern.search(low)), "")


def known_titles(stated: Mapping[str, Stated]) -> set[str]:
    """Titles that a mapping names."""
    return {title for one in stated.values() for title in (*one.titles, *one.minus)}


def find_columns(header: list[str], stated: Mapping[str, Stated], passed: Iterable[str], file: str, line: int) -> Found:
    """Where each column stands in the header in line `line`. `stated`: column -> what a mapping or `--column` says of it;
    `passed` are titles that are not read. InputError for a column that is missing, there twice, or looks as if it mattered."""
    passed = set(passed)
    found = Found(stated=dict(stated))
    named = known_titles(stated)
    for name, one in stated.items():
        _take_stated(found, name, one, header, file, line)
    doubtful: list[InputError] = []
    for at, title in enumerate(header):
        known = KEYS_OF_TITLES.get(title_key(title))
        if title in named or not title:
            continue
        if title in passed or known in stated:
            found.passed.append(title)
        elif known is not None:
            if known in found.at:
                raise InputError(f"two columns for {known}:", value=title,
                                 expected=f"one; the other is '{header[found.at[known]]}'",
                                 next_step=f"say which by --column {known}=HEADER", file=file, line=line)
            found.at[known] = at
        else:
            _account_for(title, header, found, doubtful, file, line)
    _need(found, header, file, line)
    if doubtful:
        first, *others = doubtful
        first.others = tuple(others)
        raise first
    if "excluded" in found and ("eligible" in found or "in_scope" in found):
        if "excluded" in found.at:
            found.passed.append(header[found.at["excluded"]])
            del found.at["excluded"]
    return found


def _take_stated(found: Found, name: str, one: Stated, header: list[str], file: str, line: int) -> None:
    """Enter what a mapping says of a column. InputError where the header lacks a title, or has it twice."""
    if one.always is not None:
        found.always[name] = one.always
        return
    titles = (*one.titles, *one.minus)
    missing = [title for title in titles if title not in header]
    if missing and one.optional:
        del found.stated[name]
        return
    if missing:
        raise InputError(f"no column for {name}:", value=missing[0], expected=one_of(header),
                         suggestion=nearest(missing[0], header), file=file, line=line)
    twice = [title for title in titles if header.count(title) > 1]
    if twice:
        raise InputError(f"two columns for {name}:", value=twice[0], expected="one of that title", file=file, line=line)
    found.at[name] = header.index(titles[0])
    if len(titles) > 1:
        found.parts[name] = [header.index(title) for title in one.titles], [header.index(title) for title in one.minus]


def _account_for(title: str, header: list[str], found: Found, doubtful: list[InputError], file: str, line: int) -> None:
    """A column that nothing names: passed through, or refused where it may matter."""
    if re.search("[\x00-\x1f\ufffd]|锟斤拷", title):
        raise InputError("a title of which characters are lost:", value=title,
                         expected="titles in one encoding, without controls", next_step="export the file anew in UTF-8",
                         file=file, line=line)
    meant = garbled(title)
    if meant:
        raise InputError("a title that was read in a wrong encoding:", value=title, expected=f"'{meant}'",
                         next_step="export the file anew in UTF-8, or say its --encoding", file=file, line=line)
    if header.count(title) > 1:
        raise InputError("two columns of one title:", value=title, expected="another title for each",
                         next_step=f"--pass-through {title} leaves both as they are", file=file, line=line)
    looks = looks_like(title)
    if not looks:
        found.passed.append(title)
        near = nearest(title, [word for word in NAMES if NAMES[word] not in found.at])
        if near:
            found.remarks.append((f"column '{title}' is not read; did you mean '{near}'?",
                                  f"列 '{title}' 未读取; 是否指 '{near}'?"))
        return
    doubtful.append(InputError(
        f"a column that may decide what is paid, and that nothing names (may be {looks}):", value=title,
        expected="every column named", suggestion=None,
        next_step=f"say --column {looks}={title}, --pass-through {title}, or name it in a mapping file", file=file, line=line))


def _need(found: Found, header: list[str], file: str, line: int) -> None:
    for name in ("person", "tier", "billed"):
        if name not in found:
            _missing(name, header, file, line)
    if not any(name in found for name in ("eligible", "in_scope", "excluded")):
        _missing("eligible", header, file, line, " or in_scope (政策范围内比例)")


def _missing(name: str, header: list[str], file: str, line: int, more: str = "") -> None:
    column = BY_NAME[name]
    raise InputError(f"no column {name} in the header", value=", ".join(header), expected=f"{name} ({column.chinese[0]}){more}",
                     suggestion=None, next_step="separate columns by commas; or say --column "
                     f"{name}=HEADER" if len(header) == 1 else f"or say --column {name}=HEADER, or a mapping file: "
                     "`fundsim claims map` begins one", file=file, line=line)


def made_from_several(name: str) -> bool:
    """Whether a column may be made from several: amounts are added, names joined."""
    return BY_NAME[name].read in (amount, identity)
