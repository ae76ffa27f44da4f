"""What a page of the application has, without a browser: designs and their addresses, what is computed of them, who may ask."""

from __future__ import annotations

import asyncio
import io
import json
import time
import zipfile
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest

from simulator.answers.question import worlds_of
from simulator.answers.what_if import pages_figures
from simulator.app import computing
from simulator.app.app_words import APP
from simulator.app.beside import Beside
from simulator.app.charts import DRAWN_WIDTH, bars, ends_of, fan, strip
from simulator.app.computing import emulated, exact, faults, name_of_survey, scenario_file, settle, slips, survey, zipped
from simulator.app.guard import MOST_UPLOADED, Guard
from simulator.app.said import gap_said, how_exact, moved_said, operand_said, rows_by_year, sentences
from simulator.app.shared import Shared
from simulator.app.state import Board, Design, address, board_of, possible, scenario_of
from simulator.app.troubles import told
from simulator.calibration.sets import with_settings
from simulator.engine.doors import explain_bill
from simulator.engine.simulate import simulate_worlds
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.scenario import BASELINE, Policy, read_scenario
from tests.support.what_if import made_record

REGIONS = load_regions()
SMALL = {"draws": "20", "people": "200", "horizon": "2"}


def silent(what: str, done: int, steps: int) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def board() -> Board:
    return board_of(scenario_of(SMALL, REGIONS), REGIONS)


# --- the question and the designs --------------------------------------------------------------------


def test_a_design_comes_back_from_its_address(board):
    design = board.unchanged().moved_to(0, 3).moved_to(2, 140)
    told_address = address(SMALL, ["a=1:2"], [design, board.unchanged()], "zh")
    assert told_address == {**SMALL, "lang": "zh", "vary": "a=1:2", "a": design.written(), "b": board.unchanged().written()}
    assert board.read(told_address["a"]) == design != board.unchanged()


@pytest.mark.parametrize("text", [None, "", "1", "1.2.3.4", "1.2.9999", "-1.2.3", "1.2.x", "1.2.3-1", "1.2.3-"])
def test_an_address_of_other_sliders_is_the_unchanged_rules(board, text):
    assert board.read(text) == (Design((1, 2, 3)) if text == "1.2.3-" else board.unchanged())


def test_the_policy_of_a_design_is_what_is_moved_and_nothing_else(board):
    unchanged = board.unchanged()
    assert board.changes(unchanged) == {} and not board.point(unchanged)[1]
    ends = Design(tuple(one["steps"] for one in board.sliders("en")))
    assert np.allclose(board.point(ends), 1.0) and set(board.changes(ends)) == {lever.path for lever in board.box.levers}
    assert board.changes(unchanged.moved_to(0, 0)) == {"funding.nrcms.premium": "30"}


def test_the_first_rules_that_are_moved_are_those_of_benefits_and_premium_and_more_can_be_asked(board):
    assert [lever.path for lever in board.box.levers] == ["funding.nrcms.premium", "inpatient.nrcms.deductible",
                                                          "inpatient.nrcms.ratio"]
    asked = possible(board.scenario, REGIONS)
    assert len(asked) == 5 and len(board_of(board.scenario, REGIONS, asked[:2]).told) == 2
    assert board_of(board.scenario, REGIONS, ["inpatient.nrcms.ratio=-10:+5"]).told[0]["low"] == "-10"


@pytest.mark.parametrize("asked, said", [({"region": "linji"}, "did you mean 'linyi'"), ({"draws": "1000000"}, "from 20 to 1000"),
                                         ({"year": "x"}, "from 2010 to 2030"), ({"scheme": "nrcm"}, "nrcms")])
def test_a_question_that_no_page_answers_is_refused_with_what_would_be_one(asked, said):
    with pytest.raises(InputError, match=said):
        scenario_of(asked, REGIONS)


def test_the_file_of_two_designs_is_a_scenario_with_their_policies(board, tmp_path):
    one, two = board.unchanged().moved_to(1, 0), board.unchanged().moved_to(0, 60).moved_to(2, 110)
    (tmp_path / "design.yaml").write_text(scenario_file(board.scenario, {"a": board.changes(one), "b": board.changes(two)}))
    read = read_scenario(tmp_path / "design.yaml")
    assert [policy.name for policy in read.policies] == [BASELINE, "a", "b"]
    assert read.policies[1].changes == board.changes(one) and read.policies[2].changes == board.changes(two)
    assert with_settings(read.but(policies=board.scenario.policies), REGIONS, None)[0] == board.scenario and board.scenario.given
    assert "policies" not in scenario_file(board.scenario, {"a": {}})


# --- what is computed ---------------------------------------------------------------------------------


def test_the_exact_figures_are_those_of_the_engine(board):
    changes = board.changes(board.unchanged().moved_to(0, 0).moved_to(2, 0))
    asked = scenario_of({**SMALL, "horizon": "1"}, REGIONS)
    found = exact(silent, asked, [changes])
    simulated = simulate_worlds(asked.but(policies=(Policy(BASELINE), Policy("moved", changes))), REGIONS,
                                worlds_of(20, 0), 1).schemes[0]
    balance = next(one.values for one in simulated.measures[2012] if one.name == "balance")
    levels = np.quantile(balance, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
    assert found.exact and np.array_equal(found.by_name["balance"][0], levels)
    assert found.of(1).by_name["balance"][0, 2, 0] < found.of(0).by_name["balance"][0, 2, 0]


def test_a_survey_that_was_made_is_found_again_and_only_for_its_own_question(board, monkeypatch):
    kept: dict[str, bytes] = {}
    monkeypatch.setattr(computing.cache, "read", lambda folder, name: kept.get(name))
    monkeypatch.setattr(computing.cache, "write", lambda folder, name, body, most: kept.update({name: body}))
    made = made_record(board.scenario, board.box, 20)
    monkeypatch.setattr(computing, "what_if", lambda *_, **__: made)
    assert survey(silent, board).as_bytes() == made.as_bytes() and list(kept) == [name_of_survey(board, REGIONS)]
    monkeypatch.setattr(computing, "what_if", lambda *_, **__: pytest.fail("surveyed again"))
    assert survey(silent, board).as_bytes() == made.as_bytes()
    for other in (board_of(board.scenario, REGIONS, possible(board.scenario, REGIONS)[:2]),
                  board_of(scenario_of({**SMALL, "draws": "21"}, REGIONS), REGIONS)):
        assert name_of_survey(other, REGIONS) not in kept


def test_the_emulators_figures_are_those_of_the_record_at_each_design(board):
    record, designs = made_record(board.scenario, board.box, 50), [board.unchanged(), board.unchanged().moved_to(0, 0)]
    found = emulated(record, board, designs)
    for nth, design in enumerate(designs):
        expected = pages_figures(record.told, record.values(board.point(design)))
        for name, figure in expected.items():
            assert np.array_equal(found.of(nth).by_name[name], figure), name
    assert not found.exact


def test_a_slip_under_a_design_keeps_the_level_of_the_region(board):
    bill = {"tier": "county", "bill": "8000", "region": "linyi", "year": 2012, "scheme": "nrcms"}
    moved = board.changes(board.unchanged().moved_to(2, 0))                                     # ten points less
    (before, _), (after, notes) = slips(silent, bill, [{}], [moved])
    paid = [next(step.amount for step in steps if step.payer) for steps in (before, after)]
    assert paid == [414645, 351485] and any("k = 0.9815" in note for note in notes)
    assert explain_bill(**bill)[0] == before                                                    # nothing is changed for others


def test_an_upload_is_settled_as_by_the_command_and_a_bad_one_tells_each_line(tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("person,tier,billed,eligible\nA,county,8000,6000\nB,township,900,900\n")
    bad.write_text("person,tier,billed,eligible\nA,county,8000,9000\nB,village,900,900\n")
    options = {"region": "linyi", "year": 2012, "scheme": "nrcms", "plan": None, "on_error": "refuse", "lang": "en"}
    totals, files = settle(silent, good, tmp_path / "settled.csv", options)
    assert totals.settled == 2 and [name for name, _ in files] == ["settled.csv"] and b"A,county" in files[0][1]
    with pytest.raises(InputError) as refused:
        settle(silent, bad, tmp_path / "again.csv", options)
    said = faults(refused.value)
    assert [line.partition(": ")[0] for line in said] == ["bad.csv:2", "bad.csv:3"] and not (tmp_path / "again.csv").exists()
    assert "village" in told(refused.value, "en") and str(tmp_path) not in told(refused.value, "en")


def test_a_run_folder_is_taken_away_whole(tmp_path):
    folder = tmp_path / "20120101-000000-abcdef01"
    (folder / "figures").mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    (folder / "figures" / "one.svg").write_text("<svg/>")
    with zipfile.ZipFile(io.BytesIO(zipped(folder))) as archive:
        assert sorted(archive.namelist()) == [f"{folder.name}/figures/one.svg", f"{folder.name}/manifest.json"]


# --- what is drawn and said ----------------------------------------------------------------------------


def test_a_fan_lies_in_its_frame_and_its_labels_are_escaped():
    rows = np.array([[-5.0, 0, 2, 4, 9], [-9, -2, 1, 5, 20]])
    ends = ends_of(rows)
    drawn = fan(rows, rows[:, 2], (2012, 2013), ends, "<b>")
    assert "<b>" not in drawn and "&lt;b&gt;" in drawn and drawn.count("<path") == 4 and 'class="zero"' in drawn
    path = drawn.split('d="M')[1].split('Z"')[0].replace("L", "").split()
    assert all(0 <= float(x) <= DRAWN_WIDTH for x in path[::2]) and all(0 <= float(y) <= 220 for y in path[1::2])
    assert fan(rows + 1, rows[:, 2], (2012, 2013), ends, "") != fan(rows, rows[:, 2], (2012, 2013), ends, "")
    assert "7.5%" in strip(np.array([0.0, 0.075]), (2012, 2013), "") and "12.3%" in bars(
        np.full(5, 12.34), np.full(5, 12.0), list("abcde"), (0, 15), "")


@pytest.mark.parametrize("lang, first", [("en", "The fund runs out by the end of 2013 with a probability of"),
                                         ("zh", "截至2013年末，累计结余耗尽的概率为")])
def test_the_answer_comes_first_and_says_whether_it_is_exact(board, lang, first):
    record, design = made_record(board.scenario, board.box, 50), board.unchanged().moved_to(0, 0).moved_to(2, 0)
    found = emulated(record, board, [design])
    said = sentences(found, found, moved_said(board, design, lang), lang)
    assert said[0].startswith(first) and len(said) == 5 and len(rows_by_year(found, lang)) == 2
    assert "1.3" in how_exact(found, record, 20, lang) and "24" not in how_exact(found._replace(exact=True), None, 20, lang)
    assert gap_said(found, found, lang).count("0") >= 3
    assert operand_said(board, 2, 0, lang).startswith("\N{MINUS SIGN}10") and operand_said(board, 0, 0, lang).startswith("30")


def test_every_sentence_stands_in_both_languages_with_the_same_places():
    import re
    for key, (english, chinese) in APP.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", chinese)), key


# --- the processes beside, and the guard -----------------------------------------------------------------


def test_two_pages_that_ask_the_same_share_a_task_and_one_that_failed_is_begun_anew(tmp_path, monkeypatch):
    asked: list[tuple] = []

    class Here:
        def submit(self, function, *arguments, hear):
            from concurrent.futures import Future
            asked.append(arguments)
            done: Future = Future()
            hear(("half", 1, 2))
            try:
                done.set_result(function(silent, *arguments))
            except InputError as error:
                done.set_exception(error)
            return done

    shared = Shared(tmp_path, tmp_path)
    monkeypatch.setattr(shared, "_lanes", {"short": Here()})

    def fail(tell, text):
        raise InputError(text)

    first = shared.once(("a", 1), "short", lambda tell, one: one + 1, 1)
    assert shared.once(("a", 1), "short", fail, "never") is first and first.result() == 2 and first.heard == ("half", 1, 2)
    assert shared.once("bad", "short", fail, "bad") is not shared.once("bad", "short", fail, "bad") and len(asked) == 3
    assert shared.known("bad") is None and shared.known(("a", 1)) is first
    with pytest.raises(InputError, match="no such run"):
        shared.run_folder("../../etc")


def test_a_process_beside_tells_how_far_it_is_and_is_replaced_when_it_died():
    beside, heard = Beside(), []
    try:
        assert beside.submit(tells, 3, hear=heard.append).result(60) == 6
        until = time.monotonic() + 20                # what it tells comes by a thread of its own
        while not heard and time.monotonic() < until:
            time.sleep(0.02)
        with pytest.raises(BrokenProcessPool):
            beside.submit(dies).result(60)
        assert beside.submit(tells, 4).result(60) == 8
        with pytest.raises(InputError, match="no"):
            beside.submit(refuses).result(60)
    finally:
        beside.end()
    assert ("step", 1, 3) in heard
    assert told(BrokenProcessPool("x"), "en") == APP["worker_ended"][0] and "MemoryError" not in told(MemoryError("2 GB"), "zh")


def tells(tell, number: int) -> int:
    tell("step", 1, number)
    return 2 * number


def dies(tell) -> None:
    import os
    os._exit(1)


def refuses(tell) -> None:
    raise InputError("no")


def answer(path: str, headers: dict[str, str], bodies: tuple[bytes, ...] = (b"",)) -> tuple[int, dict[str, str], str]:
    """What the guard answers to a request, before an application that reads all of it and says `inside`."""
    sent: list[dict] = []

    async def inner(scope, receive, send) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"inside"})

    left = list(bodies)

    async def receive() -> dict:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    asyncio.run(Guard(inner, "secret", 8765)(scope, receive, send))
    told_headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told_headers, b"".join(one.get("body", b"") for one in sent[1:]).decode()


HOST = {"host": "127.0.0.1:8765"}


@pytest.mark.parametrize("path, headers, code", [
    ("/secret/", HOST, 200), ("/secret/", {"host": "localhost:8765"}, 200),
    ("/secret/", HOST | {"origin": "http://127.0.0.1:8765"}, 200),
    ("/", HOST, 403), ("/secre/", HOST, 403), ("/secrets/", HOST, 403), ("/%73ecret/", HOST, 403), ("/其他/", HOST, 403),
    ("/secret/", {"host": "evil.example:8765"}, 403), ("/secret/", {}, 403), ("/secret/", {"host": "127.0.0.1:1"}, 403),
    ("/secret/", HOST | {"origin": "http://evil.example"}, 403), ("/secret/", HOST | {"origin": "null"}, 403),
    ("/secret/upload", HOST | {"content-length": str(2 * MOST_UPLOADED)}, 413)])
def test_only_this_machine_with_the_token_is_answered_in_both_languages(path, headers, code):
    status, told_headers, body = answer(path, headers)
    assert status == code
    if code == 200:
        assert body == "inside" and "default-src 'self'" in told_headers["content-security-policy"]
        assert told_headers["referrer-policy"] == "no-referrer"
    else:
        assert len(body.splitlines()) == 2 and "inside" not in body and any("\u4e00" < letter for letter in body)


def test_a_body_that_is_larger_than_it_announced_is_cut_off():
    part = b"x" * 2**24
    assert answer("/secret/upload", HOST, (part,) * (MOST_UPLOADED // len(part) + 2))[0] == 413
    assert answer("/secret/upload", HOST, (part, part))[0] == 200


def test_the_application_is_asked_for_where_nicegui_is_missing(monkeypatch):
    import sys

    from tests.support.command import fundsim
    monkeypatch.setitem(sys.modules, "nicegui", None)
    said = fundsim("app", "--no-browser")
    assert said.code == 2 and "pip install 'fundsim[app]'" in said.err and said.err.count("\n") == 1


def test_no_other_command_loads_nicegui():
    import subprocess
    import sys
    code = "import sys, simulator.cli.main; print(sorted(n for n in ('nicegui', 'fastapi', 'uvicorn') if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.replace("'", '"')) == []
