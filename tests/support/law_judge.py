"""Cases, fixed bills, claims and slips, and a judge that tells whether rules in plain Python settle and word them rightly."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import numpy as np

from simulator.law.rows import BACKWARDS, REFUSED, SETTLED, STAY, empty_years, plain_rows
from simulator.law.year import STATE
from simulator.parameters.plans import plan_of
from simulator.plan import pack
from simulator.slip import words
from simulator.slip.steps import Step
from simulator.tables import FACTS, LEFT
from tests.law.test_cases import CASES, expected, judged
from tests.slip.test_explain import random_case
from tests.support.bill_arrays import COLUMNS, PERSON, POLICY
from tests.support.both_programs import Policies, random_policies, random_year, reference_pays
from tests.support.claims_judge import ClaimsJudge
from tests.support.plain_law import PlainLaw
from tests.support.settled import bill_rows
from tests.support.threshold_families import FAMILIES

Year = tuple[list[int], list[list[int]], list[list[int]]]        # terms, bills, what they leave
SLIP_BILLS = 4                         # bills of a plan that are explained, one after the other in a person's year


def _aimed_years(rng: np.random.Generator, policies: Policies, bills: int) -> Iterator[np.ndarray]:
    """Some years of every kind of threshold, about so many bills of each."""
    for family in FAMILIES:
        groups = [years for years in family(policies.terms) if len(years.bills)]
        for years in groups:
            count = max(bills // len(groups) // years.bills.shape[1], 1)
            yield from years.bills[rng.choice(len(years.bills), min(count, len(years.bills)), replace=False)]


def fixed_years(seed: int, bills: int, plans: int, aimed_bills: int, aimed_plans: int) -> list[Year]:
    """So many random bills, and some aimed at each kind of threshold, person by person, and what the reference makes of them."""
    rng = np.random.default_rng(seed)
    random_plans, aimed = (random_policies(rng, count, everything=True) for count in (plans, aimed_plans))
    rows = random_year(rng, random_plans, bills, everything=True)
    asked = [(random_plans, year) for year in np.split(rows, np.flatnonzero(np.diff(rows[:, PERSON], prepend=-1))[1:])]
    if aimed_bills:
        asked += [(aimed, year) for year in _aimed_years(rng, aimed, aimed_bills)]
    result = []
    for policies, year in asked:
        year = np.ascontiguousarray(year)
        year[:, PERSON] = 0
        result.append((policies.terms[year[0, POLICY]].tolist(), year.tolist(), reference_pays(policies, year).tolist()))
    return result


# Rows of a claims file: person, year, day, whether the reader has refused the row; and what becomes of each.
CLAIMS = ((0, 2012, 3, SETTLED), (0, 2012, 2, SETTLED), (1, 2012, 1, SETTLED), (0, 2013, 4, SETTLED), (0, 2013, 4, SETTLED),
          (1, 2013, 5, REFUSED), (1, 2013, 6, SETTLED), (1, 2013, 7, SETTLED))
FATES = [SETTLED, BACKWARDS, SETTLED, SETTLED, SETTLED, REFUSED, SETTLED, SETTLED]
CLAIMS_PLAN = {"deductible": {"county": ["300", "200", "100"]}, "ratio": {"county": ["60"]}, "annual_cap": "700"}
CLAIMS_BILL = {"tier": "county", "billed": "1000", "in_scope": "100"}


class LawJudge:
    """Settles and words the fixed bills by rules in plain Python, on lists; expectations are made when it is opened."""

    def __init__(self, years: list[Year], slips: int) -> None:
        rng = np.random.default_rng(len(years))
        self.years, self.slip_bills = years, [random_case(rng) for _ in range(slips)]
        self.cases = [(pack([plan_of(case["plan"])])[0].tolist(), bill_rows(case.get("person", {}), case["bills"]).tolist(),
                       case, expected(case)) for case in CASES]
        self.files = ClaimsJudge(len(years))
        self.slips, self.claims = self._explained(PlainLaw()), self._claims_one_by_one(PlainLaw())

    def kill(self, law: PlainLaw) -> str:
        """Who finds the rules wrong, or nobody: `a case`, `a bill`, `a claim` of a file, or `a slip`."""
        for terms, bills, case, right in self.cases:
            paid = [dict(zip(COLUMNS, left[:len(COLUMNS)], strict=True)) for left in law.settle_year(terms, bills)]
            if judged(case, paid) != right:
                return "a case"
        for terms, bills, paid_by_reference in self.years:
            if [left[:len(COLUMNS)] for left in law.settle_year(terms, bills)] != paid_by_reference:
                return "a bill"
        if self._claims(law) != self.claims or self.files.kill(law):
            return "a claim"
        return "" if self._explained(law) == self.slips else "a slip"

    def _explained(self, law: PlainLaw) -> list[list[Step]]:
        """The slips as the rules' trace has them worded."""
        result = []
        with patch.object(words, "settle_bill", law.settle.settle_bill):
            for plan, bill in self.slip_bills:
                terms, year = pack([plan_of(plan)])[0], np.zeros(STATE, dtype=np.int64)
                result += [words.explain(terms, year, bill) for _ in range(SLIP_BILLS)]
        return result

    def _claims(self, law: PlainLaw) -> tuple[list[list[int]], list[int]]:
        """What the rows of a claims file leave, and what becomes of them."""
        who, year, day, fate = (np.array(column) for column in zip(*CLAIMS, strict=True))
        paid = np.zeros((len(CLAIMS), LEFT), np.int64)
        bills = np.repeat(bill_rows({}, [CLAIMS_BILL])[:, :FACTS], len(CLAIMS), axis=0)
        law.rows.settle_rows(pack([plan_of(CLAIMS_PLAN)]), law.rows.NO_STAY_RULES, plain_rows(who, day, year), bills,
                             empty_years(2), empty_years(0), np.zeros((0, STAY), np.int64), paid, fate, law.rows.NOT_SEEN)
        return paid.tolist(), fate.tolist()

    def _claims_one_by_one(self, law: PlainLaw) -> tuple[list[list[int]], list[int]]:
        """The same, each person's year settled by itself."""
        terms, bill, = pack([plan_of(CLAIMS_PLAN)])[0].tolist(), bill_rows({}, [CLAIMS_BILL])[0].tolist()
        paid = [[0] * LEFT for _ in CLAIMS]
        for person_and_year in {claim[:2] for claim in CLAIMS}:
            rows = [n for n, claim in enumerate(CLAIMS) if claim[:2] == person_and_year and FATES[n] == SETTLED]
            for n, left in zip(rows, law.settle_year(terms, [bill] * len(rows)), strict=True):
                paid[n] = left
        return paid, FATES
