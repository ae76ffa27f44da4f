"""The page on which rules are moved: the fund, the designs, one bill under them, and what is kept of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from urllib.parse import urlencode

import numpy as np
from nicegui import ui

from simulator.answers.what_if import WhatIf, one_fund, pages_figures
from simulator.app.app_words import APP
from simulator.app.bill_card import BillCard
from simulator.app.charts import ends_of
from simulator.app.computing import FILE_OF_DESIGN, Figures, emulated, exact, make_run, record_of, scenario_file, survey
from simulator.app.fund_form import FundForm
from simulator.app.panel import Panel
from simulator.app.said import fund_name, gap_said
from simulator.app.shared import Shared, Task
from simulator.app.state import BETWEEN_RANGES, DESIGNS, Board, Design, address, board_of, scenario_of
from simulator.app.troubles import told
from simulator.parameters.regions import load_regions
from simulator.report.prose import say
from simulator.report.what_if_page import DRAWN_LATENTS, scales_of
from simulator.results import read_run
from simulator.scenario import Policy, from_dict

LOOK_EVERY = 0.25                # seconds between two looks at what is being computed


class RulesPage:
    """What one page of a browser has: its board, its designs, and the tasks that it waits for."""

    def __init__(self, shared: Shared, asked: Mapping[str, str], lang: str) -> None:
        self.shared, self.lang = shared, lang
        self.asked = {name: text for name, text in asked.items() if name not in (*DESIGNS, "vary", "lang")}
        self.ranges = [text for text in asked.get("vary", "").split(BETWEEN_RANGES) if text]
        self.address = dict(asked)
        self.record: WhatIf | None = None
        self.kept: Task | None = None
        self.written = False
        self.state: list[tuple[int, bool]] = []
        self.exactly: ui.button
        self.scales: dict[str, list[float]] = {}

    def build(self) -> None:
        """The place of the page, which is filled when the rules are read."""
        self.place = ui.element("div")
        with self.place:
            ui.label(say(APP, "reading", self.lang)).classes("note")
        ui.timer(0.01, self.begin, once=True)

    async def begin(self) -> None:
        """Read the rules, and ask for what is computed of them."""
        try:
            self.board, self.record = await asyncio.to_thread(self.read)
        except Exception as error:
            self.place.clear()
            with self.place:
                FundForm(self).build(opened=True)
                ui.label(told(error, self.lang)).classes("fault").props("role=alert")
            return
        self.key = self.board.digest()
        self.designs = [self.board.read(self.address.get(name)) for name in DESIGNS if name == "a" or name in self.address]
        if self.record is None:
            self.baseline: Task | None = self.shared.once(("exact", self.key, "[]"), "short", exact, self.board.scenario, [])
            self.survey: Task | None = self.shared.once(("survey", self.key), "long", survey, self.board)
        else:
            self.baseline = self.survey = None
        self.place.clear()
        with self.place:
            self.whole()
        ui.timer(LOOK_EVERY, self.look)

    def read(self) -> tuple[Board, WhatIf | None]:
        """The board that the address asks for, and the record of a run that has one. InputError for what is no question."""
        regions = load_regions()
        if "run" not in self.asked:
            scenario = scenario_of(self.asked, regions)
            return board_of(scenario, regions, self.ranges), None
        made = read_run(self.shared.run_folder(self.asked["run"]))
        record = None if self.ranges or self.asked.get("fund") else record_of(made)
        if record is not None:
            return Board.of_record(record, from_dict(record.told["scenario"], regions=regions), regions), record
        scenario = one_fund(from_dict(made.manifest["scenario"], regions=regions), regions, self.asked.get("fund") or None)
        return board_of(scenario, regions, self.ranges), None

    @ui.refreshable_method
    def whole(self) -> None:
        """All that is below the tabs."""
        lang, two = self.lang, len(self.designs) > 1
        ui.label(fund_name(self.board, lang)).classes("fund-name").props('role=heading aria-level=2')
        self.progress = ui.label("").classes("note").props("role=status")
        with ui.element("div").classes(f"designs {'two' if two else 'one'}"):
            self.panels = [Panel(self, nth) for nth in range(len(self.designs))]
            for panel in self.panels:
                panel.build()
        self.gap = ui.label("").classes("gap")
        self.gap.set_visibility(False)
        with ui.element("div").classes("row-of-buttons"):
            ui.button(say(APP, "alone" if two else "beside", lang), on_click=self.toggle).props("outline")
            ui.button(say(APP, "save_design", lang), on_click=self.save).props("flat")
            ui.button(say(APP, "keep", lang), on_click=self.keep).props("flat")
            ui.label(say(APP, "command", lang, command=f"fundsim run {FILE_OF_DESIGN}")).classes("note")
        self.fault = ui.label("").classes("fault").props("role=alert")
        self.fault.set_visibility(False)
        self.bill = BillCard(self)
        self.bill.build()
        FundForm(self).build()
        self.redraw()

    # --- figures --------------------------------------------------------------------------------------

    def exact_key(self, design: Design) -> tuple[str, str, str]:
        changes = self.board.changes(design)
        return "exact", self.key, json.dumps([changes] if changes else [], sort_keys=True, default=str)

    def figures(self, design: Design) -> Figures | None:
        """What is known of a design: simulated, or else the emulator's, or nothing yet."""
        task = self.shared.known(self.exact_key(design))
        if task is not None and task.done:
            found: Figures = task.result()
            return found.of(found.by_name["balance"].shape[-1] - 1)
        if self.record is None:
            return None
        return self.before() if not self.board.changes(design) else emulated(self.record, self.board, [design])

    def before(self) -> Figures | None:
        """The figures of the unchanged rules, as they were simulated."""
        if self.record is not None:
            told, baseline = self.record.told, self.record.baseline[..., None]
            return Figures(tuple(told["years"]), pages_figures(told, baseline), True)
        found = self.baseline.result() if self.baseline is not None else None
        return None if found is None else found.of(0)

    def ends(self, name: str, figures: Sequence[np.ndarray]) -> tuple[float, float]:
        """The ends of an axis: as far as the sliders reach, so that it stands still while they move, and what is shown."""
        room = 0.14 if name == "burden" else 0.03
        if self.record is None:
            return ends_of(*figures, room=room)
        if not self.scales:
            self.scales = scales_of(self.record)
        reached = self.scales[next((key for key, of in DRAWN_LATENTS.items() if of == name), name)][:2]
        low, high = ends_of(*figures, room=room)
        return min(low, reached[0]), max(high, reached[1])

    def moved(self, nth: int, design: Design) -> None:
        """A panel's sliders have moved: draw it anew."""
        self.designs[nth] = design
        self.written = False
        self.panels[nth].redraw()
        self.compare()
        self.bill.ask_soon()

    def redraw(self) -> None:
        for panel in self.panels:
            panel.redraw()
        self.compare()

    def compare(self) -> None:
        """The sentence on two designs."""
        both = [found for found in map(self.figures, self.designs) if found is not None]
        self.gap.set_visibility(len(both) == len(DESIGNS))
        if len(both) == len(DESIGNS):
            self.gap.text = gap_said(both[0], both[1], self.lang)

    # --- tasks ----------------------------------------------------------------------------------------

    def compute(self) -> None:
        """Have the engine simulate the designs as they stand."""
        for design in self.designs:
            changes = self.board.changes(design)
            self.shared.once(self.exact_key(design), "short", exact, self.board.scenario, [changes] if changes else [])

    def waiting(self) -> list[Task]:
        found = [self.shared.known(self.exact_key(design)) for design in self.designs]
        return [task for task in [self.baseline, self.survey, *found] if task is not None]

    def look(self) -> None:
        """See what has been computed meanwhile, say how far the rest is, and keep the address."""
        if self.record is None and self.survey is not None and self.survey.done and self.survey.error is None:
            self.record = self.survey.result()
        waiting = self.waiting()
        state = [(id(task), task.done) for task in waiting]
        if state != self.state:
            self.state = state
            self.redraw()
        failed = next((task.error for task in waiting if task.error is not None), None)
        self.fault.set_visibility(failed is not None)
        if failed is not None:
            self.fault.text = told(failed, self.lang)
        self.progress.text = self.progress_said()
        self.exactly.set_enabled(not any(not task.done for task in waiting if task is not self.survey))
        self.bill.look()
        if not self.written:
            self.written = True
            self.address = address(self.asked, self.ranges, self.designs, self.lang)
            ui.run_javascript(f"history.replaceState(null, '', {json.dumps('?' + urlencode(self.address))})")

    def progress_said(self) -> str:
        lang = self.lang
        if self.kept is not None and not self.kept.done:
            what, done, steps = self.kept.heard
            return say(APP, "keeping", lang, what=what, done=done, steps=steps)
        if any(not task.done for task in self.waiting() if task is not self.survey):
            return say(APP, "begin_baseline" if self.before() is None else "computing", lang)
        if self.survey is not None and not self.survey.done:
            _, done, steps = self.survey.heard
            return say(APP, "surveying", lang, percent=round(100 * done / max(steps, 1)))
        if self.kept is not None and self.kept.done:
            return told(self.kept.error, lang) if self.kept.error else say(APP, "kept", lang, folder=self.kept.result())
        return ""

    # --- what is done with the designs ----------------------------------------------------------------

    def toggle(self) -> None:
        """Put a second design beside the first, or take it away."""
        self.designs = [self.designs[0]] if len(self.designs) > 1 else [self.designs[0], self.designs[0]]
        self.written = False
        self.whole.refresh()

    def changes_by_name(self) -> dict[str, Mapping[str, object]]:
        return {f"design-{name}": self.board.changes(design) for name, design in zip(DESIGNS, self.designs, strict=False)}

    def save(self) -> None:
        ui.download.content(scenario_file(self.board.scenario, self.changes_by_name()), FILE_OF_DESIGN)

    def keep(self) -> None:
        """Simulate the designs with all else that a run has, and write its folder."""
        policies = [Policy(name, dict(changes)) for name, changes in self.changes_by_name().items() if changes]
        scenario = self.board.scenario.but(policies=(*self.board.scenario.policies, *policies))
        key = "run", json.dumps(scenario.as_dict(), sort_keys=True, default=str), self.lang
        self.kept = self.shared.once(key, "long", make_run, scenario, self.shared.out, self.lang)
        self.kept.future.add_done_callback(self.note_kept)

    def note_kept(self, done: Future) -> None:
        if not done.cancelled() and done.exception() is None and done.result() not in self.shared.made:
            self.shared.made.append(done.result())
