"""A policy as a scenario file that `fundsim run` takes. JSON is YAML of one kind, and every line is a key with its value."""

from __future__ import annotations

import json
from collections.abc import Mapping

from simulator.scenario import Scenario


def scenario_lines(scenario: Scenario, name: str, draws: int) -> list[str]:
    """The lines of a scenario under a name: all but its policies, and the positions that its worlds are given, which no file has.
    """
    stated = {
        "name": name, "regions": list(scenario.regions), "year": scenario.year, "schemes": list(scenario.schemes),
        "horizon": scenario.horizon, "draws": draws, "people": scenario.people or "all", "replicas": scenario.replicas,
        "seed": scenario.seed, "outpatient_share": "/".join(map(str, scenario.outpatient_share)), "response": scenario.response,
        "systematic": scenario.systematic, "demand": scenario.demand, "changes": scenario.changes}
    lines = [stated_line(key, value) for key, value in stated.items() if key != "changes" or value]
    if scenario.given:
        lines.insert(0, f"# {len(scenario.given)} uncertain values of its worlds are given (--settings): no file states them")
    return lines


def policy_line(name: str, changes: Mapping[str, object]) -> str:
    """The line of the one policy."""
    return stated_line("policies", {name: {"changes": dict(changes)}})


def stated_line(key: str, value: object) -> str:
    return f"{key}: {json.dumps(value, ensure_ascii=False)}"
