"""Batches: one name for one question, nothing done twice, whatever fails or dies costs itself alone."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from simulator.answers import batch as module
from simulator.answers import parts as parts_module
from simulator.answers.batch import plan_batch, run_batch, settle_pass
from simulator.answers.batch_tables import (
    DIFFERENCE_COLUMNS,
    SUMMARY_COLUMNS,
    difference_table,
    summary_table,
    world_tables,
)
from simulator.answers.cluster import pool_of
from simulator.answers.lanes import Lanes
from simulator.answers.parts import WORLDS_A_PART, Answers, Label, Part, Store, blocks
from simulator.answers.questions import questions_of
from simulator.engine.measures import PROBABILITIES, quantiles, summarise
from simulator.engine.simulate import simulate
from simulator.engine.two_funds import UNCHANGED
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.results import summary_frame
from simulator.scenario import BASELINE, Policy, Scenario, faults
from tests.support.command import fundsim

CAP = Policy("cap", {"inpatient.nrcms.annual_cap": "20000"})
SMALL = Scenario("small", ("linyi",), 2012, ("nrcms",), horizon=2, draws=12, people=300, policies=(Policy(BASELINE), CAP))
ENGINE = "0" * 64


@pytest.fixture(autouse=True)
def known_engine(monkeypatch):
    """The probe takes a second, and these tests are about what is done with its digest."""
    monkeypatch.setattr(module, "engine_here", lambda: ENGINE)


@pytest.fixture(scope="module")
def regions():
    return load_regions()


@pytest.fixture(scope="module")
def alone(regions):
    return simulate(SMALL, regions, threads=1)


def names(scenario: Scenario, regions) -> list[str]:
    return [question.name for question in questions_of([scenario], regions)]


# --- names -----------------------------------------------------------------------------------------


def test_spellings_of_one_question_have_one_name(regions):
    plain = SMALL.but(policies=(Policy(BASELINE), Policy("a", {"inpatient.nrcms.deductible.county": ["300"],
                                                               "funding.nrcms.premium": "100"})))
    spellings = [plain.but(name="other"), plain.but(draws=500), plain.but(title="What if", description="More words"),
                 plain.but(max_draws=50), plain.but(precision=1.0)]
    for changes in ({"funding.nrcms.premium": "100", "inpatient.nrcms.deductible.county": ["300"]},
                    {"funding.nrcms.premium": "100.0", "inpatient.nrcms.deductible.county": ["300.00"]},
                    {"funding.nrcms.premium": 100, "inpatient.nrcms.deductible.county": [300]},
                    {"funding.nrcms.premium": 100.0, "inpatient.nrcms.deductible.county": ["300"]}):
        spellings += [plain.but(policies=(Policy(BASELINE), Policy(name, changes, level))) for name in ("a", "b")
                      for level in ("region",)]
    assert {tuple(names(one, regions)) for one in spellings} == {tuple(names(plain, regions))}


def test_what_a_scheme_does_not_read_and_a_change_to_what_is_there_are_no_other_question(regions):
    stated = regions["linyi"].value("inpatient.nrcms.annual_cap", 2012, required=False)
    both = SMALL.but(schemes=("uebmi", "nrcms"))
    assert len(set(names(both, regions))) == 3                 # employees have one question: the cap is not theirs
    if stated is not None:
        assert len(set(names(SMALL.but(policies=(Policy(BASELINE), Policy("same", {
            "inpatient.nrcms.annual_cap": str(stated.value)}))), regions))) == 1


def test_every_field_that_moves_an_answer_moves_its_name(regions):
    others = [SMALL, SMALL.but(year=2013), SMALL.but(horizon=3), SMALL.but(people=301), SMALL.but(seed=1),
              SMALL.but(outpatient_share=(1, 4)), SMALL.but(response="none"), SMALL.but(systematic=False), SMALL.but(demand=True),
              SMALL.but(replicas=2), SMALL.but(regions=("jiangsu",)), SMALL.but(regions=("jiangsu", "linyi")),
              SMALL.but(changes={"care.nrcms.bill_growth": "9"}),
              SMALL.but(policies=(Policy(BASELINE), replace(CAP, level="own")))]
    found = [frozenset(names(one, regions)) for one in others]
    assert len(set(found)) == len(others)


def test_a_change_of_any_leaf_that_the_scheme_may_read_is_another_question(regions):
    region, policies = regions["linyi"], []
    numbers = [path for path in region.paths() if path.split(".")[0] in ("inpatient", "funding", "control", "assistance")
               and (path.count(".") < 2 or path.split(".")[1] == "nrcms")
               and str(getattr(region.value(path, 2012, required=False), "value", "")).replace(".", "").isdigit()]
    assert len(numbers) > 25
    for path in numbers:
        value = region.value(path, 2012).value
        for other in (value + 1, value + 2) if value < 90 or value > 101 else (value - 1, value - 2):
            policies.append(Policy(f"p{len(policies)}", {path: str(other)}))
    every = SMALL.but(policies=(Policy(BASELINE), *policies))
    refused = {place[1] for place, _ in faults(every, regions)}        # not a value of this parameter, or it moves nothing
    kept = [policy for policy in every.policies if policy.name not in refused]
    found = names(every.but(policies=tuple(kept)), regions)
    assert 40 < len(kept) == len(found) == len(set(found))


# --- parts -----------------------------------------------------------------------------------------


def test_a_batch_answers_with_the_bits_of_a_run(regions, alone, tmp_path):
    made = run_batch([SMALL], regions, tmp_path, threads=1)
    for p, (_, values) in enumerate(made.answered()):
        for y, year in enumerate(SMALL.years):
            beside = {*UNCHANGED.values(), "deficit_avoided", "deficit_caused", "false_alarm", "missed_deficit"}
            of_run = [m for m in alone.schemes[0].measures[year] if len(m.values) == SMALL.draws and
                      m.name not in beside]                       # a batch has no fund that changes nothing beside its policies
            assert [(m.name, m.group, m.unit) for m in of_run] == [tuple(label) for label in made.labels]
            assert all(np.array_equal(values[:, y, m], measure.values[:, p]) for m, measure in enumerate(of_run))


def test_policies_of_which_some_pay_bills_alike_have_the_bits_of_a_run(regions, tmp_path):
    changes = ({"funding.nrcms.premium": "90"}, CAP.changes, {"inpatient.nrcms.annual_cap": "30000"}, {**CAP.changes,
               "funding.nrcms.subsidy": "300"}, {"outpatient.nrcms.year_limit": "50"})
    scenario = SMALL.but(draws=3, policies=(Policy(BASELINE), *(Policy(f"p{n}", change) for n, change in enumerate(changes))))
    run, = simulate(scenario, regions, threads=1).schemes
    batch = run_batch([scenario], regions, tmp_path, threads=1)
    for p, name in enumerate(names(scenario, regions)):
        for y, rows in enumerate(run.of_worlds.values()):
            of_run = {measure[:3]: measure.values[:, p] for measure in rows}
            for m, label in enumerate(batch.labels):
                assert np.array_equal(batch.values[name][:, y, m], of_run[tuple(label)])


def test_what_was_done_is_not_done_again(regions, tmp_path, monkeypatch):
    first = run_batch([SMALL], regions, tmp_path, threads=1)
    settled: list[tuple[range, tuple[str, ...]]] = []

    def counted(one, threads=None):
        settled.append((one.worlds, one.questions))
        return settle_pass(one, threads)

    monkeypatch.setattr(module, "settle_pass", counted)
    again = run_batch([SMALL.but(name="another")], regions, tmp_path, threads=1)
    assert settled == [] and again.digest == first.digest and again.plan.kept == 2
    more = run_batch([SMALL.but(draws=15)], regions, tmp_path, threads=1)
    assert [worlds for worlds, _ in settled] == [range(12, 15)]
    assert all(np.array_equal(more.values[name][:12], values) for name, values in first.values.items())
    settled.clear()
    third = SMALL.but(policies=(*SMALL.policies, Policy("more", {"funding.nrcms.premium": "100"})))
    run_batch([third], regions, tmp_path, threads=1)
    assert [len(questions) for _, questions in settled] == [1]


def test_worlds_are_cut_into_blocks_that_no_number_of_draws_moves():
    n = WORLDS_A_PART
    assert blocks(2 * n + 1) == [range(0, n), range(n, 2 * n), range(2 * n, 2 * n + 1)]
    assert blocks(n)[0] == blocks(7 * n)[0]


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "other"])
def test_a_damaged_part_counts_as_not_there_and_is_named(regions, tmp_path, damage):
    whole = run_batch([SMALL], regions, tmp_path, threads=1)
    path, = tmp_path.rglob("world *.parquet")
    data = path.read_bytes()
    path.write_bytes({"flip": data[:-9] + bytes([data[-9] ^ 1]) + data[-8:], "cut": data[:len(data) // 2], "empty": b"",
                      "other": b"PAR1" * 9}[damage])
    again = run_batch([SMALL], regions, tmp_path, threads=1)
    assert again.digest == whole.digest and again.damaged == [path] and again.plan.missing == 2


def test_parts_are_read_once_where_there_is_room_and_never_all_again_for_each_question(tmp_path, monkeypatch):
    def of_pass(questions: tuple[str, ...], worlds: range) -> Part:
        values = np.arange(len(questions) * len(worlds), dtype=np.float64).reshape(len(questions), len(worlds), 1, 1)
        return Part("people", questions, worlds, range(2012, 2013), (Label("balance", "", "1"),), values + worlds.start)

    store, passes = Store(tmp_path, ENGINE), [("a", "b", "c"), ("d", "e", "f")]
    for questions in passes:
        for first in range(0, 8, 2):
            store.put(of_pass(questions, range(first, first + 2)).as_bytes())
    read, really = [], Store.read
    monkeypatch.setattr(Store, "read", lambda self, path: read.append(path) or really(self, path))
    for room, most in ((parts_module.AT_HAND, 8), (3 * 48, 8 + 2 * 2 * len(passes)), (0, 4 * 6)):      # a part has 48 bytes
        monkeypatch.setattr(parts_module, "AT_HAND", room)
        answers = Answers(store, {name: ("people", 8) for questions in passes for name in questions})
        read.clear()
        assert [answers[name][:, 0, 0].tolist() for name in "ad"] == [[0, 1, 2, 3, 4, 5, 6, 7]] * 2
        read.clear()
        answers = Answers(store, {name: ("people", 8) for questions in passes for name in questions})
        assert [answers[name][-1, 0, 0] for name in "abcdef"] == [7, 9, 11, 7, 9, 11]
        assert len(read) <= most


def test_a_part_reads_back_what_was_written(alone):
    part = Part.of("people", ["a", "b"], alone.schemes[0], 0)
    back = Part.from_bytes(part.as_bytes())
    assert (back.people, back.questions, back.worlds, back.years, back.labels) == (
        part.people, part.questions, part.worlds, part.years, part.labels)
    assert np.array_equal(back.values, part.values) and part.as_bytes() == back.as_bytes()


# --- whatever happens -------------------------------------------------------------------------------


class Dying(Executor):
    """Does every pass here, but for the first ones, whose process dies."""

    def __init__(self, deaths: int) -> None:
        self.deaths = deaths

    def submit(self, function, /, *arguments, **named):
        done: Future = Future()
        if self.deaths:
            self.deaths -= 1
            done.set_exception(BrokenProcessPool("killed"))
        else:
            done.set_result(function(*arguments, **named))
        return done


def test_a_process_that_dies_costs_its_pass_alone(regions, tmp_path):
    whole = run_batch([SMALL], regions, tmp_path / "one", threads=1)
    assert run_batch([SMALL], regions, tmp_path / "two", pool=Dying(2)).digest == whole.digest
    never = run_batch([SMALL], regions, tmp_path / "three", pool=Dying(99))
    assert set(never.failures) == set(whole.values) and not never.values
    assert all("3 times" in reason for reason in never.failures.values())


def test_a_policy_that_cannot_be_simulated_is_a_row_with_its_reason(regions, tmp_path):
    refused = InputError("policy bad: visits would be 9 times as many:", value="9", expected="at most 2 times")
    asked = SMALL.but(policies=(*SMALL.policies, Policy("bad", {"funding.nrcms.premium": "77"})))

    class Refusing(Dying):
        def submit(self, function, one, threads):
            done: Future = Future()
            if any(policy.changes.get("funding.nrcms.premium") == "77" for policy in one.scenario.policies):
                done.set_exception(refused)
            else:
                done.set_result(function(one, threads))
            return done

    made = run_batch([asked], regions, tmp_path, pool=Refusing(0))
    assert len(made.values) == 2 and list(made.failures.values()) == [str(refused)]
    rows = summary_table(made)
    assert rows.loc[rows["policy"] == "bad", "status"].tolist() == [str(refused)]
    assert (rows.loc[rows["policy"] != "bad", "status"] == "done").all()


def test_a_worker_with_another_engine_refuses_the_work(regions, tmp_path):
    plan = plan_batch([SMALL], regions, Store(tmp_path, "1" * 64), "1" * 64)
    with pytest.raises(module.OtherEngine):
        settle_pass(plan.passes[0])

    class Stranger(Dying):
        """Whose workers have another version."""

        def submit(self, function, one, threads):
            done: Future = Future()
            done.set_exception(module.OtherEngine("1" * 16))
            return done

    with pytest.raises(InputError, match="another engine"):
        run_batch([SMALL], regions, tmp_path, pool=Stranger(0))


# --- tables and the command -------------------------------------------------------------------------


def test_tables_say_what_a_run_says(regions, alone, tmp_path):
    made = run_batch([SMALL], regions, tmp_path, threads=1)
    rows, of_run = summary_table(made), summary_frame(alone)
    assert tuple(rows.columns) == SUMMARY_COLUMNS
    keys = ["policy", "year", "measure", "group"]
    both = rows.merge(of_run, on=keys, suffixes=("", "_of_run"))
    assert len(both) == len(rows)
    for column in ("mean", "se", "p05", "p95"):
        assert np.allclose(both[column], both[f"{column}_of_run"], rtol=1e-12, atol=1e-12, equal_nan=True)
    gaps = difference_table(made)
    assert tuple(gaps.columns) == DIFFERENCE_COLUMNS and set(gaps["policy"]) == {"cap"}
    name, worlds = next(world_tables(made))
    assert name == "000-small" and len(worlds) == 2 * SMALL.draws * 2
    one = worlds[(worlds["policy"] == "cap") & (worlds["year"] == 2013)]["balance"].to_numpy()
    other = worlds[(worlds["policy"] == BASELINE) & (worlds["year"] == 2013)]["balance"].to_numpy()
    row = gaps[(gaps["measure"] == "balance") & (gaps["year"] == 2013)].iloc[0]
    assert row["difference"] == pytest.approx((one - other).mean()) and row["se"] == pytest.approx(summarise(one - other)["se"])


def test_the_command_runs_folders_and_designs_and_goes_on(tmp_path):
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "a.yaml").write_text("regions: [linyi]\nschemes: [nrcms]\nhorizon: 1\ndraws: 3\npeople: 200\n", encoding="utf-8")
    (scenarios / "b.yaml").write_text("regions: [linyi]\nschemes: [nrcms]\nhorizon: 1\ndraws: 3\npeople: 200\ndesign:\n  grid:\n"
                                      "    funding.nrcms.premium: [60, 90]\n    inpatient.nrcms.annual_cap: [20000, 40000]\n",
                                      encoding="utf-8")
    asked = ("batch", scenarios, "--threads", 1, "--out", tmp_path / "out")
    plan = fundsim(*asked, "--dry-run")
    assert plan.code == 0 and "passes" in plan.out and not (tmp_path / "out").exists()
    said = fundsim(*asked)
    assert said.code == 0 and "baseline" in said.out and max(map(len, said.out.splitlines()[:-1])) <= 80
    folder = next((tmp_path / "out" / "batch").iterdir())
    assert {"index.html", "summary.parquet", "differences.parquet", "worlds", "figures", "manifest.json"} <= {
        path.name for path in folder.iterdir()}
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "map-001-linyi-nrcms-exhausted.svg" in page and "<script>" in page and "premium-60" in page
    assert set(pd.read_parquet(folder / "summary.parquet")["scenario"]) == {"a", "b"}
    again = fundsim(*asked, "--json", "--no-report")
    assert again.code == 0 and '"simulated": 0' in again.out
    other = fundsim(*asked, "--json", "--no-report", "--set", "funding.nrcms.subsidy=300", "--year", 2013)
    assert other.code == 0 and '"simulated": 5' in other.out         # of six, for both baselines are one question
    assert fundsim(*asked, "--set", "funding.nrcms.subsdy=300").code == 2
    zh = fundsim(*asked, "--lang", "zh")
    assert zh.code == 0 and "可支付月数" in zh.out


def test_results_are_listed_and_damaged_parts_named(tmp_path):
    (tmp_path / "a.yaml").write_text("regions: [linyi]\nschemes: [nrcms]\nhorizon: 1\ndraws: 2\npeople: 200\n", encoding="utf-8")
    assert fundsim("batch", tmp_path / "a.yaml", "--out", tmp_path / "out", "--no-report", "--threads", 1).code == 0
    (tmp_path / "out" / "other" / "broken").mkdir(parents=True)
    (tmp_path / "out" / "other" / "broken" / "manifest.json").write_text("{", encoding="utf-8")
    part, = (tmp_path / "out" / "parts").rglob("world *.parquet")
    part.write_bytes(part.read_bytes()[:-1])
    again = fundsim("batch", tmp_path / "a.yaml", "--out", tmp_path / "out", "--no-report", "--threads", 1)
    assert again.code == 0 and f"damaged, so simulated again; it may be deleted: {part}" in again.err
    (part.parent / ".partial-world 000000-000001 x-0123456789abcdef").write_bytes(b"half")
    noted = fundsim("batch", tmp_path / "a.yaml", "--out", tmp_path / "out", "--no-report", "--threads", 1)
    assert noted.code == 0 and "left 1 half-written parts" in noted.err and "-name '.partial-*' -delete" in noted.err
    said = fundsim("ls", tmp_path / "out")
    assert said.code == 0 and "batch: 1 questions" in said.out and "damaged" in said.out
    assert fundsim("ls", tmp_path / "none").code == 2


def test_bad_input_of_a_batch_is_named(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert fundsim("batch", empty, "--out", tmp_path).code == 2
    (tmp_path / "a.yaml").write_text("name: same\nregions: [linyi]\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("name: same\nregions: [linyi]\n", encoding="utf-8")
    twice = fundsim("batch", tmp_path / "a.yaml", tmp_path / "b.yaml", "--out", tmp_path / "out")
    assert twice.code == 2 and "b.yaml" in twice.err and "two scenarios have the name" in twice.err
    assert fundsim("batch", tmp_path / "a.yaml", "--name", "../x", "--out", tmp_path).code == 2
    typo = tmp_path / "typo.yaml"
    typo.write_text("regions: [linyi]\ndesign:\n  grid:\n    funding.nrcms.premum: [60, 90]\n", encoding="utf-8")
    said = fundsim("batch", typo, "--out", tmp_path / "out")
    assert said.code == 2 and "premium" in said.err and "Traceback" not in said.err


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:8786", "http://127.0.0.1:1", "nowhere", "udp://127.0.0.1:8786", "tcp://127.0.0.1",
                                     "tcp://127.0.0.1:port", "tls://127.0.0.1:8786"])
def test_only_tls_or_this_machine_is_a_scheduler(address):
    with pytest.raises(InputError, match="scheduler"), pool_of(address):
        pass


def test_parts_that_go_away_while_a_batch_runs_are_simulated_again(regions, tmp_path, monkeypatch):
    whole = run_batch([SMALL], regions, tmp_path / "whole", threads=1)
    removals = [1, 1]

    def removed(one, threads=None):
        part = settle_pass(one, threads)
        if removals:
            removals.pop()
            shutil.rmtree(tmp_path / "gone", ignore_errors=True)
        return part

    monkeypatch.setattr(module, "settle_pass", removed)
    monkeypatch.setattr(module, "POLICIES_A_PASS", 1)              # two passes: the second takes the first one's part away
    made = run_batch([SMALL], regions, tmp_path / "gone", threads=1)
    assert made.digest == whole.digest and made.failures == {} and removals == []
    removals = [1] * 99
    shutil.rmtree(tmp_path / "gone")
    lost = run_batch([SMALL], regions, tmp_path / "gone", threads=1)
    assert lost.values == {} or not any(np.isnan(values).any() for values in lost.values.values())
    assert lost.failures and all("removed from" in reason for reason in lost.failures.values())
    table = summary_table(lost)
    assert set(table["status"]) - {"done"} == set(lost.failures.values())


def test_dask_that_cannot_be_reached_is_one_clear_line(tmp_path):
    (tmp_path / "wrong.json").write_text("{}", encoding="utf-8")
    for scheduler in ("tls://127.0.0.1:1", str(tmp_path / "wrong.json")):
        with pytest.raises(InputError, match="scheduler"), pool_of(scheduler):
            pass


def test_one_in_a_hundred_of_what_is_there_is_simulated_again_and_compared(regions, tmp_path, monkeypatch):
    whole = run_batch([SMALL], regions, tmp_path, threads=1)
    assert run_batch([SMALL], regions, tmp_path, threads=1).plan.checks == []              # two parts are too few
    monkeypatch.setattr(module, "CHECKED_ONE_IN", 2)
    again = run_batch([SMALL], regions, tmp_path, threads=1)
    check, = again.plan.checks
    assert again.digest == whole.digest and check.worlds == range(12) and check.questions[0] in whole.values
    path, = tmp_path.rglob("world *.parquet")
    part = Part.from_bytes(path.read_bytes())
    part.values[part.questions.index(check.questions[0]), 3, 1, 7] = np.nextafter(
        part.values[part.questions.index(check.questions[0]), 3, 1, 7], 1e9)
    path.unlink()
    forged = Store(tmp_path, path.parent.parent.name).put(part.as_bytes())                 # whole by its name, and another
    with pytest.raises(module.OtherBits, match=f"{forged.name} is not what linyi nrcms comes to now"):
        run_batch([SMALL], regions, tmp_path, threads=1)


def test_which_parts_are_compared_hangs_on_what_is_asked(regions, tmp_path):
    questions = questions_of([SMALL], regions)
    kept = [(question, range(n, n + 50)) for question in questions for n in range(0, 10_000, 50)]
    chosen, others = module._sample(kept), module._sample(kept[1:])
    assert len(chosen) == 4 and chosen == module._sample(kept) and len(others) == 3 and others != chosen[:3]
    assert module._sample(kept[:99]) == []


# --- speed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("worlds", [1, 2, 20, 201])
def test_quantiles_are_those_of_numpy_to_the_bit(worlds):
    block = np.random.default_rng(worlds).lognormal(3, 2, size=(300, worlds))
    block[7, 0] = np.nan
    assert np.array_equal(quantiles(block), np.quantile(block, PROBABILITIES, axis=1), equal_nan=True)


def test_what_is_foretold_grows_with_the_work_and_is_none_where_nothing_is_missing(regions, tmp_path):
    few, many = (module.foretold(plan_batch([SMALL.but(draws=draws)], regions, Store(tmp_path, ENGINE), ENGINE))
                 for draws in (12, 120))
    assert few[0] < many[0] and many[1] == 10 * few[1]
    run_batch([SMALL], regions, tmp_path, threads=1)
    done = module.foretold(plan_batch([SMALL], regions, Store(tmp_path, ENGINE), ENGINE))
    assert done[1] == 0 and done[0] < few[0]


def test_lanes_take_the_passes_that_go_together_and_survive_a_task_that_fails():
    done: list[tuple[str, int]] = []

    def work(task):
        if task == ("a", 1):
            raise ValueError("one")
        done.append(task)
        return task

    tasks = [(kin, n) for n in range(3) for kin in "ab"]
    with Lanes(1, False, lambda task: task[0]) as lanes:
        blocker = lanes.submit(lambda task: time.sleep(0.2), ("none", 0))
        futures = [lanes.submit(work, task) for task in tasks]
    assert blocker.result() is None
    assert [kin for kin, _ in done] == ["a", "a", "b", "b", "b"] and isinstance(futures[2].exception(), ValueError)
