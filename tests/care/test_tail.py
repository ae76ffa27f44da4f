"""A year's cost gathers in few persons as it does in claims that were published, and a third of the dearest tenth stays."""

from __future__ import annotations

import numpy as np
import pytest

from tests.campaigns.tail import Costs, concentration, costs, people_of, staying


def test_equal_costs_have_no_concentration_and_one_user_alone_has_all():
    equal = concentration(np.array([[5, 0, 5, 5], [5, 5, 5, 0]]), 16)
    assert equal.users == pytest.approx(100 * 6 / 16) and equal.gini == pytest.approx(0)
    uneven = concentration(np.append(np.full(99, 1), 901), 100)
    assert uneven.top_1 == pytest.approx(90.1) and uneven.top_5 == pytest.approx(90.5)
    assert uneven.gini == pytest.approx(0.901 + 0.099 * 0.01 - 0.01 - 0.099 * 0.01, abs=0.002)


def test_who_stays_is_counted_among_members_of_both_years():
    every = np.array([np.arange(1, 41)])
    present = np.ones(40, dtype=bool)
    first, same = Costs(every, every, present), Costs(every.copy(), every, present)
    assert staying(first, same) == 100
    assert staying(first, Costs(every[:, ::-1].copy(), every, present)) == 0
    gone = present.copy()
    gone[-2:] = False
    assert staying(first, Costs(every, every, gone)) == 100


def test_the_cost_of_nrcms_users_gathers_and_stays_as_published():
    people = people_of("national", "nrcms", 2012, 2, 4_000)
    first, second = costs(people, 2012, 8), costs(people, 2013, 8)
    members = 8 * int(first.present.sum())
    found, inpatient = concentration(first.every, members), concentration(first.inpatient, members)
    assert 0.80 <= found.gini <= 0.88                        # 0.81
    assert 63 <= found.top_5 <= 73                           # 68%
    assert 44 <= inpatient.top_10 <= 54                      # 49%
    assert 29 <= staying(first, second) <= 37                # 31.5 to 33.6%


@pytest.mark.parametrize("scheme", ["urbmi", "uebmi"])
def test_serious_illness_is_walked_where_a_scheme_has_no_list(scheme):
    people = people_of("national", scheme, 2012, 1, 2_000)
    assert people.listed_expected(2012, 0).sum() > 0.005 * people.roster.present(2012).sum()
    assert people.year(2012).streams.onsets.edge[0, -1] > 0
