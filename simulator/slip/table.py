"""The settlement slip as a table on the terminal."""

from __future__ import annotations

from simulator.money import yuan
from simulator.slip.steps import Step


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
        table.add_row(step.zh if zh else step.en, "" if step.amount is None else yuan(step.amount), step.formula, step.source)
    console = Console(width=None if Console().is_terminal else 160)
    console.print(table)
    for note in notes:
        console.print(note)
