"""Parameters as a workbook: a row for each dated value that a region states, with lists to choose units and statuses from.

What the files say stands in it as it is written, so that reading it back (parameter_reader.py) gives the same regions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from simulator.parameters.catalogue import CATALOGUE, PER, RULES, STATUSES
from simulator.parameters.errors import display_path
from simulator.parameters.files import read_file
from simulator.parameters.load import FILES_OF_A_REGION
from simulator.parameters.read import Mapping, Node, Scalar, decode, parse_yaml
from simulator.parameters.regions import Regions
from simulator.parameters.statements import STATEMENTS
from simulator.report.codes import parameter_name
from simulator.workbook.inputs import number_or_text
from simulator.workbook.sheets import INPUT_FILL, INPUT_INK, Book, Sheet, letter, quoted

VALUES_SHEET, REGIONS_SHEET, LISTS_SHEET = "Values", "Regions", "Lists"
HEADED_BY = 4                  # row of the columns' names; above it stands what they mean
COLUMNS_OF_VALUES = {          # name -> what it means in English and Chinese, and its width
    "region": ("the region that states it", "规定地区", 12), "path": ("topic, scheme, parameter", "类别、制度、参数", 40),
    "parameter": ("its name, for readers alone", "参数名称（仅供阅读）", 52), "from": ("takes effect on", "生效日", 12),
    "value": ("the value; {key: number} or [number] where there are several", "数值；多个数值写作 {键: 数} 或 [数]", 44),
    "unit": ("the catalogue's unit", "单位", 18), "status": ("law, statistic, estimate, assumption", "依据类别", 12),
    "source": ("document and clause, table, or reason", "来源：文件及条款、表、或理由", 70), "note": ("a remark", "备注", 30),
    "known_from": ("could be known from", "可知日", 12), "spread": ("relative standard deviation, %", "相对标准差（%）", 10),
    "distribution": ("the distribution of its settings: {law: normal, sd: 2}", "取值的分布", 30),
    "shares": ("the factor that it shares with others", "共有因子", 16),
    "correlation": ("with others of the factor", "相关系数", 10),
    "standard": ("a standard of the State", "国家标准", 9), "local": ("its own, whatever the State's", "地方自定", 9),
    "alternatives": ("what it might be instead", "备选值", 40), "issued": ("the document's day", "发文日期", 12),
    "until": ("the last day on which it holds", "失效日", 12), "rule": ("at_least, at_most, about, exactly", "规定方式", 12),
    "text": ("the words of the document", "文件原文", 60)}
OF_A_VALUE = tuple(name for name in COLUMNS_OF_VALUES if name not in ("region", "path", "parameter", "unit"))
COLUMNS_OF_REGIONS = {"region": ("its name in commands and files", "命令和文件中的名称", 16),
                      "en": ("English name", "英文名称", 24), "zh": ("Chinese name", "中文名称", 24),
                      "parent": ("the region it descends from", "上级地区", 16)}
PLAIN_WORD = re.compile(r"(?!(?:null|Null|NULL)$)[A-Za-z0-9_.%-]+", re.ASCII)
MADE_ON = datetime(2000, 1, 1)  # the same parameters give the same bytes
EXTRA_ROWS = 500               # below the last one, whose drop-downs are ready for new values


class Stated(NamedTuple):
    """A dated value as its file states it; `said` has each of its fields as a node."""

    region: str
    path: str
    unit: str
    said: dict[str, Node]


def parameters_workbook(regions: Regions, names: Sequence[str]) -> bytes:
    """The workbook of what some regions state themselves."""
    book = Book("fundsim parameters", "en", MADE_ON)
    sheet = book.sheet(VALUES_SHEET, [width for *_, width in COLUMNS_OF_VALUES.values()], (HEADED_BY + 1, 3), colour="#FFD966")
    sheet.title("Parameters 参数", "Edit the yellow cells; add rows below. 修改黄色单元格, 可在下方增行.  "
                "fundsim params import X.xlsx --out DIR")
    _head(sheet, COLUMNS_OF_VALUES)
    columns = list(COLUMNS_OF_VALUES)
    row = HEADED_BY
    for one in (stated for name in names for stated in stated_by(regions, name)):
        row += 1
        for name, text in {"region": one.region, "path": one.path, "unit": one.unit}.items():
            sheet.input(row, columns.index(name), text, "text")
        sheet.text(row, columns.index("parameter"), f"{parameter_name(one.path, 'en')}  {parameter_name(one.path, 'zh')}")
        for name, node in one.said.items():
            text = flow(node) if not isinstance(node, Scalar) else node.text
            sheet.input(row, columns.index(name), number_or_text(text) if name in ("value", "spread") else text,
                        "plain" if name in ("value", "spread") else "text")
    sheet.page.autofilter(HEADED_BY, 0, row, len(columns) - 1)
    _regions_sheet(book, regions, names)
    _lists(book, sheet, columns, row + EXTRA_ROWS)
    return book.bytes()


def stated_by(regions: Regions, name: str) -> Iterator[Stated]:
    """Every dated value that the files of a region state, in their order. InputError for a file that cannot be read."""
    added = regions.added / name if regions.added is not None else None
    home = added if added is not None and added.is_dir() else regions.path / name
    for topic in FILES_OF_A_REGION[:-1]:
        path = home / f"{topic}.yaml"
        if not path.exists():
            continue
        for where, parameter in _parameters_in(path, topic):
            for one in parameter.items["values"].items:
                yield Stated(name, ".".join((topic, *where)), parameter.items["unit"].text, one.items)


def _parameters_in(path: Path, topic: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The parameters of a topic's file, each with its place in it; none of a file of comments."""
    text = decode(read_file(path, "parameter file", "a file of text"), display_path(path))
    if all(line.lstrip().startswith("#") for line in text.splitlines() if line.strip()):
        return
    root: Any = parse_yaml(text, display_path(path))
    sections = topic == "law" or PER[topic] is not None
    for section, inside in root.items.items() if sections else [("", root)]:
        for name, parameter in inside.items.items():
            yield ((section, name) if sections else (name,)), parameter


def flow(node: Node) -> str:
    """A value on one line, as YAML: `{township: [100], county: [300, 150]}`."""
    if isinstance(node, Scalar):
        return node.text if PLAIN_WORD.fullmatch(node.text) else json.dumps(node.text, ensure_ascii=False)
    if isinstance(node, Mapping):
        return "{" + ", ".join(f"{key if PLAIN_WORD.fullmatch(key) else json.dumps(key, ensure_ascii=False)}: {flow(part)}"
                               for key, part in node.items.items()) + "}"
    return "[" + ", ".join(map(flow, node.items)) + "]"


def _head(sheet: Sheet, columns: dict[str, tuple[str, str, int]]) -> None:
    """The names of columns, and above them what they mean in both languages."""
    for column, (en, zh, _) in enumerate(columns.values()):
        for row, text in ((HEADED_BY - 2, en), (HEADED_BY - 1, zh)):
            sheet.text(row, column, text, italic=True, font_color="#666666", text_wrap=True)
    sheet.heading(HEADED_BY, list(columns))


def _regions_sheet(book: Book, regions: Regions, names: Sequence[str]) -> None:
    sheet = book.sheet(REGIONS_SHEET, [width for *_, width in COLUMNS_OF_REGIONS.values()], (HEADED_BY + 1, 1), colour="#FFD966")
    sheet.title("Regions 地区")
    _head(sheet, COLUMNS_OF_REGIONS)
    for row, name in enumerate(names, HEADED_BY + 1):
        for column, text in enumerate((name, regions[name].names["en"], regions[name].names["zh"], regions.parents[name] or "")):
            sheet.input(row, column, text, "text")


def _lists(book: Book, sheet: Sheet, columns: Sequence[str], last: int) -> None:
    """The lists behind the drop-downs, on a sheet of their own."""
    units = sorted({quantity.unit for topic in CATALOGUE.values() for quantity in topic.values()}
                   | {statement.unit for statement in STATEMENTS.values()})
    choices = {"unit": units, "status": list(STATUSES), "rule": list(RULES), "standard": ["true"], "local": ["true"]}
    lists = book.sheet(LISTS_SHEET, [24] * len(choices))
    style = book.format(font_color=INPUT_INK, bg_color=INPUT_FILL)
    for column, (name, words) in enumerate(choices.items()):
        lists.text(0, column, name, bold=True, bottom=1)
        for row, text in enumerate(words, 1):
            lists.page.write_string(row, column, text, style)
        at = columns.index(name)
        sheet.page.data_validation(HEADED_BY + 1, at, last, at, {
            "validate": "list", "source": f"={quoted(LISTS_SHEET)}!${letter(column)}$2:${letter(column)}${len(words) + 1}",
            "error_title": "fundsim", "error_message": f"{name}: choose from the list (请从列表选择)"})
