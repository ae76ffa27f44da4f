"""A run folder whose worlds have made-up settings, and a balance that is a known function of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.engine.world_tables import UNCERTAIN_COLUMNS
from simulator.folders import MANIFEST, sealed, table_of
from simulator.parameters.catalogue import CATALOGUE
from simulator.results import UNCERTAIN_FILE, WORLDS_FILE, Run, csv_bytes, read_run
from tests.support.fund_runs import fund_run

ROWS = (  # key, scheme, status, factor, lever
    ("jiangsu:care.nrcms.admission_rate", "nrcms", "statistic", "", "times"),
    ("national:care.nrcms.bill_mean", "nrcms", "estimate", "national care", "times"),
    ("national:care.nrcms.visit_rate", "nrcms", "estimate", "national care", "times"),
    ("national:funding.nrcms.subsidy", "nrcms", "assumption", "", "times"),
    ("national:income.income_growth", "", "assumption", "", "plus"),
    ("national:inpatient.nrcms.deductible", "nrcms", "assumption", "", "choice"),
    ("linyi:care.nrcms.admission_rate", "nrcms", "statistic", "", "times"),
    ("jiangsu:care.uebmi.admission_rate", "uebmi", "statistic", "", "times"))
ECONOMY = "economy.price_growth"


def synthetic_settings(worlds: int, seed: int = 1) -> pd.DataFrame:
    """Settings of worlds: independent, but for the two of one factor, whose correlation is 0.6."""
    random = np.random.default_rng(seed)
    normal = random.standard_normal((worlds, len(ROWS) + 1))
    normal[:, 2] = 0.6 * normal[:, 1] + 0.8 * normal[:, 2]
    columns = {key: (normal[:, nth] if lever == "plus" else random.integers(0, 3, worlds).astype(float) if lever == "choice"
                     else 1 + 0.1 * normal[:, nth]) for nth, (key, _, _, _, lever) in enumerate(ROWS)}
    return pd.DataFrame({"world": np.arange(worlds), **columns, ECONOMY: 1 + 0.1 * normal[:, -1]})


def _named(key: str) -> tuple[str, str]:
    """The names of a value in the catalogue."""
    topic, *_, name = key.partition(":")[2].split(".")
    return CATALOGUE[topic][name].en, CATALOGUE[topic][name].zh


def synthetic_run(folder: Path, balance: Callable[[pd.DataFrame], np.ndarray], worlds: int = 400, years: int = 2,
                  schemes: tuple[str, ...] = ("nrcms",), lang: str = "en", beside: str = "") -> Run:
    """A run of Jiangsu whose balance in every year, in yuan, is that function of its worlds' settings; with a region `beside` it,
    whose balance is zero."""
    settings = synthetic_settings(worlds)
    yuan = np.repeat(np.asarray(balance(settings))[:, None], years, axis=1)
    funds = {("jiangsu", scheme, "baseline"): yuan for scheme in schemes}
    made = fund_run(folder, funds | {(beside, scheme, "baseline"): 0 * yuan for scheme in schemes if beside}, lang=lang)
    settings.sample(frac=1, random_state=2).to_parquet(folder / WORLDS_FILE, index=False)
    rows = [(key, *key.split(":"), scheme, *_named(key), status, "1", "normal(sd=10)", "1", "0.84", "1.16", factor, lever)
            for key, scheme, status, factor, lever in ROWS]
    (folder / UNCERTAIN_FILE).write_bytes(csv_bytes(pd.DataFrame(rows, columns=list(UNCERTAIN_COLUMNS))))
    manifest = {name: part for name, part in made.manifest.items() if name != "files"}
    (folder / MANIFEST).write_bytes(sealed(manifest, {name: digest for name, digest in table_of(folder).items()
                                                      if name != MANIFEST}))
    return read_run(folder)
