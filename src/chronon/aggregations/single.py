"""One value as Python sees it: the fetcher's side of `values`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as Amount
from struct import Struct
from typing import Any, assert_never

import msgspec

from chronon.aggregations.values import is_nested
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf

_DOUBLE, _BITS = Struct("<d"), Struct("<q")
_MAGNITUDE = 0x7FFF_FFFF_FFFF_FFFF
_EPOCH_DAY, _EPOCH = date(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)


def to_python(code: int, kind: DataType, texts: Sequence[bytes]) -> Any:
    """The value of a code."""
    if kind is Scalar.LONG or kind is Scalar.INT:
        return code
    if kind is Scalar.DOUBLE or kind is Scalar.FLOAT:
        return _DOUBLE.unpack(_BITS.pack(code if code >= 0 else code ^ _MAGNITUDE))[0]
    if kind is Scalar.STRING:
        return texts[code].decode()
    if is_nested(kind):
        return _typed(msgspec.msgpack.decode(texts[code]), kind)
    return _typed(texts[code] if kind is Scalar.BINARY else code, kind)


def _typed(raw: Any, kind: DataType) -> Any:
    """What a plain code or the content of a cell stands for."""
    if raw is None:
        return None
    match kind:
        case ListOf(element=element):
            return [_typed(one, element) for one in raw]
        case MapOf(value=value):
            return {name: _typed(one, value) for name, one in raw.items()}
        case StructOf(fields=fields):
            return {name: _typed(one, field) for (name, field), one in zip(fields, raw, strict=True)}
        case Decimal(scale=scale):
            return Amount(raw).scaleb(-scale)
        case Scalar():
            return _SCALARS.get(kind, _same)(raw)
        case _:
            assert_never(kind)


def _same(raw: Any) -> Any:
    return raw


_SCALARS: dict[Scalar, Callable[[Any], Any]] = {
    Scalar.BOOLEAN: bool,
    Scalar.DATE: lambda days: _EPOCH_DAY + timedelta(days=days),
    Scalar.TIMESTAMP: lambda micros: _EPOCH + timedelta(microseconds=micros),
}


def text_of(value: Any) -> str:
    """A value as the key of a map: reals and decimals by their digits, instants as ISO 8601 in UTC."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return format(value, "f") if isinstance(value, Amount) else str(value)
