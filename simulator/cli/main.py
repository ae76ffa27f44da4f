"""The command line, one function a verb. ending.py has the exit codes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import typer

from simulator.cli.app import app as serve_app
from simulator.cli.attribution import attribute, swap
from simulator.cli.backtest import backtest
from simulator.cli.batch import batch
from simulator.cli.bills import explain, settle
from simulator.cli.calibrate import calibrate
from simulator.cli.claims import claims_app
from simulator.cli.ending import BAD_INPUT, ENVIRONMENT, INTERRUPTED, failure, interruptible, interruption
from simulator.cli.fit import fit
from simulator.cli.library import ls
from simulator.cli.losses import losses
from simulator.cli.params import params_app
from simulator.cli.query import query
from simulator.cli.runs import compare, report, run, verify
from simulator.cli.sensitivity import sensitivity
from simulator.cli.solve import solve
from simulator.cli.sustain import sustain

if TYPE_CHECKING:
    from simulator.parameters.errors import InputError

MOST_FAULTS = 50       # that are told one by one

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
                  help="Simulate Chinese social health-insurance funds: cited rules, people, claims, the fund over the years.\n\n"
                       "Example: fundsim compare jiangsu linyi --year 2012")
for verb in (compare, run, batch, attribute, swap, solve, explain, settle, fit, losses, calibrate, backtest, report, sustain,
             sensitivity, verify, ls, query):
    app.command()(verb)
app.command(name="app")(serve_app)
app.add_typer(params_app, name="params")
app.add_typer(claims_app, name="claims")


def main() -> None:
    """The entry point: whatever goes wrong ends with its exit code and one clear line."""
    from simulator import folders
    folders.placed.clear()
    try:
        with interruptible():
            app()
    except KeyboardInterrupt:
        _end(INTERRUPTED, interruption())
    except SystemExit as end:
        if end.code != 130:            # Typer's code for Ctrl-C
            raise
        _end(INTERRUPTED, interruption())
    except (OSError, MemoryError) as error:
        _end(ENVIRONMENT, f"error: {failure(error)}")
    except Exception as error:
        from concurrent.futures import BrokenExecutor

        from simulator.parameters.errors import InputError
        if isinstance(error, BrokenExecutor):
            _end(ENVIRONMENT, f"error: {failure(error)}")
        if not isinstance(error, InputError):
            raise
        _end(BAD_INPUT, *faults_text(error))


def faults_text(error: InputError) -> list[str]:
    """A line for each fault that was found in one reading, MOST_FAULTS of them, and then how many there are."""
    found = (error, *error.others)
    told = [f"error: {fault}" for fault in found[:MOST_FAULTS]]
    if len(found) > MOST_FAULTS:
        told.append(f"... and {len(found) - MOST_FAULTS:,} more (另有 {len(found) - MOST_FAULTS:,} 处)")
    return [*told, f"{len(found):,} faults (共 {len(found):,} 处错误)"] if len(found) > 1 else told


def _end(code: int, *lines: str) -> NoReturn:
    """Say what there is to say on standard error, and end."""
    for line in lines:
        print(line, file=sys.stderr, flush=True)
    sys.exit(code)
