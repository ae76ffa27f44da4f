"""What policies have in common is worked out once, and leaves every policy the figures that it has alone."""

import numpy as np

from simulator.engine.in_common import InCommon
from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.scenario import BASELINE, Policy, Scenario


def test_kinds_are_numbered_as_they_are_met_and_split_by_further_keys():
    common = InCommon.by(["a", "b", "a", "c"])
    assert (common.first.tolist(), common.of_policy.tolist(), common.nothing) == ([0, 1, 3], [0, 1, 0, 2], False)
    values = np.arange(8.0).reshape(2, 4)
    assert common.once(values).tolist() == [[0, 1, 3], [4, 5, 7]]
    assert common.each(common.once(values)).tolist() == [[0, 1, 0, 3], [4, 5, 4, 7]]
    assert common.and_by([1, 1, 2, 1]).nothing


def test_policies_beside_others_that_pay_bills_alike_have_the_figures_that_they_have_alone():
    changes = ({"funding.nrcms.premium": "90"}, {"funding.nrcms.subsidy": "300"}, {"inpatient.nrcms.annual_cap": "20000"},
               {"commercial.nrcms.share": "30"})
    policies = tuple(Policy(f"p{n}", change) for n, change in enumerate(changes))
    scenario = Scenario("common", ("linyi",), 2012, ("nrcms",), horizon=2, draws=3, people=300)
    regions = load_regions()

    def figures(*some: Policy) -> list[dict[tuple[int, str, str], bytes]]:
        result, = simulate(scenario.but(policies=(Policy(BASELINE), *some)), regions, threads=1).schemes
        return [{(year, row.name, row.group): row.values[:, p + 1].tobytes() for year, rows in result.measures.items()
                 for row in rows} for p in range(len(some))]

    assert figures(*policies) == [figures(policy)[0] for policy in policies]
