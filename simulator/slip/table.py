"""The settlement slip as a table on the terminal, or as text."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from simulator.money import yuan
from simulator.output import console
from simulator.slip.steps import Step

if TYPE_CHECKING:
    from rich.table import Table

HEADS = {"en": ("step", "yuan", "formula", "ground"), "zh": ("步骤", "金额(元)", "算式", "依据")}
TITLES = {"en": "Settlement slip", "zh": "结算单"}
WIDE = 160                     # columns of what is not a terminal


def cells_of(step: Step, lang: str) -> tuple[str, str, str, str]:
    """A step's label, amount in yuan, formula and ground."""
    return step.zh if lang == "zh" else step.en, "" if step.amount is None else yuan(step.amount), step.formula, step.source


def print_slip(steps: Sequence[Step], notes: Sequence[str], lang: str) -> None:
    """The slip as a table, amounts in yuan; labels in the chosen language."""
    terminal = console(width=None if console().is_terminal else WIDE)
    terminal.print(_table(steps, lang))
    for note in notes:
        terminal.print(note)


def slip_text(steps: Sequence[Step], notes: Sequence[str], lang: str) -> str:
    """The same as plain text."""
    text = StringIO()
    console(WIDE, text).print(_table(steps, lang))
    return "\n".join([*(line.rstrip() for line in text.getvalue().splitlines()), *notes])


def _table(steps: Sequence[Step], lang: str) -> Table:
    from rich.table import Table
    table = Table(title=TITLES[lang], show_lines=False)
    for column, head in enumerate(HEADS[lang]):
        table.add_column(head, justify="right" if column == 1 else "left", overflow="fold")
    for step in steps:
        table.add_row(*cells_of(step, lang))
    return table
