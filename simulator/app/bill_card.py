"""One bill beside the sliders: who pays it under the unchanged rules and under each design, with the settlement slip of each."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from nicegui import ui

from simulator.app.app_words import APP
from simulator.app.computing import slips
from simulator.app.shared import Task
from simulator.app.state import DESIGNS
from simulator.app.troubles import told
from simulator.money import yuan
from simulator.parameters.catalogue import ILLNESSES, TIERS
from simulator.report.prose import say
from simulator.slip.steps import Step
from simulator.slip.table import HEADS, cells_of
from simulator.words import ILLNESS_NAMES, TIER_NAMES, word

if TYPE_CHECKING:
    from simulator.app.rules_page import RulesPage

STILL = 0.4                       # seconds that the sliders stand still before the bill is settled anew


class BillCard:
    """The bill's part of the page."""

    def __init__(self, page: RulesPage) -> None:
        self.page, self.lang = page, page.lang
        self.task: Task | None = None
        self.shown: Task | None = None
        self.due: float | None = 0.0

    def build(self) -> None:
        lang = self.lang
        with ui.element("section").classes("card").props(f'aria-label="{say(APP, "bill", lang)}"'):
            ui.label(say(APP, "bill", lang)).props("role=heading aria-level=2").classes("fund-name")
            with ui.element("div").classes("form"):
                self.tier = ui.select({tier: word(TIER_NAMES, tier, lang) for tier in TIERS}, label=say(APP, "tier", lang),
                                      value="county", on_change=self.ask_soon)
                self.billed = self.field("billed", "8000")
                self.age = self.field("age", "45")
                self.in_scope = self.field("in_scope", "")
                none = {"": say(APP, "no_illness", lang)}
                self.illness = ui.select(none | {one: word(ILLNESS_NAMES, one, lang) for one in ILLNESSES},
                                         label=say(APP, "illness", lang), value="", on_change=self.ask_soon)
                self.outpatient = ui.checkbox(say(APP, "outpatient", lang), on_change=self.ask_soon)
            self.fault = ui.label("").classes("fault").props("role=alert")
            self.fault.set_visibility(False)
            self.table = ui.html("", sanitize=False).classes("wide")
            names = ["unchanged_rules", *(f"design_{name}" for name in DESIGNS[:len(self.page.designs)])]
            self.slips = []
            for name in names:
                with ui.expansion(say(APP, "slip", lang, design=say(APP, name, lang))):
                    self.slips.append(ui.html("", sanitize=False).classes("wide"))
            self.heads = [say(APP, name, lang) for name in names]

    def field(self, key: str, value: str) -> ui.input:
        return ui.input(say(APP, key, self.lang), value=value, on_change=self.ask_soon).props("debounce=300")

    def ask_soon(self) -> None:
        """Settle the bill when the sliders have stood still for a moment."""
        self.due = time.monotonic() + STILL

    def look(self) -> None:
        """Ask when it is time, and show what has come."""
        if self.due is not None and time.monotonic() >= self.due:
            self.due = None
            self.ask()
        if self.task is not None and self.task.done and self.task is not self.shown:
            self.shown = self.task
            self.show(self.task)

    def ask(self) -> None:
        scenario = self.page.board.scenario
        age = self.age.value.strip()
        if not (age.isascii() and age.isdigit() and int(age) <= 120):
            self.say_fault(f"{say(APP, 'age', self.lang)}: 0-120")
            return
        bill: dict[str, object] = {
            "tier": self.tier.value, "bill": self.billed.value.strip(), "region": scenario.regions[0], "year": scenario.year,
            "scheme": scenario.schemes[0], "age": int(age), "in_scope": self.in_scope.value.strip() or None,
            "illness": self.illness.value or None, "outpatient": bool(self.outpatient.value), "lang": self.lang}
        designs: list[Mapping[str, object]] = [self.page.board.changes(design) for design in self.page.designs]
        key = "slips", json.dumps([bill, scenario.changes, designs], sort_keys=True, default=str)
        self.task = self.page.shared.once(key, "short", slips, bill, [scenario.changes], designs)

    def say_fault(self, text: str) -> None:
        self.fault.text = text
        self.fault.set_visibility(bool(text))

    def show(self, task: Task) -> None:
        self.say_fault(told(task.error, self.lang))
        found = task.result()
        if found is None:
            return
        self.table.set_content(payers(self.heads, [steps for steps, _ in found], self.lang))
        for place, (steps, notes) in zip(self.slips, found, strict=False):
            place.set_content(slip_table(steps, notes, self.lang))


def payers(heads: Sequence[str], slips_of: Sequence[Sequence[Step]], lang: str) -> str:
    """Who pays how much in each slip, as a table: a row for each payer that pays in one of them."""
    of_each = [{step.name: step for step in steps if step.payer} for steps in slips_of]
    named = {name: step for of_one in of_each for name, step in of_one.items()}
    first = "".join(f'<th scope="col" class="n">{escape(head)}</th>' for head in heads[:len(slips_of)])
    rows = []
    for name, step in named.items():
        amounts = [(of_one[name].amount or 0) if name in of_one else 0 for of_one in of_each]
        if any(amounts):
            rows.append(f'<tr><th scope="row">{escape(step.zh if lang == "zh" else step.en)}</th>'
                        + "".join(f'<td class="n">{yuan(amount)}</td>' for amount in amounts) + "</tr>")
    return (f'<table class="plain-table"><thead><tr><th scope="col">{escape(say(APP, "payer", lang))}</th>{first}</tr></thead>'
            f'<tbody>{"".join(rows)}</tbody></table>')


def slip_table(steps: Sequence[Step], notes: Sequence[str], lang: str) -> str:
    """A settlement slip as a table, with the notes under it."""
    heads = "".join(f'<th scope="col"{" class=n" if n == 1 else ""}>{escape(head)}</th>' for n, head in enumerate(HEADS[lang]))
    rows = "".join("<tr>" + "".join(f'<td{" class=n" if n == 1 else ""}>{escape(cell)}</td>'
                                    for n, cell in enumerate(cells_of(step, lang))) + "</tr>" for step in steps)
    below = "".join(f'<p class="note">{escape(note)}</p>' for note in notes)
    return f'<table class="plain-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{below}'
