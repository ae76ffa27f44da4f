"""The emulator of funds follows what funds answer; its years are those of the simulation, and its name says what it is of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from simulator import Scenario, load_regions
from simulator.answers import question
from simulator.answers.certificates import Certificates
from simulator.answers.emulator import DESIGN, HELD_OUT, certificate, design, fit
from simulator.answers.ledger_emulator import Range, products_of, range_of_factor, rungs
from simulator.answers.question import Certified, Simulated, read_question
from simulator.fund.terms import fund_terms
from simulator.money import ONE
from simulator.parameters.errors import InputError
from tests.campaigns.verdicts import FAMILIES as VERDICT_FAMILIES
from tests.campaigns.verdicts import Verdict, answered, judged, verdict_of

FACTOR = {"control.nrcms.surplus_response": "factor", "control.nrcms.deficit_response": ["factor", "premium"],
          "pooling.nrcms.level": "province"}           # one fund: what it answers is not evened out over units
SMALL = Scenario("try", ("linyi",), schemes=("nrcms",), horizon=4, draws=20, people=300)
PREMIUM, STEP, DEDUCTIBLE = "funding.nrcms.premium=60:240", "control.nrcms.factor_step=1:20", "inpatient.nrcms.deductible=x0.5:x2"
UNTIL = ["P(exhausted) <= 20%", "P(within limits) >= 10%", "months_held >= 1"]


@pytest.fixture(scope="module")
def regions():
    return load_regions()


def simulated(regions, asked, *levers):
    """The figures of a question, and the simulation of its policies."""
    question = read_question(asked, regions, levers, UNTIL, "net_burden_per_head[quintile:1]", None)
    figures = [*(condition.figure for condition in question.conditions), question.goal.figure]
    latents = tuple(dict.fromkeys(latent for figure in figures for latent in figure.latents()))
    return figures, Simulated(question.scenario, regions, question.box, latents, 1)


def surveyed(regions, asked, *levers):
    """The figures, the simulation, the design's points and outcomes, and the emulator."""
    figures, of = simulated(regions, asked, *levers)
    points = of.box.snapped(np.concatenate([design(2, 1, DESIGN, of.box.corners()), design(2, 2, HELD_OUT)]))
    return figures, of, points, *of.surveyed(points, DESIGN, SMALL.draws)


@pytest.fixture(scope="module")
def answering(regions):
    return surveyed(regions, SMALL.but(changes=FACTOR), PREMIUM, STEP)


@pytest.fixture(scope="module")
def plain(regions):
    return surveyed(regions, SMALL.but(horizon=2), PREMIUM, DEDUCTIBLE)


def held_out(found):
    """The outcomes of the policies that were held out."""
    return {latent: values[:, DESIGN:] for latent, values in found.outcomes.items()}


def test_what_is_followed_is_what_is_simulated_to_the_last_bit(answering):
    _, of, points, found, _ = answering
    exact = of(points[:5], SMALL.draws, 0)
    for latent, values in exact.outcomes.items():
        assert np.array_equal(values, found.outcomes[latent][:, :5]), latent
        assert np.array_equal(exact.baseline[latent], found.baseline[latent]), latent


def test_a_fund_that_answers_is_followed_where_a_fit_of_its_balance_is_not(answering):
    figures, of, points, found, emulator = answering
    own = certificate(emulator, figures, points[DESIGN:], held_out(found))
    fitted = {latent: values[:, :DESIGN] for latent, values in found.outcomes.items()}
    of_balance = certificate(fit(of.box, points[:DESIGN], fitted), figures, points[DESIGN:], held_out(found))
    assert emulator.factor == Range(8000, 12000)
    # Worlds differ in their funds, so a fit of the balance takes one world of twenty for another; followed, none is.
    assert all(error.worst == 0 for error in own[:2]) and max(error.worst for error in of_balance[:2]) >= 1 / SMALL.draws
    assert own[2].worst < of_balance[2].worst / 10 and own[3].worst < of_balance[3].worst / 10


def test_where_no_factor_moves_the_ledger_is_met_almost_exactly(plain):
    figures, _, points, found, emulator = plain
    errors = certificate(emulator, figures, points[DESIGN:], held_out(found))
    assert emulator.factor is None
    assert [error.worst for error in errors[:2]] == [0.0, 0.0] and all(error.worst_world < 0.01 for error in errors)


def test_an_emulator_of_funds_refuses_outside_its_box(plain):
    *_, emulator = plain
    with pytest.raises(InputError, match="outside the box"):
        emulator.outcomes(np.array([[0.0, 1.01]]))


def test_a_certificate_names_what_it_was_measured_for(plain, regions):
    _, of, _, _, emulator = plain
    assert emulator.name == of.name(SMALL.draws)
    others = [of.name(21), replace(of, scenario=of.scenario.but(people=301)).name(20),
              replace(of, scenario=of.scenario.but(changes={"funding.nrcms.interest_rate": "9"})).name(20),
              replace(of, scenario=of.scenario.but(seed=1)).name(20), replace(of, latents=of.latents[1:]).name(20)]
    assert len({emulator.name, *others}) == 6


@dataclass(frozen=True)
class Surveyed(Simulated):
    """A simulation whose survey is known, and counted."""

    found: tuple = ()
    surveys: list = field(default_factory=list)

    def surveyed(self, points, fitted, draws):
        self.surveys.append(draws)
        return self.found


def certified(survey, folder):
    """A survey's policies, what they came to, and the same as it is certified by a new reader of the folder."""
    figures, of, points, *found = survey
    of = Surveyed(of.scenario, of.regions, of.box, of.latents, found=tuple(found))
    return points, found, lambda: Certified(of, tuple(figures), Certificates(folder)), of.surveys


@pytest.mark.parametrize("survey", ["plain", "answering"])
def test_a_certificate_is_read_in_place_of_a_second_survey_and_gives_the_same_bits(survey, request, tmp_path):
    points, (found, emulator), reader, surveys = certified(request.getfixturevalue(survey), tmp_path)
    figures = request.getfixturevalue(survey)[0]
    predicted = emulator.outcomes(points)
    for again, own in enumerate((reader(), reader())):
        outcomes, read = own.surveyed(points, DESIGN, SMALL.draws)
        assert len(own.store.read) == again and surveys == [SMALL.draws] and not own.store.damaged
        assert read.errors == certificate(emulator, figures, points[DESIGN:], held_out(found))
        assert read.name == own.name(points, DESIGN, SMALL.draws) and read.factor == emulator.factor
        for latent, values in read.outcomes(points).items():
            assert values.tobytes() == predicted[latent].tobytes(), latent
            assert np.array_equal(outcomes.outcomes[latent], found.outcomes[latent]), latent
            assert np.array_equal(outcomes.baseline[latent], found.baseline[latent]), latent


def test_a_damaged_certificate_is_named_and_measured_anew(plain, tmp_path):
    points, _, reader, surveys = certified(plain, tmp_path)
    reader().surveyed(points, DESIGN, SMALL.draws)
    (path,) = tmp_path.rglob("certificate *.npz")
    whole = path.read_bytes()
    flipped = whole[:999] + bytes([whole[999] ^ 1]) + whole[1000:]
    for n, spoilt in enumerate((flipped, whole[:-9], b""), 2):
        path.write_bytes(spoilt)
        own = reader()
        own.surveyed(points, DESIGN, SMALL.draws)
        assert own.store.damaged == [path] and not own.store.read and len(surveys) == n and path.read_bytes() == whole
    other = path.with_name(path.name.replace(path.name[12:44], 32 * "0"))
    path.rename(other)                                    # the certificate of another question is not taken for this one's
    own = reader()
    assert own.store.find(own.of.people, 64 * "0") is None and own.store.damaged == [other]


def test_another_rule_box_world_policy_figure_or_engine_has_another_certificate(plain, tmp_path, monkeypatch):
    points, _, reader, _ = certified(plain, tmp_path)
    own, lever = reader(), plain[1].box.levers[0]
    changed = own.of.scenario.but(changes={"funding.nrcms.interest_rate": "9"})
    narrower = replace(own.of.box, levers=(replace(lever, high=lever.high - 1), *own.of.box.levers[1:]))
    names = [own.name(points, DESIGN, 20), own.name(points, DESIGN, 21), own.name(points[::-1], DESIGN, 20),
             replace(own, figures=own.figures[1:]).name(points, DESIGN, 20)]
    names += [replace(own, of=replace(own.of, **other)).name(points, DESIGN, 20)
              for other in ({"scenario": changed}, {"box": narrower})]
    monkeypatch.setattr(question, "engine_here", lambda: "another")
    assert len({*names, own.name(points, DESIGN, 20)}) == 7


def test_the_factor_has_a_range_only_where_a_fund_answers_with_it(regions):
    terms = fund_terms(regions["linyi"].with_changes(FACTOR, "x"), "nrcms", 2012, 2012)
    assert range_of_factor([terms], "stated") == Range(terms.factor_low, terms.factor_high)
    assert range_of_factor([terms], "none") is None and range_of_factor([replace(terms, factor_step=0)], "stated") is None
    assert range_of_factor([fund_terms(regions["linyi"], "nrcms", 2012, 2012)], "stated") is None


def test_factors_that_are_set_fill_their_range_in_another_order_each_year():
    first, second = rungs(Range(8000, 12000), [2012, 2013], 64, 1)
    assert first.min() >= 8000 and first.max() <= 12000 and np.ptp(first) > 3500 and not np.array_equal(first, second)
    assert Range(8000, 12000).coordinate(np.array([8000, ONE, 12000])).tolist() == [-1, 0, 1]


def test_a_polynomial_has_the_cube_of_each_coordinate():
    assert products_of(np.array([[2.0, 3.0]])).tolist() == [[1, 2, 3, 4, 6, 9, 8, 27]]
    assert products_of(np.zeros((4, 5, 2))).shape == (4, 5, 8)


def test_a_small_campaign_of_verdicts_is_judged_in_worlds_of_its_own(regions):
    size = Scenario("verdicts", ("linyi",), horizon=1, draws=20, people=200, seed=7)
    family = VERDICT_FAMILIES[0]._replace(changes={"pooling.{scheme}.level": "province"})                   # one fund is quicker
    asked, answers = answered(family, size, 60, regions, 2)
    verdicts = list(judged(answers, 200, regions))
    assert asked == 2 and len(verdicts) == len(answers) >= 1
    assert not any(verdict.refuted for verdict in verdicts)
    (question, found), = answers[:1]
    latents = {latent: np.full((200, 1), -1.0) for latent in question.conditions[0].figure.latents()}       # a deficit everywhere
    assert verdict_of(question.conditions[0], found, 0, latents)[2:] == (1.0, True, True)
    assert Verdict._fields[-1] == "refuted"
