"""The report's box "how much of the gap is assumption": the findings of answers/assumptions.py in words and one table."""

from __future__ import annotations

import pandas as pd

from simulator.report.format import amount, number
from simulator.report.prose import REPORT, say
from simulator.report.select import Selection
from simulator.words import measure_and_group, region_name, short_scheme, unit_name

SENTENCES = ("oop_per_head", "expenditure_per_head")     # the measures put into words; the table holds all


def assumption_box(selection: Selection, extra: dict, lang: str) -> dict:
    """The sentences and the rows of the table; without the analysis, one sentence that says so."""
    counts = selection.run.manifest["values_by_status"]
    swap, shapes = extra.get("swap"), extra.get("assumptions")
    if swap is None or len(swap) == 0 or len(selection.scenario["regions"]) < 2:
        text = say(REPORT, "box_missing", lang, assumed=counts.get("assumption", 0), values=sum(counts.values()))
        return {"sentences": [text], "rows": []}
    a, b = (region_name(region, lang) for region in selection.scenario["regions"][:2])
    rows = [_gap(selection, row, shapes, lang) for row in swap.to_dict("records")]
    scheme = "nrcms" if "nrcms" in selection.schemes else selection.schemes[0]
    sentences = [say(REPORT, "box_intro", lang, a=a, b=b)]
    for measure in SENTENCES:
        for row in rows:
            if row["measure"] == measure and row["scheme"] == scheme:
                sentences.append(_sentence(row, a, b, lang))
    if extra.get("swapped") is not None:
        sentences.append(say(REPORT, "box_swapped", lang, count=number(len(extra["swapped"]))))
    return {"sentences": sentences, "rows": rows}


def _gap(selection: Selection, row: dict, shapes: pd.DataFrame | None, lang: str) -> dict:
    """The texts of one measure and scheme: the gap, what is left of it, what assumptions contribute, its range over shapes."""
    group = row.get("group", "") or ""
    unit = selection.units.get(row["measure"], "%")
    found = []
    if shapes is not None and len(shapes):
        chosen = (shapes["measure"] == row["measure"]) & (shapes["scheme"] == row["scheme"])
        if "group" in shapes:
            chosen &= shapes["group"].fillna("") == group
        found = shapes.loc[chosen, "gap"].tolist()
    size = max(abs(value) for value in (row["gap"], row["gap_without_assumptions"], row["from_assumptions"]))

    def text(value: float) -> str:
        return amount(value, unit, size)

    return {"measure": row["measure"], "group": group, "scheme": row["scheme"],
            "label": measure_and_group(row["measure"], group, lang), "scheme_name": short_scheme(row["scheme"], lang),
            "unit": unit_name(unit, lang), "unit_in_words": unit_name("percentage point" if unit == "%" else unit, lang),
            "gap": text(row["gap"]), "left": text(row["gap_without_assumptions"]), "moved": text(row["from_assumptions"]),
            "low": text(row["low"]), "high": text(row["high"]),
            "least": text(min(found)) if found else "", "most": text(max(found)) if found else ""}


def _sentence(row: dict, a: str, b: str, lang: str) -> str:
    """The sentence on what the swap, and where known the shapes, make of one gap."""
    values = {key: row[key] for key in ("gap", "moved", "low", "high", "left")}
    measure = row["label"][0].lower() + row["label"][1:]
    text = say(REPORT, "box_swap", lang, scheme=row["scheme_name"], measure=measure, unit=row["unit_in_words"], a=a, b=b,
               **values)
    if row["least"]:
        text += (" " if lang == "en" else "") + say(REPORT, "box_shape", lang, least=row["least"], most=row["most"],
                                                    unit=row["unit_in_words"])
    return text
