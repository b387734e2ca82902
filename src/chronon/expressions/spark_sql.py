"""Spark in ANSI mode: overflow is an error there unless it is tried."""

from __future__ import annotations

from chronon.expressions.sql import LONG_MIN, Dialect, Written, cast, infix, within
from chronon.expressions.tree import Op
from chronon.model.types import Scalar

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
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


_TYPES = {
    Scalar.BOOLEAN: "BOOLEAN",
    Scalar.INT: "INT",
    Scalar.LONG: "BIGINT",
    Scalar.FLOAT: "FLOAT",
    Scalar.DOUBLE: "DOUBLE",
    Scalar.STRING: "STRING",
}

SPARK = Dialect(
    quote="`",
    text=_text,
    double=lambda digits: f"{digits}D",
    types=_TYPES,
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
