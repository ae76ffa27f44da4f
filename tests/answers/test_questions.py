"""Content names of questions: what is paid hangs on how a ratio is changed, and on what the schedule's level rests on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.answers.questions import questions_of
from simulator.parameters.regions import Region, Regions, load_regions
from simulator.parameters.values import Layer
from simulator.scenario import BASELINE, Policy, Scenario

RATIO = "inpatient.nrcms.ratio.county"


def names(*policies: Policy, regions: Regions | None = None, **changes: object) -> list[str]:
    asked = Scenario("asked", ("linyi",), schemes=("nrcms",), policies=(Policy(BASELINE), *policies), changes=dict(changes))
    return [question.name for question in questions_of([asked], regions or load_regions())]


def test_points_and_the_ratio_that_they_make_of_the_written_one_are_two_questions():
    written = load_regions()["linyi"].value("inpatient.nrcms.ratio", 2012).value["county"][0]
    found = names(Policy("plus", {RATIO: {"plus": 5}}), Policy("stated", {RATIO: [str(written + 5)]}),
                  Policy("as-written", {RATIO: [str(written)]}))
    assert len(set(found)) == 4


def test_a_policy_that_asks_for_the_target_is_a_question_of_its_own_and_own_without_changes_is_none():
    found = names(Policy("met", level="target"), Policy("own", level="own"), Policy("none", level="none"))
    assert found[0] == found[2] and len(set(found)) == 3


def test_the_status_of_a_schedule_is_part_of_the_question(regions):
    linyi, path = regions["linyi"], "inpatient.nrcms.ratio"
    own = linyi.layers[0]
    known = Layer(own.region, {**own.entries, path: tuple(replace(entry, status="statistic") for entry in own.entries[path])})
    other = Regions({"linyi": Region("linyi", linyi.names, (known, *linyi.layers[1:]))}, {"linyi": None}, regions.path)
    assert names(regions=other) != names(regions=regions)


def lighter(entry):
    return replace(entry, alternatives=[[name, data, "10", source] for name, data, _, source in entry.alternatives])


def wider(entry):
    return replace(entry, spread="7")


@pytest.mark.parametrize("path, moved", [("inpatient.nrcms.ratio", lighter), ("inpatient.nrcms.outcome_ratio", wider),
                                         ("care.nrcms.admission_rate", wider)])
def test_what_worlds_differ_in_is_part_of_the_question(regions, path, moved):
    layers = [Layer(layer.region, {**layer.entries, path: tuple(map(moved, layer.entries[path]))} if path in layer.entries
                    else layer.entries) for layer in regions["linyi"].layers]
    other = Regions({"linyi": Region("linyi", regions["linyi"].names, tuple(layers))}, {"linyi": None}, regions.path)
    assert names(regions=other) != names(regions=regions)
