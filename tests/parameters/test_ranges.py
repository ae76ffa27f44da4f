"""Growth that carries a run beyond what it can reckon with is refused before the run, with place, value and limit."""

from decimal import Decimal

import pytest

from simulator.parameters.catalogue import SCHEMES
from simulator.parameters.errors import InputError
from simulator.parameters.ranges import beyond
from simulator.scenario import BASELINE, Policy, Scenario, check, read_scenario

FAR = {
    "care.nrcms.use_growth": (r"admissions \(care.nrcms.admission_rate\) grows beyond what can be simulated by 20\d\d: "
                              "'.* per 100 members a year'; expected at most 500 per 100"),
    "care.nrcms.visit_growth": "outpatient visits .* expected at most 60 a member",
    "care.nrcms.bill_growth": "the mean bill of an admission .* at most 300,000 yuan",
    "income.income_growth": "disposable income .* at most 10,000,000 yuan",
    "funding.nrcms.funding_growth": "the subsidy .* at most 10,000,000 yuan a member",
}


def asked(horizon: int = 50, **more) -> Scenario:
    return Scenario("far", ("jiangsu",), 2012, ("nrcms",), horizon, **more)


@pytest.mark.parametrize("path", FAR)
def test_growth_of_40_percent_for_fifty_years_is_refused_and_for_five_is_not(path, regions):
    with pytest.raises(InputError, match=f"{FAR[path]}.*state less growth .{path}., or fewer years"):
        check(asked(changes={path: "40"}), regions)
    check(asked(5, changes={path: "40"}), regions)


def test_a_policy_is_refused_at_its_own_place(regions, tmp_path):
    with pytest.raises(InputError, match="policies.p.changes.*the subsidy"):
        check(asked(policies=(Policy(BASELINE), Policy("p", {"funding.nrcms.funding_growth": "40"}))), regions)
    file = tmp_path / "far.yaml"
    file.write_text("regions: [jiangsu]\nschemes: [nrcms]\nhorizon: 50\nchanges:\n  care.nrcms.use_growth: '40'\n",
                    encoding="utf-8")
    with pytest.raises(InputError, match=r"far.yaml:5:3: jiangsu: admissions"):
        read_scenario(file, regions)


def test_shipped_regions_grow_within_the_limits_for_fifty_years(regions):
    for name in ("jiangsu", "linyi", "zibo"):
        assert list(beyond(regions[name], SCHEMES, range(2012, 2062), {}, ("changes",))) == []


def test_growth_comes_to_rest_below_the_growth_of_incomes_and_a_long_run_rate_goes_with_it(regions):
    """Admissions and visits come to grow by at most half a percent beside ageing, and bills by less than incomes; what grows
    faster in a first year than in the long run never turns up again on the way."""
    for name in regions:
        region = regions[name]
        incomes = region.value("income.income_growth", 2060).value
        for scheme in SCHEMES:
            for what, most in (("care.{}.use_growth", Decimal("0.5")), ("care.{}.visit_growth", Decimal("0.5")),
                               ("care.{}.bill_growth", incomes - 1), ("funding.{}.funding_growth", incomes),
                               ("population.{}.enrolment_growth", Decimal(0))):
                path = what.format(scheme)
                if scheme == "uebmi" and path.startswith("funding"):
                    continue                                 # contributions grow with wages
                rates = [region.value(path, year, False) for year in range(2013, 2061)]
                if None in rates:
                    continue                                 # the merged scheme of a region that has none
                path_of_rate = [rate.value for rate in rates]
                assert path_of_rate[-1] <= most, (name, path)
                assert sorted(path_of_rate, key=abs, reverse=True) == path_of_rate, (name, path)
