"""Reference settlement of Chinese health-insurance bills, to be read like a slip checked by hand.

Written from the page "How one bill is settled" (settlement.md) alone, and on purpose in another way than
the program it checks: amounts are `Decimal` yuan with two decimals, ratios are `Decimal` fractions of one
(78.5% is 0.785), and every step of the page is one function here, in the page's order.

    plan = read_plan({...})                  # the dict form of plan-example.yaml
    slips = settle(plan, person, bills)      # one year of one person, bills in order of discharge

A slip maps each of `PAYERS` to yuan; its last key, `in_scope_left`, is no payer but the page's in-scope self-pay
left for secondary reimbursement.

Anything wrong in a plan, a person or a bill is refused with ValueError.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext

TIERS = ("township", "county", "city", "outside")
CLASSES = ("adult", "child", "student", "active", "retired")
GROUPS = ("none", "dibao", "wubao", "low_income", "disabled", "elderly")
KINDS = ("inpatient", "outpatient")
ILLNESSES = (
    "esrd", "childhood-leukaemia", "childhood-congenital-heart-disease", "breast-cancer", "cervical-cancer",
    "severe-mental-illness", "mdr-tb", "aids-opportunistic-infection", "lung-cancer", "oesophageal-cancer",
    "gastric-cancer", "colon-cancer", "rectal-cancer", "cml", "acute-myocardial-infarction",
    "cerebral-infarction", "haemophilia", "type-1-diabetes", "hyperthyroidism", "cleft-lip-palate",
)
PAYERS = ("basic", "listed", "outpatient", "supplement", "cii", "commercial", "assistance", "account", "cash",
          "relief", "hospital")

IN_SCOPE_LEFT = "in_scope_left"               # the key of a slip that is no payer

FEN = Decimal("0.01")
ZERO = Decimal("0.00")
ONE = Decimal(1)
UNLIMITED = Decimal("10000000000000.00")      # 10^15 fen
LARGEST_BILL = Decimal("100000000.00")        # 10^10 fen
MOST_DAYS = 10_000
EXACT = Context(prec=60)                      # room enough that nothing is rounded but by `rounded`


def rounded(amount):
    """`round` of the page's head: half up to the fen."""
    return amount.quantize(FEN, ROUND_HALF_UP)


def positive(amount):
    """`(x)+` of the page's head."""
    return amount if amount > 0 else ZERO


def share_in_ten_thousandths(part, whole):
    """`floor(part x 10000 / whole)` of steps 3 and 4, as a fraction of one."""
    return (part * 10000 // whole).scaleb(-4)


# ---------------------------------------------------------------------------------------------------------
# Reading amounts and percentages
# ---------------------------------------------------------------------------------------------------------

def _number(value, where):
    if isinstance(value, (bool, float)) or not isinstance(value, (str, int, Decimal)):
        raise ValueError(f"{where}: {value!r} is not a number given as text")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{where}: {value!r} is not a number") from None
    if not number.is_finite() or number < 0:
        raise ValueError(f"{where}: {value!r} must be a number not below 0")
    return number


def _with_two_decimals(number, where):
    if number > UNLIMITED:
        raise ValueError(f"{where}: {number} is too large")
    exact = number.quantize(FEN, ROUND_HALF_UP)
    if exact != number:
        raise ValueError(f"{where}: {number} has more than two decimals")
    return exact


def _yuan(value, where):
    return _with_two_decimals(_number(value, where), where)


def _limit(value, where):
    """An amount, or `unlimited` (10^15 fen)."""
    return UNLIMITED if value == "unlimited" else _yuan(value, where)


def _points(value, where):
    """Percentage points as a fraction: "5" -> 0.05. A ratio has four decimals, so a percentage has two."""
    return _with_two_decimals(_number(value, where), where).scaleb(-2)


def _percent(value, where):
    fraction = _points(value, where)
    if fraction > 1:
        raise ValueError(f"{where}: {value!r} is above 100 percent")
    return fraction


def _flag(value, where):
    if not isinstance(value, bool):
        raise ValueError(f"{where}: {value!r} is not true or false")
    return value


def _choice(value, allowed, where):
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{where}: {value!r} is not one of {', '.join(allowed)}")
    return value


def _list(value, where):
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{where}: {value!r} is not a list")
    return value


def _mapping(value, allowed, where):
    if not isinstance(value, Mapping):
        raise ValueError(f"{where}: {value!r} is not a mapping")
    for key in value:
        if key not in allowed:
            raise ValueError(f"{where}: unknown key {key!r}")
    return value


# ---------------------------------------------------------------------------------------------------------
# The plan
# ---------------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Plan:
    """The table "The plan" of the page; amounts in yuan, ratios and points as fractions of one."""
    deductible: dict                # (tier, class) -> amounts for first, second, third and later admission
    deductible_waived: frozenset    # groups
    band_tops: tuple                # n tops, n + 1 bands
    ratio: dict                     # (tier, class) -> one ratio for each band
    band_basis: str
    band_period: str
    primary_bonus: Decimal
    outside_penalty: Decimal
    unreferred_penalty: Decimal
    tcm_bonus: Decimal
    guaranteed_share: Decimal
    guaranteed_basis: str
    factor: Decimal
    annual_cap: Decimal
    cap_basis: str
    cap_counts_outpatient: bool
    listed: dict                    # illness -> none, full, pilot
    listed_ratio: dict              # illness -> ratio
    quota: dict                     # illness -> yuan per unit
    quota_kind: dict                # illness -> package, limit
    listed_better: bool
    listed_outside_cap: bool
    outside_first_pay: Decimal      # share of the in-scope part of an ordinary bill out of area
    reference_price: Decimal        # new drugs in one bill
    case_level: dict                # tier -> ratio of the case's standard price; may be above one
    day_price: dict                 # tier -> yuan a day
    patient_share_base: str
    consultation_fee: Decimal
    consultation_share: Decimal
    outpatient_deductible: Decimal
    outpatient_ratio: dict          # (tier, class) -> ratio
    outpatient_visit_limit: Decimal
    outpatient_year_limit: Decimal
    chronic_list: bool
    chronic_deductible: Decimal
    chronic_ratio: dict             # tier -> ratio
    chronic_year_limit: Decimal
    supplement_ratio: Decimal
    supplement_cap: Decimal
    cii_threshold: Decimal
    cii_tops: tuple
    cii_ratio: tuple
    cii_cap: Decimal
    cii_counts_outpatient: bool
    cii_listed_only: bool
    cii_excluded_share: Decimal
    commercial_deductible: Decimal
    commercial_ratio: Decimal
    commercial_cap: Decimal
    commercial_scope: str
    ma_inpatient_ratio: dict        # group -> ratio
    ma_outpatient_ratio: dict
    ma_listed_ratio: dict
    ma_deductible: Decimal
    ma_listed_waives_deductible: bool
    ma_cap: Decimal
    ma_listed_outside_cap: bool
    ma_take_up: Decimal
    account_balance: dict           # class -> yuan
    account_use: str
    relief_groups: frozenset        # groups
    relief_ability: Decimal         # one bill
    relief_ratio: Decimal


def _tops(value, where):
    tops = tuple(_yuan(top, where) for top in _list(value, where))
    if any(top <= 0 for top in tops) or any(low >= high for low, high in zip(tops, tops[1:], strict=False)):
        raise ValueError(f"{where}: the boundaries must be above 0 and rising")
    return tops


def _row(value, length, read, where):
    row = tuple(read(item, where) for item in _list(value, where))
    if len(row) != length:
        raise ValueError(f"{where}: {length} values are needed, not {len(row)}")
    return row


def _tiered(value, read, neutral, where):
    """{tier: value} or {tier: {class: value}} as {(tier, class): value}; what is absent is neutral."""
    table = {(tier, member): neutral for tier in TIERS for member in CLASSES}
    for tier, content in _mapping(value, TIERS, where).items():
        at = f"{where} at {tier}"
        if isinstance(content, Mapping):
            for member, inner in _mapping(content, CLASSES, at).items():
                table[tier, member] = read(inner, f"{at} for {member}")
        else:
            same = read(content, at)
            for member in CLASSES:
                table[tier, member] = same
    return table


def _outpatient_ratio(value, where):
    """A percentage, also when it stands alone in a list."""
    if isinstance(value, (list, tuple)):
        return _row(value, 1, _percent, where)[0]
    return _percent(value, where)


def read_plan(mapping):
    """The section "The plan": a plan from the dict form of plan-example.yaml; what is absent is neutral."""
    given = _mapping(mapping, Plan.__dataclass_fields__, "plan")

    def value(name, neutral, read):
        return read(given[name], name) if name in given else neutral

    def choice(name, *allowed):             # the first one is neutral
        return value(name, allowed[0], lambda text, where: _choice(text, allowed, where))

    def keyed(name, keys, read):
        def read_all(content, where):
            return {key: read(item, f"{where}: {key}") for key, item in _mapping(content, keys, where).items()}
        return value(name, {}, read_all)

    def groups(name):
        def read_all(content, where):
            return frozenset(_choice(group, GROUPS, where) for group in _list(content, where))
        return value(name, frozenset(), read_all)

    band_tops = value("band_tops", (), _tops)
    bands = len(band_tops) + 1
    cii_tops = value("cii_tops", (), _tops)
    cii_bands = len(cii_tops) + 1

    return Plan(
        deductible=_tiered(given.get("deductible", {}), lambda row, where: _row(row, 3, _yuan, where),
                           (ZERO,) * 3, "deductible"),
        deductible_waived=groups("deductible_waived"),
        band_tops=band_tops,
        ratio=_tiered(given.get("ratio", {}), lambda row, where: _row(row, bands, _percent, where),
                      (ZERO,) * bands, "ratio"),
        band_basis=choice("band_basis", "eligible", "after_deductible"),
        band_period=choice("band_period", "admission", "year"),
        primary_bonus=value("primary_bonus", ZERO, _points),
        outside_penalty=value("outside_penalty", ZERO, _points),
        unreferred_penalty=value("unreferred_penalty", ZERO, _points),
        tcm_bonus=value("tcm_bonus", ZERO, _points),
        guaranteed_share=value("guaranteed_share", ZERO, _percent),
        guaranteed_basis=choice("guaranteed_basis", "eligible", "billed"),
        factor=value("factor", ONE, _points),
        annual_cap=value("annual_cap", UNLIMITED, _limit),
        cap_basis=choice("cap_basis", "payment", "expense"),
        cap_counts_outpatient=value("cap_counts_outpatient", False, _flag),
        listed=keyed("listed", ILLNESSES, lambda text, where: _choice(text, ("none", "full", "pilot"), where)),
        listed_ratio=keyed("listed_ratio", ILLNESSES, _percent),
        quota=keyed("quota", ILLNESSES, _yuan),
        quota_kind=keyed("quota_kind", ILLNESSES, lambda text, where: _choice(text, ("limit", "package"), where)),
        listed_better=value("listed_better", False, _flag),
        listed_outside_cap=value("listed_outside_cap", False, _flag),
        outside_first_pay=value("outside_first_pay", ZERO, _percent),
        reference_price=value("reference_price", UNLIMITED, _limit),
        case_level=keyed("case_level", TIERS, _points),
        day_price=keyed("day_price", TIERS, _yuan),
        patient_share_base=choice("patient_share_base", "price", "billed"),
        consultation_fee=value("consultation_fee", ZERO, _yuan),
        consultation_share=value("consultation_share", ZERO, _percent),
        outpatient_deductible=value("outpatient_deductible", ZERO, _yuan),
        outpatient_ratio=_tiered(given.get("outpatient_ratio", {}), _outpatient_ratio, ZERO, "outpatient_ratio"),
        outpatient_visit_limit=value("outpatient_visit_limit", UNLIMITED, _limit),
        outpatient_year_limit=value("outpatient_year_limit", UNLIMITED, _limit),
        chronic_list=value("chronic_list", False, _flag),
        chronic_deductible=value("chronic_deductible", ZERO, _yuan),
        chronic_ratio=keyed("chronic_ratio", TIERS, _percent),
        chronic_year_limit=value("chronic_year_limit", UNLIMITED, _limit),
        supplement_ratio=value("supplement_ratio", ZERO, _percent),
        supplement_cap=value("supplement_cap", UNLIMITED, _limit),
        cii_threshold=value("cii_threshold", UNLIMITED, _limit),
        cii_tops=cii_tops,
        cii_ratio=value("cii_ratio", (ZERO,) * cii_bands, lambda row, where: _row(row, cii_bands, _percent, where)),
        cii_cap=value("cii_cap", UNLIMITED, _limit),
        cii_counts_outpatient=value("cii_counts_outpatient", False, _flag),
        cii_listed_only=value("cii_listed_only", False, _flag),
        cii_excluded_share=value("cii_excluded_share", ZERO, _percent),
        commercial_deductible=value("commercial_deductible", ZERO, _yuan),
        commercial_ratio=value("commercial_ratio", ZERO, _percent),
        commercial_cap=value("commercial_cap", UNLIMITED, _limit),
        commercial_scope=choice("commercial_scope", "in_scope", "all"),
        ma_inpatient_ratio=keyed("ma_inpatient_ratio", GROUPS, _percent),
        ma_outpatient_ratio=keyed("ma_outpatient_ratio", GROUPS, _percent),
        ma_listed_ratio=keyed("ma_listed_ratio", GROUPS, _percent),
        ma_deductible=value("ma_deductible", ZERO, _yuan),
        ma_listed_waives_deductible=value("ma_listed_waives_deductible", False, _flag),
        ma_cap=value("ma_cap", UNLIMITED, _limit),
        ma_listed_outside_cap=value("ma_listed_outside_cap", False, _flag),
        ma_take_up=value("ma_take_up", ONE, _percent),
        account_balance=keyed("account_balance", CLASSES, _yuan),
        account_use=choice("account_use", "all", "outpatient"),
        relief_groups=groups("relief_groups"),
        relief_ability=value("relief_ability", ZERO, _yuan),
        relief_ratio=value("relief_ratio", ZERO, _percent),
    )


# ---------------------------------------------------------------------------------------------------------
# The person, the year and the bill
# ---------------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Person:
    """The section "The bill", its last paragraph."""
    member_class: str
    group: str
    pilot_area: bool
    payment_area: bool
    commercial: bool


def read_person(mapping):
    """The section "The bill": the person; an adult of no group, outside the areas, where nothing is said."""
    given = _mapping(mapping, Person.__dataclass_fields__, "person")
    return Person(_choice(given.get("member_class", "adult"), CLASSES, "member_class"),
                  _choice(given.get("group", "none"), GROUPS, "group"),
                  *(_flag(given.get(name, False), name) for name in ("pilot_area", "payment_area", "commercial")))


@dataclass(slots=True)
class Year:
    """The section "The year's state of one person": all zero on 1 January."""
    admissions: int = 0
    eligible_year: Decimal = ZERO
    base_year: Decimal = ZERO
    cap_used: Decimal = ZERO
    outpatient_deductible_used: Decimal = ZERO
    outpatient_paid: Decimal = ZERO
    self_pay_year: Decimal = ZERO
    ma_deductible_used: Decimal = ZERO
    ma_paid: Decimal = ZERO
    supplement_used: Decimal = ZERO
    commercial_deductible_used: Decimal = ZERO
    commercial_paid: Decimal = ZERO
    account_used: Decimal = ZERO
    chronic_deductible_used: Decimal = ZERO
    chronic_paid: Decimal = ZERO


@dataclass(slots=True)
class Bill:
    """The table "The bill"; amounts in yuan."""
    kind: str
    tier: str
    billed: Decimal
    eligible: Decimal
    tcm: Decimal
    illness: str | None
    units: int
    unreferred: bool
    days: int
    case_price: Decimal
    new_drug: Decimal
    chronic: bool
    emergency: bool


BILL_KEYS = ("kind", "tier", "billed", "eligible", "in_scope", "tcm", "illness", "units", "unreferred", "days",
             "case_price", "new_drug", "chronic", "emergency")


def read_bill(mapping):
    """Step 0, the check: tcm and new_drug <= E <= B <= 10^10 fen, as the case price; units, days in range."""
    given = _mapping(mapping, BILL_KEYS, "bill")
    for name in ("kind", "tier", "billed"):
        if name not in given:
            raise ValueError(f"bill: {name} is missing")
    if ("eligible" in given) == ("in_scope" in given):
        raise ValueError("bill: one of eligible and in_scope must be given")
    billed = _yuan(given["billed"], "billed")
    if "eligible" in given:
        eligible = _yuan(given["eligible"], "eligible")
    else:
        eligible = rounded(billed * _percent(given["in_scope"], "in_scope"))
    tcm = _yuan(given.get("tcm", ZERO), "tcm")
    if not tcm <= eligible <= billed <= LARGEST_BILL:
        raise ValueError(f"bill: tcm {tcm} <= eligible {eligible} <= billed {billed} <= {LARGEST_BILL} fails")
    new_drug = _yuan(given.get("new_drug", ZERO), "new_drug")
    if new_drug > eligible:
        raise ValueError(f"bill: new_drug {new_drug} <= eligible {eligible} fails")
    case_price = _yuan(given.get("case_price", ZERO), "case_price")
    if case_price > LARGEST_BILL:
        raise ValueError(f"bill: case_price {case_price} <= {LARGEST_BILL} fails")
    illness = given.get("illness")
    if illness is not None:
        _choice(illness, ILLNESSES, "illness")
    units = given.get("units", 1)
    if type(units) is not int or units < 1:
        raise ValueError(f"bill: units {units!r} must be a whole number of 1 or more")
    days = given.get("days", 1)
    if type(days) is not int or not 1 <= days <= MOST_DAYS:
        raise ValueError(f"bill: days {days!r} must be a whole number from 1 to {MOST_DAYS}")
    return Bill(_choice(given["kind"], KINDS, "kind"), _choice(given["tier"], TIERS, "tier"), billed, eligible,
                tcm, illness, units, _flag(given.get("unreferred", False), "unreferred"), days, case_price,
                new_drug, _flag(given.get("chronic", False), "chronic"),
                _flag(given.get("emergency", False), "emergency"))


# ---------------------------------------------------------------------------------------------------------
# The steps
# ---------------------------------------------------------------------------------------------------------

def paid_by_bands(low, high, tops, rates):
    """Steps 3a.4 and 5: the parts of (low, high] in each band, times the bands' rates, summed, not rounded."""
    total = ZERO
    for top, rate in zip(tops, rates, strict=False):
        if high <= top:
            return total + (high - low) * rate if high > low else total
        if low < top:
            total += (top - low) * rate
            low = top
    return total + (high - low) * rates[-1] if high > low else total


def without_drug_above_reference_price(plan, bill):
    """Step 0, its end: what the new drug costs above the reference price leaves the scope."""
    eligible = bill.eligible - positive(bill.new_drug - plan.reference_price)
    return replace(bill, eligible=eligible, tcm=min(bill.tcm, eligible))


def is_listed(plan, person, bill):
    """Step 1: listed in full, or on the pilot list and the person lives in a pilot area."""
    if bill.illness is None:
        return False
    status = plan.listed.get(bill.illness, "none")
    return status == "full" or (status == "pilot" and person.pilot_area)


def as_ordinary(plan, person, year, bill):
    """Step 2, o: what the bill would be paid as an ordinary one, fee for service; the year is left as it is."""
    untouched = replace(year)               # a copy: the steps below move the copy on
    if bill.kind == "inpatient":
        return ordinary_inpatient(plan, person, untouched, bill).basic
    return any_ordinary_outpatient(plan, person, untouched, bill)


def listed_illness(plan, person, year, bill):
    """Step 2: the basis, what the hospital bears, and the payment of the list."""
    # the quota price takes the place of the in-scope part
    quota = plan.quota.get(bill.illness, ZERO)
    if quota > 0:
        basis = min(bill.billed, quota * bill.units)
        is_package = plan.quota_kind.get(bill.illness, "limit") == "package"
        hospital = bill.billed - basis if is_package else ZERO
    else:
        basis = bill.eligible
        hospital = ZERO
    # the payment; no deductible
    payment = rounded(basis * plan.listed_ratio.get(bill.illness, ZERO))
    # the better of the list and the ordinary terms
    if plan.listed_better:
        payment = min(max(payment, as_ordinary(plan, person, year, bill)), bill.billed - hospital)
    # the annual cap, unless the list stands outside it or the cap is one on expense
    if plan.cap_basis == "payment" and not plan.listed_outside_cap:
        payment = min(payment, positive(plan.annual_cap - year.cap_used))
        year.cap_used += payment
    return basis, hospital, payment


def after_first_payment(plan, bill):
    """Step 2a: what the patient pays first of an ordinary bill out of area leaves the scope."""
    if bill.tier != "outside":
        return bill
    eligible = bill.eligible - rounded(bill.eligible * plan.outside_first_pay)
    return replace(bill, eligible=eligible, tcm=min(bill.tcm, eligible))


def price_of_the_stay(plan, person, bill):
    """Step 3, P: the case's price, else the days' price; None where the stay is paid fee for service."""
    if not person.payment_area or bill.billed == 0:
        return None
    case_level = plan.case_level.get(bill.tier, ZERO)
    day_price = plan.day_price.get(bill.tier, ZERO)
    if bill.case_price > 0 and case_level > 0:
        price = rounded(bill.case_price * case_level)
    elif day_price > 0:
        price = day_price * bill.days
    else:
        return None
    return min(price, LARGEST_BILL)


def as_if_price_were_billed(bill, price):
    """Step 3, `price`: the price stands for the bill, the same share of it (four decimals, cut) in scope."""
    in_scope = share_in_ten_thousandths(bill.eligible, bill.billed)
    eligible = rounded(price * in_scope)
    return replace(bill, billed=price, eligible=eligible, tcm=min(bill.tcm, eligible))


def hospital_under_a_price(plan, billed, price, basic):
    """Step 3, its end: what the hospital bears (or, below 0, keeps) and what the fund pays in the end."""
    if plan.patient_share_base == "price":
        return billed - price, basic
    hospital = min(billed - price, basic)
    return hospital, basic - hospital


@dataclass(frozen=True)
class Stay:
    """What step 3a leaves behind for step 4."""
    basic: Decimal                  # p', the payment after the cap
    before_cap: Decimal             # p, the payment before point 8
    eligible: Decimal               # E'
    after_deductible: Decimal       # (E' - D)+


def ordinary_inpatient(plan, person, year, bill):
    """Step 3a, in the control order of its nine points."""
    # 1. a cap on expense cuts the in-scope part itself
    eligible = bill.eligible
    if plan.cap_basis == "expense":
        eligible = min(eligible, positive(plan.annual_cap - year.eligible_year))

    # 2. the deductible of this admission
    if person.group in plan.deductible_waived:
        deductible = ZERO
    else:
        deductible = plan.deductible[bill.tier, person.member_class][min(year.admissions, 2)]
    after_deductible = positive(eligible - deductible)

    # 3. the interval that is paid
    if plan.band_basis == "eligible":
        low, high, so_far = min(deductible, eligible), eligible, year.eligible_year
    else:
        low, high, so_far = ZERO, after_deductible, year.base_year
    if plan.band_period == "year":
        low += so_far
        high += so_far

    # 4. the rates, and the bands with the TCM bonus, rounded once
    rates = plan.ratio[bill.tier, person.member_class]
    points = ZERO
    if bill.tier == "township":
        points += plan.primary_bonus
    if bill.tier == "outside":
        points -= plan.outside_penalty
    if bill.unreferred:
        points -= plan.unreferred_penalty
    if points != 0:
        rates = [min(max(rate + points, ZERO), ONE) for rate in rates]
    payment = rounded(paid_by_bands(low, high, plan.band_tops, rates)
                      + plan.tcm_bonus * min(bill.tcm, after_deductible))
    payment = min(payment, after_deductible)

    # 5. the guaranteed share
    guaranteed_on = eligible if plan.guaranteed_basis == "eligible" else bill.billed
    payment = max(payment, rounded(plan.guaranteed_share * guaranteed_on))

    # 6. not more than the in-scope part
    payment = min(payment, eligible)

    # 7. the fund's control factor
    if plan.factor != 1:
        payment = min(rounded(payment * plan.factor), eligible)

    # 8. a cap on payments
    before_cap = payment
    if plan.cap_basis == "payment":
        payment = min(payment, positive(plan.annual_cap - year.cap_used))
        year.cap_used += payment

    # 9. the year moves on
    year.admissions += 1
    year.eligible_year += bill.eligible
    year.base_year += after_deductible
    return Stay(payment, before_cap, eligible, after_deductible)


def ordinary_outpatient(plan, person, year, bill):
    """Step 3b: the consultation fee, then the rest above the year's deductible, then the limits."""
    consultation = min(plan.consultation_fee, bill.eligible) if bill.tier == "township" else ZERO
    for_consultation = rounded(consultation * plan.consultation_share)

    rest = bill.eligible - consultation
    deductible = min(rest, positive(plan.outpatient_deductible - year.outpatient_deductible_used))
    year.outpatient_deductible_used += deductible
    for_visit = rounded((rest - deductible) * plan.outpatient_ratio[bill.tier, person.member_class])
    for_visit = min(for_visit, plan.outpatient_visit_limit)

    payment = min(for_consultation + for_visit, positive(plan.outpatient_year_limit - year.outpatient_paid))
    if plan.cap_counts_outpatient and plan.cap_basis == "payment":
        payment = min(payment, positive(plan.annual_cap - year.cap_used))
        year.cap_used += payment
    year.outpatient_paid += payment
    return payment


def chronic_outpatient(plan, year, bill):
    """Step 3c: the terms of the chronic list, with a deductible and a limit of their own for the year."""
    deductible = min(bill.eligible, positive(plan.chronic_deductible - year.chronic_deductible_used))
    year.chronic_deductible_used += deductible
    payment = rounded((bill.eligible - deductible) * plan.chronic_ratio.get(bill.tier, ZERO))
    payment = min(payment, positive(plan.chronic_year_limit - year.chronic_paid))
    if plan.cap_counts_outpatient and plan.cap_basis == "payment":
        payment = min(payment, positive(plan.annual_cap - year.cap_used))
        year.cap_used += payment
    year.chronic_paid += payment
    return payment


def any_ordinary_outpatient(plan, person, year, bill):
    """Steps 3b and 3c: which of the two settles the visit."""
    if plan.chronic_list and bill.chronic:
        return chronic_outpatient(plan, year, bill)
    return ordinary_outpatient(plan, person, year, bill)


def large_sum_supplement(plan, year, bill, stay):
    """Step 4: the supplement's ratio on the in-scope expense above the annual cap."""
    if plan.cap_basis == "expense":
        above = bill.eligible - stay.eligible
    elif stay.basic < stay.before_cap:
        cut_off = share_in_ten_thousandths(stay.before_cap - stay.basic, stay.before_cap)
        above = rounded(stay.after_deductible * cut_off)
    else:
        above = ZERO
    payment = rounded(above * plan.supplement_ratio)
    payment = min(payment, positive(plan.supplement_cap - year.supplement_used), bill.eligible - stay.basic)
    year.supplement_used += payment
    return payment


def cii_for_year(plan, self_pay):
    """Step 5, F(x): what critical illness insurance owes on the self-pay of the whole year so far."""
    if self_pay <= plan.cii_threshold:
        return ZERO
    return min(rounded(paid_by_bands(plan.cii_threshold, self_pay, plan.cii_tops, plan.cii_ratio)), plan.cii_cap)


def critical_illness_insurance(plan, year, bill, listed_bill, self_pay, excluded, left):
    """Step 5: the increase of F that this bill causes, at most what the patient has left of the bill."""
    if bill.kind == "outpatient" and not plan.cii_counts_outpatient:
        return ZERO
    if plan.cii_listed_only and not listed_bill:
        return ZERO
    compliant = self_pay + rounded(excluded * plan.cii_excluded_share)
    before = year.self_pay_year
    year.self_pay_year = before + compliant
    return min(cii_for_year(plan, before + compliant) - cii_for_year(plan, before), left)


def commercial_cover(plan, person, year, in_scope_left, left):
    """Step 6: the cover's ratio on what is left above its deductible, in scope or all of it."""
    if not person.commercial:
        return ZERO
    covered = in_scope_left if plan.commercial_scope == "in_scope" else left
    deductible = min(covered, positive(plan.commercial_deductible - year.commercial_deductible_used))
    year.commercial_deductible_used += deductible
    payment = rounded((covered - deductible) * plan.commercial_ratio)
    payment = min(payment, positive(plan.commercial_cap - year.commercial_paid))
    year.commercial_paid += payment
    return payment


def medical_assistance(plan, person, year, bill, listed_bill, self_pay):
    """Step 7: the group's ratio on the in-scope self-pay that is left above the year's deductible."""
    if person.group == "none":
        return ZERO
    if listed_bill:
        ratios = plan.ma_listed_ratio
    elif bill.kind == "inpatient":
        ratios = plan.ma_inpatient_ratio
    else:
        ratios = plan.ma_outpatient_ratio
    ratio = ratios.get(person.group, ZERO)
    if ratio == 0:
        return ZERO

    if listed_bill and plan.ma_listed_waives_deductible:
        deductible = ZERO
    else:
        deductible = min(self_pay, positive(plan.ma_deductible - year.ma_deductible_used))
        year.ma_deductible_used += deductible

    payment = rounded((self_pay - deductible) * ratio)
    if plan.ma_take_up != 1:
        payment = rounded(payment * plan.ma_take_up)
    if not (listed_bill and plan.ma_listed_outside_cap):
        payment = min(payment, positive(plan.ma_cap - year.ma_paid))
        year.ma_paid += payment
    return payment


def individual_account(plan, person, year, bill, left):
    """Step 8: the account pays while it lasts, outpatient bills or every bill."""
    if bill.kind == "inpatient" and plan.account_use == "outpatient":
        return ZERO
    payment = min(left, positive(plan.account_balance.get(person.member_class, ZERO) - year.account_used))
    year.account_used += payment
    return payment


def emergency_relief(plan, person, bill, left):
    """Step 9: the relief fund's share of what an emergency patient without means cannot pay."""
    if not bill.emergency or person.group not in plan.relief_groups:
        return ZERO
    return rounded(positive(left - plan.relief_ability) * plan.relief_ratio)


def settle_bill(plan, person, year, bill):
    """Steps 0 (its end) to 9 for one bill that step 0 has checked; moves the year's state on."""
    # 0. the reference price of new drugs
    bill = without_drug_above_reference_price(plan, bill)
    true_billed = bill.billed

    basic = listed = outpatient = supplement = hospital = ZERO
    price = None
    basis = bill.eligible

    # 1 to 4. the listed illness, or the ordinary bill: a stay, with its price and supplement, or a visit
    listed_bill = is_listed(plan, person, bill)
    if not listed_bill:
        bill = after_first_payment(plan, bill)
        basis = bill.eligible
    if listed_bill:
        basis, hospital, listed = listed_illness(plan, person, year, bill)
    elif bill.kind == "inpatient":
        price = price_of_the_stay(plan, person, bill)
        if price is not None and plan.patient_share_base == "price":
            bill = as_if_price_were_billed(bill, price)
            basis = bill.eligible
        stay = ordinary_inpatient(plan, person, year, bill)
        basic = stay.basic
        supplement = large_sum_supplement(plan, year, bill, stay)
    else:
        outpatient = any_ordinary_outpatient(plan, person, year, bill)

    # what the patient has left so far, in scope (`in_scope`) and in all (`left`)
    paid = basic + listed + outpatient + supplement
    in_scope, left = positive(basis - paid), bill.billed - hospital - paid

    # 5. critical illness insurance
    excluded = bill.billed - basis - hospital
    cii = critical_illness_insurance(plan, year, bill, listed_bill, in_scope, excluded, left)
    paid += cii
    in_scope, left = positive(basis - paid), left - cii

    # 6. commercial cover
    commercial = commercial_cover(plan, person, year, in_scope, left)
    paid += commercial
    in_scope, left = positive(basis - paid), left - commercial

    # 7. medical assistance
    assistance = medical_assistance(plan, person, year, bill, listed_bill, in_scope)
    in_scope, left = in_scope - assistance, left - assistance

    # 8. individual account
    account = individual_account(plan, person, year, bill, left)

    # 9. emergency relief; cash is what is left
    relief = emergency_relief(plan, person, bill, left - account)
    cash = left - account - relief

    # 3, its end: the hospital's gain or loss under a price
    if price is not None:
        hospital, basic = hospital_under_a_price(plan, true_billed, price, basic)

    slip = {"basic": basic, "listed": listed, "outpatient": outpatient, "supplement": supplement, "cii": cii,
            "commercial": commercial, "assistance": assistance, "account": account, "cash": cash,
            "relief": relief, "hospital": hospital}
    check_identity(true_billed, slip, price is not None)
    slip[IN_SCOPE_LEFT] = min(in_scope, account + cash)
    return slip


def check_identity(billed, slip, has_price):
    """The section "Identity": the parts make up the bill; none below the fen, only a priced hospital below 0."""
    assert sum(slip.values()) == billed, (billed, slip)
    for payer, amount in slip.items():
        assert amount.as_tuple().exponent == -2, (payer, billed, slip)
        assert amount >= 0 or (payer == "hospital" and has_price), (payer, billed, slip)


def settle(plan, person, bills):
    """All steps for one year of one person: the bills, in order of discharge, each as a slip in yuan."""
    with localcontext(EXACT):
        person = read_person(person)
        year = Year()
        return [settle_bill(plan, person, year, read_bill(bill)) for bill in bills]
