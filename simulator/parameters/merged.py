"""The merged residents' scheme (urrbmi): whose people it has, and which rules they are under.

Its people are those of urbmi and nrcms, each falling ill as before; their funds and balances join. Benefits move
to the merged scheme's own rules (`merger.benefit: stated`) or to the better of the two old ones in every term
(`better`), after `merger.transition_years` (淄政办发〔2013〕57号 一(三)). Before the merger, and where there is none, it is the
two side by side: each member under the rules of his own scheme, what they bring in and hold together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.parameters.catalogue import MERGED, ORIGINS
from simulator.parameters.errors import InputError
from simulator.parameters.plans import BANDED
from simulator.plan import BANDS, FULL, TERMS, Plan

# The better of two values, as a term's row says; what is neither goes with the schedule of the scheme whose bands are kept.
APART = "apart"
BETTER: dict[str, Callable[..., Any]] = {"smaller": np.minimum, "larger": np.maximum, "kept": lambda mine, theirs: mine}


def origins(scheme: str) -> tuple[str, ...]:
    """The schemes whose people a scheme has."""
    return ORIGINS if scheme == MERGED else (scheme,)


def merger_terms(read, year: int) -> tuple[int, int, str]:
    """(first year, 0 for never; years of transition; benefit) of the merger in a region."""
    return (int(read("merger.first_year", year).value), int(read("merger.transition_years", year).value),
            read("merger.benefit", year).value)


# What members of both bring in, of which the merged scheme has the mean until it is stated for it.
OF_BOTH = ("funding.{scheme}.subsidy", "funding.{scheme}.premium", "funding.{scheme}.local_top_up",
           "funding.{scheme}.collection_ratio", "funding.{scheme}.pooled_share", "funding.{scheme}.duplicate_share",
           "supplement.{scheme}.premium", "cii.{scheme}.premium")


def stand_together(read, path: str, year: int) -> bool:
    """Whether the merged scheme is but its two origins side by side in a year, or states nothing of its own at `path`."""
    first, _, _ = merger_terms(read, year)
    value = read(path, year, False)
    return first == 0 or year < first or value is None or value.path != path


def rule_book(read, year: int) -> str:
    """Which rules hold for members of the merged scheme in a year: each origin's own (APART, before the merger and in its
    transition), the `better` of the two in every term, or the merged scheme's own as `stated`."""
    first, transition, benefit = merger_terms(read, year)
    return APART if first == 0 or year < first + transition else benefit


def better(one: Plan, other: Plan) -> Plan:
    """The better of two plans in every term; what is neither better nor worse stays as in `one`.

    Schedules are compared on the bands of both. InputError if that makes more bands than a plan can hold.
    """
    for tops, ratios in BANDED.items():
        both = np.union1d(getattr(one, tops), getattr(other, tops))
        if len(both) > BANDS:
            raise InputError(f"{tops} of both plans make together:", value=f"{len(both)} bands", expected=f"at most {BANDS}",
                             next_step="use merger.benefit: stated")
        one, other = on_bands(one, tops, ratios, both), on_bands(other, tops, ratios, both)
    terms: dict[str, Any] = {}
    for name, term in TERMS.items():
        mine, theirs = np.asarray(getattr(one, name)), np.asarray(getattr(other, name))
        value = BETTER[term.better](mine, theirs)
        if name == "listed":                                    # everywhere is better than in the counties of the pilot
            value = np.where((mine == FULL) | (theirs == FULL), FULL, value)
        if name in ("quota", "quota_kind"):                  # of the plan that lists the illness
            value = np.where(one.listed > 0, mine, theirs)
        terms[name] = value if term.shape else int(value)
    best = Plan(**terms)
    if not np.array_equal(one.listed, other.listed):            # a list is not to pay less than the other plan's ordinary rules
        best = best._replace(listed_better=1)
    if one.chronic_list != other.chronic_list:                  # nor is a chronic visit
        best = best._replace(chronic_ratio=np.maximum(best.chronic_ratio, best.outpatient_ratio),
                             chronic_deductible=np.minimum(best.chronic_deductible, best.outpatient_deductible.min(axis=0)),
                             chronic_year_limit=np.maximum(best.chronic_year_limit, best.outpatient_year_limit))
    return best


def on_bands(plan: Plan, tops: str, ratios: str, wanted: np.ndarray) -> Plan:
    """The same schedule on finer bands, whose tops hold all of the plan's."""
    band = np.searchsorted(getattr(plan, tops), wanted)
    schedule: dict[str, Any] = {tops: wanted, ratios: np.asarray(getattr(plan, ratios))[..., band]}
    return plan._replace(**schedule)
