"""Names of persons and claims, and the place of each."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa

from simulator.claims.life import SeenNumbers
from simulator.claims.names import Names, hashes_of, place_again


def arrays(names: list[str], chance: random.Random) -> list[pa.Array]:
    """The names in pieces, some of which are parts of longer arrays."""
    found, start = [], 0
    while start < len(names):
        end = start + chance.randrange(1, 900)
        piece = pa.array(["before", *names[start:end], "behind"], pa.string())
        found.append(piece.slice(1, len(piece) - 2))
        start = end
    return found


def test_each_name_has_the_place_of_its_first_appearance_however_it_comes():
    chance = random.Random(3)
    names = [chance.choice(("", "张三", "a", "a ", "0", "00")) if chance.random() < 0.1 else
             f"3201{chance.randrange(4000):05d}" + chance.choice(("", "X", "\0")) for _ in range(20_000)]
    wanted = {name: place for place, name in enumerate(dict.fromkeys(names))}
    known, found = Names(), []
    for piece in arrays(names, chance):
        found += known.find(piece).tolist()
    assert found == [wanted[name] for name in names]
    assert (known.count, known.empty, known.texts()) == (len(wanted), wanted[""], list(wanted))


def test_names_of_one_hash_are_told_apart():
    known = Names()
    first = known.find(pa.array(["a", "b"]))
    known._hashes[:2] = hashes_of(pa.array(["c", "c"]))                 # as if all three had one hash
    known._slots[:] = 0
    place_again(known._hashes, 2, known._slots)
    assert first.tolist() == [0, 1] and known.find(pa.array(["c"])).tolist() == [2]


def test_a_number_seen_in_a_block_before_is_noticed_and_an_empty_one_is_none():
    seen = SeenNumbers()
    for start in range(0, 3000, 500):
        block = pa.array(["", *(f"C{n}" for n in range(start, start + 500))])
        assert not seen.twice(block, np.array([0, 0, *range(1, 501)]))
    assert not seen.twice(pa.array([""]), np.array([0, 0])) and seen.twice(pa.array(["x", "C7"]), np.array([0, 1]))
    assert seen.twice(pa.array(["y"]), np.array([0, 0]))
