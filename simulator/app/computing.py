"""What a page has computed: surveys and their emulators, exact figures of a design, run folders, settled files, slips.

What takes time is a function that a process beside does (beside.py), with `tell` to say how far it is. A survey that was made is
kept in the cache, under everything that it rests on.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simulator import api
from simulator.answers.question import refuse_idle
from simulator.answers.what_if import (
    WHAT_IF_FORMAT,
    Moved,
    WhatIf,
    pages_figures,
    read_what_if,
    simulated_latents,
    what_if,
)
from simulator.app.state import Board
from simulator.claims.totals import Totals
from simulator.compiling import cache
from simulator.engine.doors import explain_bill, settle_file
from simulator.folders import read_checked
from simulator.needs import refuse_too_large
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Regions, load_regions
from simulator.report.policy_file import policy_line, scenario_lines
from simulator.report.what_if_page import WHAT_IF_RECORD
from simulator.results import Run, code_digest
from simulator.scenario import BASELINE, Policy, Scenario
from simulator.slip.steps import Step

Tell = Callable[[str, int, int], None]
HELD_OUT_OF_APP = 24             # policies that a page's certificate rests on: half of a report's, for half of the time
SURVEYS = "surveys"              # of the cache
MOST_SURVEYS = 64
FILE_OF_DESIGN = "design.yaml"
ENDINGS_OF_SETTLED = (".csv", ".bad.csv", ".left-out.csv")


class Figures(NamedTuple):
    """What is drawn of some designs: the years, the figures of `pages_figures` with a column for each, and whether they were
    simulated."""

    years: tuple[int, ...]
    by_name: dict[str, np.ndarray]
    exact: bool

    def of(self, nth: int) -> Figures:
        """Those of one design."""
        return self._replace(by_name={name: figure[..., nth:nth + 1] for name, figure in self.by_name.items()})


def survey(tell: Tell, board: Board) -> WhatIf:
    """The emulator of a board, simulated and certified, or as it was kept. InputError for a lever that moves nothing, MemoryError
    for what does not fit."""
    regions = load_regions()
    name = name_of_survey(board, regions)
    if (kept := cache.read(SURVEYS, name)) is not None:
        return read_what_if(kept)
    refuse_too_large(board.scenario)
    found = what_if(board.scenario, regions, Moved(board.box, board.switches), tell=tell, held_out=HELD_OUT_OF_APP)
    cache.write(SURVEYS, name, found.as_bytes(), MOST_SURVEYS)
    return found


def name_of_survey(board: Board, regions: Regions) -> str:
    """The name under which a survey is kept: a digest of the question, what is moved, the parameter files and the program."""
    digest = hashlib.sha256(f"{WHAT_IF_FORMAT} {HELD_OUT_OF_APP} {code_digest()} {board.digest()}".encode())
    for folder in (regions.path, regions.added):
        for file in sorted(Path(folder).rglob("*")) if folder else ():
            if file.is_file():
                digest.update(file.relative_to(str(folder)).as_posix().encode() + b"\0" + file.read_bytes())
    return f"{digest.hexdigest()}.npz"


def exact(tell: Tell, scenario: Scenario, changes: Sequence[Mapping[str, object]]) -> Figures:
    """The figures of policies as the engine simulates them, the unchanged rules first. InputError for changes that the engine
    refuses."""
    policies = (Policy(BASELINE), *(Policy(f"design-{n}", dict(one)) for n, one in enumerate(changes)))
    asked = scenario.but(policies=policies)
    refuse_too_large(asked)
    latents, values, shares = simulated_latents(asked, load_regions(), tell=tell)
    told = {"years": list(scenario.years), "latents": [list(latent) for latent in latents], "shares": shares}
    return Figures(tuple(scenario.years), pages_figures(told, values), True)


def emulated(record: WhatIf, board: Board, designs: Sequence[Any]) -> Figures:
    """The figures of designs by the emulator."""
    found: dict[str, list[np.ndarray]] = {}
    for design in designs:
        for name, figure in pages_figures(record.told, record.values(board.point(design), board.state(design))).items():
            found.setdefault(name, []).append(figure)
    return Figures(tuple(record.told["years"]), {name: np.concatenate(some, axis=-1) for name, some in found.items()}, False)


def check_board(tell: Tell, board: Board) -> None:
    """InputError where a lever of the board moves nothing."""
    ends = np.concatenate([np.eye(len(board.box.levers)), -np.eye(len(board.box.levers))])
    policies = (Policy(BASELINE), *(Policy(f"end-{n}", board.box.changes(end)) for n, end in enumerate(ends)))
    refuse_idle(board.box, board.scenario.but(policies=policies), load_regions())


def record_of(run: Run) -> WhatIf | None:
    """The record of a run's report with sliders, if it has one."""
    if WHAT_IF_RECORD not in run.manifest["files"]:
        return None
    return read_what_if(read_checked(run.folder, run.manifest, WHAT_IF_RECORD))


# --- a design to take away ------------------------------------------------------------------------


def scenario_file(scenario: Scenario, designs: Mapping[str, Mapping[str, object]]) -> str:
    """Designs as the policies of a scenario file that `fundsim run` simulates."""
    lines = scenario_lines(scenario, scenario.name, scenario.draws)
    moved = {name: {"changes": dict(changes)} for name, changes in designs.items() if changes}
    if moved:
        (name, first), *others = moved.items()
        lines.append(policy_line(name, first["changes"]) if not others
                     else f"policies: {json.dumps(moved, ensure_ascii=False)}")
    return "\n".join([*lines, ""])


def make_run(tell: Tell, scenario: Scenario, out: Path, lang: str) -> Path:
    """Simulate a scenario and write its run folder with its report; where it stands."""
    return api.run(scenario, regions=load_regions(), out=out, lang=lang, tell=tell).folder


def zipped(folder: Path) -> bytes:
    """A run folder as one file, each of its files under the folder's name."""
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, (Path(folder.name) / file.relative_to(folder)).as_posix())
    return data.getvalue()


# --- bills ------------------------------------------------------------------------------------------


def slips(tell: Tell, bill: Mapping[str, Any], changes: Sequence[Mapping[str, object]],
          designs: Sequence[Mapping[str, object]]) -> list[tuple[list[Step], list[str]]]:
    """The slip of a bill under the unchanged rules and under each design's, which is laid over `changes` for everybody."""
    of_all = [change for change in changes if change]
    return [explain_bill(**bill, changes=[*of_all, *([dict(one)] if one else [])]) for one in ({}, *designs)]


def settle(tell: Tell, claims: Path, out: Path, options: Mapping[str, Any]) -> tuple[Totals, list[tuple[str, bytes]]]:
    """Settle an uploaded file as `fundsim settle` does, in its own folder: the totals, and each file that was written. InputError
    for bad rows, with all that were found."""
    totals, _ = settle_file(claims, out, account_balance=None, level=None, tell=tell, **options)
    places = [out, *(out.with_name(f"{out.stem}{ending}") for ending in ENDINGS_OF_SETTLED[1:])]
    return totals, [(place.name, place.read_bytes()) for place in places if place.exists()]


def faults(error: InputError) -> list[str]:
    """Every fault of a reading, one a line, without the folder of the upload."""
    found = []
    for one in (error, *error.others):
        if one.file:
            one.file = Path(one.file).name
        found.append(str(one))
    return found
