"""The parameter folder: which regions there are, how they descend, and what each states."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from .cache import ResultCache
from .catalogue import CATALOGUE
from .errors import InputError, display_path, nearest, one_of
from .read import decode, parse_yaml
from .values import Entry, Layer

NO_REGIONS = ("plans", "schema", "tables")   # folders beside the regions


def load_layers(folder: Path) -> tuple[dict[str, dict[str, Any]], dict[str, Layer]]:
    """Every region's name and parent, and its layer of entries.

    InputError at the first fault: an unknown file, an unknown parent, a cycle, a fault in a file.
    """
    homes = [home for home in sorted(folder.iterdir()) if home.is_dir() and home.name not in NO_REGIONS
             and not home.name.startswith((".", "_"))] if folder.is_dir() else []
    if not homes:
        raise InputError("no regions in the folder", value=folder, expected="folders with a region.yaml")
    cache = ResultCache(folder)
    said = {home.name: _region(home, cache) for home in homes}
    for name in said:
        _check_ancestors(name, said, folder)
    layers = {home.name: _layer(home, cache) for home in homes}
    cache.save()
    return said, layers


def _region(home: Path, cache: ResultCache) -> dict[str, Any]:
    path = home / "region.yaml"
    if not path.is_file():
        raise InputError("the region has no region.yaml:", value=home.name, file=display_path(home),
                         expected="its names and its parent", next_step=f"write {display_path(path)}")
    return _checked("region", path, cache)


def _layer(home: Path, cache: ResultCache) -> Layer:
    entries: dict[str, tuple[Entry, ...]] = {}
    for path in sorted(home.iterdir()):
        if path.name == "region.yaml" or path.name.startswith("."):
            continue
        topics = (*CATALOGUE, "law")
        if path.suffix != ".yaml" or path.stem not in topics:
            raise InputError("not a parameter file:", value=path.name, file=display_path(path),
                             expected=f"<topic>.yaml, the topic one of {one_of(topics, len(topics))}",
                             suggestion=f"{near}.yaml" if (near := nearest(path.stem, topics)) else None)
        shown = display_path(path)
        for row in _checked(path.stem, path, cache):
            entry = Entry(row[0], row[1], datetime.date.fromisoformat(row[2]), *row[3:], file=shown)
            entries[entry.path] = (*entries.get(entry.path, ()), entry)
    return Layer(home.name, entries)


def _checked(kind: str, path: Path, cache: ResultCache) -> Any:
    """What a file says, in plain JSON types, from the cache or from its text.

    A region: its names and parent. A topic: a row an entry, the fields of Entry without the file.
    """
    shown = display_path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the file: {error.strerror or error}", file=shown) from None
    key = cache.key(kind, raw)
    result = cache.get(key)
    if result is None:
        from .check import check_region, check_topic  # heavy, and not needed when the cache answers

        root = parse_yaml(decode(raw, shown), shown)
        if kind == "region":
            result = check_region(root, shown)
        else:
            result = [[e.path, e.unit, e.from_.isoformat(), e.data, e.status, e.source, e.note, e.spread, e.rule,
                       e.issued, e.text, e.line, e.column, e.known_from, e.alternatives, e.local, e.standard]
                      for e in check_topic(kind, root, shown)]
        cache.put(key, result)
    return result


def _check_ancestors(name: str, said: dict[str, dict[str, Any]], folder: Path) -> None:
    """Refuses a parent that is no region, and a line of descent that comes back to where it was."""
    seen = [name]
    while (parent := said[seen[-1]]["parent"]) is not None:
        here = said[seen[-1]]
        place = {"file": display_path(folder / seen[-1] / "region.yaml"), "line": here["line"], "column": here["column"]}
        if parent not in said:
            raise InputError("unknown parent region", value=parent, expected=one_of(said),
                             suggestion=nearest(parent, said), **place)
        if parent in seen:
            raise InputError("the regions descend from each other in a circle:", value=" > ".join([*seen, parent]),
                             expected="a line of parents that ends", **place)
        seen.append(parent)
