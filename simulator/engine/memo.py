"""Memo figures of a scheme's year: who pays the bills, what patients advance, and what governments pay beside the funds.

They stand outside the fund's accounts; each is a share or an amount of the simulated care.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.care.reforms import bed_path, markup_saving
from simulator.engine.demand import Advance, advance_of
from simulator.engine.in_common import InCommon
from simulator.engine.measures import Measure, Sample, ratio
from simulator.fund.accounts import YearLedger
from simulator.kernel.sums import Sums
from simulator.parameters.catalogue import MERGED, ORIGINS, QUINTILES
from simulator.parameters.merged import APART, rule_book
from simulator.parameters.regions import Reader
from simulator.parameters.reuse import of_each
from simulator.parameters.values import Read
from simulator.tables import PAYERS, Paid, Summed


def quality_measures(readers: Sequence[Reader], ledger: YearLedger) -> list[Measure]:
    """What the pressure on hospitals does to quality: readmissions more, a memo that moves nothing else."""
    def response(region: Reader) -> float:
        stated = region.value(f"payment.{ledger.scheme}.quality_response", ledger.year, required=False)
        return 0.0 if stated is None else float(stated.value)

    return [Measure("quality_loss", "", "%", ledger.pressure_inpatient / 100.0 * np.array(of_each(readers, response)))]


def memo_measures(readers: Sequence[Reader], scheme: str, year: int, first_year: int, sums: Sums, members: np.ndarray,
                  sample: Sample, common: InCommon | None = None) -> list[Measure]:
    """The memo figures. Fields of `sums` are [D, P, ...], `members` is int64[D, P], and there is a reader for each policy. What
    policies have in `common` of the sums is worked out once for those that have the same terms of memo figures."""
    every = of_each(readers, lambda region: _memo_terms(region.value, scheme, year, first_year))
    shares = of_each(readers, lambda region: _chronic_share(region.value, scheme, year, first_year))
    common = (common or InCommon.by(range(len(readers)))).and_by(zip(map(id, every), shares, strict=True))
    sums, chronic, memo = common.sums(sums), np.array(shares)[common.first], [every[first] for first in common.first]
    kind = sums.month.sum(axis=3).astype(np.float64)                      # [D, P, kind, column]
    weight, persons = sample.visit_weight[:, None, None], sample.persons[:, None]
    whole = kind[:, :, 0] + kind[:, :, 1] + kind[:, :, 2] * weight
    rows = [Measure("payer_share", f"payer:{name}", "%", ratio(whole[..., payer] * 100, whole[..., Summed.BILLED]))
            for payer, name in enumerate(PAYERS)]
    episodes = kind[:, :, 0, Summed.BILLS] + kind[:, :, 1, Summed.BILLS] + kind[:, :, 2,
                                                                                Summed.BILLS] * weight[..., 0] * chronic
    rows.append(Measure("pooled_episodes_per_100", "", "1/100/year", ratio(episodes * 100, persons)))
    rows.append(Measure("in_scope_share", "", "%", ratio(whole[..., Summed.ELIGIBLE] * 100, whole[..., Summed.BILLED])))
    tier = sums.tier.astype(np.float64)
    tier = tier[:, :, 0] + tier[:, :, 1] + tier[:, :, 2] * weight[..., None]          # [D, P, tier, column]
    per_head_health, beds, holders, premium = (np.array([getattr(terms, name) for terms in every])
                                               for name in MemoTerms._fields[3:])
    markup = np.array([terms.markup for terms in memo])                               # [P, T]
    amount = sum(tier[:, :, t, Summed.BILLED] * markup[:, t] for t in range(markup.shape[1]))
    compensation = common.each(ratio(amount, persons)) * members / 1e10
    health = per_head_health * members / 1e8
    commercial = holders * members * premium / 1e8
    rows += advance_measures(sums, sample, memo)
    return [*(row._replace(values=common.each(row.values)) for row in rows),
            Measure("government_compensation", "", "1e8 CNY", compensation),
            Measure("public_health_funding", "", "1e8 CNY", health),
            Measure("commercial_premiums", "", "1e8 CNY", commercial),
            Measure("beds_per_1000", "", "1/1000", np.broadcast_to(beds, members.shape).copy())]


def advance_measures(sums: Sums, sample: Sample, memo: Sequence[MemoTerms]) -> list[Measure]:
    """What patients advance at the counter and get back later, a head and by income quintile.

    Of inpatient bills that are settled later it is what basic insurance and lists pay; of others what a deposit takes beyond the
    patient's own part, tier by tier; and what later layers pay that are not settled together with insurance. Quintiles share what
    tiers have together as they share those payments, for tiers are not told apart by quintile.
    """
    tier = (sums.tier[:, :, 0] + sums.tier[:, :, 1]).astype(np.float64)                     # [D, P, tier, column]
    later, deposit = (np.array([getattr(terms.advance, name) for terms in memo]) for name in ("later", "deposit"))    # [P, T]
    fund = tier[..., Summed.ENTITLED] + tier[..., Paid.LISTED]
    own = tier[..., Paid.ACCOUNT] + tier[..., Paid.CASH]
    bills = (fund * later + (1.0 - later) * np.maximum(tier[..., Summed.BILLED] * deposit - own, 0.0)).sum(axis=2)    # [D, P]
    layers = np.array([[payer in terms.layers for payer in range(len(PAYERS))] for terms in memo])                    # [P, payer]
    month = sums.month.sum(axis=3).astype(np.float64)
    weight = sample.visit_weight[:, None, None]
    paid = month[:, :, 0] + month[:, :, 1] + month[:, :, 2] * weight
    beside = (paid[..., :len(PAYERS)] * layers).sum(axis=2)
    quintile = sums.quintile.astype(np.float64)                                              # [D, P, 5, column]
    part = quintile[..., Paid.BASIC] + quintile[..., Paid.LISTED]
    share = ratio(part, np.broadcast_to(part.sum(axis=2, keepdims=True), part.shape))
    beside_of = (quintile[..., :len(PAYERS)] * layers[:, None]).sum(axis=3)
    persons, of_quintile = sample.persons[:, None], sample.sampled_persons[:, None]          # [D, 1], [D, 1, 5]
    whole = ratio(bills, persons) + ratio(beside, persons)
    sampled = of_quintile.sum(axis=2)
    by_quintile = ratio(ratio(bills, persons)[..., None] * sampled[..., None] * share + beside_of, of_quintile)
    return [Measure("prepaid_by_patients", "", "CNY/person/year", whole / 100),
            *(Measure("prepaid_by_patients", f"quintile:{name}", "CNY/person/year", by_quintile[..., q] / 100)
              for q, name in enumerate(QUINTILES))]


class MemoTerms(NamedTuple):
    """What one policy's memo figures are worked out by."""

    markup: np.ndarray             # float64[T]: what governments make up of a bill
    advance: Advance               # what patients advance of inpatient bills
    layers: tuple[int, ...]        # payers whose payments they advance
    public_health: float           # yuan a head
    beds: float                    # per 1,000
    holders: float                 # the share of members with commercial cover
    premium: float                 # what it costs them, yuan


def _chronic_share(read: Read, scheme: str, year: int, first_year: int) -> float:
    """The share of visits for diseases on the chronic list; 0 without one in the rules that settle the visits."""
    book = rule_book(read, year) if scheme == MERGED else ""
    listing = ORIGINS if book in ("better", APART) else (scheme,)
    if not any(read(f"outpatient.{one}.chronic_list", year).value for one in listing):
        return 0.0
    return float(read(f"care.{scheme}.chronic_visit_share", first_year).value) / 100.0


def _memo_terms(read: Read, scheme: str, year: int, first_year: int) -> MemoTerms:
    def number(path: str) -> float:
        return float(read(path, year).value)

    saving, left = markup_saving(read, scheme, scheme, year)                          # float64[T] of a bill, before and after
    together = read(f"cii.{scheme}.one_stop", year, required=False)
    apart = ((Paid.ASSISTANCE,) if not read("assistance.one_stop", year).value else ()) + (
        (Paid.CII,) if together is not None and not together.value else ())
    return MemoTerms(saving * number(f"conduct.{scheme}.government_recovery") / 100.0 / left,
                     advance_of(read, scheme, year), apart,
                     number("public_health.per_head"), bed_path(read, scheme, year, first_year)[1],
                     number(f"commercial.{scheme}.share") / 100.0, number(f"commercial.{scheme}.premium"))
