"""Published examples (tests/cases/textbook) through our rules, tables and formulas, to the last digit that the source prints."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from simulator.answers.losses import LossResult, losses
from simulator.money import fen
from simulator.parameters.plans import plan_of
from simulator.tables import PAYERS
from tests.reference import settlement
from tests.support.closed_forms import (
    WEIGHTS,
    Cover,
    Frequency,
    Severity,
    compound_fft,
    compound_panjer,
    exponential,
    gamma,
    lattice,
    limited_payment,
    mean_of,
    paid_at_midpoints,
    pareto,
    square_of,
)
from tests.support.settled import settle_with_rules

OTHERS = [payer for payer in PAYERS if payer not in ("account", "cash")]
FOLDER = Path(__file__).parents[1] / "cases" / "textbook"


def read(name: str) -> list[dict]:
    return YAML(typ="safe").load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


CLAIMS, YEARS, LOSSES, AGGREGATES = read("claims"), read("years"), read("losses"), read("aggregates")
EACH_CLAIM = pytest.mark.parametrize("case", CLAIMS, ids=lambda case: case["name"])
EACH_YEAR = pytest.mark.parametrize("case", YEARS, ids=lambda case: case["name"])
EACH_AGGREGATE = pytest.mark.parametrize("case", AGGREGATES, ids=lambda case: case["name"])
EACH_LOSS = pytest.mark.parametrize("case", LOSSES, ids=lambda case: case["name"])


def paid_by_rules(plan: dict, bills: list[dict]) -> list[int]:
    """Fen that others than the patient pay for each bill of a year."""
    return [sum(slip[payer] for payer in OTHERS) for slip in settle_with_rules(plan, {}, bills)]


def paid_by_reference(plan: dict, bills: list[dict]) -> list[int]:
    return [sum(fen(slip[payer]) for payer in OTHERS)
            for slip in settlement.settle(settlement.read_plan(plan), {}, bills)]


def bills_of(amounts: list, kind: str = "inpatient") -> list[dict]:
    return [{"kind": kind, "tier": "county", "billed": str(amount), "eligible": str(amount)} for amount in amounts]


def agrees(found: float, published: float, digits: int) -> bool:
    """To half a unit of the last digit the source prints, and what rounding to the fen and the table may add."""
    return abs(found - published) <= 0.5 * 10.0**-digits + 2e-6 * abs(published)


def test_every_example_names_its_source():
    cases = [*CLAIMS, *YEARS, *LOSSES, *AGGREGATES]
    assert len(cases) == 19 and len({case["name"] for case in cases}) == len(cases)
    assert all(case["source"] for case in cases)


# --- one loss

@EACH_LOSS
def test_a_plan_pays_what_the_published_rule_pays(case):
    published = [fen(Decimal(amount)) for amount in case["paid"]]
    bills = [bills_of([loss])[0] for loss in case["losses"]]
    assert [paid_by_rules(case["plan"], [bill])[0] for bill in bills] == published
    assert [paid_by_reference(case["plan"], [bill])[0] for bill in bills] == published


# --- one claim of a random size

def severity_of(case: dict) -> Severity:
    law = case["severity"]
    if law["law"] == "expon":
        return exponential(law["scale"])
    return gamma(law["shape"] * law["scale"], law["shape"] ** -0.5)


def pieces_of(case: dict) -> tuple:
    return tuple((float(low), float(high), float(rate)) for low, high, rate in case["claim"])


def cover_of(case: dict) -> Cover:
    return Cover(case["name"], case["plan"], pieces_of(case))


@EACH_CLAIM
def test_rules_and_tables_give_the_published_moments(case):
    """Integrated at the midpoints of the quantile table, every payment settled by the rules. Chances and densities come less
    exactly than means, which a table keeps: within a cell its law is uniform."""
    published, severity = case["published"], severity_of(case)
    paid = paid_at_midpoints(severity.law, cover_of(case))
    mean, square = WEIGHTS @ paid, WEIGHTS @ paid**2
    claims_paid = WEIGHTS @ (paid > 0)
    if "variance" in published:
        assert agrees(square - mean**2, published["variance"], case["digits"])
    if "mean_paid" in published:
        assert mean / claims_paid == pytest.approx(published["mean_paid"], rel=1e-4)
    if "density" in published:
        at, near = published["density"]["at"], 20.0
        found = WEIGHTS @ (np.abs(paid - at) < near) / (2 * near) / claims_paid
        assert found == pytest.approx(published["density"]["is"], rel=5e-3)
        assert WEIGHTS @ (paid == published["largest"]["at"]) / claims_paid == pytest.approx(published["largest"]["is"], rel=2e-4)


@EACH_CLAIM
def test_limited_expected_values_give_the_published_moments(case):
    published, severity, pieces = case["published"], severity_of(case), pieces_of(case)
    deductible = pieces[0][1]
    mean, chance = mean_of(pieces, severity.limited), float(severity.law.sf(deductible))
    if "variance" in published:
        assert agrees(square_of(pieces, severity) - mean**2, published["variance"], case["digits"])
    if "mean_paid" in published:
        assert agrees(mean / chance, published["mean_paid"], case["digits"])
    if "density" in published:
        at, step = published["density"]["at"], 1.0
        low, middle, high = limited_payment(pieces, severity, np.array([at - step, at, at + step]))
        assert (2 * middle - low - high) / step**2 / chance == pytest.approx(published["density"]["is"], rel=1e-5)
        largest = published["largest"]
        assert float(severity.law.sf(deductible + largest["at"])) / chance == pytest.approx(largest["is"], abs=5e-8)


def test_an_increase_of_five_percent_raises_the_published_cost_by_a_little_more_than_one():
    before, after = (case["published"]["mean_paid"] for case in CLAIMS[1:3])
    assert after / before - 1 == pytest.approx(0.011, abs=5e-4)


# --- a year's sum

def sum_of_year(case: dict) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the claims in yuan and their chances."""
    step = np.gcd.reduce(case["sizes"])
    if "counts" in case:
        mass = np.zeros(max(case["sizes"]) // step + 1)
        mass[np.array(case["sizes"]) // step] = case["chances"]
        powers = [reduce(np.convolve, [mass] * n, np.ones(1)) for n in range(len(case["counts"]))]
        chance = np.zeros(len(powers[-1]))
        for share, power in zip(case["counts"], powers, strict=True):
            chance[:len(power)] += share * power
    else:
        mass = np.zeros(4096)
        mass[np.array(case["sizes"]) // step] = case["chances"]
        frequency = Frequency(case["frequency"]["mean"], case["frequency"]["shape"])
        chance = compound_panjer(frequency, mass)
        assert np.max(np.abs(chance - compound_fft(frequency, mass))) < 1e-9
    return step * np.arange(len(chance)), chance


@EACH_YEAR
def test_rules_give_the_published_moments_of_the_year(case):
    """A yearly deductible looks at the year's sum alone: every sum is settled as one bill, and as many small ones."""
    published = case["published"]
    if "outpatient_ratio" in case["plan"]:
        sums, chance = sum_of_year(case)
        paid = np.array([paid_by_rules(case["plan"], bills_of([amount], case["kind"]))[0] for amount in sums.tolist()]) / 100
        step = sums[1]
        for k in (1, 3, 4, 5, 12):
            pieces = bills_of([step] * k, case["kind"])
            together = sum(paid_by_rules(case["plan"], pieces))
            assert together == sum(paid_by_reference(case["plan"], pieces)) == round(100 * paid[k])
        assert chance.sum() == pytest.approx(1, abs=1e-9)
        mean, variance = chance @ paid, chance @ paid**2 - (chance @ paid) ** 2
    else:
        paid = np.array([paid_by_rules(case["plan"], bills_of([size], case["kind"]))[0] for size in case["sizes"]]) / 100
        first, second = np.array(case["chances"]) @ paid, np.array(case["chances"]) @ paid**2
        frequency = Frequency(case["frequency"]["mean"], case["frequency"]["shape"])
        mean, variance = frequency.mean * first, frequency.mean * second + frequency.overdispersion * first**2
    assert abs(mean - published["mean"]) <= 0.5000001 * 10.0 ** -case["digits"]
    if "variance" in published:
        assert variance == pytest.approx(published["variance"], abs=0.5)




# --- a Poisson number of claims through a layer, by the function that users call

def losses_of(case: dict, years: int = 1000) -> LossResult:
    plan = {**case["plan"], "deductible": {"county": 3 * case["plan"]["deductible"]["county"]}}
    return losses(plan_of(plan), case["rate"], case["severity"], years, threads=1)


@EACH_AGGREGATE
def test_losses_gives_the_published_mean_exactly_and_by_simulation(case):
    result, published = losses_of(case, 200_000), case["published"]
    paid = result.amount("plan")
    assert abs(paid.exact / case["unit"] - published["mean"]) <= case["off"]
    assert abs(paid.mean - paid.exact) < 4 * paid.se
    if "variance" in published:                            # the standard error of 200 batches is itself known to 5%
        assert paid.se * result.years**0.5 == pytest.approx(published["variance"] ** 0.5, rel=0.2)


def test_two_layers_with_a_reinstatement_each_are_worth_less_than_both_in_one():
    """Mata 2000: the common limit can be used by either; without a limit it makes no difference."""
    _, low, _, high, both = [losses_of(case).amount("plan").exact for case in AGGREGATES[1:]]
    assert low + high < 0.98 * both


def test_finer_recursions_lead_to_the_mean_that_losses_gives():
    layer, found = ((0, 10, 0), (10, 20, 1), (20, np.inf, 0)), []
    for step in (1.0, 0.5, 0.05):
        chance = compound_panjer(Frequency(10), lattice(layer, pareto(5, 3), step, round(20 / step)))
        found.append(chance @ (step * np.arange(len(chance))) + 20 * (1 - chance.sum()))
    exact = losses_of(AGGREGATES[2]).amount("plan").exact
    assert found[0] < found[1] < found[2] == pytest.approx(exact / AGGREGATES[2]["unit"], abs=1e-5)
