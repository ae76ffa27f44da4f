"""The report's first page and what is printed behind it: the answer on one sheet, fifteen pages in all, all of it on screen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.answers.assumptions import AT_TARGETS, OF_TARGETS, VARIED
from simulator.engine.simulate import simulate
from simulator.folders import table_of
from simulator.parameters.regions import load_regions
from simulator.report.answer import LEAST_FIGURE, MOST_DESCRIPTION, FirstPage, shortened
from simulator.report.changes import change_rows, changes_of
from simulator.report.effects import effect_tables
from simulator.report.html import ON_PAPER, ON_SCREEN, write_report
from simulator.report.html_tables import MAIN, compared
from simulator.report.overview import FILES, for_report, print_overview
from simulator.report.paper import MOST_PAGES, PAGE_HEIGHT, Section, Table, fit, row_heights, shares
from simulator.report.probability import paired_interval, share_interval
from simulator.report.prose import PAGE, REPORT, say
from simulator.report.select import Selection, Side
from simulator.report.style import columns_of
from simulator.report.write import names
from simulator.results import PARAMETERS, Run, read_run, write_run
from simulator.scenario import Policy, Scenario
from simulator.words import LANGUAGES
from tests.report.test_brief import CASES, made
from tests.support.printed import Printed

TITLE, DESCRIPTION = "Does a lower cap save the fund?", "A cap of 20,000 yuan,\nor half the deductible; who gains, who <loses>?"
ASKED = Scenario(
    "asked", ("jiangsu", "linyi"), schemes=("nrcms",), horizon=2, draws=6, people=400, title=TITLE, description=DESCRIPTION,
    policies=(Policy("baseline"), Policy("cap", {"inpatient.nrcms.annual_cap": "20000"}),
              Policy("half", {"inpatient.nrcms.deductible": {"times": "0.5"}, "inpatient.nrcms.ratio.county": ["85"]})))
FACTS = "facts " * 30
FIGURES = {f"{kind}-{scheme}": ("A caption of a figure. " * 12, 0.6)
           for kind, scheme in product(("balance", "overlay"), ("uebmi", "urbmi", "nrcms", "urrbmi"))}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    return read_run(write_run(simulate(ASKED, load_regions()), tmp_path_factory.mktemp("results")))


@pytest.fixture(scope="module")
def reports(run, tmp_path_factory) -> dict[str, str]:
    """The text of an English run's report in both languages, with two figures, as `fundsim report --lang` writes it."""
    english, found = replace(run, manifest=run.manifest | {"language": "en"}), {}
    for lang in LANGUAGES:
        figures = drawn(tmp_path_factory.mktemp(lang) / names(english, lang)[1], ("balance-nrcms", "payers"))
        found[lang] = write_report(english, figures[0].parent, lang, figures[1], {}).read_text(encoding="utf-8")
    return found


def drawn(place: Path, names: Iterable[str]) -> tuple[Path, list[tuple[str, str]]]:
    """A folder with figures of any content, their names, and captions as long as they come."""
    place.mkdir()
    for name in names:
        (place / f"{name}.svg").write_text('<svg viewBox="0 0 10 6"/>', encoding="utf-8")
    return place, [(name, "What is drawn here, and what must be known of it. " * 10) for name in names]


def many(folder: Path, count: int) -> list[tuple[str, str]]:
    return drawn(folder / "figures", [f"figure-{n}" for n in range(count)])[1]


def grown(run: Run, folder: Path, policies: int, years: int) -> Run:
    """The same run with its last policy copied under many names and its first year over many years."""
    last, long = ASKED.policies[-1].name, [f"a-policy-with-a-rather-long-name-{n}" for n in range(policies)]

    def in_years(frame: pd.DataFrame) -> pd.DataFrame:
        first = frame[frame["year"] == ASKED.year]
        return pd.concat([first.assign(year=ASKED.year + n) for n in range(years)])

    def copied(frame: pd.DataFrame, column: str) -> pd.DataFrame:
        of_last = frame[frame[column].str.contains(rf"\b{last}\b")]
        return pd.concat([frame, *(of_last.assign(**{column: of_last[column].str.replace(last, name)}) for name in long)])

    copied(in_years(run.paths), "policy").to_parquet(folder / "paths.parquet", index=False)
    scenario = run.manifest["scenario"]
    kept = {**scenario, "horizon": years, "policies": [*scenario["policies"], *(scenario["policies"][-1] | {"name": name}
                                                                                for name in long)]}
    return Run(folder, {**run.manifest, "scenario": kept, "files": table_of(folder)}, copied(in_years(run.summary), "policy"),
               copied(in_years(run.comparison), "side_a"), copied(run.parameters, "source"))


# --- the bound ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("policies", "years", "figures"), [(0, 2, 14), (0, 10, 30), (12, 10, 14), (25, 10, 3)])
def test_a_report_makes_at_most_fifteen_printed_pages_however_much_there_is(run, tmp_path, lang, policies, years, figures):
    text = write_report(grown(run, tmp_path, policies, years), tmp_path, lang, many(tmp_path, figures), {}).read_text("utf-8")
    printed, whole = Printed(text), Printed(text.replace("screen", ""))
    assert printed.pages <= MOST_PAGES and printed.rows > 40 and printed.figures > 0
    assert whole.rows > printed.rows and (whole.pages > MOST_PAGES or (policies, years) == (0, 2))     # without the choice


def test_what_is_not_printed_is_counted_and_the_file_that_has_it_is_named(run, tmp_path):
    text = write_report(grown(run, tmp_path, 12, 10), tmp_path, "en", many(tmp_path, 30), {}).read_text("utf-8")
    printed, whole = Printed(text), Printed(text.replace("screen", ""))
    told = sum(int(count) for count in re.findall(r"Not printed: (\d+) more rows", text))
    of_sections = sum(int(count) for count in re.findall(r"<li>[^<]* \((\d+) rows\): ", text))
    assert whole.rows == printed.rows + told + of_sections and told > 100 and of_sections > 100
    assert f"{30 - printed.figures} more figures: figures" in text
    for name in ("rules", "accounts", "burden", "provenance"):
        assert f'<section class="{name} screen">' in text


def test_every_part_names_files_that_a_run_folder_has():
    run_files = {"manifest.json", "summary.csv", "comparison.csv", "parameters.csv", *FILES.values()}
    assert {file for files in (*ON_PAPER.values(), *ON_SCREEN.values()) for file in files} <= run_files
    assert all(ON_SCREEN.values()) and all(files for name, files in ON_PAPER.items() if name != "not_for")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_the_first_page_is_one_page_whatever_is_asked(case, lang, tmp_path):
    run = made(tmp_path, **CASES[case])
    run.manifest.update(people=5000, levels=[
        {"region": region, "scheme": scheme, "year": 2012, "k": "1.234994", "basis": "outcome", "status": "statistic",
         "goal": "56.84", "solved_in": 2011, "policy": ""}
        for region in run.manifest["scenario"]["regions"] for scheme in run.manifest["scenario"]["schemes"]])
    regions, schemes = (run.manifest["scenario"][name] for name in ("regions", "schemes"))
    moved = pd.DataFrame([(*measure, scheme, side, 2345.6, 1234.5, -1111.1, 1.0, -1113.1, -1109.1) for measure in OF_TARGETS
                          for scheme in schemes for side in (*regions[:2], "gap")], columns=AT_TARGETS)
    extra = {"targets": moved} if len(regions) > 1 else {}
    for description in ("", "Line by line.\n" * 60, "一句很长的说明，" * 200, "x" * 4000):
        run.manifest["scenario"]["description"] = description
        page = FirstPage(run, lang, extra).parts(FIGURES, FACTS)
        assert page["height"] <= PAGE_HEIGHT, page
        assert float(page["size"].removesuffix("mm")) >= LEAST_FIGURE and page["figure"].startswith("overlay-")
        assert (page["kept"] < len(page["changes"])) == (page["more_changes"] != "")
        assert (page["shown"] < len(page["rows"])) == (page["more_rows"] != "")
        assert (page["description"] != page["asked"]) == (page["cut"] != "")


def test_a_long_description_is_cut_where_a_sentence_ends_and_the_whole_stands_behind():
    text = "This is a sentence of some words. " * 60
    kept = shortened(text)
    assert kept.endswith("words.") and text.startswith(kept) and columns_of(kept) <= MOST_DESCRIPTION * 104
    assert shortened("Short.") == "Short." and shortened("") == ""
    assert shortened("长" * 3000) == "长" * (MOST_DESCRIPTION * 52)


def test_shares_fill_the_small_needs_and_split_the_rest_evenly():
    assert shares([10, 100, 60, 5], 95) == [10, 40, 40, 5] and shares([1, 2], 100) == [1, 2] and shares([], 5) == []


def test_a_table_prints_the_rows_that_fit_and_no_heading_without_one():
    rows = [["a", "1"], ["b", "2"], ["c", "3"]]
    (height, *_), table = row_heights(rows), Table(10, [("first", rows), ("second", rows)])
    assert table.fit(10 + 2 * height) == pytest.approx(10 + height + height) and table.printed == [1, 0]     # its name is a row
    assert table.fit(9 + 2 * height) == 0 and table.printed == [0, 0] and table.left_out == 6
    assert table.fit(table.height) == pytest.approx(table.height) and table.left_out == 0
    assert row_heights([["x" * 400, "1"], ["y", "2"]])[0] > 3 * row_heights([["y", "2"]])[0]


def test_figures_get_the_pages_that_the_text_leaves():
    small, large = Section(["text"]), Section(["text"], [Table(10, [("", [["a", "1"]] * 5000)])])
    assert fit({"small": small}, 9) == 9 and fit({"small": small}, 100) == 2 * (MOST_PAGES - 2)
    assert 2 <= fit({"large": large}, 100) <= 16 and large.left_out > 0


# --- what it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_title_and_description_are_shown_as_they_were_given(reports, lang):
    text = reports[lang]
    assert f"<h1>{TITLE}</h1>" in text and f"<title>{TITLE} · asked</title>" in text
    assert DESCRIPTION.replace("<", "&lt;").replace(">", "&gt;") in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_answer_stands_first_and_is_that_of_the_terminal(run, reports, lang):
    from simulator.report.brief import Brief
    first, behind = reports[lang].split('<section class="question', 1)
    brief = Brief(run, lang)
    for subject in brief.found.subjects:
        assert brief.sentence(subject).replace("'", "&#39;") in first
    assert Printed(reports[lang], first=True).figures == first.count("<img") == 1
    assert say(PAGE, "rests", lang) in first and "<details" not in first
    assert behind.count("<details>") == behind.count("</details>") == len(ON_PAPER) + 1 + len(ON_SCREEN)
    assert behind.count("<img") == len(re.findall(r"<figure", behind)) == reports[lang].count("<img") - 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_it_rests_on_is_counted_from_the_run(run, lang):
    said = FirstPage(run, lang, {}).rests()
    counts = run.manifest["values_by_status"]
    for status, count in counts.items():
        assert re.search(rf"\b{count}\b|{count}个", said[0]), (status, said[0])
    assert f"{sum(counts.values())}" in said[0] and str(ASKED.draws) in said[2] and str(ASKED.people) in said[2]
    found = pd.DataFrame([("oop_per_head", "", "nrcms", "linyi", "inpatient.nrcms.deductible", "low", "estimate", 20.0, 12.5,
                           -7.5, 1.0, -9.5, -5.5)], columns=VARIED)
    gap = FirstPage(run, lang, for_report({"assumptions": found})).gap()
    assert all(text in gap for text in ("20.0", "12.5")) and gap not in said


def test_the_figure_is_the_overlay_of_the_fund_exhausted_most_often_or_else_its_fan(tmp_path):
    run = made(tmp_path, schemes=("urbmi", "nrcms"), balance=1000)
    paths = pd.read_parquet(tmp_path / "paths.parquet")
    paths.loc[(paths["scheme"] == "urbmi") & (paths["draw"] < 3), "accrued_closing"] = -1.0
    paths.to_parquet(tmp_path / "paths.parquet", index=False)
    run.manifest["files"] = table_of(tmp_path)
    page = FirstPage(run, "en", {})
    assert page.figure(FIGURES) == ("overlay-urbmi", "Drawn is URBMI, whose fund is exhausted most often.")
    assert page.figure(["balance-urbmi", "balance-nrcms"])[0] == "balance-urbmi"
    assert page.figure([]) == page.figure(["payers"]) == ("", "")


def test_links_of_an_added_report_lead_to_its_own_figures(run, reports):
    assert names(replace(run, manifest=run.manifest | {"language": "en"}), "zh") == ("report.zh.html", "figures-zh")
    assert 'href="figures-zh/payers.svg"' in reports["zh"] and 'href="figures/' not in reports["zh"]
    assert 'href="figures/payers.svg"' in reports["en"]


# --- before and after -----------------------------------------------------------------------------


def test_a_change_has_its_value_before_and_after_in_each_region(run):
    selection = Selection(run)
    found = {(change.policy, change.path, change.regions): (change.before, change.after) for change in changes_of(selection)}
    for (policy, path, where), (before, after) in found.items():
        for region in where:
            own = path.removesuffix(".county")
            old, new = (selection.in_force(Side(region, name), own, ASKED.year) for name in ("baseline", policy))
            assert old != new and (own != path or isinstance(after, dict) or (before, after) == (old, new))
    halved = next(values for (_, path, _), values in found.items() if path == "inpatient.nrcms.deductible")
    assert halved[0].keys() == halved[1].keys()
    for key in halved[0]:
        assert [float(new) for new in halved[1][key]] == [float(old) / 2 for old in halved[0][key]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_changes_are_told_in_words_with_their_unit(run, lang):
    rows = change_rows(Selection(run), lang)
    cap = next(row for row in rows if row[0].startswith("cap"))
    assert cap[3] == "20,000" and cap[4] == {"en": "yuan/person/year", "zh": "元/人·年"}[lang]
    assert cap[1].startswith({"en": "Inpatient rules · NRCMS", "zh": "住院待遇 · 新农合"}[lang])
    ratio = next(row for row in rows if row[0].startswith("half") and row[3] == "85")
    assert re.fullmatch(r"[\d.]+", ratio[2]) and ratio[4] == "%"


def test_the_year_of_a_change_that_begins_later_is_named_and_of_a_parameter_not_used_the_change_itself(tmp_path):
    policy = Policy("later", {"cii.nrcms.threshold": {"times": "0.5"}, "assistance.deductible": "7"})
    rows = [("cii.nrcms.threshold", value, "CNY/person/year", "2013-01-01", source, "assumption", "jiangsu")
            for value, source in (("10000", "a file"), ("5000", "scenario: made: later"))]
    rows = [dict(zip(PARAMETERS, row, strict=True)) for row in rows]
    run = made(tmp_path, policies=(Policy("baseline"), policy), parameters=rows)
    later, unused = changes_of(Selection(run))
    assert (later.year, later.before, later.after) == (2013, "10000", "5000")
    assert (unused.year, unused.before, unused.after) == (2012, None, "7")
    shown = change_rows(Selection(run), "en")
    assert shown[0][1].endswith(", 2013") and shown[0][2:4] == ["10,000", "5,000"] and shown[1][2:4] == ["-", "7"]


def test_a_baseline_stands_before_its_policy_in_every_table(run):
    selection = Selection(run)
    pairs = {pair for pair in selection.policy_pairs}
    one_region = replace(run, manifest=run.manifest | {"scenario": run.manifest["scenario"] | {"regions": ["jiangsu"]}},
                         comparison=run.comparison[run.comparison["side_a"].str.startswith("jiangsu:")])
    tables = compared(Selection(one_region), MAIN, "en")["tables"]
    assert [table["columns"][:2] for table in tables] == [["baseline", "cap"], ["baseline", "half"]] and len(pairs) == 4
    row = next(row for row in tables[0]["rows"] if row["label"].startswith("Expenditure"))
    found = selection.difference(("jiangsu: cap", "jiangsu: baseline"), "nrcms", ASKED.year, "expenditure_per_head")
    before, after, difference = (float(text.replace("−", "-").replace(",", "").split()[0]) for text in row["cells"][:3])
    assert before == pytest.approx(found.b, abs=0.6) and after == pytest.approx(found.a, abs=0.6) and difference < 0
    assert [row[0] for row in change_rows(selection, "en")][0].startswith("cap")


def test_the_tables_of_the_terminal_have_the_baseline_first_and_the_report_s_intervals(run, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    print_overview(run, {}, "en")
    table = capsys.readouterr().out.split("Jiangsu: cap - Jiangsu: baseline, 2012")[1].split("Jiangsu: cap -")[0]
    head = next(line for line in table.splitlines() if "measure" in line)
    assert head.index("baseline") < head.index("cap")
    found = Selection(run).difference(("jiangsu: cap", "jiangsu: baseline"), "nrcms", ASKED.year, "deficit")
    row = next(line for line in table.splitlines() if "Probability of a deficit" in line)
    assert f"{found.low:.4g} .. {found.high:.4g}" in row


# --- intervals of probabilities -------------------------------------------------------------------


def test_events_of_draws_have_the_probabilities_of_the_summary(run):
    selection = Selection(run)
    for side, year, measure in product(selection.sides, selection.years, ("deficit", "exhausted")):
        assert selection.events.seen(side, "nrcms", year, measure).mean() == selection.number(side, "nrcms", year, measure).mean


def test_differences_of_probabilities_have_intervals_within_what_they_can_be(run):
    selection, seen = Selection(run), 0
    for pair, year in product(selection.pairs, selection.years):
        for measure in ("deficit", "exhausted", "breach_annual", "breach_cumulative", "warning_red"):
            found = selection.difference(pair, "nrcms", year, measure)
            assert -1 <= found.low <= found.difference <= found.high <= 1, (pair, measure, found)
            seen += 1
            if measure in ("deficit", "exhausted"):
                a, b = (selection.events.seen(selection.side_of(label), "nrcms", year, measure) for label in pair)
                assert (found.low, found.high) == paired_interval(np.maximum(a - b, 0).sum(), np.maximum(b - a, 0).sum(),
                                                                  ASKED.draws)
                assert found.low < found.high
    assert seen == 5 * 2 * len(selection.pairs)


def test_student_s_interval_is_cut_where_a_probability_ends(run):
    frame = run.comparison.copy()
    rows = frame["measure"] == "warning_red"
    frame.loc[rows, ["difference", "low", "high"]] = [0.9, -0.4, 2.2]
    found = Selection(replace(run, comparison=frame)).difference(("jiangsu", "linyi"), "nrcms", ASKED.year, "warning_red")
    assert (found.low, found.difference, found.high) == (-0.4, 0.9, 1.0)


def test_a_probability_alone_has_wilson_s_interval_and_other_figures_the_range_of_draws(run):
    alone = replace(run, manifest=run.manifest | {"scenario": run.manifest["scenario"] | {
        "regions": ["linyi"], "policies": run.manifest["scenario"]["policies"][:1]}}, comparison=run.comparison[:0])
    selection = Selection(alone)
    rows = {row["label"]: row["cells"] for row in compared(selection, MAIN, "en")["tables"][0]["rows"]}
    for label, measure in (("Probability of a deficit in the year", "deficit"),
                           ("Expenditure per member", "expenditure_per_head")):
        found = selection.number(selection.sides[0], "nrcms", ASKED.year, measure)
        low, high = (float(text.replace(",", "").replace("−", "-")) for text in rows[label][1].split(" to "))
        ends = [100 * end for end in share_interval(found.mean * 6, 6)] if measure == "deficit" else (found.p05, found.p95)
        assert (low, high) == pytest.approx(ends, abs=0.6)
    assert effect_tables(selection, "en") is None


def test_the_first_page_s_words_have_the_same_blanks_in_both_languages():
    for key, (english, chinese) in PAGE.items():
        assert set(re.findall(r"\{(\w+)\}", english)) == set(re.findall(r"\{(\w+)\}", chinese)), key
        assert re.search("[\u4e00-\u9fff；：]", re.sub(r"\{\w+\}", "", chinese)), key
    assert np.all([len(texts) == 2 for texts in REPORT.values()])
