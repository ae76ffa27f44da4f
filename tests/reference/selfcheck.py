"""Self-check of the reference settlement, run by hand: `python -m tests.reference.selfcheck`.

Each expected figure was worked out on paper; the derivation stands next to it. Parts not named are 0.00.
"""

from decimal import Decimal

from tests.reference.settlement import PAYERS, read_plan, settle


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
         (inpatient("county", "500", "450"), {"cash": "500.00"}),
     ]),
]


def main():
    checked = 0
    for title, plan, person, lines in CASES:
        slips = settle(read_plan(plan), person, [bill for bill, _ in lines])
        for number, ((_, expected), slip) in enumerate(zip(lines, slips, strict=True), 1):
            want = {payer: Decimal(expected.get(payer, "0.00")) for payer in PAYERS}
            assert slip == want, f"{title}, bill {number}: expected {want}, got {slip}"
            checked += 1
    for wrong in ({"no_such": "1"}, {"annual_cap": 1.5}, {"factor": "1.234"}, {"ratio": {"village": ["1"]}},
                  {"ratio": {"county": ["1", "2"]}}, {"band_tops": ["2", "1"]}, {"listed": {"flu": "full"}}):
        try:
            read_plan(wrong)
        except ValueError:
            continue
        raise AssertionError(f"{wrong} was not refused")
    print(f"{checked} bills as worked out by hand")


if __name__ == "__main__":
    main()
