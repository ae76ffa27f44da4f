"""Do stated 95% intervals hold the truth? `python -m tests.campaigns.intervals` (some ten minutes of processor); ends with 1 if
not.

A whole comparison of two regions is made again 40 times. Repetition r has worlds of its own, 200 r .. 200 r + 199, on rosters of
its own, 10 r .. 10 r + 9, the first of which is also the one that rules and levels are worked out for, as roster 0 is in a run:
nothing random is common to two repetitions. Of every measure of the first and the last year, and of the difference of the two
regions, counted is in how many repetitions the interval that a run states (the mean +- `half_width` of its standard error; of a
probability `share_interval`) holds the truth. The truth is the mean of the other 39 repetitions, whose own error, 1/39 of the
variance of a repetition's, is allowed for in the width.

The bar: pooled over measures 93 to 97%, and of no measure fewer than 34 of 40. A measure that nothing moves in any repetition is
left out. If every interval held the truth with 95%, one measure in 300 would have fewer than 34 by chance: what has can be
tried again on 40 further repetitions (`--from 40`), whose numbers are fixed too.

No interval of a mean is right where the event behind it was seen in a handful of worlds or in none: then its width is chance, or
nought. A run states none of such a mean (`heavy_tailed`, and a mean that no world moves), so none is counted: a figure is judged
by the repetitions that state one, if they are at least half. The campaign ends well if the stated intervals of burden and of the
fund hold 93 to 97% of the time, if no measure (over its schemes, regions, years and groups) does so less often than 34 times of
40, and if of its figures no more are below 34 of 40 than 2%.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

import simulator.engine.enrolment as enrolment
from simulator.engine.measures import half_width, heavy_tailed, ratio, standard_errors
from simulator.engine.outcome import Result
from simulator.engine.simulate import simulate_worlds
from simulator.engine.worlds import ROSTERS
from simulator.parameters.regions import Regions, load_regions
from simulator.report.probability import share_interval
from simulator.scenario import DEFAULT_SCHEMES, Scenario

# Fixed before anything was run: the seed, and with the repetition's number its worlds and its rosters.
SEED, REPETITIONS, WORLDS = 20121130, 40, 200
ASKED = Scenario("intervals", ("jiangsu", "linyi"), 2012, DEFAULT_SCHEMES, horizon=4, draws=WORLDS, people=1_000, seed=SEED)
LEAST, BAR, MOST_BELOW = 34, (0.93, 0.97), 0.02
BURDEN = ("oop_", "net_burden", "premium_per_head", "cash_per_head", "catastrophic", "impoverish")
CARE = ("admissions", "visits_per", "claims_per", "in_scope", "actual_ratio", "mean_bill", "payment_per", "capped",
        "share_of_adm", "cash_per_adm", "cash_per_bill", "cash_share", "fund_share", "later_layers", "hospital_share")


class Key(NamedTuple):
    """A figure that a run states an interval of; `region` may be a difference, `jiangsu - linyi`."""

    region: str
    scheme: str
    year: int
    measure: str
    group: str
    unit: str

    @property
    def kind(self) -> str:
        """What it is about: burden, care, fund, or a difference of regions in one of these."""
        of = "burden" if self.measure.startswith(BURDEN) else "care" if self.measure.startswith(CARE) else "fund"
        return f"difference, {of}" if " - " in self.region else of


class Stated(NamedTuple):
    """What a run states of a figure: its mean, and how far its interval goes below and above it."""

    mean: float
    below: float
    above: float
    given: bool = True             # whether a run states it


# --- a repetition ----------------------------------------------------------------------------------


@contextmanager
def rosters_from(first: int) -> Iterator[None]:
    """Within the block roster n is roster first + n."""
    kept = enrolment.prepare

    def prepare(region: Any, scheme: str, year: int, years: int, rows: int, share: Any, seed: int, roster: int = 0,
                like: Any = None) -> Any:
        return kept(region, scheme, year, years, rows, share, seed, first + roster, like)

    enrolment.prepare = prepare
    try:
        yield
    finally:
        enrolment.prepare = kept


def repetition(number: int, scenario: Scenario, regions: Regions) -> Result:
    """The scenario as it would have come out with the worlds and rosters of a repetition."""
    if scenario.draws % ROSTERS:
        raise ValueError("the worlds of a repetition must begin on its first roster")
    with rosters_from(ROSTERS * number):
        return simulate_worlds(scenario, regions, range(scenario.draws * number, scenario.draws * (number + 1)), threads=1)


def stated(result: Result) -> dict[Key, Stated]:
    """What a run says of its first and last year, and of the differences of its regions."""
    found: dict[Key, np.ndarray] = {}
    for scheme in result.schemes:
        for year in (scheme.years[0], scheme.years[-1]):
            for name, group, unit, values in scheme.measures[year]:
                found[Key(scheme.region, scheme.scheme, year, name, group, unit)] = values[:, 0]
    one, other = result.scenario.regions
    for key in [key for key in found if key.region == one]:
        pair = key._replace(region=other)
        if pair in found:
            found[key._replace(region=f"{one} - {other}")] = found[key] - found[pair]
    return {key: interval(key, values[~np.isnan(values)]) for key, values in found.items() if not np.isnan(values).all()}


def interval(key: Key, values: np.ndarray) -> Stated:
    """The interval that is stated of a mean, or of a probability."""
    mean, n = float(values.mean()), len(values)
    if key.unit == "probability" and " - " not in key.region:
        low, high = share_interval(int(values.sum()), n)
        return Stated(mean, mean - low, high - mean)
    half = half_width(float(standard_errors(values[None])[0]), n)
    return Stated(mean, half, half, half > 0 and not heavy_tailed(values))


# --- coverage --------------------------------------------------------------------------------------


class Coverage(NamedTuple):
    """In how many repetitions the interval of a figure holds the truth."""

    key: Key
    held: int
    of: int
    given: int                     # repetitions that state one
    given_held: int
    spread: float                  # standard deviation of the repetitions' means
    claimed: float                 # what their intervals would have it be, by their root mean square
    skew: float                    # of the repetitions' means

    def __str__(self) -> str:
        key, group = self.key, f"[{self.key.group}]" if self.key.group else ""
        return (f"{key.region} {key.scheme} {key.year} {key.measure}{group}: {self.given_held} of {self.given}; means spread "
                f"{ratio(self.spread, self.claimed):.2f} times what is stated, skewness {self.skew:+.1f}")


def coverage(repetitions: list[dict[Key, Stated]]) -> list[Coverage]:
    """How often each figure's interval holds the mean of the others; figures that all repetitions have and some chance moves."""
    found, n = [], len(repetitions)
    for key in repetitions[0]:
        each = [said[key] for said in repetitions if key in said]
        means = np.array([one.mean for one in each])
        if len(each) < n or np.ptp(means) <= 1e-12 * np.abs(means).max():
            continue
        truth = (means.sum() - means) / (n - 1)
        room = np.sqrt(1 + 1 / (n - 1))
        below, above = (np.array([getattr(one, side) for one in each]) * room for side in ("below", "above"))
        held = (truth >= means - below) & (truth <= means + above)
        given = np.array([one.given for one in each])
        spread = float(means.std(ddof=1))
        claimed = float(np.sqrt(np.nanmean(((below + above) / 2 / room) ** 2))) / half_width(1.0, WORLDS)
        skew = float(((means - means.mean()) ** 3).mean() / means.std() ** 3)
        found.append(Coverage(key, int(held.sum()), n, int(given.sum()), int(held[given].sum()), spread, claimed, skew))
    return found


def tell(found: Iterable[Coverage]) -> bool:
    """Print pooled shares by kind, and the measures and figures below the bar; whether burden and fund pass."""
    found, passed = list(found), True
    for kind in sorted({one.key.kind for one in found}):
        of_kind = [one for one in found if one.key.kind == kind]
        share = sum(one.held for one in of_kind) / sum(one.of for one in of_kind)
        few = [one for one in of_kind if one.held < LEAST * one.of / REPETITIONS]
        stating = [one for one in of_kind if one.given >= one.of / 2]
        well = sum(one.given_held for one in of_kind) / max(sum(one.given for one in of_kind), 1)
        too_few = [one for one in stating if one.given_held < LEAST * one.given / REPETITIONS]
        measures = by_measure(stating)
        low = {name: share for name, share in measures.items() if share < LEAST / REPETITIONS}
        print(f"{kind}: {well:.1%} of the stated intervals hold; {len(low)} of {len(measures)} measures below {LEAST} of "
              f"{REPETITIONS} (least {min(measures.values()):.1%}), {len(too_few)} of {len(stating)} figures; were all stated, "
              f"{share:.1%} of {len(of_kind)} figures, {len(few)} below")
        for name, share in low.items():
            print(f"   {name}: {share:.1%}")
        for one in sorted(too_few, key=lambda one: one.given_held / one.given):
            print(f"   {one}")
        if kind in ("burden", "fund"):
            passed &= BAR[0] <= well <= BAR[1] and not low and len(too_few) <= MOST_BELOW * len(stating)
    return passed


def by_measure(found: Iterable[Coverage]) -> dict[str, float]:
    """How often the stated intervals of each measure hold, over its schemes, regions, years and groups."""
    sums: dict[str, np.ndarray] = {}
    for one in found:
        sums[one.key.measure] = sums.get(one.key.measure, np.zeros(2)) + (one.given_held, one.given)
    return {measure: float(held / given) for measure, (held, given) in sums.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=ASKED.people)
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first repetition's number")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    asked = parser.parse_args()
    regions, began = load_regions(), time.process_time()
    scenario = ASKED.but(people=asked.people)
    found = coverage([stated(repetition(number, scenario, regions)) for number in
                      range(asked.first, asked.first + asked.repetitions)])
    print(f"{asked.repetitions} repetitions from {asked.first} on: {scenario.draws} worlds, {scenario.people} people a roster, "
          f"{scenario.horizon} years, {len(scenario.regions)} regions x {len(scenario.schemes)} schemes; {len(found)} figures")
    passed = tell(found)
    print(f"{'yes' if passed else 'NO'}; {time.process_time() - began:.0f} s of processor")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
