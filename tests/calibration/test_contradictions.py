"""Figures that no setting makes true together are named; those that some setting does are not."""

from __future__ import annotations

import numpy as np

from simulator.calibration.contradictions import LIMIT, of_model
from simulator.calibration.emulators import emulators
from simulator.calibration.targets import targets
from tests.support.published import figure

RANDOM = np.random.default_rng(3)
SIZE, PRICE = 0.2 * RANDOM.standard_normal((2, 4_000))
NOTHING_LEFT = np.zeros((3, 3))
# in worlds: admissions, mean payment, and the expenditure that they make
WORLDS = np.stack([np.log(10) + SIZE, np.log(2_000) + PRICE, np.log(200) + SIZE + PRICE], axis=1)


def asked(admissions: float, payment: float, expenditure: float):
    return targets([figure("admissions_per_100", admissions, 0.01 * admissions), figure("payment_per_admission", payment,
                   0.01 * payment), figure("expenditure", expenditure, 0.01 * expenditure)], 2012)


def test_figures_that_a_setting_makes_true_together_contradict_nothing():
    assert of_model(asked(12, 1_700, 200 * 1.2 * 0.85), WORLDS, NOTHING_LEFT) == []


def test_figures_of_which_each_alone_is_likely_are_named_together():
    found, = of_model(asked(12, 2_000, 200), WORLDS, NOTHING_LEFT)
    assert len(found.figures) == 3 and abs(found.distance) > LIMIT and not found.by_accounts


def test_a_figure_that_no_setting_reaches_is_named_alone():
    found = of_model(asked(10, 2_000, 500), WORLDS, NOTHING_LEFT)[0]
    assert [one.measure for one in found.figures] == ["expenditure"] and found.distance > LIMIT
    assert abs(found.made - 200) < 20


def test_emulators_follow_what_moves_a_figure_and_say_what_they_leave():
    seen, noise = RANDOM.standard_normal((300, 15)), 0.1 * RANDOM.standard_normal((300, 2))
    true = np.stack([3 + seen[:, 0] - 0.5 * seen[:, 1] + 0.3 * seen[:, 0] * seen[:, 1], -1 + 0.7 * seen[:, 2]], axis=1)
    found = emulators(seen, true + noise + 0.1 * noise[:, ::-1], np.arange(300) % 10, [range(15), range(15)])
    fresh = RANDOM.standard_normal((500, 15))
    there = np.stack([3 + fresh[:, 0] - 0.5 * fresh[:, 1] + 0.3 * fresh[:, 0] * fresh[:, 1], -1 + 0.7 * fresh[:, 2]], axis=1)
    assert np.sqrt(np.mean((found.at(fresh) - there) ** 2, axis=0)).max() < 0.05
    assert np.abs(np.sqrt(np.diag(found.left)) - 0.1).max() < 0.02 and found.left[0, 1] > 0
    assert emulators(seen, np.ones((300, 1)), np.arange(300) % 10, [range(15)]).left[0, 0] == 0
