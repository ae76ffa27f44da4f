"""Bills by kind, tier and listed illness: at the prices of the last year, under the laws that the model has for their kind."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.fitting.bills import calendar
from simulator.fitting.found import KINDS_OF_CARE, Fitted
from simulator.fitting.intervals import mean_figure
from simulator.fitting.scope import scope_of
from simulator.fitting.severity import LAWS_OF_ADMISSIONS, OTHER_LAWS, Amounts, fit_amounts
from simulator.parameters.catalogue import ILLNESSES, TIERS
from simulator.tables import NO_ILLNESS, Fact


def cap_of(caps: Mapping[str, float], kind: str, tier: str) -> float:
    """The amount at which bills of a kind and tier are cut: that of both, of the tier, of the kind, of all; else infinite."""
    return next((caps[name] for name in (f"{kind}.{tier}", tier, kind, "") if name in caps), np.inf)


def fit_bills(found: Fitted) -> None:
    """Enter amounts, mean bills by year, price levels and in-scope shares."""
    bills, facts = found.bills, found.bills.facts
    year, _ = calendar(bills.day)
    yuan, ordinary = bills.yuan, facts[Fact.ILLNESS] == NO_ILLNESS
    for kind in KINDS_OF_CARE:
        of_kind = (bills.inpatient == (kind == "inpatient")) & (yuan > 0)
        if not of_kind.any():
            continue
        found.deflator |= {(kind, one): level for one, level in _deflator(found, of_kind & ordinary, year).items()}
        span = range(int(year.min()), int(year.max()) + 1)
        level = np.array([found.deflator.get((kind, one), 1.0) for one in span])[year - span[0]]
        for tier, name in enumerate(TIERS):
            those = of_kind & ordinary & (facts[Fact.TIER] == tier)
            if not those.any():
                continue
            _in_scope(found, (kind, name, ""), those)
            cap = cap_of(found.asked.cap, kind, name)
            capped = those & (year == year[those].max())      # a cap that prices move cannot be carried from year to year
            fitted = (_fitted(found, kind, those, yuan * level) if cap == np.inf else _fitted(found, kind, capped, yuan, cap))
            found.amounts[kind, name, ""] = fitted
            for one in np.unique(year[those]).tolist():
                of_year = those & (year == one)
                found.yearly[kind, name, one] = mean_figure(yuan[of_year], bills.person[of_year],
                                                            0.0 if cap < np.inf else fitted.cv.estimate)
        for illness, name in enumerate(ILLNESSES):
            those = of_kind & (facts[Fact.ILLNESS] == illness)
            if those.any():
                found.amounts[kind, "", name] = _fitted(found, "", those, yuan * level)
                _in_scope(found, (kind, "", name), those)


def _fitted(found: Fitted, kind: str, those: np.ndarray, yuan: np.ndarray, cap: float = np.inf) -> Amounts:
    """The amounts of some bills above zero, bool[n], under the laws that the model has for their kind."""
    laws = LAWS_OF_ADMISSIONS if kind == "inpatient" else OTHER_LAWS
    return fit_amounts(np.minimum(yuan[those], cap), cap, found.asked.repeats, found.bills.person[those], laws)


def _in_scope(found: Fitted, group: tuple[str, str, str], those: np.ndarray) -> None:
    bills = found.bills
    found.scope[group] = scope_of(bills.facts[Fact.BILLED][those], bills.facts[Fact.ELIGIBLE][those], bills.person[those])


def _deflator(found: Fitted, those: np.ndarray, year: np.ndarray) -> dict[int, float]:
    """The level of prices of the last year over that of each year: of the logarithms of bills, by year within tiers."""
    if not those.any():
        return {}
    years = np.unique(year[those])
    logs, tier = np.log(found.bills.yuan[those]), found.bills.facts[Fact.TIER][those]
    tiers = np.unique(tier)
    design = np.concatenate([tier[:, None] == tiers[None, :], (year[those][:, None] == years[None, :-1])], axis=1).astype(float)
    beta = np.linalg.lstsq(design.T @ design, design.T @ logs, rcond=None)[0]
    return {int(one): float(np.exp(-effect)) for one, effect in zip(years, [*beta[len(tiers):], 0.0], strict=True)}
