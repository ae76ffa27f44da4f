"""The application served by a process of its own, for tests and measurements in a browser: a run, a server, its pages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from simulator.answers.what_if import one_fund
from simulator.app.state import board_of, possible
from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.report.html import write_report
from simulator.report.what_if_page import add_what_if
from simulator.results import read_run, write_run
from simulator.scenario import Scenario
from tests.support.what_if import made_record

ROOT = Path(__file__).parents[2]


def run_with_sliders(out: Path, horizon: int, worlds: int, levers: int) -> str:
    """A run of Linyi's NRCMS with a report with sliders over made-up worlds, by its name in `out`."""
    regions = load_regions()
    scenario = Scenario("asked", ("linyi",), schemes=("nrcms",), horizon=horizon, draws=20, people=200)
    run = read_run(write_run(simulate(scenario, regions), out, extra={"language": "en"}))
    fund = one_fund(scenario, regions, None)
    record = made_record(fund, board_of(fund, regions, possible(fund, regions)[:levers]).box, worlds)

    def finish(folder: Path, made: Any, lang: str, extra: dict) -> Path:
        return write_report(made, folder, lang, [], extra)

    with patch("simulator.report.what_if_page.finish_run", finish):
        add_what_if(run, "en", dict, [], None, lambda: record)
    return f"asked/{run.folder.name}"


class Server:
    """A server: its address, and how it ended when it has."""

    def __init__(self, process: subprocess.Popen, address: str) -> None:
        self.process, self.address, self.said = process, address, ""

    def end(self, number: int = signal.SIGTERM) -> None:
        """Interrupt it, and keep what it says then."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.said = self.process.communicate(timeout=60)[1]


@contextmanager
def serving(out: Path, *options: str) -> Iterator[Server]:
    """`fundsim app` on a free port, with run folders in `out`."""
    process = subprocess.Popen([sys.executable, "-m", "simulator.cli", "app", "--no-browser", "--port", "0", "--out", str(out),
                                *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert process.stdout is not None
    server = Server(process, process.stdout.readline().strip())
    try:
        if not server.address:
            raise RuntimeError(process.communicate()[1])
        yield server
    finally:
        server.end()


def opened(browser: Any, server: Server, asked: str, patience: int, width: int = 1200) -> Any:
    """A page of which everything that it asks of others than this server, or says of a fault, is kept in `said`."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(patience)
    page.said, host = [], server.address.split("/")[2]
    own = f"http://{host}/", "data:", "blob:"
    page.on("request", lambda one: page.said.append(one.url) if not one.url.startswith(own) else None)
    page.on("websocket", lambda one: page.said.append(one.url) if not one.url.startswith(f"ws://{host}/") else None)
    page.on("console", lambda one: page.said.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda one: page.said.append(str(one)))
    page.goto(f"{server.address}?{asked}")
    return page
