"""What a year's funding is, head by head: who is funded, what is due, who pays it, and where it goes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.fund.accounts import SUBSIDIES
from simulator.fund.amounts import by_shares, portion, rounded
from simulator.fund.terms import FundTerms
from simulator.money import ONE

EVERY_MONTH, EVERY_QUARTER, IN_JANUARY = range(12), range(0, 12, 3), range(1)


class Stream(NamedTuple):
    """One head's funding of a year: what is due, int64 [D, P], in equal instalments in `months`, `lags` [1 or P] months late."""

    head: str
    pooled: np.ndarray             # to the pooled fund
    own: np.ndarray                # to the individual accounts
    months: range
    lags: np.ndarray


def funded_heads(terms: FundTerms, members: np.ndarray) -> np.ndarray:
    """Persons who are funded, int64 [D, P]: members less those found enrolled twice. `terms` stacked."""
    return portion(members, ONE - terms.duplicates)


def funding_due(terms: FundTerms, heads: np.ndarray, funding_index: np.ndarray, wage_index: np.ndarray, active_share: float,
                premium_step: np.ndarray | int = 0) -> dict[str, np.ndarray]:
    """What is due for the year by head, pooled or not: premium, subsidy, top_up, contributions, int64 [D, P].

    The draw's standard a head (central standard x funding_index [D]) and the draw's wage (x wage_index
    [D]) are rounded to the fen, then multiplied by heads [D, P], or active heads, in integers. The
    premium a head, and the contributions, rise by `premium_step` (1/10,000). `terms` stacked.
    """
    funding, wages = funding_index[:, None], wage_index[:, None]
    active = rounded(heads * active_share)
    payroll = active * rounded(terms.average_wage * wages)
    contributions = portion(portion(payroll, terms.contribution_base_ratio), terms.contribution_rate)
    due = {
        "premium": heads * portion(rounded(terms.premium * funding), ONE + premium_step),
        "subsidy": heads * rounded(terms.subsidy * funding),
        "top_up": heads * terms.local_top_up,
        "contributions": portion(contributions, ONE + premium_step),
    }
    return {head: portion(amount, terms.collection_ratio) for head, amount in due.items()}


def streams(due: dict[str, np.ndarray], terms: FundTerms) -> list[Stream]:
    """The year's funding by payer and date. The subsidy's parts by government add up to it; the county pays the top-up."""
    shares = list(np.moveaxis(np.asarray(terms.subsidy_shares), -1, 0))
    lags = list(np.moveaxis(np.asarray(terms.subsidy_lags), -1, 0))
    in_time = np.zeros_like(lags[0])
    pooled = {head: portion(amount, terms.pooled_share) for head, amount in due.items()}
    own = {head: amount - pooled[head] for head, amount in due.items()}
    by_government = zip(SUBSIDIES, by_shares(pooled["subsidy"], shares), by_shares(own["subsidy"], shares), lags, strict=True)
    return [
        Stream("premium", pooled["premium"], own["premium"], IN_JANUARY, in_time),
        *(Stream(head, to_fund, to_people, EVERY_QUARTER, lag) for head, to_fund, to_people, lag in by_government),
        Stream("top_up", pooled["top_up"], own["top_up"], EVERY_QUARTER, lags[-1]),
        Stream("contributions", pooled["contributions"], own["contributions"], EVERY_MONTH, in_time),
    ]


def opening_balances(terms: FundTerms, members: np.ndarray, monthly_claims: np.ndarray | int = 0) -> dict[str, np.ndarray]:
    """Opening balances [D, P] of a fund that did not begin today, from stacked terms and `members` [D, P].

    `pooled` and `individual` are the balances a member; the heads of SUBSIDIES the quarters of
    subsidy of the year before that are still under way, at the standards of `terms` (the county's
    with its top-up); `payable` the claims of the last `claim_lag` months at `monthly_claims` fen (0:
    the balance stands after paying them).
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
