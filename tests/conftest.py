"""Shared by all tests: the package is imported from the checkout, and the shipped regions are read once."""

import pytest

from simulator.parameters.regions import Regions, load_regions


@pytest.fixture(scope="session")
def regions() -> Regions:
    """The shipped regions. Nobody writes on them: a test that changes parameters asks for `with_changes`."""
    return load_regions()
