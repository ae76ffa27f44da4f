"""The compound Poisson distribution on a lattice: against Panjer's recursion, against plain convolution, and its means."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from scipy import stats

from simulator.chance.compound import Line, expected_in_place, mean_of_year, on_lattice, poisson_chances, sum_of_claims
from tests.support.closed_forms import Frequency, compound_panjer, lognormal

WHOLE = Line(np.zeros(1), np.ones(1))
LAYER = Line(np.array([0.0, 500.0, 20_500.0]), np.array([0.0, 0.8, 0.0]))
SEVERITY = lognormal(3000, 1.5)


@pytest.mark.parametrize("rate", [0.1, 2.5, 40.0])
def test_poisson_chances_are_the_distribution(rate):
    chances = poisson_chances(rate)
    assert chances == pytest.approx(stats.poisson(rate).pmf(np.arange(len(chances))), rel=1e-9, abs=1e-300)
    assert chances.sum() == pytest.approx(1, abs=1e-14)


def test_the_first_second_and_later_claims_of_a_year_are_all_claims():
    at_least = stats.poisson(1.7).sf(np.arange(2))
    assert expected_in_place(1.7, 3) == pytest.approx([*at_least, 1.7 - at_least.sum()], rel=1e-12)
    assert expected_in_place(1.7, 1).tolist() == [1.7]


@pytest.mark.parametrize("rate", [0.1, 1.0, 8.0])
def test_the_transform_gives_what_the_recursion_gives(rate):
    mass = on_lattice(LAYER, SEVERITY.limited, 40.0, 1500)
    assert np.max(np.abs(sum_of_claims(rate, [mass]) - compound_panjer(Frequency(rate), mass))) < 1e-12


def test_claims_of_several_kinds_add_up_in_their_order():
    first, second, later = np.zeros(200), np.zeros(200), np.zeros(200)
    first[[2, 5]], second[[0, 3]], later[1] = (0.25, 0.75), (0.5, 0.5), 1.0
    expected = np.zeros(200)
    for number, chance in enumerate(stats.poisson(1.3).pmf(np.arange(40))):
        claims = [first, second, *[later] * 40][:number]
        expected += chance * reduce(lambda one, other: np.convolve(one, other)[:200], claims, np.eye(1, 200)[0])
    assert sum_of_claims(1.3, [first, second, later]) == pytest.approx(expected, abs=1e-14)


def test_a_lattice_keeps_the_mean_and_the_chance_of_nothing_beyond():
    mass = on_lattice(LAYER, SEVERITY.limited, 16.0, 1002)               # 16,016 yuan: all that the layer may pay
    assert mass.sum() == pytest.approx(1, abs=1e-12) and np.all(mass >= -1e-15)
    assert 16.0 * np.arange(1002) @ mass == pytest.approx(LAYER.mean(SEVERITY.limited), rel=1e-12)


def test_a_line_is_worth_what_its_pieces_are():
    assert LAYER.at(np.array([0.0, 500.0, 600.0, 20_500.0, 1e6])).tolist() == [0.0, 0.0, 80.0, 16_000.0, 16_000.0]
    assert WHOLE.mean(SEVERITY.limited) == pytest.approx(3000, rel=1e-12)


def test_a_year_without_terms_has_the_mean_of_its_claims_and_a_limit_has_less():
    mean, points = mean_of_year(2.0, [LAYER], SEVERITY.limited, WHOLE)
    assert (mean, points) == (pytest.approx(2 * LAYER.mean(SEVERITY.limited), rel=1e-12), 0)
    capped, points = mean_of_year(2.0, [LAYER], SEVERITY.limited, Line(np.array([0.0, 9000.0]), np.array([1.0, 0.0])))
    beyond, _ = mean_of_year(2.0, [LAYER], SEVERITY.limited, Line(np.array([0.0, 9000.0]), np.array([0.0, 1.0])))
    assert points > 0 and capped < mean and capped + beyond == pytest.approx(mean, rel=1e-9)


def test_a_lattice_that_would_have_to_be_finer_is_refused():
    far = Line(np.array([0.0, 1.0, 1e12]), np.array([1.0, 0.0, 1.0]))    # one knot far below a step
    with pytest.raises(ArithmeticError, match="lattices of"):
        mean_of_year(0.1, [WHOLE], SEVERITY.limited, far)
