"""The parameters that follow from a fit, each weighed against the region's value at the prices and rates of the year."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.care.paths import growth_factor
from simulator.fitting.concentration import multipliers_of
from simulator.fitting.credibility import Credible, credible, known
from simulator.fitting.fit import male_share
from simulator.fitting.found import Fitted
from simulator.fitting.intervals import NO_FIGURE, Figure, mean_figure, mean_se, on_log, on_logit, persons_of
from simulator.fitting.members import NOT_STATED
from simulator.fitting.overlay import Estimate
from simulator.fitting.scope import Scope, half_width
from simulator.fitting.severity import FEWEST_BILLS
from simulator.parameters.catalogue import AGE_BANDS, ILLNESSES, SURVEY_AGE_BANDS, TIERS
from simulator.tables import NO_ILLNESS, Fact

STATED_NAMES = {
    "inpatient": ("admission_rate", "admission_by_age", "use_growth", "tier_shares", "bill_mean", "bill_cv", "in_scope_share",
                  "bill_growth"),
    "outpatient": ("visit_rate", "visit_by_age", "visit_growth", "visit_tier_shares", "visit_mean", "visit_cv",
                   "visit_in_scope_share", "visit_growth")}
SCALES = {"inpatient": 100.0, "outpatient": 1.0}             # of a rate: admissions are per 100 members
FEWEST_YEARS_OF_GROWTH = 3


def estimates_of(found: Fitted) -> list[Estimate]:
    """All parameters that the claims say something of, in the order of the parameter files."""
    return [*_population(found), *_care(found), *_illnesses(found)]


class _Region:
    """The region's values in the year of an estimate."""

    def __init__(self, found: Fitted) -> None:
        self.read, self.scheme = found.asked.region.value, found.asked.scheme

    def of(self, name: str, year: int, growth: str = "") -> dict[str, float]:
        """Its value by key ("" of a single one), moved to the year at the growth named; empty where it states none."""
        path = f"care.{self.scheme}.{name}"
        dated = self.read(path, year, required=False)
        if dated is None:
            return {}
        factor = growth_factor(self.read, f"care.{self.scheme}.{growth}", dated, year) if growth else 1.0
        parts = dated.value if isinstance(dated.value, dict) else {"": dated.value}
        return {key: float(part) * factor for key, part in parts.items()}


def _care(found: Fitted) -> Iterator[Estimate]:
    region, scheme = _Region(found), found.asked.scheme
    year = found.years[-1]
    for kind in ("inpatient", "outpatient"):
        if kind not in found.models:
            continue
        rate, by_age, growth, tiers, mean, cv, scope, dearer = (f"care.{scheme}.{name}" for name in STATED_NAMES[kind])
        yield from _rates(found, kind, rate, growth, region)
        if (kind, "age", SURVEY_AGE_BANDS[-1]) in found.rates or any(
                (kind, "age", band) in found.rates for band in SURVEY_AGE_BANDS):
            yield _by_age(found, kind, by_age, region, year)
        if kind == "inpatient" and (sexes := _female_ratio(found, region, year)):
            yield sexes
        if kind == "inpatient":
            yield from _risk(found, region, year)
        yield from _tiers(found, kind, tiers, mean, cv, scope, region)
        for trend in found.trends:
            of_bills = kind == "inpatient" and trend.what == "inpatient bill"
            if trend.years < FEWEST_YEARS_OF_GROWTH or trend.what not in (f"{kind} rate", "inpatient bill") or (
                    trend.what == "inpatient bill" and kind != "inpatient"):
                continue
            path = dearer if of_bills else growth
            prior = region.of(path.rpartition(".")[2], year).get("", np.nan)
            factor = credible(on_log(trend.years, 1 + trend.growth / 100, trend.se / 100), 1 + prior / 100)  # weighed as a factor
            figure = Figure(trend.years, trend.growth, trend.se, trend.low, trend.high)
            yield Estimate(path, year, {"": Credible(figure, prior, factor.weight, 100 * (factor.value - 1))}, "growth by year")


def _rates(found: Fitted, kind: str, path: str, growth: str, region: _Region) -> Iterator[Estimate]:
    for year in found.years:
        rate = found.rates.get((kind, "year", str(year)))
        if rate is None or not rate.claims:
            continue
        scale = SCALES[kind] * found.completed.get(year, 1.0)
        prior = region.of(path.rpartition(".")[2], year, growth.rpartition(".")[2])[""]
        how = "claims over person-years" + (f", x {found.completed[year]:.4f} for claims not yet reported"
                                            if year in found.completed else "")
        yield Estimate(path, year, {"": credible(on_log(rate.claims, rate.rate * scale, rate.se * scale), prior)}, how)


def _by_age(found: Fitted, kind: str, path: str, region: _Region, year: int) -> Estimate:
    """Rates by age, of the same sex and class, at the level of all; the region's stand at that level too."""
    model, name = found.models[kind], path.rpartition(".")[2]
    effects = dict(zip(model.names, model.coefficients.tolist(), strict=True))
    seen = {band: found.rates[kind, "age", band] for band in SURVEY_AGE_BANDS if (kind, "age", band) in found.rates}
    relative = {band: np.exp(effects.get(f"age {band}", 0.0)) for band, rate in seen.items() if rate.claims}
    exposure = {band: seen[band].exposure for band in relative}
    level = sum(seen[band].claims for band in relative) / sum(exposure.values()) * SCALES[kind]
    if kind == "outpatient":
        level = 1.0                                          # its shape alone is stated, with mean one
    mean = sum(relative[band] * exposure[band] for band in relative) / sum(exposure.values())
    prior = region.of(name, year)
    prior_mean = sum(prior[band] * exposure[band] for band in relative) / sum(exposure.values())
    parts = {}
    for band in SURVEY_AGE_BANDS:
        theirs = prior[band] * level / prior_mean
        if band in relative:
            value, one = relative[band] * level / mean, seen[band]
            parts[band] = credible(on_log(one.claims, value, value * one.se / one.rate), theirs)
        else:
            parts[band] = credible(NO_FIGURE, theirs)
    return Estimate(path, year, parts, "relative rates by age, of equal sex, class and year")


def _female_ratio(found: Fitted, region: _Region, year: int) -> Estimate | None:
    model = found.models["inpatient"]
    at = {name: n for n, name in enumerate(model.names)}
    name = next((one for one in ("sex female", "sex male") if one in at), None)
    if name is None or not all(("inpatient", "sex", sex) in found.rates for sex in ("male", "female")):
        return None
    effect, error = float(model.coefficients[at[name]]), float(model.errors[at[name]])
    ratio = float(np.exp(effect if name == "sex female" else -effect))
    claims = min(found.rates["inpatient", "sex", sex].claims for sex in ("male", "female"))
    return Estimate(f"care.{found.asked.scheme}.admission_female_ratio", year,
                    {"": credible(on_log(claims, ratio, ratio * error), region.of("admission_female_ratio", year)[""])},
                    "women's admissions over men's of the same age and class")


def _risk(found: Fitted, region: _Region, year: int) -> Iterator[Estimate]:
    """Multipliers of use from how persons' admissions of two years go together; only where their ages are known."""
    if not any(kind == "inpatient" and factor == "age" for kind, factor, _ in found.rates):
        return
    some = [one for one in found.persistence if np.isfinite(one.square) and one.square_se > 0]
    if not some:
        return
    weights = np.array([1 / one.square_se**2 for one in some])
    square, error = float(weights @ [one.square for one in some] / weights.sum()), float(1 / np.sqrt(weights.sum()))
    shares, theirs = (np.array([float(part) for part in region.read(f"care.{region.scheme}.{name}", year).value])
                      for name in ("risk_shares", "risk_multipliers"))
    scaled = theirs / (shares @ theirs / shares.sum())
    one = credible(on_log(sum(one.persons for one in some), square, error), float(shares @ scaled**2 / shares.sum()))
    made = multipliers_of(one.value, shares, theirs)
    if made is None or one.weight == 0:
        return
    parts = {str(n + 1): one._replace(value=float(multiplier)) for n, multiplier in enumerate(made)}
    yield Estimate(f"care.{found.asked.scheme}.risk_multipliers", year, parts, "the region's raised to a power, so that "
                   f"their mean square is {one.value:.3f} as in the same persons' admissions of two years")


def _tiers(found: Fitted, kind: str, tiers: str, mean: str, cv: str, scope: str, region: _Region) -> Iterator[Estimate]:
    year, bills = found.years[-1], found.bills
    those = (bills.inpatient == (kind == "inpatient")) & (bills.facts[Fact.ILLNESS] == NO_ILLNESS)
    counts = np.bincount(bills.facts[Fact.TIER][those], minlength=len(TIERS))
    n = int(counts.sum())
    if not n:
        return
    prior, parts = region.of(tiers.rpartition(".")[2], year), {}
    for tier, name in enumerate(TIERS):
        weight = credible(on_log(n, 1.0, float(1 / np.sqrt(n))), 1.0).weight          # of all tiers one
        share = _share_of(bills.facts[Fact.TIER][those] == tier, bills.person[those])
        parts[name] = Credible(share, prior[name], weight, weight * share.estimate + (1 - weight) * prior[name])
    yield Estimate(tiers, year, parts, "claims by hospital tier")
    growth = STATED_NAMES[kind][-1]
    for one in found.years:
        theirs = region.of(mean.rpartition(".")[2], one, growth)
        seen = {name: found.yearly[kind, name, one] for name in TIERS if (kind, name, one) in found.yearly}
        if not seen:
            continue
        if one == year:
            seen |= {name: amounts.mean for name in TIERS
                     if (amounts := found.amounts.get((kind, name, ""))) is not None and amounts.capped}
        yield Estimate(mean, one, {name: credible(seen.get(name, NO_FIGURE), theirs[name]) for name in TIERS}, "mean bill")
    yield from _spread(found, kind, cv, region)
    theirs = region.of(scope.rpartition(".")[2], year)
    shares = {name: found.scope[kind, name, ""] for name in TIERS if (kind, name, "") in found.scope}
    yield Estimate(scope, year, {name: credible(shares[name].mean if name in shares else NO_FIGURE, theirs[name])
                                 for name in TIERS}, "mean in-scope share of a bill")
    if kind == "inpatient":
        yield from _of_admissions(found, list(shares.values()), region)
    elif "chronic" in bills.has:
        chronic = _share_of(bills.facts[Fact.CHRONIC][those] > 0, bills.person[those])
        yield Estimate(f"care.{found.asked.scheme}.chronic_visit_share", year,
                       {"": credible(chronic._replace(n=n), region.of("chronic_visit_share", year)[""])},
                       "visits for a disease on the chronic list")


def _share_of(which: np.ndarray, person: np.ndarray) -> Figure:
    """Of bills of persons int64[n] the share, in percent, for which something holds, bool[n]; from as many claims."""
    share = 100.0 * which
    return on_logit(int(which.sum()), float(share.mean()), mean_se(share, person), persons_of(person) - 1)


def _spread(found: Fitted, kind: str, path: str, region: _Region) -> Iterator[Estimate]:
    """Coefficients of variation, and of admissions the laws: the best of the model's, where it counts at least half."""
    year, theirs = found.years[-1], region.of(path.rpartition(".")[2], found.years[-1])
    parts, laws = {}, {}
    known = region.read(f"care.{region.scheme}.bill_law", year).value if kind == "inpatient" else {}
    for name in TIERS:
        one = found.amounts.get((kind, name, ""))
        chosen = None if one is None else one.chosen
        parts[name] = credible(NO_FIGURE if one is None else one.cv, theirs[name])
        laws[name] = str(known.get(name, "")) if chosen is None or parts[name].weight < 0.5 else chosen.model
    if any(one.n for one in parts.values()):
        yield Estimate(path, year, parts, "coefficient of variation of the fitted law")
        if kind == "inpatient":
            unsure = {name: one._replace(figure=one.figure._replace(se=np.nan)) for name, one in parts.items()}
            yield Estimate(f"care.{region.scheme}.bill_law", year, unsure, "best of the model's laws by AIC", laws)


def _of_admissions(found: Fitted, shares: list[Scope], region: _Region) -> Iterator[Estimate]:
    """The spread of in-scope shares about their mean, and lengths of stay."""
    year, bills = found.years[-1], found.bills
    half = half_width(shares)
    if half.n >= FEWEST_BILLS:
        yield Estimate(f"care.{found.asked.scheme}.in_scope_spread", year,
                       {"": credible(half, region.of("in_scope_spread", year)[""])},
                       "half-width of the model's even spread with the same standard deviation")
    if "days" not in bills.has:
        return
    theirs, parts = region.of("length_of_stay", year), {}
    for tier, name in enumerate(TIERS):
        of_tier = bills.inpatient & (bills.facts[Fact.TIER] == tier) & (bills.facts[Fact.ILLNESS] == NO_ILLNESS)
        days = bills.facts[Fact.DAYS][of_tier]
        parts[name] = credible(mean_figure(days, bills.person[of_tier]) if len(days) else NO_FIGURE, theirs[name])
    yield Estimate(f"care.{found.asked.scheme}.length_of_stay", year, parts, "mean days of a stay")


def _illnesses(found: Fitted) -> Iterator[Estimate]:
    """Of listed illnesses the in-scope share and the coefficient of variation; onset and course need more than a claims file."""
    year, read = found.years[-1], found.asked.region.value
    for name in ILLNESSES:
        one = found.amounts.get(("inpatient", "", name))
        if one is None or one.n < FEWEST_BILLS:
            continue
        share, cv = found.scope["inpatient", "", name].mean, one.cv
        yield Estimate(f"illness.{name}.in_scope_share", year,
                       {"": credible(share, float(read(f"illness.{name}.in_scope_share", year).value))},
                       "mean in-scope share of a bill")
        if one.chosen is not None:
            yield Estimate(f"illness.{name}.bill_cv", year,
                           {"": credible(cv, float(read(f"illness.{name}.bill_cv", year).value))},
                           "coefficient of variation of a lognormal law")


def _population(found: Fitted) -> Iterator[Estimate]:
    """Heads of each year, and of a members file age and sex on 1 July of the last year, each taken as it is."""
    scheme, rows = found.asked.scheme, found.rows
    how = {"members": "person-years of the members file", "exposure": "--exposure as stated",
           "region": f"heads of {found.asked.region.name}, taken as insured all the time"}[found.heads_from]
    for year in found.years:
        heads = float(rows.exposure[rows.year == year].sum()) / found.window.share(year)
        yield Estimate(f"population.{scheme}.participants", year, {"": known(heads)}, how)
    members, year = found.members, found.years[-1]
    if members is None:
        return
    first, last = found.window.within(year)
    middle = np.clip(np.datetime64(f"{year}-07-01").astype("datetime64[D]").astype(int), first, last)
    there = members.person[(members.first <= middle) & (members.last >= middle)]
    birth = members.birth[there]
    if (birth != NOT_STATED).any():
        age = np.clip(year - birth[birth != NOT_STATED], 0, 120)
        counts = np.bincount(np.minimum(age // 5, len(AGE_BANDS) - 1), minlength=len(AGE_BANDS))
        parts = {band: known(100 * count / len(age)) for band, count in
                 zip(AGE_BANDS, counts.tolist(), strict=True)}
        day = found.window.date(int(middle))
        yield Estimate(f"population.{scheme}.age_shares", year, parts, f"members on {day} whose birth is stated")
    share, stated = male_share(members, int(middle))
    if stated:
        yield Estimate(f"population.{scheme}.male_share", year, {"": known(share)},
                       f"members on {found.window.date(int(middle))} whose sex is stated")
