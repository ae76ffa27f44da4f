"""Bills settled from Python: what the command prints and writes, as objects and tables."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import InputError, explain, settle
from simulator.tables import PAYERS
from tests.support.command import fundsim

CLAIMS = pd.DataFrame({"person": ["a", "a", "b"], "tier": ["county", "city", "county"], "billed": [1000.5, 20000.0, 3000.0],
                       "eligible": [900.5, 15000.0, 2500.0], "date": pd.to_datetime(["2012-01-03", "2012-03-04", "2012-05-06"])},
                      index=[10, 20, 30])
PAID = [f"paid_{payer}" for payer in PAYERS]
RULES = {"region": "jiangsu", "level": 0.6}


def test_a_slip_is_that_of_the_command():
    slip = explain(region="jiangsu", level="0.6", tier="city", bill=80000, illness="childhood-leukaemia", age=np.int64(6))
    said = fundsim("explain", "--region", "jiangsu", "--level", "0.6", "--tier", "city", "--bill", "80000", "--illness",
                   "childhood-leukaemia", "--age", "6")
    assert [line.rstrip() for line in said.out.splitlines()] == str(slip).splitlines()
    data = json.loads(fundsim("explain", "--region", "jiangsu", "--level", "0.6", "--tier", "city", "--bill", "80000",
                              "--illness", "childhood-leukaemia", "--age", "6", "--json").out)
    assert [vars(step) for step in slip.steps] == data["steps"] and list(slip.notes) == data["notes"]
    assert str(slip.table()["yuan"].iloc[0]) == "80000" and len(slip.table()) == len(slip.steps)


def test_a_slip_shows_itself_in_both_languages_and_escaped():
    slip = explain(region="linyi", level="1", tier="county", bill="1000.50", in_scope=80.5, lang="zh")
    shown = slip._repr_html_()
    assert "结算单" in shown and "<td>1000.50</td>" in shown and shown.count("<tr>") == len(slip.steps) + 1
    assert "结算单" in str(slip) and repr(slip) == str(slip)


@pytest.mark.parametrize(("changes", "words"), [
    ({"bill": float("nan")}, "bill"), ({"bill": -1}, "bill"), ({"bill": None}, "bill"), ({"bill": "x"}, "bill"),
    ({"bill": True}, "bill"),
    ({"tier": "cty"}, "did you mean 'city'"), ({"tier": 3}, "tier"), ({"illnes": "x"}, "did you mean 'illness'"),
    ({"age": 3.5}, "age"),
    ({"age": 200}, "age"), ({"units": 0}, "units"), ({"outpatient": "yes"}, "outpatient"),
    ({"region": "jiangsuu"}, "did you mean"),
    ({"region": None}, "--plan"), ({"plan": "x.yaml"}, "cannot read the plan"), ({"plan": 3}, "plan"), ({"lang": "fr"}, "lang"),
    ({"year": "2012"}, "year"), ({"in_scope": 120}, "in-scope"), ({"scheme": "nrmcs"}, "did you mean 'nrcms'")])
def test_what_is_no_bill_is_refused(changes, words):
    with pytest.raises(InputError) as refused:
        explain(**({"region": "jiangsu", "level": "0.6", "tier": "city", "bill": 100} | changes))
    assert words in str(refused.value)


def test_a_frame_is_settled_as_its_file_is(tmp_path):
    found = settle(CLAIMS, **RULES)
    assert list(found.index) == [10, 20, 30] and list(found.columns) == [*CLAIMS.columns, *PAID]
    assert found[PAID].sum(axis=1).tolist() == pytest.approx(CLAIMS["billed"].tolist())
    assert (found.dtypes[PAID] == "float64").all()
    CLAIMS.to_csv(tmp_path / "claims.csv", index=False)
    of_file = settle(tmp_path / "claims.csv", **RULES)
    assert of_file[PAID].to_numpy().tolist() == found[PAID].to_numpy().tolist()
    totals = settle(str(tmp_path / "claims.csv"), out=tmp_path / "out.csv", **RULES)
    assert totals.as_dict() == found.attrs["totals"] and totals.settled == 3
    written = pd.read_csv(tmp_path / "out.csv", encoding="utf-8-sig")
    assert written[PAID].to_numpy().tolist() == found[PAID].to_numpy().tolist()


def test_bad_rows_are_named_or_skipped_and_the_index_is_that_of_the_others():
    bad = CLAIMS.assign(billed=[1000.5, -5.0, 3000.0])
    with pytest.raises(InputError, match="^row:2: billed: out of range"):
        settle(bad, **RULES)
    found = settle(bad, on_error="skip", **RULES)
    assert list(found.index) == [10, 30] and found.attrs["refused"][0]["line"] == "2"


@pytest.mark.parametrize(("claims", "options", "words"), [
    (None, {}, "claims: 'NoneType'"), ([1], {}, "claims: 'list'"), (pd.DataFrame(), {}, ""), ("nowhere.csv", {}, "nowhere.csv"),
    (CLAIMS.assign(billed=[1, "x", object()]), {}, "cannot be written"),
    (pd.concat([CLAIMS, CLAIMS[["billed"]]], axis=1), {}, "cannot be written"),
    (CLAIMS, {"on_error": "skp"}, "did you mean 'skip'"),
    (CLAIMS, {"year": 2.5}, "year"), (CLAIMS, {"region": 5}, "region"), (CLAIMS, {"level": "x"}, "level"),
    (CLAIMS, {"columns": {"biled": "x"}}, "did you mean 'billed'"), (CLAIMS, {"lang": "fr"}, "lang"),
    (CLAIMS, {"out": "x.ods"}, "x.ods"), (CLAIMS.drop(columns="tier"), {}, "tier")])
def test_what_cannot_be_settled_is_refused(claims, options, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as refused:
        settle(claims, **(RULES | options))
    assert words in str(refused.value) and list(Path().iterdir()) == [] and "fundsim-" not in str(refused.value)


def test_the_page_shows_code_that_runs(capsys):
    page = (Path(__file__).resolve().parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
    names, code = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    found: dict = {}
    exec(names + code, found)
    assert found["cash"] > 0 and found["paid"]["paid_basic"].min() > 0 and "paid_cash" in capsys.readouterr().out


def test_an_arrow_table_and_what_gives_one_are_settled_as_a_frame_is(tmp_path):
    import pyarrow as pa
    table = pa.Table.from_pandas(CLAIMS, preserve_index=False)

    class Frame:
        """As frames of other libraries hand over their columns."""

        def __arrow_c_stream__(self, requested_schema=None):
            return table.__arrow_c_stream__(requested_schema)

    wanted = settle(CLAIMS, **RULES)["paid_basic"].tolist()
    for claims in (table, Frame()):
        found = settle(claims, **RULES)
        assert isinstance(found, pa.Table) and [float(paid) for paid in found.column("paid_basic").to_pylist()] == wanted
    plan = tmp_path / "plan.yaml"
    plan.write_text('ratio: {county: ["50"], city: ["40"]}\n', encoding="utf-8")
    assert settle(table, plan).column("paid_basic").to_pylist()[0] == pytest.approx(450.25)


def test_what_a_frame_holds_is_read_as_leniently_as_a_file_and_no_more():
    claims = CLAIMS.assign(billed=["1,000.50", "20000", "3000"], date=["2012年1月3日", "2012-03-04", "2012-05-06"])
    with pytest.raises(InputError, match="^row:1: "):
        settle(claims, **RULES)
    found = settle(claims, lenient=True, **RULES)
    assert found["paid_basic"].tolist() == settle(CLAIMS, **RULES)["paid_basic"].tolist()
    assert {"column": "billed", "what": "separators", "rows": 1} in found.attrs["totals"]["done"]
    for option, words in (({"lenien": True}, "did you mean 'lenient'"), ({"lenient": 1}, "lenient"),
                          ({"header_line": True}, "header")):
        with pytest.raises(InputError, match=words):
            settle(CLAIMS, **RULES, **option)
