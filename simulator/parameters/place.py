"""Where the shipped parameter files lie."""

from __future__ import annotations

from pathlib import Path

from .errors import InputError


def params_path() -> Path:
    """The folder of the parameter files: package data, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_params", package.parent / "params"):
        if (folder / "national" / "region.yaml").is_file():
            return folder
    raise InputError("the parameter files are missing", expected=f"the folder {package / '_params'}",
                     next_step="install fundsim again")
