"""From a sample's sums to the population's claims: the control variate, the split by tier, and the checks before both."""

import numpy as np
import pytest

from simulator.engine.flows import CORRECTED, IdentityError, check, joined_claims, nearest, population_claims
from simulator.engine.measures import Sample
from simulator.kernel.sums import ACCOUNTS, BURDENS, HISTOGRAM, LAYERS, N_ACCOUNTS, NEGATIVE, OVER_CAP, PERSON_SUMS, Sums
from simulator.tables import SUMMED, Paid, Summed
from tests.support.one_year import simulate_one_year

DRAWS, POLICIES, TIERS = 3, 2, 4
PAYERS_OF_KIND = (Paid.BASIC, Paid.LISTED, Paid.OUTPATIENT)


def sample(persons: int = 1_000, weight: float = 1.0) -> Sample:
    fifths = np.ones((DRAWS, 5))
    return Sample(np.full(DRAWS, persons), np.full(DRAWS, weight), fifths, fifths, fifths, np.ones((DRAWS, 5, 1)), np.ones(DRAWS))


def sums_of(seed: int = 1) -> Sums:
    """Random sums that balance: every kind has one payer for all it bills, slips a little more than what was paid."""
    rng = np.random.default_rng(seed)
    tier = np.zeros((DRAWS, POLICIES, 3, TIERS, len(SUMMED)), dtype=np.int64)
    month = np.zeros((DRAWS, POLICIES, 3, 12, len(SUMMED)), dtype=np.int64)
    for kind, payer in enumerate(PAYERS_OF_KIND):
        month[:, :, kind, :, payer] = rng.integers(1, 1_000_000, (DRAWS, POLICIES, 12))
        month[:, :, kind, :, Summed.BILLED] = month[:, :, kind, :, payer]
        whole = month[:, :, kind, :, payer].sum(axis=2)
        tier[:, :, kind, 0, payer] = whole // 3
        tier[:, :, kind, 1, payer] = whole - whole // 3
    first_bill = np.zeros((DRAWS, POLICIES, 3, N_ACCOUNTS), dtype=np.int64)
    first_bill[..., 0] = month[..., list(PAYERS_OF_KIND)].sum(axis=(3, 4)) + 5_000
    return Sums(month=month, tier=tier, quintile=np.zeros((DRAWS, POLICIES, 5, len(SUMMED)), dtype=np.int64),
                illness=np.zeros((DRAWS, POLICIES, 20, len(SUMMED)), dtype=np.int64), first_bill=first_bill,
                person=np.zeros((DRAWS, POLICIES, 5, len(PERSON_SUMS)), dtype=np.int64),
                household=np.zeros((DRAWS, POLICIES, len(LAYERS), len(BURDENS), 5), dtype=np.int64),
                histogram=np.zeros((1, POLICIES, 5, HISTOGRAM), dtype=np.int64))


def claims_of(sums: Sums, expected: np.ndarray, members: int = 100_000, weight: float = 1.0,
              what: Sample | None = None):
    whole = np.ones((DRAWS, POLICIES))
    return population_claims(sums, expected, what or sample(), np.full(DRAWS, members), whole * weight)


def test_a_sample_without_sampling_error_is_raised_as_it_is():
    sums = sums_of()
    claims = claims_of(sums, sums.first_bill.astype(float))
    paid = sum(sums.month[:, :, k, :, payer] for k, payer in enumerate(PAYERS_OF_KIND))
    assert np.array_equal(claims.months["pooled"], paid * 100)
    assert not claims.chance.any()


def test_the_sampling_error_is_taken_out_but_for_the_populations_own_part():
    sums = sums_of()
    expected = sums.first_bill.astype(float)
    expected[..., 0] -= [60_000.0, 30_000.0, 12_000.0]
    claims = claims_of(sums, expected)
    sampling_error, error_scale = 60_000 + 30_000 + 12_000, np.sqrt(1_000 / 100_000)
    raw = sums.month[..., :3].sum(axis=(2, 3, 4))
    assert claims.months["pooled"].sum(axis=2) == pytest.approx((raw - sampling_error * (1 - error_scale)) * 100, rel=1e-6)
    assert claims.chance == pytest.approx(np.full((DRAWS, POLICIES), sampling_error * error_scale * 100))


def test_a_sample_as_large_as_the_population_keeps_all_its_chance():
    sums, expected = sums_of(), sums_of(2).first_bill.astype(float)
    claims = claims_of(sums, expected, members=1_000)
    assert claims.months["pooled"].sum(axis=2) == pytest.approx(sums.month[..., :3].sum(axis=(2, 3, 4)).astype(float), abs=12)


def test_visits_of_sampled_households_count_for_everybody_and_their_chance_shrinks_by_fewer_people():
    sums = sums_of()
    sums.month[:, :, :2] = 0
    sums.first_bill[:, :, :2] = 0
    expected = sums.first_bill.astype(float) * 8
    expected[:, :, 2, 0] -= 80_000.0
    claims = claims_of(sums, expected, what=sample(weight=8.0))
    error_scale = np.sqrt(1_000 / 8 / 100_000)
    raw = sums.month[:, :, 2, :, Paid.OUTPATIENT].sum(axis=2) * 8
    assert claims.months["pooled"].sum(axis=2) == pytest.approx((raw - 80_000 * (1 - error_scale)) * 100, rel=1e-6)


def test_members_who_claim_more_or_less_scale_every_claim():
    sums, expected = sums_of(), sums_of(2).first_bill.astype(float)
    one, more = (claims_of(sums, expected, weight=weight) for weight in (1.0, 1.25))
    for name in one.months:
        assert more.months[name] == pytest.approx(one.months[name] * 1.25, rel=1e-6)
    assert more.chance == pytest.approx(one.chance * 1.25)
    assert more.secondary_base == pytest.approx(one.secondary_base * 1.25, abs=1)


def test_segments_add_up_to_the_pooled_claims_to_the_fen():
    claims = claims_of(sums_of(), sums_of(2).first_bill.astype(float))
    assert np.array_equal(claims.segments.sum(axis=(2, 3)), claims.months["pooled"].sum(axis=2))
    assert (claims.segments[..., :2] > 0).all() and not claims.segments[..., 2:].any()
    year = simulate_one_year("nrcms", draws=4, rows=1_000, policies=({}, {"conduct.nrcms.retention": "50"}))
    assert np.array_equal(year.claims_of.segments.sum(axis=(2, 3)), year.claims_of.months["pooled"].sum(axis=2))
    assert (year.claims_of.segments[:, 1, 0, 3] < year.claims_of.segments[:, 0, 0, 3]).all()


def test_groups_of_people_join_by_adding_up():
    parts = [claims_of(sums_of(seed), sums_of(seed + 10).first_bill.astype(float)) for seed in (1, 2)]
    whole = joined_claims(parts)
    for name in whole.months:
        assert np.array_equal(whole.months[name], parts[0].months[name] + parts[1].months[name])
    for name in ("segments", "secondary_base", "chance"):
        assert np.array_equal(getattr(whole, name), getattr(parts[0], name) + getattr(parts[1], name))
    assert joined_claims(parts[:1]) is parts[0]


def test_sums_that_do_not_add_up_negative_payments_and_payments_above_the_cap_stop_the_run():
    check(sums_of(), "here")
    short = sums_of()
    short.month[0, 1, 0, 3, Paid.BASIC] -= 1
    with pytest.raises(IdentityError, match="here: payments and bills differ"):
        check(short, "here")
    for column, words in ((NEGATIVE, "1 bills with a negative payment"), (OVER_CAP, "1 persons paid above the cap")):
        wrong = sums_of()
        wrong.person[0, 0, 2, column] = 1
        with pytest.raises(IdentityError, match=words):
            check(wrong, "here")


def test_accounts_that_are_corrected_are_those_slips_know():
    assert tuple(CORRECTED) == ACCOUNTS[:len(CORRECTED)]


def test_halves_are_rounded_up():
    assert nearest(np.array([0.5, 1.5, -0.5, 2.4999])).tolist() == [1, 2, 0, 2]
