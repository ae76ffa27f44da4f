"""The ledger: accounts whose opening + ins - outs = closing holds to the fen, and the year they add up to.

Amounts are int64 fen of shape [D, P]: D draws, P policies. An account is no SimPy container: it
never waits for money, and its balance may fall below zero, for a deficit must show.

A scheme has four accounts. The *pooled fund* receives funding and interest and pays claims, CII
premium, secondary reimbursement and the transfer to the *risk reserve*. The *CII account* receives
the CII premium and pays CII claims, without interest; below zero it is the insurer's loss.
*Individual accounts*, in aggregate, receive the share of funding that is not pooled, and interest;
spending from them arrives in a later issue, so for now they only grow. Two accounts hold what is
owed: *receivable*, funding due but not yet received, and *payable*, claims incurred but not yet
paid. The region's *medical assistance* is budget-funded: its appropriation equals what it pays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from simulator.money import ONE


class LedgerError(Exception):
    """An identity of the ledger does not hold: `account`, `year` and the widest `gap` in fen."""

    def __init__(self, account: str, year: int, gap: int) -> None:
        super().__init__(account, year, gap)      # SimPy rebuilds an exception from its args
        self.account, self.year, self.gap = account, year, gap

    def __str__(self) -> str:
        return f"{self.account}, {self.year}: opening + ins - outs differs from closing by {self.gap} fen"


def portion(amount, numerator, denominator=ONE):
    """`amount` x `numerator` / `denominator`, half up to the fen, for amounts to 10^17 fen.

    Whole denominators and the rest are multiplied apart: the product itself could pass 9.2 x 10^18.
    Below zero half up means towards plus infinity. Integers in, integers out.
    """
    whole, rest = np.divmod(amount, denominator)
    return whole * numerator + (2 * rest * numerator + denominator) // (2 * denominator)


def rounded(amount) -> np.ndarray:
    """A float64 amount as int64, half up; exact below 2^52."""
    return np.floor(np.asarray(amount, dtype=np.float64) + 0.5).astype(np.int64)


def instalments(amount: np.ndarray, count: int) -> list[np.ndarray]:
    """`count` equal parts of an amount; the last takes the rounding."""
    part = amount // count
    return [part] * (count - 1) + [amount - (count - 1) * part]


def require(account: str, year: int, found: np.ndarray, expected: np.ndarray) -> None:
    """LedgerError, with the widest gap, unless the two amounts are equal to the fen everywhere."""
    gap = np.ravel(np.asarray(found) - np.asarray(expected))
    if gap.any():
        raise LedgerError(account, year, int(gap[np.argmax(np.abs(gap))]))


class Account:
    """One account during one year: a running balance, and the entries by head that must explain it."""

    def __init__(self, name: str, opening: np.ndarray) -> None:
        self.name = name
        self.balance = np.array(opening, dtype=np.int64)
        self.turn()

    def turn(self) -> None:
        """Begin a year: the balance is its opening, no entries yet."""
        self.opening = self.balance.copy()
        self.ins: dict[str, np.ndarray] = {}
        self.outs: dict[str, np.ndarray] = {}
        self.held = np.zeros_like(self.balance)

    def receive(self, head: str, amount: np.ndarray) -> None:
        """Book `amount` in under `head`."""
        amount = self._entry(amount)
        self.balance = self.balance + amount
        self.ins[head] = self.ins[head] + amount if head in self.ins else amount

    def pay(self, head: str, amount: np.ndarray) -> None:
        """Book `amount` out under `head`."""
        amount = self._entry(amount)
        self.balance = self.balance - amount
        self.outs[head] = self.outs[head] + amount if head in self.outs else amount

    def month_end(self) -> None:
        """Note the month's balance for the interest; a balance below zero bears none."""
        self.held = self.held + np.maximum(self.balance, 0)

    def received(self, head: str | None = None) -> np.ndarray:
        """What came in this year, under `head` or in all."""
        return self._total(self.ins, head)

    def paid(self, head: str | None = None) -> np.ndarray:
        """What went out this year, under `head` or in all."""
        return self._total(self.outs, head)

    def check(self, year: int) -> None:
        """LedgerError unless opening + ins - outs = balance."""
        require(self.name, year, self.opening + self.received() - self.paid(), self.balance)

    def _entry(self, amount: np.ndarray) -> np.ndarray:
        amount = np.asarray(amount)
        if amount.dtype != np.int64:
            raise TypeError(f"{self.name}: an amount is {amount.dtype}, expected int64 fen")
        return np.broadcast_to(amount, self.balance.shape)

    def _total(self, entries: Mapping[str, np.ndarray], head: str | None) -> np.ndarray:
        chosen = [amount for name, amount in entries.items() if head is None or name == head]
        return sum(chosen, np.zeros_like(self.balance))


@dataclass(frozen=True)
class YearLedger:
    """One scheme's year. Arrays [D, P]; int64 fen unless said; only the pooled fund unless said.

    Revenue is booked when received; `revenue_due` counts it when due. Expenditure is counted when
    incurred; `claims_paid` is what left the bank. So
    `revenue = premium + subsidy + top_up + contributions + interest`;
    `expenditure = claims_incurred + cii_premium + secondary`; `surplus = revenue - expenditure`;
    `closing = opening + revenue - claims_paid - cii_premium - secondary - reserve_transfer`;
    `accrued_closing = closing + receivable - payable
                     = accrued_opening + revenue_due - expenditure - reserve_transfer`.
    The risk reserve stands outside the balance, and its transfer is no expenditure. A CII premium
    is expenditure whichever source pays it: `cii_from_surplus` is the part met by what earlier
    years had left, the rest is met by the year's revenue.

    Measures (float64) stand after the response: `surplus_rate` is surplus / revenue of the year;
    `months_held` is accrued_closing / (expenditure / 12); `share_of_funding` is accrued_closing /
    funding of the year. `funding` is what is due for the year, without interest, individual
    accounts' part included; `pooled_funding` is the pooled part. `breach_annual` and
    `breach_cumulative` (bool) are the verdicts of the test at year end, before the response.
    `warning` (int8) is 0 green, 1 yellow, 2 red. `rho` (float64) is the refunded share of the
    secondary base. `assistance` is what medical assistance pays on claims and `premium_help` the
    part of the premiums that it pays for its groups (a memo: `premium` holds it already).
    """

    year: int
    scheme: str
    opening: np.ndarray
    premium: np.ndarray
    subsidy: np.ndarray
    top_up: np.ndarray
    contributions: np.ndarray
    interest: np.ndarray
    revenue: np.ndarray
    revenue_due: np.ndarray
    funding: np.ndarray
    pooled_funding: np.ndarray
    claims_incurred: np.ndarray
    claims_paid: np.ndarray
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
    reserve: np.ndarray
    individual_opening: np.ndarray
    individual_credit: np.ndarray
    individual_interest: np.ndarray
    individual_account: np.ndarray
    cii_opening: np.ndarray
    cii_claims: np.ndarray
    cii_closing: np.ndarray
    assistance: np.ndarray
    premium_help: np.ndarray
    surplus_rate: np.ndarray
    months_held: np.ndarray
    share_of_funding: np.ndarray
    rho: np.ndarray
    breach_annual: np.ndarray
    breach_cumulative: np.ndarray
    warning: np.ndarray

    def columns(self) -> dict[str, np.ndarray]:
        """The arrays by name, in the order above."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("year", "scheme")}

    def check(self) -> None:
        """LedgerError unless the year's identities hold to the fen, account by account."""
        paid = self.cii_premium + self.secondary
        for account, found, expected in (
            ("revenue", self.revenue, self.premium + self.subsidy + self.top_up + self.contributions + self.interest),
            ("expenditure", self.expenditure, self.claims_incurred + paid),
            ("surplus", self.surplus, self.revenue - self.expenditure),
            ("pooled fund", self.closing, self.opening + self.revenue - self.claims_paid - paid - self.reserve_transfer),
            ("accrued balance", self.accrued_closing, self.closing + self.receivable - self.payable),
            ("accrued pooled fund", self.accrued_closing,
             self.accrued_opening + self.revenue_due - self.expenditure - self.reserve_transfer),
            ("risk reserve", self.reserve, self.reserve_opening + self.reserve_transfer + self.reserve_interest),
            ("individual accounts", self.individual_account,
             self.individual_opening + self.individual_credit + self.individual_interest),
            ("CII account", self.cii_closing, self.cii_opening + self.cii_premium - self.cii_claims),
        ):
            require(account, self.year, found, expected)

    def follow(self, before: YearLedger) -> None:
        """LedgerError unless every account opens with what it closed with the year `before`."""
        for account, found, expected in (
            ("pooled fund", self.opening, before.closing),
            ("accrued balance", self.accrued_opening, before.accrued_closing),
            ("risk reserve", self.reserve_opening, before.reserve),
            ("individual accounts", self.individual_opening, before.individual_account),
            ("CII account", self.cii_opening, before.cii_closing),
        ):
            require(account, self.year, found, expected)
