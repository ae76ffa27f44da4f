"""The fund of one draw and policy in plain Python integers, written to docs/fund.md: no SimPy, no arrays.

Steps, names and order are those of the page. Terms are read by name; flows are those of one draw and policy.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor, inf, sqrt
from statistics import NormalDist

FEE, CASE, PER_DIEM, BUDGET, CAPITATION = range(5)
RESERVE, TOP_UP, PREMIUM, FACTOR = range(4)
NO_BASE, MONTHS, FUNDING, POOLED = range(4)
SECONDARY, RAISE = 1, 2
UNUSED = (-1, -1, -1, -1)
GOVERNMENTS = ("subsidy_central", "subsidy_provincial", "subsidy_county")
OTHERS = ("supplement", "cii", "assistance", "account", "relief")


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


def split(amount, weights):
    """An amount over weights from zero up: cumulative sums of 30 binary digits, each rounded half up."""
    low = max(sum(weights).bit_length() - 30, 0)
    whole, done, up_to, parts = max(sum(weights) >> low, 1), 0, 0, []
    for weight in weights:
        up_to += weight
        reached = part(amount, up_to >> low, whole)
        parts.append(reached - done)
        done = reached
    return parts


def of(amount, base):
    """A float ratio; without a base it is limitless, or nothing of nothing."""
    if base > 0:
        return float(amount) / float(base)
    return 0.0 if amount == 0 else inf if amount > 0 else -inf


# --- one draw and policy's flows as plain numbers

class Flows:
    """The flows of one draw and policy."""

    def __init__(self, flows, d=0, p=0):
        self.year, self.active = flows.year, flows.active_share
        self.members, self.base = int(flows.members[d, p]), int(flows.secondary_base[d, p])
        self.funding, self.wage = float(flows.funding_index[d]), float(flows.wage_index[d])
        self.claims = [int(x) for x in flows.pooled_claims[d, p]]
        self.other = {name: [int(x) for x in getattr(flows, f"{name}_claims")[d, p]] for name in OTHERS}
        self.segments = [int(x) for x in flows.segments[d, p].reshape(-1)]


# --- steps 1 and 2

def heads_of(t, members):
    return part(members, 10_000 - t.duplicates)


def due_of(t, heads, f, step):
    """What is due by head of funding."""
    wages = near(heads * f.active) * near(t.average_wage * f.wage)
    contributions = part(part(part(wages, t.contribution_base_ratio), t.contribution_rate), 10_000 + step)
    due = {"premium": heads * part(near(t.premium * f.funding), 10_000 + step), "subsidy": heads * near(t.subsidy * f.funding),
           "top_up": heads * t.local_top_up, "contributions": contributions}
    return {head: part(amount, t.collection_ratio) for head, amount in due.items()}


def receipts(t, due):
    """(month, head, to the pooled fund, to individual accounts) of a year, months from its start, lags included."""
    plans = []
    for head, amount in due.items():
        pooled = part(amount, t.pooled_share)
        own = amount - pooled
        if head == "subsidy":
            plans += [(name, a, b, (0, 3, 6, 9), lag) for name, a, b, lag in zip(
                GOVERNMENTS, by_shares(pooled, t.subsidy_shares), by_shares(own, t.subsidy_shares), t.subsidy_lags, strict=True)]
        elif head == "top_up":
            plans.append((head, pooled, own, (0, 3, 6, 9), t.subsidy_lags[2]))
        else:
            plans.append((head, pooled, own, (0,) if head == "premium" else tuple(range(12)), 0))
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


def account_per_head(t, f, balance, step):
    """What a member's bills can take from the individual account in a year."""
    if t.account_use == 0 or f.members == 0:
        return 0
    due = due_of(t, heads_of(t, f.members), f, step)
    credit = sum(amount - part(amount, t.pooled_share) for amount in due.values())
    return max(balance + credit - part(credit, t.account_other_use), 0) // f.members


# --- steps 7, 9 and 10

def hospitals(t, claims, budgets, first, heads, first_heads):
    """What is paid beyond the claims of eight segments: inpatient, then outpatient, by tier."""
    stated = split(heads * t.capitation, [max(amount, 0) for amount in first[4:]])
    extra = 0
    for s, method in enumerate((*t.inpatient_methods, *t.outpatient_methods)):
        here = t.payment_share if s < 4 else t.outpatient_share
        claimed, budget = part(claims[s], here), part(budgets[s], here)
        if method == BUDGET and claimed > budget:
            extra += part(claimed - budget, t.overrun_share) - (claimed - budget)
        elif method == BUDGET:
            extra += part(budget - claimed, t.saving_share)
        elif method == CAPITATION and s >= 4:
            total = stated[s - 4] if t.capitation > 0 else part(budgets[s], heads, first_heads) if first_heads > 0 else 0
            extra += part(total, here) - claimed
    return extra


def cumulative_allowance(t, spent, funding, due_pooled):
    """What the cumulative limit lets a fund hold; None where there is no limit."""
    return {NO_BASE: None, MONTHS: part(spent, t.cumulative_limit, 120_000), FUNDING: part(funding, t.cumulative_limit),
            POOLED: part(due_pooled, t.cumulative_limit)}[t.cumulative_base]


def answer(t, order, missing, reserve, funding, base):
    """(from the reserve, top-up, next premium step, whether the factor goes down) for what is missing."""
    used = top_up = step = 0
    lower = False
    for response in order:
        if response == RESERVE:
            used = min(missing, max(reserve, 0))
            missing -= used
        elif response == TOP_UP:
            top_up = min(missing, max(part(funding, t.top_up_limit), 0))
            missing -= top_up
        elif response == PREMIUM and base > 0:
            limit = t.premium_step_limit
            step = min(-(-10_000 * min(missing, part(base, limit)) // base), limit)
            missing = max(missing - part(base, step), 0)
        elif response == FACTOR:
            lower = missing > 0
    return used, top_up, step, lower


def next_factor(t, factor, down, up):
    if down:
        return min(factor, max(factor - t.factor_step, t.factor_low))
    if up:
        return max(factor, min(factor + t.factor_step, t.factor_high))
    return max(factor - t.factor_step, 10_000) if factor > 10_000 else min(factor + t.factor_step, 10_000)


# --- counties

class Counties:
    """The memo: n counties of their own, with and without an adjustment fund. `weights(t, year, heads)` in 1/65,536."""

    def __init__(self, opening, count=1, weights=None):
        self.own = equal_parts(opening, count)
        self.adjusted, self.fund, self.count = list(self.own), 0, count
        self.weights = weights or (lambda t, year, heads: [65_536] * count)

    def year(self, t, year, heads, revenue, claims, change):
        """Columns of the year."""
        borne = split(claims, self.weights(t, year, heads))
        net = [a - b for a, b in zip(equal_parts(change + claims, self.count), borne, strict=True)]
        self.own = [a + b for a, b in zip(self.own, net, strict=True)]
        paid_in = [part(amount, t.adjustment_share) for amount in equal_parts(revenue, self.count)]
        self.adjusted = [a + b - c for a, b, c in zip(self.adjusted, net, paid_in, strict=True)]
        self.fund += sum(paid_in)
        short = [max(-amount, 0) for amount in self.adjusted]
        total, held = sum(short), max(self.fund, 0)
        low = max(total.bit_length() - 30, 0)
        share = 1 << 30 if held >= total else ((held >> low) << 30) // ((total >> low) + 1)
        met = [amount * share >> 30 for amount in short]
        self.adjusted, self.fund = [a + b for a, b in zip(self.adjusted, met, strict=True)], self.fund - sum(met)
        groups = min(max(t.cities, 1), self.count)
        cities = [sum(self.own[i] for i in range(self.count) if i * groups // self.count == city) for city in range(groups)]
        need = {level: sum(max(-amount, 0) for amount in balances) for level, balances in (
            ("county", self.own), ("adjusted", self.adjusted), ("city", cities), ("province", [sum(self.own)]))}
        stated = need[("adjusted", "city", "province")[t.pooling_level]]
        return {"counties_in_deficit": sum(1 for amount in self.own if amount < 0) / self.count,
                **{f"top_up_{level}": amount for level, amount in need.items()},
                "adjustment_fund": self.fund, "value_of_pooling": need["county"] - stated}


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


def county_weights(table, seed, people_id, count, draw=0):
    """The weights of counties as chance makes them."""
    def normals(year):
        words = [philox((seed, people_id), (county, 0, draw, year << 16 | 22)) for county in range(count)]
        return [(table[word[0] >> 16], table[word[1] >> 16]) for word in words]

    lasting = normals(0)

    def weights(t, year, heads):
        if count == 1:
            return [65_536]
        chance = floor(min(sqrt(78_300**2 * count / max(heads, 1)), 10_000))
        return [max(65_536 + t.county_cost_sd * z // 10_000, 6_553)
                * max(65_536 + (t.county_shock_sd * y + chance * u) // 10_000, 6_553) // 65_536
                for (z, _), (y, u) in zip(lasting, normals(year), strict=True)]
    return weights


# --- the years

def plain_years(years, opening, response="stated", count=1, weights=None, cell=(0, 0)):
    """Columns of the ledger, year by year; `years` are (terms, flows), `opening` the pooled fund's balance or balances."""
    held = {"pooled": opening} if isinstance(opening, int) else opening
    bank, reserve, own, cii, supplement, relief = (held.get(name, 0) for name in (
        "pooled", "reserve", "individual", "cii", "supplement", "relief"))
    assistance, factor, step = 0, 10_000, 0
    arriving = [(0, head, held[head], 0) for head in GOVERNMENTS if head in held]     # (month since the start, head, pooled, own)
    leaving = [(0, held.get("payable", 0))]
    counties = Counties(bank + sum(r[2] for r in arriving) - leaving[0][1], count, weights)
    first = budgets = first_heads = None
    for number, (t, flows) in enumerate(years):
        f, start, c = Flows(flows, *cell), 12 * number, {}
        c |= {"opening": bank, "reserve_opening": reserve, "individual_opening": own, "cii_opening": cii, "factor": factor,
              "supplement_opening": supplement, "relief_opening": relief, "assistance_opening": assistance, "premium_step": step,
              "accrued_opening": bank + sum(r[2] for r in arriving) - sum(p[1] for p in leaving)}
        heads = heads_of(t, f.members)
        due, unraised = due_of(t, heads, f, step), due_of(t, heads, f, 0)
        funding, due_pooled = sum(due.values()), sum(part(amount, t.pooled_share) for amount in due.values())
        arriving += [(start + month, *rest) for month, *rest in receipts(t, due)]
        leaving += [(start + month + t.claim_lag, claims) for month, claims in enumerate(f.claims)]
        if first is None:
            first, budgets, first_heads = f.segments, f.segments, heads
        else:
            budgets = [part(amount, 10_000 + t.budget_growth) for amount in budgets]

        got = dict.fromkeys(("premium", *GOVERNMENTS, "top_up", "contributions"), 0)
        c |= {"supplement_premium": heads * t.supplement_premium, "relief_funding": heads * t.relief_funding,
              "relief_donations": heads * t.relief_donations, "assistance_donations": heads * t.assistance_donations,
              "gp_fees": part(part(heads * t.gp_fee, t.gp_signed_share), t.gp_fund_share)}
        bank -= c["gp_fees"]
        credit = paid = bank_held = reserve_held = own_held = 0
        for month in range(start, start + 12):
            for _, head, pooled, to_people in (r for r in arriving if r[0] == month):
                got[head] += pooled
                bank, own, credit = bank + pooled, own + to_people, credit + to_people
            now = sum(p[1] for p in leaving if p[0] == month)
            bank, paid, own = bank - now, paid + now, own - f.other["account"][month - start]
            bank_held, reserve_held, own_held = bank_held + max(bank, 0), reserve_held + max(reserve, 0), own_held + max(own, 0)
        arriving, leaving = [r for r in arriving if r[0] >= start + 12], [p for p in leaving if p[0] >= start + 12]
        receivable, payable = sum(r[2] for r in arriving), sum(p[1] for p in leaving)

        interest, reserve_interest, own_interest = (part(sum_, t.interest_rate, 120_000)
                                                    for sum_ in (bank_held, reserve_held, own_held))
        elsewhere = part(credit, t.account_other_use)
        bank, reserve, own = bank + interest, reserve + reserve_interest, own + own_interest - elsewhere

        bought, cii_claims = heads * t.cii_premium, sum(f.other["cii"])
        margin = part(bought, t.cii_margin)
        clawback = part(max(bought - cii_claims - margin, 0), t.cii_clawback)
        borne = part(max(cii_claims - bought, 0), t.cii_loss_share)
        cii += bought - cii_claims - margin - clawback + borne
        insurer = cii if t.cii_margin > 0 or t.cii_clawback > 0 or t.cii_loss_share > 0 else 0
        cii -= insurer
        extra = hospitals(t, f.segments, budgets, first, heads, first_heads)
        bank += clawback - bought - borne - extra

        regular = sum(got.values()) + interest + clawback
        transfer = max(min(part(regular, t.reserve_share), part(regular, t.reserve_limit) - reserve, bank), 0)
        bank, reserve = bank - transfer, reserve + transfer

        claims = sum(f.claims)
        spent = claims + extra + c["gp_fees"] + bought + borne
        balance = bank + receivable - payable
        broken = regular - spent > part(regular, t.annual_limit + t.annual_tolerance)
        excess = regular - spent - part(regular, t.annual_limit) if broken else 0
        allowed = cumulative_allowance(t, spent, funding, due_pooled)
        heavy = allowed is not None and balance > allowed
        asked, order = (t.surplus_response, t.deficit_response) if response == "stated" else (
            SECONDARY if response == "secondary" else 0, UNUSED)
        x = max(min(max(excess, balance - allowed if heavy else 0), balance, bank), 0) if asked == SECONDARY else 0
        refund = min(x, part(f.base, t.secondary_max_share))
        bank -= refund

        used, bailout, next_step, lower = answer(t, order, max(payable - bank - receivable, 0), reserve, funding,
                                                 part(unraised["premium"] + unraised["contributions"], t.pooled_share))
        bank, reserve = bank + used + bailout, reserve - used
        factor, step = next_factor(t, factor, lower, (broken or heavy) and asked == RAISE), next_step

        supplement += c["supplement_premium"] - sum(f.other["supplement"])
        relief += c["relief_funding"] + c["relief_donations"] - sum(f.other["relief"])
        help_ = part(due["premium"], t.premium_help)
        assistance += c["assistance_donations"] - sum(f.other["assistance"]) - help_
        appropriation = max(-assistance, 0)
        assistance += appropriation

        accrued, revenue, expenditure = bank + receivable - payable, regular + bailout, spent + refund
        surplus = regular - expenditure
        grade = 2 if accrued < part(expenditure, t.warning_red, 120_000) else (
            1 if accrued < part(expenditure, t.warning_yellow, 120_000) else 0)
        yield c | got | counties.year(t, f.year, heads, revenue, claims, accrued - c["accrued_opening"]) | {
            "heads": heads, "subsidy": sum(got[name] for name in GOVERNMENTS), "interest": interest, "deficit_top_up": bailout,
            "revenue": revenue, "revenue_due": due_pooled + interest + clawback + bailout, "funding": funding,
            "pooled_funding": due_pooled, "claims_incurred": claims, "claims_paid": paid, "provider_settlement": extra,
            "cii_premium": bought, "cii_from_surplus": min(bought, max(c["accrued_opening"], 0)) if t.cii_surplus_first else 0,
            "secondary": refund, "reserve_transfer": transfer, "expenditure": expenditure, "surplus": surplus, "closing": bank,
            "accrued_closing": accrued, "receivable": receivable, "payable": payable, "reserve_interest": reserve_interest,
            "reserve_used": used, "reserve": reserve, "individual_credit": credit, "individual_interest": own_interest,
            "individual_claims": sum(f.other["account"]), "individual_other": elsewhere, "individual_account": own,
            "cii_claims": cii_claims, "cii_margin": margin, "cii_clawback": clawback, "cii_loss_borne": borne,
            "cii_insurer": insurer, "cii_closing": cii, "supplement_claims": sum(f.other["supplement"]),
            "supplement_closing": supplement, "relief_claims": sum(f.other["relief"]), "relief_closing": relief,
            "assistance_appropriation": appropriation, "assistance": sum(f.other["assistance"]), "premium_help": help_,
            "assistance_closing": assistance, "surplus_rate": of(surplus, regular), "share_of_funding": of(accrued, funding),
            "months_held": of(12 * accrued, expenditure), "breach_annual": broken, "breach_cumulative": heavy, "warning": grade,
            "rho": min(float(Fraction(x, f.base)), t.secondary_max_share / 10_000) if f.base > 0 else 0.0}
