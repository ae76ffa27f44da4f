"""What would turn the answer, in a sentence: the smallest set of estimates and assumptions that reverses its sign.

It says which of two things it rests on: the worlds of the run alone, whose emulator found it, or a run with the values set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from simulator.answers.turning import DOWNWARDS, LEVEL, MOST_TURNING, UPWARDS
from simulator.answers.turns import Confirmed
from simulator.parameters.levers import CHOICE, PLUS
from simulator.report.format import number, places_of, signed
from simulator.report.style import columns_of
from simulator.report.varied_words import value_name
from simulator.words import Words, measure_name, policy_name, region_name, short_scheme, unit_name, word

TURNED: Words = {
    "turns": ("{subject} turns if {moves}: by the {worlds} worlds of this run, not confirmed by another.",
              "{subject}：若{moves}则结论反转（依据本次{worlds}个情景，未经另行模拟确认）。"),
    "none": ("{subject}: no {most} estimates or assumptions within their 5-95% ranges turn it, by the {worlds} worlds of "
             "this run.",
             "{subject}：任何{most}个估计或假设在其5%-95%范围内均不能使结论反转（依据本次{worlds}个情景）。"),
    "subject": ("{scheme} {measure} {year}, {a} less {b},", "{scheme}{year}年{measure}（{a}减{b}）"),
    "balance_per_head": ("balance a head", "人均结余"),
    "above": ("{name} is above {value}", "{name}高于{value}"), "below": ("{name} is below {value}", "{name}低于{value}"),
    "at": ("{name} is \"{value}\"", "{name}为“{value}”"), "and": (" and ", "且"),
    "stated": ("{value} {unit} (stated {central})", "{value}{unit}（现值{central}）"),
    "times": ("{percent}% of what is stated", "现值的{percent}%"), "points": ("what is stated {points}", "现值{points}"),
    "gap": ("{subject} is {mean} (95%: {low} to {high}) in the {worlds} worlds of the run.",
            "{subject}：本次{worlds}个情景中为{mean}（95%区间{low}至{high}）。"),
    "also": ("Or if {moves}.", "或者{moves}。"),
    "confirmed": ("Confirmed by a run of {worlds} worlds with {moves}: the difference is {mean} ({low} to {high}).",
                  "经{worlds}个情景的模拟确认：{moves}时，差额为{mean}（{low}至{high}）。"),
    "refuted": ("Not confirmed: a run of {worlds} worlds with {moves}, the ends of the ranges, leaves the difference at {mean} "
                "({low} to {high}).", "未获确认：{worlds}个情景中取范围端点（{moves}）时，差额仍为{mean}（{low}至{high}）。"),
    "line": ("{scheme} {measure} turns if {moves} (not confirmed by a run)",
             "{scheme}{measure}：若{moves}则反转（未经模拟确认）"),
    "line_none": ("{scheme} {measure}: no {most} values within their ranges turn it",
                  "{scheme}{measure}：任何{most}个参数均不能使其反转"),
    "line_some": ("{scheme} {measure} turns with {count} values: fundsim sensitivity RUN --turns",
                  "{scheme}{measure}：{count}个参数可使其反转，见 fundsim sensitivity RUN --turns"),
    "set_above": ("{name} = {value}", "{name}={value}"),
}


SIGNS_OF_WAYS = {UPWARDS: ">", DOWNWARDS: "<"}


def _say(key: str, lang: str, **values: object) -> str:
    return word(TURNED, key, lang).format(**values)


def turned_sentence(frame: pd.DataFrame | None, lang: str) -> str:
    """What turns the answer, of a run's turns.csv; empty without it."""
    if frame is None or not len(frame):
        return ""
    first = frame.iloc[0].to_dict()
    if first["set"] < 0:
        return _say("none", lang, subject=subject(first, lang), most=MOST_TURNING, worlds=number(first["worlds"]))
    return _say("turns", lang, subject=subject(first, lang), moves=moves(frame[frame["set"] == 0], lang),
                worlds=number(first["worlds"]))


def turned_line(frame: pd.DataFrame | None, lang: str, width: int) -> str:
    """The same in one line of at most `width` columns, names and values alone; empty without the table."""
    if frame is None or not len(frame):
        return ""
    first, own = frame.iloc[0].to_dict(), frame[frame["set"] == 0]
    head = {"scheme": short_scheme(first["scheme"], lang), "measure": _measure(first, lang)}
    if first["set"] < 0:
        return _say("line_none", lang, **head, most=MOST_TURNING)
    said = [f"{_name(row, lang)} {'=' if row['lever'] == CHOICE or not row['direction'] else SIGNS_OF_WAYS[row['direction']]} "
            f"{_value(row, lang, brief=True)}" for row in own.fillna("").to_dict("records")]
    line = _say("line", lang, **head, moves=_say("and", lang).join(said))
    return line if columns_of(line) <= width else _say("line_some", lang, **head, count=len(said))


def _measure(row: Mapping[Any, Any], lang: str) -> str:
    measure = word(TURNED, row["measure"], lang) if row["measure"] in TURNED else measure_name(row["measure"], lang)
    return measure[0].lower() + measure[1:] if lang == "en" else measure


def _name(row: Mapping[Any, Any], lang: str) -> str:
    name = value_name(row, lang)
    return name[0].lower() + name[1:] if lang == "en" else name


def subject(row: Mapping[Any, Any], lang: str) -> str:
    """The difference in words: fund, measure, year and sides."""
    if row["policy_a"] != row["policy_b"]:
        a, b = (policy_name(row[f"policy_{side}"], lang) for side in "ab")
    else:
        a, b = (region_name(row[f"region_{side}"], lang) for side in "ab")
    return _say("subject", lang, scheme=short_scheme(row["scheme"], lang), year=int(row["year"]), a=a, b=b,
                measure=_measure(row, lang))


def moves(rows: pd.DataFrame, lang: str, exact: bool = False) -> str:
    """The values of one set with the settings beyond which it turns, or at which (`exact`) a run had them."""
    said = []
    for row in rows.fillna("").to_dict("records"):
        key = "at" if row["lever"] == CHOICE or row["direction"] == LEVEL else "set_above" if exact else (
            "above" if row["direction"] == UPWARDS else "below")
        said.append(_say(key, lang, name=_name(row, lang), value=_value(row, lang)))
    return _say("and", lang).join(said)


def _value(row: Mapping[Any, Any], lang: str, brief: bool = False) -> str:
    """A setting in the value's own unit; in percent of what is stated where this is several numbers; a rule book by its name."""
    setting = float(row["setting"])
    if row["lever"] == CHOICE:
        books = str(row["law"]).removeprefix("choice(").removesuffix(")").split("; ")
        return books[int(setting)].rpartition(" ")[0] if int(setting) < len(books) else f"{setting:g}"
    try:
        central = float(row["central"])
    except ValueError:
        return _say("points", lang, points=signed(setting, 2)) if row["lever"] == PLUS else _say(
            "times", lang, percent=number(100 * setting, 1))
    value = central + setting if row["lever"] == PLUS else central * setting
    shown = f"{value:.3g}" if abs(value) < 1000 else number(value)
    return shown if brief else _say("stated", lang, value=shown, central=row["central"],
                unit=unit_name(str(row["unit"]), lang))


def lines_of_turns(frame: pd.DataFrame, lang: str, confirmed: Confirmed | None = None) -> list[str]:
    """The answer of the verb: the difference, what turns it, what else does, and what a run with it set found."""
    first = frame.iloc[0].to_dict()
    places = places_of(abs(first["difference"]), "")
    head = _say("gap", lang, subject=subject(first, lang), mean=signed(first["difference"], places),
                worlds=number(first["worlds"]), low=signed(first["low"], places), high=signed(first["high"], places))
    lines = [head, turned_sentence(frame, lang)]
    lines += [_say("also", lang, moves=moves(own, lang)) for nth, own in frame.groupby("set") if nth > 0]
    if confirmed is not None:
        lines.append(_say("confirmed" if confirmed.turned else "refuted", lang, worlds=number(confirmed.worlds),
                          moves=moves(confirmed.frame, lang, True), mean=signed(confirmed.mean, places),
                          low=signed(confirmed.low, places), high=signed(confirmed.high, places)))
    return lines
