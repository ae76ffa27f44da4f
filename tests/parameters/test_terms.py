"""The table of plan terms: every row is true of the parameter, the plan file and the constant that go by its name."""

import json

import numpy as np
import pytest

from simulator import plan as t
from simulator.dimensions import DIMENSIONS
from simulator.parameters.catalogue import CATALOGUE
from simulator.parameters.errors import InputError
from simulator.parameters.fits import misfits
from simulator.parameters.planfile import KEYS_OF_A_PLAN, plan_schema
from simulator.parameters.plans import ABSENT, DERIVED, IN_FORCE, PLAN_KEYS, plan_of, region_plan
from simulator.parameters.quantities import Quantity
from simulator.parameters.regions import load_regions
from simulator.plan import OFFSETS, PLAN_WIDTH, SHAPES, TERMS, Plan, pack, places
from simulator.tables import PAYERS, Paid
from simulator.term import Term
from tests.support.both_programs import random_policies, random_year, rules_pay
from tests.support.plan_text import stated as written_as
from tests.support.term_table import PAGE, written

every_term = pytest.mark.parametrize("name", TERMS)


def quantity(path: str) -> Quantity:
    topic, *_, name = path.split(".")
    return CATALOGUE[topic][name]


def stated_as(term: Term) -> set[str]:
    """The shapes in the catalogue by which a parameter of one value is as a term has it."""
    if not term.shape:
        return {"choice"} if term.words else {"flag"} if term.unit == "flag" else {"number"}
    first = term.shape[0]
    if first == "band":
        return {"numbers"}
    return {f"names:{first}"} if term.unit == "flag" else {f"by:{first}:choice"} if term.words else {f"by:{first}"}


# --- the row itself

def test_a_constant_stands_where_its_term_begins_and_a_row_has_room_for_all():
    assert {name: getattr(t, name.upper()) for name in TERMS} == OFFSETS
    assert tuple(TERMS) == Plan._fields
    assert sorted(np.concatenate([places(name) for name in TERMS])) == list(range(t.FULL_RULES_FOR))
    assert PLAN_WIDTH == t.FULL_RULES_FOR + 1
    assert len(places("deductible")) == t.N_TIERS * t.ORDERS * t.N_CLASSES


@every_term
def test_a_row_says_what_a_row_can_say(name):
    term = TERMS[name]
    assert term.better in ("smaller", "larger", "kept") and term.read_by in ("admissions", "visits", "cii")
    assert set(term.shape) <= DIMENSIONS.keys() and (term.unit == "name") == bool(term.words)
    assert term.says.endswith(".") and term.says[0].isupper()
    assert term.path or not (term.also or term.optional or term.level)
    assert term.neutral == 0 if term.words or term.unit == "flag" else term.neutral >= 0


def test_a_choice_s_words_are_known_by_their_constants():
    words = {(t.AFTER_DEDUCTIBLE, "band_basis"), (t.BANDS_OF_YEAR, "band_period"), (t.GUARANTEED_OF_BILLED, "guaranteed_basis"),
             (t.CAP_ON_EXPENSE, "cap_basis"), (t.FULL, "listed"), (t.PACKAGE, "quota_kind"), (t.COVERS_ALL, "commercial_scope"),
             (t.SHARE_OF_BILLED, "patient_share_base"), (t.OUTPATIENT_ONLY, "account_use"), (t.ACCOUNT_FIRST, "account_order"),
             (t.FRANCHISE, "deductible_kind"), (t.ORDER_BY_TIER, "order_counted"), (t.BAND_BY_BAND, "rounding_step"),
             (t.CUT_OFF, "rounding_mode"), (t.DEDUCTIBLE_OF_VISIT, "outpatient_deductible_period"),
             (t.FROM_THRESHOLD, "cii_tops_from"), (t.SERVANTS_ALL, "civil_scope"), (t.OF_THE_BASIS, "ma_listed_basis")}
    assert words == {(1, name) for name, term in TERMS.items() if term.words and name != "rounding_unit"}
    assert TERMS["rounding_unit"].words == ("fen", "jiao", "yuan") and t.PILOT == 2 and t.CAP_ON_PAYMENT == t.SHARE_OF_PRICE == 0


# --- the parameter

@every_term
def test_the_parameters_of_a_term_are_in_the_catalogue_and_one_that_is_converted_fits_it(name):
    term = TERMS[name]
    for path in (term.path, *term.also) if term.path else ():
        assert quantity(path)
    if term.path and name not in DERIVED:
        found = quantity(term.path)
        assert not term.also, "a term of several parameters says in DERIVED what it is worked out by"
        assert found.shape in stated_as(term)
        assert found.unit == ("name" if found.shape.startswith("names") else term.unit)
        assert set(found.options) == set(term.words)
        assert not term.is_ratio or found.high == term.most


@every_term
def test_a_term_that_is_worked_out_still_has_the_unit_of_one_of_its_parameters(name):
    term = TERMS[name]
    units = {quantity(path).unit for path in (term.path, *term.also) if path}
    assert name not in DERIVED or term.unit in units or (name, term.unit) == ("day_price", "CNY/day")


def test_only_terms_of_parameters_are_worked_out_and_only_layers_are_absent():
    assert DERIVED.keys() <= {name for name, term in TERMS.items() if term.path}
    assert IN_FORCE.keys() <= {term.path.partition(".")[0] for term in TERMS.values()}
    assert all(TERMS[name].path.partition(".")[0] in IN_FORCE for name in ABSENT)


@pytest.mark.parametrize(("layer", "off"), [("supplement", {"supplement.nrcms.in_force": False}),
                                            ("cii", {"cii.nrcms.in_force": False}), ("relief", {"relief.in_force": False})])
def test_the_terms_of_a_layer_that_is_not_in_force_are_neutral(layer, off):
    on = {path: True for path in off} | {"supplement.nrcms.ratio": "50", "relief.groups": ["dibao"], "relief.ratio": "80"}
    region = load_regions()["jiangsu"]
    plans = [region_plan(region.with_changes(changes, "a test"), "nrcms", 2013) for changes in (on, on | off)]
    there, absent, neutral = pack([*plans, plan_of({})])
    here = places(*(name for name, term in TERMS.items() if term.path.startswith(f"{layer}.") and name not in ABSENT))
    assert np.array_equal(absent[here], neutral[here]) and not np.array_equal(there[here], neutral[here])


def test_a_parameter_that_may_be_left_out_leaves_the_term_neutral():
    region = load_regions()["jiangsu"]
    stated = region.with_changes({"inpatient.nrcms.reference_price": "500"}, "a test")
    assert region_plan(region, "nrcms", 2012).reference_price == plan_of({}).reference_price
    assert region_plan(stated, "nrcms", 2012).reference_price == 50_000


# --- the documents

def test_the_table_in_the_settlement_page_is_current():
    page = PAGE.read_text(encoding="utf-8")
    assert written(page) == page, "write it again: make tables"
    assert page.count("\n| `deductible[tier][order][class]` | CNY/admission | 0 | `inpatient.*.deductible`, ") == 1


# --- the plan file

@every_term
def test_a_plan_file_has_a_key_of_the_term_s_name_unless_facts_of_the_bill_decide(name):
    keys = json.loads(plan_schema())["properties"]
    assert (name in keys) == (name in KEYS_OF_A_PLAN) == TERMS[name].in_plan_file
    assert not TERMS[name].in_plan_file or keys[name]["description"].startswith(TERMS[name].says.removesuffix("."))


def test_terms_that_plan_files_do_not_state_are_few_and_known():
    assert TERMS.keys() - set(PLAN_KEYS) == {"pilot_counties", "payment_counties", "commercial_share", "secondary_threshold",
                                             "secondary_least", "deductible_share"}


@pytest.mark.parametrize("name", PLAN_KEYS)
def test_to_state_a_term_s_neutral_value_is_to_leave_it_out(name):
    neutral = plan_of({})
    stated = plan_of({name: written_as(name, getattr(neutral, name))})
    assert np.array_equal(pack([stated]), pack([neutral]))
    assert (pack([neutral])[0, places(name)] == TERMS[name].neutral).all()
    assert getattr(stated, name).shape[:-1] == SHAPES[name][:-1] if TERMS[name].shape else isinstance(getattr(stated, name), int)


def test_a_plan_of_neutral_terms_pays_nothing():
    rng = np.random.default_rng(20120701)
    bills = random_year(rng, random_policies(rng, 50), 5_000)
    paid = rules_pay(np.repeat(pack([plan_of({})]), 50, axis=0), bills)
    assert paid[:, Paid.CASH].any()
    assert not np.delete(paid[:, :len(PAYERS)], Paid.CASH, axis=1).any()


# --- rare terms

def test_a_plan_of_usual_terms_leaves_no_bills_to_the_full_rules():
    regions = load_regions()
    for scheme in ("uebmi", "urbmi", "nrcms"):
        assert pack([region_plan(regions["jiangsu"], scheme, 2012)])[0, t.FULL_RULES_FOR] == 0


@pytest.mark.parametrize(("stated", "whose"), [
    ({"deductible": {"county": ["10%"]}}, t.ADMISSIONS_IN_FULL), ({"order_counted": "tier"}, t.ADMISSIONS_IN_FULL),
    ({"deductible_year_limit": "900"}, t.ADMISSIONS_IN_FULL), ({"admission_copay": "5"}, t.ADMISSIONS_IN_FULL),
    ({"deductible_shared": True}, t.YEARS_IN_FULL), ({"rounding_step": "band"}, t.ADMISSIONS_IN_FULL),
    ({"rounding_unit": "yuan"}, t.ADMISSIONS_IN_FULL | t.VISITS_IN_FULL), ({"outpatient_copay": "5"}, t.VISITS_IN_FULL),
    ({"outpatient_deductible": {"county": "5"}}, t.VISITS_IN_FULL), ({"outpatient_deductible": "5"}, 0),
    ({"outpatient_ratio": {"county": {"active": "60"}}}, t.VISITS_IN_FULL), ({"outpatient_ratio": {"county": "60"}}, 0),
    ({"outpatient_year_limit": {"child": "60"}}, t.VISITS_IN_FULL),
    ({"chronic_ratio": {"1": {"county": {"child": "60"}}}}, t.VISITS_IN_FULL),
    ({"chronic_ratio": {"1": {"county": "60"}}}, 0), ({"account_order": "first"}, t.VISITS_IN_FULL | t.YEARS_IN_FULL),
    ({"cii_listed_ratio": ["60"]}, t.LISTED_IN_FULL), ({"cii_threshold_share": {"dibao": "50"}}, 0)])
def test_rare_terms_tell_whose_bills_the_columns_leave_alone(stated, whose):
    assert pack([plan_of(stated)])[0, t.FULL_RULES_FOR] == whose


def test_a_region_s_bands_of_cii_may_be_counted_from_the_threshold_and_those_of_listed_bills_fit():
    region = load_regions()["jiangsu"]
    bands = {"cii.nrcms.threshold": "8000", "cii.nrcms.threshold_multiple": "0", "cii.nrcms.tops": ["5000"],
             "cii.nrcms.ratio": ["50", "60"]}
    with pytest.raises(InputError, match="a band that ends below the threshold"):
        region.with_changes(bands, "a test")
    counted = bands | {"cii.nrcms.tops_from": "threshold"}
    assert list(misfits(region.with_changes(counted, "a test"))) == []
    with pytest.raises(InputError, match="expected 2, one more than the tops of cii.nrcms.listed_tops"):
        region.with_changes(counted | {"cii.nrcms.listed_tops": ["5000"], "cii.nrcms.listed_ratio": ["50"]}, "a test")
