"""What the server answers: the page with its three parts, and files to take away."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlencode

from nicegui import app, ui
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from simulator.app.app_words import APP
from simulator.app.claims_page import ClaimsPage
from simulator.app.computing import zipped
from simulator.app.rules_page import RulesPage
from simulator.app.runs_page import RunsPage
from simulator.app.shared import Shared
from simulator.parameters.errors import InputError
from simulator.report.prose import say
from simulator.words import LANGUAGES

PAGE_STYLE = Path(__file__).with_name("app.css")
PARTS_OF_PAGE = ("rules", "claims", "runs")


def serve_pages(shared: Shared, usual: str) -> None:
    """Register what is answered; `usual` is the language of an address that names none."""

    @ui.page("/")
    def page(request: Request) -> None:
        asked = {name: text for name, text in request.query_params.items() if len(text) < 2_000}
        lang = asked.get("lang", usual)
        frame(shared, asked, lang if lang in LANGUAGES else usual)

    @app.get("/zip/{scenario}/{run_id}.zip")
    async def zip_of(scenario: str, run_id: str) -> Response:
        try:
            folder = shared.run_folder(f"{scenario}/{run_id}")
        except InputError as error:
            return PlainTextResponse(str(error), 404)
        return Response(await asyncio.to_thread(zipped, folder), media_type="application/zip")

    @app.get("/runs/{scenario}/{run_id}/{name:path}")
    def file_of_run(scenario: str, run_id: str, name: str) -> Response:
        try:
            folder = shared.run_folder(f"{scenario}/{run_id}").resolve()
        except InputError as error:
            return PlainTextResponse(str(error), 404)
        return within(folder, name)

    @app.get("/settled/{upload}/{name}")
    def settled(upload: str, name: str) -> Response:
        return within(shared.uploads.resolve() / Path(upload).name, name)


def within(folder: Path, name: str) -> Response:
    """A file of a folder, or that there is none."""
    file = (folder / name).resolve()
    if not file.is_file() or not file.is_relative_to(folder):
        return PlainTextResponse("404", 404)
    return FileResponse(file)


def frame(shared: Shared, asked: dict[str, str], lang: str) -> None:
    """The page: its head with the three parts, and what is in them."""
    rules, claims, runs = RulesPage(shared, asked, lang), ClaimsPage(shared, asked, lang), RunsPage(shared, lang)
    ui.add_css(PAGE_STYLE.read_text(encoding="utf-8"))
    ui.colors(primary="#005a8f")
    ui.page_title(say(APP, "title", lang))
    ui.query("html").props(f'lang={"zh-CN" if lang == "zh" else lang}')
    other = LANGUAGES[1 - LANGUAGES.index(lang)]

    def switch() -> None:
        address = {**(rules.address or {}), "lang": other}
        ui.navigate.to(f"/?{urlencode(address)}")

    with ui.element("header").classes("top"):
        ui.label("fundsim").props("role=heading aria-level=1").classes("fund-name").style("margin-right: auto")
        with ui.tabs(on_change=lambda event: runs.rows.refresh() if event.value == "runs" else None).props(
                "dense no-caps inline-label") as tabs:
            for part in PARTS_OF_PAGE:
                ui.tab(part, label=say(APP, part, lang))
        ui.button(say(APP, "other_lang", lang), on_click=switch).props("flat dense")
    built = {"rules": rules.build, "claims": claims.build, "runs": runs.build}
    with ui.tab_panels(tabs, value="rules", animated=False).props("keep-alive").classes("w-full"):
        for part in PARTS_OF_PAGE:
            with ui.tab_panel(part).classes("p-0"):
                built[part]()
