"""Claims files with stays, families and local tiers, and a judge that tells whether rows in plain Python settle them rightly."""

from __future__ import annotations

import os
import tempfile
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import numpy as np

from simulator.engine.doors import settle_file
from simulator.slip import claim_files, settle
from simulator.tables import PAYERS
from tests.reference.claims import settle_claims
from tests.slip.test_stays_dual import plan_file, random_plan, random_rows, text_of
from tests.support.plain_law import PlainLaw

ROWS, BLOCK = 260, 50
SPLIT = {"new_year": "split"}
FAMILY = SPLIT | {"inpatient": "family", "outpatient": "family"}
APART = SPLIT | {"inpatient": "person", "outpatient": "person", "family_deductible": "2500", "readmission_days": 20}
BY_ADMISSION = {"band_period": "admission"}
FORCED = (       # of a random plan, so that every rule acts somewhere
    (BY_ADMISSION | {"band_basis": "after_deductible"}, FAMILY | {"year_begins": 9, "readmission_days": 20,
                                                                 "readmission_tier": "any"}),
    (BY_ADMISSION | {"band_basis": "eligible"}, FAMILY | {"transfer_deductible": "difference", "readmission_days": 20,
                                                         "readmission_tier": "same"}),
    ({"band_period": "year"}, SPLIT | {"transfer_deductible": "none", "inpatient": "person"}),
    (BY_ADMISSION | {"deductible_kind": "franchise", "order_counted": "tier", "admission_copay": "350"},
     APART | {"transfer_deductible": "difference", "readmission_tier": "any"}),
    (BY_ADMISSION | {"deductible_shared": True, "deductible_year_limit": "2600", "rounding_unit": "jiao"},
     APART | {"transfer_deductible": "difference", "readmission_tier": "same"}),
    (BY_ADMISSION | {"outpatient_deductible_period": "visit", "outpatient_copay": "12", "deductible_shared": True},
     APART | {"transfer_deductible": "none", "family_deductible": "0"}))
FIRST = {"基层": 200, "一级": 500, "三级": 1100, "省部属": 1500}                # deductible of the first of six admissions
LOCAL = f"""\
tiers: {{基层: {{of: township}}, 一级: {{of: township}}, 三级: {{of: city}}, 省部属: {{of: city}}}}
deductible: {{{", ".join(f"{tier}: {list(map(str, range(most, most - 180, -30)))}" for tier, most in FIRST.items())}}}
ratio: {{基层: ["85"], 一级: ["82"], 三级: ["65"], 省部属: ["60"]}}
admission_copay: "90"
deductible_year_limit: "9000"
order_counted: tier
deductible_of: family
new_year: split
readmission_days: 5
transfer_deductible: none
"""


class ClaimsJudge:
    """Settles files of claims by rules in plain Python; expectations are made when it is opened."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.files: list[tuple[str, str]] = []                     # plan file, claims
        slips = []
        for of_plan, of_claims in FORCED:
            (plan, terms), rows = random_plan(rng), random_rows(rng, ROWS)
            plan, terms = plan | of_plan, terms | of_claims
            if "family" in (terms["inpatient"], terms["outpatient"]):
                terms.pop("family_deductible", None)               # which limits deductibles of each person's own
            self.files.append((plan_file(plan, terms), text_of(rows)))
            slips.append([slip for slip in settle_claims(plan, terms, rows) if slip is not None])
        self.files.append((LOCAL, _at_local_tiers(rng)))
        self.right = [_settled(*file) for file in self.files]
        for (written, _), right in zip(self.right, slips, strict=False):
            paid = [line.split(",")[-len(PAYERS):] for line in written.splitlines()[1:]]
            if paid != [[str(slip[payer]) for payer in PAYERS] for slip in right]:
                raise SystemExit("claims are not settled as the reference settles them")

    def kill(self, law: PlainLaw) -> bool:
        """Whether some file comes out otherwise, or is refused for other reasons."""
        with patch.object(settle, "settle_rows", law.rows.settle_rows):
            return any(_settled(*file) != right for file, right in zip(self.files, self.right, strict=True))


def _at_local_tiers(rng: np.random.Generator) -> str:
    """Claims of a plan with tiers of its own."""
    rows = []
    for n, amount in enumerate(rng.integers(1, 5000, ROWS).tolist()):
        day, person = date(2012, 6, 1) + timedelta(n), int(rng.integers(5))
        tier, stay = rng.choice(["基层", "一级", "三级", "省部属"]), f"S{n // 20}" if rng.random() < 0.5 else ""
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
                        level=None, account_balance=None, on_error="skip", encoding="utf-8", columns=[], lang="en",
                        tell=lambda *_: None)
            bad = Path("out.bad.csv")
            return Path("out.csv").read_text(encoding="utf-8-sig"), bad.read_text(encoding="utf-8-sig") if bad.exists() else ""
        finally:
            os.chdir(here)
