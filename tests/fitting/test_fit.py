"""The verb from end to end: files in, a folder out that a run reads, and every kind of bad input refused with its place."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator import InputError, fit, load_regions, run
from simulator.cli.main import app
from simulator.folders import faults, read_manifest
from tests.support.made_claims import make_claims

HEADER = "person,date,kind,tier,billed,eligible\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small fund's files and their fit."""
    folder = tmp_path_factory.mktemp("fund")
    files = make_claims(folder, seed=3, persons=1200)
    return files, fit(files.claims, members=files.members, region="jiangsu", scheme="urbmi", out=folder / "fitted", repeats=5)


def test_the_folder_is_whole_and_its_values_say_where_they_come_from(made):
    files, fitted = made
    manifest = read_manifest(fitted.folder)
    assert faults(fitted.folder, manifest) == []
    assert manifest["sha256"] == fitted.found.sha256 and manifest["claims_used"] == len(fitted.found.bills)
    value = load_regions(params=fitted.params)["jiangsu-fitted"].value("care.urbmi.admission_rate", 2013)
    assert value.status == "estimate" and value.region == "jiangsu-fitted"
    assert fitted.found.sha256[:16] in value.source and "2012-01-01 .. 2013-12-31" in value.source
    assert value.known.isoformat() == "2013-12-31" and value.spread > 0


def test_what_is_true_of_the_fund_lies_in_the_intervals(made):
    files, fitted = made
    table = fitted.table()
    table = table[table["from"] == 2013].assign(name=lambda one: one["path"].str.rpartition(".")[2]
                                               + one["key"].where(one["key"] == "", "." + one["key"]))
    rows = table.set_index("name")
    wanted = ["admission_rate", "visit_rate", "admission_female_ratio", "bill_mean.county", "bill_cv.county",
              "in_scope_share.city", "in_scope_spread", "tier_shares.county", "visit_mean.township", "visit_cv.township"]
    off = [name for name in wanted if not rows.loc[name, "low"] <= files.truth[name] <= rows.loc[name, "high"]]
    assert len(off) <= 1, off                                                     # of ten 95% intervals


def test_a_run_reads_the_parameters_that_were_written(made, tmp_path):
    _, fitted = made
    opened = run(fitted.folder / "scenario.yaml", params=fitted.params, out=tmp_path, report=False, draws=2, people=200,
                 horizon=1)
    used = pd.read_csv(opened.folder / "parameters.csv", encoding="utf-8-sig")
    own = used[used["region"] == "jiangsu-fitted"]
    assert {"care.urbmi.bill_mean", "care.urbmi.admission_rate", "population.urbmi.participants"} <= set(own["path"])
    assert set(own["status"]) == {"estimate"}


def test_the_report_speaks_both_languages_and_carries_its_figures(made, tmp_path):
    _, fitted = made
    text = (fitted.folder / "report.html").read_text(encoding="utf-8")
    assert text.count("data:image/svg+xml") == 4 and "lognormal" in text and "1,082" in text
    (tmp_path / "c.csv").write_text(GOOD, encoding="utf-8")
    done = CliRunner().invoke(app, ["fit", str(tmp_path / "c.csv"), "--exposure", "1500", "--region", "江苏", "--scheme",
                                    "城镇居民医保", "--lang", "zh", "--out", str(tmp_path / "zh")])
    assert done.exit_code == 0, done.output
    assert "单据估计" in done.output and "参保人数按所述 1,500 人" in done.output
    assert "采信度" in (tmp_path / "zh" / "report.zh.html").read_text(encoding="utf-8")


def test_every_row_is_accounted_for(tmp_path):
    (tmp_path / "c.csv").write_text("person,date,kind,tier,billed,eligible,claim,original,stay\n"
                                    "a,2012-01-05,inpatient,county,100,80,1,,\n"
                                    "a,2012-01-09,inpatient,county,-100,-80,,1,\n"             # takes the first back
                                    "b,2012-02-05,inpatient,county,300,200,2,,s\n"
                                    "b,2012-02-25,inpatient,county,200,100,3,,s\n"             # the same stay
                                    "c,2012-03-05,outpatient,county,0,0,4,,\n"
                                    "d,2012-03-06,outpatient,county,50,40,5,,\n"               # no member
                                    "c,2012-05-05,outpatient,county,50,40,6,,\n"               # no longer insured
                                    "总计,,,,1000,700,,,\n", encoding="utf-8")
    (tmp_path / "m.csv").write_text("person,from,to,年龄,sex\na,,,30,f\nb,2012-01-01,,40,m\nc,2012-01-01,2012-04-30,50,女\n"
                                    "c,2012-04-01,2012-04-30,50,女\n", encoding="utf-8")
    made = fit(tmp_path / "c.csv", members=tmp_path / "m.csv", region="jiangsu", out=tmp_path / "out", first="2012-01-01",
               last="2012-12-31", report=False)
    counts = made.table("validation").set_index("what")["rows"]
    assert counts["rows"] == 7 and counts["used"] == 2
    for what in ("total rows", "taking back", "taken back", "interim bills", "of persons who are no members",
                 "of days without insurance", "zero amounts", "spans that meet", "ages without a day that they are of"):
        assert counts[what] == 1, what
    assert made.found.bills.yuan.tolist() == [500.0, 0.0]
    assert made.found.rows.exposure.sum() == pytest.approx(2 + 121 / 366)


def test_claims_not_yet_reported_lift_the_rate(tmp_path):
    draw = np.random.default_rng(4)
    months = np.repeat(np.arange(1, 13), 60)
    lag = draw.choice([0, 1, 2], len(months), p=[0.5, 0.3, 0.2])
    rows = [f"p{draw.integers(1, 400)},2012-{month:02d}-15,inpatient,county,{draw.lognormal(8, 0.7):.2f},100.00,"
            f"{2012 + (month + late - 1) // 12}-{(month + late - 1) % 12 + 1:02d}-20"
            for month, late in zip(months, lag, strict=True) if month + late <= 12]
    text = "person,date,kind,tier,billed,eligible,报送日期\n" + "\n".join(rows) + "\n"
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    made = fit(tmp_path / "c.csv", exposure=1000, region="jiangsu", out=tmp_path / "out", reported="报送日期",
               valued="2012-12-31", report=False, repeats=0)
    table = made.table("completion").set_index("month")
    assert table.loc["2012-06", "factor"] == 1
    assert table.loc["2012-12", "factor"] == pytest.approx(2, abs=0.3)
    assert made.found.completed[2012] == pytest.approx(720 / 678, abs=0.04)                  # 30 and 12 of 60 not yet reported
    rate = made.table().set_index("path").loc["care.nrcms.admission_rate"]
    assert rate["estimate"] == pytest.approx(100 * len(rows) / 1000 * made.found.completed[2012])


GOOD = HEADER + "a,2012-03-05,inpatient,county,100,80\nb,2012-04-05,inpatient,county,200,80\n"
BAD = {
    "an empty file": ("", {}, "the file is empty"),
    "a header alone": (HEADER, {}, "no rows below the header"),
    "no days": ("person,kind,tier,billed,eligible\na,inpatient,county,100,80\n", {}, "no column date"),
    "one person only": (HEADER + "a,2012-03-05,inpatient,county,100,80\n", {}, "of a single person"),
    "all amounts zero": (HEADER + "a,2012-03-05,inpatient,county,0,0\nb,2012-03-06,inpatient,county,0,0\n", {},
                         "all amounts are zero"),
    "a bad row": (GOOD + "c,2012-13-05,inpatient,county,100,80\n", {}, r"c\.csv:4: date"),
    "fewer insured than claimants": (GOOD, {"exposure": 1}, "fewer insured than claimants: '1'; expected at least 2"),
    "an unknown region": (GOOD, {"region": "jiangsuu"}, "did you mean 'jiangsu'"),
    "an unknown scheme": (GOOD, {"scheme": "nrcm"}, "did you mean 'nrcms'"),
    "a window without claims": (GOOD, {"first": "2013-01-01", "last": "2013-12-31"}, "no claim in the time that is looked at"),
    "a cap of no tier": (GOOD, {"caps": ["citty=500"]}, "--cap: 'citty=500'.*did you mean 'city'"),
    "a column of report that is not there": (GOOD, {"reported": "dat"}, "--reported: no such column: 'dat'.*did you mean 'date'"),
    "exposure of no number": (GOOD, {"exposure": "many"}, "--exposure: 'many'"),
    "a name that a region has": (GOOD, {"name": "linyi"}, "--name: 'linyi'"),
    "weights": ("person,date,kind,tier,billed,eligible,weight\na,2012-03-05,inpatient,county,100,80,2\n", {},
                "a column of weights"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_claims_are_refused_with_the_reason_and_nothing_is_written(kind, tmp_path):
    text, asked, said = BAD[kind]
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        fit(tmp_path / "c.csv", out=tmp_path / "out", **{"region": "jiangsu", "exposure": 100, **asked})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.csv"]


@pytest.mark.parametrize(("text", "said"), [
    ("person,from,to\na,2012-05-01,2012-04-30\n", r"m\.csv:2: to: the span ends before it begins"),
    ("person,from,to\n", "no members below the header"), ("who,from\na,2012-01-01\n", "no column person"),
    ("person,sex\na,x\n", r"m\.csv:2: sex: "), ("person,age\na,150\n", "not an age"),
    ("person,birth\na,x\n", "not a day of birth"),
    ("person,sex,gender\na,m,f\n", "two columns for sex"), ("person,from\nz,2012-01-01\n", "no claim is of an insured member")])
def test_bad_members_are_refused_with_file_and_line(text, said, tmp_path):
    (tmp_path / "c.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "m.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        fit(tmp_path / "c.csv", members=tmp_path / "m.csv", region="jiangsu", out=tmp_path / "out")


def test_what_stands_at_the_place_is_not_touched_and_no_work_is_done(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="--out"):
        fit(tmp_path / "no-such-file.csv", region="jiangsu", out=tmp_path / "out")
    assert (tmp_path / "out" / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_rows_that_are_skipped_are_listed_with_line_and_reason(tmp_path):
    (tmp_path / "c.csv").write_text(GOOD + "c,2012-13-05,inpatient,county,100,80\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["fit", str(tmp_path / "c.csv"), "--exposure", "100", "--region", "jiangsu", "--on-error",
                                    "skip", "--json", "--out", str(tmp_path / "out")])
    found = json.loads(done.stdout)
    assert found["done"]["refused"] == 1 and found["claims_used"] == 2
    refused = pd.read_csv(tmp_path / "out" / "tables" / "refused.csv", encoding="utf-8-sig")
    assert refused["line"].tolist() == [4] and "no such day" in refused["fault"][0]
