"""Spark in ANSI mode: overflow is an error there unless it is tried."""

from __future__ import annotations

import sys
from datetime import date, datetime

from chronon.expressions.expansions import FIRST_DAY, FIRST_MICROS, LAST_DAY, LAST_MICROS
from chronon.expressions.sql import (
    LONG_MIN,
    Dialect,
    Written,
    cast,
    function,
    has_timestamp,
    infix,
    on_calendar,
    within,
)
from chronon.expressions.tree import Op, Plain
from chronon.model.types import DataType, ListOf, MapOf, Scalar, StructOf
from chronon.model.values import micros_of

_TRIED = {Op.ADD: "try_add", Op.SUB: "try_subtract", Op.MUL: "try_multiply"}
_SMALLEST = f"CAST('{LONG_MIN}' AS BIGINT)"


def _arithmetic(call: Written) -> str:
    return infix(call) if call.type is Scalar.DOUBLE else f"{_TRIED[call.op]}({', '.join(call.args)})"


def _negative(call: Written) -> str:
    return f"(-NULLIF({call.args[0]}, {_SMALLEST}))" if call.type is Scalar.LONG else f"(-{call.args[0]})"


def _absolute(call: Written) -> str:
    return f"abs(NULLIF({call.args[0]}, {_SMALLEST}))" if call.type is Scalar.LONG else f"abs({call.args[0]})"


def _rounded(call: Written) -> str:
    return f"({within(call.args[0], Scalar.LONG, f'CAST({call.op}({call.args[0]}) AS BIGINT)')})"


def _moment(call: Written) -> str:
    return on_calendar(call.args[0], FIRST_MICROS, LAST_MICROS, f"timestamp_micros({call.args[0]})")


def _date(call: Written) -> str:
    return on_calendar(call.args[0], FIRST_DAY, LAST_DAY, f"date_from_unix_date(CAST({call.args[0]} AS INT))")


def _like(call: Written) -> str:
    """With a sign that escapes and does not occur: without one, the backslash would."""
    value, pattern = call.args
    unused = next(sign for sign in map(chr, range(1, sys.maxunicode)) if sign not in pattern)
    return f"({value} LIKE {_text(pattern)} ESCAPE {_text(unused)})"


def _cast(call: Written) -> str:
    if call.source is Scalar.DOUBLE and call.type is not Scalar.DOUBLE:
        return f"({within(call.args[0], call.type, f'CAST({call.args[0]} AS {_TYPES[call.type]})')})"
    return f"({cast(call, _TYPES)})"


def _text(value: str) -> str:
    # Spark puts values of its configuration and of the environment in the place of ${name}, within quotes too.
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("${", "$\\{")
    return f"'{escaped}'"


def type_name(kind: DataType) -> str:
    """What Spark calls a type."""
    match kind:
        case ListOf(element=element):
            return f"ARRAY<{type_name(element)}>"
        case MapOf(value=value):
            return f"MAP<STRING, {type_name(value)}>"
        case StructOf(fields=fields):
            return f"STRUCT<{', '.join(f'`{name}`: {type_name(field)}' for name, field in fields)}>"
        case _:
            return _TYPES.get(kind, str(kind))


def _constant(value: object, kind: Plain) -> str:
    match value:
        case datetime():
            return f"timestamp_micros(CAST({micros_of(value)} AS BIGINT))"
        case date():
            return f"DATE'{value.isoformat()}'"
        case bytes():
            return f"X'{value.hex()}'"
        case _:
            return f"CAST('{value:f}' AS {kind})"


def _column(name: str, kind: DataType) -> str:
    return f"CAST({name} AS {type_name(kind)})" if has_timestamp(kind) else name


_TYPES: dict[Plain, str] = {
    Scalar.BOOLEAN: "BOOLEAN",
    Scalar.INT: "INT",
    Scalar.LONG: "BIGINT",
    Scalar.FLOAT: "FLOAT",
    Scalar.DOUBLE: "DOUBLE",
    Scalar.STRING: "STRING",
    Scalar.BINARY: "BINARY",
    Scalar.DATE: "DATE",
    Scalar.TIMESTAMP: "TIMESTAMP",
}

SPARK = Dialect(
    quote="`",
    text=_text,
    double=lambda digits: f"{digits}D",
    types=_TYPES,
    type_name=type_name,
    constant=_constant,
    column=_column,
    operations={
        Op.ADD: _arithmetic,
        Op.SUB: _arithmetic,
        Op.MUL: _arithmetic,
        Op.MOD: lambda call: f"({call.args[0]} % NULLIF({call.args[1]}, 0L))",
        Op.NEG: _negative,
        Op.ABS: _absolute,
        Op.FLOOR: _rounded,
        Op.CEIL: _rounded,
        Op.CAST: _cast,
        Op.ROUND: _rounded,
        Op.FLOOR_DIV: lambda call: "({0} div {1} - CASE WHEN {0} % {1} < 0L THEN 1L ELSE 0L END)".format(*call.args),
        Op.FLOOR_MOD: lambda call: f"pmod({call.args[0]}, {call.args[1]})",
        Op.UNIX_MICROS: lambda call: f"unix_micros({call.args[0]})",
        Op.TIMESTAMP_MICROS: _moment,
        Op.UNIX_DATE: lambda call: f"CAST(unix_date({call.args[0]}) AS BIGINT)",
        Op.DATE_FROM_UNIX_DATE: _date,
        **dict.fromkeys((Op.YEAR, Op.MONTH, Op.DAY, Op.DAYOFYEAR), lambda call: f"CAST({function(call)} AS BIGINT)"),
        **dict.fromkeys((Op.TRIM, Op.LTRIM, Op.RTRIM), function),
        Op.LIKE: _like,
        Op.SIZE: lambda call: f"CAST(CASE WHEN {call.args[0]} IS NOT NULL THEN size({call.args[0]}) END AS BIGINT)",
        Op.ELEMENT_AT: lambda call: f"try_element_at({', '.join(call.args)})",
        Op.LENGTH: lambda call: f"CAST(char_length({call.args[0]}) AS BIGINT)",
        Op.NUMBER: lambda call: f"nanvl({call.args[0]}, CAST(NULL AS DOUBLE))",
    },
)
