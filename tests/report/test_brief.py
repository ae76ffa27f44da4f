"""The answer on the terminal: short, whole, in both languages, and true by construction."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.engine.measures import half_width, summarise
from simulator.folders import table_of
from simulator.report.brief import MOST_LINES, Brief
from simulator.report.findings import Finding, Findings
from simulator.report.probability import paired_interval, share_interval
from simulator.report.prose import BRIEF
from simulator.report.style import columns_of
from simulator.results import COMPARISON, PARAMETERS, PATHS, SUMMARY, Run
from simulator.scenario import Policy, Scenario

BASELINE_ALONE = (Policy("baseline"),)
YEARS = (2012, 2013, 2014)
LONG = "a-policy-whose-name-is-as-long-as-a-name-may-be-" + "x" * 16
LONG_ZH = "降低县级医院起付线并提高报销比例的方案" * 3


def made(folder: Path, *, regions=("jiangsu",), schemes=("nrcms",), policies=BASELINE_ALONE, draws=40, seed=1, gap=0.0,
         balance=100.0, parameters=(), **more) -> Run:
    """A run of random numbers; every side's fund holds `balance` yuan a member and each later side `gap` more."""
    scenario = Scenario("made", regions, schemes=schemes, policies=policies, horizon=len(YEARS), draws=draws, **more)
    rng, paths, values = np.random.default_rng(seed), [], {}
    for (at, (region, policy)), scheme in product(enumerate(product(regions, (policy.name for policy in policies))), schemes):
        for year in YEARS:
            accrued = balance + gap * at + rng.normal(0, 30, draws)
            paths.append(pd.DataFrame({"region": region, "scheme": scheme, "policy": policy, "draw": np.arange(draws),
                                       "year": year, "members": 1000, **dict.fromkeys(PATHS, 0.0),
                                       "accrued_closing": accrued * 1000}))
            values[region, scheme, policy, year, "months_held"] = accrued / 30
            values[region, scheme, policy, year, "oop_per_head"] = 300 + rng.normal(0, 5, draws)
    pd.concat(paths).to_parquet(folder / "paths.parquet", index=False)
    summary = [(*key, "", "month", *summarise(found).values(), "") for key, found in values.items()]
    first = scenario.policies[0].name
    sides = [((region, policy.name), (region, first), f"{region}: {policy.name}", f"{region}: {first}")
             for region in regions for policy in policies[1:]]
    sides += [((regions[0], first), (region, first), regions[0], region) for region in regions[1:]]
    rows = []
    for (one, other, a, b), scheme, year, name in product(sides, schemes, YEARS, ("months_held", "oop_per_head")):
        x, y = (values[region, scheme, policy, year, name] for region, policy in (one, other))
        found = summarise(x - y)
        half = half_width(found["se"], draws)
        rows.append((name, "", "month", scheme, year, a, b, x.mean(), y.mean(), found["mean"], found["se"], found["mean"] - half,
                     found["mean"] + half, ""))
    manifest = {"scenario": scenario.as_dict(), "draws": draws, "values_by_status": {"assumption": 6, "law": 3},
                "files": table_of(folder)}
    return Run(folder, manifest, pd.DataFrame(summary, columns=SUMMARY), pd.DataFrame(rows, columns=COMPARISON),
               pd.DataFrame(parameters, columns=PARAMETERS))


def rewritten(run: Run, paths: pd.DataFrame) -> None:
    """Put other fund paths into the run's folder, under their own checksum."""
    paths.to_parquet(run.folder / "paths.parquet", index=False)
    run.manifest["files"] = table_of(run.folder)


CASES = {
    "one region": {}, "one region, four schemes": {"schemes": ("uebmi", "urbmi", "nrcms", "urrbmi")},
    "two regions, three schemes": {"regions": ("jiangsu", "linyi"), "schemes": ("uebmi", "urbmi", "nrcms"), "gap": 5},
    "four regions": {"regions": ("jiangsu", "linyi", "zibo", "huantai"), "schemes": ("urbmi", "nrcms"), "balance": 0},
    "three policies": {"policies": tuple(map(Policy, ("baseline", "low", "high"))), "gap": 50},
    "many policies with long names": {"policies": (Policy("baseline"), *(Policy(f"{LONG[:-2]}{n:02}") for n in range(30)))},
    "long Chinese names": {"policies": (Policy("baseline"), Policy(LONG_ZH), Policy("b")), "regions": ("jiangsu", "linyi")},
    "a long description": {"description": "Does it matter? " * 40, "title": "What if " * 12},
    "one draw": {"draws": 1, "regions": ("jiangsu", "linyi")},
    "funds that are exhausted": {"balance": -10, "regions": ("jiangsu", "linyi"), "schemes": ("urbmi", "nrcms")},
    "changes": {"policies": (Policy("baseline"), *(Policy(f"p{n}", {"inpatient.nrcms.deductible": {"times": "0.9"}})
                                                   for n in range(9)))},
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("case", CASES)
def test_the_answer_fits_24_lines_of_80_columns_and_cuts_nothing(case, lang, tmp_path):
    lines = Brief(made(tmp_path, **CASES[case]), lang).lines()
    assert len(lines) <= MOST_LINES - 2 and "\n" not in "".join(lines)
    assert [line for line in lines if columns_of(line) > 80] == []
    assert "…" not in "".join(lines) and "nan" not in "".join(lines)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("case", ["two regions, three schemes", "three policies", "four regions", "funds that are exhausted"])
def test_nothing_is_called_higher_or_lower_whose_interval_holds_zero(case, seed, tmp_path):
    brief = Brief(made(tmp_path, seed=seed, **CASES[case]), "en")
    for subject in brief.found.subjects:
        said = brief.sentence(subject)
        clauses = {verdict: clause for clause in re.split("; ", said) for verdict in ("higher", "lower", "not surely", "the same")
                   if verdict in clause}
        for key, found in brief.findings.items():
            if key[2] != subject:
                continue
            sure = found.low > 0 or found.high < 0
            word = "higher" if found.low > 0 else "lower" if found.high < 0 else "not surely"
            assert brief._item(key) in clauses.get(word, "") or "more" in clauses.get(word, ""), (said, found)
            low, high = brief._cells(found)[-1].removesuffix(" †").split(" .. ")
            assert sure == (low[0] == high[0] and "0.0" not in (low, high)), (low, high, found)


def test_the_difference_is_of_the_policy_less_the_baseline_and_the_baseline_stands_first(tmp_path):
    brief = Brief(made(tmp_path, policies=(Policy("baseline"), Policy("rich")), gap=80), "en")
    found = brief.findings[0, "nrcms", "balance"]
    assert found.difference == pytest.approx(80, abs=25) and found.low > 0
    assert "is higher than under the baseline for rich (+" in brief.sentence("balance")
    head, row = (next(line for line in brief.table(12) if word in line) for word in ("baseline", "balance 2014"))
    assert head.split() == ["baseline", "policy", "difference", "95%", "interval"]
    before, after = map(float, row.replace("NRCMS balance 2014, yuan/head", "").split()[:2])
    assert after - before == pytest.approx(found.difference, abs=0.1)


def test_a_policy_that_changes_nothing_is_the_same(tmp_path):
    run = made(tmp_path, policies=(Policy("baseline"), Policy("idle")))
    paths = pd.read_parquet(tmp_path / "paths.parquet")
    twice = paths[paths["policy"] == "baseline"]
    rewritten(run, pd.concat([twice, twice.assign(policy="idle")]))
    sentence = Brief(run, "en").sentence("balance")
    assert sentence == "The fund's balance per member at the end of 2014 is the same as under the baseline for idle."


def test_exhaustion_is_counted_until_the_last_year_and_paired_by_draw(tmp_path):
    run = made(tmp_path, regions=("jiangsu", "linyi"), draws=4)
    paths = pd.read_parquet(tmp_path / "paths.parquet")
    paths["accrued_closing"] = 1.0
    early = (paths["region"] == "linyi") & (paths["year"] == 2012) & (paths["draw"] < 3)     # and above zero again later
    paths.loc[early, "accrued_closing"] = -1.0
    rewritten(run, paths)
    findings = Findings(run)
    assert findings.subjects == ("balance", "exhausted", "burden")
    found = findings.by_key[0, "nrcms", "exhausted"]
    assert (found.a, found.b, found.difference) == (0, 75, -75)
    assert (found.low, found.high) == tuple(100 * end for end in paired_interval(0, 3, 4))
    assert -100 <= found.low < found.high


def test_draws_in_which_both_funds_are_exhausted_tell_nothing_about_the_difference(tmp_path):
    run = made(tmp_path, regions=("jiangsu", "linyi"), draws=10, balance=1000)
    paths = pd.read_parquet(tmp_path / "paths.parquet")
    paths.loc[paths["draw"] < np.where(paths["region"] == "linyi", 6, 5), "accrued_closing"] = -1.0
    rewritten(run, paths)
    found = Findings(run).by_key[0, "nrcms", "exhausted"]
    assert (found.a, found.b) == (50, 60) and (found.low, found.high) == tuple(100 * end for end in paired_interval(0, 1, 10))


def test_months_held_stand_in_place_of_exhaustion_where_no_fund_is_exhausted(tmp_path):
    assert Findings(made(tmp_path, balance=1000)).subjects == ("balance", "months", "burden")


@pytest.mark.parametrize(("finding", "verdict"), [
    (Finding(1, 0, 1, 0.1, 1.9), "higher"), (Finding(0, 1, -1, -1.9, -0.1), "lower"), (Finding(1, 0, 1, -0.1, 2.1), "unsure"),
    (Finding(1, 0, 1, 0, 2), "unsure"), (Finding(1, 1, 0, 0, 0), "same"), (Finding(1, 0, 1, np.nan, np.nan), "unsure")])
def test_a_verdict_is_what_the_interval_says(finding, verdict):
    assert finding.verdict == verdict


def test_intervals_of_probabilities_stay_within_what_they_can_be():
    assert share_interval(0, 200) == pytest.approx((0, 0.0188453), abs=1e-6)            # Wilson (1927)
    assert share_interval(10, 200) == pytest.approx((0.0273832, 0.0895786), abs=1e-6)
    for n in (1, 2, 7, 200):
        for count in range(n + 1):
            low, high = share_interval(count, n)
            assert 0 <= low <= count / n <= high <= 1 and low < high
        for only_a in range(n + 1):
            for only_b in range(n + 1 - only_a):
                low, high = paired_interval(only_a, only_b, n)
                assert -1 <= low < high <= 1
                assert paired_interval(only_b, only_a, n) == pytest.approx((-high, -low))
    low, high = paired_interval(9, 3, 100)       # by hand: (9.5 - 3.5) / 102 -+ Z sqrt(13 - 36 / 102) / 102
    assert (low + high) / 2 == pytest.approx(6 / 102) and (high - low) / 2 == pytest.approx(1.959964 * 3.556334 / 102, abs=1e-5)
    assert paired_interval(0, 0, 50)[0] < 0 < paired_interval(0, 0, 50)[1]


def test_what_a_policy_changes_is_shown_old_and_new_without_the_keys_that_stay(tmp_path):
    policy = Policy("low", {"inpatient.nrcms.deductible.county": ["200"]})
    rows = [("inpatient.nrcms.deductible", f"{{township: [100], county: [{county}]}}", "CNY/admission", "2012-01-01", source,
             "assumption", "jiangsu") for county, source in ((300, "a file"), (200, "scenario: made: low (county); else a file"))]
    run = made(tmp_path, policies=(Policy("baseline"), policy), parameters=rows)
    assert Brief(run, "en").changes(4) == ["low: inpatient.nrcms.deductible county 300 -> county 200"]
    assert Brief(run, "zh").changes(4) == ["low：inpatient.nrcms.deductible county 300 -> county 200"]


def test_what_changes_for_everybody_is_shown_beside_the_regions_own_value(tmp_path):
    rows = [("funding.nrcms.subsidy", "264", "CNY/person/year", "2012-01-01", "scenario: made (all times 1.1); else a plan",
             "assumption", "jiangsu")]
    run = made(tmp_path, changes={"funding.nrcms.subsidy": {"times": "1.1"}}, parameters=rows)
    assert Brief(run, "en").changes(4) == ["every policy: funding.nrcms.subsidy 240 -> 264"]


def test_changes_beyond_their_lines_are_counted(tmp_path):
    lines = Brief(made(tmp_path, **CASES["changes"]), "en").changes(3)
    assert len(lines) == 3 and lines[-1] == "changes not shown: 7, see report.html"


@pytest.mark.parametrize(("case", "size"), [("four regions", 18), ("many policies with long names", 90)])
def test_rows_that_are_left_out_are_counted(case, size, tmp_path):
    brief = Brief(made(tmp_path, **CASES[case]), "en")
    for most in range(4, 30):
        lines = brief.table(most)
        assert len(lines) <= most
        figures = sum(" .. " in line for line in lines)
        left = [int(found) for found in re.findall(r"rows not shown: (\d+)", "\n".join(lines))]
        assert figures + sum(left) == len(brief.findings) == size, lines


def test_title_and_description_of_the_scenario_are_kept(tmp_path):
    lines = Brief(made(tmp_path, title="The cap", description="Does it\nmatter?"), "en").lines()
    assert lines[:3] == ["The cap", "Does it matter?", ""]


def test_both_languages_have_every_sentence_with_the_same_blanks():
    for key, (english, chinese) in BRIEF.items():
        blanks = [set(re.findall(r"\{(\w+)\}", text)) for text in (english, chinese)]
        assert blanks[0] >= blanks[1] or key in ("same",), key
        assert english and (chinese or key.startswith("as_")), key


def beside(run: Run, **pairs: tuple[float, float]) -> Run:
    """The run with figures of its last year as (if nothing is changed, as run), and those of a ladder that did not move."""
    last, figures = YEARS[-1], {"members": 2.0, "rung": 0.0, "at_bounds": 0.3}
    figures |= {"unchanged_" * (n == 0) + name: value for name, pair in pairs.items() for n, value in enumerate(pair)}
    rows = pd.DataFrame([("jiangsu", "nrcms", "baseline", last, name, "", "", value, *[0.0] * (len(SUMMARY) - 9), "")
                         for name, value in figures.items()], columns=SUMMARY)
    return Run(run.folder, run.manifest, pd.concat([run.summary, rows]), run.comparison, run.parameters)


def test_a_fund_whose_responses_act_is_told_as_run_and_unchanged_in_both_languages(tmp_path):
    same = {"exhausted": (0.1, 0.1), "over_annual": (0.5, 0.5), "over_cumulative": (0.9, 0.9), "balance": (0.01, 0.01)}
    run = made(tmp_path)
    assert Brief(run, "en").unchanged() == ""
    assert Brief(beside(run, **same), "en").unchanged() == "As run, every fund ends as if nothing were changed."
    acts = beside(run, **same | {"over_cumulative": (0.9, 0.4), "balance": (0.01, 0.002)})
    told = Brief(acts, "en").unchanged()
    assert told == ("Nothing changed / as run, 2014: NRCMS exhausted 10/10%, over cumulative limit 90/40% (30% with no more to "
                    "give), 50/10 yuan. What a ladder of benefits does: scenarios/as-funds-are-run.yaml.")
    assert "90/40%" in Brief(acts, "zh").unchanged() and "元" in Brief(acts, "zh").unchanged()
    lines = Brief(acts, "en").lines()
    assert "90/40%" in " ".join(lines) and len(lines) <= MOST_LINES and max(map(len, lines)) <= 80


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("gap", [0.0, 5.0, 60.0])
def test_two_regions_and_three_schemes_have_every_row_on_the_screen(lang, gap, tmp_path):
    run = made(tmp_path, **CASES["two regions, three schemes"] | {"gap": gap})
    lines = Brief(run, lang).lines()
    assert sum(" .. " in line for line in lines) == 9 and len(lines) <= MOST_LINES - 2
    assert not re.search("rows not shown|另有", "".join(lines)) and all(columns_of(line) <= 80 for line in lines)


def test_short_sentences_stand_where_long_ones_would_take_rows_from_the_table(tmp_path):
    acts = {"exhausted": (0.1, 0.2), "over_annual": (0.5, 0.5), "over_cumulative": (0.9, 0.9), "balance": (0.01, 0.01)}
    run = made(tmp_path, **CASES["two regions, three schemes"] | {"gap": 60})
    lines = Brief(beside(run, **acts), "en", below=3).lines()
    assert sum(" .. " in line for line in lines) == 9
    assert "Balance 2014: lower in Jiangsu for UEBMI, URBMI and NRCMS." in lines
    alone = made(tmp_path, regions=("jiangsu", "linyi"), gap=60)
    assert "The fund's balance per member at the end of 2014 is lower" in "\n".join(Brief(alone, "en").lines())
