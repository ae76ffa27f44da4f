"""A run folder: written under a temporary name and renamed when complete, and read back.

`results/<scenario>/<run-id>/` holds manifest.json, parameters.csv, summary.csv, paths.parquet,
comparison.csv, figures/ and report.html. The manifest alone reproduces the run (`verify`).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.chance.random import LAYOUT_VERSION
from simulator.parameters.errors import InputError
from simulator.parameters.values import Value, text_of
from simulator.run.measures import half_width, heavy_tails, summaries, tail_mean
from simulator.run.simulate import Result, SchemeResult
from simulator.scenario import Scenario

SUMMARY = ("region", "scheme", "policy", "year", "measure", "group", "unit", "mean", "se", "p05", "p25", "p50", "p75", "p95",
           "warning")
COMPARISON = ("measure", "group", "unit", "scheme", "year", "side_a", "side_b", "a", "b", "difference", "se", "low", "high",
              "warning")
PARAMETERS = ("path", "value", "unit", "from", "source", "status", "region")
PATHS = ("revenue", "deficit_top_up", "expenditure", "surplus", "accrued_closing", "closing", "funding", "pooled_funding",
         "claims_incurred", "secondary", "reserve")
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
        """The fund's paths by draw, in yuan."""
        return pd.read_parquet(self.folder / "paths.parquet")


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
    """The fund's path in each draw, in yuan: region, scheme, policy, draw, year, members and the PATHS columns."""
    frames = []
    for scheme in result.schemes:
        for year, ledger in scheme.ledgers.items():
            for p, policy in enumerate(scheme.policies):
                columns = {name: getattr(ledger, name)[:, p] / 100.0 for name in PATHS}
                frames.append(pd.DataFrame({"region": scheme.region, "scheme": scheme.scheme, "policy": policy,
                                            "draw": np.arange(len(scheme.members[year])), "year": year,
                                            "members": scheme.members[year][:, p], **columns}))
    return pd.concat(frames, ignore_index=True)


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
    """Differences a - b, paired by draw, with the standard error and the 95% interval (Student's t) of the paired difference."""
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
        half = half_width(apart["se"], len(gap))
        rows.append((*head, a["mean"], b["mean"], apart["mean"], apart["se"], apart["mean"] - half, apart["mean"] + half, mark))
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


def manifest_of(result: Result, parameters: pd.DataFrame, extra: dict) -> dict:
    """The manifest: what reproduces the run, and what it gave."""
    scenario = result.scenario
    return {
        "scenario": scenario.as_dict(), "seed": scenario.seed, "draws": scenario.draws, "people": scenario.people or "all",
        "precision": result.precision.as_dict() if result.precision else None,
        "versions": versions(),
        "parameter_digest": hashlib.sha256(parameters.to_csv(index=False).encode()).hexdigest(),
        "result_digest": result_digest(result),
        "digests": {f"{s.region} {s.scheme}": s.digest for s in result.schemes},
        "values_by_status": dict(sorted(Counter(parameters["status"]).items())),
        "levels": [{"region": lv.region, "scheme": lv.scheme, "year": lv.year, "k": str(lv.k), "target": str(lv.target),
                    "status": lv.status, "source": lv.source, "reached": round(lv.reached, 3), "unsolved": round(lv.unsolved, 3)}
                   for s in result.schemes for lv in s.levels],
        "rosters": [{"region": s.region, "scheme": s.scheme, "rows": s.rows, "participants": s.participants}
                    for s in result.schemes],
        **extra,
    }


def run_folder(out: Path, scenario: Scenario, digest: str, now: datetime | None = None) -> Path:
    """The folder results/<scenario>/<run-id>; the run-id is the time and the first digits of the result's digest."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%d-%H%M%S")
    return out / scenario.name / f"{stamp}-{digest[:8]}"


def write_whole(final: Path, write: Callable[[Path], object]) -> Path:
    """Let `write` fill a folder under a temporary name and rename it to `final` when it is complete; `final-2`, `final-3`, ...
    where there is one of that name. Returns the folder."""
    aside = final.with_name(f".partial-{final.name}-{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        write(aside)
        number, free = 2, final
        while free.exists():
            free, number = final.with_name(f"{final.name}-{number}"), number + 1
        aside.rename(free)
        return free
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV that spreadsheets open."""
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def write_manifest(manifest: dict, folder: Path) -> None:
    """Write manifest.json into a folder."""
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_run(result: Result, out: Path, finish: Callable[[Path, Run], object] | None = None,
              extra: dict | None = None) -> Path:
    """Write a run folder under a temporary name, let `finish` add figures and report, and rename it when complete."""
    parameters = parameters_frame(result)
    manifest = manifest_of(result, parameters, extra or {})

    def write(aside: Path) -> None:
        summary, comparison = summary_frame(result), comparison_frame(result)
        for name, frame in (("parameters", parameters), ("summary", summary), ("comparison", comparison)):
            write_table(frame, aside / f"{name}.csv")
        paths_frame(result).to_parquet(aside / "paths.parquet", index=False)
        write_manifest(manifest, aside)
        if finish is not None:
            finish(aside, Run(aside, manifest, summary, comparison, parameters))

    return write_whole(run_folder(Path(out), result.scenario, manifest["result_digest"]), write)


def read_run(folder: Path | str) -> Run:
    """Read the manifest and tables of a run folder. InputError if it is not one."""
    folder = Path(folder)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        tables = {name: pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig", dtype={"warning": object})
                  for name in ("summary", "comparison", "parameters")}
    except (OSError, ValueError) as error:
        raise InputError("not a run folder:", value=str(folder),
                         expected="a folder with manifest.json, summary.csv and comparison.csv", next_step=str(error)) from error
    if not isinstance(manifest, dict) or not {"scenario", "result_digest"} <= manifest.keys():
        raise InputError("not a run's manifest:", value=str(folder / "manifest.json"), expected="scenario, result_digest")
    for name in ("summary", "comparison"):
        tables[name]["group"] = tables[name]["group"].fillna("")
        tables[name]["warning"] = tables[name]["warning"].fillna("") if "warning" in tables[name] else ""      # new in 0.2.0
    return Run(folder, manifest, tables["summary"], tables["comparison"], tables["parameters"])
