"""Households formed from single persons by matching on age.

Household sizes come from the published shares. Then, step by step, households seek the youngest unassigned person of a suitable
age. Children join households with siblings of similar age. Every household with a child gets a parent (a woman 20 to 45 years
older if there is one, else a man, else a grandparent), and the parent a partner of similar age. People who live alone are drawn
(more often old or young). Households with young children take in adult children and grandparents; then couples without young
children form, and take in adult children and parents. Whoever remains fills the remaining places. A household with a child
always has an adult as long as the group has one. The work is O(n log n), in integers only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.people.apportion import evenly, largest_remainder
from simulator.people.cells import ADULT

PARENT_GAP = (20, 45)           # years between a child and its parent


def household_sizes(persons: int, adults: int, weights: Sequence[int]) -> np.ndarray:
    """The sizes of the households that hold `persons`, int64[H], rising, as close as possible to `weights` of sizes 1, 2, ...

    There is at most one household per adult; where that binds, households are larger than the published ones.
    """
    if persons == 0:
        return np.zeros(0, dtype=np.int64)
    weights = list(weights) if sum(weights) > 0 else [1]
    heads = sum(size * each for size, each in enumerate(weights, start=1))
    count = (2 * persons * sum(weights) + heads) // (2 * heads)
    count = min(max(count, 1), max(adults, 1))
    sizes = np.repeat(np.arange(1, len(weights) + 1), largest_remainder(count, weights))
    largest = len(weights)
    while (missing := persons - int(sizes.sum())) != 0:
        if missing > 0:
            able = np.flatnonzero(sizes < largest)
            largest += len(able) == 0
        else:
            able = np.flatnonzero(sizes > 1)
        if len(able):
            change = min(abs(missing), len(able))
            sizes[able[evenly(len(able), change, len(able))]] += 1 if missing > 0 else -1
    return np.sort(sizes, kind="stable")


def form_households(age: np.ndarray, sex: np.ndarray, sizes: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """The household (0 .. H-1) of each person, int64[n]; household h has exactly sizes[h] members.

    `bits` uint32[n, 2] are two random numbers a person. The sizes must add up to n, and H must not exceed the number of adults
    (in a group without adults the oldest count as such).
    """
    age, key = age.astype(np.int64), bits.astype(np.int64)
    adult = age >= min(ADULT, int(age.max()))
    by_age = np.argsort((age << 32) | key[:, 0], kind="stable")
    home = np.full(len(age), -1, dtype=np.int64)
    room = sizes.astype(np.int64).copy()
    tie_break = key[: len(sizes), 1]                # a random number a household; there are at least as many persons

    def place(households: np.ndarray, low: np.ndarray, high: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        """Move the youngest unassigned, allowed person aged low .. high into each household; -1 where there is none."""
        pool = by_age[(allowed & (home < 0))[by_age]]
        order = np.argsort(low, kind="stable")
        found = np.full(len(households), -1, dtype=np.int64)
        found[order] = _youngest(low[order], high[order], age[pool], pool)
        placed = found >= 0
        home[found[placed]] = households[placed]
        room[households[placed]] -= 1
        return found

    children = np.flatnonzero(~adult)
    children_in = _children_in(sizes, len(children), tie_break)
    youngest, oldest = _place_children(children[np.argsort(key[children, 0], kind="stable")], age, children_in, tie_break,
                                       home)
    room -= children_in

    head = np.full(len(sizes), -1, dtype=np.int64)
    woman = sex == 1
    gap, most = PARENT_GAP
    extra_years = tie_break % 13
    for allowed, extra, limit in ((woman, extra_years, most), (woman, 0, most), (~woman, extra_years, most), (~woman, 0, most),
                                  (adult, 0, 200), (adult, -200, 200)):
        seek = np.flatnonzero((children_in > 0) & (head < 0))
        head[seek] = place(seek, (oldest + gap + extra)[seek], (youngest + limit)[seek], allowed & adult)

    def partners(seek: np.ndarray) -> None:
        """Give each head a partner: a woman a husband of about her age or older, a man a wife of about his age or younger."""
        seek = seek[room[seek] > 0]
        wives = woman[head[seek]]
        for households, allowed, younger, older in ((seek[wives], ~woman, 2, 10), (seek[~wives], woman, 6, 4)):
            theirs = age[head[households]]
            place(households, np.maximum(theirs - younger + tie_break[households] % 5, ADULT), theirs + older, allowed & adult)

    def relatives(low: int, high: int, allowed: np.ndarray | bool = True) -> None:
        """Give each allowed household with room a member whose age differs from the head's by low .. high."""
        seek = np.flatnonzero((room > 0) & (head >= 0) & allowed)
        theirs = age[head[seek]]
        place(seek, np.maximum(theirs + low, ADULT), theirs + high, adult)

    partners(np.flatnonzero(head >= 0))

    free = np.flatnonzero(home < 0)
    singles = np.flatnonzero((sizes == 1) & (room > 0))
    preference = np.where((age[free] >= 60) | (age[free] < 30), 2, 1)
    alone = free[np.argsort(key[free, 1] // preference, kind="stable")][: len(singles)]
    home[alone], head[singles], room[singles] = singles, alone, 0

    relatives(-32, -PARENT_GAP[0], tie_break % 2 == 0)
    relatives(20, 40)
    relatives(20, 40)

    grown = age >= 22
    for allowed in (woman & grown, grown, adult):
        seek = np.flatnonzero((head < 0) & (room > 0))
        pool = by_age[(allowed & (home < 0))[by_age]]
        count = min(len(seek), len(pool))
        chosen = pool[evenly(len(pool), count, max(len(pool), 1))]
        seek = seek[np.argsort(tie_break[seek], kind="stable")][:count]
        home[chosen], head[seek] = seek, chosen
        room[seek] -= 1
        partners(seek)

    while np.any((room > 0)[head >= 0]):
        before = int(room.sum())
        relatives(-32, -PARENT_GAP[0])
        relatives(-PARENT_GAP[1], -PARENT_GAP[0])
        relatives(*PARENT_GAP)
        if int(room.sum()) == before:
            break
    places = np.repeat(np.arange(len(sizes)), room)
    places = places[np.argsort(age[head[places]], kind="stable")]
    home[by_age[home[by_age] < 0]] = places
    return home


def _youngest(low: np.ndarray, high: np.ndarray, ages: np.ndarray, pool: np.ndarray) -> list[int]:
    """For seekers in order of `low`: the youngest person of `pool` (in order of age) in range and not yet taken, or -1."""
    found, at, people, ages = [], 0, pool.tolist(), ages.tolist()
    end = len(people)
    for least, most in zip(low.tolist(), high.tolist(), strict=True):
        while at < end and ages[at] < least:
            at += 1
        if at < end and ages[at] <= most:
            found.append(people[at])
            at += 1
        else:
            found.append(-1)
    return found


def _children_in(sizes: np.ndarray, children: int, tie_break: np.ndarray) -> np.ndarray:
    """How many children each household gets, int64[H]: at most size - 1 (all of it in a group of one household of children).

    A first child takes precedence, in households of three and more; a second child comes later, and a child that would leave a
    single adult later still.
    """
    household = np.repeat(np.arange(len(sizes)), sizes - 1)
    nth = np.arange(len(household)) - np.repeat(np.cumsum(sizes - 1) - (sizes - 1), sizes - 1) + 1
    unit = 1 << 32
    cost = tie_break[household] + (nth - 1) * (6 * unit // 10) + np.where(sizes[household] - nth == 1, unit // 2, 0)
    chosen = household[np.argsort(cost, kind="stable")[:children]]
    return np.bincount(chosen, minlength=len(sizes)).astype(np.int64)


def _place_children(children: np.ndarray, age: np.ndarray, children_in: np.ndarray, tie_break: np.ndarray,
                    home: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put the children, given in random order, into households. Returns the youngest and oldest age in each, int64[H]."""
    youngest, oldest = np.full(len(children_in), 99), np.full(len(children_in), -1)
    used = 0
    for nth in range(1, int(children_in.max(initial=0)) + 1):
        theirs = np.flatnonzero(children_in >= nth)
        pile = children[used : used + len(theirs)]
        used += len(pile)
        if nth > 1:                                 # near the first child's age
            wanted = (youngest + oldest)[theirs] * 5 + (tie_break[theirs] >> nth) % 121 - 60
            theirs = theirs[np.argsort(wanted, kind="stable")]
            pile = pile[np.argsort(age[pile], kind="stable")]
        home[pile] = theirs
        youngest[theirs] = np.minimum(youngest[theirs], age[pile])
        oldest[theirs] = np.maximum(oldest[theirs], age[pile])
    return youngest, oldest
