"""Policies under which bills are settled by the same rules have one plan in common, with the same terms as each alone."""

import numpy as np
import pytest

from simulator.engine.enrolment import people_of
from simulator.engine.policies import Rules, firsts
from simulator.engine.readers import Readers
from simulator.engine.rungs import settling_of
from simulator.parameters.ladder import NO_LADDER
from simulator.parameters.plans import Asked, term_of
from simulator.parameters.regions import load_regions
from simulator.parameters.reuse import Noting
from simulator.parameters.steps import is_of_bills
from simulator.plan import TERMS
from simulator.scenario import BASELINE, Policy, Scenario

CAP, PREMIUM = "inpatient.nrcms.annual_cap", "funding.nrcms.premium"
POLICIES = (Policy(BASELINE), Policy("dearer", {PREMIUM: "80"}), Policy("capped", {CAP: "70000", PREMIUM: "80"}),
            Policy("capped too", {PREMIUM: "90", CAP: "70000"}), Policy("solved", {PREMIUM: "80"}, level="own"),
            Policy("told", {"inpatient.nrcms.outcome_ratio": "50"}))


def test_policies_that_differ_in_funds_alone_are_settled_as_the_first_of_them():
    assert firsts(POLICIES) == [0, 0, 2, 2, 4, 5]


def test_terms_are_those_that_each_policy_has_alone():
    year = 2014                                                    # in which rules of Linyi change
    scenario = Scenario("common", ("linyi",), 2012, ("nrcms",), 3, 1, 300, policies=POLICIES[:4])
    region = load_regions()["linyi"]
    people = [group.people for group in people_of(scenario, region, "nrcms", range(1))]
    settling = settling_of([NO_LADDER] * 4)
    found = [Rules(scenario, "nrcms", people, Readers(region, scenario, whole))._asked(0, 1.0, year, settling)
             for whole in (True, False)]
    assert np.array_equal(*(usual for usual, _, _ in found)) and not np.array_equal(found[0][0][0], found[0][0][2])
    rows = [rows for _, _, rows in found]
    assert rows == [None, None] or all(np.array_equal(*pair) for pair in zip(*rows, strict=True))


@pytest.mark.parametrize("scheme", ("uebmi", "urbmi", "nrcms"))
def test_no_term_reads_what_funds_alone_read(scheme):
    for region in (load_regions()[name] for name in ("jiangsu", "linyi")):
        noting = Noting(region)
        for name in TERMS:
            term_of(Asked(noting, scheme, 2012), name)
        assert {"inpatient", "outpatient"} <= {path.partition(".")[0] for path in noting.paths}
        assert all(is_of_bills(path) for path in noting.paths - {"law"})
    assert not is_of_bills(PREMIUM) and is_of_bills(CAP)
