"""The Chinese names under which schemes, hospital tiers, member classes, assistance groups and illnesses may be typed.

One table and one function for every door: options, scenario files, paths of changes and their keys, plan files, claims. Inside,
names are the catalogue's, so that a question's content name does not hang on the spelling. Regions have their Chinese names in
their own files (`Regions.canonical`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping as Readable
from collections.abc import Sequence as Items
from dataclasses import replace
from typing import Any

from .catalogue import CATALOGUE, CLASSES, GROUPS, ILLNESSES, PER, SCHEMES, TIERS
from .errors import InputError, nearest, one_of
from .read import DEEPEST, Mapping, Node, Scalar, Sequence

CHINESE: dict[str, dict[str, tuple[str, ...]]] = {
    "scheme": {"uebmi": ("职工医保", "城镇职工医保", "职工基本医疗保险", "城镇职工基本医疗保险"),
               "urbmi": ("城镇居民医保", "城镇居民基本医疗保险"),
               "nrcms": ("新农合", "农合", "新型农村合作医疗"),
               "urrbmi": ("城乡居民医保", "城乡居民基本医疗保险")},
    "tier": {"township": ("乡镇", "乡镇卫生院", "社区", "社区卫生服务中心", "乡镇卫生院及社区"),
             "county": ("县级", "县级医院"), "city": ("市级", "市级医院"), "outside": ("统筹区外", "异地")},
    "class": {"adult": ("成年人", "成年居民", "成人"), "child": ("儿童", "未成年人"), "student": ("学生",),
              "active": ("在职", "在职职工"), "retired": ("退休", "退休人员")},
    "group": {"none": ("无",), "dibao": ("低保", "低保对象"), "wubao": ("五保", "五保对象"),
              "low_income": ("低收入", "低收入家庭"), "disabled": ("重度残疾", "重度残疾人"), "elderly": ("低收入老年人",)},
    "illness": {"esrd": ("终末期肾病", "尿毒症"), "childhood-leukaemia": ("儿童白血病",),
                "childhood-congenital-heart-disease": ("儿童先天性心脏病", "儿童先心病"), "breast-cancer": ("乳腺癌",),
                "cervical-cancer": ("宫颈癌",), "severe-mental-illness": ("重性精神疾病",), "mdr-tb": ("耐多药肺结核",),
                "aids-opportunistic-infection": ("艾滋病机会性感染",), "lung-cancer": ("肺癌",),
                "oesophageal-cancer": ("食道癌", "食管癌"), "gastric-cancer": ("胃癌",), "colon-cancer": ("结肠癌",),
                "rectal-cancer": ("直肠癌",), "cml": ("慢性粒细胞白血病",),
                "acute-myocardial-infarction": ("急性心肌梗塞", "急性心肌梗死"), "cerebral-infarction": ("脑梗死", "脑梗塞"),
                "haemophilia": ("血友病",), "type-1-diabetes": ("Ⅰ型糖尿病", "1型糖尿病"),
                "hyperthyroidism": ("甲亢", "甲状腺功能亢进"), "cleft-lip-palate": ("唇腭裂",)},
}
KNOWN: dict[str, tuple[str, ...]] = {"scheme": SCHEMES, "tier": TIERS, "class": CLASSES, "group": GROUPS, "illness": ILLNESSES}
OF_PARTS = ("tier", "class", "group", "illness")       # what a parameter may be stated by


def _folded(word: str) -> str:
    """A word without spaces and without the differences of width that Unicode calls compatible (`Ⅰ` is `I`)."""
    return "".join(unicodedata.normalize("NFKC", word).split())


SPELLINGS = {kind: {_folded(word): name for name, words in names.items() for word in words} for kind, names in CHINESE.items()}
OF_PART = {word: name for kind in OF_PARTS for word, name in SPELLINGS[kind].items()}


def canonical(kind: str, word: str) -> str:
    """The catalogue's name of what a Chinese word calls; any other word as it is. `kind` is one of KNOWN."""
    return word if word in KNOWN[kind] else SPELLINGS[kind].get(_folded(word), word)


def numbers_of(kind: str) -> dict[str, int]:
    """Every spelling of every name of a kind, with the name's number."""
    known = KNOWN[kind]
    return {word: n for n, name in enumerate(known) for word in (name, *CHINESE[kind][name])}


def known_name(what: str, word: str, known: Items[str]) -> str:
    """A word out of `known`, typed as it is or, where they are names of a kind, in Chinese. InputError, which names `what` it was
    typed for, with the nearest right name."""
    if word in known:
        return word
    for kind, names in KNOWN.items():
        if tuple(known) == names and (found := canonical(kind, word)) in known:
            return found
    raise InputError(f"{what}: unknown name", value=word, expected=one_of(known), suggestion=nearest(word, known))


def canonical_path(path: str) -> str:
    """A parameter's path in the catalogue's names: `inpatient.新农合.deductible.县级` is `inpatient.nrcms.deductible.county`."""
    topic, *rest = path.split(".")
    per = PER.get(topic)
    if topic not in CATALOGUE or not rest:
        return path
    first = [canonical(per, rest[0])] if per else []
    return ".".join([topic, *first, *(OF_PART.get(_folded(word), word) for word in rest[len(first):])])


def canonical_group(group: str) -> str:
    """The group of a measure in the catalogue's names: `illness:乳腺癌` is `illness:breast-cancer`."""
    kind, colon, key = group.partition(":")
    return f"{kind}:{canonical(kind, key)}" if colon and kind in KNOWN else group


def canonical_changes(changes: Any) -> Any:
    """Changes, path -> value, with the paths, the keys of the values and the names in them in the catalogue's names; anything
    else than a mapping from texts as it is. InputError for a parameter that is stated in two spellings."""
    if not isinstance(changes, Readable) or not all(isinstance(path, str) for path in changes):
        return changes
    found: dict[str, object] = {}
    for path, data in changes.items():
        if (name := canonical_path(path)) in found:
            raise InputError("a parameter is changed twice, in two spellings:", value=name, expected="it once")
        found[name] = _canonical_data(data)
    return found


def _canonical_data(data: object, depth: int = 0) -> object:
    if depth > DEEPEST:                                    # refused where changes are read
        return data
    if isinstance(data, Readable):
        return {OF_PART.get(_folded(key), key) if isinstance(key, str) else key: _canonical_data(part, depth + 1)
                for key, part in data.items()}
    if isinstance(data, list | tuple):
        return [_canonical_data(part, depth + 1) for part in data]
    return OF_PART.get(_folded(data), data) if isinstance(data, str) else data


def in_canonical_names(node: Node, skip: Items[str] = (), paths_only: bool = True) -> Any:
    """A file's tree with the paths among its keys in the catalogue's names, and below them, or everywhere where not `paths_only`,
    keys and list items too; places stay. Keys in `skip` and what is below them stay as they are. InputError without a file for a
    name that stands twice, in two spellings."""
    if isinstance(node, Scalar):
        return node if paths_only else replace(node, text=OF_PART.get(_folded(node.text), node.text))
    if isinstance(node, Sequence):
        return replace(node, items=[in_canonical_names(item, skip, paths_only) for item in node.items])
    made = Mapping(node.line, node.column)
    for key, part in node.items.items():
        inside = paths_only and "." not in key
        name = canonical_path(key) if "." in key else key if paths_only else OF_PART.get(_folded(key), key)
        if name in made.items:
            line, column = node.keys[key]
            raise InputError("the same name stands twice, in two spellings:", value=name, expected="it once", line=line,
                             column=column)
        made.keys[name] = node.keys[key]
        made.items[name] = part if key in skip else in_canonical_names(part, skip, inside)
    return made
