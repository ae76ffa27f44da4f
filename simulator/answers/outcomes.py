"""The outcome of each world under each policy, and the figures over worlds that conditions and goals are about.

Outcomes are latent figures, float64[D, P] for D worlds and P policies. `figure_of` makes the figure of each policy from them,
as the summary does, or smoothed, so that a search can follow its slope; `interval_of` gives its intervals over fresh worlds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from simulator.answers.conditions import ANNUAL, CUMULATIVE, Event, Figure, Known, Latent
from simulator.engine.measures import ratio, standard_errors
from simulator.engine.outcome import SchemeResult
from simulator.engine.worlds import ROSTERS
from simulator.fund.accounts import YearLedger
from simulator.fund.amounts import portion
from simulator.fund.control import cumulative_test
from simulator.fund.terms import FundTerms, stack_terms

Outcomes = Mapping[Latent, np.ndarray]           # float64[D, P] each

POOLED_GROUPS = ("quantile", "illness")          # their figures are of all worlds together, or of groups of them
CONFIDENCE = 0.95
SMOOTHING = 0.17                                 # the kernel's width in s.d. of the margins, at a hundred worlds


def known_measures(result: SchemeResult) -> dict[tuple[str, str], Known]:
    """The measures of a simulation by name and group."""
    return {(m.name, m.group): Known(m.unit, m.group.partition(":")[0] not in POOLED_GROUPS)
            for measures in result.measures.values() for m in measures}


def outcomes_of(result: SchemeResult, latents: Iterable[Latent],
                terms: Mapping[int, Sequence[FundTerms]]) -> dict[Latent, np.ndarray]:
    """The latent figures of a simulation, float64[D, P] each; `terms` are the fund's by year, of one or of all policies."""
    found = {}
    for latent in latents:
        if latent.name in (ANNUAL, CUMULATIVE):
            found[latent] = margin_of_limit(result.ledgers[latent.year], latent.name, terms[latent.year])
        else:
            found[latent] = next(m.values for m in result.measures[latent.year] if (m.name, m.group) == latent[:2])
    return found


def margin_of_limit(ledger: YearLedger, name: str, terms: Sequence[FundTerms]) -> np.ndarray:
    """What is above a limit of surplus at the year end's test, before any response, in percent of the year's revenue.

    The test itself is in whole fen, and the margin is above zero exactly where the ledger has a breach.
    """
    held = stack_terms(terms)
    revenue = ledger.revenue - ledger.deficit_top_up
    expenditure = ledger.expenditure - ledger.secondary
    if name == ANNUAL:
        above = revenue - expenditure - portion(revenue, held.annual_limit + held.annual_tolerance)
    else:
        balance = ledger.accrued_closing + ledger.secondary - ledger.reserve_used - ledger.deficit_top_up
        # the excess above a limit that lies `depth` lower is the distance to the limit itself, on either side of it
        depth = np.int64(1) << 60
        _, excess = cumulative_test(balance + depth, expenditure, ledger.funding, ledger.pooled_funding, held.cumulative_limit,
                                    held.cumulative_base)
        above = np.where(np.asarray(held.cumulative_base) == 0, -revenue, excess - depth)
    return above * 100.0 / np.maximum(revenue, 1)


def margins(event: Event, outcomes: Outcomes) -> np.ndarray:
    """The margin of an event in every world and policy, float64[D, P]; the event is true below zero (docs: Event)."""
    of_years = [np.max([event.sign * (outcomes[Latent(*name, year)] - event.offset) for name in event.names], axis=0)
                for year in event.years]
    return np.max(of_years, axis=0) if event.every else np.min(of_years, axis=0)


def holds(event: Event, outcomes: Outcomes) -> np.ndarray:
    """Whether an event is true, bool[D, P]."""
    margin = margins(event, outcomes)
    return margin < 0 if event.strict else margin <= 0


def figure_of(figure: Figure, outcomes: Outcomes, smooth: bool = False) -> np.ndarray:
    """A figure of every policy, float64[P].

    Smoothed, a probability is the mean of a normal kernel over the margins, and a quantile the mean of ordered values weighted
    as Harrell and Davis (1982) weight them.
    """
    if isinstance(figure.of, Event):
        if not smooth:
            return holds(figure.of, outcomes).mean(axis=0)
        return smoothed_probability(margins(figure.of, outcomes))
    values = outcomes[figure.of]
    if figure.statistic == "mean":
        return values.mean(axis=0)
    if smooth:
        return quantile_weights(len(values), figure.level) @ np.sort(values, axis=0)
    return np.quantile(values, figure.level, axis=0)


def smoothed_probability(margin: np.ndarray) -> np.ndarray:
    """The probability that a margin float64[D, P] is below zero, by a normal kernel narrow against the margins' spread."""
    from scipy.special import ndtr

    low, high = np.quantile(margin, (0.25, 0.75), axis=0)
    spread = np.minimum(np.std(margin, axis=0), np.where(high > low, (high - low) / 1.349, np.inf))
    width = SMOOTHING * spread * (100 / len(margin)) ** (1 / 3)
    return ndtr(-margin / np.maximum(width, 1e-12)).mean(axis=0)


@cache
def quantile_weights(n: int, level: float) -> np.ndarray:
    """The weights of n ordered values in the Harrell-Davis estimate of a quantile, float64[n]."""
    from scipy.special import betainc

    edges = betainc(level * (n + 1), (1 - level) * (n + 1), np.arange(n + 1) / n)
    return np.diff(edges)


class Interval(NamedTuple):
    """A figure over worlds: the estimate, its two-sided 95% interval, and the one-sided bounds at 95% each."""

    estimate: float
    low: float
    high: float
    at_least: float             # 95% sure to be no less
    at_most: float              # 95% sure to be no more


def interval_of(figure: Figure, outcomes: Outcomes) -> Interval:
    """The intervals of a figure of one policy over its worlds: Clopper and Pearson's for a probability, Student's t by rosters
    for a mean, order statistics for a quantile. Where the rosters' shares are further apart than chance lets them be, the worlds
    count as so many fewer."""
    one, two = CONFIDENCE, 0.5 + CONFIDENCE / 2
    if isinstance(figure.of, Event):
        true = holds(figure.of, outcomes)[:, 0]
        fewer = 1.0 / float(alike_on_rosters(true[None])[0])
        n, count = len(true) * fewer, true.sum() * fewer
        return Interval(count / n, lowest_share(count, n, two), highest_share(count, n, two), lowest_share(count, n, one),
                        highest_share(count, n, one))
    values = outcomes[figure.of][:, 0]
    if figure.statistic == "mean":
        from scipy.special import stdtrit
        mean, se = float(values.mean()), float(standard_errors(values[None])[0])
        wide, narrow = (float(stdtrit(max(min(len(values), ROSTERS) - 1, 1), at)) * se for at in (two, one))
        return Interval(mean, mean - wide, mean + wide, mean - narrow, mean + narrow)
    values = np.sort(values)
    estimate = float(np.quantile(values, figure.level))
    return Interval(estimate, *(ranked(values, figure.level, at) for at in (two, -two, one, -one)))


def alike_on_rosters(true: np.ndarray) -> np.ndarray:
    """By how much the worlds of a roster being alike multiplies the variance of each share of bool[m, D], float64[m]; 1 where
    chance alone would put the rosters as far apart once in twenty times or more."""
    from scipy.special import chdtri

    share, n = true.mean(axis=1), true.shape[1]
    if n <= ROSTERS:
        return np.ones(len(true))
    alone = share * (1 - share) / n
    times = ratio(standard_errors(true.astype(np.float64)) ** 2, alone)
    return np.where(times > chdtri(ROSTERS - 1, 1 - CONFIDENCE) / (ROSTERS - 1), times, 1.0)


def highest_share(count: float, n: float, confidence: float) -> float:
    """Clopper and Pearson's upper bound of a probability that was met `count` times in `n`."""
    from scipy.special import betaincinv

    return 1.0 if count >= n else float(betaincinv(count + 1, n - count, confidence))


def lowest_share(count: float, n: float, confidence: float) -> float:
    """Clopper and Pearson's lower bound of a probability that was met `count` times in `n`."""
    return 1.0 - highest_share(n - count, n, confidence)


def ranked(values: np.ndarray, level: float, confidence: float) -> float:
    """The ordered value that is a lower bound of a quantile with a confidence, or an upper one for a confidence below zero;
    infinite where there are too few values."""
    from scipy.stats import binom

    n = len(values)
    if confidence < 0:
        return -ranked(-values[::-1], 1 - level, -confidence)
    rank = int(binom.ppf(1 - confidence, n, level))           # the least k with P(X <= k) >= 1 - confidence
    return float(values[rank - 1]) if rank >= 1 else -np.inf
