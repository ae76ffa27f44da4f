"""The report's box "how much of the gap is assumption": the findings of answers/assumptions.py in words and one table."""

from __future__ import annotations

import pandas as pd

from simulator.report.codes import parameter_name
from simulator.report.format import amount, number, signed
from simulator.report.prose import PAGE, REPORT, say
from simulator.report.select import Selection
from simulator.words import measure_and_group, measure_name, region_name, short_scheme, unit_name

TOLD = ("expenditure_per_head", "surplus_rate")           # of the schemes were targets met
SENTENCES = ("oop_per_head", "expenditure_per_head")     # the measures put into words; the table holds all


def assumption_box(selection: Selection, extra: dict, lang: str) -> dict:
    """The sentences and the rows of the table; without the analysis, one sentence that says so."""
    counts = selection.run.manifest["values_by_status"]
    varied, counted = extra.get("assumptions"), extra.get("assumed")
    if varied is None or not len(varied) or "gap_then" not in varied or len(selection.scenario["regions"]) < 2:
        text = say(REPORT, "box_missing", lang, assumed=counts.get("assumption", 0), values=sum(counts.values()))
        return {"sentences": [text], "rows": []}
    a, b = (region_name(region, lang) for region in selection.scenario["regions"][:2])
    of_measures = varied.fillna({"group": ""}).groupby(["measure", "group", "scheme"], sort=False)
    rows = [_row(selection, measure, group, scheme, some, lang) for (measure, group, scheme), some in of_measures]
    scheme = "nrcms" if "nrcms" in selection.schemes else selection.schemes[0]
    sentences = [say(REPORT, "box_intro", lang, a=a, b=b)]
    for measure in SENTENCES:
        for row in rows:
            if row["measure"] == measure and row["scheme"] == scheme:
                sentences.append(say(REPORT, "box_range", lang, scheme=row["scheme_name"], measure=_small(row["label"]),
                                     **{key: row[key] for key in ("gap", "least", "most", "by", "furthest", "low", "high")},
                                     unit=row["unit_in_words"]))
    if counted is not None and len(counted):
        some = counted[counted["scheme"] == scheme]
        sentences.append(say(REPORT, "box_counted", lang, scheme=short_scheme(scheme, lang),
                             varied=number(int(some["varied"].sum())), fixed=number(int(some["fixed"].sum()))))
    return {"sentences": sentences, "rows": rows}


def targets_said(selection: Selection, extra: dict, lang: str) -> list[str]:
    """What the schemes would spend and keep in the first year were the plans' targets met, beside what they do, as one sentence
    of the first page; none without the analysis, and none where no target moves anything."""
    table = extra.get("targets")
    if table is None or not len(table) or not table["moved"].any():
        return []
    a, b = selection.scenario["regions"][:2]
    spent, kept = (table[table["measure"] == measure] for measure in TOLD)
    return [say(PAGE, "targets", lang, year=selection.years[0], measure=measure_name(TOLD[0], lang),
                unit=unit_name(selection.units.get(TOLD[0], ""), lang), rate=_small(measure_name(TOLD[1], lang)),
                spending=_schemes(spent, "targets_spent", (a, b), lang), surplus=_schemes(kept, "targets_kept", (a, b), lang))]


def _schemes(rows: pd.DataFrame, key: str, sides: tuple[str, str], lang: str) -> str:
    """Scheme by scheme what both sides come to, and their gap; whole numbers."""
    said = []
    for scheme, some in rows.groupby("scheme", sort=False):
        of = {row.side: row for row in some.itertuples(index=False)}
        one, other, gap = of[sides[0]], of[sides[1]], of["gap"]
        said.append(say(PAGE, key, lang, scheme=short_scheme(str(scheme), lang),
                        a_name=region_name(sides[0], lang), a=number(one.evidence), a_met=number(one.target),
                        b_name=region_name(sides[1], lang), b=number(other.evidence), b_met=number(other.target),
                        gap=signed(gap.evidence, 0), gap_met=signed(gap.target, 0)))
    return say(PAGE, "then", lang).join(said)


def _small(name: str) -> str:
    """A name within a sentence."""
    return name[0].lower() + name[1:]


def _row(selection: Selection, measure: str, group: str, scheme: str, varied: pd.DataFrame, lang: str) -> dict:
    """The texts of one measure and scheme: the gap, its range over the alternatives, and which of them moves it furthest."""
    unit = selection.units.get(measure, "%")
    gap = float(varied["gap"].iloc[0])
    far = varied.loc[varied["moved"].abs().idxmax()]
    least, most = min(gap, float(varied["gap_then"].min())), max(gap, float(varied["gap_then"].max()))
    size = max(abs(gap), abs(least), abs(most))

    def text(value: float) -> str:
        return amount(float(value), unit, size)

    return {"measure": measure, "group": group, "scheme": scheme, "label": measure_and_group(measure, group, lang),
            "scheme_name": short_scheme(scheme, lang), "unit": unit_name(unit, lang),
            "unit_in_words": unit_name("percentage point" if unit == "%" else unit, lang),
            "gap": text(gap), "least": text(least), "most": text(most), "by": _by(far, lang), "furthest": text(far["gap_then"]),
            "low": text(far["low"]), "high": text(far["high"])}


def _by(row: pd.Series, lang: str) -> str:
    """An alternative in words: what takes which value, on which side."""
    side = say(REPORT, "box_both", lang) if row["side"] == "both" else region_name(row["side"], lang)
    if row["what"] in ("like-places", "level", "people-and-care"):
        key = {"like-places": "box_like", "level": "box_level", "people-and-care": "box_people"}[row["what"]]
        return say(REPORT, key, lang, side=side, end=row["end"])
    end = say(REPORT, f"box_end_{row['end']}", lang)
    return say(REPORT, "box_by", lang, side=side, what=parameter_name(row["what"], lang), end=end)
