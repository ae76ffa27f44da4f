"""The roster: persons by age, sex, place and assistance group, in households with incomes, with deaths, births and entrants.

A roster depends on the region, the scheme, the first year, the number of rows and the roster seed, and never on the run's seed,
the rules or the policy. Only integers and the four operations and the square root of IEEE doubles decide a row, so the roster
is the same on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from simulator.chance.random import ROSTER_DRAW, philox_words, year_stream
from simulator.compiling.arrays import cached_array
from simulator.parameters.catalogue import AGE_BANDS, GROUPS, HOUSEHOLD_SIZES, QUINTILES, SCHEMES
from simulator.parameters.growth import yearly_rates
from simulator.parameters.regions import Reader, Region
from simulator.parameters.values import Read
from simulator.people.apportion import SCALE, classes_evenly, evenly, sorted_by, weight
from simulator.people.cells import ADULT, DIBAO, LOW_INCOME, NO_GROUP, WUBAO, Parameter, age_band, start_cells
from simulator.people.households import form_households, household_sizes
from simulator.people.incomes import incomes, quintile_of, scaled_means
from simulator.tables import Roster

# The number of a region's uebmi people; those of urbmi, nrcms and urrbmi follow. Never change one: random numbers depend on it.
PEOPLE_ID = {"national": 1, "jiangsu": 5, "shandong": 9, "linyi": 13, "zibo": 17, "huantai": 21}
FIRST_OTHER_ID = 1001

# Random streams of the roster (1-15). The counter is (person or household, 0, ROSTER_DRAW, year << 16 | stream).
CELL, FAMILY, HOUSEHOLD, RISK, START, DEATH, ENTRANT, HOST, COVER = range(1, 10)

HOUSEHOLD_GROUPS = (WUBAO, DIBAO, LOW_INCOME)      # whole households belong to these assistance groups
FOREVER = 9999                                     # exit year of those who outlive the roster
MOTHER_AGES, HOST_AGES, ENTRANT_AGES = (20, 40), (45, 59), (20, 29)
MILLION = 10**6                                    # yearly rates are integers in 1/1,000,000
RISK_CYCLE = 10_000                                # newcomers take risk classes in a cycle of this length
MOST_KEPT = 10_000                                 # persons whose households are kept between runs, in some 40 kB
PANEL = (1, 8)                                     # this share of households is balanced by risk class and newcomers


def people_id(region: str, scheme: str) -> int:
    """The fixed number of the people of a region and scheme; regions outside the table get a stable one from 1001 on."""
    if region in PEOPLE_ID:
        return PEOPLE_ID[region] + SCHEMES.index(scheme)
    digest = hashlib.sha256(f"{region}/{scheme}".encode()).digest()
    return FIRST_OTHER_ID + int.from_bytes(digest[:8], "big") % (2**32 - FIRST_OTHER_ID)


def members(roster: Roster, year: int) -> int:
    """Count the rows present in `year`."""
    return int(np.count_nonzero(roster.present(year)))


def active_share(roster: Roster, year: int) -> float:
    """The share of active members in `year`; 0 in residents' schemes, which have no active members."""
    present = roster.present(year)
    return int(np.count_nonzero(roster.member_class(year)[present] == 3)) / max(int(np.count_nonzero(present)), 1)


def build_roster(region: Region | Reader, scheme: str, start_year: int, years: int, rows: int,
                 outpatient_share: tuple[int, int] = PANEL, seed: int = 0, read: Read | None = None) -> Roster:
    """Build the people of a region's scheme for the years start_year .. start_year + years - 1.

    `rows` persons are present in the start year; those who come later stand in the rows of their households. `outpatient_share`
    (1, 8) marks one household in eight as sampled, at least one; it changes nothing else. `read` is `region.value` by default.
    ValueError for fewer than one row or year, a share outside (0, 1], or children in uebmi.
    """
    if rows < 1 or years < 1:
        raise ValueError(f"rows(={rows}) and years(={years}) must be at least 1")
    if not 0 < outpatient_share[0] <= outpatient_share[1]:
        raise ValueError(f"outpatient_share(={outpatient_share[0]}/{outpatient_share[1]}) must be above 0 and at most 1")
    read = read or region.value
    number = people_id(region.name, scheme)

    def bits(stream: int, year: int, count: int) -> np.ndarray:
        return philox_words(seed, number, np.arange(count), 0, ROSTER_DRAW, year_stream(year, stream))

    def parameter(name: str, year: int = start_year) -> Any:
        return read(f"population.{scheme}.{name}", year).value

    people = start_cells(rows, scheme, parameter, bits(CELL, 0, rows))
    people["household"] = _known_households(people, parameter, bits(FAMILY, 0, rows))
    order = np.argsort(people["household"] * 1000 - people["age"], kind="stable")
    people = {name: column[order] for name, column in people.items()}
    homes = _homes(people, _income_means(scheme, start_year, read, people), int(parameter("counties")), outpatient_share,
                   bits(HOUSEHOLD, 0, int(people["household"][-1]) + 1))
    risks = [weight(share) for share in read(f"care.{scheme}.risk_shares", start_year).value]
    people["risk"] = _risk(people, homes["panel"][people["household"]], risks, bits(RISK, 0, rows)[:, 0])
    people["birth_year"] = start_year - people.pop("age")
    people["entry"] = people["birth_year"].copy()
    people["exit"] = np.full(rows, FOREVER)
    people = _live(people, homes, start_year, years, parameter, risks, bits)
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
        county=homes["county"][household].astype(np.int16),
        quintile=homes["quintile"][household].astype(np.int8), income=homes["income"][household],
        entry=people["entry"].astype(np.int16), exit=people["exit"].astype(np.int16), sampled=homes["sampled"][household])


def _known_households(people: dict[str, np.ndarray], parameter: Parameter, bits: np.ndarray) -> np.ndarray:
    """`_households`, which take half of a roster's time: those of MOST_KEPT persons or fewer are kept between runs, by all that
    they are made of."""
    if len(bits) > MOST_KEPT:
        return _households(people, parameter, bits)
    persons = hashlib.sha256(b"".join(column.astype("<i8").tobytes() for column in (
        *(people[name] for name in ("age", "sex", "urban", "group")), bits))).hexdigest()
    sizes = tuple(str(parameter("household_size")[size]) for size in HOUSEHOLD_SIZES)
    home = cached_array(("households", persons, sizes), lambda: _households(people, parameter, bits).astype(np.int32))
    return home.astype(np.int64)


def _households(people: dict[str, np.ndarray], parameter: Parameter, bits: np.ndarray) -> np.ndarray:
    """The household (0 .. H-1, in random order) of each row, int64[rows].

    Households are formed separately in town and country, and there among wubao (who live alone), dibao, low income and all
    others, so that whole households share these attributes while the counts of persons stay exact. A part that has children and
    no adult joins the others.
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
        rows = np.flatnonzero(part == number)
        wanted = [1] if number % 4 == 0 else counts.tolist()
        sizes = household_sizes(len(rows), int(np.count_nonzero(age[rows] >= ADULT)), wanted)
        home[rows] = used + form_households(age[rows], people["sex"][rows], sizes, bits[rows, :2])
        used += len(sizes)
    order = np.empty(used, dtype=np.int64)
    order[np.argsort(bits[:used, 2], kind="stable")] = np.arange(used)
    return order[home]


def _income_means(scheme: str, year: int, read: Read,
                  people: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[int, list[int]]]:
    """Which households have urban incomes (int64[H], 1 or 0), and the quintiles' mean incomes in fen for either.

    nrcms has rural incomes, uebmi and urbmi have urban ones; in urrbmi each household has those of where it lives. Means
    published for an earlier year grow by income.income_growth to `year`.
    """
    homes = int(people["household"].max()) + 1
    town = np.full(homes, int(scheme != "nrcms"), dtype=np.int64)
    if scheme == "urrbmi":
        town[people["household"]] = people["urban"]

    def quintile_means(place: str, name: str) -> list[int]:
        published, mean = read(f"income.{place}_fifths", year).value, read(f"income.{name}", year)
        level = Fraction(mean.value)
        for growth in yearly_rates(read, "income.income_growth", mean, year):       # of what was published for an earlier year
            level *= 1 + Fraction(growth) / 100
        return scaled_means([published[each] for each in QUINTILES], level)

    means = {}
    if np.any(town == 0):
        means[0] = quintile_means("rural", "rural_net_income")
    if np.any(town == 1):
        means[1] = quintile_means("urban", "urban_disposable_income")
    return town, means


def _homes(people: dict[str, np.ndarray], income_means: tuple[np.ndarray, dict[int, list[int]]], counties: int,
           outpatient_share: tuple[int, int], bits: np.ndarray) -> dict[str, np.ndarray]:
    """Income, quintile, county, and membership of sample and panel of each household, [H].

    Dibao and wubao households are the poorest, those of the low-income group come next, and all others in random order. Sample
    and panel are drawn systematically along the households in the order of assistance, quintile, size and age; at the default
    share they are the same households.
    """
    home = people["household"]
    persons = np.bincount(home)
    rank = np.full(len(persons), 2)
    rank[home[people["group"] == LOW_INCOME]] = 1
    rank[home[(people["group"] == DIBAO) | (people["group"] == WUBAO)]] = 0
    town, means = income_means
    income = np.zeros(len(persons), dtype=np.int64)
    poorest = sorted_by((rank, 2), (bits[:, 0], 32))
    for urban, quintile_means in means.items():
        households = poorest[town[poorest] == urban]
        income[households] = incomes(persons[households], quintile_means)
    order = poorest[np.argsort(income[poorest], kind="stable")]
    quintile = np.empty(len(persons), dtype=np.int64)
    quintile[order] = quintile_of(persons[order])

    county = np.empty(len(persons), dtype=np.int64)
    order = np.argsort(bits[:, 1], kind="stable")
    after = np.cumsum(persons[order])
    county[order] = counties * (2 * after - persons[order]) // (2 * after[-1])

    sampled, panel = np.empty((2, len(persons)), dtype=bool)
    years_lived = np.bincount(home, weights=people["age"]).astype(np.int64)
    assisted = np.zeros(len(persons), dtype=np.int64)          # the household's assistance group, 0: none
    for number in range(1, len(GROUPS)):
        belong = np.bincount(home[people["group"] == number], minlength=len(persons)) > 0
        assisted = np.where(belong, number, assisted)
    order = sorted_by((assisted, 3), (quintile, 3), (np.minimum(persons, 255), 8), (np.minimum(years_lived, 4095), 12),
                      (bits[:, 2], 32))
    sampled[order] = evenly(len(order), *outpatient_share)
    sampled[order[len(order) // 2]] |= not sampled.any()
    panel[order] = evenly(len(order), *PANEL)
    return {"income": income, "quintile": quintile, "county": county, "sampled": sampled, "panel": panel}


def _risk(people: dict[str, np.ndarray], panel: np.ndarray, weights: list[int], bits: np.ndarray) -> np.ndarray:
    """Risk classes, int64[rows], spread evenly over the cells of panel, age band and sex, and at random within a cell."""
    risk = np.empty(len(bits), dtype=np.int64)
    order = sorted_by((panel, 1), (age_band(people["age"]), 5), (people["sex"], 1), (bits, 32))
    risk[order] = classes_evenly(len(bits), weights)
    return risk


def _live(people: dict[str, np.ndarray], homes: dict[str, np.ndarray], start_year: int, years: int,
          parameter: Parameter, risks: list[int], bits: Callable[[int, int, int], np.ndarray]) -> dict[str, np.ndarray]:
    """Add the births and entrants of every year after the first, and set the exit year of those who die.

    Fractions of a person that a rate leaves are carried to the next year. Deaths are spread evenly over the members in the order
    of age, sex and risk, newcomers over the possible hosts in the order of panel and quintile. Those who die are present in the
    year of their death.
    """
    carry = {name: int(start) % MILLION for name, start in zip(("deaths", "birth_rate", "entrants"), bits(START, 0, 1)[0],
                                                               strict=False)}
    cycle = classes_evenly(RISK_CYCLE, risks)
    position = [int(start) % RISK_CYCLE for start in bits(START, 1, 1)[0]]      # in the cycle, by panel and sex
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
                    host, age = _hosts(people, homes, present, last_birth, year, count, name == "birth_rate",
                                       bits(HOST, year * 2 + number, len(people["exit"]))[:, 0])
                    newcomers.append(_newcomers(people, homes, host, age, year, position, cycle, students,
                                                bits(ENTRANT, year * 2 + number, count), weight(parameter("male_share", year))))
            for new in newcomers:
                people = {name: np.concatenate([column, new[name]]) for name, column in people.items()}
            present = np.flatnonzero(people["exit"] > year)
        rates = np.array([_rate(parameter("mortality", year)[band]) for band in AGE_BANDS])
        age = year - people["birth_year"][present]
        order = present[sorted_by((age, 8), (people["sex"][present], 1), (people["risk"][present], 5),
                                   (bits(DEATH, year, len(people["exit"]))[present, 0], 32))]
        rate = rates[age_band(year - people["birth_year"][order])]
        after = np.cumsum(rate) + carry["deaths"]
        people["exit"][order[after // MILLION > (after - rate) // MILLION]] = year + 1
        if len(after):
            carry["deaths"] = int(after[-1]) % MILLION
    return people


def _rate(per_thousand: Decimal) -> int:
    """Turn a yearly rate per 1,000 into 1/1,000,000, rounded half up."""
    return int(Decimal(per_thousand) * 1000 + Decimal("0.5"))


def _hosts(people: dict[str, np.ndarray], homes: dict[str, np.ndarray], present: np.ndarray, last_birth: np.ndarray,
           year: int, count: int, births: bool, bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows whose households take the newcomers, and the newcomers' ages, int64[count] each.

    A newborn joins the household of a woman of 20 to 40, one without a birth in the year before if there are enough. An entrant
    of working age joins a parent of 45 to 59. Where nobody is suitable, any adult will do, and otherwise any row.
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
    pool = pool[sorted_by((homes["panel"][home], 1), (homes["quintile"][home], 3), (bits[pool], 32))]
    host = pool[(2 * np.arange(count) + 1) * len(pool) // (2 * count)]
    if births:
        last_birth[people["household"][host]] = year
        return host, np.zeros(count, dtype=np.int64)
    first, last = ENTRANT_AGES
    ages = first + np.arange(count) % (last - first + 1)
    return host[np.argsort(people["birth_year"][host], kind="stable")], np.sort(ages)[::-1]


def _newcomers(people: dict[str, np.ndarray], homes: dict[str, np.ndarray], host: np.ndarray, age: np.ndarray, year: int,
               position: list[int], cycle: np.ndarray, students: int, bits: np.ndarray, male: int) -> dict[str, np.ndarray]:
    """The columns of the persons who come in `year`. `position` in the cycle of risk classes is advanced."""
    count = len(host)
    sex = (bits[:, 0].astype(np.int64) >= (male << 32) // (100 * SCALE)).astype(np.int64)
    risk = np.empty(count, dtype=np.int64)
    kind = 2 * homes["panel"][people["household"][host]] + sex
    for each in range(4):
        rows = np.flatnonzero(kind == each)
        risk[rows] = cycle[(position[each] + np.arange(len(rows))) % RISK_CYCLE]
        position[each] += len(rows)
    group = people["group"][host]
    return {"sex": sex, "urban": people["urban"][host], "risk": risk,
            "student": (bits[:, 1].astype(np.int64) < (students << 32) // (100 * SCALE)).astype(np.int64),
            "group": np.where(np.isin(group, HOUSEHOLD_GROUPS), group, NO_GROUP), "household": people["household"][host],
            "birth_year": year - age, "entry": np.full(count, year), "exit": np.full(count, FOREVER)}
