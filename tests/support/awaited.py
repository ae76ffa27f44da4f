"""What docs/settlement.md says and the reference does not settle yet: random plans and bills leave it out.

Each entry is tried on the reference itself, so that nothing is left out for longer than it has to be.
"""

from __future__ import annotations

from typing import Any

from tests.reference import settlement

NEW_TERMS = ("annual_cap_step", "annual_cap_most", "band_own_least", "essential_bonus", "outpatient_tcm_bonus",
             "outpatient_essential_bonus", "supplement_tops", "ma_listed_basis", "ma_second_threshold", "ma_second_ratio",
             "ma_second_cap")
# Terms that had one value, or fewer, and a plan by which the reference shows that it takes several.
SEVERAL: dict[str, Any] = {
    "annual_cap": {"child": "1"}, "admission_copay": {"city": "1"}, "tcm_bonus": {"city": "1"}, "guaranteed_share": {"city": "2"},
    "outpatient_deductible": {"city": {"child": "1"}}, "outpatient_copay": {"city": "1"}, "outpatient_visit_limit": {"city": "1"},
    "chronic_deductible": {"child": "1"}, "chronic_year_limit": {"child": "1"}}
FACTS = tuple(name for name in ("essential", "quota_price", "insured_years") if name not in settlement.BILL_KEYS)


def _refused(plan: dict[str, Any]) -> bool:
    try:
        settlement.read_plan(plan)
    except (ValueError, TypeError, AttributeError):
        return True
    return False


def _account_left_out_of_cii() -> bool:
    """Whether CII leaves out what an account has paid first."""
    plan = {"account_order": "first", "account_balance": {"adult": "50"}, "cii_threshold": "10", "cii_ratio": ["50"],
            "cii_counts_outpatient": True}
    bill = {"kind": "outpatient", "tier": "city", "billed": "100", "eligible": "100"}
    return settlement.settle(settlement.read_plan(plan), {}, [bill])[0]["cii"] != settlement.Decimal("45")


TERMS = {name for name in NEW_TERMS if name not in settlement.Plan.__dataclass_fields__}
TERMS |= {"account_order"} if _account_left_out_of_cii() else set()
ONE_VALUE = {name for name, stated in SEVERAL.items() if _refused({name: stated})}


def awaits(plan: dict[str, Any], bills: list[dict[str, Any]] | None = None) -> bool:
    """Whether a plan, or one of the bills, says what the reference does not settle yet."""
    counts = plan.get("cii_counts_outpatient") is True and "account_order" in plan and "account_order" in TERMS
    return (counts or _refused(plan) or bool(plan.keys() & (TERMS - {"account_order"}))
            or any(bill.keys() & set(FACTS) for bill in bills or ()))
