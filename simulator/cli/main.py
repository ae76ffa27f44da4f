"""The command line, one function a verb. ending.py has the exit codes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from simulator.cli.app import app as serve_app
from simulator.cli.attribution import attribute, swap
from simulator.cli.backtest import backtest
from simulator.cli.batch import batch
from simulator.cli.bills import explain, settle
from simulator.cli.calibrate import calibrate
from simulator.cli.claims import claims_app
from simulator.cli.completing import (
    COMMAND_NAME,
    Shell,
    answer_the_shell,
    completing,
    install_completion,
    show_completion,
    with_shell,
)
from simulator.cli.ending import BAD_INPUT, ENVIRONMENT, INTERRUPTED, failure, interruptible, interruption
from simulator.cli.fit import fit
from simulator.cli.library import ls
from simulator.cli.losses import losses
from simulator.cli.options import Lang
from simulator.cli.params import params_app
from simulator.cli.query import query
from simulator.cli.runs import compare, report, run, verify
from simulator.cli.sensitivity import sensitivity
from simulator.cli.solve import solve
from simulator.cli.speaking import speak, write_readably
from simulator.cli.sustain import sustain

if TYPE_CHECKING:
    from simulator.parameters.errors import InputError

MOST_FAULTS = 50       # that are told one by one

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
                  context_settings={"help_option_names": ["--help", "-h"]})
for verb in (compare, run, batch, attribute, swap, solve, explain, settle, fit, losses, calibrate, backtest, report, sustain,
             sensitivity, verify, ls, query):
    app.command()(verb)
app.command(name="app")(serve_app)
app.add_typer(params_app, name="params")
app.add_typer(claims_app, name="claims")


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"fundsim {sys.modules['simulator'].__version__}")
        raise typer.Exit()


@app.callback()
def fundsim(
    version: Annotated[bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")] = False,
    lang: Annotated[Lang | None, typer.Option("--lang", help="Language of help, notes and errors; default: the "
                                              "system's.")] = None,
    show: Annotated[Shell | None, typer.Option("--show-completion", callback=show_completion, is_eager=True, help="Print a "
                                               "shell's script for completion; default: of the shell you are in.")] = None,
    install: Annotated[Shell | None, typer.Option("--install-completion", callback=install_completion, is_eager=True,
                                                  help="Install that script.")] = None,
) -> None:
    """Simulate Chinese social health-insurance funds: cited rules, people, claims, the fund over the years.

    Example: fundsim compare jiangsu linyi --year 2012
    """


def command(lang: str) -> Any:
    """The whole command, whose help is in a language, and of whose options the shell completes names."""
    from simulator.cli.helping import speaking
    made: Any = typer.main.get_command(app)
    _hear_language(made, next(parameter for parameter in made.params if parameter.name == "lang"))
    return completing(speaking(made, lang))


def _hear_language(made: Any, option: Any) -> None:
    """Let every verb that has no --lang of its own take the program's."""
    from copy import copy
    for below in getattr(made, "commands", {}).values():
        if all(parameter.name != "lang" for parameter in below.params):
            heard = copy(option)
            heard.expose_value = False
            below.params.append(heard)
        _hear_language(below, option)


def main() -> None:
    """The entry point: whatever goes wrong ends with its exit code and one clear line."""
    from simulator import folders
    folders.begin()
    write_readably()
    words = sys.argv[1:]
    lang = speak(words)
    try:
        made = command(lang)
        answer_the_shell(made)
        with interruptible():
            code = made.main(with_shell(words), prog_name=COMMAND_NAME, standalone_mode=False)
        if code == 130:                            # Typer's code for Ctrl-C
            _end(INTERRUPTED, interruption())
        if code:
            sys.exit(code)
    except KeyboardInterrupt:
        _end(INTERRUPTED, interruption())
    except (OSError, MemoryError) as error:
        _end(ENVIRONMENT, f"error: {failure(error)}")
    except Exception as error:
        from concurrent.futures import BrokenExecutor

        from simulator.parameters.errors import InputError
        if isinstance(error, BrokenExecutor):
            _end(ENVIRONMENT, f"error: {failure(error)}")
        if isinstance(error, InputError):
            _end(BAD_INPUT, *faults_text(error, lang))
        if not hasattr(error, "format_message"):   # of a command line that cannot be read, Typer's own
            raise
        _tell_mistake(error, lang)


def _tell_mistake(error: Any, lang: str) -> NoReturn:
    """Say what is wrong with the command line; where no verb stands in it, print the help."""
    from simulator.cli.helping import mistake_text
    if type(error).__name__ == "NoArgsIsHelpError":
        _end(error.exit_code, error.format_message())
    _end(error.exit_code, mistake_text(error, lang))


def faults_text(error: InputError, lang: str = "en") -> list[str]:
    """A line for each fault that was found in one reading, MOST_FAULTS of them, and then how many there are."""
    from simulator.cli.faults import fault_said
    found, zh = (error, *error.others), lang == "zh"
    told = [f"{'错误：' if zh else 'error: '}{fault_said(fault, lang)}" for fault in found[:MOST_FAULTS]]
    if len(found) > MOST_FAULTS:
        left = len(found) - MOST_FAULTS
        told.append(f"……另有 {left:,} 处" if zh else f"... and {left:,} more")
    return [*told, f"共 {len(found):,} 处错误" if zh else f"{len(found):,} faults"] if len(found) > 1 else told


def _end(code: int, *lines: str) -> NoReturn:
    """Say what there is to say on standard error, leave no empty folder, and end."""
    from simulator.folders import remove_empty
    remove_empty()
    for line in lines:
        print(line, file=sys.stderr, flush=True)
    sys.exit(code)
