"""Changes with a verb: exact, on every number of a parameter, on every dated value, and refused where they do not fit."""

from __future__ import annotations

import shutil
from decimal import Decimal

import pytest

from simulator.parameters.catalogue import CATALOGUE, KEYS, PER
from simulator.parameters.change import VERBS, changed_value, holds_numbers, plain_text, smallest_part, verb_of
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions, params_path
from simulator.parameters.values import quantity_at

JIANGSU = load_regions()["jiangsu"]
DEDUCTIBLE = "inpatient.nrcms.deductible"


def numbers_of(data) -> list[Decimal]:
    if isinstance(data, dict):
        return [number for item in data.values() for number in numbers_of(item)]
    return [number for item in data for number in numbers_of(item)] if isinstance(data, list) else [Decimal(data)]


def test_times_reaches_every_tier_and_order_exactly():
    stated = JIANGSU.with_changes({f"{DEDUCTIBLE}.county": ["500", "300", "0.3"]}, "orders")
    before = stated.value(DEDUCTIBLE, 2012).value
    after = stated.with_changes({DEDUCTIBLE: {"times": "1.1"}}, "try").value(DEDUCTIBLE, 2012).value
    assert after.keys() == before.keys() and len(numbers_of(before)) > len(before) > 1
    assert numbers_of(after) == [number * Decimal("1.1") for number in numbers_of(before)]


def test_plus_reaches_every_band_and_leaves_the_other_tiers_of_one_key_alone():
    path = "inpatient.nrcms.ratio"
    before = JIANGSU.value(path, 2012).value
    after = JIANGSU.with_changes({f"{path}.county": {"plus": "-2.5"}}, "try").value(path, 2012).value
    assert after == {**before, "county": [number - Decimal("2.5") for number in before["county"]]}


def test_each_dated_value_is_changed_by_itself():
    path = "funding.nrcms.subsidy"
    before = JIANGSU.series(path)
    after = JIANGSU.with_changes({path: {"times": "1.05"}}, "try").series(path)
    assert len({value.value for value in before.values()}) > 2 and after.keys() == before.keys()
    for year, value in before.items():
        assert after[year].value == value.value * Decimal("1.05") and after[year].from_ == value.from_
        assert after[year].spread == value.spread and after[year].status == "assumption"
        assert value.source in after[year].source and "times 1.05" in after[year].source


@pytest.mark.parametrize(("change", "kept"), [({"times": "1.1"}, True), ({"plus": "1"}, True), ({"value": "9000"}, False)])
def test_a_moved_value_stays_as_uncertain_as_it_was(change, kept, tmp_path):
    shutil.copytree(params_path(), tmp_path / "params")
    file = tmp_path / "params" / "jiangsu" / "income.yaml"
    file.write_text("""rural_net_income:
  unit: CNY/person/year
  values:
    - {from: 2011-01-01, value: 10000, status: estimate, source: a guess, spread: 10}
""", encoding="utf-8")
    region = load_regions(tmp_path / "params")["jiangsu"].with_changes({"income.rural_net_income": change}, "try")
    assert region.value("income.rural_net_income", 2012).spread == (10 if kept else None)


def test_a_policy_moves_what_the_scenario_has_moved_already():
    path = "inpatient.nrcms.deductible.county"
    once = JIANGSU.with_changes({path: {"times": "2"}}, "scenario")
    twice = once.with_changes({path: {"plus": "5"}}, "policy")
    assert numbers_of(twice.value(DEDUCTIBLE, 2012).value["county"]) == [
        number * 2 + 5 for number in numbers_of(JIANGSU.value(DEDUCTIBLE, 2012).value["county"])]


def test_a_whole_is_changed_before_its_part():
    region = JIANGSU.with_changes({f"{DEDUCTIBLE}.county": {"plus": "1"}, DEDUCTIBLE: {"times": "2"}}, "try")
    before, after = (one.value(DEDUCTIBLE, 2012).value for one in (JIANGSU, region))
    assert numbers_of(after["county"]) == [number * 2 + 1 for number in numbers_of(before["county"])]
    assert numbers_of(after["city"]) == [number * 2 for number in numbers_of(before["city"])]


def test_value_is_what_a_bare_value_is():
    bare, verb = (JIANGSU.with_changes({f"{DEDUCTIBLE}.county": change}, "try").series(DEDUCTIBLE)
                  for change in (["500"], {"value": ["500"]}))
    assert bare == verb


def test_keys_that_a_file_leaves_out_are_moved_from_their_default():
    path = "inpatient.nrcms.deductible_class_ratio"
    stated = JIANGSU.with_changes({path: {"adult": "50"}}, "try")
    moved = stated.with_changes({path: {"plus": "-1"}}, "less").value(path, 2012).value
    assert moved == {key: Decimal(49 if key == "adult" else 99) for key in KEYS["class"]}
    part = stated.with_changes({f"{path}.child": {"times": "0.5"}}, "more").value(path, 2012).value
    assert part == {key: Decimal({"adult": 50, "child": 50}.get(key, 100)) for key in KEYS["class"]}


def test_changed_value_is_what_with_changes_makes_of_it_in_every_parameter():
    tried = 0
    for topic, names in CATALOGUE.items():
        for name, quantity in names.items():
            path = f"{topic}.nrcms.{name}" if PER[topic] == "scheme" else f"{topic}.{name}"
            if PER[topic] == "illness" or not holds_numbers(quantity) or JIANGSU.value(path, 2012, required=False) is None:
                continue
            verb, operand = ("times", "1")
            stated = changed_value(JIANGSU, path, 2012, verb, operand)
            assert JIANGSU.with_changes({path: stated}, "try").value(path, 2012).value == JIANGSU.value(path, 2012).value, path
            tried += 1
    assert tried > 100


@pytest.mark.parametrize("region", load_regions())
def test_every_parameter_of_every_region_fits_the_parts_of_its_unit(region):
    one = load_regions()[region]
    for path in one.paths():
        quantity = quantity_at(path)[1]
        part = smallest_part(quantity)
        if part and holds_numbers(quantity):
            for value in one.series(path).values():
                assert all(number % part == 0 for number in numbers_of(value.value)), path


def test_many_digits_stay_exact():
    assert changed_value(JIANGSU, "care.nrcms.bill_growth", 2012, "times", "1.000000000001") == plain_text(
        JIANGSU.value("care.nrcms.bill_growth", 2012).value * Decimal("1.000000000001"))
    assert [plain_text(Decimal(text)) for text in ("-0.00", "500.50", "1E+3")] == ["0", "500.5", "1000"]


@pytest.mark.parametrize(("path", "change", "words"), [
    (DEDUCTIBLE, {"times": "1.00001"}, ("finer than its unit (CNY/admission) has parts", "a multiple of 0.01, such as")),
    ("inpatient.nrcms.ratio", {"times": "1.5"}, ("out of range", "from 0 to 100")),
    ("funding.nrcms.subsidy", {"plus": "-10000"}, ("out of range",)),
    ("care.nrcms.tier_shares", {"times": "1.1"}, ("the shares sum to", "a sum of 100")),
    ("population.nrcms.counties", {"times": "0.999"}, ("finer than its unit (count)",)),
    ("cii.nrcms.in_force", {"times": "1"}, ("no numbers", "a value in its place")),
    ("inpatient.nrcms.band_basis", {"plus": "1"}, ("no numbers",)),
    ("inpatient.nrcms.waived_groups", {"plus": "1"}, ("no numbers",)),
    ("payment.nrcms.inpatient_method", {"times": "2"}, ("no numbers",)),
    (DEDUCTIBLE, {"times": "10%"}, ("times: '10%'", "a number in digits")),
    (DEDUCTIBLE, {"times": "1e3"}, ("times: '1e3'",)),
    (DEDUCTIBLE, {"plus": "nan"}, ("plus: 'nan'",)),
    (DEDUCTIBLE, {"times": ["1", "2"]}, ("times:",)),
    (DEDUCTIBLE, {"times": "9" * 40}, ("times:",)),
    (DEDUCTIBLE, {"times": "2", "plus": "1"}, ("a verb beside other words: 'times, plus'",)),
    (DEDUCTIBLE, {"times": "2", "county": ["1"]}, ("a verb beside other words",)),
    (DEDUCTIBLE, {"tims": "2"}, ("unknown verb 'tims'", "did you mean 'times'?")),
    (f"{DEDUCTIBLE}.conty", {"times": "2"}, ("did you mean 'inpatient.nrcms.deductible.county'?",)),
    ("inpatient.nrcms.annual_cap", {"times": "2"}, ("has no value",)),
], ids=lambda value: str(value)[:40])
def test_a_change_that_does_not_fit_is_refused(path, change, words):
    with pytest.raises(InputError) as refused:
        JIANGSU.with_changes({path: change}, "try")
    assert all(word in str(refused.value) for word in words), refused.value


def test_changed_value_refuses_what_lies_outside_the_range():
    with pytest.raises(InputError, match="out of range"):
        changed_value(JIANGSU, "inpatient.nrcms.ratio.county", 2012, "plus", "60")
    assert changed_value(JIANGSU, "inpatient.nrcms.annual_cap", 2012, "value", 80000) == "80000"


def test_changed_value_refuses_a_verb_that_is_none():
    with pytest.raises(InputError, match="unknown verb 'time'.*did you mean 'times'"):
        changed_value(JIANGSU, DEDUCTIBLE, 2012, "time", "2")


def test_changed_value_rounds_half_up_where_it_is_asked_to():
    path = "inpatient.nrcms.deductible.county"
    half = JIANGSU.with_changes({path: ["0.01", "0.03"]}, "try")
    assert changed_value(half, path, 2012, "times", "0.5", rounded=True) == ["0.01", "0.02"]
    with pytest.raises(InputError, match="a multiple of 0.01, such as 0.00 or 0.01"):
        changed_value(half, path, 2012, "times", "0.5")


def test_one_number_stands_for_a_list_of_one():
    assert changed_value(JIANGSU, f"{DEDUCTIBLE}.county", 2012, "value", 300) == ["300"]
    assert changed_value(JIANGSU, "funding.nrcms.subsidy", 2012, "value", 300) == "300"


def test_no_key_of_a_parameter_is_a_verb():
    assert not {word for keys in KEYS.values() for word in keys} & set(VERBS)
    assert verb_of({"county": ["1"]}, DEDUCTIBLE) == ("value", {"county": ["1"]})


RATIO = "inpatient.nrcms.ratio"


@pytest.mark.parametrize("change", [{f"{RATIO}.county": ["0.75"]}, {f"{RATIO}.county": [0.75]}, {"relief.ratio": "0.5"},
                                    {"assistance.inpatient_ratio.dibao": {"value": "0.5"}}], ids=str)
def test_a_change_to_a_fraction_where_percent_is_meant_is_refused(change):
    with pytest.raises(InputError, match=r"a fraction in place of a percentage\? .*write (75|50), or 0\.7?5% if that is meant"):
        JIANGSU.with_changes(change, "try")


def test_less_than_one_percent_is_stated_with_its_sign_and_moved_ones_need_none():
    stated = JIANGSU.with_changes({"relief.ratio": "0.75%"}, "try")
    assert stated.value("relief.ratio", 2012).value == Decimal("0.75")
    assert stated.with_changes({"relief.ratio": {"times": "0.4"}}, "less").value("relief.ratio", 2012).value == Decimal("0.3")
    assert changed_value(stated, "relief.ratio", 2012, "times", "0.4") == "0.3%"
    assert changed_value(JIANGSU, "relief.ratio", 2012, "value", "0.5", rounded=True) == "0.5%"


def test_a_number_that_is_no_percentage_may_lie_between_0_and_1():
    assert JIANGSU.with_changes({"conduct.nrcms.bed_elasticity": "0.3"}, "try").value(
        "conduct.nrcms.bed_elasticity", 2012).value == Decimal("0.3")
