"""A group's year of claims: drawn and settled under every policy in all draws, with the exact expectation beside the sums.

The sums and the expectation of the first-bill payments together are what the control variate needs (`flows.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from simulator.care.conduct import Variant, alike, stack
from simulator.care.levers import moved_by
from simulator.care.walk import PRICE, RATE
from simulator.engine.bill_rows import has_local_tiers
from simulator.engine.enrolment import GroupYear
from simulator.engine.expectations import OF_ILLNESSES, OF_OUTPATIENTS, OF_STAYS, CareOfWorlds, expected_payments
from simulator.engine.expected_in_worlds import expected_in_worlds
from simulator.engine.flows import nearest
from simulator.engine.in_common import InCommon
from simulator.engine.rungs import Mix
from simulator.engine.workers import DrawFactors, Walks, Workers, YearWork, walk_all
from simulator.kernel.draw import YearInputs
from simulator.kernel.rows import PolicyRows
from simulator.kernel.sums import Sums
from simulator.money import UNLIMITED
from simulator.plan import REFERENCE_PRICE, RELIEF_RATIO

INCOME_ONE = 65_536            # incomes relative to the central path are integers in 1/65,536


class PolicyYear(NamedTuple):
    """What P policies ask of a group's year."""

    terms: np.ndarray              # int64[D, P, TERMS], the fund's control factor and individual accounts included
    variants: list[Variant]        # what policies do to care
    rate_cap: int                  # claims are drawn at this multiple of their rate; a policy keeps some of them
    rows: PolicyRows | None = None     # of policies whose bills are not all under one row of terms
    mix: Mix | None = None         # what is shown of each policy, for a ladder's plans; None: the plans are the policies
    variant: np.ndarray | None = None      # int64[D, P]: which of the variants a policy has in a world (None: policy p the p-th)


class Settled(NamedTuple):
    """A group's year, settled in D worlds on R rosters."""

    sums: Sums                     # of the plans, with a leading axis of worlds; the histogram is added up by roster
    shown: Sums                    # the same of the policies: what their people had; the histogram is theirs in both
    expected: np.ndarray           # float64[D, P, 3 kinds, N_ACCOUNTS]: the first-bill payments expected
    digests: list[bytes]           # of every integer that each world left
    common: InCommon               # which plans have the same of `sums`, and which policies of `shown`, where both are the same


def settle_year(group_year: GroupYear, policies: PolicyYear, workers: Workers) -> Settled:
    """Settle one year of claims in all worlds. Policies whose terms and care are equal in all of them are settled once."""
    group, tables, economy = group_year.group, group_year.group.people.tables, group_year.economy
    same = alike_policies(policies)
    first = [same.index(number) for number in range(max(same) + 1)]
    several = len(first) < len(same)
    rows = policies.rows and PolicyRows(*(array[first] for array in policies.rows))
    terms = np.ascontiguousarray(policies.terms[:, first]) if several else policies.terms
    variant = variants_of(policies)[:, first]
    prices = nearest(group_year.price * PRICE * economy.price)
    list_price = int(group_year.price * PRICE + 0.5)
    inverse_rate, visits = (nearest(RATE / (use * policies.rate_cap)) for use in (economy.admissions, economy.visits))
    levers = group.care
    spreads = None if levers is None or not levers.cv.any() else group.people.spread_bills.tables
    factors = DrawFactors(terms, prices, inverse_rate, visits, nearest(economy.income * INCOME_ONE), variant,
                          levers and moved_by(levers, tables))
    conduct = stack(policies.variants, tables)
    every = [terms] if rows is None else [terms, rows.terms]
    needs_extra_bits = bool((~conduct.same_claims).any() or any(some[..., RELIEF_RATIO].any() or
                                                            (some[..., REFERENCE_PRICE] < UNLIMITED).any() for some in every)
                            or has_local_tiers(rows))
    walks, order = [], []
    for place, people in enumerate(group_year.people):
        here = np.flatnonzero(group.roster == place)
        work = YearWork(group_year.year, YearInputs(people.streams, tables, people.people), conduct, needs_extra_bits, list_price,
                        workers.whole, rows, spreads)
        walks.append(Walks(work, factors.only(here), tuple(group.worlds[here].tolist())))
        order.append(here)
    by_roster = walk_all(walks, group.replicas, workers)
    in_order = np.argsort(np.concatenate(order))
    of_worlds = [world for roster in by_roster for world in roster]
    of_worlds = [of_worlds[n] for n in in_order]
    of_plans, shown, mixed = np.array(same), of_worlds, policies.mix is not None and not policies.mix.own_plans(len(same))
    if policies.mix is not None and mixed:
        mix = policies.mix.among(of_plans)
        shown = [Sums._make(mix.of_world(n, array) for array in world) for n, world in enumerate(of_worlds)]
    elif several and workers.whole:
        shown = [Sums._make(array[of_plans] for array in world) for world in of_worlds]
    digests = list(workers.here(digest_of, shown)) if workers.whole else [b""] * len(of_worlds)
    histogram = np.zeros((len(walks), *shown[0].histogram.shape), dtype=np.int64)
    for world, place in zip(shown, group.roster.tolist(), strict=True):
        histogram[place] += world.histogram
    if several and not mixed and not workers.whole:
        histogram = histogram[:, of_plans]
    sums = Sums._make([*(np.stack([getattr(world, name) for world in of_worlds])[:, of_plans] if several else
                         np.stack([getattr(world, name) for world in of_worlds]) for name in Sums._fields[:-1]), histogram])
    shown_sums = sums if not mixed else Sums._make(
        [*(np.stack([getattr(world, name) for world in shown]) for name in Sums._fields[:-1]), histogram])
    care = CareOfWorlds(policies.variants, variant)
    expected = (expected_payments(group_year, terms, care, (prices, list_price), workers, rows) if levers is None else
                expected_in_worlds(group_year, terms, care, (prices, list_price), workers, rows))
    for kind, inverse in ((OF_STAYS, inverse_rate), (OF_OUTPATIENTS, visits)):
        expected[:, :, kind] *= (RATE / inverse)[:, None, None] * group.replicas
    expected[:, :, OF_ILLNESSES] *= group.replicas
    return Settled(sums, shown_sums, expected[:, same] if several else expected, digests,
                   InCommon.by(range(len(same)) if mixed else same))


def alike_policies(policies: PolicyYear) -> list[int]:
    """For each policy the number of its terms and care among those that differ, in the order of their first policies."""
    known: dict[tuple[bytes, ...], int] = {}
    moved = (policies.terms != policies.terms[:1]).any(axis=(0, 1))                   # what differs between worlds: few terms
    rows = policies.rows or ()
    between = np.ascontiguousarray(policies.terms[:, :, moved].swapaxes(0, 1))
    variant = alike(policies.variants)[1][variants_of(policies)]
    return [known.setdefault((policies.terms[0, p].tobytes(), between[p].tobytes(), variant[:, p].tobytes(),
                              *(array[p].tobytes() for array in rows)), len(known))
            for p in range(between.shape[0])]


def variants_of(policies: PolicyYear) -> np.ndarray:
    """Which of the variants each policy has in each world, int64[D, P]."""
    if policies.variant is None:
        return np.broadcast_to(np.arange(len(policies.variants)), policies.terms.shape[:2])
    return policies.variant


def digest_of(arrays: Iterable[np.ndarray]) -> bytes:
    """The SHA-256 of arrays: int64, little-endian, in their order."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<i8").data)
    return digest.digest()
