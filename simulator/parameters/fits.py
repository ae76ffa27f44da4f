"""Do values that stand apart fit together? They may come from different files, regions and dates, so this looks at what a region
sees in each year in which one of them changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .catalogue import SCHEMES, TIERS
from .errors import InputError
from .fits_of_funds import OF_FUNDS, fund_misfits
from .ladder import LADDER_BOUNDS, RUNGS, ladder_faults
from .plans import annual_cap_floor
from .quantities import MOST_COUNTIES
from .values import Entry, text_of

if TYPE_CHECKING:
    from .regions import Region


# The names of the parameters that are looked at here.
MUST_FIT = frozenset({"band_tops", "ratio", "tops", "threshold", "threshold_multiple", "risk_shares", "risk_multipliers",
                    "tops_from", "counties", "cities", "unit_members", "city_counties", "unit_costs", "unit_means",
                    "unit_wages", "unit_openings", "surplus_response", "deficit_response", "warning_trigger", "annual_cap",
                    *RUNGS, *LADDER_BOUNDS, *OF_FUNDS})
OF_COUNTIES = ("unit_members", "unit_costs", "unit_means", "unit_wages", "unit_openings")


def check_fits(region: Region, changed: Iterable[str] | None = None) -> None:
    """Refuse what `misfits` finds first; of a region with `changed` parameters, only where one of them must fit. InputError."""
    if changed is None or not MUST_FIT.isdisjoint(path.rpartition(".")[2] for path in changed):
        for fault in misfits(region):
            raise fault


def misfits(region: Region) -> Iterator[InputError]:
    """Ratio lists that are not one longer than the band tops in force beside them; bands of critical illness insurance that end
    at or below its threshold; risk classes of another number than their multipliers; pooling units that are not the region's;
    ladders that are none."""
    for scheme in SCHEMES:
        for tops_path, ratio_path in ((f"inpatient.{scheme}.band_tops", f"inpatient.{scheme}.ratio"),
                                      (f"supplement.{scheme}.tops", f"supplement.{scheme}.band_ratio"),
                                      (f"cii.{scheme}.tops", f"cii.{scheme}.ratio"),
                                      (f"cii.{scheme}.listed_tops", f"cii.{scheme}.listed_ratio")):
            for year, (tops, ratio) in _together(region, tops_path, ratio_path):
                yield from _length_faults(region, year, len(tops.data) + 1, ratio, tops_path)
        for year, (threshold, multiple, tops) in _together(region, *(f"cii.{scheme}.{name}" for name in (
                "threshold", "threshold_multiple", "tops"))):
            low = [top for top in tops.data if Decimal(top) < Decimal(threshold.data)]
            counted = region.value(f"cii.{scheme}.tops_from", year, required=False)
            if counted is not None and counted.value == "threshold":
                continue
            if low and not Decimal(multiple.data):                 # as a multiple of incomes it moves with them
                yield _at(tops, f"{tops.path}: a band that ends below the threshold:", low[-1],
                          f"more than {threshold.data}, the threshold in {region.name} in {year}, for tops are counted from zero")
        yield from _faults_of_units(region, scheme)
        yield from _ladders(region, scheme)
        for year, (shares, multipliers) in _together(region, f"care.{scheme}.risk_shares", f"care.{scheme}.risk_multipliers"):
            if len(shares.data) != len(multipliers.data):
                yield _at(shares, f"{shares.path}: shares of {len(shares.data)} risk classes:", f"[{', '.join(shares.data)}]",
                          f"{len(multipliers.data)}, as {multipliers.path} has in {region.name} in {year}")
            elif not any(Decimal(share) * Decimal(factor) for share, factor in zip(shares.data, multipliers.data, strict=True)):
                yield _at(shares, f"{shares.path}: nobody is in any risk class:", "[" + ", ".join(shares.data) + "]",
                          "at least one share above 0")
    yield from fund_misfits(region)


def _faults_of_units(region: Region, scheme: str) -> Iterator[InputError]:
    """Lists of counties that are not as many as the region has, a county without members, and counties of cities that are not all
    of them. A list of an ancestor that has other counties does not speak of this region's."""
    counties_path, cities_path = f"population.{scheme}.counties", f"pooling.{scheme}.cities"
    for name in OF_COUNTIES:
        for year, (counties, listed) in _together(region, counties_path, f"pooling.{scheme}.{name}"):
            if not listed.data or not speaks_of(region, f"pooling.{scheme}.{name}", counties_path, year):
                continue
            if int(Decimal(counties.data)) > MOST_COUNTIES:
                yield _at(listed, f"{listed.path}: a list of the counties of a region that has too many:", counties.data,
                          f"at most {MOST_COUNTIES} counties in {counties_path}")
            elif len(listed.data) != int(Decimal(counties.data)):
                yield _at(listed, f"{listed.path}: a list of other length than the region has counties:",
                          f"{len(listed.data)} numbers", f"{counties.data}, as {counties_path} has in {region.name} in {year}")
            elif name == "unit_members" and (empty := [n for n, share in enumerate(listed.data, 1) if not Decimal(share)]):
                yield _at(listed, f"{listed.path}: a county without members:", f"0 at place {empty[0]}", "a share above 0")
            elif name == "unit_openings" and not any(Decimal(level) for level in listed.data):
                yield _at(listed, f"{listed.path}: no county has an opening balance:", "all 0", "at least one number above 0")
    for year, (counties, cities) in _together(region, counties_path, cities_path):
        if int(Decimal(cities.data)) > int(Decimal(counties.data)) and speaks_of(region, cities_path, counties_path, year):
            yield _at(cities, f"{cities.path}: more cities than the region has counties:", cities.data,
                      f"at most {counties.data}, as {counties_path} has in {region.name} in {year}")
    for year, (counties, cities, listed) in _together(region, counties_path, cities_path, f"pooling.{scheme}.city_counties"):
        if not listed.data or not speaks_of(region, f"pooling.{scheme}.city_counties", counties_path, year):
            continue
        if len(listed.data) != int(Decimal(cities.data)):
            yield _at(listed, f"{listed.path}: a list of other length than the region has cities:", f"{len(listed.data)} numbers",
                      f"{cities.data}, the cities of {cities_path} in {region.name} in {year}")
        elif sum(map(Decimal, listed.data)) != Decimal(counties.data):
            yield _at(listed, f"{listed.path}: the cities' counties are not those of the region:",
                      f"{sum(map(Decimal, listed.data))} in all",
                      f"{counties.data}, as {counties_path} has in {region.name} in {year}")
        elif any(Decimal(count) != int(Decimal(count)) for count in listed.data):
            yield _at(listed, f"{listed.path}: not whole numbers of counties:", "[" + ", ".join(listed.data) + "]",
                      "whole numbers")


def speaks_of(region: Region, path: str, counties_path: str, year: int) -> bool:
    """Whether a list of a region's counties is stated at least as near to it as the number of its counties is."""
    found = [region._entry(one, year) for one in (path, counties_path)]
    near = [region.lineage.index(one[0]) if one else len(region.lineage) for one in found]
    return near[0] <= near[1]


def _ladders(region: Region, scheme: str) -> Iterator[InputError]:
    """Ladders that are not in order, that responses ask for in vain, or whose caps go below a floor of the law."""
    paths = {name: f"control.{scheme}.{name}" for name in (*RUNGS, *LADDER_BOUNDS, *ASK_FOR_LADDER)}
    for day in region.days(paths.values()):
        found = {name: entry[1] for name, path in paths.items() if (entry := region._entry(path, day))}
        lists = {name: [Decimal(item) for item in found[name].data] for name in RUNGS if name in found and found[name].data}
        bounds: dict[str, Decimal | None] = dict.fromkeys(LADDER_BOUNDS)
        for name in LADDER_BOUNDS:                               # before they are stated, the first ones: no run begins so early
            if stated := [found[name]] if name in found else region.entries_of(paths[name])[:1]:
                bounds[name] = Decimal(stated[0].data)
        for name, problem, value, expected in ladder_faults(lists, bounds):
            at = found.get(name) or found[next(iter(lists))]
            yield _at(at, f"{paths[name]} in {region.name} in {day.year}: {problem}", value, expected)
        for name, asks in ASK_FOR_LADDER.items():
            if not lists and name in found and asks(found[name].data) and not (name == "warning_trigger" and "premium" in (
                    found["deficit_response"].data if "deficit_response" in found else ())):
                yield _at(found[name], f"{paths[name]} asks for a ladder of benefits that is not stated:",
                          text_of(found[name].data),
                          f"control.{scheme}.ladder_ratio, or another list of rungs, in {region.name} in {day.year}")
        yield from _caps(region, scheme, day.year, found, lists)


def _caps(region: Region, scheme: str, year: int, found: dict[str, Entry],
          lists: dict[str, list[Decimal]]) -> Iterator[InputError]:
    """Rungs whose annual cap is below the law's floor, of a plan whose own cap is not."""
    stated = region.value(f"inpatient.{scheme}.annual_cap", year, required=False)
    if min(lists.get("ladder_cap", [Decimal(100)])) >= 100 or stated is None:
        return
    floor, binding = annual_cap_floor(region, scheme, year)
    own = min(stated.value.values()) if isinstance(stated.value, dict) else stated.value
    for n, share in enumerate(lists["ladder_cap"]):
        if own * share / 100 < min(floor, own):
            yield _at(found["ladder_cap"],
                      f"control.{scheme}.ladder_cap in {region.name} in {year}: rung {n + 1} goes below a floor of the law:",
                      f"{share}% of {own} yuan", f"at least {floor} yuan{f' ({binding.source})' if binding else ''}")


# Parameters by which a fund may respond, and whether one asks for a ladder.
ASK_FOR_LADDER: dict[str, Callable[[Any], bool]] = {
    "surplus_response": lambda stated: str(stated).endswith("ladder"), "deficit_response": lambda stated: "ladder" in stated,
    "warning_trigger": lambda stated: stated != "none"}


def _together(region: Region, *paths: str) -> Iterator[tuple[int, list[Entry]]]:
    """The entries of parameters on each day on which one of them begins, with its year, where all have one."""
    for day in region.days(paths):
        found = [entry[1] for path in paths if (entry := region._entry(path, day))]
        if len(found) == len(paths):
            yield day.year, found


def _length_faults(region: Region, year: int, bands: int, ratio: Entry, tops_path: str) -> Iterator[InputError]:
    lists = [(f" of tier {tier}", ratio.data[tier]) for tier in TIERS] if isinstance(ratio.data, dict) else [("", ratio.data)]
    for where, rates in lists:
        if len(rates) != bands:
            yield _at(ratio, f"{ratio.path}{where} does not fit its bands: {len(rates)} ratios in", "[" + ", ".join(rates) + "]",
                      f"{bands}, one more than the tops of {tops_path} in {region.name} in {year}")


def _at(entry: Entry, problem: str, value: str, expected: str) -> InputError:
    return InputError(problem, value=value, expected=expected, file=entry.file or None, line=entry.line or None,
                      column=entry.column or None)
