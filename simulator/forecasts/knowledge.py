"""What was known on a day: figures, and parameters from which a run can start in a past year.

A forecast is made at the end of a day, the cut. It starts from the last year whose revenue and expenditure were published by
then, reads no value that could be known only later (`Region.known_by`), and no figure either. Most values of params/ are stated
for 2010 and later. Where none that was known is in force in the first year, a stand-in is, and is named: the earliest value that
was known by the cut, or else the earliest assumption that states no day from which it could be known (what leans on a published
figure states one). Incomes and wages after the cut are not known, and grow by the stated rates.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace

from simulator.answers.backtest import MODEL_TOPICS
from simulator.answers.evidence import Figure
from simulator.parameters.regions import Region, Regions
from simulator.parameters.values import Entry, Layer

STATED_FUNDING = ("subsidy", "premium")
NOT_IN_FORCE = ("cii", "merger")       # before 2013; whether they are in force is read as it was known
# Of a scheme's accounts, the figures by which a year counts as known: one of each line.
PUBLISHED_REVENUES, PUBLISHED_EXPENDITURES = ("revenue", "revenue_with_accounts"), ("expenditure", "expenditure_with_accounts")


@dataclass(frozen=True)
class Known:
    """What was known of one region and scheme at the end of `cut`.

    `region` has no value that was not known. `start` is the last year whose accounts were published, `figures` are all published
    ones known by then, `stand_ins` the paths whose value is stated for a later year than `start`.
    """

    cut: datetime.date
    start: int
    region: Region
    figures: tuple[Figure, ...]
    stand_ins: tuple[str, ...]

    def series(self, measure: str, group: str = "") -> dict[int, Figure]:
        """The known figures of a measure, one a year, in order of years; a second publisher's are left out."""
        found = {f.year: f for f in self.figures if (f.measure, f.group, f.kind, f.family) == (measure, group, "figure", "")}
        return dict(sorted(found.items()))

    def yearly_changes(self, measure: str) -> list[float]:
        """The known changes of a measure from one year to the next, in percent."""
        known = self.series(measure)
        return [100 * (f.value / known[year - 1].value - 1) for year, f in known.items() if year - 1 in known]

    def announced(self, scheme: str) -> int:
        """The last year for which funding was stated, by law or as announced."""
        stated = [value.from_.year for name in STATED_FUNDING
                  if (value := self.region.value(f"funding.{scheme}.{name}", datetime.MAXYEAR, required=False)) is not None]
        return max([self.start, *stated])


def known_of(regions: Regions, figures: Iterable[Figure], region: str, scheme: str, cut: datetime.date) -> Known | None:
    """What was known of a region and scheme at the end of a day. None where no accounts were published by then, or where the
    region has no members of its own in the year of the last ones."""
    mine = tuple(f for f in figures if (f.region, f.scheme) == (region, scheme) and f.kind == "figure" and f.known_by(cut))
    years = last_accounts(mine)
    if years is None:
        return None
    own = regions[region].known_by(cut).layers[0].entries.get(f"population.{scheme}.participants", ())
    if not any(entry.from_ <= datetime.date(years, 7, 1) for entry in own):
        return None
    as_known, stand_ins = from_year(regions[region], cut, years)
    return Known(cut, years, as_known, mine, stand_ins)


def last_accounts(figures: Iterable[Figure]) -> int | None:
    """The last year with a published revenue and, if any expenditure is published at all, expenditure."""
    years = {f.year for f in figures if f.measure in PUBLISHED_REVENUES and not f.family}
    spent = {f.year for f in figures if f.measure in PUBLISHED_EXPENDITURES and not f.family}
    both = years & spent if spent else years
    return max(both, default=None)


def from_year(region: Region, cut: datetime.date, year: int) -> tuple[Region, tuple[str, ...]]:
    """A region as it was known at the cut, in which every value has begun by 1 January of a year, with the paths of stand-ins. Of
    several regions of a line the nearest that states the value supplies it."""
    first, moved = datetime.date(year, 1, 1), []
    known = [dict(layer.entries) for layer in region.known_by(cut, MODEL_TOPICS).layers]
    for path in sorted({path for layer in region.layers for path in layer.entries if not path.startswith("law.")}):
        if any(entry.from_ <= first for layer in known for entry in layer.get(path, ())[:1]):
            continue
        for layer, stated in zip(known, region.layers, strict=True):
            if entries := layer.get(path) or _timeless(path, stated.entries.get(path, ())):
                layer[path] = (replace(entries[0], from_=first), *entries[1:])
                moved.append(path)
                break
    layers = tuple(Layer(layer.region, entries) for layer, entries in zip(region.layers, known, strict=True))
    return Region(region.name, region.names, layers, region.label), tuple(moved)


def _timeless(path: str, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The earliest of the entries if it is an assumption that leans on no published figure, or one of the terms of what is not in
    force yet, which a run reads and does not use."""
    stands = entries and (entries[0].status == "assumption" and not entries[0].known_from
                          or path.partition(".")[0] in NOT_IN_FORCE and not path.endswith(".in_force"))
    return entries[:1] if stands else ()
