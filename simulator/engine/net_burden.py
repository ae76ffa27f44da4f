"""What insurance costs its members in all: payments at the point of care, premiums and their part of family doctors' contract
fees, less what is paid back at the year's end.

Premiums are those of residents, less what medical assistance pays of them. Employees' contributions are left out: what they pay
themselves goes into their individual accounts, whose payments for care are counted. Secondary reimbursement goes to those whose
self-pay is above its threshold, so it is shared among the income quintiles as that excess is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.engine.measures import Measure, Sample, quintile_incomes, ratio
from simulator.fund.accounts import YearLedger
from simulator.fund.amounts import portion, rounded
from simulator.fund.terms import FundTerms, stack_terms
from simulator.kernel.sums import SECONDARY_BASE, Sums
from simulator.money import ONE
from simulator.parameters.catalogue import GROUPS, QUINTILES
from simulator.parameters.regions import Reader
from simulator.parameters.reuse import of_each
from simulator.tables import Paid


def net_burden_measures(sums: Sums, sample: Sample, ledger: YearLedger, terms: FundTerms | Sequence[FundTerms],
                        readers: Sequence[Reader], members: np.ndarray, premium_index: np.ndarray) -> list[Measure]:
    """The measures of a scheme's year in D worlds under P policies, whose `terms` and `readers` come in the policies' order;
    `members` int64[D, P], `premium_index` float64[D]."""
    persons = sample.sampled_persons[:, None]                                             # [D, 1, 5]
    quintile = sums.quintile.astype(np.float64)
    own = ratio((quintile[..., Paid.ACCOUNT] + quintile[..., Paid.CASH]) / 100, persons)
    stacked = stack_terms(terms)
    due = portion(rounded(stacked.premium * premium_index[:, None]), ONE + ledger.premium_step)
    asked = portion(due, stacked.collection_ratio)[..., None] / 100                       # [D, P, 1]
    help_by_group = of_each(readers, lambda region: region.value("assistance.premium_help", ledger.year).value)
    parts: dict[int, np.ndarray] = {}                                                     # most policies have them in common
    for by_group in help_by_group:
        if id(by_group) not in parts:
            part = np.array([float(by_group[group]) / 100 for group in GROUPS])
            parts[id(by_group)] = ratio((sample.groups * part).sum(axis=2), sample.sampled_persons)
    helped = np.stack([parts[id(by_group)] for by_group in help_by_group], axis=1)
    premium = asked * (1.0 - helped)
    excess = sums.person[..., SECONDARY_BASE].astype(np.float64)                          # [D, P, 5]
    refunded = ratio(ledger.secondary, members)[..., None] / 100
    weight = np.broadcast_to(ratio(persons, persons.sum(axis=2, keepdims=True)), own.shape)
    total = excess.sum(axis=2, keepdims=True)
    share = np.where(total > 0, ratio(excess, total), weight)                             # the sample may have nobody so ill
    doctors = ratio(ledger.gp_fees_patients, members)[..., None] / 100                    # the members' part of contract fees
    net = own + premium + doctors - refunded * ratio(share, weight)
    incomes = ratio(quintile_incomes(sample) / 100, persons)                              # yuan a head

    def mean(values: np.ndarray) -> np.ndarray:
        return (values * weight).sum(axis=2)

    rows = [Measure("premium_per_head", "", "CNY/person/year", mean(premium)),
            Measure("net_burden_per_head", "", "CNY/person/year", mean(net)),
            Measure("net_burden_share_of_income", "", "%", ratio(mean(net) * 100, mean(incomes)))]
    for q, name in enumerate(QUINTILES):
        rows.append(Measure("net_burden_per_head", f"quintile:{name}", "CNY/person/year", net[..., q]))
        rows.append(Measure("net_burden_share_of_income", f"quintile:{name}", "%",
                            ratio(net[..., q] * 100, np.broadcast_to(incomes[..., q], net.shape[:2]))))
    return rows
