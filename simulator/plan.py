"""The table of plan terms, and a Plan laid out as one row of int64, so that the compiled rules read `terms[ANNUAL_CAP]`.

Class `Plan` is the table: one row a term, in the order of settlement (docs/settlement.md). Everything else that knows the terms
is derived from it: their places in a row, the plan file's keys and schema, what the level watches, how two plans are merged,
which terms visits read, the random plans of the tests, and the table in docs/settlement.md. A new term is a row here and its
constant below; `tests/parameters/test_terms.py` says what else it needs.

A row a policy: `pack([plan, plan, ...])` is int64[P, PLAN_WIDTH]. Terms with a shape lie in C order: the deductible of tier t,
order n and class c stands at DEDUCTIBLE + (t * ORDERS + n) * N_CLASSES + c. Schedules have BANDS places; the last top is without
limit and the places behind it are empty.
"""

from functools import cache
from typing import Annotated, NamedTuple, get_type_hints

import numpy as np

from simulator.dimensions import DIMENSIONS
from simulator.money import ONE, UNLIMITED
from simulator.term import Term

N_TIERS, ORDERS, N_CLASSES, N_GROUPS, N_ILLNESSES, N_CHRONIC, BANDS = (len(keys) for keys in DIMENSIONS.values())


class Plan(NamedTuple):
    """One scheme's settlement terms in one year. Schedules have as many bands as they need; `pack` fills them up."""

    # Step 3a: ordinary admissions.
    deductible: Annotated[np.ndarray, Term("inpatient.{scheme}.deductible", "CNY/admission", "smaller", "admissions",
        "Deductible of an admission; order: first to fifth, sixth and later admission of the year.", level=True,
        shape=("tier", "order", "class"), also=("inpatient.{scheme}.deductible_class_ratio",))]
    deductible_share: Annotated[np.ndarray, Term("", "%", "smaller", "admissions",
        "Deductible as a share of the admission, where it is above 0; a plan file states it in `deductible`, as `10%`.",
        shape=("tier", "order"), in_plan_file=False)]
    deductible_least: Annotated[int, Term("", "CNY/admission", "smaller", "admissions",
        "Least deductible where it is a share of the admission.")]
    deductible_most: Annotated[int, Term("", "CNY/admission", "smaller", "admissions",
        "Most deductible where it is a share of the admission.", neutral=UNLIMITED)]
    deductible_kind: Annotated[int, Term("", "name", "kept", "admissions",
        "Whether an expense above the deductible is counted without it (`ordinary`) or whole (`franchise`).",
        words=("ordinary", "franchise"))]
    order_counted: Annotated[int, Term("inpatient.{scheme}.order_counted", "name", "kept", "admissions",
        "Whether admissions are counted over all tiers or by tier.", level=True, words=("all", "tier"), optional=True)]
    deductible_year_limit: Annotated[int, Term("inpatient.{scheme}.deductible_year_limit", "CNY/person/year", "smaller",
        "admissions", "Most that deductibles of ordinary admissions take in a year.", level=True, neutral=UNLIMITED,
        optional=True)]
    deductible_shared: Annotated[int, Term("", "flag", "larger", "admissions",
        "Admissions and visits use up one deductible of the year together.")]
    admission_copay: Annotated[np.ndarray, Term("", "CNY/admission", "smaller", "admissions",
        "Fixed sum that the patient pays of an admission after its deductible.", shape=("tier",), one_for_all=True)]
    deductible_waived: Annotated[np.ndarray, Term("inpatient.{scheme}.waived_groups", "flag", "larger", "admissions",
        "Assistance groups without a deductible.", level=True, shape=("group",))]
    band_tops: Annotated[np.ndarray, Term("inpatient.{scheme}.band_tops", "CNY", "kept", "admissions",
        "Upper boundaries of the bands, rising; the last one is without limit.", level=True, shape=("band",), neutral=UNLIMITED)]
    ratio: Annotated[np.ndarray, Term("inpatient.{scheme}.ratio", "%", "larger", "admissions",
        "Reimbursement ratio of each band.", level=True, shape=("tier", "class", "band"),
        also=("inpatient.{scheme}.class_bonus", "inpatient.{scheme}.class_own_share"))]
    band_own_least: Annotated[np.ndarray, Term("", "CNY/bill", "smaller", "admissions",
        "Least that the patient pays of what a bill has in a band, or all of it where that is less.", shape=("band",))]
    band_basis: Annotated[int, Term("inpatient.{scheme}.band_basis", "name", "smaller", "admissions",
        "What the bands are counted on.", level=True, words=("eligible", "after_deductible"))]
    band_period: Annotated[int, Term("inpatient.{scheme}.band_period", "name", "smaller", "admissions",
        "Whether the bands run over one admission or over the year.", level=True, words=("admission", "year"))]
    primary_bonus: Annotated[int, Term("inpatient.{scheme}.primary_bonus", "percentage point", "larger", "admissions",
        "Points added to every band's ratio at tier township.", level=True)]
    outside_penalty: Annotated[int, Term("inpatient.{scheme}.outside_penalty", "percentage point", "smaller", "admissions",
        "Points taken off at tier outside.", level=True)]
    unreferred_penalty: Annotated[int, Term("inpatient.{scheme}.unreferred_penalty", "percentage point", "smaller", "admissions",
        "Points taken off when the bill is unreferred.", level=True)]
    outside_first_pay: Annotated[int, Term("inpatient.{scheme}.outside_first_pay", "%", "smaller", "visits",
        "Share of an ordinary out-of-area bill that the patient pays before the rules (先行自付).", level=True, optional=True)]
    out_of_area_factor: Annotated[int, Term("", "%", "larger", "visits",
        "Share of its rates that a bill gets out of area, filed or referred.", neutral=ONE)]
    unfiled_factor: Annotated[int, Term("", "%", "larger", "visits",
        "Share of its rates that a bill gets out of area, not filed.", neutral=ONE)]
    out_of_area_deductible_factor: Annotated[int, Term("", "%", "smaller", "admissions",
        "Deductible out of area, filed or referred, relative to the tier's.", neutral=ONE, most=1000)]
    unfiled_deductible_factor: Annotated[int, Term("", "%", "smaller", "admissions",
        "Deductible out of area, not filed, relative to the tier's.", neutral=ONE, most=1000)]
    rounding_step: Annotated[int, Term("", "name", "kept", "admissions",
        "Whether the bands' sum is rounded or each band.", words=("bill", "band"))]
    rounding_unit: Annotated[int, Term("", "name", "kept", "visits",
        "What basic insurance and outpatient pooling round their payments to.", words=("fen", "jiao", "yuan"))]
    rounding_mode: Annotated[int, Term("", "name", "kept", "visits",
        "How they round: half up, or what is over is cut off.", words=("half_up", "down"))]
    tcm_bonus: Annotated[np.ndarray, Term("inpatient.{scheme}.tcm_bonus", "percentage point", "larger", "admissions",
        "Points paid on the TCM part.", level=True, shape=("tier",), one_for_all=True)]
    essential_bonus: Annotated[np.ndarray, Term("", "percentage point", "larger", "admissions",
        "Points paid on the part on a favoured list: essential drugs, items of category A.", shape=("tier",), one_for_all=True)]
    guaranteed_share: Annotated[np.ndarray, Term("inpatient.{scheme}.guaranteed_share", "%", "larger", "admissions",
        "At least this share of E or of B is paid.", level=True, shape=("tier",), one_for_all=True,
        also=("inpatient.{scheme}.guaranteed_tier_ratio",))]
    guaranteed_basis: Annotated[int, Term("inpatient.{scheme}.guaranteed_basis", "name", "kept", "admissions",
        "Whether the guaranteed share is one of E (`eligible`) or of B (`billed`).", level=True, words=("eligible", "billed"))]
    factor: Annotated[int, Term("", "%", "kept", "admissions",
        "The fund's control factor on ordinary inpatient payments; 100% is none.", neutral=ONE, most=1000)]
    annual_cap: Annotated[np.ndarray, Term("inpatient.{scheme}.annual_cap", "CNY/person/year", "larger", "visits",
        "Annual cap; in a region where no parameter states it, the largest floor of the law.", level=True, neutral=UNLIMITED,
        shape=("class",), also=("inpatient.{scheme}.annual_cap_class_ratio",), optional=True)]
    annual_cap_step: Annotated[int, Term("", "CNY/person/year", "larger", "visits",
        "What each year of insurance before this one adds to the annual cap.")]
    annual_cap_most: Annotated[int, Term("", "CNY/person/year", "larger", "visits",
        "Most to which years of insurance raise the annual cap.", neutral=UNLIMITED)]
    cap_basis: Annotated[int, Term("inpatient.{scheme}.cap_basis", "name", "kept", "visits",
        "Whether the cap limits the fund's payment or the in-scope expense.", level=True, words=("payment", "expense"))]
    cap_counts_outpatient: Annotated[int, Term("inpatient.{scheme}.cap_counts_outpatient", "flag", "larger", "visits",
        "Outpatient payments count towards the annual cap.")]

    # Steps 1 and 2: listed illnesses.
    listed: Annotated[np.ndarray, Term("listed.{scheme}.membership", "name", "larger", "admissions",
        "Whether an illness is on the list: not, everywhere, or in the counties of the pilot.", shape=("illness",),
        words=("none", "full", "pilot"))]
    listed_ratio: Annotated[np.ndarray, Term("listed.{scheme}.ratio", "%", "larger", "admissions",
        "Ratio of the list.", shape=("illness",))]
    quota: Annotated[np.ndarray, Term("listed.{scheme}.quota", "CNY/unit", "kept", "admissions",
        "Quota price of a unit; 0: no quota.", shape=("illness",))]
    quota_kind: Annotated[np.ndarray, Term("listed.{scheme}.quota_kind", "name", "kept", "admissions",
        "Who bears what is above the quota: the patient (`limit`) or the hospital (`package`).", shape=("illness",),
        words=("limit", "package"))]
    listed_better: Annotated[int, Term("listed.{scheme}.better_of", "flag", "larger", "admissions",
        "A listed bill is paid at least what it would be paid as an ordinary one (就高不就低).")]
    listed_outside_cap: Annotated[int, Term("listed.{scheme}.outside_cap", "flag", "larger", "admissions",
        "Listed payments are neither limited by the annual cap nor counted in it.")]
    pilot_counties: Annotated[int, Term("listed.{scheme}.pilot_area_share", "count", "kept", "admissions",
        "Counties that take part in the pilot, the first ones; in a plan file the person's `pilot_area` decides.", neutral=1,
        also=("population.{scheme}.counties",), in_plan_file=False)]

    # Steps 0 and 3: reference price of new drugs, case and per-diem prices.
    reference_price: Annotated[int, Term("inpatient.{scheme}.reference_price", "CNY/admission", "larger", "admissions",
        "Most of new drugs in one bill that is in scope; the patient pays the excess.", neutral=UNLIMITED, optional=True)]
    case_level: Annotated[np.ndarray, Term("payment.{scheme}.case_level", "%", "kept", "admissions",
        "Case payment: the price of a case is `case_price` x this ratio; 0: no case payment at this tier.", shape=("tier",),
        most=1000, also=("payment.{scheme}.inpatient_method",))]
    day_price: Annotated[np.ndarray, Term("payment.{scheme}.day_price_level", "CNY/day", "kept", "admissions",
        "Per-diem payment for a day; 0: none. Case payment goes before it.", shape=("tier",),
        also=("payment.{scheme}.inpatient_method", "care.{scheme}.bill_mean", "care.{scheme}.bill_growth",
              "care.{scheme}.length_of_stay"))]
    patient_share_base: Annotated[int, Term("payment.{scheme}.patient_share_base", "name", "kept", "admissions",
        "Whether the patient's share is set on the case's or the day's price, or on the bill.", words=("price", "billed"))]
    payment_counties: Annotated[int, Term("payment.{scheme}.counties_share", "count", "kept", "admissions",
        "Counties that pay by case and day, the first ones; in a plan file the person's `payment_area` decides.", neutral=1,
        also=("population.{scheme}.counties",), in_plan_file=False)]

    # Step 3b: ordinary outpatient visits.
    consultation_fee: Annotated[int, Term("outpatient.{scheme}.consultation_fee", "CNY/visit", "larger", "visits",
        "General consultation fee, a part of E at tier township.")]
    consultation_share: Annotated[int, Term("outpatient.{scheme}.consultation_share", "%", "larger", "visits",
        "The fund's share of the consultation fee.")]
    outpatient_deductible: Annotated[np.ndarray, Term("outpatient.{scheme}.deductible", "CNY/person/year", "smaller", "visits",
        "Outpatient deductible, of the year or of each visit.", shape=("tier", "class"),
        also=("outpatient.{scheme}.deductible_class_ratio",))]
    outpatient_deductible_period: Annotated[int, Term("outpatient.{scheme}.deductible_period", "name", "kept", "visits",
        "Whether the outpatient deductible is one of the year or of each visit.", words=("year", "visit"), optional=True)]
    outpatient_copay: Annotated[np.ndarray, Term("outpatient.{scheme}.copay", "CNY/visit", "smaller", "visits",
        "Fixed sum that the patient pays of a visit after the deductible.", optional=True, shape=("tier",), one_for_all=True)]
    outpatient_ratio: Annotated[np.ndarray, Term("outpatient.{scheme}.ratio", "%", "larger", "visits",
        "Ratio on what a visit leaves above fee, deductible and fixed sum.", shape=("tier", "class"),
        also=("outpatient.{scheme}.class_bonus",))]
    outpatient_tcm_bonus: Annotated[int, Term("", "percentage point", "larger", "visits",
        "Points paid on the TCM part of a visit.")]
    outpatient_essential_bonus: Annotated[int, Term("", "percentage point", "larger", "visits",
        "Points paid on the part of a visit on a favoured list: essential drugs, items of category A.")]
    outpatient_visit_limit: Annotated[np.ndarray, Term("outpatient.{scheme}.visit_limit", "CNY/visit", "larger", "visits",
        "Most paid on one visit beside the consultation fee.", neutral=UNLIMITED, shape=("tier",), one_for_all=True)]
    outpatient_year_limit: Annotated[np.ndarray, Term("outpatient.{scheme}.year_limit", "CNY/person/year", "larger", "visits",
        "Most paid on outpatient visits in the year.", shape=("class",), neutral=UNLIMITED,
        also=("outpatient.{scheme}.year_limit_class_ratio",))]

    # Step 3c: visits for diseases on the chronic list.
    chronic_list: Annotated[int, Term("outpatient.{scheme}.chronic_list", "flag", "larger", "visits",
        "Visits for chronic diseases on the list have their own terms.")]
    chronic_deductible: Annotated[np.ndarray, Term("outpatient.{scheme}.chronic_deductible", "CNY/person/year", "smaller",
        "visits", "Deductible of the year on visits for diseases on the chronic list.", shape=("chronic", "class"),
        also=("outpatient.{scheme}.chronic_deductible_class_ratio", "outpatient.{scheme}.chronic_group_deductible"))]
    chronic_ratio: Annotated[np.ndarray, Term("outpatient.{scheme}.chronic_ratio", "%", "larger", "visits", "Ratio of visits for"
        " diseases on the chronic list.", shape=("chronic", "tier", "class"),
        also=("outpatient.{scheme}.chronic_class_bonus", "outpatient.{scheme}.chronic_group_ratio"))]
    chronic_year_limit: Annotated[np.ndarray, Term("outpatient.{scheme}.chronic_year_limit", "CNY/person/year", "larger",
        "visits", "Most paid on visits for diseases on the chronic list.", shape=("chronic", "class"), neutral=UNLIMITED,
        also=("outpatient.{scheme}.chronic_year_limit_class_ratio", "outpatient.{scheme}.chronic_group_limit"))]

    # Step 4: large-sum supplement.
    supplement_tops: Annotated[np.ndarray, Term("supplement.{scheme}.tops", "CNY", "kept", "admissions",
        "Upper boundaries of the large-sum supplement's annual bands of the in-scope expense above the annual cap; the last is"
        " without limit.", shape=("band",), neutral=UNLIMITED, optional=True)]
    supplement_ratio: Annotated[np.ndarray, Term("supplement.{scheme}.ratio", "%", "larger", "admissions",
        "The large-sum supplement's ratio of each band.", shape=("band",), also=("supplement.{scheme}.band_ratio",))]
    supplement_cap: Annotated[int, Term("supplement.{scheme}.cap", "CNY/person/year", "larger", "admissions",
        "The large-sum supplement's own cap for the year.", neutral=UNLIMITED)]

    # Step 5: critical illness insurance.
    cii_threshold: Annotated[int, Term("cii.{scheme}.threshold", "CNY/person/year", "smaller", "cii",
        "Threshold of critical illness insurance (CII) on the year's self-pay.", neutral=UNLIMITED,
        also=("cii.{scheme}.threshold_multiple", "cii.{scheme}.threshold_income"))]
    cii_tops: Annotated[np.ndarray, Term("cii.{scheme}.tops", "CNY", "kept", "cii",
        "Upper boundaries of CII's annual bands; the last one is without limit.", shape=("band",), neutral=UNLIMITED)]
    cii_tops_from: Annotated[int, Term("cii.{scheme}.tops_from", "name", "kept", "cii",
        "Whether CII's bands are counted from zero or from the threshold.", words=("zero", "threshold"), optional=True)]
    cii_ratio: Annotated[np.ndarray, Term("cii.{scheme}.ratio", "%", "larger", "cii",
        "CII's ratio of each band.", shape=("band",))]
    cii_threshold_share: Annotated[np.ndarray, Term("cii.{scheme}.group_threshold", "%", "smaller", "cii",
        "CII's threshold for an assistance group, relative to the scheme's.", shape=("group",), neutral=ONE, optional=True)]
    cii_ratio_bonus: Annotated[np.ndarray, Term("cii.{scheme}.group_bonus", "percentage point", "larger", "cii",
        "Points added to CII's ratios for an assistance group.", shape=("group",), optional=True)]
    cii_listed_tops: Annotated[np.ndarray, Term("cii.{scheme}.listed_tops", "CNY", "kept", "cii",
        "Upper boundaries of CII's own annual bands for listed bills, from zero; the last one is without limit.",
        shape=("band",), neutral=UNLIMITED, optional=True)]
    cii_listed_ratio: Annotated[np.ndarray, Term("cii.{scheme}.listed_ratio", "%", "larger", "cii",
        "CII's ratio of each of these bands; where one is above 0, listed bills are paid by them, without threshold.",
        shape=("band",), optional=True)]
    cii_cap: Annotated[int, Term("cii.{scheme}.cap", "CNY/person/year", "larger", "cii",
        "CII's annual cap.", neutral=UNLIMITED, optional=True)]
    cii_counts_outpatient: Annotated[int, Term("cii.{scheme}.counts_outpatient", "flag", "larger", "visits",
        "Outpatient bills count for CII.")]
    cii_listed_only: Annotated[int, Term("cii.{scheme}.listed_only", "flag", "smaller", "visits",
        "Only bills of listed illnesses count for CII.")]
    cii_excluded_share: Annotated[int, Term("cii.{scheme}.excluded_share", "%", "larger", "cii",
        "Share of the patient's excluded expense that CII counts as compliant.")]

    cii_counts_first_pay: Annotated[int, Term("cii.{scheme}.counts_first_pay", "flag", "larger", "cii",
        "CII counts what the patient pays before the rules as in-scope self-pay.", optional=True)]

    # Step 5a: civil servants' and employer's supplement, of persons whom a fact of the bill names.
    civil_deductible: Annotated[int, Term("", "CNY/person/year", "smaller", "visits",
        "Deductible of the civil servants' or employer's supplement for the year.")]
    civil_ratio: Annotated[int, Term("", "%", "larger", "visits",
        "Ratio of the civil servants' or employer's supplement.")]
    civil_cap: Annotated[int, Term("", "CNY/person/year", "larger", "visits",
        "Annual cap of the civil servants' or employer's supplement.", neutral=UNLIMITED)]
    civil_scope: Annotated[int, Term("", "name", "larger", "visits",
        "Whether it pays on the in-scope expense left or on all the patient has left.", words=("in_scope", "all"))]

    # Step 6: commercial cover.
    commercial_share: Annotated[int, Term("commercial.{scheme}.share", "%", "kept", "visits",
        "Persons who hold commercial cover, the first ones; in a plan file the person's `commercial` decides.", neutral=1,
        in_plan_file=False)]
    commercial_deductible: Annotated[int, Term("commercial.{scheme}.deductible", "CNY/person/year", "smaller", "visits",
        "Deductible of commercial cover for the year.")]
    commercial_ratio: Annotated[int, Term("commercial.{scheme}.ratio", "%", "larger", "visits",
        "Ratio of commercial cover.")]
    commercial_cap: Annotated[int, Term("commercial.{scheme}.cap", "CNY/person/year", "larger", "visits",
        "Annual cap of commercial cover.", neutral=UNLIMITED)]
    commercial_scope: Annotated[int, Term("commercial.{scheme}.scope", "name", "larger", "visits",
        "Whether commercial cover pays on the in-scope expense left or on all the patient has left.", words=("in_scope", "all"))]

    # Step 7: medical assistance.
    ma_inpatient_ratio: Annotated[np.ndarray, Term("assistance.inpatient_ratio", "%", "larger", "admissions",
        "Medical assistance's ratio on inpatient bills; 0: not eligible.", shape=("group",))]
    ma_outpatient_ratio: Annotated[np.ndarray, Term("assistance.outpatient_ratio", "%", "larger", "visits",
        "Medical assistance's ratio on outpatient bills; 0: not eligible.", shape=("group",))]
    ma_listed_ratio: Annotated[np.ndarray, Term("assistance.listed_ratio", "%", "larger", "admissions",
        "Medical assistance's ratio on bills paid as listed illnesses (major-illness terms); 0: not eligible.", shape=("group",))]
    ma_listed_basis: Annotated[int, Term("assistance.listed_basis", "name", "kept", "admissions",
        "What medical assistance's ratio on listed illnesses is of: the in-scope self-pay left (`self_pay`), or the basis of the"
        " list, up to the quota price (`basis`).", words=("self_pay", "basis"), optional=True)]
    ma_deductible: Annotated[np.ndarray, Term("assistance.deductible", "CNY/person/year", "smaller", "visits",
        "Medical assistance's deductible, per person and year.", shape=("group",), also=("assistance.deductible_group_ratio",))]
    ma_listed_waives_deductible: Annotated[int, Term("assistance.listed_waives_deductible", "flag", "larger", "admissions",
        "Medical assistance has no deductible on listed bills.")]
    ma_cap: Annotated[np.ndarray, Term("assistance.cap", "CNY/person/year", "larger", "visits",
        "Medical assistance's cap, per person and year.", shape=("group",), neutral=UNLIMITED,
        also=("assistance.cap_group_ratio",))]
    ma_listed_outside_cap: Annotated[int, Term("assistance.listed_outside_cap", "flag", "larger", "admissions",
        "Listed bills are neither limited by medical assistance's cap nor counted in it.")]
    ma_second_threshold: Annotated[np.ndarray, Term("assistance.second_threshold", "CNY/person/year", "smaller", "visits",
        "Threshold of second assistance, on the year's in-scope self-pay that assistance leaves.", shape=("group",),
        optional=True)]
    ma_second_ratio: Annotated[np.ndarray, Term("assistance.second_ratio", "%", "larger", "visits",
        "Second assistance's ratio above its threshold; 0: none.", shape=("group",), optional=True)]
    ma_second_cap: Annotated[np.ndarray, Term("assistance.second_cap", "CNY/person/year", "larger", "visits",
        "Second assistance's own cap, per person and year.", shape=("group",), neutral=UNLIMITED, optional=True)]
    ma_take_up: Annotated[int, Term("assistance.later_take_up", "%", "larger", "visits",
        "Share of medical assistance that is really claimed; 100% with one-stop settlement at the counter.", neutral=ONE,
        also=("assistance.one_stop",))]

    # Step 8: individual account.
    account_balance: Annotated[np.ndarray, Term("", "CNY/person", "kept", "visits",
        "The individual account at the start of the year, this year's credit included.", shape=("class",))]
    account_use: Annotated[int, Term("account.{scheme}.use", "name", "smaller", "admissions",
        "Whether the account pays every bill or outpatient bills only.", words=("all", "outpatient"))]

    account_order: Annotated[int, Term("account.{scheme}.order", "name", "kept", "visits",
        "Whether the account pays last, or visits before outpatient pooling does.", words=("last", "first"), optional=True)]

    # Step 9: emergency relief.
    relief_groups: Annotated[np.ndarray, Term("relief.groups", "flag", "larger", "visits",
        "Assistance groups without means, for whom the emergency relief fund pays.", shape=("group",))]
    relief_ability: Annotated[int, Term("relief.ability", "CNY/bill", "smaller", "visits",
        "What a patient without means pays of one bill himself.")]
    relief_ratio: Annotated[int, Term("relief.ratio", "%", "larger", "visits",
        "The emergency relief fund's share of what is left above `relief_ability`.")]

    # After the year's end: secondary reimbursement (docs/fund.md).
    secondary_threshold: Annotated[int, Term("control.{scheme}.secondary_threshold", "CNY/person/year", "smaller", "visits",
        "In-scope self-pay of the year above which the fund may refund part of it after the year's end.", neutral=UNLIMITED,
        in_plan_file=False)]
    secondary_least: Annotated[int, Term("control.{scheme}.secondary_least", "CNY/person/year", "smaller", "visits",
        "Lowest threshold that is found, so that the excess is spent.", neutral=UNLIMITED, optional=True, in_plan_file=False)]


TERMS: dict[str, Term] = {name: hint.__metadata__[0] for name, hint in get_type_hints(Plan, include_extras=True).items()}
SHAPES = {name: tuple(len(DIMENSIONS[key]) for key in term.shape) for name, term in TERMS.items()}
_SIZES = [int(np.prod(shape, dtype=np.int64)) for shape in SHAPES.values()]
OFFSETS: dict[str, int] = dict(zip(SHAPES, np.cumsum([0, *_SIZES[:-1]]).tolist(), strict=True))
FULL_RULES_FOR = sum(_SIZES)                  # the last place of a row, no term: `pack` tells which bills the columns leave alone
PLAN_WIDTH = FULL_RULES_FOR + 1

# Where each term begins in a row, in the order of the table (a test holds them to it).
(DEDUCTIBLE, DEDUCTIBLE_SHARE, DEDUCTIBLE_LEAST, DEDUCTIBLE_MOST, DEDUCTIBLE_KIND, ORDER_COUNTED, DEDUCTIBLE_YEAR_LIMIT,
 DEDUCTIBLE_SHARED, ADMISSION_COPAY, DEDUCTIBLE_WAIVED, BAND_TOPS, RATIO, BAND_OWN_LEAST, BAND_BASIS, BAND_PERIOD,
 PRIMARY_BONUS, OUTSIDE_PENALTY, UNREFERRED_PENALTY, OUTSIDE_FIRST_PAY, OUT_OF_AREA_FACTOR, UNFILED_FACTOR,
 OUT_OF_AREA_DEDUCTIBLE_FACTOR, UNFILED_DEDUCTIBLE_FACTOR, ROUNDING_STEP, ROUNDING_UNIT, ROUNDING_MODE, TCM_BONUS,
 ESSENTIAL_BONUS, GUARANTEED_SHARE, GUARANTEED_BASIS, FACTOR, ANNUAL_CAP, ANNUAL_CAP_STEP, ANNUAL_CAP_MOST, CAP_BASIS,
 CAP_COUNTS_OUTPATIENT, LISTED, LISTED_RATIO, QUOTA, QUOTA_KIND, LISTED_BETTER, LISTED_OUTSIDE_CAP, PILOT_COUNTIES,
 REFERENCE_PRICE, CASE_LEVEL, DAY_PRICE, PATIENT_SHARE_BASE, PAYMENT_COUNTIES, CONSULTATION_FEE, CONSULTATION_SHARE,
 OUTPATIENT_DEDUCTIBLE, OUTPATIENT_DEDUCTIBLE_PERIOD, OUTPATIENT_COPAY, OUTPATIENT_RATIO, OUTPATIENT_TCM_BONUS,
 OUTPATIENT_ESSENTIAL_BONUS, OUTPATIENT_VISIT_LIMIT, OUTPATIENT_YEAR_LIMIT, CHRONIC_LIST, CHRONIC_DEDUCTIBLE, CHRONIC_RATIO,
 CHRONIC_YEAR_LIMIT, SUPPLEMENT_TOPS, SUPPLEMENT_RATIO, SUPPLEMENT_CAP, CII_THRESHOLD, CII_TOPS, CII_TOPS_FROM, CII_RATIO,
 CII_THRESHOLD_SHARE, CII_RATIO_BONUS, CII_LISTED_TOPS, CII_LISTED_RATIO, CII_CAP, CII_COUNTS_OUTPATIENT, CII_LISTED_ONLY,
 CII_EXCLUDED_SHARE, CII_COUNTS_FIRST_PAY, CIVIL_DEDUCTIBLE, CIVIL_RATIO, CIVIL_CAP, CIVIL_SCOPE, COMMERCIAL_SHARE,
 COMMERCIAL_DEDUCTIBLE, COMMERCIAL_RATIO, COMMERCIAL_CAP, COMMERCIAL_SCOPE, MA_INPATIENT_RATIO, MA_OUTPATIENT_RATIO,
 MA_LISTED_RATIO, MA_LISTED_BASIS, MA_DEDUCTIBLE, MA_LISTED_WAIVES_DEDUCTIBLE, MA_CAP, MA_LISTED_OUTSIDE_CAP,
 MA_SECOND_THRESHOLD, MA_SECOND_RATIO, MA_SECOND_CAP, MA_TAKE_UP, ACCOUNT_BALANCE, ACCOUNT_USE, ACCOUNT_ORDER,
 RELIEF_GROUPS, RELIEF_ABILITY, RELIEF_RATIO, SECONDARY_THRESHOLD, SECONDARY_LEAST) = OFFSETS.values()


def word(name: str, chosen: str) -> int:
    """The number by which a row of terms knows a word of the choice `name`."""
    return TERMS[name].words.index(chosen)


FULL, PILOT, OF_THE_BASIS = word("listed", "full"), word("listed", "pilot"), word("ma_listed_basis", "basis")
AFTER_DEDUCTIBLE = word("band_basis", "after_deductible")
BANDS_OF_YEAR = word("band_period", "year")
GUARANTEED_OF_BILLED = word("guaranteed_basis", "billed")
CAP_ON_PAYMENT, CAP_ON_EXPENSE = word("cap_basis", "payment"), word("cap_basis", "expense")
PACKAGE = word("quota_kind", "package")
SHARE_OF_PRICE, SHARE_OF_BILLED = word("patient_share_base", "price"), word("patient_share_base", "billed")
COVERS_ALL, SERVANTS_ALL = word("commercial_scope", "all"), word("civil_scope", "all")
OUTPATIENT_ONLY, ACCOUNT_FIRST = word("account_use", "outpatient"), word("account_order", "first")
FRANCHISE, ORDER_BY_TIER = word("deductible_kind", "franchise"), word("order_counted", "tier")
BAND_BY_BAND, CUT_OFF = word("rounding_step", "band"), word("rounding_mode", "down")
DEDUCTIBLE_OF_VISIT, FROM_THRESHOLD = word("outpatient_deductible_period", "visit"), word("cii_tops_from", "threshold")


@cache
def places(*names: str) -> np.ndarray:
    """Where the values of these terms stand in a row, int64; read only."""
    found = np.concatenate([OFFSETS[name] + np.arange(np.prod(SHAPES[name], dtype=np.int64)) for name in names])
    found.flags.writeable = False
    return found


# What FULL_RULES_FOR adds up: bills that only the full rules settle (`law/settle.py`), not the kernel's columns.
ADMISSIONS_IN_FULL, VISITS_IN_FULL, YEARS_IN_FULL, LISTED_IN_FULL, GROUPED_IN_FULL = 1, 2, 4, 8, 16
# Rare terms, and whose bills they make such ones where they are not neutral, or not the same along these dimensions.
RARE_TERMS = {"deductible_share": ADMISSIONS_IN_FULL, "deductible_kind": ADMISSIONS_IN_FULL, "order_counted": ADMISSIONS_IN_FULL,
        "deductible_year_limit": ADMISSIONS_IN_FULL, "admission_copay": ADMISSIONS_IN_FULL, "rounding_step": ADMISSIONS_IN_FULL,
        "band_own_least": ADMISSIONS_IN_FULL, "outpatient_tcm_bonus": VISITS_IN_FULL,
        "rounding_unit": ADMISSIONS_IN_FULL | VISITS_IN_FULL, "rounding_mode": ADMISSIONS_IN_FULL | VISITS_IN_FULL,
        "outpatient_deductible_period": VISITS_IN_FULL, "outpatient_copay": VISITS_IN_FULL, "deductible_shared": YEARS_IN_FULL,
        "account_order": VISITS_IN_FULL | YEARS_IN_FULL, "ma_second_ratio": GROUPED_IN_FULL,
        "cii_listed_ratio": LISTED_IN_FULL, "ma_listed_basis": LISTED_IN_FULL}
UNEQUAL = {"tcm_bonus": (("tier",), ADMISSIONS_IN_FULL), "guaranteed_share": (("tier",), ADMISSIONS_IN_FULL),
           "outpatient_deductible": (("tier", "class"), VISITS_IN_FULL), "outpatient_ratio": (("class",), VISITS_IN_FULL),
           "outpatient_visit_limit": (("tier",), VISITS_IN_FULL), "outpatient_year_limit": (("class",), VISITS_IN_FULL),
           "chronic_deductible": (("class",), VISITS_IN_FULL), "chronic_ratio": (("class",), VISITS_IN_FULL),
           "chronic_year_limit": (("class",), VISITS_IN_FULL)}


def differs(row: np.ndarray, name: str, dimensions: tuple[str, ...]) -> bool:
    """Whether a term of a plan's row int64[PLAN_WIDTH] is not the same along some of these dimensions."""
    values = row[places(name)].reshape(SHAPES[name])
    return any((values != values.take([0], TERMS[name].shape.index(key))).any() for key in dimensions)


def full_rules_for(row: np.ndarray) -> int:
    """Whose bills a plan's row int64[PLAN_WIDTH] leaves to the full rules: a sum of ADMISSIONS_IN_FULL, VISITS_IN_FULL, ..."""
    used = [whose for name, whose in RARE_TERMS.items() if (row[places(name)] != TERMS[name].neutral).any()]
    used += [whose for name, (dimensions, whose) in UNEQUAL.items() if differs(row, name, dimensions)]
    if row[CAP_COUNTS_OUTPATIENT] == 1 and differs(row, "annual_cap", ("class",)):
        used.append(VISITS_IN_FULL)
    return int(np.bitwise_or.reduce(np.array([0, *used])))


def pack(plans: list[Plan]) -> np.ndarray:
    """Plans of P policies as int64[P, PLAN_WIDTH]. ValueError if a schedule has more than BANDS bands."""
    terms = np.zeros((len(plans), PLAN_WIDTH), dtype=np.int64)
    for p, plan in enumerate(plans):
        for name, shape in SHAPES.items():
            value = np.asarray(getattr(plan, name), dtype=np.int64)
            if shape and value.shape != shape:
                if value.shape[-1] > BANDS:
                    raise ValueError(f"{name} has {value.shape[-1]} bands, more than {BANDS}")
                padded = np.full(shape, TERMS[name].neutral, dtype=np.int64)
                padded[..., :value.shape[-1]] = value
                value = padded
            terms[p, OFFSETS[name]:OFFSETS[name] + value.size] = value.ravel()
        terms[p, FULL_RULES_FOR] = full_rules_for(terms[p])
    return terms
