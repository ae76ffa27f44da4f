"""What policies have in common: those whose people had the same care and were paid the same in all worlds have the same figures
of it, which are worked out once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple

import numpy as np

from simulator.kernel.sums import Sums


class InCommon(NamedTuple):
    """P policies, of K kinds that have something in common."""

    first: np.ndarray              # int64[K]: the first policy of each kind
    of_policy: np.ndarray          # int64[P]: which kind a policy is of

    @classmethod
    def by(cls, keys: Iterable[Hashable]) -> InCommon:
        """Policies with equal keys are of one kind; there is a key for each."""
        known: dict[Hashable, int] = {}
        of_policy = np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)
        return cls(np.unique(of_policy, return_index=True)[1], of_policy)

    def and_by(self, keys: Iterable[Hashable]) -> InCommon:
        """Policies of one kind that have equal keys, too."""
        return InCommon.by(zip(self.of_policy.tolist(), keys, strict=True))

    @property
    def nothing(self) -> bool:
        """Whether each policy is of a kind of its own."""
        return len(self.first) == len(self.of_policy)

    def once(self, values: np.ndarray) -> np.ndarray:
        """What each policy has, [D, P, ...], once for each kind: [D, K, ...]."""
        return values if self.nothing else values[:, self.first]

    def sums(self, sums: Sums) -> Sums:
        """Sums of the policies [D, P, ...] once for each kind, with the histogram as it is."""
        return Sums._make([*(self.once(array) for array in sums[:-1]), sums.histogram])

    def each(self, values: np.ndarray) -> np.ndarray:
        """What each kind has, [D, K, ...], for every policy: [D, P, ...]."""
        return values if self.nothing else values[:, self.of_policy]
