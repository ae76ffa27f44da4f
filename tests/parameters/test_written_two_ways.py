"""What a plan file or a region can state in two ways becomes the same terms, whichever is chosen."""

from copy import deepcopy

import numpy as np
import pytest

from simulator.dimensions import DIMENSIONS
from simulator.money import ONE, half_up, yuan
from simulator.parameters.plans import plan_of, region_plan
from simulator.parameters.regions import load_regions
from simulator.plan import ORDERS, pack
from tests.support.random_plans import random_plan

PLANS = 60
CLASSES, TIERS, GROUPS, DISEASES = (DIMENSIONS[name] for name in ("class", "tier", "group", "chronic"))


@pytest.fixture(scope="module")
def plans():
    rng = np.random.default_rng(20140307)
    return [random_plan(rng, everything=True) for _ in range(PLANS)]


def by_class(stated):
    """What holds for all classes, stated for each."""
    return stated if isinstance(stated, dict) else dict.fromkeys(CLASSES, stated)


def ratios_by_class(plan):
    plan["ratio"] = {tier: by_class(stated) for tier, stated in plan["ratio"].items()}


def own_share_worked_out(plan):
    """The share that a class bears of its own part, in the ratios."""
    ratios_by_class(plan)
    shares = plan.pop("class_own_share", {})
    for stated in plan["ratio"].values():
        for member, share in shares.items():
            own = [ONE - round(float(ratio) * 100) for ratio in stated[member]]
            stated[member] = [yuan(ONE - half_up(part * round(float(share) * 100))) for part in own]


def orders_repeated(plan):
    """The last deductible stated, again for each later admission."""
    def filled(stated):
        return [*stated, *stated[-1:] * (ORDERS - len(stated))]

    plan["deductible"] = {tier: {member: filled(each) for member, each in stated.items()} if isinstance(stated, dict)
                          else filled(stated) for tier, stated in plan["deductible"].items()}


def amounts_by_class(plan):
    """Deductibles in yuan for each class; a share of the admission holds for all and stays as it is."""
    for tier, stated in plan["deductible"].items():
        if isinstance(stated, list) and not any("%" in each for each in stated):
            plan["deductible"][tier] = by_class(stated)


def everything_by_key(plan):
    """What holds for all tiers, groups, classes or diseases, stated for each."""
    groups = plan.get("chronic_groups", DISEASES)
    for name, keys in (("outpatient_deductible", TIERS), ("outpatient_year_limit", CLASSES), ("ma_deductible", GROUPS),
                       ("ma_cap", GROUPS), ("chronic_deductible", groups), ("chronic_year_limit", groups)):
        if name in plan and not isinstance(plan[name], dict):
            plan[name] = dict.fromkeys(keys, plan[name])
    if "outpatient_ratio" in plan:
        plan["outpatient_ratio"] = {tier: by_class(stated) for tier, stated in plan["outpatient_ratio"].items()}


def percentages_with_sign(plan):
    """Ratios with their sign."""
    ratios_by_class(plan)
    for stated in plan["ratio"].values():
        for member, bands in stated.items():
            stated[member] = [f"{each}%" for each in bands]


@pytest.mark.parametrize("way", [ratios_by_class, own_share_worked_out, orders_repeated, amounts_by_class, everything_by_key,
                                 percentages_with_sign], ids=lambda way: way.__name__)
def test_two_ways_to_write_a_plan_are_one_plan(way, plans):
    other = deepcopy(plans)
    for plan in other:
        way(plan)
    assert sum(one != two for one, two in zip(plans, other, strict=True)) >= 10
    assert (pack([plan_of(plan) for plan in plans]) == pack([plan_of(plan) for plan in other])).all()


def test_the_retired_s_points_and_their_share_of_what_others_bear_can_be_one_rule():
    linyi = load_regions()["linyi"]
    ratio = {tier: ["80.00", "80.00", "80.00"] for tier in TIERS}
    bonus, own = (f"inpatient.uebmi.class_{name}" for name in ("bonus", "own_share"))
    one, two, neither = (region_plan(linyi.with_changes({"inpatient.uebmi.ratio": ratio, bonus: {"retired": points},
                                                         own: {"retired": share}}, "test"), "uebmi", 2014)
                         for points, share in (("10.00", "100"), ("0", "50"), ("0", "100")))
    assert (one.ratio == two.ratio).all() and (one.ratio != neither.ratio).any()
    assert one.ratio[0, CLASSES.index("retired"), 0] == 9_000
