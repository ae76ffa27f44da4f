"""What a plan file leaves unsaid is told where the claims show that it matters, and nowhere else (simulator/claims/unsaid.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.claims import unsaid
from tests.claims.test_claims import place, run, write  # noqa: F401 (a fixture)

PLAN = """\
deductible: {county: ["600", "300"], city: ["900", "500"], outside: ["1000"]}
band_tops: ["5000"]
ratio: {county: ["70", "80"], city: ["55", "65"], outside: ["50", "60"]}
annual_cap: "20000"
outpatient_deductible: "200"
outpatient_ratio: {county: "40"}
"""
HEADER = "person,date,kind,tier,billed,eligible"
ONE = "A,2013-03-01,inpatient,county,4000,4000"
# the key, the rows behind ONE that make it matter, the bills that would be paid otherwise, the value under which all is as it is
MATTERS = [
    ("readmission_days", ("A,2013-03-09,inpatient,county,3000,3000",), 1, "0"),
    ("order_counted", ("A,2013-06-01,inpatient,city,3000,3000",), 1, "all"),
    ("deductible_shared", ("A,2013-06-01,outpatient,county,150,150",), 1, "false"),
    ("rounding_step", ("B,2013-06-01,inpatient,county,5600.05,5600.05", "C,2013-06-01,inpatient,county,5600.06,5600.06",
                       "D,2013-06-01,inpatient,city,5900.01,5900.01"), 0, "bill"),
    ("year_begins", ("A,2013-10-01,inpatient,county,4000,4000", "A,2014-02-01,inpatient,county,4000,4000"), 2, "1"),
    ("out_of_area_factor", ("B,2013-06-01,inpatient,outside,3000,3000", "C,2013-06-01,inpatient,outside,3000,3000"), 2, "100")]


def said(plan: str, *rows: str, header: str = HEADER, **options) -> list[str]:
    """The remarks on the rows under a plan."""
    write(plan, "plan.yaml")
    write("\n".join([header, *rows]) + "\n")
    return run(**options).remarks


@pytest.mark.parametrize(("key", "rows", "bills", "as_it_is"), [one for one in MATTERS if one[2]])
def test_a_key_that_is_left_out_is_named_with_the_bills_on_which_it_decides_until_the_plan_says_it(
        place, key, rows, bills, as_it_is):  # noqa: F811
    english = [remark for remark in said(PLAN, ONE, *rows) if f"`{key}`" in remark]
    assert len(english) == 1 and f"{bills} bills" in english[0].replace("admissions at", "bills at")
    chinese = [remark for remark in said(PLAN, ONE, *rows, lang="zh") if f"`{key}`" in remark]
    assert len(chinese) == 1 and f"{bills} " in chinese[0] and chinese != english
    assert not any(f"`{key}`" in remark for remark in said(f"{PLAN}{key}: {as_it_is}\n", ONE, *rows))


def test_each_band_rounded_is_told_where_a_bill_comes_out_a_fen_apart(place):  # noqa: F811
    thirds = PLAN.replace('["70", "80"]', '["33.33", "66.67"]')
    row = "B,2013-06-01,inpatient,county,7600.05,7600.05"         # 5,000 x 33.33% = 1,666.50; 2,000.05 x 66.67% = 1,333.4333
    assert not any("rounding_step" in remark for remark in said(thirds, ONE, row))
    halves = thirds.replace('band_tops: ["5000"]', 'band_tops: ["5000.02"]')
    row = "B,2013-06-01,inpatient,county,7600.06,7600.06"         # 1,666.506666 + 1,333.426668: 2,999.93 together, 2,999.94 apart
    found = [remark for remark in said(halves, ONE, row) if "rounding_step" in remark]
    assert len(found) == 1 and found[0].startswith("1 bills")


def test_nothing_is_said_of_claims_on_which_every_key_decides_nothing(place):  # noqa: F811
    assert said(PLAN, ONE, "A,2013-06-01,inpatient,county,3000,3000", "B,2013-06-01,outpatient,county,150,150") == []


def test_a_file_of_two_whole_years_says_nothing_of_when_the_insured_year_begins(place):  # noqa: F811
    days = ("2013-01-05", "2013-10-01", "2014-02-01", "2014-11-01")
    assert said(PLAN, *(f"A,{day},inpatient,county,4000,4000" for day in days)) == []


def test_care_out_of_area_with_a_column_of_its_own_or_tiers_of_its_own_is_not_asked_about(place):  # noqa: F811
    assert said(PLAN, "B,2013-06-01,inpatient,outside,3000,3000,no", header=f"{HEADER},out_of_area") == []


def test_claims_that_are_sorted_or_skipped_are_asked_as_they_were_settled(place):  # noqa: F811
    late = "A,2013-03-09,inpatient,county,3000,3000"
    assert any("readmission_days" in remark for remark in said(PLAN, late, ONE, sort=True))
    bad = "B,nonsense,inpatient,county,1,1"
    assert any("readmission_days" in remark for remark in said(PLAN, ONE, bad, late, on_error="skip"))


def test_the_first_block_of_a_long_file_is_looked_at(place, monkeypatch):  # noqa: F811
    blocks = []
    whole = unsaid._First._end
    monkeypatch.setattr(unsaid._First, "_end", lambda self, *given: (blocks.append(1), whole(self, *given)))
    rows = (f"P{n},2013-03-01,inpatient,county,4000,4000" for n in range(unsaid.BLOCK + 10))
    assert said(PLAN, *rows) == [] and 1 <= len(blocks) <= 1 + len(unsaid.OTHERWISE)
    assert Path("out.csv").read_text(encoding="utf-8-sig").count("\n") == unsaid.BLOCK + 11
