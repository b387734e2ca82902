"""What many functions are made of: the same few operations on longs for every engine, so none has its own calendar.

Authors' operations stay in the tree that canonical text is written from; engines are given the expanded tree.
"""

from __future__ import annotations

from collections.abc import Callable

from chronon.expressions.tree import Call, Literal, Node, Op, Plain
from chronon.model.types import Scalar

Expansion = Callable[[Call], Node]

FIRST_DAY, LAST_DAY = -719_162, 2_932_896
"""Days since 1970 of 0001-01-01 and 9999-12-31."""

_SECOND = 1_000_000
_SIZES = {"second": _SECOND, "minute": 60 * _SECOND, "hour": 3_600 * _SECOND}
_DAY = 86_400 * _SECOND
FIRST_MICROS, LAST_MICROS = FIRST_DAY * _DAY, (LAST_DAY + 1) * _DAY - 1
"""Microseconds since 1970 of the first and the last moment on the calendar."""

_WHOLE = 2.0**52
"""Doubles from here on have no fraction."""


def expanded(node: Node) -> Node:
    """The tree in operations that every engine has; parts that stand in several places are shared."""
    return _expanded(node, {})


def _expanded(node: Node, known: dict[int, Node]) -> Node:
    if not isinstance(node, Call):
        return node
    if id(node) not in known:
        args = tuple(_expanded(arg, known) for arg in node.args)
        same = all(new is old for new, old in zip(args, node.args, strict=True))
        call = node if same else Call(op=node.op, args=args, type=node.type)
        expansion = _EXPANSIONS.get(call.op)
        known[id(node)] = expansion(call) if expansion else call
    return known[id(node)]


def _long(value: int) -> Node:
    return Literal(value=value, type=Scalar.LONG)


def _double(value: float) -> Node:
    return Literal(value=value, type=Scalar.DOUBLE)


def _on_longs(op: Op, left: Node, right: Node | int) -> Node:
    return Call(op=op, args=(left, _long(right) if isinstance(right, int) else right), type=Scalar.LONG)


def _of(op: Op, kind: Plain, *args: Node) -> Node:
    return Call(op=op, args=args, type=kind)


def _micros(moment: Node) -> Node:
    return _of(Op.UNIX_MICROS, Scalar.LONG, moment)


def _days(of: Node) -> Node:
    """Days since 1970 of a date or a timestamp."""
    if of.type is Scalar.DATE:
        return _of(Op.UNIX_DATE, Scalar.LONG, of)
    return _on_longs(Op.FLOOR_DIV, _micros(of), _DAY)


def _date(days: Node) -> Node:
    return _of(Op.DATE_FROM_UNIX_DATE, Scalar.DATE, days)


def _moment(micros: Node) -> Node:
    return _of(Op.TIMESTAMP_MICROS, Scalar.TIMESTAMP, micros)


def _date_of(of: Node) -> Node:
    return of if of.type is Scalar.DATE else _date(_days(of))


def _calendar(op: Op, of: Node) -> Node:
    return _of(op, Scalar.LONG, _date_of(of))


def _cast(call: Call) -> Node:
    (value,) = call.args
    if value.type is Scalar.TIMESTAMP and call.type is Scalar.DATE:
        return _date_of(value)
    if value.type is Scalar.DATE and call.type is Scalar.TIMESTAMP:
        return _moment(_on_longs(Op.MUL, _days(value), _DAY))
    return call


def _quarter(call: Call) -> Node:
    return _on_longs(Op.FLOOR_DIV, _on_longs(Op.ADD, _calendar(Op.MONTH, call.args[0]), 2), 3)


def _day_of_week(call: Call) -> Node:
    # 1970 began on a Thursday.
    return _on_longs(Op.ADD, _on_longs(Op.FLOOR_MOD, _on_longs(Op.ADD, _days(call.args[0]), 4), 7), 1)


def _clock(within: int, size: int) -> Expansion:
    return lambda call: _on_longs(Op.FLOOR_DIV, _on_longs(Op.FLOOR_MOD, _micros(call.args[0]), within), size)


def _truncated(call: Call) -> Node:
    unit, value = call.args
    word = unit.value if isinstance(unit, Literal) else None
    if isinstance(word, str) and word in _SIZES:
        micros = _micros(value)
        return _moment(_on_longs(Op.SUB, micros, _on_longs(Op.FLOOR_MOD, micros, _SIZES[word])))
    days = _first_day(str(word), value)
    return _date(days) if call.type is Scalar.DATE else _moment(_on_longs(Op.MUL, days, _DAY))


def _first_day(unit: str, of: Node) -> Node:
    """Days since 1970 of the first day of the week, month or year that something lies in; of itself for a day."""
    days = _days(of)
    match unit:
        case "week":
            return _on_longs(Op.SUB, days, _on_longs(Op.FLOOR_MOD, _on_longs(Op.ADD, days, 3), 7))
        case "month" | "year":
            nth = _calendar(Op.DAY if unit == "month" else Op.DAYOFYEAR, of)
            return _on_longs(Op.SUB, days, _on_longs(Op.SUB, nth, 1))
        case _:
            return days


def _sign(call: Call) -> Node:
    (value,) = call.args
    zero: Node = _long(0) if value.type is Scalar.LONG else _double(0.0)
    tests = [(Op.GT, 1), (Op.LT, -1), (Op.EQ, 0)]
    pairs = [part for op, answer in tests for part in (_of(op, Scalar.BOOLEAN, value, zero), _long(answer))]
    return _of(Op.CASE, Scalar.LONG, *pairs, Literal(value=None, type=Scalar.LONG))


def _equal_null(call: Call) -> Node:
    are_null = (_of(Op.IS_NULL, Scalar.BOOLEAN, value) for value in call.args)
    are_equal = _of(Op.EQ, Scalar.BOOLEAN, *call.args)
    return _of(Op.COALESCE, Scalar.BOOLEAN, are_equal, _of(Op.AND, Scalar.BOOLEAN, *are_null))


def _rounded(call: Call) -> Node:
    """Scaled up, rounded, scaled down, each in doubles; what has no fraction left after scaling up stays as it is."""
    if len(call.args) == 1:
        return call
    value, digits = call.args
    power = _double(10.0 ** int(str(digits.value))) if isinstance(digits, Literal) else digits
    scaled = _of(Op.MUL, Scalar.DOUBLE, value, power)
    whole = _of(Op.WIDEN, Scalar.DOUBLE, _of(Op.ROUND, Scalar.LONG, scaled))
    has_fraction = _of(Op.LT, Scalar.BOOLEAN, _of(Op.ABS, Scalar.DOUBLE, scaled), _double(_WHOLE))
    return _of(Op.CASE, Scalar.DOUBLE, has_fraction, _of(Op.DIV, Scalar.DOUBLE, whole, power), value)


_EXPANSIONS: dict[Op, Expansion] = {
    Op.CAST: _cast,
    Op.UNIX_MILLIS: lambda call: _on_longs(Op.FLOOR_DIV, _micros(call.args[0]), 1_000),
    Op.UNIX_SECONDS: lambda call: _on_longs(Op.FLOOR_DIV, _micros(call.args[0]), _SECOND),
    Op.TIMESTAMP_MILLIS: lambda call: _moment(_on_longs(Op.MUL, call.args[0], 1_000)),
    Op.TIMESTAMP_SECONDS: lambda call: _moment(_on_longs(Op.MUL, call.args[0], _SECOND)),
    **dict.fromkeys((Op.YEAR, Op.MONTH, Op.DAY, Op.DAYOFYEAR), lambda call: _calendar(call.op, call.args[0])),
    Op.QUARTER: _quarter,
    Op.DAYOFWEEK: _day_of_week,
    Op.HOUR: _clock(_DAY, _SIZES["hour"]),
    Op.MINUTE: _clock(_SIZES["hour"], _SIZES["minute"]),
    Op.SECOND: _clock(_SIZES["minute"], _SECOND),
    Op.DATE_TRUNC: _truncated,
    Op.DATE_ADD: lambda call: _date(_on_longs(Op.ADD, _days(call.args[0]), call.args[1])),
    Op.DATEDIFF: lambda call: _on_longs(Op.SUB, _days(call.args[0]), _days(call.args[1])),
    Op.SIGN: _sign,
    Op.EQUAL_NULL: _equal_null,
    Op.ROUND: _rounded,
}
