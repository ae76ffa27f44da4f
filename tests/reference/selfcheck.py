"""Self-check of the reference settlement, run by hand: `python -m tests.reference.selfcheck`.

Each expected figure was worked out on paper; the derivation stands next to it. Parts not named are 0.00; the
in-scope self-pay left, `in_scope_left`, is checked where a line names it.
"""

from decimal import Decimal

from tests.reference import selfcheck_real as real
from tests.reference.settlement import IN_SCOPE_LEFT, PAYERS, read_plan, settle


def inpatient(tier, billed, eligible, **more):
    return {"kind": "inpatient", "tier": tier, "billed": billed, "eligible": eligible, **more}


def outpatient(tier, billed, eligible, **more):
    return {"kind": "outpatient", "tier": tier, "billed": billed, "eligible": eligible, **more}


SCHEDULE = {
    "deductible": {"township": ["100", "50", "0"], "county": {"adult": ["300", "200", "100"],
                                                             "child": ["150", "100", "50"]}},
    "band_tops": ["1000", "5000"],
    "ratio": {"township": ["80", "85", "90"], "county": {"adult": ["60", "70", "80"], "child": ["65", "75", "85"]},
              "outside": ["40", "40", "40"]},
}
LISTED = {"listed": {"esrd": "full", "lung-cancer": "pilot", "cleft-lip-palate": "full"},
          "listed_ratio": {"esrd": "90", "lung-cancer": "70", "cleft-lip-palate": "80"},
          "quota": {"esrd": "400", "cleft-lip-palate": "5000"}, "quota_kind": {"esrd": "package"}}
BETTER = SCHEDULE | {"listed": {"cml": "full", "cleft-lip-palate": "full", "esrd": "full"}, "listed_better": True,
                     "listed_ratio": {"cml": "50", "cleft-lip-palate": "40", "esrd": "30"},
                     "quota": {"cleft-lip-palate": "1000", "esrd": "400"}, "quota_kind": {"esrd": "package"}}
PLAIN = {"ratio": {"county": ["60"]}}           # no deductible, one band
PRICES = {"deductible": {"county": ["100", "100", "100"]}, "tcm_bonus": "10",
          "ratio": {"township": ["100"], "county": ["70"], "city": ["50"]},
          "case_level": {"township": "110", "county": "90"}, "day_price": {"county": "200", "city": "300"}}
ON_THE_BILL = {"ratio": {"county": ["70"]}, "case_level": {"county": "100"}, "patient_share_base": "billed"}
LARGE_SUM = {"deductible": {"county": ["100", "100", "100"]}, "ratio": {"county": ["80"]}, "annual_cap": "800",
             "supplement_ratio": "90", "supplement_cap": "700"}
COVER = PLAIN | {"commercial_deductible": "100", "commercial_ratio": "50"}
RELIEF = PLAIN | {"relief_groups": ["dibao"], "relief_ability": "100", "relief_ratio": "90"}

CASES = [
    ("bands on E, second admission's deductible", SCHEDULE, {}, [
        # (300, 6000]: 700 x .6 + 4000 x .7 + 1000 x .8 = 420 + 2800 + 800
        (inpatient("county", "7000", "6000"), {"basic": "4020.00", "cash": "2980.00"}),
        # E = 1234.56 x 81% = 999.9936 -> 999.99; (200, 999.99] x .6 = 799.99 x .6 = 479.994 -> 479.99
        ({"kind": "inpatient", "tier": "county", "billed": "1234.56", "in_scope": "81"},
         {"basic": "479.99", "cash": "754.57"}),
        # third and later: deductible 100; (100, 1000] x .6
        (inpatient("county", "1000", "1000"), {"basic": "540.00", "cash": "460.00"}),
        # below the deductible
        (inpatient("county", "90", "80"), {"cash": "90.00"}),
    ]),
    ("bands after the deductible over the year; bonus, TCM, waived deductible",
     SCHEDULE | {"band_basis": "after_deductible", "band_period": "year", "primary_bonus": "12", "tcm_bonus": "5",
                 "outside_penalty": "15", "unreferred_penalty": "30", "deductible_waived": ["dibao"]},
     {"group": "dibao"}, [
         # no deductible; (0, 1500]: 1000 x .92 + 500 x .97 + TCM 200 x .05 = 920 + 485 + 10
         (inpatient("township", "1500", "1500", tcm="200"), {"basic": "1415.00", "cash": "85.00"}),
         # (1500, 6500]: 3500 x .97 + 1500 x 1.00 (.90 + .12 clipped) = 3395 + 1500
         (inpatient("township", "5100", "5000"), {"basic": "4895.00", "cash": "205.00"}),
         # outside and unreferred: .40 - .15 - .30 < 0 -> 0
         (inpatient("outside", "100", "100", unreferred=True), {"cash": "100.00"}),
         # (6600, 7600]: base_year is 1500 + 5000 + 100, wholly in the last band; unreferred .80 - .30
         (inpatient("county", "1000", "1000", unreferred=True), {"basic": "500.00", "cash": "500.00"}),
     ]),
    ("guaranteed share of the bill, factor, cap on payments",
     SCHEDULE | {"guaranteed_share": "45", "guaranteed_basis": "billed", "factor": "90", "annual_cap": "600"},
     {"member_class": "child"}, [
         # bands (150, 500] x .65 = 227.5; guaranteed 1000 x .45 = 450; x .9
         (inpatient("county", "1000", "500"), {"basic": "405.00", "cash": "595.00"}),
         # bands (100, 300] x .65 = 130; guaranteed 1000 x .45 = 450, at most E 300; x .9 = 270; cap left 195
         (inpatient("county", "1000", "300"), {"basic": "195.00", "cash": "805.00"}),
     ]),
    ("cap on expense", SCHEDULE | {"annual_cap": "2000", "cap_basis": "expense"}, {}, [
        # (300, 1500]: 420 + 500 x .7
        (inpatient("county", "1500", "1500"), {"basic": "770.00", "cash": "730.00"}),
        # E' = 500: (200, 500] x .6
        (inpatient("county", "1500", "1500"), {"basic": "180.00", "cash": "1320.00"}),
        (inpatient("county", "1500", "1500"), {"cash": "1500.00"}),
    ]),
    ("listed: package, limit, pilot outside the pilot, cap", SCHEDULE | LISTED | {"annual_cap": "5000"}, {}, [
        # Q = 400 x 3 = 1200 < 1500: hospital 300; 1200 x .9
        (outpatient("county", "1500", "900", illness="esrd", units=3),
         {"listed": "1080.00", "hospital": "300.00", "cash": "120.00"}),
        # below the price: basis B = 1000
        (outpatient("county", "1000", "900", illness="esrd", units=3), {"listed": "900.00", "cash": "100.00"}),
        # limit: basis 5000 x .8 = 4000, cap left 5000 - 1980 = 3020
        (inpatient("city", "6000", "5500", illness="cleft-lip-palate"), {"listed": "3020.00", "cash": "2980.00"}),
    ]),
    ("pilot illness, inside and outside the pilot", SCHEDULE | LISTED, {"pilot_area": True}, [
        (inpatient("county", "6000", "5000", illness="lung-cancer"), {"listed": "3500.00", "cash": "2500.00"}),
        # still the first admission: (300, 1000] x .6
        (inpatient("county", "1000", "1000"), {"basic": "420.00", "cash": "580.00"}),
    ]),
    ("pilot illness outside the pilot is ordinary", SCHEDULE | LISTED, {}, [
        (inpatient("county", "1000", "1000", illness="lung-cancer"), {"basic": "420.00", "cash": "580.00"}),
    ]),
    ("outpatient",
     {"consultation_fee": "10", "consultation_share": "85", "outpatient_deductible": "50",
      "outpatient_ratio": {"township": "50", "county": "40"}, "outpatient_visit_limit": "40",
      "outpatient_year_limit": "80"}, {}, [
         # 10 x .85 = 8.50; rest 30 all deductible
         (outpatient("township", "40", "40"), {"outpatient": "8.50", "cash": "31.50"}),
         # 8.50; rest 90.35, deductible left 20: 70.35 x .5 = 35.175 -> 35.18
         (outpatient("township", "100.35", "100.35"), {"outpatient": "43.68", "cash": "56.67"}),
         # 200 x .4 = 80, visit limit 40, year's limit left 80 - 52.18 = 27.82
         (outpatient("county", "200", "200"), {"outpatient": "27.82", "cash": "172.18"}),
     ]),
    ("CII over the year, then medical assistance",
     SCHEDULE | {"cii_threshold": "1000", "cii_tops": ["2000", "4000"], "cii_ratio": ["50", "60", "70"],
                 "cii_cap": "2000", "cii_excluded_share": "50", "ma_inpatient_ratio": {"dibao": "70"},
                 "ma_deductible": "500", "ma_cap": "2000"}, {"group": "dibao"}, [
         # basic 4020; s = 1980, c = 1980 + 1000 x .5 = 2480; F = 1000 x .5 + 480 x .6 = 788;
         # m = 1980 - 788 = 1192, less 500 = 692 x .7 = 484.40; cash 7000 - 4020 - 788 - 484.40
         (inpatient("county", "7000", "6000"),
          {"basic": "4020.00", "cii": "788.00", "assistance": "484.40", "cash": "1707.60"}),
         # city pays 0; c = 3000, x = 5480; F = 500 + 1200 + 1480 x .7 = 2736 -> cap 2000; cii 1212;
         # m = 1788 x .7 = 1251.60; ma left 1515.60
         (inpatient("city", "3000", "3000"), {"cii": "1212.00", "assistance": "1251.60", "cash": "536.40"}),
         # F at its cap; m = 1000 x .7 = 700, ma left 264
         (inpatient("city", "1000", "1000"), {"assistance": "264.00", "cash": "736.00"}),
     ]),
    ("listed bill with CII and major-illness assistance",
     LISTED | {"cii_threshold": "0", "cii_ratio": ["50"], "cii_listed_only": True, "annual_cap": "0",
               "listed_outside_cap": True, "ma_listed_ratio": {"wubao": "100"}, "ma_deductible": "500", "ma_cap": "0",
               "ma_listed_waives_deductible": True, "ma_listed_outside_cap": True}, {"group": "wubao"}, [
         # Q = 400; hospital 100; 360 listed; s = 40, F = 20; m = 20 paid in full
         (inpatient("county", "500", "450", illness="esrd"),
          {"listed": "360.00", "cii": "20.00", "assistance": "20.00", "hospital": "100.00"}),
         # ordinary bill does not count for CII, and the ordinary MA ratio is 0
         (inpatient("county", "500", "450"), {"cash": "500.00", "in_scope_left": "450.00"}),
     ]),

    # step 0
    ("reference price of new drugs",
     SCHEDULE | {"reference_price": "500", "tcm_bonus": "10", "outpatient_ratio": {"county": "50"},
                 "listed": {"cml": "full"}, "listed_ratio": {"cml": "70"}}, {}, [
         # at the price: (300, 1000] x .6
         (inpatient("county", "1000", "1000", new_drug="500"),
          {"basic": "420.00", "cash": "580.00", "in_scope_left": "580.00"}),
         # a fen above it: E = 999.99; 799.99 x .6 = 479.994; left 999.99 - 479.99
         (inpatient("county", "1000", "1000", new_drug="500.01"),
          {"basic": "479.99", "cash": "520.01", "in_scope_left": "520.00"}),
         # E = 1600 - 1000 = 600, so TCM is 600; (100, 600] x .6 = 300, + 500 x .1
         (inpatient("county", "2000", "1600", new_drug="1500", tcm="1000"),
          {"basic": "350.00", "cash": "1650.00", "in_scope_left": "250.00"}),
         # a fen below it changes nothing; 800 x .5
         (outpatient("county", "800", "800", new_drug="499.99"),
          {"outpatient": "400.00", "cash": "400.00", "in_scope_left": "400.00"}),
         # E = 800 - 200 = 600
         (outpatient("county", "800", "800", new_drug="700"),
          {"outpatient": "300.00", "cash": "500.00", "in_scope_left": "300.00"}),
         # listed without quota: the basis is E = 2000 - 1000
         (inpatient("county", "2000", "2000", new_drug="1500", illness="cml"),
          {"listed": "700.00", "cash": "1300.00", "in_scope_left": "300.00"}),
     ]),

    # step 2, listed_better
    ("the better of the list and the ordinary terms", BETTER, {}, [
        # list 3000; first admission: 420 + 2800 + 800 = 4020
        (inpatient("county", "6000", "6000", illness="cml"),
         {"listed": "4020.00", "cash": "1980.00", "in_scope_left": "1980.00"}),
        # still the first admission
        (inpatient("county", "1000", "1000"), {"basic": "420.00", "cash": "580.00"}),
        # second admission's terms: 480 + (E - 1000) x .7 meets E x .5 at E = 1100
        (inpatient("county", "1099", "1099", illness="cml"), {"listed": "549.50", "cash": "549.50"}),
        (inpatient("county", "1100", "1100", illness="cml"), {"listed": "550.00", "cash": "550.00"}),
        (inpatient("county", "1101", "1101", illness="cml"), {"listed": "550.70", "cash": "550.30"}),
        # a fen: 550.05 (1100.10 x .5) against 480 + 100.10 x .7 = 550.07
        (inpatient("county", "1100.10", "1100.10", illness="cml"), {"listed": "550.07", "cash": "550.03"}),
        # limit: 1000 x .4 = 400; on E: 480 + 2800 + 400 = 3680, above the basis: nothing in scope is left
        (inpatient("county", "6000", "5500", illness="cleft-lip-palate"),
         {"listed": "3680.00", "cash": "2320.00", "in_scope_left": "0.00"}),
        # package: hospital 1100; ordinary 480 + 200 x .7 = 620, at most 1500 - 1100
        (inpatient("county", "1500", "1200", illness="esrd"), {"listed": "400.00", "hospital": "1100.00"}),
    ]),
    ("the better one of a visit; the ordinary terms' year is not moved",
     BETTER | {"outpatient_ratio": {"county": "60"}, "outpatient_year_limit": "70", "chronic_list": True,
               "chronic_ratio": {"county": "80"}, "chronic_year_limit": "90"}, {}, [
         # list 50, ordinary 60
         (outpatient("county", "100", "100", illness="cml"), {"listed": "60.00", "cash": "40.00"}),
         # the year's 70 are untouched: 60 again
         (outpatient("county", "100", "100", illness="cml"), {"listed": "60.00", "cash": "40.00"}),
         # chronic terms: 80, twice
         (outpatient("county", "100", "100", illness="cml", chronic=True), {"listed": "80.00", "cash": "20.00"}),
         (outpatient("county", "100", "100", illness="cml", chronic=True), {"listed": "80.00", "cash": "20.00"}),
         # the ordinary visit still has its 70; then 10 of it are left and the list is better
         (outpatient("county", "100", "100"), {"outpatient": "60.00", "cash": "40.00"}),
         (outpatient("county", "100", "100", illness="cml"), {"listed": "50.00", "cash": "50.00"}),
     ]),
    ("the better one below the annual cap", BETTER | {"annual_cap": "1000"}, {}, [
        # list 800; ordinary 420 + 600 x .7 = 840
        (inpatient("county", "1600", "1600", illness="cml"), {"listed": "840.00", "cash": "760.00"}),
        # ordinary cut to 160 by the cap; list 800, cut as well
        (inpatient("county", "1600", "1600", illness="cml"), {"listed": "160.00", "cash": "1440.00"}),
    ]),
    ("the better one, the list outside the cap", BETTER | {"annual_cap": "100", "listed_outside_cap": True}, {}, [
        # ordinary is cut to 100, the list is not
        (inpatient("county", "1600", "1600", illness="cml"), {"listed": "800.00", "cash": "800.00"}),
    ]),
    ("the better one is fee for service in a payment area and has no supplement",
     BETTER | {"case_level": {"county": "100"}, "annual_cap": "3000", "supplement_ratio": "100"},
     {"payment_area": True}, [
         # 4020 cut to 3000 = the list's 3000
         (inpatient("county", "6000", "6000", illness="cml", case_price="100"),
          {"listed": "3000.00", "cash": "3000.00"}),
     ]),

    # step 3, the patient's share on the price
    ("case and per-diem price, the patient's share on the price", PRICES, {"payment_area": True}, [
        # P = 2000 x .9 = 1800; q = .8; E = 1440: 1340 x .7 = 938; hospital 2500 - 1800
        (inpatient("county", "2500", "2000", case_price="2000", days=30),
         {"basic": "938.00", "cash": "862.00", "hospital": "700.00", "in_scope_left": "502.00"}),
        # P = 200 x 4 = 800; E = 800: 700 x .7 = 490; the hospital keeps 100
        (inpatient("county", "700", "700", days=4),
         {"basic": "490.00", "cash": "310.00", "hospital": "-100.00", "in_scope_left": "310.00"}),
        # P = 900; E = 900 x 200 / 300 = 600: 500 x .7
        (inpatient("county", "300", "200", case_price="1000"),
         {"basic": "350.00", "cash": "550.00", "hospital": "-600.00", "in_scope_left": "250.00"}),
        # P = 100.05 x 1.1 = 110.055 -> 110.06, the bill a fen below it, at it and a fen above it
        (inpatient("township", "110.05", "110.05", case_price="100.05"), {"basic": "110.06", "hospital": "-0.01"}),
        (inpatient("township", "110.06", "110.06", case_price="100.05"), {"basic": "110.06"}),
        (inpatient("township", "110.07", "110.07", case_price="100.05"), {"basic": "110.06", "hospital": "0.01"}),
        # no case payment in the city: 300 x 2 = 600; q = .5, E = 300
        (inpatient("city", "1000", "500", case_price="5000", days=2),
         {"basic": "150.00", "cash": "450.00", "hospital": "400.00", "in_scope_left": "150.00"}),
        # P = 1800; E = 1800, so TCM is 1800: 1700 x .7 + 1700 x .1 = 1360
        (inpatient("county", "3600", "3600", case_price="2000", tcm="3000"),
         {"basic": "1360.00", "cash": "440.00", "hospital": "1800.00"}),
        # no price at tier outside; none for a bill of 0; none for a visit
        (inpatient("outside", "100", "100", case_price="2000", days=4), {"cash": "100.00"}),
        (inpatient("county", "0", "0", case_price="2000"), {}),
        (outpatient("county", "100", "100", case_price="2000"), {"cash": "100.00"}),
        # P = 110,000,000, at most 100,000,000
        (inpatient("township", "1", "1", case_price="100000000"),
         {"basic": "100000000.00", "hospital": "-99999999.00"}),
    ]),
    ("no price outside the payment area", PRICES, {}, [
        # 1900 x .7
        (inpatient("county", "2500", "2000", case_price="2000", days=30), {"basic": "1330.00", "cash": "1170.00"}),
    ]),
    ("the price in the place of B",
     {"guaranteed_share": "60", "guaranteed_basis": "billed", "case_level": {"city": "100"}, "cii_threshold": "0",
      "cii_ratio": ["50"], "cii_excluded_share": "100"}, {"payment_area": True}, [
         # E = P = 1000; guaranteed 600; s = 400, X = 0: CII 200
         (inpatient("city", "2000", "2000", case_price="1000"),
          {"basic": "600.00", "cii": "200.00", "cash": "200.00", "hospital": "1000.00", "in_scope_left": "200.00"}),
         # E = 500; guaranteed 600, at most E; s = 0, X = 500: CII 250
         (inpatient("city", "2000", "1000", case_price="1000"),
          {"basic": "500.00", "cii": "250.00", "cash": "250.00", "hospital": "1000.00", "in_scope_left": "0.00"}),
     ]),
    ("the price on the new drug's and the year's E", PRICES | {"reference_price": "500", "cap_basis": "expense",
                                                               "annual_cap": "1000"}, {"payment_area": True}, [
        # E = 1000 - 200 = 800, q = .8, P = 900: E = 720: 620 x .7; left 720 - 434
        (inpatient("county", "1000", "1000", case_price="1000", new_drug="700"),
         {"basic": "434.00", "cash": "466.00", "hospital": "100.00", "in_scope_left": "286.00"}),
        # E = 900, of the cap 280 are left (720 used): 180 x .7
        (inpatient("county", "1000", "1000", case_price="1000"),
         {"basic": "126.00", "cash": "774.00", "hospital": "100.00", "in_scope_left": "774.00"}),
    ]),

    # step 3, the patient's share on the bill
    ("case price, the patient's share on the bill", ON_THE_BILL | {"annual_cap": "3000"}, {"payment_area": True}, [
        # 1800 x .7 = 1260; hospital 500; the fund pays 760
        (inpatient("county", "2000", "1800", case_price="1500"),
         {"basic": "760.00", "cash": "740.00", "hospital": "500.00", "in_scope_left": "540.00"}),
        # 1260 again; the hospital keeps 1000; the fund pays 2260
        (inpatient("county", "2000", "1800", case_price="3000"),
         {"basic": "2260.00", "cash": "740.00", "hospital": "-1000.00", "in_scope_left": "540.00"}),
        # the cap has 3000 - 2 x 1260 = 480; the hospital bears 1900, at most 480
        (inpatient("county", "2000", "2000", case_price="100"),
         {"cash": "1520.00", "hospital": "480.00", "in_scope_left": "1520.00"}),
    ]),
    ("the price a fen below, at and above the patient's own part", ON_THE_BILL, {"payment_area": True}, [
        (inpatient("county", "1000", "1000", case_price="299.99"), {"cash": "300.00", "hospital": "700.00"}),
        (inpatient("county", "1000", "1000", case_price="300"), {"cash": "300.00", "hospital": "700.00"}),
        (inpatient("county", "1000", "1000", case_price="300.01"),
         {"basic": "0.01", "cash": "300.00", "hospital": "699.99"}),
        (inpatient("county", "1000", "1000", case_price="1000.01"),
         {"basic": "700.01", "cash": "300.00", "hospital": "-0.01"}),
    ]),
    ("later payers see the payment before the price",
     ON_THE_BILL | {"cii_threshold": "0", "cii_ratio": ["50"], "ma_inpatient_ratio": {"dibao": "50"}},
     {"payment_area": True, "group": "dibao"}, [
         # basic 700, s = 300, CII 150, m = 150: 75; at the end hospital 500
         (inpatient("county", "1000", "1000", case_price="500"),
          {"basic": "200.00", "cii": "150.00", "assistance": "75.00", "cash": "75.00", "hospital": "500.00",
           "in_scope_left": "75.00"}),
     ]),

    # step 3c
    ("chronic outpatients",
     {"chronic_list": True, "chronic_deductible": "100", "chronic_ratio": {"county": "60"},
      "chronic_year_limit": "200", "outpatient_ratio": {"county": "50"}, "outpatient_year_limit": "100"}, {}, [
         # a fen of the deductible is left
         (outpatient("county", "99.99", "99.99", chronic=True), {"cash": "99.99"}),
         # .01 x .6 = .006
         (outpatient("county", "0.02", "0.02", chronic=True), {"outpatient": "0.01", "cash": "0.01"}),
         (outpatient("county", "300", "300", chronic=True), {"outpatient": "180.00", "cash": "120.00"}),
         # 60, the limit has 19.99
         (outpatient("county", "120", "100", chronic=True),
          {"outpatient": "19.99", "cash": "100.01", "in_scope_left": "80.01"}),
         # the ordinary limit is whole: 150, at most 100
         (outpatient("county", "300", "300"), {"outpatient": "100.00", "cash": "200.00"}),
         (outpatient("county", "300", "300", chronic=True), {"cash": "300.00"}),
     ]),
    ("chronic outpatients and the annual cap",
     PLAIN | {"chronic_list": True, "chronic_ratio": {"county": "60"}, "outpatient_ratio": {"county": "50"},
              "cap_counts_outpatient": True, "annual_cap": "130"}, {}, [
         (outpatient("county", "100", "100", chronic=True), {"outpatient": "60.00", "cash": "40.00"}),
         (outpatient("county", "100", "100"), {"outpatient": "50.00", "cash": "50.00"}),
         # 60, the cap has 20
         (outpatient("county", "100", "100", chronic=True), {"outpatient": "20.00", "cash": "80.00"}),
         (inpatient("county", "100", "100"), {"cash": "100.00"}),
     ]),
    ("no chronic list", {"chronic_ratio": {"county": "60"}, "outpatient_ratio": {"county": "50"}}, {}, [
        (outpatient("county", "100", "100", chronic=True), {"outpatient": "50.00", "cash": "50.00"}),
    ]),

    # step 4
    ("large-sum supplement above a cap on payments", LARGE_SUM, {}, [
        # p = 1280, p' = 800, c = .375; u = 1600 x .375 = 600; x .9
        (inpatient("county", "2000", "1700"),
         {"basic": "800.00", "supplement": "540.00", "cash": "660.00", "in_scope_left": "360.00"}),
        # p = 800, p' = 0: u = 1000, 900; its own cap has 160
        (inpatient("county", "1100", "1100"), {"supplement": "160.00", "cash": "940.00"}),
        (inpatient("county", "1100", "1100"), {"cash": "1100.00"}),
    ]),
    ("payment at the cap", LARGE_SUM, {}, [
        (inpatient("county", "1100", "1100"), {"basic": "800.00", "cash": "300.00"}),
    ]),
    ("payment a fen above the cap", LARGE_SUM, {}, [
        # base 1000.01, p = 800.008 -> 800.01; u = 1000.01 x .01 / 800.01 = .0125 -> .01; x .9
        (inpatient("county", "1100.01", "1100.01"), {"basic": "800.00", "supplement": "0.01", "cash": "300.00"}),
    ]),
    ("the part cut off is exact", LARGE_SUM, {}, [
        # p = 960; u = 1200 x 160 / 960 = 200; x .9
        (inpatient("county", "1300", "1300"), {"basic": "800.00", "supplement": "180.00", "cash": "320.00"}),
    ]),
    ("supplement above a cap on expense, before CII",
     LARGE_SUM | {"annual_cap": "1000", "cap_basis": "expense", "supplement_ratio": "50", "cii_threshold": "0",
                  "cii_ratio": ["50"]}, {}, [
         # at the cap: 900 x .8; s = 280
         (inpatient("county", "1000", "1000"), {"basic": "720.00", "cii": "140.00", "cash": "140.00"}),
         # u = 500; s = 250
         (inpatient("county", "500", "500"), {"supplement": "250.00", "cii": "125.00", "cash": "125.00"}),
     ]),
    ("a fen above a cap on expense", LARGE_SUM | {"annual_cap": "1000", "cap_basis": "expense",
                                                  "supplement_ratio": "50"}, {}, [
        # u = .01; .005 -> .01
        (inpatient("county", "1000.01", "1000.01"), {"basic": "720.00", "supplement": "0.01", "cash": "280.00"}),
    ]),

    # step 6
    ("commercial cover of what is in scope", COVER | {"commercial_cap": "300"}, {"commercial": True}, [
        # x = 400, less 100, x .5
        (inpatient("county", "1200", "1000"),
         {"basic": "600.00", "commercial": "150.00", "cash": "450.00", "in_scope_left": "250.00"}),
        (inpatient("county", "250", "250"), {"basic": "150.00", "commercial": "50.00", "cash": "50.00"}),
        # 200, the cap has 100
        (inpatient("county", "1000", "1000"), {"basic": "600.00", "commercial": "100.00", "cash": "300.00"}),
    ]),
    ("commercial deductible reached", COVER, {"commercial": True}, [
        (inpatient("county", "250", "250"), {"basic": "150.00", "cash": "100.00"}),
        # nothing is left of the deductible: .02 x .5
        (inpatient("county", "0.05", "0.05"), {"basic": "0.03", "commercial": "0.01", "cash": "0.01"}),
    ]),
    ("commercial deductible passed by a fen", COVER, {"commercial": True}, [
        # basic 150.018; x = 100.01; .01 x .5 = .005
        (inpatient("county", "250.03", "250.03"), {"basic": "150.02", "commercial": "0.01", "cash": "100.00"}),
    ]),
    ("commercial cover of all, before medical assistance",
     COVER | {"commercial_scope": "all", "ma_inpatient_ratio": {"dibao": "100"}},
     {"commercial": True, "group": "dibao"}, [
         # x = 600, 500 x .5 = 250; m = 400 - 250
         (inpatient("county", "1200", "1000"),
          {"basic": "600.00", "commercial": "250.00", "assistance": "150.00", "cash": "200.00",
           "in_scope_left": "0.00"}),
         # x = 4400: 2200, more than the 400 in scope
         (inpatient("county", "5000", "1000"),
          {"basic": "600.00", "commercial": "2200.00", "cash": "2200.00", "in_scope_left": "0.00"}),
     ]),
    ("commercial cover of a listed bill", LISTED | {"commercial_ratio": "100"}, {"commercial": True}, [
        # basis 5000, listed 4000, x = 1000
        (inpatient("city", "6000", "5500", illness="cleft-lip-palate"),
         {"listed": "4000.00", "commercial": "1000.00", "cash": "1000.00", "in_scope_left": "0.00"}),
    ]),
    ("no commercial cover held", COVER, {}, [
        (inpatient("county", "1200", "1000"), {"basic": "600.00", "cash": "600.00"}),
    ]),

    # step 7, ma_take_up
    ("assistance that is claimed",
     PLAIN | {"ma_inpatient_ratio": {"dibao": "70"}, "ma_take_up": "50", "ma_cap": "150"}, {"group": "dibao"}, [
         # .007 -> .01; .005 -> .01
         (inpatient("city", "0.01", "0.01"), {"assistance": "0.01"}),
         # 400 x .7 = 280; x .5
         (inpatient("county", "1000", "1000"),
          {"basic": "600.00", "assistance": "140.00", "cash": "260.00", "in_scope_left": "260.00"}),
         # 140, the cap has 9.99
         (inpatient("county", "1000", "1000"), {"basic": "600.00", "assistance": "9.99", "cash": "390.01"}),
     ]),

    # step 8
    ("account for every bill", PLAIN | {"account_balance": {"active": "100", "retired": "200"}},
     {"member_class": "active"}, [
         (inpatient("county", "150", "150"), {"basic": "90.00", "account": "60.00", "in_scope_left": "60.00"}),
         (outpatient("county", "50", "30"), {"account": "40.00", "cash": "10.00", "in_scope_left": "30.00"}),
         (outpatient("county", "50", "30"), {"cash": "50.00"}),
     ]),
    ("what is left a fen below the account, and a fen above what it then has",
     PLAIN | {"account_balance": {"active": "100"}}, {"member_class": "active"}, [
         (outpatient("county", "99.99", "0"), {"account": "99.99"}),
         (outpatient("county", "0.02", "0"), {"account": "0.01", "cash": "0.01"}),
     ]),
    ("account for visits only", PLAIN | {"account_balance": {"active": "100"}, "account_use": "outpatient"},
     {"member_class": "active"}, [
         (inpatient("county", "150", "150"), {"basic": "90.00", "cash": "60.00"}),
         (outpatient("county", "100", "100"), {"account": "100.00", "in_scope_left": "100.00"}),
     ]),
    ("no account for this class", PLAIN | {"account_balance": {"active": "100"}}, {}, [
        (outpatient("county", "100", "100"), {"cash": "100.00"}),
    ]),

    # step 9
    ("emergency relief", RELIEF, {"group": "dibao"}, [
        # what is left is the patient's ability, then a fen above it: .01 x .9 = .009
        (inpatient("county", "250", "250", emergency=True), {"basic": "150.00", "cash": "100.00"}),
        (inpatient("county", "250.03", "250.03", emergency=True),
         {"basic": "150.02", "relief": "0.01", "cash": "100.00", "in_scope_left": "100.00"}),
        # c = 1400; 1300 x .9; 400 in scope, at most the cash of 230
        (inpatient("county", "2000", "1000", emergency=True),
         {"basic": "600.00", "relief": "1170.00", "cash": "230.00", "in_scope_left": "230.00"}),
        # no emergency
        (inpatient("county", "2000", "1000"), {"basic": "600.00", "cash": "1400.00", "in_scope_left": "400.00"}),
    ]),
    ("relief after the account", RELIEF | {"account_balance": {"adult": "50"}}, {"group": "dibao"}, [
        # c = 200, account 50; (150 - 100) x .9; in scope 200, at most 50 + 105
        (inpatient("county", "500", "500", emergency=True),
         {"basic": "300.00", "account": "50.00", "relief": "45.00", "cash": "105.00", "in_scope_left": "155.00"}),
    ]),
    ("no relief for another group", RELIEF, {"group": "wubao"}, [
        (inpatient("county", "2000", "1000", emergency=True), {"basic": "600.00", "cash": "1400.00"}),
    ]),

    # all the payers on one bill
    ("all payers",
     {"ratio": {"county": ["80"]}, "annual_cap": "4000", "supplement_ratio": "50", "case_level": {"county": "100"},
      "cii_threshold": "1000", "cii_ratio": ["60"], "commercial_ratio": "50", "ma_inpatient_ratio": {"dibao": "50"},
      "ma_take_up": "80", "account_balance": {"adult": "500"}, "relief_groups": ["dibao"],
      "relief_ability": "500", "relief_ratio": "50"},
     {"group": "dibao", "payment_area": True, "commercial": True}, [
         # P = 12000; E = 10000: p = 8000, p' = 4000; u = 10000 x 4000 / 8000 = 5000, supplement 2500;
         # s = 10000 - 6500 = 3500; CII 2500 x .6 = 1500; x = 2000: 1000; m = 1000: 500 x .8 = 400;
         # c = 12000 - 9400 = 2600; account 500; relief (2100 - 500) x .5 = 800; cash 1300; in scope 1000 - 400
         (inpatient("county", "15000", "12500", case_price="12000", emergency=True),
          {"basic": "4000.00", "supplement": "2500.00", "cii": "1500.00", "commercial": "1000.00",
           "assistance": "400.00", "account": "500.00", "relief": "800.00", "cash": "1300.00",
           "hospital": "3000.00", "in_scope_left": "600.00"}),
     ]),
]

WRONG_PLANS = (
    {"no_such": "1"}, {"annual_cap": 1.5}, {"factor": "1.234"}, {"ratio": {"village": ["1"]}},
    {"ratio": {"county": ["1", "2"]}}, {"band_tops": ["2", "1"]}, {"listed": {"flu": "full"}},
    {"case_level": {"village": "1"}}, {"day_price": {"county": "0.001"}}, {"patient_share_base": "cost"},
    {"listed_better": "yes"}, {"reference_price": "-1"}, {"chronic_ratio": {"county": "100.01"}},
    {"supplement_ratio": "101"}, {"commercial_scope": "none"}, {"ma_take_up": "100.01"},
    {"account_balance": {"dibao": "1"}}, {"account_use": "inpatient"}, {"relief_groups": ["poor"]},
    {"relief_ratio": "101"},
)
RIGHT_BILLS = ({"new_drug": "80"}, {"case_price": "100000000"}, {"days": 10000})
WRONG_BILLS = ({"new_drug": "80.01"}, {"case_price": "100000000.01"}, {"days": 10001}, {"days": 0}, {"days": True},
               {"tcm": "80.01"}, {"units": 0}, {"emergency": "yes"}, {"no_such": "1"})
WRONG_PERSONS = ({"payment_area": 1}, {"commercial": "yes"}, {"group": "poor"}, {"no_such": True},
                 {"civil_servant": 1})


def is_refused(action):
    try:
        action()
    except ValueError:
        return True
    return False


def main():
    checked = 0
    for title, plan, person, lines in (*CASES, *real.REAL_CASES):
        slips = settle(read_plan(plan), person, [bill for bill, _ in lines])
        for number, ((_, expected), slip) in enumerate(zip(lines, slips, strict=True), 1):
            assert tuple(slip) == (*PAYERS, IN_SCOPE_LEFT)
            want = {payer: Decimal(expected.get(payer, "0.00")) for payer in PAYERS}
            want[IN_SCOPE_LEFT] = Decimal(expected.get(IN_SCOPE_LEFT, slip[IN_SCOPE_LEFT]))
            assert slip == want, f"{title}, bill {number}: expected {want}, got {slip}"
            checked += 1

    neutral = read_plan({})
    sound = inpatient("county", "100", "80")
    refused = 0
    for plan in (*WRONG_PLANS, *real.WRONG_PLANS):
        assert is_refused(lambda: read_plan(plan)), f"{plan} was not refused"                       # noqa: B023
        refused += 1
    for more in (*WRONG_BILLS, *real.WRONG_BILLS):
        assert is_refused(lambda: settle(neutral, {}, [sound | more])), f"{more} was not refused"   # noqa: B023
        refused += 1
    for person in WRONG_PERSONS:
        assert is_refused(lambda: settle(neutral, person, [sound])), f"{person} was not refused"    # noqa: B023
        refused += 1
    for plan in real.RIGHT_PLANS:
        assert not is_refused(lambda: read_plan(plan)), f"{plan} was refused"                       # noqa: B023
    for more in (*RIGHT_BILLS, *real.RIGHT_BILLS):
        assert not is_refused(lambda: settle(neutral, {}, [sound | more])), f"{more} was refused"   # noqa: B023
    print(f"{checked} bills as worked out by hand, {refused} wrong inputs refused")


if __name__ == "__main__":
    main()
