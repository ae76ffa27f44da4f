"""Rules that begin within a year hold for discharges from then on, and the person's year goes on under them."""

import numpy as np
import pytest

from simulator.engine import policies
from simulator.engine.enrolment import people_of
from simulator.engine.readers import readers_of
from simulator.engine.rungs import settling_of
from simulator.engine.simulate import simulate
from simulator.parameters.errors import InputError
from simulator.parameters.ladder import NO_LADDER
from simulator.plan import ANNUAL_CAP
from simulator.scenario import BASELINE, Policy, Scenario, check
from simulator.tables import Paid

CAP, COUNTY = "inpatient.nrcms.annual_cap", "inpatient.nrcms.deductible.county"


def asked(*changes: dict, **more) -> Scenario:
    named = [Policy(BASELINE), *(Policy(f"p{n}", own) for n, own in enumerate(changes, start=1))]
    return Scenario("within", ("jiangsu",), 2012, ("nrcms",), 1, 3, 1_500, systematic=False, response="none",
                    policies=tuple(named), **more)


@pytest.fixture
def months(regions, monkeypatch):
    """What the pooled fund pays of each policy's bills by month, int64[P, 12], as the kernel's sums have it."""
    def paid(scenario: Scenario) -> np.ndarray:
        found = []

        def noted(sums, where):
            found.append(sums.month.sum(axis=(0, 2))[..., [Paid.BASIC, Paid.LISTED, Paid.OUTPATIENT]].sum(axis=-1))

        monkeypatch.setattr("simulator.engine.course.check", noted)
        simulate(scenario, regions, threads=1)
        return found[0]
    return paid


def test_months_before_a_rule_begins_are_as_without_it_and_later_ones_are_not(months):
    paid = months(asked({COUNTY: {"from": "2012-07-01", "value": ["0"]}}, {COUNTY: ["0"]},
                        {COUNTY: {"from": "2012-12-01", "value": ["0"]}}))
    baseline, july, whole, december = paid
    assert (july[:6] == baseline[:6]).all() and (july[6:] > baseline[6:]).all()
    assert (whole > baseline).all() and abs(july[6:] - whole[6:]).max() < 0.01 * whole.max()
    assert (december[:11] == baseline[:11]).all() and december[11] > baseline[11]


def test_the_years_order_of_admissions_and_cap_go_on_under_the_new_rules(months):
    """Of a cap of 2,000 yuan from July what the first half has paid is used up, as if it had held from January."""
    half, whole, none = months(asked({CAP: {"from": "2012-07-01", "value": "2000"}}, {CAP: "2000"}))[[1, 2, 0]]
    assert (half[:6] == none[:6]).all()
    assert (half[6:] == whole[6:]).all() and half[6:].sum() < none[6:].sum()


def test_a_rule_that_is_the_same_before_and_after_changes_nothing(months):
    """Two policies of equal rules differ by nothing, whether one of them is told twice in the year or not."""
    twice = [{"from": "2012-01-01", "value": "20000"}, {"from": "2012-05-01", "value": "20000"}]
    baseline, once, again = months(asked({CAP: "20000"}, {CAP: twice}))
    assert (once == again).all() and (once < baseline).any()


def test_chunks_and_threads_leave_no_trace(regions):
    scenario = asked({COUNTY: {"from": "2012-07-01", "value": ["0"]}})
    one, other = (simulate(scenario, regions, threads=threads, chunk=chunk).schemes[0].digest
                  for threads, chunk in ((1, 1), (2, 3)))
    assert one == other


def test_linyis_employees_have_their_rules_of_march_2014_from_march_on(regions):
    """Office of Linyi's government, 7 March 2014: the cap rises from 120,000 to 180,000 yuan."""
    scenario = Scenario("linyi", ("linyi",), 2014, ("uebmi",), 1, 1, 300, systematic=False)
    readers = readers_of(regions["linyi"], scenario, keep=False)
    groups = people_of(scenario, readers.region, "uebmi", range(1))
    rules = policies.Rules(scenario, "uebmi", [group.people for group in groups], readers)
    usual, _, rows = rules._asked(0, 1.0, 2014, settling_of([NO_LADDER]))
    assert rows.number.tolist() == [2] and rows.months[0].tolist() == [0, 0] + [1] * 10
    assert rows.terms[0, :2, ANNUAL_CAP].tolist() == [12_000_000, 18_000_000] and usual[0, ANNUAL_CAP] == 18_000_000


def test_what_is_read_once_a_year_cannot_begin_within_one(regions):
    with pytest.raises(InputError, match="funding.nrcms.subsidy: begins within a year.*read once a year"):
        check(asked({"funding.nrcms.subsidy": {"from": "2012-07-01", "value": "300"}}), regions)
