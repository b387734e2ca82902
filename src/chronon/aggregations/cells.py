"""Lists, maps and structs as values: one form for equal cells, and the MessagePack of each, whole columns at a time.

Numbers have one width, map entries are sorted by key and structs are arrays of their fields, so equal cells are equal
bytes; every reader of MessagePack takes a single one apart. Source: the MessagePack specification.
"""

from __future__ import annotations

from typing import Any, assert_never

import numpy as np
import pyarrow as pa

from chronon.aggregations.ragged import expand, offsets_of
from chronon.aggregations.values import (
    REAL,
    Ints,
    Mask,
    as_bytes,
    flat,
    plain_codes,
    present,
    real_codes,
    reals,
    text_codes,
)
from chronon.aggregations.weave import Section, bytes_of, woven
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf

_NIL, _FALSE, _TRUE = 0xC0, 0xC2, 0xC3
_INT64, _FLOAT64, _STR32, _BIN32, _ARRAY32, _MAP32 = 0xD3, 0xCB, 0xDB, 0xC6, 0xDD, 0xDF


def canonical(array: Any, kind: DataType) -> Any:
    """The same cells in their one form: one zero, one NaN, map entries by key."""
    array = flat(array)
    gone = ~present(array)
    match kind:
        case ListOf(element=element):
            rows, offsets = _inside(array, gone)
            return pa.ListArray.from_arrays(offsets, canonical(array.values.take(rows), element))
        case MapOf(value=value):
            rows, offsets = _inside(array, gone)
            rows = rows[_by_key(array.keys.take(rows), np.diff(_filled(offsets)))]
            return pa.MapArray.from_arrays(offsets, array.keys.take(rows), canonical(array.items.take(rows), value))
        case StructOf(fields=fields):
            # `field` hides the nulls of the struct; they are put back by the mask.
            parts = [canonical(array.field(at), field) for at, (_, field) in enumerate(fields)]
            return pa.StructArray.from_arrays(parts, [name for name, _ in fields], mask=pa.array(gone))
        case Scalar.FLOAT | Scalar.DOUBLE:
            numbers = reals(real_codes(array.cast(pa.float64()).fill_null(0).to_numpy(zero_copy_only=False)))
            return pa.array(numbers, mask=gone, from_pandas=False).cast(array.type)
        case Decimal() | Scalar():
            return array
        case _:
            assert_never(kind)


def packed(array: Any, kind: DataType) -> Any:
    """The MessagePack of every cell, as an Arrow array of bytes. array: canonical, no cell null."""
    section = _section(array, kind)
    bounds = pa.py_buffer(offsets_of(section.lengths).astype(np.int32))
    return pa.Array.from_buffers(pa.binary(), len(array), [None, bounds, pa.py_buffer(section.words)])


def _section(array: Any, kind: DataType) -> Section[np.uint8]:
    gone = ~present(array)
    match kind:
        case ListOf(element=element):
            rows, offsets = _inside(array, gone)
            return _container(_ARRAY32, gone, _filled(offsets), _section(array.values.take(rows), element))
        case MapOf(value=value):
            rows, offsets = _inside(array, gone)
            pairs = [_section(array.keys.take(rows), Scalar.STRING), _section(array.items.take(rows), value)]
            return _container(_MAP32, gone, _filled(offsets), _side_by_side(pairs))
        case StructOf(fields=fields):
            parts = [_section(array.field(at), field) for at, (_, field) in enumerate(fields)]
            counts = np.full(len(array), len(fields))
            return _headed(_ARRAY32, gone, counts, _side_by_side(parts))
        case Scalar.STRING | Scalar.BINARY:
            texts = as_bytes(array.fill_null(b"" if kind is Scalar.BINARY else ""))
            starts, lengths, data = bytes_of(texts)
            content = Section(data[expand(starts, lengths)], lengths)
            return _headed(_STR32 if kind is Scalar.STRING else _BIN32, gone, lengths, content)
        case Decimal() | Scalar():
            return _numbers(array, kind, gone)
        case _:
            assert_never(kind)


def _numbers(array: Any, kind: DataType, gone: Mask) -> Section[np.uint8]:
    n = len(array)
    if kind is Scalar.BOOLEAN:
        truth = array.fill_null(False).to_numpy(zero_copy_only=False)
        return Section(np.where(gone, _NIL, np.where(truth, _TRUE, _FALSE)).astype(np.uint8), np.ones(n, np.int64))
    filled = array.filter(pa.array(~gone))
    codes = np.zeros(n, np.int64)
    codes[~gone] = plain_codes(filled, kind)
    bits = reals(codes).view(np.int64) if kind in REAL else codes
    table = np.empty((n, 9), np.uint8)
    table[:, 0] = np.where(gone, _NIL, _FLOAT64 if kind in REAL else _INT64)
    table[:, 1:] = bits.astype(">i8").view(np.uint8).reshape(n, 8)
    kept = np.ones((n, 9), np.bool_)
    kept[gone, 1:] = False
    return Section(table[kept], np.where(gone, 1, 9))


def _container(head: int, gone: Mask, offsets: Ints, children: Section[np.uint8]) -> Section[np.uint8]:
    """Rows that hold the children between their offsets."""
    ends = offsets_of(children.lengths)
    inside = ends[offsets[1:]] - ends[offsets[:-1]]
    return _headed(head, gone, np.diff(offsets), Section(children.words, inside))


def _headed(head: int, gone: Mask, counts: Ints, content: Section[np.uint8]) -> Section[np.uint8]:
    """The content of every row behind its kind and count; one byte where there is no row."""
    table = np.empty((len(counts), 5), np.uint8)
    table[:, 0] = np.where(gone, _NIL, head)
    table[:, 1:] = counts.astype(">u4").view(np.uint8).reshape(-1, 4)
    kept = np.ones(table.shape, np.bool_)
    kept[gone, 1:] = False
    if gone.any():
        content = _without(content, gone)
    return _side_by_side([Section(table[kept], np.where(gone, 1, 5)), content])


def _without(content: Section[np.uint8], gone: Mask) -> Section[np.uint8]:
    lengths = np.where(gone, 0, content.lengths)
    return Section(content.words[expand(offsets_of(content.lengths)[:-1], lengths)], lengths)


def _side_by_side(parts: list[Section[np.uint8]]) -> Section[np.uint8]:
    words, offsets = woven(parts)
    return Section(words, np.diff(offsets))


def _inside(array: Any, gone: Mask) -> tuple[Ints, Any]:
    """The places of all children of lists or maps that are not null; and where those of each row begin, null ones too."""
    bounds = array.offsets.to_numpy().astype(np.int64)
    lengths = np.where(gone, 0, np.diff(bounds))
    return expand(bounds[:-1], lengths), pa.array(offsets_of(lengths).astype(np.int32), mask=np.append(gone, False))


def _filled(offsets: Any) -> Ints:
    """Offsets without nulls. They lie behind the mask as they were."""
    filled: Ints = np.frombuffer(offsets.buffers()[1], np.int32)[: len(offsets)].astype(np.int64)
    return filled


def _by_key(keys: Any, lengths: Ints) -> Ints:
    """The permutation that sorts entries by key within their rows."""
    permutation: Ints = np.lexsort((text_codes(keys)[0], np.repeat(np.arange(len(lengths)), lengths)))
    return permutation
