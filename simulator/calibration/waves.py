"""Calibration in waves: worlds are run, emulated, and drawn anew from what the evidence leaves, until the emulators agree there.

The first wave's worlds are by chance, spread evenly (Latin hypercube). Figures that nothing can reconcile with the others are set
aside (contradictions.py), and the model error of each run is estimated (`model_errors`). Each further wave draws worlds under the
evidence by the emulators of all waves before (posterior.py), and runs them truly. The emulators fitted to these too weigh them
anew: where that leaves HELD of them effective, they are the settings, as they were run, and nothing that is reported of them is
emulated; otherwise another wave is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.answers.evidence import Figure
from simulator.calibration.contradictions import Contradiction, of_accounts, of_model
from simulator.calibration.emulators import Emulators, emulators
from simulator.calibration.experiment import Experiment, Progress, experiment
from simulator.calibration.posterior import PARTICLES, Drawn, Evidence, draw, effective
from simulator.calibration.targets import LEAST_MODEL_ERROR, targets
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Regions

WORLDS_OF_A_WAVE, PEOPLE_OF_A_WAVE = 300, 2_000
FEWEST_OF_A_WAVE = 60
SEED_OF_WAVES = 20121231
MOST_WAVES = 4
HELD = 0.5                      # of the last wave's worlds, that are to stay effective
IMPLAUSIBLE = 3.0               # standard deviations
MOST_ASIDE = 1 / 3              # of what weighs: more set aside, and no setting is plausible
BY_CHANCE_TRIED = 4_000         # worlds, emulated, by which contradictions are found
MODEL_ERRORS = (LEAST_MODEL_ERROR, 0.015, 0.02, 0.03, 0.045, 0.07, 0.1, 0.15)        # that are tried
ROUNDS_OVER_RUNS = 4                      # over the runs, each given the others


@dataclass(frozen=True)
class Wave:
    """What a wave was: its worlds, the share of them that is plausible, how many stay effective under the emulators that were
    fitted to them too (all of the first wave's), and the median over figures of what the emulators leave, in errors."""

    worlds: int
    plausible: float
    effective: float
    left: float


@dataclass(frozen=True)
class View:
    """What is thought of an experiment after some waves: emulators, contradictions, which figures weigh, bool[K], the model error
    of each as a share, float64[K], and the evidence."""

    emulators: Emulators
    contradictions: tuple[Contradiction, ...]
    used: np.ndarray
    model_error: np.ndarray
    evidence: Evidence

    def told(self, seen: np.ndarray) -> np.ndarray:
        """The log likelihood of worlds of which this is seen."""
        return self.evidence.log_likelihood(self.emulators.at(seen)[:, self.used])


@dataclass(frozen=True)
class Calibration:
    """What the evidence leaves: latent numbers of the last wave's worlds float64[D, V], the figures of the first wave's worlds
    and of these as they were run, float64[D, K] on their scales, and how it went."""

    experiment: Experiment
    until: int
    seed: int
    latent: np.ndarray
    before: np.ndarray
    after: np.ndarray
    view: View
    waves: tuple[Wave, ...]
    drawn: Drawn

    @property
    def is_plausible(self) -> bool:
        """Whether some world of the last wave is plausible, and no more figures had to be set aside than MOST_ASIDE."""
        weighing = np.array([met.target.weighs for met in self.experiment.met])
        return self.waves[-1].plausible > 0 and (weighing & ~self.view.used).sum() <= MOST_ASIDE * weighing.sum()


def calibrate(regions: Regions, figures: Sequence[Figure], until: int, worlds: int = WORLDS_OF_A_WAVE,
              people: int = PEOPLE_OF_A_WAVE, seed: int = SEED_OF_WAVES, threads: int | None = None,
              progress: Progress | None = None) -> Calibration:
    """Calibrate on the figures of the years up to `until`. InputError where no run meets any of them."""
    made = experiment(regions, targets(figures, until), people)
    if not any(met.target.weighs for met in made.met):
        raise InputError("no figure to calibrate by:", value=f"--until {until}", expected="figures of 2010 or later, of regions "
                         "that state the scheme's members", next_step="see docs/calibration.md")
    latent = first_design(worlds, len(made.keys), seed)
    before = outcomes = made.run(latent, seed + 1, threads, _told(progress, 1))
    seen, rosters = made.seen(latent), made.rosters(worlds, 0)
    view = viewed(made, seen, outcomes, rosters, seed)
    waves = [Wave(worlds, plausible(made, view, before), float(worlds), _left(made, view))]
    while True:
        number = len(waves)
        drawn = drawn_under(made, view, seed + number)
        latent = drawn.latent[np.random.default_rng(seed).permutation(len(drawn.latent))[:worlds]]
        after = made.run(latent, seed + number + 1, threads, _told(progress, number + 1))
        own = made.seen(latent)
        seen, outcomes = np.concatenate([seen, own]), np.concatenate([outcomes, after])
        rosters = np.concatenate([rosters, made.rosters(worlds, number)])
        last, view = view, viewed(made, seen, outcomes, rosters, seed)
        held = effective(view.told(own) - last.told(own))
        waves.append(Wave(worlds, plausible(made, view, after), held, _left(made, view)))
        if len(waves) >= MOST_WAVES or held >= HELD * worlds:
            return Calibration(made, until, seed, latent, before, after, view, tuple(waves), drawn)


def viewed(made: Experiment, seen: np.ndarray, outcomes: np.ndarray, rosters: np.ndarray, seed: int) -> View:
    """What worlds say: `seen` of them float64[D, columns], their figures float64[D, K], on rosters int64[D]."""
    found = emulators(seen, outcomes, rosters, [made.acting(met) for met in made.met])
    return judged(made, found, found.at(by_chance(made, seed)))


def judged(made: Experiment, found: Emulators, expected: np.ndarray) -> View:
    """What the published figures come to under emulators; `expected` float64[N, K] are the figures of worlds by chance."""
    contradictions = (*of_accounts(list(dict.fromkeys(met.target for met in made.met))), *_of_model(made, found, expected))
    used = weighing(made, contradictions)
    errors = model_errors(made, expected, found, used)
    return View(found, contradictions, used, errors, evidence_of(made, found, used, errors))


def drawn_under(made: Experiment, view: View, seed: int, particles: int = PARTICLES) -> Drawn:
    """Latent numbers of worlds that the evidence leaves."""
    return draw(lambda points: view.emulators.at(made.seen(points))[:, view.used], view.evidence, len(made.keys), seed,
                made.places_of_choices, particles)


def first_design(worlds: int, size: int, seed: int) -> np.ndarray:
    """Latent numbers of worlds by chance, each spread evenly over its distribution, float64[worlds, size]."""
    from scipy import special
    from scipy.stats import qmc
    return special.ndtri(np.clip(qmc.LatinHypercube(size, rng=np.random.default_rng(seed)).random(worlds), 1e-6, 1 - 1e-6))


def by_chance(made: Experiment, seed: int) -> np.ndarray:
    """What is seen of worlds by chance, float64[BY_CHANCE_TRIED, columns]."""
    return made.seen(np.random.default_rng(seed).standard_normal((BY_CHANCE_TRIED, len(made.keys))))


def scales(made: Experiment, model_error: np.ndarray) -> np.ndarray:
    """The stated and the model's error of each figure together, float64[K]; of one that n runs simulate sqrt(n) times as much in
    each, so that it counts once."""
    return np.array([np.hypot(met.target.error, error * met.target.size) * met.runs ** 0.5
                     for met, error in zip(made.met, model_error.tolist(), strict=True)])


def model_errors(made: Experiment, expected: np.ndarray, found: Emulators, used: np.ndarray) -> np.ndarray:
    """The model error of each figure as a share, float64[K]: of a run's figures the one of MODEL_ERRORS under which what is
    published of all that weigh is most likely, with every setting by chance (`expected` float64[N, K]); each run given the
    others. What no setting explains is then stated, and not forced on the settings."""
    own = np.array([n for n in np.flatnonzero(used) if made.met[n].target.figure.kind == "figure"])
    runs = [(*met.target.of_fund, met.first) for met in made.met]
    share = dict.fromkeys(runs, LEAST_MODEL_ERROR)
    missed = np.array([made.met[n].target.value for n in own]) - expected[:, own].mean(axis=0)
    fixed = np.cov(expected[:, own].T).reshape(len(own), len(own)) + found.left[np.ix_(own, own)]

    def likely() -> float:
        root = np.linalg.cholesky(fixed + np.diag(scales(made, np.array([share[run] for run in runs]))[own] ** 2))
        white = np.linalg.solve(root, missed)
        return float(-0.5 * white @ white - np.log(np.diag(root)).sum())

    for _ in range(ROUNDS_OVER_RUNS):
        before = dict(share)
        for run in share:
            told = []
            for error in MODEL_ERRORS:
                share[run] = error
                told.append(likely())
            share[run] = MODEL_ERRORS[int(np.argmax(told))]
        if share == before:
            break
    return np.array([share[run] for run in runs])


def weighing(made: Experiment, contradictions: Sequence[Contradiction]) -> np.ndarray:
    """Which of the runs' figures weigh, bool[K]: evidence of their own that is not set aside."""
    aside = {one.figures[0].cell for one in contradictions if not one.by_accounts}
    return np.array([met.target.weighs and met.target.figure.cell not in aside for met in made.met])


def evidence_of(made: Experiment, found: Emulators, used: np.ndarray, errors: np.ndarray) -> Evidence:
    """What is published of the figures that weigh, with the covariance of all errors."""
    own = np.flatnonzero(used)
    values = np.array([made.met[k].target.value for k in own])
    bound = np.array([made.met[k].target.figure.kind == "bound" for k in own])
    return Evidence(values, np.diag(scales(made, errors)[own] ** 2) + found.left[np.ix_(own, own)], bound)


def plausible(made: Experiment, view: View, outcomes: np.ndarray) -> float:
    """The share of worlds that miss no figure by more than IMPLAUSIBLE of all its errors together."""
    missed = (outcomes - np.array([met.target.value for met in made.met])) / _sizes(made, view)
    bound = np.array([met.target.figure.kind == "bound" for met in made.met])
    return float(np.mean((np.where(bound, missed, np.abs(missed))[:, view.used] <= IMPLAUSIBLE).all(axis=1)))


def _sizes(made: Experiment, view: View) -> np.ndarray:
    return np.sqrt(scales(made, view.model_error) ** 2 + np.diag(view.emulators.left))


def _left(made: Experiment, view: View) -> float:
    root = np.sqrt(np.diag(view.emulators.left))
    return float(np.median((root / scales(made, view.model_error))[view.used]))


def _of_model(made: Experiment, found: Emulators, expected: np.ndarray) -> list[Contradiction]:
    """Contradictions of all figures, each as the longest run simulates it."""
    first: dict[tuple, int] = {}
    for k, met in enumerate(made.met):
        first.setdefault(met.target.figure.cell, k)
    own = list(first.values())
    return of_model([made.met[k].target for k in own], expected[:, own], found.left[np.ix_(own, own)])


def _told(progress: Progress | None, wave: int) -> Progress | None:
    if progress is None:
        return None
    return lambda what, done, steps: progress(f"wave {wave}: {what}", done, steps)
