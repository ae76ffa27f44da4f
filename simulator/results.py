"""A run folder: written aside and put in place when whole, and read back, every byte checked.

`results/<scenario>/<run-id>/` holds manifest.json, parameters.csv, summary.csv, paths.parquet, worlds.parquet, uncertain.csv,
comparison.csv, figures/ and report.html, and units.csv where a fund has several pooling units. The manifest has the checksum of
each, and alone reproduces the run (`verify`).
"""

from __future__ import annotations

import hashlib
import platform
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simulator.chance.random import LAYOUT_VERSION
from simulator.engine.measures import ends, heavy_tails, summaries, tail_mean
from simulator.engine.outcome import Result, SchemeResult
from simulator.engine.unit_tables import UNIT_COLUMNS, unit_rows
from simulator.engine.world_tables import uncertain_frame, worlds_frame
from simulator.folders import MANIFEST, new_folder, read_checked, read_whole, sealed, table_of
from simulator.output import guarded
from simulator.parameters.days import first_year_of, month_of
from simulator.parameters.errors import InputError
from simulator.parameters.plain_form import NUMBER_TEXT, misfit
from simulator.parameters.steps import holds_by_month
from simulator.parameters.values import Value, text_of
from simulator.scenario import LARGEST_SIZES, Scenario

SUMMARY = ("region", "scheme", "policy", "year", "measure", "group", "unit", "mean", "se", "p05", "p25", "p50", "p75", "p95",
           "warning")
COMPARISON = ("measure", "group", "unit", "scheme", "year", "side_a", "side_b", "a", "b", "difference", "se", "low", "high",
              "warning")
PARAMETERS = ("path", "value", "unit", "from", "source", "status", "region")
PATHS = ("revenue", "deficit_top_up", "expenditure", "surplus", "accrued_closing", "closing", "funding", "pooled_funding",
         "claims_incurred", "secondary", "reserve")
# What else is booked in the pooled fund, by draw: with these a year's balance follows from the one before (fund/accounts.py).
BOOKED = ("opening", "premium", "subsidy_central", "subsidy_provincial", "subsidy_county", "top_up", "contributions", "entry",
          "interest", "claims_paid", "provider_settlement", "gp_fees", "cii_premium", "cii_loss_borne", "cii_clawback",
          "reserve_transfer", "reserve_used", "adjustment_paid", "adjustment_received", "receivable", "payable")
# Measures that paths.parquet has by draw too.
BORNE = ("oop_per_head", "net_burden_per_head", "net_burden_share_of_income", "top_up_needed")
EVENTS = ("deficit", "exhausted")          # and these: the share of members whose pooling unit is concerned
# The settings of each world, and what they are of: of a run whose worlds differ in more than chance (`systematic`).
WORLDS_FILE, UNCERTAIN_FILE = "worlds.parquet", "uncertain.csv"
NOTHING_STATED = type(None)
SIZES_OF_RUNS = {name: range(1, most + 1) for name, most in LARGEST_SIZES.items()}
FORM_OF_A_SCENARIO: dict[str, Any] = {
    "name": str, "title": str, "description": str, "regions": [str], "schemes": [str], "year": range(1900, 2200),
    **{name: SIZES_OF_RUNS[name] for name in ("horizon", "draws", "replicas")}, "people": (int, NOTHING_STATED),
    "max_draws": int, "seed": int, "outpatient_share": [int], "response": str, "systematic": bool, "demand": bool,
    "precision": (int, float, NOTHING_STATED),
    "policies": [{"name": str, "level": str, "changes": dict, "plans": {str: str}}], "changes": dict}
RATIOS = {str: [str]}
FORM_OF_A_RUN: dict[str, Any] = {
    "scenario": FORM_OF_A_SCENARIO, "seed": int, "draws": SIZES_OF_RUNS["draws"], "people": (int, str), "versions": {str: str},
    "result_digest": str, "values_by_status": {str: range(10**6)}, "rosters": [{"region": str, "scheme": str, "rows": int}],
    "levels": [{**{name: str for name in ("region", "scheme", "basis", "status", "source", "stated_by", "policy")}, "year": int,
                "k": NUMBER_TEXT, "goal": (str, NOTHING_STATED), "reached": (int, float, NOTHING_STATED),
                "unsolved": (int, float, NOTHING_STATED), "solved_in": (int, NOTHING_STATED), "written": RATIOS, "paid": RATIOS}]}
FORM_OF_PRECISION: dict[str, Any] = {
    "asked": (int, float), "met": bool, "draws": int, "reached": (int, float, NOTHING_STATED), "max_draws": int,
    "widest": {"region": str, "scheme": str, "policy": str, "year": int}}
HEAVY_TAIL = "heavy_tail"       # the warning that a standard error, and so an interval, cannot be trusted


@dataclass(frozen=True)
class Run:
    """A run folder read back: its tables as pandas DataFrames with named columns."""

    folder: Path
    manifest: dict
    summary: pd.DataFrame
    comparison: pd.DataFrame
    parameters: pd.DataFrame

    @property
    def paths(self) -> pd.DataFrame:
        """The fund's paths by draw, in yuan. InputError if the file is not as it was written, or of another version."""
        frame = pd.read_parquet(BytesIO(read_checked(self.folder, self.manifest, "paths.parquet")))
        if not {"region", "scheme", "policy", "draw", "year", "members", *PATHS} <= set(frame):
            raise _of_another_version(self.folder, "paths.parquet")
        return frame if set(EVENTS) <= set(frame) else of_one_unit(frame)


    @property
    def worlds(self) -> pd.DataFrame:
        """The settings of every world, a row each: a column for each uncertain value by its key, and the economy's. InputError
        where the run has none, or the file is not as it was written."""
        return pd.read_parquet(BytesIO(self._of_worlds(WORLDS_FILE)))

    @property
    def uncertain(self) -> pd.DataFrame:
        """What the uncertain values are whose settings `worlds` has, a row each. InputError as of `worlds`."""
        return pd.read_csv(BytesIO(self._of_worlds(UNCERTAIN_FILE)), encoding="utf-8-sig", dtype=str, keep_default_na=False)

    def _of_worlds(self, name: str) -> bytes:
        if name not in self.manifest["files"]:
            raise InputError("the run keeps no settings of its worlds:", value=str(self.folder),
                             expected=f"{name}, which a run of this version with systematic: true has",
                             next_step="run its scenario anew")
        return read_checked(self.folder, self.manifest, name)


def summary_frame(result: Result) -> pd.DataFrame:
    """Every measure of every region, scheme, policy and year, summarised over the draws."""
    heads, values = [], []
    for scheme in result.schemes:
        for year, measures in scheme.measures.items():
            for measure in measures:
                for p, policy in enumerate(scheme.policies):
                    heads.append((scheme.region, scheme.scheme, policy, year, measure.name, measure.group, measure.unit))
                    values.append(measure.values[:, p])
    rows = []
    marks = warnings([head[6] for head in heads], values)
    for head, draws, found, mark in zip(heads, values, summaries(values), marks, strict=True):
        rows.append((*head, *found.values(), mark))
        if head[4] == "balance":
            rows.append((*head[:4], "balance_tvar95", "", head[6], tail_mean(draws), *[float("nan")] * 6, ""))
    return pd.DataFrame(rows, columns=SUMMARY)


def warnings(units: list[str], many: list[np.ndarray]) -> list[str]:
    """The warning of each measure, HEAVY_TAIL or none, by its draws float64[D]. A probability (0 or 1 in a draw) has none."""
    return [HEAVY_TAIL if heavy and unit != "probability" else "" for unit, heavy in zip(units, heavy_tails(many), strict=True)]


def paths_frame(result: Result) -> pd.DataFrame:
    """The fund's path in each draw, in yuan, what members bear and funds lack, and what happened to the funds: region, scheme,
    policy, draw, year, members, the PATHS and BOOKED columns, and those of the measures BORNE and EVENTS."""
    frames = []
    for scheme in result.schemes:
        for year, ledger in scheme.ledgers.items():
            kept = {name: values for name, group, _, values in scheme.of_worlds[year] if not group}
            for p, policy in enumerate(scheme.policies):
                columns = {name: getattr(ledger, name)[:, p] / 100.0 for name in (*PATHS, *BOOKED)}
                columns |= {name: kept[name][:, p] for name in (*BORNE, *EVENTS)}
                frames.append(pd.DataFrame({"region": scheme.region, "scheme": scheme.scheme, "policy": policy,
                                            "draw": np.arange(len(scheme.members[year])), "year": year,
                                            "members": scheme.members[year][:, p], **columns}))
    return pd.concat(frames, ignore_index=True)


def of_one_unit(paths: pd.DataFrame) -> pd.DataFrame:
    """Paths with the EVENTS of funds that are one unit: a deficit in the year; a balance below zero at its end or before."""
    paths = paths.sort_values(["region", "scheme", "policy", "draw", "year"], kind="stable")
    gone = (paths["accrued_closing"] < 0).groupby([paths[name] for name in ("region", "scheme", "policy", "draw")]).cummax()
    return paths.assign(deficit=(paths["surplus"] < 0).astype(float), exhausted=gone.astype(float)).sort_index(kind="stable")


def units_frame(result: Result) -> pd.DataFrame:
    """The pooling units of the funds that have several, columns UNIT_COLUMNS; a result without any has no rows."""
    return pd.DataFrame([row for scheme in result.schemes for row in unit_rows(scheme)], columns=UNIT_COLUMNS)


def sides(result: Result) -> list[tuple[SchemeResult, int, str, SchemeResult, int, str]]:
    """The sides that are compared: the first region with each other one, and each policy with its region's baseline."""
    pairs = []
    by_scheme: dict[str, list[SchemeResult]] = {}
    for scheme in result.schemes:
        by_scheme.setdefault(scheme.scheme, []).append(scheme)
        for p in range(1, len(scheme.policies)):
            pairs.append((scheme, p, f"{scheme.region}: {scheme.policies[p]}", scheme, 0,
                          f"{scheme.region}: {scheme.policies[0]}"))
    for first, *others in by_scheme.values():
        for other in others:
            pairs.append((first, 0, first.region, other, 0, other.region))
    return pairs


def comparison_frame(result: Result) -> pd.DataFrame:
    """Differences a - b, paired by draw, with the standard error and the 95% interval (Student's t) of the paired difference; no
    interval where there is a warning."""
    heads, firsts, seconds = [], [], []
    for one, p, side_a, two, q, side_b in sides(result):
        for year in one.years:
            others = {(m.name, m.group): m for m in two.measures[year]}
            for measure in one.measures[year]:
                other = others.get((measure.name, measure.group))
                if other is None:
                    continue
                a, b = measure.values[:, p], other.values[:, q]
                both = ~np.isnan(a - b)                     # for rare illnesses, groups of draws with bills on both sides
                heads.append((measure.name, measure.group, measure.unit, one.scheme, year, side_a, side_b))
                firsts.append(a[both])
                seconds.append(b[both])
    rows = []
    gaps = [a - b for a, b in zip(firsts, seconds, strict=True)]
    found = zip(*(summaries(values) for values in (firsts, seconds, gaps)), strict=True)
    marks = warnings([head[2] for head in heads], gaps)
    for head, gap, (a, b, apart), mark in zip(heads, gaps, found, marks, strict=True):
        interval = ends(apart["mean"], apart["se"], len(gap), mark)
        rows.append((*head, a["mean"], b["mean"], apart["mean"], apart["se"], *interval, mark))
    return pd.DataFrame(rows, columns=COMPARISON)


def parameters_frame(result: Result) -> pd.DataFrame:
    """Every value the run used, once."""
    used: dict[tuple, Value] = {}
    for scheme in result.schemes:
        for value in scheme.used:
            used[(value.region, value.path, value.from_, value.source)] = value
    rows = [(v.path, text_of(v.value), v.unit, v.from_.isoformat(), v.source, v.status, v.region)
            for _, v in sorted(used.items(), key=lambda item: (item[0][1], item[0][0], item[0][2], item[0][3]))]
    return pd.DataFrame(rows, columns=PARAMETERS)


def result_digest(result: Result) -> str:
    """One SHA-256 over the digests of all schemes, in order."""
    return hashlib.sha256("".join(f"{s.region} {s.scheme} {s.digest}\n" for s in result.schemes).encode()).hexdigest()


def versions() -> dict[str, str]:
    """The versions a result could depend on."""
    from importlib.metadata import PackageNotFoundError, version
    found = {"python": platform.python_version(), "random_layout": str(LAYOUT_VERSION)}
    for package in ("fundsim", "numpy", "scipy", "numba", "pandas", "simpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def code_digest() -> str:
    """One SHA-256 over the names and the text of all modules of the package, in order."""
    package, digest = Path(__file__).parent, hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        text = path.read_bytes()
        digest.update(f"{path.relative_to(package).as_posix()} {len(text)}\n".encode() + text)
    return digest.hexdigest()


def manifest_of(result: Result, parameters: pd.DataFrame, extra: dict) -> dict:
    """The manifest: what reproduces the run, and what it gave."""
    scenario = result.scenario
    return {
        "scenario": scenario.as_dict(), "seed": scenario.seed, "draws": scenario.draws, "people": scenario.people or "all",
        "precision": result.precision.as_dict() if result.precision else None,
        "versions": versions(), "code_digest": code_digest(),
        "parameter_digest": hashlib.sha256(parameters.to_csv(index=False).encode()).hexdigest(),
        "result_digest": result_digest(result),
        "digests": {f"{s.region} {s.scheme}": s.digest for s in result.schemes},
        "values_by_status": dict(sorted(Counter(parameters["status"]).items())),
        "levels": [level.as_dict() for scheme in result.schemes for level in scheme.levels],
        "older": [{"region": v.region, "path": v.path, "from": v.from_.isoformat()} for v in older(result)],
        "within_year": [{"region": v.region, "path": v.path, "from": v.from_.isoformat(),
                         "held_from": f"{month_of(v.from_):%Y-%m}" if holds_by_month(v.path) else first_year_of(v.from_)}
                        for v in within_years(result)],
        "rosters": [{"region": s.region, "scheme": s.scheme, "rows": s.rows, "participants": s.participants}
                    for s in result.schemes],
        **extra,
    }


def older(result: Result) -> list[Value]:
    """The head counts and balances of an earlier year with which the run begins, for none of its first year is stated."""
    first = result.scenario.year
    found = {(v.path, v.region): v for s in result.schemes for v in s.used
             if v.path.endswith((".opening_balance", ".participants", ".unit_openings")) and v.from_.year < first}
    return [found[key] for key in sorted(found)]


def within_years(result: Result) -> list[Value]:
    """The rules that take effect within one of the run's years: bills have those of their month of discharge, all else those of
    1 July."""
    found = {(v.region, v.path, v.from_): v for s in result.schemes for v in s.used
             if v.from_.year in s.years and (v.from_.month, v.from_.day) != (1, 1) and not v.path.startswith("law.")}
    return [found[key] for key in sorted(found)]


def run_folder(out: Path, scenario: Scenario, digest: str, now: datetime | None = None) -> Path:
    """The folder results/<scenario>/<run-id>; the run-id is the time and the first digits of the result's digest."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%d-%H%M%S")
    return out / scenario.name / f"{stamp}-{digest[:8]}"


def write_run(result: Result, out: Path, finish: Callable[[Path, Run], object] | None = None,
              extra: dict | None = None) -> Path:
    """Write a run folder aside, let `finish` add figures and report, and put it in place when it is whole and on the disk.

    `extra` is added to the manifest: `language` is that of report.html. Returns the folder; OSError if it cannot be written,
    and then nothing is.
    """
    parameters = parameters_frame(result)
    manifest = manifest_of(result, parameters, extra or {})
    with new_folder(run_folder(Path(out), result.scenario, manifest["result_digest"])) as aside:
        summary, comparison = summary_frame(result), comparison_frame(result)
        for name, frame in (("parameters", parameters), ("summary", summary), ("comparison", comparison)):
            (aside.path / f"{name}.csv").write_bytes(csv_bytes(frame))
        paths_frame(result).to_parquet(aside.path / "paths.parquet", index=False)
        if result.scenario.systematic:
            worlds_frame(result).to_parquet(aside.path / WORLDS_FILE, index=False)
            (aside.path / UNCERTAIN_FILE).write_bytes(csv_bytes(uncertain_frame(result)))
        if not (units := units_frame(result)).empty:
            (aside.path / "units.csv").write_bytes(csv_bytes(units))
        if finish is not None:
            manifest["files"] = table_of(aside.path)
            finish(aside.path, Run(aside.path, manifest, summary, comparison, parameters))
        (aside.path / MANIFEST).write_bytes(sealed(manifest, table_of(aside.path)))
    return aside.final


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table as a run folder has it: UTF-8 with a byte-order mark, for spreadsheets, no cell a formula."""
    texts = {name: frame[name].map(guarded) for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name].dtype)}
    return frame.assign(**texts).rename(columns=guarded).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def read_run(folder: Path | str) -> Run:
    """Read the manifest and tables of a run folder. InputError if it is none, or if a file is not as it was written."""
    folder = Path(folder)
    manifest = read_whole(folder)
    if any(name not in manifest for name in FORM_OF_A_RUN):
        raise InputError("not a run's manifest:", value=str(folder / MANIFEST), expected=", ".join(FORM_OF_A_RUN))
    scenario = manifest["scenario"]
    if isinstance(scenario, dict) and {field.name for field in fields(Scenario)} - {"given"} - scenario.keys():
        raise _of_another_version(folder, "its scenario")
    form = FORM_OF_A_RUN | ({"precision": FORM_OF_PRECISION} if manifest.get("precision") else {}) | (
        {"settings": {"name": str, "until": (int, NOTHING_STATED), "worlds": int}} if manifest.get("settings") else {})
    if wrong := misfit(manifest, form) or misfit(manifest.get("language", ""), str, "language"):
        raise InputError(f"not a run's manifest: {wrong[0]}:", value=wrong[1], expected="what a run writes there",
                         file=folder / MANIFEST, next_step="run its scenario anew")
    try:
        tables = {name: pd.read_csv(BytesIO(read_checked(folder, manifest, f"{name}.csv")), encoding="utf-8-sig",
                                    dtype={"warning": object}) for name in ("summary", "comparison", "parameters")}
    except ValueError as error:
        raise InputError("not a run folder:", value=str(folder), expected="tables as this version writes them",
                         next_step=str(error)) from error
    for name, columns in (("summary", SUMMARY), ("comparison", COMPARISON), ("parameters", PARAMETERS)):
        if not set(columns) <= set(tables[name]):
            raise _of_another_version(folder, f"{name}.csv")
    for name in ("summary", "comparison"):
        tables[name]["group"] = tables[name]["group"].fillna("")
        tables[name]["warning"] = tables[name]["warning"].fillna("")
    return Run(folder, manifest, tables["summary"], tables["comparison"], tables["parameters"])


def _of_another_version(folder: Path, what: str) -> InputError:
    return InputError(f"a run of another version: {what} has another form:", value=str(folder), expected="a run of this version",
                      next_step="run its scenario anew")
