"""A group's year of claims: drawn and settled under every policy in all draws, with the exact expectation beside the sums.

The sums and the expectation of the first-bill payments together are what the control variate needs (`flows.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

import numpy as np

from simulator.care.conduct import Variant, stack
from simulator.care.paths import Economy
from simulator.care.walk import CHANCE, PRICE, RATE
from simulator.engine.enrolment import GroupYear
from simulator.engine.flows import nearest
from simulator.engine.workers import DrawFactors, Walks, Workers, YearWork, walk_all
from simulator.kernel.draw import YearInputs
from simulator.kernel.people import first_bill_terms
from simulator.kernel.sums import N_ACCOUNTS, Sums
from simulator.money import UNLIMITED
from simulator.plan import FACTOR, PAYMENT_COUNTIES, PILOT_COUNTIES, REFERENCE_PRICE, RELIEF_RATIO

INCOME_ONE = 65_536            # incomes relative to the central path are integers in 1/65,536


class PolicyYear(NamedTuple):
    """What P policies ask of a group's year."""

    terms: np.ndarray              # int64[D, P, TERMS], the fund's control factor and individual accounts included
    variants: list[Variant]        # what each policy does to care
    rate_cap: int                  # claims are drawn at this multiple of their rate; a policy keeps some of them


class Settled(NamedTuple):
    """A group's year, settled in D worlds on R rosters."""

    sums: Sums                     # with a leading axis of worlds; the histogram is added up by roster, int64[R, P, ...]
    expected: np.ndarray           # float64[D, P, 3 kinds, N_ACCOUNTS]: the first-bill payments expected
    digests: list[bytes]           # of every integer that each world left


def settle_year(group_year: GroupYear, policies: PolicyYear, economy: Economy, workers: Workers) -> Settled:
    """Settle one year of claims in all worlds. Policies whose terms and care are equal in all of them are settled once."""
    group, tables = group_year.group, group_year.group.people.tables
    alike = alike_policies(policies)
    first = [alike.index(number) for number in range(max(alike) + 1)]
    terms, variants = np.ascontiguousarray(policies.terms[:, first]), [policies.variants[p] for p in first]
    prices = nearest(group_year.price * PRICE * economy.price)
    list_price = int(group_year.price * PRICE + 0.5)
    inverse_rate = nearest(RATE / (economy.use * policies.rate_cap))
    factors = DrawFactors(terms, prices, inverse_rate, nearest(economy.income * INCOME_ONE))
    conduct = stack(variants, tables)
    needs_extra_bits = bool((~conduct.neutral).any() or terms[..., RELIEF_RATIO].any()
                             or (terms[..., REFERENCE_PRICE] < UNLIMITED).any())
    walks, order = [], []
    for place, people in enumerate(group_year.people):
        here = np.flatnonzero(group.roster == place)
        work = YearWork(group_year.year, YearInputs(people.streams, tables, people.people), conduct, needs_extra_bits, list_price)
        walks.append(Walks(work, DrawFactors(*(column[here] for column in factors)), tuple(group.worlds[here].tolist())))
        order.append(here)
    by_roster = walk_all(walks, group.replicas, workers)
    if len(first) < len(alike):
        by_roster = [[Sums._make(array[alike] for array in world) for world in roster] for roster in by_roster]
    in_order = np.argsort(np.concatenate(order))
    of_worlds = [world for roster in by_roster for world in roster]
    of_worlds = [of_worlds[n] for n in in_order]
    histogram = np.stack([reduce(np.add, [world.histogram for world in roster]) for roster in by_roster])
    sums = Sums._make([*(np.stack([getattr(world, name) for world in of_worlds]) for name in Sums._fields[:-1]), histogram])
    digests = list(workers.here(digest_of, of_worlds))
    expected = expected_payments(group_year, terms, variants, prices, list_price, workers)
    rate = (RATE / inverse_rate)[:, None, None] * group.replicas
    expected[:, :, 0] *= rate
    expected[:, :, 2] *= rate
    expected[:, :, 1] *= group.replicas
    return Settled(sums, expected[:, alike], digests)


def alike_policies(policies: PolicyYear) -> list[int]:
    """For each policy the number of its terms and care among those that differ, in the order of their first policies."""
    known: dict[tuple[bytes, ...], int] = {}
    return [known.setdefault((policies.terms[:, p].tobytes(), *(array.tobytes() for array in variant)), len(known))
            for p, variant in enumerate(policies.variants)]


def digest_of(arrays: Iterable[np.ndarray]) -> bytes:
    """The SHA-256 of arrays: int64, little-endian, in their order."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<i8").data)
    return digest.digest()


def expected_payments(group_year: GroupYear, terms: np.ndarray, variants: list[Variant], prices: np.ndarray, list_price: int,
                      workers: Workers) -> np.ndarray:
    """Expected first-bill payments at the central rate of one replica, float64[D, P, 3 kinds, N_ACCOUNTS].

    `prices` int64[D] and `list_price` are in 1/65,536 of the first year's. Worlds under one control factor share an expectation.
    """
    group, year_people = group_year.group, group_year.people
    expected = np.empty((len(terms), len(variants), 3, N_ACCOUNTS))
    stateless, listed, claims = first_bill_terms(terms[0]), {}, {}
    visits = np.stack([people.visits for people in year_people])
    for p, variant in enumerate(variants):
        pilots, counties = int(stateless[p, PILOT_COUNTIES]), int(stateless[p, PAYMENT_COUNTIES])
        illnesses = pilots, variant.keep_illness.tobytes()                  # most policies have them in common
        if illnesses not in listed:
            listed[illnesses] = np.stack([people.listed_expected(group_year.year, pilots, variant.keep_illness / CHANCE)
                                          for people in group.rosters])
        if counties not in claims:
            claims[counties] = np.stack([people.claims(counties) for people in year_people])
        for factor in np.unique(terms[:, p, FACTOR]):                       # few, for the factor moves by steps
            worlds = terms[:, p, FACTOR] == factor
            stateless[p, FACTOR] = factor
            expected[worlds, p] = group.people.first_bills.expected(
                stateless[p], variant, prices[worlds], list_price, claims[counties], visits, listed[illnesses],
                group.roster[worlds], workers.here)
    return expected
