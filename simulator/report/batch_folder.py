"""The folder of a batch: its tables, its worlds and its page, written aside and renamed, the manifest last."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from simulator.answers.batch import Batch
from simulator.answers.batch_tables import write_tables
from simulator.folders import MANIFEST, new_folder, sealed, table_of
from simulator.results import versions


def write_batch(made: Batch, place: Path, lang: str, report: bool = True) -> Path:
    """Write a batch's folder `<time>-<digest>` in `place`: tables as Parquet, the worlds, the page in a language unless `report`
    is false. Returns the folder; OSError if it cannot be written, and then nothing is."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    with new_folder(place / f"{stamp}-{made.digest[:8]}") as aside:
        differences = write_tables(made, aside.path)
        if report:
            from simulator.report.gallery import write_gallery
            write_gallery(made, differences, aside.path, lang)
        manifest = {"kind": "batch", "digest": made.digest, "versions": versions(),
                    "scenarios": [scenario.as_dict() for scenario in made.plan.scenarios],
                    "questions": [{"name": one.name, "scenario": one.scenario, "region": one.region, "scheme": one.scheme,
                                   "policy": one.policy.name, "failed": made.failures.get(one.name)}
                                  for one in made.plan.questions]}
        (aside.path / MANIFEST).write_bytes(sealed(manifest, table_of(aside.path)))
    return aside.final
