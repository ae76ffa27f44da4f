"""Names -> places, over all blocks of a file: each different name once, as bytes, some 50 bytes of memory beside its own.

Names are compared byte by byte, never by their hashes alone.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pyarrow as pa
from numba import types

from simulator.compiling.compiled import compiled, lean
from simulator.compiling.types import Ints, UInt64

Bytes = Annotated[np.ndarray, types.uint8[::1]]
UInt64s = Annotated[np.ndarray, types.uint64[::1]]
PRIME, MIX = np.uint64(0x100000001B3), np.uint64(0xFF51AFD7ED558CCD)
OFFSET, HALF = np.uint64(0xCBF29CE484222325), np.uint64(32)


@lean
def hash_of(text: Bytes, start: int, end: int) -> UInt64:
    """A hash of bytes, FNV-1a with its high bits mixed into the low ones."""
    found = OFFSET
    for at in range(start, end):
        found = (found ^ np.uint64(text[at])) * PRIME
    found = (found ^ (found >> HALF)) * MIX
    return found ^ (found >> HALF)


@compiled
def hash_names(ends: Ints, text: Bytes, found: UInt64s) -> None:
    """The hash of each name: `ends` int64[n + 1] says where each begins and ends in `text`."""
    for n in range(len(found)):
        found[n] = hash_of(text, ends[n], ends[n + 1])


@compiled
def place_names(ends: Ints, text: Bytes, slots: Ints, hashes: UInt64s, known_ends: Ints, known: Bytes, count: int,
                places: Ints) -> int:
    """Fill `places` with those of the names, new ones behind the `count` that are known; how many are known then.

    `slots` int64[a power of two], place + 1 or 0, are looked through from a name's hash on; they, `hashes`, `known_ends` and
    `known` have room for all names.
    """
    last = np.uint64(len(slots) - 1)
    for n in range(len(places)):
        start, size = ends[n], ends[n + 1] - ends[n]
        own = hash_of(text, start, ends[n + 1])
        slot = own & last
        while True:
            place = slots[np.int64(slot)] - 1
            if place < 0:
                break
            begin = known_ends[place]
            if hashes[place] == own and known_ends[place + 1] - begin == size:
                same = True
                for at in range(size):
                    if known[begin + at] != text[start + at]:
                        same = False
                        break
                if same:
                    break
            slot = (slot + np.uint64(1)) & last
        if place < 0:
            place = count
            begin = known_ends[place]
            for at in range(size):
                known[begin + at] = text[start + at]
            known_ends[place + 1], hashes[place], slots[np.int64(slot)] = begin + size, own, place + 1
            count += 1
        places[n] = place
    return count


@compiled
def place_again(hashes: UInt64s, count: int, slots: Ints) -> None:
    """Fill empty `slots` with the places of the names known."""
    last = np.uint64(len(slots) - 1)
    for place in range(count):
        slot = hashes[place] & last
        while slots[np.int64(slot)] > 0:
            slot = (slot + np.uint64(1)) & last
        slots[np.int64(slot)] = place + 1


class Names:
    """The different names seen so far, each with its place from 0 on."""

    def __init__(self) -> None:
        self.count, self.empty = 0, -1                     # `empty`: the place of the name without a character, -1 if not seen
        self._slots = np.zeros(1 << 12, dtype=np.int64)
        self._hashes, self._ends = np.zeros(1 << 10, dtype=np.uint64), np.zeros(1 + (1 << 10), dtype=np.int64)
        self._known = np.zeros(1 << 14, dtype=np.uint8)

    def find(self, names: pa.Array) -> np.ndarray:
        """The places of names, int64[n]; those not seen before get one."""
        ends, text = _bytes_of(names)
        self._make_room(self.count + len(names), int(self._ends[self.count]) + int(ends[-1] - ends[0]))
        places = np.empty(len(names), dtype=np.int64)
        self.count = place_names(ends, text, self._slots, self._hashes, self._ends, self._known, self.count, places)
        if self.empty < 0:
            without = np.flatnonzero(ends[1:] == ends[:-1])
            self.empty = int(places[without[0]]) if len(without) else -1
        return places

    def texts(self) -> list[str]:
        """All names, by place."""
        ends, known = self._ends, self._known.tobytes()
        return [known[ends[n]:ends[n + 1]].decode() for n in range(self.count)]

    def _make_room(self, names: int, size: int) -> None:
        if 2 * names > len(self._slots):
            self._slots = np.zeros(1 << (2 * names - 1).bit_length(), dtype=np.int64)
            place_again(self._hashes, self.count, self._slots)
        for table, needed in (("_hashes", names), ("_ends", names + 1), ("_known", size)):
            if needed > len(getattr(self, table)):
                setattr(self, table, _longer(getattr(self, table), needed))


def _longer(table: np.ndarray, needed: int) -> np.ndarray:
    """The table with room for more, zeros behind; memory that nobody has written to costs nothing."""
    longer = np.zeros(max(needed, 2 * len(table)), dtype=table.dtype)
    longer[:len(table)] = table
    return longer


def hashes_of(names: pa.Array) -> np.ndarray:
    """A hash of each name, uint64[n]."""
    ends, text = _bytes_of(names)
    found = np.empty(len(names), dtype=np.uint64)
    hash_names(ends, text, found)
    return found


def _bytes_of(names: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Where each text of an array without nulls begins and ends, int64[n + 1], and their bytes, uint8."""
    _, ends, text = names.buffers()
    whole = np.frombuffer(ends, dtype=np.int32)[names.offset:names.offset + len(names) + 1] if ends else np.zeros(1, np.int32)
    return whole.astype(np.int64), np.frombuffer(text, dtype=np.uint8) if text else np.zeros(0, dtype=np.uint8)
