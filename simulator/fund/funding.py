"""A year's funding by head (premium, subsidy, top-up, contributions): who is funded, what is due, who pays and who receives."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.fund.accounts import SUBSIDIES
from simulator.fund.amounts import by_shares, portion, rounded
from simulator.fund.terms import FundTerms
from simulator.money import ONE
from simulator.tables import FundEconomy

ENTRY = "entry"                  # head of what is paid once for retirees of state enterprises who enter
EVERY_MONTH, EVERY_QUARTER, IN_JANUARY = range(12), range(0, 12, 3), range(1)


class Stream(NamedTuple):
    """What one head of funding brings in a year, int64 [D, C]: it falls due in equal instalments."""

    head: str
    pooled: np.ndarray             # to the pooled fund
    individual: np.ndarray         # to the individual accounts
    months: range                  # in which the instalments fall due
    lags: np.ndarray               # [1 or C] months by which they are received late


def funded_heads(terms: FundTerms, members: np.ndarray) -> np.ndarray:
    """The persons who are funded, int64 [D, C]: members less those found to be enrolled twice. `terms` are stacked."""
    return portion(members, ONE - terms.duplicates)


def funding_due(terms: FundTerms, heads: np.ndarray, economy: FundEconomy, active_share: np.ndarray | float,
                premium_step: np.ndarray | int = 0) -> dict[str, np.ndarray]:
    """What is due for the year by head, to pooled fund and individual accounts together, int64 [D, C].

    The draw's premium and subsidy a person, and its wage (the central amounts x those of `economy`, [D]), are rounded to the fen,
    then multiplied in integers by the funded persons `heads` [D, C], or by the active ones (a share of them all, float64 [D] or
    one for all draws). The premium a person and the contributions rise by `premium_step` (1/10,000). Those who entered from state
    enterprises contribute on a base of their own, if employed; for the retired among those who enter in the year a sum is paid
    once, all of it pooled. `terms` are stacked.
    """
    of_premium, of_subsidy, wages = (index[:, None] for index in economy)
    contributions = np.zeros_like(heads)
    if np.any(terms.contribution_rate):
        entered = portion(heads, terms.entrant_share)
        active = rounded((heads - entered) * np.reshape(active_share, (-1, 1)))
        wage = rounded(terms.average_wage * wages)
        employed = (entered - portion(entered, terms.entrant_retired)) * wage
        contributions = portion(portion(active * wage, terms.contribution_base_ratio), terms.contribution_rate) + portion(
            portion(employed, terms.entrant_base_ratio), terms.contribution_rate)
    entering = portion(portion(heads, terms.entering_share), terms.entrant_retired)
    due = {
        "premium": heads * portion(rounded(terms.premium * of_premium), ONE + premium_step),
        "subsidy": heads * rounded(terms.subsidy * of_subsidy),
        "top_up": heads * terms.local_top_up,
        "contributions": portion(contributions, ONE + premium_step),
    }
    return {head: portion(amount, terms.collection_ratio) for head, amount in due.items()} | {
        ENTRY: entering * terms.entry_payment}


def pooled_parts(due: dict[str, np.ndarray], terms: FundTerms) -> dict[str, np.ndarray]:
    """The pooled fund's part of what is due, by head; the rest is the individual accounts'."""
    return {head: amount if head == ENTRY else portion(amount, terms.pooled_share) for head, amount in due.items()}


def streams(due: dict[str, np.ndarray], terms: FundTerms) -> list[Stream]:
    """The year's funding by payer and date. The governments' parts add up to the subsidy; the county pays the top-up."""
    shares = list(np.moveaxis(np.asarray(terms.subsidy_shares), -1, 0))
    lags = list(np.moveaxis(np.asarray(terms.subsidy_lags), -1, 0))
    in_time = np.zeros_like(lags[0])
    pooled = pooled_parts(due, terms)
    individual = {head: amount - pooled[head] for head, amount in due.items()}
    by_government = zip(SUBSIDIES, by_shares(pooled["subsidy"], shares), by_shares(individual["subsidy"], shares), lags,
                        strict=True)
    return [
        Stream("premium", pooled["premium"], individual["premium"], IN_JANUARY, in_time),
        *(Stream(head, to_fund, to_accounts, EVERY_QUARTER, lag) for head, to_fund, to_accounts, lag in by_government),
        Stream("top_up", pooled["top_up"], individual["top_up"], EVERY_QUARTER, lags[-1]),
        Stream("contributions", pooled["contributions"], individual["contributions"], EVERY_MONTH, in_time),
        Stream(ENTRY, pooled[ENTRY], individual[ENTRY], IN_JANUARY, in_time),
    ]


def opening_balances(terms: FundTerms, members: np.ndarray, monthly_claims: np.ndarray | int = 0) -> dict[str, np.ndarray]:
    """The opening balances [D, C] of a fund already in operation, from stacked terms and `members` [D, C].

    `pooled` and `individual` are members x the balance a member. The heads of SUBSIDIES are the quarters of last year's subsidy
    still in transit, at the amounts of `terms` (the county's with its top-up). `payable` is the claims of the last `claim_lag`
    months at `monthly_claims` fen (0 where the stated balance is the one after paying them).
    """
    heads = funded_heads(terms, members)
    shares = list(np.moveaxis(np.asarray(terms.subsidy_shares), -1, 0))
    lags = np.moveaxis(np.asarray(terms.subsidy_lags), -1, 0)
    year = {"subsidy": portion(heads * terms.subsidy, terms.collection_ratio),
            "top_up": portion(heads * terms.local_top_up, terms.collection_ratio)}
    pooled = {head: portion(amount, terms.pooled_share) for head, amount in year.items()}
    parts = by_shares(pooled["subsidy"], shares)
    parts[-1] = parts[-1] + pooled["top_up"]
    late = [sum(np.asarray(quarter + lag >= 12, dtype=np.int64) for quarter in EVERY_QUARTER) for lag in lags]
    return {"pooled": members * terms.opening_balance, "individual": members * terms.account_opening,
            "payable": terms.claim_lag * np.asarray(monthly_claims, dtype=np.int64),
            **{head: portion(part, count, 4) for head, part, count in zip(SUBSIDIES, parts, late, strict=True)}}
