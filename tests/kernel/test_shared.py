"""Households with visits alone are settled once for all policies that pay visits alike, and nobody can tell."""

import numpy as np
import pytest

import simulator.engine.world_sums as world_sums
from simulator import plan as t
from simulator.engine.simulate import simulate
from simulator.kernel.shared_visits import OF_ADMISSIONS, VISITS_ONLY, WHOLE, WITH_ADMISSIONS, Rows, terms_of_visits
from simulator.kernel.sums import DrawSums, Sums, empty_sums
from simulator.money import UNLIMITED
from simulator.plan import OFFSETS, PLAN_WIDTH, SHAPES
from simulator.scenario import BASELINE, Policy, Scenario
from simulator.tables import NO_ILLNESS, OUTPATIENT_VISIT, Fact
from tests.support.both_programs import joined, random_policies, random_year, rules_pay, shipped_policies
from tests.support.digests import CARE, CARE_FACTS, Serial, whole_digest

# Policies that pay visits as the baseline does, one that does not, and two with claims of their own.
RULES = {"inpatient.nrcms.deductible.county": ["500"], "inpatient.nrcms.ratio.county": ["60"],
         "inpatient.nrcms.annual_cap": "60000", "cii.nrcms.threshold": "5000"}
VISITS = {"outpatient.nrcms.year_limit": "90"}
POLICIES = (Policy(BASELINE), *(Policy(f"rule-{n}", {path: change}, "none") for n, (path, change) in enumerate(RULES.items())),
            Policy("visits", VISITS, "none"), Policy("care", CARE, "none"), Policy("care-again", {**CARE, **RULES}, "none"))


@pytest.fixture(scope="module")
def policies(regions):
    """Every shipped plan, and random ones with the features that no shipped plan has."""
    return joined(shipped_policies(regions).distinct(), random_policies(np.random.default_rng(4), 400))


def test_visits_are_paid_the_same_without_the_terms_that_only_stays_read(policies):
    bills = random_year(np.random.default_rng(5), policies, 60_000)
    bills[:, Fact.KIND], bills[:, Fact.ILLNESS], bills[:, Fact.NEW_DRUG] = OUTPATIENT_VISIT, NO_ILLNESS, 0
    own = terms_of_visits(policies.terms)
    # That visits alone do not reach the cap is the kernel's doing: it compares what they come to. Here it is put back.
    own[:, t.places("annual_cap")] = policies.terms[:, t.places("annual_cap")]
    assert (own != policies.terms).any(axis=1).all()
    paid = rules_pay(policies.terms, bills)
    assert paid.any(axis=0).sum() >= 5
    assert np.array_equal(rules_pay(own, bills), paid)


def test_a_cap_that_visits_can_reach_stays(policies):
    terms = np.repeat(policies.terms[:1], 5, axis=0)
    terms[:, [t.CAP_COUNTS_OUTPATIENT, t.CAP_BASIS, t.CHRONIC_LIST]] = [1, 0, 1]
    terms[:, t.OUTPATIENT_YEAR_LIMIT], terms[:, t.places("chronic_year_limit")] = 10_000, 20_000
    terms[:, t.places("annual_cap")] = np.array([30_000, 30_001, 30_001, 0, 0])[:, None]
    terms[2, t.CHRONIC_YEAR_LIMIT] = UNLIMITED
    terms[4, t.CAP_COUNTS_OUTPATIENT] = 0
    assert terms_of_visits(terms)[:, t.ANNUAL_CAP].tolist() == [30_000, UNLIMITED, 30_001, 0, 0]


def test_every_term_is_said_to_be_of_stays_or_counts():
    """What is not of admissions alone stays where CII counts visits, and is told apart."""
    terms = np.full((1, PLAN_WIDTH), 7, dtype=np.int64)
    terms[0, [t.CII_COUNTS_OUTPATIENT, t.CII_LISTED_ONLY, t.CAP_COUNTS_OUTPATIENT, t.CAP_BASIS]] = [1, 0, 1, 0]
    own = terms_of_visits(terms)
    for name in SHAPES:
        first = OFFSETS[name]
        kept = (own[0, first:first + int(np.prod(SHAPES[name]))] == terms[0, first]).all()
        assert kept == (name not in OF_ADMISSIONS)


def test_policies_share_visits_where_enough_of_them_pay_visits_alike():
    terms = np.zeros((6, PLAN_WIDTH), dtype=np.int64)
    terms[:, t.DEDUCTIBLE] = np.arange(6)
    rows = rows_of(terms, np.zeros(6, dtype=np.int64))
    assert rows.policy.tolist() == [0, 1, 2, 3, 4, 5, 0]
    assert rows.part.tolist() == [WITH_ADMISSIONS] * 6 + [VISITS_ONLY] and rows.shared.tolist() == [6] * 6
    terms[5, t.OUTPATIENT_DEDUCTIBLE] = 1
    rows = rows_of(terms, np.zeros(6, dtype=np.int64))
    assert rows.policy.tolist() == [0, 1, 2, 3, 4, 5, 0, 5] and rows.shared.tolist() == [6, 6, 6, 6, 6, 7]
    assert rows_of(terms, np.array([0, 0, 0, 1, 1, 1])).shared is None             # three ways: too little is saved
    assert rows_of(terms[:4], np.zeros(4, dtype=np.int64)).part.tolist() == [WHOLE] * 4
    assert rows_of(terms[:1], np.zeros(1, dtype=np.int64)).part.tolist() == [WHOLE]


def rows_of(terms: np.ndarray, variant: np.ndarray) -> Rows:
    """The rows of one draw of policies none of which is paid as another is."""
    shared, = world_sums.shared_in_draws(terms[None], variant)
    assert shared.own.tolist() == shared.of_policy.tolist() == list(range(len(terms)))
    return shared.rows


def test_shared_rows_are_added_to_each_policy_of_theirs():
    """Five policies and their visits, and a sixth that is paid as the fifth is."""
    terms = np.zeros((1, 6, PLAN_WIDTH), dtype=np.int64)
    terms[0, :, t.DEDUCTIBLE] = [0, 1, 2, 3, 4, 4]
    shared, = world_sums.shared_in_draws(terms, np.zeros(6, dtype=np.int64))
    sums = empty_sums(6, 1)
    for n, array in enumerate(sums.paid):
        array[:] = np.arange(1, 7).reshape(-1, *[1] * (array.ndim - 1)) * 10**n
    readings = world_sums.Readings(sums, whole=True)
    whole, = readings.note(shared, np.zeros(6, dtype=np.int64)) + readings.rest()
    for n, name in enumerate(("first_bill", "person", "household", "histogram"), start=2):
        array = getattr(whole, name)
        assert array.reshape(6, -1).T.tolist() == [[(p + 6) * 10**n for p in (1, 2, 3, 4, 5, 5)]] * (array.size // 6)
    for array in (whole.month, whole.tier, whole.quintile, whole.illness):
        assert array.any() and all(np.array_equal(array[p] * 7, array[0] * (p + 7)) for p in range(5))
        assert np.array_equal(array[5], array[4])


@pytest.mark.parametrize("policies", [1, 3, 9])
def test_draws_that_are_read_together_leave_what_each_leaves_alone(policies):
    """Nineteen draws, of which the tenth is the first with other variants of care."""
    rng, shared = np.random.default_rng(7), world_sums.none_shared(policies)
    draws = [empty_sums(policies, 2) for _ in range(19)]
    for of_draw in draws:
        for array in (*of_draw.paid, *of_draw.drawn):
            array[:] = rng.integers(0, 1000, array.shape)
    variants = [np.full(policies, n // 9 % 2) for n in range(len(draws))]
    apart = [left for of_draw, variant in zip(draws, variants, strict=True) for left in read([of_draw], shared, [variant])]
    together = read(draws, shared, variants)
    assert len(together) == len(apart) == len(draws)
    for mine, alone in zip(together, apart, strict=True):
        assert all(np.array_equal(*pair) for pair in zip(mine, alone, strict=True))


def read(draws: list[DrawSums], shared: world_sums.Shared, variants: list[np.ndarray]) -> list[Sums]:
    """What is read of draws, each of which adds its sums to those of a thread."""
    sums, left = empty_sums(len(shared.own), 2), list[Sums]()
    readings = world_sums.Readings(sums, whole=True)
    for of_draw, variant in zip(draws, variants, strict=True):
        for array, more in zip((*sums.paid, *sums.drawn), (*of_draw.paid, *of_draw.drawn), strict=True):
            array += more
        left += readings.note(shared, variant)
    return left + readings.rest()


def test_sharing_visits_changes_no_result(regions, monkeypatch):
    """Among policies that pay visits alike or not, on the same claims or their own, as households without stays and with them."""
    scenario = Scenario("shared", ("jiangsu",), 2012, ("nrcms",), horizon=2, draws=3, people=800, outpatient_share=(1, 2),
                        changes=CARE_FACTS, policies=POLICIES)
    taken = []

    def counted(*asked):
        for found in world_sums.shared_in_draws(*asked):
            taken.append(found.rows)
            yield found

    monkeypatch.setattr("simulator.engine.workers.shared_in_draws", counted)
    digests = []
    for fewest in (1, 4, 100):
        monkeypatch.setattr(world_sums, "FEWEST", fewest)
        digests.append(whole_digest(simulate(scenario, regions, threads=1, pool=Serial())))
    assert digests[0] == digests[1] == digests[2]
    shares = [np.bincount(rows.part, minlength=3).tolist() for rows in taken[::len(taken) // 3]]
    assert shares[:3] == [[0, 7, 3], [0, 7, 3], [7, 0, 0]]
