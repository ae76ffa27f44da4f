"""The report's page on precision: what was asked and reached, how wide the intervals are, and which means have heavy tails."""

from __future__ import annotations

from math import ceil

from simulator.engine.measures import FEWEST_JUDGED
from simulator.engine.precision import MEASURE
from simulator.engine.worlds import ROSTERS
from simulator.report.format import NONE, amount, number
from simulator.report.prose import REPORT, say
from simulator.report.select import Selection, Side
from simulator.words import short_scheme


def precision_part(selection: Selection, lang: str) -> dict:
    """The sentences, a row of cells for each scheme and side (none for one draw), and the last year."""
    draws = selection.run.manifest["draws"]
    sentences = [say(REPORT, "precision_one", lang) if draws == 1
                 else say(REPORT, "precision_draws", lang, draws=number(draws), df=number(min(draws, ROSTERS) - 1)),
                 *settings_held(selection, lang), *asked_and_reached(selection, lang)]
    if selection.pairs:
        sentences.append(say(REPORT, "precision_paired", lang))
    rows = [_row(selection, side, scheme, lang) for scheme in selection.schemes for side in selection.sides] if draws > 1 else []
    return {"sentences": [*sentences, heavy_tails(selection, lang)], "rows": rows, "last": selection.years[-1]}


def settings_held(selection: Selection, lang: str) -> list[str]:
    """One sentence where worlds have settings that agree with published figures, and otherwise none."""
    manifest = selection.run.manifest
    if not (held := manifest.get("settings")) or held.get("until") is None:
        return []
    return [say(REPORT, "precision_settings", lang, name=held["name"], count=number(len(manifest["scenario"].get("given", {}))),
                until=held["until"], joint=number(held["worlds"]))]


def asked_and_reached(selection: Selection, lang: str) -> list[str]:
    """One sentence where a precision was asked, and otherwise none."""
    found = selection.run.manifest.get("precision")
    if not found:
        return []
    widest = found["widest"]
    side = selection.side_name(Side(widest["region"], widest["policy"]), lang)
    needed = {} if found["met"] else {"needed": NONE}
    if not found["met"] and found["reached"]:
        needed["needed"] = number(ceil(found["draws"] * (found["reached"] / found["asked"]) ** 2))
    return [say(REPORT, "precision_met" if found["met"] else "precision_missed", lang, asked=f"{found['asked']:g}",
                draws=number(found["draws"]), reached=_share(found["reached"]), **needed,
                widest=say(REPORT, "comma", lang).join([short_scheme(widest["scheme"], lang), side, str(widest["year"])]))]


def heavy_tails(selection: Selection, lang: str) -> str:
    """The sentence on how many of the run's means have the warning."""
    if selection.run.manifest["draws"] < FEWEST_JUDGED:
        return say(REPORT, "precision_unjudged", lang, fewest=FEWEST_JUDGED)
    marked, every = int((selection.run.summary["warning"] != "").sum()), len(selection.run.summary)
    return say(REPORT, "precision_heavy" if marked else "precision_light", lang, all=number(every),
               **({"count": number(marked)} if marked else {}))


def _row(selection: Selection, side: Side, scheme: str, lang: str) -> list[str]:
    """The scheme, the side, the widest half-interval of spending per member and its year, and the last balance with its own."""
    widths = {}
    for year in selection.years:
        found = selection.number(side, scheme, year, MEASURE)
        if found and found.mean:
            widths[year] = 100 * selection.half(found) / found.mean
    widest = max(widths, key=lambda year: widths[year]) if widths else None
    last = selection.number(side, scheme, selection.years[-1], "balance")
    balance = f"{amount(last.mean, last.unit)} \u00b1 {amount(selection.half(last), last.unit, last.mean)}" if last else NONE
    return [short_scheme(scheme, lang), selection.side_name(side, lang), _share(widths[widest]) if widest else NONE,
            str(widest) if widest else NONE, balance]


def _share(value: float | None) -> str:
    """A percentage with two decimals, or with four if it is below a tenth."""
    return number(value, 4 if value and value < 0.1 else 2)
