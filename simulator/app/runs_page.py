"""The page of finished runs: open a report, load a run's rules, compare two, take one away; and make a new one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from nicegui import ui

from simulator.app.app_words import APP
from simulator.app.computing import make_run
from simulator.app.fund_form import region_choices, scheme_choices
from simulator.app.shared import Shared, Task
from simulator.app.state import SIZES, USUAL, whole
from simulator.app.troubles import told
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.report.prose import say
from simulator.report.runs_brief import RunsBrief
from simulator.report.two_runs import Runs, read_asked
from simulator.scenario import Scenario, check

LOOK_AT_RUNS = 0.5               # seconds between two looks at a run that is being made
MOST_LISTED = 60
WIDE_BRIEF = 96                  # columns of a comparison


class RunsPage:
    """The runs part of one page of a browser."""

    def __init__(self, shared: Shared, lang: str) -> None:
        self.shared, self.lang = shared, lang
        self.chosen: list[str] = []
        self.task: Task | None = None

    def build(self) -> None:
        lang = self.lang
        ui.label(say(APP, "runs_in", lang, folder=self.shared.out)).classes("fund-name").props("role=heading aria-level=2")
        self.rows()
        with ui.element("div").classes("row-of-buttons"):
            ui.button(say(APP, "compare", lang), on_click=self.compare).props("outline")
        self.compared = ui.html("", sanitize=False)
        with ui.element("section").classes("card"):
            ui.label(say(APP, "new_run", lang)).props("role=heading aria-level=2").classes("fund-name")
            with ui.element("div").classes("form"):
                self.regions = ui.select(region_choices(lang), label=say(APP, "regions", lang), multiple=True,
                                         value=["jiangsu", "linyi"]).props("use-chips")
                self.schemes = ui.select(scheme_choices(lang), label=say(APP, "schemes", lang), multiple=True,
                                         value=["nrcms"]).props("use-chips")
                self.sizes = {name: ui.input(say(APP, name, lang), value=USUAL[name]) for name in SIZES}
                ui.button(say(APP, "start", lang), on_click=self.start).props("unelevated")
            self.said = ui.label("").props("role=status").classes("note")
            self.fault = ui.label("").classes("fault").props("role=alert")
        ui.timer(LOOK_AT_RUNS, self.look)

    @ui.refreshable_method
    def rows(self) -> None:
        """The list of runs."""
        lang, found = self.lang, self.shared.runs()[:MOST_LISTED]
        if not found:
            ui.label(say(APP, "no_runs", lang)).classes("note")
        with ui.element("div").classes("wide"), ui.element("table").classes("plain-table"), ui.element("tbody"):
            for row in found:
                name = row["folder"]
                report = next((file.name for file in (self.shared.out / name / f"report.{lang}.html",
                                                      self.shared.out / name / "report.html") if file.is_file()), None)
                with ui.element("tr"):
                    with ui.element("td"):
                        ui.checkbox(value=name in self.chosen, on_change=lambda event, name=name: self.choose(
                            name, event.value)).props(f'aria-label="{name}"')
                    with ui.element("td"):
                        ui.label(row["what"])
                        ui.label(name).classes("note")
                    with ui.element("td"), ui.element("div").classes("row-of-buttons"):
                        ui.link(say(APP, "load", lang), f"/?{urlencode({'run': name, 'lang': lang})}")
                        if report:
                            ui.link(say(APP, "open", lang), f"/runs/{name}/{report}", new_tab=True)
                        ui.link(say(APP, "zip", lang), f"/zip/{name}.zip").props("download")

    def choose(self, name: str, chosen: bool) -> None:
        self.chosen = [one for one in self.chosen if one != name] + ([name] if chosen else [])

    async def compare(self) -> None:
        """Put the two runs that are chosen side by side, as `fundsim compare RUN RUN` does."""
        if len(self.chosen) != 2:
            self.compared.set_content(f'<p class="fault" role="alert">{say(APP, "choose_two", self.lang)}</p>')
            return
        try:
            text = await asyncio.to_thread(brief_of, self.shared.out, self.chosen, self.lang)
            self.compared.set_content(f"<pre>{escape(text)}</pre>")
        except Exception as error:
            self.compared.set_content(f'<p class="fault" role="alert">{escape(told(error, self.lang))}</p>')

    def start(self) -> None:
        """Simulate the regions that are chosen, with a report."""
        self.fault.text = ""
        try:
            sizes = {name: whole(name, str(field.value)) for name, field in self.sizes.items()}
            if not self.regions.value or not self.schemes.value:
                raise InputError("no regions or no schemes:", expected="one of each at least")
            name = f"app-{'-'.join(self.regions.value)}-{sizes['year']}"[:64]
            scenario = Scenario(name, tuple(self.regions.value), schemes=tuple(self.schemes.value)).but(**sizes)
            check(scenario, load_regions())
        except InputError as error:
            self.fault.text = told(error, self.lang)
            return
        key = "run", json.dumps(scenario.as_dict(), sort_keys=True, default=str), self.lang
        self.task = self.shared.once(key, "long", make_run, scenario, self.shared.out, self.lang)

    def look(self) -> None:
        """Say how far the run is, and list it when it is there."""
        if self.task is None:
            return
        if not self.task.done:
            what, done, steps = self.task.heard
            self.said.text = say(APP, "keeping", self.lang, what=what, done=done, steps=steps)
            return
        task, self.task = self.task, None
        self.fault.text = told(task.error, self.lang)
        self.said.text = "" if task.error else say(APP, "kept", self.lang, folder=task.result())
        self.rows.refresh()


def brief_of(out: Path, names: Sequence[str], lang: str) -> str:
    """The comparison of two runs in words."""
    runs = Runs.of([read_asked(str(out / name)) for name in names])
    return "\n".join(RunsBrief(runs, lang, WIDE_BRIEF).lines())
