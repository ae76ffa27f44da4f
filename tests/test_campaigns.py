"""The long campaigns in short form: they find nothing, and would find something if it were there."""

import hashlib
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.answers.batch import run_batch
from simulator.answers.parts import Part
from simulator.engine.measures import half_width
from simulator.engine.simulate import simulate, simulate_worlds
from simulator.money import UNLIMITED
from simulator.parameters.regions import load_regions
from simulator.plan import OFFSETS, SHAPES
from simulator.results import summary_frame
from simulator.scenario import Scenario
from tests.campaigns.batches import wrong
from tests.campaigns.conservation import LIMITS, count
from tests.campaigns.intervals import Key, coverage, interval, repetition, stated, tell
from tests.campaigns.mutation import FILES, known_reasons
from tests.campaigns.validation import write as write_validation
from tests.support.both_programs import joined, random_policies
from tests.support.kernel_judge import judged_blocks, kill
from tests.support.law_judge import LawJudge
from tests.support.mutants import mutants
from tests.support.plain_kernel import PlainKernel
from tests.support.plain_law import PlainLaw

ROOT = Path(__file__).resolve().parent.parent
SMALL = """
LIMIT = 3

def pay(amount, used):
    if amount > 0:
        return min(amount, LIMIT - used)
    return 0

def unused(amount):
    return amount + 1
"""


@pytest.fixture(scope="module")
def terms():
    rng = np.random.default_rng(11)
    return joined(random_policies(rng, 60), random_policies(rng, 60, everything=True)).terms


def test_no_fen_is_lost_and_no_limit_passed(terms):
    counted = count(terms, seed=1, bills=200_000)
    assert counted.faults == 0
    assert (counted.reached >= 500).all() and counted.kept > 1000


def test_bills_depend_on_the_seed_alone(terms):
    one, other, third = (count(terms, seed, 20_000) for seed in (5, 5, 6))
    assert (one.reached == other.reached).all() and one.kept == other.kept
    assert (one.reached != third.reached).any()


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_passed_by_a_fen_is_counted(name, terms):
    wrong, here = terms.copy(), OFFSETS[name]
    lower = wrong[:, here:here + int(np.prod(SHAPES[name], dtype=np.int64))]
    lower[...] = np.where((lower > 0) & (lower < UNLIMITED), lower - 1, lower)
    counted = count(terms, 1, 50_000, judged=wrong)
    assert counted.over[LIMITS.index(name)] > 0
    assert counted.faults == counted.over[LIMITS.index(name)]


def test_mutants_are_small_faults_in_what_is_called():
    found = mutants(SMALL, "pay")
    assert {mutant.function for mutant in found} == {"pay"}
    assert {mutant.after for mutant in found} == {
        "if amount >= 0:", "if amount <= 0:", "if amount > 1:", "return max(amount, LIMIT - used)", "return amount",
        "return LIMIT - used", "return min(amount, LIMIT + used)", "return 1"}
    first = next(mutant for mutant in found if mutant.after == "return amount")
    assert (first.line, str(first)) == (6, "pay: return min(amount, LIMIT - used)  ->  return amount")
    space: dict = {}
    exec(first.source, space)
    assert space["pay"](10, 2) == 10 and space["unused"](1) == 2


@pytest.mark.parametrize("name", FILES)
def test_every_mutant_said_to_change_nothing_can_still_be_made(name):
    assert known_reasons()[name].keys() <= {str(mutant) for mutant in FILES[name].mutants()}


# One fault of each kind that the kernel's judge knows: the file, what stands there and stands in its place, who finds it.
FAULTS = {
    "a limit that binds late": ("years", "self_pay[r] > threshold)", "self_pay[r] > 2 * threshold)", "a payment"),
    "a person left to the full rules for nothing": (
        "years", "sums[YearSum.COUNTED, r] > own_cap(terms, bills, one)", "True", "an exception"),
    "a payment left for the next block": ("first_bill", "paid[payer, i] = 0", "pass", "what is left behind"),
    "a rare term of the year forgotten": ("years", "full_rules |= SEVERAL_BILLS", "pass", "a payment"),
    "a rare term of a bill forgotten": ("first_bill", "rare & t.VISITS_IN_FULL != 0", "False", "a payment"),
    "a rate of another class": ("columns", "t.N_CLASSES + classes[i]", "t.N_CLASSES + 0", "a payment"),
}


@pytest.fixture(scope="module")
def blocks():
    return judged_blocks(2015)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_kernel_is_found(fault, blocks, tmp_path):
    name, here, there, killer = FAULTS[fault]
    source = FILES[name].source()
    assert source.count(here) == 1
    place = tmp_path / f"{name}.py"
    place.write_text(source.replace(here, there), encoding="utf-8")
    assert kill(PlainKernel(**{f"{name}_file": place}), blocks) == killer


def test_the_kernel_as_it_is_pleases_its_judge(blocks):
    assert kill(PlainKernel(), blocks) == ""


# One fault of each file of the law.
FAULTS_OF_THE_LAW = {
    "rules": ("min(share(covered - used, ratio), cap_left)", "share(covered - used, ratio)", "a case"),
    "basic": ("year[YearState.DEDUCTIBLE_USED] += deducted", "pass", "a case"),
    "layers": ("bonus, ONE)", "bonus, 2 * ONE)", "a case"),
    "settle": ("trace[Trace.CHARGED] = price, billed", "trace[Trace.CHARGED] = price, 0", "a slip"),
    "rows": ("link = CONTINUES", "pass", "a claim"),
}


@pytest.fixture(scope="module")
def law_judge():
    return LawJudge([], slips=20)


@pytest.mark.parametrize("name", FAULTS_OF_THE_LAW)
def test_a_fault_of_the_law_is_found(name, law_judge, tmp_path):
    here, there, killer = FAULTS_OF_THE_LAW[name]
    source = FILES[name].source()
    assert source.count(here) == 1
    place = tmp_path / f"{name}.py"
    place.write_text(source.replace(here, there), encoding="utf-8")
    assert law_judge.kill(PlainLaw(**{f"{name}_file": place})) == killer


def test_the_law_as_it_is_pleases_its_judge(law_judge):
    assert law_judge.kill(PlainLaw()) == ""


# --- whole repetitions ------------------------------------------------------------------------------


ASKED = Scenario("intervals", ("jiangsu", "linyi"), 2012, ("nrcms",), horizon=1, draws=20, people=200, seed=1)


def test_a_repetition_has_worlds_and_rosters_of_its_own():
    regions = load_regions()
    first, second = (repetition(number, ASKED, regions) for number in (0, 1))
    assert first.schemes[0].digest == simulate(ASKED, regions, threads=1).schemes[0].digest
    assert (first.schemes[0].worlds, second.schemes[0].worlds) == (range(20), range(20, 40))
    assert not set(first.schemes[0].digests) & set(second.schemes[0].digests)
    on_rosters = simulate_worlds(ASKED, regions, range(20, 40), threads=1)                 # the same worlds on rosters 0 .. 9
    incomes = [result.schemes[0].measures[2012] for result in (second, on_rosters)]
    net = [next(m.values for m in rows if m.name == "net_burden_share_of_income" and m.group == "") for rows in incomes]
    assert not np.array_equal(*net)


def test_what_a_run_states_is_what_is_counted():
    said = stated(repetition(0, ASKED, load_regions()))
    rows = summary_frame(simulate(ASKED, load_regions(), threads=1)).set_index(["region", "scheme", "year", "measure", "group"])
    for key, one in said.items():
        if key.region in ASKED.regions:
            row = rows.loc[key[:5]]
            assert one.mean == pytest.approx(row["mean"], rel=1e-12, abs=1e-12)
            if key.unit != "probability" and not key.group.startswith(("illness", "quantile")):
                assert one.above == pytest.approx(half_width(row["se"], 20), rel=1e-9, abs=1e-12)
    assert {key.kind for key in said} == {"burden", "care", "fund", "difference, burden", "difference, care", "difference, fund"}


@pytest.mark.parametrize(("times", "passes"), [(1.0, True), (0.5, False), (2.0, False)])
def test_intervals_of_a_wrong_width_are_found(times, passes, capsys):
    rng = np.random.default_rng(3)
    keys = [Key("linyi", "nrcms", 2012, "balance", f"group:{n}", "1e8 CNY") for n in range(40)]
    repetitions = []
    for _ in range(40):
        worlds = rng.standard_normal((len(keys), 50)) + np.repeat(rng.standard_normal((len(keys), 1, 10)), 5, axis=1).reshape(
            len(keys), 50)                                                                 # ten rosters, as the error knows
        repetitions.append({key: one._replace(below=one.below * times, above=one.above * times)
                            for key, one in ((key, interval(key, values)) for key, values in zip(keys, worlds, strict=True))})
    assert tell(coverage(repetitions)) == passes
    share = float(capsys.readouterr().out.split("fund: ")[1].split("%")[0])
    assert (93 <= share <= 97) == passes


def test_an_interval_that_a_run_does_not_give_is_not_counted():
    key = Key("linyi", "nrcms", 2012, "top_up_needed", "", "1e8 CNY")
    given = [interval(key, 1.0 * (np.arange(200) < seen)).given for seen in (0, 20, 21, 180, 200)]
    assert given == [False, False, True, False, False]
    assert interval(key._replace(unit="probability"), np.arange(200) < 1).given                            # Wilson's
    whole = interval(key, np.arange(200.0))
    assert [one.given for one in coverage([{key: whole._replace(mean=whole.mean + n)} for n in range(3)]
                                          + [{key: whole._replace(given=False)}])] == [3]


# --- batches that are killed ------------------------------------------------------------------------


def test_a_batch_that_is_killed_goes_on_and_comes_to_the_same_digest():
    asked = ("--kills", "4", "--seed", "2", "--batches", "1")
    done = subprocess.run([sys.executable, "-m", "tests.campaigns.batches", *asked], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode == 0 and "4 kills: 0 faults" in done.stdout, done.stdout + done.stderr


def test_what_is_lost_doubled_or_damaged_is_found(tmp_path):
    scenario = ASKED.but(regions=("linyi",), draws=60)
    run_batch([scenario], load_regions(), tmp_path / "parts", threads=1)
    held, faults = wrong(tmp_path, Counter())
    assert faults == [] and len(held) == 60
    first, second = sorted((tmp_path / "parts").rglob("world *.parquet"))
    data = first.read_bytes()
    first.unlink()
    assert wrong(tmp_path, held)[1] == ["50 worlds of questions were there and are lost"]
    first.write_bytes(data[:-1])
    assert f"{first.name} is damaged" in wrong(tmp_path, held)[1]
    first.write_bytes(data)
    twin = Part.from_bytes(second.read_bytes())
    other = replace(twin, worlds=range(45, 55)).as_bytes()
    (second.parent / f"world 000045-000054 {hashlib.sha256(other).hexdigest()}.parquet").write_bytes(other)
    assert wrong(tmp_path, held)[1] == ["10 worlds of questions are there twice"]
    (tmp_path / "batch" / "half").mkdir(parents=True)
    assert any("half is not whole" in fault for fault in wrong(tmp_path, held)[1])


def test_the_page_of_validation_is_written_whole_with_its_pictures_in_both_languages(tmp_path):
    table = write_validation(4, 500, tmp_path / "validation.md", tmp_path / "validation", ("jiangsu",))
    page = (tmp_path / "validation.md").read_text(encoding="utf-8")
    assert "$" not in page and "| 90% bands hold |" in page and "starts from the accounts of" in page
    written = {path.name for path in (tmp_path / "validation").iterdir()}
    assert {"scores.csv", "fan-jiangsu-nrcms.svg", "fan-jiangsu-nrcms.zh.svg"} <= written
    assert len(table) > 5 and set(table["region"]) == {"jiangsu"}
    linked = page.count(".zh.svg)")                          # a picture in Chinese, which the page names and does not show
    assert page.count("(validation/fan-") - linked == page.count("![fan-") > 0 and linked == 1
