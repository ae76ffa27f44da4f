"""Bills settled from Python: one explained like a slip, or many at once, by the doors of `fundsim explain` and `fundsim settle`.

    from simulator import explain, settle
    print(explain(region="jiangsu", tier="city", bill=80000, illness="childhood-leukaemia", age=6))
    settle(claims, region="jiangsu", year=2012)          # a pandas DataFrame in, one with the payments out
"""

from __future__ import annotations

import html
import inspect
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.claims.totals import Totals
from simulator.engine.doors import explain_bill, settle_file
from simulator.parameters.added import adding
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.slip.steps import Step
from simulator.slip.table import HEADS, TITLES, cells_of, slip_text
from simulator.tables import PAYERS
from simulator.words import LANGUAGES

if TYPE_CHECKING:
    import pandas as pd

ON_ERROR = ("refuse", "skip")
# Facts that are names.
FACT_NAMES = ("out_of_area", "chronic_group", "tier", "region", "scheme", "illness", "member", "group", "lang")
# How claims are read: options of `settle` and the kinds of their values.
READING: dict[str, Any] = {"mapping": (str, Path), "passed": (list, tuple), "lenient": bool, "sort": bool, "repeated": str,
                           "encoding": str, "sheet": str, "header_line": int, "force": bool}
COUNTS = {"year": (2010, 2030), "age": (0, 120), "admissions": (0, 10_000)}            # of other whole numbers 1, 10,000


@dataclass(frozen=True, repr=False)
class Slip:
    """A settled bill: its steps (amounts in fen), the notes under them, the language of both."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    lang: str = "en"

    def __str__(self) -> str:
        return slip_text(self.steps, self.notes, self.lang)

    __repr__ = __str__

    def table(self) -> pd.DataFrame:
        """A row for each step: step, yuan (None where a step has no amount), formula, ground."""
        import pandas as pd
        frame = pd.DataFrame([cells_of(step, self.lang) for step in self.steps], columns=list(HEADS["en"]))
        return frame.assign(yuan=[None if step.amount is None else Decimal(step.amount) / 100 for step in self.steps])

    def _repr_html_(self) -> str:
        def row(kind: str, cells: tuple[str, ...]) -> str:
            return "<tr>" + "".join(f"<{kind}>{html.escape(cell)}</{kind}>" for cell in cells) + "</tr>"
        rows = [row("th", HEADS[self.lang]), *(row("td", cells_of(step, self.lang)) for step in self.steps)]
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return f"<h4>{TITLES[self.lang]}</h4><table>{''.join(rows)}</table>{notes}"


def explain(*, tier: str, bill: object, region: str | None = None, year: int = 2012, scheme: str = "nrcms",
            plan: Path | str | None = None, params: Path | str | None = None, lang: str = "en", **facts: Any) -> Slip:
    """Settle one bill like a settlement slip, by the rules of a region's year and scheme or of a plan file.

    `params` is a folder of your own regions. `bill` and other amounts are in yuan, numbers or text; `facts` are the options of
    `fundsim explain` in the words of `engine.doors.explain_bill`, such as `illness`, `age`, `outpatient`, `in_scope` (percent),
    `paid_so_far`. InputError for anything that is not a bill of this plan.
    """
    stated = {"tier": tier, "bill": bill, "region": region, "year": year, "scheme": scheme, "lang": lang, **facts}
    kinds = _facts()
    for name in facts:
        if name not in kinds or name == "plan":
            raise InputError("a bill has no", value=name, expected=one_of(kinds, most=30), suggestion=nearest(name, kinds))
    given: dict[str, Any] = {name: _fact(name, kinds[name], value) for name, value in stated.items()}
    with adding(params):
        steps, notes = explain_bill(**given, plan=_plan(plan))
    return Slip(tuple(steps), tuple(notes), lang)


@cache
def _facts() -> dict[str, str]:
    """What may be stated of a bill, and the type that the door takes."""
    return {name: str(parameter.annotation) for name, parameter in inspect.signature(explain_bill).parameters.items()}


def _fact(name: str, kind: str, value: object) -> object:
    """A fact as the door takes it: amounts as text, counts and flags as they are. InputError for what is of another kind."""
    if value is None and "None" in kind:
        return None
    if kind.startswith("bool"):
        if isinstance(value, bool):
            return value
        raise InputError(f"{name}:", value=repr(value), expected="True or False")
    if kind.startswith("int"):
        low, high = COUNTS.get(name, (1, 10_000))
        if _is_number(value, Integral) and low <= int(str(value)) <= high:
            return int(str(value))
        raise InputError(f"{name}:", value=repr(value), expected=f"a whole number from {low} to {high}")
    if _is_number(value, Real, Decimal) and name not in FACT_NAMES:
        return format(Decimal(str(value)), "f")
    if not isinstance(value, str):
        raise InputError(f"{name}:", value=repr(value), expected="text" if name in FACT_NAMES else "an amount in yuan")
    if name == "lang" and value not in LANGUAGES:
        raise InputError("lang:", value=value, expected=one_of(LANGUAGES))
    return value


def _is_number(value: object, *kinds: type) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


def _plan(plan: object) -> Path | None:
    if plan is None or isinstance(plan, Path | str):
        return None if plan is None else Path(plan)
    raise InputError("plan:", value=type(plan).__name__, expected="the path of a plan file")


def settle(claims: Any, plan: Path | str | None = None, *, region: str | None = None, year: int = 2012,
           params: Path | str | None = None, scheme: str = "nrcms", out: Path | str | None = None,
           level: object = None, account_balance: object = None, on_error: str = "refuse",
           columns: Mapping[str, str] | None = None, lang: str = "en", **reading: Any) -> Any:
    """Settle claims, row by row with each person's year carried along, by a region's rules or a plan file's (docs/claims.md).

    `claims` is a pandas or Polars DataFrame, an Arrow table, or a file. Returns its columns and the eleven payments `paid_basic`
    ... `paid_hospital` in yuan: of a Polars frame or Arrow table one of its kind, exact; else a pandas DataFrame, float64 to the
    fen, with the index of the one given; its `.attrs` hold `totals` and, with `on_error` "skip", the rows that were refused and
    why (`refused`). With `out` (.csv or .parquet) the file is written as `fundsim settle` writes it, and its Totals are returned.
    `params` is a folder of your own regions. `columns` says what the claims call a column: {"billed": "总费用"}. `reading` has
    the command's other options: `mapping`, `passed`, `lenient`, `sort`, `repeated`, `encoding`, `sheet`, `header_line`, `force`.
    InputError for bad rows, with their numbers, unless they are skipped.
    """
    year, lang = _fact("year", "int", year), _fact("lang", "str", lang)          # type: ignore[assignment]
    if on_error not in ON_ERROR:
        raise InputError("on_error:", value=on_error, expected=one_of(ON_ERROR), suggestion=nearest(str(on_error), ON_ERROR))
    for name, value in (("region", region), ("scheme", scheme)):
        if not (isinstance(value, str) or value is None and name == "region"):
            raise InputError(f"{name}:", value=repr(value), expected="text")
    options: dict[str, Any] = {
        "region": region, "year": year, "scheme": scheme, "plan": _plan(plan), "on_error": on_error, "lang": lang,
        "level": _fact("level", "str | None", level), "account_balance": _fact("account_balance", "str | None", account_balance),
        "columns": [f"{name}={title}" for name, title in (columns or {}).items()], **_reading(reading)}
    table = table_of_claims(claims)
    with tempfile.TemporaryDirectory(prefix="fundsim-") as place:
        source = Path(claims) if table is None else written_table(table, Path(place))
        written = Path(place) / "settled.parquet" if out is None else Path(out)
        try:
            with adding(params):
                totals, _ = settle_file(source, written, **options)
        except InputError as error:
            if table is not None:
                for fault in (error, *error.others):
                    fault.file = "row" if fault.line else None
            raise
        if out is not None:
            return totals
        if table is not None and not _is_pandas(claims):
            import pyarrow.parquet as pq
            return _alike(claims, pq.read_table(written))
        return _payments(claims, written, totals, lang)


def _reading(reading: dict[str, Any]) -> dict[str, Any]:
    """The options that say how claims are read. InputError for one that is not known, or of another kind."""
    found = {}
    for name, value in reading.items():
        if name not in READING:
            raise InputError("settle has no", value=name, expected=one_of(READING, most=12), suggestion=nearest(name, READING))
        kind = READING[name]
        if value is not None and (not isinstance(value, kind) or kind is int and isinstance(value, bool)):
            raise InputError(f"{name}:", value=repr(value), expected={
                bool: "True or False", int: "a whole number", str: "text"}.get(kind, "a path" if name == "mapping" else "a list"))
        if value is not None:
            found[name] = Path(value) if name == "mapping" else value
    return found


def _is_pandas(claims: Any) -> bool:
    return type(claims).__module__.split(".")[0] == "pandas"


def table_of_claims(claims: Any) -> Any:
    """The claims as an Arrow table, or None for the path of a file. InputError for anything else."""
    if isinstance(claims, Path | str):
        return None
    import pyarrow as pa
    try:
        if _is_pandas(claims) and hasattr(claims, "columns"):
            return pa.Table.from_pandas(claims, preserve_index=False)
        if hasattr(claims, "__arrow_c_stream__"):
            table = pa.table(claims)
            if len(set(table.column_names)) != table.num_columns:
                raise ValueError("two columns have one name")
            return table
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise InputError("claims: the frame cannot be written as a table:", value=" ".join(str(error).split()),
                         expected="columns of one type each, with different names of text") from error
    raise InputError("claims:", value=type(claims).__name__, expected="a DataFrame, an Arrow table, or the path of a file")


def written_table(table: Any, place: Path, name: str = "claims") -> Path:
    """A table as a file that can be read. InputError for columns that no file can have."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    file = place / f"{name}.parquet"
    try:
        views = {"string_view": pa.string(), "large_string": pa.string()}
        schema = pa.schema([field.with_type(views.get(str(field.type), field.type)) for field in table.schema])
        pq.write_table(table.cast(schema), file)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise InputError("claims: the frame cannot be written as a table:", value=" ".join(str(error).split()),
                         expected="columns of one type each, with different names of text") from error
    return file


def _alike(claims: Any, table: Any) -> Any:
    """The table as the kind of frame that was given, where that is Polars'."""
    if type(claims).__module__.split(".")[0] == "polars":
        import polars
        return polars.from_arrow(table)
    return table


def _payments(claims: Any, written: Path, totals: Totals, lang: str) -> pd.DataFrame:
    """What was settled, read back: payments as float64 yuan, the index of the rows that were settled."""
    import pandas as pd
    frame = pd.read_parquet(written)
    payments = list(frame.columns[-len(PAYERS):])
    frame[payments] = frame[payments].astype("float64")
    refused = _listed(written, "bad")
    if _is_pandas(claims):
        gone = {int(row["line"]) - 1 for row in [*refused, *_listed(written, "left-out")]}
        frame.index = claims.index[[place not in gone for place in range(len(claims))]]
    frame.attrs |= {"totals": totals.as_dict(), "refused": refused}
    return frame


def _listed(written: Path, ending: str) -> list[dict]:
    """The rows that stand beside what was written, as they were refused or left out."""
    import pandas as pd
    file = written.with_name(f"{written.stem}.{ending}.csv")
    return pd.read_csv(file, encoding="utf-8-sig", dtype=str, keep_default_na=False).to_dict("records") if file.exists() else []
