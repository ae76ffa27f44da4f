"""A run that starts after 2012 says with what it begins, takes the user's own accounts, and says what it lacks."""

import pytest

from simulator.cli.options import tell_older
from simulator.engine.simulate import simulate
from simulator.results import older
from simulator.scenario import Scenario

OWN = {"funding.nrcms.opening_balance": "120", "account.nrcms.opening_balance": "0", "population.nrcms.participants": "8100000",
       "pooling.nrcms.unit_openings": ["50"] * 6 + ["150"] * 6}


@pytest.fixture
def begun(regions, capsys):
    """What a run of one year says of the accounts with which it begins, and its result."""
    def said(year: int, lang: str = "en", **changes):
        result = simulate(Scenario("later", ("linyi",), year, ("nrcms",), 1, 1, 100, changes=changes), regions)
        tell_older([{"region": v.region, "path": v.path, "from": v.from_.isoformat()} for v in older(result)], year, lang)
        return capsys.readouterr().err, result.schemes[0].units[year]
    return said


def test_a_later_run_names_the_balances_of_an_earlier_year_and_the_accounts_that_begin_empty(begun):
    said, units = begun(2014)
    assert "funding.nrcms.opening_balance (national 2013)" in said and "population.nrcms.participants (linyi 2010)" in said
    assert "begin 2014 empty" in said and "2014 年初" in begun(2014, "zh")[0]
    assert "empty" not in begun(2012)[0]


def test_a_later_run_takes_the_users_own_accounts_by_unit(begun):
    said, units = begun(2014, **OWN)
    _, alike = begun(2014, **{path: value for path, value in OWN.items() if not path.endswith("unit_openings")})
    assert "an earlier year's" not in said and "begin 2014 empty" in said
    moved = (units.balance - alike.balance)[0]
    assert (moved[:6] < 0).all() and (moved[6:] > 0).all()
