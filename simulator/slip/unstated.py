"""Bills for which a plan file states no ratio, though it states that ratio for others: refused, not paid nothing."""

from __future__ import annotations

import numpy as np

from simulator import plan as t
from simulator.parameters.catalogue import CLASSES, TIERS
from simulator.parameters.claims_terms import ClaimsTerms
from simulator.parameters.errors import one_of
from simulator.parameters.stated import RATIO_KEYS
from simulator.tables import OUTPATIENT_VISIT, Fact


def unstated_of(claims: ClaimsTerms, terms: np.ndarray, of_bill: np.ndarray,
                bills: np.ndarray) -> dict[int, tuple[str, str, str]]:
    """Which of the bills int64[n, FACTS] have no ratio: row -> column at fault, its value, what is expected.

    `terms` int64[rows, PLAN_WIDTH], `of_bill` int64[n]: whose row of terms each bill has. A listed illness needs none.
    """
    if not claims.unstated or not len(bills):
        return {}
    none = np.zeros((claims.rows, len(RATIO_KEYS), t.N_CHRONIC + 1, t.N_TIERS, t.N_CLASSES), dtype=bool)
    none[tuple(np.array(sorted(claims.unstated)).T)] = True
    kind, tier, member = bills[:, Fact.KIND], bills[:, Fact.TIER], bills[:, Fact.MEMBER_CLASS]
    of_list = (kind == OUTPATIENT_VISIT) & (bills[:, Fact.CHRONIC] > 0) & (terms[of_bill, t.CHRONIC_LIST] == 1)
    which = np.where(of_list, 2, np.where(kind == OUTPATIENT_VISIT, 1, 0))
    group = np.where(of_list, bills[:, Fact.CHRONIC], 0)
    membership = np.where(bills[:, Fact.ILLNESS] >= 0, terms[of_bill, t.LISTED + np.maximum(bills[:, Fact.ILLNESS], 0)], 0)
    in_pilot = bills[:, Fact.PILOT_RANK] < terms[of_bill, t.PILOT_COUNTIES]
    listed = (membership == t.FULL) | ((membership == t.PILOT) & in_pilot)
    found = {}
    for n in np.flatnonzero(none[of_bill, which, group, tier, member] & ~listed).tolist():
        key, row = RATIO_KEYS[which[n]], of_bill[n]
        of_tier = ~none[row, which[n], group[n], tier[n]]
        if none[row, which[n], group[n]].all():
            called = {at: name for at, name in enumerate(claims.chronic_groups, start=1)}
            column, value = "chronic", called.get(group[n], str(group[n]))
            known = [called.get(at, str(at)) for at in range(1, t.N_CHRONIC + 1) if not none[row, which[n], at].all()]
        elif of_tier.any():
            column, value = "member_class", CLASSES[member[n]]
            known = [name for name, there in zip(CLASSES, of_tier, strict=True) if there]
        else:
            names = {(local.row, local.care): local.name for local in claims.tiers}
            column, value = "tier", names.get((int(row), int(tier[n])), TIERS[tier[n]])
            known = [names.get((at, care), name) for at in range(claims.rows) for care, name in enumerate(TIERS)
                     if (at, care) in names or not claims.tiers if not none[at, which[n], group[n], care].all()]
        found[n] = column, value, f"what `{key}` of the plan states: {one_of(known)}; a plan says 0 where nothing is paid"
    return found
