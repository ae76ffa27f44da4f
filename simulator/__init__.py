"""The public names, loaded when they are first asked for: `import simulator` alone is instant.

    from simulator import Scenario, load_regions, simulate, summary_frame
    result = simulate(Scenario("try", ("jiangsu", "linyi")), load_regions())
    summary_frame(result)                       # a pandas DataFrame
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.answers.attribute import Question, attribute, swap
    from simulator.answers.bills import explain, settle
    from simulator.answers.checked import run_batch, simulate
    from simulator.answers.losses import losses
    from simulator.api import OpenedBatch, batch, latest, open_run, run, solve
    from simulator.designs import expand
    from simulator.parameters.errors import InputError
    from simulator.parameters.regions import Region, load_regions
    from simulator.report.fits import fit
    from simulator.results import comparison_frame as compare  # noqa: F401  (a public name)
    from simulator.results import paths_frame, read_run, summary_frame, write_run
    from simulator.scenario import Policy, Scenario, read_scenario

__all__ = ["InputError", "OpenedBatch", "Policy", "Question", "Region", "Scenario", "attribute", "batch", "compare", "expand",
           "explain", "fit", "latest", "load_regions", "losses", "open_run", "paths_frame", "read_run", "read_scenario", "run",
           "run_batch", "settle", "simulate", "solve", "summary_frame", "swap", "write_run"]

# module -> its public names; `compare` is called comparison_frame at home
_ROOMS = {"answers.attribute": ("Question", "attribute", "swap"), "answers.losses": ("losses",),
          "answers.bills": ("explain", "settle"), "answers.checked": ("run_batch", "simulate"), "designs": ("expand",),
          "report.fits": ("fit",), "api": ("OpenedBatch", "batch", "latest", "open_run", "run", "solve"),
          "parameters.errors": ("InputError",), "parameters.regions": ("Region", "load_regions"),
          "results": ("compare", "paths_frame", "read_run", "summary_frame", "write_run"),
          "scenario": ("Policy", "Scenario", "read_scenario")}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    """A public name from its module, or the version; AttributeError for any other."""
    if name == "__version__":
        return _version()
    if name not in _HOME:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    return getattr(import_module(f"simulator.{_HOME[name]}"), "comparison_frame" if name == "compare" else name)


def _version() -> str:
    """The version that is installed, which a run's manifest names too."""
    from importlib.metadata import PackageNotFoundError, version
    try:
        return version("fundsim")
    except PackageNotFoundError:
        return "not installed"


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
