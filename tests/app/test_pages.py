"""The application in a browser: who may open it, what a reader moves and reads, files that go in and out, and that nothing is
asked of anybody else."""

from __future__ import annotations

import re
import shutil
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.app_server import Server, opened, run_with_sliders, serving
from tests.support.browser import chromium, missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "none")
PATIENCE = 60_000                # ms, for a machine on which much else runs
GOOD = "person,tier,billed,eligible\nA,county,8000,6000\nB,township,900,900\n"
BAD = "person,tier,billed,eligible\nA,county,8000,9000\nB,village,900,900\n"
RUNS_OUT = r"runs out by the end of 2012 with a probability of (\d+\.\d)%"


class Served(NamedTuple):
    """A server, and the run that it has, which has sliders."""

    server: Server
    run: str
    out: Path

    @property
    def address(self) -> str:
        return self.server.address


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    out = tmp_path_factory.mktemp("results")
    run = run_with_sliders(out, 1, 20, 3)
    with serving(out) as server:
        yield Served(server, run, out)
    assert server.said == "ended; runs kept: none\n" and server.process.returncode == 0


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as found:
        yield found


def loaded(browser, served: Served, asked: str = "", width: int = 1200) -> Any:
    """The page of the run that has sliders."""
    page = opened(browser, served.server, f"run={served.run}{asked}", PATIENCE, width)
    page.locator(".fan svg .wide-band").first.wait_for()
    return page


def drawn(page) -> str:
    """The fan of the first design."""
    return page.locator(".fan .wide-band").first.get_attribute("d")


def changed(page, before: str) -> str:
    """The fan when it has changed."""
    page.wait_for_function("before => document.querySelector('.fan .wide-band').getAttribute('d') !== before", arg=before)
    return drawn(page)


def asks(address: str, host: str | None = None) -> tuple[int, str]:
    """What the server answers without a browser."""
    asked = urllib.request.Request(address, headers={} if host is None else {"Host": host})
    try:
        with urllib.request.urlopen(asked, timeout=30) as found:
            return found.status, found.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_without_the_token_or_under_another_host_nobody_is_answered(served):
    root = "/".join(served.address.split("/")[:3])
    assert asks(served.address)[0] == 200
    for address in (root, f"{root}/{'x' * 22}/", f"{root}/_nicegui_ws/socket.io/?EIO=4&transport=polling"):
        code, said = asks(address)
        assert code == 403 and "fundsim app" in said and "令牌" in said
    code, said = asks(served.address, "evil.example")
    assert code == 403 and "127.0.0.1" in said
    for path in ("zip/../../etc.zip", "runs/asked/none/report.html", f"runs/{served.run}/../../../../etc/passwd", "settled/x/y",
                 "settled/../x"):
        assert asks(served.address + path)[0] in (403, 404), path


def test_a_slider_redraws_the_fan_at_once_and_says_how_far_to_trust_it(browser, served):
    page = loaded(browser, served)
    before, told = drawn(page), re.search(RUNS_OUT, page.locator("body").inner_text())
    assert told and "Simulated" in page.locator(".how").inner_text()
    slider = page.get_by_role("slider", name="Reimbursement ratio").first
    slider.focus()
    slider.press("Home")
    after = changed(page, before)
    text = page.locator("body").inner_text()
    assert "\N{MINUS SIGN}10 percentage points" in text and "Worst error" in page.locator(".how").inner_text()
    page.wait_for_function("location.search.includes('a=40.50.0')")                   # the address has it: a page loaded again
    page.reload()
    page.locator(".fan svg .wide-band").first.wait_for()
    assert drawn(page) == after and page.said == []
    slider.focus()
    page.get_by_role("button", name="Unchanged rules").first.click()
    assert changed(page, after) == before
    page.close()


def test_two_designs_stand_side_by_side_with_the_bill_of_each_and_two_tabs_do_not_meet(browser, served):
    page, other = loaded(browser, served), loaded(browser, served, "&lang=zh")
    chinese = drawn(other)
    page.get_by_role("button", name="Put a second design beside").click()
    page.locator(".fan svg").nth(2).wait_for()
    page.get_by_role("slider", name="Deductible").nth(1).focus()
    page.keyboard.press("Home")
    page.get_by_text("Design B less design A").wait_for()
    assert drawn(page) == chinese != page.locator(".fan .wide-band").nth(1).get_attribute("d")
    cash = page.locator("section.card tr", has_text="Cash paid by the patient").first
    cash.wait_for()
    page.wait_for_function("""() => { const row = [...document.querySelectorAll('section.card tr')].find((one) =>
        one.innerText.includes('Cash')); const cells = [...row.querySelectorAll('td')].map((one) => one.innerText);
        return cells.length === 3 && cells[0] === cells[1] && cells[1] !== cells[2]; }""")
    page.get_by_text("Settlement slip: Design B").click()
    page.get_by_text("first admission of the year").last.wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save design.yaml").click()
    assert '"design-b"' in Path(download.value.path()).read_text(encoding="utf-8")
    assert drawn(other) == chinese and "方案B" not in other.locator("body").inner_text()
    assert other.said == [] and page.said == []
    other.close()
    page.close()


def test_exact_figures_replace_the_emulators_and_say_so(browser, served):
    page = opened(browser, served.server, "draws=20&people=200&horizon=1&vary=funding.nrcms.premium%3D30:120&a=0", PATIENCE)
    page.locator(".fan svg .wide-band").first.wait_for()
    page.get_by_text("Estimated by the emulator").wait_for()
    page.get_by_role("button", name="Compute exactly").click()
    page.get_by_text("engine's own figures").wait_for()
    assert "30 yuan" in page.locator(".answer-1").inner_text()
    page.get_by_role("slider").press("ArrowRight")                                    # and the emulator takes over again
    page.get_by_text("Estimated by the emulator").wait_for()
    assert page.said == []
    page.close()


def test_a_claims_file_is_settled_and_a_bad_one_is_told_line_by_line(browser, served, tmp_path):
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "bad.csv").write_text(BAD)
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (tmp_path / "picture.png").write_bytes(b"x")
    page = loaded(browser, served)
    page.get_by_role("tab", name="Claims file").click()
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files(tmp_path / "good.csv")
    page.get_by_text("2 rows of good.csv settled").wait_for()
    with page.expect_download() as download:
        page.get_by_text("Download settled.csv").click()
    assert Path(download.value.path()).read_text(encoding="utf-8-sig").count("\n") == 3
    chooser.set_input_files(tmp_path / "bad.csv")
    page.get_by_text("bad.csv was not settled").wait_for()
    said = page.get_by_role("alert").filter(has_text="bad.csv:2").inner_text()
    assert "bad.csv:3" in said and "village" in said and str(tmp_path) not in said
    chooser.set_input_files(tmp_path / "broken.xlsx")
    page.get_by_text("broken.xlsx was not settled").wait_for()
    assert page.get_by_role("alert").filter(has_text="broken.xlsx").is_visible()
    chooser.set_input_files(tmp_path / "picture.png")
    page.get_by_text("This kind of file").wait_for()
    chooser.set_input_files(tmp_path / "good.csv")                                    # nothing was lost by any of it
    page.get_by_text("2 rows of good.csv settled").wait_for()
    assert page.said == []
    page.close()


def test_the_language_changes_with_the_sliders_where_they_stand(browser, served):
    page = loaded(browser, served, "&a=10.50.100", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    before = drawn(page)
    page.get_by_role("button", name="中文").click()
    page.get_by_text("累计结余耗尽的概率为").first.wait_for()
    assert drawn(page) == before and page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 and page.said == []
    page.close()


def test_runs_are_listed_loaded_and_taken_away(browser, served):
    page = opened(browser, served.server, "region=nowhere", PATIENCE)
    page.get_by_role("alert").filter(has_text="unknown region").wait_for()            # a question that is none is said so
    made = served.out / served.run
    later = made.with_name(f"{made.name}-2")
    shutil.copytree(made, later)                                                      # made since the page was opened
    page.get_by_role("tab", name="Runs").click()
    page.get_by_text(f"asked/{later.name}").first.wait_for()
    shutil.rmtree(later)
    page.get_by_role("tab", name="Rules").click()
    page.get_by_role("tab", name="Runs").click()
    page.get_by_text(f"asked/{later.name}").first.wait_for(state="detached")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert f"{served.run.split('/')[1]}/manifest.json" in archive.namelist()
    page.get_by_role("button", name="Compare the two chosen").click()
    page.get_by_text("Choose two runs.").wait_for()
    page.get_by_role("link", name="Load", exact=True).click()
    page.locator(".fan svg .wide-band").first.wait_for()
    assert page.get_by_role("slider").count() == 3 and page.said == []
    page.close()
