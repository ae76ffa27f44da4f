"""Memo figures of a scheme's year: who pays the bills, what patients advance, and what governments pay beside the funds.

They stand outside the fund's accounts; each is a share or an amount of the simulated care.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.care.reforms import OUTSIDE_TIER, bed_path, markup_saving
from simulator.engine.measures import Measure, Sample, ratio
from simulator.kernel.sums import Sums
from simulator.parameters.regions import Reader
from simulator.parameters.values import Read
from simulator.tables import PAYERS, Paid, Summed


def memo_measures(readers: Sequence[Reader], scheme: str, year: int, first_year: int, sums: Sums, members: np.ndarray,
                  sample: Sample) -> list[Measure]:
    """The memo figures. Fields of `sums` are [D, P, ...], `members` is int64[D, P], and there is a reader for each policy."""
    kind = sums.month.sum(axis=3).astype(np.float64)                      # [D, P, kind, column]
    weight, persons = sample.visit_weight[:, None, None], sample.persons[:, None]
    whole = kind[:, :, 0] + kind[:, :, 1] + kind[:, :, 2] * weight
    rows = [Measure("payer_share", f"payer:{name}", "%", ratio(whole[..., payer] * 100, whole[..., Summed.BILLED]))
            for payer, name in enumerate(PAYERS)]
    chronic = np.zeros(whole.shape[:2])
    for p, reader in enumerate(readers):
        if reader.value(f"outpatient.{scheme}.chronic_list", year).value:
            chronic[:, p] = float(reader.value(f"care.{scheme}.chronic_visit_share", first_year).value) / 100.0
    episodes = kind[:, :, 0, Summed.BILLS] + kind[:, :, 1, Summed.BILLS] + kind[:, :, 2,
                                                                                Summed.BILLS] * weight[..., 0] * chronic
    rows.append(Measure("pooled_episodes_per_100", "", "1/100/year", ratio(episodes * 100, persons)))
    rows.append(Measure("in_scope_share", "", "%", ratio(whole[..., Summed.ELIGIBLE] * 100, whole[..., Summed.BILLED])))
    per_head = ratio(whole / 100, persons[..., None])
    tier = sums.tier.astype(np.float64)
    tier = tier[:, :, 0] + tier[:, :, 1] + tier[:, :, 2] * weight[..., None]          # [D, P, tier, column]
    prepaid, compensation, health, beds, commercial = np.zeros((5, *per_head.shape[:2]))
    for p, reader in enumerate(readers):
        read = reader.value

        def number(path: str, read: Read = read) -> float:
            return float(read(path, year).value)

        later = 1.0 - number(f"conduct.{scheme}.outside_immediate") / 100.0
        away = tier[:, p, OUTSIDE_TIER]
        prepaid[:, p] = ratio((away[..., Summed.ENTITLED] + away[..., Paid.LISTED]) * later / 100, sample.persons)
        if not read("assistance.one_stop", year).value:
            prepaid[:, p] += per_head[:, p, Paid.ASSISTANCE]
        saving, left = markup_saving(read, scheme, scheme, year)                  # float64[T] of a bill, before and after
        part = saving * number(f"conduct.{scheme}.government_recovery") / 100.0 / left
        amount = sum(tier[:, p, t, Summed.BILLED] * part[t] for t in range(len(part)))
        compensation[:, p] = ratio(amount, sample.persons) * members[:, p] / 1e10
        health[:, p] = number("public_health.per_head") * members[:, p] / 1e8
        beds[:, p] = bed_path(read, scheme, year, first_year)[1]
        holders = number(f"commercial.{scheme}.share") / 100.0 * members[:, p]
        commercial[:, p] = holders * number(f"commercial.{scheme}.premium") / 1e8
    return [*rows, Measure("prepaid_by_patients", "", "CNY/person/year", prepaid),
            Measure("government_compensation", "", "1e8 CNY", compensation),
            Measure("public_health_funding", "", "1e8 CNY", health),
            Measure("commercial_premiums", "", "1e8 CNY", commercial), Measure("beds_per_1000", "", "1/1000", beds)]
