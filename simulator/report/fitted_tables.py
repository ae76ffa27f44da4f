"""The tables of a fit: each a data frame as its CSV file has it, in the order in which the report shows them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.fitting.bills import calendar
from simulator.fitting.found import KINDS_OF_CARE, Fitted
from simulator.fitting.overlay import Estimate
from simulator.fitting.severity import empirical_table
from simulator.parameters.catalogue import TIERS
from simulator.tables import NO_ILLNESS, Fact


def fit_tables(found: Fitted, estimates: list[Estimate]) -> dict[str, pd.DataFrame]:
    """All tables, name -> frame, without those that have no rows."""
    makers = {"rates": _rates, "models": _models, "tests": _tests, "amounts": _amounts, "laws": _laws, "tails": _tails,
              "quantiles": _quantiles, "scope": _scope, "concentration": _concentration, "persistence": _persistence,
              "trend": _trend, "monthly": _monthly, "completion": _completion}
    made = {"validation": _validation(found), "parameters": _parameters(estimates),
            **{name: make(found) for name, make in makers.items()}}
    return {name: frame for name, frame in made.items() if len(frame)}


def _validation(found: Fitted) -> pd.DataFrame:
    rows = [("rows", found.bills.rows), *found.done.items(), ("used", len(found.bills))]
    if found.members is not None:
        rows += [("members rows", found.members.rows), ("members persons", len(found.members)), *found.members.done.items()]
    rows.append(("passed", len(found.bills.passed)))
    return pd.DataFrame(rows, columns=["what", "rows"])


def _parameters(estimates: list[Estimate]) -> pd.DataFrame:
    rows = [(one.path, key, one.year, one.quantity.unit, part.estimate if part.n else np.nan, part.low if part.n else np.nan,
             part.high if part.n else np.nan, part.n, 100 * part.weight, part.prior, one.names.get(key, f"{part.value:.6g}"))
            for one in estimates for key, part in one.parts.items()]
    return pd.DataFrame(rows, columns=["path", "key", "from", "unit", "estimate", "low", "high", "n", "weight", "region",
                                       "stated"])


def _rates(found: Fitted) -> pd.DataFrame:
    rows = [(kind, by, level, rate.claims, rate.exposure, rate.rate, rate.low, rate.high)
            for (kind, by, level), rate in found.rates.items()]
    return pd.DataFrame(rows, columns=["kind", "by", "level", "claims", "person_years", "rate", "low", "high"])


def _models(found: Fitted) -> pd.DataFrame:
    rows = []
    for kind, model in found.models.items():
        for name, effect, error, other in zip(model.names, model.coefficients, model.errors, model.nb_coefficients, strict=True):
            logs = np.array([effect, effect - 1.96 * error, effect + 1.96 * error, other])
            rows.append((kind, name, *np.exp(logs)))
    return pd.DataFrame(rows, columns=["kind", "term", "ratio", "low", "high", "ratio_nb"])


def _tests(found: Fitted) -> pd.DataFrame:
    rows = [(kind, one.rows, one.deviance, one.freedom, one.dispersion, one.score_z, one.alpha, one.ratio_p, one.aic(),
             one.aic(True)) for kind, one in found.models.items()]
    return pd.DataFrame(rows, columns=["kind", "persons_years", "deviance", "freedom", "dispersion", "score_z", "alpha", "p",
                                       "aic_poisson", "aic_nb"])


def _amounts(found: Fitted) -> pd.DataFrame:
    rows = [(kind, tier, illness, one.n, one.capped, one.mean.estimate, one.mean.low, one.mean.high, one.cv.estimate, one.cv.low,
             one.cv.high, "" if one.chosen is None else one.chosen.name, one.sample_cv)
            for (kind, tier, illness), one in found.amounts.items()]
    return pd.DataFrame(rows, columns=["kind", "tier", "illness", "n", "capped", "mean", "low", "high", "cv", "cv_low", "cv_high",
                                       "law", "sample_cv"])


def _laws(found: Fitted) -> pd.DataFrame:
    rows = [(kind, tier, illness, fit.name, ", ".join(f"{name} {value:.5g}" for name, value in fit.parameters.items()),
             fit.mean, fit.cv, fit.aic, fit.bic, fit.ks, fit.ks_p, fit.ad, fit.ad_p)
            for (kind, tier, illness), one in found.amounts.items() for fit in one.fits]
    return pd.DataFrame(rows, columns=["kind", "tier", "illness", "law", "parameters", "mean", "cv", "aic", "bic", "ks", "ks_p",
                                       "ad", "ad_p"])


def _tails(found: Fitted) -> pd.DataFrame:
    rows = [(kind, tier, illness, one.tail.threshold, one.tail.above, one.tail.xi, one.tail.xi_se, one.tail.beta)
            for (kind, tier, illness), one in found.amounts.items() if one.tail is not None]
    return pd.DataFrame(rows, columns=["kind", "tier", "illness", "threshold", "above", "xi", "xi_se", "beta"])


def amounts_of(found: Fitted, kind: str, tier: str) -> np.ndarray:
    """Ordinary bills of a kind and tier above zero at the prices of the last year, float64[n] yuan, as laws are fitted to."""
    bills = found.bills
    those = ((bills.inpatient == (kind == "inpatient")) & (bills.facts[Fact.TIER] == TIERS.index(tier)) & (bills.yuan > 0)
             & (bills.facts[Fact.ILLNESS] == NO_ILLNESS))
    year, _ = calendar(bills.day[those])
    return bills.yuan[those] * np.array([found.deflator.get((kind, one), 1.0) for one in year.tolist()])


def _quantiles(found: Fitted) -> pd.DataFrame:
    rows = [{"kind": kind, "tier": tier} | {f"{100 * share:g}%": yuan for share, yuan in
                                           empirical_table(amounts_of(found, kind, tier)).items()}
            for kind in KINDS_OF_CARE for tier in TIERS if (kind, tier, "") in found.amounts]
    return pd.DataFrame(rows)


def _scope(found: Fitted) -> pd.DataFrame:
    rows = [(kind, tier, one.mean.n, one.mean.estimate, one.mean.low, one.mean.high, one.sd)
            for (kind, tier, _), one in found.scope.items() if tier]
    return pd.DataFrame(rows, columns=["kind", "tier", "n", "share", "low", "high", "sd"])


def _concentration(found: Fitted) -> pd.DataFrame:
    rows = [(one.year, one.members, one.users, *(100 * share for share in one.of_members), one.gini_members,
             *(100 * share for share in one.of_users), one.gini_users) for one in found.concentration]
    tops = ("top_1", "top_5", "top_10", "top_20", "gini")
    return pd.DataFrame(rows, columns=["year", "members", "users", *tops, *(f"users_{name}" for name in tops)])


def _persistence(found: Fitted) -> pd.DataFrame:
    rows = [(one.year, one.persons, 100 * one.stay_top, one.square, one.square_se) for one in found.persistence]
    return pd.DataFrame(rows, columns=["year", "persons", "stay_top", "square", "square_se"])


def _trend(found: Fitted) -> pd.DataFrame:
    rows = [(one.what, one.years, one.growth, one.low, one.high) for one in found.trends]
    return pd.DataFrame(rows, columns=["what", "years", "growth", "low", "high"])


def month_text(month: int) -> str:
    """A month counted from 1970-01 as 2012-03."""
    return f"{1970 + month // 12}-{month % 12 + 1:02d}"


def _monthly(found: Fitted) -> pd.DataFrame:
    rows = [(kind, month_text(month), claims, exposure, claims / exposure if exposure else np.nan, mean)
            for kind, month, claims, exposure, mean in found.monthly]
    return pd.DataFrame(rows, columns=["kind", "month", "claims", "person_years", "rate", "mean"])


def _completion(found: Fitted) -> pd.DataFrame:
    one = found.completion
    if one is None:
        return pd.DataFrame()
    return pd.DataFrame({"month": [month_text(month) for month in one.months.tolist()], "reported": one.reported,
                         "ultimate": one.ultimate, "error": one.errors, "factor": one.completed})
