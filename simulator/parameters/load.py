"""The parameter folders: which regions there are, how they descend, and what each states.

Region folders of a folder that is added stand beside the shipped ones, or, with the same name, in place of them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .cache import ResultCache
from .catalogue import CATALOGUE
from .errors import InputError, display_path, let_through, nearest, one_of
from .files import read_file
from .read import decode, parse_yaml
from .values import Entry, Layer

NO_REGIONS = ("schema", "tables", "plans", "claims", "settings")   # folders beside the regions
FILES_OF_A_REGION = (*CATALOGUE, "law", "region")
# What editors and desktops leave beside files: copies, locks, the folder's own data.
LEFTOVERS = re.compile(r".*~|\..*|.*\.(swp|swo|bak|orig|tmp)|#.*#|Thumbs\.db|desktop\.ini", re.DOTALL)
REGION_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class Faults:
    """Faults collected while folders are read, so that all are told at once."""

    def __init__(self) -> None:
        self.found: dict[str, InputError] = {}

    def take(self, error: InputError) -> None:
        """Keep a fault and its `others`, each once."""
        for one in (error, *error.others):
            self.found.setdefault(str(one), one)
        error.others = ()

    def refuse(self) -> None:
        """InputError if there are any: the first by file, line and column, the rest its `others`."""
        if self.found:
            first, *rest = sorted(self.found.values(), key=lambda one: (one.file or "", one.line or 0, one.column or 0, str(one)))
            first.others = tuple(rest)
            raise first


def load_layers(folders: Sequence[Path]) -> tuple[dict[str, dict[str, Any]], dict[str, Layer]]:
    """Every region's name and parent, and its layer of entries; of two folders of one region the later folder's counts.

    InputError with every fault of every file, in order, the first one raised and the rest its `others`: an unknown file, an
    unknown parent, a cycle, faults in a file.
    """
    faults, homes = Faults(), dict[str, Path]()
    caches = {folder: ResultCache(folder) for folder in folders}
    for folder in folders:
        found = _homes(folder, faults)
        if not found:
            faults.take(InputError("no regions in the folder", value=folder, expected="folders with a region.yaml"))
        homes |= found
    said, layers = dict[str, dict[str, Any]](), dict[str, Layer]()
    for name, home in sorted(homes.items()):
        cache = caches[home.parent]
        try:
            said[name] = _region(home, cache)
        except InputError as error:
            faults.take(error)
        layers[name] = _layer(home, cache, faults)
    circles: set[frozenset[str]] = set()
    for name in said:
        try:
            _check_ancestors(name, said, homes, circles)
        except InputError as error:
            faults.take(error)
    faults.refuse()
    for fault in lonely_factors(layers):
        faults.take(fault)
    faults.refuse()
    for cache in caches.values():
        cache.save()
    return said, layers


def lonely_factors(layers: dict[str, Layer]) -> Iterator[InputError]:
    """The faults of factors that one value alone is said to share: a misspelt name, or nothing that moves together."""
    sharing: dict[str, dict[tuple[str, str], Entry]] = {}
    for layer in layers.values():
        for entry in (one for entries in layer.entries.values() for one in entries if one.shares):
            sharing.setdefault(entry.shares, {}).setdefault((layer.region, entry.path), entry)
    for name, values in sharing.items():
        if len(values) == 1:
            others = sorted(set(sharing) - {name})
            entry = next(iter(values.values()))
            yield InputError("no other value shares the factor", value=name, suggestion=nearest(name, others), file=entry.file,
                             expected=one_of(others) if others else "two values that share it", line=entry.line,
                             column=entry.column)


def _homes(folder: Path, faults: Faults) -> dict[str, Path]:
    """The folders of the regions in a parameter folder, by name; files that belong into one of them are faults."""
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        let_through(error, folder)
        raise InputError("cannot read the parameter folder:", value=str(folder),
                         expected="a folder with a folder for each region", next_step=error.strerror) from None
    homes: dict[str, Path] = {}
    for path in inside:
        if LEFTOVERS.fullmatch(path.name) or path.name in NO_REGIONS:
            continue
        if path.is_dir():
            if path.name.startswith("_"):
                continue
            homes[path.name] = path
            if not REGION_NAME.fullmatch(path.name):
                faults.take(InputError("not a name of a region:", value=path.name, file=display_path(path),
                                       expected="small letters, digits, - and _, a letter first, at most 40: the Chinese name "
                                       "stands in region.yaml"))
        elif path.suffix in (".yaml", ".yml"):
            faults.take(InputError("a parameter file beside the regions' folders:", value=path.name, file=display_path(path),
                                   expected="it in the folder of its region"))
    return homes


def _region(home: Path, cache: ResultCache) -> dict[str, Any]:
    path = home / "region.yaml"
    if not (path.exists() or path.is_symlink()):
        raise InputError("the region has no region.yaml:", value=home.name, file=display_path(home),
                         expected="its names and its parent", next_step=f"write {display_path(path)}")
    return _checked("region", path, cache)


def _layer(home: Path, cache: ResultCache, faults: Faults) -> Layer:
    entries: dict[str, tuple[Entry, ...]] = {}
    for path in sorted(home.iterdir()):
        if path.name == "region.yaml" or LEFTOVERS.fullmatch(path.name):
            continue
        try:
            found = _entries(path, cache)
        except InputError as error:
            faults.take(error)
            continue
        for entry in found:
            entries[entry.path] = (*entries.get(entry.path, ()), entry)
    return Layer(home.name, entries)


def _entries(path: Path, cache: ResultCache) -> Iterable[Entry]:
    """The entries of a topic's file. InputError for a file that is none, and for its faults."""
    shown, topics = display_path(path), FILES_OF_A_REGION[:-1]
    if path.suffix != ".yaml" or path.stem not in topics:
        raise InputError("not a parameter file:", value=path.name, file=shown,
                         expected=f"<topic>.yaml, the topic one of {one_of(topics, len(topics))}",
                         suggestion=f"{near}.yaml" if (near := nearest(path.stem, topics)) else None)
    entries = [Entry(row[0], row[1], datetime.date.fromisoformat(row[2]), *row[3:], file=shown)
               for row in _checked(path.stem, path, cache)]
    if path.stem == "plans" and entries:
        from .overlay import with_text  # heavy, and few regions have plan files
        return [with_text(entry, path.parent.parent) for entry in entries]
    return entries


def _checked(kind: str, path: Path, cache: ResultCache) -> Any:
    """What a file says, in plain JSON types, from the cache or from its text.

    A region: its names and parent. A topic: a row an entry, the fields of Entry without the file.
    """
    shown = display_path(path)
    raw = read_file(path, "parameter file", "a file of text")
    key = cache.key(kind, raw)
    result = cache.get(key)
    if result is None:
        from .check import check_region, check_topic  # heavy, and not needed when the cache answers

        text = decode(raw, shown)
        if kind != "region" and text.strip() and all(line.lstrip().startswith("#") for line in text.splitlines()
                                                                  if line.strip()):
            return []                                      # comments alone, as `params new` writes them: nothing of its own
        root = parse_yaml(text, shown)
        if kind == "region":
            result = check_region(root, shown)
        else:
            result = [[e.path, e.unit, e.from_.isoformat(), e.data, e.status, e.source, e.note, e.spread, e.rule,
                       e.issued, e.text, e.line, e.column, e.known_from, e.alternatives, e.local, e.standard,
                       e.until, e.distribution, e.shares, e.correlation]
                      for e in check_topic(kind, root, shown)]
        cache.put(key, result)
    return result


def _check_ancestors(name: str, said: dict[str, dict[str, Any]], homes: dict[str, Path],
                     circles: set[frozenset[str]]) -> None:
    """Refuses a parent that is no region, and a line of descent that comes back to where it was; each of these `circles` once."""
    seen = [name]
    while seen[-1] in said and (parent := said[seen[-1]]["parent"]) is not None:
        here = said[seen[-1]]
        place = {"file": display_path(homes[seen[-1]] / "region.yaml"), "line": here["line"], "column": here["column"]}
        if parent not in homes:
            raise InputError("unknown parent region", value=parent, expected=one_of(homes),
                             suggestion=nearest(parent, homes), **place)
        if parent in seen:
            circle = frozenset(seen[seen.index(parent):])
            if circle in circles:
                return
            circles.add(circle)
            raise InputError("the regions descend from each other in a circle:", value=" > ".join([*seen, parent]),
                             expected="a line of parents that ends", **place)
        seen.append(parent)
