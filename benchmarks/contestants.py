"""The contestants, each in a process of its own: `python -m benchmarks.contestants NAME RATE YEARS THREADS PLANS`.

A contestant is a function (rate, years, threads, plans) that prepares and returns `run(seed)`: the mean fund payment and
patient payment of a person-year over `years` of them, in yuan (None where a package does not give it). The process answers
each seed on its input with a line of JSON: seconds (of the processor if it has one thread, else by the clock), means, and its
peak memory so far.

The reference job: Poisson claims at `rate` a person-year; lognormal bills, mean 5,000 yuan, coefficient of variation 2;
deductible 500 a claim, ratio 0.75, annual cap 80,000.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from math import exp, inf, log, sqrt

MEAN, CV, DEDUCTIBLE, RATIO, CAP = 5000.0, 2.0, 500.0, 0.75, 80_000.0
SIGMA = sqrt(log(1 + CV * CV))
MU = log(MEAN) - SIGMA * SIGMA / 2
Run = Callable[[int], tuple[float, float | None]]


def fundsim(rate: float, years: int, threads: int, plans: int) -> Run:
    """What `fundsim losses` runs: the simulation's kernel, under the terms of plan files; the means are those of the first."""
    from benchmarks import reference_job as job
    from simulator.answers.person_years import Claims, Insured, kernel_sums, size_of
    from simulator.answers.severities import read_severity
    from simulator.money import yuan
    from simulator.parameters.plans import plan_of
    from simulator.plan import pack
    from simulator.tables import Paid, Summed
    made = [plan_of({"deductible": {"county": [yuan(deductible)] * 3},
                     "ratio": {"county": [yuan(ratio)]},                       # percent, two decimals as well
                     "annual_cap": yuan(cap)}) for deductible, ratio, cap in job.plans(plans)]
    terms, size, table = pack(made), size_of(years), read_severity(f"lognormal:mean={MEAN:g},cv={CV:g}").table

    def run(seed: int):
        sums = kernel_sums(terms, Insured(made[0]), Claims(rate, table, seed), size, threads)[:, 0].sum(axis=0)
        fund = int(sums[Paid.BASIC])
        return fund / 100 / size.years, (int(sums[Summed.BILLED]) - fund) / 100 / size.years
    return run


def reference(rate: float, years: int, threads: int, plans: int) -> Run:
    """The kernel of benchmarks/reference_job.py, which nobody else runs; the means are those of the first plan."""
    from benchmarks import reference_job as job
    drawn_from, terms = job.tables(rate), job.plans(plans)

    def run(seed: int):
        _, billed, paid = job.simulate(years, drawn_from, terms, threads, seed)
        fund = int(paid[:, 0].sum())
        return fund / 100 / years, (sum(billed) - fund) / 100 / years
    return run


def in_blocks(block: int, years: int, settle) -> Run:
    """`settle(rng, persons)` -> (fund, billed), block after block."""
    import numpy as np
    np.empty(1 << 21)             # once 16 MB have been freed, malloc keeps what blocks free: five times faster at 0.1

    def run(seed: int):
        rng = np.random.Generator(np.random.SFC64(seed))             # the fastest NumPy has
        parts = [settle(rng, min(block, years - start)) for start in range(0, years, block)]
        fund, billed = sum(part[0] for part in parts), sum(part[1] for part in parts)
        return float(fund) / years, float(billed - fund) / years
    return run


def bills(rng, count: int):
    """Lognormal bills; in place, and faster than rng.lognormal."""
    import numpy as np
    amounts = rng.standard_normal(count)
    amounts *= SIGMA
    amounts += MU
    return np.exp(amounts, out=amounts)


def pay(amounts):
    """What a plan pays of each bill before the cap, in place."""
    import numpy as np
    amounts -= DEDUCTIBLE
    np.maximum(amounts, 0.0, out=amounts)
    amounts *= RATIO
    return amounts


def numpy(rate: float, years: int, threads: int, plans: int) -> Run:
    """Blocked NumPy: a Poisson count a person, sums by reduceat. 2^16 persons a block were best of 2^10 to 2^20 at both rates."""
    import numpy as np

    def settle(rng, persons: int):
        counts = rng.poisson(rate, persons)
        counts = counts[counts > 0]
        amounts = bills(rng, counts.sum())
        billed = amounts.sum()
        paid = np.add.reduceat(pay(amounts), np.cumsum(counts) - counts)
        return np.minimum(paid, CAP).sum(), billed
    return in_blocks(1 << 16, years, settle)


def numpy_total(rate: float, years: int, threads: int, plans: int) -> Run:
    """Blocked NumPy that knows a trick: one Poisson total a block, its claims given to persons at random. Best block sizes."""
    import numpy as np

    def settle(rng, persons: int):
        count = rng.poisson(rate * persons)
        amounts = bills(rng, count)
        billed = amounts.sum()
        paid = np.bincount(rng.integers(0, persons, count, dtype=np.uint32), pay(amounts), persons)
        return np.minimum(paid, CAP).sum(), billed
    return in_blocks(1 << (16 if rate < 1 else 14), years, settle)


def polars(rate: float, years: int, threads: int, plans: int) -> Run:
    """A Polars pipeline on all threads; NumPy draws, for Polars has no distributions."""
    import numpy as np
    import polars as pl

    def settle(rng, persons: int):
        counts = rng.poisson(rate, persons)
        claims = pl.LazyFrame({"person": np.repeat(np.arange(persons, dtype=np.uint32), counts),
                               "bill": bills(rng, counts.sum())})
        paid = ((pl.col("bill") - DEDUCTIBLE).clip(lower_bound=0.0) * RATIO).sum().clip(upper_bound=CAP)
        person = claims.group_by("person").agg(paid=paid, bill=pl.col("bill").sum())
        return person.select(pl.col("paid").sum(), pl.col("bill").sum()).collect().row(0)
    return in_blocks(1 << (20 if rate < 1 else 17), years, settle)


def gemact(rate: float, years: int, threads: int, plans: int) -> Run:
    """GEMAct's loss model by Monte Carlo; it knows the fund's payment only. Its cap stands before the ratio.

    The mean is that of its simulated distribution: `LossModel.mean()` takes the share twice (version 1.3.0).
    """
    import logging

    from gemact.lossmodel import Frequency, Layer, LossModel, PolicyStructure, Severity
    logging.disable(logging.CRITICAL)
    layer = dict(deductible=DEDUCTIBLE, cover=inf, aggr_cover=CAP / RATIO, share=RATIO)

    def run(seed: int):
        model = LossModel(Severity("lognormal", {"shape": SIGMA, "scale": exp(MU)}), Frequency("poisson", {"mu": rate}),
                          PolicyStructure(Layer(**layer)), aggr_loss_dist_method="mc", n_sim=years, random_state=seed)
        return float(model.dist[0].mean()), None
    return run


def pal(rate: float, years: int, threads: int, plans: int) -> Run:
    """Proteus PAL's frequency-severity model, in blocks of 2^16 (best of 2^14 to 2^20)."""
    import numpy as np
    from pal import FrequencySeverityModel
    from pal.distributions import LogNormal, Poisson

    def settle(rng, persons: int):
        claims = FrequencySeverityModel(Poisson(rate), LogNormal(MU, SIGMA)).generate(persons, rng)
        paid = (np.maximum(claims - DEDUCTIBLE, 0.0) * RATIO).aggregate()
        return np.minimum(paid, CAP).values.sum(), claims.aggregate().values.sum()
    return in_blocks(1 << 16, years, settle)


CONTESTANTS = {"fundsim": fundsim, "reference": reference, "numpy": numpy, "numpy_total": numpy_total, "polars": polars,
               "gemact": gemact, "pal": pal}
PACKAGES = {"fundsim": ("numba",), "reference": ("numba",), "numpy": ("numpy",), "numpy_total": ("numpy",),
            "polars": ("polars",), "gemact": ("gemact",), "pal": ("proteusllp-actuarial-library",)}


def peak_memory() -> int:
    """Peak resident memory of this process, bytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def main() -> None:
    name, rate, years, threads, plans = sys.argv[1], float(sys.argv[2]), *map(int, sys.argv[3:6])
    if threads == 1:                                                  # a contestant on one thread stays on one
        os.environ.update(POLARS_MAX_THREADS="1", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    run = CONTESTANTS[name](rate, years, threads, plans)
    versions = " ".join(f"{package} {version(package)}" for package in PACKAGES[name])
    clock = time.process_time if threads == 1 else time.perf_counter           # one thread's time does not depend on others'
    for line in sys.stdin:
        start = clock()
        fund, patient = run(int(line))
        seconds = clock() - start
        print(json.dumps({"seconds": seconds, "fund": fund, "patient": patient, "memory": peak_memory(), "versions": versions}),
              flush=True)


if __name__ == "__main__":
    main()
