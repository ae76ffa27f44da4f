"""What a run's manifest says of what it did not have: values of its first year, and one set of rules for a year of two."""

from simulator.engine.simulate import simulate
from simulator.results import older, within_years
from simulator.scenario import Scenario


def test_a_run_from_a_later_year_names_the_balances_and_heads_of_earlier_ones(regions):
    asked = Scenario("later", ("linyi",), 2016, ("nrcms",), 1, 1, 200, systematic=False)
    begun = {value.path: value.from_.year for value in older(simulate(asked, regions))}
    assert begun["funding.nrcms.opening_balance"] < 2016 and begun["population.nrcms.participants"] < 2016
    own = asked.but(changes={"funding.nrcms.opening_balance": "123", "population.nrcms.participants": "7000000"})
    result = simulate(own, regions)
    assert not {value.path for value in older(result)} & own.changes.keys()
    assert int(result.schemes[0].ledgers[2016].opening[0, 0]) == 12_300 * 7_000_000


def test_a_run_says_which_rules_take_effect_within_its_years(regions):
    asked = Scenario("within", ("linyi",), 2013, ("uebmi",), 2, 1, 200, systematic=False)
    found = within_years(simulate(asked, regions))
    assert {value.from_.isoformat() for value in found} == {"2014-03-07"}
    assert within_years(simulate(asked.but(year=2012, horizon=1), regions)) == []
