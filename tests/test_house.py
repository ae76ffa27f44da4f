"""The package explains itself: a short path for newcomers, one home for each constant, a statement of purpose for each wing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "simulator"
PATH_OF_NEWCOMERS = ("README.md", "simulator/tables.py", "simulator/law/rules.py", "simulator/engine/course.py")
MOST_LINES = 700
WINGS = sorted(folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").is_file())


def constants(source: str) -> list[str]:
    """The public names in capitals that a module assigns at its top level."""
    targets: list[ast.expr] = []
    for node in ast.parse(source).body:
        targets += node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [name.id for target in targets for name in ast.walk(target)
            if isinstance(name, ast.Name) and name.id.isupper() and not name.id.startswith("_")]


def homes() -> dict[str, list[str]]:
    """Every constant of the package with the modules that define it."""
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for name in set(constants(path.read_text(encoding="utf-8"))):
            found.setdefault(name, []).append(path.relative_to(PACKAGE).as_posix())
    return found


def test_what_newcomers_read_is_short_enough_to_read():
    lines = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in PATH_OF_NEWCOMERS}
    assert sum(lines.values()) <= MOST_LINES, lines


def test_the_readme_leads_newcomers_along_that_path_in_its_order():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\d\. (this page|`([^`]+)`):", text, re.MULTILINE)
    assert [name or "README.md" for _, name in listed] == list(PATH_OF_NEWCOMERS)


def test_constants_are_found_in_every_form_of_assignment():
    source = "A = 1\nB, C = range(2)\nD: int = 3\n_E = 4\nf = 5\ndef g():\n    H = 6\n"
    assert constants(source) == ["A", "B", "C", "D"]


def test_no_constant_has_two_homes():
    twice = {name: modules for name, modules in homes().items() if len(modules) > 1}
    assert twice == {}


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_says_in_a_few_sentences_what_it_is_for(wing):
    text = ast.get_docstring(ast.parse((PACKAGE / wing / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert 2 <= len(re.findall(r"\.(?=\s|$)", text)) <= 5
    named = re.findall(r"\b(\w+\.py)\b", text)
    assert named and [name for name in named if not (PACKAGE / wing / name).is_file()] == []


@pytest.mark.parametrize("wing", [wing for wing in WINGS if wing != "cli"])          # whose entry point is simulator.cli:main
def test_the_first_file_of_a_wing_has_no_code(wing):
    assert len(ast.parse((PACKAGE / wing / "__init__.py").read_text(encoding="utf-8")).body) == 1
