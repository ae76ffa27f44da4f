"""One file's tree to its entries: the schema's verdict, brought back to lines and columns."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from .catalogue import CATALOGUE, PER
from .errors import InputError
from .percent import unmarked
from .quantities import Quantity
from .read import Mapping, Node, Scalar, Sequence
from .scalars import parse_flag
from .schema import topic_type, value_type
from .values import Entry

LONGEST_LIST = 2_000               # items; the longest of the contract has some 200

def check_topic(topic: str, root: Mapping, file: str) -> list[Entry]:
    """The entries of a topic file or of law.yaml, in file order; `file` is named in errors.

    Raises InputError at the first fault of the file; the rest are its `others`.
    """
    _validate(topic_type(topic), root, file)
    entries: list[Entry] = []
    for path, parameter in _parameters(topic, root):
        unit = parameter.items["unit"].text
        entries += [_entry(path, unit, item, file) for item in parameter.items["values"].items]
    return entries


def check_region(root: Mapping, file: str) -> dict[str, Any]:
    """What region.yaml says: `en`, `zh`, `parent` (None for the root), `line` and `column` of the parent."""
    _validate(topic_type("region"), root, file)
    names: Any = root.items["name"].data()
    parent: Any = root.items.get("parent")
    return {"en": names["en"], "zh": names["zh"], "parent": parent.text if parent else None,
            "line": parent.line if parent else 1, "column": parent.column if parent else 1}


def check_value(path: str, name: str, quantity: Quantity, data: Any) -> None:
    """Refuses `data` (text, list, mapping) where a file that states it for `path` would be refused; a percentage below 1 is taken
    without its sign, for it may have been worked out."""
    try:
        _adapter(name, quantity).validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        ctx = first.get("ctx", {})
        where = [str(part) for part in first["loc"] if part != "[key]"]
        raise InputError(f"{'.'.join([path, *where])}: {ctx.get('problem', first['msg'])}", value=ctx.get("value"),
                         expected=ctx.get("expected"), suggestion=ctx.get("suggestion"),
                         next_step=ctx.get("next_step")) from None


@cache
def _adapter(name: str, quantity: Quantity) -> TypeAdapter[Any]:
    return TypeAdapter(value_type(name, quantity, written=False))


def _parameters(topic: str, root: Any) -> Iterator[tuple[str, Any]]:
    """Each parameter's path and mapping, of a tree that has been checked."""
    if topic in CATALOGUE and PER[topic] is None:
        for name, node in root.items.items():
            yield f"{topic}.{name}", node
        return
    for section, names in root.items.items():
        for name, node in names.items.items():
            yield f"{topic}.{section}.{name}", node


def _entry(path: str, unit: str, node: Any, file: str) -> Entry:
    said: dict[str, Any] = {key: item.data() for key, item in node.items.items()}
    value = node.items["value"]
    return Entry(path, unit, datetime.date.fromisoformat(said["from"]), unmarked(said["value"]), said["status"], said["source"],
                 said.get("note", ""), unmarked(said.get("spread", "")), said.get("rule", ""), said.get("issued", ""),
                 said.get("text", ""), value.line, value.column, said.get("known_from", ""),
                 [[other["name"], unmarked(other["value"]), unmarked(other["weight"]), other["source"]]
                  for other in said.get("alternatives", ())],
                 parse_flag(said.get("local", "false")), parse_flag(said.get("standard", "false")),
                 said.get("until", ""), unmarked(said.get("distribution", {})), said.get("shares", ""),
                 said.get("correlation", ""), file=file)


def _validate(adapter: TypeAdapter[Any], root: Mapping, file: str) -> None:
    _refuse_long_lists(root, file)
    try:
        adapter.validate_python(root.data())
    except ValidationError as error:
        faults = sorted((_located(fault, root, file) for fault in error.errors()),
                        key=lambda found: (found.line or 0, found.column or 0))
        first = faults[0]
        first.others = tuple(faults[1:])
        raise first from None


def _refuse_long_lists(root: Node, file: str) -> None:
    """Refuse a list that no value has: each of its items might have faults of its own."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence) and len(node.items) > LONGEST_LIST:
            raise InputError("too many items in a list:", value=len(node.items), expected=f"at most {LONGEST_LIST:,}", file=file,
                             line=node.line, column=node.column)
        if not isinstance(node, Scalar):
            waiting += node.items if isinstance(node, Sequence) else node.items.values()


def _located(fault: Any, root: Mapping, file: str) -> InputError:
    """A pydantic error as an InputError at the node, or the key, that is at fault."""
    ctx = fault.get("ctx", {})
    node: Node = root
    line, column = root.line, root.column
    for step in (*fault["loc"], *ctx.get("at", ())):
        if isinstance(node, Mapping) and step in node.items:
            line, column = node.keys[step]
            node = node.items[step]
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
            line, column = node.line, node.column
    if not ctx.get("at_key"):
        line, column = node.line, node.column
    if "problem" not in ctx:  # none is known to come this way
        return InputError(fault["msg"], file=file, line=line, column=column)
    return InputError(ctx["problem"], value=ctx["value"], expected=ctx["expected"], suggestion=ctx["suggestion"],
                      next_step=ctx["next_step"], file=file, line=line, column=column)

