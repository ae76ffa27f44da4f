"""What a gap comes from: its ends are the regions as they are, its parts add up, and mixtures are what they say."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from simulator.answers import attribute as module
from simulator.answers.attribute import STORED, Attribution, Question, Swap, attribute, check_measure, check_question, swap
from simulator.answers.blocks import DEFAULT_BLOCKS, blocks_of
from simulator.answers.hybrid import at_its_level
from simulator.engine import rules_of_worlds, settle_year
from simulator.engine.measures import half_width, summarise, tail_mean
from simulator.engine.outcome import SchemeResult
from simulator.engine.rule_books import AS_STATED, RuleBook
from simulator.engine.simulate import simulate
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Region, Regions
from simulator.parameters.values import Layer
from simulator.scenario import BASELINE, Policy, Scenario

A, B = "jiangsu", "linyi"
FIVE = {name: DEFAULT_BLOCKS[name] for name in ("ratio", "outpatient", "later-layers", "people-incomes")}      # and the rest
BURDEN = Question((A, B), "oop_share_of_income", draws=3, people=500, blocks=blocks_of(FIVE))
SPENDING = Question((A, B), "expenditure_per_head", horizon=2, at=2013, draws=3, people=500, blocks=blocks_of(
    {"people": DEFAULT_BLOCKS["people-incomes"] + DEFAULT_BLOCKS["use-prices"]}))


@pytest.fixture(scope="module", autouse=True)
def rules_as_stated() -> Iterator[None]:
    """Worlds do not differ in rules, as those of mixtures do not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules_of_worlds, "rule_books", lambda *asked: [RuleBook(AS_STATED, Decimal(0), {})])
        yield


@pytest.fixture(scope="module")
def burden(regions) -> Attribution:
    return attribute(BURDEN, regions, threads=1)


@pytest.fixture(scope="module")
def spending(regions) -> Attribution:
    """Of two blocks: people with their care, and the rest, which is the rules."""
    return attribute(SPENDING, regions, threads=1)


@pytest.fixture(scope="module")
def matrix(regions) -> Swap:
    return swap(SPENDING, regions, threads=1)


def plain(question: Question, regions, name: str, policies: tuple[Policy, ...] = (Policy(BASELINE),)) -> SchemeResult:
    scenario = Scenario("plain", (name,), question.year, (question.scheme,), question.horizon, question.draws, question.people,
                        policies=policies)
    return simulate(scenario, regions, threads=1).schemes[0]


def values(found: SchemeResult, question: Question, p: int = 0) -> np.ndarray:
    (measure,) = [m for m in found.measures[question.at] if (m.name, m.group) == (question.measure, question.group)]
    return measure.values[:, p]


def worlds(found: Attribution, mask: int) -> np.ndarray:
    return found.split.worlds(found.split.values[mask])


def test_both_ends_are_the_regions_as_they_are_in_every_world(burden, spending, regions):
    for found in (burden, spending):
        for name, mask in ((A, 0), (B, -1)):
            assert worlds(found, mask).tolist() == values(plain(found.question, regions, name), found.question).tolist()


def test_parts_add_up_in_the_stored_units_and_in_every_world(burden, spending):
    for found in (burden, spending):
        assert found.a.millionths + sum(part.figure.millionths for part in found.parts) == found.b.millionths
        assert found.gap.millionths == found.b.millionths - found.a.millionths != 0
        gap = found.split.values[-1] - found.split.values[0]
        assert found.split.parts.sum(axis=0).tolist() == gap.tolist()
        assert abs(float(found.a.millionths * STORED) - worlds(found, 0).mean()) <= 0.51e-6


def test_every_part_lies_within_its_range_over_all_orders(burden):
    for part, low, high, exact in zip((p for p in burden.parts if p.differs), burden.split.low, burden.split.high,
                                      burden.split.parts, strict=True):
        assert low <= burden.split.mean(exact) <= high
        assert (part.order_low, part.order_high) == (float(low), float(high))
    assert any(part.order_high > part.order_low for part in burden.parts)


def test_errors_are_those_of_the_parts_paired_by_world(burden):
    for part, exact in zip((p for p in burden.parts if p.differs), burden.split.parts, strict=True):
        found = summarise(burden.split.worlds(exact))
        half = half_width(found["se"], 3)
        assert part.figure.se == found["se"]
        assert part.figure.low == pytest.approx(found["mean"] - half, abs=1e-6)
        assert part.figure.high == pytest.approx(found["mean"] + half, abs=1e-6)


def test_blocks_in_which_the_regions_agree_have_no_part_and_are_not_simulated(burden, regions):
    assert burden.settled == len(burden.split.values) == 2 ** sum(part.differs for part in burden.parts) and burden.worlds == 3
    blocks = blocks_of({"list": ("listed",), "care": ("care",)})
    found = attribute(Question((A, B), BURDEN.measure, scheme="urbmi", draws=2, people=300, blocks=blocks), regions, threads=1)
    assert [(part.block, part.figure.millionths) for part in found.parts if not part.differs] == [("list", 0)]
    assert found.settled == len(found.split.values) == 2**2


def test_a_region_beside_itself_has_no_gap_and_no_parts(regions):
    found = attribute(Question((A, A), "oop_share_of_income", draws=2, people=300), regions, threads=1)
    assert found.settled == 1 and found.a == found.b and found.a.millionths > 0
    assert [(part.figure.millionths, part.order_low, part.order_high, part.differs) for part in found.parts] == [
        (0, 0.0, 0.0, False)] * 8


def test_of_two_blocks_each_gets_half_of_what_it_does_first_and_last(spending, matrix):
    """The same mixtures, from the swap matrix: rules of each on the people of each."""
    cell = {(cell.people, cell.rules): cell.figure.millionths for cell in matrix.cells}
    rules = Fraction(cell[A, B] - cell[A, A] + cell[B, B] - cell[B, A], 2)
    people = Fraction(cell[B, A] - cell[A, A] + cell[B, B] - cell[A, B], 2)
    assert [part.block for part in spending.parts] == ["people", "rest"]
    assert all(abs(part.figure.millionths - exact) <= 2 for part, exact in zip(spending.parts, (people, rules), strict=True))
    assert rules and people
    assert spending.parts[1].order_low == pytest.approx(min(cell[A, B] - cell[A, A], cell[B, B] - cell[B, A]) / 1e6, abs=2e-6)


def test_the_matrix_has_the_regions_as_they_are_on_its_diagonal(matrix, regions):
    for cell in matrix.cells:
        if cell.people == cell.rules:
            found = values(plain(SPENDING, regions, cell.people), SPENDING)
            assert cell.figure.millionths == round(found.mean() * 1e6) and cell.figure.se == summarise(found)["se"]
        home = next(other for other in matrix.cells if other.people == other.rules == cell.people)
        assert abs(cell.difference.millionths - (cell.figure.millionths - home.figure.millionths)) <= 1
    assert [(cell.people, cell.rules) for cell in matrix.cells] == [(A, A), (A, B), (B, A), (B, B)]
    assert matrix.settled == 4


def test_the_level_travels_with_the_ratios(burden, regions):
    """The ratios of the second region at the level of its own people, on the people of the first, stated as a policy."""
    k = {level.region: level.k for level in burden.levels}
    assert k[A] != k[B]
    stated = at_its_level(regions[B], {"nrcms": {2012: k[B]}}, "nrcms", range(2012, 2013))
    block = next(block for block in BURDEN.blocks if block.name == "ratio")
    theirs = {path: value.value for path in sorted(block.paths) if ".nrcms." in path and not path.endswith(
        ("target_ratio", "outcome_ratio", "solve_level")) and (value := stated.value(path, 2012, required=False))}
    found = plain(BURDEN, regions, A, (Policy(BASELINE), Policy("theirs", theirs, "none")))
    differing = [part.block for part in burden.parts if part.differs]
    assert worlds(burden, 1 << differing.index("ratio")).tolist() == values(found, BURDEN, 1).tolist()
    assert np.all(values(found, BURDEN, 1) != values(found, BURDEN, 0))


def test_the_random_numbers_go_with_the_people(regions):
    """Two regions alike but for their names: the gap is that of the people, and of the level that is solved on them."""
    heads = "population.nrcms.participants"
    own = Layer("twin", {heads: next(layer.entries[heads] for layer in regions[B].layers if heads in layer.entries)})
    twin = Region("twin", regions[B].names, (own, *regions[B].layers))
    both = Regions({B: regions[B], "twin": twin}, {B: None, "twin": None}, regions.path)
    found = attribute(Question((B, "twin"), "oop_per_head", draws=2, people=300), both, threads=1)
    parts = {part.block: part.figure.millionths for part in found.parts}
    assert parts["people-incomes"] + parts["ratio"] == found.gap.millionths != 0
    assert [part.block for part in found.parts if part.differs] == ["ratio", "people-incomes"] and found.settled == 4


def test_a_figure_may_be_of_a_group_a_tail_or_pooled_over_the_worlds_of_a_roster(regions):
    for measure, group, rows in (("oop_share_of_income", "quintile:q1", 3), ("oop_per_head", "quantile:p99", 3),
                                 ("balance_tvar95", "", 1)):
        question = Question((A, B), measure, group, draws=3, people=500, blocks=SPENDING.blocks)
        found = attribute(question, regions, threads=1)
        assert found.worlds == rows and np.isnan(found.gap.se) == (rows == 1)
        ends = [plain(question, regions, name) for name in (A, B)]
        if measure == "balance_tvar95":
            expected = [tail_mean(values(end, Question((A, B), "balance"))) for end in ends]
        else:
            expected = [values(end, question).mean() for end in ends]
        assert [float(side.exact) for side in (found.a, found.b)] == pytest.approx(expected, abs=1e-6)


def test_worlds_without_the_figure_are_left_out_and_none_left_is_an_error():
    question = Question((A, B), "mean_bill", "illness:esrd")
    table = module.finite([np.array([1.0, np.nan, 3.0]), np.array([4.0, 5.0, 6.0])], question)
    assert table.tolist() == [[1.0, 3.0], [4.0, 6.0]]
    with pytest.raises(InputError, match="no world has this figure under every mixture"):
        module.finite([np.array([1.0, np.nan]), np.array([np.nan])], question)


def test_an_unknown_measure_or_group_is_refused_with_the_nearest_name(regions):
    with pytest.raises(InputError, match="unknown name 'oop_per_haed'.*did you mean 'oop_per_head'"):
        check_measure("oop_per_haed")
    with pytest.raises(InputError, match=r"no such figure in this run: 'oop_per_head\[quintile:9\]'.*did you mean"):
        attribute(Question((A, B), "oop_per_head", "quintile:9", draws=1, people=100), regions, threads=1)


def test_the_manifests_question_is_enough_to_ask_again(spending, regions):
    stored = SPENDING.as_dict()
    blocks = blocks_of({name: tuple(patterns) for name, patterns in stored.pop("blocks").items()})
    again = attribute(Question(**{**stored, "regions": tuple(stored["regions"])}, blocks=blocks), regions, threads=2)
    assert again.digest == spending.digest and again.parts == spending.parts


def test_progress_is_told_to_its_end(regions):
    told: list[tuple[str, int, int]] = []
    swap(Question((A, B), "balance", horizon=2, at=2013, draws=1, people=100), regions, 1,
         lambda what, done, steps: told.append((what, done, steps)))
    assert [(done, steps) for _, done, steps in told] == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert told[0][0] == f"{A} nrcms 2012" and told[-1][0] == f"{B} nrcms 2013"


def test_claims_that_are_settled_alike_are_settled_once_and_leave_the_same_bits(regions, monkeypatch):
    """Policies of the fund alone, of the rules, and of care; the fund's control makes them differ in later years."""
    policies = (Policy(BASELINE), Policy("funding", {"funding.nrcms.subsidy": "200"}),
                Policy("cap", {"inpatient.nrcms.annual_cap": "9000"}),
                Policy("care", {"conduct.nrcms.fraud_share_removed": "5"}), Policy("again"))
    scenario = Scenario("alike", (A,), 2012, ("nrcms",), 4, draws=3, people=300, policies=policies, changes={
        "control.nrcms.surplus_response": "factor", "control.nrcms.deficit_response": ["factor"]})
    asked: list[int] = []

    def counted(policies):
        found = alike(policies)
        asked.append(max(found) + 1)
        return found

    alike = settle_year.alike_policies
    monkeypatch.setattr(settle_year, "alike_policies", counted)
    once = simulate(scenario, regions, threads=1).schemes[0]
    monkeypatch.setattr(settle_year, "alike_policies", lambda policies: list(range(policies.terms.shape[1])))
    every = simulate(scenario, regions, threads=1).schemes[0]
    assert once.digest == every.digest
    for year in scenario.years:
        for one, other in zip(once.measures[year], every.measures[year], strict=True):
            assert np.array_equal(one.values, other.values, equal_nan=True), one.name
    assert asked[0] == 3 and max(asked) == 4 + 3   # in the fund as it is run the control's factor of one has moved


def test_a_question_may_be_asked_in_chinese_names(regions):
    asked = Question(("江苏", "临沂市"), "oop_per_head", "illness:乳腺癌", "新农合")
    check_question(asked, regions, count=2)
    assert (asked.scheme, asked.group) == ("nrcms", "illness:breast-cancer")
    assert asked.in_names_of(regions).regions == ("jiangsu", "linyi")
