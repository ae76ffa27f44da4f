"""The definition of every reported figure, each in one place.

A measure is a row (name, group, unit) with one value for each draw and policy, float64[D, P]. Groups are "" for everybody,
`tier:county`, `quintile:q1` (of income), `layer:basic`, `illness:esrd`, `quantile:p50` and their like. Amounts are in
yuan. A fund's totals are those of the population; rates and means come from the sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from simulator.engine.worlds import ROSTERS
from simulator.kernel.sums import BURDENS, CAPPED, HISTOGRAM, LAYERS, USERS, Sums
from simulator.parameters.catalogue import ILLNESSES, QUINTILES, TIERS
from simulator.tables import Paid, Summed

LATER_LAYERS = (Paid.SUPPLEMENT, Paid.CII, Paid.COMMERCIAL, Paid.ASSISTANCE, Paid.RELIEF)    # after basic insurance and list
STATISTICS, PROBABILITIES = ("mean", "se", "p05", "p25", "p50", "p75", "p95"), (0.05, 0.25, 0.5, 0.75, 0.95)
FEWEST_JUDGED = 20            # draws: with fewer nothing can be said about the tail


class Measure(NamedTuple):
    """One figure of one scheme and year."""

    name: str
    group: str
    unit: str
    values: np.ndarray          # float64[D, P], or fewer rows where draws are grouped or pooled


class Sample(NamedTuple):
    """The people whose care a year's sums add up, in each of D worlds. Sampled households are those whose outpatient visits are
    simulated."""

    persons: np.ndarray         # int64[D]: simulated persons, replicas included
    visit_weight: np.ndarray    # float64[D]: expected visits of everybody / those of sampled households
    households: np.ndarray      # int64[D, 5]: sampled households by income quintile, replicas included
    sampled_persons: np.ndarray # int64[D, 5]: persons in them
    income: np.ndarray          # int64[D, 5]: their yearly income on the central path, fen
    groups: np.ndarray          # int64[D, 5, G]: how many of them are in each assistance group
    income_index: np.ndarray    # float64[D]: incomes of each world relative to the central path

    def walked(self, replicas: int) -> Sample:
        """This sample of one replica, walked `replicas` times."""
        return self._replace(persons=self.persons * replicas, households=self.households * replicas,
                             sampled_persons=self.sampled_persons * replicas, income=self.income * replicas,
                             groups=self.groups * replicas)


def joined_sample(samples: Sequence[Sample]) -> Sample:
    """The samples of several groups as one; the weight of visits is their mean by persons."""
    persons = np.sum([sample.persons for sample in samples], axis=0)
    weight = ratio(np.sum([sample.visit_weight * sample.persons for sample in samples], axis=0), persons)
    return samples[0]._replace(persons=persons, visit_weight=weight,
                               **{name: np.sum([getattr(sample, name) for sample in samples], axis=0)
                                  for name in ("households", "sampled_persons", "income", "groups")})


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> np.ndarray:
    """The quotient as float64; 0 where the denominator is 0 (no persons, no claims)."""
    numerator, denominator = np.broadcast_arrays(np.asarray(numerator, dtype=np.float64),
                                                 np.asarray(denominator, dtype=np.float64))
    return np.divide(numerator, denominator, out=np.zeros(numerator.shape), where=denominator != 0)


def year_measures(sums: Sums, sample: Sample) -> list[Measure]:
    """The measures of benefit and burden of one scheme and year. Fields of `sums` are [D, P, ...]."""
    kind = sums.month.sum(axis=3).astype(np.float64)                      # [D, P, kind, column]
    inpatient = kind[:, :, 0] + kind[:, :, 1]
    visits = kind[:, :, 2] * sample.visit_weight[:, None, None]
    persons = sample.persons[:, None]
    paid = inpatient[..., Paid.BASIC] + inpatient[..., Paid.LISTED]
    entitled = inpatient[..., Summed.ENTITLED] + inpatient[..., Paid.LISTED]     # without the hospital's gain or loss on a price
    later = sum(inpatient[..., column] for column in LATER_LAYERS)
    rows = [
        Measure("admissions_per_100", "", "1/100/year", ratio(inpatient[..., Summed.BILLS] * 100, persons)),
        Measure("visits_per_head", "", "1/person/year", ratio(visits[..., Summed.BILLS], persons)),
        Measure("claims_per_head", "", "1/person/year", ratio(inpatient[..., Summed.BILLS] + visits[..., Summed.BILLS],
                                                              persons)),
        Measure("in_scope_ratio", "", "%", ratio(entitled * 100, inpatient[..., Summed.ELIGIBLE])),
        Measure("actual_ratio", "", "%", ratio(entitled * 100, inpatient[..., Summed.BILLED])),
        Measure("actual_ratio_all_layers", "", "%", ratio((entitled + later) * 100, inpatient[..., Summed.BILLED])),
        Measure("mean_bill", "", "CNY/admission", ratio(inpatient[..., Summed.BILLED] / 100, inpatient[..., Summed.BILLS])),
        Measure("payment_per_admission", "", "CNY/admission", ratio(paid / 100, inpatient[..., Summed.BILLS])),
        Measure("payment_per_visit", "", "CNY/visit", ratio(kind[:, :, 2, Paid.OUTPATIENT] / 100, kind[:, :, 2, Summed.BILLS])),
        Measure("capped_per_100000", "", "1/100000/year", ratio(sums.person[..., CAPPED].sum(axis=2) * 1e5, persons)),
    ]
    return rows + tier_measures(sums) + burden_measures(sums, sample) + household_measures(sums, sample)


def tier_measures(sums: Sums) -> list[Measure]:
    """Inpatient figures by hospital tier, listed illnesses included."""
    tier = (sums.tier[:, :, 0] + sums.tier[:, :, 1]).astype(np.float64)    # [D, P, tier, column]
    total = tier[..., Summed.BILLS].sum(axis=2)
    rows = []
    for t, name in enumerate(TIERS):
        sums_of = tier[:, :, t]
        bills, billed = sums_of[..., Summed.BILLS], sums_of[..., Summed.BILLED]
        rows += [
            Measure("share_of_admissions", f"tier:{name}", "%", ratio(bills * 100, total)),
            Measure("in_scope_ratio", f"tier:{name}", "%",
                    ratio((sums_of[..., Summed.ENTITLED] + sums_of[..., Paid.LISTED]) * 100, sums_of[..., Summed.ELIGIBLE])),
            Measure("mean_bill", f"tier:{name}", "CNY/admission", ratio(billed / 100, bills)),
            Measure("cash_per_admission", f"tier:{name}", "CNY/admission", ratio(sums_of[..., Paid.CASH] / 100, bills)),
        ]
    return rows


def burden_measures(sums: Sums, sample: Sample) -> list[Measure]:
    """Out-of-pocket payments (account and cash) by income quintile and over persons, from the sampled households.

    In- and outpatient care count together.
    """
    quintile = sums.quintile.astype(np.float64)                               # [D, P, quintile, column]
    oop, persons = quintile[..., Paid.ACCOUNT] + quintile[..., Paid.CASH], sample.sampled_persons.sum(axis=1)[:, None]
    users = sums.person[..., USERS].astype(np.float64)
    rows = [
        Measure("oop_per_head", "", "CNY/person/year", ratio(oop.sum(axis=2) / 100, persons)),
        Measure("oop_per_user", "", "CNY/person/year", ratio(oop.sum(axis=2) / 100, users.sum(axis=2))),
        Measure("oop_share_of_expense", "", "%", ratio(oop.sum(axis=2) * 100, quintile[..., Summed.BILLED].sum(axis=2))),
        Measure("cash_per_head", "", "CNY/person/year", ratio(quintile[..., Paid.CASH].sum(axis=2) / 100, persons)),
    ]
    per_head = ratio(oop / 100, sample.sampled_persons[:, None])
    incomes = quintile_incomes(sample)
    for q, name in enumerate(QUINTILES):
        rows.append(Measure("oop_per_head", f"quintile:{name}", "CNY/person/year", per_head[..., q]))
        rows.append(Measure("oop_share_of_income", f"quintile:{name}", "%", ratio(oop[..., q] * 100, incomes[..., q])))
    rows.append(Measure("oop_share_of_income", "", "%", ratio(oop.sum(axis=2) * 100, incomes.sum(axis=2))))
    rank = (np.arange(5) + 0.5) / 5
    index = ratio(2 * (per_head * rank).sum(axis=2), per_head.sum(axis=2)) - 1
    rows.append(Measure("oop_concentration_index", "", "index", np.where(per_head.sum(axis=2) > 0, index, 0.0)))
    return rows


def quintile_incomes(sample: Sample) -> np.ndarray:
    """What the sampled persons of each income quintile earn in the year, in fen, float64[D, 1, 5]."""
    return sample.income[:, None] * sample.income_index[:, None, None]


class Pooled(NamedTuple):
    """What is so rare, or so unlike a sum, that the worlds of a roster are taken together: R rosters, P policies."""

    persons: np.ndarray         # int64[R]: sampled persons of all worlds
    histogram: np.ndarray       # int64[R, P, bins]: what they paid themselves in the year
    illness: np.ndarray         # int64[R, P, I, columns]: the bills of listed illnesses


def pooled_sums(sums: Sums, sample: Sample, roster: np.ndarray) -> Pooled:
    """The sums of worlds taken together by the roster they live on, `roster` int64[D]."""
    rosters = len(sums.histogram)
    persons, illness = np.zeros(rosters, dtype=np.int64), np.zeros((rosters, *sums.illness.shape[1:]), dtype=np.int64)
    np.add.at(persons, roster, sample.sampled_persons.sum(axis=1))
    np.add.at(illness, roster, sums.illness)
    return Pooled(persons, sums.histogram.sum(axis=2), illness)


def pooled_measures(pooled: Pooled) -> list[Measure]:
    """The measures with a value for each roster, float64[R, P]: what persons pay by quantile, and what illnesses cost."""
    zeros = pooled.persons[:, None] - pooled.histogram.sum(axis=2)
    rows = []
    for share, name in ((0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p999")):
        values = [[histogram_quantile(counts, int(none), share) for counts, none in zip(*of_roster, strict=True)]
                  for of_roster in zip(pooled.histogram, zeros, strict=True)]
        rows.append(Measure("oop_per_head", f"quantile:{name}", "CNY/person/year", np.array(values)))
    return rows + illness_measures(pooled.illness)


def histogram_quantile(counts: np.ndarray, zeros: int, share: float) -> float:
    """The quantile in yuan of `zeros` amounts of zero and those of the histogram (16 bins to the octave; the bin's middle)."""
    rank = share * (zeros + int(counts.sum()))
    if rank < zeros or counts.sum() == 0:
        return 0.0
    bin_ = min(int(np.searchsorted(np.cumsum(counts), rank - zeros, side="right")), HISTOGRAM - 1)
    return 2.0 ** (bin_ // 16) * (1 + (bin_ % 16 + 0.5) / 16) / 100


def household_measures(sums: Sums, sample: Sample) -> list[Measure]:
    """Catastrophic expenditure and impoverishment of sampled households, before insurance and after each layer."""
    counts, households = sums.household.astype(np.float64), sample.households[:, None]      # [D, P, layer, burden, quintile]
    rows = []
    for b, burden in enumerate(BURDENS):
        for la, layer in enumerate(LAYERS):
            rows.append(Measure(burden, f"layer:{layer}", "%",
                                ratio(counts[:, :, la, b].sum(axis=2) * 100, households.sum(axis=2))))
        for q, name in enumerate(QUINTILES):
            after_all = counts[:, :, LAYERS.index("assistance"), b, q]     # by what account and cash pay
            rows.append(Measure(burden, f"quintile:{name}", "%", ratio(after_all * 100, households[..., q])))
    return rows


def illness_measures(illness: np.ndarray) -> list[Measure]:
    """Bills of listed illnesses by who bears them, from int64[R, P, I, columns], for illnesses that have bills. Some are so rare
    that most worlds have none, so values are those of rosters, NaN for a roster without bills."""
    illness = illness.astype(np.float64)
    rows = []
    for i, name in enumerate(ILLNESSES):
        sums_of = illness[:, :, i]
        bills, billed, cash = sums_of[..., Summed.BILLS], sums_of[..., Summed.BILLED], sums_of[..., Paid.CASH]
        if bills.sum() == 0:
            continue
        for measure, unit, amount, base in (
                ("mean_bill", "CNY/bill", billed / 100, bills), ("cash_per_bill", "CNY/bill", cash / 100, bills),
                ("cash_share", "%", cash * 100, billed),
                ("fund_share", "%", (sums_of[..., Paid.BASIC] + sums_of[..., Paid.LISTED]) * 100, billed),
                ("later_layers_share", "%", sum(sums_of[..., column] for column in LATER_LAYERS) * 100, billed),
                ("hospital_share", "%", sums_of[..., Paid.HOSPITAL] * 100, billed)):
            rows.append(Measure(measure, f"illness:{name}", unit, np.where(bills > 0, ratio(amount, base), np.nan)))
    return rows


def summarise(values: np.ndarray) -> dict[str, float]:
    """The mean over worlds float64[D] (or over rosters), its standard error, and quantiles. NaN is left out."""
    return summaries([values])[0]


def summaries(many: Sequence[np.ndarray]) -> list[dict[str, float]]:
    """Summarise each of many measures as `summarise` does; those with equally many values are worked out together.

    Worlds on one roster are alike, so the standard error is that of a mean of rosters: it holds the chance of which households
    were simulated, and that of the worlds. Up to ROSTERS values are each on a roster of their own.
    """
    many = [values[~np.isnan(values)] for values in many]
    found = [dict.fromkeys(STATISTICS, float("nan"))] * len(many)
    for n in {len(values) for values in many} - {0}:
        of_length = [at for at, values in enumerate(many) if len(values) == n]
        block = np.stack([many[at] for at in of_length])
        columns = np.stack([block.mean(axis=1), standard_errors(block), *quantiles(block)], axis=1)
        for at, row in zip(of_length, columns.tolist(), strict=True):
            found[at] = dict(zip(STATISTICS, row, strict=True))
    return found


def quantiles(block: np.ndarray) -> list[np.ndarray]:
    """The PROBABILITIES' quantiles of each row of float64[m, n], as `np.quantile` has them to the bit: sorting whole rows is ten
    times as fast. A row with NaN has none."""
    ordered = np.sort(np.ascontiguousarray(block), axis=1)
    last, found = ordered.shape[1] - 1, []
    for place in last * np.array(PROBABILITIES):
        below = int(place)
        low, high, part = ordered[:, below], ordered[:, min(below + 1, last)], place - below
        between = high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part
        found.append(np.where(np.isnan(ordered[:, -1]), np.nan, between))
    return found


def standard_errors(block: np.ndarray) -> np.ndarray:
    """The standard error of the mean of each row of float64[m, n], whose columns are worlds 0 .. n - 1; NaN for one world."""
    n = block.shape[1]
    if n == 1:
        return np.full(len(block), np.nan)
    rosters = min(n, ROSTERS)
    apart = block - block.mean(axis=1, keepdims=True)
    by_roster = np.stack([apart[:, first::ROSTERS].sum(axis=1) for first in range(rosters)], axis=1)
    return np.sqrt((by_roster * by_roster).sum(axis=1) * rosters / (rosters - 1)) / n


def half_width(se: float, n: int) -> float:
    """Half of the 95% interval of a mean over n worlds, by Student's t with as many degrees of freedom as they have rosters, less
    one; NaN for one world."""
    from scipy import special  # takes a third of a second to load, so only where intervals are written

    return float(special.stdtrit(min(n, ROSTERS) - 1, 0.975)) * se if n > 1 else float("nan")


def ends(mean: float, se: float, n: int, warned: object = False) -> tuple[float, float]:
    """The 95% interval of a mean over n worlds; none (NaN) where its error cannot be trusted (`warned`), as of a mean that rests
    on a handful of worlds: a width by chance would be taken for knowledge."""
    half = float("nan") if warned else half_width(se, n)
    return mean - half, mean + half


def heavy_tailed(values: np.ndarray) -> bool:
    """Whether the standard error of the mean over draws cannot be trusted, as if their variance were infinite.

    So it is where the mean rests on few draws: no more than a tenth of them (or five) differ from the median. Otherwise two
    conditions must hold. Hill's estimate of the tail index, on the largest tenth of the distances from the median, is below
    2 (Hill 1975, Annals of Statistics 3). And the value furthest from the mean is an outlier by Grubbs' test (1969,
    Technometrics 11) at a level that 999 of 1,000 normal samples pass. Fewer than FEWEST_JUDGED draws are never called
    heavy-tailed. NaN is left out.
    """
    return heavy_tails([values])[0]


def heavy_tails(many: Sequence[np.ndarray]) -> list[bool]:
    """Judge each of many measures as `heavy_tailed` does; those with equally many draws are judged together."""
    many = [values[~np.isnan(values)] for values in many]
    found = [False] * len(many)
    for n in {len(values) for values in many}:
        of_length = [at for at, values in enumerate(many) if len(values) == n]
        for at, heavy in zip(of_length, heavy_rows(np.stack([many[at] for at in of_length])).tolist(), strict=True):
            found[at] = heavy
    return found


def heavy_rows(block: np.ndarray) -> np.ndarray:
    """Judge each row of float64[m, n] as `heavy_tailed` does, bool[m]; a row with NaN is not called heavy-tailed."""
    n = block.shape[1]
    if n < FEWEST_JUDGED:
        return np.zeros(len(block), dtype=bool)
    ordered, count = np.sort(block, axis=1), _tail(n) + 1
    median = (ordered[:, (n - 1) // 2, None] + ordered[:, n // 2, None]) / 2
    far = np.abs(np.concatenate((ordered[:, :count], ordered[:, n - count:]), axis=1) - median)
    tail = np.sort(far, axis=1)[:, -count:]                                # the value below the tail, then the tail
    spread = tail[:, -1] > 1e-9 * np.maximum(np.abs(ordered[:, 0]), np.abs(ordered[:, -1]))     # rounding is no spread
    few = tail[:, 0] == 0.0                                                # only the tail differs
    found = spread & few
    rows = np.flatnonzero(spread & ~few)
    rows = rows[stand_out(block[rows])]
    found[rows] = np.log(tail[rows, 1:] / tail[rows, :1]).mean(axis=1) > 0.5
    return found


def _tail(n: int) -> int:
    """How many of n draws are the tail: a tenth, and five of few."""
    return n // 10 if n >= 50 else 5


def stand_out(block: np.ndarray) -> np.ndarray:
    """Whether the value furthest from the mean is an outlier by Grubbs' test, for each row of float64[m, n], bool[m]."""
    from scipy import special

    n = block.shape[1]
    t = special.stdtrit(n - 2, 1 - 0.001 / (2 * n))
    most = (n - 1) / np.sqrt(n) * np.sqrt(t * t / (n - 2 + t * t))
    return np.abs(block - block.mean(axis=1, keepdims=True)).max(axis=1) > most * block.std(axis=1, ddof=1)


def tail_mean(values: np.ndarray, share: float = 0.05) -> float:
    """The mean of the lowest `share` of the draws, of at least one (the TVaR of a balance)."""
    count = max(int(np.ceil(len(values) * share)), 1)
    return float(np.sort(values)[:count].mean())
