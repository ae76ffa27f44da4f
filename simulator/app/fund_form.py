"""The form that asks for another fund, other years or other rules to move: it leads to the address that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from nicegui import ui

from simulator.app.app_words import APP
from simulator.app.state import BETWEEN_RANGES, SIZES, USUAL, possible
from simulator.parameters.catalogue import SCHEMES
from simulator.parameters.regions import load_regions
from simulator.report.codes import parameter_name
from simulator.report.prose import say
from simulator.words import region_name, scheme_name

if TYPE_CHECKING:
    from simulator.app.rules_page import RulesPage


def region_choices(lang: str) -> dict[str, str]:
    """Every region with its name."""
    return {name: region_name(name, lang) for name in load_regions()}


def scheme_choices(lang: str) -> dict[str, str]:
    return {scheme: scheme_name(scheme, lang) for scheme in SCHEMES}


class FundForm:
    """The form at the foot of the page."""

    def __init__(self, page: RulesPage) -> None:
        self.page, self.lang = page, page.lang
        self.fields: dict[str, Any] = {}

    def build(self, opened: bool = False) -> None:
        lang, asked = self.lang, {**USUAL, **self.page.asked}
        with ui.expansion(say(APP, "question", lang), value=opened).classes("card"):
            if "run" in self.page.asked:
                ui.label(say(APP, "loaded", lang, run=self.page.asked["run"])).classes("note")
            with ui.element("div").classes("form"):
                self.fields["region"] = ui.select(region_choices(lang), label=say(APP, "region", lang), value=self.of_board(
                    "region", asked["region"]))
                self.fields["scheme"] = ui.select(scheme_choices(lang), label=say(APP, "scheme", lang), value=self.of_board(
                    "scheme", asked["scheme"]))
                for name in SIZES:
                    self.fields[name] = ui.input(say(APP, name, lang), value=asked[name]).props("inputmode=numeric")
                    self.fields[name].tooltip(f"{SIZES[name][0]}-{SIZES[name][1]}")
            self.ranges = None
            if hasattr(self.page, "board"):
                chosen = [f"{lever.path}={lever.written(lever.low)}:{lever.written(lever.high)}"
                          for lever in self.page.board.box.levers]
                known = dict.fromkeys([*possible(self.page.board.scenario, load_regions()), *chosen])
                self.ranges = ui.select({text: self.range_said(text) for text in known}, multiple=True, value=chosen,
                                        label=say(APP, "moved_rules", lang)).classes("w-full").props("use-chips")
            ui.button(say(APP, "apply", lang), on_click=self.apply).props("unelevated")

    def of_board(self, name: str, asked: str) -> str | None:
        """The region or the scheme of the page's question, if it is one of those known."""
        board = getattr(self.page, "board", None)
        found = asked if board is None else (board.scenario.regions if name == "region" else board.scenario.schemes)[0]
        known = load_regions() if name == "region" else SCHEMES
        return found if found in known else None

    def range_said(self, text: str) -> str:
        path, _, range_ = text.partition("=")
        return f"{parameter_name(path, self.lang).split(' · ', 2)[-1]} {range_}"

    def apply(self) -> None:
        """Go to the address of what is asked now."""
        told = {name: str(field.value or "") for name, field in self.fields.items()}
        board = getattr(self.page, "board", None)
        fund = (told["region"], told["scheme"])
        same_fund = board is not None and fund == (board.scenario.regions[0], board.scenario.schemes[0])
        if self.ranges is not None and same_fund and self.ranges.value:
            told["vary"] = BETWEEN_RANGES.join(self.ranges.value)
        ui.navigate.to(f"/?{urlencode({**told, 'lang': self.lang})}")
