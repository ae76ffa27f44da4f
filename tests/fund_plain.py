"""The fund of one draw and policy in plain Python integers: a loop over months, no SimPy, no arrays."""

from __future__ import annotations

FEE, CASE, PER_DIEM, BUDGET, CAPITATION = range(5)
RESERVE, TOP_UP, PREMIUM, FACTOR = range(4)


def half_up(amount, numerator, denominator=10_000):
    return (2 * amount * numerator + denominator) // (2 * denominator)


def parts(amount, count):
    return [amount // count] * (count - 1) + [amount - (count - 1) * (amount // count)]


def by_shares(amount, shares):
    first = [half_up(amount, share) for share in shares[:-1]]
    return [*first, amount - sum(first)]


def hospitals(t, claims, budgets, first, heads, first_heads):
    """What is paid beyond the claims of eight segments: inpatient, then outpatient, by tier."""
    total, up_to, reached = sum(first[4:]), 0, 0
    extra = 0
    for s, method in enumerate(t.inpatient_methods + t.outpatient_methods):
        here = t.payment_share if s < 4 else t.outpatient_share
        claimed, budget = half_up(claims[s], here), half_up(budgets[s], here)
        if s >= 4 and t.capitation:
            up_to += first[s]
            drop = max(float(total).as_integer_ratio()[0].bit_length() - 30, 0)
            so_far = half_up(heads * t.capitation, up_to >> drop, max(total >> drop, 1))
            tier, reached = so_far - reached, so_far
        elif s >= 4:
            tier = half_up(budgets[s], heads, first_heads)
        if method == BUDGET and claimed > budget:
            extra += half_up(claimed - budget, t.overrun_share) - (claimed - budget)
        elif method == BUDGET:
            extra += half_up(budget - claimed, t.saving_share)
        elif method == CAPITATION:
            extra += half_up(tier, here) - claimed
    return extra


def plain_years(years, opening):
    """Columns of the ledger, year by year; `years` are (terms, flows) of one draw and policy."""
    bank, reserve, own, cii, owed_to, owed_by, assistance, supplement, relief = opening, 0, 0, 0, 0, 0, 0, 0, 0
    factor, step = 10_000, 0
    arrivals, payments = {}, {}                    # month since the start -> fen
    for number, (t, f) in enumerate(years):
        start = 12 * number
        heads = half_up(int(f.members[0, 0]), 10_000 - t.duplicates)
        index, in_force = float(f.funding_index[0]), (factor, step)
        segments = [int(amount) for amount in f.segments[0, 0].reshape(-1)]
        if number == 0:
            first, budgets, first_heads = segments, segments, heads
        else:
            budgets = [half_up(amount, 10_000 + t.budget_growth) for amount in budgets]
        active = int(heads * f.active_share + 0.5)
        payroll = active * int(t.average_wage * float(f.wage_index[0]) + 0.5)
        contributions = half_up(half_up(payroll, t.contribution_base_ratio), t.contribution_rate)
        premium = int(t.premium * index + 0.5)
        unraised = half_up(heads * premium, t.collection_ratio) + half_up(contributions, t.collection_ratio)
        due = {"premium": heads * half_up(premium, 10_000 + step), "subsidy": heads * int(t.subsidy * index + 0.5),
               "top_up": heads * t.local_top_up, "contributions": half_up(contributions, 10_000 + step)}
        due = {head: half_up(amount, t.collection_ratio) for head, amount in due.items()}
        accrued_opening, due_pooled = bank + owed_to - owed_by, 0
        pieces = []
        for head, amount in due.items():
            pooled = half_up(amount, t.pooled_share)
            due_pooled += pooled
            if head == "subsidy":
                pieces += [(head, a, b, lag) for a, b, lag in zip(by_shares(pooled, t.subsidy_shares), by_shares(
                    amount - pooled, t.subsidy_shares), t.subsidy_lags, strict=True)]
            else:
                pieces.append((head, pooled, amount - pooled, t.subsidy_lags[2] if head == "top_up" else 0))
        for head, pooled, to_accounts, lag in pieces:
            months = {"premium": [0], "contributions": list(range(12))}.get(head, [0, 3, 6, 9])
            for month, to_fund, to_people in zip(
                    months, parts(pooled, len(months)), parts(to_accounts, len(months)), strict=True):
                arrivals.setdefault(start + month + lag, []).append((to_fund, to_people))
        for month in range(12):
            payments.setdefault(start + month + t.claim_lag, []).append(int(f.pooled_claims[0, 0, month]))
        fees = half_up(half_up(heads * t.gp_fee, t.gp_signed_share), t.gp_fund_share)
        bank -= fees
        revenue = credit = held = own_held = reserve_held = paid = 0
        for month in range(start, start + 12):
            for to_fund, to_people in arrivals.pop(month, []):
                bank, revenue, own, credit = bank + to_fund, revenue + to_fund, own + to_people, credit + to_people
            for claims in payments.pop(month, []):
                bank, paid = bank - claims, paid + claims
            own -= int(f.account_claims[0, 0, month - start])
            held, own_held, reserve_held = held + max(bank, 0), own_held + max(own, 0), reserve_held + max(reserve, 0)
        owed_to = sum(to_fund for later in arrivals.values() for to_fund, _ in later)
        owed_by = sum(sum(later) for later in payments.values())
        interest = half_up(held, t.interest_rate, 120_000)
        own += half_up(own_held, t.interest_rate, 120_000) - half_up(credit, t.account_other_use)
        reserve += half_up(reserve_held, t.interest_rate, 120_000)
        bank, revenue = bank + interest, revenue + interest

        bought, cii_claims = heads * t.cii_premium, int(f.cii_claims.sum())
        margin = half_up(bought, t.cii_margin)
        clawback = half_up(max(bought - cii_claims - margin, 0), t.cii_clawback)
        borne = half_up(max(cii_claims - bought, 0), t.cii_loss_share)
        cii += bought - cii_claims - margin - clawback + borne
        insurer = cii if t.cii_margin or t.cii_clawback or t.cii_loss_share else 0
        cii -= insurer
        bank, revenue = bank - bought - borne + clawback, revenue + clawback
        extra = hospitals(t, segments, budgets, first, heads, first_heads)
        bank -= extra
        transfer = max(min(half_up(revenue, t.reserve_share), half_up(revenue, t.reserve_limit) - reserve, bank), 0)
        bank, reserve = bank - transfer, reserve + transfer

        spent = int(f.pooled_claims.sum()) + fees + bought + borne + extra
        surplus, balance, funding = revenue - spent, bank + owed_to - owed_by, sum(due.values())
        breach_annual = surplus > half_up(revenue, t.annual_limit + t.annual_tolerance)
        excess = surplus - half_up(revenue, t.annual_limit) if breach_annual else 0
        allowed = {0: balance, 1: half_up(spent, t.cumulative_limit, 120_000), 2: half_up(funding, t.cumulative_limit),
                   3: half_up(due_pooled, t.cumulative_limit)}[t.cumulative_base]
        breach = breach_annual or balance > allowed
        refund = 0
        if t.surplus_response == 1:
            excess = max(min(max(excess, balance - allowed, 0), balance, bank), 0)
            refund = min(excess, half_up(int(f.secondary_base[0, 0]), t.secondary_max_share))
        bank -= refund

        missing = max(-(bank + owed_to - owed_by), 0)
        used = bailout = next_step = 0
        lower = False
        for response in t.deficit_response:
            if response == RESERVE:
                used = min(missing, max(reserve, 0))
                missing -= used
            elif response == TOP_UP:
                bailout = min(missing, max(half_up(funding, t.top_up_limit), 0))
                missing -= bailout
            elif response == PREMIUM:
                base = half_up(unraised, t.pooled_share)
                while missing and next_step < t.premium_step_limit and half_up(base, next_step) < missing:
                    next_step += 1
                missing = max(missing - half_up(base, next_step), 0)
            elif response == FACTOR:
                lower = missing > 0
        bank, reserve, revenue = bank + used + bailout, reserve - used, revenue + bailout
        step = next_step
        if lower:
            factor = min(factor, max(factor - t.factor_step, t.factor_low))
        elif breach and t.surplus_response == 2:
            factor = max(factor, min(factor + t.factor_step, t.factor_high))
        elif factor > 10_000:
            factor = max(factor - t.factor_step, 10_000)
        else:
            factor = min(factor + t.factor_step, 10_000)

        supplement += heads * t.supplement_premium - int(f.supplement_claims.sum())
        relief += heads * (t.relief_funding + t.relief_donations) - int(f.relief_claims.sum())
        help_ = half_up(due["premium"], t.premium_help)
        assistance += heads * t.assistance_donations - int(f.assistance_claims.sum()) - help_
        appropriation = max(-assistance, 0)
        assistance += appropriation
        yield {"heads": heads, "revenue": revenue, "interest": interest, "claims_paid": paid, "secondary": refund,
               "reserve_transfer": transfer, "reserve_used": used, "reserve": reserve, "expenditure": spent + refund,
               "surplus": surplus - refund, "closing": bank, "accrued_opening": accrued_opening,
               "accrued_closing": bank + owed_to - owed_by, "receivable": owed_to, "payable": owed_by,
               "individual_account": own, "cii_margin": margin, "cii_clawback": clawback, "cii_loss_borne": borne,
               "cii_insurer": insurer, "cii_closing": cii, "provider_settlement": extra, "gp_fees": fees,
               "deficit_top_up": bailout, "factor": in_force[0], "premium_step": in_force[1], "breach_annual": breach_annual,
               "supplement_closing": supplement, "relief_closing": relief, "assistance_closing": assistance,
               "assistance_appropriation": appropriation}
