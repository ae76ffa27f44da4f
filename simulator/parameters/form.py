"""A YAML file whose keys a reader asks for one by one: every fault has its line and column."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from .change import OPERAND
from .errors import InputError, nearest, one_of
from .files import or_example, read_file
from .read import Mapping, Node, Sequence, decode, parse_yaml


class Form:
    """A file read: `root` is its first level."""

    def __init__(self, path: Path, what: str, next_step: str) -> None:
        """Read a file; `what` it should be (`scenario`). InputError if it cannot be read or is not plain YAML."""
        self.path = path
        raw = read_file(or_example(path), what, f"a {what} file (.yaml), {next_step}")
        self.root = parse_yaml(decode(raw, str(path)), str(path))

    def fault(self, node: Node, problem: str, value: object, expected: str | None, suggestion: str | None = None) -> InputError:
        """The error of a value."""
        return self.fault_at((node.line, node.column), problem, value, expected, suggestion)

    def fault_at(self, place: tuple[int, int], problem: str, value: object, expected: str | None,
                 suggestion: str | None = None, next_step: str | None = None) -> InputError:
        """The error of what stands at a line and column."""
        return InputError(problem, value=value, expected=expected, suggestion=suggestion, next_step=next_step, file=self.path,
                          line=place[0], column=place[1])

    def mapping(self, node: Node, what: str, known: tuple[str, ...] | None = None) -> Mapping:
        """The node as a mapping, its keys among those known."""
        if not isinstance(node, Mapping):
            raise self.fault(node, f"{what}: not a mapping:", node.data(), "key: value lines")
        for key, place in node.keys.items():
            if known is not None and key not in known:
                raise self.fault_at(place, f"unknown key in {what}", key, one_of(known), nearest(key, known))
        return node

    def words(self, node: Node, what: str, example: str) -> tuple[str, ...]:
        """The node as a list of words, at least one."""
        if not isinstance(node, Sequence) or not node.items:
            raise self.fault(node, f"{what}: not a list:", node.data(), f"a list such as {example}")
        for item in node.items:
            if not isinstance(item.data(), str):
                raise self.fault(item, f"{what}: not a name:", item.data(), f"a list such as {example}")
        return tuple(str(item.data()) for item in node.items)

    def known(self, node: Node, what: str, known: tuple[str, ...]) -> str:
        """The node as one of the words known."""
        word = node.data()
        if word not in known:
            raise self.fault(node, f"{what}:", word, one_of(known), nearest(str(word), known))
        return str(word)

    def text(self, node: Node, what: str, most: int) -> str:
        """The node as a text."""
        if not isinstance(node.data(), str):
            raise self.fault(node, f"{what}: not a text:", node.data(), f"a text of at most {most} characters")
        return str(node.data())

    def integer(self, node: Node, what: str, expected: str) -> int:
        """The node as a whole number of at most twelve digits."""
        text = node.data()
        if not isinstance(text, str) or not re.fullmatch("-?(0|[1-9][0-9]{0,11})", text):
            raise self.fault(node, f"{what}:", text, expected)
        return int(text)

    def number(self, node: Node, what: str) -> Decimal:
        """The node as a decimal number."""
        text = node.data()
        if not isinstance(text, str) or not OPERAND.fullmatch(text):
            raise self.fault(node, f"{what}: not a number:", text, "a number in digits such as 1.1 or -50")
        return Decimal(text)

    def moved(self, error: InputError, steps: tuple[str | int, ...], at_key: bool) -> InputError:
        """An error, placed where `steps` lead: at the key of the last step, or at its value. What the file does not say stands
        where the last step that it does say is."""
        node: Node = self.root
        place = node.line, node.column
        for nth, step in enumerate(steps):
            if isinstance(node, Sequence) and isinstance(step, int):
                node = node.items[step]
                place = node.line, node.column
            elif isinstance(node, Mapping) and step in node.items:
                of_key, node = node.keys[str(step)], node.items[str(step)]
                place = of_key if at_key and nth == len(steps) - 1 else (node.line, node.column)
            else:
                break
        return self.fault_at(place, error.problem, error.value, error.expected, error.suggestion, error.next_step)
