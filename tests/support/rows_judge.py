"""Blocks of bills under several rows of terms, and a judge that tells whether the kernel settles them as the rules do."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType, SimpleNamespace

import numpy as np

from simulator import plan as t
from simulator.care.blocks import BILL_COUNT
from simulator.engine.bill_rows import ONE_TIER, Rows, leave_diseases, policy_rows
from simulator.kernel.columns import PAID_COLUMNS, Column
from simulator.kernel.people import first_bill_terms
from simulator.kernel.persons import ROWS
from simulator.kernel.rows import PolicyRows
from simulator.law.year import STATE
from simulator.money import UNLIMITED
from simulator.tables import FACTS, INPATIENT, Fact, Paid
from tests.support.bill_arrays import PERSON
from tests.support.kernel_judge import FEWER, plans_of_every_kind, years_of
from tests.support.kernel_pays import as_walked
from tests.support.plain_kernel import PlainBlock, PlainKernel, SettledRows, defined, persons_of, plain_block
from tests.support.plain_law import PlainLaw

SHAPES_OF_ROWS = ((2, 1), (1, 2), (1, 3), (2, 2), (3, 2))          # times of the year, local tiers
# Terms of which rows of one policy differ in some.
MOVED = ("ratio", "deductible", "annual_cap", "cap_basis", "chronic_ratio", "outpatient_ratio", "outpatient_deductible",
         "cii_threshold", "ma_inpatient_ratio", "chronic_list", "outpatient_year_limit", "case_level", "day_price",
         "payment_counties", "supplement_ratio", "deductible_share", "order_counted", "tcm_bonus", "listed_ratio")


SEVERAL_GROUPS = SimpleNamespace(chronic_groups=(0,), chronic=1)    # what a walk's tables say of diseases of several groups


@dataclass(frozen=True)
class JudgedRows:
    """A block under several rows, what the rules leave of it, and the bills that the kernel as it is leaves to the full rules."""

    rows: PolicyRows
    usual: np.ndarray              # int64[1, TERMS]
    case: PlainBlock
    right: SettledRows
    exceptions: frozenset[int]


def _rows(rng: np.random.Generator, plans: np.ndarray, times: int, tiers: int) -> Rows:
    """Rows of terms: a plan of int64[P, TERMS], and others that differ from it in a few terms, those of local tiers by tier."""
    base = plans[rng.integers(len(plans))]

    def another(names: tuple[str, ...]) -> np.ndarray:
        row, other = base.copy(), plans[rng.integers(len(plans))]
        moved = t.places(*rng.choice(names, size=min(len(names), int(rng.integers(1, 4))), replace=False))
        row[moved] = other[moved]
        return row

    terms = np.repeat(np.stack([base, *(another(MOVED) for _ in range(times - 1))])[:, None], tiers, axis=1)
    by_tier = t.places(*(name for name in MOVED if "tier" in t.TERMS[name].shape))
    for local in range(1, tiers):
        terms[:, local, by_tier] = another(tuple(name for name in MOVED if "tier" in t.TERMS[name].shape))[by_tier]
    for row in terms.reshape(-1, t.PLAN_WIDTH):
        row[t.FULL_RULES_FOR] = t.full_rules_for(row)
    shares = np.sort(rng.integers(1 << 32, size=(t.N_TIERS, tiers)), axis=1)
    shares[:, -1] = 1 << 32
    months = np.sort(rng.integers(times, size=12))
    months[0], months[-1] = 0, times - 1
    local_shares = shares if tiers > 1 else ONE_TIER
    return Rows(terms[rng.permutation(times)], tuple(months.tolist()), int(rng.integers(times)), local_shares)


def judged_rows(seed: int, each: int) -> list[JudgedRows]:
    """So many blocks of every shape under plans of every kind, of random persons' years."""
    rng, law, kernel, found = np.random.default_rng(seed), PlainLaw(), PlainKernel(), list[JudgedRows]()
    plans = plans_of_every_kind(rng)
    while len(found) < each * len(SHAPES_OF_ROWS):
        rows = _rows(rng, plans, *SHAPES_OF_ROWS[len(found) % len(SHAPES_OF_ROWS)])
        several = len(found) % 2 == 1                      # people have diseases of several groups of the chronic list
        if several:
            rows = rows._replace(terms=leave_diseases(rows.terms, SEVERAL_GROUPS))
        made = policy_rows([rows])
        if made is None:
            continue
        years = years_of(rng, rows.terms[0, 0])
        bills = as_walked(np.concatenate(years), t.N_CHRONIC if several else 1)
        bills[:, PERSON] = np.repeat(np.arange(len(years)), [len(year) for year in years])
        visits = np.unique(bills[(bills[:, Fact.KIND] != INPATIENT) & (bills[:, Fact.ILLNESS] < 0), PERSON])
        usual = rows.terms[rows.usual, 0][None]
        case, stand = plain_block(kernel.kernel_rows.together(usual, made)[0], bills,
                                  (bills[:, PERSON] % 2 == 0) | np.isin(bills[:, PERSON], visits))
        months = np.concatenate([np.sort(rng.integers(12, size=len(year))) for year in years])
        tops = np.concatenate([rows.local.ravel(), rows.local.ravel() - 1]) % (1 << 32)
        bits = np.where(rng.random(len(bills)) < 0.2, rng.choice(tops, len(bills)), rng.integers(1 << 32, size=len(bills)))
        list.__setitem__(case.block.bills, int(Fact.MONTH), months[stand].tolist())
        list.__setitem__(case.block.bills, int(Fact.LOCAL_BITS), bits.tolist())
        found.append(JudgedRows(made, usual, case, _right(law, rows, case),
                                frozenset(kernel.settle_rows(made, usual, case)[1])))
    return found


def _right(law: PlainLaw, rows: Rows, case: PlainBlock) -> SettledRows:
    """What the rules leave, each bill under the terms of its month and local tier; first bills under those of the usual month."""
    bills, count = case.block.bills, case.block.count[BILL_COUNT]
    facts = [list(bill[:FACTS]) for bill in zip(*bills, strict=True)]
    thresholds, terms = rows.local.tolist(), rows.terms.tolist()
    alone, paid = ([[0] * count for _ in range(PAID_COLUMNS)] for _ in range(2))
    own = [0] * case.persons.count[ROWS]
    for person in persons_of(case):
        year, row = [0] * STATE, case.persons.row[person[0]]
        for i in person:
            local = sum(bills[Fact.LOCAL_BITS, i] >= top for top in thresholds[bills[Fact.TIER, i]][:-1])
            left, = law.settle_year(terms[rows.months[bills[Fact.MONTH, i]]][local], [facts[i]], year)
            first, = law.settle_year(terms[rows.usual][local], [facts[i]])
            for columns, leaves in ((paid, left), (alone, first)):
                leaves[Column.OWN] += leaves[Paid.ACCOUNT]
                for column, amount in enumerate(leaves):
                    columns[column][i] = amount
            if row >= 0:
                own[row] += left[Column.OWN]
    return SettledRows(defined(case, alone), defined(case, paid), own)


def kill(kernel: PlainKernel, blocks: list[JudgedRows]) -> str:
    """Who finds the kernel wrong: `a payment`, `a year's sum`, `what is left behind`, `what moves by draw`, `what the rows ask
    for`, or `an exception`, where a bill is left to the full rules that the kernel as it is does not leave to them; nobody, or
    FEWER where it only leaves fewer."""
    if not asks_together(kernel.kernel_rows):
        return "what the rows ask for"
    fewer = False
    for block in blocks:
        left, exceptions, kept = kernel.settle_rows(block.rows, block.usual, block.case)
        if left[:2] != block.right[:2]:
            return "a payment"
        if left != block.right:
            return "a year's sum"
        if not kept:
            return "what is left behind"
        if set(exceptions) - block.exceptions:
            return "an exception"
        fewer = fewer or len(exceptions) < len(block.exceptions)
        if not moves_by_draw(kernel, block):
            return "what moves by draw"
        if not asks_for_all(kernel.kernel_rows.together(block.usual, block.rows)[0], block):
            return "what the rows ask for"
    return FEWER if fewer else ""


def together_of(kernel_rows: ModuleType, *rows: dict[str, object], times: bool = False) -> np.ndarray:
    """The one row int64[TERMS] by which years are looked at under rows of terms that state so much each, of times of the year or
    of local tiers; the first is the usual one."""
    terms = np.zeros((len(rows), t.PLAN_WIDTH), dtype=np.int64)
    for row, stated in zip(terms, rows, strict=True):
        for name, value in stated.items():
            row[t.places(name)] = np.broadcast_to(np.asarray(value, dtype=np.int64), t.SHAPES[name]).ravel()
    local = ONE_TIER if times else np.full((t.N_TIERS, len(rows)), 1 << 32, dtype=np.int64)
    months = tuple(month % len(rows) if times else 0 for month in range(12))
    made = policy_rows([Rows(terms[:, None] if times else terms[None], months, 0, local)])
    return kernel_rows.together(terms[:1].copy(), made)[0]


def asks_together(kernel_rows: ModuleType) -> bool:
    """Whether rows together have a deductible by order of admission where one of them has, leave years to the full rules where
    tiers pay chronic visits otherwise and not where they pay alike, and have no cap where times count their caps otherwise."""
    by_tier, by_order = (np.zeros(t.SHAPES["deductible"], dtype=np.int64) for _ in range(2))
    by_tier += (np.arange(t.N_TIERS) * 100_00)[:, None, None]
    by_order[2, 0] = 500_00
    found = together_of(kernel_rows, {"deductible": by_tier}, {"deductible": by_order}, {})
    ratios = np.arange(t.N_TIERS)[:, None] * 1_000
    alike, apart = (together_of(kernel_rows, {"chronic_list": 1, "chronic_ratio": ratios},
                                {"chronic_list": 1, "chronic_ratio": ratios + more}) for more in (0, 1))
    caps = together_of(kernel_rows, {"annual_cap": 5, "cap_basis": 0}, {"annual_cap": 7, "cap_basis": 1}, times=True)
    return (np.array_equal(found[t.places("deductible")], by_order.ravel())
            and [int(row[t.FULL_RULES_FOR]) & t.YEARS_IN_FULL for row in (alike, apart)] == [0, t.YEARS_IN_FULL]
            and bool((caps[t.places("annual_cap")] == UNLIMITED).all()))


def asks_for_all(row: np.ndarray, block: JudgedRows) -> bool:
    """Whether one row int64[TERMS] asks for whatever one of the policy's rows does, with its highest cap where rules change
    within the year and all count alike, none where they do not, and is the usual row elsewhere."""
    number, own = block.rows.number[0], block.rows.terms[0, :block.rows.number[0]]
    wanted, later = block.usual[0].copy(), number > block.rows.locals[0]
    for name in ("outpatient_deductible", "case_level", "day_price", "payment_counties"):
        wanted[t.places(name)] = own[:, t.places(name)].max(axis=0)
    if later:
        wanted[t.places("annual_cap")] = (own[:, t.places("annual_cap")].max(axis=0)
                                          if len(np.unique(own[:, t.CAP_BASIS])) == 1 else UNLIMITED)
    flags = [int(flag) for flag in own[:, t.FULL_RULES_FOR]] + [t.YEARS_IN_FULL] * bool(later)
    rest = np.ones(t.PLAN_WIDTH, dtype=bool)
    rest[t.places("deductible")] = rest[t.FULL_RULES_FOR] = False

    def by_order(one: np.ndarray) -> bool:
        orders = one[t.places("deductible")].reshape(t.SHAPES["deductible"])
        return bool((orders != orders[:, :1]).any())

    return (np.array_equal(row[rest], wanted[rest]) and all(flag & ~int(row[t.FULL_RULES_FOR]) == 0 for flag in flags)
            and any(np.array_equal(row[t.places("deductible")], one[t.places("deductible")]) for one in own)
            and by_order(row) == any(map(by_order, own)))


def moves_by_draw(kernel: PlainKernel, block: JudgedRows) -> bool:
    """Whether a draw's factor and accounts stand in all rows, in first bills as these have them, and nothing else has moved."""
    moved, terms = t.places("factor", "account_balance"), block.usual.copy()
    terms[:, moved] = np.arange(7, 7 + len(moved))
    found = kernel.kernel_rows.rows_of_draw(block.rows, terms)
    kept = np.ones(t.PLAN_WIDTH, dtype=bool)
    kept[moved] = False
    first = first_bill_terms(found.first[0])
    return ((found.terms[..., moved] == terms[0, moved]).all()
            and np.array_equal(found.terms[..., kept], block.rows.terms[..., kept]) and np.array_equal(first, found.first[0])
            and np.array_equal(found.first[0][:, t.FACTOR], np.full(len(first), terms[0, t.FACTOR]))
            and np.array_equal(found.first[0][:, kept], first_bill_terms(block.rows.first[0])[:, kept])
            and all(one is other for one, other in zip(found, block.rows, strict=True) if one is not found.terms
                    and one is not found.first))
