"""The report answers what-if without a server: what it computes is what Python computes, a script that reads visible text does
its tasks, nothing is asked of anybody, and the policy of a slider's place is exact."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.answers.box import read_box
from simulator.answers.conditions import ANNUAL
from simulator.answers.question import worlds_of
from simulator.answers.switches import read_switch
from simulator.answers.what_if import (
    MOST_SLIDERS,
    WhatIf,
    one_fund,
    pages_figures,
    planned,
    read_what_if,
    sliders,
    what_if,
)
from simulator.engine.simulate import simulate, simulate_worlds
from simulator.folders import faults, read_manifest
from simulator.parameters import show
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.report.html import write_report
from simulator.report.what_if_page import WHAT_IF_RECORD, add_what_if, command_of, error_text
from simulator.results import Run, read_run, write_run
from simulator.scenario import BASELINE, Policy, Scenario, read_scenario
from simulator.words import LANGUAGES
from tests.support.browser import chromium, missing
from tests.support.what_if import made_record

REGIONS = load_regions()
ASKED = Scenario("asked", ("linyi", "jiangsu"), schemes=("nrcms",), horizon=2, draws=6, people=300,
                 title="Who <script>alert(1)</script> pays?", description="</script><img src=x onerror=alert(2)>")
VARY = ("funding.nrcms.premium=x0.5:x2", "inpatient.nrcms.deductible=x0:x2", "inpatient.nrcms.ratio=-10:+5",
        "funding.nrcms.funding_growth=-3:+3", "inpatient.nrcms.annual_cap=50000:150000")
PATIENCE = 180_000               # ms, for a machine on which much else runs
NEEDS_BROWSER = pytest.mark.skipif(bool(missing()), reason=missing() or "none")


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    return read_run(write_run(simulate(ASKED, REGIONS), tmp_path_factory.mktemp("results"), extra={"language": "en"}))


@pytest.fixture(scope="module")
def record() -> WhatIf:
    """Two hundred made-up worlds of ten years under five sliders."""
    return made(shares=False)


def made(shares: bool) -> WhatIf:
    scenario = one_fund(ASKED, REGIONS, None).but(horizon=10)
    switch = read_switch("control.nrcms.surplus_response=none|factor", scenario, REGIONS)
    return made_record(scenario, read_box(VARY, scenario, scenario.changed(REGIONS["linyi"]), MOST_SLIDERS), 200, shares,
                       switches=(switch,))


def page_of(run: Run, record: WhatIf, folder: Path, lang: str) -> Path:
    rules = show.as_dicts(show.diff_rows(REGIONS["linyi"], REGIONS["jiangsu"], 2012))
    return write_report(run, folder, lang, [], {"what_if": record, "rules": rules})


@pytest.fixture(scope="module")
def pages(run, record, tmp_path_factory) -> dict[str, Path]:
    return {lang: page_of(run, record, tmp_path_factory.mktemp(lang), lang) for lang in LANGUAGES}


# --- the record ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def surveyed() -> tuple[Scenario, Any, WhatIf]:
    scenario = one_fund(ASKED, REGIONS, "linyi:nrcms").but(draws=2, people=200)
    moved = sliders(scenario, REGIONS, ["inpatient.nrcms.deductible=x0:x2", "control.nrcms.surplus_response=none"])
    return scenario, moved, what_if(scenario, REGIONS, moved, threads=1)


@pytest.mark.parametrize("state", [0, 1])
def test_the_printed_errors_are_those_of_policies_that_were_simulated_apart(surveyed, state):
    scenario, (box, switches), found = surveyed
    _, judged = planned(box, scenario.seed)
    response = {switches[0].path: switches[0].options[0]} if state else {}
    policies = (Policy(BASELINE), *(Policy(f"p{n}", {**box.changes(point), **response}) for n, point in enumerate(judged[:6])))
    exact = simulate_worlds(scenario.but(policies=policies), REGIONS, worlds_of(scenario.draws, 0), 1).schemes[0]
    balance = np.stack([next(m.values for m in exact.measures[year] if m.name == "balance") for year in scenario.years])
    predicted = pages_figures(found.told, found.values(judged[:6], state))["balance"]
    simulated = np.quantile(balance[:, :, 1:], found.told["levels"], axis=1).transpose(1, 0, 2)
    worst = float(np.abs(predicted - simulated).max())
    assert 0 < worst <= found.told["worst"]["balance"] < 0.1 * np.ptp(balance)
    assert found.told["worst"][ANNUAL] > 0 and found.told["judged"] == 2 * len(judged) == 96
    assert np.allclose(found.baseline[:2], balance[:, :, 0])


def test_a_record_is_kept_and_read_bit_by_bit_and_another_version_is_refused(surveyed):
    found = surveyed[2]
    again = read_what_if(found.as_bytes())
    assert again.as_bytes() == found.as_bytes() and again.told == json.loads(json.dumps(found.told))
    with pytest.raises(InputError, match="another version"):
        read_what_if(replace(found, told=found.told | {"format": "0"}).as_bytes())


def test_without_ranges_the_sliders_are_those_that_the_fund_can_take():
    scenario = one_fund(ASKED, REGIONS, "jiangsu:nrcms")
    assert [lever.path for lever in sliders(scenario, REGIONS, []).box.levers] == [
        "funding.nrcms.premium", "inpatient.nrcms.deductible", "inpatient.nrcms.ratio", "funding.nrcms.funding_growth"]
    with pytest.raises(InputError, match="linyi:nrcms"):
        one_fund(ASKED, REGIONS, "linyi:uebmi")
    with pytest.raises(InputError, match="one to 6"):
        sliders(scenario, REGIONS, ["funding.nrcms.premium=x0.5:x2"] * 7)


def test_a_printed_error_is_never_less_than_the_measured_one():
    chance = np.random.default_rng(3)
    for value in (10 ** chance.uniform(-5, 4, 300)).tolist():
        shown = float(error_text(value).replace(",", ""))
        assert value <= shown + 1e-12 and shown <= 1.11 * value
    assert error_text(0.0) == "0"


# --- the folder ------------------------------------------------------------------------------------------------------


def test_sliders_are_added_to_a_run_once_and_a_second_language_simulates_nothing(run, record, monkeypatch):
    def finish(folder, made, lang, extra):
        return write_report(made, folder, lang, [], extra)

    monkeypatch.setattr("simulator.report.what_if_page.finish_run", finish)
    asked = ["funding.nrcms.premium=x0.5:x2"]
    english = add_what_if(run, "en", dict, [], None, lambda: record)
    kept = english.read_bytes()
    chinese = add_what_if(read_run(run.folder), "zh", dict, [], None, lambda: pytest.fail("simulated again"))
    assert (english.name, chinese.name) == ("report.what-if.html", "report.what-if.zh.html")
    manifest = read_manifest(run.folder)
    assert {WHAT_IF_RECORD, english.name, chinese.name} <= set(manifest["files"]) and faults(run.folder, manifest) == []
    with pytest.raises(InputError, match="sliders already"):
        add_what_if(read_run(run.folder), "en", dict, asked, None, lambda: record)
    add_what_if(read_run(run.folder), "en", dict, list(VARY[:0]), "linyi:nrcms", lambda: pytest.fail("simulated again"))
    assert english.read_bytes() == kept
    english.write_bytes(kept + b" ")
    assert [fault.file for fault in faults(run.folder, manifest)] == [english.name]
    english.write_bytes(kept)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_only_script_is_named_by_its_digest_and_texts_are_no_elements(pages, lang):
    text = pages[lang].read_text(encoding="utf-8")
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL)
    assert [kind for kind, _ in scripts] == [' type="application/json" id="what-if-told"', ' type="text/plain" id="what-if-data"',
                                             ""]
    digest = base64.b64encode(hashlib.sha256(scripts[-1][1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text and "default-src 'none'" in text
    assert "alert(1)" in text and "<script>alert" not in text and "<img src=x" not in text
    assert not re.search(r"innerHTML|eval\(|new Function|https?://(?!www\.w3\.org)", scripts[-1][1])
    assert len(text.encode()) < 1_000_000                                  # two hundred worlds, ten years, five sliders


def test_a_report_without_sliders_has_no_script_at_all(run, tmp_path):
    text = write_report(run, tmp_path, "en", [], {}).read_text(encoding="utf-8")
    assert "<script" not in text and "script-src" not in text and "default-src 'none'" in text


# --- in a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as found:
        yield found


def opened(browser, path: Path, width: int = 1100) -> Any:
    """A page whose sliders move; whatever it asks of anybody, or says of a fault, is kept."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda request: request.url.startswith("file:") or page.said.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector("#what-if.moving")
    return page


def test_worlds_that_are_given_settings_are_so_in_the_survey_and_in_the_command_that_the_page_names(run, record, tmp_path):
    own, other = "linyi:funding.nrcms.premium", "jiangsu:funding.nrcms.premium"
    assert one_fund(ASKED.but(given={own: [1, 2], other: 3}), REGIONS, None).given == {own: [1, 2]}
    assert command_of(None) == "fundsim run what-if.yaml"
    assert command_of("published-2012").endswith(" --settings published-2012")
    assert command_of("own").endswith(" --settings own.json")
    told = {**record.told, "settings": "own", "scenario": ASKED.but(given={own: [1, 2]}).as_dict()}
    text = page_of(run, replace(record, told=told), tmp_path, "en").read_text(encoding="utf-8")
    assert "--settings own.json</code>" in text and "# 1 uncertain values of its worlds are given" in text


@NEEDS_BROWSER
@pytest.mark.parametrize("shares", [False, True])
def test_the_page_computes_what_python_computes(browser, run, tmp_path, shares):
    record = made(shares)
    page = opened(browser, page_of(run, record, tmp_path, "en"))
    points = np.random.default_rng(5).uniform(-1, 1, (12, len(VARY)))
    found = page.evaluate("async (points) => { const data = await whatIf.load(); "
                          "return points.map((point, n) => whatIf.figures(data, point, n % 3)); }", points.tolist())
    for nth, figures in enumerate(found):
        expected = pages_figures(record.told, record.values(points[nth], nth % 3))
        assert set(figures) == set(expected)
        for name, figure in expected.items():
            np.testing.assert_allclose(np.array(figures[name]), figure[..., 0], rtol=1e-9, atol=1e-9, err_msg=name)
    assert page.said == []
    page.close()


@NEEDS_BROWSER
def test_the_file_of_a_point_is_the_policy_that_the_emulator_was_asked_for(browser, pages, record, tmp_path):
    page = opened(browser, pages["en"])
    scenario = one_fund(ASKED, REGIONS, None).but(horizon=10)
    box = read_box(VARY, scenario, scenario.changed(REGIONS["linyi"]), MOST_SLIDERS)
    counts = [int(count) for count in page.locator("#what-if input").evaluate_all("all => all.map((one) => one.max)")]
    for steps in np.random.default_rng(6).integers(0, np.array(counts) + 1, (2, len(counts))).tolist() + [counts]:
        operands = page.evaluate("async (steps) => { const { told } = await whatIf.load(); "
                                 "return steps.map((step, n) => whatIf.operand(told.levers[n], step)); }", steps)
        text = page.evaluate("async (operands) => whatIf.yaml((await whatIf.load()).told, operands, [2])", operands)
        (tmp_path / "what-if.yaml").write_text(text, encoding="utf-8")
        read = read_scenario(tmp_path / "what-if.yaml")
        point = [lever.position(type(lever.low)(operand)) for lever, operand in zip(box.levers, operands, strict=True)]
        moved = {lever["path"] for lever, operand in zip(record.told["levers"], operands, strict=True) if operand != lever["at"]}
        assert read.policies[-1].changes == {**{path: data for path, data in box.changes(point).items() if path in moved},
                                             "control.nrcms.surplus_response": "factor"}
        assert read.but(name="", policies=()) == scenario.but(name="", title="", description="", policies=())
    page.close()


TASKS = {  # name of the ratio's slider, exhaustion, what says what is moved, folded parts and what stands in them
    "en": ("Reimbursement ratio by tier and band, as written", r"runs out by 2021 with a probability of (\d+\.\d)%",
           r"With Reimbursement ratio.*? ([+−]?\d+) percentage points", "What differs between the regions' parameters",
           "This policy as a file", "Linyi"),
    "zh": ("报销比例", r"截至2021年末累计结余耗尽的概率为(\d+\.\d)%", r"报销比例 ([+−]?\d+) 个百分点时", "两地参数的差异",
           "该方案的参数文件", "临沂"),
}


@NEEDS_BROWSER
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_script_that_reads_visible_text_does_five_tasks(browser, pages, lang):
    name, exhausted, moved, rules, file, region = TASKS[lang]
    page = opened(browser, pages[lang])

    def text() -> str:
        return page.locator("body").inner_text()

    before = re.search(exhausted, text())                                                      # 1: when does it run out?
    assert before and region in text()                                                         # 2: the regions beside each other
    assert page.get_by_text({"en": "Jiangsu", "zh": "江苏"}[lang]).first.is_visible()
    slider = page.get_by_role("slider", name=name)                                             # 3: change a ratio, by keys alone
    slider.focus()
    slider.press("Home")
    page.wait_for_timeout(100)
    told = re.search(moved, text())
    assert told and told[1] == "−10" and re.search(exhausted, text())[1] != before[1]
    assert slider.get_attribute("aria-valuetext") in text()
    slider.press("Home")                                                                       # the slider stops at its box
    assert slider.input_value() == "0"
    assert not page.get_by_text(re.compile(r"二\(一\)")).first.is_visible()
    page.get_by_text(rules, exact=True).click()                                                # 4: find a clause
    assert re.search(r"二\(一\)|二（一）", text())
    assert "what-if.yaml" not in text()
    page.get_by_text(file, exact=True).click()                                                 # 5: take the policy with one
    assert '"inpatient.nrcms.ratio":{"plus":"-10"}' in text() and "fundsim run what-if.yaml" in text()
    with page.expect_download() as download:
        page.locator("[data-part=save]").click()
    assert '"plus":"-10"' in Path(download.value.path()).read_text(encoding="utf-8")
    page.wait_for_timeout(700)
    assert re.search(exhausted, page.locator("[data-part=spoken]").text_content())             # and a screen reader hears it
    assert page.said == []
    page.close()


@NEEDS_BROWSER
def test_a_phone_has_no_sideways_scrolling_and_paper_has_fifteen_pages_with_the_answer_first(browser, pages, tmp_path):
    page = opened(browser, pages["zh"], width=360)
    page.evaluate("document.querySelectorAll('#what-if details').forEach((part) => { part.open = true; })")
    assert page.evaluate("document.querySelector('#what-if').getBoundingClientRect().right") <= 360
    page.close()
    page = opened(browser, pages["en"])
    page.pdf(path=tmp_path / "whole.pdf", prefer_css_page_size=True)
    page.evaluate("document.querySelectorAll('body > :not(#answer):not(#what-if)').forEach((part) => part.remove())")
    page.pdf(path=tmp_path / "first.pdf", prefer_css_page_size=True)
    count = {name: len(re.findall(rb"/Type\s*/Page\b", (tmp_path / f"{name}.pdf").read_bytes())) for name in ("whole", "first")}
    assert count["first"] == 2 and count["whole"] <= 15
    page.close()
