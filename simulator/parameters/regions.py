"""The tree of regions and what holds in each of them in a year: inherited, dated, cited.

    regions = load_regions()
    regions["jiangsu"].value("inpatient.nrcms.deductible", 2012).value["county"]
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, overload

from .added import added_folder
from .apart import LeftBy, apart_from, stand_in
from .catalogue import CATALOGUE
from .days import day_of, first_year_of
from .errors import InputError, nearest, one_of
from .fits import check_fits, misfits
from .load import Faults, load_layers
from .place import params_path as params_path
from .steps import Changed, growth_path, steps_of
from .steps import Step as Dated
from .values import Entry, Layer, StatementValue, Value, origin_of, quantity_at, statement_of, value_of

_KNOWN: dict[str, Region] = {}         # every region of the shipped folder and of added ones, as this process has loaded it last
_KNOWN_OF: set[Path | None] = set()    # the added folders (None: none) that these are from


@dataclass(frozen=True, eq=False)
class Region:
    """A region with all that it inherits.

    `layers`: its own first, then its ancestors'; a scenario's changes stand before them all.
    `names`: language -> name. `label` names the scenario whose changes it carries, if any.
    """

    name: str
    names: Mapping[str, str]
    layers: tuple[Layer, ...]
    label: str = ""
    _memo: dict[tuple[str, int | datetime.date], Value | None] = field(default_factory=dict, repr=False)

    @property
    def of_settings(self) -> Region:
        """The region whose uncertain values worlds have settings of."""
        return self

    @property
    def lineage(self) -> tuple[str, ...]:
        """The region and its ancestors, nearest first."""
        return tuple(dict.fromkeys(layer.region for layer in self.layers))

    @overload
    def value(self, path: str, year: int | datetime.date, required: Literal[True] = True) -> Value: ...
    @overload
    def value(self, path: str, year: int | datetime.date, required: bool) -> Value | None: ...
    def value(self, path: str, year: int | datetime.date, required: bool = True) -> Value | None:
        """The value of a parameter in force on a day. A year stands for its 1 July: of two rules that follow each other in a
        year, the one that holds for the longer part.

        The nearest region with an entry that has begun supplies it, and of its entries the latest.
        Where none has begun: InputError, or None if not `required`. InputError with the nearest
        right name for a path that is not in the catalogue.
        """
        try:
            value = self._memo[path, year]
        except KeyError:
            own, quantity, key = quantity_at(path)
            if key is not None:
                raise InputError("a path of a part, not of a parameter:", value=path, expected=f"'{own}'",
                                 suggestion=own) from None
            found = self._entry(path, year)
            value = self._memo[path, year] = found and value_of(found[1], quantity, found[0],
                                                                origin_of(found[1], self.layers))
        if value is None and required:
            raise self.no_value(path, year)
        return value

    def series(self, path: str) -> dict[int, Value]:
        """Every value the parameter takes: the year from which it holds -> the value, in order of years."""
        years = self._years(path)
        if not years:
            self.value(path, datetime.MAXYEAR)
        return {year: self.value(path, year) for year in years}

    def statements(self, year: int | datetime.date) -> list[StatementValue]:
        """The documents' statements in force: each region's latest of each kind, unless it has ended, from the root down to this
        region."""
        end, found = self.day_of(year), []
        ended = datetime.date(year, 1, 1) if isinstance(year, int) else year
        for layer in reversed(self.layers):
            for path in layer.laws:
                entry = _latest(layer.entries[path], end)
                if entry and not (entry.until and datetime.date.fromisoformat(entry.until) < ended):
                    found.append(statement_of(entry, layer.region))
        return found

    def paths(self) -> list[str]:
        """Every operating parameter stated here or above, in the catalogue's order."""
        stated = {path for layer in self.layers for path in layer.entries if not path.startswith("law.")}
        topics = list(CATALOGUE)
        return sorted(stated, key=lambda p: (topics.index(p.split(".")[0]), p.split(".")[1:-1],
                                             list(CATALOGUE[p.split(".")[0]]).index(p.split(".")[-1])))

    def on(self, day: datetime.date) -> OnDay:
        """The region on a day: what is asked for its year is what is in force on the day itself."""
        return OnDay(self.name, self.names, self.layers, self.label, day=day)

    def day_of(self, at: int | datetime.date) -> datetime.date:
        """A day itself, or the day that stands for a year."""
        return day_of(at)

    def with_changes(self, changes: Mapping[str, object], label: str, since: int | None = None,
                     of_files: bool = False) -> Region:
        """This region under a scenario's changes: path, or path and key -> value as a file would state it, or its verb, or its
        dated steps (`steps.py`).

        What is stated without a date holds from 1 January of the year `since` on (None: from the start of time). A change of one
        key leaves the others as they are. Changed values are assumptions whose source is the scenario. InputError if a file that
        said the same would be refused; of values that come whole from parameter files (`of_files`), only where they do not fit.
        """
        steps: dict[str, dict[str | None, list[Dated]]] = {}        # parameter -> key, None for all of it -> the change
        for path, data in changes.items():
            own, _, key = quantity_at(path)
            steps.setdefault(own, {})[key] = steps_of(data, path)
        rates = {rate for own in steps if (rate := growth_path(own))} & steps.keys()
        grown = self.with_changes({path: data for path, data in changes.items() if quantity_at(path)[0] in rates}, label,
                                  since) if rates and rates != steps.keys() else self
        layer = {own: tuple(self._changed(own, of_own, label, since, grown, of_files)) for own, of_own in steps.items()}
        label = f"{self.label}, {label}" if self.label else label
        changed = Region(self.name, self.names, (Layer(self.name, layer), *self.layers), label, LeftBy(layer, self._memo))
        check_fits(changed, layer)
        return changed

    def _changed(self, own: str, steps: Mapping[str | None, list[Dated]], label: str, since: int | None,
                 rates: Region, of_files: bool) -> Iterator[Entry]:
        """The dated entries of a parameter after the change of all of it, if any, and then of its keys."""
        made = Changed(own, self, rates, since)
        for key in (*((None,) if None in steps else ()), *(key for key in steps if key is not None)):
            for step in steps[key]:
                made.take(key, step)
        return made.entries(f"scenario: {label}", steps, of_files)

    def apart_from(self, other: Region) -> frozenset[str]:
        """The parameters, and statements of the law, that the two regions do not have from the same entries."""
        return apart_from(self, other)

    def reading(self) -> Reader:
        """The region together with a record of what is read from it."""
        return Reader(self)

    def use(self, statement: StatementValue) -> None:
        """A statement of the law sets an operating value; only a Reader keeps a record of it."""

    def entries_of(self, path: str) -> list[Entry]:
        """Every entry that comes into force, in order of the days on which they do. One that a nearer region's or a standard
        displaces begins on the day of that."""
        found: list[Entry] = []
        for day in self.days((path, stand_in(path) or path)):
            entry = self._entry(path, day)
            if entry is not None and (not found or entry[1] is not found[-1]):
                found.append(entry[1])
        return found

    def days(self, paths: Iterable[str] | None = None) -> list[datetime.date]:
        """The days on which some value, or a statement of the law, takes effect; of `paths` alone, if there are any."""
        stated = ([entries for layer in self.layers for entries in layer.entries.values()] if paths is None else
                  [layer.entries.get(path, ()) for path in paths for layer in self.layers])
        return sorted({entry.from_ for entries in stated for entry in entries})

    def days_within(self, year: int) -> list[datetime.date]:
        """The days of a year after its first on which some value, or a statement of the law, takes effect."""
        return sorted({day for layer in self.layers for day in layer.days_within if day.year == year})

    def _years(self, path: str) -> list[int]:
        """The years whose rules have another entry than those of the year before."""
        years: list[int] = []
        last = None
        for year in sorted({first_year_of(day) for day in self.days((path, stand_in(path) or path))}):
            entry = self._entry(path, year)
            if entry != last:
                years.append(year)
            last = entry
        return years

    def _entry(self, path: str, at: int | datetime.date) -> tuple[str, Entry] | None:
        end, found = self.day_of(at), None
        for layer in self.layers:
            if entry := _latest(layer.entries.get(path, ()), end):
                if found is None or entry.standard and not found[1].local and entry.from_ > found[1].from_:
                    found = layer.region, entry
        other = stand_in(path) if found is None else None
        return self._entry(other, at) if other else found

    def known_by(self, day: datetime.date, kept: tuple[str, ...] = ()) -> Region:
        """The region as somebody knew it at the end of `day`: without the values and statements that could be known only later.

        The values of the topics `kept` stay.
        """
        layers = (Layer(layer.region, {path: known for path, entries in layer.entries.items() if (known := tuple(
            entry for entry in entries if entry.known <= day or path.partition(".")[0] in kept))}) for layer in self.layers)
        return Region(self.name, self.names, tuple(layers), self.label)

    def no_value(self, path: str, year: int | datetime.date) -> InputError:
        later = [(e.from_, layer.region) for layer in self.layers for e in layer.entries.get(path, ())]
        expected = f"a year from {min(later)[0].year}, when it begins in {min(later)[1]}" if later else \
            f"a value stated in {' or '.join(self.lineage)}"
        return InputError(f"{self.name} has no value in {year} for", value=path, expected=expected,
                          next_step=f"state it in params/{self.name}/{path.split('.')[0]}.yaml")


@dataclass
class Reader:
    """A region that keeps a record of every value read; stands wherever a Region is only read."""

    region: Region
    _seen: dict[tuple[str, str, datetime.date], Value] = field(default_factory=dict, repr=False)
    _asked: dict[tuple[str, int | datetime.date], Value | None] = field(default_factory=dict, repr=False)
    _apart: dict[int, tuple[Region, frozenset[str]]] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.region.name

    @property
    def lineage(self) -> tuple[str, ...]:
        return self.region.lineage

    @overload
    def value(self, path: str, year: int | datetime.date, required: Literal[True] = True) -> Value: ...
    @overload
    def value(self, path: str, year: int | datetime.date, required: bool) -> Value | None: ...
    def value(self, path: str, year: int | datetime.date, required: bool = True) -> Value | None:
        """As Region.value, recorded."""
        value = self._asked[path, year] = self.region.value(path, year, required)
        if value is not None:
            self._seen[value.path, value.region, value.from_] = value
        return value

    def apart_from(self, other: Reader) -> frozenset[str]:
        """As Region.apart_from, remembered."""
        if (known := self._apart.get(id(other.region))) is None or known[0] is not other.region:
            known = self._apart[id(other.region)] = other.region, self.region.apart_from(other.region)
        return known[1]

    def reads_alike(self, region: Region) -> bool:
        """Whether another region has the same value wherever this reader has asked for one."""
        return all(region.value(path, year, required=False) == value for (path, year), value in list(self._asked.items()))

    def take(self, other: Reader) -> None:
        """Record what another reader has read, too."""
        self._seen.update(other._seen)
        self._asked.update(other._asked)

    def take_of_day(self, other: Reader) -> None:
        """Record what has been read on some day of a year whose usual values this reader has."""
        self._seen.update(other._seen)

    def series(self, path: str) -> dict[int, Value]:
        """As Region.series, recorded."""
        taken = self.region.series(path)
        self._asked.update({(path, year): value for year, value in taken.items()})
        self._seen.update({(v.path, v.region, v.from_): v for v in taken.values()})
        return taken

    def statements(self, year: int | datetime.date) -> list[StatementValue]:
        """As Region.statements; a statement is recorded only when it sets an operating value (`use`)."""
        return self.region.statements(year)

    def use(self, statement: StatementValue) -> None:
        """Record a statement of the law that sets an operating value."""
        self._seen[statement.path, statement.region, statement.from_] = Value(
            statement.path, statement.value, statement.unit, statement.from_, statement.status, statement.source,
            statement.region, statement.note, known=statement.issued or statement.from_)

    @property
    def used(self) -> list[Value]:
        """Every value read so far, each once, in order of path and date."""
        return [self._seen[key] for key in sorted(self._seen)]


@dataclass(frozen=True, eq=False, kw_only=True)
class OnDay(Region):
    """A region on a day: what is asked for its year is what is in force on the day itself. Other years are whole."""

    day: datetime.date

    def day_of(self, at: int | datetime.date) -> datetime.date:
        return self.day if at == self.day.year else day_of(at)


class Regions(Mapping[str, Region]):
    """All regions by name, in alphabetical order. `parents`: name -> parent, None for the root. `path` is the folder they are
    from, `added` the one whose regions stand beside these or in their place."""

    def __init__(self, regions: Mapping[str, Region], parents: Mapping[str, str | None], path: Path,
                 added: Path | None = None) -> None:
        self._regions, self.parents, self.path, self.added = dict(regions), dict(parents), path, added

    def __getitem__(self, name: str) -> Region:
        try:
            return self._regions[self.canonical(name)]
        except KeyError:
            own = "a region of your own: --params DIR" if self.added is None and self.path == params_path() else None
            raise InputError("unknown region", value=name, expected=one_of(self._regions),
                             suggestion=nearest(name, self._regions), next_step=own) from None

    def canonical(self, name: str) -> str:
        """The name of the region that a Chinese name calls, with or without 省, 市 or 县; any other name as it is. InputError
        where several regions have that name."""
        if name in self._regions or not isinstance(name, str):
            return name
        bare = name.strip()
        called = [one for one, region in self._regions.items() if region.names["zh"] in (bare, bare.rstrip("省市县区"))]
        if len(called) > 1:
            raise InputError("several regions have the name", value=name, expected=one_of(called))
        return called[0] if called else name

    def __contains__(self, name: object) -> bool:
        return name in self._regions

    def known_by(self, day: datetime.date, kept: tuple[str, ...] = ()) -> Regions:
        """All regions as somebody knew them at the end of `day` (`Region.known_by`)."""
        known = {name: region.known_by(day, kept) for name, region in self._regions.items()}
        for region in known.values():
            check_fits(region)
        return Regions(known, self.parents, self.path, self.added)

    def __iter__(self) -> Iterator[str]:
        return iter(self._regions)

    def __len__(self) -> int:
        return len(self._regions)


def _latest(entries: tuple[Entry, ...], end: datetime.date) -> Entry | None:
    """The last of `entries` (in rising order) that has begun by `end`."""
    return next((entry for entry in reversed(entries) if entry.from_ <= end), None)


def load_regions(path: Path | str | None = None, params: Path | str | None = None) -> Regions:
    """All regions of a parameter folder (the package's own by default), checked, with those of the folder `params` beside them
    or, where the names are the same, in their place (default: the folder of `added.adding`, if any).

    InputError with file, line and column for the first fault found, all others in its `others`.
    """
    folder = params_path() if path is None else Path(path)
    added = Path(params) if params is not None else added_folder() if path is None else None
    said, layers = load_layers([folder] if added is None else [folder, added])
    regions: dict[str, Region] = {}
    faults = Faults()
    for name in sorted(said):
        line, at = [layers[name]], said[name]["parent"]
        while at is not None:
            line.append(layers[at])
            at = said[at]["parent"]
        regions[name] = Region(name, {"en": said[name]["en"], "zh": said[name]["zh"]}, tuple(line))
        for fault in misfits(regions[name]):
            faults.take(fault)
    faults.refuse()
    loaded = Regions(regions, {name: said[name]["parent"] for name in said}, folder, added)
    if path is None:
        make_known(loaded)
    return loaded


def known_regions() -> Mapping[str, Region]:
    """The regions that this process has loaded, for their names and lineage: the shipped ones, and those of folders added."""
    if added_folder() not in _KNOWN_OF:
        load_regions()
    return _KNOWN


def make_known(regions: Regions) -> None:
    """Put regions among `known_regions`."""
    _KNOWN.update(regions)
    _KNOWN_OF.add(regions.added)
