"""Philox, the layout of its counters and the look-ups in quantile tables. (What the tables keep: `test_quantiles.py`.)"""

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from simulator.care.severity import severity_distribution
from simulator.chance.quantiles import normal_table, table_of, thresholds
from simulator.chance.random import (
    ADMISSION,
    ADMISSION_MORE,
    COUNTY,
    COURSE_BILL,
    ONSET,
    ROSTER_DRAW,
    ROSTER_STREAMS,
    SYSTEMATIC,
    VISIT,
    philox,
    philox_words,
    quantile,
    quantile_of,
    year_stream,
)
from simulator.engine.level import SOLVE_DRAW
from simulator.parameters.catalogue import CATALOGUE
from simulator.people.roster import PEOPLE_ID
from simulator.scenario import LARGEST_SIZES

WORDS = 1 << 32
STREAMS = (ADMISSION, ADMISSION_MORE, VISIT, ONSET, COURSE_BILL, SYSTEMATIC, COUNTY)


def plain(function):
    """The Python under a compiled function."""
    return getattr(function, "py_func", function)


def numpy_philox(key: tuple[int, int], counters: np.ndarray) -> np.ndarray:
    """Philox4x32-10 after the paper's text, for counters uint64[n, 4]: another program than the package's."""
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    left, right = np.array(counters, dtype=np.uint64).T[[0, 2]], np.array(counters, dtype=np.uint64).T[[1, 3]]
    for step in range(10):
        keys = [np.uint64((k + step * bump) % WORDS) for k, bump in zip(key, (0x9E3779B9, 0xBB67AE85), strict=True)]
        first, second = left[0] * np.uint64(0xD2511F53), left[1] * np.uint64(0xCD9E8D57)
        left = np.stack([(second >> half) ^ right[0] ^ keys[0], (first >> half) ^ right[1] ^ keys[1]])
        right = np.stack([second & low, first & low])
    return np.stack([left[0], right[0], left[1], right[1]], axis=1)


# Random123 1.14, tests/kat_vectors, philox4x32 with 10 rounds.
KNOWN_ANSWERS = [
    ((0, 0), (0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 2, (0xFFFFFFFF,) * 4, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ((0xA4093822, 0x299F31D0), (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
     (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
]


@pytest.mark.parametrize(("key", "counter", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_published_known_answers(key, counter, answer):
    assert tuple(int(w) for w in philox(*key, *counter)) == answer
    assert tuple(int(w) for w in plain(philox)(*key, *counter)) == answer
    assert tuple(numpy_philox(key, np.array([counter]))[0].tolist()) == answer


def test_words_of_many_counters_are_those_of_each_counter():
    first = np.array([0, 1, 7, 2**31, WORDS - 1])
    counters = np.stack([first, *(np.full(5, c) for c in (3, 5, year_stream(2012, ADMISSION)))], axis=1)
    words = philox_words(2012, 7, first, 3, 5, year_stream(2012, ADMISSION))
    assert words.dtype == np.uint32
    assert words.tolist() == numpy_philox((2012, 7), counters).tolist()
    assert words.tolist() == [[int(w) for w in philox(2012, 7, *counter)] for counter in counters.tolist()]


# --- the layout

def along(axis: str, count: int) -> np.ndarray:
    """Words uint64[count, 4] at counters that differ along one axis of the layout only."""
    at = {"claim": 5, "replica": 2, "draw": 11, "year": 2015, "stream": ADMISSION}
    counters = np.empty((count, 4), dtype=np.uint64)
    steps = np.arange(count)
    value = {name: (steps if name == axis else start) for name, start in at.items()}
    for column, word in enumerate((value["claim"], value["replica"], value["draw"], (value["year"] << 16) | value["stream"])):
        counters[:, column] = word
    return numpy_philox((20120321, 7), counters)


def p_of(counts: np.ndarray) -> float:
    """Chi-square p-value of equal chances."""
    return float(stats.chisquare(counts.ravel()).pvalue)


@pytest.mark.parametrize("axis", ["claim", "replica", "draw", "year", "stream"])
def test_words_at_adjacent_counters_are_uniform_and_independent(axis):
    words = along(axis, 40_000).astype(np.int64)
    for column in words.T:
        high, low, pairs = column >> 24, column & 255, (column[:-1] >> 28) * 16 + (column[1:] >> 28)
        for cells in (high, low, pairs[::2], pairs[1::2]):
            assert 1e-5 < p_of(np.bincount(cells, minlength=256)) < 1 - 1e-5
    for a, b in itertools.combinations(range(4), 2):
        assert 1e-5 < p_of(np.bincount((words[:, a] >> 28) * 16 + (words[:, b] >> 28), minlength=256)) < 1 - 1e-5


def test_the_same_claims_of_neighbouring_draws_replicas_and_people_have_nothing_in_common():
    claims = np.arange(40_000)
    own = philox_words(20120321, 7, claims, 0, 0, year_stream(2012, ADMISSION))[:, 0].astype(np.int64)
    for key, replica, draw, year, stream in ((7, 1, 0, 2012, ADMISSION), (7, 0, 1, 2012, ADMISSION), (7, 0, 0, 2013, ADMISSION),
                                             (7, 0, 0, 2012, VISIT), (8, 0, 0, 2012, ADMISSION)):
        other = philox_words(20120321, key, claims, replica, draw, year_stream(year, stream))[:, 0].astype(np.int64)
        assert 1e-5 < p_of(np.bincount((own >> 28) * 16 + (other >> 28), minlength=256)) < 1 - 1e-5


def test_no_two_streams_share_a_counter():
    """Every counter of a small world once: claims, packed bills of courses, roster words, paths, the solver's draw."""
    years, draws = (2003, 2012, 2021), (0, 1, 255, LARGEST_SIZES["draws"] - 1, SOLVE_DRAW)
    replicas = (0, 1, LARGEST_SIZES["replicas"] - 1)
    claims = (0, 1, 2, 15, 16, 255, 256, 257, 4096, 65_535)
    packed = [(claim << 8) | (back << 4) | bill for claim in claims for back in range(16) for bill in range(16)]
    counters = []
    for year, draw, replica in itertools.product(years, draws, replicas):
        for stream in (ADMISSION, ADMISSION_MORE, VISIT, ONSET):
            counters += [(claim, replica, draw, year_stream(year, stream)) for claim in claims]
        counters += [(first, replica, draw, year_stream(year, COURSE_BILL)) for first in packed]
    counters += [(variable, 0, draw, year_stream(year, SYSTEMATIC)) for variable in range(16) for draw in draws for year in years]
    counters += [(county, 0, draw, year_stream(year, COUNTY)) for county in range(16) for draw in draws for year in years]
    counters += [(row, 0, ROSTER_DRAW, year_stream(year, stream)) for row in claims for year in (0, *years)
                 for stream in ROSTER_STREAMS]
    assert len(set(counters)) == len(counters)
    assert max(max(counter) for counter in counters) < WORDS


def test_the_packed_word_of_a_course_bill_has_room_for_every_course():
    assert CATALOGUE["illness"]["course_years"].high <= 16
    assert max(CATALOGUE["illness"][name].high for name in ("first_year_bills",
                                                            "later_bills")) < 15     # place 15: one bill more by chance
    # onsets of the largest roster at one onset in ten persons
    assert LARGEST_SIZES["people"] // 10 < 1 << 24


def test_reserved_draws_streams_and_people_are_apart():
    assert len({ROSTER_DRAW, SOLVE_DRAW}) == 2 and LARGEST_SIZES["draws"] <= min(ROSTER_DRAW, SOLVE_DRAW)
    assert len(set(STREAMS) | set(ROSTER_STREAMS)) == len(STREAMS) + len(ROSTER_STREAMS)
    assert max(STREAMS) < 1 << 16
    schemes = 4
    assert 0 not in PEOPLE_ID.values()      # the key of systematic paths
    assert all(abs(a - b) >= schemes for a, b in itertools.combinations(PEOPLE_ID.values(), 2))


# --- quantile tables

LAWS = {"lognormal of CV 2": severity_distribution("lognormal", 1e6, 2.0),
        "gamma of CV 1.3": severity_distribution("gamma", 1e6, 1.3), "gamma of CV 0.5": severity_distribution("gamma", 1e6, 0.5),
        "Burr of CV 1.8": severity_distribution("burr", 1e6, 1.8),
        "Pareto of tail 1.5": stats.pareto(1.5, scale=1e6 / 3), "exponential": stats.expon(scale=1e6)}
TABLES = {name: table_of(law) for name, law in LAWS.items()}
EACH_LAW = pytest.mark.parametrize("name", LAWS)
EVERY_WORD_BELOW = 21                                     # octaves whose words are all looked up
BLOCK = 1 << 10                                           # words a block above them


def looked_up(table, words: np.ndarray) -> np.ndarray:
    """The look-up in numpy: as the package's, for all words at once."""
    return np.array([quantile(table.base, table.width, word) for word in words.tolist()], dtype=np.int64)


def sample_words() -> tuple[np.ndarray, np.ndarray]:
    """Words, rising, and how many words each stands for: every word in the far tail, then 256 places of each cell."""
    words, weights = [np.arange(1 << 13)], [np.ones(1 << 13)]
    for octave in range(13, 32):
        step = 1 << (octave - 13)                          # 8,192 words an octave
        start = np.arange(1 << 13) * step + (1 << octave)
        words.append(start + step // 2)
        weights.append(np.full(1 << 13, float(step)))
    return np.concatenate(words), np.concatenate(weights)


SAMPLE, WEIGHT = sample_words()
LOOKED_UP = {name: looked_up(table, SAMPLE) for name, table in TABLES.items()}


def test_the_sampled_words_stand_for_all_words():
    assert WEIGHT.sum() == WORDS and np.all(np.diff(SAMPLE) > 0)


@EACH_LAW
def test_a_look_up_falls_as_the_survival_word_rises(name):
    edges = np.concatenate([(1 << octave) + np.arange(33) * (1 << octave) // 32 for octave in range(5, 32)])
    around = np.unique(np.concatenate([edges - 1, edges, edges + 1]).clip(0, WORDS - 1))
    for words, values in ((SAMPLE, LOOKED_UP[name]), (around, looked_up(TABLES[name], around))):
        assert np.all(np.diff(values) <= 0), words[:-1][np.diff(values) > 0][:5]


@EACH_LAW
def test_the_ends_of_the_words_are_the_ends_of_the_law(name):
    table, law = TABLES[name], LAWS[name]
    at = {word: int(quantile(table.base, table.width, word)) for word in (0, 1, 2, WORDS // 2, WORDS - 1)}
    assert at[0] == at[1] >= at[2] > law.isf(3 / WORDS)
    assert at[1] == pytest.approx(integrate.quad(law.isf, 0, 2 / WORDS)[0] / (2 / WORDS), rel=1e-4)      # all the mass beyond
    assert at[WORDS // 2] == pytest.approx(law.median(), rel=1e-3)
    assert law.ppf(0.0) <= at[WORDS - 1] + 1 and at[WORDS - 1] <= law.ppf(1 / 64)


@EACH_LAW
def test_a_table_takes_16_kilobytes_and_rises_by_whole_fen(name):
    table = TABLES[name]
    assert table.base.nbytes + table.width.nbytes <= 32 * 1024
    assert table.base.dtype == table.width.dtype == np.int64
    assert np.all(table.width >= 0)
    assert int(table.width.max()) * (1 << 17) < 2**63        # the interpolation's product


def test_compiled_and_plain_look_ups_are_equal():
    table = TABLES["lognormal of CV 2"]
    words = np.concatenate([[0, 1, 2, 3, 31, 32, 33, WORDS - 1], philox_words(1, 2, np.arange(500), 0, 0, 0)[:, 0]]).tolist()
    stacked = (np.stack([table.base, table.base + 5]), np.stack([table.width, table.width]))
    for word in words:
        value = quantile(table.base, table.width, word)
        assert value == plain(quantile)(table.base, table.width, word)
        assert quantile_of(*stacked, 1, word) == plain(quantile_of)(*stacked, 1, word) == value + 5


def test_small_amounts_are_rounded_not_cut():
    """The mean outpatient bill is 40 yuan: half a fen lost a bill would be more than a ten-thousandth."""
    law = severity_distribution("lognormal", 4000.0, 1.0)
    table = table_of(law)
    assert float(np.sum(looked_up(table, SAMPLE) * WEIGHT)) / WORDS == pytest.approx(law.mean(), rel=1e-6)


# --- the normal table and thresholds

def test_the_normal_table_has_mean_zero_variance_one_and_is_symmetric():
    table = normal_table()
    assert table.dtype == np.int64 and len(table) == 65536
    assert np.array_equal(table, -table[::-1])
    assert np.all(np.diff(table) >= 0)
    values = table / 65536
    assert values.mean() == 0.0
    assert np.mean(values**2) == pytest.approx(1.0, abs=1e-6)
    assert np.mean(values**4) == pytest.approx(3.0, rel=1e-3)
    assert values[int(0.975 * 65536)] == pytest.approx(1.959964, abs=1e-3)


def test_thresholds_give_each_choice_its_share_and_the_last_word_a_choice():
    cumulative = thresholds(np.array([20.0, 0.0, 30.0, 50.0]))
    assert np.diff(cumulative, prepend=0).tolist() == [858993459, 0, 1288490189, 2147483648]
    assert cumulative[-1] == WORDS > WORDS - 1
