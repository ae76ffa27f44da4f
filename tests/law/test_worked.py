"""The bills worked out by hand for the reference's self-check, judged by both programs."""

from decimal import Decimal

import pytest

from simulator.money import fen
from simulator.tables import PAYERS
from tests.reference import selfcheck, selfcheck_real, settlement
from tests.support.settled import settle_with_rules

CASES = [*selfcheck.CASES, *selfcheck_real.REAL_CASES]
COLUMNS = (*PAYERS, settlement.IN_SCOPE_LEFT)


def expected(slips: list[dict], lines: list) -> list[dict[str, int]]:
    """Fen of each bill: every payer, 0.00 where the line is silent, and what is in scope where the line names it."""
    return [{column: fen(Decimal(said.get(column, "0.00"))) if column in said or column in PAYERS else slip[column]
             for column in COLUMNS} for slip, (_, said) in zip(slips, lines, strict=True)]


@pytest.mark.parametrize(("title", "plan", "person", "lines"), CASES, ids=[case[0] for case in CASES])
def test_the_rules_settle_what_was_worked_out_by_hand(title, plan, person, lines):
    slips = settle_with_rules(plan, person, [bill for bill, _ in lines])
    assert slips == expected(slips, lines)


@pytest.mark.parametrize(("title", "plan", "person", "lines"), CASES, ids=[case[0] for case in CASES])
def test_the_reference_settles_what_was_worked_out_by_hand(title, plan, person, lines):
    in_yuan = settlement.settle(settlement.read_plan(plan), person, [bill for bill, _ in lines])
    slips = [{column: fen(slip[column]) for column in COLUMNS} for slip in in_yuan]
    assert slips == expected(slips, lines)


def test_the_reference_refuses_what_the_page_does_not_allow():
    sound = selfcheck.inpatient("county", "100", "80")
    neutral = settlement.read_plan({})
    for plan in (*selfcheck.WRONG_PLANS, *selfcheck_real.WRONG_PLANS):
        with pytest.raises(ValueError):
            settlement.read_plan(plan)
    for bill in (*selfcheck.WRONG_BILLS, *selfcheck_real.WRONG_BILLS):
        with pytest.raises(ValueError):
            settlement.settle(neutral, {}, [sound | bill])
    for person in selfcheck.WRONG_PERSONS:
        with pytest.raises(ValueError):
            settlement.settle(neutral, person, [sound])


def test_every_bill_was_worked_out_once():
    titles = [case[0] for case in CASES]
    assert len(set(titles)) == len(titles)
    assert sum(len(lines) for *_, lines in CASES) >= 230
