"""An emulator of every world predicts each of its latent figures, has a certificate, and refuses outside its box.

Probabilities and quantiles are never fitted; they are made from the worlds' predicted figures. The certificate says how far
predictions were from the simulated figures of policies that were held out of the fit. The emulator here fits each latent figure
with a polynomial in the levers, as does where no fund answers what it says; that of funds is `ledger_emulator.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Protocol

import numpy as np

from simulator.answers.box import Box
from simulator.answers.conditions import Figure, Latent
from simulator.answers.outcomes import Outcomes, figure_of

DEGREE = 2
DESIGN, HELD_OUT = 64, 32        # policies to fit, and to judge the fit by


def basis(points: np.ndarray, degree: int = DEGREE) -> np.ndarray:
    """All products of at most `degree` coordinates of points float64[P, L], float64[P, T]; the first is 1."""
    products: dict[tuple[int, ...], np.ndarray] = {(): np.ones(len(points))}
    for order in range(1, degree + 1):
        for chosen in combinations_with_replacement(range(points.shape[1]), order):
            products[chosen] = products[chosen[:-1]] * points[:, chosen[-1]]
    return np.stack(list(products.values()), axis=1)


@dataclass(frozen=True)
class Error:
    """How far the emulator was from the simulation on held-out policies, for one figure."""

    figure: str
    unit: str
    worst: float                # of the figure itself, in its unit (a probability as a share of one)
    mean: float
    worst_world: float          # of one world's latent figures, relative to their range over worlds and policies
    typical_world: float        # root mean square of the same
    policies: int               # that were held out


class Emulator(Protocol):
    """What a search asks of an emulator."""

    @property
    def box(self) -> Box: ...
    @property
    def errors(self) -> tuple[Error, ...]: ...

    def outcomes(self, points: np.ndarray) -> dict[Latent, np.ndarray]:
        """The predicted outcomes at points float64[P, L], float64[D, P] each. InputError outside the box."""

    def certified(self, errors: tuple[Error, ...]) -> Emulator:
        """The same emulator with a certificate."""

    def save(self, folder: Path) -> None:
        """Write emulator.npz and emulator.json, its certificate."""


@dataclass(frozen=True)
class Direct:
    """Coefficients float64[K, T, D] of K latent figures in D worlds over the box's levers, and the certificate of each figure."""

    box: Box
    latents: tuple[Latent, ...]
    coefficients: np.ndarray
    errors: tuple[Error, ...] = ()

    def outcomes(self, points: np.ndarray) -> dict[Latent, np.ndarray]:
        """The predicted outcomes at points float64[P, L], float64[D, P] each. InputError outside the box."""
        points = np.atleast_2d(np.asarray(points, dtype=np.float64))
        self.box.check(points)
        values = np.matmul(basis(points), self.coefficients).transpose(0, 2, 1)
        return dict(zip(self.latents, values, strict=True))

    def certified(self, errors: tuple[Error, ...]) -> Direct:
        """The same emulator with a certificate."""
        return replace(self, errors=errors)

    def save(self, folder: Path) -> None:
        """Write emulator.npz and emulator.json, its certificate."""
        write_emulator(folder, {"coefficients": self.coefficients}, self.box, self.errors,
                       {"degree": DEGREE, "latents": [list(latent) for latent in self.latents]})


def levers_told(box: Box) -> list[dict[str, str]]:
    """The box as plain data."""
    return [{"path": lever.path, "verb": lever.verb, "low": str(lever.low), "high": str(lever.high)} for lever in box.levers]


def write_emulator(folder: Path, arrays: Mapping[str, np.ndarray], box: Box, errors: Sequence[Error], told: dict) -> None:
    """Write emulator.npz and emulator.json."""
    np.savez_compressed(folder / "emulator.npz", **arrays)         # type: ignore[arg-type]
    told = {"levers": levers_told(box), **told, "certificate": [asdict(error) for error in errors]}
    (folder / "emulator.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def fit(box: Box, points: np.ndarray, outcomes: Outcomes) -> Direct:
    """Fit every latent figure of every world by least squares on policies at points float64[P, L]."""
    latents = tuple(outcomes)
    values = np.stack([outcomes[latent] for latent in latents])                       # [K, D, P]
    k, d, p = values.shape
    found = np.linalg.pinv(basis(points)) @ values.reshape(k * d, p).T
    return Direct(box, latents, np.ascontiguousarray(found.reshape(-1, k, d).transpose(1, 0, 2)))


def certificate(emulator: Emulator, figures: Sequence[Figure], points: np.ndarray, outcomes: Outcomes) -> tuple[Error, ...]:
    """The errors of every figure on held-out policies at points float64[P, L]."""
    predicted = emulator.outcomes(points)
    found = []
    for figure in figures:
        apart = np.abs(figure_of(figure, predicted) - figure_of(figure, outcomes))
        relative = np.concatenate([(predicted[latent] - outcomes[latent]).ravel() / max(float(np.ptp(outcomes[latent])), 1e-300)
                                   for latent in figure.latents()])
        found.append(Error(figure.text, figure.unit, float(apart.max()), float(apart.mean()), float(np.abs(relative).max()),
                           float(np.sqrt(np.mean(relative**2))), len(points)))
    return tuple(found)


def design(levers: int, seed: int, count: int, corners: np.ndarray | None = None) -> np.ndarray:
    """A design of `count` points in [-1, 1]^L, float64[count, L]: the corners that are given, and Sobol points between them."""
    from scipy.stats import qmc

    given = np.zeros((0, levers)) if corners is None else corners
    rest = count - len(given)
    sobol = qmc.Sobol(levers, seed=np.random.default_rng(seed)).random_base2(int(np.ceil(np.log2(max(rest, 2)))))
    return np.concatenate([given, 2 * sobol[:rest] - 1])


def joined_outcomes(parts: Sequence[Mapping[Latent, np.ndarray]]) -> dict[Latent, np.ndarray]:
    """The outcomes of several sets of policies in the same worlds as those of one set."""
    return {latent: np.concatenate([part[latent] for part in parts], axis=1) for latent in parts[0]}
