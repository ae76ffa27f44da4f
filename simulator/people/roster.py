"""The roster: persons by age, sex, place and group, in households with incomes, and who comes and goes.

A roster depends on the region, the scheme, the start year, the number of rows and the roster seed,
never on the run's seed, the rules or the policy. Only integers and the four operations and the square
root of IEEE doubles decide a row, so it is the same on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np

from simulator.chance.random import ROSTER_DRAW, philox_words, year_stream
from simulator.parameters.catalogue import AGE_BANDS, FIFTHS, GROUPS, HOUSEHOLD_SIZES, SCHEMES
from simulator.parameters.values import START_OF_TIME
from simulator.people.apportion import SCALE, classes_evenly, evenly, sorted_by, weight
from simulator.people.cells import ADULT, DIBAO, LOW_INCOME, NONE, WUBAO, age_band, start_cells
from simulator.people.households import form_households, household_sizes
from simulator.people.incomes import fifth_of, incomes, scaled_fifths
from simulator.tables import Roster

# The number of a region's uebmi people; urbmi, nrcms and urrbmi follow. Never change one: draws hang on it.
PEOPLE_ID = {"national": 1, "jiangsu": 5, "shandong": 9, "linyi": 13, "zibo": 17, "huantai": 21}
FIRST_STRANGER = 1001

# Random streams of the roster (1-15); the counter is (person or household, 0, ROSTER_DRAW, year << 16 | stream).
CELL, FAMILY, HOUSEHOLD, RISK, START, DEATH, ENTRANT, HOST, COVER = range(1, 10)

HOUSEHOLD_GROUPS = (WUBAO, DIBAO, LOW_INCOME)      # properties of the whole household
FOREVER = 9999                                     # exit of those who outlive the roster
MOTHER_AGES, HOST_AGES, ENTRANT_AGES = (20, 40), (45, 59), (20, 29)
MILLION = 10**6                                    # yearly rates are integers in 1/1,000,000
RISK_CYCLE = 10_000                                # newcomers take risk classes in a cycle this long
PANEL = (1, 8)                                     # the share of households that is balanced by risk and newcomers


def people_id(region: str, scheme: str) -> int:
    """The fixed number of a region-scheme's people; regions outside the table get a stable one from 1001 on."""
    if region in PEOPLE_ID:
        return PEOPLE_ID[region] + SCHEMES.index(scheme)
    digest = hashlib.sha256(f"{region}/{scheme}".encode()).digest()
    return FIRST_STRANGER + int.from_bytes(digest[:8], "big") % (2**32 - FIRST_STRANGER)


def members(roster: Roster, year: int) -> int:
    """Rows present in `year`."""
    return int(np.count_nonzero(roster.present(year)))


def active_share(roster: Roster, year: int) -> float:
    """Active members among all in `year`; 0 in residents' schemes, which know no active members."""
    present = roster.present(year)
    return int(np.count_nonzero(roster.member_class(year)[present] == 3)) / max(int(np.count_nonzero(present)), 1)


def build_roster(region, scheme: str, start_year: int, years: int, rows: int,
                 outpatient_share: tuple[int, int] = PANEL, seed: int = 0, read: Callable | None = None) -> Roster:
    """The people of `region`'s `scheme` for the years start_year .. start_year + years - 1.

    `rows` persons are present in the start year; those who come later stand in the rows of their
    households. `outpatient_share` (1, 8) marks one household in eight as sampled, at least one; it changes
    nothing else. `read(path, year)` returns the Value of a parameter, `region.value` by default. ValueError
    for fewer than one row or year, a share outside (0, 1], or children in uebmi.
    """
    if rows < 1 or years < 1:
        raise ValueError(f"rows(={rows}) and years(={years}) must be at least 1")
    if not 0 < outpatient_share[0] <= outpatient_share[1]:
        raise ValueError(f"outpatient_share(={outpatient_share[0]}/{outpatient_share[1]}) must be above 0 and at most 1")
    read = read or region.value
    number = people_id(region.name, scheme)

    def words(stream: int, year: int, count: int) -> np.ndarray:
        return philox_words(seed, number, np.arange(count), 0, ROSTER_DRAW, year_stream(year, stream))

    def parameter(name: str, year: int = start_year):
        return read(f"population.{scheme}.{name}", year).value

    people = start_cells(rows, scheme, parameter, words(CELL, 0, rows))
    people["household"] = _households(people, parameter, words(FAMILY, 0, rows))
    order = np.argsort(people["household"] * 1000 - people["age"], kind="stable")
    people = {name: column[order] for name, column in people.items()}
    homes = _homes(people, _income_means(scheme, start_year, read, people), int(parameter("counties")), outpatient_share,
                   words(HOUSEHOLD, 0, int(people["household"][-1]) + 1))
    risks = [weight(share) for share in read(f"care.{scheme}.risk_shares", start_year).value]
    people["risk"] = _risk(people, homes["panel"][people["household"]], risks, words(RISK, 0, rows)[:, 0])
    people["birth_year"] = start_year - people.pop("age")
    people["entry"] = people["birth_year"].copy()
    people["exit"] = np.full(rows, FOREVER)
    people = _live(people, homes, start_year, years, parameter, risks, words)
    order = np.argsort(people["household"], kind="stable")
    people = {name: column[order] for name, column in people.items()}
    household = people["household"]
    uebmi = scheme == "uebmi"
    return Roster(
        region=region.name, scheme=scheme, people_id=number, start_year=start_year,
        participants=int(parameter("participants")), counties=int(parameter("counties")),
        retirement_age=(int(parameter("retirement_age_male")), int(parameter("retirement_age_female"))) if uebmi else (0, 0),
        household=household.astype(np.int32), birth_year=people["birth_year"].astype(np.int16),
        sex=people["sex"].astype(np.int8), urban=people["urban"].astype(np.int8), student=people["student"].astype(np.int8),
        group=people["group"].astype(np.int8), risk=people["risk"].astype(np.int8),
        county=homes["county"][household].astype(np.int16), fifth=homes["fifth"][household].astype(np.int8),
        income=homes["income"][household], entry=people["entry"].astype(np.int16), exit=people["exit"].astype(np.int16),
        sampled=homes["sampled"][household])


def _households(people: dict[str, np.ndarray], parameter: Callable, word: np.ndarray) -> np.ndarray:
    """int64[rows]: households 0 .. H-1 in random order.

    Town and country, and within them wubao (living alone), dibao, low income and all others, form households
    apart, so that these are properties of whole households while the counts of persons stay exact. A part
    with children and no adult joins the others.
    """
    age, urban, group = people["age"], people["urban"], people["group"]
    kind = np.select([group == number for number in HOUSEHOLD_GROUPS], [0, 1, 2], default=3)
    part = urban * 4 + kind
    for number in (0, 1, 2, 4, 5, 6, 3, 7):
        if not np.any((part == number) & (age >= ADULT)):
            part[part == number] = number // 4 * 4 + 3 if number % 4 != 3 else 10 - number
    weights = [weight(parameter("household_size")[size]) for size in HOUSEHOLD_SIZES]
    sizes = household_sizes(len(age), int(np.count_nonzero(age >= ADULT)), weights)
    counts = np.bincount(sizes, minlength=len(weights) + 1)[1:]
    counts[0] = max(counts[0] - int(np.count_nonzero(part % 4 == 0)), 0)
    home, used = np.empty(len(age), dtype=np.int64), 0
    for number in np.unique(part):
        mine = np.flatnonzero(part == number)
        wanted = [1] if number % 4 == 0 else counts.tolist()
        sizes = household_sizes(len(mine), int(np.count_nonzero(age[mine] >= ADULT)), wanted)
        home[mine] = used + form_households(age[mine], people["sex"][mine], sizes, word[mine, :2])
        used += len(sizes)
    place = np.empty(used, dtype=np.int64)
    place[np.argsort(word[:used, 2], kind="stable")] = np.arange(used)
    return place[home]


def _income_means(scheme: str, year: int, read: Callable,
                  people: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[int, list[int]]]:
    """Which households' incomes are those of towns (int64[H]), and the fifths' means by it, fen.

    nrcms takes the rural, uebmi and urbmi the urban incomes; urrbmi each household its own place's. Means of
    an earlier year grow by income.income_growth to `year`.
    """
    homes = int(people["household"].max()) + 1
    town = np.full(homes, int(scheme != "nrcms"), dtype=np.int64)
    if scheme == "urrbmi":
        town[people["household"]] = people["urban"]

    def fifths(place: str, name: str) -> list[int]:
        published, mean = read(f"income.{place}_fifths", year).value, read(f"income.{name}", year)
        level = Fraction(mean.value)
        if START_OF_TIME.year < mean.from_.year < year:       # published for an earlier year, not set by a scenario
            level *= (1 + Fraction(read("income.income_growth", year).value) / 100) ** (year - mean.from_.year)
        return scaled_fifths([published[each] for each in FIFTHS], level)

    means = {}
    if np.any(town == 0):
        means[0] = fifths("rural", "rural_net_income")
    if np.any(town == 1):
        means[1] = fifths("urban", "urban_disposable_income")
    return town, means


def _homes(people: dict[str, np.ndarray], income_means: tuple[np.ndarray, dict[int, list[int]]], counties: int,
           outpatient_share: tuple[int, int], word: np.ndarray) -> dict[str, np.ndarray]:
    """Income, fifth, county, panel and sample mark of each household, [H].

    Dibao and wubao households are the poorest, those of low income come next, all others in random order.
    Sample and panel are systematic along the households in order of assistance, fifth, size and age; at the default share they
    are the same households.
    """
    home = people["household"]
    persons = np.bincount(home)
    rank = np.full(len(persons), 2)
    rank[home[people["group"] == LOW_INCOME]] = 1
    rank[home[(people["group"] == DIBAO) | (people["group"] == WUBAO)]] = 0
    town, means = income_means
    income = np.zeros(len(persons), dtype=np.int64)
    poorest = sorted_by((rank, 2), (word[:, 0], 32))
    for place, fifth_means in means.items():
        mine = poorest[town[poorest] == place]
        income[mine] = incomes(persons[mine], fifth_means)
    order = poorest[np.argsort(income[poorest], kind="stable")]
    fifth = np.empty(len(persons), dtype=np.int64)
    fifth[order] = fifth_of(persons[order])

    county = np.empty(len(persons), dtype=np.int64)
    order = np.argsort(word[:, 1], kind="stable")
    after = np.cumsum(persons[order])
    county[order] = counties * (2 * after - persons[order]) // (2 * after[-1])

    sampled, panel = np.empty((2, len(persons)), dtype=bool)
    years_lived = np.bincount(home, weights=people["age"]).astype(np.int64)
    assisted = np.zeros(len(persons), dtype=np.int64)          # the household's assistance group, 0: none
    for number in range(1, len(GROUPS)):
        here = np.bincount(home[people["group"] == number], minlength=len(persons)) > 0
        assisted = np.where(here, number, assisted)
    order = sorted_by((assisted, 3), (fifth, 3), (np.minimum(persons, 255), 8), (np.minimum(years_lived, 4095), 12),
                      (word[:, 2], 32))
    sampled[order] = evenly(len(order), *outpatient_share)
    sampled[order[len(order) // 2]] |= not sampled.any()
    panel[order] = evenly(len(order), *PANEL)
    return {"income": income, "fifth": fifth, "county": county, "sampled": sampled, "panel": panel}


def _risk(people: dict[str, np.ndarray], panel: np.ndarray, weights: list[int], word: np.ndarray) -> np.ndarray:
    """Risk classes, int64[rows]: shared out evenly along the cells of panel, age band and sex, at random within a cell."""
    risk = np.empty(len(word), dtype=np.int64)
    order = sorted_by((panel, 1), (age_band(people["age"]), 5), (people["sex"], 1), (word, 32))
    risk[order] = classes_evenly(len(word), weights)
    return risk


def _live(people: dict[str, np.ndarray], homes: dict[str, np.ndarray], start_year: int, years: int,
          parameter: Callable, risks: list[int], words: Callable) -> dict[str, np.ndarray]:
    """Deaths of every year and births and entrants of every year after the first.

    Rates carry their fractions of a person from year to year. Deaths fall evenly along the members in order of
    age, sex and risk; newcomers evenly along the possible hosts in order of panel and fifth. Who dies is present in
    the year of death.
    """
    carry = {name: int(word) % MILLION for name, word in zip(("deaths", "birth_rate", "entrants"), words(START, 0, 1)[0],
                                                             strict=False)}
    cycle = classes_evenly(RISK_CYCLE, risks)
    came = [int(word) % RISK_CYCLE for word in words(START, 1, 1)[0]]      # places in the cycle, by panel and sex
    students = weight(parameter("student_share")) if people["student"].any() else 0
    last_birth = np.full(len(homes["income"]), -FOREVER)
    for year in range(start_year, start_year + years):
        present = np.flatnonzero(people["exit"] > year)
        if year > start_year:
            newcomers = []
            for number, name in enumerate(("birth_rate", "entrants")):
                carry[name] += _rate(parameter(name, year)) * len(present)
                count, carry[name] = divmod(carry[name], MILLION)
                if count:
                    word = words(ENTRANT, year * 2 + number, count)
                    host, age = _hosts(people, homes, present, last_birth, year, count, name == "birth_rate",
                                       words(HOST, year * 2 + number, len(people["exit"]))[:, 0])
                    newcomers.append(_newcomers(people, homes, host, age, year, came, cycle, students, word,
                                                weight(parameter("male_share", year))))
            for new in newcomers:
                people = {name: np.concatenate([column, new[name]]) for name, column in people.items()}
            present = np.flatnonzero(people["exit"] > year)
        rates = np.array([_rate(parameter("mortality", year)[band]) for band in AGE_BANDS])
        age = year - people["birth_year"][present]
        order = present[sorted_by((age, 8), (people["sex"][present], 1), (people["risk"][present], 5),
                                   (words(DEATH, year, len(people["exit"]))[present, 0], 32))]
        rate = rates[age_band(year - people["birth_year"][order])]
        after = np.cumsum(rate) + carry["deaths"]
        people["exit"][order[after // MILLION > (after - rate) // MILLION]] = year + 1
        if len(after):
            carry["deaths"] = int(after[-1]) % MILLION
    return people


def _rate(per_thousand: Decimal) -> int:
    """A yearly rate per 1,000 in 1/1,000,000, rounded half up."""
    return int(Decimal(per_thousand) * 1000 + Decimal("0.5"))


def _hosts(people: dict[str, np.ndarray], homes: dict[str, np.ndarray], present: np.ndarray, last_birth: np.ndarray,
           year: int, count: int, births: bool, word: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows whose households take the newcomers, and the newcomers' ages, int64[count] each.

    A newborn comes to a woman of 20 to 40, without a birth in her household the year before if there are
    enough; an entrant of working age to parents of 45 to 59. Where nobody fits, to any adult, or to any row.
    """
    everyone = np.arange(len(people["exit"]))
    present = present if len(present) else everyone
    age = year - people["birth_year"][present]
    low, high = MOTHER_AGES if births else HOST_AGES
    fits = (age >= low) & (age <= high)
    if births:
        fits &= people["sex"][present] == 1
    rested = fits & (last_birth[people["household"][present]] < year - 1)
    for allowed in (rested, fits, age >= ADULT, np.ones(len(age), dtype=bool)):
        pool = present[allowed]
        if len(pool) >= count or len(pool) and allowed is not rested:
            break
    home = people["household"][pool]
    pool = pool[sorted_by((homes["panel"][home], 1), (homes["fifth"][home], 3), (word[pool], 32))]
    place = (2 * np.arange(count) + 1) * len(pool) // (2 * count)
    host = pool[place]
    if births:
        last_birth[people["household"][host]] = year
        return host, np.zeros(count, dtype=np.int64)
    first, last = ENTRANT_AGES
    ages = first + np.arange(count) % (last - first + 1)
    return host[np.argsort(people["birth_year"][host], kind="stable")], np.sort(ages)[::-1]


def _newcomers(people: dict[str, np.ndarray], homes: dict[str, np.ndarray], host: np.ndarray, age: np.ndarray, year: int,
               came: list[int], cycle: np.ndarray, students: int, word: np.ndarray, male: int) -> dict[str, np.ndarray]:
    """Columns of the persons who come in `year`; `came` moves on along the cycle of risk classes."""
    count = len(host)
    sex = (word[:, 0].astype(np.int64) >= (male << 32) // (100 * SCALE)).astype(np.int64)
    risk = np.empty(count, dtype=np.int64)
    kind = 2 * homes["panel"][people["household"][host]] + sex
    for each in range(4):
        mine = np.flatnonzero(kind == each)
        risk[mine] = cycle[(came[each] + np.arange(len(mine))) % RISK_CYCLE]
        came[each] += len(mine)
    group = people["group"][host]
    return {"sex": sex, "urban": people["urban"][host], "risk": risk,
            "student": (word[:, 1].astype(np.int64) < (students << 32) // (100 * SCALE)).astype(np.int64),
            "group": np.where(np.isin(group, HOUSEHOLD_GROUPS), group, NONE), "household": people["household"][host],
            "birth_year": year - age, "entry": np.full(count, year), "exit": np.full(count, FOREVER)}
