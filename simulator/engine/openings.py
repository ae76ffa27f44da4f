"""The accounts of a scheme on 1 January of the first year, as its fund's calendar opens them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simulator.engine.enrolment import GroupYear
from simulator.fund.calendar import Calendar, opening_accounts
from simulator.fund.pooling import Counties
from simulator.fund.terms import fund_terms_of
from simulator.parameters.regions import Reader
from simulator.scenario import Scenario


def open_calendar(scenario: Scenario, group_years: Sequence[GroupYear], readers: Sequence[Reader]) -> Calendar:
    """The calendar of a scheme's fund with its opening accounts: those of the groups' own schemes together.

    A policy begins with the first year. So receipts and payments that are under way before it follow the baseline's terms under
    every policy; only the opening balances are each policy's own. `group_years` are of the first year.
    """
    first = group_years[0].group
    shape = len(first.worlds), len(readers)
    opening: dict[str, np.ndarray] = {}
    for group_year in group_years:
        terms = fund_terms_of(readers, group_year.group.people.scheme, scenario.year, scenario.year)
        terms = [replace(terms[0], opening_balance=t.opening_balance, account_opening=t.account_opening) for t in terms]
        for name, amount in opening_accounts(terms, np.broadcast_to(group_year.members[:, None], shape)).items():
            opening[name] = opening.get(name, 0) + amount
    roster = first.people.roster
    return Calendar(scenario.year, shape, opening, response=scenario.response,
                    counties=Counties(scenario.seed, roster.people_id, roster.counties, tuple(first.worlds.tolist())))
