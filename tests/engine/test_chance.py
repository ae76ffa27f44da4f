"""Chance is honest: slips have the expectation they are said to have, and a small sample shows a large population's chance.

`make check-chance` does the same at full size (tests/campaigns/chance.py).
"""

from itertools import pairwise

import numpy as np
import pytest

from simulator.care.amounts import case_group
from simulator.care.walk import PRICE
from simulator.chance.random import CELL_WEIGHT, CELLS, quantile, survival_cell
from simulator.kernel.expected import BillNodes, FirstBillTables
from simulator.kernel.people import first_bill_terms
from simulator.kernel.quadrature import Nodes, grid_price, nodes_of, price_neighbours
from simulator.kernel.sums import ACCOUNTS as ACCOUNTS_OF_FIRST_BILLS
from simulator.parameters.catalogue import ILLNESSES, TIERS
from simulator.plan import (
    ADMISSIONS_IN_FULL,
    FULL_RULES_FOR,
    LISTED_IN_FULL,
    PAYMENT_COUNTIES,
    PILOT_COUNTIES,
    VISITS_IN_FULL,
    pack,
)
from tests.support.expected_alone import expected_alone
from tests.support.one_year import ACCOUNTS, YEAR, even_paths, simulate_one_year

PRICES = (1.0, 0.8, 1.37)
ALL = 5                                   # a stretch in which every node is settled
SELF_PAY, SUPPLEMENT, CII = (ACCOUNTS_OF_FIRST_BILLS.index(name) for name in ("self_pay", "supplement", "cii"))
# what 120 draws can tell of heavy tails
OFTEN = [a for a in range(len(ACCOUNTS_OF_FIRST_BILLS)) if a not in (SELF_PAY, SUPPLEMENT)]
ONCE = 1_000_000                          # what all draws are expected to pay in sum, fen, below which they may not meet a case
SCHEMES = ("nrcms", "uebmi")              # listed illnesses by their list in pilot counties; as ordinary bills


@pytest.fixture(scope="module", params=SCHEMES)
def year(request):
    return simulate_one_year(request.param, draws=2, rows=1_000, outpatient_share=(1, 1))


def standard_errors(sampling_error: np.ndarray) -> np.ndarray:
    """How many of its standard errors the mean over draws lies from zero; 0 where nothing is paid."""
    error = sampling_error.std(axis=0, ddof=1) / np.sqrt(len(sampling_error))
    return np.divide(sampling_error.mean(axis=0), error, out=np.zeros(error.shape), where=error > 0)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("price", PRICES)
def test_the_mean_of_slips_is_their_expectation_for_every_kind_of_care_and_account(scheme, price):
    year = simulate_one_year(scheme, draws=120, rows=4_000, replicas=3, outpatient_share=(1, 1), paths=even_paths(120, price))
    sampling_error = (year.first_bills() - year.expected)[..., OFTEN]
    paid, expected = year.first_bills().any(axis=0), year.expected.sum(axis=0)
    assert (expected[paid] > 0).all() and paid[expected > ONCE].all()
    assert np.abs(standard_errors(sampling_error)).max() <= 4


def test_the_mean_of_slips_under_rare_terms_is_their_expectation():
    """Terms by class, by group and of every visit, a schedule of CII for listed bills; light tails, so that 60 draws tell."""
    rare = {"care.nrcms.bill_law": dict.fromkeys(TIERS, "lognormal"), "care.nrcms.bill_cv": dict.fromkeys(TIERS, "0.8"),
            "outpatient.nrcms.copay": "4", "outpatient.nrcms.class_bonus": {"child": "45"}, "outpatient.nrcms.deductible": "6",
            "outpatient.nrcms.deductible_period": "visit", "outpatient.nrcms.year_limit_class_ratio": {"child": "900"},
            "inpatient.nrcms.deductible_year_limit": "300",
            "inpatient.nrcms.order_counted": "tier", "assistance.cap_group_ratio": {"dibao": "50"},
            "cii.nrcms.in_force": True, "cii.nrcms.threshold": "4000", "cii.nrcms.threshold_multiple": "0", "cii.nrcms.tops": [],
            "cii.nrcms.ratio": ["50"], "cii.nrcms.group_threshold": {"dibao": "40", "wubao": "40"},
            "cii.nrcms.group_bonus": {"dibao": "20"}, "cii.nrcms.listed_tops": ["10000"], "cii.nrcms.listed_ratio": ["17", "73"]}
    year = simulate_one_year("nrcms", draws=60, rows=3_000, replicas=2, outpatient_share=(1, 1), changes=rare,
                             paths=even_paths(60))
    assert year.terms[0, FULL_RULES_FOR] == ADMISSIONS_IN_FULL | VISITS_IN_FULL | LISTED_IN_FULL
    assert year.expected[:, :2, CII].min() > 0
    assert np.abs(standard_errors((year.first_bills() - year.expected)[..., OFTEN])).max() <= 4


def test_the_mean_of_self_pay_above_the_threshold_is_its_expectation():
    """With light tails and a low threshold, so that 120 draws can tell."""
    light = {"control.nrcms.secondary_threshold": "1000", "care.nrcms.bill_law": dict.fromkeys(TIERS, "lognormal"),
             "care.nrcms.bill_cv": dict.fromkeys(TIERS, "0.8")}
    year = simulate_one_year("nrcms", draws=120, rows=4_000, replicas=3, changes=light, paths=even_paths(120))
    assert year.expected[:, :2, SELF_PAY].min() > 0 and not year.expected[:, 2, SELF_PAY].any()
    assert np.abs(standard_errors((year.first_bills() - year.expected)[..., SELF_PAY])).max() <= 4


def test_the_mean_of_the_supplement_above_the_cap_is_its_expectation():
    """With light tails and a low annual cap, so that 120 draws can tell."""
    light = {"inpatient.uebmi.annual_cap": "10000", "care.uebmi.bill_law": dict.fromkeys(TIERS, "lognormal"),
             "care.uebmi.bill_cv": dict.fromkeys(TIERS, "0.8")}
    year = simulate_one_year("uebmi", draws=120, rows=4_000, replicas=3, changes=light, paths=even_paths(120))
    assert year.expected[:, :2, SUPPLEMENT].min() > 0 and not year.expected[:, 2, SUPPLEMENT].any()
    assert np.abs(standard_errors((year.first_bills() - year.expected)[..., SUPPLEMENT])).max() <= 4


def fine(base: np.ndarray, width: np.ndarray, parts: int = 4) -> Nodes:
    """Nodes of tables whose every cell is cut into many parts, all of them settled."""
    part = (np.arange(parts) + 0.5) / parts
    nodes = np.floor(base[..., None] + width[..., None] * part + 0.5).astype(np.int64)[..., ::-1]
    nodes = nodes.reshape(*base.shape[:-1], -1)
    return nodes_of(nodes, np.repeat(CELL_WEIGHT / parts, parts), np.repeat(np.arange(CELLS), parts), ALL, ALL)


def expectation(year, slips, prices) -> np.ndarray:
    """Expected slips by price and account, all kinds together, float64[prices, accounts]."""
    listed = year.people.listed_expected(YEAR, int(year.plan.pilot_counties))
    claims = year.ready.claims(int(year.plan.payment_counties))
    one_roster = np.zeros(len(prices), dtype=np.int64)
    return expected_alone(slips, year.terms[0], year.variants[0], np.array(prices), PRICE, claims[None], year.ready.visits[None],
                          listed[None], one_roster).sum(axis=1)


@pytest.mark.parametrize("region, scheme", [("jiangsu", "nrcms"), ("linyi", "nrcms"), ("jiangsu", "uebmi")])
def test_slips_between_straight_runs_are_found_without_settling_them(region, scheme):
    """Five nodes of a run tell whether the rest need to be settled: within a hundred-thousandth, half a thousandth of what only
    a few large bills reach."""
    year = simulate_one_year(scheme, draws=2, rows=1_000, outpatient_share=(1, 1), region=region)
    every = FirstBillTables(year.people.tables)
    every.nodes = BillNodes(*(nodes._replace(start=np.append(np.arange(len(nodes.weight)), len(nodes.weight)),
                                             group=np.repeat(nodes.group, np.diff(nodes.start))) for nodes in every.nodes))
    on_grid = [grid_price(j) for j in (0, -4, 5)]
    some, all_ = (expectation(year, slips, on_grid) for slips in (year.people.first_bills, every))
    assert all_[:, 0].min() > 0
    for a in range(len(ACCOUNTS)):
        assert some[:, a] == pytest.approx(all_[:, a], rel=1e-5 if a == 0 else 5e-4, abs=1e-9)


@pytest.mark.slow
def test_expected_slips_are_summed_finely_enough(year):
    """Deductibles and limits lie inside cells: the sum over cells errs less than 5 in 100,000 of what the pooled fund
    pays, and 2 in 10,000 of the small accounts that only large bills reach."""
    tables = year.people.tables
    exact = FirstBillTables(tables)
    exact.nodes = BillNodes(fine(tables.base, tables.width), fine(tables.visit_base, tables.visit_width),
                            fine(tables.illness_base.reshape(-1, CELLS), tables.illness_width.reshape(-1, CELLS)))
    on_grid = [grid_price(j) for j in (0, -4, 5)]
    coarse, truth = (expectation(year, slips, on_grid) for slips in (year.people.first_bills, exact))
    for a in range(len(ACCOUNTS)):
        assert coarse[:, a] == pytest.approx(truth[:, a], rel=5e-5 if a == 0 else 2e-4, abs=1e-9)


def test_prices_between_grid_points_are_interpolated_to_four_in_100_000(year, monkeypatch):
    prices = [int(PRICE * price) for price in (0.8, 0.93, 1.05, 1.37, 2.2)]
    between = expectation(year, year.people.first_bills, prices)
    monkeypatch.setattr("tests.support.expected_alone.price_neighbours", lambda price: ([price], [1.0]))
    monkeypatch.setattr("tests.support.expected_alone.grid_price", lambda point: point)
    at = expectation(year, year.people.first_bills, prices)
    for a in range(len(ACCOUNTS)):
        rel = 5e-5 if a == SUPPLEMENT else 4e-5                      # what only the largest bills reach
        assert between[:, a] == pytest.approx(at[:, a], rel=rel, abs=1e-9)


def test_price_weights_reproduce_cubics_and_are_one_at_a_grid_point():
    for price in (20_000, PRICE, 70_001, 200_000):
        points, weights = price_neighbours(price)
        at = np.array([grid_price(point) for point in points], dtype=np.float64)
        assert at[1] <= price < at[2]
        for power in range(4):
            assert np.sum(weights * at**power) == pytest.approx(float(price) ** power, rel=1e-9)
    assert price_neighbours(grid_price(3)) == ([2, 3, 4, 5], [0.0, 1.0, 0.0, 0.0])


def test_nodes_keep_the_mean_of_their_table_and_weights_add_up_to_one(year):
    slips, tables = year.people.first_bills, year.people.tables
    for nodes, base, width in (
            (slips.nodes.admissions, tables.base, tables.width), (slips.nodes.visits, tables.visit_base, tables.visit_width),
            (slips.nodes.illnesses, tables.illness_base.reshape(-1, CELLS), tables.illness_width.reshape(-1, CELLS))):
        assert nodes.weight.sum() == pytest.approx(1.0, abs=1e-12)
        assert nodes.amount @ nodes.weight == pytest.approx(np.sum((base + 0.5 * width) * CELL_WEIGHT, axis=-1), rel=2e-5)


def test_a_stretch_of_nodes_has_one_case_group_and_falling_amounts(year):
    slips = year.people.first_bills
    groups = case_group(survival_cell(2**31)), case_group(survival_cell(2**31 - 1)), case_group(survival_cell(1))
    assert tuple(slips.nodes.admissions.group[n] for n in (-1, -2, 0)) == groups
    for nodes in slips.nodes:
        assert nodes.start[0] == 0 and nodes.start[-1] == len(nodes.weight) == nodes.amount.shape[-1]
        for first, last in pairwise(nodes.start):
            assert last > first and (np.diff(nodes.amount[:, first:last]) <= 0).all()


def test_a_slip_of_a_years_only_bill_is_what_was_paid():
    """With one admission in a hundred persons a year, listed ones included, hardly anybody has two bills: payments are slips."""
    rare = {"care.nrcms.admission_rate": "1", "care.nrcms.visit_rate": "0.01",
            **{f"illness.{name}.onset_rate": {"times": "0.1"} for name in ILLNESSES}}
    year = simulate_one_year("nrcms", draws=10, rows=4_000, changes=rare, outpatient_share=(1, 1))
    paid, slips = year.paid().sum(axis=(0, 1)), year.first_bills().sum(axis=(0, 1))
    assert slips[0] == pytest.approx(paid[0], rel=0.02)


@pytest.fixture(scope="module")
def sample():
    """100 draws of the size that a run has by default."""
    return simulate_one_year("nrcms", draws=100, rows=50_000)


def test_sampling_adds_at_most_three_thousandths_to_the_claims(sample):
    beyond = sample.claims() - sample.chance
    assert beyond.std(ddof=1) <= 0.003 * sample.claims().mean()


def test_sampling_adds_at_most_three_thousandths_through_secondary_reimbursement(sample):
    """Where its largest share binds, what the fund pays moves with the sum of the patients' self-pay."""
    share = float(sample.people.reader.value("control.nrcms.secondary_max_share", YEAR).value) / 100
    refunds = sample.claims_of.secondary_base[:, 0] * share
    assert (sample.claims() - sample.chance + refunds).std(ddof=1) <= 0.003 * sample.claims().mean()


def test_the_populations_chance_shrinks_with_the_root_of_its_number(sample):
    raw = sample.paid()[..., 0].sum(axis=1)
    root = np.sqrt(sample.persons / sample.members[0])
    assert sample.chance.std() / sample.claims().mean() == pytest.approx(raw.std() / raw.mean() * root, rel=0.1)


def test_a_sample_shows_the_chance_of_the_people_it_stands_for():
    """2,000 rows standing for 50,000 people, against 50,000 simulated people."""
    population = {"population.nrcms.participants": "50000"}
    standing = simulate_one_year("nrcms", draws=800, rows=2_000, changes=population)
    simulated = simulate_one_year("nrcms", draws=300, rows=2_000, replicas=25, changes=population)
    one, other = standing.claims(), simulated.claims()
    assert one.std(ddof=1) / other.std(ddof=1) == pytest.approx(1.0, abs=0.18)
    assert abs(one.mean() - other.mean()) <= 4 * np.sqrt(one.var() / len(one) + other.var() / len(other))
    raw = standing.paid()[..., 0].sum(axis=1)
    assert raw.std() / raw.mean() > 3 * one.std() / one.mean()


def test_replicas_that_are_everybody_leave_their_own_chance_alone():
    year = simulate_one_year("nrcms", draws=5, rows=2_000, replicas=5, changes={"population.nrcms.participants": "10000"},
                             outpatient_share=(1, 1))
    assert year.claims() == pytest.approx(year.paid()[..., 0].sum(axis=1), rel=1e-9)


def test_kinds_of_care_that_a_small_sample_has_not_seen_are_paid_all_the_same():
    """120 rows have few listed illnesses, in many draws none: their expected payments are in the fund's claims."""
    year = simulate_one_year("nrcms", draws=200, rows=120)
    unseen = year.paid()[:, 1, 0] == 0
    assert 20 < unseen.sum() < 180
    scale = year.members / year.persons
    error_scale = np.sqrt(np.array([1, 1, 1 / year.ready.sample.visit_weight]) * year.persons / year.members[0])
    sampling_error = (year.first_bills() - year.expected)[..., 0]
    wanted = (year.paid()[..., 0] - sampling_error * (1 - error_scale)).sum(axis=1) * scale
    assert year.claims()[unseen] == pytest.approx(wanted[unseen], rel=1e-9)
    assert year.claims().mean() == pytest.approx(wanted.mean(), rel=1e-3)


def test_look_ups_of_single_words_average_to_the_nodes(year):
    """The tables' own look-up, not only their cells: 200,000 evenly spread words of the county's bill."""
    tables = year.people.tables
    words = (np.arange(200_000) * ((1 << 32) // 200_000)).tolist()
    mean = np.mean([quantile(tables.base[1], tables.width[1], word) for word in words])
    nodes = year.people.first_bills.nodes.admissions
    assert nodes.amount[1] @ nodes.weight == pytest.approx(mean, rel=2e-3)


@pytest.mark.parametrize("scheme", ["nrcms", "uebmi"])
def test_policies_share_an_expectation_only_where_it_is_the_same_to_the_bit(scheme):
    """Whatever a policy moves: what is shared is what each policy would have had alone, kind by kind."""
    moved = ({"listed.nrcms.better_of": "false"} if scheme == "nrcms" else {"account.uebmi.use": "all"},
             {f"inpatient.{scheme}.annual_cap": "20000"}, {f"inpatient.{scheme}.deductible": {"times": "2"}},
             {f"outpatient.{scheme}.year_limit": "90"}, {"assistance.outpatient_ratio.dibao": "10"},
             {f"commercial.{scheme}.share": "50"}, {f"conduct.{scheme}.fraud_share_removed": "5"},
             {f"payment.{scheme}.counties_share": "40"}, {f"inpatient.{scheme}.waived_groups": []})
    paths = even_paths(3, 1.1)
    year = simulate_one_year(scheme, draws=3, rows=600, paths=paths, policies=({}, *moved), threads=1)
    prices = np.floor(PRICE * paths.price[:, 0] + 0.5).astype(np.int64)
    found = set()
    for p, variant in enumerate(year.variants):
        terms = first_bill_terms(pack(year.plans))[p]
        listed = year.people.listed_expected(YEAR, int(terms[PILOT_COUNTIES]))
        apart = expected_alone(
            year.people.first_bills, terms, variant, prices, PRICE, year.ready.claims(int(terms[PAYMENT_COUNTIES]))[None],
            year.ready.visits[None], listed[None], np.zeros(3, dtype=np.int64))
        assert np.array_equal(year.expected_of[:, p], apart)
        found.add(apart.tobytes())
    assert len(found) >= 6                                           # most of the policies do move it
