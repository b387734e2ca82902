"""Flink: longs wrap around, casts of doubles saturate, LEAST and GREATEST are null when one argument is.

Texts are compared by UTF-16 units there, which puts 😀 before U+FFEE; in hexadecimal their order is that of code points.
Its optimiser takes `x + 0` for `x`, which keeps the sign of -0.0.

Its JSON has no way to say a timestamp, a decimal or bytes in which nothing can be lost. Inside Flink a timestamp is its
microseconds, a decimal its smallest units, bytes are their hexadecimal digits: equality and order stay what they are.
"""

from __future__ import annotations

import decimal
import re
from datetime import date, datetime

from chronon.expressions.expansions import FIRST_DAY, FIRST_MICROS, LAST_DAY, LAST_MICROS
from chronon.expressions.sql import LONG_MIN, Dialect, Written, cast, infix, on_calendar, within
from chronon.expressions.sql import quoted as quoted_in
from chronon.expressions.tree import Op, Plain
from chronon.model.errors import InvariantError
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf
from chronon.model.values import micros_of, units_of

_ZERO = "(0.0E0)"
_SMALLEST = f"CAST('{LONG_MIN}' AS BIGINT)"


def _arithmetic(call: Written) -> str:
    """In decimals, where no two longs overflow; a text that is no long is the only cast that gives null."""
    if call.type is Scalar.DOUBLE:
        return _plus_zero(call) or infix(call)
    exact = f" {call.op} ".join(f"CAST({arg} AS DECIMAL(19, 0))" for arg in call.args)
    return f"TRY_CAST(CAST({exact} AS STRING) AS BIGINT)"


def _plus_zero(call: Written) -> str | None:
    """The sum of a double and the constant zero, which would keep the sign of -0.0; None for anything else."""
    if call.op is not Op.ADD or _ZERO not in call.args:
        return None
    left, right = call.args
    return f"({_unsigned_zero(right if left == _ZERO else left, Scalar.DOUBLE)})"


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


def _date(call: Written) -> str:
    date = f"TIMESTAMPADD(DAY, CAST({call.args[0]} AS INT), DATE '1970-01-01')"
    return on_calendar(call.args[0], FIRST_DAY, LAST_DAY, date)


def _like(call: Written) -> str:
    """Flink's `_` stands for any character but the end of a line: such patterns are searched for as expressions."""
    value, pattern = call.args
    if "_" not in pattern:
        return "({} LIKE '{}')".format(value, pattern.replace("'", "''"))
    searched = re.escape(pattern).replace("%", ".*").replace("_", ".")
    return "REGEXP({}, '(?s)\\A{}\\z')".format(value, searched.replace("'", "''"))


def _split_part(call: Written) -> str:
    """Flink counts from 0 and has no part where there are fewer, or where the text is empty."""
    value, separator, number = call.args
    part = f"SPLIT_INDEX({value}, {separator}, {int(number) - 1})"
    return f"(CASE WHEN {value} IS NOT NULL THEN COALESCE({part}, CAST('' AS STRING)) END)"


def _ordering(call: Written) -> str:
    if call.source is not Scalar.STRING:
        return infix(call)
    return f"(HEX({call.args[0]}) {call.op} HEX({call.args[1]}))"


def _extreme(call: Written) -> str:
    """Each argument, where it is null, replaced by the first of the others that is not."""
    if call.type is Scalar.STRING:
        return f"DECODE(UNHEX({_first_of_all(call.op, [f'HEX({arg})' for arg in call.args])}), 'UTF-8')"
    return _first_of_all(call.op, [_unsigned_zero(arg, call.type) for arg in call.args])


def _first_of_all(op: Op, values: list[str]) -> str:
    turns = [", ".join((*values[i:], *values[:i])) for i in range(len(values))]
    return f"{op}({', '.join(f'COALESCE({turn})' for turn in turns)})"


def _unsigned_zero(value: str, kind: DataType) -> str:
    return f"CASE WHEN {value} = 0E0 THEN 0E0 ELSE {value} END" if kind is Scalar.DOUBLE else value


def _member(call: Written) -> str:
    return f"({_unsigned_zero(call.args[0], call.source)} IN ({', '.join(call.args[1:])}))"


def _text(value: str) -> str:
    # Without the cast a literal is CHAR(n), and a CASE pads the shorter of two with spaces.
    return "CAST('" + value.replace("'", "''") + "' AS STRING)"


def _double(digits: str) -> str:
    return digits if "e" in digits else f"{digits}E0"


def type_name(kind: DataType) -> str:
    """In which type of Flink a value of ours is held. A float inside a list, map or struct is a double there."""
    match kind:
        case ListOf(element=element):
            return f"ARRAY<{_inner_type(element)}>"
        case MapOf(value=value):
            return f"MAP<STRING, {_inner_type(value)}>"
        case StructOf(fields=fields):
            return f"ROW<{', '.join(f'`{name}` {_inner_type(field)}' for name, field in fields)}>"
        case Decimal():
            return "BIGINT"
        case Scalar():
            return _TYPES[kind]


def _inner_type(kind: DataType) -> str:
    return _TYPES[Scalar.DOUBLE] if kind is Scalar.FLOAT else type_name(kind)


def _constant(value: object, kind: Plain) -> str:
    match value:
        case datetime():
            return f"CAST({micros_of(value)} AS BIGINT)"
        case date():
            return f"DATE '{value.isoformat()}'"
        case bytes():
            return _text(value.hex())
        case decimal.Decimal() if isinstance(kind, Decimal):
            return f"CAST({units_of(value, kind)} AS BIGINT)"
        case _:
            raise InvariantError("flink-constant", f"{value!r} of {kind}")


_TYPES: dict[Plain, str] = {
    Scalar.BOOLEAN: "BOOLEAN",
    Scalar.INT: "INT",
    Scalar.LONG: "BIGINT",
    Scalar.FLOAT: "FLOAT",
    Scalar.DOUBLE: "DOUBLE",
    Scalar.STRING: "STRING",
    Scalar.BINARY: "STRING",
    Scalar.DATE: "DATE",
    Scalar.TIMESTAMP: "BIGINT",
}

FLINK = Dialect(
    quote="`",
    text=_text,
    double=_double,
    types=_TYPES,
    type_name=type_name,
    constant=_constant,
    column=lambda name, _kind: name,
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
        **dict.fromkeys((Op.LT, Op.LE, Op.GT, Op.GE), _ordering),
        Op.IN: _member,
        Op.LEAST: _extreme,
        Op.GREATEST: _extreme,
        Op.ROUND: _rounded,
        Op.FLOOR_DIV: lambda call: "({0} / {1} - CASE WHEN {0} % {1} < 0 THEN 1 ELSE 0 END)".format(*call.args),
        Op.FLOOR_MOD: lambda call: "(({0} % {1} + {1}) % {1})".format(*call.args),
        Op.UNIX_MICROS: lambda call: call.args[0],
        Op.TIMESTAMP_MICROS: lambda call: on_calendar(call.args[0], FIRST_MICROS, LAST_MICROS, call.args[0]),
        Op.UNIX_DATE: lambda call: f"CAST(TIMESTAMPDIFF(DAY, DATE '1970-01-01', {call.args[0]}) AS BIGINT)",
        Op.DATE_FROM_UNIX_DATE: _date,
        **dict.fromkeys((Op.YEAR, Op.MONTH, Op.DAY), lambda call: f"EXTRACT({call.op} FROM {call.args[0]})"),
        Op.DAYOFYEAR: lambda call: f"EXTRACT(DOY FROM {call.args[0]})",
        Op.TRIM: lambda call: f"TRIM(BOTH ' ' FROM {call.args[0]})",
        Op.LTRIM: lambda call: f"TRIM(LEADING ' ' FROM {call.args[0]})",
        Op.RTRIM: lambda call: f"TRIM(TRAILING ' ' FROM {call.args[0]})",
        Op.LIKE: _like,
        Op.SPLIT_PART: _split_part,
        Op.SIZE: lambda call: f"CAST(CARDINALITY({call.args[0]}) AS BIGINT)",
        Op.ELEMENT_AT: lambda call: f"{call.args[0]}[{call.args[1]}]",
        Op.LENGTH: lambda call: f"CAST(CHAR_LENGTH({call.args[0]}) AS BIGINT)",
        Op.NUMBER: lambda call: f"(CASE WHEN ABS({call.args[0]}) >= 0E0 THEN {call.args[0]} END)",
    },
)


def quoted(name: str) -> str:
    """A name as Flink writes it."""
    return quoted_in(name, FLINK)
