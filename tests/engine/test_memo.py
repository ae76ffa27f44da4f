"""Memo figures: who pays, what patients advance, what governments pay beside the funds."""

import numpy as np
import pytest

from simulator.engine.memo import memo_measures
from simulator.engine.simulate import simulate
from simulator.parameters.catalogue import TIERS
from simulator.parameters.regions import load_regions
from simulator.scenario import BASELINE, Policy, Scenario
from simulator.tables import PAYERS, Summed
from tests.support.one_year import simulate_one_year

FULL = dict.fromkeys(TIERS, "100")
ZERO = {"conduct.nrcms.zero_markup_share": FULL, "conduct.nrcms.markup": "15", "conduct.nrcms.government_recovery": "40",
        "conduct.nrcms.fee_recovery": "30"}
ASKED = Scenario("memo", ("jiangsu",), 2012, ("nrcms",), 2, 3, 2_000, policies=(
    Policy(BASELINE, level="none"),
    Policy("zero markup", ZERO, "none"),
    Policy("all at once", {"conduct.nrcms.outside_immediate": "100", "assistance.one_stop": True,
                           "conduct.nrcms.deposit_share": "0"}, "none"),
    Policy("nothing at once", {"conduct.nrcms.outside_immediate": "0", "assistance.one_stop": False}, "none"),
    Policy("beds", {"conduct.nrcms.beds_per_1000": "4", "conduct.nrcms.beds_growth": "10", "conduct.nrcms.beds_limit": "4.2",
                    "conduct.nrcms.beds_limit_held": "100"},
           "none"),
    Policy("public health", {"public_health.per_head": "60"}, "none")))


@pytest.fixture(scope="module")
def result():
    return simulate(ASKED, load_regions()).schemes[0]


def values(result, name: str, group: str = "", year: int = 2012) -> np.ndarray:
    return next(m.values for m in result.measures[year] if (m.name, m.group) == (name, group))


def test_the_payers_shares_add_up_to_the_whole(result):
    for year in (2012, 2013):
        shares = sum(values(result, "payer_share", f"payer:{name}", year) for name in PAYERS)
        assert shares == pytest.approx(np.full(shares.shape, 100.0), abs=1e-9)
        in_scope = values(result, "in_scope_share", year=year)
        assert np.all((in_scope > 0) & (in_scope <= 100))


def test_nobody_advances_what_is_settled_at_once(result):
    prepaid = values(result, "prepaid_by_patients")
    assert not prepaid[:, 2].any()
    assert np.all(prepaid[:, 3] > 0) and np.all(prepaid[:, 3] >= prepaid[:, 0])
    by_quintile = np.stack([values(result, "prepaid_by_patients", f"quintile:q{q}") for q in range(1, 6)])
    assert not by_quintile[:, :, 2].any() and np.all(by_quintile[:, :, 3] > by_quintile[:, :, 2])
    assert np.all(np.abs(by_quintile.mean(axis=0) / np.maximum(prepaid, 1e-9) - 1)[:, 3] < 0.35)      # of sampled households


@pytest.mark.parametrize("recovery", ["0", "30"])
def test_governments_compensate_their_part_of_the_markup_the_hospitals_gave_up(recovery):
    """What bills fell by under zero markup without new fees is the markup; governments pay 40% of that."""
    policies = ({}, {**ZERO, "conduct.nrcms.fee_recovery": recovery}, {**ZERO, "conduct.nrcms.fee_recovery": "0"})
    year = simulate_one_year("nrcms", 3, 2_000, outpatient_share=(1, 1), policies=policies, level="none")
    region = year.people.region
    ruled = [region.with_changes(own, "a test").reading() if own else region.reading() for own in policies]
    members = np.repeat(year.members[:, None], 3, axis=1)
    rows = memo_measures(ruled, "nrcms", 2012, 2012, year.sums, members, year.sample)
    compensation = next(m.values for m in rows if m.name == "government_compensation")
    billed = year.sums.month[..., Summed.BILLED].sum(axis=(2, 3)) * (year.members / year.persons)[:, None] / 1e10
    assert compensation[:, 1] == pytest.approx((billed[:, 0] - billed[:, 2]) * 0.4, rel=1e-3)       # multipliers in 1/65,536
    assert not compensation[:, 0].any()


def test_public_health_money_is_so_much_a_head(result):
    funding = values(result, "public_health_funding")
    assert funding[:, 5] == pytest.approx(60 * result.members[2012][:, 5] / 1e8)
    stated = float(load_regions()["jiangsu"].value("public_health.per_head", 2012).value)
    assert funding[:, 0] == pytest.approx(stated * result.members[2012][:, 0] / 1e8)


def test_beds_grow_to_their_limit(result):
    assert np.all(values(result, "beds_per_1000")[:, 4] == 4.0)
    assert np.all(values(result, "beds_per_1000", year=2013)[:, 4] == 4.2)


def test_memo_figures_have_one_value_for_each_draw_and_policy(result):
    for name in ("prepaid_by_patients", "government_compensation", "public_health_funding", "beds_per_1000", "in_scope_share"):
        assert values(result, name).shape == (ASKED.draws, len(ASKED.policies))
