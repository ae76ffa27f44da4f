"""Counter-based randomness: Philox4x32-10, the layout of its counters, look-ups in integer quantile tables.

Nothing here has a state: a word is a function of (seed, people-id, claim, replica, draw, year,
stream), so no order of calls, chunk, worker or thread can change it. Salmon, Moraes, Dror and Shaw,
"Parallel random numbers: as easy as 1, 2, 3" (SC'11) define Philox; `tests/chance/test_random.py` holds the
published known answers.

Quantile tables turn one 32-bit word into an integer amount without exp, log or pow. The word is read
as a survival probability; its octave and the next five bits choose one of 1,024 cells, the next
sixteen bits interpolate. `simulator/chance/quantiles.py` builds them.
"""

from __future__ import annotations

import numpy as np

from simulator.compiling.compiled import compiled, inlined, lean
from simulator.compiling.types import Ints, Ints2

LAYOUT_VERSION = 2

# Streams: the low 16 bits of the fourth counter word. 1-15 belong to the roster.
ROSTER_STREAMS = range(1, 16)
ADMISSION, ADMISSION_MORE, VISIT, ONSET, COURSE_BILL, SYSTEMATIC, COUNTY, VISIT_MORE = 16, 17, 18, 19, 20, 21, 22, 23
SETTING = 24                          # of a world's uncertain values: counters are the world and a part of the value's name
ROSTER_DRAW = 0xFFFFFFFF              # never a simulated draw

OCTAVES, CELLS_PER_OCTAVE = 32, 32
CELLS = OCTAVES * CELLS_PER_OCTAVE

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


@inlined
def philox(key0: int, key1: int, c0: int, c1: int, c2: int, c3: int) -> tuple[int, int, int, int]:
    """Four 32-bit words (as uint64) of Philox4x32-10 for a key of two and a counter of four words."""
    k0, k1 = np.uint64(key0), np.uint64(key1)
    x0, x1, x2, x3 = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    for _ in range(10):
        p0 = _M0 * x0
        p1 = _M1 * x2
        x0, x1, x2, x3 = (p1 >> _HALF) ^ x1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ x3 ^ k1, p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return x0, x1, x2, x3


@lean
def philox_columns(key0: int, key1: int, first: int, c1: int, c2: int, c3: int, words0: Ints, words1: Ints, words2: Ints,
                   words3: Ints) -> None:
    """The words of the counters `first`, `first` + 1, ... in four columns of one length.

    The arguments are uint32: only if the compiler knows that does it multiply eight counters at once.
    """
    for i in range(len(words0)):
        words0[i], words1[i], words2[i], words3[i] = philox(key0, key1, np.uint32(first + i), c1, c2, c3)


@compiled
def _philox_column(key0, key1, c0, c1, c2, c3, words):
    for i in range(len(c0)):
        words[i, 0], words[i, 1], words[i, 2], words[i, 3] = philox(key0, key1, c0[i], c1, c2, c3)


def philox_words(key0: int, key1: int, c0: np.ndarray, c1: int, c2: int, c3: int) -> np.ndarray:
    """uint32[n, 4]: the words of n counters that differ in their first word `c0`."""
    c0 = np.ascontiguousarray(c0, dtype=np.uint64)
    words = np.empty((len(c0), 4), dtype=np.uint32)
    _philox_column(np.uint64(key0), np.uint64(key1), c0, np.uint64(c1), np.uint64(c2), np.uint64(c3), words)
    return words


def year_stream(year: int, stream: int) -> int:
    """The fourth counter word."""
    return (year << 16) | stream


def _cell_edges() -> np.ndarray:
    """float64[1025]: the survival words at the cells' edges.

    Cell 32 x octave + j covers survival words [2^octave (1 + j/32), 2^octave (1 + (j+1)/32)).
    """
    octave, cell = np.divmod(np.arange(CELLS), CELLS_PER_OCTAVE)
    low = 2.0 ** octave * (1 + cell / CELLS_PER_OCTAVE)
    return np.append(low, 2.0 ** OCTAVES)


CELL_EDGES = _cell_edges()


def _cell_words() -> np.ndarray:
    """int64[1024]: how many of the 2^32 words each cell has (word 0 is read as word 1)."""
    count = np.diff(np.ceil(CELL_EDGES)).astype(np.int64)
    count[0] += 1
    return count


CELL_WORDS = _cell_words()
CELL_WEIGHT = CELL_WORDS / 2.0**32


@lean
def survival_cell(word: int) -> int:
    """Where a 32-bit survival word stands in a quantile table, cell << 17 | odd place in the cell: the half of a look-up that
    vectorises."""
    bits = np.float64(max(np.int64(word), 1) + 0.5).view(np.int64)       # a word stands for the unit above it
    return (((bits >> 47) - (1023 << 5)) << 17) | ((~bits >> 30) & 0x1FFFF) | 1


@lean
def amount_at(base: Ints, width: Ints, place: int) -> int:
    """The amount (int64) of a quantile table at a `survival_cell`. An unsigned index spares the test for negative ones."""
    cell = np.uint64(place >> 17)
    return base[cell] + ((width[cell] * (place & 0x1FFFF) + 0x10000) >> 17)


@lean
def quantile(base: Ints, width: Ints, word: int) -> int:
    """The amount (int64) of a quantile table at a 32-bit survival word."""
    return amount_at(base, width, survival_cell(word))


@lean
def quantile_of(base: Ints2, width: Ints2, table: int, word: int) -> int:
    """As `quantile`, of one of several tables in the rows of int64[n, 1024]."""
    return quantile(base[table], width[table], word)
