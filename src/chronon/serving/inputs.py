"""Values that a request carries, as the types that definitions declare: only conversions that lose nothing.

Dates, timestamps, decimals and bytes have the forms of `model.values`; lists are arrays, maps and structs objects.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar, assert_never

from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf
from chronon.model.values import as_binary, as_date, as_decimal, as_timestamp

Parts = TypeVar("Parts", list[object], dict[str, object])

_RANGES = {Scalar.INT: 31, Scalar.LONG: 63}


def converted(value: object, of: DataType) -> object:
    """The value as that type; null stays null. Errors: ValueError when it is not one without loss."""
    if value is None:
        return None
    match of:
        case Scalar.INT | Scalar.LONG:
            return _integer(value, _RANGES[of])
        case Scalar.FLOAT | Scalar.DOUBLE:
            return _real(value)
        case Scalar.BOOLEAN:
            return _instance(value, bool, of)
        case Scalar.STRING:
            return _instance(value, str, of)
        case Scalar.DATE:
            return as_date(value)
        case Scalar.TIMESTAMP:
            return as_timestamp(value)
        case Scalar.BINARY:
            return as_binary(value)
        case Decimal():
            return as_decimal(value, of)
        case ListOf(element=element):
            return [converted(item, element) for item in _parts(value, list, of)]
        case MapOf(value=inner):
            return {key: converted(item, inner) for key, item in _parts(value, dict, of).items()}
        case StructOf(fields=fields):
            return _struct(_parts(value, dict, of), fields)
        case _:
            assert_never(of)


def from_text(text: str, of: DataType) -> object:
    """The value that a text on a command line names. Errors: ValueError when it names none of that type."""
    match of:
        case Scalar.INT | Scalar.LONG:
            return _integer(int(text), _RANGES[of])
        case Scalar.FLOAT | Scalar.DOUBLE:
            return float(text)
        case Scalar.BOOLEAN:
            return _BOOLEANS[text.lower()] if text.lower() in _BOOLEANS else _instance(text, bool, of)
        case ListOf() | MapOf() | StructOf():
            return converted(json.loads(text), of)
        case _:
            return converted(text, of)


def _parts(value: object, wanted: type[Parts], of: DataType) -> Parts:
    if not isinstance(value, wanted):
        raise ValueError(f"expected a {of}, got {value!r:.60}")  # noqa: TRY004 - one error for every wrong value
    return value


def _struct(value: Mapping[str, object], fields: tuple[tuple[str, DataType], ...]) -> dict[str, object]:
    """The parts of a struct; those that are left out are null."""
    if unknown := value.keys() - {name for name, _of in fields}:
        raise ValueError(f"a struct without a part {', '.join(map(repr, sorted(unknown)))}")
    return {name: converted(value.get(name), of) for name, of in fields}


_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}


def _integer(value: object, bits: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise ValueError(f"expected a whole number, got {value!r}")
    whole = int(value)
    if not -(2**bits) <= whole < 2**bits:
        raise ValueError(f"{value!r} is outside of {bits + 1} bits")
    return whole


def _real(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"expected a number, got {value!r}")  # noqa: TRY004 - one error for every wrong value
    try:
        real = float(value)
    except OverflowError as large:
        raise ValueError(f"{value!r} has no exact double") from large
    if isinstance(value, int) and int(real) != value:
        raise ValueError(f"{value!r} has no exact double")
    return real


def _instance(value: object, wanted: type, of: DataType) -> object:
    if not isinstance(value, wanted):
        raise ValueError(f"expected a {of}, got {value!r}")  # noqa: TRY004 - one error for every wrong value
    return value
