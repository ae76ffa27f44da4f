"""Plan files over a region's rules, as policies of a simulation have them and `--region` with `--plan`: whose rules hold, and how
bills of a simulation fall to local tiers (docs/scenarios.md).

A plan file takes the place of the region's rules topic by topic: of a topic of which the file states anything, everything is the
file's, and what it leaves out does nothing; topics of which it states nothing remain the region's. So do the payment of hospitals
and who holds commercial cover, and the terms of care tiers and classes for which the file states no ratio.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from simulator.dimensions import DIMENSIONS
from simulator.plan import TERMS, Plan

from .catalogue import SCHEMES, TIERS
from .claims_terms import CLAIMS_KEYS, OF_A_REGION, ClaimsTerms, LocalTier
from .errors import InputError, nearest, one_of
from .merged import on_bands
from .names import canonical
from .planfile import PlanFile, plan_of_text, text_of_plan
from .stated import RATIO_KEYS
from .values import Entry

ALL_BITS = 1 << 32
OF_ADMISSION = "inpatient"
OF_A_STATED = ("plan", "share")
# Terms of a care tier beside its ratio, by the place of the ratio in RATIO_KEYS; they go with it where the file states none.
BESIDE_RATIO = ("deductible",), ("outpatient_deductible",), ()
REGIONS_OWN = ("pilot_counties", "payment_counties", "commercial_share", "secondary_threshold")


def topic_of(name: str) -> str:
    """The topic that a term belongs to; one that no parameter states is of admissions, or of the civil servants' layer."""
    if TERMS[name].path:
        return TERMS[name].path.partition(".")[0]
    return "civil" if name.startswith("civil_") else OF_ADMISSION


def stated_texts(plans: Mapping[str, object]) -> dict[str, str]:
    """`stated_text` of each scheme, by its canonical name."""
    made = {canonical("scheme", scheme): stated for scheme, stated in plans.items()}
    return {scheme: stated_text(stated, scheme) for scheme, stated in made.items()}


def stated_text(stated: object, scheme: str) -> str:
    """The plan of a scheme as the text that a manifest keeps: from a name, a path, such a text, or {plan: NAME, share: {tier:
    percent}}. InputError for what is no plan that a simulation can settle."""
    shares: Mapping[str, object] = {}
    if isinstance(stated, Mapping) and stated.keys() <= set(OF_A_STATED) and "plan" in stated:
        shares = _shares(stated.get("share", {}), scheme)
        stated = stated["plan"]
    if isinstance(stated, Mapping):
        stated = json.dumps(stated, ensure_ascii=False, default=str)
    if not isinstance(stated, (str, Path)):
        raise InputError(f"plans.{scheme}: not a plan:", value=repr(stated),
                         expected="the name of a shipped plan, the path of a plan file, or {plan: NAME, share: {tier: percent}}")
    text = str(stated) if str(stated).lstrip().startswith("{") else text_of_plan(Path(stated))
    data: dict[str, Any] = json.loads(text)
    for tier, share in shares.items():
        known = data.get("tiers", {})
        if tier not in known:
            raise InputError(f"plans.{scheme}.share: unknown tier", value=tier, expected=one_of(known) or "a plan with `tiers`",
                             suggestion=nearest(tier, known))
        known[tier] = {**known[tier], "share": str(share)}
    text = json.dumps(data, ensure_ascii=False)
    _check(read(text), data, scheme)
    return text


def _shares(stated: object, scheme: str) -> Mapping[str, object]:
    if not isinstance(stated, Mapping):
        raise InputError(f"plans.{scheme}.share: not a mapping:", value=repr(stated), expected="{tier: percent, ...}")
    return stated


def with_text(entry: Entry, folder: Path) -> Entry:
    """An entry of a region's plans.yaml with the text of the plan that it names: of a file in `folder`/plans, or else one that is
    shipped; a path is one from `folder` on, `none` an empty text. InputError with the entry's place, or that in the plan."""
    if entry.data == "none":
        return replace(entry, data="")
    if entry.alternatives:
        raise InputError("alternatives to a plan file:", value=entry.alternatives[0][0], expected="none: policies with `plans`",
                         file=entry.file, line=entry.line, column=entry.column)
    said = {"plan": entry.data} if isinstance(entry.data, str) else dict(entry.data)
    name = Path(said["plan"])
    own = folder / name if name.suffix or len(name.parts) > 1 else folder / "plans" / f"{name}.yaml"
    said["plan"] = str(own if os.path.lexists(own) or name.suffix or len(name.parts) > 1 else name)
    try:
        return replace(entry, data=stated_text(said, entry.path.split(".")[1]))
    except InputError as error:
        if error.file is None:
            error.file, error.line, error.column = entry.file, entry.line, entry.column
        raise


@lru_cache(maxsize=256)
def read(text: str) -> PlanFile:
    """The plan of a text that a manifest keeps."""
    return plan_of_text(text, "the policy's plan")


def _check(plan: PlanFile, data: Mapping[str, Any], scheme: str) -> None:
    """Refuse what a simulation cannot settle as it is written. InputError names the key and the reason."""
    def refuse(key: str, why: str, expected: str) -> InputError:
        return InputError(f"plans.{scheme}: {key}: {why}", value=str(data[key])[:60], expected=expected)

    if scheme not in SCHEMES:
        raise InputError("plans: unknown scheme", value=scheme, expected=one_of(SCHEMES), suggestion=nearest(scheme, SCHEMES))
    if plan.about is not None and plan.about.scheme in SCHEMES and plan.about.scheme != scheme:
        raise InputError(f"plans.{scheme}: the plan says that it is one of", value=plan.about.scheme, expected=scheme,
                         next_step=f"plans: {{{plan.about.scheme}: ...}}")
    for key in data:
        if key in CLAIMS_KEYS and key != "tiers":
            raise refuse(key, "a simulation has calendar years, whole stays and persons' deductibles", "a plan without it")
    check_over_region(data, f"plans.{scheme}", *(f"a change of {topic}.{scheme}.* under `changes`" for topic in (
        "payment", "account")))
    for care, name in enumerate(TIERS):
        local = tiers_of(plan, care)
        if len(local) > 1 and data.get("order_counted") == "tier":
            raise refuse("order_counted", f"a simulation counts admissions by care tier, and {name} has several local tiers",
                         "order_counted: all, or one local tier of each care tier")
        if len(local) > 1 and any(tier.share is None for tier in local):
            each = ", ".join(f"{tier.name}: PERCENT" for tier in local)
            raise InputError(f"plans.{scheme}: how bills at {name} fall to its local tiers is not stated:",
                             value=", ".join(tier.name for tier in local), expected="a share of each in percent",
                             next_step=f"plans: {{{scheme}: {{plan: NAME, share: {{{each}}}}}}}")


def check_over_region(data: Mapping[str, Any], where: str, of_payment: str, of_account: str) -> None:
    """Refuse what a plan file states that cannot stand over a region's rules. InputError names `where`, the key and the reason;
    `of_payment` and `of_account` are what to write in place of rules on the payment of hospitals and of an account's balance."""
    for key in data:
        if key in TERMS and topic_of(key) == "payment":
            raise InputError(f"{where}: {key}: how hospitals are paid is the region's", value=str(data[key])[:60],
                             expected=of_payment)
        if key == "account_balance":
            raise InputError(f"{where}: {key}: what accounts hold is the fund's reckoning", value=str(data[key])[:60],
                             expected=of_account)
    if OF_ADMISSION in topics(data) and "ratio" not in data:
        raise InputError(f"{where}: rules of admissions without a ratio:",
                         value=one_of(key for key in data if key in TERMS and topic_of(key) == OF_ADMISSION), expected="`ratio`")


def topics(data: Mapping[str, Any]) -> set[str]:
    """The topics of which a plan file states something."""
    return {topic_of(key) for key in data if key in TERMS} | {OF_ADMISSION for key in data if key == "class_own_share"}


def whole(plan: PlanFile) -> bool:
    """Whether a plan file states the ratio of every admission; a row of terms beyond the local tiers of a care tier has none."""
    rows = [max(len(tiers_of(plan, care)), 1) for care in range(len(TIERS))]
    gaps = any(kind == 0 and row < rows[tier] for row, kind, _, tier, _ in plan.claims.unstated)
    return "ratio" in plan.claims.said and not gaps


def tiers_of(plan: PlanFile, care: int) -> list[LocalTier]:
    """The local tiers of a care tier, in the order of their rows."""
    return sorted((tier for tier in plan.claims.tiers if tier.care == care), key=lambda tier: tier.row)


def thresholds(plan: PlanFile) -> np.ndarray:
    """The cumulative 2^32 thresholds int64[T, rows] by which a bill's random bits choose among the local tiers of its care tier:
    each is the cumulative share x 2^32, rounded half up."""
    found = np.full((len(TIERS), plan.claims.rows), ALL_BITS, dtype=np.int64)
    for care in range(len(TIERS)):
        total = Decimal(0)
        for tier in tiers_of(plan, care):
            total += Decimal(100) if tier.share is None else tier.share
            found[care, tier.row] = int(total * ALL_BITS / 100 + Decimal("0.5"))
    return found


def plans_over(region: Plan, text: str) -> list[Plan]:
    """The region's plan with a plan file in the place of its topics, one for each row of local tiers. InputError where the bands
    of both are too many."""
    return laid_over(region, read(text), topics(json.loads(text)))


def laid_over(region: Plan, plan: PlanFile, stated: set[str]) -> list[Plan]:
    """`plans_over`, of a plan file that has been read and the topics that are `stated` there."""
    return [_over(region, plan, row, stated) for row in range(plan.claims.rows)]


def claims_over(plan: PlanFile) -> ClaimsTerms:
    """What is said of whole claims where a plan file stands over a region: the file's, and what it leaves out the region's; so
    are care tiers of which the file has no local one."""
    own = plan.claims
    cared = {tier.care for tier in own.tiers}
    others = [LocalTier(name, care, 0) for care, name in enumerate(TIERS) if own.tiers and care not in cared]
    left_out = {field.name: getattr(OF_A_REGION, field.name) for field in fields(own) if getattr(own, field.name) is None}
    return replace(own, **left_out, tiers=(*own.tiers, *others), unstated=frozenset())


def _over(region: Plan, plan: PlanFile, row: int, stated: set[str]) -> Plan:
    own, missing = plan.plans[row], [gap for gap in plan.claims.unstated if gap[0] == row]
    if any(gap[1] == 0 for gap in missing):                # both schedules on the bands of both
        both = np.union1d(own.band_tops, region.band_tops)
        if len(both) > len(DIMENSIONS["band"]):
            raise InputError("band_tops of the plan and of the region make together:", value=f"{len(both)} bands",
                             expected=f"at most {len(DIMENSIONS['band'])}", next_step="state a ratio for every tier and class")
        own, region = on_bands(own, "band_tops", "ratio", both), on_bands(region, "band_tops", "ratio", both)
    values: dict[str, Any] = {}
    for name in TERMS:
        theirs = topic_of(name) in stated and name not in REGIONS_OWN and topic_of(name) != "payment"
        values[name] = np.array(getattr(own, name)) if theirs and TERMS[name].shape else getattr(own if theirs else region, name)
    for _, kind, group, tier, member in missing:
        if topic_of(RATIO_KEYS[kind]) not in stated:
            continue
        at = {"tier": tier, "class": member, "chronic": group - 1}
        for name in (RATIO_KEYS[kind], *BESIDE_RATIO[kind]):
            place = tuple(at.get(dimension, slice(None)) for dimension in TERMS[name].shape)
            values[name][place] = getattr(region, name)[place]
    return Plan(**values)


def misplaced(policy: Any, schemes: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], InputError]]:
    """What a policy with plans asks for that would do nothing, each with its place."""
    if policy.level in ("own", "target"):
        yield ("level",), InputError("level:", value=policy.level, expected="region or none: a plan's ratios are paid as written")
    for scheme, text in policy.plans.items():
        if scheme not in schemes:
            yield ("plans", scheme), InputError("a plan of a scheme that is not simulated:", value=scheme,
                                                expected=one_of(schemes))
        stated = topics(json.loads(text))
        for path in policy.changes:
            topic, _, rest = path.partition(".")
            if topic in stated and (rest.startswith(f"{scheme}.") or topic == "assistance"):
                yield ("changes", path), InputError("a change of what the policy's plan states:", value=path,
                                                    expected=f"no change of {topic}.*, or a plan without it")
