"""Mapping files (docs/claims.md): what a file calls its columns and words, what it lacks, and how it is to be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from simulator.claims.cells import FLAG_WORDS, ORDERS_OF_DAY, amount, begins, day, ends, identity, weight
from simulator.claims.columns import BY_NAME
from simulator.claims.header import Stated, made_from_several
from simulator.claims.text import ENCODINGS
from simulator.parameters.errors import InputError, display_path, nearest, one_of
from simulator.parameters.files import read_file
from simulator.parameters.read import Mapping, Node, Scalar, Sequence, decode, parse_yaml
from simulator.parameters.regions import params_path

KEYS_OF_A_MAPPING = ("about", "columns", "pass_through", "encoding", "sheet", "header_line", "lenient", "sort", "repeated")
KEYS_OF_A_COLUMN = ("from", "words", "always", "plus", "minus", "join", "written", "optional")
REPEATED = ("refuse", "first", "last")


@dataclass
class ClaimsMap:
    """A mapping file as it is read; `stated`: column -> what it says of it. None where it says nothing."""

    stated: dict[str, Stated] = field(default_factory=dict)
    passed: tuple[str, ...] = ()
    encoding: str | None = None
    sheet: str | None = None
    header_line: int | None = None
    lenient: bool = False
    sort: bool = False
    repeated: str | None = None
    file: str = ""


def shipped_maps() -> dict[str, Path]:
    """The mappings that come with the program: name -> file."""
    return {path.stem: path for path in sorted((params_path() / "claims").glob("*.yaml"))}


def read_map(path: Path) -> ClaimsMap:
    """The mapping in a file, or the shipped one of that name. InputError with file, line and column for what is not one."""
    if not path.suffix and len(path.parts) == 1 and not path.exists():
        shipped = shipped_maps()
        if path.name not in shipped:
            raise InputError("neither a mapping file nor a mapping that is shipped:", value=path.name, expected=one_of(shipped),
                             suggestion=nearest(path.name, shipped))
        path = shipped[path.name]
    file = display_path(path)
    root = parse_yaml(decode(read_file(path, "mapping", "a mapping file, which `fundsim claims map` begins"), file), file)
    _known(root, KEYS_OF_A_MAPPING, "key of a mapping", file)
    columns = _mapping(root.items.get("columns", Mapping(1, 1)), file)
    _known(columns, tuple(BY_NAME), "column", file)
    made = ClaimsMap({name: _stated(name, node, file) for name, node in columns.items.items()}, file=file)
    if "pass_through" in root.items:
        made.passed = _texts(root.items["pass_through"], file)
    for key in ("encoding", "sheet", "repeated"):
        if key in root.items:
            setattr(made, key, _text(root.items[key], file))
    _one_of(root, "encoding", made.encoding, ENCODINGS, file)
    _one_of(root, "repeated", made.repeated, REPEATED, file)
    if "header_line" in root.items:
        text = _text(root.items["header_line"], file)
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 1000):
            _refuse(root.items["header_line"], "header_line:", text, "the number of a line", file)
        made.header_line = int(text)
    for key in ("lenient", "sort"):
        if key in root.items:
            setattr(made, key, _flag(root.items[key], file))
    alone = {name: one.titles[0] for name, one in made.stated.items() if len(one.titles) == 1 and not one.minus}
    if twice := _twice(list(alone.values())):
        line, column = columns.keys[[name for name, title in alone.items() if title == twice][1]]
        raise InputError("two columns are read from one header:", value=twice, expected="one column", file=file, line=line,
                         column=column)
    return made


def _stated(name: str, node: Node, file: str) -> Stated:
    """What the mapping says of one column: the header alone, or a mapping of KEYS_OF_A_COLUMN."""
    if isinstance(node, Scalar):
        return Stated((_text(node, file),), line=node.line)
    if isinstance(node, Sequence):
        _refuse(node, f"{name}:", None, "a header, or `from`, `plus` and `minus`, `join`, `always`", file)
    _known(node, KEYS_OF_A_COLUMN, "key of a column", file)
    items, column = node.items, BY_NAME[name]
    ways = [key for key in ("from", "plus", "join", "always") if key in items]
    if len(ways) != 1:
        _refuse(node, f"{name}: made in", f"{len(ways)} ways", "one of `from`, `plus`, `join`, `always`", file)
    if ways[0] in ("plus", "join") and not (made_from_several(name) and (column.read is identity) == (ways[0] == "join")):
        _refuse(node, f"{name}: a column that cannot be made by", ways[0],
                "`join`" if column.read is identity else "`from`", file)
    if "minus" in items and ways != ["plus"]:
        _refuse(items["minus"], "`minus` without `plus`", None, "`plus: [..]` beside it", file)
    words: dict[str, str] = {}
    if "words" in items:
        if ways != ["from"] or column.read in (amount, identity, day, begins, ends, weight):
            _refuse(items["words"], f"{name}: a column without words", None, "no `words`", file)
        said = _mapping(items["words"], file)
        for code, word in said.items.items():
            if isinstance(word, Scalar) and word.text == "?":
                _refuse(word, f"{name}: not said what a code stands for:", code, "a word of the column", file)
            words[code] = _text(word, file)
    written = _text(items["written"], file) if "written" in items else ""
    if written and (column.read is not day or written not in ORDERS_OF_DAY):
        _refuse(items["written"], "written:", written, f"{one_of(ORDERS_OF_DAY)}, of a column of days", file)
    optional = "optional" in items and _flag(items["optional"], file)
    if ways == ["always"]:
        if column.read is identity or name in ("date", "order"):
            _refuse(node, f"{name}: a column that cannot be", "always", "a header: it tells rows apart", file)
        return Stated(always=_text(items["always"], file), line=node.line)
    titles = (_text(items["from"], file),) if ways == ["from"] else _texts(items[ways[0]], file)
    return Stated(titles, _texts(items["minus"], file) if "minus" in items else (), words, None, written, optional, node.line)


def _known(node: Mapping, known: tuple[str, ...], what: str, file: str) -> None:
    for key in node.items:
        if key not in known:
            line, column = node.keys[key]
            raise InputError(f"unknown {what}", value=key, expected=one_of(known, most=12), suggestion=nearest(key, known),
                             file=file, line=line, column=column)


def _mapping(node: Node, file: str) -> Mapping:
    if not isinstance(node, Mapping):
        _refuse(node, "not a mapping", None, "`key: value` lines", file)
    return node


def _text(node: Node, file: str) -> str:
    if not isinstance(node, Scalar) or not node.text.strip():
        _refuse(node, "not a text", None, "one text", file)
    if node.text == "?":
        _refuse(node, "not said yet:", "?", "a header or a word in its place", file)
    return node.text.strip()


def _texts(node: Node, file: str) -> tuple[str, ...]:
    items = node.items if isinstance(node, Sequence) else [node]
    found = tuple(_text(item, file) for item in items)
    if not found or _twice(list(found)):
        _refuse(node, "no titles, or one twice", None, "a list of headers", file)
    return found


def _flag(node: Node, file: str) -> bool:
    text = _text(node, file).casefold()
    if text not in FLAG_WORDS:
        _refuse(node, "not a flag:", text, "yes or no", file)
    return bool(FLAG_WORDS[text])


def _twice(titles: list[str]) -> str:
    return next((title for at, title in enumerate(titles) if title in titles[:at]), "")


def _one_of(root: Mapping, key: str, text: str | None, known: tuple[str, ...], file: str) -> None:
    if text is not None and text not in known:
        _refuse(root.items[key], f"{key}:", text, one_of(known), file)


def _refuse(node: Node, problem: str, value: str | None, expected: str, file: str) -> NoReturn:
    raise InputError(problem, value=value, expected=expected, file=file, line=node.line, column=node.column)
