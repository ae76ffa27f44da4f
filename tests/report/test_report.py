"""Words, figures and report of a run, on one small run made once."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from simulator import words
from simulator.answers.assumptions import AT_TARGETS, COUNTED, VARIED
from simulator.engine.simulate import simulate
from simulator.parameters.catalogue import SCHEMES, STATUSES
from simulator.parameters.regions import load_regions
from simulator.parameters.show import as_dicts, diff_rows
from simulator.report import codes
from simulator.report.accounts import account_tables, shown_years
from simulator.report.assumed import assumption_box, targets_said
from simulator.report.effects import MAX_POLICIES, effect_tables
from simulator.report.format import amount, interval, number
from simulator.report.html import SECTIONS, write_report
from simulator.report.prose import FIGURES, REPORT, say
from simulator.report.select import Selection, Side
from simulator.report.style import columns_of, wrap
from simulator.report.write import finish_run
from simulator.results import Run, read_run, write_run
from simulator.scenario import Policy, Scenario

SMALL = Scenario("small", ("jiangsu", "linyi"), schemes=("urbmi", "nrcms"), horizon=2, draws=3, people=2000)
HAN = re.compile(r"[\u4e00-\u9fff]")
GAPS = pd.DataFrame([("oop_per_head", "", "nrcms", "linyi", "inpatient.nrcms.deductible", "low", "estimate", 20.0, 12.5, -7.5,
                      1.0, -9.5, -5.5),
                     ("oop_per_head", "", "nrcms", "both", "people-and-care", "high", "assumption", 20.0, 24.0, 4.0, 1.0, 2.0,
                      6.0)],
                    columns=VARIED)
TARGETS_MET = pd.DataFrame([(measure, "", "nrcms", side, evidence, evidence + moved, moved, 1.0, moved - 2, moved + 2)
                            for measure, side, evidence, moved in (
                                ("expenditure_per_head", "jiangsu", 277.4, 33.0), ("expenditure_per_head", "linyi", 258.7, 60.0),
                                ("expenditure_per_head", "gap", 18.7, -27.0), ("surplus_rate", "jiangsu", 17.8, -9.9),
                                ("surplus_rate", "linyi", 12.9, -20.4), ("surplus_rate", "gap", 4.9, 10.5))], columns=AT_TARGETS)
COUNTS = pd.DataFrame([("nrcms", "assumption", 27, 442), ("nrcms", "estimate", 14, 74)], columns=COUNTED)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    return read_run(write_run(simulate(SMALL, load_regions()), tmp_path_factory.mktemp("results")))


@pytest.fixture(scope="module")
def extra() -> dict:
    regions = load_regions()
    return {"rules": as_dicts(diff_rows(regions["jiangsu"], regions["linyi"], 2012)), "assumptions": GAPS,
            "assumed": COUNTS, "targets": TARGETS_MET}


@pytest.fixture(scope="module")
def reports(run, extra, tmp_path_factory) -> dict[str, Path]:
    return {lang: finish_run(tmp_path_factory.mktemp(lang), run, lang, extra) for lang in words.LANGUAGES}


def renamed(run: Run, **scenario) -> Run:
    return Run(run.folder, run.manifest | {"scenario": run.manifest["scenario"] | scenario}, run.summary, run.comparison,
               run.parameters)


# --- words ----------------------------------------------------------------------------------------


def test_every_measure_group_and_unit_of_a_run_has_words_in_both_languages(run):
    rows = run.summary[["measure", "group", "unit"]].drop_duplicates()
    for measure, group, unit in rows.itertuples(index=False):
        assert measure in words.MEASURE_NAMES, f"no words for the measure {measure}"
        assert unit in words.UNIT_NAMES, f"no words for the unit {unit}"
        kind, _, key = group.partition(":")
        assert not group or key in words.GROUP_KINDS[kind], f"no words for the group {group}"


def test_every_illness_scheme_status_and_parameter_unit_has_words():
    from simulator.parameters.catalogue import CATALOGUE, ILLNESSES, KEYS, PER
    from simulator.parameters.statements import STATEMENTS
    assert set(ILLNESSES) == set(words.ILLNESS_NAMES)
    assert set(SCHEMES) <= set(words.SCHEME_NAMES) and set(SCHEMES) == set(words.SHORT_SCHEME_NAMES)
    assert set(STATUSES) == set(words.STATUS_NAMES)
    assert {*CATALOGUE, "law"} == set(words.TOPIC_NAMES)
    units = {quantity.unit for topic in CATALOGUE.values() for quantity in topic.values()} | {s.unit for s in STATEMENTS.values()}
    assert units <= set(words.UNIT_NAMES), f"no words for {units - set(words.UNIT_NAMES)}"
    for topic, quantities in CATALOGUE.items():
        for name, quantity in quantities.items():
            path = ".".join([topic, *(["nrcms"] if PER[topic] else []), name])
            keys = [key for key in KEYS.get(codes.key_kind(quantity), ()) if key[0].isalpha()]
            silent = {*keys, *quantity.options} - set(codes.words_of(path))
            assert not silent, f"no words for {silent} in {path}"


def test_chinese_labels_are_chinese_and_english_ones_are_not():
    tables = (words.SCHEME_NAMES, words.SHORT_SCHEME_NAMES, words.MEASURE_NAMES, words.TIER_NAMES, words.QUINTILE_NAMES,
              words.LAYER_NAMES, words.ILLNESS_NAMES, words.PAYER_NAMES, words.FUND_HEADINGS, words.STATUS_NAMES,
              words.TOPIC_NAMES, FIGURES, REPORT, *codes.KEY_WORDS.values(), *codes.OPTION_WORDS.values())
    for table in tables:
        for key, (en, zh) in table.items():
            assert not HAN.search(en), f"{key}: {en}"
            said = re.sub(r"\{\w+\}", "", zh)
            assert HAN.search(said) or not re.search("[a-z]{2}", said), f"{key}: {zh}"


def test_a_sentence_has_the_same_blanks_in_both_languages():
    for table in (FIGURES, REPORT):
        for key, (en, zh) in table.items():
            assert set(re.findall(r"\{(\w+)\}", zh)) == set(re.findall(r"\{(\w+)\}", en)), key


def test_a_name_without_words_is_shown_as_it_stands():
    assert words.measure_name("new_measure", "zh") == "new_measure"
    assert words.region_name("nowhere", "en") == "nowhere"


def test_a_parameter_and_its_value_are_put_into_words():
    assert codes.parameter_name("inpatient.nrcms.annual_cap", "zh") == "住院待遇 · 新农合 · 年度最高支付限额"
    assert codes.value_text("{township: 100, county: 12000}", "en") == "Township, community: 100, County hospital: 12,000"
    assert codes.value_text("jiangsu ≥ 100000", "zh") == "江苏 ≥ 100,000"
    assert codes.value_text("2013", "zh", "merger.first_year") == "2013"


def test_one_name_of_several_meanings_is_put_into_the_words_of_its_parameter():
    def said(text: str, path: str) -> str:
        return codes.value_text(text, "zh", path)

    assert said("county", "pooling.nrcms.level") == "县级统筹"
    assert said("{county: 50}", "funding.nrcms.subsidy_shares") == "市县财政: 50"
    assert said("{county: case}", "payment.nrcms.inpatient_method") == "县级医院: 按病种付费"
    assert said("[reserve, factor]", "control.nrcms.deficit_response") == "[动用风险基金, 下调支付系数]"
    assert said("factor", "control.nrcms.surplus_response") == "上调支付系数"
    assert said("none", "account.uebmi.use") == "不支付医疗费用" and said("none", "listed.nrcms.membership") == "未纳入"
    assert codes.parameter_name("funding.nrcms.subsidy_shares.county", "zh").endswith("各级财政补助分担比例 · 市县财政")
    assert codes.parameter_name("inpatient.nrcms.ratio.county", "zh").endswith("报销比例 · 县级医院")


def test_every_payer_of_a_bill_has_words_and_a_colour():
    from simulator.report.style import PAYER_COLOURS
    from simulator.tables import PAYERS
    assert tuple(words.PAYER_NAMES) == PAYERS and set(PAYER_COLOURS) == set(PAYERS)


# --- numbers --------------------------------------------------------------------------------------


def test_a_number_that_is_not_there_is_a_dash_and_zero_has_no_sign():
    assert [number(half) for half in (0.5, 14.5, 2.5, -0.5, 1e16)] == ["1", "15", "3", "−1", "10,000,000,000,000,000"]
    assert number(0.285, 2) == "0.29" and number(1e-9, 2) == "0.00"
    assert [number(None), number(float("nan")), number(float("inf")), number(-0.01, 1)] == ["-", "-", "-", "0.0"]


def test_amounts_carry_sensible_digits():
    assert amount(1234.5, "CNY/person/year") == "1,235" and amount(-12.34, "%") == "−12.3" and amount(0.347,
                                                                                                      "probability") == "35"


def test_an_interval_keeps_a_digit_more_where_it_would_vanish():
    assert interval(-0.92, -0.97, -0.87, "%", 80.0) == ("−0.92", "−0.97", "−0.87")
    assert interval(2.0, 1.0, 3.0, "%", 80.0) == ("+2.0", "+1.0", "+3.0")


def test_titles_are_wrapped_by_width_and_never_before_a_stop():
    lines = wrap("新农合：到2021年累计结余耗尽的概率：江苏50%；临沂74%", 20)
    assert "江苏50%；临沂74%" in lines and max(map(columns_of, lines)) <= 22 and not any(line[0] in "，；：）" for line in lines)
    assert "".join(lines) == "新农合：到2021年累计结余耗尽的概率：江苏50%；临沂74%"


# --- what is taken from a run ---------------------------------------------------------------------


def test_the_limits_are_those_of_the_nearest_region_that_states_one(run):
    selection = Selection(run)
    jiangsu, linyi = (selection.limits(Side(region, "baseline"), "nrcms", 2012) for region in ("jiangsu", "linyi"))
    assert (jiangsu.annual, jiangsu.tolerance, jiangsu.cumulative, jiangsu.base) == (10, 0, 20, "share_of_funding")
    assert (linyi.annual, linyi.tolerance, linyi.cumulative, linyi.base) == (0, 5, None, "none")
    assert selection.limits(Side("linyi", "baseline"), "urbmi", 2012).cumulative is None


def test_a_policy_s_own_limit_comes_before_the_region_s(run):
    label = f"scenario: {SMALL.name}"
    changed = [dict(zip(run.parameters.columns, ("control.nrcms.annual_limit", value, "%", "1900-01-01", source, "assumption",
                                                 "jiangsu"), strict=True))
               for value, source in (("7", label), ("3", f"{label}: strict"))]
    parameters = pd.concat([run.parameters, pd.DataFrame(changed)], ignore_index=True)
    selection = Selection(Run(run.folder, run.manifest, run.summary, run.comparison, parameters))
    assert selection.limits(Side("jiangsu", "strict"), "nrcms", 2012).annual == 3
    assert selection.limits(Side("jiangsu", "baseline"), "nrcms", 2012).annual == 7
    assert selection.limits(Side("linyi", "baseline"), "nrcms", 2012).annual == 0


def test_a_fund_path_agrees_with_the_summary(run):
    selection, side = Selection(run), Side("linyi", "baseline")
    for path, measure in (("surplus_rate", "surplus_rate"), ("months_of_expenditure", "months_held"),
                          ("share_of_funding", "share_of_funding")):
        mean = selection.fund_path(side, "urbmi", path).mean(axis=0)
        assert mean == pytest.approx([selection.number(side, "urbmi", year, measure).mean for year in selection.years])


def test_the_shares_of_a_listed_illness_s_bill_add_up(run):
    selection = Selection(run)
    bills = [bill for illness in selection.illnesses if (bill := selection.illness_bill(selection.sides[0], "nrcms", 2012,
                                                                                        illness))]
    assert bills
    for bill in bills:
        assert sum(value for key, value in bill.items() if key.endswith("_share")) == pytest.approx(100)


# --- figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_figure_exists_as_png_too_where_asked_and_is_not_blank(run, reports, lang, tmp_path, monkeypatch):
    """Of both schemes in Chinese, whose letters are taller; in English, with the same pictures, of one."""
    from matplotlib.image import imread

    from simulator.report import plots
    names = {path.stem for path in (reports[lang].parent / "figures").iterdir()}
    assert names == {f"{kind}-{scheme}" for kind in ("balance", "overlay", "gap", "surplus", "oop", "catastrophic")
                     for scheme in SMALL.schemes} | {"illness-nrcms", "payers", "units-nrcms", "units-urbmi"}
    if lang == "en":
        whole, names = plots.figures, {name for name in names if not name.endswith("-urbmi")}
        monkeypatch.setattr(plots, "figures", lambda *of: (one for one in whole(*of) if one[0] in names))
    plots.begin_figures(run, tmp_path, lang, None, "png")()
    assert names == {path.stem for path in tmp_path.iterdir()}
    for name in names:
        picture = imread(tmp_path / f"{name}.png")
        assert picture.shape[1] == 1500
        assert (picture[..., :3].min(axis=2) < 0.9).mean() > 0.03, f"{name}: hardly anything is drawn"
        assert not (picture[:3] < 1).any() and not (picture[-3:] < 1).any(), f"{name}: something touches the edge"


def test_figures_of_the_same_run_are_the_same_files(run, reports, tmp_path):
    from simulator.report.fund_figures import balance_fan
    from simulator.report.style import write
    for name in ("once", "again"):
        write(lambda: balance_fan(Selection(run), "nrcms", "zh"), tmp_path, name)
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "once.png").read_bytes()
    assert (tmp_path / "again.svg").read_bytes() == (reports["zh"].parent / "figures" / "balance-nrcms.svg").read_bytes()


def test_a_run_of_one_year_and_two_policies_in_one_region_has_figures_and_report(tmp_path):
    scenario = Scenario("$policy", ("linyi",), schemes=("urbmi",), horizon=1, draws=2, people=500,
                        policies=(Policy("baseline"), Policy("cap $1", {"inpatient.urbmi.annual_cap": "20000"})))
    folder = write_run(simulate(scenario, load_regions()), tmp_path, lambda folder, run: finish_run(folder, run, "zh"))
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "cap $1" in text and "年度最高支付限额" in text and folder.name in text and 'id="effects"' in text
    drawn = {path.stem for path in (folder / "figures").glob("*.svg")}
    assert drawn >= {f"{kind}-urbmi" for kind in ("balance", "overlay", "gap", "surplus", "oop", "catastrophic")}


@pytest.fixture(scope="module")
def ruled(tmp_path_factory) -> Run:
    """Two regions under a policy that moves payments, one that moves nothing and one that moves the accounts."""
    managed = {"payment.nrcms.inpatient_method.county": "global_budget", "payment.nrcms.counties_share": "100",
               "payment.nrcms.gp_contract_fee": "20", "payment.nrcms.gp_signed_share": "50", "payment.nrcms.gp_fund_share": "50"}
    policies = (Policy("baseline"), Policy("lower-cap", {"inpatient.nrcms.annual_cap": "20000"}), Policy("same"),
                Policy("managed", managed))
    scenario = Scenario("ruled", ("jiangsu", "linyi"), schemes=("nrcms",), horizon=2, draws=4, people=500, policies=policies)
    return read_run(write_run(simulate(scenario, load_regions()), tmp_path_factory.mktemp("results")))


def test_every_policy_has_a_table_of_what_it_moved_and_an_equal_one_moves_nothing(ruled):
    tables = {table["title"]: table["parts"] for table in effect_tables(Selection(ruled), "en")["tables"]}
    assert set(tables) == {f"{region} ({policy})" for region in ("Jiangsu", "Linyi")
                           for policy in ("lower-cap", "same", "managed")} and len(tables) <= MAX_POLICIES
    assert tables["Jiangsu (same)"] == tables["Linyi (same)"] == []
    rows = {row["label"]: row for part in tables["Jiangsu (managed)"] for row in part["rows"]}
    fees = rows["Contract fees of family doctors, the fund's part"]["cells"][0]
    assert fees["texts"][0] == "0.00" and fees["texts"][1].startswith("+") and fees["sure"]
    assert "Admissions per 100 members" not in rows


def test_a_difference_is_significant_when_its_interval_leaves_zero_out(ruled):
    selection = Selection(ruled)
    (parts,) = [table["parts"] for table in effect_tables(selection, "zh")["tables"] if table["title"] == "江苏（lower-cap）"]
    (shown,) = [row["cells"] for part in parts for row in part["rows"] if row["label"] == "人均基金支出"]
    row, cell = selection.difference(("jiangsu: lower-cap", "jiangsu: baseline"), "nrcms", 2012, "expenditure_per_head"), shown[0]
    assert cell["sure"] == (abs(row.difference) > 3.1824 * row.se) and cell["verdict"] == ("显著" if cell["sure"] else "不显著")


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_accounts_page_shows_what_is_not_at_rest_and_nothing_else(ruled, lang):
    tables = account_tables(Selection(ruled), lang)
    assert [len(table["sides"]) for table in tables] == [4, 4]
    plain, managed = ({row["label"]: row["cells"] for part in table["parts"] for row in part["rows"]} for table in tables)
    fees, subsidy, supplement, factor = (words.measure_name(name, lang) for name in (
        "gp_fees", "subsidy_county", "supplement_payments", "factor"))
    assert fees in managed and fees not in plain and subsidy in plain and not {supplement, factor} & {*plain, *managed}
    assert all(len(cells) == 8 for cells in (*plain.values(), *managed.values()))


def test_the_years_of_the_accounts_page_hold_the_first_and_the_last():
    assert shown_years(range(2012, 2022), 3) == [2012, 2016, 2021] and shown_years(range(2012, 2013), 3) == [2012]


def test_cash_stands_apart_only_where_accounts_pay(run):
    selection = Selection(run)
    assert not selection.worth_a_row("nrcms", "cash_per_head", "")
    assert not selection.worth_a_row("nrcms", "catastrophic_25", "layer:account")
    assert selection.worth_a_row("nrcms", "payer_share", "payer:cash")
    assert not selection.worth_a_row("nrcms", "payer_share", "payer:commercial")


def test_a_run_with_nothing_to_compare_shows_the_spread(tmp_path):
    scenario = Scenario("alone", ("linyi",), schemes=("nrcms",), horizon=1, draws=2, people=500)
    folder = write_run(simulate(scenario, load_regions()), tmp_path)
    text = write_report(read_run(folder), folder, "en", [], {}).read_text(encoding="utf-8")
    assert say(REPORT, "alone_text", "en") in text and say(REPORT, "rules_missing", "en") in text


# --- report ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_report_has_every_section_and_needs_nothing_from_outside(reports, lang):
    text = reports[lang].read_text(encoding="utf-8")
    assert f'<html lang="{"zh-CN" if lang == "zh" else lang}">' in text
    for section in (section for section in SECTIONS if section != "effects"):      # this run has no policies
        heading = say(REPORT, section, lang).replace(chr(39), "&#39;")
        assert re.search(f'<summary><h2>{heading}</h2>.*</summary>\n<div id="{section}">', text), section
    assert text.count("data:image/svg+xml,") == 7 * len(SMALL.schemes) + 2
    assert not re.search(r'(src|href)="(https?:)?//', text) and "@import" not in text and "<script" not in text
    assert 'href="parameters.csv"' in text and 'href="figures/balance-nrcms.svg"' in text
    for scheme in SMALL.schemes:
        assert words.scheme_name(scheme, lang) in text


def test_the_chinese_report_names_all_measures_in_chinese(reports):
    text = reports["zh"].read_text(encoding="utf-8")
    for en, _ in words.MEASURE_NAMES.values():
        assert en not in text, f"English in the Chinese report: {en}"
    for label in ("当年结余率", "政策范围内住院费用支付比例", "因病致贫发生率", "江苏", "临沂"):
        assert label in text


def test_markup_in_a_scenario_name_is_shown_not_run(run, tmp_path):
    text = write_report(renamed(run, name="<script>alert(1)</script>"), tmp_path, "en", [],
                        {}).read_text(encoding="utf-8")
    assert "<script>" not in text and "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_assumption_box_says_when_the_analysis_was_not_run(run, tmp_path, lang):
    text = write_report(renamed(run), tmp_path, lang, [], {}).read_text(encoding="utf-8")
    assumed, values = run.manifest["values_by_status"]["assumption"], sum(run.manifest["values_by_status"].values())
    assert say(REPORT, "box_missing", lang, assumed=assumed, values=values) in text


def test_the_assumption_box_states_the_gap_its_range_and_what_moves_it_furthest(run, extra):
    box = assumption_box(Selection(run), extra, "en")
    sentence = next(text for text in box["sentences"] if text.startswith("NRCMS"))
    assert "the gap of 20.0 yuan/person/year lies between 12.5 and 24.0" in sentence
    assert "at its 5% point in Linyi" in sentence and "9.5 to " in sentence
    assert len(box["rows"]) == 1 and "41 such values state alternatives" in box["sentences"][-1]


@pytest.mark.parametrize(("lang", "parts"), [
    ("en", ("NRCMS Jiangsu 277 (310), Linyi 259 (319), gap +19 (−8); annual", "NRCMS Jiangsu 18 (8), Linyi 13 (−7).")),
    ("zh", ("新农合江苏为277（310），临沂为259（319），相差+19（−8）；", "新农合江苏为18（8），临沂为13（−7）。"))])
def test_the_first_page_says_what_would_be_spent_and_kept_were_the_targets_met(run, extra, reports, lang, parts):
    (said,) = targets_said(Selection(run), extra, lang)
    assert all(part in said for part in parts) and said in unescape(reports[lang].read_text(encoding="utf-8"))
    assert targets_said(Selection(run), {}, lang) == []
    assert targets_said(Selection(run), {"targets": TARGETS_MET.assign(moved=0.0)}, lang) == []


def test_the_run_id_in_a_folder_still_being_written_is_the_final_one(run, tmp_path):
    folder = tmp_path / f".partial-{run.folder.name}-4711"
    shutil.copytree(run.folder, folder)
    assert Selection(read_run(folder)).run_id == run.folder.name
