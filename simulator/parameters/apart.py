"""Where two regions have other values, and where the merged scheme has those of another one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .catalogue import MERGED, ORIGINS, PER

if TYPE_CHECKING:
    from .regions import Region

OF_ITS_OWN = ("participants", "file")     # what nobody else can say of the merged scheme


@lru_cache(maxsize=4096)
def stand_in(path: str) -> str | None:
    """The parameter in force where no region states this one: the merged scheme has, until it is given its own, what nrcms has,
    the larger of the two that it is made of."""
    topic, *middle, name = path.split(".")
    return (f"{topic}.{ORIGINS[-1]}.{name}" if middle == [MERGED] and PER.get(topic) == "scheme" and name not in OF_ITS_OWN
            else None)


def moved_with(paths: Iterable[str]) -> set[str]:
    """Parameters, and those that they stand in for."""
    both = set(paths)
    behind = {path.replace(f".{ORIGINS[-1]}.", f".{MERGED}.", 1) for path in both if f".{ORIGINS[-1]}." in path}
    return both | {path for path in behind if stand_in(path)}


class LeftBy(dict[Any, Any]):
    """What is remembered of a region under a change of `paths`: of parameters that these leave as they are, what the region
    before the change remembers, and it what is asked of them. The path stands first in what is asked."""

    def __init__(self, paths: Iterable[str], before: dict[Any, Any]) -> None:
        super().__init__()
        self._anew, self._before = moved_with(paths), before

    def __missing__(self, asked: Any) -> Any:
        if asked[0] in self._anew:
            raise KeyError(asked)
        found = self._before[asked]
        super().__setitem__(asked, found)
        return found

    def __setitem__(self, asked: Any, found: Any) -> None:
        super().__setitem__(asked, found)
        if asked[0] not in self._anew:
            self._before[asked] = found


def apart_from(one: Region, other: Region) -> frozenset[str]:
    """The parameters, and statements of the law, that two regions do not have from the same entries. Of all others they have the
    same values."""
    mine, others = ({id(layer) for layer in region.layers} for region in (one, other))
    both = [layer for layer in one.layers if id(layer) in others]
    in_order = all(a is b for a, b in zip(both, (layer for layer in other.layers if id(layer) in mine), strict=True))
    paths = {path for layer in (*one.layers, *other.layers) if not (in_order and id(layer) in mine & others)
             for path in layer.entries}
    return frozenset(path for path in moved_with(paths) if _origin(one, path) != _origin(other, path))


def _origin(region: Region, path: str) -> list[tuple[str, int]]:
    """Where the values of a parameter come from: regions and entries, by identity."""
    found = [(layer.region, id(layer.entries[path])) for layer in region.layers if path in layer.entries]
    other = stand_in(path)
    return found if found or other is None else _origin(region, other)
