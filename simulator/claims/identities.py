"""Names of persons, families, stays and claims: nobody is merged with another, and nobody is two because of how he is written.

What guards a number against a spreadsheet is taken off, wide characters are made narrow, composed ones one; each is counted. A
number that lost its digits, or a word that stands for no name, is refused.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.claims.cells import EMPTY_WORDS, RowFault

# For RE2, by columns: names without a sign that may have to be tidied, and what may be wrong with such a name all the same.
PLAIN = r"^[A-Za-z0-9_\x{4e00}-\x{9fff}-]*$"
ODD = rf"^(?:[0-9]+[eE][0-9]+|[0-9]{{17}}x|(?i:{'|'.join(word for word in sorted(EMPTY_WORDS) if word.isalpha())}))$|锟斤拷"
LOST = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]+|[0-9]\.[0-9]+[eE][0-9]+", re.ASCII)
FLOAT = re.compile(r"[0-9]+\.0*", re.ASCII)
GUARD = re.compile(r"^['\u2018\u2019`\t]+(?=[A-Za-z0-9])|^=\"(?=[^\"]*\"$)")
NOT_SHOWN = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD))


def tidy_identities(names: pa.Array, person: bool) -> tuple[pa.Array, dict[str, set[int]], dict[int, RowFault]]:
    """The names as they are compared, what was done to which (kind -> places), and what is wrong with some.

    `person`: an empty name is a fault, else it is none.
    """
    done: dict[str, set[int]] = {}
    wrong: dict[int, RowFault] = {}
    strange = _strange(names, person)
    if not len(strange):
        return names, done, wrong
    tidied = names.to_pylist()
    for place in strange.tolist():
        found, kinds = _tidied(tidied[place])
        for kind in kinds:
            done.setdefault(kind, set()).add(place)
        if not person and found.casefold() in EMPTY_WORDS:
            done.setdefault("empty", set()).add(place)
            found = ""
        fault = _fault(found, person)
        if fault is not None:
            wrong[place] = fault
        tidied[place] = found
    return pa.array(tidied, pa.string()), done, wrong


def _strange(names: pa.Array, person: bool) -> np.ndarray:
    """Which names have to be looked at singly; places."""
    odd = pc.or_(pc.invert(pc.match_substring_regex(names, PLAIN)), pc.match_substring_regex(names, ODD))
    return np.flatnonzero((pc.or_(odd, pc.equal(names, "")) if person else odd).to_numpy(zero_copy_only=False))


def _tidied(name: str) -> tuple[str, list[str]]:
    kinds = []
    found = name
    while GUARD.match(found):
        found = GUARD.sub("", found)
        if name.lstrip("'").startswith("="):
            found = found.removesuffix('"')
        kinds = ["guard"]
    seen = found.translate(NOT_SHOWN)
    for kind, changed in (("unseen", seen), ("composed", unicodedata.normalize("NFC", seen)),
                          ("wide", unicodedata.normalize("NFKC", seen).strip())):
        if changed != found:
            found = changed
            kinds.append(kind)
    if re.fullmatch(r"[0-9]{17}x", found, re.ASCII):
        found = found.upper()
        kinds.append("check letter")
    return found, kinds


def _fault(name: str, person: bool) -> RowFault | None:
    who = "who the bill is of" if person else "a name, or nothing"
    if not name and person:
        return RowFault("no person", who)
    if name.casefold() in EMPTY_WORDS:
        return RowFault("a word for nothing in place of a name", who)
    if LOST.fullmatch(name):
        return RowFault("a number that lost its digits in a spreadsheet",
                        "the number in full, as text: several may have become one", None, "export the column as text")
    if FLOAT.fullmatch(name):
        digits = name.split(".")[0]
        return RowFault("a number with a decimal point in place of a name",
                        "the name as text: later digits and zeros in front may be lost", digits, "export the column as text")
    if "\ufffd" in name or "锟斤拷" in name or "****" in name:
        return RowFault("a name of which characters are lost or hidden", "the whole name: several may have become one")
    return None
