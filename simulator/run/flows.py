"""From the sums of the simulated people to the flows of the population's fund.

A sample of n persons stands for N members. Its payments S are corrected by the control variate Z (sum of
stateless slips less its expectation): S - Z + sqrt(n / N) Z, then raised to N. The last term is the real
population's chance (design, section 4).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

import numpy as np

from simulator.care.paths import Economy
from simulator.kernel.sums import ACCOUNTS, Sums
from simulator.run.measures import Sample, ratio
from simulator.tables import (
    ACCOUNT,
    ASSISTANCE,
    BASIC,
    BILLED,
    CII,
    LISTED,
    OUTPATIENT,
    PAYERS,
    RELIEF,
    SUPPLEMENT,
    YearFlows,
)

CORRECTED = {"pooled": (BASIC, LISTED, OUTPATIENT), "supplement": (SUPPLEMENT,), "cii": (CII,), "assistance": (ASSISTANCE,)}
TAKEN = {"account": (ACCOUNT,), "relief": (RELIEF,)}            # raised as they are: no fund control hangs on them


class IdentityError(Exception):
    """Payments do not add up to the bills, or a payer got a negative amount: a fault of the program."""


class Claims(NamedTuple):
    """The claims of one scheme's people in one year raised to the population, fen; D draws, P policies."""

    months: dict[str, np.ndarray]      # account -> int64[D, P, 12]
    segments: np.ndarray               # int64[D, P, 2, T] the pooled claims by inpatient and outpatient, and tier
    secondary_base: np.ndarray         # int64[D, P]
    chance: np.ndarray                 # float64[D, P] what the real population's chance is in the pooled claims


def check(sums: Sums, where: str) -> None:
    """The identity of every bill's payers, nobody negative, nobody above the cap; IdentityError otherwise."""
    total = sums.month.sum(axis=(0, 3))                       # [P, kind, column]
    gap = total[..., :len(PAYERS)].sum(axis=-1) - total[..., BILLED]
    if gap.any():
        raise IdentityError(f"{where}: payments and bills differ by {gap.tolist()} fen")
    negative, above = int(sums.person[..., 4].sum()), int(sums.person[..., 3].sum())
    if negative or above:
        raise IdentityError(f"{where}: {negative} bills with a negative payment, {above} persons paid above the cap")


def population_claims(sums: Sums, expected: np.ndarray, sample: Sample, members: np.ndarray, weight: np.ndarray) -> Claims:
    """Claims of the population. `expected` float64[D, P, 3, SLIPS]; `members` int64[D] the sample stands for; `weight`
    float64[D, P] what a policy's members claim relative to theirs.
    """
    month = sums.month.astype(np.float64)                     # [D, P, kind, 12, column]
    month[:, :, 2] *= sample.visit_weight
    slip = sums.slip.astype(np.float64)                       # [D, P, kind, account]
    slip[:, :, 2] *= sample.visit_weight
    persons = float(sample.persons)
    simulated = (persons, persons, persons / max(sample.visit_weight, 1.0))
    luck = np.stack([np.minimum(np.sqrt(n / members), 1.0) for n in simulated], axis=1)       # [D, kind]
    scale = (members / persons)[:, None] * weight
    months, chance = {}, np.zeros(slip.shape[:2])
    by_kind = np.empty((*slip.shape[:2], 3))                  # the pooled claims wanted of each kind
    for name, columns in CORRECTED.items():
        a = ACCOUNTS.index(name)
        paid = np.zeros((*slip.shape[:2], 12))
        for k in range(3):
            raw = total_of(month[:, :, k, :, column] for column in columns)            # [D, P, 12]
            total = raw.sum(axis=2)
            surprise = slip[:, :, k, a] - expected[:, :, k, a]
            kept = surprise * luck[:, k, None]
            wanted = total - surprise + kept
            paid += np.where((total > 0)[:, :, None], raw * ratio(wanted, total)[:, :, None], (wanted / 12)[:, :, None])
            if name == "pooled":
                by_kind[:, :, k] = wanted
                chance += kept * scale
        months[name] = nearest(np.maximum(paid, 0.0) * scale[:, :, None])
    for name, columns in TAKEN.items():
        months[name] = nearest(total_of(month[..., column].sum(axis=2) for column in columns) * scale[:, :, None])
    self_pay = sums.person[..., 0].sum(axis=2).astype(np.float64)
    for k in range(3):
        surprise = slip[:, :, k, ACCOUNTS.index("self_pay")] - expected[:, :, k, ACCOUNTS.index("self_pay")]
        self_pay += surprise * (luck[:, k, None] - 1.0)
    return Claims(months, segments(sums, by_kind, months["pooled"]), nearest(np.maximum(self_pay, 0.0) * scale), chance)


def segments(sums: Sums, by_kind: np.ndarray, pooled: np.ndarray) -> np.ndarray:
    """The year's pooled claims by inpatient and outpatient care and tier, int64[D, P, 2, T]; they add up to `pooled`'s sum.

    Each kind's amount is shared out by what the sample's tiers were paid; the largest takes the rounding.
    """
    tier = total_of(sums.tier[..., column] for column in (BASIC, LISTED, OUTPATIENT)).astype(np.float64)     # [D, P, kind, T]
    parts = ratio(tier, tier.sum(axis=3, keepdims=True)) * np.maximum(by_kind, 0.0)[..., None]
    parts = np.stack([parts[:, :, 0] + parts[:, :, 1], parts[:, :, 2]], axis=2)                          # [D, P, 2, T]
    flat = parts.reshape(*parts.shape[:2], -1)
    total = pooled.sum(axis=2)
    result = nearest(ratio(flat, flat.sum(axis=2, keepdims=True)) * total[:, :, None])
    largest = flat.argmax(axis=2)[..., None]
    gap = (total - result.sum(axis=2))[..., None]
    np.put_along_axis(result, largest, np.take_along_axis(result, largest, axis=2) + gap, axis=2)
    return result.reshape(parts.shape)


def joined(parts: list[Claims]) -> Claims:
    """The claims of several groups of people together."""
    if len(parts) == 1:
        return parts[0]
    months = {name: total_of(part.months[name] for part in parts) for name in parts[0].months}
    return Claims(months, *(total_of(getattr(part, name) for part in parts) for name in ("segments", "secondary_base", "chance")))


def added(sums: list[Sums]) -> Sums:
    """The sums of several groups of people together."""
    return sums[0] if len(sums) == 1 else Sums(*(total_of(arrays) for arrays in zip(*sums, strict=True)))


def year_flows(year: int, members: np.ndarray, claims: Claims, economy: Economy, active_share: float) -> YearFlows:
    """What the year's people, `members` int64[D, P], bring to the fund."""
    return YearFlows(
        year=year, members=members, funding_index=economy.funding, wage_index=economy.income, active_share=active_share,
        pooled_claims=claims.months["pooled"], supplement_claims=claims.months["supplement"], cii_claims=claims.months["cii"],
        assistance_claims=claims.months["assistance"], account_claims=claims.months["account"],
        relief_claims=claims.months["relief"], segments=claims.segments, secondary_base=claims.secondary_base)


def total_of(arrays: Iterable[np.ndarray]) -> np.ndarray:
    """The sum of arrays, element by element."""
    return reduce(np.add, arrays)


def nearest(values: np.ndarray) -> np.ndarray:
    """Nearest integers, halves up, int64."""
    return np.floor(np.asarray(values, dtype=np.float64) + 0.5).astype(np.int64)
