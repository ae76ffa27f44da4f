"""Who the engine is, told by what it does: the digest of a fixed small simulation that touches every kind of rule.

A change of the program that moves no bit keeps every stored part; one that moves a fen drops them all.
"""

from __future__ import annotations

import hashlib

from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.scenario import BASELINE, DEFAULT_SCHEMES, Policy, Scenario

PROBED = Scenario("probe", ("national", "jiangsu"), 2012, DEFAULT_SCHEMES, horizon=2, draws=2, people=300, seed=1, demand=True,
                 policies=(Policy(BASELINE), Policy("other", {"inpatient.nrcms.annual_cap": "20000",
                                                              "outpatient.uebmi.chronic_list": "false",
                                                              "cii.nrcms.in_force": "true"}, "own")))


def engine_digest() -> str:
    """The SHA-256 of the probe's sums, ledgers and measures; it takes about a second."""
    digest = hashlib.sha256()
    for scheme in simulate(PROBED, load_regions(), threads=1).schemes:
        digest.update(scheme.digest.encode())
        for rows in scheme.measures.values():
            for measure in rows:
                digest.update(f"{measure.name} {measure.group} {measure.unit}".encode())
                digest.update(measure.values.astype("<f8").tobytes())
    return digest.hexdigest()
