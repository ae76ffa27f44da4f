"""Runs and batches from Python: make one, open one, and look at its answer, tables, figures and paths.

    from simulator import latest, open_run, run
    answer = run("scenarios/deductible.yaml", draws=50)
    answer.table()                      # the figures of the answer, a pandas DataFrame
    answer.plot.balance("nrcms")        # a matplotlib figure
    answer.query("select year, mean from summary where measure = 'surplus_rate'")
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.answers.tables import OF_A_BATCH, OF_A_RUN, ask, batch_tables, is_batch, known_table, narrowed, run_tables
from simulator.folders import read_whole
from simulator.parameters.change import overriding
from simulator.parameters.errors import InputError, let_through, nearest, one_of
from simulator.parameters.regions import load_regions
from simulator.results import Run, read_run
from simulator.scenario import Scenario, check, read_scenario, safe_name
from simulator.words import LANGUAGES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from simulator.answers.solve import Answer
    from simulator.answers.variance import Sensitivity
    from simulator.engine.simulate import Progress
    from simulator.parameters.regions import Regions
    from simulator.report.brief import Brief

TABLES = ("answer", *OF_A_RUN)
OVERVIEW = ("exhausted", "months_held", "net_burden_share_of_income")      # of a batch's questions
SHOWN_ROWS = 20


class Opened(Run):
    """A run folder with its answer, tables and figures at hand. The fields are those of `results.Run`."""

    @property
    def plot(self) -> Plots:
        """The figures of the report, one function a kind: `plot.balance("nrcms")`."""
        return Plots(self)

    def brief(self, lang: str = "en") -> Brief:
        """The answer in words, as the terminal prints it: `print("\\n".join(run.brief("zh").lines()))`."""
        from simulator.report.brief import Brief
        return Brief(self, _language(lang))

    def table(self, name: str = "answer", **where: object) -> pd.DataFrame:
        """A table of the run, one of TABLES: the rows whose columns have the values of `where` (one value, or a list).

        `answer` has a row for each pair of sides (or the one side), scheme and subject, with the difference and its 95%
        interval; probabilities are in percent. InputError for an unknown table or column.
        """
        frame = self._answer() if known_table(name, TABLES) == "answer" else getattr(self, name)
        return narrowed(name, frame, where)

    def sustainability(self, confidences: Sequence[int] = (90, 95, 99)) -> pd.DataFrame:
        """How long each fund lasts and what would keep it, one row a figure as in sustainability.csv (docs/sustainability.md):
        year of exhaustion, months held, growth, the addition that balances, the sum needed today, value at risk, risk grade.
        `confidences` are percents of the worlds, 51 to 99. InputError for others."""
        from simulator.answers.sustainability import checked_confidences, sustainability
        return sustainability(self, checked_confidences(confidences))

    def sensitivity(self, measure: str = "balance", year: int | None = None, *, region: str | None = None,
                    scheme: str | None = None, policy: str | None = None) -> Sensitivity:
        """What an outcome varies with, as `fundsim sensitivity` tells it: `.values` and `.groups` with their variance shares and
        standard errors, `.frame` both in one table. InputError for what the run does not have."""
        from simulator.answers.variance import sensitivity
        return sensitivity(self, measure, year, region, scheme, policy)

    def _answer(self) -> pd.DataFrame:
        import pandas as pd
        found, rows = self.brief().found, []
        for (nth, scheme, subject), figure in found.by_key.items():
            a, b = found.pairs[nth] if found.pairs else (found.first_region, "")
            rows.append((a, b, scheme, found.year(subject), subject, *figure))
        return pd.DataFrame(rows, columns=["side_a", "side_b", "scheme", "year", "subject", "a", "b", "difference", "low", "high",
                                           "warning", "p05", "p95"])

    def query(self, sql: str) -> pd.DataFrame:
        """The answer to a question in SQL to the tables summary, comparison, parameters and paths, by DuckDB.

        Nothing else is read: no files, no variables. InputError without DuckDB (`pip install 'fundsim[query]'`) or for what is
        not SQL of these tables.
        """
        return ask(run_tables(self), sql)

    def __repr__(self) -> str:
        brief = self.brief()
        return "\n".join([f"{brief.question()[0]}: run {self.folder.name}, {self.manifest['draws']} draws",
                          *(f"  {brief.sentence(subject)}" for subject in brief.found.subjects)])

    def _repr_html_(self) -> str:
        brief = self.brief()
        said = "".join(f"<p>{html.escape(brief.sentence(subject))}</p>" for subject in brief.found.subjects)
        table = self.table().dropna(axis="columns", how="all").to_html(index=False, border=0, float_format="{:,.4g}".format)
        return f"<h4>{html.escape(brief.question()[0])}</h4>{said}{table}<p>{html.escape(str(self.folder))}</p>"


class Plots:
    """The figures of a run, each a matplotlib Figure. A scheme may be left out where the run has only one."""

    def __init__(self, run: Run) -> None:
        from simulator.report.select import Selection
        self._selection = Selection(run)

    def balance(self, scheme: str | None = None, lang: str = "en") -> Figure:
        """The balance per member over the years: median and the middle half and nine tenths of the draws."""
        return self._of_scheme("balance_fan", scheme, lang)

    def surplus(self, scheme: str | None = None, lang: str = "en") -> Figure:
        """The annual surplus rate and the cumulative surplus against the region's limits."""
        return self._of_scheme("surplus_limits", scheme, lang)

    def burden(self, scheme: str | None = None, lang: str = "en") -> Figure:
        """What members pay out of pocket, by income quintile."""
        return self._of_scheme("oop_by_quintile", scheme, lang)

    def catastrophic(self, scheme: str | None = None, lang: str = "en") -> Figure:
        """Households that pay more than they can bear, before insurance and after each layer."""
        return self._of_scheme("catastrophic_by_layer", scheme, lang)

    def illnesses(self, scheme: str | None = None, lang: str = "en") -> Figure:
        """The mean bill of each listed illness, by who bears it."""
        return self._of_scheme("illness_burden", scheme, lang)

    def payers(self, lang: str = "en") -> Figure:
        """Who pays all medical expense, in every scheme."""
        from simulator.report.plots import payer_shares
        return _styled(lambda: payer_shares(self._selection, _language(lang)))

    def _of_scheme(self, kind: str, scheme: str | None, lang: str) -> Figure:
        from simulator.report import plots
        schemes = self._selection.schemes
        if scheme is None and len(schemes) > 1 or scheme is not None and scheme not in schemes:
            raise InputError("a figure of one scheme; asked for", value=scheme or "none", expected=one_of(schemes),
                             suggestion=nearest(scheme or "", schemes))
        return _styled(lambda: getattr(plots, kind)(self._selection, scheme or schemes[0], _language(lang)))

    def __repr__(self) -> str:
        return "figures: " + ", ".join(name for name in vars(type(self)) if not name.startswith("_"))


class OpenedBatch:
    """A batch folder with its tables at hand: `folder`, `manifest`, `failures` (the questions without an answer, and why)."""

    def __init__(self, folder: Path | str) -> None:
        """Open a batch's folder. InputError if it is none, or if a file is not as it was written."""
        self.folder = Path(folder)
        self.manifest = read_whole(self.folder)
        if not is_batch(self.manifest):
            raise InputError("not a batch's folder:", value=str(folder), expected="a folder that `batch` wrote",
                             next_step="open_run opens a run")
        self._tables = batch_tables(self.folder, self.manifest)

    @property
    def failures(self) -> dict[str, str]:
        """Scenario, region, scheme and policy of each question without an answer, and why it has none."""
        names = [scenario["name"] for scenario in self.manifest["scenarios"]]
        return {" ".join((names[one["scenario"]], one["region"], one["scheme"], one["policy"])): one["failed"]
                for one in self.manifest["questions"] if one["failed"]}

    def table(self, name: str = "summary", **where: object) -> pd.DataFrame:
        """A table of the batch, summary, differences or worlds: the rows whose columns have the values of `where` (one value, or
        a list). InputError for an unknown table or column."""
        import pandas as pd
        table = self._tables.get(known_table(name, OF_A_BATCH), pd.DataFrame())
        return narrowed(name, table if isinstance(table, pd.DataFrame) else table.to_table().to_pandas(), where)

    def query(self, sql: str) -> pd.DataFrame:
        """The answer to a question in SQL to the tables summary, differences and worlds, as that of `Opened.query`."""
        return ask(self._tables, sql)

    def overview(self) -> pd.DataFrame:
        """A row for each question: how likely its fund is exhausted in the last year, months held, and what members bear."""
        table = self._tables["summary"]
        found = table[table["measure"].isin(OVERVIEW) & (table["group"] == "")]
        keys = ["scenario", "region", "scheme", "policy"]
        found = found[found["year"] == found.groupby(keys)["year"].transform("max")]
        return found.pivot(index=[*keys, "year"], columns="measure", values="mean")[list(OVERVIEW)].reset_index().rename_axis(
            columns=None) if len(found) else found

    def __repr__(self) -> str:
        asked, failed = len(self.manifest["questions"]), len(self.failures)
        rows = self.overview()
        return "\n".join([f"batch {self.folder.name}: {asked} questions of {len(self.manifest['scenarios'])} scenarios"
                          f"{f', {failed} without an answer' if failed else ''}", rows.head(SHOWN_ROWS).to_string(index=False),
                          *([f"and {len(rows) - SHOWN_ROWS} more: .overview()"] if len(rows) > SHOWN_ROWS else [])])

    def _repr_html_(self) -> str:
        head = html.escape(repr(self).partition("\n")[0])
        rows = self.overview().to_html(index=False, border=0, float_format="{:,.4g}".format, max_rows=SHOWN_ROWS)
        return f"<h4>{head}</h4>{rows}"


def _styled(make: Callable[[], Figure]) -> Figure:
    """A figure in the report's style, which keeps its fonts wherever it is shown later."""
    from matplotlib import rcParams
    from matplotlib.text import Text

    from simulator.report.style import style
    with style():
        figure = make()
        figure.canvas.draw()                              # makes the texts of the axes, which would else be made when shown
        for text in figure.findobj(Text):
            text.set_fontfamily(rcParams["font.family"])
    return figure


def _language(lang: str) -> str:
    if lang not in LANGUAGES:
        raise InputError("lang:", value=lang, expected=one_of(LANGUAGES))
    return lang


def solve(scenario: Scenario | Path | str, *, vary: Sequence[str], until: Sequence[str], least: str | None = None,
          most: str | None = None, confirm: int = 500, regions: Regions | None = None, params: Path | str | None = None,
          threads: int | None = None, settings: str | None = None,
          tell: Callable[[str, int, int], None] | None = None) -> Answer:
    """The policy that meets conditions with the least or most of a figure, proved in `confirm` fresh worlds, as `fundsim solve`
    finds it: `vary` such as "funding.nrcms.premium=60:240", `until` such as "P(exhausted by 2021) <= 5%". The scenario has one
    region, one scheme and no policies; `params` is a folder of your own regions, `settings` as for `run`. InputError for what
    cannot be asked."""
    from simulator.answers.question import answer, read_question
    from simulator.calibration.sets import with_settings
    loaded = regions or load_regions(params=params)
    asked = scenario.in_names_of(loaded) if isinstance(scenario, Scenario) else read_scenario(scenario, loaded)
    check(asked, loaded)
    asked, _ = with_settings(asked, loaded, settings)
    return answer(read_question(asked, loaded, vary, until, least, most), loaded, confirm, threads, tell)


def batch(scenarios: Scenario | Path | str | Iterable[Scenario | Path | str], *, regions: Regions | None = None,
          params: Path | str | None = None, sets: Mapping[str, object] | None = None,
          out: Path | str = "results", name: str = "batch", lang: str = "en",
          threads: int | None = None, jobs: int = 0, pool: Executor | None = None, report: bool = True,
          settings: str | None = None, tell: Progress | None = None, **changes: Any) -> OpenedBatch:
    """Run scenarios, scenario files, designs and folders of such to the end, as `fundsim batch` does, and write a folder in
    `out`/`name`; the batch, opened. What any batch under `out` has simulated is not simulated again.

    `params`, `sets`, `changes`, `report`, `settings` and `tell` as for `run`;
    `jobs` spawned processes or `pool`, an executor, do the work in place of
    threads. A question that cannot be answered is among `.failures`. InputError for what would be refused in a scenario file.
    """
    from simulator.answers.batch import run_batch
    from simulator.answers.checked import check_all
    from simulator.calibration.sets import with_settings
    from simulator.designs import scenarios_of
    from simulator.report.batch_folder import write_batch
    several = [scenarios] if isinstance(scenarios, Scenario | Path | str) else scenarios
    if not isinstance(several, Iterable):
        raise InputError("not scenarios:", value=type(several).__name__, expected="a Scenario, a path, or a list of such")
    safe_name("name", name)
    _language(lang)
    regions = regions or load_regions(params=params)
    asked = [_but(scenario, sets, changes).in_names_of(regions) for scenario in scenarios_of(several, regions)]
    if not asked:
        raise InputError("no scenarios:", value="none", expected="at least one")
    check_all(asked, regions)
    asked = [with_settings(scenario, regions, settings)[0] for scenario in asked]
    made = run_batch(asked, regions, _folder(out) / "parts", threads, jobs, tell or (lambda what, done, steps: None), pool)
    return OpenedBatch(write_batch(made, Path(out) / name, lang, report))


def _but(scenario: Scenario, sets: Mapping[str, object] | None, changes: Mapping[str, object]) -> Scenario:
    """A scenario with some fields changed, and with parameters changed for every policy. InputError for an unknown field."""
    known = tuple(field.name for field in fields(Scenario))
    for name in changes:
        if name not in known:
            raise InputError("a scenario has no", value=name, expected=one_of(known, most=20), suggestion=nearest(name, known))
    asked = scenario.but(**changes)
    return asked.but(changes=overriding(asked.changes, sets)) if sets else asked


def _folder(out: Path | str) -> Path:
    """The folder for results, made if it is not there. InputError where that cannot be."""
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except (OSError, TypeError, ValueError) as error:
        let_through(error, out)
        raise InputError("out:", value=str(out), expected="a folder that can be written",
                         next_step=getattr(error, "strerror", None) or str(error)) from error
    return Path(out)


def run(scenario: Scenario | Path | str, *, regions: Regions | None = None, params: Path | str | None = None,
        sets: Mapping[str, object] | None = None, out: Path | str = "results",
        lang: str = "en", threads: int | None = None, processes: int = 1, report: bool = True, settings: str | None = None,
        tell: Callable[[str, int, int], None] | None = None, **changes: Any) -> Opened:
    """Simulate a scenario, or a scenario file, and write its run folder under `out`; the run, opened.

    `params` is a folder of your own regions, as `--params` takes it, unless `regions` has them already.
    `sets` (path -> value) changes parameters for every policy, as `--set` does; `changes` are fields of the Scenario such as
    `draws`. `settings` is a set of settings that `fundsim calibrate` wrote, by name or file, or "none"; without it worlds have
    those of the shipped set (docs/calibration.md). `report=False` leaves out
    figures, report and the analysis of assumptions, which take most of the time of a small run. `threads` (default: all cores)
    work in all, `processes` of them apart: more than one need `if __name__ == "__main__":` in the script that asks.
    `tell(what, done, steps)` hears of the progress. InputError for what would be refused in a file.
    """
    from simulator.calibration.sets import with_settings
    from simulator.engine.places import Places
    from simulator.needs import refuse_too_large

    regions = regions or load_regions(params=params)
    asked = _but(scenario if isinstance(scenario, Scenario) else read_scenario(scenario, regions), sets, changes)
    asked = asked.in_names_of(regions)
    _language(lang)
    check(asked, regions)
    refuse_too_large(asked, _folder(out), processes)
    kept: dict[str, Any] = {"language": lang}
    asked, held = with_settings(asked, regions, settings)
    if held is not None:
        kept |= {"settings": held}
    hear = tell or (lambda what, done, steps: None)
    with Places(regions, processes, threads) as places:
        from simulator.answers.sustainability import put_sustainability
        from simulator.answers.turns import put_turns
        from simulator.answers.variance import put_variance
        from simulator.engine.side_by_side import simulate_at
        from simulator.report.overview import analyse, experiments, for_report, write_extra
        from simulator.report.write import finish_run
        from simulator.results import write_run

        if not report:
            return open_run(write_run(simulate_at(asked, places, hear)[0], Path(out), put_sustainability, kept))
        result, found = simulate_at(asked, places, hear, experiments)
        hear("assumptions", 1, 1)

        def finish(aside: Path, made: Run) -> None:
            extra = analyse(regions, result, found)
            put_sustainability(aside, made)
            put_variance(aside, made)
            put_turns(aside, made)
            finish_run(aside, made, lang, for_report(extra), places)
            write_extra(aside, extra)

        return open_run(write_run(result, Path(out), finish, kept))


def open_run(folder: Path | str) -> Opened:
    """A run folder, opened. InputError if it is not one."""
    made = read_run(folder)
    return Opened(**{field.name: getattr(made, field.name) for field in fields(made)})


def latest(out: Path | str = "results") -> Opened:
    """The newest run under `out`, by the time in its name. InputError where there is none."""
    found = [path.parent for path in Path(out).glob("*/*/manifest.json") if not path.parent.name.startswith(".")]
    if not found:
        raise InputError("no run folder in", value=str(out), expected="a folder that holds <scenario>/<run-id>",
                         next_step="make one: fundsim run scenarios/deductible.yaml")
    return open_run(max(found, key=lambda folder: (folder.name[:15], (folder / "manifest.json").stat().st_mtime_ns)))
