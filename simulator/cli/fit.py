"""The verb `fit`: what a fund's own claims say of its members' care, as a report and as parameters.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import Json, Lang, Language, Params, ShownProgress, tell_leftovers
from simulator.cli.reading import (
    BadRows,
    Columns,
    Encoding,
    HeaderLine,
    Lenient,
    Mapping,
    OnError,
    PassThrough,
    SameNumber,
    Sheet,
)


def fit(
    claims: Annotated[Path, typer.Argument(metavar="CLAIMS", help="A CSV file, workbook or Parquet file, as `settle` reads it.")],
    out: Annotated[Path, typer.Option("--out", help="The folder to write; nothing may have its name yet.")],
    region: Annotated[str, typer.Option("--region", help="Region whose values the claims are weighed against.")],
    scheme: Annotated[str, typer.Option(help="uebmi, urbmi, nrcms or urrbmi.")] = "nrcms",
    members: Annotated[Path | None, typer.Option(
        "--members", help="Who was insured: person, from, to, birth or age, sex, class.")] = None,
    exposure: Annotated[str | None, typer.Option(
        "--exposure", help="Without a members file: how many are insured all the time; default: the region's heads.")] = None,
    first: Annotated[str | None, typer.Option(
        "--from", help="First day looked at; default: of the month of the first claim.")] = None,
    last: Annotated[str | None, typer.Option(
        "--until", help="Last day looked at; default: of the month of the last claim.")] = None,
    reported: Annotated[str | None, typer.Option(
        "--reported", metavar="HEADER", help="The column with the day of report, for claims not yet reported.")] = None,
    valued: Annotated[str | None, typer.Option(
        "--valued", help="The day on which the file was made; default: of the last report.")] = None,
    cap: Annotated[list[str] | None, typer.Option(
        "--cap", metavar="AMOUNT", help="Bills at this amount were cut there: 50000, or of a tier or kind city=50000, "
        "outpatient=300.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the region that is written; default: REGION-fitted.")] = None,
    mapping: Mapping = None,
    on_error: BadRows = OnError.refuse,
    lenient: Lenient = False,
    repeated: SameNumber = None,
    column: Columns = None,
    member_column: Annotated[list[str] | None, typer.Option(
        "--member-column", help="NAME=HEADER: what the members file calls a column.")] = None,
    pass_through: PassThrough = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    header_line: HeaderLine = None,
    params: Params = None,
    lang: Language = Lang.en,
    as_json: Json = False,
) -> None:
    """Fit a fund's own claims: how often, how dear, how concentrated, with 95% intervals, weighed against a region's values and
    written as parameters of a region of its own.

    Example: fundsim fit claims.csv --members members.csv --region linyi --out fitted
    """
    from simulator.parameters.errors import shown
    from simulator.report.fits import fit as fit_files
    from simulator.report.fitted import terminal_lines
    from simulator.report.fitted_tables import fit_tables
    tell_leftovers(out.parent, out.name)
    with ShownProgress() as tell:
        made = fit_files(
            claims, region=region, out=out, scheme=scheme, members=members, exposure=exposure, first=first, last=last,
            reported=reported, valued=valued, caps=cap or [], name=name, mapping=mapping, on_error=on_error.value,
            lenient=lenient, repeated=None if repeated is None else repeated.value, columns=column or [],
            member_columns=member_column or [], passed=pass_through or [], encoding=encoding, sheet=sheet,
            header_line=header_line, params=params, lang=lang.value,
            tell=tell)
    for remark in made.found.remarks:
        print(shown(f"{'说明' if lang.value == 'zh' else 'note'}: {remark[lang.value == 'zh']}"), file=sys.stderr)
    if as_json:
        tables = {table: json.loads(frame.to_json(orient="records", force_ascii=False, double_precision=12))
                  for table, frame in fit_tables(made.found, made.estimates).items()}
        print(json.dumps({**made.about, "folder": str(made.folder), "tables": tables}, ensure_ascii=False))
    else:
        print("\n".join(map(shown, terminal_lines(made.found, made.estimates, made.folder, made.name, lang.value))))
