"""A calibration on a terminal: the fit before and after, the waves, contradictions, and the figures that are missed by most."""

from __future__ import annotations

import pandas as pd

from simulator.answers.backtest import number
from simulator.answers.evidence import Figure
from simulator.calibration.contradictions import Contradiction
from simulator.calibration.summary import fit_frame, fit_of
from simulator.calibration.waves import Calibration
from simulator.report.calibrated_words import CALIBRATED_WORDS
from simulator.report.forecasts import columns
from simulator.report.format import percent
from simulator.report.style import columns_of, wrap
from simulator.words import measure_name, region_name, short_scheme, word

SHOWN_MISSED, SHOWN_CONTRADICTIONS = 5, 2
MEASURE_WIDTH = 26
WIDE_AS_A_TERMINAL = 80


def calibration_text(found: Calibration, lang: str, verbose: bool = False) -> str:
    """The answer in lines of at most 80 columns; with `verbose` every contradiction and every figure."""
    def say(key: str, **said: object) -> str:
        return word(CALIBRATED_WORDS, key, lang).format(**said)

    frame = fit_frame(found)
    cells = {met.target.figure.cell for met in found.experiment.met}
    used = {met.target.figure.cell for met, one in zip(found.experiment.met, found.view.used, strict=True) if one}
    lines = wrap(say("head", figures=len(cells), until=found.until, weighed=len(used), keys=len(found.experiment.keys),
                     worlds=found.waves[-1].worlds), WIDE_AS_A_TERMINAL)
    lines += ["", *_fit(frame, lang), "", *_waves(found, lang)]
    lines += wrap(say("chance", effective=f"{found.drawn.effective_by_chance:.1f}"), WIDE_AS_A_TERMINAL)
    lines += ["", *_contradictions(found, lang, verbose), "", *_missed(frame, lang, verbose)]
    if verbose:
        errors = dict.fromkeys(f"{region_name(row.region, lang)} {short_scheme(row.scheme, lang)} {row.started} "
                               f"{percent(100 * row.model_error, 1)}" for row in frame.itertuples())
        lines += ["", *wrap(say("model_error", errors=", ".join(errors)), WIDE_AS_A_TERMINAL)]
    return "\n".join(lines + ([] if found.is_plausible else ["", say("implausible")]))


def _fit(frame: pd.DataFrame, lang: str) -> list[str]:
    def say(key: str) -> str:
        return word(CALIBRATED_WORDS, key, lang)

    rows = [[say("fit"), "", *(say(name) for name in ("figures", "median", "above", "close"))]]
    funds = list(dict.fromkeys(zip(frame["region"], frame["scheme"], strict=True)))
    for fund in [*funds, None]:
        part = frame if fund is None else frame[(frame["region"] == fund[0]) & (frame["scheme"] == fund[1])]
        before, after = fit_of(part, "before"), fit_of(part, "after")
        if not before.judged:
            continue
        name = ["", say("all")] if fund is None else [region_name(fund[0], lang), short_scheme(fund[1], lang)]
        median = f"{percent(before.median, 1)} → {percent(after.median, 1)}" if before.figures else "-"
        rows.append([*name, str(before.judged), median, f"{before.above} → {after.above}", f"{before.close} → {after.close}"])
    return columns(rows)


def _waves(found: Calibration, lang: str) -> list[str]:
    head = [word(CALIBRATED_WORDS, name, lang) for name in ("wave", "worlds", "plausible", "effective")]
    return columns([head, *([str(n), str(wave.worlds), percent(100 * wave.plausible, 1), f"{wave.effective:.0f}"]
                            for n, wave in enumerate(found.waves, start=1))])


def contradiction_text(one: Contradiction, lang: str) -> str:
    """A contradiction in one sentence."""
    def say(key: str, **said: object) -> str:
        return word(CALIBRATED_WORDS, key, lang).format(**said)

    first, *others = (_figure(figure, lang) for figure in one.figures)
    how = say("by_accounts" if one.by_accounts else "by_model")
    beside = f"{say('against')} {'; '.join(others)}" if others else say("alone")
    made = say("makes", made=number(one.made), distance=f"{one.distance:+.1f}")
    return f"{first} {beside} ({how}: {made})"


def _figure(figure: Figure, lang: str) -> str:
    group = f" {figure.group}" if figure.group else ""
    family = f" ({figure.family})" if figure.family else ""
    return (f"{region_name(figure.region, lang)} {short_scheme(figure.scheme, lang)} {figure.year} "
            f"{measure_name(figure.measure, lang)}{group}{family} {number(figure.value)}")


def _contradictions(found: Calibration, lang: str, verbose: bool) -> list[str]:
    every = found.view.contradictions
    lines = [f"{word(CALIBRATED_WORDS, 'contradictions', lang)}: {len(every)}"]
    for one in every if verbose else every[:SHOWN_CONTRADICTIONS]:
        lines += [("  " if n else "- ") + line for n, line in enumerate(wrap(contradiction_text(one, lang),
                                                                                     WIDE_AS_A_TERMINAL - 2))]
    if not verbose and len(every) > SHOWN_CONTRADICTIONS:
        lines.append(word(CALIBRATED_WORDS, "more", lang).format(count=len(every) - SHOWN_CONTRADICTIONS))
    return lines


def _short(measure: str, group: str, lang: str) -> str:
    name = f"{measure_name(measure, lang)} {group}".strip()
    while columns_of(name) > MEASURE_WIDTH:
        name = name.rstrip("…")[:-1].rstrip() + "…"
    return name


def _missed(frame: pd.DataFrame, lang: str, verbose: bool) -> list[str]:
    figures = frame[(frame["kind"] == "figure") & (frame["family"] == "")]
    if not verbose:
        figures = figures.loc[figures["errors_after"].abs().sort_values(ascending=False, kind="stable").index[:SHOWN_MISSED]]
    head = [word(CALIBRATED_WORDS, name, lang) for name in ("missed", "measure", "published", "before", "after")]
    rows = [["", *head[1:]]]
    for row in figures.itertuples():
        rows.append([f"{region_name(row.region, lang)} {short_scheme(row.scheme, lang)} {row.started}-{row.year}",
                     _short(row.measure, row.group, lang), number(row.published), f"{row.errors_before:+.1f}",
                     f"{row.errors_after:+.1f}"])
    return [head[0], *columns(rows)]
