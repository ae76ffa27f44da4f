"""Words that the shell completes: regions, schemes, measures and other names, found without loading the simulator; and the
scripts by which a shell asks for them.

Heavy imports stand inside the functions: each press of the tab key starts the command anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any

import typer

COMMAND_NAME, ASKED_BY = "fundsim", "_FUNDSIM_COMPLETE"       # the variable by which a shell's script asks for words


class Shell(StrEnum):
    """Shells whose completion there is."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"
    powershell = "powershell"
    pwsh = "pwsh"


def with_shell(words: Sequence[str]) -> list[str]:
    """The words of a command, with the shell it was called from after --show-completion and --install-completion where none is
    named. InputError where it cannot be told."""
    found = list(words)
    for option in ("--show-completion", "--install-completion"):
        if option in found and (at := found.index(option) + 1) == len(found):
            found.insert(at, _shell_here(option))
    return found


def _shell_here(option: str) -> str:
    from simulator.parameters.errors import InputError, one_of
    try:
        from shellingham import detect_shell
        name = detect_shell()[0].lower()
    except Exception:                      # its own, and whatever the system refuses
        name = "unknown"
    if name not in list(Shell):
        raise InputError(f"{option}:", value=name, expected=one_of(Shell), next_step=f"name the shell: fundsim {option} bash")
    return name


def show_completion(context: typer.Context, shell: Shell | None) -> None:
    """Print the script that a shell reads to complete the command's words."""
    if shell is not None and not context.resilient_parsing:
        from typer._completion_shared import get_completion_script
        print(get_completion_script(prog_name=COMMAND_NAME, complete_var=ASKED_BY, shell=shell.value))
        raise typer.Exit()


def install_completion(context: typer.Context, shell: Shell | None) -> None:
    """Put that script where the shell reads it when it starts."""
    if shell is not None and not context.resilient_parsing:
        from typer._completion_shared import install

        from simulator.cli.speaking import language
        _, place = install(shell=shell.value, prog_name=COMMAND_NAME, complete_var=ASKED_BY)
        print(f"{place}: 新打开的 {shell.value} 中生效" if language() == "zh" else
              f"{place}: works in every {shell.value} opened from now on")
        raise typer.Exit()


def answer_the_shell(command: Any) -> None:
    """Print the words that a shell asks for, and end; return where none asks."""
    import os
    if os.environ.get(ASKED_BY):
        from typer._completion_classes import completion_init
        completion_init()
        command.main([], prog_name=COMMAND_NAME, complete_var=ASKED_BY)


def regions() -> Iterable[str]:
    """The names of the shipped regions."""
    from simulator.parameters.place import params_path
    return sorted(file.parent.name for file in params_path().glob("*/region.yaml"))


def plans() -> Iterable[str]:
    """The names of the shipped plan files."""
    from simulator.parameters.place import params_path
    return sorted(file.stem for file in (params_path() / "plans").glob("*.yaml"))


def settings() -> Iterable[str]:
    """The names of the shipped sets of settings, and the word for none."""
    from simulator.parameters.place import params_path
    return [*sorted(file.stem for file in (params_path() / "settings").glob("*.json")), "none"]


def schemes() -> Iterable[str]:
    from simulator.words import SCHEME_NAMES
    return list(SCHEME_NAMES)


def measures() -> Iterable[str]:
    from simulator.words import MEASURE_NAMES
    return list(MEASURE_NAMES)


def topics() -> Iterable[str]:
    from simulator.words import TOPIC_NAMES
    return list(TOPIC_NAMES)


def illnesses() -> Iterable[str]:
    from simulator.words import ILLNESS_NAMES
    return list(ILLNESS_NAMES)


def tiers() -> Iterable[str]:
    from simulator.words import TIER_NAMES
    return list(TIER_NAMES)


# an option, or the name of an argument -> what may stand there
COMPLETED: dict[str, Callable[[], Iterable[str]]] = {
    "--region": regions, "--parent": regions, "regions": regions, "region": regions, "a": regions, "b": regions, "asked": regions,
    "--scheme": schemes, "--schemes": schemes, "--measure": measures, "--least": measures, "--most": measures, "--topic": topics,
    "--illness": illnesses, "--tier": tiers, "--plan": plans, "--settings": settings,
    "--response": lambda: ("stated", "secondary", "none"),
}


def completing(command: Any) -> Any:
    """The command, of whose options and arguments the shell completes what COMPLETED names, for it and all verbs below it."""
    for parameter in command.params:
        for name in (parameter.name, *parameter.opts):
            if name in COMPLETED and (parameter.param_type_name == "argument" or name.startswith("--")):
                parameter._custom_shell_complete = _begun(COMPLETED[name])
    for below in getattr(command, "commands", {}).values():
        completing(below)
    return command


def _begun(words: Callable[[], Iterable[str]]) -> Callable[[Any, Any, str], list[str]]:
    """Those of the words that go on from what was typed; of a list with commas, from what stands after the last."""
    def found(_context: Any, _parameter: Any, typed: str) -> list[str]:
        before, comma, last = typed.rpartition(",")
        return [f"{before}{comma}{word}" for word in words() if word.startswith(last)]
    return found
