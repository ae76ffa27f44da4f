"""The measures that a run keeps of every world, from the fund's paths in yuan, as `engine.fund_measures` defines them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from simulator.engine.measures import ratio
from simulator.results import BORNE, EVENTS, PATHS

IN_YUAN = {"revenue": "revenue", "expenditure": "expenditure", "surplus": "surplus", "accrued_closing": "balance",
           "closing": "bank_balance", "funding": "funding", "claims_incurred": "claims", "secondary": "secondary_reimbursement",
           "reserve": "risk_reserve", "deficit_top_up": "deficit_top_up"}        # column of the paths -> measure, in 1e8 yuan


def by_world(paths: pd.DataFrame, region: str, scheme: str, policy: str, years: range) -> dict[str, np.ndarray]:
    """The measures of one fund that its run keeps by world, float64[D, Y] over the run's years; the worlds in their order."""
    rows = paths[(paths["region"] == region) & (paths["scheme"] == scheme) & (paths["policy"] == policy)]
    rows = rows.sort_values(["draw", "year"], kind="stable")
    column = {name: rows[name].to_numpy(dtype=np.float64).reshape(-1, len(years))
              for name in ("members", *PATHS, *EVENTS, *(name for name in BORNE if name in rows))}
    return {name: column[name] for name in (*BORNE, *EVENTS) if name in column} | measures_of(column)


def measures_of(column: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The measures of the fund's paths in yuan, float64[D, Y] each."""
    heads, balance = column["members"], column["accrued_closing"]
    revenue, expenditure, funding = column["revenue"], column["expenditure"], column["funding"]
    return {**{measure: column[name] / 1e8 for name, measure in IN_YUAN.items()}, "members": heads / 1e4,
            "balance_per_head": ratio(balance, heads), "revenue_per_head": ratio(revenue, heads),
            "funding_per_head": ratio(funding, heads), "expenditure_per_head": ratio(expenditure, heads),
            "expenditure_over_revenue": 100 * ratio(expenditure, revenue), "months_held": 12 * ratio(balance, expenditure),
            "share_of_funding": 100 * ratio(balance, funding),
            "surplus_rate": 100 * ratio(column["surplus"], revenue - column["deficit_top_up"])}
