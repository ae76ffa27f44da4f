"""What a fund expects of the next two years, and the rung of its ladder that it takes, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.fund import control
from simulator.fund.calendar import Calendar
from simulator.fund.ladder import Closed, Rungs, growth, look_ahead, next_rung, uses_ladder
from tests.support.fund_years import FARMERS, WORKERS, flows, order

BY_LADDER = control.SURPLUS_RESPONSES.index("ladder")
UP = replace(FARMERS, surplus_response=BY_LADDER, annual_limit=1_000, ladder_step=7)


def spending(*claims: int, below: int = 0) -> object:
    """Flows with the claims of a year in January, under each rung of a ladder."""
    return replace(flows(claims=[claims[below]] + [0] * 11), by_rung=tuple(rungs_of(*claims, below=below)))


def one(*numbers: int) -> np.ndarray:
    return np.array([numbers], dtype=np.int64)


def rungs_of(*claims: int, below: int = 0) -> Rungs:
    return Rungs(np.array([[claims]], dtype=np.int64), np.array([below]), np.array([len(claims) - 1 - below]))


def closed(revenue: int, claims: tuple[int, ...], balance: int, rung: int = 0, below: int = 0, other: int = 0) -> Closed:
    return Closed(one(revenue), one(other), one(balance), one(1_000), one(revenue), one(revenue), one(rung),
                  rungs_of(*claims, below=below))


def test_growth_is_a_ratio_half_up_within_bounds_and_one_over_nothing():
    assert growth(one(10_500, 3, 99, 1, 7), one(10_000, 7, 10, 10, 0)).tolist() == [[10_500, 5_000, 20_000, 5_000, 10_000]]


def test_the_first_year_expects_costs_to_grow_as_what_has_been_announced():
    ahead = look_ahead(closed(1_000_00, (800_00, 900_00), 300_00, other=10_00), None, one(11_000))
    assert ahead.revenue.tolist() == [[1_100_00]]
    assert ahead.expenditure[0].tolist() == [[[890_00, 1_000_00]]] and ahead.expenditure[1].tolist() == [[[978_00, 1_099_00]]]
    assert ahead.balance[0].tolist() == [[[510_00, 400_00]]]
    assert ahead.balance[1].tolist() == [[[510_00 + 1_200_00 - 978_00, 400_00 + 1_200_00 - 1_099_00]]]


def test_later_years_expect_last_year_s_growth_of_costs_under_one_and_the_same_rung():
    before = closed(1_000_00, (800_00, 1_000_00), 0)
    year = closed(1_000_00, (880_00, 1_200_00), 0, rung=1)                 # from rung 0 to rung 1: 20% growth, not 50%
    ahead = look_ahead(year, before, one(10_000))
    assert ahead.expenditure[0].tolist() == [[[1_056_00, 1_440_00]]]


def test_growth_of_heads_moves_revenue():
    before = closed(1_000_00, (800_00,), 0)._replace(heads=one(800))
    assert look_ahead(closed(1_000_00, (800_00,), 0), before, one(10_000)).revenue.tolist() == [[1_250_00]]


def choose(rung: int, up: bool, down: bool, within: str, clear: str, step: int = 7, below: int = 2) -> int:
    """The rung chosen on a ladder of five, of which those are within limits or clear that have an x."""
    year = closed(1, (1, 2, 3, 4, 5), 0, rung, below)
    flags = [np.array([[[mark == "x" for mark in marks]]]) for marks in (within, clear)]
    return int(next_rung(year, np.array([[up]]), np.array([[down]]), *flags, step)[0, 0])


@pytest.mark.parametrize(("rung", "up", "down", "within", "clear", "step", "expected"), [
    (0, True, False, "...xx", "xxxxx", 7, 1),              # the lowest that keeps the limits
    (0, True, False, "xxxxx", "xxxxx", 7, 0),              # the plan keeps them itself
    (0, True, False, ".....", "xxxxx", 7, 2),              # none does: the highest
    (0, True, False, ".....", "xxxxx", 1, 1),              # no more rungs than may be
    (0, False, True, "xxxxx", "xx...", 7, -1),             # the highest that is clear
    (0, False, True, "xxxxx", ".....", 7, -2),             # none is: the lowest
    (0, True, True, ".....", "x....", 7, -2),              # a deficit comes first
    (2, False, False, "..xxx", "xxxxx", 7, 0),             # back, as far as limits allow
    (2, False, False, "...xx", "xxxxx", 7, 1),
    (2, False, False, ".....", "xxxxx", 7, 2),             # nothing below would keep them
    (-2, False, False, "xxxxx", "xx...", 7, -1),           # back up, as far as is clear
    (-2, False, False, "xxxxx", ".....", 7, -2),
    (0, False, False, ".....", ".....", 7, 0),             # nothing asks for another rung
    (2, False, True, "xxxxx", "....x", 7, 2),
])
def test_the_rung_is_solved_from_what_is_expected(rung, up, down, within, clear, step, expected):
    assert choose(rung, up, down, within, clear, step) == expected


def test_a_fund_over_its_annual_limit_takes_the_rung_that_would_bring_it_back():
    calendar = Calendar(2012, (1, 1), {})
    ledger = calendar.advance(UP, spending(240_000_00, 260_000_00, 275_000_00, 300_000_00))      # 20% left, 13%, 8%
    assert ledger.breach_annual.all() and ledger.rung.tolist() == [[0]] and calendar.rung.tolist() == [[2]]


def test_a_deficit_that_comes_to_the_ladder_takes_rungs_down():
    terms = replace(FARMERS, surplus_response=0, deficit_response=order("reserve", "ladder"), ladder_step=7)
    calendar = Calendar(2012, (1, 1), {})
    calendar.advance(terms, spending(240_000_00, 290_000_00, 330_000_00, below=2))
    assert calendar.rung.tolist() == [[-2]]


@pytest.mark.parametrize(("colour", "rung"), [("none", 0), ("red", 0), ("yellow", -1)])
def test_a_forecast_warning_takes_rungs_down_where_it_is_the_trigger(colour, rung):
    terms = replace(FARMERS, surplus_response=0, warning_trigger=control.COLOURS.index(colour), warning_yellow=10_000,
                    warning_red=2_000, ladder_step=7)
    calendar = Calendar(2012, (1, 1), {"pooled": np.array([[20_000_00]])})
    ledger = calendar.advance(terms, spending(270_000_00, 300_000_00, below=1))
    assert (12 * ledger.balance_in_one / ledger.spending_in_one).tolist() == [[0.8]] and calendar.rung.tolist() == [[rung]]


def test_a_rung_beyond_the_end_of_a_shorter_ladder_is_its_end():
    calendar = Calendar(2012, (1, 1), {})
    calendar.advance(UP, spending(240_000_00, 260_000_00, 275_000_00, 300_000_00))
    ledger = calendar.advance(replace(UP, year=2013), replace(spending(240_000_00, 260_000_00), year=2013))
    assert ledger.rung.tolist() == [[1]] and ledger.top_rung.all()


def test_what_enters_with_members_is_announced_whole():
    terms = replace(WORKERS, entering_share=1_000, entrant_retired=10_000, entry_payment=1_000_00)
    year = Calendar(2012, (1, 1)).advance(terms, flows(claims=1_00), replace(terms, entering_share=0))
    expected = (year.balance_in_one + year.spending_in_one - year.accrued_closing).item()
    assert year.entry.tolist() == [[100_000_00]]
    assert expected == pytest.approx(year.contributions.item(), rel=1e-4)          # what was paid once is not expected again


def test_only_funds_whose_responses_use_it_have_a_ladder():
    assert not uses_ladder(FARMERS) and uses_ladder(UP)
    assert uses_ladder(replace(FARMERS, deficit_response=order("ladder"))) and uses_ladder(replace(FARMERS, warning_trigger=1))


def test_a_premium_that_is_a_response_rises_on_a_warning_by_what_is_expected_to_lack_to_the_mark():
    stated = replace(FARMERS, deficit_response=order("premium"), warning_red=10_000, premium_step_limit=10_000)
    warned = replace(stated, warning_trigger=control.COLOURS.index("red"))
    spent = [290_000_00] + [0] * 11                  # of 300,000 yuan: 10,000 are left, and a month is 24,166.67

    def step_after(terms):
        calendar = Calendar(2012, (1, 1))
        calendar.advance(terms, replace(flows(claims=spent), by_rung=tuple(rungs_of(290_000_00))))
        return calendar.premium_step.item()

    assert step_after(stated) == 0
    lacking = 2_416_667 - 2_000_000                  # a year later 20,000 yuan are left; two years later 30,000
    assert step_after(warned) == -(-lacking * 10_000 // 60_000_00) == 695
    assert step_after(replace(warned, premium_step_limit=300)) == 300
    assert step_after(replace(warned, warning_red=8_000)) == 0
