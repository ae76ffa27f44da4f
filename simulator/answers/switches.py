"""A switch: settings of a rule among which a page's reader chooses, as they are stated or one of a list, `PATH=none|factor`.

No polynomial leads from one to another, so each combination of switches is a state with an emulator of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from simulator.parameters.change import read_change
from simulator.parameters.errors import InputError
from simulator.parameters.idle import silent
from simulator.parameters.regions import Regions
from simulator.parameters.values import text_of
from simulator.scenario import BASELINE, Policy, Scenario, of_people

SIGN = "|"                       # between the alternatives of a switch
MOST_STATES = 4


class Switch(NamedTuple):
    """A parameter, and the values that it may have besides the one it has."""

    path: str
    options: tuple[object, ...]


def is_switch(text: str) -> bool:
    """Whether a text is that of a switch: a list, or one setting that is no range."""
    return SIGN in text or ":" not in text.partition("=")[2]


def read_switch(text: str, scenario: Scenario, regions: Regions) -> Switch:
    """One switch, as it is written on the command line. InputError for a value that the parameter cannot take, or that does
    nothing in the scenario."""
    path, _, listed = text.partition("=")
    changes = [read_change(f"{path}={option}", "--vary") for option in listed.split(SIGN)]
    path = changes[0][0]
    if of_people(path):
        raise InputError("--vary: a policy cannot change the people or their illnesses:", value=path,
                         expected="a rule, a payment, or the fund's own terms")
    options = tuple(data for _, data in changes)
    written = [text_of(data) for data in options]
    if len(set(written)) < len(written):
        raise InputError("--vary: a setting stands twice:", value=text, expected="each once")
    policies = tuple(Policy(f"option-{n}", {path: data}) for n, data in enumerate(options, 1))
    region = scenario.changed(regions[scenario.regions[0]])
    for policy in policies:
        scenario.under(region, policy.changes, "--vary")
    for place, fault in silent(scenario.but(policies=(Policy(BASELINE), *policies)), regions):
        if place[0] == "policies":
            setting = options[int(str(place[1]).rpartition("-")[2]) - 1]
            raise InputError(f"--vary: {path} does nothing here:", value=text_of(setting),
                             expected="a setting that is not in force already", next_step=fault.next_step)
    return Switch(path, options)


def states_of(switches: Sequence[Switch]) -> list[dict[str, object]]:
    """The changes of every state: all switches as stated first, the last switch moving fastest. InputError for too many."""
    chosen = list(product(*(range(len(switch.options) + 1) for switch in switches)))
    if len(chosen) > MOST_STATES:
        raise InputError("--vary: too many combinations of settings:", value=len(chosen), expected=f"at most {MOST_STATES}")
    return [{switch.path: switch.options[at - 1] for switch, at in zip(switches, state, strict=True) if at} for state in chosen]
