"""Policies that settle claims alike are settled once, and leave the same bits as if each were settled by itself."""

from __future__ import annotations

import numpy as np

from simulator.run import settle_year as module
from simulator.run.simulate import simulate
from simulator.scenario import BASELINE, Policy, Scenario

POLICIES = (Policy(BASELINE), Policy("funding", {"funding.nrcms.subsidy": "200"}),
            Policy("cap", {"inpatient.nrcms.annual_cap": "9000"}),
            Policy("care", {"conduct.nrcms.fraud_share_removed": "5"}), Policy("again"))
SMALL = Scenario("alike", ("jiangsu",), 2012, ("nrcms",), 4, draws=3, people=300, policies=POLICIES, changes={
    "control.nrcms.surplus_response": "factor", "control.nrcms.deficit_response": ["factor"]})


def test_policies_of_the_fund_alone_are_settled_once_until_its_control_moves_and_leave_the_same_bits(regions, monkeypatch):
    kinds: list[int] = []
    found = module.settled_apart

    def watched(policies):
        first, of = found(policies)
        kinds.append(len(first))
        return first, of

    monkeypatch.setattr(module, "settled_apart", watched)
    once = simulate(SMALL, regions, threads=1).schemes[0]
    monkeypatch.setattr(module, "settled_apart", lambda policies: (list(range(len(policies.variants))),) * 2)
    every = simulate(SMALL, regions, threads=1).schemes[0]
    assert kinds[0] == 3 and max(kinds) == 4
    assert once.digest == every.digest
    for year in SMALL.years:
        for one, other in zip(once.measures[year], every.measures[year], strict=True):
            assert np.array_equal(one.values, other.values, equal_nan=True), one.name
