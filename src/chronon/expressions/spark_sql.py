"""Spark in ANSI mode: overflow is an error there unless it is tried."""

from __future__ import annotations

from datetime import date, datetime

from chronon.expressions.sql import LONG_MIN, Dialect, Written, cast, has_timestamp, infix, within
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
    return f"({within(call.args[0], Scalar.LONG, f'{call.op}({call.args[0]})')})"


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
        Op.LENGTH: lambda call: f"CAST(char_length({call.args[0]}) AS BIGINT)",
        Op.NUMBER: lambda call: f"nanvl({call.args[0]}, CAST(NULL AS DOUBLE))",
    },
)
