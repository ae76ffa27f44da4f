"""The ledger of whole policies from those of their units: what is simulated of a region.

Amounts add up, measures are taken of the sums, and a flag of a unit becomes the share of the members whose unit has it. With one
unit a policy's ledger is that unit's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from simulator.fund import control
from simulator.fund.accounts import YearLedger
from simulator.fund.columns import Columns

MEANS = ("factor", "premium_step", "rung", "secondary_threshold", "cii_rate", "supplement_rate", "pressure_inpatient",
         "pressure_outpatient")       # of units, weighted by their members


def of_policies(ledger: YearLedger, columns: Columns, secondary_base: np.ndarray) -> YearLedger:
    """The ledger of policies [D, P] from that of units [D, C], whose persons have `secondary_base` fen [D, C] above the threshold
    of secondary reimbursement. LedgerError if an identity fails."""
    found: dict[str, Any] = {}
    for name, values in ledger.columns().items():
        if name in MEANS:
            found[name] = columns.mean(values, ledger.heads)
        elif values.dtype == np.int64:
            found[name] = columns.total(values)
        elif values.dtype == bool:
            found[name] = columns.share(values, ledger.heads)
    whole = replace(ledger, **found)
    if not columns.whole:
        regular = whole.revenue - whole.deficit_top_up
        whole = replace(whole, surplus_rate=control.surplus_rate(whole.surplus, regular),
                        months_held=control.months_held(whole.accrued_closing, whole.expenditure),
                        share_of_funding=control.share_of_funding(whole.accrued_closing, whole.funding),
                        rho=columns.share(ledger.rho, secondary_base))
        whole.check()
    return whole
