"""Ordinary and listed admissions together have the rate, shares, means and in-scope shares that are stated of all of a tier."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.care.ordinary import listed_per_member, ordinary_admissions
from simulator.care.paths import grown, growth_factor
from simulator.chance.random import CELL_WEIGHT
from simulator.engine.prepare import SchemePeople, prepare
from simulator.parameters.catalogue import ILLNESSES, SCHEMES, TIERS
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions

REGIONS = load_regions()
PLACES = [(region, scheme) for region in sorted(REGIONS) for scheme in SCHEMES
          if REGIONS[region].value(f"population.{scheme}.participants", 2014, required=False) is not None]


def people_of(region: str, scheme: str, year: int, **changes: object) -> SchemePeople:
    place = REGIONS[region].with_changes(changes, "") if changes else REGIONS[region]
    return prepare(place, scheme, year, 1, 2000, (1, 2), 1)


def expected_by_tier(people: SchemePeople, year: int) -> np.ndarray:
    """Admissions a member, yuan billed and yuan in scope a member of all bills, float64[3, T], from tables and roster."""
    read, tables = people.reader.value, people.tables
    members = people.roster.present(year).sum()
    listed = people.listed_expected(year, 0).sum(axis=(2, 3, 4)) / members
    growth, found = f"care.{people.scheme}.bill_growth", np.zeros((3, len(TIERS)))
    ordinary = people.rates.admissions[0].sum() / members * np.diff(tables.tier_of, prepend=0) / 2.0**32
    means = ((tables.base + 0.5 * tables.width) * CELL_WEIGHT).sum(axis=1) / CELL_WEIGHT.sum() / 100
    found += ordinary * np.stack([np.ones(len(TIERS)), means, means * tables.in_scope.mean(axis=1) / 10_000])
    for i, name in enumerate(ILLNESSES):
        tiers = np.array([float(read(f"illness.{name}.tier_shares", year).value[tier]) for tier in TIERS]) / 100
        for later, part in enumerate(("first_year_bill", "later_bill")):
            mean = grown(read, growth, read(f"illness.{name}.{part}", year), year)
            found += listed[i, later] * tiers * np.array([[1.0], [mean], [mean * tables.illness_in_scope[i] / 10_000]])
    return found


def stated_by_tier(people: SchemePeople, year: int) -> np.ndarray:
    """What `care.*` states of these, float64[3, T]."""
    read, care = people.reader.value, f"care.{people.scheme}"
    shares, means, scopes = (np.array([float(read(f"{care}.{name}", year).value[tier]) for tier in TIERS])
                             for name in ("tier_shares", "bill_mean", "in_scope_share"))
    rate = grown(read, f"{care}.use_growth", read(f"{care}.admission_rate", year), year) / 100
    means = means * growth_factor(read, f"{care}.bill_growth", read(f"{care}.bill_mean", year), year)
    every = rate * shares / shares.sum()
    return np.stack([every, every * means, every * means * scopes / 100])


@pytest.mark.parametrize(("region", "scheme"), PLACES)
def test_all_admissions_of_a_tier_have_the_stated_rate_share_mean_bill_and_in_scope_share(region, scheme):
    for year in (2011, 2014) if REGIONS[region].value(f"population.{scheme}.participants", 2011, required=False) else (2014,):
        people = people_of(region, scheme, year)
        assert expected_by_tier(people, year) == pytest.approx(stated_by_tier(people, year), rel=0.004)


def test_the_bills_expected_of_a_member_are_those_of_a_roster_with_the_same_ages():
    people = people_of("jiangsu", "nrcms", 2012)
    by_roster = people.listed_expected(2012, 0).sum(axis=(2, 3, 4)) / people.roster.present(2012).sum()
    by_shares = listed_per_member(people.reader.value, "nrcms", 2012, people.rates.course)
    assert by_shares.sum() == pytest.approx(by_roster.sum(), rel=0.002)
    often = by_roster > 1e-4
    assert by_shares[often] == pytest.approx(by_roster[often], rel=0.03)


def test_a_tier_where_listed_illnesses_alone_are_more_or_dearer_than_all_that_is_stated_is_refused():
    for changes in ({"care.nrcms.admission_rate": "2"}, {"care.nrcms.bill_mean.city": "3000"}):
        with pytest.raises(InputError, match="listed illnesses alone bring .* to the tier 'city'"):
            people_of("national", "nrcms", 2012, **changes)


def test_a_tier_without_admissions_has_none_and_no_in_scope_share_passes_its_ends():
    people = people_of("national", "nrcms", 2012, **{"care.nrcms.tier_shares": {"township": "100"}, "care.nrcms.in_scope_share": {
        "township": "100", "county": "100", "city": "0", "outside": "100"}})
    found = ordinary_admissions(people.reader.value, "nrcms", 2012, people.rates.course)
    assert found.share.tolist() == [1, 0, 0, 0] and (found.in_scope <= 100).all()
    assert (people.tables.in_scope[0] == 10_000).all()
