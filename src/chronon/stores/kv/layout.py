"""What the keys of the store look like: metadata, batch values, pages, and the entity inside them.

An entity key is a tuple written so that no two tuples share bytes, and none is the beginning of another:

    part      = tag value                      one byte says the family of the declared type
    integers  = 8 bytes, big endian, sign flipped         byte order is number order; int and long are one family
    floats    = 8 bytes, big endian, sign trick           the same; float and double are one family
    dates     = days, timestamps = microseconds since 1970, as integers
    decimals  = scale in one byte, then the number of smallest units as an integer
    texts     = UTF-8 or bytes, 00 as 00 FF, then 00 00    `("ab", "c")` and `("a", "bc")` differ

A key that would be longer than a store can take is replaced by a 256-bit hash of itself. `columnar` makes the same bytes
for whole columns. Whoever changes these bytes raises `model.serving.FORMAT_VERSION`: old stores are then refused, not misread.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING

from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest
from chronon.model.time import Day, day_text
from chronon.model.types import DataType, Decimal, Scalar
from chronon.model.values import as_binary, as_date, as_decimal, as_timestamp, micros_of, units_of

if TYPE_CHECKING:
    import pyarrow as pa

TAGS = {
    Scalar.BOOLEAN: b"\x01",
    Scalar.INT: b"\x02",
    Scalar.LONG: b"\x02",
    Scalar.DATE: b"\x03",
    Scalar.TIMESTAMP: b"\x04",
    Scalar.FLOAT: b"\x05",
    Scalar.DOUBLE: b"\x05",
    Scalar.STRING: b"\x06",
    Scalar.BINARY: b"\x07",
}
DECIMAL_TAG = b"\x08"
"""The first byte of a part says the family of its type. 0x20 starts the hash of a long key."""

METADATA = b"m/"
"""The start of the metadata keys of all environments."""

MAX_ENTITY_BYTES = 256
HASHED = b"\x20"

_SIGN = 1 << 63
_ALL = (1 << 64) - 1
_INT = range(-(1 << 31), 1 << 31)
_LONG = range(-(1 << 63), 1 << 63)
_EPOCH = date(1970, 1, 1).toordinal()


def entity_keys(columns: Sequence[pa.Array], types: Sequence[DataType]) -> list[bytes | None]:
    """The entity key of every row; None where any part is null.

    columns: one per part of the key, of equal length, each of its declared type or safely castable to it.
    Law: equals `entity_key` row by row.  Errors: CHR-K040 a type that cannot be a key, CHR-K041 a column of another type.
    """
    from chronon.stores.kv.columnar import encode_columns

    return encode_columns(columns, types)


def entity_key(values: Sequence[object], types: Sequence[DataType], names: Sequence[str] = ()) -> bytes | None:
    """The key of one entity; None when any part is None.

    values: one per part. Another Python type is taken only where nothing is lost: 3.0 or "3" for a long, "true" for a
    boolean, and for dates, timestamps, decimals and bytes the forms of `model.values`.  names: for messages.
    Errors: CHR-K040 a type that cannot be a key, CHR-K041 a value of another type, CHR-K042 not as many values as parts.
    """
    if len(values) != len(types):
        message = f"the key has {len(types)} parts{_listed(names)}, {len(values)} values were given"
        raise ChrononError("CHR-K042", message, "give one value for each part of the key")
    parts = []
    for index, (value, declared) in enumerate(zip(values, types, strict=True)):
        encode = encoder_of(declared)
        if value is None:
            return None
        encoded = encode(value)
        if encoded is None:
            raise _mistyped(names[index] if index < len(names) else f"part {index + 1}", value, declared)
        parts.append(encoded)
    return fitted(b"".join(parts))


def fitted(key: bytes) -> bytes:
    """The key itself, or the hash that stands for a long one."""
    return key if len(key) <= MAX_ENTITY_BYTES else HASHED + blake2b(key, digest_size=32).digest()


FENCE = b"fence"
"""Under it stands who applies: their writes are refused once it has another value. No entry of a reader begins so."""


def metadata_key(environment: str, name: str) -> bytes:
    """Where the serving metadata of an object stands. name: any text that is unique within the environment."""
    return metadata_prefix(environment) + name.encode()


def metadata_prefix(environment: str) -> bytes:
    """The start of every metadata key of an environment."""
    return METADATA + _segment(environment) + b"/"


def environment_of(key: bytes) -> str:
    """The environment of a metadata key."""
    return key[len(METADATA) :].partition(b"/")[0].decode().replace("%2F", "/").replace("%25", "%")


def batch_key(dataset: Digest, generation: str, entity: bytes) -> bytes:
    """Where the batch value of an entity stands."""
    return batch_prefix(dataset, generation) + entity


def batch_prefix(dataset: Digest, generation: str = "") -> bytes:
    """The start of every batch key of a generation, or of all generations of a dataset."""
    start = b"b/" + _segment(dataset) + b"/"
    return start + _segment(generation) + b"/" if generation else start


def page_key(dataset: Digest, entity: bytes, day: Day) -> bytes:
    """Where the tiles of an entity and a UTC day stand: the pages of an entity lie side by side, oldest first."""
    return page_prefix(dataset) + entity + struct.pack(">I", day ^ 0x80000000 if day >= 0 else day + 0x80000000)


def page_prefix(dataset: Digest) -> bytes:
    """The start of every page of a dataset, and of its savepoint."""
    return b"t/" + _segment(dataset) + b"/"


def savepoint_key(dataset: Digest) -> bytes:
    """Where it stands up to which place of the topic the pages of a dataset hold it: among them, so they go together.

    No page has this key: entities begin with a tag, and the day of an entity without parts with another byte.
    """
    return page_prefix(dataset) + b"\0"


def encoder_of(declared: DataType) -> Callable[[object], bytes | None]:
    """What writes one part of a key; it returns None for a value that is not of the type. Errors: CHR-K040."""
    match declared:
        case Scalar():
            return _ENCODERS[declared]
        case Decimal():
            return lambda value: _decimal(value, declared)
        case _:
            raise ChrononError("CHR-K040", f"a {declared} cannot be a key", "use a type without parts")


def _segment(text: str) -> bytes:
    return text.replace("%", "%25").replace("/", "%2F").encode()


def _boolean(value: object) -> bytes | None:
    value = {"true": True, "false": False}.get(value) if isinstance(value, str) else value
    return (b"\x01\x01" if value else b"\x01\x00") if isinstance(value, bool) else None


def _integer(tag: bytes, allowed: range) -> Callable[[object], bytes | None]:
    def encode(value: object) -> bytes | None:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        elif isinstance(value, str):
            value = _written_integer(value)
        if type(value) is not int or value not in allowed:
            return None
        return tag + struct.pack(">Q", value + _SIGN)

    return encode


def _written_integer(text: str) -> int | None:
    """The integer whose one canonical form the text is: `7`, not `07`, ` 7` or `+7`."""
    digits = text.removeprefix("-")
    is_plain = digits.isascii() and digits.isdigit() and len(digits) < 20
    return int(text) if is_plain and str(int(text)) == text else None


def _date(value: object) -> bytes | None:
    try:
        day = as_date(value).toordinal() - _EPOCH
    except ValueError:
        return None
    return TAGS[Scalar.DATE] + struct.pack(">Q", day + _SIGN)


def _timestamp(value: object) -> bytes | None:
    """Microseconds inside, so that a timestamp column keeps all it has."""
    try:
        micros = micros_of(as_timestamp(value))
    except ValueError:
        return None
    return TAGS[Scalar.TIMESTAMP] + struct.pack(">Q", micros + _SIGN)


def _decimal(value: object, declared: Decimal) -> bytes | None:
    try:
        units = units_of(as_decimal(value, declared), declared)
    except ValueError:
        return None
    return DECIMAL_TAG + bytes([declared.scale]) + struct.pack(">Q", units + _SIGN)


def _float(value: object) -> bytes | None:
    if type(value) is int and abs(value) <= 1 << 53:
        value = float(value)
    if not isinstance(value, float):
        return None
    return TAGS[Scalar.DOUBLE] + struct.pack(">Q", _ordered_bits(value))


def _single(value: object) -> bytes | None:
    """A float column holds single precision: a number that has more is no key of it."""
    encoded = _float(value)
    if encoded is None:
        return None
    number = float(value)  # type: ignore[arg-type]
    if math.isfinite(number) and (abs(number) > 3.4028234663852886e38 or _rounded(number) != number):
        return None
    return encoded


def _rounded(number: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", number))[0])


def _ordered_bits(value: float) -> int:
    """Bits whose order as unsigned integers is the order of the numbers. One zero, one NaN."""
    value = math.nan if math.isnan(value) else value + 0.0
    bits = int(struct.unpack(">Q", struct.pack(">d", value))[0])
    return bits ^ _ALL if bits & _SIGN else bits | _SIGN


def _string(value: object) -> bytes | None:
    if not isinstance(value, str):
        return None
    try:
        return TAGS[Scalar.STRING] + _terminated(value.encode())
    except UnicodeEncodeError:
        return None


def _binary(value: object) -> bytes | None:
    try:
        return TAGS[Scalar.BINARY] + _terminated(as_binary(value))
    except ValueError:
        return None


def _terminated(raw: bytes) -> bytes:
    return raw.replace(b"\0", b"\0\xff") + b"\0\0"


_ENCODERS: dict[Scalar, Callable[[object], bytes | None]] = {
    Scalar.BOOLEAN: _boolean,
    Scalar.INT: _integer(TAGS[Scalar.INT], _INT),
    Scalar.LONG: _integer(TAGS[Scalar.LONG], _LONG),
    Scalar.DATE: _date,
    Scalar.TIMESTAMP: _timestamp,
    Scalar.FLOAT: _single,
    Scalar.DOUBLE: _float,
    Scalar.STRING: _string,
    Scalar.BINARY: _binary,
}

_TAKES: dict[Scalar, str] = {
    Scalar.BOOLEAN: "true or false",
    Scalar.INT: f"an integer from {_INT.start} to {_INT.stop - 1}",
    Scalar.LONG: "an integer of 64 bits",
    Scalar.DATE: f"a date such as {day_text(Day(0))}",
    Scalar.TIMESTAMP: "an ISO time in UTC or with its offset, or epoch milliseconds",
    Scalar.FLOAT: "a number of single precision",
    Scalar.DOUBLE: "a number",
    Scalar.STRING: "a text",
    Scalar.BINARY: "bytes, as base64",
}


def _mistyped(name: str, value: object, declared: DataType) -> ChrononError:
    takes = _TAKES[declared] if isinstance(declared, Scalar) else "digits that fit, as text or number"
    message = f"key {name} is a {declared} and takes {takes}, not {type(value).__name__} {value!r:.60}"
    return ChrononError("CHR-K041", message, "give the value in the type of the key column")


def _listed(names: Sequence[str]) -> str:
    return f" ({', '.join(names)})" if names else ""
