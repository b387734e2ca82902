"""What generated SQL has in common on every engine, and the frame for what differs.

Every argument is written in its final type and every result is forced into ours, so no engine's own rules of
promotion, overflow, padding or NaN can show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

from chronon.expressions.tree import Call, Column, Literal, Node, Op, Plain
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf

Writer = Callable[["Written"], str]

TWO_63 = "9.223372036854775808E18"
LONG_MIN = -(2**63)
CAPITALS, SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Written:
    """A call whose arguments are written already. source: type of the first argument."""

    op: Op
    args: tuple[str, ...]
    source: DataType
    type: Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one engine writes names, constants and types, and the operations in which it differs from `COMMON`.

    types: of what can be cast to.  type_name: of everything.  constant: dates, timestamps, decimals and bytes.
    column: a quoted column as a value of its declared type, where the engine may hold it in another one.
    """

    quote: str
    text: Callable[[str], str]
    double: Callable[[str], str]
    types: Mapping[Plain, str]
    type_name: Callable[[DataType], str]
    constant: Callable[[object, Plain], str]
    column: Callable[[str, DataType], str]
    operations: Mapping[Op, Writer]


def sql_text(node: Node, dialect: Dialect) -> str:
    """The tree as an expression of the dialect, safe to stand anywhere."""
    match node:
        case Column(name=name, type=kind):
            return dialect.column(quoted(name, dialect), kind)
        case Literal(value=value, type=kind):
            return _constant(value, kind, dialect)
        case Call(op=op, args=args, type=kind):
            return _operation(Written(op, _arguments(op, args, dialect), args[0].type, kind), dialect)
        case _:
            assert_never(node)


def quoted(name: str, dialect: Dialect) -> str:
    """A name as the dialect writes it."""
    return dialect.quote + name.replace(dialect.quote, dialect.quote * 2) + dialect.quote


def _arguments(op: Op, args: tuple[Node, ...], dialect: Dialect) -> tuple[str, ...]:
    """The arguments as text; places in texts and lists bare, since no engine takes longs there, and the pattern of LIKE too."""
    if op in {Op.SUBSTRING, Op.LIKE}:
        bare = (str(arg.value) for arg in args[1:] if isinstance(arg, Literal))
        return (sql_text(args[0], dialect), *bare)
    if op is Op.ELEMENT_AT and isinstance(args[1], Literal) and args[1].type is Scalar.LONG:
        return (sql_text(args[0], dialect), str(args[1].value))
    if op is Op.SPLIT_PART and isinstance(args[2], Literal):
        return (*(sql_text(arg, dialect) for arg in args[:2]), str(args[2].value))
    return tuple(sql_text(arg, dialect) for arg in args)


def _operation(call: Written, dialect: Dialect) -> str:
    if writer := dialect.operations.get(call.op):
        return writer(call)
    if call.op in {Op.WIDEN, Op.CAST}:
        return cast(call, dialect.types)
    return COMMON[call.op](call)


def has_timestamp(kind: DataType) -> bool:
    """Whether a timestamp is somewhere in a type: tables may hold it in other units, or without a zone."""
    match kind:
        case ListOf(element=inner) | MapOf(value=inner):
            return has_timestamp(inner)
        case StructOf(fields=fields):
            return any(has_timestamp(field) for _name, field in fields)
        case Scalar() | Decimal():
            return kind is Scalar.TIMESTAMP


def _constant(value: object, kind: Plain, dialect: Dialect) -> str:
    match value:
        case None:
            return f"CAST(NULL AS {dialect.type_name(kind)})"
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return dialect.text(value)
        case float():
            return f"({dialect.double(repr(value))})"
        case int() if value == LONG_MIN:
            return f"({LONG_MIN + 1} - CAST(1 AS {dialect.types[Scalar.LONG]}))"
        case int():
            return f"CAST({value} AS {dialect.types[kind]})"
        case _:
            return dialect.constant(value, kind)


def cast(call: Written, types: Mapping[Plain, str]) -> str:
    """Casts that mean the same everywhere once range and rounding are spelled out."""
    (value,) = call.args
    if call.source is call.type:
        return value
    if call.source is Scalar.BOOLEAN:
        yes, no = ("'true'", "'false'") if call.type is Scalar.STRING else ("1", "0")
        typed = [f"CAST({word} AS {types[call.type]})" for word in (yes, no)]
        return f"CASE WHEN {value} THEN {typed[0]} WHEN NOT {value} THEN {typed[1]} END"
    if call.source is Scalar.LONG and call.type is Scalar.INT:
        return f"CASE WHEN {value} BETWEEN -2147483648 AND 2147483647 THEN CAST({value} AS {types[Scalar.INT]}) END"
    return f"CAST({value} AS {types[call.type]})"


def within(value: str, kind: Plain, answer: str) -> str:
    """The answer where a double, its fraction dropped, lies within the integers of a type."""
    if kind is Scalar.LONG:
        return f"CASE WHEN {value} >= -{TWO_63} AND {value} < {TWO_63} THEN {answer} END"
    return f"CASE WHEN {value} > -2.147483649E9 AND {value} < 2.147483648E9 THEN {answer} END"


def on_calendar(value: str, first: int, last: int, answer: str) -> str:
    """The answer where a long lies between two others."""
    return f"(CASE WHEN {value} BETWEEN {first} AND {last} THEN {answer} END)"


def infix(call: Written) -> str:
    """`(a op b op c)`."""
    return "(" + f" {call.op} ".join(call.args) + ")"


def function(call: Written) -> str:
    """`OP(a, b, c)`."""
    return f"{call.op}({', '.join(call.args)})"


def _case(call: Written) -> str:
    pairs = zip(call.args[:-1:2], call.args[1::2], strict=True)
    branches = " ".join(f"WHEN {condition} THEN {value}" for condition, value in pairs)
    return f"(CASE {branches} ELSE {call.args[-1]} END)"


def _in(call: Written) -> str:
    value = f"({call.args[0]} + 0E0)" if call.source is Scalar.DOUBLE else call.args[0]
    return f"({value} IN ({', '.join(call.args[1:])}))"


def translated(call: Written) -> str:
    """LOWER and UPPER of A-Z only: what an engine does with other letters depends on its version of Unicode."""
    swap = (CAPITALS, SMALL) if call.op is Op.LOWER else (SMALL, CAPITALS)
    return f"TRANSLATE({call.args[0]}, '{swap[0]}', '{swap[1]}')"


def unsigned_zero(call: Written) -> tuple[str, ...]:
    """The arguments, with -0.0 as 0.0: engines differ in which of two equal values they keep."""
    return tuple(f"({arg} + 0E0)" for arg in call.args) if call.type is Scalar.DOUBLE else call.args


COMMON: dict[Op, Writer] = {
    **dict.fromkeys((Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE, Op.AND, Op.OR, Op.CONCAT), infix),
    **dict.fromkeys((Op.COALESCE, Op.NULLIF, Op.SUBSTRING, Op.REPLACE, Op.SPLIT_PART), function),
    Op.NOT: lambda call: f"(NOT {call.args[0]})",
    Op.IS_NULL: lambda call: f"({call.args[0]} IS NULL)",
    Op.DIV: lambda call: f"({call.args[0]} / NULLIF({call.args[1]}, 0E0))",
    Op.CASE: _case,
    Op.IN: _in,
    Op.LOWER: translated,
    Op.UPPER: translated,
    Op.LEAST: lambda call: f"{call.op}({', '.join(unsigned_zero(call))})",
    Op.GREATEST: lambda call: f"{call.op}({', '.join(unsigned_zero(call))})",
}
