"""Is chance honest? `python -m tests.campaigns.chance` (some five minutes on two cores); ends with 1 if it is not.

1. Slips: the mean over draws of a sample's slips less their expectation is zero, for every kind of care and account.
2. Spread: 50,000 rows that stand for 5,000,000 people must show the chance of 5,000,000 people. The control variate
   gives a draw S - Z + sqrt(n / N) Z, so what is compared is the standard deviation over draws of the year's claims of
   50,000 rows standing for N = 5,000,000, and that of N simulated people (100 replicas of the same rows, where
   sqrt(n / N) is 1 and the raw sum S is left as it is). With systematic risk off the two (all but independent: the
   rows are one replica in a hundred) agree when 1 lies inside the 99% interval of their ratio and the ratio within a
   tenth of 1; with systematic risk on they live through the same futures and must agree draw by draw, to the chance of
   both.
3. Size: what sampling adds to a default run's expenditure beyond the population's own chance is at most 0.3% of it,
   secondary reimbursement on.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
from scipy import stats

from simulator.engine.simulate import simulate
from simulator.kernel.sums import ACCOUNTS as ACCOUNTS_OF_FIRST_BILLS
from simulator.parameters.regions import load_regions
from simulator.scenario import DEFAULT_SCHEMES, Scenario
from tests.support.one_year import OneYear, even_paths, simulate_one_year

KINDS = ("ordinary", "listed", "visits")
PRICES = (1.0, 0.8, 1.37)
POPULATION, ROWS = 5_000_000, 50_000
LARGEST_SAMPLING = 0.003            # of expenditure
# Tails without a fourth moment: a standard error from draws says little of self-pay above the threshold, and of
# what is paid above the annual cap.
TESTED = [account for account in ACCOUNTS_OF_FIRST_BILLS if account not in ("self_pay", "supplement")]


def slips(draws: int) -> bool:
    """Part 1; all households' visits are walked, so that a household's composition is not sampled."""
    worst, cells = 0.0, 0
    for scheme in ("nrcms", "uebmi"):
        for price in PRICES:
            year = simulate_one_year(scheme, draws, ROWS // 5, 5, (1, 1), paths=even_paths(draws, price), seed=int(100 * price))
            sampling_error = year.first_bills() - year.expected
            for k, kind in enumerate(KINDS):
                for account in TESTED:
                    a = ACCOUNTS_OF_FIRST_BILLS.index(account)
                    expected = year.expected[:, k, a].mean()
                    if expected > 0:
                        error = sampling_error[:, k, a].std(ddof=1) / np.sqrt(draws)
                        z = sampling_error[:, k, a].mean() / error
                        worst, cells = max(worst, abs(z)), cells + 1
                        print(f"  {scheme} price {price:4} {kind:8} {account:10} mean slip / expected - 1 = "
                              f"{sampling_error[:, k, a].mean() / expected:+.6f} +- {error / expected:.6f}  {z:+.2f} s.e.")
    bound = stats.norm.isf(0.005 / cells)                 # 1% for all cells together
    print(f"  worst of {cells}: {worst:.2f} s.e.; {3.0:.2f} is the bound for one, {bound:.2f} for all of them")
    return worst <= bound


def spread_of(values: np.ndarray) -> tuple[float, float, float]:
    """Standard deviation over mean and its 95% interval (chi-square)."""
    n = len(values) - 1
    sd = values.std(ddof=1) / values.mean()
    return sd, sd * np.sqrt(n / stats.chi2.isf(0.025, n)), sd * np.sqrt(n / stats.chi2.isf(0.975, n))


def shown(name: str, values: np.ndarray) -> None:
    sd, low, high = spread_of(values)
    print(f"  {name:58} sd/mean {100 * sd:.4f}%  [{100 * low:.4f}%, {100 * high:.4f}%]  {len(values)} draws")


def raw(year: OneYear) -> np.ndarray:
    """The sample's pooled payments without the control variate."""
    return year.paid()[..., 0].sum(axis=1)


def standing_for(scheme: str, draws: int, replicas: int, systematic: bool) -> OneYear:
    """The year of ROWS x replicas people, one policy, in a scheme of POPULATION members."""
    return simulate_one_year(scheme, draws, ROWS, replicas, changes={f"population.{scheme}.participants": str(POPULATION)},
                             systematic=systematic)


def spread_by_chance(scheme: str, many: int, few: int) -> tuple[bool, float]:
    """Part 2 without systematic risk; also the spread that a draw's difference between the two must have."""
    standing, simulated = standing_for(scheme, many, 1, False), standing_for(scheme, few, POPULATION // ROWS, False)
    one, other = standing.claims(), simulated.claims()
    mean = one.mean()
    chance, sampling = standing.chance.std(ddof=1) / mean, (one - standing.chance).std(ddof=1) / mean
    shared = np.sqrt(ROWS / POPULATION)           # correlation: the rows are the first of the simulated replicas too
    print(f" {scheme}, systematic risk off")
    shown(f"raw S of {ROWS:,} people", raw(standing))
    shown(f"S - Z + sqrt(n/N) Z of {ROWS:,} rows for {POPULATION:,}", one)
    shown(f"{POPULATION:,} simulated people", other)
    print(f"  sqrt(n/N) Z alone {100 * chance:.4f}%; S - Z, the sampling left, {100 * sampling:.4f}%; "
          f"raw x sqrt(n/N) {100 * spread_of(raw(standing))[0] * np.sqrt(ROWS / POPULATION):.4f}%")
    ratio = spread_of(one)[0] / spread_of(other)[0]
    low, high = (ratio / np.sqrt(stats.f.isf(tail, many - 1, few - 1)) for tail in (0.005, 0.995))
    apart = (mean - other.mean()) / np.hypot(one.std(ddof=1) / np.sqrt(many), other.std(ddof=1) / np.sqrt(few))
    print(f"  ratio of the spreads {ratio:.4f}, 99% interval [{low:.4f}, {high:.4f}]; means differ by "
          f"{100 * (mean / other.mean() - 1):+.4f}%, {apart:+.2f} s.e.")
    difference = float(np.sqrt(2 * chance**2 * (1 - shared) + sampling**2))
    return low <= 1 <= high and abs(ratio - 1) <= 0.1 and abs(apart) <= 3, difference


def spread_with_futures(scheme: str, draws: int, expected: float) -> bool:
    """Part 2 with systematic risk: both live through the same futures."""
    one, other = (standing_for(scheme, draws, replicas, True).claims() for replicas in (1, POPULATION // ROWS))
    print(f" {scheme}, systematic risk on")
    shown(f"S - Z + sqrt(n/N) Z of {ROWS:,} rows for {POPULATION:,}", one)
    shown(f"{POPULATION:,} simulated people", other)
    ratio, difference = spread_of(one)[0] / spread_of(other)[0], one / other - 1
    sd = difference.std(ddof=1)
    low, high = (expected * np.sqrt(stats.chi2.isf(tail, draws - 1) / (draws - 1)) for tail in (0.995, 0.005))
    print(f"  ratio of the spreads {ratio:.4f}; difference of a draw {100 * difference.mean():+.4f}%, sd {100 * sd:.4f}%, "
          f"to be in [{100 * low:.4f}%, {100 * high:.4f}%]")
    return abs(ratio - 1) <= 0.05 and low <= sd <= high


def size(draws: int) -> bool:
    """Part 3, of a run as it is by default but without systematic risk."""
    result = simulate(Scenario("size of chance", ("jiangsu",), draws=draws, horizon=4, systematic=False), load_regions())
    worst = 0.0
    for scheme in result.schemes:
        for year, measures in scheme.measures.items():
            values = {measure.name: measure.values[:, 0] for measure in measures if measure.group == ""}
            spent = values["expenditure"]
            own = values["chance_in_expenditure"] / 100 * spent
            sampling = float((spent - own).std(ddof=1) / spent.mean())
            worst = max(worst, sampling)
            refunds = (values["secondary_reimbursement"] / spent).mean()
            print(f"  {scheme.scheme} {year}: sampling {100 * sampling:.4f}% of expenditure, the population's own chance "
                  f"{100 * own.std(ddof=1) / spent.mean():.4f}%, refunds {100 * refunds:.3f}%")
    print(f"  worst {100 * worst:.4f}%, at most {100 * LARGEST_SAMPLING:.1f}%")
    return worst <= LARGEST_SAMPLING


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare simulated chance with its theory and with a hundred times the people.")
    parser.add_argument("--scheme", choices=DEFAULT_SCHEMES, default="nrcms")
    parser.add_argument("--draws", type=int, default=3000, help="of 50,000 rows")
    parser.add_argument("--big", type=int, default=500, help="draws of 5,000,000 people")
    asked = parser.parse_args()
    began = time.time()
    verdicts = {}
    print("1. Slips and their expectation")
    verdicts["slips have their expectation"] = slips(asked.draws // 6)
    print("2. Spread of the year's claims between draws")
    agrees, expected = spread_by_chance(asked.scheme, asked.draws, asked.big)
    verdicts["chance of a sample is that of the people it stands for"] = agrees
    verdicts["the same under systematic risk"] = spread_with_futures(asked.scheme, asked.big // 4, expected)
    print("3. What sampling adds to a run's expenditure")
    verdicts["sampling adds at most 0.3%"] = size(150)
    for name, holds in verdicts.items():
        print(f"{'yes' if holds else 'NO '}  {name}")
    print(f"{time.time() - began:.0f} s")
    return 0 if all(verdicts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
