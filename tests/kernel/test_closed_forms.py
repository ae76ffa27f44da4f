"""Simulated years against their closed forms: small here, at a million person-years in `tests.campaigns.closed_forms`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from tests.support.closed_forms import (
    BOUNDED,
    COVERS,
    FREQUENCIES,
    HEAVY_TAILED,
    MIDPOINT_SEVERITIES,
    REFERENCE,
    REFERENCE_MEANS,
    SEVERITIES,
    WEIGHTS,
    Case,
    Frequency,
    all_cases,
    compound_fft,
    compound_panjer,
    coverage,
    lattice,
    mean_of,
    midpoint_cases,
    midpoint_error,
    paid_at_midpoints,
    pays,
    score,
    simulated,
    slopes,
    square_of,
)

CASES = all_cases()
ANNUAL = [case for case in CASES if case.cover.annual]


# --- the exact side

@pytest.mark.parametrize("rate", REFERENCE_MEANS)
def test_the_reference_job_has_its_exact_means(rate):
    fund, patient = REFERENCE_MEANS[rate]
    mean, _ = Case(0, Frequency(rate), SEVERITIES[0], REFERENCE).moments
    assert mean == pytest.approx(fund, rel=1e-7)
    assert rate * 5000 - mean == pytest.approx(patient, rel=2e-7)


@pytest.mark.parametrize("severity", MIDPOINT_SEVERITIES, ids=lambda severity: severity.name)
def test_limited_moments_are_the_integrals_of_the_survival(severity):
    for limit in (10.0, 700.0, 5000.0, 60_000.0):
        first, second = (integrate.quad(lambda x, k=k: (1 if k == 1 else 2 * x) * severity.law.sf(x), 0, limit, limit=200)[0]
                         for k in (1, 2))
        assert float(severity.limited(limit)) == pytest.approx(first, rel=1e-7)
        assert float(severity.limited_square(limit)) == pytest.approx(second, rel=1e-7)
    assert float(severity.limited(np.inf)) == pytest.approx(severity.law.mean(), rel=1e-9)
    assert float(severity.limited_square(np.inf)) == pytest.approx(severity.law.mean() ** 2 + severity.law.var(), rel=1e-9)


def test_means_and_squares_of_a_payment_are_the_integrals_over_the_law():
    for severity in SEVERITIES:
        for cover in COVERS[:7]:
            u = (np.arange(50_000) + 0.5) / 50_000
            paid = pays(cover.claim, severity.law.ppf(u))
            assert mean_of(cover.claim, severity.limited) == pytest.approx(paid.mean(), rel=1e-2)
            assert square_of(cover.claim, severity) == pytest.approx((paid**2).mean(), rel=0.15)


@pytest.mark.parametrize("case", ANNUAL[::7], ids=str)
def test_fft_and_panjer_agree(case):
    one, other = case.moments, case.with_panjer().moments
    assert one == pytest.approx(other, rel=1e-9)


def test_fft_and_panjer_agree_at_every_point_of_the_lattice():
    for frequency in FREQUENCIES:
        mass = lattice(REFERENCE.claim, SEVERITIES[0], 20.0, 2000)
        assert np.max(np.abs(compound_fft(frequency, mass) - compound_panjer(frequency, mass))) < 1e-12


@pytest.mark.parametrize("case", ANNUAL[::9], ids=str)
def test_a_lattice_twice_as_fine_changes_nothing(case):
    fine = replace(case, cover=replace(case.cover, step=case.cover.step / 2))
    assert case.moments == pytest.approx(fine.moments, rel=3e-6)


# --- the simulated side

def test_there_are_two_hundred_cases_with_seeds_of_their_own():
    assert len(CASES) >= 200 and len({case.seed for case in CASES}) == len(CASES) == len({str(case) for case in CASES})
    assert len({case.severity.name for case in CASES}) == 4 and {case.frequency.risk < np.inf for case in CASES} == {True, False}


def test_simulated_years_have_their_exact_means():
    scores = np.array([score(case, 20_000) for case in CASES])
    worst = np.abs(scores).argmax()
    assert abs(scores[worst]) < 4, str(CASES[worst])
    assert 0.88 < np.sqrt(np.mean(scores**2)) < 1.12
    assert abs(scores.mean()) < 0.26


@pytest.mark.parametrize("cover", COVERS, ids=lambda cover: cover.name)
def test_an_amount_wrong_by_a_fiftieth_would_be_seen(cover):
    case = Case(77, Frequency(3, 2), SEVERITIES[3], cover)
    severity = replace(SEVERITIES[3], law=stats.expon(scale=2550))
    assert abs(score(case, 300_000)) < 4
    assert abs(score(replace(case, severity=severity), 300_000)) > 4          # only what is simulated has changed


def test_years_of_a_draw_depend_on_seed_and_draw_alone():
    case = CASES[13]
    three, errors = simulated(case, 5000, 3)
    assert simulated(case, 5000, 2)[0].tolist() == three[:2].tolist()
    assert len(set(three.tolist())) == 3 and np.all(errors > 0)
    assert simulated(replace(case, seed=1), 5000)[0][0] != three[0]


# --- midpoints

def test_the_midpoints_stand_for_all_words():
    assert WEIGHTS.sum() == pytest.approx(1, abs=1e-12)
    assert WEIGHTS @ paid_at_midpoints(SEVERITIES[3].law, COVERS[0]) == pytest.approx(0.65 * 2500, rel=1e-6)


def test_means_integrated_at_midpoints_are_exact():
    cases = midpoint_cases(low=False)
    errors = {f"{severity.name}; {cover.name}": midpoint_error(severity, cover) for severity, cover in cases}
    assert len(errors) >= 60
    assert {name: error for name, error in errors.items() if abs(error) > 1e-6} == {}


def test_a_deductible_below_nearly_all_amounts_costs_a_little_exactness():
    """The lowest sixteenth of the amounts has four cells: a deductible in it is felt to some 1e-5, not 1e-6."""
    errors = [midpoint_error(severity, cover) for severity, cover in midpoint_cases(low=True)]
    assert errors and max(map(abs, errors)) < 3e-5


# --- standard errors

def test_the_intervals_are_those_of_the_program():
    from simulator.engine import measures
    values = simulated(BOUNDED[0], 1000, 40)[0]
    by_roster = values.reshape(4, 10).mean(axis=0)
    assert measures.summarise(values)["se"] == pytest.approx(by_roster.std(ddof=1) / np.sqrt(10), rel=1e-12)
    assert measures.summarise(values[:7])["se"] == pytest.approx(values[:7].std(ddof=1) / np.sqrt(7), rel=1e-12)


def test_the_samples_standard_error_is_the_exact_one():
    for case in BOUNDED:
        assert simulated(case, 200_000)[1][0] == pytest.approx(case.moments[1] / np.sqrt(200_000), rel=0.03)


def test_errors_fall_with_the_root_of_the_number_of_person_years():
    for slope in slopes(BOUNDED[0], np.array([400, 1600, 6400, 25_600]), 1000):
        assert slope == pytest.approx(-0.50, abs=0.02)


@pytest.mark.parametrize("case", BOUNDED, ids=str)
def test_intervals_of_bounded_payments_have_the_mean_in_them(case):
    assert 0.93 <= coverage(case, 1000, 100, round(20 / case.frequency.mean) + 20) <= 0.97


def test_intervals_of_heavy_tails_are_too_narrow():
    assert min(coverage(case, 400, 100, 200) for case in HEAVY_TAILED) < 0.93
