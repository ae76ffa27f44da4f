"""How a year's medical cost gathers in few persons, and who stays among them: `python -m tests.campaigns.tail` (a minute of
processor).

Persons are walked as a run walks them, all households' visits included, over two years and once more after four: what each costs
in a year, all bills and inpatient bills. Of those with any bill (users) and of inpatients it prints the Gini coefficient and the
shares of the dearest 1, 5 and 10%, and of the dearest tenth of users how many are in it again after one and four years. Beside
them stand published figures of single places; none of them is of a region that is simulated, so they are bars for the shape and
not for a place.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np

from simulator.care.blocks import next_block, open_block, open_walk, start_replica
from simulator.care.walk import PRICE, RATE, DrawTask
from simulator.engine.prepare import SchemePeople, prepare
from simulator.parameters.regions import load_regions
from simulator.tables import Fact

PUBLISHED = {  # figure -> what was found
    "gini": "0.81 (Macheng NRCMS users 2014, BMJ Open 2018 e022721)",
    "top_5": "68% (the same)",
    "top_10": "above 70% (Dangyang NRCMS 2012-17); above 50% (claims panel 2010-14, Sustainability 2021 13 5761)",
    "inpatient_top_10": "49% (adult inpatients of a city about 2016, Fan 2022 BMC HSR)",
    "stays_1": "31.5% (Dangyang); 33.6% (claims panel)",
    "stays_4": "23.6% (claims panel)",
}


class Costs(NamedTuple):
    """What persons cost in a year, fen; a person is a row of the roster in a replica."""

    every: np.ndarray              # int64[replicas, R]: all bills
    inpatient: np.ndarray          # int64[replicas, R]: those of admissions, for listed illnesses too
    present: np.ndarray            # bool[R]


class Concentration(NamedTuple):
    """How cost is distributed over those who have any."""

    users: float                   # percent of members
    gini: float
    top_1: float                   # percent of cost
    top_5: float
    top_10: float


def people_of(region: str, scheme: str, year: int, years: int, rows: int) -> SchemePeople:
    """Members whose visits are all walked."""
    return prepare(load_regions()[region], scheme, year, years, rows, (1, 1), 2012)


def costs(people: SchemePeople, year: int, replicas: int) -> Costs:
    """Walk a year of the central path."""
    ready = people.year(year)
    rows = people.roster.rows
    walk, block = open_walk(1 << 15, 4096), open_block(4096)
    every, inpatient = np.zeros((2, replicas, rows), dtype=np.int64)
    price = int(ready.price * PRICE + 0.5)
    task = DrawTask(0, 0, replicas, year, price, price, RATE, RATE, 65536, False)
    for replica in range(replicas):
        start_replica(walk, ready.streams, people.tables, task, replica)
        while count := next_block(walk, ready.streams, people.tables, block, task, replica):
            row, source, billed = (block.bills[fact, :count] for fact in (Fact.ROW, Fact.SOURCE, Fact.BILLED))
            np.add.at(every[replica], row, billed)
            np.add.at(inpatient[replica], row, np.where(source < 2, billed, 0))
    return Costs(every, inpatient, people.roster.present(year))


def concentration(cost: np.ndarray, members: int) -> Concentration:
    """How a year's cost is distributed over the users among so many members."""
    ordered = np.sort(cost[cost > 0])[::-1].astype(np.float64)
    n, running = len(ordered), np.cumsum(ordered)
    rank = np.arange(n, 0, -1)                               # the dearest has the highest rank
    gini = 2.0 * float((rank * ordered).sum()) / (n * running[-1]) - (n + 1) / n

    def top(share: float) -> float:
        return 100.0 * float(running[max(int(n * share + 0.5), 1) - 1] / running[-1])

    return Concentration(100.0 * n / members, gini, top(0.01), top(0.05), top(0.1))


def staying(before: Costs, after: Costs) -> float:
    """Of the dearest tenth of a year's users, the percent who are in a later year's, of those who are members in both."""
    both = before.present & after.present

    def dearest(cost: np.ndarray) -> np.ndarray:
        users = cost[cost > 0]
        return cost >= np.partition(users, len(users) - len(users) // 10)[len(users) - len(users) // 10]

    first, last = (dearest(year.every[:, both]) for year in (before, after))
    return 100.0 * float((first & last).sum()) / float(first.sum())


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--region", default="national")
    asked.add_argument("--year", type=int, default=2012)
    asked.add_argument("--rows", type=int, default=5_000)
    asked.add_argument("--replicas", type=int, default=20)
    args = asked.parse_args()
    print("scheme  of          users %   gini  top 1%  top 5%  top 10%  stays 1  stays 4")
    for scheme in ("nrcms", "urbmi", "uebmi"):
        people = people_of(args.region, scheme, args.year, 5, args.rows)
        first, second, fifth = (costs(people, args.year + after, args.replicas) for after in (0, 1, 4))
        for name, cost in (("all care", first.every), ("admissions", first.inpatient)):
            found = concentration(cost, args.replicas * int(first.present.sum()))
            stays = f"{staying(first, second):9.1f}{staying(first, fifth):9.1f}" if name == "all care" else ""
            print(f"{scheme:8s}{name:12s}{found.users:7.1f}{found.gini:7.3f}{found.top_1:8.1f}{found.top_5:8.1f}"
                  f"{found.top_10:9.1f}{stays}")
    print("published: " + "; ".join(f"{name} {said}" for name, said in PUBLISHED.items()))


if __name__ == "__main__":
    main()
