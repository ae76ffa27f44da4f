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

from simulator.claims.settle import Totals
from simulator.engine.doors import explain_bill, settle_file
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.regions import adding
from simulator.slip.steps import Step
from simulator.slip.table import HEADS, TITLES, cells_of, slip_text
from simulator.tables import PAYERS
from simulator.words import LANGUAGES

if TYPE_CHECKING:
    import pandas as pd

ON_ERROR = ("refuse", "skip")
# Facts that are names.
FACT_NAMES = ("out_of_area", "chronic_group", "tier", "region", "scheme", "illness", "member", "group", "lang")
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


def settle(claims: pd.DataFrame | Path | str, *, region: str | None = None, plan: Path | str | None = None, year: int = 2012,
           params: Path | str | None = None, scheme: str = "nrcms", out: Path | str | None = None,
           level: object = None, account_balance: object = None,
           on_error: str = "refuse", columns: Mapping[str, str] | None = None, encoding: str = "utf-8",
           lang: str = "en") -> pd.DataFrame | Totals:
    """Settle claims, row by row with each person's year carried along, by a region's rules or a plan file's (docs/claims.md).

    `claims` is a pandas DataFrame, or a CSV or Parquet file. Returns its columns and the eleven payments `paid_basic` ...
    `paid_hospital` in yuan, float64 to the fen, with the index of a DataFrame; `.attrs` holds `totals` and, with `on_error`
    "skip", the rows that were refused and why (`refused`). With `out` (.csv or .parquet) the file is written as `fundsim settle`
    writes it, and its Totals are returned. `params` is a folder of your own regions.
    `columns` says what the claims call a column: {"billed": "总费用"}. InputError for bad
    rows, with their numbers, unless they are skipped.
    """
    import pandas as pd
    year, lang = _fact("year", "int", year), _fact("lang", "str", lang)          # type: ignore[assignment]
    if on_error not in ON_ERROR:
        raise InputError("on_error:", value=on_error, expected=one_of(ON_ERROR), suggestion=nearest(str(on_error), ON_ERROR))
    for name, value in (("region", region), ("scheme", scheme), ("encoding", encoding)):
        if not (isinstance(value, str) or value is None and name == "region"):
            raise InputError(f"{name}:", value=repr(value), expected="text")
    options: dict[str, Any] = {
        "region": region, "year": year, "scheme": scheme, "plan": _plan(plan), "on_error": on_error, "encoding": encoding,
        "lang": lang, "level": _fact("level", "str | None", level),
        "account_balance": _fact("account_balance", "str | None", account_balance),
        "columns": [f"{name}={title}" for name, title in (columns or {}).items()], "tell": lambda what, done, steps: None}
    if not isinstance(claims, pd.DataFrame | Path | str):
        raise InputError("claims:", value=type(claims).__name__, expected="a pandas DataFrame, or the path of a file")
    with tempfile.TemporaryDirectory(prefix="fundsim-") as place:
        source = _written(claims, Path(place)) if isinstance(claims, pd.DataFrame) else Path(claims)
        written = Path(place) / "settled.parquet" if out is None else Path(out)
        try:
            with adding(params):
                totals = settle_file(source, written, **options)
        except InputError as error:
            if isinstance(claims, pd.DataFrame):
                for fault in (error, *error.others):
                    fault.file = "row" if fault.line else None
            raise
        if out is not None:
            return totals
        return _payments(claims, written, totals, lang)


def _written(claims: pd.DataFrame, place: Path) -> Path:
    """A DataFrame as a file that can be settled. InputError for columns that no file can have."""
    import pyarrow as pa
    file = place / "claims.parquet"
    try:
        claims.to_parquet(file, index=False)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise InputError("claims: the DataFrame cannot be written as a table:", value=" ".join(str(error).split()),
                         expected="columns of one type each, with different names of text") from error
    return file


def _payments(claims: pd.DataFrame | Path | str, written: Path, totals: Totals, lang: str) -> pd.DataFrame:
    """What was settled, read back: payments as float64 yuan, the index of the rows that were settled."""
    import pandas as pd
    frame = pd.read_parquet(written)
    payments = list(frame.columns[-len(PAYERS):])
    frame[payments] = frame[payments].astype("float64")
    bad, refused = written.with_name(f"{written.stem}.bad.csv"), []
    if bad.exists():
        refused = pd.read_csv(bad, encoding="utf-8-sig", dtype=str, keep_default_na=False).to_dict("records")
    if isinstance(claims, pd.DataFrame):
        gone = {int(row["line"]) - 1 for row in refused}
        frame.index = claims.index[[place not in gone for place in range(len(claims))]]
    frame.attrs |= {"totals": totals.as_dict(), "refused": refused}
    return frame
