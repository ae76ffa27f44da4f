"""Where a region's own rules are not known each world has those of one rule book, in as many worlds as its alternatives weigh."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from simulator.engine import rules_of_worlds
from simulator.engine.rule_books import AS_STATED, HIGHER, LOWER, RuleBook, books_of_worlds, rule_books
from simulator.engine.simulate import simulate_worlds
from simulator.parameters.regions import Regions
from simulator.scenario import Scenario

LINYI = Scenario("rules", ("linyi",), 2012, ("nrcms",), horizon=2, draws=12, people=400)
RATIO = "inpatient.nrcms.ratio"


def lengths(books: list[RuleBook]) -> list[Decimal]:
    """How much of all positions each book has, in percent."""
    return [end - book.begin for book, end in zip(books, [*(book.begin for book in books[1:]), Decimal(100)], strict=True)]


@pytest.mark.parametrize(("region", "scheme", "year"), [
    ("linyi", "nrcms", 2012), ("linyi", "nrcms", 2013), ("linyi", "urbmi", 2012), ("jiangsu", "nrcms", 2012),
    ("jiangsu", "urbmi", 2012), ("shandong", "nrcms", 2012), ("zibo", "urrbmi", 2013), ("huantai", "urrbmi", 2013)])
def test_each_alternative_holds_in_as_many_worlds_as_it_weighs(regions: Regions, region: str, scheme: str, year: int):
    place = regions[region]
    books = rule_books(LINYI.but(regions=(region,), schemes=(scheme,), year=year, horizon=1), place, scheme)
    assert sum(lengths(books)) == 100 and books[0].begin == 0
    for path in place.paths():
        value = place.value(path, year, required=False) if path.split(".")[0] in ("inpatient", "outpatient") else None
        if value is None or f".{scheme}." not in path or not value.alternatives:
            continue
        views = [place.with_changes(book.changes, "book").value(path, year).value for book in books]
        for other in value.alternatives:
            weight = sum(length for view, length in zip(views, lengths(books), strict=True) if view == other.value)
            assert weight == other.weight, (path, other.name)


def test_a_level_that_an_outcome_sets_varies_by_the_error_of_the_outcome(regions: Regions):
    books = rule_books(LINYI.but(horizon=1), regions["linyi"], "nrcms")
    stated = [(book, length) for book, length in zip(books, lengths(books), strict=True) if RATIO not in book.changes]
    whole = sum(length for _, length in stated)
    mean = sum(book.share * length for book, length in stated) / whole
    variance = sum((book.share - mean) ** 2 * length for book, length in stated) / whole
    outcome = regions["linyi"].value("inpatient.nrcms.outcome_ratio", 2012)
    assert mean == 1
    assert float(variance) ** 0.5 == pytest.approx(float(outcome.value * outcome.spread / 100 / (100 - outcome.value)), rel=1e-5)
    assert {book.name.split("+")[-1] for book, _ in stated} >= {LOWER, AS_STATED, HIGHER}


def test_worlds_without_uncertainty_and_values_that_the_scenario_states_have_one_book(regions: Regions):
    assert [book.name for book in rule_books(LINYI.but(systematic=False), regions["linyi"], "nrcms")] == [AS_STATED]
    asked = LINYI.but(changes={RATIO: {tier: ["60"] for tier in ("township", "county", "city", "outside")}})
    assert all(RATIO not in book.changes for book in rule_books(asked, asked.changed(regions["linyi"]), "nrcms"))


def test_a_world_is_settled_by_its_own_book_whichever_worlds_stand_beside_it(regions: Regions, monkeypatch: pytest.MonkeyPatch):
    books = rule_books(LINYI, regions["linyi"], "nrcms")
    of_world = books_of_worlds(books, LINYI.seed, "linyi", "nrcms", range(LINYI.draws))
    assert len(set(of_world.tolist())) > 2
    together = simulate_worlds(LINYI, regions, range(12), 1).schemes[0]
    apart = [simulate_worlds(LINYI, regions, some, 1).schemes[0].digests for some in (range(5), range(5, 12))]
    assert together.digests == apart[0] + apart[1]
    for number in np.unique(of_world)[:2].tolist():
        alone = [books[number]._replace(begin=Decimal(0))]
        monkeypatch.setattr(rules_of_worlds, "rule_books", lambda *asked, alone=alone: alone)
        everywhere = simulate_worlds(LINYI, regions, range(12), 1).schemes[0]
        same = [one == other for one, other in zip(everywhere.digests, together.digests, strict=True)]
        assert same == (of_world == number).tolist()
