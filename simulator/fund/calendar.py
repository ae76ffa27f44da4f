"""The fund's year: SimPy drives the dates, the amounts are arrays over draws and policies.

One environment serves all draws and policies; time is months since the start. Receipts and payments
fall on the first day of their month, balances are read at its end, and the year closes after the
last of these. An event is a date, never a claim, and an account is no SimPy container.

    month 0         individual premiums, collected before the year
    every month     payroll contributions, a twelfth; claims of the month `claim_lag` months before
    months 0,3,6,9  a quarter's subsidy and local top-up fall due; received `subsidy_lag` months later
    year end        interest, CII premium, risk reserve, surplus test, response - in this order

What is received or paid after the year end belongs to the next year's revenue or bank balance; until
then it stands as receivable or payable. Tests of limits use expenditure as incurred, revenue as
received, and for the balance the accrued one: bank + receivable - payable.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

import numpy as np
import simpy

from simulator.fund import control
from simulator.fund.accounts import Account, YearLedger, instalments, portion, require
from simulator.fund.terms import FundTerms, funding_due, stack_terms
from simulator.money import ONE
from simulator.tables import YearFlows

RESPONSES = ("none", "secondary")
MONTH_END, YEAR_END = 0.75, 0.875      # parts of a month, exact in binary
EVERY_MONTH, EVERY_QUARTER, IN_JANUARY = range(12), range(0, 12, 3), range(1)
OPENINGS = ("pooled", "reserve", "individual", "cii", "receivable", "payable")

Dates = Generator[simpy.Event, object, None]


def opening_accounts(terms: FundTerms | Sequence[FundTerms], members: np.ndarray,
                     monthly_claims: np.ndarray | int = 0) -> dict[str, np.ndarray]:
    """Opening balances [D, P] of a fund that did not begin today, from its terms and `members` [D].

    `pooled` is the published balance a member; `receivable` the quarters of subsidy and top-up of the
    year before that are still under way, at the standards of `terms`; `payable` the claims of the
    last `claim_lag` months at `monthly_claims` fen (0: the balance stands after paying them).
    """
    terms = stack_terms(terms)
    members = np.asarray(members, dtype=np.int64)[:, None]
    late = sum(np.asarray(quarter + terms.subsidy_lag >= 12, dtype=np.int64) for quarter in EVERY_QUARTER)
    owed = portion(members * (terms.subsidy + terms.local_top_up), terms.collection_ratio)
    return {"pooled": members * terms.opening_balance,
            "receivable": portion(portion(owed, terms.pooled_share), late, 4),
            "payable": terms.claim_lag * np.asarray(monthly_claims, dtype=np.int64)}


class Calendar:
    """The accounts of one scheme for D draws x P policies, run year by year.

    `opening` maps names in OPENINGS to fen (what broadcasts to [D, P]; absent: 0), or is a pair
    (terms, members [D]) for `opening_accounts`. Receivable and payable at the start are settled in
    the first month. `response` is `none` or `secondary` (secondary reimbursement). Errors:
    ValueError for input that does not fit; LedgerError if an identity fails.
    """

    def __init__(self, first_year: int, shape: tuple[int, int],
                 opening: Mapping[str, np.ndarray] | tuple[FundTerms | Sequence[FundTerms], np.ndarray] | None = None,
                 response: str = "secondary") -> None:
        if response not in RESPONSES:
            raise ValueError(f"response '{response}', expected one of {', '.join(RESPONSES)}")
        opening = {} if opening is None else opening
        balances = opening if isinstance(opening, Mapping) else opening_accounts(*opening)
        unknown = sorted(set(balances) - set(OPENINGS))
        if unknown:
            raise ValueError(f"opening '{unknown[0]}', expected some of {', '.join(OPENINGS)}")
        zero = np.zeros(shape, dtype=np.int64)

        def account(name: str, key: str) -> Account:
            amount = np.asarray(balances.get(key, 0))
            if amount.dtype != np.int64:
                raise ValueError(f"opening '{key}' is {amount.dtype}, expected int64 fen")
            return Account(name, zero + amount)

        self.first_year = self.next_year = first_year
        self.shape = zero.shape
        self.response = response
        self.environment = simpy.Environment()
        self.pooled = account("pooled fund", "pooled")
        self.reserve = account("risk reserve", "reserve")
        self.individual = account("individual accounts", "individual")
        self.cii = account("CII account", "cii")
        self.receivable = account("receivable", "receivable")
        self.payable = account("payable", "payable")
        self.assistance = Account("medical assistance", zero)
        self.accounts = (self.pooled, self.reserve, self.individual, self.cii,
                         self.receivable, self.payable, self.assistance)
        self._receive_later("subsidy", self.receivable.balance, zero, 0)
        self._pay_later(self.payable.balance, 0)

    def advance(self, terms: FundTerms | Sequence[FundTerms], flows: YearFlows) -> YearLedger:
        """Run to the end of `flows.year`, the year after the last one run, and close it.

        `terms`: of that year; one for all policies, or one for each of the P. Years are barriers:
        what comes late waits in the environment for the next call.
        """
        terms = stack_terms(terms)
        self._check(terms, flows)
        for account in self.accounts:
            account.turn()
        due = funding_due(terms, flows)
        late = np.asarray(terms.subsidy_lag)
        in_time = np.zeros_like(late)
        for head, months, lags in (("premium", IN_JANUARY, in_time), ("subsidy", EVERY_QUARTER, late),
                                   ("top_up", EVERY_QUARTER, late), ("contributions", EVERY_MONTH, in_time)):
            pooled = portion(due[head], terms.pooled_share)
            self.environment.process(self._funding(head, pooled, due[head] - pooled, months, lags))
        closed: list[YearLedger] = []
        self.environment.process(self._claims(flows, terms))
        self.environment.process(self._month_ends())
        self.environment.process(self._year_end(due, flows, terms, closed))
        self.next_year += 1
        self.environment.run(until=12 * (self.next_year - self.first_year))
        return closed[0]

    # Processes. Each begins on 1 January of its year.

    def _funding(self, head: str, pooled: np.ndarray, own: np.ndarray, months: Sequence[int], lags: np.ndarray) -> Dates:
        """Funding falls due in equal instalments in `months` and is received `lags` months later ([1] or [P]).

        `pooled` goes to the pooled fund, `own` to the individual accounts.
        """
        start = self.environment.now
        for month, pooled_part, own_part in zip(months, instalments(pooled, len(months)),
                                                instalments(own, len(months)), strict=True):
            yield self.environment.timeout(start + month - self.environment.now)
            self.receivable.receive(head, pooled_part)
            for lag in np.unique(lags):
                self._receive_later(head, pooled_part * (lags == lag), own_part * (lags == lag), int(lag))

    def _receive_later(self, head: str, pooled: np.ndarray, own: np.ndarray, lag: int) -> None:
        def receipt() -> Dates:
            yield self.environment.timeout(lag)
            self.receivable.pay(head, pooled)
            self.pooled.receive(head, pooled)
            self.individual.receive("credit", own)
        self.environment.process(receipt())

    def _claims(self, flows: YearFlows, terms: FundTerms) -> Dates:
        """Claims are incurred in the month of discharge; the pooled fund pays them `claim_lag` months later.

        CII and medical assistance pay in the month of discharge.
        """
        for month in EVERY_MONTH:
            claims = flows.pooled_claims[:, :, month]
            self.payable.receive("claims", claims)
            for lag in np.unique(terms.claim_lag):
                self._pay_later(claims * (terms.claim_lag == lag), int(lag))
            self.cii.pay("claims", flows.cii_claims[:, :, month])
            self.assistance.receive("appropriation", flows.assistance_claims[:, :, month])
            self.assistance.pay("claims", flows.assistance_claims[:, :, month])
            yield self.environment.timeout(1)

    def _pay_later(self, claims: np.ndarray, lag: int) -> None:
        def payment() -> Dates:
            yield self.environment.timeout(lag)
            self.payable.pay("claims", claims)
            self.pooled.pay("claims", claims)
        self.environment.process(payment())

    def _month_ends(self) -> Dates:
        yield self.environment.timeout(MONTH_END)
        for _ in EVERY_MONTH:
            for account in (self.pooled, self.reserve, self.individual):
                account.month_end()
            yield self.environment.timeout(1)

    def _year_end(self, due: dict[str, np.ndarray], flows: YearFlows, terms: FundTerms,
                  closed: list[YearLedger]) -> Dates:
        """Interest, CII premium, risk reserve, surplus test, response; then the accounts are closed."""
        yield self.environment.timeout(11 + YEAR_END)
        pooled = self.pooled
        for account in (pooled, self.reserve, self.individual):
            account.receive("interest", portion(account.held, terms.interest_rate, 12 * ONE))
        revenue = pooled.received()
        opening = pooled.opening + self.receivable.opening - self.payable.opening

        cii_premium = self._everywhere(flows.members[:, None] * terms.cii_premium)
        from_surplus = np.minimum(cii_premium, np.maximum(opening, 0))
        pooled.pay("cii", cii_premium)
        self.cii.receive("premium", cii_premium)

        transfer = control.reserve_transfer(revenue, self.reserve.balance, terms.reserve_share,
                                            terms.reserve_limit, pooled.balance)
        pooled.pay("reserve", transfer)
        self.reserve.receive("transfer", transfer)

        claims = self.payable.received()
        expenditure = claims + cii_premium
        funding = sum(due.values(), np.zeros(self.shape, dtype=np.int64))
        pooled_funding = self.receivable.received()
        balance = pooled.balance + self.receivable.balance - self.payable.balance
        breach_annual, above_annual = control.annual_test(
            revenue - expenditure, revenue, terms.annual_limit, terms.annual_tolerance)
        breach_cumulative, above_cumulative = control.cumulative_test(
            balance, expenditure, funding, pooled_funding, terms.cumulative_limit, terms.cumulative_base)

        if self.response == "secondary":
            rho, secondary = control.secondary_reimbursement(
                np.maximum(above_annual, above_cumulative), flows.secondary_base,
                terms.secondary_max_share, np.minimum(balance, pooled.balance))
        else:
            rho, secondary = np.zeros(self.shape), np.zeros(self.shape, dtype=np.int64)
        pooled.pay("secondary", secondary)
        expenditure = expenditure + secondary
        surplus, balance = revenue - expenditure, balance - secondary

        premium_help = portion(self._everywhere(due["premium"]), terms.premium_help)
        paid_assistance = self.assistance.paid("claims")
        self.assistance.receive("appropriation", premium_help)
        self.assistance.pay("premium help", premium_help)

        ledger = YearLedger(
            year=flows.year, scheme=terms.scheme, opening=pooled.opening,
            premium=pooled.received("premium"), subsidy=pooled.received("subsidy"), top_up=pooled.received("top_up"),
            contributions=pooled.received("contributions"), interest=pooled.received("interest"), revenue=revenue,
            revenue_due=pooled_funding + pooled.received("interest"), funding=funding, pooled_funding=pooled_funding,
            claims_incurred=claims, claims_paid=pooled.paid("claims"), cii_premium=cii_premium,
            cii_from_surplus=from_surplus, secondary=secondary, reserve_transfer=transfer, expenditure=expenditure,
            surplus=surplus, closing=pooled.balance, accrued_opening=opening, accrued_closing=balance,
            receivable=self.receivable.balance, payable=self.payable.balance,
            reserve_opening=self.reserve.opening, reserve_interest=self.reserve.received("interest"),
            reserve=self.reserve.balance, individual_opening=self.individual.opening,
            individual_credit=self.individual.received("credit"),
            individual_interest=self.individual.received("interest"), individual_account=self.individual.balance,
            cii_opening=self.cii.opening, cii_claims=self.cii.paid(), cii_closing=self.cii.balance,
            assistance=paid_assistance, premium_help=premium_help,
            surplus_rate=control.surplus_rate(surplus, revenue), months_held=control.months_held(balance, expenditure),
            share_of_funding=control.share_of_funding(balance, funding), rho=rho,
            breach_annual=breach_annual, breach_cumulative=breach_cumulative,
            warning=control.warning(balance, expenditure, terms.warning_yellow, terms.warning_red))
        for account in self.accounts:
            account.check(flows.year)
        require("medical assistance", flows.year, self.assistance.balance, self.assistance.opening)
        ledger.check()
        closed.append(ledger)

    def _everywhere(self, amount: np.ndarray) -> np.ndarray:
        return np.zeros(self.shape, dtype=np.int64) + amount

    def _check(self, terms: FundTerms, flows: YearFlows) -> None:
        """ValueError unless terms and flows are of the next year, int64 or float64, and of the calendar's shape.

        A month's claims may be below zero (a correction); nothing else may.
        """
        for what, year in (("flows", flows.year), ("terms", terms.year)):
            if year != self.next_year:
                raise ValueError(f"{what} of {year}, expected {self.next_year}: years are run one after the other")
        if np.size(terms.subsidy) not in (1, self.shape[1]):
            raise ValueError(f"terms of {np.size(terms.subsidy)} policies, expected 1 or {self.shape[1]}")
        draws = self.shape[:1]
        for name, shape, kind in (
                ("members", draws, np.int64), ("funding_index", draws, np.float64), ("wage_index", draws, np.float64),
                ("pooled_claims", (*self.shape, 12), np.int64), ("cii_claims", (*self.shape, 12), np.int64),
                ("assistance_claims", (*self.shape, 12), np.int64), ("secondary_base", self.shape, np.int64)):
            array = getattr(flows, name)
            if array.shape != shape or array.dtype != kind:
                raise ValueError(f"{name} is {array.dtype} {array.shape}, expected {np.dtype(kind)} {shape}")
            if "claims" not in name and not (np.isfinite(array) & (array >= 0)).all():
                raise ValueError(f"{name} goes from {array.min()} to {array.max()}, expected numbers from zero up")
