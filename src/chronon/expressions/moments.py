"""Functions of dates and timestamps, all in UTC and on the calendar of the years 1 to 9999.

A timestamp counts microseconds since 1970, a date counts days; what is finer is rounded down, before 1970 too.
"""

from __future__ import annotations

from chronon.expressions import build
from chronon.expressions.errors import WRONG_TYPE, ExpressionError
from chronon.expressions.tree import Literal, Node, Op, Plain
from chronon.model.types import INTEGRAL, DataType, Scalar

_FROM: dict[DataType, dict[Plain, Op]] = {
    Scalar.TIMESTAMP: {Scalar.LONG: Op.UNIX_MILLIS, Scalar.DATE: Op.CAST},
    Scalar.DATE: {Scalar.TIMESTAMP: Op.CAST},
}
_INSTEAD: dict[DataType, str] = {
    Scalar.TIMESTAMP: "timestamp can be cast to: date, long (milliseconds since 1970)",
    Scalar.DATE: "date can be cast to: timestamp (00:00 UTC); UNIX_DATE(day) counts the days since 1970",
}
UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
"""What DATE_TRUNC rounds down to, the finest first."""


def cast(node: Node | None, to: Plain) -> Node:
    """`CAST(x AS type)` with dates and timestamps among the rest."""
    if node is None or node.type == to or node.type not in _FROM:
        if node is not None and node.type in INTEGRAL and to is Scalar.TIMESTAMP:
            message = f"{node.type} cannot be cast to timestamp{build.named(node)}"
            raise ExpressionError(WRONG_TYPE, message, "TIMESTAMP_MILLIS(x) reads milliseconds since 1970")
        return build.cast(node, to)
    op = _FROM[node.type].get(to)
    if op is None:
        raise ExpressionError(WRONG_TYPE, f"{node.type} cannot be cast to {to}", _INSTEAD[node.type])
    return build.call(op, (node,), to)


def since_epoch(op: Op, node: Node) -> Node:
    """`UNIX_MICROS`, `UNIX_MILLIS`, `UNIX_SECONDS`: how many of them have passed since 1970, rounded down."""
    build.demand(op, node, Scalar.TIMESTAMP)
    return build.call(op, (node,), Scalar.LONG)


def from_epoch(op: Op, node: Node) -> Node:
    """`TIMESTAMP_MICROS`, `TIMESTAMP_MILLIS`, `TIMESTAMP_SECONDS`; null outside the years 1 to 9999."""
    return build.call(op, (_count(op, node),), Scalar.TIMESTAMP)


def unix_date(node: Node) -> Node:
    """`UNIX_DATE(day)`: days since 1970."""
    build.demand(Op.UNIX_DATE, node, Scalar.DATE)
    return build.call(Op.UNIX_DATE, (node,), Scalar.LONG)


def date_from_unix_date(node: Node) -> Node:
    """`DATE_FROM_UNIX_DATE(days)`; null outside the years 1 to 9999."""
    return build.call(Op.DATE_FROM_UNIX_DATE, (_count(Op.DATE_FROM_UNIX_DATE, node),), Scalar.DATE)


def part_of_date(op: Op, node: Node) -> Node:
    """A part of a date, or of a timestamp's date in UTC."""
    _demand_day(op, node)
    return build.call(op, (node,), Scalar.LONG)


def part_of_time(op: Op, node: Node) -> Node:
    """HOUR, MINUTE or SECOND of a timestamp."""
    build.demand(op, node, Scalar.TIMESTAMP)
    return build.call(op, (node,), Scalar.LONG)


def truncated(unit: Node, node: Node) -> Node:
    """`DATE_TRUNC('unit', x)`: the start of its unit, in the type of x; weeks start on Mondays."""
    kind = _demand_day(Op.DATE_TRUNC, node)
    units = UNITS if kind is Scalar.TIMESTAMP else UNITS[UNITS.index("day") :]
    word = unit.value.lower() if isinstance(unit, Literal) and isinstance(unit.value, str) else None
    if word not in units:
        found = f", found {word!r}" if word else ""
        message = f"DATE_TRUNC takes a constant unit of a {kind}{found}"
        raise ExpressionError(WRONG_TYPE, message, f"units: {', '.join(units)}")
    return build.call(Op.DATE_TRUNC, (Literal(value=word, type=Scalar.STRING), node), kind)


def days_added(node: Node, days: Node) -> Node:
    """`DATE_ADD(day, days)`; null outside the years 1 to 9999."""
    build.demand(Op.DATE_ADD, node, Scalar.DATE)
    return build.call(Op.DATE_ADD, (node, _count(Op.DATE_ADD, days)), Scalar.DATE)


def days_between(end: Node, start: Node) -> Node:
    """`DATEDIFF(end, start)`: midnights in UTC that lie between, negative when the end is before the start."""
    for node in (end, start):
        _demand_day(Op.DATEDIFF, node)
    return build.call(Op.DATEDIFF, (end, start), Scalar.LONG)


def _count(op: Op, node: Node) -> Node:
    if node.type not in INTEGRAL:
        raise ExpressionError(WRONG_TYPE, f"{op} takes whole numbers, found a {node.type}{build.named(node)}", "")
    return build.widened(node, Scalar.LONG)


def _demand_day(op: Op, node: Node) -> Scalar:
    if isinstance(node.type, Scalar) and node.type in _FROM:
        return node.type
    message = f"{op} takes a date or a timestamp, found a {node.type}{build.named(node)}"
    is_count = node.type in INTEGRAL
    raise ExpressionError(WRONG_TYPE, message, "TIMESTAMP_MILLIS(x) reads milliseconds since 1970" if is_count else "")
