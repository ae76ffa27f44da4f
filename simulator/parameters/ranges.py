"""How far growth may carry what a run reckons with: beyond it bills are cut, sums overflow or a household has no room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import InputError
from .growth import yearly_rates
from .merged import origins
from .steps import growth_path
from .values import quantity_at

if TYPE_CHECKING:
    from .regions import Region


class Limit(NamedTuple):
    """The most that a parameter may have grown to in a year of the run, in its unit."""

    what: str
    most: float
    unit: str


OF_SCHEMES = {
    "care.{scheme}.admission_rate": Limit("admissions", 500, "per 100 members a year"),
    "care.{scheme}.visit_rate": Limit("outpatient visits", 60, "a member a year"),
    "care.{scheme}.bill_mean": Limit("the mean bill of an admission", 300_000, "yuan"),
    "care.{scheme}.visit_mean": Limit("the mean bill of a visit", 30_000, "yuan"),
    "funding.{scheme}.subsidy": Limit("the subsidy", 10_000_000, "yuan a member"),
    "funding.{scheme}.premium": Limit("the premium", 10_000_000, "yuan a member"),
}
OF_ALL = {f"income.{name}": Limit(what, 10_000_000, "yuan a year") for name, what in (
    ("average_wage", "the average wage"), ("urban_disposable_income", "urban disposable income"),
    ("rural_net_income", "rural net income"), ("national_rural_net_income", "national rural net income"),
    ("poverty_line", "the poverty line"), ("subsistence_urban", "urban subsistence"), ("subsistence_rural", "rural subsistence"))}


def of_own_growth(path: str) -> bool:
    """Whether a path is a rate at which care grows: policies share the people and their claims, of which each keeps as many, and
    multiplies their bills, as its own growth asks for."""
    topic, _, rest = path.partition(".")
    return topic == "care" and rest.rpartition(".")[2] in ("bill_growth", "use_growth", "visit_growth")


def beyond(region: Region, schemes: Iterable[str], years: Iterable[int], changes: Mapping[str, Any],
           place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], InputError]]:
    """What grows beyond its limit in a region that carries some changes, which stand at a `place` of the scenario: the path among
    these that it grows by, or `horizon`, and the fault. Of a policy, only what it changes is looked at."""
    changed = {quantity_at(path)[0]: path for path in changes}
    known = {path.format(scheme=origin): limit for scheme in schemes for origin in (scheme, *origins(scheme))
             for path, limit in OF_SCHEMES.items()}
    for path, limit in {**known, **OF_ALL}.items():
        rate = growth_path(path)
        by = next((changed[own] for own in (rate, path) if own in changed), None)
        if rate is None or by is None and place[0] == "policies":
            continue
        for year in years:
            dated = region.value(path, year, required=False)
            if dated is None or region.value(rate, year, required=False) is None:
                break
            parts = [float(part) for part in (dated.value.values() if isinstance(dated.value, Mapping) else [dated.value])]
            level = max(parts)
            for percent in yearly_rates(region.value, rate, dated, year):
                level *= 1.0 + float(percent) / 100.0
            if level > limit.most:
                yield (*place, by) if by else ("horizon",), InputError(
                    f"{region.name}: {limit.what} ({path}) grows beyond what can be simulated by {year}:",
                    value=f"{level:.6g} {limit.unit}", expected=f"at most {limit.most:,.0f} {limit.unit}",
                    next_step=f"state less growth ({rate}), or fewer years")
                break
