"""Claims whose bills belong together: interim bills, readmission, transfer, the turn of the insured year, families, local tiers.

The right answers are worked by hand from docs/claims.md.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import simulator
from simulator.claims import files as claim_files
from simulator.engine.doors import explain_bill
from simulator.money import yuan
from simulator.parameters.errors import InputError
from simulator.parameters.planfile import plan_schema, read_plan
from simulator.tables import PAYERS
from tests.claims.test_claims import column, rows_of, run, write

PLAN = """\
deductible: {county: ["300", "150", "50"], city: ["600", "500"]}
ratio: {county: ["70"], city: ["60"]}
"""
STAYS = "person,stay,date,tier,billed,eligible"
ADMITTED = "person,admitted,date,tier,billed,eligible"


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settled(plan: str, header: str, *rows: str, **options) -> list[str]:
    """What the pooled fund pays of each admission under a plan."""
    write(plan, "plan.yaml")
    write("\n".join([header, *rows]) + "\n")
    run(**options)
    return column("basic")


def refused(plan: str, header: str, *rows: str) -> str:
    """Why a file is refused."""
    with pytest.raises(InputError) as error:
        settled(plan, header, *rows)
    assert not Path("out.csv").exists()
    return str(error.value)


# --- interim bills --------------------------------------------------------------------------------


def test_interim_bills_of_a_stay_share_one_deductible_and_one_order(place):
    assert settled(PLAN, STAYS, "A,S1,2012-03-01,county,200,200",         # 200 of the deductible of 300
                   "A,S1,2012-04-01,county,1000,1000",                    # (1,000 - 100) x 70%
                   "A,S2,2012-05-01,county,1000,1000",                    # the second admission: (1,000 - 150) x 70%
                   "A,S1,2012-06-01,county,1000,1000",                    # of the first stay again: 1,000 x 70%
                   "A,S3,2012-07-01,county,1000,1000",                    # the third: (1,000 - 50) x 70%
                   "B,S1,2012-07-01,county,1000,1000",                    # another person's stay, if of the same name
                   ) == ["0.00", "630.00", "595.00", "700.00", "665.00", "490.00"]


def test_bills_of_no_stated_stay_are_admissions_of_their_own(place):
    assert settled(PLAN, STAYS, "A,,2012-03-01,county,1000,1000", "A,,2012-03-02,county,1000,1000") == ["490.00", "595.00"]


def test_chinese_headers_name_stays_transfers_and_families(place):
    plan = PLAN + "transfer_deductible: difference\ndeductible_of: family\n"
    assert settled(plan, "参保人,家庭编号,就诊ID,转诊前就诊ID,入院日期,出院日期,医院级别,总费用,政策范围内费用",
                   "甲,户一,甲1,,2012/3/1,2012/3/5,县级,1000,1000", "甲,户一,甲2,甲1,2012/3/5,2012/3/9,市级,1000,1000",
                   "乙,户一,乙1,,2012/3/10,2012/3/11,县级,1000,1000") == ["490.00", "420.00", "595.00"]


@pytest.mark.parametrize(("basis", "paid"), [("eligible", ["350.00", "420.00"]), ("after_deductible", ["350.00", "390.00"])])
def test_the_bands_of_an_admission_run_on_in_its_interim_bills(place, basis, paid):
    # 50% to 1,000, 80% above, after a deductible of 100. On E: 700 x 50%; 200 x 50% + 400 x 80%.
    # After the deductible: 700 x 50%; 300 x 50% + 300 x 80%.
    plan = f'deductible: {{county: ["100"]}}\nband_tops: ["1000"]\nratio: {{county: ["50", "80"]}}\nband_basis: {basis}\n'
    assert settled(plan, STAYS, "A,S,2012-03-01,county,800,800", "A,S,2012-04-01,county,600,600") == paid


def test_the_bands_of_a_year_run_on_over_stays_as_they_did(place):
    plan = 'band_tops: ["1000"]\nratio: {county: ["50", "80"]}\nband_period: year\n'
    rows = ("A,S,2012-03-01,county,800,800", "A,S,2012-04-01,county,600,600", "A,T,2012-05-01,county,100,100")
    assert settled(plan, STAYS, *rows) == settled(plan, STAYS.replace("stay", "x"), *rows) == ["400.00", "420.00", "80.00"]


def test_interim_bills_come_to_what_one_bill_would(place):
    rng = np.random.default_rng(4)
    plan = ('deductible: {county: ["1000", "700"]}\nband_tops: ["5000", "20000"]\nratio: {county: ["50", "70", "90"]}\n'
            'annual_cap: "60000"\ncii_threshold: "3000"\ncii_ratio: ["50"]\n')
    for basis in ("eligible", "after_deductible"):
        parts, wholes = [], []
        for person in range(40):
            for stay in range(2):
                amounts = (rng.integers(0, 120, size=rng.integers(1, 5)) * 100).tolist()
                parts += [f"P{person},S{stay},2012-0{stay + 1}-{day + 1:02},county,{amount},{amount}"
                          for day, amount in enumerate(amounts)]
                wholes.append(f"P{person},S{stay},2012-0{stay + 1}-28,county,{sum(amounts)},{sum(amounts)}")
        totals = []
        for rows in (parts, wholes):
            settled(plan + f"band_basis: {basis}\n", STAYS, *rows)
            totals.append({payer: sum(Decimal(cell) for cell in column(payer)) for payer in PAYERS})
        assert totals[0] == totals[1] and totals[0]["cii"] > 0


def test_a_fixed_sum_is_taken_once_in_a_stay(place):
    # (300 - 100 - 150) x 50%, then (1,000 - 50) x 50% where the first bill left 50 of the sum, then no more
    assert settled('deductible: {county: ["100"]}\nratio: {county: ["50"]}\nadmission_copay: "150"\n', STAYS,
                   "A,S,2012-03-01,county,300,300", "B,S,2012-03-01,county,200,200", "B,S,2012-03-02,county,1000,1000",
                   "B,S,2012-03-03,county,1000,1000", "B,T,2012-03-03,county,1000,1000",
                   ) == ["25.00", "0.00", "475.00", "500.00", "375.00"]


def test_a_deductible_that_is_a_share_is_one_of_the_stay(place):
    # 10%, at least 200, at most 350: 200 of 1,000; of 3,000 it is 300, of which 100 are left; of 6,000 350, of which 50
    plan = 'deductible: {county: ["10%"]}\ndeductible_least: "200"\ndeductible_most: "350"\nratio: {county: ["50"]}\n'
    assert settled(plan, STAYS, "A,S,2012-03-01,county,1000,1000", "A,S,2012-03-02,county,2000,2000",
                   "A,S,2012-03-03,county,3000,3000") == ["400.00", "950.00", "1475.00"]


def test_a_franchise_is_compared_with_the_whole_stay(place):
    plan = 'deductible: {county: ["500"]}\ndeductible_kind: franchise\nratio: {county: ["50"]}\n'
    assert settled(plan, STAYS, "A,S,2012-03-01,county,400,400", "A,S,2012-03-02,county,50,50",       # 450 in all: 50 of 100 left
                   "A,S,2012-03-03,county,300,300") == ["0.00", "0.00", "150.00"]                       # 750: nothing is deducted


def test_a_listed_illness_and_a_visit_leave_the_stay_as_it_is(place):
    plan = PLAN + 'listed: {esrd: full}\nlisted_ratio: {esrd: "50"}\noutpatient_ratio: {county: "40"}\n'
    assert settled(plan, "person,stay,kind,date,tier,billed,eligible,illness", "A,S,inpatient,2012-03-01,county,1000,1000,none",
                   "A,S,inpatient,2012-03-02,county,1000,1000,esrd", "A,S,outpatient,2012-03-02,county,1000,1000,none",
                   "A,S,inpatient,2012-03-03,county,1000,1000,none") == ["490.00", "0.00", "0.00", "700.00"]
    assert column("listed")[1] == "500.00" and column("outpatient")[2] == "400.00"


def test_a_file_by_order_without_dates_may_name_stays(place):
    assert settled(PLAN, "person,stay,order,tier,billed,eligible", "A,S,1,county,1000,1000", "A,S,2,county,1000,1000"
                   ) == ["490.00", "700.00"]


# --- readmission ----------------------------------------------------------------------------------


def test_a_readmission_within_the_days_of_the_plan_has_no_second_deductible(place):
    rows = ("A,2012-02-25,2012-03-01,county,1000,1000",
            "A,2012-03-16,2012-03-30,county,1000,1000",                   # 15 days after discharge: 1,000 x 70%
            "A,2012-04-10,2012-04-12,county,1000,1000",                   # 11 days after that: it goes on
            "A,2012-04-28,2012-05-02,county,1000,1000")                   # 16 days: the second admission, 850 x 70%
    assert settled(PLAN + "readmission_days: 15\n", ADMITTED, *rows) == ["490.00", "700.00", "700.00", "595.00"]
    assert settled(PLAN, ADMITTED, *rows) == ["490.00", "595.00", "665.00", "665.00"]


def test_a_readmission_takes_what_is_left_of_a_deductible_that_was_not_used_up(place):
    assert settled(PLAN + "readmission_days: 15\n", ADMITTED, "A,2012-03-01,2012-03-01,county,200,200",
                   "A,2012-03-05,2012-03-07,county,1000,1000") == ["0.00", "630.00"]          # (1,000 - 100) x 70%


@pytest.mark.parametrize(("at", "paid"), [("any", "600.00"), ("same", "300.00")])         # 1,000 x 60%; (1,000 - 500) x 60%
def test_a_readmission_at_another_tier_continues_only_where_the_plan_takes_any(place, at, paid):
    assert settled(PLAN + f"readmission_days: 15\nreadmission_tier: {at}\n", ADMITTED, "A,2012-03-01,2012-03-02,county,1000,1000",
                   "A,2012-03-10,2012-03-12,city,1000,1000") == ["490.00", paid]


def test_without_days_of_admission_readmissions_are_counted_from_discharge_to_discharge(place):
    write(PLAN + "readmission_days: 15\n", "plan.yaml")
    write("person,date,tier,billed,eligible\nA,2012-03-01,county,1000,1000\nA,2012-03-16,county,1000,1000\n"
          "A,2012-04-01,county,1000,1000\n")
    assert run().remarks == ["no column admitted: the days to a readmission are counted from discharge to discharge"]
    assert column("basic") == ["490.00", "700.00", "595.00"]


# --- transfer -------------------------------------------------------------------------------------


TRANSFERS = [("full", ["490.00", "300.00", "665.00"]),            # 1,000 - 500 at 60%; then the third admission
             ("difference", ["490.00", "420.00", "595.00"]),      # 1,000 - (600 - 300); then the second
             ("none", ["490.00", "600.00", "595.00"])]


@pytest.mark.parametrize(("rule", "paid"), TRANSFERS)
def test_a_transfer_has_the_deductible_that_the_plan_says(place, rule, paid):
    plan = PLAN + f"transfer_deductible: {rule}\n"
    assert settled(plan, "person,date,tier,billed,eligible,transferred", "A,2012-03-01,county,1000,1000,no",
                   "A,2012-03-09,city,1000,1000,yes", "A,2012-06-01,county,1000,1000,no") == paid
    assert settled(plan, "person,stay,date,tier,billed,eligible,transferred_from", "A,S,2012-03-01,county,1000,1000,",
                   "A,T,2012-03-09,city,1000,1000,S", "A,U,2012-06-01,county,1000,1000,") == paid
    assert settled(plan, STAYS, "A,S,2012-03-01,county,1000,1000", "A,S,2012-03-09,city,1000,1000",
                   "A,T,2012-06-01,county,1000,1000") == paid


def test_the_way_back_to_a_smaller_hospital_costs_no_difference(place):
    assert settled(PLAN + "transfer_deductible: difference\n", "person,date,tier,billed,eligible,transferred",
                   "A,2012-03-01,city,1000,1000,no", "A,2012-03-09,county,1000,1000,yes") == ["240.00", "700.00"]


def test_a_further_interim_bill_after_a_transfer_goes_on(place):
    assert settled(PLAN + "transfer_deductible: difference\n", "person,stay,date,tier,billed,eligible,transferred_from",
                   "A,S,2012-03-01,county,1000,1000,", "A,T,2012-03-09,city,1000,1000,S", "A,T,2012-04-09,city,1000,1000,S",
                   ) == ["490.00", "420.00", "600.00"]


def test_a_transfer_that_the_plan_or_the_file_does_not_know_is_refused(place):
    flagged = "person,date,tier,billed,eligible,transferred"
    assert "claims.csv:1: a column of transfers, and the plan does not say their deductible: 'transferred'; expected " \
           "`transfer_deductible: full`" in refused(PLAN, flagged, "A,2012-03-01,county,1,1,no")
    assert "claims.csv:3: tier: another tier than earlier in the stay" in refused(
        PLAN, STAYS, "A,S,2012-03-01,county,1,1", "A,S,2012-03-02,city,1,1")
    assert "claims.csv:2: transferred: no earlier admission to be transferred from: 'yes'" in refused(
        PLAN + "transfer_deductible: none\n", flagged, "A,2012-03-01,county,1,1,yes")
    assert "claims.csv:3: transferred_from: no earlier admission to be transferred from: 'T'" in refused(
        PLAN + "transfer_deductible: none\n", "person,stay,date,tier,billed,eligible,transferred_from",
        "A,S,2012-03-01,county,1,1,", "A,U,2012-03-02,county,1,1,T")


# --- the turn of the insured year -----------------------------------------------------------------


SPLIT = PLAN + 'annual_cap: "3000"\nnew_year: split\n'


def test_a_stay_over_new_year_is_split_by_days_with_one_deductible_in_the_old_year(place):
    # 10 days, 4 of them in 2012: 4,000 and 6,000. (4,000 - 300) x 70% = 2,590; 6,000 x 70% = 4,200, at most 3,000.
    # The first admission of 2013 has the first deductible, and the cap of 2013 is used up; that of 2014 is whole.
    assert settled(SPLIT, ADMITTED, "A,2012-12-28,2013-01-06,county,10000,10000", "A,2013-02-01,2013-02-03,county,1000,1000",
                   "A,2014-02-01,2014-02-03,county,1000,1000") == ["5590.00", "0.00", "490.00"]
    assert settled(SPLIT.replace("3000", "9000"), ADMITTED, "A,2012-12-28,2013-01-06,county,10000,10000",
                   "A,2013-02-01,2013-02-03,county,1000,1000") == ["6790.00", "490.00"]


def test_a_stay_over_new_year_belongs_to_the_year_of_discharge_where_the_plan_says_so(place):
    assert settled(SPLIT.replace("split", "discharge"), ADMITTED, "A,2012-12-28,2013-01-06,county,10000,10000",
                   "A,2013-02-01,2013-02-03,county,1000,1000") == ["3000.00", "0.00"]


def test_the_deductible_that_the_old_year_does_not_use_up_is_taken_in_the_new_one(place):
    # 1 of 10 days in 2012: 100 and 900; 100 and 200 of the deductible: 700 x 70%
    assert settled(SPLIT, ADMITTED, "A,2012-12-31,2013-01-09,county,1000,1000") == ["490.00"]


def test_amounts_are_split_half_up_and_the_last_part_has_the_rest(place):
    # 1 of 2 days: E 50.01 and 50.00 at 30%: 15.003 and 15.00 make 15.00 each; in the other order 15.00 and 15.00; at 90%:
    # 45.009 and 45.00 make 45.01 and 45.00; TCM 0.03 splits into 0.02 and 0.01, its points are 0.01 (0.02 x 50%) and 0.01
    # (0.01 x 50% = 0.005), one rounding with the bands: 45.019 and 45.005 make 45.02 and 45.01.
    plan = 'ratio: {county: ["90"]}\ntcm_bonus: "50"\nnew_year: split\n'
    assert settled(plan, ADMITTED + ",tcm", "A,2012-12-31,2013-01-01,county,100.01,100.01,0.03") == ["90.03"]


def test_a_split_bill_still_adds_up(place):
    rng = np.random.default_rng(8)
    rows = []
    for person in range(200):
        billed = int(rng.integers(1, 10**6))
        eligible = int(rng.integers(0, billed + 1))
        rows.append(f"P{person},2012-12-{rng.integers(1, 32):02},2013-0{rng.integers(1, 10)}-11,county,"
                    f"{yuan(billed)},{yuan(eligible)}")
    settled(SPLIT + 'cii_threshold: "100"\ncii_ratio: ["50"]\n', ADMITTED, *rows)
    for row in rows_of():
        assert sum(Decimal(row[f"paid_{payer}"]) for payer in PAYERS) == Decimal(row["billed"])


def test_the_old_year_is_remembered_when_a_visit_of_the_new_one_comes_before_the_discharge(place):
    # The old year's cap: 3,000 less 1,400 of October. The stay: 6 of 10 days, 6,000: (6,000 - 150) x 70%, at most 1,600; then
    # 4,000 x 70% = 2,800. The visit of 3 January is of 2013, and so is the second one.
    plan = SPLIT + 'outpatient_deductible: "100"\noutpatient_ratio: {county: "40"}\n'
    assert settled(plan, "person,kind,admitted,date,tier,billed,eligible", "A,inpatient,2012-10-01,2012-10-05,county,2300,2300",
                   "A,outpatient,,2013-01-03,county,100,100", "A,inpatient,2012-12-26,2013-01-04,county,10000,10000",
                   "A,outpatient,,2013-01-05,county,100,100") == ["1400.00", "0.00", "4400.00", "0.00"]
    assert column("outpatient") == ["0.00", "0.00", "0.00", "40.00"]


def test_an_interim_bill_begins_on_the_day_after_the_one_before_it(place):
    # The second bill begins on 21 December: 11 of 20 days in 2012, 5,500 and 4,500, no deductible.
    assert settled(SPLIT.replace("3000", "6000"), "person,stay,admitted,date,tier,billed,eligible",
                   "A,S,2012-12-01,2012-12-20,county,3300,3300", "A,S,2012-12-01,2013-01-09,county,10000,10000",
                   ) == ["2100.00", "7000.00"]
    assert settled(SPLIT.replace("3000", "6000"), "person,stay,admitted,date,tier,billed,eligible",
                   "A,S,2012-12-01,2012-12-31,county,1300,1300", "A,S,2012-12-01,2013-01-09,county,10000,10000",
                   ) == ["700.00", "6000.00"]


def test_a_transfer_within_a_stay_begins_there_too(place):
    # From 3 to 12 January, all in 2013: no deductible, at most 3,000 of that year.
    assert settled(SPLIT + "transfer_deductible: none\n", "person,stay,admitted,date,tier,billed,eligible",
                   "A,S,2012-12-28,2013-01-02,city,600,600", "A,S,2012-12-28,2013-01-12,county,10000,10000"
                   ) == ["0.00", "3000.00"]


def test_a_bill_that_the_list_pays_is_not_split(place):
    plan = SPLIT + 'listed: {esrd: full}\nlisted_ratio: {esrd: "50"}\n'
    settled(plan, ADMITTED + ",illness", "A,2012-12-28,2013-01-06,county,8000,8000,esrd")
    assert column("listed") == ["3000.00"]                                # one cap, that of 2013


def test_stays_over_new_year_that_cannot_be_settled_are_refused(place):
    over = "A,2012-12-28,2013-01-06,county,10000,10000"
    assert refused(PLAN, ADMITTED, over).startswith(
        "claims.csv:2: admitted: a stay over the turn of the insured year, of which the plan says nothing: '2012-12-28'; "
        "expected `new_year: discharge` or `new_year: split`")
    assert "claims.csv:2: admitted: a stay over more than one turn of the insured year" in refused(
        SPLIT, ADMITTED, "A,2011-12-28,2013-01-06,county,1,1")
    assert "claims.csv:2: admitted: after the discharge: '20130107'; expected at most 20130106" in refused(
        SPLIT, ADMITTED, "A,2013-01-07,2013-01-06,county,1,1")
    assert "also date" in refused(SPLIT, "person,admitted,tier,billed,eligible", "A,2012-12-28,county,1,1")
    assert settled(PLAN, ADMITTED, "A,2013-01-01,2013-01-06,county,1000,1000") == ["490.00"]


def test_an_insured_year_may_begin_in_another_month(place):
    plan = PLAN + 'annual_cap: "500"\nyear_begins: 9\n'
    assert settled(plan, "person,date,tier,billed,eligible", "A,2012-08-31,county,1000,1000", "A,2012-09-01,county,1000,1000",
                   "A,2013-01-10,county,1000,1000", "A,2013-09-01,county,1000,1000") == ["490.00", "490.00", "10.00", "490.00"]
    # 26 to 31 August and 1 to 4 September: 6,000 and 4,000
    assert settled(plan.replace("500", "3000") + "new_year: split\n", ADMITTED, "A,2012-08-26,2012-09-04,county,10000,10000",
                   ) == ["5800.00"]


# --- families -------------------------------------------------------------------------------------


VISITS = 'outpatient_deductible: "1000"\noutpatient_ratio: {county: "80"}\n'
FAMILY = "person,family,date,kind,tier,billed,eligible"


@pytest.mark.parametrize(("whose", "paid"), [("family", ["0.00", "400.00", "80.00", "0.00", "0.00", "80.00"]),
                                             ("person", ["0.00", "0.00", "0.00", "0.00", "0.00", "0.00"])])
def test_the_deductible_of_visits_is_a_persons_or_a_familys(place, whose, paid):
    settled(VISITS + f"deductible_of: {whose}\n", FAMILY, "A,F,2012-01-05,outpatient,county,600,600",
            "B,F,2012-01-06,outpatient,county,900,900",                   # 600 + 900 - 1,000 = 500
            "A,F,2012-01-07,outpatient,county,100,100", "C,,2012-01-08,outpatient,county,600,600",
            "D,,2012-01-08,outpatient,county,600,600",                    # of no family: each for himself
            "A,F,2012-12-31,outpatient,county,100,100")
    assert column("outpatient") == paid


def test_a_familys_deductible_begins_anew_with_the_insured_year(place):
    settled(VISITS + "deductible_of: family\n", FAMILY, "A,F,2012-01-05,outpatient,county,1000,1000",
            "B,F,2012-12-31,outpatient,county,100,100", "B,F,2013-01-01,outpatient,county,100,100")
    assert column("outpatient") == ["0.00", "80.00", "0.00"]


def test_admissions_are_counted_in_the_family_where_its_deductibles_are_one(place):
    rows = ("A,F,2012-01-05,inpatient,county,1000,1000", "B,F,2012-01-06,inpatient,county,1000,1000")
    assert settled(PLAN + "deductible_of: {inpatient: family}\n", FAMILY, *rows) == ["490.00", "595.00"]
    assert settled(PLAN + "deductible_of: {outpatient: family}\n", FAMILY, *rows) == ["490.00", "490.00"]


def test_the_years_limit_on_deductibles_is_the_familys(place):
    rows = ("A,F,2012-01-05,inpatient,county,1000,1000", "B,F,2012-01-06,inpatient,county,1000,1000")       # 300, then 150 of 180
    plan = PLAN + 'deductible_year_limit: "330"\ndeductible_of: '
    assert settled(plan + "family\n", FAMILY, *rows) == ["490.00", "679.00"]                                # 30 are left
    assert settled(plan + "person\n", FAMILY, *rows) == ["490.00", "490.00"]


def test_one_deductible_of_the_year_for_all_care_may_be_the_familys(place):
    # 1,000: A's visit takes 600, B's admission the other 400, B's visit nothing
    plan = ('deductible: {county: ["1000"]}\nratio: {county: ["80"]}\noutpatient_deductible: "1000"\n'
            'outpatient_ratio: {county: "50"}\ndeductible_shared: true\ndeductible_of: family\n')
    assert settled(plan, FAMILY, "A,F,2012-01-05,outpatient,county,600,600", "B,F,2012-01-06,inpatient,county,5000,5000",
                   "B,F,2012-01-07,outpatient,county,100,100") == ["0.00", "3680.00", "0.00"]
    assert column("outpatient") == ["0.00", "0.00", "50.00"]


def test_each_persons_deductible_may_stand_below_a_familys(place):
    # Each 1,000, the family 1,500: A takes 1,000 of 1,200, B 500 of 2,000, C nothing
    plan = VISITS + 'deductible: {county: ["300"]}\nratio: {county: ["70"]}\nfamily_deductible: "1500"\n'
    settled(plan, FAMILY, "A,F,2012-01-05,outpatient,county,1200,1200", "B,F,2012-01-06,outpatient,county,2000,2000",
            "C,F,2012-01-07,outpatient,county,100,100", "D,,2012-01-07,outpatient,county,1200,1200",
            "C,F,2013-01-07,outpatient,county,100,100")
    assert column("outpatient") == ["160.00", "1200.00", "80.00", "160.00", "0.00"]
    # A's visit 1,000, B's admission 300, C's 200 of 300, A's none
    assert settled(plan, FAMILY, "A,F,2012-01-05,outpatient,county,1200,1200", "B,F,2012-01-06,inpatient,county,1000,1000",
                   "C,F,2012-01-07,inpatient,county,1000,1000", "A,F,2012-01-08,inpatient,county,1000,1000",
                   ) == ["0.00", "490.00", "560.00", "700.00"]


def test_a_familys_deductible_is_either_all_or_above_each_persons(place):
    assert "plan.yaml:3: family_deductible beside deductibles that are the family's alone" in refused(
        VISITS + 'family_deductible: "1500"\ndeductible_of: family\n', FAMILY, "A,F,2012-01-05,outpatient,county,1200,1200")
    assert "no column family in the header" in refused(VISITS + 'family_deductible: "1500"\n', "person,date,tier,billed,eligible",
                                                       "A,2012-01-05,county,1,1")


def test_families_that_the_plan_or_the_file_says_nothing_of_are_refused(place):
    row = "A,F,2012-01-05,outpatient,county,600,600"
    assert refused(VISITS, FAMILY, row).startswith(
        "claims.csv:1: a column of families, and the plan does not say whose deductibles are: 'family'; expected "
        "`deductible_of: person` or `deductible_of: family`")
    assert "no column family in the header" in refused(VISITS + "deductible_of: family\n", "person,date,tier,billed,eligible",
                                                       "A,2012-01-05,county,1,1")
    assert "claims.csv:3: date: goes backwards within the family: '20120105'" in refused(
        VISITS + "deductible_of: family\n", FAMILY, row.replace("05", "06"), row.replace("A", "B"))


# --- local tiers ----------------------------------------------------------------------------------


TIERS = """\
tiers:
  {基层: {of: township}, 一级: {of: township}, 二级: {of: county}, 三级: {of: city, share: "80"}, 省部属: {of: city, share: "20"}}
deductible: {基层: ["200"], 一级: ["500"], 二级: ["800"], 三级: ["1100", "900"], 省部属: ["1500"]}
ratio: {基层: ["85"], 一级: ["82"], 二级: ["80"], 三级: ["65"], 省部属: {adult: ["60"], child: ["70"]}}
annual_cap: "20000"
primary_bonus: "5"
"""


def test_a_plan_may_have_any_tiers_of_its_own_and_the_persons_year_is_one(place):
    assert settled(TIERS, "person,date,tier,billed,eligible", "A,2012-01-01,一级,10500,10500", "B,2012-01-01,基层,10200,10200",
                   "C,2012-01-01,三级,11100,11100", "D,2012-01-01,省部属,11500,11500", "E,2012-01-01,二级,10800,10800",
                   "A,2012-02-01,三级,10900,10900",                        # the second admission: 900
                   "A,2012-03-01,省部属,11500,11500",                      # 6,000, of which the year's cap leaves 4,800
                   ) == ["8700.00", "9000.00", "6500.00", "6000.00", "8000.00", "6500.00", "4800.00"]


def test_a_readmission_at_the_same_care_tier_but_another_local_one_is_at_another_tier(place):
    assert settled(TIERS + "readmission_days: 15\nreadmission_tier: same\n", "person,date,tier,billed,eligible",
                   "A,2012-01-01,三级,1100,1100", "A,2012-01-02,省部属,2500,2500", "A,2012-01-03,省部属,1000,1000",
                   ) == ["0.00", "600.00", "600.00"]


def test_admissions_by_tier_are_counted_at_each_local_tier(place):
    # 三级 is 1,100 the first time and 900 the second; 省部属 is another tier, if of the same care tier
    assert settled(TIERS + "order_counted: tier\nnew_year: split\n", ADMITTED, "A,2012-01-01,2012-01-02,省部属,2500,2500",
                   "A,2012-01-01,2012-01-03,三级,2100,2100", "A,2012-02-01,2012-02-02,三级,1900,1900",
                   "A,2013-02-01,2013-02-02,三级,2100,2100", "A,2013-03-01,2013-03-02,三级,1900,1900",
                   ) == ["600.00", "650.00", "650.00", "650.00", "650.00"]


def test_tiers_that_a_plan_does_not_have_are_refused_with_its_own(place):
    assert "claims.csv:2: tier: unknown word: 'county'; expected '基层', '一级', '二级', '三级' or '省部属'" in refused(
        TIERS, "person,date,tier,billed,eligible", "A,2012-01-01,county,1,1")


@pytest.mark.parametrize(("text", "said"), [
    ('tiers: {一级: {of: conty}}\n', "plan.yaml:1:18: unknown care tier 'conty'.*did you mean 'county'"),
    ('ratio: {tier1: ["80"]}\n', "plan.yaml:1:9: unknown tier 'tier1'.*a plan states its own tiers under `tiers`"),
    ('tiers: {一级: {off: county}}\n', "plan.yaml:1:13: which care tier is it of?"),
    ('tiers: {一级: {of: county, share: "0.5"}}\n', "plan.yaml:1:33: a fraction in place of a percentage"),
    ('tiers: {一级: {of: county, share: "50"}}\n', "the shares of the tiers of county sum to '50'"),
    ("tiers: {}\n", "the mapping is empty"), ("tiers: {county: {of: city}}\n", "a care tier's name for a tier of another"),
    ('tiers: {一级: {of: county}}\nratio: {county: ["80"]}\n', "plan.yaml:2:9: unknown tier 'county'; expected '一级'"),
    ("year_begins: 13\n", "plan.yaml:1:14: not a whole number within bounds: '13'; expected a month from 1 to 12"),
    ("readmission_days: -1\n", "days from 0 to 366"), ("new_year: both\n", "expected 'discharge' or 'split'"),
    ("transfer_deductible: diff\n", "expected 'full', 'difference' or 'none'"),
    ("deductible_of: {inpatent: family}\n", "plan.yaml:1:17: unknown kind of care 'inpatent'.*did you mean 'inpatient'"),
    ("readmision_days: 5\n", "unknown plan key 'readmision_days'.*did you mean 'readmission_days'")])
def test_keys_of_claims_are_read_with_care(place, text, said):
    write(text, "plan.yaml")
    with pytest.raises(InputError, match=said):
        read_plan(Path("plan.yaml"))


def test_a_bill_at_a_local_tier_is_explained(place):
    write(TIERS, "plan.yaml")
    for lang, said in (("en", "省部属, first admission of the year"), ("zh", "省部属, 当年第一次住院")):
        steps, _ = explain_bill(tier="省部属", bill="11500", in_scope="100", plan=Path("plan.yaml"), lang=lang)
        assert [(step.amount, step.formula) for step in steps if step.name == "deductible"] == [(150_000, said)]
    with pytest.raises(InputError, match="--tier: unknown name 'city'; expected '基层'"):
        explain_bill(tier="city", bill="1", in_scope="100", plan=Path("plan.yaml"))


def test_the_schema_of_a_plan_file_knows_the_keys_of_claims():
    schema = plan_schema()
    for key in ("tiers", "year_begins", "new_year", "readmission_days", "readmission_tier", "transfer_deductible",
                "deductible_of", "family_deductible"):
        assert f'"{key}"' in schema


# --- several years under a region's rules ---------------------------------------------------------


def of_region(*rows: str, header: str = "person,date,tier,billed,eligible", **options):
    """Rows settled by Jiangsu's rules."""
    write("\n".join([header, *rows]) + "\n")
    return run(**{"region": "jiangsu", "plan": None, "level": "1", **options})


def test_each_bill_has_the_rules_of_its_date_and_the_summary_counts_them(place):
    rows = [f"A,{year}-03-10,city,300000,300000" for year in (2011, 2012, 2013)]
    totals = of_region(*rows)
    together = column("basic")
    apart = []
    for year, row in zip((2011, 2012, 2013), rows, strict=True):
        of_region(row.replace(f"{year}-03-10", ""), header="person,remark,tier,billed,eligible", year=year)
        apart += column("basic")
    assert together == apart and len(set(apart)) > 1                      # a cap that follows income
    assert list(totals.books.items()) == [((f"jiangsu nrcms {year}", year), 1) for year in (2011, 2012, 2013)]
    assert totals.as_dict()["books"][0] == {"rules": "jiangsu nrcms 2011", "year": 2011, "bills": 1}


def test_rules_that_change_in_mid_year_hold_from_their_day(place):
    # Linyi's 10,000 x 80%, at the ratio r of its first band: (8,000 - 300) r until June, 8,000 r from 1 July
    Path("own/town").mkdir(parents=True)
    write("name: {en: Town, zh: 镇}\nparent: linyi\n", "own/town/region.yaml")
    write("nrcms: {deductible: {unit: CNY/admission, values: [" + ", ".join(
        f"{{from: {day}, status: assumption, source: 'assumption: a test', value: {{township: ['0'], county: ['{amount}'], "
        "city: ['0'], outside: ['0']}}" for day, amount in (("2012-01-01", 300), ("2012-07-01", 0))) + "]}}\n",
          "own/town/inpatient.yaml")
    write("person,date,tier,billed,in_scope\nA,2012-06-30,county,10000,80\nB,2012-07-01,county,10000,80\n"
          "C,2013-03-01,county,10000,80\n")
    totals = simulator.settle("claims.csv", region="town", params="own", level="1", out="out.csv")
    before, after, later = (Decimal(cell) for cell in column("basic"))
    assert before * 8000 == after * 7700 and after == later > 0
    assert [name for name, _ in totals.books] == ["town nrcms 2012", "town nrcms 2012-07-01", "town nrcms 2013"]


def test_the_rules_of_a_year_that_no_bill_needs_are_not_asked_for(place):
    totals = of_region("A,2012-03-10,county,1000,1000", year=2030)
    assert [name for name, _ in totals.books] == ["jiangsu nrcms 2012"]
    for options, said in (({"scheme": "nrmcs"}, "--scheme"), ({"level": "5"}, "--level")):
        with pytest.raises(InputError, match=said):
            of_region("A,2012-03-10,county,1000,1000", **options)


def test_a_bill_of_a_time_without_rules_is_refused(place):
    with pytest.raises(InputError) as error:
        of_region("A,2012-03-10,county,1,1", "B,1899-12-31,county,1,1", "C,9999-12-31,county,1,1", "D,2009-12-31,county,1,1")
    assert [f"{fault.line} {fault.value}" for fault in (error.value, *error.value.others)] == ["3 1899-12-31", "4 9999-12-31",
                                                                                                "5 20091231"]
    assert "claims.csv:3: date: no day of a bill: '1899-12-31'; expected a day from 1950 to 2099" in str(error.value)
    assert "claims.csv:5: date: no rules are known: '20091231'; expected a day from 2010 to 2030" in str(error.value.others[1])


def test_what_a_region_decides_of_stays_and_families_is_noted(place):
    totals = of_region("A,2012-12-28,2013-01-03,F,no,county,1000,1000",
                       header="person,admitted,date,family,transferred,tier,billed,eligible")
    assert totals.remarks[:3] == ["1 stays over New Year are settled in the year of discharge, as the region's rules have it",
                                  "a transfer has a deductible of its own, as the region's rules have it",
                                  "deductibles are each person's own, as the region's rules have it"]
    noted = of_region("A,2012-12-28,2013-01-03,county,1000,1000", header=ADMITTED, lang="zh").remarks[0]
    assert noted == "1 次跨年度住院按出院年度结算 (本地区规则)"


# --- bad input, blocks, Python --------------------------------------------------------------------


@pytest.mark.parametrize(("text", "right"), [("0.80", "80"), ("0.8", "80"), ("1", "100"), ("0.005", "0.5")])
def test_a_share_in_scope_that_may_be_a_fraction_is_refused(place, text, right):
    said = refused(PLAN, "person,tier,billed,in_scope", f"A,county,8000,{text}")
    assert f"claims.csv:2: in_scope: a fraction in place of a percentage: '{text}'; expected percent, and {text} means " \
           f"{text}%: write {right}, or {text}% if that is meant" in said


def test_a_share_in_scope_below_one_percent_is_taken_with_its_sign(place):
    assert settled('ratio: {county: ["70"]}\n', "person,tier,billed,in_scope", "A,county,10000,0.80%", "B,county,10000,0",
                   "C,county,10000,1.01") == ["56.00", "0.00", "70.70"]


def test_stays_families_and_years_are_carried_from_block_to_block(place, monkeypatch):
    rng, rows = np.random.default_rng(5), []
    for day in range(1, 29):
        for _ in range(8):
            person = int(rng.integers(6))
            rows.append(f"P{person},F{person // 2},S{rng.integers(3)},{rng.choice(['inpatient', 'outpatient'])},2012-12-{day:02},"
                        f"2013-01-{day:02},county,{rng.integers(1, 999)},1")
    plan = PLAN + VISITS + "new_year: split\ndeductible_of: family\nreadmission_days: 3\n"
    header = "person,family,stay,kind,admitted,date,tier,billed,eligible"
    write(plan, "plan.yaml")
    write("\n".join([header, *rows]) + "\n")
    run(out="whole.csv")
    monkeypatch.setattr(claim_files, "BLOCK", 5)
    run(out="pieces.csv")
    assert Path("whole.csv").read_bytes() == Path("pieces.csv").read_bytes()


def test_a_skipped_row_changes_no_stay_and_no_family(place):
    plan = PLAN + "transfer_deductible: none\n"
    header = "person,stay,date,tier,billed,eligible,transferred"
    assert settled(plan, header, "A,S,2012-03-01,county,1000,1000,no", "B,S,2012-03-02,county,1000,1000,yes",
                   "A,S,2012-03-02,county,1000,9999,no", "A,S,2012-03-02,county,1000,1000,no", on_error="skip"
                   ) == ["490.00", "700.00"]
    assert [row["line"] for row in rows_of("out.bad.csv")] == ["3", "4"]


def test_a_data_frame_with_stays_is_settled_in_python(place):
    write(PLAN + "new_year: split\nreadmission_days: 15\n", "plan.yaml")
    claims = pd.DataFrame({"person": ["A", "A"], "admitted": pd.to_datetime(["2012-12-31", "2013-01-20"]),
                           "date": pd.to_datetime(["2013-01-09", "2013-01-22"]), "tier": "county", "billed": [1000.0, 1000.0],
                           "eligible": [1000.0, 1000.0]})
    assert simulator.settle(claims, plan="plan.yaml")["paid_basic"].tolist() == [490.0, 700.0]
