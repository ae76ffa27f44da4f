"""The public names, loaded when they are first asked for: `import simulator` alone is instant.

    from simulator import Scenario, load_regions, simulate, summary_frame
    result = simulate(Scenario("try", ("jiangsu", "linyi")), load_regions())
    summary_frame(result)                       # a pandas DataFrame
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.parameters.errors import InputError as InputError
    from simulator.parameters.regions import Region as Region
    from simulator.parameters.regions import load_regions as load_regions
    from simulator.results import comparison_frame as compare
    from simulator.results import paths_frame as paths_frame
    from simulator.results import read_run as read_run
    from simulator.results import summary_frame as summary_frame
    from simulator.results import write_run as write_run
    from simulator.scenario import Policy as Policy
    from simulator.scenario import Scenario as Scenario
    from simulator.scenario import read_scenario as read_scenario
    from simulator.simulate import simulate as simulate

# public name -> the module and its name there
_HOME = {
    "InputError": ("parameters.errors", "InputError"),
    "Policy": ("scenario", "Policy"),
    "Region": ("parameters.regions", "Region"),
    "Scenario": ("scenario", "Scenario"),
    "compare": ("results", "comparison_frame"),
    "load_regions": ("parameters.regions", "load_regions"),
    "paths_frame": ("results", "paths_frame"),
    "read_run": ("results", "read_run"),
    "read_scenario": ("scenario", "read_scenario"),
    "simulate": ("simulate", "simulate"),
    "summary_frame": ("results", "summary_frame"),
    "write_run": ("results", "write_run"),
}
__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    """A public name from its module; AttributeError for any other."""
    if name not in _HOME:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    module, own = _HOME[name]
    return getattr(import_module(f"simulator.{module}"), own)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """Importing the module `simulator.simulate` would set the name `simulate` to the module: it stays the function."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value.simulate if name == "simulate" and isinstance(value, ModuleType) else value)


sys.modules[__name__].__class__ = _Package
