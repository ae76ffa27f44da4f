"""Growth of care among the policies of one run: each keeps of the shared claims, and multiplies bills, as its own growth asks."""

import numpy as np
import pytest

from simulator.engine.simulate import simulate
from simulator.parameters.errors import InputError
from simulator.scenario import BASELINE, Policy, Scenario, check

BILLS, USE, VISITS = (f"care.nrcms.{name}_growth" for name in ("bill", "use", "visit"))


def asked(*changes: dict, **more) -> Scenario:
    named = [Policy(BASELINE), *(Policy(f"p{n}", own) for n, own in enumerate(changes, start=1))]
    return Scenario("grown", ("linyi",), 2012, ("nrcms",), 3, 3, 1_500, systematic=False, response="none", policies=tuple(named),
                    **more)


def measure(result, name: str, year: int) -> np.ndarray:
    return next(one.values for one in result.schemes[0].measures[year] if one.name == name and not one.group)


def rate(regions, path: str) -> float:
    return float(regions["linyi"].value(path, 2013).value)


def test_a_policy_of_the_same_growth_is_the_baseline_to_the_bit_and_changes_nothing(regions):
    same = {path: str(regions["linyi"].value(path, 2013).value) for path in (BILLS, USE, VISITS)}
    alone, beside = (simulate(asked(*some), regions) for some in ((same,), (same, {BILLS: "2"})))
    for name in ("expenditure_per_head", "oop_per_head"):
        values = measure(alone, name, 2014)
        assert np.array_equal(values[:, 0], values[:, 1])
        assert np.array_equal(values, measure(beside, name, 2014)[:, :2])


def test_bills_and_admissions_grow_at_the_policys_own_rate(regions):
    result = simulate(asked({BILLS: "2"}, {USE: "0"}), regions)
    admissions = measure(result, "admissions_per_100", 2014)
    dated = regions["linyi"].value("care.nrcms.admission_rate", 2012).from_.year
    wanted = (1 + rate(regions, USE) / 100) ** -(2014 - max(dated, 2011))
    assert abs(admissions[:, 2].mean() / admissions[:, 0].mean() - wanted) < 0.02
    spent = measure(result, "expenditure_per_head", 2014)
    assert (spent[:, 1] < spent[:, 0]).all()


def test_more_use_than_the_shared_claims_hold_is_refused_and_taken_where_demand_responds(regions):
    scenario = asked({USE: "30"})
    check(scenario, regions)
    with pytest.raises(InputError, match="policy p1: admissions would be .* times as many.*switch demand on"):
        simulate(scenario, regions)
    result = simulate(asked({USE: str(rate(regions, USE) + 5)}, demand=True), regions)
    admissions = measure(result, "admissions_per_100", 2014)
    assert (admissions[:, 1] > admissions[:, 0]).all()


def test_what_the_people_are_is_not_a_policys(regions):
    for path, value in (("care.nrcms.bill_mean.county", "5000"), ("population.nrcms.enrolment_growth", "1")):
        with pytest.raises(InputError, match="a policy cannot change the people"):
            check(asked({path: value}), regions)
