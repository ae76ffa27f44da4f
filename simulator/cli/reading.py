"""How a claims file is read: the options of every verb that reads one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class OnError(StrEnum):
    """How bad rows of a claims file are treated."""

    refuse = "refuse"
    skip = "skip"


class Repeated(StrEnum):
    """What is done with claims of one number."""

    refuse = "refuse"
    first = "first"
    last = "last"


Mapping = Annotated[Path | None, typer.Option(
    "--map", help="A mapping file, or the name of a shipped one: what the file calls columns and words.")]
BadRows = Annotated[OnError, typer.Option("--on-error", help="Bad rows: refuse the file, or skip them.")]
Lenient = Annotated[bool, typer.Option("--lenient", help="Take other spellings of days and amounts that leave no doubt.")]
SameNumber = Annotated[Repeated | None, typer.Option(
    "--repeated", help="Claims of one number: refuse them (default), or take the first or the last.")]
Columns = Annotated[list[str] | None, typer.Option("--column", help="NAME=HEADER: what the file calls a column.")]
PassThrough = Annotated[list[str] | None, typer.Option("--pass-through", metavar="HEADER", help="A column that is not read.")]
Encoding = Annotated[str | None, typer.Option(help="Of a CSV file: utf-8, gb18030, utf-16; found where left out.")]
Sheet = Annotated[str | None, typer.Option(help="Of a workbook: the sheet with the claims.")]
HeaderLine = Annotated[int | None, typer.Option("--header-line", min=1, help="The line of the header; found where left out.")]
