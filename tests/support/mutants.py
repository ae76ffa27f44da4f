"""Small faults written into a module, one at a time: the mutants of its syntax tree.

What a mutant is, in the functions that are asked about:

- a comparison takes another sign (each one of a chain), an operation another operator (`|` becomes `&`), and `+=` becomes `-=`
  or `=`;
- a whole number is one more or one less, a truth its opposite, an index points one further (in each dimension);
- `and` becomes `or`, a condition its opposite, and a choice `a if c else b` is always a or always b;
- `min` becomes `max` or lets one of its arguments go;
- a `range` begins one later or ends one earlier, and a call whose result nobody uses is left out.

Tables of the module (a name in capital letters for a list or tuple) lose one of their entries.
"""

from __future__ import annotations

import ast
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

COMPARISONS = {ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
               ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,)}
OPERATORS = {ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.FloorDiv, ast.Add), ast.FloorDiv: (ast.Mult,),
             ast.BitOr: (ast.BitAnd,), ast.BitAnd: (ast.BitOr,)}

LONG, AROUND = 200, 60                 # a statement longer than LONG is shown only so far around the fault


@dataclass(frozen=True)
class Mutant:
    """One fault: where it stands, the statement without and with it, and the whole module with it.

    `nth` tells mutants of a function apart that read alike: the first, the second, ... in the order of the file.
    """

    function: str
    line: int
    before: str
    after: str
    source: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.function}: {self.before}  ->  {self.after}" + (f"  (no. {self.nth})" if self.nth > 1 else "")


def _one_more(node: ast.expr) -> ast.expr:
    return ast.BinOp(node, ast.Add(), ast.Constant(1))


def _is_call(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _faulty(node: ast.AST) -> Iterator[ast.AST]:
    """What can stand in the place of a node."""
    if isinstance(node, ast.Compare):
        for n, operator in enumerate(node.ops):
            for sign in COMPARISONS[type(operator)]:
                yield ast.Compare(node.left, [*node.ops[:n], sign(), *node.ops[n + 1:]], node.comparators)
    elif isinstance(node, ast.BinOp):
        for operator in OPERATORS[type(node.op)]:
            yield ast.BinOp(node.left, operator(), node.right)
    elif isinstance(node, ast.AugAssign):
        for operator in OPERATORS[type(node.op)]:
            yield ast.AugAssign(node.target, operator(), node.value)
        yield ast.Assign([node.target], node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
        if node.value > 0:
            yield ast.Constant(node.value - 1)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif _is_call(node, "min", "max"):
        yield ast.Call(ast.Name("max" if node.func.id == "min" else "min", ast.Load()), node.args, [])
        yield from node.args
    elif _is_call(node, "range"):
        *begin, end = node.args
        yield ast.Call(node.func, [_one_more(begin[0]) if begin else ast.Constant(1), end], [])
        yield ast.Call(node.func, [*begin, ast.BinOp(end, ast.Sub(), ast.Constant(1))], [])
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        for n, index in enumerate(node.slice.elts):
            if not isinstance(index, ast.Slice):
                index = ast.Tuple([*node.slice.elts[:n], _one_more(index), *node.slice.elts[n + 1:]], ast.Load())
                yield ast.Subscript(node.value, index, node.ctx)
    elif isinstance(node, ast.Subscript):
        yield ast.Subscript(node.value, _one_more(node.slice), node.ctx)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield ast.Pass()
    if isinstance(node, ast.If | ast.IfExp) and isinstance(node.test, ast.Name | ast.Call | ast.Subscript):
        yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    if isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse


def called_from(tree: ast.Module, starts: tuple[str, ...]) -> list[ast.FunctionDef]:
    """The module's functions that a call of one of `starts` can reach, in the order of the file."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    reached: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name in functions and name not in reached:
            reached.add(name)
            waiting += [node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)]
    return [function for name, function in functions.items() if name in reached]


def _places(parent: ast.AST, statement: ast.AST) -> Iterator[tuple[ast.AST, str, int, ast.AST, ast.AST]]:
    """Every node below `parent`: its parent, the parent's field, its place where that is a list, itself, its statement."""
    for name, value in ast.iter_fields(parent):
        if isinstance(parent, ast.FunctionDef) and name != "body":          # arguments and decorators are no rules
            continue
        for n, node in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(node, ast.AST):
                inner = node if isinstance(node, ast.stmt) else statement
                yield parent, name, n, node, inner
                yield from _places(node, inner)


def _put(parent: ast.AST, name: str, n: int, node: ast.AST) -> None:
    """Let `node` stand in a field of its parent, or at the n-th place of it."""
    if isinstance(getattr(parent, name), list):
        getattr(parent, name)[n] = node
    else:
        setattr(parent, name, node)


def _first_line(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node)).splitlines()[0]


def _in_short(before: str, after: str) -> tuple[str, str]:
    """Two statements that differ in one place, without most of what long ones have in common around it."""
    if len(before) <= LONG:
        return before, after
    first = len(os.path.commonprefix([before, after]))
    last = min(len(os.path.commonprefix([before[::-1], after[::-1]])), len(before) - first, len(after) - first)
    first, last = max(first - AROUND, 0), max(last - AROUND, 0)
    return tuple(f"{'...' if first else ''}{text[first:len(text) - last]}{'...' if last else ''}" for text in (before, after))


def _mutants_of(tree: ast.Module, texts: list[str], function: ast.FunctionDef) -> Iterator[Mutant]:
    """Every mutant of a function; `texts` are the module's statements as they are."""
    here = tree.body.index(function)
    for parent, name, n, node, statement in list(_places(function, function)):
        for other in list(_faulty(node)):
            before = _first_line(statement)
            _put(parent, name, n, other)
            before, after = _in_short(before, _first_line(other if statement is node else statement))
            whole = "\n".join([*texts[:here], ast.unparse(ast.fix_missing_locations(function)), *texts[here + 1:]])
            yield Mutant(function.name, node.lineno, before, after, whole)
            _put(parent, name, n, node)


def _shorter_tables(tree: ast.Module, texts: list[str]) -> Iterator[Mutant]:
    """Every table of the module without one of its entries: a list or tuple, or one as an array, whose name is in capitals."""
    for here, table in enumerate(tree.body):
        if not (isinstance(table, ast.Assign) and isinstance(table.targets[0], ast.Name) and table.targets[0].id.isupper()):
            continue
        for entries in (part.elts for part in ast.walk(table.value) if isinstance(part, ast.List | ast.Tuple)):
            for n, entry in enumerate(list(entries)):
                del entries[n]
                whole = "\n".join([*texts[:here], ast.unparse(table), *texts[here + 1:]])
                yield Mutant(table.targets[0].id, table.lineno, ast.unparse(entry), "left out", whole)
                entries.insert(n, entry)


def mutants(source: str, *starts: str) -> list[Mutant]:
    """Every mutant of the functions that `starts` call, and of the tables that stand beside them, line by line; without `starts`,
    of all functions of the module."""
    tree = ast.parse(source)
    texts = [ast.unparse(statement) for statement in tree.body]
    functions = called_from(tree, starts or tuple(node.name for node in tree.body if isinstance(node, ast.FunctionDef)))
    every = [*_shorter_tables(tree, texts), *(mutant for function in functions for mutant in _mutants_of(tree, texts, function))]
    distinct = {mutant.source: mutant for mutant in reversed(every)}.values()
    seen: Counter[str] = Counter()
    result = []
    for mutant in sorted(reversed(distinct), key=lambda mutant: mutant.line):
        seen[str(mutant)] += 1
        result.append(replace(mutant, nth=seen[str(mutant)]))
    return result
