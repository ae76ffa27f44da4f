"""The care of each world: what it has in place of the bills, tiers, in-scope shares and incidence that the parameters state.

A world's setting of an uncertain value comes first, and what a policy does to care after it: a policy multiplies the bills of its
world, and moves the same part of each tier's claims and of each illness's onsets in every world. Policies stay paired, for all of
them meet the same world; worlds at what is stated have the bits of a run without levers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simulator.care.walk import PRICE, RATE, BillTables
from simulator.chance.quantiles import thresholds
from simulator.money import ONE
from simulator.parameters.catalogue import ILLNESSES, TIERS

CVS = (1.0, 0.8, 1.25)                       # multiples of the coefficients of variation of bills that worlds choose among
ALL_WORDS = 1 << 32


class CareLevers(NamedTuple):
    """How D worlds have the care of a scheme; T tiers, I illnesses. Multiples are in 1/PRICE."""

    bill: np.ndarray               # int64[D, T]: of the bills of ordinary admissions
    cv: np.ndarray                 # int64[D]: which of CVS their coefficients of variation have; case prices and stays do not
    in_scope: np.ndarray           # int64[D, T]: points, 1/10,000, beside their in-scope shares, which stay within 0 and 1
    tier: np.ndarray               # int64[D, T]: of their tiers' shares, which are scaled to add up to one
    visit_bill: np.ndarray         # int64[D, T]: of the bills of outpatient visits
    onset: np.ndarray              # int64[D, I]: of the onsets of listed illnesses, in all years
    illness_bill: np.ndarray       # int64[D, I, 2]: of their bills, in the first and in later years

    def only(self, worlds: np.ndarray | slice) -> CareLevers:
        """Those of some worlds."""
        return CareLevers(*(column[worlds] for column in self))


def as_stated(worlds: int) -> CareLevers:
    """Worlds that have what is stated."""
    def ones(*shape: int) -> np.ndarray:
        return np.full((worlds, *shape), PRICE, dtype=np.int64)

    tiers, illnesses = len(TIERS), len(ILLNESSES)
    return CareLevers(ones(tiers), np.zeros(worlds, np.int64), np.zeros((worlds, tiers), np.int64), ones(tiers), ones(tiers),
                      ones(illnesses), ones(illnesses, 2))


def nearest_spread(multiples: np.ndarray) -> np.ndarray:
    """Which of CVS is nearest to these multiples of the coefficients of variation, by proportion, int64[D]."""
    rising = np.argsort(CVS)
    steps = np.array(CVS)[rising]
    return rising[np.searchsorted(steps[:-1] * steps[1:], multiples * multiples, side="right")]


def levels_as_stated(tiers: int, illnesses: int) -> dict[str, Any]:
    """The fields of `BillTables` by which a world has other amounts and onsets than are stated, where it has not."""
    return {"level": np.full(tiers, PRICE, np.int64), "visit_level": np.full(tiers, PRICE, np.int64),
            "illness_level": np.full((illnesses, 2), PRICE, np.int64), "onset_gap": RATE,
            "onset_kept": np.full(illnesses, ALL_WORDS, np.int64)}


class Spreads(NamedTuple):
    """The tiers' tables of the bills of admissions under each of CVS, int64[V, T, 1024]."""

    base: np.ndarray
    width: np.ndarray


class Moved(NamedTuple):
    """What D worlds have in place of the stated fields of `BillTables`."""

    tier_of: np.ndarray            # int64[D, T]
    in_scope: np.ndarray           # int64[D, T, L]
    level: np.ndarray              # int64[D, T]
    visit_level: np.ndarray        # int64[D, T]
    illness_level: np.ndarray      # int64[D, I, 2]
    onset_gap: np.ndarray          # int64[D]
    onset_kept: np.ndarray         # int64[D, I]
    spread: np.ndarray             # int64[D]: which of the `Spreads`

    def only(self, worlds: np.ndarray | slice) -> Moved:
        """Those of some worlds."""
        return Moved(*(column[worlds] for column in self))

    def tables(self, stated: BillTables, world: int, spreads: Spreads | None) -> BillTables:
        """The tables of one of the worlds; without `spreads` all have the stated coefficients of variation."""
        *fields, spread = (column[world] for column in self)
        own = stated._replace(**dict(zip(self._fields, fields, strict=False)))
        return own if spreads is None else own._replace(base=spreads.base[spread], width=spreads.width[spread])


def moved_by(levers: CareLevers, tables: BillTables) -> Moved:
    """What the worlds have in place of what the tables state."""
    return Moved(tiers_in(tables.tier_of, levers.tier), scopes_in(tables.in_scope, levers.in_scope), levers.bill,
                 levers.visit_bill, levers.illness_bill, *onsets_in(levers.onset), levers.cv)


def onsets_in(multiples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far onsets are apart in each world, int64[D], and how many of each illness's are kept, int64[D, I] of 2^32: they are
    drawn at the largest of the world's `multiples` int64[D, I] of their hazard, and thinned to each illness's own."""
    most = np.maximum(multiples.max(axis=-1), 1)
    return np.maximum((RATE * PRICE + most // 2) // most, 1), multiples * ALL_WORDS // most[:, None]


def onset_rates(levers: CareLevers) -> np.ndarray:
    """The onsets of each illness relative to what is stated, float64[D, I], as worlds draw them."""
    gap, kept = onsets_in(levers.onset)
    return RATE / gap[:, None] * (kept / ALL_WORDS)


def prices_in(prices: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Price indices int64[D] times levels int64[D, ...], as `walk.at_level` has them."""
    return (prices.reshape(-1, *[1] * (levels.ndim - 1)) * levels + PRICE // 2) >> 16


def scopes_in(stated: np.ndarray, points: np.ndarray) -> np.ndarray:
    """In-scope shares int64[..., T, L] of worlds with so many points [..., T] beside the stated ones [T, L]."""
    return np.clip(stated + points[..., None], 0, ONE)


def tiers_in(stated: np.ndarray, multiples: np.ndarray) -> np.ndarray:
    """Cumulative 2^32 thresholds int64[..., T] of the tiers' shares times these multiples int64[..., T]."""
    moved = (multiples != multiples[..., :1]).any(axis=-1, keepdims=True)
    return np.where(moved, thresholds(np.diff(stated, prepend=0) * multiples), stated)


def tiers_under(policy: np.ndarray, stated: np.ndarray, world: np.ndarray) -> np.ndarray:
    """The thresholds of policies [V, T] in a world [T], or of a policy [T] in worlds [D, T]: it moves the same part of each
    tier's claims to the next as it does at the `stated` thresholds [T]."""
    if (stated == world).all():
        return np.broadcast_to(policy, np.broadcast_shapes(policy.shape, world.shape)).copy()   # the kernel's may be written
    low = np.concatenate([[0], stated])
    tier = np.clip(np.searchsorted(stated, policy, side="left"), 0, len(stated) - 1)        # whose claims a threshold divides
    whole = np.maximum(stated[tier] - low[tier], 1)
    part = policy - low[tier]
    own = np.concatenate([np.zeros((*world.shape[:-1], 1), np.int64), world], axis=-1)
    wide = np.diff(own, axis=-1)[..., tier]
    return own[..., tier] + np.floor(wide * (part / whole) + 0.5).astype(np.int64)
