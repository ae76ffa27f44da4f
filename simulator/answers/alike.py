"""Claims are settled once for all policies under which they are settled alike.

Mixtures that differ only in what the fund does with its money (subsidies, limits, control) have the same terms and the same care
in most years, so their claims, which take nearly all of the time, are the same.
"""

from __future__ import annotations

import numpy as np

from simulator.care.paths import Economy
from simulator.kernel.sums import Sums
from simulator.run.enrolment import GroupYear
from simulator.run.settle_year import PolicyYear, settle_year
from simulator.run.workers import Workers


def settle_alike(group_year: GroupYear, policies: PolicyYear, economy: Economy, workers: Workers) -> tuple[Sums, np.ndarray]:
    """`settle_year`, with policies whose terms and care are equal in all draws settled once."""
    known: dict[tuple[bytes, ...], int] = {}
    of = [known.setdefault((policies.terms[:, p].tobytes(), *(array.tobytes() for array in variant)), len(known))
          for p, variant in enumerate(policies.variants)]
    first = [of.index(number) for number in range(len(known))]
    settled = PolicyYear(policies.terms[:, first], [policies.variants[p] for p in first], policies.rate_cap)
    sums, expected = settle_year(group_year, settled, economy, workers)
    return Sums(*(array[:, of] for array in sums)), expected[:, of]
