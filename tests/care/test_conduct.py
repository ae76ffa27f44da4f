"""What policies do to care: thinning, tiers, multipliers, and the expectation of slips under each of them."""

import numpy as np
import pytest

from simulator.care.conduct import FEE, OF_BILLED, OF_DAYS, OF_ELIGIBLE, UNIT, multiply, neutral_variant, reprice, rework, stack
from simulator.care.walk import CASE_GROUPS, CHANCE
from simulator.kernel.sums import ACCOUNTS as ACCOUNTS_OF_FIRST_BILLS
from simulator.money import LARGEST_BILL
from simulator.parameters.catalogue import ILLNESSES, TIERS
from simulator.parameters.errors import InputError
from simulator.tables import BILL_COLUMNS, NO_ILLNESS, Fact, Summed
from tests.care.test_walk import bills_of, draw_admissions, merged_of, task_of
from tests.support.one_year import YEAR, even_paths, simulate_one_year

STANDARD_ERRORS = 4
DRAWS = 80


def every_tier(value: str) -> dict[str, str]:
    return dict.fromkeys(TIERS, value)


def paid_by(method: str, base: str, level: str) -> dict:
    """Admissions paid by case or day in half the counties."""
    return {"payment.nrcms.inpatient_method": every_tier(method), "payment.nrcms.counties_share": "50",
            "payment.nrcms.patient_share_base": base, f"payment.nrcms.{level}": "90"}


FEATURES = {
    "case prices, the patient's share on the price": paid_by("case", "price", "case_level"),
    "case prices, the patient's share on the bill": paid_by("case", "billed", "case_level"),
    "day prices, the patient's share on the price": paid_by("per_diem", "price", "day_price_level"),
    "day prices, the patient's share on the bill": paid_by("per_diem", "billed", "day_price_level"),
    "fee for service everywhere": {"payment.nrcms.inpatient_method": every_tier("fee_for_service")},
    "a reference price of new drugs": {"inpatient.nrcms.reference_price": "1000"},
    "a chronic list": {"outpatient.nrcms.chronic_list": True, "outpatient.nrcms.chronic_deductible": "20",
                       "outpatient.nrcms.chronic_ratio": every_tier("60"), "outpatient.nrcms.chronic_year_limit": "300"},
    "prices of drugs, services, equipment and places": {
        "conduct.nrcms.zero_markup_share": every_tier("80"), "conduct.nrcms.fee_recovery": "70",
        "conduct.nrcms.equipment_share": every_tier("10"), "conduct.nrcms.equipment_price_cut": "20",
        "conduct.nrcms.in_scope_change": "3", "conduct.nrcms.bed_days_cut": "10", "conduct.nrcms.outside_price_change": "15"},
    "claims thinned": {"conduct.nrcms.fraud_share_removed": "20"},
    "illnesses prevented": {"conduct.nrcms.managed_share": "50",
                            "conduct.nrcms.managed_effect": {"esrd": "90", "cerebral-infarction": "80",
                                                             "acute-myocardial-infarction": "60"}},
    "patients kept in the county": {"conduct.nrcms.retention": "60"},
    "listed at least as ordinary": {"listed.nrcms.better_of": True},
    "commercial cover and relief": {"commercial.nrcms.share": "50", "commercial.nrcms.ratio": "50", "relief.in_force": True,
                                    "relief.ratio": "50"},
    "all together": {**paid_by("per_diem", "price", "day_price_level"), "inpatient.nrcms.reference_price": "1000",
                     "conduct.nrcms.zero_markup_share": every_tier("80"), "conduct.nrcms.fee_recovery": "70",
                     "conduct.nrcms.retention": "60", "conduct.nrcms.fraud_share_removed": "10",
                     "conduct.nrcms.bed_days_cut": "10", "listed.nrcms.better_of": True},
}

# Light tails, low limits and many claims, so that few draws can tell; every layer has something to pay.
WORLD = {"care.nrcms.bill_law": every_tier("lognormal"), "care.nrcms.bill_cv": every_tier("0.8"),
         "care.nrcms.admission_rate": "25", "care.nrcms.visit_rate": "1", "care.nrcms.new_drug_share": "30",
         "care.nrcms.new_drug_part": "50", "care.nrcms.chronic_visit_share": "30", "care.nrcms.emergency_share": "20",
         "inpatient.nrcms.annual_cap": "3000", "inpatient.nrcms.unreferred_penalty": "10",
         "inpatient.nrcms.unreferred_share": "30", "supplement.nrcms.in_force": True, "supplement.nrcms.ratio": "80",
         "supplement.nrcms.cap": "100000", "cii.nrcms.in_force": True, "cii.nrcms.threshold": "1000",
         "cii.nrcms.threshold_multiple": "0", "control.nrcms.secondary_threshold": "1000",
         "listed.nrcms.pilot_area_share": "40", "listed.nrcms.outside_cap": False,
         "listed.nrcms.ratio": dict.fromkeys(ILLNESSES, "25"), "listed.nrcms.better_of": False}


@pytest.fixture(scope="module")
def year():
    """A neutral baseline and every feature beside it, on the same 4,000 people."""
    return simulate_one_year("nrcms", DRAWS, 4_000, 2, (1, 1), paths=even_paths(DRAWS, 1.1), changes=WORLD,
                             policies=({}, *FEATURES.values()))


def within(surprise: np.ndarray, expected: np.ndarray, label: str) -> None:
    """The mean over draws is zero within four standard errors, or within a millionth of what is expected."""
    error = surprise.std(axis=0, ddof=1) / np.sqrt(len(surprise))
    mean = surprise.mean(axis=0)
    assert np.all(np.abs(mean) <= STANDARD_ERRORS * error + 1e-6 * np.abs(expected)), (label, mean, error, expected)


@pytest.mark.parametrize("feature", FEATURES)
def test_expected_slips_are_the_mean_of_simulated_slips(year, feature):
    """Alone, and in what the feature changes against the baseline, which has far less chance in it."""
    p = 1 + list(FEATURES).index(feature)
    surprise, expected = year.first_bills(p) - year.expected_of[:, p], year.expected_of[0, p]
    within(surprise, expected, feature)
    within(surprise - (year.first_bills(0) - year.expected_of[:, 0]), expected, f"{feature} less the baseline")
    assert np.array_equal(year.first_bills(p).any(axis=0), year.expected_of[:, p].any(axis=0))


def test_every_layer_is_at_work_and_every_feature_changes_something(year):
    assert (year.expected_of[0, 0, 0] > 0).all() and (year.expected_of[0, 0, 1, [0, 2, 3, 4]] > 0).all()
    for p, feature in enumerate(FEATURES, start=1):
        assert not np.array_equal(year.sums.month[:, p], year.sums.month[:, 0]), feature
        if feature != "commercial cover and relief":                       # slips know neither
            assert not np.allclose(year.expected_of[:, p], year.expected_of[:, 0], rtol=1e-6), feature


# --- thinning

def counted(year, policy: int) -> np.ndarray:
    """Bills by kind, int64[kinds], over all draws."""
    return year.sums.month[:, policy, :, :, Summed.BILLS].sum(axis=(0, 2))


@pytest.mark.parametrize(("feature", "rate"), [("claims thinned", 0.8), ("patients kept in the county", 1.0),
                                               ("all together", 0.9)])
def test_a_variant_keeps_its_share_of_the_claims(year, feature, rate):
    drawn, kept = counted(year, 0), counted(year, 1 + list(FEATURES).index(feature))
    for k in (0, 2):
        error = np.sqrt(drawn[k] * rate * (1 - rate))
        assert abs(kept[k] - drawn[k] * rate) <= STANDARD_ERRORS * error, (k, kept[k] / drawn[k])


def test_fraud_control_leaves_courses_alone_and_prevention_leaves_ordinary_claims_alone(year):
    names = list(FEATURES)
    fraud, prevention = (1 + names.index(name) for name in ("claims thinned", "illnesses prevented"))
    assert np.array_equal(year.sums.first_bill[:, fraud, 1], year.sums.first_bill[:, 0, 1])
    assert np.array_equal(year.sums.first_bill[:, prevention, [0, 2]], year.sums.first_bill[:, 0, [0, 2]])
    assert np.array_equal(year.sums.month[:, prevention, [0, 2], :, Summed.BILLED],
                          year.sums.month[:, 0, [0, 2], :, Summed.BILLED])


PREVENTED = ("esrd", "cerebral-infarction", "acute-myocardial-infarction")


def test_prevention_removes_its_share_of_the_courses_of_its_illness(year):
    """Courses that began before the policy stay; of this year's onsets a share does not happen, by illness."""
    p = 1 + list(FEATURES).index("illnesses prevented")
    keep = year.variants[p].keep_illness / CHANCE
    wanted, usual = (year.people.listed_expected(YEAR, 50, some).sum(axis=(1, 2, 3, 4)) for some in (keep, None))
    assert np.all(keep[[ILLNESSES.index(name) for name in PREVENTED]] < 0.9)
    before, after = (year.sums.illness[:, p, :, Summed.BILLS].sum(axis=0).astype(float)
                     for p in (0, 1 + list(FEATURES).index("illnesses prevented")))
    for name in PREVENTED:
        i = ILLNESSES.index(name)
        assert after[i] / before[i] == pytest.approx(wanted[i] / usual[i], abs=0.12), name     # a course's bills come in clusters
    others = [i for i, name in enumerate(ILLNESSES) if name not in PREVENTED]
    assert np.array_equal(before[others], after[others]) and before[others].sum() > 0


# --- what stands beside a policy

BESIDE = {"care.nrcms.emergency_share": "20", "care.nrcms.new_drug_share": "30"}


def same_sums(one, other, p: int, q: int) -> None:
    for name in ("month", "tier", "quintile", "illness", "first_bill", "person", "household", "histogram"):
        assert np.array_equal(getattr(one.sums, name)[:, p], getattr(other.sums, name)[:, q]), name
    assert np.array_equal(one.expected_of[:, p], other.expected_of[:, q])


@pytest.mark.parametrize("demand", [False, True])
def test_a_policy_is_paid_the_same_whatever_stands_beside_it_and_in_whatever_order(demand):
    """Sums and expected slips, to the last bit; with demand the first policy stays the baseline."""
    names = ["claims thinned", "all together", "patients kept in the county"]
    own = [{}, *(FEATURES[name] for name in names), {"inpatient.nrcms.deductible": every_tier_list("300")}]
    size = dict(draws=2, rows=500, outpatient_share=(1, 2), changes=WORLD, demand=demand)
    whole = simulate_one_year("nrcms", policies=tuple(own), **size)
    for p in range(1, len(own)):
        pair = simulate_one_year("nrcms", policies=({}, own[p]), **size)
        same_sums(whole, pair, p, 1)
        same_sums(whole, pair, 0, 0)
    turned = simulate_one_year("nrcms", policies=(own[0], *own[:0:-1]), **size)
    for p in range(1, len(own)):
        same_sums(whole, turned, p, len(own) - p)
    alone = simulate_one_year("nrcms", **size)
    same_sums(whole, alone, 0, 0)


def every_tier_list(value: str) -> dict[str, list[str]]:
    return {tier: [value] for tier in TIERS}


def test_without_demand_even_the_first_policys_place_is_of_no_matter():
    own = [{}, FEATURES["all together"], FEATURES["a reference price of new drugs"]]
    size = dict(draws=2, rows=500, outpatient_share=(1, 2), changes=WORLD)
    forth, back = (simulate_one_year("nrcms", policies=tuple(order), **size) for order in (own, own[::-1]))
    for p in range(3):
        same_sums(forth, back, p, 2 - p)


def test_two_identical_policies_with_a_variant_differ_by_nothing():
    twice = simulate_one_year("nrcms", draws=2, rows=500, changes=WORLD, demand=True,
                              policies=({}, FEATURES["all together"], FEATURES["all together"]))
    same_sums(twice, twice, 1, 2)


# --- the control factor

@pytest.mark.parametrize("factor", [0.8, 1.2])
def test_the_population_is_paid_what_the_sample_is_on_average_under_a_control_factor(factor):
    """The control variate takes chance out and no more: raw payments and corrected ones have one mean."""
    year = simulate_one_year("nrcms", 150, 4_000, 2, (1, 1), changes=WORLD, factor=factor)
    raw = year.paid().sum(axis=1) * (year.members / year.persons)[:, None]
    for a, account in enumerate(("pooled", "supplement", "cii", "assistance")):
        corrected = year.claims_of.months[account][:, 0].sum(axis=1).astype(float)
        difference = raw[:, a] - corrected
        error = difference.std(ddof=1) / np.sqrt(len(difference))
        assert corrected.mean() > 0
        assert abs(difference.mean()) <= STANDARD_ERRORS * error, account


@pytest.mark.parametrize("scheme", ["urbmi", "nrcms"])
def test_chance_is_taken_out_as_well_under_a_control_factor_as_without_one(scheme):
    """Slips feel the factor too, listed bills that are paid as ordinary ones included."""
    left = {factor: simulate_one_year(scheme, 100, 4_000, outpatient_share=(1, 1), factor=factor) for factor in (1.0, 0.8)}
    spread = {factor: (year.claims() - year.chance).std(ddof=1) / year.claims().mean() for factor, year in left.items()}
    assert spread[0.8] <= 1.3 * spread[1.0]


# --- one bill

def row(**columns) -> np.ndarray:
    bill = np.zeros(BILL_COLUMNS, dtype=np.int64)
    names = {"billed": Fact.BILLED, "eligible": Fact.ELIGIBLE, "tcm": Fact.TCM, "days": Fact.DAYS, "new_drug": Fact.NEW_DRUG}
    for name, value in columns.items():
        bill[names[name]] = value
    return bill


def by(billed=1.0, eligible=1.0, fee=0.0, days=1.0) -> np.ndarray:
    result = np.zeros(4, dtype=np.int64)
    result[[OF_BILLED, OF_ELIGIBLE, FEE, OF_DAYS]] = [int(x * UNIT) for x in (billed, eligible, fee, days)]
    return result


def test_multipliers_of_one_leave_every_amount_as_it_was():
    bill = row(billed=12_345_67, eligible=10_000_01, tcm=123_45, days=7, new_drug=999)
    after = bill.copy()
    multiply(after, by())
    assert np.array_equal(after, bill)


def test_service_fees_in_scope_are_a_share_of_what_was_billed():
    bill = row(billed=100_000, eligible=60_000, tcm=6_000, days=8, new_drug=4_000)
    multiply(bill, by(billed=0.75, eligible=0.5, fee=0.125, days=0.5))
    assert bill[[Fact.BILLED, Fact.ELIGIBLE, Fact.TCM, Fact.DAYS, Fact.NEW_DRUG]].tolist() == [75_000, 42_500, 3_000, 4, 2_000]


def test_no_part_of_a_bill_becomes_larger_than_the_bill_and_no_stay_shorter_than_a_day():
    bill = row(billed=100_000, eligible=90_000, tcm=90_000, days=1, new_drug=90_000)
    multiply(bill, by(billed=0.5, eligible=1.0, fee=0.5, days=0.01))
    assert bill[[Fact.BILLED, Fact.ELIGIBLE, Fact.TCM, Fact.DAYS, Fact.NEW_DRUG]].tolist() == [50_000] * 3 + [1, 50_000]
    bill = row(billed=LARGEST_BILL, eligible=LARGEST_BILL, days=1)
    multiply(bill, by(billed=3.0, eligible=3.0))
    assert bill[Fact.BILLED] == bill[Fact.ELIGIBLE] == LARGEST_BILL
    bill = row(billed=100_000, eligible=1_000, days=1)
    multiply(bill, by(fee=-0.05))
    assert bill[Fact.ELIGIBLE] == 0


# --- a block of claims

@pytest.fixture(scope="module")
def block(year):
    return admissions_of(year, year.people.tables)


def admissions_of(year, tables) -> np.ndarray:
    bills = bills_of(draw_admissions, year.ready.streams, tables)
    bills[:, Fact.ILLNESS] = NO_ILLNESS
    return bills


def reworked(year, block: np.ndarray, **changes) -> np.ndarray:
    tables = year.people.tables
    variant = neutral_variant(tables, len(ILLNESSES))._replace(**changes)
    columns = np.ascontiguousarray(block.T)
    own, kept = np.zeros_like(columns), np.zeros(len(block), dtype=np.int64)
    return own[:, :rework(stack([variant], tables), 0, tables, columns, len(block), task_of(), kept, own)].T


def test_a_neutral_variant_reworks_nothing(year, block):
    assert np.array_equal(reworked(year, block), block)


def test_a_claim_is_kept_by_its_own_word_so_a_stricter_variant_keeps_a_part_of_what_a_milder_one_keeps(year, block):
    kept = {}
    for rate in (0.9, 0.5, 0.0):
        mine = reworked(year, block, keep=np.array([int(rate * CHANCE), CHANCE, CHANCE]))
        kept[rate] = {tuple(bill) for bill in mine.tolist()}
        assert np.array_equal(mine, block[block[:, Fact.KEEP_BITS] < int(rate * CHANCE)])
    assert kept[0.5] < kept[0.9] and not kept[0.0]


def test_a_claim_moved_to_another_tier_is_what_the_walk_would_have_drawn_there(year, block):
    """All admissions at the county's hospitals: the bill's words through the county's tables."""
    tables = year.people.tables
    tier_of = np.array([0, 1 << 32, 1 << 32, 1 << 32])
    mine = reworked(year, block, tier_of=tier_of)
    everywhere = admissions_of(year, tables._replace(tier_of=tier_of))
    assert np.array_equal(mine, everywhere) and (mine[:, Fact.TIER] == 1).all()
    assert np.array_equal(mine[:, [Fact.TIER_BITS, Fact.AMOUNT_BITS, Fact.MIX_BITS]], block[:, [Fact.TIER_BITS, Fact.AMOUNT_BITS,
                                                                                                Fact.MIX_BITS]])
    groups = [min(32 - max(word, 1).bit_length(), CASE_GROUPS - 1) for word in block[:, Fact.AMOUNT_BITS].tolist()]
    assert np.array_equal(mine[:, Fact.CASE_PRICE], tables.case_price[1, groups])
    assert not mine[:, Fact.UNREFERRED].any() and (mine[:, Fact.ILLNESS] < 0).all() and (mine[:, Fact.SOURCE] == 0).all()


def test_a_variant_that_changes_amounts_alone_is_left_what_a_rework_leaves_without_a_claim_drawn_again(year):
    """Bills of all three sources, each multiplied otherwise at each tier."""
    tables = year.people.tables
    plain = neutral_variant(tables, len(ILLNESSES))
    multipliers = plain.bill + np.arange(60).reshape(plain.bill.shape) * 397 - 9_000
    multipliers[2, :, OF_DAYS] = UNIT
    conduct = stack([plain._replace(bill=multipliers)], tables)
    assert conduct.same_claims.all() and not conduct.neutral.any()
    blocks = merged_of(year.ready.streams, tables)
    assert {source for bills in blocks for source in bills[:, Fact.SOURCE].tolist()} == {0, 1, 2}
    for bills in blocks:
        columns = np.ascontiguousarray(bills[np.argsort(bills[:, Fact.SOURCE], kind="stable")].T)
        anew, kept = np.zeros_like(columns), np.zeros(len(bills), dtype=np.int64)
        assert rework(conduct, 0, tables, columns, len(bills), task_of(), kept, anew) == len(bills)
        reprice(conduct, 0, columns, int((columns[Fact.SOURCE] < 2).sum()), len(bills))
        assert np.array_equal(columns, anew)


def test_a_variant_that_keeps_fewer_claims_or_moves_them_has_not_the_claims_that_were_drawn(year):
    plain = neutral_variant(year.people.tables, len(ILLNESSES))
    longer = plain.bill.copy()
    longer[2, 0, OF_DAYS] += 1                             # the stay of a visit
    others = [plain._replace(keep=plain.keep - 1), plain._replace(keep_illness=plain.keep_illness // 2),
              plain._replace(tier_of=plain.tier_of + 1), plain._replace(visit_tier_of=plain.visit_tier_of + 1),
              plain._replace(bill=longer)]
    assert stack([plain, *others], year.people.tables).same_claims.tolist() == [True] + [False] * len(others)


def test_variants_that_are_alike_are_walked_once_and_only_an_unchanged_one_is_neutral(year):
    tables = year.people.tables
    plain, thin = neutral_variant(tables, len(ILLNESSES)), neutral_variant(tables, len(ILLNESSES), 2)
    conduct = stack([plain, thin, plain, thin], tables)
    assert conduct.variant.tolist() == [0, 1, 0, 1] and conduct.neutral.tolist() == [True, False]


def test_more_care_than_is_walked_is_refused_by_name():
    more = {"payment.nrcms.inpatient_volume_effect": "30", "payment.nrcms.counties_share": "100",
            "payment.nrcms.inpatient_method": dict.fromkeys(TIERS, "case")}
    with pytest.raises(InputError, match="policy-1: admissions would be 1.300 times as many"):
        simulate_one_year("nrcms", 1, 100, policies=({}, more))
    year = simulate_one_year("nrcms", 20, 2_000, policies=({}, more), demand=True)
    drawn, kept = (counted(year, p)[0] for p in range(2))
    assert abs(kept - 1.3 * drawn) <= STANDARD_ERRORS * np.sqrt(0.3 * drawn)


def test_slips_know_the_accounts_the_control_variate_corrects():
    assert ACCOUNTS_OF_FIRST_BILLS == ("pooled", "supplement", "cii", "assistance", "self_pay")
