"""A Poisson number of bills through a plan: simulated beside exact means, and what is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import import_module
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len
from scipy import integrate, stats

import simulator
from simulator.answers import exact_losses
from simulator.answers.exact_losses import exact_means, straight_line, terms_of_year
from simulator.answers.losses import losses
from simulator.answers.person_years import Claims, Insured, kernel_sums, person_years, size_of
from simulator.answers.severities import LARGEST_YUAN, Severity, read_severity
from simulator.cli.losses import WORDS, figure
from simulator.money import share
from simulator.parameters.catalogue import GROUPS
from simulator.parameters.errors import InputError
from simulator.parameters.planfile import read_plan
from simulator.parameters.plans import plan_of
from simulator.plan import pack
from simulator.tables import NO_ILLNESS, OUTPATIENT_VISIT, PAYERS, Fact, Paid, Summed
from tests.support.closed_forms import COVERS, SEVERITIES, Case, Cover, Frequency
from tests.support.command import fundsim

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ("lognormal:mean=5000,cv=2", "gamma:mean=4000,cv=1.3", "pareto:mean=3000,alpha=3.5", "exponential:mean=2500")
BY_ADMISSION = {"deductible": {"county": ["900", "500", "100"]}, "ratio": {"county": ["70", "80"]}, "band_tops": ["10000"]}
CAP_AND_CII = {**BY_ADMISSION, "annual_cap": "20000", "cii_threshold": "4000", "cii_ratio": ["50"]}
OF_ADMISSIONS = {
    "all layers": {**CAP_AND_CII, "ma_inpatient_ratio": {"dibao": "60"}, "ma_deductible": "200", "ma_cap": "3000",
                   "supplement_ratio": "40", "account_balance": {"adult": "1500"}},
    "yearly bands": {"ratio": {"county": ["60", "80"]}, "band_tops": ["8000"], "band_period": "year", "factor": "97"},
    "expense cap": {"deductible": {"county": ["300"] * 3}, "ratio": {"county": ["75"]}, "annual_cap": "15000",
                    "cap_basis": "expense"}}
OF_VISITS = {"visits": {"outpatient_deductible": "300", "outpatient_ratio": {"county": "55"}, "outpatient_visit_limit": "900",
                        "outpatient_year_limit": "2500", "cii_threshold": "3000", "cii_ratio": ["60"],
                        "cii_counts_outpatient": True}}
ORDINARY = [cover for cover in COVERS if cover.illness == NO_ILLNESS]


def insured(cover: Cover) -> Insured:
    return Insured(plan_of(cover.plan), kind=cover.kind)


def paid_for(means: np.ndarray) -> float:
    """What is paid for the insured."""
    return float(means.sum() - means[Paid.CASH])


def refused(*arguments, **options) -> str:
    with pytest.raises(InputError) as error:
        losses(*arguments, **options)
    return str(error.value)


# --- exact means

@pytest.mark.parametrize("cover", ORDINARY, ids=lambda cover: cover.name)
def test_exact_means_are_those_of_panjers_recursion(cover):
    """The cases of tests/support/closed_forms.py write down what a plan pays; here the rules are asked."""
    for (severity, text), rate in product(zip(SEVERITIES, TEXTS, strict=True), (0.1, 3.0)):
        found = exact_means(insured(cover), rate, read_severity(text).limited)
        expected = Case(0, Frequency(rate), severity, cover).with_panjer().moments[0]
        assert found.means is not None
        assert paid_for(found.means) == pytest.approx(expected, rel=2e-6), (text, rate)
        assert found.means.sum() == pytest.approx(rate * severity.law.mean(), rel=1e-6)
        assert (found.points > 0) == cover.annual


def test_deductibles_that_fall_by_admission_have_the_mean_of_first_second_and_later_ones():
    """An exponential severity is without memory: 65% of what is above a deductible d has the mean 0.65 m exp(-d / m)."""
    plan = plan_of({"deductible": {"county": ["900", "500", "100"]}, "ratio": {"county": ["65"]}})
    for rate in (0.3, 4.0):
        number = np.append(stats.poisson(rate).sf([0, 1]), 0)
        number[2] = rate - number.sum()
        exact = exact_means(Insured(plan), rate, read_severity("exponential:mean=2000").limited)
        assert paid_for(exact.means) == pytest.approx(0.65 * 2000 * number @ np.exp(-np.array([900, 500, 100]) / 2000), rel=2e-6)
        assert exact.points == 0


def test_a_limit_that_nobody_reaches_changes_nothing_where_deductibles_fall():
    limited = read_severity("gamma:mean=3000,cv=1").limited
    far = {**BY_ADMISSION, "annual_cap": "2000000"}
    plain, capped = (exact_means(Insured(plan_of(plan)), 3.0, limited) for plan in (BY_ADMISSION, far))
    assert capped.points > 0 == plain.points and capped.means == pytest.approx(plain.means, rel=1e-6, abs=1e-4)
    close = exact_means(Insured(plan_of({**BY_ADMISSION, "annual_cap": "9000"})), 3.0, limited)
    assert paid_for(close.means) < 0.9 * paid_for(plain.means)


def test_terms_that_meet_in_one_year_are_named_and_nothing_is_guessed():
    for plan, between in ((CAP_AND_CII, ("annual_cap", "cii_threshold")),
                          (OF_ADMISSIONS["expense cap"], ("cap_basis",)),
                          ({**BY_ADMISSION, "band_period": "year"}, ("band_period",)),
                          ({**BY_ADMISSION, "account_balance": {"adult": "500"}}, ("account_balance",))):
        assert exact_means(Insured(plan_of(plan)), 1.0, read_severity(TEXTS[0]).limited) == exact_losses.Exact(None, 0, between)


def test_a_term_of_the_year_that_was_forgotten_is_found_out_by_random_years(monkeypatch):
    """As if a new term were written into the rules and not into `terms_of_year`."""
    capped = Insured(plan_of({**BY_ADMISSION, "annual_cap": "20000"}))
    limited = read_severity(TEXTS[0]).limited
    assert exact_means(capped, 1.0, limited).means is not None
    monkeypatch.setattr(exact_losses, "terms_of_year", lambda insured: terms_of_year(insured) - {"annual_cap"})
    assert exact_means(capped, 1.0, limited).means is None


def test_a_payment_that_jumps_has_no_straight_line():
    with pytest.raises(ArithmeticError, match="jumps"):
        straight_line(lambda billed: np.where(billed > 100_000, billed, 0))


def test_a_payments_pieces_are_found_to_a_few_fen():
    line = straight_line(lambda billed: Insured(plan_of({**BY_ADMISSION, "factor": "90"})).settle_after(billed)[:, 0])
    assert line.knots == pytest.approx([0, 90_000, 1_000_000], abs=3)
    assert line.slopes == pytest.approx([0, 0.63, 0.72], abs=1e-6)


def test_bands_of_the_year_without_a_deductible_look_at_the_sum_of_bills_and_several_yearly_terms_do_not():
    for plan in OF_ADMISSIONS.values():
        person = Insured(plan_of(plan), group=GROUPS.index("dibao"))
        exact = exact_means(person, 1.0, read_severity(TEXTS[1]).limited)
        assert (exact.means is None) == (plan is not OF_ADMISSIONS["yearly bands"])


# --- simulated means

@pytest.mark.parametrize("cover", ORDINARY, ids=lambda cover: cover.name)
def test_simulated_means_lie_within_four_standard_errors_of_the_exact_ones(cover):
    kind = "outpatient" if cover.kind == OUTPATIENT_VISIT else "inpatient"
    result = losses(plan_of(cover.plan), 1.0, TEXTS[0], 200_000, kind=kind, threads=1)
    for amount in result.amounts:
        assert amount.se > 0 and abs(amount.mean - amount.exact) < 4 * amount.se, amount


def test_an_amount_wrong_by_a_fiftieth_would_be_seen():
    wrong = replace(read_severity(TEXTS[3]), made_of=stats.expon(scale=2550))        # only what is simulated has changed
    paid = losses(plan_of(COVERS[1].plan), 5.0, wrong, 400_000, threads=1).amount("plan")
    assert abs(paid.mean - paid.exact) > 4 * paid.se


def test_a_sample_is_simulated_with_its_own_mean(tmp_path):
    amounts = np.random.default_rng(3).lognormal(8, 1.2, 400).round(2)
    (tmp_path / "amounts.txt").write_text("# yuan\n" + "\n".join(map(str, amounts)) + "\n\n", encoding="utf-8")
    result = losses(plan_of(COVERS[1].plan), 2.0, f"sample:{tmp_path / 'amounts.txt'}", 200_000, threads=1)
    billed, paid = result.amount("billed"), result.amount("plan")
    assert billed.exact == pytest.approx(2 * amounts.mean(), rel=1e-9)
    assert paid.exact == pytest.approx(2 * 0.75 * np.maximum(amounts - 500, 0).mean(), rel=1e-6)
    assert all(abs(amount.mean - amount.exact) < 4 * amount.se for amount in result.amounts)


def test_rare_bills_come_at_their_rate_although_hazards_are_whole_numbers():
    claims = Claims(3.3e-6, read_severity(TEXTS[1]).table, 1)
    assert claims.hazard * 2**20 / claims.inverse / 2**24 == pytest.approx(3.3e-6, rel=1e-6)
    assert losses(plan_of({}), 1e-6, TEXTS[1], 10**9, threads=1).bills == pytest.approx(1000, abs=130)


# --- the same person-years by the kernel and by the rules

@pytest.mark.parametrize("name", [*OF_ADMISSIONS, *OF_VISITS])
def test_the_kernel_pays_each_person_year_what_the_rules_do(name):
    plan = plan_of({**OF_ADMISSIONS, **OF_VISITS}[name])
    person = Insured(plan, OUTPATIENT_VISIT if name in OF_VISITS else 0, in_scope=8765, group=GROUPS.index("dibao"))
    claims, size = Claims(2.4, read_severity(TEXTS[0]).table, 7), size_of(3000)
    sums = kernel_sums(pack([plan]), person, claims, size, 1)[:, 0].sum(axis=0)
    paid, bills, billed = np.zeros(len(PAYERS), dtype=np.int64), 0, 0
    for whose, amounts in person_years(person, claims, size, size.years):
        paid += person.settle(whose, amounts).sum(axis=0)
        bills, billed = bills + len(amounts), billed + int(amounts.sum())
    assert sums[:len(PAYERS)].tolist() == paid.tolist()
    assert (sums[Summed.BILLS], sums[Summed.BILLED]) == (bills, billed) and np.count_nonzero(paid) >= 2


def test_plans_side_by_side_are_paid_as_each_alone():
    plans = [plan_of({**BY_ADMISSION, "annual_cap": str(1000 * n)}) for n in range(1, 8)]
    person, claims, size = Insured(plans[0]), Claims(1.5, read_severity(TEXTS[2]).table, 5), size_of(2000)
    together = kernel_sums(pack(plans), person, claims, size, 2)
    assert together[:, 4].tolist() == kernel_sums(pack(plans[4:5]), person, claims, size, 1)[:, 0].tolist()


def test_threads_change_no_bit_and_a_seed_does():
    plan = plan_of(CAP_AND_CII)
    one, two, other = (losses(plan, 0.7, TEXTS[0], 50_000, threads=threads, seed=seed)
                       for threads, seed in ((1, 4), (2, 4), (2, 5)))
    assert one == two and one.amounts != other.amounts


def test_person_years_are_as_many_as_asked_or_a_few_more():
    for years in (1000, 12_345, 10**6, 10**7, 10**9, 3 * 10**9 + 1):
        assert years <= size_of(years).years < 1.11 * years
    assert {size_of(years).years for years in (10**4, 10**6, 10**7, 10**9)} == {10**4, 10**6, 10**7, 10**9}


# --- what is told

def test_quantiles_are_those_of_a_year_of_one_bill_or_none():
    """At 0.1 bills a year a ninth of the years has any; of the others nothing is billed."""
    result = losses(plan_of(COVERS[0].plan), 0.1, "exponential:mean=1000", 400_000, threads=1)
    billed, paid, kept = result.amounts
    assert (billed.p50, paid.p50, kept.p50) == (0, 0, 0) and result.ranked <= result.years
    assert paid.p99 == pytest.approx(0.65 * billed.p99, abs=0.02) and kept.p99 == pytest.approx(0.35 * billed.p99, abs=0.02)
    beyond = stats.poisson(0.1).pmf(np.arange(1, 30)) @ stats.gamma(np.arange(1, 30), scale=1000).sf(billed.p99)
    assert beyond == pytest.approx(0.01, rel=0.1)


def test_payers_are_told_apart_where_more_than_one_pays():
    names = [[amount.name for amount in losses(plan_of(plan), 2.0, TEXTS[0], 5000, threads=1).amounts]
             for plan in (BY_ADMISSION, CAP_AND_CII, {**CAP_AND_CII, "account_balance": {"adult": "300"}})]
    whole = ["billed", "plan", "insured"]
    assert names == [whole, [*whole, "basic", "cii"], [*whole, "basic", "cii", "account", "cash"]]


def test_parts_add_up_to_the_bills():
    result = losses(plan_of(OF_ADMISSIONS["all layers"]), 2.0, TEXTS[1], 20_000, group="dibao", threads=1)
    parts = {amount.name: amount.mean for amount in result.amounts}
    assert parts["plan"] + parts["insured"] == pytest.approx(parts["billed"], rel=1e-12)
    assert sum(parts[name] for name in ("basic", "supplement", "cii", "assistance")) == pytest.approx(parts["plan"], rel=1e-12)


def test_a_tail_without_a_variance_is_marked_and_what_is_above_the_largest_bill_is_told():
    result = losses(plan_of(COVERS[7].plan), 0.5, "pareto:mean=5000,alpha=1.3", 200_000, threads=1)
    billed, paid, _ = result.amounts
    assert billed.heavy_tailed and not paid.heavy_tailed
    scale = 5000 * 0.3
    assert result.cut == pytest.approx((1 + LARGEST_YUAN / scale) ** -0.3, rel=1e-6)
    assert billed.exact == pytest.approx(0.5 * 5000 * (1 - result.cut), rel=1e-9)
    assert read_severity("pareto:mean=5000,alpha=1.3").table.mean() / 100 == pytest.approx(2 * billed.exact, rel=1e-6)


def test_commercial_cover_pays_those_who_hold_it():
    plan = plan_of({**BY_ADMISSION, "commercial_ratio": "50"})
    without, held = (losses(plan, 1.0, TEXTS[3], 20_000, commercial=held, threads=1) for held in (False, True))
    assert "commercial" not in [amount.name for amount in without.amounts]
    commercial = held.amount("commercial")
    assert commercial.mean == pytest.approx(0.5 * without.amount("insured").mean, rel=1e-5)
    assert held.method == "limited" and abs(commercial.mean - commercial.exact) < 4 * commercial.se


def test_it_is_a_public_function_and_reads_plan_files():
    result = simulator.losses(ROOT / "docs" / "losses-example.yaml", 0.1, TEXTS[0], 1000, threads=1)
    assert read_plan(ROOT / "docs" / "losses-example.yaml").plan.annual_cap.tolist() == [80_000_00] * 5
    assert result.amount("plan").exact == pytest.approx(334.3858, abs=5e-4)           # the reference job of the benchmarks
    with pytest.raises(KeyError):
        result.amount("cii")


# --- severities

@pytest.mark.parametrize("text", [*TEXTS, "lognormal:mu=8,sigma=1.2", "gamma:shape=0.4,scale=9000", "pareto:alpha=2.2,scale=4000",
                                  "lomax:alpha=2.2,scale=4000", "burr:mean=5000,alpha=1.4,gamma=2",
                                  "burr:alpha=2,gamma=1.3,scale=900"])
def test_limited_expected_values_are_the_integrals_of_the_survival(text):
    severity = read_severity(text)
    for limit in (40.0, 900.0, 7000.0, 90_000.0):
        integral = integrate.quad(severity.made_of.sf, 0, limit, limit=300)[0]
        assert float(severity.limited(np.array(limit))) == pytest.approx(integral, rel=1e-7)
    assert float(severity.limited_without_end(np.array(np.inf))) == pytest.approx(severity.made_of.mean(), rel=1e-9)
    assert severity.limited(np.array([0.0, LARGEST_YUAN, np.inf])).tolist() == [0.0, severity.mean, severity.mean]
    assert severity.table.mean() / 100 == pytest.approx(severity.mean, rel=1e-6)


def test_a_distribution_named_by_its_mean_has_it():
    for text, mean, cv in ((TEXTS[0], 5000, 2), (TEXTS[1], 4000, 1.3), (TEXTS[3], 2500, 1),
                           ("pareto:mean=3000,alpha=4", 3000, 2**0.5)):
        law = read_severity(text).made_of
        assert (law.mean(), law.std() / law.mean()) == (pytest.approx(mean), pytest.approx(cv))
    assert read_severity("burr:mean=700,alpha=1.1,gamma=3").mean == pytest.approx(700, rel=1e-6)


def test_limited_values_of_a_sample_are_means_over_it(tmp_path):
    amounts = [*range(100, 3100, 100), 0, 2.5]
    (tmp_path / "s").write_text("\n".join(map(str, amounts)), encoding="utf-8")
    severity = read_severity(f"sample:{tmp_path / 's'}")
    limits = np.array([0, 2.5, 99.99, 100, 1250, 3000, 1e9, np.inf])
    assert severity.limited(limits) == pytest.approx([np.minimum(amounts, limit).mean() for limit in limits], rel=1e-12)


def test_a_distribution_that_no_table_holds_is_refused():
    impossible = Severity("mine", read_severity(TEXTS[0]).limited_without_end, stats.cauchy())
    assert "a distribution that a table of quantiles" in refused(plan_of({}), 1.0, impossible, 1000)


# --- bad input

@pytest.mark.parametrize(("severity", "expected"), [
    ("lognormall:mean=8000,cv=2", "unknown distribution 'lognormall'; expected 'lognormal', 'gamma', 'exponential', 'pareto', "
     "'burr', 'lomax' or 'sample'; did you mean 'lognormal'?"),
    ("lognormal", "parameters of lognormal: ''; expected lognormal:mean=...,cv=... or lognormal:mu=...,sigma=..."),
    ("weibull", "for example lognormal:mean=8000,cv=2"),
    ("lognormal:mean=8000", "parameters of lognormal: 'mean=8000'; expected"),
    ("lognormal:mean=8000,sigma=1", "parameters of lognormal: 'mean=8000,sigma=1'; expected"),
    ("lognormal:maen=8000,cv=2", "unknown parameter of lognormal: 'maen'; expected lognormal:mean=...,cv=... or"),
    ("lognormal:maen=8000,cv=2", "did you mean 'mean'?"),
    ("gamma:mean=1,mean=2", "repeated parameter of gamma: 'mean'"),
    ("lognormal:mean=8,000,cv=2", "not a parameter of lognormal: '000'; expected"),
    ("lognormal:mean=8,000,cv=2", "numbers have no thousands separators"),
    ("lognormal:mean=-8,cv=2", "mean of lognormal: out of range: '-8'; expected a number from 0.01 to 100000000"),
    ("lognormal:mean=8e3,cv=2", "an exponent in a number: '8e3'; expected the number written in full; did you mean '8000'?"),
    ("gamma:mean=,cv=2", "mean of gamma: the number is empty"),
    ("pareto:mean=8000,alpha=1", "alpha of pareto: out of range: '1'"),
    ("burr:mean=9,alpha=1.1,gamma=0.5", "alpha x gamma of burr: '0.55'; expected more than 1.01, or the mean is infinite"),
    ("sample:nowhere.txt", "cannot read the sample: 'nowhere.txt'; expected a file with one amount in yuan a line"),
])
def test_a_severity_that_is_none_is_refused_in_one_sentence(severity, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = refused(plan_of({}), 1.0, severity, 1000)
    assert said.startswith("--severity: ") and expected in said and "\n" not in said


@pytest.mark.parametrize(("text", "expected"), [
    ("100\nabc\n", "s.txt:2: not an amount: not a number: 'abc'"), ("100\n-5\n", "s.txt:2: not an amount: out of range: '-5'"),
    ("1,5\n", "s.txt:1: not an amount: thousands separators"), ("", "different amounts in the sample: '0'; expected at least 30"),
    ("5\n" * 100, "different amounts in the sample: '1'"), (b"\xff", "not UTF-8")])
def test_a_sample_that_is_none_is_refused_with_its_line(text, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("s.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert expected in refused(plan_of({}), 1.0, "sample:s.txt", 1000)


@pytest.mark.parametrize(("options", "expected"), [
    ({"rate": "x"}, "--rate: 'x'; expected bills a person-year, from 0.000001 to 100"), ({"rate": 0}, "--rate: '0'"),
    ({"rate": float("nan")}, "--rate: 'nan'"), ({"rate": 101}, "--rate: '101'"),
    ({"years": 10}, "--years: '10'; expected a whole number of person-years, from 1000 to 10000000000"),
    ({"tier": "conty"}, "did you mean 'county'?"), ({"kind": "inpatent"}, "did you mean 'inpatient'?"),
    ({"member_class": "adlut"}, "did you mean 'adult'?"), ({"group": "dibo"}, "did you mean 'dibao'?"),
    ({"in_scope": "101"}, "--in-scope: '101'; expected a percentage from 0 to 100"),
    ({"plan": "nowhere.yaml"}, "cannot read the plan")])
def test_other_bad_input_is_refused_in_one_sentence(options, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = refused(**{"plan": plan_of({}), "rate": 1.0, "severity": TEXTS[0], "years": 1000, **options})
    assert expected in said and "\n" not in said


# --- the verb

@pytest.fixture
def plan_file(tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("plan.yaml").write_text('deductible: {county: ["500"]}\nratio: {county: ["75"]}\nannual_cap: "80000"\n'
                                 'cii_threshold: "9000"\ncii_ratio: ["60"]\nma_inpatient_ratio: {dibao: "70"}\n'
                                 'account_balance: {adult: "400"}\n', encoding="utf-8")
    return "plan.yaml"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_verb_prints_a_small_table(lang, plan_file):
    said = fundsim("losses", plan_file, "--rate", "2", "--severity", "pareto:mean=90000,alpha=1.2", "--years", "2000",
                   "--threads", "1", "--income-group", "dibao", "--lang", lang)
    lines = said.out.rstrip("\n").split("\n")
    assert said.code == 0 and said.err == "" and len(lines) <= 24 and max(map(cell_len, lines)) <= 80, said.out
    for name in ("billed", "plan", "insured", "none", "exact"):
        assert WORDS[name][lang == "zh"] in said.out
    assert "  account_balance, annual_cap, cii_threshold" in lines and " - " in said.out


def test_the_verb_says_the_exact_means_and_where_they_are_from():
    said = fundsim("losses", ROOT / "docs" / "losses-example.yaml", "--rate", "0.1", "--severity", TEXTS[0], "--years", "1000",
                   "--threads", "1")
    assert said.code == 0 and "by Fourier transform of the year's sum" in said.out
    (paid,) = [line.split() for line in said.out.split("\n") if line.startswith("Plan pays")]
    assert paid[4] == "334.39"


def test_json_has_what_the_function_gives(plan_file):
    words = ("--rate", "0.5", "--severity", TEXTS[1], "--years", "3000", "--seed", "9", "--threads", "1")
    said = fundsim("losses", plan_file, *words, "--json")
    found, result = json.loads(said.out), losses(plan_file, 0.5, TEXTS[1], 3000, seed=9, threads=1)
    assert found == json.loads(json.dumps(result.as_dict()))
    assert [amount["name"] for amount in found["amounts"]][:3] == ["billed", "plan", "insured"]


@pytest.mark.parametrize(("words", "expected"), [
    (("--rate", "x", "--severity", TEXTS[0]), "--rate: 'x'"), (("--rate", "1", "--severity", "lognorm:mean=1"), "did you mean"),
    (("--rate", "1", "--severity", TEXTS[0], "--tier", "conty"), "did you mean 'county'?")])
def test_bad_input_of_the_verb_is_one_line_and_exit_code_2(words, expected, plan_file):
    said = fundsim("losses", plan_file, *words)
    assert said.code == 2 and said.out == "" and said.err.startswith("error: ") and said.err.count("\n") == 1
    assert expected in said.err


def test_an_interruption_ends_with_3_and_a_sentence(plan_file, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("simulator.answers.person_years"), "walk_all", interrupt)
    said = fundsim("losses", plan_file, "--rate", "1", "--severity", TEXTS[0])
    assert said.code == 3 and said.out == "" and "interrupted" in said.err and "Traceback" not in said.err


def test_a_plan_file_with_a_fault_is_named_with_its_line(tmp_path):
    (tmp_path / "p.yaml").write_text("ratio: {county: [\"75\"]}\nanual_cap: \"3\"\n", encoding="utf-8")
    said = fundsim("losses", tmp_path / "p.yaml", "--rate", "1", "--severity", TEXTS[0])
    assert said.code == 2 and "p.yaml:2:1" in said.err and "did you mean 'annual_cap'?" in said.err


def test_figures_take_at_most_eight_characters():
    assert [figure(yuan) for yuan in (None, 0.0, 9999.99, 9999.996, 999_999.4, 12_345_678.0)] == [
        "-", "0.00", "9,999.99", "10,000", "999,999", "1.23e+07"]


def test_eligible_expense_is_rounded_as_the_rules_round_it():
    amounts = np.array([1, 3, 49, 12_345, 999_999_999])
    eligible = Insured(plan_of({}), in_scope=3333).bills(amounts)[:, Fact.ELIGIBLE]
    assert eligible.tolist() == [int(share(amount, 3333)) for amount in amounts]


def test_the_table_and_the_python_of_the_docs_are_what_comes(capsys):
    page = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    command = re.findall(r"^fundsim (losses .*)$", page, re.MULTILINE)[0].replace("docs/", f"{ROOT / 'docs'}/")
    assert fundsim(*command.split()).out == shown
    (snippet,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    exec(snippet.replace("docs/", f"{ROOT / 'docs'}/"), {})
    assert capsys.readouterr().out.startswith("545.2")


def test_keys_of_whole_claims_files_are_refused_with_their_place(tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text('ratio: {county: ["70"]}\nreadmission_days: 14\n', encoding="utf-8")
    with pytest.raises(InputError, match="plan.yaml:2: readmission_days: losses settles single bills.*fundsim settle reads it"):
        losses(plan, 1, "exponential:mean=1000", 1000)
