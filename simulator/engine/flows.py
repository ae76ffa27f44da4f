"""From the sums of the simulated people to the flows of the population's fund.

A sample of n persons stands for N members. Its payments S are corrected by a control variate: with Z the sampling error of the
first-bill payments (their sum less their expectation), the population's payments are (S - Z + sqrt(n / N) Z) N / n. The last
term in the brackets is the sampling variation that remains in a real population of N (docs/model.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

import numpy as np

from simulator.engine.in_common import InCommon
from simulator.engine.measures import Sample, ratio
from simulator.kernel.sums import ACCOUNTS, LOWER_BASES, SECONDARY_BASE, Sums
from simulator.tables import PAYERS, FundEconomy, Paid, Summed, YearFlows

CORRECTED = {"pooled": (Paid.BASIC, Paid.LISTED, Paid.OUTPATIENT), "supplement": (Paid.SUPPLEMENT,), "cii": (Paid.CII,),
             "assistance": (Paid.ASSISTANCE,)}
MAY_BE_UNKNOWN = ("billed", "borne", "lower_bases")
UNCORRECTED = {"account": (Paid.ACCOUNT,), "relief": (Paid.RELIEF,)}    # raised as they are: no test of the fund depends on them


class IdentityError(Exception):
    """Payments do not add up to the bills, or a payer pays a negative amount: a fault of the program."""


class Claims(NamedTuple):
    """The claims of one scheme's people in one year, raised to the population, in fen; D draws, P policies."""

    months: dict[str, np.ndarray]      # account -> int64[D, P, 12]
    segments: np.ndarray               # int64[D, P, 2, T]: the pooled claims by inpatient and outpatient care, and tier
    secondary_base: np.ndarray         # int64[D, P]: the sum of persons' self-pay above the threshold
    chance: np.ndarray                 # float64[D, P]: the population's own sampling variation in the pooled claims
    billed: np.ndarray | None = None   # int64[D, P, 2]: bills of inpatient and outpatient care (None: not known)
    borne: np.ndarray | None = None    # int64[D, P, 2]: what hospitals bear of them
    lower_bases: np.ndarray | None = None      # int64[D, P, HALVINGS]: the base above each halving of a threshold that is found

    @property
    def known(self) -> dict[str, np.ndarray]:
        """What may be unknown and is not."""
        return {name: amount for name in MAY_BE_UNKNOWN if (amount := getattr(self, name)) is not None}

    def of(self, plans: np.ndarray) -> Claims:
        """The claims of one of the plans in each world and policy, `plans` int64[D, P], from those of all plans."""
        rows = np.arange(len(plans))[:, None]
        return Claims({name: months[rows, plans] for name, months in self.months.items()},
                      *(getattr(self, name)[rows, plans] for name in ("segments", "secondary_base", "chance")),
                      **{name: amount[rows, plans] for name, amount in self.known.items()})


def check(sums: Sums, where: str) -> None:
    """Raise IdentityError unless payers add up to the bills, none pays a negative amount, and nobody is paid above the cap."""
    total = sums.month.sum(axis=(0, 3))                       # [P, kind, column]
    gap = total[..., :len(PAYERS)].sum(axis=-1) - total[..., Summed.BILLED]
    if gap.any():
        raise IdentityError(f"{where}: payments and bills differ by {gap.tolist()} fen")
    negative, above = int(sums.person[..., 4].sum()), int(sums.person[..., 3].sum())
    if negative or above:
        raise IdentityError(f"{where}: {negative} bills with a negative payment, {above} persons paid above the cap")


def population_claims(sums: Sums, expected: np.ndarray, sample: Sample, members: np.ndarray, weight: np.ndarray,
                      threshold_found: bool = False, common: InCommon | None = None) -> Claims:
    """The claims of the population.

    `expected` float64[D, P, 3, ACCOUNTS] are the expected first-bill payments; `members` int64[D] are those the sample stands
    for; `weight` float64[D, P] is what a policy's members claim in all, relative to them. Where the threshold of secondary
    reimbursement is found, what lies between a lower one and the stated one is raised from the sample as it is: the error in what
    is above the stated one, corrected, is in all of them. What policies have in `common` of sums and expectations is worked out
    once.
    """
    common = common or InCommon.by(range(weight.shape[1]))
    sums, expected = common.sums(sums), common.once(expected)
    month = sums.month.astype(np.float64)                     # [D, P, kind, 12, column]
    month[:, :, 2] *= sample.visit_weight[:, None, None, None]
    first = sums.first_bill.astype(np.float64)                       # [D, P, kind, account]
    first[:, :, 2] *= sample.visit_weight[:, None, None]
    persons = sample.persons.astype(np.float64)
    simulated = (persons, persons, persons / np.maximum(sample.visit_weight, 1.0))
    error_scale = np.stack([np.minimum(np.sqrt(n / members), 1.0) for n in simulated], axis=1)          # [D, kind]
    scale = (members / persons)[:, None] * weight
    months, chance = {}, np.zeros(weight.shape)
    by_kind = np.empty((*first.shape[:2], 3))                  # the corrected pooled claims of each kind
    for name, columns in CORRECTED.items():
        a = ACCOUNTS.index(name)
        paid = np.zeros((*first.shape[:2], 12))
        for k in range(3):
            raw = total_of(month[:, :, k, :, column] for column in columns)            # [D, P, 12]
            total = raw.sum(axis=2)
            sampling_error = first[:, :, k, a] - expected[:, :, k, a]
            remaining = sampling_error * error_scale[:, k, None]
            corrected = total - sampling_error + remaining
            paid += np.where((total > 0)[:, :, None], raw * ratio(corrected, total)[:, :, None], (corrected / 12)[:, :, None])
            if name == "pooled":
                by_kind[:, :, k] = corrected
                chance += common.each(remaining) * scale
        months[name] = nearest(common.each(np.maximum(paid, 0.0)) * scale[:, :, None])
    for name, columns in UNCORRECTED.items():
        months[name] = nearest(common.each(total_of(month[..., column].sum(axis=2) for column in columns)) * scale[:, :, None])
    self_pay = sums.person[..., 0].sum(axis=2).astype(np.float64)
    for k in range(3):
        sampling_error = first[:, :, k, ACCOUNTS.index("self_pay")] - expected[:, :, k, ACCOUNTS.index("self_pay")]
        self_pay += sampling_error * (error_scale[:, k, None] - 1.0)
    year = month.sum(axis=3)                                   # [D, P, kind, column]
    of_care = [nearest(common.each(np.stack([year[:, :, 0, column] + year[:, :, 1, column], year[:, :, 2, column]], axis=2))
                       * scale[..., None]) for column in (Summed.BILLED, Paid.HOSPITAL)]
    base = nearest(common.each(np.maximum(self_pay, 0.0)) * scale)
    found = Claims(months, segments(sums, by_kind, months["pooled"], common), base, chance, *of_care)
    if not threshold_found:
        return found
    of_persons = sums.person.sum(axis=2)
    below = np.maximum(of_persons[..., LOWER_BASES:] - of_persons[..., SECONDARY_BASE, None], 0)
    return found._replace(lower_bases=base[..., None] + nearest(common.each(below) * scale[..., None]))


def segments(sums: Sums, by_kind: np.ndarray, pooled: np.ndarray, common: InCommon) -> np.ndarray:
    """The year's pooled claims by inpatient and outpatient care and tier, int64[D, P, 2, T]; they add up to those of `pooled`.

    The claims of each kind (`by_kind`) are shared out in proportion to what the sample's tiers were paid; the largest part takes
    the rounding. `sums` and `by_kind` are those of each kind of policy.
    """
    # [D, K, kind, T]
    tier = total_of(sums.tier[..., column] for column in (Paid.BASIC, Paid.LISTED, Paid.OUTPATIENT)).astype(np.float64)
    parts = ratio(tier, tier.sum(axis=3, keepdims=True)) * np.maximum(by_kind, 0.0)[..., None]
    parts = np.stack([parts[:, :, 0] + parts[:, :, 1], parts[:, :, 2]], axis=2)                          # [D, K, 2, T]
    flat = parts.reshape(*parts.shape[:2], -1)
    total = pooled.sum(axis=2)
    result = nearest(common.each(ratio(flat, flat.sum(axis=2, keepdims=True))) * total[:, :, None])
    largest = common.each(flat.argmax(axis=2))[..., None]
    gap = (total - result.sum(axis=2))[..., None]
    np.put_along_axis(result, largest, np.take_along_axis(result, largest, axis=2) + gap, axis=2)
    return result.reshape(*total.shape, *parts.shape[2:])


def joined_claims(parts: list[Claims]) -> Claims:
    """The claims of several groups of people together."""
    if len(parts) == 1:
        return parts[0]
    months = {name: total_of(part.months[name] for part in parts) for name in parts[0].months}
    return Claims(months, *(total_of(getattr(part, name) for part in parts) for name in ("segments", "secondary_base", "chance")),
                  **{name: total_of(part.known[name] for part in parts) for name in MAY_BE_UNKNOWN
                     if all(name in part.known for part in parts)})


def added(sums: list[Sums]) -> Sums:
    """The sums of several groups of people together."""
    return sums[0] if len(sums) == 1 else Sums(*(total_of(arrays) for arrays in zip(*sums, strict=True)))


def year_flows(year: int, members: np.ndarray, claims: Claims, economy: FundEconomy, active_share: np.ndarray) -> YearFlows:
    """What the year's people, `members` int64[D, P], bring to the fund."""
    return YearFlows(
        year=year, members=members, economy=economy, active_share=active_share,
        pooled_claims=claims.months["pooled"], supplement_claims=claims.months["supplement"], cii_claims=claims.months["cii"],
        assistance_claims=claims.months["assistance"], account_claims=claims.months["account"],
        relief_claims=claims.months["relief"], segments=claims.segments, secondary_base=claims.secondary_base,
        billed=claims.billed, borne=claims.borne, lower_bases=claims.lower_bases)


def total_of(arrays: Iterable[np.ndarray]) -> np.ndarray:
    """The sum of arrays, element by element."""
    return reduce(np.add, arrays)


def nearest(values: np.ndarray) -> np.ndarray:
    """Round to the nearest integers, halves up, int64."""
    return np.floor(np.asarray(values, dtype=np.float64) + 0.5).astype(np.int64)
