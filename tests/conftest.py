"""Shared by all tests: the package is imported from the checkout, and the shipped regions are read once."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")       # as the command sets it, before NumPy is loaded

import pytest  # noqa: E402

from simulator.parameters.regions import Regions, load_regions  # noqa: E402


@pytest.fixture(scope="session")
def regions() -> Regions:
    """The shipped regions. Nobody writes on them: a test that changes parameters asks for `with_changes`."""
    return load_regions()
