"""YAML text to a tree of nodes that know their line and column.

Only the plain part of YAML is read: mappings, sequences and scalars. Scalars stay text, so `NO`,
`0650` and `1_000` reach the schema as they were written. Anchors, aliases, tags, merge keys,
duplicate keys, tabs and second documents are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .errors import InputError

DEEPEST = 12  # the deepest file of the contract has 8 levels
MOST_OPEN = 200  # brackets; no parser is given more, because each takes longer than the one before
MOST_NODES = 30_000  # names, values, lists and mappings; the longest file of the contract has 7,000
LONGEST_SLOWLY = 20_000  # characters given to the slower parser, which takes some ten microseconds for each
LONGEST_KEY = 1_000
SURROGATE = re.compile("[\ud800-\udfff]")
BRACKETS, OPENING = re.compile(r"[][{}]"), "[{"
DISPUTED = "\r\x85\u2028\u2029\ufeff"  # characters that end lines, or have a column, for one parser and not for the other


@dataclass(slots=True)
class Scalar:
    """Text as written; `plain` if without quotes. Line and column count from 1."""

    text: str
    plain: bool
    line: int
    column: int

    def data(self) -> str:
        return self.text


@dataclass(slots=True)
class Sequence:
    line: int
    column: int
    items: list[Node] = field(default_factory=list)

    def data(self) -> list[Any]:
        return [item.data() for item in self.items]


@dataclass(slots=True)
class Mapping:
    """`items`: key -> value; `keys`: key -> (line, column) of the key itself."""

    line: int
    column: int
    items: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        return {key: item.data() for key, item in self.items.items()}


Node = Scalar | Sequence | Mapping
Refuse = Callable[..., InputError]    # (problem, line, column, value=..., expected=...)


def decode(raw: bytes, file: str) -> str:
    """The file's text; refuses what is not UTF-8 and any tab, with its place."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[:error.start].decode("utf-8")
        line, column = _place(before, len(before))
        raise InputError("the file is not UTF-8: byte", value=f"0x{raw[error.start]:02x}",
                         expected="UTF-8 text", next_step="save the file with encoding UTF-8",
                         file=file, line=line, column=column) from None
    if text.startswith("\ufeff"):
        raise InputError("the file begins with a byte-order mark", expected="plain UTF-8",
                         next_step="save the file as UTF-8 without BOM", file=file, line=1, column=1)
    if "\t" in text:
        line, column = _place(text, text.index("\t"))
        raise InputError("a tab", expected="spaces", next_step="replace tabs by spaces",
                         file=file, line=line, column=column)
    return text


def parse_yaml(text: str, file: str) -> Mapping:
    """The mapping that `text` holds; `file` is named in errors."""
    def refuse(problem: str, line: int, column: int, **more: Any) -> InputError:
        return InputError(problem, file=file, line=line, column=column, **more)

    text = text.replace("\r\n", "\n")
    _refuse_many_open(text, refuse)
    try:
        root = _compose(_quick_events(text), refuse)
    except (ImportError, InputError, ValueError) as error:
        if len(text) > LONGEST_SLOWLY:
            raise _of_long(error, text, refuse) from None
        root = _compose_slowly(text, refuse)
    if root is None or isinstance(root, Scalar) and not root.text:
        raise refuse("the file is empty", 1, 1, expected="a mapping of names to values")
    if not isinstance(root, Mapping):
        raise refuse("the file holds no names at its first level", root.line, root.column,
                     expected="a mapping 'name: ...'")
    return root


def _refuse_many_open(text: str, refuse: Refuse) -> None:
    """Refuse brackets in brackets by the hundred, wherever they stand: no file means them."""
    depth = 0
    for found in BRACKETS.finditer(text):
        depth = depth + 1 if found[0] in OPENING else max(depth - 1, 0)
        if depth > MOST_OPEN:
            raise refuse("nested too deeply", *_place(text, found.start()), value=text[max(found.start() - 20, 0):found.end()],
                         expected=f"at most {DEEPEST} levels")


def _quick_events(text: str) -> Iterator[Any]:
    """The events of libyaml's parser, which takes a twentieth of the time of ruamel's. ImportError without it, ValueError if it
    finds fault or might see other lines and columns."""
    from yaml import CSafeLoader, YAMLError, parse

    if any(mark in text for mark in DISPUTED):
        raise ValueError
    try:
        yield from parse(text, Loader=CSafeLoader)
    except YAMLError as error:
        raise ValueError from error


def _of_long(error: Exception, text: str, refuse: Refuse) -> InputError:
    """What the quick parser has found in a text that the slower one would take too long for."""
    if isinstance(error, InputError):
        return error
    if error.__cause__ is not None:
        return _told(error.__cause__, text, refuse)
    at = next((text.index(mark) for mark in DISPUTED if mark in text), 0)
    return refuse(f"a character that ends lines for some readers, in a file of more than {LONGEST_SLOWLY:,} characters:",
                  *_place(text, at), value=f"U+{ord(text[at]):04X}", next_step="delete it, or write it in quotes as an escape")


def _compose_slowly(text: str, refuse: Refuse) -> Node | None:
    """By ruamel's parser, whose verdict counts: it knows YAML 1.2 and says best what is wrong."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return _compose(YAML(typ="safe", pure=True).parse(text), refuse)
    except YAMLError as error:
        raise _told(error, text, refuse) from None


def _told(error: Any, text: str, refuse: Refuse) -> InputError:
    """A parser's complaint with its place: of what stands somewhere, or of a character."""
    if getattr(error, "position", None) is None:
        return _syntax_error(error, text, refuse)
    found = text[error.position:error.position + 1] or "\0"
    return refuse("a character that YAML does not allow", *_place(text, error.position), value=f"U+{ord(found):04X}",
                  next_step="delete it")


def _compose(events: Iterable[Any], refuse: Refuse) -> Node | None:
    """Nodes from parser events, without recursion; the only place that knows them."""
    root: Node | None = None
    stack: list[Mapping | Sequence] = []
    keys: list[Scalar | None] = []      # of each mapping on the stack: the key that waits for its value
    documents = nodes = 0
    for event in events:
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            documents += 1
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            if documents > 1:
                raise refuse("a second document begins", line, column, expected="one document a file",
                             next_step="delete the line '---'")
            if event.version is not None or event.tags:
                raise refuse("a YAML directive", line, column, expected="no '%' directives")
            continue
        if kind in ("MappingEndEvent", "SequenceEndEvent"):
            stack.pop()
            keys.pop()
            continue
        if kind not in ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent", "AliasEvent"):
            continue
        line, column, nodes = event.start_mark.line + 1, event.start_mark.column + 1, nodes + 1
        if nodes > MOST_NODES:
            raise refuse("too many names and values", line, column, expected=f"at most {MOST_NODES:,} in a file")
        if kind == "AliasEvent":
            raise refuse("an alias", line, column, value=f"*{event.anchor}",
                         expected="the value itself: anchors and aliases are not used")
        if event.anchor is not None:
            raise refuse("an anchor", line, column, value=f"&{event.anchor}",
                         expected="the value itself: anchors and aliases are not used")
        if event.tag is not None:
            raise refuse("a tag", line, column, value=event.tag, expected="the value without a tag")
        node: Node
        if kind == "ScalarEvent" and (half := SURROGATE.search(event.value)):
            raise refuse("half of a character (a lone surrogate)", line, column, value=f"\\u{ord(half[0]):04x}",
                         expected="whole characters")
        if kind == "ScalarEvent":
            node = Scalar(event.value, not event.style, line, column)
        elif kind == "MappingStartEvent":
            node = Mapping(line, column)
        else:
            node = Sequence(line, column)
        if not stack:
            root = node
        elif isinstance(stack[-1], Sequence):
            if isinstance(node, Scalar):
                _refuse_missing(node, "an item", line, column, refuse)
            stack[-1].items.append(node)
        elif keys[-1] is None:
            keys[-1] = _key(node, stack[-1], refuse)
        else:
            key = keys[-1]
            if isinstance(node, Scalar):
                _refuse_missing(node, f"'{key.text}'", key.line, key.column, refuse)
            stack[-1].items[key.text] = node
            keys[-1] = None
        if not isinstance(node, Scalar):
            if len(stack) == DEEPEST:
                raise refuse("nested too deeply", line, column, expected=f"at most {DEEPEST} levels")
            stack.append(node)
            keys.append(None)
    return root


def _key(node: Node, mapping: Mapping, refuse: Refuse) -> Scalar:
    """The node as a key of `mapping`; refuses duplicates, merge keys and keys that are not names."""
    if not isinstance(node, Scalar) or not node.text:
        raise refuse("a key that is not a name", node.line, node.column, expected="a name")
    if len(node.text) > LONGEST_KEY:
        raise refuse("the key is too long:", node.line, node.column, value=node.text,
                     expected=f"at most {LONGEST_KEY:,} characters")
    if node.plain and node.text == "<<":
        raise refuse("a merge key", node.line, node.column, value="<<",
                     expected="the values themselves: merge keys are not used")
    if node.text in mapping.keys:
        raise refuse("the key stands twice:", node.line, node.column, value=node.text,
                     next_step=f"it stood first in line {mapping.keys[node.text][0]}; delete one of them")
    mapping.keys[node.text] = (node.line, node.column)
    return node


def _refuse_missing(node: Scalar, name: str, line: int, column: int, refuse: Refuse) -> None:
    if node.plain and node.text in ("", "~", "null", "Null", "NULL"):
        raise refuse(f"{name} has no value", line, column, expected="a value",
                     next_step="write it, or delete the line")


def _place(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def _syntax_error(error: Any, text: str, refuse: Refuse) -> InputError:
    """ruamel's complaint with its place; a full-width colon, a common cause, is named."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = (error.problem or "cannot be read").replace("\n", " ")
    lines = text.split("\n")
    for near in (line, line - 1):
        here = lines[near - 1] if 0 < near <= len(lines) else ""
        if "：" in here and ":" not in here:
            return refuse(f"not YAML ({problem}): a full-width colon", near, here.index("：") + 1,
                          value="：", expected="an ASCII colon and a space", suggestion=": ")
    return refuse(f"not YAML: {problem}", line, column,
                  next_step="check the indentation, quotes and brackets here and in the line above")
