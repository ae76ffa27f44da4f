"""What policies have in common is worked out once, and only what cannot differ counts as in common."""

import dataclasses

import pytest

from simulator.parameters.regions import load_regions
from simulator.parameters.reuse import LAW, Parts, apart, of_each
from simulator.parameters.values import Layer

CHANGES = ({}, {"inpatient.nrcms.target_ratio": 70}, {"funding.nrcms.premium": {"times": "1.1"}},
           {"inpatient.nrcms.target_ratio": 70, "assistance.one_stop": False})


@pytest.fixture(scope="module")
def region():
    return load_regions()["linyi"]


def test_regions_are_apart_where_their_entries_are(region):
    for changes in CHANGES:
        changed = region.with_changes(changes, "a test") if changes else region
        followed = {path.replace(".nrcms.", ".urrbmi.") for path in changes}     # what urrbmi does not state is as in nrcms
        assert changed.apart_from(region) == region.apart_from(changed) >= frozenset(changes)
        assert changed.apart_from(region) <= followed.union(changes)
        for path in region.paths():
            if path not in changed.apart_from(region):
                assert changed.value(path, 2012, required=False) == region.value(path, 2012, required=False)


def test_regions_with_layers_of_their_own_are_apart_in_what_these_state(region):
    """As a mixture of regions has them: other layers, the same entries."""
    layers = tuple(Layer(layer.region, dict(layer.entries)) for layer in region.layers)
    copied = dataclasses.replace(region, layers=layers, _memo={})
    assert copied.apart_from(region) == frozenset()
    upside_down = dataclasses.replace(region, layers=region.layers[::-1], _memo={})
    assert "inpatient.nrcms.target_ratio" in upside_down.apart_from(region)
    other = load_regions()["jiangsu"]
    assert {"inpatient.nrcms.target_ratio", "population.nrcms.participants"} <= other.apart_from(region)
    assert LAW in apart(other.reading(), region.reading())


def test_a_result_is_taken_again_only_where_nothing_was_read_that_differs(region):
    readers = [region.with_changes(changes, "a test").reading() if changes else region.reading() for changes in CHANGES]
    worked = []

    def target(reader):
        worked.append(reader)
        return reader.value("inpatient.nrcms.target_ratio", 2012).value

    found = of_each(readers, target)
    assert [int(value) for value in found] == [int(found[0]), 70, int(found[0]), 70] and len(worked) == 3
    parts = Parts(("target_ratio", "deductible"), readers[0],
                  lambda reader, name: reader.value(f"inpatient.nrcms.{name}", 2012).value)
    assert [list(parts.otherwise(reader)) for reader in readers] == [[], ["target_ratio"], [], ["target_ratio"]]


def test_statements_of_the_law_count_as_read(region):
    readers = [region.reading(), load_regions()["jiangsu"].reading()]
    found = of_each(readers, lambda reader: [statement.path for statement in reader.statements(2012)])
    assert found[0] != found[1]


def test_what_a_change_leaves_is_worked_out_once_for_the_region_before_it_and_under_it(region):
    changed = region.with_changes({"inpatient.nrcms.target_ratio": 70}, "a test")
    assert changed.value("inpatient.nrcms.deductible", 2013) is region.value("inpatient.nrcms.deductible", 2013)
    assert [int(one.value("inpatient.nrcms.target_ratio", 2013).value) for one in (changed, region)] == [70, 75]
    assert changed.value("inpatient.urrbmi.target_ratio", 2013).value == 70              # which stands in for it
