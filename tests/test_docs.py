"""What a newcomer reads is true: commands parse, snippets run, links lead somewhere, both languages say the same."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from simulator.cli.main import app
from simulator.parameters.check import check_topic
from simulator.parameters.errors import InputError
from simulator.parameters.read import parse_yaml
from simulator.scenario import read_scenario

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "zh").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def fences(text: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(text) if kind == language]


def commands(text: str) -> list[str]:
    """Every `fundsim` command of a page, in fences and in running text, without remarks."""
    lines = [line for body in fences(text, "sh") for line in body.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    alone = re.compile(r"\s(\|\||>|&)\s.*$")                           # without what the shell does with it
    return [shlex.join(shlex.split(alone.sub("", line[line.index("fundsim "):]), comments=True))
            for line in lines if re.match(r"(uv run .*)?fundsim ", line)]


COMMANDS = sorted({command for page in PAGES for command in commands(page.read_text(encoding="utf-8"))})


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_is_shown_parses(command, tmp_path, monkeypatch):
    for folder in re.findall(r"--params (\S+)", command):             # of the reader's own, which must be there
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        monkeypatch.chdir(tmp_path)
    parse(command)


def parse(command: str) -> None:
    """Parse a command as the command line does, without running it."""
    verb, name, words = typer.main.get_command(app), "fundsim", command.split()[1:] and shlex.split(command)[1:]
    while words and words[0] in getattr(verb, "commands", {}):
        name, verb, words = words[0], verb.commands[words[0]], words[1:]
    if words and words != ["--help"]:                            # a verb named without its arguments is a mention
        assert not hasattr(verb, "commands"), f"no verb {words[0]}"
        verb.make_context(name, list(words))
    elif not words:
        assert name != "fundsim"


@pytest.mark.parametrize("wrong", ["fundsim comparre jiangsu linyi", "fundsim params chek", "fundsim run x.yaml --drawz 3",
                                   "fundsim compare a b --draws 0"])
def test_a_wrong_command_does_not_parse(wrong):
    usage_error = typer.BadParameter.__base__
    with pytest.raises((AssertionError, usage_error)):
        parse(wrong)


def test_commands_are_shown_at_all_and_name_files_that_exist():
    assert len(COMMANDS) >= 10
    named = {word for command in COMMANDS for word in shlex.split(command) if word.endswith(".yaml")}
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    made = {name for text in texts for name in re.findall(r"^cat > (\S+\.yaml) <<", text, re.MULTILINE)}
    assert named and [name for name in named - made - {"fitted/scenario.yaml"} if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        there = page.parent / name if name else page
        assert there.is_file(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings], target


def test_both_readmes_show_the_same_commands_and_files():
    english, chinese = text_of("README.md"), text_of("README.zh.md")
    in_fences = [[line.split("#")[0].strip() for body in fences(text, "sh") for line in body.splitlines()]
                 for text in (english, chinese)]
    assert in_fences[0] == in_fences[1]
    tables = [re.findall(r"^\| (`.+?) \|", text, re.MULTILINE) for text in (english, chinese)]
    assert tables[0] == tables[1] != []


@pytest.mark.parametrize("name", ["picture.png", "picture.zh.png"])
def test_a_picture_is_small_enough_to_clone(name):
    assert 10_000 < (ROOT / "docs" / name).stat().st_size < 400_000


def test_the_python_of_the_readme_runs(capsys):
    (snippet,) = fences(text_of("README.md"), "python")
    found: dict = {}
    exec(snippet, found)
    assert set(found["table"]["policy"]) == {"baseline", "no-deductible"}
    assert "240" in (printed := capsys.readouterr().out) and "expenditure" not in printed
    spending = found["gap"].set_index("measure").loc["expenditure_per_head"]
    assert spending["difference"] > 0                            # a deductible less is a payment more


def test_the_example_of_a_scenario_file_is_one(tmp_path):
    (example,) = fences(text_of("docs/scenarios.md"), "yaml")
    path = tmp_path / "example.yaml"
    path.write_text(example, encoding="utf-8")
    scenario = read_scenario(path)
    assert [policy.level for policy in scenario.policies] == ["region", "region", "own", "region", "region"]


def test_the_error_shown_for_a_scenario_file_is_the_one_that_comes(tmp_path):
    (shown,) = fences(text_of("docs/scenarios.md"), "text")
    path = tmp_path / "try.yaml"
    path.write_text('name: try\nregions: [jiangsu]\npolicies:\n  lower:\n'
                    '    changes: {pooling.nrcms.levle: city}\n', encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_scenario(path)
    assert shown.strip() == f"error: {str(refused.value).removeprefix(f'{tmp_path}/')}"


def test_the_examples_of_parameter_files_can_be_read():
    of_value, of_plan = fences(text_of("docs/parameters.md"), "yaml")
    (entry,) = check_topic("inpatient", parse_yaml(of_value, "example.yaml"), "example.yaml")
    assert entry.path == "inpatient.nrcms.deductible" and entry.spread == "10"
    entries = check_topic("plans", parse_yaml(of_plan, "example.yaml"), "example.yaml")
    assert [entry.path for entry in entries] == 3 * ["plans.nrcms.file"]


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, simulator; print(sorted({'numpy', 'pandas', 'numba', 'pydantic', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_simulate_is_the_function():
    import simulator.engine.simulate  # whichever module has been imported before

    assert all(callable(getattr(simulator, name)) for name in simulator.__all__)
    assert set(simulator.__all__) <= set(dir(simulator))
    assert simulator.simulate is sys.modules["simulator.answers.checked"].simulate
    with pytest.raises(AttributeError, match="no attribute 'similate'"):
        _ = simulator.similate
