"""A scenario with everything in it, digests of all that comes of it, and pools to run it in (for checks of exactness)."""

from __future__ import annotations

import hashlib
import multiprocessing
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np

from simulator.engine.outcome import Result
from simulator.engine.prepare import prepare
from simulator.results import write_run
from simulator.scenario import BASELINE, Policy, Scenario

TIERS = ("township", "county", "city", "outside")
# Everything that makes policies walk claims of their own, in the scheme that has all kinds of claims.
CARE = {"payment.nrcms.inpatient_method": dict.fromkeys(TIERS, "case"), "payment.nrcms.counties_share": "50",
        "conduct.nrcms.zero_markup_share": dict.fromkeys(TIERS, "80"), "conduct.nrcms.fee_recovery": "70",
        "conduct.nrcms.fraud_share_removed": "10", "conduct.nrcms.retention": "40", "conduct.nrcms.managed_share": "40",
        "conduct.nrcms.managed_effect": {"esrd": "50"}, "inpatient.nrcms.reference_price": "800",
        "outpatient.nrcms.chronic_list": True, "outpatient.nrcms.chronic_ratio": dict.fromkeys(TIERS, "60"),
        "commercial.nrcms.share": "30", "commercial.nrcms.ratio": "50", "relief.in_force": True, "relief.ratio": "50",
        "supplement.nrcms.in_force": True, "supplement.nrcms.ratio": "80", "demand.nrcms.premium_elasticity": "-0.3",
        "funding.nrcms.premium": "90"}
# What there is of new drugs, emergencies and chronic visits.
CARE_FACTS = {"care.nrcms.new_drug_share": "20", "care.nrcms.new_drug_part": "40", "care.nrcms.emergency_share": "10",
              "care.nrcms.chronic_visit_share": "20"}
FACTOR = {"control.nrcms.surplus_response": "factor", "control.nrcms.deficit_response": ["factor"]}
RICH = Scenario("rich", ("jiangsu", "linyi"), 2012, ("nrcms", "uebmi"), horizon=2, draws=5, people=400, replicas=3, demand=True,
                policies=(Policy(BASELINE), Policy("care", CARE), Policy("factor", FACTOR, "own")), changes=CARE_FACTS)


def feed(digest, thing) -> None:
    """Add data of any shape to a digest: arrays and floats by their bits, all else by its words."""
    if isinstance(thing, np.ndarray) and thing.dtype != object:
        digest.update(f"{thing.dtype.str}{thing.shape}".encode())
        digest.update(np.ascontiguousarray(thing).tobytes())
    elif isinstance(thing, float | np.floating):
        digest.update(float(thing).hex().encode())
    elif isinstance(thing, dict):
        feed(digest, list(thing.items()))
    elif is_dataclass(thing):
        feed(digest, [getattr(thing, field.name) for field in fields(thing)])
    elif isinstance(thing, list | tuple):
        digest.update(f"({len(thing)}".encode())
        for part in thing:
            feed(digest, part)
    else:
        digest.update(repr(thing).encode())


def digest_of(*things) -> str:
    """SHA-256 of data of any shape."""
    digest = hashlib.sha256()
    feed(digest, things)
    return digest.hexdigest()


def files_digest(result: Result) -> str:
    """SHA-256 of every file of the written run folder, in the order of their names."""
    with tempfile.TemporaryDirectory() as out:
        folder = write_run(result, Path(out))
        return digest_of([(path.name, path.read_bytes()) for path in sorted(folder.iterdir())])


def whole_digest(result: Result) -> dict[str, str]:
    """What must be the same wherever a scenario is run: the schemes' own digests, every measure and ledger, the files."""
    return {"schemes": digest_of([scheme.digest for scheme in result.schemes]),
            "measures": digest_of([(scheme.measures, scheme.ledgers, scheme.members) for scheme in result.schemes]),
            "levels": digest_of([[(level.k, level.reached) for level in scheme.levels] for scheme in result.schemes]),
            "files": files_digest(result)}


def people_digest(regions, names, schemes, years) -> str:
    """SHA-256 of what the kernel reads of people and bills: rosters, rates, quantile tables, nodes of the expectation."""
    digest = hashlib.sha256()
    for name in names:
        for scheme in schemes:
            for year in years:
                people = prepare(regions[name], scheme, year, 1, 200, (1, 8), 1)
                ready = people.year(year)
                feed(digest, [people.roster, people.rates, people.tables, people.gap, people.cover, ready.people, ready.streams])
                feed(digest, list(people.first_bills.nodes))
    return digest.hexdigest()


class Serial:
    """A pool that is no pool."""

    map = staticmethod(map)


@contextmanager
def pool_of(kind: str, workers: int) -> Iterator:
    """Workers of a kind: `serial`, `threads`, `spawned` processes, or a local `dask` cluster of processes."""
    if kind == "serial":
        yield Serial()
    elif kind == "threads":
        with ThreadPoolExecutor(workers) as pool:
            yield pool
    elif kind == "spawned":
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            yield pool
    else:
        from distributed import Client, LocalCluster
        with (LocalCluster(n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster,
              Client(cluster) as client):
            yield client.get_executor()
