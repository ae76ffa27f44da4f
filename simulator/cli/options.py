"""Options that verbs share, and what they do with them: check words and sizes, show progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.speaking import language

if TYPE_CHECKING:
    from simulator.parameters.regions import Regions
    from simulator.scenario import Scenario

Year = Annotated[int, typer.Option("--year", min=2010, max=2030, help="First year; its parameters are the baseline's.")]
Json = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON.")]
Threads = Annotated[int | None, typer.Option("--threads", min=1, help="Threads; never changes a result. Default: all cores.")]


class Lang(StrEnum):
    """Languages of reports and slips."""

    en = "en"
    zh = "zh"


Language = Annotated[Lang, typer.Option("--lang", help="Language of report and figures.")]
Out = Annotated[Path, typer.Option("--out", help="Folder for run folders.")]
Precise = Annotated[str | None, typer.Option(
    "--precision", help="Add draws until half of the 95% interval of mean fund spending per member is at most this share of it, "
    "for example 0.5%, in every scheme, region, policy and year; exit code 1 if the most draws do not reach it.")]
Most = Annotated[int | None, typer.Option("--max-draws", min=1, max=100_000,
                                          help="With --precision: the most draws. Default: 10000.")]

Sets = Annotated[list[str] | None, typer.Option(
    "--set", metavar="PATH=VALUE", help="Change a parameter for the baseline and every policy, for example "
    "inpatient.nrcms.deductible.county=300 or 'funding.nrcms.subsidy={times: 1.1}'. May be repeated.")]

SettingsOf = Annotated[str | None, typer.Option(
    "--settings", metavar="NAME|FILE|none", help="A set of settings that fundsim calibrate wrote: worlds take from it the "
    "uncertain values that it names, all others by chance; none: all by chance. Default: the shipped set that knows most of what "
    "had happened by the end of the first year (docs/calibration.md).")]

NoReport = Annotated[bool, typer.Option(
    "--no-report", help="Write the tables alone: no figures, no report, no analysis of assumptions.")]

Force = Annotated[bool, typer.Option("--force", help="Replace files that are there already.")]

Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print every table in place of the answer in 24 lines.")]


def _add_params(context: typer.Context, folder: Path | None) -> Path | None:
    """Add a folder's regions to the shipped ones until the command ends. InputError where it is no folder."""
    if folder is not None:
        from simulator.parameters.added import adding
        from simulator.parameters.errors import InputError
        if not folder.is_dir():
            raise InputError("--params:", value=str(folder), expected="a folder with a folder for each region",
                             next_step="fundsim params new NAME --parent REGION makes one")
        context.with_resource(adding(folder))
    return folder


Params = Annotated[Path | None, typer.Option(
    "--params", metavar="DIR", callback=_add_params,
    help="A folder of your own regions, which stand beside the shipped ones or, under the same name, in their place.")]


def known_word(what: str, word: str, known: tuple[str, ...]) -> str:
    """A word that must be one of those known, which may be typed in Chinese. InputError with the nearest right one."""
    from simulator.parameters.names import known_name
    return known_name(what, word, known)


def make_writable(out: Path, name: str) -> None:
    """Make the folder for run folders and write in it before any work begins; tell what interrupted runs have left there.

    `name` is the scenario's, whose folder in `out` holds its runs. InputError where a file has the folder's name; OSError where
    nothing can be written.
    """
    from simulator.folders import Aside, make_folder, placed_error
    from simulator.parameters.errors import InputError
    try:
        make_folder(out)
    except (FileExistsError, NotADirectoryError):
        raise InputError("--out:", value=str(out), expected="a folder; a file has this name") from None
    place = out / name if (out / name).is_dir() else out
    probe = Aside(place / "probe")
    try:
        probe.path.write_bytes(bytes(4096))
    except OSError as error:
        raise placed_error(error, place) from None
    finally:
        probe.discard()
    tell_leftovers(place)


ACCOUNTS_OF = 2012            # the year with which the plans begin, and these accounts with them


def tell_settings(held: Mapping[str, Any] | None, lang: str) -> None:
    """Say on standard error which values of the shipped set of settings a run leaves to chance, since they have other laws."""
    if held and (left := held.get("left_to_chance")):
        name, named = held["name"], ", ".join(left)
        print(f"说明: 参数集 {name} 中有 {len(left)} 项的分布与此处不同, 仍按随机取值: {named}" if lang == "zh" else
              f"note: {len(left)} values of the settings {name} have other distributions here and are left to chance: {named}",
              file=sys.stderr)


def tell_older(older: Sequence[dict], year: int, lang: str) -> None:
    """Say on standard error with which head counts and balances of an earlier year a run begins, a line, and of one that begins
    later than the first accounts what it lacks besides."""
    if year > ACCOUNTS_OF:
        print(f"说明: {year} 年初风险金、大病、大额补充、应急救助和医疗救助账户从零起算: 其期初结余无参数" if lang == "zh" else
              f"note: the risk reserve and the accounts of critical illness insurance, the supplement, relief and assistance "
              f"begin {year} empty: no parameter states what they hold", file=sys.stderr)
    if not older:
        return
    named = ", ".join(dict.fromkeys(f"{value['path']} ({value['region']} {value['from'][:4]})" for value in older))
    print(f"说明: 没有 {year} 年的数值, 采用较早年份的: {named}; 可用 --set 路径=数值 给出" if lang == "zh" else
          f"note: no value of {year}, so the run begins with an earlier year's: {named}; --set PATH=NUMBER takes your own",
          file=sys.stderr)


def tell_within_year(changes: Sequence[dict], lang: str) -> None:
    """Say on standard error which rules of a run take effect within a year, and from when on the run has them: bills are settled
    by the rules of their month of discharge, all else is read as of 1 July."""
    days: dict[tuple[str, str, str], list[str]] = {}
    for change in changes:
        days.setdefault((change["region"], change["from"], str(change["held_from"])), []).append(change["path"])
    for (region, day, held), paths in days.items():
        what = f"{paths[0]}, +{len(paths) - 1}" if len(paths) > 1 else paths[0]
        if "-" in held:
            said = (f"{held} 起出院的费用按新规则结算" if lang == "zh" else
                    f"bills are settled by them from discharges of {held} on")
        else:
            said = (f"按年读取, 模拟自 {held} 年起采用" if lang == "zh" else
                    f"what is no rule of settlement is read once a year, as of 1 July: here from {held} on")
        print(f"说明: {region} 的规则在 {day} 变动 ({what}); {said}" if lang == "zh" else
              f"note: rules of {region} change on {day} ({what}); {said}", file=sys.stderr)


def tell_leftovers(place: Path, name: str = "") -> None:
    """Say on standard error what interrupted commands have left in a folder, of one name or of all, and how to remove it."""
    from simulator.folders import leftovers, name_of
    found = [path for path in leftovers(place) if not name or name_of(path) == name]
    for path in found[:5]:
        print(f"note: an interrupted command has left {path}; nothing reads it: rm -r '{path}'", file=sys.stderr)
    if len(found) > 5:
        print(f"note: and {len(found) - 5} more beside it", file=sys.stderr)


def asked_for(scenario: Scenario, regions: Regions, sets: Sequence[str] | None, sizes: dict[str, int | str | None]) -> Scenario:
    """The scenario with what `--set` and options such as `--draws` (None: not given) put in place of the file's, checked.

    InputError names the option at fault.
    """
    from simulator.parameters.change import overriding, read_change
    from simulator.scenario import faults, named
    given: dict[str, int | None] = {name: people_of_text(value) if isinstance(value, str) else value
                                    for name, value in sizes.items() if value is not None}
    later = dict(read_change(text, "--set") for text in sets or ())
    asked = scenario.but(**given, changes=overriding(scenario.changes, later))
    for place, fault in faults(asked, regions):
        raise named(fault, ("--set", place[-1]) if place[0] == "changes" and place[-1] in later else place)
    return asked


def precision_changes(precision: str | None, most: int | None, draws: int, scenario: Scenario | None = None) -> dict:
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


def people_of_text(text: str) -> int | None:
    """The number of simulated persons, None for all. InputError for anything else."""
    from simulator.parameters.errors import InputError
    if text == "all":
        return None
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 10_000_000:
        raise InputError("--people:", value=text, expected="a whole number from 1 to 10000000, or: all")
    return int(text)


class ShownProgress:
    """A progress bar with the time left on a terminal, plain lines elsewhere (at most one in two seconds), on standard error."""

    def __enter__(self) -> Callable[[str, int, int], None]:
        import time
        self.bar = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
            from rich.table import Column
            self.bar = Progress(TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=2)),
                                BarColumn(bar_width=None, table_column=Column(ratio=1)), MofNCompleteColumn(),
                                TimeElapsedColumn(), TextColumn("{task.fields[left]}"),
                                console=Console(stderr=True), transient=True, expand=True, refresh_per_second=4)
            self.bar.start()
            self.task = self.bar.add_task("", total=None, left="")
        self.begun = self.last = time.monotonic()
        return self.tell

    def tell(self, what: str, done: int, steps: int) -> None:
        import time
        now = time.monotonic()
        left = time_left(now - self.begun, done, steps, language())
        if self.bar is not None:
            self.bar.update(self.task, description=what, completed=done, total=steps, left=left)
        elif now - self.last >= 2 or what == "done":
            self.last = now
            print(f"{what}  {done}/{steps}{'  ' if left else ''}{left}", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()


def time_left(seconds: float, done: int, steps: int, lang: str) -> str:
    """How long the rest takes if it goes on as it went, in words; empty at the beginning and at the end."""
    if seconds < 1 or not 0 < done < steps:
        return ""
    left = seconds * (steps - done) / done
    number, (english, chinese) = (left, ("s", "秒")) if left < 100 else (left / 60, ("min", "分钟"))
    return f"约剩 {number:.0f} {chinese}" if lang == "zh" else f"about {number:.0f} {english} left"
