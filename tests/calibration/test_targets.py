"""What figures ask: amounts on the scale of logarithms, what follows from others looked at and not counted."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.calibration.contradictions import of_accounts
from simulator.calibration.targets import LEAST_MODEL_ERROR, targets
from tests.support.published import figure


def test_an_amount_is_met_in_logarithms_and_a_ratio_in_points():
    amount, ratio = targets([figure("expenditure", 200, 4), figure("in_scope_ratio", 60, 1)], 2012)
    assert (amount.logarithm, amount.value, amount.error) == (True, np.log(200), 0.02)
    assert (ratio.logarithm, ratio.value, ratio.error, LEAST_MODEL_ERROR * ratio.size) == (False, 60, 1, 1.0)
    assert amount.raw(amount.scaled(np.array([150.0]))) == pytest.approx(150)


def test_no_figure_after_the_last_year_is_asked_and_none_before_parameters_begin():
    asked = targets([figure("expenditure", 200, 4, year=year) for year in (2009, 2010, 2012, 2013)], 2012)
    assert [one.figure.year for one in asked] == [2010, 2012]


def test_what_follows_from_other_figures_or_is_published_twice_weighs_nothing():
    figures = [figure("revenue", 300, 3), figure("expenditure", 200, 2), figure("surplus", 100, 4),
               figure("revenue", 290, 3, family="another"), figure("balance", 500, 5), figure("balance", 400, 5, year=2011)]
    assert [one.weighs for one in targets(figures, 2012)] == [True, True, False, False, False, True]


def test_accounts_that_do_not_add_up_are_named_and_those_that_do_are_not():
    sound = [figure("revenue", 300, 3), figure("expenditure", 200, 2), figure("surplus", 103, 4)]
    assert of_accounts(targets(sound, 2012)) == []
    found, = of_accounts(targets([*sound[:2], figure("surplus", 130, 4)], 2012))
    assert found.by_accounts and found.made == 100 and found.distance == pytest.approx(30 / np.hypot(4, np.hypot(3, 2)))
    assert [one.measure for one in found.figures] == ["surplus", "revenue", "expenditure"]
    twice, = of_accounts(targets([sound[0], figure("revenue", 280, 3, family="another")], 2012))
    assert twice.made == 300 and twice.distance < -3
