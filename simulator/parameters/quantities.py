"""What a parameter is: its unit, shape, allowed range and its name in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """One parameter. `shape` says how its value is written:

    `number` one number; `flag` true/false; `choice` one of `options`; `numbers` a list of numbers
    (may be empty); `by:K` a mapping from all or some keys of `KEYS[K]` to a number (absent keys: `default`);
    `by:K:numbers` a mapping to lists; `by:K:choice` a mapping to one of `options`; `names:K` a list
    of keys of `KEYS[K]`; `plan` what names a plan file. `low` and `high` bound every number; `part` is their finest part where
    it is finer than the unit's.
    """

    unit: str
    shape: str
    en: str
    zh: str
    low: float = 0.0
    high: float = 1e12
    options: tuple[str, ...] = ()
    default: str | None = None    # of keys left out of a `by:` mapping; None: every key must be there; "" of lists: none
    part: str | None = None


# The highest amounts, yuan: as large as a bill may be, or a million bills of a mean member. Two thousand million persons with
# that much each add up to less than the largest whole number of 64 bits, in fen.
MOST_YUAN, MOST_YUAN_A_HEAD, MOST_PERSONS = 1e8, 1e7, 2e9


def quantity(unit: str, shape: str, en: str, zh: str, **kw) -> Quantity:
    """A parameter, with the highest amount of its unit where none is given."""
    if unit.startswith("CNY") and "high" not in kw:
        kw["high"] = MOST_YUAN_A_HEAD if unit.startswith("CNY/person") else MOST_YUAN
    return Quantity(unit, shape, en, zh, **kw)


PCT = dict(low=0, high=100)
# A region of more counties is followed in so many pooling units, which then cannot be stated one by one.
MOST_COUNTIES = 200
