"""The door of `fundsim fit`, from the command and from Python: what is asked is checked, claims are fitted, a folder is written.

    from simulator import fit
    made = fit("claims.csv", members="members.csv", region="linyi", out="fitted")
    made.table("parameters")              # a pandas DataFrame
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.answers.bills import ON_ERROR, table_of_claims, written_table
from simulator.claims.cells import RowFault, amount, day
from simulator.claims.columns import BY_NAME
from simulator.claims.files import READ, suffix
from simulator.claims.header import Stated
from simulator.claims.mapping import REPEATED, ClaimsMap, read_map
from simulator.claims.text import ENCODINGS
from simulator.fitting.fit import fit_claims
from simulator.fitting.found import KINDS_OF_CARE, Asked, Fitted, summary_of
from simulator.fitting.members import MEMBER_TITLES
from simulator.fitting.overlay import Estimate
from simulator.fitting.severity import REPEATS
from simulator.output import check_place
from simulator.parameters.catalogue import SCHEMES, TIERS
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.load import NO_REGIONS, REGION_NAME
from simulator.parameters.names import canonical, known_name
from simulator.parameters.regions import load_regions
from simulator.words import LANGUAGES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FittedFolder:
    """A fit and its folder: what was found, the parameters, where it stands, the name of the region in it."""

    found: Fitted
    estimates: list[Estimate]
    folder: Path
    name: str

    @property
    def about(self) -> dict[str, Any]:
        """Files, counts and exposure, as manifest.json has them."""
        return summary_of(self.found)

    @property
    def params(self) -> Path:
        """The folder of parameter files, for `params=` of `run` and `load_regions`."""
        return self.folder / "params"

    def table(self, name: str = "parameters") -> pd.DataFrame:
        """A table of the fit. InputError for an unknown one."""
        from simulator.report.fitted_tables import fit_tables
        tables = fit_tables(self.found, self.estimates)
        if name not in tables:
            raise InputError("no such table:", value=name, expected=one_of(tables, most=20), suggestion=nearest(name, tables))
        return tables[name]

    def __repr__(self) -> str:
        about = self.about
        return (f"<fit of {about['claims']}: {about['claims_used']:,} claims, {about['person_years']:,.0f} person-years, "
                f"{self.folder}>")


def fit(claims: Any, *, region: str, out: Path | str, scheme: str = "nrcms", members: Any = None, exposure: object = None,
        first: object = None, last: object = None, reported: str | None = None, valued: object = None, caps: Sequence[str] = (),
        name: str | None = None, mapping: Path | str | None = None, on_error: str = "refuse", lenient: bool = False,
        repeated: str | None = None, columns: Sequence[str] | Mapping[str, str] = (),
        member_columns: Sequence[str] | Mapping[str, str] = (), passed: Sequence[str] = (), encoding: str | None = None,
        sheet: str | None = None, header_line: int | None = None, params: Path | str | None = None, lang: str = "en",
        report: bool = True, repeats: int = REPEATS,
        tell: Callable[[str, int, int], None] = lambda what, done, steps: None) -> FittedFolder:
    """Fit claims, and write report, tables, figures and parameters as `fundsim fit` does (docs/claims.md).

    `claims` and `members` are files, or frames of pandas, Polars or Arrow; the other words are the command's options, but for
    `report=False`, which leaves out figures and report, and `repeats`, the bootstrap samples by which laws are tested. InputError
    for what cannot be asked or read, before anything is written; OSError where the folder cannot be written.
    """
    from simulator.report.fitted import write_fit
    scheme = known_name("--scheme", canonical("scheme", scheme), SCHEMES)
    words: tuple[tuple[str, str, tuple[str, ...]], ...] = (("--lang", lang, LANGUAGES), ("--on-error", on_error, ON_ERROR))
    for option, word, known in words:
        if word not in known:
            raise InputError(f"{option}:", value=word, expected=one_of(known), suggestion=nearest(str(word), known))
    place = _place(Path(out))
    regions = load_regions(params=params)
    parent = regions[regions.canonical(region)]
    called = name or f"{parent.name}-fitted"
    if not REGION_NAME.fullmatch(called) or called in NO_REGIONS or called in regions:
        raise InputError("--name:", value=called, expected="a new name of small letters, digits, - and _, a letter first")
    stated = ClaimsMap() if mapping is None else read_map(Path(mapping))
    stated.stated |= {column: Stated((title,)) for column, title in _pairs("--column", columns, BY_NAME)}
    stated.passed = (*stated.passed, *passed)
    stated.encoding, stated.repeated = encoding or stated.encoding, repeated or stated.repeated
    stated.sheet, stated.header_line = sheet or stated.sheet, header_line or stated.header_line
    stated.lenient = lenient or stated.lenient
    if stated.encoding is not None:
        known_name("--encoding", stated.encoding, ENCODINGS)
    if stated.repeated is not None:
        known_name("--repeated", stated.repeated, REPEATED)
    with tempfile.TemporaryDirectory(prefix="fundsim-") as folder:
        source, of_members = _file(claims, folder, "claims"), None if members is None else _file(members, folder, "members")
        asked = Asked(parent, scheme, stated, of_members, dict(_pairs("--member-column", member_columns, MEMBER_TITLES)),
                      _heads(exposure), _day("--from", first), _day("--until", last), reported, _day("--valued", valued),
                      dict(map(_cap, caps)), on_error == "skip", repeats)
        if asked.heads is not None and of_members is not None:
            raise InputError("--exposure:", value=exposure, expected="no --members beside it: its spans are the exposure")
        found = fit_claims(source, asked, tell)
        written, estimates = write_fit(found, place, called, lang, report)
    return FittedFolder(found, estimates, written, called)


def _place(out: Path) -> Path:
    """The folder to write. InputError where something has its name or it cannot have one, before any work."""
    check_place(out, "--out", False)
    return out


def _file(data: Any, folder: str, name: str) -> Path:
    """The file that was named, or one with the frame that was given."""
    table = table_of_claims(data)
    if table is not None:
        return written_table(table, Path(folder), name)
    suffix(Path(data), "CLAIMS" if name == "claims" else "--members", READ)
    return Path(data)


def _pairs(option: str, said: Sequence[str] | Mapping[str, str], known: Mapping[str, object]) -> list[tuple[str, str]]:
    """NAME=HEADER as pairs. InputError for another form or an unknown name."""
    pairs = list(said.items()) if isinstance(said, Mapping) else [tuple(text.split("=", 1)) for text in said]
    for pair in pairs:
        if len(pair) != 2 or not pair[1]:
            raise InputError(f"{option}:", value="=".join(pair), expected="NAME=HEADER, for example person=参保号")
        if pair[0] not in known:
            raise InputError(f"{option}: no column", value=pair[0], expected=one_of(known), suggestion=nearest(pair[0], known))
    return [(pair[0], pair[1]) for pair in pairs]


def _heads(said: object) -> float | None:
    if said is None:
        return None
    text = str(said).replace(",", "")
    try:
        heads = float(text)
    except ValueError:
        heads = 0.0
    if not 1 <= heads <= 2e9:
        raise InputError("--exposure:", value=said, expected="the mean number of insured, from 1 to 2000000000")
    return heads


def _day(option: str, said: object) -> datetime.date | None:
    if said is None or isinstance(said, datetime.date):
        return said.date() if isinstance(said, datetime.datetime) else said
    try:
        stamp = day(str(said))
    except RowFault as fault:
        raise InputError(f"{option}: {fault.problem}:", value=said, expected=fault.expected) from None
    return datetime.date(stamp // 10000, stamp // 100 % 100, stamp % 100)


def _cap(text: str) -> tuple[str, float]:
    """Kind, tier or both (or nothing) and an amount in yuan. InputError for anything else."""
    of, _, said = text.rpartition("=")
    known = ["", *KINDS_OF_CARE, *TIERS, *(f"{kind}.{tier}" for kind in KINDS_OF_CARE for tier in TIERS)]
    of = canonical("tier", of)
    try:
        fen = amount(said)
    except RowFault:
        fen = 0
    if of not in known or fen <= 0:
        raise InputError("--cap:", value=text, expected="an amount in yuan, alone or after a tier or kind: 50000, city=50000, "
                         "outpatient=300, inpatient.city=50000", suggestion=nearest(of, known[1:]))
    return of, fen / 100
