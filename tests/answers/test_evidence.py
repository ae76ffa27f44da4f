"""Files of published figures: what they hold, and what is refused by line and column."""

import datetime

import pytest

from simulator.answers.evidence import UNITS_OF_MEASURES, published_path, read_figures
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions

HEADER = "region,scheme,year,measure,unit,published,error,source,kind,fitted,status,known_from,remark\n"
ROW = "national,nrcms,2012,revenue,1e8 CNY,2484.7,50,a bulletin,figure,no,estimate,2013-06-30,"


def written(tmp_path, *rows, header=HEADER):
    file = tmp_path / "figures.csv"
    file.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    return file


def test_every_figure_of_the_package_has_an_error_above_that_of_its_rounding_and_a_day():
    for figure in read_figures(regions=load_regions()):
        if figure.kind == "none":
            assert figure.remark and figure.known_from is None
        else:
            digits = len(f"{figure.value:.10f}".rstrip("0").partition(".")[2])
            assert figure.error >= 0.99 * 0.5 * 10.0 ** -digits / 3 ** 0.5, figure
            assert figure.source and figure.known_from and figure.error_basis, figure


def test_the_package_s_file_has_its_lines_in_one_order():
    lines = published_path().read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(set(lines)) and len(read_figures()) == len(lines) - 1


def test_a_figure_in_another_unit_is_converted_with_its_error(tmp_path):
    row = ROW.replace("1e8 CNY,2484.7,50", "1e4 yuan,24847000,500000")
    figure, = read_figures(written(tmp_path, row))
    assert (figure.unit, round(figure.value, 9), round(figure.error, 9)) == ("1e8 CNY", 2484.7, 50)


def test_a_row_needs_no_more_than_the_needed_columns(tmp_path):
    figure, = read_figures(written(tmp_path, "national,nrcms,2013,revenue,1e8 CNY,2972.5,30,a yearbook",
                                   header="region,scheme,year,measure,unit,published,error,source\n"))
    assert (figure.kind, figure.fitted, figure.status, figure.known_from) == ("figure", "no", "statistic", None)
    assert not figure.known_by(datetime.date(2030, 1, 1))


def test_chinese_names_are_read(tmp_path):
    figure, = read_figures(written(tmp_path, ROW.replace("national,nrcms", "全国,新农合")), load_regions())
    assert (figure.region, figure.scheme) == ("national", "nrcms")


@pytest.mark.parametrize("old, new, word, column", [
    ("2012", "1912", "unknown year", 16), ("2012", "next", "unknown year", 16),
    ("revenue", "revenu", "unknown measure 'revenu'.*did you mean 'revenue'", 21),
    ("1e8 CNY", "bushel", "unknown unit 'bushel'", 29), ("2484.7", "much", "published: 'much'", 37),
    (",50,", ",,", "no error stated", 44), (",50,", ",0,", "error: '0'", 44), (",50,", ",nan,", "error: 'nan'", 44),
    ("a bulletin", "", "no source stated", 47), ("nrcms", "nrcm", "unknown scheme 'nrcm'", 10),
    ("national", "atlantis", "unknown region 'atlantis'", 1), ("2013-06-30", "soon", "known_from: 'soon'", None),
    ("estimate", "rumour", "status: 'rumour'", None), ("figure", "guess", "kind: 'guess'", None)])
def test_a_bad_row_is_refused_with_line_and_column(tmp_path, old, new, word, column):
    with pytest.raises(InputError, match=word) as caught:
        read_figures(written(tmp_path, ROW.replace("2012", "2011", 1), ROW.replace(old, new, 1)), load_regions())
    assert caught.value.line == 3 and caught.value.column is not None
    assert column is None or caught.value.column == column


def test_two_figures_for_one_cell_are_refused_unless_their_publishers_are_told_apart(tmp_path):
    with pytest.raises(InputError, match="a second figure for this cell; the first stands in line '2'"):
        read_figures(written(tmp_path, ROW, ROW.replace("2484.7", "2500")))
    header = HEADER.replace("remark", "family")
    assert len(read_figures(written(tmp_path, ROW, ROW + "ministry of finance", header=header))) == 2


def test_all_faults_of_a_file_are_found_in_one_reading(tmp_path):
    with pytest.raises(InputError) as caught:
        read_figures(written(tmp_path, ROW.replace("2012", "x"), ROW.replace("revenue", "x"), ROW))
    assert [fault.line for fault in (caught.value, *caught.value.others)] == [2, 3]


@pytest.mark.parametrize("header, word", [("region,scheme\n", "no column 'year'"), ("", "is empty"),
                                          (HEADER.replace("unit", "units"), "unknown or repeated column 'units'")])
def test_a_bad_header_is_refused(tmp_path, header, word):
    file = tmp_path / "figures.csv"
    file.write_text(header, encoding="utf-8")
    with pytest.raises(InputError, match=word):
        read_figures(file)


def test_a_line_with_too_many_fields_and_a_file_that_is_not_there_are_refused(tmp_path):
    with pytest.raises(InputError, match="fields in the line"):
        read_figures(written(tmp_path, ROW + ",,"))
    with pytest.raises(InputError, match="cannot be read"):
        read_figures(tmp_path / "nothing.csv")


def test_every_comparable_measure_has_a_label():
    from simulator.words import MEASURE_NAMES
    assert set(UNITS_OF_MEASURES) <= MEASURE_NAMES.keys()
