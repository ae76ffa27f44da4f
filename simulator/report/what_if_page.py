"""The part of a report that answers what-if in its reader's browser: sliders, the figures that they move, and their policy as a
file. What the page holds is plain data and deflated coefficients; its one script is named by its digest, and nothing is asked of
any server."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from simulator.answers.conditions import ANNUAL, CUMULATIVE
from simulator.answers.switches import SIGN
from simulator.answers.what_if import BURDEN_OF_QUINTILES, SHARES_OF_UNITS, WhatIf, pages_figures, read_what_if
from simulator.calibration.sets import SET_SUFFIX, shipped_sets
from simulator.folders import read_checked
from simulator.parameters.errors import InputError
from simulator.report.codes import parameter_name, value_text
from simulator.report.format import number, places_of
from simulator.report.policy_file import scenario_lines
from simulator.report.prose import say
from simulator.report.what_if_words import OF_PAGE, QUINTILE_WORDS, WHAT_IF
from simulator.report.write import add_files, finish_run, names, with_sliders
from simulator.results import Run
from simulator.scenario import Scenario, from_dict
from simulator.words import LANGUAGES, region_name, scheme_name, unit_name

WHAT_IF_RECORD = "what-if.npz"
WHAT_IF_SCRIPT = Path(__file__).with_name("whatif.js")
DOUBTFUL = 5.0                   # points of a probability beyond which the page warns
DRAWN_LATENTS = {"balance": "balance", "annual_margin": ANNUAL, "cumulative_margin": CUMULATIVE}
LIST_BRACKETS = re.compile(r"[\[\]]")
WHAT_IF_COMMAND = "fundsim run what-if.yaml"


def command_of(settings: str | None) -> str:
    """The command that simulates the page's policy, in worlds of a set of settings where the run's are."""
    if settings is None:
        return WHAT_IF_COMMAND
    return f"{WHAT_IF_COMMAND} --settings {settings}{'' if settings in shipped_sets() else SET_SUFFIX}"


def what_if_part(found: WhatIf, lang: str) -> dict[str, Any]:
    """What the template needs: the fund in words, a slider for each lever, each figure with its error, what the script reads."""
    told, words = found.told, partial(say, WHAT_IF, lang=lang)
    scenario = from_dict(told["scenario"])
    fund = f"{region_name(told['region'], lang)}{'' if lang == 'zh' else ', '}{scheme_name(told['scheme'], lang)}"
    years, levers = told["years"], [slider(one, nth, lang) for nth, one in enumerate(told["levers"])]
    switches = [switch(one, nth, lang) for nth, one in enumerate(told["switches"])]
    texts = [words("judged", judged=told["judged"], fitted=told["fitted"])] + ([words("units")] if told["shares"] else [])
    captions = {"balance": "fan", "exhausted": "strip", "annual_margin": "annual", "cumulative_margin": "cumulative",
                "burden": "bars"}
    return {
        "intro": words("intro", fund=fund, first=years[0], last=years[-1], draws=number(told["draws"])), "texts": texts,
        "levers": levers, "switches": switches, "command": command_of(told.get("settings")),
        "script": WHAT_IF_SCRIPT.read_text(encoding="utf-8"),
        "figures": {name: {"caption": words(key, year=years[-1]), "worst": worst_said(found, name, lang)}
                    for name, key in captions.items()},
        "told": json.dumps(page_data(found, scenario, levers, switches, lang), ensure_ascii=False).replace("<", "\\u003c"),
        "data": base64.b64encode(zlib.compress(planes(found.coefficients), 9)).decode()}


def digest_for_policy(script: str) -> str:
    """The script's digest as a content security policy names it. It is that of the text between the tags."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def planes(coefficients: np.ndarray) -> bytes:
    """int16 numbers as their low bytes, then their high ones, which deflate well."""
    return coefficients.astype("<i2").view(np.uint8).reshape(-1, 2).T.tobytes()


def slider(lever: dict[str, Any], nth: int, lang: str) -> dict[str, Any]:
    """A lever as the page has it: its name, the steps of its slider, and where it stands under the unchanged rules."""
    low, high, step = (float(lever[name]) for name in ("low", "high", "shown_step"))
    steps = round((high - low) / step)
    start = 0.0 if lever["at"] is None else (float(lever["at"]) - low) / step
    percent = lever["unit"] in ("%", "percentage point")
    unit = "" if str(lever["template"]).endswith("%") else unit_name(lever["unit"], lang)
    stated = None if lever["stated"] is None else setting_text(lever["stated"], lever["path"], lang)
    return lever | {
        "id": f"what-if-{nth}", "name": parameter_name(lever["path"], lang).split(" · ", 2)[-1], "steps": steps,
        "start": min(round(start), steps),
        "unit_name": unit, "plus_unit": say(WHAT_IF, "points", lang, value="").strip() if percent else unit,
        "stated_said": "" if stated is None else say(WHAT_IF, "stated", lang, value=f"{stated} {unit}".strip())}


def switch(one: dict[str, Any], nth: int, lang: str) -> dict[str, Any]:
    """A switch as the page has it: its name, and its settings in words."""
    stated = say(WHAT_IF, "as_stated", lang)
    if one["stated"] is not None:
        stated = say(WHAT_IF, "stated", lang, value=setting_text(one["stated"], one["path"], lang))
    return one | {"id": f"what-if-switch-{nth}", "name": parameter_name(one["path"], lang).split(" · ", 2)[-1],
                  "names": [setting_text(text, one["path"], lang) for text in one["texts"]], "stated_said": stated}


def setting_text(text: str, path: str, lang: str) -> str:
    """A stated value in words, lists without their brackets."""
    return LIST_BRACKETS.sub("", value_text(text, lang, path)) or text


def page_data(found: WhatIf, scenario: Scenario, levers: Sequence[dict], switches: Sequence[dict], lang: str) -> dict[str, Any]:
    """The plain data that the script reads."""
    told = found.told
    index: dict[str, list[int]] = {}
    for k, (name, _, _) in enumerate(told["latents"]):
        index.setdefault("burden" if name == BURDEN_OF_QUINTILES else name, []).append(k)
    before = pages_figures(told, found.baseline[..., None])
    scales = scales_of(found)
    kept = ("path", "verb", "low", "high", "shown_step", "at", "template", "part", "name", "unit_name", "plus_unit")
    return {
        "lang": {"zh": "zh-CN"}.get(lang, lang), "years": told["years"], "levels": told["levels"], "shares": told["shares"],
        "worlds": told["draws"], "steps": found.steps.tolist(), "index": index, "scales": scales,
        "places": places_of(max(map(abs, scales["balance"][:2])), "1e8 CNY"),
        "baseline": {name: figure[..., 0].tolist() for name, figure in before.items()},
        "levers": [{name: lever[name] for name in kept} for lever in levers],
        "switches": [{name: one[name] for name in ("path", "options", "name", "names")} for one in switches],
        "words": {key: WHAT_IF[key][LANGUAGES.index(lang)] for key in OF_PAGE},
        "quintiles": [both[LANGUAGES.index(lang)] for both in QUINTILE_WORDS],
        "lines": scenario_lines(scenario, f"{scenario.name[:56]}-what-if", scenario.draws)}


def scales_of(found: WhatIf) -> dict[str, list[float]]:
    """The ends of each axis with the decimals of its labels: what the figures reach at the corners of the box and under the
    unchanged rules, and zero."""
    levers = len(found.levers)
    corners = np.stack(np.meshgrid(*[(-1.0, 0.0, 1.0) if levers < 4 else (-1.0, 1.0)] * levers), axis=-1).reshape(-1, levers)
    every_state = np.concatenate([found.values(corners, state) for state in range(len(found.coefficients))], axis=-1)
    reached, before = pages_figures(found.told, every_state), pages_figures(found.told, found.baseline[..., None])
    ends = {}
    for name, figure in {**{key: of for key, of in DRAWN_LATENTS.items()}, "burden": "burden"}.items():
        every = np.concatenate([reached[figure].ravel(), before[figure].ravel(), [0.0]])
        low, high = float(every.min()), float(every.max())
        room = 0.12 if name == "burden" else 0.03                                     # for the numbers above bars
        high += room * (high - low)
        ends[name] = [low, high, 0.0 if high - low >= 4 else 1.0 if high - low >= 0.4 else 2.0]
    return ends


def worst_said(found: WhatIf, name: str, lang: str) -> str:
    """The worst error of a figure in words, with a warning where it is large. Both limits tell the error of their probability
    too, and the wider counts."""
    of = found.told["worst"]
    share = {"exhausted": "exhausted", "annual_margin": "breach_annual", "cumulative_margin": "breach_cumulative"}.get(name)
    said = []
    if name == "balance":
        said.append(say(WHAT_IF, "money", lang, value=error_text(of["balance"])))
    elif name == "burden":
        said.append(say(WHAT_IF, "points", lang, value=error_text(of["burden"])))
    else:
        if name != "exhausted":
            said.append(say(WHAT_IF, "points", lang, value=error_text(of[DRAWN_LATENTS[name]])))
        said.append(say(WHAT_IF, "of_probability", lang, value=error_text(100 * of[str(share)])))
    text = say(WHAT_IF, "worst", lang, worst=say(WHAT_IF, "comma", lang).join(said))
    warned = share in SHARES_OF_UNITS and 100 * of[str(share)] > DOUBTFUL
    return f"{text}{'' if lang == 'zh' else ' '}{say(WHAT_IF, 'poor_fit', lang)}" if warned else text


def error_text(value: float) -> str:
    """An error with two digits that count, rounded up: what is printed is never less than what was measured."""
    if value <= 0:
        return "0"
    places = max(1 - int(np.floor(np.log10(value))), 0)
    return number(float(np.ceil(value * 10**places - 1e-9) / 10**places), places)


def add_what_if(run: Run, lang: str, extra: Callable[[], dict], asked: Sequence[str], fund: str | None,
                survey: Callable[[], WhatIf]) -> Path:
    """Add a report with sliders to a run folder, `report.what-if.html`, and the record `what-if.npz` of its coefficients; both
    are registered in the manifest. A record that the run has is used, and nothing is simulated. InputError where other sliders
    are asked than it has."""
    report = with_sliders(names(run, lang)[0])
    fresh = WHAT_IF_RECORD not in run.manifest["files"]
    found = survey() if fresh else read_what_if(read_checked(run.folder, run.manifest, WHAT_IF_RECORD))
    if not fresh:
        written = [f"{one.path}={one.written(one.low)}:{one.written(one.high)}" for one in found.levers]
        written += [f"{one['path']}={SIGN.join(one['texts'])}" for one in found.told["switches"]]
        if (asked and sorted(asked) != sorted(written)) or (fund and fund != f"{found.told['region']}:{found.told['scheme']}"):
            raise InputError("--what-if: the run has sliders already:", value=", ".join(written),
                             expected=f"these, of {found.told['region']}:{found.told['scheme']}",
                             next_step="run the scenario anew for others")
    if report not in run.manifest["files"]:
        def write(aside: Path) -> None:
            finish_run(aside, run, lang, extra() | {"what_if": found})
            if fresh:
                (aside / WHAT_IF_RECORD).write_bytes(found.as_bytes())

        add_files(run, lang, write)
    return run.folder / report
