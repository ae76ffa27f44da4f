"""What an outcome varies with, on the terminal: the shares of groups and of the largest values, in 24 lines of 80 columns."""

from __future__ import annotations

from typing import Any

import pandas as pd

from simulator.answers.variance import Sensitivity
from simulator.report.brief import MOST_LINES
from simulator.report.format import number, places_of
from simulator.report.style import columns_of, wrap
from simulator.report.varied_page import whole_percents
from simulator.report.varied_words import GROUP_NAMES, told, value_name
from simulator.words import measure_name, policy_name, region_name, short_scheme, unit_name, word

VARIED_COLUMNS = 80
LEAST_TOLD = 0.005            # a value with less is not named
VALUE_COLUMNS = 44


def heading(found: Sensitivity, lang: str, key: str = "title") -> str:
    policies = found.run.manifest["scenario"]["policies"]
    policy = told("policy", lang, policy=policy_name(found.policy, lang)) if len(policies) > 1 else ""
    name = measure_name(found.measure, lang)
    if lang == "en" and key != "title":
        name = name[0].lower() + name[1:]
    return told(key, lang, region=region_name(found.region, lang), scheme=short_scheme(found.scheme, lang), policy=policy,
                year=found.year, measure=name, unit=unit_name(unit_of(found), lang))


def unit_of(found: Sensitivity) -> str:
    """The unit of the measure in the run's summary."""
    rows = found.run.summary
    own = rows[(rows["measure"] == found.measure) & (rows["group"] == "")]["unit"]
    return str(own.iloc[0]) if len(own) else ""


def lines_of(found: Sensitivity, lang: str, file: str, below: int = 2, most: int | None = None) -> list[str]:
    """The answer; `below` lines are printed under it, `most` values are told (default: as many as there is room for)."""
    places = places_of(max(abs(found.shares.mean), found.shares.sd), "")
    shares = whole_percents({name: share for name, (share, _) in found.groups.items()})
    lines = [*wrap(heading(found, lang), VARIED_COLUMNS),
             *wrap(told("under", lang, mean=number(found.shares.mean, places), sd=number(found.shares.sd, places),
                        worlds=number(found.shares.worlds)), VARIED_COLUMNS)]
    of_groups = [[told("group", lang), told("share", lang), told("error", lang)],
                 *([word(GROUP_NAMES, name, lang), number(100 * share, 1), number(100 * se, 1)]
                   for name, (share, se) in found.groups.items())]
    lines += [*table_lines(of_groups, 1), ""]
    notes = [line for text in (told("rests", lang, **shares), told("errors", lang)) for line in wrap(text, VARIED_COLUMNS)]
    named = found.values[found.values["share"] >= LEAST_TOLD]
    room = MOST_LINES - below - len(lines) - len(notes) - 2 if most is None else most
    kept = len(named) if len(named) <= room + 1 else room
    heads = [told(key, lang) for key in ("value", "status", "share", "error", "low", "high")]
    rows = [[shortened_name(value_name(row, lang), VALUE_COLUMNS), word(GROUP_NAMES, row["status"], lang),
             number(100 * row["share"], 1), number(100 * row["share_se"], 1), number(row["at_low"], places),
             number(row["at_high"], places)] for row in records(named.head(kept))]
    lines += table_lines([heads, *rows], 2)
    left = len(found.values) - kept
    return [*lines, *([told("more", lang, count=left, file=file)] if left else []), *notes]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]


def shortened_name(text: str, width: int) -> str:
    """A name of at most `width` columns."""
    if columns_of(text) <= width:
        return text
    while columns_of(text) > width - 3:
        text = text[:-1]
    return text.rstrip() + "..."


def table_lines(rows: list[list[str]], left: int) -> list[str]:
    """Rows as lines of at most VARIED_COLUMNS: the first `left` columns flush left, the first shortened where it must be."""
    widths = [max(columns_of(row[n]) for row in rows) for n in range(len(rows[0]))]
    widths[0] = min(widths[0], VARIED_COLUMNS - sum(widths[1:]) - 2 * (len(widths) - 1))
    lines = []
    for row in rows:
        cells = [shortened_name(row[0], widths[0]), *row[1:]]
        padded = [text + " " * (wide - columns_of(text)) if n < left else " " * (wide - columns_of(text)) + text
                  for n, (text, wide) in enumerate(zip(cells, widths, strict=True))]
        lines.append("  ".join(padded).rstrip())
    return lines
