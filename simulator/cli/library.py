"""`fundsim ls`: what runs, batches and answers a folder holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.options import Json


def ls(
    folder: Annotated[Path, typer.Argument(help="A folder of results.")] = Path("results"),
    as_json: Json = False,
) -> None:
    """List the runs, batches and answers under a folder, the newest first; exit code 2 where there is no such folder.

    Example: fundsim ls results
    """
    from simulator.parameters.errors import InputError
    if not folder.is_dir():
        raise InputError("no such folder:", value=str(folder), expected="a folder of results, for example results")
    rows = sorted((row_of(path, folder) for path in folder.glob("*/*/manifest.json")), key=lambda row: row["made"], reverse=True)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        print(f"{row['made']:15}  {row['kind']:9}  {row['what']}\n{'':15}  {row['folder']}")
    if not rows:
        print(f"nothing in {folder}")


def row_of(path: Path, folder: Path) -> dict[str, str]:
    """What a manifest is of: when it was made, its kind, what was asked, where it lies."""
    try:
        manifest: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = {}
    place = path.parent
    kind = manifest.get("kind") or manifest.get("verb") or ("solve" if "goal" in manifest else "run" if "scenario" in manifest
                                                            else "damaged")
    scenario = manifest.get("scenario") or {}
    what = ", ".join(scenario.get("regions", ())) or place.parent.name
    if kind == "batch":
        what = f"{place.parent.name}: {len(manifest.get('questions', ()))} questions"
    elif kind == "run":
        what = f"{scenario.get('name', '')}: {what}, {manifest.get('draws')} worlds, digest {manifest['result_digest'][:8]}"
    return {"made": place.name[:15], "kind": str(kind), "what": what, "folder": place.relative_to(folder).as_posix()}
