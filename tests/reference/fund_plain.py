"""The funds of one draw and policy in plain Python integers, written to docs/fund.md: no SimPy, no arrays.

Steps, names and order are those of the page. Terms are read by name; flows are those of one draw and policy. A policy has one
pooling unit or several, each with a fund of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise
from math import ceil, floor, inf, sqrt
from statistics import NormalDist
from types import SimpleNamespace

FEE, CASE, PER_DIEM, BUDGET, CAPITATION = range(5)
RESERVE, TOP_UP, PREMIUM, FACTOR, LADDER = range(5)
NO_BASE, MONTHS, FUNDING, POOLED = range(4)
NOTHING, SECONDARY, RAISE, BY_LADDER, SECONDARY_LADDER = range(5)
LAST_BUDGET, LAST_CLAIMS, REVENUE = range(3)
COUNTY, CITY, PROVINCE = range(3)
FOLLOWED = 200
GOVERNMENTS = ("subsidy_central", "subsidy_provincial", "subsidy_county")
OTHERS = ("supplement", "cii", "assistance", "account", "relief")
FLAGS = ("breach_annual", "breach_cumulative", "over_annual", "over_cumulative", "warning_yellow", "warning_red",
         "forecast_yellow", "forecast_red", "in_deficit", "exhausted", "top_rung", "at_bounds")
MEANS = ("factor", "premium_step", "rung", "secondary_threshold", "cii_rate", "supplement_rate", "pressure_inpatient",
         "pressure_outpatient")
QUOTIENTS = ("surplus_rate", "share_of_funding", "months_held", "rho")


def part(amount, numerator, denominator=10_000):
    """amount x numerator / denominator, half up."""
    return (2 * amount * numerator + denominator) // (2 * denominator)


def near(value):
    return floor(value + 0.5)


def equal_parts(amount, count):
    return [amount // count] * (count - 1) + [amount - (count - 1) * (amount // count)]


def by_shares(amount, shares):
    first = [part(amount, share) for share in shares[:-1]]
    return [*first, amount - sum(first)]


def reached(weights):
    """Sums of weights up to each, without the low digits of a whole of more than 30 binary ones; and that whole, 1 at least."""
    low = max(sum(weights).bit_length() - 30, 0)
    return [up_to >> low for up_to in accumulate(weights)], max(sum(weights) >> low, 1)


def differences(sums):
    return [b - a for a, b in pairwise([0, *sums])]


def split(amount, weights):
    """An amount over weights from zero up: its cumulative sums, each rounded half up."""
    sums, whole = reached(weights)
    return differences([part(amount, up_to, whole) for up_to in sums])


def of(amount, base):
    """A float ratio; without a base it is limitless, or nothing of nothing."""
    if base > 0:
        return float(amount) / float(base)
    return 0.0 if amount == 0 else inf if amount > 0 else -inf


def mean(values, heads):
    """The mean by heads, half up; of parts alike where there are none."""
    heads = heads if sum(heads) else [1] * len(heads)
    return part(sum(value * weight for value, weight in zip(values, heads, strict=True)), 1, sum(heads))


# --- one draw and policy's flows as plain numbers

class Flows:
    """The flows of one draw and policy, or of one of its units."""

    def __init__(self, flows, d=0, p=0):
        self.year = flows.year
        self.active = float(flows.active_share[d]) if getattr(flows.active_share, "ndim", 0) else float(flows.active_share)
        self.members = int(flows.members[d, p])
        lower = () if flows.lower_bases is None else flows.lower_bases[d, p]
        self.bases = [int(x) for x in (flows.secondary_base[d, p], *lower)]     # self-pay above each threshold that is known
        self.premium, self.subsidy, self.wage = (float(one[d]) for one in flows.economy)
        self.claims = [int(x) for x in flows.pooled_claims[d, p]]
        self.other = {name: [int(x) for x in getattr(flows, f"{name}_claims")[d, p]] for name in OTHERS}
        self.segments = [int(x) for x in flows.segments[d, p].reshape(-1)]
        self.billed = None if flows.billed is None else [int(x) for x in flows.billed[d, p]]
        self.borne = [0, 0] if flows.borne is None else [int(x) for x in flows.borne[d, p]]
        self.by_rung, self.below = None, 0         # claims of the year under every rung, and the rungs below the plan

    def of_units(self, region, units):
        """The members of a policy's units."""
        return divide(self.members, region.numbers(), units)

    def amounts(self):
        """Every amount that is divided among units as claims are."""
        return [*self.claims, *(x for name in OTHERS for x in self.other[name]), *self.segments, *self.bases,
                *(self.billed or ()), *self.borne]

    def of_amounts(self, amounts, members):
        found = object.__new__(Flows)
        found.__dict__.update(self.__dict__, members=members)
        rest = iter(amounts)

        def take(like):
            return [next(rest) for _ in like]

        found.claims, found.other = take(self.claims), {name: take(self.other[name]) for name in OTHERS}
        found.segments, found.bases = take(self.segments), take(self.bases)
        found.billed = take(self.billed) if self.billed is not None else None
        found.borne = take(self.borne)
        return found


# --- steps 1 and 2

def heads_of(t, members):
    return part(members, 10_000 - t.duplicates)


def due_of(t, heads, f, step):
    """What is due by head of funding."""
    wage = near(t.average_wage * f.wage)
    entrants = part(heads, t.entrant_share)
    employed = part(part(near((heads - entrants) * f.active) * wage, t.contribution_base_ratio), t.contribution_rate)
    entered = part(part((entrants - part(entrants, t.entrant_retired)) * wage, t.entrant_base_ratio), t.contribution_rate)
    due = {"premium": heads * part(near(t.premium * f.premium), 10_000 + step), "subsidy": heads * near(t.subsidy * f.subsidy),
           "top_up": heads * t.local_top_up, "contributions": part(employed + entered, 10_000 + step)}
    return {**{head: part(amount, t.collection_ratio) for head, amount in due.items()},
            "entry": part(part(heads, t.entering_share), t.entrant_retired) * t.entry_payment}


def pooled_of(t, due):
    """Of each head of funding, what is the pooled fund's."""
    return {head: amount if head == "entry" else part(amount, t.pooled_share) for head, amount in due.items()}


def receipts(t, due):
    """(month, head, to the pooled fund, to individual accounts) of a year, months from its start, lags included."""
    plans = []
    for head, pooled in pooled_of(t, due).items():
        own = due[head] - pooled
        if head == "subsidy":
            plans += [(name, a, b, (0, 3, 6, 9), lag) for name, a, b, lag in zip(
                GOVERNMENTS, by_shares(pooled, t.subsidy_shares), by_shares(own, t.subsidy_shares), t.subsidy_lags, strict=True)]
        elif head == "top_up":
            plans.append((head, pooled, own, (0, 3, 6, 9), t.subsidy_lags[2]))
        else:
            plans.append((head, pooled, own, tuple(range(12)) if head == "contributions" else (0,), 0))
    return [(month + lag, head, a, b) for head, pooled, own, months, lag in plans
            for month, a, b in zip(months, equal_parts(pooled, len(months)), equal_parts(own, len(months)), strict=True)]


def opening_of(t, members):
    """Opening balances of a fund that did not begin today."""
    heads = heads_of(t, members)
    subsidy, top_up = (part(part(heads * amount, t.collection_ratio), t.pooled_share) for amount in (t.subsidy, t.local_top_up))
    central, provincial, county = by_shares(subsidy, t.subsidy_shares)
    under_way = [part(amount, sum(1 for quarter in (0, 3, 6, 9) if quarter + lag >= 12), 4)
                 for amount, lag in zip((central, provincial, county + top_up), t.subsidy_lags, strict=True)]
    return {"pooled": members * t.opening_balance, "individual": members * t.account_opening,
            **dict(zip(GOVERNMENTS, under_way, strict=True))}


def account_per_head(funds):
    """What a member's bills can take from individual accounts in a year; `funds`: (terms, flows, balance, step) of each unit."""
    t, members = funds[0][0], sum(f.members for _, f, _, _ in funds)
    if t.account_use == 0 or members == 0:
        return 0
    usable = 0
    for own, f, held, step in funds:
        due = due_of(own, heads_of(own, f.members), f, step)
        credit = sum(due.values()) - sum(pooled_of(own, due).values())
        usable += held + credit - part(credit, t.account_other_use)
    return max(usable, 0) // members


# --- step 6: covers that insurers run

@dataclass
class Cover:
    """What is left of a cover's year for the next."""

    rate: int = 10_000
    stated: int | None = None
    clawback: int = 0
    loss: int = 0

    def begin(self, stated):
        if self.stated != stated:
            self.rate, self.stated = 10_000, stated

    def rerate(self, heads, claims, low, high, step):
        """Next year's rate from this year's claims."""
        whole, claims = heads * self.stated, max(claims, 0)
        premium = part(whole, self.rate)
        dear, cheap = claims > part(premium, high), claims < part(premium, low)
        if whole <= 0 or not (dear or cheap):
            return
        asked = part(10_000, min(part(claims, 10_000, max(high if dear else low, 1)), 4 * whole), whole)
        most = part(self.rate, step)
        self.rate = min(max(min(max(asked, self.rate - most), self.rate + most), 2_500), 40_000)


# --- steps 7, 9, 10 and 11

@dataclass
class Budgets:
    """What the hospitals' budgets of eight segments rest on: inpatient care by tier, then outpatient care by tier."""

    first: list              # claims of the first year
    first_heads: int
    grown: list              # the first year's claims, grown by the target
    budgets: list            # of last year, then of this
    claims: list             # of last year, then of this

    def year(self, t, heads, segments, target, new):
        """The year's budgets; `new` in the fund's first year."""
        weights = [max(amount, 0) for amount in (segments if new else self.claims)]
        if new:
            budgets = split(heads * t.budget_per_head, weights) if t.budget_per_head > 0 else list(segments)
        else:
            self.grown = [part(amount, 10_000 + t.budget_growth) for amount in self.grown]
            budgets = [part(amount, 10_000 + t.budget_growth) for amount in (
                weights if t.budget_base == LAST_CLAIMS else self.budgets)]
        if target > 0 and sum(budgets) > target:
            budgets = split(target, [max(amount, 0) for amount in budgets])
        if t.budget_base == REVENUE:
            budgets = split(target, weights)
        self.budgets, self.claims = budgets, list(segments)

    def extra(self, t, heads):
        """What is paid beyond the claims of inpatient and of outpatient care."""
        stated, extra = split(heads * t.capitation, [max(amount, 0) for amount in self.first[4:]]), [0, 0]
        for s, method in enumerate((*t.inpatient_methods, *t.outpatient_methods)):
            here = t.payment_share if s < 4 else t.outpatient_share
            claimed, budget = part(self.claims[s], here), part(self.budgets[s], here)
            if method == BUDGET and claimed > budget:
                extra[s // 4] += part(claimed - budget, t.overrun_share) - (claimed - budget)
            elif method == BUDGET:
                extra[s // 4] += part(budget - claimed, t.saving_share)
            elif method == CAPITATION and s >= 4:
                followed = part(self.grown[s], heads, self.first_heads) if self.first_heads > 0 else 0
                extra[1] += part(stated[s - 4] if t.capitation > 0 else followed, here) - claimed
        return extra


def next_pressure(t, pressure, methods, borne, billed):
    if billed is None:
        return pressure
    if all(method == FEE for method in methods):
        return 0
    x = min(max(part(10_000, borne, billed), -10_000), 10_000) if billed > 0 else 0
    return min(max(pressure + 50 * part(x, 1, 50), 0), t.response_limit)


def over(t, revenue, spent, balance, funding, due_pooled):
    """Over the annual limit, over the cumulative one, and the larger excess."""
    annual = revenue - spent > part(revenue, t.annual_limit + t.annual_tolerance)
    allowed = {NO_BASE: None, MONTHS: part(spent, t.cumulative_limit, 120_000), FUNDING: part(funding, t.cumulative_limit),
               POOLED: part(due_pooled, t.cumulative_limit)}[t.cumulative_base]
    cumulative = allowed is not None and balance > allowed
    return annual, cumulative, max(revenue - spent - part(revenue, t.annual_limit) if annual else 0,
                                   balance - allowed if cumulative else 0)


def step_for(amount, premium, limit):
    """The premium step that brings in an amount on premiums without a step."""
    return 0 if premium <= 0 else min(ceil(Fraction(10_000 * min(amount, part(premium, limit)), premium)), limit)


def answer(t, order, missing, reserve, funding, base):
    """(from the reserve, top-up, next premium step, whether the factor, whether the ladder goes down) for what is missing."""
    used = top_up = step = 0
    factor = ladder = False
    for response in order:
        if response == RESERVE:
            used = min(missing, max(reserve, 0))
            missing -= used
        elif response == TOP_UP:
            top_up = min(missing, max(part(funding, t.top_up_limit), 0))
            missing -= top_up
        elif response == PREMIUM:
            step = step_for(missing, base, t.premium_step_limit)
            missing = max(missing - part(base, step), 0)
        elif response == FACTOR:
            factor = missing > 0
        elif response == LADDER:
            ladder = missing > 0
    return used, top_up, step, factor, ladder


def secondary(t, bases, x):
    """(threshold in the ledger, self-pay above the one that is found, refund) of what there is to refund."""
    thresholds = [t.secondary_threshold]
    if t.secondary_least < t.secondary_threshold:
        thresholds += [max(t.secondary_threshold // divisor, t.secondary_least) for divisor in (2, 4, 8, 16, 32, 64, 128)]
    above = list(zip(thresholds, bases, strict=False))              # t_0 alone where the lower bases are not known
    enough = [pair for pair in above if part(pair[1], t.secondary_max_share) >= x]
    threshold, base = max(enough, key=lambda pair: pair[0]) if enough else above[-1]
    refund = min(x, part(base, t.secondary_max_share))
    return threshold if x else t.secondary_threshold, base, refund


def at_bounds(y, rung, highest):
    """Whether the response to a limit has no more to give in a year whose rung was `rung`."""
    given = []
    if y.asked in (SECONDARY, SECONDARY_LADDER):
        given.append(y.refund < y.excess)
    if y.asked in (BY_LADDER, SECONDARY_LADDER):
        given.append(rung == highest)
    return bool(given) and all(given)


def next_factor(t, factor, down, up):
    if down:
        return min(factor, max(factor - t.factor_step, t.factor_low))
    if up:
        return max(factor, min(factor + t.factor_step, t.factor_high))
    return max(factor - t.factor_step, 10_000) if factor > 10_000 else min(factor + t.factor_step, 10_000)


# --- the ladder of benefits

def growth(now, before):
    return 10_000 if before <= 0 else within(part(10_000, max(now, 0), before))


def within(ratio):
    return min(max(ratio, 5_000), 20_000)


class Ahead:
    """What a fund expects of the next two years under every rung, `rungs` their numbers from the plan."""

    def __init__(self, year, nxt, before):
        """`year` and `before` have heads, by_rung and below; `nxt` the terms of the next year."""
        t, e, f = year.t, year.c, year.f
        due = [sum(pooled_of(terms, due_of(terms, year.heads, f, step)).values())
               for terms, step in ((t, e["premium_step"]), (nxt, year.next_step))]
        heads = 10_000 if before is None else growth(year.heads, before.heads)
        announced = growth(due[1], due[0])

        def expected(amount):
            return part(part(amount, announced), heads)

        self.rungs = range(-year.below, len(year.by_rung) - year.below)
        revenue = expected(year.regular)
        rung = min(max(e["rung"], self.rungs[0]), self.rungs[-1])
        claimed = year.by_rung[rung + year.below]
        cost = within(part(announced, heads)) if before is None else growth(
            claimed, before.by_rung[min(max(rung + before.below, 0), len(before.by_rung) - 1)])
        other = year.spent - sum(f.claims)
        self.rung, self.years = rung, {}
        for r, claims in zip(self.rungs, year.by_rung, strict=True):
            one, two = part(claims, cost) + other, part(part(claims, cost), cost) + other
            held = year.accrued + revenue - one
            self.years[r] = ((held, one), (held + 2 * revenue - year.regular - two, two))
        self.keeps = {r: not any(over(nxt, revenue, one, held, expected(year.funding), expected(year.due_pooled))[:2])
                      for r, ((held, one), _) in self.years.items()}
        mark = (0, nxt.warning_yellow, nxt.warning_red)[year.trigger]
        self.clear = {r: not self.under(r, mark) for r in self.rungs}

    def under(self, rung, mark):
        return any(held < part(spent, mark, 120_000) for held, spent in self.years[rung])

    def short_of(self, mark):
        """What a year's premium has to bring in, so that neither year is under the mark on the rung in force."""
        short = [part(spent, mark, 120_000) - held for held, spent in self.years[self.rung]]
        return max(0, short[0], part(short[1], 1, 2))

    def next_rung(self, t, down, up, triggered):
        r = self.rung
        if down or (triggered and not self.clear[r]):
            wanted = next((x for x in range(r, self.rungs[0] - 1, -1) if self.clear[x]), self.rungs[0])
        elif up:
            wanted = next((x for x in range(r, self.rungs[-1] + 1) if self.keeps[x]), self.rungs[-1])
        elif r > 0:
            wanted = next((x for x in range(r + 1) if self.keeps[x]), r)
        else:
            wanted = next((x for x in range(0, r - 1, -1) if self.clear[x]), r)
        return min(max(wanted, r - t.ladder_step), r + t.ladder_step)


# --- the fund of one unit

class Fund:
    """The accounts of one pooling unit and what it takes into the next year."""

    def __init__(self, held, response="stated"):
        self.bank, self.reserve, self.own, self.cii, self.supplement, self.relief = (held.get(name, 0) for name in (
            "pooled", "reserve", "individual", "cii", "supplement", "relief"))
        self.assistance = self.adjustment = self.step = self.rung = 0
        self.factor, self.pressure, self.exhausted, self.response = 10_000, [0, 0], False, response
        self.arriving = [(0, head, held[head], 0) for head in GOVERNMENTS if head in held]     # (month, head, pooled, own)
        self.leaving = [(0, held.get("payable", 0))]
        self.covers = {"cii": Cover(), "supplement": Cover()}
        self.budgets = self.before = None

    @classmethod
    def merged(cls, parts):
        """The fund of the unit that units become on 1 January, in the middle between two years."""
        if len(parts) == 1:
            return parts[0]
        new = cls({}, parts[0].response)
        for name in ("bank", "reserve", "own", "cii", "supplement", "relief", "assistance", "adjustment"):
            setattr(new, name, sum(getattr(old, name) for old in parts))
        new.arriving, new.leaving = [x for old in parts for x in old.arriving], [x for old in parts for x in old.leaving]
        heads = [old.before.heads for old in parts]
        for name in ("factor", "step", "rung"):
            setattr(new, name, mean([getattr(old, name) for old in parts], heads))
        new.pressure = [50 * part(mean([old.pressure[care] for old in parts], heads), 1, 50) for care in (0, 1)]
        for name, cover in new.covers.items():
            olds = [old.covers[name] for old in parts]
            cover.rate, cover.stated = mean([old.rate for old in olds], heads), olds[0].stated
            cover.clawback, cover.loss = sum(old.clawback for old in olds), sum(old.loss for old in olds)

        def sums(lists):
            return [sum(amounts) for amounts in zip(*lists, strict=True)]

        b = [old.budgets for old in parts]
        new.budgets = Budgets(sums(x.first for x in b), sum(x.first_heads for x in b), sums(x.grown for x in b),
                              sums(x.budgets for x in b), sums(x.claims for x in b))
        new.before = SimpleNamespace(heads=sum(heads), below=parts[0].before.below,
                                     by_rung=sums(old.before.by_rung for old in parts))
        return new

    def begin(self, below, above):
        """The year's ladder: a rung beyond its end is its end."""
        self.rung, self.highest = min(max(self.rung, -below), above), above
        self.at_top = self.rung == above > 0

    def until_tests(self, t, f, start, alone):
        """Steps 1 to 9; `start`: the year's first month since the fund's first, `alone`: the unit is its policy's only."""
        c, y = {}, SimpleNamespace(t=t, f=f)
        y.accrued_opening = self.accrued()
        c |= {"opening": self.bank, "reserve_opening": self.reserve, "individual_opening": self.own, "cii_opening": self.cii,
              "supplement_opening": self.supplement, "relief_opening": self.relief, "assistance_opening": self.assistance,
              "adjustment_opening": self.adjustment, "accrued_opening": y.accrued_opening, "factor": self.factor,
              "premium_step": self.step, "rung": self.rung, "top_rung": self.at_top, "pressure_inpatient": self.pressure[0],
              "pressure_outpatient": self.pressure[1]}
        y.heads = heads = heads_of(t, f.members)
        due = due_of(t, heads, f, self.step)
        y.unraised, y.due = due_of(t, heads, f, 0), due
        y.funding, y.due_pooled = sum(due.values()), sum(pooled_of(t, due).values())
        self.arriving += [(start + month, *rest) for month, *rest in receipts(t, due)]
        self.leaving += [(start + month + t.claim_lag, claims) for month, claims in enumerate(f.claims)]

        for name, stated in (("cii", t.cii_premium), ("supplement", t.supplement_premium)):
            self.covers[name].begin(stated)
            c[f"{name}_rate"] = self.covers[name].rate
        insured = self.covers["cii"]
        bought, back, lost = part(heads * t.cii_premium, insured.rate), insured.clawback, insured.loss
        fees = part(heads * t.gp_fee, t.gp_signed_share)
        by_fund = part(fees, t.gp_fund_share)
        by_health = min(part(fees, t.gp_health_share), fees - by_fund)
        c |= {"supplement_premium": part(heads * t.supplement_premium, self.covers["supplement"].rate),
              "relief_funding": heads * t.relief_funding, "relief_donations": heads * t.relief_donations,
              "assistance_donations": heads * t.assistance_donations, "gp_fees": by_fund, "gp_fees_health": by_health,
              "gp_fees_patients": fees - by_fund - by_health, "public_health": heads * t.public_health}
        self.bank += back - lost - by_fund
        self.cii += lost - back
        got = dict.fromkeys(("premium", *GOVERNMENTS, "top_up", "contributions", "entry"), 0)
        credit = paid = bank_held = reserve_held = own_held = 0
        for month in range(start, start + 12):
            for _, head, pooled, to_people in (r for r in self.arriving if r[0] == month):
                got[head] += pooled
                self.bank, self.own, credit = self.bank + pooled, self.own + to_people, credit + to_people
            now = sum(p[1] for p in self.leaving if p[0] == month)
            self.bank, paid, self.own = self.bank - now, paid + now, self.own - f.other["account"][month - start]
            bank_held, reserve_held = bank_held + max(self.bank, 0), reserve_held + max(self.reserve, 0)
            own_held += max(self.own, 0)
        self.arriving = [r for r in self.arriving if r[0] >= start + 12]
        self.leaving = [p for p in self.leaving if p[0] >= start + 12]

        interest, reserve_interest, own_interest = (part(sum_, t.interest_rate, 120_000)
                                                    for sum_ in (bank_held, reserve_held, own_held))
        elsewhere = part(credit, t.account_other_use)
        self.bank, self.reserve = self.bank + interest, self.reserve + reserve_interest
        self.own += own_interest - elsewhere

        claimed = sum(f.other["cii"])
        margin = part(bought, t.cii_margin)
        insured.clawback = part(max(bought - claimed - margin, 0), t.cii_clawback)
        insured.loss = part(max(claimed - bought, 0), t.cii_loss_share)
        self.bank -= bought
        self.cii += bought - margin - claimed
        owed = insured.clawback - insured.loss
        insurer = self.cii - owed if t.cii_margin > 0 or t.cii_clawback > 0 or t.cii_loss_share > 0 else 0
        self.cii -= insurer
        for name in ("cii", "supplement"):
            self.covers[name].rerate(heads, sum(f.other[name]), *(getattr(t, f"{name}_{term}") for term in (
                "loss_ratio_low", "loss_ratio_high", "rerate_step")))

        new = self.budgets is None
        if new:
            self.budgets = Budgets(f.segments, heads, f.segments, None, None)
        self.budgets.year(t, heads, f.segments, part(max(y.due_pooled - bought - by_fund, 0), t.spending_target), new)
        extra = self.budgets.extra(t, heads)
        self.bank -= sum(extra)
        paid_so = any(method in (CASE, PER_DIEM) for method in t.inpatient_methods)
        borne = [(f.borne[0] if paid_so else 0) - extra[0], -extra[1]]
        self.pressure = [next_pressure(t, self.pressure[care], methods, borne[care], f.billed[care] if f.billed else None)
                         for care, methods in enumerate((t.inpatient_methods, t.outpatient_methods))]

        y.regular = regular = sum(got.values()) + interest
        transfer = max(min(part(regular, t.reserve_share), part(regular, t.reserve_limit) - self.reserve, self.bank), 0)
        self.bank, self.reserve = self.bank - transfer, self.reserve + transfer
        paid_in = 0 if alone else min(part(max(regular, 0), t.adjustment_share), max(self.bank, 0))
        self.bank, self.adjustment = self.bank - paid_in, self.adjustment + paid_in

        y.spent = sum(f.claims) + sum(extra) + by_fund + bought + lost
        y.annual, y.cumulative, y.excess = over(t, regular, y.spent, self.accrued(), y.funding, y.due_pooled)
        y.asked, y.order, y.trigger = SECONDARY if self.response == "secondary" else NOTHING, (), 0
        if self.response == "stated":
            y.asked, y.order, y.trigger = t.surplus_response, t.deficit_response, t.warning_trigger
        x = max(min(y.excess, self.accrued(), self.bank), 0) if y.asked in (SECONDARY, SECONDARY_LADDER) else 0
        threshold, base, y.refund = secondary(t, f.bases, x)
        self.bank -= y.refund
        rho = min(float(Fraction(x, base)), t.secondary_max_share / 10_000) if base > 0 else 0.0
        y.c = c | got | {
            "heads": heads, "subsidy": sum(got[name] for name in GOVERNMENTS), "interest": interest, "funding": y.funding,
            "pooled_funding": y.due_pooled, "claims_incurred": sum(f.claims), "claims_paid": paid,
            "provider_settlement": sum(extra), "hospital_borne": sum(borne), "cii_premium": bought, "secondary": y.refund,
            "rho": rho, "secondary_threshold": threshold, "reserve_transfer": transfer,
            "cii_from_surplus": min(bought, max(y.accrued_opening, 0)) if t.cii_surplus_first else 0,
            "reserve_interest": reserve_interest, "individual_credit": credit, "individual_interest": own_interest,
            "individual_claims": sum(f.other["account"]), "individual_other": elsewhere, "cii_claims": claimed,
            "cii_margin": margin, "cii_clawback": back, "cii_loss_borne": lost, "cii_insurer": insurer,
            "supplement_claims": sum(f.other["supplement"]), "relief_claims": sum(f.other["relief"]),
            "assistance": sum(f.other["assistance"]), "breach_annual": y.annual, "breach_cumulative": y.cumulative,
            "adjustment_paid": paid_in}
        return y

    def accrued(self):
        return self.bank + sum(r[2] for r in self.arriving) - sum(p[1] for p in self.leaving)

    def after_tests(self, y, received, nxt):
        """Steps 10 to 13 of a unit that got `received` from the adjustment fund; `nxt` are the terms of the next year."""
        t, f, c = y.t, y.f, y.c
        self.bank, self.adjustment = self.bank + received, self.adjustment - received
        raised = part(y.unraised["premium"] + y.unraised["contributions"], t.pooled_share)
        used, bailout, y.next_step, lower, leaner = answer(t, y.order, max(-self.accrued(), 0), self.reserve, y.funding, raised)
        self.bank, self.reserve = self.bank + used + bailout, self.reserve - used
        self.factor = next_factor(t, self.factor, lower, (y.annual or y.cumulative) and y.asked == RAISE)

        self.supplement += c["supplement_premium"] - c["supplement_claims"]
        self.relief += c["relief_funding"] + c["relief_donations"] - c["relief_claims"]
        help_ = part(y.due["premium"], t.premium_help)
        self.assistance += c["assistance_donations"] - c["assistance"] - help_
        appropriation = max(-self.assistance, 0)
        self.assistance += appropriation

        y.accrued = accrued = self.accrued()
        revenue, expenditure = y.regular + bailout, y.spent + y.refund
        surplus = y.regular - expenditure
        self.exhausted = self.exhausted or accrued < 0
        again = over(t, y.regular, expenditure, accrued, y.funding, y.due_pooled)
        y.below, y.by_rung = f.below, f.by_rung
        ahead, full = Ahead(y, nxt, self.before), any(again) and at_bounds(y, c["rung"], self.highest)
        if PREMIUM in y.order and y.trigger:
            short = ahead.short_of((0, nxt.warning_yellow, nxt.warning_red)[y.trigger])
            y.next_step = max(y.next_step, step_for(short, raised, t.premium_step_limit))
            ahead = Ahead(y, nxt, self.before)
        self.step = y.next_step
        self.rung = ahead.next_rung(t, leaner, (y.annual or y.cumulative) and y.asked in (BY_LADDER, SECONDARY_LADDER),
                                    y.trigger > 0)
        self.before = y
        (held_one, spent_one), (held_two, spent_two) = ahead.years[ahead.rung]
        red = accrued < part(expenditure, t.warning_red, 120_000)
        return c | {
            "deficit_top_up": bailout, "revenue": revenue, "revenue_due": y.due_pooled + c["interest"] + bailout,
            "expenditure": expenditure, "surplus": surplus, "closing": self.bank, "accrued_closing": accrued,
            "receivable": sum(r[2] for r in self.arriving), "payable": sum(p[1] for p in self.leaving), "reserve_used": used,
            "reserve": self.reserve, "individual_account": self.own, "cii_closing": self.cii,
            "supplement_closing": self.supplement, "relief_closing": self.relief, "premium_help": help_,
            "assistance_appropriation": appropriation,
            "assistance_closing": self.assistance, "surplus_rate": of(surplus, y.regular),
            "share_of_funding": of(accrued, y.funding), "months_held": of(12 * accrued, expenditure), "over_annual": again[0],
            "over_cumulative": again[1], "at_bounds": full, "warning_red": red,
            "warning_yellow": red or accrued < part(expenditure, t.warning_yellow, 120_000), "in_deficit": surplus < 0,
            "exhausted": self.exhausted, "needed_top_up": max(-accrued, 0), "adjustment_received": received,
            "adjustment_closing": self.adjustment, "balance_in_one": held_one, "spending_in_one": spent_one,
            "balance_in_two": held_two, "spending_in_two": spent_two,
            "forecast_yellow": ahead.under(ahead.rung, max(t.warning_yellow, t.warning_red)),
            "forecast_red": ahead.under(ahead.rung, t.warning_red)}


# --- units

@dataclass
class Region:
    """What is known of the counties of a scheme; without a number of counties there is one unit alone."""

    seed: int = 0
    people_id: int = 0
    counties: int = 1
    persons: int = 0
    draw: int = 0
    members: tuple = ()
    city_counties: tuple = ()
    costs: tuple = ()
    means: tuple = ()
    wages: tuple = ()
    openings: tuple = ()
    weights: tuple = ()         # stated weights of the counties' claims, instead of those of chance

    def followed(self):
        return min(self.counties, FOLLOWED)

    def numbers(self):
        return list(self.members) or [1] * self.followed()

    def units(self, t):
        """Of each unit the places of its counties."""
        n = self.followed()
        if t.pooling_level == COUNTY:
            return [[i] for i in range(n)]
        if t.pooling_level == PROVINCE:
            return [list(range(n))]
        if self.city_counties:
            city = [c for c, count in enumerate(self.city_counties) for _ in range(count)]
        else:
            cities = part(t.cities, FOLLOWED, self.counties) if self.counties > FOLLOWED else t.cities
            cities = min(max(cities, 1), n)
            city = [i * cities // n for i in range(n)]
        return [[i for i in range(n) if city[i] == c] for c in sorted(set(city))]

    def relative(self, levels, unit):
        if not levels:
            return 10_000
        m = self.numbers()

        def sums(places):
            return sum(m[i] * levels[i] for i in places), sum(m[i] for i in places)

        (own, own_members), (whole, members) = sums(unit), sums(range(len(m)))
        return part(10_000, own * members, own_members * whole)

    def terms(self, t, unit):
        """The terms of a unit whose wages or means are not those of the region."""
        means = self.relative(self.means, unit)
        central, provincial, county = t.subsidy_shares
        if means != 10_000:
            county = min(part(county, means), 10_000) if central + provincial > 0 else 10_000
            central = part(10_000 - county, central, central + provincial) if central + provincial > 0 else 0
            provincial = 10_000 - county - central
        return replace(t, average_wage=part(t.average_wage, self.relative(self.wages, unit)),
                       subsidy_shares=(central, provincial, county))


def divide(amount, weights, units):
    """An amount over units, by weights of their counties."""
    if len(units) == 1:
        return [amount]
    sums, whole = reached(weights)
    return differences([(amount * part(2**30, sums[unit[-1]], whole) + 2**29) // 2**30 for unit in units])


def philox(key, counter):
    """Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC'11)."""
    k0, k1 = key
    x0, x1, x2, x3 = counter
    for _ in range(10):
        p0, p1 = 0xD2511F53 * x0, 0xCD9E8D57 * x2
        x0, x1, x2, x3 = (p1 >> 32) ^ x1 ^ k0, p1 & 0xFFFFFFFF, (p0 >> 32) ^ x3 ^ k1, p0 & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return x0, x1, x2, x3


def normal_table():
    """65,536 standard normals of equal probability, unit variance, in 1/65,536."""
    half = [NormalDist().inv_cdf(0.5 + (cell + 0.5) / 65_536) for cell in range(32_768)]
    scale = sqrt(sum(z * z for z in half) / len(half))
    return [near(-z / scale * 65_536) for z in reversed(half)] + [near(z / scale * 65_536) for z in half]


def claim_weights(table, region, t, year):
    """The weights m_i w_i of the counties' claims; `table` is that of normals."""
    m, n = region.numbers(), region.followed()
    if region.weights:
        return [a * b for a, b in zip(m, region.weights, strict=True)]

    def normals(at, county):
        words = philox((region.seed, region.people_id), (county, 0, region.draw, at << 16 | 22))
        return table[words[0] >> 16], table[words[1] >> 16]

    weights = []
    for i in range(n):
        (z, _), (y, u) = normals(0, i), normals(year, i)
        persons = max(region.persons * m[i] // (sum(m) * region.counties // n), 1)
        chance = floor(min(sqrt(78_300**2 / persons), 10_000))
        stated = region.costs[i] if region.costs else 0
        lasting = part(65_536, stated, 10_000) if stated > 0 else 65_536 + t.county_cost_sd * z // 10_000
        shaken = 65_536 + (t.county_shock_sd * y + chance * u) // 10_000
        weights.append(m[i] * (max(lasting, 6_553) * max(shaken, 6_553) // 65_536))
    return weights


def met(fund, missing):
    """What each unit gets of the adjustment fund."""
    total = sum(missing)
    low = max(total.bit_length() - 30, 0)
    share = 2**30 if fund >= total else (fund >> low) * 2**30 // ((total >> low) + 1)
    return [amount * share // 2**30 for amount in missing]


def opening_of_units(t, members, region=None, times=None):
    """Opening balances of a policy's units, whose members open together `members`; `times` has the world's settings of them."""
    region = region or Region()
    units, m = region.units(t), region.numbers()
    held = [opening_of(region.terms(t, unit), own) for unit, own in zip(units, divide(members, m, units), strict=True)]
    for unit in held:
        unit.update({name: near(unit[name] * setting) for name, setting in (times or {}).items()})
    if region.openings:
        weights = [a * b for a, b in zip(m, region.openings, strict=True)]
        for name in ("pooled", "individual"):
            for unit, amount in zip(held, divide(sum(x[name] for x in held), weights, units), strict=True):
                unit[name] = amount
    return held


# --- the years

def whole_of(ledgers, bases):
    """The ledger of a policy from those of its units, with their secondary bases."""
    heads = [c["heads"] for c in ledgers]
    found = {name: sum(c[name] for c in ledgers) for name in ledgers[0]
             if name not in (*FLAGS, *MEANS, *QUOTIENTS)}
    found |= {name: mean([c[name] for c in ledgers], heads) for name in MEANS}
    if len(ledgers) == 1:
        return ledgers[0]
    weights = heads if sum(heads) else [1] * len(heads)
    found |= {name: sum(weight for c, weight in zip(ledgers, weights, strict=True) if c[name]) / sum(weights) for name in FLAGS}
    regular = found["revenue"] - found["deficit_top_up"]
    of_bases = bases if sum(bases) > 0 else [1] * len(bases)
    rho = sum(c["rho"] * base for c, base in zip(ledgers, of_bases, strict=True)) / sum(of_bases)
    return found | {"surplus_rate": of(found["surplus"], regular),
                    "share_of_funding": of(found["accrued_closing"], found["funding"]),
                    "months_held": of(12 * found["accrued_closing"], found["expenditure"]), "rho": rho}


def unit_years(years, opening, response="stated", region=None, table=()):
    """(ledger of the policy, ledgers of its units), year by year.

    `years` are (terms, flows), or (terms, flows under each rung of the ladder, how many of them are below the plan), of one
    policy; flows are `Flows`. `opening` has the balances of each unit.
    """
    region = region or Region()
    funds, before = [Fund(held, response) for held in opening], None
    for number, (t, flows, *ladder) in enumerate(years):
        rungs, below = (flows, *ladder) if ladder else ([flows], 0)
        units = region.units(t)
        if before is not None and len(units) < len(before):
            funds = [Fund.merged([fund for fund, old in zip(funds, before, strict=True) if old[-1] in unit]) for unit in units]
        before, weights = units, claim_weights(table, region, t, rungs[0].year) if len(units) > 1 else []
        members = rungs[0].of_units(region, units)
        divided = [[rung.of_amounts(amounts, own) for amounts, own in zip(
            zip(*(divide(amount, weights, units) for amount in rung.amounts()), strict=True), members, strict=True)]
            for rung in rungs]
        nxt = years[number + 1][0] if number + 1 < len(years) else t
        own_terms, own_flows = [region.terms(t, unit) for unit in units], []
        for u, fund in enumerate(funds):
            fund.begin(below, len(rungs) - 1 - below)
            own = divided[fund.rung + below][u]
            own.by_rung, own.below = [sum(rung[u].claims) for rung in divided], below
            own_flows.append(own)
        per_head = account_per_head([(own, f, fund.own, fund.step)
                                     for own, f, fund in zip(own_terms, own_flows, funds, strict=True)])
        middle = [fund.until_tests(own, f, 12 * number, len(units) == 1)
                  for own, f, fund in zip(own_terms, own_flows, funds, strict=True)]
        received = [funds[0].adjustment] if len(units) == 1 else met(
            sum(fund.adjustment for fund in funds), [max(-fund.accrued(), 0) for fund in funds])
        ledgers = [fund.after_tests(y, amount, region.terms(nxt, unit))
                   for fund, y, amount, unit in zip(funds, middle, received, units, strict=True)]
        yield whole_of(ledgers, [y.f.bases[0] for y in middle]) | {"account_per_head": per_head}, ledgers


def plain_years(years, opening, response="stated", cell=(0, 0)):
    """The ledger of a policy with one unit, year by year; `years` are (terms, flows of all draws and policies)."""
    held = {"pooled": opening} if isinstance(opening, int) else opening
    return (whole for whole, _ in unit_years([(t, Flows(flows, *cell)) for t, flows in years], [held], response))
