"""The files of a new region, to be filled in: everything that it inherits stands in them as comments, where it is stated.

A block becomes the region's own when the `# ` before its lines, and before the line of its scheme, is taken away. Comments are
the ancestors' text as it stands, so that whatever a file may state is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .catalogue import CATALOGUE, ILLNESSES, PER, SCHEMES
from .errors import InputError
from .files import read_file
from .fits import OF_COUNTIES, speaks_of
from .load import NO_REGIONS, REGION_NAME
from .read import Mapping, decode, parse_yaml

if TYPE_CHECKING:
    from .regions import Region, Regions

PARTICIPANTS = "population.{scheme}.participants"
OPENING_LINES = """# yaml-language-server: $schema=../schema/{topic}.json
# {name}: {topic}. All of it is inherited, as said at each value. To state a value of its own, take the "# " away before its
# lines and before the line of its scheme, and write its value, day, status and source.
# {name}: 以下各项均为继承值, 出处见各项. 如需写明本地数值, 请去掉该项及其所属制度行前的 "# ", 并改写数值、日期、性质和依据.
"""
OF_PLANS = """#
# nrcms:
#   # {quantity.en} / {quantity.zh}
#   # NAME is plans/NAME.yaml beside the regions' folders, or a shipped plan (`fundsim params plans`); `none` ends it.
#   # How bills fall to a plan's local tiers: value: {{plan: NAME, share: {{tier: 60, other: 40}}}}
#   # NAME 为各地区文件夹旁的 plans/NAME.yaml, 或自带方案 (fundsim params plans); none 表示终止.
#   file:
#     unit: name
#     values:
#       - from: 2012-01-01
#         value: "NAME"
#         status: law
#         source: "..."
"""
TO_FILL_IN = """#
# TO FILL IN 待填: {name} has no insured persons of its own yet and is not simulated without: state each `participants` below.
# TO FILL IN 待填: {name} 尚无本地参保人数, 填写之前不能模拟; 见下列各制度的 participants.
"""
HEADS_TO_FILL_IN = """#   # TO FILL IN 待填 Insured persons / 参保人数 (person); {parent}: {value}
#   participants:
#     unit: person
#     values:
#       - from: 2012-01-01
#         value: "..."
#         status: statistic
#         source: "..."
"""


def check_new(name: str, regions: Regions, folder: Path) -> None:
    """Refuse a name that no region may have, that one has already, or whose folder is there. InputError."""
    if not REGION_NAME.fullmatch(name) or name in NO_REGIONS:
        raise InputError("NAME:", value=name, expected="small letters, digits, - and _, a letter first, at most 40",
                         next_step="its Chinese name goes into --zh (中文名称写在 --zh 中)")
    if (folder / name).exists() or (folder / name).is_symlink():
        raise InputError("there is a folder of this name, and nothing is overwritten (已有同名文件夹, 不会覆盖):",
                         value=str(folder / name), expected="another name or another folder (--params)")
    if name in regions:
        raise InputError("there is a region of this name (已有同名地区):", value=name, expected="another name")


def files_of_new(name: str, en: str, zh: str, parent: Region, regions: Regions) -> dict[str, str]:
    """The files of a region that descends from `parent`, file name -> text: region.yaml and a file for each topic of which it
    inherits anything."""
    files = {"region.yaml": f"name: {{en: {_quoted(en)}, zh: {_quoted(zh)}}}\nparent: {parent.name}\n"}
    sources = _Sources(regions)
    for topic in CATALOGUE:
        per = PER[topic]
        sections = SCHEMES if per == "scheme" else ILLNESSES if per == "illness" else ("",)
        blocks = [block for section in sections for block in _inherited(topic, section, parent, sources)]
        if topic == "plans" and not blocks:
            blocks = [OF_PLANS.format(quantity=CATALOGUE[topic]["file"])]
        if blocks:
            todo = TO_FILL_IN.format(name=name) if topic == "population" else ""
            files[f"{topic}.yaml"] = OPENING_LINES.format(name=name, topic=topic) + todo + "#\n" + "".join(blocks)
    return files


def _inherited(topic: str, section: str, parent: Region, sources: _Sources) -> Iterator[str]:
    """What is inherited of a scheme, an illness or a whole topic: the line of the section, then each parameter."""
    begun, indent = not section, "  " if section else ""
    for parameter, quantity in CATALOGUE[topic].items():
        path = ".".join(part for part in (topic, section, parameter) if part)
        stating = next((layer for layer in parent.layers if path in layer.entries), None)
        if stating is None or (parameter in (*OF_COUNTIES, "city_counties") and not _of_its_counties(parent, path, section)):
            continue
        if not begun:
            yield f"# {section}:\n"
            begun = True
        if path == PARTICIPANTS.format(scheme=section):
            yield HEADS_TO_FILL_IN.format(parent=stating.region, value=f"{int(stating.entries[path][-1].data):,}")
            continue
        yield f"# {indent}# {quantity.en} / {quantity.zh} ({quantity.unit}); from {stating.region} (继承自 {stating.region})\n"
        yield "".join(f"# {indent}{line}".rstrip() + "\n" for line in sources.block(stating.region, topic, section, parameter))


def _of_its_counties(parent: Region, path: str, scheme: str) -> bool:
    """Whether an inherited list of counties is one of the counties that the new region inherits; stated there, it would be."""
    return speaks_of(parent, path, f"population.{scheme}.counties", next(reversed(parent.entries_of(path))).from_.year)


class _Sources:
    """The text of regions' files, each read once."""

    def __init__(self, regions: Regions) -> None:
        self._regions = regions
        self._read: dict[tuple[str, str], tuple[list[str], Mapping]] = {}

    def block(self, region: str, topic: str, section: str, parameter: str) -> list[str]:
        """The lines of a file that state a parameter, without their common indentation and what stands between blocks."""
        lines, root = self._file(region, topic)
        inside = root.items[section] if section else root
        assert isinstance(inside, Mapping)
        line, column = inside.keys[parameter]
        behind = min((start for start in (*root.keys.values(), *inside.keys.values()) if start > (line, column)), default=None)
        found = lines[line - 1:behind[0] - 1 if behind else None]
        while not found[-1].strip() or found[-1].lstrip().startswith("#"):
            found.pop()
        return [one[column - 1:] for one in found]

    def _file(self, region: str, topic: str) -> tuple[list[str], Mapping]:
        if (region, topic) not in self._read:
            added = self._regions.added / region if self._regions.added is not None else None
            home = added if added is not None and added.is_dir() else self._regions.path / region
            path = home / f"{topic}.yaml"
            text = decode(read_file(path, "parameter file", "a file of text"), str(path))
            self._read[region, topic] = text.split("\n"), parse_yaml(text, str(path))
        return self._read[region, topic]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
