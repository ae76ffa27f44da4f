"""One row of the table of plan terms (`plan.py`): what a term means, its unit, shape, neutral value, who states and reads it."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.money import UNLIMITED


@dataclass(frozen=True)
class Term:
    """One row of the table: a term's name is its field of `Plan`, its key in a plan file, and in upper case its constant.

    In a row of terms amounts are fen, percentages and points 1/10,000, flags 0 or 1, and a choice is the number of its word.
    """

    path: str                         # the parameter that states it; "" where none does
    unit: str                         # as in the parameter catalogue; "name" of a choice among `words`
    better: str                       # which of two is better for the patient: smaller, larger, or kept: neither
    read_by: str                      # admissions (and listed illnesses) alone, cii alone, or visits too
    says: str
    level: bool = False               # the solved level depends on it
    shape: tuple[str, ...] = ()       # its dimensions
    neutral: int = 0                  # the value at which it does nothing, in every place
    words: tuple[str, ...] = ()       # of a choice; the first is 0
    most: int = 100                   # the highest percentage
    also: tuple[str, ...] = ()        # further parameters that it is worked out from
    optional: bool = False            # a region may leave the parameter out: the term is neutral
    in_plan_file: bool = True         # False: plan files do not state it
    one_for_all: bool = False         # a plan file may state one value for all its places

    @property
    def is_amount(self) -> bool:
        """In fen, stated in yuan."""
        return self.unit.startswith("CNY")

    @property
    def is_limit(self) -> bool:
        """An amount of which there may be none."""
        return self.is_amount and "band" not in self.shape and self.neutral == UNLIMITED

    @property
    def is_tops(self) -> bool:
        """The upper boundaries of a schedule's bands, of which the last is without limit."""
        return self.is_amount and "band" in self.shape and self.neutral == UNLIMITED

    @property
    def has_one_for_all(self) -> bool:
        """A plan file may state one value for all tiers, groups or classes."""
        return self.one_for_all or (self.unit == "CNY/person/year" and bool(self.shape))

    @property
    def is_ratio(self) -> bool:
        """In 1/10,000, stated in percent or percentage points."""
        return self.unit in ("%", "percentage point")
