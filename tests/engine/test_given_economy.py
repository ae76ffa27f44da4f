"""Positions of the economy's levels and shocks can be given to worlds, and hold nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.care.paths import economy_keys
from simulator.engine.given import refuse_given
from simulator.engine.worlds import paths_of
from simulator.parameters.errors import InputError
from simulator.scenario import Scenario

SMALL = Scenario("small", ("linyi",), 2012, ("nrcms",), 3, 4, 300, seed=5)


def test_a_shock_that_is_given_moves_its_variable_from_its_year_on_and_nothing_else(regions):
    free = paths_of(SMALL, regions, range(4))
    held = paths_of(SMALL.but(given={"economy:use.2013": [40_000, 40_000, 100, 65_535]}), regions, range(4))
    for name in ("price", "income", "funding", "enrolment"):
        assert np.array_equal(getattr(held, name), getattr(free, name))
    assert np.array_equal(held.use[:, 0], free.use[:, 0]) and (held.use[:, 1:] != free.use[:, 1:]).all()


def test_worlds_with_one_position_of_every_part_have_one_economy(regions):
    paths = paths_of(SMALL.but(given=dict.fromkeys(economy_keys(SMALL.years), 50_000)), regions, range(4))
    assert all(np.ptp(column, axis=0).max() == 0 and column[0, -1] > 1.005 for column in vars(paths).values())


def test_what_is_given_by_world_is_that_of_its_number(regions):
    given = {"economy:price.start": [1, 20_000, 40_000, 60_000]}
    few, all_ = (paths_of(SMALL.but(given=given), regions, worlds).price for worlds in (range(2, 4), range(4)))
    assert np.array_equal(few, all_[2:]) and (np.diff(all_[:, 0]) > 0).all()


@pytest.mark.parametrize("key", ["economy:price.2011", "economy:income.start", "economy:prices.2012"])
def test_a_part_of_the_economy_that_does_not_act_is_refused(key, regions):
    with pytest.raises(InputError, match="nothing uncertain of this name"):
        refuse_given(SMALL.but(given={key: 1}), regions)
