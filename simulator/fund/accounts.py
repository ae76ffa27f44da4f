"""The accounts of a scheme, which balance to the fen (opening + ins - outs = closing), and the ledger of a year.

Amounts are int64 fen of shape [D, C]: D draws, and C columns, each a pooling unit of a policy. An account is not a SimPy
container: it never waits for money, and its balance may fall below zero, so that a deficit shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import reduce

import numpy as np

SUBSIDIES = ("subsidy_central", "subsidy_provincial", "subsidy_county")      # heads of receipt, by who pays


class LedgerError(Exception):
    """An identity of the ledger does not hold: `account`, `year` and the widest `gap` in fen."""

    def __init__(self, account: str, year: int, gap: int) -> None:
        super().__init__(account, year, gap)      # SimPy rebuilds an exception from its args
        self.account, self.year, self.gap = account, year, gap

    def __str__(self) -> str:
        return f"{self.account}, {self.year}: opening + ins - outs differs from closing by {self.gap} fen"


def require(account: str, year: int, found: np.ndarray, expected: np.ndarray) -> None:
    """Raise LedgerError with the widest gap unless the two amounts are equal to the fen everywhere."""
    gap = np.ravel(np.asarray(found) - np.asarray(expected))
    if gap.any():
        raise LedgerError(account, year, int(gap[np.argmax(np.abs(gap))]))


class Account:
    """One account during one year: a running balance, and the entries by head (purpose) that must explain it."""

    def __init__(self, name: str, opening: np.ndarray) -> None:
        self.name = name
        self.balance = np.array(opening, dtype=np.int64)
        self.start_year()

    def start_year(self) -> None:
        """Begin a year: the balance becomes its opening balance, and there are no entries yet."""
        self.opening = self.balance.copy()
        self.ins: dict[str, np.ndarray] = {}
        self.outs: dict[str, np.ndarray] = {}
        self.held = np.zeros_like(self.balance)

    def receive(self, head: str, amount: np.ndarray) -> None:
        """Book a receipt of `amount` under `head`."""
        amount = self._entry(amount)
        self.balance = self.balance + amount
        self.ins[head] = self.ins[head] + amount if head in self.ins else amount

    def pay(self, head: str, amount: np.ndarray) -> None:
        """Book a payment of `amount` under `head`."""
        amount = self._entry(amount)
        self.balance = self.balance - amount
        self.outs[head] = self.outs[head] + amount if head in self.outs else amount

    def month_end(self) -> None:
        """Note the month's closing balance for the interest; a balance below zero bears none."""
        self.held += np.maximum(self.balance, 0)

    def received(self, head: str | None = None) -> np.ndarray:
        """The year's receipts so far, under `head` or in all."""
        return self._total(self.ins, head)

    def paid(self, head: str | None = None) -> np.ndarray:
        """The year's payments so far, under `head` or in all."""
        return self._total(self.outs, head)

    def check(self, year: int) -> None:
        """Raise LedgerError unless opening + ins - outs = balance."""
        require(self.name, year, self.opening + self.received() - self.paid(), self.balance)

    def _entry(self, amount: np.ndarray) -> np.ndarray:
        amount = np.asarray(amount)
        if amount.dtype != np.int64:
            raise TypeError(f"{self.name}: an amount is {amount.dtype}, expected int64 fen")
        return amount if amount.shape == self.balance.shape else np.broadcast_to(amount, self.balance.shape)

    def _total(self, entries: Mapping[str, np.ndarray], head: str | None) -> np.ndarray:
        chosen = [amount for name, amount in entries.items() if head is None or name == head]
        return reduce(np.add, chosen) if chosen else np.zeros_like(self.balance)


@dataclass(frozen=True)
class Accounts:
    """All accounts of one scheme.

    The *pooled fund* receives funding and interest and pays claims, the settlement with hospitals, the CII premium, secondary
    reimbursement and the transfer to the *risk reserve*. The *CII account* receives the CII premium and pays CII claims; it
    bears no interest. *Individual accounts*, in aggregate, receive the share of funding that is not pooled, and interest. The
    *large-sum supplement* has its own premium and claims, and the *relief fund* its own funding. The region's *medical
    assistance* is met by donations first and by a budget appropriation for the rest. The *adjustment fund* of a policy's units
    is kept as what each unit has paid in less what it has got from it: below zero for a unit that gets more, never in all. Two
    accounts hold what is owed: *receivable*, funding due but not yet received, and *payable*, claims incurred but not yet paid.
    """

    pooled: Account
    reserve: Account
    individual: Account
    cii: Account
    supplement: Account
    relief: Account
    assistance: Account
    adjustment: Account
    receivable: Account
    payable: Account

    def each(self) -> list[Account]:
        """All accounts, in the order above."""
        return [getattr(self, f.name) for f in fields(self)]

    def bearing_interest(self) -> tuple[Account, ...]:
        """The accounts that bear interest, on their month-end balances."""
        return self.pooled, self.reserve, self.individual

    def accrued(self) -> np.ndarray:
        """The pooled fund's accrued balance: the bank balance + receivable - payable."""
        return self.pooled.balance + self.receivable.balance - self.payable.balance

    def accrued_opening(self) -> np.ndarray:
        """The accrued balance at the start of the year."""
        return self.pooled.opening + self.receivable.opening - self.payable.opening


@dataclass(frozen=True)
class YearLedger:
    """The ledger of one scheme's year. Arrays are [D, C], int64 fen, and of the pooled fund, unless stated otherwise.

    `of_policies` makes it that of whole policies, [D, P]: what units have adds up, and a flag becomes the share of the members
    whose unit has it (float64).

    Revenue is booked when received; `revenue_due` counts it when due. Expenditure is counted when incurred; `claims_paid` is
    what left the bank. So

        subsidy = subsidy_central + subsidy_provincial + subsidy_county
        revenue = premium + subsidy + top_up + contributions + entry + interest + deficit_top_up
        expenditure = claims_incurred + provider_settlement + gp_fees + cii_premium + cii_loss_borne + secondary
        surplus = revenue - deficit_top_up - expenditure      (a top-up of a deficit does not hide the deficit)
        closing = opening + revenue + cii_clawback - (expenditure with claims_paid) - reserve_transfer
                  + reserve_used - adjustment_paid + adjustment_received
        accrued_closing = closing + receivable - payable
                        = accrued_opening + revenue_due + cii_clawback - expenditure - reserve_transfer
                          + reserve_used - adjustment_paid + adjustment_received
        adjustment_closing = adjustment_opening + adjustment_paid - adjustment_received

    Risk reserve and adjustment fund stand outside the balance: what is put into them is not expenditure, and what comes out of
    them is not revenue.
    `provider_settlement` is what hospitals get beyond what was claimed; below zero it is what they bear. `hospital_borne` is all
    that they bear of the year, on bills under case and per-diem prices too; `pressure_inpatient` and `pressure_outpatient`
    (1/10,000) are what earlier years have left of it. Contract fees are the fund's `gp_fees`, public health money's
    `gp_fees_health` (out of `public_health`) and members' `gp_fees_patients`. A CII premium is
    expenditure whichever source pays it: `cii_from_surplus` is the part met by the surplus of earlier years. `cii_insurer` is
    what the insurer keeps beyond its margin, below zero what it loses; where a margin, a clawback or a loss share is agreed, it
    leaves in the CII account what is owed in January. `cii_clawback` and `cii_loss_borne` are received and paid in the year, of
    the year before: the first is no revenue, the second is expenditure. `cii_rate` and `supplement_rate` (1/10,000) are the
    year's premiums relative to the stated ones.

    `heads` (persons) are the members who are funded. `factor` and `premium_step` (1/10,000) are those in force in the year.
    Measures (float64) are taken after the response: `surplus_rate` is surplus / (revenue - deficit_top_up), `months_held` is
    accrued_closing / (expenditure / 12), `share_of_funding` is accrued_closing / funding of the year. `funding` is what is due
    for the year without interest, the part of individual accounts included; `pooled_funding` is the pooled part.
    `breach_annual` and `breach_cumulative` (bool) are the verdicts of the tests at year end, before the response.
    `warning_yellow` and `warning_red` (bool) tell whether the fund is on yellow or worse, and on red; `in_deficit` (bool) whether
    its surplus is below zero, and `exhausted` (bool) whether its accrued balance has been below zero at the end of this or an
    earlier year. `over_annual` and `over_cumulative` (bool) are the verdicts of the same tests after the responses. `rung` is
    that in force in the year, counted from the plan, `top_rung` (bool) whether its ladder ends with it. `balance_in_one` and
    `spending_in_one` are the accrued balance and the expenditure that the fund expects at its year end for the next year on the
    same rung (`ladder.py`), `balance_in_two` and `spending_in_two` for the year after; `forecast_yellow` and `forecast_red`
    (bool) are the warnings on either of them. `rho` (float64) is the refunded share of the self-pay above the
    `secondary_threshold` that is found; `at_bounds` (bool) tells whether the fund is over a limit although its responses to one
    are at their bounds. `assistance` is what medical assistance pays on claims, and `premium_help` the part of its groups'
    premiums that it pays (`premium` includes it). `needed_top_up` is what would fill an accrued balance below zero.
    """

    year: int
    scheme: str
    heads: np.ndarray
    opening: np.ndarray
    premium: np.ndarray
    subsidy_central: np.ndarray
    subsidy_provincial: np.ndarray
    subsidy_county: np.ndarray
    subsidy: np.ndarray
    top_up: np.ndarray
    contributions: np.ndarray
    entry: np.ndarray                      # paid once for retirees of state enterprises who enter
    interest: np.ndarray
    deficit_top_up: np.ndarray
    revenue: np.ndarray
    revenue_due: np.ndarray
    funding: np.ndarray
    pooled_funding: np.ndarray
    claims_incurred: np.ndarray
    claims_paid: np.ndarray
    provider_settlement: np.ndarray
    gp_fees: np.ndarray
    gp_fees_health: np.ndarray
    gp_fees_patients: np.ndarray
    public_health: np.ndarray
    hospital_borne: np.ndarray
    pressure_inpatient: np.ndarray
    pressure_outpatient: np.ndarray
    cii_premium: np.ndarray
    cii_from_surplus: np.ndarray
    secondary: np.ndarray
    reserve_transfer: np.ndarray
    expenditure: np.ndarray
    surplus: np.ndarray
    closing: np.ndarray
    accrued_opening: np.ndarray
    accrued_closing: np.ndarray
    receivable: np.ndarray
    payable: np.ndarray
    reserve_opening: np.ndarray
    reserve_interest: np.ndarray
    reserve_used: np.ndarray
    reserve: np.ndarray
    individual_opening: np.ndarray
    individual_credit: np.ndarray
    individual_interest: np.ndarray
    individual_claims: np.ndarray
    individual_other: np.ndarray
    individual_account: np.ndarray
    cii_opening: np.ndarray
    cii_claims: np.ndarray
    cii_margin: np.ndarray
    cii_clawback: np.ndarray
    cii_loss_borne: np.ndarray
    cii_insurer: np.ndarray
    cii_closing: np.ndarray
    cii_rate: np.ndarray
    supplement_rate: np.ndarray
    supplement_opening: np.ndarray
    supplement_premium: np.ndarray
    supplement_claims: np.ndarray
    supplement_closing: np.ndarray
    relief_opening: np.ndarray
    relief_funding: np.ndarray
    relief_donations: np.ndarray
    relief_claims: np.ndarray
    relief_closing: np.ndarray
    assistance_opening: np.ndarray
    assistance_donations: np.ndarray
    assistance_appropriation: np.ndarray
    assistance: np.ndarray
    premium_help: np.ndarray
    assistance_closing: np.ndarray
    factor: np.ndarray
    premium_step: np.ndarray
    surplus_rate: np.ndarray
    months_held: np.ndarray
    share_of_funding: np.ndarray
    rho: np.ndarray
    secondary_threshold: np.ndarray
    at_bounds: np.ndarray
    breach_annual: np.ndarray
    breach_cumulative: np.ndarray
    warning_yellow: np.ndarray
    warning_red: np.ndarray
    in_deficit: np.ndarray
    exhausted: np.ndarray
    needed_top_up: np.ndarray
    over_annual: np.ndarray
    over_cumulative: np.ndarray
    rung: np.ndarray
    top_rung: np.ndarray
    forecast_yellow: np.ndarray
    forecast_red: np.ndarray
    balance_in_one: np.ndarray
    spending_in_one: np.ndarray
    balance_in_two: np.ndarray
    spending_in_two: np.ndarray
    adjustment_opening: np.ndarray
    adjustment_paid: np.ndarray
    adjustment_received: np.ndarray
    adjustment_closing: np.ndarray

    def columns(self) -> dict[str, np.ndarray]:
        """The arrays by name, in the order above."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("year", "scheme")}

    def check(self) -> None:
        """Raise LedgerError unless the year's identities hold to the fen, account by account."""
        spent = self.provider_settlement + self.gp_fees + self.cii_premium + self.cii_loss_borne + self.secondary
        aside = self.reserve_used - self.reserve_transfer + self.adjustment_received - self.adjustment_paid
        for account, found, expected in (
            ("subsidy", self.subsidy, self.subsidy_central + self.subsidy_provincial + self.subsidy_county),
            ("revenue", self.revenue, self.premium + self.subsidy + self.top_up + self.contributions + self.entry + self.interest
             + self.deficit_top_up),
            ("expenditure", self.expenditure, self.claims_incurred + spent),
            ("surplus", self.surplus, self.revenue - self.deficit_top_up - self.expenditure),
            ("pooled fund", self.closing,
             self.opening + self.revenue + self.cii_clawback - self.claims_paid - spent + aside),
            ("accrued balance", self.accrued_closing, self.closing + self.receivable - self.payable),
            ("accrued pooled fund", self.accrued_closing,
             self.accrued_opening + self.revenue_due + self.cii_clawback - self.expenditure + aside),
            ("risk reserve", self.reserve,
             self.reserve_opening + self.reserve_transfer - self.reserve_used + self.reserve_interest),
            ("individual accounts", self.individual_account, self.individual_opening + self.individual_credit
             + self.individual_interest - self.individual_claims - self.individual_other),
            ("CII account", self.cii_closing, self.cii_opening + self.cii_premium + self.cii_loss_borne
             - self.cii_claims - self.cii_margin - self.cii_clawback - self.cii_insurer),
            ("large-sum supplement", self.supplement_closing,
             self.supplement_opening + self.supplement_premium - self.supplement_claims),
            ("relief fund", self.relief_closing,
             self.relief_opening + self.relief_funding + self.relief_donations - self.relief_claims),
            ("medical assistance", self.assistance_closing, self.assistance_opening + self.assistance_donations
             + self.assistance_appropriation - self.assistance - self.premium_help),
            ("adjustment fund", self.adjustment_closing,
             self.adjustment_opening + self.adjustment_paid - self.adjustment_received),
        ):
            require(account, self.year, found, expected)

    def follow(self, before: YearLedger) -> None:
        """Raise LedgerError unless every account opens with its closing balance of the year `before`."""
        for account, found, expected in (
            ("pooled fund", self.opening, before.closing),
            ("accrued balance", self.accrued_opening, before.accrued_closing),
            ("risk reserve", self.reserve_opening, before.reserve),
            ("individual accounts", self.individual_opening, before.individual_account),
            ("CII account", self.cii_opening, before.cii_closing),
            ("large-sum supplement", self.supplement_opening, before.supplement_closing),
            ("relief fund", self.relief_opening, before.relief_closing),
            ("medical assistance", self.assistance_opening, before.assistance_closing),
            ("adjustment fund", self.adjustment_opening, before.adjustment_closing),
        ):
            require(account, self.year, found, expected)
