"""Small faults written into a module of plain functions, one at a time: the mutants of its syntax tree.

A comparison takes another sign, an operation another operator, a whole number is one more or one less, `and` becomes
`or`, a truth its opposite, `min` becomes `max` or lets one of its two arguments go, and an index points one further.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS = {ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
               ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,)}
OPERATORS = {ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.FloorDiv, ast.Add), ast.FloorDiv: (ast.Mult,)}


@dataclass(frozen=True)
class Mutant:
    """One fault: where it stands, the statement without and with it, and the whole module with it."""

    function: str
    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.function}: {self.before}  ->  {self.after}"


def _faulty(node: ast.AST) -> Iterator[ast.AST]:
    """What can stand in the place of a node."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for sign in COMPARISONS[type(node.ops[0])]:
            yield ast.Compare(node.left, [sign()], node.comparators)
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
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max"):
        yield ast.Call(ast.Name("max" if node.func.id == "min" else "min", ast.Load()), node.args, [])
        yield from node.args
    elif isinstance(node, ast.Subscript):
        yield ast.Subscript(node.value, ast.BinOp(node.slice, ast.Add(), ast.Constant(1)), node.ctx)
    elif isinstance(node, ast.If | ast.IfExp) and isinstance(node.test, ast.Name):
        yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


def called_from(tree: ast.Module, start: str) -> list[ast.FunctionDef]:
    """The module's functions that a call of `start` can reach, in the order of the file."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    reached, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name in functions and name not in reached:
            reached.add(name)
            waiting += [node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)]
    return [function for name, function in functions.items() if name in reached]


def _places(parent: ast.AST, statement: ast.AST) -> Iterator[tuple[ast.AST, str, int, ast.AST, ast.AST]]:
    """Every node below `parent`: its parent, the parent's field, its place where that is a list, itself, its statement."""
    for name, value in ast.iter_fields(parent):
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


def mutants(source: str, start: str) -> list[Mutant]:
    """Every mutant of the functions that `start` calls, line by line."""
    tree, result = ast.parse(source), []
    texts = [ast.unparse(statement) for statement in tree.body]
    for function in called_from(tree, start):
        here = tree.body.index(function)
        for parent, name, n, node, statement in list(_places(function, function)):
            if parent is function and name != "body":                       # arguments and decorators are no law
                continue
            for other in list(_faulty(node)):
                before = _first_line(statement)
                _put(parent, name, n, other)
                after = _first_line(other if statement is node else statement)
                whole = "\n".join([*texts[:here], ast.unparse(ast.fix_missing_locations(function)), *texts[here + 1:]])
                result.append(Mutant(function.name, node.lineno, before, after, whole))
                _put(parent, name, n, node)
    return sorted(result, key=lambda mutant: mutant.line)
