"""A run is verified by its first draws: what these read is compared, and what only others read is not."""

import pytest

from simulator.answers.verification import differences, rows_alike
from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.results import csv_bytes, parameters_frame, read_run, write_run
from simulator.scenario import Scenario

REGIONS = load_regions()
ASKED = Scenario("books", ("linyi",), schemes=("nrcms",), horizon=1, draws=12, people=200)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return read_run(write_run(simulate(ASKED, REGIONS, 1), tmp_path_factory.mktemp("results"), extra={"language": "en"}))


def test_the_first_draws_of_a_run_whose_worlds_differ_in_rule_books_are_the_same_bits(run):
    first = simulate(ASKED.but(draws=1), REGIONS, 1)
    assert len(parameters_frame(first)) < len(run.parameters)               # one world has the rules of one book
    assert differences(run, first).named == []


def test_a_value_that_the_first_draws_read_is_compared_and_one_that_they_do_not_read_is_left_out(run):
    first = csv_bytes(parameters_frame(simulate(ASKED.but(draws=1), REGIONS, 1)))
    stored = (run.folder / "parameters.csv").read_bytes()
    head, row, *others = first.splitlines(keepends=True)
    forged = stored.replace(row, row.replace(b",", b",9", 1))
    assert rows_alike(stored, first) == first
    assert rows_alike(forged, first) == b"".join([head, row.replace(b",", b",9", 1), *others])
    assert rows_alike(stored.replace(row, b""), first) == b"".join([head, *others])
