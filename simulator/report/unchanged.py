"""A fund as it is run beside one that changes nothing: how each ends, in one sentence of the terminal and of page one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.engine.two_funds import UNCHANGED
from simulator.report.format import number
from simulator.report.prose import BRIEF, REPORT, say
from simulator.report.select import Selection, Side
from simulator.words import policy_name, region_name, short_scheme

OVER_LIMITS = ("over_annual", "over_cumulative")
BESIDE_FIGURES = ("exhausted", *OVER_LIMITS, "balance")


class Beside(NamedTuple):
    """The last year of a side's scheme: BESIDE_FIGURES, each if nothing is changed and as run, in percent and yuan a head; the
    share of members, in percent, whose fund is over a limit with its responses at their bounds; and whether a ladder moved."""

    side: Side
    scheme: str
    figures: dict[str, tuple[float, float]]
    at_bounds: float
    climbed: bool

    @property
    def apart(self) -> float:
        """How far the two are apart: the largest difference of a probability, then any of the balance."""
        gaps = {name: abs(one - other) for name, (one, other) in self.figures.items()}
        balance = gaps.pop("balance")
        return max(gaps.values()) or (1e-6 if balance > 0 else 0.0)


def besides(selection: Selection, sides: Sequence[Side]) -> list[Beside]:
    """What is known of each side and scheme; nothing where no fund responds."""
    found, last = [], selection.years[-1]
    for side in sides:
        for scheme in selection.schemes:
            numbers = {name: [selection.number(side, scheme, last, measure) for measure in (UNCHANGED[name], name)]
                       for name in BESIDE_FIGURES}
            heads, bounds, rung = (selection.number(side, scheme, last, name) for name in ("members", "at_bounds", "rung"))
            if heads is None or any(number is None for pair in numbers.values() for number in pair):
                continue
            a_head = 1e4 / heads.mean if heads.mean else 0.0                        # 1e8 yuan over 1e4 persons
            figures = {name: (one.mean * scale, other.mean * scale) for name, (one, other) in numbers.items() if one and other
                       for scale in (a_head if name == "balance" else 100,)}
            found.append(Beside(side, scheme, figures, 100 * bounds.mean if bounds else 0.0, bool(rung and rung.mean)))
    return found


def unchanged_said(selection: Selection, sides: Sequence[Side], lang: str, most: int, ladder: bool = True) -> str:
    """How the funds end if nothing is changed and as run, of the baseline's the `most` that differ most, before those of other
    policies; empty where nothing responds. With `ladder` it names one where refunds are at their bounds and nobody has one."""
    found = besides(selection, sides)
    baseline = selection.sides[0].policy
    apart = sorted((one for one in found if one.apart), key=lambda one: (one.side.policy != baseline, -one.apart))
    if not apart:
        return say(BRIEF, "unchanged_same", lang) if found else ""
    items = [_item(selection, sides, one, lang) for one in apart[:most]]
    if len(apart) > most:
        items.append(say(BRIEF, "others", lang, count=len(apart) - most))
    said = say(BRIEF, "unchanged", lang, year=selection.years[-1], items=say(BRIEF, "then", lang).join(items))
    broken = any(one.at_bounds for one in apart) and not any(one.climbed for one in apart)
    return said + (say(BRIEF, "unchanged_how", lang) if broken and ladder else "")


def _item(selection: Selection, sides: Sequence[Side], one: Beside, lang: str) -> str:
    name = [region_name(one.side.region, lang)] * (len(selection.scenario["regions"]) > 1)
    name += [policy_name(one.side.policy, lang)] * (len({side.policy for side in sides}) > 1)
    limit = max(OVER_LIMITS, key=lambda name: max(one.figures[name]))
    parts = [say(BRIEF, "unchanged_exhausted", lang, both=_both(one.figures["exhausted"]))]
    if max(one.figures[limit]) > 0:
        bounds = say(BRIEF, "unchanged_bounds", lang, share=f"{one.at_bounds:.0f}") if one.at_bounds >= 0.5 else ""
        parts.append(say(BRIEF, f"unchanged_{limit}", lang, both=_both(one.figures[limit]), bounds=bounds))
    parts.append(say(BRIEF, "unchanged_balance", lang, both=_both(one.figures["balance"])))
    return " ".join([*name, short_scheme(one.scheme, lang)]) + " " + say(REPORT, "comma", lang).join(parts)


def _both(pair: tuple[float, float]) -> str:
    return "/".join(number(value, 0) for value in pair)
