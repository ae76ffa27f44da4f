"""What the parameter files were found to say, kept between runs, so that a start need not parse YAML.

One JSON file per parameter folder in the user's cache folder. A result is found under a hash of the
file's own content and kind; all are dropped when this package's code or its YAML and schema
libraries change. So nothing stale can be found, an interrupted write leaves no trace, and where
the folder cannot be written every start parses.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any


def cache_folder() -> Path | None:
    """`$FUNDSIM_CACHE/parameters`, else `fundsim/parameters` in the user's cache folder; None without a home."""
    base = os.environ.get("FUNDSIM_CACHE")
    if base:
        return Path(base) / "parameters"
    try:
        user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return user / "fundsim" / "parameters"


class ResultCache:
    """Results of checking the files of one parameter folder; `save` keeps those asked for since it was opened."""

    def __init__(self, params: Path) -> None:
        folder = cache_folder()
        name = hashlib.sha256(str(params.resolve()).encode()).hexdigest()[:16]
        self._file = folder / f"{name}.json" if folder else None
        self._code = _code_version()
        self._known: dict[str, Any] = self._read()
        self._used: dict[str, Any] = {}

    def key(self, kind: str, raw: bytes) -> str:
        return hashlib.sha256(kind.encode() + b"\0" + raw).hexdigest()

    def get(self, key: str) -> Any:
        """The result stored under `key`, or None."""
        found = self._known.get(key)
        if found is not None:
            self._used[key] = found
        return found

    def put(self, key: str, result: Any) -> None:
        """Keep a result of plain JSON types."""
        self._used[key] = result

    def save(self) -> None:
        """Write aside and rename, if anything changed. A folder that cannot be written is no error."""
        if self._file is None or self._used.keys() == self._known.keys():
            return
        body = json.dumps(self._used, ensure_ascii=False, separators=(",", ":"))
        temporary = None
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=self._file.parent, suffix=".part", encoding="utf-8",
                                             delete=False) as file:
                temporary = file.name
                file.write(f"{self._code} {hashlib.sha256(body.encode()).hexdigest()}\n{body}")
            os.replace(temporary, self._file)
        except OSError:
            if temporary:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)

    def _read(self) -> dict[str, Any]:
        """The stored results, if they are whole and of this code."""
        try:
            head, _, body = self._file.read_text(encoding="utf-8").partition("\n") if self._file else ("", "", "")
        except (OSError, UnicodeDecodeError):
            return {}
        if head != f"{self._code} {hashlib.sha256(body.encode()).hexdigest()}":
            return {}
        return json.loads(body)


def _code_version() -> str:
    """A hash of this package's sources and of the versions of the libraries that read and check."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    for library in ("pyyaml", "ruamel.yaml", "pydantic", "pydantic-core"):
        digest.update(f"{library} {metadata.version(library)}".encode())
    return digest.hexdigest()
