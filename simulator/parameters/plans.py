"""From a region's parameters to the Plan of a scheme and year, and from a stand-alone plan file.

A term that is one parameter in another unit is converted as its row in `simulator/plan.py` says: amounts become fen,
percentages 1/10,000, flags 0/1, words their number. The others name what they are worked out by (`DERIVED`). A cap that no
parameter states is the largest of the law's floors in force, ancestors included (`annual_cap_floor`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from simulator.dimensions import DIMENSIONS
from simulator.money import ONE, UNLIMITED, fen, ratio
from simulator.parameters.catalogue import CLASSES, GROUPS, TIERS
from simulator.parameters.effective import effective, rounded
from simulator.parameters.growth import yearly_rates
from simulator.parameters.stated import by_order, inpatient_ratios, integer, spread
from simulator.parameters.stated import deductibles as stated_deductibles
from simulator.parameters.values import StatementValue
from simulator.plan import N_CHRONIC, SHAPES, TERMS, Plan
from simulator.term import Term

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
    """An income or wage series in `year`: the published figure, or the last one grown by the central rates of later years."""
    dated = read(path, year)
    value = dated.value
    for growth in yearly_rates(read, "income.wage_growth" if path.endswith("wage") else "income.income_growth", dated, year):
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


def converted(term: Term, stated: Any) -> int | np.ndarray:
    """What a parameter or a plan file states, as the rules read it. ValueError for what is too fine or not known.

    A term with one dimension is stated as a list of bands or the value of a single one, a list of groups, or a mapping; absent
    keys are neutral.
    """
    if not term.shape:
        return integer(term, stated)
    dimension, = term.shape
    if dimension == "band":
        stated = stated if isinstance(stated, list | tuple) else [stated]
        return np.array([integer(term, value) for value in stated] + [UNLIMITED] * term.is_tops, dtype=np.int64)
    keys = DIMENSIONS[dimension]
    strangers = [key for key in stated if key not in keys]
    if strangers:
        raise ValueError(f"unknown {dimension} {strangers[0]!r}; expected one of {', '.join(keys)}")
    if term.unit == "flag":
        return np.array([int(key in stated) for key in keys], dtype=np.int64)
    return np.array([integer(term, stated[key]) if key in stated else term.neutral for key in keys], dtype=np.int64)


def neutral(term: Term, bands: int = 1) -> int | np.ndarray:
    """The value at which a term does nothing; of a schedule with so many bands."""
    if not term.shape:
        return term.neutral
    return np.full([bands if key == "band" else len(DIMENSIONS[key]) for key in term.shape], term.neutral, dtype=np.int64)


# --------------------------------------------------------------------------------------------------
# The plan of a region
# --------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Asked:
    """Whose plan is asked for: a Region, or a Reader that records what is used, with a scheme, a year and a level. Hospitals are
    paid as the scheme `payer` pays them ("": this one), whose fund has the bills of the scheme's people."""

    region: Any
    scheme: str
    year: int
    level: Decimal = Decimal(1)
    over: Decimal = Decimal(1)         # a second factor on the patient's share, of everything that is paid at `level`
    payer: str = ""

    def get(self, path: str, required: bool = True) -> Any:
        """The value of a parameter, `{scheme}` in its path filled in; None where there is none and none is required."""
        scheme = self.payer if self.payer and path.startswith("payment.") else self.scheme
        found = self.region.value(path.format(scheme=scheme), self.year, required)
        return None if found is None else found.value


def region_plan(region, scheme: str, year: int, level: Decimal = Decimal(1), payer: str = "") -> Plan:
    """The Plan of a scheme in a year under the parameters of `region` (a Region, or a Reader that records what is used).

    `level` is k of r' = 1 - k (1 - r): it scales the patient's share of every inpatient ratio that is written, and nothing that
    a scenario states or adds (design, section 3). `payer` as in `Asked`.
    """
    asked = Asked(region, scheme, year, level, payer=payer)
    return Plan(**{name: term_of(asked, name) for name in TERMS})


def term_of(asked: Asked, name: str) -> Any:
    """One term of a region's plan; neutral where no parameter states it, or the region is without its layer."""
    term = TERMS[name]
    topic = term.path.partition(".")[0]
    if not topic or (topic in IN_FORCE and not IN_FORCE[topic](asked)):
        return ABSENT.get(name, neutral(term))
    if name in DERIVED:
        return DERIVED[name](asked)
    stated = asked.get(term.path, required=not term.optional)
    return neutral(term) if stated is None else converted(term, stated)


def at_level(plan: Plan, region, scheme: str, year: int, level: Decimal, over: Decimal = Decimal(1)) -> Plan:
    """A region's plan at another level: only its inpatient ratios hang on it."""
    return plan._replace(ratio=ratios(Asked(region, scheme, year, level, over)))


# Layers that a region may be without, by topic of their parameters; their terms are then neutral, but for ABSENT.
IN_FORCE: dict[str, Callable[[Asked], bool]] = {
    "listed": lambda asked: asked.get("listed.{scheme}.membership", required=False) is not None,
    "supplement": lambda asked: asked.get("supplement.{scheme}.in_force"),
    "cii": lambda asked: asked.get("cii.{scheme}.in_force"),
    "relief": lambda asked: asked.get("relief.in_force"),
}
# No county takes part in a list that is absent, and of two plans the better has the cap of the one with a supplement.
ABSENT = {"pilot_counties": 0, "supplement_cap": 0}


def deductibles(asked: Asked) -> np.ndarray:
    """Each tier's deductibles, relative to the member class."""
    stated, relative = asked.get("inpatient.{scheme}.deductible"), asked.get("inpatient.{scheme}.deductible_class_ratio")
    amounts = np.array([[fen(amount) for amount in by_order(stated[tier])] for tier in TIERS], dtype=np.int64)
    return (amounts[:, :, None] * np.array([ratio(relative[member]) for member in CLASSES]) + 5000) // 10_000


def ratios(asked: Asked) -> np.ndarray:
    """Each tier's schedule with the points of the member class, both at the level asked for, within 0 and 100%; a class may bear
    a share of its own part."""
    schedule, bonus = (effective(asked.region.value(f"inpatient.{asked.scheme}.{name}", asked.year), asked.level)
                       for name in ("ratio", "class_bonus"))
    own = asked.get("inpatient.{scheme}.class_own_share", required=False) or dict.fromkeys(CLASSES, Decimal(100))

    def paid(percent: Decimal, part: Decimal) -> int:
        borne = (100 - min(max(percent, Decimal(0)), Decimal(100))) * asked.over * part / 100
        return ratio(rounded(max(100 - borne, Decimal(0))))

    return np.array([[[paid(percent + bonus[member], own[member]) for percent in schedule[tier]] for member in CLASSES]
                     for tier in TIERS], dtype=np.int64)


def outpatient_ratios(asked: Asked) -> np.ndarray:
    """Each tier's outpatient ratio with the points of the member class, where the tier is paid at all."""
    schedule, bonus = asked.get("outpatient.{scheme}.ratio"), asked.get("outpatient.{scheme}.class_bonus", required=False) or {}
    return with_points(spread(TERMS["outpatient_ratio"], schedule), bonus)


def chronic_ratios(asked: Asked) -> np.ndarray:
    """The ratios of visits for chronic diseases, by group and tier, with the points of the member class."""
    found = by_disease("chronic_ratio", for_all("chronic_ratio"))(asked)
    return with_points(found, asked.get("outpatient.{scheme}.chronic_class_bonus", required=False) or {})


def with_points(ratios: np.ndarray, points: dict[str, Decimal]) -> np.ndarray:
    """Ratios int64[..., C] with the points of each member class, within 0 and 1; a ratio of 0 stays: nothing is paid."""
    added = np.array([ratio(points.get(member, 0)) for member in CLASSES], dtype=np.int64)
    return np.where(ratios > 0, np.clip(ratios + added, 0, ONE), 0)


def relative(name: str, amount: str, share: str, keys: tuple[str, ...]) -> Callable[[Asked], np.ndarray]:
    """An amount, for each key relative by a percentage that may be left out."""
    def found(asked: Asked) -> np.ndarray:
        whole, part = integer(TERMS[name], asked.get(amount)), asked.get(share, required=False) or {}
        return of_whole(whole, part, keys)
    return found


def of_whole(whole: int, part: dict[str, Decimal], keys: tuple[str, ...]) -> np.ndarray:
    """For each key the whole, or the percentage of it that the mapping says; no limit stays no limit."""
    return np.array([whole if whole >= UNLIMITED or key not in part else (whole * ratio(part[key]) + ONE // 2) // ONE
                     for key in keys], dtype=np.int64)


def for_all(name: str) -> Callable[[Asked], np.ndarray]:
    """One parameter, by tier where it has several values, for all the places of a term; neutral where it is left out."""
    def found(asked: Asked) -> np.ndarray:
        term = TERMS[name]
        stated = asked.get(term.path, required=not term.optional)
        return spread(term, {} if stated is None else stated)
    return found


def by_class(name: str) -> Callable[[Asked], np.ndarray]:
    """One amount, for each member class relative by a percentage that may be left out, for all places of a term."""
    term, shape = TERMS[name], SHAPES[name]
    amounts = relative(name, term.path, term.also[0], CLASSES)
    return lambda asked: np.ascontiguousarray(np.broadcast_to(amounts(asked), shape))


def by_disease(name: str, otherwise: Callable[[Asked], np.ndarray]) -> Callable[[Asked], np.ndarray]:
    """A term of the chronic list: by group of diseases where the region states it so for a member class or tier, the last of the
    list for all further groups; `otherwise` elsewhere."""
    term = TERMS[name]

    def found(asked: Asked) -> np.ndarray:
        values, stated = otherwise(asked).copy(), asked.get(term.also[-1], required=False) or {}
        for key, of_groups in stated.items():
            numbers = [integer(term, value) for value in of_groups]
            place = DIMENSIONS[term.shape[1]].index(key)
            for group in range(N_CHRONIC if numbers else 0):
                values[group, place] = numbers[min(group, len(numbers) - 1)]
        return values
    return found


def annual_caps(asked: Asked) -> np.ndarray:
    """The annual cap of each member class: of the scheme's, where the region says so a share."""
    whole, part = annual_cap(asked.region, asked.scheme, asked.year), asked.get(
        "inpatient.{scheme}.annual_cap_class_ratio", required=False) or {}
    return of_whole(whole, part, CLASSES)


def guaranteed_shares(asked: Asked) -> np.ndarray:
    """The guaranteed share of each tier: the scheme's, where the region says so a part of it."""
    whole, part = ratio(asked.get("inpatient.{scheme}.guaranteed_share")), asked.get(
        "inpatient.{scheme}.guaranteed_tier_ratio", required=False) or {}
    return of_whole(whole, part, TIERS)


def supplement_ratios(asked: Asked) -> np.ndarray:
    """The supplement's ratio of each band; without bands its one ratio."""
    if asked.get("supplement.{scheme}.tops", required=False):
        return np.asarray(converted(TERMS["supplement_ratio"], asked.get("supplement.{scheme}.band_ratio")))
    return np.array([ratio(asked.get("supplement.{scheme}.ratio"))], dtype=np.int64)


def annual_cap(region, scheme: str, year: int) -> int:
    """The annual cap in fen: as stated, else the largest floor of the law, else none."""
    stated = region.value(f"inpatient.{scheme}.annual_cap", year, required=False)
    if stated is not None:
        return integer(TERMS["annual_cap"], stated.value)
    floor, binding = annual_cap_floor(region, scheme, year)
    if binding is None:
        return UNLIMITED
    region.use(binding)
    return integer(TERMS["annual_cap"], floor)


def counties_of(share: str) -> Callable[[Asked], int]:
    """The number of counties that a share of them is."""
    return lambda asked: int(int(asked.get("population.{scheme}.counties")) * asked.get(share) / 100 + Decimal("0.5"))


def case_levels(asked: Asked) -> np.ndarray:
    """The level of a case's price at the tiers that pay by case."""
    method = asked.get("payment.{scheme}.inpatient_method")
    return np.array([ratio(asked.get("payment.{scheme}.case_level")) if method[tier] == "case" else 0 for tier in TIERS])


def day_prices(asked: Asked) -> np.ndarray:
    """The price of a day at the tiers that pay per diem: it follows the mean bill."""
    method, level = asked.get("payment.{scheme}.inpatient_method"), asked.get("payment.{scheme}.day_price_level")
    days, prices = asked.get("care.{scheme}.length_of_stay"), np.zeros(len(TIERS), dtype=np.int64)
    for t, tier in enumerate(TIERS):
        if method[tier] == "per_diem":
            mean = mean_bill_of(asked.region.value, asked.scheme, tier, asked.year)
            prices[t] = fen((mean / days[tier] * level / 100).quantize(Decimal("0.01")))
    return prices


def mean_bill_of(read, scheme: str, tier: str, year: int) -> Decimal:
    """Mean inpatient bill of a tier in yuan on the central path: the dated mean, then `bill_growth`."""
    dated = read(f"care.{scheme}.bill_mean", year)
    mean = dated.value[tier]
    for growth in yearly_rates(read, f"care.{scheme}.bill_growth", dated, year):
        mean *= 1 + growth / 100
    return mean


def cii_threshold(asked: Asked) -> int:
    """The threshold as an amount, or as a multiple of last year's income of the scheme's people or of townspeople."""
    threshold, multiple = asked.get("cii.{scheme}.threshold"), asked.get("cii.{scheme}.threshold_multiple")
    if multiple > 0:
        own = asked.get("cii.{scheme}.threshold_income") == "own"
        path = "income.rural_net_income" if own and asked.scheme == "nrcms" else "income.urban_disposable_income"
        threshold = (multiple * series_value(asked.region.value, path, asked.year - 1)).quantize(Decimal("0.01"))
    return integer(TERMS["cii_threshold"], threshold)


def take_up(asked: Asked) -> int:
    """All of the assistance where it is settled at the counter, else what is asked for later."""
    return ONE if asked.get("assistance.one_stop") else ratio(asked.get("assistance.later_take_up"))


# Terms that are not one parameter in another unit, and what they are worked out by.
DERIVED: dict[str, Callable[[Asked], int | np.ndarray]] = {
    "deductible": deductibles, "ratio": ratios,
    "annual_cap": annual_caps, "guaranteed_share": guaranteed_shares, "supplement_ratio": supplement_ratios,
    "tcm_bonus": for_all("tcm_bonus"), "outpatient_copay": for_all("outpatient_copay"),
    "outpatient_visit_limit": for_all("outpatient_visit_limit"),
    "pilot_counties": counties_of("listed.{scheme}.pilot_area_share"),
    "payment_counties": counties_of("payment.{scheme}.counties_share"),
    "case_level": case_levels, "day_price": day_prices, "cii_threshold": cii_threshold, "ma_take_up": take_up,
    # An account that pays nothing is one without a balance.
    "account_use": lambda asked: int(asked.get("account.{scheme}.use") == "outpatient"),
    "outpatient_deductible": by_class("outpatient_deductible"), "outpatient_ratio": outpatient_ratios,
    "outpatient_year_limit": relative("outpatient_year_limit", "outpatient.{scheme}.year_limit",
                                      "outpatient.{scheme}.year_limit_class_ratio", CLASSES),
    "chronic_deductible": by_disease("chronic_deductible", by_class("chronic_deductible")),
    "chronic_ratio": chronic_ratios,
    "chronic_year_limit": by_disease("chronic_year_limit", by_class("chronic_year_limit")),
    "ma_second_threshold": for_all("ma_second_threshold"), "ma_second_cap": for_all("ma_second_cap"),
    "ma_deductible": relative("ma_deductible", "assistance.deductible", "assistance.deductible_group_ratio", GROUPS),
    "ma_cap": relative("ma_cap", "assistance.cap", "assistance.cap_group_ratio", GROUPS),
}


# --------------------------------------------------------------------------------------------------
# A stand-alone plan (docs/plan-example.yaml): what any region's rules, or a textbook's, can be written in.
# --------------------------------------------------------------------------------------------------

PLAN_KEYS = tuple(name for name, term in TERMS.items() if term.in_plan_file)
# Keys of plan files that are no terms: a class's share of its own part, names of the groups of chronic diseases.
OTHER_KEYS = ("class_own_share", "chronic_groups")


def plan_of(mapping: dict) -> Plan:
    """The Plan of a stand-alone mapping in yuan and percent text; what is absent is neutral; ValueError for unknown keys."""
    known = {*PLAN_KEYS, *OTHER_KEYS}
    if mapping.keys() - known:
        raise ValueError(f"unknown plan key {sorted(mapping.keys() - known)[0]!r}; known keys: {', '.join(sorted(known))}")
    bands = {ratios: len(mapping.get(tops, ())) + 1 for tops, ratios in BANDED.items()}
    values: dict[str, Any] = {}
    for name in TERMS:
        try:
            values[name] = stated_term(name, mapping, bands)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return Plan(**values)


BANDED = {"band_tops": "ratio", "supplement_tops": "supplement_ratio", "cii_tops": "cii_ratio",
          "cii_listed_tops": "cii_listed_ratio"}         # tops -> ratios


def stated_term(name: str, mapping: dict, bands: dict[str, int]) -> int | np.ndarray:
    """One term of a stand-alone mapping; `bands` tells how many a schedule of ratios has."""
    term = TERMS[name]
    if name in ("deductible", "deductible_share"):
        return stated_deductibles(mapping.get("deductible", {}))[name == "deductible_share"]
    if name == "ratio":
        return inpatient_ratios(mapping.get(name, {}), bands[name], mapping.get("class_own_share", {}))
    if name not in mapping:
        return neutral(term, bands.get(name, 1))
    if len(term.shape) > 1 or term.has_one_for_all:
        return spread(term, mapping[name], mapping.get("chronic_groups", ()))
    return converted(term, mapping[name])
