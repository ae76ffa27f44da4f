"""The manual's pages as programs: their blocks are run in turn, and what commands print is held to what a page shows.

    python -m tests.support.manual_pages docs/tutorial.md docs/zh/tutorial.md    # runs pages and writes the figures that come

Of a page the fences `sh` and `python` are run, in one shell, in a new folder that has the checkout's scenarios, parameters and
plan files; a fence `text` shows lines of what the fence before it prints, and `...` for what it leaves out, also at a line's end.
Figures may move with the model, so a line is compared without them, and without the frame of a table. `console` is not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SHARED = ("scenarios", "docs", "params")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")
FIGURE = re.compile(r"(?<![\w.])[-+−]?\d[\d,.]*(?<![,.])")
FRAME = re.compile(r"[│┃┏┓┗┛━┳┻┡┩╇─└┘┴]")
MARK = "=== fence"


class Block(NamedTuple):
    """One fence of a page."""

    kind: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(kind, body) for kind, body in FENCE.findall(page.read_text(encoding="utf-8"))]


def commands(page: Path) -> list[str]:
    """The lines that a page runs, without remarks and the language asked for: the same in every language."""
    lines = [line for block in blocks(page) if block.kind in ("sh", "python", "console") for line in block.text.splitlines()]
    bare = (re.sub(r"(^|\s+)#.*$", "", re.sub(" --lang (en|zh)", "", line)).rstrip() for line in lines)
    return [line for line in bare if line]


def script(page: Path) -> str:
    """The page as a shell script that prints a mark before each of its fences."""
    parts = ["set -eu"]
    for number, block in enumerate(blocks(page)):
        parts.append(f"echo '{MARK} {number}'")
        if block.kind == "sh":
            parts.append(block.text)
        elif block.kind == "python":
            parts.append(f"python - <<'END OF PYTHON'\n{block.text}END OF PYTHON\n")
    return "\n".join(parts) + "\n"


def run(page: Path, folder: Path) -> dict[int, str]:
    """What each fence of a page prints, standard output and error together, by its number. AssertionError with the end of it
    where one fails."""
    for name in SHARED:
        (folder / name).symlink_to(ROOT / name)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "MPLBACKEND": "Agg",
                   "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script(page)], cwd=folder, env=environment, text=True, encoding="utf-8",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, f"{page.name}: {done.stdout[-2000:]}"
    parts = re.split(rf"^{MARK} (\d+)\n", done.stdout, flags=re.MULTILINE)
    return {int(number): text for number, text in zip(parts[1::2], parts[2::2], strict=True)}


def plain(line: str) -> str:
    """A line without figures, run numbers, frame and spacing."""
    line = FIGURE.sub("#", RUN_ID.sub("RUN-ID", FRAME.sub(" ", line.lstrip("\ufeff"))))
    return " ".join(line.split())


def missing(page: Path, printed: dict[int, str]) -> list[str]:
    """The lines that a page shows and no command before them has printed."""
    found = []
    for number, block in enumerate(blocks(page)):
        if block.kind == "text":
            lines = [plain(line) for line in printed[number - 1].splitlines()]
            found += [line for line in block.text.splitlines() if (shown := plain(line)) not in ("", "...") and not any(
                text.startswith(shown.removesuffix("...").strip()) if shown.endswith("...") else text == shown for text in lines)]
    return found


def rewritten(page: Path, printed: dict[int, str]) -> str:
    """The page with the figures that its commands print now, in the spacing that it has."""
    number = -1

    def renew(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        if found[1] != "text":
            return found[0]
        lines = {plain(line): line for line in reversed(printed[number - 1].splitlines())}
        return f"```text\n{''.join(of_line(line, lines) for line in found[2].splitlines(keepends=True))}```"

    return FENCE.sub(renew, page.read_text(encoding="utf-8"))


def of_line(line: str, printed: dict[str, str]) -> str:
    """A shown line with the figures of the printed one that it shows."""
    shown = plain(line)
    source = printed.get(shown) or next((text for key, text in printed.items()
                                         if shown.endswith("...") and key.startswith(shown.removesuffix("...").strip())), None)
    if source is None or shown in ("", "..."):
        return line
    pattern = re.compile(f"{RUN_ID.pattern}|{FIGURE.pattern}")
    figures = iter(pattern.findall(FRAME.sub(" ", source)))
    return pattern.sub(lambda old: next(figures).rjust(len(old[0])) if old[0] else old[0], line)


def main(pages: list[str]) -> None:
    for name in pages:
        page = Path(name)
        with tempfile.TemporaryDirectory() as folder:
            printed = run(page, Path(folder))
        for line in missing(page, printed):
            print(f"{name}: not printed: {line}")
        page.write_text(rewritten(page, printed), encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main(sys.argv[1:])
