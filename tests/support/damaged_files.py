"""Files of names and values (YAML, JSON) damaged by chance, by kinds that are known to harm readers."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from simulator.parameters.read import Mapping, Node, Scalar, Sequence

# A value that a reader may stumble over, as it is written in a file.
WRITTEN = (
    "", "~", "null", "NaN", ".nan", ".inf", "-.inf", "Infinity", "1e400", "1e-400", "-0", "9" * 400, "-" + "9" * 6000,
    "0." + "1" * 999,
    "1_000", "0650", "0x1F", "1:30", "2012-02-30", "2012-13-01", "0000-00-00", "9999-12-31", "-001-01-01",
    "2012-01-01T00:00:00Z", "2012",
    "NO", "yes", "true", "False", "!!python/object/apply:os.system ['ls']", "!!binary aGk=", "&a b", "*a", "<<", "|\n   x",
    ">-\n  x",
    "@x", "`x", "%x", "? x", "- x", "---", "...", "1,234.50", "75%", "7500%", "-5%", "０.７５", "￥5", "½", "²", "１２", "[]",
    "{}", "[[]]",
    "{a: {}}", "'", '"', "[", "{", "]", "}", "'''", "a: b", "# x", "\\", "[" * 150 + "]" * 150, "[" * 300,
    "{a: " * 40 + "x" + "}" * 40,
    "[" + "1, " * 20_000 + "1]", "{" + ", ".join(f"k{n}: {n}" for n in range(5000)) + "}", "[*a, *a, *a]", "\x00", "\x1b[2J",
    "\x85", "\x7f",
)
# A text that may harm whoever shows it or makes a file of it; also as a key.
TEXTS = (
    "x" * 300, "甲" * 300, "x" * 200_000, "\U00020000\U0001f600", "\u202e\u2066txt.exe", "a\u200bb",
    "\x1b[31mred\x1b]0;owned\x07", "\x00",
    "\n", "\r\n", "a\nb", "\t", " ", "\ud800", "\u0301" * 50, "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
    "=1+1",
    "@SUM(1)", "../../../etc/passwd", "/etc/passwd", "C:\\con", "[/b]", "[red]x", "%s%n", "{0}{x}", "{{7*7}}", "${HOME}", "$(id)",
    "'; DROP TABLE x; --", "__class__", "data", "items", "-1", "0", "１", "national", "nrcms", "新农合", "职工医保", "County",
    "inpatient.",
    ".", "..", "a.b.c.d.e.f", "inpatient.nrcms.ratio.county.x", "x" * 64, "NaN", "None", "linyi\u200b", "ｌｉｎｙｉ", "ı", "ß",
    "K",
)
CHARACTERS = "\u202e\u2028\ufeff\x85\x1b\x07：，“”\u3000\u00a0\u200b\U0001f600&*!|>%@`?-[]{}'\"#,:="
Tree = Any                                                 # Raw, a list of trees, or Pairs
BIG = 600_000


class Raw(str):
    """What stands in the file as it is."""


class Pairs(list):
    """A mapping as a list of [key, tree], so that a key can stand twice."""


def tree_of(node: Node) -> Tree:
    """The tree of what the project's own reader has read."""
    if isinstance(node, Mapping):
        return Pairs([key, tree_of(item)] for key, item in node.items.items())
    if isinstance(node, Sequence):
        return [tree_of(item) for item in node.items]
    assert isinstance(node, Scalar)
    return Raw(node.text if re.fullmatch(r"[\w.%-]+", node.text) and node.plain else json.dumps(node.text, ensure_ascii=False))


def tree_of_json(data: Any) -> Tree:
    """The tree of what `json.loads` gives."""
    if isinstance(data, dict):
        return Pairs([key, tree_of_json(item)] for key, item in data.items())
    return [tree_of_json(item) for item in data] if isinstance(data, list) else Raw(json.dumps(data, ensure_ascii=False))


def written(tree: Tree, indent: str = "") -> str:
    """A tree as text, which is JSON and YAML where its leaves are."""
    if isinstance(tree, Raw):
        return str(tree)
    deeper = f"{indent} "
    if isinstance(tree, Pairs):
        inner = [f"{deeper}{key if isinstance(key, Raw) else json.dumps(key, ensure_ascii=False)}: {written(item, deeper)}"
                 for key, item in tree]
    else:
        inner = [f"{deeper}{written(item, deeper)}" for item in tree]
    ends = "{}" if isinstance(tree, Pairs) else "[]"
    return ends[0] + ("\n" + ",\n".join(inner) + f"\n{indent}" if inner else "") + ends[1]


def copied(tree: Tree) -> Tree:
    """A tree that shares no list with another."""
    return tree if isinstance(tree, str) else type(tree)(copied(item) for item in tree)


def places_of(tree: Tree) -> list[tuple[list, int]]:
    """Every place in which a value stands: the list that has it (of a mapping its pair) and the number."""
    found: list[tuple[list, int]] = []
    for at, item in enumerate(tree if isinstance(tree, list) else ()):
        if isinstance(tree, Pairs):
            found += [(item, 1), *places_of(item[1])]
        else:
            found += [(tree, at), *places_of(item)]
    return found


def pairs_of(tree: Tree) -> list[Pairs]:
    """Every mapping of a tree that has a key."""
    inner = [item[1] if isinstance(tree, Pairs) else item for item in tree] if isinstance(tree, list) else []
    return ([tree] if isinstance(tree, Pairs) and tree else []) + [one for item in inner for one in pairs_of(item)]


def misspelt(key: str, chance: random.Random) -> str:
    """A key with one mistake of a typist."""
    at = chance.randrange(max(len(key), 1))
    found = chance.choice((key[:at] + key[at + 1:], key[:at] + key[at:at + 1] * 2 + key[at + 1:], key[:at] + "x" + key[at:],
                          key[:at] + key[at + 1:at + 2] + key[at:at + 1] + key[at + 2:], key.replace("_", "-"), f"{key} ",
                              f"{key}s",
                          key.upper(), key.title(), f"{key}\u200b", "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c
                              for c in key)))
    return found if found != key else f"{key}x"


def damage_tree(tree: Tree, others: list[Tree], chance: random.Random) -> str:
    """Do one thing to a tree in place, and say which; `others` are trees of the same kind and of others."""
    places, mappings = places_of(tree), pairs_of(tree)
    kind = chance.choice(("written", "written", "text", "neighbour", "neighbour", "swap", "misspell", "misspell", "key", "twice",
        "drop",
                          "add", "shape", "long", "number"))
    if not places or not mappings:
        return "nothing"
    home, at = chance.choice(places)
    pairs = chance.choice(mappings)
    pair = chance.choice(pairs)
    if kind == "written":
        home[at] = Raw(chance.choice(WRITTEN))
    elif kind == "text":
        home[at] = Raw(json.dumps(chance.choice(TEXTS), ensure_ascii=chance.random() < 0.5))
    elif kind == "neighbour":
        theirs, there = chance.choice(places_of(chance.choice(others)) or [(home, at)])
        home[at] = copied(theirs[there])
    elif kind == "swap":
        theirs, there = chance.choice(places)
        home[at], theirs[there] = copied(theirs[there]), copied(home[at])
    elif kind == "misspell":
        pair[0] = misspelt(str(pair[0]), chance)
    elif kind == "key":
        pair[0] = chance.choice((chance.choice(TEXTS), Raw(chance.choice(WRITTEN)), chance.choice(chance.choice(mappings))[0]))
    elif kind == "twice":
        pairs.insert(chance.randrange(len(pairs) + 1), copied(pair))
    elif kind == "drop":
        pairs.remove(pair)
    elif kind == "add":
        pairs.append([chance.choice(TEXTS), copied(home[at])])
    elif kind == "shape":
        home[at] = chance.choice(([home[at]], Pairs([["a", home[at]]]), [], Pairs(), [home[at]] * 3, Raw('""')))
    elif kind == "long":
        home[at] = chance.choice(([home[at]] * 2_000 if isinstance(home[at], Raw) else [home[at]] * 20,
                                  Pairs([f"{pair[0]}{n}", home[at]] for n in range(500 if isinstance(home[at], Raw) else 5))))
    else:
        numbers = [(list_, n) for list_, n in places if re.fullmatch(r'"?-?[0-9.]+%?"?', list_[n] if isinstance(list_[n], Raw)
            else "")]
        if numbers:
            home, at = chance.choice(numbers)
            bare = home[at].strip('"')
            home[at] = Raw(json.dumps(chance.choice((f"-{bare}", f"{bare}0000000000000", f"0.{bare}", f"{bare}e3", f"0{bare}",
                f"{bare}.",
                                                     f"{bare}%", f"+{bare}", f" {bare} ", "0", "1", bare + "0" * 5000,
                                                     bare.translate({ord(c): ord(c) + 0xFEE0 for c in bare})))))
    return kind


def damage_text(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    """Do one thing to a file's bytes, and say which."""
    text, at = data.decode("utf-8", "replace"), chance.randrange(len(data) + 1)
    lines = text.split("\n")
    line = chance.randrange(len(lines))
    kind = chance.choice(("byte", "byte", "cut", "cut", "empty", "mark", "ends", "tab", "encoding", "line gone", "line twice",
                          "indent", "colon", "document", "laughs", "deep", "big", "quote", "character", "comment", "merge",
                          "lines swapped"))
    if kind == "byte":
        return kind, data[:at] + bytes([chance.choice((0, 1, 7, 0x0B, 0x1B, 0x7F, 0x80, 0xC0, 0xC3, 0xED, 0xFF))]) + data[at:]
    if kind == "cut":
        return kind, data[:at]
    if kind == "empty":
        return kind, chance.choice((b"", b"\n", b" ", b"# x\n", b"---\n", b"...", b"null\n", b"[]", b"{}", b"x", b"\xef\xbb\xbf",
            b"\0"))
    if kind == "mark":
        return kind, b"\xef\xbb\xbf" + data
    if kind == "ends":
        return kind, text.replace("\n", chance.choice(("\r\n", "\r", "\n\n", "\u2028", "\x85", "\n\r"))).encode()
    if kind == "encoding":
        return kind, text.encode(chance.choice(("gb18030", "utf-16", "utf-16-le", "utf-32", "cp1252", "big5")), "replace")
    if kind == "character":
        return kind, (text[:at] + chance.choice(CHARACTERS) + text[at:]).encode()
    if kind == "deep":
        depth = chance.choice((13, 199, 201, 5_000, 100_000))
        return kind, data + chance.choice((b"zz: " + b"[" * depth, b"zz: " + b"{a: " * min(depth, 20_000),
            b"zz:" + b" - " * depth, b"".join(
            b" " * n + b"a:\n" for n in range(min(depth, 1_000)))))
    if kind == "big":
        return kind, data + chance.choice((b"zz: " + b"x" * BIG, b"zz: [" + b"1," * (BIG // 2) + b"1]", b"#" * BIG, b"\n" * BIG,
            b"".join(
            b"k%d: 1\n" % n for n in range(BIG // 12)), b"zz: '" + b"x\n" * (BIG // 2), b" " * BIG, b"- 1\n" * (BIG // 4),
                b"? " * BIG,
            b'zz: "' + b"\\u0041" * (BIG // 6) + b'"', b"zz: " + b"9" * BIG, b"zz: |\n" + b"  x\n" * (BIG // 4)))
    if kind == "laughs":
        names = "abcdefghijk"
        bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip(names, names[1:], strict=False))
        return kind, chance.choice((bomb, text + bomb, bomb + text)).encode()
    if kind == "line gone":
        del lines[line]
    elif kind == "line twice":
        lines.insert(line, lines[line])
    elif kind == "lines swapped":
        other = chance.randrange(len(lines))
        lines[line], lines[other] = lines[other], lines[line]
    elif kind == "indent":
        bare = lines[line].strip()
        lines[line] = chance.choice((f" {lines[line]}", lines[line].removeprefix(" "), bare, f"{' ' * 40}{bare}"))
    elif kind == "tab":
        lines[line] = f"\t{lines[line]}"
    elif kind == "colon":
        lines[line] = lines[line].replace(":", chance.choice(("：", "", " :", "::", ":-", "=")), 1)
    elif kind == "quote":
        lines[line] = lines[line] + chance.choice(("'", '"', "#", " |", " >", " &x", " *x", " !x", " {", " [", ","))
    else:
        lines.insert(line, {"document": "---", "comment": "# \x1b[31m \u202e", "merge": "<<: *x"}[kind])
    return kind, "\n".join(lines).encode("utf-8", "replace")
