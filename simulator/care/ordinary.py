"""What is ordinary of a tier's admissions: what is stated of all of them, less the bills expected of listed illnesses.

Admission rate, tier shares, mean bills and in-scope shares of `care.*` are of all admissions, as they are published. Listed
illnesses are drawn apart, from `illness.*`. So ordinary admissions have what is left: together with the listed ones expected of
the members of the first year they have the stated shares, means and in-scope shares, tier by tier.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulator.care.paths import grown, growth_factor
from simulator.care.rates import IllnessCourse
from simulator.parameters.catalogue import AGE_BANDS, ILLNESSES, TIERS
from simulator.parameters.errors import InputError
from simulator.parameters.values import Read
from simulator.people.cells import single_ages

NO_ADMISSIONS = 1e-9                 # admissions a member and year below which a tier has none


class Ordinary(NamedTuple):
    """Ordinary admissions of each of T tiers, at the first year's prices."""

    share: np.ndarray              # float64[T]: of all ordinary admissions
    mean: np.ndarray               # float64[T]: bill in yuan, in whole fen
    in_scope: np.ndarray           # float64[T]: percent of what is billed


def members_by_age(read: Read, scheme: str, year: int, ages: int) -> np.ndarray:
    """The shares of a scheme's members by sex and single age, float64[2, ages], as rosters have them."""
    shares, male = read(f"population.{scheme}.age_shares", year).value, float(read(f"population.{scheme}.male_share", year).value)
    total, result = sum(float(shares[band]) for band in AGE_BANDS), np.zeros((2, ages))
    for number, band in enumerate(AGE_BANDS):
        single, weights = single_ages(scheme, number)
        for age, weight in zip(single, weights, strict=True):
            part = float(shares[band]) / total * weight / sum(weights)
            result[:, age] = part * male / 100.0, part * (1.0 - male / 100.0)
    return result


def listed_per_member(read: Read, scheme: str, year: int, course: IllnessCourse) -> np.ndarray:
    """Expected bills of listed illnesses a member in the first year, float64[I, 2], in the first and in later years of a course;
    of members of earlier years there is nobody but those of the first."""
    members, expected = members_by_age(read, scheme, year, course.onset.shape[1]), np.zeros((len(ILLNESSES), 2))
    for back in range(course.years):
        then = members[:, back:, None] * course.onset[:, :course.onset.shape[1] - back]
        for i in range(len(ILLNESSES)):
            later = min(back, 1)
            cases = math.fsum(then[:, :, i].ravel().tolist())
            expected[i, later] += cases * float(course.survival[i, back]) * float(course.bills[i, later])
    return expected


def ordinary_admissions(read: Read, scheme: str, year: int, course: IllnessCourse) -> Ordinary:
    """Tier shares, mean bills and in-scope shares of a scheme's ordinary admissions in the first year of a run.

    An in-scope share is what is left within 0 and 100%. InputError where listed illnesses alone are more or cost more than all
    admissions that are stated for a tier; of a tier without any, they come on top.
    """
    def stated(name: str) -> list[float]:
        value = read(f"care.{scheme}.{name}", year).value
        return [float(value[tier]) for tier in TIERS]

    def rate_of(name: str, growth: str) -> float:
        return grown(read, f"care.{scheme}.{growth}", read(f"care.{scheme}.{name}", year), year)

    growth = f"care.{scheme}.bill_growth"
    lift = growth_factor(read, growth, read(f"care.{scheme}.bill_mean", year), year)
    rate = rate_of("admission_rate", "use_growth") / 100.0
    shares, means, scopes = stated("tier_shares"), [mean * lift for mean in stated("bill_mean")], stated("in_scope_share")
    whole, listed = math.fsum(shares), listed_per_member(read, scheme, year, course)
    bills, billed, eligible = ([list[float]() for _ in TIERS] for _ in range(3))
    for i, name in enumerate(ILLNESSES):
        tiers, scope = read(f"illness.{name}.tier_shares", year).value, float(read(f"illness.{name}.in_scope_share", year).value)
        for later, part in enumerate(("first_year_bill", "later_bill")):
            mean = grown(read, growth, read(f"illness.{name}.{part}", year), year)
            for t, tier in enumerate(TIERS):
                number = float(listed[i, later]) * float(tiers[tier]) / 100.0
                bills[t].append(number)
                billed[t].append(number * mean)
                eligible[t].append(number * mean * scope)
    left, ordinary, in_scope = list[float](), list[float](), list[float]()
    for t, tier in enumerate(TIERS):
        every = rate * shares[t] / whole
        number = every - math.fsum(bills[t])
        amount = every * means[t] - math.fsum(billed[t])
        if every < NO_ADMISSIONS:
            number, amount = 0.0, 0.0
        elif number < NO_ADMISSIONS or amount <= 0.0:
            raise InputError(
                f"care.{scheme}: listed illnesses alone bring {math.fsum(bills[t]) * 100:.3f} admissions per 100 members to the "
                f"tier '{tier}', for {math.fsum(billed[t]):.2f} yuan a member, where all are",
                value=f"{every * 100:.3f} for {every * means[t]:.2f}",
                expected="a rate, a share of the tier and a mean bill of all its admissions, with those for listed illnesses",
                next_step=f"state more in care.{scheme}.admission_rate, tier_shares or bill_mean, or less in illness.*")
        left.append(number)
        ordinary.append(math.floor(amount / number * 100.0 + 0.5) / 100.0 if number > 0.0 else means[t])
        scope = (every * means[t] * scopes[t] - math.fsum(eligible[t])) / amount if number > 0.0 else scopes[t]
        in_scope.append(min(max(scope, 0.0), 100.0))
    return Ordinary(np.array(left) / math.fsum(left), np.array(ordinary), np.array(in_scope))
