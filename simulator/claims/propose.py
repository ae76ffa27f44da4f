"""A mapping file proposed for a claims file: what its titles and first rows look like.

What is only likely is marked to be checked, what is not known is left as a question that a settlement refuses.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.compute as pc

from simulator.claims.cells import RowFault, amount, day, read_cell
from simulator.claims.columns import BY_NAME, KEYS_OF_TITLES, Column, title_key
from simulator.claims.files import Opening, open_claims
from simulator.claims.header import looks_like
from simulator.claims.mapping import read_map, shipped_maps
from simulator.claims.words import WHAT_WAS_DONE
from simulator.parameters.errors import display_path

QUESTION = '"?"'
MOST_WORDS = 40                 # different texts of a column with words
# Titles that are likely one column: pattern -> column, the first that fits; then words that are likely one of the column's own.
LIKELY_TITLES = (
    (r"身份证|证件号|个人编|人员编|参保人编|社会?保障|医保号|psn_no|person|patient|member_?id|bene.*id", "person"),
    (r"出院|结算.*[日时]|discharge|setl_time|thru|stop", "date"),
    (r"入院|admission|admsn|admit|start", "admitted"),
    (r"总费用|总额|费用总|总金额|医疗费用|medfee|total", "billed"),
    (r"范围内|政策内|inscp|in_?scope|eligible|allowed", "eligible"),
    (r"先行自付|preselfpay", "first_pay"),
    (r"全自费|自费|ownpay|范围外", "excluded"),
    (r"单据|结算编|结算id|setl_id|claim", "claim"),
    (r"天数|床日|day_cnt", "days"),
    (r"级别|等级|hosp_?lv|tier|level", "tier"),
    (r"就诊方式|就医方式|医疗类|就诊类|med_type|class|kind", "kind"),
    (r"人员类|人员属|在职|psn_type", "member_class"),
    (r"救助|对象", "group"),
    (r"退费|冲销|refd", "reversal"),
    (r"^金额$|^费用$", "billed"),
)
LIKELY_WORDS = {
    "kind": (
        (r"住院|inpat|^2[12]$|\bip\b", "inpatient"),
        (r"门|急诊|outpat|ambul|emerg|^1[1-4]$|\bop\b", "outpatient"),
    ),
    "tier": (
        (r"区外|异地|转外", "outside"),
        (r"乡|镇|社区|卫生院|一级|基层|village|town", "township"),
        (r"县|二级|county", "county"),
        (r"市|省|三级|city|tertiary", "city"),
    ),
    "member_class": (
        (r"退休|retire|^12", "retired"),
        (r"在职|职工|active|employ|^11", "active"),
        (r"学生|student", "student"),
        (r"儿童|未成年|child|婴", "child"),
        (r"居民|成年|adult", "adult"),
    ),
    "group": (
        (r"低保|dibao", "dibao"),
        (r"特困|五保", "wubao"),
        (r"低收入|边缘", "low_income"),
        (r"残", "disabled"),
        (r"^无|^否|none|普通", "none"),
    ),
    "reversal": (
        (r"^(?:0|否|n|no|正常)$", "no"),
        (r"^(?:1|是|y|yes|退费|冲销)$", "yes"),
    ),
}
WITH_LIKELY_WORDS = tuple(LIKELY_WORDS)


@dataclass
class Proposal:
    """A mapping in the making: column -> its lines in YAML."""

    columns: dict[str, str] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)


def propose(claims: Path, encoding: str = "auto", sheet: str | None = None, header_line: int | None = None) -> str:
    """The text of a mapping file for a claims file. InputError if it cannot be read."""
    source = open_claims(claims, Opening(encoding, sheet, header_line, _is_title))
    try:
        header, encoding, line = source.header, source.encoding, source.header_line
        block = next(itertools.chain(source.blocks(), [None]))
        texts = {title: [] if block is None else pc.utf8_trim_whitespace(pc.fill_null(block.text(at), "")).to_pylist()
                 for at, title in enumerate(header)}
    finally:
        source.close()
    made = Proposal()
    fitting = [name for name, path in shipped_maps().items()
               if all(one.optional or set(one.titles) <= set(header) for one in read_map(path).stated.values())]
    for title in header:
        name = _column_of(title, texts[title], made)
        if name:
            made.columns[name] = _lines(BY_NAME[name], title, texts[title], made)
        elif title:
            made.passed.append(title)
    return _text(made, display_path(claims), encoding, line, fitting)


def _is_title(text: str) -> bool:
    """Whether a cell is likely the title of a column that is read; what has digits only is none."""
    return title_key(text) in KEYS_OF_TITLES or len(text) < 30 and any(
        re.search(pattern, text.casefold()) for pattern, _ in LIKELY_TITLES)


def _column_of(title: str, cells: list[str], made: Proposal) -> str:
    """The column that a title most likely is, if its cells can be read as such and no other title is that column."""
    likely = KEYS_OF_TITLES.get(title_key(title), "")
    if not likely:
        likely = next((name for pattern, name in LIKELY_TITLES if re.search(pattern, title.casefold())), "")
    if not likely or likely in made.columns:
        return ""
    column = BY_NAME[likely]
    if column.read in (amount, day) and not any(_reads(column, cell) for cell in cells[:200] if cell) and any(cells):
        return ""
    return likely


def _reads(column: Column, cell: str) -> bool:
    try:
        read_cell(cell, column.read, column.tidy, True, column.empty)
    except RowFault:
        return False
    return True


def _lines(column: Column, title: str, cells: list[str], made: Proposal) -> str:
    """What the mapping says of a column: its title, and of a column with words what each stands for."""
    known = title_key(title) in KEYS_OF_TITLES
    for cell in set(cells):
        if cell and column.name not in WITH_LIKELY_WORDS:
            try:
                _, kinds = read_cell(cell, column.read, column.tidy, True, column.empty)
                made.done.update(kinds)
            except RowFault:
                continue
    check = "" if known else "      # check: likely"
    if column.name not in WITH_LIKELY_WORDS:
        return f"{_quoted(title)}{check}"
    words = Counter(cell for cell in cells if cell)
    own = [cell for cell in words if _reads_strictly(column, cell)]
    if len(own) == len(words):
        return f"{_quoted(title)}{check}"
    lines = [check, f"    from: {_quoted(title)}", "    words:"]
    for word, rows in words.most_common(MOST_WORDS):
        if word in own:
            continue
        meant = next((name for pattern, name in LIKELY_WORDS[column.name] if re.search(pattern, word.casefold())), "?")
        lines.append(f"      {_quoted(word)}: {_quoted(meant) if meant == '?' else meant}      # {rows} of the first rows"
                     + ("" if meant == "?" else "; check: likely"))
    return "\n".join(lines)


def _reads_strictly(column: Column, cell: str) -> bool:
    try:
        column.read(cell)
    except RowFault:
        return False
    return True


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _text(made: Proposal, file: str, encoding: str, line: int, fitting: list[str]) -> str:
    missing = [name for name in ("person", "tier", "billed") if name not in made.columns]
    if not {"eligible", "in_scope", "excluded"} & made.columns.keys():
        missing.append("eligible")
    lines = [f"# A mapping proposed for {file}: check every line, answer every question mark (docs/claims.md).",
             f"# 为 {file} 拟定的映射: 请逐行核对, 并替换每个问号."]
    lines += [f"# A shipped mapping fits the header: fundsim settle ... --map {name}" for name in fitting]
    if encoding != "utf-8":
        lines.append(f"encoding: {encoding.removesuffix('-le').removesuffix('-be')}")
    if line > 1:
        lines.append(f"header_line: {line}")
    lines.append("columns:")
    for name, said in made.columns.items():
        lines.append(f"  {name}:{'' if chr(10) in said else ' '}{said}")
    for name in missing:
        what = "{plus: [..], minus: [..]}, {always: ..} for in_scope, or a header" if name == "eligible" else (
            "a header" if name == "person" else "a header, or {always: ..}")
        lines.append(f"  {name}: {QUESTION}      # {BY_NAME[name].chinese[0]}: {what}")
    if made.passed:
        lines.append("pass_through:")
        for title in made.passed:
            looks = looks_like(title)
            lines.append(f"  - {_quoted(title)}" + (f"      # check: may be {looks}" if looks else ""))
    if made.done:
        lines += [f"# {WHAT_WAS_DONE[kind][0]} ({WHAT_WAS_DONE[kind][1]}): {count}" for kind, count in sorted(made.done.items())]
        lines.append("lenient: yes")
    return "\n".join(lines) + "\n"
