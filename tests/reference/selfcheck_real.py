"""The part of the self-check about the terms that real schedules need; `python -m tests.reference.selfcheck` runs it.

Each expected figure was worked out on paper; the derivation stands next to it.
"""


def inpatient(tier, billed, eligible=None, **more):
    return {"kind": "inpatient", "tier": tier, "billed": billed, "eligible": eligible or billed, **more}


def outpatient(tier, billed, eligible=None, **more):
    return {"kind": "outpatient", "tier": tier, "billed": billed, "eligible": eligible or billed, **more}


FULL = {"ratio": {"county": ["100"], "city": ["100"]}}
SHARED = {"deductible": {"county": ["500"]}, "ratio": {"county": ["60"]}, "deductible_shared": True,
          "outpatient_deductible": {"county": "300", "city": "100"}, "outpatient_ratio": {"county": "50", "city": "50"}}
AWAY = {"deductible": {"city": ["400.01"]}, "ratio": {"city": ["70"]}, "tcm_bonus": "10", "outpatient_ratio": {"city": "50"},
        "chronic_list": True, "chronic_ratio": {"city": "60"}, "out_of_area_factor": "90", "unfiled_factor": "80",
        "out_of_area_deductible_factor": "150", "unfiled_deductible_factor": "200"}
TWO_HALVES = {"band_tops": ["990"], "ratio": {"county": ["85", "90"]}, "rounding_unit": "yuan"}
SECOND_LAYER = {"cii_threshold": "1000", "cii_ratio": ["50"]}
LISTED_LAYER = SECOND_LAYER | {"listed": {"cml": "full"}, "listed_ratio": {"cml": "50"}, "cii_listed_tops": ["1000"],
                               "cii_listed_ratio": ["10", "20"], "cii_cap": "900"}
FIRST = {"ratio": {"county": ["50"]}, "cii_threshold": "0", "cii_ratio": ["50"], "cii_excluded_share": "50"}
CIVIL = {"ratio": {"county": ["60"]}, "civil_deductible": "100", "civil_ratio": "80", "civil_cap": "500",
         "commercial_ratio": "50"}
ACCOUNT = {"outpatient_ratio": {"county": "50"}, "chronic_list": True, "chronic_ratio": {"county": "60"},
           "ratio": {"county": ["60"]}, "account_order": "first"}

REAL_CASES = [
    # step 3a.2: shares, orders, limits
    ("deductible as a share of the admission",
     {"deductible": {"county": ["10%", "400", "5%"]}, "deductible_least": "200", "deductible_most": "900",
      "ratio": {"county": ["50"]}}, {}, [
         # 199.995 -> 200.00, the least; 1799.95 x .5 = 899.975
         (inpatient("county", "1999.95"), {"basic": "899.98", "cash": "1099.97"}),
         # the second one is an amount: 600 x .5
         (inpatient("county", "1000"), {"basic": "300.00", "cash": "700.00"}),
         # 200.005 -> 200.01, a fen above the least; 3800.09 x .5 = 1900.045
         (inpatient("county", "4000.10"), {"basic": "1900.05", "cash": "2100.05"}),
         # the last one stated holds: 1000, at most 900; 19100 x .5
         (inpatient("county", "20000"), {"basic": "9550.00", "cash": "10450.00"}),
         # 7.50, at least 200
         (inpatient("county", "150"), {"cash": "150.00"}),
     ]),
    ("the most goes before the least",
     {"deductible": {"county": ["10%"]}, "deductible_least": "500", "deductible_most": "300", "ratio": {"county": ["50"]}},
     {}, [(inpatient("county", "1000"), {"basic": "350.00", "cash": "650.00"})]),
    ("six orders; a stay that cost nothing uses up none",
     FULL | {"deductible": {"county": ["600", "500", "400", "300", "200", "100"]}}, {}, [
         (inpatient("county", "1000"), {"basic": "400.00", "cash": "600.00"}),
         (inpatient("county", "0"), {}),
         (inpatient("county", "1000"), {"basic": "500.00", "cash": "500.00"}),
         # nothing in scope, but something billed: an admission
         (inpatient("county", "0.01", "0"), {"cash": "0.01"}),
         (inpatient("county", "1000"), {"basic": "700.00", "cash": "300.00"}),
         (inpatient("county", "1000"), {"basic": "800.00", "cash": "200.00"}),
         (inpatient("county", "1000"), {"basic": "900.00", "cash": "100.00"}),
         (inpatient("county", "1000"), {"basic": "900.00", "cash": "100.00"}),
     ]),
    ("admissions counted by tier", FULL | {"deductible": {"county": ["300", "100"], "city": ["500", "200"]},
                                           "order_counted": "tier"}, {}, [
        (inpatient("county", "1000"), {"basic": "700.00", "cash": "300.00"}),
        (inpatient("city", "1000"), {"basic": "500.00", "cash": "500.00"}),
        (inpatient("county", "1000"), {"basic": "900.00", "cash": "100.00"}),
        (inpatient("city", "1000"), {"basic": "800.00", "cash": "200.00"}),
    ]),
    ("deductibles up to a limit of the year", FULL | {"deductible": {"county": ["500"]}, "deductible_year_limit": "700"}, {}, [
        # d is 100, not 500
        (inpatient("county", "100"), {"cash": "100.00"}),
        (inpatient("county", "1000"), {"basic": "500.00", "cash": "500.00"}),
        # 700 - 600
        (inpatient("county", "1000"), {"basic": "900.00", "cash": "100.00"}),
        (inpatient("county", "1000"), {"basic": "1000.00"}),
    ]),
    ("one deductible for stays and visits", SHARED, {}, [
        # 200 of 300 used up
        (outpatient("county", "200"), {"cash": "200.00"}),
        # 500 - 200 = 300; 700 x .6
        (inpatient("county", "1000"), {"basic": "420.00", "cash": "580.00"}),
        # 300 - 200 - 300 < 0
        (outpatient("county", "100"), {"outpatient": "50.00", "cash": "50.00"}),
        # 500 - 300 - 200
        (inpatient("county", "1000"), {"basic": "600.00", "cash": "400.00"}),
    ]),
    ("one deductible, but each visit has its own", SHARED | {"outpatient_deductible_period": "visit"}, {}, [
        # 50 x .5, twice
        (outpatient("county", "350"), {"outpatient": "25.00", "cash": "325.00"}),
        (outpatient("county", "350"), {"outpatient": "25.00", "cash": "325.00"}),
        # visits used up nothing of it: 500 x .6
        (inpatient("county", "1000"), {"basic": "300.00", "cash": "700.00"}),
    ]),
    ("franchise", {"deductible": {"county": ["500"]}, "ratio": {"county": ["80"]}, "deductible_kind": "franchise",
                   "deductible_year_limit": "600"}, {}, [
        (inpatient("county", "500"), {"cash": "500.00"}),
        # a fen above: .80 x 500.01 = 400.008 (100 of the year's limit are left, so D is 100)
        (inpatient("county", "500.01"), {"basic": "400.01", "cash": "100.00"}),
        (inpatient("county", "100"), {"cash": "100.00"}),
        # the limit is used up
        (inpatient("county", "100"), {"basic": "80.00", "cash": "20.00"}),
    ]),
    ("fixed sum of an admission, bands on E",
     {"deductible": {"county": ["300"]}, "admission_copay": "100", "band_tops": ["1000"], "ratio": {"county": ["50", "100"]}},
     {}, [
         # (400, 1000] x .5 + 200
         (inpatient("county", "1200"), {"basic": "500.00", "cash": "700.00"}),
         # k is 50
         (inpatient("county", "350"), {"cash": "350.00"}),
     ]),
    ("fixed sum of an admission, bands after the deductible over the year",
     {"deductible": {"county": ["300"]}, "admission_copay": "100", "band_tops": ["1000"], "ratio": {"county": ["50", "100"]},
      "band_basis": "after_deductible", "band_period": "year", "deductible_waived": ["dibao"]}, {"group": "dibao"}, [
          # no deductible, but the sum: (0, 900] x .5
          (inpatient("county", "1000"), {"basic": "450.00", "cash": "550.00"}),
          # (900, 1100]: 50 + 100
          (inpatient("county", "300"), {"basic": "150.00", "cash": "150.00"}),
      ]),

    # out of area
    ("out of area, filed or not", AWAY, {}, [
        # 600.015 -> 600.02; (1000 x .7 + 500 x .1) x .9
        (inpatient("city", "1600.02", out_of_area="filed", tcm="500"), {"basic": "675.00", "cash": "925.02"}),
        # 800.02; 1000 x .7 x .8
        (inpatient("city", "1800.02", out_of_area="unfiled"), {"basic": "560.00", "cash": "1240.02"}),
        (inpatient("city", "1400.01"), {"basic": "700.00", "cash": "700.01"}),
        # .07 x .7 x .9 = .0441, rounded once
        (inpatient("city", "600.09", out_of_area="filed"), {"basic": "0.04", "cash": "600.05"}),
        # .01 x .5 x .9 = .0045
        (outpatient("city", "0.01", out_of_area="filed"), {"cash": "0.01"}),
        (outpatient("city", "100", out_of_area="unfiled"), {"outpatient": "40.00", "cash": "60.00"}),
        # 60 x .8
        (outpatient("city", "100", out_of_area="unfiled", chronic=1), {"outpatient": "48.00", "cash": "52.00"}),
    ]),

    # ROUND
    ("to the yuan, the sum of the bands", TWO_HALVES, {}, [
        # 841.50 + 211.50
        (inpatient("county", "1225"), {"basic": "1053.00", "cash": "172.00"}),
        # .51 -> 1, at most the base
        (inpatient("county", "0.60"), {"basic": "0.60"}),
    ]),
    ("to the yuan, each band", TWO_HALVES | {"rounding_step": "band"}, {}, [
        (inpatient("county", "1225"), {"basic": "1054.00", "cash": "171.00"}),
    ]),
    ("to the yuan, each band, down", TWO_HALVES | {"rounding_step": "band", "rounding_mode": "down"}, {}, [
        (inpatient("county", "1225"), {"basic": "1052.00", "cash": "173.00"}),
    ]),
    ("each band, TCM apart", TWO_HALVES | {"rounding_step": "band", "tcm_bonus": "10"}, {}, [
        # 842 + 212, and 14.50 -> 15
        (inpatient("county", "1225", tcm="145"), {"basic": "1069.00", "cash": "156.00"}),
    ]),
    ("to the jiao", {"ratio": {"county": ["85"]}, "rounding_unit": "jiao"}, {}, [
        # .51, .85, .5525
        (inpatient("county", "0.60"), {"basic": "0.50", "cash": "0.10"}),
        (inpatient("county", "1.00"), {"basic": "0.90", "cash": "0.10"}),
        (inpatient("county", "0.65"), {"basic": "0.60", "cash": "0.05"}),
    ]),
    ("down to the jiao",
     {"ratio": {"county": ["85"]}, "rounding_unit": "jiao", "rounding_mode": "down"}, {}, [
         (inpatient("county", "1.05"), {"basic": "0.80", "cash": "0.25"}),
     ]),
    ("down to the fen", {"ratio": {"county": ["85"]}, "rounding_mode": "down"}, {}, [
        # 1.045500
        (inpatient("county", "1.23"), {"basic": "1.04", "cash": "0.19"}),
    ]),
    ("guarantee and factor to the yuan", {"guaranteed_share": "60", "factor": "90", "rounding_unit": "yuan"}, {}, [
        # 600.54 -> 601; 540.90 -> 541
        (inpatient("county", "1000.90"), {"basic": "541.00", "cash": "459.90"}),
    ]),
    ("visits to the yuan",
     {"consultation_fee": "10", "consultation_share": "100", "outpatient_ratio": {"township": "50", "county": "90"},
      "rounding_unit": "yuan", "chronic_list": True, "chronic_ratio": {"county": "90"}}, {}, [
         # 9.60 -> 10, at most E
         (outpatient("township", "9.60"), {"outpatient": "9.60"}),
         # 10 + .50 -> 11, of 11
         (outpatient("township", "11"), {"outpatient": "11.00"}),
         # .54 -> 1, at most .60
         (outpatient("county", "0.60"), {"outpatient": "0.60"}),
         # 9.45 -> 9, .90 -> 1 at most 1
         (outpatient("county", "10.50", chronic=True), {"outpatient": "9.00", "cash": "1.50"}),
         (outpatient("county", "0.90", chronic=True), {"outpatient": "0.90"}),
     ]),

    # steps 3b and 3c
    ("visits' deductible by tier, over the year",
     {"outpatient_deductible": {"county": "100", "city": "300"}, "outpatient_ratio": {"county": "50", "city": "50"}}, {}, [
         (outpatient("county", "100"), {"cash": "100.00"}),
         # 300 - 100
         (outpatient("city", "400"), {"outpatient": "100.00", "cash": "300.00"}),
         (outpatient("county", "100"), {"outpatient": "50.00", "cash": "50.00"}),
     ]),
    ("fixed sum of a visit",
     {"outpatient_copay": "10", "outpatient_ratio": {"county": "50"}, "outpatient_deductible": "20",
      "outpatient_deductible_period": "visit"}, {}, [
          # 100 - 20 - 10
          (outpatient("county", "100"), {"outpatient": "35.00", "cash": "65.00"}),
          (outpatient("county", "25"), {"cash": "25.00"}),
          (outpatient("county", "30.01"), {"outpatient": "0.01", "cash": "30.00"}),
      ]),
    ("visits of a class", {"outpatient_ratio": {"county": {"retired": "70"}}, "outpatient_year_limit": {"retired": "100"}},
     {"member_class": "retired"}, [
         (outpatient("county", "100"), {"outpatient": "70.00", "cash": "30.00"}),
         (outpatient("county", "100"), {"outpatient": "30.00", "cash": "70.00"}),
     ]),
    ("visits of another class", {"outpatient_ratio": {"county": {"retired": "70", "active": "60"}},
                                 "outpatient_year_limit": {"retired": "100"}},
     {"member_class": "active"}, [(outpatient("county", "1000"), {"outpatient": "600.00", "cash": "400.00"})]),
    ("groups of chronic diseases",
     {"chronic_list": True, "chronic_groups": ["hypertension", "dialysis"], "chronic_deductible": {"hypertension": "100"},
      "chronic_ratio": {"hypertension": {"county": "50"}, "dialysis": {"county": {"adult": "90", "retired": "95"}}},
      "chronic_year_limit": {"dialysis": "200"}}, {}, [
         (outpatient("county", "300", chronic=True), {"outpatient": "100.00", "cash": "200.00"}),
         (outpatient("county", "100", chronic=2), {"outpatient": "90.00", "cash": "10.00"}),
         # 180, of 200 there are 110 left
         (outpatient("county", "200", chronic=2), {"outpatient": "110.00", "cash": "90.00"}),
         # no limit for the first group, whose deductible is used up
         (outpatient("county", "1000", chronic=1), {"outpatient": "500.00", "cash": "500.00"}),
     ]),
    ("each group for itself", {"chronic_list": True, "chronic_ratio": {"county": "50"}, "chronic_deductible": "100"}, {}, [
        (outpatient("county", "150", chronic=1), {"outpatient": "25.00", "cash": "125.00"}),
        (outpatient("county", "150", chronic=4), {"outpatient": "25.00", "cash": "125.00"}),
        (outpatient("county", "150", chronic=4), {"outpatient": "75.00", "cash": "75.00"}),
    ]),

    # ratios of a class
    ("a class bears a share of what it would bear",
     {"ratio": {"county": ["77.77"], "city": {"retired": ["80"]}}, "class_own_share": {"retired": "50"}},
     {"member_class": "retired"}, [
         # 22.23 / 2 = 11.115 -> 11.12
         (inpatient("county", "10000"), {"basic": "8888.00", "cash": "1112.00"}),
         (inpatient("city", "1000"), {"basic": "900.00", "cash": "100.00"}),
         # not stated
         (inpatient("outside", "1000"), {"cash": "1000.00"}),
     ]),

    # step 3 and 4: exact quotients
    ("the scope of a price on half a fen", {"ratio": {"county": ["100"]}, "case_level": {"county": "100"}},
     {"payment_area": True}, [
         # 1.00 x 1.01 / 2.00 = .505
         (inpatient("county", "2", "1.01", case_price="1"), {"basic": "0.51", "cash": "0.49", "hospital": "1.00"}),
     ]),
    ("large-sum supplement on 5,000,000",
     {"ratio": {"county": ["100"]}, "annual_cap": "81818.18", "supplement_ratio": "90"}, {}, [
         # u = 4918181.82
         (inpatient("county", "5000000"), {"basic": "81818.18", "supplement": "4426363.64", "cash": "491818.18"}),
     ]),

    # steps 0 and 2a: first pay
    ("first pay, new drug and out of area", {"ratio": {"county": ["60"], "outside": ["60"]}, "reference_price": "100",
                                             "outside_first_pay": "10", "listed": {"cml": "full"},
                                             "listed_ratio": {"cml": "80"}}, {}, [
        (inpatient("county", "1000", "800", first_pay="300"), {"basic": "300.00", "cash": "700.00", "in_scope_left": "200.00"}),
        # (800 - 300) x .9 = 450
        (inpatient("outside", "1000", "800", first_pay="300"), {"basic": "270.00", "cash": "730.00"}),
        # 800 - 600 = 200, all of it paid before the rules
        (inpatient("county", "1000", "800", new_drug="700", first_pay="300"), {"cash": "1000.00", "in_scope_left": "0.00"}),
        # a listed bill too
        (inpatient("county", "1000", "800", first_pay="300", illness="cml"), {"listed": "400.00", "cash": "600.00"}),
    ]),
    ("CII without first pay", FIRST, {}, [
        # E = 600; s = 300, X = 400; c = 500
        (inpatient("county", "1000", "800", first_pay="200"), {"basic": "300.00", "cii": "250.00", "cash": "450.00"}),
    ]),
    ("CII with first pay", FIRST | {"cii_counts_first_pay": True, "outside_first_pay": "10", "ratio": {"county": ["50"],
                                                                                                       "outside": ["50"]}}, {}, [
        # c = 300 + 200 + 100
        (inpatient("county", "1000", "800", first_pay="200"), {"basic": "300.00", "cii": "300.00", "cash": "400.00"}),
        # E = 540, f = 260: c = 270 + 260 + 100 = 630
        (inpatient("outside", "1000", "800", first_pay="200"), {"basic": "270.00", "cii": "315.00", "cash": "415.00"}),
    ]),

    # step 5
    ("CII of a group", SECOND_LAYER | {"cii_threshold_share": {"dibao": "50"}, "cii_ratio_bonus": {"dibao": "10"}},
     {"group": "dibao"}, [
         # (500, 2000] x .6; a fen below and above the threshold first
         (inpatient("county", "499.99"), {"cash": "499.99"}),
         (inpatient("county", "0.02"), {"cii": "0.01", "cash": "0.01"}),
         (inpatient("county", "1499.99"), {"cii": "899.99", "cash": "600.00"}),
     ]),
    ("CII of another group", SECOND_LAYER | {"cii_threshold_share": {"dibao": "50"}, "cii_ratio_bonus": {"dibao": "60"}}, {}, [
        (inpatient("county", "2000"), {"cii": "500.00", "cash": "1500.00"}),
    ]),
    ("CII's bands counted from the threshold",
     SECOND_LAYER | {"cii_tops_from": "threshold", "cii_tops": ["1000"], "cii_ratio": ["50", "60"]}, {}, [
         # 1000 x .5 + 500 x .6
         (inpatient("county", "2500"), {"cii": "800.00", "cash": "1700.00"}),
     ]),
    ("CII's bands counted from zero", SECOND_LAYER | {"cii_tops": ["2000"], "cii_ratio": ["50", "60"]}, {}, [
        # 1000 x .5 + 500 x .6, then (2500, 2600] x .6
        (inpatient("county", "2500"), {"cii": "800.00", "cash": "1700.00"}),
        (inpatient("county", "100"), {"cii": "60.00", "cash": "40.00"}),
    ]),
    ("CII's own schedule for listed bills", LISTED_LAYER, {}, [
        # s = 1500: 100 + 100
        (inpatient("county", "3000", illness="cml"), {"listed": "1500.00", "cii": "200.00", "cash": "1300.00"}),
        # F(2000) = 500
        (inpatient("county", "2000"), {"cii": "500.00", "cash": "1500.00"}),
        # G(3000) = 100 + 400; 1000, at most 900
        (inpatient("county", "3000", illness="cml"), {"listed": "1500.00", "cii": "200.00", "cash": "1300.00"}),
    ]),
    ("CII's own schedule, without another", {"listed": {"cml": "full"}, "cii_listed_ratio": ["10"]}, {}, [
        (inpatient("county", "3000", illness="cml"), {"cii": "300.00", "cash": "2700.00"}),
        (inpatient("county", "3000"), {"cash": "3000.00"}),
    ]),

    # steps 5a and 6
    ("civil servants' supplement before commercial cover", CIVIL, {"civil_servant": True, "commercial": True}, [
        # (400 - 100) x .8 = 240; 160 x .5
        (inpatient("county", "1200", "1000"), {"basic": "600.00", "commercial": "320.00", "cash": "280.00",
                                               "in_scope_left": "80.00"}),
        # 320, at most 260; 140 x .5
        (inpatient("county", "1000"), {"basic": "600.00", "commercial": "330.00", "cash": "70.00"}),
    ]),
    ("civil servants' supplement on all", CIVIL | {"civil_scope": "all"}, {"civil_servant": True}, [
        # (600 - 100) x .8
        (inpatient("county", "1200", "1000"), {"basic": "600.00", "commercial": "400.00", "cash": "200.00",
                                               "in_scope_left": "0.00"}),
    ]),
    ("no civil servant", CIVIL, {}, [(inpatient("county", "1200", "1000"), {"basic": "600.00", "cash": "600.00"})]),

    # step 7
    ("assistance by group", {"ma_inpatient_ratio": {"dibao": "50", "low_income": "50"}, "ma_cap": {"dibao": "450"},
                             "ma_deductible": {"dibao": "100", "low_income": "500"}}, {"group": "dibao"}, [
        (inpatient("county", "900"), {"assistance": "400.00", "cash": "500.00"}),
        (inpatient("county", "900"), {"assistance": "50.00", "cash": "850.00"}),
    ]),
    ("assistance of the other group", {"ma_inpatient_ratio": {"dibao": "50", "low_income": "50"}, "ma_cap": {"dibao": "450"},
                                       "ma_deductible": {"dibao": "100", "low_income": "500"}}, {"group": "low_income"}, [
        (inpatient("county", "9000"), {"assistance": "4250.00", "cash": "4750.00"}),
    ]),

    # step 2b
    ("the account before the pool", ACCOUNT | {"account_balance": {"adult": "100"}}, {}, [
        # a = 100; (150 - 100) x .5
        (outpatient("county", "200", "150"), {"outpatient": "25.00", "account": "100.00", "cash": "75.00",
                                              "in_scope_left": "25.00"}),
        (outpatient("county", "100"), {"outpatient": "50.00", "cash": "50.00"}),
    ]),
    ("the account before the pool, and what is left of it last", ACCOUNT | {"account_balance": {"adult": "1000"}}, {}, [
        # a = 150, then 50 out of scope
        (outpatient("county", "200", "150"), {"account": "200.00", "in_scope_left": "0.00"}),
        # neither a chronic visit nor an admission
        (outpatient("county", "100", chronic=1), {"outpatient": "60.00", "account": "40.00"}),
        (inpatient("county", "1000"), {"basic": "600.00", "account": "400.00"}),
    ]),
    ("the better of two terms knows no account before the pool",
     ACCOUNT | {"account_balance": {"adult": "50"}, "listed": {"cml": "full"}, "listed_ratio": {"cml": "30"},
                "listed_better": True}, {}, [
         (outpatient("county", "100", illness="cml"), {"listed": "50.00", "account": "50.00"}),
     ]),
]

WRONG_PLANS = (
    {"deductible": {"county": ["1"] * 7}}, {"deductible": {"county": []}}, {"deductible": {"county": {"adult": ["10%"]}}},
    {"deductible": {"county": ["101%"]}}, {"deductible_share": {"county": ["10"]}}, {"deductible_kind": "none"},
    {"deductible_most": "-1"}, {"order_counted": "year"}, {"rounding_unit": "mao"}, {"rounding_mode": "up"},
    {"rounding_step": "year"}, {"out_of_area_deductible_factor": "1000.01"}, {"out_of_area_factor": "101"},
    {"outpatient_deductible": {"village": "1"}}, {"outpatient_year_limit": {"dibao": "1"}}, {"class_own_share": {"adult": "101"}},
    {"chronic_groups": ["a", "b", "c", "d", "e"]}, {"chronic_groups": ["a", "a"]}, {"chronic_groups": ["county"]},
    {"chronic_deductible": {"a": "1"}}, {"chronic_ratio": {"1": {"county": "1"}, "county": "1"}},
    {"cii_listed_ratio": ["1", "2"]}, {"cii_tops_from": "one"}, {"civil_scope": "none"}, {"account_order": "second"},
    {"ma_cap": {"adult": "1"}}, {"annual_cap": {"dibao": "1"}}, {"annual_cap_step": "unlimited"}, {"annual_cap_most": "-1"},
    {"admission_copay": {"adult": "1"}}, {"tcm_bonus": {"village": "1"}}, {"guaranteed_share": {"city": "100.01"}},
    {"band_own_least": "1"}, {"band_own_least": ["1", "2"]}, {"band_tops": ["5"], "band_own_least": ["1"]},
    {"essential_bonus": {"adult": "1"}}, {"outpatient_essential_bonus": {"city": "1"}},
    {"outpatient_deductible": {"adult": "1", "city": "2"}}, {"outpatient_deductible": {"adult": {"city": "2"}}},
    {"outpatient_visit_limit": {"adult": "1"}}, {"chronic_groups": ["adult"]}, {"chronic_groups": ["2"]},
    {"chronic_deductible": {"adult": "1", "2": "2"}}, {"chronic_year_limit": {"2": {"county": "2"}}},
    {"supplement_tops": ["1"], "supplement_ratio": "1"}, {"supplement_ratio": ["1", "2"]}, {"cii_tops": ["1"], "cii_ratio": "1"},
    {"ma_listed_basis": "billed"}, {"ma_second_ratio": "1"}, {"ma_second_threshold": "unlimited"},
)
RIGHT_PLANS = ({"class_own_share": {"adult": "50%"}}, {"ratio": {"county": ["0.75%"]}}, {"unfiled_deductible_factor": "1000"},
               {"chronic_groups": ["a"], "chronic_ratio": {"a": {"county": "1"}}}, {"deductible": {"county": ["0%", "5"]}},
               {"cii_ratio": "50"}, {"supplement_ratio": ["50"]},
               {"annual_cap": {}}, {"outpatient_deductible": {"city": {"adult": "1"}, "county": "2"}},
               {"chronic_deductible": {"2": {"adult": "1"}, "3": "5"}}, {"chronic_year_limit": {"adult": "unlimited"}})
WRONG_BILLS = ({"first_pay": "80.01"}, {"out_of_area": "yes"}, {"chronic": 5}, {"chronic": -1}, {"chronic": "yes"},
               {"essential": "80.01"}, {"quota_price": "100000000.01"}, {"insured_years": 101}, {"insured_years": -1},
               {"insured_years": True})
RIGHT_BILLS = ({"first_pay": "80"}, {"chronic": 4}, {"chronic": True}, {"out_of_area": "filed"}, {"essential": "80"},
               {"quota_price": "100000000"}, {"insured_years": 100})
