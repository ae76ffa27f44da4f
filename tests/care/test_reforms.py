"""Prices, conduct and provider payment as multipliers: neutral where nothing is stated, and the arithmetic of each."""

import math

import numpy as np
import pytest

from simulator.care.conduct import FEE, OF_BILLED, OF_DAYS, OF_ELIGIBLE, UNIT, multiply
from simulator.care.reforms import COUNTY_TIER, OUTSIDE_TIER, compounded, markup_saving, power, reform_of
from simulator.parameters.catalogue import ILLNESSES, TIERS
from simulator.parameters.regions import load_regions
from simulator.tables import BILL_COLUMNS, Fact, Paid, Summed
from tests.support.one_year import simulate_one_year

YEAR = 2012
NEUTRAL = {"conduct.nrcms.zero_markup_share": dict.fromkeys(TIERS, "0"), "conduct.nrcms.bed_elasticity": "0",
           "conduct.nrcms.fraud_share_removed": "0"}


def every_tier(value: str) -> dict[str, str]:
    return dict.fromkeys(TIERS, value)


def reform(changes: dict, year: int = YEAR):
    region = load_regions()["national"].with_changes({**NEUTRAL, **changes}, "a test", YEAR)
    return reform_of(region.value, load_regions()["national"].value, "nrcms", "nrcms", year, YEAR)


# --- powers without math.pow

def test_power_agrees_with_the_machines_own_to_fourteen_digits():
    rng = np.random.default_rng(1)
    bases = np.concatenate([np.exp(rng.uniform(math.log(1e-3), math.log(1e3), 4000)), 1.0 + rng.uniform(-1e-6, 1e-6, 500),
                            2.0 ** np.arange(-9, 10)])
    exponents = rng.uniform(-5, 5, len(bases))
    for base, exponent in zip(bases.tolist(), exponents.tolist(), strict=True):
        # A power's own condition: an ulp of the logarithm is this much of the result.
        room = 1e-14 * max(1.0, abs(exponent * math.log(base)) / 4)
        assert power(base, exponent) == pytest.approx(math.pow(base, exponent), rel=room, abs=0), (base, exponent)


def test_power_is_exactly_one_where_nothing_changes():
    assert power(1.0, -0.372) == 1.0 and power(0.3, 0.0) == 1.0 and power(1e-3, -0.0) == 1.0


def test_powers_rise_and_fall_with_their_base():
    bases = np.linspace(0.01, 5, 400).tolist()
    for exponent in (-0.5, -2.0, 0.7):
        values = np.array([power(base, exponent) for base in bases])
        assert np.all(np.diff(values) * exponent > 0)


def test_growth_compounds_by_whole_years():
    assert compounded(8.0, 0) == 1.0 and compounded(8.0, 3) == pytest.approx(1.08**3, rel=1e-15)
    assert compounded(-50.0, 2) == 0.25


# --- neutral

def test_where_nothing_is_stated_care_stays_as_it_is():
    same = reform({})
    assert (same.admissions, same.visits, same.retained) == (1.0, 1.0, 0.0)
    assert np.all(same.onsets == 1.0) and len(same.onsets) == len(ILLNESSES)
    assert np.all(same.bill[..., [OF_BILLED, OF_ELIGIBLE, OF_DAYS]] == 1.0) and not same.bill[..., FEE].any()


# --- zero markup

@pytest.mark.parametrize(("markup", "share", "recovery"), [("15", "100", "0"), ("15", "40", "80"), ("30", "100", "100"),
                                                           ("0", "100", "50")])
def test_zero_markup_saves_the_drug_share_times_m_over_one_plus_m(markup, share, recovery):
    drugs = {"township": "55", "county": "45", "city": "40", "outside": "35"}
    changes = {"care.nrcms.drug_share": drugs, "conduct.nrcms.zero_markup_share": every_tier(share),
               "conduct.nrcms.markup": markup, "conduct.nrcms.fee_recovery": recovery}
    m, part, back = float(markup) / 100, float(share) / 100, float(recovery) / 100
    region = load_regions()["national"].with_changes({**NEUTRAL, **changes}, "a test", YEAR)
    saving, left = markup_saving(region.value, "nrcms", "nrcms", YEAR)
    expected = np.array([float(drugs[tier]) / 100 * m / (1 + m) * part for tier in TIERS])
    assert saving == pytest.approx(expected, rel=1e-14)
    assert left == pytest.approx(1 - expected * (1 - back), rel=1e-14)
    bill = reform(changes).bill
    for kind in range(2):
        assert bill[kind, :, OF_BILLED] == pytest.approx(left)
        assert bill[kind, :, OF_ELIGIBLE] == pytest.approx(1 - saving)
        assert bill[kind, :, FEE] == pytest.approx(saving * back)


@pytest.mark.parametrize("recovery", ["0", "50", "100"])
def test_patients_pay_no_more_under_zero_markup_when_fees_recover_at_most_what_was_lost(recovery):
    """The new fees are wholly in scope, what patients paid for drugs was not: nobody's burden rises on the whole."""
    zero = {"conduct.nrcms.zero_markup_share": every_tier("100"), "conduct.nrcms.fee_recovery": recovery}
    year = simulate_one_year("nrcms", 20, 4_000, outpatient_share=(1, 1), policies=({}, zero),
                             changes={**NEUTRAL, "payment.nrcms.inpatient_method": every_tier("fee_for_service")})
    total = year.sums.month.sum(axis=(2, 3)).astype(float)
    own = total[:, :, [Paid.ACCOUNT, Paid.CASH]].sum(axis=2)
    assert np.all(own[:, 1] <= own[:, 0]) and np.all(total[:, 1, Summed.BILLED] <= total[:, 0, Summed.BILLED])
    assert np.array_equal(total[:, 0, Paid.HOSPITAL], total[:, 1, Paid.HOSPITAL])
    by_fifth = year.sums.quintile[..., [Paid.ACCOUNT, Paid.CASH]].sum(axis=(0, 3))
    assert np.all(by_fifth[1] <= by_fifth[0])


# --- the other multipliers

def test_equipment_and_drug_targets_and_shorter_stays_take_their_part_of_a_bill():
    equipment = reform({"conduct.nrcms.equipment_share": every_tier("10"), "conduct.nrcms.equipment_price_cut": "20"})
    assert equipment.bill[:, :, OF_BILLED] == pytest.approx(np.full((3, 4), 0.98))
    drugs = reform({"care.nrcms.drug_share": every_tier("50"), "conduct.nrcms.drug_share_target": "40",
                    "conduct.nrcms.drug_target_effect": "50"})
    assert drugs.bill[:, :, OF_BILLED] == pytest.approx(np.full((3, 4), 0.95))
    kept = reform({"care.nrcms.drug_share": every_tier("30"), "conduct.nrcms.drug_share_target": "40",
                   "conduct.nrcms.drug_target_effect": "50"})
    assert np.all(kept.bill[:, :, OF_BILLED] == 1.0)
    days = reform({"conduct.nrcms.bed_days_cut": "10", "conduct.nrcms.bed_day_cost_share": "40"})
    assert days.bill[0, :, OF_BILLED] == pytest.approx(np.full(4, 0.96))
    assert days.bill[0, :, OF_DAYS] == pytest.approx(np.full(4, 0.9))
    assert np.all(days.bill[2, :, [OF_BILLED, OF_DAYS]] == 1.0)                              # visits have no stay


def test_provider_payment_works_in_its_part_of_the_counties_and_its_growth_adds_up_over_the_years():
    changes = {"payment.nrcms.counties_share": "50", "payment.nrcms.outpatient_counties_share": "20",
               "payment.nrcms.inpatient_volume_effect": "-10", "payment.nrcms.inpatient_cost_effect": "-8",
               "payment.nrcms.inpatient_cost_growth_effect": "-4", "payment.nrcms.outpatient_volume_effect": "-10",
               "payment.nrcms.outpatient_cost_effect": "-5", "payment.nrcms.inpatient_method": every_tier("case"),
               "payment.nrcms.outpatient_method": every_tier("capitation")}
    first, third = reform(changes), reform(changes, YEAR + 2)
    assert (first.admissions, first.visits) == (pytest.approx(0.95), pytest.approx(0.98))
    assert first.bill[0, :, OF_BILLED] == pytest.approx(np.full(4, 0.96))
    assert np.all(first.bill[1, :, OF_BILLED] == 1.0)                                # listed illnesses are paid by the list
    assert first.bill[2, :, OF_BILLED] == pytest.approx(np.full(4, 0.99))
    assert third.bill[0, :, OF_BILLED] == pytest.approx(np.full(4, 0.96 * 0.98**2))


def test_a_method_that_holds_nowhere_has_no_effect_and_one_that_holds_at_a_tier_has_it_there():
    effects = {"payment.nrcms.inpatient_volume_effect": "-10", "payment.nrcms.inpatient_cost_effect": "-8",
               "care.nrcms.tier_shares": {"township": "40", "county": "40", "city": "20", "outside": "0"}}
    nowhere = reform({**effects, "payment.nrcms.inpatient_method": every_tier("fee_for_service")})
    assert nowhere.admissions == 1.0 and np.all(nowhere.bill[..., OF_BILLED] == 1.0)
    city = reform({**effects, "payment.nrcms.inpatient_method": {**every_tier("fee_for_service"), "city": "case"},
                   "payment.nrcms.counties_share": "100"})
    assert city.admissions == pytest.approx(1 - 0.2 * 0.1)
    assert city.bill[0, :, OF_BILLED] == pytest.approx([1.0, 1.0, 0.92, 1.0])


def test_a_target_for_bill_growth_binds_only_below_the_growth_there_is():
    growth = [float(load_regions()["national"].value("care.nrcms.bill_growth", YEAR + n).value) for n in (1, 2, 3)]
    bound = reform({"conduct.nrcms.bill_growth_target": "2"}, YEAR + 3).bill[0, :, OF_BILLED]
    assert bound == pytest.approx(np.full(4, 1.02**3 / np.prod([1 + rate / 100 for rate in growth])))
    since = {"conduct.nrcms.bill_growth_target": [{"from": f"{YEAR + 3}-01-01", "value": "2"}]}
    assert reform(since, YEAR + 3).bill[0, :, OF_BILLED] == pytest.approx(np.full(4, 1.02 / (1 + growth[2] / 100)))
    assert np.all(reform({"conduct.nrcms.bill_growth_target": "40"}, YEAR + 3).bill[0, :, OF_BILLED] == 1.0)
    assert np.all(reform({"conduct.nrcms.bill_growth_target": "2"}, YEAR).bill[0, :, OF_BILLED] == 1.0)


def test_out_of_area_prices_fraud_prevention_retention_and_the_lists():
    assert reform({"conduct.nrcms.outside_price_change": "25"}).bill[0, :, OF_BILLED].tolist() == [1.0, 1.0, 1.0, 1.25]
    assert TIERS[OUTSIDE_TIER] == "outside" and TIERS[COUNTY_TIER] == "county"
    fraud = reform({"conduct.nrcms.fraud_share_removed": "3"})
    assert (fraud.admissions, fraud.visits) == (0.97, 0.97)
    managed = reform({"conduct.nrcms.managed_share": "40", "conduct.nrcms.managed_effect": {"esrd": "50"}}).onsets
    usual = float(load_regions()["national"].value("conduct.nrcms.managed_share", YEAR).value) / 100
    assert managed[ILLNESSES.index("esrd")] == pytest.approx(0.8 / (1 - usual / 2)) and np.count_nonzero(managed != 1.0) == 1
    assert reform({"conduct.nrcms.retention": "30"}).retained == 0.3
    assert reform({"conduct.nrcms.in_scope_change": "-2"}).bill[0, :, FEE] == pytest.approx(np.full(4, -0.02))


def test_beds_hold_admissions_back_only_at_their_limit_and_by_their_elasticity():
    beds = {"conduct.nrcms.beds_per_1000": "4", "conduct.nrcms.beds_growth": "10", "conduct.nrcms.bed_elasticity": "0.5",
            "conduct.nrcms.beds_limit_held": "100"}
    assert reform({**beds, "conduct.nrcms.beds_limit": "100"}, YEAR + 2).admissions == 1.0
    assert reform({**beds, "conduct.nrcms.beds_limit": "4.4"}, YEAR + 2).admissions == pytest.approx((4.4 / 4.84) ** 0.5)
    assert reform({**beds, "conduct.nrcms.beds_limit": "3"}, YEAR + 2).admissions == pytest.approx((4 / 4.84) ** 0.5)
    assert reform({**beds, "conduct.nrcms.beds_limit": "3"}, YEAR).admissions == 1.0         # no bed is taken away
    half = {**beds, "conduct.nrcms.beds_limit": "4.4", "conduct.nrcms.beds_limit_held": "50"}
    assert reform(half, YEAR + 2).admissions == pytest.approx((4.62 / 4.84) ** 0.5)          # half of the growth goes on


def test_a_bill_of_ten_thousand_yuan_under_zero_markup_fen_by_fen():
    """Drugs 46% in hospitals that give up 15%: 600 yuan less, 300 of them back as fees in scope."""
    changes = {"care.nrcms.drug_share": every_tier("46"), "conduct.nrcms.zero_markup_share": every_tier("100"),
               "conduct.nrcms.markup": "15", "conduct.nrcms.fee_recovery": "50"}
    bill = np.zeros(BILL_COLUMNS, dtype=np.int64)
    bill[[Fact.BILLED, Fact.ELIGIBLE, Fact.DAYS]] = 1_000_000, 800_000, 8
    multiply(bill, np.floor(reform(changes).bill[0, 1] * UNIT + 0.5).astype(np.int64))
    assert bill[[Fact.BILLED, Fact.ELIGIBLE, Fact.DAYS]].tolist() == pytest.approx([970_000, 752_000 + 30_000, 8], abs=20)
