"""Worlds drawn under evidence have the distribution that is worked out where figures are linear, choices and bounds too."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.calibration.posterior import Evidence, draw, effective, resampled

RANDOM = np.random.default_rng(5)
SLOPES = RANDOM.standard_normal((6, 4))
VALUES = RANDOM.standard_normal(6) @ SLOPES
ERRORS = np.diag([0.1, 0.2, 0.1, 0.3]) ** 2
NO_BOUND = np.zeros(4, dtype=bool)


def test_particles_have_the_mean_and_the_covariance_of_the_linear_problem():
    drawn = draw(lambda latent: latent @ SLOPES, Evidence(VALUES, ERRORS, NO_BOUND), 6, 1, particles=1_000).latent
    precision = np.eye(6) + SLOPES @ np.linalg.inv(ERRORS) @ SLOPES.T
    covariance = np.linalg.inv(precision)
    spread = np.sqrt(np.diag(covariance))
    assert np.abs(drawn.mean(axis=0) - covariance @ SLOPES @ np.linalg.inv(ERRORS) @ VALUES).max() / spread.max() < 0.15
    assert np.abs(drawn.std(axis=0) / spread - 1).max() < 0.12
    assert drawn.std(axis=0).min() < 0.5                              # the evidence has said something


def test_a_choice_has_the_probabilities_that_the_evidence_gives_it():
    shifts = np.array([[0.0] * 4, [0.5, 0.0, 0.4, 0.0], [0.9, 0.2, 0.9, 0.2]])

    def expected(latent: np.ndarray) -> np.ndarray:
        return latent[:, 1:] @ SLOPES[1:] + shifts[np.digitize(latent[:, 0], [-0.5, 0.5])]

    values = RANDOM.standard_normal(5) @ SLOPES[1:] + shifts[1]
    drawn = draw(expected, Evidence(values, ERRORS, NO_BOUND), 6, 2, choices=[0], particles=2_000).latent
    inverse = np.linalg.inv(SLOPES[1:].T @ SLOPES[1:] + ERRORS)
    by_chance = np.array([0.3085, 0.3830, 0.3085])
    likely = by_chance * np.exp([-0.5 * (values - shift) @ inverse @ (values - shift) for shift in shifts])
    shares = np.bincount(np.digitize(drawn[:, 0], [-0.5, 0.5]), minlength=3) / len(drawn)
    assert np.abs(shares - likely / likely.sum()).max() < 0.05
    assert np.abs(by_chance - likely / likely.sum()).max() > 0.1


def test_a_bound_cuts_off_what_lies_beyond_it():
    bound = Evidence(np.zeros(1), np.diag([0.05]) ** 2, np.ones(1, dtype=bool))
    drawn = draw(lambda latent: latent[:, :1], bound, 2, 3, particles=1_000).latent
    assert np.mean(drawn[:, 0] > 0.1) < 0.02 and drawn[:, 0].mean() == pytest.approx(-0.8, abs=0.08)
    assert abs(drawn[:, 1].mean()) < 0.1


def test_the_same_seed_draws_the_same_worlds():
    evidence = Evidence(VALUES, ERRORS, NO_BOUND)
    one, other, third = (draw(lambda latent: latent @ SLOPES, evidence, 6, seed, particles=100).latent for seed in (7, 7, 8))
    assert np.array_equal(one, other) and not np.array_equal(one, third)


def test_the_effective_number_is_that_of_equal_weights_and_falls_with_unequal_ones():
    assert effective(np.zeros(50)) == pytest.approx(50)
    assert effective(np.array([0.0] * 10 + [-100.0] * 40)) == pytest.approx(10)
    chosen = resampled(np.log([0.5, 0.25, 0.25]), np.random.default_rng(1), 8)
    assert np.bincount(chosen, minlength=3).tolist() == [4, 2, 2]
