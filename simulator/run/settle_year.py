"""A group's year of claims: drawn and settled under every policy in all draws, with the exact expectation beside the sums.

The sums and the expectation of the first-bill payments together are what the control variate needs (`flows.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulator.care.conduct import Variant, stack
from simulator.care.paths import Economy
from simulator.care.walk import CHANCE, PRICE, RATE
from simulator.kernel.draw import YearInputs
from simulator.kernel.people import first_bill_terms
from simulator.kernel.sums import N_ACCOUNTS, Sums
from simulator.money import UNLIMITED
from simulator.plan import FACTOR, PAYMENT_COUNTIES, PILOT_COUNTIES, REFERENCE_PRICE, RELIEF_RATIO
from simulator.run.enrolment import GroupYear
from simulator.run.flows import nearest
from simulator.run.workers import DrawFactors, Workers, YearWork, walk_all

INCOME_ONE = 65_536            # incomes relative to the central path are integers in 1/65,536


class PolicyYear(NamedTuple):
    """What P policies ask of a group's year."""

    terms: np.ndarray              # int64[D, P, TERMS], the fund's control factor and individual accounts included
    variants: list[Variant]        # what each policy does to care
    rate_cap: int                  # claims are drawn at this multiple of their rate; a policy keeps some of them


SettleYear = Callable[[GroupYear, PolicyYear, Economy, Workers], tuple[Sums, np.ndarray]]


def settle_year(group_year: GroupYear, policies: PolicyYear, economy: Economy, workers: Workers,
                first: int = 0) -> tuple[Sums, np.ndarray]:
    """Settle one year of claims in the draws from `first` on.

    Returns the sums, whose fields have a leading draw axis (the histogram is pooled over draws, [1, P, ...]), and the expected
    first-bill payments, float64[D, P, 3 kinds, N_ACCOUNTS].
    """
    group, year_people = group_year.group, group_year.people
    tables, replicas = group.people.tables, group.replicas
    terms, variants = policies.terms[first:], policies.variants
    prices = nearest(year_people.price * PRICE * economy.price[first:])
    list_price = int(year_people.price * PRICE + 0.5)
    inverse_rate = nearest(RATE / (economy.use[first:] * policies.rate_cap))
    incomes = nearest(economy.income[first:] * INCOME_ONE)
    conduct = stack(variants, tables)
    needs_extra_bits = bool((~conduct.neutral).any() or terms[..., RELIEF_RATIO].any()
                             or (terms[..., REFERENCE_PRICE] < UNLIMITED).any())
    inputs = YearInputs(year_people.streams, tables, year_people.people)
    work = YearWork(group_year.year, inputs, conduct, needs_extra_bits, list_price)
    sums = stacked(walk_all(work, DrawFactors(terms, prices, inverse_rate, incomes), replicas, workers, first))
    expected = expected_payments(group_year, terms, variants, prices, list_price, workers)
    rate = (RATE / inverse_rate)[:, None, None] * replicas
    expected[:, :, 0] *= rate
    expected[:, :, 2] *= rate
    expected[:, :, 1] *= replicas
    return sums, expected


def stacked(draws: list[Sums]) -> Sums:
    """The sums of several draws with a leading draw axis; the histogram is added up over the draws, [1, P, ...]."""
    histogram = np.sum([draw.histogram for draw in draws], axis=0)[None]
    return Sums(*(histogram if name == "histogram" else np.stack([getattr(draw, name) for draw in draws])
                  for name in Sums._fields))


def expected_payments(group_year: GroupYear, terms: np.ndarray, variants: list[Variant], prices: np.ndarray, list_price: int,
                      workers: Workers) -> np.ndarray:
    """Expected first-bill payments at the central rate of one replica, float64[D, P, 3 kinds, N_ACCOUNTS].

    `prices` int64[D] and `list_price` are in 1/65,536 of the first year's. Draws under one control factor share an expectation.
    """
    people, year_people = group_year.group.people, group_year.people
    expected = np.empty((len(terms), len(variants), 3, N_ACCOUNTS))
    stateless, listed = first_bill_terms(terms[0]), {}
    for p, variant in enumerate(variants):
        illnesses = int(stateless[p, PILOT_COUNTIES]), variant.keep_illness.tobytes()       # most policies have them in common
        if illnesses not in listed:
            listed[illnesses] = people.listed_expected(group_year.year, illnesses[0], variant.keep_illness / CHANCE)
        claims = year_people.claims(int(stateless[p, PAYMENT_COUNTIES]))
        for factor in np.unique(terms[:, p, FACTOR]):                       # few, for the factor moves by steps
            draws = terms[:, p, FACTOR] == factor
            stateless[p, FACTOR] = factor
            expected[draws, p] = people.first_bills.expected(stateless[p], variant, prices[draws], list_price, claims,
                                                       year_people.visits, listed[illnesses], workers.here)
    return expected
