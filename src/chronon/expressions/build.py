"""Well typed trees: one constructor for each form, which widens numbers and refuses what does not fit.

Numbers: arithmetic is on longs, or on doubles as soon as one operand is float or double; `/` is always on doubles.
NaN is no value: an operation on it and an operation that would yield it give null. Only a bare column passes it on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from chronon.expressions.blank import Blank
from chronon.expressions.closures import constant
from chronon.expressions.errors import WRONG_TYPE, ExpressionError
from chronon.expressions.tree import Call, Column, Literal, Node, Op, Plain
from chronon.model.types import INTEGRAL, NUMERIC, DataType, Decimal, Scalar
from chronon.model.values import as_binary, as_date, as_decimal, as_timestamp

LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1
_ARITHMETIC = frozenset({Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.NEG, Op.ABS})
_COMMUTATIVE = frozenset({Op.ADD, Op.MUL})
_MIRRORED = {Op.LT: Op.GT, Op.GT: Op.LT, Op.LE: Op.GE, Op.GE: Op.LE}
_OPPOSITES = {Op.LT: Op.GE, Op.GE: Op.LT, Op.GT: Op.LE, Op.LE: Op.GT, Op.EQ: Op.NE, Op.NE: Op.EQ}
_COMPARABLE = frozenset({Scalar.STRING, Scalar.BOOLEAN, Scalar.DATE, Scalar.TIMESTAMP, Scalar.BINARY})
_CASTS: dict[DataType, frozenset[Plain]] = {
    Scalar.BOOLEAN: frozenset({Scalar.BOOLEAN, Scalar.INT, Scalar.LONG, Scalar.STRING}),
    Scalar.INT: frozenset({Scalar.INT, Scalar.LONG, Scalar.DOUBLE, Scalar.STRING}),
    Scalar.LONG: frozenset({Scalar.INT, Scalar.LONG, Scalar.DOUBLE, Scalar.STRING}),
    Scalar.FLOAT: frozenset({Scalar.INT, Scalar.LONG, Scalar.DOUBLE}),
    Scalar.DOUBLE: frozenset({Scalar.INT, Scalar.LONG, Scalar.DOUBLE}),
    Scalar.STRING: frozenset({Scalar.STRING}),
}


def settled(node: Node) -> Node:
    """The node with NaN as null: what every operation but arithmetic needs, and what a result is.

    Arithmetic hands NaN on like null, so a chain of it is settled once, at its end.
    """
    computes = isinstance(node, Column) or (
        isinstance(node, Call) and node.op in _ARITHMETIC | {Op.WIDEN, Op.ELEMENT_AT}
    )
    return call(Op.NUMBER, (node,), Scalar.DOUBLE) if computes and node.type is Scalar.DOUBLE else node


def literal(value: bool | float | str) -> Literal:
    """A constant. Integers are longs. Errors: CHR-X004 when it does not fit."""
    if isinstance(value, bool):
        return Literal(value=value, type=Scalar.BOOLEAN)
    if isinstance(value, str):
        return Literal(value=value, type=Scalar.STRING)
    if isinstance(value, int):
        if not LONG_MIN <= value <= LONG_MAX:
            raise ExpressionError(WRONG_TYPE, f"{value} does not fit in a long", "write it as a double: 1e19")
        return Literal(value=value, type=Scalar.LONG)
    if not math.isfinite(value):
        raise ExpressionError(WRONG_TYPE, "the number is too large for a double", "the largest is about 1.8e308")
    return Literal(value=value + 0.0, type=Scalar.DOUBLE)


def arithmetic(op: Op, left: Node, right: Node) -> Node:
    """`+ - * / %`. Null where a long does not fit, where the divisor is zero, where there is no number."""
    demand_numbers(op, left, right)
    if op is Op.MOD:
        if not {left.type, right.type} <= INTEGRAL:
            raise ExpressionError(WRONG_TYPE, "`%` works on whole numbers only", "CAST(x AS long) drops the fraction")
        return call(op, (widened(left, Scalar.LONG), widened(right, Scalar.LONG)), Scalar.LONG)
    if op in _COMMUTATIVE:
        left, right = _constant_last(left, right)
    is_long = op is not Op.DIV and {left.type, right.type} <= INTEGRAL
    kind = Scalar.LONG if is_long else Scalar.DOUBLE
    return call(op, (widened(left, kind), widened(right, kind)), kind)


def negative(node: Node) -> Node:
    """`-x`."""
    demand_numbers(Op.SUB, node)
    kind = Scalar.LONG if node.type in INTEGRAL else Scalar.DOUBLE
    return call(Op.NEG, (widened(node, kind),), kind)


def absolute(node: Node) -> Node:
    """`ABS(x)`; null for the smallest long."""
    demand_numbers(Op.ABS, node)
    kind = Scalar.LONG if node.type in INTEGRAL else Scalar.DOUBLE
    return call(Op.ABS, (widened(node, kind),), kind)


def rounded(op: Op, node: Node) -> Node:
    """`FLOOR(x)` or `CEIL(x)` as a long; null where it does not fit."""
    demand_numbers(op, node)
    if node.type in INTEGRAL:
        return cast(node, Scalar.LONG) if node.type is Scalar.INT else node  # written out: canonical text has its type
    return call(op, (settled(widened(node, Scalar.DOUBLE)),), Scalar.LONG)


def comparison(op: Op, left: Node, right: Node) -> Node:
    """`= <> < <= > >=`: numbers by value, strings by code points, bytes by bytes, booleans only by equality.

    A constant stands on the right: `1 < x` is `x > 1`.
    """
    if (left, right) != (ordered := _constant_last(left, right)):
        op, (left, right) = _MIRRORED.get(op, op), ordered
    pair = same_kind(op, (left, right))
    if pair[0].type is Scalar.BOOLEAN and op not in {Op.EQ, Op.NE}:
        raise ExpressionError(WRONG_TYPE, f"`{op}` does not compare booleans", "use = or <>")
    return call(op, pair, Scalar.BOOLEAN)


def connective(op: Op, conditions: Sequence[Node]) -> Node:
    """AND or OR over two and more conditions, three-valued; nested ones of the same kind become one."""
    for condition in conditions:
        demand(op, condition, Scalar.BOOLEAN)
    flat = _flattened(op, conditions)
    return flat[0] if len(flat) == 1 else call(op, flat, Scalar.BOOLEAN)


def negation(node: Node) -> Node:
    """`NOT x`. Nothing but null is neither smaller, equal nor greater, so the opposite of a comparison is one."""
    demand(Op.NOT, node, Scalar.BOOLEAN)
    if isinstance(node, Call) and node.op in _OPPOSITES:
        return call(_OPPOSITES[node.op], node.args, Scalar.BOOLEAN)
    if isinstance(node, Call) and node.op is Op.NOT:
        return node.args[0]
    return call(Op.NOT, (node,), Scalar.BOOLEAN)


def _constant_last(left: Node, right: Node) -> tuple[Node, Node]:
    """The operands, a constant behind what is none."""
    return (right, left) if isinstance(left, Literal) and not isinstance(right, Literal) else (left, right)


def is_null(node: Node) -> Node:
    """`x IS NULL`, for columns of every type."""
    return call(Op.IS_NULL, (settled(node),), Scalar.BOOLEAN)


def member(node: Node, items: Sequence[Node]) -> Node:
    """`x IN (…)` over everything but booleans."""
    if not items:
        raise ExpressionError(WRONG_TYPE, "IN needs at least one constant", "x IN (1, 2)")
    if not all(isinstance(item, Literal) and not item.is_null for item in items):
        raise ExpressionError(WRONG_TYPE, "IN takes constants only", "write the others with = and OR")
    operands = same_kind(Op.IN, (node, *items))
    if operands[0].type is Scalar.BOOLEAN:
        raise ExpressionError(WRONG_TYPE, "IN takes no booleans", "use the boolean itself, or NOT")
    return call(Op.IN, operands, Scalar.BOOLEAN)


def case(branches: Sequence[tuple[Node, Node | None]], otherwise: Node | None) -> Node:
    """The value of the first condition that is true. None stands for NULL."""
    for condition, _value in branches:
        demand(Op.CASE, condition, Scalar.BOOLEAN)
    values = _with_nulls(Op.CASE, [*(value for _condition, value in branches), otherwise])
    paired = [part for (condition, _), value in zip(branches, values, strict=False) for part in (condition, value)]
    return call(Op.CASE, (*paired, values[-1]), _plain(values[-1]))


def coalesce(values: Sequence[Node | None]) -> Node:
    """The first value that is not null."""
    _demand_several(Op.COALESCE, values)
    operands = _with_nulls(Op.COALESCE, values)
    return call(Op.COALESCE, operands, _plain(operands[0]))


def extreme(op: Op, values: Sequence[Node]) -> Node:
    """LEAST or GREATEST of the values that are not null: numbers or strings."""
    _demand_several(op, values)
    operands = same_kind(op, values)
    kind = _plain(operands[0])
    if kind is not Scalar.STRING and kind not in NUMERIC:
        hint = "use AND or OR" if kind is Scalar.BOOLEAN else "compare in a CASE"
        raise ExpressionError(WRONG_TYPE, f"{op} takes numbers or strings", hint)
    return call(op, operands, kind)


def nullif(left: Node, right: Node) -> Node:
    """The first value, null where the two are equal."""
    pair = same_kind(Op.NULLIF, (left, right))
    return call(Op.NULLIF, pair, _plain(pair[0]))


def cast(node: Node | None, to: Plain) -> Node:
    """`CAST(x AS type)`: fractions are dropped towards zero, what does not fit is null; constant texts become any type."""
    if node is None:
        return Literal(value=None, type=to)
    if node.type == to and to not in _CASTS:
        return node
    if isinstance(node, Literal) and isinstance(node.value, str) and to not in _CASTS:
        return _written(node.value, to)
    if to not in _CASTS.get(node.type, frozenset()):
        allowed = ", ".join(sorted(map(str, _CASTS.get(node.type, frozenset())))) or "nothing else"
        message = f"{node.type} cannot be cast to {to}"
        hint = f"only a constant text can: {example(to)}" if node.type is Scalar.STRING and to not in _CASTS else ""
        raise ExpressionError(WRONG_TYPE, message, hint or f"{node.type} can be cast to: {allowed}")
    operand = widened(node, Scalar.DOUBLE) if node.type is Scalar.FLOAT else node
    return call(Op.CAST, (settled(operand),), to)


def _written(text: str, to: Plain) -> Literal:
    """A constant of a type that is written as text."""
    try:
        match to:
            case Decimal():
                return Literal(value=as_decimal(text, to), type=to)
            case Scalar.DATE:
                return Literal(value=as_date(text), type=to)
            case Scalar.TIMESTAMP:
                return Literal(value=as_timestamp(text), type=to)
            case _:
                return Literal(value=as_binary(text), type=to)
    except ValueError as wrong:
        raise ExpressionError(WRONG_TYPE, f"this is no {to}: {wrong}", example(to)) from wrong


def example(kind: DataType) -> str:
    """How a constant of a type is written, where it is written as text."""
    match kind:
        case Decimal():
            return f"CAST('1.5' AS {kind})"
        case Scalar.DATE:
            return "CAST('2013-02-27' AS date)"
        case Scalar.TIMESTAMP:
            return "CAST('2013-02-27T14:05:00Z' AS timestamp)"
        case Scalar.BINARY:
            return "CAST('AP8=' AS binary) reads base64"
        case _:
            return ""


def concatenation(values: Sequence[Node]) -> Node:
    """Strings put together; null where one of them is."""
    for value in values:
        demand(Op.CONCAT, value, Scalar.STRING)
    flat = _flattened(Op.CONCAT, values)
    return flat[0] if len(flat) == 1 else call(Op.CONCAT, flat, Scalar.STRING)


def letters(op: Op, node: Node) -> Node:
    """LOWER or UPPER, of the letters A-Z only; other characters stay."""
    demand(op, node, Scalar.STRING)
    return call(op, (node,), Scalar.STRING)


def length(node: Node) -> Node:
    """The number of code points."""
    demand(Op.LENGTH, node, Scalar.STRING)
    return call(Op.LENGTH, (node,), Scalar.LONG)


def substring(node: Node, start: Node, count: Node | None) -> Node:
    """`SUBSTRING(text, start, count)`: code points, from 1, with constant bounds."""
    demand(Op.SUBSTRING, node, Scalar.STRING)
    for bound, least in ((start, 1), (count, 0)):
        value = bound.value if isinstance(bound, Literal) else None
        if bound is not None and not (type(value) is int and least <= value < 2**31):
            raise ExpressionError(
                WRONG_TYPE, f"SUBSTRING takes constant bounds, at least {least}", "positions start at 1"
            )
    return call(Op.SUBSTRING, (node, start, *(() if count is None else (count,))), Scalar.STRING)


def widened(node: Node, to: Scalar) -> Node:
    """The number as a wider one; a constant is widened at once."""
    if node.type is to:
        return node
    if isinstance(node, Blank):
        return node.widened(to)
    return call(Op.WIDEN, (node,), to)


def call(op: Op, args: tuple[Node, ...], kind: Plain) -> Node:
    """The call, or its value when all arguments are constants."""
    found = Call(op=op, args=args, type=kind)
    return constant(found) if all(isinstance(arg, Literal) for arg in args) else found


def _flattened(op: Op, nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The operands of an associative operation, those of the same operation below it taken up.

    Constants in a row are put together, so that none of the author's parentheses show.
    """
    flat: list[Node] = []
    for node in nodes:
        for part in node.args if isinstance(node, Call) and node.op is op else (node,):
            if flat and isinstance(part, Literal) and isinstance(flat[-1], Literal):
                flat[-1] = constant(Call(op=op, args=(flat[-1], part), type=part.type))
            else:
                flat.append(part)
    return tuple(flat)


def _plain(node: Node) -> Plain:
    if not isinstance(node.type, Scalar | Decimal):
        raise ExpressionError(WRONG_TYPE, f"a {node.type} cannot be computed with", "select it as it is")
    return node.type


def demand(op: Op, node: Node, kind: Scalar) -> None:
    """Refuse an argument of another type."""
    if node.type is not kind:
        raise ExpressionError(WRONG_TYPE, f"{op} takes a {kind}, found a {node.type}{named(node)}", _hint(node, kind))


def demand_numbers(op: Op, *nodes: Node) -> None:
    """Refuse an argument that is no number."""
    for node in nodes:
        if node.type not in NUMERIC:
            message = f"`{op}` takes numbers, found a {node.type}{named(node)}"
            raise ExpressionError(WRONG_TYPE, message, _hint(node))


def _demand_several(op: Op, values: Sequence[Node | None]) -> None:
    """Refuse a choice of one: it would be its argument, but without NaN, which no text of the argument says."""
    if len(values) < 2:
        raise ExpressionError(WRONG_TYPE, f"{op} takes two values and more", "write the value itself")


def named(node: Node) -> str:
    """The name behind a type in a message, where the node has one."""
    return f" (`{node.name}`)" if isinstance(node, Column) else ""


def _hint(node: Node, wanted: Scalar | None = None) -> str:
    if wanted is Scalar.BOOLEAN:
        return "compare it with something: x > 0, x IS NOT NULL"
    if wanted is Scalar.STRING:
        return "CAST(x AS string) writes a whole number or a boolean as text"
    if isinstance(node.type, Decimal):
        return "decimals are compared and aggregated; declare the column a double to compute with it"
    return "|| puts strings together" if node.type is Scalar.STRING else ""


def _with_nulls(op: Op, values: Sequence[Node | None]) -> tuple[Node, ...]:
    """The values in one type, NULL among them."""
    typed = same_kind(op, [value for value in values if value is not None])
    kind = _plain(typed[0])
    rest = iter(typed)
    return tuple(Literal(value=None, type=kind) if value is None else next(rest) for value in values)


def same_kind(op: Op, nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes in the one type that holds them all: numbers are widened, everything else must be equal already."""
    if not nodes:
        raise ExpressionError(WRONG_TYPE, f"{op} holds nothing but NULL", "CAST(NULL AS long) has a type")
    kinds = {node.type for node in nodes}
    if kinds <= NUMERIC:
        kind = _widest(kinds)
        return tuple(settled(widened(node, kind)) for node in nodes)
    if len(kinds) > 1:
        found = " and ".join(sorted(map(str, kinds)))
        raise ExpressionError(WRONG_TYPE, f"{op} takes values of one type, found {found}", _conversion(kinds))
    if not (kinds <= _COMPARABLE or all(isinstance(kind, Decimal) for kind in kinds)):
        raise ExpressionError(
            WRONG_TYPE, f"{op} does not take a {nodes[0].type}{named(nodes[0])}", "select it as it is"
        )
    return tuple(nodes)


def _conversion(kinds: set[DataType]) -> str:
    """How a constant of the other type would be written."""
    examples = [found for kind in sorted(kinds, key=str) if (found := example(kind))]
    return (
        f"nothing is converted silently; a constant is written {examples[0]}"
        if examples
        else "nothing is converted silently"
    )


def _widest(kinds: set[DataType]) -> Scalar:
    if kinds & {Scalar.FLOAT, Scalar.DOUBLE}:
        return Scalar.DOUBLE
    return Scalar.LONG if Scalar.LONG in kinds else Scalar.INT
