"""From a region's parameters to the Plan of a scheme and year, and from a stand-alone plan file.

Amounts become fen, percentages 1/10,000, flags 0/1. A cap that no parameter states is the largest of
the law's floors in force, ancestors included (`annual_cap_floor`).
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from simulator.money import UNLIMITED, fen, ratio
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.parameters.values import StatementValue
from simulator.plan import Plan

# floor statement -> income series whose last year's value it multiplies
MULTIPLES = {
    "annual_cap_multiple_of_local_wage": "income.average_wage",
    "annual_cap_multiple_of_local_urban_income": "income.urban_disposable_income",
    "annual_cap_multiple_of_local_rural_income": "income.rural_net_income",
    "annual_cap_multiple_of_national_rural_income": "income.national_rural_net_income",
    "annual_cap_multiple_of_rural_income_unspecified": "income.rural_net_income",
}


# The merged scheme has to keep the floors of the two before it (design, section 3: floors accumulate).
FLOORS_OF = {"urrbmi": ("urrbmi", "urbmi", "nrcms")}


def series_value(read, path: str, year: int) -> Decimal:
    """An income or wage series in `year`: the published figure, or the last one grown by its central growth."""
    dated = read(path, year)
    growth = read("income.wage_growth" if path.endswith("wage") else "income.income_growth", year).value
    value = dated.value
    for _ in range(max(year - dated.from_.year, 0)):
        value = (value * (1 + growth / 100)).quantize(Decimal("0.01"))
    return value


def annual_cap_floor(region, scheme: str, year: int) -> tuple[Decimal, StatementValue | None]:
    """The largest floor the law sets on the annual cap, in yuan, and the statement that sets it.

    Amounts as stated; multiples times last year's value of their series. (0, None) where no floor is stated.
    """
    best, binding = Decimal(0), None
    for statement in region.statements(year):
        if statement.scheme not in FLOORS_OF.get(scheme, (scheme,)):
            continue
        if statement.name == "annual_cap_minimum":
            amount = statement.value
        elif statement.name in MULTIPLES:
            amount = statement.value * series_value(region.value, MULTIPLES[statement.name], year - 1)
        else:
            continue
        if amount > best:
            best, binding = amount, statement
    return best, binding


def _limit(value: Decimal) -> int:
    return min(fen(value), UNLIMITED)


def _by(mapping: dict, keys: tuple[str, ...], convert) -> np.ndarray:
    return np.array([convert(mapping[key]) for key in keys], dtype=np.int64)


def annual_cap(region, scheme: str, year: int) -> int:
    """The annual cap in fen: as stated, else the largest floor of the law, else none."""
    stated = region.value(f"inpatient.{scheme}.annual_cap", year, required=False)
    if stated is not None:
        return _limit(stated.value)
    floor, binding = annual_cap_floor(region, scheme, year)
    if binding is None:
        return UNLIMITED
    region.use(binding)
    return _limit(floor)


def region_plan(region, scheme: str, year: int, level: Decimal = Decimal(1)) -> Plan:
    """The Plan of a scheme in a year under the parameters of `region` (a Region, or a Reader that records what is used).

    `level` is k of r' = 1 - k (1 - r): it scales the patient's share of every inpatient ratio (design, section 3).
    """
    read = region.value

    def get(path: str):
        return read(path.format(scheme=scheme), year).value

    tops = [fen(x) for x in get("inpatient.{scheme}.band_tops")] + [UNLIMITED]
    schedule, deductible = get("inpatient.{scheme}.ratio"), get("inpatient.{scheme}.deductible")
    bonus, class_ratio = get("inpatient.{scheme}.class_bonus"), get("inpatient.{scheme}.deductible_class_ratio")
    ratios = np.zeros((len(TIERS), len(CLASSES), len(tops)), dtype=np.int64)
    deductibles = np.zeros((len(TIERS), 3, len(CLASSES)), dtype=np.int64)
    for t, tier in enumerate(TIERS):
        amounts = list(deductible[tier]) + [deductible[tier][-1]] * (3 - len(deductible[tier]))
        for c, member in enumerate(CLASSES):
            for b, percent in enumerate(schedule[tier]):
                full = min(max(percent + bonus[member], Decimal(0)), Decimal(100))
                solved = 100 - level * (100 - full)
                ratios[t, c, b] = min(max(int((solved * 100 + Decimal("0.5")) // 1), 0), 10_000)
            for n in range(3):
                deductibles[t, n, c] = (fen(amounts[n]) * ratio(class_ratio[member]) + 5000) // 10000
    listed = listed_fields(region, scheme, year)
    cii = cii_fields(read, scheme, year)
    return Plan(
        deductible=deductibles,
        deductible_waived=np.array([int(group in get("inpatient.{scheme}.waived_groups")) for group in GROUPS]),
        band_tops=np.array(tops), ratio=ratios,
        band_basis=int(get("inpatient.{scheme}.band_basis") == "after_deductible"),
        band_period=int(get("inpatient.{scheme}.band_period") == "year"),
        primary_bonus=ratio(get("inpatient.{scheme}.primary_bonus")),
        outside_penalty=ratio(get("inpatient.{scheme}.outside_penalty")),
        unreferred_penalty=ratio(get("inpatient.{scheme}.unreferred_penalty")),
        tcm_bonus=ratio(get("inpatient.{scheme}.tcm_bonus")),
        guaranteed_share=ratio(get("inpatient.{scheme}.guaranteed_share")),
        guaranteed_basis=int(get("inpatient.{scheme}.guaranteed_basis") == "billed"),
        factor=10_000, annual_cap=annual_cap(region, scheme, year),
        cap_basis=int(get("inpatient.{scheme}.cap_basis") == "expense"),
        cap_counts_outpatient=int(get("inpatient.{scheme}.cap_counts_outpatient")),
        consultation_fee=fen(get("outpatient.{scheme}.consultation_fee")),
        consultation_share=ratio(get("outpatient.{scheme}.consultation_share")),
        outpatient_deductible=_limit(get("outpatient.{scheme}.deductible")),
        outpatient_ratio=_by(get("outpatient.{scheme}.ratio"), TIERS, ratio),
        outpatient_visit_limit=_limit(get("outpatient.{scheme}.visit_limit")),
        outpatient_year_limit=_limit(get("outpatient.{scheme}.year_limit")),
        ma_inpatient_ratio=_by({"none": Decimal(0), **get("assistance.inpatient_ratio")}, GROUPS, ratio),
        ma_outpatient_ratio=_by({"none": Decimal(0), **get("assistance.outpatient_ratio")}, GROUPS, ratio),
        ma_listed_ratio=_by({"none": Decimal(0), **get("assistance.listed_ratio")}, GROUPS, ratio),
        ma_deductible=_limit(get("assistance.deductible")),
        ma_listed_waives_deductible=int(get("assistance.listed_waives_deductible")),
        ma_cap=_limit(get("assistance.cap")),
        ma_listed_outside_cap=int(get("assistance.listed_outside_cap")),
        ma_take_up=10_000 if get("assistance.one_stop") else ratio(get("assistance.later_take_up")),
        reference_price=_optional_limit(read, f"inpatient.{scheme}.reference_price", year),
        chronic_list=int(get("outpatient.{scheme}.chronic_list")),
        chronic_deductible=_limit(get("outpatient.{scheme}.chronic_deductible")),
        chronic_ratio=_by(get("outpatient.{scheme}.chronic_ratio"), TIERS, ratio),
        chronic_year_limit=_limit(get("outpatient.{scheme}.chronic_year_limit")),
        commercial_share=ratio(get("commercial.{scheme}.share")),
        commercial_deductible=_limit(get("commercial.{scheme}.deductible")),
        commercial_ratio=ratio(get("commercial.{scheme}.ratio")), commercial_cap=_limit(get("commercial.{scheme}.cap")),
        commercial_scope=int(get("commercial.{scheme}.scope") == "all"),
        account_balance=np.zeros(len(CLASSES), dtype=np.int64),          # of the draw: the fund knows it
        account_use=int(get("account.{scheme}.use") == "outpatient"),
        secondary_threshold=_limit(get("control.{scheme}.secondary_threshold")),
        **listed, **cii, **price_fields(read, scheme, year), **supplement_fields(read, scheme, year),
        **relief_fields(read, year))


def _optional_limit(read, path: str, year: int) -> int:
    """A limit in fen that a region may leave out."""
    stated = read(path, year, required=False)
    return UNLIMITED if stated is None else _limit(stated.value)


def mean_bill_of(read, scheme: str, tier: str, year: int) -> Decimal:
    """Mean inpatient bill of a tier in yuan on the central path: the dated mean, then `bill_growth`."""
    dated = read(f"care.{scheme}.bill_mean", year)
    growth = read(f"care.{scheme}.bill_growth", year).value
    return dated.value[tier] * (1 + growth / 100) ** max(year - dated.from_.year, 0)


def price_fields(read, scheme: str, year: int) -> dict:
    """Case and per-diem payment: a tier has the one its method names, at prices that follow the mean bill."""
    def get(name: str):
        return read(f"payment.{scheme}.{name}", year).value

    method, level = get("inpatient_method"), get("day_price_level")
    stays = read(f"care.{scheme}.length_of_stay", year).value
    counties = int(read(f"population.{scheme}.counties", year).value)
    days = [fen((mean_bill_of(read, scheme, tier, year) / stays[tier] * level / 100).quantize(Decimal("0.01")))
            if method[tier] == "per_diem" else 0 for tier in TIERS]
    return dict(
        case_level=np.array([ratio(get("case_level")) if method[tier] == "case" else 0 for tier in TIERS]),
        day_price=np.array(days), patient_share_base=int(get("patient_share_base") == "billed"),
        payment_counties=int(counties * get("counties_share") / 100 + Decimal("0.5")))


def supplement_fields(read, scheme: str, year: int) -> dict:
    """The large-sum supplement in force, or none."""
    if not read(f"supplement.{scheme}.in_force", year).value:
        return dict(supplement_ratio=0, supplement_cap=0)
    return dict(supplement_ratio=ratio(read(f"supplement.{scheme}.ratio", year).value),
                supplement_cap=_limit(read(f"supplement.{scheme}.cap", year).value))


def relief_fields(read, year: int) -> dict:
    """The emergency relief fund in force, or none."""
    if not read("relief.in_force", year).value:
        return dict(relief_groups=np.zeros(len(GROUPS), dtype=np.int64), relief_ability=0, relief_ratio=0)
    groups = read("relief.groups", year).value
    return dict(relief_groups=np.array([int(group in groups) for group in GROUPS]),
                relief_ability=_limit(read("relief.ability", year).value), relief_ratio=ratio(read("relief.ratio", year).value))


def listed_fields(region, scheme: str, year: int) -> dict:
    """The catastrophic-illness list of a scheme; neutral where the scheme has none."""
    zeros = np.zeros(len(ILLNESSES), dtype=np.int64)
    if region.value(f"listed.{scheme}.membership", year, required=False) is None:
        return dict(listed=zeros, listed_ratio=zeros, quota=zeros, quota_kind=zeros, listed_better=0,
                    listed_outside_cap=0, pilot_counties=0)

    def get(name: str):
        return region.value(f"listed.{scheme}.{name}", year).value

    counties = int(region.value(f"population.{scheme}.counties", year).value)
    return dict(
        listed=_by(get("membership"), ILLNESSES, {"none": 0, "full": 1, "pilot": 2}.__getitem__),
        listed_ratio=_by(get("ratio"), ILLNESSES, ratio), quota=_by(get("quota"), ILLNESSES, fen),
        quota_kind=_by(get("quota_kind"), ILLNESSES, {"limit": 0, "package": 1}.__getitem__),
        listed_better=int(get("better_of")), listed_outside_cap=int(get("outside_cap")),
        pilot_counties=int(counties * get("pilot_area_share") / 100 + Decimal("0.5")))


def cii_fields(read, scheme: str, year: int) -> dict:
    """Critical illness insurance in force, or the neutral terms (no threshold is ever reached)."""
    neutral = dict(cii_threshold=UNLIMITED, cii_tops=np.array([UNLIMITED]), cii_ratio=np.zeros(1, dtype=np.int64),
                   cii_cap=UNLIMITED, cii_counts_outpatient=0, cii_listed_only=0, cii_excluded_share=0)
    if scheme == "uebmi" or not read(f"cii.{scheme}.in_force", year).value:
        return neutral

    def get(name: str):
        return read(f"cii.{scheme}.{name}", year).value

    threshold = get("threshold")
    if get("threshold_multiple") > 0:
        path = "income.rural_net_income" if scheme == "nrcms" else "income.urban_disposable_income"
        threshold = (get("threshold_multiple") * series_value(read, path, year - 1)).quantize(Decimal("0.01"))
    return dict(cii_threshold=_limit(threshold), cii_tops=np.array([fen(x) for x in get("tops")] + [UNLIMITED]),
                cii_ratio=np.array([ratio(x) for x in get("ratio")]), cii_cap=_limit(get("cap")),
                cii_counts_outpatient=int(get("counts_outpatient")), cii_listed_only=int(get("listed_only")),
                cii_excluded_share=ratio(get("excluded_share")))


# --------------------------------------------------------------------------------------------------
# A stand-alone plan (docs/plan-example.yaml): what any region's rules, or a textbook's, can be written in.
# --------------------------------------------------------------------------------------------------

def plan_of(mapping: dict) -> Plan:
    """The Plan of a stand-alone mapping in yuan and percent text; what is absent is neutral; ValueError for unknown keys."""
    unknown = set(mapping) - STANDALONE
    if unknown:
        raise ValueError(f"unknown plan key {sorted(unknown)[0]!r}; known keys: {', '.join(sorted(STANDALONE))}")

    def limit(name: str) -> int:
        text = mapping.get(name, "unlimited")
        return UNLIMITED if text == "unlimited" else _limit(Decimal(text))

    def amount(name: str) -> int:
        return _limit(Decimal(mapping.get(name, "0")))

    def flag(name: str) -> int:
        return int(mapping.get(name, False))

    def chosen(name: str, *words: str) -> int:
        word = mapping.get(name, words[0])
        if word not in words:
            raise ValueError(f"{name}: {word!r}; expected one of {', '.join(words)}")
        return words.index(word)

    def percent(name: str, default: int = 0) -> int:
        return ratio(Decimal(mapping[name])) if name in mapping else default

    def table(name: str, width: int, convert, default: str = "0") -> np.ndarray:      # [T, C, width]
        given = mapping.get(name, {})
        result = np.full((len(TIERS), len(CLASSES), width), convert(Decimal(default)), dtype=np.int64)
        for tier, rows in given.items():
            by_class = rows if isinstance(rows, dict) else dict.fromkeys(CLASSES, rows)
            for member, row in by_class.items():
                if len(row) != width:
                    raise ValueError(f"{name}.{tier} needs {width} values, got {len(row)}")
                result[TIERS.index(tier), CLASSES.index(member)] = [convert(Decimal(x)) for x in row]
        return result

    def keyed(name: str, keys: tuple[str, ...], convert) -> np.ndarray:
        given = mapping.get(name, {})
        strangers = set(given) - set(keys)
        if strangers:
            raise ValueError(f"{name}: unknown key {sorted(strangers)[0]!r}; expected one of {', '.join(keys)}")
        return np.array([convert(given[key]) if key in given else 0 for key in keys], dtype=np.int64)

    def percents(name: str, keys: tuple[str, ...]) -> np.ndarray:
        return keyed(name, keys, lambda x: ratio(Decimal(x)))

    tops = [fen(Decimal(x)) for x in mapping.get("band_tops", [])] + [UNLIMITED]
    cii_tops = [fen(Decimal(x)) for x in mapping.get("cii_tops", [])] + [UNLIMITED]
    return Plan(
        deductible=table("deductible", 3, fen).transpose(0, 2, 1),
        deductible_waived=np.array([int(g in mapping.get("deductible_waived", [])) for g in GROUPS]),
        band_tops=np.array(tops), ratio=table("ratio", len(tops), ratio),
        band_basis=chosen("band_basis", "eligible", "after_deductible"),
        band_period=chosen("band_period", "admission", "year"),
        primary_bonus=percent("primary_bonus"), outside_penalty=percent("outside_penalty"),
        unreferred_penalty=percent("unreferred_penalty"), tcm_bonus=percent("tcm_bonus"),
        guaranteed_share=percent("guaranteed_share"),
        guaranteed_basis=chosen("guaranteed_basis", "eligible", "billed"),
        factor=percent("factor", 10_000), annual_cap=limit("annual_cap"),
        cap_basis=chosen("cap_basis", "payment", "expense"),
        cap_counts_outpatient=flag("cap_counts_outpatient"),
        listed=keyed("listed", ILLNESSES, {"none": 0, "full": 1, "pilot": 2}.__getitem__),
        listed_ratio=percents("listed_ratio", ILLNESSES),
        quota=keyed("quota", ILLNESSES, lambda x: fen(Decimal(x))),
        quota_kind=keyed("quota_kind", ILLNESSES, {"limit": 0, "package": 1}.__getitem__),
        listed_better=flag("listed_better"), listed_outside_cap=flag("listed_outside_cap"), pilot_counties=1,
        reference_price=limit("reference_price"), case_level=percents("case_level", TIERS),
        day_price=keyed("day_price", TIERS, lambda x: fen(Decimal(x))),
        patient_share_base=chosen("patient_share_base", "price", "billed"), payment_counties=1,
        consultation_fee=amount("consultation_fee"), consultation_share=percent("consultation_share"),
        outpatient_deductible=amount("outpatient_deductible"),
        outpatient_ratio=percents("outpatient_ratio", TIERS),
        outpatient_visit_limit=limit("outpatient_visit_limit"), outpatient_year_limit=limit("outpatient_year_limit"),
        chronic_list=flag("chronic_list"), chronic_deductible=amount("chronic_deductible"),
        chronic_ratio=percents("chronic_ratio", TIERS), chronic_year_limit=limit("chronic_year_limit"),
        supplement_ratio=percent("supplement_ratio"), supplement_cap=limit("supplement_cap"),
        cii_threshold=limit("cii_threshold"), cii_tops=np.array(cii_tops),
        cii_ratio=np.array([ratio(Decimal(x)) for x in mapping.get("cii_ratio", ["0"] * len(cii_tops))]),
        cii_cap=limit("cii_cap"), cii_counts_outpatient=flag("cii_counts_outpatient"),
        cii_listed_only=flag("cii_listed_only"), cii_excluded_share=percent("cii_excluded_share"),
        commercial_share=1, commercial_deductible=amount("commercial_deductible"), commercial_ratio=percent("commercial_ratio"),
        commercial_cap=limit("commercial_cap"), commercial_scope=chosen("commercial_scope", "in_scope", "all"),
        ma_inpatient_ratio=percents("ma_inpatient_ratio", GROUPS), ma_outpatient_ratio=percents("ma_outpatient_ratio", GROUPS),
        ma_listed_ratio=percents("ma_listed_ratio", GROUPS), ma_deductible=amount("ma_deductible"),
        ma_listed_waives_deductible=flag("ma_listed_waives_deductible"), ma_cap=limit("ma_cap"),
        ma_listed_outside_cap=flag("ma_listed_outside_cap"), ma_take_up=percent("ma_take_up", 10_000),
        account_balance=keyed("account_balance", CLASSES, lambda x: fen(Decimal(x))),
        account_use=chosen("account_use", "all", "outpatient"),
        relief_groups=np.array([int(g in mapping.get("relief_groups", [])) for g in GROUPS]),
        relief_ability=amount("relief_ability"), relief_ratio=percent("relief_ratio"), secondary_threshold=UNLIMITED)


# Plan terms that a plan file has no words for (a person's own flags decide).
UNSAID = ("pilot_counties", "payment_counties", "commercial_share", "secondary_threshold")
STANDALONE = frozenset(Plan._fields) - set(UNSAID)
