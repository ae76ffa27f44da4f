"""What was wrong with an input, as a line in English or Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from simulator.cli.expected_zh import EXPECTED
from simulator.cli.problems_zh import PROBLEMS

if TYPE_CHECKING:
    from simulator.parameters.errors import InputError

SAID_ZH = EXPECTED | PROBLEMS
NAME_ALONE = re.compile(r"(?:--)?[\w.{}-]+")      # a problem that names an option or a key, and says nothing else


def fault_said(error: InputError, lang: str) -> str:
    """An error in one line: where, what is wrong, what was expected, the nearest right name, what to do next."""
    if lang != "zh":
        return str(error)
    from simulator.parameters.errors import quoted, shortened, shown
    place = ":".join(str(part) for part in (error.file, error.line, error.column) if part is not None)
    problem = shortened(in_words(error.problem.rstrip(":"), SAID_ZH))
    parts = [problem if error.value is None else f"{problem}：{quoted(error.value)}"]
    if error.expected:
        parts.append(f"应为 {shortened(in_words(error.expected, SAID_ZH))}")
    if error.suggestion:
        parts.append(f"是否为 {quoted(error.suggestion)}？")
    if error.next_step:
        parts.append(shortened(in_words(error.next_step, SAID_ZH)))
    return shown((f"{place}：" if place else "") + "；".join(parts)).replace("\n", "\\n")


def in_words(text: str, table: Mapping[str, str]) -> str:
    """A text in Chinese by a table of patterns, with what the program filled in put in its place; as it is where none fits."""
    if text in table:
        return table[text]
    for pattern, chinese in _patterns(tuple(table.items())):
        if found := pattern.fullmatch(text):
            return chinese.format(*(in_words(part, table) for part in found.groups()))
    before, colon, after = text.partition(": ")
    return f"{before}：{in_words(after, table)}" if colon and NAME_ALONE.fullmatch(before) else text


@cache
def _patterns(table: tuple[tuple[str, str], ...]) -> list[tuple[re.Pattern[str], str]]:
    """The patterns with places to fill, those that say most first."""
    filled = sorted((item for item in table if "{}" in item[0]), key=lambda item: -len(item[0].replace("{}", "")))
    return [(re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL), chinese) for english, chinese in filled]
