"""The walk through the roster: how many claims, whose, when, and how large."""

import numpy as np
import pytest
from scipy import stats

from simulator.care.amounts import write_admissions, write_visits
from simulator.care.blocks import OF_CLAIM, merge, next_block, open_block, open_walk, sort_keys, start_replica
from simulator.care.courses import draw_listed
from simulator.care.ordinary import ordinary_admissions
from simulator.care.rates import listed_bills_expected
from simulator.care.walk import (
    CASE_GROUPS,
    END,
    EXHAUSTED,
    FIRST,
    HAZARD,
    LAST,
    LEVELS,
    PRICE,
    RATE,
    DrawTask,
    choose,
    draw_claims,
    find_keys,
    find_rows,
    open_stream,
    rows_of,
)
from simulator.chance.random import ADMISSION, ADMISSION_MORE, CELL_WEIGHT, VISIT, philox, quantile, quantile_of, year_stream
from simulator.engine.prepare import prepare
from simulator.parameters.catalogue import ILLNESSES, TIERS
from simulator.parameters.regions import load_regions
from simulator.tables import BEHIND_ALL, BILL_COLUMNS, INPATIENT, NO_ILLNESS, OUTPATIENT_VISIT, Fact

YEAR = 2012
STANDARD_ERRORS = 4


def plain(function):
    return getattr(function, "py_func", function)


@pytest.fixture(scope="module")
def people():
    """4,000 members of Jiangsu's new cooperative scheme, all households' visits walked."""
    return prepare(load_regions()["jiangsu"], "nrcms", YEAR, 1, 4_000, (1, 1), 2012)


@pytest.fixture(scope="module")
def ready(people):
    return people.year(YEAR)


def task_of(draw=0, price=PRICE, inverse_rate=RATE, extra=True, year=YEAR) -> DrawTask:
    """What the walks of a draw read, case prices at the base's."""
    return DrawTask(draw, 0, 1, year, price, PRICE, inverse_rate, inverse_rate, 65536, extra, extra)


def draw_admissions(streams, tables, stream, task, replica, form=lambda function: function):
    """The stream's next admissions, int64[BILL_COLUMNS, n]; `form` of the functions that draw."""
    form(draw_claims)(streams, streams.admissions, tables.tier_of, stream, task, replica, ADMISSION)
    bills, last = bills_that_wait(stream, OF_CLAIM), stream.cursor[LAST]
    form(write_admissions)(streams, tables, stream, last, bills, task, replica)
    return bills


def draw_visits(streams, tables, stream, task, replica, form=lambda function: function):
    """The stream's next visits, int64[BILL_COLUMNS, n]."""
    form(draw_claims)(streams, streams.visits, tables.visit_tier_of, stream, task, replica, VISIT)
    bills, last = bills_that_wait(stream, [Fact.TIER]), stream.cursor[LAST]
    form(write_visits)(streams, tables, stream, last, bills, np.int64(0), task, replica)
    return bills


def bills_that_wait(stream, columns) -> np.ndarray:
    """The bills of a stream, int64[BILL, n], with what their keys say and these columns; the others are all zero."""
    own = stream.bills[:, stream.cursor[FIRST]:stream.cursor[LAST]]
    bills = np.zeros_like(own, order="C")
    bills[columns], bills[Fact.KEY] = own[columns], own[Fact.KEY]
    bills[Fact.ROW], bills[Fact.MONTH] = bills[Fact.KEY] >> 16, (bills[Fact.KEY] & 0xFFFF) * 12 >> 16
    return bills


def bills_of(draw_stream, streams, tables, replica=0, draw=0, inverse_rate=RATE, price=PRICE, block=4096,
             more=True) -> np.ndarray:
    """All bills of a stream, int64[n, BILL], drawn block by block."""
    stream, blocks = open_stream(block), []
    while stream.cursor[EXHAUSTED] == 0:
        blocks.append(draw_stream(streams, tables, stream, task_of(draw, price, inverse_rate, more), replica).T)
        stream.cursor[FIRST] = stream.cursor[LAST]
    return np.concatenate(blocks)


def listed_of(streams, tables, replica=0, draw=0, year=YEAR, function=draw_listed) -> np.ndarray:
    """All bills of listed illnesses, int64[n, BILL], keys as those of the other streams, in order."""
    bills = np.zeros((BILL_COLUMNS, 4096), dtype=np.int64)
    bills = bills[:, :function(streams, tables, open_stream(512), bills, task_of(draw, year=year), replica)].T
    bills = bills[np.argsort(bills[:, Fact.KEY], kind="stable")]
    bills[:, Fact.KEY] >>= 10
    bills[:, Fact.ROW], bills[:, Fact.MONTH] = bills[:, Fact.KEY] >> 16, (bills[:, Fact.KEY] & 0xFFFF) * 12 >> 16
    return bills


def merged_of(streams, tables, replica=0, draw=0, room=4096, stream_room=2048, more=True, function=next_block,
              walk=None) -> list[np.ndarray]:
    """The blocks of a replica, int64[n, BILL] each."""
    walk = walk or open_walk(4096, stream_room)
    task = task_of(draw, extra=more)
    start_replica(walk, streams, tables, task, replica)
    block, blocks = open_block(room), []
    # The kernel's to write, and the ranks of inpatients.
    block.bills[[Fact.MEMBER_CLASS, Fact.GROUP, Fact.COVER_RANK]] = 0
    while count := function(walk, streams, tables, block, task, replica):
        bills = block.bills[:, block.order[:count]].T
        bills[np.ix_(bills[:, Fact.SOURCE] < 2, [Fact.PILOT_RANK, Fact.PAYMENT_RANK])] = 0
        blocks.append(bills)
    return blocks


def assert_near(values: np.ndarray, expected: float) -> None:
    """The mean is the expected one within four standard errors."""
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert abs(values.mean() - expected) <= STANDARD_ERRORS * error, (values.mean(), expected, error)


@pytest.fixture(scope="module")
def admissions(people, ready):
    """Ordinary admissions of 1,500 replicas, one array each."""
    return [bills_of(draw_admissions, ready.streams, people.tables, replica) for replica in range(1500)]


@pytest.fixture(scope="module")
def all_admissions(admissions):
    return np.concatenate(admissions)


# --- how many, whose, when

def test_the_number_of_admissions_is_poisson_with_the_rosters_hazard(admissions, ready):
    counts = np.array([len(bills) for bills in admissions], dtype=np.float64)
    mean = ready.streams.admissions.edge[-1] / HAZARD
    assert_near(counts, mean)
    error = np.sqrt((mean + 2 * mean * mean) / len(counts))          # of a Poisson sample's variance
    assert abs(counts.var(ddof=1) - mean) <= STANDARD_ERRORS * error


@pytest.mark.parametrize("use", [0.7, 1.6])
def test_the_draws_use_multiplies_the_hazard(people, ready, use):
    inverse = int(RATE / use + 0.5)
    counts = np.array([len(bills_of(draw_admissions, ready.streams, people.tables, r, 3, inverse)) for r in range(400)])
    assert_near(counts, ready.streams.admissions.edge[-1] / HAZARD * RATE / inverse)


def test_the_number_of_visits_is_poisson_with_the_rosters_hazard(people, ready):
    counts = np.array([len(bills_of(draw_visits, ready.streams, people.tables, replica)) for replica in range(200)],
                      dtype=np.float64)
    mean = ready.streams.visits.edge[-1] / HAZARD
    assert_near(counts, mean)
    assert abs(counts.var(ddof=1) / mean - 1) <= STANDARD_ERRORS * np.sqrt(2 / len(counts))


def test_admissions_fall_on_rows_in_proportion_to_their_hazard(all_admissions, ready):
    per_row = np.bincount(all_admissions[:, Fact.ROW], minlength=len(ready.people.group))
    hazards = ready.admissions
    assert not per_row[hazards == 0].any()
    order = np.argsort(hazards, kind="stable")
    groups = np.array_split(order[hazards[order] > 0], 40)            # from the healthiest to the sickest
    seen, expected = (np.array([column[rows].sum() for rows in groups], dtype=np.float64) for column in (per_row, hazards))
    assert stats.chisquare(seen, expected / expected.sum() * seen.sum()).pvalue > 1e-4


def test_admissions_of_two_rows_are_independent_and_of_one_row_too(admissions, ready):
    """Counts of the first and second half of the roster are uncorrelated Poisson numbers."""
    half = len(ready.people.group) // 2
    first = np.array([(bills[:, Fact.ROW] < half).sum() for bills in admissions], dtype=np.float64)
    second = np.array([(bills[:, Fact.ROW] >= half).sum() for bills in admissions], dtype=np.float64)
    assert abs(np.corrcoef(first, second)[0, 1]) <= STANDARD_ERRORS / np.sqrt(len(admissions))


def test_times_of_year_are_uniform_and_months_follow_them(all_admissions):
    time = all_admissions[:, Fact.KEY] & 0xFFFF
    assert stats.kstest((time + 0.5) / 65536, "uniform").pvalue > 1e-4
    assert np.array_equal(all_admissions[:, Fact.MONTH], time * 12 >> 16)
    assert stats.chisquare(np.bincount(all_admissions[:, Fact.MONTH], minlength=12)).pvalue > 1e-4


def test_bills_come_in_order_of_row_and_time(admissions):
    for bills in admissions[:50]:
        assert np.all(np.diff(bills[:, Fact.KEY]) >= 0)
        assert np.array_equal(bills[:, Fact.KEY] >> 16, bills[:, Fact.ROW])


# --- how large

@pytest.fixture(scope="module")
def ordinary(people):
    """What listed illnesses leave of all that is stated, see test_ordinary."""
    return ordinary_admissions(people.reader.value, "nrcms", YEAR, people.rates.course)


def test_tiers_have_their_shares_of_ordinary_admissions(ordinary, all_admissions):
    seen = np.bincount(all_admissions[:, Fact.TIER], minlength=4)
    assert stats.chisquare(seen, ordinary.share * len(all_admissions)).pvalue > 1e-4


@pytest.mark.parametrize("tier", range(4), ids=TIERS)
def test_mean_bills_and_in_scope_shares_are_those_of_the_tiers_ordinary_admissions(people, ordinary, all_admissions, tier):
    bills = all_admissions[all_admissions[:, Fact.TIER] == tier]
    assert_near(bills[:, Fact.BILLED] / 100, float(ordinary.mean[tier]))
    share = float(ordinary.in_scope[tier]) / 100
    assert_near(bills[:, Fact.ELIGIBLE] / bills[:, Fact.BILLED], share)
    levels = people.tables.in_scope[tier]
    assert len(np.unique(levels)) == LEVELS and levels.mean() == pytest.approx(share * 10_000, abs=1)
    assert np.array_equal(bills[:, Fact.TCM], (bills[:, Fact.ELIGIBLE] * people.tables.tcm_share[tier] + 5000) // 10_000)


def test_only_patients_of_city_and_outside_hospitals_come_unreferred_and_as_often_as_stated(people, all_admissions):
    stated = float(people.reader.value("inpatient.nrcms.unreferred_share", YEAR).value) / 100
    far = all_admissions[:, Fact.TIER] >= 2
    assert not all_admissions[~far, Fact.UNREFERRED].any()
    assert_near(all_admissions[far, Fact.UNREFERRED].astype(float), stated)


def test_the_bill_its_time_its_in_scope_share_and_the_referral_are_independent(all_admissions):
    city = all_admissions[all_admissions[:, Fact.TIER] == 2]
    share = city[:, Fact.ELIGIBLE] / city[:, Fact.BILLED]
    for one, other in ((city[:, Fact.BILLED], share), (city[:, Fact.UNREFERRED], share),
                       (city[:, Fact.UNREFERRED], city[:, Fact.BILLED]), (city[:, Fact.KEY] & 0xFFFF, city[:, Fact.BILLED])):
        assert abs(stats.spearmanr(one, other).statistic) <= STANDARD_ERRORS / np.sqrt(len(city))


def test_a_price_index_moves_every_bill_and_nothing_else(people, ready):
    base, dear = (bills_of(draw_admissions, ready.streams, people.tables, price=price) for price in (PRICE, PRICE * 3 // 2))
    # case prices are the year's, not the draw's
    amounts = [Fact.BILLED, Fact.ELIGIBLE, Fact.TCM, Fact.NEW_DRUG]
    assert np.array_equal(np.delete(base, amounts, axis=1), np.delete(dear, amounts, axis=1))
    assert np.array_equal(dear[:, Fact.BILLED], (base[:, Fact.BILLED] * 3 + 1) // 2)


def test_the_walk_reads_the_words_that_the_layout_promises(people, ready):
    streams, tables = ready.streams, people.tables
    bills = bills_of(draw_admissions, streams, tables, replica=3, draw=9)
    position, cumulative = 0, np.append(0, np.cumsum(ready.admissions))
    for claim in range(50):
        w0, w1, w2, w3 = (int(w) for w in philox(streams.key0, streams.key1, claim, 3, 9, year_stream(YEAR, ADMISSION)))
        position += int(quantile(streams.gap_base, streams.gap_width, w0))
        row = int(np.searchsorted(cumulative, position, side="right")) - 1
        tier = int(np.searchsorted(tables.tier_of, w1, side="right"))
        assert (bills[claim, Fact.ROW], bills[claim, Fact.TIER]) == (row, tier)
        assert bills[claim, Fact.BILLED] == quantile_of(tables.base, tables.width, tier, w2)
        assert bills[claim, Fact.ELIGIBLE] == (bills[claim, Fact.BILLED] * tables.in_scope[tier, w3 % LEVELS] + 5000) // 10000


def test_compiled_and_plain_walks_are_equal(people, ready):
    streams, tables = ready.streams, people.tables
    for draw_stream in (draw_admissions, draw_visits):
        compiled_stream, plain_stream = open_stream(40), open_stream(40)
        compiled_bills = draw_stream(streams, tables, compiled_stream, task_of(2), 1)
        plain_bills = draw_stream(streams, tables, plain_stream, task_of(2), 1, plain)
        assert compiled_stream.cursor[LAST] == 40 and np.array_equal(compiled_stream.cursor, plain_stream.cursor)
        assert np.array_equal(compiled_bills, plain_bills)
    listed = listed_of(streams, tables)
    assert len(listed) > 0 and np.array_equal(listed, listed_of(streams, tables, function=plain(draw_listed)))


@pytest.mark.parametrize("stream", [draw_admissions, draw_visits])
def test_the_size_of_a_block_changes_nothing(people, ready, stream):
    whole, pieces = (bills_of(stream, ready.streams, people.tables, block=block) for block in (4096, 7))
    columns = [Fact.KEY, Fact.ROW, Fact.MONTH, Fact.TIER, Fact.BILLED, Fact.ELIGIBLE, Fact.TIER_BITS, Fact.AMOUNT_BITS,
               Fact.KEEP_BITS, Fact.CHRONIC, Fact.CASE_PRICE, Fact.DAYS, Fact.TCM]
    assert len(whole) > 100 and np.array_equal(whole[:, columns], pieces[:, columns])


@pytest.mark.parametrize(("others", "named"), [([1, 1, 1], False), ([0, 0, 0], True)])
def test_the_index_finds_the_row_of_every_position(others, named):
    """Rows without hazard among rows of very different hazards; each edge, and the positions around it."""
    hazards = np.array([0, 5, 0, 0, 1, 1 << 30, 3, 0, 1 << 44, 70_000, 0, *others])
    cumulative = np.append(0, np.cumsum(hazards))
    rows = rows_of(cumulative)
    assert (len(rows.row) > 0) == named
    at = np.unique(np.concatenate([cumulative - 1, cumulative, cumulative + 1, np.linspace(0, cumulative[-1], 1000).astype(int)]))
    at = at[(at >= 0) & (at < cumulative[-1])]
    way, row, width = at.copy(), np.zeros_like(at), np.zeros_like(at)
    find_rows(rows, way, row, width)
    expected = np.searchsorted(cumulative, at, side="right") - 1
    assert np.array_equal(row, expected) and set(row) == set(np.flatnonzero(hazards))
    assert np.array_equal(way, at - cumulative[expected]) and np.array_equal(width, hazards[expected])


def test_a_time_of_year_is_the_whole_part_of_the_quotient_to_the_last_bit():
    """Ways a unit before, at and behind each point where the time changes, in hazards from the smallest to 2^47."""
    rng = np.random.default_rng(3)
    ways, widths = [], []
    for width in [1, 2, 3, 65_535, 65_536, 65_537, (1 << 47) - 1, *(int(x) for x in 2 ** rng.uniform(1, 47, 300))]:
        steps = rng.integers(0, 65_536, 50)
        for way in {max(int(step) * width // 65_536 + d, 0) for step in steps for d in (-1, 0, 1, 2)} | {0, width - 1}:
            if way < width:
                ways.append(way)
                widths.append(width)
    keys = np.array(ways)
    find_keys(keys, np.full(len(ways), 9), np.array(widths))
    assert [int(key) for key in keys] == [(9 << 16) | (way << 16) // width for way, width in zip(ways, widths, strict=True)]


def test_a_word_chooses_the_first_threshold_above_it():
    thresholds = np.array([0, 10, 10, 500, 1 << 32])
    words = [0, 9, 10, 11, 499, 500, (1 << 32) - 1]
    assert [choose(thresholds, word) for word in words] == [1, 1, 3, 3, 3, 4, 4]


# --- case groups and what only some rules ask for

@pytest.fixture(scope="module")
def marked():
    """4,000 people of whom many come as emergencies, with new drugs, or for chronic diseases."""
    changes = {"care.nrcms.emergency_share": "20", "care.nrcms.new_drug_share": "30", "care.nrcms.new_drug_part": "40",
               "care.nrcms.chronic_visit_share": "25"}
    people = prepare(load_regions()["jiangsu"].with_changes(changes, "a test"), "nrcms", YEAR, 1, 4_000, (1, 1), 2012)
    return people, people.year(YEAR)


def test_emergencies_and_new_drugs_are_as_frequent_as_stated_and_independent(marked):
    people, ready = marked
    bills = np.concatenate([bills_of(draw_admissions, ready.streams, people.tables, replica) for replica in range(100)])
    drug = bills[:, Fact.NEW_DRUG] > 0
    assert_near(bills[:, Fact.EMERGENCY].astype(float), 0.2)
    assert_near(drug.astype(float), 0.3)
    assert np.array_equal(bills[drug, Fact.NEW_DRUG], (bills[drug, Fact.ELIGIBLE] * 4000 + 5000) // 10000)
    columns = [bills[:, Fact.EMERGENCY], drug, bills[:, Fact.KEEP_BITS], bills[:, Fact.BILLED],
               bills[:, Fact.TIER], bills[:, Fact.KEY] & 0xFFFF]
    for at, one in enumerate(columns[:3]):
        for other in columns[at + 1:]:
            assert abs(stats.spearmanr(one, other).statistic) <= STANDARD_ERRORS / np.sqrt(len(bills))


def test_visits_for_chronic_diseases_are_as_frequent_as_stated_and_independent(marked):
    people, ready = marked
    bills = np.concatenate([bills_of(draw_visits, ready.streams, people.tables, replica) for replica in range(3)])
    assert_near(bills[:, Fact.CHRONIC].astype(float), 0.25)
    for other in (bills[:, Fact.BILLED], bills[:, Fact.KEEP_BITS], bills[:, Fact.TIER]):
        assert abs(stats.spearmanr(bills[:, Fact.CHRONIC], other).statistic) <= STANDARD_ERRORS / np.sqrt(len(bills))


def test_what_nobody_asks_for_is_not_drawn_and_leaves_the_rest_of_the_bill_alone(marked):
    people, ready = marked
    asked, unasked = (bills_of(draw_admissions, ready.streams, people.tables, more=more) for more in (True, False))
    extra = [Fact.TIER_BITS, Fact.AMOUNT_BITS, Fact.KEEP_BITS, Fact.LOCAL_BITS, Fact.EMERGENCY, Fact.NEW_DRUG]
    assert not unasked[:, extra].any() and asked[:, extra].any(axis=0).all()
    assert np.array_equal(np.delete(asked, extra, axis=1), np.delete(unasked, extra, axis=1))


def test_words_of_thinning_are_uniform_for_every_kind_of_claim(marked):
    people, ready = marked
    for bills in (np.concatenate([bills_of(draw_admissions, ready.streams, people.tables, r) for r in range(40)]),
                  bills_of(draw_visits, ready.streams, people.tables)):
        words = bills[:, Fact.KEEP_BITS]
        assert 0 <= words.min() and words.max() < 65536
        assert stats.chisquare(np.bincount(words >> 10, minlength=64)).pvalue > 1e-4


def test_a_course_keeps_its_word_of_thinning_from_year_to_year():
    """So that a course prevented in its first year has no bills in a later one: the word comes of the onset."""
    people = prepare(load_regions()["jiangsu"], "nrcms", YEAR, 2, 4_000, (1, 1), 2012)
    seen, bills_seen = [set(), set()], 0
    for y in range(2):
        streams = people.year(YEAR + y).streams
        for replica in range(150):
            bills = listed_of(streams, people.tables, replica, year=YEAR + y)
            bills = bills[bills[:, Fact.ILLNESS] == ILLNESSES.index("esrd")]
            seen[y] |= {(replica, *pair) for pair in bills[:, [Fact.ROW, Fact.KEEP_BITS]].tolist()}
            bills_seen += len(bills)
    assert 100 < len(seen[1]) and len(seen[0]) + len(seen[1]) < bills_seen / 3        # many bills a course, one word
    stay = float(people.reader.value("illness.esrd.one_year_survival", YEAR).value) / 100
    again = len(seen[0] & seen[1]) / len(seen[1])
    assert stay - 0.25 < again < 1                                                    # the rest are the year's own onsets


def test_the_words_behind_a_bill_are_those_the_layout_promises(marked):
    people, ready = marked
    streams = ready.streams
    for bill, stream in ((bills_of(draw_admissions, streams, people.tables, replica=3, draw=9), ADMISSION),
                         (bills_of(draw_visits, streams, people.tables, replica=3, draw=9), VISIT)):
        for claim in range(40):
            _, w1, w2, w3 = (int(w) for w in philox(streams.key0, streams.key1, claim, 3, 9, year_stream(YEAR, stream)))
            m0, m1, m2, _ = (int(w) for w in philox(streams.key0, streams.key1, claim, 3, 9, year_stream(YEAR, ADMISSION_MORE)))
            own = bill[claim]
            assert (own[Fact.TIER_BITS], own[Fact.AMOUNT_BITS]) == (w1, w2)
            if stream == ADMISSION:
                assert (own[Fact.MIX_BITS], own[Fact.KEEP_BITS]) == (w3, m0 >> 16)
                assert own[Fact.EMERGENCY] == (m1 >> 16 < people.tables.emergency)
                assert (own[Fact.NEW_DRUG] > 0) == (m2 >> 16 < people.tables.new_drug)
            else:
                assert own[Fact.KEEP_BITS] == w3 >> 16 and own[Fact.CHRONIC] == (w3 & 0xFFFF < people.tables.chronic)


def test_the_mean_price_of_a_case_is_the_mean_bill_of_its_tier(people):
    """So that paying by case at 100% costs what the bills cost."""
    tables = people.tables
    shares = np.array([2.0 ** -(g + 1) for g in range(CASE_GROUPS - 1)] + [2.0 ** -(CASE_GROUPS - 1)])
    mean = np.array([float(np.sum((tables.base[t] + 0.5 * tables.width[t]) * CELL_WEIGHT)) for t in range(4)])
    assert tables.case_price @ shares == pytest.approx(mean, rel=1e-6)
    assert np.all(np.diff(tables.case_price, axis=1) > 0)


def test_a_case_group_costs_what_its_cases_cost(people, all_admissions):
    """Each group holds the dearer half of what the one before it leaves, and its price is the mean of its bills."""
    tables = people.tables
    for tier in range(4):
        bills = all_admissions[all_admissions[:, Fact.TIER] == tier]
        order = np.argsort(bills[:, Fact.BILLED], kind="stable")
        assert np.all(np.diff(bills[order, Fact.CASE_PRICE]) >= 0)
        for group in range(6):
            mine = bills[bills[:, Fact.CASE_PRICE] == tables.case_price[tier, group]]
            chance = 0.5 ** (group + 1)
            assert abs(len(mine) - len(bills) * chance) <= STANDARD_ERRORS * np.sqrt(len(bills) * chance * (1 - chance))
            assert_near(mine[:, Fact.BILLED].astype(float), float(tables.case_price[tier, group]))
            assert np.all(mine[:, Fact.DAYS] == tables.stay[tier, group])


@pytest.mark.parametrize("tier", range(4), ids=TIERS)
def test_stays_rise_with_the_case_group_and_keep_the_tiers_mean_up_to_whole_days(people, all_admissions, tier):
    stated = float(people.reader.value("care.nrcms.length_of_stay", YEAR).value[TIERS[tier]])
    days = all_admissions[all_admissions[:, Fact.TIER] == tier, Fact.DAYS]
    assert np.all(np.diff(people.tables.stay[tier]) >= 0) and days.min() >= 1
    assert days.mean() == pytest.approx(stated, abs=0.5)


# --- unusual rosters

def with_hazard(streams, rates):
    """The streams of a roster whose rows expect `rates` admissions a year."""
    return streams._replace(admissions=rows_of(np.append(0, np.cumsum(np.floor(np.asarray(rates) * HAZARD
                                                                               + 0.5).astype(np.int64)))))


def test_a_roster_without_hazard_has_no_admissions(people, ready):
    assert len(bills_of(draw_admissions, with_hazard(ready.streams, np.zeros(5)), people.tables)) == 0


def test_rows_without_hazard_are_never_hit(people, ready):
    bills = bills_of(draw_admissions, with_hazard(ready.streams, [0, 0, 40, 0, 0, 40, 0]), people.tables)
    assert set(bills[:, Fact.ROW]) == {2, 5}


def test_one_person_falls_ill_at_their_own_rate(people, ready):
    counts = np.array([len(bills_of(draw_admissions, with_hazard(ready.streams, [0.3]), people.tables, replica))
                       for replica in range(4000)])
    assert_near(counts.astype(float), 0.3)
    assert counts.max() > 1


def test_a_huge_hazard_is_walked_to_its_end(people, ready):
    bills = bills_of(draw_admissions, with_hazard(ready.streams, [100_000.0]), people.tables)
    assert abs(len(bills) - 100_000) <= STANDARD_ERRORS * np.sqrt(100_000)
    assert np.all(np.diff(bills[:, Fact.KEY]) >= 0) and (bills[:, Fact.KEY] >> 16 == 0).all()
    assert stats.kstest(((bills[:, Fact.KEY] & 0xFFFF) + 0.5) / 65536, "uniform").pvalue > 1e-4


# --- listed illnesses

@pytest.fixture(scope="module")
def listed(people, ready):
    return [listed_of(ready.streams, people.tables, replica, draw) for draw in range(2) for replica in range(1000)]


def test_courses_bring_the_bills_expected_of_onset_and_survival(people, listed):
    """Bills by illness, in the first and in later years together; the later ones come of onsets walked again."""
    roster = people.roster
    expected = listed_bills_expected(roster, people.rates.course, YEAR, YEAR, np.zeros(roster.rows, dtype=np.int64),
                                     1)[..., 0].sum(axis=1)
    seen = np.array([np.bincount(bills[:, Fact.ILLNESS], minlength=len(ILLNESSES)) for bills in listed], dtype=np.float64)
    for i, name in enumerate(ILLNESSES):
        error = seen[:, i].std(ddof=1) / np.sqrt(len(listed))
        assert abs(seen[:, i].mean() - expected[i]) <= STANDARD_ERRORS * max(error, 1e-9), name
    assert_near(seen.sum(axis=1), expected.sum())


def test_a_fraction_of_a_bill_a_year_is_kept_on_average(people):
    """0.3 bills in a later year are not none."""
    course = people.rates.course
    stated = np.array([[float(people.reader.value(f"illness.{name}.{part}", YEAR).value)
                        for part in ("first_year_bills", "later_bills")]
                       for name in ILLNESSES])
    assert np.allclose(course.bills, stated, atol=1e-4)


def test_only_members_of_the_year_have_bills_and_only_of_illnesses_of_their_age_and_sex(people, listed):
    roster, course = people.roster, people.rates.course
    bills = np.concatenate(listed)
    assert people.roster.present(YEAR)[bills[:, Fact.ROW]].all()
    possible = course.onset > 0
    for row, illness in np.unique(bills[:, [Fact.ROW, Fact.ILLNESS]], axis=0)[:2000]:
        ages = [YEAR - back - int(roster.birth_year[row]) for back in range(course.years)]
        assert any(age >= 0 and possible[roster.sex[row], min(age, 120), illness] for age in ages)


def test_bills_of_a_course_lie_in_their_year_and_have_their_stated_tiers(people, listed):
    bills = np.concatenate(listed)
    # in the middle of its part
    assert bills[:, Fact.ROW].max() < people.roster.rows and set(bills[:, Fact.MONTH]) == set(range(1, 12))
    stroke = bills[bills[:, Fact.ILLNESS] == ILLNESSES.index("cerebral-infarction")]
    shares = people.reader.value("illness.cerebral-infarction.tier_shares", YEAR).value
    stated = np.array([float(shares[tier]) for tier in TIERS])
    seen = np.bincount(stroke[:, Fact.TIER], minlength=4)
    assert not seen[stated == 0].any()
    assert stats.chisquare(seen[stated > 0], (stated / stated.sum())[stated > 0] * len(stroke)).pvalue > 1e-4


# --- merged

def test_merged_bills_come_in_order_of_row_and_time_and_none_is_lost(people, ready):
    streams, tables = ready.streams, people.tables
    merged = np.concatenate(merged_of(streams, tables, draw=4))
    apart = [bills_of(draw_admissions, streams, tables, draw=4), listed_of(streams, tables, draw=4),
             bills_of(draw_visits, streams, tables, draw=4)]
    assert [int((merged[:, Fact.SOURCE] == source).sum()) for source in range(3)] == [len(bills) for bills in apart]
    assert all(len(bills) > 0 for bills in apart)
    assert np.all(np.diff(merged[:, Fact.KEY]) >= 0)
    same = {Fact.KIND: (INPATIENT, INPATIENT, OUTPATIENT_VISIT), Fact.UNITS: (1, 1, 1), Fact.ILLNESS: (NO_ILLNESS, None,
                                                                                                       NO_ILLNESS),
            Fact.SOURCE: (0, 1, 2), Fact.DAYS: (None, 1, 1), Fact.PILOT_RANK: (0, 0, BEHIND_ALL),
            Fact.PAYMENT_RANK: (0, 0, BEHIND_ALL)}
    for source, bills in enumerate(apart):
        mine = merged[merged[:, Fact.SOURCE] == source]
        for column in range(BILL_COLUMNS):
            stated = same.get(column, (None,) * 3)[source]
            wanted = bills[:, column] if stated is None and column in DRAWN[source] else stated or 0
            assert np.all(mine[:, column] == wanted), (source, column)


DRAWN = (
    (Fact.KEY, Fact.ROW, Fact.MONTH, Fact.TIER, Fact.BILLED, Fact.ELIGIBLE, Fact.TCM, Fact.UNREFERRED, Fact.CASE_PRICE,
     Fact.DAYS, Fact.EMERGENCY, Fact.NEW_DRUG, Fact.TIER_BITS, Fact.AMOUNT_BITS,
     Fact.MIX_BITS, Fact.KEEP_BITS, Fact.LOCAL_BITS),
    (Fact.KEY, Fact.ROW, Fact.MONTH, Fact.TIER, Fact.BILLED, Fact.ELIGIBLE, Fact.ILLNESS, Fact.KEEP_BITS, Fact.LOCAL_BITS),
    (Fact.KEY, Fact.ROW, Fact.MONTH, Fact.TIER, Fact.BILLED, Fact.ELIGIBLE, Fact.CHRONIC, Fact.TIER_BITS, Fact.AMOUNT_BITS,
     Fact.KEEP_BITS, Fact.LOCAL_BITS),
)


@pytest.mark.parametrize(("room", "stream_room"), [(4096, 4096), (1000, 700), (700, 1000), (250, 250)])
def test_blocks_hold_complete_households_and_their_sizes_change_nothing(people, ready, room, stream_room):
    """Small rooms leave bills waiting in every stream, and cut blocks that would be too large."""
    arguments = (ready.streams, people.tables)
    for replica in range(3):
        whole = np.concatenate(merged_of(*arguments, replica))
        blocks = merged_of(*arguments, replica, room=room, stream_room=stream_room)
        assert np.array_equal(np.concatenate(blocks), whole)
        assert len(blocks) >= len(whole) / room and len(blocks) > 2
        homes = [ready.streams.household[block[:, Fact.ROW]] for block in blocks]
        assert all(before[-1] < after[0] for before, after in zip(homes[:-1], homes[1:], strict=True))


def test_a_walk_leaves_nothing_of_a_replica_to_the_next(people, ready):
    walk = open_walk(4096, 700)
    arguments = (ready.streams, people.tables)
    again = [np.concatenate(merged_of(*arguments, replica, room=700, walk=walk)) for replica in (5, 2, 5)]
    assert np.array_equal(again[0], again[2]) and not np.array_equal(again[0][:50], again[1][:50])
    assert np.array_equal(again[1], np.concatenate(merged_of(*arguments, 2)))


def test_compiled_and_plain_blocks_are_equal(people, ready):
    arguments = (ready.streams, people.tables)
    with_words, plain_blocks = (merged_of(*arguments, room=700, stream_room=600, function=function)
                                for function in (next_block, plain(next_block)))
    assert len(plain_blocks) > 3
    assert all(np.array_equal(one, other) for one, other in zip(with_words, plain_blocks, strict=True))


def test_words_that_nobody_asks_for_are_left_out_of_the_block_and_the_rest_is_the_same(marked):
    people, ready = marked
    arguments = (ready.streams, people.tables)
    asked, unasked = (np.concatenate(merged_of(*arguments, more=more)) for more in (True, False))
    extra = [Fact.EMERGENCY, Fact.NEW_DRUG, Fact.TIER_BITS, Fact.AMOUNT_BITS, Fact.MIX_BITS, Fact.KEEP_BITS, Fact.LOCAL_BITS]
    assert not unasked[:, extra[:2]].any() and asked[:, extra].any(axis=0).all()
    assert np.array_equal(np.delete(asked, extra, axis=1), np.delete(unasked, extra, axis=1))


def test_a_household_with_more_bills_than_a_block_is_refused(people, ready):
    streams = with_hazard(ready.streams, [300.0, 300.0])
    with pytest.raises(ValueError, match="a household has more bills in a year than"):
        merged_of(streams, people.tables, room=200, stream_room=150)


def test_equal_keys_keep_their_order():
    keys = np.array([5, 3, 5, 1, 3, 3, 9, 1, 5, 0, 2, 1 << 60])
    for count in range(len(keys) + 1):
        order, spare = np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.int64)
        sort_keys(keys, order, spare, count)
        assert np.array_equal(order[:count], np.argsort(keys[:count], kind="stable"))


@pytest.mark.parametrize("form", [lambda function: function, plain], ids=["compiled", "plain"])
def test_bills_are_put_in_order_of_their_keys_visits_last_among_equal_ones(form):
    """Few and many stays and visits, all before, all behind and among each other."""
    rng = np.random.default_rng(6)
    for stays in [*range(10), 40]:
        for visits in [*range(10), 60]:
            for low, high in ((0, 8), (0, 1000), (500, 1000)):
                keys, v_key = np.sort(rng.integers(0, 900, stays)), np.sort(rng.integers(low, high, visits))
                order = np.full(stays + visits, -1)
                form(merge)(np.append(keys, END), np.arange(stays), np.append(v_key, END), stays, np.zeros(stays + 1, np.int64),
                            order)
                assert np.array_equal(order, np.argsort(np.append(keys, v_key), kind="stable")), (stays, visits)
