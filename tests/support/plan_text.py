"""A Plan turned back into the mapping of docs/plan-example.yaml, so that the reference can settle under it."""

from __future__ import annotations

import numpy as np

from simulator.money import UNLIMITED, yuan
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.plan import Plan

AMOUNTS = ("consultation_fee", "outpatient_deductible", "chronic_deductible", "commercial_deductible", "ma_deductible",
           "relief_ability")
LIMITS = ("annual_cap", "reference_price", "outpatient_visit_limit", "outpatient_year_limit", "chronic_year_limit",
          "supplement_cap", "cii_threshold", "cii_cap", "commercial_cap", "ma_cap")
RATIOS = ("primary_bonus", "outside_penalty", "unreferred_penalty", "tcm_bonus", "guaranteed_share", "factor",
          "consultation_share", "supplement_ratio", "cii_excluded_share", "commercial_ratio", "ma_take_up", "relief_ratio")
FLAGS = ("cap_counts_outpatient", "listed_better", "listed_outside_cap", "chronic_list", "cii_counts_outpatient",
         "cii_listed_only", "ma_listed_waives_deductible", "ma_listed_outside_cap")
CHOICES = {"band_basis": ("band_basis", "eligible", "after_deductible"),
           "band_period": ("band_period", "admission", "year"),
           "guaranteed_basis": ("guaranteed_basis", "eligible", "billed"),
           "cap_basis": ("cap_basis", "payment", "expense"),
           "patient_share_base": ("patient_share_base", "price", "billed"),
           "commercial_scope": ("commercial_scope", "in_scope", "all"),
           "account_use": ("account_use", "all", "outpatient")}
KEYED_RATIOS = {"listed_ratio": ILLNESSES, "case_level": TIERS, "outpatient_ratio": TIERS, "chronic_ratio": TIERS,
                "ma_inpatient_ratio": GROUPS, "ma_outpatient_ratio": GROUPS, "ma_listed_ratio": GROUPS}
KEYED_AMOUNTS = {"quota": ILLNESSES, "day_price": TIERS, "account_balance": CLASSES}
GROUP_LISTS = {"deductible_waived": "deductible_waived", "relief_groups": "relief_groups"}


def limit_text(amount: int) -> str:
    """Fen as yuan text, or `unlimited`."""
    return "unlimited" if amount == UNLIMITED else yuan(amount)


def percent_text(ratio: int) -> str:
    """A ratio in 1/10,000 as percent text with two decimals, exactly: both are hundredths of what is written."""
    return yuan(ratio)


def _texts(values: np.ndarray, text) -> list[str]:
    return [text(value) for value in values.tolist()]


def _keyed(values: np.ndarray, keys: tuple[str, ...], text) -> dict[str, str]:
    return {key: text(value) for key, value in zip(keys, values.tolist(), strict=True)}


def plan_text(plan: Plan) -> dict:
    """The plan as amounts in yuan and ratios in percent, both text, without loss but for the terms that plan files do not state.

    Every schedule is written out by tier and member class. ValueError if the last top is not without
    limit, which a mapping cannot say; the places behind it must not be there.
    """
    for name in ("band_tops", "cii_tops"):
        if getattr(plan, name)[-1] != UNLIMITED:
            raise ValueError(f"the last of {name} is {getattr(plan, name)[-1]} fen, not without limit")
    text = {name: yuan(getattr(plan, name)) for name in AMOUNTS}
    text |= {name: limit_text(int(getattr(plan, name))) for name in LIMITS}
    text |= {name: percent_text(getattr(plan, name)) for name in RATIOS}
    text |= {name: bool(getattr(plan, name)) for name in FLAGS}
    text |= {name: words[int(getattr(plan, field))] for field, (name, *words) in CHOICES.items()}
    text |= {name: _keyed(getattr(plan, name), keys, percent_text) for name, keys in KEYED_RATIOS.items()}
    text |= {name: _keyed(getattr(plan, name), keys, yuan) for name, keys in KEYED_AMOUNTS.items()}
    text |= {name: [group for group, there in zip(GROUPS, getattr(plan, field), strict=True) if there]
             for field, name in GROUP_LISTS.items()}
    return text | {
        "deductible": {tier: {member: _texts(plan.deductible[t, :, c], yuan) for c, member in enumerate(CLASSES)}
                       for t, tier in enumerate(TIERS)},
        "band_tops": _texts(plan.band_tops[:-1], yuan),
        "ratio": {tier: {member: _texts(plan.ratio[t, c], percent_text) for c, member in enumerate(CLASSES)}
                  for t, tier in enumerate(TIERS)},
        "listed": _keyed(plan.listed, ILLNESSES, ("none", "full", "pilot").__getitem__),
        "quota_kind": _keyed(plan.quota_kind, ILLNESSES, ("limit", "package").__getitem__),
        "cii_tops": _texts(plan.cii_tops[:-1], yuan),
        "cii_ratio": _texts(plan.cii_ratio, percent_text),
    }
