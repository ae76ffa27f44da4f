"""Do values that stand apart fit together? They may come from different files, regions and dates, so this looks at what a region
sees in each year in which one of them changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from .catalogue import SCHEMES, TIERS
from .errors import InputError
from .values import Entry

if TYPE_CHECKING:
    from .regions import Region


# The names of the parameters that are looked at here.
MUST_FIT = frozenset({"band_tops", "ratio", "tops", "threshold", "threshold_multiple", "risk_shares", "risk_multipliers",
                    "tops_from"})


def check_fits(region: Region, changed: Iterable[str] | None = None) -> None:
    """Refuse what `misfits` finds first; of a region with `changed` parameters, only where one of them must fit. InputError."""
    if changed is None or not MUST_FIT.isdisjoint(path.rpartition(".")[2] for path in changed):
        for fault in misfits(region):
            raise fault


def misfits(region: Region) -> Iterator[InputError]:
    """Ratio lists that are not one longer than the band tops in force beside them; bands of critical illness insurance that end
    at or below its threshold; risk classes of another number than their multipliers."""
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
        for year, (shares, multipliers) in _together(region, f"care.{scheme}.risk_shares", f"care.{scheme}.risk_multipliers"):
            if len(shares.data) != len(multipliers.data):
                yield _at(shares, f"{shares.path}: shares of {len(shares.data)} risk classes:", f"[{', '.join(shares.data)}]",
                          f"{len(multipliers.data)}, as {multipliers.path} has in {region.name} in {year}")
            elif not any(Decimal(share) * Decimal(factor) for share, factor in zip(shares.data, multipliers.data, strict=True)):
                yield _at(shares, f"{shares.path}: nobody is in any risk class:", "[" + ", ".join(shares.data) + "]",
                          "at least one share above 0")


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
