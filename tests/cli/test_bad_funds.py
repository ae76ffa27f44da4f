"""What a newcomer may state wrongly of funds and their units is refused by the command: place, value, what should stand there."""

from pathlib import Path

import pytest

from simulator.parameters.errors import InputError
from simulator.scenario import read_scenario
from tests.support.command import fundsim

TWELVE, HOSPITALS = "[" + ", ".join(["8"] * 12) + "]", "{township: global_budget, county: global_budget, city: global_budget}"
# What is wrong -> (the changes of a policy, the number of the one at fault, words of the message).
BAD = {
    "units that do not add up to the region": ({"pooling.nrcms.unit_members": TWELVE}, 0, ("sum to '96'", "a sum of 100")),
    "fewer units than the region has": ({"pooling.nrcms.unit_members": "[50, 50]"}, 0, ("'2 numbers'", "12, as population")),
    "cities whose counties are too few": ({"pooling.nrcms.level": "city", "pooling.nrcms.cities": "2",
                                           "pooling.nrcms.city_counties": "[6, 5]"}, 2, ("'11 in all'", "expected 12")),
    "more cities than counties": ({"pooling.nrcms.level": "city", "pooling.nrcms.cities": "40"}, 1, ("'40'", "at most 12")),
    "an unknown unit": ({"pooling.nrcms.level": "countty"}, 0, ("unknown choice 'countty'", "did you mean 'county'?")),
    "an unknown list of units": ({"pooling.nrcms.unit_member": TWELVE}, 0, ("did you mean 'pooling.nrcms.unit_members'?",)),
    "a merger of units before the run": ({"pooling.nrcms.level": "[{from: 2010-01-01, value: city}]"}, 0,
                                         ("'city from 2010-01-01'", "a day from 2013-01-01 on")),
    "units that are split again": ({"pooling.nrcms.level": "[{value: city}, {from: 2013-01-01, value: county}]"}, 0,
                                   ("in 2013", "'county'", "a balance cannot be split again")),
    "opening balances of other units": ({"pooling.nrcms.unit_openings": "[100, 100]"}, 0, ("'2 numbers'", "12, as population")),
    "opening balances of nobody": ({"pooling.nrcms.unit_openings": TWELVE.replace("8", "0")}, 0, ("'all 0'", "above 0")),
    "a factor that has no room": ({"control.nrcms.surplus_response": "factor", "control.nrcms.factor_high": "100"}, 1,
                                  ("a response without bounds", "`factor`", "'100%'", "above 100")),
    "a premium that may not rise": ({"control.nrcms.deficit_response": "[premium]", "control.nrcms.premium_step_limit": "0"}, 1,
                                    ("a response without bounds", "`premium`", "'0%'", "above 0")),
    "a top-up of nothing": ({"control.nrcms.deficit_response": "[top_up]", "control.nrcms.top_up_limit": "0"}, 1,
                            ("a response without bounds", "`top_up`")),
    "a ladder without rungs": ({"control.nrcms.surplus_response": "ladder"}, 0, ("not stated", "ladder_ratio")),
    "an unknown response": ({"control.nrcms.deficit_response": "[ladderr]"}, 0, ("'ladderr'", "did you mean 'ladder'?")),
    "a budget without a base": ({"payment.nrcms.inpatient_method": HOSPITALS, "payment.nrcms.budget_base": "revenue"}, 1,
                                ("a budget without a base", "'revenue'", "spending_target")),
    "an unknown base": ({"payment.nrcms.inpatient_method": HOSPITALS, "payment.nrcms.budget_base": "revenu"}, 1,
                        ("'revenu'", "did you mean 'revenue'?")),
    "payers of more than the fee": ({"payment.nrcms.gp_contract_fee": "10", "payment.nrcms.gp_signed_share": "40",
                                     "payment.nrcms.gp_fund_share": "70", "payment.nrcms.gp_health_share": "50"}, 3,
                                    ("'50%'", "it is 120%")),
    "loss ratios that cross": ({"cii.nrcms.in_force": "true", "cii.nrcms.loss_ratio_high": "80"}, 1, ("'80%'", "(85%)")),
}


def written(changes: dict, path: Path) -> Path:
    path.write_text("regions: [linyi]\nschemes: [nrcms]\nhorizon: 3\npolicies:\n  p:\n    changes:\n"
                    + "".join(f"      {name}: {value}\n" for name, value in changes.items()), encoding="utf-8")
    return path


@pytest.mark.parametrize("what", BAD)
def test_a_fund_that_cannot_be_run_is_refused_at_its_line_with_what_should_stand_there(what, tmp_path, regions):
    changes, fault, words = BAD[what]
    with pytest.raises(InputError) as refused:
        read_scenario(written(changes, tmp_path / "try.yaml"), regions)
    said = str(refused.value)
    assert f"try.yaml:{7 + fault}:7: " in said and all(word in said for word in words), said


def test_the_command_ends_with_2_and_makes_no_run(tmp_path):
    changes, _, words = BAD["a budget without a base"]
    said = fundsim("run", written(changes, tmp_path / "try.yaml"), "--out", tmp_path / "out")
    assert said.code == 2 and words[0] in said.err and "Traceback" not in said.err + said.out
    assert not (tmp_path / "out").exists()
