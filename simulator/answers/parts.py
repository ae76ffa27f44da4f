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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.engine.outcome import SchemeResult
from simulator.folders import make_folder, write_file

WORLDS_A_PART = 50                     # worlds a part at most; part n holds worlds from n x WORLDS_A_PART on, never of two blocks
METADATA = b"fundsim"


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
    values: np.ndarray

    @classmethod
    def of(cls, people: str, questions: Sequence[str], result: SchemeResult, first_policy: int) -> Part:
        """What a simulation left of the questions, whose policies stand in it from `first_policy` on."""
        rows = list(result.of_worlds.values())
        labels = tuple(Label(*measure[:3]) for measure in rows[0])
        values = np.stack([np.stack([measure.values[:, first_policy:] for measure in of_year], axis=-1) for of_year in rows],
                          axis=2)                                                        # [D, P, Y, M]
        return cls(people, tuple(questions), result.worlds, result.years, labels, np.ascontiguousarray(values.swapaxes(0, 1)))

    def as_bytes(self) -> bytes:
        """A Parquet file: a row a question, world and year, a column a measure."""
        questions, worlds, years = (len(axis) for axis in (self.questions, self.worlds, self.years))
        place = np.indices((questions, worlds, years)).reshape(3, -1)
        columns = {"question": pa.DictionaryArray.from_arrays(place[0].astype(np.int32), list(self.questions)),
                   "world": (place[1] + self.worlds.start).astype(np.int32),
                   "year": (place[2] + self.years.start).astype(np.int16)}
        flat = self.values.reshape(-1, len(self.labels))
        columns |= {column_of(label): np.ascontiguousarray(flat[:, m]) for m, label in enumerate(self.labels)}
        told = {"people": self.people, "questions": self.questions, "labels": self.labels,
                "worlds": [self.worlds.start, self.worlds.stop], "years": [self.years.start, self.years.stop]}
        table = pa.table(columns).replace_schema_metadata({METADATA: json.dumps(told, ensure_ascii=False).encode()})
        file = BytesIO()
        pq.write_table(table, file, compression="zstd", use_dictionary=["question"], write_statistics=False)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Part:
        """Read what `as_bytes` wrote."""
        table = pq.read_table(BytesIO(data))
        told = json.loads(table.schema.metadata[METADATA])
        labels = tuple(Label(*label) for label in told["labels"])
        worlds, years = range(*told["worlds"]), range(*told["years"])
        values = np.stack([table.column(column_of(label)).to_numpy() for label in labels], axis=-1)
        return cls(told["people"], tuple(told["questions"]), worlds, years, labels,
                   values.reshape(len(told["questions"]), len(worlds), len(years), len(labels)))


def column_of(label: Label) -> str:
    """The name of a measure's column: `balance`, `oop_per_head[quintile:q1]`."""
    return f"{label.name}[{label.group}]" if label.group else label.name


class Store:
    """The folder of the parts that one engine has left; `damaged` names the files that are not what they were."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.folder = folder / engine[:16]
        self.damaged: list[Path] = []

    def put(self, data: bytes) -> Path:
        """Keep a part's bytes; the same bytes are kept once."""
        part = Part.from_bytes(data)
        path = self.folder / part.people[:32] / (f"world {part.worlds.start:06}-{part.worlds.stop - 1:06} "
                                                 f"{hashlib.sha256(data).hexdigest()}.parquet")
        make_folder(path.parent)
        write_file(path, data)
        return path

    def parts(self, people: str) -> Iterator[Part]:
        """The whole parts about these people, read anew, in the order of their worlds."""
        for path in sorted((self.folder / people[:32]).glob("world *.parquet")):
            part = self.read(path)
            if part is not None and part.people == people:
                yield part

    def holder(self, people: str, question: str, world: int) -> Path | None:
        """The file of the part that has a world of a question."""
        for path in sorted((self.folder / people[:32]).glob("world *.parquet")):
            part = self.read(path)
            if part is not None and question in part.questions and world in part.worlds:
                return path
        return None

    def read(self, path: Path) -> Part | None:
        """A part, or None where its bytes are not those that were written."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, pa.ArrowException):
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() == path.stem[-64:]:
                return Part.from_bytes(data)
        if path not in self.damaged:
            self.damaged.append(path)
        return None

    def worlds(self, people: str) -> dict[str, set[int]]:
        """The worlds that have been simulated of each question about these people."""
        found: dict[str, set[int]] = {}
        for part in self.parts(people):
            for question in part.questions:
                found.setdefault(question, set()).update(part.worlds)
        return found


def blocks(draws: int) -> list[range]:
    """The worlds 0 .. draws - 1 block by block."""
    return [range(first, min(first + WORLDS_A_PART, draws)) for first in range(0, draws, WORLDS_A_PART)]
