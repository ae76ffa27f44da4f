"""Fit the claims of a fund: read, count, fit, weigh against the region's values, and make the parameter files of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from simulator.fitting.amounts import fit_bills
from simulator.fitting.bills import Bills, calendar, read_bills
from simulator.fitting.completion import complete
from simulator.fitting.concentration import concentrations, persistences
from simulator.fitting.exposure import EPOCH, Window, of_heads, of_members, window_of
from simulator.fitting.found import KINDS_OF_CARE, SEXES, Asked, Fitted, Trend
from simulator.fitting.frequency import design_of, fit_rates, rate_of
from simulator.fitting.members import MALE, NOT_STATED, Members, read_members
from simulator.folders import digest_of
from simulator.parameters.catalogue import CLASSES, SURVEY_AGE_BANDS, TIERS
from simulator.parameters.errors import InputError
from simulator.tables import NO_ILLNESS, Fact

FEWEST_YEARS_OF_TREND = 2
Progress = Callable[[str, int, int], None]


def fit_claims(claims: Path, asked: Asked, tell: Progress = lambda what, done, steps: None) -> Fitted:
    """Fit a claims file. InputError for files that cannot be read, that have no claims, or whose exposure cannot be."""
    tell("read", 0, 5)
    bills = read_bills(claims, asked.mapping, asked.reported, asked.skip)
    members = None if asked.members is None else read_members(asked.members, asked.mapping.lenient, dict(asked.member_columns))
    window = window_of(bills, asked.first, asked.last)
    found = _exposed(claims, bills, members, window, asked)
    if not (found.bills.yuan > 0).any():
        raise InputError("all amounts are zero:", value=f"{len(found.bills)} claims", expected="amounts billed", file=str(claims))
    if len({*found.bills.person.tolist()}) < 2:
        raise InputError("the claims are of a single person:", value=found.bills.names[int(found.bills.person[0])],
                         expected="claims of several: rates and their errors are over persons", file=str(claims))
    for n, (what, step) in enumerate((("rates", _rates), ("amounts", fit_bills), ("trend", _trends),
                                      ("persons", _persons)), 1):
        tell(what, n, 5)
        step(found)
    _remark(found)
    return found


def _exposed(claims: Path, bills: Bills, members: Members | None, window: Window, asked: Asked) -> Fitted:
    done: Counter[str] = Counter(bills.done)
    if members is not None:
        rows, kept = of_members(bills, members, window, done)
        heads = float(rows.exposure.sum()) / sum(window.share(year) for year in window.years)
        source = "members"
    else:
        source, stated_heads = "exposure", asked.heads
        if stated_heads is None:
            stated = asked.region.value(f"population.{asked.scheme}.participants", window.years[0], required=False)
            if stated is None:
                raise InputError("how many are insured is not known:", value=asked.region.name,
                                 expected="--members FILE, --exposure N, or a region with population.*.participants")
            stated_heads, source = float(stated.value), "region"
        heads = stated_heads
        rows, kept = of_heads(bills, heads, window, done)
    bills = bills.only(kept)
    done["zero amounts"] += int((bills.facts[Fact.BILLED] == 0).sum())
    found = Fitted(asked, claims, digest_of(claims), bills, members, window, rows, source, heads, +done)
    valued = None if asked.valued is None else asked.valued.toordinal() - EPOCH
    found.completion = complete(bills, window, valued)
    if found.completion is not None:
        for year in window.years:
            of_year = 1970 + found.completion.months // 12 == year
            reported = found.completion.reported[of_year].sum()
            found.completed[year] = float(found.completion.ultimate[of_year].sum() / reported) if reported > 0 else 1.0
    return found


# --- rates ----------------------------------------------------------------------------------------


def _rates(found: Fitted) -> None:
    rows = found.rows
    factors: dict[str, tuple[np.ndarray, tuple[str, ...]]] = {
        "age": (rows.age, SURVEY_AGE_BANDS), "sex": (rows.sex, SEXES), "class": (rows.member_class, CLASSES),
        "year": (rows.year - found.window.years[0], tuple(map(str, found.window.years)))}
    year_of, _ = calendar(found.bills.day)
    for kind in KINDS_OF_CARE:
        counts = rows.counts[kind]
        if not counts.any():
            continue
        found.rates[kind, "all", ""] = rate_of(counts, rows.years, rows.times, rows.cluster)
        kept = np.ones(len(counts), dtype=bool)
        for name, (levels, labels) in factors.items():
            for level in np.unique(levels).tolist():
                those = levels == level
                label = "not stated" if level == NOT_STATED else labels[level]
                if not (level == NOT_STATED and those.all()):
                    found.rates[kind, name, label] = rate_of(counts[those], rows.years[those], rows.times[those],
                                                             rows.cluster[those])
                if not counts[those].any():
                    kept &= ~those
        _by_tier(found, kind)
        design, names = design_of({name: (levels[kept], labels) for name, (levels, labels) in factors.items()},
                                  rows.exposure[kept])
        found.models[kind] = fit_rates(counts[kept], rows.years[kept], rows.times[kept], rows.cluster[kept], design, names)


def _by_tier(found: Fitted, kind: str) -> None:
    """Rates by hospital tier: each tier's claims over everybody's exposure."""
    rows, bills = found.rows, found.bills
    those = bills.inpatient == (kind == "inpatient")
    keys = _keys_of_rows(found)
    for tier, name in enumerate(TIERS):
        at = those & (bills.facts[Fact.TIER] == tier)
        if not at.any():
            continue
        counts = np.bincount(keys[at], minlength=len(rows.year)).astype(float)
        found.rates[kind, "tier", name] = rate_of(counts, rows.years, rows.times, rows.cluster)


def _keys_of_rows(found: Fitted) -> np.ndarray:
    """The row of each bill's person and year, int64[n]."""
    rows, bills = found.rows, found.bills
    if found.members is not None:
        cluster = np.array([found.members.places.get(name, NOT_STATED) for name in bills.names], dtype=np.int64)[bills.person]
    else:
        _, cluster = np.unique(bills.person, return_inverse=True)
    year, _ = calendar(bills.day)
    keys = rows.cluster * 10_000 + rows.year
    order = np.argsort(keys)
    return order[np.searchsorted(keys[order], cluster * 10_000 + year)]


# --- trends and persons ---------------------------------------------------------------------------


def _trends(found: Fitted) -> None:
    rows, bills = found.rows, found.bills
    _, month = calendar(bills.day)
    _, (first, last) = calendar(np.array([found.window.first, found.window.last]))
    for kind in KINDS_OF_CARE:
        of_kind = bills.inpatient == (kind == "inpatient")
        if not of_kind.any():
            continue
        counts = np.bincount(month[of_kind] - first, minlength=last - first + 1)
        sums = np.bincount(month[of_kind] - first, bills.yuan[of_kind], minlength=last - first + 1)
        for n in range(last - first + 1):
            found.monthly.append((kind, first + n, float(counts[n]), _months_exposure(found, first + n),
                                  float(sums[n] / counts[n]) if counts[n] else np.nan))
        years = [year for year in found.years if (rows.counts[kind] * (rows.year == year)).any()]
        if len(years) < FEWEST_YEARS_OF_TREND:
            continue
        kept = np.isin(rows.year, years)
        slope = np.column_stack([np.ones(kept.sum()), rows.year[kept] - np.mean(years)])
        offset = np.array([found.completed.get(int(year), 1.0) for year in rows.year[kept]])
        model = fit_rates(rows.counts[kind][kept], rows.years[kept] / offset, rows.times[kept], rows.cluster[kept], slope,
                          ("base", "year"))
        found.trends.append(_trend(f"{kind} rate", len(years), float(model.coefficients[1]), float(model.errors[1])))
        effect, error = _bill_slope(found, of_kind, years)
        found.trends.append(_trend(f"{kind} bill", len(years), effect, error))


def _months_exposure(found: Fitted, month: int) -> float:
    """Person-years of a month, of members by the mean of its year."""
    begins = np.datetime64(int(month), "M").astype("datetime64[D]").astype(int)
    ends = np.datetime64(int(month) + 1, "M").astype("datetime64[D]").astype(int) - 1
    days = min(ends, found.window.last) - max(begins, found.window.first) + 1
    year = 1970 + month // 12
    first, last = found.window.within(year)
    return float(found.rows.exposure[found.rows.year == year].sum()) * days / (last - first + 1)


def _bill_slope(found: Fitted, of_kind: np.ndarray, years: list[int]) -> tuple[float, float]:
    """Growth a year of the logarithm of ordinary bills within tiers, and its error clustered by person."""
    bills = found.bills
    year, _ = calendar(bills.day)
    those = of_kind & (bills.yuan > 0) & (bills.facts[Fact.ILLNESS] == NO_ILLNESS) & np.isin(year, years)
    tier = bills.facts[Fact.TIER][those]
    design = np.concatenate([(year[those] - np.mean(years))[:, None], tier[:, None] == np.unique(tier)[None, :]], axis=1)
    bread = np.linalg.pinv(design.T @ design)
    logs = np.log(bills.yuan[those])
    beta = bread @ (design.T @ logs)
    _, person = np.unique(bills.person[those], return_inverse=True)
    scores = np.stack([np.bincount(person, design[:, k] * (logs - design @ beta)) for k in range(design.shape[1])], axis=1)
    return float(beta[0]), float(np.sqrt((bread @ scores.T @ scores @ bread)[0, 0]))


def _trend(what: str, years: int, slope: float, error: float) -> Trend:
    def percent(log: float) -> float:
        return 100.0 * float(np.expm1(log))
    return Trend(what, years, percent(slope), 100.0 * float(np.exp(slope)) * error, percent(slope - 1.96 * error),
                 percent(slope + 1.96 * error))


def _persons(found: Fitted) -> None:
    found.concentration = concentrations(found.rows)
    found.persistence = persistences(found.rows, expected_admissions(found))


def expected_admissions(found: Fitted) -> np.ndarray:
    """The admissions of each row by its age, sex, class and year alone, float64[R]: by the model, or none without admissions."""
    rows = found.rows
    model = found.models.get("inpatient")
    if model is None:
        return np.zeros(len(rows.year))
    effects = dict(zip(model.names, model.coefficients.tolist(), strict=True))
    log = np.full(len(rows.year), effects["base"])
    for name, levels, labels in (("age", rows.age, SURVEY_AGE_BANDS), ("sex", rows.sex, SEXES),
                                 ("class", rows.member_class, CLASSES),
                                 ("year", rows.year - found.window.years[0], tuple(map(str, found.window.years)))):
        for level in np.unique(levels).tolist():
            log[levels == level] += effects.get(f"{name} {'not stated' if level == NOT_STATED else labels[level]}", 0.0)
    return np.exp(log) * rows.years


def male_share(members: Members, day: int) -> tuple[float, int]:
    """Percent of those insured on a day whose sex is stated who are men, and how many these are."""
    sex = members.sex[members.person[(members.first <= day) & (members.last >= day)]]
    stated = int((sex != NOT_STATED).sum())
    return (100.0 * float((sex == MALE).sum()) / stated if stated else np.nan), stated


def _remark(found: Fitted) -> None:
    """What a reader must know beside the figures."""
    asked, window, said = found.asked, found.window, found.remarks
    if found.heads_from == "region":
        said.append((f"no members file and no --exposure: {found.heads:,.0f} heads of {asked.region.name} are taken as insured "
                     "all the time; rates of a part of them come out too low",
                     f"没有参保人文件和 --exposure: 按 {asked.region.name} 的参保人数 {found.heads:,.0f} 人全期参保计算; "
                     "若单据只涵盖部分参保人, 率会偏低"))
    elif found.heads_from == "exposure":
        said.append((f"exposure as stated: {found.heads:,.0f} persons insured all the time; no rates by age, sex and class "
                     "without a members file",
                     f"参保人数按所述 {found.heads:,.0f} 人全期参保计算; 没有参保人文件, 不分年龄、性别、人群"))
    if asked.first is None and asked.last is None:
        said.append((f"the time looked at is that of whole months with claims, {window}; --from and --until state another",
                     f"观察期按有单据的整月计, {window}; 可用 --from 和 --until 说明"))
    partly = [year for year in window.years if window.share(year) < 0.99]
    if partly and not asked.first and not asked.last:
        years = ", ".join(map(str, partly))
        said.append((f"of {years} only a part is looked at: rates are a year's, seasons are not taken out",
                     f"{years} 年只有部分月份: 率已折算为全年, 未作季节调整"))
    if found.completion is None:
        said.append(("no day of report (--reported HEADER): claims not yet reported are taken as none",
                     "没有报送日期 (--reported 列名): 视为没有未报单据"))
    if asked.cap:
        said.append(("where bills are capped, laws are fitted to the last year's bills only",
                     "有封顶的费用只用最后一年的单据拟合分布"))
    large = [one for one in found.amounts.values() if one.fitted_to and one.fitted_to < one.n]
    if large:
        said.append((f"laws are fitted to a random {large[0].fitted_to:,} of the bills where there are more",
                     f"单据更多时, 分布拟合用其中随机的 {large[0].fitted_to:,} 张"))
