"""Do the terms of a fund fit together? Responses that have room to act, budgets with a base, contract fees with payers for the
whole of them, loss ratios in order, and units that pool at a level which no later year leaves."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .catalogue import POOLING_LEVELS, SCHEMES
from .errors import InputError
from .steps import steps_of
from .values import quantity_at, text_of

if TYPE_CHECKING:
    from .regions import Region

Fault = tuple[str, str, str, str]          # the name at fault, problem, value, expected
Stated = Mapping[str, Any]                 # what is stated, by name; None where nothing is


class Fit(NamedTuple):
    """Parameters of one topic and scheme that must fit, and what is wrong with them."""

    topic: str
    names: tuple[str, ...]
    faults: Callable[[Stated], Iterator[Fault]]


def _responses(stated: Stated) -> Iterator[Fault]:
    """Responses that are asked for and can do nothing, for a bound of theirs leaves no room."""
    raised, asked = stated["surplus_response"] == "factor", stated["deficit_response"] or ()
    for response, by, name, missing, expected in (
            ("factor", raised, "factor_high", stated["factor_high"] is not None and stated["factor_high"] <= 100, "above 100"),
            ("factor", "factor" in asked, "factor_low", stated["factor_low"] is not None and stated["factor_low"] >= 100,
             "below 100"),
            ("factor", raised or "factor" in asked, "factor_step", stated["factor_step"] == 0, "above 0"),
            ("premium", "premium" in asked, "premium_step_limit", stated["premium_step_limit"] == 0, "above 0"),
            ("top_up", "top_up" in asked, "top_up_limit", stated["top_up_limit"] == 0, "above 0")):
        if by and missing:
            yield name, f"a response without bounds, for `{response}` is asked for and has no room:", f"{stated[name]}%", expected


def _budget(stated: Stated) -> Iterator[Fault]:
    if stated["budget_base"] == "revenue" and not stated["spending_target"]:
        yield ("budget_base", "a budget without a base:", "revenue", "a share of the funding above zero (spending_target), or a "
               "budget that follows last year's (last_budget, last_claims)")


def _fees(stated: Stated) -> Iterator[Fault]:
    health, fund = stated["gp_health_share"] or 0, stated["gp_fund_share"] or 0
    if health + fund > 100:
        yield ("gp_health_share", "the payers have more than the contract fee:", f"{health}%",
               f"with the fund's part (gp_fund_share) at most 100%, and it is {health + fund}%")


def _loss_ratio(stated: Stated) -> Iterator[Fault]:
    high, low = stated["loss_ratio_high"], stated["loss_ratio_low"] or 0
    if high is not None and (high < low or high == 0):
        yield ("loss_ratio_high", "no upper bound of a loss ratio:", f"{high}%",
               f"above zero, and not below loss_ratio_low ({low}%)")


FITS = (Fit("control", ("surplus_response", "deficit_response", "factor_high", "factor_low", "factor_step", "premium_step_limit",
                        "top_up_limit"), _responses),
        Fit("payment", ("budget_base", "spending_target"), _budget),
        Fit("payment", ("gp_health_share", "gp_fund_share"), _fees),
        Fit("cii", ("loss_ratio_high", "loss_ratio_low"), _loss_ratio),
        Fit("supplement", ("loss_ratio_high", "loss_ratio_low"), _loss_ratio))
OF_FUNDS = frozenset(name for fit in FITS for name in fit.names)


def fund_misfits(region: Region) -> Iterator[InputError]:
    """Terms of funds that do not fit, on the first day of each year in which one of them begins."""
    for scheme in SCHEMES:
        for fit in FITS:
            paths = {name: f"{fit.topic}.{scheme}.{name}" for name in fit.names}
            for day in region.days(paths.values()):
                values = {name: region.value(path, day, required=False) for name, path in paths.items()}
                for name, problem, value, expected in fit.faults({
                        name: None if value is None else value.value for name, value in values.items()}):
                    found = region._entry(paths[name], day)
                    at = found[1] if found else None
                    yield InputError(f"{paths[name]} in {region.name} in {day.year}: {problem}", value=value, expected=expected,
                                     file=at and at.file or None, line=at and at.line or None, column=at and at.column or None)


def split_fault(scheme: str, region: str, year: int, level: str) -> InputError:
    """The fault of a level of pooling below that of the year before."""
    return InputError(f"pooling.{scheme}.level of {region} in {year} is below that of the year before:", value=level,
                      expected="the same level or a higher one: units may be merged, and a balance cannot be split again",
                      next_step="state the lower level from the first year on")


def level_faults(region: Region, schemes: Iterable[str], years: range, changes: Mapping[str, Any],
                 place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], InputError]]:
    """What is wrong with the levels of pooling that some changes of a scenario state, `region` carrying them: each with its
    place among these."""
    for path, data in changes.items():
        own = quantity_at(path)[0]
        topic, *middle, name = own.split(".")
        if topic != "pooling" or name != "level" or middle[0] not in schemes:
            continue
        for step in steps_of(data, path):
            if step.from_ is not None and step.from_ < datetime.date(years[0], 1, 1):
                yield (*place, path), InputError(
                    f"{path}: units that merge before the run begins:", value=f"{text_of(step.operand)} from {step.from_}",
                    expected=f"a day from {years[0] + 1}-01-01 on, or a level without a date, which holds from {years[0]} on")
        levels = [POOLING_LEVELS.index(region.value(own, year).value) for year in years]
        for year, before, now in zip(years[1:], levels, levels[1:], strict=False):
            if now < before:
                yield (*place, path), split_fault(middle[0], region.name, year, POOLING_LEVELS[now])
                break
