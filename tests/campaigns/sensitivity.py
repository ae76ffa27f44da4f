"""Are variance shares right, also with nearly as many values as worlds? `python -m tests.campaigns.sensitivity` (two minutes);
ends with 1 where a mean share is further than 0.03 from the truth with enough worlds, or few errors hold it.

1. The Ishigami function and a small fund of ten years, against closed form and brute force (pick-freeze): how many worlds bring
   every share within 0.03?
2. A hundred values in 200, 500 and 1,000 worlds, 40 repetitions of four truths: mean and root mean square of what is missed, and
   how often two standard errors hold it.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from simulator.answers.sensitivity import shares
from simulator.engine.worlds import ROSTERS
from tests.answers.test_sensitivity import CLOSE, fund_of_ten_years, ishigami, pick_freeze, rosters

VALUES = 100
ENOUGH_WORLDS = 1000              # with which every mean must be close
HOLD = 0.85                       # of the truths that two standard errors must hold at least
ROSTERS_SHARE = 0.05
TRUTHS = {"few matter": np.array([0.25, 0.15, 0.1, 0.1, 0.05, *[0.0] * 95]), "many matter": np.array([0.01] * 60 + [0.0] * 40),
          "both": np.array([0.25, 0.15, 0.1, *[0.005] * 30, *[0.0] * 67]), "none matters": np.zeros(VALUES)}
KINDS = ("first three",) * 3 + ("next 47",) * 47 + ("last 50",) * 50


def missed(truth: np.ndarray, worlds: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """What the first value's, the groups', the rosters' and chance's shares miss in one sample of worlds, and their errors."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((worlds, VALUES))
    left = 1 - truth.sum() - ROSTERS_SHARE
    y = (x @ (np.sqrt(truth) * random.choice([-1, 1], VALUES)) + np.sqrt(left) * random.standard_normal(worlds)
         + np.sqrt(ROSTERS_SHARE) * random.standard_normal(ROSTERS)[rosters(worlds)])
    found = shares(x, y, rosters(worlds), KINDS)
    right = np.array([truth[0], truth[:3].sum(), truth[3:50].sum(), truth[50:].sum(), ROSTERS_SHARE, left])
    return (np.array([found.shapley[0], *found.of_groups]) - right, np.array([found.shapley_se[0], *found.of_groups_se]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=40)
    asked = parser.parse_args()
    wrong = 0
    of_fund = pick_freeze(fund_of_ten_years, 5, 1_000_000, 1)
    models = (("Ishigami", ishigami, lambda r, n: r.uniform(-np.pi, np.pi, (n, 3)), np.array([0.3139, 0.4424, 0.0])),
              ("fund of ten years", fund_of_ten_years, lambda r, n: r.random((n, 5)), of_fund))
    for name, model, drawn, truth in models:
        for worlds in (200, 500, 1000, 2000, 4000):
            gaps = []
            for seed in range(10):
                x = drawn(np.random.default_rng(seed), worlds)
                gaps.append(shares(x, model(x), rosters(worlds)).first - truth)
            worst, mean = float(np.abs(gaps).max()), float(np.abs(np.mean(gaps, axis=0)).max())
            print(f"{name}, {worlds:,} worlds: largest gap of a first-order share {worst:.3f}, of the mean of 10 {mean:.3f}")
            wrong += worlds == 4000 and worst > CLOSE
    names = ("first value", "first three", "next 47", "last 50", "rosters", "chance")
    for worlds in (200, 500, 1000):
        for name, truth in TRUTHS.items():
            each = [missed(truth, worlds, seed) for seed in range(asked.repetitions)]
            gaps, errors = (np.array(part) for part in zip(*each, strict=True))
            mean, spread, hold = gaps.mean(axis=0), np.sqrt((gaps**2).mean(axis=0)), np.mean(np.abs(gaps) <= 2 * errors + 1e-3)
            print(f"{worlds:,} worlds, {name}: " + "; ".join(
                f"{what} {bias:+.3f} (rms {of:.3f})" for what, bias, of in zip(names, mean, spread, strict=True))
                + f"; two errors hold {hold:.0%}")
            wrong += worlds >= ENOUGH_WORLDS and float(np.abs(mean).max()) > CLOSE or hold < HOLD
    print("wrong" if wrong else "right", f"({wrong} findings)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
