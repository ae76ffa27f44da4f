"""A hybrid region: each block of its parameters comes from one of several regions, as that region sees it.

Every path is read along the tree of the region that its block comes from, with all its dates, so a hybrid of which everything
comes from one region has that region's figures to the last bit. Two things that no path states travel too. The random numbers
are those of the region from which the block with the population comes: a hybrid bears its name. The level k of the inpatient
schedule goes with the schedule: `at_its_level` states the ratios as they are at the level that was solved on the region's own
people, and policies then take them as they stand (`level: none`).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from simulator.answers.blocks import Block, the_one
from simulator.parameters.change import as_written
from simulator.parameters.effective import effective
from simulator.parameters.fits import check_fits
from simulator.parameters.regions import Region
from simulator.parameters.values import Entry, Layer
from simulator.scenario import parts_of

Levels = Mapping[str, Mapping[int, Decimal]]       # scheme -> year from which it holds -> k


def at_its_level(region: Region, levels: Levels, scheme: str, years: range) -> Region:
    """The region with inpatient ratios, and points of member classes, as they are paid in `years` at its levels k."""
    entries: dict[str, tuple[Entry, ...]] = {}
    for part in sorted(parts_of((scheme,))):
        ratio, bonus = f"inpatient.{part}.ratio", f"inpatient.{part}.class_bonus"
        stated: dict[str, list[Entry]] = {ratio: [], bonus: []}
        for year in years:
            ks = [k for since, k in sorted(levels.get(part, {}).items()) if since <= year]
            schedule, points = region.value(ratio, year, required=False), region.value(bonus, year, required=False)
            if not ks or schedule is None or points is None:
                continue
            k = ks[-1]
            for value in (schedule, points):
                data = as_written(effective(value, k), value.path)
                stated[value.path].append(Entry(value.path, value.unit, datetime.date(year, 1, 1), data, value.status,
                                                f"{value.source} (at its level k = {k})"))
        entries |= {path: tuple(dated) for path, dated in stated.items() if dated}
    return replace(region, layers=(Layer(region.name, entries), *region.layers), _memo={})


@dataclass(frozen=True)
class Mixture:
    """Regions that can be mixed block by block. `sources`: name -> region, at its level; `blocks` cover every path once."""

    sources: Mapping[str, Region]
    blocks: tuple[Block, ...]

    def all_from(self, name: str) -> dict[str, str]:
        """The choice in which every block comes from one region."""
        return {block.name: name for block in self.blocks}

    def region(self, choice: Mapping[str, str]) -> Hybrid:
        """The hybrid in which each block comes from the region that `choice` (block -> region) names."""
        home = self.sources[choice[the_one(self.blocks, "has_the_people").name]]
        source_of = {path: choice[block.name] for block in self.blocks for path in block.paths}
        layers = [Layer(layer.region, {path: entries for path, entries in layer.entries.items() if source_of[path] == name})
                  for name, source in self.sources.items() for layer in source.layers]
        return Hybrid(home.name, home.names, tuple(layer for layer in layers if layer.entries), mixture=self, choice=dict(choice))


@dataclass(frozen=True, eq=False, kw_only=True)
class Hybrid(Region):
    """A region of a mixture. As a change a policy names the region from which a block comes: `{"ratio": "linyi"}`."""

    mixture: Mixture
    choice: Mapping[str, str]

    @property
    def of_settings(self) -> Region:
        """What people and care are made from as it is here, all else as the region has it whose people these are, whatever rules
        a policy takes from elsewhere; these are as stated in every world."""
        home = self.choice[the_one(self.mixture.blocks, "has_the_people").name]
        return self.mixture.region({block.name: self.choice[block.name] if block.of_people else home
                                    for block in self.mixture.blocks})

    def with_changes(self, changes: Mapping[str, object], label: str, since: int | None = None,
                     of_files: bool = False) -> Region:
        """The hybrid with other blocks (block -> name of a region). InputError where its bands do not fit its ratios."""
        changed = self.mixture.region({**self.choice, **{block: str(name) for block, name in changes.items()}})
        check_fits(changed)
        return changed
