"""The drawing in README.md is the architecture: every room stands on the disk, and imports go up the page only."""

import ast
import re
import shlex
from pathlib import Path

import pytest
import typer

from simulator.cli.main import app

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCES = [body for _, body in re.findall(r"^```(\w*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)]
DRAWING = next(body for body in FENCES if body.startswith("simulator/"))
ROOMS = re.findall(r"^  (\S+)", DRAWING, re.MULTILINE)                  # of the package, first computed first
SOURCES = sorted((ROOT / "simulator").rglob("*.py"))
LONG_FILES: dict[str, str] = {}                                          # path in simulator/ -> why it may pass 400 lines


def room_of(parts: tuple[str, ...]) -> str:
    """The drawn name of a module, given its path or dotted name within `simulator`."""
    if len(parts) == 0:
        return "__init__.py"
    if parts[0].endswith(".py"):
        return parts[0]
    return f"{parts[0]}/" if (ROOT / "simulator" / parts[0]).is_dir() else f"{parts[0]}.py"


def imported_rooms(source: Path) -> set[str]:
    """Rooms that a source file imports from, anywhere in it; `simulator` itself is `__init__.py`."""
    here = source.relative_to(ROOT).parent.parts
    rooms = set()
    for node in ast.walk(ast.parse(source.read_bytes())):
        names: list[tuple[str, ...]] = []
        if isinstance(node, ast.Import):
            names = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = here[:len(here) - node.level + 1] if node.level else ()
            base = start + (tuple(node.module.split(".")) if node.module else ())
            names = [base + (alias.name,) for alias in node.names] if base == ("simulator",) else [base]
        rooms |= {room_of(name[1:2]) for name in names if name[0] == "simulator"}
    return rooms


def test_every_room_on_the_disk_is_drawn_and_every_drawn_one_is_on_the_disk():
    on_disk = {room_of(source.relative_to(ROOT / "simulator").parts) for source in SOURCES}
    assert sorted(ROOMS) == sorted(on_disk)
    assert [name for name in re.findall(r"^(\S+)", DRAWING, re.MULTILINE) if not (ROOT / name).is_dir()] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_up_the_page_only(source):
    here = room_of(source.relative_to(ROOT / "simulator").parts)
    allowed = {*ROOMS[:ROOMS.index(here)]} | ({here} if here.endswith("/") else set())
    assert imported_rooms(source) <= allowed


def test_no_file_is_longer_than_400_lines():
    lengths = {path.relative_to(ROOT / "simulator").as_posix(): len(path.read_bytes().splitlines()) for path in SOURCES}
    assert {name for name, lines in lengths.items() if lines > 400} == LONG_FILES.keys()


def test_commands_in_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    verbs = typer.main.get_command(app).commands
    shown = [line for body in FENCES for line in body.splitlines()] + re.findall(r"(?<!`)`([^`\n]+)`(?!`)", README)
    for words in (shlex.split(line, comments=True) for line in shown if re.match(r"(uv run .*)?(make|fundsim) ", line)):
        if words[0] == "make":
            assert {word for word in words[1:] if "=" not in word} <= targets, words
        elif "--help" not in words:
            assert words[words.index("fundsim") + 1] in verbs, words


def test_every_module_that_the_makefile_starts_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    started = [name.replace(".", "/") for name in re.findall(r"-m ((?:tests|simulator|benchmarks)\.[\w.]+)", makefile)]
    assert [name for name in started if not (ROOT / f"{name}.py").is_file()] == []
