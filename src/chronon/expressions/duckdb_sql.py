"""DuckDB: overflow is an error there, casts round, NaN equals itself."""

from __future__ import annotations

from chronon.expressions.sql import LONG_MIN, Dialect, Written, cast, infix, within
from chronon.expressions.tree import Op
from chronon.model.types import Scalar

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


def _cast(call: Written) -> str:
    if call.source is Scalar.DOUBLE and call.type is not Scalar.DOUBLE:
        return within(call.args[0], call.type, f"CAST(TRUNC({call.args[0]}) AS {_TYPES[call.type]})")
    return cast(call, _TYPES)


_TYPES = {
    Scalar.BOOLEAN: "BOOLEAN",
    Scalar.INT: "INTEGER",
    Scalar.LONG: "BIGINT",
    Scalar.FLOAT: "FLOAT",
    Scalar.DOUBLE: "DOUBLE",
    Scalar.STRING: "VARCHAR",
}

DUCKDB = Dialect(
    quote='"',
    text=lambda value: "'" + value.replace("'", "''") + "'",
    double=lambda digits: f"CAST('{digits}' AS DOUBLE)",
    types=_TYPES,
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
        Op.LENGTH: lambda call: f"LENGTH({call.args[0]})",
        Op.NUMBER: lambda call: f"NULLIF({call.args[0]}, CAST('NaN' AS DOUBLE))",
    },
)
