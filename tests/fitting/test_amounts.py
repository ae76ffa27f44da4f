"""Amounts: laws are found again, caps are no bills, tails begin where the mean excess is straight."""

import numpy as np
import pytest
from scipy import stats

from simulator.fitting.completion import chain_ladder
from simulator.fitting.intervals import NO_FIGURE
from simulator.fitting.laws import LAWS, censored
from simulator.fitting.severity import empirical_table, fit_amounts, mean_excess

LOGNORMAL = stats.lognorm(s=0.8, scale=4000)


@pytest.mark.parametrize(("law", "name"), [(LOGNORMAL, "lognormal"), (stats.gamma(0.8, scale=5000), "gamma"),
                                           (stats.burr12(2.2, 2.8 / 2.2, scale=3000), "burr 2.8")])
def test_the_law_that_was_drawn_from_is_found_again(law, name):
    found = fit_amounts(law.rvs(3000, random_state=5), repeats=0)
    assert found.chosen.name == name
    assert found.mean.estimate == pytest.approx(law.mean(), abs=3 * found.mean.se)
    assert found.cv.estimate == pytest.approx(law.std() / law.mean(), abs=3 * found.cv.se)


def test_bills_at_a_cap_are_known_only_to_be_as_large():
    drawn = LOGNORMAL.rvs(1500, random_state=6)
    capped = fit_amounts(drawn, cap=8000.0, repeats=0)
    assert capped.capped == (drawn >= 8000).sum() > 150
    assert capped.mean.low < LOGNORMAL.mean() < capped.mean.high
    assert np.minimum(drawn, 8000).mean() < LOGNORMAL.mean() - 3 * capped.mean.se          # what a sample's mean would say
    shape, _, scale = stats.lognorm.fit(censored(np.minimum(drawn, 8000.0), 8000.0), floc=0)
    found = next(fit for fit in capped.fits if fit.name == "lognormal")
    assert found.parameters == pytest.approx({"mu": np.log(scale), "sigma": shape}, rel=1e-6)


def test_a_law_that_was_drawn_from_is_not_refuted_and_another_is():
    drawn = stats.gamma(0.5, scale=8000).rvs(800, random_state=7)
    found = fit_amounts(drawn, repeats=29)
    best = found.fits[0]
    assert best.name == "gamma" and best.ad_p > 0.05 and best.ks_p > 0.05
    wrong = next(fit for fit in found.fits if fit.name == "lognormal")
    assert wrong.ad > 10 * best.ad and wrong.aic > best.aic + 50


def test_few_bills_have_a_mean_and_no_law():
    few = fit_amounts(np.array([100.0, 300.0]))
    assert (few.n, few.mean.estimate, few.chosen, few.fits, few.cv) == (2, 200, None, (), NO_FIGURE)


def test_a_pareto_tail_is_found_with_its_shape_and_its_mean_excess_is_a_line():
    drawn = stats.genpareto(0.4, scale=1000).rvs(2000, random_state=8)
    found = fit_amounts(drawn, repeats=0)
    assert found.tail.xi == pytest.approx(0.4, abs=3 * found.tail.xi_se)
    means, errors = mean_excess(drawn, np.array([0.0]))
    assert means[0] == pytest.approx(drawn.mean()) and errors[0] == pytest.approx(drawn.std(ddof=1) / np.sqrt(2000))


def test_the_table_is_that_of_the_quantiles():
    assert empirical_table(np.arange(1001.0))[0.25] == 250


@pytest.mark.parametrize("name", LAWS)
def test_densities_are_scipys(name):
    at = np.array([0.3, -0.2, 1.1])[:3 if name == "burr" else 2]
    law, values = LAWS[name].make(at), np.array([0.01, 0.8, 3.0, 250.0])
    assert LAWS[name].density(at, values) == pytest.approx(law.of("logpdf", values), rel=1e-9)


def test_every_law_that_the_model_has_is_one_of_its_words():
    from simulator.parameters.catalogue import CATALOGUE
    assert {family.model for family in LAWS.values() if family.model} == set(CATALOGUE["care"]["bill_law"].options)


def test_chain_ladder_of_a_triangle_by_hand():
    triangle = np.array([[100.0, 150.0, 165.0], [200.0, 260.0, np.nan], [120.0, np.nan, np.nan]])
    factors, ultimate, errors = chain_ladder(triangle)
    assert factors == pytest.approx([410 / 300, 1.1])
    assert ultimate == pytest.approx([165, 286, 120 * 410 / 300 * 1.1])
    assert errors[0] == 0 and errors[1] > 0 and errors[2] > 0


def test_macks_errors_are_those_of_his_paper():
    """Taylor and Ashe's triangle; Mack 1993, table of the chain ladder: ultimates and standard errors in thousands."""
    increments = """357848 766940 610542 482940 527326 574398 146342 139950 227229 67948
352118 884021 933894 1183289 445745 320996 527804 266172 425046
290507 1001799 926219 1016654 750816 146923 495992 280405
310608 1108250 776189 1562400 272482 352053 206286
443160 693190 991983 769488 504851 470639
396132 937085 847498 805037 705960
440832 847631 1131398 1063269
359480 1061648 1443370
376686 986608
344014"""
    triangle = np.full((10, 10), np.nan)
    for n, line in enumerate(increments.splitlines()):
        amounts = np.cumsum([float(cell) for cell in line.split()])
        triangle[n, :len(amounts)] = amounts
    _, ultimate, errors = chain_ladder(triangle)
    reserves = ultimate - np.array([triangle[n, 9 - n] for n in range(10)])
    assert np.round(reserves / 1000).tolist() == [0, 95, 470, 710, 985, 1419, 2178, 3920, 4279, 4626]
    assert np.round(errors / 1000).tolist() == [0, 76, 122, 134, 261, 411, 558, 875, 971, 1363]
