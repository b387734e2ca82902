"""The tree that every engine is generated from: columns, literals and calls, each with its type.

A tree is well typed by construction (`build`); widening is explicit, so no backend has typing rules of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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


def weight(node: Node) -> int:
    """How large the SQL of a tree can become: some operations are written with an argument several times."""
    if not isinstance(node, Call):
        return 1
    if node.op is Op.DIV:
        return 1 + weight(node.args[0]) + 2 * weight(node.args[1])
    times = _TIMES.get(node.op, 1)
    if node.op in {Op.LEAST, Op.GREATEST}:
        times = 2 * len(node.args)
    return 1 + times * sum(map(weight, node.args))


_TIMES = {Op.NUMBER: 2, Op.NULLIF: 2, Op.FLOOR: 3, Op.CEIL: 3, Op.CAST: 3, Op.NEG: 2, Op.ABS: 2}
