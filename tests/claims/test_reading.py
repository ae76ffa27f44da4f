"""Any real file in: encodings, spreadsheets, days, amounts and names as people write them, taken, counted or refused."""

from __future__ import annotations

import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from simulator.claims.cells import RowFault, amount, day, read_cell, tidy_amount, tidy_count, tidy_day
from simulator.claims.identities import tidy_identities
from simulator.claims.text import garbled
from simulator.parameters.errors import InputError
from tests.claims.test_claims import column, place, rows_of, run, write  # noqa: F401  (a fixture)
from tests.support.workbook import write_workbook

pytestmark = pytest.mark.usefixtures("place")
CHINESE = "参保人,出院日期,医院级别,医疗总费用,政策范围内费用,姓名\n甲,2012-03-05,县级,8000.00,6000.00,张三\n"
ROW = "P,2012-03-05,county,8000,6000\n"
HEADER = "person,date,tier,billed,eligible\n"


def lenient(cell: str, read, tidy) -> tuple[int, tuple[str, ...]]:
    return read_cell(cell, read, tidy, True, None)


# --- encodings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_the_encoding_and_the_ends_of_lines_are_found(encoding, end):
    write(CHINESE.replace("\n", end).encode(encoding))
    run()
    assert column("basic") == ["3990.00"] and column("姓名") == ["张三"]


@pytest.mark.parametrize("separator", ["\t", ";", "|"])
def test_what_stands_between_cells_is_found_by_the_header(separator):
    write(CHINESE.replace(",", separator).encode("utf-16") if separator == "\t" else CHINESE.replace(",", separator))
    run()
    assert column("basic") == ["3990.00"]


def test_a_declared_encoding_that_the_bytes_contradict_is_refused_and_no_name_is_harmed():
    for raw, declared, said in ((CHINESE.encode(), "gb18030", "expected utf-8"), (CHINESE.encode("utf-16"), "gb18030",
                                                                                  "utf-16"),
                                (CHINESE.encode("gb18030"), "utf-8", "not UTF-8"), (HEADER.encode(), "utf-16", "not UTF-16")):
        write(raw)
        with pytest.raises(InputError, match=said):
            run(encoding=declared)
        assert not Path("out.csv").exists()


def test_a_file_of_another_encoding_is_refused_with_its_line_and_never_written_as_other_characters():
    for raw in ("醫院級別,醫療總費用,政策範圍內費用,姓名\n".encode("big5"), HEADER.encode() + "Zoë Müller".encode("latin-1")):
        write(raw)
        with pytest.raises(InputError, match="claims.csv:[12]: neither UTF-8 nor "):
            run()


def test_titles_that_were_read_in_a_wrong_encoding_before_are_told():
    harmed = "姓名".encode().decode("gb18030")
    assert garbled(harmed) == "姓名" and garbled("姓名") == garbled("name") == garbled("Zoë") == ""
    write(f"person,tier,billed,eligible,{harmed}\nP,county,1,1,x\n")
    with pytest.raises(InputError, match="wrong encoding.*'姓名'"):
        run()


# --- spreadsheets and what stands around a table ----------------------------------------------------


def test_a_workbook_is_read_with_its_title_days_empty_rows_and_total():
    write_workbook(Path("claims.xlsx"), {"说明": [["2012年住院结算明细表"]], "明细": [
        ["2012年住院结算明细表"], [], ["参保人", "出院日期", "医院级别", "医疗总费用", "政策范围内费用"],
        ["甲", datetime.date(2012, 3, 5), "县级", 8000, 6000.5], [], ["乙", "2012-03-06", "县级", "1000.00", 1000],
        ["合计", None, None, 9000, 7000.5]]})
    totals = run("claims.xlsx")
    assert column("basic") == ["3990.35", "490.00"] and column("出院日期") == ["2012-03-05", "2012-03-06"]
    assert totals.rows == 2 and totals.persons == 2 and totals.done == {("", "empty rows"): 1, ("", "total rows"): 1}


def test_one_sheet_of_several_is_named():
    sheet = [HEADER.strip().split(","), ["P", "2012-03-05", "county", 8000, 6000]]
    write_workbook(Path("claims.xlsx"), {"一": sheet, "二": [*sheet, ["P", "2012-04-05", "county", 8000, 6000]]})
    with pytest.raises(InputError, match="several sheets.*一, 二"):
        run("claims.xlsx")
    assert run("claims.xlsx", sheet="二").rows == 2
    with pytest.raises(InputError, match="--sheet: '三'"):
        run("claims.xlsx", sheet="三")
    write("nothing", "claims.xlsx")
    with pytest.raises(InputError, match="not a workbook"):
        run("claims.xlsx")


def test_a_number_of_which_a_spreadsheet_lost_digits_is_nobody():
    row = [320102199001011234.0, "2012-03-05", "county", 8000, 6000]
    write_workbook(Path("claims.xlsx"), {"明细": [HEADER.strip().split(","), row]})
    with pytest.raises(InputError, match="claims.xlsx:2: person: a number that lost its digits"):
        run("claims.xlsx")


def test_titles_above_the_header_empty_rows_and_totals_of_csv_are_left_out_and_lines_stay_right():
    write(f"2012年结算明细,,,,\n单位:元,,,,\n{HEADER}{ROW},,,,\n合计,,,8000,6000\n制表:王五,,,,\nQ,2012-03-06,conty,1,1\n")
    totals = run(on_error="skip")
    assert (totals.rows, totals.settled) == (2, 1) and rows_of("out.bad.csv")[0]["line"] == "8"
    assert totals.done == {("", "empty rows"): 1, ("", "total rows"): 2}
    assert [row["line"] for row in rows_of("out.left-out.csv")] == ["6", "7"]
    assert run(header_line=3, on_error="skip").settled == 1


def test_a_total_with_a_persons_number_is_a_row_of_its_own():
    write(f"{HEADER}{ROW}合计,2012-03-06,county,1,1\n{ROW}")
    assert run().rows == 2


def test_empty_cells_behind_the_header_count_for_nothing():
    write(HEADER + ROW.replace("\n", ",,\n") + ROW)
    assert run().settled == 2


# --- days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cell", "kind"), [
    ("2012年3月5日", "chinese"), ("2012.3.5", "dots"), ("20120305083000", "stamp"), ("201203050830", "stamp"),
    ("40973", "serial"), ("２０１２-０３-０５", "wide"), ("2012-03-05T08:30:00Z", "zone"), ("2012-03-05 08:30:00+08:00",
                                                                                    "zone"),
    ("5-Mar-2012", "month"),
    ("2012年03月05日 08:30", "chinese"), ("20120305.0", "stamp"), ("2012-3-5 8:30:15 AM", "time")])
def test_a_day_without_doubt_is_taken_when_told_and_proposed_when_not(cell, kind):
    value, done = lenient(cell, day, tidy_day)
    assert value == 20120305 and kind in done
    with pytest.raises(RowFault) as fault:
        read_cell(cell, day, tidy_day, False, None)
    assert fault.value.suggestion == "2012-03-05" and "--lenient" in (fault.value.next_step or "")


@pytest.mark.parametrize("cell", ["2012-03-05", "2012/3/5", "20120305", "2012-03-05 08:30", "2012-03-05T23:59:59.999"])
def test_a_day_in_the_usual_spellings_needs_no_telling(cell):
    assert read_cell(cell, day, tidy_day, False, None) == (20120305, ())


@pytest.mark.parametrize(("cell", "said"), [
    ("2011-12-28 至 2012-01-05", "span of days"), ("2011-12-28~2012-01-05", "span of days"), ("20111228-20120105",
                                                                                             "span of days"),
    ("2011-12-28 2012-01-05", "span of days"), ("201203", "a day is missing"), ("2012年3月", "a day is missing"),
    ("2012", "a day is missing"), ("2012-03", "a day is missing"), ("03/05/2012", "order of day, month and year"),
    ("3-5-12", "order of day, month and year"), ("2012-02-30", "no such day"), ("20121301", "no such day"),
    ("3000-01-01", "no day of a bill"), ("1900-01-01", "no day of a bill"), ("9999-12-31", "no day of a bill"),
    ("soon", "not a date"), ("2012-03-05 x", "not a date"), ("", "not a date"), ("2012-03-05 25:00", "not a date")])
def test_a_day_in_doubt_is_refused_told_or_not(cell, said):
    for told in (False, True):
        with pytest.raises(RowFault) as fault:
            read_cell(cell, day, tidy_day, told, None)
        assert said in fault.value.problem, fault.value.problem


def test_a_day_of_which_the_order_is_not_known_is_refused_with_its_readings():
    with pytest.raises(RowFault) as fault:
        lenient("03/05/2012", day, tidy_day)
    assert fault.value.suggestion == "2012-05-03 or 2012-03-05"
    assert tidy_day("03/05/2012", "dmy")[0] == "2012-05-03" and tidy_day("03/05/2012", "mdy")[0] == "2012-03-05"
    assert tidy_day("12-3-5", "ymd")[0] == "2012-03-05"


# --- amounts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cell", "fen", "kind"), [
    ("1,234.50", 123450, "separators"), ("1 234.50", 123450, "separators"), ("¥1234.5", 123450, "currency"),
    ("￥1,234.50", 123450, "currency"), ("1234.50元", 123450, "currency"), ("１２３４．５０", 123450, "wide"),
    ("1234.5000000001", 123450, "dust"), ("0.30000000000000004", 30, "dust"), ("9.094947017729282e-13", 0, "dust"),
    ("1234.4999", 123450, "rounded"), ("0.005", 1, "rounded"), ("0.0049", 0, "rounded"), ("+5", 500, "plus"), ("007.50", 750,
                                                                                                               "zeros"),
    (".5", 50, "point"), ("5.", 500, "point"), ("(5.00)", -500, "accounting"), ("5.00-", -500, "accounting"),
    ("'5.00", 500, "guard"),
    ("-1,234.50", -123450, "separators")])
def test_an_amount_without_doubt_is_taken_when_told_and_proposed_when_not(cell, fen, kind):
    value, done = lenient(cell, amount, tidy_amount)
    assert value == fen and kind in done
    with pytest.raises(RowFault) as fault:
        read_cell(cell, amount, tidy_amount, False, None)
    assert "--lenient" in (fault.value.next_step or "")


@pytest.mark.parametrize("cell", ["1.234,50", "1234,50", "12,34.50", "1,2345", "1.2E+05", "$5", "€5", "5万", "1.2.3", "5-3",
                                  "--5", "- 5",
                                  "1e5", "0x10", "inf", "nan5", "५", "5%"])
def test_an_amount_in_doubt_is_refused_told_or_not(cell):
    for told in (False, True):
        with pytest.raises(RowFault):
            read_cell(cell, amount, tidy_amount, told, None)


def test_what_was_taken_is_counted_by_column_and_kind_in_both_languages(capsys):
    from simulator.claims.totals import print_totals
    write(f'{HEADER}P,2012年3月5日,county,"8,000.00",6000\nP,2012年3月6日,county,"1,000.00",1000.0000001\n')
    with pytest.raises(InputError, match="did you mean '2012-03-05'; --lenient takes it so|--lenient takes it so"):
        run()
    totals = run(lenient=True)
    assert totals.done == {("billed", "separators"): 2, ("date", "chinese"): 2, ("eligible", "dust"): 1}
    for lang, words in (("en", "billed: thousands separators left out\t2"), ("zh", "date: 中文日期\t2")):
        print_totals(totals, Path("out.csv"), lang)
        assert words in capsys.readouterr().out


def test_counts_words_and_words_for_nothing_are_tidied():
    assert tidy_count("5天") == ("5", ("unit",)) and tidy_count("5.0") == ("5", ("point",))
    write("person,tier,billed,eligible,days,illness\nP,县级 ,8000,6000,5.0,NULL\nQ,ｃｏｕｎｔｙ,8000,6000,NaN,\n")
    totals = run(lenient=True)
    assert column("basic") == ["3990.00", "3990.00"]
    assert totals.done == {("tier", "wide"): 1, ("days", "point"): 1, ("days", "empty"): 1, ("illness", "empty"): 1}


# --- persons ----------------------------------------------------------------------------------------


def test_one_person_written_in_several_ways_is_one_and_counted():
    names = ["320102199001011234", "'320102199001011234", '="320102199001011234"', "３２０１０２１９９００１０１１２３４",
             "320102199001011234\u200b", "''320102199001011234"]
    rows = "".join('"{}",2012-01-{:02d},county,8000,8000\n'.format(name.replace('"', '""'), n) for n, name in enumerate(names, 1))
    write(HEADER + rows)
    totals = run()
    assert totals.persons == 1 and totals.done["person", "guard"] == 3 and totals.done["person", "wide"] == 1
    assert column("basic") == ["5390.00", "4610.00", "0.00", "0.00", "0.00", "0.00"]             # an annual cap of 10,000
    assert "'=\"320102199001011234\"" in column("person")


def test_leading_zeros_and_other_letters_tell_persons_apart_and_the_check_letter_does_not():
    names, done, wrong = tidy_identities(pa.array(["007", "7", "a", "A", "32010219900101123x", "e\u0301", "\u00e9"]), True)
    assert names.to_pylist() == ["007", "7", "a", "A", "32010219900101123X", "\u00e9", "\u00e9"] and not wrong
    assert done == {"check letter": {4}, "composed": {5}}


@pytest.mark.parametrize("name", ["3.20102E+17", "1e+17", "1.5E17", "320102199001011234.0", "1001.0", "", "NULL", "nan",
                                  "None", "N/A",
                                  "3201****1234", "张\ufffd", "锟斤拷"])
def test_a_name_under_which_people_would_be_merged_is_refused(name):
    _, _, wrong = tidy_identities(pa.array(["P1", name]), True)
    assert list(wrong) == [1]


def test_families_stays_and_claims_without_a_name_are_none():
    names, done, wrong = tidy_identities(pa.array(["", "NULL", "'1"]), False)
    assert names.to_pylist() == ["", "", "1"] and done == {"empty": {1}, "guard": {2}} and not wrong
