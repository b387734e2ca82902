"""Entity keys of whole Arrow columns at once: the bytes of `layout.entity_key` without a Python call per value."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chronon.expressions.arrow import arrow_type
from chronon.model.errors import ChrononError
from chronon.model.types import DataType, Decimal, Scalar
from chronon.stores.kv.layout import DECIMAL_TAG, MAX_ENTITY_BYTES, TAGS, encoder_of, fitted

_SIGN = np.uint64(1 << 63)


def encode_columns(columns: Sequence[Any], types: Sequence[DataType]) -> list[bytes | None]:
    """See `layout.entity_keys`."""
    parts = [_part(column, declared) for column, declared in zip(columns, types, strict=True)]
    if not parts:
        return []
    joined = pc.binary_join_element_wise(*parts, pa.scalar(b"", pa.large_binary()), null_handling="emit_null")
    keys = _as_list(joined)
    longest = pc.max(pc.binary_length(joined)).as_py() or 0
    return keys if longest <= MAX_ENTITY_BYTES else [key and fitted(key) for key in keys]


def _part(column: Any, declared: DataType) -> Any:
    """One part of the key for every row, as binary; null where the column is."""
    encoder_of(declared)  # refuses what cannot be a key
    values = _typed(column, declared)
    match declared:
        case Scalar.STRING | Scalar.BINARY:
            return _texts(values, TAGS[declared])
        case Scalar.BOOLEAN:
            numbers = pc.fill_null(values, pa.scalar(False)).to_numpy(zero_copy_only=False).astype(np.uint8)
            return _fixed(numbers, TAGS[declared], values)
        case Scalar.FLOAT | Scalar.DOUBLE:
            return _fixed(_ordered_bits(values).astype(">u8"), TAGS[Scalar.DOUBLE], values)
        case Decimal():
            return _fixed(_flipped(_units(values)), DECIMAL_TAG + bytes([declared.scale]), values)
        case _:
            return _fixed(_flipped(_integers(values)), TAGS[Scalar(str(declared))], values)


def _typed(column: Any, declared: DataType) -> Any:
    wanted = arrow_type(declared)
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    try:
        return column.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as cause:
        message = f"a key column of type {column.type} cannot be taken as {declared}: {cause}"
        raise ChrononError("CHR-K041", message, "correct the type in the source, or cast it in the query") from cause


def _flipped(numbers: Any) -> Any:
    """The numbers as unsigned ones in the same order, big endian."""
    return (numbers.view(np.uint64) ^ _SIGN).astype(">u8")


def _units(values: Any) -> Any:
    """Smallest units of decimals of at most 18 digits: the low halves of their 128 bits, 0 for null."""
    halves = np.frombuffer(values.buffers()[1], np.int64).reshape(-1, 2)
    units = halves[values.offset : values.offset + len(values), 0]
    return np.where(values.is_valid().to_numpy(zero_copy_only=False), units, 0)


def _integers(values: Any) -> Any:
    width = pa.int32() if pa.types.is_date32(values.type) else values.type
    plain = values.cast(width).cast(pa.int64())
    return pc.fill_null(plain, 0).to_numpy(zero_copy_only=False)


def _ordered_bits(values: Any) -> Any:
    numbers = pc.fill_null(values.cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False) + 0.0
    bits = np.where(np.isnan(numbers), np.nan, numbers).view(np.uint64)
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


def _fixed(numbers: Any, tag: bytes, values: Any) -> Any:
    """Tag and number of every row as a binary array of one width."""
    size = numbers.dtype.itemsize
    width = len(tag) + size
    raw = np.empty((len(numbers), width), np.uint8)
    raw[:, : len(tag)] = np.frombuffer(tag, np.uint8)
    raw[:, len(tag) :] = numbers.view(np.uint8).reshape(len(numbers), size)
    offsets = np.arange(len(numbers) + 1, dtype=np.int64) * width
    whole = pa.Array.from_buffers(pa.large_binary(), len(numbers), [None, pa.py_buffer(offsets), pa.py_buffer(raw)])
    return pc.if_else(values.is_valid(), whole, None) if values.null_count else whole


def _texts(values: Any, tag: bytes) -> Any:
    raw = values.cast(pa.binary()).cast(pa.large_binary())
    if pc.any(pc.greater_equal(pc.find_substring(raw, b"\0"), 0)).as_py():
        raw = pc.replace_substring(raw, b"\0", b"\0\xff")
    first, last, between = (pa.scalar(part, pa.large_binary()) for part in (tag, b"\0\0", b""))
    return pc.binary_join_element_wise(first, raw, last, between, null_handling="emit_null")


def _as_list(keys: Any) -> list[bytes | None]:
    """Like `to_pylist`, which makes a scalar object for every value, but by slicing the one buffer."""
    offsets = np.frombuffer(keys.buffers()[1], np.int64)[keys.offset : keys.offset + len(keys) + 1].tolist()
    raw = keys.buffers()[2].to_pybytes() if keys.buffers()[2] else b""
    sliced: list[bytes | None] = [raw[a:b] for a, b in itertools.pairwise(offsets)]
    if keys.null_count:
        for row in np.flatnonzero(~keys.is_valid().to_numpy(zero_copy_only=False)).tolist():
            sliced[row] = None
    return sliced
