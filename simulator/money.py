"""Fen and ratios: money is int64 fen, a ratio is an integer in 1/10,000, rounding is half up.

`share` is used by the compiled rules; the other functions turn text of a parameter file into
exact integers and back.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from simulator.compiling.compiled import lean

ONE = 10_000                    # a ratio of one
UNLIMITED = 10**15              # a limit that does not exist, fen
LARGEST_BILL = 10**10           # fen; a bill above it is refused


@lean
def half_up(total):
    """Divide a sum of amounts x ratios (>= 0) by 10,000, half up to the fen."""
    return (total + 5000) // 10000


@lean
def share(amount, ratio):
    """`amount` fen (>= 0) times `ratio` in 1/10,000, half up to the fen. Unsigned numbers are divided in half the time."""
    return np.int64(np.uint64(amount * ratio + 5000) // np.uint64(10000))


@lean
def quick_share(amount, ratio):
    """`share` of one bill, in a form that vectorises: the same to the fen for amount x ratio below 10^15.

    The half keeps the quotient 0.00005 away from whole numbers, more than float64 errs by up to 10^11.
    """
    return np.int64((np.float64(amount * ratio + 5000) + 0.5) * 1e-4)


@lean
def quick_ratio(part, whole):
    """`part` (>= 0) of `whole` (1 .. LARGEST_BILL, at least `part`) in 1/10,000, rounded down, in a form that vectorises:
    a quotient of two whole numbers below 2^53 that is not whole lies further from one than float64 rounds."""
    return np.int64(np.float64(part * 10000) / np.float64(whole))


def fen(yuan: Decimal | str | int) -> int:
    """Whole fen of an amount in yuan; ValueError if it has parts of a fen."""
    exact = Decimal(yuan) * 100
    if exact != exact.to_integral_value():
        raise ValueError(f"amount {yuan} yuan has parts of a fen")
    return int(exact)


def ratio(percent: Decimal | str | int) -> int:
    """1/10,000 of a percentage; ValueError if it is finer than a hundredth of a point."""
    exact = Decimal(percent) * 100
    if exact != exact.to_integral_value():
        raise ValueError(f"{percent}% is finer than a hundredth of a percentage point")
    return int(exact)


def yuan(amount: int) -> str:
    """Fen as yuan text with two decimals, exactly."""
    sign, amount = ("-" if amount < 0 else ""), abs(int(amount))
    return f"{sign}{amount // 100}.{amount % 100:02d}"
