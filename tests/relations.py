"""What must hold between two settlements of the same bill when one thing is changed: the relations, payer by payer.

Each relation is held bill by bill, from the same state of the year on both sides; `from_an_empty_year` marks those
that hold only for the first bill. A year as a whole obeys fewer of them: what one bill is paid more can be missing
under a cap for the next. Relations with EITHER are the exceptions worth knowing: both directions occur.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.benefits.rules import ADMISSIONS, MA_DEDUCTIBLE_USED, OUTPATIENT_DEDUCTIBLE_USED
from simulator.money import ONE, UNLIMITED
from tests import worlds as w
from tests.bill_arrays import BILLED, COUNTY, ELIGIBLE, ILLNESS, TCM, UNITS, UNREFERRED
from tests.worlds import amount, bill, from_an_empty_year, nothing, points, to, together, year

FEWER, MORE, SAME, EITHER = "never more", "never less", "the same", "more or less"


@dataclass(frozen=True)
class Relation:
    """`change` makes the payments of `payers` (summed) stand in `order` to those without it.

    `given` is done to both sides first; `where` picks the bills it is claimed for, from the world without, what is
    paid there and what is paid with it: by default those the first payer has to do with.
    """

    payers: tuple[str, ...]
    says: str
    order: str
    change: w.Change
    given: w.Change
    where: Callable[[w.World, np.ndarray, np.ndarray], np.ndarray] | None


CONCERNED = {"basic": w.admissions, "listed": w.listed, "outpatient": w.visits, "cii": w.everywhere, "assistance": w.assisted,
             "cash": w.everywhere, "hospital": w.listed}


def _r(payers: str, says: str, order: str, change: w.Change, given: w.Change = nothing, where=None) -> Relation:
    return Relation(tuple(payers.split("+")), says, order, change, given, where)


one_later = year(ADMISSIONS, lambda admissions: admissions + 1)
no_cii = to("cii_threshold", UNLIMITED)
hospital_bears = together(w.every_quota, bill(ILLNESS, w.every_illness))
only_the_in_scope_part = together(to("cii_excluded_share", 0), to("guaranteed_on_billed", 0), w.without_quotas)
assisted_ratios = points("ma_inpatient_ratio", "ma_outpatient_ratio", "ma_listed_ratio")

RELATIONS = [
    _r("basic", "A higher deductible never raises it", FEWER, amount("deductible", 10_000)),
    _r("basic", "A waived deductible never lowers it", MORE, to("deductible_waived", 1)),
    _r("basic", "A higher ratio never lowers it", MORE, points("ratio")),
    _r("basic", "More points for primary care never lower it", MORE, points("primary_bonus")),
    _r("basic", "More points off out of area never raise it", FEWER, points("outside_penalty")),
    _r("basic", "More points off without referral never raise it", FEWER, points("unreferred_penalty")),
    _r("basic", "Coming without referral never raises it", FEWER, bill(UNREFERRED, 1)),
    _r("basic", "More points on traditional medicine never lower it", MORE, points("tcm_bonus")),
    _r("basic", "More traditional medicine in the bill never lowers it", MORE, bill(TCM, w.more_tcm)),
    _r("basic", "A higher guaranteed share never lowers it", MORE, points("guaranteed_share")),
    _r("basic", "A guaranteed share of the bill is never less than of its in-scope part", MORE, to("guaranteed_on_billed", 1),
       to("guaranteed_on_billed", 0)),
    _r("basic", "A lower control factor never raises it", FEWER, amount("factor", -800)),
    _r("basic", "A higher annual cap never lowers it", MORE, amount("annual_cap", 1_000_000)),
    _r("basic", "An annual cap that is not reached changes nothing", SAME, to("annual_cap", UNLIMITED), where=w.cap_not_reached),
    _r("basic", "More in scope never lowers it", MORE, bill(ELIGIBLE, w.more_in_scope)),
    _r("basic", "A band cut in two changes nothing", SAME,
       w.band_cut_in_two("band_tops", "ratio"), where=w.room_for("band_tops")),
    _r("basic", "Where deductibles fall, a later admission is never paid less", MORE, one_later, w.falling_deductibles),
    _r("basic", "The list's ratio and quotas leave ordinary admissions alone", SAME,
       together(points("listed_ratio"), amount("quota", 999))),
    _r("basic", "A longer list never raises it", FEWER, to("listed", 1)),
    _r("basic", "Terms of visits leave it alone", SAME,
       together(points("outpatient_ratio"), amount("outpatient_deductible", 999))),
    _r("basic", "Without CII and assistance it is the same", SAME, together(no_cii, w.without_assistance)),

    _r("listed", "A higher ratio of the list never lowers it", MORE, points("listed_ratio")),
    _r("listed", "A longer list never lowers it", MORE, to("listed", 1), bill(ILLNESS, w.every_illness), w.everywhere),
    _r("listed", "Living in a pilot county never lowers it", MORE, bill(COUNTY, 0), bill(ILLNESS, w.every_illness), w.everywhere),
    _r("listed", "A higher quota never lowers it", MORE, amount("quota", 5_000, of=0)),
    _r("listed", "More units never lower it", MORE, bill(UNITS, lambda bills: bills[:, UNITS] + 1)),
    _r("listed", "Standing outside the annual cap never lowers it", MORE, to("listed_outside_cap", 1)),
    _r("listed", "A higher annual cap never lowers it", MORE, amount("annual_cap", 1_000_000)),
    _r("listed", "An annual cap that is not reached changes nothing", SAME,
       to("annual_cap", UNLIMITED), bill(ILLNESS, w.every_illness),
       w.cap_not_reached_by_listed),
    _r("listed", "Who bears what is above the quota does not matter", SAME, to("quota_package", 1)),
    _r("listed", "The schedule of ordinary admissions does not matter", SAME, w.other_schedule),
    _r("listed", "Kind, tier and member class do not matter", SAME, w.another_patient),
    _r("listed", "Without a quota more in scope never lowers it", MORE, bill(ELIGIBLE, w.more_in_scope), w.without_quotas),
    _r("listed", "With a quota the in-scope part does not matter", SAME, w.half_in_scope, hospital_bears),
    _r("listed", "Without CII and assistance it is the same", SAME, together(no_cii, w.without_assistance)),

    _r("outpatient", "A higher deductible never raises it", FEWER, amount("outpatient_deductible", 3_000)),
    _r("outpatient", "A deductible used up before never lowers it", MORE, year(OUTPATIENT_DEDUCTIBLE_USED, UNLIMITED)),
    _r("outpatient", "A higher ratio never lowers it", MORE, points("outpatient_ratio")),
    _r("outpatient", "A higher limit of the visit never lowers it", MORE, amount("outpatient_visit_limit", 2_000)),
    _r("outpatient", "A higher limit of the year never lowers it", MORE, amount("outpatient_year_limit", 20_000)),
    _r("outpatient", "A visit's limit that is not reached changes nothing", SAME, to("outpatient_visit_limit", UNLIMITED),
       to("cap_counts_outpatient", 0), w.visit_limit_not_reached),
    _r("outpatient", "A year's limit that is not reached changes nothing", SAME, to("outpatient_year_limit", UNLIMITED),
       where=w.year_limit_not_reached),
    _r("outpatient", "A higher share of the consultation fee never lowers it", MORE, points("consultation_share")),
    _r("outpatient", "A higher consultation fee, wholly paid, never lowers it", MORE, amount("consultation_fee", 500),
       to("consultation_share", ONE)),
    _r("outpatient", "A higher consultation fee, not paid, never raises it", FEWER, amount("consultation_fee", 500),
       to("consultation_share", 0)),
    _r("outpatient", "A higher consultation fee, paid in part, can do both", EITHER, amount("consultation_fee", 500)),
    _r("outpatient", "Above township level the consultation fee does not matter", SAME,
       amount("consultation_fee", 500), where=w.above_township),
    _r("outpatient", "Not counting towards the annual cap never lowers it", MORE, to("cap_counts_outpatient", 0)),
    _r("outpatient", "A higher annual cap never lowers it", MORE, amount("annual_cap", 1_000_000)),
    _r("outpatient", "More in scope never lowers it", MORE, bill(ELIGIBLE, w.more_in_scope)),
    _r("outpatient", "What is out of scope does not matter", SAME, bill(BILLED, w.larger)),
    _r("outpatient", "The schedule of admissions does not matter", SAME, w.other_schedule),
    _r("outpatient", "Without CII and assistance it is the same", SAME, together(no_cii, w.without_assistance)),

    _r("cii", "A higher threshold never raises what the first bill gets", FEWER,
       amount("cii_threshold", 10_000), from_an_empty_year),
    _r("cii", "A higher threshold can raise what a later bill gets: less of the cap, or of a half fen, is used", EITHER,
       amount("cii_threshold", 10_000)),
    _r("cii", "A higher ratio never lowers what the first bill gets", MORE, points("cii_ratio"), from_an_empty_year),
    _r("cii", "A higher cap never lowers it", MORE, amount("cii_cap", 50_000)),
    _r("cii", "A cap that is not reached changes nothing", SAME,
       to("cii_cap", UNLIMITED), from_an_empty_year, w.cii_cap_not_reached),
    _r("cii", "A band cut in two changes nothing", SAME,
       w.band_cut_in_two("cii_tops", "cii_ratio"), where=w.room_for("cii_tops")),
    _r("cii", "Counting visits never lowers it", MORE, to("cii_counts_outpatient", 1)),
    _r("cii", "Counting listed illnesses only never raises it", FEWER, to("cii_listed_only", 1)),
    _r("cii", "Counting more of the out-of-scope part never lowers what the first bill gets", MORE, points("cii_excluded_share"),
       from_an_empty_year),
    _r("cii", "A higher basic ratio never raises what the first bill gets", FEWER, points("ratio"), from_an_empty_year),
    _r("cii", "A higher deductible never lowers what the first bill gets", MORE,
       amount("deductible", 10_000), from_an_empty_year),
    _r("cii", "A higher ratio of the list never raises what the first bill gets", FEWER,
       points("listed_ratio"), from_an_empty_year),
    _r("cii", "A higher outpatient ratio never raises what the first bill gets", FEWER, points("outpatient_ratio"),
       together(from_an_empty_year, to("cii_counts_outpatient", 1))),
    _r("cii", "Without assistance it is the same", SAME, w.without_assistance),

    _r("assistance", "Higher ratios never lower it", MORE, assisted_ratios),
    _r("assistance", "A higher deductible never raises it", FEWER, amount("ma_deductible", 5_000)),
    _r("assistance", "A deductible used up before never lowers it", MORE, year(MA_DEDUCTIBLE_USED, UNLIMITED)),
    _r("assistance", "A higher cap never lowers it", MORE, amount("ma_cap", 50_000)),
    _r("assistance", "A cap that is not reached changes nothing", SAME,
       to("ma_cap", UNLIMITED), where=w.assistance_cap_not_reached),
    _r("assistance", "No deductible on listed illnesses never lowers it", MORE, to("ma_listed_waives_deductible", 1)),
    _r("assistance", "Listed illnesses outside the cap never lower it", MORE, to("ma_listed_outside_cap", 1)),
    _r("assistance", "Without CII it is never less", MORE, no_cii),
    _r("assistance", "A higher basic ratio never raises it", FEWER, points("ratio")),
    _r("assistance", "A higher deductible of the admission never lowers it", MORE, amount("deductible", 10_000)),
    _r("assistance", "A higher ratio of the list never raises it", FEWER, points("listed_ratio")),
    _r("assistance", "A higher outpatient ratio never raises it", FEWER, points("outpatient_ratio")),
    _r("assistance", "The ratio on listed illnesses leaves ordinary bills alone", SAME,
       points("ma_listed_ratio"), where=w.ordinary_assisted),
    _r("assistance", "What is out of scope does not matter where nothing counts it", SAME,
       bill(BILLED, w.larger), only_the_in_scope_part),

    _r("cash+assistance", "What assistance does not pay is paid in cash", SAME, w.without_assistance),
    _r("cash", "Without assistance it is never less", MORE, w.without_assistance),
    _r("cash", "Without CII it is never less", MORE, no_cii),
    _r("cash", "A higher basic ratio never raises it", FEWER, points("ratio")),
    _r("cash", "A higher deductible never lowers it", MORE, amount("deductible", 10_000)),
    _r("cash", "A lower control factor never lowers it", MORE, amount("factor", -800)),
    _r("cash", "A higher annual cap never raises it", FEWER, amount("annual_cap", 1_000_000)),
    _r("cash", "A higher ratio of the list never raises it", FEWER, points("listed_ratio")),
    _r("cash", "A longer list can do both: its ratio may be the lower one", EITHER, to("listed", 1)),
    _r("cash", "A quota that the hospital answers for never raises it", FEWER, to("quota_package", 1)),
    _r("cash", "A higher outpatient ratio never raises it", FEWER, points("outpatient_ratio")),
    _r("cash", "A higher CII threshold never lowers it for the first bill", MORE,
       amount("cii_threshold", 10_000), from_an_empty_year),
    _r("cash", "A higher CII ratio never raises it for the first bill", FEWER, points("cii_ratio"), from_an_empty_year),
    _r("cash", "Higher ratios of assistance never raise it", FEWER, assisted_ratios),
    _r("cash", "A higher deductible of assistance never lowers it", MORE, amount("ma_deductible", 5_000)),
    _r("cash", "A w.larger bill never lowers it", MORE, bill(BILLED, w.larger)),

    _r("hospital", "A higher quota never raises it", FEWER, amount("quota", 5_000), hospital_bears),
    _r("hospital", "More units never raise it", FEWER, bill(UNITS, lambda bills: bills[:, UNITS] + 1), hospital_bears),
    _r("hospital", "A quota that limits only the payment leaves it nothing to bear", FEWER,
       to("quota_package", 0), hospital_bears),
    _r("hospital", "A w.larger bill never lowers it", MORE, bill(BILLED, w.larger), hospital_bears),
    _r("hospital", "A longer list never lowers it", MORE, to("listed", 1), bill(ILLNESS, w.every_illness), w.everywhere),
    _r("hospital", "Without a list it is never more", FEWER, to("listed", 0), hospital_bears),
    _r("hospital", "The in-scope part does not matter", SAME, w.half_in_scope, hospital_bears),
    _r("hospital", "Kind, tier and member class do not matter", SAME, w.another_patient, hospital_bears),
    _r("hospital", "The ratio of the list does not matter", SAME, points("listed_ratio"), hospital_bears),
    _r("hospital", "The annual cap does not matter", SAME, to("annual_cap", 0), hospital_bears),
    _r("hospital", "The schedule of ordinary admissions does not matter", SAME, w.other_schedule, hospital_bears),
    _r("hospital", "CII and assistance do not matter", SAME, together(no_cii, w.without_assistance), hospital_bears),
    _r("hospital", "The year so far does not matter", SAME, from_an_empty_year, hospital_bears),
]
