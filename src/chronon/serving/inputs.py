"""Values that a request carries, as the types that definitions declare: only conversions that lose nothing."""

from __future__ import annotations

from collections.abc import Mapping

from chronon.model.types import DataType, Scalar

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
        case _:
            return value


def from_text(text: str, of: DataType) -> object:
    """The value that a text on a command line names. Errors: ValueError when it names none of that type."""
    match of:
        case Scalar.INT | Scalar.LONG:
            return _integer(int(text), _RANGES[of])
        case Scalar.FLOAT | Scalar.DOUBLE:
            return float(text)
        case Scalar.BOOLEAN:
            return _BOOLEANS[text.lower()] if text.lower() in _BOOLEANS else _instance(text, bool, of)
        case _:
            return text


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
