"""Response to price: what patients pay decides how often they go, and where."""

import numpy as np
import pytest

from simulator.care.conduct import OF_BILLED, OF_ELIGIBLE, neutral_variant
from simulator.care.reforms import power, reform_of
from simulator.care.walk import CHANCE, PRICE
from simulator.engine.demand import RATE_CAP, Elasticities, advance_of, net_prices, reformed, respond, thinned, with_advance
from simulator.parameters.catalogue import ILLNESSES, TIERS
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.plan import pack
from simulator.tables import Paid, Summed
from tests.support.one_year import even_paths, simulate_one_year

STANDARD_ERRORS = 4
BY = Elasticities(-0.4, -0.5, -0.5)
SINGLE = {"inpatient.nrcms.annual_cap": "1000000", "care.nrcms.bill_law": dict.fromkeys(TIERS, "lognormal"),
          "care.nrcms.bill_cv": dict.fromkeys(TIERS, "0.8"), "care.nrcms.admission_rate": "20", "care.nrcms.visit_rate": "1",
          "inpatient.nrcms.unreferred_share": "0", "outpatient.nrcms.deductible": "0"}


def deductibles(*yuan: str) -> dict:
    return {"inpatient.nrcms.deductible": {tier: [amount] for tier, amount in zip(TIERS, yuan, strict=True)}}


LOW, HIGH = deductibles("100", "200", "400", "600"), deductibles("100", "800", "2500", "4000")


@pytest.fixture(scope="module")
def year():
    return simulate_one_year("nrcms", 60, 4_000, 2, (1, 1), changes={**SINGLE, **LOW}, paths=even_paths(60), demand=True,
                             policies=({}, HIGH, {"control.nrcms.secondary_threshold": "12345"}))


def bills(year, policy: int, kind: int) -> np.ndarray:
    """Bills of a kind by tier over all draws, float64[T]."""
    return year.sums.tier[:, policy, kind, :, Summed.BILLS].sum(axis=0).astype(float)


def test_a_policy_at_the_baselines_prices_has_exactly_the_baselines_claims(year):
    assert np.array_equal(year.sums.month[:, 2], year.sums.month[:, 0])
    assert all(np.array_equal(a, b) for a, b in zip(year.variants[2], year.variants[0], strict=True))


def test_a_higher_deductible_keeps_people_from_hospital_and_sends_them_to_cheaper_tiers(year):
    before, after = bills(year, 0, 0), bills(year, 1, 0)
    assert after.sum() < before.sum() - STANDARD_ERRORS * np.sqrt(before.sum())
    shares = after / after.sum() - before / before.sum()
    assert shares[0] > 0 and shares[3] < 0 and shares[2:].sum() < 0
    assert np.array_equal(bills(year, 1, 2), bills(year, 0, 2))                    # visits cost what they did
    assert np.array_equal(bills(year, 1, 1), bills(year, 0, 1))                    # listed illnesses are nobody's choice


def test_rates_and_tiers_are_those_of_the_elasticities(year):
    """Kept claims against the powers of the net prices, what patients advance counted in, by hand."""
    slips, plans = year.people.first_bills, year.plans
    plain = neutral_variant(slips.tables, len(ILLNESSES))
    advance = advance_of(load_regions()["jiangsu"].value, "nrcms", 2012)
    net = [with_advance(net_prices(slips, pack([plan])[0], plain, PRICE, "nrcms"), plain, advance)[0] for plan in plans[:2]]
    shares = np.diff(slips.tables.tier_of, prepend=0) / 2.0**32
    rate = (np.sum(shares * net[1]) / np.sum(shares * net[0])) ** -0.372
    assert year.variants[1].keep[0] / CHANCE == pytest.approx(rate / RATE_CAP, abs=1e-4)
    moved = shares * (net[1] / net[0]) ** -0.5
    moved = moved / moved.sum()
    assert np.diff(year.variants[1].tier_of, prepend=0) / 2.0**32 == pytest.approx(moved, abs=1e-6)
    seen, drawn = bills(year, 1, 0), bills(year, 0, 0).sum()
    assert abs(seen.sum() - drawn * rate) <= STANDARD_ERRORS * np.sqrt(drawn * rate)
    error = np.sqrt(moved * (1 - moved) / seen.sum())
    assert np.all(np.abs(seen / seen.sum() - moved) <= STANDARD_ERRORS * error + 1e-12)


def test_net_prices_are_what_patients_of_a_years_first_bill_pay(year):
    """From the tables, against the simulated share of bills under a plan whose layers never look back."""
    tier = year.sums.tier[:, 0, 0].sum(axis=0).astype(float)
    paid = (tier[:, Paid.ACCOUNT] + tier[:, Paid.CASH]) / tier[:, Summed.BILLED]
    slips = year.people.first_bills
    net = net_prices(slips, pack(year.plans[:1])[0], neutral_variant(slips.tables, len(ILLNESSES)), PRICE, "nrcms")
    assert net.shape == (2, len(TIERS)) and np.all((net > 0) & (net <= 1))
    assert net[0] == pytest.approx(paid, abs=0.03)
    assert 0 < tier[0, Summed.ELIGIBLE] < tier[0, Summed.BILLED]


def test_demand_walks_twice_the_claims_and_the_baseline_keeps_its_half():
    with_demand, without = (simulate_one_year("nrcms", 60, 4_000, outpatient_share=(1, 1), changes=SINGLE, paths=even_paths(60),
                                              demand=demand) for demand in (True, False))
    for kind in (0, 2):
        one, other = (bills(y, 0, kind).sum() for y in (with_demand, without))
        assert abs(one - other) <= STANDARD_ERRORS * np.sqrt(one + other), kind
    assert np.array_equal(bills(with_demand, 0, 1), bills(without, 0, 1))
    assert with_demand.expected == pytest.approx(without.expected, rel=1e-12)


def test_expected_slips_follow_demand(year):
    for p in range(3):
        sampling_error = (year.first_bills(p) - year.expected_of[:, p])[..., [0, 2, 3]]
        error = sampling_error.std(axis=0, ddof=1) / np.sqrt(len(sampling_error))
        allowed = STANDARD_ERRORS * error + 1e-6 * year.expected_of[0, p][:, [0, 2, 3]]
        assert np.all(np.abs(sampling_error.mean(axis=0)) <= allowed)


# --- the pieces

def neutral(year):
    return neutral_variant(year.people.tables, len(ILLNESSES), RATE_CAP)


def test_without_elasticities_prices_move_nobody(year):
    net = np.full((2, 4), 0.5)
    variant, rates = respond(neutral(year), net * 0.3, net, Elasticities(0.0, 0.0, 0.0))
    assert rates.tolist() == [1.0, 1.0] and np.array_equal(variant.tier_of, year.people.tables.tier_of)


def test_prices_that_halve_at_every_tier_raise_use_and_move_no_tier(year):
    net = np.array([[0.4, 0.5, 0.6, 0.7]] * 2)
    variant, rates = respond(neutral(year), net / 2, net, BY)
    assert rates == pytest.approx([2.0**0.4, 2.0**0.5])
    assert np.diff(variant.tier_of) == pytest.approx(np.diff(year.people.tables.tier_of), abs=4)


def test_a_free_tier_has_a_finite_pull(year):
    net = np.full((2, 4), 0.5)
    free = net.copy()
    free[0, 0] = 0.0
    variant, rates = respond(neutral(year), free, net, BY)
    shares = np.diff(year.people.tables.tier_of, prepend=0) / 2.0**32
    pull = shares * np.array([power(0.01, -0.5), 1, 1, 1])
    assert np.diff(variant.tier_of, prepend=0) / 2.0**32 == pytest.approx(pull / pull.sum(), abs=1e-8)
    assert np.isfinite(rates).all() and variant.tier_of[-1] == 1 << 32


@pytest.mark.parametrize("cap", [1, 2])
def test_a_rate_above_what_is_walked_is_refused_with_what_to_do(year, cap):
    variant = neutral(year)
    assert thinned(variant, np.array([cap, 0.5]), cap, "p").keep.tolist() == [CHANCE, CHANCE, CHANCE // (2 * cap)]
    with pytest.raises(InputError) as refused:
        thinned(variant, np.array([1.0, cap + 0.001]), cap, "free visits")
    assert "free visits: visits" in str(refused.value) and "smaller effects or elasticities" in str(refused.value)
    assert ("demand: true" in str(refused.value)) == (cap == 1)


def test_a_retained_share_moves_from_outside_to_the_county_and_leaves_the_others(year):
    region = year.people.region.with_changes({"conduct.nrcms.retention": "25",
                                              "conduct.nrcms.zero_markup_share": {"township": "0"}}, "a test")
    variant, rates = reformed(year.people.first_bills, reform_of(region.value, region.value, "nrcms", "nrcms", 2012, 2012), 1)
    before, after = (np.diff(tiers, prepend=0) / 2.0**32 for tiers in (year.people.tables.tier_of, variant.tier_of))
    assert after - before == pytest.approx([0, before[3] / 4, 0, -before[3] / 4], abs=1e-8)
    assert rates.tolist() == [1.0, 1.0]


def test_dearer_bills_count_in_the_net_price(year):
    slips = year.people.first_bills
    plain = neutral(year)
    dear = plain._replace(bill=plain.bill.copy())
    dear.bill[..., [OF_BILLED, OF_ELIGIBLE]] *= 2
    one, two = (net_prices(slips, pack(year.plans[:1])[0], variant, PRICE, "nrcms") for variant in (plain, dear))
    assert np.all(two > 1.5 * one)


def test_commercial_cover_lowers_the_net_price_by_the_share_that_holds_it(year):
    slips, plan = year.people.first_bills, year.plans[0]._replace(commercial_ratio=5_000, commercial_cap=10**12)
    none, some, all_ = (net_prices(slips, pack([plan._replace(commercial_share=held)])[0], neutral(year), PRICE, "nrcms")
                        for held in (0, 3_000, 10_000))
    assert some == pytest.approx(0.7 * none + 0.3 * all_, rel=1e-9)
    assert np.all(all_ < none)
