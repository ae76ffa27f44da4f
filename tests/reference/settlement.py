"""Reference settlement of Chinese health-insurance bills, to be read like a slip checked by hand.

Written from the page "How one bill is settled" (settlement.md) alone, and on purpose in another way than
the program it checks: amounts are `Decimal` yuan with two decimals, ratios are `Decimal` fractions of one
(78.5% is 0.785), and every step of the page is one function here, in the page's order.

    plan = read_plan({...})                  # the dict form of plan-example.yaml
    slips = settle(plan, person, bills)      # one year of one person, bills in order of discharge

What a plan file refuses for its writer's sake alone is read here as it stands, so that both programs can be tried
on it: a percentage of at most 1 without its sign, and a top of critical illness insurance below its threshold.

A slip maps each of `PAYERS` to yuan; its last key, `in_scope_left`, is no payer but the page's in-scope self-pay
left for secondary reimbursement.

Anything wrong in a plan, a person or a bill is refused with ValueError.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from fractions import Fraction
from math import floor

TIERS = ("township", "county", "city", "outside")
CLASSES = ("adult", "child", "student", "active", "retired")
GROUPS = ("none", "dibao", "wubao", "low_income", "disabled", "elderly")
KINDS = ("inpatient", "outpatient")
AREAS = ("no", "filed", "unfiled")
CHRONIC_GROUPS = ("1", "2", "3", "4")         # where a plan does not name them
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
MOST_INSURED_YEARS = 100
ORDERS = 6                                    # first to fifth admission, sixth and later
UNITS = {"fen": FEN, "jiao": Decimal("0.1"), "yuan": Decimal(1)}
MODES = {"half_up": ROUND_HALF_UP, "down": ROUND_DOWN}
EXACT = Context(prec=60)                      # room enough that nothing is rounded but by `rounded`


def rounded(amount):
    """`round` of the page's head: half up to the fen."""
    return amount.quantize(FEN, ROUND_HALF_UP)


def positive(amount):
    """`(x)+` of the page's head."""
    return amount if amount > 0 else ZERO


def rounded_quotient(amount, part, whole):
    """`round(x * a / b)` of the page's head: an exact fraction, rounded once."""
    in_fen = Fraction(amount) * Fraction(part) / Fraction(whole) * 100
    return Decimal(floor(in_fen + Fraction(1, 2))).scaleb(-2)


def pool_rounded(plan, amount):
    """`ROUND` of the page's head: to the plan's unit, a half up or everything cut off."""
    return amount.quantize(UNITS[plan.rounding_unit], MODES[plan.rounding_mode]).quantize(FEN)


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
    if _has_sign(value):
        value = value[:-1]
    return _with_two_decimals(_number(value, where), where).scaleb(-2)


def _has_sign(value):
    return isinstance(value, str) and value.endswith("%")


def _percent(value, where):
    fraction = _points(value, where)
    if fraction > 1:
        raise ValueError(f"{where}: {value!r} is above 100 percent")
    return fraction


def _to_tenfold(value, where):
    """A factor as a fraction, at most 1000 percent."""
    fraction = _points(value, where)
    if fraction > 10:
        raise ValueError(f"{where}: {value!r} is above 1000 percent")
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
    deductible: dict                # (tier, class) -> amounts for first to fifth, sixth and later admission
    deductible_share: dict          # (tier, class) -> shares for the same; 0 where the amount holds
    deductible_least: Decimal
    deductible_most: Decimal
    deductible_kind: str
    order_counted: str
    deductible_year_limit: Decimal
    deductible_shared: bool
    admission_copay: dict           # tier -> yuan
    deductible_waived: frozenset    # groups
    band_tops: tuple                # n tops, n + 1 bands
    ratio: dict                     # (tier, class) -> one ratio for each band
    band_own_least: tuple           # one amount for each band
    band_basis: str
    band_period: str
    primary_bonus: Decimal
    outside_penalty: Decimal
    unreferred_penalty: Decimal
    out_of_area_factor: Decimal     # of a bill that is filed
    unfiled_factor: Decimal
    out_of_area_deductible_factor: Decimal
    unfiled_deductible_factor: Decimal
    tcm_bonus: dict                 # tier -> points
    essential_bonus: dict           # tier -> points
    guaranteed_share: dict          # tier -> share
    guaranteed_basis: str
    factor: Decimal
    rounding_step: str
    rounding_unit: str
    rounding_mode: str
    annual_cap: dict                # class -> yuan
    annual_cap_step: Decimal        # for each year of insurance
    annual_cap_most: Decimal        # to which these years raise the cap
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
    outpatient_deductible: dict     # (tier, class) -> yuan
    outpatient_deductible_period: str
    outpatient_copay: dict          # tier -> yuan
    outpatient_ratio: dict          # (tier, class) -> ratio
    outpatient_tcm_bonus: Decimal
    outpatient_essential_bonus: Decimal
    outpatient_visit_limit: dict    # tier -> yuan
    outpatient_year_limit: dict     # class -> yuan
    chronic_list: bool
    chronic_deductible: dict        # group of diseases, 1 to 4 -> class -> yuan
    chronic_ratio: dict             # group of diseases -> (tier, class) -> ratio
    chronic_year_limit: dict        # group of diseases -> class -> yuan
    supplement_tops: tuple
    supplement_ratio: tuple
    supplement_cap: Decimal
    cii_threshold: Decimal
    cii_tops: tuple
    cii_ratio: tuple
    cii_cap: Decimal
    cii_counts_outpatient: bool
    cii_listed_only: bool
    cii_excluded_share: Decimal
    cii_tops_from: str
    cii_threshold_share: dict       # group -> share of the threshold
    cii_ratio_bonus: dict           # group -> points
    cii_listed_tops: tuple
    cii_listed_ratio: tuple
    cii_counts_first_pay: bool
    civil_deductible: Decimal
    civil_ratio: Decimal
    civil_cap: Decimal
    civil_scope: str
    commercial_deductible: Decimal
    commercial_ratio: Decimal
    commercial_cap: Decimal
    commercial_scope: str
    ma_inpatient_ratio: dict        # group -> ratio
    ma_outpatient_ratio: dict
    ma_listed_ratio: dict
    ma_listed_basis: str
    ma_deductible: dict             # group -> yuan
    ma_listed_waives_deductible: bool
    ma_cap: dict                    # group -> yuan
    ma_listed_outside_cap: bool
    ma_second_threshold: dict       # group -> yuan
    ma_second_ratio: dict           # group -> ratio
    ma_second_cap: dict             # group -> yuan
    ma_take_up: Decimal
    account_balance: dict           # class -> yuan
    account_use: str
    account_order: str
    relief_groups: frozenset        # groups
    relief_ability: Decimal         # one bill
    relief_ratio: Decimal


def _tops(value, where):
    tops = tuple(_yuan(top, where) for top in _list(value, where))
    if any(top <= 0 for top in tops) or any(low >= high for low, high in zip(tops, tops[1:], strict=False)):
        raise ValueError(f"{where}: the boundaries must be above 0 and rising")
    return tops


def _deductibles(value, where):
    """One to six values, the last of which holds from there on, as (amount, share) of six admissions."""
    row = [(ZERO, _percent(item, where)) if _has_sign(item) else (_yuan(item, where), ZERO)
           for item in _list(value, where)]
    if not 1 <= len(row) <= ORDERS:
        raise ValueError(f"{where}: 1 to {ORDERS} values are needed, not {len(row)}")
    return tuple(row + [row[-1]] * (ORDERS - len(row)))


def _deductibles_of_class(value, where):
    """The same of one class, for which a share cannot be stated."""
    row = _deductibles(value, where)
    if any(_has_sign(item) for item in value):
        raise ValueError(f"{where}: a percentage holds for all classes of a tier")
    return row


def _row(value, length, read, where):
    row = tuple(read(item, where) for item in _list(value, where))
    if len(row) != length:
        raise ValueError(f"{where}: {length} values are needed, not {len(row)}")
    return row


def _row_or_one(value, length, read, where):
    """The same; where one value is needed it may stand alone."""
    if length == 1 and not isinstance(value, (list, tuple)):
        return (read(value, where),)
    return _row(value, length, read, where)


def _tiered(value, read, neutral, where, read_of_class=None):
    """{tier: value} or {tier: {class: value}} as {(tier, class): value}; what is absent is neutral.

    `read_of_class` reads a value of one class, where that is another thing than one of all classes.
    """
    read_of_class = read_of_class or read
    table = {(tier, member): neutral for tier in TIERS for member in CLASSES}
    for tier, content in _mapping(value, TIERS, where).items():
        at = f"{where} at {tier}"
        if isinstance(content, Mapping):
            for member, inner in _mapping(content, CLASSES, at).items():
                table[tier, member] = read_of_class(inner, f"{at} for {member}")
        else:
            same = read(content, at)
            for member in CLASSES:
                table[tier, member] = same
    return table


def _each(value, keys, read, neutral, where):
    """One value for all keys, or {key: value}, where what is absent is neutral."""
    if isinstance(value, Mapping):
        given = {key: read(item, f"{where}: {key}") for key, item in _mapping(value, keys, where).items()}
        return {key: given.get(key, neutral) for key in keys}
    return dict.fromkeys(keys, read(value, where))


def _all_or_tiered(value, read, neutral, where):
    """One value for all, by class alone, or by tier and there perhaps by class, as {(tier, class): value}."""
    if isinstance(value, Mapping) and not any(key in CLASSES for key in value):
        return _tiered(value, read, neutral, where)
    of_class = _each(value, CLASSES, read, neutral, where)
    return {(tier, member): of_class[member] for tier in TIERS for member in CLASSES}


def _class_of_own_share(ratios, own_shares):
    """`class_own_share`: a class bears a share of what it would bear, in whole 1/10,000."""
    def borne(ratio, share):
        return ONE - ((ONE - ratio) * share).quantize(Decimal("0.0001"), ROUND_HALF_UP)

    return {(tier, member): tuple(borne(ratio, own_shares.get(member, ONE)) for ratio in row) if row else row
            for (tier, member), row in ratios.items()}


def _is_number(name):
    try:
        Decimal(name)
    except InvalidOperation:
        return False
    return True


def _chronic_groups(value, where):
    """The names of the groups of diseases: no number, no tier, no class, as terms are stated by the one or the other."""
    names = _list(value, where)
    if not 1 <= len(names) <= len(CHRONIC_GROUPS) or len(set(names)) < len(names):
        raise ValueError(f"{where}: one to four different names are needed")
    for name in names:
        if not isinstance(name, str) or not name or name in (*TIERS, *CLASSES) or _is_number(name):
            raise ValueError(f"{where}: {name!r} cannot name a group of diseases")
    return tuple(names)


def _of_chronic_groups(value, names, read, neutral, where):
    """One value, which each of the four groups has for itself, or {name: value}, as {1: value, ... 4: value}."""
    if isinstance(value, Mapping):
        given = {name: read(item, f"{where}: {name}") for name, item in _mapping(value, names, where).items()}
        return {number: given.get(names[number - 1] if number <= len(names) else None, neutral)
                for number in range(1, 5)}
    return dict.fromkeys(range(1, 5), read(value, where))


def _chronic_amounts(value, names, read, neutral, where):
    """One value, or by class, which then holds for each group; or by group the like, as {1: {class: value}, ...}."""
    def by_class(content, at):
        return _each(content, CLASSES, read, neutral, at)

    if isinstance(value, Mapping) and any(key in CLASSES for key in value):
        return dict.fromkeys(range(1, 5), by_class(value, where))
    return _of_chronic_groups(value, names, by_class, by_class({}, where), where)


def _chronic_ratio(value, names, where):
    """By tier, which then holds for each group, or by group a mapping by tier."""
    def by_tier(content, at):
        return _tiered(content, _percent, ZERO, at)

    if all(key in TIERS for key in _mapping(value, (*TIERS, *names), where)):
        return dict.fromkeys(range(1, 5), by_tier(value, where))
    return _of_chronic_groups(value, names, by_tier, by_tier({}, where), where)


def _outpatient_ratio(value, where):
    """A percentage, also when it stands alone in a list."""
    if isinstance(value, (list, tuple)):
        return _row(value, 1, _percent, where)[0]
    return _percent(value, where)


def read_plan(mapping):
    """The section "The plan": a plan from the dict form of plan-example.yaml; what is absent is neutral."""
    stated = set(Plan.__dataclass_fields__) - {"deductible_share"} | {"class_own_share", "chronic_groups"}
    given = _mapping(mapping, stated, "plan")

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

    def each(name, keys, neutral, read):
        return value(name, dict.fromkeys(keys, neutral), lambda content, where: _each(content, keys, read, neutral, where))

    def by_tier_and_class(name, neutral, read):
        return _all_or_tiered(given.get(name, {}), read, neutral, name)

    def of_chronic_groups(name, neutral, read):
        return _chronic_amounts(given.get(name, {}), chronic_groups, read, neutral, name)

    def schedule(tops_name, ratio_name):
        tops = value(tops_name, (), _tops)
        bands = len(tops) + 1
        return tops, value(ratio_name, (ZERO,) * bands, lambda row, where: _row_or_one(row, bands, _percent, where))

    band_tops = value("band_tops", (), _tops)
    bands = len(band_tops) + 1
    # a row of ratios that is not stated is None until what a class bears of its own share has been reckoned
    ratio = _tiered(given.get("ratio", {}), lambda row, where: _row(row, bands, _percent, where), None, "ratio")
    ratio = _class_of_own_share(ratio, keyed("class_own_share", CLASSES, _percent))
    deductibles = _tiered(given.get("deductible", {}), _deductibles, ((ZERO, ZERO),) * ORDERS, "deductible",
                          _deductibles_of_class)
    chronic_groups = value("chronic_groups", CHRONIC_GROUPS, _chronic_groups)
    supplement_tops, supplement_ratio = schedule("supplement_tops", "supplement_ratio")
    cii_tops, cii_ratio = schedule("cii_tops", "cii_ratio")
    cii_listed_tops, cii_listed_ratio = schedule("cii_listed_tops", "cii_listed_ratio")

    return Plan(
        deductible={place: tuple(amount for amount, _ in row) for place, row in deductibles.items()},
        deductible_share={place: tuple(share for _, share in row) for place, row in deductibles.items()},
        deductible_least=value("deductible_least", ZERO, _yuan),
        deductible_most=value("deductible_most", UNLIMITED, _limit),
        deductible_kind=choice("deductible_kind", "ordinary", "franchise"),
        order_counted=choice("order_counted", "all", "tier"),
        deductible_year_limit=value("deductible_year_limit", UNLIMITED, _limit),
        deductible_shared=value("deductible_shared", False, _flag),
        admission_copay=each("admission_copay", TIERS, ZERO, _yuan),
        deductible_waived=groups("deductible_waived"),
        band_tops=band_tops,
        ratio={place: row or (ZERO,) * bands for place, row in ratio.items()},
        band_own_least=value("band_own_least", (ZERO,) * bands, lambda row, where: _row(row, bands, _yuan, where)),
        band_basis=choice("band_basis", "eligible", "after_deductible"),
        band_period=choice("band_period", "admission", "year"),
        primary_bonus=value("primary_bonus", ZERO, _points),
        outside_penalty=value("outside_penalty", ZERO, _points),
        unreferred_penalty=value("unreferred_penalty", ZERO, _points),
        out_of_area_factor=value("out_of_area_factor", ONE, _percent),
        unfiled_factor=value("unfiled_factor", ONE, _percent),
        out_of_area_deductible_factor=value("out_of_area_deductible_factor", ONE, _to_tenfold),
        unfiled_deductible_factor=value("unfiled_deductible_factor", ONE, _to_tenfold),
        tcm_bonus=each("tcm_bonus", TIERS, ZERO, _points),
        essential_bonus=each("essential_bonus", TIERS, ZERO, _points),
        guaranteed_share=each("guaranteed_share", TIERS, ZERO, _percent),
        guaranteed_basis=choice("guaranteed_basis", "eligible", "billed"),
        factor=value("factor", ONE, _points),
        rounding_step=choice("rounding_step", "bill", "band"),
        rounding_unit=choice("rounding_unit", *UNITS),
        rounding_mode=choice("rounding_mode", *MODES),
        annual_cap=each("annual_cap", CLASSES, UNLIMITED, _limit),
        annual_cap_step=value("annual_cap_step", ZERO, _yuan),
        annual_cap_most=value("annual_cap_most", UNLIMITED, _limit),
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
        outpatient_deductible=by_tier_and_class("outpatient_deductible", ZERO, _yuan),
        outpatient_deductible_period=choice("outpatient_deductible_period", "year", "visit"),
        outpatient_copay=each("outpatient_copay", TIERS, ZERO, _yuan),
        outpatient_ratio=_tiered(given.get("outpatient_ratio", {}), _outpatient_ratio, ZERO, "outpatient_ratio"),
        outpatient_tcm_bonus=value("outpatient_tcm_bonus", ZERO, _points),
        outpatient_essential_bonus=value("outpatient_essential_bonus", ZERO, _points),
        outpatient_visit_limit=each("outpatient_visit_limit", TIERS, UNLIMITED, _limit),
        outpatient_year_limit=each("outpatient_year_limit", CLASSES, UNLIMITED, _limit),
        chronic_list=value("chronic_list", False, _flag),
        chronic_deductible=of_chronic_groups("chronic_deductible", ZERO, _yuan),
        chronic_ratio=_chronic_ratio(given.get("chronic_ratio", {}), chronic_groups, "chronic_ratio"),
        chronic_year_limit=of_chronic_groups("chronic_year_limit", UNLIMITED, _limit),
        supplement_tops=supplement_tops,
        supplement_ratio=supplement_ratio,
        supplement_cap=value("supplement_cap", UNLIMITED, _limit),
        cii_threshold=value("cii_threshold", UNLIMITED, _limit),
        cii_tops=cii_tops,
        cii_ratio=cii_ratio,
        cii_cap=value("cii_cap", UNLIMITED, _limit),
        cii_counts_outpatient=value("cii_counts_outpatient", False, _flag),
        cii_listed_only=value("cii_listed_only", False, _flag),
        cii_excluded_share=value("cii_excluded_share", ZERO, _percent),
        cii_tops_from=choice("cii_tops_from", "zero", "threshold"),
        cii_threshold_share=keyed("cii_threshold_share", GROUPS, _percent),
        cii_ratio_bonus=keyed("cii_ratio_bonus", GROUPS, _points),
        cii_listed_tops=cii_listed_tops,
        cii_listed_ratio=cii_listed_ratio,
        cii_counts_first_pay=value("cii_counts_first_pay", False, _flag),
        civil_deductible=value("civil_deductible", ZERO, _yuan),
        civil_ratio=value("civil_ratio", ZERO, _percent),
        civil_cap=value("civil_cap", UNLIMITED, _limit),
        civil_scope=choice("civil_scope", "in_scope", "all"),
        commercial_deductible=value("commercial_deductible", ZERO, _yuan),
        commercial_ratio=value("commercial_ratio", ZERO, _percent),
        commercial_cap=value("commercial_cap", UNLIMITED, _limit),
        commercial_scope=choice("commercial_scope", "in_scope", "all"),
        ma_inpatient_ratio=keyed("ma_inpatient_ratio", GROUPS, _percent),
        ma_outpatient_ratio=keyed("ma_outpatient_ratio", GROUPS, _percent),
        ma_listed_ratio=keyed("ma_listed_ratio", GROUPS, _percent),
        ma_listed_basis=choice("ma_listed_basis", "self_pay", "basis"),
        ma_deductible=each("ma_deductible", GROUPS, ZERO, _yuan),
        ma_listed_waives_deductible=value("ma_listed_waives_deductible", False, _flag),
        ma_cap=each("ma_cap", GROUPS, UNLIMITED, _limit),
        ma_listed_outside_cap=value("ma_listed_outside_cap", False, _flag),
        ma_second_threshold=each("ma_second_threshold", GROUPS, ZERO, _yuan),
        ma_second_ratio=keyed("ma_second_ratio", GROUPS, _percent),
        ma_second_cap=each("ma_second_cap", GROUPS, UNLIMITED, _limit),
        ma_take_up=value("ma_take_up", ONE, _percent),
        account_balance=keyed("account_balance", CLASSES, _yuan),
        account_use=choice("account_use", "all", "outpatient"),
        account_order=choice("account_order", "last", "first"),
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
    civil_servant: bool


def read_person(mapping):
    """The section "The bill": the person; an adult of no group, outside the areas, where nothing is said."""
    given = _mapping(mapping, Person.__dataclass_fields__, "person")
    return Person(_choice(given.get("member_class", "adult"), CLASSES, "member_class"),
                  _choice(given.get("group", "none"), GROUPS, "group"),
                  *(_flag(given.get(name, False), name)
                    for name in ("pilot_area", "payment_area", "commercial", "civil_servant")))


@dataclass(slots=True)
class Year:
    """The section "The year's state of one person": all zero on 1 January."""
    admissions: int = 0
    admissions_at: dict = field(default_factory=lambda: dict.fromkeys(TIERS, 0))
    deductible_used: Decimal = ZERO
    fixed_sums: Decimal = ZERO      # k of ordinary admissions; no rule reads it, but stays (claims.py) carry it along
    eligible_year: Decimal = ZERO
    base_year: Decimal = ZERO
    cap_used: Decimal = ZERO
    outpatient_deductible_used: Decimal = ZERO
    outpatient_paid: Decimal = ZERO
    self_pay_year: Decimal = ZERO
    listed_self_pay_year: Decimal = ZERO
    ma_deductible_used: Decimal = ZERO
    ma_paid: Decimal = ZERO
    ma_second_used: Decimal = ZERO
    ma_second_paid: Decimal = ZERO
    supplement_base: Decimal = ZERO
    supplement_used: Decimal = ZERO
    civil_deductible_used: Decimal = ZERO
    civil_paid: Decimal = ZERO
    commercial_deductible_used: Decimal = ZERO
    commercial_paid: Decimal = ZERO
    account_used: Decimal = ZERO
    chronic_deductible_used: dict = field(default_factory=lambda: dict.fromkeys(range(1, 5), ZERO))
    chronic_paid: dict = field(default_factory=lambda: dict.fromkeys(range(1, 5), ZERO))


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
    chronic: int                    # the group of diseases, 0: none
    emergency: bool
    first_pay: Decimal
    out_of_area: str
    essential: Decimal
    quota_price: Decimal            # 0: the plan's quota holds
    insured_years: int


BILL_KEYS = ("kind", "tier", "billed", "eligible", "in_scope", "tcm", "illness", "units", "unreferred", "days",
             "case_price", "new_drug", "chronic", "emergency", "first_pay", "out_of_area", "essential",
             "quota_price", "insured_years")


def read_bill(mapping):
    """Step 0, the check: parts of E <= E <= B <= 10^10 fen, as the prices; the rest in range."""
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
    first_pay = _yuan(given.get("first_pay", ZERO), "first_pay")
    if first_pay > eligible:
        raise ValueError(f"bill: first_pay {first_pay} <= eligible {eligible} fails")
    essential = _yuan(given.get("essential", ZERO), "essential")
    if essential > eligible:
        raise ValueError(f"bill: essential {essential} <= eligible {eligible} fails")
    case_price = _yuan(given.get("case_price", ZERO), "case_price")
    if case_price > LARGEST_BILL:
        raise ValueError(f"bill: case_price {case_price} <= {LARGEST_BILL} fails")
    quota_price = _yuan(given.get("quota_price", ZERO), "quota_price")
    if quota_price > LARGEST_BILL:
        raise ValueError(f"bill: quota_price {quota_price} <= {LARGEST_BILL} fails")
    insured_years = given.get("insured_years", 0)
    if type(insured_years) is not int or not 0 <= insured_years <= MOST_INSURED_YEARS:
        raise ValueError(f"bill: insured_years {insured_years!r} must be a whole number from 0 to {MOST_INSURED_YEARS}")
    illness = given.get("illness")
    if illness is not None:
        _choice(illness, ILLNESSES, "illness")
    units = given.get("units", 1)
    if type(units) is not int or units < 1:
        raise ValueError(f"bill: units {units!r} must be a whole number of 1 or more")
    days = given.get("days", 1)
    if type(days) is not int or not 1 <= days <= MOST_DAYS:
        raise ValueError(f"bill: days {days!r} must be a whole number from 1 to {MOST_DAYS}")
    chronic = given.get("chronic", 0)
    if type(chronic) not in (int, bool) or not 0 <= chronic <= len(CHRONIC_GROUPS):
        raise ValueError(f"bill: chronic {chronic!r} must be true, false or a whole number from 0 to 4")
    return Bill(_choice(given["kind"], KINDS, "kind"), _choice(given["tier"], TIERS, "tier"), billed, eligible,
                tcm, illness, units, _flag(given.get("unreferred", False), "unreferred"), days, case_price,
                new_drug, int(chronic), _flag(given.get("emergency", False), "emergency"), first_pay,
                _choice(given.get("out_of_area", "no"), AREAS, "out_of_area"), essential, quota_price, insured_years)


# ---------------------------------------------------------------------------------------------------------
# The steps
# ---------------------------------------------------------------------------------------------------------

def part_in_each_band(low, high, tops):
    """The part of (low, high] in each band; the first band starts at 0."""
    parts, bottom = [], ZERO
    for top in (*tops, max(high, *tops, ZERO)):
        parts.append(positive(min(high, top) - max(low, bottom)))
        bottom = top
    return parts


def paid_in_each_band(low, high, tops, rates):
    """Steps 3a.4, 4 and 5: the part of (low, high] in each band times the band's rate, not rounded."""
    return [part * rate for part, rate in zip(part_in_each_band(low, high, tops), rates, strict=True)]


def annual_cap(plan, person, bill):
    """"The annual cap of a bill", CAP: that of the class, raised for the years of insurance."""
    of_class = plan.annual_cap[person.member_class]
    if plan.annual_cap_step == 0:
        return of_class
    return max(of_class, min(of_class + plan.annual_cap_step * bill.insured_years, plan.annual_cap_most))


def without_drug_above_reference_price(plan, bill):
    """Step 0, its end: what the new drug costs above the reference price leaves the scope."""
    eligible = bill.eligible - positive(bill.new_drug - plan.reference_price)
    return replace(bill, eligible=eligible)


def without_first_payment(bill):
    """Step 0, its end: what the patient pays before the rules leaves the scope; the bill, and f."""
    first = min(bill.first_pay, bill.eligible)
    return replace(bill, eligible=bill.eligible - first), first


def is_listed(plan, person, bill):
    """Step 1: listed in full, or on the pilot list and the person lives in a pilot area."""
    if bill.illness is None:
        return False
    status = plan.listed.get(bill.illness, "none")
    return status == "full" or (status == "pilot" and person.pilot_area)


def as_ordinary(plan, person, year, bill):
    """Step 2, o: what the bill would be paid as an ordinary one, fee for service; the year is left as it is."""
    untouched = deepcopy(year)              # the steps below move the copy on
    if bill.kind == "inpatient":
        return ordinary_inpatient(plan, person, untouched, bill).basic
    return any_ordinary_outpatient(plan, person, untouched, bill)


def listed_illness(plan, person, year, bill):
    """Step 2: the basis, what the hospital bears, and the payment of the list."""
    # the quota price takes the place of the in-scope part
    quota = bill.quota_price if bill.quota_price > 0 else plan.quota.get(bill.illness, ZERO)
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
        payment = min(payment, positive(annual_cap(plan, person, bill) - year.cap_used))
        year.cap_used += payment
    return basis, hospital, payment


def without_first_payment_outside(plan, bill):
    """Step 2a: what the patient pays first of an ordinary bill out of area leaves the scope; the bill, and f'."""
    if bill.tier != "outside":
        return bill, ZERO
    first = rounded(bill.eligible * plan.outside_first_pay)
    return replace(bill, eligible=bill.eligible - first), first


def account_before_pooling(plan, person, year, bill):
    """Step 2b: the account pays of an ordinary visit before the pool does; what is left of the bill, and a."""
    if plan.account_order == "last" or bill.kind == "inpatient" or is_chronic(plan, bill):
        return bill, ZERO
    paid = min(bill.eligible, left_in_account(plan, person, year))
    year.account_used += paid
    return replace(bill, billed=bill.billed - paid, eligible=bill.eligible - paid), paid


def left_in_account(plan, person, year):
    """Steps 2b and 8: what the person's account still has."""
    return positive(plan.account_balance.get(person.member_class, ZERO) - year.account_used)


def is_chronic(plan, bill):
    """Step 3c, its beginning: a visit for a disease on the chronic list, where there is one."""
    return plan.chronic_list and bill.chronic > 0


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
    """Step 3, `price`: the price stands for the bill, the same share of it in scope."""
    eligible = rounded_quotient(price, bill.eligible, bill.billed)
    return replace(bill, billed=price, eligible=eligible)


def hospital_under_a_price(plan, billed, price, basic):
    """Step 3, its end: what the hospital bears (or, below 0, keeps) and what the fund pays in the end."""
    if plan.patient_share_base == "price":
        return billed - price, basic
    hospital = min(billed - price, basic)
    return hospital, basic - hospital


@dataclass(frozen=True)
class Continued:
    """The stay that a bill continues, as claims.md carries it along; see `claims.py`."""
    admissions: int                 # n, those before its first bill
    taken: Decimal                  # T, the sum of d
    fixed: Decimal                  # K, the sum of k
    eligible: Decimal               # S
    base: Decimal                   # S'
    without_deductible: bool


@dataclass(frozen=True)
class Stay:
    """What step 3a leaves behind for step 4."""
    basic: Decimal                  # p', the payment after the cap
    before_cap: Decimal             # p, the payment before point 8
    eligible: Decimal               # E'
    base: Decimal                   # E' - d - k


def admissions_before(plan, year, tier):
    """Step 3a.2, n: the admissions before one at this tier, as the plan counts them."""
    return year.admissions_at[tier] if plan.order_counted == "tier" else year.admissions


def deductible_of_admission(plan, person, year, bill, eligible, continued):
    """Step 3a.2, D: what is deducted of the admission, at most; `eligible` is E'."""
    # the order of the admission, and its amount or share
    admissions = continued.admissions if continued else admissions_before(plan, year, bill.tier)
    order = min(admissions, ORDERS - 1)
    place = bill.tier, person.member_class
    of_stay = eligible + (continued.eligible if continued else ZERO)            # claims.md: E' + S
    if plan.deductible_share[place][order] > 0:
        share = rounded(of_stay * plan.deductible_share[place][order])
        deductible = min(max(share, plan.deductible_least), plan.deductible_most)
    else:
        deductible = plan.deductible[place][order]
    # out of area
    if bill.out_of_area == "filed":
        deductible = rounded(deductible * plan.out_of_area_deductible_factor)
    if bill.out_of_area == "unfiled":
        deductible = rounded(deductible * plan.unfiled_deductible_factor)
    # waived
    if person.group in plan.deductible_waived:
        deductible = ZERO
    # what the stay (claims.md) and the year have already deducted
    taken = continued.taken if continued else ZERO
    if plan.deductible_shared:
        deductible = positive(deductible - max(taken, year.deductible_used + year.outpatient_deductible_used))
    else:
        deductible = positive(deductible - taken)
    deductible = min(deductible, positive(plan.deductible_year_limit - year.deductible_used))
    # a franchise
    if plan.deductible_kind == "franchise" and of_stay > deductible + taken:
        deductible = ZERO
    return deductible


def out_of_area_share(plan, bill):
    """Steps 3a.4, 3b and 3c, g: the share of the rates that a bill gets out of area."""
    return {"no": ONE, "filed": plan.out_of_area_factor, "unfiled": plan.unfiled_factor}[bill.out_of_area]


def ordinary_inpatient(plan, person, year, bill, counts=True, continued=None):
    """Step 3a, in the control order of its nine points; `counts` when the true bill is above 0.

    Where it continues a stay (claims.md), the stay says so.
    """
    # 1. a cap on expense cuts the in-scope part itself
    eligible = bill.eligible
    if plan.cap_basis == "expense":
        eligible = min(eligible, positive(annual_cap(plan, person, bill) - year.eligible_year))

    # 2. the deductible of this admission, then the fixed sum
    if continued and continued.without_deductible:
        deducted = fixed = ZERO
    else:
        deducted = min(deductible_of_admission(plan, person, year, bill, eligible, continued), eligible)
        fixed = min(positive(plan.admission_copay[bill.tier] - (continued.fixed if continued else ZERO)), eligible - deducted)
    base = eligible - deducted - fixed

    # 3. the interval that is paid
    if plan.band_basis == "eligible":
        low, high, so_far = deducted + fixed, eligible, year.eligible_year
    else:
        low, high, so_far = ZERO, base, year.base_year
    if plan.band_period == "year":
        low += so_far
        high += so_far
    elif continued:
        so_far = continued.eligible if plan.band_basis == "eligible" else continued.base
        low += so_far
        high += so_far

    # 4. the rates, the bands with the least that the patient bears, and both bonuses, rounded once or each by itself
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
    by_bands = [amount if least == 0 else min(amount, positive(part - least))
                for amount, part, least in zip(paid_in_each_band(low, high, plan.band_tops, rates),
                                               part_in_each_band(low, high, plan.band_tops), plan.band_own_least, strict=True)]
    for_tcm = plan.tcm_bonus[bill.tier] * min(bill.tcm, base)
    for_essential = plan.essential_bonus[bill.tier] * min(bill.essential, base)
    amounts, share = (*by_bands, for_tcm, for_essential), out_of_area_share(plan, bill)
    if plan.rounding_step == "bill":
        payment = pool_rounded(plan, sum(amounts) * share)
    else:
        payment = sum((pool_rounded(plan, amount * share) for amount in amounts), ZERO)
    payment = min(payment, base)

    # 5. the guaranteed share
    guaranteed_on = eligible if plan.guaranteed_basis == "eligible" else bill.billed
    payment = max(payment, pool_rounded(plan, plan.guaranteed_share[bill.tier] * guaranteed_on))

    # 6. not more than the in-scope part
    payment = min(payment, eligible)

    # 7. the fund's control factor
    if plan.factor != 1:
        payment = min(pool_rounded(plan, payment * plan.factor), eligible)

    # 8. a cap on payments
    before_cap = payment
    if plan.cap_basis == "payment":
        payment = min(payment, positive(annual_cap(plan, person, bill) - year.cap_used))
        year.cap_used += payment

    # 9. the year moves on
    if counts and not continued:
        year.admissions += 1
        year.admissions_at[bill.tier] += 1
    year.deductible_used += deducted
    year.fixed_sums += fixed
    year.eligible_year += bill.eligible
    year.base_year += base
    return Stay(payment, before_cap, eligible, base)


def ordinary_outpatient(plan, person, year, bill):
    """Step 3b: the consultation fee, then the rest above deductible and fixed sum, then the limits."""
    consultation = min(plan.consultation_fee, bill.eligible) if bill.tier == "township" else ZERO
    for_consultation = pool_rounded(plan, consultation * plan.consultation_share)

    # the deductible, of the year or of the visit
    rest = bill.eligible - consultation
    stated = plan.outpatient_deductible[bill.tier, person.member_class]
    if plan.outpatient_deductible_period == "visit":
        deductible = min(rest, stated)
    else:
        used = year.outpatient_deductible_used
        if plan.deductible_shared:
            used += year.deductible_used
        deductible = min(rest, positive(stated - used))
        year.outpatient_deductible_used += deductible

    # the fixed sum, and what the visit is paid above both
    rest = rest - deductible
    rest = rest - min(plan.outpatient_copay[bill.tier], rest)
    ratio = plan.outpatient_ratio[bill.tier, person.member_class]
    points = (plan.outpatient_tcm_bonus * min(bill.tcm, rest)
              + plan.outpatient_essential_bonus * min(bill.essential, rest))
    for_visit = pool_rounded(plan, (rest * ratio + points) * out_of_area_share(plan, bill))
    for_visit = min(for_visit, rest, plan.outpatient_visit_limit[bill.tier])

    payment = min(for_consultation + for_visit,
                  positive(plan.outpatient_year_limit[person.member_class] - year.outpatient_paid), bill.eligible)
    payment = below_cap_with_visits(plan, person, year, bill, payment)
    year.outpatient_paid += payment
    return payment


def chronic_outpatient(plan, person, year, bill):
    """Step 3c: the terms of the disease's group, with a deductible and a limit of their own for the year."""
    group, member = bill.chronic, person.member_class
    deductible = min(bill.eligible,
                     positive(plan.chronic_deductible[group][member] - year.chronic_deductible_used[group]))
    year.chronic_deductible_used[group] += deductible
    rest = bill.eligible - deductible
    ratio = plan.chronic_ratio[group][bill.tier, member]
    payment = min(pool_rounded(plan, rest * ratio * out_of_area_share(plan, bill)), rest,
                  positive(plan.chronic_year_limit[group][member] - year.chronic_paid[group]))
    payment = below_cap_with_visits(plan, person, year, bill, payment)
    year.chronic_paid[group] += payment
    return payment


def below_cap_with_visits(plan, person, year, bill, payment):
    """Steps 3b and 3c: the annual cap on a visit's payment, where it is one on payments and visits count."""
    if plan.cap_counts_outpatient and plan.cap_basis == "payment":
        payment = min(payment, positive(annual_cap(plan, person, bill) - year.cap_used))
        year.cap_used += payment
    return payment


def any_ordinary_outpatient(plan, person, year, bill):
    """Steps 3b and 3c: which of the two settles the visit."""
    if is_chronic(plan, bill):
        return chronic_outpatient(plan, person, year, bill)
    return ordinary_outpatient(plan, person, year, bill)


def large_sum_supplement(plan, year, bill, stay):
    """Step 4: the supplement's bands of the year, on the in-scope expense above the annual cap."""
    if plan.cap_basis == "expense":
        above = bill.eligible - stay.eligible
    elif stay.basic < stay.before_cap:
        above = rounded_quotient(stay.base, stay.before_cap - stay.basic, stay.before_cap)
    else:
        above = ZERO
    reached = year.supplement_base + above
    payment = rounded(sum(paid_in_each_band(year.supplement_base, reached, plan.supplement_tops, plan.supplement_ratio)))
    year.supplement_base = reached
    payment = min(payment, positive(plan.supplement_cap - year.supplement_used), bill.eligible - stay.basic)
    year.supplement_used += payment
    return payment


def cii_for_year(plan, person, self_pay, listed_self_pay):
    """Step 5, H(x, y): what critical illness insurance owes on the self-pay of the whole year so far."""
    owed = cii_above_threshold(plan, person, self_pay) + rounded(
        sum(paid_in_each_band(ZERO, listed_self_pay, plan.cii_listed_tops, plan.cii_listed_ratio)))
    return min(owed, plan.cii_cap)


def cii_above_threshold(plan, person, self_pay):
    """Step 5, F(x): the ordinary schedule, with the group's threshold and bonus."""
    threshold = plan.cii_threshold
    if threshold < UNLIMITED:
        threshold = rounded(threshold * plan.cii_threshold_share.get(person.group, ONE))
    if self_pay <= threshold:
        return ZERO
    bonus = plan.cii_ratio_bonus.get(person.group, ZERO)
    ratios = [min(ratio + bonus, ONE) for ratio in plan.cii_ratio]
    if plan.cii_tops_from == "threshold":
        return rounded(sum(paid_in_each_band(ZERO, self_pay - threshold, plan.cii_tops, ratios)))
    return rounded(sum(paid_in_each_band(threshold, self_pay, plan.cii_tops, ratios)))


def critical_illness_insurance(plan, person, year, bill, listed_bill, self_pay, excluded, paid_first, left):
    """Step 5: the increase of H that this bill causes, at most what the patient has left of the bill.

    `self_pay` is s and what the account has paid first, a.
    """
    if bill.kind == "outpatient" and not plan.cii_counts_outpatient:
        return ZERO
    if plan.cii_listed_only and not listed_bill:
        return ZERO
    # what the patient paid before the rules counts in full, the rest of the excluded expense in part
    in_full = min(paid_first, excluded) if plan.cii_counts_first_pay else ZERO
    compliant = self_pay + in_full + rounded((excluded - in_full) * plan.cii_excluded_share)

    before = cii_for_year(plan, person, year.self_pay_year, year.listed_self_pay_year)
    if listed_bill and max(plan.cii_listed_ratio) > 0:
        year.listed_self_pay_year += compliant
    else:
        year.self_pay_year += compliant
    return min(cii_for_year(plan, person, year.self_pay_year, year.listed_self_pay_year) - before, left)


def civil_servants_supplement(plan, person, year, in_scope_left, left):
    """Step 5a: the supplement's ratio on what is left above its deductible, in scope or all of it."""
    if not person.civil_servant:
        return ZERO
    return cover("civil", plan, year, in_scope_left, left)


def commercial_cover(plan, person, year, in_scope_left, left):
    """Step 6: the cover's ratio on what is left above its deductible, in scope or all of it."""
    if not person.commercial:
        return ZERO
    return cover("commercial", plan, year, in_scope_left, left)


def cover(name, plan, year, in_scope_left, left):
    """Steps 5a and 6: a cover's ratio above what the year has left of its deductible, within what it has left of its cap."""
    def term(of):
        return getattr(plan, f"{name}_{of}")

    covered = in_scope_left if term("scope") == "in_scope" else left
    used, paid = (getattr(year, f"{name}_{of}") for of in ("deductible_used", "paid"))
    deductible = min(covered, positive(term("deductible") - used))
    payment = min(rounded((covered - deductible) * term("ratio")), positive(term("cap") - paid))
    setattr(year, f"{name}_deductible_used", used + deductible)
    setattr(year, f"{name}_paid", paid + payment)
    return payment


def medical_assistance(plan, person, year, bill, listed_bill, basis, self_pay):
    """Step 7: the group's ratio on the in-scope self-pay that is left above the year's deductible, or on a listed basis."""
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
        deductible = min(self_pay, positive(plan.ma_deductible[person.group] - year.ma_deductible_used))
        year.ma_deductible_used += deductible

    payment = rounded((self_pay - deductible) * ratio)
    if listed_bill and plan.ma_listed_basis == "basis":
        payment = min(rounded(basis * ratio), self_pay - deductible)
    payment = taken_up(plan, payment)
    if not (listed_bill and plan.ma_listed_outside_cap):
        payment = min(payment, positive(plan.ma_cap[person.group] - year.ma_paid))
        year.ma_paid += payment
    return payment


def second_assistance(plan, person, year, self_pay):
    """Step 7a: the group's second ratio on what assistance has left, above a threshold of the year."""
    ratio = plan.ma_second_ratio.get(person.group, ZERO)
    if person.group == "none" or ratio == 0:
        return ZERO
    below = min(self_pay, positive(plan.ma_second_threshold[person.group] - year.ma_second_used))
    year.ma_second_used += below
    payment = min(taken_up(plan, rounded((self_pay - below) * ratio)),
                  positive(plan.ma_second_cap[person.group] - year.ma_second_paid))
    year.ma_second_paid += payment
    return payment


def taken_up(plan, payment):
    """Steps 7 and 7a: what of an assistance is claimed."""
    return payment if plan.ma_take_up == 1 else rounded(payment * plan.ma_take_up)


def individual_account(plan, person, year, bill, left):
    """Step 8: the account pays while it lasts, outpatient bills or every bill."""
    if bill.kind == "inpatient" and plan.account_use == "outpatient":
        return ZERO
    payment = min(left, left_in_account(plan, person, year))
    year.account_used += payment
    return payment


def emergency_relief(plan, person, bill, left):
    """Step 9: the relief fund's share of what an emergency patient without means cannot pay."""
    if not bill.emergency or person.group not in plan.relief_groups:
        return ZERO
    return rounded(positive(left - plan.relief_ability) * plan.relief_ratio)


def settle_bill(plan, person, year, bill, continued=None):
    """Steps 0 (its end) to 9 for one bill that step 0 has checked; moves the year's state on."""
    # 0. the reference price of new drugs, and what is paid before the rules
    true_billed = bill.billed
    bill, paid_first = without_first_payment(without_drug_above_reference_price(plan, bill))

    basic = listed = outpatient = supplement = hospital = account_first = ZERO
    price = None

    # 1 to 4. the listed illness, or the ordinary bill: a stay, with its price and supplement, or a visit
    listed_bill = is_listed(plan, person, bill)
    if listed_bill:
        basis, hospital, listed = listed_illness(plan, person, year, bill)
    else:
        bill, paid_first_outside = without_first_payment_outside(plan, bill)
        paid_first += paid_first_outside
        bill, account_first = account_before_pooling(plan, person, year, bill)
        if bill.kind == "inpatient":
            price = price_of_the_stay(plan, person, bill)
            if price is not None and plan.patient_share_base == "price":
                bill = as_if_price_were_billed(bill, price)
            stay = ordinary_inpatient(plan, person, year, bill, counts=true_billed > 0, continued=continued)
            basic = stay.basic
            supplement = large_sum_supplement(plan, year, bill, stay)
        else:
            outpatient = any_ordinary_outpatient(plan, person, year, bill)
        basis = bill.eligible

    # what the patient has left so far, in scope (`in_scope`) and in all (`left`)
    paid = basic + listed + outpatient + supplement
    in_scope, left = positive(basis - paid), bill.billed - hospital - paid

    # 5. critical illness insurance
    excluded = bill.billed - basis - hospital
    cii = critical_illness_insurance(plan, person, year, bill, listed_bill, in_scope + account_first, excluded,
                                     paid_first, left)
    paid += cii
    in_scope, left = positive(basis - paid), left - cii

    # 5a. civil servants' and employer's supplement
    civil = civil_servants_supplement(plan, person, year, in_scope, left)
    paid += civil
    in_scope, left = positive(basis - paid), left - civil

    # 6. commercial cover; its payer has the supplement of 5a too
    covered = commercial_cover(plan, person, year, in_scope, left)
    paid += covered
    in_scope, left = positive(basis - paid), left - covered
    commercial = civil + covered

    # 7. medical assistance
    assistance = medical_assistance(plan, person, year, bill, listed_bill, basis, in_scope)

    # 7a. second assistance, on what the first has left; from here on both together
    assistance += second_assistance(plan, person, year, in_scope - assistance)
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
            "commercial": commercial, "assistance": assistance, "account": account + account_first, "cash": cash,
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
