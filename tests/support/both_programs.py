"""The compiled rules and the reference settle the same bills; what they pay must agree to the fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from functools import cached_property, lru_cache

import numpy as np

from simulator.money import yuan
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.parameters.plans import plan_of, region_plan
from simulator.parameters.regions import Regions
from simulator.plan import COMMERCIAL_SHARE, PAYMENT_COUNTIES, PILOT_COUNTIES, pack
from simulator.tables import FACTS, OUTPATIENT_VISIT, Fact
from tests.reference import settlement
from tests.support.bill_arrays import COLUMNS, PERSON, POLICY, settle_years
from tests.support.plan_text import plan_text
from tests.support.random_bills import random_bills
from tests.support.random_plans import random_plan

REGIONS = ("national", "jiangsu", "shandong", "linyi", "zibo", "huantai")
SCHEMES = ("uebmi", "urbmi", "nrcms")
YEARS = range(2010, 2017)
TAKING_PART = [PILOT_COUNTIES, PAYMENT_COUNTIES, COMMERCIAL_SHARE]      # ranks below these terms


@dataclass(frozen=True)
class Policies:
    """The same plans as both programs read them: terms int64[P, PLAN_WIDTH], and mappings as text."""

    names: list[str]
    terms: np.ndarray
    texts: list[dict]

    @cached_property
    def read(self) -> list[settlement.Plan]:
        """The plans as the reference has them."""
        return [settlement.read_plan(text) for text in self.texts]

    def distinct(self) -> Policies:
        """Each plan once, where several regions or years have the same."""
        rows = np.sort(np.unique(self.terms, axis=0, return_index=True)[1]).tolist()
        return Policies([self.names[n] for n in rows], self.terms[rows], [self.texts[n] for n in rows])


def shipped_policies(regions: Regions, rng: np.random.Generator | None = None) -> Policies:
    """Every shipped plan of `REGIONS`, `SCHEMES` and `YEARS`; with `rng` each at a random level k between 0 and 4."""
    asked = [(region, scheme, year) for region in REGIONS for scheme in SCHEMES for year in YEARS]
    levels = [Decimal(1) if rng is None else Decimal(int(rng.integers(4_000_001))) / 1_000_000 for _ in asked]
    plans = [region_plan(regions[asking[0]], *asking[1:], level) for asking, level in zip(asked, levels, strict=True)]
    names = [f"{region} {scheme} {year}, k = {level}" for (region, scheme, year), level in zip(asked, levels, strict=True)]
    return Policies(names, pack(plans), [plan_text(plan) for plan in plans])


def random_policies(rng: np.random.Generator, count: int, everything: bool = False) -> Policies:
    """`count` plans with random features; in some of them nobody is in a pilot, in a payment county or commercially covered. With
    `everything` also terms that few schedules have."""
    texts = [random_plan(rng, everything=everything) for _ in range(count)]
    terms = pack([plan_of(text) for text in texts])
    terms[:, TAKING_PART] = rng.choice([0, 1, 1, 2, 5, 40], size=(count, len(TAKING_PART)))
    return Policies([f"random plan {n}" for n in range(count)], terms, texts)


def joined(first: Policies, second: Policies) -> Policies:
    """Both, the first's rows before the second's."""
    return Policies(first.names + second.names, np.concatenate([first.terms, second.terms]), first.texts + second.texts)


def _fen_as_yuan(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)


def _as_read(row: Sequence[int], amount=_fen_as_yuan) -> dict:
    """A bill as the reference reads it."""
    illness = row[Fact.ILLNESS]
    return {"kind": "outpatient" if row[Fact.KIND] == OUTPATIENT_VISIT else "inpatient", "tier": TIERS[row[Fact.TIER]],
            "billed": amount(row[Fact.BILLED]), "eligible": amount(row[Fact.ELIGIBLE]), "tcm": amount(row[Fact.TCM]),
            "illness": ILLNESSES[illness] if illness >= 0 else None, "units": row[Fact.UNITS],
            "unreferred": row[Fact.UNREFERRED] == 1,
            "days": row[Fact.DAYS], "case_price": amount(row[Fact.CASE_PRICE]), "new_drug": amount(row[Fact.NEW_DRUG]),
            "chronic": row[Fact.CHRONIC], "emergency": row[Fact.EMERGENCY] == 1,
            "first_pay": amount(row[Fact.FIRST_PAY]), "out_of_area": settlement.AREAS[row[Fact.OUT_OF_AREA]],
            "essential": amount(row[Fact.ESSENTIAL]), "quota_price": amount(row[Fact.QUOTA_PRICE]),
            "insured_years": row[Fact.INSURED_YEARS]}


@lru_cache(10_000)
def _read_bill(facts: tuple[int, ...]) -> settlement.Bill:
    """A bill with the same facts is read once; nobody writes on it."""
    return settlement.read_bill(_as_read(facts))


def _person(row: list[int], taking_part: list[int]) -> dict:
    """The person as the reference reads it; `taking_part` counts the counties of both kinds and the covered persons."""
    pilots, priced, covered = taking_part
    return {"member_class": CLASSES[row[Fact.MEMBER_CLASS]], "group": GROUPS[row[Fact.GROUP]],
            "pilot_area": row[Fact.PILOT_RANK] < pilots,
            "payment_area": row[Fact.PAYMENT_RANK] < priced, "commercial": row[Fact.COVER_RANK] < covered,
            "civil_servant": row[Fact.CIVIL_SERVANT] == 1}


def _spans(bills: np.ndarray) -> list[tuple[int, int]]:
    """First row and the row behind the last of each person."""
    edges = np.flatnonzero(np.diff(bills[:, PERSON], prepend=-1, append=-1)).tolist()
    return list(zip(edges[:-1], edges[1:], strict=True))


def reference_pays(policies: Policies, bills: np.ndarray) -> np.ndarray:
    """What the reference makes of the bills: fen int64[N, COLUMNS].

    Each bill is settled by itself, but years that begin alike (thresholds are met from below, exactly and from above behind the
    same bills) are settled once up to where they part.
    """
    plans, taking_part = policies.read, policies.terms[:, TAKING_PART].tolist()
    told = np.delete(bills, PERSON, axis=1)
    rows, alike = bills.tolist(), [row.tobytes() for row in told]
    spans = sorted(_spans(bills), key=lambda span: alike[slice(*span)])
    common = [*(_first_apart(alike, one, other) for one, other in zip(spans, spans[1:], strict=False)), 0]
    paid: list[list[int]] = [[]] * len(bills)
    kept, last = {0: settlement.Year()}, (0, 0)            # the year's state before each bill at which years part
    with localcontext(settlement.EXACT):
        for (first, end), parts in zip(spans, common, strict=True):
            begin = max(kept)
            paid[first:first + begin] = paid[last[0]:last[0] + begin]
            year, policy = copied(kept[begin]), rows[first][POLICY]
            person = settlement.read_person(_person(rows[first], taking_part[policy]))
            for n in range(first + begin, end):
                if n - first == parts:
                    kept[parts] = copied(year)
                slip = settlement.settle_bill(plans[policy], person, year, _read_bill(tuple(rows[n][:FACTS])))
                paid[n] = [int(slip[column].scaleb(2)) for column in COLUMNS]
            kept, last = {at: state for at, state in kept.items() if at <= parts}, (first, end)
    return np.array(paid, dtype=np.int64).reshape(len(bills), len(COLUMNS))


def _first_apart(rows: list[bytes], one: tuple[int, int], other: tuple[int, int]) -> int:
    """How many bills two years have in common from the first on; of the second at least one is left."""
    most = min(one[1] - one[0], other[1] - other[0] - 1)
    return next((n for n in range(most) if rows[one[0] + n] != rows[other[0] + n]), most)


def copied(year: settlement.Year) -> settlement.Year:
    """A state of the year that moves on by itself."""
    return replace(year, admissions_at=dict(year.admissions_at), chronic_deductible_used=dict(year.chronic_deductible_used),
                   chronic_paid=dict(year.chronic_paid))


def rules_pay(terms: np.ndarray, bills: np.ndarray) -> np.ndarray:
    """What the compiled rules make of the bills: fen int64[N, COLUMNS]."""
    return settle_years(terms, bills)[0]


def differing_fen(one: np.ndarray, other: np.ndarray) -> int:
    """Fen in which two settlements differ, over all bills and columns."""
    return int(np.abs(one - other).sum())


def first_difference(policies: Policies, bills: np.ndarray, rules: np.ndarray, reference: np.ndarray) -> str:
    """The year of the first person about whom the programs differ, written so that it can become a case of tests/cases."""
    wrong = np.flatnonzero((rules != reference).any(axis=1))
    if not len(wrong):
        return ""
    first, end = next(span for span in _spans(bills) if span[0] <= wrong[0] < span[1])
    row = bills[first].tolist()
    policy = row[POLICY]
    lines = [policies.names[policy], f"plan: {policies.texts[policy]}",
             f"person: {_person(row, policies.terms[policy, TAKING_PART].tolist())}"]
    for n in range(first, end):
        lines.append(f"bill {n - first + 1}: {_as_read(bills[n].tolist(), yuan)}")
        for program, paid in (("rules", rules[n]), ("reference", reference[n])):
            named = zip(COLUMNS, paid, strict=True)
            lines.append(f"  {program}: " + ", ".join(f"{name} {yuan(amount)}" for name, amount in named if amount))
    return "\n".join(lines)


def mixed_year(rng: np.random.Generator, plans: int, bills: int) -> tuple[Policies, np.ndarray]:
    """Random policies and bills of a year, half of them with the terms and the facts that few schedules and no walk have."""
    usual, rare = random_policies(rng, plans // 2), random_policies(rng, plans - plans // 2, everything=True)
    first, second = random_year(rng, usual, bills // 2), random_year(rng, rare, bills - bills // 2, everything=True)
    second[:, [PERSON, POLICY]] += first[-1, PERSON] + 1, len(usual.names)
    return joined(usual, rare), np.concatenate([first, second])


def random_year(rng: np.random.Generator, policies: Policies, bills: int, everything: bool = False) -> np.ndarray:
    """`bills` random bills, about 4.5 a person (the last person's year is cut short), all policies equally often. With
    `everything` also facts that no walk draws: first pay, out of area, civil servants."""
    people = np.resize(np.arange(len(policies.texts)), bills * 10 // 43 + 50)
    return random_bills(rng, policies.terms, people, everything)[:bills]
