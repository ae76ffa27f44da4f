"""The accounts of a scheme on 1 January of the first year, as its fund's calendar opens them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simulator.engine.enrolment import GroupYear
from simulator.engine.flows import nearest
from simulator.fund.calendar import Calendar, opening_accounts
from simulator.fund.terms import fund_terms_of, stack_terms
from simulator.fund.units import UnitsYear
from simulator.parameters.regions import Reader
from simulator.scenario import Scenario

OPEN_WITH = {"pooled": "funding", "individual": "account"}         # topics whose opening balances the accounts have


def open_calendar(scenario: Scenario, group_years: Sequence[GroupYear], readers: Sequence[Reader], units: UnitsYear) -> Calendar:
    """The calendar of a scheme's funds with their opening accounts: those of the groups' own schemes together, and of each
    pooling unit by its members, or where it is stated by what each has of the balances.

    A policy begins with the first year. So receipts and payments that are under way before it follow the baseline's terms under
    every policy; only the opening balances are each policy's own. `group_years` are of the first year.
    """
    columns, draws = units.columns, len(group_years[0].members)
    opening: dict[str, np.ndarray] = {}
    for group_year in group_years:
        terms = fund_terms_of(readers, group_year.group.people.scheme, scenario.year, scenario.year)
        terms = [replace(terms[0], opening_balance=t.opening_balance, account_opening=t.account_opening) for t in terms]
        members = columns.divide(np.broadcast_to(group_year.members[:, None], (draws, len(readers))), units.members)
        own = opening_accounts(units.terms(stack_terms(terms)), members)
        for name, topic in OPEN_WITH.items():
            setting = group_year.group.settings.times(f"{topic}.{group_year.group.people.scheme}.opening_balance", scenario.year)
            own[name] = nearest(own[name] * setting[:, None]) if (setting != 1.0).any() else own[name]
        for name, amount in own.items():
            opening[name] = opening.get(name, 0) + amount
    opening |= {name: units.opened(opening[name]) for name in ("pooled", "individual")}
    return Calendar(scenario.year, (draws, columns.count), opening, response=scenario.response, columns=columns)
