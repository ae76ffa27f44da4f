"""The command line, one function a verb.

Exit codes: 0 done; 1 the answer is no (a check failed); 2 bad input; 3 interrupted.
"""

from __future__ import annotations

import sys

import typer

from simulator.cli.bills import explain, settle
from simulator.cli.losses import losses
from simulator.cli.params import params_app
from simulator.cli.runs import backtest, compare, report, run, verify
from simulator.cli.solve import solve

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
                  help="Simulate Chinese social health-insurance funds: cited rules, people, claims, the fund over the years.\n\n"
                       "Example: fundsim compare jiangsu linyi --year 2012")
for verb in (compare, run, explain, settle, losses, solve, backtest, report, verify):
    app.command()(verb)
app.add_typer(params_app, name="params")


def main() -> None:
    """The entry point: bad input ends with one clear line and exit code 2, an interruption with 3."""
    try:
        app()
    except SystemExit as end:
        if end.code != 130:            # Typer's code for Ctrl-C
            raise
        print("interrupted; nothing was lost: run the command again", file=sys.stderr)
        sys.exit(3)
    except Exception as error:
        from simulator.parameters.errors import InputError
        if not isinstance(error, InputError):
            raise
        print(f"error: {error}", file=sys.stderr)
        for other in error.others[:20]:
            print(f"error: {other}", file=sys.stderr)
        sys.exit(2)


