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
def part_of(amount: int, part: int, whole: int) -> int:
    """`amount` x `part` / `whole`, half up to the fen, for whole numbers from 0 to LARGEST_BILL, `part` at most `whole`, which is
    not 0.

    The product of two amounts passes 64 bits, so it is divided in pieces: no number on the way is above 2 x 10^15.
    """
    if amount < 1 << 31 and part < 1 << 31:
        return (amount * part + whole // 2) // whole
    rest = amount % whole
    high = rest * (part // 100_000)
    low = high % whole * 100_000 + rest * (part % 100_000)
    return amount // whole * part + high // whole * 100_000 + (low + whole // 2) // whole


@lean
def to_unit(total: int, divisor: int, unit: int, cut_off: int) -> int:
    """`total` / `divisor` fen in whole units of so many fen, half up, or what is over cut off; total + divisor x unit < 2^63."""
    step = divisor * unit
    return (total if cut_off == 1 else total + step // 2) // step * unit


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
