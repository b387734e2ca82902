"""Finished values of snapshot features: stored as they will be answered.

A row is a version byte and a MessagePack array. What MessagePack has no word for is an extension, so every value comes back
in its type: 1 a date (days since 1970, 4 bytes), 2 a decimal (its digits as text); a timestamp is MessagePack's own, in UTC.
"""

from __future__ import annotations

import decimal
import struct
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec.msgpack import Ext

from chronon.model.errors import ChrononError

VERSION = b"\x02"

_DATE, _DECIMAL = 1, 2
_AS_IS = frozenset({bool, int, float, str, bytes, datetime, type(None)})
_EPOCH = date(1970, 1, 1).toordinal()
_DAYS = struct.Struct(">i")


def encode_row(values: Sequence[Any]) -> bytes:
    """Values of one entity, in the order of the features; maps and structs are dicts, at every depth."""
    return VERSION + _ENCODER.encode([_stored(value) for value in values])


def decode_row(row: bytes) -> tuple[Any, ...]:
    """What `encode_row` was given. Errors: CHR-W008 a row of another version."""
    if row[:1] != VERSION:
        message = (
            f"a stored row begins with version {row[:1].hex() or 'nothing'}, this program reads version {VERSION.hex()}"
        )
        raise ChrononError("CHR-W008", message, "upload the batch again")
    return tuple(_DECODER.decode(row[1:]))


def _stored(value: Any) -> Any:
    kind = type(value)
    if kind in _AS_IS:
        return value
    if kind is list:
        return [_stored(item) for item in value]
    if kind is dict:
        return {key: _stored(item) for key, item in value.items()}
    if kind is date:
        return Ext(_DATE, _DAYS.pack(value.toordinal() - _EPOCH))
    if kind is decimal.Decimal:
        return Ext(_DECIMAL, f"{value:f}".encode())
    return value


def _loaded(code: int, data: memoryview) -> Any:
    if code == _DATE:
        return date.fromordinal(_DAYS.unpack(data)[0] + _EPOCH)
    if code == _DECIMAL:
        return decimal.Decimal(bytes(data).decode())
    raise ChrononError("CHR-W008", f"a stored row holds a value of kind {code}", "upload the batch again")


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(ext_hook=_loaded)
