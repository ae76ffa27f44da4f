"""Blocks of parameters: the parts into which a gap between two regions is divided (docs/attribution.md).

A block is a name and the paths that belong to it. Every operating parameter and every statement of the law belongs to exactly one
block; what the blocks of a user leave out is a block of its own, `rest`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from simulator.parameters.catalogue import CATALOGUE, ILLNESSES, PER, SCHEMES
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.regions import Region
from simulator.parameters.statements import STATEMENTS
from simulator.scenario import of_people, parts_of

DEFAULT_BLOCKS: dict[str, tuple[str, ...]] = {
    "deductible-cap": ("inpatient.*.deductible", "inpatient.*.deductible_class_ratio", "inpatient.*.deductible_year_limit",
                       "inpatient.*.order_counted", "inpatient.*.waived_groups", "inpatient.*.annual_cap",
                       "inpatient.*.annual_cap_class_ratio", "inpatient.*.cap_basis", "inpatient.*.cap_counts_outpatient", "law"),
    "ratio": ("plans", "inpatient.*.ratio", "inpatient.*.class_bonus", "inpatient.*.class_own_share", "inpatient.*.band_tops",
              "inpatient.*.band_basis", "inpatient.*.band_period", "inpatient.*.primary_bonus", "inpatient.*.outside_penalty",
              "inpatient.*.outside_first_pay", "inpatient.*.unreferred_penalty", "inpatient.*.tcm_bonus",
              "inpatient.*.guaranteed_share", "inpatient.*.guaranteed_tier_ratio",
              "inpatient.*.guaranteed_basis", "inpatient.*.target_ratio",
              "inpatient.*.outcome_ratio", "inpatient.*.solve_level"),
    "list": ("listed", "inpatient.*.reference_price"),
    "outpatient": ("outpatient",),
    "later-layers": ("supplement", "cii", "commercial", "assistance", "account", "relief"),
    "funding-limits": ("funding", "control", "pooling.*.level", "pooling.*.county_cost_sd", "pooling.*.county_shock_sd",
                       "pooling.*.adjustment_share", "merger", "public_health"),
    "people-incomes": ("population", "income", "pooling.*.unit_*", "pooling.*.city_counties", "pooling.*.cities"),
    "use-prices": ("care", "illness", "conduct", "payment", "demand", "risk", "inpatient.*.unreferred_share"),
}
REST = "rest"
MOST_BLOCKS = 10                   # 1,024 hybrids
BLOCK_NAME = re.compile(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff ._,-]{0,39}")
WHO_THE_PEOPLE_ARE = re.compile(r"population\.[a-z]+\.age_shares")       # the random numbers go with the block that states it
GO_WITH_COUNTIES = re.compile(r"pooling\.([a-z]+)\.(unit_[a-z]+|city_counties|cities)")
SCHEDULE = re.compile(r"inpatient\.[a-z]+\.ratio")                      # the level k goes with it
EXAMPLE_BLOCKS = "cap=inpatient.*.annual_cap,law; care=care,illness"


@cache
def every_path() -> tuple[str, ...]:
    """The path of every operating parameter and of every statement of the law, for all schemes and illnesses."""
    sections = {"scheme": SCHEMES, "illness": ILLNESSES}
    paths = [f"{topic}.{section}.{name}" if section else f"{topic}.{name}" for topic, names in CATALOGUE.items()
             for section in sections.get(PER[topic] or "", ("",)) for name in names]
    return (*paths, *(f"law.{scheme}.{name}" for scheme in (*SCHEMES, "assistance", "general") for name in STATEMENTS))


def patterns_known() -> tuple[str, ...]:
    """The usual patterns: a topic, a parameter of all schemes or illnesses, a parameter of one."""
    return (*CATALOGUE, "law", *dict.fromkeys(re.sub(r"\..+\.", ".*.", path) for path in every_path()), *every_path())


@dataclass(frozen=True)
class Block:
    """A part of what makes up a region: its name, the patterns that describe it, and the paths that belong to it."""

    name: str
    patterns: tuple[str, ...]
    paths: frozenset[str]

    @property
    def of_people(self) -> bool:
        """Whether it holds anything that people or their claims are made from, so that it needs people of its own."""
        return any(of_people(path) or path.startswith(("population.", "income.")) for path in self.paths)

    @property
    def has_the_people(self) -> bool:
        """Whether it says who the people are; their random numbers go with it."""
        return any(map(WHO_THE_PEOPLE_ARE.fullmatch, self.paths))

    @property
    def has_the_schedule(self) -> bool:
        """Whether it holds the inpatient ratios; the level k goes with them."""
        return any(map(SCHEDULE.fullmatch, self.paths))


def matches(path: str, pattern: str) -> bool:
    """Whether a path belongs to a pattern: `inpatient.*.deductible`, or the beginning of paths, such as `cii` or `cii.nrcms`."""
    return fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}.*")


def blocks_of(patterns: Mapping[str, tuple[str, ...]], place: str = "--blocks:") -> tuple[Block, ...]:
    """The blocks, in their order; what they leave out is the block `rest`. What is stated of counties one by one goes with their
    number, `population.*.counties`.

    InputError, with `place` in front, for a bad name, a pattern that meets nothing or only what goes with the counties of another
    block, a path in two blocks, or too many blocks.
    """
    taken: dict[str, str] = {}
    blocks = []
    home = {counties: name for name, wanted in patterns.items() for pattern in wanted
            for counties in map("population.{}.counties".format, SCHEMES) if matches(counties, pattern)}
    for name, wanted in patterns.items():
        if not BLOCK_NAME.fullmatch(name) or name == REST:
            raise InputError(f"{place} the name of a block:", value=name,
                             expected=f"letters and digits, at most 40, and not '{REST}', which is what the others leave out")
        paths = set()
        for pattern in wanted:
            found = {path for path in every_path() if matches(path, pattern)}
            if not found:
                raise InputError(f"{place} block {name}: no parameter is called", value=pattern,
                                 expected="a path, the beginning of paths, or a pattern such as inpatient.*.deductible",
                                 suggestion=nearest(pattern, patterns_known()))
            elsewhere = {path for path in found if (of := GO_WITH_COUNTIES.fullmatch(path))
                         and home.get(f"population.{of[1]}.counties", REST) != name}
            if elsewhere == found:
                raise InputError(f"{place} block {name}: what goes with the number of counties:", value=pattern,
                                 expected="it in the block of population.*.counties")
            paths |= found - elsewhere
        paths |= {path for path in every_path() if (of := GO_WITH_COUNTIES.fullmatch(path))
                  and home.get(f"population.{of[1]}.counties") == name}
        for path in sorted(paths):
            if path in taken:
                raise InputError(f"{place} a parameter in two blocks, {taken[path]} and {name}:", value=path,
                                 expected="each parameter in one block")
            taken[path] = name
        blocks.append(Block(name, tuple(wanted), frozenset(paths)))
    left = frozenset(every_path()) - taken.keys()
    if left:
        blocks.append(Block(REST, (), left))
    if len(blocks) > MOST_BLOCKS:
        raise InputError(f"{place} too many blocks:", value=len(blocks),
                         expected=f"at most {MOST_BLOCKS}, with what is left over")
    return tuple(blocks)


def default_blocks() -> tuple[Block, ...]:
    """The eight blocks of docs/attribution.md."""
    return blocks_of(DEFAULT_BLOCKS)


def read_blocks(text: str) -> tuple[Block, ...]:
    """Blocks as a user writes them: `name=pattern,pattern; name=pattern`, or a YAML file of `name: [pattern, pattern]`."""
    if text.endswith((".yaml", ".yml")):
        return _from_file(Path(text))
    patterns: dict[str, tuple[str, ...]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, wanted = part.rpartition("=")
        words = tuple(word.strip() for word in wanted.split(","))
        if not equals or not all(words):
            raise InputError("--blocks: not a block:", value=part, expected=f"name=pattern,pattern as in '{EXAMPLE_BLOCKS}'")
        if name.strip() in patterns:
            raise InputError("--blocks: a name stands twice:", value=name.strip(), expected="each name once")
        patterns[name.strip()] = words
    if not patterns:
        raise InputError("--blocks: no block in", value=text, expected=f"for example '{EXAMPLE_BLOCKS}'")
    return blocks_of(patterns)


def _from_file(path: Path) -> tuple[Block, ...]:
    from simulator.parameters.files import read_file
    from simulator.parameters.read import decode, parse_yaml

    raw = read_file(path, "file of --blocks", "a YAML file of `name: [pattern, pattern]`")
    patterns: dict[str, tuple[str, ...]] = {}
    for name, node in parse_yaml(decode(raw, str(path)), str(path)).items.items():
        words = node.data()
        if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
            raise InputError(f"block {name}: not a list of patterns:", value=words, file=path, line=node.line, column=node.column,
                             expected="a list such as [inpatient.*.annual_cap, law]")
        patterns[name] = tuple(words)
    return blocks_of(patterns, f"{path}:")


def the_one(blocks: Iterable[Block], attribute: str) -> Block:
    """The block that `has_the_people` or `has_the_schedule`. InputError where several share them."""
    found = [block for block in blocks if getattr(block, attribute)]
    if len(found) > 1:
        what = "inpatient.*.ratio" if attribute == "has_the_schedule" else "population.*.age_shares"
        raise InputError(f"--blocks: {what} of different schemes in different blocks:",
                         value=one_of(block.name for block in found), expected="all of them in one block")
    return found[0]


def differs(block: Block, one: Region, other: Region, scheme: str) -> bool:
    """Whether the regions differ in anything of the block that a simulation of the scheme may read."""
    if block.has_the_people and one.name != other.name:
        return True
    parts = parts_of((scheme,))

    def concerned(path: str) -> bool:
        topic, *middle, name = path.split(".")
        return path in block.paths and (name.startswith("annual_cap_") if topic == "law" else
                                        PER[topic] != "scheme" or middle[0] in parts)

    def stated(region: Region) -> tuple[dict, list]:
        values = {path: [(year, value.value) for year, value in region.series(path).items()]
                  for path in region.paths() if concerned(path)}
        law = [(path, [(entry.from_, entry.data) for entry in entries]) for layer in region.layers
               for path, entries in layer.entries.items() if path.startswith("law.") and concerned(path)]
        return values, sorted(law)

    return stated(one) != stated(other)
