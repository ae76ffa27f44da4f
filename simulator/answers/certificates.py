"""Certificates beside the parts: how far an emulator was from policies held out of its fit, kept with all it was measured by.

A certificate has the box, the errors of each figure, the simulated outcomes of all policies, and the emulator's coefficients, so
the same question is not surveyed again. Its name says what it is of - engine, people and rules, box, policies, figures, worlds -
and, as a part's does, the SHA-256 of its bytes: what is damaged counts as not there.

    STORE/ENGINE/PEOPLE/certificate NAME SHA-256.npz
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile
from zlib import error as ZlibError

import numpy as np

from simulator.answers.batch import engine_here
from simulator.folders import make_folder, write_file

CERTIFICATE_FORMAT = "1"                     # of certificates, and of the way emulators are fitted and judged: others are none


class Kept(NamedTuple):
    """What a certificate holds: plain data, the name it was measured for among them, and arrays."""

    told: dict[str, Any]
    arrays: Mapping[str, np.ndarray]

    def as_bytes(self) -> bytes:
        """A compressed file of NumPy's; the same content has the same bytes."""
        file, text = BytesIO(), json.dumps(self.told, ensure_ascii=False).encode()
        np.savez_compressed(file, told=np.frombuffer(text, np.uint8), **self.arrays)         # type: ignore[arg-type]
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Kept:
        """Read what `as_bytes` wrote; nothing in it is executed."""
        with np.load(BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return cls(json.loads(arrays.pop("told").tobytes()), arrays)


class Certificates:
    """The certificates that this engine has left in a folder of parts; `read` names those that were found, `damaged` the files
    that are not what they were."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / engine_here()[:16]
        self.read: list[Path] = []
        self.damaged: list[Path] = []

    def find(self, people: str, name: str) -> Kept | None:
        """The whole certificate of that name about these people."""
        for path in sorted((self.folder / people[:32]).glob(f"certificate {name[:32]} *.npz")):
            try:
                data = path.read_bytes()
                if hashlib.sha256(data).hexdigest() == path.stem[-64:]:
                    kept = Kept.from_bytes(data)
                    if kept.told["measured_for"] == name:
                        self.read.append(path)
                        return kept
            except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, ZlibError):
                pass
            self.damaged.append(path)
        return None

    def put(self, people: str, kept: Kept) -> Kept:
        """Keep a certificate, and read back what its file says."""
        data = kept.as_bytes()
        path = self.folder / people[:32] / f"certificate {kept.told['measured_for'][:32]} {hashlib.sha256(data).hexdigest()}.npz"
        make_folder(path.parent)
        write_file(path, data)
        return Kept.from_bytes(data)
