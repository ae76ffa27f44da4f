"""What a scenario's policies read: the region under each one's changes, with what has been worked out of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from simulator.parameters.regions import Reader, Region
from simulator.scenario import Policy, Scenario


def policy_reader(region: Region, policy: Policy, label: str, since: int | None = None) -> Reader:
    """The region under a policy's changes, which hold from the year `since` on, with a record of what is read from it."""
    return Reader(region.with_changes(policy.changes, f"{label}: {policy.name}", since) if policy.changes else region)


class Readers(list[Reader]):
    """The readers of a scenario's policies, with what has been worked out of them. `unchanged` is the region as its files state
    it, `region` with the changes that hold for every policy. `whole`: whether each is asked what it has read."""

    def __init__(self, unchanged: Region, scenario: Scenario, whole: bool = True) -> None:
        region = scenario.changed(unchanged)
        super().__init__(policy_reader(region, policy, scenario.name, scenario.year) for policy in scenario.policies)
        self.unchanged, self.region, self.whole, self.known = unchanged, region, whole, dict[tuple, Any]()

    def once(self, key: tuple, work: Callable[[], Any]) -> Any:
        """What `work` gives, worked out the first time it is asked for."""
        if key not in self.known:
            self.known[key] = work()
        return self.known[key]


def readers_of(region: Region, scenario: Scenario, keep: bool) -> Readers:
    """The readers of a scenario's policies. If `keep`, those of the latest scenarios are taken again, with what they have read:
    the blocks of worlds of a batch have them in common."""
    if not keep:
        return Readers(region, scenario)
    key = f"{scenario.name} {scenario.year}", repr(scenario.changes), repr(scenario.policies)
    with _keeping:
        known = [one for one in _kept if one[0] is region and one[1] == key]
    found = known[0][2] if known else Readers(region, scenario, whole=False)
    with _keeping:
        _kept[:] = [(region, key, found), *(one for one in _kept if one[2] is not found)][:SCENARIOS_KEPT]
    return found


SCENARIOS_KEPT = 2                       # scenarios whose readers are kept, one for each thread of a batch
_kept: list[tuple[Region, tuple[str, str, str], Readers]] = []
_keeping = threading.Lock()
