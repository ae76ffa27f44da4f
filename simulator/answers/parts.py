"""Parts: what a block of worlds came to under some policies, on disk, each byte under its checksum.

A part belongs to the people and the questions it names, and to an engine that leaves these bits; its existence is its being done.
It is written aside and renamed, its name is the SHA-256 of its bytes, and it is read only if these agree: what is damaged counts
as not there. There is no list of parts but the folder.

    STORE/ENGINE/PEOPLE/world FIRST-LAST SHA-256.parquet
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.engine.outcome import SchemeResult
from simulator.folders import make_folder, write_file
from simulator.needs import WORLDS_A_BLOCK
from simulator.parameters.errors import InputError

WORLDS_A_PART = WORLDS_A_BLOCK         # worlds a part at most; part n holds worlds from n x WORLDS_A_PART on, never of two blocks
METADATA = b"fundsim"
FORMAT = "2"                           # of parts: those of another one are no parts
DIGEST = 16                            # bytes of a world's digest
AT_HAND = 220_000_000                  # bytes of parts that are kept while answers are put together


class Label(NamedTuple):
    """A measure without its values."""

    name: str
    group: str
    unit: str


@dataclass(frozen=True)
class Part:
    """Some questions about the same people in some worlds: values float64[Q, D, Y, M]."""

    people: str
    questions: tuple[str, ...]         # content names
    worlds: range
    years: range
    labels: tuple[Label, ...]
    values: np.ndarray                 # laid out measure by measure, as a file has them

    @classmethod
    def of(cls, people: str, questions: Sequence[str], result: SchemeResult, first_policy: int) -> Part:
        """What a simulation left of the questions, whose policies stand in it from `first_policy` on."""
        rows = list(result.of_worlds.values())
        labels = tuple(Label(*measure[:3]) for measure in rows[0])
        columns = np.empty((len(labels), len(questions), len(result.worlds), len(rows)))
        for y, of_year in enumerate(rows):
            for m, measure in enumerate(of_year):
                columns[m, :, :, y] = measure.values[:, first_policy:].T
        return cls(people, tuple(questions), result.worlds, result.years, labels, np.moveaxis(columns, 0, -1))

    def as_bytes(self) -> bytes:
        """A Parquet file: a row a question, world and year, a column a measure."""
        questions, worlds, years = (len(axis) for axis in (self.questions, self.worlds, self.years))
        place = np.indices((questions, worlds, years)).reshape(3, -1)
        columns = {"question": pa.DictionaryArray.from_arrays(place[0].astype(np.int32), list(self.questions)),
                   "world": (place[1] + self.worlds.start).astype(np.int32),
                   "year": (place[2] + self.years.start).astype(np.int16)}
        by_measure = np.ascontiguousarray(np.moveaxis(self.values, -1, 0)).reshape(len(self.labels), -1)
        names = [column_of(label) for label in self.labels]
        columns |= dict(zip(names, by_measure, strict=True))
        told = {"people": self.people, "questions": self.questions, "labels": self.labels,
                "worlds": [self.worlds.start, self.worlds.stop], "years": [self.years.start, self.years.stop],
                "digests": [b"".join(world_digests(of_question)).hex() for of_question in self.values]}
        table = pa.table(columns).replace_schema_metadata({METADATA: json.dumps(told, ensure_ascii=False).encode()})
        file = BytesIO()
        pq.write_table(table, file, compression="zstd", use_dictionary=["question"], use_byte_stream_split=names,
                       write_statistics=False)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Part:
        """Read what `as_bytes` wrote."""
        head, table = Head.from_bytes(data), pq.read_table(BytesIO(data))
        columns = np.stack([table.column(column_of(label)).to_numpy() for label in head.labels])
        values = columns.reshape(len(head.labels), len(head.questions), len(head.worlds), len(head.years))
        return cls(head.people, head.questions, head.worlds, head.years, head.labels, np.moveaxis(values, 0, -1))


class Head(NamedTuple):
    """A part without its values."""

    people: str
    questions: tuple[str, ...]
    worlds: range
    years: range
    labels: tuple[Label, ...]
    digests: tuple[bytes, ...]         # of each question, those of its worlds one behind the other

    @classmethod
    def from_bytes(cls, data: bytes) -> Head:
        """Read it from a part's file."""
        told = json.loads(pq.read_schema(BytesIO(data)).metadata[METADATA])
        return cls(told["people"], tuple(told["questions"]), range(*told["worlds"]), range(*told["years"]),
                   tuple(Label(*label) for label in told["labels"]), tuple(bytes.fromhex(text) for text in told["digests"]))


def world_digests(values: np.ndarray) -> list[bytes]:
    """The digest of each world of one question, float64[D, Y, M]."""
    return [hashlib.blake2b(world.data, digest_size=DIGEST).digest() for world in np.ascontiguousarray(values, dtype="<f8")]


def column_of(label: Label) -> str:
    """The name of a measure's column: `balance`, `oop_per_head[quintile:q1]`."""
    return f"{label.name}[{label.group}]" if label.group else label.name


class Store:
    """The folder of the parts that one engine has left; `damaged` names the files that are not what they were."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.folder = folder / engine[:16]
        self.damaged: list[Path] = []
        self._heads: dict[Path, Head] = {}                 # of files that have been found whole

    def put(self, data: bytes) -> Path:
        """Keep a part's bytes; the same bytes are kept once."""
        head = Head.from_bytes(data)
        path = self.folder / head.people[:32] / (f"world {head.worlds.start:06}-{head.worlds.stop - 1:06} "
                                                 f"{hashlib.sha256(data).hexdigest()}.parquet")
        make_folder(path.parent)
        write_file(path, data)
        self._heads[path] = head
        return path

    def heads(self, people: str) -> Iterator[tuple[Path, Head]]:
        """The whole parts about these people, in the order of their worlds."""
        for path in sorted((self.folder / people[:32]).glob("world *.parquet")):
            head = self._heads.get(path)
            if head is None and (data := self._whole(path)) is not None:
                head = self._heads[path] = Head.from_bytes(data)
            if head is not None and head.people == people:
                yield path, head

    def holder(self, people: str, question: str, world: int) -> Path | None:
        """The file of the part that has a world of a question."""
        for path, head in self.heads(people):
            if question in head.questions and world in head.worlds:
                return path
        return None

    def read(self, path: Path) -> Part | None:
        """A part, or None where its bytes are not those that were written."""
        data = self._whole(path)
        return None if data is None else Part.from_bytes(data)

    def worlds(self, people: str) -> dict[str, set[int]]:
        """The worlds that have been simulated of each question about these people."""
        found: dict[str, set[int]] = {}
        for _, head in self.heads(people):
            for question in head.questions:
                found.setdefault(question, set()).update(head.worlds)
        return found

    def _whole(self, path: Path) -> bytes | None:
        """A file's bytes, if they are those that were written."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, pa.ArrowException):
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() == path.stem[-64:]:
                Head.from_bytes(data)
                return data
        if path not in self.damaged:
            self.damaged.append(path)
        return None


class Answers(Mapping[str, np.ndarray]):
    """The measures of questions in worlds 0 .. draws - 1, float64[D, Y, M] each, put together from their parts when asked for;
    `wanted` has their people and draws. A question of which a world is missing is left out. Parts are kept as long as there is
    room, those of the question asked for last first of all, so ask for questions in the order they were done in."""

    def __init__(self, store: Store, wanted: dict[str, tuple[str, int]]) -> None:
        self._store = store
        self._draws: dict[str, int] = {}
        self._places: dict[str, list[tuple[Path, int]]] = {}
        self._shapes: dict[str, tuple[int, int]] = {}
        self._read: dict[Path, Part] = {}
        self.labels: tuple[Label, ...] = ()
        self.digests: dict[str, bytes] = {}                # of each question, those of its worlds one behind the other
        worlds: dict[str, list[bytes]] = {}
        for people in dict.fromkeys(people for people, _ in wanted.values()):
            for path, head in store.heads(people):
                self.labels = head.labels
                for place, name in enumerate(head.questions):
                    draws = wanted.get(name, ("", 0))[1]
                    if min(head.worlds.stop, draws) > head.worlds.start:
                        self._draws[name], self._shapes[name] = draws, (len(head.years), len(head.labels))
                        self._places.setdefault(name, []).append((path, place))
                        own = worlds.setdefault(name, [b""] * draws)
                        for n, world in enumerate(head.worlds[:draws - head.worlds.start]):
                            own[world] = head.digests[place][n * DIGEST:(n + 1) * DIGEST]
        for name in [name for name, own in worlds.items() if not all(own)]:
            del worlds[name], self._draws[name]
        self.digests = {name: b"".join(own) for name, own in worlds.items()}

    def __getitem__(self, name: str) -> np.ndarray:
        draws = self._draws[name]
        values = np.full((draws, *self._shapes[name]), np.nan)
        for path, place in self._places[name]:
            part = self._part(path, name)
            stop = min(part.worlds.stop, draws)
            values[part.worlds.start:stop] = part.values[place, :stop - part.worlds.start]
        return values

    def __contains__(self, name: object) -> bool:
        return name in self._draws                         # without reading its answer

    def __iter__(self) -> Iterator[str]:
        return iter(self._draws)

    def __len__(self) -> int:
        return len(self._draws)

    def _part(self, path: Path, name: str) -> Part:
        """A part that a question needs, read anew unless it is at hand. InputError if it is damaged by now."""
        if path not in self._read:
            part = self._store.read(path)
            if part is None:
                raise InputError("a part was damaged while it was needed:", value=str(path), expected="the file as written",
                                 next_step="run the batch again; what is damaged is simulated again")
            self._read[path] = part
            self._give_way(path, name)
        return self._read[path]

    def _give_way(self, read: Path, name: str) -> None:
        """Drop parts until there is room: those that the question does not need, and then those read last before this one. The
        next question needs the same ones in the same order, so the oldest would be missed first."""
        needed = {path for path, _ in self._places[name]}
        others = [path for path in self._read if path not in needed] + [path for path in reversed(self._read) if path in needed]
        for path in others:
            if sum(kept.values.nbytes for kept in self._read.values()) <= AT_HAND:
                break
            if path != read:
                del self._read[path]


def blocks(draws: int) -> list[range]:
    """The worlds 0 .. draws - 1 block by block."""
    return [range(first, min(first + WORLDS_A_PART, draws)) for first in range(0, draws, WORLDS_A_PART)]
