"""Published figures that the model can be compared with, one in a row of a CSV file, each with its unit, error and source.

`params/tables/published.csv` is the package's own file; a file of further years has the same form. A row needs region, scheme,
year, measure, unit, published, error and source. `error` is a standard error in the row's unit, fixed before any fit: that of
rounding and of what `error_basis` names (docs/evidence-files.md has the rule). `family` tells apart two publishers of one figure:
without one, a cell (region, scheme, year, measure, group) has one figure. `known_from` is the day of publication: what states
none is nowhere taken as known. `fitted` tells whether a parameter in params/ was set from the figure.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path

from simulator.parameters.catalogue import SCHEMES, TIERS
from simulator.parameters.errors import InputError, let_through, nearest, one_of
from simulator.parameters.names import canonical
from simulator.parameters.regions import Regions, params_path

STATED_COLUMNS = ("region", "scheme", "year", "measure", "unit", "published", "error", "source")
OPTIONAL_COLUMNS = ("group", "error_basis", "kind", "fitted", "status", "family", "known_from", "remark")
FIGURE_KINDS = ("figure", "bound", "none")       # to be met; not to be passed; nothing published
FITTED = ("yes", "partly", "no")
PUBLISHED_STATUSES = ("statistic", "estimate")   # published; derived with a supposition, or recalled
ERROR_BASES = ("accounts", "derived", "recalled", "about", "audit", "definition", "expected", "bound")
FIRST_FIGURES, LAST_FIGURES = 2000, 2030         # years
WITH_ACCOUNTS = ("revenue_with_accounts", "expenditure_with_accounts", "balance_with_accounts")   # those of individuals
UNITS_OF_MEASURES = {
    "revenue": "1e8 CNY", "expenditure": "1e8 CNY", "surplus": "1e8 CNY", "balance": "1e8 CNY", "individual_accounts": "1e8 CNY",
    **dict.fromkeys(WITH_ACCOUNTS, "1e8 CNY"), "cii_premium": "1e8 CNY", "cii_payments": "1e8 CNY", "members": "1e4 persons",
    "revenue_per_head": "CNY/person/year", "funding_per_head": "CNY/person/year", "expenditure_per_head": "CNY/person/year",
    "claims_per_head": "1/person/year", "visits_per_head": "1/person/year", "admissions_per_100": "1/100/year",
    "pooled_episodes_per_100": "1/100/year", "payment_per_admission": "CNY/admission", "payment_per_visit": "CNY/visit",
    "mean_bill": "CNY/admission", "in_scope_ratio": "%", "actual_ratio": "%", "actual_ratio_all_layers": "%",
    "expenditure_over_revenue": "%", "surplus_rate": "%", "share_of_funding": "%", "months_held": "month"}
BY_TIER = ("mean_bill", "in_scope_ratio")        # measures that are also stated by hospital tier
# A unit in which a measure may be stated instead -> what one of it is in the measure's own.
OTHER_UNITS = {"1e8 CNY": {"CNY": 1e-8, "1e4 CNY": 1e-4, "1e6 CNY": 1e-2}, "1e4 persons": {"person": 1e-4, "1e8 persons": 1e4}}


@dataclass(frozen=True)
class Figure:
    """One published figure in its measure's own unit; where nothing is published `value` and `error` are NaN."""

    region: str
    scheme: str
    year: int
    measure: str
    group: str
    unit: str
    value: float
    error: float
    error_basis: str
    kind: str
    fitted: str
    status: str
    family: str
    source: str
    known_from: datetime.date | None
    remark: str

    @property
    def cell(self) -> tuple[str, str, int, str, str, str]:
        """What has one figure."""
        return self.region, self.scheme, self.year, self.measure, self.group, self.family

    def known_by(self, day: datetime.date) -> bool:
        """Whether somebody could have known the figure at the end of a day."""
        return self.known_from is not None and self.known_from <= day


def published_path() -> Path:
    """The package's own file of figures."""
    return params_path() / "tables" / "published.csv"


def read_figures(path: Path | None = None, regions: Regions | None = None) -> list[Figure]:
    """The figures of a file (the package's own by default), in its order. With `regions`, theirs are the only names.

    InputError for the first fault, with line and column, all others in its `others`: an unknown column, region, scheme, year,
    measure, group or unit, a figure that is no number, no error or no source stated, two figures for one cell.
    """
    path = path or published_path()
    rows = list(_rows(path))
    found: list[Figure] = []
    faults: list[InputError] = []
    cells: dict[tuple, int] = {}
    for row in rows:
        try:
            figure = _figure(row, regions)
            if figure.cell in cells:
                raise row.fault("published", "a second figure for this cell; the first stands in line", cells[figure.cell],
                                "one figure for each region, scheme, year, measure and group",
                                "name the publishers in the column `family` if both are to be kept")
            cells[figure.cell] = row.line
            found.append(figure)
        except InputError as fault:
            faults.append(fault)
    if faults:
        faults[0].others = tuple(faults[1:])
        raise faults[0]
    return found


@dataclass(frozen=True)
class _Row:
    """A line of the file: its fields by name, and the column of the line in which each begins."""

    path: Path
    line: int
    fields: Mapping[str, str]
    columns: Mapping[str, int]

    def fault(self, name: str, problem: str, value: object = None, expected: str | None = None,
              next_step: str | None = None, suggestion: str | None = None) -> InputError:
        return InputError(problem, value=value, expected=expected, next_step=next_step, suggestion=suggestion, file=self.path,
                          line=self.line, column=self.columns.get(name))

    def one_of(self, name: str, known: tuple[str, ...], default: str) -> str:
        """A word out of those known; the default where nothing stands."""
        word = self.fields[name] or default
        if word not in known:
            raise self.fault(name, f"{name}:", word, one_of(known) if known else "nothing", suggestion=nearest(word, known))
        return word

    def number(self, name: str) -> float:
        try:
            value = float(self.fields[name])
        except ValueError:
            value = nan
        if not isfinite(value):
            raise self.fault(name, f"{name}:", self.fields[name], "a number")
        return value


def _rows(path: Path) -> Iterator[_Row]:
    """The lines of a file under its header, empty ones left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        let_through(error, path)
        raise InputError("the file of published figures cannot be read:", value=path, expected=error.strerror) from None
    except UnicodeDecodeError:
        raise InputError("the file is not UTF-8", file=path, next_step="save it as CSV UTF-8") from None
    lines = text.splitlines()
    if not lines:
        raise InputError("the file is empty", file=path, line=1, column=1, expected=f"a header: {', '.join(STATED_COLUMNS)}")
    header = [name.strip() for name in next(csv.reader([lines[0]]))]
    at = _field_columns(lines[0])
    for place, name in enumerate(header):
        if name not in STATED_COLUMNS + OPTIONAL_COLUMNS or name in header[:place]:
            raise InputError("unknown or repeated column", value=name, expected=one_of(STATED_COLUMNS + OPTIONAL_COLUMNS),
                             file=path, line=1, column=at[place], suggestion=nearest(name, STATED_COLUMNS + OPTIONAL_COLUMNS))
    if absent := [name for name in STATED_COLUMNS if name not in header]:
        raise InputError("no column", value=absent[0], expected=f"a header with {', '.join(STATED_COLUMNS)}", file=path, line=1,
                         column=1)
    reader = csv.reader(io.StringIO(text))
    next(reader)
    for fields in reader:
        line = reader.line_num
        if not any(field.strip() for field in fields):
            continue
        columns = _field_columns(lines[line - 1])
        if len(fields) != len(header):
            raise InputError("fields in the line:", value=len(fields), expected=f"{len(header)}, as in the header", file=path,
                             line=line, column=columns[min(len(fields), len(header), len(columns)) - 1])
        yield _Row(path, line, dict.fromkeys(OPTIONAL_COLUMNS, "") | dict(zip(header, map(str.strip, fields), strict=True)),
                   dict(zip(header, columns, strict=False)))


def _field_columns(line: str) -> list[int]:
    """The column in which each field of a line of CSV begins, counted from 1."""
    columns, quoted = [1], False
    for place, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            columns.append(place + 2)
    return columns


def _figure(row: _Row, regions: Regions | None) -> Figure:
    text = row.fields
    if regions is not None and regions.canonical(text["region"]) not in regions:
        raise row.fault("region", "unknown region", text["region"], one_of(regions), suggestion=nearest(text["region"], regions))
    scheme = canonical("scheme", text["scheme"])
    if scheme not in SCHEMES:
        raise row.fault("scheme", "unknown scheme", text["scheme"], one_of(SCHEMES), suggestion=nearest(text["scheme"], SCHEMES))
    if not (text["year"].isdecimal() and FIRST_FIGURES <= int(text["year"]) <= LAST_FIGURES):
        raise row.fault("year", "unknown year", text["year"], f"a year from {FIRST_FIGURES} to {LAST_FIGURES}")
    measure, group = text["measure"], text["group"]
    if measure not in UNITS_OF_MEASURES:
        raise row.fault("measure", "unknown measure", measure, one_of(UNITS_OF_MEASURES),
                        suggestion=nearest(measure, UNITS_OF_MEASURES))
    if group and (measure not in BY_TIER or group not in [f"tier:{tier}" for tier in TIERS]):
        raise row.fault("group", "unknown group", group, "nothing, or tier:TIER of the measures " + one_of(BY_TIER))
    unit, said = UNITS_OF_MEASURES[measure], text["unit"].replace("yuan", "CNY")
    factor = 1.0 if said == unit else OTHER_UNITS.get(unit, {}).get(said)
    if factor is None:
        raise row.fault("unit", f"{measure}: unknown unit", text["unit"], one_of((unit, *OTHER_UNITS.get(unit, ()))))
    kind = row.one_of("kind", FIGURE_KINDS, "figure")
    fitted, basis = row.one_of("fitted", FITTED, "no"), row.one_of("error_basis", ("", *ERROR_BASES), "")
    if kind == "none":
        return _absent(row, scheme, unit, fitted)
    if not text["published"]:
        raise row.fault("published", "no figure stated", expected="a number, or the kind `none` and a remark")
    if not text["error"]:
        raise row.fault("error", "no error stated",
                        expected=f"the standard error of {text['published']} {text['unit']}: at least that of its rounding")
    value, error = row.number("published"), row.number("error")
    if error <= 0:
        raise row.fault("error", "error:", text["error"], "a number above 0")
    if not text["source"]:
        raise row.fault("source", "no source stated", expected="where the figure stands")
    region = regions.canonical(text["region"]) if regions is not None else text["region"]
    status = row.one_of("status", PUBLISHED_STATUSES, PUBLISHED_STATUSES[0])
    return Figure(region, scheme, int(text["year"]), measure, group, unit, value * factor, error * factor, basis, kind, fitted,
                  status, text["family"], text["source"], _day(row) if text["known_from"] else None, text["remark"])


def _absent(row: _Row, scheme: str, unit: str, fitted: str) -> Figure:
    """A row that says that nothing is published."""
    text = row.fields
    for name in ("published", "error", "source", "known_from", "status"):
        if text[name]:
            raise row.fault(name, f"{name}:", text[name], "nothing in a row of the kind `none`")
    if not text["remark"]:
        raise row.fault("remark", "no remark stated", expected="what was looked for, in a row of the kind `none`")
    return Figure(text["region"], scheme, int(text["year"]), text["measure"], text["group"], unit, nan, nan, "", "none", fitted,
                  "", text["family"], "", None, text["remark"])


def _day(row: _Row) -> datetime.date:
    try:
        return datetime.date.fromisoformat(row.fields["known_from"])
    except ValueError:
        raise row.fault("known_from", "known_from:", row.fields["known_from"], "a day as YYYY-MM-DD") from None
