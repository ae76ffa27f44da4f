"""What many policies have in common is worked out once: under another policy only what reads a changed parameter is worked out
anew.

A result hangs on the parameters that were read for it, and on nothing else. So it is noted which were read under the first
policy; a policy that states none of them otherwise has the same result, whichever years they were read in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from simulator.parameters.regions import Reader, Region
from simulator.parameters.values import StatementValue, Value

Result = TypeVar("Result")
LAW = "law"                    # the statements of the documents, which are read together


class Noting:
    """A region that notes the paths that are read of it; stands wherever a Region is only read."""

    def __init__(self, region: Region | Reader) -> None:
        self.region, self.paths = region, set[str]()

    @property
    def name(self) -> str:
        return self.region.name

    @property
    def lineage(self) -> tuple[str, ...]:
        return self.region.lineage

    def value(self, path: str, year: int, required: bool = True) -> Value | None:
        """As Region.value, noted."""
        self.paths.add(path)
        return self.region.value(path, year, required)

    def statements(self, year: int) -> list[StatementValue]:
        """As Region.statements, noted as one."""
        self.paths.add(LAW)
        return self.region.statements(year)

    def use(self, statement: StatementValue) -> None:
        self.region.use(statement)


def of_each(readers: Sequence[Reader], work: Callable[[Any], Result]) -> list[Result]:
    """What is worked out of each policy's parameters; one and the same object where a policy has what the first one read."""
    noting = Noting(readers[0])
    first = work(noting)
    return [first if reader is readers[0] or noting.paths.isdisjoint(apart(reader, readers[0])) else work(reader)
            for reader in readers]


def apart(reader: Reader, first: Reader) -> frozenset[str]:
    """The parameters that two policies do not have from the same entries; LAW among them if a statement of the law is."""
    found = reader.apart_from(first)
    return frozenset({*found, LAW}) if any(path.startswith("law.") for path in found) else found


class Parts:
    """Many named figures of one region, scheme and year under many policies: `work` gives one of them by name."""

    def __init__(self, names: Iterable[str], reader: Reader, work: Callable[[Any, str], Any]) -> None:
        self.work, self._reader = work, reader
        self.first: dict[str, Any] = {}
        self._readers_of: dict[str, list[str]] = {}                    # path -> the names that read it
        for name in names:
            noting = Noting(reader)
            self.first[name] = work(noting, name)
            for path in noting.paths:
                self._readers_of.setdefault(path, []).append(name)

    def otherwise(self, reader: Reader) -> Mapping[str, Any]:
        """The figures that read a parameter which a policy states otherwise than the first one, as they are under it."""
        names = dict.fromkeys(name for path in sorted(apart(reader, self._reader)) for name in self._readers_of.get(path, ()))
        return {name: self.work(reader, name) for name in names}
