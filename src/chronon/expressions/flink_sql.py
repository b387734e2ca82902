"""Flink: longs wrap around, casts of doubles saturate, LEAST and GREATEST are null when one argument is."""

from __future__ import annotations

from chronon.expressions.sql import LONG_MIN, Dialect, Written, cast, infix, unsigned_zero, within
from chronon.expressions.tree import Op
from chronon.model.types import Scalar

_SMALLEST = f"CAST('{LONG_MIN}' AS BIGINT)"


def _arithmetic(call: Written) -> str:
    """In decimals, where no two longs overflow; a text that is no long is the only cast that gives null."""
    if call.type is Scalar.DOUBLE:
        return infix(call)
    exact = f" {call.op} ".join(f"CAST({arg} AS DECIMAL(19, 0))" for arg in call.args)
    return f"TRY_CAST(CAST({exact} AS STRING) AS BIGINT)"


def _negative(call: Written) -> str:
    return f"(-NULLIF({call.args[0]}, {_SMALLEST}))" if call.type is Scalar.LONG else f"(-{call.args[0]})"


def _absolute(call: Written) -> str:
    return f"ABS(NULLIF({call.args[0]}, {_SMALLEST}))" if call.type is Scalar.LONG else f"ABS({call.args[0]})"


def _rounded(call: Written) -> str:
    return f"({within(call.args[0], Scalar.LONG, f'CAST({call.op}({call.args[0]}) AS BIGINT)')})"


def _cast(call: Written) -> str:
    if call.source is Scalar.DOUBLE and call.type is not Scalar.DOUBLE:
        return f"({within(call.args[0], call.type, f'CAST({call.args[0]} AS {_TYPES[call.type]})')})"
    return f"({cast(call, _TYPES)})"


def _extreme(call: Written) -> str:
    """Each argument, where it is null, replaced by the first of the others that is not."""
    values = unsigned_zero(call)
    turns = [", ".join((*values[i:], *values[:i])) for i in range(len(values))]
    return f"{call.op}({', '.join(f'COALESCE({turn})' for turn in turns)})"


def _text(value: str) -> str:
    # Without the cast a literal is CHAR(n), and a CASE pads the shorter of two with spaces.
    return "CAST('" + value.replace("'", "''") + "' AS STRING)"


def _double(digits: str) -> str:
    return digits if "e" in digits else f"{digits}E0"


_TYPES = {
    Scalar.BOOLEAN: "BOOLEAN",
    Scalar.INT: "INT",
    Scalar.LONG: "BIGINT",
    Scalar.FLOAT: "FLOAT",
    Scalar.DOUBLE: "DOUBLE",
    Scalar.STRING: "STRING",
}

FLINK = Dialect(
    quote="`",
    text=_text,
    double=_double,
    types=_TYPES,
    operations={
        Op.ADD: _arithmetic,
        Op.SUB: _arithmetic,
        Op.MUL: _arithmetic,
        Op.MOD: lambda call: f"({call.args[0]} % NULLIF({call.args[1]}, CAST(0 AS BIGINT)))",
        Op.NEG: _negative,
        Op.ABS: _absolute,
        Op.FLOOR: _rounded,
        Op.CEIL: _rounded,
        Op.CAST: _cast,
        Op.LEAST: _extreme,
        Op.GREATEST: _extreme,
        Op.LENGTH: lambda call: f"CAST(CHAR_LENGTH({call.args[0]}) AS BIGINT)",
        Op.NUMBER: lambda call: f"(CASE WHEN ABS({call.args[0]}) >= 0E0 THEN {call.args[0]} END)",
    },
)
