"""`fundsim ls`: what runs, batches and answers a folder holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import Json


def ls(
    folder: Annotated[Path, typer.Argument(help="A folder of results.")] = Path("results"),
    as_json: Json = False,
) -> None:
    """List the runs, batches and answers under a folder, the newest first; exit code 2 where there is no such folder.

    Example: fundsim ls results
    """
    from simulator.answers.tables import held_in
    from simulator.parameters.errors import InputError
    if not folder.is_dir():
        raise InputError("no such folder:", value=str(folder), expected="a folder of results, for example results")
    rows = held_in(folder)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        print(f"{row['made']:15}  {row['kind']:9}  {row['what']}\n{'':15}  {row['folder']}")
    if not rows:
        print(f"nothing in {folder}")
