"""An array of the cache is the one that would be made, or is made anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simulator.care.severity import bill_table, severity_distribution
from simulator.chance.quantiles import gap_table, table_of
from simulator.compiling import arrays
from simulator.compiling.arrays import ARRAYS, cached_array
from tests.campaigns.cache import DAMAGES, another

MADE_OF = ("lognormal", 1.5, 2)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder of arrays in a cache of the test's own."""
    monkeypatch.setenv("FUNDSIM_CACHE", str(tmp_path))
    return tmp_path / ARRAYS


def made(*numbers: int):
    return lambda: np.array(numbers)


def refuse() -> np.ndarray:
    raise AssertionError("made again")


def test_an_array_is_made_once_and_found_by_what_it_is_made_of(folder):
    assert cached_array(MADE_OF, made(1, 2)).tolist() == [1, 2]
    assert cached_array(MADE_OF, refuse).tolist() == [1, 2]
    assert cached_array((*MADE_OF[:-1], 3), made(7)).tolist() == [7]
    assert cached_array(MADE_OF, refuse).dtype == np.int64 and len(list(folder.iterdir())) == 2


def test_other_libraries_make_it_anew(monkeypatch):
    cached_array(MADE_OF, made(1))
    monkeypatch.setattr(arrays, "_libraries", lambda: ("numpy 0", "scipy 0"))
    assert cached_array(MADE_OF, made(5)).tolist() == [5]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("round", range(5))
def test_a_damaged_array_is_made_anew_and_replaced(folder, damage, round):
    cached_array(MADE_OF, made(*range(100)))
    cached_array((7,), made(*range(5, 105)))
    files = sorted(folder.iterdir())
    whole = [file.read_bytes() for file in files]
    for file, data in zip(files, whole, strict=True):
        file.write_bytes(damage(data, whole[files.index(another(file, files))]))
    assert cached_array(MADE_OF, made(*range(100))).tolist() == list(range(100))
    assert cached_array((7,), made(*range(5, 105))).tolist() == list(range(5, 105))
    assert [file.read_bytes() for file in files] == whole


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("FUNDSIM_CACHE", str(tmp_path / "file"))
    assert cached_array(MADE_OF, made(3)).tolist() == [3]


def test_a_cached_table_of_bills_has_the_bits_of_a_new_one(folder):
    bill_table.cache_clear()
    new = table_of(severity_distribution("burr", 8000.0, 1.2), 100.0)
    for _ in range(2):                         # made, then read
        found = bill_table("burr", 8000.0, 1.2)
        assert all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(found, new, strict=True))
        bill_table.cache_clear()
    assert [len(part) for part in gap_table(2.0**20)] == [1024, 1024] and len(list(folder.iterdir())) == 2


def test_a_start_with_cached_tables_loads_no_statistics_and_no_tables_library(monkeypatch):
    monkeypatch.undo()                         # the programs of the user's own cache
    code = ("import sys\nfrom simulator import Scenario, simulate\nfrom simulator.parameters.regions import load_regions\n"
            "simulate(Scenario('first', ('jiangsu',), schemes=('nrcms',), horizon=1, draws=1, people=200), load_regions())\n"
            "print(sorted({'scipy.stats', 'scipy.special', 'pandas', 'matplotlib', 'pydantic'} & sys.modules.keys()))")
    for _ in range(2):                         # the first may have to make them
        run = subprocess.run([sys.executable, "-c", code], cwd=Path(arrays.__file__).parents[2], capture_output=True,
                             text=True, check=True)
    assert run.stdout.strip() == "[]"
