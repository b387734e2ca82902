"""Values of the types that are more than JSON has words for: dates, timestamps, decimals, bytes.

In a program they are `date`, `datetime` in UTC, `Decimal` and `bytes`. In JSON (requests, replies, lines of a topic) a date
is ISO text, a timestamp ISO text in UTC, a decimal its digits as text, bytes base64. What cannot be taken without loss is a
ValueError.
"""

from __future__ import annotations

import base64
import binascii
import decimal
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DIGITS = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FRACTION = re.compile(r"[.,](\d{6})(\d+)", re.ASCII)
_EXACT = decimal.Context(prec=60, traps=[decimal.Inexact, decimal.InvalidOperation])
_DOUBLE_DIGITS = 15
"""Digits that a number of JSON keeps on its way through a double."""


def as_date(value: object) -> date:
    """A date from itself, from ISO text or from days since 1970."""
    match value:
        case datetime() | bool():
            raise _unfit(value, "a date such as 1970-01-31")
        case date():
            return value
        case str() if _DAY.fullmatch(value):
            return date.fromisoformat(value)
        case int() if abs(value) < 10_000_000:
            return _within(lambda: EPOCH.date() + timedelta(days=value), value)
        case _:
            raise _unfit(value, "a date such as 1970-01-31")


def as_timestamp(value: object) -> datetime:
    """A timestamp from itself, from ISO text (UTC unless it names an offset) or from epoch milliseconds, digits or not."""
    match value:
        case datetime() if value.tzinfo:
            return _within(lambda: value.astimezone(UTC), value)
        case str() if re.fullmatch(r"-?\d{1,15}", value, re.ASCII):
            return as_timestamp(int(value))
        case str():
            return _within(lambda: _instant(value), value)
        case int() if not isinstance(value, bool):
            return _within(lambda: EPOCH + timedelta(milliseconds=value), value)
        case _:
            raise _unfit(value, "a time such as 1970-01-31T14:05:00Z, or epoch milliseconds")


def as_decimal(value: object, of: Decimal) -> decimal.Decimal:
    """A decimal of that type from itself, from digits, or from a number that no double has rounded."""
    match value:
        case decimal.Decimal() if value.is_finite():
            found = value
        case str() if len(value) < 64 and _DIGITS.fullmatch(value):
            found = decimal.Decimal(value)
        case int() if not isinstance(value, bool):
            found = decimal.Decimal(value)
        case float() if len(decimal.Decimal(repr(value)).as_tuple().digits) <= _DOUBLE_DIGITS:
            found = as_decimal(repr(value), of)
        case float():
            raise ValueError(f"{value!r} may be rounded: write a {of} as text")
        case _:
            raise _unfit(value, f"a {of} such as 1.5")
    if found and found.adjusted() >= of.precision - of.scale:
        raise ValueError(f"{found} has more digits than a {of}")
    try:
        return found.quantize(decimal.Decimal((0, (1,), -of.scale)), context=_EXACT) + decimal.Decimal(0)
    except decimal.Inexact as lost:
        raise ValueError(f"{found} has more digits than a {of}") from lost


def as_binary(value: object) -> bytes:
    """Bytes from themselves or from base64."""
    match value:
        case bytes() | bytearray() | memoryview():
            return bytes(value)
        case str():
            try:
                return base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError) as wrong:
                raise ValueError(f"{value!r:.60} is no base64: {wrong}") from wrong
        case _:
            raise _unfit(value, "bytes as base64")


def micros_of(moment: datetime) -> int:
    """Microseconds since the epoch."""
    return (moment - EPOCH) // _MICROSECOND


def units_of(value: decimal.Decimal, of: Decimal) -> int:
    """A decimal of that type in its smallest units."""
    return int(value.scaleb(of.scale, context=_EXACT))


def in_program(value: object, of: DataType) -> object:
    """A value as Arrow hands it out (maps as pairs) as programs have it: maps are dicts at every depth."""
    match of:
        case _ if value is None:
            return None
        case ListOf(element=element):
            return [in_program(item, element) for item in value]  # type: ignore[attr-defined]
        case MapOf(value=kind):
            return {key: in_program(item, kind) for key, item in dict(value).items()}  # type: ignore[call-overload]
        case StructOf(fields=fields):
            return {name: in_program(value[name], kind) for name, kind in fields}  # type: ignore[index]
        case _:
            return value


def has_map(of: DataType) -> bool:
    """Whether a map is somewhere in a type."""
    match of:
        case MapOf():
            return True
        case ListOf(element=element):
            return has_map(element)
        case StructOf(fields=fields):
            return any(has_map(kind) for _name, kind in fields)
        case Scalar() | Decimal():
            return False


_AS_IT_IS = frozenset({str, int, float, bool, type(None)})


def plain(value: object) -> object:
    """The form that a value has in JSON."""
    if type(value) in _AS_IT_IS:
        return value
    match value:
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        case date():
            return value.isoformat()
        case decimal.Decimal():
            return f"{value:f}"
        case bytes():
            return base64.b64encode(value).decode()
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return value


def _instant(text: str) -> datetime:
    """The moment of ISO text. Python drops what is finer than a microsecond: only zeros may be there."""
    if (found := _FRACTION.search(text)) and found[2].strip("0"):
        raise ValueError(f"{text!r:.60} is finer than a microsecond")
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _within(make: Callable[[], T], value: object) -> T:
    try:
        return make()
    except OverflowError as far:
        raise ValueError(f"{value!r:.60} is outside of the years 1 to 9999") from far


def _unfit(value: object, wanted: str) -> ValueError:
    return ValueError(f"expected {wanted}, got {value!r:.60}")
