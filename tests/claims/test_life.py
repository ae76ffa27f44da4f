"""The life of a claim: taken back, corrected, there twice, out of order, outside insurance, begun before the file, weighted."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simulator.parameters.errors import InputError
from simulator.tables import PAYERS
from tests.claims.test_claims import column, place, rows_of, run, write  # noqa: F401  (a fixture)
from tests.support.command import fundsim

pytestmark = pytest.mark.usefixtures("place")
HEADER = "person,date,tier,billed,eligible"
NUMBERED = f"claim,original,{HEADER}"


def settle(header: str, *rows: str, **options):
    write("\n".join((header, *rows)) + "\n")
    return run(**options)


# --- taken back and corrected -----------------------------------------------------------------------


def test_a_bill_that_is_taken_back_leaves_no_trace_and_its_payments_are_taken_back():
    totals = settle(HEADER, "A,2012-01-05,county,8000,6000", "A,2012-01-09,county,1000,1000", "A,2012-01-12,county,-8000,-6000",
                    "A,2012-02-01,county,1000,1000")
    assert column("basic") == ["3990.00", "490.00", "-3990.00", "595.00"]
    assert column("cash")[2] == "-4010.00" and totals.billed == 200_000 and totals.done["billed", "taken back"] == 1
    assert sum(totals.paid) == totals.billed


def test_a_number_says_which_of_several_bills_is_taken_back_and_without_one_it_is_in_doubt():
    rows = ["C1,,A,2012-01-05,county,500,500", "C2,,A,2012-01-06,county,500,500"]
    settle(NUMBERED, *rows, "C3,C1,A,2012-01-07,county,-500,-500")
    assert column("basic") == ["140.00", "140.00", "-140.00"]
    settle(NUMBERED, *rows, "C2,,A,2012-01-07,county,-500,-500")
    assert column("basic") == ["140.00", "245.00", "-245.00"]
    with pytest.raises(InputError, match=r"claims.csv:4: billed: takes back one of several bills \(lines 2, 3\)"):
        settle(NUMBERED, *rows, "C3,,A,2012-01-07,county,-500,-500")
    totals = settle(NUMBERED, *rows, "C3,,A,2012-01-07,county,-500,-500", lenient=True)
    assert column("basic") == ["140.00", "245.00", "-245.00"] and totals.done["billed", "latest"] == 1


@pytest.mark.parametrize(("row", "said"), [
    ("C9,,B,2012-01-07,county,-500,-500", "takes back no bill of this file"),
    ("C9,,A,2012-01-07,county,-400,-400", "takes back no bill of this file"),
    ("C9,,A,2012-01-01,county,-500,-500", "takes back no bill of this file"),
    ("C9,C7,A,2012-01-07,county,-500,-500", "no bill of this number and person"),
    ("C9,C1,B,2012-01-07,county,-500,-500", "no bill of this number and person"),
    ("C9,C1,A,2012-01-07,county,-400,-400", "not what the bill of line 2 came to"),
    ("C9,C1,A,2012-01-07,county,-500,500", "out of range"), ("C9,C7,A,2012-01-07,county,400,400", "no bill of this number")])
def test_what_takes_back_or_corrects_nothing_that_is_there_is_refused(row, said):
    with pytest.raises(InputError, match=f"claims.csv:3: .*{said}"):
        settle(NUMBERED, "C1,,A,2012-01-05,county,500,500", row)


def test_a_flag_tells_a_row_that_takes_back_with_amounts_above_0():
    header = f"{HEADER},冲销标志"
    settle(header, "A,2012-01-05,county,500,500,0", "A,2012-01-05,county,500,500,1", "A,2012-02-05,county,500,500,否")
    assert column("basic") == ["140.00", "-140.00", "140.00"]
    settle(header, "A,2012-01-05,county,500,500,1", "A,2012-01-05,county,-500,-500,1", "A,2012-02-05,county,500,500,0")
    assert column("basic") == ["140.00", "-140.00", "140.00"]                      # both rows of the pair flagged
    with pytest.raises(InputError, match="takes back no bill of this file"):
        settle(header, "A,2012-01-05,county,500,500,1")


def test_a_correction_stands_in_the_place_of_the_bill_that_it_names():
    totals = settle(NUMBERED, "C1,,A,2012-01-05,county,8000,6000", "C2,C1,A,2012-01-05,county,7000,5000",
                    "C3,,A,2012-02-01,county,1000,1000")
    assert column("basic") == ["3290.00", "595.00"] and (totals.rows, totals.settled, totals.left_out) == (3, 2, 1)
    (left,) = rows_of("out.left-out.csv")
    assert left["line"] == "2" and left["fault"] == "a later row replaces it" and left["claim"] == "C1"
    with pytest.raises(InputError, match="replaced already"):
        settle(NUMBERED, "C1,,A,2012-01-05,county,8,6", "C2,C1,A,2012-01-05,county,7,5", "C3,C1,A,2012-01-05,county,7,4")


def test_a_bill_whose_original_is_refused_cannot_be_taken_back():
    totals = settle(HEADER, "A,2012-02-05,county,500,500", "A,2012-01-05,county,300,300", "A,2012-02-06,county,-300,-300",
                    on_error="skip")
    told = ["of line 3, which is refused" in row["fault"] for row in rows_of("out.bad.csv")]
    assert totals.settled == 1 and told == [False, True]


# --- twice, and out of order ------------------------------------------------------------------------


def test_a_claim_number_twice_is_refused_or_settled_once():
    rows = ["C1,,A,2012-01-05,county,8000,6000", "C1,,A,2012-01-05,county,7000,5000"]
    with pytest.raises(InputError, match="claims.csv:3: claim: the claim of line 2 again: 'C1'; .*--repeated"):
        settle(NUMBERED, *rows)
    for which, paid, line in (("first", "3990.00", "3"), ("last", "3290.00", "2")):
        totals = settle(NUMBERED, *rows, repeated=which)
        assert column("basic") == [paid] and totals.done["claim", f"repeated {which}"] == 1
        assert rows_of("out.left-out.csv")[0]["line"] == line


def test_a_number_twice_is_found_over_blocks(monkeypatch):
    from simulator.claims import files
    monkeypatch.setattr(files, "BLOCK", 2)
    rows = [f"C{n},,A,2012-01-05,county,100,100" for n in range(9)]
    assert settle(NUMBERED, *rows).settled == 9
    with pytest.raises(InputError, match="claims.csv:11: claim: the claim of line 4 again"):
        settle(NUMBERED, *rows, "C2,,A,2012-01-05,county,100,100")


def test_bills_out_of_order_are_refused_with_the_day_before_and_sorted_when_told():
    rows = ["A,2012-05-10,county,8000,6000", "B,2012-01-01,county,1000,1000", "A,2012-03-10,county,8000,6000"]
    with pytest.raises(InputError,
                       match="claims.csv:4: date: goes backwards within the person: '20120310'; .*20120510.*--sort"):
        settle(HEADER, *rows)
    totals = settle(HEADER, *rows, sort=True)
    assert column("basic") == ["4095.00", "490.00", "3990.00"] and totals.done == {("date", "sorted"): 1}


def test_the_order_of_rows_and_the_size_of_blocks_change_no_payment_of_sorted_bills(monkeypatch):
    from simulator.claims import files
    rng = random.Random(7)
    rows = [f"P{rng.randrange(9)},2012-{rng.randrange(1, 13):02d}-{n % 28 + 1:02d},county,{1000 + n},{900 + n}"
            for n in range(80)]
    rows = list({tuple(row.split(",")[:2]): row for row in rows}.values())         # one bill a person and day
    settle(HEADER, *rows, sort=True)
    wanted = {(row["person"], row["date"]): row["paid_basic"] for row in rows_of()}
    monkeypatch.setattr(files, "BLOCK", 7)
    rng.shuffle(rows)
    settle(HEADER, *rows, sort=True)
    assert {(row["person"], row["date"]): row["paid_basic"] for row in rows_of()} == wanted


# --- insurance, what was before, weights ------------------------------------------------------------


def test_a_bill_of_a_day_without_insurance_is_the_patients_and_uses_up_nothing():
    totals = settle(f"{HEADER},insured_from,insured_until", "A,2012-03-10,county,6000,6000,2012-07-01,9999-12-31",
                    "A,2012-08-10,county,6000,6000,2012-07-01,", "A,2012-09-10,county,6000,6000,,2012-08-31")
    assert column("basic") == ["0.00", "3990.00", "0.00"] and column("cash") == ["6000.00", "2010.00", "6000.00"]
    assert totals.done["", "uninsured"] == 2
    with pytest.raises(InputError, match="insured_until: before the first day insured"):
        settle(f"{HEADER},insured_from,insured_until", "A,2012-03-10,county,1,1,2012-07-01,2012-06-30")


def test_a_bill_without_insurance_is_taken_back_corrected_and_settled_once_as_others_are():
    header, day = f"{NUMBERED},insured_from", "2012-03-10,county,600,600,2012-07-01"
    totals = settle(header, f"C1,,A,{day}", f"C2,C1,A,{day.replace('600,600', '-600,-600')}", f"D1,,B,{day}",
                    f"D2,D1,B,{day.replace('600,600', '700,700')}", f"E1,,D,{day}", f"E1,,D,{day}", repeated="first")
    assert column("cash") == ["600.00", "-600.00", "700.00", "600.00"]
    assert (totals.settled, totals.left_out, totals.billed) == (4, 2, 130_000)


def test_what_a_year_held_before_the_file_holds_too_where_the_first_bill_is_taken_back():
    settle(f"{HEADER},opening_paid", "A,2012-09-10,county,1000,1000,9900", "A,2012-09-11,county,-1000,-1000,",
           "A,2012-10-10,county,1000,1000,")
    assert column("basic") == ["100.00", "-100.00", "100.00"]


def test_a_year_that_began_before_the_file_goes_on():
    header = f"{HEADER},opening_paid,opening_admissions"
    totals = settle(header, "A,2012-09-10,county,8000,8000,9000,2", "A,2012-10-10,county,8000,8000,1,1",
                    "B,2012-09-10,county,1000,1000,,",
                    "A,2013-01-10,county,1000,1000,5000,3")
    assert column("basic") == ["1000.00", "0.00", "490.00", "490.00"]        # a cap of 10,000; the third deductible is 0
    assert totals.done["", "opened"] == 1
    with pytest.raises(InputError, match="without one of days"):
        settle("person,tier,billed,eligible,opening_paid", "A,county,1,1,1")


def test_weights_make_exact_sums_beside_the_plain_ones():
    totals = settle(f"{HEADER},weight", "A,2012-01-05,county,0.15,0,0.5", "B,2012-01-05,county,1000,1000,",
                    "D,2012-01-05,county,10,0,1.2345")
    said = totals.as_dict()
    assert said["weighted"]["billed"] == "1012.42" and said["weighted"]["basic"] == "490.00"       # 0.075 + 1000 + 12.345
    assert sum(Decimal(said["weighted"][payer]) for payer in PAYERS) == Decimal("1012.42")


# --- rows, files, slips -----------------------------------------------------------------------------


def test_every_row_is_settled_refused_or_left_out():
    totals = settle(NUMBERED, "C1,,A,2012-01-05,county,500,500", "C1,,A,2012-01-05,county,500,500",
                    "C3,,B,2012-01-05,conty,1,1",
                    ",,,,,,", "C4,,C,2012-01-05,county,7,7", "C5,C4,C,2012-01-05,county,-7,-7", repeated="first",
                    on_error="skip")
    assert (totals.rows, totals.settled, totals.refused, totals.left_out) == (5, 3, 1, 1)
    assert len(rows_of()) + len(rows_of("out.bad.csv")) + len(rows_of("out.left-out.csv")) == totals.rows


def test_parquet_of_a_file_with_bills_taken_back_is_written_whole():
    pq.write_table(pa.table({"person": ["A", "A"], "date": ["2012-01-05", "2012-01-06"], "tier": ["county"] * 2,
                             "billed": [8000.0, -8000.0], "eligible": [6000.0, -6000.0]}), "claims.parquet")
    run("claims.parquet", "out.parquet")
    assert [str(paid) for paid in pq.read_table("out.parquet").column("paid_basic").to_pylist()] == ["3990.00", "-3990.00"]


def test_the_slip_of_a_row_is_that_of_its_place_in_the_year():
    write(f"{HEADER}\nA,2012-01-05,county,8000,6000\nA,2012-02-05,county,1000,1000\n")
    said = fundsim("settle", "claims.csv", "--plan", "plan.yaml", "--out", "out.csv", "--explain-row", "3")
    assert said.code == 0 and "150.00" in said.out and "595.00" in said.out and "300.00" not in said.out
    said = fundsim("settle", "claims.csv", "--plan", "plan.yaml", "--out", "out2.csv", "--explain-row", "9")
    assert said.code == 2 and "no bill that is settled in line" in said.err and not Path("out2.csv").exists()
