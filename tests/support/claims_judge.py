"""Claims files with stays, families and local tiers, and a judge that tells whether rows in plain Python settle them rightly."""

from __future__ import annotations

import os
import tempfile
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import numpy as np

from simulator.claims import files as claim_files
from simulator.claims import settle
from simulator.engine.doors import settle_file
from simulator.parameters.catalogue import ILLNESSES
from simulator.tables import PAYERS
from tests.claims.test_stays_dual import plan_file, random_plan, random_rows, text_of
from tests.reference.claims import settle_claims
from tests.support.plain_law import PlainLaw

ROWS, BLOCK = 260, 50
SPLIT = {"new_year": "split"}
FAMILY = SPLIT | {"inpatient": "family", "outpatient": "family"}
APART = SPLIT | {"inpatient": "person", "outpatient": "person", "family_deductible": "2500", "readmission_days": 20}
BY_ADMISSION = {"band_period": "admission"}
FIRST_ILLNESS = ILLNESSES[0]
LISTED = {"listed": {FIRST_ILLNESS: "full"}, "listed_ratio": {FIRST_ILLNESS: "70"}}
FORCED = (       # of a random plan, so that every rule acts somewhere
    (BY_ADMISSION | {"band_basis": "after_deductible", "order_counted": "tier"},
     FAMILY | {"year_begins": 9, "readmission_days": 20, "readmission_tier": "any"}),
    (BY_ADMISSION | {"band_basis": "eligible"}, FAMILY | {"transfer_deductible": "difference", "readmission_days": 20,
                                                         "readmission_tier": "same"}),
    ({"band_period": "year"}, SPLIT | {"transfer_deductible": "none", "inpatient": "person", "readmission_days": 0}),
    (BY_ADMISSION | {"deductible_kind": "franchise", "order_counted": "tier", "admission_copay": {"county": "350"}},
     APART | {"transfer_deductible": "difference", "readmission_tier": "any"}),
    (BY_ADMISSION | {"deductible_shared": True, "deductible_year_limit": "2600", "rounding_unit": "jiao"},
     APART | {"transfer_deductible": "difference", "readmission_tier": "same"}),
    (BY_ADMISSION | LISTED | {"outpatient_deductible_period": "visit", "outpatient_copay": "12", "deductible_shared": True},
     APART | {"transfer_deductible": "none", "family_deductible": "0"}))
# Deductible of the first of six admissions.
FIRST = {"基层": 200, "一级": 500, "三级": 1100, "省部属": 1500, "外地": 1700, "外省": 1900}
LOCAL = f"""\
tiers: {{基层: {{of: township}}, 一级: {{of: township}}, 三级: {{of: city}}, 省部属: {{of: city}}, 外地: {{of: outside}},
  外省: {{of: outside}}}}
deductible: {{{", ".join(f"{tier}: {list(map(str, range(most, most - 180, -30)))}" for tier, most in FIRST.items())}}}
ratio: {{基层: ["85"], 一级: ["82"], 三级: ["65"], 省部属: ["60"], 外地: ["50"], 外省: ["45"]}}
admission_copay: "90"
deductible_year_limit: "9000"
order_counted: tier
deductible_of: family
new_year: split
readmission_days: 1
transfer_deductible: none
"""
# Plans that do not say how a stay over the turn of the year is settled, and a stay that begins on it; or how a transfer is; and
# one of a civil servant whose stay is split.
UNSAID = (("""\
deductible: {county: ["300", "200"]}
ratio: {county: ["80"]}
readmission_days: 3
readmission_tier: any
""", """\
person,stay,admitted,date,tier,billed,eligible
P1,S1,2013-01-01,2013-01-09,county,1000,1000
P1,S2,2013-12-31,2014-01-01,county,1000,1000
P1,S3,2014-01-01,2014-01-04,county,1000,1000
"""), ("""\
deductible: {county: ["300", "200"], township: ["100", "50"]}
ratio: {county: ["80"], township: ["90"]}
new_year: split
""", """\
person,stay,admitted,date,tier,billed,eligible
P1,S1,2013-01-01,2013-01-09,county,1000,1000
P1,S1,2013-01-10,2013-01-12,township,1000,1000
P1,S2,2013-12-20,2014-01-05,county,1000,1000
"""), ("""\
deductible: {county: ["300", "200"]}
ratio: {county: ["80"]}
civil_ratio: "50"
new_year: split
""", """\
person,civil_servant,stay,admitted,date,tier,billed,eligible
P1,yes,S1,2013-12-20,2014-01-05,county,1000,1000
"""))


# Stays at which the years of persons and families stand in a certain way: a year without bills between two, a stay of the
# year before when the year has begun, one billed twice over the turn of the year; the first stay as the source of another; a
# base that ends where its band does.
TURNS = ({"deductible": {"county": ["300", "200", "100"], "township": ["50", "40", "30"]}, "band_tops": ["3000"],
          "band_basis": "after_deductible", "band_period": "admission", "annual_cap": "4800",
          "ratio": {"county": ["100", "0"], "township": ["90", "10"], "city": ["80", "80"]}},
         FAMILY | {"transfer_deductible": "difference"})
STAYS = """\
P6 F4 H1 2012-01-03 2012-01-05 county 1000
P6 F4 H2 2012-01-06 2012-01-09 county 2900 H1
P6 F4 H2 2012-01-10 2012-01-12 township 500 H1
P0 F0 A1 2012-03-01 2012-03-05 county 1000
P0 F0 A2 2012-03-06 2012-03-09 county 1000 A1
P0 F0 A3 2012-06-01 2012-06-05 county 3200
P0 F0 A4 2012-07-01 2012-07-03 township 700
P1 F0 B1 2012-08-01 2012-08-09 township 900
P0 F0 A5 2014-01-02 2014-01-03 county 500
P0 F0 A6 2013-12-22 2014-01-10 county 2000
P1 F0 B2 2014-01-05 2014-01-11 township 800
P1 F0 B3 2013-12-25 2014-01-12 township 800
P2 F1 C1 2014-01-02 2014-01-13 township 800
P2 F1 C2 2013-12-20 2014-01-14 county 1900
P3 F1 D1 2014-12-20 2014-12-28 county 1111
P3 F1 D1 2014-12-20 2015-01-08 county 2222
P3 F1 D2 2015-02-01 2015-02-08 county 3200
P4 F2 E1 2014-12-20 2014-12-28 city 3800
P4 F2 E1 2014-12-20 2015-01-08 city 8000
P5 F3 G1 2014-12-18 2014-12-24 city 3800
P5 F3 G1 2014-12-29 2015-01-08 city 8000
P7 F5 K1 2013-12-30 2015-01-09 county 1000
P7 F5 K2 2014-01-01 2015-01-10 county 1000
P7 F5 K3 2015-02-02 2015-02-03 county 500
P7 F5 K4 2015-03-02 2015-03-03 county 3000
"""


class ClaimsJudge:
    """Settles files of claims by rules in plain Python; expectations are made when it is opened."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.files: list[tuple[str, str]] = []                     # plan file, claims
        slips = []
        asked = [(TURNS[0] | {"order_counted": order, "band_basis": basis}, TURNS[1], _stays())
                 for order, basis in (("all", "after_deductible"), ("tier", "eligible"))]
        asked.append(({name: {"outside" if tier == "township" else tier: stated for tier, stated in value.items()}
                       if isinstance(value, dict) else value for name, value in asked[1][0].items()}, TURNS[1],
                      [row | {"tier": "outside"} if row["tier"] == "township" else row for row in _stays()]))
        for n, (of_plan, of_claims) in enumerate(FORCED):
            (plan, terms), rows = random_plan(rng), random_rows(rng, ROWS)
            if n % 2 == 0:                                         # nobody has bills in the year before the first stays
                rows = [row for row in rows if row["date"].year > 2012]
            plan, terms = plan | of_plan, terms | of_claims
            rows = [row | {"illness": row["illness"] and next(iter(plan["listed"]))} for row in rows]
            if "family" in (terms["inpatient"], terms["outpatient"]):
                terms.pop("family_deductible", None)               # which limits deductibles of each person's own
            asked.append((plan, terms, rows))
        for plan, terms, rows in asked:
            self.files.append((plan_file(plan, terms), text_of(rows)))
            slips.append([slip for slip in settle_claims(plan, terms, rows) if slip is not None])
        far = [row | {"tier": "外省"} for row in _stays()]
        self.files += [(LOCAL, _at_local_tiers(rng)), (LOCAL.replace("readmission_days: 1\n", ""), text_of(far)), *UNSAID]
        self.right = [_settled(*file) for file in self.files]
        for (written, _), right in zip(self.right, slips, strict=False):
            paid = [line.split(",")[-len(PAYERS):] for line in written.splitlines()[1:]]
            if paid != [[str(slip[payer]) for payer in PAYERS] for slip in right]:
                raise SystemExit("claims are not settled as the reference settles them")

    def kill(self, law: PlainLaw) -> bool:
        """Whether some file comes out otherwise, or is refused for other reasons."""
        with patch.object(settle, "settle_rows", law.rows.settle_rows):
            return any(_settled(*file) != right for file, right in zip(self.files, self.right, strict=True))


def _stays() -> list[dict]:
    """The bills of STAYS."""
    usual = random_rows(np.random.default_rng(0), 1)[0] | {
        "kind": "inpatient", "illness": "lung-cancer", "transferred": False, "transferred_from": "", "member_class": "adult",
        "group": "none", "tcm": "0.00", "first_pay": "0.00", "case_price": "0", "out_of_area": "no",
        "essential": "0.00", "quota_price": "0", "insured_years": 0}
    rows = []
    for line in STAYS.splitlines():
        person, family, stay, admitted, day, tier, amount, *source = line.split()
        rows.append(usual | {"person": person, "family": family, "stay": stay, "admitted": date.fromisoformat(admitted),
                             "date": date.fromisoformat(day), "tier": tier, "billed": f"{amount}.00", "eligible": f"{amount}.00",
                             "transferred_from": "".join(source)})
    return rows


def _at_local_tiers(rng: np.random.Generator) -> str:
    """Claims of a plan with tiers of its own."""
    rows = []
    for n, amount in enumerate(rng.integers(1, 5000, ROWS).tolist()):
        day, person = date(2012, 6, 1) + timedelta(n), int(rng.integers(5))
        tier, stay = rng.choice(list(FIRST)), f"S{n // 20}" if rng.random() < 0.5 else ""
        rows.append(f"P{person},F{person // 2},{stay},{day - timedelta(int(rng.integers(0, 20)))},{day},{tier},"
                    f"{'yes' if rng.random() < 0.1 else 'no'},{amount},{amount}")
    return "person,family,stay,admitted,date,tier,transferred,billed,eligible\n" + "\n".join(rows) + "\n"


def _settled(plan: str, claims: str) -> tuple[str, str]:
    """The text of the output and of the rows refused."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, patch.object(claim_files, "BLOCK", BLOCK):
        os.chdir(folder)
        try:
            Path("plan.yaml").write_text(plan, encoding="utf-8")
            Path("claims.csv").write_text(claims, encoding="utf-8")
            settle_file(Path("claims.csv"), Path("out.csv"), region=None, year=2012, scheme="nrcms", plan=Path("plan.yaml"),
                        level=None, account_balance=None, on_error="skip")
            bad = Path("out.bad.csv")
            return Path("out.csv").read_text(encoding="utf-8-sig"), bad.read_text(encoding="utf-8-sig") if bad.exists() else ""
        finally:
            os.chdir(here)
