"""The sentence-named cases of tests/cases, judged by both programs: the rules and the reference."""

from decimal import Decimal
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from simulator.money import fen
from simulator.tables import PAYERS
from tests.reference import settlement
from tests.support.settled import settle_with_rules

FILES = sorted((Path(__file__).parents[1] / "cases").glob("*.yaml"))
CASES = [case for file in FILES for case in YAML(typ="safe").load(file.read_text(encoding="utf-8"))]


def expected(case: dict) -> list[dict[str, int]]:
    """Fen of each bill: every payer, 0 where the case is silent, and `in_scope_left` where the case names it."""
    named = {**{payer: ["0"] * len(case["bills"]) for payer in PAYERS}, **case["payments"]}
    return [{column: fen(Decimal(amounts[i])) for column, amounts in named.items()} for i in range(len(case["bills"]))]


def judged(case: dict, slips: list[dict]) -> list[dict]:
    """What the slips say of the columns that the case judges."""
    return [{column: slip[column] for column in (*PAYERS, *(set(case["payments"]) - set(PAYERS)))} for slip in slips]


def with_kind(bills: list[dict]) -> list[dict]:
    return [{"kind": "inpatient", **bill} for bill in bills]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_rules_settle_the_case_to_the_fen(case):
    slips = settle_with_rules(case["plan"], case.get("person", {}), case["bills"])
    assert judged(case, slips) == expected(case), case["why"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_reference_settles_the_case_to_the_fen(case):
    in_yuan = settlement.settle(settlement.read_plan(case["plan"]), case.get("person", {}), with_kind(case["bills"]))
    slips = [{column: fen(amount) for column, amount in slip.items()} for slip in in_yuan]
    assert judged(case, slips) == expected(case), case["why"]


def test_every_case_says_what_it_rests_on():
    assert len(CASES) >= 150
    assert len({case["name"] for case in CASES}) == len(CASES)
    assert all(case["source"] and case["why"] for case in CASES)
