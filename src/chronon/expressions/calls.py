"""The functions of the language by name: what each takes, as authors read it, and what it builds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chronon.expressions import build, functions, moments
from chronon.expressions.errors import WRONG_TYPE, ExpressionError
from chronon.expressions.tree import Node, Op

Built = Callable[[Sequence[Node]], Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function. shape: its call with the names of its arguments.  least, most: how many it takes; None for any number.

    takes_null: whether `NULL` may stand among its arguments, its type being that of the others.
    """

    shape: str
    least: int
    most: int | None
    build: Callable[[Sequence[Node | None]], Node]
    takes_null: bool = False


def called(function: Function, args: Sequence[Node | None]) -> Node:
    """The call of a function. Errors: CHR-X004 with its shape when the number or the types of arguments do not fit."""
    if len(args) < function.least or (function.most is not None and len(args) > function.most):
        name = function.shape.partition("(")[0]
        message = f"{name} takes {_count(function)}, found {len(args) or 'none'}"
        raise ExpressionError(WRONG_TYPE, message, f"write {function.shape}")
    try:
        return function.build(args)
    except ExpressionError as error:
        hint = f"{function.shape}; {error.hint}" if error.hint else f"write {function.shape}"
        raise ExpressionError(error.code, error.message, hint, error.offset) from error


def _count(function: Function) -> str:
    least, most = function.least, function.most
    if most is None:
        return f"{_NUMERALS[least]} arguments and more" if least > 1 else "one argument and more"
    if least == most:
        return "one argument" if least == 1 else f"{_NUMERALS[least]} arguments"
    return f"{_NUMERALS[least]} or {_NUMERALS[most]} arguments"


_NUMERALS = {1: "one", 2: "two", 3: "three"}


def _function(shape: str, made: Callable[..., Node], *, optional: int = 0) -> Function:
    """A function with as many arguments as its shape names, the last of them optional."""
    most = shape.count(",") + 1

    def apply(args: Sequence[Node | None]) -> Node:
        return made(*args, *[None] * (most - len(args)))

    return Function(shape=shape, least=most - optional, most=most, build=apply)


def _several(shape: str, made: Callable[..., Node], *, takes_null: bool = False) -> Function:
    return Function(shape=shape, least=2, most=None, build=made, takes_null=takes_null)


def _with(op: Op, made: Callable[..., Node]) -> Callable[..., Node]:
    return lambda *args: made(op, *args)


def _conditional(args: Sequence[Node | None]) -> Node:
    condition, value, *otherwise = args
    if condition is None:
        raise ExpressionError(WRONG_TYPE, "IF takes a condition, found NULL", "")
    return build.case([(condition, value)], otherwise[0] if otherwise else None)


def _of_one(op: Op, noun: str, made: Callable[..., Node]) -> Function:
    return _function(f"{op}({noun})", _with(op, made))


_LISTED = (
    _function("ABS(number)", build.absolute),
    _of_one(Op.CEIL, "number", build.rounded),
    _several("COALESCE(value, value, …)", build.coalesce, takes_null=True),
    Function(
        shape="CONCAT(text, text, …)", least=1, most=None, build=lambda texts: build.concatenation(_present(texts))
    ),
    _function("DATEDIFF(end, start)", moments.days_between),
    _function("DATE_ADD(date, days)", moments.days_added),
    _function("DATE_FROM_UNIX_DATE(days)", moments.date_from_unix_date),
    _function("DATE_TRUNC('unit', date or timestamp)", moments.truncated),
    *(_of_one(op, "date or timestamp", moments.part_of_date) for op in (Op.DAY, Op.DAYOFWEEK, Op.DAYOFYEAR)),
    _function("ELEMENT_AT(list or map, n or 'key')", functions.element_at),
    _function("EQUAL_NULL(value, value)", functions.equal_null),
    _of_one(Op.FLOOR, "number", build.rounded),
    _several("GREATEST(value, value, …)", lambda values: build.extreme(Op.GREATEST, values)),
    _of_one(Op.HOUR, "timestamp", moments.part_of_time),
    Function(shape="IF(condition, value, otherwise)", least=2, most=3, build=_conditional, takes_null=True),
    _several("LEAST(value, value, …)", lambda values: build.extreme(Op.LEAST, values)),
    _function("LENGTH(text)", build.length),
    _of_one(Op.LOWER, "text", build.letters),
    _of_one(Op.LTRIM, "text", functions.trimmed),
    _of_one(Op.MINUTE, "timestamp", moments.part_of_time),
    _function("MOD(number, divisor)", _with(Op.MOD, build.arithmetic)),
    _of_one(Op.MONTH, "date or timestamp", moments.part_of_date),
    _function("NULLIF(value, value)", build.nullif),
    _of_one(Op.QUARTER, "date or timestamp", moments.part_of_date),
    _function("REPLACE(text, 'from', 'to')", functions.replaced),
    _function("ROUND(number, digits)", functions.rounded, optional=1),
    _of_one(Op.RTRIM, "text", functions.trimmed),
    _of_one(Op.SECOND, "timestamp", moments.part_of_time),
    _function("SIGN(number)", functions.sign),
    _function("SIZE(list or map)", functions.size),
    _function("SPLIT_PART(text, 'separator', n)", functions.split_part),
    _function("SUBSTRING(text, start, count)", build.substring, optional=1),
    *(
        _of_one(op, "long", moments.from_epoch)
        for op in (Op.TIMESTAMP_MICROS, Op.TIMESTAMP_MILLIS, Op.TIMESTAMP_SECONDS)
    ),
    _of_one(Op.TRIM, "text", functions.trimmed),
    _function("UNIX_DATE(date)", moments.unix_date),
    *(_of_one(op, "timestamp", moments.since_epoch) for op in (Op.UNIX_MICROS, Op.UNIX_MILLIS, Op.UNIX_SECONDS)),
    _of_one(Op.UPPER, "text", build.letters),
    _of_one(Op.YEAR, "date or timestamp", moments.part_of_date),
)


def _present(values: Sequence[Node | None]) -> list[Node]:
    return [value for value in values if value is not None]


FUNCTIONS = {function.shape.partition("(")[0]: function for function in _LISTED}
"""Every function but CAST, which is a form of its own."""
