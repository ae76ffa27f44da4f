"""The fund's annual cycle: SimPy drives the dates, and the amounts are arrays over draws and columns, the units of policies.

One environment serves all draws and columns; time is months since the start. Receipts and payments fall on the first day of
their month, balances are read at its end, and the year closes after the last month end. An event is a date, never a claim.

    month 0         individual premiums, collected before the year; supplement's premiums, relief funding,
                    donations, general practitioners' contract fees; what CII's insurer and the fund owe each other
    every month     payroll contributions, a twelfth; the pooled claims of `claim_lag` months before; the claims on the
                    other accounts
    months 0,3,6,9  a quarter's subsidy and local top-up fall due; each government pays its share with its own lag
    year end        `year_end.py`: interest, other withdrawals from individual accounts, CII, settlement with hospitals,
                    risk reserve, adjustment fund, surplus tests and response, deficit response - in this order

What is received or paid after the year end belongs to the next year's revenue or bank balance; until then it stands as
receivable or payable. The tests of limits use expenditure as incurred, revenue as received, and the accrued balance (bank +
receivable - payable).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

import numpy as np
import simpy

from simulator.fund import control, insurers, providers
from simulator.fund.accounts import SUBSIDIES, Account, Accounts, YearLedger
from simulator.fund.amounts import instalments, portion
from simulator.fund.columns import Columns
from simulator.fund.funding import EVERY_MONTH, Stream, funded_heads, funding_due, opening_balances, streams
from simulator.fund.ladder import Closed, Rungs
from simulator.fund.terms import FundTerms, stack_terms
from simulator.fund.year_end import Year, close_year, next_covers, next_pressure, settle_with_insurer
from simulator.money import ONE
from simulator.scenario import RESPONSES
from simulator.tables import FundEconomy, YearFlows

MONTH_END, YEAR_END = 0.75, 0.875      # parts of a month, exact in binary
OPENINGS = ("pooled", "reserve", "individual", "cii", "supplement", "relief", *SUBSIDIES, "payable")

Dates = Generator[simpy.Event, object, None]


def opening_accounts(terms: FundTerms | Sequence[FundTerms], members: np.ndarray,
                     monthly_claims: np.ndarray | int = 0) -> dict[str, np.ndarray]:
    """The opening balances [D, C] of a fund already in operation, from its terms and its `members` [D, C]."""
    return opening_balances(stack_terms(terms), np.asarray(members, dtype=np.int64), monthly_claims)


def rungs_of(flows: YearFlows) -> Rungs:
    """The year's claims under every rung; of funds without a ladder, what was claimed."""
    if flows.by_rung is not None:
        return Rungs(*flows.by_rung)
    none = np.zeros(flows.members.shape[1], dtype=np.int64)
    return Rungs(flows.pooled_claims.sum(axis=2)[..., None], none, none)


class Later:
    """Amounts that wait for their month, int64[D, C]: what the pooled fund, and the individual accounts (None: nothing), will
    receive or pay."""

    def __init__(self, pooled: np.ndarray, individual: np.ndarray | None = None) -> None:
        self.pooled, self.individual = pooled, individual


def by_lag(lags: np.ndarray) -> list[tuple[int, np.ndarray | None]]:
    """Each lag among the columns', with whose it is, bool[C]; None where it is that of all."""
    different = np.unique(lags).tolist()
    return [(lag, None if len(different) == 1 else lags == lag) for lag in different]


def of_some(amount: np.ndarray, columns: np.ndarray | None) -> np.ndarray:
    """An amount of some columns (None: of all), zero elsewhere."""
    return amount if columns is None else amount * columns


class Calendar:
    """The accounts of one scheme for D draws x C columns, run year by year.

    The columns are pooling units, each of one policy (`columns`; None: every policy has one unit). `opening` maps names in
    OPENINGS to fen (arrays that broadcast to [D, C]; 0 where absent), or is a pair (terms, members [D, C]) for
    `opening_accounts`. Subsidies in transit and claims payable at the start are settled in the first month.
    `response` is `stated` (the response to a surplus or deficit that the terms state), `secondary` (secondary reimbursement
    whatever they state, and no response to a deficit) or `none`. The attributes `factor`, `premium_step` (int64 [D, C]) and
    `pressure` (int64 [D, C, 2], on hospitals by inpatient and outpatient care), in 1/10,000, and `rung`, counted from the plan,
    hold in the next year; `heads` were funded in the last. Errors: ValueError
    for input that does not fit; LedgerError if an identity fails.
    """

    def __init__(self, first_year: int, shape: tuple[int, int],
                 opening: Mapping[str, np.ndarray] | tuple[FundTerms | Sequence[FundTerms], np.ndarray] | None = None,
                 response: str = "stated", columns: Columns | None = None) -> None:
        if response not in RESPONSES:
            raise ValueError(f"response '{response}', expected one of {', '.join(RESPONSES)}")
        opening = {} if opening is None else opening
        balances = opening if isinstance(opening, Mapping) else opening_accounts(*opening)
        unknown = sorted(set(balances) - set(OPENINGS))
        if unknown:
            raise ValueError(f"opening '{unknown[0]}', expected some of {', '.join(OPENINGS)}")
        zero = np.zeros(shape, dtype=np.int64)

        def balance(key: str) -> np.ndarray:
            amount = np.asarray(balances.get(key, 0))
            if amount.dtype != np.int64:
                raise ValueError(f"opening '{key}' is {amount.dtype}, expected int64 fen")
            return zero + amount

        in_transit = {head: balance(head) for head in SUBSIDIES}
        self.first_year = self.next_year = first_year
        self.shape = zero.shape
        self.response = response
        self.columns = columns or Columns.of([1] * shape[1])
        self.factor, self.premium_step, self.rung = zero + ONE, zero, zero
        self._closed: Closed | None = None
        self.exhausted = np.zeros(shape, dtype=bool)
        self.heads = zero              # who was funded last
        self._later: list[Later] = []
        self.pressure = np.zeros((*zero.shape, 2), dtype=np.int64)
        self.environment = simpy.Environment()
        self.accounts = Accounts(
            pooled=Account("pooled fund", balance("pooled")), reserve=Account("risk reserve", balance("reserve")),
            individual=Account("individual accounts", balance("individual")), cii=Account("CII account", balance("cii")),
            supplement=Account("large-sum supplement", balance("supplement")),
            relief=Account("relief fund", balance("relief")), assistance=Account("medical assistance", zero),
            adjustment=Account("adjustment fund", zero),
            receivable=Account("receivable", sum(in_transit.values(), zero)), payable=Account("payable", balance("payable")))
        self._budgets = providers.BudgetYears()
        self.cii, self.supplement = insurers.new_cover(zero), insurers.new_cover(zero)
        for head, amount in in_transit.items():
            self._receive_later(head, amount, zero, 0)
        self._pay_later(self.accounts.payable.balance, 0)

    def account_per_head(self, terms: FundTerms | Sequence[FundTerms], members: np.ndarray, economy: FundEconomy,
                         active_share: np.ndarray | float) -> np.ndarray:
        """What one member can spend from the individual account next year, in fen [D, P]: the balance and the year's credit.

        It is that of all units of a policy together, rounded down to whole fen, and zero where accounts pay no claims, are
        overdrawn, or there are no members. The arguments are as in `YearFlows`. Call it before the year is run.
        """
        terms = stack_terms(terms)
        used = np.broadcast_to(np.asarray(terms.account_use) > 0, self.shape)[:, self.columns.starts]
        if not used.any():
            return np.zeros(used.shape, dtype=np.int64)
        heads = funded_heads(terms, members)
        due = funding_due(terms, heads, economy, active_share, self.premium_step)
        credit = sum((stream.individual for stream in streams(due, terms)), np.zeros_like(self.factor))
        credit = credit - portion(credit, terms.account_other_use)         # what members withdraw cannot pay bills
        held = np.maximum(self.columns.total(self.accounts.individual.balance + credit), 0)
        members = self.columns.total(np.broadcast_to(members, self.shape))
        return np.where(used & (members > 0), held // np.maximum(members, 1), 0)

    def merge(self, columns: Columns, first: np.ndarray) -> None:
        """Merge units into those of the next year, `columns`: each is made of neighbours, from `first` int64[C] on, up to the
        next one's first.

        Balances, budgets, and what is on its way are added. Factor, premium step and rung become their means by last year's
        funded heads, half up, and the record of deficits of a merged fund begins anew.
        """
        def added(amount: np.ndarray) -> np.ndarray:
            return np.add.reduceat(amount, first, axis=1)

        units = Columns(first, self.columns.count)
        self.factor, self.premium_step, self.rung = (units.mean(value, self.heads)
                                                     for value in (self.factor, self.premium_step, self.rung))
        self.pressure = providers.mean_pressure(self.pressure, units, self.heads)
        self._closed = self._closed and self._closed.merged(added, first)
        self.cii, self.supplement = (insurers.merged(cover, units, self.heads) for cover in (self.cii, self.supplement))
        self.exhausted = self.exhausted[:, first] & (units.counts == 1)
        self.heads = added(self.heads)
        for account in self.accounts.each():
            account.balance = added(account.balance)
        for due in self._later:
            due.pooled, due.individual = added(due.pooled), None if due.individual is None else added(due.individual)
        self._budgets.merge(added)
        self.columns, self.shape = columns, self.factor.shape

    def advance(self, terms: FundTerms | Sequence[FundTerms], flows: YearFlows,
                next_terms: FundTerms | Sequence[FundTerms] | None = None) -> YearLedger:
        """Run to the end of `flows.year`, which must follow the last year run, and close it.

        `terms` are those of that year, one for all columns or one for each of the C, and `next_terms` those announced for the
        year after (None: the same again). What is received or paid late waits in the environment for the next call.
        """
        terms = stack_terms(terms)
        after = terms if next_terms is None else stack_terms(next_terms)
        self._check(terms, flows)
        for account in self.accounts.each():
            account.start_year()
        year = self._year(terms, flows, after)
        for stream in year.streams:
            self.environment.process(self._funding(stream))
        closed: list[YearLedger] = []
        self.environment.process(self._january(year))
        self.environment.process(self._claims(flows, terms))
        self.environment.process(self._other_claims(flows))
        self.environment.process(self._month_ends())
        self.environment.process(self._year_end(year, closed))
        self.next_year += 1
        self.environment.run(until=12 * (self.next_year - self.first_year))
        return closed[0]

    def _year(self, terms: FundTerms, flows: YearFlows, after: FundTerms) -> Year:
        """What is known of the year before it begins."""
        heads = self.heads = self._everywhere(funded_heads(terms, flows.members))
        draw = (heads, flows.economy, flows.active_share)
        unraised = due = funding_due(terms, *draw)
        if self.premium_step.any():
            due = funding_due(terms, *draw, self.premium_step)
        cii, fees, paid_in = self.cii.of_year(terms.cii_premium), providers.contract_fees(terms, heads), streams(due, terms)
        pooled = sum((stream.pooled for stream in paid_in), np.zeros_like(heads))
        target = providers.spending_target(terms, pooled, cii.premium(heads) + fees.fund)
        rungs = rungs_of(flows)
        self.rung = np.clip(self.rung, -rungs.below, rungs.above)            # of a ladder that may have become shorter
        if self.response == "stated":
            surplus, deficit = np.asarray(terms.surplus_response), np.asarray(terms.deficit_response)
            trigger = np.asarray(terms.warning_trigger)
        else:
            surplus = np.array([control.SECONDARY if self.response == "secondary" else 0])
            deficit, trigger = np.full_like(terms.deficit_response, control.UNUSED), np.array([0])
        return Year(terms=terms, flows=flows, columns=self.columns, heads=heads, due=due, streams=paid_in,
                    premium_due=portion(unraised["premium"] + unraised["contributions"], terms.pooled_share),
                    factor=self.factor, premium_step=self.premium_step, rung=self.rung, rungs=rungs,
                    next_terms=after, before=self._closed,
                    budgets=self._budgets.of_year(terms, flows.segments, heads, target),
                    surplus_response=surplus, deficit_response=deficit, warning_trigger=trigger, cii=cii,
                    supplement=self.supplement.of_year(terms.supplement_premium), exhausted=self.exhausted, fees=fees,
                    pressure=self.pressure)

    # SimPy processes. Each begins on 1 January of its year.

    def _funding(self, stream: Stream) -> Dates:
        """Funding falls due in equal instalments; pooled fund and individual accounts receive it some months later."""
        start, count = self.environment.now, len(stream.months)
        if not stream.pooled.any() and not stream.individual.any():
            return
        parts = zip(stream.months, instalments(stream.pooled, count), instalments(stream.individual, count), strict=True)
        lags = by_lag(stream.lags)
        for month, pooled, individual in parts:
            yield self.environment.timeout(start + month - self.environment.now)
            self.accounts.receivable.receive(stream.head, pooled)
            for lag, late in lags:
                self._receive_later(stream.head, of_some(pooled, late), of_some(individual, late), lag)

    def _receive_later(self, head: str, pooled: np.ndarray, individual: np.ndarray, lag: int) -> None:
        def receipt() -> Dates:
            yield from self._wait(due, lag)
            self.accounts.receivable.pay(head, due.pooled)
            self.accounts.pooled.receive(head, due.pooled)
            if due.individual is not None:
                self.accounts.individual.receive("credit", due.individual)
        due = Later(pooled, individual if individual.any() else None)
        self.environment.process(receipt())

    def _wait(self, due: Later, lag: int) -> Dates:
        """Wait some months; units that are merged meanwhile have their amounts added (`rearrange`)."""
        self._later.append(due)
        yield self.environment.timeout(lag)
        self._later.remove(due)

    def _january(self, year: Year) -> Dates:
        """Receive and pay what falls due once a year, in January."""
        terms, heads = year.terms, year.heads
        self.accounts.supplement.receive("premium", year.supplement.premium(heads))
        settle_with_insurer(self.accounts, year.cii)
        self.accounts.relief.receive("funding", heads * terms.relief_funding)
        self.accounts.relief.receive("donations", heads * terms.relief_donations)
        self.accounts.assistance.receive("donations", heads * terms.assistance_donations)
        self.accounts.pooled.pay("gp fees", year.fees.fund)
        yield self.environment.timeout(0)

    def _claims(self, flows: YearFlows, terms: FundTerms) -> Dates:
        """Claims are incurred in the month of discharge; the pooled fund pays them `claim_lag` months later."""
        lags, by_month = by_lag(np.asarray(terms.claim_lag)), np.ascontiguousarray(np.moveaxis(flows.pooled_claims, 2, 0))
        for claims in by_month:
            self.accounts.payable.receive("claims", claims)
            for lag, late in lags:
                self._pay_later(of_some(claims, late), lag)
            yield self.environment.timeout(1)

    def _pay_later(self, claims: np.ndarray, lag: int) -> None:
        def payment() -> Dates:
            yield from self._wait(due, lag)
            self.accounts.payable.pay("claims", due.pooled)
            self.accounts.pooled.pay("claims", due.pooled)
        due = Later(claims)
        self.environment.process(payment())

    def _other_claims(self, flows: YearFlows) -> Dates:
        """The other accounts pay their claims in the month of discharge."""
        claimed = [(account, np.ascontiguousarray(np.moveaxis(claims, 2, 0))) for account, claims in (
            (self.accounts.supplement, flows.supplement_claims), (self.accounts.cii, flows.cii_claims),
            (self.accounts.assistance, flows.assistance_claims), (self.accounts.individual, flows.account_claims),
            (self.accounts.relief, flows.relief_claims)) if claims.any()]
        for month in EVERY_MONTH:
            for account, claims in claimed:
                account.pay("claims", claims[month])
            yield self.environment.timeout(1)

    def _month_ends(self) -> Dates:
        yield self.environment.timeout(MONTH_END)
        for _ in EVERY_MONTH:
            for account in self.accounts.bearing_interest():
                account.month_end()
            yield self.environment.timeout(1)

    def _year_end(self, year: Year, closed: list[YearLedger]) -> Dates:
        yield self.environment.timeout(11 + YEAR_END)
        ledger, (self.factor, self.premium_step, self.rung, self._closed) = close_year(self.accounts, year)
        self.cii, self.supplement = next_covers(self.accounts, year)
        self.exhausted = ledger.exhausted
        self.pressure = next_pressure(year)
        closed.append(ledger)

    def _everywhere(self, amount: np.ndarray) -> np.ndarray:
        return np.zeros(self.shape, dtype=np.int64) + amount

    def _check(self, terms: FundTerms, flows: YearFlows) -> None:
        """Raise ValueError unless terms and flows are those of the next year and have the calendar's shape and types.

        The claims of a month or a segment may be below zero (a correction); nothing else may.
        """
        for what, year in (("flows", flows.year), ("terms", terms.year)):
            if year != self.next_year:
                raise ValueError(f"{what} of {year}, expected {self.next_year}: years are run one after the other")
        if np.size(terms.subsidy) not in (1, self.shape[1]):
            raise ValueError(f"terms of {np.size(terms.subsidy)} columns, expected 1 or {self.shape[1]}")
        draws, months = self.shape[:1], (*self.shape, 12)
        segments = (*self.shape, 2, np.shape(terms.inpatient_methods)[-1])
        for name, shape, kind in (
                ("members", self.shape, np.int64), *((name, draws, np.float64) for name in FundEconomy._fields),
                ("pooled_claims", months, np.int64), ("supplement_claims", months, np.int64), ("cii_claims", months, np.int64),
                ("assistance_claims", months, np.int64), ("account_claims", months, np.int64),
                ("relief_claims", months, np.int64), ("segments", segments, np.int64),
                ("secondary_base", self.shape, np.int64)):
            array = getattr(flows.economy if name in FundEconomy._fields else flows, name)
            if array.shape != shape or array.dtype != kind:
                raise ValueError(f"{name} is {array.dtype} {array.shape}, expected {np.dtype(kind)} {shape}")
            if "claims" not in name and name != "segments" and not (np.isfinite(array) & (array >= 0)).all():
                raise ValueError(f"{name} goes from {array.min()} to {array.max()}, expected numbers from zero up")
