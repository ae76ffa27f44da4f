"""The analysis of a fund's operation: its figures are the run's, its measures follow from them, and its PDF is typeset."""

import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.answers.box import read_box
from simulator.answers.question import read_question
from simulator.answers.sustainability import sustainability
from simulator.api import run as simulated
from simulator.cli.main import app
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.report.analysis import CAUSES, Analysis, analyses
from simulator.report.analysis_words import ANALYSIS
from simulator.report.pdf import add_pdf, pdf, pdf_name
from simulator.report.select import Selection, Side
from simulator.report.sustained import Sustained
from simulator.results import read_run
from simulator.scenario import Scenario
from simulator.words import LANGUAGES

REGIONS = load_regions()
ASKED = Scenario("analysis", ("jiangsu", "linyi"), 2012, ("nrcms", "uebmi"), 3, 4, 300, seed=3)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return simulated(ASKED, regions=REGIONS, out=tmp_path_factory.mktemp("analysis"), report=False, threads=1)


def with_figures(run, scheme: str = "nrcms", **means: float) -> Analysis:
    """A fund of Jiangsu in a run whose summary has other means in the last year."""
    selection = Selection(run)
    known = dict(selection._summary)
    for measure, mean in means.items():
        key = ("jiangsu", scheme, "baseline", 2014, measure, "")
        known[key] = known[key]._replace(mean=mean)
    object.__setattr__(selection, "_summary", known)
    lasting = Sustained(selection, sustainability(run, (95,)), 95, "en")
    return Analysis(selection, Side("jiangsu", "baseline"), scheme, "en", lasting)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_fund_has_its_years_with_the_change_on_the_last_and_the_likeliest_colour(run, lang):
    found = analyses(Selection(run), lang)
    assert len(found) == 4 and [bool(one["figure"]) for one in found] == [True, False, True, False]
    rows = run.summary
    summary = rows[(rows["region"] == "jiangsu") & (rows["scheme"] == "nrcms") & (rows["group"] == "")]
    mean = summary.set_index(["measure", "year"])["mean"]
    first, second, _ = found[0]["rows"]
    assert first[0] == "2012" and first[2] == first[4] == "-" and f"{mean['revenue', 2013]:.1f}" == second[1]
    assert second[2] == f"{100 * (mean['revenue', 2013] / mean['revenue', 2012] - 1):+.1f}%"
    red, either = mean["warning_red", 2013], mean["warning_yellow", 2013]
    assert second[-1].endswith(f" {100 * max(red, either - red, 1 - either):.0f}%")
    assert len(found[0]["columns"]) == len(second)


def test_growth_is_that_of_a_year_between_the_first_and_the_last(run):
    told = with_figures(run, members=4.0)
    begin = told.mean("members", 2012)
    assert told.yearly("members") == f"{100 * ((4.0 / begin) ** 0.5 - 1):+.1f}%".replace("-", "\N{MINUS SIGN}")
    assert all(told.yearly(name) in told.reasons()[1] for name in CAUSES)


def test_measures_follow_from_exhaustion_warning_and_limits_and_name_a_question_that_can_be_asked(run):
    quiet = dict.fromkeys(("exhausted", "warning_red", "over_cumulative", "over_annual"), 0.0)
    assert with_figures(run, **quiet).measures() == [ANALYSIS["quiet"][0], ANALYSIS["decides"][0]]
    loud = with_figures(run, **{**quiet, "exhausted": 0.31, "warning_red": 0.4, "over_annual": 0.6}).measures()
    assert len(loud) == 4 and "31.0% of members" in loud[0] and "40.0% of worlds" in loud[1] and "annual limit" in loud[2]
    told = with_figures(run, exhausted=0.31)
    told.balanced_by = "at 95%: addition +3 yuan"
    assert told.measures()[1] == "What would balance it, yuan a member and year: at 95%: addition +3 yuan."
    words = shlex.split(loud[0].partition("hold it: ")[2])
    asked = words[words.index("--vary") + 1]
    question = read_question(ASKED.but(regions=("jiangsu",), schemes=("nrcms",)), REGIONS, [asked],
                             [words[words.index("--until") + 1]], words[words.index("--least") + 1], None)
    assert [lever.path for lever in question.box.levers] == ["funding.nrcms.premium"]
    of_employees = shlex.split(with_figures(run, "uebmi", exhausted=0.3).measures()[0])
    wages = [word for word in of_employees if word.startswith("funding.uebmi")]
    assert read_box(wages, ASKED.but(regions=("jiangsu",), schemes=("uebmi",)), REGIONS["jiangsu"]).levers


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_pdf_of_a_run_is_typeset_with_the_fonts_of_the_package_and_is_the_same_twice(run, lang):
    made = pdf(run, lang, {})
    assert made.startswith(b"%PDF-") and made == pdf(run, lang, {}) and b"NotoSansSC" in made


def test_the_command_adds_a_pdf_and_leaves_one_that_is_there(run, tmp_path):
    told = CliRunner().invoke(app, ["report", str(run.folder), "--pdf"])
    path = Path(told.stdout.split()[-1])
    assert told.exit_code == 0 and path.name == "report.pdf" == pdf_name(read_run(run.folder), "en")
    again = add_pdf(read_run(run.folder), "en", lambda: pytest.fail("it is there"))
    assert again == path and "report.pdf" in read_run(run.folder).manifest["files"]


def test_without_typst_one_line_says_how_to_install_it(run, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(InputError, match=r"Typst is not installed.*fundsim\[pdf\]"):
        pdf(run, "en", {})
