"""Shared by all tests: the package is imported from the checkout, and the shipped regions are read once."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")       # as the command sets it, before NumPy is loaded

from functools import cache, wraps  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402

from simulator.parameters import regions as room  # noqa: E402
from simulator.parameters.added import added_folder  # noqa: E402
from simulator.parameters.regions import Regions  # noqa: E402

CACHE = os.environ.get("FUNDSIM_CACHE")
read_regions = room.load_regions
shipped = cache(read_regions)


@wraps(read_regions)
def load_regions(path: Path | str | None = None, params: Path | str | None = None) -> Regions:
    """As the package's, which takes some half a second of processor, but the shipped regions alone are read once in a process.
    Where a test has another folder added, or another cache, they are read anew."""
    if path is None and params is None and added_folder() is None and os.environ.get("FUNDSIM_CACHE") == CACHE:
        return shipped()
    return read_regions(path, params)


room.load_regions = load_regions                         # before other modules take it from there


@pytest.fixture(scope="session")
def regions() -> Regions:
    """The shipped regions. Nobody writes on them: a test that changes parameters asks for `with_changes`."""
    return load_regions()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Workers begin with tests that stand together and take from each other at the end, as under `make test`; by `-n` alone they
    would take tests in turns, and every worker would make every module's runs."""
    from xdist.scheduler import WorkStealingScheduling
    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None
