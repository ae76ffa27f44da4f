"""The verb that begins a mapping of a claims file: claims map."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import Force
from simulator.cli.reading import HeaderLine, Sheet

claims_app = typer.Typer(no_args_is_help=True)


@claims_app.callback()
def claims_of_any_file() -> None:
    """Claims files: begin a mapping of one.

    Example: fundsim claims map claims.xlsx --out map.yaml
    """


@claims_app.command("map")
def claims_map(
    claims: Annotated[Path, typer.Argument(metavar="CLAIMS", help="A CSV file, workbook or Parquet file.")],
    out: Annotated[Path | None, typer.Option("--out", help="The mapping file to write; printed where left out.")] = None,
    encoding: Annotated[str, typer.Option(help="Of a CSV file: utf-8, gb18030, utf-16; found if left out.")] = "auto",
    sheet: Sheet = None,
    header_line: HeaderLine = None,
    force: Force = False,
) -> None:
    """Propose a mapping file: what the file's columns and words most likely are, with a question where it is not known.

    Example: fundsim claims map claims.xlsx --out map.yaml
    """
    from simulator.claims.files import READ, suffix
    from simulator.claims.propose import QUESTION, propose
    from simulator.claims.text import ENCODINGS
    from simulator.cli.options import known_word
    from simulator.output import check_place, write_new
    suffix(claims, "CLAIMS", READ)
    known_word("--encoding", encoding, ENCODINGS)
    if out is not None:
        check_place(out, "--out", force, (claims,))
    text = propose(claims, encoding=encoding, sheet=sheet, header_line=header_line)
    if out is None:
        sys.stdout.write(text)
    else:
        write_new({out: text.encode()}, force)
        print(f"{out}: {text.count(QUESTION)} questions, {text.count('# check:')} lines to check "
              f"(待答 {text.count(QUESTION)} 处, 待核 {text.count('# check:')} 行)")
