"""Canonical text: one spelling for each tree, which parses to the same tree again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chronon.expressions.blank import Blank
from chronon.expressions.tree import Call, Column, Literal, Node, Op, Plain
from chronon.expressions.words import is_plain_name
from chronon.model.types import Scalar
from chronon.model.values import plain

_TRANSPARENT = frozenset({Op.WIDEN, Op.NUMBER})
_COMPARISONS = frozenset({Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE})
_BINDING: dict[Op, int] = {
    Op.OR: 1,
    Op.AND: 2,
    Op.NOT: 3,
    **dict.fromkeys(_COMPARISONS | {Op.IS_NULL, Op.IN, Op.LIKE}, 4),
    Op.CONCAT: 5,
    Op.ADD: 6,
    Op.SUB: 6,
    Op.MUL: 7,
    Op.DIV: 7,
    Op.MOD: 7,
    Op.NEG: 8,
}
_ATOM = 9
_MARK = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\w+|[()]")


def canonical(node: Node) -> str:
    """The text of a tree: keywords in capitals, single spaces, only the parentheses that are needed."""
    node = _visible(node)
    match node:
        case Column(name=name):
            return identifier(name)
        case Blank(mark=mark):
            return mark
        case Literal(value=value, type=kind):
            return _literal(value, kind)
        case Call(op=op, args=args, type=kind):
            return _call(op, args, kind)


def conjuncts(text: str) -> tuple[str, ...]:
    """The conditions that canonical text joins by AND; one that it does not is itself.

    Law: where all of them must be true, these say what the text says (tests/expressions/test_conjuncts.py).
    """
    ends = [0]
    for mark, depth in _marks(text):
        if not depth and mark[0] == "OR":
            return (text,)
        if not depth and mark[0] == "AND":
            ends += [mark.start() - 1, mark.end() + 1]
    pieces = [*ends, len(text)]
    return tuple(_unwrapped(text[first:last]) for first, last in zip(pieces[::2], pieces[1::2], strict=True))


def _marks(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Words, brackets and quoted pieces, with how deep they stand; what closes stands where what it closes does."""
    depth = 0
    for mark in _MARK.finditer(text):
        depth -= mark[0] in {")", "END"}
        yield mark, depth
        depth += mark[0] in {"(", "CASE"}


def _unwrapped(text: str) -> str:
    """The text without brackets around the whole of it."""
    closed = next((mark.end() for mark, depth in _marks(text) if not depth and mark[0] == ")"), None)
    return text[1:-1] if text.startswith("(") and closed == len(text) else text


def identifier(name: str) -> str:
    """The name as it is written in an expression: in double quotes where it is no plain word."""
    if is_plain_name(name):
        return name
    return '"' + name.replace('"', '""') + '"'


def _visible(node: Node) -> Node:
    while isinstance(node, Call) and node.op in _TRANSPARENT:
        node = node.args[0]
    return node


def _literal(value: object, kind: Plain) -> str:
    match value:
        case None:
            return f"CAST(NULL AS {kind})"
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case int() if kind is Scalar.INT:
            return f"CAST({value} AS int)"
        case int() | float():
            return repr(value)
        case _:
            return f"CAST('{plain(value)}' AS {kind})"


def _call(op: Op, args: tuple[Node, ...], kind: Plain) -> str:
    match op:
        case Op.CASE:
            return _case(args)
        case Op.CAST:
            return f"CAST({canonical(args[0])} AS {kind})"
        case Op.IS_NULL:
            return f"{_within(args[0], 5)} IS NULL"
        case Op.NOT:
            return _not(args[0])
        case Op.IN:
            return f"{_within(args[0], 5)} IN ({', '.join(map(canonical, args[1:]))})"
        case Op.LIKE:
            return f"{_within(args[0], 5)} LIKE {canonical(args[1])}"
        case Op.NEG:
            return f"-{_within(args[0], _ATOM)}"
        case _ if op in _BINDING:
            return _infix(op, args)
        case _:
            return f"{op}({', '.join(map(canonical, args))})"


def _infix(op: Op, args: tuple[Node, ...]) -> str:
    binding = _BINDING[op]
    if op in {Op.AND, Op.OR, Op.CONCAT}:
        return f" {op} ".join(_within(arg, binding + 1) for arg in args)
    left = binding + 1 if op in _COMPARISONS else binding
    return f"{_within(args[0], left)} {op} {_within(args[1], binding + 1)}"


def _not(arg: Node) -> str:
    if isinstance(arg, Call) and arg.op is Op.IS_NULL:
        return f"{_within(arg.args[0], 5)} IS NOT NULL"
    return f"NOT {_within(arg, _BINDING[Op.NOT] + 1)}"


def _case(args: tuple[Node, ...]) -> str:
    branches = " ".join(
        f"WHEN {canonical(condition)} THEN {canonical(value)}"
        for condition, value in zip(args[:-1:2], args[1::2], strict=True)
    )
    is_null = isinstance(args[-1], Literal) and args[-1].is_null
    return f"CASE {branches}{'' if is_null else f' ELSE {canonical(args[-1])}'} END"


def _within(node: Node, binding: int) -> str:
    """The text, in parentheses when it binds less tightly than its place demands."""
    node = _visible(node)
    binds = _binding(node)
    return canonical(node) if binds >= binding else f"({canonical(node)})"


def _binding(node: Node) -> int:
    if isinstance(node, Call):
        is_not_null = node.op is Op.NOT and isinstance(node.args[0], Call) and node.args[0].op is Op.IS_NULL
        return 4 if is_not_null else _BINDING.get(node.op, _ATOM)
    return _BINDING[Op.NEG] if isinstance(node, Literal) and node.is_negative else _ATOM
