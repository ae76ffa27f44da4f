"""The command line, one function a verb. Heavy imports stand inside the functions: `fundsim --help` must be instant.

Exit codes: 0 done; 1 the answer is no (a check failed); 2 bad input; 3 interrupted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.losses import losses
from simulator.cli.params import Json, Lang, Language, Threads, Year, params_app

if TYPE_CHECKING:
    from simulator.results import Run
    from simulator.scenario import Scenario

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
                  help="Simulate Chinese social health-insurance funds: cited rules, people, claims, the fund over the years.\n\n"
                       "Example: fundsim compare jiangsu linyi --year 2012")
app.add_typer(params_app, name="params")


class OnError(StrEnum):
    """How bad rows of a claims file are treated."""

    refuse = "refuse"
    skip = "skip"


Out = Annotated[Path, typer.Option("--out", help="Folder for run folders.")]
Plan = Annotated[Path | None, typer.Option("--plan", help="A plan file in place of a region, see docs/claims.md.")]
Account = Annotated[str | None, typer.Option(
    "--account-balance", help="Individual account on 1 January, the year's credit included, yuan.")]
Level = Annotated[str | None, typer.Option(help="Level k of the schedule; default: solved to the region's target.")]
Precise = Annotated[str | None, typer.Option(
    "--precision", help="Add draws until half of the 95% interval of mean fund spending per member is at most this share of it, "
    "for example 0.5%, in every scheme, region, policy and year; exit code 1 if the most draws do not reach it.")]
Most = Annotated[int | None, typer.Option("--max-draws", min=1, max=100_000,
                                          help="With --precision: the most draws. Default: 10000.")]


@app.command()
def compare(
    regions: Annotated[list[str], typer.Argument(help="Two regions or more, for example: jiangsu linyi")],
    year: Year = 2012,
    schemes: Annotated[str, typer.Option(help="Schemes, separated by commas.")] = "uebmi,urbmi,nrcms",
    horizon: Annotated[int, typer.Option(min=1, max=50, help="Years.")] = 10,
    draws: Annotated[int, typer.Option(min=1, max=100_000, help="Sampled futures; with --precision the first ones.")] = 200,
    precision: Precise = None,
    max_draws: Most = None,
    people: Annotated[str, typer.Option(help="Simulated persons a scheme and region, or: all")] = "50000",
    outpatient_share: Annotated[str, typer.Option(help="Share of households whose outpatient visits are simulated.")] = "1/8",
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1)] = 20120321,
    response: Annotated[str, typer.Option(help="What the fund does beyond its limits: stated, secondary or none.")] = "stated",
    demand: Annotated[bool, typer.Option("--demand/--no-demand", help="Use and choice of hospital respond to price.")] = False,
    threads: Threads = None,
    out: Out = Path("results"),
    lang: Language = Lang.en,
    as_json: Json = False,
) -> None:
    """Compare regions: rules that differ, funds, burden; tables, figures and a report.

    Example: fundsim compare jiangsu linyi --year 2012 --draws 200 --lang zh
    """
    from simulator.parameters.catalogue import SCHEMES
    from simulator.parameters.errors import InputError
    from simulator.scenario import RESPONSES, Scenario, read_share

    if len(regions) < 2 or len(set(regions)) != len(regions):
        raise InputError("compare needs at least two different regions, got", value=" ".join(regions),
                         expected="for example: jiangsu linyi")
    chosen = tuple(schemes.split(","))
    for scheme in chosen:
        _known("--schemes", scheme, SCHEMES)
    name = f"compare-{'-'.join(regions)}-{year}"
    scenario = Scenario(
        name, tuple(regions), year=year, schemes=chosen, horizon=horizon, draws=draws, people=_people(people), seed=seed,
        response=_known("--response", response, RESPONSES), demand=demand,
        **_precise(precision, max_draws, draws),
        outpatient_share=read_share(outpatient_share, lambda text: InputError("--outpatient-share:", value=text,
                                                                              expected="a share such as 1/8, at most 1/1")))
    _run(scenario, out, lang, threads, as_json)


@app.command()
def run(
    scenario: Annotated[Path, typer.Argument(help="A scenario file, see scenarios/")],
    precision: Precise = None, max_draws: Most = None,
    threads: Threads = None, out: Out = Path("results"), lang: Language = Lang.en, as_json: Json = False,
) -> None:
    """Run a scenario file.

    Example: fundsim run scenarios/deductible.yaml
    """
    from simulator.scenario import read_scenario
    asked = read_scenario(scenario)
    _run(asked.but(**_precise(precision, max_draws, asked.draws, asked)), out, lang, threads, as_json)


def _run(scenario: Scenario, out: Path, lang: Lang, threads: int | None, as_json: bool) -> None:
    """Simulate, analyse, write the run folder and print the overview."""
    import time
    from concurrent.futures import ThreadPoolExecutor

    from simulator.parameters.regions import load_regions
    from simulator.report.overview import analyse, for_report, print_overview, write_extra
    from simulator.report.write import finish_run
    from simulator.results import read_run, write_run
    from simulator.run.simulate import simulate

    start = time.monotonic()
    regions = load_regions()
    for name in scenario.regions:
        regions[name]
    _writable(out)
    with _progress() as tell, ThreadPoolExecutor(1) as beside:
        result = simulate(scenario, regions, threads, tell)
        tell("assumptions", 1, 1)
        analysed = beside.submit(analyse, scenario, regions, threads)          # while the figures are drawn
        if threads == 1:
            analysed.result()

        def finish(aside: Path, made: Run) -> None:
            finish_run(aside, made, lang.value, lambda: for_report(analysed.result()))
            write_extra(aside, analysed.result())

        folder = write_run(result, out, finish)
    made, extra = read_run(folder), analysed.result()
    if as_json:
        rows = made.comparison[made.comparison["year"] == scenario.year]
        print(json.dumps({"run": str(folder), "result_digest": made.manifest["result_digest"],
                          "precision": made.manifest["precision"],
                          "comparison": json.loads(rows.to_json(orient="records", force_ascii=False))}, ensure_ascii=False))
    else:
        print_overview(made, extra, lang.value)
        print(f"\n{folder}/report.html  ({time.monotonic() - start:.0f} s)")
    if result.precision and not result.precision.met:
        raise typer.Exit(1)


@app.command()
def explain(
    tier: Annotated[str, typer.Option("--tier", help="township, county, city or outside.")],
    bill: Annotated[str, typer.Option("--bill", help="The bill in yuan.")],
    region: Annotated[str | None, typer.Option("--region", help="Region, for example jiangsu.")] = None,
    year: Year = 2012,
    scheme: Annotated[str, typer.Option(help="uebmi, urbmi, nrcms or urrbmi.")] = "nrcms",
    plan: Plan = None,
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
    level: Level = None,
    lang: Language = Lang.en,
    as_json: Json = False,
) -> None:
    """Settle one bill like a settlement slip: each step, its formula, its ground.

    Example: fundsim explain --region jiangsu --year 2012 --scheme nrcms --tier city --bill 80000 --illness childhood-leukaemia
    """
    from simulator.run.doors import explain_bill
    from simulator.slip.table import print_slip
    steps, notes = explain_bill(
        region=region, year=year, scheme=scheme, plan=plan, tier=tier, bill=bill, in_scope=in_scope, illness=illness, units=units,
        days=days, case_price=case_price, new_drug=new_drug, age=age, member=member, group="dibao" if assisted else assistance,
        outpatient=outpatient, chronic=chronic, emergency=emergency, unreferred=unreferred, tcm=tcm, admissions=admissions,
        paid_so_far=paid_so_far, self_paid_so_far=self_paid_so_far, account_balance=account_balance, commercial=commercial,
        pilot=pilot, payment_area=payment_area, level=level, lang=lang.value)
    if as_json:
        print(json.dumps({"steps": [vars(step) for step in steps], "notes": notes}, ensure_ascii=False, default=int))
    else:
        print_slip(steps, notes, lang.value)


@app.command()
def settle(
    claims: Annotated[Path, typer.Argument(metavar="CLAIMS", help="A CSV or Parquet file, see docs/claims.md.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write, .csv or .parquet.")],
    region: Annotated[str | None, typer.Option("--region", help="Region, for example jiangsu.")] = None,
    year: Year = 2012,
    scheme: Annotated[str, typer.Option(help="uebmi, urbmi, nrcms or urrbmi.")] = "nrcms",
    plan: Plan = None,
    level: Level = None,
    account_balance: Account = None,
    on_error: Annotated[OnError, typer.Option("--on-error", help="Bad rows: refuse the file, or skip them.")] = OnError.refuse,
    person_column: Annotated[str | None, typer.Option("--person-column", help="What the file calls the person.")] = None,
    column: Annotated[list[str] | None, typer.Option("--column", help="NAME=HEADER: what the file calls a column.")] = None,
    encoding: Annotated[str, typer.Option(help="Of a CSV file: utf-8 or gb18030.")] = "utf-8",
    lang: Language = Lang.en,
    as_json: Json = False,
) -> None:
    """Settle a claims file: every row through a region's rules or a plan file's, with each person's year carried along.

    Example: fundsim settle claims.csv --plan docs/plan-example.yaml --out settled.csv
    """
    from simulator.run.doors import settle_file
    from simulator.slip.settle import print_totals
    with _progress() as tell:
        totals = settle_file(claims, out, region=region, year=year, scheme=scheme, plan=plan, level=level,
                             account_balance=account_balance, on_error=on_error.value, encoding=encoding,
                             columns=[*(column or []), *([f"person={person_column}"] if person_column else [])],
                             lang=lang.value, tell=tell)
    for remark in totals.remarks:
        print(f"note: {remark}", file=sys.stderr)
    if as_json:
        print(json.dumps(totals.as_dict(), ensure_ascii=False))
    else:
        print_totals(totals, out, lang.value)


app.command()(losses)


@app.command()
def backtest(
    draws: Annotated[int, typer.Option(min=1)] = 20,
    people: Annotated[int, typer.Option(min=100)] = 50_000,
    threads: Threads = None, as_json: Json = False,
) -> None:
    """Set simulated beside published figures, with the gap (three schemes, 2010-2012); exit code 1 if the gaps are too many.

    Example: fundsim backtest --draws 20
    """
    from simulator.answers.backtest import backtest as run_backtest
    from simulator.answers.backtest import judge, table_text
    from simulator.parameters.regions import load_regions
    frame = run_backtest(load_regions(), draws=draws, people=people, threads=threads)
    print(frame.to_json(orient="records", force_ascii=False) if as_json else table_text(frame))
    if judge(frame):
        raise typer.Exit(1)


@app.command()
def report(run_folder: Annotated[Path, typer.Argument(metavar="RUN")], lang: Language = Lang.en) -> None:
    """Write a run's figures and report anew, for example in the other language.

    Example: fundsim report results/compare-jiangsu-linyi-2012/RUN-ID --lang zh
    """
    from simulator.report.overview import for_report, read_extra
    from simulator.report.write import finish_run
    from simulator.results import read_run
    made = read_run(run_folder)
    finish_run(run_folder, made, lang.value, for_report(read_extra(made)))
    print(run_folder / "report.html")


@app.command()
def verify(run_folder: Annotated[Path, typer.Argument(metavar="RUN")], threads: Threads = None) -> None:
    """Simulate a run again from its manifest alone and compare the digests; exit code 1 if they differ.

    Nothing is read from the cache: rules are compiled, tables and parameters made anew.

    Example: fundsim verify results/compare-jiangsu-linyi-2012/RUN-ID
    """
    from simulator.compiling.cache import empty_cache
    from simulator.parameters.regions import load_regions
    from simulator.results import read_run, result_digest
    from simulator.run.simulate import simulate
    from simulator.scenario import from_dict
    made = read_run(run_folder)
    with empty_cache(), _progress() as tell:
        result = simulate(from_dict(made.manifest["scenario"]), load_regions(), threads, tell)
    found, expected = result_digest(result), made.manifest["result_digest"]
    print(f"manifest  {expected}\nrun again {found}")
    if found != expected:
        print("the results differ: other versions or other parameters than the run's (see manifest.json)")
        raise typer.Exit(1)
    print("the same bits")


def _known(what: str, word: str, known: tuple[str, ...]) -> str:
    from simulator.parameters.errors import InputError, nearest, one_of
    if word not in known:
        raise InputError(f"{what}: unknown name", value=word, expected=one_of(known), suggestion=nearest(word, known))
    return word


def _writable(out: Path) -> None:
    """Make the folder for run folders before any work begins. InputError if that is not possible."""
    from simulator.parameters.errors import InputError
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("--out:", value=str(out), expected="a folder that can be written", next_step=error.strerror) from error


def _precise(precision: str | None, most: int | None, draws: int, scenario: Scenario | None = None) -> dict:
    """The changes to a scenario that --precision and --max-draws ask for; without them the scenario file's values hold."""
    from simulator.parameters.errors import InputError
    from simulator.scenario import PRECISIONS, read_precision
    changes: dict = {}
    if precision is not None:
        changes["precision"] = read_precision(precision, lambda text: InputError("--precision:", value=text, expected=PRECISIONS))
    if most is not None:
        if precision is None and (scenario is None or scenario.precision is None):
            raise InputError("--max-draws:", value=most, expected="--precision beside it; --draws says how many draws are made")
        if most < draws:
            raise InputError("--max-draws:", value=most, expected=f"no fewer than the {draws} draws it begins with (--draws)")
        changes["max_draws"] = most
    return changes


def _people(text: str) -> int | None:
    from simulator.parameters.errors import InputError
    if text == "all":
        return None
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 10_000_000:
        raise InputError("--people:", value=text, expected="a whole number from 1 to 10000000, or: all")
    return int(text)


class _progress:
    """A progress bar on a terminal, plain lines elsewhere (at most one in two seconds), on standard error."""

    def __enter__(self) -> Callable[[str, int, int], None]:
        import time
        self.bar = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
            self.bar = Progress(TextColumn("{task.description:28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                                console=Console(stderr=True), transient=True)
            self.bar.start()
            self.task = self.bar.add_task("", total=None)
        self.last = time.monotonic()
        return self.tell

    def tell(self, what: str, done: int, steps: int) -> None:
        import time
        if self.bar is not None:
            self.bar.update(self.task, description=what, completed=done, total=steps)
        elif time.monotonic() - self.last >= 2 or what == "done":
            self.last = time.monotonic()
            print(f"{what}  {done}/{steps}", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()


def main() -> None:
    """The entry point: bad input ends with one clear line and exit code 2, an interruption with 3."""
    try:
        app()
    except SystemExit as end:
        if end.code != 130:            # Typer's code for Ctrl-C
            raise
        print("interrupted; nothing was lost: run the command again", file=sys.stderr)
        sys.exit(3)
    except Exception as error:
        from simulator.parameters.errors import InputError
        if not isinstance(error, InputError):
            raise
        print(f"error: {error}", file=sys.stderr)
        for other in error.others[:20]:
            print(f"error: {other}", file=sys.stderr)
        sys.exit(2)


