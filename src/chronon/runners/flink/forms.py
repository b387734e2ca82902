"""The form in which a value of each type travels through Flink, and its way into that form and out of it.

    line of the topic ──msgspec, `packing`──▶ line of the intake ──Flink──▶ staged tile ──DuckDB, `unpacked`──▶ Arrow

Inside, a timestamp is its microseconds, a decimal its smallest units, bytes are hexadecimal digits (see
`expressions.flink_sql`): JSON carries these without loss, and their equality and order are those of the values. A float
inside a list, map or struct is the double that it is, since its shortest text is another double.
"""

from __future__ import annotations

import decimal
import struct
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, assert_never

import msgspec

from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf
from chronon.model.values import as_binary, as_date, as_decimal, as_timestamp, micros_of, units_of

Packing = Callable[[Any], Any]

_LARGEST_FLOAT = 3.4028234663852886e38
_FIELDS: dict[Scalar, Any] = {
    Scalar.BOOLEAN: bool,
    Scalar.INT: Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)],
    Scalar.LONG: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)],
    Scalar.FLOAT: Annotated[float, msgspec.Meta(ge=-_LARGEST_FLOAT, le=_LARGEST_FLOAT)],
    Scalar.DOUBLE: float,
    Scalar.STRING: str,
    Scalar.BINARY: str,
    Scalar.DATE: date | int,
    Scalar.TIMESTAMP: str | int,
}
_DUCK: dict[Scalar, str] = {
    Scalar.BOOLEAN: "BOOLEAN",
    Scalar.INT: "INTEGER",
    Scalar.LONG: "BIGINT",
    Scalar.FLOAT: "FLOAT",
    Scalar.DOUBLE: "DOUBLE",
    Scalar.STRING: "VARCHAR",
    Scalar.BINARY: "VARCHAR",
    Scalar.DATE: "DATE",
    Scalar.TIMESTAMP: "BIGINT",
}


def line_type(kind: DataType) -> Any:
    """What msgspec must find in a line for a value that may be null."""
    match kind:
        case Scalar():
            return _FIELDS[kind] | None
        case Decimal():
            return msgspec.Raw  # the digits as they stand there: a double would round them
        case ListOf(element=element):
            return list[line_type(element)] | None  # type: ignore[misc]  # made for msgspec
        case MapOf(value=value):
            return dict[str, line_type(value)] | None  # type: ignore[misc]
        case StructOf(fields=fields):
            return line_struct(dict(fields)) | None
        case _:
            assert_never(kind)


def line_struct(columns: dict[str, DataType], absent: frozenset[str] = frozenset()) -> type[msgspec.Struct]:
    """The class of an object with these fields, named `c0`, `c1`, … in Python.

    What it lacks is null; of the fields `absent` it is UNSET, so that a null that is there differs from nothing.
    """
    named = ((f"c{index}", line_type(kind)) for index, kind in enumerate(columns.values()))
    fields = [(name, kind, msgspec.UNSET if name in absent else None) for name, kind in named]
    names = {f"c{index}": name for index, name in enumerate(columns)}
    return msgspec.defstruct("Fields", fields, rename=names, omit_defaults=True, gc=False)


def packing(kind: DataType, *, inside: bool = False) -> Packing | None:
    """What brings a value of a line into its form in Flink; None when it is in it. Errors: ValueError.

    inside: of a list, map or struct.
    """
    match kind:
        case Scalar.DATE:
            return as_date
        case Scalar.TIMESTAMP:
            return lambda value: micros_of(as_timestamp(value))
        case Scalar.BINARY:
            return lambda value: as_binary(value).hex()
        case Scalar.FLOAT if inside:
            return lambda value: struct.unpack("f", struct.pack("f", value))[0]
        case Scalar():
            return None
        case Decimal():
            return lambda value: _units(value, kind)
        case ListOf(element=element):
            return _list_packing(packing(element, inside=True))
        case MapOf(value=inner):
            return _map_packing(packing(inner, inside=True))
        case StructOf(fields=fields):
            return _struct_packing([(name, packing(field, inside=True)) for name, field in fields])
        case _:
            assert_never(kind)


def _units(raw: Any, kind: Decimal) -> int | None:
    """Smallest units of a decimal from its JSON: digits, or a text of digits."""
    written = bytes(raw)
    value = msgspec.json.decode(written) if written[:1] in {b'"', b"n"} else written.decode()
    return None if value is None else units_of(as_decimal(value, kind), kind)


def _list_packing(inner: Packing | None) -> Packing | None:
    return inner and (lambda values: [None if value is None else inner(value) for value in values])


def _map_packing(inner: Packing | None) -> Packing | None:
    return inner and (lambda pairs: {key: None if value is None else inner(value) for key, value in pairs.items()})


def _struct_packing(parts: list[tuple[str, Packing | None]]) -> Packing | None:
    if not any(inner for _name, inner in parts):
        return None

    def pack(value: Any) -> dict[str, Any]:
        found = ((name, inner, getattr(value, f"c{at}")) for at, (name, inner) in enumerate(parts))
        return {name: inner(part) if inner else part for name, inner, part in found if part is not None}

    return pack


def duck_type(kind: DataType, *, inside: bool = False) -> str:
    """The type in which DuckDB reads the form of a value."""
    match kind:
        case Scalar.FLOAT if inside:
            return "DOUBLE"
        case Scalar():
            return _DUCK[kind]
        case Decimal():
            return "BIGINT"
        case ListOf(element=element):
            return f"{duck_type(element, inside=True)}[]"
        case MapOf(value=value):
            return f"MAP(VARCHAR, {duck_type(value, inside=True)})"
        case StructOf(fields=fields):
            return "STRUCT(" + ", ".join(f'"{name}" {duck_type(of, inside=True)}' for name, of in fields) + ")"
        case _:
            assert_never(kind)


def unpacked(value: str, kind: DataType, *, inside: bool = False) -> str:
    """The SQL of DuckDB for the value whose form some SQL yields; the same SQL when it is in it already."""
    match kind:
        case Scalar.TIMESTAMP:
            return f"make_timestamptz({value})"
        case Scalar.BINARY:
            return f"unhex({value})"
        case Scalar.FLOAT if inside:
            return f"CAST({value} AS FLOAT)"
        case Scalar():
            return value
        case Decimal():
            unit = f"CAST('{decimal.Decimal(1).scaleb(-kind.scale):f}' AS DECIMAL(18, {kind.scale}))"
            return f"CAST(CAST({value} AS DECIMAL(18, 0)) * {unit} AS {kind})"
        case ListOf(element=element):
            return _each(value, unpacked("e", element, inside=True))
        case MapOf(value=inner):
            entry = f"{{'key': e.key, 'value': {unpacked('e.value', inner, inside=True)}}}"
            return f"map_from_entries(list_transform(map_entries({value}), lambda e: {entry}))"
        case StructOf(fields=fields):
            named = {name: (f'{value}."{name}"', of) for name, of in fields}
            if all(unpacked(part, of, inside=True) == part for part, of in named.values()):
                return value
            parts = ", ".join(f'"{name}" := {unpacked(part, of, inside=True)}' for name, (part, of) in named.items())
            return f"CASE WHEN {value} IS NOT NULL THEN struct_pack({parts}) END"
        case _:
            assert_never(kind)


def _each(value: str, inner: str) -> str:
    return value if inner == "e" else f"list_transform({value}, lambda e: {inner})"
