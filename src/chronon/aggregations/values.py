"""Columns of values as 64-bit codes that sort like the values do; every kernel works on codes alone.

Numbers, days and instants are their own code, decimals the number of their smallest units, doubles the order-preserving
form of their bits, texts and nested cells their rank in a sorted dictionary of bytes. One zero and one NaN: -0.0
becomes 0.0 on entry, and NaN sorts above everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from chronon.model.errors import InvariantError
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_MAGNITUDE = np.int64(0x7FFF_FFFF_FFFF_FFFF)
NAN_CODE = 0x7FF8_0000_0000_0000
INFINITY_CODE = 0x7FF0_0000_0000_0000
_ARROW: dict[Scalar, Any] = {
    Scalar.BOOLEAN: pa.bool_(),
    Scalar.INT: pa.int32(),
    Scalar.LONG: pa.int64(),
    Scalar.FLOAT: pa.float32(),
    Scalar.DOUBLE: pa.float64(),
    Scalar.STRING: pa.string(),
    Scalar.BINARY: pa.binary(),
    Scalar.DATE: pa.date32(),
    Scalar.TIMESTAMP: pa.timestamp("us", tz="UTC"),
}
REAL = (Scalar.FLOAT, Scalar.DOUBLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Non-null values.

    codes: int64[n]; of a text or a nested cell its index in `texts`.
    texts: sorted distinct bytes: UTF-8, or what `cells.packed` makes of a cell; None for types that need none.
    cells: the nested values themselves, in the order of `texts`.
    """

    codes: Ints
    type: DataType
    texts: Any = None
    cells: Any = None


def has_texts(kind: DataType) -> bool:
    """Whether codes of the type index a dictionary."""
    return is_nested(kind) or kind in {Scalar.STRING, Scalar.BINARY}


def is_nested(kind: DataType) -> bool:
    """Whether the type has parts."""
    return isinstance(kind, ListOf | MapOf | StructOf)


def arrow_type(kind: DataType) -> Any:
    """The Arrow type of a feature."""
    match kind:
        case ListOf(element=element):
            return pa.list_(arrow_type(element))
        case MapOf(value=value):
            return pa.map_(pa.string(), arrow_type(value))
        case StructOf(fields=fields):
            return pa.struct([(name, arrow_type(field)) for name, field in fields])
        case Decimal(precision=precision, scale=scale):
            return pa.decimal128(precision, scale)
        case Scalar():
            return _ARROW[kind]
        case _:
            assert_never(kind)


def flat(array: Any) -> Any:
    """One contiguous Arrow array, whatever came: an array, a chunked one, dictionary-encoded or not."""
    if isinstance(array, pa.ChunkedArray) and array.num_chunks == 1:
        return array.chunk(0)
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], whole.type)
    return whole


def present(array: Any) -> Mask:
    """Which rows are not null: bool[n]."""
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)


def values_of(array: Any, kind: DataType) -> Values:
    """Codes of an array without nulls.

    Law: the array holds what the feature declares; engines check the files that they read (CHR-R012).
    """
    try:
        return _encode(array, kind)
    except pa.ArrowInvalid as cause:
        raise InvariantError("declared-type", f"values of type {array.type} do not fit {kind}: {cause}") from cause


def _encode(array: Any, kind: DataType) -> Values:
    if is_nested(kind):
        from chronon.aggregations.cells import canonical, packed

        cells = canonical(array.cast(arrow_type(kind)), kind)
        codes, texts = text_codes(packed(cells, kind))
        first = np.empty(len(texts), np.int64)
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        return Values(codes=codes, type=kind, texts=texts, cells=cells.take(pa.array(first)))
    if has_texts(kind):
        codes, texts = text_codes(array)
        return Values(codes=codes, type=kind, texts=texts)
    return Values(codes=plain_codes(array, kind), type=kind)


def plain_codes(array: Any, kind: DataType) -> Ints:
    """Codes of values that need no dictionary."""
    if isinstance(kind, Decimal):
        return _units(array.cast(arrow_type(kind)))
    if kind in REAL:
        return real_codes(array.cast(pa.float64()).to_numpy(zero_copy_only=False))
    if kind is Scalar.BOOLEAN:
        array = array.cast(pa.int8())
    elif kind in {Scalar.DATE, Scalar.TIMESTAMP}:
        array = array.cast(arrow_type(kind)).view(pa.int32() if kind is Scalar.DATE else pa.int64())
    codes: Ints = array.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return codes


def _units(decimals: Any) -> Ints:
    """Decimals of at most 18 digits as numbers of their smallest units: the low halves of their 128 bits."""
    if not len(decimals):
        return np.zeros(0, np.int64)
    words = np.frombuffer(decimals.buffers()[1], "<i8").reshape(-1, 2)
    return np.ascontiguousarray(words[decimals.offset : decimals.offset + len(decimals), 0])


def _decimals(units: Ints, kind: Decimal, missing: Mask | None) -> Any:
    words = np.stack([units, units >> 63], axis=1).astype("<i8")
    known = None if missing is None else pa.array(~missing).buffers()[1]
    return pa.Array.from_buffers(arrow_type(kind), len(units), [known, pa.py_buffer(words)])


def text_codes(array: Any) -> tuple[Ints, Any]:
    """Rank of every text in the sorted distinct texts, and these as bytes."""
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    encoded = as_bytes(flat(array)).dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[encoded.indices.to_numpy(zero_copy_only=False)], encoded.dictionary.take(pa.array(order))


def as_bytes(texts: Any) -> Any:
    """The UTF-8 of an array of texts; bytes stay what they are."""
    return texts.view(pa.binary()) if texts.type == pa.string() else texts.cast(pa.binary())


def as_texts(encoded: Any) -> Any:
    """The texts of an array of their UTF-8."""
    return encoded.view(pa.string())


def real_codes(numbers: Floats) -> Ints:
    """Order-preserving codes of doubles, -0.0 and every NaN canonical."""
    bits = (np.asarray(numbers, np.float64) + 0.0).view(np.int64)
    codes: Ints = bits ^ ((bits >> 63) & _MAGNITUDE)
    odd = np.isnan(numbers)
    return np.where(odd, np.int64(NAN_CODE), codes) if odd.any() else codes


def reals(codes: Ints) -> Floats:
    """The doubles behind codes."""
    return (codes ^ ((codes >> 63) & _MAGNITUDE)).view(np.float64)


def numbers_of(codes: Ints, kind: DataType) -> Floats:
    """Codes of any numeric type as the nearest doubles."""
    if kind in REAL:
        return reals(codes)
    numbers: Floats = codes.astype(np.float64)
    if not isinstance(kind, Decimal):
        return numbers
    # Up to 2^53 both operands are exact, so one division rounds once; beyond, Python divides whole numbers.
    numbers = numbers / 10.0**kind.scale
    for row in np.flatnonzero(np.abs(codes) > 1 << 53):
        numbers[row] = int(codes[row]) / 10**kind.scale
    return numbers


def to_arrow(values: Values, missing: Mask | None = None) -> Any:
    """The values as an Arrow array of their type. missing: rows that become null, whatever their code."""
    kind, codes = values.type, values.codes
    if has_texts(kind):
        if missing is not None:
            codes = np.where(missing, 0, codes)
        known = values.cells if is_nested(kind) else values.texts
        found = known.take(pa.array(codes, mask=missing)) if len(known) else pa.nulls(len(codes), known.type)
        return as_texts(found) if kind is Scalar.STRING else found
    if isinstance(kind, Decimal):
        return _decimals(codes, kind, missing)
    if kind is Scalar.BOOLEAN:
        return pa.array(codes != 0, mask=missing)
    if kind in {Scalar.DATE, Scalar.TIMESTAMP}:
        plain = pa.array(codes.astype(np.int32) if kind is Scalar.DATE else codes, mask=missing)
        return plain.view(arrow_type(kind))
    numbers = reals(codes) if kind in REAL else codes
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = numbers.astype(arrow_type(kind).to_pandas_dtype())
    return pa.array(narrow, mask=missing, from_pandas=False)


def union_texts(parts: list[Any]) -> tuple[Any, list[Ints]]:
    """The sorted distinct texts of several sorted dictionaries, and per part the new code of each old one."""
    if not parts:
        return pa.array([], pa.binary()), []
    codes, texts = text_codes(pa.concat_arrays([as_bytes(flat(part)) for part in parts]))
    bounds = np.cumsum([len(part) for part in parts])[:-1]
    return texts, [np.asarray(piece, np.int64) for piece in np.split(codes, bounds)]
