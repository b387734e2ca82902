"""DuckDB: overflow is an error there, casts round, NaN equals itself."""

from __future__ import annotations

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

_SIZES: dict[type, str] = {ListOf: "len", MapOf: "cardinality"}
_ELEMENTS: dict[type, str] = {ListOf: "list_extract", MapOf: "map_extract_value"}
_SMALLEST = f"CAST({LONG_MIN} AS BIGINT)"


def _arithmetic(call: Written) -> str:
    """In 128 bits, where no two longs overflow."""
    if call.type is Scalar.DOUBLE:
        return infix(call)
    return "TRY_CAST(" + f" {call.op} ".join(f"CAST({arg} AS HUGEINT)" for arg in call.args) + " AS BIGINT)"


def _remainder(call: Written) -> str:
    a, b = call.args
    return f"CAST(CAST({a} AS HUGEINT) % NULLIF(CAST({b} AS HUGEINT), 0) AS BIGINT)"


def _negative(call: Written) -> str:
    return f"(-NULLIF({call.args[0]}, {_SMALLEST}))" if call.type is Scalar.LONG else f"(-{call.args[0]})"


def _absolute(call: Written) -> str:
    return f"ABS(NULLIF({call.args[0]}, {_SMALLEST}))" if call.type is Scalar.LONG else f"ABS({call.args[0]})"


def _rounded(call: Written) -> str:
    return f"TRY_CAST({call.op}({call.args[0]}) AS BIGINT)"


def _moment(call: Written) -> str:
    return on_calendar(call.args[0], FIRST_MICROS, LAST_MICROS, f"make_timestamptz({call.args[0]})")


def _date(call: Written) -> str:
    date = f"DATE '1970-01-01' + CAST({call.args[0]} AS INTEGER)"
    return on_calendar(call.args[0], FIRST_DAY, LAST_DAY, date)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _cast(call: Written) -> str:
    if call.source is Scalar.DOUBLE and call.type is not Scalar.DOUBLE:
        return within(call.args[0], call.type, f"CAST(TRUNC({call.args[0]}) AS {_TYPES[call.type]})")
    return cast(call, _TYPES)


def type_name(kind: DataType) -> str:
    """What DuckDB calls a type."""
    match kind:
        case ListOf(element=element):
            return f"{type_name(element)}[]"
        case MapOf(value=value):
            return f"MAP(VARCHAR, {type_name(value)})"
        case StructOf(fields=fields):
            return "STRUCT(" + ", ".join(f'"{name}" {type_name(field)}' for name, field in fields) + ")"
        case _:
            return _TYPES.get(kind, str(kind))


def _constant(value: object, kind: Plain) -> str:
    match value:
        case datetime():
            return f"make_timestamptz(CAST({micros_of(value)} AS BIGINT))"
        case date():
            return f"CAST('{value.isoformat()}' AS DATE)"
        case bytes():
            return f"unhex('{value.hex()}')"
        case _:
            return f"CAST('{value:f}' AS {kind})"


def _column(name: str, kind: DataType) -> str:
    return f"CAST({name} AS {type_name(kind)})" if has_timestamp(kind) else name


_TYPES: dict[Plain, str] = {
    Scalar.BOOLEAN: "BOOLEAN",
    Scalar.INT: "INTEGER",
    Scalar.LONG: "BIGINT",
    Scalar.FLOAT: "FLOAT",
    Scalar.DOUBLE: "DOUBLE",
    Scalar.STRING: "VARCHAR",
    Scalar.BINARY: "BLOB",
    Scalar.DATE: "DATE",
    Scalar.TIMESTAMP: "TIMESTAMPTZ",
}

DUCKDB = Dialect(
    quote='"',
    text=_text,
    double=lambda digits: f"CAST('{digits}' AS DOUBLE)",
    types=_TYPES,
    type_name=type_name,
    constant=_constant,
    column=_column,
    operations={
        Op.ADD: _arithmetic,
        Op.SUB: _arithmetic,
        Op.MUL: _arithmetic,
        Op.MOD: _remainder,
        Op.NEG: _negative,
        Op.ABS: _absolute,
        Op.FLOOR: _rounded,
        Op.CEIL: _rounded,
        Op.CAST: _cast,
        Op.ROUND: _rounded,
        Op.FLOOR_DIV: lambda call: "({0} // {1} - CAST({0} % {1} < 0 AS BIGINT))".format(*call.args),
        Op.FLOOR_MOD: lambda call: "(({0} % {1} + {1}) % {1})".format(*call.args),
        Op.UNIX_MICROS: lambda call: f"epoch_us({call.args[0]})",
        Op.TIMESTAMP_MICROS: _moment,
        Op.UNIX_DATE: lambda call: f"CAST({call.args[0]} - DATE '1970-01-01' AS BIGINT)",
        Op.DATE_FROM_UNIX_DATE: _date,
        **dict.fromkeys((Op.YEAR, Op.MONTH, Op.DAY, Op.DAYOFYEAR), function),
        **dict.fromkeys((Op.TRIM, Op.LTRIM, Op.RTRIM), lambda call: f"{call.op}({call.args[0]}, ' ')"),
        Op.LIKE: lambda call: f"({call.args[0]} LIKE {_text(call.args[1])})",
        Op.SIZE: lambda call: f"CAST({_SIZES[type(call.source)]}({call.args[0]}) AS BIGINT)",
        Op.ELEMENT_AT: lambda call: f"{_ELEMENTS[type(call.source)]}({', '.join(call.args)})",
        Op.LENGTH: lambda call: f"LENGTH({call.args[0]})",
        Op.NUMBER: lambda call: f"NULLIF({call.args[0]}, CAST('NaN' AS DOUBLE))",
    },
)
