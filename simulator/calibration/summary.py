"""What a calibration comes to: the fit of every figure before and after, in standard errors, and the set of settings with its
provenance."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simulator.answers.backtest import DIFFERENCES, gap_percent
from simulator.answers.evidence import Figure
from simulator.calibration.sets import KNOWN_BY, SettingsSet, laws_of
from simulator.calibration.waves import Calibration

FIT_OF_FIGURES = ("region", "scheme", "started", "year", "measure", "group", "family", "unit", "kind", "published", "error",
               "before", "after", "gap_before", "gap_after", "errors_before", "errors_after", "weighs", "model_error")
NEAR_ERRORS, LARGEST_GAP, TYPICAL_GAP = 3.0, 10.0, 3.0        # stated errors; percent; percent
MOVED_MEAN, MOVED_SPREAD, TIED = 3.0, 3.0, 4.5          # standard errors beyond which a value has moved, or two are tied


@dataclass(frozen=True)
class Fit:
    """How near the figures of amounts, rates and ratios are met: the median gap and the largest in percent, how many are above
    LARGEST_GAP, and how many of all figures are within NEAR_ERRORS stated errors."""

    figures: int
    median: float
    largest: float
    above: int
    close: int
    judged: int


def fit_frame(found: Calibration) -> pd.DataFrame:
    """A row for every figure of a run, FIT_OF_FIGURES: the mean over worlds before, by chance, and after; gaps in percent, and in
    stated errors."""
    rows = []
    for k, met in enumerate(found.experiment.met):
        figure, told = met.target.figure, [float(met.target.raw(worlds[:, k]).mean()) for worlds in (found.before, found.after)]
        gaps = [gap_percent(mean, figure.value) for mean in told]
        errors = [(mean - figure.value) / figure.error for mean in told]
        rows.append((figure.region, figure.scheme, met.first, figure.year, figure.measure, figure.group, figure.family,
                     figure.unit, figure.kind, figure.value, figure.error, *told, *gaps, *errors, bool(found.view.used[k]),
                     float(found.view.model_error[k])))
    return pd.DataFrame(rows, columns=FIT_OF_FIGURES)


def fit_of(frame: pd.DataFrame, when: str) -> Fit:
    """How near the first publishers' figures are met `before` or `after`."""
    judged = frame[(frame["kind"] == "figure") & (frame["family"] == "")]
    levels = judged[~judged["measure"].isin(DIFFERENCES)][f"gap_{when}"].abs()
    close = int((judged[f"errors_{when}"].abs() <= NEAR_ERRORS).sum())
    return Fit(len(levels), float(levels.median()), float(levels.max()), int((levels > LARGEST_GAP).sum()), close, len(judged))


def told(figure: Figure) -> str:
    """A figure in one word: region, scheme, year, measure, and whose it is."""
    return " ".join(str(part) for part in (figure.region, figure.scheme, figure.year, figure.measure, figure.group,
                                           f"({figure.family})" if figure.family else "") if part)


def set_of(found: Calibration, name: str, evidence: Path, version: str, known_by: int | None = None) -> SettingsSet:
    """The set of settings: the positions of values that the evidence moved, by the last wave's worlds. `known_by`: the year by
    whose end all that it rests on was known, where that was asked."""
    made = found.experiment
    places = made.positions(found.latent).T
    moved = [key for key, held in zip(made.keys, moved_keys(made.scores(found.latent)), strict=True) if held]
    positions = {key: own.tolist() for key, own in zip(made.keys, places, strict=True) if key in moved}
    known = laws_of(made.scenario, made.regions)
    asked = {} if known_by is None else {KNOWN_BY: known_by}
    return SettingsSet(name, provenance(found, evidence, version) | asked, {key: known[key] for key in positions if key in known},
                       positions)


def moved_keys(scores: np.ndarray) -> np.ndarray:
    """Which values' distribution has moved from that by chance, bool[V]: in the mean or the spread of their scores float64[D, V],
    or tied to another's beyond what chance ties."""
    worlds = len(scores)
    mean, spread = scores.mean(axis=0) * worlds ** 0.5, (scores.std(axis=0) - 1) * (2 * worlds) ** 0.5
    tied = np.abs(np.corrcoef(scores.T).reshape(len(mean), len(mean)) - np.eye(len(mean))).max(axis=0, initial=0) * worlds ** 0.5
    return (np.abs(mean) > MOVED_MEAN) | (np.abs(spread) > MOVED_SPREAD) | (tied > TIED)


def provenance(found: Calibration, evidence: Path, version: str) -> dict[str, Any]:
    """Where a set comes from: evidence, sizes, waves, model errors, figures set aside and contradictions, and the fit."""
    made, frame = found.experiment, fit_frame(found)
    figures = [met.target.figure for met in made.met]
    days = sorted({f.known_from.isoformat() for f in figures if f.known_from is not None})
    errors = {f"{met.target.figure.region} {met.target.figure.scheme} {met.first}": float(error)
              for met, error in zip(made.met, found.view.model_error, strict=True)}
    return {"fundsim": version, "evidence": evidence.name, "evidence_sha256": hashlib.sha256(evidence.read_bytes()).hexdigest(),
            "until": found.until, "known_until": days[-1] if days else "", "figures": len({f.cell for f in figures}),
            "weighed": len({f.cell for f, used in zip(figures, found.view.used, strict=True) if used}),
            "seed": found.seed, "people": made.scenario.people,
            "waves": [{"worlds": wave.worlds, "plausible": round(wave.plausible, 4), "effective": round(wave.effective, 1)}
                      for wave in found.waves],
            "effective_by_chance": round(found.drawn.effective_by_chance, 2), "model_errors": errors,
            "contradictions": [{"figures": [told(f) for f in one.figures], "distance": round(one.distance, 2),
                                "made": float(f"{one.made:.5g}"), "by_accounts": one.by_accounts}
                               for one in found.view.contradictions],
            "median_gap": {when: round(fit_of(frame, when).median, 2) for when in ("before", "after")}}
