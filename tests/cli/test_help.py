"""Help, version and wrong command lines in both languages, completion in every shell, and consoles that lack signs."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.cli import help_words
from simulator.cli.completing import COMPLETED, Shell
from simulator.cli.main import command
from simulator.cli.speaking import asked_language, write_readably
from simulator.report.columns import columns_of
from tests.support.command import fundsim

HAN = re.compile(r"[\u4e00-\u9fff]")


def verbs(made: object = None, name: str = "") -> list[str]:
    """Every verb, and the groups of verbs."""
    made = made or command("en")
    below = getattr(made, "commands", {})
    return [name, *(verb for part, one in below.items() for verb in verbs(one, f"{name} {part}".strip()))]


VERBS = verbs()


@pytest.fixture(autouse=True)
def english(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
    monkeypatch.delenv("COLUMNS", raising=False)


def test_there_are_verbs_in_groups_too():
    assert {"", "compare", "params", "params show", "claims map"} <= set(VERBS) and len(VERBS) > 30


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("ask", ["--help", "-h"])
def test_help_of_every_verb_fits_80_columns_in_both_languages(verb, ask):
    for lang in ("en", "zh"):
        said = fundsim(*verb.split(), ask, "--lang", lang)
        assert said.code == 0 and said.err == ""
        lines = said.out.splitlines()
        assert all(columns_of(line) <= 80 for line in lines), max(lines, key=columns_of)
        assert lines[0].startswith(("用法：" if lang == "zh" else "Usage: ") + f"fundsim {verb}".strip())
        told = [line for line in lines if "fundsim " not in line]              # examples may name a Chinese city
        if lang == "en":
            assert not [line for line in told if HAN.search(line)]
        else:                        # every text has Chinese: a row that goes on in English words alone is a list of words
            rows = [line for line in told if re.match(r"  [^ ]", line) and "  " in line.strip()]
            assert rows and not [row for row in rows if not HAN.search(row)]


def test_what_chinese_help_says_of_options_is_said_of_options_that_there_are():
    for verb in help_words.VERB_HELP.keys() | help_words.VERB_GROUPS.keys():
        assert verb in VERBS, verb
    assert VERBS and {verb for verb, _ in help_words.OF_VERBS} <= set(VERBS)


@pytest.mark.parametrize(("words", "environment", "lang"), [
    ((), {}, "en"), ((), {"LANG": "zh_CN.UTF-8"}, "zh"), ((), {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
    (("run", "--lang", "en"), {"LC_ALL": "zh_TW"}, "en"), (("--lang=zh",), {"LANG": "de_DE"}, "zh"), (("--lang",), {}, "en"),
    ((), {"LANG": "en_GB", "LC_MESSAGES": "zh_SG"}, "zh")], ids=str)
def test_the_language_is_the_one_asked_for_and_else_the_locales(words, environment, lang):
    assert asked_language(words, environment) == lang


def test_a_console_that_cannot_write_chinese_gets_english_unless_chinese_is_asked_for():
    assert asked_language((), {"LANG": "zh_CN"}, chinese_can_be_written=False) == "en"
    assert asked_language(("--lang", "zh"), {"LANG": "zh_CN"}, chinese_can_be_written=False) == "zh"


@pytest.mark.parametrize(("words", "said"), [
    (("compar",), "没有此命令：'compar'。是否为 'compare'？"), (("run",), "缺少位置参数 'scenario'。"),
    (("run", "x.yaml", "--hoizon", "3"), "没有此选项：--hoizon （可用选项：--horizon）"),
    (("compare", "a", "b", "--draws", "0"), "'--draws' 的取值有误：应不小于 1"), (("run", "a", "--draws", "x"), "应为整数"),
    (("explain",), "缺少选项 '--tier'。"), (("run", "a", "b"), "多余的位置参数：b"),
    (("run", "a", "--draws"), "选项 '--draws' 后须有取值"),
    (("settle", "a", "--on-error", "x"), "'x' 不在可选值之列")], ids=str)
def test_a_wrong_command_line_is_explained_in_chinese(words, said):
    found = fundsim("--lang", "zh", *words)
    assert found.code == 2 and found.out == "" and said in found.err.splitlines()[-1], found.err
    assert found.err.startswith(("用法：", "错误：选项"))


def test_the_version_is_told():
    import simulator
    said = fundsim("--version")
    assert said.code == 0 and said.out == f"fundsim {simulator.__version__}\n"


@pytest.mark.parametrize("shell", Shell)
def test_each_shell_has_its_script(shell):
    said = fundsim("--show-completion", shell.value)
    assert said.code == 0 and "_FUNDSIM_COMPLETE" in said.out and "fundsim" in said.out and said.err == ""


def test_a_shell_that_is_not_known_is_refused(monkeypatch):
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("tcsh", "/bin/tcsh"))
    said = fundsim("--show-completion")
    assert said.code == 2 and "'tcsh'" in said.err and "name the shell" in said.err
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("zsh", "/bin/zsh"))
    assert fundsim("--show-completion").out.startswith("#compdef fundsim")


ASKED = {
    "bash": lambda words: {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))},
    "zsh": lambda words: {"_TYPER_COMPLETE_ARGS": words},
    "fish": lambda words: {"_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    "powershell": lambda words: {"_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_WORD_TO_COMPLETE": words.rpartition(" ")[2]},
}


@pytest.mark.parametrize("shell", ASKED)
def test_verbs_regions_and_schemes_are_completed_in_every_shell(shell, monkeypatch):
    monkeypatch.setenv("_FUNDSIM_COMPLETE", f"complete_{shell}")
    for words, found in (("fundsim sus", {"sustain"}), ("fundsim params sh", {"show"}), ("fundsim compare li", {"linyi"}),
                         ("fundsim compare a b --schemes nrcms,ue", {"nrcms,uebmi"}), ("fundsim explain --tier ci", {"city"}),
                         ("fundsim attribute a b --measure oop_share", {"oop_share_of_income"})):
        for name, value in ASKED[shell](words).items():
            monkeypatch.setenv(name, value)
        said = fundsim()
        assert said.code == 0 and found <= set(re.findall(r"[\w,-]+", said.out)), (words, said)
        assert not {"solve", "heze", "urbmi"} & set(re.findall(r"[\w,-]+", said.out))


def test_what_is_completed_names_options_and_arguments_that_there_are():
    known = set()

    def walk(made):
        for parameter in made.params:
            known.update((parameter.name, *parameter.opts))
        for below in getattr(made, "commands", {}).values():
            walk(below)

    walk(command("en"))
    assert COMPLETED.keys() <= known
    assert all(list(words()) for words in COMPLETED.values())


def test_completing_loads_neither_numpy_nor_the_compiler():
    code = ("import sys; sys.argv = ['fundsim']\nfrom simulator.cli import main\n"
            "try:\n    main()\nexcept SystemExit:\n    pass\n"
            "sys.stderr.write(' '.join(sorted({'numpy', 'numba', 'pandas'} & set(sys.modules))))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={
        **os.environ, "_FUNDSIM_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "fundsim compare ji"})
    assert "jiangsu" in done.stdout and done.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_a_console_that_lacks_signs_gets_signs_that_resemble_them(encoding, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    write_readably()
    print("−5 × 2 – “x” │ 汉 €", flush=True)
    assert raw.getvalue().decode(encoding).rstrip() == {
        "ascii": '-5 x 2 - "x" | \\u6c49 \\u20ac', "gbk": "-5 × 2 – “x” │ 汉 \\u20ac"}[encoding]


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_a_slip_is_printed_on_every_console(encoding):
    words = [sys.executable, "-m", "simulator.cli", "explain", "--region", "jiangsu", "--tier", "city", "--bill", "8000"]
    for lang in ("en", "zh"):
        done = subprocess.run([*words, "--lang", lang], capture_output=True, check=True, cwd=Path(__file__).parents[2],
                              env={**os.environ, "PYTHONIOENCODING": encoding})
        assert b"Traceback" not in done.stderr and "8000.00" in done.stdout.decode(encoding)
        assert encoding == "ascii" or "\\u" not in done.stdout.decode(encoding)         # sources are cited in Chinese
