"""Columns of values as 64-bit codes that sort like the values do; every kernel works on codes alone.

Integers and booleans are their own code, doubles the order-preserving form of their bits, texts their rank in a sorted
dictionary. One zero and one NaN: -0.0 becomes 0.0 on entry, and NaN sorts above everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import Any, assert_never

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from chronon.model.errors import ChrononError
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_DOUBLE, _BITS = Struct("<d"), Struct("<q")
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

    codes: int64[n]; of a text its index in `texts`.
    texts: sorted distinct strings (by UTF-8 bytes); None unless the type is string.
    """

    codes: Ints
    type: Scalar
    texts: Any = None


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
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], whole.type)
    return whole


def present(array: Any) -> Mask:
    """Which rows are not null: bool[n]."""
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)


def values_of(array: Any, kind: Scalar) -> Values:
    """Codes of an array without nulls.

    Errors: CHR-W004 when the array holds another type than the feature declares.
    """
    try:
        return _encode(array, kind)
    except pa.ArrowInvalid as cause:
        message = f"values of type {array.type} do not fit {kind}: {cause}"
        raise ChrononError("CHR-W004", message, "check the type of the column") from cause


def _encode(array: Any, kind: Scalar) -> Values:
    if kind is Scalar.STRING:
        codes, texts = text_codes(array)
        return Values(codes=codes, type=kind, texts=texts)
    if kind in REAL:
        return Values(codes=real_codes(array.cast(pa.float64()).to_numpy(zero_copy_only=False)), type=kind)
    if kind is Scalar.BOOLEAN:
        array = array.cast(pa.int8())
    return Values(codes=array.cast(pa.int64()).to_numpy(zero_copy_only=False), type=kind)


def text_codes(array: Any) -> tuple[Ints, Any]:
    """Rank of every string in the sorted distinct strings, and these."""
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    encoded = flat(array).cast(pa.string()).dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[encoded.indices.to_numpy(zero_copy_only=False)], encoded.dictionary.take(pa.array(order))


def real_codes(numbers: Floats) -> Ints:
    """Order-preserving codes of doubles, -0.0 and every NaN canonical."""
    bits = (np.asarray(numbers, np.float64) + 0.0).view(np.int64)
    codes: Ints = bits ^ ((bits >> 63) & _MAGNITUDE)
    odd = np.isnan(numbers)
    return np.where(odd, np.int64(NAN_CODE), codes) if odd.any() else codes


def reals(codes: Ints) -> Floats:
    """The doubles behind codes."""
    return (codes ^ ((codes >> 63) & _MAGNITUDE)).view(np.float64)


def numbers_of(codes: Ints, kind: Scalar) -> Floats:
    """Codes of any numeric type as doubles, rounded where a long does not fit."""
    return reals(codes) if kind in REAL else codes.astype(np.float64)


def to_arrow(values: Values, missing: Mask | None = None) -> Any:
    """The values as an Arrow array of their type. missing: rows that become null, whatever their code."""
    kind, codes = values.type, values.codes
    if kind is Scalar.STRING:
        if missing is not None:
            codes = np.where(missing, 0, codes)
        indices = pa.array(codes, mask=missing)
        return values.texts.take(indices) if len(values.texts) else pa.nulls(len(codes), pa.string())
    if kind is Scalar.BOOLEAN:
        return pa.array(codes != 0, mask=missing)
    plain = reals(codes) if kind in REAL else codes
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = plain.astype(_ARROW[kind].to_pandas_dtype())
    return pa.array(narrow, mask=missing, from_pandas=False)


def to_python(code: int, kind: Scalar, texts: list[str]) -> Any:
    """One value as Python sees it."""
    if kind is Scalar.STRING:
        return texts[code]
    if kind is Scalar.BOOLEAN:
        return bool(code)
    if kind not in REAL:
        return code
    bits = code if code >= 0 else code ^ int(_MAGNITUDE)
    number: float = _DOUBLE.unpack(_BITS.pack(bits))[0]
    return number


def union_texts(parts: list[Any]) -> tuple[Any, list[Ints]]:
    """The sorted distinct texts of several sorted dictionaries, and per part the new code of each old one."""
    if not parts:
        return pa.array([], pa.string()), []
    codes, texts = text_codes(pa.concat_arrays([flat(part).cast(pa.string()) for part in parts]))
    bounds = np.cumsum([len(part) for part in parts])[:-1]
    return texts, [np.asarray(piece, np.int64) for piece in np.split(codes, bounds)]
