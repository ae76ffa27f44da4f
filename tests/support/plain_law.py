"""The law read again and without the compiler, so that a part of it can be put wrong: rules and settlement together."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from simulator.law import rows, rules, settle
from simulator.law.settle import STATE, TRACE
from simulator.tables import LEFT


class PlainLaw:
    """`law/rules.py`, `law/settle.py` and `law/rows.py`, or files in their places, as plain Python on lists."""

    def __init__(self, rules_file: str | Path = rules.__file__, settle_file: str | Path = settle.__file__,
                 rows_file: str | Path = rows.__file__) -> None:
        self.rules, self.settle, self.rows = plain(rules_file), plain(settle_file), plain(rows_file)
        self.settle.rules = self.rows.rules = self.rules                     # type: ignore[attr-defined]
        self._share(self.rules)
        self.rows.settle_bill = self.settle.settle_bill                      # type: ignore[attr-defined]

    def _share(self, module: ModuleType) -> None:
        """Functions that both files know by name are those of `module`."""
        for name, function in vars(module).items():
            if callable(function) and not isinstance(function, type) and hasattr(self.settle, name):
                setattr(self.settle, name, function)

    def replace(self, name: str, wrong: Callable) -> None:
        """Put `wrong(right)` in the place of a function of either file, or of one that they import from money.py."""
        home, _, name = name.rpartition(".")
        module = getattr(self, home)
        setattr(module, name, wrong(getattr(module, name)))
        if home == "rules":
            self._share(self.rules)
        self.rows.settle_bill = self.settle.settle_bill                      # type: ignore[attr-defined]

    def settle_year(self, terms: list[int], bills: list[list[int]], year: list[int] | None = None) -> list[list[int]]:
        """What each bill of a person's year leaves, from 1 January, or from the state `year`, which moves on."""
        year = [0] * STATE if year is None else year
        trace, result = [0] * TRACE, []
        for bill in bills:
            paid = [0] * LEFT
            self.settle.settle_bill(terms, year, bill, paid, trace)                      # type: ignore[attr-defined]
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
