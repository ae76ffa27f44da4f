"""The benchmark's kernel pays to the fen, and its means are the exact ones."""

import numpy as np
import pytest

from benchmarks import batch_bar, contest, contestants, reference_job
from benchmarks.__main__ import bar, markdown, times
from simulator.chance.random import quantile
from simulator.money import share

PERSON_YEARS = 1 << 18


def plainly(years: int, rate: float, terms: np.ndarray, seed: int) -> tuple[int, int, list[int]]:
    """The first chunk once more, claim by claim with the project's own functions: (claims, billed, paid)."""
    severity, gap, _ = reference_job.tables(rate)
    half, block = reference_job.HALF, reference_job.BLOCK
    position, claims, billed, claim = 0, 0, 0, 0
    persons: dict[int, list[int]] = {}
    while True:
        number, place = divmod(claim, block)
        words = reference_job.philox.py_func(seed, 0, number * half + place % half, 0, 0, reference_job.ADMISSION)
        gap_word, amount_word = words[2 * (place // half):2 * (place // half) + 2]
        position += int(quantile(*gap, np.int64(gap_word)))
        claim += 1
        if position >= years << reference_job.PERSON:
            break
        amount = int(quantile(*severity, np.int64(amount_word)))
        persons.setdefault(position >> reference_job.PERSON, []).append(amount)
        claims, billed = claims + 1, billed + amount
    paid = [sum(min(sum(int(share(max(amount - int(deductible), 0), int(ratio))) for amount in own), int(cap))
                for own in persons.values()) for deductible, ratio, cap in terms]
    return claims, billed, paid


@pytest.mark.parametrize("rate", [0.1, 5.0])
def test_blocks_pay_what_claims_one_by_one_are_paid(rate):
    terms = reference_job.plans(7)
    terms[3, 2] = 1000_00                                  # a cap that most persons feel
    years = 3000 if rate < 1 else 900
    claims, billed, paid = reference_job.simulate(years, reference_job.tables(rate), terms, seed=7)
    assert (claims, billed[0], paid[0].tolist()) == plainly(years, rate, terms, 7)


def test_threads_leave_no_trace():
    tables, terms = reference_job.tables(5.0)._replace(chunk=1 << 13), reference_job.plans(3)
    one, two = (reference_job.simulate(1 << 16, tables, terms, threads) for threads in (1, 2))
    assert one[:2] == two[:2] and np.array_equal(one[2], two[2])


def test_a_float_rounds_as_fen_do():
    rng = np.random.default_rng(1)
    for ratio in (1, 3333, 4999, 5000, 7500, 9999, 10_000):
        amounts = np.concatenate([np.arange(3000), rng.integers(0, 10**10, 1000), 10**10 - np.arange(200)])
        for amount in amounts:
            bits = reference_job.round_bits(np.float64(amount), 0.0, ratio * 1e-4)
            assert bits - reference_job.ROUND_BITS == share(amount, ratio)


@pytest.mark.parametrize("rate", contest.EXACT)
def test_the_means_are_the_exact_ones(rate):
    years = PERSON_YEARS if rate > 1 else 8 * PERSON_YEARS
    _, billed, paid = reference_job.simulate(years, reference_job.tables(rate), reference_job.plans(1))
    spread = contest.spreads(rate, 1 << 17)
    fund = int(paid.sum()) / 100 / years
    patient = sum(billed) / 100 / years - fund
    for mean, exact, sd in zip((fund, patient), contest.EXACT[rate], spread, strict=True):
        assert abs(mean - exact) < 4 * sd / years**0.5


@pytest.mark.parametrize("rate", contest.EXACT)
def test_the_simulations_kernel_does_the_same_job(rate):
    years = 200_000 if rate > 1 else 2_000_000
    means = contestants.fundsim(rate, years, 1, 3)(2012)
    spread = contest.spreads(rate, 1 << 17)
    for mean, exact, sd in zip(means, contest.EXACT[rate], spread, strict=True):
        assert abs(mean - exact) < 4 * sd / years**0.5


def test_a_person_with_more_claims_than_a_block_is_refused():
    with pytest.raises(ValueError, match="more claims than a block"):
        reference_job.simulate(1, reference_job.tables(5000.0), reference_job.plans(1))


def test_a_contestant_that_fails_is_reported():
    entry = contest.Entry("fundsim", "fundsim", {0.1: 4096}, threads=0)
    contest.contest(0.1, [entry], None, {}, rounds=1)
    assert entry.failed.startswith("ended with code")
    absent = contest.Entry("gemact", "GEMAct", {0.1: 4096})
    contest.contest(0.1, [absent], None, {"gemact": "no such version"}, rounds=1)
    assert absent.failed


def test_bars_are_judged_on_the_right_side():
    assert bar("speed", 30, 45, 31)[-1] == "met" and bar("speed", 30, 45, 29)[-1] == "**missed**"
    assert bar("cost", 10, 5, 4, larger=False)[-1] == "stretch" and bar("cost", 10, 5, None)[-1] == "not measured"
    assert times(0.5) == "1/2.0" and times(12.34) == "12.3x"
    assert markdown(["a"], [["b"]], "r").splitlines() == ["| a |", "| ---: |", "| b |"]


def test_the_designs_of_the_batch_bar_are_of_the_stated_size_and_run(monkeypatch):
    assert [batch_bar.policies_of(batch_bar.design(kind, 100)) for kind in ("grid", "rules")] == [100, 10]
    monkeypatch.setattr(batch_bar, "WORLDS", 2)
    monkeypatch.setattr(batch_bar, "YEARS", 1)
    monkeypatch.setattr(batch_bar, "PEOPLE", 300)
    found = batch_bar.measured("rules", 500, ("--no-report", "-j", "0"))
    assert found.policies == 2 and found.processor > 0 and 50 < found.memory < 2_000 and found.disk > 0
