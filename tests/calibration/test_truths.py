"""Calibration finds what is known: the campaign of simulated truths and planted contradictions, in small."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.answers.evidence import read_figures
from tests.campaigns.calibration import Truths, coverage, longest, planted, published, share, truths

YEARS = (2010, 2012)


@pytest.fixture(scope="module")
def known(regions) -> Truths:
    figures = [f for f in read_figures(regions=regions) if f.region == "national" and f.scheme == "urbmi" and f.year in YEARS
               and f.measure in ("members", "revenue", "expenditure", "balance", "claims_per_head")]
    return truths(regions, figures, 80, 300, 12, 5)


def test_intervals_hold_about_nine_truths_in_ten(known):
    values, figures = coverage(known, 12, 1, 200)
    for found in (values, figures):
        middle, low, high = share(found)
        assert 75 <= middle <= 100 and low <= middle <= high and sum(map(len, found)) > 30


def test_intervals_about_other_truths_do_not_hold_them(known):
    moved = Truths(known.made, known.found, known.expected, known.latent, np.roll(known.figures, 1, axis=0))
    assert share(coverage(moved, 12, 1, 200)[1])[0] < 60


def test_planted_contradictions_are_named(known):
    assert sum(planted(known, nth, 1)[0] for nth in range(10)) >= 9


def test_what_is_published_of_a_truth_is_what_is_asked_of_the_model(known):
    made = published(known.made, known.figures[0])
    assert [met.target.value for met in made.met] == known.figures[0].tolist()
    at = longest(made)[0]
    assert made.met[at].target.figure.value == pytest.approx(float(made.met[at].target.raw(known.figures[0, at])))
