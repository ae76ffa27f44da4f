"""Verbs that settle bills by a region's rules or a plan file's: explain, settle.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import Force, Json, Lang, Language, Params, ShownProgress, Year, tell_leftovers
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

Plan = Annotated[Path | None, typer.Option(
    "--plan", help="A plan file, or the name of a shipped one (fundsim params plans): alone, or over a --region topic by topic.")]
Account = Annotated[str | None, typer.Option(
    "--account-balance", help="Individual account on 1 January, the year's credit included, yuan.")]
Level = Annotated[str | None, typer.Option(help="Level k of the schedule; default: by the region's evidence.")]


def explain(
    tier: Annotated[str, typer.Option("--tier", help="township, county, city or outside.")],
    bill: Annotated[str, typer.Option("--bill", help="The bill in yuan.")],
    region: Annotated[str | None, typer.Option("--region", help="Region, for example jiangsu.")] = None,
    year: Year = 2012,
    date: Annotated[str | None, typer.Option("--date", help="Day of discharge, in place of the year: 2014-04-15.")] = None,
    scheme: Annotated[str, typer.Option(help="uebmi, urbmi, nrcms or urrbmi.")] = "nrcms",
    plan: Plan = None,
    params: Params = None,
    in_scope: Annotated[str | None, typer.Option(
        "--in-scope", help="In-scope share of the bill in percent; default: the region's mean.")] = None,
    illness: Annotated[str | None, typer.Option(help="A listed illness, for example childhood-leukaemia.")] = None,
    units: Annotated[int, typer.Option(min=1, max=10_000, help="Courses, sessions or days in the bill (quota prices).")] = 1,
    days: Annotated[int, typer.Option(min=1, max=10_000, help="Days in hospital (per-diem prices).")] = 1,
    case_price: Annotated[str, typer.Option("--case-price", help="Standard price of the case's group, yuan.")] = "0",
    new_drug: Annotated[str, typer.Option("--new-drug", help="New drugs in the in-scope expense, yuan.")] = "0",
    age: Annotated[int, typer.Option(min=0, max=120)] = 45,
    member: Annotated[str | None, typer.Option(
        "--member-class", help="adult, child, student, active or retired; default: by age.")] = None,
    assistance: Annotated[str, typer.Option(
        "--income-group", help="Assistance group: none, dibao, wubao, low_income, disabled, elderly.")] = "none",
    assisted: Annotated[bool, typer.Option("--assisted", help="The same as --income-group dibao.")] = False,
    outpatient: Annotated[bool, typer.Option("--outpatient", help="An outpatient visit.")] = False,
    chronic: Annotated[bool, typer.Option("--chronic", help="A visit for a disease on the chronic outpatient list.")] = False,
    emergency: Annotated[bool, typer.Option("--emergency", help="An emergency (relief fund).")] = False,
    unreferred: Annotated[bool, typer.Option("--unreferred")] = False,
    tcm: Annotated[str, typer.Option(help="Traditional Chinese medicine in the in-scope expense, yuan.")] = "0",
    admissions: Annotated[int, typer.Option(min=0, help="Admissions earlier in the year.")] = 0,
    paid_so_far: Annotated[str, typer.Option("--paid-so-far", help="Paid by the pooled fund earlier in the year, yuan.")] = "0",
    self_paid_so_far: Annotated[str, typer.Option("--self-paid-so-far",
                                                  help="In-scope self-pay earlier in the year, yuan.")] = "0",
    account_balance: Account = None,
    commercial: Annotated[bool, typer.Option("--commercial", help="The person holds commercial cover.")] = False,
    pilot: Annotated[bool | None, typer.Option(
        "--pilot/--no-pilot", help="The county takes part in the pilot illnesses; default: where any county does.")] = None,
    payment_area: Annotated[bool, typer.Option(
        "--payment-area/--no-payment-area", help="The county pays by case and day (with --case-price or --days).")] = False,
    first_pay: Annotated[str, typer.Option(
        "--first-pay", help="Part of the in-scope expense that the patient pays before the rules (category B), yuan.")] = "0",
    out_of_area: Annotated[str, typer.Option("--out-of-area", help="no, filed (or referred) or unfiled.")] = "no",
    civil_servant: Annotated[bool, typer.Option(
        "--civil-servant", help="The person has the civil servants' or the employer's supplement.")] = False,
    essential: Annotated[str, typer.Option(
        help="Part of the in-scope expense on a favoured list (essential drugs, category A), yuan.")] = "0",
    quota_price: Annotated[str, typer.Option(
        "--quota-price", help="Price of the listed illness's own type, yuan; 0: the plan's.")] = "0",
    insured_years: Annotated[int, typer.Option(
        "--insured-years", min=0, max=100, help="Years of insurance before this one.")] = 0,
    chronic_group: Annotated[str, typer.Option(
        "--chronic-group", help="With --chronic: the group of diseases, 1 to 4 or as the plan names it.")] = "1",
    level: Level = None,
    lang: Language = Lang.en,
    as_json: Json = False,
) -> None:
    """Settle one bill like a settlement slip: each step, its formula, its ground.

    Example: fundsim explain --region jiangsu --year 2012 --scheme nrcms --tier city --bill 80000 --illness childhood-leukaemia
    """
    from simulator.engine.doors import explain_bill
    from simulator.slip.table import print_slip
    steps, notes = explain_bill(
        region=region, year=year, date=date, scheme=scheme, plan=plan, tier=tier, bill=bill, in_scope=in_scope,
        illness=illness, units=units, days=days, case_price=case_price, new_drug=new_drug, age=age, member=member,
        group="dibao" if assisted else assistance,
        outpatient=outpatient, chronic=chronic, emergency=emergency, unreferred=unreferred, tcm=tcm, admissions=admissions,
        paid_so_far=paid_so_far, self_paid_so_far=self_paid_so_far, account_balance=account_balance, commercial=commercial,
        pilot=pilot, payment_area=payment_area, first_pay=first_pay, out_of_area=out_of_area, civil_servant=civil_servant,
        essential=essential, quota_price=quota_price, insured_years=insured_years,
        chronic_group=chronic_group, level=level, lang=lang.value)
    if as_json:
        print(json.dumps({"steps": [vars(step) for step in steps], "notes": notes}, ensure_ascii=False, default=int))
    else:
        print_slip(steps, notes, lang.value)


def settle(
    claims: Annotated[Path, typer.Argument(metavar="CLAIMS", help="A CSV file, workbook or Parquet file, see docs/claims.md.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write, .csv, .parquet or .xlsx.")],
    region: Annotated[str | None, typer.Option("--region", help="Region, for example jiangsu.")] = None,
    year: Annotated[int, typer.Option("--year", min=2010, max=2030, help="Whose rules bills without a date have.")] = 2012,
    scheme: Annotated[str, typer.Option(help="uebmi, urbmi, nrcms or urrbmi.")] = "nrcms",
    plan: Plan = None,
    params: Params = None,
    level: Level = None,
    account_balance: Account = None,
    mapping: Mapping = None,
    on_error: BadRows = OnError.refuse,
    lenient: Lenient = False,
    sort: Annotated[bool, typer.Option("--sort", help="Settle bills in the order of their days.")] = False,
    repeated: SameNumber = None,
    person_column: Annotated[str | None, typer.Option("--person-column", help="What the file calls the person.")] = None,
    column: Columns = None,
    pass_through: PassThrough = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    header_line: HeaderLine = None,
    explain_row: Annotated[int | None, typer.Option(
        "--explain-row", min=1, metavar="LINE", help="Print the settlement slip of the bill in this line.")] = None,
    force: Force = False,
    lang: Language = Lang.en,
    as_json: Json = False,
) -> None:
    """Settle a claims file: every row through a region's rules or a plan file's, with each person's year carried along.

    Example: fundsim settle claims.csv --plan docs/plan-example.yaml --out settled.csv
    """
    from simulator.claims.totals import print_totals
    from simulator.engine.doors import settle_file
    from simulator.parameters.errors import shown
    from simulator.slip.table import print_slip
    tell_leftovers(out.parent, out.name)
    with ShownProgress() as tell:
        totals, slips = settle_file(
            claims, out, region=region, year=year, scheme=scheme, plan=plan, level=level, account_balance=account_balance,
            on_error=on_error.value, encoding=encoding, mapping=mapping, lenient=lenient, sort=sort,
            columns=[*(column or []), *([f"person={person_column}"] if person_column else [])], passed=pass_through or [],
            repeated=None if repeated is None else repeated.value, sheet=sheet, header_line=header_line, force=force,
            explain_line=explain_row, lang=lang.value, tell=tell)
    for remark in totals.remarks:
        print(shown(f"note: {remark}"), file=sys.stderr)
    if as_json:
        found = totals.as_dict() | ({"slips": [[vars(step) for step in steps] for steps in slips]} if slips else {})
        print(json.dumps(found, ensure_ascii=False, default=int))
    else:
        print_totals(totals, out, lang.value)
        for steps in slips:
            print_slip(steps, [], lang.value)
