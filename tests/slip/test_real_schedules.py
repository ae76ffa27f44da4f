"""The shipped schedules of real places: each pays its worked bills to the fen, and each number that it states is in one of them.

Beside every `params/plans/NAME.yaml` stands `NAME.bills.csv`: a claims file with the payments that are expected, and how each was
reckoned by hand from the schedule's text. The arithmetic is checked on its own, without the program's rules.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from simulator.engine.doors import settle_file
from simulator.parameters.errors import InputError
from simulator.parameters.planfile import read_plan, shipped_plans
from simulator.parameters.read import parse_yaml
from simulator.plan import TERMS
from simulator.tables import PAYERS
from tests.reference import settlement
from tests.support.command import fundsim

PLANS = shipped_plans()
FEWEST_BILLS, FEWEST_PLANS = 5, 12
NAMES = ("tiers", "chronic_groups")        # what a plan calls its own tiers and groups of diseases
every_plan = pytest.mark.parametrize("name", PLANS)


def bills_path(name: str) -> Path:
    return PLANS[name].with_name(f"{name}.bills.csv")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def mapping_of(name: str) -> dict[str, Any]:
    """What a plan file states, as text, without what it says about itself."""
    said = parse_yaml(PLANS[name].read_text(encoding="utf-8"), name).data()
    return {key: value for key, value in said.items() if key != "about"}


# --- the arithmetic of a bill ---------------------------------------------------------------------


def reckoned(text: str) -> Fraction:
    """The exact value of `(20000 - 600) * 80%`: numbers, percentages, + - * /, min and max."""
    def value(node: ast.expr) -> Fraction:
        match node:
            case ast.Constant():
                return Fraction(ast.get_source_segment(plain, node) or "")
            case ast.BinOp(left, sign, right):
                a, b = value(left), value(right)
                return {ast.Add: a + b, ast.Sub: a - b, ast.Mult: a * b, ast.Div: a / b if b else a}[type(sign)]
            case ast.Call(ast.Name(called), numbers):
                return {"min": min, "max": max}[called](value(number) for number in numbers)
        raise ValueError(ast.dump(node))
    plain = re.sub(r"([0-9.]+)%", r"(\1/100)", text.strip())
    return value(ast.parse(plain, mode="eval").body)


def half_up(amount: Fraction) -> Decimal:
    return Decimal(int(amount * 100 + Fraction(1, 2))) / 100


def test_the_arithmetic_is_exact_and_rounded_half_up():
    assert reckoned("(20000 - 600) * 80%") == 15520 and reckoned("min(3, 2) * 0.5% / 4") == Fraction(1, 400)
    assert half_up(Fraction("1.005")) == Decimal("1.01") and half_up(Fraction("1.00499")) == Decimal("1.00")


@every_plan
def test_what_is_expected_of_a_bill_is_what_its_arithmetic_comes_to(name):
    for row in rows_of(bills_path(name)):
        parts = (part.partition("=") for part in row["arithmetic"].split(";"))
        said = {payer.strip(): half_up(reckoned(how)) for payer, _, how in parts}
        said["cash"] = Decimal(row["billed"]) - sum(said.values())
        expected = {payer: Decimal(row.get(f"expected_{payer}", "0")) for payer in PAYERS}
        assert {payer: said.get(payer, 0) for payer in PAYERS} == expected, row


# --- the schedule ---------------------------------------------------------------------------------


@every_plan
def test_a_real_schedule_pays_its_worked_bills_to_the_fen(name, tmp_path):
    out = tmp_path / "settled.csv"
    said = fundsim("settle", bills_path(name), "--plan", name, "--out", out)
    assert said.code == 0, said.err
    rows = rows_of(out)
    assert len(rows) >= FEWEST_BILLS
    for row in rows:
        paid = {payer: row[f"paid_{payer}"] for payer in PAYERS}
        assert paid == {payer: row.get(f"expected_{payer}", "0.00") for payer in PAYERS}, row


@pytest.mark.parametrize("name", [name for name in PLANS if "tiers" not in mapping_of(name)])     # it knows the care tiers alone
def test_the_reference_pays_the_worked_bills_of_a_real_schedule_too(name):
    said = {key: {"true": True, "false": False}.get(str(value), value) for key, value in mapping_of(name).items()}
    plan = settlement.read_plan(said)
    rows = rows_of(bills_path(name))
    for person in dict.fromkeys(row["person"] for row in rows):
        own = [row for row in rows if row["person"] == person]
        facts = {key: own[0][key] for key in ("member_class", "group") if own[0].get(key)}
        slips = settlement.settle(plan, facts, [bill_of(row, said) for row in own])
        for row, slip in zip(own, slips, strict=True):
            assert {payer: slip[payer] for payer in PAYERS} == {
                payer: Decimal(row.get(f"expected_{payer}", "0")) for payer in PAYERS}, row


def bill_of(row: dict[str, str], said: dict[str, Any]) -> dict[str, Any]:
    """A row of worked bills as the reference reads it."""
    stated = ("kind", "tier", "billed", "eligible", "tcm", "essential", "illness", "quota_price")
    bill: dict[str, Any] = {key: row[key] for key in stated if row.get(key)}
    if row.get("insured_years"):
        bill["insured_years"] = int(row["insured_years"])
    if row.get("chronic"):
        bill["chronic"] = [*said.get("chronic_groups", ["yes"])].index(row["chronic"]) + 1
    return bill


def leaves(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """The paths of all single values."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None or not value:
        yield path
        return
    for key, inner in items:
        yield from leaves(inner, (*path, key))


def put(value: Any, path: tuple, new: Any) -> Any:
    """A copy of a mapping with another value at a path."""
    if not path:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = put(value[path[0]], path[1:], new)
    return copied


def others(said: dict[str, Any], path: tuple) -> Iterator[dict[str, Any]]:
    """The plan with a value slightly changed, down and up; with a word, the term left out."""
    value: Any = said
    for key in path:
        value = value[key]
    if isinstance(value, str) and re.fullmatch(r"[0-9.]+", value):
        step = 1 if path[0] in TERMS and TERMS[path[0]].is_amount else 2
        for changed in (Decimal(value) - step, Decimal(value) + step):
            yield put(said, path, str(changed))
    else:
        yield {key: inner for key, inner in said.items() if key != path[0]}


@every_plan
def test_every_number_of_a_real_schedule_is_in_one_of_its_worked_bills(name, tmp_path):
    """A slightly other number pays some bill otherwise: nothing is stated that the bills do not hold.

    Names are no terms, and of which care tier a tier of the plan's own is matters to simulations alone; their terms hold them.
    """
    def paid(said: dict[str, Any]) -> list[str]:
        written.write_text(json.dumps(said), encoding="utf-8")
        try:
            settle_file(bills_path(name), out, region=None, year=2012, scheme="nrcms", plan=written, level=None,
                        account_balance=None, on_error="refuse", force=True)
        except InputError:
            return usual                              # no plan: it shows nothing
        return [row[f"paid_{payer}"] for row in rows_of(out) for payer in PAYERS]

    out, written, said = tmp_path / "settled.csv", tmp_path / "plan.yaml", mapping_of(name)
    usual: list[str] = []
    usual = paid(said)
    assert usual
    dead = [path for path in leaves(said) if path[0] not in NAMES and all(paid(other) == usual for other in others(said, path))]
    assert dead == []


@every_plan
def test_a_real_schedule_says_what_it_is_and_where_it_comes_from(name):
    about = read_plan(PLANS[name]).about
    assert about is not None
    assert re.search(r"[一-鿿]", about.title_zh) and name.endswith(str(about.from_.year)) or about.until
    assert all(re.search(r"https?://\S+\.\S+|recalled|index number \S+", source) for source in about.source)
    assert bool(about.missing) == bool(about.missing_zh)


def test_there_are_schedules_of_ten_cities_and_two_of_another_country():
    said = {name: read_plan(path).about for name, path in PLANS.items()}
    foreign = {name for name, about in said.items() if about and about.scheme == "other"}
    assert len({name.partition("-")[0] for name in said.keys() - foreign - {"shandong-cii-2015"}}) >= 10 and len(foreign) >= 2
    assert len(PLANS) >= FEWEST_PLANS


def test_the_page_tells_of_every_schedule():
    page = (Path(__file__).parents[2] / "docs" / "plans.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([a-z0-9-]+)` \| (.+) · (.+?) \|", page, re.MULTILINE)
    abouts = {name: read_plan(path).about for name, path in PLANS.items()}
    assert told == [(name, about.title, about.title_zh) for name, about in abouts.items() if about]


# --- the doors ------------------------------------------------------------------------------------


def test_the_command_lists_the_schedules_with_both_titles():
    said = fundsim("params", "plans")
    lines = said.out.splitlines()
    assert said.code == 0 and lines[0].split("\t")[:3] == ["plan", "title", "title_zh"]
    assert [line.split("\t")[0] for line in lines[1:]] == list(PLANS)
    assert "临沂市城镇职工基本医疗保险" in said.out


def test_a_name_that_is_no_schedule_is_refused_with_the_nearest():
    said = fundsim("explain", "--plan", "jinan-urbmi-2021", "--tier", "city", "--bill", "100", "--in-scope", "100")
    assert said.code == 2 and "neither a plan file nor a plan that is shipped" in said.err
    assert "did you mean 'jinan-urbmi-2012'?" in said.err and "fundsim params plans" in said.err


def test_a_file_of_the_folder_goes_before_a_schedule_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("linyi-uebmi-2014").write_text("annual_cap: '7'\n", encoding="utf-8")
    assert (read_plan(Path("linyi-uebmi-2014")).plan.annual_cap == 700).all()


@pytest.mark.parametrize(("year", "words"), [(2013, ["not in force then: Linyi, urban employees"]), (2014, []), (2020, [])])
def test_claims_of_years_before_a_schedule_are_remarked_on(tmp_path, year, words):
    claims, out = tmp_path / "claims.csv", tmp_path / "settled.csv"
    claims.write_text(f"person,date,tier,member_class,billed,eligible\nA,{year}-05-01,city,active,1000,1000\n", encoding="utf-8")
    said = fundsim("settle", claims, "--plan", "linyi-uebmi-2014", "--out", out)
    assert said.code == 0 and [word for word in words if word in said.err] == words
    assert ("not in force" in said.err) == bool(words)
    chinese = fundsim("settle", claims, "--plan", "linyi-uebmi-2014", "--out", out, "--force", "--lang", "zh").err
    assert ("不在其施行期内" in chinese) == bool(words)
