"""Prices, conduct and provider payment as multipliers of use and of bills, from `conduct.*` and `payment.*`.

Each is a stated share times a stated effect and neutral unless a parameter says otherwise. They hold relative
to the care that `care.*` describes, so a reform that the statistics already contain must stay neutral.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulator.care.conduct import FEE, OF_BILLED, OF_DAYS, OF_ELIGIBLE
from simulator.parameters.catalogue import ILLNESSES, TIERS

LN2 = 0.6931471805599453
OUTSIDE_TIER, COUNTY_TIER = TIERS.index("outside"), TIERS.index("county")


class Reform(NamedTuple):
    """What one policy's prices and conduct do in one year, relative to care as it is; T tiers, I illnesses."""

    admissions: float              # rate multiplier
    visits: float
    onsets: np.ndarray             # float64[I]
    retained: float                # share of out-of-area admissions that stay in the county
    bill: np.ndarray               # float64[2, T, 4]: inpatient and outpatient multipliers, as care.conduct.multiply reads them


def power(x: float, exponent: float) -> float:
    """x to a power, x > 0, by the four operations alone: the same bits on every machine (math.pow is not)."""
    if x == 1.0 or exponent == 0.0:
        return 1.0
    mantissa, twos = math.frexp(x)
    z = (mantissa - 1.0) / (mantissa + 1.0)
    series, term = 0.0, z
    for n in range(1, 60, 2):
        series = series + term / n
        term = term * z * z
    y = exponent * (twos * LN2 + 2.0 * series)
    whole = math.floor(y / LN2 + 0.5)
    rest = y - whole * LN2
    total, term = 1.0, 1.0
    for n in range(1, 25):
        term = term * rest / n
        total = total + term
    return math.ldexp(total, whole)


def compounded(percent: float, years: int) -> float:
    """(1 + percent / 100) to a whole number of years, by multiplication."""
    level = 1.0
    for _ in range(years):
        level = level * (1.0 + percent / 100.0)
    return level


def markup_saving(read, scheme: str, origin: str, year: int) -> tuple[np.ndarray, np.ndarray]:
    """Zero markup: what drugs get cheaper, as a share of a bill by tier, and what is left of the bill once service fees have
    risen by their part of it, float64[T] each. The saving is drug share x m / (1 + m) (design, section 6)."""
    drugs, where = (read(path, year).value for path in (f"care.{origin}.drug_share", f"conduct.{scheme}.zero_markup_share"))
    markup = float(read(f"conduct.{scheme}.markup", year).value) / 100.0
    recovery = float(read(f"conduct.{scheme}.fee_recovery", year).value) / 100.0
    saving = np.array([float(drugs[tier]) / 100.0 * (markup / (1.0 + markup)) * float(where[tier]) / 100.0 for tier in TIERS])
    return saving, 1.0 - saving + saving * recovery


def reform_of(read, scheme: str, origin: str, year: int, first_year: int) -> Reform:
    """The prices and conduct of a policy for `scheme` in `year`, on care as the people of `origin` have it (another scheme only
    in a merged one); what grows does so from `first_year` on. `read(path, year)` gives Values."""
    def conduct(name: str) -> float:
        return float(read(f"conduct.{scheme}.{name}", year).value)

    def payment(name: str) -> float:
        return float(read(f"payment.{scheme}.{name}", year).value)

    def by_tier(path: str) -> np.ndarray:
        value = read(path, year).value
        return np.array([float(value[tier]) for tier in TIERS])

    def optional(name: str) -> float | None:
        stated = read(f"conduct.{scheme}.{name}", year, required=False)
        return None if stated is None else float(stated.value)

    years = year - first_year
    drugs = by_tier(f"care.{origin}.drug_share") / 100.0
    saving, after = markup_saving(read, scheme, origin, year)
    fee = after - (1.0 - saving)
    left = 1.0 - by_tier(f"conduct.{scheme}.equipment_share") / 100.0 * conduct("equipment_price_cut") / 100.0
    target = optional("drug_share_target")
    if target is not None:
        left = left * (1.0 - np.maximum(drugs - target / 100.0, 0.0) * conduct("drug_target_effect") / 100.0)
    cut = conduct("bed_days_cut") / 100.0
    counties, outpatient_counties = payment("counties_share") / 100.0, payment("outpatient_counties_share") / 100.0
    inpatient = left * (1.0 - cut * conduct("bed_day_cost_share") / 100.0)
    inpatient = inpatient * (1.0 + counties * payment("inpatient_cost_effect") / 100.0)
    inpatient = inpatient * compounded(counties * payment("inpatient_cost_growth_effect"), years)
    growth, highest = float(read(f"care.{origin}.bill_growth", year).value), optional("bill_growth_target")
    if highest is not None and highest < growth:
        inpatient = inpatient * (compounded(highest, years) / compounded(growth, years))
    inpatient[OUTSIDE_TIER] = inpatient[OUTSIDE_TIER] * (1.0 + conduct("outside_price_change") / 100.0)
    outpatient = left * (1.0 + outpatient_counties * payment("outpatient_cost_effect") / 100.0)

    bill = np.empty((2, len(TIERS), 4))
    for kind, level in enumerate((inpatient, outpatient)):
        bill[kind, :, OF_BILLED] = after * level
        bill[kind, :, OF_ELIGIBLE] = (1.0 - saving) * level
        bill[kind, :, FEE] = fee * level + conduct("in_scope_change") / 100.0 * level
        bill[kind, :, OF_DAYS] = 1.0 - cut if kind == 0 else 1.0
    beds, limit, bed_growth = conduct("beds_per_1000"), conduct("beds_limit"), conduct("beds_growth")
    wanted = beds * compounded(bed_growth, years)
    by_beds = power(min(wanted, max(limit, beds)) / wanted, conduct("bed_elasticity")) if wanted > 0.0 else 1.0
    honest = 1.0 - conduct("fraud_share_removed") / 100.0
    managed, effect = conduct("managed_share") / 100.0, read(f"conduct.{scheme}.managed_effect", year).value
    return Reform(
        admissions=honest * by_beds * (1.0 + counties * payment("inpatient_volume_effect") / 100.0),
        visits=honest * (1.0 + outpatient_counties * payment("outpatient_volume_effect") / 100.0),
        onsets=np.array([1.0 - managed * float(effect[name]) / 100.0 for name in ILLNESSES]),
        retained=conduct("retention") / 100.0, bill=bill)
