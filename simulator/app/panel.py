"""One design on the page: the answer, the fan, the sliders, and further figures."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from nicegui import ui

from simulator.answers.conditions import ANNUAL, CUMULATIVE
from simulator.app.app_words import APP
from simulator.app.charts import bars, fan, strip
from simulator.app.computing import Figures
from simulator.app.said import how_exact, moved_said, operand_said, rows_by_year, sentences
from simulator.app.state import DESIGNS
from simulator.report.prose import say
from simulator.report.what_if_words import QUINTILE_WORDS, WHAT_IF
from simulator.words import LANGUAGES

if TYPE_CHECKING:
    from simulator.app.rules_page import RulesPage

MOST_OFTEN = 0.05                # seconds between two places of a slider that the page is told of
HEADS_BY_YEAR = {"year": "year", "low": "head_low", "middle": "head_middle", "high": "head_high", "exhausted": "head_exhausted",
                 "annual": "head_annual", "cumulative": "head_cumulative"}


class Panel:
    """A design's part of the page; `nth` is which of its designs."""

    def __init__(self, page: RulesPage, nth: int) -> None:
        self.page, self.nth, self.lang = page, nth, page.lang
        self.values: list[ui.label] = []
        self.inputs: list[ui.element] = []

    def build(self) -> None:
        name = say(APP, f"design_{DESIGNS[self.nth]}", self.lang)
        with ui.element("section").classes("panel").props(f'aria-label="{name}"'):
            with ui.element("div").classes("said"):
                if len(self.page.designs) > 1:
                    ui.label(name).classes("note")
                self.answer = [ui.label("").classes(f"answer answer-{n}") for n in range(5)]
            with ui.element("div").classes("fan"):
                self.fan = self.figure("fan")
                self.how = ui.label("").classes("how note")
                self.strip = self.figure("strip")
            with ui.element("div").classes("levers").props("role=group"):
                self.controls()
            self.more = ui.expansion(say(APP, "more", self.lang), on_value_change=self.redraw)
            with self.more.classes("rest"):
                with ui.element("div").classes("drawings"):
                    self.annual, self.cumulative, self.bars = map(self.figure, ("annual", "cumulative", "bars"))
                self.table = ui.html("", sanitize=False).classes("wide")

    def figure(self, caption: str) -> ui.html:
        """A drawing with its caption."""
        with ui.element("figure"):
            found = ui.html("", sanitize=False)
            years = self.page.board.scenario.years
            ui.label(say(WHAT_IF, caption, self.lang, year=years[-1])).classes("caption")
        return found

    def controls(self) -> None:
        design = self.page.designs[self.nth]
        for nth, one in enumerate(self.page.board.sliders(self.lang)):
            with ui.element("div").classes("lever"):
                ui.label(one["name"])
                self.values.append(ui.label("").classes("value"))
                self.inputs.append(self.slider(nth, one, design.steps[nth]))
                if one["stated_said"]:
                    ui.label(one["stated_said"]).classes("note")
        for nth, one in enumerate(self.page.board.selects(self.lang)):
            with ui.element("div").classes("lever"):
                options = {0: one["stated_said"], **dict(enumerate(one["names"], 1))}
                ui.select(options, label=one["name"], value=design.settings[nth],
                          on_change=lambda event, nth=nth: self.switched(nth, event.value)).props("dense")
        with ui.element("div").classes("row-of-buttons"):
            if self.nth == 0:
                self.page.exactly = ui.button(say(APP, "exactly", self.lang), on_click=self.page.compute).props("unelevated")
            ui.button(say(WHAT_IF, "reset", self.lang), on_click=self.reset).props("outline")

    def slider(self, nth: int, one: dict[str, Any], step: int) -> ui.element:
        """The browser's own slider, which takes every key. Where it stands is left to the browser: what the page sends while it
        moves is older than that."""
        found = ui.element("input").props(f'type=range min=0 max={one["steps"]} step=1 defaultValue={step}')
        found.props(f'aria-label="{escape(one["name"])}"')
        found.on("input", lambda event: self.slid(nth, event.args), throttle=MOST_OFTEN,
                 js_handler="(event) => emit(Number(event.target.value))")
        return found

    def slid(self, nth: int, step: object) -> None:
        if isinstance(step, int | float) and 0 <= step <= self.page.board.sliders(self.lang)[nth]["steps"]:
            self.page.moved(self.nth, self.page.designs[self.nth].moved_to(nth, int(step)))

    def switched(self, nth: int, setting: int) -> None:
        self.page.moved(self.nth, self.page.designs[self.nth].set_to(nth, setting))

    def reset(self) -> None:
        self.page.designs[self.nth] = self.page.board.unchanged()
        self.page.written = False
        self.page.whole.refresh()

    # --- drawing ----------------------------------------------------------------------------------------

    def redraw(self) -> None:
        """Say and draw what is known of the design."""
        page, design = self.page, self.page.designs[self.nth]
        for nth, (value, moving) in enumerate(zip(self.values, self.inputs, strict=True)):
            said = operand_said(page.board, nth, design.steps[nth], self.lang)
            if value.text != said:
                value.text = said
                moving.props(f'aria-valuetext="{escape(said)}"')
        before, known = page.before(), page.figures(design)
        if before is None:
            return
        shown = known or before
        moved = moved_said(page.board, design if known else page.board.unchanged(), self.lang)
        for label, text in zip(self.answer, sentences(shown, before, moved, self.lang), strict=True):
            label.text = text
        stale = known is None
        self.how.text = say(APP, "not_yet", self.lang) if stale else how_exact(shown, page.record, page.board.scenario.draws,
                                                                              self.lang)
        self.how.classes(replace=f"how note {'stale' if stale else 'exact' if shown.exact else 'estimated'}")
        self.draw(shown, before)

    def draw(self, shown: Figures, before: Figures) -> None:
        now, old, years = shown.by_name, before.by_name, shown.years
        lang = self.lang
        for place, name, caption in ((self.fan, "balance", "fan"), (self.annual, ANNUAL, "annual"),
                                     (self.cumulative, CUMULATIVE, "cumulative"))[:3 if self.more.value else 1]:
            ends = self.page.ends(name, [now[name], old[name]])
            place.set_content(fan(now[name][..., 0], old[name][:, 2, 0], years, ends, say(WHAT_IF, caption, lang)))
        self.strip.set_content(strip(now["exhausted"][:, 0], years, say(WHAT_IF, "strip", lang)))
        if not self.more.value:                            # what is folded away is drawn when it is unfolded
            return
        names = [both[LANGUAGES.index(lang)] for both in QUINTILE_WORDS]
        self.bars.set_content(bars(now["burden"][:, 0], old["burden"][:, 0], names,
                                   self.page.ends("burden", [now["burden"], old["burden"]]),
                                   say(WHAT_IF, "bars", lang, year=years[-1])))
        self.table.set_content(self.by_year(shown))

    def by_year(self, shown: Figures) -> str:
        """The table of every year."""
        titles = [say(WHAT_IF, key, self.lang) for key in HEADS_BY_YEAR.values()]
        heads = "".join(f'<th scope="col" class="n">{escape(title)}</th>' for title in titles)
        rows = "".join("<tr>" + "".join(f'<td class="n">{escape(row[name])}</td>' for name in HEADS_BY_YEAR) + "</tr>"
                       for row in rows_by_year(shown, self.lang))
        return f'<table class="plain-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
