"""The page on which a claims file is settled: uploaded, settled as `fundsim settle` does it, the result to take away."""

from __future__ import annotations

import re
import secrets
from html import escape
from pathlib import Path
from typing import Any

from nicegui import events, ui

from simulator.app.app_words import APP
from simulator.app.computing import settle
from simulator.app.fund_form import region_choices, scheme_choices
from simulator.app.guard import MOST_UPLOADED
from simulator.app.shared import Shared, Task
from simulator.app.troubles import told
from simulator.claims.files import READ
from simulator.claims.totals import Totals
from simulator.money import yuan
from simulator.parameters.planfile import shipped_plans
from simulator.report.prose import say
from simulator.slip.words import LABELS
from simulator.tables import PAYERS

LOOK_AT_FILES = 0.3              # seconds between two looks at what is being settled
KEPT_OF_A_NAME = re.compile(r"[^\w.\-\u4e00-\u9fff]+")
SETTLED_NAME = "settled.csv"


class ClaimsPage:
    """The claims part of one page of a browser."""

    def __init__(self, shared: Shared, asked: dict[str, str], lang: str) -> None:
        self.shared, self.asked, self.lang = shared, asked, lang
        self.mapping: Path | None = None
        self.task: Task | None = None
        self.name, self.folder = "", Path()

    def build(self) -> None:
        lang, most = self.lang, MOST_UPLOADED // 2**20
        ui.label(say(APP, "settle_title", lang)).classes("fund-name").props("role=heading aria-level=2")
        ui.label(say(APP, "settle_text", lang, most=most)).classes("note")
        with ui.element("div").classes("form"):
            self.rules = ui.select({"": say(APP, "of_region", lang), **{name: name for name in sorted(shipped_plans())}},
                                   label=say(APP, "whose_rules", lang), value="")
            regions, schemes = region_choices(lang), scheme_choices(lang)
            self.region = ui.select(regions, label=say(APP, "region", lang), value=self.asked.get("region") if self.asked.get(
                "region") in regions else "linyi")
            self.scheme = ui.select(schemes, label=say(APP, "scheme", lang), value=self.asked.get("scheme") if self.asked.get(
                "scheme") in schemes else "nrcms")
            self.year = ui.input(say(APP, "undated", lang), value=self.asked.get("year", "2012")).props("inputmode=numeric")
            self.lenient = ui.checkbox(say(APP, "lenient", lang))
            self.skip = ui.checkbox(say(APP, "skip", lang))
        with ui.element("div").classes("form"):
            self.upload("choose_file", READ, self.got_claims)
            self.upload("map_file", (".yml", ".yaml"), self.got_mapping)
        self.mapped = ui.label("").classes("note")
        self.said = ui.label("").props("role=status")
        self.fault = ui.label("").classes("fault").props("role=alert")
        self.found = ui.element("div")
        ui.timer(LOOK_AT_FILES, self.look)

    def upload(self, key: str, endings: tuple[str, ...], got: Any) -> None:
        """A place for a file of these endings, which is taken as soon as it is chosen."""
        ui.upload(label=say(APP, key, self.lang), auto_upload=True, max_file_size=MOST_UPLOADED, on_upload=got,
                  on_rejected=self.rejected).props(f'accept="{",".join(endings)}" flat bordered')

    def rejected(self) -> None:
        """A file of another kind, or too large: nothing else changes."""
        self.fault.text = say(APP, "only_one", self.lang, most=MOST_UPLOADED // 2**20)

    async def got_mapping(self, event: events.UploadEventArguments) -> None:
        self.mapping = self.place(event.file.name)
        await event.file.save(self.mapping)
        self.mapped.text = say(APP, "has_map", self.lang, name=event.file.name)

    async def got_claims(self, event: events.UploadEventArguments) -> None:
        place = self.place(event.file.name)
        await event.file.save(place)
        event.sender.reset()                               # type: ignore[attr-defined]
        year = self.year.value.strip()
        plan = shipped_plans().get(self.rules.value)
        options = {"region": None if plan else self.region.value, "year": int(year) if year.isdigit() else 2012,
                   "scheme": self.scheme.value, "plan": plan, "on_error": "skip" if self.skip.value else "refuse",
                   "lenient": bool(self.lenient.value), "mapping": self.mapping, "lang": self.lang}
        self.name, self.folder = event.file.name, place.parent
        self.fault.text = ""
        self.found.clear()
        self.task = self.shared.once(("settle", str(place)), "short", settle, place, place.with_name(SETTLED_NAME), options)

    def place(self, name: str) -> Path:
        """Where an uploaded file is kept: in a folder of its own, under its own name without what a name may not have."""
        folder = self.shared.uploads / secrets.token_hex(8)
        folder.mkdir(parents=True)
        path = Path(name)
        stem = KEPT_OF_A_NAME.sub("_", path.stem)[:60].strip("._") or "claims"
        return folder / f"{'in-' if f'{stem}{path.suffix}' == SETTLED_NAME else ''}{stem}{path.suffix.lower()}"

    def look(self) -> None:
        """Say how far the file is, and show what has come."""
        if self.task is None:
            return
        if not self.task.done:
            _, done, steps = self.task.heard
            share = f" {100 * done // max(steps, 1)}%" if done else ""
            self.said.text = say(APP, "waiting", self.lang, name=self.name) + share
            return
        task, self.task = self.task, None
        if task.error is not None:
            self.said.text = say(APP, "refused", self.lang, name=self.name)
            self.fault.text = told(task.error, self.lang)
            return
        totals, files = task.result()
        self.said.text = say(APP, "settled", self.lang, rows=totals.settled, name=self.name)
        with self.found:
            ui.html(totals_table(totals, self.lang), sanitize=False).classes("wide")
            with ui.element("div").classes("row-of-buttons"):
                for name, _ in files:
                    ui.link(say(APP, "download", self.lang, name=name), f"/settled/{self.folder.name}/{name}").props(
                        f'download="{name}"')
            for remark in totals.remarks:
                ui.label(remark).classes("note")


def totals_table(totals: Totals, lang: str) -> str:
    """Counts, and yuan by payer, as a table."""
    rows = [(say(APP, key, lang), str(count)) for key, count in (
        ("rows", totals.settled), ("bad_rows", totals.refused), ("persons", totals.persons))]
    rows += [(LABELS[name][1 if lang == "zh" else 0], yuan(amount))
             for name, amount in zip(("billed", *PAYERS), (totals.billed, *totals.paid), strict=True)]
    cells = "".join(f'<tr><th scope="row">{escape(head)}</th><td class="n">{escape(text)}</td></tr>' for head, text in rows)
    return f'<table class="plain-table"><tbody>{cells}</tbody></table>'
