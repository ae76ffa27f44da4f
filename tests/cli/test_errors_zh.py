"""Every error has its words in Chinese, and is told in the language that was asked for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.cli.expected_zh import EXPECTED
from simulator.cli.faults import NAME_ALONE, fault_said, in_words
from simulator.cli.problems_zh import PROBLEMS
from simulator.parameters.errors import InputError, one_of
from tests.support.command import fundsim

PACKAGE = Path(__file__).resolve().parents[2] / "simulator"
HAN = re.compile(r"[\u4e00-\u9fff]")


def literals(node: ast.expr) -> list[str]:
    """The texts that an expression can be, with {} for what is filled in; nothing of what is made elsewhere."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [a + b for a in literals(node.left) or ["{}"] for b in literals(node.right) or ["{}"]]
    return []


def said(kinds: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Every text of a kind in the code, with its file: problem (the first argument of InputError), expected, next_step."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", None))
            found = [node.args[0]] if name == "InputError" and node.args and "problem" in kinds else []
            found += [keyword.value for keyword in node.keywords if keyword.arg in kinds]
            yield from ((text, path.name) for one in found for text in literals(one))


def test_every_problem_has_its_words_in_chinese():
    asked = {(text.rstrip(":"), file) for text, file in said(("problem",))}
    assert len(asked) > 250
    lacking = {(text, file) for text, file in asked if text not in PROBLEMS and not NAME_ALONE.fullmatch(text)
               and re.sub(r"[{}:' ]", "", text)}
    assert lacking == set()
    assert PROBLEMS.keys() <= {text for text, _ in asked}, "said by nobody"


def test_every_expectation_and_next_step_has_its_words_in_chinese():
    asked = {(text, file) for text, file in said(("expected", "next_step")) if re.sub(r"[{}:', ]", "", text)}
    assert len(asked) > 250
    lacking = {(text, file) for text, file in asked if text not in EXPECTED}
    assert lacking == set()


@pytest.mark.parametrize("table", [PROBLEMS, EXPECTED], ids=["problems", "expectations"])
def test_what_is_filled_in_stands_in_both_languages(table):
    for english, chinese in table.items():
        blanks = english.count("{}")
        if blanks:
            filled = chinese.format(*(f"<{n}>" for n in range(blanks)))
            assert all(f"<{n}>" in filled for n in range(blanks)), english
        elif "{}" in chinese:
            pytest.fail(english)


@pytest.mark.parametrize(("error", "told"), [
    (InputError("unknown region", value="lini", suggestion="linyi"), "没有此地区：'lini'；是否为 'linyi'？"),
    (InputError("--people:", value="x", expected="a whole number from 1 to 10000000, or: all"),
     "--people：'x'；应为 1至10000000的整数，或 all"),
    (InputError("inpatient.nrcms.cap: out of range:", value=5, expected="from 1 to 3", file="a.yaml", line=3),
     "a.yaml:3：inpatient.nrcms.cap：超出范围：'5'；应为 1 至 3"),
    (InputError("--cap: unknown path", expected=one_of(["a", "b"])), "--cap：没有此路径；应为 'a' 或 'b'"),
    (InputError("unknown region", expected=one_of("abcdefghij")), "等（另有 2 个）"),
    (InputError("something new:", value=1, expected="anything"), "something new：'1'；应为 anything")], ids=str)
def test_an_error_is_told_in_chinese(error, told):
    assert told in fault_said(error, "zh") and fault_said(error, "en") == str(error)


def test_what_is_filled_in_is_told_in_chinese_too():
    assert in_words("at most 3 times", EXPECTED) == "至多 3 倍"


@pytest.mark.parametrize("words", [("compare", "jiangsu", "lingyi", "--lang", "zh"), ("--lang", "zh", "params", "show", "jangsu"),
                                   ("run", "nowhere.yaml", "--lang=zh"), ("explain", "--region", "jiangsu", "--tier", "citty",
                                                                          "--bill", "1", "--lang", "zh")], ids=" ".join)
def test_the_command_tells_its_errors_in_chinese(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = fundsim(*words)
    assert ended.code == 2 and ended.err.startswith("错误：") and HAN.search(ended.err[3:]) and ended.err.count("\n") == 1, ended
    assert not re.search("expected|did you mean", ended.err)
