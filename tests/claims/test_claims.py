"""Claims files: what is read, what is settled, what is refused, and what a killed run leaves behind."""

from __future__ import annotations

import csv
import datetime
import json
import os
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from simulator.claims import files as claim_files
from simulator.claims.facts import of_numbers, of_texts
from simulator.claims.files import Block
from simulator.claims.outputs import money
from simulator.engine.doors import settle_file
from simulator.law.settle import settle_bill
from simulator.law.year import STATE, TRACE
from simulator.money import fen, yuan
from simulator.parameters.errors import InputError
from simulator.parameters.planfile import KEYS_OF_A_PLAN, read_plan
from simulator.parameters.plans import OTHER_KEYS, PLAN_KEYS, plan_of
from simulator.plan import pack
from simulator.slip.steps import Bill
from simulator.slip.words import LABELS
from simulator.tables import LEFT, PAYERS
from tests.support.command import fundsim

PLAN = """\
deductible: {county: ["300", "150", "0"], city: ["600"]}
ratio: {township: ["80"], county: ["70"], city: ["60"]}
annual_cap: "10000"
outpatient_ratio: {township: "40"}
listed: {childhood-leukaemia: full}
listed_ratio: {childhood-leukaemia: "70"}
"""
HEADER = "person,date,tier,billed,eligible"


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """An empty folder with a plan file, and the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    return tmp_path


def run(claims: str = "claims.csv", out: str = "out.csv", **options):
    """Settle a file of the working directory under plan.yaml."""
    chosen = {"region": None, "year": 2012, "scheme": "nrcms", "plan": Path("plan.yaml"), "level": None, "account_balance": None,
              "on_error": "refuse", "lang": "en", "force": True, **options}
    return settle_file(Path(claims), Path(out), **chosen)[0]


def write(text: str | bytes, name: str = "claims.csv") -> None:
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))


def rows_of(name: str = "out.csv") -> list[dict[str, str]]:
    with open(name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def column(name: str, file: str = "out.csv") -> list[str]:
    """A column's cells; a payer's by its name alone."""
    return [row[f"paid_{name}" if name in PAYERS else name] for row in rows_of(file)]


# --- what is settled ------------------------------------------------------------------------------


def test_the_columns_stay_and_eleven_payments_that_add_up_come_behind(place):
    write(f"{HEADER},remark\nA,2012-01-05,county,8000,6000,x\n")
    totals = run()
    (row,) = rows_of()
    assert list(row) == [*HEADER.split(","), "remark", *(f"paid_{payer}" for payer in PAYERS)]
    assert row["billed"] == "8000" and row["paid_basic"] == "3990.00" and row["paid_cash"] == "4010.00"
    assert sum(Decimal(row[f"paid_{payer}"]) for payer in PAYERS) == 8000
    assert (totals.rows, totals.settled, totals.persons, totals.billed) == (1, 1, 1, 800_000)


def test_a_persons_year_is_carried_over_rows_that_are_not_adjacent(place):
    write(f"{HEADER}\nA,2012-01-05,county,1000,1000\nB,2012-01-06,county,1000,1000\nA,2012-02-01,county,1000,1000\n"
          "A,2012-03-01,county,1000,1000\n")
    run()
    assert column("basic") == ["490.00", "490.00", "595.00", "700.00"]


def test_a_new_year_resets_the_state_and_the_same_day_does_not(place):
    write(f"{HEADER}\nA,2012-12-31,county,20000,20000\nA,2012-12-31,county,1000,1000\nA,2013-01-01,county,1000,1000\n")
    totals = run()
    assert column("basic") == ["10000.00", "0.00", "490.00"] and totals.years == {2012, 2013}


def test_a_year_is_carried_from_block_to_block(place, monkeypatch):
    write(HEADER + "\n" + "".join(f"P{n % 7},2012-01-01,county,{1000 + n},{900 + n}\n" for n in range(100)))
    run(out="whole.csv")
    monkeypatch.setattr(claim_files, "BLOCK", 3)
    run(out="pieces.csv")
    assert Path("whole.csv").read_bytes() == Path("pieces.csv").read_bytes()


def test_a_file_is_settled_as_the_rules_settle_bill_by_bill(place):
    rng = np.random.default_rng(3)
    terms = pack([plan_of({"ratio": {"county": ["60"]}, "ma_inpatient_ratio": {"dibao": "50"}, "annual_cap": "5000",
                           "commercial_ratio": "30", "cii_threshold": "500", "cii_ratio": ["50"], "tcm_bonus": "10",
                           "case_level": {"county": "90"}, "reference_price": "100"})])[0]
    write('ratio: {county: ["60"]}\nma_inpatient_ratio: {dibao: "50"}\nannual_cap: "5000"\ncommercial_ratio: "30"\n'
          'cii_threshold: "500"\ncii_ratio: ["50"]\ntcm_bonus: "10"\ncase_level: {county: "90"}\nreference_price: "100"\n',
          "plan.yaml")
    lines, wanted, states = [], [], {}
    for _ in range(200):
        who, billed = f"P{rng.integers(20)}", int(10 ** rng.uniform(2, 6))
        eligible = int(billed * rng.random())
        bill = Bill("county", billed, eligible, tcm=eligible // 3, new_drug=eligible // 2,
                    case_price=int(rng.integers(2)) * 400_000,
                    group=str(rng.choice(["none", "dibao"])), payment_area=bool(rng.integers(2)),
                    commercial=bool(rng.integers(2)))
        paid, trace = np.zeros(LEFT, dtype=np.int64), np.zeros(TRACE, dtype=np.int64)
        settle_bill(terms, states.setdefault(who, np.zeros(STATE, dtype=np.int64)), bill.facts(), paid, trace)
        wanted.append([yuan(amount) for amount in paid[:11]])
        lines.append(",".join([who, "county", yuan(billed), yuan(eligible), yuan(bill.tcm), yuan(bill.new_drug),
                               yuan(bill.case_price),
                               bill.group, "yes" if bill.payment_area else "no", "1" if bill.commercial else "0"]))
    write("person,tier,billed,eligible,tcm,new_drug,case_price,group,payment_area,commercial\n" + "\n".join(lines))
    run()
    assert [[row[f"paid_{payer}"] for payer in PAYERS] for row in rows_of()] == wanted


def test_the_in_scope_share_makes_the_in_scope_amount_half_up(place):
    write("person,tier,billed,in_scope\nA,township,0.25,50\nB,township,100,62.5%\n")
    run()
    assert column("basic") == ["0.10", "50.00"]                # 0.13 x 80% = 0.104; 62.50 x 80%


def test_an_amount_goes_before_a_share_and_one_of_them_must_be_there(place):
    write("person,tier,billed,eligible,in_scope\nA,township,100,50,90\nB,township,100,,90\n")
    run()
    assert column("basic") == ["40.00", "72.00"]
    write("person,tier,billed,eligible,in_scope\nA,township,100,,\n")
    with pytest.raises(InputError, match="neither eligible nor in_scope"):
        run()


def test_a_listed_illness_an_outpatient_visit_and_empty_cells_are_understood(place):
    write("person,kind,tier,billed,eligible,illness,units\n"
          "A,,city,1000,500,childhood-leukaemia,\nB,outpatient,township,100,100,none,1\n")
    run()
    assert column("listed") == ["350.00", "0.00"] and column("outpatient") == ["0.00", "40.00"]


def test_an_account_on_the_command_line_pays_until_it_is_empty(place):
    write("person,tier,billed,eligible\nA,city,100,100\nA,city,100,100\n")
    run(account_balance="150")
    assert column("account") == ["100.00", "50.00"]


# --- what is read ---------------------------------------------------------------------------------


CHINESE = "参保人,日期,类别,医院级别,医疗总费用,政策范围内费用,重大疾病,救助类别\n甲,2012/3/5,住院,县级,8000.00,6000.00,无,低保\n"


@pytest.mark.parametrize("raw", [CHINESE.encode(), b"\xef\xbb\xbf" + CHINESE.encode(), CHINESE.replace("\n", "\r\n").encode()],
                         ids=["plain", "byte-order mark", "CRLF"])
def test_chinese_headers_and_words_are_read_in_any_dress(place, raw):
    write(raw)
    run(lang="zh")
    (row,) = rows_of()
    assert row["参保人"] == "甲" and row[LABELS["basic"][1]] == "3990.00"
    assert Path("out.csv").read_bytes().startswith(b"\xef\xbb\xbf") and b"\r" not in Path("out.csv").read_bytes()


def test_gb18030_is_read_when_declared_and_named_when_not(place):
    write(CHINESE.encode("gb18030"))
    for declared in ("gb18030", None):
        assert run(encoding=declared).encoding == "gb18030" and column("basic") == ["3990.00"]
    with pytest.raises(InputError, match=r"claims.csv:1: not UTF-8: byte .*--encoding gb18030"):
        run(encoding="utf-8")


def test_quotes_commas_and_line_breaks_stay_and_formulas_become_text(place):
    write(f'{HEADER},remark\n'
          '"A,1",2012-01-05,county,"1000",1000,"=cmd|\'x\'!A1"\n"B ""b""",20120106,county,1000,1000,"two\nlines"\n')
    run()
    assert column("remark") == ["'=cmd|'x'!A1", "two\nlines"] and column("person") == ["A,1", 'B "b"']


def test_a_file_of_no_rows_gives_a_header_and_nothing(place):
    write(HEADER + "\n")
    totals = run()
    assert rows_of() == [] and Path("out.csv").read_text(encoding="utf-8-sig").count("\n") == 1 and totals.rows == 0


def test_empty_lines_are_no_rows(place):
    write(f"{HEADER}\n\nA,2012-01-05,county,1000,1000\n\n")
    assert run().rows == 1


@pytest.mark.parametrize("text", ["100000000.00", "0", "0.00", "12.3", "12.3400"])
def test_amounts_from_nothing_to_the_largest_bill_are_read(place, text):
    write(f"person,tier,billed,eligible\nA,county,{text},0\n")
    run()
    assert Decimal(column("cash")[0]) == Decimal(text)


def test_columns_of_other_names_are_declared(place):
    write("card,tier,sum,eligible\nA,county,1000,1000\n")
    run(columns=["person=card", "billed=sum"])
    assert column("basic") == ["490.00"]
    with pytest.raises(InputError, match="no column for person: 'cart'.*did you mean 'card'"):
        run(columns=["person=cart", "billed=sum"])
    with pytest.raises(InputError, match="--column: unknown name 'persn'.*did you mean 'person'"):
        run(columns=["persn=card"])


def test_a_column_with_almost_a_known_name_is_remarked_upon(place):
    write("person,tier,billed,eligible,ilness\nA,county,1000,1000,esrd\n")
    assert run().remarks == ["column 'ilness' is not read; did you mean 'illness'?"]


def test_parquet_is_read_and_written_with_exact_decimals(place):
    pq.write_table(pa.table({"person": ["A", "B"], "date": pa.array([15340, 15341], pa.date32()), "tier": ["county", "city"],
                             "billed": pa.array([Decimal("8000.10"), Decimal("1000.00")], pa.decimal128(12, 2)),
                             "eligible": pa.array([6000.25, 900.5]), "units": pa.array([1, 2], pa.int32()),
                             "unreferred": pa.array([True, None])}), "claims.parquet")
    run("claims.parquet", "out.parquet")
    table = pq.read_table("out.parquet")
    assert table.schema.field("paid_basic").type == pa.decimal128(18, 2)
    assert table.schema.field("billed").type == pa.decimal128(12, 2)
    for row in table.to_pylist():
        assert sum(row[f"paid_{payer}"] for payer in PAYERS) == row["billed"]
    run("claims.parquet", "out.csv")
    assert column("basic") == [str(amount) for amount in table.column("paid_basic").to_pylist()]
    write("person,tier,billed,eligible\nA,county,8000.10,6000.25\n")
    run("claims.csv", "back.parquet")
    assert pq.read_table("back.parquet").column("paid_basic").to_pylist() == [Decimal("3990.18")]


def test_negative_amounts_survive_the_way_into_decimals():
    assert money(np.array([-1, 0, 10**15, -12345])).to_pylist() == [
        Decimal("-0.01"), Decimal("0.00"), Decimal("10000000000000.00"), Decimal("-123.45")]


# --- what is refused ------------------------------------------------------------------------------


BAD_CELLS = [
    ("A,2012-01-05,conty,1000,1000", "tier: unknown word: 'conty'", "did you mean 'county'?"),
    ("A,2012-01-05,county,12a,1000", "billed: not a number: '12a'", "expected a number from 0"),
    ("A,2012-01-05,county,\"1,000\",1000", "billed: thousands separators in a number: '1,000'", "did you mean '1000'?"),
    ("A,2012-01-05,county,10.005,10", "billed: parts of a fen: '10.005'", "at most two decimals"),
    ("A,2012-01-05,county,100000000.01,10", "billed: out of range", "100000000"),
    ("A,2012-01-05,county,-5,0", "billed: takes back no bill of this file: '-5'", "a bill of the same person"),
    ("A,2012-01-05,county,,0", "billed: the number is empty", "a number from 0"),
    ("A,2012-01-05,county,nan,0", "billed: not a finite number", ""),
    ("A,2012-01-05,county,１０,0", "billed: full-width characters", "did you mean '10'?"),
    ("A,2012-01-05,county,10,10.01", "eligible: more than the bill: '10.01'",
     "at most 10.00"),
    ("A,2012-02-30,county,10,10", "date: no such day: '2012-02-30'", "a day of the calendar"),
    ("A,5 Jan,county,10,10", "date: not a date: '5 Jan'", "2012-03-05"),
    (" ,2012-01-05,county,10,10", "person: no person", "who the bill is of"),
    ("A,2012-01-05,county,10", "the row has '4 cells'", "5, as in the header"),
]


@pytest.mark.parametrize(("row", "said", "advice"), BAD_CELLS, ids=[said for _, said, _ in BAD_CELLS])
def test_a_bad_row_is_named_with_line_column_value_and_advice_and_leaves_nothing(place, row, said, advice):
    write(f"{HEADER}\nA,2012-01-01,county,1,1\n{row}\n")
    with pytest.raises(InputError) as refused:
        run()
    assert str(refused.value).startswith(f"claims.csv:3: {said}") and advice in str(refused.value), refused.value
    assert sorted(path.name for path in place.iterdir()) == ["claims.csv", "plan.yaml"]


def test_dates_that_go_backwards_within_a_person_are_refused_and_between_persons_are_not(place):
    write(f"{HEADER}\nA,2012-03-01,county,1,1\nB,2012-01-01,county,1,1\nA,2012-02-01,county,1,1\n")
    with pytest.raises(InputError, match="claims.csv:4: date: goes backwards within the person: '20120201'"):
        run()
    write("person,order,tier,billed,eligible\nA,2,county,1,1\nA,1,county,1,1\n")
    with pytest.raises(InputError, match="order: goes backwards"):
        run()


def test_the_line_of_a_bad_row_counts_line_breaks_inside_cells(place):
    write(f'{HEADER},remark\nA,2012-01-01,county,1,1,"a\nb"\nA,2012-01-01,conty,1,1,\n')
    with pytest.raises(InputError, match="claims.csv:4: tier"):
        run()


def test_at_most_twenty_faults_are_told_of(place):
    write(HEADER + "\n" + "A,2012-01-01,conty,1,1\n" * 50)
    with pytest.raises(InputError) as refused:
        run()
    assert len(refused.value.others) == 19


def test_skipped_rows_are_written_beside_and_change_nobodys_year(place):
    write(f"{HEADER}\nA,2012-01-01,county,1000,1000\nA,2012-01-02,county,1000,9999\nA,2012-01-02,county,1000\n"
          "A,2012-01-03,county,1000,1000\n")
    totals = run(on_error="skip")
    assert column("basic") == ["490.00", "595.00"] and (totals.rows, totals.settled, totals.refused) == (4, 2, 2)
    bad = rows_of("out.bad.csv")
    assert [row["line"] for row in bad] == ["3", "4"] and "more than the bill" in bad[0]["fault"] and bad[0]["eligible"] == "9999"
    write(f"{HEADER}\nA,2012-01-01,county,1000,1000\n")
    run(on_error="skip")
    assert not Path("out.bad.csv").exists()                     # what was refused before is not refused now


@pytest.mark.parametrize(("header", "said"), [
    ("person,tier,billed", "no column eligible in the header"), ("tier,billed,eligible", "no column person"),
    ("person,tier,billed,医疗总费用,eligible", "two columns for billed"),
    ("person,tier,billed,eligible,paid_cash", "'paid_cash'"),
    ("person tier billed eligible", "separate columns by commas"), ("", "the file is empty")])
def test_a_header_that_cannot_be_used_is_refused(place, header, said):
    write(header + "\n")
    with pytest.raises(InputError, match=said):
        run()


def test_quotes_that_do_not_pair_are_named(place):
    write(f'{HEADER}\n"A"x,2012-01-01,county,1,1\n')
    with pytest.raises(InputError, match="claims.csv:2: not CSV"):
        run()


@pytest.mark.parametrize(("claims", "out", "said"), [
    ("claims.csv", "claims.csv", "another file than the one that is read"), ("claims.csv", "out.ods", "--out: 'out.ods'"),
    ("claims.doc", "out.csv", "CLAIMS: 'claims.doc'"), ("nowhere.csv", "out.csv", "cannot read the claims file"),
    ("claims.csv", "nowhere/out.csv", "a file that can be written")])
def test_files_that_cannot_be_read_or_written_are_refused(place, claims, out, said):
    write(f"{HEADER}\nA,2012-01-01,county,1,1\n")
    with pytest.raises(InputError, match=said):
        run(claims, out)


@pytest.mark.parametrize("seed", range(3))
def test_numbers_are_read_as_the_texts_that_they_are_written_as(seed):
    draw = np.random.default_rng(seed)
    odd = [0.0, -0.0, 0.1 + 0.2, 0.285, 1e-7, -5.0, 1e6, 999999.99, 1e7, 12345678.91, np.nan, np.inf, 2.675, 8000.005]
    numbers = pa.array([None, *odd, *draw.integers(0, 10**8, 2000) / 100, *draw.integers(0, 10**6, 200) / 1000])
    values, unread = of_numbers(numbers)
    texts, not_fitting = of_texts(pc.fill_null(pc.cast(numbers, pa.string()), ""))
    assert (values[~unread] == texts[~unread]).all() and not not_fitting[~unread].any()        # what is taken is what is written
    below = pc.fill_null(pc.less(numbers, 1e6), False).to_numpy(zero_copy_only=False)
    assert (unread[below] == not_fitting[below]).all()          # and nothing else is left to be read singly


def test_days_of_every_type_and_texts_with_blanks_are_told_apart_and_read_as_text(place):
    days = [datetime.date(2012, 1, 1), datetime.date(2012, 1, 2), datetime.date(2012, 1, 1), None]
    for kind in (pa.date32(), pa.timestamp("s")):
        cells = [pa.array(days, pa.date32()).cast(kind), pa.array(["a ", "a", None, "b"])]
        block = Block(pa.record_batch(cells, names=["0", "1"]), np.arange(4), {})
        texts, places = block.different(0)
        assert [texts[int(n)].as_py()[:10] for n in places] == ["2012-01-01", "2012-01-02", "2012-01-01", ""]
        texts, places = block.different(1)
        assert [texts[int(n)].as_py() for n in places] == ["a", "a", "", "b"]


def test_a_file_that_is_no_parquet_is_refused(place):
    write("x", "claims.parquet")
    with pytest.raises(InputError, match="claims.parquet: not a Parquet file"):
        run("claims.parquet")


# --- plan files -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "said"), [
    ("anual_cap: 5\n", "plan.yaml:1:1: unknown plan key 'anual_cap'; .*did you mean 'annual_cap'"),
    ("annual_cap: 5,000\n", "plan.yaml:1:13: thousands separators"), ("factor: '100.001'\n", "plan.yaml:1:9: too fine"),
    ("ratio: {conty: ['1']}\n", "plan.yaml:1:9: unknown tier 'conty'; .*did you mean 'county'"),
    ("ratio: {county: ['70', '80']}\n", "plan.yaml:1:17: ratios for '2 bands'; expected 1"),
    ("band_tops: ['5', '3']\n", "plan.yaml:1:18: the bands do not rise"), ("listed: {esrd: ful}\n", "did you mean 'full'"),
    ("cii_threshold: '1'\ncii_tops: ['2']\n", "plan.yaml:2:11: ratios for '1 bands'; expected 2"),
    ("chronic_list: ja\n", "not a flag"), ("quota: {esrd: '1000000000'}\n", "out of range"),
    ("band_tops: ['1', '2', '3', '4', '5', '6', '7', '8']\n", "too many values: '8'; expected at most 7")])
def test_a_plan_file_is_read_with_care(place, text, said):
    write(text, "plan.yaml")
    with pytest.raises(InputError, match=said):
        read_plan(Path("plan.yaml"))


def test_the_example_of_a_plan_is_one_and_the_reader_knows_every_key_of_the_law():
    example = Path(__file__).parents[2] / "docs" / "plan-example.yaml"
    plan = read_plan(example).plan
    neutral = plan_of({})
    assert all(np.array_equal(getattr(plan, name), getattr(neutral, name)) for name in plan._fields)
    assert tuple(KEYS_OF_A_PLAN) == (*PLAN_KEYS, *OTHER_KEYS)


# --- the command ----------------------------------------------------------------------------------


def test_the_command_prints_totals_as_text_and_as_json(place):
    write(f"{HEADER}\nA,2012-01-05,county,8000,6000\nB,2012-01-05,county,0.10,0.10\n")
    plain = fundsim("settle", "claims.csv", "--plan", "plan.yaml", "--out", "out.csv")
    assert plain.code == 0 and "rows settled\t2" in plain.out and "Billed\t8000.10" in plain.out
    data = json.loads(fundsim("settle", "claims.csv", "--plan", "plan.yaml", "--out", "o.json.csv", "--json").out)
    assert data["billed"] == "8000.10" and sum(Decimal(data[payer]) for payer in PAYERS) == Decimal("8000.10")
    assert "统筹基金支付\t3990.00" in fundsim("settle", "claims.csv", "--plan", "plan.yaml", "--out", "o.csv", "--lang", "zh").out


def test_the_command_refuses_a_bad_row_with_exit_code_2_and_skips_it_with_0(place):
    write(f"{HEADER}\nA,2012-01-05,county,8000,6000\nA,2012-01-06,conty,1,1\n")
    said = fundsim("settle", "claims.csv", "--plan", "plan.yaml", "--out", "out.csv")
    assert said.code == 2 and said.err.startswith("error: claims.csv:3: tier:") and not Path("out.csv").exists()
    said = fundsim("settle", "claims.csv", "--plan", "plan.yaml", "--out", "out.csv", "--on-error", "skip")
    assert said.code == 0 and "refused rows: out.bad.csv" in said.out and len(rows_of()) == 1


def test_a_run_that_is_killed_leaves_no_output(place):
    write(HEADER + "\n" + "A,2012-01-05,county,8000,6000\n" * 600_000)
    run_it = subprocess.Popen([sys.executable, "-m", "simulator.cli", "settle", "claims.csv", "--plan", "plan.yaml",
                               "--out", "out.csv"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=place,
                              env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
    deadline = time.monotonic() + 60
    while not list(place.glob(".partial-*")) and time.monotonic() < deadline and run_it.poll() is None:
        time.sleep(0.01)
    assert run_it.poll() is None, "it ended before it could be killed"
    run_it.kill()
    run_it.wait()
    assert not Path("out.csv").exists() and not Path("out.bad.csv").exists()


def test_totals_of_a_file_are_the_sums_of_its_columns(place):
    rng = np.random.default_rng(1)
    write(HEADER + "\n" + "".join(f"P{rng.integers(9)},2012-01-01,county,{yuan(b)},{yuan(b // 2)}\n"
                                  for b in rng.integers(0, 10**7, 500).tolist()))
    totals = run()
    assert [sum(fen(cell) for cell in column(payer)) for payer in PAYERS] == totals.paid
    assert sum(totals.paid) == totals.billed
