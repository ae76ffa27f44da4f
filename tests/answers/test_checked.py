"""A scenario that was made in Python is checked as a file's is, at every door: InputError, and nothing is written."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

import simulator
import simulator.answers.attribute  # noqa: F401 - loaded here, these do not take what a test puts in place of simulate_worlds
import simulator.answers.batch  # noqa: F401
import simulator.answers.question  # noqa: F401
import simulator.answers.solve  # noqa: F401
import simulator.engine.side_by_side  # noqa: F401
from simulator import InputError, Policy, Question, Scenario
from simulator.parameters.regions import load_regions
from simulator.scenario import check

GOOD = Scenario("ask", ("linyi",), schemes=("nrcms",), horizon=1, draws=2, people=300)
BASE, CAP = Policy("baseline"), "inpatient.nrcms.annual_cap"
NAN = float("nan")
ENDLESS: dict = {}
ENDLESS["x"] = ENDLESS


def with_policies(*policies: object) -> Scenario:
    return GOOD.but(policies=policies)


BAD = {
    "nothing": None, "a number": 5, "a mapping": {"name": "x", "regions": ["linyi"]},
    "no draws": GOOD.but(draws=0), "draws below zero": GOOD.but(draws=-1), "NaN draws": GOOD.but(draws=NAN),
    "draws as text beside most draws": GOOD.but(draws="12", max_draws=50), "a flag of draws": GOOD.but(draws=True),
    "draws of NumPy": GOOD.but(draws=np.int64(3)), "endless draws": GOOD.but(draws=10**5000),
    "most draws as text": GOOD.but(max_draws="x"), "people below zero": GOOD.but(people=-3),
    "half people": GOOD.but(people=300.5),
    "a year long ago": GOOD.but(year=1999), "years in an array": GOOD.but(horizon=np.array([1, 2])), "a seed": GOOD.but(seed=-1),
    "a share of nothing": GOOD.but(outpatient_share=(1, 0)), "a share as number": GOOD.but(outpatient_share=0.5),
    "an unknown response": GOOD.but(response="statd"), "a response in an array": GOOD.but(response=np.array(["stated", "none"])),
    "a precision of NaN": GOOD.but(precision=NAN), "a precision of true": GOOD.but(precision=True),
    "an unknown scheme": GOOD.but(schemes=("nrmcs",)), "schemes as text": GOOD.but(schemes="nrcms"),
    "no scheme": GOOD.but(schemes=()), "a scheme twice": GOOD.but(schemes=("nrcms", "nrcms")),
    "an array of schemes": GOOD.but(schemes=(np.array([1, 2]),)), "an unknown region": GOOD.but(regions=("linyii",)),
    "a region as text": GOOD.but(regions="linyi"), "a region that is a surrogate": GOOD.but(regions=("\ud800",)),
    "a name that leads out": GOOD.but(name="../../x"), "a name with a slash": GOOD.but(name="a/b"),
    "a name with a zero byte": GOOD.but(name="a\0b"), "a name with a surrogate": GOOD.but(name="a\ud800"),
    "a name that is none": GOOD.but(name=None), "a title with a surrogate": GOOD.but(title="\ud800"),
    "no policies": GOOD.but(policies=()), "policies in a list": GOOD.but(policies=[BASE]), "a policy as text": with_policies("x"),
    "a policy twice": with_policies(BASE, Policy("a"), Policy("a")), "a policy's path": with_policies(BASE, Policy("a/../../b")),
    "a policy's surrogate": with_policies(BASE, Policy("a\ud800")), "a policy without name": with_policies(BASE, Policy(None)),
    "no baseline": with_policies(Policy("a", {CAP: "20000"})), "the baseline last": with_policies(Policy("a"), BASE),
    "a changed baseline": with_policies(Policy("baseline", {CAP: "20000"}), Policy("cap", {CAP: "30000"})),
    "an unknown level": with_policies(BASE, Policy("a", {}, "regon")),
    "no changes at all": with_policies(BASE, Policy("a", None)),
    "changes in a list": GOOD.but(changes=[(CAP, 1)]), "a path that is a number": with_policies(BASE, Policy("a", {1: 2})),
    "an unknown path": GOOD.but(changes={"inpatient.nrcms.anual_cap": 1}),
    "a path of surrogates": GOOD.but(changes={"x\ud800": 1}),
    "an empty path": GOOD.but(changes={"": 1}), "another scheme's path": GOOD.but(changes={"inpatient.uebmi.annual_cap": 1}),
    **{f"a cap of {name}": GOOD.but(changes={CAP: value}) for name, value in {
        "NaN": NAN, "infinity": float("inf"), "less than nothing": -5, "None": None, "an object": object(), "itself": ENDLESS,
        "a surrogate": "\ud800", "Decimal's NaN": Decimal("NaN"), "a signalling NaN": Decimal("sNaN"), "bytes": b"1",
        "more digits than fit": Decimal("1e999999999"), "an endless number": 10**5000, "a set": {1, 2}, "i": 1j,
        "an array": np.array([1.0, 2.0]), "parts of a fen": "100.001", "NaN times": {"times": NAN}, "a wrong verb": {"tims": 2},
        "two verbs": {"times": 2, "plus": 1}}.items()},
}


@pytest.mark.parametrize("kind", BAD)
def test_what_no_file_could_state_is_refused(kind, regions):
    with pytest.raises(InputError) as refused:
        check(BAD[kind], regions)
    str(refused.value).encode()                            # can be written to any file


DOORS = {
    "simulate": lambda bad, out: simulator.simulate(bad), "run": lambda bad, out: simulator.run(bad, out=out),
    "run_batch": lambda bad, out: simulator.run_batch([bad], store_folder=out / "parts"),
    "batch": lambda bad, out: simulator.batch([bad], out=out),
    "solve": lambda bad, out: simulator.solve(bad, vary=["funding.nrcms.premium=60:240"], until=["P(exhausted by 2012) <= 5%"],
                                              least="funding_per_head"),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_checks_before_any_work_and_nothing_is_written(door, tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.engine.simulate.simulate_worlds", lambda *_, **__: pytest.fail("simulated"))
    monkeypatch.setattr("simulator.answers.batch.settle_pass", lambda *_, **__: pytest.fail("simulated"))
    monkeypatch.chdir(tmp_path)
    for kind, bad in BAD.items():
        with pytest.raises(InputError):
            DOORS[door](bad, tmp_path / "out")
            pytest.fail(f"{kind} was not refused")
    assert list(tmp_path.iterdir()) == []


def question(**changes: object) -> Question:
    return Question(**({"regions": ("jiangsu", "linyi"), "measure": "oop_per_head", "draws": 2, "people": 300} | changes))


@pytest.mark.parametrize(("answer", "asked", "words"), [
    ("attribute", None, "not a question"), ("attribute", question(regions=("jiangsu",)), "a tuple of 2 names"),
    ("attribute", question(regions="linyi"), "a tuple of 2"), ("swap", question(regions=()), "regions:"),
    ("swap", question(regions=("jiangsu", "linyii")), "did you mean 'linyi'"),
    ("swap", question(regions=(1, 2)), "unknown name '1'"),
    ("swap", question(measure="oop_per_hed"), "did you mean 'oop_per_head'"),
    ("attribute", question(measure=["x"]), "unknown name"),
    ("attribute", question(scheme="nrmcs"), "did you mean 'nrcms'"), ("attribute", question(draws=0), "draws: '0'"),
    ("attribute", question(people=NAN), "people: 'nan'"), ("swap", question(at=2013), "at: '2013'"),
    ("swap", question(year="2012"), "year: '2012'"), ("attribute", question(blocks="x"), "blocks: 'x'"),
    ("attribute", question(group=None), "group:"), ("swap", question(seed=-1), "seed: '-1'")])
def test_a_question_of_two_regions_is_checked_too(answer, asked, words, monkeypatch):
    monkeypatch.setattr("simulator.answers.attribute.simulate", lambda *_, **__: pytest.fail("simulated"))
    with pytest.raises(InputError) as refused:
        getattr(simulator, answer)(asked, load_regions())
    assert words in str(refused.value)


def test_good_scenarios_are_let_through_and_leave_what_the_engine_leaves(regions):
    from simulator.engine.simulate import simulate
    check(GOOD.but(changes={CAP: Decimal("20000.50"), "inpatient.nrcms.deductible.county": (100, 200)}), regions)
    assert simulator.simulate(GOOD, threads=1).schemes[0].digest == simulate(GOOD, regions, 1).schemes[0].digest
