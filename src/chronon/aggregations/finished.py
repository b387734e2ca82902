"""Finished values of snapshot features: stored as they will be answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from chronon.model.errors import ChrononError

VERSION = b"\x01"


def encode_row(values: Sequence[Any]) -> bytes:
    """Values of one entity, in the order of the features."""
    return VERSION + msgspec.msgpack.encode(list(values))


def decode_row(row: bytes) -> tuple[Any, ...]:
    """What `encode_row` was given. Errors: CHR-W008 a row of another version."""
    if row[:1] != VERSION:
        message = f"a stored row begins with version {row[:1].hex() or 'nothing'}, this program reads version 01"
        raise ChrononError("CHR-W008", message, "upload the batch again")
    return tuple(msgspec.msgpack.decode(row[1:]))
