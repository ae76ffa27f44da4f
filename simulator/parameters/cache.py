"""What the parameter files were found to say, kept between runs, so that a start need not parse YAML.

One file for each parameter folder in the cache (`compiling/cache.py`). A result is found under a hash of the parameter file's own
content and kind; all are dropped when this package's code or its YAML and schema libraries change. So nothing stale can be found.
"""

from __future__ import annotations

import hashlib
import json
from importlib import metadata
from pathlib import Path
from typing import Any

from simulator.compiling import cache

PARAMETERS_FOLDER = "parameters"
MOST_FOLDERS = 64                  # parameter folders whose results are kept


class ResultCache:
    """Results of checking the files of one parameter folder; `save` keeps those asked for since it was opened."""

    def __init__(self, params: Path) -> None:
        self._name = f"{hashlib.sha256(str(params.resolve()).encode()).hexdigest()[:16]}.json"
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
        """Keep the results, if any has changed."""
        if self._used.keys() != self._known.keys():
            body = json.dumps({"code": self._code, "results": self._used}, ensure_ascii=False, separators=(",", ":"))
            cache.write(PARAMETERS_FOLDER, self._name, body.encode(), MOST_FOLDERS)

    def _read(self) -> dict[str, Any]:
        """The stored results, if they are of this code."""
        stored = json.loads(cache.read(PARAMETERS_FOLDER, self._name) or b"{}")
        return stored["results"] if stored.get("code") == self._code else {}


def _code_version() -> str:
    """A hash of this package's sources and of the versions of the libraries that read and check."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    for library in ("pyyaml", "ruamel.yaml", "pydantic", "pydantic-core"):
        digest.update(f"{library} {metadata.version(library)}".encode())
    return digest.hexdigest()
