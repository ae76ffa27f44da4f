"""Claims files of persons whose rates and bills are known: the model's own roster, hazards and quantile tables, with claims drawn
by NumPy.

Persons are drawn from a large roster with replacement, so that they vary as persons of a fund do; what is true of the fund is the
roster's mean.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from simulator.care.rates import expected_rates, illness_courses
from simulator.care.severity import bill_tables
from simulator.chance.random import amount_at, survival_cell
from simulator.fitting.exposure import age_bands
from simulator.parameters.catalogue import SURVEY_AGE_BANDS, TIERS
from simulator.parameters.regions import load_regions
from simulator.people.roster import build_roster

ROSTER_ROWS = 3_000


@dataclass(frozen=True)
class Made:
    """Two files and what is true of them: the name of a figure -> its value."""

    claims: Path
    members: Path
    truth: dict[str, float]


@lru_cache(maxsize=4)
def _region(name: str):
    return load_regions()[name]


@lru_cache(maxsize=4)
def _model(region: str, scheme: str, year: int, years: int):
    read = _region(region).value
    roster = build_roster(_region(region), scheme, year, years, ROSTER_ROWS, (1, 1), 0)
    rates = expected_rates(read, roster, range(year, year + years))
    return roster, rates, bill_tables(read, scheme, year, illness_courses(read, scheme, year))


def make_claims(folder: Path, seed: int, persons: int = 4000, years: int = 2, region: str = "jiangsu", scheme: str = "urbmi",
                year: int = 2012, growth: float = 1.0) -> Made:
    """Write claims.csv and members.csv of so many persons over so many years; bills grow by the factor `growth` a year."""
    roster, rates, tables = _model(region, scheme, year, years)
    draw = np.random.default_rng(seed)
    there = np.flatnonzero(np.logical_and.reduce([roster.present(year + n) for n in range(years)]))
    row = draw.choice(there, persons)
    begin = np.where(draw.random(persons) < 0.1, draw.integers(1, 300, persons), 0)                # days into the first year
    first = np.datetime64(f"{year}-01-01") + begin
    members = ["person,from,to,birth,sex"] + [
        f"P{n:06d},{first[n]},{year + years - 1}-12-31,{roster.birth_year[row[n]]},{'FM'[int(roster.sex[row[n]] == 0)]}"
        for n in range(persons)]
    lines = ["person,date,kind,tier,billed,eligible"]
    for n in range(years):
        for kind, rate, cut, base, width in (
                ("inpatient", rates.admissions[n], tables.tier_of, tables.base, tables.width),
                ("outpatient", rates.visits[n] * 0.5, tables.visit_tier_of, tables.visit_base, tables.visit_width)):
            start = begin if n == 0 else np.zeros(persons, dtype=np.int64)
            counts = draw.poisson(rate[row] * (1 - start / 366))
            who = np.repeat(np.arange(persons), counts)
            tier = np.searchsorted(cut[:3], draw.integers(0, 1 << 32, len(who)), side="right")
            words = draw.integers(0, 1 << 32, len(who))
            level = draw.integers(0, 1 << 30, len(who))
            for person, at, word, scope in zip(who.tolist(), tier.tolist(), words.tolist(), level.tolist(), strict=True):
                fen = round(int(amount_at(base[at], width[at], survival_cell(np.uint32(word)))) * growth**n)
                share = int(tables.in_scope[at][scope % tables.in_scope.shape[1]] if kind == "inpatient"
                            else tables.visit_in_scope[at])
                day = datetime.date(year + n, 1, 1) + datetime.timedelta(int(draw.integers(start[person], 365)))
                eligible = (fen * share + 5000) // 10000
                lines.append(f"P{person:06d},{day},{kind},{TIERS[at]},{fen / 100:.2f},{eligible / 100:.2f}")
    (folder / "claims.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "members.csv").write_text("\n".join(members) + "\n", encoding="utf-8")
    return Made(folder / "claims.csv", folder / "members.csv", _truth(region, scheme, year, years, growth, there))


def _truth(region: str, scheme: str, year: int, years: int, growth: float, there: np.ndarray) -> dict[str, float]:
    roster, rates, tables = _model(region, scheme, year, years)
    read = _region(region).value
    last = years - 1
    found = {"admission_rate": 100 * float(rates.admissions[last][there].mean()),
             "visit_rate": 0.5 * float(rates.visits[last][there].mean()),
             "admission_female_ratio": float(read(f"care.{scheme}.admission_female_ratio", year).value),
             "in_scope_spread": float(read(f"care.{scheme}.in_scope_spread", year).value)}
    by_age = {band: float(share) for band, share in read(f"care.{scheme}.admission_by_age", year).value.items()}
    bands = np.concatenate([age_bands(roster.age(year + n)[there].astype(int)) for n in range(years)])
    level = 100 * float(np.mean([rates.admissions[n][there].mean() for n in range(years)]))      # at which `fit` states them
    mean = float(np.mean([by_age[band] for band in np.array(SURVEY_AGE_BANDS)[bands]]))
    found |= {f"admission_by_age.{band}": by_age[band] * level / mean for band in SURVEY_AGE_BANDS}
    for name in ("tier_shares", "bill_cv", "in_scope_share", "visit_tier_shares", "visit_cv", "visit_in_scope_share"):
        found |= {f"{name}.{tier}": float(value) for tier, value in read(f"care.{scheme}.{name}", year).value.items()}
    for name in ("bill_mean", "visit_mean"):
        found |= {f"{name}.{tier}": float(value) * growth**last for tier, value in
                  read(f"care.{scheme}.{name}", year).value.items()}
    return found
