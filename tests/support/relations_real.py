"""What must hold of the terms that real schedules have and few share, and of two ways to write one rule (ALIKE)."""

from __future__ import annotations

import numpy as np

from simulator.law.rules import TOWNSHIP
from simulator.law.year import YearState
from simulator.money import ONE, UNLIMITED
from simulator.plan import N_TIERS, OUTSIDE_FIRST_PAY, TERMS
from simulator.tables import Fact
from tests.support import claimed_for as on
from tests.support import worlds as w
from tests.support.relation import ALIKE, EITHER, FEWER, MORE, SAME, account_last, fixed_deductibles
from tests.support.relation import relation as _r
from tests.support.worlds import World, amount, bill, from_an_empty_year, points, to, together, year

FILED, UNFILED = 1, 2                        # Fact.OUT_OF_AREA
COUNTY, CITY = 1, 2                          # tiers without terms of their own kind
FEN, YUAN, HALF_UP, DOWN = 0, 2, 0, 1        # the words of rounding_unit and rounding_mode


def have(name: str, value: int):
    """The field at a value where it does nothing or is without limit, elsewhere as it is."""
    def change(world: World) -> None:
        field = world.field(name)
        field[...] = np.where((field == 0) | (field >= UNLIMITED), value, field)
    return change


def among(*names: str, keep: int, more: int = 999):
    """Fields of which every place but `keep` along the last dimension is `more` higher."""
    def change(world: World) -> None:
        for name in names:
            field = world.field(name)
            others = np.arange(field.shape[-1]) != keep
            field[..., others] = np.where(field[..., others] < UNLIMITED, field[..., others] + more, field[..., others])
    return change


# Deductibles -------------------------------------------------------------------------------------------------------------------

every_share = together(have("deductible_share", 2_000), to("order_counted", 0))
simple_deductible = together(to("deductible_kind", 0), to("deductible_shared", 0), to("deductible_year_limit", UNLIMITED),
                             fixed_deductibles, to("deductible_waived", 0), have("admission_copay", 12_300),
                             to("out_of_area_deductible_factor", ONE), to("unfiled_deductible_factor", ONE))


def bounds_meet(world: World) -> None:
    """Least and most deductible are one amount."""
    every_share(world)
    for name in ("deductible_least", "deductible_most"):
        world.field(name)[...] = 34_567


def as_amount(world: World) -> None:
    """The deductible is that amount."""
    fixed_deductibles(world)
    world.field("deductible")[...] = 34_567


def no_deductible(world: World) -> None:
    """Nothing is deducted, and nothing limits that in the year."""
    to("deductible", 0)(world)
    fixed_deductibles(world)
    world.field("deductible_year_limit")[...] = UNLIMITED


def copay_into_deductible(world: World) -> None:
    """The fixed sum is a part of the deductible."""
    world.field("deductible")[...] += world.field("admission_copay")[:, :, None, None]
    world.field("admission_copay")[...] = 0


def all_admissions_here(world: World) -> None:
    """Everybody has been admitted only at the tier of the bill."""
    places = YearState.ADMISSIONS_AT + world.bills[:, Fact.TIER]
    world.years[:, YearState.ADMISSIONS_AT:YearState.ADMISSIONS_AT + N_TIERS] = 0
    world.years[np.arange(len(world.years)), places] = world.years[:, YearState.ADMISSIONS]


def other_orders(world: World) -> None:
    """Another deductible of the first admission."""
    world.field("deductible")[:, :, 0] += 4_321
    world.field("deductible_share")[:, :, 0] = 0


def admitted_before(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return on.admissions(world, paid, changed) & (world.years[:, YearState.ADMISSIONS] > 0)


# Tiers, areas, rounding --------------------------------------------------------------------------------------------------------

def two_tiers_alike(world: World) -> None:
    """County and city hospitals have the same terms, and everybody has been admitted as often to one as to the other."""
    for name, term in TERMS.items():
        if "tier" in term.shape:
            by_tier = np.moveaxis(world.field(name), 1 + term.shape.index("tier"), 1)
            by_tier[:, CITY] = by_tier[:, COUNTY]
    world.years[:, YearState.ADMISSIONS_AT + CITY] = world.years[:, YearState.ADMISSIONS_AT + COUNTY]
    world.bills[:, Fact.TIER] = COUNTY


def filed_as_unfiled(world: World) -> None:
    """What is not filed has the factors of what is."""
    world.field("unfiled_factor")[...] = world.field("out_of_area_factor")
    world.field("unfiled_deductible_factor")[...] = world.field("out_of_area_deductible_factor")


area_without_terms = together(to("out_of_area_factor", ONE), to("out_of_area_deductible_factor", ONE))
to_the_yuan_down = together(to("rounding_unit", YUAN), to("rounding_mode", DOWN))
half_up_to_the_fen = together(to("rounding_unit", FEN), to("rounding_mode", HALF_UP))
one_band = together(to("band_tops", UNLIMITED), to("tcm_bonus", 0), to("essential_bonus", 0))


# Visits ------------------------------------------------------------------------------------------------------------------------

each_visit = together(to("outpatient_deductible_period", 1), have("outpatient_copay", 1_234))


def copay_into_visit_deductible(world: World) -> None:
    """The fixed sum is a part of each visit's deductible."""
    world.field("outpatient_deductible")[...] += world.field("outpatient_copay")[:, :, None]
    world.field("outpatient_copay")[...] = 0


def diseases_alike(world: World) -> None:
    """The first two groups of chronic diseases have the same terms and have used as much; every bill is of the first."""
    w.every_visit_chronic(world)
    for name in ("chronic_deductible", "chronic_ratio", "chronic_year_limit"):
        world.field(name)[:, 1] = world.field(name)[:, 0]
    for state in (YearState.CHRONIC_DEDUCTIBLE_USED, YearState.CHRONIC_PAID):
        world.years[:, state + 1] = world.years[:, state]


def other_diseases(world: World) -> None:
    """Other terms of all groups of diseases but the first."""
    world.field("chronic_deductible")[:, 1:] += 999
    world.field("chronic_ratio")[:, 1:] = ONE - world.field("chronic_ratio")[:, 1:]
    world.field("chronic_year_limit")[:, 1:] = 7_777


def other_tiers_of_visits(world: World) -> None:
    """Other terms of visits elsewhere than in townships."""
    for name in ("outpatient_deductible", "outpatient_copay"):
        world.field(name)[:, 1:] += 999
    world.field("outpatient_visit_limit")[:, 1:] = 5_555
    world.field("outpatient_ratio")[:, 1:] = ONE - world.field("outpatient_ratio")[:, 1:]


def other_classes(world: World) -> None:
    """Other terms of all classes but the first."""
    for name in ("outpatient_ratio", "chronic_ratio"):
        world.field(name)[..., 1:] = ONE - world.field(name)[..., 1:]
    among("annual_cap", "outpatient_year_limit", "chronic_year_limit", "account_balance", "deductible", "outpatient_deductible",
          "chronic_deductible", keep=0)(world)
    world.field("ratio")[:, :, 1:] = ONE - world.field("ratio")[:, :, 1:]


def other_tiers(world: World) -> None:
    """Other terms of admissions elsewhere than in townships."""
    for name in ("deductible", "admission_copay", "tcm_bonus", "essential_bonus"):
        world.field(name)[:, 1:] += 999
    for name in ("deductible_share", "guaranteed_share"):
        world.field(name)[:, 1:] = 1_234
    world.field("ratio")[:, 1:] = ONE - world.field("ratio")[:, 1:]


rich_visitors = together(to("account_order", 1), to("account_balance", UNLIMITED), bill(Fact.KIND, 1), bill(Fact.CHRONIC, 0))


def pooled(world: World) -> None:
    """Pooling pays nothing of visits."""
    for name in ("outpatient_ratio", "consultation_share"):
        world.field(name)[...] = 0


# Before the rules, CII, covers -------------------------------------------------------------------------------------------------

def first_paid_is_excluded(world: World) -> None:
    """What is paid before the rules is out of scope by the bill itself."""
    eligible = world.bills[:, Fact.ELIGIBLE] - world.bills[:, Fact.FIRST_PAY]
    world.bills[:, Fact.ELIGIBLE], world.bills[:, Fact.FIRST_PAY] = eligible, 0


def outside_is_first_paid(world: World) -> None:
    """What an out-of-area bill pays first stands in the bill; listed bills are without it."""
    part = (world.bills[:, Fact.ELIGIBLE] * world.own(OUTSIDE_FIRST_PAY) + ONE // 2) // ONE
    world.bills[:, Fact.FIRST_PAY] = np.where(world.bills[:, Fact.TIER] == N_TIERS - 1, part, 0)
    world.field("outside_first_pay")[...] = 0


def tops_from_zero(world: World) -> None:
    """Bands above the threshold, counted from zero."""
    tops, threshold = world.field("cii_tops"), world.field("cii_threshold").reshape(-1, 1)
    tops[...] = np.where(tops < UNLIMITED, tops + threshold, tops)
    world.field("cii_tops_from")[...] = 0


def threshold_of_all_groups(world: World) -> None:
    """The groups' share of the threshold is the threshold."""
    threshold = world.field("cii_threshold")
    threshold[...] = np.where(threshold < UNLIMITED, (threshold * 4_567 + ONE // 2) // ONE, threshold)
    world.field("cii_threshold_share")[...] = ONE


def bonus_in_ratios(world: World) -> None:
    """The groups' points are in the ratios."""
    world.field("cii_ratio")[...] = np.minimum(world.field("cii_ratio") + 876, ONE)
    world.field("cii_ratio_bonus")[...] = 0


def one_schedule(world: World) -> None:
    """Without a threshold listed bills have the schedule of the others, in bands of their own."""
    for name, value in (("cii_threshold", 0), ("cii_threshold_share", ONE), ("cii_ratio_bonus", 0), ("cii_tops_from", 0)):
        world.field(name)[...] = value
    world.field("cii_listed_tops")[...] = world.field("cii_tops")
    world.field("cii_listed_ratio")[...] = world.field("cii_ratio")
    world.field("cii_listed_ratio")[:, 0] = np.maximum(world.field("cii_ratio")[:, 0], 1)
    world.field("cii_ratio")[:, 0] = world.field("cii_listed_ratio")[:, 0]


def all_servants(world: World) -> None:
    """Everybody has the civil servants' supplement and no commercial cover."""
    world.bills[:, Fact.CIVIL_SERVANT] = 1
    world.field("commercial_share")[...] = 0
    have("civil_ratio", 6_000)(world)


def covered_instead(world: World) -> None:
    """A commercial cover with the supplement's terms, and what the year has used of it, in its place."""
    for name in ("deductible", "ratio", "cap", "scope"):
        world.field(f"commercial_{name}")[...] = world.field(f"civil_{name}")
    world.years[:, YearState.COMMERCIAL_DEDUCTIBLE_USED] = world.years[:, YearState.CIVIL_DEDUCTIBLE_USED]
    world.years[:, YearState.COMMERCIAL_PAID] = world.years[:, YearState.CIVIL_PAID]
    world.field("commercial_share")[...] = 1
    world.bills[:, Fact.COVER_RANK] = 0
    world.bills[:, Fact.CIVIL_SERVANT] = 0


def servants(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return world.bills[:, Fact.CIVIL_SERVANT] == 1


def no_servants(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return ~servants(world, paid, changed)


def not_first_paid(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    outside = world.bills[:, Fact.TIER] == N_TIERS - 1
    return (world.bills[:, Fact.FIRST_PAY] == 0) & ~outside


def nothing_listed_yet(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Ordinary bills in years without a listed one."""
    return ~world.listed() & (world.years[:, YearState.LISTED_SELF_PAY_YEAR] == 0)


RELATIONS = [
    # Deductibles of an admission.
    _r("basic", "A higher share as deductible never raises it", FEWER, amount("deductible_share", 700, of=0)),
    _r("basic", "A higher least deductible never raises it", FEWER, amount("deductible_least", 10_000), every_share),
    _r("basic", "A higher most deductible never raises it", FEWER, amount("deductible_most", 10_000), every_share),
    _r("basic", "A franchise never pays less than a deductible", MORE, to("deductible_kind", 1), to("deductible_kind", 0)),
    _r("basic", "Without a deductible a franchise changes nothing", ALIKE, to("deductible_kind", 1),
       together(no_deductible, to("deductible_kind", 0)), on.everywhere),
    _r("basic", "Where least and most are one amount a share is that amount", ALIKE, as_amount, bounds_meet, on.everywhere),
    _r("basic", "Where deductibles are fixed, least and most of a share do not matter", ALIKE,
       together(to("deductible_least", 777), to("deductible_most", 777)), fixed_deductibles, on.everywhere),
    _r("basic", "Where deductibles fall, counting admissions by tier never pays more", FEWER, to("order_counted", 1),
       w.falling_deductibles),
    _r("basic", "Where all admissions were at one tier, it does not matter how they are counted", ALIKE, to("order_counted", 1),
       together(to("order_counted", 0), all_admissions_here), on.everywhere),
    _r("basic", "The first admission's deductible does not matter to a later one", ALIKE, other_orders, to("order_counted", 0),
       admitted_before),
    _r("basic", "A higher limit of the year on deductibles never raises it", FEWER, amount("deductible_year_limit", 20_000)),
    _r("basic", "A limit on deductibles that is used up never lowers it", MORE,
       year(YearState.DEDUCTIBLE_USED, UNLIMITED), together(have("deductible_year_limit", 50_000), to("deductible_shared", 0))),
    _r("basic", "A limit on deductibles that is not reached changes nothing", SAME, to("deductible_year_limit", UNLIMITED),
       to("deductible_kind", 0), on.limit_not_reached(YearState.DEDUCTIBLE_USED, "deductible_year_limit", on.admissions)),
    _r("basic", "A limit of nothing on deductibles is no deductible", ALIKE, no_deductible, to("deductible_year_limit", 0),
       on.admissions),
    _r("basic", "A deductible shared with visits never pays less", MORE, to("deductible_shared", 1), to("deductible_shared", 0)),
    _r("basic", "A shared deductible of which nothing is used changes nothing", ALIKE, to("deductible_shared", 1),
       together(to("deductible_shared", 0), from_an_empty_year), on.everywhere),
    _r("basic", "A higher fixed sum of an admission never raises it", FEWER, amount("admission_copay", 5_000)),
    _r("basic", "A fixed sum of an admission is a deductible by another name", ALIKE, copay_into_deductible,
       simple_deductible, on.everywhere),
    # Tiers, areas and rounding.
    _r("basic", "Two tiers with the same terms are one", ALIKE, bill(Fact.TIER, CITY), two_tiers_alike, on.everywhere),
    _r("basic", "Terms of other tiers do not matter", ALIKE, other_tiers, bill(Fact.TIER, TOWNSHIP), on.admissions),
    _r("basic", "Terms of other classes do not matter", ALIKE, other_classes, bill(Fact.MEMBER_CLASS, 0), on.everywhere),
    _r("basic", "A lower factor of filed bills never raises it", FEWER, points("out_of_area_factor", by=-700),
       bill(Fact.OUT_OF_AREA, FILED)),
    _r("basic", "A lower factor of bills that are not filed never raises it", FEWER, points("unfiled_factor", by=-700),
       bill(Fact.OUT_OF_AREA, UNFILED)),
    _r("basic", "A higher deductible of filed bills never raises it", FEWER, amount("out_of_area_deductible_factor", 700),
       bill(Fact.OUT_OF_AREA, FILED)),
    _r("basic", "A higher deductible of bills that are not filed never raises it", FEWER, amount("unfiled_deductible_factor",
       700),
       bill(Fact.OUT_OF_AREA, UNFILED)),
    _r("basic", "Within the area no factor matters", ALIKE,
       together(*(points(name, by=-700) for name in ("out_of_area_factor", "unfiled_factor", "out_of_area_deductible_factor",
                                                     "unfiled_deductible_factor"))), bill(Fact.OUT_OF_AREA, 0), on.everywhere),
    _r("basic", "Filed with whole factors is within the area", ALIKE, bill(Fact.OUT_OF_AREA, 0),
       together(area_without_terms, bill(Fact.OUT_OF_AREA, FILED)), on.everywhere),
    _r("basic", "Not filed with the factors of filed is filed", ALIKE, bill(Fact.OUT_OF_AREA, FILED),
       together(filed_as_unfiled, bill(Fact.OUT_OF_AREA, UNFILED)), on.everywhere),
    _r("basic", "Cut off to the yuan is never more than half up to the fen", FEWER, to_the_yuan_down, half_up_to_the_fen),
    _r("basic", "Cut off is never more than half up", FEWER, to("rounding_mode", DOWN), to("rounding_mode", HALF_UP)),
    _r("basic", "Cut off band by band is never more than cut off once", FEWER, to("rounding_step", 1),
       together(to_the_yuan_down, to("rounding_step", 0))),
    _r("basic", "Half up band by band can be more and less than once", EITHER, to("rounding_step", 1),
       together(to("rounding_mode", HALF_UP), to("rounding_unit", YUAN), to("rounding_step", 0))),
    _r("basic", "With one band it does not matter whether each band is rounded", ALIKE, to("rounding_step", 1),
       together(one_band, to("rounding_step", 0)), on.everywhere),
    # Before the rules.
    _r("basic", "More paid before the rules never raises it", FEWER, bill(Fact.FIRST_PAY, lambda bills: bills[:,
       Fact.ELIGIBLE] // 2),
       together(bill(Fact.FIRST_PAY, 0), fixed_deductibles)),
    _r("basic", "A higher first payment out of area never raises it", FEWER, points("outside_first_pay"),
       together(bill(Fact.TIER, N_TIERS - 1), fixed_deductibles)),
    _r("basic", "What is paid before the rules is as if it were out of scope", ALIKE, first_paid_is_excluded,
       together(to("cii_counts_first_pay", 0), bill(Fact.NEW_DRUG, 0)), on.everywhere),
    _r("basic", "A first payment out of area can stand in the bill", ALIKE, outside_is_first_paid,
       together(have("outside_first_pay", 1_500), bill(Fact.FIRST_PAY, 0), bill(Fact.NEW_DRUG, 0), to("listed", 0)),
       on.everywhere),
    # Visits.
    _r("outpatient", "A deductible of each visit never pays more than one of the year", FEWER,
       to("outpatient_deductible_period", 1),
       to("outpatient_deductible_period", 0)),
    _r("outpatient", "For the first visit it is the same whose deductible it is", ALIKE, to("outpatient_deductible_period", 1),
       together(to("outpatient_deductible_period", 0), from_an_empty_year), on.everywhere),
    _r("outpatient", "A higher fixed sum of a visit never raises it", FEWER, amount("outpatient_copay", 1_000)),
    _r("outpatient", "A fixed sum of a visit is a deductible by another name", ALIKE, copay_into_visit_deductible, each_visit,
       on.everywhere),
    _r("outpatient", "A deductible shared with admissions never pays less", MORE, to("deductible_shared", 1),
       to("deductible_shared", 0)),
    _r("outpatient", "Terms of other tiers do not matter", ALIKE, other_tiers_of_visits, bill(Fact.TIER, TOWNSHIP),
       on.everywhere),
    _r("outpatient", "Two groups of diseases with the same terms are one", SAME, bill(Fact.CHRONIC, 2), diseases_alike),
    _r("outpatient", "Terms of other groups of diseases do not matter", ALIKE, other_diseases, w.every_visit_chronic,
       on.everywhere),
    _r("outpatient", "A lower factor of filed visits never raises it", FEWER, points("out_of_area_factor", by=-700),
       bill(Fact.OUT_OF_AREA, FILED)),
    _r("outpatient", "Cut off to the yuan is never more than half up to the fen", FEWER, to_the_yuan_down, half_up_to_the_fen),
    _r("outpatient", "More paid before the rules never raises it", FEWER,
       bill(Fact.FIRST_PAY, lambda bills: bills[:, Fact.ELIGIBLE] // 2), bill(Fact.FIRST_PAY, 0)),
    _r("outpatient", "Where the account pays first it is never more", FEWER, to("account_order", 1), account_last),
    _r("outpatient", "Where the account pays a whole visit first, pooling does not matter", ALIKE, pooled,
       rich_visitors, on.visits),
    # The account.
    _r("account", "Paying visits first it is never less", MORE, to("account_order", 1), account_last),
    _r("account", "Whether it pays visits first does not matter to admissions", ALIKE, to("account_order", 1), account_last,
       on.of_inpatients),
    _r("account", "Whether it pays visits first does not matter to chronic ones", ALIKE, to("account_order", 1),
       together(account_last, w.every_visit_chronic), on.chronic_visits),
    _r("account", "Without a balance the order does not matter", ALIKE, to("account_order", 1),
       together(account_last, w.without_account), on.everywhere),
    # CII.
    _r("cii", "A lower threshold of the groups never lowers what the first bill gets", MORE, points("cii_threshold_share",
       by=-700),
       from_an_empty_year),
    _r("cii", "More points for the groups never lower what the first bill gets", MORE, points("cii_ratio_bonus"),
       from_an_empty_year),
    _r("cii", "Terms of other groups do not matter", ALIKE, among("cii_threshold_share", "cii_ratio_bonus", "ma_deductible",
       keep=0),
       bill(Fact.GROUP, 0), on.everywhere),
    _r("cii", "A share of the threshold for all is another threshold", ALIKE, threshold_of_all_groups,
       to("cii_threshold_share", 4_567), on.everywhere),
    _r("cii", "Points for all groups are other ratios", ALIKE, bonus_in_ratios, to("cii_ratio_bonus", 876), on.everywhere),
    _r("cii", "Bands counted from the threshold lie so much higher from zero", ALIKE, tops_from_zero,
       together(to("cii_tops_from", 1), to("cii_threshold_share", ONE), have("cii_threshold", 500_000)), on.everywhere),
    _r("cii", "Without a threshold it does not matter from where bands are counted", ALIKE, to("cii_tops_from", 1),
       together(to("cii_tops_from", 0), to("cii_threshold", 0)), on.everywhere),
    _r("cii", "A higher ratio for listed bills never lowers what the first bill gets", MORE, amount("cii_listed_ratio", 700,
       of=0),
       from_an_empty_year),
    _r("cii", "The schedule of listed bills does not matter before there is one", SAME, together(
        to("cii_listed_ratio", 3_456), to("cii_listed_tops", UNLIMITED)), where=nothing_listed_yet),
    _r("cii", "A schedule of listed bills like the other pays the first bill alike", ALIKE, to("cii_listed_ratio", 0),
       together(from_an_empty_year, one_schedule), on.everywhere),
    _r("cii", "Counting what was paid before the rules never lowers what the first bill gets", MORE, to("cii_counts_first_pay",
       1),
       together(to("cii_counts_first_pay", 0), from_an_empty_year)),
    _r("cii", "Where nothing was paid before the rules it does not matter whether that counts", ALIKE,
       to("cii_counts_first_pay", 1),
       to("cii_counts_first_pay", 0), not_first_paid),
    _r("cii", "Where all that is out of scope counts, so does what was paid before the rules", ALIKE, to("cii_counts_first_pay",
       1),
       together(to("cii_counts_first_pay", 0), to("cii_excluded_share", ONE)), on.everywhere),
    # Civil servants' supplement; it is booked under commercial.
    _r("commercial", "A higher deductible of civil servants never raises it", FEWER, amount("civil_deductible", 5_000),
       all_servants,
       servants),
    _r("commercial", "A higher ratio of civil servants never lowers it", MORE, points("civil_ratio"), all_servants, servants),
    _r("commercial", "A higher cap of civil servants never lowers it", MORE, amount("civil_cap", 50_000), all_servants, servants),
    _r("commercial", "A civil servants' cap that is not reached changes nothing", ALIKE, to("civil_cap", UNLIMITED), all_servants,
       on.limit_not_reached(YearState.CIVIL_PAID, "civil_cap", servants)),
    _r("commercial", "Paying all that is left is never less for a civil servant than paying what is in scope", MORE,
       to("civil_scope", 1), together(to("civil_scope", 0), all_servants), servants),
    _r("commercial", "Who is no civil servant is not concerned by their supplement", ALIKE,
       together(points("civil_ratio"), to("civil_cap", UNLIMITED), to("civil_deductible", 0)), bill(Fact.CIVIL_SERVANT, 0),
       no_servants),
    _r("commercial", "The civil servants' supplement is a commercial cover by another name", ALIKE, covered_instead, all_servants,
       servants),
    _r("cash", "A civil servant never pays more", FEWER, bill(Fact.CIVIL_SERVANT, 1), bill(Fact.CIVIL_SERVANT, 0)),
    _r("cash", "A higher fixed sum of an admission never lowers it for the first bill", MORE, amount("admission_copay", 5_000),
       from_an_empty_year),
]
