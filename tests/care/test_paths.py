"""The economy's paths: a spread holds in the years for which it is stated."""

import numpy as np

from simulator.care.paths import sample_paths
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario


def test_a_spread_of_growth_holds_from_its_day_on_and_moves_no_year_before_it():
    region = load_regions()["jiangsu"]
    wilder = Scenario("s", ("jiangsu",), changes={"risk.use_growth_sd": {"from": "2014-01-01", "value": "20"}}).changed(region)
    plain, changed = (sample_paths(place.value, 1, range(50), 2012, 4) for place in (region, wilder))
    np.testing.assert_array_equal(plain.use[:, :2], changed.use[:, :2])
    assert (changed.use[:, 2] / changed.use[:, 1]).std() > 4 * (plain.use[:, 2] / plain.use[:, 1]).std()
    np.testing.assert_array_equal(plain.funding, changed.funding)
