"""The rules of every world: bills are settled in groups of worlds that have one rule book in common.

What a scenario asks of rules (`policies.py`) is asked of the region under each book. People, claims and funds are those of all
worlds together; a year's settlement alone is done book by book, and put together in the order of the worlds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from simulator.engine.enrolment import GroupYear
from simulator.engine.in_common import InCommon
from simulator.engine.policies import Rules
from simulator.engine.prepare import SchemePeople
from simulator.engine.readers import Readers
from simulator.engine.rule_books import RuleBook, books_of_worlds, rule_books
from simulator.engine.rungs import Mix, Settling
from simulator.engine.settle_year import Settled, settle_year
from simulator.engine.workers import Workers
from simulator.kernel.sums import Sums
from simulator.scenario import Scenario


class RulesOfWorlds:
    """The rules of a scheme's policies in some worlds. `stated` are those of the region as it states them, and of them
    everything but the settlement of bills is asked; `book` int64[D] is the number of each world's among `books`."""

    def __init__(self, scenario: Scenario, scheme: str, people: Sequence[SchemePeople], readers: Readers,
                 worlds: Sequence[int]) -> None:
        region = readers.region
        self.books: list[RuleBook] = readers.once(("books", scheme, scenario.years, scenario.systematic),
                                                  partial(rule_books, scenario, region, scheme))
        self.book = books_of_worlds(self.books, scenario.seed, region.name, scheme, worlds, scenario.given)
        self.stated = Rules(scenario, scheme, people, readers)
        self._rules: dict[int, Rules] = {}
        of_readers = {id(readers): self.stated}
        for number in np.unique(self.book).tolist():
            changes, share = self.books[number].changes, self.books[number].share
            under = readers if not changes else readers.once(("book", scheme, repr(changes)), partial(
                Readers, readers.unchanged.with_changes(changes, f"rules as {self.books[number].name}", of_files=True), scenario,
                readers.whole))
            rules = of_readers.setdefault(id(under), Rules(scenario, scheme, people, under))
            self._rules[number] = rules if share == 1 else rules.at_share(share)

    def settle(self, number: int, group: GroupYear, in_force: tuple[np.ndarray, np.ndarray], settling: Settling,
               pressure: np.ndarray, mix: Mix, workers: Workers) -> Settled:
        """Settle the year of the group `number` under the control factor and the accounts `in_force`, int64[D, Q] each, and the
        `pressure` on hospitals int64[D, Q, 2]."""
        if all(rules is not self.stated for rules in self._rules.values()):
            self.stated.plans(number, group.year)                    # is told of, with its level, though no world has it
        parts = []
        for book, rules in self._rules.items():
            here = np.flatnonzero(self.book == book)
            whole = len(here) == len(self.book)
            own = group if whole else group.only(here)
            policies = rules.in_force(number, own, in_force[0][here], in_force[1][here], settling)._replace(mix=mix.only(here))
            policies = rules.responding(policies, pressure[here], group.year, settling)
            settled = settle_year(own, policies, workers)
            if whole:
                return settled
            parts.append((here, settled))
        return _together(parts, len(self.book))


def _together(parts: Sequence[tuple[np.ndarray, Settled]], worlds: int) -> Settled:
    """What groups of worlds left in one: `parts` are the places of a group's worlds, and what it left."""
    def joined(name: str) -> Sums:
        found = {}
        for field in Sums._fields:
            own = [getattr(getattr(settled, name), field) for _, settled in parts]
            if field == "histogram":                         # of rosters, which all parts have in common
                found[field] = np.add.reduce(own)
                continue
            found[field] = np.empty((worlds, *own[0].shape[1:]), dtype=own[0].dtype)
            for (here, _), amount in zip(parts, own, strict=True):
                found[field][here] = amount
        return Sums(**found)

    sums = joined("sums")
    shown = sums if all(settled.shown is settled.sums for _, settled in parts) else joined("shown")
    expected = np.zeros((worlds, *parts[0][1].expected.shape[1:]))
    digests = [b""] * worlds
    for here, settled in parts:
        expected[here] = settled.expected
        for place, digest in zip(here.tolist(), settled.digests, strict=True):
            digests[place] = digest
    common = InCommon.by(zip(*(settled.common.of_policy.tolist() for _, settled in parts), strict=True))
    return Settled(sums, shown, expected, digests, common)
