"""Fen and ratios: money is int64 fen, a ratio is an integer in 1/10,000, rounding is half up.

`share` is used by the compiled rules; the other functions turn text of a parameter file into
exact integers and back.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from simulator.compiling.compiled import inlined, lean

ONE = 10_000                    # a ratio of one
UNLIMITED = 10**15              # a limit that does not exist, fen
LARGEST_BILL = 10**10           # fen; a bill above it is refused


@inlined
def half_up(total: int) -> int:
    """Divide a sum of amounts x ratios (0 <= total < 2^50) by 10,000, half up to the fen, in a form that vectorises.

    The half keeps the quotient 0.00005 away from whole numbers, more than float64 errs by below 2^50.
    """
    return np.int64((np.float64(total + 5000) + 0.5) * 1e-4)


@lean
def half_up_large(total: int) -> int:
    """`half_up` of a year's sum, which may pass 2^50 and is divided in integers."""
    return (total + 5000) // 10000


@inlined
def share(amount: int, ratio: int) -> int:
    """`amount` fen times `ratio` in 1/10,000, half up to the fen; exact for 0 <= amount x ratio < 2^50: 1,000% of any bill."""
    return half_up(amount * ratio)


@inlined
def ratio_of(part: int, whole: int) -> int:
    """`part` (>= 0) of `whole` (1 .. LARGEST_BILL, at least `part`) in 1/10,000, rounded down, in a form that vectorises: a
    quotient of two whole numbers below 2^53 that is not whole lies further from one than float64 rounds."""
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
