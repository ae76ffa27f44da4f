"""The year end of a fund: interest, CII, settlement with hospitals, reserve, tests of limits, responses, and the closed ledger.

Each function books one step's entries into the accounts; `close_year` calls them in their order. Terms are stacked over the C
columns, each a pooling unit of a policy, and amounts are int64 fen [D, C].
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from simulator.fund import control, providers
from simulator.fund.accounts import SUBSIDIES, Account, Accounts, YearLedger
from simulator.fund.amounts import fine_part, fine_share, portion
from simulator.fund.columns import Columns
from simulator.fund.funding import Stream, funding_due, pooled_parts
from simulator.fund.insurers import Cover, Rating, rerated
from simulator.fund.ladder import Closed, Outlook, Rungs, clear_of_mark, growth, lacking, look_ahead, next_rung, within_limits
from simulator.fund.terms import FundTerms
from simulator.money import ONE
from simulator.tables import YearFlows


@dataclass(frozen=True)
class Year:
    """What the year end needs to know of its year: the terms, the people's claims, and the funding that was due."""

    terms: FundTerms               # stacked
    flows: YearFlows
    columns: Columns
    heads: np.ndarray              # int64 [D, C] persons who are funded
    due: dict[str, np.ndarray]     # funding by head, individual accounts' part included
    streams: list[Stream]          # the same by payer and date
    premium_due: np.ndarray        # pooled part of premiums and contributions, without a rise
    factor: np.ndarray             # int64 [D, C], in force in the year, 1/10,000
    premium_step: np.ndarray
    rung: np.ndarray               # of the ladder, counted from the plan
    rungs: Rungs
    next_terms: FundTerms          # stacked, of the year after
    before: Closed | None          # what the year before it has told
    budgets: providers.Budgets | None      # None: no sum is agreed beforehand
    surplus_response: np.ndarray   # int64 [1 or C], index into control.SURPLUS_RESPONSES
    deficit_response: np.ndarray   # int64 [1 or C, 5], indices into control.DEFICIT_RESPONSES
    warning_trigger: np.ndarray    # int64 [1 or C], index into control.COLOURS
    cii: Cover
    supplement: Cover
    exhausted: np.ndarray          # bool [D, C]: a year before ended below zero
    fees: providers.ContractFees
    pressure: np.ndarray           # int64 [D, C, 2], on hospitals in the year, 1/10,000

    @cached_property
    def settled(self) -> np.ndarray:
        """What the fund pays hospitals beyond the year's inpatient and outpatient claims, int64 [D, C, 2]."""
        return providers.settlement(self.budgets, self.terms, self.flows.segments, self.heads)

    @cached_property
    def borne(self) -> np.ndarray:
        """What hospitals bear of the year's inpatient and outpatient care, int64 [D, C, 2]."""
        on_bills = np.zeros((*self.heads.shape, 2), dtype=np.int64) if self.flows.borne is None else self.flows.borne
        return providers.borne(self.terms, self.settled, on_bills)


class SurplusTests(NamedTuple):
    """The verdicts of the surplus tests (bool), the share of the secondary base that was refunded (float64), and the threshold
    above which it is counted (int64, fen), and whether refunds and ladder, as far as they respond, are at their bounds (bool)."""

    breach_annual: np.ndarray
    breach_cumulative: np.ndarray
    rho: np.ndarray
    threshold: np.ndarray
    at_bounds: np.ndarray


class InForce(NamedTuple):
    """What a closed year leaves in force for the next, int64 [D, C], and what it has told."""

    factor: np.ndarray             # 1/10,000
    premium_step: np.ndarray
    rung: np.ndarray
    closed: Closed


def close_year(accounts: Accounts, year: Year) -> tuple[YearLedger, InForce]:
    """Close a year. Returns its ledger, and what it leaves in force."""
    credit_interest(accounts, year.terms)
    non_claim_withdrawals(accounts.individual, year.terms)
    from_surplus = settle_cii(accounts, year)
    accounts.pooled.pay("providers", year.settled.sum(axis=2))
    transfer_to_reserve(accounts, year.terms)
    pay_into_adjustment_fund(accounts, year)
    tests = respond_to_surplus(accounts, year)
    draw_on_adjustment_fund(accounts, year.columns)
    deficit = respond_to_deficit(accounts, year)
    pay_premium_help(accounts.assistance, year)
    breach = tests.breach_annual | tests.breach_cumulative
    factor = control.next_factor(year.factor, breach & (year.surplus_response == control.RAISE_FACTOR), deficit.lower_factor,
                                 year.terms.factor_step, year.terms.factor_low, year.terms.factor_high)
    closed = closed_year(accounts, year)
    ahead, step = look_ahead(closed, year.before, announced(year, deficit.premium_step)), deficit.premium_step
    if (raised := step_on_warning(closed, ahead, year, step)) is not step:
        ahead, step = look_ahead(closed, year.before, announced(year, raised)), raised
    rung = choose_rung(closed, ahead, year, breach, deficit.lower_rung)
    ledger = write_ledger(accounts, year, tests, from_surplus, ahead.at(closed.rungs.place(closed.rung)))
    return ledger, InForce(factor, step, rung, closed)


def closed_year(accounts: Accounts, year: Year) -> Closed:
    """What the year tells of the next, once its accounts are closed."""
    pooled, expenditure = accounts.pooled, expenditure_of(accounts)
    revenue = regular_revenue(pooled) - pooled.received("deficit top-up")
    other = expenditure - accounts.payable.received("claims") - pooled.paid("secondary")
    funding = sum(year.due.values(), np.zeros_like(revenue))
    return Closed(revenue, other, accounts.accrued(), year.heads, funding, accounts.receivable.received(), year.rung, year.rungs)


def announced(year: Year, premium_step: np.ndarray) -> np.ndarray:
    """The pooled part of what is due under the terms and the premium step of the next year, relative to this year's, for this
    year's heads, in 1/10,000."""
    draw = year.heads, year.flows.economy, year.flows.active_share
    next_due = funding_due(year.next_terms, *draw, premium_step)
    return growth(*(sum(pooled_parts(due, terms).values(), np.zeros_like(year.heads))
                    for due, terms in ((next_due, year.next_terms), (year.due, year.terms))))


def step_on_warning(closed: Closed, ahead: Outlook, year: Year, step: np.ndarray) -> np.ndarray:
    """Next year's premium step, raised from `step` where a forecast warning calls for it: the premium is a response to deficits,
    and the rung in force is not clear of the mark that is the trigger. What both years lack to the mark decides how far."""
    asked = (np.asarray(year.warning_trigger) > 0) & (np.asarray(year.deficit_response) == control.RAISE_PREMIUM).any(axis=-1)
    if not asked.any():
        return step
    lack = np.where(asked, lacking(ahead, closed.rungs.place(closed.rung), year.next_terms, year.warning_trigger), 0)
    return np.maximum(step, control.rise_of(lack, year.premium_due, year.terms.premium_step_limit))


def choose_rung(closed: Closed, ahead: Outlook, year: Year, breach: np.ndarray, deficit: np.ndarray) -> np.ndarray:
    """Next year's rung: up after a breach of a limit, down for a deficit that came to the ladder or for a forecast warning."""
    terms = year.next_terms
    clear = clear_of_mark(ahead, terms, year.warning_trigger)
    here = np.take_along_axis(clear, closed.rungs.place(closed.rung)[..., None], axis=2)[..., 0]
    down = deficit | ((np.asarray(year.warning_trigger) > 0) & ~here)
    up = breach & np.isin(year.surplus_response, control.BY_LADDER)
    return next_rung(closed, up, down, within_limits(ahead, terms), clear, year.terms.ladder_step)


def credit_interest(accounts: Accounts, terms: FundTerms) -> None:
    """Credit a year's interest on the mean of the twelve month-end balances."""
    for account in accounts.bearing_interest():
        account.receive("interest", portion(account.held, terms.interest_rate, 12 * ONE))


def non_claim_withdrawals(individual: Account, terms: FundTerms) -> None:
    """Pay out the part of the year's credit that members spend at pharmacies and elsewhere."""
    individual.pay("other", portion(individual.received("credit"), terms.account_other_use))


def settle_with_insurer(accounts: Accounts, cii: Cover) -> None:
    """Pay in January what CII's insurer and the fund owe each other from the year before, each under its own head."""
    accounts.cii.pay("clawback", cii.clawback)
    accounts.pooled.receive("cii clawback", cii.clawback)
    accounts.pooled.pay("cii loss", cii.loss)
    accounts.cii.receive("loss borne", cii.loss)


def settle_cii(accounts: Accounts, year: Year) -> np.ndarray:
    """Buy the year's CII and close its year. Returns the part of the premium that the surplus of earlier years met.

    The insurer takes its margin. Where a margin, a clawback or a loss share is agreed, all that the account then holds beyond
    what is owed in January (`owed_by_insurer`) is the insurer's; else the account carries its balance forward.
    """
    terms, pooled, cii = year.terms, accounts.pooled, accounts.cii
    premium = year.cii.premium(year.heads)
    pooled.pay("cii premium", premium)
    cii.receive("premium", premium)
    cii.pay("margin", portion(premium, terms.cii_margin))
    clawback, loss = owed_by_insurer(accounts, year)
    agreed = (terms.cii_margin > 0) | (terms.cii_clawback > 0) | (terms.cii_loss_share > 0)
    cii.pay("insurer", np.where(agreed, cii.balance - clawback + loss, 0))
    return np.where(np.asarray(terms.cii_surplus_first) == 1, np.minimum(premium, np.maximum(accounts.accrued_opening(), 0)), 0)


def owed_by_insurer(accounts: Accounts, year: Year) -> tuple[np.ndarray, np.ndarray]:
    """What is owed in January after the year: to the fund, a share of the insurer's profit beyond the margin, and by the fund, a
    share of claims beyond the premium."""
    premium, margin, claims = (accounts.cii.received("premium"), accounts.cii.paid("margin"), accounts.cii.paid("claims"))
    return (portion(np.maximum(premium - claims - margin, 0), year.terms.cii_clawback),
            portion(np.maximum(claims - premium, 0), year.terms.cii_loss_share))


def next_covers(accounts: Accounts, year: Year) -> tuple[Cover, Cover]:
    """CII and the large-sum supplement as the next year finds them, re-rated by the year's claims."""
    terms, (clawback, loss) = year.terms, owed_by_insurer(accounts, year)
    cii = rerated(year.cii, Rating(terms.cii_loss_ratio_low, terms.cii_loss_ratio_high, terms.cii_rerate_step), year.heads,
                  accounts.cii.paid("claims"))
    supplement = rerated(year.supplement, Rating(terms.supplement_loss_ratio_low, terms.supplement_loss_ratio_high,
                                                 terms.supplement_rerate_step), year.heads, accounts.supplement.paid("claims"))
    return (replace(year.cii, rate=cii, clawback=clawback, loss=loss), replace(year.supplement, rate=supplement))


def next_pressure(year: Year) -> np.ndarray:
    """The pressure on hospitals in the next year; as it is where their bills are not known."""
    if year.flows.billed is None:
        return year.pressure
    return providers.next_pressure(year.pressure, year.terms, year.borne, year.flows.billed)


def regular_revenue(pooled: Account) -> np.ndarray:
    """The pooled fund's receipts of the year so far that are revenue: all but what reserve, adjustment fund or insurer give
    back."""
    return pooled.received() - sum(pooled.received(head) for head in ("from reserve", "adjustment", "cii clawback"))


def transfer_to_reserve(accounts: Accounts, terms: FundTerms) -> None:
    """Transfer the year's share of revenue to the risk reserve."""
    transfer = control.reserve_transfer(regular_revenue(accounts.pooled), accounts.reserve.balance, terms.reserve_share,
                                        terms.reserve_limit, accounts.pooled.balance)
    accounts.pooled.pay("reserve", transfer)
    accounts.reserve.receive("transfer", transfer)


def pay_into_adjustment_fund(accounts: Accounts, year: Year) -> None:
    """Each of several units pays a share of its revenue into their adjustment fund, at most what it has; one alone does not."""
    pooled = accounts.pooled
    asked = portion(np.maximum(regular_revenue(pooled), 0), year.terms.adjustment_share)
    paid = np.where(year.columns.alone, 0, np.minimum(asked, np.maximum(pooled.balance, 0)))
    pooled.pay("adjustment", paid)
    accounts.adjustment.receive("paid in", paid)


def draw_on_adjustment_fund(accounts: Accounts, columns: Columns) -> None:
    """The adjustment fund meets deficits of its units, all in the same proportion, and carries the rest; what is left of it when
    its units have become one is that unit's."""
    missing = np.maximum(-accounts.accrued(), 0)
    held = columns.total(accounts.adjustment.balance)
    met = fine_part(missing, columns.spread(fine_share(held, columns.total(missing))))
    met = np.where(columns.alone, accounts.adjustment.balance, met)
    accounts.adjustment.pay("drawn", met)
    accounts.pooled.receive("adjustment", met)


def expenditure_of(accounts: Accounts) -> np.ndarray:
    """The pooled fund's expenditure of the year so far, with claims as incurred."""
    paid = accounts.pooled.paid
    return (accounts.payable.received("claims") + paid("providers") + paid("gp fees") + paid("cii premium") + paid("cii loss")
            + paid("secondary"))


def surplus_tests(accounts: Accounts, year: Year, revenue: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray],
                                                                                tuple[np.ndarray, np.ndarray]]:
    """Test the annual and the cumulative limit as the accounts stand, with a regular `revenue`: breach and excess of each."""
    terms, expenditure = year.terms, expenditure_of(accounts)
    funding = sum(year.due.values(), np.zeros_like(revenue))
    return (control.annual_test(revenue - expenditure, revenue, terms.annual_limit, terms.annual_tolerance),
            control.cumulative_test(accounts.accrued(), expenditure, funding, accounts.receivable.received(),
                                    terms.cumulative_limit, terms.cumulative_base))


def respond_to_surplus(accounts: Accounts, year: Year) -> SurplusTests:
    """Test the surplus limits, and refund the excess to high-cost patients where that is the response."""
    terms, pooled = year.terms, accounts.pooled
    (breach_annual, above_annual), (breach_cumulative, above_cumulative) = surplus_tests(accounts, year, regular_revenue(pooled))
    most = np.where(np.isin(year.surplus_response, control.REFUNDING), np.minimum(accounts.accrued(), pooled.balance), 0)
    bases = year.flows.secondary_base[..., None]
    if year.flows.lower_bases is not None:
        found = np.asarray(terms.secondary_least < terms.secondary_threshold)[..., None]
        bases = np.concatenate([bases, np.where(found, year.flows.lower_bases, bases)], axis=-1)
    refund = control.secondary_reimbursement(np.maximum(above_annual, above_cumulative), bases, terms.secondary_max_share, most)
    pooled.pay("secondary", refund.paid)
    thresholds = control.thresholds(terms.secondary_threshold, terms.secondary_least, bases.shape[-1])
    threshold = np.take_along_axis(np.broadcast_to(thresholds, bases.shape), refund.place[..., None], axis=-1)[..., 0]
    response = year.surplus_response
    given = np.where(np.isin(response, control.REFUNDING), refund.short, np.isin(response, control.BY_LADDER))
    given = given & (~np.isin(response, control.BY_LADDER) | (year.rung >= year.rungs.above))
    return SurplusTests(breach_annual, breach_cumulative, refund.rho, threshold, given)


def respond_to_deficit(accounts: Accounts, year: Year) -> control.Deficit:
    """Meet a balance below zero by the stated responses. Returns them, for some take effect next year."""
    terms, pooled = year.terms, accounts.pooled
    funding = sum(year.due.values(), np.zeros_like(pooled.balance))
    deficit = control.meet_deficit(
        accounts.accrued(), year.deficit_response, accounts.reserve.balance,
        np.maximum(portion(funding, terms.top_up_limit), 0), year.premium_due, terms.premium_step_limit)
    accounts.reserve.pay("used", deficit.reserve_used)
    pooled.receive("from reserve", deficit.reserve_used)
    pooled.receive("deficit top-up", deficit.top_up)
    return deficit


def pay_premium_help(assistance: Account, year: Year) -> None:
    """Medical assistance pays its groups' premiums; a budget appropriation covers what donations do not."""
    assistance.pay("premium help", portion(year.due["premium"], year.terms.premium_help))
    assistance.receive("appropriation", np.maximum(-assistance.balance, 0))


def write_ledger(accounts: Accounts, year: Year, tests: SurplusTests, from_surplus: np.ndarray,
                 ahead: dict[str, np.ndarray]) -> YearLedger:
    """Write the year's ledger and check its identities; `ahead` is what is expected of the next years (`Outlook.at`). LedgerError
    names the first that fails."""
    terms, flows = year.terms, year.flows
    pooled, reserve, individual, cii = accounts.pooled, accounts.reserve, accounts.individual, accounts.cii
    supplement, relief, assistance, adjustment = accounts.supplement, accounts.relief, accounts.assistance, accounts.adjustment
    revenue = regular_revenue(pooled)
    regular = revenue - pooled.received("deficit top-up")
    expenditure, balance, opening = expenditure_of(accounts), accounts.accrued(), accounts.accrued_opening()
    claims, pooled_funding = accounts.payable.received("claims"), accounts.receivable.received()
    subsidies = {head: pooled.received(head) for head in SUBSIDIES}
    funding = sum(year.due.values(), np.zeros_like(balance))
    (over_annual, _), (over_cumulative, _) = surplus_tests(accounts, year, regular)
    warning = control.warning(balance, expenditure, terms.warning_yellow, terms.warning_red)
    forecast = np.maximum(*(control.warning(ahead[f"balance_in_{when}"], ahead[f"spending_in_{when}"], terms.warning_yellow,
                                            terms.warning_red) for when in ("one", "two")))
    ledger = YearLedger(
        year=flows.year, scheme=terms.scheme, heads=year.heads, opening=pooled.opening,
        premium=pooled.received("premium"), **subsidies, subsidy=sum(subsidies.values(), np.zeros_like(balance)),
        top_up=pooled.received("top_up"), contributions=pooled.received("contributions"), entry=pooled.received("entry"),
        interest=pooled.received("interest"), deficit_top_up=pooled.received("deficit top-up"), revenue=revenue,
        revenue_due=pooled_funding + pooled.received("interest") + pooled.received("deficit top-up"),
        funding=funding, pooled_funding=pooled_funding, claims_incurred=claims, claims_paid=pooled.paid("claims"),
        provider_settlement=pooled.paid("providers"), gp_fees=pooled.paid("gp fees"),
        gp_fees_health=year.fees.health, gp_fees_patients=year.fees.patients,
        public_health=year.heads * terms.public_health, hospital_borne=year.borne.sum(axis=2),
        pressure_inpatient=year.pressure[..., 0], pressure_outpatient=year.pressure[..., 1],
        cii_premium=pooled.paid("cii premium"), cii_from_surplus=from_surplus, secondary=pooled.paid("secondary"),
        reserve_transfer=pooled.paid("reserve"), expenditure=expenditure, surplus=regular - expenditure,
        closing=pooled.balance, accrued_opening=opening, accrued_closing=balance,
        receivable=accounts.receivable.balance, payable=accounts.payable.balance,
        reserve_opening=reserve.opening, reserve_interest=reserve.received("interest"), reserve_used=reserve.paid("used"),
        reserve=reserve.balance, individual_opening=individual.opening, individual_credit=individual.received("credit"),
        individual_interest=individual.received("interest"), individual_claims=individual.paid("claims"),
        individual_other=individual.paid("other"), individual_account=individual.balance,
        cii_opening=cii.opening, cii_claims=cii.paid("claims"), cii_margin=cii.paid("margin"),
        cii_clawback=cii.paid("clawback"), cii_loss_borne=cii.received("loss borne"), cii_insurer=cii.paid("insurer"),
        cii_closing=cii.balance, cii_rate=year.cii.rate, supplement_rate=year.supplement.rate,
        supplement_opening=supplement.opening, supplement_premium=supplement.received("premium"),
        supplement_claims=supplement.paid("claims"), supplement_closing=supplement.balance,
        relief_opening=relief.opening, relief_funding=relief.received("funding"),
        relief_donations=relief.received("donations"), relief_claims=relief.paid("claims"), relief_closing=relief.balance,
        assistance_opening=assistance.opening, assistance_donations=assistance.received("donations"),
        assistance_appropriation=assistance.received("appropriation"), assistance=assistance.paid("claims"),
        premium_help=assistance.paid("premium help"), assistance_closing=assistance.balance,
        factor=year.factor, premium_step=year.premium_step, surplus_rate=control.surplus_rate(regular - expenditure, regular),
        months_held=control.months_held(balance, expenditure), share_of_funding=control.share_of_funding(balance, funding),
        rho=tests.rho, secondary_threshold=tests.threshold, at_bounds=tests.at_bounds & (over_annual | over_cumulative),
        breach_annual=tests.breach_annual, breach_cumulative=tests.breach_cumulative,
        warning_yellow=warning >= control.YELLOW, warning_red=warning >= control.RED, in_deficit=regular < expenditure,
        exhausted=year.exhausted | (balance < 0), needed_top_up=np.maximum(-balance, 0),
        over_annual=over_annual, over_cumulative=over_cumulative, rung=year.rung, **ahead,
        top_rung=(year.rungs.above > 0) & (year.rung >= year.rungs.above),
        forecast_yellow=forecast >= control.YELLOW, forecast_red=forecast >= control.RED,
        adjustment_opening=adjustment.opening, adjustment_paid=pooled.paid("adjustment"),
        adjustment_received=pooled.received("adjustment"), adjustment_closing=adjustment.balance)
    for account in accounts.each():
        account.check(flows.year)
    ledger.check()
    return ledger
