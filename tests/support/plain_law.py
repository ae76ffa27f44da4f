"""The law read again and without the compiler, so that a part of it can be put wrong: rules and settlement together."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from simulator.law import basic, layers, rows, rules, settle
from simulator.law.year import STATE, TRACE
from simulator.tables import LEFT

FILES = {"rules": rules, "basic": basic, "layers": layers, "settle": settle, "rows": rows}        # each knows those before it


class PlainLaw:
    """The files of `simulator/law/`, or files in their places, as plain Python on lists."""

    def __init__(self, **files: str | Path) -> None:
        self.modules = {name: plain(files.get(f"{name}_file", str(module.__file__))) for name, module in FILES.items()}
        for name, module in self.modules.items():
            module.rules = self.modules["rules"]           # type: ignore[attr-defined]
            self._share(name)
        self.rules, self.settle, self.rows = (self.modules[name] for name in ("rules", "settle", "rows"))

    def _share(self, home: str) -> None:
        """Functions of a file that others know by name are those of the file as it stands here."""
        for name, function in vars(self.modules[home]).items():
            if callable(function) and not isinstance(function, type) and function.__module__ == self.modules[home].__name__:
                for module in self.modules.values():
                    if hasattr(module, name):
                        setattr(module, name, function)

    def replace(self, name: str, wrong: Callable) -> None:
        """Put `wrong(right)` in the place of a function of a file, or of one that it imports from money.py."""
        home, _, name = name.rpartition(".")
        right = getattr(self.modules[home], name)
        changed = wrong(right)
        for module in self.modules.values():
            if getattr(module, name, None) is right:
                setattr(module, name, changed)

    def settle_year(self, terms: list[int], bills: list[list[int]], year: list[int] | None = None) -> list[list[int]]:
        """What each bill of a person's year leaves, from 1 January, or from the state `year`, which moves on."""
        year = [0] * STATE if year is None else year
        trace, result = [0] * TRACE, []
        for bill in bills:
            paid = [0] * LEFT
            self.settle.settle_bill(terms, year, bill, paid, trace)
            result.append(paid)
        return result


def plain(file: str | Path) -> ModuleType:
    """The module in a file, read again, with functions that are not compiled."""
    spec = importlib.util.spec_from_file_location(f"plain_{Path(file).stem}", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, function in list(vars(module).items()):
        setattr(module, name, getattr(function, "py_func", function))
    return module
