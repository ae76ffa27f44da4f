"""The settlement slip: every step in its place, figures that a calculator can follow, payers that add up, two languages."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pytest

from simulator.engine.chosen_plan import choose
from simulator.engine.doors import explain_bill
from simulator.law.year import STATE, YearState
from simulator.money import fen, yuan
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.parameters.errors import InputError
from simulator.parameters.plans import plan_of
from simulator.plan import TERMS, pack
from simulator.slip.steps import Bill, Step
from simulator.slip.words import LABELS, explain
from simulator.tables import PAYERS
from tests.support.plan_text import plan_text
from tests.support.random_plans import random_plan

PLAN = {
    "deductible": {"county": ["300", "150", "0"], "city": ["600", "600", "600"], "township": ["0", "0", "0"],
                   "outside": ["800", "800", "800"]},
    "band_tops": ["10000"], "ratio": {tier: ["60", "70"] for tier in TIERS}, "primary_bonus": "5", "unreferred_penalty": "10",
}


def steps_of(plan: dict, bill: Bill, lang: str = "en", **state: int) -> list[Step]:
    year = np.zeros(STATE, dtype=np.int64)
    for name, amount in state.items():
        year[{"admissions": YearState.ADMISSIONS, "cap_used": YearState.CAP_USED, "self_pay": YearState.SELF_PAY_YEAR,
              "account_used": YearState.ACCOUNT_USED}[name]] = amount
    return explain(pack([plan_of(plan)])[0], year, bill, lang=lang)


def amounts(steps: list[Step]) -> dict[str, str]:
    return {step.name: yuan(step.amount) for step in steps if step.amount is not None}


def bill_of(billed: str, eligible: str | None = None, **facts) -> Bill:
    return Bill(facts.pop("tier", "county"), fen(billed), fen(eligible or billed), **facts)


# --- the steps ------------------------------------------------------------------------------------


def test_an_admission_shows_deductible_bands_sum_and_what_the_fund_pays():
    steps = steps_of(PLAN, bill_of("20000", "16000"))
    assert [step.name for step in steps] == ["billed", "eligible", "excluded", "deductible", "base", "band", "band", "sum",
                                             "basic",
                                             "self_pay", "cash", "together"]
    assert [step.formula for step in steps if step.name == "band"] == [
        "300.00 - 10000.00: 9700.00 x 60% = 5820.00", "10000.00 - 16000.00: 6000.00 x 70% = 4200.00"]
    assert amounts(steps)["basic"] == "10020.00" and amounts(steps)["cash"] == "9980.00"


def test_points_stand_beside_the_rate_they_change():
    (band,) = (step for step in steps_of(PLAN, bill_of("1000", tier="township", unreferred=True)) if step.name == "band")
    assert "1000.00 x 55% (60% + 5% primary care - 10% unreferred) = 550.00" in band.formula


def test_the_second_admission_has_its_own_deductible():
    assert amounts(steps_of(PLAN, bill_of("1000"), admissions=1))["deductible"] == "150.00"


def test_a_waived_deductible_says_why():
    (step,) = (s for s in steps_of({**PLAN, "deductible_waived": ["dibao"]}, bill_of("1000",
        group="dibao")) if s.name == "deductible")
    assert step.amount == 0 and "waived" in step.formula


def test_tcm_minimum_factor_and_cap_follow_one_another():
    plan = {**PLAN, "tcm_bonus": "10", "guaranteed_share": "50", "factor": "90", "annual_cap": "1000"}
    steps = steps_of(plan, bill_of("2000", tcm=fen("100")), cap_used=fen("400"))
    names = [step.name for step in steps]
    assert names[names.index("band"):names.index("basic") + 1] == ["band", "tcm", "sum", "minimum", "factor", "cap", "basic"]
    found = amounts(steps)
    assert (found["sum"], found["minimum"], found["factor"], found["cap"]) == ("1030.00", "1030.00", "927.00", "600.00")


def test_a_product_below_a_fen_is_written_out_and_the_sum_is_rounded_once():
    steps = steps_of({"ratio": {"county": ["33.33"]}}, bill_of("0.15"))
    assert "0.15 x 33.33% = 0.049995" in next(step.formula for step in steps if step.name == "band")
    assert amounts(steps)["sum"] == "0.05"


@pytest.mark.parametrize(("kind", "hospital", "cash"), [("package", "20000.00", "24000.00"), ("limit", None, "44000.00")])
def test_a_quota_price_puts_its_excess_on_hospital_or_patient(kind, hospital, cash):
    plan = {"listed": {"esrd": "full"}, "listed_ratio": {"esrd": "70"}, "quota": {"esrd": "40000"}, "quota_kind": {"esrd": kind}}
    found = amounts(steps_of(plan, bill_of("100000", "60000", illness="esrd", units=2)))
    assert (found["quota"], found["listed"], found.get("hospital"), found["cash"]) == ("80000.00", "56000.00", hospital, cash)


def test_better_of_shows_the_ordinary_bill_line_by_line():
    plan = {**PLAN, "listed": {"esrd": "full"}, "listed_ratio": {"esrd": "10"}, "listed_better": True}
    steps = steps_of(plan, bill_of("10000", illness="esrd"))
    assert "as ordinary: Band" in [step.en for step in steps] and "按普通费用: 起付线" in [step.zh for step in steps]
    assert amounts(steps)["listed"] == "5820.00" and "basic" not in amounts(steps)


@pytest.mark.parametrize(("membership", "pilot_area", "said"), [
    ("none", True, "not on the list"), ("pilot", False, "takes no part"), ("pilot", True, "takes part"), ("full", False,
        "on the list")])
def test_the_list_line_says_whether_the_illness_is_on_it(membership, pilot_area, said):
    steps = steps_of({"listed": {"esrd": membership}}, bill_of("100", illness="esrd", pilot_area=pilot_area))
    assert said in next(step.formula for step in steps if step.name == "list")


def test_a_new_drug_above_its_reference_price_leaves_the_scope():
    steps = steps_of({**PLAN, "reference_price": "200"}, bill_of("1000", new_drug=fen("500")))
    assert amounts(steps)["reference"] == "700.00" and amounts(steps)["excluded"] == "300.00"


@pytest.mark.parametrize(("base", "expected"), [("price", ("5000.00", "2600.00", "2400.00", "3000.00")),
                                                ("billed", ("5000.00", "1400.00", "3600.00", "3000.00"))])
def test_a_case_price_leaves_the_excess_to_the_hospital(base, expected):
    plan = {"ratio": {"county": ["52" if base == "price" else "55"]}, "case_level": {"county": "100"}, "patient_share_base": base}
    found = amounts(steps_of(plan, bill_of("8000", case_price=fen("5000"), payment_area=True)))
    assert (found["price"], found["basic"], found["cash"], found["hospital"]) == expected


def test_a_day_price_above_the_bill_is_kept_by_the_hospital():
    steps = steps_of({"day_price": {"county": "100"}}, bill_of("500", days=7))
    hospital = next(step for step in steps if step.name == "hospital")
    assert hospital.amount == -20000 and "keeps" in hospital.formula
    assert "(-200.00)" in steps[-1].formula


def test_the_supplement_pays_above_the_cap():
    plan = {"ratio": {"county": ["80"]}, "annual_cap": "8000", "supplement_ratio": "90", "supplement_cap": "5000"}
    found = amounts(steps_of(plan, bill_of("20000")))
    assert (found["cap"], found["above"], found["supplement"], found["cash"]) == ("8000.00", "10000.00", "5000.00", "7000.00")


def test_cii_is_the_years_sum_with_the_bill_less_the_sum_before_it():
    plan = {"cii_threshold": "100", "cii_tops": ["1000"], "cii_ratio": ["50", "60"]}
    steps = steps_of(plan, bill_of("1000"), self_pay=fen("300"))
    found = amounts(steps)
    assert (found["cii_year"], found["cii_before"], found["cii"]) == ("630.00", "100.00", "530.00")
    assert "900.00 x 50% = 450.00; 300.00 x 60% = 180.00" in next(step.formula for step in steps if step.name == "cii_year")


def test_commercial_assistance_account_relief_and_cash_come_in_this_order():
    plan = {"commercial_ratio": "50", "commercial_deductible": "200", "ma_inpatient_ratio": {"dibao": "40"}, "ma_take_up": "50",
            "account_balance": {"adult": "100"}, "relief_groups": ["dibao"], "relief_ability": "50", "relief_ratio": "80"}
    steps = steps_of(plan, bill_of("1000", group="dibao", commercial=True, emergency=True), account_used=fen("40"))
    found = {step.name: yuan(step.amount or 0) for step in steps if step.payer}
    assert found == {"basic": "0.00", "commercial": "400.00", "assistance": "120.00", "account": "60.00", "relief": "296.00",
                     "cash": "124.00"}


def test_a_chronic_visit_and_an_ordinary_one_have_terms_of_their_own():
    plan = {"outpatient_ratio": {"township": "40"}, "consultation_fee": "10", "consultation_share": "80", "chronic_list": True,
            "chronic_ratio": {"township": "70"}, "chronic_deductible": "20"}
    found = [amounts(steps_of(plan, bill_of("100", tier="township", kind="outpatient", chronic=chronic))) for chronic in (False,
        True)]
    assert (found[0]["consultation"], found[0]["visit"], found[0]["outpatient"]) == ("8.00", "36.00", "44.00")
    assert (found[1]["deductible"], found[1]["outpatient"]) == ("20.00", "56.00")


def test_a_bill_of_nothing_is_a_slip_of_nothing():
    steps = steps_of(PLAN, bill_of("0"))
    assert steps[-1].amount == 0 and steps[-1].formula.startswith("0.00 = 0.00")


# --- the whole slip -------------------------------------------------------------------------------


def random_case(rng: np.random.Generator) -> tuple[dict, Bill]:
    def flag() -> bool:
        return bool(rng.random() < 0.5)

    plan = random_plan(rng, everything=True)
    billed = int(10 ** rng.uniform(0, 7.5))
    eligible = int(billed * rng.random()) if flag() else billed
    return plan, Bill(
        str(rng.choice(TIERS)), billed, eligible, kind=str(rng.choice(["inpatient", "outpatient"])), units=int(rng.integers(1,
            9)),
        illness=str(rng.choice(ILLNESSES)) if rng.random() < 0.4 else None, days=int(rng.integers(1, 20)),
        tcm=int(eligible * rng.random()), case_price=int(10 ** rng.uniform(0, 7)) if flag() else 0,
        new_drug=int(eligible * rng.random()),
        unreferred=flag(), chronic=int(rng.integers(5)), emergency=flag(), member_class=str(rng.choice(CLASSES)),
        group=str(rng.choice(GROUPS[:3])),
        pilot_area=flag(), payment_area=flag(), commercial=flag(), first_pay=int(eligible * rng.random() / 4) if flag() else 0,
        out_of_area=int(rng.integers(3)), civil_servant=flag(), essential=int(eligible * rng.random()),
        quota_price=int(10 ** rng.uniform(0, 6)) if flag() else 0, insured_years=int(rng.integers(9)))


def test_the_slip_says_what_the_rules_pay_for_any_plan_bill_and_year():
    rng = np.random.default_rng(20120321)
    seen = set()
    for _ in range(150):
        plan, bill = random_case(rng)
        terms, year = pack([plan_of(plan)])[0], np.zeros(STATE, dtype=np.int64)
        for _ in range(4):                                       # explain itself refuses a slip that differs from the rules
            steps = explain(terms, year, bill, lang=str(rng.choice(["en", "zh"])))
            assert sum(step.amount or 0 for step in steps if step.payer) == bill.billed
            seen |= {step.name for step in steps}
    assert seen == LABELS.keys()


def test_every_product_of_a_formula_is_what_a_calculator_finds():
    rng, found = np.random.default_rng(7), 0
    for _ in range(200):
        plan, bill = random_case(rng)
        for step in steps_of(plan, bill):
            for left, rate, result in re.findall(r"([0-9.]+) x ([0-9.]+)%(?: \([^)]*\))? = ([0-9.]+)", step.formula):
                exact = Decimal(left) * Decimal(rate) / 100
                assert Decimal(result) in (exact, exact.quantize(Decimal("0.01"), ROUND_HALF_UP)), step
                found += 1
    assert found > 100


def test_a_slip_in_chinese_has_no_english_words():
    rng = np.random.default_rng(11)
    for _ in range(60):
        plan, bill = random_case(rng)
        for step in steps_of(plan, bill, "zh"):
            assert not re.search(r"[A-Za-z]{2,}", step.formula.replace("min", "").replace("max", "")), step
            assert not re.search(r"[A-Za-z]", step.zh.replace("CII", "")), step
            assert all(ord(sign) < 0x2E80 for sign in step.en), step


def test_every_payer_has_a_label():
    assert set(PAYERS) < LABELS.keys()


# --- from a plan file -----------------------------------------------------------------------------


@pytest.fixture
def plan_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "plan.yaml"
    path.write_text('deductible: {county: ["300"]}\nratio: {county: ["60"]}\ncii_threshold: "1000"\ncii_ratio: ["50"]\n',
                    encoding="utf-8")
    return path


def test_a_plan_file_is_cited_by_line(plan_file):
    steps, notes = explain_bill(tier="county", bill="8000", plan=plan_file, in_scope="75.5")
    assert {step.name: step.source for step in steps if step.source} == {
        "deductible": "plan.yaml:1 deductible", "band": "plan.yaml:2 ratio", "basic": "plan.yaml:2 ratio",
        "cii_year": "plan.yaml:3 cii_threshold", "cii_before": "plan.yaml:3 cii_threshold", "cii": "plan.yaml:4 cii_ratio"}
    assert next(step for step in steps if step.name == "eligible").formula == "8000.00 x 75.5%" and notes == []


def test_every_parameter_of_a_term_is_cited_by_its_line_of_the_plan_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    neutral = plan_text(plan_of({}))
    Path("whole.yaml").write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in neutral.items()), encoding="utf-8")
    cite = choose(None, 2012, "nrcms", None, Path("whole.yaml")).cite
    for line, key in enumerate(neutral, start=1):
        if TERMS[key].path:
            assert cite(TERMS[key].path.replace(".{scheme}", "")) == f"whole.yaml:{line} {key}"
    assert cite("care.in_scope_share") == cite("listed.pilot_area_share") == ""


@pytest.mark.parametrize(("more", "expected"), [
    ({"plan": None}, "one of the two is needed"), ({"in_scope": None}, "--in-scope"),
    ({"date": "2012-07-01"}, "--date with --plan"),
    ({"level": "1"}, "--level with --plan"), ({"chronic": True}, "--chronic without --outpatient"),
    ({"member": "adlt"}, "did you mean 'adult'"), ({"case_price": "-1"}, "--case-price"), ({"account_balance": "x"},
        "--account-balance"),
    ({"new_drug": "7000"}, "at most the in-scope expense")])
def test_a_slip_of_impossible_options_is_refused(plan_file, more, expected):
    with pytest.raises(InputError, match=re.escape(expected)):
        explain_bill(**{"tier": "county", "bill": "8000", "plan": plan_file, "in_scope": "75", **more})
