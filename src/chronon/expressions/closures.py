"""Expressions on one row: plain closures over a mapping, about a microsecond each.

Values are int, float, str, bool, date, datetime, Decimal, bytes, None. This is also how constants are computed.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from chronon.expressions.expansions import FIRST_DAY, FIRST_MICROS, LAST_DAY, LAST_MICROS, expanded
from chronon.expressions.tree import Call, Column, Literal, Node, Op, Plain
from chronon.model.types import Scalar
from chronon.model.values import EPOCH, micros_of

Row = Mapping[str, Any]
RowFunction = Callable[[Row], Any]
Strict = Callable[..., Any]

_RANGES: dict[Plain, tuple[int, int]] = {Scalar.INT: (-(2**31), 2**31 - 1), Scalar.LONG: (-(2**63), 2**63 - 1)}
_EPOCH_DAY = EPOCH.toordinal()
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER = {code + 32: code for code in _LOWER}


def compiled(node: Node) -> RowFunction:
    """The function from a row to the value of the tree on it."""
    match node:
        case Column(name=name):
            return operator.itemgetter(name)
        case Literal(value=value):
            return lambda _row: value
        case Call(op=op, args=args, type=kind):
            return _compiled_call(op, args, kind)


def constant(call: Call) -> Literal:
    """The value of a call on constants; null when it is not finite, zero without its sign."""
    value = compiled(expanded(call))({})
    if isinstance(value, float):
        value = value + 0.0 if math.isfinite(value) else None
    return Literal(value=value, type=call.type)


def _compiled_call(op: Op, args: tuple[Node, ...], kind: Plain) -> RowFunction:
    parts = tuple(compiled(arg) for arg in args)
    if special := _SPECIAL.get(op):
        return special(parts)
    if op in _MEMBERS:
        return _MEMBERS[op](parts, args)
    function = _strict(op, args, kind)
    if len(parts) == 1:
        return _unary(function, parts[0])
    return _binary(function, *parts) if len(parts) == 2 else _n_ary(function, parts)


def _unary(function: Strict, inner: RowFunction) -> RowFunction:
    def apply(row: Row) -> Any:
        value = inner(row)
        return None if value is None else function(value)

    return apply


def _binary(function: Strict, left: RowFunction, right: RowFunction) -> RowFunction:
    def apply(row: Row) -> Any:
        a = left(row)
        if a is None:
            return None
        b = right(row)
        return None if b is None else function(a, b)

    return apply


def _n_ary(function: Strict, parts: tuple[RowFunction, ...]) -> RowFunction:
    def apply(row: Row) -> Any:
        values = [part(row) for part in parts]
        return None if any(value is None for value in values) else function(*values)

    return apply


def _strict(op: Op, args: tuple[Node, ...], kind: Plain) -> Strict:
    """The operation on arguments that are not null."""
    if op in _LONG_ARITHMETIC and kind is Scalar.LONG:
        return _fitting(_LONG_ARITHMETIC[op], kind)
    if op is Op.CAST:
        return _cast(args[0].type, kind)
    if op in _TO_WHOLE:
        return _whole(_TO_WHOLE[op], kind)
    if op is Op.LIKE:
        return _like(args[1])
    if op is Op.WIDEN:
        return float if kind is Scalar.DOUBLE else int
    return _STRICT[op]


def _fitting(function: Strict, kind: Plain) -> Strict:
    least, most = _RANGES[kind]

    def apply(*values: int) -> int | None:
        result = function(*values)
        return result if result is not None and least <= result <= most else None

    return apply


def _whole(function: Callable[[float], int], kind: Plain) -> Strict:
    least, most = _RANGES[kind]

    def apply(value: float) -> int | None:
        if math.isinf(value):
            return None
        result = function(value)
        return result if least <= result <= most else None

    return apply


def _cast(source: object, kind: Plain) -> Strict:
    if kind is Scalar.STRING:
        return (lambda value: "true" if value else "false") if source is Scalar.BOOLEAN else str
    if kind in _RANGES:
        return _whole(math.trunc, kind) if source is Scalar.DOUBLE else _fitting(int, kind)
    return float if kind is Scalar.DOUBLE else lambda value: value


def _remainder(a: int, b: int) -> int | None:
    if b == 0:
        return None
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def _quotient(a: float, b: float) -> float | None:
    return None if b == 0 else a / b


def _half_away(value: float) -> int:
    # Not floor(value + 0.5): the sum is rounded itself, and takes 0.49999999999999994 for a half.
    size = abs(value)
    whole = math.floor(size)
    rounded = whole + (size - whole >= 0.5)
    return -rounded if value < 0 else rounded


def _moment(micros: int) -> datetime | None:
    return EPOCH + timedelta(microseconds=micros) if FIRST_MICROS <= micros <= LAST_MICROS else None


def _day(days: int) -> date | None:
    return date.fromordinal(_EPOCH_DAY + days) if FIRST_DAY <= days <= LAST_DAY else None


def _part(text: str, separator: str, number: int) -> str:
    parts = text.split(separator, number)
    return parts[number - 1] if len(parts) >= number else ""


def _element(values: Any, place: int | str) -> Any:
    """Of a list by its number, of a map by its key. A map is a dict, or pairs as Arrow hands them out."""
    if isinstance(place, str):
        return dict(values).get(place)
    return values[place - 1] if place <= len(values) else None


def _like(pattern: Node) -> Strict:
    """Whether a text is like the pattern.

    What stands between two `%` is sought from the left and kept: another place for it could not help the rest.
    """
    written = str(pattern.value) if isinstance(pattern, Literal) else ""
    head, *rest = (re.escape(part).replace("_", ".") for part in written.split("%"))
    kept = "".join(f"(?>.*?{part})" for part in rest[:-1])
    matches = re.compile(head + kept + "".join(f".*{part}" for part in rest[-1:]), re.DOTALL).fullmatch
    return lambda text, _pattern: matches(text) is not None


def _substring(text: str, start: int, count: int | None = None) -> str:
    return text[start - 1 :] if count is None else text[start - 1 : start - 1 + count]


def _and(parts: tuple[RowFunction, ...]) -> RowFunction:
    def apply(row: Row) -> bool | None:
        result: bool | None = True
        for part in parts:
            value = part(row)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return apply


def _or(parts: tuple[RowFunction, ...]) -> RowFunction:
    def apply(row: Row) -> bool | None:
        result: bool | None = False
        for part in parts:
            value = part(row)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return apply


def _case(parts: tuple[RowFunction, ...]) -> RowFunction:
    branches = tuple(zip(parts[:-1:2], parts[1::2], strict=True))
    otherwise = parts[-1]

    def apply(row: Row) -> Any:
        for condition, value in branches:
            if condition(row):
                return value(row)
        return otherwise(row)

    return apply


def _coalesce(parts: tuple[RowFunction, ...]) -> RowFunction:
    def apply(row: Row) -> Any:
        for part in parts:
            value = part(row)
            if value is not None:
                return value
        return None

    return apply


def _nullif(parts: tuple[RowFunction, ...]) -> RowFunction:
    left, right = parts

    def apply(row: Row) -> Any:
        value = left(row)
        other = right(row)
        return None if other is not None and value == other else value

    return apply


def _is_null(parts: tuple[RowFunction, ...]) -> RowFunction:
    (inner,) = parts
    return lambda row: inner(row) is None


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[[tuple[RowFunction, ...], tuple[Node, ...]], RowFunction]:
    """LEAST or GREATEST. The sign of zero is dropped: no order of the arguments may show."""

    def build(parts: tuple[RowFunction, ...], args: tuple[Node, ...]) -> RowFunction:
        plain = args[0].type is Scalar.DOUBLE

        def apply(row: Row) -> Any:
            values = [value for part in parts if (value := part(row)) is not None]
            if not values:
                return None
            return choose(values) + 0.0 if plain else choose(values)

        return apply

    return build


def _in(parts: tuple[RowFunction, ...], args: tuple[Node, ...]) -> RowFunction:
    items = frozenset(arg.value for arg in args[1:] if isinstance(arg, Literal))
    return _unary(lambda value: value in items, parts[0])


_LONG_ARITHMETIC: dict[Op, Strict] = {
    Op.ADD: operator.add,
    Op.SUB: operator.sub,
    Op.MUL: operator.mul,
    Op.NEG: operator.neg,
    Op.ABS: abs,
    Op.MOD: _remainder,
    Op.FLOOR_DIV: operator.floordiv,
    Op.FLOOR_MOD: operator.mod,
}

_TO_WHOLE: dict[Op, Callable[[float], int]] = {Op.FLOOR: math.floor, Op.CEIL: math.ceil, Op.ROUND: _half_away}

_STRICT: dict[Op, Strict] = {
    Op.ADD: operator.add,
    Op.SUB: operator.sub,
    Op.MUL: operator.mul,
    Op.DIV: _quotient,
    Op.NEG: operator.neg,
    Op.ABS: abs,
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
    Op.NOT: operator.not_,
    Op.NUMBER: lambda value: None if value != value else value,  # noqa: PLR0124 - only NaN differs from itself
    Op.CONCAT: lambda *texts: "".join(texts),
    Op.LOWER: lambda text: text.translate(_LOWER),
    Op.UPPER: lambda text: text.translate(_UPPER),
    Op.LENGTH: len,
    Op.SUBSTRING: _substring,
    Op.TRIM: lambda text: text.strip(" "),
    Op.LTRIM: lambda text: text.lstrip(" "),
    Op.RTRIM: lambda text: text.rstrip(" "),
    Op.REPLACE: str.replace,
    Op.SPLIT_PART: _part,
    Op.UNIX_MICROS: micros_of,
    Op.UNIX_DATE: lambda day: day.toordinal() - _EPOCH_DAY,
    Op.TIMESTAMP_MICROS: _moment,
    Op.DATE_FROM_UNIX_DATE: _day,
    Op.YEAR: lambda day: day.year,
    Op.MONTH: lambda day: day.month,
    Op.DAY: lambda day: day.day,
    Op.DAYOFYEAR: lambda day: day.toordinal() - date(day.year, 1, 1).toordinal() + 1,
    Op.SIZE: len,
    Op.ELEMENT_AT: _element,
}

_SPECIAL: dict[Op, Callable[[tuple[RowFunction, ...]], RowFunction]] = {
    Op.AND: _and,
    Op.OR: _or,
    Op.CASE: _case,
    Op.COALESCE: _coalesce,
    Op.NULLIF: _nullif,
    Op.IS_NULL: _is_null,
}

_MEMBERS: dict[Op, Callable[[tuple[RowFunction, ...], tuple[Node, ...]], RowFunction]] = {
    Op.LEAST: _extreme(min),
    Op.GREATEST: _extreme(max),
    Op.IN: _in,
}
