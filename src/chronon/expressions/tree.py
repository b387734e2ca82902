"""The tree that every engine is generated from: columns, literals and calls, each with its type.

A tree is well typed by construction (`build`); widening is explicit, so no backend has typing rules of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal as Digits
from enum import StrEnum

from chronon.model.types import DataType, Decimal, Scalar

Value = bool | int | float | str | date | datetime | Digits | bytes | None
"""What a literal holds."""

Plain = Scalar | Decimal
"""Types without parts: those that can be computed with. Lists, maps and structs are only passed on."""


class Op(StrEnum):
    """What a call does. A value is null where its arguments are, unless the operation says otherwise.

    NUMBER: the argument, null where it is NaN.  WIDEN: to a wider number, never written by authors.
    CASE:   condition, value, condition, value, …, else.  IN: value, then literals.
    FLOOR_DIV, FLOOR_MOD: of longs by a constant above zero, rounded down; never written by authors.
    """

    ADD = "+"
    SUB = "-"
    MUL = "*"
    DIV = "/"
    MOD = "%"
    NEG = "NEG"
    EQ = "="
    NE = "<>"
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    IS_NULL = "IS NULL"
    IN = "IN"
    CASE = "CASE"
    CAST = "CAST"
    COALESCE = "COALESCE"
    NULLIF = "NULLIF"
    ABS = "ABS"
    FLOOR = "FLOOR"
    CEIL = "CEIL"
    LEAST = "LEAST"
    GREATEST = "GREATEST"
    CONCAT = "||"
    LOWER = "LOWER"
    UPPER = "UPPER"
    LENGTH = "LENGTH"
    SUBSTRING = "SUBSTRING"
    TRIM = "TRIM"
    LTRIM = "LTRIM"
    RTRIM = "RTRIM"
    REPLACE = "REPLACE"
    SPLIT_PART = "SPLIT_PART"
    LIKE = "LIKE"
    ROUND = "ROUND"
    SIGN = "SIGN"
    EQUAL_NULL = "EQUAL_NULL"
    UNIX_MICROS = "UNIX_MICROS"
    UNIX_MILLIS = "UNIX_MILLIS"
    UNIX_SECONDS = "UNIX_SECONDS"
    UNIX_DATE = "UNIX_DATE"
    TIMESTAMP_MICROS = "TIMESTAMP_MICROS"
    TIMESTAMP_MILLIS = "TIMESTAMP_MILLIS"
    TIMESTAMP_SECONDS = "TIMESTAMP_SECONDS"
    DATE_FROM_UNIX_DATE = "DATE_FROM_UNIX_DATE"
    YEAR = "YEAR"
    QUARTER = "QUARTER"
    MONTH = "MONTH"
    DAY = "DAY"
    DAYOFYEAR = "DAYOFYEAR"
    DAYOFWEEK = "DAYOFWEEK"
    HOUR = "HOUR"
    MINUTE = "MINUTE"
    SECOND = "SECOND"
    DATE_TRUNC = "DATE_TRUNC"
    DATE_ADD = "DATE_ADD"
    DATEDIFF = "DATEDIFF"
    SIZE = "SIZE"
    ELEMENT_AT = "ELEMENT_AT"
    FLOOR_DIV = "FLOOR_DIV"
    FLOOR_MOD = "FLOOR_MOD"
    WIDEN = "WIDEN"
    NUMBER = "NUMBER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column by its exact name."""

    name: str
    type: DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A constant. Doubles are finite, and zero has no sign: no engine writes the others in the same way."""

    value: Value
    type: Plain

    @property
    def is_null(self) -> bool:
        """Whether it is NULL."""
        return self.value is None

    @property
    def is_negative(self) -> bool:
        """Whether it is a number below zero."""
        return isinstance(self.value, int | float) and self.value < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An operation on arguments that already have the types that it needs."""

    op: Op
    args: tuple[Node, ...]
    type: Plain


Node = Column | Literal | Call


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    if isinstance(node, Call):
        for arg in node.args:
            yield from walk(arg)


def reads(node: Node) -> tuple[str, ...]:
    """The names of the columns that a tree needs, sorted."""
    return tuple(sorted({part.name for part in walk(node) if isinstance(part, Column)}))


def renamed(node: Node, names: Mapping[str, str]) -> Node:
    """The tree with columns of some names under others."""
    match node:
        case Column():
            return replace(node, name=names.get(node.name, node.name))
        case Call():
            return replace(node, args=tuple(renamed(arg, names) for arg in node.args))
        case Literal():
            return node


def weight(node: Node) -> int:
    """How large the SQL of a tree can become: some operations are written with an argument several times."""
    return _weight(node, {})


def _weight(node: Node, known: dict[int, int]) -> int:
    """The weight; parts that stand in several places are weighed once."""
    if not isinstance(node, Call):
        return 1
    if id(node) not in known:
        below = [_weight(arg, known) for arg in node.args]
        extra = below[1] if node.op is Op.DIV else 0
        known[id(node)] = 1 + extra + _times(node) * sum(below)
    return known[id(node)]


def _times(call: Call) -> int:
    """How often an argument is written, or by how much a text can grow."""
    if call.op in {Op.LEAST, Op.GREATEST}:
        return 2 * len(call.args)
    if call.op is Op.REPLACE:
        found, instead = (len(str(arg.value)) for arg in call.args[1:] if isinstance(arg, Literal))
        return 1 + instead // found
    return _TIMES.get(call.op, 1)


_TIMES = {
    **dict.fromkeys((Op.NUMBER, Op.NULLIF, Op.NEG, Op.ABS, Op.FLOOR_DIV, Op.SPLIT_PART), 2),
    **dict.fromkeys((Op.FLOOR, Op.CEIL, Op.ROUND, Op.CAST, Op.TIMESTAMP_MICROS, Op.DATE_FROM_UNIX_DATE), 3),
}
