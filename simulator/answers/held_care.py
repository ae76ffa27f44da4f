"""What clauses about hospitals, payment, care and the surplus's use are held against, where a parameter says it.

The parameters of conduct are relative to the care that the statistics describe: a clause that no parameter follows is not met in
the simulation, and the note says whose assumption that is. Where a clause names no scheme, the scheme that does least is held
against it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from simulator.care.reforms import bed_path
from simulator.parameters.catalogue import ILLNESSES, MERGED, ORIGINS, SCHEMES, TIERS
from simulator.parameters.merged import rule_book
from simulator.parameters.plans import region_plan
from simulator.parameters.regions import Region
from simulator.parameters.rules_in_force import file_of, plan_in_force
from simulator.parameters.values import Value
from simulator.plan import Plan

YEARLY = "yearly_change_of_"                            # how the name of every direction in STATEMENTS begins
FIRST_EIGHT = ILLNESSES[:8]                             # the illnesses covered everywhere, by the catalogue's order
CHILDHOOD = ("childhood-leukaemia", "childhood-congenital-heart-disease")
IN_AREA = tuple(tier for tier in TIERS if tier != "outside")
Found = tuple[Decimal | None, str, list[Value]]        # the value (None: nothing is stated), a remark, what it was read from


def rule_schemes(region: Region, year: int, scheme: str) -> tuple[str, ...]:
    """The schemes whose rules settle a scheme's bills in a year."""
    book = rule_book(region.value, year) if scheme == MERGED else "stated"
    return (scheme,) if book == "stated" else ORIGINS[::-1]


def plan_held(region: Region, year: int, scheme: str) -> Plan:
    """The plan that a run settles a scheme's bills by in a year, at a level of 1; of a member from nrcms where the merged scheme
    has not begun."""
    return plan_in_force(region.value, scheme, year, lambda part: region_plan(region, part, year, payer=scheme),
                         ORIGINS[-1] if scheme == MERGED else scheme)


def numbers(data: object) -> list[Decimal]:
    """Every number of a value, in order."""
    if isinstance(data, dict):
        return [number for item in data.values() for number in numbers(item)]
    if isinstance(data, list):
        return [number for item in data for number in numbers(item)]
    assert isinstance(data, Decimal)
    return [data]


def schemes_of(region: Region, year: int, scheme: str) -> tuple[str, ...]:
    """The scheme of a clause; of one that names none, all that have people."""
    if scheme in SCHEMES:
        return (scheme,)
    found = [name for name in SCHEMES if region.value(f"population.{name}.participants", year, required=False) is not None]
    return tuple(name for name in found if MERGED not in found or name not in ORIGINS)


def least(region: Region, year: int, scheme: str, path: str, of: Callable[[Any], Decimal] = Decimal) -> Found:
    """The least value of `path` among the schemes; `{scheme}` in it is filled in and `of` makes a number of the value."""
    values = [(name, region.value(path.format(scheme=name), year, required=False)) for name in schemes_of(region, year, scheme)]
    stated = [(of(value.value), name, value) for name, value in values if value is not None]
    if not stated:
        return None, f"{region.name} has no value of {path.format(scheme=scheme)} in {year}", []
    number, name, value = min(stated, key=lambda one: one[0])
    return number, f"by {path.format(scheme=name)}", [value]


def pilot_markup(region: Region, year: int, scheme: str) -> Found:
    """The markup in force at pilot county hospitals: none where some county hospitals have ended it."""
    share, remark, said = least(region, year, scheme, "conduct.{scheme}.zero_markup_share", lambda by: by["county"])
    markup, _, of_others = least(region, year, scheme, "conduct.{scheme}.markup")
    if share is None or markup is None:
        return None, remark, []
    if share > 0:
        return Decimal(0), f"{share.normalize():f}% of county hospitals have ended it", said
    return markup, "no county hospital has ended it", [*said, *of_others]


def income_channels(region: Region, year: int, scheme: str) -> Found:
    """Sources of income of pilot county hospitals: service fees, subsidy and, while there is one, the drug markup."""
    markup, remark, said = pilot_markup(region, year, scheme)
    return (None if markup is None else Decimal(3 if markup else 2)), remark, said


def pilot_areas(region: Region, year: int, scheme: str) -> Found:
    """Counties whose hospitals have ended the markup: their share of all counties, to whole ones."""
    share, remark, said = least(region, year, scheme, "conduct.{scheme}.zero_markup_share", lambda by: by["county"])
    counties, _, _ = least(region, year, scheme, "population.{scheme}.counties", lambda count: -Decimal(count))
    if share is None or counties is None:
        return None, remark, []
    return ((share * -counties / 100).quantize(Decimal(1)),
            f"{share.normalize():f}% of {-counties} counties, by conduct's zero_markup_share", said)


def beds(region: Region, year: int, scheme: str) -> Found:
    """Beds of all hospitals per 1,000 residents, where the limit on their growth has done its part."""
    found = {name: bed_path(region.value, name, year, year)[1] for name in schemes_of(region, year, scheme)
             if region.value(f"conduct.{name}.beds_per_1000", year, required=False) is not None}
    if not found:
        return None, f"{region.name} has no value of conduct's beds_per_1000 in {year}", []
    name = max(found, key=found.__getitem__)
    return (Decimal(str(round(found[name], 2))), "beds of all hospitals; the clause speaks of public ones",
            [region.value(f"conduct.{name}.beds_per_1000", year)])


def paid_by_case(region: Region, year: int, scheme: str) -> Found:
    """Counties in which inpatients of some tier are paid by case or day."""
    methods = region.value(f"payment.{scheme}.inpatient_method", year, required=False)
    if methods is None:
        return None, f"{region.name} has no value of payment.{scheme}.inpatient_method in {year}", []
    if not any(methods.value[tier] in ("case", "per_diem") for tier in IN_AREA):
        return Decimal(0), "no tier is paid by case or day", [methods]
    return least(region, year, scheme, "payment.{scheme}.counties_share")


def tiers_by_case(region: Region, year: int, scheme: str) -> Found:
    """Tiers within the area whose inpatients are paid by case or day where the methods hold, in percent."""
    methods = region.value(f"payment.{scheme}.inpatient_method", year, required=False)
    if methods is None:
        return None, f"{region.name} has no value of payment.{scheme}.inpatient_method in {year}", []
    held = [tier for tier in IN_AREA if methods.value[tier] in ("case", "per_diem")]
    return Decimal(100 * len(held)) / len(IN_AREA), "the tiers so paid, of those within the area", [methods]


def paid_in_total(region: Region, year: int, scheme: str) -> Found:
    """Counties in which outpatients of the township tier are paid by a global budget or by capitation."""
    methods = region.value(f"payment.{scheme}.outpatient_method", year, required=False)
    if methods is None:
        return None, f"{region.name} has no value of payment.{scheme}.outpatient_method in {year}", []
    if methods.value["township"] == "fee_for_service":
        return Decimal(0), "outpatients of township hospitals are paid by the item", [methods]
    return least(region, year, scheme, "payment.{scheme}.outpatient_counties_share")


def one_stop(region: Region, year: int, scheme: str) -> Found:
    """Assistance settled together with insurance: all of it, or none."""
    found = region.value("assistance.one_stop", year, required=False)
    if found is None:
        return None, f"{region.name} has no value of assistance.one_stop in {year}", []
    return Decimal(100 if found.value else 0), "", [found]


def at_once(region: Region, year: int, scheme: str) -> Found:
    """Out-of-area bills settled at once, as a part of one."""
    return least(region, year, scheme, "conduct.{scheme}.outside_immediate", lambda percent: percent / 100)


def in_area_at_once(region: Region, year: int, scheme: str) -> Found:
    """Bills within the pooling area settled at once, as a part of one; all of them where nothing else is stated."""
    found = least(region, year, scheme, "conduct.{scheme}.local_immediate", lambda percent: percent / 100)
    return found if found[2] else (Decimal(1), "every bill in the area is settled at once: no local_immediate is stated", [])


def treated_first(region: Region, year: int, scheme: str) -> Found:
    """1 where admissions at some tier within the area are treated before payment, else 0; none are where nothing is stated."""
    silent = [name for name in schemes_of(region, year, scheme)
              if region.value(f"conduct.{name}.pay_after", year, required=False) is None]
    if silent:
        return Decimal(0), f"no admission of {silent[0]} is treated before payment: no pay_after is stated", []
    return least(region, year, scheme, "conduct.{scheme}.pay_after", lambda by: Decimal(any(by[tier] > 0 for tier in IN_AREA)))


def outpatients_pooled(region: Region, year: int, scheme: str) -> Found:
    """Whether the scheme pays for outpatients at some tier."""
    files = {name: own for name in schemes_of(region, year, scheme) if (own := file_of(region.value, name, year))}
    for name, own in files.items():
        if not plan_held(region, year, name).outpatient_ratio.any():
            return Decimal(0), f"by {own.path}", [own]
    return least(region, year, scheme, "outpatient.{scheme}.ratio", lambda ratio: Decimal(any(numbers(ratio))))


def on_list(region: Region, year: int, scheme: str) -> tuple[set[str], list[Value]]:
    """The illnesses on the list by which a scheme's bills are settled, in a pilot or everywhere, and the list."""
    found = region.value(f"listed.{rule_schemes(region, year, scheme)[0]}.membership", year, required=False)
    if found is None:
        return set(), []
    held = plan_held(region, year, scheme).listed.tolist()
    return {name for name, how in zip(ILLNESSES, held, strict=True) if how}, [found]


def childhood(region: Region, year: int, scheme: str) -> Found:
    """The two childhood illnesses that the plan of 2011 names, where they are on the list."""
    names, said = on_list(region, year, scheme)
    return (Decimal(len(names.intersection(CHILDHOOD))) if said else None), f"on the list of {scheme}", said


def assisted_illnesses(region: Region, year: int, scheme: str) -> Found:
    """Illnesses beyond the first eight on the list of nrcms (of the merged scheme), where assistance has a ratio on it."""
    of = MERGED if MERGED in schemes_of(region, year, scheme) else ORIGINS[-1]
    ratio = region.value("assistance.listed_ratio", year, required=False)
    names, said = on_list(region, year, of)
    if ratio is None or not said:
        return None, f"{region.name} has no list of illnesses, or no ratio of assistance on it, in {year}", []
    if not any(ratio.value.values()):
        return Decimal(0), "assistance has no ratio on listed illnesses", [ratio]
    return Decimal(len(names.difference(FIRST_EIGHT))), f"on the list of {of}, beyond the first eight", said


def of_patients(region: Region, year: int, scheme: str) -> Found:
    """Counties in which the pilot illnesses are paid; all where the list has none of them."""
    found = region.value(f"listed.{scheme}.membership", year, required=False)
    if found is not None and "pilot" not in found.value.values():
        return Decimal(100), "every illness on the list is covered everywhere", [found]
    return least(region, year, scheme, "listed.{scheme}.pilot_area_share")


def retained(region: Region, year: int, scheme: str) -> Found:
    """Out-of-area admissions that are kept in the county, in percent: the share treated there rises by it."""
    return least(region, year, scheme, "conduct.{scheme}.retention")


def sent_out(region: Region, year: int, scheme: str) -> Found:
    """The fall of out-of-area admissions, in percent of them."""
    kept, remark, said = retained(region, year, scheme)
    return (None if kept is None else -kept), remark, said


def fees_raised(region: Region, year: int, scheme: str) -> Found:
    """The part of the lost markup that is put on service fees, in percent."""
    return least(region, year, scheme, "conduct.{scheme}.fee_recovery")


def tests_cheaper(region: Region, year: int, scheme: str) -> Found:
    """The fall of the prices of tests on large equipment, in percent."""
    cut, remark, said = least(region, year, scheme, "conduct.{scheme}.equipment_price_cut")
    return (None if cut is None else -cut), remark, said


def refunds(region: Region, year: int, scheme: str) -> Found:
    """1 where a surplus above its limit is refunded on high self-pay, else 0."""
    return least(region, year, scheme, "control.{scheme}.surplus_response", lambda name: Decimal("secondary" in name))


def run_down(region: Region, year: int, scheme: str) -> Found:
    """-1 where a surplus above its limit has a response, else 0."""
    return least(region, year, scheme, "control.{scheme}.surplus_response", lambda name: Decimal(0 if name == "none" else -1))


def limited(region: Region, year: int, scheme: str) -> Found:
    """1 where the cumulative surplus has a limit, else 0."""
    return least(region, year, scheme, "control.{scheme}.cumulative_base", lambda name: Decimal(name != "none"))


def insured_in_towns(region: Region, year: int, scheme: str) -> Found:
    """Members of uebmi and urbmi together."""
    values = [region.value(f"population.{name}.participants", year, required=False) for name in ("uebmi", "urbmi")]
    held = [value for value in values if value is not None]
    if len(held) < 2:
        return None, f"{region.name} has no members of both schemes in {year}", []
    return sum((Decimal(value.value) for value in held), Decimal(0)), "", held


OF_CARE: dict[str, Callable[[Region, int, str], Found]] = {
    found.__name__: found for found in (
        pilot_markup, income_channels, pilot_areas, beds, paid_by_case, tiers_by_case, paid_in_total, one_stop, at_once,
        in_area_at_once, treated_first, outpatients_pooled, childhood, assisted_illnesses, of_patients, retained, sent_out,
        fees_raised, tests_cheaper, refunds, run_down, limited, insured_in_towns)}
