"""Does calibration find what is known? Worlds of a fresh run are taken as truths, published with errors and calibrated on; and
figures that contradict the others are planted among them.

`python -m tests.campaigns.calibration` (`make check-calibration`). A truth is a world by chance, run truly; what is "published"
of it has the stated and the model's least errors. Calibration then goes its whole way on the emulators of one wave:
contradictions are set aside, model errors estimated, worlds drawn. The 90% intervals of the values that the evidence says
something of, and of the figures that are expected in the true world, should hold nine truths in ten. A planted contradiction
moves one figure of a truth by SHIFT standard deviations from what all others make of it, and is named if the figure is in a
contradiction.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

import numpy as np

from simulator.answers.evidence import Figure, read_figures
from simulator.calibration.contradictions import errors_of, of_model
from simulator.calibration.emulators import Emulators, emulators
from simulator.calibration.experiment import Experiment, Met, experiment
from simulator.calibration.targets import LEAST_MODEL_ERROR, Target, targets
from simulator.calibration.waves import by_chance, drawn_under, first_design, judged, scales
from simulator.parameters.regions import Regions, load_regions

INFORMED = 0.9                     # of the spread by chance: a value whose spread is less has been told something of
ENDS = (0.05, 0.95)
SHIFT = 5.0
BANDS, NAMED = (86.0, 94.0), 18   # percent of truths; of 20


@dataclass(frozen=True)
class Truths:
    """An experiment with its emulators, the figures of worlds by chance, and of true worlds with their latent numbers."""

    made: Experiment
    found: Emulators
    expected: np.ndarray
    latent: np.ndarray
    figures: np.ndarray


def truths(regions: Regions, figures: list[Figure], worlds: int, people: int, count: int, seed: int) -> Truths:
    """Run a wave and `count` true worlds, on other rosters and with other chance."""
    made = experiment(regions, targets(figures, 2012), people)
    latent = first_design(worlds, len(made.keys), seed)
    found = emulators(made.seen(latent), made.run(latent, seed + 1), made.rosters(worlds, 0),
                      [made.acting(met) for met in made.met])
    true = np.random.default_rng(seed + 2).standard_normal((count, len(made.keys)))
    return Truths(made, found, found.at(by_chance(made, seed)), true, made.run(true, seed + 3))


def published(made: Experiment, values: np.ndarray) -> Experiment:
    """The experiment with other published values, float64[K], on their scales."""
    def with_value(met: Met, value: float) -> Met:
        target = met.target
        raw = float(target.raw(np.array(value)))
        return replace(met, target=replace(target, value=float(value), figure=replace(target.figure, value=raw)))

    return replace(made, met=tuple(map(with_value, made.met, values.tolist())))


def held(known: Truths, nth: int, seed: int, particles: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether the 90% intervals hold a truth: of each value that the evidence says something of, of each figure that weighs."""
    made, random = known.made, np.random.default_rng(seed + nth)
    errors = scales(made, np.full(len(made.met), LEAST_MODEL_ERROR))
    own = published(made, known.figures[nth] + errors * random.standard_normal(len(errors)))
    view = judged(own, known.found, known.expected)
    latent = drawn_under(own, view, seed + nth, particles).latent
    scores, true = made.scores(latent), made.scores(known.latent[nth:nth + 1])[0]
    told = scores.std(axis=0) < INFORMED
    low, high = np.quantile(scores[:, told], ENDS, axis=0)
    figures, there = (known.found.at(made.seen(points))[:, view.used] for points in (latent, known.latent[nth:nth + 1]))
    least, most = np.quantile(figures, ENDS, axis=0)
    varies = figures.std(axis=0) > 1e-9
    return (low <= true[told]) & (true[told] <= high), ((least <= there[0]) & (there[0] <= most))[varies]


def longest(made: Experiment) -> list[int]:
    """The places of all figures, each as the longest run simulates it, and no bound."""
    first: dict[tuple, int] = {}
    for k, met in enumerate(made.met):
        if met.target.figure.kind == "figure" and not met.target.figure.family and met.target.weighs:
            first.setdefault(met.target.figure.cell, k)
    return list(first.values())


def planted(known: Truths, nth: int, seed: int) -> tuple[bool, int]:
    """Whether a contradiction planted in a truth is named, and how many others are."""
    made, random, own = known.made, np.random.default_rng(seed + 10_000 + nth), longest(known.made)
    left = known.found.left[np.ix_(own, own)]
    asked = [made.met[k].target for k in own]
    errors = errors_of(asked)
    values = known.figures[nth, own] + np.linalg.cholesky(errors) @ random.standard_normal(len(own))
    inverse = np.linalg.inv(np.cov(known.expected[:, own].T) + left + errors)
    place = int(random.integers(len(own)))
    missed = inverse @ (values - known.expected[:, own].mean(axis=0))
    made_of_others = values[place] - missed[place] / inverse[place, place]
    values[place] = made_of_others + SHIFT * random.choice([-1, 1]) / np.sqrt(inverse[place, place])
    found = of_model([_valued(target, value) for target, value in zip(asked, values.tolist(), strict=True)],
                     known.expected[:, own], left)
    cell = asked[place].figure.cell
    named = [cell in [figure.cell for figure in one.figures] for one in found]
    return any(named), len(named) - sum(named)


def _valued(target: Target, value: float) -> Target:
    return replace(target, value=value)


def coverage(known: Truths, count: int, seed: int, particles: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """`held` of the first truths."""
    found = [held(known, nth, seed, particles) for nth in range(count)]
    return [values for values, _ in found], [figures for _, figures in found]


def share(found: list[np.ndarray], seed: int = 1) -> tuple[float, float, float]:
    """The share that is held, in percent, with its 95% interval from resampling whole truths."""
    counts, sums = np.array([len(one) for one in found]), np.array([one.sum() for one in found])
    chosen = np.random.default_rng(seed).integers(0, len(found), (4_000, len(found)))
    spread = sums[chosen].sum(axis=1) / counts[chosen].sum(axis=1)
    low, high = np.quantile(spread, (0.025, 0.975))
    return 100 * float(sums.sum() / counts.sum()), 100 * float(low), 100 * float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=250)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--truths", type=int, default=200)
    parser.add_argument("--particles", type=int, default=600)
    parser.add_argument("--scheme", default="", help="of this scheme alone")
    asked = parser.parse_args()
    regions = load_regions()
    figures = [f for f in read_figures(regions=regions) if f.region == "national" and asked.scheme in ("", f.scheme)]
    known = truths(regions, figures, asked.worlds, asked.people, asked.truths, 20121231)
    planting = [planted(known, nth, 1) for nth in range(min(asked.truths, 200))]
    first = planting[:20]
    print(f"planted contradictions: {sum(named for named, _ in first)} of {len(first)} named (at least {NAMED} of 20); "
          f"{sum(named for named, _ in planting)} of {len(planting)} in all; {sum(other for _, other in planting)} others named",
          flush=True)
    values, told = coverage(known, asked.truths, 1, asked.particles)
    for what, found in (("values", values), ("figures", told)):
        middle, low, high = share(found)
        met = "met" if BANDS[0] <= middle <= BANDS[1] else "missed"
        print(f"90% intervals of {what}: {middle:.1f}% ({low:.1f}-{high:.1f}) of {sum(map(len, found)):,} in {len(found)} truths "
              f"({BANDS[0]:g}-{BANDS[1]:g}%): {met}", flush=True)


if __name__ == "__main__":
    main()
