"""What a workbook takes from a run: its funds, and what was booked in each of them by draw and year, in fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.parameters.errors import InputError
from simulator.report.select import Selection, Side
from simulator.results import BOOKED
from simulator.words import policy_name, region_name, short_scheme

# In the order of the calculation. Whatever is zero in every draw and year is left out, except ALWAYS.
REVENUES = ("premium", "contributions", "subsidy_central", "subsidy_provincial", "subsidy_county", "top_up", "entry", "interest",
            "deficit_top_up")
OTHER_RECEIPTS = ("cii_clawback", "reserve_used", "adjustment_received")         # that are no revenue
EXPENSES = ("provider_settlement", "gp_fees", "cii_premium", "cii_loss_borne", "secondary")      # beside claims
OTHER_PAYMENTS = ("reserve_transfer", "adjustment_paid")                         # that are no expenditure
BOOKED_RESULTS = ("opening", "closing", "accrued_closing")
ALWAYS = ("interest", "claims_paid", "claims_incurred", "receivable", "payable", *BOOKED_RESULTS)
LEDGER_ITEMS = (*REVENUES, *OTHER_RECEIPTS, "claims_paid", *EXPENSES, *OTHER_PAYMENTS, "claims_incurred", "receivable", "payable",
                *BOOKED_RESULTS)
MOST_LEDGER_CELLS = 400_000    # of all funds together; of more draws the first are listed
FEWEST_LISTED = 20


@dataclass(frozen=True)
class FundLedger:
    """One fund's ledger.

    `means` float64[years] and `draws` float64[draws, years] are in fen by item, `initial` and `initial_mean` what stood on the
    day before the first year: `closing` (the bank balance) and `payable`. `draws` has the draws that the workbook lists, `all`
    how many the run has.
    """

    side: Side
    scheme: str
    means: dict[str, np.ndarray]
    draws: dict[str, np.ndarray]
    initial: dict[str, np.ndarray]
    initial_mean: dict[str, float]

    def name(self, lang: str) -> str:
        """The fund in words: scheme, region and policy."""
        scheme, region = short_scheme(self.scheme, lang), region_name(self.side.region, lang)
        return f"{region} {scheme}, {policy_name(self.side.policy, lang)}" if lang == "en" else (
            f"{region}{scheme}（{policy_name(self.side.policy, lang)}）")

    @property
    def items(self) -> list[str]:
        return list(self.draws)


def ledgers(selection: Selection) -> list[FundLedger]:
    """The ledgers of all funds of a run, schemes first. InputError where the run does not hold what was booked."""
    paths = selection.run.paths
    if not set(BOOKED) <= set(paths):
        raise InputError("the run holds no ledgers, which a workbook is made of:", value=str(selection.run.folder),
                         expected="a run of this version", next_step="run its scenario anew")
    funds = {}
    for (region, scheme, policy), rows in paths.groupby(["region", "scheme", "policy"], sort=False):
        rows = rows.sort_values(["draw", "year"])
        funds[region, scheme, policy] = {
            name: np.rint(rows[name].to_numpy(np.float64).reshape(-1, len(selection.years)) * 100) + 0.0 for name in LEDGER_ITEMS}
    ordered = [(side, scheme) for scheme in selection.schemes for side in selection.sides
               if (side.region, scheme, side.policy) in funds]
    kept = {key: _kept(items) for key, items in funds.items()}
    cells = sum(map(len, kept.values())) * len(selection.years)
    listed = max(MOST_LEDGER_CELLS // max(cells, 1), FEWEST_LISTED)
    return [_of(side, scheme, kept[side.region, scheme, side.policy], listed) for side, scheme in ordered]


def _kept(items: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: values for name, values in items.items() if name in ALWAYS or values.any()}


def _of(side: Side, scheme: str, items: dict[str, np.ndarray], listed: int) -> FundLedger:
    initial = {"closing": items["opening"][:, 0],
               "payable": items["payable"][:, 0] - items["claims_incurred"][:, 0] + items["claims_paid"][:, 0]}
    return FundLedger(side, scheme, {name: values.mean(axis=0) for name, values in items.items()},
                      {name: values[:listed] for name, values in items.items()},
                      {name: values[:listed] for name, values in initial.items()},
                      {name: float(values.mean()) for name, values in initial.items()})


def present(fund: FundLedger, items: Sequence[str]) -> list[str]:
    """Those of some items that the fund has."""
    return [name for name in items if name in fund.draws]
