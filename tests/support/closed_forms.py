"""Persons' years whose mean payment is known in closed form, and the same years simulated by the program's own parts.

A case is a frequency, a severity, and a cover: a plan, with what it pays written down as pieces of a straight line, first on
each claim, then on the year's sum. Exact means and variances come from limited moments (claims) and from the compound
distribution on a lattice (years), by FFT and by Panjer's recursion. The simulated side uses Philox words at the layout's
counters, quantile tables of gaps, amounts and risks, and `rules.settle_bill` under `plan_of` the plan; nothing of the exact side.
Klugman, Panjer and Willmot, "Loss Models", 4th edition, chapters 8 and 9. Amounts are yuan, in the simulation fen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy import special, stats

from simulator.chance.quantiles import QuantileTable, table_of
from simulator.chance.random import ADMISSION, ROSTER_DRAW, philox, quantile
from simulator.compiling.compiled import compiled
from simulator.engine.measures import half_width, standard_errors
from simulator.law.settle import settle_bill
from simulator.law.year import STATE, TRACE
from simulator.money import LARGEST_BILL
from simulator.parameters.catalogue import ILLNESSES
from simulator.parameters.plans import plan_of
from simulator.plan import pack
from simulator.tables import FACTS, INPATIENT, LEFT, NO_ILLNESS, OUTPATIENT_VISIT, Fact, Paid

HAZARD = 1 << 24                # hazard units of one expected claim
RISK = 1                        # the roster's stream that risks are drawn on
YEAR = 2012
BEYOND = np.inf

Pieces = tuple[tuple[float, float, float], ...]      # from, to, rate; rising and without gaps


# --------------------------------------------------------------------------------------------------
# Severities and frequencies
# --------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Severity:
    """A law of amounts in yuan, E[min(X, u)] and E[min(X, u)^2]."""

    name: str
    law: object                                      # frozen SciPy distribution
    limited: Callable[[np.ndarray], np.ndarray]
    limited_square: Callable[[np.ndarray], np.ndarray]


def lognormal(mean: float, cv: float) -> Severity:
    s = np.sqrt(np.log1p(cv * cv))
    m = np.log(mean) - 0.5 * s * s
    square = mean * mean * (1 + cv * cv)

    def moment(u, k, whole):
        u = np.asarray(u, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (np.log(u) - m) / s
            beyond = np.where(np.isinf(u), 0.0, u**k * special.ndtr(-z))
        return whole * special.ndtr(z - k * s) + beyond

    return Severity(f"lognormal {mean:g}, CV {cv:g}", stats.lognorm(s=s, scale=np.exp(m)), lambda u: moment(u, 1, mean),
                    lambda u: moment(u, 2, square))


def gamma(mean: float, cv: float) -> Severity:
    a, scale = 1 / (cv * cv), mean * cv * cv

    def moment(u, k, whole):
        u = np.asarray(u, dtype=float)
        with np.errstate(invalid="ignore"):
            beyond = np.where(np.isinf(u), 0.0, u**k * special.gammaincc(a, u / scale))
        return whole * special.gammainc(a + k, u / scale) + beyond

    return Severity(f"gamma {mean:g}, CV {cv:g}", stats.gamma(a, scale=scale), lambda u: moment(u, 1, mean),
                    lambda u: moment(u, 2, scale * scale * a * (a + 1)))


def exponential(mean: float) -> Severity:
    one = gamma(mean, 1.0)
    return Severity(f"exponential {mean:g}", stats.expon(scale=mean), one.limited, one.limited_square)


def pareto(mean: float, tail: float) -> Severity:
    """Pareto of the second kind (Lomax), what Klugman, Panjer and Willmot call Pareto."""
    scale = mean * (tail - 1)

    def limited(u):
        return mean * (1 - (1 + np.asarray(u, dtype=float) / scale) ** (1 - tail))

    def limited_square(u):
        y = 1 + np.asarray(u, dtype=float) / scale
        return 2 * scale * scale * ((y ** (2 - tail) - 1) / (2 - tail) - (y ** (1 - tail) - 1) / (1 - tail))

    return Severity(f"Pareto {mean:g}, tail {tail:g}", stats.lomax(tail, scale=scale), limited, limited_square)


@dataclass(frozen=True)
class Frequency:
    """Claims of a person-year: Poisson, or negative binomial with `risk` its shape (a gamma-distributed rate)."""

    mean: float
    risk: float = np.inf

    def __str__(self) -> str:
        return f"Poisson {self.mean:g}" if np.isinf(self.risk) else f"negative binomial {self.mean:g}, shape {self.risk:g}"

    @property
    def overdispersion(self) -> float:
        """Variance less mean."""
        return self.mean**2 / self.risk

    def generating(self, z: np.ndarray) -> np.ndarray:
        if np.isinf(self.risk):
            return np.exp(self.mean * (z - 1))
        return (1 + self.mean / self.risk * (1 - z)) ** -self.risk

    def panjer(self) -> tuple[float, float]:
        """a and b of p(k) = (a + b / k) p(k - 1)."""
        if np.isinf(self.risk):
            return 0.0, self.mean
        beta = self.mean / self.risk
        return beta / (1 + beta), (self.risk - 1) * beta / (1 + beta)

    def table(self) -> QuantileTable:
        """Hazard of a person, in HAZARD units."""
        if np.isinf(self.risk):
            return QuantileTable(np.full(1, round(self.mean * HAZARD), dtype=np.int64), np.zeros(1, dtype=np.int64))
        return table_of(stats.gamma(self.risk, scale=self.mean / self.risk), HAZARD)


# --------------------------------------------------------------------------------------------------
# Covers
# --------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Cover:
    """A plan, the facts of its bills, and what it pays: `claim` on each claim, then `year` on the sum of that.

    `step` is the lattice's step in yuan, which divides the knots of `year`.
    """

    name: str
    plan: dict
    claim: Pieces
    year: Pieces = ((0.0, BEYOND, 1.0),)
    step: float = 0.0
    kind: int = INPATIENT
    illness: int = NO_ILLNESS

    @property
    def annual(self) -> bool:
        return self.step > 0

    def bill(self) -> np.ndarray:
        bill = np.zeros(FACTS, dtype=np.int64)
        bill[Fact.KIND], bill[Fact.TIER], bill[Fact.ILLNESS], bill[Fact.UNITS], bill[Fact.DAYS] = self.kind, 1, self.illness, 1, 1
        bill[[Fact.PILOT_RANK, Fact.PAYMENT_RANK, Fact.COVER_RANK]] = 10**6
        return bill

    def terms(self) -> np.ndarray:
        return pack([plan_of(self.plan)])[0]


def admission_plan(deductible: str, ratios: list[str], tops: list[str], **more) -> dict:
    return {"deductible": {"county": [deductible] * 3}, "ratio": {"county": ratios}, "band_tops": tops, **more}


LISTED = ILLNESSES[0]
COVERS = (
    Cover("ratio", admission_plan("0", ["65"], []), ((0, BEYOND, 0.65),)),
    Cover("deductible, ratio", admission_plan("500", ["75"], []), ((0, 500, 0), (500, BEYOND, 0.75))),
    Cover("three bands of the expense", admission_plan("400", ["60", "75", "85"], ["3000", "15000"]),
          ((0, 400, 0), (400, 3000, 0.60), (3000, 15000, 0.75), (15000, BEYOND, 0.85))),
    Cover("two bands after the deductible", admission_plan("600", ["70", "80"], ["5000"], band_basis="after_deductible"),
          ((0, 600, 0), (600, 5600, 0.70), (5600, BEYOND, 0.80))),
    Cover("deductible, ratio, limit of a claim", admission_plan("300", ["80", "0"], ["20300"]),
          ((0, 300, 0), (300, 20300, 0.80), (20300, BEYOND, 0))),
    Cover("limit of a visit", {"outpatient_ratio": {"county": "45"}, "outpatient_visit_limit": "1800"},
          ((0, 4000, 0.45), (4000, BEYOND, 0)), kind=OUTPATIENT_VISIT),
    Cover("quota price", {"listed": {LISTED: "full"}, "listed_ratio": {LISTED: "70"}, "quota": {LISTED: "8000"}},
          ((0, 8000, 0.70), (8000, BEYOND, 0)), illness=0),
    Cover("annual cap", admission_plan("500", ["75"], [], annual_cap="80000"), ((0, 500, 0), (500, BEYOND, 0.75)),
          ((0, 80000, 1), (80000, BEYOND, 0)), 10.0),
    Cover("bands, limit of a claim, annual cap", admission_plan("200", ["50", "70", "0"], ["4000", "25000"], annual_cap="20000"),
          ((0, 200, 0), (200, 4000, 0.50), (4000, 25000, 0.70), (25000, BEYOND, 0)), ((0, 20000, 1), (20000, BEYOND, 0)), 4.0),
    Cover("annual cap on the expense", admission_plan("0", ["70"], [], annual_cap="30000", cap_basis="expense"),
          ((0, BEYOND, 1),), ((0, 30000, 0.70), (30000, BEYOND, 0)), 5.0),
    Cover("deductible and limit of the year", {"outpatient_deductible": "1000", "outpatient_ratio": {"county": "60"},
                                               "outpatient_year_limit": "12000"},
          ((0, BEYOND, 1),), ((0, 1000, 0), (1000, 21000, 0.60), (21000, BEYOND, 0)), 5.0, kind=OUTPATIENT_VISIT),
    Cover("annual bands of self-pay", admission_plan("0", ["50"], [], cii_threshold="10000", cii_tops=["30000"],
                                                     cii_ratio=["50", "60"]),
          ((0, BEYOND, 1),), ((0, 20000, 0.50), (20000, 60000, 0.75), (60000, BEYOND, 0.80)), 10.0),
)
SEVERITIES = (lognormal(5000, 2), gamma(4000, 1.3), pareto(3000, 3.5), exponential(2500))
FREQUENCIES = (Frequency(0.1), Frequency(1), Frequency(5), Frequency(0.4, 0.5), Frequency(3, 2))


# --------------------------------------------------------------------------------------------------
# Exact means and variances
# --------------------------------------------------------------------------------------------------

def pays(pieces: Pieces, amount: np.ndarray) -> np.ndarray:
    """The pieces at `amount`."""
    return sum(rate * np.clip(amount - low, 0, high - low) for low, high, rate in pieces if rate)


def mean_of(pieces: Pieces, limited: Callable) -> float:
    """E[g(X)] by limited expected values."""
    return float(sum(rate * (limited(high) - limited(low)) for low, high, rate in pieces if rate))


def square_of(pieces: Pieces, severity: Severity) -> float:
    """E[g(X)^2] = integral of 2 g g' P(X > x)."""
    total = 0.0
    for low, high, rate in pieces:
        if rate:
            start = float(pays(pieces, np.array(low))) - rate * low
            total += 2 * rate * start * (severity.limited(high) - severity.limited(low))
            total += rate * rate * (severity.limited_square(high) - severity.limited_square(low))
    return float(total)


def limited_payment(pieces: Pieces, severity: Severity, limits: np.ndarray) -> np.ndarray:
    """E[min(g(X), y)] at each limit y: the line's pieces up to where it reaches y."""
    total, paid = np.zeros(len(limits)), 0.0
    for low, high, rate in pieces:
        if rate:
            reached = np.minimum(low + np.maximum(limits - paid, 0) / rate, high)
            total += rate * (severity.limited(reached) - severity.limited(low))
            paid += rate * (high - low)
    return total


def lattice(pieces: Pieces, severity: Severity, step: float, points: int) -> np.ndarray:
    """Payment of one claim on 0, step, ..., (points - 1) step; the mean over every step is kept. Mass beyond is left out."""
    at = limited_payment(pieces, severity, step * np.arange(points + 1))
    mass = np.empty(points)
    mass[0] = 1 - at[1] / step
    mass[1:] = (2 * at[1:-1] - at[:-2] - at[2:]) / step
    return mass


def compound_fft(frequency: Frequency, mass: np.ndarray) -> np.ndarray:
    """P(S = k step) for k < len(mass), by a Fourier transform tilted against wrapping."""
    points = len(mass)
    size = 8 << (points - 1).bit_length()
    tilt = np.exp(-30.0 / size * np.arange(points))
    return np.fft.irfft(frequency.generating(np.fft.rfft(mass * tilt, size)), size)[:points] / tilt


def compound_panjer(frequency: Frequency, mass: np.ndarray) -> np.ndarray:
    """The same by Panjer's recursion."""
    a, bb = frequency.panjer()
    points, weighted = len(mass), np.arange(len(mass)) * mass
    result = np.empty(points)
    result[0] = frequency.generating(mass[0])
    for k in range(1, points):
        before = result[k - 1::-1]
        result[k] = (a * (mass[1:k + 1] @ before) + bb / k * (weighted[1:k + 1] @ before)) / (1 - a * mass[0])
    return result


@dataclass(frozen=True)
class Case:
    """One closed-form case; `seed` is its own."""

    seed: int
    frequency: Frequency
    severity: Severity
    cover: Cover
    by: Callable = field(default=compound_fft, compare=False)

    def __str__(self) -> str:
        return f"{self.frequency}; {self.severity.name}; {self.cover.name}"

    def with_panjer(self) -> Case:
        return replace(self, by=compound_panjer)

    @cached_property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation of what is paid for a person-year."""
        claim = self.cover.claim
        first, second = mean_of(claim, self.severity.limited), square_of(claim, self.severity)
        mean = self.frequency.mean * first
        square = self.frequency.mean * second + self.frequency.overdispersion * first**2 + mean**2
        if self.cover.annual:
            mean, square = self.of_the_year(mean, square)
        return mean, float(np.sqrt(square - mean**2))

    def of_the_year(self, mean: float, square: float) -> tuple[float, float]:
        """E[A(S)] and E[A(S)^2] of the year's line A, from those of S."""
        year, step = self.cover.year, self.cover.step
        knot, _, rate = year[-1]
        below = step * np.arange(round(knot / step))
        chance = self.by(self.frequency, lattice(self.cover.claim, self.severity, step, len(below)))
        paid, reached = pays(year, below), float(pays(year, np.array(knot)))
        above = [1 - chance.sum(), mean - chance @ below, square - chance @ below**2]          # E[S^j; S >= knot]
        start = reached - rate * knot
        return (float(chance @ paid + start * above[0] + rate * above[1]),
                float(chance @ paid**2 + start**2 * above[0] + 2 * start * rate * above[1] + rate**2 * above[2]))


def all_cases(first_seed: int = 4000) -> list[Case]:
    laws = [(frequency, severity, cover) for frequency in FREQUENCIES for severity in SEVERITIES for cover in COVERS]
    return [Case(first_seed + i, *law) for i, law in enumerate(laws)]


REFERENCE = COVERS[7]                                 # the reference job of the benchmarks
REFERENCE_MEANS = {0.1: (334.38581, 165.61419), 5.0: (16_544.479, 8_455.521)}


# --------------------------------------------------------------------------------------------------
# The same years simulated
# --------------------------------------------------------------------------------------------------

@compiled
def _claim_words(seed, people, claim, replica, draw):
    gap, _, amount, _ = philox(seed, people, claim, replica, draw, (YEAR << 16) | ADMISSION)
    return np.int64(gap), np.int64(amount)


@compiled
def _years(seed, people, persons, draws, risk_base, risk_width, gap_base, gap_width, base, width, terms, facts, totals, squares):
    """Sums over `persons` of what is paid in their years, and of its squares, for each of `draws` draws, in fen."""
    year, paid, bill = np.zeros(STATE, dtype=np.int64), np.zeros(LEFT, dtype=np.int64), facts.copy()
    trace = np.zeros(TRACE, dtype=np.int64)
    for draw in range(draws):
        end, claim, total, square = np.int64(0), np.int64(0), np.int64(0), 0.0
        gap, amount = _claim_words(seed, people, claim, 0, draw)
        position = quantile(gap_base, gap_width, gap)
        for row in range(persons):
            if len(risk_base) == 1:
                end += risk_base[0]
            else:
                word, _, _, _ = philox(seed, people, row, draw, ROSTER_DRAW, RISK)
                end += quantile(risk_base, risk_width, np.int64(word))
            if position >= end:
                continue
            year[:] = 0
            mine = np.int64(0)
            while position < end:
                bill[Fact.BILLED] = min(quantile(base, width, amount), LARGEST_BILL)
                bill[Fact.ELIGIBLE] = bill[Fact.BILLED]
                settle_bill(terms, year, bill, paid, trace)
                mine += bill[Fact.BILLED] - paid[Paid.CASH]
                claim += 1
                gap, amount = _claim_words(seed, people, claim, 0, draw)
                position += quantile(gap_base, gap_width, gap)
            total += mine
            square += np.float64(mine) * np.float64(mine)
        totals[draw], squares[draw] = total, square


GAPS = table_of(stats.expon(), HAZARD)


def simulated(case: Case, persons: int, draws: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Mean payment of a person-year and its standard error from the sample, in yuan, of each draw, float64[draws]."""
    totals, squares = np.zeros(draws, dtype=np.int64), np.zeros(draws)
    _years(case.seed, 7, persons, draws, *case.frequency.table(), *GAPS, *table_of(case.severity.law, 100.0), case.cover.terms(),
           case.cover.bill(), totals, squares)
    mean = totals / persons
    variance = np.maximum(squares / persons - mean**2, 0) * persons / (persons - 1)
    return mean / 100, np.sqrt(variance / persons) / 100


def score(case: Case, persons: int) -> float:
    """How many exact standard errors the simulated mean lies from the exact one."""
    mean, deviation = case.moments
    return float((simulated(case, persons)[0][0] - mean) / (deviation / np.sqrt(persons)))


# --------------------------------------------------------------------------------------------------
# Standard errors
# --------------------------------------------------------------------------------------------------

# What is paid is bounded, for a claim or for a year.
BOUNDED = tuple(Case(9000 + i, *law) for i, law in enumerate((
    (Frequency(0.1), SEVERITIES[0], COVERS[7]), (Frequency(1), SEVERITIES[1], COVERS[4]),
    (Frequency(0.1), SEVERITIES[2], COVERS[5]), (Frequency(0.4, 0.5), SEVERITIES[3], COVERS[8]),
    (Frequency(5), SEVERITIES[0], COVERS[9]), (Frequency(0.4, 0.5), SEVERITIES[0], COVERS[6]))))
# No third, or no second moment: the sample's standard error is itself a matter of luck.
HEAVY_TAILED = (Case(9100, Frequency(0.1), pareto(3000, 2.1), COVERS[1]),
                Case(9101, Frequency(0.1), pareto(3000, 2.6), COVERS[0]),
                Case(9102, Frequency(0.1), lognormal(5000, 6), COVERS[0]))


def coverage(case: Case, replications: int, draws: int, persons: int) -> float:
    """Share of replications whose 95% interval, made as `results.py` makes it from the draws' means, has the exact mean in it."""
    means = simulated(case, persons, replications * draws)[0].reshape(replications, draws)
    half = half_width(1.0, draws) * standard_errors(means)
    return float(np.mean(np.abs(means.mean(axis=1) - case.moments[0]) <= half))


def slopes(case: Case, sizes: np.ndarray, replications: int) -> tuple[float, float]:
    """Slopes of the logarithms of the true and of the reported error against that of the number of person-years."""
    true, reported = [], []
    for k, persons in enumerate(sizes.tolist()):
        means, errors = simulated(replace(case, seed=case.seed + 1000 * (k + 1)), persons, replications)
        true.append(np.sqrt(np.mean((means - case.moments[0]) ** 2)))
        reported.append(np.sqrt(np.mean(errors**2)))
    return tuple(float(np.polyfit(np.log(sizes), np.log(error), 1)[0]) for error in (true, reported))


# --------------------------------------------------------------------------------------------------
# Quantile midpoints: an integration without chance
# --------------------------------------------------------------------------------------------------

@compiled
def _one_claim_each(words, base, width, terms, facts, payments):
    """What is paid for one claim alone at each word, in fen."""
    year, paid, bill = np.zeros(STATE, dtype=np.int64), np.zeros(LEFT, dtype=np.int64), facts.copy()
    trace = np.zeros(TRACE, dtype=np.int64)
    for n in range(len(words)):
        year[:] = 0
        bill[Fact.BILLED] = min(quantile(base, width, words[n]), LARGEST_BILL)
        bill[Fact.ELIGIBLE] = bill[Fact.BILLED]
        settle_bill(terms, year, bill, paid, trace)
        payments[n] = bill[Fact.BILLED] - paid[Paid.CASH]


def midpoint_words(parts: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Survival words in the middle of 2^parts equal pieces of every cell, and the share of all words each stands for;
    octaves with fewer words than pieces have all their words."""
    whole = parts + 5                                      # 32 cells an octave
    words, weights = [np.arange(1 << whole)], [np.ones(1 << whole)]
    for octave in range(whole, 32):
        step = 1 << (octave - whole)
        words.append((1 << octave) + np.arange(1 << whole) * step + step // 2)
        weights.append(np.full(1 << whole, float(step)))
    return np.concatenate(words), np.concatenate(weights) / 2.0**32


WORDS, WEIGHTS = midpoint_words()


@compiled
def _look_up(words, base, width, amounts):
    for n in range(len(words)):
        amounts[n] = quantile(base, width, words[n])


def amounts_at_midpoints(table: QuantileTable) -> np.ndarray:
    """The table's amounts at WORDS, int64."""
    amounts = np.empty(len(WORDS), dtype=np.int64)
    _look_up(WORDS, *table, amounts)
    return amounts


def paid_at_midpoints(law, cover: Cover) -> np.ndarray:
    """Payments in yuan at WORDS, float64."""
    payments = np.empty(len(WORDS), dtype=np.int64)
    _one_claim_each(WORDS, *table_of(law, 100.0), cover.terms(), cover.bill(), payments)
    return payments / 100


def midpoint_error(severity: Severity, cover: Cover) -> float:
    """Relative error of a claim's mean payment, integrated at the midpoints through the table and the rules."""
    return float(WEIGHTS @ paid_at_midpoints(severity.law, cover)) / mean_of(cover.claim, severity.limited) - 1


MIDPOINT_SEVERITIES = (*SEVERITIES, lognormal(9000, 1.2), lognormal(3000, 3), gamma(6000, 0.8), gamma(12000, 2),
                       pareto(8000, 2.8), exponential(7000), lognormal(20000, 2.5), gamma(2500, 1.6))
LOWEST_CELLS = 1 / 16           # amounts below this quantile share the four lowest cells of a table


def midpoint_cases(low: bool) -> list[tuple[Severity, Cover]]:
    """Covers of a claim on every law; `low`: those whose deductible lies in the lowest cells of the table, or the others."""
    return [(severity, cover) for severity in MIDPOINT_SEVERITIES for cover in COVERS if not cover.annual
            if (0 < severity.law.cdf(cover.claim[0][1]) <= LOWEST_CELLS) == low]
