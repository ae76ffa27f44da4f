"""The long campaigns in short form: they find nothing, and would find something if it were there."""

import numpy as np
import pytest

from simulator.money import UNLIMITED
from simulator.plan import OFFSETS
from tests.campaigns.conservation import LIMITS, count
from tests.campaigns.mutation import FILES, known_reasons
from tests.support.both_programs import random_policies
from tests.support.kernel_judge import judged_blocks, kill
from tests.support.mutants import mutants
from tests.support.plain_kernel import PlainKernel

SMALL = """
LIMIT = 3

def pay(amount, used):
    if amount > 0:
        return min(amount, LIMIT - used)
    return 0

def unused(amount):
    return amount + 1
"""


@pytest.fixture(scope="module")
def terms():
    return random_policies(np.random.default_rng(11), 100).terms


def test_no_fen_is_lost_and_no_limit_passed(terms):
    counted = count(terms, seed=1, bills=200_000)
    assert counted.faults == 0
    assert (counted.reached >= 500).all() and counted.kept > 1000


def test_bills_depend_on_the_seed_alone(terms):
    one, other, third = (count(terms, seed, 20_000) for seed in (5, 5, 6))
    assert (one.reached == other.reached).all() and one.kept == other.kept
    assert (one.reached != third.reached).any()


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_passed_by_a_fen_is_counted(name, terms):
    wrong, here = terms.copy(), OFFSETS[name]
    lower = wrong[:, here:here + (5 if name == "account_balance" else 1)]
    lower[...] = np.where((lower > 0) & (lower < UNLIMITED), lower - 1, lower)
    counted = count(terms, 1, 50_000, judged=wrong)
    assert counted.over[LIMITS.index(name)] > 0
    assert counted.faults == counted.over[LIMITS.index(name)]


def test_mutants_are_small_faults_in_what_is_called():
    found = mutants(SMALL, "pay")
    assert {mutant.function for mutant in found} == {"pay"}
    assert {mutant.after for mutant in found} == {
        "if amount >= 0:", "if amount <= 0:", "if amount > 1:", "return max(amount, LIMIT - used)", "return amount",
        "return LIMIT - used", "return min(amount, LIMIT + used)", "return 1"}
    first = next(mutant for mutant in found if mutant.after == "return amount")
    assert (first.line, str(first)) == (6, "pay: return min(amount, LIMIT - used)  ->  return amount")
    space: dict = {}
    exec(first.source, space)
    assert space["pay"](10, 2) == 10 and space["unused"](1) == 2


@pytest.mark.parametrize("name", FILES)
def test_every_mutant_said_to_change_nothing_can_still_be_made(name):
    assert known_reasons()[name].keys() <= {str(mutant) for mutant in FILES[name].mutants()}


# One fault of each kind that the kernel's judge knows: the file, what stands there and stands in its place, who finds it.
FAULTS = {
    "a limit that binds late": ("years", "self_pay[r] > threshold)", "self_pay[r] > 2 * threshold)", "a payment"),
    "a person left to the full rules for nothing": (
        "years", "sums[YearSum.COUNTED, r] > terms[t.ANNUAL_CAP]", "True", "an exception"),
    "a payment left for the next block": ("first_bill", "paid[payer, i] = 0", "pass", "what is left behind"),
    "a rate of another class": ("columns", "t.N_CLASSES + classes[i]", "t.N_CLASSES + 0", "a payment"),
}


@pytest.fixture(scope="module")
def blocks():
    return judged_blocks(2015)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_kernel_is_found(fault, blocks, tmp_path):
    name, here, there, killer = FAULTS[fault]
    source = FILES[name].source()
    assert source.count(here) == 1
    place = tmp_path / f"{name}.py"
    place.write_text(source.replace(here, there), encoding="utf-8")
    assert kill(PlainKernel(**{f"{name}_file": place}), blocks) == killer


def test_the_kernel_as_it_is_pleases_its_judge(blocks):
    assert kill(PlainKernel(), blocks) == ""
