"""What a policy's prices, conduct and provider payment do to care: multipliers of use and of bills.

Each multiplier is a stated share times a stated effect, from `conduct.*` and `payment.*`, and is one unless a parameter says
otherwise. Multipliers are relative to the care that `care.*` describes, so a reform that the statistics already contain must
stay neutral.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulator.care.conduct import FEE, MULTIPLIERS, OF_BILLED, OF_CASE, OF_DAYS, OF_ELIGIBLE
from simulator.care.paths import grown, growth_factor
from simulator.parameters.catalogue import ILLNESSES, TIERS
from simulator.parameters.values import Read

LN2 = 0.6931471805599453
OUTSIDE_TIER, COUNTY_TIER = TIERS.index("outside"), TIERS.index("county")


class Reform(NamedTuple):
    """What one policy's prices and conduct do in one year, relative to the care that the parameters describe; T tiers."""

    admissions: float              # multiplier of the rate
    visits: float                  # multiplier of the rate
    onsets: np.ndarray             # float64[I illnesses]: multiplier of onsets in the years of the policy
    retained: float                # share of ordinary out-of-area admissions that move to a county hospital
    bill: np.ndarray               # float64[3 sources, T, MULTIPLIERS], for conduct.multiply
    grown: float = 1.0             # mean bills of admissions by the policy's own growth, relative to the people's


def power(x: float, exponent: float) -> float:
    """Raise x > 0 to a power by the four operations alone, which gives the same bits on every machine (math.pow does not)."""
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
    """Compound a yearly growth in percent over a whole number of years, by multiplication."""
    level = 1.0
    for _ in range(years):
        level = level * (1.0 + percent / 100.0)
    return level


def markup_saving(read: Read, scheme: str, origin: str, year: int) -> tuple[np.ndarray, np.ndarray]:
    """What zero markup saves, as a share of a bill by tier, and what is left of the bill once service fees have taken back their
    part of it, float64[T] each. With a markup m the saving is drug share x m / (1 + m)."""
    drugs, reach = (read(path, year).value for path in (f"care.{origin}.drug_share", f"conduct.{scheme}.zero_markup_share"))
    markup = float(read(f"conduct.{scheme}.markup", year).value) / 100.0
    recovery = float(read(f"conduct.{scheme}.fee_recovery", year).value) / 100.0
    saving = np.array([float(drugs[tier]) / 100.0 * (markup / (1.0 + markup)) * float(reach[tier]) / 100.0 for tier in TIERS])
    return saving, 1.0 - saving + saving * recovery


def bed_path(read: Read, scheme: str, year: int, first_year: int) -> tuple[float, float]:
    """Beds per 1,000 in `year` without the limit and with it. They grow from the year of their date; the limit holds back the
    stated part of what grows beyond it, or beyond the level of the first year if that was already above it."""
    dated, limit = read(f"conduct.{scheme}.beds_per_1000", year), float(read(f"conduct.{scheme}.beds_limit", year).value)
    growth = f"conduct.{scheme}.beds_growth"
    held = read(f"conduct.{scheme}.beds_limit_held", year, required=False)
    wanted = grown(read, growth, dated, year)
    beyond = max(wanted - max(limit, grown(read, growth, dated, first_year)), 0.0)
    return wanted, wanted - beyond * (1.0 if held is None else float(held.value) / 100.0)


def managed(read: Read, base: Read, scheme: str, year: int, first_year: int) -> np.ndarray:
    """The multiplier of onsets by illness, float64[I], of managing more chronic patients than the statistics contain.

    `base` reads the region without the policy, whose share of managed patients in the first year the statistics contain. More
    public health money a head than without the policy manages more.
    """
    effect = read(f"conduct.{scheme}.managed_effect", year).value
    share, usual = (float(value.value) / 100.0 for value in (read(f"conduct.{scheme}.managed_share", year),
                                                             base(f"conduct.{scheme}.managed_share", first_year)))
    per_yuan = read(f"conduct.{scheme}.managed_per_yuan", year, required=False)
    if per_yuan is not None:
        more = read("public_health.per_head", year).value - base("public_health.per_head", year).value
        share = min(max(share + float(per_yuan.value * more) / 100.0, 0.0), 1.0)
    return np.array([(1.0 - share * float(effect[name]) / 100.0) / (1.0 - usual * float(effect[name]) / 100.0)
                     for name in ILLNESSES])


def own_growth(read: Read, base: Read, origin: str, rate: str, amount: str, year: int) -> float:
    """What `care.{origin}.amount` has grown to by `year` at a policy's own `rate`, relative to the people's."""
    dated, path = base(f"care.{origin}.{amount}", year), f"care.{origin}.{rate}"
    return growth_factor(read, path, dated, year) / growth_factor(base, path, dated, year)


def held_to_target(read: Read, scheme: str, origin: str, year: int, first_year: int) -> float:
    """What bills come to by `year`, relative to how they would grow, where a target holds the growth of some years after the
    first one; both may differ from year to year."""
    held = free = 1.0
    for step in range(first_year + 1, year + 1):
        growth, target = read(f"care.{origin}.bill_growth", step).value, read(f"conduct.{scheme}.bill_growth_target", step, False)
        if target is not None and target.value < growth:
            held, free = held * (1.0 + float(target.value) / 100.0), free * (1.0 + float(growth) / 100.0)
    return held / free


def claimed_away(read: Read, scheme: str, year: int) -> float:
    """The share of what out-of-area bills may be paid that is claimed: all of it where a bill is settled at once, the stated part
    where the patient has to bring it home."""
    taken = read(f"conduct.{scheme}.later_take_up", year, required=False)
    if taken is None:
        return 1.0
    later = 1.0 - float(read(f"conduct.{scheme}.outside_immediate", year).value) / 100.0
    return 1.0 - later * (1.0 - float(taken.value) / 100.0)


def reform_of(read: Read, base: Read, scheme: str, origin: str, year: int, first_year: int) -> Reform:
    """What a policy's prices and conduct under `scheme` do in `year` to the care of the people who came from `origin`.

    `origin` differs from `scheme` in a merged scheme only. Effects that compound do so from `first_year` on. `read` reads the
    region under the policy, `base` the region without it.
    """
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

    def reach(kind: str, counties: str, shares: str) -> tuple[np.ndarray, float]:
        """The share of counties in which a method other than fee for service holds, by tier, and the same over all claims."""
        method = read(f"payment.{scheme}.{kind}_method", year).value
        by_method = np.array([payment(counties) / 100.0 if method[tier] != "fee_for_service" else 0.0 for tier in TIERS])
        claims = by_tier(f"care.{origin}.{shares}")
        return by_method, float(np.cumsum(by_method * claims)[-1] / np.cumsum(claims)[-1])

    years = year - first_year
    drugs = by_tier(f"care.{origin}.drug_share") / 100.0
    saving, after = markup_saving(read, scheme, origin, year)
    left = 1.0 - by_tier(f"conduct.{scheme}.equipment_share") / 100.0 * conduct("equipment_price_cut") / 100.0
    target = optional("drug_share_target")
    if target is not None:
        left = left * (1.0 - np.maximum(drugs - target / 100.0, 0.0) * conduct("drug_target_effect") / 100.0)
    cut = conduct("bed_days_cut") / 100.0
    priced = left * (1.0 - cut * conduct("bed_day_cost_share") / 100.0)
    priced = priced * held_to_target(read, scheme, origin, year, first_year)
    priced[OUTSIDE_TIER] = priced[OUTSIDE_TIER] * (1.0 + conduct("outside_price_change") / 100.0)
    inpatient_reach, admissions_reach = reach("inpatient", "counties_share", "tier_shares")
    outpatient_reach, visits_reach = reach("outpatient", "outpatient_counties_share", "visit_tier_shares")
    paid = priced * (1.0 + inpatient_reach * payment("inpatient_cost_effect") / 100.0)
    paid = paid * np.array([compounded(share * payment("inpatient_cost_growth_effect"), years) for share in inpatient_reach])
    outpatient = left * (1.0 + outpatient_reach * payment("outpatient_cost_effect") / 100.0)

    bill = np.empty((3, len(TIERS), len(MULTIPLIERS)))
    own = own_growth(read, base, origin, "bill_growth", "bill_mean", year)
    visits = own_growth(read, base, origin, "bill_growth", "visit_mean", year)
    for source, level in enumerate((paid * own, priced * own, outpatient * visits)):
        bill[source, :, OF_BILLED] = bill[source, :, OF_CASE] = after * level
        bill[source, :, OF_ELIGIBLE] = (1.0 - saving) * level
        bill[source, :, FEE] = (after - (1.0 - saving)) * level + conduct("in_scope_change") / 100.0 * level
        bill[source, :, OF_DAYS] = 1.0 if source == 2 else 1.0 - cut
    claimed = claimed_away(read, scheme, year)
    bill[:2, OUTSIDE_TIER, OF_ELIGIBLE] = bill[:2, OUTSIDE_TIER, OF_ELIGIBLE] * claimed
    bill[:2, OUTSIDE_TIER, FEE] = bill[:2, OUTSIDE_TIER, FEE] * claimed
    wanted, beds = bed_path(read, scheme, year, first_year)
    by_beds = power(beds / wanted, conduct("bed_elasticity")) if wanted > 0.0 else 1.0
    honest = 1.0 - conduct("fraud_share_removed") / 100.0
    return Reform(
        admissions=(honest * by_beds * (1.0 + admissions_reach * payment("inpatient_volume_effect") / 100.0)
                    * own_growth(read, base, origin, "use_growth", "admission_rate", year)),
        visits=(honest * (1.0 + visits_reach * payment("outpatient_volume_effect") / 100.0)
                * own_growth(read, base, origin, "visit_growth", "visit_rate", year)),
        onsets=managed(read, base, scheme, year, first_year), retained=conduct("retention") / 100.0, bill=bill,
        grown=own)
